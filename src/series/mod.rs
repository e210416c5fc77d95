//! Models of one series, given as a slice: no panel, no dates.
//!
//! Values are oldest first and NaN is missing. When the last values of a series are missing, forecasts still count
//! from its last position, so they lie further from the last value and are wider.

mod adjusted;
mod arima;
mod breaks;
mod ces;
mod count_autoregression;
mod damped_holt;
mod decomposed;
mod diffusion;
mod drift;
mod ets;
mod intermittent;
mod naive;
mod naive2;
mod seasonal_naive;
mod ses;
mod theta;

use std::fmt::Debug;
use std::num::NonZeroUsize;

pub use self::arima::{Arima, ArimaOrder, ArimaParams, AutoArima, AutoArimaParams, FittedArima, FittedAutoArima};
pub use self::breaks::{
    Break, BreakAware, BreakAwareParams, BreakDetector, BreakDetectorParams, BreakKind, BreakSearch, BreakTreatment,
    Breaks, FittedBreakAware,
};
pub use self::ces::{Ces, CesForm, FittedCes};
pub use self::count_autoregression::{
    CountAutoregression, CountAutoregressionParams, CountFamily, CountMemory, FittedCountAutoregression,
};
pub use self::damped_holt::{DampedHolt, DampedHoltParams, FittedDampedHolt};
pub use self::decomposed::{Decomposition, FittedMstl, Mstl, MstlParams, Season};
pub use self::diffusion::{Bass, ExponentialDecline, FittedBass, FittedExponentialDecline, FittedLogistic, Logistic};
pub use self::drift::{Drift, FittedDrift};
pub use self::ets::{AutoEts, Ets, EtsCriterion, EtsForm, EtsParams, EtsSeason, EtsTrend, FittedAutoEts, FittedEts};
pub use self::intermittent::{
    Adida, Croston, CrostonParams, FittedAdida, FittedCroston, FittedImapa, FittedSba, FittedTsb, Imapa, Sba,
    SbaParams, Tsb, TsbParams,
};
pub use self::naive::{FittedNaive, Naive};
pub use self::naive2::{FittedNaive2, Naive2};
pub use self::seasonal_naive::{FittedSeasonalNaive, SeasonalNaive};
pub use self::ses::{FittedSes, Ses, SesParams};
pub use self::theta::{
    AutoTheta, Dot, DynamicTheta, FittedAutoTheta, FittedDot, FittedDynamicTheta, FittedOptimisedTheta, FittedTheta,
    OptimisedTheta, Theta, ThetaForm,
};
use crate::distribution::Predictive;
use crate::error::{FitError, ParamError};

/// A model of one series. Configuration only: what it learns lives in [`SeriesModel::Fitted`].
pub trait SeriesModel: Debug + Send + Sync {
    /// The name used in options, tables and files, in lower case.
    const NAME: &'static str;
    /// What `fit` learns.
    type Fitted: FittedSeries;

    /// Learns from `y`, oldest first, at least one value. Each model says how it treats missing values (NaN).
    ///
    /// # Errors
    /// [`FitError`] if the series is too short or holds values that the model cannot use.
    fn fit(&self, y: &[f64]) -> Result<Self::Fitted, FitError>;
}

/// A model that has seen its series.
pub trait FittedSeries: Debug + Send + Sync {
    /// The name of the model that it comes from.
    const NAME: &'static str;

    /// The distributions of the next `horizon` values, nearest first.
    fn predict(&self, horizon: NonZeroUsize) -> Vec<Predictive>;

    /// The point forecasts of the next `horizon` values, those of [`FittedSeries::predict`]: at less cost where a
    /// distribution has to be simulated.
    fn points(&self, horizon: NonZeroUsize) -> Vec<f64> {
        self.predict(horizon).iter().map(Predictive::point).collect()
    }

    /// How the error of one period shows in the values from there on: `psi[0] = 1, psi[1], ...`, one for each of
    /// `horizon` steps, so that the error of step h is `psi[0] e[h] + psi[1] e[h-1] + ... + psi[h-1] e[1]`. Joint
    /// paths have the dependence that these weights give them and the distributions of [`FittedSeries::predict`].
    /// A random walk, 1 throughout, unless a model knows better.
    fn error_weights(&self, horizon: NonZeroUsize) -> Vec<f64> {
        vec![1.0; horizon.get()]
    }

    /// The model after the values `new`, which follow those that it was fitted to: states moved on, parameters as they
    /// are. `None` if it would have to be fitted again, or if a new value cannot be used.
    fn updated(&self, new: &[f64]) -> Option<Self>
    where
        Self: Sized,
    {
        let _ = new;
        None
    }

    /// Checks what was read from outside: states finite, weights in their ranges.
    ///
    /// # Errors
    /// [`ParamError`] for the first rule broken.
    fn check(&self) -> Result<(), ParamError>;
}

/// Largest size of a value. The square of a difference of two such values, summed over any series that fits in
/// memory, is still a finite number.
const LARGEST: f64 = 1e150;
/// Largest size of a state or a scale that was read from outside: extrapolated states may exceed the data somewhat.
const LARGEST_STATE: f64 = 1e155;
/// Most missing values at the end that a state read from outside may have: prediction walks through them.
const LARGEST_GAP: usize = 10_000_000;

/// Counts the values that are present, which must be at least `needed`, finite and not too large.
fn count_present(y: &[f64], needed: usize) -> Result<usize, FitError> {
    let mut found = 0;
    for (position, &value) in y.iter().enumerate().filter(|(_, v)| !v.is_nan()) {
        if value.is_infinite() {
            return Err(FitError::NotFinite { position, value });
        }
        if value.abs() > LARGEST {
            return Err(FitError::TooLarge { position, value, limit: LARGEST });
        }
        found += 1;
    }
    if found < needed { Err(FitError::TooShort { needed, found }) } else { Ok(found) }
}

/// The values that are present, with their positions.
fn present(y: &[f64]) -> impl DoubleEndedIterator<Item = (usize, f64)> + Clone {
    y.iter().copied().enumerate().filter(|(_, v)| !v.is_nan())
}

/// Number of missing values at the end.
fn trailing_gap(y: &[f64]) -> usize {
    y.iter().rev().take_while(|v| v.is_nan()).count()
}

/// A normal distribution; states are finite by the checks of `fit` and `check`, so the fallback is never taken.
fn normal(mean: f64, sd: f64) -> Predictive {
    Predictive::normal(mean, sd).unwrap_or(Predictive::Point(mean))
}

fn check_state(name: &'static str, value: f64) -> Result<(), ParamError> {
    if value.abs() <= LARGEST_STATE { Ok(()) } else { Err(ParamError::new(name, value, "at most 1e155 in size")) }
}

fn check_sigma(sigma: f64) -> Result<(), ParamError> {
    if (0.0..=LARGEST_STATE).contains(&sigma) { Ok(()) } else { Err(ParamError::new("sigma", sigma, "in [0, 1e155]")) }
}

fn check_gap(gap: usize) -> Result<(), ParamError> {
    if gap <= LARGEST_GAP { Ok(()) } else { Err(ParamError::new("gap", gap, "at most 10000000")) }
}
