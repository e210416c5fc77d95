//! The four theta models.

use serde::{Deserialize, Serialize};

use super::search::HALF;

/// One of the four theta models of Fiorucci et al. (2016).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThetaForm {
    /// STM: theta is 2, one line through the whole series.
    Standard,
    /// OTM: theta is estimated, one line through the whole series.
    Optimised,
    /// DSTM: theta is 2, each value moves the line on.
    DynamicStandard,
    /// DOTM: theta is estimated, each value moves the line on.
    DynamicOptimised,
}

impl ThetaForm {
    /// All four, simplest first.
    pub const ALL: [Self; 4] = [Self::Standard, Self::Optimised, Self::DynamicStandard, Self::DynamicOptimised];

    /// Whether each value moves the line on.
    #[must_use]
    pub fn is_dynamic(self) -> bool {
        matches!(self, Self::DynamicStandard | Self::DynamicOptimised)
    }

    /// Whether theta is estimated.
    #[must_use]
    pub fn is_optimised(self) -> bool {
        matches!(self, Self::Optimised | Self::DynamicOptimised)
    }

    /// The share of the line if it is not estimated.
    pub(super) fn omega(self) -> Option<f64> {
        if self.is_optimised() { None } else { Some(HALF) }
    }

    /// Estimated from the errors: the level before the series, its weight, and theta.
    pub(super) fn n_estimated(self) -> usize {
        if self.is_optimised() { 3 } else { 2 }
    }
}
