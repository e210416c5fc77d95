//! Time itself.

use ndarray::ArrayViewMut2;
use serde::{Deserialize, Serialize};

use super::element::Element;
use super::rows::{Rows, Tiled, write_periods};
use super::tile;
use super::{Feature, FeatureSpec, FittedFeature};
use crate::error::{DataError, ParamError, Result};
use crate::numeric::rows::Column;
use crate::panel::{Panel, SeriesView};
use crate::time::Period;

/// A trend index: how many periods have passed.
///
/// Column: `age`, periods since the series began; or `trend`, periods since the first period of the training span, the same for
/// all series of a period. Never missing. Trees cannot go beyond the largest index that they were fitted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trend {
    /// Since the series began.
    Age,
    /// Since the training span began.
    Training,
}

impl Feature for Trend {
    fn fit(&self, train: &Panel) -> Result<Box<dyn FittedFeature>> {
        let first = || train.first_period().ok_or(DataError::Empty { what: "the panel".into() });
        let since = if *self == Self::Age { None } else { Some(first()?) };
        Ok(Box::new(FittedTrend { since }))
    }
}

/// [`Trend`] with the period that it counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FittedTrend {
    since: Option<Period>,
}

impl FittedTrend {
    /// Nothing to check: every period is legal.
    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "the form that all features share")]
    pub(super) fn legal(&self) -> Result<(), ParamError> {
        Ok(())
    }
}

impl Tiled for FittedTrend {
    fn reach(&self) -> usize {
        0
    }

    fn write<T: Element>(&self, rows: &mut impl Rows, out: &mut [&mut [T]]) -> Result<()> {
        let Some(first) = self.since else {
            rows.write(out[0], 0, Column::Copy(rows.age()));
            return Ok(());
        };
        write_periods(rows, out, |key, period, cells| {
            let since = period.since(first).ok_or_else(|| {
                let (expected, found) = (first.frequency(), period.frequency());
                DataError::MixedFrequency { key: key.clone(), expected, found }
            })?;
            cells[0] = f64::from(since);
            Ok(())
        })
    }
}

impl FittedFeature for FittedTrend {
    fn columns(&self) -> Vec<String> {
        vec![if self.since.is_some() { "trend".into() } else { "age".into() }]
    }

    fn fill(&self, series: SeriesView<'_>, out: ArrayViewMut2<'_, f64>) -> Result<()> {
        tile::fill(self, series, out)
    }

    fn memory(&self) -> Option<usize> {
        self.since.map(|_| 0)
    }

    fn spec(&self) -> Option<FeatureSpec> {
        Some(FeatureSpec::Trend(*self))
    }
}
