use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::likelihood::Recursion;
use super::search::Estimate;
use super::{LARGEST_COUNT, LONGEST_SEASON, check_count, draw};
use crate::distribution::{Predictive, QuantileTable};
use crate::error::ParamError;
use crate::numeric::random::SplitMix64;
use crate::series::{FittedSeries, SeriesModel, check_gap};

/// Simulated paths: order statistic `10 i` of 1,999 estimates the quantile at `i / 200`.
const N_PATHS: usize = 1_999;
const SEED: u64 = 0x636f_756e_7473;
/// Conditional means stay below: a path that runs away is stopped where doubles still count.
const LARGEST_MEAN: f64 = 1e18;

/// A fitted [`CountAutoregression`](super::CountAutoregression).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedCountAutoregression {
    mean: f64,
    alpha: f64,
    beta: f64,
    gamma: f64,
    season: usize,
    size: Option<f64>,
    /// All counts were equal.
    constant: bool,
    log_likelihood: f64,
    aicc: f64,
    /// Conditional mean of the last count present.
    lambda: f64,
    /// The counts up to the last one present, a season of them or fewer, missing ones as their conditional means.
    recent: Vec<f64>,
    gap: usize,
}

impl FittedCountAutoregression {
    /// The expected counts of the next `horizon` periods, above the medians that [`FittedSeries::points`] gives: O(horizon), no paths drawn.
    #[must_use]
    pub fn means(&self, horizon: NonZeroUsize) -> Vec<f64> {
        if self.constant {
            return vec![self.mean; horizon.get()];
        }
        let mut state = self.state();
        for _ in 0..self.gap {
            self.step(&mut state, |lambda| lambda);
        }
        (0..horizon.get()).map(|_| self.step(&mut state, |lambda| lambda)).collect()
    }

    pub(super) fn constant(value: f64, gap: usize) -> Self {
        Self {
            mean: value,
            alpha: 0.0,
            beta: 0.0,
            gamma: 0.0,
            season: 1,
            size: None,
            constant: true,
            log_likelihood: 0.0,
            aicc: 0.0,
            lambda: value,
            recent: vec![value],
            gap,
        }
    }

    /// `y` ends with a count that is present.
    pub(super) fn new(estimate: &Estimate, aicc: f64, y: &[f64], gap: usize) -> Self {
        let Estimate { recursion, size, log_likelihood } = *estimate;
        let Recursion { mean, alpha, beta, gamma, season } = recursion;
        let mut recent = vec![0.0; y.len()];
        let lambda = recursion.filter(y, &mut recent, |_, _| {});
        recent.drain(..y.len().saturating_sub(season));
        Self { mean, alpha, beta, gamma, season, size, constant: false, log_likelihood, aicc, lambda, recent, gap }
    }

    #[cfg(test)]
    pub(super) fn filtered(&self, y: &[f64]) -> Self {
        let gap = crate::series::trailing_gap(y);
        let estimate = Estimate { recursion: self.recursion(), size: self.size, log_likelihood: self.log_likelihood };
        Self::new(&estimate, self.aicc, &y[..y.len() - gap], gap)
    }

    fn recursion(&self) -> Recursion {
        let Self { mean, alpha, beta, gamma, season, .. } = *self;
        Recursion { mean, alpha, beta, gamma, season }
    }

    /// The constant `d` of the recursion.
    #[must_use]
    pub fn constant_term(&self) -> f64 {
        self.recursion().constant()
    }

    /// Weight of the last count.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// Weight of the last conditional mean.
    #[must_use]
    pub fn beta(&self) -> f64 {
        self.beta
    }

    /// Weight of the count one season ago.
    #[must_use]
    pub fn gamma(&self) -> f64 {
        self.gamma
    }

    /// Mean in the long run.
    #[must_use]
    pub fn long_run_mean(&self) -> f64 {
        self.mean
    }

    /// Size of the negative binomial distribution; `None` for a Poisson distribution.
    #[must_use]
    pub fn size(&self) -> Option<f64> {
        self.size
    }

    /// Logarithm of the conditional likelihood of the counts that the model was fitted to.
    #[must_use]
    pub fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// Akaike's corrected criterion of the fit.
    #[must_use]
    pub fn aicc(&self) -> f64 {
        self.aicc
    }

    /// Moves `(recent, lambda)` on by one period; the value is what `value` makes of its conditional mean.
    fn step(&self, state: &mut State, value: impl FnOnce(f64) -> f64) -> f64 {
        let lambda = self.recursion().next(state.last, state.lambda, state.seasonal()).min(LARGEST_MEAN);
        let found = value(lambda);
        state.push(lambda, found);
        found
    }

    fn state(&self) -> State {
        let mut recent = Vec::with_capacity(self.season);
        // Before the first count stands the mean.
        recent.resize(self.season.saturating_sub(self.recent.len()), self.mean);
        recent.extend_from_slice(&self.recent);
        State { last: recent[recent.len() - 1], lambda: self.lambda, at: 0, recent }
    }
}

/// The last season of counts, as a ring.
#[derive(Clone, Debug)]
struct State {
    recent: Vec<f64>,
    /// Place of the oldest, which comes from one season before the next value.
    at: usize,
    last: f64,
    lambda: f64,
}

impl State {
    fn seasonal(&self) -> f64 {
        self.recent[self.at]
    }

    fn push(&mut self, lambda: f64, value: f64) {
        self.recent[self.at] = value;
        self.at = (self.at + 1) % self.recent.len();
        self.last = value;
        self.lambda = lambda;
    }

    fn copy_from(&mut self, other: &Self) {
        self.recent.copy_from_slice(&other.recent);
        (self.at, self.last, self.lambda) = (other.at, other.last, other.lambda);
    }
}

