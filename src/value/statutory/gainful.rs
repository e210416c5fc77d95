//! Gainful employment and financial value transparency: debt-to-earnings rates and the earnings premium.

use serde::Serialize;

use super::constants::{CredentialLevel, poverty_guideline_usd, three_year_loan_rate};
use super::criterion::{Certainty, Comparison, Criterion, Figure, TestResult};
use crate::error::ParamError;

/// What a programme brings to the tests. `None` is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GainfulProgramme {
    /// Median debt of completers, US dollars.
    pub median_debt_usd: Option<f64>,
    /// Median yearly earnings of completers, US dollars.
    pub median_earnings_usd: Option<Figure>,
    /// Median yearly earnings of high-school graduates in the state (or, as the rule says, the nation), US dollars.
    pub earnings_threshold_usd: Option<f64>,
}

/// The levels of the tests, 34 CFR 668.402 and 668.403.
///
/// ```text
/// annual rate        = yearly payment / median earnings
/// discretionary rate = yearly payment / (median earnings - 1.5 * poverty guideline)
/// ```
///
/// A programme fails the debt-to-earnings rates only if the annual rate is above 8 % *and* the discretionary rate above 20 %; a
/// denominator that is not positive counts as above while there is debt, and a payment of 0 passes. It passes the earnings premium
/// only if its median earnings are above the threshold: equal fails.
///
/// Ours, as the regulation prints no formula: the payment is twelve level monthly payments at a twelfth of the yearly rate. Not
/// checked here: that a cohort has 30 completers, which debts count and how they are capped at cost. Whether and for whom the rates
/// have consequences has changed more than once; this code computes them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GainfulRules {
    /// Highest annual rate that passes, 0.08.
    pub highest_annual: f64,
    /// Highest discretionary rate that passes, 0.20.
    pub highest_discretionary: f64,
    /// Poverty guideline of one person, US dollars a year.
    pub poverty_guideline_usd: f64,
    /// How many guidelines are not discretionary, 1.5.
    pub guideline_multiple: f64,
    /// Yearly interest, as a share.
    pub yearly_rate: f64,
    /// Years of repayment.
    pub years: f64,
    /// How sure a result must be.
    pub certainty: Certainty,
}

impl GainfulRules {
    /// The levels of the regulation for programmes of `level`: poverty guideline of `year`, interest averaged over the three award
    /// years up to the one that begins in `award_year`.
    ///
    /// The average over three undergraduate years is that for certificates and associate degrees; for other levels the regulation
    /// averages other years and rates: set `yearly_rate`.
    ///
    /// # Errors
    /// [`ParamError`] for years without a known guideline or rate.
    pub fn for_years(year: i16, award_year: i16, level: CredentialLevel) -> Result<Self, ParamError> {
        Ok(Self {
            highest_annual: 0.08,
            highest_discretionary: 0.20,
            poverty_guideline_usd: poverty_guideline_usd(year)?,
            guideline_multiple: 1.5,
            yearly_rate: three_year_loan_rate(award_year)?,
            years: f64::from(level.amortisation_years()),
            certainty: Certainty::default(),
        })
    }

    /// Refuses levels that make no sense.
    ///
    /// # Errors
    /// [`ParamError`] for the first one.
    pub fn check(&self) -> Result<(), ParamError> {
        let Self {
            highest_annual,
            highest_discretionary,
            poverty_guideline_usd,
            guideline_multiple,
            yearly_rate,
            years,
            certainty: _,
        } = *self;
        for (name, value, most, allowed) in [
            ("highest_annual", highest_annual, 1.0, "in [0, 1]"),
            ("highest_discretionary", highest_discretionary, 1.0, "in [0, 1]"),
            ("poverty_guideline_usd", poverty_guideline_usd, 1e6, "in [0, 1000000]"),
            ("guideline_multiple", guideline_multiple, 10.0, "in [0, 10]"),
            ("yearly_rate", yearly_rate, 1.0, "a share in [0, 1]: 0.055 is 5.5 %"),
        ] {
            if !(0.0..=most).contains(&value) {
                return Err(ParamError::new(name, value, allowed));
            }
        }
        if !(1.0..=50.0).contains(&years) {
            return Err(ParamError::new("years", years, "in [1, 50]"));
        }
        Ok(())
    }

    /// Yearly payment on `debt_usd`.
    ///
    /// ```text
    /// 12 * debt * r / (1 - (1 + r)^(-12 years)),  r = yearly rate / 12
    /// ```
    #[must_use]
    pub fn yearly_payment_usd(&self, debt_usd: f64) -> f64 {
        let (months, r) = (12.0 * self.years, self.yearly_rate / 12.0);
        if r <= 0.0 {
            return debt_usd / self.years;
        }
        // 1 - (1 + r)^-n without the loss of digits that a small rate would bring.
        12.0 * debt_usd * r / -(-months * r.ln_1p()).exp_m1()
    }

