use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::{
    FittedSeries, SeriesModel, check_gap, check_sigma, check_state, count_present, normal, present, trailing_gap,
};
use crate::distribution::Predictive;
use crate::error::{FitError, ParamError};
use crate::numeric::nelder_mead::{Minimum, Search};
use crate::numeric::scale::power_of_two_below;

/// Ranges of the search; those of R `ets()`. The trend weight is searched as a share of the level weight.
const ALPHA: [f64; 2] = [1e-4, 0.9999];
const BETA_SHARE: [f64; 2] = [1e-4, 0.9999];
const PHI: [f64; 2] = [0.8, 0.98];
/// The squared error has several valleys. Each line, a share and the level weights tried with it, leads into one: a
/// fixed path, then trends from nearly fixed to as quick as the level. On 360 simulated series of 12 to 240 values the
/// search ended at the best of 192 searches on all but one, and 0.2 % above it there.
const VALLEYS: [(f64, &[f64]); 5] = [
    (BETA_SHARE[0], &[ALPHA[0]]),
    (0.01, &[0.03, 0.15, 0.45, 0.95]),
    (0.1, &[0.03, 0.15, 0.45, 0.95]),
    (0.4, &[0.03, 0.15, 0.45, 0.95]),
    (0.9, &[0.03, 0.15, 0.45, 0.95]),
];
const PHI_STARTS: [f64; 5] = [0.82, 0.88, 0.925, 0.955, 0.975];

/// Damped-trend exponential smoothing, ETS(A,Ad,N).
///
/// ```text
/// y[t] = l[t-1] + phi b[t-1] + e[t]    l[t] = l[t-1] + phi b[t-1] + alpha e[t]    b[t] = phi b[t-1] + beta e[t]
/// forecast[h] = l[n] + (phi + ... + phi^h) b[n]
/// sd[h]^2 = sigma^2 (1 + sum over j < h of (alpha + beta (phi + ... + phi^j))^2)  sigma^2 = sum e[t]^2 / (n - 7)
/// ```
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `phi` | estimated in [0.8, 0.98] | in [0.8, 0.98] | what is left of the trend after one period |
///
/// The level weight alpha is estimated in [0.0001, 0.9999], the trend weight beta between 0 and alpha, all by least
/// squares; the errors are linear in the initial level and trend, which are therefore solved for exactly.
///
/// Forecast variance: closed form, class 1. Missing values: skipped, the state moves on along its damped trend; `g`
/// missing values at the end put the forecast `h` at `g + h` steps ahead. Needs 10 observations, for 5 estimates. A
/// series of equal values is a point mass. Fit: O(iterations * n) time, about 700 iterations, one copy of the series.
/// `n - 7` is the divisor of R `ets()` and statsforecast `AutoETS`.
/// Source: Hyndman, Koehler, Ord & Snyder (2008), *Forecasting with Exponential Smoothing*, ch. 3, 5 and table 6.1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DampedHolt {
    phi: Option<f64>,
}

/// Settings of [`DampedHolt`], checked by [`DampedHoltParams::build`].
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct DampedHoltParams {
    phi: Option<f64>,
}

impl DampedHolt {
    /// Starts from the defaults.
    pub fn params() -> DampedHoltParams {
        DampedHoltParams::default()
    }
}

impl DampedHoltParams {
    /// Sets the damping instead of estimating it.
    pub fn phi(mut self, phi: f64) -> Self {
        self.phi = Some(phi);
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// [`ParamError`] if `phi` lies outside [0.8, 0.98].
    pub fn build(self) -> Result<DampedHolt, ParamError> {
        let Self { phi } = self;
        phi.map_or(Ok(()), check_phi)?;
        Ok(DampedHolt { phi })
    }
}

fn check_phi(phi: f64) -> Result<(), ParamError> {
    if (PHI[0]..=PHI[1]).contains(&phi) { Ok(()) } else { Err(ParamError::new("phi", phi, "in [0.8, 0.98]")) }
}

/// A fitted [`DampedHolt`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedDampedHolt {
    alpha: f64,
    beta: f64,
    phi: f64,
    level: f64,
    trend: f64,
    sigma: f64,
    sse: f64,
    gap: usize,
}

