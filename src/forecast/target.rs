//! The column to forecast.

use crate::error::{DataError, FitError, Result};
use crate::panel::Panel;
use crate::series::{Naive, SeriesModel};

/// The position of the target, once every series has been found to have a value that can be used.
pub(super) fn column_of(train: &Panel, target: Option<&str>) -> Result<usize> {
    if train.n_series() == 0 {
        return Err(DataError::Empty { what: "the panel to learn from".into() }.into());
    }
    let column = target.map_or(Ok(0), |name| train.column_index(name))?;
    for series in train.iter() {
        // What naive cannot use, nothing can.
        let refused = |error: FitError| DataError::Series { key: series.key().clone(), detail: error.to_string() };
        Naive.fit(series.values(column)).map_err(refused)?;
    }
    Ok(column)
}
