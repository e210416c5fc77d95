//! Changes over one or more periods.

use ndarray::ArrayViewMut2;
use serde::{Deserialize, Serialize};

use super::element::Element;
use super::rows::{Kept, Rows, Tiled};
use super::tile;
use super::windowed::{FittedOrigin, Origin, check_lengths};
use super::{Feature, FeatureSpec, FittedFeature};
use crate::error::{ParamError, Result};
use crate::numeric::rows::Column;
use crate::panel::{Panel, SeriesView};

/// How a change is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Change {
    /// `new - old`, in the units of the column.
    Difference,
    /// `new / old - 1`; NaN where `old` is 0.
    Relative,
    /// `ln(new / old)`; NaN unless both are above 0.
    Log,
}

impl Change {
    fn name(self) -> &'static str {
        match self {
            Self::Difference => "difference",
            Self::Relative => "relative_change",
            Self::Log => "log_change",
        }
    }

    fn of(self, new: f64, old: f64) -> f64 {
        match self {
            Self::Difference => new - old,
            Self::Relative if old == 0.0 => f64::NAN,
            Self::Relative => new / old - 1.0,
            Self::Log if new > 0.0 && old > 0.0 => (new / old).ln(),
            Self::Log => f64::NAN,
        }
    }
}

/// The change of a column over `span` periods, `lag` periods ago.
///
/// ```text
/// x[t] = change(y[t - lag], y[t - lag - span])
/// ```
/// Columns: `{column}_lag_{lag}_{change}_{span}`. NaN where one of the two values is missing, and in the first `lag + span`
/// rows. O(rows) for each span.
///
/// # Examples
/// ```
/// use credcast::feature::{Change, Difference, FeaturePipeline};
/// use credcast::{Panel, Period, SeriesKey};
/// let start = Period::month(2024, 1).unwrap();
/// let panel = Panel::from_series("y", [(SeriesKey::national("welder"), start, vec![12.0, 15.0, 11.0, 9.0])])?;
/// let pipeline = FeaturePipeline::new().then(Difference::over(Change::Difference, [1])?);
/// let matrix = pipeline.fit(&panel)?.transform(&panel)?;
/// assert_eq!(matrix.column("y_lag_1_difference_1")?[2..], [3.0, -4.0]);
/// # Ok::<(), credcast::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub(super) origin: Origin,
    change: Change,
    spans: Vec<usize>,
}

impl Difference {
    /// Changes of the panel's first column, one period ago.
    ///
    /// # Errors
    /// [`ParamError`] unless there is at least one span, each from 1 to 1200 and none twice.
    pub fn over(change: Change, spans: impl IntoIterator<Item = usize>) -> Result<Self, ParamError> {
        let spans: Vec<usize> = spans.into_iter().collect();
        check_lengths("spans", &spans, 1, "at least one, each from 1 to 1200, none twice")?;
        Ok(Self { origin: Origin::new(), change, spans })
    }

    /// Takes `column` in the place of the first.
    #[must_use]
    pub fn column(mut self, column: impl Into<String>) -> Self {
        self.origin.column = Some(column.into());
        self
    }

    /// Sets how old the newer value is.
    ///
    /// # Errors
    /// [`ParamError`] above 1200.
    pub fn lag(mut self, lag: usize) -> Result<Self, ParamError> {
        self.origin.lag = lag;
        self.origin.check()?;
        Ok(self)
    }
}

impl Feature for Difference {
    fn fit(&self, train: &Panel) -> Result<Box<dyn FittedFeature>> {
        let origin = self.origin.find(train)?;
        Ok(Box::new(FittedDifference { origin, change: self.change, spans: self.spans.clone() }))
    }
}

/// [`Difference`] of a column that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FittedDifference {
    origin: FittedOrigin,
    change: Change,
    spans: Vec<usize>,
}

impl FittedDifference {
    /// The checks of [`Difference::over`], on what was read.
    pub(super) fn check(&self) -> Result<(), ParamError> {
        self.origin.check()?;
        check_lengths("spans", &self.spans, 1, "at least one, each from 1 to 1200, none twice")
    }
}

impl Tiled for FittedDifference {
    fn reach(&self) -> usize {
        self.origin.lag + self.spans.iter().max().copied().unwrap_or(0)
    }

    fn write<T: Element>(&self, rows: &mut impl Rows, out: &mut [&mut [T]]) -> Result<()> {
        let column = rows.column(&self.origin.column)?;
        let values = rows.windows(column, Kept::Value, 1);
        let lag = self.origin.lag;
        let mut changes = Vec::new();
        for (&span, out) in self.spans.iter().zip(out) {
            let (new, old) = (rows.lagged(values, lag), rows.lagged(values, lag + span));
            let from = if self.change == Change::Difference {
                Column::Difference(new, old)
            } else {
                changes.clear();
                changes.extend(new.iter().zip(old).map(|(&new, &old)| self.change.of(new, old)));
                Column::Copy(&changes)
            };
            rows.write(out, lag + span, from);
        }
        Ok(())
    }
}

impl FittedFeature for FittedDifference {
    fn columns(&self) -> Vec<String> {
        let (prefix, change) = (self.origin.name(), self.change.name());
        self.spans.iter().map(|span| format!("{prefix}_{change}_{span}")).collect()
    }

    fn fill(&self, series: SeriesView<'_>, out: ArrayViewMut2<'_, f64>) -> Result<()> {
        tile::fill(self, series, out)
    }

    fn memory(&self) -> Option<usize> {
        Some(self.reach())
    }

    fn spec(&self) -> Option<FeatureSpec> {
        Some(FeatureSpec::Difference(self.clone()))
    }
}
