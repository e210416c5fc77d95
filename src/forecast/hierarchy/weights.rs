//! The covariance of base errors: a diagonal and a few columns.

use serde::{Deserialize, Serialize};

use super::method::Weighting;
use super::structure::Hierarchy;
use crate::error::PersistError;
use crate::numeric::{quantile, scale};

/// Errors of a node that are needed for a variance of its own.
const FEWEST: usize = 2;
/// A variance, per bottom series, is at least this share of the median one: a node that was never wrong is not taken to be
/// always right.
const LEAST: f64 = 1e-8;
/// Least shrinkage: without it the matrix would be singular.
const LEAST_SHRINKAGE: f64 = 1e-4;

/// `diag(diagonal) + factor factor'`, in an arbitrary unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Weights {
    pub(super) diagonal: Vec<f64>,
    /// A row of `rank` for each node.
    pub(super) factor: Vec<f64>,
    pub(super) rank: usize,
    /// The shrinkage towards the diagonal, where it was estimated.
    pub(super) shrinkage: Option<f64>,
}

impl Weights {
    /// The matrix that `weighting` asks for; with too few errors the structural one. `errors` holds a list for each node,
    /// all of the same length, oldest first, NaN where unknown.
    pub(super) fn new(weighting: Weighting, hierarchy: &Hierarchy, errors: &[Vec<f64>]) -> Self {
        match weighting {
            Weighting::Ols => Self::diagonal(vec![1.0; hierarchy.n_nodes()]),
            Weighting::Structural => Self::structural(hierarchy),
            Weighting::Variance => Self::variance(hierarchy, errors).unwrap_or_else(|| Self::structural(hierarchy)),
            Weighting::Shrinkage => {
                Self::shrunk(hierarchy, errors, true, shrinkage).unwrap_or_else(|| Self::structural(hierarchy))
            }
        }
    }

    /// The mean products of errors, for drawing from: the spread of each sum is then that of its own past errors, where
    /// shrinkage, and a bias that is taken out, would take away what the errors of its parts have in common. Independent nodes where too few errors are known.
    pub(super) fn sampled(hierarchy: &Hierarchy, errors: &[Vec<f64>]) -> Self {
        Self::shrunk(hierarchy, errors, false, |_, _| 0.0).unwrap_or_else(|| Self::structural(hierarchy))
    }

    fn diagonal(diagonal: Vec<f64>) -> Self {
        Self { diagonal, factor: Vec::new(), rank: 0, shrinkage: None }
    }

    fn structural(hierarchy: &Hierarchy) -> Self {
        Self::diagonal(hierarchy.counts().into_iter().map(|count| count as f64).collect())
    }

    /// Mean squares.
    fn variance(hierarchy: &Hierarchy, errors: &[Vec<f64>]) -> Option<Self> {
        let unit = unit(errors)?;
        let variances = errors.iter().map(|list| {
            let (n, sum) = present(list).fold((0_usize, 0.0), |(n, sum), e| (n + 1, sum + (e / unit) * (e / unit)));
            (n >= FEWEST).then(|| sum / n as f64)
        });
        Some(Self::diagonal(completed(hierarchy, variances.collect())?))
    }

    /// ```text
    /// W[i,i] = v[i]   W[i,j] = (1 - lambda) r[i,j] sqrt(v[i] v[j])   lambda = sum Var(r[i,j]) / sum r[i,j]^2   over i != j
    /// ```
    /// with `v` and `r` the sample variances and correlations. With `z` the standardised errors, both sums come from `z'z`, so
    /// that no matrix of nodes by nodes is made: O(nodes x errors^2). A missing error counts as 0 in `r`: a node with
    /// fewer errors is shrunk further.
    fn shrunk(
        hierarchy: &Hierarchy,
        errors: &[Vec<f64>],
        centred: bool,
        shrinkage: impl Fn(&[f64], usize) -> f64,
    ) -> Option<Self> {
        let unit = unit(errors)?;
        let length = errors.first()?.len();
        let mut z = vec![0.0; errors.len() * length];
        let mut variances = Vec::with_capacity(errors.len());
        for (list, z) in errors.iter().zip(z.chunks_mut(length)) {
            let n = present(list).count();
            if n < FEWEST {
                variances.push(None);
                continue;
            }
            let mean = if centred { present(list).map(|e| e / unit).sum::<f64>() / n as f64 } else { 0.0 };
            let squares: f64 = present(list).map(|e| (e / unit - mean) * (e / unit - mean)).sum();
            let variance = squares / (n as f64 - 1.0);
            variances.push(Some(variance));
            if variance > 0.0 {
                let sd = variance.sqrt();
                z.iter_mut().zip(list).filter(|(_, e)| e.is_finite()).for_each(|(z, e)| *z = (e / unit - mean) / sd);
            }
        }
        let variances = completed(hierarchy, variances)?;
        let shrinkage = shrinkage(&z, length).max(LEAST_SHRINKAGE);
        let share = ((1.0 - shrinkage) / (length as f64 - 1.0)).sqrt();
        let mut diagonal = Vec::with_capacity(variances.len());
        for (&variance, z) in variances.iter().zip(z.chunks_mut(length)) {
            let sd = variance.sqrt();
            z.iter_mut().for_each(|z| *z *= sd * share);
            let carried: f64 = z.iter().map(|z| z * z).sum();
            // Rounding must not take away what the shrinkage leaves.
            diagonal.push((variance - carried).max(shrinkage * variance));
        }
        let (factor, rank) = if shrinkage < 1.0 { (z, length) } else { (Vec::new(), 0) };
        Some(Self { diagonal, factor, rank, shrinkage: Some(shrinkage) })
    }

