//! Values of earlier periods.

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

/// The values of a column some periods earlier, one column for each lag.
///
/// Columns are named `{column}_lag_{lag}`. Beyond the head of a series a lag is NaN; a missing value stays NaN. O(rows)
/// for each lag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lag {
    column: Option<String>,
    lags: Vec<usize>,
}

impl Lag {
    /// Lags of the panel's first column.
    ///
    /// # Errors
    /// [`ParamError`] unless there is at least one lag, each from 1 to 1200 and none twice.
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
    check_lengths("lags", lags, 1, "at least one, each from 1 to 1200, none twice")
}

impl Feature for Lag {
    fn fit(&self, train: &Panel) -> Result<Box<dyn FittedFeature>> {
        let index = self.column.as_ref().map_or(Ok(0), |name| train.column_index(name))?;
        Ok(Box::new(FittedLag { column: train.columns()[index].clone(), lags: self.lags.clone() }))
    }
}

/// Lags of a column that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FittedLag {
    column: String,
    lags: Vec<usize>,
}

impl FittedLag {
    /// The checks of [`Lag::of`], on what was read.
    pub(super) fn check(&self) -> Result<(), ParamError> {
        check(&self.lags)
    }

    /// The lag of each column.
    pub(super) fn lags(&self) -> &[usize] {
        &self.lags
    }
}

impl Tiled for FittedLag {
    fn reach(&self) -> usize {
        self.lags.iter().max().copied().unwrap_or(0)
    }

    fn write<T: Element>(&self, rows: &mut impl Rows, out: &mut [&mut [T]]) -> Result<()> {
        let column = rows.column(&self.column)?;
        let values = rows.windows(column, Kept::Value, 1);
        for (&lag, out) in self.lags.iter().zip(out) {
            rows.write(out, lag, Column::Copy(rows.lagged(values, lag)));
        }
        Ok(())
    }
}

impl FittedFeature for FittedLag {
    fn columns(&self) -> Vec<String> {
        self.lags.iter().map(|lag| format!("{}_lag_{lag}", self.column)).collect()
    }

    fn fill(&self, series: SeriesView<'_>, out: ArrayViewMut2<'_, f64>) -> Result<()> {
        tile::fill(self, series, out)
    }

    fn memory(&self) -> Option<usize> {
        self.lags.iter().max().copied()
    }

    fn spec(&self) -> Option<FeatureSpec> {
        Some(FeatureSpec::Lag(self.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lag_leaves_head_missing() {
        let start = crate::time::Period::month(2024, 1).unwrap();
        let series = [(crate::key::SeriesKey::national("welder"), start, vec![1.0, 2.0, 3.0, 4.0])];
        let panel = Panel::from_series("y", series).unwrap();
        let fitted = Lag::of([3, 9]).unwrap().fit(&panel).unwrap();
        let mut out = ndarray::Array2::zeros((4, 2));
        fitted.fill(panel.series(0), out.view_mut()).unwrap();
        assert!(out.column(0).iter().take(3).all(|v| v.is_nan()));
        assert_eq!(out[[3, 0]].to_bits(), 1.0_f64.to_bits());
        assert!(out.column(1).iter().all(|v| v.is_nan()));
    }

    #[test]
    fn lags_outside_their_range_are_refused() {
        for lags in [vec![], vec![0], vec![1, 1], vec![1201]] {
            assert_eq!(Lag::of(lags).unwrap_err().name, "lags");
        }
        assert!(Lag::of([1, 1200]).is_ok());
    }
}
