//! Hours of a week, where a text states them.

use serde::{Deserialize, Serialize};

use super::token::{Kind, Number, Token};
use super::unit::{FULL_TIME_HOURS_PER_WEEK, PayUnit};
use super::word::Sense;

/// Hours a week that hourly pay was multiplied by.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WeeklyHours {
    /// Fewest hours, in [1, 80].
    pub low: f64,
    /// Most hours, in [1, 80].
    pub high: f64,
    /// Whether the text states them; else 40, full time.
    pub is_stated: bool,
}

impl WeeklyHours {
    /// 40 hours, not stated.
    pub(super) const FULL_TIME: Self =
        Self { low: FULL_TIME_HOURS_PER_WEEK, high: FULL_TIME_HOURS_PER_WEEK, is_stated: false };
}

/// The statement of hours a week that starts at token `at`, and the token after it: `20-25 hours per week`, `40 hrs/wk`,
/// `30 hours weekly`, `38-hour week`, `hours per week: 20`.
pub(super) fn weekly_hours(tokens: &[Token], at: usize) -> Option<(WeeklyHours, usize)> {
    match tokens[at].kind {
        Kind::Number(_) => counted(tokens, at),
        Kind::Word(Sense::Noun(PayUnit::Hour)) => headed(tokens, at),
        _ => None,
    }
}

fn counted(tokens: &[Token], at: usize) -> Option<(WeeklyHours, usize)> {
    let kind = |index: usize| tokens.get(index).map(|t| t.kind);
    let (low, high, mut end) = numbers(tokens, at)?;
    end += usize::from(matches!(kind(end), Some(Kind::Mark('-' | '+'))));
    if !matches!(kind(end), Some(Kind::Word(Sense::Noun(PayUnit::Hour)))) {
        return None;
    }
    end += 1;
    if matches!(kind(end), Some(Kind::Stop | Kind::Mark('.'))) {
        end += 1;
    }
    let is_weekly = match kind(end)? {
        Kind::Mark('/') | Kind::Word(Sense::Per) => {
            matches!(kind(end + 1), Some(Kind::Word(Sense::Noun(PayUnit::Week))))
        }
        Kind::Word(Sense::Noun(PayUnit::Week) | Sense::Adverb(PayUnit::Week)) => true,
        Kind::Word(Sense::Plain) => matches!(kind(end + 1), Some(Kind::Word(Sense::Noun(PayUnit::Week)))),
        _ => false,
    };
    is_weekly.then_some(())?;
    Some((checked(low, high)?, end + 1))
}

/// `hours per week: 20`, `weekly hours: 20`.
fn headed(tokens: &[Token], at: usize) -> Option<(WeeklyHours, usize)> {
    let kind = |index: usize| tokens.get(index).map(|t| t.kind);
    let mut end = at + 1;
    let is_after = matches!(kind(end), Some(Kind::Mark('/') | Kind::Word(Sense::Per)))
        && matches!(kind(end + 1), Some(Kind::Word(Sense::Noun(PayUnit::Week))));
    let is_before = at > 0 && matches!(tokens[at - 1].kind, Kind::Word(Sense::Adverb(PayUnit::Week)));
    if is_after {
        end += 2;
    } else if !is_before {
        return None;
    }
    matches!(kind(end), Some(Kind::Mark(':' | '='))).then_some(())?;
    let (low, high, end) = numbers(tokens, end + 1)?;
    Some((checked(low, high)?, end))
}

fn numbers(tokens: &[Token], at: usize) -> Option<(f64, f64, usize)> {
    let value = |index: usize| match tokens.get(index).map(|t| t.kind) {
        Some(Kind::Number(Number { value, .. })) => Some(value),
        _ => None,
    };
    let low = value(at)?;
    let is_joined =
        matches!(tokens.get(at + 1).map(|t| t.kind), Some(Kind::Mark('-' | '–' | '—') | Kind::Word(Sense::To)));
    Some(match value(at + 2).filter(|_| is_joined) {
        Some(high) => (low, high, at + 3),
        None => (low, low, at + 1),
    })
}

fn checked(low: f64, high: f64) -> Option<WeeklyHours> {
    (low >= 1.0 && low <= high && high <= 80.0).then_some(WeeklyHours { low, high, is_stated: true })
}
