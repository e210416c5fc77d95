//! Settings of boosting.

use ndarray::{ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

use super::super::Regressor;
use super::super::design::{check_value, check_weights, refuse};
use super::BoostingLoss;
use super::bins::MOST_BINS;
use super::fit::{self, Target};
use super::matrix::Values;
use super::model::FittedHistogramBoosting;
use super::split::Limits;
use crate::error::{FitError, ParamError};
use crate::numeric::rows::Element;

/// Histogram gradient boosting: a sum of trees, each grown on the gradient of the loss at the sum so far.
///
/// ```text
/// s[0] = start(y)     s[k] = s[k-1] + rate tree[k](x)     tree[k] lowers sum w loss(y, s[k-1] + tree[k](x))
/// ```
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `loss` | `Squared` | quantile levels in (0, 1) | what is minimised, see [`BoostingLoss`] |
/// | `n_trees` | 100 | 1 to 100 000 | most trees |
/// | `learning_rate` | 0.1 | in (0, 1] | share of a leaf's value that is added |
/// | `max_leaves` | 31 | 2 to 4 096 | most leaves of a tree; the leaf whose division gains most is divided next |
/// | `max_depth` | 4 096 | 1 to 4 096 | most divisions on the way to a leaf |
/// | `min_leaf` | 20 | 1 to 1 000 000 000 | fewest rows in a leaf |
/// | `min_hessian` | 0.001 | at least 0 | smallest sum of second derivatives in a leaf |
/// | `l2` | 0 | at least 0 | is added to that sum in gains and values of leaves |
/// | `max_bins` | 255 | 2 to 255 | most bins of a column, one for missing values apart |
/// | `categorical` | none | columns | values are names, not sizes |
/// | `increasing`, `decreasing` | none | columns | predictions never move against the column |
/// | `early_stopping` | none | share in (0, 1), patience from 1 | stops when the loss of the last rows has not fallen for so many trees |
/// | `category_smoothing` | 10 | at least 0 | is added to a category's second derivatives when categories are put in order; rarer ones stay out |
/// | `category_l2` | 10 | at least 0 | is added to `l2` where categories are divided |
/// | `category_limit` | 32 | 1 to 255 | most categories on the smaller side |
/// | `category_rows` | 100 | 0 to 1 000 000 000 | fewest rows that a step along the order adds |
/// | `seed` | 0 | any | of the 200 000 rows that decide the bins of a longer matrix |
///
/// **Missing values** are NaN and have a bin of their own; each division learns their side. Where it saw none they go with the
/// larger side. Infinite values and sizes above 1e100 are refused.
///
/// **Categories** are any finite numbers. A division puts a set of them on one side: the gradients' order (Fisher 1958) is
/// searched from both ends, with LightGBM's smoothing and limits; up to four are tried one against the rest. The 254 most
/// frequent of a column are kept apart; rarer ones and those never seen are one category more, and what a leaf saw no row of goes
/// with its larger side. A missing value is a category too.
///
/// **Monotone columns** hold between any two rows that differ in that column alone (missing values apart): sides of a division are
/// bounded by the middle of their values (the basic method of LightGBM). **Early stopping** takes the last share of the rows in the
/// order given, which for rows in the order of time is the latest; no tree learns from them, and the trees of the smallest loss are
/// kept.
///
/// **Weights**: whole numbers (below 2^32 in all) count rows, so that weight 2 is the row twice in every respect (but for the share
/// of early stopping and for the sample of more than 200 000 rows). Other weights are scaled to mean 1 and leave counts of rows
/// alone.
///
/// Gradients are rounded to whole multiples of a step (2^-19 of the largest for 2.4 million rows, less for fewer; 2^-30 where
/// weights or counts need second derivatives, or where that would be coarse): sums are exact in any order, and the answer does not
/// depend on the number of threads, to the last bit. Values of leaves come from derivatives that are not rounded.
///
/// Fit: O(trees * p * n * depth / 2) time at worst, on one thread below 50 000 rows; memory beside `x`: 2 bytes a value and 40
/// bytes a row (68 with weights), and 2 kB a column for each leaf.
/// Differs from LightGBM: edges come from another sample, no bundling of columns, gradients in `f64`; from scikit-learn's
/// `HistGradientBoostingRegressor`: categories and quantiles as described.
/// Source: Friedman (2001), "Greedy Function Approximation: A Gradient Boosting Machine", Annals of Statistics 29; Ke et al. (2017),
/// "LightGBM: A Highly Efficient Gradient Boosting Decision Tree", NeurIPS 30.
///
/// # Examples
/// ```
/// use credcast::regression::{FittedRegressor, HistogramBoosting, Regressor};
/// use ndarray::{Array1, Array2};
/// let x = Array2::from_shape_fn((200, 1), |(row, _)| if row % 10 == 0 { f64::NAN } else { (row % 7) as f64 });
/// let y: Array1<f64> = x.column(0).iter().map(|v| if v.is_nan() { 9.0 } else { v * v }).collect();
/// let fitted = HistogramBoosting::params().n_trees(200).build()?.fit(x.view(), y.view())?;
/// let predicted = fitted.predict(x.view())?;
/// assert!((&predicted - &y).iter().all(|apart| apart.abs() < 1e-3));
/// # Ok::<(), credcast::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistogramBoosting {
    settings: Settings,
}

