//! Ordinary least squares.

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_linear::LinearRegression;
use ndarray::{Array1, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

use super::design::{self, Dropped, Linear, Rows, Standardised};
use super::{FittedRegressor, Regressor};
use crate::error::{FitError, PersistError};
use crate::persist::Persist;

/// Ordinary least squares with an intercept.
///
/// ```text
/// y = a + sum b[j] x[j] + e      a, b minimise sum w e^2
/// ```
/// No parameters. Columns are centred and scaled first and solved by Householder QR. A constant column, and a column
/// that the columns before it explain (to 1e-7 of its length, as in R's `lm`), is left out: its coefficient is 0 and
/// [`FittedOls::dropped`] names it.
///
/// Missing values: refused. Needs more rows of a weight above 0 than columns. Fit: O(n p^2) time, two copies of `x`.
/// Differs from R `lm()`: a dropped coefficient is 0, not NA.
///
/// # Examples
/// ```
/// use credcast::regression::{Ols, Regressor};
/// use ndarray::array;
/// let fitted = Ols.fit(array![[0.0], [1.0], [2.0]].view(), array![1.0, 3.0, 5.0].view())?;
/// assert!((fitted.intercept() - 1.0).abs() < 1e-12 && (fitted.coefficients()[0] - 2.0).abs() < 1e-12);
/// # Ok::<(), credcast::FitError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ols;

/// Least squares coefficients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedOls {
    model: Linear,
}

impl FittedOls {
    /// What is predicted where every column is 0.
    #[must_use]
    pub fn intercept(&self) -> f64 {
        self.model.intercept
    }

    /// One coefficient for each column, on the scale of the data; 0 for a dropped column.
    #[must_use]
    pub fn coefficients(&self) -> &[f64] {
        &self.model.coefficients
    }

    /// The columns that were left out, ascending, and why.
    #[must_use]
    pub fn dropped(&self) -> &[Dropped] {
        &self.model.dropped
    }
}

impl Regressor for Ols {
    const NAME: &'static str = "ols";
    type Fitted = FittedOls;

    fn fit_weighted(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        weights: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedOls, FitError> {
        let rows = Rows::new(x, y, weights)?;
        if rows.x.nrows() <= x.ncols() {
            let detail = format!("{} rows for {} columns and an intercept", rows.x.nrows(), x.ncols());
            return Err(design::refuse(detail));
        }
        let mut design = Standardised::new(&rows);
        design.drop_collinear();
        if design.x.ncols() == 0 {
            return Ok(FittedOls { model: design.undo(Array1::zeros(0).view(), Self::NAME)? });
        }
        let data = DatasetBase::new(design.x.view(), design.y.view());
        let solved = LinearRegression::new()
            .with_intercept(false)
            .fit(&data)
            .map_err(|error| FitError::NoConvergence { solver: Self::NAME, detail: error.to_string() })?;
        Ok(FittedOls { model: design.undo(solved.params().view(), Self::NAME)? })
    }
}

impl FittedRegressor for FittedOls {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>, FitError> {
        self.model.predict(x)
    }
}

impl Persist for FittedOls {
    const KIND: &'static str = "ols";
    const FORMAT: u32 = 1;

    fn revalidate(self) -> Result<Self, PersistError> {
        Ok(Self { model: self.model.revalidate()? })
    }
}
