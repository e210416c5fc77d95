//! The day in a text.

use jiff::civil::Date;

/// How a column writes days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DateFormat {
    /// `2024-03-15`, also with a time of day behind it.
    Iso,
    /// Seconds since 1970-01-01 UTC.
    EpochSeconds,
    /// Milliseconds since 1970-01-01 UTC.
    EpochMillis,
    /// A pattern such as `%m/%d/%Y`.
    Pattern(String),
}

impl DateFormat {
    /// Reads `iso`, `epoch-seconds`, `epoch-millis` or a pattern of `strptime` that yields a day; `None` for others.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "iso" => Some(Self::Iso),
            "epoch-seconds" => Some(Self::EpochSeconds),
            "epoch-millis" => Some(Self::EpochMillis),
            pattern => {
                // A pattern is good if it reads what it wrote.
                let day = jiff::civil::date(2024, 3, 15);
                let shown = jiff::fmt::strtime::format(pattern, day).ok()?;
                (pattern.contains('%') && Date::strptime(pattern, &shown).ok()? == day)
                    .then(|| Self::Pattern(pattern.to_owned()))
            }
        }
    }

    /// The day that `text` says; `None` if it says none or one that does not exist.
    pub(super) fn read(&self, text: &str) -> Option<Date> {
        match self {
            Self::Iso => iso(text),
            Self::EpochSeconds => since_1970(text.parse().ok()?),
            Self::EpochMillis => since_1970(text.parse::<i64>().ok()?.div_euclid(1000)),
            Self::Pattern(pattern) => Date::strptime(pattern, text).ok(),
        }
    }
}

fn iso(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let (day, time) = bytes.split_at_checked(10)?;
    if day[4] != b'-' || day[7] != b'-' || !(time.is_empty() || matches!(time, [b'T' | b' ', b'0'..=b'9', ..])) {
        return None;
    }
    let number = |from: usize, to: usize| {
        day[from..to].iter().try_fold(0_i16, |sum, b| b.is_ascii_digit().then(|| sum * 10 + i16::from(b - b'0')))
    };
    Date::new(number(0, 4)?, i8::try_from(number(5, 7)?).ok()?, i8::try_from(number(8, 10)?).ok()?).ok()
}

fn since_1970(seconds: i64) -> Option<Date> {
    let days = jiff::Span::new().try_days(seconds.div_euclid(86_400)).ok()?;
    jiff::civil::date(1970, 1, 1).checked_add(days).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_reads_its_own_spelling() {
        // 1_710_460_800 s is 2024-03-15T00:00:00Z (GNU date -u -d @1710460800).
        let cases = [
            ("iso", "2024-03-15"),
            ("iso", "2024-03-15T23:59:00-05:00"),
            ("iso", "2024-03-15 00:00:00"),
            ("epoch-seconds", "1710460800"),
            ("epoch-millis", "1710547199999"),
            ("%m/%d/%Y", "03/15/2024"),
            ("%Y%m%d", "20240315"),
        ];
        for (format, text) in cases {
            let day = DateFormat::parse(format).unwrap().read(text);
            assert_eq!(day.map(|d| d.to_string()).as_deref(), Some("2024-03-15"), "{format} {text}");
        }
    }

    #[test]
    fn days_that_do_not_exist_are_none() {
        for text in ["2023-02-29", "2024-13-01", "2024-3-15", "2024-03-15x", "", "0", "\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}"]
        {
            assert_eq!(DateFormat::Iso.read(text), None, "{text}");
        }
        assert_eq!(DateFormat::EpochSeconds.read("9223372036854775807"), None);
        assert_eq!(DateFormat::parse("%m/%d/%Y").unwrap().read("02/30/2024"), None);
    }

    #[test]
    fn patterns_that_yield_no_day_are_refused() {
        for text in ["", "iso8601", "%Y", "%H:%M", "%Q", "day"] {
            assert_eq!(DateFormat::parse(text), None, "{text}");
        }
    }
}
