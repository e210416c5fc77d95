use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::ParamError;

/// How the level moves without errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EtsTrend {
    /// It stays: `N`.
    None,
    /// By a sum: `A`.
    Additive,
    /// By a sum that fades: `Ad`.
    AdditiveDamped,
    /// By a factor: `M`.
    Multiplicative,
    /// By a factor that fades towards 1: `Md`.
    MultiplicativeDamped,
}

/// How the season enters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EtsSeason {
    /// There is none: `N`.
    None,
    /// As a sum: `A`.
    Additive,
    /// As a factor: `M`.
    Multiplicative,
}

/// One of the 19 forms of exponential smoothing that R `ets()` admits, written as in Hyndman et al. (2008): errors, trend
/// and season, such as `MAdM`.
///
/// Left out are those whose variance is infinite or whose likelihood breaks down near 0 (ch. 15 of the book): additive
/// errors with a multiplicative trend or season, and a multiplicative trend with an additive season.
///
/// # Examples
/// ```
/// use credcast::series::EtsForm;
/// let form = EtsForm::parse("MAdM")?;
/// assert!(form.has_multiplicative_errors() && form.to_string() == "MAdM");
/// assert!(EtsForm::parse("AMN").is_err());
/// # Ok::<(), credcast::ParamError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EtsForm {
    multiplicative_errors: bool,
    trend: EtsTrend,
    season: EtsSeason,
}

const NAMES: &str =
    "one of ANN, AAN, AAdN, ANA, AAA, AAdA, MNN, MAN, MAdN, MNA, MAA, MAdA, MNM, MAM, MAdM, MMN, MMdN, MMM, MMdM";

impl EtsForm {
    /// Simple exponential smoothing, `ANN`.
    pub(super) const SIMPLEST: Self =
        Self { multiplicative_errors: false, trend: EtsTrend::None, season: EtsSeason::None };

    /// Reads a name such as `AAN` or `MAdM`.
    ///
    /// # Errors
    /// [`ParamError`] that lists the forms if `name` is none of them.
    pub fn parse(name: &str) -> Result<Self, ParamError> {
        Self::all().find(|form| form.to_string() == name).ok_or_else(|| ParamError::new("form", name, NAMES))
    }

    /// Every form, the simpler first.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        use EtsTrend::{Additive, AdditiveDamped, Multiplicative, MultiplicativeDamped, None};
        let seasons = [EtsSeason::None, EtsSeason::Additive, EtsSeason::Multiplicative];
        let trends = [None, Additive, AdditiveDamped, Multiplicative, MultiplicativeDamped];
        let every = seasons.into_iter().flat_map(move |season| {
            trends.into_iter().flat_map(move |trend| {
                [false, true].map(|multiplicative_errors| Self { multiplicative_errors, trend, season })
            })
        });
        every.filter(|form| form.is_admitted())
    }

    fn is_admitted(self) -> bool {
        let multiplicative_trend = self.has_multiplicative_trend();
        let multiplicative_season = self.season == EtsSeason::Multiplicative;
        if self.multiplicative_errors {
            !(multiplicative_trend && self.season == EtsSeason::Additive)
        } else {
            !multiplicative_trend && !multiplicative_season
        }
    }

    /// The same trend and season with additive errors and, where that is not admitted, an additive trend and season.
    pub(super) fn additive(self) -> Self {
        let trend = match self.trend {
            EtsTrend::Multiplicative => EtsTrend::Additive,
            EtsTrend::MultiplicativeDamped => EtsTrend::AdditiveDamped,
            other @ (EtsTrend::None | EtsTrend::Additive | EtsTrend::AdditiveDamped) => other,
        };
        let season = if self.is_seasonal() { EtsSeason::Additive } else { EtsSeason::None };
        Self { multiplicative_errors: false, trend, season }
    }

    /// The same form with another trend.
    pub(super) fn with_trend(self, trend: EtsTrend) -> Self {
        Self { trend, ..self }
    }

    /// Whether errors are relative to the one-step forecast: for positive series only.
    #[must_use]
    pub fn has_multiplicative_errors(self) -> bool {
        self.multiplicative_errors
    }

    /// The trend.
    #[must_use]
    pub fn trend(self) -> EtsTrend {
        self.trend
    }

    /// The season.
    #[must_use]
    pub fn season(self) -> EtsSeason {
        self.season
    }

    pub(super) fn has_trend(self) -> bool {
        self.trend != EtsTrend::None
    }

    pub(super) fn has_multiplicative_trend(self) -> bool {
        matches!(self.trend, EtsTrend::Multiplicative | EtsTrend::MultiplicativeDamped)
    }

    pub(super) fn is_damped(self) -> bool {
        matches!(self.trend, EtsTrend::AdditiveDamped | EtsTrend::MultiplicativeDamped)
    }

    pub(super) fn is_seasonal(self) -> bool {
        self.season != EtsSeason::None
    }

    /// Whether the one-step forecast is linear in the states.
    pub(super) fn is_linear(self) -> bool {
        !self.has_multiplicative_trend() && self.season != EtsSeason::Multiplicative
    }

    /// Free initial states with `m` seasons, which sum to a constant.
    pub(super) fn n_states(self, m: usize) -> usize {
        1 + usize::from(self.has_trend()) + if self.is_seasonal() { m - 1 } else { 0 }
    }

    /// Weights, damping included.
    pub(super) fn n_weights(self) -> usize {
        1 + usize::from(self.has_trend()) + usize::from(self.is_seasonal()) + usize::from(self.is_damped())
    }
}

impl fmt::Display for EtsForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors = if self.multiplicative_errors { "M" } else { "A" };
        let trend = match self.trend {
            EtsTrend::None => "N",
            EtsTrend::Additive => "A",
            EtsTrend::AdditiveDamped => "Ad",
            EtsTrend::Multiplicative => "M",
            EtsTrend::MultiplicativeDamped => "Md",
        };
        let season = match self.season {
            EtsSeason::None => "N",
            EtsSeason::Additive => "A",
            EtsSeason::Multiplicative => "M",
        };
        write!(f, "{errors}{trend}{season}")
    }
}

impl TryFrom<String> for EtsForm {
    type Error = ParamError;
    fn try_from(name: String) -> Result<Self, ParamError> {
        Self::parse(&name)
    }
}

impl From<EtsForm> for String {
    fn from(form: EtsForm) -> String {
        form.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_are_those_of_the_list_and_their_names_read_back() {
        let names: Vec<String> = EtsForm::all().map(|form| form.to_string()).collect();
        assert_eq!(names.len(), 19);
        for name in &names {
            assert_eq!(EtsForm::parse(name).unwrap().to_string(), *name);
        }
        let mut listed: Vec<&str> = NAMES.strip_prefix("one of ").unwrap().split(", ").collect();
        let mut found: Vec<&str> = names.iter().map(String::as_str).collect();
        listed.sort_unstable();
        found.sort_unstable();
        assert_eq!(listed, found);
    }

    #[test]
    fn unstable_and_unknown_forms_are_refused() {
        for name in ["", "ANM", "AAM", "AAdM", "AMN", "AMdN", "AMA", "AMM", "MMA", "MMdA", "ZZZ", "aan", "AdAN", "ANd"]
        {
            let error = EtsForm::parse(name).unwrap_err();
            assert!(error.allowed.contains("MAdM"), "{name}");
        }
    }
}
