//! When a code is given and when not.

use serde::{Deserialize, Serialize};

use super::coder::OccupationCoder;
use crate::error::ParamError;

/// Settings of a coder; [`OccupationCoder::params`] starts, `build` checks.
///
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `least_score` | 0.5 | in [0, 1] | the least score at which a code is given |
/// | `least_lead` | 0.1 | in [0, 1] | the least lead of the best score over the second |
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OccupationParams {
    pub(super) least_score: f64,
    pub(super) least_lead: f64,
}

impl Default for OccupationParams {
    fn default() -> Self {
        Self { least_score: 0.5, least_lead: 0.1 }
    }
}

impl OccupationParams {
    /// The least score at which a code is given.
    #[must_use]
    pub fn least_score(mut self, score: f64) -> Self {
        self.least_score = score;
        self
    }

    /// The least lead of the best score over the second.
    #[must_use]
    pub fn least_lead(mut self, lead: f64) -> Self {
        self.least_lead = lead;
        self
    }

    /// Checks the settings and indexes titles, given as title and code: `31-9092`, or `31-9092.00` of O\*NET, of which the
    /// first seven characters count. O(bytes of the titles).
    ///
    /// # Errors
    /// [`ParamError`] for a setting outside its range, and for the first code of another form.
    pub fn build<'a>(
        self,
        titles: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<OccupationCoder, ParamError> {
        let Self { least_score, least_lead } = self;
        for (name, value) in [("least_score", least_score), ("least_lead", least_lead)] {
            if !(0.0..=1.0).contains(&value) {
                return Err(ParamError::new(name, value, "in [0, 1]"));
            }
        }
        let pairs: Result<Vec<(&str, String)>, ParamError> =
            titles.into_iter().map(|(title, code)| Ok((title, six_digits(code)?))).collect();
        Ok(OccupationCoder::new(self, pairs?))
    }
}

/// `31-9092` of `31-9092.00`.
fn six_digits(code: &str) -> Result<String, ParamError> {
    let shape = |text: &str, form: &str| {
        text.len() == form.len()
            && text.bytes().zip(form.bytes()).all(|(b, f)| if f == b'9' { b.is_ascii_digit() } else { b == f })
    };
    let code = code.trim();
    let is_code = shape(code, "99-9999") || shape(code, "99-9999.99");
    is_code.then(|| code[..7].into()).ok_or_else(|| ParamError::new("code", code, "such as 31-9092 or 31-9092.00"))
}
