//! The base forecasts of all nodes as one distribution.

use super::weights::Weights;
use crate::distribution::{Predictive, Probability};
use crate::error::ParamError;
use crate::key::SeriesKey;
use crate::numeric::random::SplitMix64;

/// Seed of the random numbers that nodes share; an arbitrary number.
const SHARED: u64 = 0x6869_6572_6172_6368;

/// A Gaussian copula: normal scores with the correlations of past errors, and between steps a first-order dependence.
///
/// ```text
/// z[h] = rho z[h-1] + sqrt(1 - rho^2) e[h]     e[h] ~ N(0, R)     R = loadings loadings' + diag(own^2)
/// ```
pub(super) struct Joint {
    /// A row of `rank` for each node.
    loadings: Vec<f64>,
    own: Vec<f64>,
    rank: usize,
    step_correlation: f64,
}

impl Joint {
    pub(super) fn new(weights: &Weights, step_correlation: f64) -> Self {
        let n = weights.diagonal.len();
        let mut joint = Self { loadings: Vec::new(), own: Vec::with_capacity(n), rank: weights.rank, step_correlation };
        for (node, d) in weights.diagonal.iter().enumerate() {
            let row = weights.row(node);
            let sd = (d + row.iter().map(|l| l * l).sum::<f64>()).sqrt();
            joint.loadings.extend(row.iter().map(|l| l / sd));
            joint.own.push(d.sqrt() / sd);
        }
        joint
    }

    pub(super) fn row(&self, node: usize) -> &[f64] {
        &self.loadings[node * self.rank..(node + 1) * self.rank]
    }

    /// What of the spread of `node` is its own: a standard deviation.
    pub(super) fn own(&self, node: usize) -> f64 {
        self.own[node]
    }

    pub(super) fn rank(&self) -> usize {
        self.rank
    }

    /// The scores of `step`, from 0, given those of the step before: for each node one of each of `n_paths`. The same
    /// numbers whatever the horizon and the other nodes: each node has a stream of its own, seeded from its key.
    pub(super) fn scores(&self, keys: &[SeriesKey], step: usize, n_paths: usize, before: Option<&[f64]>) -> Vec<f64> {
        let mut stream = SplitMix64::of(SHARED, step as u64);
        let shared: Vec<f64> = (0..n_paths * self.rank).map(|_| stream.standard_normal()).collect();
        let mut scores = Vec::with_capacity(keys.len() * n_paths);
        for (node, key) in keys.iter().enumerate() {
            let mut stream = SplitMix64::of(key.seed(), step as u64);
            for path in 0..n_paths {
                let factors = &shared[path * self.rank..(path + 1) * self.rank];
                let common: f64 = self.row(node).iter().zip(factors).map(|(l, f)| l * f).sum();
                scores.push(common + self.own[node] * stream.standard_normal());
            }
        }
        if let Some(before) = before {
            let rho = self.step_correlation;
            let fresh = (1.0 - rho * rho).sqrt();
            scores.iter_mut().zip(before).for_each(|(z, before)| *z = rho * before + fresh * *z);
        }
        scores
    }
}

/// A value of `dist` for each of `scores`, in their order: the quantiles at (rank - 1/2) / n, so that the values have the
/// distribution itself and not only come from it (the rank reordering of Clark et al. 2004, "The Schaake shuffle", J.
/// Hydrometeorology 5, 243-262).
pub(super) fn arranged(dist: &Predictive, scores: &[f64], values: &mut [f64]) -> Result<(), ParamError> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    for (rank, &place) in order.iter().enumerate() {
        values[place] = dist.quantile(Probability::new((rank as f64 + 0.5) / scores.len() as f64)?);
    }
    Ok(())
}
