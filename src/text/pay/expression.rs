//! One statement of pay: an amount or a range, with its unit.

use super::amount::{Amount, amount};
use super::currency::Currency;
use super::rate::{Rate, rate_after, rate_before};
use super::reason::PayFlag;
use super::token::{Form, Kind, Token};
use super::word::Sense;

/// An amount or a range as it stands in the text, before it is judged.
#[derive(Clone, Debug)]
pub(super) struct Expression {
    pub(super) low: Option<f64>,
    pub(super) high: Option<f64>,
    pub(super) currency: Currency,
    /// Whether a sign or code names the currency.
    pub(super) has_sign: bool,
    pub(super) is_yen_sign: bool,
    pub(super) is_millions: bool,
    pub(super) is_ambiguous: bool,
    /// Whether one end is written with decimals.
    pub(super) has_decimals: bool,
    pub(super) is_range: bool,
    pub(super) rate: Option<Rate>,
    /// Whether the unit follows the amount; else it stands before it, or is not named.
    pub(super) is_rate_after: bool,
    pub(super) flags: Vec<PayFlag>,
    /// First token.
    pub(super) first: usize,
    /// Token after the last.
    pub(super) end: usize,
}

/// The statement that starts at token `first`.
pub(super) fn expression(text: &str, tokens: &[Token], first: usize) -> Option<Expression> {
    let one = amount(text, tokens, first)?;
    let has_sign = one.currency.is_some() || one.is_yen_sign;
    let (first_rate, after) = match rate_after(text, tokens, one.end, has_sign) {
        Some((rate, end)) => (Some(rate), end),
        None => (None, one.end),
    };
    let is_before = |sense| (first.saturating_sub(2)..first).any(|at| tokens[at].kind == Kind::Word(sense));
    let (is_between, is_floor) = (is_before(Sense::Between), is_before(Sense::Floor));
    let second =
        connector(tokens, after, is_between, is_floor).and_then(|at| amount(text, tokens, at)).and_then(|two| {
            let has_sign = has_sign || two.currency.is_some();
            let (rate, end) =
                rate_after(text, tokens, two.end, has_sign).map_or((None, two.end), |(r, end)| (Some(r), end));
            // `$18/hr - $37,440/yr` is the same pay twice, not a range.
            let is_same = rate.is_none() || first_rate.is_none() || rate == first_rate;
            is_same.then_some((two, rate, end))
        });
    let mut flags = Vec::new();
    let (low, high, rate, end) = match &second {
        Some((two, rate, end)) => {
            let rate = rate.or(first_rate);
            let (low, high) = ends(&one, two, rate, &mut flags);
            (Some(low), Some(high), rate, *end)
        }
        None => {
            let (low, high) = open_end(tokens, &one, after);
            (low.then_some(one.value), high.then_some(one.value), first_rate, after)
        }
    };
    let two = second.as_ref().map(|second| &second.0);
    let any = |test: fn(&Amount) -> bool| test(&one) || two.is_some_and(test);
    let currency = match (one.currency, two.and_then(|two| two.currency)) {
        // A bare `$` gives way to a code at the other end.
        (Some(Currency::Usd) | None, Some(other)) => other,
        (found, _) => found.unwrap_or_default(),
    };
    let before = rate_before(tokens, first).map(Rate::Time);
    Some(Expression {
        low,
        high,
        currency,
        has_sign: any(|a| a.currency.is_some()),
        is_yen_sign: any(|a| a.is_yen_sign),
        is_millions: any(|a| a.is_millions),
        is_ambiguous: any(|a| a.form == Form::Ambiguous),
        has_decimals: any(|a| a.form == Form::Decimal),
        is_range: two.is_some(),
        rate: rate.or(before),
        is_rate_after: rate.is_some(),
        flags,
        first,
        end,
    })
}

/// The token after a dash, `to`, `up to`, `and` after `between`, or `maximum` after `minimum`.
fn connector(tokens: &[Token], at: usize, is_between: bool, is_floor: bool) -> Option<usize> {
    let kind = |index: usize| tokens.get(index).map(|t| t.kind);
    let at = at + usize::from(kind(at) == Some(Kind::Mark(')')));
    match kind(at)? {
        Kind::Mark('-' | '–' | '—' | '−' | '‐' | '‑' | '~') => {
            Some(at + 1 + usize::from(kind(at + 1) == Some(Kind::Mark('-'))))
        }
        Kind::Word(Sense::To) => Some(at + 1),
        Kind::Word(Sense::Ceiling) if is_floor => Some(at + 1 + usize::from(kind(at + 1) == Some(Kind::Mark(':')))),
        Kind::Mark(',') if is_floor && kind(at + 1) == Some(Kind::Word(Sense::Ceiling)) => {
            connector(tokens, at + 1, false, true)
        }
        Kind::Word(Sense::Up) if kind(at + 1) == Some(Kind::Word(Sense::To)) => Some(at + 2),
        Kind::Word(Sense::And) if is_between => Some(at + 1),
        _ => None,
    }
}

/// Low and high end of a range, with thousands that are named once carried to the other end.
fn ends(one: &Amount, two: &Amount, rate: Option<Rate>, flags: &mut Vec<PayFlag>) -> (f64, f64) {
    let (mut low, mut high) = (one.value, two.value);
    // `45-60k`, `45k-60`, and `$45-$60,000` unless it is an hourly rate.
    let is_hourly = rate == Some(Rate::Time(super::PayUnit::Hour));
    if low < 1000.0 && low * 1000.0 <= high && (two.has_thousands || (high >= 10_000.0 && !is_hourly)) {
        low *= 1000.0;
        flags.push(PayFlag::ThousandsCarried);
    } else if one.has_thousands && !two.has_thousands && high < 1000.0 && high * 1000.0 >= low {
        high *= 1000.0;
        flags.push(PayFlag::ThousandsCarried);
    }
    if low > high {
        std::mem::swap(&mut low, &mut high);
        flags.push(PayFlag::Reversed);
    }
    if high > 3.0 * low {
        flags.push(PayFlag::WideRange);
    }
    (low, high)
}

/// Whether a single amount is the low end, the high end or both, by the words around it.
fn open_end(tokens: &[Token], one: &Amount, after: usize) -> (bool, bool) {
    const REACH: usize = 5;
    const FLOOR: (bool, bool) = (true, false);
    const CEILING: (bool, bool) = (false, true);
    let kind = |index: usize| tokens.get(index).map(|t| t.kind);
    if one.is_open {
        return FLOOR;
    }
    match kind(after) {
        Some(Kind::Mark('+')) if tokens[after].glued => return FLOOR,
        Some(Kind::Word(Sense::Floor)) => return FLOOR,
        Some(Kind::Word(Sense::Ceiling)) => return CEILING,
        Some(Kind::Word(Sense::And | Sense::Or))
            if matches!(kind(after + 1), Some(Kind::Word(Sense::More | Sense::Up))) =>
        {
            return FLOOR;
        }
        _ => {}
    }
    for at in (one.first.saturating_sub(REACH)..one.first).rev() {
        match tokens[at].kind {
            Kind::Word(Sense::To) => {
                let is_up = at > 0 && tokens[at - 1].kind == Kind::Word(Sense::Up);
                return if is_up { CEILING } else { (true, true) };
            }
            Kind::Word(Sense::Ceiling) => return CEILING,
            Kind::Word(Sense::Floor) => return FLOOR,
            Kind::Word(Sense::Filler | Sense::Pay | Sense::Tie | Sense::Adverb(_)) | Kind::Mark(':' | '(') => {}
            _ => break,
        }
    }
    (true, true)
}
