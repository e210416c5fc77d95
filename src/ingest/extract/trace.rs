//! What a posting leaves behind once its text has been read.

use serde::{Deserialize, Serialize};

use crate::text::Class;
use crate::text::duplicates::Sighting;

/// What a posting leaves behind: some 170 bytes where its text had thousands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Trace {
    pub(super) sighting: Sighting,
    /// Number of the occupation; 0 if it is not known.
    pub(super) soc: u32,
    pub(super) findings: Findings,
}

/// What counts of a posting.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Findings {
    /// Numbers of the certificates and families that it names, ascending, with the strongest class.
    pub(super) named: Vec<(u32, Rank)>,
    /// Whether it is for beginners, if it says.
    pub(super) is_entry: Option<bool>,
    /// The middle of stated pay in US dollars a year of full-time work.
    pub(super) annual_usd: Option<f64>,
}

/// The classes of mentions, the strongest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Rank {
    Mentioned,
    Negated,
    Preferred,
    Required,
}

impl Rank {
    pub(super) fn of(class: Class) -> Self {
        match class {
            Class::Required => Self::Required,
            Class::Preferred => Self::Preferred,
            Class::Mentioned => Self::Mentioned,
            Class::Negated => Self::Negated,
        }
    }

    /// Whether the posting asks for the certificate.
    pub(super) fn is_asked(self) -> bool {
        self >= Self::Preferred
    }
}
