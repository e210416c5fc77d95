//! Estimates of many certificates, each pulled towards what the others say as far as its own error asks for it.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::mixed::{Mixed, mixed};
use crate::error::FitError;
use crate::numeric::{brent, normal};

/// How the variance `tau2` of true values about their mean is estimated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Heterogeneity {
    /// The moment of the weighted sum of squares, in one step (DerSimonian & Laird 1986, Controlled Clinical Trials 7, 177-188).
    DerSimonianLaird,
    /// The value at which that sum equals its degrees of freedom (Paule & Mandel 1982, J. Research NBS 87, 377-385).
    PauleMandel,
    /// Restricted maximum likelihood (Patterson & Thompson 1971; Viechtbauer 2005, J. Educational and Behavioral Statistics 30,
    /// 261-293, finds it the least biased of the usual ones).
    #[default]
    Reml,
}

/// One estimate after shrinkage.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ShrunkEstimate {
    /// Posterior mean.
    pub estimate: f64,
    /// Posterior standard deviation.
    pub sd: f64,
    /// The central 95 % of the posterior.
    pub ci95: [f64; 2],
    /// Posterior probability of a value above 0.
    pub p_positive: f64,
}

/// Empirical Bayes, normal-normal, with the full covariance of the estimates.
///
/// ```text
/// b ~ N(theta, V)     theta[i] ~ N(mean of its field, tau2)
/// ```
/// `V` is taken as known. Estimates from one regression are correlated; with all of `V` the posterior of one certificate takes
/// account of what the errors of the others say about its own. The error of the field means is in the posterior, that of `tau2` is
/// not: with few certificates intervals are somewhat too short (Morris 1983, JASA 78, 47-55).
///
/// # Examples
/// ```
/// use credcast::value::premium::{Heterogeneity, Shrinkage};
/// use ndarray::arr2;
/// let v = arr2(&[[0.01, 0.0, 0.0], [0.0, 0.01, 0.0], [0.0, 0.0, 0.25]]);
/// let shrunk = Shrinkage::of(&[0.05, 0.15, 0.90], v.view(), None, Heterogeneity::Reml)?;
/// // The third is known badly: nearly all of its distance from the others goes.
/// assert!(shrunk.estimates[2].estimate < 0.3 && shrunk.estimates[2].p_positive < 0.99);
/// # Ok::<(), credcast::FitError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Shrinkage {
    /// One for each estimate.
    pub estimates: Vec<ShrunkEstimate>,
    /// Variance of true values about their mean.
    pub tau2: f64,
    /// The mean of each field; one where there are no fields.
    pub means: Vec<f64>,
}

impl Shrinkage {
    /// Shrinks `estimates` with covariance `v` towards the mean of all, or of their field (a code from 0 for each estimate).
    /// O(n^3) for each step of the search for `tau2`.
    ///
    /// # Errors
    /// [`FitError::TooShort`] for fewer than two estimates more than fields; [`FitError::Design`] for shapes that do not match, a
    /// field without an estimate, or a `v` that is no covariance; [`FitError::NotFinite`].
    pub fn of(
        estimates: &[f64],
        v: ArrayView2<'_, f64>,
        fields: Option<&[usize]>,
        heterogeneity: Heterogeneity,
    ) -> Result<Self, FitError> {
        let n = estimates.len();
        let refuse = |detail: String| FitError::Design { detail };
        if v.dim() != (n, n) || fields.is_some_and(|fields| fields.len() != n) {
            return Err(refuse(format!("{n} estimates, a covariance of {:?}", v.dim())));
        }
        if let Some((position, &value)) = estimates.iter().chain(v.iter()).enumerate().find(|(_, x)| !x.is_finite()) {
            return Err(FitError::NotFinite { position, value });
        }
        let n_fields =
            fields.map_or(1, |fields| fields.iter().max().map_or(0, |field| field.saturating_add(1)).min(n + 1));
        if n < n_fields + 2 {
            return Err(FitError::TooShort { needed: n_fields + 2, found: n });
        }
        let in_field = |field: usize, row: usize| f64::from(u8::from(fields.is_none_or(|fields| fields[row] == field)));
        let z: Vec<Vec<f64>> = (0..n_fields).map(|field| (0..n).map(|row| in_field(field, row)).collect()).collect();
        let v: Vec<f64> = v.iter().copied().collect();
        let unit: Vec<f64> = (0..n * n).map(|place| f64::from(u8::from(place % (n + 1) == 0))).collect();
        let at = |tau2: f64| mixed(estimates, &v, &unit, &z, tau2);
        if at(0.0).is_none() {
            return Err(refuse("the covariance is not positive definite, or a field has no estimate".into()));
        }
        let tau2 = match heterogeneity {
            Heterogeneity::DerSimonianLaird => moment(estimates, &v, &z),
            Heterogeneity::PauleMandel => root(at, (n - n_fields) as f64),
            Heterogeneity::Reml => likeliest(at, estimates),
        };
        let found = at(tau2).ok_or_else(|| refuse("the covariance is not positive definite".into()))?;
        let estimates =
            found.theta.iter().zip(&found.variance).map(|(mean, variance)| shrunk(*mean, *variance)).collect();
        Ok(Self { estimates, tau2, means: found.beta })
    }
}

