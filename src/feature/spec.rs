//! Features as text and as what a file holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::element::Element;
use super::rows::{Rows, Tiled};
use super::windowed::Origin;
use super::{
    Attribute, ByDate, Category, CategoryCoding, Change, Difference, Event, Ewm, Expanding, ExpandingStat, Feature,
    FittedByDate, FittedCalendar, FittedCategory, FittedDifference, FittedEwm, FittedExpanding, FittedFeature,
    FittedFourier, FittedIntermittency, FittedIntervention, FittedKnownFuture, FittedLag, FittedMissing, FittedRatio,
    FittedRolling, FittedSeasonal, FittedSince, FittedTrend, Fourier, Group, GroupStat, Intermittency,
    IntermittencyStat, Intervention, KnownFuture, Lag, MissingIndicator, MonthOfYear, QuarterOfYear, Ratio, Rolling,
    RollingStat, SchoolTerm, Seasonal, SeasonalStat, Since, Trend,
};
use crate::error::{ParamError, PersistError, Result};

/// One example of each form that [`parse`] reads: every feature of the crate, with every statistic. The column is `y`.
pub const FORMS: [&str; 37] = [
    "lag:1,2,12",
    "difference:1,12",
    "relative_change:1,12",
    "log_change:3",
    "rolling:mean,sum,variance,std,min,max:1,2,3,6,7,12",
    "rolling:median,quantile_0.9,slope,autocorrelation:3,6,12,40",
    "rolling:coefficient_of_variation,zeros:2,5",
    "seasonal:mean,std,min,max:12,3",
    "expanding:mean,std,min,max",
    "ewm:0.3",
    "ewm_std:0.5",
    "since:peak,nonzero",
    "intermittency:adi,cv2",
    "missing:0,1,5",
    "ratio:y,y lag 2",
    "known:y",
    "by_date:all:mean,std,sum,share,relative_level,median,gap_to_median,rank,percentile",
    "by_date:region:mean,share,gap_to_median",
    "by_date:item:mean,relative_level lag 0",
    "by_date:prefix_2:median,rank of y lag 3",
    "month_of_year:one_hot",
    "month_of_year:sine",
    "quarter_of_year:one_hot",
    "quarter_of_year:sine",
    "school_term:one_hot",
    "fourier:12,6",
    "fourier:52.18,2",
    "trend:age",
    "trend:training",
    "intervention:covid_recession",
    "intervention:covid_emergency",
    "intervention:pay_transparency",
    "level_shift:2017-05-09",
    "category:region:one_hot",
    "category:item:ordinal",
    "category:prefix_2:target_mean",
    "rolling:mean:4 of y lag 2",
];

/// Rows that the overall mean counts for where a target mean is asked for in text: a year and a half of months.
const TARGET_WEIGHT: f64 = 20.0;

const ALLOWED: &str = "NAME:ARGUMENTS, maybe followed by ` of COLUMN` and ` lag N`, such as lag:1,12, rolling:mean,std:3,6,12, \
                       expanding:mean, ewm:0.3, difference:1,12, seasonal:mean:12,3, by_date:region:mean of pay, \
                       intervention:pay_transparency or month_of_year:one_hot";

/// Reads a feature as it is written in options and files: one of the forms in [`FORMS`], numbers free. Features of the past
/// take the panel's first column, one period ago; ` of COLUMN` and ` lag N` behind a form say otherwise.
///
/// # Errors
/// [`ParamError`] that lists forms, or what the feature's own constructor says.
pub fn parse(text: &str) -> Result<Box<dyn Feature>, ParamError> {
    parse_with(text, &BTreeMap::new())
}

