//! Fitting and what is common to all theta models once fitted.

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::form::ThetaForm;
use super::search::{ALPHA, Grid, HALF, OMEGA_HIGH, UNJUDGED, filter, rows};
use super::state::{State, Weights, variances, weights};
use crate::distribution::Predictive;
use crate::error::{FitError, ParamError};
use crate::numeric::scale::power_of_two_below;
use crate::series::adjusted::{Kind, Season};
use crate::series::{LARGEST, check_gap, check_sigma, check_state, count_present, normal, present, trailing_gap};

/// One-sided 95 % point of the normal distribution, `qnorm(0.95)`, the limit of the seasonal test.
const LIMIT: f64 = 1.644_853_626_951_472_2;
/// At least one degree of freedom for the variance, after three errors that do not count and three estimates.
const NEEDED: usize = 7;

/// A fitted theta model of any form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Core {
    form: ThetaForm,
    season: Season,
    /// The first value after adjustment, from which states are counted.
    origin: f64,
    weights: Weights,
    state: State,
    /// The last value after adjustment, counted from `origin`.
    last: f64,
    sigma: f64,
    sse: f64,
    gap: usize,
}

/// The best of `forms` by the sum of squared one-step errors, on a series adjusted for a season of `m` periods.
pub(super) fn fit(y: &[f64], m: usize, forms: &[ThetaForm]) -> Result<Core, FitError> {
    let found = count_present(y, NEEDED)?;
    let (adjusted, season) = Season::take_out(y, m, LIMIT);
    let ends = present(&adjusted).next().zip(present(&adjusted).next_back());
    let ((from, origin), (to, _)) = ends.ok_or(FitError::TooShort { needed: NEEDED, found })?;
    // Distances from the first value in units of the largest: tiny and huge series fit alike.
    let mut x: Vec<f64> = adjusted[from..=to].iter().map(|value| value - origin).collect();
    let largest = x.iter().fold(0.0, |largest: f64, v| largest.max(v.abs()));
    let unit = power_of_two_below(largest);
    x.iter_mut().for_each(|v| *v /= unit);
    let mut counts: Vec<bool> = x.iter().map(|v| !v.is_nan()).collect();
    bridge(&mut x);
    counts[..UNJUDGED].fill(false);

    let mut best: Option<(ThetaForm, Weights, State, f64)> = None;
    for dynamic in [false, true] {
        if !forms.iter().any(|form| form.is_dynamic() == dynamic) {
            continue;
        }
        let rows = rows(&x, &counts, dynamic);
        let grid = Grid::of(&rows);
        for &form in forms.iter().filter(|form| form.is_dynamic() == dynamic) {
            let w = if largest > 0.0 {
                grid.best(form.omega(), dynamic)
            } else {
                Weights { alpha: ALPHA[0], omega: HALF, dynamic }
            };
            let (state, sse) = filter(&rows, w);
            if best.as_ref().is_none_or(|&(.., least)| sse < least) {
                best = Some((form, w, state, sse));
            }
        }
    }
    let nothing = || FitError::NoConvergence { solver: "theta", detail: "no finite squared error".into() };
    let (form, weights, mut state, sse) = best.ok_or_else(nothing)?;
    if !(sse.is_finite() && state.level.is_finite()) {
        return Err(nothing());
    }
    state.level *= unit;
    state.line.intercept *= unit;
    state.line.slope *= unit;
    state.line.mean *= unit;
    let n_errors = counts.iter().filter(|counts| **counts).count();
    let freedom = n_errors.saturating_sub(form.n_estimated()).max(1);
    Ok(Core {
        form,
        season,
        origin,
        weights,
        state,
        last: x.last().map_or(0.0, |last| last * unit),
        sigma: unit * (sse / freedom as f64).sqrt(),
        sse: sse * unit * unit,
        gap: trailing_gap(y),
    })
}

/// Puts straight lines where values are missing between two that are not.
fn bridge(x: &mut [f64]) {
    let mut before = 0;
    for to in 1..x.len() {
        if x[to].is_nan() {
            continue;
        }
        let (start, end) = (x[before], x[to]);
        for (step, value) in (1..).zip(&mut x[before + 1..to]) {
            let share = f64::from(step) / (to - before) as f64;
            *value = start + share * (end - start);
        }
        before = to;
    }
}

impl Core {
    pub(super) fn form(&self) -> ThetaForm {
        self.form
    }

    pub(super) fn alpha(&self) -> f64 {
        self.weights.alpha
    }

    pub(super) fn theta(&self) -> f64 {
        1.0 / (1.0 - self.weights.omega)
    }

    pub(super) fn sse(&self) -> f64 {
        self.sse
    }

    pub(super) fn indices(&self) -> &[f64] {
        self.season.indices()
    }

    pub(super) fn is_multiplicative(&self) -> bool {
        !self.indices().is_empty() && self.season.kind() == Kind::Multiplicative
    }

