//! The season of a panel, looked for in all series together where the calendar does not tell.

use std::num::NonZeroUsize;

use crate::panel::Panel;
use crate::time::Frequency;

/// Cycles that are looked for: quarters, days of a week, months, hours, weeks.
const CANDIDATES: [usize; 6] = [4, 7, 12, 24, 52, 365];
/// Of the pooled correlation of changes at a cycle, the least that makes it one.
const LEAST: f64 = 0.1;

/// The season given, or the usual one of the frequency. Positions without a calendar have no usual one: there, and unless a season above 1
/// is given, the cycle is taken at which the changes of all series together are most alike, and more alike than half a cycle apart.
pub(super) fn season(train: &Panel, column: usize, given: Option<NonZeroUsize>) -> NonZeroUsize {
    let usual = NonZeroUsize::new(train.frequency().season()).unwrap_or(NonZeroUsize::MIN);
    match given {
        Some(given) if train.frequency() != Frequency::Step || given.get() > 1 => given,
        None if train.frequency() != Frequency::Step => usual,
        _ => {
            let mut best = (LEAST, 1);
            for cycle in CANDIDATES {
                let found = likeness(train, column, cycle);
                if found > best.0 {
                    best = (found, cycle);
                }
            }
            NonZeroUsize::new(best.1).unwrap_or(NonZeroUsize::MIN)
        }
    }
}

/// Mean over series of the correlation of changes `cycle` periods apart, less that half a cycle apart; each series with three cycles
/// counts once. 0 if there is none.
fn likeness(train: &Panel, column: usize, cycle: usize) -> f64 {
    let (mut sum, mut n) = (0.0, 0.0);
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
        let limit = 5.0 * crate::numeric::quantile::median(&mut sizes);
        let changes: Vec<f64> = y.windows(2).map(|w| (w[1] - w[0]).clamp(-limit, limit)).collect();
        let known = changes.iter().filter(|d| d.is_finite());
        let mean = known.clone().sum::<f64>() / known.clone().count() as f64;
        let variance: f64 = known.map(|d| (d - mean) * (d - mean)).sum();
        if variance <= 0.0 || !variance.is_finite() {
            continue;
        }
        let at = |lag: usize| {
            let products = changes.iter().zip(&changes[lag..]).map(|(a, b)| (a - mean) * (b - mean));
            products.filter(|p| p.is_finite()).sum::<f64>() / variance
        };
        sum += at(cycle) - at(cycle.div_ceil(2)).max(0.0);
        n += 1.0;
    }
    if n > 0.0 { sum / n } else { 0.0 }
}