/// As [`parse`], with attributes of items that groups may be named after.
///
/// # Errors
/// As [`parse`].
pub fn parse_with(text: &str, attributes: &BTreeMap<String, Arc<Attribute>>) -> Result<Box<dyn Feature>, ParamError> {
    let unknown = || ParamError::new("feature", text, ALLOWED);
    let (form, origin) = origin_of(text).ok_or_else(unknown)?;
    let (name, arguments) = form.split_once(':').ok_or_else(unknown)?;
    let numbers = |text: &str| -> Result<Vec<usize>, ParamError> {
        text.split(',').map(|number| number.trim().parse().map_err(|_| unknown())).collect()
    };
    let alpha = || arguments.parse().map_err(|_| unknown());
    let group = |text: &str| Group::parse(text, attributes).ok_or_else(unknown);
    // What takes no column, or no lag, must not be told of one.
    let (column, lag) = (origin.column.clone(), origin.lag);
    let takes = match name {
        "lag" | "missing" | "category" => lag.is_none(),
        "ratio" => column.is_none(),
        "known" | "month_of_year" | "quarter_of_year" | "school_term" | "fourier" | "trend" | "intervention"
        | "level_shift" => column.is_none() && lag.is_none(),
        _ => true,
    };
    if !takes {
        return Err(unknown());
    }
    let origin = Origin { column: column.clone(), lag: lag.unwrap_or(1) };
    origin.check()?;
    Ok(match (name, arguments) {
        ("lag", lags) => {
            let lag = Lag::of(numbers(lags)?)?;
            Box::new(if let Some(column) = column { lag.column(column) } else { lag })
        }
        ("missing", lags) => {
            let missing = MissingIndicator::of(numbers(lags)?)?;
            Box::new(if let Some(column) = column { missing.column(column) } else { missing })
        }
        ("known", columns) => Box::new(KnownFuture::columns(columns.split(',').map(str::trim))?),
        ("month_of_year", "one_hot") => Box::new(MonthOfYear::one_hot()),
        ("month_of_year", "sine") => Box::new(MonthOfYear::sine()),
        ("quarter_of_year", "one_hot") => Box::new(QuarterOfYear::one_hot()),
        ("quarter_of_year", "sine") => Box::new(QuarterOfYear::sine()),
        ("school_term", "one_hot") => Box::new(SchoolTerm),
        ("fourier", arguments) => {
            let (season, order) = arguments.split_once(',').ok_or_else(unknown)?;
            let season = season.trim().parse().map_err(|_| unknown())?;
            Box::new(Fourier::terms(season, order.trim().parse().map_err(|_| unknown())?)?)
        }
        ("trend", "age") => Box::new(Trend::Age),
        ("trend", "training") => Box::new(Trend::Training),
        ("intervention", "covid_recession") => Box::new(Intervention::covid_recession()),
        ("intervention", "covid_emergency") => Box::new(Intervention::covid_emergency()),
        ("intervention", "pay_transparency") => Box::new(Intervention::pay_transparency()),
        ("level_shift", date) => Box::new(Intervention::level_shift(date)?),
        ("difference", spans) => Box::new(Difference::over(Change::Difference, numbers(spans)?)?.at(origin)),
        ("relative_change", spans) => Box::new(Difference::over(Change::Relative, numbers(spans)?)?.at(origin)),
        ("log_change", spans) => Box::new(Difference::over(Change::Log, numbers(spans)?)?.at(origin)),
        ("rolling", arguments) => {
            let (stats, windows) = arguments.split_once(':').ok_or_else(unknown)?;
            let stats =
                stats.split(',').map(|stat| rolling_stat(stat).ok_or_else(unknown)).collect::<Result<Vec<_>, _>>()?;
            Box::new(Rolling::params().stats(stats).windows(numbers(windows)?).build()?.at(origin))
        }
        ("seasonal", arguments) => {
            let (stats, arguments) = arguments.split_once(':').ok_or_else(unknown)?;
            let stats = listed(stats, &SeasonalStat::ALL).ok_or_else(unknown)?;
            match numbers(arguments)?[..] {
                [season, n] => Box::new(Seasonal::over(stats, season, n)?.at(origin)),
                _ => return Err(unknown()),
            }
        }
        ("expanding", stats) => {
            Box::new(Expanding::of(listed(stats, &ExpandingStat::ALL).ok_or_else(unknown)?)?.at(origin))
        }
        ("ewm", _) => Box::new(Ewm::with(alpha()?)?.at(origin)),
        ("ewm_std", _) => Box::new(Ewm::with(alpha()?)?.with_std().at(origin)),
        ("since", events) => Box::new(Since::of(listed(events, &Event::ALL).ok_or_else(unknown)?)?.at(origin)),
        ("intermittency", stats) => {
            Box::new(Intermittency::of(listed(stats, &IntermittencyStat::ALL).ok_or_else(unknown)?)?.at(origin))
        }
        ("ratio", columns) => {
            let (above, below) = columns.split_once(',').ok_or_else(unknown)?;
            Box::new(Ratio::of(above.trim(), below.trim()).lag(origin.lag)?)
        }
        ("by_date", arguments) => {
            let (name, stats) = arguments.split_once(':').ok_or_else(unknown)?;
            let stats = listed(stats, &GroupStat::ALL).ok_or_else(unknown)?;
            Box::new(ByDate::of(group(name)?, stats)?.at(origin))
        }
        ("category", arguments) => {
            let (name, coding) = arguments.split_once(':').ok_or_else(unknown)?;
            let coding = match coding {
                "ordinal" => CategoryCoding::Ordinal,
                "one_hot" => CategoryCoding::OneHot,
                "target_mean" => CategoryCoding::TargetMean { weight: TARGET_WEIGHT },
                _ => return Err(unknown()),
            };
            let category = Category::of(group(name)?, coding)?;
            Box::new(if let Some(column) = column { category.column(column) } else { category })
        }
        _ => return Err(unknown()),
    })
}

