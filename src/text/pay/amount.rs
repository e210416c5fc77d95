//! One amount of money: sign, number, thousands, currency.

use super::currency::Currency;
use super::token::{Form, Kind, Number, Token};
use super::word::Sense;

/// An amount as it stands in the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amount {
    /// With thousands applied.
    pub(super) value: f64,
    /// `None` without sign or code.
    pub(super) currency: Option<Currency>,
    /// `¥`, whose currency is not known.
    pub(super) is_yen_sign: bool,
    /// `45k`.
    pub(super) has_thousands: bool,
    /// `$10 million`.
    pub(super) is_millions: bool,
    pub(super) form: Form,
    /// `18+`: a floor.
    pub(super) is_open: bool,
    /// First token.
    pub(super) first: usize,
    /// Token after the last.
    pub(super) end: usize,
}

/// Names of retirement plans, which look like thousands: 401(k), 403(b), 457(b), 529.
const PLANS: [f64; 4] = [401.0, 403.0, 457.0, 529.0];

/// The amount that starts at token `first`.
pub(super) fn amount(text: &str, tokens: &[Token], first: usize) -> Option<Amount> {
    let (mut currency, is_yen_sign, at) = prefix(text, tokens, first);
    let Kind::Number(Number { mut value, form }) = tokens.get(at)?.kind else {
        return None;
    };
    if form == Form::Long {
        return None;
    }
    let mut end = at + 1;
    let kind = |index: usize| tokens.get(index).map(|t| t.kind);
    let is_glued = |index: usize| tokens.get(index).is_some_and(|t| t.glued);
    let is_bare = currency.is_none() && !is_yen_sign;
    let is_plan = is_bare && PLANS.contains(&value);
    let (mut has_thousands, mut is_millions, mut is_open) = (false, false, false);
    match kind(end) {
        Some(Kind::Word(Sense::Thousand)) if is_plan => return None,
        Some(Kind::Word(Sense::Thousand)) => {
            has_thousands = true;
            value *= 1000.0;
            end += 1;
        }
        // A single letter counts without a gap only: `$18 M-F`.
        Some(Kind::Word(Sense::Million)) if is_glued(end) || tokens[end].end - tokens[end].start > 1 => {
            is_millions = true;
            end += 1;
        }
        Some(Kind::Mark('(')) if is_plan => return None,
        Some(Kind::Mark('%')) => return None,
        Some(Kind::Mark(':')) if is_glued(end) && matches!(kind(end + 1), Some(Kind::Number(_))) => return None,
        // `20 hours`, `5 days`, `40-hour`: a time, not an amount. `18.50 hr` is an amount.
        Some(Kind::Word(Sense::Noun(_))) if is_bare && !is_glued(end) && form == Form::Whole => return None,
        Some(Kind::Mark('-')) if is_bare && matches!(kind(end + 1), Some(Kind::Word(Sense::Noun(_)))) => return None,
        Some(Kind::Word(
            Sense::Noun(_) | Sense::Adverb(_) | Sense::Money(_) | Sense::Per | Sense::To | Sense::Piece,
        )) => {}
        // `2nd`, `3pm`, `12x`.
        Some(Kind::Word(_)) if is_glued(end) => return None,
        _ => {}
    }
    let plus = |end: &mut usize, is_open: &mut bool| {
        if matches!(kind(*end), Some(Kind::Mark('+'))) && is_glued(*end) && !starts_amount(tokens, *end + 1) {
            *is_open = true;
            *end += 1;
        }
    };
    plus(&mut end, &mut is_open);
    if currency.is_none_or(|c| c == Currency::Usd) && !is_yen_sign {
        let suffix = match kind(end) {
            Some(Kind::Word(Sense::Money(c))) => Some(c),
            Some(Kind::Mark(sign)) if !matches!(kind(end + 1), Some(Kind::Number(_))) => Currency::of_sign(sign),
            _ => None,
        };
        if let Some(suffix) = suffix {
            currency = Some(suffix);
            end += 1;
            plus(&mut end, &mut is_open);
        }
    }
    Some(Amount { value, currency, is_yen_sign, has_thousands, is_millions, form, is_open, first, end })
}

/// Whether an amount with a sign or a bare number stands at `index`.
fn starts_amount(tokens: &[Token], index: usize) -> bool {
    match tokens.get(index).map(|t| t.kind) {
        Some(Kind::Number(_)) => true,
        Some(Kind::Mark(sign)) => Currency::of_sign(sign).is_some(),
        _ => false,
    }
}

/// Currency before the number, whether it is a yen or yuan sign, and the token after it.
fn prefix(text: &str, tokens: &[Token], first: usize) -> (Option<Currency>, bool, usize) {
    let kind = |index: usize| tokens.get(index).map(|t| t.kind);
    let sign = |index: usize| match kind(index) {
        Some(Kind::Mark(sign)) => Currency::of_sign(sign),
        _ => None,
    };
    match kind(first) {
        Some(Kind::Word(Sense::Money(currency))) => {
            let at = first + 1 + usize::from(sign(first + 1).is_some());
            (Some(currency), false, at)
        }
        Some(Kind::Word(_)) if sign(first + 1) == Some(Currency::Usd) && tokens[first + 1].glued => {
            let letters = text[tokens[first].start..tokens[first].end].to_lowercase();
            (Currency::of_dollar_prefix(&letters), false, first + 2)
        }
        Some(Kind::Mark('¥' | '￥')) => (None, true, first + 1),
        Some(Kind::Mark(_)) => match (sign(first), kind(first + 1)) {
            (Some(_), Some(Kind::Word(Sense::Money(code)))) => (Some(code), false, first + 2),
            (Some(currency), _) => (Some(currency), false, first + 1),
            (None, _) => (None, false, first),
        },
        _ => (None, false, first),
    }
}
