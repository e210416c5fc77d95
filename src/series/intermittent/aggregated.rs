use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::super::{check_gap, check_state, present, trailing_gap};
use super::compound::{Demands, compound};
use super::smoothing::{best_weight, smooth, sum_of_squared_weights};
use crate::distribution::Predictive;
use crate::error::ParamError;

/// A series without its missing values, ready to be added up over blocks of periods.
#[derive(Debug)]
pub(super) struct Periods {
    values: Vec<f64>,
    /// `sums[t]`: the sum of the first `t` values.
    sums: Vec<f64>,
    n_demands: usize,
    /// Mean distance between demands, the first from the start of the series; 1 without a demand.
    mean_interval: f64,
}

/// Simple exponential smoothing of the sums of blocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Smoothed {
    pub(super) weight: f64,
    /// Demand per period.
    pub(super) rate: f64,
    /// Sum of the squared weights of the periods.
    pub(super) squared_weights: f64,
}

impl Periods {
    pub(super) fn new(y: &[f64]) -> Self {
        let values: Vec<f64> = present(y).map(|(_, value)| value).collect();
        let mut sums = Vec::with_capacity(values.len() + 1);
        sums.push(0.0);
        let mut sum = 0.0;
        for value in &values {
            sum += value;
            sums.push(sum);
        }
        let n_demands = values.iter().filter(|value| **value > 0.0).count();
        let last = values.iter().rposition(|value| *value > 0.0);
        let mean_interval = last.map_or(1.0, |last| (last + 1) as f64 / n_demands as f64);
        Self { values, sums, n_demands, mean_interval }
    }

    /// The mean interval as a whole number of periods, halves to the even one.
    pub(super) fn level(&self) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "at most the length of the series")]
        #[expect(clippy::cast_sign_loss, reason = "at least 1")]
        let level = self.mean_interval.round_ties_even() as usize;
        level
    }

    /// Smooths the sums of `level` periods; the blocks end with the series, values before the first are left out.
    /// `blocks` is working space.
    pub(super) fn smoothed(&self, level: usize, blocks: &mut Vec<f64>) -> Smoothed {
        let skipped = self.values.len() % level;
        let fill = |blocks: &mut Vec<f64>| {
            blocks.clear();
            if level == 1 {
                blocks.extend_from_slice(&self.values);
            } else {
                let ends = self.sums[skipped..].iter().step_by(level);
                blocks.extend(ends.clone().zip(ends.skip(1)).map(|(from, to)| to - from));
            }
        };
        fill(blocks);
        let weight = best_weight(blocks);
        fill(blocks);
        let rate = smooth(blocks, weight).0 / level as f64;
        let squared_weights = sum_of_squared_weights(blocks.len(), weight) / level as f64;
        Smoothed { weight, rate, squared_weights }
    }
}

/// A rate and what the demands around it look like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Rate {
    rate: f64,
    /// Share of the periods with a demand.
    share: f64,
    /// Sum of the squared weights of the periods in the rate.
    squared_weights: f64,
    /// How much the variance of the rate grows with each period, in variances of a period.
    drift: f64,
    demands: Demands,
    gap: usize,
}

impl Rate {
    pub(super) fn new(y: &[f64], periods: &Periods, rate: f64, squared_weights: f64, drift: f64) -> Self {
        let share = periods.n_demands as f64 / periods.values.len().max(1) as f64;
        let demands = periods.values.iter().copied().filter(|value| *value > 0.0).collect();
        Self { rate, share, squared_weights, drift, demands, gap: trailing_gap(y) }
    }

    pub(super) fn get(&self) -> f64 {
        self.rate
    }

    pub(super) fn predict(&self, horizon: NonZeroUsize) -> Vec<Predictive> {
        let shape = self.demands.shape();
        // With `share` 0 there is no shape either.
        let size = self.rate / self.share.max(f64::MIN_POSITIVE);
        let at = |h: usize| {
            let widening = (1.0 + self.squared_weights + (self.gap + h - 1) as f64 * self.drift).sqrt();
            compound(&shape, self.share, size, widening)
        };
        (1..=horizon.get()).map(at).collect()
    }

    /// 1, then the root of the growth of the variance.
    pub(super) fn error_weights(&self, horizon: NonZeroUsize) -> Vec<f64> {
        (0..horizon.get()).map(|step| if step == 0 { 1.0 } else { self.drift.sqrt() }).collect()
    }

    pub(super) fn check(&self) -> Result<(), ParamError> {
        let Self { rate, share, squared_weights, drift, demands, gap } = self;
        check_state("rate", *rate)?;
        check_gap(*gap)?;
        demands.check()?;
        if *rate < 0.0 {
            return Err(ParamError::new("rate", rate, "at least 0"));
        }
        // A share of 1e-12 needs more periods than memory holds.
        if !(*share == 0.0 && *rate == 0.0 || (1e-12..=1.0).contains(share)) {
            return Err(ParamError::new("share", share, "in [1e-12, 1], or 0 with a rate of 0"));
        }
        for (name, value) in [("squared_weights", squared_weights), ("drift", drift)] {
            if !(0.0..=1.0).contains(value) {
                return Err(ParamError::new(name, value, "in [0, 1]"));
            }
        }
        Ok(())
    }
}
