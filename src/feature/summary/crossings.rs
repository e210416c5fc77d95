//! How often the series crosses its median, and how long it stays within one level.

use super::prepared::Prepared;
use crate::numeric::quantile::median;

pub(super) const NAMES: [&str; 2] = ["crossing_points", "flat_spots"];

const LEVELS: usize = 10;
/// By this share of the range the lowest level reaches below the smallest value, as in R `cut()` and pandas `cut`.
const MARGIN: f64 = 0.001;

pub(super) fn of(prepared: &Prepared) -> [f64; NAMES.len()] {
    let x = &prepared.plain;
    if x.is_empty() {
        return [f64::NAN; NAMES.len()];
    }
    let midline = median(&mut x.clone());
    let crossings = x.windows(2).filter(|pair| (pair[0] <= midline) != (pair[1] <= midline)).count();
    [crossings as f64, longest_stay(x) as f64]
}

/// The longest run of values within one of ten levels of equal height, each open below.
fn longest_stay(x: &[f64]) -> usize {
    let low = x.iter().copied().fold(f64::INFINITY, f64::min);
    let high = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let step = high / LEVELS as f64 - low / LEVELS as f64;
    let mut edges: Vec<f64> = (0..LEVELS).map(|level| low + level as f64 * step).collect();
    edges[0] -= MARGIN * step * LEVELS as f64;
    edges.push(high);
    let (mut run, mut longest, mut before) = (0_usize, 0, usize::MAX);
    for value in x {
        let level = edges.partition_point(|edge| edge < value);
        run = if level == before { run + 1 } else { 1 };
        longest = longest.max(run);
        before = level;
    }
    longest
}
