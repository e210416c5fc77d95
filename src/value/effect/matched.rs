//! Matching on nearest neighbours, with replacement.

use super::comparison::Comparison;
use super::influence::Estimated;
use super::nearest::{Limits, Space};
use super::outcome_model::predicted;
use super::sample::Sample;
use super::score::Score;
use super::settings::{Distance, EffectSettings, Estimand};
use crate::error::FitError;

/// Neighbours within the own group that the variance of an outcome given the terms is taken from.
const NEIGHBOURS_OF_VARIANCE: usize = 2;

/// Each row that asks for a counterpart with its neighbours, and how much every row is used as one.
struct Matches {
    /// Row, neighbours.
    sets: Vec<(usize, Vec<usize>)>,
    /// Sum over sets of 1 / size.
    used: Vec<f64>,
    /// Sum over sets of 1 / size^2.
    used_squared: Vec<f64>,
}

/// The mean difference between matched rows and their neighbours, with the variance of Abadie & Imbens (2006, theorems 6 and
/// 7), corrected for bias as in Abadie & Imbens (2011). A score that was estimated is taken as known.
pub(super) fn matched(sample: &Sample, settings: &EffectSettings) -> Result<Comparison, FitError> {
    let columns = sample.modelled();
    let n = sample.n();
    let rows: Vec<usize> = (0..n).collect();
    let odds = if settings.distance == Distance::Propensity || settings.caliper.is_some() {
        Score::fit(&columns, &sample.treated, &rows, settings.prior_sd)?.log_odds(&columns, &rows)?
    } else {
        Vec::new()
    };
    let space = match settings.distance {
        Distance::Mahalanobis => Space::mahalanobis(&columns, n),
        Distance::Propensity => Space::line(odds.clone()),
    };
    let (treated, control) = (sample.arm(true), sample.arm(false));
    let asking = if settings.estimand == Estimand::Att { vec![true] } else { vec![true, false] };
    let reach = settings.caliper.map(|caliper| caliper * standard_deviation(&odds));
    let limits = Limits { cells: Some(&sample.cells), caliper: reach.map(|reach| (odds.as_slice(), reach)) };
    let mut matches = Matches { sets: Vec::new(), used: vec![0.0; n], used_squared: vec![0.0; n] };
    let mut unmatched = 0;
    for own in asking {
        let (from, among) = if own { (&treated, &control) } else { (&control, &treated) };
        for (row, found) in from.iter().zip(space.nearest(from, among, settings.neighbours, limits)) {
            if found.is_empty() {
                unmatched += usize::from(own);
                continue;
            }
            let share = 1.0 / found.len() as f64;
            for other in &found {
                matches.used[*other] += share;
                matches.used_squared[*other] += share * share;
            }
            matches.sets.push((*row, found));
        }
    }
    if matches.sets.is_empty() {
        return Err(FitError::Design { detail: "no treated has a neighbour within caliper and exact columns".into() });
    }
    let mut notes = Vec::new();
    // What the outcome would be without and with treatment.
    let mut expected = [vec![0.0; n], vec![0.0; n]];
    if settings.bias_correction && !columns.is_empty() || sample.clusters.is_some() {
        for (arm, rows) in [(0, &control), (1, &treated)] {
            let rows: Vec<usize> = rows.iter().copied().filter(|row| matches.used[*row] > 0.0).collect();
            if rows.is_empty() {
                continue;
            }
            let weights: Vec<f64> = rows.iter().map(|row| matches.used[*row]).collect();
            match predicted(&columns, &sample.y, &rows, Some(&weights)) {
                Ok(found) => expected[arm] = found,
                Err(error) => notes.push(format!("matches are not corrected for bias: {error}")),
            }
        }
    }
    let pairs: Vec<f64> = matches
        .sets
        .iter()
        .map(|(row, found)| {
            let model = &expected[usize::from(!sample.treated[*row])];
            let rest = |row: usize| sample.y[row] - if settings.bias_correction { model[row] } else { 0.0 };
            let difference = rest(*row) - found.iter().map(|other| rest(*other)).sum::<f64>() / found.len() as f64;
            if sample.treated[*row] { difference } else { -difference }
        })
        .collect();
    let n_sets = pairs.len() as f64;
    let estimate = pairs.iter().sum::<f64>() / n_sets;
    let asks: Vec<bool> = {
        let mut asks = vec![false; n];
        matches.sets.iter().for_each(|(row, _)| asks[*row] = true);
        asks
    };
    let own = |row: usize| f64::from(u8::from(asks[row]));
    let estimated = if let Some(clusters) = &sample.clusters {
        let part = |row: usize| {
            let arm = usize::from(sample.treated[row]);
            let sign = if sample.treated[row] { 1.0 } else { -1.0 };
            let heterogeneity =
                if settings.estimand == Estimand::Ate { expected[1][row] - expected[0][row] - estimate } else { 0.0 };
            let rest = if settings.estimand == Estimand::Att {
                // The treated are held against what they would have been.
                if arm == 1 { sample.y[row] - expected[0][row] - estimate } else { sample.y[row] - expected[0][row] }
            } else {
                sample.y[row] - expected[arm][row]
            };
            (own(row) * heterogeneity + sign * (own(row) + matches.used[row]) * rest) / n_sets
        };
        let contributions: Vec<f64> = rows.iter().map(|row| part(*row)).collect();
        Estimated::from_contributions(estimate, &contributions, Some(clusters))
    } else {
        let spread: f64 = pairs.iter().map(|pair| (pair - estimate).powi(2)).sum();
        let used: Vec<usize> = rows.iter().copied().filter(|row| matches.used[*row] > 0.0).collect();
        let conditional = conditional_variances(sample, &space, &used, [&control, &treated]);
        let factor = |row: usize| {
            let k = matches.used[row];
            k * k + 2.0 * k * own(row) - matches.used_squared[row]
        };
        let reuse: f64 = used.iter().zip(conditional).map(|(row, variance)| factor(*row) * variance).sum();
        Estimated { estimate, se: (spread + reuse).sqrt() / n_sets, df: f64::INFINITY }
    };
    let mut weights: Vec<f64> = rows.iter().map(|row| own(*row) + matches.used[*row]).collect();
    for arm in [&treated, &control] {
        let total: f64 = arm.iter().map(|row| weights[*row]).sum();
        arm.iter().for_each(|row| weights[*row] /= total);
    }
    Ok(Comparison { pairs, unmatched, notes, ..Comparison::new(estimated, weights) })
}

/// The variance of the outcome given the terms: `J / (J + 1) (y - mean of J neighbours of the same group)^2`.
fn conditional_variances(sample: &Sample, space: &Space, rows: &[usize], arms: [&Vec<usize>; 2]) -> Vec<f64> {
    let mut variances = vec![f64::NAN; sample.n()];
    for (arm, among) in arms.into_iter().enumerate() {
        let own: Vec<usize> = rows.iter().copied().filter(|row| usize::from(sample.treated[*row]) == arm).collect();
        let free = Limits { cells: None, caliper: None };
        for (row, found) in own.iter().zip(space.nearest(&own, among, NEIGHBOURS_OF_VARIANCE, free)) {
            let j = found.len() as f64;
            let mean = found.iter().map(|other| sample.y[*other]).sum::<f64>() / j;
            variances[*row] = j / (j + 1.0) * (sample.y[*row] - mean).powi(2);
        }
    }
    rows.iter().map(|row| variances[*row]).collect()
}

fn standard_deviation(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt()
}
