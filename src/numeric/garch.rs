//! The conditional variance of errors, GARCH(1,1).
//!
//! ```text
//! s[t] = omega + alpha e[t-1]^2 + beta s[t-1]    s[0] = omega + (alpha + beta) back    e[t] ~ N(0, s[t])
//! ```
//! Source: Bollerslev (1986), "Generalized autoregressive conditional heteroskedasticity", Journal of Econometrics 31.

use super::nelder_mead::{Minimum, Search};

/// Decay and number of the squares that make the variance before the first error; those of RiskMetrics, and of the
/// Python package arch.
const DECAY: f64 = 0.94;
const BACK: usize = 75;
/// Range of omega in units of the mean square, as in the Python package arch; searched by its logarithm.
const OMEGA: [f64; 2] = [1e-8, 10.0];
const MAX_PERSISTENCE: f64 = 1.0;
/// The likelihood has several peaks. Each line of persistence alpha + beta and share of alpha in it leads to one: short
/// memory, middling, and long, where alpha may vanish.
const VALLEYS: [[(f64, f64); 4]; 3] = [
    [(0.05, 0.999), (0.2, 0.95), (0.4, 0.95), (0.8, 0.95)],
    [(0.5, 0.3), (0.7, 0.15), (0.9, 0.1), (0.9, 0.3)],
    [(0.98, 0.01), (0.98, 0.05), (0.98, 0.2), (0.999, 0.001)],
];

/// `errors` over their conditional standard deviations at the most likely parameters; `None` if they vanish.
pub(crate) fn standardised(errors: &[f64]) -> Option<Vec<f64>> {
    let mean_square = errors.iter().map(|e| e * e).sum::<f64>() / errors.len() as f64;
    if !(mean_square > 0.0 && mean_square.is_finite()) {
        return None;
    }
    let squares: Vec<f64> = errors.iter().map(|e| e * e / mean_square).collect();
    let (mut back, mut weights, mut weight) = (0.0, 0.0, 1.0);
    for square in squares.iter().take(BACK) {
        back += weight * square;
        weights += weight;
        weight *= DECAY;
    }
    let back = back / weights;
    // Coordinates: log omega, persistence, alpha as a share of it.
    let minus_log_likelihood = |&[log_omega, persistence, share]: &[f64; 3]| {
        let (omega, alpha) = (log_omega.exp(), persistence * share);
        let beta = persistence - alpha;
        let (mut variance, mut sum) = (omega + persistence * back, 0.0);
        // The logarithms of a block are taken of its product: a tenth of the time.
        let (mut product, mut in_block) = (1.0_f64, 0);
        for square in &squares {
            sum += square / variance;
            product *= variance;
            in_block += 1;
            if in_block == 8 {
                sum += product.ln();
                (product, in_block) = (1.0, 0);
            }
            variance = omega + alpha * square + beta * variance;
        }
        0.5 * (sum + product.ln())
    };
    let rough = Search {
        low: [OMEGA[0].ln(), 0.0, 0.0],
        high: [OMEGA[1].ln(), MAX_PERSISTENCE, 1.0],
        edge: 0.1,
        precision: 1e-5,
        max_evaluations: 80,
        max_restarts: 1,
    };
    let fine = Search { edge: 0.03, precision: 1e-13, max_evaluations: 300, max_restarts: 4, ..rough };
    let mut best = Minimum { at: [0.0; 3], value: f64::INFINITY };
    for starts in VALLEYS {
        let mut start = Minimum { at: [0.0; 3], value: f64::INFINITY };
        for (persistence, share) in starts {
            let at = [(1.0 - persistence).ln(), persistence, share];
            let value = minus_log_likelihood(&at);
            if value < start.value {
                start = Minimum { at, value };
            }
        }
        let found = rough.minimise(minus_log_likelihood, start.at);
        if found.value < best.value {
            best = found;
        }
    }
    if best.value.is_infinite() {
        return None;
    }
    let best = fine.minimise(minus_log_likelihood, best.at);
    let (omega, alpha) = (best.at[0].exp(), best.at[1] * best.at[2]);
    let beta = best.at[1] - alpha;
    let mut variance = omega + best.at[1] * back;
    let standardise = |(error, square): (&f64, &f64)| {
        let standardised = error / (variance * mean_square).sqrt();
        variance = omega + alpha * square + beta * variance;
        standardised
    };
    Some(errors.iter().zip(&squares).map(standardise).collect())
}
