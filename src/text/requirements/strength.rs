//! Whether something is required, preferred or ruled out.

use serde::{Deserialize, Serialize};

use super::words::{Gap, Word, sentence};

/// How strongly a posting asks for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Strength {
    /// Said to be required: "required", "must", "minimum", or under such a heading.
    Required,
    /// Named and not marked.
    Stated,
    /// Said to be preferred: "preferred", "a plus", or under such a heading.
    Preferred,
}

/// What a cue says; a negation is stronger than what it negates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cue {
    Asks(Strength),
    /// `not required`, `not necessary`.
    Negates,
}

/// The strength by the words around a mention `[start, end)` whose sentence holds no other mention before `from` or after
/// `until`: first the words behind it, then those before it, then the heading that it stands under.
pub(super) fn cue(words: &[Word<'_>], start: usize, end: usize, from: usize, until: usize) -> Option<Cue> {
    let all = sentence(words, start);
    let (from, until) = (from.max(all.start), until.min(all.end).max(end));
    let behind = (end..until).find_map(|at| at_word(words, at));
    behind.or_else(|| (from..start).rev().find_map(|at| at_word(words, at)))
}

fn at_word(words: &[Word<'_>], at: usize) -> Option<Cue> {
    let before = |back: usize| at.checked_sub(back).map_or("", |i| words[i].text);
    let is_negated =
        || (1..=2).any(|back| matches!(before(back), "not" | "no" | "never" | "isn't" | "isn\u{2019}t" | "without"));
    match words[at].text {
        "required" | "requires" | "require" | "necessary" | "needed" | "mandatory" if is_negated() => {
            Some(Cue::Negates)
        }
        "required" | "requires" | "require" | "must" | "mandatory" | "minimum" | "least" | "needed" | "necessary"
        | "requirement" | "requirements" | "possess" => Some(Cue::Asks(Strength::Required)),
        "preferred" | "preferably" | "prefer" | "prefers" | "desired" | "desirable" | "ideally" | "ideal"
        | "helpful" | "beneficial" | "advantageous" | "nice" => Some(Cue::Asks(Strength::Preferred)),
        "plus" if matches!(before(1), "a" | "big" | "strong" | "huge") => Some(Cue::Asks(Strength::Preferred)),
        "asset" | "advantage" if matches!(before(1), "an" | "a") => Some(Cue::Asks(Strength::Preferred)),
        _ => None,
    }
}

/// For each word the strength that the heading above its line gives.
///
/// A heading is a line of at most six words that names qualifications, requirements or skills and no degree or years.
pub(super) fn headings(words: &[Word<'_>]) -> Vec<Strength> {
    const MOST_WORDS: usize = 6;
    let mut out = vec![Strength::Stated; words.len()];
    let mut present = Strength::Stated;
    let mut start = 0;
    while start < words.len() {
        let end = (start + 1..words.len()).find(|at| words[*at].gap == Gap::Line).unwrap_or(words.len());
        let line = &words[start..end];
        if line.len() <= MOST_WORDS {
            present = heading(line).unwrap_or(present);
        }
        out[start..end].fill(present);
        start = end;
    }
    out
}

/// The strength that a short line gives to what stands below it, if it is a heading.
fn heading(line: &[Word<'_>]) -> Option<Strength> {
    let any = |list: &[&str]| line.iter().any(|word| list.contains(&word.text));
    let names = any(&["qualifications", "requirements", "skills", "criteria", "competencies", "have", "haves"]);
    let content = || any(&["degree", "diploma", "ged", "year", "years", "months", "experience"]);
    if names && !content() {
        return Some(if any(&["preferred", "desired", "nice", "bonus", "plus", "additional", "desirable"]) {
            Strength::Preferred
        } else if any(&["required", "requirements", "minimum", "must", "basic", "essential"]) {
            Strength::Required
        } else {
            Strength::Stated
        });
    }
    any(&["benefits", "responsibilities", "duties", "perks", "offer", "about"]).then_some(Strength::Stated)
}
