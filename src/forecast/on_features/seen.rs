//! The series of a panel as they are learned from.

use crate::key::SeriesKey;
use crate::numeric::quantile;
use crate::time::Period;

/// A series with its last period.
pub(super) struct Seen<'a> {
    pub(super) key: &'a SeriesKey,
    pub(super) end: Period,
    pub(super) y: Vec<f64>,
}

impl Seen<'_> {
    /// The values up to `cutoff`.
    pub(super) fn until(&self, cutoff: Period) -> &[f64] {
        let dropped = self.end.since(cutoff).map_or(0, |after| usize::try_from(after.max(0)).unwrap_or(usize::MAX));
        &self.y[..self.y.len().saturating_sub(dropped)]
    }

    pub(super) fn period(&self, row: usize) -> Period {
        let back = i32::try_from(self.y.len() - 1 - row).unwrap_or(i32::MAX);
        self.end.plus(-back)
    }
}

/// The median length of series.
pub(super) fn median_length(seen: &[Seen<'_>]) -> usize {
    let mut lengths: Vec<f64> = seen.iter().map(|series| series.y.len() as f64).collect();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a length, never negative")]
    let length = quantile::median(&mut lengths) as usize;
    length
}
