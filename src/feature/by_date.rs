//! What the other series of a group do in the same period.

use ndarray::ArrayViewMut2;
use serde::{Deserialize, Serialize};

use super::across::{Need, Told};
use super::element::Element;
use super::group::Group;
use super::rows::{Kept, Rows, Tiled};
use super::tile;
use super::windowed::{FittedOrigin, Origin, check_once};
use super::{Feature, FeatureSpec, FittedFeature};
use crate::error::{DataError, ParamError, Result};
use crate::numeric::rows::Column;
use crate::panel::{Panel, SeriesView};

/// A statistic over the present values of a group in one period, the series itself included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum GroupStat {
    /// Mean.
    Mean,
    /// Standard deviation with n - 1; NaN for one value.
    Std,
    /// Sum.
    Sum,
    /// The series' value over the sum; NaN if the sum is 0.
    Share,
    /// The series' value over the mean; NaN if the mean is 0.
    RelativeLevel,
    /// Middle value, or the mean of the middle two.
    Median,
    /// The series' value over the median, less 1: the gap to the usual pay where the column is pay; NaN if the median is 0.
    GapToMedian,
    /// The place of the series' value, the smallest being 1; equal values share the mean of their places.
    Rank,
    /// The rank over the number of present values, in (0, 1].
    Percentile,
}

impl GroupStat {
    pub(super) const ALL: [(&'static str, Self); 9] = [
        ("mean", Self::Mean),
        ("std", Self::Std),
        ("sum", Self::Sum),
        ("share", Self::Share),
        ("relative_level", Self::RelativeLevel),
        ("median", Self::Median),
        ("gap_to_median", Self::GapToMedian),
        ("rank", Self::Rank),
        ("percentile", Self::Percentile),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, stat)| *stat == self).map_or("", |(name, _)| name)
    }

    /// What is written, and what the series' own value (or its rank) is divided by.
    fn told(self) -> (Option<Told>, Option<Told>) {
        match self {
            Self::Mean => (Some(Told::Mean), None),
            Self::Std => (Some(Told::Std), None),
            Self::Sum => (Some(Told::Sum), None),
            Self::Median => (Some(Told::Median), None),
            Self::Rank => (Some(Told::Rank), None),
            Self::Percentile => (Some(Told::Rank), Some(Told::Count)),
            Self::Share => (None, Some(Told::Sum)),
            Self::RelativeLevel => (None, Some(Told::Mean)),
            Self::GapToMedian => (None, Some(Told::Median)),
        }
    }
}

/// Statistics over the group of a series, `lag` periods ago.
///
/// ```text
/// x[i,t] = stat(y[j, t - lag] for all j in the group of i)
/// ```
/// Columns: `{column}_lag_{lag}_{group}_{stat}`. Missing values are left out; NaN in the first `lag` rows of a series, without
/// a present value, where the series' own value is asked for and missing, and for series that belong to no group. Two passes
/// over the column for each group, in parts whose sums are put together in order; medians and ranks put each period in
/// order, O(rows log series). The result does not depend on the number of threads.
///
/// A series alone, outside a pipeline, is compared with its group in its panel; that costs a pass over the panel each time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByDate {
    pub(super) origin: Origin,
    group: Group,
    stats: Vec<GroupStat>,
}

impl ByDate {
    /// Statistics of the panel's first column, one period ago.
    ///
    /// # Errors
    /// [`ParamError`] unless there is at least one statistic and none twice, or for a prefix of no characters.
    pub fn of(group: Group, stats: impl IntoIterator<Item = GroupStat>) -> Result<Self, ParamError> {
        let stats: Vec<GroupStat> = stats.into_iter().collect();
        check(&group, &stats)?;
        Ok(Self { origin: Origin::new(), group, stats })
    }

    /// Takes `column` in the place of the first.
    #[must_use]
    pub fn column(mut self, column: impl Into<String>) -> Self {
        self.origin.column = Some(column.into());
        self
    }

    /// Sets how old the values are.
    ///
    /// # Errors
    /// [`ParamError`] above 1200.
    pub fn lag(mut self, lag: usize) -> Result<Self, ParamError> {
        self.origin.lag = lag;
        self.origin.check()?;
        Ok(self)
    }
}

fn check(group: &Group, stats: &[GroupStat]) -> Result<(), ParamError> {
    group.check()?;
    check_once("stats", stats)
}

impl Feature for ByDate {
    fn fit(&self, train: &Panel) -> Result<Box<dyn FittedFeature>> {
        Ok(Box::new(FittedByDate {
            origin: self.origin.find(train)?,
            group: self.group.clone(),
            stats: self.stats.clone(),
        }))
    }
}

/// [`ByDate`] of a column that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FittedByDate {
    origin: FittedOrigin,
    group: Group,
    stats: Vec<GroupStat>,
}

impl FittedByDate {
    /// The checks of [`ByDate::of`], on what was read.
    pub(super) fn check(&self) -> Result<(), ParamError> {
        self.origin.check()?;
        check(&self.group, &self.stats)
    }

    /// What must be known of the group before the first row.
    pub(super) fn need(&self, panel: &Panel) -> Result<Need, DataError> {
        let told = self.stats.iter().map(|stat| stat.told());
        let ordered = told.flat_map(|(what, over)| [what, over]).flatten().any(Told::is_ordered);
        Ok(Need { column: self.origin.index(panel)?, group: self.group.clone(), ordered })
    }
}

impl Tiled for FittedByDate {
    fn reach(&self) -> usize {
        self.origin.lag
    }

    fn write<T: Element>(&self, rows: &mut impl Rows, out: &mut [&mut [T]]) -> Result<()> {
        let column = rows.column(&self.origin.column)?;
        let lag = self.origin.lag;
        let own = rows.windows(column, Kept::Value, 1);
        let (mut values, mut divisors) = (rows.scratch(), rows.scratch());
        for (&stat, out) in self.stats.iter().zip(out) {
            let (what, over) = stat.told();
            match what {
                Some(told) => rows.by_date(column, &self.group, lag, told, &mut values)?,
                None => values.copy_from_slice(rows.lagged(own, lag)),
            }
            if let Some(told) = over {
                rows.by_date(column, &self.group, lag, told, &mut divisors)?;
                let less = if stat == GroupStat::GapToMedian { 1.0 } else { 0.0 };
                for (value, divisor) in values.iter_mut().zip(&divisors) {
                    *value = if *divisor == 0.0 { f64::NAN } else { *value / divisor - less };
                }
            }
            rows.write(out, lag, Column::Copy(&values));
        }
        rows.give_back(values);
        rows.give_back(divisors);
        Ok(())
    }
}

impl FittedFeature for FittedByDate {
    fn columns(&self) -> Vec<String> {
        let prefix = format!("{}_{}", self.origin.name(), self.group.name());
        self.stats.iter().map(|stat| format!("{prefix}_{}", stat.name())).collect()
    }

    fn fill(&self, series: SeriesView<'_>, out: ArrayViewMut2<'_, f64>) -> Result<()> {
        tile::fill(self, series, out)
    }

    fn memory(&self) -> Option<usize> {
        Some(self.origin.lag)
    }

    fn looks_across(&self) -> bool {
        true
    }

    fn spec(&self) -> Option<FeatureSpec> {
        Some(FeatureSpec::ByDate(self.clone()))
    }
}
