//! The sightings of one employer, told apart into advertisements.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash};

use super::fingerprint::Identity;
use super::settings::Duplicates;
use super::sighting::{Sighting, put_in_order};
use super::signature::{Signature, bands, likeness};
use crate::text::words::folded;

/// Sightings of one employer and the advertisement of each.
///
/// A text joins the advertisement whose first text it is most like, not that of any member: chains of small edits do not join
/// what has nothing in common. Regions must not differ where both are known; an advertisement without one takes the first that
/// a member names.
#[derive(Clone, Debug)]
pub struct Groups {
    /// In order.
    pub(super) sightings: Vec<Sighting>,
    /// Advertisement of each sighting; `None` for texts without a word.
    pub(super) of: Vec<Option<u32>>,
    pub(super) advertisements: Vec<Advertisement>,
    /// Whether near copies were searched.
    pub(super) is_near: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Advertisement {
    /// Place of the first sighting.
    pub(super) first: u32,
    pub(super) region: Option<u64>,
    /// The sighting that last compared itself with it.
    asked_by: u32,
}

impl Groups {
    /// Tells the sightings of one employer apart. O(n log n), plus the comparisons of texts that share a band of their
    /// signatures, at most `most_candidates` for each.
    #[must_use]
    pub fn new(settings: Duplicates, mut sightings: Vec<Sighting>) -> Self {
        let is_near = put_in_order(settings, &mut sightings);
        let mut grouping = Grouping {
            settings,
            n_bands: settings.n_bands(),
            has_unplaced: sightings.iter().any(|sighting| sighting.region.is_none()),
            advertisements: Vec::new(),
            texts: Filed::default(),
            filed: Filed::default(),
            chain: vec![(0, 0)],
        };
        let of = (0_u32..)
            .zip(&sightings)
            .map(|(place, sighting)| (!sighting.print.is_empty()).then(|| grouping.place(&sightings, place, is_near)))
            .collect();
        let advertisements = grouping.advertisements;
        Self { sightings, of, advertisements, is_near }
    }

    /// Number of sightings.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sightings.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sightings.is_empty()
    }

    /// The sightings with the advertisement of each, by number; those without a word have none.
    pub fn iter(&self) -> impl Iterator<Item = (&Sighting, Option<usize>)> {
        self.sightings.iter().zip(&self.of).map(|(sighting, of)| (sighting, of.map(|index| index as usize)))
    }

    /// The region of an advertisement: the first that any of its sightings names.
    #[must_use]
    pub fn region(&self, advertisement: usize) -> Option<u64> {
        self.advertisements.get(advertisement)?.region
    }
}

/// No place in the chain.
const NONE: u32 = 0;

/// Stands for any region, and for none, in the keys of bands.
const ANY: u64 = 1;
const UNKNOWN: u64 = 2;

/// Places in a chain by hashes, or by halves of hashes where what is found is looked at again.
type Filed<K> = HashMap<K, u32, BuildHasherDefault<Identity>>;

/// Half the hash of a key of bands: a foreign band under the same half costs a comparison.
fn half(key: u64) -> u32 {
    (folded(key) >> 32) as u32
}

/// Files an advertisement under a key, in front of those that stand there.
fn file<K: Eq + Hash>(chain: &mut Vec<(u32, u32)>, filed: &mut Filed<K>, key: K, index: u32) {
    let next = u32::try_from(chain.len()).unwrap_or(u32::MAX);
    chain.push((index, filed.insert(key, next).unwrap_or(NONE)));
}

struct Grouping {
    settings: Duplicates,
    n_bands: usize,
    has_unplaced: bool,
    advertisements: Vec<Advertisement>,
    /// Place in `chain` of the latest advertisement with a text of this key.
    texts: Filed<u64>,
    /// Place in `chain` of the latest advertisement with a band of this key.
    filed: Filed<u32>,
    /// An advertisement and the place of the one with the same key before it; place 0 is not used.
    chain: Vec<(u32, u32)>,
}

