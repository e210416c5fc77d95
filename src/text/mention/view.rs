//! A match among the words of its sentence, and the cue that speaks of it.

use std::ops::Range;

use super::cue::{Cue, Reach, Says};
use super::token::{Token, Word, is_any};
use crate::text::words::hashes;

/// Words behind `without` of which it speaks.
const WITHOUT_WITHIN: usize = 5;

/// A match in its sentence.
pub(super) struct View<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a [Token],
    pub(super) cues: &'a [Cue],
    pub(super) span: &'a Range<usize>,
    /// Number of tokens before the match, and the place of the first behind it.
    pub(super) first: usize,
    pub(super) behind: usize,
}

impl<'a> View<'a> {
    /// A match at `span` among the words and cues of its sentence.
    pub(super) fn new(text: &'a str, tokens: &'a [Token], cues: &'a [Cue], span: &'a Range<usize>) -> Self {
        let first = tokens.partition_point(|token| token.span.end <= span.start);
        let behind = first + tokens[first..].iter().take_while(|token| token.span.start < span.end).count();
        Self { text, tokens, cues, span, first, behind }
    }

    pub(super) fn is_question(&self, scope: &Range<usize>) -> bool {
        let tail = self.text[scope.clone()].trim_end();
        let begins_so = self.tokens.iter().take(3).any(|token| token.word == Word::Ask)
            || matches!(self.tokens.first().map(|t| t.word), Some(Word::Hold | Word::Include));
        let is_asked = self.is_any(0, hashes!["do", "does", "are", "have", "can"]) && self.is_any(1, hashes!["you"]);
        is_asked || tail.ends_with('?') && (begins_so || self.tokens.iter().any(|token| token.word == Word::Ask))
    }

    /// `I have`, `Yes, I hold`, `My CNA is current`.
    pub(super) fn is_answer(&self) -> bool {
        // `Fire Crew I` has no pronoun.
        let is_own = |t: &Token| t.span.start >= self.span.start && t.span.end <= self.span.end;
        let first = self.tokens.iter().position(|t| t.word == Word::First && !is_own(t));
        match first {
            Some(0) => true,
            Some(place) if place <= 3 => self.tokens[..place]
                .iter()
                .all(|t| matches!(t.word, Word::YesNo | Word::No | Word::Other | Word::Article)),
            _ => false,
        }
    }

    pub(super) fn obliges(&self) -> bool {
        self.cues.iter().any(|cue| cue.says == Says::Required)
    }

    /// The clause of the match, as tokens: between words such as `but`.
    pub(super) fn clause(&self) -> Range<usize> {
        let Self { first, behind, .. } = *self;
        let is_but = |token: &Token| token.word == Word::But;
        let start = self.tokens[..first].iter().rposition(is_but).map_or(0, |at| at + 1);
        let end = self.tokens[behind..].iter().position(is_but).map_or(self.tokens.len(), |at| behind + at);
        start..end
    }

    /// The cue that speaks of the match: the next one behind it that points back, if nothing else is named between, or else the
    /// last one before it that points on.
    pub(super) fn governing(&self) -> Option<Cue> {
        let Self { first, behind, .. } = *self;
        let clause = self.clause();
        // `without sponsorship` says nothing of what stands far behind.
        let is_far = |cue: &Cue| {
            self.tokens[cue.token].word == Word::Without
                && cue.says == Says::NotRequired
                && first - cue.token > WITHOUT_WITHIN
        };
        let left = self.cues.iter().rev().find(|cue| {
            let is_own = cue.token < first && clause.contains(&cue.token) && cue.reach != Reach::Left && !is_far(cue);
            is_own && !self.is_of_other_topic(cue.token..first)
        });
        let end = self.tokens.last().map_or(self.span.end, |token| token.span.end).max(self.span.end);
        let semicolon = self.text[self.span.end..end].find(';').map_or(usize::MAX, |at| self.span.end + at);
        // `CNA; RHIT; or CWI is required` speaks of all three.
        let is_list = |at: usize| {
            let last = self.text[self.span.end..at].rsplit(';').next().unwrap_or_default().trim_start();
            ["or ", "and "].iter().any(|joint| last.starts_with(joint))
        };
        let right = self.cues.iter().find(|cue| cue.token >= behind && clause.contains(&cue.token)).filter(|cue| {
            let at = self.tokens[cue.token].span.start;
            cue.reach != Reach::Right
                && !self.is_of_another(behind, cue.token)
                && (at < semicolon || is_list(at))
                && (left.is_none() || !self.text[self.span.end..at].contains(','))
        });
        // `CNA training, in lieu of which ...`: what stands nearer goes first only if nothing points back.
        right.or(left).copied()
    }

