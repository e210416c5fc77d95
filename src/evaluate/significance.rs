//! Whether one model is better than another, or was lucky.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::scores::{Measure, Scores};
use crate::key::SeriesKey;
use crate::numeric::quantile;
use crate::numeric::random::SplitMix64;
use crate::time::Period;

/// Number of bootstrap samples: enough for two stable digits of a p-value of 0.05 (its standard error is 0.005).
const N_RESAMPLES: u32 = 2000;

/// How much better or worse a model is than a reference, with its uncertainty over series.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// What was compared.
    pub measure: Measure,
    /// Mean score of the model less that of the reference; negative if the model is better.
    pub difference: f64,
    /// Lower end of the 95 % percentile interval of the difference.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// Two-sided p-value of no difference, at least 2 / 2001.
    pub p_value: f64,
    /// Number of series with a score from both.
    pub series: usize,
    /// Number of windows with a score from both.
    pub windows: usize,
}

/// Compares `model` with `reference` by a paired bootstrap over series, 2000 samples.
///
/// Only windows that both have a score for count. Whole series are drawn, with all their windows, because the windows
/// of a series overlap and are not independent; series are taken as independent of each other, which a shock common to
/// all of them breaks ([`DieboldMariano`] looks at the differences in time instead). The same `seed` gives the same
/// answer. `None` with fewer than two common series.
///
/// The p-value is twice the smaller share of samples on either side of 0, counted as `(b + 1) / (B + 1)`.
/// O(samples * series) time. Source: Davison & Hinkley (1997), *Bootstrap Methods and their Application*, ch. 2.4, 4.2.
#[must_use]
pub fn paired_bootstrap(model: &Scores, reference: &Scores, measure: Measure, seed: u64) -> Option<Comparison> {
    // For each series the sum of its differences and their number.
    let mut by_series: BTreeMap<&SeriesKey, (f64, f64)> = BTreeMap::new();
    let mut windows = 0;
    for (ours, theirs) in model.paired_with(reference) {
        let difference = ours.get(measure) - theirs.get(measure);
        if !difference.is_nan() {
            let entry = by_series.entry(&ours.key).or_default();
            *entry = (entry.0 + difference, entry.1 + 1.0);
            windows += 1;
        }
    }
    let clusters: Vec<(f64, f64)> = by_series.into_values().collect();
    if clusters.len() < 2 {
        return None;
    }
    let mean = |drawn: &mut dyn Iterator<Item = (f64, f64)>| {
        let (total, n) = drawn.fold((0.0, 0.0), |(total, n), (sum, count)| (total + sum, n + count));
        total / n
    };
    let mut random = SplitMix64::new(seed);
    let mut sample: Vec<f64> = (0..N_RESAMPLES)
        .map(|_| mean(&mut (0..clusters.len()).map(|_| clusters[random.below(clusters.len())])))
        .collect();
    sample.sort_by(f64::total_cmp);
    let share = |n: usize| (n as f64 + 1.0) / f64::from(N_RESAMPLES + 1);
    let at_most_0 = sample.partition_point(|d| *d <= 0.0);
    let at_least_0 = sample.len() - sample.partition_point(|d| *d < 0.0);
    Some(Comparison {
        measure,
        difference: mean(&mut clusters.iter().copied()),
        low: quantile::of_sorted(&sample, 0.025),
        high: quantile::of_sorted(&sample, 0.975),
        p_value: (2.0 * share(at_most_0.min(at_least_0))).min(1.0),
        series: clusters.len(),
        windows,
    })
}

/// Result of the Diebold-Mariano test.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct DieboldMariano {
    /// The corrected statistic; negative if the first model's losses are smaller.
    pub statistic: f64,
    /// Two-sided p-value from Student's t with n - 1 degrees of freedom.
    pub p_value: f64,
    /// Number of losses.
    pub n: usize,
    /// The horizon whose autocovariances were used: 1 if those of the one asked for gave no positive variance.
    pub horizon: usize,
}

/// Tests whether two series of losses, in time order, have the same mean.
///
/// ```text
/// d = losses - reference        V = (g[0] + 2 (g[1] + ... + g[h-1])) / n        g: autocovariances of d, divisor n
/// statistic = mean(d) / sqrt(V) * sqrt( (n + 1 - 2h + h(h-1)/n) / n )
/// ```
/// `horizon` is the number of consecutive losses whose target periods overlap: the forecast horizon when each loss is
/// one period apart, the horizon over the step between origins, rounded up, for losses by origin. As in R
/// `forecast::dm.test` (`varestimator = "acf"`), a variance that is not positive falls back to `horizon` 1.
///
/// `None` if a loss is missing or infinite, there are too few of them for the horizon, or their differences do not vary.
/// Source: Diebold & Mariano (1995), JBES 13; Harvey, Leybourne & Newbold (1997), IJF 13, eq. 8 and 9.
///
/// # Panics
/// If the slices differ in length.
#[must_use]
pub fn diebold_mariano(losses: &[f64], reference: &[f64], horizon: NonZeroUsize) -> Option<DieboldMariano> {
    assert_eq!(losses.len(), reference.len(), "losses of the two models");
    let mut d: Vec<f64> = losses.iter().zip(reference).map(|(a, b)| a - b).collect();
    let (n, h) = (d.len() as f64, horizon.get() as f64);
    let correction = (n + 1.0 - 2.0 * h + h * (h - 1.0) / n) / n;
    if d.len() < 2 || horizon.get() >= d.len() || correction <= 0.0 {
        return None;
    }
    let mean = d.iter().sum::<f64>() / n;
    d.iter_mut().for_each(|x| *x -= mean);
    let covariance = |lag: usize| d.iter().skip(lag).zip(&d).map(|(a, b)| a * b).sum::<f64>() / n;
    // Equal differences leave a variance of rounding errors, not of 0.
    let size = losses.iter().chain(reference).fold(0.0, |size: f64, x| size.max(x.abs()));
    let smallest = (size * f64::EPSILON).powi(2) * n;
    if !mean.is_finite() || covariance(0) <= smallest {
        return None;
    }
    let variance = (covariance(0) + 2.0 * (1..horizon.get()).map(covariance).sum::<f64>()) / n;
    if variance <= 0.0 {
        // Horizon 1 sums no autocovariance, so this ends at the check above.
        return diebold_mariano(losses, reference, NonZeroUsize::MIN);
    }
    let statistic = mean / variance.sqrt() * correction.sqrt();
    let t = StudentsT::new(0.0, 1.0, n - 1.0).ok()?;
    Some(DieboldMariano { statistic, p_value: 2.0 * t.cdf(-statistic.abs()), n: d.len(), horizon: horizon.get() })
}

