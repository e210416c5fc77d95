//! Averages of trees whose thresholds are drawn.

use ndarray::{Array1, ArrayView1, ArrayView2, Axis};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

use super::design::Rows;
use super::tree::{Forest, Node, Tree};
use super::{FittedRegressor, Regressor};
use crate::error::{FitError, ParamError, PersistError};
use crate::numeric::random::SplitMix64;
use crate::persist::Persist;

/// Extremely randomised trees: the mean of trees in which every column offers one drawn threshold, and the best of these splits.
///
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `n_trees` | 100 | 1 to 10 000 | trees |
/// | `min_leaf` | 5 | 1 to 1 000 000 | fewest rows in a leaf |
/// | `max_depth` | 16 | 1 to 64 | most splits on the way to a leaf |
/// | `rows_per_tree` | 65 536 | 1 to 2^32 - 1 | rows of a tree, drawn without replacement; all if there are no more |
/// | `seed` | 0 | any | draws of tree `i` depend on the seed and `i` only |
///
/// Next to a [`RandomForest`](super::RandomForest), thresholds are not searched for, and nothing is sorted. Every split looks at all
/// columns, as scikit-learn's `ExtraTreesRegressor` does by default. Weights count in means and splits, `min_leaf` counts rows.
/// Trees grow in parallel and are averaged in their order: the answer does not depend on the number of threads, to the last bit.
///
/// Missing values: refused. Fit: O(trees * p * m * depth) time for m rows. A prediction never leaves the range of `y`.
/// Source: Geurts, Ernst & Wehenkel (2006), "Extremely randomized trees", Machine Learning 63, 3-42.
///
/// # Examples
/// ```
/// use credcast::regression::{ExtraTrees, FittedRegressor, Regressor};
/// use ndarray::Array2;
/// let x = Array2::from_shape_fn((200, 2), |(i, j)| ((i * (7 + 4 * j)) % 50) as f64);
/// let y = x.column(0).mapv(|v| if v < 25.0 { 1.0 } else { 3.0 });
/// let fitted = ExtraTrees::params().n_trees(20).build()?.fit(x.view(), y.view())?;
/// assert!((fitted.predict(x.view())? - y).iter().all(|error| error.abs() < 0.8));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtraTrees {
    n_trees: usize,
    min_leaf: usize,
    max_depth: u16,
    rows_per_tree: usize,
    seed: u64,
}

/// Settings of [`ExtraTrees`], checked by [`ExtraTreesParams::build`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtraTreesParams {
    n_trees: usize,
    min_leaf: usize,
    max_depth: u16,
    rows_per_tree: usize,
    seed: u64,
}

impl ExtraTrees {
    /// Starts from the defaults.
    #[must_use]
    pub fn params() -> ExtraTreesParams {
        let Self { n_trees, min_leaf, max_depth, rows_per_tree, seed } = Self::default();
        ExtraTreesParams { n_trees, min_leaf, max_depth, rows_per_tree, seed }
    }
}

impl Default for ExtraTrees {
    fn default() -> Self {
        Self { n_trees: 100, min_leaf: 5, max_depth: 16, rows_per_tree: 65_536, seed: 0 }
    }
}

impl ExtraTreesParams {
    /// Number of trees.
    #[must_use]
    pub fn n_trees(mut self, n_trees: usize) -> Self {
        self.n_trees = n_trees;
        self
    }

    /// Fewest rows in a leaf.
    #[must_use]
    pub fn min_leaf(mut self, min_leaf: usize) -> Self {
        self.min_leaf = min_leaf;
        self
    }

    /// Most splits on the way to a leaf.
    #[must_use]
    pub fn max_depth(mut self, max_depth: u16) -> Self {
        self.max_depth = max_depth;
        self
    }

    /// Rows of each tree.
    #[must_use]
    pub fn rows_per_tree(mut self, rows_per_tree: usize) -> Self {
        self.rows_per_tree = rows_per_tree;
        self
    }

    /// Seed of the draws.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// [`ParamError`] for the first setting outside its range.
    pub fn build(self) -> Result<ExtraTrees, ParamError> {
        let Self { n_trees, min_leaf, max_depth, rows_per_tree, seed } = self;
        if !(1..=10_000).contains(&n_trees) {
            return Err(ParamError::new("n_trees", n_trees, "1 to 10000"));
        }
        if !(1..=1_000_000).contains(&min_leaf) {
            return Err(ParamError::new("min_leaf", min_leaf, "1 to 1000000"));
        }
        if !(1..=64).contains(&max_depth) {
            return Err(ParamError::new("max_depth", max_depth, "1 to 64"));
        }
        if rows_per_tree == 0 || u32::try_from(rows_per_tree).is_err() {
            return Err(ParamError::new("rows_per_tree", rows_per_tree, "1 to 4294967295"));
        }
        Ok(ExtraTrees { n_trees, min_leaf, max_depth, rows_per_tree, seed })
    }
}

