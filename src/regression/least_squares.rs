//! Least squares whose coefficients are to be read: standard errors, tests, intervals.

use ndarray::{ArrayView1, ArrayView2};
use serde::Serialize;

use super::covariance::{Coefficient, Covariance, Meat, Scores, sandwich};
use super::design::{self, COLLINEAR_SHARE, CONSTANT_SHARE, DropReason, Dropped};
use crate::error::FitError;
use crate::numeric::projection::dot;
use crate::numeric::qr;

/// Least squares with an intercept, for coefficients that are read.
///
/// ```text
/// y = a + sum b[j] x[j] + e      a, b minimise sum w e^2
/// ```
/// Solved by orthogonalisation (Gram-Schmidt, twice) of the weighted columns, never by the cross products, so that a level of
/// 1e8 costs no digits. A constant column, and one that the columns before it explain, is left out and named. O(n p^2) time,
/// one copy of `x`.
///
/// # Examples
/// ```
/// use credcast::regression::{Covariance, LeastSquares};
/// use ndarray::array;
/// let (x, y) = (array![[1.0], [2.0], [3.0], [4.0], [5.0]], array![1.1, 1.9, 3.2, 3.9, 5.1]);
/// let fitted = LeastSquares::fit(x.view(), y.view(), None, Covariance::Hc3)?;
/// let slope = fitted.coefficients[0].ok_or("left out")?;
/// assert!((slope.estimate - 1.0).abs() < 1e-12 && slope.low < 1.0 && slope.p_value < 0.001);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeastSquares {
    /// What is predicted where every column is 0.
    pub intercept: Coefficient,
    /// One for each column; `None` for one that was left out.
    pub coefficients: Vec<Option<Coefficient>>,
    /// The columns that were left out, and why.
    pub dropped: Vec<Dropped>,
    /// Rows of a weight above 0.
    pub n: usize,
    /// Degrees of freedom of the residuals.
    pub df: usize,
    /// Degrees of freedom of the tests and intervals.
    pub df_tests: f64,
    /// Share of the (weighted) variance about the mean that is explained; NaN for a constant target.
    pub r_squared: f64,
    /// The same, corrected for the number of columns.
    pub adjusted_r_squared: f64,
    /// Standard deviation of the residuals.
    pub sigma: f64,
    /// Clusters of the covariance, the fewer of two dimensions; 0 without.
    pub n_clusters: usize,
}

/// Orthonormal columns with the way back to the coefficients of the original ones.
pub(super) struct Basis {
    /// The intercept's column first.
    pub(super) q: Vec<Vec<f64>>,
    /// `z = q r`: column by column, upper triangular.
    pub(super) r: Vec<Vec<f64>>,
    /// Positions of the columns of `x` behind the intercept.
    pub(super) kept: Vec<usize>,
    pub(super) dropped: Vec<Dropped>,
}

impl Basis {
    pub(super) fn new(x: ArrayView2<'_, f64>, roots: &[f64]) -> Self {
        let length = |v: &[f64]| dot(v, v).sqrt();
        let ones = length(roots);
        let mut basis = Self {
            q: vec![roots.iter().map(|w| w / ones).collect()],
            r: vec![vec![ones]],
            kept: Vec::new(),
            dropped: Vec::new(),
        };
        for (position, column) in x.columns().into_iter().enumerate() {
            let mut z: Vec<f64> = column.iter().zip(roots).map(|(x, w)| x * w).collect();
            let size = length(&z);
            let mut r = vec![0.0; basis.q.len()];
            let mut varies = 0.0;
            for round in 0..2 {
                for (place, q) in basis.q.iter().enumerate() {
                    let along = dot(q, &z);
                    r[place] += along;
                    z.iter_mut().zip(q).for_each(|(z, q)| *z -= along * q);
                    if round == 0 && place == 0 {
                        varies = length(&z);
                    }
                }
            }
            let left = length(&z);
            let reason = if varies <= CONSTANT_SHARE * size {
                Some(DropReason::Constant)
            } else if left <= COLLINEAR_SHARE * varies {
                Some(DropReason::Collinear)
            } else {
                None
            };
            if let Some(reason) = reason {
                basis.dropped.push(Dropped { column: position, reason });
                continue;
            }
            z.iter_mut().for_each(|z| *z /= left);
            r.push(left);
            basis.q.push(z);
            basis.r.push(r);
            basis.kept.push(position);
        }
        basis
    }
}

impl LeastSquares {
    /// Fits `y` (n) to `x` (n rows, p columns), each row counting as much as its weight says (1 without weights).
    ///
    /// # Errors
    /// [`FitError::Design`] for shapes, weights or clusters that do not match, a weight below 0, fewer than two clusters or
    /// no more rows of a weight above 0 than coefficients; [`FitError::NotFinite`]; [`FitError::TooLarge`].
    pub fn fit(
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        weights: Option<ArrayView1<'_, f64>>,
        covariance: Covariance<'_>,
    ) -> Result<Self, FitError> {
        design::check(x, y)?;
        let n_rows = y.len();
        let roots: Vec<f64> = match weights {
            None => vec![1.0; n_rows],
            Some(weights) => {
                design::check_weights(weights, n_rows)?;
                weights.iter().map(|w| w.sqrt()).collect()
            }
        };
        let n = roots.iter().filter(|w| **w > 0.0).count();
        covariance.check(n_rows)?;
        let basis = Basis::new(x, &roots);
        let k = basis.q.len();
        if n <= k {
            return Err(design::refuse(format!("{n} rows for {k} coefficients with the intercept")));
        }
        let mut e: Vec<f64> = y.iter().zip(&roots).map(|(y, w)| y * w).collect();
        let mut along = vec![0.0; k];
        let mut about_mean = 0.0;
        for round in 0..2 {
            for (place, (q, along)) in basis.q.iter().zip(&mut along).enumerate() {
                let part = dot(q, &e);
                *along += part;
                e.iter_mut().zip(q).for_each(|(e, q)| *e -= part * q);
                if round == 0 && place == 0 {
                    about_mean = dot(&e, &e);
                }
            }
        }
        let estimates = qr::back_substitute(&basis.r, &along);
        let inverse = qr::inverse(&basis.r);
        let (left, df) = (dot(&e, &e), n - k);
        let present: Vec<bool> = roots.iter().map(|root| *root > 0.0).collect();
        let scores = Scores {
            k,
            fill: &|row, cells| cells.iter_mut().zip(&basis.q).for_each(|(cell, q)| *cell = q[row]),
            e: &e,
            present: Some(&present),
            n,
            df: df as f64,
            variance: None,
        };
        let Meat { cells, df: df_tests, n_clusters } = scores.meat(covariance)?;
        let spread = sandwich(&inverse, &cells);
        let coefficient = |place: usize| Coefficient::new(estimates[place], spread[place][place], df_tests);
        let mut coefficients = vec![None; x.ncols()];
        for (place, &column) in basis.kept.iter().enumerate() {
            coefficients[column] = Some(coefficient(place + 1));
        }
        let unexplained = if about_mean > 0.0 { left / about_mean } else { f64::NAN };
        Ok(Self {
            intercept: coefficient(0),
            coefficients,
            dropped: basis.dropped,
            n,
            df,
            df_tests,
            r_squared: 1.0 - unexplained,
            adjusted_r_squared: 1.0 - unexplained * (n - 1) as f64 / df as f64,
            sigma: (left / df as f64).sqrt(),
            n_clusters,
        })
    }
}
