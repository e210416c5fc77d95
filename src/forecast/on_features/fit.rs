//! Fitting to a panel.

use super::OnFeatures;
use super::fitted::{FittedOnFeatures, State};
use super::learn::Step;
use super::rows::{Rows, TrainingRows};
use super::seen::{Seen, Study};
use crate::error::{DataError, FitError, Result};
use crate::forecast::scaled::{Scaled, ready};
use crate::forecast::widths::{Widths, in_sample};
use crate::forecast::{Fallback, Forecaster};
use crate::panel::{Panel, SeriesView};
use crate::regression::Regressor;
use crate::series::{FittedNaive, Naive, SeriesModel};

impl<R: Regressor> Forecaster for OnFeatures<R>
where
    R::Fitted: Clone,
{
    type Fitted = FittedOnFeatures<R::Fitted>;

    /// # Errors
    /// [`DataError::Empty`] for a panel without series, [`DataError::UnknownColumn`], and [`DataError::Series`] with
    /// the smallest key of a series that not even [`Naive`] can fit: no value at all, or one that is infinite or
    /// larger than 1e150 in size.
    fn fit(&self, train: &Panel) -> Result<Self::Fitted> {
        Ok(self.fit_and_measure(train, true, 1)?.0)
    }

    /// Without the back-test.
    fn fit_for_points(&self, train: &Panel) -> Result<Self::Fitted> {
        Ok(self.fit_and_measure(train, false, 1)?.0)
    }
}

/// A fitted model of one step, and the regressions of the steps behind it.
type FirstAndFurther<F> = (FittedOnFeatures<F>, Vec<Step<F>>);

impl<R: Regressor> OnFeatures<R> {
    /// Fits regressions for `horizon` steps, those from the second on apart; `measured` by a back-test, or with in-sample widths.
    pub(super) fn fit_and_measure(
        &self,
        train: &Panel,
        measured: bool,
        horizon: usize,
    ) -> Result<FirstAndFurther<R::Fitted>> {
        if train.n_series() == 0 {
            return Err(DataError::Empty { what: "the panel to learn from".into() }.into());
        }
        let column = self.target.as_deref().map_or(Ok(0), |name| train.column_index(name))?;
        // What every series falls back to; a series that not even this can use ends the fit.
        let naive = |series: SeriesView<'_>| {
            let refused = |error: FitError| DataError::Series { key: series.key().clone(), detail: error.to_string() };
            Naive.fit(series.values(column)).map_err(refused)
        };
        let stand_ins = train.iter().map(naive).collect::<Result<Vec<FittedNaive>, DataError>>()?;
        let Study { seen, length, recipe } = self.study(train, column)?;
        let reach = self.reach(&recipe, &seen)?;

        let outcomes: Vec<_> = seen.iter().map(|series| Scaled::new(series.y, self.form)).collect();
        let training: Vec<_> = seen
            .iter()
            .zip(&outcomes)
            .filter_map(|(series, scaled)| {
                Some((series.key.clone(), series.period(0), scaled.as_ref().ok()?.z.clone()))
            })
            .collect();
        let learned = if training.is_empty() {
            Err("no series can be learned from".to_owned())
        } else {
            self.learn(&recipe, training, horizon).map_err(|error| error.to_string())
        };
        let (core, further, widths, refused) = match learned {
            Ok(learned) => {
                let errors = if measured { self.backtest(&recipe, &seen, reach, length, horizon)? } else { Vec::new() };
                let widths = Widths::new(errors, true);
                let widths = if widths.steps.is_empty() { in_sample(&learned.residuals) } else { widths };
                (Some(learned.core), learned.further, widths, None)
            }
            Err(reason) => (None, Vec::new(), Widths::default(), Some(format!("the regression has no fit: {reason}"))),
        };
        let (mut states, mut fallbacks) = (Vec::new(), Vec::new());
        for ((series, scaled), stand_in) in seen.iter().zip(outcomes).zip(stand_ins) {
            let reason = match (&refused, scaled) {
                (Some(reason), _) => reason.clone(),
                (None, Err(reason)) => reason.to_owned(),
                (None, Ok(mut scaled)) => {
                    if let Some(kept) = self.kept(&scaled.z, reach) {
                        scaled.z.drain(..scaled.z.len() - kept);
                        states.push(State::Scaled(scaled));
                        continue;
                    }
                    let needed = if self.regressor.takes_missing() { reach.min(1) } else { reach };
                    format!("the {needed} changes or values before its end are not all there")
                }
            };
            states.push(State::Naive(stand_in));
            fallbacks.push(Fallback { key: series.key.clone(), used: Naive::NAME.into(), reason });
        }
        let fitted = FittedOnFeatures {
            regressor: R::NAME.into(),
            form: self.form,
            keys: train.keys().to_vec(),
            origins: seen.iter().map(|series| series.end).collect(),
            counts: seen.iter().map(|series| self.support.rectifies(series.y)).collect(),
            states,
            fallbacks,
            core,
            widths,
        };
        Ok((fitted, further))
    }

    /// How many of the last values of `z` a forecast starts from; `None` if they are too few.
    pub(super) fn kept(&self, z: &[f64], reach: usize) -> Option<usize> {
        if ready(z, reach) {
            return Some(reach);
        }
        let present = z.iter().rev().take_while(|v| v.is_finite()).count();
        (self.regressor.takes_missing() && present > 0).then_some(present)
    }

    /// How many rows the regression learns its first step from, and why others are left out.
    ///
    /// # Errors
    /// [`DataError`] if no series can be learned from; whatever a feature cannot use.
    pub fn training_rows(&self, train: &Panel) -> Result<TrainingRows> {
        let column = self.target.as_deref().map_or(Ok(0), |name| train.column_index(name))?;
        let Study { seen, recipe, .. } = self.study(train, column)?;
        self.reach(&recipe, &seen)?;
        let scaled =
            |series: &Seen<'_>| Some((series.key.clone(), series.period(0), Scaled::new(series.y, self.form).ok()?.z));
        let training: Vec<_> = seen.iter().filter_map(scaled).collect();
        if training.is_empty() {
            return Err(DataError::Empty { what: "the series that can be learned from".into() }.into());
        }
        Ok(Rows::new(&recipe, training, self.regressor.takes_missing())?.count())
    }
}
