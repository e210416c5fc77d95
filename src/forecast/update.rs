//! Values that came after a fit.

use crate::error::{DataError, Error, ParamError};
use crate::key::SeriesKey;
use crate::panel::Panel;
use crate::time::{Frequency, Period};

/// The values of `key` after `origin` in the first column of `new`, with NaN for periods that it skips; empty if there are none.
pub(super) fn values_after(new: &Panel, key: &SeriesKey, origin: Period) -> Result<Vec<f64>, DataError> {
    let Some(series) = new.get(key) else { return Ok(Vec::new()) };
    let Some(behind) = series.end().since(origin) else {
        return Err(DataError::MixedFrequency {
            key: key.clone(),
            expected: origin.frequency(),
            found: new.frequency(),
        });
    };
    let value = |step: i32| series.at(0, origin.plus(step)).unwrap_or(f64::NAN);
    let values: Vec<f64> = (1..=behind.max(0)).map(value).collect();
    if let Some(value) = values.iter().find(|v| v.is_infinite() || v.abs() > 1e150) {
        let detail = format!("a new value of {value} cannot be used");
        return Err(DataError::Series { key: key.clone(), detail });
    }
    Ok(values)
}

/// The origin after `n` more values.
pub(super) fn moved(origin: Period, n: usize) -> Period {
    origin.plus(i32::try_from(n).unwrap_or(i32::MAX))
}

/// Refuses a panel of another frequency.
pub(super) fn same_frequency(new: &Panel, expected: Frequency) -> Result<(), DataError> {
    match new.keys().first() {
        Some(key) if new.frequency() != expected => {
            Err(DataError::MixedFrequency { key: key.clone(), expected, found: new.frequency() })
        }
        _ => Ok(()),
    }
}

/// The error of a model that has to be fitted again.
pub(super) fn must_be_fitted_again(model: &str) -> Error {
    ParamError::new("model", model, "one that can be updated; fit it again on all values").into()
}
