//! Seasonal-trend decomposition by loess.
//!
//! Source: Cleveland, Cleveland, McRae & Terpenning (1990), "STL: A Seasonal-Trend Decomposition Procedure Based on
//! Loess", Journal of Official Statistics 6, 3-73.

use std::num::NonZeroUsize;

use super::loess::{Degree, Loess};
use super::quantile::median;

/// Passes of the inner loop without robustness weights; that of R `stl()` is 2, of statsmodels 5.
const INNER_PASSES: usize = 5;
/// Passes of the inner loop for each of the outer one, and of the outer loop, with robustness weights: those of R `stl()`
/// and statsmodels.
const ROBUST_INNER_PASSES: usize = 2;
const OUTER_PASSES: usize = 15;

/// The parts of a series: `y = trend + seasonal + remainder`.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    pub(crate) trend: Vec<f64>,
    pub(crate) seasonal: Vec<f64>,
}

/// The smallest odd number that is at least `x`.
fn odd(x: usize) -> usize {
    x + usize::from(x.is_multiple_of(2))
}

/// How seasons and outliers are treated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// Cycles in the window of the seasonal smooth, odd and at least 7.
    pub(crate) seasonal_span: usize,
    /// What is fitted to the values of a season.
    pub(crate) seasonal_degree: Degree,
    /// Whether values far from the fit lose their weight.
    pub(crate) robust: bool,
}

/// Decomposes `y` without robustness weights, all smooths locally linear.
///
/// See [`Stl::new`]. `None` if `y` has not two periods, or `period` is 1.
pub(crate) fn decompose(y: &[f64], period: NonZeroUsize, seasonal_span: usize) -> Option<Parts> {
    let settings = Settings { seasonal_span, seasonal_degree: Degree::Linear, robust: false };
    Some(Stl::new(y.len(), period, settings)?.decompose(y))
}

/// The decomposition of series of one length.
#[derive(Clone, Debug)]
pub(crate) struct Stl {
    period: usize,
    robust: bool,
    trend: Loess,
    low_pass: Loess,
    /// For seasons with `n / period` values and with one more.
    cycle: [Loess; 2],
}

/// What the inner loop writes to.
#[derive(Debug)]
struct Work {
    values: Vec<f64>,
    extended: Vec<f64>,
    filtered: Vec<f64>,
    scratch: Vec<f64>,
    cycle: Vec<f64>,
    cycle_weights: Vec<f64>,
    smooth: Vec<f64>,
}

impl Stl {
    /// The trend's span is the smallest odd number from `1.5 period / (1 - 1.5 / seasonal_span)` on, the low-pass
    /// filter's the smallest odd number above `period` (the defaults of statsmodels `STL`). `None` if `n` is less than
    /// two periods, or `period` is 1.
    pub(crate) fn new(n: usize, period: NonZeroUsize, settings: Settings) -> Option<Self> {
        let Settings { seasonal_span, seasonal_degree, robust } = settings;
        let period = period.get();
        if period < 2 || n / 2 < period {
            return None;
        }
        let trend_span = 1.5 * period as f64 / (1.0 - 1.5 / seasonal_span as f64);
        #[expect(clippy::cast_possible_truncation, reason = "a small multiple of the period")]
        #[expect(clippy::cast_sign_loss, reason = "positive")]
        let trend = Loess::new(n, odd(trend_span.ceil() as usize), Degree::Linear, robust);
        let low_pass = Loess::new(n, odd(period + 1), Degree::Linear, false);
        // Seasons have `n / period` values, the first `n % period` of them one more.
        let cycle = [0, 1].map(|more| Loess::new(n / period + more, seasonal_span, seasonal_degree, robust));
        Some(Self { period, robust, trend, low_pass, cycle })
    }

    /// Decomposes `y`, as long as this was made for. O(n period) time; with robustness weights some 20 times that.
    pub(crate) fn decompose(&self, y: &[f64]) -> Parts {
        let (n, period) = (y.len(), self.period);
        let cycles = n / period;
        let mut parts = Parts { trend: vec![0.0; n], seasonal: vec![0.0; n] };
        let mut work = Work {
            values: vec![0.0; n],
            extended: vec![0.0; n + 2 * period],
            filtered: vec![0.0; n + 2 * period],
            scratch: vec![0.0; n + 2 * period],
            cycle: Vec::with_capacity(cycles + 1),
            cycle_weights: Vec::with_capacity(cycles + 1),
            smooth: vec![0.0; cycles + 1],
        };
        let inner_passes = if self.robust { ROBUST_INNER_PASSES } else { INNER_PASSES };
        (0..inner_passes).for_each(|_| self.pass(y, None, &mut parts, &mut work));
        if self.robust {
            let mut weights = vec![0.0; n];
            for _ in 0..OUTER_PASSES {
                robustness_weights(y, &parts, &mut weights, &mut work.values);
                (0..inner_passes).for_each(|_| self.pass(y, Some(&weights), &mut parts, &mut work));
            }
        }
        parts
    }

