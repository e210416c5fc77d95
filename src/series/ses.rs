use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::{
    FittedSeries, SeriesModel, check_gap, check_sigma, check_state, count_present, normal, present, trailing_gap,
};
use crate::distribution::Predictive;
use crate::error::{FitError, ParamError};
use crate::numeric::brent;
use crate::numeric::scale::power_of_two_below;

/// Range in which the level weight is searched; the ends are those of R `ets()`.
const ALPHA_LOW: f64 = 1e-4;
const ALPHA_HIGH: f64 = 0.9999;
/// The squared error may have several minima in the level weight; the best of this many equal parts is refined.
const GRID: u32 = 16;

/// Simple exponential smoothing, ETS(A,N,N).
///
/// ```text
/// y[t] = l[t-1] + e[t]    l[t] = l[t-1] + alpha e[t]    l[1] = y[1]    forecast[h] = l[n]
/// sd[h]^2 = sigma^2 (1 + (h - 1) alpha^2)               sigma^2 = sum e[t]^2 / (n - 1)
/// ```
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `alpha` | the value in [0.0001, 0.9999] of least squared one-step errors | in (0, 1) | level weight |
///
/// Forecast variance: closed form, class 1. Missing values: skipped, state carried forward; `g` missing values at the
/// end make the forecast `h` as wide as one `g + h` steps ahead. Needs 3 observations. A series of equal values is a
/// point mass. Fit: O(iterations * n) time, 30 to 60 iterations, one copy of the series.
/// Differs from statsforecast `SimpleExponentialSmoothingOptimized`: alpha is not held within [0.01, 0.99]. Differs
/// from R `ets()`: the initial level is the first value, not optimised.
/// Source: Hyndman, Koehler, Ord & Snyder (2008), *Forecasting with Exponential Smoothing*, ch. 2.4 and table 6.1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ses {
    alpha: Option<f64>,
}

/// Settings of [`Ses`], checked by [`SesParams::build`].
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct SesParams {
    alpha: Option<f64>,
}

impl Ses {
    /// Starts from the defaults.
    pub fn params() -> SesParams {
        SesParams::default()
    }
}

impl SesParams {
    /// Sets the level weight instead of estimating it.
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = Some(alpha);
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// [`ParamError`] if `alpha` lies outside (0, 1).
    pub fn build(self) -> Result<Ses, ParamError> {
        let Self { alpha } = self;
        alpha.map_or(Ok(()), check_alpha)?;
        Ok(Ses { alpha })
    }
}

fn check_alpha(alpha: f64) -> Result<(), ParamError> {
    if alpha > 0.0 && alpha < 1.0 { Ok(()) } else { Err(ParamError::new("alpha", alpha, "in (0, 1)")) }
}

/// A fitted [`Ses`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedSes {
    alpha: f64,
    level: f64,
    sigma: f64,
    sse: f64,
    gap: usize,
}

impl SeriesModel for Ses {
    const NAME: &'static str = "ses";
    type Fitted = FittedSes;

    fn fit(&self, y: &[f64]) -> Result<FittedSes, FitError> {
        const NEEDED: usize = 3;
        let found = count_present(y, NEEDED)?;
        let (_, first) = present(y).next().ok_or(FitError::TooShort { needed: NEEDED, found })?;
        // Distances from the first value in units of the largest: tiny and huge series fit alike.
        let mut x: Vec<f64> = present(y).map(|(_, value)| value - first).collect();
        let unit = power_of_two_below(x.iter().fold(0.0, |largest: f64, v| largest.max(v.abs())));
        x.iter_mut().for_each(|v| *v /= unit);
        let alpha = self.alpha.unwrap_or_else(|| best_alpha(&x));
        let (level, sse) = smooth(&x, alpha);
        let sigma = unit * (sse / (found - 1) as f64).sqrt();
        Ok(FittedSes { alpha, level: first + unit * level, sigma, sse: sse * unit * unit, gap: trailing_gap(y) })
    }
}

/// The final level and the sum of squared one-step errors; the level starts at the first value, which is 0.
fn smooth(x: &[f64], alpha: f64) -> (f64, f64) {
    let (mut level, mut sse) = (0.0, 0.0);
    for &value in &x[1..] {
        let error = value - level;
        sse += error * error;
        level += alpha * error;
    }
    (level, sse)
}

fn best_alpha(x: &[f64]) -> f64 {
    let width = (ALPHA_HIGH - ALPHA_LOW) / f64::from(GRID);
    let edge = |i: u32| ALPHA_LOW + width * f64::from(i);
    let (mut best, mut least) = (0, f64::INFINITY);
    for i in 0..=GRID {
        let sse = smooth(x, edge(i)).1;
        if sse < least {
            (best, least) = (i, sse);
        }
    }
    let (low, high) = (edge(best.saturating_sub(1)), edge((best + 1).min(GRID)));
    let (refined, sse) = brent::minimise(|alpha| smooth(x, alpha).1, low, high);
    if sse < least { refined } else { edge(best) }
}