    /// The path of the adjusted series over the missing values at the end and `horizon` periods more, the latter only.
    fn path(&self, horizon: NonZeroUsize) -> impl Iterator<Item = f64> {
        let mut state = self.state;
        let step = move |_| {
            let value = state.expected(self.weights);
            state.step(value, self.weights);
            self.origin + value
        };
        (0..self.gap + horizon.get()).map(step).skip(self.gap)
    }

    pub(super) fn points(&self, horizon: NonZeroUsize) -> Vec<f64> {
        let seasons = self.season.ahead();
        self.path(horizon).zip(seasons).map(|(value, (shift, scale))| shift + scale * value).collect()
    }

    pub(super) fn predict(&self, horizon: NonZeroUsize) -> Vec<Predictive> {
        let variances = variances(self.state, self.weights, self.gap + horizon.get());
        let seasons = self.season.ahead();
        let dist = |((value, variance), (shift, scale)): ((f64, f64), (f64, f64))| {
            normal(shift + scale * value, scale * self.sigma * variance.sqrt())
        };
        self.path(horizon).zip(variances.into_iter().skip(self.gap)).zip(seasons).map(dist).collect()
    }

    pub(super) fn error_weights(&self, horizon: NonZeroUsize) -> Vec<f64> {
        let mut state = self.state;
        for _ in 0..self.gap {
            let value = state.expected(self.weights);
            state.step(value, self.weights);
        }
        weights(state, self.weights, horizon.get())
    }

    pub(super) fn updated(&self, new: &[f64]) -> Option<Self> {
        if new.iter().any(|v| v.is_infinite() || v.abs() > LARGEST) {
            return None;
        }
        let mut next = self.clone();
        for value in self.season.out_of(new) {
            if value.is_nan() {
                next.gap += 1;
                continue;
            }
            let (start, end) = (next.last, value - next.origin);
            for step in 1..=next.gap {
                let share = step as f64 / (next.gap + 1) as f64;
                next.state.step(start + share * (end - start), next.weights);
            }
            next.state.step(end, next.weights);
            (next.last, next.gap) = (end, 0);
        }
        next.season = next.season.after(new.len());
        next.check(&[next.form]).is_ok().then_some(next)
    }

