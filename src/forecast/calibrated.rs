//! Chooses among candidates and corrects their spread, both by back-tests inside the training span.

use std::num::NonZeroUsize;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Fitted, Forecast, Forecaster};
use crate::distribution::{Predictive, Probability, QuantileTable};
use crate::error::{DataError, ParamError, Result};
use crate::numeric::normal;
use crate::panel::{Panel, SeriesView};
use crate::time::Period;

/// Normal scores beyond this are cut: a cdf in `f64` cannot tell 1 from further out.
const LARGEST_SCORE: f64 = 8.0;
/// The share of outcomes that the correction makes the central interval hold.
const TUNED_LEVEL: f64 = 0.8;

/// Fits the candidate with the lowest mean CRPS on rolling origins within the training span, and rescales its spread
/// so that the central 80 % interval held 80 % of those outcomes.
///
/// At each horizon `h` every tested forecast gives the normal score `z = Phi^-1(F(y))`. With `q` the (1 - 0.2) quantile
/// of `|z|` over all series and origins, finite-sample corrected as in conformal prediction (`ceil((n + 1) 0.8)`-th
/// smallest), the distribution's quantile function becomes `F^-1(Phi(c[h] Phi^-1(p)))` with
/// `c[h] = q / Phi^-1(0.9)`. For normal and log-normal forms this multiplies the standard deviation by `c[h]`.
/// Horizons beyond the longest tested one take its factor; [`FittedCalibrated::tested`] says how far tests reached.
///
/// Errors are pooled over series because few origins fit into one history (Lei et al. 2018, JASA 113, for the
/// split-conformal rank; pooling assumes that standardised errors are exchangeable across series).
/// Cost: candidates x origins fits of the panel, in parallel over origins.
///
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `min_history` | 24 | at least 2 | periods before the first tested origin |
/// | `step` | 3 | at least 1 | periods between tested origins |
/// | `horizon` | 12 | at least 1 | longest horizon to test |
#[derive(Clone, Debug)]
pub struct Calibrated<F> {
    candidates: Vec<F>,
    min_history: usize,
    step: usize,
    horizon: NonZeroUsize,
}

impl<F: Forecaster> Calibrated<F> {
    /// A calibrated choice among `candidates`, tested up to `horizon` periods ahead.
    ///
    /// # Errors
    /// [`ParamError`] if there is no candidate.
    pub fn new(candidates: Vec<F>, horizon: NonZeroUsize) -> Result<Self, ParamError> {
        if candidates.is_empty() {
            return Err(ParamError::new("candidates", 0, "at least one forecaster"));
        }
        Ok(Self { candidates, min_history: 24, step: 3, horizon })
    }

    /// Sets the rolling origins: the first after `min_history` periods, then every `step`.
    ///
    /// # Errors
    /// [`ParamError`] if `min_history` is below 2 or `step` is 0.
    pub fn origins(mut self, min_history: usize, step: usize) -> Result<Self, ParamError> {
        if min_history < 2 {
            return Err(ParamError::new("min_history", min_history, "at least 2"));
        }
        if step == 0 {
            return Err(ParamError::new("step", step, "at least 1"));
        }
        self.min_history = min_history;
        self.step = step;
        Ok(self)
    }

    /// Origins within the span of `train`, oldest first.
    fn cutoffs(&self, train: &Panel) -> Vec<Period> {
        let (Some(first), Some(last)) = (train.first_period(), train.last_period()) else { return Vec::new() };
        let span = last.since(first).and_then(|s| usize::try_from(s).ok()).unwrap_or(0);
        (self.min_history - 1..span)
            .step_by(self.step)
            .filter_map(|position| i32::try_from(position).ok())
            .map(|position| first.plus(position))
            .collect()
    }
}

/// What one candidate's forecasts were worth on the tested origins.
struct Trial {
    /// Normal scores by horizon, pooled over series and origins.
    scores: Vec<Vec<f64>>,
    crps_total: f64,
    n: usize,
}

impl<F: Forecaster> Forecaster for Calibrated<F> {
    type Fitted = FittedCalibrated<F::Fitted>;

    fn fit(&self, train: &Panel) -> Result<Self::Fitted> {
        let Some(first_column) = train.columns().first() else {
            return Err(DataError::Empty { what: "the panel".into() }.into());
        };
        let target = train.column_index(first_column)?;
        let cutoffs = self.cutoffs(train);
        let mut best: Option<(usize, f64, Trial)> = None;
        for (index, candidate) in self.candidates.iter().enumerate() {
            let trials: Vec<Trial> = cutoffs
                .par_iter()
                .map(|&cutoff| self.trial(candidate, train, target, cutoff))
                .collect::<Result<_>>()?;
            let trial = join(trials, self.horizon.get());
            let crps = if trial.n == 0 { f64::INFINITY } else { trial.crps_total / trial.n as f64 };
            if best.as_ref().is_none_or(|(_, lowest, _)| crps < *lowest) {
                best = Some((index, crps, trial));
            }
        }
        // `candidates` is never empty, so there is a best one.
        let Some((chosen, _, trial)) = best else {
            return Err(ParamError::new("candidates", 0, "at least one forecaster").into());
        };
        let tested = trial.scores.iter().map(Vec::len).collect();
        let factors = factors(trial.scores);
        Ok(FittedCalibrated { inner: self.candidates[chosen].fit(train)?, chosen, factors, tested })
    }
}