#[derive(Clone, Copy, Debug)]
struct Weights {
    alpha: f64,
    beta: f64,
    phi: f64,
}

impl Weights {
    /// From the coordinates of the search.
    fn at(&[alpha, share, phi]: &[f64; 3]) -> Self {
        Self { alpha, beta: alpha * share, phi }
    }
}

#[derive(Clone, Copy, Debug)]
struct State {
    level: f64,
    trend: f64,
}

impl State {
    /// Moves on by one period and returns the one-step error; a missing value has none and leaves the path alone.
    #[inline]
    fn step(&mut self, value: f64, w: Weights) -> f64 {
        let carried = w.phi * self.trend;
        let expected = self.level + carried;
        let error = if value.is_nan() { 0.0 } else { value - expected };
        self.level = expected + w.alpha * error;
        self.trend = carried + w.beta * error;
        error
    }
}

impl SeriesModel for DampedHolt {
    const NAME: &'static str = "damped_holt";
    type Fitted = FittedDampedHolt;

    fn fit(&self, y: &[f64]) -> Result<FittedDampedHolt, FitError> {
        const NEEDED: usize = 10;
        /// Three weights, two initial states, the variance, and one more as in R `ets()`.
        const LOST: usize = 7;
        let found = count_present(y, NEEDED)?;
        let ends = present(y).next().zip(present(y).next_back());
        let ((from, first), (to, _)) = ends.ok_or(FitError::TooShort { needed: NEEDED, found })?;
        // Distances from the first value in units of the largest: tiny and huge series fit alike.
        let mut x: Vec<f64> = y[from..=to].iter().map(|value| value - first).collect();
        let largest = x.iter().fold(0.0, |largest: f64, v| largest.max(v.abs()));
        let unit = power_of_two_below(largest);
        x.iter_mut().for_each(|v| *v /= unit);

        let weights =
            if largest > 0.0 { self.best_weights(&x) } else { Weights::at(&[ALPHA[0], BETA_SHARE[0], PHI[0]]) };
        let (start, _) = best_start(&x, weights);
        let (end, sse) = smooth(&x, weights, start);
        if !(sse.is_finite() && end.level.is_finite() && end.trend.is_finite()) {
            return Err(FitError::NoConvergence { solver: "nelder_mead", detail: "no finite squared error".into() });
        }
        let Weights { alpha, beta, phi } = weights;
        Ok(FittedDampedHolt {
            alpha,
            beta,
            phi,
            level: first + unit * end.level,
            trend: unit * end.trend,
            sigma: unit * (sse / (found - LOST) as f64).sqrt(),
            sse: sse * unit * unit,
            gap: trailing_gap(y),
        })
    }
}

impl DampedHolt {
    fn best_weights(&self, x: &[f64]) -> Weights {
        let [phi_low, phi_high] = self.phi.map_or(PHI, |phi| [phi, phi]);
        let rough = Search {
            low: [ALPHA[0], BETA_SHARE[0], phi_low],
            high: [ALPHA[1], BETA_SHARE[1], phi_high],
            edge: 0.15,
            precision: 1e-4,
            max_evaluations: 80,
            max_restarts: 1,
        };
        let fine = Search { edge: 0.05, precision: 1e-10, max_evaluations: 300, max_restarts: 5, ..rough };
        let sse = |at: &[f64; 3]| {
            let weights = Weights::at(at);
            best_start(x, weights).1
        };
        // A given damping needs one start, not five.
        let phi_starts = self.phi.as_ref().map_or(&PHI_STARTS[..], std::slice::from_ref);
        let mut best = Minimum { at: [ALPHA[0], BETA_SHARE[0], phi_low], value: f64::INFINITY };
        for (share, alphas) in VALLEYS {
            let mut start = best;
            start.value = f64::INFINITY;
            for &alpha in alphas {
                for &phi in phi_starts {
                    let at = [alpha, share, phi];
                    let value = sse(&at);
                    if value < start.value {
                        start = Minimum { at, value };
                    }
                }
            }
            let found = rough.minimise(sse, start.at);
            if found.value < best.value {
                best = found;
            }
        }
        let best = fine.minimise(sse, best.at);
        Weights::at(&best.at)
    }
}