    /// The row of the factor that belongs to `node`.
    pub(super) fn row(&self, node: usize) -> &[f64] {
        &self.factor[node * self.rank..(node + 1) * self.rank]
    }

    /// Writes the product with `x` to `out`.
    pub(super) fn apply(&self, x: &[f64], out: &mut [f64]) {
        let mut carried = vec![0.0; self.rank];
        if self.rank > 0 {
            for (row, &x) in self.factor.chunks(self.rank).zip(x) {
                if x.abs() > 0.0 {
                    carried.iter_mut().zip(row).for_each(|(sum, l)| *sum += l * x);
                }
            }
        }
        for (node, out) in out.iter_mut().enumerate() {
            let low_rank: f64 = self.row(node).iter().zip(&carried).map(|(l, c)| l * c).sum();
            *out = self.diagonal[node] * x[node] + low_rank;
        }
    }

    /// Checks what was read.
    pub(super) fn check(&self, n_nodes: usize) -> Result<(), PersistError> {
        let sound = self.diagonal.len() == n_nodes
            && n_nodes.checked_mul(self.rank).is_some_and(|n| n == self.factor.len())
            && self.diagonal.iter().all(|d| *d > 0.0 && d.is_finite())
            && self.factor.iter().all(|l| l.is_finite())
            && self.shrinkage.is_none_or(|s| (0.0..=1.0).contains(&s));
        if sound { Ok(()) } else { Err(PersistError::Invalid { detail: "weights of the reconciliation".into() }) }
    }
}

fn present(list: &[f64]) -> impl Iterator<Item = f64> + '_ {
    list.iter().copied().filter(|e| e.is_finite())
}

/// A power of two near the largest error; `None` if all are 0 or unknown.
fn unit(errors: &[Vec<f64>]) -> Option<f64> {
    let largest = errors.iter().flat_map(|list| present(list)).fold(0.0, |largest: f64, e| largest.max(e.abs()));
    (largest > 0.0).then(|| scale::power_of_two_below(largest))
}

/// The variances, with the median per bottom series where there is none, and kept from 0; `None` if all are 0 or unknown.
fn completed(hierarchy: &Hierarchy, variances: Vec<Option<f64>>) -> Option<Vec<f64>> {
    let counts = hierarchy.counts();
    let mut positive: Vec<f64> =
        variances.iter().zip(&counts).filter_map(|(v, &n)| v.map(|v| v / n as f64)).filter(|v| *v > 0.0).collect();
    let median = quantile::median(&mut positive);
    // NaN, if there was none, fails.
    (median > 0.0).then(|| {
        let usual = |count: usize| median * count as f64;
        variances.into_iter().zip(counts).map(|(v, n)| v.unwrap_or(usual(n)).max(LEAST * usual(n))).collect()
    })
}

