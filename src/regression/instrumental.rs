//! Instrumental variables.

use ndarray::{Array2, ArrayView1, ArrayView2, Axis, concatenate};
use serde::Serialize;

use super::covariance::{Coefficient, Covariance, Meat, Scores, sandwich};
use super::design::{self, Dropped};
use super::least_squares::Basis;
use crate::error::FitError;
use crate::numeric::projection::dot;
use crate::numeric::qr;

/// Two-stage least squares: effects of columns that depend on what the equation leaves out, by instruments that do not.
///
/// ```text
/// y = a + sum b[j] x[j] + sum c[j] endogenous[j] + e
/// endogenous columns are replaced by their projection on 1, x and the instruments; e is taken with the columns themselves
/// ```
/// Weak instruments pull the answer towards least squares and its errors are then too small: look at
/// [`TwoStageLeastSquares::first_stage_f`]; below 10 the answer is not to be trusted (Staiger & Stock 1997, Econometrica 65,
/// 557-586). Solved by orthogonalisation as [`LeastSquares`](super::LeastSquares). O(n p^2) time, three copies of the columns.
/// Source: Wooldridge (2010), *Econometric Analysis of Cross Section and Panel Data*, 2nd ed., section 5.2.
///
/// # Examples
/// ```
/// use credcast::regression::{Covariance, TwoStageLeastSquares};
/// use ndarray::{Array1, Array2};
/// // Ability raises schooling and pay; distance to a college moves schooling alone. The true effect is 0.5.
/// let wave = |i: usize, by: f64| (i as f64 * by).sin();
/// let distance = Array2::from_shape_fn((400, 1), |(i, _)| wave(i, 1.7));
/// let schooling = Array2::from_shape_fn((400, 1), |(i, _)| 2.0 * wave(i, 1.7) + wave(i, 0.9));
/// let pay = Array1::from_iter((0..400).map(|i| 0.5 * schooling[[i, 0]] + 3.0 * wave(i, 0.9)));
/// let none = Array2::zeros((400, 0));
/// let fitted = TwoStageLeastSquares::fit(
///     none.view(), schooling.view(), distance.view(), pay.view(), None, Covariance::Hc1,
/// )?;
/// let effect = fitted.endogenous[0];
/// assert!(effect.low < 0.5 && effect.high > 0.5 && (effect.estimate - 0.5).abs() < 0.1 && fitted.first_stage_f[0] > 10.0);
/// # Ok::<(), credcast::FitError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TwoStageLeastSquares {
    /// What is predicted where every column is 0.
    pub intercept: Coefficient,
    /// One for each exogenous column; `None` for one that was left out.
    pub exogenous: Vec<Option<Coefficient>>,
    /// One for each endogenous column.
    pub endogenous: Vec<Coefficient>,
    /// Of each endogenous column: F of all instruments in its regression on them and the exogenous columns.
    pub first_stage_f: Vec<f64>,
    /// Exogenous columns that were left out, and why.
    pub dropped: Vec<Dropped>,
    /// Instruments that say something new.
    pub n_instruments: usize,
    /// Rows of a weight above 0.
    pub n: usize,
    /// Degrees of freedom of the residuals.
    pub df: usize,
    /// Degrees of freedom of the tests and intervals.
    pub df_tests: f64,
    /// Standard deviation of the residuals.
    pub sigma: f64,
    /// Clusters of the covariance, the fewer of two dimensions; 0 without.
    pub n_clusters: usize,
}

fn side_by_side(a: ArrayView2<'_, f64>, b: ArrayView2<'_, f64>) -> Result<Array2<f64>, FitError> {
    concatenate(Axis(1), &[a.reborrow(), b.reborrow()]).map_err(|error| design::refuse(error.to_string()))
}

/// Takes out of `v` its part along orthonormal columns, twice, and gives that part back.
fn project(q: &[Vec<f64>], v: &mut [f64]) -> Vec<f64> {
    let before = v.to_vec();
    for _ in 0..2 {
        for q in q {
            let along = dot(q, v);
            v.iter_mut().zip(q).for_each(|(v, q)| *v -= along * q);
        }
    }
    before.iter().zip(&*v).map(|(before, rest)| before - rest).collect()
}

