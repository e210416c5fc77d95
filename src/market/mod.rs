//! A labour market in memory: catalogue, demand, pay and supply, each with where it came from and since when it was
//! knowable. [`simulated`] makes one of which everything is known.

mod demand;
mod employment;
mod leavers;
mod manifest;
mod pay;
pub mod simulated;
mod supply;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

pub use self::demand::{CertificateDemand, DemandCell, DemandPanel};
pub use self::employment::{Industry, IndustryEmployment, StaffingRow};
pub use self::leavers::{Exclusion, GroupColumn, GroupLabels, LeaverColumn, Leavers};
pub use self::manifest::{Manifest, ManifestTable, TableKind};
pub use self::pay::{OccupationYear, PayTable};
pub use self::supply::{Programme, Supply};
use crate::catalog::Catalog;
use crate::panel::Panel;

/// Where a table came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// What the table is, as in the manifest.
    pub kind: TableKind,
    /// The files, as the manifest names them.
    pub files: Vec<String>,
    /// The day from which all of it was knowable.
    #[serde(serialize_with = "as_text")]
    pub vintage: Date,
    /// Rows used.
    pub rows: usize,
}

fn as_text<S: serde::Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(date)
}

/// A table with its provenance.
#[derive(Clone, Debug)]
pub struct Sourced<T> {
    /// The content.
    pub data: T,
    /// Where it came from.
    pub source: Provenance,
}

/// Everything that an outlook may use. What a market lacks is `None`; the outlook then says what it cannot tell.
#[derive(Clone, Debug, Default)]
pub struct Market {
    /// The certificates.
    pub catalog: Catalog,
    /// Monthly postings that ask for a certificate, keyed by certificate and region; the first column. A column `total` holds all
    /// postings of the region and month.
    pub certificate_postings: Option<Sourced<Panel>>,
    /// Monthly postings index by sector; the nation.
    pub sector_postings: Option<Sourced<Panel>>,
    /// Monthly postings index of all sectors together, keyed by region: the nation or the states, one table each.
    pub total_postings: Vec<Sourced<Panel>>,
    /// Employment by industry with the staffing patterns that link it to occupations; the nation.
    pub employment: Option<Sourced<IndustryEmployment>>,
    /// Employment and pay of occupations by region and year.
    pub pay: Option<Sourced<PayTable>>,
    /// Year-over-year growth of posted pay by sector, monthly.
    pub posted_pay_growth: Option<Sourced<Panel>>,
    /// Certificate programmes with completers and earnings.
    pub supply: Option<Sourced<Supply>>,
}

impl Market {
    /// The provenance of every table that is there.
    #[must_use]
    pub fn sources(&self) -> Vec<&Provenance> {
        let mut sources: Vec<&Provenance> = Vec::new();
        sources.extend(self.certificate_postings.iter().map(|t| &t.source));
        sources.extend(self.sector_postings.iter().map(|t| &t.source));
        sources.extend(self.total_postings.iter().map(|t| &t.source));
        sources.extend(self.employment.iter().map(|t| &t.source));
        sources.extend(self.pay.iter().map(|t| &t.source));
        sources.extend(self.posted_pay_growth.iter().map(|t| &t.source));
        sources.extend(self.supply.iter().map(|t| &t.source));
        sources
    }

    /// The day from which the newest table was knowable.
    #[must_use]
    pub fn vintage(&self) -> Option<Date> {
        self.sources().iter().map(|s| s.vintage).max()
    }
}

/// Sums by key, in key order: the shape of most look-ups on tables.
pub(crate) type Sums<K> = BTreeMap<K, f64>;
