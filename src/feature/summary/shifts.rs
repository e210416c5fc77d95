//! The largest changes between a window and the one that follows it.

use super::prepared::Prepared;
use super::tiles::{mean_and_variance, width};
use crate::numeric::quantile::of_sorted;

pub(super) const NAMES: [&str; 6] =
    ["max_level_shift", "time_level_shift", "max_var_shift", "time_var_shift", "max_kl_shift", "time_kl_shift"];

/// Points at which the densities are compared.
const GRID: usize = 100;
/// The least density that counts: that of the standard normal at 38, near the smallest number.
const FLOOR: f64 = 1.097_221_052e-314;
/// Shifts that agree to this share are the same but for rounding; the first of them is reported.
const TIE: f64 = 1e-10;
const INV_SQRT_TAU: f64 = 0.398_942_280_401_432_7;

pub(super) fn of(prepared: &Prepared, season: usize) -> [f64; NAMES.len()] {
    let (x, width) = (&prepared.x, width(season));
    if x.len() < 2 * width {
        return [f64::NAN; NAMES.len()];
    }
    let (means, variances): (Vec<_>, Vec<_>) = x.windows(width).map(mean_and_variance).unzip();
    let apart = |v: &[f64]| v.iter().zip(&v[width..]).map(|(a, b)| (b - a).abs()).collect::<Vec<f64>>();
    let [level, var] = [means, variances].map(|v| largest(&apart(&v)));
    let kl = if prepared.is_flat_or_shorter_than(2 * width + 1) {
        None
    } else {
        largest(&divergences(prepared, width).windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<f64>>())
    };
    let [level, var, kl] = [level, var, kl]
        .map(|found| found.map_or((f64::NAN, f64::NAN), |(size, place)| (size, (prepared.offset + place + 2) as f64)));
    [level.0, level.1, var.0, var.1, kl.0, kl.1]
}

/// The largest entry and the place of the first that equals it.
fn largest(sizes: &[f64]) -> Option<(f64, usize)> {
    let largest = sizes.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let place = sizes.iter().position(|size| *size >= largest - TIE * largest.abs())?;
    Some((largest, place))
}

/// The Kullback-Leibler divergence of each window from the one behind it, densities by normal kernels.
fn divergences(prepared: &Prepared, width: usize) -> Vec<f64> {
    let x = &prepared.x;
    let low = x.iter().copied().fold(f64::INFINITY, f64::min);
    let high = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let step = (high - low) / (GRID - 1) as f64;
    let bandwidth = bandwidth(x);
    // Row after row: the densities of one value at all points of the grid.
    let mut densities = vec![0.0; x.len() * GRID];
    for (value, row) in x.iter().zip(densities.chunks_exact_mut(GRID)) {
        for (point, density) in row.iter_mut().enumerate() {
            let z = (low + point as f64 * step - value) / bandwidth;
            *density = (INV_SQRT_TAU * (-0.5 * z * z).exp() / bandwidth).max(FLOOR);
        }
    }
    let n_windows = x.len() - width + 1;
    let mut means = vec![0.0; n_windows * GRID];
    for (start, mean) in means.chunks_exact_mut(GRID).enumerate() {
        for row in densities[start * GRID..(start + width) * GRID].chunks_exact(GRID) {
            mean.iter_mut().zip(row).for_each(|(mean, density)| *mean += density);
        }
        mean.iter_mut().for_each(|mean| *mean /= width as f64);
    }
    let logs: Vec<f64> = means.iter().map(|mean| mean.ln()).collect();
    let row = |of: &[f64], start: usize| of[start * GRID..(start + 1) * GRID].to_vec();
    (0..n_windows - width)
        .map(|start| {
            let (here, behind) = (row(&logs, start), row(&logs, start + width));
            let mean = row(&means, start);
            mean.iter().zip(here.iter().zip(&behind)).map(|(p, (here, behind))| p * (here - behind)).sum::<f64>() * step
        })
        .collect()
}

/// Silverman's rule of thumb (1986, *Density Estimation*, eq. 3.31), R `bw.nrd0()`.
fn bandwidth(x: &[f64]) -> f64 {
    const IQR_TO_SD: f64 = 1.34;
    let mut sorted = x.to_vec();
    sorted.sort_by(f64::total_cmp);
    let sd = mean_and_variance(x).1.sqrt();
    let by_quartiles = (of_sorted(&sorted, 0.75) - of_sorted(&sorted, 0.25)) / IQR_TO_SD;
    let spread = if by_quartiles > 0.0 { sd.min(by_quartiles) } else { sd };
    0.9 * spread * (x.len() as f64).powf(-0.2)
}