/// Grown trees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FittedExtraTrees {
    forest: Forest,
}

impl FittedExtraTrees {
    /// Number of trees.
    #[must_use]
    pub fn n_trees(&self) -> usize {
        self.forest.trees.len()
    }

    /// Number of columns that the trees were grown on.
    #[must_use]
    pub fn n_columns(&self) -> usize {
        self.forest.n_columns
    }

    /// The trees.
    pub(crate) fn forest(&self) -> &Forest {
        &self.forest
    }
}

/// The rows that trees grow on.
struct Ground<'a> {
    columns: Vec<Vec<f64>>,
    /// About its mean, so that sums of squares keep their digits.
    y: Vec<f64>,
    y_mean: f64,
    weights: Option<&'a [f64]>,
}

/// Rows of a node.
#[derive(Clone, Copy)]
struct Part {
    node: usize,
    first: usize,
    end: usize,
    depth: u16,
}

/// Weight and weighted sum of targets.
#[derive(Clone, Copy, Default)]
struct Sum {
    n: usize,
    weight: f64,
    y: f64,
}

impl Ground<'_> {
    fn weight(&self, row: u32) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row as usize])
    }

    fn sum(&self, rows: &[u32]) -> Sum {
        rows.iter().fold(Sum::default(), |sum, &row| {
            let weight = self.weight(row);
            Sum { n: sum.n + 1, weight: sum.weight + weight, y: sum.y + weight * self.y[row as usize] }
        })
    }

    /// The best of one drawn threshold for each column: column and threshold.
    fn split(&self, rows: &[u32], all: Sum, min_leaf: usize, stream: &mut SplitMix64) -> Option<(usize, f64)> {
        let first = self.y[rows[0] as usize];
        if rows.iter().all(|row| (self.y[*row as usize] - first).abs() <= 0.0) {
            return None;
        }
        let mut best: Option<(f64, usize, f64)> = None;
        for (column, values) in self.columns.iter().enumerate() {
            let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
            for row in rows {
                let value = values[*row as usize];
                (low, high) = (low.min(value), high.max(value));
            }
            if low >= high {
                continue;
            }
            // Below `high`, so that neither side is empty.
            let drawn = low + stream.unit() * (high - low);
            let threshold = if drawn < high { drawn } else { low };
            let mut left = Sum::default();
            for &row in rows {
                if values[row as usize] <= threshold {
                    let weight = self.weight(row);
                    left.n += 1;
                    left.weight += weight;
                    left.y += weight * self.y[row as usize];
                }
            }
            if left.n < min_leaf || all.n - left.n < min_leaf {
                continue;
            }
            let right = (all.weight - left.weight, all.y - left.y);
            let score = left.y * left.y / left.weight + right.1 * right.1 / right.0;
            if score.is_finite() && best.is_none_or(|(most, ..)| score > most) {
                best = Some((score, column, threshold));
            }
        }
        best.map(|(_, column, threshold)| (column, threshold))
    }
}

impl ExtraTrees {
    fn grow(&self, index: u64, ground: &Ground<'_>) -> Tree {
        let mut stream = SplitMix64::of(self.seed, index);
        let mut rows = drawn(ground.y.len(), self.rows_per_tree, &mut stream);
        let (mut nodes, mut cover) = (vec![Node::Leaf(0.0)], vec![0.0]);
        let mut parts = vec![Part { node: 0, first: 0, end: rows.len(), depth: 0 }];
        while let Some(Part { node, first, end, depth }) = parts.pop() {
            let here = &mut rows[first..end];
            let all = ground.sum(here);
            cover[node] = all.weight;
            nodes[node] = Node::Leaf(ground.y_mean + all.y / all.weight);
            if depth == self.max_depth || all.n < 2 * self.min_leaf {
                continue;
            }
            let Some((column, threshold)) = ground.split(here, all, self.min_leaf, &mut stream) else { continue };
            let middle = first + partition(here, |row| ground.columns[column][row as usize] <= threshold);
            let left = nodes.len();
            #[expect(
                clippy::cast_possible_truncation,
                reason = "rows are numbered by u32, and nodes are fewer than twice"
            )]
            let split = Node::Split { column: column as u32, threshold, left: left as u32, right: left as u32 + 1 };
            nodes[node] = split;
            nodes.extend([Node::Leaf(0.0); 2]);
            cover.extend([0.0; 2]);
            parts.push(Part { node: left + 1, first: middle, end, depth: depth + 1 });
            parts.push(Part { node: left, first, end: middle, depth: depth + 1 });
        }
        Tree::new(nodes, cover)
    }
}

