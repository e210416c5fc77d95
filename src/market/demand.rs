//! Demand for certificates, counted in postings.

use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;

use crate::error::DataError;
use crate::key::{RegionId, SeriesKey};
use crate::panel::{GapPolicy, Panel, PanelBuilder};
use crate::time::{Frequency, Period};

/// One certificate (or family of versions) in one region and period, of all occupations together or of one.
///
/// A posting counts once, in the strongest class of its mentions: required, preferred, negated, mentioned. Employers, entry level
/// and pay are of the postings that ask, required and preferred together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DemandCell {
    /// The certificate's id, or the family's name where postings do not say which version.
    pub item: Arc<str>,
    /// Whether `item` is a family.
    pub is_family: bool,
    /// SOC code of the occupation; `None` for all together.
    pub soc: Option<Arc<str>>,
    /// The region; the nation holds postings of no known region too.
    pub region: RegionId,
    /// When they were posted.
    #[serde(serialize_with = "as_text")]
    pub period: Period,
    /// Postings that require it.
    pub required: u64,
    /// Postings that prefer it.
    pub preferred: u64,
    /// Postings that name it and ask nothing.
    pub mentioned: u64,
    /// Postings that say that it is not needed.
    pub negated: u64,
    /// Different employers among those that are known.
    pub employers: u64,
    /// Postings of employers that are not known.
    pub unnamed: u64,
    /// Herfindahl-Hirschman index of the employers that are known, in (0, 1]: the sum of squared shares of postings.
    pub hhi: Option<f64>,
    /// Postings for beginners.
    pub entry: u64,
    /// Postings that say whether they are for beginners.
    pub entry_known: u64,
    /// Postings that state pay from which a year's amount in US dollars follows.
    pub paid: u64,
    /// Quartiles of the middle of stated pay in US dollars a year: 25, 50, 75 %, exact (R type 7).
    pub pay: Option<[f64; 3]>,
    /// All postings of the region and period (and occupation), whatever they name.
    pub total: u64,
}

fn as_text<S: serde::Serializer, T: std::fmt::Display>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

impl DemandCell {
    /// Postings that ask for it.
    #[must_use]
    pub fn asked(&self) -> u64 {
        self.required + self.preferred
    }

    /// Postings that ask for it over all postings, in [0, 1]; `None` where there is none at all.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        (self.total > 0).then(|| self.asked() as f64 / self.total as f64)
    }

    /// Postings for beginners over those that say; `None` where none says.
    #[must_use]
    pub fn entry_share(&self) -> Option<f64> {
        (self.entry_known > 0).then(|| self.entry as f64 / self.entry_known as f64)
    }

    /// The name of its series: the item, with the occupation behind a slash if it is of one.
    #[must_use]
    pub fn series(&self) -> String {
        match &self.soc {
            Some(soc) => format!("{}/{soc}", self.item),
            None => self.item.to_string(),
        }
    }

    /// The measures in the order of [`DemandPanel::MEASURES`]; `None` is missing.
    #[must_use]
    pub fn measures(&self) -> [Option<f64>; 16] {
        let quartile = |i: usize| self.pay.map(|pay| pay[i]);
        let count = |n: u64| Some(n as f64);
        [
            count(self.asked()),
            count(self.required),
            count(self.preferred),
            count(self.mentioned),
            count(self.negated),
            count(self.employers),
            count(self.unnamed),
            self.hhi,
            count(self.entry),
            count(self.entry_known),
            self.entry_share(),
            count(self.paid),
            quartile(0),
            quartile(1),
            quartile(2),
            count(self.total),
        ]
    }
}

/// Demand for certificates by period and region.
///
/// Cells are sorted by item, occupation, region and period. Every series that occurs has a cell for every period in which there
/// is any posting at all, from the first to the last: zero is a count too.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DemandPanel {
    /// Length of a period.
    pub frequency: Frequency,
    /// The day from which all of it was knowable.
    #[serde(serialize_with = "as_text")]
    pub vintage: Date,
    /// The cells.
    pub cells: Vec<DemandCell>,
}

/// A certificate in the nation over all periods.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CertificateDemand {
    /// The certificate, or family.
    pub item: Arc<str>,
    /// Postings that require it.
    pub required: u64,
    /// Postings that prefer it.
    pub preferred: u64,
    /// Postings that name it and ask nothing.
    pub mentioned: u64,
    /// Postings that say that it is not needed.
    pub negated: u64,
    /// Postings that ask for it over all postings.
    pub share: Option<f64>,
    /// Postings for beginners over those that say, among those that ask.
    pub entry_share: Option<f64>,
}

impl CertificateDemand {
    /// Postings that ask for it.
    #[must_use]
    pub fn asked(&self) -> u64 {
        self.required + self.preferred
    }
}

impl DemandPanel {
    /// Demand in the nation over all periods, the most asked for first, of equals by name. O(cells).
    #[must_use]
    pub fn certificates(&self) -> Vec<CertificateDemand> {
        let national: Vec<&DemandCell> =
            self.cells.iter().filter(|demand| demand.region.is_nation() && demand.soc.is_none()).collect();
        let of_item = |cells: &[&DemandCell]| {
            let sum = |count: fn(&DemandCell) -> u64| cells.iter().map(|demand| count(demand)).sum::<u64>();
            let ratio = |n: u64, of: u64| (of > 0).then(|| n as f64 / of as f64);
            CertificateDemand {
                item: Arc::clone(&cells[0].item),
                required: sum(|demand| demand.required),
                preferred: sum(|demand| demand.preferred),
                mentioned: sum(|demand| demand.mentioned),
                negated: sum(|demand| demand.negated),
                share: ratio(sum(DemandCell::asked), sum(|demand| demand.total)),
                entry_share: ratio(sum(|demand| demand.entry), sum(|demand| demand.entry_known)),
            }
        };
        let mut certificates: Vec<CertificateDemand> =
            national.chunk_by(|a, b| a.item == b.item).map(of_item).collect();
        certificates.sort_by_key(|certificate| std::cmp::Reverse(certificate.asked()));
        certificates
    }

    /// Number of series.
    #[must_use]
    pub fn n_series(&self) -> usize {
        self.cells.chunk_by(|a, b| a.item == b.item && a.soc == b.soc && a.region == b.region).count()
    }

    /// The measures of a cell, `y` being the postings that ask.
    pub const MEASURES: [&'static str; 16] = [
        "y",
        "required",
        "preferred",
        "mentioned",
        "negated",
        "employers",
        "unnamed_employers",
        "employer_hhi",
        "entry",
        "entry_known",
        "entry_share",
        "paid",
        "pay_p25_usd",
        "pay_median_usd",
        "pay_p75_usd",
        "total",
    ];

    /// The measures as a panel of series; periods without any posting are gaps of NaN. O(cells).
    ///
    /// # Errors
    /// [`DataError::Empty`] without a cell.
    pub fn to_panel(&self) -> Result<Panel, DataError> {
        if self.cells.is_empty() {
            return Err(DataError::Empty { what: "the demand panel".to_owned() });
        }
        let mut builder = PanelBuilder::new(self.frequency, Self::MEASURES).gaps(GapPolicy::Missing);
        for cell in &self.cells {
            let key = SeriesKey::new(cell.series(), cell.region.as_str());
            builder.push(&key, cell.period, &cell.measures().map(|value| value.unwrap_or(f64::NAN)))?;
        }
        builder.build()
    }
}
