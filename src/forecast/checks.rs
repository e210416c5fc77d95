//! Checks of what was read from outside, the same for every fitted forecaster.

use super::Fallback;
use crate::error::PersistError;
use crate::key::SeriesKey;
use crate::time::{Frequency, Period};

/// Checks that there are series, each with an origin of the frequency, and that keys ascend.
pub(super) fn check_series(frequency: Frequency, keys: &[SeriesKey], origins: &[Period]) -> Result<(), PersistError> {
    let invalid = |detail: String| PersistError::Invalid { detail };
    if keys.is_empty() || origins.len() != keys.len() {
        return Err(invalid(format!("{} series, {} origins", keys.len(), origins.len())));
    }
    if let Some(pair) = keys.windows(2).find(|pair| pair[0] >= pair[1]) {
        return Err(invalid(format!("series {} does not come after {}", pair[1], pair[0])));
    }
    if let Some(origin) = origins.iter().find(|origin| origin.frequency() != frequency) {
        return Err(invalid(format!("origin {origin} is not {frequency}")));
    }
    Ok(())
}

/// Checks that fallbacks are those of series that are there.
pub(super) fn check_fallbacks(keys: &[SeriesKey], fallbacks: &[Fallback]) -> Result<(), PersistError> {
    match fallbacks.iter().find(|fallback| keys.binary_search(&fallback.key).is_err()) {
        Some(Fallback { key, .. }) => {
            Err(PersistError::Invalid { detail: format!("a fallback of series {key}, which is not there") })
        }
        None => Ok(()),
    }
}

/// Checks that there is one entry for each series.
pub(super) fn one_each(n_series: usize, entries: usize, what: &str) -> Result<(), PersistError> {
    if entries == n_series {
        return Ok(());
    }
    Err(PersistError::Invalid { detail: format!("{n_series} series, {entries} {what}") })
}
