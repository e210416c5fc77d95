//! Features as text and as what a file holds.

use serde::{Deserialize, Serialize};

use super::{Feature, FittedCalendar, FittedFeature, FittedLag, Lag, MonthOfYear, QuarterOfYear};
use crate::error::{ParamError, PersistError};

/// One example of each form that [`parse`] reads: every feature of the crate.
pub const FORMS: [&str; 5] =
    ["lag:1,2,12", "month_of_year:one_hot", "month_of_year:sine", "quarter_of_year:one_hot", "quarter_of_year:sine"];

/// Reads a feature as it is written in options and files: one of the forms in [`FORMS`], lags free.
///
/// # Errors
/// [`ParamError`] that lists the forms.
pub fn parse(text: &str) -> Result<Box<dyn Feature>, ParamError> {
    let unknown = || ParamError::new("feature", text, "lag:1,2,12, month_of_year or quarter_of_year:one_hot or :sine");
    let (name, arguments) = text.split_once(':').ok_or_else(unknown)?;
    Ok(match (name, arguments) {
        ("lag", lags) => {
            let lags: Option<Vec<usize>> = lags.split(',').map(|lag| lag.trim().parse().ok()).collect();
            Box::new(Lag::of(lags.ok_or_else(unknown)?)?)
        }
        ("month_of_year", "one_hot") => Box::new(MonthOfYear::one_hot()),
        ("month_of_year", "sine") => Box::new(MonthOfYear::sine()),
        ("quarter_of_year", "one_hot") => Box::new(QuarterOfYear::one_hot()),
        ("quarter_of_year", "sine") => Box::new(QuarterOfYear::sine()),
        _ => return Err(unknown()),
    })
}

/// A fitted feature as persistence writes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum FeatureSpec {
    /// Values of earlier periods.
    Lag(FittedLag),
    /// A month or quarter of the year.
    Calendar(FittedCalendar),
}

impl FeatureSpec {
    /// The feature, after the checks that its constructor runs.
    ///
    /// # Errors
    /// [`PersistError::Invalid`] with the first rule broken.
    pub fn into_fitted(self) -> Result<Box<dyn FittedFeature>, PersistError> {
        Ok(match self {
            Self::Lag(lag) => {
                lag.check().map_err(|error| PersistError::Invalid { detail: error.to_string() })?;
                Box::new(lag)
            }
            Self::Calendar(calendar) => Box::new(calendar),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_and_others_are_refused() {
        for form in FORMS {
            assert!(parse(form).is_ok(), "{form}");
        }
        for text in ["", "lag", "lag:", "lag:0", "lag:1,x", "month_of_year", "month_of_year:two", "rolling:3"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
