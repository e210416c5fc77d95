//! What each column adds to the prediction of a tree: Shapley values along its paths.

use ndarray::{Array2, ArrayView2, Axis};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::design::{self, refuse};
use super::extra_trees::FittedExtraTrees;
use super::random_forest::FittedRandomForest;
use super::tree::{Forest, Node};
use crate::error::FitError;

/// Contributions of columns to predictions, which with [`ShapValues::base`] sum to them.
///
/// The Shapley value of column j is its mean effect over all orders in which columns could become known, where a tree answers
/// for unknown columns with the mean over its training rows below the node ("path-dependent").
///
/// ```text
/// prediction = base + sum phi[j]
/// ```
/// Exact, in polynomial time: O(leaves * depth^2) for each tree and row; rows in parallel.
/// Source: Lundberg et al. (2020), "From local explanations to global understanding with explainable AI for trees", Nature Machine
/// Intelligence 2, algorithm 2, each leaf's path taken by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct ShapValues {
    base: f64,
    values: Array2<f64>,
}

impl ShapValues {
    /// What is predicted where no column is known: the mean over the training rows.
    #[must_use]
    pub fn base(&self) -> f64 {
        self.base
    }

    /// A row for each row explained, a column for each column.
    #[must_use]
    pub fn values(&self) -> &Array2<f64> {
        &self.values
    }
}

/// A node as explanations see it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ShapNode {
    Leaf(f64),
    Split { column: usize, left: usize, right: usize },
}

/// A tree as the paths to its leaves.
#[derive(Debug)]
pub(crate) struct ShapTree {
    leaves: Vec<LeafPath>,
    /// Mean over the training rows.
    expected: f64,
}

#[derive(Debug)]
struct LeafPath {
    value: f64,
    columns: Vec<PathColumn>,
}

/// What a path asks of one column.
#[derive(Clone, Debug)]
struct PathColumn {
    column: usize,
    /// Share of the training rows that go this way at the column's splits.
    share: f64,
    /// The splits and whether the path goes left.
    turns: Vec<(usize, bool)>,
}

/// Most splits on a path that is explained: the cost grows with their square.
const DEEPEST: usize = 4_096;

impl ShapTree {
    /// Lays out the paths of a tree whose children come after their parents. O(leaves * depth).
    ///
    /// # Errors
    /// [`FitError::Design`] if it is deeper than 4 096 splits.
    pub(crate) fn new(cover: &[f64], node: impl Fn(usize) -> ShapNode) -> Result<Self, FitError> {
        let mut leaves = Vec::new();
        let mut expected = 0.0;
        let mut open: Vec<(usize, usize, Vec<PathColumn>)> = vec![(0, 0, Vec::new())];
        while let Some((at, depth, path)) = open.pop() {
            if depth > DEEPEST {
                return Err(refuse(format!("a tree of more than {DEEPEST} splits on a path")));
            }
            match node(at) {
                ShapNode::Leaf(value) => {
                    expected += value * path.iter().map(|column| column.share).product::<f64>();
                    leaves.push(LeafPath { value, columns: path });
                }
                ShapNode::Split { column, left, right } => {
                    for (child, goes_left) in [(right, false), (left, true)] {
                        let share = if cover[at] > 0.0 { cover[child] / cover[at] } else { 0.0 };
                        let mut path = path.clone();
                        match path.iter_mut().find(|known| known.column == column) {
                            Some(known) => {
                                known.share *= share;
                                known.turns.push((at, goes_left));
                            }
                            None => path.push(PathColumn { column, share, turns: vec![(at, goes_left)] }),
                        }
                        open.push((child, depth + 1, path));
                    }
                }
            }
        }
        Ok(Self { leaves, expected })
    }

    pub(crate) fn expected(&self) -> f64 {
        self.expected
    }