/// Settings of a [`HistogramBoosting`], checked by [`HistogramBoostingParams::build`].
#[derive(Clone, Debug, PartialEq)]
pub struct HistogramBoostingParams {
    settings: Settings,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Settings {
    loss: BoostingLoss,
    n_trees: usize,
    learning_rate: f64,
    max_leaves: usize,
    max_depth: usize,
    min_leaf: u32,
    min_hessian: f64,
    l2: f64,
    max_bins: usize,
    categorical: Vec<usize>,
    increasing: Vec<usize>,
    decreasing: Vec<usize>,
    early_stopping: Option<EarlyStopping>,
    category_smoothing: f64,
    category_l2: f64,
    category_limit: usize,
    category_rows: u32,
    seed: u64,
}

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct EarlyStopping {
    share: f64,
    patience: usize,
}

impl EarlyStopping {
    pub(super) fn share(self) -> f64 {
        self.share
    }

    pub(super) fn patience(self) -> usize {
        self.patience
    }
}

/// Most columns: their numbers are kept in 16 bits while rows are predicted.
pub(super) const MOST_COLUMNS: usize = 65_535;

const MOST_LEAVES: usize = 4_096;
const MOST_ROWS_OF_A_SIDE: u32 = 1_000_000_000;

impl Default for HistogramBoosting {
    fn default() -> Self {
        Self {
            settings: Settings {
                loss: BoostingLoss::Squared,
                n_trees: 100,
                learning_rate: 0.1,
                max_leaves: 31,
                max_depth: MOST_LEAVES,
                min_leaf: 20,
                min_hessian: 1e-3,
                l2: 0.0,
                max_bins: MOST_BINS,
                categorical: Vec::new(),
                increasing: Vec::new(),
                decreasing: Vec::new(),
                early_stopping: None,
                category_smoothing: 10.0,
                category_l2: 10.0,
                category_limit: 32,
                category_rows: 100,
                seed: 0,
            },
        }
    }
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $type:ty;)+) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, $name: $type) -> Self {
            self.settings.$name = $name;
            self
        }
    )+};
}

impl HistogramBoostingParams {
    setters! {
        /// What is minimised.
        loss: BoostingLoss;
        /// Most trees.
        n_trees: usize;
        /// Share of a leaf's value that is added.
        learning_rate: f64;
        /// Most leaves of a tree.
        max_leaves: usize;
        /// Most divisions on the way to a leaf.
        max_depth: usize;
        /// Fewest rows in a leaf.
        min_leaf: u32;
        /// Smallest sum of second derivatives in a leaf.
        min_hessian: f64;
        /// Is added to sums of second derivatives.
        l2: f64;
        /// Most bins of a column.
        max_bins: usize;
        /// Is added to a category's second derivatives when categories are put in order.
        category_smoothing: f64;
        /// Is added to `l2` where categories are divided.
        category_l2: f64;
        /// Most categories on the smaller side.
        category_limit: usize;
        /// Fewest rows that a step along the order of categories adds.
        category_rows: u32;
        /// Seed of the sample that decides bins.
        seed: u64;
    }

    /// Takes the values of `column` for names. May be called for several columns.
    #[must_use]
    pub fn categorical(mut self, column: usize) -> Self {
        self.settings.categorical.push(column);
        self
    }

    /// Predictions never fall where `column` rises. May be called for several columns.
    #[must_use]
    pub fn increasing(mut self, column: usize) -> Self {
        self.settings.increasing.push(column);
        self
    }

    /// Predictions never rise where `column` rises. May be called for several columns.
    #[must_use]
    pub fn decreasing(mut self, column: usize) -> Self {
        self.settings.decreasing.push(column);
        self
    }

