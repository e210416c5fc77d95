//! Minimising a function of one variable on an interval.

/// Golden section step, (3 - sqrt 5) / 2.
const GOLDEN: f64 = 0.381_966_011_250_105_1;
/// Relative precision of the argument: about the square root of the machine epsilon, below which the function's own
/// rounding hides its shape (Brent 1973, ch. 5.5).
const PRECISION: f64 = 1.5e-8;
/// Absolute precision of the argument, for minima near 0.
const PRECISION_AT_ZERO: f64 = 1e-10;
/// Golden section alone narrows any interval to `PRECISION` in 38 steps.
const MAX_STEPS: usize = 100;

/// A local minimum of `f` within [`low`, `high`] and its value. Deterministic; no allocation.
///
/// Parabolic steps, golden section where they fail. Source: Brent (1973), *Algorithms for Minimization Without
/// Derivatives*, ch. 5.8, procedure localmin.
pub(crate) fn minimise(mut f: impl FnMut(f64) -> f64, low: f64, high: f64) -> (f64, f64) {
    let (mut a, mut b) = (low, high);
    // x is the best point so far, w the second best, v the previous w.
    let mut x = a + GOLDEN * (b - a);
    let mut fx = f(x);
    let (mut w, mut fw, mut v, mut fv) = (x, fx, x, fx);
    let (mut step, mut step_before_last) = (0.0_f64, 0.0_f64);
    for _ in 0..MAX_STEPS {
        let middle = f64::midpoint(a, b);
        let tolerance = PRECISION * x.abs() + PRECISION_AT_ZERO;
        if (x - middle).abs() <= 2.0 * tolerance - (b - a) / 2.0 {
            break;
        }
        let mut golden = true;
        if step_before_last.abs() > tolerance {
            let r = (x - w) * (fx - fv);
            let q = (x - v) * (fx - fw);
            let p = (x - v) * q - (x - w) * r;
            let q = 2.0 * (q - r);
            let (p, q) = if q > 0.0 { (-p, q) } else { (p, -q) };
            if p.abs() < (q * step_before_last / 2.0).abs() && p > q * (a - x) && p < q * (b - x) {
                step_before_last = step;
                step = p / q;
                golden = false;
                let u = x + step;
                if u - a < 2.0 * tolerance || b - u < 2.0 * tolerance {
                    step = tolerance.copysign(middle - x);
                }
            }
        }
        if golden {
            step_before_last = if x < middle { b - x } else { a - x };
            step = GOLDEN * step_before_last;
        }
        let u = x + if step.abs() >= tolerance { step } else { tolerance.copysign(step) };
        let fu = f(u);
        if fu <= fx {
            if u < x {
                b = x
            } else {
                a = x
            }
            (v, fv, w, fw) = (w, fw, x, fx);
            (x, fx) = (u, fu);
        } else {
            if u < x {
                a = u
            } else {
                b = u
            }
            if fu <= fw || same(w, x) {
                (v, fv, w, fw) = (w, fw, u, fu);
            } else if fu <= fv || same(v, x) || same(v, w) {
                (v, fv) = (u, fu);
            }
        }
    }
    (x, fx)
}

/// Whether two arguments are the same point, as the algorithm copies points about.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_minimum_of_smooth_functions() {
        let (x, fx) = minimise(|x| (x - 0.3).powi(2) + 2.0, 0.0, 1.0);
        assert!((x - 0.3).abs() < 1e-7 && (fx - 2.0).abs() < 1e-12);
        // x^4 - x has its minimum at (1/4)^(1/3).
        let (x, _) = minimise(|x| x.powi(4) - x, 0.0, 2.0);
        assert!((x - 0.25_f64.cbrt()).abs() < 1e-7);
    }

    #[test]
    fn reaches_an_end_of_the_interval() {
        assert!(minimise(|x| x, 0.0, 1.0).0 < 1e-8);
        assert!(minimise(|x| -x, 0.0, 1.0).0 > 1.0 - 1e-7);
    }

    #[test]
    fn stops_on_flat_and_on_undefined_functions() {
        assert!((0.0..=1.0).contains(&minimise(|_| 1.0, 0.0, 1.0).0));
        assert!((0.0..=1.0).contains(&minimise(|_| f64::NAN, 0.0, 1.0).0));
    }
}