/// What stands behind a form.
struct Told {
    column: Option<String>,
    lag: Option<usize>,
}

/// A form without its ` of COLUMN` and ` lag N`; `None` if they cannot be read.
fn origin_of(text: &str) -> Option<(&str, Told)> {
    let (rest, lag) = match text.rsplit_once(" lag ") {
        Some((rest, lag)) => (rest, Some(lag.trim().parse().ok()?)),
        None => (text, None),
    };
    let (form, column) = match rest.split_once(" of ") {
        Some((form, column)) if !column.trim().is_empty() => (form, Some(column.trim().to_owned())),
        Some(_) => return None,
        None => (rest, None),
    };
    Some((form.trim(), Told { column, lag }))
}

/// The named ones of `all`, in the order of the text.
fn listed<T: Copy>(text: &str, all: &[(&str, T)]) -> Option<Vec<T>> {
    let find = |name: &str| all.iter().find(|(known, _)| *known == name.trim()).map(|(_, one)| *one);
    text.split(',').map(find).collect()
}

fn rolling_stat(name: &str) -> Option<RollingStat> {
    Some(match name.trim() {
        "mean" => RollingStat::Mean,
        "sum" => RollingStat::Sum,
        "variance" => RollingStat::Variance,
        "std" => RollingStat::Std,
        "min" => RollingStat::Minimum,
        "max" => RollingStat::Maximum,
        "median" => RollingStat::Median,
        "slope" => RollingStat::Slope,
        "autocorrelation" => RollingStat::Autocorrelation,
        "coefficient_of_variation" => RollingStat::CoefficientOfVariation,
        "zeros" => RollingStat::Zeros,
        name => RollingStat::Quantile(name.strip_prefix("quantile_")?.parse().ok()?),
    })
}

/// Features of the past can be told where they begin.
macro_rules! origins {
    ($($feature:ident)+) => {
        $(impl $feature {
            fn at(mut self, origin: Origin) -> Self {
                self.origin = origin;
                self
            }
        })+
    };
}

origins! { Difference Rolling Seasonal Expanding Ewm Since Intermittency ByDate }

