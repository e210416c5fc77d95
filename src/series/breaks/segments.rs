//! Segments of least penalised cost, of a series whose errors may be an AR(1): Killick, Fearnhead & Eckley (2012) on
//! the series that Chakar, Lebarbier, Levy-Leduc & Robin (2017) whiten.

use super::found::{Break, BreakKind};
use super::prepared::{Prepared, differences, spread};
use super::whitening::Whitening;
use crate::numeric::pelt::{Cost, segment};
use crate::numeric::quantile::median;

/// Least variance of a segment, as a share of that of the noise.
const LEAST_VARIANCE: f64 = 0.01;

/// What changes from segment to segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Changes {
    Level,
    LevelAndVariance,
    Slope,
}

/// The autocorrelation of an AR(1) around levels that change now and then, in [-0.95, 1]: from the median sizes of
/// changes over two periods and over one.
pub(super) fn autocorrelation(x: &[f64]) -> f64 {
    let size = |lag: usize| {
        let mut sizes: Vec<f64> = (lag..x.len()).map(|t| (x[t] - x[t - lag]).abs()).collect();
        median(&mut sizes)
    };
    let ratio = size(2) / size(1);
    if ratio.is_finite() { (ratio * ratio - 1.0).clamp(-0.95, 1.0) } else { 0.0 }
}

/// Twice the negative log likelihood of `n` errors with these `squares`, but for a constant.
fn logarithmic(squares: f64, n: usize) -> f64 {
    n as f64 * ((squares / n as f64).max(LEAST_VARIANCE).ln() + 1.0)
}

/// That of the series in one piece, as a line with ARIMA(1,1,1) errors around it, which has one estimate more than
/// levels with AR(1) errors: a random walk, a trend or a slowly moving level is no sequence of segments.
fn whole(prepared: &Prepared, x: &[f64], sigma: f64) -> f64 {
    let d = differences(x);
    let fitted = [Whitening::estimate(&d), Whitening::estimate(&prepared.tame_differences(x))];
    let squares = fitted.map(|whitening| whitening.squares(&d));
    logarithmic(squares[0].min(squares[1]) / (sigma * sigma), d.len() - 1)
}

/// The breaks and the standard deviation of the noise, both in units of the series; `x` is prepared without season.
pub(super) fn segments(
    prepared: &Prepared,
    x: &[f64],
    changes: Changes,
    shortest: usize,
    penalty: f64,
) -> (Vec<Break>, f64) {
    // Values that count, and the place of the first of them in `x`.
    let (values, first) = match changes {
        Changes::Slope => (differences(x).split_off(1), 1),
        Changes::Level | Changes::LevelAndVariance => (x.to_vec(), 0),
    };
    if values.len() < 4 {
        return (Vec::new(), 0.0);
    }
    let rho = autocorrelation(&values);
    let white: Vec<f64> = values.windows(2).map(|pair| pair[1] - rho * pair[0]).collect();
    let first = first + 1;
    // A change of level spoils one difference, so their spread is that of the noise times the root of 2.
    let mut sizes: Vec<f64> = white.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    let sigma = spread(&mut sizes, 0.0) / std::f64::consts::SQRT_2;
    let scaled: Vec<f64> = white.iter().map(|value| value / sigma).collect();
    let cost = match changes {
        Changes::LevelAndVariance => Cost::MeanVariance { floor: LEAST_VARIANCE },
        Changes::Level | Changes::Slope => Cost::Mean { variance: 1.0 },
    };
    let limit = penalty * (scaled.len() as f64).ln();
    let (starts, _) = segment(&scaled, cost, shortest, limit);
    if !starts.is_empty() {
        let ends = starts.iter().copied().chain([scaled.len()]);
        let parts = std::iter::once(0).chain(starts.iter().copied()).zip(ends);
        let likelihood: f64 = match changes {
            Changes::LevelAndVariance => parts.map(|(from, to)| cost.of(&scaled[from..to])).sum(),
            Changes::Level | Changes::Slope => {
                logarithmic(parts.map(|(from, to)| cost.of(&scaled[from..to])).sum(), scaled.len())
            }
        };
        let cut = likelihood + limit * starts.len() as f64;
        if cut >= whole(prepared, x, sigma) + (scaled.len() as f64).ln() {
            return (Vec::new(), sigma * prepared.unit);
        }
    }
    let edges: Vec<usize> = [0].into_iter().chain(starts.iter().copied()).chain([scaled.len()]).collect();
    let gain = |from: usize, at: usize, to: usize| {
        cost.of(&scaled[from..to]) - cost.of(&scaled[from..at]) - cost.of(&scaled[at..to])
    };
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    let deviation = |part: &[f64]| {
        let centre = mean(part);
        (part.iter().map(|v| (v - centre) * (v - centre)).sum::<f64>() / part.len() as f64).max(LEAST_VARIANCE).sqrt()
    };
    let named = |edge: &[usize]| {
        let [from, at, to] = [edge[0], edge[1], edge[2]];
        let jump = (mean(&values[at + 1..=to]) - mean(&values[from + 1..=at])) * prepared.unit;
        let (kind, size) = match changes {
            Changes::Level => (BreakKind::LevelShift, jump),
            Changes::Slope => (BreakKind::SlopeChange, jump),
            Changes::LevelAndVariance => {
                (BreakKind::VarianceChange, (deviation(&scaled[at..to]) / deviation(&scaled[from..at])).ln())
            }
        };
        Break { position: prepared.start + first + at, kind, size, statistic: gain(from, at, to) }
    };
    (edges.windows(3).map(named).collect(), sigma * prepared.unit)
}