/// The initial state of least squared errors, and their sum. The errors are `r + u level + v trend`, with `r` the errors from a state
/// of 0 and `u`, `v` what a unit of level or trend adds to them.
fn best_start(x: &[f64], w: Weights) -> (State, f64) {
    let zero = State { level: 0.0, trend: 0.0 };
    let (mut rest, mut of_level, mut of_trend) = (zero, State { level: 1.0, ..zero }, State { trend: 1.0, ..zero });
    let (mut uu, mut uv, mut vv, mut ur, mut vr, mut rr) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for &value in x {
        let nothing = if value.is_nan() { f64::NAN } else { 0.0 };
        let (r, u, v) = (rest.step(value, w), of_level.step(nothing, w), of_trend.step(nothing, w));
        uu += u * u;
        uv += u * v;
        vv += v * v;
        ur += u * r;
        vr += v * r;
        rr += r * r;
    }
    let determinant = uu * vv - uv * uv;
    let start = if determinant > f64::EPSILON * uu * vv {
        State { level: (uv * vr - vv * ur) / determinant, trend: (uv * ur - uu * vr) / determinant }
    } else {
        State { level: -ur / uu, trend: 0.0 }
    };
    let sse = rr + start.level * ur + start.trend * vr;
    // Where little is left of `rr`, the difference has lost too many digits: run through the series again.
    (start, if sse > 1e-4 * rr { sse } else { smooth(x, w, start).1 })
}

/// The final state and the sum of squared one-step errors.
fn smooth(x: &[f64], w: Weights, start: State) -> (State, f64) {
    let (mut state, mut sse) = (start, 0.0);
    for &value in x {
        let error = state.step(value, w);
        sse += error * error;
    }
    (state, sse)
}

impl FittedDampedHolt {
    /// Level weight.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// Trend weight.
    #[must_use]
    pub fn beta(&self) -> f64 {
        self.beta
    }

    /// What is left of the trend after one period.
    #[must_use]
    pub fn phi(&self) -> f64 {
        self.phi
    }

    /// Level after the last value present.
    #[must_use]
    pub fn level(&self) -> f64 {
        self.level
    }

    /// Trend per period after the last value present.
    #[must_use]
    pub fn trend(&self) -> f64 {
        self.trend
    }

    /// Sum of squared one-step errors, in squared units of the series.
    #[must_use]
    pub fn sse(&self) -> f64 {
        self.sse
    }
}

impl FittedSeries for FittedDampedHolt {
    const NAME: &'static str = DampedHolt::NAME;

    fn predict(&self, horizon: NonZeroUsize) -> Vec<Predictive> {
        let Self { alpha, beta, phi, level, trend, sigma, sse: _, gap } = *self;
        let mut path = Vec::with_capacity(horizon.get());
        // `reach` is phi + ... + phi^h. The sum of squares is the book's closed form without its cancellations.
        let (mut power, mut reach, mut variance) = (1.0, 0.0, 1.0);
        for h in 1..=gap + horizon.get() {
            power *= phi;
            reach += power;
            if h > gap {
                path.push(normal(level + reach * trend, sigma * f64::sqrt(variance)));
            }
            let weight = alpha + beta * reach;
            variance += weight * weight;
        }
        path
    }

    fn error_weights(&self, horizon: NonZeroUsize) -> Vec<f64> {
        let (mut power, mut reach) = (1.0, 0.0);
        let later = (1..horizon.get()).map(|_| {
            power *= self.phi;
            reach += power;
            self.alpha + self.beta * reach
        });
        std::iter::once(1.0).chain(later).collect()
    }

