//! A fitted tree: nodes that know which codes go left.

use serde::{Deserialize, Serialize};

use super::bins::Bins;
use super::split::Side;

/// One node; the children of a division stand side by side, behind it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Node {
    /// Training rows that came through: counts, or whole weights.
    pub(super) cover: f64,
    pub(super) kind: Kind,
}

/// What a node does.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// What is added to the prediction.
    Leaf(f64),
    /// Codes of `side` go to node `left`, others to the next.
    Split { column: u32, side: Side, left: u32 },
}

/// A tree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
}

/// By how much the covers of children may miss their parent's: they are whole numbers, or sums of them.
const COVER_SHARE: f64 = 1e-9;

impl Tree {
    /// The leaf that a row of these codes ends in.
    pub(super) fn value(&self, code: impl Fn(usize) -> u8) -> f64 {
        let mut at = 0;
        loop {
            match self.nodes[at].kind {
                Kind::Leaf(value) => return value,
                Kind::Split { column, side, left } => {
                    at = left as usize + usize::from(!side.holds(code(column as usize)))
                }
            }
        }
    }

    /// Checks that a walk ends, that it leaves no array, and that covers add up.
    pub(super) fn check(&self, columns: &[Bins]) -> Result<(), &'static str> {
        if self.nodes.is_empty() {
            return Err("a tree without nodes");
        }
        let mut next = 1;
        for (index, node) in self.nodes.iter().enumerate() {
            if index >= next {
                return Err("a node that no way leads to");
            }
            if !(node.cover > 0.0 && node.cover.is_finite()) {
                return Err("a node that no row came through");
            }
            match node.kind {
                Kind::Leaf(value) if !value.is_finite() => return Err("a leaf that is not a finite number"),
                Kind::Leaf(_) => {}
                Kind::Split { column, side, left } => {
                    let Some(bins) = columns.get(column as usize) else {
                        return Err("a split on a column that does not exist");
                    };
                    let fits = match side {
                        Side::Range { first, last } => bins.is_ordered() && first <= 1 && first <= last,
                        Side::Set(_) => !bins.is_ordered(),
                    };
                    if !fits {
                        return Err("a split that does not suit its column");
                    }
                    // Children are numbered in the order of their parents: each node is reached by one way.
                    if left as usize != next {
                        return Err("a child out of its place");
                    }
                    next += 2;
                    let Some([a, b]) = self.nodes.get(next - 2..next) else {
                        return Err("a child that does not exist");
                    };
                    if (a.cover + b.cover - node.cover).abs() > COVER_SHARE * node.cover {
                        return Err("children that more or fewer rows came through than their parent");
                    }
                }
            }
        }
        Ok(())
    }
}
