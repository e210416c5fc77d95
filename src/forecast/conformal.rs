//! How wide forecasts are: their errors from origins inside the history, pooled over series in units of each series.

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::origins::{usual_errors, worth};
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
/// Errors beyond this many usual changes count as that many where it is asked what all series have in common.
const LARGEST_ERROR: f64 = 20.0;
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
    /// From the values of each series and the forecasts `rolled` made as if the last `drops` were still to come; the widths of a random walk where
    /// these are too few.
    pub(super) fn measure(
        series: &[&[f64]],
        season: usize,
        drops: &[usize],
        rolled: &[Points],
        horizon: NonZeroUsize,
    ) -> Self {
        let steps = horizon.get();
        // Scaled errors of each series and origin, NaN where there is none.
        let errors = |y: &[f64], index: usize| -> Vec<Vec<f64>> {
            drops
                .iter()
                .zip(rolled)
                .map(|(&drop, points)| {
                    let Some(end) = y.len().checked_sub(drop).filter(|end| *end > 0) else { return Vec::new() };
                    let scale = volatility(&y[..end], season);
                    let path = points.path(index).iter();
                    y[end..].iter().zip(path).map(|(actual, point)| (actual - point) / scale).collect()
                })
                .collect()
        };
        let mut all: Vec<Vec<Vec<f64>>> = series.iter().enumerate().map(|(index, y)| errors(y, index)).collect();
        let paths = all.iter().flat_map(|paths| paths.iter().map(|path| path.iter().copied()).enumerate());
        let size = worth(paths, LARGEST_ERROR, drops, horizon);
        all.iter_mut().flatten().flatten().for_each(|error| *error = error.abs());
        // So that paths of different lengths can be compared.
        let each = all.iter().flatten().flat_map(|path| path.iter().copied().enumerate());
        let usual = usual_errors(each, steps);
        // The mean size of an error on a path, 1 being that of the pool.
        let hardness = |path: &[f64]| {
            let relative = path.iter().zip(&usual).map(|(error, usual)| error / usual).filter(|e| e.is_finite());
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
            scales.push(volatility(y, season) * factor(sizes.iter().filter_map(|size| *size)));
        }
        let mut widths = Widths::new(pool, true);
        let ratios = COVERAGES.map(|coverage| student_ratio(coverage, size));
        for step in &mut widths.steps {
            step.iter_mut().zip(ratios).for_each(|(width, ratio)| *width *= ratio);
        }
        Self { widths, scales }.or_random_walk()
    }

    /// Widths that nothing was measured for: those of a random walk.
    pub(super) fn unmeasured(series: &[&[f64]], season: usize) -> Self {
        Self::measure(series, season, &[], &[], NonZeroUsize::MIN)
    }

    /// Takes the place of what could not be measured: errors of a random walk with normal steps, in units of their mean size.
    fn or_random_walk(self) -> Self {
        if !self.widths.steps.is_empty() {
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

    /// The distributions around `points`, series by series; those of the series in `non_negative` have no part below 0.
    pub(super) fn distributions(&self, points: &Points, non_negative: &[bool]) -> Result<Vec<Predictive>, ParamError> {
        let steps = points.horizon().get();
        let widths: Vec<Vec<f64>> = (1..=steps).map(|step| self.widths.at(step)).collect();
        let mut dists = Vec::with_capacity(points.n_series() * steps);
        for (index, (&scale, &bounded)) in self.scales.iter().zip(non_negative).enumerate() {
            for (&centre, widths) in points.path(index).iter().zip(&widths) {
                let dist = if scale > 0.0 { spread(centre, scale, widths)? } else { Predictive::Point(centre) };
                dists.push(if bounded { dist.non_negative() } else { dist });
            }
        }
        Ok(dists)
    }

    /// Checks what was read from outside.
    pub(super) fn legal(&self, n_series: usize) -> bool {
        self.scales.len() == n_series && self.scales.iter().all(|s| *s >= 0.0 && s.is_finite()) && self.widths.legal()
    }
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

/// Mean absolute change from one present value to the next, recent changes weighing more: half after 12 periods or a season, if longer. 0
/// for a constant series.
pub(super) fn volatility(y: &[f64], season: usize) -> f64 {
    let half_life = HALF_LIFE.max(season as f64);
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
