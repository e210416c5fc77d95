//! Which rows the trees learn from.

use ndarray::{Array1, Array2};

use super::PooledBoosting;
use super::track::{Columns, Track};
use crate::error::FitError;
use crate::numeric::random::SplitMix64;
use crate::regression::{BoostingLoss, FittedHistogramBoosting, HistogramBoosting, Regressor};

/// Fewer rows teach nothing that holds elsewhere.
pub(super) const FEWEST_ROWS: usize = 60;
/// A small panel may use so many rows, however few series it has.
const SMALL_PANEL: usize = 3_000;
/// Most leaves of a tree, and the share of a leaf's value that is added.
const LEAVES: usize = 31;
const LEARNING_RATE: f64 = 0.06;
/// Bins of a column: more cost time and gained nothing on hold-outs of the M4 weekly training series.
const BINS: usize = 63;
/// Periods before the first row of a series: so many changes are known there.
const FIRST: usize = 6;
/// Cycles of a series that are learned from, the newest ones, and the fewest periods.
const RECENT_CYCLES: usize = 3;
const RECENT: usize = 120;

/// The trees of each member; none if there are too few rows.
pub(super) fn learn(
    settings: &PooledBoosting,
    columns: &Columns,
    tracks: &[Track],
) -> Result<Vec<FittedHistogramBoosting>, FitError> {
    let horizon = settings.horizon_or_default(columns.season());
    // From the oldest origin of a series that is used to the last one that has any outcome.
    let reach = (RECENT_CYCLES * columns.season()).max(RECENT);
    let origins = |track: &Track| {
        let last = track.len().saturating_sub(1);
        FIRST.max(last.saturating_sub(reach))..last
    };
    let learnable = || tracks.iter().enumerate().filter(|(_, track)| track.scale > 0.0);
    let pairs = |track: &Track| origins(track).map(|t| horizon.min(track.len() - 1 - t)).sum::<usize>();
    let available: usize = learnable().map(|(_, track)| pairs(track)).sum();
    let wanted = settings.rows.min(settings.rows_per_series.saturating_mul(tracks.len()).max(SMALL_PANEL));
    let share = (wanted as f64 / available.max(1) as f64).min(1.0);
    let mut members = Vec::with_capacity(settings.members);
    for member in 0..settings.members {
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for (index, track) in learnable() {
            let mut random = SplitMix64::of(settings.seed.wrapping_add(member as u64), index as u64);
            for t in origins(track) {
                for ahead in 1..=horizon.min(track.len() - 1 - t) {
                    if share >= 1.0 || random.unit() < share {
                        track.fill(columns, t, ahead, &mut x);
                        y.push(track.target(t, ahead));
                    }
                }
            }
        }
        if y.len() < FEWEST_ROWS {
            return Ok(Vec::new());
        }
        let n_rows = y.len();
        let x = Array2::from_shape_vec((n_rows, columns.count()), x)
            .map_err(|error| FitError::Design { detail: error.to_string() })?;
        let min_leaf = u32::try_from(n_rows / 250).unwrap_or(u32::MAX).clamp(5, 40);
        let boosting = HistogramBoosting::params()
            .loss(BoostingLoss::Quantile(0.5))
            .n_trees(settings.trees)
            .learning_rate(LEARNING_RATE)
            .max_leaves(LEAVES)
            .max_bins(BINS)
            .min_leaf(min_leaf)
            .build()
            .map_err(|error| FitError::Design { detail: error.to_string() })?;
        members.push(boosting.fit(x.view(), Array1::from_vec(y).view())?);
        // Without a draw all members are alike.
        if share >= 1.0 {
            break;
        }
    }
    Ok(members)
}
