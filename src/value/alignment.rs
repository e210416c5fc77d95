//! Supply against demand, in five ordered classes with a probability each.

use serde::Serialize;

use crate::catalog::Certificate;
use crate::key::RegionId;
use crate::market::Market;
use crate::numeric::{normal, quantile};

/// Added to completers and to their counterpart, so that small programmes do not swing: half a completer.
const SMOOTHING: f64 = 0.5;
/// Bounds between the classes, as the ratio of completers per job to the catalogue's median. The cuts are ours.
const CUTS: [f64; 4] = [0.25, 0.5, 2.0, 4.0];
/// Spread of the ratio that no survey error explains: completers work in other fields, and jobs are filled by others.
/// A factor of 1.5 either way at one standard deviation; ours, stated, not estimated.
const MODEL_LOG_SD: f64 = 0.405;

/// How the number of completers compares with the number of linked jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AlignmentClass {
    /// Below a quarter of the median ratio.
    FarUndersupplied,
    /// A quarter to half of it.
    Undersupplied,
    /// Half to twice.
    Aligned,
    /// Twice to four times.
    Oversupplied,
    /// More than four times.
    FarOversupplied,
}

impl AlignmentClass {
    /// All classes in order.
    pub const ALL: [Self; 5] =
        [Self::FarUndersupplied, Self::Undersupplied, Self::Aligned, Self::Oversupplied, Self::FarOversupplied];
}

/// Completers of a certificate's fields against jobs in its occupations.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alignment {
    /// Completers a year of the linked fields that the source counts.
    pub completers: f64,
    /// Weighted jobs in the linked occupations.
    pub jobs: f64,
    /// Completers per job over the median of the nation's certificates.
    pub ratio: f64,
    /// The most probable class.
    pub class: AlignmentClass,
    /// The probability of each class, in order.
    pub probabilities: [f64; 5],
}

/// The supply side of a market.
pub(super) struct AlignmentModel<'a> {
    market: &'a Market,
    median_log_ratio: Option<f64>,
}

impl<'a> AlignmentModel<'a> {
    pub(super) fn new(market: &'a Market) -> Self {
        let model = Self { market, median_log_ratio: None };
        let mut logs: Vec<f64> =
            market.catalog.iter().filter_map(|c| model.raw(c, &RegionId::nation())).map(|raw| raw.log_ratio).collect();
        let median_log_ratio = (!logs.is_empty()).then(|| quantile::median(&mut logs));
        Self { market, median_log_ratio }
    }

    fn raw(&self, certificate: &Certificate, region: &RegionId) -> Option<Raw> {
        let supply = &self.market.supply.as_ref()?.data;
        let pay = &self.market.pay.as_ref()?.data;
        let year = *pay.years().last()?;
        let known: Vec<f64> = certificate.cip4.iter().filter_map(|f| supply.completers(region, f)).collect();
        if known.is_empty() || certificate.soc.is_empty() {
            return None;
        }
        let completers: f64 = known.iter().sum();
        let (mut jobs, mut variance) = (0.0, 0.0);
        for link in &certificate.soc {
            let cell = pay.get(&link.code, region, year)?;
            let employment = link.weight * cell.employment?;
            jobs += employment;
            variance += (employment * cell.employment_rse.unwrap_or(0.0)).powi(2);
        }
        let counted = completers + SMOOTHING;
        let log_sd = (1.0 / counted + variance / (jobs * jobs) + MODEL_LOG_SD * MODEL_LOG_SD).sqrt();
        (jobs > 0.0).then(|| Raw { completers, jobs, log_ratio: (counted / jobs).ln(), log_sd })
    }

    /// The alignment of a certificate; `None` where completers or jobs are not known.
    pub(super) fn of(&self, certificate: &Certificate, region: &RegionId) -> Option<Alignment> {
        let raw = self.raw(certificate, region)?;
        let log_ratio = raw.log_ratio - self.median_log_ratio?;
        let below = CUTS.map(|cut: f64| normal::cdf((cut.ln() - log_ratio) / raw.log_sd));
        let probabilities = [below[0], below[1] - below[0], below[2] - below[1], below[3] - below[2], 1.0 - below[3]];
        let best = (0..5).max_by(|&a, &b| probabilities[a].total_cmp(&probabilities[b])).unwrap_or(2);
        Some(Alignment {
            completers: raw.completers,
            jobs: raw.jobs,
            ratio: log_ratio.exp(),
            class: AlignmentClass::ALL[best],
            probabilities,
        })
    }
}

struct Raw {
    completers: f64,
    jobs: f64,
    log_ratio: f64,
    log_sd: f64,
}
