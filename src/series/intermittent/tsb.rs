use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::super::{FittedSeries, SeriesModel, check_gap, check_state, present};
use super::compound::{Demands, compound};
use super::{check_demands, check_weight, usable};
use crate::distribution::Predictive;
use crate::error::{FitError, ParamError};
use crate::numeric::nelder_mead::Search;
use crate::numeric::scale::power_of_two_below;

/// On monthly postings by skill 0.3 had larger errors.
const DEFAULT_WEIGHT: f64 = 0.1;
/// Where the weights are searched.
const LOW: f64 = 0.01;
const HIGH: f64 = 0.99;
/// Searches start from each pair of these: the squared error may have several valleys.
const STARTS: [f64; 3] = [0.05, 0.2, 0.6];

/// The method of Teunter, Syntetos and Babai: the probability of a demand is smoothed in every period, so that a
/// demand that has stopped fades.
///
/// ```text
/// p = p + beta (1{y[t] > 0} - p)     in every period; starts as 1{y[1] > 0}
/// z = z + alpha (y[t] - z)           where y[t] > 0;  starts as the first demand
/// rate = p z
/// ```
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `alpha` | 0.1 | in (0, 1) | weight of sizes |
/// | `beta` | 0.1 | in (0, 1) | weight of the probability |
/// | `optimised` | no | | instead, the weights in [0.01, 0.99] of least squared one-step errors of the rate |
///
/// Distribution: as for [`Croston`](super::Croston), with the probability `p`. With optimised weights it is too narrow
/// for
/// series with many zeros (the 95 % interval held 89 % on monthly postings by skill and region). Missing values:
/// skipped; those at the
/// end widen the forecast. A value below 0 is refused as [`FitError::Target`]. Without a demand everything is 0. Needs
/// 1
/// observation. Fit: O(n) time; optimised O(iterations * n) for each of nine searches,
/// one copy of the series.
/// Source: Teunter, Syntetos & Babai (2011), "Intermittent demand: Linking forecasting to inventory obsolescence",
/// European Journal of Operational Research 214, 606-615.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tsb {
    /// `None`: optimised.
    weights: Option<Weights>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Weights {
    alpha: f64,
    beta: f64,
}

const DEFAULT: Weights = Weights { alpha: DEFAULT_WEIGHT, beta: DEFAULT_WEIGHT };

impl Default for Tsb {
    fn default() -> Self {
        Self { weights: Some(DEFAULT) }
    }
}

/// Settings of [`Tsb`], checked by [`TsbParams::build`].
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct TsbParams {
    weights: Option<Weights>,
}

impl Tsb {
    /// Starts from the defaults.
    pub fn params() -> TsbParams {
        TsbParams { weights: Some(DEFAULT) }
    }
}

impl TsbParams {
    /// Sets the weight of sizes.
    pub fn alpha(self, alpha: f64) -> Self {
        Self { weights: Some(Weights { alpha, ..self.weights.unwrap_or(DEFAULT) }) }
    }

    /// Sets the weight of the probability.
    pub fn beta(self, beta: f64) -> Self {
        Self { weights: Some(Weights { beta, ..self.weights.unwrap_or(DEFAULT) }) }
    }

    /// Estimates both weights.
    pub fn optimised(self) -> Self {
        Self { weights: None }
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// [`ParamError`] if `alpha` or `beta` lies outside (0, 1).
    pub fn build(self) -> Result<Tsb, ParamError> {
        let Self { weights } = self;
        if let Some(Weights { alpha, beta }) = weights {
            check_weight("alpha", alpha)?;
            check_weight("beta", beta)?;
        }
        Ok(Tsb { weights })
    }
}

/// A fitted [`Tsb`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedTsb {
    alpha: f64,
    beta: f64,
    level: Level,
    /// Sum of the squared weights in the size.
    squared_weights: f64,
    demands: Demands,
    gap: usize,
}

/// What is smoothed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Level {
    /// Size of a demand, 0 before the first.
    size: f64,
    probability: f64,
}

impl Level {
    fn starting(first: f64) -> Self {
        Self { size: first, probability: f64::from(u8::from(first > 0.0)) }
    }

