//! Regression trees as their nodes, and averages of them.

use ndarray::{Array1, ArrayView1, ArrayView2};
use rayon::iter::{IndexedParallelIterator, IntoParallelRefMutIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

use super::design;
use crate::error::{FitError, PersistError};

/// Nodes in the order they were made: children always come after their parent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    /// Training rows (the sum of their weights) that came by each node; `None` for a tree of a file that did not keep them.
    cover: Option<Vec<f64>>,
}

/// One node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Node {
    /// What is predicted.
    Leaf(f64),
    /// Left where the column's value is at most the threshold.
    Split { column: u32, threshold: f64, left: u32, right: u32 },
}

/// Nodes as they stand in files: the first two forms are those of format 1, which knew no cover.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Written {
    nodes: Vec<WrittenNode>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum WrittenNode {
    Leaf(f64),
    Split { column: u32, threshold: f64, left: u32, right: u32 },
    CountedLeaf { value: f64, cover: f64 },
    CountedSplit { column: u32, threshold: f64, left: u32, right: u32, cover: f64 },
}

impl From<Written> for Tree {
    fn from(written: Written) -> Self {
        let node = |node: WrittenNode| match node {
            WrittenNode::Leaf(value) => (Node::Leaf(value), None),
            WrittenNode::CountedLeaf { value, cover } => (Node::Leaf(value), Some(cover)),
            WrittenNode::Split { column, threshold, left, right } => {
                (Node::Split { column, threshold, left, right }, None)
            }
            WrittenNode::CountedSplit { column, threshold, left, right, cover } => {
                (Node::Split { column, threshold, left, right }, Some(cover))
            }
        };
        let (nodes, cover): (Vec<_>, Vec<_>) = written.nodes.into_iter().map(node).unzip();
        Self { nodes, cover: cover.into_iter().collect() }
    }
}

impl From<Tree> for Written {
    fn from(Tree { nodes, cover }: Tree) -> Self {
        let node = |(place, node): (usize, Node)| match (node, cover.as_ref().map(|cover| cover[place])) {
            (Node::Leaf(value), None) => WrittenNode::Leaf(value),
            (Node::Leaf(value), Some(cover)) => WrittenNode::CountedLeaf { value, cover },
            (Node::Split { column, threshold, left, right }, None) => {
                WrittenNode::Split { column, threshold, left, right }
            }
            (Node::Split { column, threshold, left, right }, Some(cover)) => {
                WrittenNode::CountedSplit { column, threshold, left, right, cover }
            }
        };
        Self { nodes: nodes.into_iter().enumerate().map(node).collect() }
    }
}

impl Tree {
    /// A tree whose nodes were counted while it grew.
    pub(crate) fn new(nodes: Vec<Node>, cover: Vec<f64>) -> Self {
        Self { nodes, cover: Some(cover) }
    }

    /// A tree whose nodes are counted by sending `rows` rows through it, of which `value(row, column)` is a value. The tree must
    /// have passed [`Tree::check`].
    pub(crate) fn counted(nodes: Vec<Node>, rows: usize, value: impl Fn(usize, usize) -> f64) -> Self {
        let mut cover = vec![0.0; nodes.len()];
        for row in 0..rows {
            let mut at = 0;
            loop {
                cover[at] += 1.0;
                let Node::Split { column, threshold, left, right } = nodes[at] else { break };
                at = if value(row, column as usize) <= threshold { left } else { right } as usize;
            }
        }
        Self { nodes, cover: Some(cover) }
    }

    /// The nodes, the root first.
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Training rows that came by each node.
    pub(crate) fn cover(&self) -> Option<&[f64]> {
        self.cover.as_deref()
    }

