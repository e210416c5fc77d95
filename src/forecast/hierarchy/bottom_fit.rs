//! Minimum trace without negative values.

use super::structure::Hierarchy;
use super::weights::Weights;
use crate::numeric::conjugate_gradients::Operator;
use crate::numeric::non_negative;
use crate::numeric::spd::Cholesky;

/// `S'W^-1 S`: the quadratic form that the bottom minimises,
///
/// ```text
/// (y - S b)' W^-1 (y - S b)   over b >= 0
/// ```
///
/// (Wickramasuriya, Turlach & Hyndman 2020, "Optimal non-negative forecast reconciliation", Statistics and Computing 30,
/// 1167-1182, who name block principal pivoting the fastest solver for it). `W^-1` is by Woodbury's identity: with rank `r` of the
/// weights one product takes O(nodes x (depth + r)).
pub(super) struct BottomFit<'a> {
    hierarchy: &'a Hierarchy,
    weights: &'a Weights,
    /// Of `I + L'D^-1 L`; `None` without low rank.
    inner: Option<Cholesky>,
    diagonal: Vec<f64>,
}

impl<'a> BottomFit<'a> {
    pub(super) fn new(hierarchy: &'a Hierarchy, weights: &'a Weights) -> Self {
        let rank = weights.rank;
        let mut inner = vec![0.0; rank * rank];
        for (node, d) in weights.diagonal.iter().enumerate() {
            let row = weights.row(node);
            for (i, a) in row.iter().enumerate() {
                inner[i * rank..=i * rank + i].iter_mut().zip(row).for_each(|(sum, b)| *sum += a * b / d);
            }
        }
        (0..rank).for_each(|i| inner[i * rank + i] += 1.0);
        let inner = if rank > 0 { Cholesky::new(&inner, rank) } else { None };
        let weight = |node: usize| 1.0 / weights.diagonal[node];
        let diagonal = hierarchy
            .bottoms()
            .iter()
            .zip(hierarchy.above())
            .map(|(&node, above)| weight(node) + above.iter().map(|&s| weight(hierarchy.sums()[s])).sum::<f64>())
            .collect();
        Self { hierarchy, weights, inner, diagonal }
    }

    /// Replaces `y` by `W^-1 y`.
    fn weigh(&self, y: &mut [f64]) {
        y.iter_mut().zip(&self.weights.diagonal).for_each(|(y, d)| *y /= d);
        let Some(inner) = &self.inner else { return };
        let rank = self.weights.rank;
        let mut carried = vec![0.0; rank];
        for (row, y) in self.weights.factor.chunks(rank).zip(y.iter()) {
            carried.iter_mut().zip(row).for_each(|(sum, l)| *sum += l * y);
        }
        inner.solve(&mut carried);
        for ((row, y), d) in self.weights.factor.chunks(rank).zip(y.iter_mut()).zip(&self.weights.diagonal) {
            *y -= row.iter().zip(&carried).map(|(l, c)| l * c).sum::<f64>() / d;
        }
    }

    /// `S'y`.
    fn gather(&self, y: &[f64], out: &mut [f64]) {
        for ((out, &node), above) in out.iter_mut().zip(self.hierarchy.bottoms()).zip(self.hierarchy.above()) {
            *out = y[node] + above.iter().map(|&sum| y[self.hierarchy.sums()[sum]]).sum::<f64>();
        }
    }

    /// The reconciled values of the bottom, none negative; `free` are those without that bound. Where no value of `free` is
    /// negative they are returned as they are.
    pub(super) fn bottom(&self, base: &[f64], free: Vec<f64>) -> Vec<f64> {
        if free.iter().all(|b| *b >= 0.0) {
            return free;
        }
        let mut weighed = base.to_vec();
        self.weigh(&mut weighed);
        let mut target = vec![0.0; free.len()];
        self.gather(&weighed, &mut target);
        // The solver ends; if rounding keeps it from seeing that, negative values are cut.
        non_negative::minimise(self, &target, &free).unwrap_or_else(|| free.iter().map(|b| b.max(0.0)).collect())
    }
}

impl Operator for BottomFit<'_> {
    fn apply(&self, x: &[f64], out: &mut [f64]) {
        let mut nodes = self.hierarchy.sum(x);
        self.weigh(&mut nodes);
        self.gather(&nodes, out);
    }

    fn diagonal(&self) -> &[f64] {
        &self.diagonal
    }
}
