//! Items of questionnaires, and what they demand above a sentence.

use std::ops::Range;

use super::cue::{Cue, Says, cues};
use super::scope::{BEFORE, WRAPPED_LINE, is_mark, sentence};
use super::token::{Token, Word, is_any, tokens};
use super::words::{WordList, floor};
use crate::text::words::hashes;

/// Items are followed this far back, in bytes, and paragraphs without a number.
const ITEM: usize = 2500;
const PARAGRAPH: usize = 900;

/// The item before a sentence, with its words.
#[derive(Clone, Debug, Default)]
pub(super) struct Item {
    items: Items,
    read: Option<Range<usize>>,
    tokens: Vec<Token>,
    cues: Vec<Cue>,
}

impl Item {
    /// Forgets the text before.
    pub(super) fn restart(&mut self) {
        self.items = Items::default();
        self.read = None;
    }

    /// Whether the item before the sentence `scope` demands the match at `span`, or a credential: with `numbered` only if the item has
    /// a number, names the match already, or screens out. Calls go up through the text.
    pub(super) fn demands(
        &mut self,
        text: &str,
        words: &WordList,
        span: &Range<usize>,
        scope: &Range<usize>,
        numbered: bool,
    ) -> bool {
        let (range, has_number) = self.items.before(text, scope);
        let name = &text[span.clone()];
        let named = text[range.clone()].rfind(name).map(|at| range.start + at..range.start + at + name.len());
        let has_name = named.is_some();
        let is_item = has_number || !numbered;
        if !is_item
            && !has_name
            && !["factor", "Factor", "FACTOR", "creen", "CREEN"].iter().any(|w| text[range.clone()].contains(w))
        {
            return false;
        }
        // Matches of one sentence share the words before it.
        if self.read.as_ref() != Some(&range) {
            tokens(text, words, range.clone(), &mut self.tokens);
            cues(text, &self.tokens, &mut self.cues);
            self.read = Some(range);
        }
        // In a paragraph without a number only the sentence that has the name speaks of it.
        let of_name = named.filter(|_| !is_item).map(|named| sentence(text, &named));
        let speaks_of_name = |cue: &Cue| match &of_name {
            Some(own) => own.contains(&self.tokens[cue.token].span.start),
            None => has_name,
        };
        let mut demands = self.cues.iter().filter(|cue| cue.says == Says::Required);
        demands.any(|cue| speaks_of_name(cue) || self.is_of_credentials(cue, is_item))
    }

    /// Whether a demand speaks of credentials, or of all that follows.
    fn is_of_credentials(&self, cue: &Cue, is_item: bool) -> bool {
        let tokens = &self.tokens[..];
        // `Do you possess each of the following requirements?` and `selective factor` speak of all that follows.
        let is_of_all = match tokens[cue.token].word {
            Word::Screening => return true,
            _ if !is_item => return false,
            Word::Requirement => {
                (cue.token.saturating_sub(2)..cue.token).any(|at| is_any(tokens, at, hashes!["following"]))
            }
            _ => false,
        };
        let near = &tokens[cue.token.saturating_sub(8)..(cue.token + 22).min(tokens.len())];
        is_of_all || near.iter().any(|token| matches!(token.word, Word::Noun | Word::Certified))
    }
}

/// What a question goes on with is followed this far, in bytes.
const GOES_ON: usize = 1500;

/// Words around an obligation in which a credential is looked for.
const NEAR_DEMAND: usize = 6;

/// Whether the explanation between a question and its answers says that who asks must be certified: `Exception. ... For grades above
/// the candidate must be certified.`
pub(super) fn demands_behind(
    text: &str,
    words: &WordList,
    question: &Range<usize>,
    found: &mut Vec<Token>,
    found_cues: &mut Vec<Cue>,
) -> bool {
    let bytes = text.as_bytes();
    let bound = floor(text, question.end + GOES_ON);
    let mut end = question.end;
    while end < bound {
        let next = line_end(bytes, end).min(bound);
        let line = bytes[end..next].trim_ascii_start();
        let is_answer = is_mark(line, 0) || [&b"Yes"[..], b"No", b"I "].iter().any(|word| line.starts_with(word));
        if end > question.end && (is_answer || is_number(line)) {
            break;
        }
        end = next;
    }
    tokens(text, words, question.end..end, found);
    cues(text, found, found_cues);
    let is_of_credential = |cue: &Cue| {
        let near = &found[cue.token..(cue.token + NEAR_DEMAND).min(found.len())];
        found[cue.token].word == Word::Must && near.iter().any(|t| matches!(t.word, Word::Noun | Word::Certified))
    };
    found_cues.iter().any(|cue| cue.says == Says::Required && is_of_credential(cue))
}

