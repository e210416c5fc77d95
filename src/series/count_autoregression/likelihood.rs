//! The conditional mean of a count, its distribution and its likelihood.

use statrs::function::gamma::ln_gamma;

/// What the mean of the next count depends on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recursion {
    /// Mean in the long run.
    pub(super) mean: f64,
    /// Weight of the last count.
    pub(super) alpha: f64,
    /// Weight of the last conditional mean.
    pub(super) beta: f64,
    /// Weight of the count one season ago.
    pub(super) gamma: f64,
    /// Periods per cycle; 1 without a seasonal term.
    pub(super) season: usize,
}

impl Recursion {
    /// The constant that goes with the mean in the long run.
    pub(super) fn constant(&self) -> f64 {
        self.mean * (1.0 - self.alpha - self.beta - self.gamma)
    }

    /// The conditional mean after a count `last` whose conditional mean was `lambda`, `seasonal` one season ago.
    #[inline]
    pub(super) fn next(&self, last: f64, lambda: f64, seasonal: f64) -> f64 {
        self.constant() + self.alpha * last + self.beta * lambda + self.gamma * seasonal
    }

    /// Walks through `y`: `visit(count, conditional mean)` for each count present. `filled` receives `y` with each
    /// missing value replaced by its conditional mean. Returns the last conditional mean.
    #[inline]
    pub(super) fn filter(&self, y: &[f64], filled: &mut [f64], mut visit: impl FnMut(f64, f64)) -> f64 {
        let (mut last, mut lambda) = (self.mean, self.mean);
        for t in 0..y.len() {
            let seasonal = if t >= self.season { filled[t - self.season] } else { self.mean };
            lambda = self.next(last, lambda, seasonal);
            last = y[t];
            if last.is_nan() {
                last = lambda;
            } else {
                visit(last, lambda);
            }
            filled[t] = last;
        }
        lambda
    }
}

/// Half the deviance of one count, the logarithm of its largest probability less that of its probability: of a Poisson
/// distribution without a `size`, of the kernel of a negative binomial distribution of that size else. At least 0.
/// Differences enter through `ln_1p`, so that counts of 10^15 lose no digits.
#[inline]
pub(super) fn half_deviance(y: f64, lambda: f64, size: Option<f64>) -> f64 {
    let own = if y > 0.0 { log_ratio(y, lambda - y) } else { 0.0 };
    match size {
        None => lambda - y - y * own,
        Some(size) => (y + size) * log_ratio(size + y, lambda - y) - y * own,
    }
}

/// `ln((base + change) / base)`.
#[inline]
fn log_ratio(base: f64, change: f64) -> f64 {
    let relative = change / base;
    if relative.abs() < 0.1 { relative.ln_1p() } else { (1.0 + relative).ln() }
}

/// The logarithm of the largest probability that any Poisson distribution gives to `y`.
pub(super) fn log_ceiling(y: f64) -> f64 {
    if y > 0.0 { -0.5 * (2.0 * std::f64::consts::PI * y).ln() - stirling_rest(y) } else { 0.0 }
}

/// What the size of a negative binomial distribution adds to the logarithm of the probability of `y`, beside the kernel.
#[inline]
pub(super) fn size_term(y: f64, size: f64, rest_of_size: f64) -> f64 {
    if y > 0.0 { stirling_rest(size + y) - rest_of_size - 0.5 * (y / size).ln_1p() } else { 0.0 }
}

/// What Stirling's formula leaves of the logarithm of the gamma function (Binet's function):
/// `ln Gamma(x) - (x - 1/2) ln x + x - ln(2 pi) / 2`. Series of Abramowitz & Stegun (1964), 6.1.41, for x >= 10.
pub(super) fn stirling_rest(x: f64) -> f64 {
    if x >= 10.0 {
        let square = x * x;
        (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - 1.0 / (1680.0 * square)) / square) / square) / x
    } else {
        ln_gamma(x) - (x - 0.5) * x.ln() + x - 0.5 * (2.0 * std::f64::consts::PI).ln()
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    fn log_probability(y: f64, lambda: f64, size: Option<f64>) -> f64 {
        log_ceiling(y) - half_deviance(y, lambda, size) + size.map_or(0.0, |s| size_term(y, s, stirling_rest(s)))
    }

    #[test]
    fn probabilities_are_those_of_the_definitions() {
        for y in [0.0, 1.0, 2.0, 7.0, 30.0, 400.0] {
            for lambda in [0.01, 0.8, 3.0, 25.0, 380.0] {
                let poisson = y * f64::ln(lambda) - lambda - ln_gamma(y + 1.0);
                assert_relative_eq!(log_probability(y, lambda, None), poisson, max_relative = 1e-10, epsilon = 1e-10);
                for size in [0.05, 1.0, 9.0, 11.0, 500.0] {
                    let by_gamma = ln_gamma(y + size) - ln_gamma(size) - ln_gamma(y + 1.0)
                        + size * f64::ln(size / (size + lambda))
                        + y * f64::ln(lambda / (size + lambda));
                    assert_relative_eq!(
                        log_probability(y, lambda, Some(size)),
                        by_gamma,
                        max_relative = 1e-9,
                        epsilon = 1e-9
                    );
                }
            }
        }
    }

    #[test]
    fn a_huge_size_is_a_poisson_distribution_also_for_huge_counts() {
        for (y, lambda) in [(3.0, 2.5), (1e6, 1.001e6), (1e15, 1e15 + 3e7)] {
            let (poisson, limit) = (log_probability(y, lambda, None), log_probability(y, lambda, Some(1e30)));
            assert_relative_eq!(poisson, limit, max_relative = 1e-9);
        }
    }
}
