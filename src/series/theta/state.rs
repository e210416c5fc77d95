//! The recursion of the theta models.

use serde::{Deserialize, Serialize};

use super::line::Line;

/// Powers below this are 0: they no longer show in any value, and slow numbers are kept out of the loops.
const NOTHING: f64 = 1e-100;

/// The next power of `q`, 0 once it has become too small to show.
#[inline]
pub(super) fn next_power(power: f64, q: f64) -> f64 {
    let next = power * q;
    if next < NOTHING { 0.0 } else { next }
}

/// The level weight, the share of the line `omega = 1 - 1 / theta`, and whether values move the line on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Weights {
    pub(super) alpha: f64,
    pub(super) omega: f64,
    pub(super) dynamic: bool,
}

/// Where the recursion stands after `n` values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) level: f64,
    pub(super) line: Line,
    /// `(1 - alpha)^n`.
    pub(super) power: f64,
    pub(super) n: usize,
}

impl State {
    /// The state after the first value, for a level of 0 before it.
    pub(super) fn first(value: f64, line: Line, w: Weights) -> Self {
        Self { level: w.alpha * value, line, power: 1.0 - w.alpha, n: 1 }
    }

    /// The one-step forecast.
    pub(super) fn expected(&self, w: Weights) -> f64 {
        let q = 1.0 - w.alpha;
        let Line { intercept, slope, .. } = self.line;
        self.level + w.omega * (intercept * self.power + slope * (1.0 - q * self.power) / w.alpha)
    }

    /// Moves on by one period with `value`, an observation or the forecast itself.
    pub(super) fn step(&mut self, value: f64, w: Weights) {
        if w.dynamic {
            self.line = self.line.with(value, self.n as f64);
        }
        self.level += w.alpha * (value - self.level);
        self.power = next_power(self.power, 1.0 - w.alpha);
        self.n += 1;
    }
}

/// How an error spreads in the dynamic model: level, mean and slope after the next value are linear in those before
/// it and in its error.
#[derive(Clone, Copy, Debug)]
struct Spread {
    /// What each of level, mean and slope adds to the next forecast.
    seen: [f64; 3],
    /// What the next value adds to each.
    gain: [f64; 3],
    /// What is left of each, and of the mean in the slope.
    kept: [f64; 3],
    mean_in_slope: f64,
}

impl Spread {
    fn of(state: &State, w: Weights) -> Self {
        let (q, n) = (1.0 - w.alpha, state.n as f64);
        let by_slope = (1.0 - q * state.power) / w.alpha - state.power * f64::midpoint(n, 1.0);
        let surprise = 6.0 / ((n + 1.0) * (n + 2.0));
        Self {
            seen: [1.0, w.omega * state.power, w.omega * by_slope],
            gain: [w.alpha, 1.0 / (n + 1.0), surprise],
            kept: [q, n / (n + 1.0), (n - 1.0) / (n + 2.0)],
            mean_in_slope: -surprise,
        }
    }

    fn forecast(&self, x: [f64; 3]) -> f64 {
        self.seen[0] * x[0] + self.seen[1] * x[1] + self.seen[2] * x[2]
    }

    /// Level, mean and slope one period on, without a new error.
    fn moved(&self, x: [f64; 3]) -> [f64; 3] {
        let expected = self.forecast(x);
        let mut to: [f64; 3] = std::array::from_fn(|i| self.kept[i] * x[i] + self.gain[i] * expected);
        to[2] += self.mean_in_slope * x[1];
        to
    }
}

/// What an error of 1 in the first of `steps` periods adds to each of them.
pub(super) fn weights(mut state: State, w: Weights, steps: usize) -> Vec<f64> {
    if !w.dynamic {
        return (0..steps).map(|step| if step == 0 { 1.0 } else { w.alpha }).collect();
    }
    let mut x = [0.0; 3];
    let weight = |step| {
        let spread = Spread::of(&state, w);
        let seen = if step == 0 { 1.0 } else { spread.forecast(x) };
        x = if step == 0 { spread.gain } else { spread.moved(x) };
        state.power = next_power(state.power, 1.0 - w.alpha);
        state.n += 1;
        seen
    };
    (0..steps).map(weight).collect()
}

