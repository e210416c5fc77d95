//! Counts that vary more than by chance: the dispersion of the negative binomial and its likelihood.

use statrs::function::gamma::{digamma, ln_gamma};

/// Smallest dispersion that is told from none, and the largest that is looked at.
const RANGE: (f64, f64) = (1e-8, 1e8);

/// Counts up to this are added up one by one, which is exact for any dispersion.
const MOST_STEPS: f64 = 1e6;

/// Half the unit deviance: that of Poisson counts less what the dispersion explains.
pub(super) fn half_deviance(y: f64, mu: f64, alpha: f64) -> f64 {
    // y ln(y / mu) - (y - mu), and the same of 1 + alpha y and 1 + alpha mu.
    let relative = |y: f64, mu: f64| {
        if y <= 0.0 {
            return mu;
        }
        let rest = (y - mu) / mu;
        if rest.abs() < 1e-3 {
            return mu * rest * rest * (0.5 - rest / 6.0 + rest * rest / 12.0 - rest.powi(3) / 20.0);
        }
        y * (y / mu).ln() - (y - mu)
    };
    let explained = if alpha > 0.0 { relative(1.0 + alpha * y, 1.0 + alpha * mu) / alpha } else { 0.0 };
    relative(y, mu) - explained
}

/// Log-likelihood of one count.
///
/// ```text
/// ln G(y + 1/a) - ln G(1/a) + y ln a - ln G(y + 1) + y ln mu - (y + 1/a) ln(1 + a mu)
/// ```
pub(super) fn log_likelihood(y: f64, mu: f64, alpha: f64) -> f64 {
    let logs = if y > 0.0 { y * mu.ln() } else { 0.0 };
    let spread = if alpha > 0.0 { (y + 1.0 / alpha) * (alpha * mu).ln_1p() } else { mu };
    log_steps(y, alpha) - ln_gamma(y + 1.0) + logs - spread
}

/// `ln G(y + 1/a) - ln G(1/a) + y ln a`: for whole counts the sum of `ln(1 + a k)` for `k` below `y`.
fn log_steps(y: f64, alpha: f64) -> f64 {
    if alpha <= 0.0 {
        return 0.0;
    }
    if alpha * y.max(1.0) < SMALL {
        let [first, second, third] = sums_of_powers(y);
        return alpha * (first - alpha * (second / 2.0 - alpha * third / 3.0));
    }
    if y.fract() == 0.0 && y <= 1000.0 {
        let mut sum = 0.0;
        let mut k = 0.0;
        while k < y {
            sum += (alpha * k).ln_1p();
            k += 1.0;
        }
        return sum;
    }
    ln_gamma(y + 1.0 / alpha) - ln_gamma(1.0 / alpha) + y * alpha.ln()
}

/// Below this size of `alpha y` the series in `alpha` is exact to 1e-12, and gamma functions are not.
const SMALL: f64 = 1e-4;

/// The sums of `k`, `k^2` and `k^3` for whole `k` below `y`, and their continuation to any `y`.
fn sums_of_powers(y: f64) -> [f64; 3] {
    let first = 0.5 * y * (y - 1.0);
    [first, first * (2.0 * y - 1.0) / 3.0, first * first]
}

/// The counts of a sample in the form in which the likelihood of a dispersion is fast.
#[derive(Debug)]
pub(super) struct Counts<'a> {
    y: &'a [f64],
    weights: Option<&'a [f64]>,
    /// Weight of the rows above `k`, by `k`, if all counts are whole and small.
    above: Option<Vec<f64>>,
}

