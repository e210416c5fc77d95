//! Copies of job advertisements: duplicates, reposts and evergreen texts.
//!
//! Equal texts are found by a hash of 64 bits of their words; digits count, unless `fold_digits` is set, since two pay rates are
//! two advertisements to some and one to others. Texts that are alike are found by `MinHash` (Broder 1997). `SimHash` (Charikar
//! 2002, "Similarity Estimation Techniques from Rounding Algorithms") needs 8 bytes where `MinHash` needs 128, but the measurement
//! in `duplicates/compare.rs` decides against it: see there.
//!
//! Copies are searched among the records of one employer in one region. Where a record names no region, it may be a copy of an
//! advertisement in any; where it names no employer, of any employer's. An advertisement is a text and all texts like it; an
//! appearance is a stretch of its records with gaps of at most `window_days`. The first record of the first appearance is
//! [`Standing::First`], the first of a later one [`Standing::Repost`], all others are [`Standing::Duplicate`]. Two texts of equal
//! length are like at 0.75 if they share six sevenths of their three-word runs: different jobs of one employer in so much
//! boilerplate are taken for copies.
//!
//! [`Sightings`] holds everything in memory. Who has more makes [`Sighting`]s, puts those of one employer into [`Groups`] and lets
//! these claim [`Orphans`]: an employer needs memory only while its turn lasts.

#[cfg(test)]
mod compare;
mod fingerprint;
mod groups;
mod orphans;
mod report;
mod settings;
mod sighting;
mod sightings;
mod signature;
mod standing;
#[cfg(test)]
mod tests;

pub use self::fingerprint::{Fingerprint, name_hash};
pub use self::groups::Groups;
pub use self::orphans::{Claims, Orphans};
pub use self::report::{DuplicateCounts, DuplicateReport, Ruling, Standing};
pub use self::settings::{Duplicates, DuplicatesParams};
pub use self::sighting::Sighting;
pub use self::sightings::Sightings;