fn shrunk(estimate: f64, variance: f64) -> ShrunkEstimate {
    let sd = variance.sqrt();
    let width = normal::quantile(0.975) * sd;
    let p_positive = if sd > 0.0 { normal::cdf(estimate / sd) } else { f64::from(u8::from(estimate > 0.0)) };
    ShrunkEstimate { estimate, sd, ci95: [estimate - width, estimate + width], p_positive }
}

/// DerSimonian and Laird for any covariance: with `A = W - W Z (Z'WZ)^-1 Z'W`, `W` the inverse variances, `b'Ab` has the expectation
/// `tr(AV) + tau2 tr(A)`.
fn moment(b: &[f64], v: &[f64], z: &[Vec<f64>]) -> f64 {
    let n = b.len();
    let w: Vec<f64> = (0..n).map(|row| 1.0 / v[row * n + row]).collect();
    // Fields do not overlap, so that Z'WZ is diagonal and A falls apart by field.
    let (mut sum, mut of_v, mut trace) = (0.0, 0.0, 0.0);
    for z in z {
        let rows: Vec<usize> = (0..n).filter(|row| z[*row] > 0.0).collect();
        let total: f64 = rows.iter().map(|row| w[*row]).sum();
        let mean = rows.iter().map(|row| w[*row] * b[*row]).sum::<f64>() / total;
        for &row in &rows {
            sum += w[row] * (b[row] - mean).powi(2);
            trace += w[row] - w[row] * w[row] / total;
            for &other in &rows {
                let a = if row == other { w[row] } else { 0.0 } - w[row] * w[other] / total;
                of_v += a * v[row * n + other];
            }
        }
    }
    ((sum - of_v) / trace).max(0.0)
}

