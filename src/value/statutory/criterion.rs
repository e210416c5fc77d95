//! One comparison of a figure with a line, and what follows when the figure is uncertain.

use serde::Serialize;

use crate::error::ParamError;
use crate::numeric::normal;

/// Half the width of a 95 % interval in standard errors.
const Z95: f64 = 1.959_963_984_540_054;

/// Figures this near to a line, relative to it, are on the line: what differs is rounding of the arithmetic.
const ON_THE_LINE: f64 = 1e-9;

/// A figure, with its 95 % interval where it is an estimate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// The figure itself.
    pub value: f64,
    /// Its 95 % interval; `None` for a figure that is exact, such as a published price.
    pub interval: Option<(f64, f64)>,
}

impl Figure {
    /// A figure without uncertainty.
    #[must_use]
    pub fn exact(value: f64) -> Self {
        Self { value, interval: None }
    }

    /// A figure with its 95 % interval.
    #[must_use]
    pub fn with_interval(value: f64, low: f64, high: f64) -> Self {
        Self { value, interval: Some((low, high)) }
    }

    /// The figure under an increasing function.
    #[must_use]
    pub fn map(self, f: impl Fn(f64) -> f64) -> Self {
        Self { value: f(self.value), interval: self.interval.map(|(low, high)| (f(low), f(high))) }
    }

    /// Finite, and inside its interval.
    pub(super) fn is_sound(&self) -> bool {
        let inside =
            |(low, high): (f64, f64)| low <= self.value && self.value <= high && low.is_finite() && high.is_finite();
        self.value.is_finite() && self.interval.is_none_or(inside)
    }
}

/// Which side of the line is asked for, and whether the line itself will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// The line or more.
    AtLeast,
    /// More than the line.
    MoreThan,
    /// The line or less.
    AtMost,
}

impl Comparison {
    /// As a sign: `>=`.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::AtLeast => ">=",
            Self::MoreThan => ">",
            Self::AtMost => "<=",
        }
    }

    fn holds(self, value: f64, line: f64) -> bool {
        let on_line = (value - line).abs() <= ON_THE_LINE * line.abs().max(1.0);
        match self {
            Self::AtLeast => on_line || value > line,
            Self::MoreThan => !on_line && value > line,
            Self::AtMost => on_line || value < line,
        }
    }
}

/// Whether something is as the law asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "result", content = "reason", rename_all = "snake_case")]
pub enum TestResult {
    /// It is.
    Pass,
    /// It is not.
    Fail,
    /// The data do not say, and why.
    CannotTell(String),
}

impl TestResult {
    /// `pass`, `fail` or `cannot tell`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::CannotTell(_) => "cannot tell",
        }
    }

    /// Why the data do not say; empty otherwise.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::CannotTell(reason) => reason,
            Self::Pass | Self::Fail => "",
        }
    }

    /// All must pass: one failure fails, else one that cannot be told leaves the whole untold.
    pub(super) fn all<'a>(parts: impl IntoIterator<Item = &'a TestResult>) -> TestResult {
        let mut untold: Option<&TestResult> = None;
        for part in parts {
            match part {
                TestResult::Fail => return TestResult::Fail,
                TestResult::CannotTell(_) => untold = untold.or(Some(part)),
                TestResult::Pass => {}
            }
        }
        untold.cloned().unwrap_or(TestResult::Pass)
    }

    /// One must pass: the mirror image of [`TestResult::all`].
    pub(super) fn any<'a>(parts: impl IntoIterator<Item = &'a TestResult>) -> TestResult {
        let mut untold: Option<&TestResult> = None;
        for part in parts {
            match part {
                TestResult::Pass => return TestResult::Pass,
                TestResult::CannotTell(_) => untold = untold.or(Some(part)),
                TestResult::Fail => {}
            }
        }
        untold.cloned().unwrap_or(TestResult::Fail)
    }
}

/// How sure a result must be before it is more than `CannotTell`.
///
/// The default, 0.975, is met exactly when the 95 % interval lies wholly on one side of the line. At 0.5 the point decides and
/// the interval is only reported. The laws themselves compare points: a state that applies them to the letter takes 0.5.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Certainty(f64);

impl Certainty {
    /// A probability that a result must have.
    ///
    /// # Errors
    /// [`ParamError`] outside `[0.5, 1)`.
    pub fn new(probability: f64) -> Result<Self, ParamError> {
        if (0.5..1.0).contains(&probability) {
            Ok(Self(probability))
        } else {
            Err(ParamError::new("certainty", probability, "in [0.5, 1)"))
        }
    }

    /// The probability.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl Default for Certainty {
    fn default() -> Self {
        Self(0.975)
    }
}

/// One comparison, with what came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Criterion {
    /// What is compared.
    pub name: &'static str,
    /// The figure; `None` if it is not known or may not be shown.
    pub value: Option<f64>,
    /// Its 95 % interval, where it is an estimate.
    pub interval: Option<[f64; 2]>,
    /// Which side is asked for.
    pub comparison: Comparison,
    /// The line.
    pub line: Option<f64>,
    /// Probability that the figure is on the side asked for; 0 or 1 for an exact figure.
    pub probability: Option<f64>,
    /// What came of it.
    #[serde(flatten)]
    pub result: TestResult,
}

