//! The same method, standing earlier: what it said and what happened.

use serde::Serialize;

use super::demand::Track;
use super::outlook::Band;
use super::settings::OutlookSettings;
use super::verdict::Verdict;
use super::view::View;
use crate::catalog::Certificate;
use crate::evaluate::metrics;
use crate::key::RegionId;
use crate::time::Period;

/// How far back a past check stands if the data allow.
pub(super) const PAST_MONTHS: u16 = 48;
/// A past check is not made over less than this.
const LEAST_PAST_MONTHS: u16 = 12;
/// History that must remain before the origin of a past check.
const LEAST_HISTORY: i32 = 24;

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

/// The tracks as they were known at the origin of the past check.
pub(super) struct PastCut<'a> {
    full: &'a [Track],
    pub(super) tracks: Vec<Track>,
    pub(super) origin: Period,
    months: u16,
    pub(super) settings: OutlookSettings,
}

impl<'a> PastCut<'a> {
    /// Stands as far back as the data allow, at most [`PAST_MONTHS`]; `None` if that is not far enough.
    pub(super) fn new(full: &'a [Track], settings: &OutlookSettings) -> Option<Self> {
        let last = full.iter().filter_map(Track::last_share_period).max()?;
        let first = full.iter().filter_map(Track::first_share_period).min()?;
        let history = last.since(first)? + 1;
        let months = u16::try_from((history - LEAST_HISTORY).min(i32::from(PAST_MONTHS))).ok()?;
        if months < LEAST_PAST_MONTHS {
            return None;
        }
        let origin = last.plus(-i32::from(months));
        let tracks = full.iter().map(|track| track.until(origin)).collect();
        let settings = OutlookSettings { horizons_months: vec![months], decision_months: months, ..settings.clone() };
        Some(Self { full, tracks, origin, months, settings })
    }

    /// What `view`, made from these tracks, said of the certificate, and what happened.
    pub(super) fn check(&self, view: &View<'_>, certificate: &Certificate, region: &RegionId) -> Option<PastCheck> {
        let born_later = certificate.introduced_month().is_some_and(|month| month > self.origin);
        let gone_before = certificate.retired_month().is_some_and(|month| month <= self.origin);
        let judged = view.judge(certificate, region, self.months)?;
        let target = self.origin.plus(i32::from(self.months));
        let same_origin = judged.demand.period == target;
        if born_later || gone_before || !same_origin {
            return None;
        }
        let actual = self.full.iter().find_map(|track| track.share(certificate)?.at(0, target))?;
        let share_factor = (actual - judged.demand.share_now).exp();
        let band = Band::log_normal((judged.demand.share.0 - judged.demand.share_now, judged.demand.share.1), "");
        let retired = certificate.retired_month().is_some_and(|month| month <= target);
        let share_held = share_factor >= 1.0 - self.settings.delta;
        let (pay_factor, pay_held) = match judged.pay.as_ref() {
            Ok(pay) => view.pay_outcome(certificate, pay, target),
            Err(_) => (None, None),
        };
        let (verdict, _) = view.verdict(certificate, region, Some(&judged));
        // Without a later survey pay was not at stake: the probability to compare is that of the share.
        let p_holds_value = if pay_held.is_some() { judged.p_holds } else { Some(judged.p_share) };
        Some(PastCheck {
            origin: self.origin.to_string(),
            months: self.months,
            said: Said { verdict, p_holds_value, share_factor: (band.p10, band.p50, band.p90) },
            happened: Happened {
                share_factor,
                relative_pay_factor: pay_factor,
                held_value: !retired && share_held && pay_held.unwrap_or(true),
                pay_observed: pay_held.is_some(),
            },
        })
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