impl FittedSeries for FittedCountAutoregression {
    const NAME: &'static str = super::CountAutoregression::NAME;

    fn predict(&self, horizon: NonZeroUsize) -> Vec<Predictive> {
        let horizon = horizon.get();
        if self.constant {
            return vec![Predictive::Point(self.mean); horizon];
        }
        let start = self.state();
        let mut state = start.clone();
        // One row for each step, so that a row is sorted where it lies.
        let mut drawn = vec![0.0; N_PATHS * horizon];
        for path in 0..N_PATHS {
            // A stream of its own for each path: a longer horizon begins with the shorter one.
            let mut random = SplitMix64::of(SEED, path as u64);
            state.copy_from(&start);
            for _ in 0..self.gap {
                self.step(&mut state, |lambda| draw::count(lambda, self.size, &mut random));
            }
            for h in 0..horizon {
                drawn[h * N_PATHS + path] = self.step(&mut state, |lambda| draw::count(lambda, self.size, &mut random));
            }
        }
        drawn.chunks_mut(N_PATHS).map(table).collect()
    }

    /// Of the conditional mean: `psi[j] = (alpha + beta) psi[j-1] + gamma psi[j-m]`, the first step without `beta`.
    fn error_weights(&self, horizon: NonZeroUsize) -> Vec<f64> {
        let mut psi = Vec::with_capacity(horizon.get());
        // `mean` is what the error adds to the conditional mean, in which `beta` works.
        let mut mean = 0.0;
        for j in 0..horizon.get() {
            if j == 0 {
                psi.push(1.0);
                continue;
            }
            let seasonal = if j >= self.season { psi[j - self.season] } else { 0.0 };
            mean = self.alpha * psi[j - 1] + self.beta * mean + self.gamma * seasonal;
            psi.push(mean);
        }
        psi
    }

    fn updated(&self, new: &[f64]) -> Option<Self> {
        let Some(last) = new.iter().rposition(|v| !v.is_nan()) else {
            return Some(Self { gap: self.gap + new.len(), ..self.clone() });
        };
        for (position, &value) in new.iter().enumerate().filter(|(_, v)| !v.is_nan()) {
            check_count(position, value).ok()?;
            // One value of another size makes a constant a series, which has to be fitted.
            if self.constant && value.total_cmp(&self.mean).is_ne() {
                return None;
            }
        }
        let gap = new.len() - 1 - last;
        if self.constant {
            return Some(Self { gap, ..self.clone() });
        }
        let mut state = self.state();
        for _ in 0..self.gap {
            self.step(&mut state, |lambda| lambda);
        }
        for &value in &new[..=last] {
            self.step(&mut state, |lambda| if value.is_nan() { lambda } else { value });
        }
        let at = state.at;
        state.recent.rotate_left(at);
        Some(Self { lambda: state.lambda, recent: state.recent, gap, ..self.clone() })
    }

    fn check(&self) -> Result<(), ParamError> {
        let Self { mean, alpha, beta, gamma, season, size, constant, log_likelihood, aicc, lambda, recent, gap } = self;
        let (mean, alpha, beta, gamma) = (*mean, *alpha, *beta, *gamma);
        for (name, value) in [("alpha", alpha), ("beta", beta), ("gamma", gamma)] {
            if !(0.0..1.0).contains(&value) {
                return Err(ParamError::new(name, value, "in [0, 1)"));
            }
        }
        if alpha + beta + gamma >= 1.0 {
            return Err(ParamError::new("alpha + beta + gamma", alpha + beta + gamma, "below 1"));
        }
        if !(1..=LONGEST_SEASON).contains(season) {
            return Err(ParamError::new("season", season, "in [1, 1000000]"));
        }
        let positive = |value: f64| value > 0.0 && value <= LARGEST_MEAN;
        if !(positive(mean) || *constant && mean.total_cmp(&0.0).is_eq()) {
            return Err(ParamError::new("mean", mean, "in (0, 1e18]"));
        }
        if !(0.0..=LARGEST_MEAN).contains(lambda) {
            return Err(ParamError::new("lambda", lambda, "in [0, 1e18]"));
        }
        if size.is_some_and(|size| !(size > 0.0 && size.is_finite())) {
            return Err(ParamError::new("size", format!("{size:?}"), "positive and finite"));
        }
        if !(log_likelihood.is_finite() && aicc.is_finite()) {
            return Err(ParamError::new("log_likelihood", log_likelihood, "finite"));
        }
        if recent.is_empty() || recent.len() > *season {
            return Err(ParamError::new("recent", recent.len(), "1 to season counts"));
        }
        if let Some(wrong) = recent.iter().find(|v| !(0.0..=LARGEST_COUNT.max(LARGEST_MEAN)).contains(*v)) {
            return Err(ParamError::new("recent", wrong, "in [0, 1e18]"));
        }
        check_gap(*gap)
    }
}

/// Quantiles of the simulated counts, which are whole numbers.
fn table(drawn: &mut [f64]) -> Predictive {
    drawn.sort_unstable_by(f64::total_cmp);
    let at = |order: usize| (order as f64 / (N_PATHS + 1) as f64, drawn[order - 1]);
    let orders = std::iter::once(5).chain((10..N_PATHS).step_by(10)).chain(std::iter::once(N_PATHS - 4));
    let (probabilities, values): (Vec<f64>, Vec<f64>) = orders.map(at).unzip();
    if values[0].total_cmp(&values[values.len() - 1]).is_eq() {
        return Predictive::Point(values[0]);
    }
    // Ascending and finite by construction, so the fallback is never taken.
    let median = Predictive::Point(drawn[N_PATHS / 2]);
    QuantileTable::new(probabilities, values).map_or(median, Predictive::Quantiles)
}
