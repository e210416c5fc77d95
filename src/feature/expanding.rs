//! Statistics of all values so far.

use ndarray::ArrayViewMut2;
use serde::{Deserialize, Serialize};

use super::element::Element;
use super::rows::{Rows, Tiled};
use super::tile;
use super::windowed::{FittedOrigin, Origin, check_once};
use super::{Feature, FeatureSpec, FittedFeature};
use crate::error::{ParamError, Result};
use crate::numeric::rows::Column;
use crate::panel::{Panel, SeriesView};

/// A statistic of every present value of a series up to a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ExpandingStat {
    /// Mean.
    Mean,
    /// Standard deviation with n - 1 (Welford 1962, Technometrics 4, 419-420); NaN for one value.
    Std,
    /// Smallest value.
    Minimum,
    /// Largest value.
    Maximum,
}

impl ExpandingStat {
    pub(super) const ALL: [(&'static str, Self); 4] =
        [("mean", Self::Mean), ("std", Self::Std), ("min", Self::Minimum), ("max", Self::Maximum)];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, stat)| *stat == self).map_or("", |(name, _)| name)
    }

    /// Takes one value into `[n, a, b]`, which mean what the statistic needs, and gives the statistic so far.
    fn next(self, [n, a, b]: &mut [f64; 3], value: f64) -> [f64; 1] {
        if !value.is_nan() {
            *n += 1.0;
            match self {
                Self::Mean => *a += value,
                Self::Std => {
                    let apart = value - *a;
                    *a += apart / *n;
                    *b += apart * (value - *a);
                }
                Self::Minimum => *a = if *n > 1.0 { a.min(value) } else { value },
                Self::Maximum => *a = if *n > 1.0 { a.max(value) } else { value },
            }
        }
        [match self {
            _ if *n == 0.0 => f64::NAN,
            Self::Mean => *a / *n,
            Self::Std if *n < 2.0 => f64::NAN,
            Self::Std => (*b / (*n - 1.0)).sqrt(),
            Self::Minimum | Self::Maximum => *a,
        }]
    }
}

/// Statistics of all values of a column up to `lag` periods ago.
///
/// ```text
/// x[t] = stat(y[0 ..= t - lag])
/// ```
/// Columns: `{column}_lag_{lag}_expanding_{stat}`. Missing values are left out; NaN before the first present one. O(rows)
/// for each statistic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expanding {
    pub(super) origin: Origin,
    stats: Vec<ExpandingStat>,
}

impl Expanding {
    /// Statistics of the panel's first column up to one period ago.
    ///
    /// # Errors
    /// [`ParamError`] unless there is at least one statistic and none twice.
    pub fn of(stats: impl IntoIterator<Item = ExpandingStat>) -> Result<Self, ParamError> {
        let stats: Vec<ExpandingStat> = stats.into_iter().collect();
        check_once("stats", &stats)?;
        Ok(Self { origin: Origin::new(), stats })
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

impl Feature for Expanding {
    fn fit(&self, train: &Panel) -> Result<Box<dyn FittedFeature>> {
        Ok(Box::new(FittedExpanding { origin: self.origin.find(train)?, stats: self.stats.clone() }))
    }
}

/// [`Expanding`] of a column that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FittedExpanding {
    origin: FittedOrigin,
    stats: Vec<ExpandingStat>,
}

impl FittedExpanding {
    /// The checks of [`Expanding::of`], on what was read.
    pub(super) fn check(&self) -> Result<(), ParamError> {
        self.origin.check()?;
        check_once("stats", &self.stats)
    }
}

impl Tiled for FittedExpanding {
    fn reach(&self) -> usize {
        self.origin.lag
    }

    fn write<T: Element>(&self, rows: &mut impl Rows, out: &mut [&mut [T]]) -> Result<()> {
        let column = rows.column(&self.origin.column)?;
        let lag = self.origin.lag;
        let mut values = [rows.scratch()];
        for (&stat, out) in self.stats.iter().zip(out) {
            if stat != ExpandingStat::Mean || !rows.quick_means(column, lag, &mut values[0]) {
                rows.scan(column, lag, [0.0; 3], |state, value| stat.next(state, value), &mut values);
            }
            rows.write(out, lag, Column::Copy(&values[0]));
        }
        values.into_iter().for_each(|values| rows.give_back(values));
        Ok(())
    }
}

impl FittedFeature for FittedExpanding {
    fn columns(&self) -> Vec<String> {
        let prefix = self.origin.name();
        self.stats.iter().map(|stat| format!("{prefix}_expanding_{}", stat.name())).collect()
    }

    fn fill(&self, series: SeriesView<'_>, out: ArrayViewMut2<'_, f64>) -> Result<()> {
        tile::fill(self, series, out)
    }

    fn spec(&self) -> Option<FeatureSpec> {
        Some(FeatureSpec::Expanding(self.clone()))
    }
}
