//! Complex exponential smoothing.

mod descent;
mod form;
mod sensitivity;
mod state;

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use self::descent::{Effort, Found, at_point, down};
pub use self::form::CesForm;
use self::sensitivity::{FULL, NONE, PARTIAL, Room, SIMPLE, WIDEST};
use self::state::{State, Weights, is_stable, weights};
use super::adjusted::{self, Kind};
use super::{
    FittedSeries, LARGEST, SeriesModel, check_gap, check_sigma, check_state, count_present, normal, present,
    trailing_gap,
};
use crate::distribution::Predictive;
use crate::error::{FitError, ParamError};
use crate::numeric::scale::power_of_two_below;

/// The box of the search, level then season, that of statsforecast.
const LOW: [f64; 4] = [0.01; 4];
const HIGH: [f64; 4] = [1.8, 1.9, 1.5, 1.5];
/// Weights that the search starts from, level then season.
const STARTS: [[f64; 4]; 3] = [[1.3, 1.0, 0.0, 0.0], [1.75, 1.0, 0.0, 0.0], [0.9, 1.1, 0.0, 0.0]];
const STARTS_PARTIAL: [[f64; 4]; 4] =
    [[1.75, 1.0, 0.02, 0.0], [1.75, 1.0, 0.25, 0.0], [1.3, 1.0, 0.1, 0.0], [0.9, 1.1, 0.5, 0.0]];
/// A season near `1 + i` is one that hardly moves.
const STARTS_FULL: [[f64; 4]; 5] =
    [[1.75, 1.0, 1.3, 1.0], [1.75, 1.0, 1.005, 1.0], [1.3, 1.0, 1.3, 1.0], [1.3, 1.0, 0.9, 1.0], [0.9, 1.1, 0.3, 1.0]];
/// Values that the mean before the series is taken over, as in the reference.
const STARTING: usize = 10;
/// Each start of the search, then the best of them.
const ROUGH: Effort = Effort { steps: 12, promise: 1e-4 };
const FINE: Effort = Effort { steps: 60, promise: 1e-10 };
/// One degree of freedom more than the least form takes.
const NEEDED: usize = 8;

/// Complex exponential smoothing, CES: the form of least AICc, or a given one.
///
/// ```text
/// none     y[t] = l[t-1] + e[t]               l[t] = l[t-1] - (1 - a1) c[t-1] + (a0 - a1) e[t]
///                                             c[t] = l[t-1] + (1 - a0) c[t-1] + (a0 + a1) e[t]
/// simple   as none, with the states of one season before: l[t-m], c[t-m]
/// partial  y[t] = l[t-1] + s[t-m] + e[t]      s[t] = s[t-m] + b e[t]
/// full     y[t] = l[t-1] + s[t-m] + e[t]      s, z as l, c, with the weight b0 + i b1 and one season before
/// sd[h]^2 = sigma^2 (1 + psi[1]^2 + ... + psi[h-1]^2)   psi the response to an error of 1
/// ```
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `season` | none | at least 1 | periods per cycle, `m` above |
/// | `form` | least AICc | none, simple, partial, full | how the season enters |
///
/// Weights: `a0` in [0.01, 1.8], `a1` in [0.01, 1.9], `b` in [0.01, 1.5], as in statsforecast, and within the stability
/// region of a complex state: exact for the forms none and simple; in the form full it is asked of level and season
/// each, as their joint condition has no closed form. States before the series: by running forth, back and forth again
/// from the reference's start. AICc counts the states of one period and the variance, as the reference does. Forms
/// other than none need two cycles and a season of at least 2; without, a given form is none.
/// Forecast variance: closed form, class 1. Missing values: skipped, state carried forward; leading ones are cut off.
/// Needs 8 observations. The model has no invariance to shifts of the level. Fit: O(evaluations * n) time, three runs
/// each with exact derivatives, nothing allocated between them. Differs from statsforecast `AutoCES`: three to five starts
/// of a Levenberg-Marquardt search instead of one simplex, stability kept, closed-form intervals instead of noise added to
/// states.
/// Source: Svetunkov, Kourentzes & Ord (2022), "Complex exponential smoothing", Naval Research Logistics 69.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ces {
    season: NonZeroUsize,
    form: Option<CesForm>,
}

impl Ces {
    /// A model of cycles of `season` periods, its form chosen by AICc.
    #[must_use]
    pub fn new(season: NonZeroUsize) -> Self {
        Self { season, form: None }
    }

    /// The same with a given form.
    #[must_use]
    pub fn with_form(self, form: CesForm) -> Self {
        Self { form: Some(form), ..self }
    }

    /// Periods per cycle.
    #[must_use]
    pub fn season(&self) -> NonZeroUsize {
        self.season
    }
}