impl TwoStageLeastSquares {
    /// Fits `y` (n) to `exogenous` (n rows, any number of columns) and `endogenous` (n rows, at least one column) with
    /// `instruments` (n rows, at least as many columns as `endogenous`), each row counting as much as its weight says.
    ///
    /// # Errors
    /// [`FitError::Design`] for shapes, weights or clusters that do not match, fewer instruments that say something new than
    /// endogenous columns, instruments that do not move an endogenous column, or no more rows than coefficients;
    /// [`FitError::NotFinite`]; [`FitError::TooLarge`].
    pub fn fit(
        exogenous: ArrayView2<'_, f64>,
        endogenous: ArrayView2<'_, f64>,
        instruments: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        weights: Option<ArrayView1<'_, f64>>,
        covariance: Covariance<'_>,
    ) -> Result<Self, FitError> {
        design::check(endogenous, y)?;
        design::check(instruments, y)?;
        if exogenous.ncols() > 0 || exogenous.nrows() != y.len() {
            design::check(exogenous, y)?;
        }
        covariance.check(y.len())?;
        if let Some(weights) = weights {
            design::check_weights(weights, y.len())?;
        }
        let roots: Vec<f64> = weights.map_or_else(|| vec![1.0; y.len()], |w| w.iter().map(|w| w.sqrt()).collect());
        let present: Vec<bool> = roots.iter().map(|root| *root > 0.0).collect();
        let n = present.iter().filter(|present| **present).count();
        let (n_x, n_c) = (exogenous.ncols(), endogenous.ncols());
        let first = Basis::new(side_by_side(exogenous, instruments)?.view(), &roots);
        let own = 1 + first.kept.iter().filter(|column| **column < n_x).count();
        let n_instruments = first.q.len() - own;
        if n_instruments < n_c {
            let detail = format!("{n_instruments} instruments say something new, for {n_c} endogenous columns");
            return Err(design::refuse(detail));
        }
        if n <= first.q.len() {
            return Err(design::refuse(format!("{n} rows for {} coefficients of the first stage", first.q.len())));
        }
        let mut projected = Array2::zeros(endogenous.dim());
        let mut first_stage_f = Vec::with_capacity(n_c);
        for (place, column) in endogenous.columns().into_iter().enumerate() {
            let mut rest: Vec<f64> = column.iter().zip(&roots).map(|(x, root)| x * root).collect();
            let mut part = project(&first.q[..own], &mut rest);
            let before = dot(&rest, &rest);
            let moved = project(&first.q[own..], &mut rest);
            let after = dot(&rest, &rest);
            let df = (n - first.q.len()) as f64;
            first_stage_f.push((before - after) / n_instruments as f64 / (after / df));
            part.iter_mut().zip(&moved).for_each(|(part, moved)| *part += moved);
            let back = part.iter().zip(&roots).map(|(part, root)| if *root > 0.0 { part / root } else { 0.0 });
            projected.column_mut(place).iter_mut().zip(back).for_each(|(cell, value)| *cell = value);
        }
        let second = Basis::new(side_by_side(exogenous, projected.view())?.view(), &roots);
        if let Some(lost) = second.dropped.iter().find(|dropped| dropped.column >= n_x) {
            let detail = format!("the instruments do not move endogenous column {}", lost.column - n_x);
            return Err(design::refuse(detail));
        }
        let k = second.q.len();
        let mut rest: Vec<f64> = y.iter().zip(&roots).map(|(y, root)| y * root).collect();
        let mut along = vec![0.0; k];
        for _ in 0..2 {
            for (along, q) in along.iter_mut().zip(&second.q) {
                let part = dot(q, &rest);
                *along += part;
                rest.iter_mut().zip(q).for_each(|(rest, q)| *rest -= part * q);
            }
        }
        let estimates = qr::back_substitute(&second.r, &along);
        // `rest` is that of the projected columns; the residuals are those of the columns themselves.
        let mut e = rest;
        for (b, column) in estimates[1..].iter().zip(&second.kept).filter(|(_, column)| **column >= n_x) {
            let (own, fitted) = (endogenous.column(column - n_x), projected.column(column - n_x));
            for (((e, own), fitted), root) in e.iter_mut().zip(own).zip(fitted).zip(&roots) {
                *e -= b * (own - fitted) * root;
            }
        }
        let df = n - k;
        let scores = Scores {
            k,
            fill: &|row, cells| cells.iter_mut().zip(&second.q).for_each(|(cell, q)| *cell = q[row]),
            e: &e,
            present: Some(&present),
            n,
            df: df as f64,
            variance: None,
        };
        let Meat { cells, df: df_tests, n_clusters } = scores.meat(covariance)?;
        let spread = sandwich(&qr::inverse(&second.r), &cells);
        let coefficient = |place: usize| Coefficient::new(estimates[place], spread[place][place], df_tests);
        let mut all = vec![None; n_x + n_c];
        for (place, &column) in second.kept.iter().enumerate() {
            all[column] = Some(coefficient(place + 1));
        }
        let endogenous = all.split_off(n_x).into_iter().flatten().collect();
        Ok(Self {
            intercept: coefficient(0),
            exogenous: all,
            endogenous,
            first_stage_f,
            dropped: second.dropped,
            n_instruments,
            n,
            df,
            df_tests,
            sigma: (dot(&e, &e) / df as f64).sqrt(),
            n_clusters,
        })
    }
}
