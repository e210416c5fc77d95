//! Linear systems that are given by their product with a vector.

use crate::numeric::projection::dot;
use crate::numeric::scale;

/// A symmetric positive definite matrix.
pub(crate) trait Operator {
    /// Writes the product with `x` to `out`.
    fn apply(&self, x: &[f64], out: &mut [f64]);
    /// Its diagonal, or something near it: positive.
    fn diagonal(&self) -> &[f64];
}

/// Iterations at most.
const MOST: usize = 2_000;
/// Iterations stop when the residual, in the norm of the diagonal's inverse, is this share of the right-hand side.
const ENOUGH: f64 = 1e-14;

/// Solves `a x = b` over the places that `free` keeps, 0 elsewhere; from 0.
///
/// Conjugate gradients, preconditioned by the diagonal (Hestenes & Stiefel 1952, "Methods of conjugate gradients for solving
/// linear systems", J. Research Nat. Bur. Standards 49, 409-436). What has been found when the iterations stop is returned.
pub(crate) fn solve(a: &impl Operator, b: &[f64], free: impl Fn(usize) -> bool) -> Vec<f64> {
    let n = b.len();
    let mut x = vec![0.0; n];
    let size = (0..n).filter(|&i| free(i)).fold(0.0_f64, |size, i| size.max(b[i].abs()));
    if !(size > 0.0 && size.is_finite()) {
        return x;
    }
    let unit = scale::power_of_two_below(size);
    let mut residual: Vec<f64> = (0..n).map(|i| if free(i) { b[i] / unit } else { 0.0 }).collect();
    let precondition = |r: &[f64], z: &mut [f64]| {
        z.iter_mut().zip(r).zip(a.diagonal()).for_each(|((z, r), d)| *z = r / d);
    };
    let (mut z, mut product) = (vec![0.0; n], vec![0.0; n]);
    precondition(&residual, &mut z);
    let mut direction = z.clone();
    let mut left = dot(&residual, &z);
    let goal = left * ENOUGH * ENOUGH;
    for _ in 0..MOST {
        if left <= goal || left.is_nan() {
            break;
        }
        a.apply(&direction, &mut product);
        (0..n).filter(|&i| !free(i)).for_each(|i| product[i] = 0.0);
        let step = left / dot(&direction, &product);
        if !step.is_finite() {
            break;
        }
        for i in 0..n {
            x[i] += step * direction[i];
            residual[i] -= step * product[i];
        }
        precondition(&residual, &mut z);
        let next = dot(&residual, &z);
        let carry = next / left;
        direction.iter_mut().zip(&z).for_each(|(d, z)| *d = z + carry * *d);
        left = next;
    }
    x.iter_mut().for_each(|x| *x *= unit);
    x
}

/// A symmetric matrix in rows.
#[cfg(test)]
pub(crate) struct Dense {
    pub(crate) rows: Vec<Vec<f64>>,
    pub(crate) diagonal: Vec<f64>,
}

#[cfg(test)]
impl Dense {
    pub(crate) fn new(rows: Vec<Vec<f64>>) -> Self {
        let diagonal = rows.iter().enumerate().map(|(i, row)| row[i]).collect();
        Self { rows, diagonal }
    }
}

#[cfg(test)]
impl Operator for Dense {
    fn apply(&self, x: &[f64], out: &mut [f64]) {
        out.iter_mut().zip(&self.rows).for_each(|(out, row)| *out = dot(row, x));
    }
    fn diagonal(&self) -> &[f64] {
        &self.diagonal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solutions_solve_whatever_the_scale() {
        let a = Dense::new(vec![vec![4.0, 1.0, 0.0], vec![1.0, 3.0, -1.0], vec![0.0, -1.0, 5.0]]);
        for unit in [1e-200, 1.0, 1e200] {
            let b = [1.0 * unit, 2.0 * unit, 3.0 * unit];
            let x = solve(&a, &b, |_| true);
            for (row, b) in a.rows.iter().zip(b) {
                assert!((dot(row, &x) / b - 1.0).abs() < 1e-13);
            }
        }
        assert_eq!(solve(&a, &[0.0; 3], |_| true), [0.0; 3]);
        assert_eq!(solve(&a, &[f64::NAN; 3], |_| true), [0.0; 3]);
    }

    #[test]
    fn places_that_are_not_free_stay_zero() {
        let a = Dense::new(vec![vec![4.0, 1.0], vec![1.0, 3.0]]);
        let x = solve(&a, &[2.0, 5.0], |i| i == 0);
        assert_eq!(x, [0.5, 0.0]);
    }
}
