//! Weights of additive exponential smoothing, with and without season.
//!
//! ```text
//! y[t] = l[t-1] + b[t-1] + s[t-m] + e[t]
//! l[t] = l[t-1] + b[t-1] + alpha e[t]    b[t] = b[t-1] + beta e[t]    s[t] = s[t-m] + gamma e[t]
//! ```
//! Source: Hyndman, Koehler, Ord & Snyder (2008), *Forecasting with Exponential Smoothing*, ETS(A,A,N) and ETS(A,A,A).

use super::nelder_mead::{Minimum, Search};
use super::scale::power_of_two_below;

/// Ranges of R `ets()`: alpha, beta as a share of alpha, gamma as a share of 1 - alpha.
const LOW: f64 = 1e-4;
const HIGH: f64 = 0.9999;
const ALPHAS: [f64; 4] = [0.03, 0.15, 0.45, 0.95];
/// The squared error has several valleys: these shares, of beta without a season and of gamma with one, lead into them.
const VALLEYS: [f64; 3] = [LOW, 0.1, 0.5];
/// Shares of beta tried in each valley of gamma.
const BETA_SHARES: [f64; 2] = [LOW, 0.1];
/// Added to the diagonal, as a share of it, where initial states cannot be told apart.
const RIDGE: f64 = 1e-12;

/// Weights of level, trend and season.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weights {
    pub(crate) alpha: f64,
    pub(crate) beta: f64,
    pub(crate) gamma: f64,
}

/// The weights of least squared one-step errors, initial states solved for; `period` 1 is no season. `None` if the
/// series does not vary or has fewer values than initial states. O(iterations * n * period).
pub(crate) fn fit(y: &[f64], period: usize) -> Option<Weights> {
    let n_states = 1 + period;
    if y.len() <= n_states {
        return None;
    }
    // Distances from the first value in units of the largest: tiny and huge series fit alike.
    let largest = y.iter().fold(0.0, |largest: f64, v| largest.max((v - y[0]).abs()));
    if !(largest > 0.0 && largest.is_finite()) {
        return None;
    }
    let unit = power_of_two_below(largest);
    let mut problem = Problem::new(y.iter().map(|v| (v - y[0]) / unit).collect(), period);
    let best = if period > 1 {
        let starts = |valley| ALPHAS.iter().flat_map(move |&a| BETA_SHARES.map(|b| [a, b, valley]));
        search(starts, |at| problem.squared_error(weights_at(at)))
    } else {
        let starts = |valley| ALPHAS.iter().map(move |&a| [a, valley]);
        let [alpha, share] = search(starts, |&[a, b]| problem.squared_error(weights_at(&[a, b, 0.0])));
        [alpha, share, 0.0]
    };
    Some(weights_at(&best))
}

/// The least of `f` from the best start of each valley.
fn search<const N: usize, S: Iterator<Item = [f64; N]>>(
    starts: impl Fn(f64) -> S,
    mut f: impl FnMut(&[f64; N]) -> f64,
) -> [f64; N] {
    let rough =
        Search { low: [LOW; N], high: [HIGH; N], edge: 0.1, precision: 1e-4, max_evaluations: 50, max_restarts: 1 };
    let fine = Search { edge: 0.03, precision: 1e-12, max_evaluations: 200, max_restarts: 3, ..rough };
    let mut best = Minimum { at: [LOW; N], value: f64::INFINITY };
    for valley in VALLEYS {
        let mut start = Minimum { at: [LOW; N], value: f64::INFINITY };
        for at in starts(valley) {
            let value = f(&at);
            if value < start.value {
                start = Minimum { at, value };
            }
        }
        let found = rough.minimise(&mut f, start.at);
        if found.value < best.value {
            best = found;
        }
    }
    fine.minimise(&mut f, best.at).at
}

fn weights_at(&[alpha, beta, gamma]: &[f64; 3]) -> Weights {
    Weights { alpha, beta: alpha * beta, gamma: (1.0 - alpha) * gamma }
}

/// A series with the room that one evaluation needs.
#[derive(Debug)]
struct Problem {
    y: Vec<f64>,
    period: usize,
    season: Vec<f64>,
    rest: Vec<f64>,
    /// What a unit of each initial state adds to the errors: level, trend, and the season of the first value; that of
    /// a later season is the same, as much later. The last season is left to the level.
    effects: [Vec<f64>; 3],
    normal: Vec<f64>,
    right: Vec<f64>,
}

