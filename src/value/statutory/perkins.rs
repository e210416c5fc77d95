//! Perkins V: secondary indicators against the levels that a state determined.

use serde::Serialize;

use super::criterion::{Certainty, Comparison, Criterion, Figure};
use crate::error::ParamError;

/// The two indicators of secondary career and technical education that certificates bear on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum PerkinsIndicator {
    /// 3S1, post-program placement: concentrators who in the second quarter after leaving school are in postsecondary education,
    /// advanced training, military or national service, or employed.
    #[serde(rename = "3S1")]
    Placement,
    /// 5S1, program quality: concentrators who attained a recognised postsecondary credential (one of three that a state chooses from;
    /// 5S2 and 5S3 are other ones).
    #[serde(rename = "5S1")]
    CredentialAttained,
}

impl PerkinsIndicator {
    /// `3S1` or `5S1`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Placement => "3S1",
            Self::CredentialAttained => "5S1",
        }
    }

    /// The indicator with this code.
    ///
    /// # Errors
    /// [`ParamError`] for any other.
    pub fn parse(code: &str) -> Result<Self, ParamError> {
        [Self::Placement, Self::CredentialAttained]
            .into_iter()
            .find(|one| one.code().eq_ignore_ascii_case(code.trim()))
            .ok_or_else(|| ParamError::new("indicator", code, "3S1 or 5S1"))
    }
}

/// The level of Perkins V, section 123: at least 90 % of the level that the state determined, for each indicator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PerkinsRules {
    /// The least part of the level, 0.90.
    pub least_part: f64,
    /// How sure a result must be.
    pub certainty: Certainty,
}

impl Default for PerkinsRules {
    fn default() -> Self {
        Self { least_part: 0.9, certainty: Certainty::default() }
    }
}

impl PerkinsRules {
    /// Compares what was reached with 90 % of `level`; both in the same unit.
    ///
    /// # Errors
    /// [`ParamError`] for a level that is not a positive number.
    ///
    /// # Examples
    /// ```
    /// use credcast::value::statutory::{Figure, PerkinsIndicator, PerkinsRules, TestResult};
    /// let judged = PerkinsRules::default().judge(PerkinsIndicator::CredentialAttained, 40.0, Some(Figure::exact(36.0)))?;
    /// assert_eq!(judged.result, TestResult::Pass);
    /// # Ok::<(), credcast::ParamError>(())
    /// ```
    pub fn judge(
        &self,
        indicator: PerkinsIndicator,
        level: f64,
        actual: Option<Figure>,
    ) -> Result<Criterion, ParamError> {
        if !(level > 0.0 && level.is_finite()) {
            return Err(ParamError::new("level", level, "a positive number"));
        }
        Ok(Criterion::new(indicator.code(), actual, Comparison::AtLeast, self.least_part * level, self.certainty))
    }
}

#[cfg(test)]
mod tests {
    use super::super::criterion::TestResult;
    use super::*;

    #[test]
    fn ninety_percent_of_the_level_passes_and_less_fails() {
        let judge = |level, actual| {
            PerkinsRules::default()
                .judge(PerkinsIndicator::Placement, level, Some(Figure::exact(actual)))
                .unwrap()
                .result
        };
        // 0.9 * 0.7 is not 0.63 in binary.
        assert_eq!(judge(0.7, 0.63), TestResult::Pass);
        assert_eq!(judge(70.0, 62.999), TestResult::Fail);
        let unknown = PerkinsRules::default().judge(PerkinsIndicator::Placement, 70.0, None).unwrap();
        assert_eq!(unknown.result.reason(), "3S1 is not known");
        for level in [0.0, f64::NAN, -3.0] {
            assert!(PerkinsRules::default().judge(PerkinsIndicator::Placement, level, None).is_err());
        }
        assert_eq!(PerkinsIndicator::parse(" 5s1 ").unwrap(), PerkinsIndicator::CredentialAttained);
        assert!(PerkinsIndicator::parse("5S2").is_err());
    }
}