    /// Holds out the last `share` of the rows, and stops once their loss has not fallen for `patience` trees.
    #[must_use]
    pub fn early_stopping(mut self, share: f64, patience: usize) -> Self {
        self.settings.early_stopping = Some(EarlyStopping { share, patience });
        self
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// [`ParamError`] for the first setting outside its range, or for a column that is asked to be two things.
    pub fn build(self) -> Result<HistogramBoosting, ParamError> {
        self.settings.check()?;
        Ok(HistogramBoosting { settings: self.settings })
    }
}

fn within<T: PartialOrd + std::fmt::Display>(
    name: &'static str,
    value: &T,
    low: &T,
    high: &T,
    allowed: &'static str,
) -> Result<(), ParamError> {
    if value >= low && value <= high { Ok(()) } else { Err(ParamError::new(name, value, allowed)) }
}

impl Settings {
    fn check(&self) -> Result<(), ParamError> {
        let Self {
            loss,
            n_trees,
            learning_rate,
            max_leaves,
            max_depth,
            min_leaf,
            min_hessian,
            l2,
            max_bins,
            categorical,
            increasing,
            decreasing,
            early_stopping,
            category_smoothing,
            category_l2,
            category_limit,
            category_rows,
            seed: _,
        } = self;
        if let BoostingLoss::Quantile(level) = loss
            && !(*level > 0.0 && *level < 1.0)
        {
            return Err(ParamError::new("loss", format!("quantile {level}"), "quantile levels in (0, 1)"));
        }
        within("n_trees", n_trees, &1, &100_000, "1 to 100000")?;
        if !(*learning_rate > 0.0 && *learning_rate <= 1.0) {
            return Err(ParamError::new("learning_rate", learning_rate, "in (0, 1]"));
        }
        within("max_leaves", max_leaves, &2, &MOST_LEAVES, "2 to 4096")?;
        within("max_depth", max_depth, &1, &MOST_LEAVES, "1 to 4096")?;
        within("min_leaf", min_leaf, &1, &MOST_ROWS_OF_A_SIDE, "1 to 1000000000")?;
        let sizes = [
            ("min_hessian", min_hessian),
            ("l2", l2),
            ("category_smoothing", category_smoothing),
            ("category_l2", category_l2),
        ];
        for (name, value) in sizes {
            within(name, value, &0.0, &1e100, "0 to 1e100")?;
        }
        within("max_bins", max_bins, &2, &MOST_BINS, "2 to 255")?;
        within("category_limit", category_limit, &1, &MOST_BINS, "1 to 255")?;
        within("category_rows", category_rows, &0, &MOST_ROWS_OF_A_SIDE, "0 to 1000000000")?;
        for column in increasing {
            if decreasing.contains(column) {
                return Err(ParamError::new("increasing", column, "columns that are not decreasing"));
            }
        }
        if let Some(column) = increasing.iter().chain(decreasing).find(|column| categorical.contains(column)) {
            return Err(ParamError::new("categorical", column, "columns that are not monotone"));
        }
        if let Some(EarlyStopping { share, patience }) = early_stopping {
            if !(*share > 0.0 && *share < 1.0) {
                return Err(ParamError::new("early_stopping", share, "a share in (0, 1)"));
            }
            within("early_stopping", patience, &1, &100_000, "a patience of 1 to 100000")?;
        }
        Ok(())
    }
}

impl HistogramBoosting {
    /// Starts from the defaults.
    #[must_use]
    pub fn params() -> HistogramBoostingParams {
        HistogramBoostingParams { settings: Self::default().settings }
    }

