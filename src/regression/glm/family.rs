//! What a target is distributed as, and how its mean follows from the linear predictor.

use serde::{Deserialize, Serialize};
use statrs::function::gamma::ln_gamma;

use super::dispersion;
use crate::error::{FitError, ParamError};

/// The distribution of the target about its mean.
///
/// | Family | Variance | Target | Links, the default first |
/// |---|---|---|---|
/// | `Gaussian` | `phi` | any | identity, log |
/// | `Poisson` | `mu` | at least 0 | log, identity |
/// | `NegativeBinomial` | `mu + alpha mu^2` | at least 0 | log, identity |
/// | `Binomial` | `mu (1 - mu)` | 0 to 1: a share, or 0 and 1 | logit |
/// | `Gamma` | `phi mu^2` | above 0 | log, inverse, identity |
/// | `Tweedie` | `phi mu^power` | at least 0 for a power below 2, else above 0 | log, identity |
///
/// `phi` is estimated from the residuals. For a target of pay with a probability of none, take a Tweedie power between 1
/// and 2. `NegativeBinomial { alpha: None }` estimates `alpha` by maximum likelihood.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Family {
    /// Any target, one variance.
    Gaussian,
    /// Counts.
    Poisson,
    /// Counts that vary more than by chance alone.
    NegativeBinomial {
        /// Above 0; `None` to estimate it.
        alpha: Option<f64>,
    },
    /// Shares of successes; with the logit link, logistic regression.
    Binomial,
    /// Amounts above 0 whose spread grows with their mean.
    Gamma,
    /// Amounts at least 0 whose variance is a power of their mean.
    Tweedie {
        /// From 1 to 4.
        power: f64,
    },
}

/// How the mean `mu` follows from the linear predictor `eta`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Link {
    /// `mu = eta`.
    Identity,
    /// `mu = exp(eta)`.
    Log,
    /// `mu = 1 / (1 + exp(-eta))`.
    Logit,
    /// `mu = 1 / eta`.
    Inverse,
}

/// A mean with everything that a step needs of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mean {
    pub(super) mu: f64,
    /// `d mu / d eta`.
    pub(super) slope: f64,
    /// Variance of the target for a dispersion of 1.
    pub(super) variance: f64,
    /// `y - mu`, without cancellation in the tails of a share.
    pub(super) rest: f64,
}

impl Family {
    /// The link that is usual.
    #[must_use]
    pub fn default_link(self) -> Link {
        match self {
            Self::Gaussian => Link::Identity,
            Self::Binomial => Link::Logit,
            Self::Poisson | Self::NegativeBinomial { .. } | Self::Gamma | Self::Tweedie { .. } => Link::Log,
        }
    }

    pub(super) fn check(self, link: Link) -> Result<(), ParamError> {
        match self {
            Self::NegativeBinomial { alpha: Some(alpha) } if !(1e-8..=1e8).contains(&alpha) => {
                return Err(ParamError::new("alpha", alpha, "in [1e-8, 1e8], or none to estimate it"));
            }
            Self::Tweedie { power } if !(1.0..=4.0).contains(&power) => {
                return Err(ParamError::new("power", power, "in [1, 4]"));
            }
            _ => {}
        }
        if self.has_link(link) {
            return Ok(());
        }
        let allowed = match self {
            Self::Gaussian => "identity or log",
            Self::Poisson | Self::NegativeBinomial { .. } | Self::Tweedie { .. } => "log or identity",
            Self::Binomial => "logit",
            Self::Gamma => "log, inverse or identity",
        };
        Err(ParamError::new("link", format!("{link:?}").to_lowercase(), allowed))
    }

    pub(super) fn has_link(self, link: Link) -> bool {
        match self {
            Self::Binomial => link == Link::Logit,
            Self::Gamma => link != Link::Logit,
            _ => matches!(link, Link::Identity | Link::Log),
        }
    }

    /// Checks a target that is a finite number.
    pub(super) fn check_target(self, row: usize, y: f64) -> Result<(), FitError> {
        let (legal, allowed) = match self {
            Self::Gaussian => (true, ""),
            Self::Binomial => ((0.0..=1.0).contains(&y), "0 to 1"),
            Self::Gamma => (y > 0.0, "above 0"),
            Self::Tweedie { power } if power >= 2.0 => (y > 0.0, "above 0"),
            Self::Poisson | Self::NegativeBinomial { .. } | Self::Tweedie { .. } => (y >= 0.0, "at least 0"),
        };
        if legal { Ok(()) } else { Err(FitError::Target { position: row, value: y, allowed }) }
    }