impl Grouping {
    /// The advertisement of the sighting at `place`, a new one if it is like none.
    fn place(&mut self, sightings: &[Sighting], place: u32, is_near: bool) -> u32 {
        let sighting = &sightings[place as usize];
        if let Some(index) = self.equal(sighting) {
            self.learn(index, sighting);
            return index;
        }
        let signature = sighting.print.signature().filter(|_| is_near);
        let found = signature.and_then(|signature| self.most_alike(sightings, place, signature));
        let index = found.unwrap_or_else(|| {
            let index = self.advertisements.len();
            self.advertisements.push(Advertisement { first: place, region: sighting.region, asked_by: place });
            u32::try_from(index).unwrap_or(u32::MAX)
        });
        for key in self.keys_of(sighting.region, true) {
            file(&mut self.chain, &mut self.texts, folded(sighting.print.hash() ^ key), index);
        }
        if let (None, Some(signature)) = (found, signature) {
            for band in bands(signature).take(self.n_bands) {
                for key in self.keys_of(sighting.region, true) {
                    file(&mut self.chain, &mut self.filed, half(band ^ key), index);
                }
            }
        }
        self.learn(index, sighting);
        index
    }

    /// Keys under which a region is filed, or looked up.
    fn keys_of(&self, region: Option<u64>, is_filed: bool) -> impl Iterator<Item = u64> + use<> {
        let own = region.map_or(UNKNOWN, |region| folded(region ^ ANY));
        let keys = match (is_filed, region) {
            (true, _) => [Some(own), self.has_unplaced.then_some(ANY)],
            (false, None) => [Some(ANY), None],
            (false, Some(_)) => [Some(own), self.has_unplaced.then_some(UNKNOWN)],
        };
        keys.into_iter().flatten()
    }

    fn learn(&mut self, index: u32, sighting: &Sighting) {
        let region = &mut self.advertisements[index as usize].region;
        *region = region.or(sighting.region);
    }

    /// The earliest advertisement that holds the very text and may be in the region.
    fn equal(&self, sighting: &Sighting) -> Option<u32> {
        let mut best: Option<u32> = None;
        for key in self.keys_of(sighting.region, false) {
            let mut at = self.texts.get(&folded(sighting.print.hash() ^ key)).copied().unwrap_or(NONE);
            while at != NONE {
                let (index, before) = self.chain[at as usize];
                if sighting.may_be_in(self.advertisements[index as usize].region) {
                    best = Some(best.map_or(index, |best| best.min(index)));
                }
                at = before;
            }
            // The region's own advertisement comes before one whose region is not known.
            if best.is_some() {
                break;
            }
        }
        best
    }

    /// The advertisement whose first text is most like the sighting's, of equals the earliest.
    fn most_alike(&mut self, sightings: &[Sighting], place: u32, signature: &Signature) -> Option<u32> {
        let sighting = &sightings[place as usize];
        let mut best: Option<(f64, u32)> = None;
        let mut left = self.settings.most_candidates();
        for band in bands(signature).take(self.n_bands) {
            for key in self.keys_of(sighting.region, false) {
                let mut at = self.filed.get(&half(band ^ key)).copied().unwrap_or(NONE);
                while at != NONE {
                    let (index, before) = self.chain[at as usize];
                    at = before;
                    let candidate = &mut self.advertisements[index as usize];
                    let is_new = std::mem::replace(&mut candidate.asked_by, place) != place;
                    if !is_new || !sighting.may_be_in(candidate.region) {
                        continue;
                    }
                    if left == 0 {
                        return best.map(|(_, index)| index);
                    }
                    left -= 1;
                    let other = sightings[candidate.first as usize].print.signature();
                    let alike = other.map_or(0.0, |other| likeness(signature, other));
                    let is_better = best.is_none_or(|(least, at)| alike > least || (alike >= least && index < at));
                    if alike >= self.settings.similarity() && is_better {
                        best = Some((alike, index));
                    }
                }
            }
        }
        best.map(|(_, index)| index)
    }
}