    /// Judges one programme.
    ///
    /// # Examples
    /// ```
    /// use credcast::value::statutory::{CredentialLevel, Figure, GainfulProgramme, GainfulRules, TestResult};
    /// let rules = GainfulRules::for_years(2026, 2024, CredentialLevel::CertificateOrAssociate)?;
    /// let judged = rules.judge(&GainfulProgramme {
    ///     median_debt_usd: Some(9_500.0),
    ///     median_earnings_usd: Some(Figure::exact(31_000.0)),
    ///     earnings_threshold_usd: Some(31_000.0),
    /// });
    /// assert_eq!(judged.debt_to_earnings, TestResult::Pass); // 4.0 % of earnings
    /// assert_eq!(judged.earnings_premium, TestResult::Fail); // equal is not above
    /// # Ok::<(), credcast::ParamError>(())
    /// ```
    #[must_use]
    pub fn judge(&self, programme: &GainfulProgramme) -> GainfulJudgement {
        let debt = programme.median_debt_usd.filter(|usd| usd.is_finite() && *usd >= 0.0);
        let earnings = programme.median_earnings_usd.filter(|figure| figure.is_sound() && figure.value >= 0.0);
        let payment = debt.map(|usd| self.yearly_payment_usd(usd));
        let poverty = self.guideline_multiple * self.poverty_guideline_usd;
        let rate = |name: &'static str, off: f64, highest: f64| match (payment, earnings) {
            (Some(payment), Some(earnings)) => rate_criterion(name, payment, earnings, off, highest, self.certainty),
            (None, _) => {
                Criterion::unknown(name, Comparison::AtMost, Some(highest), "median debt is not known".to_owned())
            }
            (_, None) => {
                Criterion::unknown(name, Comparison::AtMost, Some(highest), "median earnings are not known".to_owned())
            }
        };
        let annual = rate("annual rate", 0.0, self.highest_annual);
        let discretionary = rate("discretionary rate", poverty, self.highest_discretionary);
        // To pass, one of the two rates must be low enough.
        let debt_to_earnings = TestResult::any([&annual.result, &discretionary.result]);
        let premium = match programme.earnings_threshold_usd.filter(|usd| usd.is_finite() && *usd >= 0.0) {
            Some(usd) => Criterion::new("median earnings", earnings, Comparison::MoreThan, usd, self.certainty),
            None => Criterion::unknown(
                "median earnings",
                Comparison::MoreThan,
                None,
                "the pay of high-school graduates is not known".to_owned(),
            ),
        };
        let earnings_premium = premium.result.clone();
        let criteria = vec![annual, discretionary, premium];
        GainfulJudgement { yearly_payment_usd: payment, criteria, debt_to_earnings, earnings_premium }
    }
}

/// `payment / (earnings - off)` against its highest level, in the form `payment <= highest * (earnings - off)`, which needs no
/// denominator: that is 0 or below for low earnings, and a payment above it then fails, as the regulation says.
fn rate_criterion(
    name: &'static str,
    payment: f64,
    earnings: Figure,
    off: f64,
    highest: f64,
    certainty: Certainty,
) -> Criterion {
    // Earnings at which the rate is just at its highest.
    let line = if payment > 0.0 && highest > 0.0 { off + payment / highest } else { off };
    let mut criterion = if payment > 0.0 {
        Criterion::new(name, Some(earnings), Comparison::AtLeast, line, certainty)
    } else {
        // Nothing to pay is at most any share of anything, whatever the denominator.
        Criterion::new(name, Some(Figure::exact(0.0)), Comparison::AtMost, highest, certainty)
    };
    let ratio = |usd: f64| if payment <= 0.0 { 0.0 } else { payment / (usd - off) };
    let shown = |usd: f64| Some(ratio(usd)).filter(|rate| rate.is_finite() && *rate >= 0.0);
    criterion.value = shown(earnings.value);
    criterion.interval =
        earnings.interval.and_then(|(low, high)| Some([shown(high)?, shown(low)?])).filter(|[low, high]| low <= high);
    (criterion.comparison, criterion.line) = (Comparison::AtMost, Some(highest));
    criterion
}

