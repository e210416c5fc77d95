//! Which values are missing.

use ndarray::ArrayViewMut2;
use serde::{Deserialize, Serialize};

use super::element::Element;
use super::rows::{Kept, Rows, Tiled};
use super::tile;
use super::windowed::check_lengths;
use super::{Feature, FeatureSpec, FittedFeature};
use crate::error::{ParamError, Result};
use crate::numeric::rows::Column;
use crate::panel::{Panel, SeriesView};

/// Whether a value some periods earlier is missing: 1 if so, else 0.
///
/// Columns: `{column}_lag_{lag}_missing`. Never NaN but in the first `lag` rows of a series. O(rows) for each lag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingIndicator {
    column: Option<String>,
    lags: Vec<usize>,
}

impl MissingIndicator {
    /// Of the panel's first column.
    ///
    /// # Errors
    /// [`ParamError`] unless there is at least one lag, each from 0 to 1200 and none twice.
    pub fn of(lags: impl IntoIterator<Item = usize>) -> Result<Self, ParamError> {
        let lags: Vec<usize> = lags.into_iter().collect();
        check(&lags)?;
        Ok(Self { column: None, lags })
    }

    /// Takes `column` in the place of the first.
    #[must_use]
    pub fn column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }
}

fn check(lags: &[usize]) -> Result<(), ParamError> {
    check_lengths("lags", lags, 0, "at least one, each from 0 to 1200, none twice")
}

impl Feature for MissingIndicator {
    fn fit(&self, train: &Panel) -> Result<Box<dyn FittedFeature>> {
        let index = self.column.as_ref().map_or(Ok(0), |name| train.column_index(name))?;
        Ok(Box::new(FittedMissing { column: train.columns()[index].clone(), lags: self.lags.clone() }))
    }
}

/// [`MissingIndicator`] of a column that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FittedMissing {
    column: String,
    lags: Vec<usize>,
}

impl FittedMissing {
    /// The checks of [`MissingIndicator::of`], on what was read.
    pub(super) fn check(&self) -> Result<(), ParamError> {
        check(&self.lags)
    }
}

impl Tiled for FittedMissing {
    fn reach(&self) -> usize {
        self.lags.iter().max().copied().unwrap_or(0)
    }

    fn write<T: Element>(&self, rows: &mut impl Rows, out: &mut [&mut [T]]) -> Result<()> {
        let column = rows.column(&self.column)?;
        let values = rows.windows(column, Kept::Value, 1);
        let mut missing = rows.scratch();
        for (&lag, out) in self.lags.iter().zip(out) {
            let lagged = missing.iter_mut().zip(rows.lagged(values, lag));
            lagged.for_each(|(missing, value)| *missing = f64::from(u8::from(value.is_nan())));
            rows.write(out, lag, Column::Copy(&missing));
        }
        rows.give_back(missing);
        Ok(())
    }
}

impl FittedFeature for FittedMissing {
    fn columns(&self) -> Vec<String> {
        self.lags.iter().map(|lag| format!("{}_lag_{lag}_missing", self.column)).collect()
    }

    fn fill(&self, series: SeriesView<'_>, out: ArrayViewMut2<'_, f64>) -> Result<()> {
        tile::fill(self, series, out)
    }

    fn memory(&self) -> Option<usize> {
        Some(self.reach())
    }

    fn spec(&self) -> Option<FeatureSpec> {
        Some(FeatureSpec::Missing(self.clone()))
    }
}