impl FittedSes {
    /// Level weight.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// Level after the last value.
    #[must_use]
    pub fn level(&self) -> f64 {
        self.level
    }

    /// Sum of squared one-step errors, in squared units of the series.
    #[must_use]
    pub fn sse(&self) -> f64 {
        self.sse
    }
}

impl FittedSeries for FittedSes {
    const NAME: &'static str = Ses::NAME;

    fn predict(&self, horizon: NonZeroUsize) -> Vec<Predictive> {
        let at = |h: usize| {
            let before = (self.gap + h - 1) as f64;
            normal(self.level, self.sigma * (1.0 + before * self.alpha * self.alpha).sqrt())
        };
        (1..=horizon.get()).map(at).collect()
    }

    fn error_weights(&self, horizon: NonZeroUsize) -> Vec<f64> {
        std::iter::once(1.0).chain(std::iter::repeat(self.alpha)).take(horizon.get()).collect()
    }

    fn updated(&self, new: &[f64]) -> Option<Self> {
        count_present(new, 0).ok()?;
        let follow = |level: f64, (_, value): (usize, f64)| level + self.alpha * (value - level);
        let level = present(new).fold(self.level, follow);
        let gap = if present(new).next().is_some() { trailing_gap(new) } else { self.gap + new.len() };
        Some(Self { level, gap, ..self.clone() })
    }

    fn check(&self) -> Result<(), ParamError> {
        let Self { alpha, level, sigma, sse, gap } = *self;
        check_alpha(alpha)?;
        check_state("level", level)?;
        check_sigma(sigma)?;
        check_gap(gap)?;
        if sse >= 0.0 && sse.is_finite() { Ok(()) } else { Err(ParamError::new("sse", sse, "finite and at least 0")) }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    const TWO: NonZeroUsize = NonZeroUsize::new(2).unwrap();
    const Y: [f64; 8] = [4.0, 6.0, 3.0, 5.0, 7.0, 4.0, 6.0, 5.0];

    #[test]
    fn a_given_weight_follows_the_recursion() {
        let fitted = Ses::params().alpha(0.5).build().unwrap().fit(&[2.0, 4.0, 8.0]).unwrap();
        // Levels 2, 3, 5.5; errors 2, 5.
        assert_eq!((fitted.level(), fitted.sse()), (5.5, 29.0));
        let Predictive::Normal { sd, .. } = fitted.predict(TWO)[1] else { panic!("not normal") };
        assert_relative_eq!(sd, (14.5_f64 * 1.25).sqrt(), max_relative = 1e-15);
    }

    #[test]
    fn no_weight_does_better_than_the_estimate() {
        let best = Ses::default().fit(&Y).unwrap();
        for step in 1..1000 {
            let fixed = Ses::params().alpha(f64::from(step) / 1000.0).build().unwrap().fit(&Y).unwrap();
            assert!(best.sse() <= fixed.sse() * (1.0 + 1e-12), "{} against {}", best.alpha(), fixed.alpha());
        }
    }

    #[test]
    fn missing_values_are_skipped() {
        let holes = [f64::NAN, 4.0, 6.0, f64::NAN, 3.0, 5.0, 7.0, 4.0, 6.0, 5.0];
        assert_eq!(Ses::default().fit(&holes).unwrap(), Ses::default().fit(&Y).unwrap());
        let late = [2.0, 4.0, 8.0, f64::NAN];
        let model = Ses::params().alpha(0.5).build().unwrap();
        assert_eq!(model.fit(&late).unwrap().predict(TWO)[0], model.fit(&late[..3]).unwrap().predict(TWO)[1]);
    }

    #[test]
    fn equal_values_are_a_point_mass() {
        assert_eq!(
            Ses::default().fit(&[0.1; 9]).unwrap().predict(TWO),
            [Predictive::Point(0.1), Predictive::Point(0.1)]
        );
    }

    #[test]
    fn tiny_values_keep_their_spread() {
        let tiny: Vec<f64> = Y.iter().map(|v| v * 1e-300).collect();
        let (small, plain) = (Ses::default().fit(&tiny).unwrap(), Ses::default().fit(&Y).unwrap());
        assert_relative_eq!(small.sigma / plain.sigma, 1e-300, max_relative = 1e-8);
    }

    #[test]
    fn weights_outside_the_open_interval_are_refused() {
        for alpha in [1e-9, 0.3, 0.999_999] {
            assert!(Ses::params().alpha(alpha).build().is_ok());
        }
        for alpha in [0.0, 1.0, -0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert!(Ses::params().alpha(alpha).build().is_err());
        }
    }
}
