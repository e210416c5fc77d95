//! Events with known dates.

use jiff::civil::Date;
use ndarray::ArrayViewMut2;
use serde::{Deserialize, Serialize};

use super::element::Element;
use super::rows::{Rows, Tiled};
use super::tile;
use super::{Feature, FeatureSpec, FittedFeature};
use crate::error::{DataError, ParamError, Result};
use crate::key::{RegionId, SeriesKey};
use crate::panel::{Panel, SeriesView};
use crate::time::{Frequency, Period};

/// Days from which a state's law makes postings name their pay. States whose law asks for pay on request or with the offer
/// only (Connecticut, Nevada, Rhode Island) and cities are left out.
const PAY_TRANSPARENCY: [(&str, &str); 12] = [
    ("CO", "2021-01-01"), // C.R.S. 8-5-201
    ("CA", "2023-01-01"), // Labor Code 432.3, SB 1162 of 2022
    ("WA", "2023-01-01"), // RCW 49.58.110
    ("NY", "2023-09-17"), // Labor Law 194-b
    ("HI", "2024-01-01"), // Act 203 of 2023
    ("DC", "2024-06-30"), // Wage Transparency Omnibus Amendment Act of 2023
    ("MD", "2024-10-01"), // Labor and Employment 3-304.2
    ("IL", "2025-01-01"), // 820 ILCS 112/10
    ("MN", "2025-01-01"), // Statutes 181.173
    ("NJ", "2025-06-01"), // P.L. 2024, c. 91
    ("VT", "2025-07-01"), // 21 V.S.A. 495t
    ("MA", "2025-10-29"), // Acts of 2024, c. 141
];

/// Dummies of an event: the share of a period's days on which it held.
///
/// Column: `intervention_{name}`, in \[0, 1\], never missing. Periods without dates (positions) are refused. Known ahead, so no
/// lag. O(rows).
///
/// # Examples
/// ```
/// use credcast::feature::{FeaturePipeline, Intervention};
/// use credcast::{Panel, Period, SeriesKey};
/// let start = Period::month(2023, 8).unwrap();
/// let panel = Panel::from_series("y", [(SeriesKey::new("nurse", "NY"), start, vec![1.0, 2.0, 3.0])])?;
/// let matrix = FeaturePipeline::new().then(Intervention::pay_transparency()).fit(&panel)?.transform(&panel)?;
/// // From 17 September on: 14 of 30 days.
/// assert_eq!(matrix.column("intervention_pay_transparency")?, [0.0, 14.0 / 30.0, 1.0]);
/// # Ok::<(), credcast::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intervention {
    name: String,
    spans: Vec<Span>,
}

/// Days on which an event holds, in one region or in all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Span {
    region: Option<RegionId>,
    /// As ordinals of days; both included.
    first: i32,
    last: Option<i32>,
}

fn day(date: Date) -> Option<i32> {
    Period::containing(date, Frequency::Daily).map(Period::ordinal)
}

fn parse_day(text: &str) -> Option<i32> {
    Period::parse(text, Frequency::Daily).map(Period::ordinal)
}

impl Intervention {
    /// An event from `first` to `last`, both included; without a last day it goes on. Dates are written `2020-03-13`.
    ///
    /// # Errors
    /// [`ParamError`] for an empty name, a text that is no date, or a last day before the first.
    pub fn window(name: impl Into<String>, first: &str, last: Option<&str>) -> Result<Self, ParamError> {
        let date =
            |text: &str| parse_day(text).ok_or_else(|| ParamError::new("date", text, "a date such as 2020-03-13"));
        let span = Span { region: None, first: date(first)?, last: last.map(date).transpose()? };
        let name = name.into();
        check(&name, std::slice::from_ref(&span))?;
        Ok(Self { name, spans: vec![span] })
    }

    /// A level shift at `date`: 0 before, 1 from then on. The name is `level_shift_{date}`.
    ///
    /// # Errors
    /// [`ParamError`] for a text that is no date.
    pub fn level_shift(date: &str) -> Result<Self, ParamError> {
        Self::window(format!("level_shift_{date}"), date, None)
    }

    /// Keeps the event to one region.
    #[must_use]
    pub fn within(mut self, region: impl AsRef<str>) -> Self {
        let region = RegionId::new(region);
        self.spans.iter_mut().for_each(|span| span.region = Some(region.clone()));
        self
    }

    /// The COVID-19 recession: March and April 2020, the months after the peak to the trough (NBER Business Cycle Dating
    /// Committee, 19 July 2021).
    #[must_use]
    pub fn covid_recession() -> Self {
        Self::known("covid_recession", [(None, "2020-03-01", Some("2020-04-30"))])
    }

    /// The COVID-19 national emergency of the United States: 13 March 2020 (Proclamation 9994) to 10 April 2023 (Public Law
    /// 118-3).
    #[must_use]
    pub fn covid_emergency() -> Self {
        Self::known("covid_emergency", [(None, "2020-03-13", Some("2023-04-10"))])
    }