/// The `tau2` at which the distance of the estimates from their means is `freedom`; it falls as `tau2` grows.
fn root(at: impl Fn(f64) -> Option<Mixed>, freedom: f64) -> f64 {
    let above = |tau2: f64| at(tau2).is_some_and(|found| found.distance > freedom);
    if !above(0.0) {
        return 0.0;
    }
    let mut high = 1e-8;
    while above(high) && high < 1e100 {
        high *= 4.0;
    }
    let mut low = high / 4.0;
    // 60 halvings leave the last bit of the ratio 4.
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if above(middle) { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// The `tau2` of the largest restricted likelihood; searched as a standard deviation, which may be 0.
fn likeliest(at: impl Fn(f64) -> Option<Mixed>, b: &[f64]) -> f64 {
    let mean = b.iter().sum::<f64>() / b.len() as f64;
    // No spread of the estimates is larger than their distance from the mean.
    let most = 2.0 * b.iter().map(|b| (b - mean).abs()).fold(0.0, f64::max);
    let cost = |tau: f64| at(tau * tau).map_or(f64::INFINITY, |found| -found.log_likelihood);
    if most <= 0.0 {
        return 0.0;
    }
    let (tau, best) = brent::minimise(cost, 0.0, most);
    if cost(0.0) <= best { 0.0 } else { tau * tau }
}

/// Adjusted p-values that control the false-discovery rate (Benjamini & Hochberg 1995, JRSS B 57, 289-300): valid for independent and
/// positively dependent tests (Benjamini & Yekutieli 2001, Annals of Statistics 29, 1165-1188). NaN stays NaN and counts for nothing.
#[must_use]
pub fn false_discovery(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).filter(|place| !p_values[*place].is_nan()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let n = order.len() as f64;
    let mut adjusted = vec![f64::NAN; p_values.len()];
    let mut least = 1.0_f64;
    for (rank, place) in order.iter().enumerate().rev() {
        least = least.min(p_values[*place] * n / (rank + 1) as f64);
        adjusted[*place] = least;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    #[test]
    fn without_spread_all_estimates_become_their_mean() {
        let v = Array2::from_diag(&ndarray::arr1(&[1.0, 1.0, 1.0, 1.0]));
        for method in [Heterogeneity::DerSimonianLaird, Heterogeneity::PauleMandel, Heterogeneity::Reml] {
            let found = Shrinkage::of(&[0.1, 0.2, 0.3, 0.4], v.view(), None, method).unwrap();
            assert_eq!(found.tau2, 0.0, "{method:?}");
            assert!(found.estimates.iter().all(|e| (e.estimate - 0.25).abs() < 1e-14 && (e.sd - 0.5).abs() < 1e-14));
        }
    }

    #[test]
    fn fields_are_pulled_to_their_own_means() {
        let v = Array2::from_diag(&ndarray::Array1::from_elem(6, 0.01));
        let b = [0.0, 0.1, -0.1, 1.0, 1.1, 0.9];
        let found = Shrinkage::of(&b, v.view(), Some(&[0, 0, 0, 1, 1, 1]), Heterogeneity::PauleMandel).unwrap();
        assert!(found.means[0].abs() < 1e-14 && (found.means[1] - 1.0).abs() < 1e-14);
        assert!(found.estimates[4].estimate < 1.1 && found.estimates[4].estimate >= 1.0);
    }

    #[test]
    fn what_cannot_be_shrunk_is_refused() {
        let v = |n: usize| Array2::from_diag(&ndarray::Array1::from_elem(n, 0.01));
        let of =
            |b: &[f64], n: usize, fields: Option<&[usize]>| Shrinkage::of(b, v(n).view(), fields, Heterogeneity::Reml);
        assert!(matches!(of(&[1.0, 2.0], 2, None), Err(FitError::TooShort { needed: 3, found: 2 })));
        assert!(matches!(of(&[1.0, 2.0, 3.0], 2, None), Err(FitError::Design { .. })));
        assert!(matches!(of(&[1.0, f64::NAN, 3.0], 3, None), Err(FitError::NotFinite { position: 1, .. })));
        assert!(of(&[1.0, 2.0, 3.0, 4.0], 4, Some(&[0, 2, 0, 0])).is_err());
        assert!(of(&[1.0, 2.0, 3.0], 3, Some(&[usize::MAX, 0, 0])).is_err());
        let singular = Array2::ones((3, 3));
        assert!(Shrinkage::of(&[1.0, 2.0, 3.0], singular.view(), None, Heterogeneity::Reml).is_err());
    }

    #[test]
    fn adjusted_p_values_never_fall_with_the_p_value() {
        // R 4.3: p.adjust(c(0.01, 0.02, 0.03, 0.5), "BH") gives 0.04 0.04 0.04 0.50
        assert_eq!(false_discovery(&[0.02, 0.01, 0.5, 0.03]), [0.04, 0.04, 0.5, 0.04]);
        let with_missing = false_discovery(&[0.01, f64::NAN, 0.04]);
        assert!(with_missing[0] == 0.02 && with_missing[1].is_nan() && with_missing[2] == 0.04);
        assert!(false_discovery(&[]).is_empty());
    }
}
