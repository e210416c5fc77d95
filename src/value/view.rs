//! The market as it stood at one moment: what the forecasts made then say of a certificate.

use std::num::NonZeroUsize;

use super::demand::{DemandAt, Track, TrackForecast};
use super::outlook::{Band, Evidence, HorizonOutlook, Outlook};
use super::past_check::PAST_MONTHS;
use super::pay::{PayModel, PayNow};
use super::settings::OutlookSettings;
use super::verdict::Verdict;
use crate::catalog::Certificate;
use crate::error::Result;
use crate::key::RegionId;
use crate::market::{Market, Provenance};
use crate::numeric::normal;
use crate::time::Period;

/// Points at which the joint probability of share and jobs is integrated.
const QUADRATURE: u32 = 200;

pub(super) fn evidence(what: &str, source: &Provenance, method: impl Into<String>) -> Evidence {
    Evidence {
        what: what.into(),
        source: source.files.join(", "),
        vintage: source.vintage.to_string(),
        rows: source.rows,
        method: method.into(),
    }
}

/// The market as it stood at one moment, with the forecasts made then.
pub(super) struct View<'a> {
    market: &'a Market,
    tracks: Vec<TrackForecast<'a>>,
    pay: PayModel<'a>,
    settings: &'a OutlookSettings,
    origin: Option<Period>,
}

/// The conditions of holding value at one horizon.
pub(super) struct Judged {
    pub(super) demand: DemandAt,
    pub(super) pay: Result<PayNow, String>,
    log_pay: Option<(f64, f64)>,
    pub(super) p_share: f64,
    p_larger_share: f64,
    p_pay: Option<f64>,
    p_jobs: Option<f64>,
    pub(super) p_holds: Option<f64>,
}

impl<'a> View<'a> {
    pub(super) fn new(
        market: &'a Market,
        tracks: &'a [Track],
        origin: Option<Period>,
        settings: &'a OutlookSettings,
    ) -> Result<Self> {
        let longest = settings.horizons_months.last().copied().unwrap_or(1).max(PAST_MONTHS);
        let months = NonZeroUsize::new(usize::from(longest)).unwrap_or(NonZeroUsize::MIN);
        let tracks = tracks.iter().map(|track| track.forecast(months)).collect::<Result<_>>()?;
        let pay = PayModel::new(market, origin, settings.floor_ratio);
        Ok(Self { market, tracks, pay, settings, origin })
    }

