//! How wide forecasts are: their errors from origins inside the history, pooled over series in units of each series.

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::origins::{common_share, effective_size};
use super::points::Points;
use super::widths::{COVERAGES, FEWEST_ERRORS, Widths, spread};
use crate::distribution::Predictive;
use crate::error::ParamError;

/// Periods after which a change counts half in the scale of a series, unless its season is longer.
const HALF_LIFE: f64 = 12.0;
/// The least that a recent scale can be of the scale over the whole history.
const CALMEST: f64 = 0.25;
/// Errors of the pool that the errors of one series are weighed against, in back-tested paths.
const PRIOR_PATHS: f64 = 3.0;
/// How far the factor of a series may lie from the pool's, either way.
const LARGEST_FACTOR: f64 = 4.0;

/// Split-conformal widths at each step, and how wide each series is.
///
/// ```text
/// v[i](t) = weighted mean |y[t] - y[t-1]|, weights halving every 12 periods (or every season, if longer)
/// r = |y - forecast| / (v[i](origin) g[i])       g[i]: errors of series i against those of the pool, shrunk towards 1
/// width[h, coverage] = quantile of r at step h over all series and origins
/// ```
/// Errors that all series of an origin share are worth less than their number: with `nu` the effective number of errors, each half-width
/// is multiplied by the ratio of the quantiles of Student's t with `nu` degrees of freedom and of the normal distribution, as for a
/// spread that was estimated from `nu` observations.
///
/// A rate of change that is weighed towards the present makes widths follow calm and stormy years. While errors are
/// pooled, `g` comes from the other origins of the series alone.
///
/// Sources: Lei, G'Sell, Rinaldo, Tibshirani & Wasserman (2018), "Distribution-free predictive inference for
/// regression", JASA 113 (normalised errors); Barber, Candes, Ramdas & Tibshirani (2023), "Conformal prediction beyond
/// exchangeability", Annals of Statistics 51 (why recent data should weigh more).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Conformal {
    widths: Widths,
    /// `v[i] g[i]` at the end of each series.
    scales: Vec<f64>,
}

impl Conformal {
    /// From the values of each series and the forecasts `rolled` made as if the last `drops` were still to come.
    pub(super) fn measure(
        series: &[&[f64]],
        season: usize,
        drops: &[usize],
        rolled: &[Points],
        horizon: NonZeroUsize,
    ) -> Self {
        let half_life = HALF_LIFE.max(season as f64);
        let steps = horizon.get();
        // Scaled errors of each series and origin, NaN where there is none.
        let errors = |y: &[f64], index: usize| -> Vec<Vec<f64>> {
            drops
                .iter()
                .zip(rolled)
                .map(|(&drop, points)| {
                    let Some(end) = y.len().checked_sub(drop).filter(|end| *end > 0) else { return Vec::new() };
                    let scale = volatility(&y[..end], half_life);
                    let path = points.path(index).iter();
                    y[end..].iter().zip(path).map(|(actual, point)| (actual - point) / scale).collect()
                })
                .collect()
        };
        let mut all: Vec<Vec<Vec<f64>>> = series.iter().enumerate().map(|(index, y)| errors(y, index)).collect();
        let size = worth(&all, drops, horizon);
        all.iter_mut().flatten().flatten().for_each(|error| *error = error.abs());
        // The usual error of each step, so that paths of different lengths can be compared.
        let mut usual = vec![(0.0, 0.0); steps];
        for (step, error) in all.iter().flatten().flat_map(|path| path.iter().enumerate()) {
            if error.is_finite() {
                usual[step] = (usual[step].0 + error.min(50.0), usual[step].1 + 1.0);
            }
        }
        // The mean size of an error on a path, 1 being that of the pool.
        let hardness = |path: &[f64]| {
            let relative =
                path.iter().zip(&usual).filter(|(e, u)| e.is_finite() && u.0 > 0.0).map(|(e, u)| e / (u.0 / u.1));
            let (sum, n) = relative.fold((0.0, 0.0), |(sum, n), e: f64| (sum + e.min(10.0), n + 1.0));
            (n > 0.0).then(|| sum / n)
        };
        let mut pool = vec![Vec::new(); steps];
        let mut scales = Vec::with_capacity(series.len());
        for (y, paths) in series.iter().zip(&all) {
            let sizes: Vec<Option<f64>> = paths.iter().map(|path| hardness(path)).collect();
            for (place, path) in paths.iter().enumerate() {
                let others =
                    sizes.iter().enumerate().filter(|(other, _)| *other != place).filter_map(|(_, size)| *size);
                let factor = factor(others);
                for (pool, error) in pool.iter_mut().zip(path) {
                    if error.is_finite() {
                        pool.push(error / factor);
                    }
                }
            }
            scales.push(volatility(y, half_life) * factor(sizes.iter().filter_map(|size| *size)));
        }
        let mut widths = Widths::new(pool, true);
        for step in &mut widths.steps {
            for (width, coverage) in step.iter_mut().zip(COVERAGES) {
                *width *= student_ratio(coverage, size);
            }
        }
        Self { widths, scales }
    }

