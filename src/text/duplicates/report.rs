//! What each record turned out to be.

use serde::{Deserialize, Serialize};

/// What a record is among the records of its employer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Standing {
    /// The first with its text.
    First,
    /// The text was there within the window of days before.
    Duplicate {
        /// Id of the record with which this appearance of the advertisement began.
        of: u64,
    },
    /// The text was there, was gone for longer than the window, and is back: a new appearance.
    Repost {
        /// Id of the first record of the advertisement.
        of: u64,
        /// Days since the text was last there.
        gap_days: u32,
    },
    /// No letters and no digits: compared with nothing.
    NoText,
}

/// The finding for one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Ruling {
    /// The record's id, as given.
    pub id: u64,
    /// The record's day, as given.
    pub day: i32,
    /// What it is.
    pub standing: Standing,
    /// Whether its text differs from that of the record named in [`Ruling::standing`], after normalisation.
    pub is_near: bool,
    /// Whether its advertisement was seen in as many periods as make it evergreen.
    pub is_evergreen: bool,
}

/// Counts over all records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuplicateCounts {
    /// Records fed.
    pub records: usize,
    /// Advertisements: records that are the first with their text.
    pub advertisements: usize,
    /// Duplicates, near ones included.
    pub duplicates: usize,
    /// Reposts, near ones included.
    pub reposts: usize,
    /// Duplicates and reposts whose text differs from the record that they copy.
    pub near: usize,
    /// Advertisements that are evergreen.
    pub evergreen_advertisements: usize,
    /// Records of advertisements that are evergreen.
    pub evergreen_records: usize,
    /// Records without text.
    pub no_text: usize,
    /// Records of employers with too many of them for the search of near copies.
    pub equal_only: usize,
}

impl DuplicateCounts {
    /// Adds the counts over other records.
    pub fn absorb(&mut self, other: Self) {
        let Self {
            records,
            advertisements,
            duplicates,
            reposts,
            near,
            evergreen_advertisements,
            evergreen_records,
            no_text,
            equal_only,
        } = other;
        self.records += records;
        self.advertisements += advertisements;
        self.duplicates += duplicates;
        self.reposts += reposts;
        self.near += near;
        self.evergreen_advertisements += evergreen_advertisements;
        self.evergreen_records += evergreen_records;
        self.no_text += no_text;
        self.equal_only += equal_only;
    }
}

/// The findings for all records.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuplicateReport {
    pub(super) rulings: Vec<Ruling>,
    pub(super) counts: DuplicateCounts,
}

impl DuplicateReport {
    /// One finding for each record, by id; records that share an id by day.
    #[must_use]
    pub fn rulings(&self) -> &[Ruling] {
        &self.rulings
    }

    /// The counts.
    #[must_use]
    pub fn counts(&self) -> DuplicateCounts {
        self.counts
    }

    /// The finding for a record; the first of several with one id. O(log n).
    #[must_use]
    pub fn get(&self, id: u64) -> Option<&Ruling> {
        let at = self.rulings.partition_point(|ruling| ruling.id < id);
        self.rulings.get(at).filter(|ruling| ruling.id == id)
    }
}
