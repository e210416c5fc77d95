//! Singular values of small square matrices.

use super::qr::dot;

/// `a = u diag(s) v'`, of columns.
#[derive(Debug)]
pub(crate) struct Svd {
    pub(crate) u: Vec<Vec<f64>>,
    /// In no order.
    pub(crate) s: Vec<f64>,
    pub(crate) v: Vec<Vec<f64>>,
}

/// Rounds over all pairs before what is left is taken as it is.
const MOST_ROUNDS: usize = 60;

/// One-sided Jacobi rotations: each turns two columns until they are orthogonal (Hestenes 1958, J. SIAM 6, 51-90; exact to the
/// smallest singular value: Demmel & Veselic 1992, SIAM J. Matrix Anal. Appl. 13, 1204-1245). O(k^3) for each round.
pub(crate) fn svd(mut a: Vec<Vec<f64>>) -> Svd {
    let k = a.len();
    let mut v: Vec<Vec<f64>> =
        (0..k).map(|place| (0..k).map(|other| f64::from(u8::from(other == place))).collect()).collect();
    for _ in 0..MOST_ROUNDS {
        let mut turned = false;
        for second in 1..k {
            for first in 0..second {
                let (x, y) = pair(&mut a, first, second);
                let (xx, yy, xy) = (dot(x, x), dot(y, y), dot(x, y));
                if xy.abs() <= 1e-15 * (xx * yy).sqrt() || xy == 0.0 {
                    continue;
                }
                turned = true;
                let zeta = (yy - xx) / (2.0 * xy);
                let tangent = zeta.signum() / (zeta.abs() + zeta.hypot(1.0));
                let cosine = 1.0 / tangent.hypot(1.0);
                let sine = cosine * tangent;
                let turn = |x: &mut [f64], y: &mut [f64]| {
                    x.iter_mut().zip(y).for_each(|(x, y)| {
                        (*x, *y) = (cosine * *x - sine * *y, sine * *x + cosine * *y);
                    });
                };
                turn(x, y);
                let (x, y) = pair(&mut v, first, second);
                turn(x, y);
            }
        }
        if !turned {
            break;
        }
    }
    let s: Vec<f64> = a.iter().map(|column| dot(column, column).sqrt()).collect();
    for (column, s) in a.iter_mut().zip(&s) {
        if *s > 0.0 {
            column.iter_mut().for_each(|value| *value /= s);
        }
    }
    Svd { u: a, s, v }
}

fn pair(columns: &mut [Vec<f64>], first: usize, second: usize) -> (&mut [f64], &mut [f64]) {
    let (below, above) = columns.split_at_mut(second);
    (&mut below[first], &mut above[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_give_the_matrix_again() {
        let k = 12;
        let a: Vec<Vec<f64>> = (0..k)
            .map(|j| (0..k).map(|i| ((i * 7 + j * j * 3) % 11) as f64 - 4.0 + (i as f64).sin()).collect())
            .collect();
        let Svd { u, s, v } = svd(a.clone());
        for (column, values) in a.iter().enumerate() {
            for (row, value) in values.iter().enumerate() {
                let found: f64 = (0..k).map(|place| u[place][row] * s[place] * v[place][column]).sum();
                assert!((found - value).abs() < 1e-11, "{found} {value}");
            }
        }
        for a in 0..k {
            for b in 0..k {
                let expected = f64::from(u8::from(a == b));
                assert!((dot(&u[a], &u[b]) - expected).abs() < 1e-12 && (dot(&v[a], &v[b]) - expected).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn a_matrix_that_lacks_rank_has_a_singular_value_of_0() {
        let Svd { mut s, .. } = svd(vec![vec![1.0, 2.0, 2.0], vec![2.0, 4.0, 4.0], vec![0.0, 0.0, 1.0]]);
        s.sort_by(f64::total_cmp);
        assert!(s[0] < 1e-14 && s[1] > 0.1);
    }
}
