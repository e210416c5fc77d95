//! Local regression on an even grid.
//!
//! Source: Cleveland (1979), "Robust Locally Weighted Regression and Smoothing Scatterplots", Journal of the American
//! Statistical Association 74, 829-836, with the details of the STL paper (see `stl`).

/// Neighbouring places that are smoothed together: each has a sum of its own, in the order of its window.
const LANES: usize = 8;

/// What is fitted to the neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Degree {
    /// Their weighted mean.
    Constant,
    /// A line.
    Linear,
}

/// Weights of a local fit through `span` neighbours, for every place of the target in its window.
///
/// On an even grid the weights depend on that place only: at most `span + 2` rows serve a series of any length.
#[derive(Clone, Debug)]
pub(crate) struct Loess {
    degree: Degree,
    /// Values in the window: the span, or the whole series if that is shorter.
    width: usize,
    /// `width` weights for the targets one before the window, in it, and one behind it; they include the line.
    rows: Vec<f64>,
    /// The same before the line: how near each neighbour is. Empty unless robustness weights come on top.
    nearness: Vec<f64>,
    /// The least spread of the neighbours that a line is fitted through.
    least_spread: f64,
}

impl Loess {
    /// For series of `n` values, at least 1; `span` is odd. `weighted` if [`Loess::smooth_weighted`] is to be called.
    pub(crate) fn new(n: usize, span: usize, degree: Degree, weighted: bool) -> Self {
        let width = span.min(n);
        let extra = ((span - width) / 2) as f64;
        let least_spread = 0.001 * (n - 1) as f64;
        let mut rows = vec![0.0; (width + 2) * width];
        let mut nearness = Vec::with_capacity(if weighted { rows.len() } else { 0 });
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
            if weighted {
                nearness.extend_from_slice(row);
            }
            let total: f64 = row.iter().sum();
            row.iter_mut().for_each(|weight| *weight /= total);
            if reach > 0.0 && degree == Degree::Linear {
                let centre: f64 = row.iter().enumerate().map(|(place, w)| w * place as f64).sum();
                let spread: f64 = row.iter().enumerate().map(|(place, w)| w * (place as f64 - centre).powi(2)).sum();
                if spread.sqrt() > least_spread {
                    let slope = (target - centre) / spread;
                    for (place, weight) in row.iter_mut().enumerate() {
                        *weight *= slope * (place as f64 - centre) + 1.0;
                    }
                }
            }
        }
        Self { degree, width, rows, nearness, least_spread }
    }

    /// The fit one place before a series.
    pub(crate) fn before(&self, y: &[f64]) -> f64 {
        self.at(0, &y[..self.width])
    }

    /// The fit one place behind a series.
    pub(crate) fn behind(&self, y: &[f64]) -> f64 {
        self.at(self.width + 1, &y[y.len() - self.width..])
    }

    /// The fit at place `target` (0 is one before the window) of a window of values.
    fn at(&self, target: usize, window: &[f64]) -> f64 {
        self.row(target).iter().zip(window).map(|(weight, value)| weight * value).sum()
    }

    fn row(&self, target: usize) -> &[f64] {
        &self.rows[target * self.width..(target + 1) * self.width]
    }

    /// The first value of the window of place `t` in a series of `n`.
    fn start(&self, t: usize, n: usize) -> usize {
        t.saturating_sub(self.width / 2).min(n - self.width)
    }

    /// Writes the smooth of `y` to `out`, both as long as the series this was made for.
    pub(crate) fn smooth(&self, y: &[f64], out: &mut [f64]) {
        let (n, half) = (y.len(), self.width / 2);
        // Between the ends every target stands in the middle of its window.
        let inside = half..(n - self.width + half + 1);
        let row = self.row(half + 1);
        let mut t = 0;
        while t < n {
            if inside.contains(&t) && t + LANES <= inside.end {
                // As `sum` starts. One place after another would wait for its own sum at each step.
                let mut sums = [-0.0; LANES];
                for (windows, weight) in y[t - half..].windows(LANES).zip(row) {
                    for (sum, value) in sums.iter_mut().zip(windows) {
                        *sum += weight * value;
                    }
                }
                out[t..t + LANES].copy_from_slice(&sums);
                t += LANES;
            } else {
                let start = self.start(t, n);
                out[t] = self.at(t - start + 1, &y[start..start + self.width]);
                t += 1;
            }
        }
    }

    /// As [`Loess::smooth`] with a weight for each value on top; a place without weight around it keeps its value.
    pub(crate) fn smooth_weighted(&self, y: &[f64], weights: &[f64], out: &mut [f64]) {
        for (t, cell) in out.iter_mut().enumerate() {
            let start = self.start(t, y.len());
            *cell = self.weighted(t - start + 1, start, y, weights).unwrap_or(y[t]);
        }
    }

    /// As [`Loess::before`]; `None` without weight around it.
    pub(crate) fn before_weighted(&self, y: &[f64], weights: &[f64]) -> Option<f64> {
        self.weighted(0, 0, y, weights)
    }

    /// As [`Loess::behind`]; `None` without weight around it.
    pub(crate) fn behind_weighted(&self, y: &[f64], weights: &[f64]) -> Option<f64> {
        self.weighted(self.width + 1, y.len() - self.width, y, weights)
    }

    /// The fit at place `target` of the window from `start` on.
    fn weighted(&self, target: usize, start: usize, y: &[f64], weights: &[f64]) -> Option<f64> {
        let near = &self.nearness[target * self.width..(target + 1) * self.width];
        let (y, weights) = (&y[start..start + self.width], &weights[start..start + self.width]);
        // Moments about the target: weight, distance, squared distance; value, distance times value.
        let [mut w0, mut w1, mut w2, mut v0, mut v1] = [0.0; 5];
        let mut distance = 1.0 - target as f64;
        for ((near, weight), value) in near.iter().zip(weights).zip(y) {
            let w = near * weight;
            w0 += w;
            v0 += w * value;
            if self.degree == Degree::Linear {
                w1 += w * distance;
                w2 += w * distance * distance;
                v1 += w * distance * value;
                distance += 1.0;
            }
        }
        if w0 <= 0.0 {
            return None;
        }
        let (centre, mean) = (w1 / w0, v0 / w0);
        let spread = w2 / w0 - centre * centre;
        if self.degree == Degree::Constant || spread.max(0.0).sqrt() <= self.least_spread {
            return Some(mean);
        }
        Some(mean - centre / spread * (v1 / w0 - centre * mean))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_change_no_bit() {
        let y: Vec<f64> = (0..57).map(|t| f64::from(t * t % 23) + 0.1).collect();
        for span in [3, 7, 21, 57, 101] {
            let loess = Loess::new(y.len(), span, Degree::Linear, false);
            let mut out = vec![0.0; y.len()];
            loess.smooth(&y, &mut out);
            for (t, found) in out.iter().enumerate() {
                let start = loess.start(t, y.len());
                let expected = loess.at(t - start + 1, &y[start..start + loess.width]);
                assert_eq!(found.to_bits(), expected.to_bits(), "{span} {t}");
            }
        }
    }

    #[test]
    fn equal_weights_are_no_weights() {
        let y: Vec<f64> = (0..40).map(|t| f64::from(t * t % 17)).collect();
        for degree in [Degree::Constant, Degree::Linear] {
            let loess = Loess::new(y.len(), 9, degree, true);
            let (mut plain, mut weighted) = (vec![0.0; 40], vec![0.0; 40]);
            loess.smooth(&y, &mut plain);
            loess.smooth_weighted(&y, &[0.5; 40], &mut weighted);
            for (a, b) in plain.iter().zip(&weighted) {
                assert!((a - b).abs() < 1e-12, "{a} {b}");
            }
            assert!((loess.before(&y) - loess.before_weighted(&y, &[0.5; 40]).unwrap()).abs() < 1e-11);
            assert!((loess.behind(&y) - loess.behind_weighted(&y, &[0.5; 40]).unwrap()).abs() < 1e-11);
        }
    }

    #[test]
    fn a_place_without_weight_keeps_its_value() {
        let loess = Loess::new(5, 3, Degree::Linear, true);
        let mut out = [0.0; 5];
        loess.smooth_weighted(&[1.0, 2.0, 9.0, 4.0, 5.0], &[0.0; 5], &mut out);
        assert!((out[2] - 9.0).abs() < 1e-15 && loess.before_weighted(&[1.0; 5], &[0.0; 5]).is_none());
    }
}
