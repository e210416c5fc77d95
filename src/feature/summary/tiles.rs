//! Means and variances of windows that lie side by side.

use super::prepared::Prepared;

pub(super) const NAMES: [&str; 2] = ["stability", "lumpiness"];

/// Values in a window: a season, or this many without one.
const WIDTH: usize = 10;

/// A season, or 10 values without one.
pub(super) fn width(season: usize) -> usize {
    if season > 1 { season } else { WIDTH }
}

pub(super) fn of(prepared: &Prepared, season: usize) -> [f64; NAMES.len()] {
    let width = width(season);
    if prepared.x.len() < 2 * width {
        return [f64::NAN; NAMES.len()];
    }
    let (means, variances): (Vec<_>, Vec<_>) = prepared.x.chunks_exact(width).map(mean_and_variance).unzip();
    [mean_and_variance(&means).1, mean_and_variance(&variances).1]
}

/// The mean and the variance with divisor n - 1.
pub(super) fn mean_and_variance(x: &[f64]) -> (f64, f64) {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    (mean, x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0))
}