    /// Checks that a walk ends: every child exists and comes after its parent.
    pub(crate) fn check(nodes: &[Node], n_columns: usize) -> Result<(), &'static str> {
        if nodes.is_empty() {
            return Err("a tree without nodes");
        }
        for (index, node) in nodes.iter().enumerate() {
            match *node {
                Node::Leaf(value) if !value.is_finite() => return Err("a leaf that is not a finite number"),
                Node::Leaf(_) => {}
                Node::Split { column, threshold, left, right } => {
                    if column as usize >= n_columns || !threshold.is_finite() {
                        return Err("a split on no column or at no number");
                    }
                    if [left, right].iter().any(|&c| c as usize <= index || c as usize >= nodes.len()) {
                        return Err("a child that does not follow its parent");
                    }
                }
            }
        }
        Ok(())
    }

    fn value(&self, row: ArrayView1<'_, f64>) -> f64 {
        let mut at = 0;
        loop {
            match self.nodes[at] {
                Node::Leaf(value) => return value,
                Node::Split { column, threshold, left, right } => {
                    at = if row[column as usize] <= threshold { left } else { right } as usize;
                }
            }
        }
    }
}

/// The mean of trees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Forest {
    pub(crate) n_columns: usize,
    pub(crate) trees: Vec<Tree>,
}

impl Forest {
    pub(crate) fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>, FitError> {
        design::check_new(x, self.n_columns)?;
        let mut means = vec![0.0; x.nrows()];
        means.par_iter_mut().enumerate().for_each(|(row, mean)| {
            // In the order of the trees: the last bit depends on it.
            let total: f64 = self.trees.iter().map(|tree| tree.value(x.row(row))).sum();
            *mean = total / self.trees.len() as f64;
        });
        Ok(Array1::from_vec(means))
    }

    pub(crate) fn revalidate(self) -> Result<Self, PersistError> {
        let invalid = |detail: &str| PersistError::Invalid { detail: detail.into() };
        if self.trees.is_empty() || self.n_columns == 0 {
            return Err(invalid("a forest without trees or columns"));
        }
        for tree in &self.trees {
            Tree::check(&tree.nodes, self.n_columns).map_err(invalid)?;
            let counts = tree.cover.iter().flatten();
            if !counts.clone().all(|cover| cover.is_finite() && *cover >= 0.0) {
                return Err(invalid("a node that so many rows cannot have come by"));
            }
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes() -> Vec<Node> {
        let split = Node::Split { column: 1, threshold: 0.5, left: 1, right: 2 };
        vec![
            split,
            Node::Leaf(-1.0),
            Node::Split { column: 0, threshold: 2.0, left: 3, right: 4 },
            Node::Leaf(2.0),
            Node::Leaf(7.0),
        ]
    }

    #[test]
    fn every_row_is_counted_at_the_nodes_it_comes_by() {
        let rows = [[0.0, 0.5], [1.0, 0.7], [3.0, 0.7], [2.0, 9.0]];
        let tree = Tree::counted(nodes(), 4, |row, column| rows[row][column]);
        assert_eq!(tree.cover(), Some(&[4.0, 1.0, 3.0, 2.0, 1.0][..]));
        assert_eq!(tree.value(ArrayView1::from(&rows[2])), 7.0);
    }

    #[test]
    fn trees_without_counts_are_read_as_they_were_written() {
        // The body of format 1 in both forms.
        #[derive(Serialize)]
        enum First {
            Leaf(f64),
            Split { column: u32, threshold: f64, left: u32, right: u32 },
        }
        #[derive(Serialize)]
        struct FirstTree {
            nodes: Vec<First>,
        }
        let split = First::Split { column: 0, threshold: 1.0, left: 1, right: 2 };
        let first = FirstTree { nodes: vec![split, First::Leaf(1.5), First::Leaf(2.5)] };
        let tree: Tree = postcard::from_bytes(&postcard::to_stdvec(&first).unwrap()).unwrap();
        let other: Tree = serde_json::from_str(&serde_json::to_string(&first).unwrap()).unwrap();
        assert_eq!(tree, other);
        assert_eq!((tree.cover(), tree.nodes().len()), (None, 3));
        let again: Tree = postcard::from_bytes(&postcard::to_stdvec(&tree).unwrap()).unwrap();
        assert_eq!(again, tree);
    }
}
