//! Exponentially weighted statistics.

use ndarray::ArrayViewMut2;
use serde::{Deserialize, Serialize};

use super::element::Element;
use super::rows::{Rows, Tiled};
use super::tile;
use super::windowed::{FittedOrigin, Origin};
use super::{Feature, FeatureSpec, FittedFeature};
use crate::error::{ParamError, Result};
use crate::numeric::rows::Column;
use crate::panel::{Panel, SeriesView};

/// The exponentially weighted mean and standard deviation of a column, the newest value `lag` periods ago.
///
/// ```text
/// m[0] = y[0]    m[t] = alpha y[t] + (1 - alpha) m[t-1]
/// v[0] = 0       v[t] = (1 - alpha) (v[t-1] + alpha (y[t] - m[t-1])^2)
/// ```
/// Columns: `{column}_lag_{lag}_ewm_mean_{alpha}`, and with [`Ewm::with_std`] `{column}_lag_{lag}_ewm_std_{alpha}`, the square
/// root of `v`. A missing value changes nothing; NaN before the first present one. O(rows).
/// Source: West (1979), "Updating mean and variance estimates", CACM 22, 532-535.
#[derive(Clone, Debug, PartialEq)]
pub struct Ewm {
    pub(super) origin: Origin,
    alpha: f64,
    std: bool,
}

impl Ewm {
    /// Of the panel's first column, one period ago, with the weight `alpha` for the newest value.
    ///
    /// # Errors
    /// [`ParamError`] unless `alpha` lies in (0, 1].
    pub fn with(alpha: f64) -> Result<Self, ParamError> {
        check(alpha)?;
        Ok(Self { origin: Origin::new(), alpha, std: false })
    }

    /// Adds the standard deviation.
    #[must_use]
    pub fn with_std(mut self) -> Self {
        self.std = true;
        self
    }

    /// Takes `column` in the place of the first.
    #[must_use]
    pub fn column(mut self, column: impl Into<String>) -> Self {
        self.origin.column = Some(column.into());
        self
    }

    /// Sets how old the newest value is.
    ///
    /// # Errors
    /// [`ParamError`] above 1200.
    pub fn lag(mut self, lag: usize) -> Result<Self, ParamError> {
        self.origin.lag = lag;
        self.origin.check()?;
        Ok(self)
    }
}

fn check(alpha: f64) -> Result<(), ParamError> {
    if alpha > 0.0 && alpha <= 1.0 { Ok(()) } else { Err(ParamError::new("alpha", alpha, "in (0, 1]")) }
}

impl Feature for Ewm {
    fn fit(&self, train: &Panel) -> Result<Box<dyn FittedFeature>> {
        Ok(Box::new(FittedEwm { origin: self.origin.find(train)?, alpha: self.alpha, std: self.std }))
    }
}

/// [`Ewm`] of a column that was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedEwm {
    origin: FittedOrigin,
    alpha: f64,
    std: bool,
}

impl FittedEwm {
    /// The checks of [`Ewm::with`], on what was read.
    pub(super) fn check(&self) -> Result<(), ParamError> {
        self.origin.check()?;
        check(self.alpha)
    }
}

impl Tiled for FittedEwm {
    fn reach(&self) -> usize {
        self.origin.lag
    }

    fn write<T: Element>(&self, rows: &mut impl Rows, out: &mut [&mut [T]]) -> Result<()> {
        let column = rows.column(&self.origin.column)?;
        let (lag, alpha, rest) = (self.origin.lag, self.alpha, 1.0 - self.alpha);
        let next = |[mean, variance]: &mut [f64; 2], value: f64| {
            if mean.is_nan() {
                *mean = value;
            } else if !value.is_nan() {
                let apart = value - *mean;
                *variance = rest * (*variance + alpha * apart * apart);
                *mean = alpha * value + rest * *mean;
            }
            [*mean, if mean.is_nan() { f64::NAN } else { variance.sqrt() }]
        };
        let mut columns = [rows.scratch(), rows.scratch()];
        if self.std || !rows.quick_levels(column, lag, alpha, &mut columns[0]) {
            rows.scan(column, lag, [f64::NAN, 0.0], next, &mut columns);
        }
        for (values, out) in columns.iter().zip(out) {
            rows.write(out, lag, Column::Copy(values));
        }
        columns.into_iter().for_each(|values| rows.give_back(values));
        Ok(())
    }
}

impl FittedFeature for FittedEwm {
    fn columns(&self) -> Vec<String> {
        let prefix = self.origin.name();
        let stats = if self.std { &["mean", "std"][..] } else { &["mean"] };
        stats.iter().map(|stat| format!("{prefix}_ewm_{stat}_{}", self.alpha)).collect()
    }

    fn fill(&self, series: SeriesView<'_>, out: ArrayViewMut2<'_, f64>) -> Result<()> {
        tile::fill(self, series, out)
    }

    fn spec(&self) -> Option<FeatureSpec> {
        Some(FeatureSpec::Ewm(self.clone()))
    }
}
