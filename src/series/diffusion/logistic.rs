use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::super::{FittedSeries, SeriesModel};
use super::least_squares::{Curve, Observed, Region};
use super::track::Track;
use crate::distribution::Predictive;
use crate::error::{FitError, ParamError};

/// Range of the size of the rate: the lower end over the length of the series, the upper end per period.
const RATE: [f64; 2] = [0.01, 5.0];
/// The level is at most this many times the largest value: growth that has not bent yet does not show its end.
const LARGEST_LEVEL: f64 = 10.0;

/// Growth towards a level, or decline from it, on an S-shaped curve.
///
/// ```text
/// y[t] = L / (1 + e^(-k (t - t0))) + r[t]    t = 0, 1, ...
/// forecast[h] = L / (1 + e^(-k (n + h - t0))) + rho^h r[n]
/// ```
/// Nonlinear least squares: L is solved for; k, of either sign, with `|k|` between 0.01 / T and 5, and t0 in [-T, 2T]
/// are searched from the lowest valleys of a grid; T is the time from the first value, where t = 0, to the last. L is
/// at most 10 times the largest value: growth that has not bent yet fits any large level nearly alike, and this is
/// where such a level ends. k < 0 is a decline towards 0.
///
/// Distribution: a normal, its part below 0 moved to 0, with the errors to come, autocorrelated as the residuals are,
/// and the uncertainty of the three parameters by the delta method; class 1. Forecasts start from the last value,
/// whose distance from the curve fades with the lag-1 autocorrelation `rho`. New values move the curve on and leave
/// its parameters. Needs 5 values of at least 0; zeros count. Equal values (all 0 too) are carried on as a point mass,
/// k = 0 and L twice the value, as the formula says. Missing values: left out; those at the end count as time. Fit:
/// O(n) time for each of 962 points of two grids and the steps of at most 8 simplex searches; linear memory.
/// Differs from unbounded least squares, such as R `SSlogis`: the bounds above.
/// Sources: Verhulst (1838), "Notice sur la loi que la population suit dans son accroissement", Correspondance
/// mathématique et physique 10, 113-121; Meade & Islam (2006), "Modelling and forecasting the diffusion of innovation",
/// International Journal of Forecasting 22, 519-545.
///
/// ```
/// use credcast::series::{FittedSeries, Logistic, SeriesModel};
///
/// let horizon = std::num::NonZeroUsize::new(60).unwrap();
/// let y: Vec<f64> = (0..24).map(|t| 80.0 / (1.0 + (-0.3 * (f64::from(t) - 15.0)).exp())).collect();
/// let fitted = Logistic.fit(&y)?;
/// assert!((fitted.level() - 80.0).abs() < 0.01 && (fitted.midpoint() - 15.0).abs() < 0.01);
/// assert!((fitted.points(horizon)[59] - 80.0).abs() < 0.01);
/// # Ok::<(), credcast::FitError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Logistic;

/// A fitted [`Logistic`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedLogistic {
    track: Track,
}

/// Shape: k and t0.
#[derive(Debug)]
struct Sigmoid;

impl Curve for Sigmoid {
    fn at([rate, midpoint]: [f64; 2], t: f64) -> f64 {
        1.0 / (1.0 + (-rate * (t - midpoint)).exp())
    }

    fn moved([rate, midpoint]: [f64; 2], i: usize, by: f64) -> [f64; 2] {
        if i == 0 {
            [rate * by.exp(), midpoint]
        } else if rate.abs() > 0.0 {
            [rate, midpoint + by / rate.abs()]
        } else {
            [rate, midpoint]
        }
    }
}

impl SeriesModel for Logistic {
    const NAME: &'static str = "logistic";
    type Fitted = FittedLogistic;

    fn fit(&self, y: &[f64]) -> Result<FittedLogistic, FitError> {
        let seen = Observed::new(y)?;
        if let Some(value) = seen.constant() {
            return Ok(FittedLogistic { track: Track::constant(&seen, [0.0; 2], 2.0 * value) });
        }
        let limit = LARGEST_LEVEL * seen.largest();
        let time = seen.age as f64;
        let rates = [(RATE[0] / time).ln(), RATE[1].ln()];
        let region = Region { low: [rates[0], -1.0], high: [rates[1], 2.0], cells: [12, 36] };
        let along = |sign: f64| {
            let fit = |[rate, midpoint]: [f64; 2]| [sign * rate.exp().min(RATE[1]), midpoint * time];
            seen.fit::<Sigmoid>(region, limit, fit)
        };
        let (up, down) = (along(1.0), along(-1.0));
        let fit = if down.sse < up.sse { down } else { up };
        Ok(FittedLogistic { track: Track::new::<Sigmoid>(&seen, fit, 3) })
    }
}

