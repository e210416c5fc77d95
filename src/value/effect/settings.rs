//! How an effect is estimated, and when the data are said not to answer.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::error::ParamError;

/// How treated and others are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Means, nothing adjusted.
    Difference,
    /// Least squares on the covariates as given.
    Ols,
    /// Nearest neighbours, with replacement.
    Match,
    /// Inverse-probability weights.
    Ipw,
    /// Augmented inverse-probability weights, cross-fitted.
    Aipw,
    /// Changes instead of levels.
    Did,
}

impl Method {
    /// All methods.
    pub const ALL: [Self; 6] = [Self::Difference, Self::Ols, Self::Match, Self::Ipw, Self::Aipw, Self::Did];

    /// The name in options, JSON and CSV.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Difference => "difference",
            Self::Ols => "ols",
            Self::Match => "match",
            Self::Ipw => "ipw",
            Self::Aipw => "aipw",
            Self::Did => "did",
        }
    }
}

/// Whose effect is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Estimand {
    /// Of those who were treated: what the certificate did for those who earned it.
    Att,
    /// Of all.
    Ate,
}

impl Estimand {
    /// The name in options, JSON and CSV.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Att => "att",
            Self::Ate => "ate",
        }
    }
}

/// What the nearest neighbours are near in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distance {
    /// All terms, each freed of what it shares with the others.
    Mahalanobis,
    /// The log odds of the score.
    Propensity,
}

impl Distance {
    /// The name in options, JSON and CSV.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mahalanobis => "mahalanobis",
            Self::Propensity => "propensity",
        }
    }
}

/// What becomes of rows with a missing value in a used column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// An error names the first.
    Refuse,
    /// They are left out and counted.
    Drop,
    /// A missing covariate becomes its mean, or a label of its own, and an indicator; other columns are refused.
    Indicator,
}

impl Missing {
    /// The name in options, JSON and CSV.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Drop => "drop",
            Self::Indicator => "indicator",
        }
    }
}

macro_rules! named {
    ($($kind:ty)+) => {$(
        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }

        impl Serialize for $kind {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }
    )+};
}

named! { Method Estimand Distance Missing }

/// How an effect is estimated; the defaults are the recipe of [the module](crate::value::effect).
///
/// | Field | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `method` | `Aipw` | any | how treated and others are compared |
/// | `estimand` | `Att` | any; `Did` with `Att` only | whose effect |
/// | `squares` | true | any | squares of covariates of more than two values join the terms |
/// | `zeros` | true | any | so do indicators of 0 |
/// | `interactions` | false | any | so do products of each two covariates |
/// | `trim` | 0.1 | in [0, 0.5) | scores this near to 1 (`Ate`: or 0) are left out; 0 leaves all rows in |
/// | `prior_sd` | 2.5 | above 0; infinite for none | of the slopes of the score, per standard deviation of a term |
/// | `calibrate` | true | any | tilt weights until the means of all terms agree |
/// | `folds` | 5 | 1 to 100 | folds of `Aipw`; 1 fits the models to the rows they judge |
/// | `seed` | 1 | any | draws the folds |
/// | `neighbours` | 1 | 1 to 100 | of each matched row; ties come on top |
/// | `distance` | `Mahalanobis` | any | what they are near in |
/// | `caliper` | none | above 0, finite | largest difference in log odds, in their standard deviations; 0.2 is usual (Austin 2011, Pharm. Stat. 10, 150-161) |
/// | `bias_correction` | true | any | least squares takes out what matching left |
/// | `missing` | `Refuse` | any | what becomes of rows with a missing value |
/// | `randomised` | false | any | treatment was drawn by lot: imbalance is then chance and not held against `Difference` and `Ols` |
/// | `thresholds` | see [`Thresholds`] | | when the data cannot answer |
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EffectSettings {
    /// How treated and others are compared.
    pub method: Method,
    /// Whose effect.
    pub estimand: Estimand,
    /// Whether squares join the terms.
    pub squares: bool,
    /// Whether indicators of 0 join the terms.
    pub zeros: bool,
    /// Whether products of each two covariates join the terms.
    pub interactions: bool,
    /// Scores this near to 1 (or 0) are left out.
    pub trim: f64,
    /// Standard deviation of the prior of the slopes of the score.
    pub prior_sd: f64,
    /// Whether weights are tilted until means agree.
    pub calibrate: bool,
    /// Folds of the cross-fitting.
    pub folds: usize,
    /// Draws the folds.
    pub seed: u64,
    /// Neighbours of each matched row.
    pub neighbours: usize,
    /// What neighbours are near in.
    pub distance: Distance,
    /// Largest difference in log odds between neighbours, in standard deviations.
    pub caliper: Option<f64>,
    /// Whether least squares takes out what matching left.
    pub bias_correction: bool,
    /// What becomes of rows with a missing value.
    pub missing: Missing,
    /// Whether treatment was drawn by lot.
    pub randomised: bool,
    /// When the data cannot answer.
    pub thresholds: Thresholds,
}

