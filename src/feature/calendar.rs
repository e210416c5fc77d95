//! Where in the year a period lies.

use ndarray::ArrayViewMut2;
use serde::{Deserialize, Serialize};

use super::element::Element;
use super::rows::{Rows, Tiled, write_periods};
use super::tile;
use super::{Feature, FeatureSpec, FittedFeature};
use crate::error::{DataError, ParamError, Result};
use crate::key::SeriesKey;
use crate::panel::{Panel, SeriesView};
use crate::time::{Frequency, Period};

/// How a place in the year becomes numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Coding {
    /// One column of 0 and 1 for each place. With an intercept they are collinear: least squares drops the last.
    OneHot,
    /// Two columns, the sine and the cosine of the place as an angle: a smooth season that needs less data.
    Sine,
}

/// The month of the first day of a period. For daily, weekly and monthly panels.
///
/// Columns: `month_1` to `month_12`, or `month_sin` and `month_cos`. Never missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthOfYear(Coding);

/// The quarter of the first day of a period. For panels up to quarterly.
///
/// Columns: `quarter_1` to `quarter_4`, or `quarter_sin` and `quarter_cos`. Never missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuarterOfYear(Coding);

/// The term of the school year that the first day of a period lies in: fall from August, spring from January, summer in June
/// and July, as most districts and colleges of the United States have it. For daily, weekly and monthly panels.
///
/// Columns: `school_term_fall`, `school_term_spring`, `school_term_summer`, 0 or 1. Never missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SchoolTerm;

const TERMS: [&str; 3] = ["fall", "spring", "summer"];

impl MonthOfYear {
    /// Twelve columns of 0 and 1.
    #[must_use]
    pub fn one_hot() -> Self {
        Self(Coding::OneHot)
    }

    /// A sine and a cosine.
    #[must_use]
    pub fn sine() -> Self {
        Self(Coding::Sine)
    }
}

impl QuarterOfYear {
    /// Four columns of 0 and 1.
    #[must_use]
    pub fn one_hot() -> Self {
        Self(Coding::OneHot)
    }

    /// A sine and a cosine.
    #[must_use]
    pub fn sine() -> Self {
        Self(Coding::Sine)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    Month,
    Quarter,
    SchoolTerm,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::SchoolTerm => "school_term",
        }
    }

    fn count(self) -> u8 {
        match self {
            Self::Month => 12,
            Self::Quarter => 4,
            Self::SchoolTerm => 3,
        }
    }

    fn coarsest(self) -> Frequency {
        match self {
            Self::Month | Self::SchoolTerm => Frequency::Monthly,
            Self::Quarter => Frequency::Quarterly,
        }
    }

    /// From 0; `None` where the period has no date.
    fn of(self, period: Period) -> Option<u8> {
        let month = period.month_of_year()?.checked_sub(1)?;
        Some(match self {
            Self::Month => month,
            Self::Quarter => month / 3,
            Self::SchoolTerm => match month {
                7..=11 => 0,
                0..=4 => 1,
                _ => 2,
            },
        })
    }
}

/// A month or quarter of the year in a coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FittedCalendar {
    part: Part,
    coding: Coding,
}

impl FittedCalendar {
    fn fit(part: Part, coding: Coding, train: &Panel) -> Result<Box<dyn FittedFeature>> {
        let fitted = Self { part, coding };
        if let Some(series) = train.iter().next() {
            fitted.check(series.key(), series.start())?;
        }
        Ok(Box::new(fitted))
    }

    /// Nothing to check: what was read is one of the legal values.
    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "the form that all features share")]
    pub(super) fn legal(&self) -> Result<(), ParamError> {
        Ok(())
    }

    fn check(self, key: &SeriesKey, period: Period) -> Result<(), DataError> {
        let frequency = period.frequency();
        if frequency == Frequency::Step || frequency > self.part.coarsest() {
            return Err(self.refuse(key, format!("{frequency} periods have no {}", self.part.name())));
        }
        Ok(())
    }

    fn refuse(self, key: &SeriesKey, reason: impl std::fmt::Display) -> DataError {
        let column = &self.columns()[0];
        DataError::Series { key: key.clone(), detail: format!("column {column}: {reason}") }
    }
}

impl Feature for MonthOfYear {
    fn fit(&self, train: &Panel) -> Result<Box<dyn FittedFeature>> {
        FittedCalendar::fit(Part::Month, self.0, train)
    }
}

impl Feature for QuarterOfYear {
    fn fit(&self, train: &Panel) -> Result<Box<dyn FittedFeature>> {
        FittedCalendar::fit(Part::Quarter, self.0, train)
    }
}

impl Feature for SchoolTerm {
    fn fit(&self, train: &Panel) -> Result<Box<dyn FittedFeature>> {
        FittedCalendar::fit(Part::SchoolTerm, Coding::OneHot, train)
    }
}

impl Tiled for FittedCalendar {
    fn reach(&self) -> usize {
        0
    }

    fn write<T: Element>(&self, rows: &mut impl Rows, out: &mut [&mut [T]]) -> Result<()> {
        write_periods(rows, out, |key, period, cells| {
            self.check(key, period)?;
            let Some(place) = self.part.of(period) else {
                return Err(self.refuse(key, "a period beyond the calendar").into());
            };
            match self.coding {
                Coding::OneHot => {
                    cells.fill(0.0);
                    cells[usize::from(place)] = 1.0;
                }
                Coding::Sine => {
                    let angle = std::f64::consts::TAU * f64::from(place) / f64::from(self.part.count());
                    (cells[0], cells[1]) = angle.sin_cos();
                }
            }
            Ok(())
        })
    }
}

impl FittedFeature for FittedCalendar {
    fn columns(&self) -> Vec<String> {
        let name = self.part.name();
        match (self.coding, self.part) {
            (Coding::OneHot, Part::SchoolTerm) => TERMS.map(|term| format!("{name}_{term}")).to_vec(),
            (Coding::OneHot, _) => (1..=self.part.count()).map(|place| format!("{name}_{place}")).collect(),
            (Coding::Sine, _) => vec![format!("{name}_sin"), format!("{name}_cos")],
        }
    }

    fn fill(&self, series: SeriesView<'_>, out: ArrayViewMut2<'_, f64>) -> Result<()> {
        tile::fill(self, series, out)
    }

    fn memory(&self) -> Option<usize> {
        Some(0)
    }

    fn spec(&self) -> Option<FeatureSpec> {
        Some(FeatureSpec::Calendar(*self))
    }
}