/// A fitted [`Ces`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedCes {
    weights: Weights,
    state: State,
    sigma: f64,
    sse: f64,
    n_errors: usize,
    gap: usize,
}

impl SeriesModel for Ces {
    const NAME: &'static str = "ces";
    type Fitted = FittedCes;

    fn fit(&self, y: &[f64]) -> Result<FittedCes, FitError> {
        let found = count_present(y, NEEDED)?;
        let ends = present(y).next().zip(present(y).next_back());
        let ((from, _), (to, _)) = ends.ok_or(FitError::TooShort { needed: NEEDED, found })?;
        let largest = present(y).fold(0.0, |largest: f64, (_, v)| largest.max(v.abs()));
        let unit = power_of_two_below(largest);
        let x: Vec<f64> = y[from..=to].iter().map(|value| value / unit).collect();
        let m = self.season.get();
        let seasonal = m >= 2 && x.len() / 2 >= m;
        let forms = match self.form {
            Some(form) if seasonal => &[form][..],
            None if seasonal => &CesForm::ALL[..],
            _ => &[CesForm::None],
        };
        let mut best: Option<(f64, Weights, State, f64)> = None;
        for &form in forms {
            let Some(start) = start(&x, m, form) else { continue };
            let Some(weights) = best_weights(&x, form, &start) else { continue };
            let mut state = start;
            let sse = state.backcast(&x, weights);
            let score = aicc(sse, found, form);
            // The first stays if all errors are 0 and every score is minus infinity.
            if sse.is_finite() && best.as_ref().is_none_or(|(least, ..)| score < *least) {
                best = Some((score, weights, state, sse));
            }
        }
        let nothing =
            || FitError::NoConvergence { solver: "levenberg_marquardt", detail: "no finite squared error".into() };
        let (_, weights, mut state, sse) = best.ok_or_else(nothing)?;
        state.level.iter_mut().chain(state.ring.iter_mut().flatten()).for_each(|part| *part *= unit);
        let freedom = found.saturating_sub(weights.form.n_estimated()).max(1);
        let fitted = FittedCes {
            weights,
            state,
            sigma: unit * (sse / freedom as f64).sqrt(),
            sse: sse * unit * unit,
            n_errors: found,
            gap: trailing_gap(y),
        };
        fitted.check().map(|()| fitted).map_err(|_| nothing())
    }
}

/// `n log SSE + 2 k + 2 k (k + 1) / (n - k - 1)`: only differences count.
fn aicc(sse: f64, n: usize, form: CesForm) -> f64 {
    let (n, k) = (n as f64, form.n_estimated() as f64);
    if n - k - 1.0 <= 0.0 {
        return f64::INFINITY;
    }
    n * sse.ln() + 2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0)
}

/// The reference's states before the series; `None` if a season is wholly missing.
fn start(x: &[f64], m: usize, form: CesForm) -> Option<State> {
    let of_first = |count: usize| {
        let (mut sum, mut n) = (0.0, 0.0);
        for (_, value) in present(&x[..count.min(x.len())]) {
            sum += value;
            n += 1.0;
        }
        sum / n
    };
    let complex = |value: f64| [value, value / 1.1];
    let level = complex(of_first(if form.is_seasonal() { m } else { STARTING.max(m) }));
    let ring = match form {
        CesForm::None => Vec::new(),
        CesForm::Simple => x[..m].iter().map(|v| complex(if v.is_nan() { level[0] } else { *v })).collect(),
        CesForm::Partial => adjusted::indices(x, m, Kind::Additive)?.into_iter().map(|index| [index, 0.0]).collect(),
        CesForm::Full => adjusted::indices(x, m, Kind::Additive)?.into_iter().map(complex).collect(),
    };
    Some(State { level, ring, at: 0 })
}

/// The weights of least squared errors in the box.
fn best_weights(x: &[f64], form: CesForm, start: &State) -> Option<Weights> {
    match form {
        CesForm::None => search::<NONE, 2>(x, form, start, &STARTS),
        CesForm::Simple => search::<SIMPLE, 2>(x, form, start, &STARTS),
        CesForm::Partial => search::<PARTIAL, 4>(x, form, start, &STARTS_PARTIAL),
        CesForm::Full => search::<FULL, 4>(x, form, start, &STARTS_FULL),
    }
}

fn search<const FORM: u8, const D: usize>(
    x: &[f64],
    form: CesForm,
    start: &State,
    from: &[[f64; WIDEST]],
) -> Option<Weights> {
    let mut room = Room::<D>::new(start);
    let mut look = |w: &Weights, limit: f64| room.look::<FORM>(x, start, w, limit);
    let mut best: Option<Found> = None;
    for &from in from {
        let found = down(form, from, ROUGH, &mut look);
        if let Some(found) = found
            && best.is_none_or(|best| found.look.sse < best.look.sse)
        {
            best = Some(found);
        }
    }
    let best = best?;
    let found = down(form, best.at, FINE, &mut look).unwrap_or(best);
    Some(at_point(form, found.at))
}