    /// `Required: CCNA Career path: many earn a CNA`: a topic between a cue and a name.
    fn is_of_other_topic(&self, tokens: Range<usize>) -> bool {
        let mut between = self.tokens[tokens].iter();
        between.any(|token| {
            self.text.as_bytes().get(token.span.end) == Some(&b':')
                && hashes![
                    "path",
                    "benefits",
                    "schedule",
                    "shift",
                    "hours",
                    "pay",
                    "compensation",
                    "location",
                    "perks",
                    "salary"
                ]
                .contains(&token.hash)
        })
    }

    /// Whether a parenthesis behind the name that holds the token at `place` names something else: `CCNA (CISSP preferred)`.
    fn is_of_another(&self, behind: usize, place: usize) -> bool {
        let at = self.tokens[place].span.start;
        let opened = self.text[self.span.end..at].rfind('(').map(|open| self.span.end + open);
        let Some(open) = opened.filter(|open| !self.text[*open..at].contains(')')) else { return false };
        let is_name = |token: &Token| {
            let word = &self.text[token.span.clone()];
            token.word == Word::Other
                && word.bytes().skip(1).any(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        };
        self.tokens[behind..place].iter().any(|token| token.span.start > open && is_name(token))
    }

    pub(super) fn distance(&self, cue: &Cue) -> usize {
        let Self { first, behind, .. } = *self;
        if cue.token < first { first - cue.token } else { cue.token.saturating_sub(behind) }
    }

    /// `not required but a plus`.
    pub(super) fn is_preferred_after(&self, cue: &Cue) -> bool {
        let Some(but) = self.tokens[cue.token..].iter().position(|token| token.word == Word::But) else { return false };
        let but = cue.token + but;
        self.cues.iter().any(|next| {
            (but + 1..but + 5).contains(&next.token) && next.says == Says::Preferred && next.reach == Reach::Left
        }) || self.tokens[but + 1..].iter().take(2).any(|token| token.word == Word::Preferred)
    }

    /// Whether the word at `place` is one of these.
    pub(super) fn is_any(&self, place: usize, words: &[u64]) -> bool {
        is_any(self.tokens, place, words)
    }

    /// `Non-CNA aide`: a job for those who have none.
    pub(super) fn is_negated_by_prefix(&self) -> bool {
        let head = self.text.as_bytes()[..self.span.start].strip_suffix(b"-");
        head.and_then(<[u8]>::last_chunk::<3>).is_some_and(|word| word.eq_ignore_ascii_case(b"non"))
    }

    /// The place of the first token of the name, or of the first of several that slashes join to it.
    pub(super) fn head(&self) -> usize {
        let mut first = self.first;
        while let Some(before) = first.checked_sub(1)
            && let Some(token) = self.tokens.get(first)
            && self.text[self.tokens[before].span.end..token.span.start] == *"/"
        {
            first = before;
        }
        first
    }

    /// A word such as `certification` near by, or no other words than a list item has.
    pub(super) fn names_a_credential(&self) -> bool {
        let Self { first, behind, .. } = *self;
        let is_word = |token: &Token| matches!(token.word, Word::Noun | Word::Certified);
        self.tokens.len() <= 12
            || self.tokens[first..behind].iter().any(|token| token.word == Word::Noun)
            || self.tokens[first.saturating_sub(4)..first].iter().any(is_word)
            || self.tokens[behind..(behind + 4).min(self.tokens.len())].iter().any(is_word)
    }

    /// `such as`, `e.g.` before the match.
    pub(super) fn is_example(&self) -> bool {
        let first = self.first;
        let from = first.saturating_sub(8);
        let start = self.tokens.get(from).map_or(self.span.start, |token| token.span.start).min(self.span.start);
        self.tokens[from..first].iter().any(|token| token.word == Word::Example)
            || self.text[start..self.span.start].contains("e.g")
    }

    /// The first token of the name, or of the words that a short form in parentheses stands for.
    pub(super) fn spelt_first(&self) -> usize {
        let first = self.first;
        let bytes = self.text.as_bytes();
        if self.span.start == 0 || bytes[self.span.start - 1] != b'(' {
            return first;
        }
        let n_letters = bytes[self.span.clone()].iter().filter(|byte| byte.is_ascii_alphabetic()).count();
        first.saturating_sub(n_letters.min(6))
    }
}
