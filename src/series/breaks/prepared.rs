//! A series as the searches see it: from its first to its last value, scaled, gaps bridged, seasons taken out.

use std::num::NonZeroUsize;

use super::super::adjusted::is_seasonal;
use super::super::present;
use crate::numeric::loess::Degree;
use crate::numeric::normal;
use crate::numeric::quantile::{median, of_sorted};
use crate::numeric::scale::{MAD_TO_SD, power_of_two_below, root_mean_square};
use crate::numeric::stl::{Settings, Stl};

/// Differences further from their median than this many robust standard deviations are drawn in.
const DRAWN_IN: f64 = 3.0;
/// Errors beyond this many robust standard deviations do not count for the spread.
const CUT: f64 = 2.5;
/// Cycles that a season needs.
const CYCLES: usize = 3;
/// Cycles in the window of the season.
const SEASONAL_SPAN: usize = 13;
/// Share of Bartlett's limit that the autocorrelation of the differences at the season must exceed.
const SEASONAL_LIMIT: f64 = 1.645;
/// Least spread of scaled values, above what rounding leaves.
const LEAST_SIGMA: f64 = 1e-9;

/// The values between the first and the last one present.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    /// Place of the first value in the series.
    pub(super) start: usize,
    /// What one unit of `z` is in the series or its logarithm.
    pub(super) unit: f64,
    pub(super) z: Vec<f64>,
    pub(super) missing: Vec<bool>,
    pub(super) found: usize,
}

impl Prepared {
    /// `None` if fewer than `needed` values are present, or if a logarithm is asked for that does not exist.
    pub(super) fn new(y: &[f64], log: bool, needed: usize) -> Option<Self> {
        let ((start, first), (end, _)) = present(y).next().zip(present(y).next_back())?;
        let found = present(y).count();
        if found < needed.max(2) || (log && present(y).any(|(_, value)| value <= 0.0)) {
            return None;
        }
        let from_first = |value: &f64| if log { (value / first).ln() } else { value - first };
        let mut z: Vec<f64> = y[start..=end].iter().map(from_first).collect();
        let missing: Vec<bool> = z.iter().map(|value| value.is_nan()).collect();
        let largest = z.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
        if !largest.is_finite() {
            return None;
        }
        let unit = power_of_two_below(largest);
        z.iter_mut().for_each(|value| *value /= unit);
        Some(Self { start, unit, z, missing, found })
    }

    /// Whether the difference that ends at `t` joins two values that are present.
    pub(super) fn joins(&self, t: usize) -> bool {
        t > 0 && !self.missing[t] && !self.missing[t - 1]
    }

    /// The season of `m` periods that the medians of the differences show, added up and centred; `None` where a test
    /// or a lack of cycles denies it. A level shift or a pulse spoils one or two differences of one cycle.
    pub(super) fn first_season(&self, m: usize) -> Option<Vec<f64>> {
        let n = self.z.len();
        if m < 2 || n / CYCLES < m {
            return None;
        }
        let mut d = differences(&self.z);
        draw_in(&mut d, |t| self.joins(t));
        if !is_seasonal(&d[1..], m, SEASONAL_LIMIT) {
            return None;
        }
        let mut steps = vec![0.0; m];
        for (place, step) in steps.iter_mut().enumerate() {
            let rows = (place..n).step_by(m).filter(|&t| self.joins(t));
            let mut changes: Vec<f64> = rows.map(|t| self.z[t] - self.z[t - 1]).collect();
            if changes.len() + 1 < CYCLES {
                return None;
            }
            *step = median(&mut changes);
        }
        let mean = steps.iter().sum::<f64>() / m as f64;
        let mut level = 0.0;
        let mut season: Vec<f64> = steps
            .iter()
            .map(|step| {
                level += step - mean;
                level
            })
            .collect();
        let centre = season.iter().sum::<f64>() / m as f64;
        season.iter_mut().for_each(|value| *value -= centre);
        Some((0..n).map(|t| season[t % m]).collect())
    }

    /// `z` without `taken`, gaps bridged by straight lines.
    pub(super) fn without(&self, taken: &[f64]) -> Vec<f64> {
        let mut x: Vec<f64> = self.z.iter().zip(taken).map(|(value, part)| value - part).collect();
        bridge(&mut x, &self.missing);
        x
    }

    /// Differences of `x`, those far from the median drawn in to it.
    pub(super) fn tame_differences(&self, x: &[f64]) -> Vec<f64> {
        let mut d = differences(x);
        draw_in(&mut d, |t| self.joins(t));
        d.iter_mut().filter(|value| value.is_nan()).for_each(|value| *value = 0.0);
        d
    }

    /// Robust standard deviation of `errors`, of which `estimates` were estimated; those at and behind missing values
    /// do not count.
    pub(super) fn sigma(&self, errors: &[f64], estimates: f64) -> f64 {
        let mut sizes: Vec<f64> = (1..errors.len()).filter(|&t| self.joins(t)).map(|t| errors[t].abs()).collect();
        spread(&mut sizes, estimates)
    }
}

