//! What each column adds to what boosting predicts.

use ndarray::ArrayView2;

use super::super::tree_shap::{ShapNode, ShapTree, ShapValues, explain};
use super::bins::Lookup;
use super::matrix::{Values, encode};
use super::model::FittedHistogramBoosting;
use super::tree::Kind;
use crate::error::FitError;
use crate::numeric::rows::Element;

impl FittedHistogramBoosting {
    /// What each column adds to each prediction, on the log scale with Poisson's loss; see [`ShapValues`]. `x` as in
    /// [`FittedHistogramBoosting::predict_values`]. Rows count as often as their weight where weights were whole, else once.
    ///
    /// # Errors
    /// As [`FittedHistogramBoosting::predict_values`].
    pub fn shap<T: Element + Into<f64>>(&self, x: ArrayView2<'_, T>) -> Result<ShapValues, FitError> {
        self.check_width(x.ncols())?;
        let lookups: Vec<Lookup> = self.columns().iter().map(Lookup::new).collect();
        let n_rows = x.nrows();
        let (_, codes) = encode(Values { x, kept: None }, 0, n_rows, &lookups, false)?;
        let mut trees = Vec::with_capacity(self.trees().len());
        for tree in self.trees() {
            let cover: Vec<f64> = tree.nodes.iter().map(|node| node.cover).collect();
            trees.push(ShapTree::new(&cover, |at| match tree.nodes[at].kind {
                Kind::Leaf(value) => ShapNode::Leaf(value),
                Kind::Split { column, left, .. } => {
                    ShapNode::Split { column: column as usize, left: left as usize, right: left as usize + 1 }
                }
            })?);
        }
        let base = self.start() + trees.iter().map(ShapTree::expected).sum::<f64>();
        Ok(explain(n_rows, self.n_columns(), base, |row, out, scratch| {
            for (paths, tree) in trees.iter().zip(self.trees()) {
                let goes_left = |at: usize| match tree.nodes[at].kind {
                    Kind::Split { column, side, .. } => side.holds(codes.column(column as usize)[row]),
                    Kind::Leaf(_) => false,
                };
                paths.add(goes_left, 1.0, out, scratch);
            }
        }))
    }
}
