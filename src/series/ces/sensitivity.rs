//! The recursion of complex exponential smoothing with the effects of its weights.

use super::form::CesForm;
use super::state::{State, Weights};

/// Number of weights of the form that has most.
pub(super) const WIDEST: usize = 4;

/// How well weights fit, and what moving them does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    /// Sum of squared errors.
    pub(super) sse: f64,
    /// Half its derivatives in `a0, a1, b0, b1`; 0 for weights that the form lacks.
    pub(super) slope: [f64; WIDEST],
    /// Sums of products of the derivatives of the errors.
    pub(super) curvature: [[f64; WIDEST]; WIDEST],
}

/// A value and its derivatives in the weights.
#[derive(Clone, Copy, Debug)]
struct Dual<const D: usize> {
    value: f64,
    slopes: [f64; D],
}

impl<const D: usize> Dual<D> {
    fn constant(value: f64) -> Self {
        Self { value, slopes: [0.0; D] }
    }

    #[inline]
    fn less(self, expected: f64, slopes: impl Fn(usize) -> f64) -> Self {
        Self { value: self.value - expected, slopes: std::array::from_fn(|i| self.slopes[i] - slopes(i)) }
    }
}

/// A complex state, real part first.
type Pair<const D: usize> = [Dual<D>; 2];

/// A complex state one period, or one season, later: as [`State`] moves on, with the derivatives of the weight in the
/// columns `first` and `first + 1`.
#[inline]
fn turned<const D: usize>(state: &Pair<D>, [w0, w1]: [f64; 2], error: &Dual<D>, first: usize) -> Pair<D> {
    let [level, potential] = state;
    let (keep, gain, carry, lift) = (1.0 - w1, w0 - w1, 1.0 - w0, w0 + w1);
    let mut real = Dual {
        value: level.value - keep * potential.value + gain * error.value,
        slopes: std::array::from_fn(|i| level.slopes[i] - keep * potential.slopes[i] + gain * error.slopes[i]),
    };
    let mut imaginary = Dual {
        value: level.value + carry * potential.value + lift * error.value,
        slopes: std::array::from_fn(|i| level.slopes[i] + carry * potential.slopes[i] + lift * error.slopes[i]),
    };
    real.slopes[first] += error.value;
    real.slopes[first + 1] += potential.value - error.value;
    imaginary.slopes[first] += error.value - potential.value;
    imaginary.slopes[first + 1] += error.value;
    [real, imaginary]
}

/// Room for the states, so that nothing is allocated between evaluations.
#[derive(Debug)]
pub(super) struct Room<const D: usize> {
    level: Pair<D>,
    ring: Vec<Pair<D>>,
}

pub(super) const NONE: u8 = CesForm::None as u8;
pub(super) const SIMPLE: u8 = CesForm::Simple as u8;
pub(super) const PARTIAL: u8 = CesForm::Partial as u8;
pub(super) const FULL: u8 = CesForm::Full as u8;

impl<const D: usize> Room<D> {
    pub(super) fn new(start: &State) -> Self {
        Self { level: [Dual::constant(0.0); 2], ring: vec![[Dual::constant(0.0); 2]; start.ring.len().max(1)] }
    }

    /// The squared errors of [`State::backcast`] from `start`; `None` if they exceed `limit` or are not finite.
    pub(super) fn look<const FORM: u8>(&mut self, x: &[f64], start: &State, w: &Weights, limit: f64) -> Option<Look> {
        self.level = start.level.map(Dual::constant);
        for (slot, from) in self.ring.iter_mut().zip(&start.ring) {
            *slot = from.map(Dual::constant);
        }
        self.run::<FORM>(x.iter(), w, |_| true);
        self.turn_back::<FORM>(x.len(), w);
        self.run::<FORM>(x.iter().rev(), w, |_| true);
        self.turn_back::<FORM>(x.len(), w);
        let (mut sse, mut slope, mut curvature) = (0.0, [0.0; D], [[0.0; D]; D]);
        self.run::<FORM>(x.iter(), w, |error| {
            sse += error.value * error.value;
            for ((sum, row), first) in slope.iter_mut().zip(&mut curvature).zip(error.slopes) {
                *sum += error.value * first;
                row.iter_mut().zip(error.slopes).for_each(|(sum, second)| *sum += first * second);
            }
            sse <= limit
        });
        let is_good =
            sse <= limit && sse.is_finite() && slope.iter().chain(curvature.iter().flatten()).all(|v| v.is_finite());
        let mut look = Look { sse, slope: [0.0; WIDEST], curvature: [[0.0; WIDEST]; WIDEST] };
        look.slope[..D].copy_from_slice(&slope);
        for (row, found) in look.curvature.iter_mut().zip(&curvature) {
            row[..D].copy_from_slice(found);
        }
        is_good.then_some(look)
    }