/// `lambda` of [`Weights::shrunk`] from a row of `length` standardised errors for each node.
fn shrinkage(z: &[f64], length: usize) -> f64 {
    let n = length as f64;
    let mut gram = vec![0.0; length * length];
    let (mut own_squares, mut fourths) = (0.0, 0.0);
    for row in z.chunks(length) {
        for (i, &a) in row.iter().enumerate() {
            gram[i * length..(i + 1) * length].iter_mut().zip(row).for_each(|(g, b)| *g += a * b);
        }
        let square: f64 = row.iter().map(|z| z * z).sum();
        own_squares += square * square;
        fourths += row.iter().map(|z| z.powi(4)).sum::<f64>();
    }
    // Over i != j: the sum of (z[i]'z[j])^2, and that of z[i,t]^2 z[j,t]^2.
    let products = gram.iter().map(|g| g * g).sum::<f64>() - own_squares;
    let squares = (0..length).map(|t| gram[t * length + t].powi(2)).sum::<f64>() - fourths;
    let correlations = products / ((n - 1.0) * (n - 1.0));
    let variances = (squares - products / n) * n / (n - 1.0).powi(3);
    if correlations > 0.0 { (variances / correlations).clamp(0.0, 1.0) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::super::groups::Groups;
    use super::*;
    use crate::key::SeriesKey;

    fn hierarchy() -> Hierarchy {
        let groups = Groups::params().region("CA", "US").region("TX", "US").build().unwrap();
        Hierarchy::new(groups, &[SeriesKey::new("a", "CA"), SeriesKey::new("a", "TX")]).unwrap()
    }

    fn dense(weights: &Weights) -> Vec<f64> {
        let n = weights.diagonal.len();
        let mut all = Vec::new();
        for i in 0..n {
            let unit: Vec<f64> = (0..n).map(|j| f64::from(u8::from(i == j))).collect();
            let mut row = vec![0.0; n];
            weights.apply(&unit, &mut row);
            all.extend(row);
        }
        all
    }

    /// The definition, pair by pair.
    fn by_definition(errors: &[Vec<f64>]) -> (f64, Vec<f64>) {
        let n = errors[0].len() as f64;
        let mean = |x: &[f64]| x.iter().sum::<f64>() / n;
        let centred: Vec<Vec<f64>> = errors.iter().map(|e| e.iter().map(|v| v - mean(e)).collect()).collect();
        let variance = |e: &[f64]| e.iter().map(|v| v * v).sum::<f64>() / (n - 1.0);
        let z: Vec<Vec<f64>> = centred.iter().map(|e| e.iter().map(|v| v / variance(e).sqrt()).collect()).collect();
        let (mut variances, mut squares) = (0.0, 0.0);
        let correlation = |i: usize, j: usize| z[i].iter().zip(&z[j]).map(|(a, b)| a * b).sum::<f64>() / (n - 1.0);
        for i in 0..z.len() {
            for j in (0..z.len()).filter(|j| *j != i) {
                let w: Vec<f64> = z[i].iter().zip(&z[j]).map(|(a, b)| a * b).collect();
                variances += n / (n - 1.0).powi(3) * w.iter().map(|v| (v - mean(&w)).powi(2)).sum::<f64>();
                squares += correlation(i, j).powi(2);
            }
        }
        let lambda = (variances / squares).min(1.0);
        let mut matrix = Vec::new();
        for i in 0..z.len() {
            for j in 0..z.len() {
                let share = if i == j { 1.0 } else { 1.0 - lambda };
                matrix.push(share * correlation(i, j) * (variance(&centred[i]) * variance(&centred[j])).sqrt());
            }
        }
        (lambda, matrix)
    }

    #[test]
    fn shrinkage_is_what_its_definition_says() {
        let errors = [
            vec![1.0, -2.0, 0.5, 3.0, -1.0, 0.7],
            vec![0.9, -2.5, 0.0, 2.0, -1.5, 0.2],
            vec![2.1, -4.0, 1.0, 5.5, -2.0, 0.0],
        ];
        let (lambda, expected) = by_definition(&errors);
        assert!((0.01..0.99).contains(&lambda));
        let weights = Weights::new(Weighting::Shrinkage, &hierarchy(), &errors);
        assert!((weights.shrinkage.unwrap() / lambda - 1.0).abs() < 1e-12);
        // The unit is 4, the power of two below the largest error.
        for (found, expected) in dense(&weights).iter().zip(expected) {
            assert!((found * 16.0 - expected).abs() < 1e-12, "{found} {expected}");
        }
    }

    #[test]
    fn nodes_without_errors_take_the_usual_variance() {
        let unknown = vec![f64::NAN; 3];
        let errors = [vec![2.0, -2.0, 2.0], unknown.clone(), unknown.clone()];
        let weights = Weights::new(Weighting::Variance, &hierarchy(), &errors);
        // Nodes are a@CA, a@TX and a; the sum takes twice the median of one series.
        let ratio = |node: usize| weights.diagonal[node] / weights.diagonal[0];
        assert_eq!((ratio(1), ratio(2)), (2.0 / 2.0, 2.0));
        for weighting in [Weighting::Variance, Weighting::Shrinkage] {
            for nothing in [vec![unknown.clone(); 3], vec![vec![0.0; 3]; 3], vec![Vec::new(); 3]] {
                let weights = Weights::new(weighting, &hierarchy(), &nothing);
                assert_eq!(weights, Weights::new(Weighting::Structural, &hierarchy(), &[]));
            }
        }
    }

    #[test]
    fn a_node_that_was_never_wrong_keeps_some_variance() {
        let errors = [vec![2.0, -2.0, 1.0], vec![0.0; 3], vec![2.0, -2.0, 1.0]];
        for weighting in [Weighting::Variance, Weighting::Shrinkage] {
            let weights = Weights::new(weighting, &hierarchy(), &errors);
            assert!(weights.check(3).is_ok() && weights.diagonal[1] > 0.0);
        }
    }

    #[test]
    fn the_drawn_spread_of_a_sum_is_that_of_its_own_errors() {
        // Two parts that err together, always too low: independent, their sum would seem surer than it is.
        let parts = [vec![1.0, 2.0, 3.0, 2.0], vec![2.0, 4.0, 5.0, 4.0]];
        let sum: Vec<f64> = parts[0].iter().zip(&parts[1]).map(|(a, b)| a + b).collect();
        // Nodes are a@CA, a@TX and a.
        let weights = Weights::sampled(&hierarchy(), &[parts[0].clone(), parts[1].clone(), sum]);
        let all = dense(&weights);
        let by_parts = all[0] + all[1] + all[3] + all[4];
        // As far as the least shrinkage lets them.
        assert!((by_parts / all[8] - 1.0).abs() < 1e-4, "{by_parts} {}", all[8]);
    }
}
