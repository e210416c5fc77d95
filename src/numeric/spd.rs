//! Symmetric positive definite matrices, stored row by row.

use crate::numeric::projection::dot;

/// The lower triangular `l` with `l l' = a`.
#[derive(Clone, Debug)]
pub(crate) struct Cholesky {
    n: usize,
    l: Vec<f64>,
}

impl Cholesky {
    /// Of the `n` x `n` matrix `a`, of which the lower triangle is read; `None` if it is not positive definite. O(n^3 / 3).
    pub(crate) fn new(a: &[f64], n: usize) -> Option<Self> {
        let mut l = vec![0.0; n * n];
        for row in 0..n {
            let (done, rest) = l.split_at_mut(row * n);
            let current = &mut rest[..n];
            for column in 0..row {
                let other = &done[column * n..column * n + n];
                current[column] = (a[row * n + column] - dot(&current[..column], &other[..column])) / other[column];
            }
            let left = a[row * n + row] - dot(&current[..row], &current[..row]);
            // Written so that NaN fails.
            if !(left > 0.0 && left.is_finite()) {
                return None;
            }
            current[row] = left.sqrt();
        }
        Some(Self { n, l })
    }

    fn row(&self, row: usize) -> &[f64] {
        &self.l[row * self.n..row * self.n + row + 1]
    }

    /// Solves `l z = b` in place: `z'z` is then `b' a^-1 b`.
    pub(crate) fn forward(&self, b: &mut [f64]) {
        for place in 0..self.n {
            let row = self.row(place);
            b[place] = (b[place] - dot(&row[..place], &b[..place])) / row[place];
        }
    }

    /// Solves `a x = b` in place.
    pub(crate) fn solve(&self, b: &mut [f64]) {
        self.forward(b);
        for place in (0..self.n).rev() {
            let row = self.row(place);
            b[place] /= row[place];
            let known = b[place];
            b[..place].iter_mut().zip(row).for_each(|(b, l)| *b -= l * known);
        }
    }

    /// The inverse of `a`. O(n^3).
    pub(crate) fn inverse(&self) -> Vec<f64> {
        let n = self.n;
        let mut inverse = vec![0.0; n * n];
        for place in 0..n {
            // Symmetric, so that a column may be written as a row.
            let column = &mut inverse[place * n..place * n + n];
            column[place] = 1.0;
            self.solve(column);
        }
        inverse
    }

    /// The logarithm of the determinant of `a`.
    pub(crate) fn log_det(&self) -> f64 {
        (0..self.n).map(|place| 2.0 * self.l[place * self.n + place].ln()).sum()
    }
}

/// The places, of those in `order`, whose rows of `a` do not depend on the rows before them: what is left of their diagonal
/// element once those are taken out is more than `share` of `scale`.
pub(crate) fn independent(a: &[f64], n: usize, order: &[usize], scale: &[f64], share: f64) -> Vec<usize> {
    let mut kept: Vec<usize> = Vec::new();
    let mut factor: Vec<Vec<f64>> = Vec::new();
    for &place in order {
        let mut row = Vec::with_capacity(kept.len() + 1);
        for (&before, other) in kept.iter().zip(&factor) {
            let known = row.len();
            row.push((a[place * n + before] - dot(&row, &other[..known])) / other[known]);
        }
        let left = a[place * n + place] - dot(&row, &row);
        if left > share * scale[place] {
            row.push(left.sqrt());
            factor.push(row);
            kept.push(place);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: [f64; 9] = [4.0, 2.0, 1.0, 2.0, 5.0, 3.0, 1.0, 3.0, 6.0];

    #[test]
    fn solutions_solve_and_inverses_invert() {
        let factor = Cholesky::new(&A, 3).unwrap();
        let mut x = [1.0, 2.0, 3.0];
        factor.solve(&mut x);
        for (row, b) in A.chunks(3).zip([1.0, 2.0, 3.0]) {
            assert!((dot(row, &x) - b).abs() < 1e-14);
        }
        let inverse = factor.inverse();
        for (place, row) in A.chunks(3).enumerate() {
            let product: Vec<f64> = (0..3).map(|c| (0..3).map(|k| row[k] * inverse[k * 3 + c]).sum()).collect();
            assert!(product.iter().enumerate().all(|(c, v)| (v - f64::from(u8::from(c == place))).abs() < 1e-14));
        }
        // The determinant is 67 by the rule of Sarrus: 120 + 6 + 6 - 5 - 36 - 24.
        assert!((factor.log_det() - 67_f64.ln()).abs() < 1e-14);
    }

    #[test]
    fn what_is_not_positive_definite_has_no_factor() {
        assert!(Cholesky::new(&[1.0, 1.0, 1.0, 1.0], 2).is_none());
        assert!(Cholesky::new(&[f64::NAN], 1).is_none());
        assert!(Cholesky::new(&[], 0).is_some());
    }

    #[test]
    fn dependent_rows_are_left_out_in_the_order_given() {
        let a = [1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 2.0];
        let scale = [1.0, 1.0, 2.0];
        assert_eq!(independent(&a, 3, &[0, 1, 2], &scale, 1e-9), [0, 1]);
        assert_eq!(independent(&a, 3, &[2, 0, 1], &scale, 1e-9), [2, 0]);
    }
}