    /// Runs over `x` for as long as `keep` wants the errors.
    #[inline]
    fn run<'a, const FORM: u8>(
        &mut self,
        mut x: impl ExactSizeIterator<Item = &'a f64>,
        w: &Weights,
        mut keep: impl FnMut(&Dual<D>) -> bool,
    ) {
        let Self { level, ring } = self;
        let mut at = *level;
        while x.len() > 0 {
            for (slot, &value) in ring.iter_mut().zip(x.by_ref()) {
                let seen = Dual::constant(value);
                let error = if value.is_nan() {
                    Dual::constant(0.0)
                } else if FORM == NONE {
                    seen.less(at[0].value, |i| at[0].slopes[i])
                } else if FORM == SIMPLE {
                    seen.less(slot[0].value, |i| slot[0].slopes[i])
                } else {
                    seen.less(at[0].value + slot[0].value, |i| at[0].slopes[i] + slot[0].slopes[i])
                };
                if FORM != SIMPLE {
                    at = turned(&at, w.alpha, &error, 0);
                }
                if FORM == SIMPLE {
                    *slot = turned(slot, w.alpha, &error, 0);
                }
                if FORM == PARTIAL {
                    slot[0].value += w.beta[0] * error.value;
                    for i in 0..D {
                        slot[0].slopes[i] += w.beta[0] * error.slopes[i];
                    }
                    slot[0].slopes[2] += error.value;
                }
                if FORM == FULL {
                    *slot = turned(slot, w.beta, &error, 2);
                }
                if !keep(&error) {
                    return;
                }
            }
        }
        *level = at;
    }

    /// Turns time about after `n` values, as [`State`] does.
    fn turn_back<const FORM: u8>(&mut self, n: usize, w: &Weights) {
        let still = Dual::constant(0.0);
        if FORM != SIMPLE {
            self.level = turned(&self.level, w.alpha, &still, 0);
        }
        if FORM == NONE {
            return;
        }
        for slot in &mut self.ring {
            if FORM == SIMPLE {
                *slot = turned(slot, w.alpha, &still, 0);
            }
            if FORM == FULL {
                *slot = turned(slot, w.beta, &still, 2);
            }
        }
        let seasons = self.ring.len();
        self.ring.rotate_left(n % seasons);
        self.ring.reverse();
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    fn look(form: CesForm, x: &[f64], start: &State, at: [f64; WIDEST]) -> Look {
        let w = Weights { form, alpha: [at[0], at[1]], beta: [at[2], at[3]] };
        let found = match form {
            CesForm::None => Room::<2>::new(start).look::<NONE>(x, start, &w, f64::INFINITY),
            CesForm::Simple => Room::<2>::new(start).look::<SIMPLE>(x, start, &w, f64::INFINITY),
            CesForm::Partial => Room::<4>::new(start).look::<PARTIAL>(x, start, &w, f64::INFINITY),
            CesForm::Full => Room::<4>::new(start).look::<FULL>(x, start, &w, f64::INFINITY),
        };
        found.unwrap()
    }

    #[test]
    fn errors_are_those_of_the_recursion_and_slopes_those_of_differences() {
        let mut x: Vec<f64> = (0..34).map(|t| 5.0 + f64::from(t * t % 7) + [2.0, -1.0, 0.5][t as usize % 3]).collect();
        x[7] = f64::NAN;
        let at = [1.3, 0.95, 1.1, 0.98];
        for form in CesForm::ALL {
            let ring = if form.is_seasonal() { vec![[2.0, 1.5], [-1.0, 0.2], [0.4, 1.0]] } else { Vec::new() };
            let start = State { level: [6.0, 5.0], ring, at: 0 };
            let w = Weights { form, alpha: [at[0], at[1]], beta: [at[2], at[3]] };
            let found = look(form, &x, &start, at);
            assert_relative_eq!(found.sse, start.clone().backcast(&x, w), max_relative = 1e-12);
            for i in 0..WIDEST {
                let at_distance = |d: f64| {
                    let mut moved = at;
                    moved[i] += d;
                    look(form, &x, &start, moved).sse
                };
                let slope = (at_distance(1e-5) - at_distance(-1e-5)) / 4e-5;
                assert_relative_eq!(found.slope[i], slope, max_relative = 1e-5, epsilon = 1e-5 * found.sse);
            }
        }
    }

    #[test]
    fn a_look_stops_where_errors_exceed_the_limit() {
        let x: Vec<f64> = (0..30).map(|t| f64::from(t * t % 7)).collect();
        let start = State { level: [1.0, 1.0], ring: Vec::new(), at: 0 };
        let w = Weights { form: CesForm::None, alpha: [1.3, 1.0], beta: [0.0; 2] };
        let mut room = Room::<2>::new(&start);
        let sse = room.look::<NONE>(&x, &start, &w, f64::INFINITY).unwrap().sse;
        assert!(room.look::<NONE>(&x, &start, &w, sse).is_some());
        assert!(room.look::<NONE>(&x, &start, &w, 0.99 * sse).is_none());
    }
}
