//! The outlook of every certificate: what each layer below knows, put together.

use serde::Serialize;

use super::alignment::{Alignment, AlignmentModel};
use super::demand::Track;
use super::past_check::{PastCheck, PastCheckSummary, PastCut};
use super::pay::PRIOR_CHANGE_SD;
use super::settings::OutlookSettings;
use super::verdict::Verdict;
use super::view::{View, evidence};
use crate::catalog::{DemandBasis, Kind};
use crate::error::{DataError, Result};
use crate::key::{CertificateId, RegionId};
use crate::market::{Market, Provenance};
use crate::numeric::normal;
use crate::time::Period;

/// First decile, median and ninth decile.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Band {
    /// First decile.
    pub p10: f64,
    /// Median.
    pub p50: f64,
    /// Ninth decile.
    pub p90: f64,
    /// What the numbers count.
    pub unit: String,
}

impl Band {
    /// The band of the exponential of a normal.
    pub(super) fn log_normal((mean, sd): (f64, f64), unit: impl Into<String>) -> Self {
        let at = |p: f64| (mean + sd * normal::quantile(p)).exp();
        Self { p10: at(0.1), p50: at(0.5), p90: at(0.9), unit: unit.into() }
    }
}

/// One horizon of an outlook.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HorizonOutlook {
    /// Months after the last known demand.
    pub months: u16,
    /// The month meant.
    pub period: String,
    /// Demand in the region; `None` where no table counts the region's total.
    pub demand: Option<Band>,
    /// Change of the share of demand, as a factor.
    pub share_factor: Option<Band>,
    /// Typical annual pay.
    pub pay: Option<Band>,
    /// Probability of holding value; 0 once the issuer has retired it; `None` if it cannot be told.
    pub p_holds_value: Option<f64>,
    /// Probability that the share holds.
    pub p_share: Option<f64>,
    /// Probability that pay clears the bar.
    pub p_pay: Option<f64>,
    /// Probability of enough jobs; `None` where the region's jobs are not published.
    pub p_jobs: Option<f64>,
}

/// Where a number comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The number it stands behind: `demand`, `pay`, `supply` or `catalogue`.
    pub what: String,
    /// The files.
    pub source: String,
    /// The day from which they were knowable.
    pub vintage: String,
    /// Rows used of them.
    pub rows: usize,
    /// How the number was made.
    pub method: String,
}

/// What one certificate is expected to be worth in one region.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outlook {
    /// The certificate.
    pub id: CertificateId,
    /// Its name.
    pub name: String,
    /// The region.
    pub region: RegionId,
    /// What sort of credential it is.
    pub kind: Kind,
    /// By what its demand was counted; `None` if it could not be.
    pub basis: Option<DemandBasis>,
    /// What to do with it.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// The horizons asked for.
    pub horizons: Vec<HorizonOutlook>,
    /// Supply against demand; `None` where the market does not know both.
    pub alignment: Option<Alignment>,
    /// The same method, standing earlier; `None` where the data do not reach back far enough.
    pub past_check: Option<PastCheck>,
    /// Where the numbers come from.
    pub evidence: Vec<Evidence>,
}

/// Every outlook that was asked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutlookReport {
    /// The day from which the newest table was knowable.
    pub vintage: String,
    /// What a reader must know first.
    pub headline: Vec<String>,
    /// What "holds value" means here.
    pub settings: OutlookSettings,
    /// The outlooks, by certificate and region.
    pub certificates: Vec<Outlook>,
    /// All past checks together.
    pub past_check: PastCheckSummary,
    /// The tables used.
    pub sources: Vec<Provenance>,
}

