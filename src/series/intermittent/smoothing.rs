use std::ops::RangeInclusive;

use crate::numeric::brent;
use crate::numeric::scale::power_of_two_below;

/// Where weights are searched, the range of statsforecast: with few demands a free search ends at 0 or 1.
pub(super) const SEARCHED: RangeInclusive<f64> = 0.1..=0.3;
/// Equal parts of the range, of which the best is refined.
const GRID: u32 = 4;

/// The level after `x` and the sum of squared one-step errors; the level starts at the first value, 0 without one.
pub(super) fn smooth(x: &[f64], weight: f64) -> (f64, f64) {
    let Some((&first, rest)) = x.split_first() else { return (0.0, 0.0) };
    let (mut level, mut sse) = (first, 0.0);
    for &value in rest {
        let error = value - level;
        sse += error * error;
        level += weight * error;
    }
    (level, sse)
}

/// The weight in [`SEARCHED`] of least squared one-step errors. Works in units of the largest value, in `x` itself.
pub(super) fn best_weight(x: &mut [f64]) -> f64 {
    let unit = power_of_two_below(x.iter().fold(0.0, |largest: f64, v| largest.max(v.abs())));
    x.iter_mut().for_each(|value| *value /= unit);
    let (low, high) = (*SEARCHED.start(), *SEARCHED.end());
    let edge = |i: u32| low + (high - low) * f64::from(i) / f64::from(GRID);
    // With two values or equal ones every weight is as good: the middle is taken.
    let mut best = GRID / 2;
    let mut least = smooth(x, edge(best)).1;
    for i in 0..=GRID {
        let sse = smooth(x, edge(i)).1;
        if sse < least {
            (best, least) = (i, sse);
        }
    }
    let (from, to) = (edge(best.saturating_sub(1)), edge((best + 1).min(GRID)));
    let (refined, sse) = brent::minimise(|weight| smooth(x, weight).1, from, to);
    if sse < least { refined } else { edge(best) }
}

/// The sum of squares of the weights that smoothing gives to `n` values: one over the values that count in effect.
pub(super) fn sum_of_squared_weights(n: usize, weight: f64) -> f64 {
    // Geometric: s[1] = 1, s[n] = (1 - weight)^2 s[n-1] + weight^2.
    let limit = weight / (2.0 - weight);
    let left = (1.0 - weight).powf(2.0 * n.saturating_sub(1) as f64);
    limit + (1.0 - limit) * left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_weight_in_the_range_does_better() {
        let x = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0];
        let best = best_weight(&mut x.clone());
        for step in 0..=1000 {
            let weight = 0.1 + 0.2 * f64::from(step) / 1000.0;
            assert!(smooth(&x, best).1 <= smooth(&x, weight).1 * (1.0 + 1e-12), "{best} against {weight}");
        }
    }

    #[test]
    fn squared_weights_add_up() {
        let weights = [0.7_f64.powi(3), 0.3 * 0.7 * 0.7, 0.3 * 0.7, 0.3];
        let expected: f64 = weights.iter().map(|w| w * w).sum();
        assert!((sum_of_squared_weights(4, 0.3) - expected).abs() < 1e-15);
        assert!((sum_of_squared_weights(1, 0.3) - 1.0).abs() < 1e-15);
    }
}