    fn updated(&self, new: &[f64]) -> Option<Self> {
        count_present(new, 0).ok()?;
        let weights = Weights { alpha: self.alpha, beta: self.beta, phi: self.phi };
        let mut state = State { level: self.level, trend: self.trend };
        let Some((last, _)) = present(new).next_back() else {
            return Some(Self { gap: self.gap + new.len(), ..self.clone() });
        };
        // The missing values before the new ones are walked through first, as `fit` does inside a series.
        let walked = std::iter::repeat_n(&f64::NAN, self.gap).chain(&new[..=last]);
        walked.for_each(|value| {
            state.step(*value, weights);
        });
        let known = state.level.is_finite() && state.trend.is_finite();
        known.then(|| Self { level: state.level, trend: state.trend, gap: trailing_gap(new), ..self.clone() })
    }

    fn check(&self) -> Result<(), ParamError> {
        let Self { alpha, beta, phi, level, trend, sigma, sse, gap } = *self;
        if !(alpha > 0.0 && alpha < 1.0) {
            return Err(ParamError::new("alpha", alpha, "in (0, 1)"));
        }
        if !(beta > 0.0 && beta < alpha) {
            return Err(ParamError::new("beta", beta, "above 0 and below alpha"));
        }
        check_phi(phi)?;
        check_state("level", level)?;
        check_state("trend", trend)?;
        check_sigma(sigma)?;
        check_gap(gap)?;
        if sse >= 0.0 && sse.is_finite() { Ok(()) } else { Err(ParamError::new("sse", sse, "finite and at least 0")) }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these results are exact")]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    const TEN: NonZeroUsize = NonZeroUsize::new(10).unwrap();
    const Y: [f64; 14] = [5.0, 7.5, 9.0, 11.5, 12.0, 14.5, 15.0, 16.5, 16.0, 18.5, 18.0, 19.5, 19.0, 20.5];

    fn in_units_of_one(y: &[f64]) -> Vec<f64> {
        y.iter().map(|v| v - y[0]).collect()
    }

    #[test]
    fn variance_equals_the_closed_form() {
        // Hyndman et al. (2008), table 6.1, ETS(A,Ad,N).
        let (alpha, beta, phi) = (0.4_f64, 0.15_f64, 0.9_f64);
        let fitted = FittedDampedHolt { alpha, beta, phi, level: 3.0, trend: 1.0, sigma: 2.0, sse: 0.0, gap: 0 };
        for (h, dist) in (1..).map(f64::from).zip(fitted.predict(TEN)) {
            let Predictive::Normal { mean, sd } = dist else { panic!("not normal") };
            assert_relative_eq!(mean, 3.0 + phi * (1.0 - phi.powf(h)) / (1.0 - phi), max_relative = 1e-13);
            let first = beta * phi * h / (1.0 - phi).powi(2) * (2.0 * alpha * (1.0 - phi) + beta * phi);
            let second = beta * phi * (1.0 - phi.powf(h)) / ((1.0 - phi).powi(2) * (1.0 - phi * phi))
                * (2.0 * alpha * (1.0 - phi * phi) + beta * phi * (1.0 + 2.0 * phi - phi.powf(h)));
            let expected = 4.0 * (1.0 + alpha * alpha * (h - 1.0) + first - second);
            assert_relative_eq!(sd * sd, expected, max_relative = 1e-11);
        }
    }

    #[test]
    fn no_initial_state_does_better_than_the_solution() {
        let x = in_units_of_one(&Y);
        for weights in
            [Weights::at(&[0.3, 0.2, 0.9]), Weights::at(&[0.9999, 0.9999, 0.98]), Weights::at(&[1e-4, 1e-4, 0.8])]
        {
            let (start, _) = best_start(&x, weights);
            let least = smooth(&x, weights, start).1;
            for (level, trend) in [(0.01, 0.0), (-0.01, 0.0), (0.0, 0.01), (0.0, -0.01), (0.01, -0.01)] {
                let moved = State { level: start.level + level, trend: start.trend + trend };
                assert!(smooth(&x, weights, moved).1 > least);
            }
        }
    }

    #[test]
    fn no_weights_on_a_grid_do_better_than_the_estimate() {
        let x = in_units_of_one(&Y);
        let fitted = DampedHolt::default().fit(&Y).unwrap();
        for i in 0..=20 {
            for j in 0..=20 {
                for k in 0..=9 {
                    let at = [f64::from(i) / 20.0, f64::from(j) / 20.0, 0.8 + 0.02 * f64::from(k)];
                    let weights = Weights::at(&[at[0].clamp(1e-4, 0.9999), at[1].clamp(1e-4, 0.9999), at[2]]);
                    let sse = best_start(&x, weights).1;
                    assert!(fitted.sse() <= sse * (1.0 + 1e-9), "{at:?}: {sse} against {}", fitted.sse());
                }
            }
        }
    }

    #[test]
    fn the_search_ends_where_many_searches_end() {
        let mut state = 12_345_u64;
        let mut uniform = || {
            // Knuth's MMIX generator, its upper 24 bits.
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f64 / f64::from(1 << 24)
        };
        for kind in 1..30 {
            let (mut level, mut trend) = (0.0, 1.0);
            let path = |_| {
                let error = uniform() + uniform() + uniform() - 1.5;
                trend = 0.95 * trend + 0.1 * error * f64::from(kind % 3);
                level += trend + 0.3 * error * f64::from(kind % 5);
                level + 2.0 * (uniform() - 0.5) * f64::from(kind % 2)
            };
            let y: Vec<f64> = (0..30).map(path).collect();
            let x = in_units_of_one(&y);
            let search = Search {
                low: [ALPHA[0], BETA_SHARE[0], PHI[0]],
                high: [ALPHA[1], BETA_SHARE[1], PHI[1]],
                edge: 0.1,
                precision: 1e-12,
                max_evaluations: 500,
                max_restarts: 5,
            };
            let mut best = f64::INFINITY;
            for alpha in [0.001, 0.1, 0.5, 0.9] {
                for share in [0.001, 0.2, 0.5, 0.999] {
                    for phi in [0.82, 0.9, 0.96] {
                        let sse = |at: &[f64; 3]| best_start(&x, Weights::at(at)).1;
                        best = best.min(search.minimise(sse, [alpha, share, phi]).value);
                    }
                }
            }
            let found = DampedHolt::default().fit(&y).unwrap().sse();
            assert!(found <= best * (1.0 + 1e-6), "{kind}: {found} against {best}");
        }
    }

    #[test]
    fn a_given_damping_is_kept() {
        let fitted = DampedHolt::params().phi(0.85).build().unwrap().fit(&Y).unwrap();
        assert_eq!(fitted.phi(), 0.85);
        assert!(fitted.sse() >= DampedHolt::default().fit(&Y).unwrap().sse() * (1.0 - 1e-9));
    }

    #[test]
    fn missing_values_leave_the_path_alone() {
        // Without error the state moves along its damped trend, so cutting values out of an exact path changes nothing.
        let (phi, mut level, mut trend) = (0.9, 10.0, 4.0);
        let mut path: Vec<f64> = (0..20)
            .map(|_| {
                trend *= phi;
                level += trend;
                level
            })
            .collect();
        path[7] = f64::NAN;
        path[8] = f64::NAN;
        path[19] = f64::NAN;
        let fitted = DampedHolt::params().phi(phi).build().unwrap().fit(&path).unwrap();
        assert!(fitted.sse() < 1e-20);
        assert_relative_eq!(fitted.predict(TEN)[0].point(), level + phi * trend, max_relative = 1e-9);
    }

    #[test]
    fn equal_values_are_a_point_mass() {
        assert_eq!(DampedHolt::default().fit(&[0.1; 12]).unwrap().predict(TEN)[9], Predictive::Point(0.1));
    }

    #[test]
    fn nine_values_are_too_few() {
        assert_eq!(DampedHolt::default().fit(&Y[..9]), Err(FitError::TooShort { needed: 10, found: 9 }));
    }

    #[test]
    fn dampings_outside_their_range_are_refused() {
        for phi in [0.8, 0.9, 0.98] {
            assert!(DampedHolt::params().phi(phi).build().is_ok());
        }
        for phi in [0.0, 0.79, 0.981, 1.0, -0.9, f64::NAN, f64::INFINITY] {
            assert!(DampedHolt::params().phi(phi).build().is_err());
        }
    }
}
