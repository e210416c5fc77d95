//! How long ago something happened.

use ndarray::ArrayViewMut2;
use serde::{Deserialize, Serialize};

use super::element::Element;
use super::rows::{Rows, Tiled};
use super::tile;
use super::windowed::{FittedOrigin, Origin, check_once};
use super::{Feature, FeatureSpec, FittedFeature};
use crate::error::{ParamError, Result};
use crate::numeric::rows::Column;
use crate::panel::{Panel, SeriesView};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// The largest value so far; the last one, if there are several.
    Peak,
    /// A value that is not 0.
    Nonzero,
}

impl Event {
    pub(super) const ALL: [(&'static str, Self); 2] = [("peak", Self::Peak), ("nonzero", Self::Nonzero)];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, event)| *event == self).map_or("", |(name, _)| name)
    }

    /// Takes one value into `[periods since, peak]`.
    fn next(self, [since, peak]: &mut [f64; 2], value: f64) -> [f64; 1] {
        let happens = match self {
            Self::Peak => value >= *peak,
            Self::Nonzero => !value.is_nan() && value != 0.0,
        };
        if happens {
            (*since, *peak) = (0.0, value);
        } else {
            *since += 1.0;
        }
        [*since]
    }
}

/// Periods since an event, seen `lag` periods ago.
///
/// ```text
/// x[t] = (t - lag) - the last s <= t - lag with the event
/// ```
/// Columns: `{column}_lag_{lag}_since_{event}`. A missing value is no event, but its period counts; NaN before the first event.
/// O(rows) for each event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Since {
    pub(super) origin: Origin,
    events: Vec<Event>,
}

impl Since {
    /// Events of the panel's first column, seen one period ago.
    ///
    /// # Errors
    /// [`ParamError`] unless there is at least one event and none twice.
    pub fn of(events: impl IntoIterator<Item = Event>) -> Result<Self, ParamError> {
        let events: Vec<Event> = events.into_iter().collect();
        check_once("events", &events)?;
        Ok(Self { origin: Origin::new(), events })
    }

    /// Takes `column` in the place of the first.
    #[must_use]
    pub fn column(mut self, column: impl Into<String>) -> Self {
        self.origin.column = Some(column.into());
        self
    }

    /// Sets how old the newest value is.
    ///
    /// # Errors
    /// [`ParamError`] above 1200.
    pub fn lag(mut self, lag: usize) -> Result<Self, ParamError> {
        self.origin.lag = lag;
        self.origin.check()?;
        Ok(self)
    }
}

impl Feature for Since {
    fn fit(&self, train: &Panel) -> Result<Box<dyn FittedFeature>> {
        Ok(Box::new(FittedSince { origin: self.origin.find(train)?, events: self.events.clone() }))
    }
}

/// [`Since`] of a column that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FittedSince {
    origin: FittedOrigin,
    events: Vec<Event>,
}

impl FittedSince {
    /// The checks of [`Since::of`], on what was read.
    pub(super) fn check(&self) -> Result<(), ParamError> {
        self.origin.check()?;
        check_once("events", &self.events)
    }
}

impl Tiled for FittedSince {
    fn reach(&self) -> usize {
        self.origin.lag
    }

    fn write<T: Element>(&self, rows: &mut impl Rows, out: &mut [&mut [T]]) -> Result<()> {
        let column = rows.column(&self.origin.column)?;
        let mut values = [rows.scratch()];
        for (&event, out) in self.events.iter().zip(out) {
            let start = [f64::NAN, f64::NEG_INFINITY];
            rows.scan(column, self.origin.lag, start, |state, value| event.next(state, value), &mut values);
            rows.write(out, self.origin.lag, Column::Copy(&values[0]));
        }
        values.into_iter().for_each(|values| rows.give_back(values));
        Ok(())
    }
}

impl FittedFeature for FittedSince {
    fn columns(&self) -> Vec<String> {
        let prefix = self.origin.name();
        self.events.iter().map(|event| format!("{prefix}_since_{}", event.name())).collect()
    }

    fn fill(&self, series: SeriesView<'_>, out: ArrayViewMut2<'_, f64>) -> Result<()> {
        tile::fill(self, series, out)
    }

    fn spec(&self) -> Option<FeatureSpec> {
        Some(FeatureSpec::Since(self.clone()))
    }
}
