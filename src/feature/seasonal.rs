//! Statistics over the same place in the year.

use ndarray::ArrayViewMut2;
use serde::{Deserialize, Serialize};

use super::element::Element;
use super::rows::{Kept, Rows, Tiled};
use super::tile;
use super::windowed::{FittedOrigin, LONGEST, Origin, check_once};
use super::{Feature, FeatureSpec, FittedFeature};
use crate::error::{ParamError, Result};
use crate::numeric::rows::{self as kernels, Column};
use crate::panel::{Panel, SeriesView};

/// A statistic of values that are whole seasons apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SeasonalStat {
    /// Mean.
    Mean,
    /// Standard deviation with n - 1; NaN for one value.
    Std,
    /// Smallest value.
    Minimum,
    /// Largest value.
    Maximum,
}

impl SeasonalStat {
    pub(super) const ALL: [(&'static str, Self); 4] =
        [("mean", Self::Mean), ("std", Self::Std), ("min", Self::Minimum), ("max", Self::Maximum)];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, stat)| *stat == self).map_or("", |(name, _)| name)
    }
}

/// Statistics of the last `n` values that are whole seasons apart, the newest `lag` periods ago.
///
/// ```text
/// x[t] = stat(y[t - lag], y[t - lag - season], ..., y[t - lag - (n - 1) season])
/// ```
/// Columns: `{column}_lag_{lag}_seasonal_{stat}_{season}_{n}`. With `lag = season` they tell of the same month. NaN where
/// one of the values is missing, and in the first `lag + (n - 1) season` rows. O(rows n) for each statistic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seasonal {
    pub(super) origin: Origin,
    stats: Vec<SeasonalStat>,
    season: usize,
    n: usize,
}

impl Seasonal {
    /// Statistics of the panel's first column, the newest value one period ago.
    ///
    /// # Errors
    /// [`ParamError`] unless there is at least one statistic and none twice, `season` is at least 2, `n` at least 1 and
    /// `season * n` at most 1200.
    pub fn over(stats: impl IntoIterator<Item = SeasonalStat>, season: usize, n: usize) -> Result<Self, ParamError> {
        let stats: Vec<SeasonalStat> = stats.into_iter().collect();
        check(&stats, season, n)?;
        Ok(Self { origin: Origin::new(), stats, season, n })
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

fn check(stats: &[SeasonalStat], season: usize, n: usize) -> Result<(), ParamError> {
    check_once("stats", stats)?;
    if !(2..=LONGEST).contains(&season) {
        return Err(ParamError::new("season", season, "from 2 to 1200"));
    }
    if n == 0 || n > LONGEST / season {
        return Err(ParamError::new("n", n, "from 1 to 1200 / season"));
    }
    Ok(())
}

impl Feature for Seasonal {
    fn fit(&self, train: &Panel) -> Result<Box<dyn FittedFeature>> {
        let Self { origin, stats, season, n } = self.clone();
        Ok(Box::new(FittedSeasonal { origin: origin.find(train)?, stats, season, n }))
    }
}

/// [`Seasonal`] of a column that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FittedSeasonal {
    origin: FittedOrigin,
    stats: Vec<SeasonalStat>,
    season: usize,
    n: usize,
}

impl FittedSeasonal {
    /// The checks of [`Seasonal::over`], on what was read.
    pub(super) fn check(&self) -> Result<(), ParamError> {
        self.origin.check()?;
        check(&self.stats, self.season, self.n)
    }
}

impl Tiled for FittedSeasonal {
    fn reach(&self) -> usize {
        self.origin.lag + (self.n - 1) * self.season
    }

    fn write<T: Element>(&self, rows: &mut impl Rows, out: &mut [&mut [T]]) -> Result<()> {
        let column = rows.column(&self.origin.column)?;
        let values = rows.windows(column, Kept::Value, 1);
        let earlier = |seasons: usize| self.origin.lag + seasons * self.season;
        let per_value = 1.0 / self.n as f64;
        let mut found = rows.scratch();
        for (&stat, out) in self.stats.iter().zip(out) {
            found.copy_from_slice(rows.lagged(values, earlier(0)));
            let others = (1..self.n).map(|seasons| rows.lagged(values, earlier(seasons)));
            match stat {
                SeasonalStat::Mean | SeasonalStat::Std => others.for_each(|values| kernels::add(values, &mut found)),
                SeasonalStat::Minimum => others.for_each(|values| choose(&mut found, values, f64::lt)),
                SeasonalStat::Maximum => others.for_each(|values| choose(&mut found, values, f64::gt)),
            }
            let from = match stat {
                SeasonalStat::Mean => Column::Scaled(&found, per_value),
                SeasonalStat::Std => {
                    let mut means = rows.scratch();
                    means.iter_mut().zip(&found).for_each(|(mean, sum)| *mean = sum * per_value);
                    found.fill(0.0);
                    for seasons in 0..self.n {
                        kernels::add_squares(rows.lagged(values, earlier(seasons)), &means, &mut found);
                    }
                    rows.give_back(means);
                    // One value gives 0 * infinity, which is the missing value.
                    Column::Root(&found, 1.0 / (self.n as f64 - 1.0))
                }
                SeasonalStat::Minimum | SeasonalStat::Maximum => Column::Copy(&found),
            };
            rows.write(out, self.reach(), from);
        }
        rows.give_back(found);
        Ok(())
    }
}

/// Takes each of `values` that is `better` than what is there, and every missing one.
fn choose(found: &mut [f64], values: &[f64], better: impl Fn(&f64, &f64) -> bool) {
    for (found, value) in found.iter_mut().zip(values) {
        if better(value, found) || value.is_nan() {
            *found = *value;
        }
    }
}

impl FittedFeature for FittedSeasonal {
    fn columns(&self) -> Vec<String> {
        let (prefix, tail) = (self.origin.name(), format!("{}_{}", self.season, self.n));
        self.stats.iter().map(|stat| format!("{prefix}_seasonal_{}_{tail}", stat.name())).collect()
    }

    fn fill(&self, series: SeriesView<'_>, out: ArrayViewMut2<'_, f64>) -> Result<()> {
        tile::fill(self, series, out)
    }

    fn memory(&self) -> Option<usize> {
        Some(self.reach())
    }

    fn spec(&self) -> Option<FeatureSpec> {
        Some(FeatureSpec::Seasonal(self.clone()))
    }
}
