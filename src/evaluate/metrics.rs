//! Scores of forecasts: plain functions on slices.
//!
//! Slices that go together have one entry per period and the same length. A missing actual value (NaN) is left out;
//! [`n_missing`] counts what was left out, and a score over no value at all is NaN. A missing forecast is not left
//! out: it makes the score NaN. Sums run in slice order. Every function is O(n) time and O(1) memory unless it says
//! otherwise.

use crate::distribution::{Predictive, Probability};

/// Number of deciles that [`scaled_crps`] averages over.
pub const N_DECILES: usize = 9;

/// Mean of `loss(i)` over the positions where `actual` is present; NaN if there is none.
fn mean_present(actual: &[f64], loss: impl Fn(usize, f64) -> f64) -> f64 {
    let (mut total, mut n) = (0.0, 0_usize);
    for (i, &y) in actual.iter().enumerate() {
        if !y.is_nan() {
            total += loss(i, y);
            n += 1;
        }
    }
    // No value gives 0 / 0, which is the missing score.
    total / n as f64
}

/// Number of missing values (NaN) in `actual`.
#[must_use]
pub fn n_missing(actual: &[f64]) -> usize {
    actual.iter().filter(|y| y.is_nan()).count()
}

/// Mean absolute error, in the unit of the series.
///
/// # Panics
/// If the slices differ in length.
#[must_use]
pub fn mae(actual: &[f64], forecast: &[f64]) -> f64 {
    assert_eq!(actual.len(), forecast.len(), "actual and forecast values");
    mean_present(actual, |i, y| (y - forecast[i]).abs())
}

/// Root mean squared error, in the unit of the series.
///
/// # Panics
/// If the slices differ in length.
#[must_use]
pub fn rmse(actual: &[f64], forecast: &[f64]) -> f64 {
    assert_eq!(actual.len(), forecast.len(), "actual and forecast values");
    mean_present(actual, |i, y| (y - forecast[i]).powi(2)).sqrt()
}

/// Symmetric mean absolute percentage error, from 0 to 200. Misleads on sparse counts: one 0 that is forecast as 0.1
/// costs 200.
///
/// ```text
/// 200 mean( |y - f| / (|y| + |f|) )        0 / 0 counts as 0
/// ```
/// Source: Makridakis, Spiliotis & Assimakopoulos (2020), "The M4 Competition", IJF 36, p. 57.
///
/// # Panics
/// If the slices differ in length.
#[must_use]
pub fn smape(actual: &[f64], forecast: &[f64]) -> f64 {
    assert_eq!(actual.len(), forecast.len(), "actual and forecast values");
    200.0
        * mean_present(actual, |i, y| {
            let size = y.abs() + forecast[i].abs();
            if size == 0.0 { 0.0 } else { (y - forecast[i]).abs() / size }
        })
}

/// Weighted absolute percentage error: `sum |y - f| / sum |y|`, at least 0; NaN or infinite if every `y` is 0.
///
/// # Panics
/// If the slices differ in length.
#[must_use]
pub fn wape(actual: &[f64], forecast: &[f64]) -> f64 {
    mae(actual, forecast) / mean_present(actual, |_, y| y.abs())
}

/// Mean of `loss(later - earlier)` over the values `lag` apart, both present; NaN if there is no such pair.
fn mean_difference(train: &[f64], lag: usize, loss: impl Fn(f64) -> f64) -> f64 {
    let (mut total, mut n) = (0.0, 0_usize);
    for (later, earlier) in train.iter().skip(lag).zip(train) {
        let difference = later - earlier;
        if !difference.is_nan() {
            total += loss(difference);
            n += 1;
        }
    }
    total / n as f64
}

/// The scale of [`mase`]: the mean absolute error of the seasonal naive forecast inside `train`.
///
/// ```text
/// mean |y[t] - y[t-m]|        m = season, or 1 if train has no more than `season` values
/// ```
/// Pairs with a missing value are left out. 0 for a constant series and NaN when there is no pair: a series with such
/// a scale cannot be scored. A `season` of 0 counts as 1.
/// Source: Hyndman & Koehler (2006), "Another look at measures of forecast accuracy", IJF 22, p. 685.
#[must_use]
pub fn mase_scale(train: &[f64], season: usize) -> f64 {
    mean_difference(train, if train.len() > season { season.max(1) } else { 1 }, f64::abs)
}

/// Mean absolute scaled error: `mae / scale`, at least 0; below 1 beats the seasonal naive forecast's fit.
///
/// # Panics
/// If the slices differ in length.
#[must_use]
pub fn mase(actual: &[f64], forecast: &[f64], scale: f64) -> f64 {
    mae(actual, forecast) / scale
}

