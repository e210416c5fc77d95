//! What is asked of the data before a premium is told.

use serde::{Deserialize, Serialize};

use super::shrinkage::Heterogeneity;
use crate::error::ParamError;
use crate::time::Frequency;

/// Cells with fewer rows are never printed, nor what would give them away.
pub(super) const SMALLEST_CELL: usize = 10;

/// The choices behind a table of premia.
///
/// | Field | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `min_rows` | 30 | at least 10 | rows with pay that a certificate, pair, period or skill needs before anything is told |
/// | `min_employers` | 10 | at least 2 | employers that name it: errors clustered by few employers are too small |
/// | `fdr` | 0.1 | in (0, 1) | share of false ones allowed among premia said to be positive |
/// | `period` | yearly | yearly, quarterly | periods of a premium path |
/// | `horizon` | 3 | 0 to 40 | periods that paths are extrapolated |
/// | `trim` | 0.01 | in \[0, 0.25\] | share of the weights for missing pay that is cut back at the upper end |
/// | `max_bundles` | 100 | 0 to 1,000 | pairs of certificates that are estimated, most frequent first |
/// | `heterogeneity` | REML | | how the spread of true premia is estimated |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PremiumSettings {
    /// Rows that a cell needs before anything is told.
    pub min_rows: usize,
    /// Employers that a certificate needs.
    pub min_employers: usize,
    /// Share of false ones allowed among premia said to be positive.
    pub fdr: f64,
    /// Periods of a path.
    pub period: Frequency,
    /// Periods that paths are extrapolated.
    pub horizon: usize,
    /// Share of the weights that is cut back.
    pub trim: f64,
    /// Pairs of certificates that are estimated.
    pub max_bundles: usize,
    /// How the spread of true premia is estimated.
    pub heterogeneity: Heterogeneity,
}

impl Default for PremiumSettings {
    fn default() -> Self {
        Self {
            min_rows: 30,
            min_employers: 10,
            fdr: 0.1,
            period: Frequency::Yearly,
            horizon: 3,
            trim: 0.01,
            max_bundles: 100,
            heterogeneity: Heterogeneity::Reml,
        }
    }
}

impl PremiumSettings {
    /// Checks every field.
    ///
    /// # Errors
    /// [`ParamError`] for the first outside its range.
    pub fn check(&self) -> Result<(), ParamError> {
        let Self { min_rows, min_employers, fdr, period, horizon, trim, max_bundles, heterogeneity: _ } = self;
        if *min_rows < SMALLEST_CELL {
            return Err(ParamError::new("min_rows", min_rows, "at least 10: smaller cells are never printed"));
        }
        if *min_employers < 2 {
            return Err(ParamError::new("min_employers", min_employers, "at least 2"));
        }
        if !(*fdr > 0.0 && *fdr < 1.0) {
            return Err(ParamError::new("fdr", fdr, "in (0, 1)"));
        }
        if !matches!(period, Frequency::Yearly | Frequency::Quarterly) {
            return Err(ParamError::new("period", period.name(), "yearly or quarterly"));
        }
        if *horizon > 40 {
            return Err(ParamError::new("horizon", horizon, "0 to 40"));
        }
        if !(0.0..=0.25).contains(trim) {
            return Err(ParamError::new("trim", trim, "in [0, 0.25]"));
        }
        if *max_bundles > 1000 {
            return Err(ParamError::new("max_bundles", max_bundles, "0 to 1000"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_has_its_range() {
        let with = |change: fn(&mut PremiumSettings)| {
            let mut settings = PremiumSettings::default();
            change(&mut settings);
            settings.check().map_err(|error| error.name)
        };
        assert_eq!(with(|_| ()), Ok(()));
        assert_eq!(with(|s| s.min_rows = 9), Err("min_rows"));
        assert_eq!(with(|s| s.min_employers = 1), Err("min_employers"));
        for fdr in [0.0, 1.0, f64::NAN] {
            let settings = PremiumSettings { fdr, ..PremiumSettings::default() };
            assert!(settings.check().is_err());
        }
        assert_eq!(with(|s| s.period = Frequency::Monthly), Err("period"));
        assert_eq!(with(|s| s.horizon = 41), Err("horizon"));
        assert_eq!(with(|s| s.trim = f64::NAN), Err("trim"));
        assert_eq!(with(|s| s.trim = 0.25), Ok(()));
        assert_eq!(with(|s| s.max_bundles = 1001), Err("max_bundles"));
    }
}
