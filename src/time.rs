//! Calendar periods: the time axis of every series.

use std::fmt;

use jiff::civil::{Date, Weekday, date};
use serde::{Deserialize, Serialize};

/// How often a series is observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Frequency {
    /// Numbered positions without dates, as in forecasting competitions.
    Step,
    /// Calendar days.
    Daily,
    /// Weeks, Monday to Sunday (ISO 8601).
    Weekly,
    /// Calendar months.
    Monthly,
    /// Calendar quarters.
    Quarterly,
    /// Calendar years.
    Yearly,
}

impl Frequency {
    /// The usual season in periods: 7, 52, 12, 4; 1 where there is none.
    #[must_use]
    pub fn season(self) -> usize {
        match self {
            Self::Step | Self::Yearly => 1,
            Self::Daily => 7,
            Self::Weekly => 52,
            Self::Monthly => 12,
            Self::Quarterly => 4,
        }
    }

    /// The name used in files and options: `step`, `daily`, `weekly`, `monthly`, `quarterly`, `yearly`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
            Self::Quarterly => "quarterly",
            Self::Yearly => "yearly",
        }
    }
}

impl fmt::Display for Frequency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One period of a given frequency, stored as a count of periods since 1970 (or a plain position for [`Frequency::Step`]).
///
/// Years run from -9999 to 9999; arithmetic beyond that saturates.
///
/// # Examples
/// ```
/// use credcast::{Frequency, Period};
/// let august = Period::parse("2024-08-31", Frequency::Monthly).unwrap();
/// assert_eq!(august.plus(5).to_string(), "2025-01");
/// assert_eq!(august.to_frequency(Frequency::Quarterly).unwrap().to_string(), "2024-Q3");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Period {
    frequency: Frequency,
    ordinal: i32,
}

const EPOCH: Date = date(1970, 1, 1);
/// 1970-01-01 was a Thursday; the Monday of that week lies three days before.
const EPOCH_WEEK_SHIFT_DAYS: i32 = 3;

const MONTH_NAMES: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

impl Period {
    /// A period from its count since 1970 (days, weeks, months, quarters, years) or its position.
    #[must_use]
    pub fn from_ordinal(frequency: Frequency, ordinal: i32) -> Self {
        Self { frequency, ordinal }
    }

    /// The position `index` of an undated series.
    #[must_use]
    pub fn step(index: i32) -> Self {
        Self::from_ordinal(Frequency::Step, index)
    }

    /// The month `month` (1 to 12) of `year`; `None` outside the calendar.
    #[must_use]
    pub fn month(year: i16, month: i8) -> Option<Self> {
        Date::new(year, month, 1).ok().and_then(|day| Self::containing(day, Frequency::Monthly))
    }

    /// The calendar year `year`.
    #[must_use]
    pub fn year(year: i16) -> Self {
        Self::from_ordinal(Frequency::Yearly, i32::from(year) - 1970)
    }

    /// The period of `frequency` that contains `day`; `None` for [`Frequency::Step`].
    #[must_use]
    pub fn containing(day: Date, frequency: Frequency) -> Option<Self> {
        let year = i32::from(day.year()) - 1970;
        let ordinal = match frequency {
            Frequency::Step => return None,
            Frequency::Daily => days_since_epoch(day),
            Frequency::Weekly => (days_since_epoch(day) + EPOCH_WEEK_SHIFT_DAYS).div_euclid(7),
            Frequency::Monthly => year * 12 + i32::from(day.month()) - 1,
            Frequency::Quarterly => year * 4 + (i32::from(day.month()) - 1) / 3,
            Frequency::Yearly => year,
        };
        Some(Self { frequency, ordinal })
    }

    /// Reads `2024`, `2024-03`, `2024-03-15` (also with a time behind it), `2024-Q1`, `2024-W05`, `Mar-24`, or a
    /// position, as the period of `frequency` that contains it; `None` if the text is no such thing.
    ///
    /// A coarser text than `frequency` is refused (a month cannot say which day), except that `2024-03` and `2024`
    /// are not weeks or days.
    #[must_use]
    pub fn parse(text: &str, frequency: Frequency) -> Option<Self> {
        let text = text.trim();
        if frequency == Frequency::Step {
            return text.parse().ok().map(Self::step);
        }
        let (day, precision) = parse_date(text)?;
        if precision > frequency { None } else { Self::containing(day, frequency) }
    }

