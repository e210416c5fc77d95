use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::super::{FittedSeries, SeriesModel};
use super::aggregated::{Periods, Rate, Smoothed};
use super::check_demands;
use crate::distribution::Predictive;
use crate::error::{FitError, ParamError};

/// Aggregate-disaggregate: sums over blocks as long as the mean interval between demands are smoothed, and spread
/// evenly over their periods.
///
/// ```text
/// k = mean interval between demands, rounded       S[j] = sum of block j of k periods, the last ends the series
/// L = L + alpha (S[j] - L), L[1] = S[1]            rate = L / k
/// ```
/// No parameters: alpha is the weight in [0.1, 0.3] of least squared one-step errors of the sums.
///
/// Distribution (the paper has none): a demand comes with the share `p` of the periods that had one; its size has the
/// shape of the last 500 demands, scaled to the mean `rate / p`, the distance from the mean multiplied by
/// `sqrt(1 + s + (g + h - 1) alpha^2 / k)`, never below 0, `s` the sum of the squared weights of the periods. The point
/// is the median. Missing values: left out before blocks are made; the `g` at the end widen the forecast. A value below
/// 0 is refused as [`FitError::Target`]. Without a demand everything is 0. Needs 1 observation. Fit: O(n) time, two
/// copies of the series; cannot be carried on, since the blocks move with the end of the series.
/// Source: Nikolopoulos, Syntetos, Boylan, Petropoulos & Assimakopoulos (2011), "An aggregate-disaggregate intermittent
/// demand approach (ADIDA) to forecasting", Journal of the Operational Research Society 62, 544-554.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Adida;

/// A fitted [`Adida`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedAdida {
    level: usize,
    alpha: f64,
    rate: Rate,
}

impl SeriesModel for Adida {
    const NAME: &'static str = "adida";
    type Fitted = FittedAdida;

    fn fit(&self, y: &[f64]) -> Result<FittedAdida, FitError> {
        check_demands(y)?;
        let periods = Periods::new(y);
        let level = periods.level();
        let Smoothed { weight, rate, squared_weights } = periods.smoothed(level, &mut Vec::new());
        let drift = weight * weight / level as f64;
        Ok(FittedAdida { level, alpha: weight, rate: Rate::new(y, &periods, rate, squared_weights, drift) })
    }
}

impl FittedAdida {
    /// Demand to expect per period.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.rate.get()
    }

    /// Periods in a block.
    #[must_use]
    pub fn level(&self) -> usize {
        self.level
    }

    /// Weight of the smoothing of blocks.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.alpha
    }
}

impl FittedSeries for FittedAdida {
    const NAME: &'static str = Adida::NAME;

    fn predict(&self, horizon: NonZeroUsize) -> Vec<Predictive> {
        self.rate.predict(horizon)
    }

    /// 1, then `alpha / sqrt k`: an approximation.
    fn error_weights(&self, horizon: NonZeroUsize) -> Vec<f64> {
        self.rate.error_weights(horizon)
    }

    fn check(&self) -> Result<(), ParamError> {
        let Self { level, alpha, rate } = self;
        super::check_weight("alpha", *alpha)?;
        if *level == 0 {
            return Err(ParamError::new("level", level, "at least 1"));
        }
        rate.check()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: NonZeroUsize = NonZeroUsize::new(2).unwrap();

    #[test]
    fn blocks_are_as_long_as_the_mean_interval_and_end_with_the_series() {
        // Intervals 2, 3, 2: mean 7 / 3, blocks of 2: the first value is left out.
        let y = [9.0, 0.0, 0.0, 0.0, 4.0, 0.0, 4.0];
        let fitted = Adida.fit(&y).unwrap();
        assert_eq!(fitted.level(), 2);
        // Sums 0, 4, 4: the largest weight leaves the least errors: L = 1.2, 2.04.
        assert!((fitted.alpha() - 0.3).abs() < 1e-7 && (fitted.rate() - 1.02).abs() < 1e-6);
    }

    #[test]
    fn degenerate_series_have_an_answer() {
        assert_eq!(Adida.fit(&[0.0; 4]).unwrap().predict(TWO), vec![Predictive::Point(0.0); 2]);
        assert_eq!(Adida.fit(&[0.1; 40]).unwrap().predict(TWO), vec![Predictive::Point(0.1); 2]);
        assert_eq!(Adida.fit(&[7.0]).unwrap().predict(TWO), vec![Predictive::Point(7.0); 2]);
        assert!(Adida.fit(&[f64::NAN]).is_err() && Adida.fit(&[1.0, -1.0]).is_err());
        assert!(Adida.fit(&[0.0, 0.0, 0.0, 5.0]).unwrap().check().is_ok());
    }

    #[test]
    fn missing_values_are_left_out() {
        let holes = [0.0, f64::NAN, 3.0, 0.0, f64::NAN, 0.0, 5.0, 1.0];
        assert_eq!(Adida.fit(&holes).unwrap(), Adida.fit(&[0.0, 3.0, 0.0, 0.0, 5.0, 1.0]).unwrap());
    }

    #[test]
    fn states_that_fit_never_makes_are_refused() {
        let fitted = Adida.fit(&[0.0, 3.0, 0.0, 5.0]).unwrap();
        assert!(fitted.check().is_ok());
        assert!(FittedAdida { level: 0, ..fitted.clone() }.check().is_err());
        assert!(FittedAdida { alpha: f64::NAN, ..fitted }.check().is_err());
    }
}
