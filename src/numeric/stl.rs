//! Seasonal-trend decomposition by loess.
//!
//! Source: Cleveland, Cleveland, McRae & Terpenning (1990), "STL: A Seasonal-Trend Decomposition Procedure Based on
//! Loess", Journal of Official Statistics 6, 3-73.

use std::num::NonZeroUsize;

/// Passes of the inner loop without robustness weights; that of R `stl()` is 2, of statsmodels 5.
const INNER_PASSES: usize = 5;

/// The parts of a series: `y = trend + seasonal + remainder`.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    pub(crate) trend: Vec<f64>,
    pub(crate) seasonal: Vec<f64>,
}

/// Weights of a local line through `span` neighbours on an even grid, for every place of the target in its window.
///
/// On an even grid the weights depend on that place only: at most `span + 2` rows serve a series of any length.
#[derive(Clone, Debug)]
struct Loess {
    /// Values in the window: the span, or the whole series if that is shorter.
    width: usize,
    /// `width` weights for the targets one before the window, in it, and one behind it.
    rows: Vec<f64>,
}

impl Loess {
    /// For series of `n` values, at least 1; `span` is odd.
    fn new(n: usize, span: usize) -> Self {
        let width = span.min(n);
        let extra = ((span - width) / 2) as f64;
        let mut rows = vec![0.0; (width + 2) * width];
        for (target, row) in rows.chunks_exact_mut(width).enumerate() {
            // Places count from the first value of the window; target 0 stands one before it.
            let target = target as f64 - 1.0;
            let reach = target.max((width - 1) as f64 - target) + extra;
            for (place, weight) in row.iter_mut().enumerate() {
                let distance = (place as f64 - target).abs();
                *weight = if distance <= 0.001 * reach {
                    1.0
                } else if distance <= 0.999 * reach {
                    (1.0 - (distance / reach).powi(3)).powi(3)
                } else {
                    0.0
                };
            }
            let total: f64 = row.iter().sum();
            row.iter_mut().for_each(|weight| *weight /= total);
            if reach > 0.0 {
                let centre: f64 = row.iter().enumerate().map(|(place, w)| w * place as f64).sum();
                let spread: f64 = row.iter().enumerate().map(|(place, w)| w * (place as f64 - centre).powi(2)).sum();
                if spread.sqrt() > 0.001 * (n - 1) as f64 {
                    let slope = (target - centre) / spread;
                    for (place, weight) in row.iter_mut().enumerate() {
                        *weight *= slope * (place as f64 - centre) + 1.0;
                    }
                }
            }
        }
        Self { width, rows }
    }

    /// The line at place `target` (0 is one before the window) of a window of values.
    fn at(&self, target: usize, window: &[f64]) -> f64 {
        let row = &self.rows[target * self.width..(target + 1) * self.width];
        row.iter().zip(window).map(|(weight, value)| weight * value).sum()
    }

    /// Writes the smooth of `y` to `out`, both as long as the series this was made for.
    fn smooth(&self, y: &[f64], out: &mut [f64]) {
        let last_start = y.len() - self.width;
        for (t, cell) in out.iter_mut().enumerate() {
            let start = t.saturating_sub(self.width / 2).min(last_start);
            *cell = self.at(t - start + 1, &y[start..start + self.width]);
        }
    }
}

/// The smallest odd number that is at least `x`.
fn odd(x: usize) -> usize {
    x + usize::from(x.is_multiple_of(2))
}

/// Decomposes `y` without robustness weights, all smooths locally linear.
///
/// `seasonal_span` is odd and at least 7; the trend's span is the smallest odd number from `1.5 period / (1 - 1.5 /
/// seasonal_span)` on, the low-pass filter's the smallest odd number above `period` (the defaults of statsmodels
/// `STL`). O(n period) time. `None` if `y` has not two periods, or `period` is 1.
pub(crate) fn decompose(y: &[f64], period: NonZeroUsize, seasonal_span: usize) -> Option<Parts> {
    let (n, period) = (y.len(), period.get());
    if period < 2 || n < 2 * period {
        return None;
    }
    let trend_span = 1.5 * period as f64 / (1.0 - 1.5 / seasonal_span as f64);
    #[expect(clippy::cast_possible_truncation, reason = "a small multiple of the period")]
    #[expect(clippy::cast_sign_loss, reason = "positive")]
    let trend_loess = Loess::new(n, odd(trend_span.ceil() as usize));
    let low_pass_loess = Loess::new(n, odd(period + 1));
    // Seasons have `n / period` values, the first `n % period` of them one more.
    let cycles = n / period;
    let cycle_loess = [Loess::new(cycles, seasonal_span), Loess::new(cycles + 1, seasonal_span)];

    let mut trend = vec![0.0; n];
    let mut seasonal = vec![0.0; n];
    let mut work = vec![0.0; n];
    let mut extended = vec![0.0; n + 2 * period];
    let (mut filtered, mut scratch) = (vec![0.0; n + 2 * period], vec![0.0; n + 2 * period]);
    let mut cycle = Vec::with_capacity(cycles + 1);
    let mut smooth = vec![0.0; cycles + 1];
    for _ in 0..INNER_PASSES {
        for season in 0..period {
            cycle.clear();
            cycle.extend((season..n).step_by(period).map(|t| y[t] - trend[t]));
            let loess = &cycle_loess[cycle.len() - cycles];
            loess.smooth(&cycle, &mut smooth[..cycle.len()]);
            let behind = cycle.len() - loess.width;
            extended[season] = loess.at(0, &cycle[..loess.width]);
            for (k, value) in smooth[..cycle.len()].iter().enumerate() {
                extended[season + (k + 1) * period] = *value;
            }
            extended[season + (cycle.len() + 1) * period] = loess.at(loess.width + 1, &cycle[behind..]);
        }
        moving_average(&extended, period, &mut filtered);
        moving_average(&filtered[..n + period + 1], period, &mut scratch);
        moving_average(&scratch[..n + 2], 3, &mut filtered);
        low_pass_loess.smooth(&filtered[..n], &mut work);
        for t in 0..n {
            seasonal[t] = extended[period + t] - work[t];
            work[t] = y[t] - seasonal[t];
        }
        trend_loess.smooth(&work, &mut trend);
    }
    Some(Parts { trend, seasonal })
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
    fn less_than_two_periods_are_refused() {
        assert!(decompose(&[1.0; 7], FOUR, 13).is_none());
        assert!(decompose(&[1.0; 8], FOUR, 13).is_some());
        assert!(decompose(&[1.0; 8], NonZeroUsize::MIN, 13).is_none());
    }
}
