//! From a pay field or a sentence of a posting to an annual amount.
//!
//! Numbers are read in the American form: a comma before three digits is a thousands separator, a full stop a decimal point.
//! What has two readings (`45.000`, `45,00`, `45 000`) is not guessed. Currencies are named, never converted. A year has 52
//! weeks, 260 days, 12 months, 26 periods of two weeks or 24 half months; an hourly rate is for 40 hours a week unless the
//! text states hours. Of several statements the one that names most (unit, currency, range) counts, of equals the first.

mod amount;
mod annual;
mod context;
mod currency;
mod expression;
mod hours;
mod rate;
mod reason;
#[cfg(test)]
mod tests;
mod token;
mod unit;
mod word;
mod worded;

use std::ops::Range;

use serde::{Deserialize, Serialize};

pub use self::annual::{
    LARGEST_USD_PER_YEAR, MINIMUM_WAGE_USD_PER_HOUR, OEWS_TOP_USD_PER_YEAR, SMALLEST_WITHOUT_UNIT_PER_YEAR,
    TIPPED_MINIMUM_USD_PER_HOUR,
};
pub use self::currency::Currency;
pub use self::hours::WeeklyHours;
pub use self::reason::{NoPay, PayFlag};
pub use self::unit::{DAYS_PER_WEEK, FULL_TIME_HOURS_PER_WEEK, PayUnit, WEEKS_PER_YEAR};

use self::expression::Expression;
use self::rate::Rate;
use self::token::{Kind, Token, tokens};

/// Pay as a posting states it, and as an annual amount.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pay {
    /// Low end as stated, per [`Pay::unit`]; `None` for "up to".
    pub low: Option<f64>,
    /// High end as stated, per [`Pay::unit`]; `None` for "from" and "starting at".
    pub high: Option<f64>,
    /// The currency of every amount here.
    pub currency: Currency,
    /// The unit as found, or told from the size of the amount: [`PayFlag::UnitInferred`].
    pub unit: PayUnit,
    /// Low end a year. `None` without a low end and where the amount cannot be, such as 150,000 an hour.
    pub annual_low: Option<f64>,
    /// High end a year. `None` without a high end and where the amount cannot be.
    pub annual_high: Option<f64>,
    /// Hours a week: the low end of pay is for the fewest, the high end for the most. They matter to hourly pay only.
    pub hours: WeeklyHours,
    /// The one unit that would make an impossible amount possible, such as a year for 150,000 an hour. Never applied here.
    pub suggested_unit: Option<PayUnit>,
    /// What to mind, in order, each once.
    pub flags: Vec<PayFlag>,
    /// Bytes of the text that state it, with the unit; on character boundaries.
    pub span: Range<usize>,
}

impl Pay {
    /// Reads a field that is about pay: a bare number counts as an amount. O(bytes).
    ///
    /// # Errors
    /// The reason why there is no pay.
    ///
    /// # Examples
    /// ```
    /// # use credcast::text::pay::{NoPay, Pay};
    /// let pay = Pay::in_field("$18 - $24/hr DOE")?;
    /// assert_eq!((pay.annual_low, pay.annual_high), (Some(37_440.0), Some(49_920.0)));
    /// assert_eq!(Pay::in_field("45.000"), Err(NoPay::AmbiguousNumber));
    /// # Ok::<(), NoPay>(())
    /// ```
    pub fn in_field(text: &str) -> Result<Self, NoPay> {
        read(text, true)
    }

    /// Reads a sentence or a whole posting: an amount counts if its currency, unit or neighbours mark it as pay. O(bytes).
    ///
    /// # Errors
    /// The reason why there is no pay.
    pub fn in_text(text: &str) -> Result<Self, NoPay> {
        read(text, false)
    }