/// The scale of [`rmsse`]: the mean squared first difference of `train`, edge cases as in [`mase_scale`].
///
/// Source: Makridakis, Spiliotis & Assimakopoulos (2022), "M5 accuracy competition", IJF 38, p. 1350.
#[must_use]
pub fn rmsse_scale(train: &[f64]) -> f64 {
    mean_difference(train, 1, |d| d * d)
}

/// Root mean squared scaled error: `sqrt(mse / scale)` with the squared scale of [`rmsse_scale`]; at least 0.
///
/// # Panics
/// If the slices differ in length.
#[must_use]
pub fn rmsse(actual: &[f64], forecast: &[f64], scale: f64) -> f64 {
    rmse(actual, forecast) / scale.sqrt()
}

/// Mean pinball loss of the forecast quantile at `level`, in the unit of the series; at least 0.
///
/// ```text
/// mean( max(level (y - q), (level - 1) (y - q)) )
/// ```
/// Source: Koenker & Bassett (1978), "Regression quantiles", Econometrica 46.
///
/// # Panics
/// If the slices differ in length.
#[must_use]
pub fn pinball(actual: &[f64], quantile: &[f64], level: Probability) -> f64 {
    assert_eq!(actual.len(), quantile.len(), "actual values and quantiles");
    pinball_at(actual, quantile, level.get())
}

fn pinball_at(actual: &[f64], quantile: &[f64], level: f64) -> f64 {
    mean_present(actual, |i, y| {
        let error = y - quantile[i];
        // Not f64::max, which would drop the NaN of a missing forecast.
        if error < 0.0 { (level - 1.0) * error } else { level * error }
    })
}

/// Scaled continuous ranked probability score over the nine deciles; at least 0, comparable with [`mase`].
///
/// ```text
/// 2 mean over 0.1, 0.2 ... 0.9 of pinball / scale
/// ```
/// The integral of the pinball loss over all levels is half the CRPS; nine levels approximate it from below, so the
/// score of a point forecast is its MASE. Source: Gneiting & Ranjan (2011), JBES 29, eq. 8.
///
/// # Panics
/// If the slices differ in length.
#[must_use]
pub fn scaled_crps(actual: &[f64], deciles: [&[f64]; N_DECILES], scale: f64) -> f64 {
    assert!(deciles.iter().all(|decile| decile.len() == actual.len()), "actual values and deciles");
    let total: f64 = (1_u8..).zip(deciles).map(|(i, decile)| pinball_at(actual, decile, f64::from(i) / 10.0)).sum();
    2.0 * (total / N_DECILES as f64) / scale
}

/// Mean scaled interval score of the central intervals `low..=high` that should cover `level`; at least 0.
///
/// ```text
/// mean( (u - l) + 2/a (l - y) 1{y < l} + 2/a (y - u) 1{y > u} ) / scale        a = 1 - level
/// ```
/// Source: Gneiting & Raftery (2007), JASA 102, eq. 43, scaled as in the M4 competition (level 0.95).
///
/// # Panics
/// If the slices differ in length.
#[must_use]
pub fn msis(actual: &[f64], low: &[f64], high: &[f64], level: Probability, scale: f64) -> f64 {
    assert!(actual.len() == low.len() && actual.len() == high.len(), "actual values and interval ends");
    let penalty = 2.0 / (1.0 - level.get());
    let width_and_misses = mean_present(actual, |i, y| {
        let missed = if y < low[i] {
            low[i] - y
        } else if y > high[i] {
            y - high[i]
        } else {
            0.0
        };
        (high[i] - low[i]) + penalty * missed
    });
    width_and_misses / scale
}

/// Share of the actual values inside `low..=high`, both ends included; from 0 to 1.
///
/// # Panics
/// If the slices differ in length.
#[must_use]
pub fn coverage(actual: &[f64], low: &[f64], high: &[f64]) -> f64 {
    assert!(actual.len() == low.len() && actual.len() == high.len(), "actual values and interval ends");
    mean_present(actual, |i, y| f64::from(u8::from(low[i] <= y && y <= high[i])))
}

/// Overall weighted average of the M4 competition: the mean of sMAPE and MASE, each relative to the reference
/// (Naive2 there); both arguments are (sMAPE, MASE). 1 for the reference itself, lower is better.
#[must_use]
pub fn owa(model: (f64, f64), reference: (f64, f64)) -> f64 {
    (model.0 / reference.0 + model.1 / reference.1) / 2.0
}

