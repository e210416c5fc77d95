//! A premium with its error.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::settings::SMALLEST_CELL;
use crate::regression::sparse_absorbed::Fit;

/// A difference in log pay.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PremiumEstimate {
    /// The estimate; `exp(estimate) - 1` is the same as a share of pay.
    pub estimate: f64,
    /// Standard error, clustered by employer where there is a column of employers.
    pub se: f64,
    /// The 95 % interval, from Student's t.
    pub ci95: [f64; 2],
}

impl PremiumEstimate {
    /// `None` for a variance that is none.
    pub(super) fn new(estimate: f64, variance: f64, df: f64) -> Option<Self> {
        let se = (variance >= 0.0).then(|| variance.sqrt())?;
        let width = StudentsT::new(0.0, 1.0, df).ok()?.inverse_cdf(0.975) * se;
        let ends = [estimate - width, estimate + width];
        (estimate.is_finite() && width.is_finite()).then_some(Self { estimate, se, ci95: ends })
    }

    /// Of one column of a fit.
    pub(super) fn of(fit: &Fit, column: usize) -> Option<Self> {
        Self::new(fit.coefficients[column], fit.variance(column)?, fit.df_tests)
    }

    /// The p-value of a premium of 0 or less against one above 0.
    pub(super) fn p_not_positive(&self, df: f64) -> f64 {
        tail(self.estimate / self.se, df)
    }

    /// The two-sided p-value of 0.
    pub(super) fn p_zero(&self, df: f64) -> f64 {
        (2.0 * tail((self.estimate / self.se).abs(), df)).min(1.0)
    }
}

fn tail(t: f64, df: f64) -> f64 {
    StudentsT::new(0.0, 1.0, df).map_or(f64::NAN, |student| student.sf(t))
}

/// A count that may be printed: none of 1 to 9.
pub(super) fn shown(count: usize) -> Option<usize> {
    (count == 0 || count >= SMALLEST_CELL).then_some(count)
}

/// A share that may be printed: neither its rows nor the others are 1 to 9, as either could be worked out from it.
pub(super) fn shown_share(part: usize, whole: usize) -> Option<f64> {
    let both = shown(part).is_some() && shown(whole.saturating_sub(part)).is_some();
    (both && whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_one_to_nine_rows_are_not_shown_nor_what_gives_them_away() {
        assert_eq!([0, 1, 9, 10].map(shown), [Some(0), None, None, Some(10)]);
        assert_eq!(shown_share(95, 100), None);
        assert_eq!(shown_share(5, 100), None);
        assert_eq!(shown_share(90, 100), Some(0.9));
        assert_eq!(shown_share(100, 100), Some(1.0));
        assert_eq!(shown_share(0, 0), None);
    }

    #[test]
    fn an_error_that_is_none_makes_no_estimate() {
        assert!(
            PremiumEstimate::new(0.1, -1e-9, 10.0).is_none() && PremiumEstimate::new(0.1, f64::NAN, 10.0).is_none()
        );
        let found = PremiumEstimate::new(0.1, 0.0004, 10.0).unwrap();
        // R: qt(0.975, 10) = 2.228139, pt(-5, 10) = 0.0002686668
        assert!((found.ci95[1] - (0.1 + 2.228_139 * 0.02)).abs() < 1e-7);
        assert!((found.p_not_positive(10.0) - 0.000_268_666_8).abs() < 1e-9);
    }
}