    /// Learns `y` (n) from `x` (n rows, p columns) of `f64` or `f32`; narrow values are not copied to wide ones. `weights`: one for
    /// each row, finite, at least 0, not all 0; a row of weight 0 is as if it were absent. O(trees * p * n * depth / 2) at worst.
    ///
    /// # Errors
    /// [`FitError::Design`] for shapes that do not match, no rows or columns, more than 65 535 columns or 2^32 - 2 rows, a weight
    /// that is not allowed, a setting for a column that does not exist, targets that are all 0 with Poisson's loss;
    /// [`FitError::Target`] for a target below 0 with it;
    /// [`FitError::NotFinite`] for an infinite value or a target that is not finite; [`FitError::TooLarge`] for a value or target above
    /// 1e100 in size.
    pub fn fit_values<T: Element + Into<f64>>(
        &self,
        x: ArrayView2<'_, T>,
        y: ArrayView1<'_, f64>,
        weights: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedHistogramBoosting, FitError> {
        let (n_rows, n_columns) = x.dim();
        if n_rows == 0 || n_columns == 0 {
            return Err(refuse(format!("{n_rows} rows and {n_columns} columns; at least one of each is needed")));
        }
        if n_columns > MOST_COLUMNS || n_rows >= u32::MAX as usize {
            return Err(refuse(format!("{n_rows} rows and {n_columns} columns; 4294967294 and 65535 are allowed")));
        }
        if n_rows != y.len() {
            return Err(refuse(format!("{n_rows} rows for {} targets", y.len())));
        }
        let Settings { categorical, increasing, decreasing, .. } = &self.settings;
        if let Some(column) =
            categorical.iter().chain(increasing).chain(decreasing).find(|column| **column >= n_columns)
        {
            return Err(refuse(format!("a setting for column {column} of {n_columns} columns, counted from 0")));
        }
        let (kept, target) = target(y, weights)?;
        if kept.is_some() {
            // Rows that do not count are not read later.
            for (row, values) in x.rows().into_iter().enumerate() {
                values.iter().try_for_each(|&value| check_present(row, value.into()))?;
            }
        }
        fit::fit(self, Values { x: x.view(), kept: kept.as_deref() }, target)
    }

    pub(super) fn loss(&self) -> BoostingLoss {
        self.settings.loss
    }

    pub(super) fn n_trees(&self) -> usize {
        self.settings.n_trees
    }

    pub(super) fn learning_rate(&self) -> f64 {
        self.settings.learning_rate
    }

    pub(super) fn max_leaves(&self) -> usize {
        self.settings.max_leaves
    }

    pub(super) fn max_depth(&self) -> usize {
        self.settings.max_depth
    }

    pub(super) fn max_bins(&self) -> usize {
        self.settings.max_bins
    }

    pub(super) fn seed(&self) -> u64 {
        self.settings.seed
    }

    pub(super) fn early_stopping(&self) -> Option<EarlyStopping> {
        self.settings.early_stopping
    }

    pub(super) fn is_categorical(&self, column: usize) -> bool {
        self.settings.categorical.contains(&column)
    }

    pub(super) fn monotone_of(&self, column: usize) -> i8 {
        i8::from(self.settings.increasing.contains(&column)) - i8::from(self.settings.decreasing.contains(&column))
    }

    pub(super) fn limits(&self) -> Limits {
        Limits {
            min_count: f64::from(self.settings.min_leaf),
            // A side without curvature has no step.
            min_hessian: self.settings.min_hessian.max(f64::MIN_POSITIVE),
            l2: self.settings.l2,
            category_smoothing: self.settings.category_smoothing,
            category_l2: self.settings.category_l2,
            category_limit: self.settings.category_limit,
            category_rows: f64::from(self.settings.category_rows),
            newton_leaves: self.settings.loss.renewal().is_none(),
        }
    }
}

/// Checks a value that is not missing.
pub(super) fn check_present(row: usize, value: f64) -> Result<(), FitError> {
    if value.is_nan() { Ok(()) } else { check_value(row, value) }
}

/// Rows of weight above 0 (`None`: all of them), and their targets and weights.
fn target(
    y: ArrayView1<'_, f64>,
    weights: Option<ArrayView1<'_, f64>>,
) -> Result<(Option<Vec<usize>>, Target), FitError> {
    y.iter().enumerate().try_for_each(|(row, &value)| check_value(row, value))?;
    let Some(weights) = weights else {
        return Ok((None, Target { y: y.to_vec(), weights: None, counts: None }));
    };
    check_weights(weights, y.len())?;
    let kept: Vec<usize> = (0..y.len()).filter(|&row| weights[row] > 0.0).collect();
    let total: f64 = kept.iter().map(|&row| weights[row]).sum();
    let is_whole = total < f64::from(u32::MAX) && kept.iter().all(|&row| weights[row].fract() == 0.0);
    let scale = if is_whole { 1.0 } else { kept.len() as f64 / total };
    let scaled: Vec<f64> = kept.iter().map(|&row| weights[row] * scale).collect();
    #[expect(clippy::float_cmp, reason = "as good as no weights or not")]
    let is_one = scaled.iter().all(|weight| *weight == 1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and below 2^32")]
    let counts = (is_whole && !is_one).then(|| scaled.iter().map(|weight| *weight as u32).collect());
    let target = Target { y: kept.iter().map(|&row| y[row]).collect(), weights: (!is_one).then_some(scaled), counts };
    Ok(((kept.len() < y.len()).then_some(kept), target))
}

impl Regressor for HistogramBoosting {
    const NAME: &'static str = "boosting";
    type Fitted = FittedHistogramBoosting;

    /// Learns `y` from `x`; NaN is a missing value. See [`HistogramBoosting::fit_values`].
    fn fit_weighted(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        weights: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedHistogramBoosting, FitError> {
        self.fit_values(x, y, weights)
    }

    fn takes_missing(&self) -> bool {
        true
    }
}
