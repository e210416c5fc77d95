//! A season from changes: a mean for each place in the cycle, and how much of it is noise.

use crate::numeric::quantile;
use crate::numeric::scale::MAD_TO_SD;

/// Changes further from the middle of their place in the cycle than this many standard deviations are cut to it.
const CUT: f64 = 2.5;

/// One change: its place in the cycle, its size and its weight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    pub(super) place: usize,
    pub(super) value: f64,
    pub(super) weight: f64,
}

/// The seasonal part of the change into each place of the cycle; sums to 0.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Estimate {
    pub(super) steps: Vec<f64>,
    /// Sampling variance of one of `steps`.
    pub(super) variance: f64,
    /// How often each place was seen.
    pub(super) seen: Vec<u32>,
}

/// Least squares of the changes on the place in the cycle, with a common trend: the mean change of each place less
/// the mean of those means. Far changes are cut (one step of Huber's estimator from the medians) where a place was
/// seen three times. `None` if a place was never seen or nothing is left to measure the noise with.
pub(super) fn estimate(changes: &[Change], season: usize) -> Option<Estimate> {
    let mut at: Vec<Vec<(f64, f64)>> = vec![Vec::new(); season];
    for change in changes.iter().filter(|c| c.weight > 0.0 && c.value.is_finite()) {
        at[change.place].push((change.value, change.weight));
    }
    let n: usize = at.iter().map(Vec::len).sum();
    if season < 2 || at.iter().any(Vec::is_empty) || n <= season {
        return None;
    }
    let mut scratch = Vec::new();
    let mut middle = |values: &[(f64, f64)]| {
        scratch.clear();
        scratch.extend(values.iter().map(|(v, _)| *v));
        quantile::median(&mut scratch)
    };
    let middles: Vec<f64> = at.iter().map(|values| middle(values)).collect();
    let mut sizes: Vec<f64> = at
        .iter()
        .zip(&middles)
        .filter(|(v, _)| v.len() > 1)
        .flat_map(|(v, m)| v.iter().map(move |(x, _)| (x - m).abs()))
        .collect();
    let far = CUT * MAD_TO_SD * quantile::median(&mut sizes);
    if far > 0.0 {
        for (values, middle) in at.iter_mut().zip(&middles).filter(|(v, _)| v.len() > 2) {
            values.iter_mut().for_each(|(value, _)| *value = value.clamp(middle - far, middle + far));
        }
    }
    let mean = |values: &[(f64, f64)]| {
        let weight: f64 = values.iter().map(|(_, w)| w).sum();
        values.iter().map(|(v, w)| v * w).sum::<f64>() / weight
    };
    let means: Vec<f64> = at.iter().map(|values| mean(values)).collect();
    let trend = means.iter().sum::<f64>() / season as f64;
    let weight = at.iter().flatten().map(|(_, w)| w).sum::<f64>() / n as f64;
    let residual: f64 =
        at.iter().zip(&means).flat_map(|(v, m)| v.iter().map(move |(x, w)| w / weight * (x - m) * (x - m))).sum();
    // A place seen k times has k effective changes: less where their weights differ.
    let spread: f64 = at
        .iter()
        .map(|values| {
            let sum: f64 = values.iter().map(|(_, w)| w).sum();
            weight / sum
        })
        .sum::<f64>()
        / season as f64;
    let variance = residual / (n - season) as f64 * spread;
    let steps: Vec<f64> = means.iter().map(|mean| mean - trend).collect();
    let seen = at.iter().map(|values| u32::try_from(values.len()).unwrap_or(u32::MAX)).collect();
    (variance.is_finite() && steps.iter().all(|s| s.is_finite())).then_some(Estimate { steps, variance, seen })
}

/// Mean square of what `steps` add to those of the wider pool, on `season - 1` degrees of freedom.
pub(super) fn mean_square(steps: &[f64], wider: &[f64]) -> f64 {
    steps.iter().zip(wider).map(|(a, b)| (a - b) * (a - b)).sum::<f64>() / (steps.len() as f64 - 1.0)
}

/// The variance of the true seasons of a level around that of the wider pool, by moments:
/// `sum w (ms - v) / sum w`, at least 0, with `w = 1 / (v + median v)^2`.
pub(super) fn signal(squares: &[(f64, f64)]) -> f64 {
    if squares.is_empty() {
        return 0.0;
    }
    let mut variances: Vec<f64> = squares.iter().map(|(_, v)| *v).collect();
    let usual = quantile::median(&mut variances).max(f64::MIN_POSITIVE);
    let (mut sum, mut weights) = (0.0, 0.0);
    for (square, variance) in squares {
        // Relative to the usual variance, so that squares neither vanish nor overflow.
        let weight = (variance / usual + 1.0).powi(-2);
        sum += weight * (square - variance);
        weights += weight;
    }
    (sum / weights).max(0.0)
}

/// The share of what a unit's own season adds that is kept: `signal / (signal + variance)`.
pub(super) fn kept(signal: f64, variance: f64) -> f64 {
    if signal > 0.0 { signal / (signal + variance) } else { 0.0 }
}
