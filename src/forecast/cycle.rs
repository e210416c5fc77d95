//! The season of a panel, looked for in all series together where the calendar does not tell.

use std::num::NonZeroUsize;

use crate::numeric::quantile::median;
use crate::panel::Panel;
use crate::time::Frequency;

/// Cycles that are looked for: quarters, days of a week, months, hours, weeks.
const CANDIDATES: [usize; 6] = [4, 7, 12, 24, 52, 365];
/// Of the pooled correlation of changes at a cycle, the least that makes it one; twice its standard error if that is more.
const LEAST: f64 = 0.1;

/// The season given, or the usual one of the frequency. Positions without a calendar have no usual one: there, and unless a season above 1
/// is given, the cycle is taken at which the changes of all series together are most alike, and more alike than one period earlier or later.
pub(super) fn season(train: &Panel, column: usize, given: Option<NonZeroUsize>) -> NonZeroUsize {
    let usual = NonZeroUsize::new(train.frequency().season()).unwrap_or(NonZeroUsize::MIN);
    match given {
        Some(given) if train.frequency() != Frequency::Step || given.get() > 1 => given,
        None if train.frequency() != Frequency::Step => usual,
        _ => {
            let mut best = (0.0, 1);
            for cycle in CANDIDATES {
                let found = Likeness::measure(train, column, cycle);
                if found.is_cycle() && found.at > best.0 {
                    best = (found.at, cycle);
                }
            }
            NonZeroUsize::new(best.1).unwrap_or(NonZeroUsize::MIN)
        }
    }
}

/// How alike changes are: means over the series with three cycles of the correlations of changes.
struct Likeness {
    /// A cycle apart.
    at: f64,
    /// A period less and a period more apart.
    beside: [f64; 2],
    /// Number of changes.
    n: f64,
}

impl Likeness {
    fn measure(train: &Panel, column: usize, cycle: usize) -> Self {
        let lags = [cycle - 1, cycle, cycle + 1];
        let (mut sums, mut n_series, mut n) = ([0.0; 3], 0.0, 0.0);
        for series in train.iter() {
            let y = series.values(column);
            if y.len() < 3 * cycle {
                continue;
            }
            let mut sizes: Vec<f64> = y.windows(2).map(|w| (w[1] - w[0]).abs()).filter(|d| d.is_finite()).collect();
            if sizes.is_empty() {
                continue;
            }
            // Changes beyond a few usual ones say little about a season.
            let limit = 5.0 * median(&mut sizes);
            let changes: Vec<f64> = y.windows(2).map(|w| (w[1] - w[0]).clamp(-limit, limit)).collect();
            let known = changes.iter().filter(|d| d.is_finite());
            let count = known.clone().count() as f64;
            let mean = known.clone().sum::<f64>() / count;
            let variance: f64 = known.map(|d| (d - mean) * (d - mean)).sum();
            if variance <= 0.0 || !variance.is_finite() {
                continue;
            }
            for (sum, lag) in sums.iter_mut().zip(lags) {
                let products = changes.iter().zip(&changes[lag..]).map(|(a, b)| (a - mean) * (b - mean));
                *sum += products.filter(|p| p.is_finite()).sum::<f64>() / variance;
            }
            n_series += 1.0;
            n += count;
        }
        let [before, at, after] = sums.map(|sum| if n_series > 0.0 { sum / n_series } else { 0.0 });
        Self { at, beside: [before, after], n }
    }

    fn is_cycle(&self) -> bool {
        self.at > LEAST.max(2.0 / self.n.sqrt()) && self.beside.iter().all(|beside| self.at > *beside)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::SeriesKey;
    use crate::numeric::random::SplitMix64;
    use crate::time::Period;

    /// The cycle that is found in walks of which each change has `part(t)` in it.
    fn found(n_series: u32, length: usize, part: impl Fn(usize) -> f64) -> usize {
        let mut random = SplitMix64::new(7);
        let walk = |_| {
            let mut level = 100.0;
            (0..length)
                .map(|t| {
                    level += part(t) + random.unit() + random.unit() - 1.0;
                    level
                })
                .collect()
        };
        let series: Vec<Vec<f64>> = (0..n_series).map(walk).collect();
        let named = series.into_iter().enumerate();
        let rows = named.map(|(i, y)| (SeriesKey::national(format!("s{i:03}")), Period::step(0), y));
        season(&Panel::from_series("y", rows).unwrap(), 0, None).get()
    }

    #[test]
    fn a_cycle_is_found_also_where_a_shorter_one_is_in_it() {
        let quarters = |t: usize| f64::from(u8::from(t.is_multiple_of(13)));
        let year = |t: usize| 2.0 * f64::from(u8::from(t % 52 == 3)) - 0.5 * f64::from(u8::from(t % 52 == 30));
        assert_eq!(found(20, 400, |t| quarters(t) + year(t)), 52);
        assert_eq!(found(20, 60, |t| [1.0, -0.5, -0.5, 0.0][t % 4]), 4);
        assert_eq!(found(1, 90, |t| f64::sin(t as f64 * std::f64::consts::TAU / 12.0)), 12);
    }

    #[test]
    fn walks_have_none() {
        assert_eq!(found(20, 400, |_| 0.0), 1);
        assert_eq!(found(1, 40, |_| 0.0), 1);
        assert_eq!(found(3, 2, |_| 0.0), 1);
    }
}
