//! Copies of job advertisements: duplicates, reposts and evergreen texts.
//!
//! Equal texts are found by a hash of 128 bits of the text in lower case without punctuation; digits count, unless
//! `fold_digits` is set, since two pay rates are two advertisements to some and one to others. Texts that are alike are found
//! by `MinHash` (Broder 1997). `SimHash` (Charikar 2002, "Similarity Estimation Techniques from Rounding Algorithms") needs 8 bytes
//! where `MinHash` needs 256, but the measurement in `duplicates/compare.rs` decides against it: see there.
//!
//! The caller says in which block a record is compared, such as employer and region, and on which day it was seen. Within a
//! block an advertisement is a text and all texts like it; an appearance is a stretch of its records with gaps of at most
//! `window_days`. The first record of the first appearance is [`Standing::First`], the first of a later one
//! [`Standing::Repost`], all others are [`Standing::Duplicate`]. Two texts of equal length are like at 0.75 if they share six
//! sevenths of their three-word runs: different jobs of one employer in so much boilerplate are taken for copies, unless the
//! block's key holds the job's title too.

mod block;
#[cfg(test)]
mod compare;
mod hash;
mod min_hash;
mod normal;
mod report;
mod settings;
mod sightings;
#[cfg(test)]
mod tests;

pub use self::report::{DuplicateCounts, DuplicateReport, Ruling, Standing};
pub use self::settings::{Duplicates, DuplicatesParams};
pub use self::sightings::Sightings;
