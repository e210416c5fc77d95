//! The search for copies among the records of one block.

use std::collections::HashMap;
use std::num::NonZeroUsize;

use super::min_hash::{Signature, bands, likeness};
use super::report::{DuplicateCounts, Ruling, Standing};
use super::settings::Duplicates;
use super::sightings::{NO_TEXT, Record};

/// The advertisements found so far, in the order of their first record.
///
/// A text joins the advertisement whose first text it is most like, not that of any member: chains of small edits do not join
/// what has nothing in common.
pub(super) struct Block<'a> {
    settings: Duplicates,
    advertisements: Vec<Advertisement<'a>>,
    /// Advertisement of each text that was seen.
    of_text: HashMap<usize, usize>,
    /// Place in `chain` of the latest advertisement with a band of this key.
    filed: HashMap<u64, usize>,
    /// An advertisement and the place of the one with the same band before it; place 0 is not used.
    chain: Vec<(usize, Option<NonZeroUsize>)>,
}

struct Advertisement<'a> {
    signature: Option<&'a Signature>,
    first: Record,
    /// First record of the present appearance.
    start: Record,
    last_day: i32,
    last_period: i64,
    n_periods: usize,
    n_records: usize,
    /// The text that last compared itself with this one.
    asked_by: usize,
}

impl<'a> Block<'a> {
    pub(super) fn new(settings: Duplicates) -> Self {
        Self {
            settings,
            advertisements: Vec::new(),
            of_text: HashMap::new(),
            filed: HashMap::new(),
            chain: vec![(0, None)],
        }
    }

    /// Appends a ruling for each record. `records` are sorted by day, id and text.
    pub(super) fn rule(
        mut self,
        records: &[Record],
        signature_of: impl Fn(usize) -> Option<&'a Signature>,
        rulings: &mut Vec<Ruling>,
        counts: &mut DuplicateCounts,
    ) {
        let from = rulings.len();
        let mut member_of = Vec::with_capacity(records.len());
        for record in records {
            if record.text == NO_TEXT {
                counts.no_text += 1;
                member_of.push(None);
                rulings.push(ruling(record, Standing::NoText, false));
                continue;
            }
            let (index, is_new) = self.advertisement(record, &signature_of);
            member_of.push(Some(index));
            rulings.push(self.see(index, record, is_new));
        }
        let is_evergreen = |index: usize| self.advertisements[index].n_periods >= self.settings.evergreen_periods();
        for (ruling, index) in rulings[from..].iter_mut().zip(&member_of) {
            ruling.is_evergreen = index.is_some_and(is_evergreen);
            counts.duplicates += usize::from(matches!(ruling.standing, Standing::Duplicate { .. }));
            counts.reposts += usize::from(matches!(ruling.standing, Standing::Repost { .. }));
            counts.near += usize::from(ruling.is_near);
        }
        counts.advertisements += self.advertisements.len();
        for index in (0..self.advertisements.len()).filter(|index| is_evergreen(*index)) {
            counts.evergreen_advertisements += 1;
            counts.evergreen_records += self.advertisements[index].n_records;
        }
    }

    /// The advertisement of a record, and whether the record is its first.
    fn advertisement(
        &mut self,
        record: &Record,
        signature_of: &impl Fn(usize) -> Option<&'a Signature>,
    ) -> (usize, bool) {
        if let Some(index) = self.of_text.get(&record.text) {
            return (*index, false);
        }
        let signature = signature_of(record.text);
        let found = signature.and_then(|signature| self.most_alike(record.text, signature));
        let index = found.unwrap_or(self.advertisements.len());
        self.of_text.insert(record.text, index);
        if found.is_none() {
            let period = i64::from(record.day).div_euclid(self.settings.period_days());
            self.advertisements.push(Advertisement {
                signature,
                first: *record,
                start: *record,
                last_day: record.day,
                last_period: period,
                n_periods: 1,
                n_records: 0,
                asked_by: record.text,
            });
            for key in signature.into_iter().flat_map(bands) {
                let before = self.filed.insert(key, self.chain.len()).and_then(NonZeroUsize::new);
                self.chain.push((index, before));
            }
        }
        (index, found.is_none())
    }

    /// The advertisement whose first text is most like a text, of equals the earliest.
    fn most_alike(&mut self, text: usize, signature: &Signature) -> Option<usize> {
        let mut best: Option<(f64, usize)> = None;
        let mut left = self.settings.most_candidates();
        for key in bands(signature) {
            let mut place = self.filed.get(&key).copied().and_then(NonZeroUsize::new);
            while let Some(at) = place {
                let (index, before) = self.chain[at.get()];
                place = before;
                let candidate = &mut self.advertisements[index];
                if std::mem::replace(&mut candidate.asked_by, text) == text {
                    continue;
                }
                if left == 0 {
                    return best.map(|(_, index)| index);
                }
                left -= 1;
                let alike = candidate.signature.map_or(0.0, |other| likeness(signature, other));
                let is_better = best.is_none_or(|(least, at)| alike > least || (alike >= least && index < at));
                if alike >= self.settings.similarity() && is_better {
                    best = Some((alike, index));
                }
            }
        }
        best.map(|(_, index)| index)
    }

    /// Counts a record of an advertisement.
    fn see(&mut self, index: usize, record: &Record, is_new: bool) -> Ruling {
        let advertisement = &mut self.advertisements[index];
        advertisement.n_records += 1;
        if is_new {
            return ruling(record, Standing::First, false);
        }
        let gap = i64::from(record.day) - i64::from(advertisement.last_day);
        advertisement.last_day = record.day;
        let period = i64::from(record.day).div_euclid(self.settings.period_days());
        advertisement.n_periods += usize::from(period != advertisement.last_period);
        advertisement.last_period = period;
        if gap > self.settings.window_days() {
            advertisement.start = *record;
            let first = advertisement.first;
            let gap_days = u32::try_from(gap).unwrap_or(u32::MAX);
            ruling(record, Standing::Repost { of: first.id, gap_days }, first.text != record.text)
        } else {
            let start = advertisement.start;
            ruling(record, Standing::Duplicate { of: start.id }, start.text != record.text)
        }
    }
}

fn ruling(record: &Record, standing: Standing, is_near: bool) -> Ruling {
    Ruling { id: record.id, day: record.day, standing, is_near, is_evergreen: false }
}