impl<F: Forecaster> Calibrated<F> {
    fn trial(&self, candidate: &F, train: &Panel, target: usize, cutoff: Period) -> Result<Trial> {
        let mut trial = Trial { scores: vec![Vec::new(); self.horizon.get()], crps_total: 0.0, n: 0 };
        let known = train.until(cutoff);
        let forecast = candidate.fit(&known)?.forecast(self.horizon)?;
        for (index, key) in forecast.keys().iter().enumerate() {
            let Some(series) = train.get(key) else { continue };
            let Some(scale) = scale(series, target, cutoff) else { continue };
            for (step, dist) in forecast.path(index).iter().enumerate() {
                let ahead = i32::try_from(step + 1).unwrap_or(i32::MAX);
                let Some(actual) = series.at(target, forecast.origins()[index].plus(ahead)).filter(|y| y.is_finite())
                else {
                    continue;
                };
                let score = normal::quantile(dist.cdf(actual)).clamp(-LARGEST_SCORE, LARGEST_SCORE);
                trial.scores[step].push(score);
                trial.crps_total += dist.crps(actual) / scale;
                trial.n += 1;
            }
        }
        Ok(trial)
    }
}

/// Mean absolute one-step change up to `cutoff`; `None` where it is 0 or unknown.
fn scale(series: SeriesView<'_>, target: usize, cutoff: Period) -> Option<f64> {
    let rows = usize::try_from(cutoff.since(series.start())?).ok()? + 1;
    let known = &series.values(target)[..rows.min(series.len())];
    let changes = || known.windows(2).map(|w| (w[1] - w[0]).abs()).filter(|d| d.is_finite());
    let mean = changes().sum::<f64>() / changes().count() as f64;
    (mean > 0.0).then_some(mean)
}

fn join(trials: Vec<Trial>, horizon: usize) -> Trial {
    let mut all = Trial { scores: vec![Vec::new(); horizon], crps_total: 0.0, n: 0 };
    for trial in trials {
        for (pool, scores) in all.scores.iter_mut().zip(trial.scores) {
            pool.extend(scores);
        }
        all.crps_total += trial.crps_total;
        all.n += trial.n;
    }
    all
}

/// The factor of each horizon; 1 where nothing was tested before it.
fn factors(scores: Vec<Vec<f64>>) -> Vec<f64> {
    let wanted = normal::quantile(f64::midpoint(1.0, TUNED_LEVEL));
    let mut last = 1.0;
    scores
        .into_iter()
        .map(|mut scores| {
            scores.iter_mut().for_each(|z| *z = z.abs());
            scores.sort_by(f64::total_cmp);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank of at most n + 1")]
            let rank = ((scores.len() as f64 + 1.0) * TUNED_LEVEL).ceil() as usize;
            if let Some(score) = rank.checked_sub(1).and_then(|r| scores.get(r)) {
                last = (score / wanted).max(f64::MIN_POSITIVE);
            }
            last
        })
        .collect()
}

/// The chosen candidate with its corrected spread.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FittedCalibrated<T> {
    inner: T,
    chosen: usize,
    factors: Vec<f64>,
    tested: Vec<usize>,
}

impl<T> FittedCalibrated<T> {
    /// Position of the chosen candidate.
    #[must_use]
    pub fn chosen(&self) -> usize {
        self.chosen
    }

    /// By what the spread is multiplied at each horizon.
    #[must_use]
    pub fn factors(&self) -> &[f64] {
        &self.factors
    }

    /// On how many outcomes the factor of each horizon rests; 0 means that it was carried over.
    #[must_use]
    pub fn tested(&self) -> &[usize] {
        &self.tested
    }
}

impl<T: Fitted> Fitted for FittedCalibrated<T> {
    fn forecast(&self, horizon: NonZeroUsize) -> Result<Forecast> {
        let plain = self.inner.forecast(horizon)?;
        let last = self.factors.last().copied().unwrap_or(1.0);
        let dists = (0..plain.keys().len())
            .flat_map(|index| plain.path(index).iter().enumerate())
            .map(|(step, dist)| widen(dist, self.factors.get(step).copied().unwrap_or(last)))
            .collect();
        Ok(Forecast::new(horizon, plain.keys().to_vec(), plain.origins().to_vec(), dists, plain.fallbacks().to_vec())?)
    }
}

