//! Sightings whose employer is not known: they are claimed by the advertisements of employers that they are like.

use super::fingerprint::ByHash;
use super::groups::Groups;
use super::settings::Duplicates;
use super::sighting::{Sighting, put_in_order};
use super::signature::{bands, likeness};
use crate::text::words::folded;

/// Bands under which an orphan is filed: texts of likeness 0.75 are compared with probability 0.95, of 0.9 with 0.9998.
const BANDS: usize = 8;

/// Sightings whose employer is not known.
///
/// Employers are asked one after the other, in the caller's order, which must not depend on threads; each takes the orphans
/// that are like one of its advertisements. What is left is told apart like the sightings of one more employer.
#[derive(Clone, Debug)]
pub struct Orphans {
    settings: Duplicates,
    /// In order; `None` once taken.
    sightings: Vec<Option<Sighting>>,
    texts: ByHash<Vec<u32>>,
    filed: ByHash<Vec<u32>>,
    is_near: bool,
}

impl Orphans {
    /// Files the orphans. More than `largest_near_block` of them have equal copies only.
    #[must_use]
    pub fn new(settings: Duplicates, mut sightings: Vec<Sighting>) -> Self {
        let is_near = put_in_order(settings, &mut sightings);
        let (mut texts, mut filed) = (ByHash::<Vec<u32>>::default(), ByHash::<Vec<u32>>::default());
        for (place, sighting) in (0..).zip(&sightings).filter(|(_, sighting)| !sighting.print.is_empty()) {
            texts.entry(sighting.print.hash()).or_default().push(place);
            for band in sighting.print.signature().filter(|_| is_near).into_iter().flat_map(bands).take(BANDS) {
                filed.entry(folded(band)).or_default().push(place);
            }
        }
        Self { settings, sightings: sightings.into_iter().map(Some).collect(), texts, filed, is_near }
    }

    /// Moves the orphans that are copies of an advertisement in `groups` there: equal texts first, then texts that are like its
    /// first.
    pub fn claim(&mut self, groups: &mut Groups) {
        let mut claims: Vec<(u32, u32)> = Vec::new();
        for (sighting, of) in groups.sightings.iter().zip(&groups.of) {
            let (Some(index), Some(places)) = (*of, self.texts.get(&sighting.print.hash())) else { continue };
            claims.extend(places.iter().map(|place| (index, *place)));
        }
        for (index, place) in claims.drain(..) {
            self.take(index, place, groups, |_| true);
        }
        if !(self.is_near && groups.is_near) {
            return;
        }
        for (index, advertisement) in (0..).zip(&groups.advertisements) {
            let signature = groups.sightings[advertisement.first as usize].print.signature();
            let bands = signature.into_iter().flat_map(bands).take(BANDS);
            let places = bands.filter_map(|band| self.filed.get(&folded(band))).flatten();
            claims.extend(places.map(|place| (index, *place)));
        }
        claims.dedup();
        let least = self.settings.similarity();
        for (index, place) in claims {
            let first = groups.advertisements[index as usize].first as usize;
            let signature = groups.sightings[first].print.signature().copied();
            self.take(index, place, groups, |orphan| {
                let pair = signature.as_ref().zip(orphan.print.signature());
                pair.is_some_and(|(a, b)| likeness(a, b) >= least)
            });
        }
    }

    /// Moves an orphan to an advertisement if it still is one, may be in the region, and `fits`.
    fn take(&mut self, index: u32, place: u32, groups: &mut Groups, fits: impl FnOnce(&Sighting) -> bool) {
        let advertisement = &mut groups.advertisements[index as usize];
        let slot = &mut self.sightings[place as usize];
        let region = advertisement.region;
        if let Some(orphan) = slot.take_if(|orphan| orphan.may_be_in(region) && fits(orphan)) {
            advertisement.region = region.or(orphan.region);
            groups.sightings.push(orphan);
            groups.of.push(Some(index));
        }
    }

    /// The orphans that nobody claimed, told apart.
    #[must_use]
    pub fn rest(self) -> Groups {
        Groups::new(self.settings, self.sightings.into_iter().flatten().collect())
    }
}