    /// The ends as yearly amounts of full-time work, 2,080 hours, whatever hours are stated: comparable with each other and with OEWS,
    /// which multiplies hourly wages so. `None` where the yearly amount is withheld or not stated.
    #[must_use]
    pub fn full_time(&self) -> (Option<f64>, Option<f64>) {
        let units = self.unit.per_year(FULL_TIME_HOURS_PER_WEEK);
        let end =
            |value: Option<f64>, annual: Option<f64>| value.filter(|_| annual.is_some()).map(|value| value * units);
        (end(self.low, self.annual_low), end(self.high, self.annual_high))
    }

    /// Whether `flag` is among the flags.
    #[must_use]
    pub fn has(&self, flag: PayFlag) -> bool {
        self.flags.contains(&flag)
    }
}

fn read(text: &str, is_field: bool) -> Result<Pay, NoPay> {
    let tokens = tokens(text);
    if tokens.is_empty() {
        return Err(NoPay::Empty);
    }
    let mut refused = None;
    let mut found: Vec<(u8, Expression, PayUnit)> = Vec::new();
    let mut hours = None;
    let mut at = 0;
    while at < tokens.len() {
        if let Some((stated, end)) = hours::weekly_hours(&tokens, at) {
            hours = hours.or(Some(stated));
            at = end;
            continue;
        }
        if let Some(end) = chain(&tokens, at) {
            at = end;
            continue;
        }
        let Some(candidate) = is_free(&tokens, at).then(|| expression::expression(text, &tokens, at)).flatten() else {
            at += 1;
            continue;
        };
        at = candidate.end.max(at + 1);
        match judged(&tokens, &candidate, is_field) {
            Ok(unit) => found.push((rank(&candidate), candidate, unit)),
            // Reasons are ordered by how much they explain.
            Err(reason) => refused = refused.max(Some((weight(reason), reason))),
        }
    }
    let best = found.iter().map(|(rank, ..)| *rank).max();
    let Some(chosen) = found.iter().position(|(rank, ..)| Some(*rank) == best) else {
        return Err(reason(&tokens, is_field, refused.map(|(_, reason)| reason)));
    };
    let differs = found.iter().any(|(_, other, unit)| is_other_pay(&found[chosen], other, *unit));
    let (_, candidate, unit) = &found[chosen];
    Ok(pay(&tokens, candidate, *unit, hours, differs))
}

/// The unit of a candidate, or why it is not pay.
fn judged(tokens: &[Token], found: &Expression, is_field: bool) -> Result<PayUnit, NoPay> {
    if context::is_other_money(tokens, found) || !(is_field || context::is_pay_in_text(tokens, found)) {
        // A number of a running text that has neither sign nor unit is no amount at all.
        let is_money = is_field || found.has_sign || found.rate.is_some();
        return Err(if is_money { NoPay::OtherAmounts } else { NoPay::NoAmount });
    }
    match found.rate {
        _ if found.is_ambiguous => Err(NoPay::AmbiguousNumber),
        _ if found.is_yen_sign => Err(NoPay::AmbiguousCurrency),
        Some(Rate::Time(unit)) => Ok(unit),
        Some(Rate::Piece) => Err(NoPay::OtherUnit),
        None => annual::inferred(found.currency, found.low, found.high).ok_or(NoPay::UnknownUnit),
    }
}

fn pay(tokens: &[Token], found: &Expression, unit: PayUnit, hours: Option<WeeklyHours>, differs: bool) -> Pay {
    let Expression { low, high, currency, .. } = *found;
    let mut flags = context::notes(tokens, found);
    flags.extend(&found.flags);
    if found.rate.is_none() {
        flags.push(PayFlag::UnitInferred);
    }
    if differs {
        flags.push(PayFlag::SeveralAmounts);
    }
    if hours.is_none() && unit <= PayUnit::Day && context::is_part_time(tokens) {
        flags.push(PayFlag::PartTime);
    }
    let hours = hours.unwrap_or(WeeklyHours::FULL_TIME);
    let bound = annual::flag(currency, low, high, unit, hours);
    flags.extend(bound);
    flags.sort_unstable();
    flags.dedup();
    let is_impossible = matches!(bound, Some(PayFlag::ImplausiblyLow | PayFlag::ImplausiblyHigh));
    let annual = |value: Option<f64>, hours_per_week: f64| {
        value.filter(|_| !is_impossible).map(|value| value * unit.per_year(hours_per_week))
    };
    Pay {
        low,
        high,
        currency,
        unit,
        annual_low: annual(low, hours.low),
        annual_high: annual(high, hours.high),
        hours,
        suggested_unit: is_impossible.then(|| annual::plausible_unit(low, high)).flatten(),
        flags,
        span: tokens[found.first].start..tokens[found.end - 1].end,
    }
}

