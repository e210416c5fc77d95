//! Regressions fitted to scaled series.

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

use super::OnFeatures;
use super::rows::Rows;
use crate::error::Result;
use crate::feature::{FeaturePipeline, FittedPipeline};
use crate::forecast::TargetForm;
use crate::key::SeriesKey;
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

/// A regression for a later step, on the features of the first one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Step<F> {
    pub(super) fitted: F,
    pub(super) drift: f64,
    pub(super) range: (f64, f64),
}

/// What was learned.
pub(super) struct Learned<F> {
    /// The regression for one step ahead.
    pub(super) core: Core<F>,
    /// Those for two steps and more.
    pub(super) further: Vec<Step<F>>,
    /// Sizes of the errors of one step, in sample.
    pub(super) residuals: Vec<f64>,
}

impl<R: Regressor> OnFeatures<R> {
    /// Fits one regression for each step up to `horizon` to scaled series, each starting at its period; fewer where a step has too few
    /// rows. The outer error is the panel's, the inner one says why there is no regression.
    pub(super) fn learn(
        &self,
        recipe: &FeaturePipeline,
        series: Vec<(SeriesKey, Period, Vec<f64>)>,
        horizon: usize,
    ) -> Result<Learned<R::Fitted>> {
        let rows = Rows::new(recipe, series, self.regressor.takes_missing())?;
        let (Step { fitted, drift, range }, residuals) = self.step(&rows, 1)?;
        let further: Vec<Option<Step<R::Fitted>>> =
            (2..=horizon).into_par_iter().map(|ahead| Some(self.step(&rows, ahead).ok()?.0)).collect();
        let further = further.into_iter().map_while(|step| step).collect();
        Ok(Learned { core: Core { pipeline: rows.into_pipeline(), fitted, drift, range }, further, residuals })
    }

    /// The regression for `ahead` steps, from 1, and the sizes of its errors in sample.
    fn step(&self, rows: &Rows, ahead: usize) -> Result<(Step<R::Fitted>, Vec<f64>)> {
        let origins = rows.with_target(ahead);
        let (x, y) = (rows.design(&origins, ahead), rows.targets(&origins, ahead));
        let fitted = self.regressor.fit(x.view(), y.view())?;
        let range = y.iter().fold((f64::MAX, f64::MIN), |(low, high), &v| (low.min(v), high.max(v)));
        let drift = if self.drift || self.form == TargetForm::Level { 0.0 } else { drift(rows, &fitted, ahead)? };
        let residuals = (fitted.predict(x.view())? - &y).mapv(f64::abs).to_vec();
        Ok((Step { fitted, drift, range }, residuals))
    }
}

/// The part of the predictions that does not turn with the sign of the lags: the mean of f(x) and f(-x) over the last
/// year of `rows`, so that seasons cancel. For a linear f it is the prediction where all lags are 0; for trees that
/// place is a corner of its own (series that have died out), which a mean over real rows avoids.
fn drift(rows: &Rows, fitted: &impl FittedRegressor, ahead: usize) -> Result<f64> {
    let origins = rows.of_last_season(ahead);
    let total = fitted.predict(rows.design(&origins, ahead).view())?.sum()
        + fitted.predict(rows.turned(&origins, ahead)?.view())?.sum();
    Ok(total / (2 * origins.len()).max(1) as f64)
}