    /// Whether the dispersion is 1 and not estimated.
    pub(super) fn has_unit_dispersion(self) -> bool {
        matches!(self, Self::Poisson | Self::NegativeBinomial { .. } | Self::Binomial)
    }

    fn variance(self, mu: f64) -> f64 {
        match self {
            Self::Gaussian => 1.0,
            Self::Poisson => mu,
            Self::NegativeBinomial { alpha } => mu * (1.0 + alpha.unwrap_or(0.0) * mu),
            Self::Binomial => mu * (1.0 - mu),
            Self::Gamma => mu * mu,
            Self::Tweedie { power } => mu.powf(power),
        }
    }

    /// `d variance / d mu`.
    fn variance_slope(self, mu: f64) -> f64 {
        match self {
            Self::Gaussian => 0.0,
            Self::Poisson => 1.0,
            Self::NegativeBinomial { alpha } => 1.0 + 2.0 * alpha.unwrap_or(0.0) * mu,
            Self::Binomial => 1.0 - 2.0 * mu,
            Self::Gamma => 2.0 * mu,
            Self::Tweedie { power } => power * mu.powf(power - 1.0),
        }
    }

    /// The mean at `eta`; `None` where the family has none there or it cannot be written as a number.
    pub(super) fn mean(self, link: Link, y: f64, eta: f64) -> Option<Mean> {
        if link == Link::Logit {
            let (mu, other) = (logistic(eta), logistic(-eta));
            let variance = mu * other;
            let mean = Mean { mu, slope: variance, variance, rest: y * other - (1.0 - y) * mu };
            return (variance > 0.0).then_some(mean);
        }
        let mu = link.mean(eta);
        if !mu.is_finite() || (self != Self::Gaussian && mu <= 0.0) {
            return None;
        }
        let variance = self.variance(mu);
        let mean = Mean { mu, slope: link.slope(eta, mu), variance, rest: y - mu };
        (variance > 0.0 && variance.is_finite() && mean.slope.is_finite() && mean.slope.abs() > 0.0).then_some(mean)
    }

    /// What one row adds to the deviance.
    pub(super) fn deviance(self, link: Link, y: f64, eta: f64, mu: f64) -> f64 {
        /// `y ln(y / mu) - (y - mu)`, exact where both are close; 0 `ln` 0 is 0.
        fn relative(y: f64, mu: f64) -> f64 {
            if y <= 0.0 {
                return mu;
            }
            let rest = (y - mu) / mu;
            if rest.abs() < 1e-3 {
                // mu ((1 + r) ln(1 + r) - r) = mu (r^2/2 - r^3/6 + r^4/12 - ...), the general term (-r)^k / (k (k - 1)).
                return mu * rest * rest * (0.5 - rest / 6.0 + rest * rest / 12.0 - rest.powi(3) / 20.0);
            }
            y * (y / mu).ln() - (y - mu)
        }
        let half = match self {
            Self::Gaussian => 0.5 * (y - mu) * (y - mu),
            Self::Poisson => relative(y, mu),
            Self::NegativeBinomial { alpha } => dispersion::half_deviance(y, mu, alpha.unwrap_or(0.0)),
            Self::Binomial if link == Link::Logit => {
                // -y ln mu - (1 - y) ln(1 - mu) less the same at mu = y, for any eta.
                let entropy = |p: f64| if p > 0.0 { p * p.ln() } else { 0.0 };
                (y * softplus(-eta) + (1.0 - y) * softplus(eta) + entropy(y) + entropy(1.0 - y)).max(0.0)
            }
            Self::Binomial => relative(y, mu) + relative(1.0 - y, 1.0 - mu),
            Self::Gamma => relative_gamma(y, mu),
            Self::Tweedie { power } => tweedie_half(y, mu, power, relative),
        };
        2.0 * half
    }

