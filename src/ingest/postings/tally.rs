//! Counts of one batch, added up in the order of the input.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::plan::Leaf;

/// What became of the records of a batch.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) read: u64,
    pub(super) used: u64,
    pub(super) rejected: u64,
    /// Objects beside the postings in a `@graph` or array that say they are something else.
    pub(super) other_objects: u64,
    pub(super) unknown_regions: u64,
    /// Postings that took a value from each leaf, by id.
    taken: Vec<u64>,
    /// Postings in which a leaf held neither text nor a number, by id.
    passed_over: Vec<u64>,
    /// Rejects by rule.
    pub(super) reasons: BTreeMap<Cow<'static, str>, u64>,
}

impl Tally {
    pub(super) fn taken(&mut self, leaf: Leaf) {
        add(&mut self.taken, usize::from(leaf.id), 1);
    }

    pub(super) fn passed_over(&mut self, leaf: Leaf) {
        add(&mut self.passed_over, usize::from(leaf.id), 1);
    }

    pub(super) fn counts_of(&self, id: usize) -> (u64, u64) {
        let count = |counts: &[u64]| counts.get(id).copied().unwrap_or(0);
        (count(&self.taken), count(&self.passed_over))
    }

    pub(super) fn absorb(&mut self, other: Self) {
        let Self { read, used, rejected, other_objects, unknown_regions, taken, passed_over, reasons } = other;
        self.read += read;
        self.used += used;
        self.rejected += rejected;
        self.other_objects += other_objects;
        self.unknown_regions += unknown_regions;
        taken.into_iter().enumerate().for_each(|(id, n)| add(&mut self.taken, id, n));
        passed_over.into_iter().enumerate().for_each(|(id, n)| add(&mut self.passed_over, id, n));
        for (reason, n) in reasons {
            *self.reasons.entry(reason).or_insert(0) += n;
        }
    }
}

fn add(counts: &mut Vec<u64>, at: usize, n: u64) {
    if counts.len() <= at {
        counts.resize(at + 1, 0);
    }
    counts[at] += n;
}
