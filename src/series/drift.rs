use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::naive::steps;
use super::{
    FittedSeries, SeriesModel, check_gap, check_sigma, check_state, count_present, normal, present, trailing_gap,
};
use crate::distribution::Predictive;
use crate::error::{FitError, ParamError};
use crate::numeric::scale::root_mean_square;

/// The line from the first to the last value, extended: a random walk with drift.
///
/// ```text
/// y[t] = y[t-1] + d + e[t]    d = (y[n] - y[1]) / (n - 1)    forecast[h] = y[n] + h d
/// sd[h] = sigma sqrt(h (1 + h / (n - 1)))                    sigma^2 = sum e[t]^2 / (n - 1)
/// ```
/// No parameters.
///
/// Forecast variance: closed form, uncertainty of the drift included. Missing values: a step over `g` periods has mean
/// `g d` and variance `g sigma^2`, so it counts as `e^2 / g`; `n - 1` is the distance from the first to the last value
/// present; `g` missing values at the end put the forecast `h` at `g + h` steps ahead. Needs 3 observations: two leave
/// nothing to judge the spread by. Fit: O(n) time, O(1) memory.
/// Source: Hyndman & Athanasopoulos (2021), *Forecasting: Principles and Practice*, 3rd ed., ch. 5.2 and 5.5.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drift;

/// A fitted [`Drift`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedDrift {
    last: f64,
    slope: f64,
    sigma: f64,
    span: usize,
    gap: usize,
}

impl SeriesModel for Drift {
    const NAME: &'static str = "drift";
    type Fitted = FittedDrift;

    fn fit(&self, y: &[f64]) -> Result<FittedDrift, FitError> {
        const NEEDED: usize = 3;
        let found = count_present(y, NEEDED)?;
        let ends = present(y).next().zip(present(y).next_back());
        let ((from, first), (to, last)) = ends.ok_or(FitError::TooShort { needed: NEEDED, found })?;
        let span = to - from;
        let slope = (last - first) / span as f64;
        let errors = steps(y).map(|(periods, change)| (change - slope * periods) / periods.sqrt());
        Ok(FittedDrift { last, slope, sigma: root_mean_square(errors, found - 1), span, gap: trailing_gap(y) })
    }
}

impl FittedDrift {
    /// Change per period.
    #[must_use]
    pub fn slope(&self) -> f64 {
        self.slope
    }

    /// Standard deviation of one step around the drift.
    #[must_use]
    pub fn sigma(&self) -> f64 {
        self.sigma
    }
}

impl FittedSeries for FittedDrift {
    const NAME: &'static str = Drift::NAME;

    fn predict(&self, horizon: NonZeroUsize) -> Vec<Predictive> {
        let at = |h: usize| {
            let ahead = (self.gap + h) as f64;
            let sd = self.sigma * (ahead * (1.0 + ahead / self.span as f64)).sqrt();
            normal(self.last + self.slope * ahead, sd)
        };
        (1..=horizon.get()).map(at).collect()
    }

    fn updated(&self, new: &[f64]) -> Option<Self> {
        count_present(new, 0).ok()?;
        Some(match present(new).next_back() {
            Some((_, last)) => Self { last, gap: trailing_gap(new), ..self.clone() },
            None => Self { gap: self.gap + new.len(), ..self.clone() },
        })
    }

    fn check(&self) -> Result<(), ParamError> {
        let Self { last, slope, sigma, span, gap } = *self;
        check_state("last", last)?;
        check_state("slope", slope)?;
        check_sigma(sigma)?;
        check_gap(gap)?;
        if span >= 2 { Ok(()) } else { Err(ParamError::new("span", span, "at least 2")) }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these results are exact")]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    const THREE: NonZeroUsize = NonZeroUsize::new(3).unwrap();

    #[test]
    fn extends_the_line_through_the_ends() {
        let fitted = Drift.fit(&[1.0, 4.0, 5.0]).unwrap();
        assert_eq!(fitted.slope(), 2.0);
        let path = fitted.predict(THREE);
        assert_eq!(path.iter().map(Predictive::point).collect::<Vec<_>>(), [7.0, 9.0, 11.0]);
        let Predictive::Normal { sd, .. } = path[2] else { panic!("not normal") };
        // Residuals 1 and -1: sigma 1; sqrt(3 (1 + 3 / 2)).
        assert_relative_eq!(sd, 7.5_f64.sqrt(), max_relative = 1e-15);
    }

    #[test]
    fn gaps_keep_the_slope_per_period() {
        let fitted = Drift.fit(&[1.0, f64::NAN, 5.0, 7.0, f64::NAN]).unwrap();
        assert_eq!((fitted.slope(), fitted.sigma()), (2.0, 0.0));
        assert_eq!(fitted.predict(THREE)[0], Predictive::Point(11.0));
    }

    #[test]
    fn two_values_are_too_few() {
        assert_eq!(Drift.fit(&[1.0, 2.0, f64::NAN]), Err(FitError::TooShort { needed: 3, found: 2 }));
    }

    #[test]
    fn states_that_fit_never_makes_are_refused() {
        let fitted = Drift.fit(&[1.0, 4.0, 5.0]).unwrap();
        assert!(fitted.check().is_ok());
        assert!(FittedDrift { span: 0, ..fitted.clone() }.check().is_err());
        assert!(FittedDrift { slope: f64::NAN, ..fitted.clone() }.check().is_err());
        assert!(FittedDrift { gap: usize::MAX, ..fitted }.check().is_err());
    }
}
