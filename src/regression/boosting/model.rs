//! What boosting has learned.

use ndarray::{Array1, ArrayView2};
use serde::{Deserialize, Serialize};

use super::super::FittedRegressor;
use super::super::design::refuse;
use super::BoostingLoss;
use super::bins::Bins;
use super::params::MOST_COLUMNS;
use super::predict::predict;
use super::split::Side;
use super::tree::{Kind, Tree};
use crate::error::{FitError, PersistError};
use crate::numeric::rows::Element;
use crate::persist::Persist;

/// A sum of trees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedHistogramBoosting {
    loss: BoostingLoss,
    start: f64,
    columns: Vec<Bins>,
    trees: Vec<Tree>,
    history: Vec<f64>,
}

impl FittedHistogramBoosting {
    /// Keeps of the bins only the edges that a split uses: files are smaller and values are sorted in faster.
    pub(super) fn new(
        loss: BoostingLoss,
        start: f64,
        mut columns: Vec<Bins>,
        mut trees: Vec<Tree>,
        history: Vec<f64>,
    ) -> Self {
        let mut used = vec![[false; 256]; columns.len()];
        for node in trees.iter().flat_map(|tree| &tree.nodes) {
            if let Kind::Split { column, side: Side::Range { last, .. }, .. } = node.kind {
                used[column as usize][usize::from(last)] = true;
            }
        }
        let codes: Vec<[u8; 256]> = columns.iter_mut().zip(&used).map(|(bins, used)| bins.keep(used)).collect();
        for node in trees.iter_mut().flat_map(|tree| &mut tree.nodes) {
            if let Kind::Split { column, side: Side::Range { last, .. }, .. } = &mut node.kind {
                *last = codes[*column as usize][usize::from(*last)];
            }
        }
        Self { loss, start, columns, trees, history }
    }

    /// Number of trees.
    #[must_use]
    pub fn n_trees(&self) -> usize {
        self.trees.len()
    }

    /// Number of columns that the trees were grown on.
    #[must_use]
    pub fn n_columns(&self) -> usize {
        self.columns.len()
    }

    /// What was minimised.
    #[must_use]
    pub fn loss(&self) -> BoostingLoss {
        self.loss
    }

    /// The sum that the trees add to: what is predicted without any, on the log scale with Poisson's loss.
    #[must_use]
    pub fn start(&self) -> f64 {
        self.start
    }

    /// With early stopping, the mean loss of the rows held out without a tree, with one, and so on; else empty.
    #[must_use]
    pub fn held_out_loss(&self) -> &[f64] {
        &self.history
    }

    pub(super) fn check_width(&self, n_columns: usize) -> Result<(), FitError> {
        if n_columns == self.columns.len() {
            return Ok(());
        }
        Err(refuse(format!("{n_columns} columns, the model was fitted to {}", self.columns.len())))
    }

    pub(super) fn columns(&self) -> &[Bins] {
        &self.columns
    }

    pub(super) fn trees(&self) -> &[Tree] {
        &self.trees
    }

    /// Predicts one value for each row of `x`, of `f64` or `f32`; NaN is missing. Parallel over rows; O(trees * depth) a row.
    ///
    /// # Errors
    /// [`FitError::Design`] for another number of columns than was fitted; [`FitError::NotFinite`] or [`FitError::TooLarge`] with
    /// the first row that holds an infinite value or one above 1e100 in size.
    pub fn predict_values<T: Element + Into<f64>>(&self, x: ArrayView2<'_, T>) -> Result<Array1<f64>, FitError> {
        self.check_width(x.ncols())?;
        let mut scores = predict(self, x)?;
        if self.loss == BoostingLoss::Poisson {
            scores.iter_mut().for_each(|score| *score = self.loss.response(*score));
        }
        Ok(Array1::from_vec(scores))
    }
}

impl FittedRegressor for FittedHistogramBoosting {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>, FitError> {
        self.predict_values(x)
    }

    fn takes_missing(&self) -> bool {
        true
    }
}

impl Persist for FittedHistogramBoosting {
    const KIND: &'static str = "boosting";
    const FORMAT: u32 = 1;

    fn revalidate(self) -> Result<Self, PersistError> {
        let invalid = |detail: &str| PersistError::Invalid { detail: detail.into() };
        if self.columns.is_empty() || self.columns.len() > MOST_COLUMNS {
            return Err(invalid("boosting without columns, or with too many"));
        }
        if !self.start.is_finite() || self.history.iter().any(|loss| loss.is_nan()) {
            return Err(invalid("a start or a loss that is not a number"));
        }
        if matches!(self.loss, BoostingLoss::Quantile(level) if !(level > 0.0 && level < 1.0)) {
            return Err(invalid("a quantile outside of (0, 1)"));
        }
        self.columns.iter().try_for_each(Bins::check)?;
        self.trees.iter().try_for_each(|tree| tree.check(&self.columns)).map_err(invalid)?;
        // A finite sum for every row: the largest leaves of all trees together.
        let largest = |tree: &Tree| {
            tree.nodes.iter().fold(0.0, |most: f64, node| match node.kind {
                Kind::Leaf(value) => most.max(value.abs()),
                Kind::Split { .. } => most,
            })
        };
        let most: f64 = self.start.abs() + self.trees.iter().map(largest).sum::<f64>();
        if most.is_finite() { Ok(self) } else { Err(invalid("leaves whose sum is not finite")) }
    }
}