impl FittedLogistic {
    /// The level that growth tends to or that a decline comes from, L.
    #[must_use]
    pub fn level(&self) -> f64 {
        self.track.scale
    }

    /// Rate per period, k: above 0 for growth, below 0 for decline.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.track.shape[0]
    }

    /// Time at which the curve is at half its level, in periods after the first value, t0.
    #[must_use]
    pub fn midpoint(&self) -> f64 {
        self.track.shape[1]
    }

    /// Share of its distance from the curve that a value hands on to the next, rho.
    #[must_use]
    pub fn carry(&self) -> f64 {
        self.track.rho
    }

    /// Sum of squared residuals, in squared units of the series.
    #[must_use]
    pub fn sse(&self) -> f64 {
        self.track.sse
    }
}

impl FittedSeries for FittedLogistic {
    const NAME: &'static str = Logistic::NAME;

    fn predict(&self, horizon: NonZeroUsize) -> Vec<Predictive> {
        self.track.predict::<Sigmoid>(horizon)
    }

    fn points(&self, horizon: NonZeroUsize) -> Vec<f64> {
        self.track.points::<Sigmoid>(horizon)
    }

    fn error_weights(&self, horizon: NonZeroUsize) -> Vec<f64> {
        self.track.error_weights(horizon)
    }

    fn updated(&self, new: &[f64]) -> Option<Self> {
        Some(Self { track: self.track.updated::<Sigmoid>(new)? })
    }

    fn check(&self) -> Result<(), ParamError> {
        let Self { track } = self;
        let [rate, midpoint] = track.shape;
        if !(-RATE[1]..=RATE[1]).contains(&rate) {
            return Err(ParamError::new("k", rate, "in [-5, 5]"));
        }
        if !(-1e15..=1e15).contains(&midpoint) {
            return Err(ParamError::new("t0", midpoint, "at most 1e15 in size"));
        }
        track.check()
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    const HORIZON: NonZeroUsize = NonZeroUsize::new(480).unwrap();

    #[test]
    fn declines_are_growth_seen_from_the_other_end() {
        let up: Vec<f64> = (0..40).map(|t| 7.0 * Sigmoid::at([0.2, 17.0], f64::from(t))).collect();
        let down: Vec<f64> = up.iter().rev().copied().collect();
        let (up, down) = (Logistic.fit(&up).unwrap(), Logistic.fit(&down).unwrap());
        for fitted in [&up, &down] {
            assert_relative_eq!(fitted.level(), 7.0, max_relative = 1e-4);
        }
        assert_relative_eq!(up.rate(), 0.2, max_relative = 1e-4);
        assert_relative_eq!(down.rate(), -0.2, max_relative = 1e-4);
        assert_relative_eq!(down.midpoint(), 22.0, max_relative = 1e-4);
        assert!(down.points(HORIZON)[479] < 1e-9);
    }

    #[test]
    fn growth_that_has_not_bent_ends_at_the_largest_level() {
        let y: Vec<f64> = (0..30).map(|t| 1.2_f64.powi(t)).collect();
        let fitted = Logistic.fit(&y).unwrap();
        assert!(fitted.level() <= 10.0 * y[29] * (1.0 + 1e-12));
        let last = fitted.points(HORIZON)[479];
        assert!(last > 5.0 * y[29] && last <= fitted.level(), "{last}");
    }

    #[test]
    fn shapes_outside_the_ranges_are_refused() {
        let mut fitted = Logistic.fit(&[1.0, 3.0, 4.0, 6.0, 6.0, 7.0]).unwrap();
        assert!(fitted.check().is_ok());
        for shape in [[6.0, 1.0], [f64::NAN, 1.0], [0.1, f64::INFINITY]] {
            fitted.track.shape = shape;
            assert!(fitted.check().is_err(), "{shape:?}");
        }
    }
}
