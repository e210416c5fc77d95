//! Neglected nonlinearity.

use super::prepared::Prepared;
use crate::numeric::projection::{dot, residual};

pub(super) const NAMES: [&str; 1] = ["nonlinearity"];

/// Rows that are needed: more than the four regressors.
const NEEDED: usize = 6;

/// Ten times the log ratio of the squared errors of `x[t]` on `x[t-1]` to those with its square and cube as well.
pub(super) fn of(prepared: &Prepared) -> [f64; NAMES.len()] {
    if prepared.is_flat_or_shorter_than(NEEDED) {
        return [f64::NAN];
    }
    // Standardised whatever the setting: the cube of a large level would hide its variation.
    let (mean, sd) = super::tiles::mean_and_variance(&prepared.x);
    let sd = sd.sqrt();
    let z: Vec<f64> = prepared.x.iter().map(|v| (v - mean) / sd).collect();
    let before = &z[..z.len() - 1];
    let mut errors = z[1..].to_vec();
    let n = errors.len();
    residual(&mut [vec![1.0; n], before.to_vec()], &mut errors);
    let linear = dot(&errors, &errors);
    let powers = |p: i32| before.iter().map(|v| v.powi(p)).collect::<Vec<f64>>();
    residual(&mut [vec![1.0; n], before.to_vec(), powers(2), powers(3)], &mut errors);
    let cubic = dot(&errors, &errors);
    if prepared.is_noise(linear * sd * sd, n) {
        return [f64::NAN];
    }
    // What a cubic explains to the last digit is as nonlinear as can be told, not infinitely so.
    let least = n as f64 * (prepared.noise / sd).powi(2);
    [10.0 * (linear / cubic.max(least)).ln()]
}
