//! Which rows have pay: the probability of each, and weights that make rows with pay stand for all.

use serde::Serialize;

use super::data::PremiumData;
use super::sample::Sample;
use crate::error::FitError;
use crate::numeric::spd::Cholesky;

/// Rows at the overall share that each level of an effect is given in addition, so that a level of few rows says little.
const PRIOR_ROWS: f64 = 20.0;

/// Newton steps; a logistic likelihood that has not settled by then has no maximum.
const MOST_STEPS: usize = 50;

/// Steps smaller than this change no weight in its eighth digit.
const SMALLEST_STEP: f64 = 1e-9;

/// Rows that the penalty on a standardised coefficient is worth: keeps coefficients finite where some column separates rows with
/// pay from those without, and is nothing beside the rows where none does.
const PENALTY_ROWS: f64 = 0.1;

/// What the weights for missing pay are like.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WeightSummary {
    /// Share of the complete rows that have pay.
    pub posted_share: f64,
    /// Number of observables in the model of the probability.
    pub observables: usize,
    /// The smallest weight; the mean is 1.
    pub min: f64,
    /// The largest weight, once it is cut back.
    pub max: f64,
    /// Weights that were cut back.
    pub trimmed: usize,
    /// `(sum w)^2 / sum w^2`: as many rows of equal weight say as much (Kish 1965, *Survey Sampling*, 11.7).
    pub effective_rows: f64,
    /// Rows with pay behind it.
    pub rows: usize,
    /// How well the model tells rows with pay from those without: probability that it gives the higher chance to the former.
    pub auc: f64,
}

/// Stabilised weights `P(pay) / P(pay | observables)` of the rows of the sample in its order, the largest share `trim` of them cut
/// back to the next smaller, scaled to the mean 1 (Robins, Hernan & Brumback 2000, Epidemiology 11, 550-560; Cole & Hernan 2008,
/// Am. J. Epidemiology 168, 656-664, on cutting back).
///
/// Observables are the controls and, for each effect and for the certificates, the log odds of pay among the rows of the same
/// level: a logistic regression on them comes close to one with an effect for each level.
///
/// # Errors
/// [`FitError::Design`] if no complete row lacks pay; [`FitError::NoConvergence`].
pub(super) fn weights(sample: &Sample<'_>, trim: f64) -> Result<(Vec<f64>, WeightSummary), FitError> {
    let data = sample.data;
    let rows: Vec<usize> = (0..data.n_rows()).filter(|row| data.complete[*row]).collect();
    let posted = |row: usize| !data.log_pay[row].is_nan();
    let n_posted = rows.iter().filter(|row| posted(**row)).count();
    if n_posted == rows.len() {
        return Err(FitError::Design { detail: "every row has pay".into() });
    }
    let share = n_posted as f64 / rows.len() as f64;
    let observables = Observables::new(data, &rows, share);
    let beta = logistic(&observables, &rows, posted)?;
    let chance = |row: usize| {
        let mut x = vec![0.0; observables.len()];
        observables.fill(row, &mut x);
        probability(&x, &beta)
    };
    let all: Vec<f64> = rows.iter().map(|row| chance(*row)).collect();
    let auc = auc(&all, rows.iter().map(|row| posted(*row)));
    let mut weights: Vec<f64> = sample.frame.rows.iter().map(|row| share / chance(*row as usize)).collect();
    let mut sorted = weights.clone();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    // The largest weight that at least the share `trim` of all reach; with few rows nothing is cut back.
    let kept = sorted.iter().enumerate().rev().find(|(place, _)| (n - 1 - place) as f64 + 1.0 > trim * n as f64);
    let most = kept.map_or(sorted[n - 1], |(_, weight)| *weight);
    let trimmed = weights.iter().filter(|w| **w > most).count();
    weights.iter_mut().for_each(|w| *w = w.min(most));
    let mean = weights.iter().sum::<f64>() / n as f64;
    weights.iter_mut().for_each(|w| *w /= mean);
    let squares: f64 = weights.iter().map(|w| w * w).sum();
    let summary = WeightSummary {
        posted_share: share,
        observables: observables.len() - 1,
        min: sorted[0].min(most) / mean,
        max: most / mean,
        trimmed,
        effective_rows: (n as f64).powi(2) / squares,
        rows: n,
        auc,
    };
    Ok((weights, summary))
}

/// What the probability of pay is told from, standardised; the first is always 1.
struct Observables<'a> {
    data: &'a PremiumData,
    /// Mean and standard deviation of each number.
    numbers: Vec<(f64, f64)>,
    /// Log odds of the levels of each effect, less those of all rows.
    effects: Vec<Vec<f64>>,
    /// The same of each certificate.
    certificates: Vec<f64>,
}

impl<'a> Observables<'a> {
    fn new(data: &'a PremiumData, rows: &[usize], share: f64) -> Self {
        let posted = |row: usize| f64::from(u8::from(!data.log_pay[row].is_nan()));
        let logit = |share: f64| (share / (1.0 - share)).ln();
        let odds = |(with, all): &(f64, f64)| logit((with + PRIOR_ROWS * share) / (all + PRIOR_ROWS)) - logit(share);
        let of_effect = |codes: &Vec<u32>| {
            let size = rows.iter().map(|row| codes[*row] as usize + 1).max().unwrap_or(0);
            let mut counts = vec![(0.0, 0.0); size];
            for &row in rows {
                let count = &mut counts[codes[row] as usize];
                count.0 += posted(row);
                count.1 += 1.0;
            }
            counts.iter().map(odds).collect()
        };
        let mut counts = vec![(0.0, 0.0); data.ids.len()];
        for &row in rows {
            for id in data.certificates.row(row) {
                let count = &mut counts[*id as usize];
                count.0 += posted(row);
                count.1 += 1.0;
            }
        }
        let moments = |values: &Vec<f64>| {
            let n = rows.len() as f64;
            let mean = rows.iter().map(|row| values[*row]).sum::<f64>() / n;
            let variance = rows.iter().map(|row| (values[*row] - mean).powi(2)).sum::<f64>() / n;
            (mean, variance.sqrt())
        };
        Self {
            data,
            numbers: data.numbers.iter().map(|number| moments(&number.values)).collect(),
            effects: data.effects.iter().map(|effect| of_effect(&effect.codes)).collect(),
            certificates: counts.iter().map(odds).collect(),
        }
    }

