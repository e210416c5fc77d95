//! What is known before the period begins.

use ndarray::ArrayViewMut2;
use serde::{Deserialize, Serialize};

use super::element::Element;
use super::rows::{Kept, Rows, Tiled};
use super::tile;
use super::{Feature, FeatureSpec, FittedFeature};
use crate::error::{ParamError, Result};
use crate::numeric::rows::Column;
use crate::panel::{Panel, SeriesView};

/// Columns of the panel that are known ahead: a plan, a law, a price that is set. Their value in the period itself.
///
/// ```text
/// x[t] = y[t]
/// ```
/// Columns: the names of the columns. Whether a column really is known ahead, nothing but the user can say: a column that is
/// measured leaks here. Missing values stay NaN. O(rows) for each column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFuture(Vec<String>);

impl KnownFuture {
    /// These columns.
    ///
    /// # Errors
    /// [`ParamError`] unless there is at least one column and none twice.
    pub fn columns(names: impl IntoIterator<Item = impl Into<String>>) -> Result<Self, ParamError> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        super::windowed::check_once("columns", &names)?;
        Ok(Self(names))
    }
}

impl Feature for KnownFuture {
    fn fit(&self, train: &Panel) -> Result<Box<dyn FittedFeature>> {
        for name in &self.0 {
            train.column_index(name)?;
        }
        Ok(Box::new(FittedKnownFuture(self.0.clone())))
    }
}

/// [`KnownFuture`] of columns that were found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FittedKnownFuture(Vec<String>);

impl FittedKnownFuture {
    /// The checks of [`KnownFuture::columns`], on what was read.
    pub(super) fn check(&self) -> Result<(), ParamError> {
        super::windowed::check_once("columns", &self.0)
    }
}

impl Tiled for FittedKnownFuture {
    fn reach(&self) -> usize {
        0
    }

    fn write<T: Element>(&self, rows: &mut impl Rows, out: &mut [&mut [T]]) -> Result<()> {
        for (name, out) in self.0.iter().zip(out) {
            let column = rows.column(name)?;
            let values = rows.windows(column, Kept::Value, 1);
            rows.write(out, 0, Column::Copy(rows.lagged(values, 0)));
        }
        Ok(())
    }
}

impl FittedFeature for FittedKnownFuture {
    fn columns(&self) -> Vec<String> {
        self.0.clone()
    }

    fn fill(&self, series: SeriesView<'_>, out: ArrayViewMut2<'_, f64>) -> Result<()> {
        tile::fill(self, series, out)
    }

    fn memory(&self) -> Option<usize> {
        Some(0)
    }

    fn spec(&self) -> Option<FeatureSpec> {
        Some(FeatureSpec::KnownFuture(self.clone()))
    }
}
