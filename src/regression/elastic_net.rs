//! Least squares with an L1 and an L2 penalty.

use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::{Array1, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

use super::design::{Dropped, Linear, Rows, Standardised};
use super::{FittedRegressor, Regressor};
use crate::error::{FitError, ParamError, PersistError};
use crate::persist::Persist;

/// Elastic net on standardised columns.
///
/// ```text
/// minimise over w:  1/(2n) |y - mean(y) - Z w|^2 + penalty * l1_ratio * |w|_1 + penalty * (1 - l1_ratio)/2 * |w|^2
/// Z: columns of x less their mean, divided by their standard deviation (divisor n)
/// ```
/// With weights, the mean, the standard deviation and the first sum are weighted, and n is the sum of the weights.
///
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `penalty` | 0.01 | (0, 1e100] | weight of both penalties, in units of `y` per standard deviation of a column |
/// | `l1_ratio` | 0.5 | [0.01, 1] | share of the L1 penalty; 1 is the lasso. Below 0.01 the stopping rule fails |
/// | `tolerance` | 1e-9 | \[1e-14, 0.1\] | stop at a duality gap of this share of the sum of squares of `y` |
/// | `max_iterations` | 10 000 | 2 to 1 000 000 | passes over the columns before giving up |
///
/// The same as scikit-learn's `ElasticNet(alpha=penalty, l1_ratio=l1_ratio)` behind a `StandardScaler`; coefficients come
/// back on the scale of the data. For glmnet: `lambda = penalty`, `alpha = l1_ratio`, `standardize = TRUE` and `y` of
/// unit variance.
///
/// Missing values: refused. Constant columns get 0 and are named by [`FittedElasticNet::dropped`]; collinear columns and
/// fewer rows than columns are fine. Fit: coordinate descent, O(iterations * n p) time, one copy of `x`.
/// Source: Friedman, Hastie & Tibshirani (2010), J. Stat. Softw. 33(1).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ElasticNet {
    penalty: f64,
    l1_ratio: f64,
    tolerance: f64,
    max_iterations: u32,
}

/// Settings of an [`ElasticNet`], checked by [`ElasticNetParams::build`].
#[derive(Clone, Debug, PartialEq)]
pub struct ElasticNetParams {
    penalty: f64,
    l1_ratio: f64,
    tolerance: f64,
    max_iterations: u32,
}

impl ElasticNet {
    /// Starts from the defaults.
    #[must_use]
    pub fn params() -> ElasticNetParams {
        let Self { penalty, l1_ratio, tolerance, max_iterations } = Self::default();
        ElasticNetParams { penalty, l1_ratio, tolerance, max_iterations }
    }

    /// The lasso: the L1 penalty alone, which sets the coefficients of columns that matter little to 0. The same as
    /// scikit-learn's `Lasso(alpha=penalty)` behind a `StandardScaler`.
    ///
    /// # Examples
    /// ```
    /// use credcast::regression::{ElasticNet, Regressor};
    /// use ndarray::array;
    /// let x = array![[0.0, 0.3], [1.0, -0.2], [2.0, 0.1], [3.0, -0.1], [4.0, 0.2]];
    /// let fitted = ElasticNet::lasso(0.1).build()?.fit(x.view(), array![0.1, 1.0, 2.1, 2.9, 4.0].view())?;
    /// assert!(fitted.coefficients()[0] > 0.8 && fitted.coefficients()[1] == 0.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn lasso(penalty: f64) -> ElasticNetParams {
        Self::params().penalty(penalty).l1_ratio(1.0)
    }
}

impl Default for ElasticNet {
    fn default() -> Self {
        Self { penalty: 0.01, l1_ratio: 0.5, tolerance: 1e-9, max_iterations: 10_000 }
    }
}

impl ElasticNetParams {
    /// Weight of both penalties together.
    #[must_use]
    pub fn penalty(mut self, penalty: f64) -> Self {
        self.penalty = penalty;
        self
    }

    /// Share of the L1 penalty.
    #[must_use]
    pub fn l1_ratio(mut self, l1_ratio: f64) -> Self {
        self.l1_ratio = l1_ratio;
        self
    }

    /// Duality gap to stop at, as a share of the sum of squares of `y`.
    #[must_use]
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Passes over the columns before giving up.
    #[must_use]
    pub fn max_iterations(mut self, max_iterations: u32) -> Self {
        self.max_iterations = max_iterations;
        self
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// [`ParamError`] for the first setting outside its range.
    pub fn build(self) -> Result<ElasticNet, ParamError> {
        let Self { penalty, l1_ratio, tolerance, max_iterations } = self;
        if !(penalty > 0.0 && penalty <= 1e100) {
            return Err(ParamError::new("penalty", penalty, "in (0, 1e100]"));
        }
        if !(0.01..=1.0).contains(&l1_ratio) {
            return Err(ParamError::new("l1_ratio", l1_ratio, "in [0.01, 1]"));
        }
        if !(1e-14..=0.1).contains(&tolerance) {
            return Err(ParamError::new("tolerance", tolerance, "in [1e-14, 0.1]"));
        }
        if !(2..=1_000_000).contains(&max_iterations) {
            return Err(ParamError::new("max_iterations", max_iterations, "2 to 1000000"));
        }
        Ok(ElasticNet { penalty, l1_ratio, tolerance, max_iterations })
    }
}

/// Elastic net coefficients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedElasticNet {
    model: Linear,
    n_iterations: u32,
}

