//! Certificates earned by school year.

use super::SimulatedMarket;
use super::calendar::rounded;
use super::certificates::CERTIFICATES;
use super::tables::TableRow;
use crate::key::{CertificateId, RegionId};
use crate::numeric::random::SplitMix64;

/// Certificates earned in a school year in all regions together; a guess.
const EARNED_PER_YEAR: f64 = 120_000.0;
/// How unequal the certificates are that nobody asks for; a guess.
const UNASKED_ZIPF: f64 = 0.8;
/// The school year that begins in this month of the calendar year.
const FIRST_MONTH: i32 = 6;

/// Certificates earned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupplyRow {
    /// Certificate.
    pub certificate: CertificateId,
    /// Region.
    pub region: RegionId,
    /// Calendar year in which the school year ends, in June.
    pub school_year: i32,
    /// Number earned.
    pub earned: u64,
}

impl TableRow for SupplyRow {
    const COLUMNS: &'static [&'static str] = &["certificate", "region", "school_year", "earned"];

    fn cells(&self) -> Vec<String> {
        let Self { certificate, region, school_year, earned } = self;
        vec![certificate.to_string(), region.to_string(), school_year.to_string(), earned.to_string()]
    }
}

impl SimulatedMarket {
    /// Certificates earned by certificate, region and school year, for the school years that end within the span.
    pub fn supply_rows(&self) -> impl Iterator<Item = SupplyRow> + '_ {
        let weights = self.supply_weights();
        let years = self.school_years();
        let n_regions = self.world.regions.len();
        (0..CERTIFICATES.len()).flat_map(move |c| {
            let weight = weights[c];
            let years = years.clone();
            (0..n_regions).flat_map(move |r| years.clone().map(move |year| self.supply_row(c, r, year, weight)))
        })
    }

    /// School years that end within the span, by the calendar year of their end.
    pub(super) fn school_years(&self) -> std::ops::Range<i32> {
        let first = self.month(0).ordinal();
        let last = self.month(self.n_months()).ordinal();
        // The year `y` ends before July of `y`.
        let ends_before = |month: i32| 1970 + (month - FIRST_MONTH).div_euclid(12);
        ends_before(first - 1) + 1..ends_before(last) + 1
    }

    /// Relative numbers earned in a year, which sum to 1 on average. What is asked for and what is earned hardly go together.
    pub(super) fn supply_weights(&self) -> Vec<f64> {
        let params = &self.world.params;
        let mut random = SplitMix64::of(params.seed, 5);
        let mut rank = 0.0;
        let raw: Vec<f64> = CERTIFICATES
            .iter()
            .enumerate()
            .map(|(c, row)| {
                let noise = (0.8 * random.standard_normal()).exp();
                if row.is_asked() {
                    self.world.shares[c].iter().sum::<f64>().sqrt() * noise
                } else {
                    rank += 1.0;
                    f64::powf(rank, -UNASKED_ZIPF) * noise
                }
            })
            .collect();
        // Those introduced or retired within the span are earned in some of the years only.
        let years = self.school_years();
        let lived = |c: usize| {
            years.clone().filter(|year| self.is_awarded(c, *year)).count() as f64 / years.len().max(1) as f64
        };
        let total = |asked: bool| -> f64 {
            let of = raw.iter().enumerate().filter(|(c, _)| CERTIFICATES[*c].is_asked() == asked);
            of.map(|(c, weight)| weight * lived(c)).sum()
        };
        let (asked, unasked) = (total(true), total(false));
        let share = params.demanded_supply_share;
        let scaled = |(w, row): (&f64, &super::certificates::Row)| match row.is_asked() {
            true => share * w / asked,
            false => (1.0 - share) * w / unasked,
        };
        raw.iter().zip(&CERTIFICATES).map(scaled).collect()
    }

    fn supply_row(&self, certificate: usize, region: usize, school_year: i32, weight: f64) -> SupplyRow {
        let place = (certificate * 16 + region) as u64 * 4_096 + u64::from(school_year.unsigned_abs());
        let mut random = SplitMix64::of(self.world.params.seed ^ 0x7375_7070, place);
        let years = f64::from(school_year - self.school_years().start);
        let alive = self.is_awarded(certificate, school_year);
        let mean = EARNED_PER_YEAR * weight * self.world.regions[region].share * (0.04 * years).exp();
        let earned = if alive { rounded(mean * (0.1 * random.standard_normal()).exp()) } else { 0 };
        SupplyRow {
            certificate: self.world.ids[certificate].clone(),
            region: self.world.regions[region].id.clone(),
            school_year,
            earned,
        }
    }

    /// Whether a certificate was awarded at the end of a school year.
    fn is_awarded(&self, certificate: usize, school_year: i32) -> bool {
        let end = (school_year - 1970) * 12 + FIRST_MONTH - 1;
        let row = &CERTIFICATES[certificate];
        let (introduced, retired) = super::catalogue::life(row, self.world.params.start, self.n_months());
        introduced.is_none_or(|month| month.ordinal() <= end) && retired.is_none_or(|month| month.ordinal() > end)
    }
}