    /// What one row of `weight` adds to the log-likelihood at dispersion `phi`; `None` where there is no formula.
    pub(super) fn log_likelihood(self, y: f64, eta: f64, mu: f64, weight: f64, phi: f64) -> Option<f64> {
        let times_log = |p: f64, log: f64| if p > 0.0 { p * log } else { 0.0 };
        Some(match self {
            Self::Gaussian => {
                let precision = weight / phi;
                -0.5 * ((y - mu) * (y - mu) * precision + (2.0 * std::f64::consts::PI / precision).ln())
            }
            Self::Poisson => weight * (times_log(y, mu.ln()) - mu - ln_gamma(y + 1.0)),
            Self::NegativeBinomial { alpha } => weight * dispersion::log_likelihood(y, mu, alpha.unwrap_or(0.0)),
            Self::Binomial => -weight * (y * softplus(-eta) + (1.0 - y) * softplus(eta)),
            Self::Gamma => {
                let shape = weight / phi;
                shape * (shape * y / mu).ln() - shape * y / mu - ln_gamma(shape) - y.ln()
            }
            Self::Tweedie { .. } => return None,
        })
    }

    /// The weight of a row in the matrix of second derivatives over that in its expectation, less 1: 0 for a canonical link.
    ///
    /// ```text
    /// - d2 l / d eta2 = slope^2 / V - (y - mu) d(slope / V) / d eta
    /// ```
    pub(super) fn observed_less_expected(self, link: Link, eta: f64, mean: &Mean) -> f64 {
        let &Mean { mu, slope, variance, rest } = mean;
        let curvature = match link {
            Link::Identity => 0.0,
            Link::Log => mu,
            Link::Logit => slope * (1.0 - 2.0 * mu),
            Link::Inverse => 2.0 / (eta * eta * eta),
        };
        -rest * (curvature / (slope * slope) - self.variance_slope(mu) / variance)
    }

    /// A mean to start from for a target `y`, between it and the mean of all.
    pub(super) fn start(self, y: f64, mean: f64) -> f64 {
        match self {
            Self::Gaussian => y,
            _ => 0.5 * (y + mean),
        }
    }
}

/// `y / mu - 1 - ln(y / mu)`.
fn relative_gamma(y: f64, mu: f64) -> f64 {
    let rest = (y - mu) / mu;
    if rest.abs() < 1e-3 {
        return rest * rest * (0.5 - rest / 3.0 + rest * rest / 4.0 - rest.powi(3) / 5.0);
    }
    rest - (y / mu).ln()
}

/// Half the unit deviance of the Tweedie family (Jorgensen 1987, J. R. Stat. Soc. B 49, 127-162).
fn tweedie_half(y: f64, mu: f64, power: f64, poisson: impl Fn(f64, f64) -> f64) -> f64 {
    if (power - 1.0).abs() < 1e-12 {
        return poisson(y, mu);
    }
    if (power - 2.0).abs() < 1e-12 {
        return relative_gamma(y, mu);
    }
    let rest = (y - mu) / mu;
    if rest.abs() < 1e-4 {
        // The integral of (y - t) / t^power from mu to y, its series in r = (y - mu) / mu.
        let scale = mu.powf(2.0 - power);
        return scale * rest * rest * (0.5 - power * rest / 6.0 + power * (power + 1.0) * rest * rest / 24.0);
    }
    let own = if y > 0.0 { y.powf(2.0 - power) / ((1.0 - power) * (2.0 - power)) } else { 0.0 };
    own - y * mu.powf(1.0 - power) / (1.0 - power) + mu.powf(2.0 - power) / (2.0 - power)
}

impl Link {
    /// The mean at `eta`.
    pub(super) fn mean(self, eta: f64) -> f64 {
        match self {
            Self::Identity => eta,
            Self::Log => eta.exp(),
            Self::Logit => logistic(eta),
            Self::Inverse => 1.0 / eta,
        }
    }

    fn slope(self, eta: f64, mu: f64) -> f64 {
        match self {
            Self::Identity => 1.0,
            Self::Log => mu,
            Self::Logit => mu * logistic(-eta),
            Self::Inverse => -mu * mu,
        }
    }

    /// The linear predictor of a mean.
    pub(super) fn predictor(self, mu: f64) -> f64 {
        match self {
            Self::Identity => mu,
            Self::Log => mu.ln(),
            Self::Logit => (mu / (1.0 - mu)).ln(),
            Self::Inverse => 1.0 / mu,
        }
    }
}