impl FittedCes {
    /// How the season enters.
    #[must_use]
    pub fn form(&self) -> CesForm {
        self.weights.form
    }

    /// The complex weight of the level, real part first.
    #[must_use]
    pub fn alpha(&self) -> [f64; 2] {
        self.weights.alpha
    }

    /// The complex weight of the season, real part first; 0 where there is none.
    #[must_use]
    pub fn beta(&self) -> [f64; 2] {
        self.weights.beta
    }

    /// Sum of squared one-step errors, in squared units of the series.
    #[must_use]
    pub fn sse(&self) -> f64 {
        self.sse
    }

    /// `-n/2 log SSE`, the Gaussian log-likelihood at its best variance up to a constant, as statsforecast gives it.
    #[must_use]
    pub fn log_likelihood(&self) -> f64 {
        -0.5 * self.n_errors as f64 * self.sse.ln()
    }
}

impl FittedSeries for FittedCes {
    const NAME: &'static str = Ces::NAME;

    fn predict(&self, horizon: NonZeroUsize) -> Vec<Predictive> {
        let steps = self.gap + horizon.get();
        let mut variance = 0.0;
        let variances = weights(self.weights, self.state.ring.len(), steps).into_iter().map(move |weight| {
            variance += weight * weight;
            variance
        });
        let dist = |(mean, variance): (f64, f64)| normal(mean, self.sigma * variance.sqrt());
        self.points(horizon).into_iter().zip(variances.skip(self.gap)).map(dist).collect()
    }

    fn points(&self, horizon: NonZeroUsize) -> Vec<f64> {
        let mut state = self.state.clone();
        (0..self.gap + horizon.get()).map(|_| state.forecast(self.weights)).skip(self.gap).collect()
    }

    fn error_weights(&self, horizon: NonZeroUsize) -> Vec<f64> {
        weights(self.weights, self.state.ring.len(), horizon.get())
    }

    fn updated(&self, new: &[f64]) -> Option<Self> {
        if new.iter().any(|v| v.is_infinite() || v.abs() > LARGEST) {
            return None;
        }
        let mut next = self.clone();
        for &value in new {
            if value.is_nan() {
                next.gap += 1;
                continue;
            }
            for _ in 0..next.gap {
                next.state.forecast(next.weights);
            }
            next.state.step(value, next.weights);
            next.gap = 0;
        }
        next.check().is_ok().then_some(next)
    }