impl Criterion {
    /// Compares `figure` with `line`.
    ///
    /// The probability takes the figure as normal, its standard error on the line's side being a 1.96th of the interval's arm
    /// towards the line. A figure that is not finite, or outside its interval, cannot be told.
    pub(super) fn new(
        name: &'static str,
        figure: Option<Figure>,
        comparison: Comparison,
        line: f64,
        certainty: Certainty,
    ) -> Self {
        let Some(figure) = figure else {
            return Self::unknown(name, comparison, Some(line), format!("{name} is not known"));
        };
        if !figure.is_sound() || !line.is_finite() {
            return Self::unknown(
                name,
                comparison,
                Some(line),
                format!("{name} is not a finite number inside its interval"),
            );
        }
        let probability = probability(figure, comparison, line);
        let result = if figure.interval.is_none() || certainty.0 <= 0.5 {
            if comparison.holds(figure.value, line) { TestResult::Pass } else { TestResult::Fail }
        } else if probability >= certainty.0 {
            TestResult::Pass
        } else if probability <= 1.0 - certainty.0 {
            TestResult::Fail
        } else {
            TestResult::CannotTell(format!("the interval of {name} holds the line"))
        };
        Self {
            name,
            value: Some(figure.value),
            interval: figure.interval.map(|(low, high)| [low, high]),
            comparison,
            line: Some(line),
            probability: Some(probability),
            result,
        }
    }

    /// A comparison that cannot be made.
    pub(super) fn unknown(name: &'static str, comparison: Comparison, line: Option<f64>, reason: String) -> Self {
        let (value, interval, probability) = (None, None, None);
        let line = line.filter(|line| line.is_finite());
        Self { name, value, interval, comparison, line, probability, result: TestResult::CannotTell(reason) }
    }
}

/// Probability that the figure is on the side asked for.
fn probability(figure: Figure, comparison: Comparison, line: f64) -> f64 {
    let exact = || if comparison.holds(figure.value, line) { 1.0 } else { 0.0 };
    let Some((low, high)) = figure.interval else { return exact() };
    let arm = if line < figure.value { figure.value - low } else { high - figure.value };
    if arm <= 0.0 {
        return exact();
    }
    let above = normal::cdf((figure.value - line) / (arm / Z95));
    match comparison {
        Comparison::AtLeast | Comparison::MoreThan => above,
        Comparison::AtMost => 1.0 - above,
    }
}

/// A share `x / n` with its 95 % Wilson interval (Wilson 1927); `None` unless `0 <= x <= n` and `n >= 1`.
#[must_use]
pub fn share(x: f64, n: f64) -> Option<Figure> {
    if !(n >= 1.0 && (0.0..=n).contains(&x)) {
        return None;
    }
    let (low, high) = crate::value::outcomes::wilson(x, n, 0.95);
    Some(Figure::with_interval(x / n, low, high))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(figure: Figure, comparison: Comparison, line: f64) -> TestResult {
        Criterion::new("x", Some(figure), comparison, line, Certainty::default()).result
    }

    #[test]
    fn the_line_itself_meets_only_what_is_not_strict() {
        for (comparison, expected) in [
            (Comparison::AtLeast, TestResult::Pass),
            (Comparison::MoreThan, TestResult::Fail),
            (Comparison::AtMost, TestResult::Pass),
        ] {
            assert_eq!(judge(Figure::exact(0.7), comparison, 0.7), expected);
            // 0.1 + 0.2 is not 0.3 in binary, but on the line of the law.
            assert_eq!(judge(Figure::exact(0.1 + 0.2), comparison, 0.3), expected);
        }
        assert_eq!(judge(Figure::exact(0.699_999), Comparison::AtLeast, 0.7), TestResult::Fail);
    }

    #[test]
    fn an_interval_over_the_line_cannot_tell_and_one_that_ends_on_it_can() {
        let figure = Figure::with_interval(0.75, 0.65, 0.85);
        assert_eq!(judge(figure, Comparison::AtLeast, 0.7).name(), "cannot tell");
        assert_eq!(judge(figure, Comparison::AtLeast, 0.649), TestResult::Pass);
        assert_eq!(judge(figure, Comparison::AtLeast, 0.851), TestResult::Fail);
        assert_eq!(judge(figure, Comparison::AtMost, 0.851), TestResult::Pass);
        let by_point = Criterion::new("x", Some(figure), Comparison::AtLeast, 0.7, Certainty::new(0.5).unwrap());
        assert_eq!(by_point.result, TestResult::Pass);
        // (0.75 - 0.7) / (0.1 / 1.96) = 0.98 standard errors
        assert!((by_point.probability.unwrap() - 0.836_457).abs() < 1e-5);
    }

    #[test]
    fn odd_figures_cannot_tell() {
        for figure in [Figure::exact(f64::NAN), Figure::exact(f64::INFINITY), Figure::with_interval(1.0, 2.0, 3.0)] {
            assert_eq!(judge(figure, Comparison::AtLeast, 0.7).name(), "cannot tell");
        }
        assert_eq!(judge(Figure::exact(1.0), Comparison::AtLeast, f64::NAN).name(), "cannot tell");
        for certainty in [0.49, 1.0, f64::NAN] {
            assert!(Certainty::new(certainty).is_err());
        }
        assert!(share(3.0, 0.0).is_none() && share(4.0, 3.0).is_none() && share(f64::NAN, 3.0).is_none());
    }
}
