//! The ten groups of skills of Deming and Kahn.

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::words::{Word, is_at};

/// A group of skills (Deming & Kahn 2018, "Skill Requirements across Firms and Labor Markets: Evidence from Job Postings for
/// Professionals", Journal of Labor Economics 36(S1), Table 1).
///
/// The key words below are those of the table. They were taken from citations, not from the article: those of the cognitive,
/// social and character groups and of the two kinds of management are quoted in full by a later paper; those of writing,
/// customer service, finance, computer and software are **not certain**. The article counts key words that a vendor had coded;
/// here the words themselves are sought in the text, so levels are not comparable with the article's. `Staff`, `customer` and
/// `cost` stand in most postings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SkillGroup {
    /// Problem solving, research, analytical, critical thinking, math, statistics.
    Cognitive,
    /// Communication, teamwork, collaboration, negotiation, presentation.
    Social,
    /// Organized, detail oriented, multitasking, time management, meeting deadlines, energetic.
    Character,
    /// Writing.
    Writing,
    /// Customer, sales, client, patient.
    CustomerService,
    /// Project management.
    ProjectManagement,
    /// Supervisory, leadership, management (not project), mentoring, staff.
    PeopleManagement,
    /// Budgeting, accounting, finance, cost.
    Financial,
    /// Computer, spreadsheets, common software such as Microsoft Excel.
    Computer,
    /// A programming language or specialised software, such as Java, SQL, Python. The list of names is ours and short.
    Software,
}

impl SkillGroup {
    /// Every group, in the order of the table.
    pub const ALL: [Self; 10] = [
        Self::Cognitive,
        Self::Social,
        Self::Character,
        Self::Writing,
        Self::CustomerService,
        Self::ProjectManagement,
        Self::PeopleManagement,
        Self::Financial,
        Self::Computer,
        Self::Software,
    ];

    /// The phrases that stand for the group, in lower case; plurals and spellings with a hyphen count too.
    #[must_use]
    pub fn key_words(self) -> &'static [&'static str] {
        match self {
            Self::Cognitive => {
                &["problem solving", "research", "analytical", "critical thinking", "math", "mathematics", "statistics"]
            }
            Self::Social => &["communication", "teamwork", "collaboration", "negotiation", "presentation"],
            Self::Character => &[
                "organized",
                "detail oriented",
                "multitasking",
                "multi tasking",
                "time management",
                "meeting deadlines",
                "energetic",
            ],
            Self::Writing => &["writing"],
            Self::CustomerService => &["customer", "sales", "client", "patient"],
            Self::ProjectManagement => &["project management"],
            Self::PeopleManagement => &["supervisory", "leadership", "management", "mentoring", "staff"],
            Self::Financial => &["budgeting", "accounting", "finance", "cost"],
            Self::Computer => &[
                "computer",
                "spreadsheet",
                "microsoft office",
                "ms office",
                "microsoft excel",
                "excel spreadsheet",
                "ms excel",
                "microsoft word",
                "ms word",
                "powerpoint",
                "outlook",
                "google docs",
                "google sheets",
            ],
            Self::Software => &[
                "java",
                "javascript",
                "sql",
                "python",
                "c++",
                "c#",
                "php",
                "html",
                "css",
                "linux",
                "unix",
                "oracle",
                "sap",
                "salesforce",
                "quickbooks",
                "autocad",
                "solidworks",
                "photoshop",
                "tableau",
                "matlab",
                "stata",
                "sas",
                "power bi",
                "aws",
                "azure",
                "git",
                "kubernetes",
                "revit",
            ],
        }
    }
}

impl fmt::Display for SkillGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Cognitive => "cognitive",
            Self::Social => "social",
            Self::Character => "character",
            Self::Writing => "writing",
            Self::CustomerService => "customer-service",
            Self::ProjectManagement => "project-management",
            Self::PeopleManagement => "people-management",
            Self::Financial => "financial",
            Self::Computer => "computer",
            Self::Software => "software",
        })
    }
}

/// How often each group is named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkillCounts([u32; 10]);

impl SkillCounts {
    /// Key words of a group that the text holds, each time counted.
    #[must_use]
    pub fn count(&self, group: SkillGroup) -> u32 {
        self.0[group as usize]
    }

    /// Whether the text names a group.
    #[must_use]
    pub fn has(&self, group: SkillGroup) -> bool {
        self.count(group) > 0
    }

    /// The groups that the text names.
    pub fn groups(&self) -> impl Iterator<Item = SkillGroup> {
        SkillGroup::ALL.into_iter().filter(|group| self.has(*group))
    }
}

/// The key words by their first word.
#[derive(Clone, Debug)]
pub(super) struct KeyWords(HashMap<&'static str, Vec<(SkillGroup, Vec<&'static str>)>>);

impl KeyWords {
    pub(super) fn new() -> Self {
        let mut all: HashMap<&'static str, Vec<_>> = HashMap::new();
        for group in SkillGroup::ALL {
            for phrase in group.key_words() {
                let words: Vec<&'static str> = phrase.split(' ').collect();
                all.entry(words[0]).or_default().push((group, words));
            }
        }
        Self(all)
    }

    pub(super) fn count<'a>(&'a self, words: &'a [Word<'a>]) -> SkillCounts {
        let mut counts = SkillCounts::default();
        for at in 0..words.len() {
            // `Project` and `time management` are groups of their own; `multi-tasking` and the rest meet as written.
            let before = at.checked_sub(1).map_or("", |i| words[i].text);
            let is_other_management = words[at].text == "management" && matches!(before, "project" | "time");
            for group in
                self.at(words, at).filter(|group| !is_other_management || *group != SkillGroup::PeopleManagement)
            {
                counts.0[group as usize] = counts.0[group as usize].saturating_add(1);
            }
        }
        counts
    }

    fn at<'a>(&'a self, words: &'a [Word<'a>], at: usize) -> impl Iterator<Item = SkillGroup> + use<'a> {
        let word = words[at].text;
        let singular = word.strip_suffix('s').unwrap_or(word);
        let exact = self.0.get(word).into_iter().flatten();
        // Plurals of single words: `customers`, `costs`.
        let plural = self.0.get(singular).filter(|_| singular != word).into_iter().flatten();
        exact
            .filter(move |(_, phrase)| is_at(words, at, phrase))
            .chain(plural.filter(|(_, phrase)| phrase.len() == 1 && phrase[0].len() > 3))
            .map(|(group, _)| *group)
    }
}
