//! Weights that depend on what a series looks like.

use ndarray::{Array1, Array2, ArrayView2, Axis};
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use super::weights::{SHARPNESS, normalised};
use crate::feature::SummaryExtractor;
use crate::numeric::quantile::median;
use crate::regression::{FittedRegressor, HistogramBoosting, Regressor};

/// Fewest trials that a regression of losses is fitted to.
const FEWEST: usize = 40;
/// Small regressions: trials are few and noisy.
const N_TREES: usize = 60;
const MAX_LEAVES: usize = 6;
const MIN_LEAF: u32 = 10;
const LEARNING_RATE: f64 = 0.05;
/// Losses count as at most this many times that of the middle member, or that part of it.
const EXTREME: f64 = 8.0;

/// For each member a boosting of its relative loss on the statistics of a series.
#[derive(Clone, Debug)]
pub(super) struct ByFeatures {
    /// For each series the weights at its end.
    last: Vec<Vec<f64>>,
    /// For each trial the weights as the trials of all other origins give them: series, origin, weights.
    at: Vec<(usize, usize, Vec<f64>)>,
}

impl ByFeatures {
    /// From the losses of each trial, with its series and origin, sorted by both; NaN where a member has no forecast.
    pub(super) fn learn(
        values: &[&[f64]],
        season: usize,
        drops: &[usize],
        prior: &[f64],
        trials: &[(usize, usize, Vec<f64>)],
    ) -> Self {
        let prior = normalised(prior.to_vec());
        let Ok(extractor) = SummaryExtractor::params().season(season.max(1)).build() else {
            return Self { last: vec![prior; values.len()], at: Vec::new() };
        };
        let past = |&(series, origin, _): &(usize, usize, Vec<f64>)| {
            let y = values[series];
            &y[..y.len().saturating_sub(drops[origin])]
        };
        let known = features(&extractor, &trials.iter().map(past).collect::<Vec<_>>());
        let targets: Vec<Vec<f64>> = trials.iter().map(|(_, _, losses)| relative(losses)).collect();
        let weigh = |rows: &[usize], x: ArrayView2<'_, f64>| weights(&known, &targets, rows, x, &prior);

        let everywhere: Vec<usize> = (0..trials.len()).collect();
        let last = weigh(&everywhere, features(&extractor, values).view());
        let mut at = Vec::with_capacity(trials.len());
        for origin in 0..drops.len() {
            let (held_out, others): (Vec<usize>, Vec<usize>) =
                everywhere.iter().partition(|&&trial| trials[trial].1 == origin);
            let found = weigh(&others, known.select(Axis(0), &held_out).view());
            at.extend(held_out.iter().zip(found).map(|(&trial, weights)| (trials[trial].0, origin, weights)));
        }
        at.sort_by_key(|(series, origin, _)| (*series, *origin));
        Self { last, at }
    }

    /// The weights of `series`: at its end, or as the origins other than `without` give them.
    pub(super) fn of(&self, series: usize, without: Option<usize>) -> Vec<f64> {
        let at = without.and_then(|origin| self.at.binary_search_by_key(&(series, origin), |(s, o, _)| (*s, *o)).ok());
        at.map_or_else(|| self.last[series].clone(), |place| self.at[place].2.clone())
    }
}

/// One row of statistics for each series.
fn features(extractor: &SummaryExtractor, series: &[&[f64]]) -> Array2<f64> {
    let n = extractor.names().len();
    let mut all = Array2::from_elem((series.len(), n), f64::NAN);
    all.axis_iter_mut(Axis(0)).into_par_iter().zip(series).for_each(|(mut row, y)| {
        // Rows lie together, and have the width that is asked for.
        let written = row.as_slice_mut().map(|out| extractor.of(y, out));
        debug_assert!(matches!(written, Some(Ok(()))));
    });
    all
}

/// Logarithms of losses against that of the middle member; NaN for a member without any.
fn relative(losses: &[f64]) -> Vec<f64> {
    let mut present: Vec<f64> = losses.iter().copied().filter(|loss| loss.is_finite()).collect();
    let middle = median(&mut present).max(1e-9);
    losses.iter().map(|loss| (loss / middle).clamp(1.0 / EXTREME, EXTREME).ln()).collect()
}

