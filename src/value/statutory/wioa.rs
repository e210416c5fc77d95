//! WIOA: whether programmes and indicators reach their adjusted levels of performance.

use std::collections::BTreeMap;

use serde::Serialize;

use super::criterion::{Certainty, Comparison, Criterion, Figure, TestResult};
use crate::error::ParamError;

/// The indicator that program scores leave out (20 CFR 677.190(c)(1)).
const SERVING_EMPLOYERS: &str = "effectiveness in serving employers";

/// One primary indicator of one core programme: what was agreed and what was reached.
#[derive(Clone, Debug, PartialEq)]
pub struct IndicatorResult {
    /// The core programme, such as `adult`.
    pub program: String,
    /// The indicator, such as `er_q2`.
    pub indicator: String,
    /// The adjusted level of performance, in the unit of `actual`; more than 0.
    pub level: f64,
    /// What was reached; `None` if not known.
    pub actual: Option<Figure>,
}

/// The levels of 20 CFR 677.190.
///
/// ```text
/// individual score = 100 * actual / adjusted level
/// program score    = mean of the individual scores of a programme (without effectiveness in serving employers)
/// indicator score  = mean of the individual scores of an indicator over the programmes
/// ```
///
/// Failure is a program or indicator score below 90, or an individual score below 50. Scores are not capped. Not settled here: which
/// indicators have two years of data and so count yet (leave the others out), and the adjustment of negotiated levels by the
/// statistical model (give the adjusted level). A mean with a part that is not known is not known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WioaRules {
    /// Least program and indicator score, 90.
    pub least_overall: f64,
    /// Least individual score, 50.
    pub least_individual: f64,
    /// How sure a result must be.
    pub certainty: Certainty,
}

impl Default for WioaRules {
    fn default() -> Self {
        Self { least_overall: 90.0, least_individual: 50.0, certainty: Certainty::default() }
    }
}

/// A mean of scores against its line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OverallScore {
    /// The programme or indicator.
    pub name: String,
    /// The mean against its line; the whole when intervals of parts are joined takes these as independent.
    #[serde(flatten)]
    pub criterion: Criterion,
}

/// One individual score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IndividualScore {
    /// The core programme.
    pub program: String,
    /// The indicator.
    pub indicator: String,
    /// The score against its line.
    #[serde(flatten)]
    pub criterion: Criterion,
}

/// What came of the test.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WioaJudgement {
    /// Each programme's indicators, in the order given.
    pub individual: Vec<IndividualScore>,
    /// Each programme.
    pub programs: Vec<OverallScore>,
    /// Each indicator.
    pub indicators: Vec<OverallScore>,
    /// The whole: every score must reach its line.
    #[serde(flatten)]
    pub result: TestResult,
}

impl WioaRules {
    /// Judges a state (or a local area under the same levels).
    ///
    /// # Errors
    /// [`ParamError`] for a level that is not a positive number, no indicator at all, or the same one twice.
    ///
    /// # Examples
    /// ```
    /// use credcast::value::statutory::{Figure, IndicatorResult, TestResult, WioaRules};
    /// let reached = |indicator: &str, level, actual| IndicatorResult {
    ///     program: "adult".into(),
    ///     indicator: indicator.into(),
    ///     level,
    ///     actual: Some(Figure::exact(actual)),
    /// };
    /// // 84 % and 96 % of the levels: 90 % on average.
    /// let judged = WioaRules::default().judge(&[reached("er_q2", 75.0, 63.0), reached("credential", 50.0, 48.0)])?;
    /// assert_eq!(judged.programs[0].criterion.result, TestResult::Pass);
    /// // Each indicator is judged on its own as well.
    /// assert_eq!(judged.result, TestResult::Fail);
    /// # Ok::<(), credcast::ParamError>(())
    /// ```
    pub fn judge(&self, reached: &[IndicatorResult]) -> Result<WioaJudgement, ParamError> {
        if reached.is_empty() {
            return Err(ParamError::new("indicators", 0, "at least one"));
        }
        let mut scores: Vec<Option<Figure>> = Vec::with_capacity(reached.len());
        for (place, one) in reached.iter().enumerate() {
            if !(one.level > 0.0 && one.level.is_finite()) {
                return Err(ParamError::new("level", one.level, "a positive number"));
            }
            if reached[..place].iter().any(|other| other.program == one.program && other.indicator == one.indicator) {
                let twice = format!("{} of {}", one.indicator, one.program);
                return Err(ParamError::new("indicator", twice, "each indicator of a programme once"));
            }
            scores.push(one.actual.map(|figure| figure.map(|actual| 100.0 * actual / one.level)));
        }
        let individual = reached.iter().zip(&scores).map(|(one, score)| IndividualScore {
            program: one.program.clone(),
            indicator: one.indicator.clone(),
            criterion: Criterion::new("score", *score, Comparison::AtLeast, self.least_individual, self.certainty),
        });
        let individual: Vec<IndividualScore> = individual.collect();
        let programs = self.overall(reached, &scores, |one| {
            (!one.indicator.eq_ignore_ascii_case(SERVING_EMPLOYERS)).then_some(one.program.as_str())
        });
        let indicators = self.overall(reached, &scores, |one| Some(one.indicator.as_str()));
        let results = individual.iter().map(|one| &one.criterion.result);
        let results = results.chain(programs.iter().chain(&indicators).map(|one| &one.criterion.result));
        let result = TestResult::all(results);
        Ok(WioaJudgement { individual, programs, indicators, result })
    }

