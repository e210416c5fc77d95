//! Forecasting a whole panel.

mod auto;
mod calibrated;
mod checks;
mod combination;
mod conformal;
mod cycle;
mod hierarchy;
mod model;
mod on_features;
mod origins;
mod paths;
mod per_series;
mod points;
mod pooled_boosting;
mod pooled_season;
mod scaled;
mod share_of_total;
mod target;
mod update;
mod widths;

use std::fmt::Debug;
use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

pub use self::auto::Auto;
pub use self::calibrated::{Calibrated, FittedCalibrated};
pub use self::combination::{Combination, CombinationRule, FittedCombination, LeftOut};
pub use self::hierarchy::{
    FittedReconciled, Groups, GroupsParams, Hierarchy, Outside, Reconciled, ReconciledParams, Reconciler,
    Reconciliation, Shares, Weighting,
};
pub use self::model::{FittedModel, Model};
pub use self::on_features::{DirectOnFeatures, FittedDirectOnFeatures, FittedOnFeatures, OnFeatures, TrainingRows};
pub use self::paths::Paths;
pub use self::per_series::{FittedPerSeries, PerSeries, Support, Transform};
pub use self::points::Points;
pub use self::pooled_boosting::{FittedPooledBoosting, PooledBoosting};
pub use self::pooled_season::{FittedPooledSeason, PooledSeason, SeasonForm, SeasonLevel};
pub use self::scaled::TargetForm;
pub use self::share_of_total::{FittedShareOfTotal, ShareOfTotal};

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

    /// As [`Forecaster::fit`], for points only: what measures how wide forecasts are is left out, where it costs a back-test. The
    /// distributions of the result are not to be used.
    ///
    /// # Errors
    /// As [`Forecaster::fit`].
    fn fit_for_points(&self, train: &Panel) -> Result<Self::Fitted> {
        self.fit(train)
    }

    /// Point forecasts from origins inside `train`, for back-tests within a training span. For each of `drops`, most
    /// first, every series is forecast as if its last so many values were still to come; NaN where nothing would be left.
    ///
    /// Nothing that comes after an origin is used for it; what is learned may be learned once, at the first origin, and
    /// moved on from there. The default fits anew at each origin.
    ///
    /// # Errors
    /// As [`Forecaster::fit`].
    fn rolling(&self, train: &Panel, drops: &[usize], horizon: NonZeroUsize) -> Result<Vec<Points>> {
        let at = |&drop: &usize| {
            let known = train.without_last(drop);
            let mut all = Points::missing(train.n_series(), horizon);
            if known.n_series() > 0 {
                let points = self.fit_for_points(&known)?.points(horizon)?;
                for (index, key) in known.keys().iter().enumerate() {
                    if let Ok(place) = train.keys().binary_search(key) {
                        all.path_mut(place).copy_from_slice(points.path(index));
                    }
                }
            }
            Ok(all)
        };
        drops.iter().map(at).collect()
    }
}

/// A forecaster that has seen its panel.
pub trait Fitted: Debug + Send + Sync {
    /// The distributions of the next `horizon` periods of every series.
    ///
    /// # Errors
    /// If the model needs future columns that only [`Fitted::forecast_with`] can give it.
    fn forecast(&self, horizon: NonZeroUsize) -> Result<Forecast>;

    /// The point forecasts of the next `horizon` periods of every series, those of [`Fitted::forecast`]: at less cost where
    /// a distribution has to be simulated.
    ///
    /// # Errors
    /// As [`Fitted::forecast`].
    fn points(&self, horizon: NonZeroUsize) -> Result<Points> {
        let forecast = self.forecast(horizon)?;
        let path = |index: usize| forecast.path(index).iter().map(Predictive::point).collect();
        Ok(Points::from_paths(horizon, (0..forecast.keys().len()).map(path)))
    }

    /// How the error of one period shows in later ones of the series at `index`, as
    /// [`FittedSeries::error_weights`](crate::series::FittedSeries::error_weights) has it; a random walk unless a model knows better.
    fn error_weights(&self, index: usize, horizon: NonZeroUsize) -> Vec<f64> {
        let _ = index;
        vec![1.0; horizon.get()]
    }

    /// `n_paths` joint paths over the next `horizon` periods, for questions about several periods at once (a sum, a maximum, a cash flow). At
    /// each step they have the distribution of [`Fitted::forecast`]; over the steps of a series they depend on each other as
    /// [`Fitted::error_weights`] says. Series do not depend on each other; [`Reconciled`] draws paths that do.
    ///
    /// # Errors
    /// As [`Fitted::forecast`].
    fn sample_paths(&self, horizon: NonZeroUsize, n_paths: usize, seed: u64) -> Result<Paths> {
        let forecast = self.forecast(horizon)?;
        let weights: Vec<_> = (0..forecast.keys().len()).map(|index| self.error_weights(index, horizon)).collect();
        Ok(Paths::draw(&forecast, &weights, n_paths, seed))
    }

    /// The forecaster after the values of `new` (its first column) that come after each origin; earlier ones are not read. What was
    /// learned stays as it is, states and histories move on, so this costs little. A series that is not in `new` stays
    /// where it is.
    ///
    /// # Errors
    /// [`ParamError`](crate::ParamError) for a model that has to be fitted again, [`DataError`] for values that it cannot use or a panel of another frequency.
    fn updated(&self, new: &Panel) -> Result<Self>
    where
        Self: Sized,
    {
        let _ = new;
        Err(update::must_be_fitted_again(std::any::type_name::<Self>().rsplit("::").next().unwrap_or("model")))
    }

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