    /// The first track that knows the certificate and counts the region, or else the first that knows the
    /// certificate if at least the region's pay is known.
    fn track(&self, certificate: &Certificate, region: &RegionId) -> Option<&TrackForecast<'a>> {
        let shown = || self.tracks.iter().filter(|t| t.track.share(certificate).is_some());
        let counted = shown().find(|t| t.track.total(region).is_some());
        counted.or_else(|| shown().next().filter(|_| self.pay.surveys(region)))
    }

    /// The month of retirement, if it is known: later announcements are not known at the origin of a past check.
    fn retired(&self, certificate: &Certificate) -> Option<Period> {
        certificate.retired_month().filter(|month| self.origin.is_none_or(|origin| *month <= origin))
    }

    pub(super) fn judge(&self, certificate: &Certificate, region: &RegionId, months: u16) -> Option<Judged> {
        let track = self.track(certificate, region)?;
        let demand = track.at(certificate, region, months)?;
        let pay = self.pay.now(certificate, region);
        let settings = self.settings;
        let floor = demand.share_now + (1.0 - settings.delta).ln();
        let p_share = above(floor, demand.share);
        let p_larger_share = above(demand.share_now, demand.share);
        let now = demand.period.plus(-i32::from(months));
        let log_pay = pay.as_ref().ok().map(|pay| pay.at(now, months));
        let p_pay = pay.as_ref().ok().zip(log_pay).map(|(pay, log)| above(pay.benchmark_usd.ln() + settings.pi, log));
        let jobs = pay.as_ref().ok().and_then(|pay| pay.jobs).filter(|jobs| *jobs > 0.0);
        // Jobs move with demand: jobs[t+h] = jobs[t] x demand[t+h] / demand[t].
        let needed = jobs.map(|jobs| settings.n_jobs.ln() - jobs.ln() + demand.share_now + demand.total_now);
        let log_demand = (demand.share.0 + demand.total.0, demand.share.1.hypot(demand.total.1));
        let p_jobs = needed.map(|needed| above(needed, log_demand));
        let p_share_and_jobs = needed.map_or(p_share, |needed| both(floor, demand.share, needed, demand.total));
        let gone = self.retired(certificate).is_some_and(|month| month <= demand.period);
        let p_holds = if gone { Some(0.0) } else { p_pay.map(|p_pay| p_pay * p_share_and_jobs) };
        Some(Judged { demand, pay, log_pay, p_share, p_larger_share, p_pay, p_jobs, p_holds })
    }

    pub(super) fn outlook(&self, certificate: &Certificate, region: &RegionId) -> Outlook {
        let settings = self.settings;
        let judged: Vec<Option<Judged>> =
            settings.horizons_months.iter().map(|&h| self.judge(certificate, region, h)).collect();
        let track = self.track(certificate, region);
        let unit = track.map_or("", |t| t.track.unit);
        let horizons = settings.horizons_months.iter().zip(&judged);
        let horizons = horizons
            .filter_map(|(&months, judged)| {
                let j = judged.as_ref()?;
                let d = &j.demand;
                let pay_unit = |pay: &PayNow| format!("USD a year, in dollars of May {}", pay.year);
                Some(HorizonOutlook {
                    months,
                    period: d.period.to_string(),
                    demand: (!d.stand_in)
                        .then(|| Band::log_normal((d.share.0 + d.total.0, d.share.1.hypot(d.total.1)), unit)),
                    share_factor: Some(Band::log_normal((d.share.0 - d.share_now, d.share.1), "share now = 1")),
                    pay: j.pay.as_ref().ok().zip(j.log_pay).map(|(pay, log)| Band::log_normal(log, pay_unit(pay))),
                    p_holds_value: j.p_holds,
                    p_share: Some(j.p_share),
                    p_pay: j.p_pay,
                    p_jobs: j.p_jobs,
                })
            })
            .collect();
        let decided = settings.horizons_months.iter().position(|&h| h == settings.decision_months);
        let decided = decided.and_then(|index| judged[index].as_ref());
        let (verdict, reason) = self.verdict(certificate, region, decided);
        Outlook {
            id: certificate.id.clone(),
            name: certificate.name.clone(),
            region: region.clone(),
            kind: certificate.kind,
            basis: track.map(|t| t.track.basis),
            verdict,
            reason,
            horizons,
            alignment: None,
            past_check: None,
            evidence: self.evidence(region, track, decided),
        }
    }

    fn evidence(&self, region: &RegionId, track: Option<&TrackForecast<'a>>, judged: Option<&Judged>) -> Vec<Evidence> {
        let mut list = Vec::new();
        if let Some(track) = track {
            let (share_model, total_model) = track.models();
            let method = format!(
                "{}; share by {share_model}, total by {total_model}, chosen and calibrated on rolling origins inside \
                 the history, tested to {} months ahead (beyond that the spread is carried on)",
                track.track.method,
                track.longest_tested()
            );
            let mut methods = std::iter::once(method).chain(std::iter::repeat("total of the nation".to_owned()));
            list.extend(track.track.sources.iter().map(|s| evidence("demand", s, methods.next().unwrap_or_default())));
            if judged.is_some_and(|judged| judged.demand.stand_in) {
                let method = format!("no table counts all demand in {region}: the nation's growth stands in for it");
                list.extend(track.track.sources.last().map(|source| evidence("demand", source, method)));
            } else if let Some(source) = track.track.state_source.as_ref().filter(|_| !region.is_nation()) {
                let method = "total of the state; the sector's share of it is taken to be that of the nation";
                list.push(evidence("demand", source, method));
            }
        }
        let Some((table, pay)) = self.market.pay.as_ref().zip(judged.and_then(|j| j.pay.as_ref().ok())) else {
            return list;
        };
        let spread = match pay.changes {
            0 => format!("drift sd {:.3} a year (prior)", pay.change_sd),
            n => format!("drift sd {:.3} a year from {n} yearly changes and all occupations'", pay.change_sd),
        };
        let benchmark = if pay.benchmark_is_high_school { "high-school graduates" } else { "a share of all workers" };
        let method = format!(
            "median pay of its occupations in {}, May {}, relative to all occupations, as a random walk; {spread}; \
             benchmark {:.0} USD ({benchmark}); the occupation's pay, not what the certificate causes",
            pay.region, pay.year, pay.benchmark_usd
        );
        list.push(evidence("pay", &table.source, method));
        if let (Some((shift, month)), Some(table)) = (pay.nowcast, &self.market.posted_pay_growth) {
            let method = format!(
                "posted pay of its sector against all sectors moved pay by {:+.1} % to {month}",
                100.0 * shift.exp_m1()
            );
            list.push(evidence("pay", &table.source, method));
        }
        list
    }

    pub(super) fn verdict(
        &self,
        certificate: &Certificate,
        region: &RegionId,
        judged: Option<&Judged>,
    ) -> (Verdict, String) {
        let settings = self.settings;
        let now = self
            .origin
            .or_else(|| self.market.vintage().and_then(|day| Period::containing(day, crate::Frequency::Monthly)));
        let decided = judged.map(|judged| judged.demand.period).max(now);
        if let Some(retired) = self.retired(certificate).filter(|month| decided.is_none_or(|target| *month <= target)) {
            let tense = if now.is_none_or(|now| retired <= now) { "retired" } else { "will be retired" };
            return (Verdict::PhaseOut, format!("{tense} by its issuer in {retired}"));
        }
        let Some(judged) = judged else {
            return (Verdict::CannotTell, self.why_no_demand(certificate, region));
        };
        if let Err(reason) = &judged.pay {
            return (Verdict::CannotTell, reason.clone());
        }
        let band = (2.0 * judged.demand.share.1 * normal::quantile(0.9)).exp();
        if band > settings.widest_band {
            let reason = format!(
                "the forecast of its share in {} months spans a factor of {band:.1}, more than {}",
                settings.decision_months, settings.widest_band
            );
            return (Verdict::CannotTell, reason);
        }
        let Some(p) = judged.p_holds else { return (Verdict::CannotTell, "pay is unknown".into()) };
        let verdict = if p <= settings.phase_out_at {
            Verdict::PhaseOut
        } else if p < settings.hold_at {
            Verdict::Watch
        } else if judged.p_larger_share >= settings.grow_at {
            Verdict::Grow
        } else {
            Verdict::Hold
        };
        (verdict, self.reason(judged, verdict))
    }

    /// The condition that decided, with its numbers.
    fn reason(&self, judged: &Judged, verdict: Verdict) -> String {
        let settings = self.settings;
        let factor = (judged.demand.share.0 - judged.demand.share_now).exp();
        let percent = |p: f64| format!("{:.0} %", 100.0 * p);
        let share = format!(
            "share of demand {} in {} months with {} (expected {:+.0} %)",
            if verdict == Verdict::Grow { "is larger" } else { "holds" },
            settings.decision_months,
            percent(if verdict == Verdict::Grow { judged.p_larger_share } else { judged.p_share }),
            100.0 * (factor - 1.0)
        );
        let Some((pay, p_pay)) = judged.pay.as_ref().ok().zip(judged.p_pay) else { return share };
        let bar = pay.benchmark_usd * settings.pi.exp();
        let pay_text = format!("pay {:.0} against the bar {bar:.0} clears it with {}", pay.usd, percent(p_pay));
        match judged.p_jobs {
            Some(p_jobs) if p_jobs < judged.p_share.min(p_pay) => {
                format!("at least {} jobs with {}; {share}; {pay_text}", settings.n_jobs, percent(p_jobs))
            }
            _ if p_pay < judged.p_share => format!("{pay_text}; {share}"),
            _ => format!("{share}; {pay_text}"),
        }
    }

    /// Change of relative pay since the survey known then, and whether pay cleared the bar at `target`; `None` where no
    /// survey of that year or later than the known one exists.
    pub(super) fn pay_outcome(
        &self,
        certificate: &Certificate,
        pay: &PayNow,
        target: Period,
    ) -> (Option<f64>, Option<bool>) {
        let year = target.first_day().map_or(0, |day| if day.month() < 5 { day.year() - 1 } else { day.year() });
        let relative = |year| self.pay.relative(certificate, year);
        let Some((then, now)) = relative(pay.year).zip(relative(year)).filter(|_| year > pay.year) else {
            return (None, None);
        };
        let factor = (now - then).exp();
        let bar = pay.benchmark_usd * self.settings.pi.exp();
        (Some(factor), Some(pay.usd * factor >= bar))
    }

    fn why_no_demand(&self, certificate: &Certificate, region: &RegionId) -> String {
        if self.tracks.iter().any(|t| t.track.share(certificate).is_some()) {
            return format!("neither demand nor pay is known for {region}");
        }
        if let Some(last) = self.tracks.iter().filter_map(|t| t.track.last_seen(certificate)).max() {
            return format!("its demand was last seen in {last}");
        }
        match (&certificate.sector, certificate.soc.is_empty()) {
            (None, true) => "it is linked to no occupation and no sector".into(),
            (Some(sector), _) if self.market.sector_postings.is_some() => {
                format!("no postings are known for its sector {sector:?}")
            }
            _ => "none of its occupations is staffed in the industries that the market counts".into(),
        }
    }
}