    /// Adds `scale` times the contributions of a row to `out`; `goes_left` answers for the row at each split.
    pub(crate) fn add(&self, goes_left: impl Fn(usize) -> bool, scale: f64, out: &mut [f64], scratch: &mut Scratch) {
        for leaf in &self.leaves {
            scratch.fractions.clear();
            scratch.weights.clear();
            scratch.weights.push(1.0);
            for known in &leaf.columns {
                let follows = known.turns.iter().all(|&(split, left)| goes_left(split) == left);
                scratch.fractions.push((known.share, follows));
                extend(&mut scratch.weights, known.share, follows);
            }
            for (known, &(share, follows)) in leaf.columns.iter().zip(&scratch.fractions) {
                let weight = unwound(&scratch.weights, share, follows);
                out[known.column] += scale * leaf.value * weight * (f64::from(u8::from(follows)) - share);
            }
        }
    }
}

/// Room for the path of one leaf.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// Of each column on the path: its share, and whether the row follows the path there.
    fractions: Vec<(f64, bool)>,
    /// Of each number of known columns: the share of orders, times the shares of what is not known.
    weights: Vec<f64>,
}

/// Takes one more column into the weights (EXTEND of the source).
fn extend(weights: &mut Vec<f64>, share: f64, follows: bool) {
    let length = weights.len();
    let total = length as f64 + 1.0;
    weights.push(0.0);
    for place in (0..length).rev() {
        if follows {
            weights[place + 1] += weights[place] * (place as f64 + 1.0) / total;
        }
        weights[place] *= share * (length - place) as f64 / total;
    }
}

/// The sum of the weights without one column (UNWIND of the source).
fn unwound(weights: &[f64], share: f64, follows: bool) -> f64 {
    let last = weights.len() - 1;
    let total = weights.len() as f64;
    let mut sum = 0.0;
    if follows {
        let mut next = weights[last];
        for place in (0..last).rev() {
            let one = next * total / (place as f64 + 1.0);
            sum += one;
            next = weights[place] - one * share * (last - place) as f64 / total;
        }
    } else if share > 0.0 {
        for place in (0..last).rev() {
            sum += weights[place] * total / (share * (last - place) as f64);
        }
    }
    sum
}

/// Rows of one task.
const TASK: usize = 32;

/// Contributions of rows: `explain(row, out, scratch)` adds those of one row, `size` columns wide. Parallel over rows.
pub(crate) fn explain(
    n_rows: usize,
    n_columns: usize,
    base: f64,
    add: impl Fn(usize, &mut [f64], &mut Scratch) + Sync,
) -> ShapValues {
    let mut values = Array2::zeros((n_rows, n_columns));
    let tasks: Vec<_> = values.axis_chunks_iter_mut(Axis(0), TASK).enumerate().collect();
    tasks.into_par_iter().for_each(|(task, mut rows)| {
        let mut scratch = Scratch::default();
        for (place, mut row) in rows.rows_mut().into_iter().enumerate() {
            if let Some(row) = row.as_slice_mut() {
                add(task * TASK + place, row, &mut scratch);
            }
        }
    });
    ShapValues { base, values }
}

impl Forest {
    /// Contributions to the mean of the trees.
    ///
    /// # Errors
    /// As [`Forest::predict`]; [`FitError::Design`] for a forest whose nodes were not counted.
    pub(crate) fn shap(&self, x: ArrayView2<'_, f64>) -> Result<ShapValues, FitError> {
        design::check_new(x, self.n_columns)?;
        let tree = |tree: &super::tree::Tree| {
            let cover = tree.cover().ok_or_else(|| {
                refuse(
                    "the forest was saved before format 2, without the rows of each node: fit it again to explain it"
                        .into(),
                )
            })?;
            ShapTree::new(cover, |at| match tree.nodes()[at] {
                Node::Leaf(value) => ShapNode::Leaf(value),
                Node::Split { column, left, right, .. } => {
                    ShapNode::Split { column: column as usize, left: left as usize, right: right as usize }
                }
            })
        };
        let trees = self.trees.iter().map(tree).collect::<Result<Vec<_>, _>>()?;
        let scale = 1.0 / self.trees.len() as f64;
        let base = trees.iter().map(ShapTree::expected).sum::<f64>() * scale;
        Ok(explain(x.nrows(), self.n_columns, base, |row, out, scratch| {
            let values = x.row(row);
            for (paths, tree) in trees.iter().zip(&self.trees) {
                let goes_left = |at: usize| match tree.nodes()[at] {
                    Node::Split { column, threshold, .. } => values[column as usize] <= threshold,
                    Node::Leaf(_) => false,
                };
                paths.add(goes_left, scale, out, scratch);
            }
        }))
    }
}

