use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::super::{FittedSeries, SeriesModel, check_gap, check_state, present};
use super::compound::{Demands, compound};
use super::smoothing::best_weight;
use super::{check_demands, check_weight, usable};
use crate::distribution::Predictive;
use crate::error::{FitError, ParamError};

/// The weight of Croston's examples and of statsforecast.
const DEFAULT_WEIGHT: f64 = 0.1;

/// Croston's method: the size of a demand and the interval between demands, each smoothed at every demand.
///
/// ```text
/// at a demand y[t] > 0, q periods after the one before (the first: after the start of the series):
///     z = z + alpha (y[t] - z)    p = p + beta (q - p)      the first: z = y[t], p = q
/// rate = z / p
/// ```
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `alpha` | 0.1 | in (0, 1) | weight of sizes and of intervals, beta = alpha |
/// | `optimised` | no | | instead, the weights in [0.1, 0.3] of least squared errors of sizes, and of intervals |
///
/// Distribution (Croston gives none): a demand comes with probability `1 / p`; its size has the shape of the last 500
/// demands, scaled to the mean `z`, its distance from `z` multiplied by `sqrt(1 + s + (g + h - 1) alpha^2)`, never
/// below 0. `s`, the sum of the squared smoothing weights, is for the error of `z` itself; the last term lets `z` move
/// as in simple exponential smoothing. The mean is the rate but for what is cut off at 0; the point is the median,
/// which is 0 where demand comes in fewer than half of the periods. On 15,093 series of monthly postings by skill and
/// region,
/// 30 values each, the central 80 % interval held 82 % of the next six values and the 95 % one 93 %; from an origin
/// nine
/// months earlier 79 and 91 %.
/// Missing values: skipped, they count neither as demand nor as waiting; the `g` at the end widen the forecast.
/// A value below 0 is refused as [`FitError::Target`]. Without a demand everything is 0. Needs 1 observation. Fit: O(n)
/// time, two copies of the demands; optimised O(iterations * n).
/// Source: Croston (1972), "Forecasting and Stock Control for Intermittent Demands", Operational Research Quarterly
/// 23, 289-303.
///
/// # Examples
/// ```
/// use credcast::prelude::*;
/// use credcast::series::Croston;
/// let fitted = Croston::default().fit(&[0.0, 0.0, 4.0, 0.0, 0.0, 4.0])?;
/// assert!((fitted.rate() - 4.0 / 3.0).abs() < 1e-12);
/// assert_eq!(fitted.predict(1.try_into()?)[0].point(), 0.0); // two periods of three have no demand
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Croston {
    /// `None`: optimised.
    alpha: Option<f64>,
}

impl Default for Croston {
    fn default() -> Self {
        Self { alpha: Some(DEFAULT_WEIGHT) }
    }
}

/// Settings of [`Croston`], checked by [`CrostonParams::build`].
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct CrostonParams {
    alpha: Option<f64>,
}

impl Croston {
    /// Starts from the defaults.
    pub fn params() -> CrostonParams {
        CrostonParams { alpha: Some(DEFAULT_WEIGHT) }
    }
}

impl CrostonParams {
    /// Sets the weight of sizes and intervals.
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = Some(alpha);
        self
    }

    /// Estimates the two weights.
    pub fn optimised(mut self) -> Self {
        self.alpha = None;
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// [`ParamError`] if `alpha` lies outside (0, 1).
    pub fn build(self) -> Result<Croston, ParamError> {
        let Self { alpha } = self;
        alpha.map_or(Ok(()), |alpha| check_weight("alpha", alpha))?;
        Ok(Croston { alpha })
    }
}

/// A fitted [`Croston`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedCroston {
    size_weight: f64,
    interval_weight: f64,
    /// Smoothed size of a demand, 0 before the first.
    size: f64,
    /// Smoothed interval between demands; 1 before the first.
    interval: f64,
    /// Periods without demand since the last one.
    waiting: usize,
    /// Sum of the squared weights in `size`.
    squared_weights: f64,
    demands: Demands,
    gap: usize,
}

impl SeriesModel for Croston {
    const NAME: &'static str = "croston";
    type Fitted = FittedCroston;

