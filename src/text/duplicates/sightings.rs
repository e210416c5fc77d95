//! Records as they come in, all in memory.

use super::fingerprint::name_hash;
use super::groups::Groups;
use super::orphans::Orphans;
use super::report::{DuplicateCounts, DuplicateReport};
use super::settings::Duplicates;
use super::sighting::Sighting;

/// Records fed so far.
///
/// Memory: 80 bytes for each record, and 128 for its signature if near copies are searched and its text is long enough.
/// No text is kept. `finish` needs about as much again for the largest employer.
#[derive(Clone, Debug)]
pub struct Sightings {
    settings: Duplicates,
    sightings: Vec<Sighting>,
}

impl Sightings {
    pub(super) fn new(settings: Duplicates) -> Self {
        Self { settings, sightings: Vec::new() }
    }

    /// Adds a record: its id, the day it was seen, counted from any fixed day, the employer and the region if they are known,
    /// and its text. Records may come in any order. O(bytes).
    ///
    /// A record that is seen on several days is fed once for each; it is then a copy of itself. Names are told apart by 64 bits
    /// of a hash: of a million names two are taken for one with a probability of 3e-8.
    pub fn feed(&mut self, id: u64, day: i32, employer: Option<&str>, region: Option<&str>, text: &str) {
        let print = self.settings.fingerprint(text);
        let (employer, region) = (employer.and_then(name_hash), region.and_then(name_hash));
        self.sightings.push(Sighting { id, day, employer, region, print });
    }

    /// Number of records fed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sightings.len()
    }

    /// Whether none was fed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sightings.is_empty()
    }

    /// Finds the copies. The answer does not depend on the order of feeding. Cost: see [`Groups::new`].
    #[must_use]
    pub fn finish(self) -> DuplicateReport {
        let Self { settings, mut sightings } = self;
        sightings.sort_unstable_by_key(|sighting| (sighting.employer, sighting.order()));
        let named = sightings.split_off(sightings.partition_point(|sighting| sighting.employer.is_none()));
        let mut orphans = Orphans::new(settings, sightings);
        let (mut rulings, mut counts) = (Vec::new(), DuplicateCounts::default());
        for of_employer in named.chunk_by(|a, b| a.employer == b.employer) {
            let mut groups = Groups::new(settings, of_employer.to_vec());
            let claims = orphans.claims(&groups);
            orphans.settle(&mut groups, claims);
            rulings.extend(groups.rule(settings, &mut counts));
        }
        rulings.extend(orphans.rest().rule(settings, &mut counts));
        rulings.sort_unstable();
        DuplicateReport { rulings, counts }
    }
}
