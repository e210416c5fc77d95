//! Statistics of the last few values.

use ndarray::ArrayViewMut2;
use serde::{Deserialize, Serialize};

use super::element::Element;
use super::rows::{Kept, Rows, Tiled, WindowAt};
use super::tile;
use super::windowed::{FittedOrigin, LONGEST, Origin, check_lengths};
use super::{Feature, FeatureSpec, FittedFeature};
use crate::error::{ParamError, Result};
use crate::numeric::quantile;
use crate::numeric::rows::Column;
use crate::panel::{Panel, SeriesView};

/// A statistic of the values in a window, `n` of them present, `i` their place in it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RollingStat {
    /// Sum / n.
    Mean,
    /// Sum of the present values.
    Sum,
    /// Sum of squared deviations from the mean / (n - 1); NaN for one value.
    Variance,
    /// Square root of the variance.
    Std,
    /// Smallest value.
    Minimum,
    /// Largest value.
    Maximum,
    /// Middle value, or the mean of the middle two.
    Median,
    /// The quantile at this probability, linear between order statistics (R type 7).
    Quantile(f64),
    /// Least-squares slope of the values against `i`, in units per period; NaN for one value.
    Slope,
    /// Correlation of each value with the one before it: sum of products of deviations from the window's mean over the
    /// sum of their squares. Pairs with a missing value are left out; NaN for a constant window.
    Autocorrelation,
    /// Standard deviation / mean; infinite or NaN where the mean is 0.
    CoefficientOfVariation,
    /// How many values are exactly 0.
    Zeros,
}

impl RollingStat {
    fn name(self) -> String {
        match self {
            Self::Mean => "mean".into(),
            Self::Sum => "sum".into(),
            Self::Variance => "variance".into(),
            Self::Std => "std".into(),
            Self::Minimum => "min".into(),
            Self::Maximum => "max".into(),
            Self::Median => "median".into(),
            Self::Quantile(p) => format!("quantile_{p}"),
            Self::Slope => "slope".into(),
            Self::Autocorrelation => "autocorrelation".into(),
            Self::CoefficientOfVariation => "coefficient_of_variation".into(),
            Self::Zeros => "zeros".into(),
        }
    }

    /// The statistic of one window by definition: NaN in it is missing. `sorted` is scratch.
    fn of(self, window: &[f64], sorted: &mut Vec<f64>) -> f64 {
        let present = || window.iter().copied().filter(|value| !value.is_nan());
        let n = present().count();
        let mean = present().sum::<f64>() / n as f64;
        let squares = || present().map(|value| (value - mean) * (value - mean)).sum::<f64>();
        let variance = || if n < 2 { f64::NAN } else { squares() / (n - 1) as f64 };
        match self {
            Self::Mean => mean,
            Self::Sum => present().sum(),
            Self::Variance => variance(),
            Self::Std => variance().sqrt(),
            Self::Minimum => present().fold(f64::INFINITY, f64::min),
            Self::Maximum => present().fold(f64::NEG_INFINITY, f64::max),
            Self::Median | Self::Quantile(_) => {
                sorted.clear();
                sorted.extend(present());
                sorted.sort_unstable_by(f64::total_cmp);
                self.of_sorted(sorted)
            }
            Self::Slope => slope(window, n, mean),
            Self::Autocorrelation => {
                let pairs = window.windows(2).map(|pair| (pair[1] - mean) * (pair[0] - mean));
                let products: f64 = pairs.filter(|product| !product.is_nan()).sum();
                let squares = squares();
                if squares > 0.0 { products / squares } else { f64::NAN }
            }
            Self::CoefficientOfVariation => variance().sqrt() / mean,
            Self::Zeros => present().filter(|&value| value == 0.0).count() as f64,
        }
    }

    fn of_sorted(self, sorted: &[f64]) -> f64 {
        match self {
            Self::Quantile(p) => quantile::of_sorted(sorted, p),
            _ => quantile::of_sorted(sorted, 0.5),
        }
    }
}

/// Deviations are taken from the mean, so that the level of the series costs no digits.
fn slope(window: &[f64], n: usize, mean: f64) -> f64 {
    let places = || window.iter().enumerate().filter(|(_, value)| !value.is_nan());
    let centre = places().map(|(place, _)| place as f64).sum::<f64>() / n as f64;
    let (mut above, mut below) = (0.0, 0.0);
    for (place, value) in places() {
        let distance = place as f64 - centre;
        above += distance * (value - mean);
        below += distance * distance;
    }
    if below > 0.0 { above / below } else { f64::NAN }
}

