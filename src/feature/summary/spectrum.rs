//! How far the variance is spread over the frequencies.

use std::f64::consts::TAU;

use super::prepared::Prepared;

pub(super) const NAMES: [&str; 1] = ["entropy"];

/// Entropy of the periodogram at the frequencies 0, 1/n, ..., 1/2, of which the first is 0, over that of equal shares.
pub(super) fn of(prepared: &Prepared) -> [f64; NAMES.len()] {
    let n = prepared.x.len();
    if prepared.is_flat_or_shorter_than(3) {
        return [f64::NAN];
    }
    let mean = prepared.x.iter().sum::<f64>() / n as f64;
    let centred: Vec<f64> = prepared.x.iter().map(|v| v - mean).collect();
    // One turn of the circle serves all frequencies: the angle of `t` at frequency `k` is that of `k t mod n`.
    let circle: Vec<(f64, f64)> = (0..n).map(|place| (TAU * place as f64 / n as f64).sin_cos()).collect();
    let power_at = |k: usize| {
        let (mut sine, mut cosine, mut place) = (0.0, 0.0, 0);
        for value in &centred {
            sine += value * circle[place].0;
            cosine += value * circle[place].1;
            place += k;
            if place >= n {
                place -= n;
            }
        }
        // The frequency of one half stands alone; every other stands for its mirror image too.
        if 2 * k == n { sine * sine + cosine * cosine } else { 2.0 * (sine * sine + cosine * cosine) }
    };
    let powers: Vec<f64> = (1..=n / 2).map(power_at).collect();
    let total: f64 = powers.iter().sum();
    let entropy: f64 = powers.iter().map(|p| p / total).filter(|p| *p > 0.0).map(|p| -p * p.ln()).sum();
    [entropy / ((n / 2 + 1) as f64).ln()]
}