/// Lists the features once: what persistence writes, what is checked when it reads, and how a pipeline writes rows.
macro_rules! features {
    ($($(#[$doc:meta])* $variant:ident($fitted:ty) $check:ident;)+) => {
        /// A fitted feature as persistence writes it. New ones go to the end: the binary form stores the position.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum FeatureSpec {
            $($(#[$doc])* $variant($fitted),)+
        }

        impl FeatureSpec {
            /// How many kinds of features there are.
            #[cfg(test)]
            const KINDS: usize = [$(stringify!($variant)),+].len();

            /// The feature, after the checks that its constructor runs.
            ///
            /// # Errors
            /// [`PersistError::Invalid`] with the first rule broken.
            pub fn into_fitted(self) -> Result<Box<dyn FittedFeature>, PersistError> {
                let invalid = |error: ParamError| PersistError::Invalid { detail: error.to_string() };
                Ok(match self {
                    $(Self::$variant(fitted) => {
                        fitted.$check().map_err(invalid)?;
                        Box::new(fitted)
                    })+
                })
            }
        }

        impl Tiled for FeatureSpec {
            fn reach(&self) -> usize {
                match self {
                    $(Self::$variant(fitted) => fitted.reach(),)+
                }
            }

            fn write<T: Element>(&self, rows: &mut impl Rows, out: &mut [&mut [T]]) -> Result<()> {
                match self {
                    $(Self::$variant(fitted) => fitted.write(rows, out),)+
                }
            }
        }
    };
}

impl FeatureSpec {
    /// For each of `width` columns how many periods ahead it is known.
    pub(super) fn known_for(&self, width: usize, season: usize) -> Vec<usize> {
        match self {
            Self::Calendar(_) | Self::Trend(_) | Self::Fourier(_) | Self::Intervention(_) | Self::Category(_) => {
                vec![usize::MAX; width]
            }
            Self::Lag(lag) => {
                let whole = |lag: usize| season > 1 && lag.is_multiple_of(season);
                lag.lags().iter().map(|&lag| if whole(lag) { lag } else { 1 }).collect()
            }
            _ => vec![1; width],
        }
    }
}

features! {
    /// Values of earlier periods.
    Lag(FittedLag) check;
    /// A month, quarter or term of the year.
    Calendar(FittedCalendar) legal;
    /// Changes.
    Difference(FittedDifference) check;
    /// Statistics of the last few values.
    Rolling(FittedRolling) check;
    /// Statistics over the same place in the year.
    Seasonal(FittedSeasonal) check;
    /// Statistics of all values so far.
    Expanding(FittedExpanding) check;
    /// Exponentially weighted statistics.
    Ewm(FittedEwm) check;
    /// Statistics over a group.
    ByDate(FittedByDate) check;
    /// Periods since an event.
    Since(FittedSince) check;
    /// How intermittent demand is.
    Intermittency(FittedIntermittency) check;
    /// Which values are missing.
    Missing(FittedMissing) check;
    /// Columns that are known ahead.
    KnownFuture(FittedKnownFuture) check;
    /// One column over another.
    Ratio(FittedRatio) check;
    /// Time itself.
    Trend(FittedTrend) legal;
    /// Smooth seasons.
    Fourier(FittedFourier) check;
    /// Events with known dates.
    Intervention(FittedIntervention) check;
    /// What kind of series it is.
    Category(FittedCategory) check;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_and_others_are_refused() {
        for form in FORMS {
            assert!(parse(form).is_ok(), "{form}");
        }
        for text in [
            "",
            "lag",
            "lag:",
            "lag:0",
            "lag:1,x",
            "lag:1 lag 2",
            "month_of_year",
            "month_of_year:two",
            "month_of_year:sine of y",
            "rolling:3",
            "rolling:mode:3",
            "rolling:mean:3 of ",
            "rolling:mean:3 lag x",
            "rolling:mean:3 lag 1201",
            "by_date:all",
            "by_date:sector:mean",
            "by_date:prefix_0:mean",
            "fourier:12",
            "fourier:12,7",
            "fourier:NaN,1",
            "trend:fast",
            "intervention:war",
            "level_shift:spring",
            "category:region:hash",
            "ratio:y",
            "ewm:0",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_kind_of_feature_has_a_form_so_that_no_test_of_all_features_misses_one() {
        let start = crate::time::Period::month(2020, 1).unwrap();
        let series = [(crate::key::SeriesKey::national("a"), start, vec![1.0, 2.0])];
        let panel = crate::panel::Panel::from_series("y", series).unwrap();
        let spec = |form: &str| parse(form).unwrap().fit(&panel).unwrap().spec().unwrap();
        let kinds: std::collections::HashSet<_> = FORMS.map(|form| std::mem::discriminant(&spec(form))).into();
        assert_eq!(kinds.len(), FeatureSpec::KINDS);
        for (name, all) in [
            ("seasonal", SeasonalStat::ALL.map(|(name, _)| name).to_vec()),
            ("expanding", ExpandingStat::ALL.map(|(name, _)| name).to_vec()),
            ("since", Event::ALL.map(|(name, _)| name).to_vec()),
            ("intermittency", IntermittencyStat::ALL.map(|(name, _)| name).to_vec()),
            ("by_date", GroupStat::ALL.map(|(name, _)| name).to_vec()),
        ] {
            let forms: Vec<&str> = FORMS.into_iter().filter(|form| form.starts_with(name)).collect();
            assert!(all.iter().all(|stat| forms.iter().any(|form| form.contains(stat))), "{name}");
        }
    }

    #[test]
    fn an_attribute_is_a_group_under_its_name() {
        let sector = Arc::new(Attribute::new("sector", [("nurse", "health")]).unwrap());
        let attributes = BTreeMap::from([("sector".to_owned(), sector)]);
        assert!(parse_with("by_date:sector:mean of pay lag 2", &attributes).is_ok());
    }
}
