//! Minimising a sum of squares of a few variables in a cube.

/// When the search stops.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LevenbergMarquardt {
    /// Variables stay within this distance of 0.
    pub(crate) bound: f64,
    /// The quadratic model promises no larger relative decrease.
    pub(crate) precision: f64,
    pub(crate) max_iterations: usize,
}

/// Steps of the forward differences that stand for derivatives; the root of the precision of `f64` times 64.
const STEP: f64 = 1e-6;
/// Damping of the first iteration, and the range that it stays in.
const DAMPING: [f64; 3] = [1e-3, 1e-9, 1e9];

impl LevenbergMarquardt {
    /// Moves `x` to a local minimum of the sum of squares of `f`, and returns that sum.
    ///
    /// `f` writes `n` residuals and returns the sum of their squares, or infinity where it is not defined; it has to be
    /// defined at the start. Deterministic; allocates `n` cells for each variable, and nothing between evaluations.
    /// O((k + 1) evaluations + k^2 n) time for each iteration on k variables.
    /// Sources: Marquardt (1963), "An algorithm for least-squares estimation of nonlinear parameters", SIAM Journal 11,
    /// 431-441; Moré (1978), "The Levenberg-Marquardt algorithm", LNM 630, for the scaling and the test of the gain.
    pub(crate) fn minimise(self, x: &mut [f64], n: usize, mut f: impl FnMut(&[f64], &mut [f64]) -> f64) -> f64 {
        let k = x.len();
        let mut residuals = vec![0.0; n];
        let mut value = f(x, &mut residuals);
        if k == 0 || !value.is_finite() {
            return value;
        }
        let mut trial_residuals = vec![0.0; n];
        let mut columns = vec![0.0; k * n];
        let (mut normal, mut factor) = (vec![0.0; k * k], vec![0.0; k * k]);
        let (mut gradient, mut step, mut trial) = (vec![0.0; k], vec![0.0; k], vec![0.0; k]);
        let mut damping = DAMPING[0];
        for _ in 0..self.max_iterations {
            for (i, column) in columns.chunks_exact_mut(n.max(1)).enumerate() {
                trial.copy_from_slice(x);
                let towards = if x[i] > 0.0 { -STEP } else { STEP };
                trial[i] += towards;
                let change = trial[i] - x[i];
                if f(&trial, column).is_finite() {
                    column.iter_mut().zip(&residuals).for_each(|(moved, at)| *moved = (*moved - at) / change);
                } else {
                    column.fill(0.0);
                }
            }
            for i in 0..k {
                let of_i = &columns[i * n..(i + 1) * n];
                gradient[i] = dot(of_i, &residuals);
                for j in 0..=i {
                    normal[i * k + j] = dot(of_i, &columns[j * n..(j + 1) * n]);
                }
            }
            for i in 0..k {
                // A variable at the edge that would leave is left out.
                if x[i].abs() >= self.bound && x[i] * gradient[i] < 0.0 {
                    gradient[i] = 0.0;
                    normal[i * k..i * k + i].fill(0.0);
                    (i + 1..k).for_each(|row| normal[row * k + i] = 0.0);
                }
            }
            let mut moved = false;
            loop {
                if !damped_step(&normal, &gradient, damping, &mut factor, &mut step) {
                    damping *= 10.0;
                    if damping > DAMPING[2] {
                        return value;
                    }
                    continue;
                }
                let mut is_cut = false;
                for i in 0..k {
                    let whole = x[i] + step[i];
                    trial[i] = whole.clamp(-self.bound, self.bound);
                    is_cut |= whole.abs() > self.bound;
                    step[i] = trial[i] - x[i];
                }
                let promised = promised_decrease(&normal, &gradient, &step);
                if promised.is_nan() || promised <= self.precision * value {
                    // A step that was cut may lead nowhere where a shorter one does not.
                    damping *= 8.0;
                    if is_cut && damping <= DAMPING[2] {
                        continue;
                    }
                    return value;
                }
                let trial_value = f(&trial, &mut trial_residuals);
                if trial_value < value {
                    let kept = (value - trial_value) / promised;
                    if kept > 0.75 {
                        damping = (damping * 0.1).max(DAMPING[1]);
                    } else if kept < 0.25 {
                        damping *= 4.0;
                    }
                    x.copy_from_slice(&trial);
                    std::mem::swap(&mut residuals, &mut trial_residuals);
                    value = trial_value;
                    moved = true;
                    break;
                }
                damping *= 8.0;
                if damping > DAMPING[2] {
                    break;
                }
            }
            if !moved {
                break;
            }
        }
        value
    }
}

