//! What the other series of a group do in the same period.

use ndarray::ArrayViewMut2;
use serde::{Deserialize, Serialize};

use super::across::{Across, Group};
use super::element::Element;
use super::tile::{self, Tile, Tiled};
use super::windowed::{FittedOrigin, Origin};
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
}

impl GroupStat {
    fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Std => "std",
            Self::Sum => "sum",
            Self::Share => "share",
            Self::RelativeLevel => "relative_level",
        }
    }
}

/// Statistics over the group of a series, `lag` periods ago.
///
/// ```text
/// x[i,t] = stat(y[j, t - lag] for all j in the group of i)
/// ```
/// Columns: `{column}_lag_{lag}_{group}_{stat}`. Missing values are left out; NaN in the first `lag` rows of a series, without
/// a present value, and for a share where the series' own value is missing. Two passes over the column for each group, in
/// parts whose sums are put together in order: the result does not depend on the number of threads.
///
/// A series alone, outside a pipeline, is compared with its group in its panel; that costs a pass over the panel each time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByDate {
    origin: Origin,
    group: Group,
    stats: Vec<GroupStat>,
}

impl ByDate {
    /// Statistics of the panel's first column, one period ago.
    ///
    /// # Errors
    /// [`ParamError`] unless there is at least one statistic and none twice.
    pub fn of(group: Group, stats: impl IntoIterator<Item = GroupStat>) -> Result<Self, ParamError> {
        let stats: Vec<GroupStat> = stats.into_iter().collect();
        check(&stats)?;
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

fn check(stats: &[GroupStat]) -> Result<(), ParamError> {
    let once = stats.iter().enumerate().all(|(place, stat)| !stats[..place].contains(stat));
    if stats.is_empty() || !once {
        return Err(ParamError::new("stats", format!("{stats:?}"), "at least one, none twice"));
    }
    Ok(())
}

impl Feature for ByDate {
    fn fit(&self, train: &Panel) -> Result<Box<dyn FittedFeature>> {
        Ok(Box::new(FittedByDate { origin: self.origin.find(train)?, group: self.group, stats: self.stats.clone() }))
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
        check(&self.stats)
    }

    /// The column and group that must be added up before the first row.
    pub(super) fn needs(&self, panel: &Panel) -> Result<(usize, Group), DataError> {
        Ok((self.origin.index(panel)?, self.group))
    }
}

/// Writes `own / all`, NaN where `all` is 0.
fn ratios(to: &mut [f64], own: &[f64], all: &[f64]) {
    for ((to, own), all) in to.iter_mut().zip(own).zip(all) {
        *to = if *all == 0.0 { f64::NAN } else { own / all };
    }
}

impl Tiled for FittedByDate {
    fn reach(&self) -> usize {
        self.origin.lag
    }

    fn write<T: Element>(&self, tile: &mut Tile<'_>, out: &mut [&mut [T]]) -> Result<()> {
        let (column, group) = self.needs(tile.panel())?;
        let mut alone = Across::default();
        let across = tile.across();
        if !across.has(column, group) {
            let panel = tile.panel();
            let parts = Across::parts(panel);
            let partials = parts.iter().map(|part| Across::partial(panel, column, group, part));
            alone.insert(column, group, partials.collect());
        }
        let across = if across.has(column, group) { across } else { &alone };
        let lag = self.origin.lag;
        let mut values = tile.scratch();
        for (&stat, out) in self.stats.iter().zip(out) {
            for (series, rows) in tile.series() {
                let Some(group) = across.statistics(column, group, series) else {
                    values[rows].fill(f64::NAN);
                    continue;
                };
                let known = group.rows(series);
                let known = known.start..known.end.saturating_sub(lag).max(known.start);
                let own = series.values(column);
                let to = &mut values[rows.end - known.len()..rows.end];
                match stat {
                    GroupStat::Mean => to.copy_from_slice(&group.means[known]),
                    GroupStat::Std => to.copy_from_slice(&group.stds[known]),
                    GroupStat::Sum => to.copy_from_slice(&group.sums[known]),
                    GroupStat::Share => ratios(to, own, &group.sums[known]),
                    GroupStat::RelativeLevel => ratios(to, own, &group.means[known]),
                }
            }
            tile.write(out, lag, Column::Copy(&values));
        }
        tile.give_back(values);
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
