//! A regression for each step.

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::learn::Step;
use super::{FittedOnFeatures, OnFeatures, TrainingRows};
use crate::error::{ParamError, PersistError, Result};
use crate::forecast::origins::default_horizon;
use crate::forecast::{Fitted, Forecast, Forecaster};
use crate::key::SeriesKey;
use crate::panel::Panel;
use crate::persist::Persist;
use crate::regression::{FittedRegressor, Importance, PermutationImportance, Regressor};
use crate::time::{Frequency, Period};

/// Longest horizon that is learned.
const LONGEST: usize = 200;

/// One regression over all series for each step of the horizon: no step up to it is made from forecasts.
///
/// ```text
/// z[i,t+h] = f[h](z[i,t], z[i,t-1], ... as the features of the past see them; place of t+h in the year) + e     h = 1, ..., H
/// ```
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `horizon` | a season, at most 60; 12 without one | any; up to 200 is learned | steps that have a regression of their own |
///
/// All else is set in the [`OnFeatures`] that it is made from, and is the same: forms and scales and how they are undone, the drift that
/// is taken out (of each step its own), the range of predictions, the fallbacks, and the distribution, whose errors are measured
/// out of time with regressions for all steps that were fitted before the first origin. The first step is that of [`OnFeatures`] to
/// the bit.
///
/// Features of the past are those that are known at the origin; the calendar, Fourier terms, trends, interventions and categories are
/// those of the period that is forecast. A lag of whole seasons counts from the period that is forecast too, as long as it is known by
/// then: lag 12 is the same month of the year before for the first 12 steps. All other lags count from the origin. A feature that looks at the period to forecast itself is refused by name.
///
/// A step that has too few rows to be learned, and all later ones, have no regression. **Beyond the last regression** the forecasts serve
/// as history, and the regressions forecast from there: with a horizon of 1 this is recursion.
///
/// Recursion lets errors of early steps into later ones; a regression for each step has no such bias, but fewer rows, one row less for
/// each series and step, and paths that may be less smooth. Neither is better on all data: measure.
/// Cost: twice `horizon` fits of the regression, in parallel; memory: one design matrix for each thread.
///
/// Sources: Ben Taieb & Hyndman (2012), "Recursive and direct multi-step forecasting: the best of both worlds", Monash University working
/// paper 19/12; Ben Taieb, Bontempi, Atiya & Sorjamaa (2012), "A review and comparison of strategies for multi-step ahead time series
/// forecasting based on the NN5 forecasting competition", Expert Systems with Applications 39.
///
/// # Examples
/// ```
/// use credcast::forecast::OnFeatures;
/// use credcast::{prelude::*, regression::Ridge};
/// let start = Period::month(2020, 1).ok_or("no such month")?;
/// let wave = |phase: f64| (0..60).map(|t| 50.0 + f64::from(t) + 9.0 * (f64::from(t) / 6.0 + phase).sin()).collect();
/// let panel = Panel::from_series("postings", [
///     (SeriesKey::national("welder"), start, wave(0.0)),
///     (SeriesKey::national("nurse"), start, wave(2.0)),
/// ])?;
/// let model = OnFeatures::new(Ridge::params().build()?).direct().horizon(6.try_into()?);
/// let fitted = model.fit(&panel)?;
/// assert_eq!(fitted.regressions().count(), 6);
/// assert_eq!(fitted.forecast(12.try_into()?)?.path(0).len(), 12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct DirectOnFeatures<R> {
    base: OnFeatures<R>,
    horizon: Option<NonZeroUsize>,
}

impl<R: Regressor> OnFeatures<R> {
    /// A regression for each step instead of forecasts from forecasts.
    #[must_use]
    pub fn direct(self) -> DirectOnFeatures<R> {
        DirectOnFeatures { base: self, horizon: None }
    }
}

impl<R: Regressor> DirectOnFeatures<R> {
    /// Sets how many steps have a regression of their own.
    #[must_use]
    pub fn horizon(mut self, horizon: NonZeroUsize) -> Self {
        self.horizon = Some(horizon);
        self
    }

    /// Sets the column to forecast.
    #[must_use]
    pub fn target(mut self, column: impl Into<String>) -> Self {
        self.base = self.base.target(column);
        self
    }

    /// Adds features of z; see [`OnFeatures::features`].
    ///
    /// # Errors
    /// [`ParamError`] for a form that is not one.
    pub fn features(mut self, forms: impl IntoIterator<Item = impl Into<String>>) -> Result<Self, ParamError> {
        self.base = self.base.features(forms)?;
        Ok(self)
    }

