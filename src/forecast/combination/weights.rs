//! Weights of the members of a combination, learned from their errors at origins inside the training span.

use std::num::NonZeroUsize;

use super::super::origins::worth;
use super::CombinationRule;
use super::by_features::ByFeatures;

/// Errors of all members at one series and origin, each step in units of the usual error of that step.
#[derive(Clone, Debug)]
pub(super) struct Trial {
    pub(super) series: usize,
    pub(super) origin: usize,
    /// Signed errors, one row of `n_members` for each step; NaN where a member has no forecast.
    pub(super) errors: Vec<f64>,
}

/// Errors beyond this many usual ones count as that many: one wild series does not decide for all.
const LARGEST: f64 = 10.0;
/// Paths that the pool counts for against those of one series.
const PRIOR_PATHS: f64 = 4.0;
/// How sharply weights follow the errors of one series, or those that are expected of it.
pub(super) const SHARPNESS: f64 = 2.0;
/// Members of a smaller weight are left out.
const SMALLEST: f64 = 0.02;
/// Pull of stacked weights towards the prior, as a share of the mean squared error, when the errors are worth one observation.
const PULL: f64 = 2.0;
/// The least pull, however many errors there are.
const LEAST_PULL: f64 = 0.05;

/// Mean absolute error of each member on one path; NaN without any.
fn losses(errors: &[f64], n_members: usize) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0); n_members];
    for row in errors.chunks(n_members) {
        for (sum, error) in sums.iter_mut().zip(row).filter(|(_, error)| error.is_finite()) {
            *sum = (sum.0 + error.abs().min(LARGEST), sum.1 + 1.0);
        }
    }
    sums.into_iter().map(|(sum, n)| sum / n).collect()
}

/// What the errors of all series say.
#[derive(Clone, Debug)]
pub(super) struct Learned {
    /// Weights for every series that has said nothing of its own.
    pub(super) pooled: Vec<f64>,
    /// Mean absolute error of each member over all trials.
    means: Vec<f64>,
    /// Losses of each trial, with its series and origin.
    trials: Vec<(usize, usize, Vec<f64>)>,
    by_series: bool,
    by_features: Option<ByFeatures>,
}

impl Learned {
    /// `trials` are sorted by series; `settled` is how far the history speaks for itself, from 0 to 1.
    pub(super) fn new(
        weighting: CombinationRule,
        prior: &[f64],
        drops: &[usize],
        horizon: NonZeroUsize,
        trials: &[Trial],
        settled: f64,
    ) -> Self {
        let n_members = prior.len();
        let found: Vec<_> =
            trials.iter().map(|trial| (trial.series, trial.origin, losses(&trial.errors, n_members))).collect();
        // A member is compared where all have a forecast.
        let speaks: Vec<bool> =
            (0..n_members).map(|member| found.iter().any(|(_, _, losses)| losses[member].is_finite())).collect();
        let complete = || {
            found
                .iter()
                .filter(|(_, _, losses)| losses.iter().zip(&speaks).all(|(loss, speaks)| !speaks || loss.is_finite()))
        };
        let n = complete().count() as f64;
        let mean = |member: usize| match (n > 0.0, speaks[member]) {
            (true, true) => complete().map(|(_, _, losses)| losses[member]).sum::<f64>() / n,
            (true, false) => f64::INFINITY,
            (false, _) => 1.0,
        };
        let means: Vec<f64> = (0..n_members).map(mean).collect();
        let pooled = match weighting {
            CombinationRule::Mean | CombinationRule::Median | CombinationRule::Trimmed => normalised(prior.to_vec()),
            CombinationRule::ByFeatures => {
                let heard =
                    prior.iter().zip(&speaks).map(|(w, speaks)| if *speaks || found.is_empty() { *w } else { 0.0 });
                normalised(heard.collect())
            }
            CombinationRule::InverseError => {
                normalised(means.iter().map(|mean| 1.0 / mean.max(1e-9).powi(2)).collect())
            }
            CombinationRule::Best => {
                let best =
                    means.iter().enumerate().fold(0, |best, (i, mean)| if *mean < means[best] { i } else { best });
                (0..n_members).map(|member| f64::from(u8::from(member == best))).collect()
            }
            CombinationRule::Stacked | CombinationRule::StackedBySeries => {
                // That of the mean of all members.
                let paths = trials.iter().map(|trial| (trial.origin, trial.errors.iter().copied()));
                stacked(trials, prior, settled * worth(paths, LARGEST, drops, horizon))
            }
        };
        let pooled = if matches!(weighting, CombinationRule::Stacked | CombinationRule::StackedBySeries) {
            normalised(pooled.iter().map(|w| if *w < SMALLEST { 0.0 } else { *w }).collect())
        } else {
            pooled
        };
        Self {
            pooled,
            means,
            trials: found,
            by_series: weighting == CombinationRule::StackedBySeries,
            by_features: None,
        }
    }