/// `take` of `n` rows in ascending order, each set as likely (Knuth, *The Art of Computer Programming* 2, 3.4.2, algorithm S).
fn drawn(n: usize, take: usize, stream: &mut SplitMix64) -> Vec<u32> {
    let all = 0..u32::try_from(n).unwrap_or(u32::MAX);
    if take >= n {
        return all.collect();
    }
    let (mut left, mut open) = (n, take);
    all.filter(|_| {
        let chosen = stream.below(left) < open;
        left -= 1;
        open -= usize::from(chosen);
        chosen
    })
    .collect()
}

/// Brings the rows that `is_left` accepts to the front, in the order that they have, and says how many they are.
fn partition(rows: &mut [u32], is_left: impl Fn(u32) -> bool) -> usize {
    let right: Vec<u32> = rows.iter().copied().filter(|row| !is_left(*row)).collect();
    let mut n_left = 0;
    for place in 0..rows.len() {
        if is_left(rows[place]) {
            rows[n_left] = rows[place];
            n_left += 1;
        }
    }
    rows[n_left..].copy_from_slice(&right);
    n_left
}

impl Regressor for ExtraTrees {
    const NAME: &'static str = "extra_trees";
    type Fitted = FittedExtraTrees;

    fn fit_weighted(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        weights: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedExtraTrees, FitError> {
        let rows = Rows::new(x, y, weights)?;
        if u32::try_from(rows.y.len()).is_err() || u32::try_from(x.ncols()).is_err() {
            return Err(super::design::refuse(format!("{} rows and {} columns are too many", x.nrows(), x.ncols())));
        }
        let weights = rows.relative_weights();
        let y_mean = super::design::mean(rows.y.view(), weights.as_ref().map(Array1::view));
        let ground = Ground {
            columns: rows.x.axis_iter(Axis(1)).map(|column| column.to_vec()).collect(),
            y: rows.y.iter().map(|y| y - y_mean).collect(),
            y_mean,
            weights: weights.as_ref().and_then(Array1::as_slice),
        };
        let trees: Vec<Tree> =
            (0..self.n_trees as u64).into_par_iter().map(|index| self.grow(index, &ground)).collect();
        Ok(FittedExtraTrees { forest: Forest { n_columns: x.ncols(), trees } })
    }
}

impl FittedRegressor for FittedExtraTrees {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>, FitError> {
        self.forest.predict(x)
    }
}

impl Persist for FittedExtraTrees {
    const KIND: &'static str = "extra_trees";
    const FORMAT: u32 = 1;

    fn revalidate(self) -> Result<Self, PersistError> {
        Ok(Self { forest: self.forest.revalidate()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_outside_their_range_are_refused() {
        let params = ExtraTrees::params;
        assert_eq!(params().n_trees(0).build().unwrap_err().name, "n_trees");
        assert_eq!(params().min_leaf(0).build().unwrap_err().name, "min_leaf");
        assert_eq!(params().max_depth(65).build().unwrap_err().name, "max_depth");
        assert_eq!(params().rows_per_tree(0).build().unwrap_err().name, "rows_per_tree");
        assert_eq!(params().build().unwrap(), ExtraTrees::default());
    }

    #[test]
    fn rows_are_drawn_once_and_in_order() {
        let mut stream = SplitMix64::of(3, 1);
        let rows = drawn(100, 30, &mut stream);
        assert!(rows.len() == 30 && rows.windows(2).all(|pair| pair[0] < pair[1]) && rows[29] < 100);
        assert_eq!(drawn(5, 9, &mut stream), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn leaves_hold_the_weighted_means_of_their_rows() {
        let x = ndarray::Array2::from_shape_fn((80, 2), |(i, j)| (i as f64 * (1.3 + j as f64)).sin());
        let y = x.column(0).mapv(|v| 1e9 + v);
        let weights = Array1::from_iter((0..80).map(|i| f64::from(1 + i % 3)));
        let model = ExtraTrees::params().n_trees(3).min_leaf(7).build().unwrap();
        let fitted = model.fit_weighted(x.view(), y.view(), Some(weights.view())).unwrap();
        for tree in &fitted.forest.trees {
            let cover = tree.cover().unwrap();
            for (place, node) in tree.nodes().iter().enumerate() {
                if let Node::Split { left, right, .. } = *node {
                    assert!((cover[place] - cover[left as usize] - cover[right as usize]).abs() < 1e-9);
                }
            }
            assert!((cover[0] - 80.0).abs() < 1e-9 && tree.nodes().len() >= 5);
        }
        let found = fitted.predict(x.view()).unwrap();
        // Each tree's predictions add up to the targets, weighted.
        let gap: f64 = (&found - &y).iter().zip(&weights).map(|(gap, w)| gap * w).sum();
        assert!(gap.abs() < 1e-4, "{gap}");
    }
}
