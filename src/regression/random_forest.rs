//! Averages of regression trees.

use ndarray::{Array1, ArrayView1, ArrayView2, Axis};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde::{Deserialize, Serialize};
use smartcore::linalg::basic::matrix::DenseMatrix;
use smartcore::tree::decision_tree_regressor::{DecisionTreeRegressor, DecisionTreeRegressorParameters};

use super::design::Rows;
use super::tree::{Forest, Node, Tree};
use super::{FittedRegressor, Regressor};
use crate::error::{FitError, ParamError, PersistError};
use crate::numeric::random::SplitMix64;
use crate::persist::Persist;

/// The regression forest of Breiman: the mean of trees, each grown on rows drawn with replacement.
///
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `n_trees` | 100 | 1 to 10 000 | trees |
/// | `min_leaf` | 5 | 1 to 1 000 000 | fewest drawn rows in a leaf |
/// | `max_depth` | 12 | 1 to 64 | most splits on the way to a leaf |
/// | `rows_per_tree` | 16 384 | 1 to 2^32 - 1 | rows drawn for a tree; never more than there are |
/// | `seed` | 0 | any | draws of tree `i` depend on the seed and `i` only |
///
/// With weights, rows are drawn in proportion to them, as many as there are rows of a weight above 0.
///
/// Every split looks at all columns, as scikit-learn's `RandomForestRegressor` does by default. Trees grow in parallel
/// and are averaged in their order: the answer does not depend on the number of threads, to the last bit.
///
/// Missing values: refused. Fit: O(trees * p * m (log m + depth)) time for m drawn rows; 100 trees on 50 000 rows and
/// 17 columns take seconds. A prediction never leaves the range of `y`: give it differences, not levels that grow.
/// Source: Breiman (2001), "Random Forests", Machine Learning 45.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RandomForest {
    n_trees: usize,
    min_leaf: usize,
    max_depth: u16,
    rows_per_tree: usize,
    seed: u64,
}

/// Settings of a [`RandomForest`], checked by [`RandomForestParams::build`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RandomForestParams {
    n_trees: usize,
    min_leaf: usize,
    max_depth: u16,
    rows_per_tree: usize,
    seed: u64,
}

impl RandomForest {
    /// Starts from the defaults.
    #[must_use]
    pub fn params() -> RandomForestParams {
        let Self { n_trees, min_leaf, max_depth, rows_per_tree, seed } = Self::default();
        RandomForestParams { n_trees, min_leaf, max_depth, rows_per_tree, seed }
    }
}

impl Default for RandomForest {
    fn default() -> Self {
        Self { n_trees: 100, min_leaf: 5, max_depth: 12, rows_per_tree: 16_384, seed: 0 }
    }
}

impl RandomForestParams {
    /// Number of trees.
    #[must_use]
    pub fn n_trees(mut self, n_trees: usize) -> Self {
        self.n_trees = n_trees;
        self
    }

    /// Fewest drawn rows in a leaf.
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

    /// Rows drawn for each tree.
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
    pub fn build(self) -> Result<RandomForest, ParamError> {
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
        Ok(RandomForest { n_trees, min_leaf, max_depth, rows_per_tree, seed })
    }
}

/// A grown forest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FittedRandomForest {
    forest: Forest,
}

impl FittedRandomForest {
    /// Number of trees.
    #[must_use]
    pub fn n_trees(&self) -> usize {
        self.forest.trees.len()
    }

    /// Number of columns that the forest was grown on.
    #[must_use]
    pub fn n_columns(&self) -> usize {
        self.forest.n_columns
    }

    /// The trees.
    pub(crate) fn forest(&self) -> &Forest {
        &self.forest
    }
}

impl Regressor for RandomForest {
    const NAME: &'static str = "random_forest";
    type Fitted = FittedRandomForest;

    fn fit_weighted(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        weights: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedRandomForest, FitError> {
        let rows = Rows::new(x, y, weights)?;
        let draw = Draw::new(&rows);
        let trees = (0..self.n_trees as u64)
            .into_par_iter()
            .map(|index| self.grow(index, rows.x.view(), rows.y.view(), &draw))
            .collect::<Vec<_>>()
            .into_iter()
            .collect::<Result<Vec<_>, _>>()?;
        Ok(FittedRandomForest { forest: Forest { n_columns: x.ncols(), trees } })
    }
}

impl RandomForest {
    fn grow(&self, index: u64, x: ArrayView2<'_, f64>, y: ArrayView1<'_, f64>, draw: &Draw) -> Result<Tree, FitError> {
        let mut stream = SplitMix64::of(self.seed, index);
        let rows: Vec<usize> = (0..x.nrows().min(self.rows_per_tree)).map(|_| draw.row(&mut stream)).collect();
        let values = x.axis_iter(Axis(1)).flat_map(|column| rows.iter().map(move |&row| column[row])).collect();
        let drawn_x = DenseMatrix::new(rows.len(), x.ncols(), values, true).map_err(|e| failed(&e))?;
        let drawn_y: Vec<f64> = rows.iter().map(|&row| y[row]).collect();
        let parameters = DecisionTreeRegressorParameters {
            // The root counts as a level there.
            max_depth: Some(self.max_depth + 1),
            min_samples_leaf: self.min_leaf,
            min_samples_split: 2 * self.min_leaf,
            seed: Some(stream.next()),
        };
        let grown = DecisionTreeRegressor::fit(&drawn_x, &drawn_y, parameters).map_err(|e| failed(&e))?;
        let text = serde_json::to_string(&grown).map_err(|e| failed(&e))?;
        let nodes = read_nodes(&text)?;
        Tree::check(&nodes, x.ncols()).map_err(|detail| failed(&detail))?;
        Ok(Tree::counted(nodes, rows.len(), |row, column| x[[rows[row], column]]))
    }
}

/// How rows are drawn: each as likely as its weight says.
#[derive(Debug)]
enum Draw {
    /// All of so many rows alike.
    Alike(usize),
    /// Weights added up from the first row on.
    ByWeight(Vec<f64>),
}

impl Draw {
    fn new(rows: &Rows<'_, '_>) -> Self {
        rows.relative_weights().map_or(Self::Alike(rows.x.nrows()), |weights| {
            let mut total = 0.0;
            let added = weights.iter().map(|weight| {
                total += weight;
                total
            });
            Self::ByWeight(added.collect())
        })
    }

