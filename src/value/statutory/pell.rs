//! Workforce Pell: completion, placement and value-added earnings.

use serde::Serialize;

use super::constants::poverty_guideline_usd;
use super::criterion::{Certainty, Comparison, Criterion, Figure, TestResult};
use crate::error::ParamError;

/// What a programme brings to the test. `None` is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PellProgramme {
    /// Share of students who completed.
    pub completion: Option<Figure>,
    /// Share of completers with a job 180 days later.
    pub placement: Option<Figure>,
    /// Median yearly earnings of completers, US dollars.
    pub median_earnings_usd: Option<Figure>,
    /// Regional price parity of the area, 100 for the nation.
    pub price_parity: Option<f64>,
    /// Published tuition and fees, US dollars.
    pub tuition_usd: Option<f64>,
}

/// The levels of the test.
///
/// Completion and placement of at least 70 %, and value-added earnings that are positive and not below tuition and fees
/// (Public Law 119-21, section 83002; HEA section 401(k)). Value-added earnings:
///
/// ```text
/// VA = median earnings / (RPP / 100) - 1.5 * poverty guideline
/// ```
///
/// Not settled by this code, because rules and guidance do: which tax year's earnings count, how cohorts of few completers are
/// widened, and that earnings replace a placement rule in the first years. Give the figures that apply, and other levels by
/// setting the fields.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PellRules {
    /// Least completion rate, 0.70.
    pub least_completion: f64,
    /// Least placement rate, 0.70.
    pub least_placement: f64,
    /// Poverty guideline of one person, US dollars a year.
    pub poverty_guideline_usd: f64,
    /// How many guidelines are taken off earnings, 1.5.
    pub guideline_multiple: f64,
    /// How sure a result must be.
    pub certainty: Certainty,
}

impl PellRules {
    /// The levels of the law with the poverty guideline of `year`.
    ///
    /// # Errors
    /// [`ParamError`] for a year without a known guideline.
    pub fn for_year(year: i16) -> Result<Self, ParamError> {
        Ok(Self {
            least_completion: 0.7,
            least_placement: 0.7,
            poverty_guideline_usd: poverty_guideline_usd(year)?,
            guideline_multiple: 1.5,
            certainty: Certainty::default(),
        })
    }

    /// Judges one programme.
    ///
    /// # Examples
    /// ```
    /// use credcast::value::statutory::{Figure, PellProgramme, PellRules, TestResult};
    /// let programme = PellProgramme {
    ///     completion: Some(Figure::exact(0.70)),
    ///     placement: Some(Figure::exact(0.81)),
    ///     median_earnings_usd: Some(Figure::exact(31_000.0)),
    ///     price_parity: Some(100.0),
    ///     tuition_usd: Some(4_000.0),
    /// };
    /// let judged = PellRules::for_year(2026)?.judge(&programme);
    /// assert_eq!(judged.value_added_usd, Some(7_060.0)); // 31,000 - 1.5 * 15,960
    /// assert_eq!(judged.result, TestResult::Pass);
    /// # Ok::<(), credcast::ParamError>(())
    /// ```
    #[must_use]
    pub fn judge(&self, programme: &PellProgramme) -> PellJudgement {
        let Self { least_completion, least_placement, poverty_guideline_usd, guideline_multiple, certainty } = *self;
        let parity = programme.price_parity.filter(|parity| *parity > 0.0 && parity.is_finite());
        let value_added = programme.median_earnings_usd.zip(parity).map(|(median, parity)| {
            median.map(|usd| usd / (parity / 100.0) - guideline_multiple * poverty_guideline_usd)
        });
        let tuition = match programme.tuition_usd.filter(|usd| usd.is_finite() && *usd >= 0.0) {
            Some(usd) => {
                Criterion::new("value added against tuition", value_added, Comparison::AtLeast, usd, certainty)
            }
            None => Criterion::unknown(
                "value added against tuition",
                Comparison::AtLeast,
                None,
                "tuition is not known".to_owned(),
            ),
        };
        let criteria = vec![
            Criterion::new("completion", programme.completion, Comparison::AtLeast, least_completion, certainty),
            Criterion::new("placement", programme.placement, Comparison::AtLeast, least_placement, certainty),
            Criterion::new("value added", value_added, Comparison::MoreThan, 0.0, certainty),
            tuition,
        ];
        let result = TestResult::all(criteria.iter().map(|c| &c.result));
        PellJudgement { value_added_usd: value_added.map(|figure| figure.value), criteria, result }
    }
}

/// What came of the test.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PellJudgement {
    /// Value-added earnings, US dollars.
    pub value_added_usd: Option<f64>,
    /// The comparisons.
    pub criteria: Vec<Criterion>,
    /// The whole: every comparison must pass.
    #[serde(flatten)]
    pub result: TestResult,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn programme(median: f64, parity: f64, tuition: f64) -> PellProgramme {
        PellProgramme {
            completion: Some(Figure::exact(0.7)),
            placement: Some(Figure::exact(0.7)),
            median_earnings_usd: Some(Figure::exact(median)),
            price_parity: Some(parity),
            tuition_usd: Some(tuition),
        }
    }

    fn judge(programme: &PellProgramme) -> PellJudgement {
        PellRules::for_year(2026).unwrap().judge(programme)
    }

    #[test]
    fn tuition_on_the_line_passes_and_a_dollar_more_fails() {
        // 33,660 / 1.1 - 23,940 = 6,660
        assert_eq!(judge(&programme(33_660.0, 110.0, 6_660.0)).result, TestResult::Pass);
        assert_eq!(judge(&programme(33_660.0, 110.0, 6_661.0)).result, TestResult::Fail);
        assert_eq!(judge(&programme(33_660.0, 110.0, 6_660.0)).value_added_usd.map(f64::round), Some(6_660.0));
    }

    #[test]
    fn no_value_added_fails_even_when_tuition_is_nothing() {
        assert_eq!(judge(&programme(23_940.0, 100.0, 0.0)).result, TestResult::Fail);
        assert_eq!(judge(&programme(23_941.0, 100.0, 0.0)).result, TestResult::Pass);
    }

    #[test]
    fn rates_below_seventy_percent_fail_at_once_and_missing_ones_cannot_tell() {
        let low = PellProgramme { completion: Some(Figure::exact(0.699)), ..programme(40_000.0, 100.0, 1.0) };
        assert_eq!(judge(&low).result, TestResult::Fail);
        let unknown = PellProgramme { placement: None, ..programme(40_000.0, 100.0, 1.0) };
        assert_eq!(judge(&unknown).result.reason(), "placement is not known");
        // A failure is certain whatever the missing figure is.
        let both = PellProgramme { placement: None, ..low };
        assert_eq!(judge(&both).result, TestResult::Fail);
        for parity in [0.0, -5.0, f64::NAN, f64::INFINITY] {
            assert_eq!(judge(&programme(40_000.0, parity, 1.0)).result.name(), "cannot tell");
        }
        assert_eq!(judge(&programme(40_000.0, 100.0, f64::NAN)).result.reason(), "tuition is not known");
    }
}
