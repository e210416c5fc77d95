//! An extraction in a few numbers, for programs.

use serde::Serialize;

use super::report::ExtractReport;
use super::run::Extraction;
use crate::market::CertificateDemand;

/// An extraction in a few numbers: how records reconcile, and demand over all periods.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExtractSummary<'e> {
    /// Records in all files.
    pub read: u64,
    /// Postings that count.
    pub used: u64,
    /// Copies that do not.
    pub duplicates: u64,
    /// Records that could not be used: `read = used + duplicates + rejected`.
    pub rejected: u64,
    /// Series of the panel.
    pub series: usize,
    /// Rows of the panel.
    pub rows: usize,
    /// The nation's demand over all periods, the most asked for first.
    pub certificates: Vec<CertificateDemand>,
    /// Everything else that was counted.
    pub report: &'e ExtractReport,
}

impl Extraction {
    /// The summary. O(cells).
    #[must_use]
    pub fn summary(&self) -> ExtractSummary<'_> {
        let Self { panel, report } = self;
        ExtractSummary {
            read: report.postings.read(),
            used: report.counted,
            duplicates: report.left_out,
            rejected: report.postings.rejected(),
            series: panel.n_series(),
            rows: panel.cells.len(),
            certificates: panel.certificates(),
            report,
        }
    }
}
