//! The standard normal distribution.

use statrs::distribution::{Continuous, ContinuousCDF, Normal};

/// Density at `z`.
pub(crate) fn pdf(z: f64) -> f64 {
    Normal::standard().pdf(z)
}

/// Probability of a value of at most `z`.
pub(crate) fn cdf(z: f64) -> f64 {
    Normal::standard().cdf(z)
}

/// The value not exceeded with probability `p`; infinite at 0 and 1.
pub(crate) fn quantile(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p)
}
