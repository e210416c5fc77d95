//! A fitted regression, and its forecasts.

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

#[cfg(doc)]
use super::OnFeatures;
use super::learn::{Core, Step};
use crate::error::{DataError, Result};
use crate::forecast::scaled::Scaled;
use crate::forecast::widths::{Widths, spread};
use crate::forecast::{Fallback, Fitted, Forecast, TargetForm};
use crate::key::SeriesKey;
use crate::panel::Panel;
use crate::regression::FittedRegressor;
use crate::series::{FittedNaive, FittedSeries};
use crate::time::{Frequency, Period};

/// A fitted [`OnFeatures`]: the regression `F`, its features, and the end of each series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedOnFeatures<F> {
    pub(super) regressor: String,
    pub(super) form: TargetForm,
    pub(super) keys: Vec<SeriesKey>,
    pub(super) origins: Vec<Period>,
    pub(super) counts: Vec<bool>,
    pub(super) states: Vec<State>,
    pub(super) fallbacks: Vec<Fallback>,
    pub(super) core: Option<Core<F>>,
    pub(super) widths: Widths,
}

/// Where a series stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum State {
    Scaled(Scaled),
    /// The stand-in: a random walk.
    Naive(FittedNaive),
}

impl<F> FittedOnFeatures<F> {
    /// The frequency of the panel that was learned from.
    #[must_use]
    pub fn frequency(&self) -> Frequency {
        self.origins.first().map_or(Frequency::Step, |origin| origin.frequency())
    }

    /// The series, in the order of the panel.
    #[must_use]
    pub fn keys(&self) -> &[SeriesKey] {
        &self.keys
    }

    /// The last period of each series.
    #[must_use]
    pub fn origins(&self) -> &[Period] {
        &self.origins
    }

    /// The regression; `None` if it could not be fitted and every series fell back.
    #[must_use]
    pub fn regression(&self) -> Option<&F> {
        self.core.as_ref().map(|core| &core.fitted)
    }

    /// The names of the regression's columns; empty if there is none.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        self.core.as_ref().map_or(&[], |core| core.pipeline.columns())
    }

    /// Steps whose errors were measured out of time; 0 if the widths come from in-sample errors.
    #[must_use]
    pub fn n_backtest_steps(&self) -> usize {
        if self.widths.out_of_time { self.widths.steps.len() } else { 0 }
    }
}

impl<F: FittedRegressor + Clone> Fitted for FittedOnFeatures<F> {
    /// # Errors
    /// [`DataError::Series`] if a forecast made on the log scale grows beyond the range of numbers.
    fn forecast(&self, horizon: NonZeroUsize) -> Result<Forecast> {
        self.forecast_by(&[], horizon)
    }

    /// Lags move on, the regression, scales and widths stay. A new value that is missing asks for another fit.
    fn updated(&self, new: &Panel) -> Result<Self> {
        self.clone().moved_on(new)
    }
}

impl<F: FittedRegressor> FittedOnFeatures<F> {
    /// The forecast with regressions for `further` steps.
    pub(super) fn forecast_by(&self, further: &[Step<F>], horizon: NonZeroUsize) -> Result<Forecast> {
        let steps = horizon.get();
        let mut tails = Vec::new();
        for ((key, origin), state) in self.keys.iter().zip(&self.origins).zip(&self.states) {
            if let State::Scaled(scaled) = state {
                tails.push((key.clone(), origin.plus(1), scaled.z.clone()));
            }
        }
        let paths = match &self.core {
            Some(core) if !tails.is_empty() => core.paths(further, tails, steps)?,
            _ => Vec::new(),
        };
        let widths: Vec<Vec<f64>> = (1..=steps).map(|step| self.widths.at(step)).collect();
        let mut dists = Vec::with_capacity(self.keys.len() * steps);
        let mut paths = paths.iter();
        for ((key, state), &count) in self.keys.iter().zip(&self.states).zip(&self.counts) {
            let before = dists.len();
            match state {
                State::Scaled(scaled) => {
                    let ahead = paths.next().map_or(&[][..], Vec::as_slice);
                    for (centre, widths) in scaled.path(ahead, self.form).into_iter().zip(&widths) {
                        let dist = spread(centre, scaled.scale, widths)?;
                        let dist = if self.form == TargetForm::LogDifference { dist.exp() } else { dist };
                        dist.check().map_err(|_| DataError::Series {
                            key: key.clone(),
                            detail: "its forecast grows beyond the range of numbers: use a shorter horizon".into(),
                        })?;
                        dists.push(dist);
                    }
                }
                State::Naive(naive) => dists.extend(naive.predict(horizon)),
            }
            if count {
                dists[before..].iter_mut().for_each(|dist| *dist = dist.clone().non_negative());
            }
        }
        Ok(Forecast::new(horizon, self.keys.clone(), self.origins.clone(), dists, self.fallbacks.clone())?)
    }
}