    pub(super) fn check(&self, forms: &[ThetaForm]) -> Result<(), ParamError> {
        let Self { form, season, origin, weights, state, last, sigma, sse, gap } = self;
        let Weights { alpha, omega, dynamic } = *weights;
        if !forms.contains(form) || dynamic != form.is_dynamic() {
            return Err(ParamError::new("form", format!("{form:?}"), "a form of the model"));
        }
        season.check()?;
        if !(ALPHA[0]..=ALPHA[1]).contains(&alpha) {
            return Err(ParamError::new("alpha", alpha, "in [0.1, 0.99]"));
        }
        if !(0.0..=OMEGA_HIGH).contains(&omega) {
            return Err(ParamError::new("omega", omega, "in [0, 1 - 1e-10]"));
        }
        check_state("origin", *origin)?;
        check_state("last", *last)?;
        check_state("level", state.level)?;
        check_state("intercept", state.line.intercept)?;
        check_state("slope", state.line.slope)?;
        check_state("mean", state.line.mean)?;
        if !(0.0..=1.0).contains(&state.power) {
            return Err(ParamError::new("power", state.power, "in [0, 1]"));
        }
        if state.n == 0 || state.n > usize::MAX / 4 {
            return Err(ParamError::new("n", state.n, "at least 1 and a length that fits in memory"));
        }
        check_sigma(*sigma)?;
        check_gap(*gap)?;
        if *sse >= 0.0 && sse.is_finite() { Ok(()) } else { Err(ParamError::new("sse", sse, "finite and at least 0")) }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these results are exact")]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    const TEN: NonZeroUsize = NonZeroUsize::new(10).unwrap();

    fn wave(n: usize) -> Vec<f64> {
        (0..n).map(|t| (50.0 + t as f64 + (t * t % 7) as f64) * [0.8, 1.1, 1.3, 0.8][t % 4]).collect()
    }

    #[test]
    fn an_update_carries_the_state_on() {
        let y = wave(48);
        for form in ThetaForm::ALL {
            for hole in [None, Some(39), Some(40), Some(47)] {
                let mut y = y.clone();
                if let Some(hole) = hole {
                    y[hole] = f64::NAN;
                }
                let start = fit(&y[..40], 4, &[form]).unwrap();
                let at_once = start.updated(&y[40..]).unwrap();
                let mut one_by_one = start.clone();
                for value in &y[40..] {
                    one_by_one = one_by_one.updated(&[*value]).unwrap();
                }
                for (a, b) in at_once.points(TEN).iter().zip(one_by_one.points(TEN)) {
                    assert_relative_eq!(*a, b, max_relative = 1e-12);
                }
                // The recursion by hand.
                let mut values = y[39..].to_vec();
                values.iter_mut().enumerate().for_each(|(i, v)| *v /= start.indices()[(i + 3) % 4]);
                let missing = start.gap;
                bridge_from(start.last + start.origin, &mut values, missing);
                let (mut state, w) = (start.state, start.weights);
                for value in &values[1 - missing.min(1)..] {
                    if !value.is_nan() {
                        state.step(value - start.origin, w);
                    }
                }
                assert_relative_eq!(state.level, at_once.state.level, max_relative = 1e-12);
                assert_eq!(state.n + at_once.gap, 48);
            }
            assert_eq!(fit(&y, 4, &[form]).unwrap().updated(&[f64::INFINITY]), None);
        }
    }

    /// Straight lines in `values`, whose first comes `missing` periods after `before`, or is the last value itself.
    fn bridge_from(before: f64, values: &mut [f64], missing: usize) {
        let mut with = vec![before];
        with.extend_from_slice(&values[1 - missing..]);
        bridge(&mut with);
        values[1 - missing..].copy_from_slice(&with[1..]);
    }

    #[test]
    fn powers_of_two_scale_and_levels_shift_the_forecast() {
        let y = wave(40);
        for form in ThetaForm::ALL {
            let plain = fit(&y, 4, &[form]).unwrap();
            let scaled: Vec<f64> = y.iter().map(|v| v * 1024.0).collect();
            for (a, b) in plain.predict(TEN).iter().zip(fit(&scaled, 4, &[form]).unwrap().predict(TEN)) {
                assert_eq!(a.affine(0.0, 1024.0), b);
            }
            let (plain, moved) = (fit(&y, 1, &[form]).unwrap(), y.iter().map(|v| v - 1000.0).collect::<Vec<f64>>());
            for (a, b) in plain.points(TEN).iter().zip(fit(&moved, 1, &[form]).unwrap().points(TEN)) {
                assert_relative_eq!(a - 1000.0, b, max_relative = 1e-6);
            }
        }
    }

    #[test]
    fn an_exact_line_with_holes_goes_on() {
        let mut y: Vec<f64> = (0..30).map(|t| 5.0 + 2.0 * f64::from(t)).collect();
        for hole in [0, 9, 10, 28, 29] {
            y[hole] = f64::NAN;
        }
        // All of the slope is needed, which only an estimated theta takes.
        let fitted = fit(&y, 1, &[ThetaForm::Optimised]).unwrap();
        for (step, point) in fitted.points(TEN).iter().enumerate() {
            assert_relative_eq!(*point, 65.0 + 2.0 * step as f64, max_relative = 1e-6);
        }
    }

    #[test]
    fn odd_series_are_handled_or_refused() {
        for form in ThetaForm::ALL {
            assert_eq!(fit(&wave(6), 4, &[form]), Err(FitError::TooShort { needed: 7, found: 6 }));
            assert_eq!(fit(&[0.0; 30], 4, &[form]).unwrap().predict(TEN), vec![Predictive::Point(0.0); 10]);
            assert_eq!(fit(&[0.1; 30], 4, &[form]).unwrap().predict(TEN), vec![Predictive::Point(0.1); 10]);
            for scale in [1e-300, 1e-150, 1e140, -1.0] {
                let y: Vec<f64> = wave(30).iter().map(|v| v * scale).collect();
                for n in 7..30 {
                    let fitted = fit(&y[..n], 4, &[form]).unwrap();
                    assert!(fitted.check(&[form]).is_ok(), "{form:?} {scale} {n}");
                    assert!(fitted.predict(NonZeroUsize::new(480).unwrap()).iter().all(|d| d.point().is_finite()));
                    for (dist, point) in fitted.predict(TEN).iter().zip(fitted.points(TEN)) {
                        assert_eq!(dist.point(), point);
                    }
                }
            }
        }
    }

    #[test]
    fn states_that_fit_never_makes_are_refused() {
        let fitted = fit(&wave(30), 4, &[ThetaForm::Standard]).unwrap();
        assert!(fitted.check(&ThetaForm::ALL).is_ok());
        assert!(fitted.check(&[ThetaForm::Optimised]).is_err());
        let with = |weights| Core { weights, ..fitted.clone() }.check(&ThetaForm::ALL);
        let good = fitted.weights;
        for alpha in [0.0, 0.09, 1.0, f64::NAN] {
            assert!(with(Weights { alpha, ..good }).is_err());
        }
        for omega in [-0.1, 1.0, f64::NAN] {
            assert!(with(Weights { omega, ..good }).is_err());
        }
        assert!(with(Weights { dynamic: true, ..good }).is_err());
        for sigma in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(Core { sigma, ..fitted.clone() }.check(&ThetaForm::ALL).is_err());
        }
        let mut state = fitted.state;
        state.n = 0;
        assert!(Core { state, ..fitted.clone() }.check(&ThetaForm::ALL).is_err());
    }
}
