//! Units of pay, and how many of them a year has.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Hours of a full-time week. BLS OEWS, Technical Notes: annual wages are hourly wages times a "year-round, full-time" year of
/// 2,080 hours, which is 52 weeks of 40 hours.
pub const FULL_TIME_HOURS_PER_WEEK: f64 = 40.0;

/// Weeks of a year of pay, as in the 2,080 hours of BLS OEWS: holidays and leave count as paid.
pub const WEEKS_PER_YEAR: f64 = 52.0;

/// Days of a full-time week; 260 days a year with [`WEEKS_PER_YEAR`].
pub const DAYS_PER_WEEK: f64 = 5.0;

/// The time that a rate of pay is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PayUnit {
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A week.
    Week,
    /// Two weeks: 26 a year.
    TwoWeeks,
    /// Half a month: 24 a year.
    HalfMonth,
    /// A month.
    Month,
    /// A year.
    Year,
}

impl PayUnit {
    /// Every unit, shortest first.
    pub const ALL: [Self; 7] =
        [Self::Hour, Self::Day, Self::Week, Self::TwoWeeks, Self::HalfMonth, Self::Month, Self::Year];

    /// Units in a year of `hours_per_week`; the hours matter to hourly pay only.
    #[must_use]
    pub fn per_year(self, hours_per_week: f64) -> f64 {
        match self {
            Self::Hour => hours_per_week * WEEKS_PER_YEAR,
            Self::Day => DAYS_PER_WEEK * WEEKS_PER_YEAR,
            Self::Week => WEEKS_PER_YEAR,
            Self::TwoWeeks => WEEKS_PER_YEAR / 2.0,
            Self::HalfMonth => 24.0,
            Self::Month => 12.0,
            Self::Year => 1.0,
        }
    }
}

impl fmt::Display for PayUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::TwoWeeks => "two-weeks",
            Self::HalfMonth => "half-month",
            Self::Month => "month",
            Self::Year => "year",
        })
    }
}
