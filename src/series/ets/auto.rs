use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::LONGEST_SEASON;
use super::descent::Point;
use super::fitted::FittedEts;
use super::form::EtsForm;
use super::prepared::Prepared;
use super::weights::Given;
use crate::distribution::Predictive;
use crate::error::{FitError, ParamError};
use crate::series::{FittedSeries, SeriesModel};

/// What the chosen form has least of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum EtsCriterion {
    /// Akaike's criterion for short series.
    #[default]
    Aicc,
    /// Akaike's criterion.
    Aic,
    /// The Bayesian criterion.
    Bic,
}

impl EtsCriterion {
    pub(super) fn value(self, deviance: f64, n_parameters: usize, n: usize) -> f64 {
        let (n, k) = (n as f64, n_parameters as f64);
        let aic = deviance + 2.0 * k;
        match self {
            Self::Aicc if n > k + 1.0 => aic + 2.0 * k * (k + 1.0) / (n - k - 1.0),
            Self::Aicc => f64::INFINITY,
            Self::Aic => aic,
            Self::Bic => deviance + k * n.ln(),
        }
    }
}

/// Forms whose criterion is behind by no more than this are led to the bottom of their valleys before one is chosen.
const CLOSE: f64 = 1.0;

/// Exponential smoothing of the form that fits a series best for its number of parameters.
///
/// Every form of [`EtsForm`] that the series allows is fitted as by [`Ets`](super::Ets), and the one of least `criterion` is kept.
///
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `season` | - | at least 1 | periods per cycle; 1, or more than 24 as in R, leaves the seasonal forms out |
/// | `criterion` | `Aicc` | an [`EtsCriterion`] | what is compared |
/// | `multiplicative_trend` | no | - | whether forms with a multiplicative trend are tried too; not by default, as in R |
///
/// Multiplicative errors, and so multiplicative seasons, are tried on positive series only. A form is tried where the series has
/// at least two values more than the form has weights, initial states and variance; with fewer than 5 values there is no such form, and simple smoothing
/// from the first value on is used. A series of equal values is a point mass. Missing values, variance, points: see
/// [`Ets`](super::Ets). Needs 2 observations.
/// Sources: Hyndman, Koehler, Snyder & Grose (2002), "A state space framework for automatic forecasting using exponential
/// smoothing methods", IJF 18; Hyndman, Koehler, Ord & Snyder (2008), ch. 7.
///
/// # Examples
/// ```
/// use std::num::NonZeroUsize;
/// use credcast::series::{AutoEts, FittedSeries, SeriesModel};
/// let cycle = [0.8, 1.1, 1.3, 0.8];
/// let y: Vec<f64> = (0..40).map(|t| (100.0 + 3.0 * t as f64) * cycle[t % 4] + (t * 7 % 5) as f64).collect();
/// let fitted = AutoEts::new(NonZeroUsize::new(4).ok_or("season")?).fit(&y)?;
/// assert_eq!(fitted.chosen().form().to_string(), "MAM");
/// assert!((fitted.points(NonZeroUsize::MIN)[0] - 178.0).abs() < 5.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct AutoEts {
    season: NonZeroUsize,
    criterion: EtsCriterion,
    multiplicative_trend: bool,
}

impl AutoEts {
    /// A choice among forms with cycles of `season` periods, and among those without.
    pub fn new(season: NonZeroUsize) -> Self {
        Self { season, criterion: EtsCriterion::default(), multiplicative_trend: false }
    }

    /// Sets what is compared.
    pub fn criterion(mut self, criterion: EtsCriterion) -> Self {
        self.criterion = criterion;
        self
    }

    /// Sets whether forms with a multiplicative trend are tried.
    pub fn multiplicative_trend(mut self, multiplicative_trend: bool) -> Self {
        self.multiplicative_trend = multiplicative_trend;
        self
    }
}

impl SeriesModel for AutoEts {
    const NAME: &'static str = "auto_ets";
    type Fitted = FittedAutoEts;

    fn fit(&self, y: &[f64]) -> Result<FittedAutoEts, FitError> {
        let m = if self.season.get() <= LONGEST_SEASON { self.season.get() } else { 1 };
        let prepared = Prepared::new(y, m)?;
        if let Some(chosen) = prepared.constant() {
            return Ok(FittedAutoEts { chosen });
        }
        let mut candidates = prepared.candidates(Given::default());
        let mut rivals: Vec<(f64, EtsForm, Point)> = Vec::new();
        for form in EtsForm::all() {
            let allowed = (m > 1 || !form.is_seasonal())
                && (self.multiplicative_trend || !form.has_multiplicative_trend())
                && (prepared.not_positive().is_none() || !form.has_multiplicative_errors())
                && prepared.n() >= prepared.needed(form, form.n_weights());
            if allowed && let Some(point) = candidates.fit(form) {
                let n_parameters = form.n_weights() + form.n_states(m) + 1;
                let value = self.criterion.value(point.measured.deviance, n_parameters, prepared.n());
                rivals.push((value, form, point));
            }
        }
        rivals.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut best: Option<(f64, FittedEts)> = None;
        for (value, form, point) in &rivals {
            // Far closer than `CLOSE` to its minimum, a form behind by more cannot come first.
            if best.is_some() && value - rivals[0].0 > CLOSE {
                break;
            }
            let finished = candidates.finish(*form, point);
            let fitted = finished.and_then(|point| prepared.fitted(*form, Given::default(), &point));
            let Some(fitted) = fitted.filter(|fitted| fitted.check().is_ok()) else { continue };
            let value = self.criterion.value(-2.0 * fitted.loglik(), fitted.n_parameters(), prepared.n());
            if best.as_ref().is_none_or(|(least, _)| value < *least) {
                best = Some((value, fitted));
            }
        }
        Ok(FittedAutoEts { chosen: best.map_or_else(|| prepared.shortest(), |(_, fitted)| fitted) })
    }
}

/// A fitted [`AutoEts`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedAutoEts {
    chosen: FittedEts,
}

impl FittedAutoEts {
    /// The fit of the form that was chosen.
    #[must_use]
    pub fn chosen(&self) -> &FittedEts {
        &self.chosen
    }
}

impl FittedSeries for FittedAutoEts {
    const NAME: &'static str = AutoEts::NAME;

    fn predict(&self, horizon: NonZeroUsize) -> Vec<Predictive> {
        self.chosen.predict(horizon)
    }

    fn points(&self, horizon: NonZeroUsize) -> Vec<f64> {
        self.chosen.points(horizon)
    }

    fn error_weights(&self, horizon: NonZeroUsize) -> Vec<f64> {
        self.chosen.error_weights(horizon)
    }

    fn updated(&self, new: &[f64]) -> Option<Self> {
        self.chosen.updated(new).map(|chosen| Self { chosen })
    }

    fn check(&self) -> Result<(), ParamError> {
        self.chosen.check()
    }
}
