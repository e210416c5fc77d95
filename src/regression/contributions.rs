//! What each column adds to a prediction of a linear model.

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};

use super::design;
use super::{FittedElasticNet, FittedGlm, FittedOls, FittedRidge, LeastSquares};
use crate::error::FitError;

/// A model that adds up its columns; a generalised linear model does so in its linear predictor.
pub trait LinearModel {
    /// The intercept and one coefficient for each column, 0 for one that was left out.
    fn linear_terms(&self) -> (f64, Vec<f64>);
}

impl LinearModel for FittedOls {
    fn linear_terms(&self) -> (f64, Vec<f64>) {
        (self.intercept(), self.coefficients().to_vec())
    }
}

impl LinearModel for FittedRidge {
    fn linear_terms(&self) -> (f64, Vec<f64>) {
        (self.intercept(), self.coefficients().to_vec())
    }
}

impl LinearModel for FittedElasticNet {
    fn linear_terms(&self) -> (f64, Vec<f64>) {
        (self.intercept(), self.coefficients().to_vec())
    }
}

impl LinearModel for FittedGlm {
    fn linear_terms(&self) -> (f64, Vec<f64>) {
        (self.intercept().estimate, self.estimates().to_vec())
    }
}

impl LinearModel for LeastSquares {
    fn linear_terms(&self) -> (f64, Vec<f64>) {
        (self.intercept.estimate, self.coefficients.iter().map(|c| c.map_or(0.0, |c| c.estimate)).collect())
    }
}

/// The parts of predictions, exact for a linear model: of each row and column `coefficient * (value - mean of the column)`.
///
/// They add up to the prediction (of a generalised linear model: its linear predictor without an offset) less the prediction
/// for the means. With independent columns they are the Shapley values (Strumbelj & Kononenko 2014, Knowl. Inf. Syst. 41,
/// 647-665). O(n p).
///
/// # Examples
/// ```
/// use credcast::regression::{FittedRegressor, LinearContributions, Ols, Regressor};
/// use ndarray::{Axis, array};
/// let (x, y) = (array![[0.0, 1.0], [1.0, 3.0], [2.0, 2.0], [5.0, 2.5]], array![1.0, 4.0, 5.0, 11.5]);
/// let fitted = Ols.fit(x.view(), y.view())?;
/// let means = x.mean_axis(Axis(0)).ok_or("no rows")?;
/// let parts = LinearContributions::of(&fitted, x.view(), means.view())?;
/// let sums = parts.values().sum_axis(Axis(1)) + parts.base();
/// assert!((sums - fitted.predict(x.view())?).iter().all(|difference| difference.abs() < 1e-12));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LinearContributions {
    base: f64,
    values: Array2<f64>,
}

impl LinearContributions {
    /// The parts of the predictions for the rows of `x`, against `means`, one for each column: of the training rows, or of
    /// whatever group a row is to be compared with.
    ///
    /// # Errors
    /// [`FitError::Design`] for another number of columns or means than the model has; [`FitError::NotFinite`];
    /// [`FitError::TooLarge`].
    pub fn of(model: &impl LinearModel, x: ArrayView2<'_, f64>, means: ArrayView1<'_, f64>) -> Result<Self, FitError> {
        let (intercept, coefficients) = model.linear_terms();
        design::check_new(x, coefficients.len())?;
        design::check_column("means", means, coefficients.len())?;
        let base = intercept + coefficients.iter().zip(means).map(|(b, mean)| b * mean).sum::<f64>();
        let mut values = x.to_owned();
        for ((mut column, b), mean) in values.axis_iter_mut(Axis(1)).zip(&coefficients).zip(means) {
            column.mapv_inplace(|value| b * (value - mean));
        }
        let outside = values.iter().chain([&base]).copied().find(|value| !value.is_finite());
        match outside {
            Some(value) => Err(FitError::NotFinite { position: 0, value }),
            None => Ok(Self { base, values }),
        }
    }

    /// The prediction for the means.
    #[must_use]
    pub fn base(&self) -> f64 {
        self.base
    }

    /// The parts: one row for each row, one column for each column.
    #[must_use]
    pub fn values(&self) -> ArrayView2<'_, f64> {
        self.values.view()
    }
}