/// Weights for each row of `x`, from the trials `rows`.
fn weights(
    known: &Array2<f64>,
    targets: &[Vec<f64>],
    rows: &[usize],
    x: ArrayView2<'_, f64>,
    prior: &[f64],
) -> Vec<Vec<f64>> {
    let mut all = vec![vec![0.0; prior.len()]; x.nrows()];
    for (member, prior) in prior.iter().enumerate() {
        let heard: Vec<usize> = rows.iter().copied().filter(|&trial| targets[trial][member].is_finite()).collect();
        let silent = heard.is_empty() && !rows.is_empty();
        let expected = expected(known, targets, &heard, member, x);
        for (weights, expected) in all.iter_mut().zip(expected) {
            weights[member] = if silent { 0.0 } else { prior * (-SHARPNESS * expected).exp() };
        }
    }
    all.into_iter().map(normalised).collect()
}

/// The relative loss of a member that is expected in each row of `x`: the mean where there is too little to learn from.
fn expected(
    known: &Array2<f64>,
    targets: &[Vec<f64>],
    rows: &[usize],
    member: usize,
    x: ArrayView2<'_, f64>,
) -> Vec<f64> {
    let y: Array1<f64> = rows.iter().map(|&trial| targets[trial][member]).collect();
    let mean = if rows.is_empty() { 0.0 } else { y.sum() / rows.len() as f64 };
    if rows.len() < FEWEST {
        return vec![mean; x.nrows()];
    }
    let learned = HistogramBoosting::params()
        .n_trees(N_TREES)
        .max_leaves(MAX_LEAVES)
        .min_leaf(MIN_LEAF)
        .learning_rate(LEARNING_RATE)
        .build();
    let predicted =
        learned.ok().and_then(|model| model.fit(known.select(Axis(0), rows).view(), y.view()).ok()?.predict(x).ok());
    predicted.map_or_else(|| vec![mean; x.nrows()], |values| values.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(i: usize, t: usize) -> f64 {
        ((i * 7919 + t * 104_729 + i * t * 13) % 1009) as f64 / 1009.0 - 0.5
    }

    /// Series with a trend (even) and without.
    fn series(n: usize) -> Vec<Vec<f64>> {
        let slope = |i: usize| if i.is_multiple_of(2) { 1.0 } else { 0.0 };
        (0..n).map(|i| (0..48).map(|t| 50.0 + slope(i) * t as f64 + 4.0 * noise(i, t)).collect()).collect()
    }

    #[test]
    fn what_a_series_looks_like_decides_which_member_leads() {
        let own = series(40);
        let values: Vec<&[f64]> = own.iter().map(Vec::as_slice).collect();
        let drops = [9, 6, 3];
        // The first member is good where there is a trend; the third has no forecast at all.
        let losses = |i: usize| if i.is_multiple_of(2) { vec![0.5, 2.0, f64::NAN] } else { vec![2.0, 0.5, f64::NAN] };
        let trials: Vec<_> = (0..40).flat_map(|i| (0..3).map(move |origin| (i, origin, losses(i)))).collect();
        let learned = ByFeatures::learn(&values, 12, &drops, &[1.0, 1.0, 1.0], &trials);
        for i in 0..40 {
            for weights in [learned.of(i, None), learned.of(i, Some(1))] {
                assert!(weights[i % 2] > 0.8 && weights[2].abs() <= 0.0, "series {i}: {weights:?}");
                assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn without_enough_trials_all_series_have_the_same_weights() {
        let own = series(4);
        let values: Vec<&[f64]> = own.iter().map(Vec::as_slice).collect();
        let trials: Vec<_> = (0..4).map(|i| (i, 0, vec![1.0, 2.0])).collect();
        let learned = ByFeatures::learn(&values, 12, &[3], &[1.0, 1.0], &trials);
        // Half the loss, four times the weight.
        assert!((0..4).all(|i| (learned.of(i, None)[0] - 0.8).abs() < 1e-9));
        let nothing = ByFeatures::learn(&values, 12, &[], &[3.0, 1.0], &[]);
        assert!((nothing.of(0, None)[0] - 0.75).abs() < 1e-12);
    }
}
