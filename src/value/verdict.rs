//! The five answers.

use std::fmt;

use serde::{Serialize, Serializer};

/// What to do with a certificate. `CannotTell` is a normal answer: the data do not carry another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Likely to hold value, and its share of demand is likely to rise.
    Grow,
    /// Likely to hold value.
    Hold,
    /// Neither likely nor unlikely to hold value.
    Watch,
    /// Unlikely to hold value, or retired.
    PhaseOut,
    /// The data do not say; the reason stands beside the verdict.
    CannotTell,
}

impl Verdict {
    /// All verdicts, best first.
    pub const ALL: [Self; 5] = [Self::Grow, Self::Hold, Self::Watch, Self::PhaseOut, Self::CannotTell];

    /// The name in JSON and CSV.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Grow => "grow",
            Self::Hold => "hold",
            Self::Watch => "watch",
            Self::PhaseOut => "phase_out",
            Self::CannotTell => "cannot_tell",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Grow => "grow",
            Self::Hold => "hold",
            Self::Watch => "watch",
            Self::PhaseOut => "phase out",
            Self::CannotTell => "cannot tell",
        })
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