/// The probability that a normal variable is at least `floor`; a step without spread.
fn above(floor: f64, (mean, sd): (f64, f64)) -> f64 {
    if sd > 0.0 { normal::cdf((mean - floor) / sd) } else { f64::from(u8::from(mean >= floor)) }
}

/// The probability that `share >= floor` and `share + total >= needed`, the two independent: the mean over the share's
/// quantiles above `floor` of the chance that the total makes up the rest.
fn both(floor: f64, share: (f64, f64), needed: f64, total: (f64, f64)) -> f64 {
    let p_share = above(floor, share);
    if p_share <= 0.0 || share.1 <= 0.0 {
        return p_share * above(needed - share.0, total);
    }
    let mean: f64 = (0..QUADRATURE)
        .map(|i| {
            let upper = (f64::from(i) + 0.5) / f64::from(QUADRATURE) * p_share;
            above(needed - (share.0 - share.1 * normal::quantile(upper)), total)
        })
        .sum::<f64>()
        / f64::from(QUADRATURE);
    p_share * mean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_joint_probability_has_its_limits() {
        let (share, total) = ((0.0, 0.3), (5.0, 0.2));
        // A bound far below leaves the share alone; one far above leaves nothing.
        assert!((both(-0.1, share, -100.0, total) - above(-0.1, share)).abs() < 1e-12);
        assert!(both(-0.1, share, 100.0, total) < 1e-12);
        // Without a floor it is the probability of the sum: N(5, 0.36056).
        let sum = above(5.2, (5.0, 0.3_f64.hypot(0.2)));
        assert!((both(-100.0, share, 5.2, total) - sum).abs() < 1e-4);
        // A share without spread is a step.
        assert!((both(-0.1, (0.0, 0.0), 5.0, total) - 0.5).abs() < 1e-12);
        assert!(both(0.1, (0.0, 0.0), 5.0, total).abs() < 1e-12);
    }

    #[test]
    fn bands_are_those_of_the_log_normal() {
        let band = Band::log_normal((0.0, 1.0), "x");
        assert!((band.p50 - 1.0).abs() < 1e-12 && (band.p90.ln() - 1.281_551_565_545).abs() < 1e-9);
    }
}
