use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::super::{FittedSeries, SeriesModel};
use super::croston::{Croston, CrostonParams, FittedCroston};
use crate::distribution::Predictive;
use crate::error::{FitError, ParamError};

/// [`Croston`]'s method less its bias, after Syntetos and Boylan.
///
/// ```text
/// rate = (1 - beta / 2) z / p        z, p as in Croston, beta the weight of the intervals
/// ```
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `alpha` | 0.1 | in (0, 1) | weight of sizes and of intervals, beta = alpha |
/// | `optimised` | no | | estimates the weights as [`Croston`] does |
///
/// The smoothed interval varies, so that the mean of `1 / p` is too large. Where every period has a demand the
/// interval is 1 without doubt and nothing is taken off. Distribution: that of [`Croston`] with the probability of a
/// demand `(1 - beta / 2) / p`. Missing values, needs and cost as there.
/// Differs from statsforecast `CrostonSBA`: that takes 5 % off also where every period has a demand.
/// Source: Syntetos & Boylan (2005), "The accuracy of intermittent demand estimates", International Journal of
/// Forecasting 21, 303-314.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sba {
    croston: Croston,
}

/// Settings of [`Sba`], checked by [`SbaParams::build`].
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct SbaParams {
    croston: CrostonParams,
}

impl Sba {
    /// Starts from the defaults.
    pub fn params() -> SbaParams {
        SbaParams { croston: Croston::params() }
    }
}

impl SbaParams {
    /// Sets the weight of sizes and intervals.
    pub fn alpha(self, alpha: f64) -> Self {
        Self { croston: self.croston.alpha(alpha) }
    }

    /// Estimates the two weights.
    pub fn optimised(self) -> Self {
        Self { croston: self.croston.optimised() }
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// [`ParamError`] if `alpha` lies outside (0, 1).
    pub fn build(self) -> Result<Sba, ParamError> {
        let Self { croston } = self;
        Ok(Sba { croston: croston.build()? })
    }
}

/// A fitted [`Sba`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedSba {
    croston: FittedCroston,
}

impl SeriesModel for Sba {
    const NAME: &'static str = "sba";
    type Fitted = FittedSba;

    fn fit(&self, y: &[f64]) -> Result<FittedSba, FitError> {
        Ok(FittedSba { croston: self.croston.fit(y)? })
    }
}

impl FittedSba {
    /// Demand to expect per period.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.kept() * self.croston.rate()
    }

    /// Sizes and intervals.
    #[must_use]
    pub fn croston(&self) -> &FittedCroston {
        &self.croston
    }

    fn kept(&self) -> f64 {
        if self.croston.is_intermittent() { 1.0 - self.croston.interval_weight() / 2.0 } else { 1.0 }
    }
}

impl FittedSeries for FittedSba {
    const NAME: &'static str = Sba::NAME;

    fn predict(&self, horizon: NonZeroUsize) -> Vec<Predictive> {
        self.croston.predict_share(self.kept(), horizon)
    }

    /// As for [`Croston`].
    fn error_weights(&self, horizon: NonZeroUsize) -> Vec<f64> {
        self.croston.error_weights(horizon)
    }

    fn updated(&self, new: &[f64]) -> Option<Self> {
        Some(Self { croston: self.croston.updated(new)? })
    }

    fn check(&self) -> Result<(), ParamError> {
        let Self { croston } = self;
        croston.check()
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these results are exact")]
mod tests {
    use super::*;

    #[test]
    fn a_twentieth_is_taken_off_where_demand_pauses() {
        let model = Sba::default();
        let fitted = model.fit(&[0.0, 3.0, 0.0, 3.0]).unwrap();
        assert_eq!(fitted.rate(), 0.95 * 1.5);
        assert_eq!(model.fit(&[3.0, 3.0, 3.0, 0.0]).unwrap().rate(), 0.95 * 3.0);
        assert_eq!(model.fit(&[3.0, 3.0, 3.0]).unwrap().rate(), 3.0);
        let half = Sba::params().alpha(0.5).build().unwrap();
        assert_eq!(half.fit(&[0.0, 3.0, 0.0, 3.0]).unwrap().rate(), 0.75 * 1.5);
    }

    #[test]
    fn carrying_on_equals_seeing_the_whole() {
        let y = [0.0, 3.0, 0.0, 0.0, 5.0, 1.0];
        let part = Sba::default().fit(&y[..3]).unwrap();
        assert_eq!(part.updated(&y[3..]), Some(Sba::default().fit(&y).unwrap()));
        assert!(part.check().is_ok());
    }
}
