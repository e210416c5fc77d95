//! The years of experience that a posting asks for.

use serde::{Deserialize, Serialize};

use super::strength::{Cue, Strength, cue};
use super::words::{Gap, Word, is_at, sentence};

/// More years than this are a company's history, not a requirement.
const MOST_MONTHS: u32 = 25 * 12;

/// Words between alternatives, at most.
const MOST_BETWEEN: usize = 20;

/// The experience that a posting asks for, in months.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Experience {
    /// Least experience, of the statement that asks for most; 0 where the posting says that none is needed and names no time.
    pub min_months: Option<u32>,
    /// Most experience of the same statement: `two to four years`, `up to 2 years`.
    pub max_months: Option<u32>,
    /// Least experience that is preferred.
    pub preferred_months: Option<u32>,
    /// "No experience necessary".
    pub is_none_needed: bool,
    /// "Will train", "on-the-job training", "training provided".
    pub is_trained: bool,
}

/// A time that is named by the words `[start, end)`.
#[derive(Clone, Copy, Debug)]
struct Time {
    low: Option<u32>,
    high: Option<u32>,
    start: usize,
    end: usize,
}

pub(super) fn experience(words: &[Word<'_>], headings: &[Strength]) -> Experience {
    let mut times: Vec<Time> = Vec::new();
    let mut out = Experience::default();
    let mut at = 0;
    while at < words.len() {
        out.is_none_needed |= says_none(words, at);
        out.is_trained |= says_training(words, at);
        match time_at(words, at).filter(|time| is_of_experience(words, time)) {
            Some(time) => {
                at = time.end;
                times.push(time);
            }
            None => at += 1,
        }
    }
    let mut last: Option<Time> = None;
    for (place, time) in times.iter().enumerate() {
        let from = place.checked_sub(1).map_or(0, |i| times[i].end);
        let until = times.get(place + 1).map_or(words.len(), |next| next.start);
        let strength = match cue(words, time.start, time.end, from, until) {
            Some(Cue::Negates) => continue,
            Some(Cue::Asks(strength)) => strength,
            None => headings[time.start],
        };
        if strength == Strength::Preferred {
            out.preferred_months = out.preferred_months.max(time.low);
            continue;
        }
        // `2 years with a degree or 4 years without`: the least of alternatives, else the most of all.
        let is_alternative = last.is_some_and(|last| {
            time.start - last.end <= MOST_BETWEEN
                && words[last.end..time.start].iter().any(|word| word.text == "or")
                && words[last.end..=time.start].iter().all(|word| word.gap < Gap::Stop)
        });
        let (present, new) = (out.min_months.unwrap_or(0), time.low.unwrap_or(0));
        let is_first = last.is_none();
        if is_first || (is_alternative && new < present) || (!is_alternative && new > present) {
            out.min_months = time.low.or(Some(0));
            out.max_months = time.high;
        }
        last = Some(*time);
    }
    if out.is_none_needed && out.min_months.is_none() {
        out.min_months = Some(0);
    }
    out
}

/// `3+ years`, `two to four years`, `six (6) months`, `1-2 yrs`, `up to 2 years`, `a year`.
fn time_at(words: &[Word<'_>], at: usize) -> Option<Time> {
    let low = number(words[at].text)?;
    let mut end = at + 1;
    let next = |index: usize| words.get(index).filter(|word| word.gap <= Gap::Slash);
    // `three (3) years`.
    if next(end).is_some_and(|word| number(word.text) == Some(low)) {
        end += 1;
    }
    let mut has_plus = words[end - 1].has_plus;
    let mut high = None;
    let joint = next(end).filter(|word| matches!(word.text, "to" | "or" | "and")).map(|_| end + 1);
    let second = joint.unwrap_or(end);
    if let Some(word) = next(second)
        && let Some(value) = number(word.text).filter(|value| *value > low)
    {
        high = Some(value);
        has_plus |= word.has_plus;
        end = second + 1;
        if next(end).is_some_and(|word| number(word.text) == Some(value)) {
            end += 1;
        }
    }
    while next(end).is_some_and(|word| matches!(word.text, "plus" | "full" | "or" | "more")) && end < at + 6 {
        has_plus |= matches!(words[end].text, "plus" | "more");
        end += 1;
    }
    let months = match next(end)?.text {
        "year" | "years" | "yr" | "yrs" => 12,
        "month" | "months" | "mos" => 1,
        _ => return None,
    };
    end += 1;
    let scaled = |value: u32| Some(value * months).filter(|value| *value <= MOST_MONTHS);
    let low = scaled(low)?;
    let high = high.and_then(scaled);
    let is_ceiling =
        at >= 2 && is_at(words, at - 2, &["up", "to"]) || at >= 1 && matches!(words[at - 1].text, "maximum");
    Some(match high {
        Some(_) if has_plus => Time { low: Some(low), high: None, start: at, end },
        Some(high) => Time { low: Some(low), high: Some(high), start: at, end },
        None if is_ceiling => Time { low: None, high: Some(low), start: at, end },
        None => Time { low: Some(low), high: None, start: at, end },
    })
}

/// Whether a time is of experience: the word stands near in the same sentence, and it is not an age, the length of a degree or a
/// company's history.
fn is_of_experience(words: &[Word<'_>], time: &Time) -> bool {
    const AFTER: usize = 10;
    const BEFORE: usize = 6;
    let all = sentence(words, time.start);
    let after = &words[time.end..all.end.min(time.end + AFTER).max(time.end)];
    let before = &words[all.start.max(time.start.saturating_sub(BEFORE))..time.start];
    let is_age =
        after.first().is_some_and(|word| matches!(word.text, "old" | "older" | "degree" | "college" | "university"))
            || after.iter().take(2).any(|word| word.text == "age")
            || after.iter().take(2).any(|word| word.text == "older");
    let is_history = before.iter().any(|word| matches!(word.text, "we" | "our" | "company" | "we've" | "family"));
    let is_word = |word: &Word<'_>| matches!(word.text, "experience" | "experienced" | "exp" | "background");
    !is_age && !is_history && (after.iter().any(is_word) || before.iter().any(is_word))
}

fn says_none(words: &[Word<'_>], at: usize) -> bool {
    const REACH: usize = 6;
    if !matches!(words[at].text, "no" | "experience") {
        return false;
    }
    let all = sentence(words, at);
    let ahead = &words[at..all.end.min(at + REACH).max(at)];
    let has = |list: &[&str]| ahead.iter().any(|word| list.contains(&word.text));
    match words[at].text {
        "no" => {
            // `no experience necessary`, `no prior sales experience required`; not `no one with experience`.
            let place = ahead.iter().position(|word| word.text == "experience");
            place.is_some_and(|place| {
                let is_last = place + 1 == ahead.len() && ahead.len() < REACH;
                place <= 3 && (is_last || has(&["necessary", "required", "needed"]))
            })
        }
        "experience" => {
            let negated = ["not", "isn't", "isn\u{2019}t"];
            has(&negated) && has(&["necessary", "required", "needed"])
        }
        _ => false,
    }
}

fn says_training(words: &[Word<'_>], at: usize) -> bool {
    let phrases: &[&[&str]] = match words[at].text {
        "will" | "we" => &[&["train"]],
        "willing" => &[&["to", "train"]],
        "on" => &[&["the", "job", "training"]],
        "training" => &[&["provided"], &["is", "provided"], &["will", "be", "provided"]],
        "provide" => &[&["training"], &["full", "training"]],
        "full" | "paid" => &[&["training"]],
        _ => return false,
    };
    let is_tied = words.get(at + 1).is_some_and(|word| word.gap <= Gap::Slash);
    is_tied && phrases.iter().any(|phrase| is_at(words, at + 1, phrase))
}

fn number(word: &str) -> Option<u32> {
    const WORDS: [&str; 13] =
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    if word.len() <= 2 && word.bytes().all(|b| b.is_ascii_digit()) {
        return word.parse().ok();
    }
    if !(3..=6).contains(&word.len()) || !word.starts_with(['z', 'o', 't', 'f', 's', 'e', 'n']) {
        return None;
    }
    WORDS.iter().zip(0..).find(|(name, _)| **name == word).map(|(_, value)| value)
}
