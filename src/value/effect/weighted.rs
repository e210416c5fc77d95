//! Inverse-probability weights.

use super::balance::{ArmWeights, moments};
use super::comparison::Comparison;
use super::influence::Estimated;
use super::outcome_model::predicted;
use super::sample::Sample;
use super::score::{Information, Score, dot, expit};
use super::settings::{EffectSettings, Estimand};
use super::tilt::tilt;
use crate::error::FitError;

/// Weights larger than exp(300) to one are as good as infinite.
const MOST_ODDS: f64 = 300.0;

/// Weights of these log odds of treatment that sum to 1 in each group, and whether they were tilted until the means agree.
pub(super) fn weights(sample: &Sample, log_odds: &[f64], settings: &EffectSettings) -> (ArmWeights, bool) {
    let columns = sample.modelled();
    let (treated, control) = (sample.arm(true), sample.arm(false));
    let mut weights = vec![0.0; sample.n()];
    let mut tilted = settings.calibrate;
    let targets: Vec<f64> = {
        let all: Vec<usize> = (0..sample.n()).collect();
        let rows = if settings.estimand == Estimand::Att { &treated } else { &all };
        columns.iter().map(|column| moments(column, rows).0).collect()
    };
    let mut bases: Vec<Vec<f64>> = Vec::new();
    for (rows, sign) in [(&treated, -1.0), (&control, 1.0)] {
        let towards = |row: &usize| (sign * log_odds[*row]).clamp(-MOST_ODDS, MOST_ODDS);
        bases.push(match (settings.estimand, sign > 0.0) {
            (Estimand::Att, false) => vec![1.0; rows.len()],
            (Estimand::Att, true) => {
                let most = rows.iter().map(towards).fold(f64::NEG_INFINITY, f64::max);
                rows.iter().map(|row| (towards(row) - most).exp()).collect()
            }
            (Estimand::Ate, _) => rows.iter().map(|row| 1.0 + towards(row).exp()).collect(),
        });
    }
    let arms = [&treated, &control];
    let of_targets = settings.estimand == Estimand::Ate;
    if tilted {
        for (place, rows) in arms.into_iter().enumerate() {
            if place == 0 && !of_targets {
                rows.iter().for_each(|row| weights[*row] = 1.0 / rows.len() as f64);
                continue;
            }
            match tilt(&columns, rows, &bases[place], &targets) {
                Some(found) => rows.iter().zip(found).for_each(|(row, w)| weights[*row] = w),
                None => tilted = false,
            }
        }
    }
    if !tilted {
        for (rows, base) in arms.into_iter().zip(&bases) {
            let total: f64 = base.iter().sum();
            rows.iter().zip(base).for_each(|(row, w)| weights[*row] = w / total);
        }
    }
    (weights, tilted)
}

/// What a reader must know of weights that could not be tilted.
pub(super) fn not_tilted() -> String {
    "no weights give the groups the same means in all terms: those of the score stand as they are".into()
}

/// The difference of weighted means.
///
/// The error of tilted weights is that of the residuals of the outcome from its weighted projection on the terms (Deville &
/// Särndal 1992); that of others counts in that the score is estimated, by its estimating equations (Lunceford & Davidian 2004,
/// Stat. Med. 23, 2937-2960).
pub(super) fn weighted(sample: &Sample, settings: &EffectSettings) -> Result<Comparison, FitError> {
    let columns = sample.modelled();
    let rows: Vec<usize> = (0..sample.n()).collect();
    let score = Score::fit(&columns, &sample.treated, &rows, settings.prior_sd)?;
    let log_odds = score.log_odds(&columns, &rows)?;
    let (weights, tilted) = weights(sample, &log_odds, settings);
    let (treated, control) = (sample.arm(true), sample.arm(false));
    let mean = |rows: &[usize]| rows.iter().map(|row| weights[*row] * sample.y[*row]).sum::<f64>();
    let means = [mean(&control), mean(&treated)];
    let estimate = means[1] - means[0];
    let contributions: Vec<f64> = if tilted {
        let projected = |rows: &[usize]| {
            let own: Vec<f64> = rows.iter().map(|row| weights[*row]).collect();
            predicted(&columns, &sample.y, rows, Some(&own))
        };
        let without = projected(&control)?;
        if settings.estimand == Estimand::Att {
            let part = |row: usize| {
                let rest = sample.y[row] - without[row];
                weights[row] * if sample.treated[row] { rest - estimate } else { -rest }
            };
            rows.iter().map(|row| part(*row)).collect()
        } else {
            let with = projected(&treated)?;
            let n = sample.n() as f64;
            let part = |row: usize| {
                let rest = if sample.treated[row] { sample.y[row] - with[row] } else { without[row] - sample.y[row] };
                (with[row] - without[row] - estimate) / n + weights[row] * rest
            };
            rows.iter().map(|row| part(*row)).collect()
        }
    } else {
        let information = Information::new(&columns, &rows, &log_odds, settings.prior_sd)?;
        let rest = |row: usize| sample.y[row] - means[usize::from(sample.treated[row])];
        // How the difference moves with the coefficients of the score.
        let mut slope = vec![0.0; information.width()];
        for (x, &row) in information.rows().zip(&rows) {
            let e = expit(log_odds[row]);
            let moves = match (settings.estimand, sample.treated[row]) {
                (Estimand::Att, true) => 0.0,
                (Estimand::Att, false) => -1.0,
                (Estimand::Ate, true) => e - 1.0,
                (Estimand::Ate, false) => -e,
            };
            let by = moves * weights[row] * rest(row);
            slope.iter_mut().zip(x).for_each(|(slope, x)| *slope += by * x);
        }
        let through = information.inverse_times(&slope);
        let part = |(x, &row): (&[f64], &usize)| {
            let (sign, treated) = if sample.treated[row] { (1.0, 1.0) } else { (-1.0, 0.0) };
            sign * weights[row] * rest(row) + (treated - expit(log_odds[row])) * dot(x, &through)
        };
        information.rows().zip(&rows).map(part).collect()
    };
    let estimated = Estimated::from_contributions(estimate, &contributions, sample.clusters.as_deref());
    let mut comparison = Comparison::new(estimated, weights);
    if settings.calibrate && !tilted {
        comparison.notes.push(not_tilted());
    }
    Ok(comparison)
}
