//! What each row contributes to the error of an estimate.

use std::collections::BTreeMap;

use statrs::distribution::{ContinuousCDF, StudentsT};

/// An estimate before it is judged.
#[derive(Clone, Debug)]
pub(super) struct Estimated {
    pub(super) estimate: f64,
    pub(super) se: f64,
    /// Degrees of freedom of the interval; infinite for the normal one.
    pub(super) df: f64,
}

impl Estimated {
    /// From the contributions of rows, which sum to about 0: those of a cluster go together.
    pub(super) fn from_contributions(estimate: f64, contributions: &[f64], clusters: Option<&[u32]>) -> Self {
        let (se, df) = spread(contributions, clusters);
        Self { estimate, se, df }
    }

    /// The 95 % interval.
    pub(super) fn interval(&self) -> (f64, f64) {
        let width = if self.df.is_finite() {
            StudentsT::new(0.0, 1.0, self.df).map_or(f64::NAN, |student| student.inverse_cdf(0.975))
        } else {
            crate::numeric::normal::quantile(0.975)
        };
        (self.estimate - width * self.se, self.estimate + width * self.se)
    }

    /// The two-sided p-value of no effect.
    pub(super) fn p_value(&self) -> f64 {
        let t = (self.estimate / self.se).abs();
        if t.is_nan() {
            return f64::NAN;
        }
        if t.is_infinite() {
            return 0.0;
        }
        if self.df.is_finite() {
            StudentsT::new(0.0, 1.0, self.df).map_or(f64::NAN, |student| 2.0 * student.sf(t))
        } else {
            2.0 * crate::numeric::normal::cdf(-t)
        }
    }
}

/// Standard error and degrees of freedom: infinite without clusters, with `G` of them `G - 1`, and `G / (G - 1)` corrects.
fn spread(contributions: &[f64], clusters: Option<&[u32]>) -> (f64, f64) {
    let Some(clusters) = clusters else {
        return (contributions.iter().map(|c| c * c).sum::<f64>().sqrt(), f64::INFINITY);
    };
    let mut sums: BTreeMap<u32, f64> = BTreeMap::new();
    for (cluster, contribution) in clusters.iter().zip(contributions) {
        *sums.entry(*cluster).or_default() += contribution;
    }
    let groups = sums.len() as f64;
    let squares: f64 = sums.values().map(|sum| sum * sum).sum();
    ((groups / (groups - 1.0) * squares).sqrt(), groups - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_of_one_row_change_only_the_correction() {
        let parts = [0.3, -0.1, -0.4, 0.2];
        let alone = Estimated::from_contributions(1.0, &parts, None);
        let clustered = Estimated::from_contributions(1.0, &parts, Some(&[4, 7, 1, 0]));
        assert!((clustered.se / alone.se - (4.0_f64 / 3.0).sqrt()).abs() < 1e-12 && clustered.df == 3.0);
        let (low, high) = alone.interval();
        assert!((high - 1.0 - 1.959_963_984_540_054 * alone.se).abs() < 1e-12 && (low + high - 2.0).abs() < 1e-12);
        let one = Estimated::from_contributions(1.0, &parts, Some(&[5; 4]));
        assert!(!one.se.is_finite() && !one.interval().0.is_finite());
        let sure = |estimate| Estimated { estimate, se: 0.0, df: 9.0 }.p_value();
        assert!(sure(1.0) == 0.0 && sure(0.0).is_nan());
    }
}