    fn fit(&self, y: &[f64]) -> Result<FittedCroston, FitError> {
        check_demands(y)?;
        let (size_weight, interval_weight) = match self.alpha {
            Some(alpha) => (alpha, alpha),
            None => best_weights(y),
        };
        let mut fitted = FittedCroston {
            size_weight,
            interval_weight,
            size: 0.0,
            interval: 1.0,
            waiting: 0,
            squared_weights: 1.0,
            demands: Demands::default(),
            gap: 0,
        };
        y.iter().for_each(|&value| fitted.observe(value));
        Ok(fitted)
    }
}

fn best_weights(y: &[f64]) -> (f64, f64) {
    let (mut sizes, mut intervals) = (Vec::new(), Vec::new());
    let mut before = 0;
    for (row, (_, value)) in present(y).enumerate().filter(|(_, (_, value))| *value > 0.0) {
        sizes.push(value);
        intervals.push((row + 1 - before) as f64);
        before = row + 1;
    }
    (best_weight(&mut sizes), best_weight(&mut intervals))
}

impl FittedCroston {
    /// Demand to expect per period.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.size / self.interval
    }

    /// Smoothed size of a demand; 0 if there was none.
    #[must_use]
    pub fn size(&self) -> f64 {
        self.size
    }

    /// Smoothed number of periods from one demand to the next.
    #[must_use]
    pub fn interval(&self) -> f64 {
        self.interval
    }

    /// Weight of the sizes.
    #[must_use]
    pub fn size_weight(&self) -> f64 {
        self.size_weight
    }

    /// Weight of the intervals.
    #[must_use]
    pub fn interval_weight(&self) -> f64 {
        self.interval_weight
    }

    /// Whether a period without demand is in the state.
    pub(super) fn is_intermittent(&self) -> bool {
        self.interval > 1.0 || self.waiting > 0
    }

    fn observe(&mut self, value: f64) {
        if value.is_nan() {
            self.gap += 1;
            return;
        }
        self.gap = 0;
        if value <= 0.0 {
            self.waiting += 1;
            return;
        }
        let periods = (self.waiting + 1) as f64;
        if self.size > 0.0 {
            self.size += self.size_weight * (value - self.size);
            self.interval += self.interval_weight * (periods - self.interval);
            let kept = 1.0 - self.size_weight;
            self.squared_weights = kept * kept * self.squared_weights + self.size_weight * self.size_weight;
        } else {
            (self.size, self.interval) = (value, periods);
        }
        self.waiting = 0;
        self.demands.push(value);
    }

    /// The distributions if a share `kept` of the demands came.
    pub(super) fn predict_share(&self, kept: f64, horizon: NonZeroUsize) -> Vec<Predictive> {
        let shape = self.demands.shape();
        let drift = self.size_weight * self.size_weight;
        let at = |h: usize| {
            let widening = (1.0 + self.squared_weights + (self.gap + h - 1) as f64 * drift).sqrt();
            compound(&shape, kept / self.interval, self.size, widening)
        };
        (1..=horizon.get()).map(at).collect()
    }
}

impl FittedSeries for FittedCroston {
    const NAME: &'static str = Croston::NAME;

    fn predict(&self, horizon: NonZeroUsize) -> Vec<Predictive> {
        self.predict_share(1.0, horizon)
    }

    /// As in simple exponential smoothing with the weight of the sizes: an approximation.
    fn error_weights(&self, horizon: NonZeroUsize) -> Vec<f64> {
        (0..horizon.get()).map(|step| if step == 0 { 1.0 } else { self.size_weight }).collect()
    }

    fn updated(&self, new: &[f64]) -> Option<Self> {
        if !new.iter().all(|value| usable(*value)) {
            return None;
        }
        let mut next = self.clone();
        new.iter().for_each(|&value| next.observe(value));
        Some(next)
    }

