//! Growing one tree, leaf by leaf: always the leaf whose division gains most (as LightGBM does).

use super::histogram::{Histogram, Rows};
use super::loss::{BoostingLoss, newton, quantile};
use super::matrix::{BinnedColumns, BinnedRows};
use super::packed::{Packed, Scale};
use super::rows::divide;
use super::split::{Bounds, ColumnPlan, Limits, Search, Side, Split};

/// What a tree is grown from.
#[derive(Debug)]
pub(super) struct Ground<'a, P> {
    pub(super) rows: &'a BinnedRows,
    pub(super) columns: &'a BinnedColumns,
    pub(super) plans: &'a [ColumnPlan],
    pub(super) limits: &'a Limits,
    pub(super) loss: BoostingLoss,
    pub(super) max_leaves: usize,
    pub(super) max_depth: usize,
    /// Of each row.
    pub(super) packed: &'a [P],
    pub(super) scale: &'a Scale,
    pub(super) total: P,
    pub(super) residuals: Residuals<'a>,
    /// Whether several threads work on one tree.
    pub(super) is_parallel: bool,
}

/// What is left of the target, for leaves that are quantiles of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Residuals<'a> {
    pub(super) y: &'a [f64],
    pub(super) scores: &'a [f64],
    pub(super) weights: Option<&'a [f64]>,
}

impl Residuals<'_> {
    pub(super) fn quantile(&self, rows: &[u32], level: f64) -> f64 {
        let pair = |&row: &u32| {
            let row = row as usize;
            (self.y[row] - self.scores[row], self.weights.map_or(1.0, |weights| weights[row]))
        };
        quantile(&mut rows.iter().map(pair).collect::<Vec<_>>(), level)
    }
}

/// A tree before its leaves have values.
#[derive(Debug, Default)]
pub(super) struct Grown {
    pub(super) nodes: Vec<GrownNode>,
    pub(super) leaves: Vec<GrownLeaf>,
}

/// A node; children are `left` and `left + 1`.
#[derive(Debug)]
pub(super) struct GrownNode {
    pub(super) cover: f64,
    pub(super) split: Option<(usize, Side, usize)>,
}

/// A leaf and its rows, a range of those of the tree.
#[derive(Debug)]
pub(super) struct GrownLeaf {
    pub(super) node: usize,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) bounds: Bounds,
    pub(super) l2: f64,
}

/// A leaf that may still be divided.
#[derive(Debug)]
struct Open<P> {
    leaf: GrownLeaf,
    depth: usize,
    total: P,
    histogram: Histogram<P>,
    split: Split<P>,
}