/// Solves `(a + damping diag(a)) step = -gradient`; false if that matrix is not positive definite.
fn damped_step(a: &[f64], gradient: &[f64], damping: f64, factor: &mut [f64], step: &mut [f64]) -> bool {
    let k = gradient.len();
    let largest = (0..k).fold(0.0, |largest: f64, i| largest.max(a[i * k + i]));
    for i in 0..k {
        for j in 0..=i {
            let mut sum = a[i * k + j];
            if i == j {
                // Variables without any effect stay where they are.
                sum += damping * sum + 1e-12 * largest;
            }
            for l in 0..j {
                sum -= factor[i * k + l] * factor[j * k + l];
            }
            if i == j {
                if !(sum > 0.0 && sum.is_finite()) {
                    return false;
                }
                factor[i * k + i] = sum.sqrt();
            } else {
                factor[i * k + j] = sum / factor[j * k + j];
            }
        }
    }
    for i in 0..k {
        let known: f64 = (0..i).map(|l| factor[i * k + l] * step[l]).sum();
        step[i] = (-gradient[i] - known) / factor[i * k + i];
    }
    for i in (0..k).rev() {
        let known: f64 = (i + 1..k).map(|l| factor[l * k + i] * step[l]).sum();
        step[i] = (step[i] - known) / factor[i * k + i];
    }
    true
}

/// What the sum of squares loses by `step` if the residuals are linear.
fn promised_decrease(a: &[f64], gradient: &[f64], step: &[f64]) -> f64 {
    let k = step.len();
    let mut decrease = 0.0;
    for i in 0..k {
        decrease -= step[i] * (2.0 * gradient[i] + a[i * k + i] * step[i]);
        for j in 0..i {
            decrease -= 2.0 * step[i] * step[j] * a[i * k + j];
        }
    }
    decrease
}

/// The inner product, in four sums that do not wait for each other.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (a_parts, b_parts) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = a_parts.remainder().iter().zip(b_parts.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a_parts.zip(b_parts) {
        for lane in 0..4 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEARCH: LevenbergMarquardt = LevenbergMarquardt { bound: 10.0, precision: 1e-14, max_iterations: 200 };

    fn rosenbrock(x: &[f64], out: &mut [f64]) -> f64 {
        out[0] = 10.0 * (x[1] - x[0] * x[0]);
        out[1] = 1.0 - x[0];
        out[0] * out[0] + out[1] * out[1]
    }

    #[test]
    fn the_curved_valley_is_followed_to_its_end() {
        let mut x = [-1.2, 1.0];
        let value = SEARCH.minimise(&mut x, 2, rosenbrock);
        assert!(value < 1e-12 && (x[0] - 1.0).abs() < 1e-6 && (x[1] - 1.0).abs() < 1e-6, "{x:?}");
    }

    #[test]
    fn the_search_stays_in_the_cube() {
        let mut x = [-0.4, 0.2];
        let search = LevenbergMarquardt { bound: 0.5, ..SEARCH };
        let value = search.minimise(&mut x, 2, rosenbrock);
        assert!((x[0] - 0.5).abs() < 1e-6 && (x[1] - 0.25).abs() < 1e-3, "{x:?}");
        assert!((value - 0.25).abs() < 1e-4);
    }

    #[test]
    fn residuals_that_do_not_vanish_and_idle_variables_are_no_trouble() {
        // The mean of 1, 2 and 6; the second variable does nothing.
        let mut x = [-7.0, 3.0];
        let value = SEARCH.minimise(&mut x, 3, |x, out| {
            for (cell, y) in out.iter_mut().zip([1.0, 2.0, 6.0]) {
                *cell = y - x[0];
            }
            out.iter().map(|r| r * r).sum()
        });
        assert!((x[0] - 3.0).abs() < 1e-6 && (value - 14.0).abs() < 1e-9, "{x:?} {value}");
        assert!((x[1] - 3.0).abs() < 1e-12);
    }

    #[test]
    fn undefined_starts_and_no_variables_are_returned_as_they_are() {
        let mut x = [1.0];
        assert!(SEARCH.minimise(&mut x, 1, |_, _| f64::INFINITY).is_infinite());
        let none: &mut [f64] = &mut [];
        let value = SEARCH.minimise(none, 1, |_, out| {
            out[0] = 2.0;
            4.0
        });
        assert!((value - 4.0).abs() < 1e-15);
    }
}