/// Statistics over the last `window` values of a column, `lag` periods ago.
///
/// ```text
/// x[t] = stat(y[t - lag - window + 1 ..= t - lag])
/// ```
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `windows` | none | at least one, each 1 to 1200, none twice | lengths in periods |
/// | `stats` | none | at least one, none twice; quantiles in [0, 1] | what is computed |
/// | `lag` | 1 | 0 to 1200 | how old the newest value is; 0 uses the period itself |
/// | `min_samples` | the window | 1 to the shortest window | present values that are enough |
/// | `column` | the first | a column of the panel | what it is computed of |
///
/// Columns: `{column}_lag_{lag}_rolling_{stat}_{window}`, all windows of the first statistic first. Missing values: left
/// out; NaN with fewer than `min_samples` present values, and so at the head of a series.
///
/// Sums, variances and extremes of a full window are put together from those of its two halves, which costs O(log window)
/// for a row and keeps the relative error of a variance near rounding whatever the level of the series (Chan, Golub &
/// LeVeque 1983); medians and quantiles go through a sorting network up to 32 values, O(window
/// log^2 window), and keep a sorted window beyond, O(window); the rest is O(window).
///
/// # Examples
/// ```
/// use credcast::feature::{FeaturePipeline, Rolling, RollingStat};
/// use credcast::{Panel, Period, SeriesKey};
/// let rolling = Rolling::params().windows([2]).stats([RollingStat::Mean, RollingStat::Maximum]).build()?;
/// let start = Period::month(2024, 1).unwrap();
/// let panel = Panel::from_series("y", [(SeriesKey::national("welder"), start, vec![12.0, 15.0, 11.0, 9.0])])?;
/// let matrix = FeaturePipeline::new().then(rolling).fit(&panel)?.transform(&panel)?;
/// assert_eq!(matrix.column("y_lag_1_rolling_mean_2")?[2..], [13.5, 13.0]);
/// assert_eq!(matrix.column("y_lag_1_rolling_max_2")?[2..], [15.0, 15.0]);
/// # Ok::<(), credcast::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Rolling {
    pub(super) origin: Origin,
    windows: Vec<usize>,
    stats: Vec<RollingStat>,
    min_samples: Option<usize>,
}

impl Rolling {
    /// Parameters to set.
    #[must_use]
    pub fn params() -> RollingParams {
        RollingParams(Self { origin: Origin::new(), windows: Vec::new(), stats: Vec::new(), min_samples: None })
    }
}

/// Parameters of [`Rolling`], not checked yet.
#[derive(Clone, Debug)]
pub struct RollingParams(Rolling);

impl RollingParams {
    /// Sets the lengths of the windows.
    #[must_use]
    pub fn windows(mut self, windows: impl IntoIterator<Item = usize>) -> Self {
        self.0.windows = windows.into_iter().collect();
        self
    }

    /// Sets the statistics.
    #[must_use]
    pub fn stats(mut self, stats: impl IntoIterator<Item = RollingStat>) -> Self {
        self.0.stats = stats.into_iter().collect();
        self
    }

    /// Sets how old the newest value of a window is.
    #[must_use]
    pub fn lag(mut self, lag: usize) -> Self {
        self.0.origin.lag = lag;
        self
    }

    /// Sets how many present values are enough.
    #[must_use]
    pub fn min_samples(mut self, n: usize) -> Self {
        self.0.min_samples = Some(n);
        self
    }

    /// Sets the column.
    #[must_use]
    pub fn column(mut self, column: impl Into<String>) -> Self {
        self.0.origin.column = Some(column.into());
        self
    }

    /// The feature, if every parameter is allowed.
    ///
    /// # Errors
    /// [`ParamError`] with the first one that is not.
    pub fn build(self) -> Result<Rolling, ParamError> {
        let Rolling { origin, windows, stats, min_samples } = &self.0;
        origin.check()?;
        check(windows, stats, *min_samples)?;
        Ok(self.0)
    }
}

fn check(windows: &[usize], stats: &[RollingStat], min_samples: Option<usize>) -> Result<(), ParamError> {
    check_lengths("windows", windows, 1, "at least one, each from 1 to 1200, none twice")?;
    let once = stats.iter().enumerate().all(|(place, stat)| !stats[..place].contains(stat));
    let legal = stats.iter().all(|stat| !matches!(stat, RollingStat::Quantile(p) if !(0.0..=1.0).contains(p)));
    if stats.is_empty() || !once || !legal {
        let allowed = "at least one, none twice, quantiles in [0, 1]";
        return Err(ParamError::new("stats", format!("{stats:?}"), allowed));
    }
    let shortest = windows.iter().copied().min().unwrap_or(LONGEST);
    if min_samples.is_some_and(|n| n == 0 || n > shortest) {
        let n = min_samples.unwrap_or(0);
        return Err(ParamError::new("min_samples", n, "from 1 to the shortest window"));
    }
    Ok(())
}

