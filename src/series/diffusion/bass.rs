use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::super::{FittedSeries, SeriesModel};
use super::least_squares::{Curve, Observed, Region};
use super::track::Track;
use crate::distribution::Predictive;
use crate::error::{FitError, ParamError};

/// Ranges of the search.
const P: [f64; 2] = [1e-7, 1.0];
const Q: [f64; 2] = [1e-5, 5.0];
/// The market is at most this many times what the series adds up to: an early part of a curve does not show its end.
const LARGEST_MARKET: f64 = 10.0;

/// The diffusion of something new: adoptions per period, on their own account or after others.
///
/// ```text
/// y[t] = m (F(t) - F(t-1)) + r[t]    t = 1, 2, ...    F(t) = (1 - e^-(p+q)t) / (1 + (q/p) e^-(p+q)t)
/// forecast[h] = m (F(n+h) - F(n+h-1)) + rho^h r[n]
/// ```
/// Nonlinear least squares: m is solved for, p in [1e-7, 1] and q in [1e-5, 5] are searched from the lowest valleys of
/// a grid. m is at most 10 times the sum of the series (its mean times its length where values are missing), so that an
/// early part of a curve does not promise a market without end. `t = 1` is the first value that is present: put the
/// series to start with the launch.
///
/// Distribution: a normal, its part below 0 moved to 0, with the errors to come, autocorrelated as the residuals are,
/// and the uncertainty of the three parameters by the delta method; class 1. Forecasts start from the last value,
/// whose distance from the curve fades with the lag-1 autocorrelation `rho`. New values move the curve on and leave
/// its parameters. Needs 5 values of at least 0; zeros count. Equal values (all 0 too) are carried on as a point mass,
/// p = q = 0 and no potential. Missing values: left out; those at the end count as time. Fit: O(n) time for each of
/// 425 points of a grid and the steps of at most 4 simplex searches; linear memory.
/// Differs from Bass (1969), who regressed adoptions on the adopters so far: the curve itself is fitted, with bounds.
/// Sources: Bass (1969), "A new product growth for model consumer durables", Management Science 15, 215-227; Srinivasan
/// & Mason (1986), "Nonlinear least squares estimation of new product diffusion models", Marketing Science 5, 169-178.
///
/// ```
/// use credcast::series::{Bass, FittedSeries, SeriesModel};
///
/// let horizon = std::num::NonZeroUsize::new(40).unwrap();
/// let adopted = |t: f64| (1.0 - (-0.4 * t).exp()) / (1.0 + 19.0 * (-0.4 * t).exp());
/// let y: Vec<f64> = (1..=12).map(|t| 500.0 * (adopted(f64::from(t)) - adopted(f64::from(t) - 1.0))).collect();
/// let fitted = Bass.fit(&y)?;
/// assert!((fitted.innovation() - 0.02).abs() < 1e-4 && (fitted.imitation() - 0.38).abs() < 1e-3);
/// assert!((fitted.potential().unwrap() - 500.0).abs() < 0.5);
/// assert!(fitted.points(horizon)[39] < 0.01); // all who will have adopted
/// # Ok::<(), credcast::FitError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bass;

/// A fitted [`Bass`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedBass {
    track: Track,
}

/// Shape: p and q; both 0 stand for equal adoptions without end.
#[derive(Debug)]
struct Adoptions;

impl Curve for Adoptions {
    fn at([p, q]: [f64; 2], t: f64) -> f64 {
        if p <= 0.0 {
            return 1.0;
        }
        // F(t+1) - F(t) without the difference of two shares close to 1.
        let (speed, ratio) = (p + q, q / p);
        let (before, after) = ((-speed * t).exp(), (-speed * (t + 1.0)).exp());
        (1.0 + ratio) * before * -(-speed).exp_m1() / ((1.0 + ratio * before) * (1.0 + ratio * after))
    }

    fn moved(mut shape: [f64; 2], i: usize, by: f64) -> [f64; 2] {
        shape[i] *= by.exp();
        shape
    }
}

impl SeriesModel for Bass {
    const NAME: &'static str = "bass";
    type Fitted = FittedBass;

    fn fit(&self, y: &[f64]) -> Result<FittedBass, FitError> {
        let seen = Observed::new(y)?;
        if let Some(value) = seen.constant() {
            return Ok(FittedBass { track: Track::constant(&seen, [0.0; 2], value) });
        }
        let limit = LARGEST_MARKET * seen.mean() * (seen.age + 1) as f64;
        let region = Region { low: [P[0].ln(), Q[0].ln()], high: [P[1].ln(), Q[1].ln()], cells: [16, 24] };
        let within = |x: f64, [low, high]: [f64; 2]| x.exp().clamp(low, high);
        let fit = seen.fit::<Adoptions>(region, limit, |[p, q]| [within(p, P), within(q, Q)]);
        Ok(FittedBass { track: Track::new::<Adoptions>(&seen, fit, 3) })
    }
}

