//! Strength and shape of trend and season, and what they leave.

use std::num::NonZeroUsize;

use super::acf::{autocorrelations, first, sum_of_squares};
use super::prepared::Prepared;
use super::tiles::mean_and_variance;
use crate::numeric::projection::dot;
use crate::numeric::stl::{Parts, decompose};
use crate::numeric::super_smoother::super_smooth;

pub(super) const NAMES: [&str; 11] = [
    "nperiods",
    "seasonal_period",
    "trend",
    "spike",
    "linearity",
    "curvature",
    "e_acf1",
    "e_acf10",
    "seasonal_strength",
    "peak",
    "trough",
];

/// Span of the seasonal smooth, that of Python tsfeatures.
const SEASONAL_SPAN: usize = 13;
/// Values that a trend without season needs.
const NEEDED: usize = 4;
/// A series without trend, as a share of the variance (R and Python tsfeatures).
const NOTHING: f64 = 1e-10;

pub(super) fn of(prepared: &Prepared, season: NonZeroUsize) -> [f64; NAMES.len()] {
    let x = &prepared.x;
    let n = x.len();
    let seasonal = season.get() > 1;
    let mut cells = [f64::NAN; NAMES.len()];
    cells[0] = f64::from(u8::from(seasonal));
    cells[1] = season.get() as f64;
    let parts = if seasonal {
        decompose(x, season, SEASONAL_SPAN)
    } else if n >= NEEDED {
        Some(Parts { trend: super_smooth(x), seasonal: vec![0.0; n] })
    } else {
        None
    };
    let Some(Parts { trend, seasonal: season_part }) = parts else { return cells };
    let rest: Vec<f64> = (0..n).map(|t| x[t] - season_part[t] - trend[t]).collect();
    let without_season: Vec<f64> = x.iter().zip(&season_part).map(|(x, s)| x - s).collect();
    let without_trend: Vec<f64> = rest.iter().zip(&season_part).map(|(r, s)| r + s).collect();
    let variance = |of: &[f64]| mean_and_variance(of).1;
    let (of_x, of_rest) = (variance(x), variance(&rest));
    let strength = |with: f64, least: f64| if with <= least { 0.0 } else { (1.0 - of_rest / with).clamp(0.0, 1.0) };
    let noise = prepared.noise * prepared.noise;

    cells[2] = strength(variance(&without_season), noise.max(NOTHING * of_x));
    cells[3] = spike(&rest, of_rest);
    (cells[4], cells[5]) = quadratic(&trend);
    let r = autocorrelations(&rest, 10, prepared);
    cells[6] = first(&r);
    cells[7] = sum_of_squares(&r, 10);
    if seasonal {
        cells[8] = strength(variance(&without_trend), noise);
        if variance(&season_part) > noise {
            let place = |of: &dyn Fn(f64, f64) -> bool| {
                let better = |best: usize, t: usize| if of(season_part[t], season_part[best]) { t } else { best };
                ((0..n).fold(0, better) + prepared.offset) % season.get() + 1
            };
            cells[9] = place(&|a, b| a > b) as f64;
            cells[10] = place(&|a, b| a < b) as f64;
        }
    }
    cells
}

/// The variance of the variances that are left when one value is left out.
fn spike(rest: &[f64], variance: f64) -> f64 {
    let n = rest.len() as f64;
    let mean = rest.iter().sum::<f64>() / n;
    let left: Vec<f64> = rest.iter().map(|e| (variance * (n - 1.0) - (e - mean).powi(2)) / (n - 2.0)).collect();
    mean_and_variance(&left).1
}

/// The coefficients of the trend on the orthonormal polynomials of degree 1 and 2, both of positive leading term.
fn quadratic(trend: &[f64]) -> (f64, f64) {
    let n = trend.len() as f64;
    let centre = (n - 1.0) / 2.0;
    // On 0, 1, ..., n - 1 the second is the square of the distance from the centre less its mean.
    let mean_square = (n * n - 1.0) / 12.0;
    let line: Vec<f64> = (0..trend.len()).map(|t| t as f64 - centre).collect();
    let bow: Vec<f64> = line.iter().map(|t| t * t - mean_square).collect();
    let coefficient = |of: &[f64]| dot(of, trend) / dot(of, of).sqrt();
    (coefficient(&line), coefficient(&bow))
}