/// What came of the tests.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GainfulJudgement {
    /// Yearly payment on the median debt, US dollars.
    pub yearly_payment_usd: Option<f64>,
    /// Annual rate, discretionary rate and median earnings against their lines. A rate whose denominator is not positive has no value.
    pub criteria: Vec<Criterion>,
    /// Debt-to-earnings rates: one of the two rates must pass.
    pub debt_to_earnings: TestResult,
    /// Earnings premium.
    pub earnings_premium: TestResult,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Payments that are a round number: no interest, ten years.
    fn rules() -> GainfulRules {
        let rules = GainfulRules::for_years(2026, 2024, CredentialLevel::CertificateOrAssociate).unwrap();
        GainfulRules { yearly_rate: 0.0, poverty_guideline_usd: 16_000.0, ..rules }
    }

    fn judge(debt: f64, earnings: f64) -> GainfulJudgement {
        rules().judge(&GainfulProgramme {
            median_debt_usd: Some(debt),
            median_earnings_usd: Some(Figure::exact(earnings)),
            earnings_threshold_usd: Some(30_000.0),
        })
    }

    #[test]
    fn both_rates_must_be_above_their_lines_to_fail() {
        // 2,400 a year: 8 % of 30,000 (on the line, passes); of discretionary 6,000 it is 40 %.
        assert_eq!(judge(24_000.0, 30_000.0).debt_to_earnings, TestResult::Pass);
        // 8.0003 % and 40 %: fails.
        assert_eq!(judge(24_001.0, 30_000.0).debt_to_earnings, TestResult::Fail);
        // 3,200 a year of 40,000 - 24,000 is 20 % on the line; the annual rate is on 8 % too.
        assert_eq!(judge(32_000.0, 40_000.0).debt_to_earnings, TestResult::Pass);
        // 4,000 a year of 45,000: 8.9 % annual, 19.05 % of 21,000: passes by the discretionary rate alone.
        let judged = judge(40_000.0, 45_000.0);
        assert_eq!(judged.criteria[0].result, TestResult::Fail);
        assert_eq!((judged.criteria[1].result.clone(), judged.debt_to_earnings), (TestResult::Pass, TestResult::Pass));
        // 4,200 of 21,000 is 20 %, on the line.
        assert_eq!(judge(42_000.0, 45_000.0).debt_to_earnings, TestResult::Pass);
        assert_eq!(judge(42_001.0, 45_000.0).debt_to_earnings, TestResult::Fail);
    }

    #[test]
    fn denominators_that_are_not_positive_are_above_every_line_while_there_is_debt() {
        // Discretionary earnings of 24,000 - 24,000: the annual rate decides.
        assert_eq!(judge(19_200.0, 24_000.0).debt_to_earnings, TestResult::Pass);
        assert_eq!(judge(19_201.0, 24_000.0).debt_to_earnings, TestResult::Fail);
        assert_eq!(judge(1.0, 0.0).debt_to_earnings, TestResult::Fail);
        assert_eq!(judge(0.0, 0.0).debt_to_earnings, TestResult::Pass);
        assert!(judge(19_200.0, 24_000.0).criteria[1].value.is_none());
        // A rate below 0 is no rate.
        assert!(judge(19_200.0, 20_000.0).criteria[1].value.is_none());
    }

    #[test]
    fn the_earnings_premium_is_strict() {
        assert_eq!(judge(0.0, 30_000.0).earnings_premium, TestResult::Fail);
        assert_eq!(judge(0.0, 30_001.0).earnings_premium, TestResult::Pass);
    }

    #[test]
    fn payments_are_those_of_a_level_loan() {
        // numpy_financial.pmt(0.055 / 12, 120, -10000) * 12 = 1302.3153 (10 years, 5.5 %)
        let rules = GainfulRules { yearly_rate: 0.055, ..rules() };
        assert!((rules.yearly_payment_usd(10_000.0) - 1_302.315_3).abs() < 1e-3);
        let tiny = GainfulRules { yearly_rate: 1e-12, ..rules };
        assert!((tiny.yearly_payment_usd(10_000.0) - 1_000.0).abs() < 1e-6);
    }

    #[test]
    fn unknown_and_uncertain_figures_cannot_tell() {
        let known = GainfulProgramme {
            median_debt_usd: Some(24_000.0),
            median_earnings_usd: Some(Figure::with_interval(30_500.0, 29_000.0, 32_000.0)),
            earnings_threshold_usd: Some(30_000.0),
        };
        assert_eq!(rules().judge(&known).debt_to_earnings.reason(), "the interval of annual rate holds the line");
        assert_eq!(rules().judge(&known).earnings_premium.name(), "cannot tell");
        let judged = rules().judge(&GainfulProgramme { median_debt_usd: None, ..known });
        assert_eq!(judged.debt_to_earnings.reason(), "median debt is not known");
        for earnings in [f64::NAN, -1.0, f64::INFINITY] {
            let odd = GainfulProgramme { median_earnings_usd: Some(Figure::exact(earnings)), ..known };
            assert_eq!(rules().judge(&odd).debt_to_earnings.reason(), "median earnings are not known");
        }
    }

    #[test]
    fn levels_out_of_range_are_refused() {
        assert!(rules().check().is_ok());
        for bad in [
            GainfulRules { yearly_rate: 5.5, ..rules() },
            GainfulRules { years: 0.0, ..rules() },
            GainfulRules { highest_annual: f64::NAN, ..rules() },
            GainfulRules { poverty_guideline_usd: -1.0, ..rules() },
        ] {
            assert!(bad.check().is_err());
        }
        assert!(GainfulRules::for_years(2031, 2024, CredentialLevel::default()).is_err());
        assert!(GainfulRules::for_years(2026, 2014, CredentialLevel::default()).is_err());
    }
}
