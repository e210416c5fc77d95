//! From a panel to a design matrix, without looking ahead.
//!
//! Steps are chained in a [`FeaturePipeline`], which learns from the training span and then turns any panel with the
//! same columns into a [`FeatureMatrix`].
//!
//! # Examples
//! ```
//! use credcast::feature::{FeaturePipeline, Lag, MonthOfYear};
//! use credcast::{Panel, Period, SeriesKey};
//! let start = Period::month(2024, 11).unwrap();
//! let panel = Panel::from_series("postings", [(SeriesKey::national("welder"), start, vec![12.0, 15.0, 11.0])])?;
//! let pipeline = FeaturePipeline::new().then(Lag::of([1, 2])?).then(MonthOfYear::one_hot());
//! let matrix = pipeline.fit(&panel)?.transform(&panel)?;
//! assert_eq!(matrix.names()[..3], ["postings_lag_1", "postings_lag_2", "month_1"]);
//! assert_eq!(matrix.column("postings_lag_1")?[1..], [12.0, 15.0]);
//! assert!(matrix.column("postings_lag_1")?[0].is_nan()); // beyond the head
//! # Ok::<(), credcast::Error>(())
//! ```

mod across;
mod by_date;
mod calendar;
mod category;
mod difference;
mod element;
mod ewm;
mod expanding;
mod fourier;
mod group;
mod intermittency;
mod intervention;
mod known;
mod lag;
mod matrix;
mod missing;
mod pipeline;
mod ratio;
mod recipe;
mod rolling;
mod rows;
mod seasonal;
mod since;
mod spec;
mod stream;
mod summary;
mod tile;
mod trend;
mod windowed;

use std::fmt::Debug;

use ndarray::ArrayViewMut2;

pub use self::by_date::{ByDate, FittedByDate, GroupStat};
pub use self::calendar::{Coding, FittedCalendar, MonthOfYear, QuarterOfYear, SchoolTerm};
pub use self::category::{Category, CategoryCoding, FittedCategory};
pub use self::difference::{Change, Difference, FittedDifference};
pub use self::element::Element;
#[doc(hidden)]
pub use self::element::fill_past_cache;
pub use self::ewm::{Ewm, FittedEwm};
pub use self::expanding::{Expanding, ExpandingStat, FittedExpanding};
pub use self::fourier::{FittedFourier, Fourier};
pub use self::group::{Attribute, Group};
pub use self::intermittency::{FittedIntermittency, Intermittency, IntermittencyStat};
pub use self::intervention::{FittedIntervention, Intervention};
pub use self::known::{FittedKnownFuture, KnownFuture};
pub use self::lag::{FittedLag, Lag};
pub use self::matrix::FeatureMatrix;
pub use self::missing::{FittedMissing, MissingIndicator};
pub use self::pipeline::{FeaturePipeline, FittedPipeline};
pub use self::ratio::{FittedRatio, Ratio};
pub use self::recipe::{Recipe, Width};
pub use self::rolling::{FittedRolling, Rolling, RollingParams, RollingStat};
pub use self::seasonal::{FittedSeasonal, Seasonal, SeasonalStat};
pub use self::since::{Event, FittedSince, Since};
pub use self::spec::{FORMS, FeatureSpec, parse, parse_with};
pub use self::stream::FeatureStream;
pub use self::summary::{Summary, SummaryExtractor, SummaryParams, SummaryTable};
pub use self::trend::{FittedTrend, Trend};
use crate::error::Result;
use crate::panel::{Panel, SeriesView};

/// A recipe for columns of the design matrix.
///
/// # Examples
/// A feature of one's own: the value a year ago over that of two years ago.
/// ```
/// use credcast::feature::{Feature, FeaturePipeline, FittedFeature};
/// use credcast::{Panel, Period, Result, SeriesKey, SeriesView};
/// use ndarray::ArrayViewMut2;
///
/// #[derive(Clone, Debug)]
/// struct YearlyGrowth;
///
/// impl Feature for YearlyGrowth {
///     fn fit(&self, _: &Panel) -> Result<Box<dyn FittedFeature>> {
///         Ok(Box::new(self.clone()))
///     }
/// }
///
/// impl FittedFeature for YearlyGrowth {
///     fn columns(&self) -> Vec<String> {
///         vec!["yearly_growth".into()]
///     }
///
///     fn fill(&self, series: SeriesView<'_>, mut out: ArrayViewMut2<'_, f64>) -> Result<()> {
///         let y = series.values(0);
///         for row in 24..y.len() {
///             out[[row, 0]] = y[row - 12] / y[row - 24];
///         }
///         Ok(())
///     }
///
///     fn memory(&self) -> Option<usize> {
///         Some(24)
///     }
/// }
///
/// let start = Period::month(2022, 1).unwrap();
/// let series = [(SeriesKey::national("welder"), start, (1..=25).map(f64::from).collect())];
/// let panel = Panel::from_series("y", series)?;
/// let matrix = FeaturePipeline::new().then(YearlyGrowth).fit(&panel)?.transform(&panel)?;
/// assert_eq!(matrix.column("yearly_growth")?[24], 13.0);
/// # Ok::<(), credcast::Error>(())
/// ```
pub trait Feature: Debug + Send + Sync {
    /// Learns what the feature needs (scales, categories) from the training span only.
    ///
    /// # Errors
    /// Whatever in `train` the feature cannot use.
    fn fit(&self, train: &Panel) -> Result<Box<dyn FittedFeature>>;
}

impl Feature for Box<dyn Feature> {
    fn fit(&self, train: &Panel) -> Result<Box<dyn FittedFeature>> {
        (**self).fit(train)
    }
}

/// A feature that has seen its training span.
pub trait FittedFeature: Debug + Send + Sync {
    /// The names of the columns it writes.
    fn columns(&self) -> Vec<String>;

    /// Writes its columns (`out`: one row for each row of `series`, one column for each name).
    ///
    /// Row `t` of `out` may depend on periods up to `t` only, of `series` or of its peers in `series.panel()`. Where the
    /// history does not reach back far enough, and where the value it asks for is missing, a cell is NaN.
    ///
    /// # Errors
    /// Whatever in `series` the feature cannot use.
    fn fill(&self, series: SeriesView<'_>, out: ArrayViewMut2<'_, f64>) -> Result<()>;

    /// How many rows before `t` row `t` depends on; `None` for all of them. What forecasts row by row keeps that many.
    fn memory(&self) -> Option<usize> {
        None
    }

    /// Whether its rows depend on other series of the panel: such rows change with the panel that a series stands in.
    fn looks_across(&self) -> bool {
        false
    }

    /// What persistence writes; `None` cannot be saved.
    fn spec(&self) -> Option<FeatureSpec> {
        None
    }
}
