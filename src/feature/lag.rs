//! Values of earlier periods.

use ndarray::{ArrayViewMut2, Axis};
use serde::{Deserialize, Serialize};

use super::{Feature, FeatureSpec, FittedFeature};
use crate::error::{ParamError, Result};
use crate::panel::{Panel, SeriesView};

/// Longest lag: a century of months, three years of days.
const LONGEST: usize = 1200;

/// The values of a column some periods earlier, one column for each lag.
///
/// Columns are named `{column}_lag_{lag}`. Beyond the head of a series a lag is NaN; a missing value stays NaN. O(rows)
/// for each lag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lag {
    column: Option<String>,
    lags: Vec<usize>,
}

impl Lag {
    /// Lags of the panel's first column.
    ///
    /// # Errors
    /// [`ParamError`] unless there is at least one lag, each from 1 to 1200 and none twice.
    pub fn of(lags: impl IntoIterator<Item = usize>) -> Result<Self, ParamError> {
        let lags: Vec<usize> = lags.into_iter().collect();
        check(&lags)?;
        Ok(Self { column: None, lags })
    }

    /// Takes `column` in the place of the first.
    #[must_use]
    pub fn column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }
}

fn check(lags: &[usize]) -> Result<(), ParamError> {
    let once = lags.iter().enumerate().all(|(place, lag)| !lags[..place].contains(lag));
    if lags.is_empty() || !once || !lags.iter().all(|lag| (1..=LONGEST).contains(lag)) {
        return Err(ParamError::new("lags", format!("{lags:?}"), "at least one, each from 1 to 1200, none twice"));
    }
    Ok(())
}

impl Feature for Lag {
    fn fit(&self, train: &Panel) -> Result<Box<dyn FittedFeature>> {
        let index = self.column.as_ref().map_or(Ok(0), |name| train.column_index(name))?;
        Ok(Box::new(FittedLag { column: train.columns()[index].clone(), lags: self.lags.clone() }))
    }
}

/// Lags of a column that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FittedLag {
    column: String,
    lags: Vec<usize>,
}

impl FittedLag {
    /// The checks of [`Lag::of`], on what was read.
    pub(crate) fn check(&self) -> Result<(), ParamError> {
        check(&self.lags)
    }
}

impl FittedFeature for FittedLag {
    fn columns(&self) -> Vec<String> {
        self.lags.iter().map(|lag| format!("{}_lag_{lag}", self.column)).collect()
    }

    fn fill(&self, series: SeriesView<'_>, mut out: ArrayViewMut2<'_, f64>) -> Result<()> {
        let values = series.column(&self.column)?;
        for (&lag, mut column) in self.lags.iter().zip(out.axis_iter_mut(Axis(1))) {
            match column.as_slice_mut() {
                Some(column) => shift(values, lag, column),
                None => {
                    let mut shifted = vec![f64::NAN; values.len()];
                    shift(values, lag, &mut shifted);
                    column.iter_mut().zip(shifted).for_each(|(to, from)| *to = from);
                }
            }
        }
        Ok(())
    }

    fn memory(&self) -> Option<usize> {
        self.lags.iter().max().copied()
    }

    fn spec(&self) -> Option<FeatureSpec> {
        Some(FeatureSpec::Lag(self.clone()))
    }
}

/// Writes `x[t - lag]` to `out[t]`, NaN where `t < lag`. Both slices have the same length.
pub(crate) fn shift(x: &[f64], lag: usize, out: &mut [f64]) {
    let head = lag.min(out.len());
    out[..head].fill(f64::NAN);
    let n = x.len();
    out[head..].copy_from_slice(&x[..n - head]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lag_leaves_head_missing() {
        let mut out = [0.0; 4];
        shift(&[1.0, 2.0, 3.0, 4.0], 3, &mut out);
        assert!(out[..3].iter().all(|v| v.is_nan()));
        assert_eq!(out[3].to_bits(), 1.0_f64.to_bits());
        shift(&[1.0, 2.0, 3.0, 4.0], 9, &mut out);
        assert!(out.iter().all(|v| v.is_nan()));
    }

    #[test]
    fn lags_outside_their_range_are_refused() {
        for lags in [vec![], vec![0], vec![1, 1], vec![1201]] {
            assert_eq!(Lag::of(lags).unwrap_err().name, "lags");
        }
        assert!(Lag::of([1, 1200]).is_ok());
    }
}