impl FittedBass {
    /// Coefficient of innovation, p: the share of those left who adopt on their own account each period.
    #[must_use]
    pub fn innovation(&self) -> f64 {
        self.track.shape[0]
    }

    /// Coefficient of imitation, q: weight of the share that has adopted.
    #[must_use]
    pub fn imitation(&self) -> f64 {
        self.track.shape[1]
    }

    /// The market, m: all who will have adopted. `None` after a series of equal values, which shows no end.
    #[must_use]
    pub fn potential(&self) -> Option<f64> {
        (self.innovation() > 0.0).then_some(self.track.scale)
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

impl FittedSeries for FittedBass {
    const NAME: &'static str = Bass::NAME;

    fn predict(&self, horizon: NonZeroUsize) -> Vec<Predictive> {
        self.track.predict::<Adoptions>(horizon)
    }

    fn points(&self, horizon: NonZeroUsize) -> Vec<f64> {
        self.track.points::<Adoptions>(horizon)
    }

    fn error_weights(&self, horizon: NonZeroUsize) -> Vec<f64> {
        self.track.error_weights(horizon)
    }

    fn updated(&self, new: &[f64]) -> Option<Self> {
        Some(Self { track: self.track.updated::<Adoptions>(new)? })
    }

    fn check(&self) -> Result<(), ParamError> {
        let Self { track } = self;
        let [p, q] = track.shape;
        let is_constant = p.to_bits() == 0 && q.to_bits() == 0;
        if !is_constant && !(P[0]..=P[1]).contains(&p) {
            return Err(ParamError::new("p", p, "in [1e-7, 1]"));
        }
        if !is_constant && !(Q[0]..=Q[1]).contains(&q) {
            return Err(ParamError::new("q", q, "in [1e-5, 5]"));
        }
        track.check()
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn the_curve_is_the_difference_of_the_shares_that_have_adopted() {
        let share = |p: f64, q: f64, t: f64| (1.0 - (-(p + q) * t).exp()) / (1.0 + q / p * (-(p + q) * t).exp());
        for (p, q) in [(0.03, 0.38), (0.001, 0.9), (0.2, 0.01)] {
            for t in [0.0, 3.0, 11.0] {
                let difference = share(p, q, t + 1.0) - share(p, q, t);
                assert_relative_eq!(Adoptions::at([p, q], t), difference, max_relative = 1e-9);
            }
        }
        assert!(Adoptions::at([1.0, 5.0], 1e6).abs() <= 0.0);
    }

    #[test]
    fn a_market_is_found_from_what_leads_up_to_its_peak() {
        // Peak at ln(q / p) / (p + q) = 9.7; the first 12 periods and noise-free values leave no other curve.
        let y: Vec<f64> = (0..12).map(|t| 2e4 * Adoptions::at([0.01, 0.4], f64::from(t))).collect();
        let fitted = Bass.fit(&y).unwrap();
        assert_relative_eq!(fitted.innovation(), 0.01, max_relative = 1e-3);
        assert_relative_eq!(fitted.imitation(), 0.4, max_relative = 1e-3);
        assert_relative_eq!(fitted.potential().unwrap(), 2e4, max_relative = 1e-3);
    }

    #[test]
    fn growth_that_has_not_bent_ends_at_the_largest_market() {
        let y: Vec<f64> = (0..30).map(|t| 1.2_f64.powi(t)).collect();
        let fitted = Bass.fit(&y).unwrap();
        let sum: f64 = y.iter().sum();
        assert!(fitted.potential().unwrap() <= 10.0 * sum * (1.0 + 1e-12));
        let later: f64 = fitted.points(NonZeroUsize::new(480).unwrap()).iter().sum();
        assert!(later < 10.0 * sum && later > sum, "{later}");
    }

    #[test]
    fn shapes_outside_the_ranges_are_refused() {
        let mut fitted = Bass.fit(&[1.0, 3.0, 4.0, 2.0, 1.0, 0.0]).unwrap();
        assert!(fitted.check().is_ok());
        for shape in [[0.0, 0.1], [0.1, 0.0], [f64::NAN, 0.1], [0.1, 6.0], [-0.0, 0.0]] {
            fitted.track.shape = shape;
            assert!(fitted.check().is_err(), "{shape:?}");
        }
    }
}
