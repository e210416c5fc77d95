//! The unit after an amount: per hour, /yr, weekly.

use super::token::{Kind, Number, Token};
use super::unit::PayUnit;
use super::word::Sense;

/// What an amount is per.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rate {
    Time(PayUnit),
    /// A mile, a visit, a pay period.
    Piece,
}

/// Words that may stand between an amount and its unit: `$50,000 gross salary per year`.
const MOST_FILLERS: usize = 3;

/// The unit that stands at token `at`, and the token after it. `has_sign` tells `$18 hr` from `18 hr`.
pub(super) fn rate_after(text: &str, tokens: &[Token], at: usize, has_sign: bool) -> Option<(Rate, usize)> {
    let kind = |index: usize| tokens.get(index).map(|t| t.kind);
    let mut at = at;
    if matches!(kind(at), Some(Kind::Mark(')'))) {
        at += 1;
    }
    let opened = matches!(kind(at), Some(Kind::Mark('(')));
    at += usize::from(opened);
    for _ in 0..MOST_FILLERS {
        match kind(at) {
            Some(Kind::Word(Sense::Filler | Sense::Pay | Sense::Money(_))) => at += 1,
            _ => break,
        }
    }
    let (rate, mut end) = match kind(at)? {
        Kind::Mark('/') => per(text, tokens, at + 1)?,
        Kind::Word(Sense::Per) => per(text, tokens, at)?,
        Kind::Word(Sense::Adverb(unit)) => (Rate::Time(unit), at + 1),
        Kind::Word(Sense::Bi | Sense::Semi | Sense::Twice) => compound(tokens, at)?,
        Kind::Word(Sense::Noun(unit)) if has_sign || tokens[at].glued => (Rate::Time(unit), at + 1),
        Kind::Word(Sense::Piece) if text[tokens[at].start..tokens[at].end].eq_ignore_ascii_case("cpm") => {
            (Rate::Piece, at + 1)
        }
        _ => return None,
    };
    if opened && matches!(kind(end), Some(Kind::Mark(')'))) {
        end += 1;
    }
    Some((rate, end))
}

/// The unit that stands before token `first`, within one clause: `Hourly rate: $18`, `Per hour: 18`.
pub(super) fn rate_before(tokens: &[Token], first: usize) -> Option<PayUnit> {
    const REACH: usize = 6;
    let from = first.saturating_sub(REACH);
    for at in (from..first).rev() {
        match tokens[at].kind {
            Kind::Stop | Kind::Number(_) | Kind::Mark(',' | '+') | Kind::Word(Sense::Break) => return None,
            Kind::Word(Sense::Adverb(unit)) => {
                let modifier = at.checked_sub(1).map(|before| match tokens[before].kind {
                    Kind::Mark('-') if before > 0 => tokens[before - 1].kind,
                    kind => kind,
                });
                return match (modifier, unit) {
                    (Some(Kind::Word(Sense::Bi)), PayUnit::Week) => Some(PayUnit::TwoWeeks),
                    (Some(Kind::Word(Sense::Semi | Sense::Twice)), PayUnit::Month) => Some(PayUnit::HalfMonth),
                    (Some(Kind::Word(Sense::Bi | Sense::Semi | Sense::Twice)), _) => None,
                    _ => Some(unit),
                };
            }
            Kind::Word(Sense::Noun(unit)) if at > 0 => {
                let is_per = matches!(tokens[at - 1].kind, Kind::Mark('/') | Kind::Word(Sense::Per));
                let is_head = at + 2 == first && matches!(tokens[at + 1].kind, Kind::Mark(':' | ')' | '-' | '='));
                return (is_per && is_head).then_some(unit);
            }
            _ => {}
        }
    }
    None
}

/// What follows `per` or a slash; `at` is the word `per` itself or the token after the slash.
fn per(text: &str, tokens: &[Token], at: usize) -> Option<(Rate, usize)> {
    let kind = |index: usize| tokens.get(index).map(|t| t.kind);
    let is =
        |index: usize, word: &str| tokens.get(index).is_some_and(|t| text[t.start..t.end].eq_ignore_ascii_case(word));
    let mut at = at;
    if matches!(kind(at), Some(Kind::Word(Sense::Per))) {
        if is(at, "p") && is(at + 1, ".") && is(at + 2, "a") {
            // `p.a.`, whose last full stop may end the sentence.
            return Some((Rate::Time(PayUnit::Year), at + 3 + usize::from(is(at + 3, "."))));
        }
        at += 1;
        if is(at - 1, "p") && matches!(kind(at), Some(Kind::Mark('/'))) {
            at += 1;
        }
    }
    match kind(at)? {
        Kind::Word(Sense::Noun(unit) | Sense::Adverb(unit)) => Some((Rate::Time(unit), at + 1)),
        Kind::Word(Sense::Piece) => Some((Rate::Piece, at + 1)),
        Kind::Word(Sense::Pay) if matches!(kind(at + 1), Some(Kind::Word(Sense::Piece))) => Some((Rate::Piece, at + 2)),
        Kind::Word(Sense::Bi | Sense::Semi | Sense::Twice) => compound(tokens, at),
        Kind::Word(Sense::Two) | Kind::Number(Number { value: 2.0, .. }) => match kind(at + 1)? {
            Kind::Word(Sense::Noun(PayUnit::Week)) => Some((Rate::Time(PayUnit::TwoWeeks), at + 2)),
            Kind::Word(Sense::Noun(_)) => Some((Rate::Piece, at + 2)),
            _ => None,
        },
        _ => None,
    }
}

/// `bi-weekly`, `semi monthly`, `twice a month`.
fn compound(tokens: &[Token], at: usize) -> Option<(Rate, usize)> {
    let kind = |index: usize| tokens.get(index).map(|t| t.kind);
    let mut end = at + 1;
    if matches!(kind(end), Some(Kind::Mark('-') | Kind::Word(Sense::Per))) {
        end += 1;
    }
    let (Kind::Word(Sense::Adverb(unit)) | Kind::Word(Sense::Noun(unit))) = kind(end)? else {
        return None;
    };
    let rate = match (kind(at)?, unit) {
        (Kind::Word(Sense::Bi), PayUnit::Week) => Rate::Time(PayUnit::TwoWeeks),
        (Kind::Word(Sense::Semi | Sense::Twice), PayUnit::Month) => Rate::Time(PayUnit::HalfMonth),
        // `bi-monthly` is read as twice a month and as every two months.
        _ => Rate::Piece,
    };
    Some((rate, end + 1))
}
