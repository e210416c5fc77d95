//! A regression fitted to scaled series.

use ndarray::{Array1, Axis};
use serde::{Deserialize, Serialize};

use super::{OnFeatures, TARGET};
use crate::error::Result;
use crate::feature::{FeatureMatrix, FeaturePipeline, FittedPipeline};
use crate::forecast::TargetForm;
use crate::key::SeriesKey;
use crate::panel::Panel;
use crate::regression::{FittedRegressor, Regressor};
use crate::time::Period;

/// A regression with the features it was fitted on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Core<F> {
    pub(super) pipeline: FittedPipeline,
    pub(super) fitted: F,
    /// What is taken out of each predicted z.
    pub(super) drift: f64,
    /// Smallest and largest z that it was fitted on.
    pub(super) range: (f64, f64),
}

/// What was learned.
pub(super) struct Learned<F> {
    pub(super) core: Core<F>,
    /// Sizes of the errors of one step, in sample.
    pub(super) residuals: Vec<f64>,
}

impl<R: Regressor> OnFeatures<R> {
    /// Fits the regression to scaled series, each starting at its period. The outer error is the panel's, the inner one
    /// says why there is no regression.
    pub(super) fn learn(
        &self,
        recipe: &FeaturePipeline,
        series: Vec<(SeriesKey, Period, Vec<f64>)>,
    ) -> Result<Learned<R::Fitted>> {
        let panel = Panel::from_series(TARGET, series)?;
        let pipeline = recipe.fit(&panel)?;
        let matrix = pipeline.transform(&panel)?;
        let targets = panel.column(TARGET)?;
        let rows: Vec<usize> = matrix.complete_rows().into_iter().filter(|&row| targets[row].is_finite()).collect();
        let y: Array1<f64> = rows.iter().map(|&row| targets[row]).collect();
        let x = matrix.view().select(Axis(0), &rows);
        let fitted = self.regressor.fit(x.view(), y.view())?;
        let range = y.iter().fold((f64::MAX, f64::MIN), |(low, high), &v| (low.min(v), high.max(v)));
        let drift = if self.drift || self.form == TargetForm::Level {
            0.0
        } else {
            drift(&pipeline, &fitted, &panel, &matrix)?
        };
        let residuals = (fitted.predict(x.view())? - &y).mapv(f64::abs).to_vec();
        Ok(Learned { core: Core { pipeline, fitted, drift, range }, residuals })
    }
}

/// The part of the predictions that does not turn with the sign of the lags: the mean of f(x) and f(-x) over the last
/// year of `matrix`, so that seasons cancel. For a linear f it is the prediction where all lags are 0; for trees that
/// place is a corner of its own (series that have died out), which a mean over real rows avoids.
fn drift(
    pipeline: &FittedPipeline,
    fitted: &impl FittedRegressor,
    panel: &Panel,
    matrix: &FeatureMatrix,
) -> Result<f64> {
    let turned: Vec<f64> = panel.column(TARGET)?.iter().map(|z| -z).collect();
    let turned = pipeline.transform(&panel.clone().with_column(TARGET, &turned)?)?;
    let season = i32::try_from(panel.frequency().season()).unwrap_or(i32::MAX);
    let Some(before) = panel.last_period().map(|last| last.plus(-season)) else { return Ok(0.0) };
    let rows: Vec<usize> = matrix.complete_rows().into_iter().filter(|&row| matrix.origin(row).1 > before).collect();
    let total = fitted.predict(matrix.view().select(Axis(0), &rows).view())?.sum()
        + fitted.predict(turned.view().select(Axis(0), &rows).view())?.sum();
    Ok(total / (2 * rows.len()).max(1) as f64)
}