/// When the data are said not to answer. Without a source, a limit is ours.
///
/// | Field | Default | Allowed | The answer is no |
/// |---|---|---|---|
/// | `min_group` | 20 | at least 2 | with fewer treated or others in the comparison; cells under 10 are not even shown elsewhere |
/// | `min_effective` | 20 | at least 1 | with fewer others in effect: `(sum w)^2 / sum w^2` (Kish 1965, *Survey Sampling*, 11.7) |
/// | `max_trimmed` | 0.2 | in [0, 1] | if a larger share of the treated has nobody to be compared with |
/// | `max_smd` | 0.1 | above 0 | if a term's standardised mean difference is this large after adjustment (Austin 2009, Stat. Med. 28, 3083-3107; Stuart 2010, Stat. Sci. 25, 1-21) |
/// | `placebo_level` | 0.05 | in (0, 1) | if the placebo effect is significant at this level |
/// | `widest` | 0.8 | above 0 | if half the interval exceeds this many standard deviations of the outcome: a large effect (Cohen 1988, *Statistical Power Analysis*, 2.2) could then not be told from none |
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Thresholds {
    /// Fewest treated, and fewest others.
    pub min_group: usize,
    /// Fewest others in effect.
    pub min_effective: f64,
    /// Largest share of treated left out.
    pub max_trimmed: f64,
    /// Standardised mean difference from which groups are not balanced.
    pub max_smd: f64,
    /// Significance level of the placebo.
    pub placebo_level: f64,
    /// Half the widest interval, in standard deviations of the outcome.
    pub widest: f64,
}

impl Default for EffectSettings {
    fn default() -> Self {
        Self {
            method: Method::Aipw,
            estimand: Estimand::Att,
            squares: true,
            zeros: true,
            interactions: false,
            trim: 0.1,
            prior_sd: 2.5,
            calibrate: true,
            folds: 5,
            seed: 1,
            neighbours: 1,
            distance: Distance::Mahalanobis,
            caliper: None,
            bias_correction: true,
            missing: Missing::Refuse,
            randomised: false,
            thresholds: Thresholds::default(),
        }
    }
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { min_group: 20, min_effective: 20.0, max_trimmed: 0.2, max_smd: 0.1, placebo_level: 0.05, widest: 0.8 }
    }
}

fn rule(legal: bool, name: &'static str, value: impl fmt::Display, allowed: &'static str) -> Result<(), ParamError> {
    if legal { Ok(()) } else { Err(ParamError::new(name, value, allowed)) }
}

impl EffectSettings {
    /// Checks every field against its range.
    ///
    /// # Errors
    /// [`ParamError`] for the first field outside it.
    pub fn check(&self) -> Result<(), ParamError> {
        let Self {
            method,
            estimand,
            squares: _,
            zeros: _,
            interactions: _,
            trim,
            prior_sd,
            calibrate: _,
            folds,
            seed: _,
            neighbours,
            distance: _,
            caliper,
            bias_correction: _,
            missing: _,
            randomised: _,
            thresholds,
        } = self;
        let effect_on_all = *method == Method::Did && *estimand == Estimand::Ate;
        rule(!effect_on_all, "estimand", estimand, "att with the method did")?;
        rule((0.0..0.5).contains(trim), "trim", trim, "in [0, 0.5)")?;
        rule(*prior_sd > 0.0, "prior_sd", prior_sd, "above 0")?;
        rule((1..=100).contains(folds), "folds", folds, "1 to 100")?;
        rule((1..=100).contains(neighbours), "neighbours", neighbours, "1 to 100")?;
        if let Some(caliper) = caliper {
            rule(*caliper > 0.0 && caliper.is_finite(), "caliper", caliper, "above 0 and finite")?;
        }
        let Thresholds { min_group, min_effective, max_trimmed, max_smd, placebo_level, widest } = thresholds;
        rule(*min_group >= 2, "min_group", min_group, "at least 2")?;
        rule(*min_effective >= 1.0, "min_effective", min_effective, "at least 1")?;
        rule((0.0..=1.0).contains(max_trimmed), "max_trimmed", max_trimmed, "in [0, 1]")?;
        rule(*max_smd > 0.0, "max_smd", max_smd, "above 0")?;
        rule(*placebo_level > 0.0 && *placebo_level < 1.0, "placebo_level", placebo_level, "in (0, 1)")?;
        rule(*widest > 0.0, "widest", widest, "above 0")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_is_checked_at_both_ends_and_for_nan() {
        type Change = fn(&mut EffectSettings);
        let illegal: [(&str, Change); 18] = [
            ("estimand", |s| (s.method, s.estimand) = (Method::Did, Estimand::Ate)),
            ("trim", |s| s.trim = 0.5),
            ("trim", |s| s.trim = -0.1),
            ("trim", |s| s.trim = f64::NAN),
            ("prior_sd", |s| s.prior_sd = 0.0),
            ("prior_sd", |s| s.prior_sd = f64::NAN),
            ("folds", |s| s.folds = 0),
            ("folds", |s| s.folds = 101),
            ("neighbours", |s| s.neighbours = 0),
            ("caliper", |s| s.caliper = Some(0.0)),
            ("caliper", |s| s.caliper = Some(f64::INFINITY)),
            ("min_group", |s| s.thresholds.min_group = 1),
            ("min_effective", |s| s.thresholds.min_effective = f64::NAN),
            ("max_trimmed", |s| s.thresholds.max_trimmed = 1.1),
            ("max_smd", |s| s.thresholds.max_smd = 0.0),
            ("placebo_level", |s| s.thresholds.placebo_level = 1.0),
            ("widest", |s| s.thresholds.widest = f64::NAN),
            ("widest", |s| s.thresholds.widest = -1.0),
        ];
        for (name, change) in illegal {
            let mut settings = EffectSettings::default();
            change(&mut settings);
            assert_eq!(settings.check().unwrap_err().name, name);
        }
        assert_eq!(EffectSettings::default().check(), Ok(()));
        let free = EffectSettings { prior_sd: f64::INFINITY, trim: 0.0, ..EffectSettings::default() };
        assert_eq!(free.check(), Ok(()));
    }
}