    /// With weights that depend on what each series looks like: `values` are the series, `drops` the origins of the trials.
    pub(super) fn with_features(mut self, values: &[&[f64]], season: usize, drops: &[usize], prior: &[f64]) -> Self {
        self.by_features = Some(ByFeatures::learn(values, season, drops, prior, &self.trials));
        self
    }

    /// The weights of `series`, from its trials at all origins but `without`.
    pub(super) fn of(&self, series: usize, without: Option<usize>) -> Vec<f64> {
        if let Some(features) = &self.by_features {
            return features.of(series, without);
        }
        if !self.by_series {
            return self.pooled.clone();
        }
        let from = self.trials.partition_point(|(other, _, _)| *other < series);
        let own = || {
            self.trials[from..].iter().take_while(|trial| trial.0 == series).filter(|trial| Some(trial.1) != without)
        };
        // How hard the series is to forecast for the members in the pool.
        let (mut hard, mut weight) = (0.0, 0.0);
        for (_, _, losses) in own() {
            for ((loss, mean), pooled) in
                losses.iter().zip(&self.means).zip(&self.pooled).filter(|((l, _), _)| l.is_finite())
            {
                hard += pooled * loss / mean.max(1e-9);
                weight += pooled;
            }
        }
        if weight == 0.0 || hard <= 0.0 {
            return self.pooled.clone();
        }
        let hard = hard / weight;
        let shrunk = |member: usize| {
            let prior = hard * self.means[member];
            let (sum, n) = own()
                .map(|(_, _, losses)| losses[member])
                .filter(|loss| loss.is_finite())
                .fold((0.0, 0.0), |(sum, n), loss| (sum + loss, n + 1.0));
            ((sum + PRIOR_PATHS * prior) / (n + PRIOR_PATHS) / prior.max(1e-9)).max(1e-3)
        };
        normalised(
            self.pooled
                .iter()
                .enumerate()
                .map(|(m, w)| if *w > 0.0 { w / shrunk(m).powf(SHARPNESS) } else { 0.0 })
                .collect(),
        )
    }
}

/// Weights that add up to 1; equal ones where none is above 0.
pub(super) fn normalised(weights: Vec<f64>) -> Vec<f64> {
    let sum: f64 = weights.iter().sum();
    let n = weights.len() as f64;
    weights.into_iter().map(|w| if sum > 0.0 && sum.is_finite() { w / sum } else { 1.0 / n }).collect()
}

/// The weights, at least 0 and adding up to 1, that make the mean absolute error of the combination smallest, with a pull
/// towards the prior that is the stronger the less the errors are worth: iteratively reweighted least squares (Schlossmacher 1973), each round solved by moving weight
/// between pairs of members.
fn stacked(trials: &[Trial], prior: &[f64], worth: f64) -> Vec<f64> {
    let n_members = prior.len();
    // A member without any forecast is none.
    let silent =
        |member: usize| !trials.iter().any(|t| t.errors.iter().skip(member).step_by(n_members).any(|e| e.is_finite()));
    let heard: Vec<bool> = (0..n_members).map(|member| trials.is_empty() || !silent(member)).collect();
    let prior = normalised(prior.iter().zip(&heard).map(|(w, heard)| if *heard { *w } else { 0.0 }).collect());
    let mut weights = prior.clone();
    for _ in 0..12 {
        let mut gram = vec![0.0; n_members * n_members];
        let mut n = 0.0;
        for row in trials.iter().flat_map(|trial| trial.errors.chunks(n_members)) {
            if row.iter().zip(&heard).any(|(error, heard)| *heard && !error.is_finite()) {
                continue;
            }
            let row: Vec<f64> = row
                .iter()
                .zip(&heard)
                .map(|(e, heard)| if *heard { e.clamp(-LARGEST, LARGEST) } else { 0.0 })
                .collect();
            let error: f64 = row.iter().zip(&weights).map(|(e, w)| e * w).sum();
            let weight = 1.0 / error.abs().max(0.05);
            n += 1.0;
            for (i, a) in row.iter().enumerate() {
                for (j, b) in row.iter().enumerate().take(i + 1) {
                    gram[i * n_members + j] += weight * a * b;
                }
            }
        }
        if n == 0.0 {
            return prior;
        }
        let trace: f64 = (0..n_members).map(|i| gram[i * n_members + i]).sum();
        let n_heard = heard.iter().filter(|heard| **heard).count().max(1) as f64;
        let pull = (PULL / worth.max(0.01)).max(LEAST_PULL) * trace / n_heard;
        for i in 0..n_members {
            for j in 0..i {
                gram[j * n_members + i] = gram[i * n_members + j];
            }
            gram[i * n_members + i] += pull;
        }
        let before = weights.clone();
        let linear: Vec<f64> = prior.iter().map(|w| pull * w).collect();
        move_between_pairs(&gram, &linear, &heard, &mut weights);
        if weights.iter().zip(&before).all(|(a, b)| (a - b).abs() < 1e-4) {
            break;
        }
    }
    weights
}

