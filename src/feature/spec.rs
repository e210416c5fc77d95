//! Features as text and as what a file holds.

use serde::{Deserialize, Serialize};

use super::element::Element;
use super::tile::{Tile, Tiled};
use super::{
    ByDate, Change, Difference, Ewm, Expanding, ExpandingStat, Feature, FittedByDate, FittedCalendar, FittedDifference,
    FittedEwm, FittedExpanding, FittedFeature, FittedLag, FittedRolling, FittedSeasonalMean, Group, GroupStat, Lag,
    MonthOfYear, QuarterOfYear, Rolling, RollingStat, SeasonalMean,
};
use crate::error::{ParamError, PersistError, Result};

/// One example of each form that [`parse`] reads: every feature of the crate, with every statistic.
pub const FORMS: [&str; 18] = [
    "lag:1,2,12",
    "month_of_year:one_hot",
    "month_of_year:sine",
    "quarter_of_year:one_hot",
    "quarter_of_year:sine",
    "difference:1,12",
    "relative_change:1,12",
    "log_change:3",
    "rolling:mean,sum,variance,std,min,max:1,2,3,6,7,12",
    "rolling:median,quantile_0.9,slope,autocorrelation:3,6,12",
    "rolling:coefficient_of_variation,zeros:2,5",
    "seasonal_mean:12,3",
    "expanding:mean,std,min,max",
    "ewm:0.3",
    "ewm_std:0.5",
    "by_date:all:mean,std,sum,share,relative_level",
    "by_date:region:mean,share",
    "by_date:item:mean,relative_level",
];

const ALLOWED: &str = "NAME:ARGUMENTS, such as lag:1,12, rolling:mean,std:3,6,12, expanding:mean, ewm:0.3, difference:1,12, \
                       seasonal_mean:12,3, by_date:all:mean or month_of_year:one_hot";

/// Reads a feature as it is written in options and files: one of the forms in [`FORMS`], numbers free. Features of the past
/// take the panel's first column, one period ago.
///
/// # Errors
/// [`ParamError`] that lists forms, or what the feature's own constructor says.
pub fn parse(text: &str) -> Result<Box<dyn Feature>, ParamError> {
    let unknown = || ParamError::new("feature", text, ALLOWED);
    let (name, arguments) = text.split_once(':').ok_or_else(unknown)?;
    let numbers = |text: &str| -> Result<Vec<usize>, ParamError> {
        text.split(',').map(|number| number.trim().parse().map_err(|_| unknown())).collect()
    };
    Ok(match (name, arguments) {
        ("lag", lags) => Box::new(Lag::of(numbers(lags)?)?),
        ("month_of_year", "one_hot") => Box::new(MonthOfYear::one_hot()),
        ("month_of_year", "sine") => Box::new(MonthOfYear::sine()),
        ("quarter_of_year", "one_hot") => Box::new(QuarterOfYear::one_hot()),
        ("quarter_of_year", "sine") => Box::new(QuarterOfYear::sine()),
        ("difference", spans) => Box::new(Difference::over(Change::Difference, numbers(spans)?)?),
        ("relative_change", spans) => Box::new(Difference::over(Change::Relative, numbers(spans)?)?),
        ("log_change", spans) => Box::new(Difference::over(Change::Log, numbers(spans)?)?),
        ("rolling", arguments) => {
            let (stats, windows) = arguments.split_once(':').ok_or_else(unknown)?;
            let stats =
                stats.split(',').map(|stat| rolling_stat(stat).ok_or_else(unknown)).collect::<Result<Vec<_>, _>>()?;
            Box::new(Rolling::params().stats(stats).windows(numbers(windows)?).build()?)
        }
        ("seasonal_mean", arguments) => match numbers(arguments)?[..] {
            [season, n] => Box::new(SeasonalMean::over(season, n)?),
            _ => return Err(unknown()),
        },
        ("expanding", stats) => {
            let stat = |name: &str| match name {
                "mean" => Some(ExpandingStat::Mean),
                "std" => Some(ExpandingStat::Std),
                "min" => Some(ExpandingStat::Minimum),
                "max" => Some(ExpandingStat::Maximum),
                _ => None,
            };
            let stats: Option<Vec<_>> = stats.split(',').map(stat).collect();
            Box::new(Expanding::of(stats.ok_or_else(unknown)?)?)
        }
        ("ewm", alpha) => Box::new(Ewm::with(alpha.parse().map_err(|_| unknown())?)?),
        ("ewm_std", alpha) => Box::new(Ewm::with(alpha.parse().map_err(|_| unknown())?)?.with_std()),
        ("by_date", arguments) => {
            let (group, stats) = arguments.split_once(':').ok_or_else(unknown)?;
            let group = match group {
                "all" => Group::All,
                "region" => Group::Region,
                "item" => Group::Item,
                _ => return Err(unknown()),
            };
            let stat = |name: &str| match name {
                "mean" => Some(GroupStat::Mean),
                "std" => Some(GroupStat::Std),
                "sum" => Some(GroupStat::Sum),
                "share" => Some(GroupStat::Share),
                "relative_level" => Some(GroupStat::RelativeLevel),
                _ => None,
            };
            let stats: Option<Vec<_>> = stats.split(',').map(stat).collect();
            Box::new(ByDate::of(group, stats.ok_or_else(unknown)?)?)
        }
        _ => return Err(unknown()),
    })
}

fn rolling_stat(name: &str) -> Option<RollingStat> {
    Some(match name {
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
        _ => RollingStat::Quantile(name.strip_prefix("quantile_")?.parse().ok()?),
    })
}

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

            fn write<T: Element>(&self, tile: &mut Tile<'_>, out: &mut [&mut [T]]) -> Result<()> {
                match self {
                    $(Self::$variant(fitted) => fitted.write(tile, out),)+
                }
            }
        }
    };
}

features! {
    /// Values of earlier periods.
    Lag(FittedLag) check;
    /// A month or quarter of the year.
    Calendar(FittedCalendar) legal;
    /// Changes.
    Difference(FittedDifference) check;
    /// Statistics of the last few values.
    Rolling(FittedRolling) check;
    /// Means over the same place in the year.
    SeasonalMean(FittedSeasonalMean) check;
    /// Statistics of all values so far.
    Expanding(FittedExpanding) check;
    /// Exponentially weighted statistics.
    Ewm(FittedEwm) check;
    /// Statistics over a group.
    ByDate(FittedByDate) check;
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
            "month_of_year",
            "month_of_year:two",
            "rolling:3",
            "rolling:mode:3",
            "by_date:all",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