impl OutlookReport {
    /// Computes the outlook of every certificate of the market's catalogue in each of `regions`.
    ///
    /// Deterministic. Cost: two calibrated panel forecasts for each way of counting demand (now and for the past
    /// check), then O(certificates x regions x horizons).
    ///
    /// # Errors
    /// [`Error::Param`](crate::Error) for settings outside their range; [`DataError::Empty`] for a market without
    /// certificates or without any table of demand. A certificate that the data say nothing about is no error: its
    /// verdict is [`Verdict::CannotTell`].
    pub fn compute(market: &Market, regions: &[RegionId], settings: &OutlookSettings) -> Result<Self> {
        settings.check()?;
        if market.catalog.is_empty() {
            return Err(DataError::Empty { what: "the catalogue".into() }.into());
        }
        let tracks = Track::all(market)?;
        if tracks.is_empty() {
            let what = "the market (no table of postings or of employment: demand cannot be seen, so it)".into();
            return Err(DataError::Empty { what }.into());
        }
        let now = View::new(market, &tracks, None, settings)?;
        let past = PastCut::new(&tracks, settings);
        let then = match &past {
            Some(cut) => Some(View::new(market, &cut.tracks, Some(cut.origin), &cut.settings)?),
            None => None,
        };
        let supply = AlignmentModel::new(market);
        let mut certificates = Vec::with_capacity(market.catalog.len() * regions.len());
        for certificate in market.catalog.iter() {
            for region in regions {
                let mut outlook = now.outlook(certificate, region);
                outlook.alignment = supply.of(certificate, region);
                if let (Some(_), Some(table)) = (&outlook.alignment, &market.supply) {
                    let method = "completers a year of its fields per job in its occupations, against the median \
                                  certificate of the nation; institutions with federal student aid only";
                    outlook.evidence.push(evidence("supply", &table.source, method));
                }
                let past = past.as_ref().zip(then.as_ref());
                outlook.past_check = past.and_then(|(cut, view)| cut.check(view, certificate, region));
                certificates.push(outlook);
            }
        }
        let checks: Vec<&PastCheck> = certificates.iter().filter_map(|c| c.past_check.as_ref()).collect();
        let past_check = PastCheckSummary::of(&checks, not_known_then(market));
        Ok(Self {
            vintage: market.vintage().map_or_else(String::new, |day| day.to_string()),
            headline: headline(market, &tracks),
            settings: settings.clone(),
            certificates,
            past_check,
            sources: market.sources().into_iter().cloned().collect(),
        })
    }

    /// Keeps the outlooks of the certificates that `keep` accepts. Past check and medians stay those of all.
    pub fn retain(&mut self, keep: impl Fn(&CertificateId) -> bool) {
        self.certificates.retain(|outlook| keep(&outlook.id));
    }

    /// How many outlooks have each verdict, best first.
    #[must_use]
    pub fn verdict_counts(&self) -> [(Verdict, usize); 5] {
        Verdict::ALL.map(|verdict| (verdict, self.certificates.iter().filter(|c| c.verdict == verdict).count()))
    }
}

/// What the first lines must say about the data.
fn headline(market: &Market, tracks: &[Track]) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(last) = tracks.iter().filter_map(Track::last_share_period).max() {
        let vintage = market.vintage().map(|day| Period::containing(day, crate::Frequency::Monthly));
        let age = vintage.flatten().and_then(|now| now.since(last)).unwrap_or(0);
        let stale = if age > 12 {
            format!(", {age} months before the newest table of this market: read the horizons as months after {last}")
        } else {
            String::new()
        };
        lines.push(format!("Demand is known to {last}{stale}."));
    }
    if let Some(table) = &market.pay {
        let years = table.data.years();
        if let (Some(first), Some(last)) = (years.first(), years.last()) {
            lines.push(if first == last {
                format!(
                    "Pay is known for May {last} only: its drift over the horizon is the usual one of occupations \
                     (sd {PRIOR_CHANGE_SD} a year on the log scale, OEWS 2017 to 2024), not measured in this market."
                )
            } else {
                format!("Pay is known for May of {} years, {first} to {last}.", years.len())
            });
        }
    }
    if market.certificate_postings.is_none() {
        lines.push(
            "No table counts postings by certificate: demand is that of the linked sector or occupations, so \
             certificates that lead to the same work get the same demand."
                .into(),
        );
    }
    lines
}

/// What a past check cannot help knowing.
fn not_known_then(market: &Market) -> Vec<String> {
    let mut known = vec!["the catalogue's links from certificates to occupations and sectors".to_owned()];
    if market.employment.is_some() {
        known.push(
            "the staffing pattern of industries (one survey year for all months, so that what happened is smoother here \
             than it was)"
                .into(),
        );
    }
    if market.supply.is_some() {
        known.push("how the earnings of high-school graduates stand to the pay of all occupations".into());
    }
    known
}
