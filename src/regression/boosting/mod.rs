//! Gradient boosting of trees on binned columns.
//!
//! Values are sorted into at most 255 bins a column; gradients are summed by bin in whole numbers (`packed`, `histogram`);
//! the best division is read off the sums (`split`); trees grow leaf by leaf (`grow`).

mod bins;
mod explain;
mod fit;
mod grow;
mod histogram;
mod loss;
mod matrix;
mod model;
mod packed;
mod params;
mod predict;
mod rows;
mod split;
mod tree;

pub use self::loss::BoostingLoss;
pub use self::model::FittedHistogramBoosting;
pub use self::params::{HistogramBoosting, HistogramBoostingParams};