    fn row(&self, stream: &mut SplitMix64) -> usize {
        match self {
            Self::Alike(n) => stream.below(*n),
            Self::ByWeight(sums) => {
                let last = sums.len() - 1;
                let at = stream.unit() * sums[last];
                sums.partition_point(|sum| *sum <= at).min(last)
            }
        }
    }
}

fn failed(detail: &impl ToString) -> FitError {
    FitError::NoConvergence { solver: RandomForest::NAME, detail: detail.to_string() }
}

/// Takes the nodes out of a tree that the grower wrote as JSON. Its nodes are private, its written form is not, and
/// our files must not depend on the layout of another crate.
fn read_nodes(text: &str) -> Result<Vec<Node>, FitError> {
    #[derive(Deserialize)]
    struct Grown {
        tree_regressor: Nodes,
    }
    #[derive(Deserialize)]
    struct Nodes {
        nodes: Vec<Raw>,
    }
    #[derive(Deserialize)]
    struct Raw {
        output: f64,
        split_feature: u32,
        split_value: Option<f64>,
        true_child: Option<u32>,
        false_child: Option<u32>,
    }
    let grown: Grown = serde_json::from_str(text).map_err(|e| failed(&e))?;
    let node = |raw: Raw| match (raw.split_value, raw.true_child, raw.false_child) {
        (Some(threshold), Some(left), Some(right)) => Node::Split { column: raw.split_feature, threshold, left, right },
        _ => Node::Leaf(raw.output),
    };
    Ok(grown.tree_regressor.nodes.into_iter().map(node).collect())
}

impl FittedRegressor for FittedRandomForest {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>, FitError> {
        self.forest.predict(x)
    }
}

impl Persist for FittedRandomForest {
    const KIND: &'static str = "random_forest";
    /// 2: nodes know how many rows came by. Format 1 is read.
    const FORMAT: u32 = 2;

    fn revalidate(self) -> Result<Self, PersistError> {
        Ok(Self { forest: self.forest.revalidate()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_outside_their_range_are_refused() {
        let params = RandomForest::params;
        assert_eq!(params().n_trees(0).build().unwrap_err().name, "n_trees");
        assert_eq!(params().min_leaf(0).build().unwrap_err().name, "min_leaf");
        assert_eq!(params().max_depth(0).build().unwrap_err().name, "max_depth");
        assert_eq!(params().max_depth(65).build().unwrap_err().name, "max_depth");
        assert_eq!(params().rows_per_tree(0).build().unwrap_err().name, "rows_per_tree");
        assert_eq!(params().build().unwrap(), RandomForest::default());
    }

    #[test]
    fn a_tree_depends_on_the_seed_and_its_number_only() {
        let x = ndarray::Array2::from_shape_fn((60, 2), |(i, j)| (i as f64 * (1.3 + j as f64)).sin());
        let y = x.column(0).mapv(f64::abs);
        let forest = |n| RandomForest::params().n_trees(n).build().unwrap().fit(x.view(), y.view()).unwrap();
        assert_eq!(forest(3).forest.trees, forest(7).forest.trees[..3]);
        assert_ne!(forest(2).forest.trees[0], forest(2).forest.trees[1]);
    }

    #[test]
    fn a_file_with_a_loop_is_refused() {
        let nodes = vec![Node::Split { column: 0, threshold: 1.0, left: 0, right: 0 }];
        let forest = Forest { n_columns: 1, trees: vec![Tree::new(nodes, vec![1.0])] };
        let forest = FittedRandomForest { forest };
        assert!(FittedRandomForest::from_bytes(&forest.to_bytes().unwrap()).is_err());
    }

    #[test]
    fn nodes_count_the_drawn_rows() {
        let x = ndarray::Array2::from_shape_fn((60, 2), |(i, j)| (i as f64 * (1.3 + j as f64)).sin());
        let y = x.column(0).mapv(f64::abs);
        let fitted = RandomForest::params().n_trees(2).build().unwrap().fit(x.view(), y.view()).unwrap();
        for tree in &fitted.forest.trees {
            let cover = tree.cover().unwrap();
            assert_eq!(cover[0], 60.0);
            for (place, node) in tree.nodes().iter().enumerate() {
                if let Node::Split { left, right, .. } = *node {
                    assert_eq!(cover[place], cover[left as usize] + cover[right as usize]);
                    assert!(cover[left as usize] >= 5.0 && cover[right as usize] >= 5.0);
                }
            }
        }
    }
}
