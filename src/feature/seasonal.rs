//! Means over the same place in the year.

use ndarray::ArrayViewMut2;
use serde::{Deserialize, Serialize};

use super::element::Element;
use super::tile::{self, Kept, Tile, Tiled};
use super::windowed::{FittedOrigin, LONGEST, Origin};
use super::{Feature, FeatureSpec, FittedFeature};
use crate::error::{ParamError, Result};
use crate::numeric::rows::{self, Column};
use crate::panel::{Panel, SeriesView};

/// The mean of the last `n` values that are whole seasons apart, the newest `lag` periods ago.
///
/// ```text
/// x[t] = (y[t - lag] + y[t - lag - season] + ... + y[t - lag - (n - 1) season]) / n
/// ```
/// Column: `{column}_lag_{lag}_seasonal_mean_{season}_{n}`. With `lag = season` it is the mean of the same month. NaN where
/// one of the values is missing, and in the first `lag + (n - 1) season` rows. O(rows n).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeasonalMean {
    origin: Origin,
    season: usize,
    n: usize,
}

impl SeasonalMean {
    /// Means of the panel's first column, the newest value one period ago.
    ///
    /// # Errors
    /// [`ParamError`] unless `season` is at least 2, `n` at least 1 and `season * n` at most 1200.
    pub fn over(season: usize, n: usize) -> Result<Self, ParamError> {
        check(season, n)?;
        Ok(Self { origin: Origin::new(), season, n })
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

fn check(season: usize, n: usize) -> Result<(), ParamError> {
    if !(2..=LONGEST).contains(&season) {
        return Err(ParamError::new("season", season, "from 2 to 1200"));
    }
    if n == 0 || n > LONGEST / season {
        return Err(ParamError::new("n", n, "from 1 to 1200 / season"));
    }
    Ok(())
}

impl Feature for SeasonalMean {
    fn fit(&self, train: &Panel) -> Result<Box<dyn FittedFeature>> {
        Ok(Box::new(FittedSeasonalMean { origin: self.origin.find(train)?, season: self.season, n: self.n }))
    }
}

/// [`SeasonalMean`] of a column that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FittedSeasonalMean {
    origin: FittedOrigin,
    season: usize,
    n: usize,
}

impl FittedSeasonalMean {
    /// The checks of [`SeasonalMean::over`], on what was read.
    pub(super) fn check(&self) -> Result<(), ParamError> {
        self.origin.check()?;
        check(self.season, self.n)
    }
}

impl Tiled for FittedSeasonalMean {
    fn reach(&self) -> usize {
        self.origin.lag + (self.n - 1) * self.season
    }

    fn write<T: Element>(&self, tile: &mut Tile<'_>, out: &mut [&mut [T]]) -> Result<()> {
        let column = self.origin.index(tile.panel())?;
        let values = tile.windows(column, Kept::Value, 1);
        let mut sums = tile.scratch();
        sums.copy_from_slice(tile.lagged(values, self.origin.lag));
        for seasons in 1..self.n {
            rows::add(tile.lagged(values, self.origin.lag + seasons * self.season), &mut sums);
        }
        tile.write(out[0], self.reach(), Column::Scaled(&sums, 1.0 / self.n as f64));
        tile.give_back(sums);
        Ok(())
    }
}

impl FittedFeature for FittedSeasonalMean {
    fn columns(&self) -> Vec<String> {
        vec![format!("{}_seasonal_mean_{}_{}", self.origin.name(), self.season, self.n)]
    }

    fn fill(&self, series: SeriesView<'_>, out: ArrayViewMut2<'_, f64>) -> Result<()> {
        tile::fill(self, series, out)
    }

    fn memory(&self) -> Option<usize> {
        Some(self.reach())
    }

    fn spec(&self) -> Option<FeatureSpec> {
        Some(FeatureSpec::SeasonalMean(self.clone()))
    }
}