impl DieboldMariano {
    /// Tests the mean loss by origin, over the windows that both have a score for; `overlap` is the `horizon` of
    /// [`diebold_mariano`]. `None` as there.
    #[must_use]
    pub fn by_origin(
        model: &Scores,
        reference: &Scores,
        measure: Measure,
        overlap: NonZeroUsize,
    ) -> Option<DieboldMariano> {
        let mut by_origin: BTreeMap<Period, (f64, f64, f64)> = BTreeMap::new();
        for (ours, theirs) in model.paired_with(reference) {
            let (a, b) = (ours.get(measure), theirs.get(measure));
            if !a.is_nan() && !b.is_nan() {
                let entry = by_origin.entry(ours.origin).or_default();
                *entry = (entry.0 + a, entry.1 + b, entry.2 + 1.0);
            }
        }
        let (losses, others): (Vec<f64>, Vec<f64>) = by_origin.values().map(|(a, b, n)| (a / n, b / n)).unzip();
        diebold_mariano(&losses, &others, overlap)
    }
}

#[cfg(test)]
mod tests {
    use super::super::scores::{LeftOut, WindowScores};
    use super::*;
    use approx::assert_relative_eq;

    /// Written by tests/reference/metrics.py.
    fn reference(field: &str) -> Vec<f64> {
        let file = include_str!("../../tests/reference/metrics.csv");
        let line = file.lines().find_map(|line| line.strip_prefix(&format!("bootstrap,{field},"))).unwrap();
        line.split(' ').map(|x| x.parse().unwrap()).collect()
    }

    /// Series `i` has `counts[i]` windows.
    fn scores(counts: &[f64], mase: &[f64]) -> Scores {
        let nan = f64::NAN;
        let places = counts.iter().enumerate().flat_map(|(i, &count)| {
            (0..100).take_while(move |&w| f64::from(w) < count).map(move |w| (format!("series {i}"), w))
        });
        let windows = places.zip(mase).map(|((item, origin), &mase)| WindowScores {
            key: SeriesKey::national(item),
            origin: Period::step(origin),
            points: 1,
            mase,
            smape: nan,
            rmsse: nan,
            mae: nan,
            rmse: nan,
            crps: nan,
            msis95: nan,
            coverage80: nan,
            coverage95: nan,
        });
        Scores::new("m".into(), windows.collect(), LeftOut::default(), 0, 0.0)
    }

    #[test]
    fn the_bootstrap_agrees_with_numpy_on_the_same_random_numbers() {
        let counts = reference("counts");
        let (model, other) = (scores(&counts, &reference("model")), scores(&counts, &reference("reference")));
        let found = paired_bootstrap(&model, &other, Measure::Mase, 42).unwrap();
        let expected = reference("expected");
        assert_relative_eq!(found.difference, expected[0], max_relative = 1e-10);
        assert_relative_eq!(found.low, expected[1], max_relative = 1e-10);
        assert_relative_eq!(found.high, expected[2], max_relative = 1e-10);
        assert_relative_eq!(found.p_value, expected[3], max_relative = 1e-10);
        assert_eq!((found.series, found.windows), (8, 21));
    }

    #[test]
    fn a_model_against_itself_shows_no_difference() {
        let one = scores(&[1.0, 2.0], &[0.5, 0.7, 0.9]);
        let found = paired_bootstrap(&one, &one, Measure::Mase, 1).unwrap();
        assert_eq!((found.difference, found.low, found.high, found.p_value), (0.0, 0.0, 0.0, 1.0));
        assert!(DieboldMariano::by_origin(&one, &one, Measure::Mase, NonZeroUsize::MIN).is_none());
    }

    #[test]
    fn too_little_in_common_gives_no_answer() {
        let (one, other) = (scores(&[1.0, 2.0], &[0.5, 0.7, 0.9]), scores(&[1.0], &[0.5]));
        assert!(paired_bootstrap(&one, &other, Measure::Mase, 1).is_none());
        assert!(paired_bootstrap(&one, &one, Measure::Crps, 1).is_none());
    }

    #[test]
    fn losses_by_origin_average_over_series() {
        // Origins 0 and 1 have three and two windows: means 2 and 3.5 against 0 give differences 2 and 3.5.
        let one = scores(&[2.0, 2.0, 1.0], &[1.0, 3.0, 2.0, 4.0, 3.0]);
        let none = scores(&[2.0, 2.0, 1.0], &[0.0; 5]);
        let found = DieboldMariano::by_origin(&one, &none, Measure::Mase, NonZeroUsize::MIN).unwrap();
        let expected = diebold_mariano(&[2.0, 3.5], &[0.0; 2], NonZeroUsize::MIN).unwrap();
        assert_eq!(found, expected);
    }
}
