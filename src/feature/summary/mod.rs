//! One row of statistics for each series.

mod acf;
mod crossings;
mod decomposition;
mod heterogeneity;
mod hurst;
mod intermittency;
mod moments;
mod nonlinearity;
mod prepared;
mod shifts;
mod smoothing;
mod spectrum;
mod table;
mod tiles;
mod unit_root;

use std::num::NonZeroUsize;

use self::prepared::Prepared;
pub use self::table::{Summary, SummaryTable};
use super::pipeline::map_series;
use crate::error::{ParamError, Result};
use crate::panel::Panel;

/// The names of the groups, in the order in which [`SummaryExtractor::of`] writes them.
const GROUPS: [&[&str]; 12] = [
    &moments::NAMES,
    &intermittency::NAMES,
    &acf::NAMES,
    &decomposition::NAMES,
    &spectrum::NAMES,
    &tiles::NAMES,
    &crossings::NAMES,
    &shifts::NAMES,
    &hurst::NAMES,
    &unit_root::NAMES,
    &nonlinearity::NAMES,
    &heterogeneity::NAMES,
];

/// Smoothing weights stand last: they cost the most.
const N_STATISTICS: usize = count(&GROUPS) + smoothing::NAMES.len();

const fn count(groups: &[&[&str]]) -> usize {
    let (mut sum, mut group) = (0, 0);
    while group < groups.len() {
        sum += groups[group].len();
        group += 1;
    }
    sum
}

/// The longest season: the hours of a leap year.
const MAX_SEASON: usize = 8784;

/// Statistics of a series for choosing models and for finding series that behave alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SummaryExtractor {
    season: NonZeroUsize,
    scale: bool,
}

/// Settings of [`SummaryExtractor`], checked by [`SummaryParams::build`].
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct SummaryParams {
    season: usize,
    scale: bool,
}

impl SummaryExtractor {
    /// Starts from the defaults: a season of 12, scaled.
    pub fn params() -> SummaryParams {
        SummaryParams { season: 12, scale: true }
    }

    /// The names of the statistics, in the order in which they are written. The same for every setting.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        GROUPS.iter().copied().chain([&smoothing::NAMES[..]]).flatten().copied().collect()
    }

    /// Writes the statistics of `y` to `out`, one cell for each of [`SummaryExtractor::names`].
    ///
    /// O(n^2) time for a series of `n` values, O(100 n) memory.
    ///
    /// # Errors
    /// [`ParamError`] if `out` has not one cell for each name. No series is refused.
    pub fn of(&self, y: &[f64], out: &mut [f64]) -> Result<(), ParamError> {
        if out.len() != N_STATISTICS {
            return Err(ParamError::new("out", out.len(), "one cell for each of the names"));
        }
        let prepared = Prepared::new(y, self.scale);
        let season = self.season.get();
        let mut rest = &mut *out;
        let mut write = |cells: &[f64]| {
            let (head, tail) = std::mem::take(&mut rest).split_at_mut(cells.len());
            // What overflows is as undefined as what is divided by 0.
            head.iter_mut().zip(cells).for_each(|(out, v)| *out = if v.is_finite() { *v } else { f64::NAN });
            rest = tail;
        };
        write(&moments::of(y, &prepared));
        write(&intermittency::of(y, &prepared));
        write(&acf::of(&prepared, season));
        write(&decomposition::of(&prepared, self.season));
        write(&spectrum::of(&prepared));
        write(&tiles::of(&prepared, season));
        write(&crossings::of(&prepared));
        write(&shifts::of(&prepared, season));
        write(&hurst::of(&prepared));
        write(&unit_root::of(&prepared));
        write(&nonlinearity::of(&prepared));
        write(&heterogeneity::of(&prepared));
        write(&smoothing::of(&prepared, season));
        Ok(())
    }

    /// The statistics of `y`, to be asked for by name.
    #[must_use]
    pub fn summarise(&self, y: &[f64]) -> Summary {
        Summary::new(self.names(), self.row(y))
    }

    /// The statistics of `column` for every series of `panel`, one row for each, in the order of its keys.
    ///
    /// Series are worked on in parallel; the result does not depend on the number of threads.
    ///
    /// # Errors
    /// [`DataError::UnknownColumn`](crate::DataError::UnknownColumn).
    pub fn of_panel(&self, panel: &Panel, column: &str) -> Result<SummaryTable> {
        let column = panel.column_index(column)?;
        let rows = map_series(panel, |series| self.row(series.values(column)));
        Ok(SummaryTable::new(panel.keys().to_vec(), self.names(), rows.concat()))
    }

    fn row(&self, y: &[f64]) -> Vec<f64> {
        let mut row = vec![f64::NAN; N_STATISTICS];
        // The row has the width that `of` asks for.
        let written = self.of(y, &mut row);
        debug_assert!(written.is_ok());
        row
    }
}

impl SummaryParams {
    /// Periods in a season, 1 for none.
    pub fn season(mut self, season: usize) -> Self {
        self.season = season;
        self
    }

    /// Whether to take statistics of order and size of changes from `(y - mean) / sd` in place of `y`.
    pub fn scale(mut self, scale: bool) -> Self {
        self.scale = scale;
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// [`ParamError`] if `season` is not in [1, 8784].
    pub fn build(self) -> Result<SummaryExtractor, ParamError> {
        let Self { season, scale } = self;
        let refuse = || ParamError::new("season", season, "in [1, 8784]");
        let season = NonZeroUsize::new(season).filter(|season| season.get() <= MAX_SEASON).ok_or_else(refuse)?;
        Ok(SummaryExtractor { season, scale })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_about_sixty_and_unique() {
        let mut names = SummaryExtractor::params().build().unwrap().names();
        assert_eq!(names.len(), N_STATISTICS);
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), N_STATISTICS);
    }

    #[test]
    fn seasons_have_a_range() {
        for season in [1, 2, 12, MAX_SEASON] {
            assert!(SummaryExtractor::params().season(season).build().is_ok());
        }
        for season in [0, MAX_SEASON + 1, usize::MAX] {
            assert!(SummaryExtractor::params().season(season).build().is_err());
        }
    }

    #[test]
    fn cells_of_another_count_are_refused() {
        let extractor = SummaryExtractor::params().build().unwrap();
        assert!(extractor.of(&[1.0], &mut [0.0; 3]).is_err());
    }
}
