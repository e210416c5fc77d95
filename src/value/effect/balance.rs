//! Whether the groups that are compared are alike.

use serde::Serialize;

use super::sample::Sample;
use super::settings::Estimand;

/// How far the groups differ in one term, in its standard deviations: that among the treated for their effect (Stuart 2010), the
/// root of both groups' mean variance for the effect on all (Austin 2009); before adjustment, and the same unit after.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Balance {
    /// The term: a covariate as asked for, or one that the recipe adds, such as `pay^2` and `pay=0`.
    pub covariate: String,
    /// Mean of the treated less that of the others, over the standard deviation; `None` if it varies in no group but differs.
    pub smd_before: Option<f64>,
    /// The same after adjustment; `None` also if nothing is left to be compared.
    pub smd_after: Option<f64>,
    /// Whether the covariate was asked for.
    pub given: bool,
}

/// Weights that sum to 1 among the treated and among the others.
pub(super) type ArmWeights = Vec<f64>;

/// Every row the same weight within its group.
pub(super) fn equal(sample: &Sample) -> ArmWeights {
    let n_treated = sample.treated.iter().filter(|treated| **treated).count() as f64;
    let n_control = sample.n() as f64 - n_treated;
    sample.treated.iter().map(|treated| if *treated { 1.0 / n_treated } else { 1.0 / n_control }).collect()
}

/// The differences in all terms: of `before`, and of `after` with its weights.
pub(super) fn balance(before: &Sample, after: Option<(&Sample, &ArmWeights)>, estimand: Estimand) -> Vec<Balance> {
    let arms = |sample: &Sample| (sample.arm(true), sample.arm(false));
    let (treated, control) = arms(before);
    let after = after.map(|(sample, weights)| (sample, weights, arms(sample)));
    let line = |(place, term): (usize, &super::term::Term)| {
        let (t, c) = (moments(&term.values, &treated), moments(&term.values, &control));
        let both = f64::midpoint(t.1, c.1);
        // Where the treated do not vary, the others may.
        let variance = if estimand == Estimand::Att && t.1 > 0.0 { t.1 } else { both };
        let smd = |difference: f64| {
            let size = t.0.abs().max(c.0.abs());
            if difference.abs() <= 1e-12 * size {
                Some(0.0)
            } else {
                Some(difference / variance.sqrt()).filter(|smd| smd.is_finite())
            }
        };
        let smd_after = after.as_ref().and_then(|(sample, weights, (treated, control))| {
            let values = &sample.terms[place].values;
            let mean = |rows: &[usize]| rows.iter().map(|row| weights[*row] * values[*row]).sum::<f64>();
            smd(mean(treated) - mean(control))
        });
        Balance { covariate: term.name.clone(), smd_before: smd(t.0 - c.0), smd_after, given: term.given }
    };
    before.terms.iter().enumerate().map(line).collect()
}

/// Mean and variance of `values` on `rows`; NaN without enough rows.
pub(super) fn moments(values: &[f64], rows: &[usize]) -> (f64, f64) {
    let n = rows.len() as f64;
    let mean = rows.iter().map(|row| values[*row]).sum::<f64>() / n;
    let variance = rows.iter().map(|row| (values[*row] - mean).powi(2)).sum::<f64>() / (n - 1.0);
    // Rounding of the mean is no variance.
    let size = rows.iter().map(|row| values[*row].abs()).fold(0.0, f64::max);
    (mean, if variance.sqrt() <= 1e-12 * size { 0.0 } else { variance })
}

/// Rows in effect among `rows`.
pub(super) fn effective(weights: &[f64], rows: &[usize]) -> Option<f64> {
    let sum: f64 = rows.iter().map(|row| weights[*row]).sum();
    let squares: f64 = rows.iter().map(|row| weights[*row] * weights[*row]).sum();
    Some(sum * sum / squares).filter(|n| n.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::effect::term::Term;

    #[test]
    fn differences_are_in_standard_deviations_of_the_treated() {
        let term = |values: [f64; 5]| Term { name: "x".into(), values: values.to_vec(), given: true, modelled: true };
        let sample = Sample {
            y: vec![0.0; 5],
            treated: vec![true, true, true, false, false],
            terms: vec![term([1.0, 2.0, 3.0, 5.0, 7.0]), term([4.0; 5]), term([1.0, 1.0, 1.0, 0.0, 0.0])],
            cells: vec![0; 5],
            clusters: None,
        };
        let weights = vec![1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0, 1.0, 0.0];
        let found = balance(&sample, Some((&sample, &weights)), Estimand::Att);
        // The treated have mean 2 and standard deviation 1, the others 6 and, weighted, 5.
        assert!(
            (found[0].smd_before.unwrap() + 4.0).abs() < 1e-12 && (found[0].smd_after.unwrap() + 3.0).abs() < 1e-12
        );
        assert_eq!((found[1].smd_before, found[1].smd_after), (Some(0.0), Some(0.0)));
        assert_eq!((found[2].smd_before, found[2].smd_after), (None, None));
        assert!((effective(&weights, &[0, 1, 2]).unwrap() - 3.0).abs() < 1e-12);
        assert_eq!(effective(&weights, &[]), None);
    }
}
