//! What features over windows of one column have in common: the column, the lag, and how few values are enough.

use serde::{Deserialize, Serialize};

use crate::error::{DataError, ParamError};
use crate::panel::Panel;

/// Longest lag or window: a century of months, three years of days.
pub(super) const LONGEST: usize = 1200;

/// A column that is not known yet, or the first one; and how many periods ago its newest value is taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) column: Option<String>,
    pub(super) lag: usize,
}

impl Origin {
    /// The first column, one period ago: what is known when the period begins.
    pub(super) fn new() -> Self {
        Self { column: None, lag: 1 }
    }

    pub(super) fn check(&self) -> Result<(), ParamError> {
        check_lag(self.lag)
    }

    pub(super) fn find(&self, train: &Panel) -> Result<FittedOrigin, DataError> {
        let index = self.column.as_ref().map_or(Ok(0), |name| train.column_index(name))?;
        Ok(FittedOrigin { column: train.columns()[index].clone(), lag: self.lag })
    }
}

/// A column that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FittedOrigin {
    pub(super) column: String,
    pub(super) lag: usize,
}

impl FittedOrigin {
    pub(super) fn check(&self) -> Result<(), ParamError> {
        check_lag(self.lag)
    }

    /// What the names of columns begin with.
    pub(super) fn name(&self) -> String {
        if self.lag == 0 { self.column.clone() } else { format!("{}_lag_{}", self.column, self.lag) }
    }

    pub(super) fn index(&self, panel: &Panel) -> Result<usize, DataError> {
        panel.column_index(&self.column)
    }
}

fn check_lag(lag: usize) -> Result<(), ParamError> {
    if lag <= LONGEST { Ok(()) } else { Err(ParamError::new("lag", lag, "from 0 to 1200")) }
}

/// `lengths` must name at least one length, each from `least` to 1200 and none twice.
pub(super) fn check_lengths(
    name: &'static str,
    lengths: &[usize],
    least: usize,
    allowed: &'static str,
) -> Result<(), ParamError> {
    let once = lengths.iter().enumerate().all(|(place, length)| !lengths[..place].contains(length));
    if lengths.is_empty() || !once || !lengths.iter().all(|length| (least..=LONGEST).contains(length)) {
        return Err(ParamError::new(name, format!("{lengths:?}"), allowed));
    }
    Ok(())
}

/// `list` must hold at least one of something, none twice.
pub(super) fn check_once<T: PartialEq + std::fmt::Debug>(name: &'static str, list: &[T]) -> Result<(), ParamError> {
    let once = list.iter().enumerate().all(|(place, one)| !list[..place].contains(one));
    if list.is_empty() || !once {
        return Err(ParamError::new(name, format!("{list:?}"), "at least one, none twice"));
    }
    Ok(())
}