impl FittedElasticNet {
    /// What is predicted where every column is 0.
    #[must_use]
    pub fn intercept(&self) -> f64 {
        self.model.intercept
    }

    /// One coefficient for each column, on the scale of the data.
    #[must_use]
    pub fn coefficients(&self) -> &[f64] {
        &self.model.coefficients
    }

    /// The constant columns, ascending.
    #[must_use]
    pub fn dropped(&self) -> &[Dropped] {
        &self.model.dropped
    }

    /// Passes over the columns that were needed.
    #[must_use]
    pub fn n_iterations(&self) -> u32 {
        self.n_iterations
    }
}

impl Regressor for ElasticNet {
    const NAME: &'static str = "elastic_net";
    type Fitted = FittedElasticNet;

    fn fit_weighted(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        weights: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedElasticNet, FitError> {
        let rows = Rows::new(x, y, weights)?;
        let mut design = Standardised::new(&rows);
        let y_size = design.y.iter().fold(0.0, |size: f64, value| size.max(value.abs()));
        if design.x.ncols() == 0 || y_size <= 0.0 {
            let zeros = Array1::zeros(design.x.ncols());
            return Ok(FittedElasticNet { model: design.undo(zeros.view(), Self::NAME)?, n_iterations: 0 });
        }
        design.y /= y_size;
        let rescale = (design.y.dot(&design.y) / design.y.len() as f64).sqrt();
        design.y /= rescale;
        let y_sd = y_size * rescale;
        // The solver takes coefficients below 2e-16 for 0, so it is given a target of unit variance: the L1 weight
        // then falls by that factor and the L2 weight stays.
        let l1 = self.penalty * self.l1_ratio / y_sd;
        let l2 = self.penalty * (1.0 - self.l1_ratio);
        let (penalty, l1_ratio) = (l1 + l2, l1 / (l1 + l2));
        if !(penalty.is_finite() && l1_ratio.is_finite()) {
            let detail = format!("a penalty of {} on a target of spread {y_sd:e}", self.penalty);
            return Err(FitError::NoConvergence { solver: Self::NAME, detail });
        }
        let data = DatasetBase::new(design.x.view(), design.y.view());
        let solved = linfa_elasticnet::ElasticNet::<f64>::params()
            .penalty(penalty)
            .l1_ratio(l1_ratio)
            .with_intercept(false)
            .tolerance(self.tolerance)
            .max_iterations(self.max_iterations)
            .fit(&data)
            .map_err(|error| FitError::NoConvergence { solver: Self::NAME, detail: error.to_string() })?;
        let n_iterations = solved.n_steps();
        let allowed_gap = self.tolerance * design.y.dot(&design.y);
        // Past its limit of passes the solver returns what it has, without an error. NaN must fail, too.
        if solved.duality_gap().is_nan() || solved.duality_gap() >= allowed_gap {
            let detail = format!("duality gap {:e} after {n_iterations} passes", solved.duality_gap());
            return Err(FitError::NoConvergence { solver: Self::NAME, detail });
        }
        let standard = solved.hyperplane() * y_sd;
        Ok(FittedElasticNet { model: design.undo(standard.view(), Self::NAME)?, n_iterations })
    }
}

impl FittedRegressor for FittedElasticNet {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>, FitError> {
        self.model.predict(x)
    }
}

impl Persist for FittedElasticNet {
    const KIND: &'static str = "elastic_net";
    const FORMAT: u32 = 1;

    fn revalidate(self) -> Result<Self, PersistError> {
        Ok(Self { model: self.model.revalidate()?, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_outside_their_range_are_refused() {
        for penalty in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(ElasticNet::params().penalty(penalty).build().unwrap_err().name, "penalty");
        }
        for l1_ratio in [0.0, 1.01, f64::NAN] {
            assert_eq!(ElasticNet::params().l1_ratio(l1_ratio).build().unwrap_err().name, "l1_ratio");
        }
        for tolerance in [0.0, 1.0, f64::NAN] {
            assert_eq!(ElasticNet::params().tolerance(tolerance).build().unwrap_err().name, "tolerance");
        }
        for passes in [0, 1, u32::MAX] {
            assert_eq!(ElasticNet::params().max_iterations(passes).build().unwrap_err().name, "max_iterations");
        }
        for (penalty, l1_ratio) in [(1e-9, 0.01), (1e100, 1.0)] {
            assert!(ElasticNet::params().penalty(penalty).l1_ratio(l1_ratio).build().is_ok());
        }
        assert_eq!(ElasticNet::params().build().unwrap(), ElasticNet::default());
    }
}