/// `1 / (1 + exp(-x))`, exact in both tails.
fn logistic(x: f64) -> f64 {
    if x >= 0.0 { 1.0 / (1.0 + (-x).exp()) } else { x.exp() / (1.0 + x.exp()) }
}

/// `ln(1 + exp(x))`.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASES: [(Family, Link); 12] = [
        (Family::Gaussian, Link::Identity),
        (Family::Gaussian, Link::Log),
        (Family::Poisson, Link::Log),
        (Family::Poisson, Link::Identity),
        (Family::NegativeBinomial { alpha: Some(0.7) }, Link::Log),
        (Family::Binomial, Link::Logit),
        (Family::Gamma, Link::Log),
        (Family::Gamma, Link::Inverse),
        (Family::Gamma, Link::Identity),
        (Family::Tweedie { power: 1.5 }, Link::Log),
        (Family::Tweedie { power: 1.0 }, Link::Identity),
        (Family::Tweedie { power: 3.0 }, Link::Log),
    ];

    #[test]
    fn slopes_and_deviances_are_derivatives_of_each_other() {
        for (family, link) in CASES {
            family.check(link).unwrap();
            for (y, eta) in [(0.8, 0.3), (0.2, 0.9), (0.6, 1.4)] {
                let at = |eta: f64| {
                    let mean = family.mean(link, y, eta).unwrap();
                    (mean, family.deviance(link, y, eta, mean.mu))
                };
                let (step, (mean, _)) = (1e-5, at(eta));
                let ((above, high), (below, low)) = (at(eta + step), at(eta - step));
                assert!(((above.mu - below.mu) / (2.0 * step) - mean.slope).abs() < 1e-6, "{family:?} {link:?}");
                // d deviance / d eta = -2 (y - mu) slope / V
                let score = mean.rest * mean.slope / mean.variance;
                assert!(((high - low) / (2.0 * step) + 2.0 * score).abs() < 1e-5, "{family:?} {link:?}");
                // The second derivative of half the deviance over its expectation.
                let score_at = |mean: &Mean| mean.rest * mean.slope / mean.variance;
                let second = -(score_at(&above) - score_at(&below)) / (2.0 * step);
                let expected = mean.slope * mean.slope / mean.variance;
                let found = expected * (1.0 + family.observed_less_expected(link, eta, &mean));
                assert!((second - found).abs() < 1e-5 * expected.max(1.0), "{family:?} {link:?}: {second} {found}");
            }
        }
    }

    #[test]
    fn deviances_are_smooth_where_target_and_mean_meet() {
        for (family, link) in CASES {
            for rest in [9.99e-4, 1.001e-3, 9.99e-5, 1.001e-4] {
                let (y, mu) = (0.4 * (1.0 + rest), 0.4);
                let found = family.deviance(link, y, link.predictor(mu), mu);
                // Half the square over the variance, to the order of the next term.
                let expected = (y - mu) * (y - mu) / family.variance(mu);
                assert!((found / expected - 1.0).abs() < 5.0 * rest + 1e-6, "{family:?}: {found} {expected}");
                assert!(family.deviance(link, mu, link.predictor(mu), mu).abs() < 1e-15);
            }
        }
    }

    #[test]
    fn shares_are_exact_in_their_tails() {
        let mean = Family::Binomial.mean(Link::Logit, 1.0, 40.0).unwrap();
        assert!((mean.rest / (-40f64).exp() - 1.0).abs() < 1e-12 && mean.variance > 0.0);
        assert!((Family::Binomial.deviance(Link::Logit, 0.0, 40.0, mean.mu) - 80.0).abs() < 1e-12);
    }

    #[test]
    fn links_and_powers_that_do_not_fit_are_refused() {
        assert_eq!(Family::Poisson.check(Link::Logit).unwrap_err().name, "link");
        assert_eq!(Family::Binomial.check(Link::Log).unwrap_err().name, "link");
        for power in [0.5, f64::NAN, 4.5] {
            assert_eq!(Family::Tweedie { power }.check(Link::Log).unwrap_err().name, "power");
        }
        for alpha in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let family = Family::NegativeBinomial { alpha: Some(alpha) };
            assert_eq!(family.check(Link::Log).unwrap_err().name, "alpha");
        }
    }
}