impl<'a> Counts<'a> {
    pub(super) fn new(y: &'a [f64], weights: Option<&'a [f64]>) -> Self {
        let largest = y.iter().fold(0.0, |a: f64, b| a.max(*b));
        let whole = largest <= MOST_STEPS && y.iter().all(|y| y.fract() == 0.0);
        let above = whole.then(|| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and at most 1e6")]
            let place = |y: f64| y as usize;
            let mut above = vec![0.0; place(largest) + 1];
            for (row, y) in y.iter().enumerate() {
                if *y > 0.0 {
                    above[place(*y) - 1] += weights.map_or(1.0, |weights| weights[row]);
                }
            }
            for k in (1..above.len()).rev() {
                above[k - 1] += above[k];
            }
            above
        });
        Self { y, weights, above }
    }

    /// The derivative of the log-likelihood with respect to `alpha`.
    fn score(&self, mu: &[f64], alpha: f64) -> f64 {
        let weight = |row: usize| self.weights.map_or(1.0, |weights| weights[row]);
        let means: f64 = (0..mu.len())
            .map(|row| {
                let (y, mu) = (self.y[row], mu[row]);
                let t = alpha * mu;
                // (ln(1 + t) - t / (1 + t)) / t^2 by its series where t is small.
                let share = if t < 1e-3 {
                    0.5 - t * (2.0 / 3.0 - t * (0.75 - t * 0.8))
                } else {
                    (t.ln_1p() - t / (1.0 + t)) / (t * t)
                };
                weight(row) * (mu * mu * share - y * mu / (1.0 + t))
            })
            .sum();
        let steps: f64 = match &self.above {
            Some(above) => above.iter().enumerate().map(|(k, n)| n * k as f64 / (1.0 + alpha * k as f64)).sum(),
            None => {
                let theta = 1.0 / alpha;
                let one = |y: f64| {
                    if alpha * y.max(1.0) < SMALL {
                        let [first, second, third] = sums_of_powers(y);
                        return first - alpha * (second - alpha * third);
                    }
                    theta * (y - theta * (digamma(y + theta) - digamma(theta)))
                };
                self.y.iter().enumerate().map(|(row, y)| weight(row) * one(*y)).sum()
            }
        };
        steps + means
    }

    /// The `alpha` of the largest likelihood given the means; `None` if the counts vary no more than by chance.
    ///
    /// The zero of the score between its ends on the log scale, by regula falsi with halved weights (Dowell & Jarratt 1971,
    /// BIT 11, 168-174), to 1e-12 of `alpha`.
    pub(super) fn alpha(&self, mu: &[f64]) -> Option<f64> {
        let score = |log: f64| {
            let alpha = log.exp();
            alpha * self.score(mu, alpha)
        };
        let (mut low, mut high) = (RANGE.0.ln(), RANGE.1.ln());
        let (mut at_low, mut at_high) = (score(low), score(high));
        if at_low.is_nan() || at_low <= 0.0 {
            return None;
        }
        if at_high >= 0.0 {
            return Some(RANGE.1);
        }
        let mut last_low = None;
        for round in 0..200 {
            // The score is nearly flat towards the ends, so the first steps halve.
            let at = if round < 6 { 0.5 * (low + high) } else { (low * at_high - high * at_low) / (at_high - at_low) };
            let at = if at > low && at < high { at } else { 0.5 * (low + high) };
            let found = score(at);
            if found > 0.0 {
                (low, at_low) = (at, found);
                if last_low == Some(true) {
                    at_high *= 0.5;
                }
                last_low = Some(true);
            } else {
                (high, at_high) = (at, found);
                if last_low == Some(false) {
                    at_low *= 0.5;
                }
                last_low = Some(false);
            }
            if found == 0.0 || high - low < 1e-13 {
                return Some(at.exp());
            }
        }
        Some((0.5 * (low + high)).exp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_is_the_derivative_of_the_likelihood() {
        for y in [vec![0.0, 3.0, 7.0, 1.0], vec![0.5, 3.25, 7.0, 1.0]] {
            let mu = [1.0, 2.0, 4.0, 900.0];
            let counts = Counts::new(&y, Some(&[1.0, 2.0, 1.0, 1.0]));
            assert_eq!(counts.above.is_some(), y[0] == 0.0);
            for alpha in [1e-4, 0.3, 5.0] {
                let total = |alpha: f64| -> f64 {
                    let one = |row: usize| log_likelihood(y[row], mu[row], alpha) * [1.0, 2.0, 1.0, 1.0][row];
                    (0..4).map(one).sum()
                };
                let step = alpha * 1e-4;
                let slope = (total(alpha + step) - total(alpha - step)) / (2.0 * step);
                let found = counts.score(&mu, alpha);
                assert!((slope / found - 1.0).abs() < 1e-4, "{alpha}: {slope} {found}");
            }
        }
    }

    #[test]
    fn counts_that_vary_by_chance_alone_have_no_dispersion() {
        let y = [2.0, 3.0, 2.0, 3.0];
        assert_eq!(Counts::new(&y, None).alpha(&[2.5; 4]), None);
        let y = [0.0, 30.0, 2.0, 3.0];
        let alpha = Counts::new(&y, None).alpha(&[8.75; 4]).unwrap();
        assert!(Counts::new(&y, None).score(&[8.75; 4], alpha).abs() < 1e-9, "{alpha}");
    }

    #[test]
    fn a_dispersion_near_0_is_a_poisson_count() {
        // R: dpois(4, 2.5, log = TRUE) gives -2.013 (to 4 digits: 4 ln 2.5 - 2.5 - ln 24)
        let expected = 4.0 * 2.5f64.ln() - 2.5 - 24f64.ln();
        assert!((log_likelihood(4.0, 2.5, 0.0) - expected).abs() < 1e-12);
        assert!((log_likelihood(4.0, 2.5, 1e-8) - expected).abs() < 1e-6);
        assert!((half_deviance(4.0, 2.5, 1e-8) - half_deviance(4.0, 2.5, 0.0)).abs() < 1e-6);
    }
}
