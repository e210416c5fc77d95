//! The ways to make forecasts add up.

use serde::{Deserialize, Serialize};

/// How the forecasts of all nodes become forecasts that add up.
///
/// With `y` the base forecasts of all nodes, `S` the summing matrix and `W` the covariance of the base errors:
///
/// ```text
/// bottom up    S [0 I] y                         only the bottom is used
/// top down     S p y[top]                        only the top is used, split by shares p
/// MinT         S (S'W^-1 S)^-1 S'W^-1 y          everything is used; least trace of the error covariance
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reconciliation {
    /// Sums of the bottom forecasts.
    BottomUp,
    /// The forecasts of the roots, split over the bottom.
    TopDown(Shares),
    /// The forecasts of one level, split over the bottom below and summed above. A level is a number of steps down from
    /// the root of the items and one down from the root of the regions; a series that ends higher up is its own level.
    MiddleOut {
        /// Steps down from the root of the items.
        item_depth: usize,
        /// Steps down from the root of the regions.
        region_depth: usize,
        /// How it is split.
        shares: Shares,
    },
    /// Minimum trace: generalised least squares (Wickramasuriya, Athanasopoulos & Hyndman 2019, "Optimal forecast
    /// reconciliation for hierarchical and grouped time series through trace minimization", JASA 114, 804-819).
    MinT(Weighting),
}

/// What a total is split by (Gross & Sohl 1990, "Disaggregation methods to expedite product line forecasting", J. Forecasting
/// 9, 233-254; forecast proportions: Athanasopoulos, Ahmed & Hyndman 2009, Int. J. Forecasting 25, 146-166).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shares {
    /// The average of the historical shares.
    AverageProportions,
    /// The share in the historical averages.
    ProportionsOfAverages,
    /// The shares of the base forecasts, from each node to its children.
    ForecastProportions,
}

/// The covariance of the base errors that minimum trace assumes, up to a factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weighting {
    /// The same variance everywhere: ordinary least squares.
    Ols,
    /// Variances in proportion to the number of bottom series.
    Structural,
    /// Mean squares of past forecast errors.
    Variance,
    /// Covariances of past forecast errors, shrunk towards their diagonal (Schafer & Strimmer 2005, "A shrinkage approach to
    /// large-scale covariance matrix estimation", Stat. Appl. Genet. Mol. Biol. 4, art. 32).
    Shrinkage,
}
