//! What boosting minimises.

use serde::{Deserialize, Serialize};

use super::super::design::refuse;
use crate::error::FitError;

/// What [`HistogramBoosting`](super::HistogramBoosting) minimises; `s` is the sum of the trees and the start.
///
/// | loss | of one row | start | value of a leaf | predicts |
/// |---|---|---|---|---|
/// | `Squared` | `(y - s)^2 / 2` | mean of `y` | `-G / (H + l2)` | the mean, `s` |
/// | `Quantile` | `max(q (y - s), (q - 1) (y - s))` | `q` quantile of `y` | `q` quantile of `y - s` in the leaf | the `q` quantile, `s` |
/// | `Poisson` | `exp(s) - y s` | log of the mean of `y` | `-G / (H + l2)`, at most `log(sum y / sum exp(s))` | the mean, `exp(s)` |
///
/// G and H are sums of first and second derivatives over the rows of the leaf, times their weights. As in LightGBM the second
/// derivative of a quantile's loss is taken as 1 and that of Poisson's is multiplied by `exp(0.7)`, which shortens steps. A
/// quantile of rows is where their cumulated weight reaches the share `q`, the mean of both values where it meets it exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BoostingLoss {
    /// Least squares.
    #[default]
    Squared,
    /// A quantile; the level lies in (0, 1).
    Quantile(f64),
    /// Counts and other targets that are not negative, on the log scale.
    Poisson,
}

/// LightGBM's `poisson_max_delta_step`.
const POISSON_STEP: f64 = 0.7;

/// Derivatives of a quantile's loss are rounded to this part of 1, whose multiples sum without error in up to a million rows: many
/// divisions gain equally much there, and whether a row counts twice or stands twice must not decide between them. Leaves are set to
/// the quantile itself.
const QUANTILE_STEPS: f64 = 1_048_576.0;

/// The largest size of a sum of trees on the log scale: `exp` of it and sums over rows stay finite.
pub(super) const LARGEST_LOG: f64 = 230.0;

impl BoostingLoss {
    /// Whether each row's second derivative is its weight.
    pub(super) fn is_unit_hessian(self) -> bool {
        !matches!(self, Self::Poisson)
    }

    /// Whether leaves are set to a quantile of what is left in them.
    pub(super) fn renewal(self) -> Option<f64> {
        match self {
            Self::Quantile(level) => Some(level),
            Self::Squared | Self::Poisson => None,
        }
    }

    /// What every row is predicted before the first tree.
    pub(super) fn start(self, y: &[f64], weights: Option<&[f64]>) -> Result<f64, FitError> {
        match self {
            Self::Squared => Ok(mean(y, weights)),
            Self::Quantile(level) => {
                let mut pairs: Vec<(f64, f64)> = (0..y.len()).map(|row| (y[row], weight(weights, row))).collect();
                Ok(quantile(&mut pairs, level))
            }
            Self::Poisson => {
                let mean = mean(y, weights);
                if mean <= 0.0 {
                    return Err(refuse("every target is 0: the logarithm of a mean of 0 is not finite".into()));
                }
                Ok(mean.ln().clamp(-LARGEST_LOG, LARGEST_LOG))
            }
        }
    }

    /// Writes derivatives of the loss at `scores`; hessians only if the slice is not empty. Returns their largest sizes.
    pub(super) fn derive(
        self,
        scores: &[f64],
        y: &[f64],
        weights: Option<&[f64]>,
        gradients: &mut [f64],
        hessians: &mut [f64],
    ) -> (f64, f64) {
        match self {
            Self::Squared => {
                for ((gradient, score), y) in gradients.iter_mut().zip(scores).zip(y) {
                    *gradient = score - y;
                }
                hessians.fill(1.0);
            }
            Self::Quantile(level) => {
                let level = (level * QUANTILE_STEPS).round() / QUANTILE_STEPS;
                for ((gradient, score), y) in gradients.iter_mut().zip(scores).zip(y) {
                    *gradient = if score >= y { 1.0 - level } else { -level };
                }
                hessians.fill(1.0);
            }
            Self::Poisson => {
                let factor = POISSON_STEP.exp();
                for (((gradient, hessian), score), y) in gradients.iter_mut().zip(&mut *hessians).zip(scores).zip(y) {
                    let mean = score.exp();
                    *gradient = mean - y;
                    *hessian = factor * mean;
                }
            }
        }
        if let Some(weights) = weights {
            gradients.iter_mut().zip(weights).for_each(|(gradient, weight)| *gradient *= weight);
            hessians.iter_mut().zip(weights).for_each(|(hessian, weight)| *hessian *= weight);
        }
        let largest = |values: &[f64]| values.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
        (largest(gradients), largest(hessians))
    }

