//! What a text says about pay without an amount.

use super::context::depends;
use super::reason::NoPay;
use super::token::{Kind, Number, Token};
use super::word::Sense;

/// The reason that words give: unpaid, commission only, competitive, negotiable or dependent on experience. In a running text
/// "competitive" counts before a word about pay only, "unpaid" before a position only, and the others near a word about pay.
pub(super) fn reason(tokens: &[Token], is_field: bool) -> Option<NoPay> {
    let found = (0..tokens.len()).filter_map(|at| at_word(tokens, at, is_field));
    found.min_by_key(|reason| order(*reason))
}

fn at_word(tokens: &[Token], at: usize, is_field: bool) -> Option<NoPay> {
    const REACH: usize = 4;
    let Kind::Word(sense) = tokens[at].kind else {
        return None;
    };
    let kind = |index: usize| tokens.get(index).map(|t| t.kind);
    let is_pay = |token: &Token| matches!(token.kind, Kind::Word(Sense::Pay));
    let ahead = || tokens[at + 1..].iter().take(REACH).take_while(|t| t.kind != Kind::Stop).any(is_pay);
    let behind = || tokens[..at].iter().rev().take(REACH).take_while(|t| t.kind != Kind::Stop).any(is_pay);
    match sense {
        Sense::Unpaid => {
            let is_position = matches!(kind(at + 1), Some(Kind::Word(Sense::Position)));
            (is_field || is_position).then_some(NoPay::Unpaid)
        }
        Sense::Commission => {
            let is_all = matches!(kind(at + 1), Some(Kind::Word(Sense::Only)))
                || matches!(kind(at + 2), Some(Kind::Word(Sense::Only)))
                || at >= 2
                    && matches!(tokens[at - 1].kind, Kind::Mark('%'))
                    && matches!(tokens[at - 2].kind, Kind::Number(Number { value: 100.0, .. }));
            is_all.then_some(NoPay::CommissionOnly)
        }
        Sense::Competitive => (is_field || ahead()).then_some(NoPay::Competitive),
        Sense::Negotiable => (is_field || behind()).then_some(NoPay::Negotiable),
        _ if depends(tokens, at) => (is_field || behind() || ahead()).then_some(NoPay::DependsOnExperience),
        _ => None,
    }
}

fn order(reason: NoPay) -> u8 {
    match reason {
        NoPay::Unpaid => 0,
        NoPay::CommissionOnly => 1,
        NoPay::Competitive => 2,
        NoPay::Negotiable => 3,
        _ => 4,
    }
}
