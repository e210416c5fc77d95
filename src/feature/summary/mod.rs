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
///
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `season` | 12 | in \[1, 8784\] | periods in a season, 1 for none |
/// | `scale` | true | true, false | whether to take statistics from `z = (y - mean) / sd` in place of `y` |
///
/// Names, definitions and the rule of `scale` are those of the R and Python packages tsfeatures where they have the
/// statistic. Every setting writes the same names in the same order.
///
/// **Missing values.** Values that are not finite are missing. Statistics of values (the first table) skip them. All
/// others are taken from `x`: the series from its first value to its last, gaps bridged by straight lines, scaled if
/// asked for. Gaps thus lower the variance of changes; `missing_share` says by how much to distrust them.
///
/// **Undefined.** NaN, never an error or a panic: below the number of values in column *needs*; for equal values if
/// marked `c`; where a sum of squares to divide by is no more than rounding; where squares overflow. An empty or
/// all-missing series has `series_length`, `missing_share` (unless empty), `nperiods` and `seasonal_period` only.
///
/// **Scale.** `s` marks what is free of scale whatever the setting: the same for `c y`, `c > 0`. What is not marked is
/// free of scale if `scale` is on, except for the statistics of values, which always keep the units of the series.
///
/// ## Values: `n` of them, in the units of the series
/// | Statistic | Definition | Range | Needs |
/// |---|---|---|---|
/// | `series_length` `s` | rows, missing ones included | periods, 0 on | 0 |
/// | `missing_share` `s` | share of rows that are missing | \[0, 1\] | 0, 1 row |
/// | `mean`, `median`, `min`, `max` | the usual; the median of an even number is midway | units of `y` | 1 |
/// | `variance` | sum of squared distances from the mean over n - 1 | units squared, 0 on | 2 |
/// | `coefficient_of_variation` `s` | standard deviation over mean, with its sign | any | 2, mean not 0 |
/// | `skewness` `s` | `m3 / m2^1.5`, moments with divisor n | any | 2 `c` |
/// | `kurtosis` `s` | `m4 / m2^2 - 3` | -2 on | 2 `c` |
/// | `interquartile_range` | quartiles of R type 7 | units of `y`, 0 on | 1 |
/// | `sparsity` `s` | share of zeros | \[0, 1\] | 1 |
/// | `adi` `s` | average demand interval: n over the number of values that are not 0 | periods, 1 on | 1 not 0 |
/// | `cv2` `s` | squared coefficient of variation of the values that are not 0 (divisor count - 1) | 0 on | 2 not 0 |
/// | `longest_zero_run` `s` | zeros in a row; a missing value ends the run | periods, 0 on | 1 |
///
/// `adi` at most 1.32 and `cv2` at most 0.49 make demand *smooth* (Syntetos, Boylan & Croston 2005, JORS 56).
/// Source of the rest: any textbook. O(n log n).
///
/// ## Dependence over time
/// | Statistic | Definition | Range | Needs |
/// |---|---|---|---|
/// | `x_acf1`, `diff1_acf1`, `diff2_acf1` `s` | autocorrelation at lag 1 of `x`, its first, its second differences | \[-1, 1\] | 2, 3, 4 `c` |
/// | `x_acf10`, `diff1_acf10`, `diff2_acf10` `s` | sum of squares of those at lags 1 to 10 | \[0, 10\] | 11, 12, 13 `c` |
/// | `seas_acf1` `s` | autocorrelation at lag `season` | \[-1, 1\] | season + 1 `c`, a season |
/// | `x_pacf5`, `diff1x_pacf5`, `diff2x_pacf5` `s` | sum of squares of partial autocorrelations, lags 1 to 5 | \[0, 5\] | 6, 7, 8 `c` |
/// | `seas_pacf` `s` | partial autocorrelation at lag `season` | \[-1, 1\] | season + 1 `c`, a season |
/// | `hurst` `s` | slope of log(range / sd) of the first `t` values on log(t) | about 0 to 1; 0.5 without memory | 3 `c` |
/// | `entropy` `s` | entropy of the periodogram over that of a flat one; 0 one cycle, 1 noise | \[0, 1\] | 3 `c` |
/// | `nonlinearity` `s` | `10 log(S1 / S3)`: squared errors of `x[t]` on `x[t-1]`, and with its square and cube | 0 on | 6 `c` |
/// | `unitroot_kpss` `s` | `sum of (partial sums)^2 / (n^2 v)`, `v` with Bartlett weights to lag `4 (n/100)^(1/4)` | 0 on; large: not stationary | 4 `c` |
/// | `unitroot_pp` `s` | Z(alpha) of `x[t]` on `x[t-1]` and a constant, the same weights | any; far below 0: stationary | 4 `c` |
///
/// Autocorrelations have divisor n; partial ones come from them by Levinson-Durbin. Cost O(n season), `hurst` and
/// `entropy` O(n^2). Sources: Box & Jenkins (1976), ch. 2 and 3; Hurst (1951), Trans. ASCE 116; Inouye et al. (1991),
/// Electroencephalography and Clinical Neurophysiology 79; Teräsvirta, Lin & Granger (1993), J. Time Series Analysis
/// 14; Kwiatkowski, Phillips, Schmidt & Shin (1992), J. Econometrics 54; Phillips & Perron (1988), Biometrika 75.
///
/// ## Trend and season: `x = T + S + R`
/// | Statistic | Definition | Range | Needs |
/// |---|---|---|---|
/// | `nperiods` `s` | 1 with a season, else 0 | 0, 1 | 0 |
/// | `seasonal_period` `s` | the setting | periods | 0 |
/// | `trend` `s` | `1 - var R / var(T + R)`; 0 for equal values | \[0, 1\] | two seasons, or 4 values |
/// | `seasonal_strength` `s` | `1 - var R / var(S + R)`; 0 for equal values | \[0, 1\] | two seasons |
/// | `spike` | variance of the variances of R with one value left out | 0 on | as `trend` |
/// | `linearity`, `curvature` | coefficients of T on orthonormal polynomials of degree 1 and 2; positive rises, bends up | any | as `trend` |
/// | `e_acf1`, `e_acf10` `s` | `x_acf1`, `x_acf10` of R | \[-1, 1\], \[0, 10\] | as `trend` `c`, 11 values |
/// | `peak`, `trough` `s` | place in the season of the largest, the smallest S; the first row is place 1 | 1 to season | two seasons `c` |
///
/// With a season by STL, not robust, locally linear: seasonal span 13, five passes, the other spans by default, as in
/// Python tsfeatures (statsmodels `STL`). Without one S is 0 and T Friedman's super smoother. O(n season).
/// Sources: Cleveland, Cleveland, McRae & Terpenning (1990), J. Official Statistics 6; Friedman (1984), Stanford
/// LCS 5; Wang, Smith & Hyndman (2006), Data Mining and Knowledge Discovery 13.
///
/// ## Windows: `w` is the season, 10 without one
/// | Statistic | Definition | Range | Needs |
/// |---|---|---|---|
/// | `stability` | variance of the means of windows side by side | 0 on | 2 w |
/// | `lumpiness` | variance of their variances | 0 on | 2 w |
/// | `crossing_points` `s` | times that `x` crosses its median (equal counts as below) | 0 to n - 1 | 1 |
/// | `flat_spots` `s` | longest run within one of ten levels of equal height | periods, 1 to n | 1 |
/// | `max_level_shift` | largest distance between the means of a window and the next | 0 on | 2 w |
/// | `max_var_shift` | the same of variances | 0 on | 2 w |
/// | `max_kl_shift` | largest rise, from one place to the next, of the divergence of a window from the next | any | 2 w + 2 `c` |
/// | `time_level_shift`, `time_var_shift`, `time_kl_shift` `s` | row, from 1, behind the start of the first window: the change lies w - 1 rows on | rows | as the shift |
///
/// The divergence is that of Kullback and Leibler between normal kernel densities on 100 points, Silverman's
/// bandwidth. O(n w), divergences O(100 n w). Source: Hyndman, Wang & Laptev (2015), "Large-scale unusual time series
/// detection", ICDM.
///
/// ## Size of the errors, and smoothing weights
/// | Statistic | Definition | Range | Needs |
/// |---|---|---|---|
/// | `arch_lm` `s` | R squared of `(x - mean)^2` on its last 12 values | \[0, 1\] | 26 `c` |
/// | `arch_acf`, `arch_r2` `s` | of the errors `e` of an autoregression: `x_acf12` of `e^2`, `arch_lm` of `e` | \[0, 12\], \[0, 1\] | 13, 26 errors `c` |
/// | `garch_acf`, `garch_r2` `s` | the same of `e` over its standard deviation by GARCH(1,1) | \[0, 12\], \[0, 1\] | 26 errors `c` |
/// | `alpha`, `beta` `s` | weights of level and trend, ETS(A,A,N), `b[t] = b[t-1] + beta e[t]` | \[0.0001, 0.9999\] | 8 `c` |
/// | `hw_alpha`, `hw_beta`, `hw_gamma` `s` | weights of level, trend and season, ETS(A,A,A) | \[0, 0.9999\] | two seasons and 8 `c` |
///
/// The autoregression is that of least AIC up to order `10 log10(n)`, by Yule-Walker (R `ar()`). Weights minimise the
/// squared one-step errors over `0 < beta < alpha < 1`, `0 < gamma < 1 - alpha`, initial states solved for exactly;
/// the likelihood of GARCH and these sums can be flat, then the weights say little. O(iterations n season).
/// Sources: Engle (1982), Econometrica 50; Bollerslev (1986), J. Econometrics 31; Hyndman, Koehler, Ord & Snyder
/// (2008), *Forecasting with Exponential Smoothing*.
///
/// ## Where this differs from tsfeatures 0.4.5 for Python
/// - `curvature` keeps one sign; theirs turns with the length of the series (the sign of numpy's QR).
/// - `stability` and `lumpiness` of less than two windows are NaN, not 0; `arch_lm` needs more rows than coefficients.
/// - Without a season, theirs has no decomposition below 100 values (its smoother divides by 0 at the ends).
/// - `e_acf10` and the like need all ten lags; `x_pacf5` does not need two seasons.
/// - `hurst` leaves out a constant head, which makes theirs NaN.
/// - Less than two seasons have no `trend`, nor `seasonal_strength`.
/// - `arch_acf` to `garch_r2` follow R: theirs fail (`AR` has left statsmodels), and would not divide by the standard
///   deviation. `alpha` to `hw_gamma` follow R `ets()` in form; theirs have `b[t] = b[t-1] + alpha beta e[t]`.
/// - Statistics of values are those of `y`, not of `z`.
///
/// # Examples
/// ```
/// use credcast::feature::SummaryExtractor;
/// let postings: Vec<f64> = (0..48).map(|t| 100.0 + t as f64 + 8.0 * f64::from(t % 12 == 4)).collect();
/// let summary = SummaryExtractor::params().season(12).build()?.summarise(&postings);
/// assert_eq!(summary.get("peak"), Some(5.0));
/// assert!(summary.get("trend").is_some_and(|strength| strength > 0.99));
/// # Ok::<(), credcast::ParamError>(())
/// ```
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