/// How much a candidate names.
fn rank(found: &Expression) -> u8 {
    4 * u8::from(found.is_rate_after) + 2 * u8::from(found.has_sign) + u8::from(found.is_range || found.rate.is_some())
}

/// Whether another statement gives an annual amount that differs by more than a hundredth.
fn is_other_pay(chosen: &(u8, Expression, PayUnit), other: &Expression, unit: PayUnit) -> bool {
    let year = |found: &Expression, unit: PayUnit| {
        let units = unit.per_year(FULL_TIME_HOURS_PER_WEEK);
        (found.low.or(found.high).map(|v| v * units), found.high.or(found.low).map(|v| v * units))
    };
    let differs = |a: Option<f64>, b: Option<f64>| a.zip(b).is_some_and(|(a, b)| (a - b).abs() > 0.01 * a.max(b));
    let (a, b) = (year(&chosen.1, chosen.2), year(other, unit));
    differs(a.0, b.0) || differs(a.1, b.1)
}

/// Whether an amount may start here: not within a word or an identifier such as `GS-7` or `#12`.
fn is_free(tokens: &[Token], at: usize) -> bool {
    if !matches!(tokens[at].kind, Kind::Number(_)) {
        return true;
    }
    let before = |back: usize| at.checked_sub(back).map(|index| tokens[index]);
    let is_mark = |token: Token| matches!(token.kind, Kind::Mark('-' | '_' | '#' | '/' | '.' | ':' | '@' | '&'));
    if !tokens[at].glued {
        return true;
    }
    match before(1) {
        Some(Token { kind: Kind::Word(_), .. }) => false,
        Some(Token { kind: Kind::Mark('#'), .. }) => false,
        Some(mark) if is_mark(mark) && mark.glued && mark.kind != Kind::Mark(':') => {
            !before(2).is_some_and(|token| matches!(token.kind, Kind::Word(_)))
        }
        _ => true,
    }
}

/// The token after a date, a telephone number or a fraction: three numbers or more joined by one mark, two by a slash.
fn chain(tokens: &[Token], at: usize) -> Option<usize> {
    let number = |index: usize| tokens.get(index).filter(|t| matches!(t.kind, Kind::Number(_)));
    number(at)?;
    let Kind::Mark(mark @ ('-' | '/' | '.' | ':')) = tokens.get(at + 1)?.kind else {
        return None;
    };
    let joined = |end: usize| {
        tokens.get(end).is_some_and(|t| t.glued && t.kind == Kind::Mark(mark))
            && number(end + 1).is_some_and(|t| t.glued)
    };
    let mut end = at + 1;
    while joined(end) {
        end += 2;
    }
    let least = if matches!(mark, '/' | ':') { 2 } else { 4 };
    (end - at > least).then_some(end)
}

fn weight(reason: NoPay) -> u8 {
    match reason {
        NoPay::AmbiguousNumber | NoPay::AmbiguousCurrency => 4,
        NoPay::OtherUnit => 3,
        NoPay::UnknownUnit => 2,
        NoPay::OtherAmounts => 1,
        _ => 0,
    }
}

/// Why there is no pay: what was refused, else what the words say.
fn reason(tokens: &[Token], is_field: bool, refused: Option<NoPay>) -> NoPay {
    match refused {
        Some(reason) if weight(reason) > 1 => reason,
        other => worded::reason(tokens, is_field).or(other).unwrap_or(NoPay::NoAmount),
    }
}