    fn len(&self) -> usize {
        2 + self.numbers.len() + self.effects.len()
    }

    fn fill(&self, row: usize, x: &mut [f64]) {
        x[0] = 1.0;
        let certificates = self.data.certificates.row(row);
        x[1] = certificates.iter().map(|id| self.certificates[*id as usize]).sum();
        let (numbers, effects) = x[2..].split_at_mut(self.numbers.len());
        for ((x, (mean, sd)), number) in numbers.iter_mut().zip(&self.numbers).zip(&self.data.numbers) {
            *x = if *sd > 0.0 { (number.values[row] - mean) / sd } else { 0.0 };
        }
        for ((x, odds), effect) in effects.iter_mut().zip(&self.effects).zip(&self.data.effects) {
            *x = odds[effect.codes[row] as usize];
        }
    }
}

fn probability(x: &[f64], beta: &[f64]) -> f64 {
    let eta: f64 = x.iter().zip(beta).map(|(x, b)| x * b).sum();
    1.0 / (1.0 + (-eta).exp())
}

/// Logistic regression by Newton steps, halved where they overshoot; rows are looked at one by one, so that no matrix is made.
fn logistic(
    observables: &Observables<'_>,
    rows: &[usize],
    posted: impl Fn(usize) -> bool,
) -> Result<Vec<f64>, FitError> {
    let p = observables.len();
    let mut beta = vec![0.0; p];
    let mut x = vec![0.0; p];
    let failed = |detail: &str| FitError::NoConvergence { solver: "probability of pay", detail: detail.into() };
    let cost = |beta: &[f64]| {
        let mut x = vec![0.0; p];
        let penalty: f64 = beta[1..].iter().map(|b| PENALTY_ROWS * b * b / 2.0).sum();
        let sum: f64 = rows
            .iter()
            .map(|row| {
                observables.fill(*row, &mut x);
                let eta: f64 = x.iter().zip(beta).map(|(x, b)| x * b).sum();
                let eta = if posted(*row) { eta } else { -eta };
                // ln(1 + exp(-eta)) without overflow.
                (-eta).max(0.0) + (-eta.abs()).exp().ln_1p()
            })
            .sum();
        sum + penalty
    };
    let mut current = cost(&beta);
    for _ in 0..MOST_STEPS {
        let (mut gradient, mut hessian) = (vec![0.0; p], vec![0.0; p * p]);
        for &row in rows {
            observables.fill(row, &mut x);
            let chance = probability(&x, &beta);
            let left = f64::from(u8::from(posted(row))) - chance;
            let weight = chance * (1.0 - chance);
            for a in 0..p {
                gradient[a] += left * x[a];
                for b in 0..=a {
                    hessian[a * p + b] += weight * x[a] * x[b];
                }
            }
        }
        for a in 1..p {
            gradient[a] -= PENALTY_ROWS * beta[a];
            hessian[a * p + a] += PENALTY_ROWS;
        }
        let factor = Cholesky::new(&hessian, p).ok_or_else(|| failed("the observables depend on each other"))?;
        let mut step = gradient;
        factor.solve(&mut step);
        let size = step.iter().fold(0.0, |size: f64, s| size.max(s.abs()));
        if !size.is_finite() {
            return Err(failed("a coefficient is not a finite number"));
        }
        let mut scale = 1.0;
        loop {
            let next: Vec<f64> = beta.iter().zip(&step).map(|(b, s)| b + scale * s).collect();
            let value = cost(&next);
            // The last digits of a sum over many rows are rounding.
            if value <= current + 1e-12 * current.abs() {
                (beta, current) = (next, value);
                break;
            }
            scale /= 2.0;
            if scale < 1e-6 {
                return Err(failed("no step makes the likelihood larger"));
            }
        }
        if scale * size < SMALLEST_STEP {
            return Ok(beta);
        }
    }
    Err(failed("it has not settled"))
}

/// The probability that a row with pay has a larger value than one without; ties count half (Mann & Whitney 1947).
fn auc(values: &[f64], posted: impl Iterator<Item = bool>) -> f64 {
    let mut pairs: Vec<(f64, bool)> = values.iter().copied().zip(posted).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut ranks, mut n_with, mut first) = (0.0, 0.0, 0);
    while first < pairs.len() {
        let mut last = first;
        while last < pairs.len() && pairs[last].0.total_cmp(&pairs[first].0).is_eq() {
            last += 1;
        }
        let with = pairs[first..last].iter().filter(|pair| pair.1).count() as f64;
        ranks += with * (first + last + 1) as f64 / 2.0;
        n_with += with;
        first = last;
    }
    let n_without = pairs.len() as f64 - n_with;
    (ranks - n_with * (n_with + 1.0) / 2.0) / (n_with * n_without)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_auc_counts_pairs_in_the_right_order() {
        let values = [0.1, 0.4, 0.4, 0.8];
        // Pairs with pay / without: (0.4, 0.1), (0.4, 0.4), (0.8, 0.1), (0.8, 0.4): 3.5 of 4.
        let found = auc(&values, [false, true, false, true].into_iter());
        assert!((found - 0.875).abs() < 1e-15, "{found}");
    }
}
