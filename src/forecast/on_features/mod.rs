//! One regression for all series of a panel.

mod ahead;
mod backtest;
mod direct;
mod fit;
mod fitted;
mod importance;
mod learn;
mod recipe;
mod rows;
mod saved;
mod seen;
mod update;

pub use self::direct::{DirectOnFeatures, FittedDirectOnFeatures};
pub use self::fitted::FittedOnFeatures;
pub use self::rows::TrainingRows;
use super::per_series::Support;
use super::scaled::TargetForm;
#[cfg(doc)]
use super::{Forecast, Forecaster};
use crate::error::ParamError;
use crate::feature::{self, Lag};
use crate::regression::Regressor;

/// Name of the scaled target in the panel that the features see.
const TARGET: &str = "target";

/// Longest step that a back-test inside the training span measures: the four years until a ninth-grader finishes.
const LONGEST_STEP: usize = 48;

/// One regression over all series: what happened after similar paths elsewhere in the panel.
///
/// ```text
/// z[i,t] = form(y[i,t]) / scale[i]      scale[i]: mean |y[t] - y[t-1]| of the series (of ln y for LogDifference)
/// z[i,t] = f(z[i,t-l] for each lag l, place in the year) + e        one f for all i
/// ```
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `target` | the first column | a column of the panel | what is forecast |
/// | `form` | [`TargetForm::Difference`] | | what `f` learns |
/// | `lags` | by frequency, below | as for [`Lag::of`] | lags of z |
/// | `features` | none | forms of [`feature::parse`] | more features of z, of a finite memory |
/// | `drift` | `false` | `true`, `false` | whether a common change of all series goes on |
/// | `support` | [`Support::FromData`] | | which values can happen |
/// | `calendar` | from 2 years of history on | `true`, `false` | month (to monthly panels) or quarter (quarterly), one-hot |
///
/// Default lags: monthly 1, 2, 3, 6, 12; quarterly 1, 2, 4, 8; weekly 1, 2, 3, 6, 12, 52; daily 1, 2, 3, 7, 14, 28; yearly
/// 1, 2; positions 1, 2, 3, 6, 12. Of these, the ones up to a third of the median history; 1 always.
///
/// Without `drift`, the part of the predictions that does not turn with the sign of the lags, on average over a year, is
/// taken out of every prediction: a series that does not move is forecast to stay where it is but for its season, and a
/// movement dies out. What all series did together (a recovery, a platform that grows) is not taken to go on. It has no
/// effect on levels.
///
/// **Several steps** are forecast recursively, a forecast serving as the next step's lag, and each step is kept within the
/// range of z that was learned from. [`OnFeatures::direct`] fits a regression for each step instead.
///
/// **The distribution** is measured out of time. The regression is fitted to the first two thirds of the span and
/// forecasts from up to 6 origins in the last third (at most 48 steps), with scales known at the first of them. Absolute
/// errors, in units of the scale, are pooled over series and origins at each step; their quantiles are the half-widths of
/// the central intervals, never narrower than one step before. Beyond the last step with 20 errors they grow with sqrt(h).
/// The windows overlap and share their calendar time, so a shock that hit none of them is not in the widths. Where the
/// span is too short for any of this, in-sample errors are used in the same way, growing with sqrt(h): too narrow for a
/// flexible regressor. [`FittedOnFeatures::n_backtest_steps`] tells which.
///
/// Missing values: rows with a missing lag are not learned from, unless the regression takes missing values
/// ([`Regressor::takes_missing`]): then one feature of the past is enough. [`OnFeatures::training_rows`] counts them. A series falls
/// back to a random walk, and [`Forecast::fallbacks`] says why, if its last values are missing or fewer than the lags need, if it is
/// constant, if the form cannot take it, or if the regression cannot be fitted at all. For a regression that takes missing values it
/// is enough that the last value and the one before are there; what lies before a gap within the reach of the lags is then forgotten.
/// Cost: two fits of the regression and `6 * steps` predictions of the panel.
///
/// # Examples
/// ```
/// use credcast::forecast::OnFeatures;
/// use credcast::{prelude::*, regression::Ols};
/// let start = Period::month(2020, 1).ok_or("no such month")?;
/// let wave = |phase: f64| (0..60).map(|t| 50.0 + f64::from(t) + 9.0 * (f64::from(t) / 6.0 + phase).sin()).collect();
/// let panel = Panel::from_series("postings", [
///     (SeriesKey::national("welder"), start, wave(0.0)),
///     (SeriesKey::national("nurse"), start, wave(2.0)),
/// ])?;
/// let forecast = OnFeatures::new(Ols).fit(&panel)?.forecast(12.try_into()?)?;
/// assert!(forecast.path(0)[11].point() > 100.0 && forecast.fallbacks().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct OnFeatures<R> {
    regressor: R,
    target: Option<String>,
    form: TargetForm,
    lags: Option<Vec<usize>>,
    features: Vec<String>,
    drift: bool,
    calendar: Option<bool>,
    support: Support,
}

impl<R: Regressor> OnFeatures<R> {
    /// The defaults around `regressor`.
    #[must_use]
    pub fn new(regressor: R) -> Self {
        Self {
            regressor,
            target: None,
            form: TargetForm::default(),
            lags: None,
            features: Vec::new(),
            drift: false,
            calendar: None,
            support: Support::default(),
        }
    }

    /// Sets the column to forecast.
    #[must_use]
    pub fn target(mut self, column: impl Into<String>) -> Self {
        self.target = Some(column.into());
        self
    }

    /// Sets which values can happen.
    #[must_use]
    pub fn support(mut self, support: Support) -> Self {
        self.support = support;
        self
    }

    /// Sets what the regression learns.
    #[must_use]
    pub fn form(mut self, form: TargetForm) -> Self {
        self.form = form;
        self
    }

    /// Sets the lags.
    ///
    /// # Errors
    /// [`ParamError`] for lags that [`Lag::of`] refuses.
    pub fn lags(mut self, lags: impl IntoIterator<Item = usize>) -> Result<Self, ParamError> {
        let lags: Vec<usize> = lags.into_iter().collect();
        Lag::of(lags.iter().copied())?;
        self.lags = Some(lags);
        Ok(self)
    }

    /// Adds features of z, in the forms of [`feature::parse`]: `rolling:mean,std:3,6`, `by_date:all:mean`. They see z as their
    /// only column.
    ///
    /// A feature that looks at the period to forecast itself (lag 0, a column known ahead), which is what is asked for, makes
    /// [`Forecaster::fit`] fail and name it. A feature of the whole history (expanding, exponentially weighted) makes [`Forecaster::fit`] fail: a fitted model keeps
    /// as many values of each series as its features look back on. So does one that compares series which do not all end in
    /// the same period.
    ///
    /// # Errors
    /// [`ParamError`] for a form that is not one.
    pub fn features(mut self, forms: impl IntoIterator<Item = impl Into<String>>) -> Result<Self, ParamError> {
        self.features = forms.into_iter().map(Into::into).collect();
        self.features.iter().try_for_each(|form| feature::parse(form).map(|_| ()))?;
        Ok(self)
    }

    /// Sets whether a common change of all series goes on.
    #[must_use]
    pub fn drift(mut self, drift: bool) -> Self {
        self.drift = drift;
        self
    }

    /// Sets whether the place in the year is a feature.
    #[must_use]
    pub fn calendar(mut self, calendar: bool) -> Self {
        self.calendar = Some(calendar);
        self
    }
}
