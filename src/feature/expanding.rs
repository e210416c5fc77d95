//! Statistics of all values so far.

use ndarray::ArrayViewMut2;
use serde::{Deserialize, Serialize};

use super::element::Element;
use super::tile::{self, Tile, Tiled};
use super::windowed::{FittedOrigin, Origin};
use super::{Feature, FeatureSpec, FittedFeature};
use crate::error::{ParamError, Result};
use crate::numeric::rows::{self, Column};
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
    fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Std => "std",
            Self::Minimum => "min",
            Self::Maximum => "max",
        }
    }
}

/// What is carried from row to row.
#[derive(Clone, Copy, Debug)]
struct Running {
    n: f64,
    sum: f64,
    mean: f64,
    squares: f64,
    minimum: f64,
    maximum: f64,
}

impl Running {
    const EMPTY: Self =
        Self { n: 0.0, sum: 0.0, mean: 0.0, squares: 0.0, minimum: f64::INFINITY, maximum: f64::NEG_INFINITY };

    #[inline(always)]
    fn add(&mut self, value: f64, stat: ExpandingStat) {
        if value.is_nan() {
            return;
        }
        self.n += 1.0;
        match stat {
            ExpandingStat::Mean => self.sum += value,
            ExpandingStat::Std => {
                let apart = value - self.mean;
                self.mean += apart / self.n;
                self.squares += apart * (value - self.mean);
            }
            ExpandingStat::Minimum => self.minimum = self.minimum.min(value),
            ExpandingStat::Maximum => self.maximum = self.maximum.max(value),
        }
    }

    #[inline(always)]
    fn value(&self, stat: ExpandingStat) -> f64 {
        if self.n == 0.0 {
            return f64::NAN;
        }
        match stat {
            ExpandingStat::Mean => self.sum / self.n,
            ExpandingStat::Std if self.n < 2.0 => f64::NAN,
            ExpandingStat::Std => (self.squares / (self.n - 1.0)).sqrt(),
            ExpandingStat::Minimum => self.minimum,
            ExpandingStat::Maximum => self.maximum,
        }
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
    origin: Origin,
    stats: Vec<ExpandingStat>,
}

impl Expanding {
    /// Statistics of the panel's first column up to one period ago.
    ///
    /// # Errors
    /// [`ParamError`] unless there is at least one statistic and none twice.
    pub fn of(stats: impl IntoIterator<Item = ExpandingStat>) -> Result<Self, ParamError> {
        let stats: Vec<ExpandingStat> = stats.into_iter().collect();
        check(&stats)?;
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

fn check(stats: &[ExpandingStat]) -> Result<(), ParamError> {
    let once = stats.iter().enumerate().all(|(place, stat)| !stats[..place].contains(stat));
    if stats.is_empty() || !once {
        return Err(ParamError::new("stats", format!("{stats:?}"), "at least one, none twice"));
    }
    Ok(())
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
        check(&self.stats)
    }
}

impl Tiled for FittedExpanding {
    fn reach(&self) -> usize {
        self.origin.lag
    }

    fn write<T: Element>(&self, tile: &mut Tile<'_>, out: &mut [&mut [T]]) -> Result<()> {
        let column = self.origin.index(tile.panel())?;
        let mut values = tile.scratch();
        let whole = !tile.has_missing(column);
        for (&stat, out) in self.stats.iter().zip(out) {
            if stat == ExpandingStat::Mean && whole {
                // The same sums and divisions as below, in an order that a processor likes.
                for (series, sums) in tile.fours(column, self.origin.lag, &mut values) {
                    rows::running_sums(series, sums);
                }
                let before = self.origin.lag as f64 - 1.0;
                values.iter_mut().zip(tile.age()).for_each(|(sum, age)| *sum /= age - before);
                tile.write(out, self.origin.lag, Column::Copy(&values));
                continue;
            }
            for (series, rows) in tile.series() {
                let mut running = Running::EMPTY;
                let known = series.values(column);
                for (to, &value) in values[rows].iter_mut().skip(self.origin.lag).zip(known) {
                    running.add(value, stat);
                    *to = running.value(stat);
                }
            }
            tile.write(out, self.origin.lag, Column::Copy(&values));
        }
        tile.give_back(values);
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
