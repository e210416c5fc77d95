//! How wide a forecast is: errors of a back-test, turned into a distribution around its centre.

use serde::{Deserialize, Serialize};

use crate::distribution::{Predictive, QuantileTable};
use crate::error::ParamError;
use crate::numeric::quantile;

/// Errors of a step that are needed before their quantiles are trusted.
pub(super) const FEWEST_ERRORS: usize = 20;

/// Coverage of the central intervals that a distribution is made of; its outermost quantiles are 0.5 and 99.5 %.
pub(super) const COVERAGES: [f64; 14] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99];

/// Half-widths of central intervals in units of the scale, for each step of a back-test.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Widths {
    /// For each step, one for each of [`COVERAGES`].
    pub(super) steps: Vec<Vec<f64>>,
    /// Whether they were measured out of time.
    pub(super) out_of_time: bool,
}

impl Widths {
    /// From absolute errors, a list for each step; steps after the first with too few errors are left out.
    pub(super) fn new(errors: Vec<Vec<f64>>, out_of_time: bool) -> Self {
        let mut steps: Vec<Vec<f64>> = Vec::new();
        for mut sizes in errors.into_iter().take_while(|sizes| sizes.len() >= FEWEST_ERRORS) {
            sizes.sort_by(f64::total_cmp);
            // The share that makes an interval from n past errors hold the next one as often as it says.
            let share = (sizes.len() as f64 + 1.0) / sizes.len() as f64;
            let at = |place: usize| quantile::of_sorted(&sizes, (COVERAGES[place] * share).min(1.0));
            let before = steps.last();
            steps.push((0..COVERAGES.len()).map(|i| before.map_or(at(i), |w| w[i].max(at(i)))).collect());
        }
        Self { steps, out_of_time }
    }

    /// Whether these can come from a fit: checks what was read from outside.
    pub(super) fn legal(&self) -> bool {
        self.steps.iter().all(|widths| {
            widths.len() == COVERAGES.len()
                && widths.iter().all(|w| *w >= 0.0 && w.is_finite())
                && widths.windows(2).all(|w| w[0] <= w[1])
        })
    }

    /// The half-widths `step` periods ahead, from 1.
    pub(super) fn at(&self, step: usize) -> Vec<f64> {
        let Some(last) = self.steps.last() else { return vec![0.0; COVERAGES.len()] };
        let beyond = (step as f64 / self.steps.len() as f64).sqrt().max(1.0);
        self.steps.get(step - 1).unwrap_or(last).iter().map(|width| width * beyond).collect()
    }
}

/// The distribution around `centre` with half-widths `widths * scale`.
pub(super) fn spread(centre: f64, scale: f64, widths: &[f64]) -> Result<Predictive, ParamError> {
    let (mut probabilities, mut values) = (Vec::new(), Vec::new());
    for (coverage, width) in COVERAGES.iter().zip(widths).rev() {
        probabilities.push((1.0 - coverage) / 2.0);
        values.push(-width);
    }
    probabilities.push(0.5);
    values.push(0.0);
    for (coverage, width) in COVERAGES.iter().zip(widths) {
        probabilities.push((1.0 + coverage) / 2.0);
        values.push(*width);
    }
    Ok(Predictive::Quantiles(QuantileTable::new(probabilities, values)?).affine(centre, scale))
}

/// In-sample widths of the first step; later ones follow by the growth with sqrt(h).
pub(super) fn in_sample(residuals: &[f64]) -> Widths {
    let mut errors = residuals.to_vec();
    // However few there are, there is nothing else to go by.
    while errors.len() < FEWEST_ERRORS && !errors.is_empty() {
        errors.extend_from_within(..);
    }
    Widths::new(vec![errors], false)
}
