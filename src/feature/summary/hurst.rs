//! Long memory, by the growth of the rescaled range.

use super::prepared::Prepared;

pub(super) const NAMES: [&str; 1] = ["hurst"];

/// The slope of log(range / standard deviation) of the first `t` values on log(t), `t` from 2 on.
pub(super) fn of(prepared: &Prepared) -> [f64; NAMES.len()] {
    let x = &prepared.x;
    if prepared.is_flat_or_shorter_than(3) {
        return [f64::NAN];
    }
    // From the first value: what is constant at the head has a range of exactly 0.
    let start = x[0];
    let (mut sums, mut squares) = (Vec::with_capacity(x.len()), 0.0);
    let (mut mean, mut sum) = (0.0, 0.0);
    let mut points = Vec::with_capacity(x.len());
    for (t, value) in x.iter().map(|v| v - start).enumerate() {
        let count = (t + 1) as f64;
        // Welford (1962), Technometrics 4.
        let before = value - mean;
        mean += before / count;
        squares += before * (value - mean);
        sum += value;
        sums.push(sum);
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for (place, sum) in sums.iter().enumerate() {
            let apart = sum - (place + 1) as f64 * (sums[t] / count);
            low = low.min(apart);
            high = high.max(apart);
        }
        let rescaled = (high - low) / (squares / count).sqrt();
        if t > 0 && rescaled > 0.0 && !prepared.is_noise(squares, t + 1) {
            points.push((count.ln(), rescaled.ln()));
        }
    }
    let n = points.len() as f64;
    let (mx, my) = points.iter().fold((0.0, 0.0), |(mx, my), (x, y)| (mx + x / n, my + y / n));
    let spread: f64 = points.iter().map(|(x, _)| (x - mx).powi(2)).sum();
    let product: f64 = points.iter().map(|(x, y)| (x - mx) * (y - my)).sum();
    [product / spread]
}
