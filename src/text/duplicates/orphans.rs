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
/// Each employer claims the orphans that are like one of its advertisements, and gets those that no employer before it got, in the
/// caller's order, which must not depend on threads. What is left is told apart like the sightings of one more employer.
#[derive(Clone, Debug)]
pub struct Orphans {
    settings: Duplicates,
    /// In order; `None` once taken.
    sightings: Vec<Option<Sighting>>,
    texts: ByHash<Vec<u32>>,
    filed: ByHash<Vec<u32>>,
    is_near: bool,
}

/// Orphans that an employer claims: advertisement and place of each.
#[derive(Clone, Debug, Default)]
pub struct Claims(Vec<(u32, u32)>);

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

    /// The orphans that are copies of an advertisement in `groups`: equal texts first, then texts that are like its first. Those of
    /// several employers may be sought at the same time; [`settle`](Self::settle) them in the employers' order.
    #[must_use]
    pub fn claims(&self, groups: &Groups) -> Claims {
        let mut claims: Vec<(u32, u32)> = Vec::new();
        for (sighting, of) in groups.sightings.iter().zip(&groups.of) {
            let (Some(index), Some(places)) = (*of, self.texts.get(&sighting.print.hash())) else { continue };
            claims.extend(places.iter().map(|place| (index, *place)));
        }
        if !(self.is_near && groups.is_near) {
            return Claims(claims);
        }
        let least = self.settings.similarity();
        let mut places: Vec<u32> = Vec::new();
        for (index, advertisement) in (0..).zip(&groups.advertisements) {
            let Some(signature) = groups.sightings[advertisement.first as usize].print.signature() else { continue };
            let near = bands(signature).take(BANDS).filter_map(|band| self.filed.get(&folded(band)));
            places.clear();
            places.extend(near.flatten());
            places.dedup();
            let is_like = |place: &&u32| {
                // An advertisement takes a region and keeps it: who may not be in it now will not be.
                let orphan = self.sightings[**place as usize].as_ref();
                orphan
                    .filter(|orphan| orphan.may_be_in(advertisement.region))
                    .and_then(|orphan| orphan.print.signature())
                    .is_some_and(|other| likeness(signature, other) >= least)
            };
            claims.extend(places.iter().filter(is_like).map(|place| (index, *place)));
        }
        Claims(claims)
    }

    /// Moves what was claimed to the advertisements: an orphan that is still one and may be in the region.
    pub fn settle(&mut self, groups: &mut Groups, claims: Claims) {
        for (index, place) in claims.0 {
            let advertisement = &mut groups.advertisements[index as usize];
            let region = advertisement.region;
            let slot = &mut self.sightings[place as usize];
            if let Some(orphan) = slot.take_if(|orphan| orphan.may_be_in(region)) {
                advertisement.region = region.or(orphan.region);
                groups.sightings.push(orphan);
                groups.of.push(Some(index));
            }
        }
    }

    /// The orphans that nobody claimed, told apart.
    #[must_use]
    pub fn rest(self) -> Groups {
        Groups::new(self.settings, self.sightings.into_iter().flatten().collect())
    }
}
