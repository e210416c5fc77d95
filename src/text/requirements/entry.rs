//! Whether a posting is open to beginners, and by which rule.

use serde::{Deserialize, Serialize};

use super::education::{Education, EducationLevel};
use super::experience::Experience;
use super::words::{Word, is_at};

/// Experience up to which a posting counts as entry level, in months. Our choice.
pub const ENTRY_MONTHS: u32 = 12;

/// Experience from which on it does not. Our choice; between the two it is not known.
pub const EXPERIENCED_MONTHS: u32 = 24;

/// The rule that decided on entry level; the first that applies, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum EntryRule {
    /// Not: "not an entry-level position", "not entry level".
    SaysNot,
    /// Entry: "entry level".
    SaysEntry,
    /// Entry: for trainees, apprentices, interns, or recent or new graduates.
    ForBeginners,
    /// Not: at least [`EXPERIENCED_MONTHS`] of experience are asked for.
    AsksExperience,
    /// Not: a master's degree or a doctorate is asked for.
    AsksAdvancedDegree,
    /// Entry: "no experience necessary".
    NoExperienceNeeded,
    /// Entry: training is offered and no more than [`ENTRY_MONTHS`] are asked for.
    Trains,
    /// Entry: a time of at most [`ENTRY_MONTHS`] is asked for.
    AsksLittle,
    /// Not known: nothing above applies.
    NothingSaid,
}

/// Whether a posting is entry level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryLevel {
    /// The answer; `None` where the posting does not say.
    pub is_entry: Option<bool>,
    /// What decided it.
    pub rule: EntryRule,
}

pub(super) fn entry_level(words: &[Word<'_>], education: &Education, experience: &Experience) -> EntryLevel {
    let said = (0..words.len()).filter_map(|at| said_at(words, at)).min();
    let rule = said.unwrap_or_else(|| by_requirements(education, experience));
    let is_entry = match rule {
        EntryRule::SaysNot | EntryRule::AsksExperience | EntryRule::AsksAdvancedDegree => Some(false),
        EntryRule::NothingSaid => None,
        _ => Some(true),
    };
    EntryLevel { is_entry, rule }
}

fn by_requirements(education: &Education, experience: &Experience) -> EntryRule {
    let months = experience.min_months;
    if months.is_some_and(|months| months >= EXPERIENCED_MONTHS) {
        EntryRule::AsksExperience
    } else if education.floor.is_some_and(|floor| floor >= EducationLevel::Master) {
        EntryRule::AsksAdvancedDegree
    } else if experience.is_none_needed {
        EntryRule::NoExperienceNeeded
    } else if experience.is_trained && months.unwrap_or(0) <= ENTRY_MONTHS {
        EntryRule::Trains
    } else if months.is_some_and(|months| months <= ENTRY_MONTHS) {
        EntryRule::AsksLittle
    } else {
        EntryRule::NothingSaid
    }
}

fn said_at(words: &[Word<'_>], at: usize) -> Option<EntryRule> {
    match words[at].text {
        "entry" if is_at(words, at, &["entry", "level"]) => {
            let before = &words[at.saturating_sub(3)..at];
            let is_negated = before.iter().any(|word| matches!(word.text, "not" | "isn't" | "isn\u{2019}t"));
            Some(if is_negated { EntryRule::SaysNot } else { EntryRule::SaysEntry })
        }
        "trainee" | "apprentice" | "apprenticeship" | "internship" => Some(EntryRule::ForBeginners),
        "recent" | "new"
            if words.get(at + 1).is_some_and(|w| matches!(w.text, "graduates" | "grads" | "graduate" | "grad")) =>
        {
            Some(EntryRule::ForBeginners)
        }
        _ => None,
    }
}