/// The variance of each of the next `steps` values in units of that of one error.
pub(super) fn variances(mut state: State, w: Weights, steps: usize) -> Vec<f64> {
    if !w.dynamic {
        return (0..steps).map(|before| 1.0 + before as f64 * w.alpha * w.alpha).collect();
    }
    // Columns of the covariance of level, mean and slope.
    let mut covariance = [[0.0; 3]; 3];
    let variance = |_| {
        let spread = Spread::of(&state, w);
        let total = 1.0 + spread.forecast(covariance.map(|column| spread.forecast(column)));
        let half = covariance.map(|column| spread.moved(column));
        let rows: [[f64; 3]; 3] = std::array::from_fn(|i| spread.moved([half[0][i], half[1][i], half[2][i]]));
        covariance = std::array::from_fn(|i| std::array::from_fn(|j| rows[i][j] + spread.gain[i] * spread.gain[j]));
        state.power = next_power(state.power, 1.0 - w.alpha);
        state.n += 1;
        total
    };
    (0..steps).map(variance).collect()
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    const X: [f64; 9] = [3.0, 1.0, 4.0, 1.5, 5.0, 9.0, 2.0, 6.0, 5.0];

    fn after(x: &[f64], w: Weights) -> State {
        let line = if w.dynamic { Line::at(x[0]) } else { Line::through(x) };
        let mut state = State::first(x[0], line, w);
        x[1..].iter().for_each(|&value| state.step(value, w));
        state
    }

    /// The forecast path with an error of `size` at step `at`.
    fn path(mut state: State, w: Weights, at: usize, size: f64) -> Vec<f64> {
        let step = |h| {
            let value = state.expected(w) + if h == at { size } else { 0.0 };
            state.step(value, w);
            value
        };
        (0..12).map(step).collect()
    }

    #[test]
    fn errors_and_forecasts_at_given_weights_are_those_of_statsforecast() {
        // statsforecast 2.1.1, `_lib.theta.pegels_resid` and `forecast` for X, a level of 2.5 before it, alpha 0.3.
        let cases = [
            (0.5, false, 48.347_202_281_398_154, [5.487_122_650_469_443, 6.591_289_317_136_108]),
            (0.75, false, 47.816_499_021_919_34, [5.863_417_067_454_165, 7.519_667_067_454_161_5]),
            (0.5, true, 59.488_902_793_622_714, [5.487_122_650_469_443, 6.175_636_546_754_182]),
            (0.75, true, 66.094_437_374_174_4, [5.863_417_067_454_166, 7.183_792_104_567_843]),
        ];
        for (omega, dynamic, expected, ends) in cases {
            let w = Weights { alpha: 0.3, omega, dynamic };
            let mut state = State::first(X[0], if dynamic { Line::at(X[0]) } else { Line::through(&X) }, w);
            state.level += 0.7 * 2.5;
            let mut sse = 0.0;
            for (i, &value) in X.iter().enumerate().skip(1) {
                if i >= 3 {
                    sse += (value - state.expected(w)).powi(2);
                }
                state.step(value, w);
            }
            assert_relative_eq!(sse, expected, max_relative = 1e-12);
            let path = path(state, w, 99, 0.0);
            assert_relative_eq!(path[0], ends[0], max_relative = 1e-12);
            assert_relative_eq!(path[5], ends[1], max_relative = 1e-12);
        }
    }

    #[test]
    fn weights_and_variances_are_those_of_shocks_to_the_path() {
        for dynamic in [false, true] {
            let w = Weights { alpha: 0.3, omega: 0.7, dynamic };
            let state = after(&X, w);
            let plain = path(state, w, 99, 0.0);
            let shocks: Vec<Vec<f64>> =
                (0..12).map(|at| path(state, w, at, 1.0).iter().zip(&plain).map(|(a, b)| a - b).collect()).collect();
            for (h, weight) in weights(state, w, 12).iter().enumerate() {
                assert_relative_eq!(*weight, shocks[0][h], max_relative = 1e-10);
            }
            for (h, variance) in variances(state, w, 12).iter().enumerate() {
                let expected: f64 = shocks.iter().map(|shock| shock[h] * shock[h]).sum();
                assert_relative_eq!(*variance, expected, max_relative = 1e-10);
            }
        }
    }
}
