//! Which postings are copies of which.

use super::calendar::Calendar;
use super::params::CopyShares;
use super::posting::CopyKind;
use crate::numeric::random::SplitMix64;

/// Tells the random stream of copies from the others.
const STREAM: u64 = 0x636f_7079;
/// Postings looked at, backward from the day drawn, for one that is an original.
const LOOK_BACK: u64 = 64;

/// The original of posting `i`, which is `i` itself if it is no copy. Constant cost.
pub(super) fn original(calendar: &Calendar, shares: CopyShares, seed: u64, i: u64) -> (u64, Option<CopyKind>) {
    if let Some(slot) = calendar.evergreen_slot(i) {
        let first = calendar.first_of(slot);
        return if first == i { (i, None) } else { (first, Some(CopyKind::Evergreen)) };
    }
    let Some((kind, mut random)) = meant(shares, seed, i) else { return (i, None) };
    let (least, most) = match kind {
        CopyKind::Same => (1, 30),
        CopyKind::Near => (1, 45),
        CopyKind::Evergreen | CopyKind::Repost => (60, 180),
    };
    let lag = least + random.below(most - least + 1);
    let day = calendar.day_of(i) - i32::try_from(lag).unwrap_or(0);
    let Some(from) = calendar.posting_on(day, random.unit()) else { return (i, None) };
    let is_original = |j: &u64| calendar.evergreen_slot(*j).is_none() && meant(shares, seed, *j).is_none();
    match (from.saturating_sub(LOOK_BACK)..=from).rev().find(is_original) {
        Some(j) => (j, Some(kind)),
        None => (i, None),
    }
}

/// The kind of copy that `i` is meant to be. Where no original is found it stands for itself, and nothing is copied from it.
fn meant(shares: CopyShares, seed: u64, i: u64) -> Option<(CopyKind, SplitMix64)> {
    let mut random = SplitMix64::of(seed ^ STREAM, i);
    let drawn = random.unit() * (1.0 - shares.evergreen);
    let kind = if drawn < shares.same {
        CopyKind::Same
    } else if drawn < shares.same + shares.near {
        CopyKind::Near
    } else if drawn < shares.same + shares.near + shares.repost {
        CopyKind::Repost
    } else {
        return None;
    };
    Some((kind, random))
}
