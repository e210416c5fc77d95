//! Autocorrelations and partial autocorrelations of the series and of its differences.

use super::prepared::Prepared;

pub(super) const NAMES: [&str; 11] = [
    "x_acf1",
    "x_acf10",
    "diff1_acf1",
    "diff1_acf10",
    "diff2_acf1",
    "diff2_acf10",
    "seas_acf1",
    "x_pacf5",
    "diff1x_pacf5",
    "diff2x_pacf5",
    "seas_pacf",
];

/// Lags of the sums of squares.
const LAGS: usize = 10;
const PARTIAL_LAGS: usize = 5;

pub(super) fn of(prepared: &Prepared, season: usize) -> [f64; NAMES.len()] {
    let once = differences(&prepared.x);
    let twice = differences(&once);
    let lags = season.max(LAGS);
    let [x, once, twice] =
        [(&prepared.x, lags), (&once, LAGS), (&twice, LAGS)].map(|(x, lags)| autocorrelations(x, lags, prepared));
    let partial = [&x, &once, &twice].map(|r| partial(r));
    let seasonal = |r: &[f64]| if season > 1 { r.get(season).copied().unwrap_or(f64::NAN) } else { f64::NAN };
    [
        first(&x),
        sum_of_squares(&x, LAGS),
        first(&once),
        sum_of_squares(&once, LAGS),
        first(&twice),
        sum_of_squares(&twice, LAGS),
        seasonal(&x),
        sum_of_squares(&partial[0], PARTIAL_LAGS),
        sum_of_squares(&partial[1], PARTIAL_LAGS),
        sum_of_squares(&partial[2], PARTIAL_LAGS),
        seasonal(&partial[0]),
    ]
}

/// `x[t] - x[t-1]`; empty if there is none.
fn differences(x: &[f64]) -> Vec<f64> {
    x.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

/// Autocorrelations from lag 0 to `lags` or the longest there is, divisor n at every lag; empty without variance.
pub(super) fn autocorrelations(x: &[f64], lags: usize, prepared: &Prepared) -> Vec<f64> {
    let n = x.len();
    let mean = x.iter().sum::<f64>() / n as f64;
    let centred: Vec<f64> = x.iter().map(|v| v - mean).collect();
    let product = |lag: usize| centred.iter().zip(&centred[lag..]).map(|(a, b)| a * b).sum::<f64>();
    let total = if n < 2 { 0.0 } else { product(0) };
    if prepared.is_noise(total, n) {
        return Vec::new();
    }
    (0..=lags.min(n - 1)).map(|lag| product(lag) / total).collect()
}

/// The coefficient at lag 1, NaN if there is none.
pub(super) fn first(r: &[f64]) -> f64 {
    r.get(1).copied().unwrap_or(f64::NAN)
}

/// The squares of the coefficients at lags 1 to `lags` summed, NaN if one of them is missing.
pub(super) fn sum_of_squares(r: &[f64], lags: usize) -> f64 {
    r.get(1..=lags).map_or(f64::NAN, |r| r.iter().map(|r| r * r).sum())
}

/// Partial autocorrelations at the lags of `r`, by the recursion of Levinson (1946) and Durbin (1960).
fn partial(r: &[f64]) -> Vec<f64> {
    let mut found = Vec::with_capacity(r.len());
    levinson_durbin(r, |partial, _, _| found.push(partial));
    if r.is_empty() {
        return found;
    }
    found.insert(0, 1.0);
    found
}

/// Calls `each` for the orders from 1 on with the partial autocorrelation, the variance left as a share of that of the
/// series, and the coefficients of the autoregression. Stops where nothing is left.
pub(super) fn levinson_durbin(r: &[f64], mut each: impl FnMut(f64, f64, &[f64])) {
    let mut phi: Vec<f64> = Vec::with_capacity(r.len());
    let mut before = Vec::with_capacity(r.len());
    let mut left = 1.0;
    for order in 1..r.len() {
        let explained: f64 = phi.iter().zip(r[1..order].iter().rev()).map(|(phi, r)| phi * r).sum();
        let next = (r[order] - explained) / left;
        before.clone_from(&phi);
        for (phi, opposite) in phi.iter_mut().zip(before.iter().rev()) {
            *phi -= next * opposite;
        }
        phi.push(next);
        left *= 1.0 - next * next;
        each(next, left, &phi);
        // Autocorrelations with divisor n leave some variance except in exact arithmetic's limit.
        if left <= 0.0 {
            return;
        }
    }
}