    #[inline]
    fn step(&mut self, value: f64, alpha: f64, beta: f64) {
        let demand = value > 0.0;
        self.probability += beta * (f64::from(u8::from(demand)) - self.probability);
        if demand {
            self.size = if self.size > 0.0 { self.size + alpha * (value - self.size) } else { value };
        }
    }
}

impl SeriesModel for Tsb {
    const NAME: &'static str = "tsb";
    type Fitted = FittedTsb;

    fn fit(&self, y: &[f64]) -> Result<FittedTsb, FitError> {
        check_demands(y)?;
        let Weights { alpha, beta } = self.weights.unwrap_or_else(|| best_weights(y));
        let (from, first) = present(y).next().ok_or(FitError::TooShort { needed: 1, found: 0 })?;
        let demands = (first > 0.0).then_some(first).into_iter().collect();
        let level = Level::starting(first);
        let mut fitted = FittedTsb { alpha, beta, level, squared_weights: 1.0, demands, gap: 0 };
        y[from + 1..].iter().for_each(|&value| fitted.observe(value));
        Ok(fitted)
    }
}

fn best_weights(y: &[f64]) -> Weights {
    let mut x: Vec<f64> = present(y).map(|(_, value)| value).collect();
    let unit = power_of_two_below(x.iter().fold(0.0, |largest: f64, v| largest.max(*v)));
    x.iter_mut().for_each(|value| *value /= unit);
    let search =
        Search { low: [LOW; 2], high: [HIGH; 2], edge: 0.1, precision: 1e-10, max_evaluations: 200, max_restarts: 2 };
    let mut best = [DEFAULT_WEIGHT; 2];
    let mut least = squared_errors(&x, best);
    for start in STARTS.iter().flat_map(|&alpha| STARTS.map(|beta| [alpha, beta])) {
        let found = search.minimise(|&weights| squared_errors(&x, weights), start);
        if found.value < least {
            (best, least) = (found.at, found.value);
        }
    }
    Weights { alpha: best[0], beta: best[1] }
}

/// The sum of squared one-step errors of the rate.
fn squared_errors(x: &[f64], [alpha, beta]: [f64; 2]) -> f64 {
    let Some((&first, rest)) = x.split_first() else { return 0.0 };
    let mut level = Level::starting(first);
    let mut sse = 0.0;
    for &value in rest {
        let error = value - level.size * level.probability;
        sse += error * error;
        level.step(value, alpha, beta);
    }
    sse
}

impl FittedTsb {
    /// Demand to expect per period.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.level.probability * self.level.size
    }

    /// Smoothed size of a demand; 0 if there was none.
    #[must_use]
    pub fn size(&self) -> f64 {
        self.level.size
    }

    /// Probability of a demand in a period.
    #[must_use]
    pub fn probability(&self) -> f64 {
        self.level.probability
    }

    /// Weight of the sizes.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// Weight of the probability.
    #[must_use]
    pub fn beta(&self) -> f64 {
        self.beta
    }

    fn observe(&mut self, value: f64) {
        if value.is_nan() {
            self.gap += 1;
            return;
        }
        self.gap = 0;
        if value > 0.0 {
            if self.level.size > 0.0 {
                let kept = 1.0 - self.alpha;
                self.squared_weights = kept * kept * self.squared_weights + self.alpha * self.alpha;
            }
            self.demands.push(value);
        }
        self.level.step(value, self.alpha, self.beta);
    }
}

impl FittedSeries for FittedTsb {
    const NAME: &'static str = Tsb::NAME;

    fn predict(&self, horizon: NonZeroUsize) -> Vec<Predictive> {
        let shape = self.demands.shape();
        let Level { size, probability } = self.level;
        let at = |h: usize| {
            let drift = (self.gap + h - 1) as f64 * self.alpha * self.alpha;
            compound(&shape, probability, size, (1.0 + self.squared_weights + drift).sqrt())
        };
        (1..=horizon.get()).map(at).collect()
    }

