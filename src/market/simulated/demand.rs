//! True demand: originals that name each certificate, by month, region and class.

use std::collections::BTreeMap;
use std::ops::Range;

use super::SimulatedMarket;
use super::draft::Draft;
use super::posting::MentionClass;
use super::tables::TableRow;
use crate::key::{CertificateId, RegionId};
use crate::time::Period;

/// The classes in the order of the counts.
const CLASSES: usize = 4;

/// Counts of a range of postings; counts of several ranges add up to those of the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DemandCounts {
    /// By certificate, month and region (places in the lists of the market), by class.
    cells: BTreeMap<(usize, usize, usize), [u64; CLASSES]>,
    /// Originals by month and region.
    totals: BTreeMap<(usize, usize), u64>,
    /// Originals that ask for any certificate.
    asking: u64,
}

impl DemandCounts {
    /// Adds the counts of another range.
    pub fn merge(&mut self, other: &Self) {
        for (cell, counts) in &other.cells {
            let sums = self.cells.entry(*cell).or_default();
            sums.iter_mut().zip(counts).for_each(|(sum, n)| *sum += n);
        }
        for (cell, n) in &other.totals {
            *self.totals.entry(*cell).or_default() += n;
        }
        self.asking += other.asking;
    }

    /// Originals counted.
    #[must_use]
    pub fn originals(&self) -> u64 {
        self.totals.values().sum()
    }

    /// Originals that ask for a certificate, required or preferred.
    #[must_use]
    pub fn asking(&self) -> u64 {
        self.asking
    }

    pub(super) fn asked(&self, certificate: usize, month: usize, region: usize) -> u64 {
        self.cells.get(&(certificate, month, region)).map_or(0, |n| n[0] + n[1])
    }
}

/// One certificate in one month and region, after copies are taken out. Copies of all kinds are: a job reposted after a gap counts
/// in the month of its first advertisement only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemandRow {
    /// Certificate.
    pub certificate: CertificateId,
    /// Month.
    pub month: Period,
    /// Region.
    pub region: RegionId,
    /// Originals that require it.
    pub required: u64,
    /// Originals that prefer it.
    pub preferred: u64,
    /// Originals that name it in passing.
    pub mentioned: u64,
    /// Originals that say that it is not needed.
    pub negated: u64,
    /// All originals of the month and region.
    pub postings: u64,
}

impl TableRow for DemandRow {
    const COLUMNS: &'static [&'static str] =
        &["certificate", "month", "region", "required", "preferred", "mentioned", "negated", "postings"];

    fn cells(&self) -> Vec<String> {
        let Self { certificate, month, region, required, preferred, mentioned, negated, postings } = self;
        let counts = [required, preferred, mentioned, negated, postings].map(ToString::to_string);
        [certificate.to_string(), month.to_string(), region.to_string()].into_iter().chain(counts).collect()
    }
}

impl SimulatedMarket {
    /// Counts the postings of a range without writing their texts; cheaper than the postings themselves.
    #[must_use]
    pub fn demand(&self, numbers: Range<u64>) -> DemandCounts {
        let mut counts = DemandCounts::default();
        for i in numbers.start..numbers.end.min(self.len()) {
            if self.original(i).1.is_some() {
                continue;
            }
            let draft = Draft::new(&self.world, i);
            *counts.totals.entry((draft.month, draft.region)).or_default() += 1;
            let is_asked = |class| matches!(class, MentionClass::Required | MentionClass::Preferred);
            counts.asking += u64::from(draft.named.iter().any(|n| is_asked(n.class)));
            for named in &draft.named {
                let cell = counts.cells.entry((named.certificate, draft.month, draft.region)).or_default();
                cell[named.class as usize] += 1;
            }
        }
        counts
    }

    /// Counts as rows, by certificate, month and region; cells without any mention are left out.
    pub fn demand_rows<'a>(&'a self, counts: &'a DemandCounts) -> impl Iterator<Item = DemandRow> + 'a {
        counts.cells.iter().map(|(&(certificate, month, region), n)| DemandRow {
            certificate: self.world.ids[certificate].clone(),
            month: self.month(month),
            region: self.world.regions[region].id.clone(),
            required: n[0],
            preferred: n[1],
            mentioned: n[2],
            negated: n[3],
            postings: counts.totals.get(&(month, region)).copied().unwrap_or(0),
        })
    }
}