    /// Laws that make postings name their pay, by state; 0 in the nation and elsewhere. Laws in force by the end of 2025.
    #[must_use]
    pub fn pay_transparency() -> Self {
        Self::known("pay_transparency", PAY_TRANSPARENCY.map(|(state, from)| (Some(state), from, None)))
    }

    fn known<'a>(name: &str, spans: impl IntoIterator<Item = (Option<&'a str>, &'a str, Option<&'a str>)>) -> Self {
        let spans = spans.into_iter().filter_map(|(region, first, last)| {
            let last = last.map(parse_day);
            Some(Span { region: region.map(RegionId::new), first: parse_day(first)?, last: last.flatten() })
        });
        Self { name: name.to_owned(), spans: spans.collect() }
    }
}

fn check(name: &str, spans: &[Span]) -> Result<(), ParamError> {
    if name.trim().is_empty() {
        return Err(ParamError::new("intervention", name, "a name"));
    }
    if spans.iter().any(|span| span.last.is_some_and(|last| last < span.first)) {
        return Err(ParamError::new("intervention", name, "a last day that is not before the first"));
    }
    Ok(())
}

impl Feature for Intervention {
    fn fit(&self, _: &Panel) -> Result<Box<dyn FittedFeature>> {
        Ok(Box::new(FittedIntervention { name: self.name.clone(), spans: self.spans.clone() }))
    }
}

/// [`Intervention`] in a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FittedIntervention {
    name: String,
    spans: Vec<Span>,
}

impl FittedIntervention {
    /// The checks of [`Intervention::window`], on what was read.
    pub(super) fn check(&self) -> Result<(), ParamError> {
        check(&self.name, &self.spans)
    }

    fn share(&self, key: &SeriesKey, period: Period) -> Result<f64, DataError> {
        let days = period.first_day().and_then(day).zip(period.last_day().and_then(day));
        let Some((first, last)) = days else {
            let detail = format!("column {}: {period} has no dates", self.columns()[0]);
            return Err(DataError::Series { key: key.clone(), detail });
        };
        let here = |span: &&Span| span.region.as_ref().is_none_or(|region| region == key.region());
        let held = self.spans.iter().filter(here).map(|span| {
            let end = span.last.map_or(last, |end| end.min(last));
            (end - span.first.max(first) + 1).max(0)
        });
        // Spans of one region do not overlap: each has one.
        Ok(f64::from(held.sum::<i32>()) / f64::from(last - first + 1))
    }
}

impl Tiled for FittedIntervention {
    fn reach(&self) -> usize {
        0
    }

    fn write<T: Element>(&self, rows: &mut impl Rows, out: &mut [&mut [T]]) -> Result<()> {
        rows.each_series(|rows, key, first| {
            for (place, cell) in out[0][rows].iter_mut().enumerate() {
                let period = first.plus(i32::try_from(place).unwrap_or(i32::MAX));
                *cell = T::nearest(self.share(key, period)?);
            }
            Ok(())
        })
    }
}

impl FittedFeature for FittedIntervention {
    fn columns(&self) -> Vec<String> {
        vec![format!("intervention_{}", self.name)]
    }

    fn fill(&self, series: SeriesView<'_>, out: ArrayViewMut2<'_, f64>) -> Result<()> {
        tile::fill(self, series, out)
    }

    fn memory(&self) -> Option<usize> {
        Some(0)
    }

    fn spec(&self) -> Option<FeatureSpec> {
        Some(FeatureSpec::Intervention(self.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_date_is_read_and_a_window_counts_its_days() {
        assert_eq!(Intervention::pay_transparency().spans.len(), PAY_TRANSPARENCY.len());
        let window = Intervention::window("w", "2020-02-15", Some("2020-03-10")).unwrap();
        let fitted = FittedIntervention { name: window.name, spans: window.spans };
        let key = SeriesKey::national("a");
        let share = |month| fitted.share(&key, Period::month(2020, month).unwrap()).unwrap();
        assert_eq!([share(1), share(2), share(3), share(4)], [0.0, 15.0 / 29.0, 10.0 / 31.0, 0.0]);
        assert!(fitted.share(&key, Period::step(3)).is_err());
        assert!(Intervention::window("w", "2020-03-10", Some("2020-02-15")).is_err());
        assert!(Intervention::level_shift("spring").is_err() && Intervention::window("", "2020-01-01", None).is_err());
    }

    #[test]
    fn a_law_holds_in_its_state_only() {
        let law = Intervention::pay_transparency();
        let fitted = FittedIntervention { name: law.name, spans: law.spans };
        let share = |region| fitted.share(&SeriesKey::new("a", region), Period::month(2023, 2).unwrap()).unwrap();
        assert_eq!([share("CO"), share("CA"), share("NY"), share("TX"), share("US")], [1.0, 1.0, 0.0, 0.0, 0.0]);
    }
}
