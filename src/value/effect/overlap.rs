//! Who has somebody to be compared with.

use serde::Serialize;

use super::sample::Sample;
use super::score::{Score, expit};
use super::settings::{EffectSettings, Estimand};
use crate::error::FitError;

/// How far treated and others overlap. Scores are probabilities of treatment given the terms, before anything was left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Overlap {
    /// Treated left out because nobody is comparable.
    pub trimmed_treated: usize,
    /// Others left out because no treated is comparable.
    pub trimmed_control: usize,
    /// Treated that found no neighbour within caliper and exact columns.
    pub unmatched_treated: usize,
    /// The treated in effect: `(sum w)^2 / sum w^2`.
    pub effective_treated: Option<f64>,
    /// The others in effect.
    pub effective_control: Option<f64>,
    /// Smallest, middle and largest score of the treated.
    pub scores_treated: Option<[f64; 3]>,
    /// Smallest, middle and largest score of the others.
    pub scores_control: Option<[f64; 3]>,
}

/// Rows that have a counterpart, and the overlap without its effective sizes.
pub(super) fn trim(sample: &Sample, settings: &EffectSettings) -> Result<(Vec<usize>, Overlap), FitError> {
    let columns = sample.modelled();
    let rows: Vec<usize> = (0..sample.n()).collect();
    let score = Score::fit(&columns, &sample.treated, &rows, settings.prior_sd)?;
    let odds = score.log_odds(&columns, &rows)?;
    let (treated, control) = (sample.arm(true), sample.arm(false));
    let mut overlap = Overlap {
        scores_treated: three(&odds, &treated),
        scores_control: three(&odds, &control),
        ..Overlap::default()
    };
    if settings.trim == 0.0 || columns.is_empty() {
        return Ok((rows, overlap));
    }
    let limit = (1.0 / settings.trim - 1.0).ln();
    let keep: Vec<usize> = match settings.estimand {
        Estimand::Ate => rows.iter().copied().filter(|row| odds[*row].abs() <= limit).collect(),
        Estimand::Att => {
            let most = control.iter().map(|row| odds[*row]).fold(f64::NEG_INFINITY, f64::max).min(limit);
            let below = |row: &usize| odds[*row] <= most;
            let least = treated.iter().filter(|row| below(row)).map(|row| odds[*row]).fold(f64::INFINITY, f64::min);
            rows.iter().copied().filter(|row| below(row) && odds[*row] >= least).collect()
        }
    };
    let kept_treated = keep.iter().filter(|row| sample.treated[**row]).count();
    overlap.trimmed_treated = treated.len() - kept_treated;
    overlap.trimmed_control = control.len() - (keep.len() - kept_treated);
    Ok((keep, overlap))
}

/// Smallest, middle and largest score of `rows`.
fn three(log_odds: &[f64], rows: &[usize]) -> Option<[f64; 3]> {
    let mut odds: Vec<f64> = rows.iter().map(|row| log_odds[*row]).collect();
    odds.sort_by(f64::total_cmp);
    let (first, last) = (odds.first()?, odds.last()?);
    Some([*first, crate::numeric::quantile::of_sorted(&odds, 0.5), *last].map(expit))
}
