//! Weights on what an outcome model leaves.

use super::comparison::Comparison;
use super::folds::folds;
use super::influence::Estimated;
use super::outcome_model::predicted;
use super::sample::Sample;
use super::score::Score;
use super::settings::{EffectSettings, Estimand};
use super::weighted::{not_tilted, weights};
use crate::error::FitError;

/// Augmented inverse-probability weighting, cross-fitted: consistent if the score or the outcome model is right (Robins,
/// Rotnitzky & Zhao 1994, JASA 89, 846-866), with the error of its influence function.
pub(super) fn doubly_robust(sample: &Sample, settings: &EffectSettings) -> Result<Comparison, FitError> {
    let columns = sample.modelled();
    let n = sample.n();
    let all: Vec<usize> = (0..n).collect();
    let smaller = sample.arm(true).len().min(sample.arm(false).len());
    let n_folds = settings.folds.min(smaller);
    let of_all = settings.estimand == Estimand::Ate;
    let mut log_odds = vec![0.0; n];
    let (mut without, mut with) = (vec![0.0; n], vec![0.0; n]);
    let folds = folds(&sample.treated, n_folds, settings.seed);
    for fold in 0..n_folds {
        let (judged, learnt): (Vec<usize>, Vec<usize>) = all.iter().partition(|row| folds[**row] == fold);
        let learnt = if n_folds == 1 { all.clone() } else { learnt };
        let score = Score::fit(&columns, &sample.treated, &learnt, settings.prior_sd)?;
        let (treated, control): (Vec<usize>, Vec<usize>) = learnt.iter().partition(|row| sample.treated[**row]);
        let outcome = predicted(&columns, &sample.y, &control, None)?;
        judged.iter().zip(score.log_odds(&columns, &judged)?).for_each(|(row, odds)| log_odds[*row] = odds);
        judged.iter().for_each(|row| without[*row] = outcome[*row]);
        if of_all {
            let outcome = predicted(&columns, &sample.y, &treated, None)?;
            judged.iter().for_each(|row| with[*row] = outcome[*row]);
        }
    }
    let (weights, tilted) = weights(sample, &log_odds, settings);
    // What the model of the own group leaves; the treated are held against the others' model for their own effect.
    let rest = |row: usize| {
        let model = if of_all && sample.treated[row] { &with } else { &without };
        sample.y[row] - model[row]
    };
    let mean =
        |arm: bool| all.iter().filter(|row| sample.treated[**row] == arm).map(|row| weights[*row] * rest(*row)).sum();
    let (left_treated, left_control): (f64, f64) = (mean(true), mean(false));
    let modelled = if of_all { with.iter().zip(&without).map(|(a, b)| a - b).sum::<f64>() / n as f64 } else { 0.0 };
    let estimate = modelled + left_treated - left_control;
    let part = |row: usize| {
        let own = if sample.treated[row] { rest(row) - left_treated } else { left_control - rest(row) };
        let modelled = if of_all { (with[row] - without[row] - modelled) / n as f64 } else { 0.0 };
        modelled + weights[row] * own
    };
    let contributions: Vec<f64> = all.iter().map(|row| part(*row)).collect();
    let estimated = Estimated::from_contributions(estimate, &contributions, sample.clusters.as_deref());
    let mut comparison = Comparison::new(estimated, weights);
    if n_folds < settings.folds {
        comparison.notes.push(format!("{n_folds} folds instead of {}: the smaller group has no more", settings.folds));
    }
    if settings.calibrate && !tilted {
        comparison.notes.push(not_tilted());
    }
    Ok(comparison)
}