    /// The finest frequency that `text` can be read with: its own precision. `None` if it is no period.
    #[must_use]
    pub fn precision(text: &str) -> Option<Frequency> {
        let text = text.trim();
        if let Some((_, precision)) = parse_date(text) {
            return Some(precision);
        }
        text.parse::<i32>().ok().map(|_| Frequency::Step)
    }

    /// The frequency.
    #[must_use]
    pub fn frequency(self) -> Frequency {
        self.frequency
    }

    /// Periods since 1970, or the position.
    #[must_use]
    pub fn ordinal(self) -> i32 {
        self.ordinal
    }

    /// The period `count` later (earlier when negative).
    #[must_use]
    pub fn plus(self, count: i32) -> Self {
        Self { ordinal: self.ordinal.saturating_add(count), ..self }
    }

    /// How many periods `self` lies after `earlier`; `None` if the frequencies differ.
    #[must_use]
    pub fn since(self, earlier: Self) -> Option<i32> {
        (self.frequency == earlier.frequency).then(|| self.ordinal.saturating_sub(earlier.ordinal))
    }

    /// The first day; `None` for positions and beyond the calendar.
    #[must_use]
    pub fn first_day(self) -> Option<Date> {
        let months = |m: i32| {
            let year = i16::try_from(1970 + m.div_euclid(12)).ok()?;
            Date::new(year, i8::try_from(m.rem_euclid(12) + 1).ok()?, 1).ok()
        };
        match self.frequency {
            Frequency::Step => None,
            Frequency::Daily => day_at(self.ordinal),
            Frequency::Weekly => day_at(self.ordinal.checked_mul(7)?.checked_sub(EPOCH_WEEK_SHIFT_DAYS)?),
            Frequency::Monthly => months(self.ordinal),
            Frequency::Quarterly => months(self.ordinal.checked_mul(3)?),
            Frequency::Yearly => months(self.ordinal.checked_mul(12)?),
        }
    }

    /// The last day; `None` for positions and beyond the calendar.
    #[must_use]
    pub fn last_day(self) -> Option<Date> {
        self.plus(1).first_day()?.yesterday().ok()
    }

    /// Month of the year of the first day, 1 to 12; `None` for positions.
    #[must_use]
    pub fn month_of_year(self) -> Option<u8> {
        self.first_day().and_then(|day| u8::try_from(day.month()).ok())
    }

    /// The period of a coarser or equal `frequency` that contains this period's first day.
    #[must_use]
    pub fn to_frequency(self, frequency: Frequency) -> Option<Self> {
        if frequency == self.frequency {
            return Some(self);
        }
        Self::containing(self.first_day()?, frequency)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(day) = self.first_day() else {
            return f.pad(&self.ordinal.to_string());
        };
        let text = match self.frequency {
            Frequency::Step => self.ordinal.to_string(),
            Frequency::Daily => day.to_string(),
            Frequency::Weekly => {
                let week = day.iso_week_date();
                format!("{:04}-W{:02}", week.year(), week.week())
            }
            Frequency::Monthly => format!("{:04}-{:02}", day.year(), day.month()),
            Frequency::Quarterly => format!("{:04}-Q{}", day.year(), (day.month() - 1) / 3 + 1),
            Frequency::Yearly => format!("{:04}", day.year()),
        };
        f.pad(&text)
    }
}

impl fmt::Debug for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

fn days_since_epoch(day: Date) -> i32 {
    // The calendar spans 20 000 years, so the difference fits easily.
    day.since(EPOCH).map_or(0, |span| span.get_days())
}

