//! What the outcome would be by least squares on the terms.

use ndarray::{Array1, Array2, ArrayView1, ShapeBuilder};

use crate::error::FitError;
use crate::regression::{Covariance, LeastSquares};

/// Learns `y` from `columns` on `rows`, each with its weight, and says what it would be for every row of the columns.
///
/// # Errors
/// As [`LeastSquares::fit`]: no more rows than coefficients above all.
pub(super) fn predicted(
    columns: &[&[f64]],
    y: &[f64],
    rows: &[usize],
    weights: Option<&[f64]>,
) -> Result<Vec<f64>, FitError> {
    if columns.is_empty() {
        let weight = |place: usize| weights.map_or(1.0, |weights| weights[place]);
        let total: f64 = (0..rows.len()).map(weight).sum();
        let mean = rows.iter().enumerate().map(|(place, row)| weight(place) * y[*row]).sum::<f64>() / total;
        return Ok(vec![mean; y.len()]);
    }
    let x = matrix(columns, rows);
    let target: Array1<f64> = rows.iter().map(|row| y[*row]).collect();
    let fitted = LeastSquares::fit(x.view(), target.view(), weights.map(ArrayView1::from), Covariance::Classical)?;
    let mut predicted = vec![fitted.intercept.estimate; y.len()];
    for (column, coefficient) in columns.iter().zip(&fitted.coefficients) {
        if let Some(coefficient) = coefficient {
            predicted.iter_mut().zip(*column).for_each(|(sum, x)| *sum += coefficient.estimate * x);
        }
    }
    Ok(predicted)
}

/// The columns on `rows`.
pub(super) fn matrix(columns: &[&[f64]], rows: &[usize]) -> Array2<f64> {
    let mut x = Array2::zeros((rows.len(), columns.len()).f());
    for (mut to, from) in x.columns_mut().into_iter().zip(columns) {
        to.iter_mut().zip(rows).for_each(|(to, row)| *to = from[*row]);
    }
    x
}
