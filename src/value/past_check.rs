//! The same method, standing earlier: what it said and what happened.

use serde::Serialize;

use super::verdict::Verdict;
use crate::evaluate::metrics;

/// What the method would have said at an earlier origin.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Said {
    /// The verdict then.
    pub verdict: Verdict,
    /// The probability then that it would hold value at the target month; `None` if it could not tell.
    pub p_holds_value: Option<f64>,
    /// First decile, median and ninth decile of the change of share, as a factor.
    pub share_factor: (f64, f64, f64),
}

/// What the target month brought.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Happened {
    /// Change of share from origin to target, as a factor.
    pub share_factor: f64,
    /// Change of pay relative to all occupations, as a factor; `None` where no later survey was published.
    pub relative_pay_factor: Option<f64>,
    /// Whether it held value; the conditions that could not be observed are left out.
    pub held_value: bool,
    /// Whether pay was among the conditions observed.
    pub pay_observed: bool,
}

/// One certificate's past check.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PastCheck {
    /// The month the method stood in.
    pub origin: String,
    /// Months from origin to target: 48, or as many as the data allow.
    pub months: u16,
    /// What it said.
    pub said: Said,
    /// What happened.
    pub happened: Happened,
}

/// All past checks of one report together.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PastCheckSummary {
    /// The month the method stood in; empty if no check was possible.
    pub origin: String,
    /// Months from origin to target.
    pub months: u16,
    /// Certificates checked.
    pub n: usize,
    /// Share of them that held value.
    pub held: f64,
    /// Mean of the probabilities that had been given.
    pub mean_probability: f64,
    /// Mean squared difference between probability and outcome; 0 is perfect.
    pub brier: f64,
    /// The same for the constant forecast of the outcomes' own mean, which nobody could have known.
    pub brier_of_mean: f64,
    /// Probability that a certificate that held had been given the higher number; `None` if all or none held.
    pub auc: Option<f64>,
    /// Share of outcomes within the central 80 % interval of the share.
    pub coverage80: f64,
    /// How many of each verdict held value, of how many, in the order of [`Verdict::ALL`].
    pub held_by_verdict: Vec<(Verdict, usize, usize)>,
    /// What the check used although it was not yet knowable at its origin.
    pub not_known_then: Vec<String>,
}

impl PastCheckSummary {
    /// Sums up; `None` entries of `p_holds_value` count in `coverage80` and the verdict table only.
    pub(super) fn of(checks: &[&PastCheck], not_known_then: Vec<String>) -> Self {
        let Some(first) = checks.first() else { return Self { not_known_then, ..Self::default() } };
        let told: Vec<(f64, bool)> =
            checks.iter().filter_map(|c| Some((c.said.p_holds_value?, c.happened.held_value))).collect();
        let mean = |f: &dyn Fn(&(f64, bool)) -> f64| told.iter().map(f).sum::<f64>() / told.len() as f64;
        let hit = |held: bool| f64::from(u8::from(held));
        let held = mean(&|t| hit(t.1));
        let inside =
            |c: &&&PastCheck| (c.said.share_factor.0..=c.said.share_factor.2).contains(&c.happened.share_factor);
        let probabilities: Vec<f64> = told.iter().map(|t| t.0).collect();
        let outcomes: Vec<bool> = told.iter().map(|t| t.1).collect();
        let by_verdict = |verdict: Verdict| {
            let of: Vec<_> = checks.iter().filter(|c| c.said.verdict == verdict).collect();
            (verdict, of.iter().filter(|c| c.happened.held_value).count(), of.len())
        };
        Self {
            origin: first.origin.clone(),
            months: first.months,
            n: checks.len(),
            held,
            mean_probability: mean(&|t| t.0),
            brier: metrics::brier(&probabilities, &outcomes),
            brier_of_mean: held * (1.0 - held),
            auc: Some(metrics::auc(&probabilities, &outcomes)).filter(|auc| auc.is_finite()),
            coverage80: checks.iter().filter(inside).count() as f64 / checks.len() as f64,
            held_by_verdict: Verdict::ALL.into_iter().map(by_verdict).collect(),
            not_known_then,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(p: f64, held: bool, factor: f64) -> PastCheck {
        PastCheck {
            origin: "2020-01".into(),
            months: 48,
            said: Said { verdict: Verdict::Watch, p_holds_value: Some(p), share_factor: (0.8, 1.0, 1.2) },
            happened: Happened {
                share_factor: factor,
                relative_pay_factor: None,
                held_value: held,
                pay_observed: false,
            },
        }
    }

    #[test]
    fn the_summary_counts_what_happened() {
        let checks = [check(0.9, true, 1.0), check(0.4, false, 0.5), check(0.6, true, 1.1), check(0.6, false, 1.0)];
        let summary = PastCheckSummary::of(&checks.iter().collect::<Vec<_>>(), Vec::new());
        assert!((summary.brier - (0.01 + 0.16 + 0.16 + 0.36) / 4.0).abs() < 1e-12);
        assert_eq!((summary.held, summary.coverage80), (0.5, 0.75));
        assert_eq!(summary.auc, Some(0.875)); // pairs: 1, 1, 1, 1/2 of 4
        assert_eq!(summary.held_by_verdict[2], (Verdict::Watch, 2, 4));
    }

    #[test]
    fn no_check_is_said_not_invented() {
        assert_eq!(PastCheckSummary::of(&[], Vec::new()).n, 0);
    }
}