impl Feature for Rolling {
    fn fit(&self, train: &Panel) -> Result<Box<dyn FittedFeature>> {
        let Self { origin, windows, stats, min_samples } = self.clone();
        Ok(Box::new(FittedRolling { origin: origin.find(train)?, windows, stats, min_samples }))
    }
}

/// [`Rolling`] of a column that was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedRolling {
    origin: FittedOrigin,
    windows: Vec<usize>,
    stats: Vec<RollingStat>,
    min_samples: Option<usize>,
}

impl FittedRolling {
    /// The checks of [`RollingParams::build`], on what was read.
    pub(super) fn check(&self) -> Result<(), ParamError> {
        self.origin.check()?;
        check(&self.windows, &self.stats, self.min_samples)
    }
}

impl Tiled for FittedRolling {
    fn reach(&self) -> usize {
        self.origin.lag
    }

    fn write<T: Element>(&self, rows: &mut impl Rows, out: &mut [&mut [T]]) -> Result<()> {
        let column = rows.column(&self.origin.column)?;
        let (lag, missing) = (self.origin.lag, rows.has_missing(column));
        let mut sorted = Vec::new();
        let wanted = self.stats.iter().flat_map(|&stat| self.windows.iter().map(move |&window| (stat, window)));
        for ((stat, window), out) in wanted.zip(out) {
            let kept = match stat {
                RollingStat::Mean | RollingStat::Sum => Some(Kept::Sum),
                RollingStat::Variance | RollingStat::Std => Some(Kept::Squares),
                RollingStat::Minimum => Some(Kept::Minimum),
                RollingStat::Maximum => Some(Kept::Maximum),
                _ => None,
            };
            let at = WindowAt { column, lag, window };
            match (kept, stat) {
                (Some(kept), _) => {
                    let windows = rows.windows(column, kept, window);
                    let windows = rows.lagged(windows, lag);
                    let per_value = 1.0 / window as f64;
                    let per_freedom = 1.0 / (window as f64 - 1.0);
                    let from = match stat {
                        RollingStat::Mean => Column::Scaled(windows, per_value),
                        RollingStat::Variance => Column::Scaled(windows, per_freedom),
                        RollingStat::Std => Column::Root(windows, per_freedom),
                        _ => Column::Copy(windows),
                    };
                    rows.write(out, lag + window - 1, from);
                }
                (None, RollingStat::Median) => rows.quantiles(at, 0.5, out),
                (None, RollingStat::Quantile(p)) => rows.quantiles(at, p, out),
                (None, _) => rows.full_windows(at, |values| stat.of(values, &mut sorted), out),
            }
            // What is put together from halves does not know of missing values, nor of windows at the head.
            if missing || self.min_samples.is_some_and(|n| n < window) {
                let least = self.min_samples.unwrap_or(window);
                let enough = |values: &[f64]| values.iter().filter(|value| !value.is_nan()).count() >= least;
                let of = |values: &[f64]| if enough(values) { stat.of(values, &mut sorted) } else { f64::NAN };
                rows.partial_windows(at, of, out);
            }
        }
        Ok(())
    }
}

impl FittedFeature for FittedRolling {
    fn columns(&self) -> Vec<String> {
        let prefix = self.origin.name();
        let names = |stat: &RollingStat| {
            let (prefix, stat) = (prefix.clone(), stat.name());
            self.windows.iter().map(move |window| format!("{prefix}_rolling_{stat}_{window}"))
        };
        self.stats.iter().flat_map(names).collect()
    }

    fn fill(&self, series: SeriesView<'_>, out: ArrayViewMut2<'_, f64>) -> Result<()> {
        tile::fill(self, series, out)
    }

    fn memory(&self) -> Option<usize> {
        self.windows.iter().max().map(|window| self.origin.lag + window - 1)
    }

    fn spec(&self) -> Option<FeatureSpec> {
        Some(FeatureSpec::Rolling(self.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_outside_their_range_are_refused_by_name() {
        let good = || Rolling::params().windows([3, 6]).stats([RollingStat::Mean]);
        assert!(good().build().is_ok() && good().lag(0).min_samples(3).build().is_ok());
        let bad = [
            (good().windows([]), "windows"),
            (good().windows([0]), "windows"),
            (good().windows([1201]), "windows"),
            (good().windows([3, 3]), "windows"),
            (good().stats([]), "stats"),
            (good().stats([RollingStat::Mean, RollingStat::Mean]), "stats"),
            (good().stats([RollingStat::Quantile(f64::NAN)]), "stats"),
            (good().stats([RollingStat::Quantile(1.5)]), "stats"),
            (good().lag(1201), "lag"),
            (good().min_samples(0), "min_samples"),
            (good().min_samples(4), "min_samples"),
        ];
        for (params, name) in bad {
            assert_eq!(params.build().unwrap_err().name, name);
        }
    }
}
