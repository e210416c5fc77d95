use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::{
    FittedSeries, SeriesModel, check_gap, check_sigma, check_state, count_present, normal, present, trailing_gap,
};
use crate::distribution::Predictive;
use crate::error::{FitError, ParamError};
use crate::numeric::scale::root_mean_square;

/// The last value, for ever: a random walk without drift.
///
/// ```text
/// y[t] = y[t-1] + e[t]    forecast[h] = y[n]    sd[h] = sigma sqrt(h)    sigma^2 = sum e[t]^2 / (n - 1)
/// ```
/// No parameters.
///
/// Forecast variance: closed form. Missing values: a step over `g` periods has variance `g sigma^2`, so it counts as
/// `e^2 / g`; `g` missing values at the end make the forecast `h` as wide as one `g + h` steps ahead. Needs 1
/// observation, and is a point mass then. Fit: O(n) time, O(1) memory.
/// Source: Hyndman & Athanasopoulos (2021), *Forecasting: Principles and Practice*, 3rd ed., ch. 5.2 and 5.5.
///
/// # Examples
/// ```
/// use credcast::prelude::*;
/// use credcast::series::Naive;
/// let fitted = Naive.fit(&[10.0, 12.0, 11.0])?;
/// let path = fitted.predict(2.try_into()?);
/// assert_eq!(path[1].point(), 11.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Naive;

/// A fitted [`Naive`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedNaive {
    last: f64,
    sigma: f64,
    gap: usize,
}

impl SeriesModel for Naive {
    const NAME: &'static str = "naive";
    type Fitted = FittedNaive;

    fn fit(&self, y: &[f64]) -> Result<FittedNaive, FitError> {
        let found = count_present(y, 1)?;
        let (_, last) = present(y).next_back().ok_or(FitError::TooShort { needed: 1, found: 0 })?;
        let errors = steps(y).map(|(periods, change)| change / periods.sqrt());
        Ok(FittedNaive { last, sigma: root_mean_square(errors, found - 1), gap: trailing_gap(y) })
    }
}

impl FittedNaive {
    /// The last value present.
    #[must_use]
    pub fn last(&self) -> f64 {
        self.last
    }

    /// Standard deviation of one step.
    #[must_use]
    pub fn sigma(&self) -> f64 {
        self.sigma
    }
}

impl FittedSeries for FittedNaive {
    const NAME: &'static str = Naive::NAME;

    fn predict(&self, horizon: NonZeroUsize) -> Vec<Predictive> {
        let ahead = |h: usize| (self.gap + h) as f64;
        (1..=horizon.get()).map(|h| normal(self.last, self.sigma * ahead(h).sqrt())).collect()
    }

    fn updated(&self, new: &[f64]) -> Option<Self> {
        count_present(new, 0).ok()?;
        Some(match present(new).next_back() {
            Some((_, last)) => Self { last, gap: trailing_gap(new), ..self.clone() },
            None => Self { gap: self.gap + new.len(), ..self.clone() },
        })
    }

    fn check(&self) -> Result<(), ParamError> {
        let Self { last, sigma, gap } = *self;
        check_state("last", last)?;
        check_sigma(sigma)?;
        check_gap(gap)
    }
}

/// From each value present to the next one: periods passed and change.
pub(super) fn steps(y: &[f64]) -> impl Iterator<Item = (f64, f64)> + Clone {
    present(y).zip(present(y).skip(1)).map(|((from, before), (to, after))| ((to - from) as f64, after - before))
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these results are exact")]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    const TWO: NonZeroUsize = NonZeroUsize::new(2).unwrap();

    #[test]
    fn repeats_the_last_value_and_widens_with_the_root_of_time() {
        let fitted = Naive.fit(&[1.0, 3.0, 2.0]).unwrap();
        let sigma = 2.5_f64.sqrt(); // changes 2 and -1: (4 + 1) / 2
        assert_relative_eq!(fitted.sigma(), sigma, max_relative = 1e-15);
        let Predictive::Normal { mean, sd } = fitted.predict(TWO)[1] else { panic!("not normal") };
        assert_eq!(mean, 2.0);
        assert_relative_eq!(sd, sigma * 2.0_f64.sqrt(), max_relative = 1e-15);
    }

    #[test]
    fn one_value_is_a_point_mass() {
        assert_eq!(Naive.fit(&[7.0]).unwrap().predict(TWO), [Predictive::Point(7.0), Predictive::Point(7.0)]);
    }

    #[test]
    fn a_step_over_a_gap_counts_by_its_length() {
        let fitted = Naive.fit(&[0.0, f64::NAN, 2.0, 3.0]).unwrap();
        assert_relative_eq!(fitted.sigma(), 1.5_f64.sqrt(), max_relative = 1e-15); // (4 / 2 + 1) / 2
    }

    #[test]
    fn missing_values_at_the_end_widen_the_forecast() {
        let whole = Naive.fit(&[1.0, 3.0, 2.0]).unwrap().predict(TWO);
        let cut = Naive.fit(&[1.0, 3.0, 2.0, f64::NAN]).unwrap().predict(TWO);
        assert_eq!(whole[1], cut[0]);
    }

    #[test]
    fn values_that_cannot_be_used_are_named() {
        let refused = |y: &[f64]| Naive.fit(y).unwrap_err();
        assert_eq!(refused(&[f64::NAN, f64::NAN]), FitError::TooShort { needed: 1, found: 0 });
        assert_eq!(refused(&[]), FitError::TooShort { needed: 1, found: 0 });
        assert_eq!(refused(&[1.0, f64::INFINITY]), FitError::NotFinite { position: 1, value: f64::INFINITY });
        assert_eq!(refused(&[1e151]), FitError::TooLarge { position: 0, value: 1e151, limit: 1e150 });
    }

    #[test]
    fn states_that_fit_never_makes_are_refused() {
        let fitted = Naive.fit(&[1.0, 3.0, 2.0]).unwrap();
        assert!(fitted.check().is_ok());
        assert!(FittedNaive { sigma: -1.0, ..fitted }.check().is_err());
        assert!(FittedNaive { sigma: f64::NAN, ..fitted }.check().is_err());
        assert!(FittedNaive { last: f64::INFINITY, ..fitted }.check().is_err());
    }
}