/// The distribution with quantile function `F^-1(Phi(factor Phi^-1(p)))`.
fn widen(dist: &Predictive, factor: f64) -> Predictive {
    match dist {
        Predictive::Point(_) => dist.clone(),
        Predictive::Normal { mean, sd } => Predictive::Normal { mean: *mean, sd: sd * factor },
        Predictive::LogNormal { meanlog, sdlog } => Predictive::LogNormal { meanlog: *meanlog, sdlog: sdlog * factor },
        Predictive::RectifiedNormal { mean, sd } => Predictive::RectifiedNormal { mean: *mean, sd: sd * factor },
        Predictive::Quantiles(_) => {
            let probabilities: Vec<f64> = (1..200).map(|i| f64::from(i) / 200.0).collect();
            let at = |p: f64| Probability::new(normal::cdf(factor * normal::quantile(p)));
            let values: Result<Vec<f64>, ParamError> =
                probabilities.iter().map(|&p| Ok(dist.quantile(at(p)?))).collect();
            values
                .and_then(|values| QuantileTable::new(probabilities, values))
                .map_or_else(|_| dist.clone(), Predictive::Quantiles)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::SeriesKey;

    /// A random walk whose spread is told wrong by `factor`, with an optional bias.
    #[derive(Clone, Debug)]
    struct Walk {
        factor: f64,
        bias: f64,
    }

    #[derive(Debug)]
    struct FittedWalk {
        model: Walk,
        last: Vec<(SeriesKey, Period, f64)>,
    }

    impl Forecaster for Walk {
        type Fitted = FittedWalk;
        fn fit(&self, train: &Panel) -> Result<FittedWalk> {
            let last = train.iter().map(|s| (s.key().clone(), s.end(), s.values(0)[s.len() - 1])).collect();
            Ok(FittedWalk { model: self.clone(), last })
        }
    }

    impl Fitted for FittedWalk {
        fn forecast(&self, horizon: NonZeroUsize) -> Result<Forecast> {
            let dist = |last: f64, h: usize| {
                Predictive::normal(last + self.model.bias * h as f64, self.model.factor * (h as f64).sqrt())
            };
            let mut dists = Vec::new();
            for (_, _, last) in &self.last {
                for h in 1..=horizon.get() {
                    dists.push(dist(*last, h)?);
                }
            }
            let (keys, origins) = self.last.iter().map(|(k, p, _)| (k.clone(), *p)).unzip();
            Ok(Forecast::new(horizon, keys, origins, dists, Vec::new())?)
        }
    }

    /// 60 random walks of 80 months with unit steps, from a fixed linear congruential stream.
    fn walks() -> Panel {
        let mut state = 7_u64;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
        };
        let start = Period::month(2015, 1).unwrap();
        let series: Vec<_> = (0..60)
            .map(|i| {
                let mut level = 0.0;
                let values = (0..80).map(|_| {
                    level += normal::quantile(uniform());
                    level
                });
                (SeriesKey::national(format!("s{i:02}")), start, values.collect())
            })
            .collect();
        Panel::from_series("y", series).unwrap()
    }

    #[test]
    fn a_spread_told_wrong_is_corrected_at_every_horizon() {
        let horizon = NonZeroUsize::new(12).unwrap();
        for told in [0.3, 1.0, 4.0] {
            let model = Calibrated::new(vec![Walk { factor: told, bias: 0.0 }], horizon).unwrap();
            let fitted = model.fit(&walks()).unwrap();
            for factor in fitted.factors() {
                assert!((factor * told - 1.0).abs() < 0.15, "told {told}, factor {factor}");
            }
        }
    }

    #[test]
    fn the_candidate_that_forecasts_best_is_chosen() {
        let horizon = NonZeroUsize::new(6).unwrap();
        let candidates = vec![Walk { factor: 1.0, bias: 2.0 }, Walk { factor: 1.0, bias: 0.0 }];
        let fitted = Calibrated::new(candidates, horizon).unwrap().fit(&walks()).unwrap();
        assert_eq!(fitted.chosen(), 1);
        // Beyond the tested horizon the last factor holds.
        let path = fitted.forecast(NonZeroUsize::new(20).unwrap()).unwrap();
        let Predictive::Normal { sd, .. } = path.path(0)[19] else { panic!("a normal stays normal") };
        assert!((sd / 20.0_f64.sqrt() - fitted.factors()[5]).abs() < 1e-12);
    }

    #[test]
    fn histories_too_short_to_test_leave_the_spread_alone() {
        let short = walks().until(Period::month(2016, 1).unwrap());
        let model = Calibrated::new(vec![Walk { factor: 2.0, bias: 0.0 }], NonZeroUsize::MIN).unwrap();
        let fitted = model.fit(&short).unwrap();
        assert_eq!((fitted.factors(), fitted.tested()), (&[1.0][..], &[0][..]));
    }
}
