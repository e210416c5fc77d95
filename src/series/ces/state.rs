//! The recursion of complex exponential smoothing.

use serde::{Deserialize, Serialize};

use super::form::CesForm;

/// A complex number, real part first.
pub(super) type Complex = [f64; 2];

/// The form with the complex weights of level and season; `beta[0]` alone is used in the partial form.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Weights {
    pub(super) form: CesForm,
    pub(super) alpha: Complex,
    pub(super) beta: Complex,
}

/// A complex state one period, or one season, later.
#[inline]
fn turned([level, potential]: Complex, [w0, w1]: Complex, error: f64) -> Complex {
    [level - (1.0 - w1) * potential + (w0 - w1) * error, level + (1.0 - w0) * potential + (w0 + w1) * error]
}

/// Whether errors die out in a complex state with this weight: both eigenvalues of its discount matrix lie within the
/// unit circle (Jury's conditions; the region of Svetunkov, Kourentzes & Ord 2022, section 3).
pub(super) fn is_stable([w0, w1]: Complex) -> bool {
    let trace = 2.0 - 2.0 * w0 + w1;
    let determinant = (1.0 - w0 + w1) * (1.0 - w0) + (1.0 - w1) * (1.0 - w0 - w1);
    determinant.abs() < 1.0 && trace.abs() < 1.0 + determinant
}

/// The circles that bound the stability region (Svetunkov, Kourentzes & Ord 2022, section 3): centre, radius, and 1 where
/// the region lies inside, -1 where it lies outside.
const CIRCLES: [([f64; 2], f64, f64); 3] =
    [([2.5, 0.0], 1.118_033_988_749_895, -1.0), ([0.5, 1.0], 0.5, -1.0), ([1.5, 0.5], 1.224_744_871_391_589, 1.0)];
/// Projected weights lie this far within the region.
const MARGIN: f64 = 1e-9;

/// The nearest weight of the stability region, but for its corners.
pub(super) fn to_stable(mut w: Complex) -> Complex {
    for _ in 0..4 {
        for (centre, radius, side) in CIRCLES {
            let (x, y) = (w[0] - centre[0], w[1] - centre[1]);
            let distance = x.hypot(y);
            let wanted = radius - side * MARGIN;
            if side * (distance - wanted) > 0.0 {
                let stretch = wanted / distance.max(MARGIN);
                w = [centre[0] + stretch * x, centre[1] + stretch * y];
            }
        }
    }
    w
}

/// The directions that lead out of the stability region from a weight at its edge.
pub(super) fn ways_out(w: Complex) -> impl Iterator<Item = Complex> {
    CIRCLES.into_iter().filter_map(move |(centre, radius, side)| {
        let (x, y) = (w[0] - centre[0], w[1] - centre[1]);
        let distance = x.hypot(y);
        (side * (distance - radius) > -8.0 * MARGIN).then(|| [side * x / distance, side * y / distance])
    })
}

/// The level and the ring of seasons; `at` is the season that comes next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) level: Complex,
    pub(super) ring: Vec<Complex>,
    pub(super) at: usize,
}

impl State {
    #[inline]
    fn expected(&self, form: CesForm) -> f64 {
        match form {
            CesForm::None => self.level[0],
            CesForm::Simple => self.ring[self.at][0],
            CesForm::Partial | CesForm::Full => self.level[0] + self.ring[self.at][0],
        }
    }

    #[inline]
    fn learn(&mut self, w: Weights, error: f64) {
        if w.form != CesForm::Simple {
            self.level = turned(self.level, w.alpha, error);
        }
        if w.form == CesForm::None {
            return;
        }
        let slot = &mut self.ring[self.at];
        match w.form {
            CesForm::Simple => *slot = turned(*slot, w.alpha, error),
            CesForm::Partial => slot[0] += w.beta[0] * error,
            CesForm::Full => *slot = turned(*slot, w.beta, error),
            CesForm::None => {}
        }
        self.at += 1;
        if self.at == self.ring.len() {
            self.at = 0;
        }
    }

    /// Moves on by one period and returns the error; a missing value has none.
    #[inline]
    pub(super) fn step(&mut self, value: f64, w: Weights) -> f64 {
        let error = if value.is_nan() { 0.0 } else { value - self.expected(w.form) };
        self.learn(w, error);
        error
    }

    /// The forecast of the next period; moves on to it.
    pub(super) fn forecast(&mut self, w: Weights) -> f64 {
        let expected = self.expected(w.form);
        self.learn(w, 0.0);
        expected
    }

    /// Turns time about: the states ahead become those before the reversed series.
    fn turn_back(&mut self, w: Weights) {
        if w.form != CesForm::Simple {
            self.level = turned(self.level, w.alpha, 0.0);
        }
        for slot in &mut self.ring {
            match w.form {
                CesForm::Simple => *slot = turned(*slot, w.alpha, 0.0),
                CesForm::Full => *slot = turned(*slot, w.beta, 0.0),
                CesForm::None | CesForm::Partial => {}
            }
        }
        self.ring.rotate_left(self.at);
        self.ring.reverse();
        self.at = 0;
    }

    /// Runs forth, back and forth again, so that the states before the series fit it; the sum of squared errors of the
    /// last run.
    pub(super) fn backcast(&mut self, x: &[f64], w: Weights) -> f64 {
        for &value in x {
            self.step(value, w);
        }
        self.turn_back(w);
        for &value in x.iter().rev() {
            self.step(value, w);
        }
        self.turn_back(w);
        let mut sse = 0.0;
        for &value in x {
            let error = self.step(value, w);
            sse += error * error;
        }
        sse
    }
}

/// What an error of 1 in the first of `steps` periods adds to each of them.
pub(super) fn weights(w: Weights, m: usize, steps: usize) -> Vec<f64> {
    let mut state = State { level: [0.0; 2], ring: vec![[0.0; 2]; if w.form.is_seasonal() { m } else { 0 }], at: 0 };
    let weight = |step| {
        if step == 0 {
            return state.step(1.0, w);
        }
        state.forecast(w)
    };
    (0..steps).map(weight).collect()
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn the_region_is_that_of_the_paper() {
        for i in 0..100 {
            for j in 0..100 {
                let (a, b) = (f64::from(i) * 0.03 - 0.2, f64::from(j) * 0.03 - 0.2);
                let inside = (a - 2.5).powi(2) + b * b > 1.25
                    && (a - 0.5).powi(2) + (b - 1.0).powi(2) > 0.25
                    && (a - 1.5).powi(2) + (b - 0.5).powi(2) < 1.5;
                assert_eq!(is_stable([a, b]), inside, "{a} {b}");
            }
        }
    }

    #[test]
    fn weights_are_those_of_a_shock() {
        for form in CesForm::ALL {
            let w = Weights { form, alpha: [1.3, 0.9], beta: [0.4, 0.95] };
            let start = State { level: [5.0, 4.0], ring: vec![[1.0, 0.5], [-1.0, 0.2], [2.0, 1.0]], at: 1 };
            let (mut plain, mut moved) = (start.clone(), start);
            let first = plain.forecast(w);
            moved.step(first + 2.0, w);
            for weight in &weights(w, 3, 9)[1..] {
                assert_relative_eq!(
                    moved.forecast(w) - plain.forecast(w),
                    2.0 * weight,
                    max_relative = 1e-9,
                    epsilon = 1e-12
                );
            }
        }
    }
}
