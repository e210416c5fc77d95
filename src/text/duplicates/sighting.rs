//! One record: an advertisement seen on a day.

use serde::{Deserialize, Serialize};

use super::fingerprint::Fingerprint;
use super::settings::Duplicates;

/// An advertisement seen on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// The caller's number for it; of several on one day the smallest is the first.
    pub id: u64,
    /// The day, counted from any fixed day.
    pub day: i32,
    /// The employer, as [`name_hash`](super::name_hash) of its name; `None` where it is not known.
    pub employer: Option<u64>,
    /// The region, likewise.
    pub region: Option<u64>,
    /// What its text left behind.
    pub print: Fingerprint,
}

/// Puts sightings that are searched together in order; whether near copies are searched among them. Where not, their signatures
/// are freed.
pub(super) fn put_in_order(settings: Duplicates, sightings: &mut [Sighting]) -> bool {
    sightings.sort_unstable_by_key(Sighting::order);
    let is_near = settings.searches_near(sightings.len());
    if !is_near {
        sightings.iter_mut().for_each(|sighting| sighting.print.forget_signature());
    }
    is_near
}

impl Sighting {
    /// The order in which sightings are looked at.
    pub(super) fn order(&self) -> (i32, u64, u64) {
        (self.day, self.id, self.print.hash())
    }

    /// Whether it may stand for the same job as something in `region`: they do not differ where both are known.
    pub(super) fn may_be_in(&self, region: Option<u64>) -> bool {
        self.region.is_none() || region.is_none() || self.region == region
    }
}