fn day_at(days: i32) -> Option<Date> {
    EPOCH.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

/// A date in `text` and how precise the text was.
fn parse_date(text: &str) -> Option<(Date, Frequency)> {
    if !text.is_ascii() {
        return None;
    }
    if let Some(found) = parse_month_name(text) {
        return Some((found, Frequency::Monthly));
    }
    // A time of day behind the date carries nothing that a period needs.
    let text = match text.split_once(['T', ' ']) {
        Some((day, time)) if time.len() >= 5 && time.as_bytes()[0].is_ascii_digit() => day,
        Some(_) => return None,
        None => text,
    };
    let year = || digits(text.get(..4)?);
    let rest = text.get(4..)?;
    if rest.is_empty() {
        return Some((Date::new(i16::try_from(year()?).ok()?, 1, 1).ok()?, Frequency::Yearly));
    }
    let year = i16::try_from(year()?).ok()?;
    let rest = rest.strip_prefix('-').unwrap_or(rest);
    if let Some(quarter) = rest.strip_prefix(['Q', 'q']) {
        let quarter = digits(quarter).filter(|q| quarter.len() == 1 && (1..=4).contains(q))?;
        return Some((Date::new(year, i8::try_from(quarter * 3 - 2).ok()?, 1).ok()?, Frequency::Quarterly));
    }
    if let Some(week) = rest.strip_prefix(['W', 'w']) {
        let week = digits(week).filter(|_| week.len() == 2)?;
        let day = jiff::civil::ISOWeekDate::new(year, i8::try_from(week).ok()?, Weekday::Monday).ok()?;
        return Some((day.date(), Frequency::Weekly));
    }
    if text.as_bytes()[4] != b'-' {
        return None;
    }
    match rest.split_once('-') {
        None if rest.len() == 2 => {
            Some((Date::new(year, i8::try_from(digits(rest)?).ok()?, 1).ok()?, Frequency::Monthly))
        }
        Some((month, day)) if month.len() == 2 && day.len() == 2 => {
            let (month, day) = (i8::try_from(digits(month)?).ok()?, i8::try_from(digits(day)?).ok()?);
            Some((Date::new(year, month, day).ok()?, Frequency::Daily))
        }
        _ => None,
    }
}

/// `Jan-19` and `Jan-2019`; two-digit years are 1970 to 2069.
fn parse_month_name(text: &str) -> Option<Date> {
    let (name, year) = text.split_once('-')?;
    let month = MONTH_NAMES.iter().position(|m| name.eq_ignore_ascii_case(m))?;
    let year = match (year.len(), digits(year)?) {
        (2, y) if y < 70 => 2000 + y,
        (2, y) => 1900 + y,
        (4, y) => y,
        _ => return None,
    };
    Date::new(i16::try_from(year).ok()?, i8::try_from(month + 1).ok()?, 1).ok()
}

fn digits(text: &str) -> Option<i32> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_reads_as_its_own_precision() {
        let cases = [
            ("2024", Frequency::Yearly, "2024"),
            ("2024-02", Frequency::Monthly, "2024-02"),
            ("2024-02-29", Frequency::Daily, "2024-02-29"),
            ("2024-02-29 00:00:00", Frequency::Daily, "2024-02-29"),
            ("2024-02-29T00:00:00Z", Frequency::Daily, "2024-02-29"),
            ("2024Q3", Frequency::Quarterly, "2024-Q3"),
            ("2024-W09", Frequency::Weekly, "2024-W09"),
            ("Feb-24", Frequency::Monthly, "2024-02"),
        ];
        for (text, frequency, shown) in cases {
            assert_eq!(Period::precision(text), Some(frequency), "{text}");
            assert_eq!(Period::parse(text, frequency).unwrap().to_string(), shown);
        }
    }

    #[test]
    fn nonsense_is_no_period() {
        for text in ["", "2023-02-29", "2024-13", "2024-1", "20245", "24-01-01", "Foo-24", "2024-01-01x", "NaN", "été"]
        {
            assert_eq!(Period::parse(text, Frequency::Daily), None, "{text}");
            assert_eq!(Period::parse(text, Frequency::Yearly), None, "{text}");
        }
    }

    #[test]
    fn a_month_cannot_say_which_day() {
        assert_eq!(Period::parse("2024-02", Frequency::Daily), None);
        assert_eq!(Period::parse("2024", Frequency::Monthly), None);
    }

    #[test]
    fn weeks_start_on_monday_and_follow_iso() {
        // 2024-12-30 belongs to ISO week 2025-W01 (ISO 8601 calendar).
        assert_eq!(Period::parse("2024-12-30", Frequency::Weekly).unwrap().to_string(), "2025-W01");
        assert_eq!(Period::parse("2024-12-29", Frequency::Weekly).unwrap().to_string(), "2024-W52");
        let week = Period::parse("1969-12-31", Frequency::Weekly).unwrap();
        assert_eq!(week.first_day().unwrap().to_string(), "1969-12-29");
    }

    #[test]
    fn first_and_last_days_enclose_the_period() {
        let period = Period::parse("2023-11-15", Frequency::Quarterly).unwrap();
        assert_eq!(period.first_day().unwrap().to_string(), "2023-10-01");
        assert_eq!(period.last_day().unwrap().to_string(), "2023-12-31");
    }

    #[test]
    fn arithmetic_saturates_instead_of_wrapping() {
        let far = Period::from_ordinal(Frequency::Daily, i32::MAX).plus(1);
        assert_eq!(far.ordinal(), i32::MAX);
        assert_eq!(far.first_day(), None);
        assert_eq!(far.to_frequency(Frequency::Monthly), None);
    }
}