/// Where the items of a questionnaire begin, read once from the start of a text to the last sentence asked about.
#[derive(Clone, Debug, Default)]
struct Items {
    scanned: usize,
    /// Line starts: of the last number, of the last letter such as `(a)` behind it, of the last paragraph behind it.
    number: Option<usize>,
    letter: Option<usize>,
    paragraph: Option<usize>,
}

impl Items {
    /// What stands before a sentence in the same item: back to its number at a line start, or else to its letter, or else to a
    /// blank line. The second part says whether there is a number. Calls go up through the text; the whole of them costs one pass.
    fn before(&mut self, text: &str, sentence: &Range<usize>) -> (Range<usize>, bool) {
        let bytes = text.as_bytes();
        let floor = sentence.start.saturating_sub(ITEM);
        self.read(bytes, floor, sentence.start);
        if let Some(at) = self.number.filter(|at| *at >= floor) {
            return (line_above(bytes, at, floor)..sentence.start, true);
        }
        if let Some(at) = self.letter.filter(|at| *at >= floor) {
            return (at..sentence.start, true);
        }
        let paragraph = self.paragraph.filter(|at| sentence.start - at <= PARAGRAPH);
        let start = paragraph.unwrap_or(sentence.start.saturating_sub(BEFORE));
        (super::words::ceil(text, start).min(sentence.start)..sentence.start, false)
    }

    /// Reads the lines that start at `self.scanned` or behind it, up to `end`; not those before `floor`.
    fn read(&mut self, bytes: &[u8], floor: usize, end: usize) {
        let mut at = self.scanned.max(floor);
        if at > 0 && bytes.get(at - 1).is_some_and(|byte| *byte != b'\n') {
            at = line_end(bytes, at);
        }
        while at <= end && at <= bytes.len() {
            let line = &bytes[at..];
            if is_number(line) {
                *self = Self { number: Some(at), ..Self::default() };
            } else if is_letter(line) {
                self.letter = Some(at);
            } else if follows_blank_line(bytes, at) {
                self.paragraph = Some(at);
            }
            at = line_end(bytes, at);
        }
        self.scanned = at;
    }
}

/// The byte behind the line break that ends the line at `at`; beyond the text if there is none.
fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len() + 1, |place| at + place + 1)
}

/// Whether the line before the one that starts at `at` has nothing on it.
fn follows_blank_line(bytes: &[u8], at: usize) -> bool {
    let Some(head) = bytes[..at].strip_suffix(b"\n") else { return false };
    let head = head.strip_suffix(b"\r").unwrap_or(head);
    matches!(head.last(), None | Some(b'\n'))
}

/// The start of the line above a number, if it is a paragraph and no answer.
fn line_above(bytes: &[u8], at: usize, floor: usize) -> usize {
    let line = bytes[floor..at].trim_ascii_end();
    let length = line.iter().rev().take_while(|b| **b != b'\n').count();
    let start = floor + line.len() - length;
    // A line that `floor` cuts may begin within a character.
    if length >= WRAPPED_LINE && start > floor && !is_mark(bytes, start) { start } else { at }
}

/// Whether a line starts with a number of up to three digits and a period.
fn is_number(line: &[u8]) -> bool {
    let n_digits = line.iter().take(4).take_while(|b| b.is_ascii_digit()).count();
    (1..4).contains(&n_digits) && matches!(line.get(n_digits), Some(b'.' | b')'))
}

/// Whether a line starts with a letter in parentheses, `(a)`.
fn is_letter(line: &[u8]) -> bool {
    matches!(line, [b'(', b'a'..=b'z', b')', ..])
}
