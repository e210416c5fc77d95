//! Many estimates of one kind, each pulled towards the others as far as its own error asks for.

use crate::numeric::normal;

/// A mean and its variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Estimate {
    pub(super) mean: f64,
    pub(super) variance: f64,
}

impl Estimate {
    /// The interval at `level`, taken as normal.
    pub(super) fn interval(self, level: f64) -> (f64, f64) {
        let arm = normal::quantile(0.5 + level / 2.0) * self.variance.sqrt();
        (self.mean - arm, self.mean + arm)
    }

    /// Probability of a true value above 0.
    pub(super) fn probability_above_zero(self) -> f64 {
        // Without any error known there is none to go by: an even chance.
        if self.variance > 0.0 { normal::cdf(self.mean / self.variance.sqrt()) } else { 0.5 }
    }

    /// This as prior knowledge with one more estimate.
    pub(super) fn with(self, other: Self) -> Self {
        if self.variance <= 0.0 || other.variance.is_infinite() {
            return self;
        }
        if self.variance.is_infinite() {
            return other;
        }
        let kept = other.variance / (self.variance + other.variance);
        Self { mean: other.mean + kept * (self.mean - other.mean), variance: self.variance * kept }
    }
}

/// What many estimates have in common: `true value ~ N(mean, between)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Common {
    pub(super) mean: f64,
    /// Variance of the mean.
    pub(super) mean_variance: f64,
    /// Variance of the true values.
    pub(super) between: f64,
}

impl Common {
    /// Paule & Mandel (1982), "Consensus values and weighting factors", J. Res. NBS 87, 377-385: the variance between at which the
    /// weighted squares of deviations equal their expectation, by halving; 0 if they are smaller without any. `None` without an estimate
    /// of positive variance.
    pub(super) fn of(estimates: &[Estimate]) -> Option<Self> {
        let known: Vec<Estimate> = estimates
            .iter()
            .copied()
            .filter(|e| e.mean.is_finite() && e.variance > 0.0 && e.variance.is_finite())
            .collect();
        if known.is_empty() {
            return None;
        }
        let center = |between: f64| {
            let weights = known.iter().map(|e| 1.0 / (e.variance + between));
            let total: f64 = weights.clone().sum();
            let mean = weights.zip(&known).map(|(w, e)| w * e.mean).sum::<f64>() / total;
            (mean, 1.0 / total)
        };
        let excess = |between: f64| {
            let (mean, _) = center(between);
            let squares: f64 = known.iter().map(|e| (e.mean - mean).powi(2) / (e.variance + between)).sum();
            squares - (known.len() as f64 - 1.0)
        };
        let spread = known.iter().map(|e| e.mean.abs()).fold(0.0, f64::max);
        let (mut low, mut high) = (0.0, 4.0 * spread * spread + f64::MIN_POSITIVE);
        let mut between = 0.0;
        if excess(0.0) > 0.0 {
            for _ in 0..200 {
                between = f64::midpoint(low, high);
                if excess(between) > 0.0 {
                    low = between;
                } else {
                    high = between;
                }
            }
        }
        let (mean, mean_variance) = center(between);
        Some(Self { mean, mean_variance, between })
    }

    /// What `estimate` says together with the others (Morris 1983, "Parametric empirical Bayes inference", JASA 78, 47-55, without its
    /// allowance for the estimated variance between).
    pub(super) fn shrink(self, estimate: Estimate) -> Estimate {
        if estimate.variance.is_infinite() {
            return Estimate { mean: self.mean, variance: self.between + self.mean_variance };
        }
        let pull = estimate.variance / (estimate.variance + self.between);
        Estimate {
            mean: estimate.mean + pull * (self.mean - estimate.mean),
            variance: self.between * pull + pull * pull * self.mean_variance,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_variances_give_the_moment_estimate() {
        // For equal variances v: between = s^2 - v, s^2 the sample variance: 10 - 4.
        let means = [0.0, 2.0, 4.0, 6.0, 8.0];
        let estimates: Vec<Estimate> = means.iter().map(|mean| Estimate { mean: *mean, variance: 4.0 }).collect();
        let common = Common::of(&estimates).unwrap();
        assert!((common.between - 6.0).abs() < 1e-9 && (common.mean - 4.0).abs() < 1e-12);
        let pulled = common.shrink(estimates[0]);
        // 40 % of the way to 4, variance 6 * 0.4 + 0.16 * 2
        assert!((pulled.mean - 1.6).abs() < 1e-9 && (pulled.variance - 2.72).abs() < 1e-9);
    }

    #[test]
    fn estimates_no_further_apart_than_their_errors_share_one_value() {
        let estimates = [1.0, 1.1, 0.9].map(|mean| Estimate { mean, variance: 1.0 });
        let common = Common::of(&estimates).unwrap();
        assert_eq!(common.between, 0.0);
        assert!((common.shrink(estimates[1]).mean - 1.0).abs() < 1e-12);
        assert!(Common::of(&[]).is_none());
    }
}
