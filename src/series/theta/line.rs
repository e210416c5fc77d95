//! The line of a theta model: one for the whole series, or one that each value moves on.

/// Where the recursion stands after `n` values, which count from the first one.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Line {
    pub(super) intercept: f64,
    pub(super) slope: f64,
    pub(super) mean: f64,
}

impl Line {
    /// The least squares line through `x` at times 1, ..., n.
    pub(super) fn through(x: &[f64]) -> Self {
        let n = x.len() as f64;
        let middle = f64::midpoint(n, 1.0);
        let (mut sum, mut turned, mut time) = (0.0, 0.0, 1.0 - middle);
        for &value in x {
            sum += value;
            turned += time * value;
            time += 1.0;
        }
        let mean = sum / n;
        // The sum of squares of the times about their mean is n (n^2 - 1) / 12.
        let slope = 12.0 * turned / (n * (n * n - 1.0));
        Self { intercept: mean - slope * middle, slope, mean }
    }

    /// The line of one value.
    pub(super) fn at(value: f64) -> Self {
        Self { intercept: value, slope: 0.0, mean: value }
    }

    /// The least squares line after one value more than the `n` before it.
    #[inline]
    pub(super) fn with(self, value: f64, n: f64) -> Self {
        let surprise = (value - self.mean) / (n + 1.0);
        let mean = self.mean + surprise;
        let slope = ((n - 1.0) * self.slope + 6.0 * surprise) / (n + 2.0);
        Self { intercept: mean - slope * f64::midpoint(n, 2.0), slope, mean }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn value_by_value_is_the_least_squares_line() {
        let x = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0];
        let mut line = Line::at(x[0]);
        for n in 1..x.len() {
            line = line.with(x[n], n as f64);
            let whole = Line::through(&x[..=n]);
            assert_relative_eq!(line.intercept, whole.intercept, max_relative = 1e-12);
            assert_relative_eq!(line.slope, whole.slope, max_relative = 1e-12, epsilon = 1e-14);
            assert_relative_eq!(line.mean, whole.mean, max_relative = 1e-12);
        }
    }

    #[test]
    fn an_exact_line_is_found() {
        let line = Line::through(&[5.0, 7.0, 9.0, 11.0]);
        assert_relative_eq!(line.intercept, 3.0, max_relative = 1e-14);
        assert_relative_eq!(line.slope, 2.0, max_relative = 1e-14);
    }
}
