//! One column over another.

use ndarray::ArrayViewMut2;
use serde::{Deserialize, Serialize};

use super::element::Element;
use super::rows::{Kept, Rows, Tiled};
use super::tile;
use super::windowed::{FittedOrigin, Origin};
use super::{Feature, FeatureSpec, FittedFeature};
use crate::error::{ParamError, Result};
use crate::numeric::rows::Column;
use crate::panel::{Panel, SeriesView};

/// One column over another, `lag` periods ago: with completions over openings, the supply for each unit of demand.
///
/// ```text
/// x[t] = a[t - lag] / b[t - lag]
/// ```
/// Column: `{a}_lag_{lag}_per_{b}`. NaN where `b` is 0, where either value is missing, and in the first `lag` rows. O(rows).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ratio {
    origin: Origin,
    over: String,
}

impl Ratio {
    /// `column` over `over`, one period ago.
    #[must_use]
    pub fn of(column: impl Into<String>, over: impl Into<String>) -> Self {
        Self { origin: Origin { column: Some(column.into()), lag: 1 }, over: over.into() }
    }

    /// Sets how old the values are.
    ///
    /// # Errors
    /// [`ParamError`] above 1200.
    pub fn lag(mut self, lag: usize) -> Result<Self, ParamError> {
        self.origin.lag = lag;
        self.origin.check()?;
        Ok(self)
    }
}

impl Feature for Ratio {
    fn fit(&self, train: &Panel) -> Result<Box<dyn FittedFeature>> {
        train.column_index(&self.over)?;
        Ok(Box::new(FittedRatio { origin: self.origin.find(train)?, over: self.over.clone() }))
    }
}

/// [`Ratio`] of columns that were found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FittedRatio {
    origin: FittedOrigin,
    over: String,
}

impl FittedRatio {
    /// The checks of [`Ratio::lag`], on what was read.
    pub(super) fn check(&self) -> Result<(), ParamError> {
        self.origin.check()
    }
}

impl Tiled for FittedRatio {
    fn reach(&self) -> usize {
        self.origin.lag
    }

    fn write<T: Element>(&self, rows: &mut impl Rows, out: &mut [&mut [T]]) -> Result<()> {
        let lag = self.origin.lag;
        let (above, below) = (rows.column(&self.origin.column)?, rows.column(&self.over)?);
        let (above, below) = (rows.windows(above, Kept::Value, 1), rows.windows(below, Kept::Value, 1));
        let mut ratios = rows.scratch();
        for ((ratio, above), below) in ratios.iter_mut().zip(rows.lagged(above, lag)).zip(rows.lagged(below, lag)) {
            *ratio = if *below == 0.0 { f64::NAN } else { above / below };
        }
        rows.write(out[0], lag, Column::Copy(&ratios));
        rows.give_back(ratios);
        Ok(())
    }
}

impl FittedFeature for FittedRatio {
    fn columns(&self) -> Vec<String> {
        vec![format!("{}_per_{}", self.origin.name(), self.over)]
    }

    fn fill(&self, series: SeriesView<'_>, out: ArrayViewMut2<'_, f64>) -> Result<()> {
        tile::fill(self, series, out)
    }

    fn memory(&self) -> Option<usize> {
        Some(self.origin.lag)
    }

    fn spec(&self) -> Option<FeatureSpec> {
        Some(FeatureSpec::Ratio(self.clone()))
    }
}
