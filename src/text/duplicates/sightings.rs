//! Records as they come in.

use std::collections::HashMap;

use super::block::Block;
use super::hash::{hash64, hash128};
use super::min_hash::{Signature, signature};
use super::normal::normalise;
use super::report::{DuplicateCounts, DuplicateReport};
use super::settings::Duplicates;

/// Records fed so far.
///
/// Memory: 32 bytes for each record; for each distinct text 70 to 110 bytes for its hash and places, and 256 for its signature
/// if near copies are searched and it is long enough. Vectors that grow hold up to twice that. No text is kept. `finish` needs
/// 48 bytes for each record on top and, while a block is searched, about 1.5 kB for each advertisement with a signature in it.
#[derive(Clone, Debug)]
pub struct Sightings {
    settings: Duplicates,
    records: Vec<Record>,
    /// Place in `texts` by hash.
    places: HashMap<u128, usize>,
    texts: Vec<Text>,
    signatures: Vec<Signature>,
    normal: String,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    pub(super) id: u64,
    pub(super) block: u64,
    pub(super) text: usize,
    pub(super) day: i32,
}

#[derive(Clone, Copy, Debug)]
struct Text {
    hash: u128,
    /// Place of its signature; `usize::MAX` for none.
    signature: usize,
}

/// The place of texts that hold no word.
pub(super) const NO_TEXT: usize = usize::MAX;

impl Sightings {
    pub(super) fn new(settings: Duplicates) -> Self {
        Self {
            settings,
            records: Vec::new(),
            places: HashMap::new(),
            texts: Vec::new(),
            signatures: Vec::new(),
            normal: String::new(),
        }
    }

    /// Adds a record: its id, the block in which copies are searched, such as employer and region, the day it was seen, counted
    /// from any fixed day, and its text. Records may come in any order. O(bytes).
    ///
    /// A record that is seen on several days is fed once for each; it is then a copy of itself. Blocks are told apart by 64 bits
    /// of a hash: of a million blocks two are taken for one with a probability of 3e-8.
    pub fn feed(&mut self, id: u64, block: &str, day: i32, text: &str) {
        let n_words = normalise(text, self.settings.folds_digits(), &mut self.normal);
        let text = if n_words == 0 { NO_TEXT } else { self.place(n_words) };
        self.records.push(Record { id, block: hash64(block.as_bytes()), text, day });
    }

    /// Number of records fed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether none was fed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Finds the copies. The answer does not depend on the order of feeding. O(n log n), plus the comparisons of texts that share
    /// a band of their signatures, at most
    /// `most_candidates` for each distinct text, the latest first.
    #[must_use]
    pub fn finish(mut self) -> DuplicateReport {
        let texts = &self.texts;
        let hash = |record: &Record| texts.get(record.text).map_or(0, |text| text.hash);
        self.records.sort_unstable_by_key(|record| (record.block, record.day, record.id, hash(record)));
        let mut rulings = Vec::with_capacity(self.records.len());
        let mut counts = DuplicateCounts { records: self.records.len(), ..DuplicateCounts::default() };
        for records in self.records.chunk_by(|a, b| a.block == b.block) {
            let is_near = self.settings.is_near() && records.len() <= self.settings.largest_near_block();
            if self.settings.is_near() && !is_near {
                counts.equal_only += records.len();
            }
            let signature_of = |text: usize| {
                let place = self.texts.get(text).map_or(usize::MAX, |text| text.signature);
                self.signatures.get(place).filter(|_| is_near)
            };
            Block::new(self.settings).rule(records, signature_of, &mut rulings, &mut counts);
        }
        rulings.sort_unstable();
        DuplicateReport { rulings, counts }
    }

    /// The place of the text in `self.normal`.
    fn place(&mut self, n_words: usize) -> usize {
        let hash = hash128(self.normal.as_bytes());
        let next = self.texts.len();
        let place = *self.places.entry(hash).or_insert(next);
        if place == next {
            let is_near = self.settings.is_near() && n_words >= self.settings.least_words();
            let at = if is_near { self.signatures.len() } else { usize::MAX };
            if is_near {
                self.signatures.push(signature(&self.normal));
            }
            self.texts.push(Text { hash, signature: at });
        }
        place
    }
}
