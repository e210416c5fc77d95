//! From a panel to a design matrix, without looking ahead.

use std::fmt::Debug;

use ndarray::ArrayViewMut2;

use crate::error::Result;
use crate::panel::{Panel, SeriesView};

/// A recipe for columns of the design matrix.
pub trait Feature: Debug + Send + Sync {
    /// Learns what the feature needs (scales, categories) from the training span only.
    ///
    /// # Errors
    /// Whatever in `train` the feature cannot use.
    fn fit(&self, train: &Panel) -> Result<Box<dyn FittedFeature>>;
}

/// A feature that has seen its training span.
pub trait FittedFeature: Debug + Send + Sync {
    /// The names of the columns it writes.
    fn columns(&self) -> Vec<String>;

    /// Writes its columns (`out`: one row for each row of `series`, one column for each name).
    ///
    /// Row `t` of `out` may depend on periods up to `t` only, of `series` or of its peers in `series.panel()`.
    ///
    /// # Errors
    /// Whatever in `series` the feature cannot use.
    fn fill(&self, series: SeriesView<'_>, out: ArrayViewMut2<'_, f64>) -> Result<()>;
}