/// Ranked probability score of one forecast over ordered classes, from 0 (sure and right) to 1.
///
/// ```text
/// 1/(K-1) sum over k < K of (P[1] + ... + P[k] - 1{outcome <= k})^2
/// ```
/// NaN with fewer than two classes or an `outcome` that is no class. `probabilities` should sum to 1.
/// Source: Epstein (1969), J. Appl. Meteorology 8, p. 985, with the factor of Murphy (1971).
#[must_use]
pub fn rps(probabilities: &[f64], outcome: usize) -> f64 {
    let n_cuts = probabilities.len().saturating_sub(1);
    if n_cuts == 0 || outcome > n_cuts {
        return f64::NAN;
    }
    let (mut cumulative, mut total) = (0.0, 0.0);
    for (k, p) in probabilities[..n_cuts].iter().enumerate() {
        cumulative += p;
        total += (cumulative - f64::from(u8::from(outcome <= k))).powi(2);
    }
    total / n_cuts as f64
}

/// Brier score of the probabilities given to events: `mean (p - o)^2`, from 0 to 1; 0.25 for always saying 1/2.
///
/// Source: Brier (1950), Monthly Weather Review 78, in the half form for two classes. NaN if empty.
///
/// # Panics
/// If the slices differ in length.
#[must_use]
pub fn brier(probabilities: &[f64], outcomes: &[bool]) -> f64 {
    assert_eq!(probabilities.len(), outcomes.len(), "probabilities and outcomes");
    mean_of_pairs(probabilities, outcomes, |p, o| (p - f64::from(u8::from(o))).powi(2))
}

/// Logarithmic score (natural, negative orientation): the mean of `-ln` of the probability given to what happened.
///
/// At least 0, ln 2 for always saying 1/2, infinite as soon as something happens that was called impossible. NaN if
/// empty. Source: Good (1952), JRSS B 14.
///
/// # Panics
/// If the slices differ in length.
#[must_use]
pub fn log_score(probabilities: &[f64], outcomes: &[bool]) -> f64 {
    assert_eq!(probabilities.len(), outcomes.len(), "probabilities and outcomes");
    mean_of_pairs(probabilities, outcomes, |p, o| if o { -p.ln() } else { -(-p).ln_1p() })
}

fn mean_of_pairs(probabilities: &[f64], outcomes: &[bool], loss: impl Fn(f64, bool) -> f64) -> f64 {
    let total: f64 = probabilities.iter().zip(outcomes).map(|(&p, &o)| loss(p, o)).sum();
    total / outcomes.len() as f64
}

/// Area under the ROC curve: the probability that a happened event was given a higher number than one that did not
/// happen, ties counting one half. 1/2 for a forecast without skill.
///
/// NaN if all outcomes are the same or a score is NaN. O(n log n) time, O(n) memory.
/// Source: Mann & Whitney (1947), Ann. Math. Statistics 18: their U over the number of pairs.
///
/// # Panics
/// If the slices differ in length.
#[must_use]
pub fn auc(scores: &[f64], outcomes: &[bool]) -> f64 {
    assert_eq!(scores.len(), outcomes.len(), "scores and outcomes");
    if scores.iter().any(|s| s.is_nan()) {
        return f64::NAN;
    }
    let mut ranked: Vec<(f64, bool)> = scores.iter().copied().zip(outcomes.iter().copied()).collect();
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut n_below, mut wins, mut n_events) = (0.0, 0.0, 0.0);
    #[expect(clippy::float_cmp, reason = "ties are equal numbers")]
    for tied in ranked.chunk_by(|a, b| a.0 == b.0) {
        let events = tied.iter().filter(|(_, o)| *o).count() as f64;
        let others = tied.len() as f64 - events;
        wins += events * (n_below + others / 2.0);
        n_below += others;
        n_events += events;
    }
    wins / (n_events * n_below)
}

/// Probability integral transform of `y`: uniform on [0, 1] over many forecasts if they are calibrated.
///
/// ```text
/// F(y-) + u (F(y) - F(y-))
/// ```
/// `u` in [0, 1] splits the mass that sits on `y` itself: uniform random numbers give an exactly uniform transform for
/// counts too, 0.5 a reproducible one; without mass on `y` it has no effect. NaN for a missing `y`.
/// Source: Czado, Gneiting & Held (2009), Biometrics 65, eq. 1.
#[must_use]
pub fn pit(distribution: &Predictive, y: f64, u: Probability) -> f64 {
    if y.is_nan() {
        return f64::NAN;
    }
    let below = distribution.cdf(y.next_down());
    below + u.get() * (distribution.cdf(y) - below)
}