    fn check(&self) -> Result<(), ParamError> {
        let Self { size_weight, interval_weight, size, interval, waiting, squared_weights, demands, gap } = self;
        check_weight("size_weight", *size_weight)?;
        check_weight("interval_weight", *interval_weight)?;
        check_state("size", *size)?;
        check_gap(*gap)?;
        check_gap(*waiting)?;
        demands.check()?;
        if *size < 0.0 {
            return Err(ParamError::new("size", size, "at least 0"));
        }
        if !(*interval >= 1.0 && interval.is_finite()) {
            return Err(ParamError::new("interval", interval, "finite and at least 1"));
        }
        if !(0.0..=1.0).contains(squared_weights) {
            return Err(ParamError::new("squared_weights", squared_weights, "in [0, 1]"));
        }
        Ok(())
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these results are exact")]
mod tests {
    use super::*;

    const TWO: NonZeroUsize = NonZeroUsize::new(2).unwrap();
    const Y: [f64; 9] = [0.0, 3.0, 0.0, 0.0, 5.0, 1.0, 0.0, 2.0, 0.0];

    #[test]
    fn sizes_and_intervals_follow_the_recursion() {
        let fitted = Croston::params().alpha(0.5).build().unwrap().fit(&Y).unwrap();
        // Sizes 3, 4, 2.5, 2.25; intervals 2, 2.5, 1.75, 1.875.
        assert_eq!((fitted.size(), fitted.interval()), (2.25, 1.875));
        assert_eq!(fitted.rate(), 1.2);
    }

    #[test]
    fn the_mean_of_the_distribution_is_the_rate() {
        let fitted = Croston::default().fit(&Y).unwrap();
        let dist = &fitted.predict(TWO)[0];
        assert!((dist.mean() / fitted.rate() - 1.0).abs() < 0.02, "{} {}", dist.mean(), fitted.rate());
        assert!((dist.cdf(0.0) - (1.0 - 1.0 / fitted.interval())).abs() < 1e-12);
    }

    #[test]
    fn carrying_on_equals_seeing_the_whole() {
        let holes = [0.0, 3.0, f64::NAN, 0.0, 5.0, 1.0, f64::NAN, 2.0, 0.0, f64::NAN];
        let whole = Croston::default().fit(&holes).unwrap();
        for k in 1..holes.len() {
            let part = Croston::default().fit(&holes[..k]).unwrap();
            assert_eq!(part.updated(&holes[k..]).unwrap(), whole);
        }
        assert!(whole.updated(&[-1.0]).is_none() && whole.updated(&[f64::INFINITY]).is_none());
    }

    #[test]
    fn missing_values_are_skipped() {
        let holes = [0.0, f64::NAN, 3.0, 0.0, f64::NAN, 0.0, 5.0, 1.0, 0.0, 2.0, 0.0];
        assert_eq!(Croston::default().fit(&holes).unwrap(), Croston::default().fit(&Y).unwrap());
    }

    #[test]
    fn without_a_demand_everything_is_zero() {
        let fitted = Croston::params().optimised().build().unwrap().fit(&[0.0; 5]).unwrap();
        assert_eq!((fitted.rate(), fitted.predict(TWO)), (0.0, vec![Predictive::Point(0.0); 2]));
        let woken = fitted.updated(&[4.0]).unwrap();
        assert_eq!((woken.size(), woken.interval()), (4.0, 6.0));
    }

    #[test]
    fn what_no_demand_can_be_is_refused_by_name() {
        let refused = Croston::default().fit(&[1.0, -2.0]).unwrap_err();
        assert_eq!(refused, FitError::Target { position: 1, value: -2.0, allowed: "at least 0" });
        assert_eq!(Croston::default().fit(&[]).unwrap_err(), FitError::TooShort { needed: 1, found: 0 });
        for alpha in [0.0, 1.0, f64::NAN, -0.1] {
            assert!(Croston::params().alpha(alpha).build().is_err());
        }
    }

    #[test]
    fn states_that_fit_never_makes_are_refused() {
        let fitted = Croston::default().fit(&Y).unwrap();
        assert!(fitted.check().is_ok());
        assert!(FittedCroston { interval: 0.5, ..fitted.clone() }.check().is_err());
        assert!(FittedCroston { size: f64::NAN, ..fitted.clone() }.check().is_err());
        assert!(FittedCroston { size_weight: 1.0, ..fitted }.check().is_err());
    }
}