/// Minimises `w' G w - 2 linear' w` over the simplex of the members that are heard, from `weights` on.
fn move_between_pairs(gram: &[f64], linear: &[f64], heard: &[bool], weights: &mut [f64]) {
    let n = weights.len();
    for _ in 0..200 {
        let mut moved = 0.0_f64;
        for i in (0..n).filter(|&i| heard[i]) {
            for j in (0..i).filter(|&j| heard[j]) {
                let row = |k: usize, weights: &[f64]| -> f64 {
                    gram[k * n..(k + 1) * n].iter().zip(weights).map(|(g, w)| g * w).sum::<f64>() - linear[k]
                };
                let slope = row(i, weights) - row(j, weights);
                let curve = gram[i * n + i] + gram[j * n + j] - 2.0 * gram[i * n + j];
                if curve <= 0.0 {
                    continue;
                }
                // Weight that goes from i to j.
                let shift = (slope / curve).clamp(-weights[j], weights[i]);
                weights[i] -= shift;
                weights[j] += shift;
                moved = moved.max(shift.abs());
            }
        }
        if moved < 1e-7 {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trials(members: &[fn(f64) -> f64]) -> Vec<Trial> {
        let noise = |i: usize| ((i * 7919 % 101) as f64 - 50.0) / 50.0;
        (0..200)
            .map(|i| Trial { series: i / 4, origin: i % 4, errors: members.iter().map(|m| m(noise(i))).collect() })
            .collect()
    }

    fn learn(rule: CombinationRule, n_members: usize, trials: &[Trial]) -> Learned {
        Learned::new(rule, &vec![1.0; n_members], &[6, 5, 4, 3], NonZeroUsize::new(3).unwrap(), trials, 1.0)
    }

    #[test]
    fn stacking_finds_the_mixture_whose_errors_cancel() {
        let learned = learn(CombinationRule::Stacked, 3, &trials(&[|e| 3.0 * e, |e| -e, |e| 2.0 * (37.0 * e).sin()]));
        // 3 w1 = w2 cancels; the pull towards equal weights moves them a little.
        assert!((learned.pooled[0] - 0.25).abs() < 0.05 && learned.pooled[2] < 0.05, "{:?}", learned.pooled);
    }

    #[test]
    fn errors_that_all_series_share_leave_the_weights_near_the_prior() {
        // A bias that is the same everywhere was seen once for each window, not once for each series.
        let learned = learn(CombinationRule::Stacked, 3, &trials(&[|e| 3.0 * e, |e| -e, |_| 2.0]));
        assert!(learned.pooled.iter().all(|w| (w - 1.0 / 3.0).abs() < 0.2), "{:?}", learned.pooled);
    }

    #[test]
    fn the_best_member_is_taken_alone() {
        let learned = learn(CombinationRule::Best, 2, &trials(&[|e| 3.0 * e, |e| e]));
        assert_eq!(learned.pooled, [0.0, 1.0]);
        let inverse = learn(CombinationRule::InverseError, 2, &trials(&[|e| 3.0 * e, |e| e]));
        assert!((inverse.pooled[1] - 0.9).abs() < 1e-12);
    }

    #[test]
    fn a_series_leans_towards_what_forecast_it_well() {
        let mut all = trials(&[|e| e, |e| -e]);
        for trial in all.iter_mut().filter(|trial| trial.series == 7) {
            trial.errors[0] *= 5.0;
        }
        let learned = learn(CombinationRule::StackedBySeries, 2, &all);
        assert!(learned.of(7, None)[1] > learned.of(8, None)[1] + 0.1);
        assert_eq!(learned.of(999, None), learned.pooled);
    }
}
