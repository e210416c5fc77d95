//! Regression on a design matrix: no panel, no dates.
//!
//! | model | for | missing values |
//! |---|---|---|
//! | [`Ols`] | few columns, effects that are read | refused |
//! | [`Ridge`] | many or correlated columns that all matter | refused |
//! | [`ElasticNet`] | many columns of which few matter; [`ElasticNet::lasso`] | refused |
//! | [`Glm`] | counts, shares, amounts above 0: Poisson, negative binomial, logistic, Gamma, Tweedie | refused |
//! | [`QuantileRegression`] | medians and other quantiles, targets with wild values | refused |
//! | [`RandomForest`], [`ExtraTrees`] | interactions and thresholds | refused |
//! | [`HistogramBoosting`] | the same on many rows; counts, quantiles, categories, monotone effects | used |
//!
//! [`LeastSquares`] is for coefficients that are read: standard errors, tests, intervals; [`AbsorbedLeastSquares`] the same with
//! categorical effects of many levels taken out; [`TwoStageLeastSquares`] for columns that depend on what the equation leaves
//! out. [`LinearContributions`] says what each column adds to a prediction.
//!
//! Every `fit` checks its input before a solver sees it, so that the answer is a model or a [`FitError`], never a panic
//! and never a model of NaN.

mod absorb;
mod boosting;
mod contributions;
mod covariance;
mod design;
mod elastic_net;
mod extra_trees;
mod glm;
mod importance;
mod instrumental;
mod least_squares;
mod ols;
mod quantile;
mod random_forest;
mod ridge;
pub(crate) mod sparse_absorbed;
mod tree;
mod tree_shap;

use std::fmt::Debug;

use ndarray::{Array1, ArrayView1, ArrayView2};

pub use self::absorb::{AbsorbedDesign, AbsorbedLeastSquares, AbsorbedParams, FittedAbsorbed};
pub use self::boosting::{BoostingLoss, FittedHistogramBoosting, HistogramBoosting, HistogramBoostingParams};
pub use self::contributions::{LinearContributions, LinearModel};
pub use self::covariance::{Coefficient, Covariance};
pub use self::design::{DropReason, Dropped};
pub use self::elastic_net::{ElasticNet, ElasticNetParams, FittedElasticNet};
pub use self::extra_trees::{ExtraTrees, ExtraTreesParams, FittedExtraTrees};
pub use self::glm::{Family, FittedGlm, Glm, GlmParams, Link, RowTerms};
pub use self::importance::{ColumnGroup, Importance, PermutationImportance, column_groups};
pub use self::instrumental::TwoStageLeastSquares;
pub use self::least_squares::LeastSquares;
pub use self::ols::{FittedOls, Ols};
pub use self::quantile::{FittedQuantileRegression, QuantileErrors, QuantileRegression};
pub use self::random_forest::{FittedRandomForest, RandomForest, RandomForestParams};
pub use self::ridge::{FittedRidge, PenaltyChoice, Ridge, RidgeParams};
pub use self::tree_shap::ShapValues;
use crate::error::FitError;

/// A regression model. Configuration only: what it learns lives in [`Regressor::Fitted`].
pub trait Regressor: Debug + Send + Sync {
    /// The name used in options, tables and files, in lower case.
    const NAME: &'static str;
    /// What `fit` learns.
    type Fitted: FittedRegressor;

    /// Learns `y` (n) from `x` (n rows, p columns), each row counting as much as its weight says; every value must be finite,
    /// also in rows that do not count.
    ///
    /// `weights`: one for each row, at least 0 and not all 0; `None` counts every row once. A row of weight 0 is as if absent,
    /// and weights of whole numbers are as good as repeated rows where the model draws nothing at random.
    ///
    /// # Errors
    /// [`FitError::Design`] for shapes that do not match, no rows or no columns, a weight below 0 or none above;
    /// [`FitError::NotFinite`]; [`FitError::TooLarge`]; [`FitError::NoConvergence`]; [`FitError::Target`] and
    /// [`FitError::Separated`] by models that do not take every target.
    fn fit_weighted(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        weights: Option<ArrayView1<'_, f64>>,
    ) -> Result<Self::Fitted, FitError>;

    /// Whether a missing value (NaN) in `x` is something that it can learn from, and that its fitted model can predict from.
    fn takes_missing(&self) -> bool {
        false
    }

    /// Learns `y` (n) from `x` (n rows, p columns), every row counting once.
    ///
    /// # Errors
    /// As [`Regressor::fit_weighted`].
    fn fit(&self, x: ArrayView2<'_, f64>, y: ArrayView1<'_, f64>) -> Result<Self::Fitted, FitError> {
        self.fit_weighted(x, y, None)
    }
}

/// A regression model that has seen its data.
pub trait FittedRegressor: Debug + Send + Sync {
    /// Predicts one value for each row of `x`.
    ///
    /// # Errors
    /// [`FitError::Design`] for another number of columns than was fitted; [`FitError::NotFinite`].
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>, FitError>;

    /// Whether a missing value (NaN) in `x` is something that it can predict from, as [`Regressor::takes_missing`].
    fn takes_missing(&self) -> bool {
        false
    }
}
