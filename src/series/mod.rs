//! Models of one series, given as a slice: no panel, no dates.

use std::fmt::Debug;
use std::num::NonZeroUsize;

use crate::distribution::Predictive;
use crate::error::FitError;

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
    /// The distributions of the next `horizon` values, nearest first.
    fn predict(&self, horizon: NonZeroUsize) -> Vec<Predictive>;
}