    fn check(&self) -> Result<(), ParamError> {
        let Self { weights, state, sigma, sse, n_errors, gap } = self;
        let Weights { form, alpha, beta } = *weights;
        let within = |i: usize, part: f64| (LOW[i]..=HIGH[i]).contains(&part);
        if !(within(0, alpha[0]) && within(1, alpha[1]) && is_stable(alpha)) {
            return Err(ParamError::new("alpha", format!("{alpha:?}"), "in the box and the stability region"));
        }
        let beta_is_good = match form {
            CesForm::None | CesForm::Simple => true,
            CesForm::Partial => within(2, beta[0]),
            CesForm::Full => within(2, beta[0]) && within(3, beta[1]) && is_stable(beta),
        };
        if !beta_is_good {
            return Err(ParamError::new("beta", format!("{beta:?}"), "in the box and the stability region"));
        }
        if form.is_seasonal() == state.ring.is_empty() || state.at >= state.ring.len().max(1) {
            return Err(ParamError::new("season", state.at, "a place among the seasons of the form"));
        }
        for &part in state.level.iter().chain(state.ring.iter().flatten()) {
            check_state("state", part)?;
        }
        check_sigma(*sigma)?;
        check_gap(*gap)?;
        if *n_errors == 0 {
            return Err(ParamError::new("n_errors", n_errors, "at least 1"));
        }
        if *sse >= 0.0 && sse.is_finite() { Ok(()) } else { Err(ParamError::new("sse", sse, "finite and at least 0")) }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these results are exact")]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::numeric::nelder_mead::Search;

    const TEN: NonZeroUsize = NonZeroUsize::new(10).unwrap();
    const FOUR: NonZeroUsize = NonZeroUsize::new(4).unwrap();

    fn wave(n: usize) -> Vec<f64> {
        (0..n).map(|t| 50.0 + t as f64 + (t * t % 7) as f64 + [8.0, -3.0, -6.0, 1.0][t % 4]).collect()
    }

    #[test]
    fn an_update_carries_the_state_on() {
        let mut y = wave(48);
        y[42] = f64::NAN;
        for form in CesForm::ALL {
            let start = Ces::new(FOUR).with_form(form).fit(&y[..40]).unwrap();
            let mut state = start.state.clone();
            y[40..].iter().for_each(|&value| {
                state.step(value, start.weights);
            });
            assert_eq!(start.updated(&y[40..]).unwrap().state, state);
            assert_eq!(start.updated(&y[40..43]).unwrap().updated(&y[43..]).unwrap().state, state);
            assert_eq!(start.updated(&[f64::INFINITY]), None);
        }
    }

    #[test]
    fn powers_of_two_scale_the_forecast() {
        let y = wave(40);
        let scaled: Vec<f64> = y.iter().map(|v| v * 1024.0).collect();
        for form in CesForm::ALL {
            let model = Ces::new(FOUR).with_form(form);
            for (a, b) in model.fit(&y).unwrap().predict(TEN).iter().zip(model.fit(&scaled).unwrap().predict(TEN)) {
                assert_eq!(a.affine(0.0, 1024.0), b);
            }
        }
    }

    #[test]
    fn a_simplex_finds_nothing_lower_near_the_end_of_the_way_down() {
        let search =
            Search { low: LOW, high: HIGH, edge: 0.01, precision: 1e-10, max_evaluations: 600, max_restarts: 5 };
        for seed in 1..=12 {
            let x: Vec<f64> = wave(40 + seed).iter().map(|v| v + (v * seed as f64).sin() * 5.0).collect();
            for form in CesForm::ALL {
                let start = start(&x, 4, form).unwrap();
                let at = |at: &[f64; 4]| {
                    let w = at_point(form, *at);
                    let stable = is_stable(w.alpha) && (form != CesForm::Full || is_stable(w.beta));
                    if stable { start.clone().backcast(&x, w) } else { f64::INFINITY }
                };
                let w = best_weights(&x, form, &start).unwrap();
                let found = start.clone().backcast(&x, w);
                let simplex = search.minimise(at, [w.alpha[0], w.alpha[1], w.beta[0], w.beta[1]]).value;
                assert!(found <= simplex * (1.0 + 1e-6), "{form:?} {seed}: {found} above {simplex}");
            }
        }
    }

    #[test]
    fn the_season_is_found() {
        let y: Vec<f64> = (0..48).map(|t| 50.0 + [8.0, -3.0, -6.0, 1.0][t % 4] + (t * t % 3) as f64 * 0.1).collect();
        let fitted = Ces::new(FOUR).fit(&y).unwrap();
        assert!(fitted.form() != CesForm::None);
        for (point, expected) in fitted.points(TEN).iter().zip([58.0, 47.0, 44.0, 51.0].iter().cycle()) {
            assert_relative_eq!(*point, *expected, epsilon = 1.0);
        }
    }

    #[test]
    fn odd_series_are_handled_or_refused() {
        for form in CesForm::ALL {
            let model = Ces::new(FOUR).with_form(form);
            assert_eq!(model.fit(&wave(7)), Err(FitError::TooShort { needed: 8, found: 7 }));
            assert!(model.fit(&[0.0; 30]).unwrap().predict(TEN).iter().all(|d| *d == Predictive::Point(0.0)));
            for scale in [1e-300, 1e-150, 1e140, -1.0] {
                let mut y: Vec<f64> = wave(30).iter().map(|v| v * scale).collect();
                y[0] = f64::NAN;
                y[11] = f64::NAN;
                y[29] = f64::NAN;
                for n in 10..=30 {
                    let Ok(fitted) = model.fit(&y[..n]) else { continue };
                    assert!(fitted.check().is_ok());
                    let far = fitted.points(NonZeroUsize::new(480).unwrap());
                    assert!(far.iter().all(|point| point.is_finite()), "{form:?} {scale} {n}");
                    for (dist, point) in fitted.predict(TEN).iter().zip(fitted.points(TEN)) {
                        assert_eq!(dist.point(), point);
                    }
                }
            }
        }
        let flat = Ces::new(FOUR).fit(&[5.0; 30]).unwrap();
        assert!(flat.points(TEN).iter().all(|point| (point - 5.0).abs() < 0.5));
    }

    #[test]
    fn states_that_fit_never_makes_are_refused() {
        let fitted = Ces::new(FOUR).with_form(CesForm::Full).fit(&wave(40)).unwrap();
        assert!(fitted.check().is_ok());
        let good = fitted.weights;
        for part in [0.0, 2.0, f64::NAN] {
            assert!(FittedCes { weights: Weights { alpha: [part, 1.0], ..good }, ..fitted.clone() }.check().is_err());
            assert!(FittedCes { weights: Weights { beta: [1.0, part], ..good }, ..fitted.clone() }.check().is_err());
        }
        let state = State { at: 4, ..fitted.state.clone() };
        assert!(FittedCes { state, ..fitted.clone() }.check().is_err());
        assert!(FittedCes { sigma: f64::NAN, ..fitted }.check().is_err());
    }
}