    /// One pass of the inner loop.
    fn pass(&self, y: &[f64], weights: Option<&[f64]>, parts: &mut Parts, work: &mut Work) {
        let (n, period) = (y.len(), self.period);
        let Parts { trend, seasonal } = parts;
        let Work { values, extended, filtered, scratch, cycle, cycle_weights, smooth } = work;
        for season in 0..period {
            let rows = (season..n).step_by(period);
            cycle.clear();
            cycle.extend(rows.clone().map(|t| y[t] - trend[t]));
            let loess = &self.cycle[cycle.len() - n / period];
            let smooth = &mut smooth[..cycle.len()];
            let (before, behind) = match weights {
                None => {
                    loess.smooth(cycle, smooth);
                    (loess.before(cycle), loess.behind(cycle))
                }
                Some(weights) => {
                    cycle_weights.clear();
                    cycle_weights.extend(rows.map(|t| weights[t]));
                    loess.smooth_weighted(cycle, cycle_weights, smooth);
                    let before = loess.before_weighted(cycle, cycle_weights).unwrap_or(smooth[0]);
                    (before, loess.behind_weighted(cycle, cycle_weights).unwrap_or(smooth[smooth.len() - 1]))
                }
            };
            extended[season] = before;
            for (k, value) in smooth.iter().enumerate() {
                extended[season + (k + 1) * period] = *value;
            }
            extended[season + (smooth.len() + 1) * period] = behind;
        }
        moving_average(extended, period, filtered);
        moving_average(&filtered[..n + period + 1], period, scratch);
        moving_average(&scratch[..n + 2], 3, filtered);
        self.low_pass.smooth(&filtered[..n], values);
        for t in 0..n {
            seasonal[t] = extended[period + t] - values[t];
            values[t] = y[t] - seasonal[t];
        }
        match weights {
            None => self.trend.smooth(values, trend),
            Some(weights) => self.trend.smooth_weighted(values, weights, trend),
        }
    }
}

/// Bisquare weights of the remainder, in units of six times its median size; `scratch` is as long as `y`.
fn robustness_weights(y: &[f64], parts: &Parts, weights: &mut [f64], scratch: &mut [f64]) {
    for (t, weight) in weights.iter_mut().enumerate() {
        *weight = (y[t] - (parts.trend[t] + parts.seasonal[t])).abs();
    }
    scratch.copy_from_slice(weights);
    let limit = 6.0 * median(scratch);
    for weight in weights {
        *weight = if *weight <= 0.001 * limit {
            1.0
        } else if *weight <= 0.999 * limit {
            (1.0 - (*weight / limit).powi(2)).powi(2)
        } else if limit > 0.0 {
            0.0
        } else {
            1.0
        };
    }
}

/// Writes the means of `width` consecutive values to the first `x.len() - width + 1` cells of `out`.
fn moving_average(x: &[f64], width: usize, out: &mut [f64]) {
    let mut sum: f64 = x[..width].iter().sum();
    out[0] = sum / width as f64;
    for t in width..x.len() {
        sum += x[t] - x[t - width];
        out[t - width + 1] = sum / width as f64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOUR: NonZeroUsize = NonZeroUsize::new(4).unwrap();

    #[test]
    fn a_line_with_fixed_seasons_comes_apart_exactly() {
        let season = [3.0, -1.0, -4.0, 2.0];
        let y: Vec<f64> = (0..26).map(|t| 5.0 + 0.5 * t as f64 + season[t % 4]).collect();
        let parts = decompose(&y, FOUR, 13).unwrap();
        for t in 0..y.len() {
            assert!((parts.trend[t] - 5.0 - 0.5 * t as f64).abs() < 1e-9, "{t}: {}", parts.trend[t]);
            assert!((parts.seasonal[t] - season[t % 4]).abs() < 1e-9, "{t}");
        }
    }

    #[test]
    fn outliers_do_not_move_a_robust_fit() {
        let season = [3.0, -1.0, -4.0, 2.0];
        let wobble = |t: usize| 0.01 * (t as f64 * 2.3).sin();
        let clean: Vec<f64> = (0..60).map(|t| 5.0 + 0.5 * t as f64 + season[t % 4] + wobble(t)).collect();
        let mut y = clean.clone();
        y[30] += 50.0;
        y[41] -= 30.0;
        let settings = |robust| Settings { seasonal_span: 11, seasonal_degree: Degree::Constant, robust };
        let worst = |robust| {
            let parts = Stl::new(60, FOUR, settings(robust)).unwrap().decompose(&y);
            (0..60).map(|t| (parts.trend[t] - 5.0 - 0.5 * t as f64).abs()).fold(0.0, f64::max)
        };
        assert!(worst(true) < 0.03 && worst(false) > 1.0, "{} {}", worst(true), worst(false));
    }

    #[test]
    fn less_than_two_periods_are_refused() {
        assert!(decompose(&[1.0; 7], FOUR, 13).is_none());
        assert!(decompose(&[1.0; 8], FOUR, 13).is_some());
        assert!(decompose(&[1.0; 8], NonZeroUsize::MIN, 13).is_none());
    }
}
