//! The series of a panel as they are learned from, and the features that suit them.

use super::OnFeatures;
use super::recipe::default_lags;
use crate::error::Result;
use crate::feature::FeaturePipeline;
use crate::forecast::origins::median_length;
use crate::key::SeriesKey;
use crate::panel::Panel;
use crate::regression::Regressor;
use crate::time::Period;

/// A series with its last period.
pub(super) struct Seen<'a> {
    pub(super) key: &'a SeriesKey,
    pub(super) end: Period,
    pub(super) y: &'a [f64],
}

/// What there is to learn from.
pub(super) struct Study<'a> {
    pub(super) seen: Vec<Seen<'a>>,
    /// The median length of the series.
    pub(super) length: usize,
    pub(super) recipe: FeaturePipeline,
}

impl<R: Regressor> OnFeatures<R> {
    /// The series of `train` in its `column`, with the features that suit their length.
    pub(super) fn study<'a>(&self, train: &'a Panel, column: usize) -> Result<Study<'a>> {
        let seen: Vec<Seen<'_>> =
            train.iter().map(|s| Seen { key: s.key(), end: s.end(), y: s.values(column) }).collect();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a length, never negative")]
        let length = median_length(seen.iter().map(|series| series.y.len())) as usize;
        let lags = self.lags.clone().unwrap_or_else(|| default_lags(train.frequency(), length));
        let recipe = self.pipeline(train.frequency(), &lags, length)?;
        Ok(Study { seen, length, recipe })
    }
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