    /// Means of the scores that share a name, by name.
    fn overall<'a>(
        &self,
        reached: &'a [IndicatorResult],
        scores: &[Option<Figure>],
        name: impl Fn(&'a IndicatorResult) -> Option<&'a str>,
    ) -> Vec<OverallScore> {
        let mut groups: BTreeMap<&str, Vec<Option<Figure>>> = BTreeMap::new();
        for (one, score) in reached.iter().zip(scores) {
            if let Some(name) = name(one) {
                groups.entry(name).or_default().push(*score);
            }
        }
        let judge = |(name, parts): (&str, Vec<Option<Figure>>)| OverallScore {
            name: name.to_owned(),
            criterion: Criterion::new(
                "mean score",
                mean(&parts),
                Comparison::AtLeast,
                self.least_overall,
                self.certainty,
            ),
        };
        groups.into_iter().map(judge).collect()
    }
}

/// The mean of independent figures: arms of their intervals add in squares. `None` if any is not known.
fn mean(parts: &[Option<Figure>]) -> Option<Figure> {
    let known: Vec<Figure> = parts.iter().copied().collect::<Option<_>>()?;
    let n = known.len() as f64;
    let value = known.iter().map(|f| f.value).sum::<f64>() / n;
    let arm = |end: fn((f64, f64)) -> f64| {
        let squares = known.iter().map(|f| f.interval.map_or(0.0, |interval| (end(interval) - f.value).powi(2)));
        squares.sum::<f64>().sqrt() / n
    };
    let uncertain = known.iter().any(|f| f.interval.is_some());
    Some(if uncertain {
        Figure::with_interval(value, value - arm(|i| i.0), value + arm(|i| i.1))
    } else {
        Figure::exact(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reached(program: &str, indicator: &str, level: f64, actual: f64) -> IndicatorResult {
        let actual = Some(Figure::exact(actual));
        IndicatorResult { program: program.into(), indicator: indicator.into(), level, actual }
    }

    fn judge(reached: &[IndicatorResult]) -> WioaJudgement {
        WioaRules::default().judge(reached).unwrap()
    }

    #[test]
    fn ninety_and_fifty_pass_and_less_fails() {
        assert_eq!(judge(&[reached("a", "x", 70.0, 63.0)]).result, TestResult::Pass);
        assert_eq!(judge(&[reached("a", "x", 70.0, 62.99)]).result, TestResult::Fail);
        // Individual 50 and 130: both means are above 90 only for the programme.
        let judged = judge(&[reached("a", "x", 80.0, 40.0), reached("a", "y", 80.0, 104.0)]);
        assert!(judged.individual.iter().all(|one| one.criterion.result == TestResult::Pass));
        assert_eq!(judged.programs[0].criterion.value, Some(90.0));
        assert_eq!(judged.programs[0].criterion.result, TestResult::Pass);
        assert_eq!(judged.indicators[0].criterion.result, TestResult::Fail);
        let below = judge(&[reached("a", "x", 80.0, 39.99), reached("a", "y", 80.0, 200.0)]);
        assert_eq!(below.individual[0].criterion.result, TestResult::Fail);
    }

    #[test]
    fn an_indicator_is_averaged_over_programmes_and_serving_employers_counts_there_only() {
        let judged = judge(&[
            reached("adult", "er_q2", 100.0, 80.0),
            reached("youth", "er_q2", 100.0, 100.0),
            reached("adult", "Effectiveness in serving employers", 10.0, 20.0),
        ]);
        let score = |all: &[OverallScore], name: &str| all.iter().find(|one| one.name == name).unwrap().criterion.value;
        assert_eq!(score(&judged.indicators, "er_q2"), Some(90.0));
        assert_eq!(score(&judged.programs, "adult"), Some(80.0));
        assert_eq!(judged.indicators.len(), 2);
    }

    #[test]
    fn unknown_parts_leave_means_untold_but_a_failure_stands() {
        let unknown = IndicatorResult { actual: None, ..reached("a", "x", 70.0, 0.0) };
        assert_eq!(judge(&[unknown.clone(), reached("a", "y", 10.0, 10.0)]).result.name(), "cannot tell");
        assert_eq!(judge(&[unknown, reached("a", "y", 10.0, 1.0)]).result, TestResult::Fail);
    }

    #[test]
    fn arms_of_independent_figures_add_in_squares() {
        let figure = |value| Some(Figure::with_interval(value, value - 3.0, value + 4.0));
        let joint = mean(&[figure(90.0), figure(100.0)]).unwrap();
        let (low, high) = joint.interval.unwrap();
        assert!((joint.value - low - 18.0_f64.sqrt() / 2.0).abs() < 1e-12);
        assert!((high - joint.value - 32.0_f64.sqrt() / 2.0).abs() < 1e-12);
    }

    #[test]
    fn odd_levels_and_repeats_are_refused() {
        let rules = WioaRules::default();
        for level in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(rules.judge(&[reached("a", "x", level, 1.0)]).is_err());
        }
        assert!(rules.judge(&[]).is_err());
        assert!(rules.judge(&[reached("a", "x", 1.0, 1.0), reached("a", "x", 2.0, 1.0)]).is_err());
        let nan = judge(&[reached("a", "x", 1.0, f64::NAN)]);
        assert_eq!(nan.result.name(), "cannot tell");
    }
}
