//! Numbers in cells: which spellings count, which are missing, which are refused.

use std::borrow::Cow;

/// Beyond this the squares that every model takes overflow, and the result is infinite or NaN with nobody the wiser.
const LIMIT: f64 = 1e300;

/// Found text is cut to this many characters in messages.
const MAX_SHOWN: usize = 40;

/// What a column of numbers may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NumberRule {
    /// Empty cells, `NA`, `NaN` and `null` are missing values.
    pub(crate) missing: bool,
    /// `1,234` and `1,234,567` are numbers.
    pub(crate) thousands: bool,
    /// Numbers below 0 are refused.
    pub(crate) negative: bool,
}

/// Any number, or a missing value.
pub(crate) const OR_MISSING: NumberRule = NumberRule { missing: true, thousands: false, negative: true };
/// Any number.
pub(crate) const REQUIRED: NumberRule = NumberRule { missing: false, thousands: false, negative: true };
/// A count, or a missing value.
pub(crate) const COUNT_OR_MISSING: NumberRule = NumberRule { missing: true, thousands: false, negative: false };

/// What was expected instead of what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) expected: Cow<'static, str>,
    pub(crate) found: String,
}

impl Fault {
    pub(crate) fn new(expected: &'static str, text: &str) -> Self {
        Self { expected: Cow::Borrowed(expected), found: shown(text) }
    }
}

/// `text` in quotes and cut short, or `an empty cell`.
pub(crate) fn shown(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return "an empty cell".to_owned();
    }
    let mut cut: String = text.chars().take(MAX_SHOWN).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    format!("{cut:?}")
}

/// Whether `text` is one of the spellings of a missing value.
pub(crate) fn is_missing(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || ["NA", "NaN", "null"].iter().any(|m| text.eq_ignore_ascii_case(m))
}

/// The number in `text`, NaN for missing.
pub(crate) fn parse(text: &str, rule: NumberRule) -> Result<f64, Fault> {
    let text = text.trim();
    if is_missing(text) {
        return if rule.missing { Ok(f64::NAN) } else { Err(Fault::new("a number", text)) };
    }
    let joined = if rule.thousands && text.contains(',') { join_thousands(text) } else { None };
    let value: f64 = joined.as_deref().unwrap_or(text).parse().map_err(|_| Fault::new("a number", text))?;
    let spelled = text.bytes().any(|b| b.is_ascii_digit());
    if !value.is_finite() && !spelled {
        return Err(Fault::new("a finite number", text));
    }
    if value.is_nan() || value.abs() > LIMIT {
        return Err(Fault::new("a number up to 1e300 in size (squares of larger ones overflow)", text));
    }
    if value < 0.0 && !rule.negative {
        return Err(Fault::new("a number that is not negative", text));
    }
    Ok(value)
}

/// `1,234,567.8` without its commas; `None` unless the groups are of three digits.
fn join_thousands(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(w, f)| (w, Some(f)));
    let mut groups = whole.split(',');
    let first = groups.next()?.trim_start_matches(['-', '+']);
    let digits = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    if !(1..=3).contains(&first.len()) || !digits(first) || !groups.all(|g| g.len() == 3 && digits(g)) {
        return None;
    }
    let whole = whole.replace(',', "");
    Some(fraction.map_or_else(|| whole.clone(), |f| format!("{whole}.{f}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legal_spellings() {
        for (text, value) in [("1", 1.0), (" -2.5 ", -2.5), ("1e3", 1000.0), (".5", 0.5), ("1e300", 1e300), ("+7", 7.0)]
        {
            assert_eq!(parse(text, REQUIRED).unwrap().to_bits(), f64::to_bits(value), "{text}");
        }
        for text in ["", "  ", "NA", "na", "NaN", "null"] {
            assert!(parse(text, OR_MISSING).unwrap().is_nan(), "{text}");
        }
    }

    #[test]
    fn illegal_spellings_say_what_they_are() {
        let cases = [
            ("", "a number", "an empty cell"),
            ("NaN", "a number", "\"NaN\""),
            ("abc", "a number", "\"abc\""),
            ("1,5", "a number", "\"1,5\""),
            ("inf", "a finite number", "\"inf\""),
            ("-Infinity", "a finite number", "\"-Infinity\""),
            ("1e308", "a number up to 1e300 in size (squares of larger ones overflow)", "\"1e308\""),
            ("1e999", "a number up to 1e300 in size (squares of larger ones overflow)", "\"1e999\""),
            ("-1", "a number that is not negative", "\"-1\""),
        ];
        for (text, expected, found) in cases {
            let rule = NumberRule { negative: false, ..REQUIRED };
            assert_eq!(parse(text, rule), Err(Fault { expected: expected.into(), found: found.into() }), "{text}");
        }
    }

    #[test]
    fn thousands_need_groups_of_three() {
        let rule = NumberRule { thousands: true, ..REQUIRED };
        assert_eq!(parse("142,549,250", rule).unwrap().to_bits(), 142_549_250.0_f64.to_bits());
        assert_eq!(parse("-1,234.5", rule).unwrap().to_bits(), (-1234.5_f64).to_bits());
        for text in ["1,23", "1,2345", ",123", "1,,234", "12,34,567"] {
            assert!(parse(text, rule).is_err(), "{text}");
        }
    }

    #[test]
    fn long_text_is_cut_in_messages() {
        assert_eq!(shown(&"x".repeat(100)).chars().count(), MAX_SHOWN + 3);
    }
}
