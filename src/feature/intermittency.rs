//! How often nothing happens, and how unequal it is when something does.

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

/// A statistic of intermittent demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IntermittencyStat {
    /// Average demand interval: present values over those that are not 0, at least 1; NaN without a value that is not 0.
    Adi,
    /// Squared coefficient of variation of the values that are not 0, with n - 1; NaN for fewer than two, or if their mean is
    /// 0.
    Cv2,
}

impl IntermittencyStat {
    pub(super) const ALL: [(&'static str, Self); 2] = [("adi", Self::Adi), ("cv2", Self::Cv2)];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, stat)| *stat == self).map_or("", |(name, _)| name)
    }

    /// Takes one value into `[present, demands, mean of demands, their squared deviations]` (Welford 1962).
    fn next(self, [present, n, mean, squares]: &mut [f64; 4], value: f64) -> [f64; 1] {
        if !value.is_nan() {
            *present += 1.0;
            if value != 0.0 {
                *n += 1.0;
                let apart = value - *mean;
                *mean += apart / *n;
                *squares += apart * (value - *mean);
            }
        }
        [match self {
            Self::Adi if *n > 0.0 => *present / *n,
            Self::Cv2 if *n > 1.0 && *mean != 0.0 => *squares / (*n - 1.0) / (*mean * *mean),
            _ => f64::NAN,
        }]
    }
}

/// How intermittent the values of a column up to `lag` periods ago are.
///
/// Columns: `{column}_lag_{lag}_{adi|cv2}`. Demand is smooth where ADI < 1.32 and CV2 < 0.49, intermittent above the first,
/// erratic above the second, lumpy above both (Syntetos, Boylan & Croston 2005, JORS 56, 495-503). Missing values are left out.
/// O(rows) for each statistic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intermittency {
    pub(super) origin: Origin,
    stats: Vec<IntermittencyStat>,
}

impl Intermittency {
    /// Of the panel's first column, up to one period ago.
    ///
    /// # Errors
    /// [`ParamError`] unless there is at least one statistic and none twice.
    pub fn of(stats: impl IntoIterator<Item = IntermittencyStat>) -> Result<Self, ParamError> {
        let stats: Vec<IntermittencyStat> = stats.into_iter().collect();
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

impl Feature for Intermittency {
    fn fit(&self, train: &Panel) -> Result<Box<dyn FittedFeature>> {
        Ok(Box::new(FittedIntermittency { origin: self.origin.find(train)?, stats: self.stats.clone() }))
    }
}

/// [`Intermittency`] of a column that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FittedIntermittency {
    origin: FittedOrigin,
    stats: Vec<IntermittencyStat>,
}

impl FittedIntermittency {
    /// The checks of [`Intermittency::of`], on what was read.
    pub(super) fn check(&self) -> Result<(), ParamError> {
        self.origin.check()?;
        check_once("stats", &self.stats)
    }
}

impl Tiled for FittedIntermittency {
    fn reach(&self) -> usize {
        self.origin.lag
    }

    fn write<T: Element>(&self, rows: &mut impl Rows, out: &mut [&mut [T]]) -> Result<()> {
        let column = rows.column(&self.origin.column)?;
        let mut values = [rows.scratch()];
        for (&stat, out) in self.stats.iter().zip(out) {
            rows.scan(column, self.origin.lag, [0.0; 4], |state, value| stat.next(state, value), &mut values);
            rows.write(out, self.origin.lag, Column::Copy(&values[0]));
        }
        values.into_iter().for_each(|values| rows.give_back(values));
        Ok(())
    }
}

impl FittedFeature for FittedIntermittency {
    fn columns(&self) -> Vec<String> {
        let prefix = self.origin.name();
        self.stats.iter().map(|stat| format!("{prefix}_{}", stat.name())).collect()
    }

    fn fill(&self, series: SeriesView<'_>, out: ArrayViewMut2<'_, f64>) -> Result<()> {
        tile::fill(self, series, out)
    }

    fn spec(&self) -> Option<FeatureSpec> {
        Some(FeatureSpec::Intermittency(self.clone()))
    }
}