/// Robust standard deviation from the sizes of errors around 0: median size, then the root mean square of those within
/// 2.5 times as much, corrected for the cut. Where half of the errors are next to nothing beside those up to the ninth
/// decile, the root mean square of all.
pub(super) fn spread(sizes: &mut [f64], estimates: f64) -> f64 {
    let n = sizes.len();
    sizes.sort_unstable_by(f64::total_cmp);
    let first = MAD_TO_SD * of_sorted(sizes, 0.5);
    // However far outliers lie, they are no reason to give up being robust. NaN, of no errors at all, is below.
    let usual = n - n / 10;
    let robust = if first > 0.01 * root_mean_square(sizes[..usual].iter().copied(), usual) {
        let within = sizes.iter().copied().filter(|size| *size <= CUT * first);
        let count = within.clone().count();
        let inside = 2.0 * normal::cdf(CUT) - 1.0;
        root_mean_square(within, count) / (1.0 - 2.0 * CUT * normal::pdf(CUT) / inside).sqrt()
    } else {
        root_mean_square(sizes.iter().copied(), n)
    };
    let free = (n as f64 - estimates).max(1.0);
    (robust * (n as f64 / free).sqrt()).max(LEAST_SIGMA)
}

/// `x[t] - x[t-1]`, NaN at 0.
pub(super) fn differences(x: &[f64]) -> Vec<f64> {
    std::iter::once(f64::NAN).chain(x.windows(2).map(|pair| pair[1] - pair[0])).collect()
}

fn draw_in(d: &mut [f64], counts: impl Fn(usize) -> bool) {
    let mut values: Vec<f64> = (1..d.len()).filter(|&t| counts(t)).map(|t| d[t]).collect();
    let centre = median(&mut values);
    values.iter_mut().for_each(|value| *value = (*value - centre).abs());
    let width = DRAWN_IN * MAD_TO_SD * median(&mut values);
    if width > 0.0 {
        d.iter_mut().for_each(|value| *value = value.clamp(centre - width, centre + width));
    }
}

fn bridge(x: &mut [f64], missing: &[bool]) {
    let mut last = 0;
    for t in 1..x.len() {
        if missing[t] {
            continue;
        }
        let gap = (t - last) as f64;
        for hole in last + 1..t {
            x[hole] = x[last] + (x[t] - x[last]) * (hole - last) as f64 / gap;
        }
        last = t;
    }
}

/// The season of a series without gaps, by loess; as long as the series. `None` without two cycles.
pub(super) fn smooth_season(x: &[f64], m: usize) -> Option<Vec<f64>> {
    let settings = Settings { seasonal_span: SEASONAL_SPAN, seasonal_degree: Degree::Constant, robust: false };
    Some(Stl::new(x.len(), NonZeroUsize::new(m)?, settings)?.decompose(x).seasonal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_shift_and_a_pulse_leave_the_first_season_as_it_is() {
        let season = [3.0, -1.0, -4.0, 2.0];
        let y: Vec<f64> = (0..80)
            .map(|t| {
                let jump = if t >= 21 { 50.0 } else { 0.0 } + if t == 9 { -80.0 } else { 0.0 };
                season[t % 4] + jump + 0.01 * (t as f64 * 2.3).sin()
            })
            .collect();
        let prepared = Prepared::new(&y, false, 10).unwrap();
        let found = prepared.first_season(4).unwrap();
        for t in 0..80 {
            assert!((found[t] * prepared.unit - season[t % 4]).abs() < 0.05, "{t}: {}", found[t] * prepared.unit);
        }
    }

    #[test]
    fn the_spread_of_a_normal_sample_is_its_standard_deviation_with_and_without_outliers() {
        let n = 2001;
        let normal: Vec<f64> = (1..n).map(|i| normal::quantile(i as f64 / n as f64).abs()).collect();
        let mut sizes = normal.clone();
        assert!((spread(&mut sizes, 0.0) - 1.0).abs() < 0.01);
        sizes = normal;
        sizes.iter_mut().step_by(20).for_each(|size| *size = 1e6);
        assert!((spread(&mut sizes, 0.0) - 1.0).abs() < 0.06);
        assert!(spread(&mut [], 0.0) > 0.0);
        assert!(spread(&mut [0.0; 9], 0.0) <= LEAST_SIGMA);
    }

    #[test]
    fn gaps_are_bridged_by_lines() {
        let prepared = Prepared::new(&[f64::NAN, 4.0, f64::NAN, f64::NAN, 10.0, 9.0, f64::NAN], false, 2).unwrap();
        let x = prepared.without(&[0.0; 5]);
        let values: Vec<f64> = x.iter().map(|value| 4.0 + prepared.unit * value).collect();
        assert_eq!((prepared.start, values), (1, vec![4.0, 6.0, 8.0, 10.0, 9.0]));
        assert!(Prepared::new(&[1.0, 0.0, 3.0], true, 2).is_none());
        assert!(Prepared::new(&[f64::NAN; 3], false, 2).is_none());
    }
}
