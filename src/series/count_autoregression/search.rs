//! The most likely parameters of each form.

use super::likelihood::{Recursion, half_deviance, log_ceiling, size_term, stirling_rest};
use crate::numeric::brent;
use crate::numeric::nelder_mead::{Minimum, Search};

/// Largest sum of the weights: 1 is the edge of stationarity.
const LARGEST_SUM: f64 = 0.999;
/// Logarithm of the long-run mean, relative to the mean of the counts.
const LOG_MEAN: f64 = 3.0;
/// Logarithm of `mean / size`, by how much the variance exceeds a Poisson variance in units of it.
const LOG_EXCESS: [f64; 2] = [-9.0, 9.0];
/// Sums of the weights and shares of `alpha` in them that are tried before each search.
const SUM_STARTS: [f64; 6] = [0.15, 0.4, 0.7, 0.9, 0.98, LARGEST_SUM];
const SHARE_STARTS: [f64; 4] = [0.1, 0.35, 0.65, 0.95];

/// Counts that the series is seen to come from.
const EARLY: usize = 4;

/// A form of the model.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    /// Counts depend on those before.
    pub(super) dynamic: bool,
    /// They depend on the count one season ago.
    pub(super) seasonal: bool,
    /// Their variance may exceed their mean.
    pub(super) dispersed: bool,
}

impl Form {
    /// Free parameters.
    pub(super) fn n_parameters(self) -> usize {
        1 + 2 * usize::from(self.dynamic) + usize::from(self.seasonal) + usize::from(self.dispersed)
    }
}

/// The best parameters of a form.
#[derive(Clone, Copy, Debug)]
pub(super) struct Estimate {
    pub(super) recursion: Recursion,
    pub(super) size: Option<f64>,
    pub(super) log_likelihood: f64,
}

/// Counts with what their likelihood needs of them once.
#[derive(Debug)]
pub(super) struct Counts<'a> {
    y: &'a [f64],
    mean: f64,
    /// Mean of the first counts, with one at the mean of all among them.
    early: f64,
    season: usize,
    ceiling: f64,
    filled: Vec<f64>,
}

impl<'a> Counts<'a> {
    /// `y` holds a positive count.
    pub(super) fn new(y: &'a [f64], season: usize) -> Self {
        let (mut sum, mut n, mut ceiling) = (0.0, 0.0, 0.0);
        for &value in y.iter().filter(|v| !v.is_nan()) {
            sum += value;
            n += 1.0;
            ceiling += log_ceiling(value);
        }
        let first: Vec<f64> = y.iter().copied().filter(|v| !v.is_nan()).take(EARLY).collect();
        let early = (sum / n + first.iter().sum::<f64>()) / (first.len() + 1) as f64;
        Self { y, mean: sum / n, early, season, ceiling, filled: vec![0.0; y.len()] }
    }

    /// What the parameters lose against the largest probability of each count.
    fn loss(&mut self, recursion: &Recursion, size: Option<f64>) -> f64 {
        let mut loss = 0.0;
        match size {
            None => {
                recursion.filter(self.y, &mut self.filled, |y, lambda| loss += half_deviance(y, lambda, None));
            }
            Some(size) => {
                let rest = stirling_rest(size);
                recursion.filter(self.y, &mut self.filled, |y, lambda| {
                    loss += half_deviance(y, lambda, Some(size)) - size_term(y, size, rest);
                });
            }
        }
        loss
    }

    pub(super) fn log_likelihood(&mut self, recursion: &Recursion, size: Option<f64>) -> f64 {
        self.ceiling - self.loss(recursion, size)
    }

    fn independent(&self) -> Recursion {
        Recursion { mean: self.mean, alpha: 0.0, beta: 0.0, gamma: 0.0, season: self.season }
    }

    fn size_at(&self, log_excess: f64) -> f64 {
        self.mean / log_excess.exp()
    }

    /// The estimate of `form`; a search with a dispersion starts at the `before` without one.
    pub(super) fn best(&mut self, form: Form, before: Option<&Estimate>) -> Estimate {
        let start = before.map_or_else(|| self.independent(), |estimate| estimate.recursion);
        let (recursion, size) = match (form.dynamic, form.dispersed) {
            (false, false) => (self.independent(), None),
            (false, true) => {
                let independent = self.independent();
                (independent, Some(self.best_size(&independent)))
            }
            (true, dispersed) => {
                let log_excess = if dispersed {
                    let size = self.best_size(&start);
                    (self.mean / size).ln().clamp(LOG_EXCESS[0], LOG_EXCESS[1])
                } else {
                    0.0
                };
                match (form.seasonal, dispersed) {
                    (false, false) => self.search([0, 1, 2], before, log_excess),
                    (true, false) => self.search([0, 1, 2, 3], before, log_excess),
                    (false, true) => self.search([0, 1, 2, 4], before, log_excess),
                    (true, true) => self.search([0, 1, 2, 3, 4], before, log_excess),
                }
            }
        };
        Estimate { recursion, size, log_likelihood: self.log_likelihood(&recursion, size) }
    }

