//! What is asked for without a word of obligation: what applicants have, declare or will get.

use std::ops::Range;

use super::heading::is_item;
use super::token::{Token, Word};
use super::view::View;
use crate::text::words::hashes;

/// Words before a name whose item begins with `current`.
const MOST_OF_HEAD: usize = 8;

/// Words of an item that has a name and the noun behind it.
const MOST_OF_ALONE: usize = 9;

/// Words of an item that is but a name.
const MOST_OF_PAPER: usize = 6;

/// What is said of a certificate that somebody has.
pub(super) const HELD: &[u64] = hashes!["current", "active", "valid", "unrestricted", "minimum"];

/// Words behind a name in which `upon hire` is looked for.
const UPON_WITHIN: usize = 10;

/// What a time for a certificate is counted from.
const STARTS: &[u64] =
    hashes!["hire", "employment", "start", "starting", "appointment", "being", "hiring", "your", "date", "the"];

/// Words before a name in which `current` is looked for.
const HELD_WITHIN: usize = 3;

/// Words of an item that names nothing but what its holder has.
const MOST_OF_ITEM: usize = 14;

impl View<'_> {
    /// `or willing to obtain within six months`, `must obtain a CNA within a year of hire`.
    pub(super) fn is_obtained_later(&self) -> bool {
        let clause = self.clause();
        let Self { first, behind, .. } = *self;
        // `CNA upon hire`.
        if (behind..behind + UPON_WITHIN).any(|at| self.is_any(at, hashes!["upon"]) && self.is_any(at + 1, STARTS)) {
            return true;
        }
        // `CNA certification within six months of hire`.
        let dated = (behind..behind + 4).find(|at| self.is_any(*at, hashes!["within"]));
        if dated
            .is_some_and(|at| (at + 3..at + 6).any(|of| self.is_any(of, hashes!["of"]) && self.is_any(of + 1, STARTS)))
        {
            return true;
        }
        // `ability to be certified as`.
        let becomes = |at: usize| {
            self.tokens[at].word == Word::Able
                && self.is_any(at + 1, hashes!["to"])
                && self.is_any(at + 2, hashes!["be", "become"])
                && self.tokens.get(at + 3).is_some_and(|token| token.word == Word::Certified)
        };
        if (first.saturating_sub(8)..first).any(becomes) {
            return true;
        }
        let tokens = &self.tokens[clause.clone()];
        let Some(obtain) = tokens.iter().rposition(|token| token.word == Word::Obtain) else { return false };
        let place = clause.start + obtain;
        let is_able =
            self.tokens[..place].iter().rev().take(4).any(|token| matches!(token.word, Word::Able | Word::Must));
        let is_timed = self.tokens[place..].iter().any(|token| token.word == Word::Within);
        let is_near = place < first && first - place <= 8 || place >= behind && place - behind <= 12;
        is_near && (is_able || is_timed && place < first)
    }

    /// `I certify that I possess a CNA`: what an applicant has to declare.
    pub(super) fn is_attested(&self) -> bool {
        let declares = self.is_any(0, hashes!["i"]) && self.is_any(1, hashes!["certify", "attest", "affirm"]);
        declares
            && (2..5).any(|at| self.is_any(at, hashes!["i"]))
            && self.tokens.iter().take(8).any(|token| token.word == Word::Hold)
    }

    /// `Possess a valid CNA`, `You hold a CNA`: a sentence that begins with its verb, or with `you`.
    pub(super) fn is_imperative(&self) -> bool {
        let first = self.first;
        let verb = usize::from(self.is_any(0, hashes!["you"]));
        if !(verb + 1..=6).contains(&first) {
            return false;
        }
        let is_plain = |token: &Token| {
            matches!(token.word, Word::Article | Word::Certified | Word::Noun)
                || HELD.iter().chain(hashes!["of", "and"]).any(|plain| token.hash == *plain)
        };
        self.is_any(verb, hashes!["hold", "possess", "possession", "have"])
            || verb == 0
                && self.is_any(0, hashes!["carry", "maintain", "maintains"])
                && self.tokens[1..first].iter().all(is_plain)
    }

    /// `Current CNA`, `CNA in good standing`: an item that says what its holder has.
    pub(super) fn is_held(&self) -> bool {
        let Self { first, behind, .. } = *self;
        let near = first.saturating_sub(HELD_WITHIN)..first;
        if first > 0 && self.is_any(first - 1, hashes!["minimum"]) {
            return true;
        }
        // `Active CNA`, however long the line.
        if first > 0 && first <= HELD_WITHIN && self.is_any(0, HELD) {
            return true;
        }
        let begins = first <= MOST_OF_HEAD && (0..2).any(|at| self.is_any(at, HELD))
            || near.clone().any(|at| self.is_any(at, HELD))
            || self.is_any(0, hashes!["holder"]) && first <= 4
            || first <= 1 && (behind..behind + 3).any(|at| self.is_any(at, hashes!["current", "active", "state"]))
            || self.is_any(0, hashes!["licensed", "certified", "registered"])
                && self.is_any(1, hashes!["as", "by", "in"]);
        let ends = (behind..behind + 6).any(|at| {
            self.is_any(at, hashes!["good"]) && self.is_any(at + 1, hashes!["standing"])
                || self.is_any(at, hashes!["in"]) && self.is_any(at + 1, hashes!["hand"])
        });
        self.tokens.len() <= MOST_OF_ITEM && (begins || ends || self.is_item_alone())
    }

    /// Whether the sentence says little beside the name.
    pub(super) fn is_whole(&self) -> bool {
        self.tokens.len() <= MOST_OF_ITEM && self.first <= MOST_OF_HEAD
    }

    /// `* Food Handlers Permit`: an item that is but the name of a paper.
    pub(super) fn is_paper(&self, scope: &Range<usize>) -> bool {
        let last = self.behind.checked_sub(1).and_then(|at| self.tokens.get(at)).filter(|_| self.behind > self.first);
        let is_of_paper = last.is_some_and(|token| {
            token.word == Word::Noun || hashes!["permit", "card", "endorsement", "licensure"].contains(&token.hash)
        });
        is_item(&self.text[scope.clone()]) && is_of_paper && self.first <= 2 && self.tokens.len() <= MOST_OF_PAPER
    }

    /// `CNA certification`, `CPR certified`: an item that says no more; not `CNA license number`.
    fn is_item_alone(&self) -> bool {
        let Self { first, behind, .. } = *self;
        let noun = self.tokens.get(behind).map(|token| token.word);
        let is_verbless = !self.tokens.iter().any(|token| {
            matches!(token.word, Word::Training | Word::Offered | Word::Ask | Word::Include | Word::Submit | Word::Hold)
        });
        first <= 2
            && (noun == Some(Word::Noun) || noun == Some(Word::Certified) && behind + 1 == self.tokens.len())
            && self.tokens.len() <= MOST_OF_ALONE
            && is_verbless
            && !self.is_any(
                behind + 1,
                hashes!["number", "type", "information", "verification", "renewal", "fees", "holders", "name"],
            )
    }
}
