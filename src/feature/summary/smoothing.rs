//! Weights of exponential smoothing that fit the series best.

use super::prepared::Prepared;
use crate::numeric::holt_winters;

pub(super) const NAMES: [&str; 5] = ["alpha", "beta", "hw_alpha", "hw_beta", "hw_gamma"];

/// Values that Holt's method needs: two weights, two initial states, and as many again to judge them by.
const NEEDED: usize = 8;

pub(super) fn of(prepared: &Prepared, season: usize) -> [f64; NAMES.len()] {
    let mut cells = [f64::NAN; NAMES.len()];
    if prepared.is_flat_or_shorter_than(NEEDED) {
        return cells;
    }
    if let Some(weights) = holt_winters::fit(&prepared.x, 1) {
        [cells[0], cells[1]] = [weights.alpha, weights.beta];
    }
    let seasonal = season > 1 && prepared.x.len() >= 2 * season + NEEDED;
    if let Some(weights) = seasonal.then(|| holt_winters::fit(&prepared.x, season)).flatten() {
        [cells[2], cells[3], cells[4]] = [weights.alpha, weights.beta, weights.gamma];
    }
    cells
}