    /// The value of a leaf whose rows sum to these derivatives.
    pub(super) fn leaf(self, gradient: f64, hessian: f64, l2: f64) -> f64 {
        let value = newton(gradient, hessian, l2);
        match self {
            Self::Squared | Self::Quantile(_) => value,
            Self::Poisson => {
                // The sums of exp(s) and of y; a step past the leaf's own optimum could run away.
                let means = hessian / POISSON_STEP.exp();
                let counts = means - gradient;
                if value > 0.0 && counts > 0.0 && means > 0.0 {
                    value.min((counts / means).ln().max(0.0))
                } else {
                    value
                }
            }
        }
    }

    /// The loss of a row.
    pub(super) fn loss(self, score: f64, y: f64) -> f64 {
        match self {
            Self::Squared => 0.5 * (y - score) * (y - score),
            Self::Quantile(level) => (level * (y - score)).max((level - 1.0) * (y - score)),
            Self::Poisson => score.exp() - y * score,
        }
    }

    /// What a sum of trees predicts.
    pub(super) fn response(self, score: f64) -> f64 {
        match self {
            Self::Squared | Self::Quantile(_) => score,
            Self::Poisson => score.clamp(-LARGEST_LOG, LARGEST_LOG).exp(),
        }
    }
}

/// One Newton step.
pub(super) fn newton(gradient: f64, hessian: f64, l2: f64) -> f64 {
    let curvature = hessian + l2;
    if curvature > 0.0 { -gradient / curvature } else { 0.0 }
}

fn weight(weights: Option<&[f64]>, row: usize) -> f64 {
    weights.map_or(1.0, |weights| weights[row])
}

/// The weighted mean, with a second pass that takes out most of the rounding error of the first.
fn mean(y: &[f64], weights: Option<&[f64]>) -> f64 {
    let total: f64 = weights.map_or(y.len() as f64, |weights| weights.iter().sum());
    let mean_of = |shift: f64| (0..y.len()).map(|row| (y[row] - shift) * weight(weights, row)).sum::<f64>() / total;
    let first = mean_of(0.0);
    first + mean_of(first)
}

/// The quantile of values with weights above 0: where the cumulated weight reaches `level` of the total; the mean of two values
/// where it meets it. Reorders `pairs`. O(n log n); O(n) if every weight is 1. 0 of nothing.
pub(super) fn quantile(pairs: &mut [(f64, f64)], level: f64) -> f64 {
    let n = pairs.len();
    if n == 0 {
        return 0.0;
    }
    #[expect(clippy::float_cmp, reason = "ones are set, not computed")]
    let is_plain = pairs.iter().all(|(_, weight)| *weight == 1.0);
    if is_plain {
        let place = level * n as f64;
        #[expect(clippy::cast_possible_truncation, reason = "lies in 0..=n")]
        let above = (place.floor() as usize).min(n - 1);
        let (below, (upper, _), _) = pairs.select_nth_unstable_by(above, |a, b| a.0.total_cmp(&b.0));
        let upper = *upper;
        // `above` values lie below; they hold the share `level` exactly if `place` is whole.
        #[expect(clippy::float_cmp, reason = "whole or not")]
        let is_whole = above as f64 == place;
        if is_whole && above > 0 {
            let lower = below.iter().map(|pair| pair.0).max_by(f64::total_cmp).unwrap_or(upper);
            return lower + (upper - lower) / 2.0;
        }
        return upper;
    }
    pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let goal = level * pairs.iter().map(|pair| pair.1).sum::<f64>();
    let mut reached = 0.0;
    for (place, (value, weight)) in pairs.iter().enumerate() {
        reached += weight;
        if reached > goal || place + 1 == n {
            return *value;
        }
        #[expect(clippy::float_cmp, reason = "meets it exactly, as whole weights do")]
        if reached == goal {
            return value + (pairs[place + 1].0 - value) / 2.0;
        }
    }
    pairs[n - 1].0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_weights_equal_repeated_values() {
        let values = [3.0, -1.0, 4.0, 1.5, 9.0];
        let weights = [1.0, 3.0, 2.0, 1.0, 1.0];
        for level in [0.05, 0.25, 0.5, 0.75, 0.9] {
            let mut pairs: Vec<_> = values.into_iter().zip(weights).collect();
            #[expect(clippy::cast_possible_truncation, reason = "small whole numbers")]
            let repeat = |(value, weight): (f64, f64)| std::iter::repeat_n((value, 1.0), weight as usize);
            let mut repeated: Vec<_> = pairs.iter().copied().flat_map(repeat).collect();
            assert_eq!(quantile(&mut pairs, level), quantile(&mut repeated, level), "{level}");
        }
        assert_eq!(quantile(&mut [(1.0, 1.0), (2.0, 1.0)], 0.5), 1.5);
    }

    #[test]
    fn a_leaf_of_counts_never_steps_past_its_optimum() {
        // One row with mean 1 and count 1000: the optimum is log(1000), a Newton step would be about 500.
        let factor = POISSON_STEP.exp();
        let value = BoostingLoss::Poisson.leaf(1.0 - 1000.0, factor, 0.0);
        assert!((value - 1000_f64.ln()).abs() < 1e-12);
        assert!(BoostingLoss::Poisson.leaf(1.0, factor, 0.0) > -0.5);
    }
}
