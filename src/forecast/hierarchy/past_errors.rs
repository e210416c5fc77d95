//! What a forecaster got wrong inside the training span.

use std::num::NonZeroUsize;

use crate::forecast::{Fitted, Forecaster};
use crate::key::SeriesKey;
use crate::panel::Panel;
use crate::time::Period;

const TWO: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1);
/// Dependence between steps is kept from 1: paths would not move.
const MOST_CORRELATION: f64 = 0.99;

/// Errors of rolling origins.
pub(super) struct PastErrors {
    /// One step ahead: for each node a list over origins, oldest first, NaN where unknown.
    pub(super) first: Vec<Vec<f64>>,
    /// Correlation of the errors one and two steps ahead from one origin, pooled over nodes, in [0, 0.99].
    pub(super) step_correlation: f64,
}

/// Fits `model` to `nodes`, a panel of the nodes `keys`, as it was known at the last `origins` periods but one that had at
/// least `min_history` periods before them. An origin where the model fails is left unknown.
pub(super) fn measure<F: Forecaster>(
    model: &F,
    nodes: &Panel,
    keys: &[SeriesKey],
    origins: usize,
    min_history: usize,
) -> PastErrors {
    let cutoffs = cutoffs(nodes, origins, min_history);
    let mut first = vec![vec![f64::NAN; cutoffs.len()]; keys.len()];
    let mut second = first.clone();
    for (place, &cutoff) in cutoffs.iter().enumerate() {
        let known = nodes.until(cutoff);
        let known = known.filter(|key| known.get(key).is_some_and(|s| s.values(0).iter().any(|v| !v.is_nan())));
        if known.n_series() == 0 {
            continue;
        }
        let Ok(forecast) = model.fit(&known).and_then(|fitted| fitted.forecast(TWO)) else { continue };
        for (index, key) in forecast.keys().iter().enumerate() {
            let (Ok(node), Some(series)) = (keys.binary_search(key), nodes.get(key)) else { continue };
            if forecast.origins()[index] != cutoff {
                continue;
            }
            let error = |step: usize, ahead: i32| {
                series.at(0, cutoff.plus(ahead)).map_or(f64::NAN, |y| y - forecast.path(index)[step].mean())
            };
            first[node][place] = error(0, 1);
            second[node][place] = error(1, 2);
        }
    }
    let step_correlation = correlation(&first, &second);
    PastErrors { first, step_correlation }
}

/// Oldest first.
fn cutoffs(nodes: &Panel, origins: usize, min_history: usize) -> Vec<Period> {
    let (Some(first), Some(last)) = (nodes.first_period(), nodes.last_period()) else { return Vec::new() };
    let span = last.since(first).and_then(|s| usize::try_from(s).ok()).map_or(0, |s| s + 1);
    let most = origins.min(span.saturating_sub(min_history));
    (1..=most).rev().filter_map(|back| i32::try_from(back).ok()).map(|back| last.plus(-back)).collect()
}

/// Correlation about 0, the mean over nodes; 0 if there is none.
fn correlation(first: &[Vec<f64>], second: &[Vec<f64>]) -> f64 {
    let (mut sum, mut count) = (0.0, 0_usize);
    for (a, b) in first.iter().zip(second) {
        let pairs = || a.iter().zip(b).filter(|(a, b)| (*a + *b).is_finite());
        let size = pairs().fold(0.0_f64, |size, (a, b)| size.max(a.abs()).max(b.abs()));
        let total = |f: fn(f64, f64) -> f64| pairs().map(|(a, b)| f(a / size, b / size)).sum::<f64>();
        let found = total(|a, b| a * b) / (total(|a, _| a * a) * total(|_, b| b * b)).sqrt();
        if found.is_finite() {
            sum += found;
            count += 1;
        }
    }
    if count > 0 { (sum / count as f64).clamp(0.0, MOST_CORRELATION) } else { 0.0 }
}
