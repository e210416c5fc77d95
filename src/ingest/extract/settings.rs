//! How postings become a panel.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::error::ParamError;
use crate::text::duplicates::{Duplicates, DuplicatesParams, Ruling, Standing};
use crate::time::Frequency;

/// Which copies of an advertisement count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Copies {
    /// All: every record is a posting.
    Keep,
    /// One of each appearance: an advertisement that is back after more than the window of days is a new posting, unless it is
    /// evergreen; those count once in all.
    #[default]
    Appearances,
    /// One of each advertisement, in the period in which it stood first.
    Once,
}

impl Copies {
    /// Whether a record counts.
    pub(super) fn counts(self, ruling: &Ruling) -> bool {
        match ruling.standing {
            Standing::First | Standing::NoText => true,
            Standing::Repost { .. } => self == Self::Keep || self == Self::Appearances && !ruling.is_evergreen,
            Standing::Duplicate { .. } => self == Self::Keep,
        }
    }
}

/// How postings become a panel.
///
/// | Field | Default | Allowed |
/// |---|---|---|
/// | `frequency` | monthly | calendar frequencies, from days to years |
/// | `copies` | one of each appearance | |
/// | `duplicates` | see there | see there |
/// | `by_occupation` | false | whether each occupation has series of its own beside those of all together |
/// | `vintage` | the day after the last posting | any day after the last posting |
/// | `memory` | 32 MiB | 0 to 1 TiB; traces of postings beyond it are kept in a temporary file |
#[derive(Clone, Debug, PartialEq)]
pub struct ExtractSettings {
    /// Length of a period.
    pub frequency: Frequency,
    /// Which copies count.
    pub copies: Copies,
    /// What a copy is.
    pub duplicates: DuplicatesParams,
    /// Whether each occupation has series of its own.
    pub by_occupation: bool,
    /// The day from which all of it was knowable.
    pub vintage: Option<Date>,
    /// Bytes of traces held in memory.
    pub memory: usize,
}

impl Default for ExtractSettings {
    fn default() -> Self {
        Self {
            frequency: Frequency::Monthly,
            copies: Copies::default(),
            duplicates: DuplicatesParams::default(),
            by_occupation: false,
            vintage: None,
            memory: 32 << 20,
        }
    }
}

impl ExtractSettings {
    pub(super) fn check(&self) -> Result<Duplicates, ParamError> {
        let Self { frequency, copies: _, duplicates, by_occupation: _, vintage: _, memory } = self;
        if *frequency == Frequency::Step {
            return Err(ParamError::new("frequency", frequency, "a calendar frequency"));
        }
        if *memory > 1 << 40 {
            return Err(ParamError::new("memory", memory, "0 to 1 TiB"));
        }
        duplicates.build()
    }
}
