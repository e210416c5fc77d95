//! Quadratic problems whose solution may not be negative.

use crate::numeric::conjugate_gradients::{Operator, solve};

/// Exchanges at most; far more than were ever needed.
const MOST: usize = 500;
/// Full exchanges that may fail to lessen the number of violations before only one place is exchanged at a time.
const PATIENCE: usize = 10;
/// A gradient or a value counts as negative below this share of its scale.
const SLACK: f64 = 1e-10;

/// The `x >= 0` that minimises `x'Hx / 2 - f'x`; `start` says which places are thought to be positive.
///
/// Block principal pivoting: the places are split into those at 0 and those that are free, the free ones are solved for, and
/// every place that breaks its condition (free and negative, or at 0 with the gradient pointing up) changes sides; once that
/// does not lessen the violations, only the last one does (Murty's rule, which ends). Solves with `H` are by conjugate
/// gradients. Source: Portugal, Judice & Vicente (1994), "A comparison of block pivoting and interior-point algorithms for
/// linear least squares problems with nonnegative variables", Math. Comp. 63, 625-643. `None` if it did not end.
pub(crate) fn minimise(h: &impl Operator, f: &[f64], start: &[f64]) -> Option<Vec<f64>> {
    let n = f.len();
    let mut free: Vec<bool> = start.iter().map(|&x| x > 0.0).collect();
    let mut product = vec![0.0; n];
    let (mut fewest, mut patience) = (n + 1, PATIENCE);
    for _ in 0..MOST {
        let mut x = solve(h, f, |i| free[i]);
        h.apply(&x, &mut product);
        let size = x.iter().fold(0.0_f64, |size, x| size.max(x.abs()));
        let violates = |i: usize| {
            if free[i] {
                x[i] < -SLACK * size
            } else {
                let gradient = product[i] - f[i];
                gradient < -SLACK * (f[i].abs() + product[i].abs()).max(h.diagonal()[i] * size)
            }
        };
        let wrong: Vec<usize> = (0..n).filter(|&i| violates(i)).collect();
        let Some(&last) = wrong.last() else {
            x.iter_mut().for_each(|x| *x = x.max(0.0));
            return Some(x);
        };
        if wrong.len() < fewest {
            (fewest, patience) = (wrong.len(), PATIENCE);
        } else {
            patience = patience.saturating_sub(1);
        }
        if patience > 0 {
            wrong.iter().for_each(|&i| free[i] = !free[i]);
        } else {
            free[last] = !free[last];
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::conjugate_gradients::Dense;

    /// Columns `x1, x2, x3` and the target; `scipy.optimize.nnls` 1.17.1 of each gives `expected`.
    fn check(rows: &[[f64; 4]], expected: [f64; 3]) {
        let product = |a: usize, b: usize| rows.iter().map(|row| row[a] * row[b]).sum::<f64>();
        let h = Dense::new((0..3).map(|a| (0..3).map(|b| product(a, b)).collect()).collect());
        let f: Vec<f64> = (0..3).map(|a| product(a, 3)).collect();
        for start in [[1.0; 3], [0.0; 3], [0.0, 1.0, 0.0]] {
            let x = minimise(&h, &f, &start).unwrap();
            for (x, expected) in x.iter().zip(expected) {
                assert!((x - expected).abs() < 1e-10, "{x} for {expected}");
            }
        }
    }

    #[test]
    fn solutions_are_those_of_scipy() {
        check(
            &[
                [-7.0, -7.0, 6.0, 2.0],
                [0.0, 2.0, 2.0, 1.0],
                [4.0, -9.0, 0.0, 20.0],
                [-7.0, -2.0, 8.0, -5.0],
                [1.0, -8.0, 1.0, 9.0],
                [-7.0, 5.0, 9.0, -10.0],
            ],
            [3.3360522022838497, 0.0, 2.294453507340946],
        );
        check(
            &[
                [-1.0, 3.0, 9.0, -28.0],
                [-4.0, 7.0, -7.0, 22.0],
                [-3.0, 5.0, -5.0, 16.0],
                [3.0, -1.0, 0.0, 2.0],
                [8.0, 6.0, 6.0, -2.0],
                [1.0, 9.0, 9.0, -17.0],
            ],
            [0.0, 0.0, 0.0],
        );
        check(
            &[
                [9.0, -3.0, 8.0, 32.0],
                [2.0, 4.0, -5.0, 12.0],
                [2.0, 6.0, 7.0, 24.0],
                [7.0, 9.0, -7.0, 32.0],
                [5.0, -1.0, 4.0, 15.0],
                [-4.0, -9.0, -8.0, -40.0],
            ],
            [3.159555123750538, 2.0140555627138856, 0.9900860619309584],
        );
        check(
            &[
                [7.0, 3.0, -8.0, -25.0],
                [-6.0, 1.0, 8.0, 22.0],
                [9.0, -5.0, 2.0, 2.0],
                [-9.0, -6.0, -6.0, 2.0],
                [-1.0, -3.0, 4.0, 15.0],
                [-1.0, -3.0, 8.0, 17.0],
            ],
            [0.0, 0.0, 2.2741935483870965],
        );
    }

    #[test]
    fn nothing_positive_gives_zero() {
        let h = Dense::new(vec![vec![1.0, 0.0], vec![0.0, 1.0]]);
        assert_eq!(minimise(&h, &[-1.0, -2.0], &[1.0, 1.0]).unwrap(), [0.0, 0.0]);
        assert_eq!(minimise(&h, &[], &[]).unwrap(), [0.0; 0]);
    }
}