    /// As in simple exponential smoothing with the weight of the sizes: an approximation.
    fn error_weights(&self, horizon: NonZeroUsize) -> Vec<f64> {
        (0..horizon.get()).map(|step| if step == 0 { 1.0 } else { self.alpha }).collect()
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
        let Self { alpha, beta, level: Level { size, probability }, squared_weights, demands, gap } = self;
        check_weight("alpha", *alpha)?;
        check_weight("beta", *beta)?;
        check_state("size", *size)?;
        check_gap(*gap)?;
        demands.check()?;
        if *size < 0.0 {
            return Err(ParamError::new("size", size, "at least 0"));
        }
        for (name, value) in [("probability", probability), ("squared_weights", squared_weights)] {
            if !(0.0..=1.0).contains(value) {
                return Err(ParamError::new(name, value, "in [0, 1]"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: NonZeroUsize = NonZeroUsize::new(2).unwrap();
    const Y: [f64; 12] = [0.0, 3.0, 0.0, 0.0, 5.0, 1.0, 0.0, 2.0, 0.0, 4.0, 4.0, 0.0];

    #[test]
    fn sizes_and_probabilities_follow_the_recursion() {
        let model = Tsb::params().alpha(0.5).beta(0.25).build().unwrap();
        let fitted = model.fit(&[0.0, 4.0, 2.0, 0.0]).unwrap();
        // Probabilities 0, 1/4, 7/16, 21/64; sizes 4, 3.
        assert_eq!((fitted.size(), fitted.probability(), fitted.rate()), (3.0, 21.0 / 64.0, 63.0 / 64.0));
    }

    #[test]
    fn a_demand_that_has_stopped_fades() {
        let fitted = Tsb::default().fit(&Y).unwrap();
        assert!(fitted.updated(&[0.0; 100]).unwrap().rate() < 1e-3 * fitted.rate());
    }

    #[test]
    fn no_weights_do_better_than_the_estimates() {
        let fitted = Tsb::params().optimised().build().unwrap().fit(&Y).unwrap();
        let least = squared_errors(&Y, [fitted.alpha(), fitted.beta()]);
        for a in 1..100 {
            for b in 1..100 {
                let other = squared_errors(&Y, [f64::from(a) / 100.0, f64::from(b) / 100.0]);
                assert!(least <= other * (1.0 + 1e-9), "{a} {b}: {least} against {other}");
            }
        }
    }

    #[test]
    fn carrying_on_equals_seeing_the_whole() {
        let holes = [f64::NAN, 0.0, 3.0, f64::NAN, 0.0, 5.0, 1.0, f64::NAN, 2.0, 0.0, f64::NAN];
        let whole = Tsb::default().fit(&holes).unwrap();
        for k in 2..holes.len() {
            assert_eq!(Tsb::default().fit(&holes[..k]).unwrap().updated(&holes[k..]).unwrap(), whole);
        }
        assert!(whole.updated(&[-1.0]).is_none());
    }

    #[test]
    fn degenerate_series_have_an_answer() {
        for model in [Tsb::default(), Tsb::params().optimised().build().unwrap()] {
            assert_eq!(model.fit(&[0.0; 4]).unwrap().predict(TWO), vec![Predictive::Point(0.0); 2]);
            assert_eq!(model.fit(&[0.1; 4]).unwrap().predict(TWO), vec![Predictive::Point(0.1); 2]);
            assert_eq!(model.fit(&[7.0]).unwrap().predict(TWO), vec![Predictive::Point(7.0); 2]);
            assert!(matches!(model.fit(&[7.0, -1e-300]), Err(FitError::Target { position: 1, .. })));
            assert!(model.fit(&[f64::NAN]).is_err());
        }
        for weight in [0.0, 1.0, f64::NAN] {
            assert!(Tsb::params().alpha(weight).build().is_err() && Tsb::params().beta(weight).build().is_err());
        }
    }

    #[test]
    fn states_that_fit_never_makes_are_refused() {
        let fitted = Tsb::default().fit(&Y).unwrap();
        assert!(fitted.check().is_ok());
        let level = Level { size: 1.0, probability: 1.5 };
        assert!(FittedTsb { level, ..fitted.clone() }.check().is_err());
        assert!(FittedTsb { beta: 0.0, ..fitted }.check().is_err());
    }
}