impl Problem {
    fn new(y: Vec<f64>, period: usize) -> Self {
        let (n, k) = (y.len(), period + 1);
        let effects = [vec![0.0; n], vec![0.0; n], vec![0.0; n]];
        let season = vec![0.0; period];
        Self { y, period, season, rest: vec![0.0; n], effects, normal: vec![0.0; k * k], right: vec![0.0; k] }
    }

    /// The sum of squared errors from the best initial states; infinite if there are none.
    fn squared_error(&mut self, w: Weights) -> f64 {
        let Self { y, period, season, rest, effects, normal, right } = self;
        let (n, k) = (y.len(), *period + 1);
        let nothing = std::iter::repeat_n(0.0, n);
        run(y.iter().copied(), w, [0.0, 0.0, 0.0], season, rest);
        run(nothing.clone(), w, [1.0, 0.0, 0.0], season, &mut effects[0]);
        run(nothing.clone(), w, [0.0, 1.0, 0.0], season, &mut effects[1]);
        if *period > 1 {
            run(nothing, w, [0.0, 0.0, 1.0], season, &mut effects[2]);
        }
        let [level, trend, first] = &*effects;
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        for (i, effect) in [level, trend].into_iter().enumerate() {
            normal[i * k] = dot(effect, level);
            normal[i * k + 1] = dot(effect, trend);
            right[i] = dot(effect, rest);
        }
        for i in 0..k - 2 {
            let row = (i + 2) * k;
            normal[row] = dot(first, &level[i..]);
            normal[row + 1] = dot(first, &trend[i..]);
            right[i + 2] = dot(first, &rest[i..]);
            // Shifted by one more, both lose their last term.
            for j in 0..=i {
                normal[row + j + 2] = if j == 0 {
                    dot(first, &first[i..])
                } else {
                    normal[row - k + j + 1] - first[n - i] * first[n - j]
                };
            }
        }
        for i in 0..k {
            normal[i * k + i] *= 1.0 + RIDGE;
        }
        let total = dot(rest, rest);
        let Some(explained) = explained(normal, right, k) else { return f64::INFINITY };
        (total - explained).max(0.0)
    }
}

/// Writes the one-step errors of `y` from the initial level, trend and first season.
fn run(y: impl Iterator<Item = f64>, w: Weights, [level, trend, first]: [f64; 3], season: &mut [f64], out: &mut [f64]) {
    let (mut level, mut trend) = (level, trend);
    season.fill(0.0);
    season[0] = first;
    let gamma = if season.len() > 1 { w.gamma } else { 0.0 };
    let mut place = 0;
    for (value, out) in y.zip(out) {
        let error = value - level - trend - season[place];
        level += trend + w.alpha * error;
        trend += w.beta * error;
        season[place] += gamma * error;
        place = if place + 1 == season.len() { 0 } else { place + 1 };
        *out = error;
    }
}

/// `right' normal^-1 right`, by the Cholesky factor of the lower triangle, which it overwrites.
fn explained(normal: &mut [f64], right: &mut [f64], k: usize) -> Option<f64> {
    let mut sum = 0.0;
    for i in 0..k {
        for j in 0..=i {
            let (row, column) = (&normal[i * k..i * k + j], &normal[j * k..j * k + j]);
            let left = normal[i * k + j] - row.iter().zip(column).map(|(a, b)| a * b).sum::<f64>();
            normal[i * k + j] = if i == j {
                if left.is_nan() || left <= 0.0 {
                    return None;
                }
                left.sqrt()
            } else {
                left / normal[j * k + j]
            };
        }
        let known: f64 = normal[i * k..i * k + i].iter().zip(&*right).map(|(a, b)| a * b).sum();
        right[i] = (right[i] - known) / normal[i * k + i];
        sum += right[i] * right[i];
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_weights_on_a_grid_do_better_than_the_estimate() {
        let season = [4.0, -3.0, 1.0, -2.0];
        let y: Vec<f64> = (0..32)
            .map(|t| 0.3 * f64::from(t) + season[t as usize % 4] + f64::from((t * t * 7 + t * 3) % 11) / 4.0)
            .collect();
        for period in [1, 4] {
            let mut problem = Problem::new(y.iter().map(|v| v - y[0]).collect(), period);
            let least = problem.squared_error(fit(&y, period).unwrap());
            for i in 1..20 {
                for j in 0..20 {
                    for k in 0..if period > 1 { 20 } else { 1 } {
                        let at = [i, j, k].map(|step| (f64::from(step) / 20.0).clamp(LOW, HIGH));
                        assert!(least <= problem.squared_error(weights_at(&at)) * (1.0 + 1e-6), "{period} {at:?}");
                    }
                }
            }
        }
    }
}
