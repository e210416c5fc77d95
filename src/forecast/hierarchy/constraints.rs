//! Minimum trace, by the sums that have to hold.

use super::structure::Hierarchy;
use super::weights::Weights;
use crate::numeric::conjugate_gradients::{self, Operator};
use crate::numeric::spd::Cholesky;

/// Up to this many sums the system is factored; beyond, it is solved by iteration.
const FACTORED: usize = 400;

/// `U'WU` with `U' = [I -C]`: what the sums `y[a] - C y[b]` of the base forecasts vary by. With it,
///
/// ```text
/// S (S'W^-1 S)^-1 S'W^-1 y = y - W U (U'WU)^-1 U'y
/// ```
///
/// which needs a system of the number of sums only, and no inverse of `W`. Up to 400 sums it is factored, O(sums^3 / 3); beyond,
/// conjugate gradients take O(nodes x (depth + errors)) for each of a few dozen steps.
pub(super) struct Constraints<'a> {
    hierarchy: &'a Hierarchy,
    weights: &'a Weights,
    diagonal: Vec<f64>,
    factor: Option<Cholesky>,
}

impl<'a> Constraints<'a> {
    pub(super) fn new(hierarchy: &'a Hierarchy, weights: &'a Weights) -> Self {
        let n = hierarchy.sums().len();
        let mut constraints = Self { hierarchy, weights, diagonal: vec![0.0; n], factor: None };
        let rows: Vec<Vec<f64>> = (0..n).map(|sum| constraints.low_rank(sum)).collect();
        for (sum, row) in rows.iter().enumerate() {
            let own = weights.diagonal[hierarchy.sums()[sum]];
            let parts = hierarchy.members()[sum].iter().map(|&b| weights.diagonal[hierarchy.bottoms()[b]]);
            constraints.diagonal[sum] = own + parts.sum::<f64>() + row.iter().map(|l| l * l).sum::<f64>();
        }
        if n <= FACTORED {
            constraints.factor = Cholesky::new(&constraints.dense(&rows), n);
        }
        constraints
    }

    /// The row of `U'L` that belongs to `sum`, where `L` is the factor of the weights.
    fn low_rank(&self, sum: usize) -> Vec<f64> {
        let mut row = self.weights.row(self.hierarchy.sums()[sum]).to_vec();
        for &bottom in &self.hierarchy.members()[sum] {
            let part = self.weights.row(self.hierarchy.bottoms()[bottom]);
            row.iter_mut().zip(part).for_each(|(row, part)| *row -= part);
        }
        row
    }

    fn dense(&self, rows: &[Vec<f64>]) -> Vec<f64> {
        let n = rows.len();
        let mut matrix = vec![0.0; n * n];
        for (sum, row) in rows.iter().enumerate() {
            for (other, column) in rows[..=sum].iter().enumerate() {
                matrix[sum * n + other] = row.iter().zip(column).map(|(a, b)| a * b).sum();
            }
            matrix[sum * n + sum] += self.weights.diagonal[self.hierarchy.sums()[sum]];
        }
        for (&node, above) in self.hierarchy.bottoms().iter().zip(self.hierarchy.above()) {
            for (place, &sum) in above.iter().enumerate() {
                // Ascending, so that the lower triangle is written.
                above[..=place].iter().for_each(|&other| matrix[sum * n + other] += self.weights.diagonal[node]);
            }
        }
        matrix
    }

    /// `U x` over all nodes.
    fn spread(&self, x: &[f64]) -> Vec<f64> {
        let mut nodes = vec![0.0; self.hierarchy.n_nodes()];
        self.hierarchy.sums().iter().zip(x).for_each(|(&node, x)| nodes[node] = *x);
        for (&node, above) in self.hierarchy.bottoms().iter().zip(self.hierarchy.above()) {
            nodes[node] = -above.iter().map(|&sum| x[sum]).sum::<f64>();
        }
        nodes
    }

    /// `U'y`: by what each sum differs from that of its parts.
    fn differences(&self, nodes: &[f64], out: &mut [f64]) {
        for ((out, &node), members) in out.iter_mut().zip(self.hierarchy.sums()).zip(self.hierarchy.members()) {
            *out = nodes[node] - members.iter().map(|&b| nodes[self.hierarchy.bottoms()[b]]).sum::<f64>();
        }
    }

    /// The reconciled values of the bottom, from base values of all nodes.
    pub(super) fn bottom(&self, base: &[f64]) -> Vec<f64> {
        let mut differences = vec![0.0; self.hierarchy.sums().len()];
        self.differences(base, &mut differences);
        let multipliers = match &self.factor {
            Some(factor) => {
                factor.solve(&mut differences);
                differences
            }
            None => conjugate_gradients::solve(self, &differences, |_| true),
        };
        let mut change = vec![0.0; self.hierarchy.n_nodes()];
        self.weights.apply(&self.spread(&multipliers), &mut change);
        self.hierarchy.bottoms().iter().map(|&node| base[node] - change[node]).collect()
    }
}

impl Operator for Constraints<'_> {
    fn apply(&self, x: &[f64], out: &mut [f64]) {
        let mut weighted = vec![0.0; self.hierarchy.n_nodes()];
        self.weights.apply(&self.spread(x), &mut weighted);
        self.differences(&weighted, out);
    }

    fn diagonal(&self) -> &[f64] {
        &self.diagonal
    }
}

#[cfg(test)]
mod tests {
    use super::super::groups::Groups;
    use super::super::method::Weighting;
    use super::*;
    use crate::key::SeriesKey;
    use crate::numeric::random::SplitMix64;

    #[test]
    fn factored_and_iterated_solutions_agree() {
        let mut groups = Groups::params();
        for region in 0..6 {
            groups = groups.region(format!("r{region}"), "US");
        }
        for item in 0..12 {
            groups = groups.item(format!("i{item}"), format!("s{}", item / 4)).item(format!("s{}", item / 4), "all");
        }
        let keys: Vec<_> =
            (0..12).flat_map(|i| (0..6).map(move |r| SeriesKey::new(format!("i{i}"), format!("r{r}")))).collect();
        let hierarchy = Hierarchy::new(groups.build().unwrap(), &keys).unwrap();
        let mut stream = SplitMix64::new(3);
        let mut errors = vec![vec![0.0; 9]; hierarchy.n_nodes()];
        errors.iter_mut().flatten().for_each(|e| *e = stream.unit() - 0.4);
        let base: Vec<f64> = (0..hierarchy.n_nodes()).map(|_| 100.0 * stream.unit()).collect();
        for weighting in [Weighting::Ols, Weighting::Structural, Weighting::Variance, Weighting::Shrinkage] {
            let weights = Weights::new(weighting, &hierarchy, &errors);
            let mut constraints = Constraints::new(&hierarchy, &weights);
            assert!(constraints.factor.is_some());
            let factored = constraints.bottom(&base);
            constraints.factor = None;
            for (a, b) in factored.iter().zip(constraints.bottom(&base)) {
                assert!((a - b).abs() < 1e-10, "{weighting:?}: {a} {b}");
            }
            // What adds up already stays as it is, to the bit.
            let coherent = hierarchy.sum(&factored);
            assert_eq!(constraints.bottom(&coherent), factored);
        }
    }
}
