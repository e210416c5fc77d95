//! The class of a mention and the rules that decide it.

use std::fmt;

/// What a posting says of a certificate that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Who does not hold it, and will not obtain it in time, is not taken.
    Required,
    /// It helps.
    Preferred,
    /// It is named: in a question, an answer, a duty, a description.
    Mentioned,
    /// It is said not to be needed.
    Negated,
}

impl Class {
    /// A stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Preferred => "preferred",
            Self::Mentioned => "mentioned",
            Self::Negated => "negated",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What decided the class of a mention.
///
/// | rule | class | seen in |
/// |---|---|---|
/// | `Obligation` | required | `must hold`, `is required`, `requires`, `a condition of employment` |
/// | `ObtainLater` | required | the same, or nothing, with `or obtain within six months`: who is not willing to is not taken |
/// | `Preference` | preferred | `preferred`, `a plus`, `desirable`, `nice to have` |
/// | `NotRequiredButPreferred` | preferred | `not required but a plus` |
/// | `InLieu` | mentioned | one side of `in lieu of` or `may substitute for`: one of several ways |
/// | `NotRequired` | negated | `not required`, `no CNA needed`, `without a CNA` |
/// | `ItemObligation` | required | a question, answer or note, with words of obligation before it in the same item, behind it, or on the same certificate above it |
/// | `Question` | mentioned | `Do you hold a CNA?` |
/// | `Answer` | mentioned | `I have a current CNA`, the choice of an answer |
/// | `TrainingOffered` | mentioned | `we pay for your CNA`, `CNA training provided` |
/// | `HeadingRequired` | required | a list under `Requirements:` |
/// | `Held` | required | an item such as `Current CNA` or `CNA in good standing` |
/// | `HeadingPreferred` | preferred | a list under `Nice to have` |
/// | `NoCue` | mentioned | nothing of all this |
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the table above")]
pub enum Rule {
    Obligation,
    ObtainLater,
    Preference,
    NotRequiredButPreferred,
    InLieu,
    NotRequired,
    ItemObligation,
    Question,
    Answer,
    TrainingOffered,
    Held,
    HeadingRequired,
    HeadingPreferred,
    NoCue,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 14] = [
        Self::Obligation,
        Self::ObtainLater,
        Self::Preference,
        Self::NotRequiredButPreferred,
        Self::InLieu,
        Self::NotRequired,
        Self::ItemObligation,
        Self::Question,
        Self::Answer,
        Self::TrainingOffered,
        Self::Held,
        Self::HeadingRequired,
        Self::HeadingPreferred,
        Self::NoCue,
    ];

    /// A stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Obligation => "obligation",
            Self::ObtainLater => "obtain-later",
            Self::Preference => "preference",
            Self::NotRequiredButPreferred => "not-required-but-preferred",
            Self::InLieu => "in-lieu",
            Self::NotRequired => "not-required",
            Self::ItemObligation => "item-obligation",
            Self::Question => "question",
            Self::Answer => "answer",
            Self::TrainingOffered => "training-offered",
            Self::Held => "held",
            Self::HeadingRequired => "heading-required",
            Self::HeadingPreferred => "heading-preferred",
            Self::NoCue => "no-cue",
        }
    }

    /// The class that the rule gives.
    #[must_use]
    pub fn class(self) -> Class {
        match self {
            Self::Obligation | Self::ObtainLater | Self::ItemObligation | Self::Held | Self::HeadingRequired => {
                Class::Required
            }
            Self::Preference | Self::NotRequiredButPreferred | Self::HeadingPreferred => Class::Preferred,
            Self::NotRequired => Class::Negated,
            Self::InLieu | Self::Question | Self::Answer | Self::TrainingOffered | Self::NoCue => Class::Mentioned,
        }
    }

    /// How often the rule is expected to be right: `(right + 2) / (n + 4)` (Agresti & Coull 1998) where the labelled questionnaires have
    /// at least 19 places of it (`cargo test --test data mentions -- --nocapture` counts them by rule), else a judgement. The rules were
    /// written with those texts at hand, so that other texts see somewhat less.
    #[must_use]
    pub fn confidence(self) -> f64 {
        match self {
            // 77 of 77.
            Self::Obligation => 0.98,
            // 121 of 124.
            Self::ItemObligation => 0.96,
            // 242 of 254.
            Self::NoCue => 0.95,
            // 18 of 19.
            Self::HeadingRequired => 0.87,
            // 32 of 37.
            Self::Answer => 0.83,
            // 22 of 27.
            Self::Question => 0.77,
            Self::Preference | Self::NotRequired => 0.9,
            Self::ObtainLater => 0.85,
            Self::NotRequiredButPreferred | Self::HeadingPreferred => 0.8,
            Self::Held | Self::TrainingOffered => 0.75,
            Self::InLieu => 0.7,
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