impl FittedRandomForest {
    /// What each column adds to each prediction; see [`ShapValues`].
    ///
    /// # Errors
    /// [`FitError::Design`] for another number of columns than was fitted, or for a forest read from a file of format 1, which did
    /// not count the rows of its nodes; [`FitError::NotFinite`]; [`FitError::TooLarge`].
    pub fn shap(&self, x: ArrayView2<'_, f64>) -> Result<ShapValues, FitError> {
        self.forest().shap(x)
    }
}

impl FittedExtraTrees {
    /// What each column adds to each prediction; see [`ShapValues`].
    ///
    /// # Errors
    /// [`FitError::Design`] for another number of columns than was fitted; [`FitError::NotFinite`]; [`FitError::TooLarge`].
    pub fn shap(&self, x: ArrayView2<'_, f64>) -> Result<ShapValues, FitError> {
        self.forest().shap(x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shapley values by their definition: the mean over all orders of columns.
    fn by_definition(
        tree: &[ShapNode],
        cover: &[f64],
        goes_left: &dyn Fn(usize) -> bool,
        n_columns: usize,
    ) -> Vec<f64> {
        fn value(tree: &[ShapNode], cover: &[f64], goes_left: &dyn Fn(usize) -> bool, known: usize, at: usize) -> f64 {
            match tree[at] {
                ShapNode::Leaf(value) => value,
                ShapNode::Split { column, left, right } if known >> column & 1 == 1 => {
                    value(tree, cover, goes_left, known, if goes_left(at) { left } else { right })
                }
                ShapNode::Split { left, right, .. } => {
                    let of = |child: usize| cover[child] / cover[at] * value(tree, cover, goes_left, known, child);
                    of(left) + of(right)
                }
            }
        }
        let factorial = |n: usize| (1..=n).map(|i| i as f64).product::<f64>();
        let orders = factorial(n_columns);
        (0..n_columns)
            .map(|column| {
                let sets = (0..1_usize << n_columns).filter(|set| set >> column & 1 == 0);
                sets.map(|set| {
                    let size = set.count_ones() as usize;
                    let weight = factorial(size) * factorial(n_columns - size - 1) / orders;
                    let of = |set| value(tree, cover, goes_left, set, 0);
                    weight * (of(set | 1 << column) - of(set))
                })
                .sum()
            })
            .collect()
    }

    #[test]
    fn paths_give_the_values_of_the_definition() {
        use ShapNode::{Leaf, Split};
        let split = |column, left| Split { column, left, right: left + 1 };
        // Column 0 twice on a path, column 3 nowhere.
        let tree = [split(0, 1), split(1, 3), split(2, 5), Leaf(1.0), split(0, 7), Leaf(-2.0), split(1, 9)];
        let tree: Vec<ShapNode> = tree.into_iter().chain([Leaf(4.0), Leaf(0.5), Leaf(8.0), Leaf(-1.0)]).collect();
        let cover = [100.0, 60.0, 40.0, 25.0, 35.0, 10.0, 30.0, 20.0, 15.0, 29.0, 1.0];
        let paths = ShapTree::new(&cover, |at| tree[at]).unwrap();
        let mean = [3, 5, 7, 8, 9, 10].map(|at| if let Leaf(value) = tree[at] { value * cover[at] } else { 0.0 });
        assert!((paths.expected() - mean.iter().sum::<f64>() / 100.0).abs() < 1e-12);
        for answers in 0..128_usize {
            let goes_left = |at: usize| answers >> at & 1 == 1;
            let mut found = vec![0.0; 4];
            paths.add(goes_left, 1.0, &mut found, &mut Scratch::default());
            let expected = by_definition(&tree, &cover, &goes_left, 4);
            for (found, expected) in found.iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-12, "{answers}: {found} {expected}");
            }
        }
    }
}
