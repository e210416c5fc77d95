//! The four forms of complex exponential smoothing.

use serde::{Deserialize, Serialize};

/// How the season enters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CesForm {
    /// No season: one complex level.
    None,
    /// One complex level per season.
    Simple,
    /// A complex level, and a real season with a weight of its own.
    Partial,
    /// A complex level, and a complex season with a complex weight of its own.
    Full,
}

impl CesForm {
    /// All forms, simplest first.
    pub const ALL: [Self; 4] = [Self::None, Self::Simple, Self::Partial, Self::Full];

    /// States that the reference counts as estimated, with the variance: 3, 3, 4, 5.
    pub(super) fn n_estimated(self) -> usize {
        match self {
            Self::None | Self::Simple => 3,
            Self::Partial => 4,
            Self::Full => 5,
        }
    }

    /// Whether there is a season.
    pub(super) fn is_seasonal(self) -> bool {
        self != Self::None
    }
}
