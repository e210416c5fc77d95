//! Forecasting a whole panel.

mod calibrated;
mod model;
mod on_features;
mod per_series;
mod scaled;
mod widths;

use std::fmt::Debug;
use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

pub use self::calibrated::{Calibrated, FittedCalibrated};
pub use self::model::{FittedModel, Model};
pub use self::on_features::{FittedOnFeatures, OnFeatures};
pub use self::per_series::{FittedPerSeries, PerSeries, Support, Transform};
pub use self::scaled::TargetForm;

use crate::distribution::Predictive;
use crate::error::{DataError, Result};
use crate::key::SeriesKey;
use crate::panel::Panel;
use crate::time::Period;

/// A way to forecast every series of a panel. Configuration only.
pub trait Forecaster: Debug + Send + Sync {
    /// What `fit` learns.
    type Fitted: Fitted;

    /// Learns from `train`; the first column is the target unless the forecaster was told another.
    ///
    /// A series that the model cannot fit does not abort the panel: it falls back to a simpler model, and
    /// [`Forecast::fallbacks`] says which and why.
    ///
    /// # Errors
    /// Whatever in `train` makes the whole panel unusable.
    fn fit(&self, train: &Panel) -> Result<Self::Fitted>;
}

/// A forecaster that has seen its panel.
pub trait Fitted: Debug + Send + Sync {
    /// The distributions of the next `horizon` periods of every series.
    ///
    /// # Errors
    /// If the model needs future columns that only [`Fitted::forecast_with`] can give it.
    fn forecast(&self, horizon: NonZeroUsize) -> Result<Forecast>;

    /// Forecasts with columns that are known for the future (calendar effects, announced policies).
    ///
    /// # Errors
    /// [`DataError::UnknownColumn`] for the first column of `future` that the model cannot use: nothing is ignored.
    fn forecast_with(&self, horizon: NonZeroUsize, future: &Panel) -> Result<Forecast> {
        if let Some(name) = future.columns().first() {
            let available = "none: this model takes no future columns".into();
            return Err(DataError::UnknownColumn { name: name.clone(), available }.into());
        }
        self.forecast(horizon)
    }
}

/// Distributions of the next periods of every series of a panel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    horizon: NonZeroUsize,
    keys: Vec<SeriesKey>,
    origins: Vec<Period>,
    dists: Vec<Predictive>,
    fallbacks: Vec<Fallback>,
}

/// A series that its model could not fit, and what was used in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fallback {
    /// The series.
    pub key: SeriesKey,
    /// Name of the model that was used instead.
    pub used: String,
    /// What the model asked for had to say.
    pub reason: String,
}

impl Forecast {
    /// Assembles a forecast: `dists` holds `horizon` distributions for each key, in key order.
    ///
    /// # Errors
    /// [`DataError::Empty`] if the lengths do not match.
    pub fn new(
        horizon: NonZeroUsize,
        keys: Vec<SeriesKey>,
        origins: Vec<Period>,
        dists: Vec<Predictive>,
        fallbacks: Vec<Fallback>,
    ) -> Result<Self, DataError> {
        if origins.len() != keys.len() || dists.len() != keys.len() * horizon.get() {
            let what = format!(
                "a forecast of {} series: {} origins, {} distributions for {horizon} steps",
                keys.len(),
                origins.len(),
                dists.len()
            );
            return Err(DataError::Empty { what });
        }
        Ok(Self { horizon, keys, origins, dists, fallbacks })
    }

    /// Number of periods ahead.
    #[must_use]
    pub fn horizon(&self) -> NonZeroUsize {
        self.horizon
    }

    /// The series, in the order of the panel.
    #[must_use]
    pub fn keys(&self) -> &[SeriesKey] {
        &self.keys
    }

    /// The last period that each series had been seen at.
    #[must_use]
    pub fn origins(&self) -> &[Period] {
        &self.origins
    }

    /// The path of the series at `index`, nearest period first.
    ///
    /// # Panics
    /// If there is no such series.
    #[must_use]
    pub fn path(&self, index: usize) -> &[Predictive] {
        &self.dists[index * self.horizon.get()..(index + 1) * self.horizon.get()]
    }

    /// The path of the series `key`; `None` if it was not forecast.
    #[must_use]
    pub fn get(&self, key: &SeriesKey) -> Option<&[Predictive]> {
        self.keys.binary_search(key).ok().map(|index| self.path(index))
    }

    /// The series that fell back to a simpler model, in key order.
    #[must_use]
    pub fn fallbacks(&self) -> &[Fallback] {
        &self.fallbacks
    }
}
