//! What the words around an amount say about it.

use super::PayUnit;
use super::expression::Expression;
use super::rate::Rate;
use super::reason::PayFlag;
use super::token::{Kind, Token};
use super::word::Sense;

/// An hourly amount from here on is pay, whatever noun follows it: the federal minimum wage.
const HOURLY_PAY: f64 = super::annual::MINIMUM_WAGE_USD_PER_HOUR;

/// Whether the words around an amount say that it is something else: a bonus, tuition, a budget.
pub(super) fn is_other_money(tokens: &[Token], found: &Expression) -> bool {
    found.is_millions || is_other_before(tokens, found) || is_other_after(tokens, found)
}

fn is_other_before(tokens: &[Token], found: &Expression) -> bool {
    const REACH: usize = 7;
    let (mut is_tied, mut is_eligible) = (false, false);
    for at in (found.first.saturating_sub(REACH)..found.first).rev() {
        match tokens[at].kind {
            Kind::Stop | Kind::Mark(',' | '+') | Kind::Word(Sense::Break | Sense::And | Sense::Or) => return false,
            Kind::Number(_) => return false,
            Kind::Word(Sense::Tie | Sense::Up | Sense::Ceiling) => is_tied = true,
            Kind::Word(Sense::Eligible) => is_eligible = true,
            Kind::Word(Sense::Other) => return true,
            Kind::Word(Sense::Extra) if at + 1 == found.first => return true,
            Kind::Word(Sense::Bonus) => return !is_eligible,
            Kind::Word(Sense::Weak) if is_tied || !found.is_rate_after => return true,
            _ => {}
        }
    }
    false
}

fn is_other_after(tokens: &[Token], found: &Expression) -> bool {
    const REACH: usize = 4;
    let is_hourly = found.is_rate_after && found.rate == Some(Rate::Time(PayUnit::Hour));
    if is_hourly && found.low.or(found.high).is_some_and(|value| value >= HOURLY_PAY) {
        return false;
    }
    let kind = |index: usize| tokens.get(index).map(|t| t.kind);
    for at in found.end..found.end + REACH {
        match kind(at) {
            None | Some(Kind::Stop | Kind::Number(_) | Kind::Mark(',' | '+' | '(' | '$' | '€' | '£')) => {
                return false;
            }
            Some(Kind::Word(Sense::Break | Sense::And | Sense::Or | Sense::Depends)) => return false,
            Some(Kind::Word(Sense::Other)) => return true,
            Some(Kind::Word(Sense::Weak)) if !found.is_rate_after => return true,
            Some(Kind::Word(Sense::Bonus)) => {
                // In `$60,000 a year bonus eligible` and `$60,000 a year bonus of $500` the amount is not the bonus.
                return !matches!(
                    kind(at + 1),
                    Some(
                        Kind::Word(Sense::Eligible | Sense::Tie | Sense::Up)
                            | Kind::Number(_)
                            | Kind::Mark('$' | ':' | '€' | '£')
                    )
                );
            }
            _ => {}
        }
    }
    false
}

/// Whether a running text marks the amount as pay: by a currency, a unit or a word about pay, two of the three, or by less
/// where the amount cannot be mistaken.
pub(super) fn is_pay_in_text(tokens: &[Token], found: &Expression) -> bool {
    let (has_word, is_headed) = pay_word(tokens, found);
    let is_large = found.low.or(found.high).is_some_and(|value| value >= 1000.0);
    if found.has_sign {
        found.rate.is_some() || has_word || found.is_range
    } else if found.is_rate_after {
        has_word || is_large || found.has_decimals
    } else {
        has_word && (is_large || found.has_decimals || is_headed || found.rate.is_some())
    }
}

/// Whether a word about pay stands near, and whether it heads the amount, as in `Pay: 18`.
fn pay_word(tokens: &[Token], found: &Expression) -> (bool, bool) {
    const BEFORE: usize = 8;
    const AFTER: usize = 4;
    let mut has_colon = false;
    for at in (found.first.saturating_sub(BEFORE)..found.first).rev() {
        match tokens[at].kind {
            Kind::Stop => break,
            Kind::Mark(':') => has_colon = true,
            Kind::Word(Sense::Pay | Sense::OnTarget) => return (true, has_colon),
            _ => {}
        }
    }
    let ahead = tokens[found.end..].iter().take(AFTER).take_while(|t| t.kind != Kind::Stop);
    let has_word =
        ahead.into_iter().any(|t| matches!(t.kind, Kind::Word(Sense::Pay | Sense::Depends | Sense::Negotiable)));
    (has_word, false)
}

/// Notes on tips, commission, bonuses and targets in the same sentence, near the amount.
pub(super) fn notes(tokens: &[Token], found: &Expression) -> Vec<PayFlag> {
    const REACH: usize = 12;
    let is_here = |at: &usize| tokens[*at].kind != Kind::Stop;
    let before = (found.first.saturating_sub(REACH)..found.first).rev().take_while(is_here);
    let after = (found.end..tokens.len().min(found.end + REACH)).take_while(is_here);
    before
        .chain(after)
        .filter_map(|at| match tokens[at].kind {
            Kind::Word(Sense::Tips) => Some(PayFlag::Tips),
            Kind::Word(Sense::Commission) => Some(PayFlag::Commission),
            Kind::Word(Sense::Bonus) => Some(PayFlag::Bonus),
            Kind::Word(Sense::OnTarget) => Some(PayFlag::OnTarget),
            Kind::Word(Sense::Negotiable) => Some(PayFlag::Flexible),
            _ => depends(tokens, at).then_some(PayFlag::Flexible),
        })
        .collect()
}

/// Whether the word at `at` says that pay depends on something: `DOE`, `based on experience`.
pub(super) fn depends(tokens: &[Token], at: usize) -> bool {
    const REACH: usize = 4;
    match tokens[at].kind {
        Kind::Word(Sense::Depends) => true,
        Kind::Word(Sense::Based) => {
            let ahead = tokens[at + 1..].iter().take(REACH);
            ahead.take_while(|t| t.kind != Kind::Stop).any(|t| t.kind == Kind::Word(Sense::Experience))
        }
        _ => false,
    }
}

/// Whether the text says part time.
pub(super) fn is_part_time(tokens: &[Token]) -> bool {
    tokens.iter().enumerate().any(|(at, token)| {
        let next = at + 1 + usize::from(tokens.get(at + 1).is_some_and(|t| t.kind == Kind::Mark('-')));
        token.kind == Kind::Word(Sense::Part) && tokens.get(next).is_some_and(|t| t.kind == Kind::Word(Sense::Time))
    })
}
