//! What the statistics start from: the values present, and the series without gaps.

use crate::numeric::scale::power_of_two_below;

/// Differences below this many rounding errors of the largest value are taken for rounding errors.
const ROUNDINGS: f64 = 16.0;

/// A series made ready.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    /// The finite values, ascending.
    pub(super) sorted: Vec<f64>,
    /// Their mean; NaN if there are none.
    pub(super) mean: f64,
    /// Their standard deviation, divisor n - 1; 0 if they are equal.
    pub(super) sd: f64,
    /// From the first finite value to the last, gaps bridged by straight lines, in the units of the series.
    pub(super) plain: Vec<f64>,
    /// The same less the mean over the standard deviation, if asked for; not divided if they are equal.
    pub(super) x: Vec<f64>,
    /// Position of the first finite value.
    pub(super) offset: usize,
    /// The size below which a difference within `x` is rounding.
    pub(super) noise: f64,
}

impl Prepared {
    pub(super) fn new(y: &[f64], scale: bool) -> Self {
        let mut sorted: Vec<f64> = y.iter().copied().filter(|v| v.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let offset = y.iter().position(|v| v.is_finite()).unwrap_or(0);
        let largest = sorted.first().zip(sorted.last()).map_or(0.0, |(low, high)| low.abs().max(high.abs()));
        let unit = power_of_two_below(largest);
        let (mean, sd) = mean_and_sd(&sorted, unit);
        let plain = bridged(y);
        let divisor = if scale && sd > 0.0 { sd } else { 1.0 };
        let x = if scale {
            // Halves, because the difference of two huge values of unlike sign is beyond the numbers.
            plain.iter().map(|v| (v / 2.0 - mean / 2.0) / (divisor / 2.0)).collect()
        } else {
            plain.clone()
        };
        let noise = ROUNDINGS * f64::EPSILON * largest / divisor;
        Self { sorted, mean, sd, plain, x, offset, noise }
    }

    /// Whether the series has fewer than `needed` values or does not change.
    pub(super) fn is_flat_or_shorter_than(&self, needed: usize) -> bool {
        self.x.len() < needed || self.sd <= 0.0
    }

    /// Whether a sum of `n` squared deviations is no more than rounding.
    pub(super) fn is_noise(&self, sum_of_squares: f64, n: usize) -> bool {
        // Written so that NaN counts as noise.
        sum_of_squares.is_nan() || sum_of_squares <= n as f64 * self.noise * self.noise
    }
}

fn mean_and_sd(sorted: &[f64], unit: f64) -> (f64, f64) {
    let n = sorted.len() as f64;
    let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else { return (f64::NAN, 0.0) };
    if first.total_cmp(last).is_eq() {
        return (*first, 0.0);
    }
    let mean = sorted.iter().map(|v| v / unit).sum::<f64>() / n;
    let squares: f64 = sorted.iter().map(|v| (v / unit - mean).powi(2)).sum();
    (mean * unit, (squares / (n - 1.0)).sqrt() * unit)
}

/// `y` from its first finite value to its last, those between that are not finite replaced by straight lines.
fn bridged(y: &[f64]) -> Vec<f64> {
    let mut series: Vec<f64> = Vec::with_capacity(y.len());
    let mut gap = 0_usize;
    for value in y.iter().copied() {
        if !value.is_finite() {
            gap += 1;
            continue;
        }
        if let Some(&before) = series.last() {
            let steps = (gap + 1) as f64;
            series.extend((1..=gap).map(|step| {
                let share = step as f64 / steps;
                before * (1.0 - share) + value * share
            }));
        }
        gap = 0;
        series.push(value);
    }
    series
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_bridged_and_ends_cut() {
        let y = [f64::NAN, 2.0, f64::NAN, f64::INFINITY, 8.0, f64::NAN];
        let prepared = Prepared::new(&y, false);
        let expected = [2.0, 4.0, 6.0, 8.0];
        assert!(prepared.plain.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12));
        assert_eq!((prepared.plain.len(), prepared.offset, prepared.sorted.len()), (4, 1, 2));
    }

    #[test]
    fn equal_values_have_no_spread() {
        let prepared = Prepared::new(&[0.1; 7], true);
        assert_eq!(prepared.sd, 0.0);
        assert!(prepared.x.iter().all(|v| *v == 0.0) && prepared.is_flat_or_shorter_than(1));
    }

    #[test]
    fn huge_values_scale_without_overflow() {
        let prepared = Prepared::new(&[1e308, -1e308, 1e308, 0.0], true);
        assert!(prepared.x.iter().all(|v| v.is_finite() && v.abs() < 3.0), "{:?}", prepared.x);
    }
}