    /// Which features earn their place in the first step; see [`OnFeatures::importance`].
    ///
    /// # Errors
    /// As there.
    pub fn importance(&self, train: &Panel, settings: PermutationImportance) -> Result<Vec<Importance>> {
        self.base.importance(train, settings)
    }

    /// What becomes of the rows of `train` in the first step; see [`OnFeatures::training_rows`].
    ///
    /// # Errors
    /// As there.
    pub fn training_rows(&self, train: &Panel) -> Result<TrainingRows> {
        self.base.training_rows(train)
    }

    fn fit_steps(&self, train: &Panel, measured: bool) -> Result<FittedDirectOnFeatures<R::Fitted>> {
        let usual = || default_horizon(train.frequency().season());
        let horizon = self.horizon.unwrap_or_else(usual).get().min(LONGEST);
        let (first, further) = self.base.fit_and_measure(train, measured, horizon)?;
        Ok(FittedDirectOnFeatures { first, further })
    }
}

impl<R: Regressor> Forecaster for DirectOnFeatures<R>
where
    R::Fitted: Clone,
{
    type Fitted = FittedDirectOnFeatures<R::Fitted>;

    /// # Errors
    /// As for [`OnFeatures`].
    fn fit(&self, train: &Panel) -> Result<Self::Fitted> {
        self.fit_steps(train, true)
    }

    /// Without the back-test.
    fn fit_for_points(&self, train: &Panel) -> Result<Self::Fitted> {
        self.fit_steps(train, false)
    }
}

/// A fitted [`DirectOnFeatures`]: the regressions `F`, their features, and the end of each series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedDirectOnFeatures<F> {
    first: FittedOnFeatures<F>,
    further: Vec<Step<F>>,
}

impl<F> FittedDirectOnFeatures<F> {
    /// The frequency of the panel that was learned from.
    #[must_use]
    pub fn frequency(&self) -> Frequency {
        self.first.frequency()
    }

    /// The series, in the order of the panel.
    #[must_use]
    pub fn keys(&self) -> &[SeriesKey] {
        self.first.keys()
    }

    /// The last period of each series.
    #[must_use]
    pub fn origins(&self) -> &[Period] {
        self.first.origins()
    }

    /// The regressions, nearest step first; none if not even the first could be fitted and every series fell back.
    pub fn regressions(&self) -> impl Iterator<Item = &F> {
        self.first.regression().into_iter().chain(self.further.iter().map(|step| &step.fitted))
    }

    /// The names of the regressions' columns; empty if there is none.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        self.first.columns()
    }

    /// Steps whose errors were measured out of time; 0 if the widths come from in-sample errors.
    #[must_use]
    pub fn n_backtest_steps(&self) -> usize {
        self.first.n_backtest_steps()
    }
}

impl<F: FittedRegressor + Clone> Fitted for FittedDirectOnFeatures<F> {
    /// # Errors
    /// [`DataError::Series`](crate::DataError::Series) if a forecast made on the log scale grows beyond the range of numbers.
    fn forecast(&self, horizon: NonZeroUsize) -> Result<Forecast> {
        self.first.forecast_by(&self.further, horizon)
    }

    /// Lags move on, the regressions, scales and widths stay. A new value that is missing asks for another fit.
    fn updated(&self, new: &Panel) -> Result<Self> {
        Ok(Self { first: self.first.clone().moved_on(new)?, further: self.further.clone() })
    }
}

impl<F: FittedRegressor + Persist> Persist for FittedDirectOnFeatures<F> {
    const KIND: &'static str = "direct_on_features";
    const FORMAT: u32 = 1;

    fn revalidate(self) -> Result<Self, PersistError> {
        let invalid = |detail: &str| PersistError::Invalid { detail: detail.to_owned() };
        let first = self.first.revalidate()?;
        if first.regression().is_none() && !self.further.is_empty() {
            return Err(invalid("regressions of later steps without one of the first"));
        }
        if self.further.len() >= LONGEST {
            return Err(invalid("more than 200 regressions"));
        }
        if !self.further.iter().all(|step| step.range.0 <= step.range.1 && step.drift.is_finite()) {
            return Err(invalid("a range of targets that is none"));
        }
        let legal = |step: Step<F>| Ok(Step { fitted: step.fitted.revalidate()?, ..step });
        let further = self.further.into_iter().map(legal).collect::<Result<_, PersistError>>()?;
        Ok(Self { first, further })
    }
}