    /// Whether any step was measured.
    pub(super) fn is_measured(&self) -> bool {
        !self.widths.steps.is_empty()
    }

    /// Takes the place of what could not be measured: the errors of a random walk, in units of its own changes, whose
    /// absolute value has this median and these tails under normality.
    pub(super) fn or_random_walk(self) -> Self {
        if self.is_measured() {
            return self;
        }
        let errors: Vec<f64> = (1..=FEWEST_ERRORS * 10)
            .map(|i| {
                let p = (i as f64 - 0.5) / (FEWEST_ERRORS * 10) as f64;
                // The mean absolute value of a standard normal is sqrt(2 / pi).
                crate::numeric::normal::quantile(f64::midpoint(1.0, p)) / (2.0 / std::f64::consts::PI).sqrt()
            })
            .collect();
        Self { widths: Widths::new(vec![errors], false), scales: self.scales }
    }

    /// Steps that were measured.
    pub(super) fn n_steps(&self) -> usize {
        if self.widths.out_of_time { self.widths.steps.len() } else { 0 }
    }

    /// The distribution of series `index` around `centre`, `step` periods ahead, from 1.
    pub(super) fn around(&self, index: usize, step: usize, centre: f64) -> Result<Predictive, ParamError> {
        let scale = self.scales.get(index).copied().unwrap_or(0.0);
        if scale > 0.0 { spread(centre, scale, &self.widths.at(step)) } else { Ok(Predictive::Point(centre)) }
    }

    /// Checks what was read from outside.
    pub(super) fn legal(&self, n_series: usize) -> bool {
        let ascending = |widths: &Vec<f64>| {
            widths.len() == COVERAGES.len()
                && widths.iter().all(|w| *w >= 0.0 && w.is_finite())
                && widths.windows(2).all(|w| w[0] <= w[1])
        };
        self.scales.len() == n_series
            && self.scales.iter().all(|s| *s >= 0.0 && s.is_finite())
            && self.widths.steps.iter().all(ascending)
    }
}

/// The effective number of errors, from the signed errors of each series and origin.
fn worth(all: &[Vec<Vec<f64>>], drops: &[usize], horizon: NonZeroUsize) -> f64 {
    let mut errors = Vec::new();
    for (origin, path) in all.iter().flat_map(|paths| paths.iter().enumerate()) {
        let known: Vec<f64> = path.iter().copied().filter(|e| e.is_finite()).map(|e| e.clamp(-20.0, 20.0)).collect();
        if !known.is_empty() {
            errors.push((origin, known.iter().sum::<f64>() / known.len() as f64));
        }
    }
    effective_size(common_share(&errors, drops.len()), errors.len() as f64, drops, horizon)
}

/// By how much a central interval of `coverage` is wider when the spread is known from `size` observations only.
fn student_ratio(coverage: f64, size: f64) -> f64 {
    let p = f64::midpoint(1.0, coverage);
    let normal = crate::numeric::normal::quantile(p);
    StudentsT::new(0.0, 1.0, size.max(1.0)).map_or(1.0, |t| t.inverse_cdf(p) / normal)
}

/// The size of a series' errors, shrunk towards that of the pool, which is 1.
fn factor(sizes: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = sizes.fold((0.0, 0.0), |(sum, n), size| (sum + size, n + 1.0));
    ((sum + PRIOR_PATHS) / (n + PRIOR_PATHS)).clamp(1.0 / LARGEST_FACTOR, LARGEST_FACTOR)
}

/// Mean absolute change from one present value to the next, recent changes weighing more; 0 for a constant series.
pub(super) fn volatility(y: &[f64], half_life: f64) -> f64 {
    let decay = 0.5_f64.powf(1.0 / half_life);
    let (mut recent, mut weight, mut total, mut n) = (0.0, 0.0, 0.0, 0.0);
    let mut last: Option<f64> = None;
    let mut largest = 0.0_f64;
    for &value in y.iter().filter(|v| !v.is_nan()) {
        largest = largest.max(value.abs());
        if let Some(last) = last {
            let change = (value - last).abs();
            recent = recent * decay + change;
            weight = weight * decay + 1.0;
            total += change;
            n += 1.0;
        }
        last = Some(value);
    }
    if n == 0.0 || total / n <= 1e-12 * largest {
        return 0.0;
    }
    (recent / weight).max(CALMEST * total / n)
}
