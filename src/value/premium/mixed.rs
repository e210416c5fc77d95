//! Estimates whose true values vary around a mean in a known pattern: what the mean and the true values are.

use crate::numeric::projection::dot;
use crate::numeric::spd::Cholesky;

/// `b = theta + e`, `e ~ N(0, V)` with `V` known, `theta ~ N(Z beta, variance M)`: the least squares estimate of `beta` and the best
/// predictions of `theta` for one value of `variance`, with their errors (Henderson 1975, Biometrics 31, 423-447).
#[derive(Clone, Debug)]
pub(super) struct Mixed {
    /// One for each column of `Z`.
    pub(super) beta: Vec<f64>,
    /// Predictions of the true values.
    pub(super) theta: Vec<f64>,
    /// Variances of the errors of `theta`, that of `beta` included.
    pub(super) variance: Vec<f64>,
    /// The restricted log-likelihood of `variance`, without constants (Patterson & Thompson 1971, Biometrika 58, 545-554).
    pub(super) log_likelihood: f64,
    /// `r' S^-1 r` with `r = b - Z beta` and `S = V + variance M`.
    pub(super) distance: f64,
}

/// Solves for one `variance`; `v` and `m` are n x n, `z` holds columns of n. `None` if `V + variance M` is not positive definite or
/// columns of `z` depend on each other. O(n^3).
pub(super) fn mixed(b: &[f64], v: &[f64], m: &[f64], z: &[Vec<f64>], variance: f64) -> Option<Mixed> {
    let (n, p) = (b.len(), z.len());
    let sigma: Vec<f64> = v.iter().zip(m).map(|(v, m)| v + variance * m).collect();
    let factor = Cholesky::new(&sigma, n)?;
    let solved = |x: &[f64]| {
        let mut x = x.to_vec();
        factor.solve(&mut x);
        x
    };
    let z_solved: Vec<Vec<f64>> = z.iter().map(|z| solved(z)).collect();
    let information: Vec<f64> = z.iter().flat_map(|z| z_solved.iter().map(|s| dot(z, s)).collect::<Vec<_>>()).collect();
    let of_beta = Cholesky::new(&information, p)?;
    let mut beta: Vec<f64> = z_solved.iter().map(|s| dot(s, b)).collect();
    of_beta.solve(&mut beta);
    let mean: Vec<f64> = (0..n).map(|row| z.iter().zip(&beta).map(|(z, beta)| z[row] * beta).sum()).collect();
    let r: Vec<f64> = b.iter().zip(&mean).map(|(b, mean)| b - mean).collect();
    let r_solved = solved(&r);
    let distance = dot(&r, &r_solved);
    let row_of = |row: usize| m[row * n..row * n + n].iter().map(|m| variance * m).collect::<Vec<f64>>();
    let (mut theta, mut variances) = (Vec::with_capacity(n), Vec::with_capacity(n));
    for row in 0..n {
        let spread = row_of(row);
        theta.push(mean[row] + dot(&spread, &r_solved));
        let mut half = spread.clone();
        factor.forward(&mut half);
        // What the row's mean depends on beta by, once theta has been pulled towards b.
        let mut on_beta: Vec<f64> = z.iter().zip(&z_solved).map(|(z, s)| z[row] - dot(&spread, s)).collect();
        of_beta.forward(&mut on_beta);
        variances.push((spread[row] - dot(&half, &half)).max(0.0) + dot(&on_beta, &on_beta));
    }
    let log_likelihood = -0.5 * (factor.log_det() + of_beta.log_det() + distance);
    let finite = log_likelihood.is_finite() && theta.iter().chain(&variances).all(|value| value.is_finite());
    finite.then_some(Mixed { beta, theta, variance: variances, log_likelihood, distance })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mean_and_equal_errors_give_the_formula_of_the_textbook() {
        // Normal-normal: theta = m + B (b - m) with B = t / (t + v); its error is B v + (1 - B)^2 (t + v) / n.
        let b = [1.0, 2.0, 6.0];
        let unit = |scale: f64| (0..9).map(|i| if i % 4 == 0 { scale } else { 0.0 }).collect::<Vec<f64>>();
        let found = mixed(&b, &unit(2.0), &unit(1.0), &[vec![1.0; 3]], 3.0).unwrap();
        assert!((found.beta[0] - 3.0).abs() < 1e-14);
        for (row, b) in b.iter().enumerate() {
            assert!((found.theta[row] - (3.0 + 0.6 * (b - 3.0))).abs() < 1e-14);
            assert!((found.variance[row] - (0.6 * 2.0 + 0.16 * 5.0 / 3.0)).abs() < 1e-14);
        }
        assert!((found.distance - (4.0 + 1.0 + 9.0) / 5.0).abs() < 1e-14);
        assert!(mixed(&b, &unit(0.0), &unit(1.0), &[vec![1.0; 3]], 0.0).is_none());
    }
}