    /// The size of the largest likelihood, for these conditional means.
    fn best_size(&mut self, recursion: &Recursion) -> f64 {
        let [low, high] = LOG_EXCESS;
        let mean = self.mean;
        let (at, _) = brent::minimise(|x| self.loss(recursion, Some(mean / x.exp())), low, high);
        self.size_at(at)
    }

    /// Searches the coordinates `free` of: logarithm of the mean, sum of the weights, share of `alpha` in it, share of
    /// `gamma` in the rest, logarithm of the excess.
    fn search<const N: usize>(
        &mut self,
        free: [usize; N],
        before: Option<&Estimate>,
        log_excess: f64,
    ) -> (Recursion, Option<f64>) {
        const LOW: [f64; 5] = [-LOG_MEAN, 0.0, 0.0, 0.0, LOG_EXCESS[0]];
        const HIGH: [f64; 5] = [LOG_MEAN, LARGEST_SUM, 1.0, 1.0, LOG_EXCESS[1]];
        let (mean, season) = (self.mean, self.season);
        let log_early = (self.early / mean).ln().clamp(-LOG_MEAN, LOG_MEAN);
        let dispersed = free.contains(&4);
        let seasonal = free.contains(&3);
        let parameters = |at: &[f64; N]| {
            let mut all = [0.0, 0.0, 0.0, 0.0, log_excess];
            for (place, value) in free.iter().zip(at) {
                all[*place] = *value;
            }
            let [log_mean, sum, share, of_rest, excess] = all;
            let (alpha, rest) = (sum * share, sum * (1.0 - share));
            let recursion = Recursion {
                mean: mean * log_mean.exp(),
                alpha,
                beta: rest * (1.0 - of_rest),
                gamma: rest * of_rest,
                season,
            };
            (recursion, dispersed.then(|| mean / excess.exp()))
        };
        let mut loss = |at: &[f64; N]| {
            let (recursion, size) = parameters(at);
            self.loss(&recursion, size)
        };
        let rough = Search {
            low: free.map(|i| LOW[i]),
            high: free.map(|i| HIGH[i]),
            edge: 0.1,
            precision: 1e-6,
            max_evaluations: 150,
            max_restarts: 0,
        };
        let fine = Search { edge: 0.03, precision: 1e-10, max_evaluations: 500, max_restarts: 5, ..rough };
        let mut starts: Vec<Minimum<N>> = Vec::with_capacity(SUM_STARTS.len() * SHARE_STARTS.len() + 1);
        let mut try_start = |all: [f64; 5]| {
            let at = free.map(|i| all[i]);
            let value = loss(&at);
            if value.is_finite() {
                starts.push(Minimum { at, value });
            }
        };
        for log_mean in [0.0, log_early] {
            for sum in SUM_STARTS {
                for share in SHARE_STARTS {
                    for of_rest in if seasonal { &[0.2, 0.8][..] } else { &[0.0][..] } {
                        try_start([log_mean, sum, share, *of_rest, log_excess]);
                    }
                }
            }
        }
        if let Some(Recursion { mean: long_run, alpha, beta, gamma, .. }) = before.map(|estimate| estimate.recursion) {
            let sum = alpha + beta + gamma;
            let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
            try_start([(long_run / mean).ln(), sum, share(alpha, sum), share(gamma, beta + gamma), log_excess]);
        }
        starts.sort_by(|a, b| a.value.total_cmp(&b.value));
        let mut best = Minimum { at: free.map(|i| if i == 4 { log_excess } else { 0.0 }), value: f64::INFINITY };
        // The likelihood may have a valley of quick and one of slow weights, and where weights are slow the mean in the long
        // run is but the level that the series comes from.
        let near = starts.iter().filter(|start| start.at[0].abs() < 0.5 * log_early.abs());
        let far = starts.iter().filter(|start| start.at[0].abs() >= 0.5 * log_early.abs());
        for start in near.take(3).chain(far.take(3)) {
            let found = rough.minimise(&mut loss, start.at);
            if found.value < best.value {
                best = found;
            }
        }
        parameters(&fine.minimise(&mut loss, best.at).at)
    }
}