impl<P: Packed> Ground<'_, P> {
    /// Grows a tree; `rows` and `scratch` are as long as there are rows, and `rows` ends up in the order of the leaves.
    pub(super) fn grow(&self, rows: &mut [u32], scratch: &mut [u32]) -> Grown {
        let mut grown = Grown::default();
        grown.nodes.push(self.node(self.total));
        rows.iter_mut().zip(0..).for_each(|(row, place)| *row = place);
        let root = GrownLeaf { node: 0, start: 0, end: rows.len(), bounds: Bounds::NONE, l2: self.limits.l2 };
        let mut open: Vec<Open<P>> = Vec::new();
        if self.may_divide(self.total, 0) {
            let histogram = Histogram::build(self.rows, self.packed, Rows::All(rows.len()), self.is_parallel);
            self.sort_in(root, 0, self.total, histogram, &mut open, &mut grown);
        } else {
            grown.leaves.push(root);
        }
        while !open.is_empty() {
            if grown.leaves.len() + open.len() >= self.max_leaves {
                break;
            }
            // The first of equal ones.
            let best =
                (1..open.len()).fold(0, |best, at| if open[at].split.gain > open[best].split.gain { at } else { best });
            let parent = open.remove(best);
            self.divide(parent, rows, scratch, &mut open, &mut grown);
        }
        grown.leaves.extend(open.into_iter().map(|open| open.leaf));
        // In the order of their rows.
        grown.leaves.sort_by_key(|leaf| leaf.start);
        grown
    }

    fn node(&self, total: P) -> GrownNode {
        GrownNode { cover: total.count(self.scale) as f64, split: None }
    }

    /// Whether a leaf has the rows and the depth for a division.
    fn may_divide(&self, total: P, depth: usize) -> bool {
        depth < self.max_depth && total.count(self.scale) as f64 >= 2.0 * self.limits.min_count
    }

    /// Finds the division of a leaf: it stays open if there is one.
    fn sort_in(
        &self,
        leaf: GrownLeaf,
        depth: usize,
        total: P,
        histogram: Histogram<P>,
        open: &mut Vec<Open<P>>,
        grown: &mut Grown,
    ) {
        let Self { scale, limits, is_parallel, .. } = *self;
        let search = Search { scale, limits, bounds: leaf.bounds, total, is_parallel };
        match search.best(&histogram, self.plans) {
            Some(split) => open.push(Open { leaf, depth, total, histogram, split }),
            None => grown.leaves.push(leaf),
        }
    }

    fn divide(
        &self,
        parent: Open<P>,
        rows: &mut [u32],
        scratch: &mut [u32],
        open: &mut Vec<Open<P>>,
        grown: &mut Grown,
    ) {
        let Open { leaf, depth, total, mut histogram, split } = parent;
        let (start, end) = (leaf.start, leaf.end);
        let codes = self.columns.column(split.column);
        let middle = start + divide(&mut rows[start..end], &mut scratch[start..end], codes, &split.side.table());
        let (left, right) = (split.left, total.minus(split.left));
        let first = grown.nodes.len();
        grown.nodes[leaf.node].split = Some((split.column, split.side, first));
        grown.nodes.extend([self.node(left), self.node(right)]);
        let l2 = self.limits.l2 + split.extra_l2;
        let [left_bounds, right_bounds] = self.bounds(&leaf, &split, right, &rows[start..middle], &rows[middle..end]);
        let children = [
            (GrownLeaf { node: first, start, end: middle, bounds: left_bounds, l2 }, left),
            (GrownLeaf { node: first + 1, start: middle, end, bounds: right_bounds, l2 }, right),
        ];
        let is_last = grown.leaves.len() + open.len() + 2 >= self.max_leaves;
        let divisible = [left, right].map(|total| !is_last && self.may_divide(total, depth + 1));
        let smaller = usize::from(middle - start > end - middle);
        let histograms = if divisible == [false, false] {
            [None, None]
        } else {
            let leaf = &children[smaller].0;
            let rows = Rows::Some(&rows[leaf.start..leaf.end]);
            let built = Histogram::build(self.rows, self.packed, rows, self.is_parallel);
            if divisible[1 - smaller] {
                histogram.subtract(&built);
            }
            if smaller == 0 { [Some(built), Some(histogram)] } else { [Some(histogram), Some(built)] }
        };
        for (((leaf, total), histogram), divisible) in children.into_iter().zip(histograms).zip(divisible) {
            match histogram.filter(|_| divisible) {
                Some(histogram) => self.sort_in(leaf, depth + 1, total, histogram, open, grown),
                None => grown.leaves.push(leaf),
            }
        }
    }

    /// The limits of both sides: a division of a monotone column parts the values that they may take at the middle between
    /// theirs (the basic method of LightGBM's `monotone_constraints`).
    fn bounds(
        &self,
        leaf: &GrownLeaf,
        split: &Split<P>,
        right: P,
        left_rows: &[u32],
        right_rows: &[u32],
    ) -> [Bounds; 2] {
        let monotone = self.plans[split.column].monotone;
        if monotone == 0 {
            return [leaf.bounds; 2];
        }
        let l2 = self.limits.l2 + split.extra_l2;
        let value = |sums: P, rows: &[u32]| match self.loss.renewal() {
            Some(level) => self.residuals.quantile(rows, level),
            None => {
                let sums = sums.unpack(self.scale);
                newton(sums.gradient, sums.hessian, l2)
            }
        };
        let (a, b) = (leaf.bounds.clamp(value(split.left, left_rows)), leaf.bounds.clamp(value(right, right_rows)));
        let middle = a / 2.0 + b / 2.0;
        let (below, above) = (Bounds { high: middle, ..leaf.bounds }, Bounds { low: middle, ..leaf.bounds });
        if monotone > 0 { [below, above] } else { [above, below] }
    }
}
