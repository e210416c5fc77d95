//! Statistics of two unit-root tests; one starts from stationarity, the other from a random walk.

use super::prepared::Prepared;

pub(super) const NAMES: [&str; 2] = ["unitroot_kpss", "unitroot_pp"];

pub(super) fn of(prepared: &Prepared) -> [f64; NAMES.len()] {
    if prepared.is_flat_or_shorter_than(4) {
        return [f64::NAN; NAMES.len()];
    }
    #[expect(clippy::cast_possible_truncation, reason = "the fourth root of a length")]
    #[expect(clippy::cast_sign_loss, reason = "positive")]
    let lags = (4.0 * (prepared.x.len() as f64 / 100.0).powf(0.25)) as usize;
    [kpss(&prepared.x, lags), phillips_perron(prepared, lags)]
}

/// Level stationarity against a unit root.
fn kpss(x: &[f64], lags: usize) -> f64 {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let residuals: Vec<f64> = x.iter().map(|v| v - mean).collect();
    let (mut sum, mut squares) = (0.0, 0.0);
    for residual in &residuals {
        sum += residual;
        squares += sum * sum;
    }
    let variance = residuals.iter().map(|r| r * r).sum::<f64>() + 2.0 * weighted_products(&residuals, lags);
    squares / n / variance
}

/// A unit root against stationarity around a level: the statistic Z(alpha).
fn phillips_perron(prepared: &Prepared, lags: usize) -> f64 {
    let (before, y) = (&prepared.x[..prepared.x.len() - 1], &prepared.x[1..]);
    let n = y.len() as f64;
    let (mean_before, mean) = (before.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let spread: f64 = before.iter().map(|v| (v - mean_before).powi(2)).sum();
    let product: f64 = before.iter().zip(y).map(|(b, v)| (b - mean_before) * (v - mean)).sum();
    let spread_of_y: f64 = y.iter().map(|v| (v - mean).powi(2)).sum();
    if prepared.is_noise(spread, y.len()) || prepared.is_noise(spread_of_y, y.len()) {
        return f64::NAN;
    }
    let slope = product / spread;
    let residuals: Vec<f64> = before.iter().zip(y).map(|(b, v)| v - mean - slope * (b - mean_before)).collect();
    // Half the difference of the long-run variance and the variance.
    let lambda = weighted_products(&residuals, lags) / n;
    n * (slope - 1.0) - lambda * n * n / spread_of_y
}

/// Products of residuals `lag` apart, summed and weighted by 1 - lag / (lags + 1) (Newey & West 1987).
fn weighted_products(residuals: &[f64], lags: usize) -> f64 {
    let product = |lag: usize| residuals.iter().zip(&residuals[lag..]).map(|(a, b)| a * b).sum::<f64>();
    (1..=lags.min(residuals.len() - 1)).map(|lag| (1.0 - lag as f64 / (lags + 1) as f64) * product(lag)).sum()
}
