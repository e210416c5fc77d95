//! Certificates together with soft skills.

use serde::Serialize;

use super::estimate::PremiumEstimate;
use super::sample::{Sample, count_cells};
use super::settings::PremiumSettings;
use super::shrinkage::false_discovery;
use crate::error::FitError;
use crate::regression::sparse_absorbed::SparseRows;

/// A certificate in rows that also ask for a soft skill.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SoftSkillPremium {
    /// The certificate.
    pub id: String,
    /// The skill.
    pub skill: String,
    /// Rows with pay that have both.
    pub n: usize,
    /// By how much the certificate's premium is larger with the skill than without, on the log scale.
    pub with_skill: Option<PremiumEstimate>,
    /// False-discovery rate at which the two would be said to differ, among all pairs of certificate and skill.
    pub q_value: Option<f64>,
}

/// One regression for each skill: certificates, and each certificate together with the skill where rows with and without it are enough.
pub(super) fn soft_skills(sample: &Sample<'_>, settings: &PremiumSettings) -> Result<Vec<SoftSkillPremium>, FitError> {
    let mut found = Vec::new();
    let mut p_values = Vec::new();
    let n_own = sample.own.len();
    for &number in &sample.data.soft_skills {
        let skill = &sample.data.numbers[number];
        let has = |place: usize| skill.values[sample.frame.rows[place] as usize] > 0.5;
        // Positions of own certificates in rows with the skill.
        let held: Vec<Vec<u32>> =
            (0..sample.frame.n_rows())
                .map(|place| {
                    if has(place) { sample.columns(place).filter(|c| (*c as usize) < n_own).collect() } else { vec![] }
                })
                .collect();
        let with = count_cells(&sample.frame, n_own, |place| &held[place]);
        let enough = |own: &usize| {
            let all = sample.cells[sample.own[*own]].rows;
            with[*own].rows >= settings.min_rows && all - with[*own].rows >= settings.min_rows
        };
        let wanted: Vec<usize> = (0..n_own).filter(enough).collect();
        if wanted.is_empty() {
            continue;
        }
        let mut sparse = SparseRows::new(sample.n_columns + wanted.len());
        for (place, held) in held.iter().enumerate() {
            let together = held.iter().filter_map(|own| wanted.binary_search(&(*own as usize)).ok());
            let together = together.filter_map(|at| u32::try_from(sample.n_columns + at).ok());
            sparse.push(sample.columns(place).chain(together));
        }
        let fit = sample.fit(sparse, None, false)?;
        for (at, own) in wanted.iter().enumerate() {
            let with_skill = PremiumEstimate::of(&fit, sample.n_columns + at);
            p_values.push(with_skill.map_or(f64::NAN, |e| e.p_zero(fit.df_tests)));
            found.push(SoftSkillPremium {
                id: sample.data.ids[sample.own[*own]].clone(),
                skill: skill.name.clone(),
                n: with[*own].rows,
                with_skill,
                q_value: None,
            });
        }
    }
    let q_values = false_discovery(&p_values);
    found.iter_mut().zip(q_values).for_each(|(pair, q)| pair.q_value = (!q.is_nan()).then_some(q));
    Ok(found)
}
