//! How many differences a series needs.

use std::num::NonZeroUsize;

use crate::numeric::stl::decompose;

/// The 5 % point of the test for a level (Kwiatkowski, Phillips, Schmidt & Shin 1992, table 1).
const LEVEL_5: f64 = 0.463;
/// A season that explains more than this share of what is not trend asks for a seasonal difference: the cut of R
/// `nsdiffs(test = "seas")`, chosen on the M3 competition's series.
const STRONG_SEASON: f64 = 0.64;
/// Seasonal span of the decomposition, that of R `mstl()`.
const SEASONAL_SPAN: usize = 11;

/// Values that differ by rounding only, the largest of the series being near 1.
pub(super) fn is_constant(y: &[f64]) -> bool {
    let mean = y.iter().sum::<f64>() / y.len().max(1) as f64;
    y.iter().all(|value| (value - mean).abs() <= 1e-14)
}

/// Replaces `y` by its differences at `lag`.
pub(super) fn difference(y: &mut Vec<f64>, lag: usize) {
    for t in lag..y.len() {
        y[t - lag] = y[t] - y[t - lag];
    }
    y.truncate(y.len().saturating_sub(lag));
}

/// Differences `y` until the hypothesis of a level holds, `most` times at most, and says how often.
///
/// Source: Kwiatkowski, Phillips, Schmidt & Shin (1992), "Testing the null hypothesis of stationarity against the
/// alternative of a unit root", Journal of Econometrics 54, 159-178; `trunc(3 sqrt(n) / 13)` lags as in R `ndiffs()`.
pub(super) fn difference_until_level(y: &mut Vec<f64>, most: usize) -> usize {
    let mut d = 0;
    while d < most && y.len() > 1 && !is_constant(y) && level_statistic(y) > LEVEL_5 {
        difference(y, 1);
        d += 1;
    }
    d
}

fn level_statistic(y: &[f64]) -> f64 {
    let n = y.len() as f64;
    let mean = y.iter().sum::<f64>() / n;
    let errors: Vec<f64> = y.iter().map(|value| value - mean).collect();
    #[expect(clippy::cast_possible_truncation, reason = "a root of a length")]
    #[expect(clippy::cast_sign_loss, reason = "positive")]
    let lags = ((3.0 * n.sqrt() / 13.0) as usize).min(y.len() - 1);
    let covariance = |lag: usize| errors.iter().zip(&errors[lag..]).map(|(a, b)| a * b).sum::<f64>() / n;
    let weighted: f64 = (1..=lags).map(|lag| (1.0 - lag as f64 / (lags + 1) as f64) * covariance(lag)).sum();
    let long_run = covariance(0) + 2.0 * weighted;
    let mut sum = 0.0;
    let squares: f64 = errors
        .iter()
        .map(|error| {
            sum += error;
            sum * sum
        })
        .sum();
    squares / (n * n * long_run)
}

/// Whether the season is strong: `1 - var(remainder) / var(seasonal + remainder) > 0.64` in a decomposition by loess.
///
/// Source: Wang, Smith & Hyndman (2006), "Characteristic-based clustering for time series data", Data Mining and
/// Knowledge Discovery 13, 335-364.
pub(super) fn has_strong_season(y: &[f64], season: NonZeroUsize) -> bool {
    let Some(parts) = decompose(y, season, SEASONAL_SPAN) else { return false };
    let without_trend: Vec<f64> = y.iter().zip(&parts.trend).map(|(y, trend)| y - trend).collect();
    let rest: Vec<f64> = without_trend.iter().zip(&parts.seasonal).map(|(y, seasonal)| y - seasonal).collect();
    // Constant parts give NaN, which is not above anything.
    1.0 - variance(&rest) / variance(&without_trend) > STRONG_SEASON
}

fn variance(y: &[f64]) -> f64 {
    let mean = y.iter().sum::<f64>() / y.len() as f64;
    y.iter().map(|value| (value - mean).powi(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_need_one_difference_and_parabolas_two() {
        let wobble = |t: i32| f64::from(t * t * 7 % 11) * 1e-3;
        let mut line: Vec<f64> = (0..60).map(|t| f64::from(t) + wobble(t)).collect();
        assert_eq!(difference_until_level(&mut line, 2), 1);
        assert_eq!(line.len(), 59);
        let mut parabola: Vec<f64> = (0..60).map(|t| f64::from(t * t) + wobble(t)).collect();
        assert_eq!(difference_until_level(&mut parabola, 2), 2);
        let mut level: Vec<f64> = (0..60).map(wobble).collect();
        assert_eq!(difference_until_level(&mut level, 2), 0);
        assert_eq!(difference_until_level(&mut vec![1.0], 2), 0);
        assert_eq!(difference_until_level(&mut vec![3.0; 9], 2), 0);
    }

    #[test]
    fn strong_seasons_are_seen() {
        let four = NonZeroUsize::new(4).unwrap();
        let season = [3.0, -1.0, -4.0, 2.0];
        let wobble = |t: usize| (t * t * 7 % 11) as f64 * 0.1;
        let strong: Vec<f64> = (0..40).map(|t| season[t % 4] + wobble(t)).collect();
        assert!(has_strong_season(&strong, four));
        let none: Vec<f64> = (0..40).map(wobble).collect();
        assert!(!has_strong_season(&none, four));
        assert!(!has_strong_season(&strong[..7], four));
        assert!(!has_strong_season(&[0.0; 40], four));
    }
}
