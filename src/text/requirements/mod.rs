//! What a posting asks of applicants: education, experience, whether beginners may apply, and groups of skills.
//!
//! Rules on words, no model. A requirement takes its strength from a word such as "required" or "preferred" in the same
//! sentence, first behind it, then before it, else from the heading above its line, else it counts as stated, which is a
//! weaker kind of required. Words of postings in English only.

mod education;
mod entry;
mod experience;
mod skill;
mod strength;
#[cfg(test)]
mod tests;
mod words;

use serde::{Deserialize, Serialize};

pub use self::education::{Education, EducationLevel};
pub use self::entry::{ENTRY_MONTHS, EXPERIENCED_MONTHS, EntryLevel, EntryRule};
pub use self::experience::Experience;
pub use self::skill::{SkillCounts, SkillGroup};
pub use self::strength::Strength;

/// What a posting asks of applicants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirements {
    /// Education.
    pub education: Education,
    /// Experience.
    pub experience: Experience,
    /// Whether beginners may apply.
    pub entry_level: EntryLevel,
    /// Groups of skills.
    pub skills: SkillCounts,
}

/// Reads requirements; holds the key words of skills, so make one and keep it.
#[derive(Clone, Debug)]
pub struct RequirementsReader {
    key_words: skill::KeyWords,
}

impl Default for RequirementsReader {
    fn default() -> Self {
        Self::new()
    }
}

impl RequirementsReader {
    /// A reader.
    #[must_use]
    pub fn new() -> Self {
        Self { key_words: skill::KeyWords::new() }
    }

    /// Reads a posting's text, title included. O(bytes).
    ///
    /// # Examples
    /// ```
    /// # use credcast::text::requirements::{EducationLevel, RequirementsReader, SkillGroup};
    /// let found = RequirementsReader::new().read("High school diploma required, 3+ years of sales experience preferred.");
    /// assert_eq!(found.education.floor, Some(EducationLevel::HighSchool));
    /// assert_eq!((found.experience.min_months, found.experience.preferred_months), (None, Some(36)));
    /// assert!(found.skills.has(SkillGroup::CustomerService));
    /// ```
    #[must_use]
    pub fn read(&self, text: &str) -> Requirements {
        let lower = text.to_ascii_lowercase();
        let words = words::words(text, &lower);
        let (education, experience, entry_level) = of_words(&words);
        Requirements { education, experience, entry_level, skills: self.key_words.count(&words) }
    }

    /// Whether a posting is for beginners: a part of [`read`](Self::read). O(bytes).
    #[must_use]
    pub fn entry_level(&self, text: &str) -> EntryLevel {
        let lower = text.to_ascii_lowercase();
        of_words(&words::words(text, &lower)).2
    }
}

fn of_words(words: &[words::Word<'_>]) -> (Education, Experience, EntryLevel) {
    let headings = strength::headings(words);
    let education = education::education(words, &headings);
    let experience = experience::experience(words, &headings);
    let entry_level = entry::entry_level(words, &education, &experience);
    (education, experience, entry_level)
}
