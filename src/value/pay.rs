//! Pay of the linked occupations relative to all occupations, and how far it may drift.

use std::collections::BTreeMap;

use crate::catalog::Certificate;
use crate::key::{RegionId, SeriesKey};
use crate::market::{Market, PayTable};
use crate::panel::Panel;
use crate::time::Period;

/// Standard deviation of the change of an occupation's log pay relative to all occupations, per square root of a year, where
/// a market has too few survey years to measure it. Root mean square over detailed occupations of the OEWS national
/// surveys of May 2017 to May 2024 (SOC 2018), less the published sampling variance: 0.052 a year from changes over three
/// years, 0.050 from changes over four, which is how far ahead verdicts look. The test `the_pay_prior_is_what_oews_shows`
/// in `tests/command/outlook.rs` measures it again wherever the survey files are at hand.
pub(super) const PRIOR_CHANGE_SD: f64 = 0.05;
/// How many yearly changes the pooled spread counts for when a certificate's own spread is estimated.
const PRIOR_CHANGES: f64 = 8.0;
/// Surveys refer to May.
const SURVEY_MONTH: i8 = 5;
/// A survey of May is published in the spring after: April is the earliest of the releases 2014 to 2026.
const PUBLISHED_MONTH: i8 = 4;
/// Linked occupations must be known for at least this share of a certificate's holders.
const LEAST_KNOWN_WEIGHT: f64 = 0.5;

/// What is known of a certificate's pay in one region.
#[derive(Clone, Debug)]
pub(super) struct PayNow {
    /// Survey year.
    pub(super) year: i16,
    /// The region that the pay is of: the one asked for, or the nation where that one is not surveyed.
    pub(super) region: RegionId,
    /// Weighted median annual pay in dollars of the survey year.
    pub(super) usd: f64,
    /// Its sampling error on the log scale.
    pub(super) log_se: f64,
    /// Standard deviation of a yearly change of relative log pay.
    pub(super) change_sd: f64,
    /// Yearly changes behind `change_sd`; 0 if it is the prior alone.
    pub(super) changes: usize,
    /// Change of relative log pay since the survey that posted pay shows, and the month it reaches.
    pub(super) nowcast: Option<(f64, Period)>,
    /// Pay that the certificate must reach, in dollars of the survey year, before the margin.
    pub(super) benchmark_usd: f64,
    /// Whether the benchmark is what high-school graduates earn (otherwise a share of all occupations' median).
    pub(super) benchmark_is_high_school: bool,
    /// Weighted jobs in the linked occupations, if the region's are published.
    pub(super) jobs: Option<f64>,
}

impl PayNow {
    /// Mean and standard deviation of log pay `months` after `from`, in dollars of the survey year.
    pub(super) fn at(&self, from: Period, months: u16) -> (f64, f64) {
        let survey = survey_month(self.year);
        let shift = self.nowcast.map_or(0.0, |(shift, _)| shift);
        let target = from.plus(i32::from(months));
        // Pay drifts for as long as it has been since its survey, and never for less than the horizon itself: where demand
        // is older than pay, each is looked at the same number of months after it was last seen.
        let years = f64::from(target.since(survey).unwrap_or(0).max(i32::from(months))) / 12.0;
        let drift = self.change_sd * years.sqrt();
        (self.usd.ln() + shift, drift.hypot(self.log_se))
    }
}

fn survey_month(year: i16) -> Period {
    Period::month(year, SURVEY_MONTH).unwrap_or_else(|| Period::year(year))
}

/// Whether the survey of `year` had been published by the end of `origin`.
pub(super) fn published(year: i16, origin: Period) -> bool {
    Period::month(year.saturating_add(1), PUBLISHED_MONTH).is_some_and(|month| month <= origin)
}

/// Weighted median pay, its sampling error and the jobs of a certificate's occupations.
struct Level {
    usd: f64,
    log_se: f64,
    jobs: Option<f64>,
}

fn level(table: &PayTable, certificate: &Certificate, region: &RegionId, year: i16) -> Option<Level> {
    let (mut weight, mut usd, mut variance, mut jobs) = (0.0, 0.0, 0.0, Some(0.0));
    for link in &certificate.soc {
        let cell = table.get(&link.code, region, year);
        jobs = jobs.zip(cell.and_then(|c| c.employment)).map(|(sum, e)| sum + link.weight * e);
        if let Some(median) = cell.and_then(|c| c.median_usd) {
            weight += link.weight;
            usd += link.weight * median;
            variance += (link.weight * median * cell.and_then(|c| c.pay_rse).unwrap_or(0.0)).powi(2);
        }
    }
    (weight >= LEAST_KNOWN_WEIGHT).then(|| Level { usd: usd / weight, log_se: variance.sqrt() / usd, jobs })
}

/// Relative log pay by year, for years published by `origin`.
fn history(table: &PayTable, certificate: &Certificate, known: &[i16]) -> BTreeMap<i16, f64> {
    let nation = RegionId::nation();
    let relative = |&year: &i16| {
        let all = table.all_occupations(&nation, year)?.median_usd?;
        Some((year, (level(table, certificate, &nation, year)?.usd / all).ln()))
    };
    known.iter().filter_map(relative).collect()
}

/// Changes between adjacent years, divided by the square root of the years between.
fn yearly_changes(history: &BTreeMap<i16, f64>) -> Vec<f64> {
    let points: Vec<(&i16, &f64)> = history.iter().collect();
    let change = |w: &[(&i16, &f64)]| (w[1].1 - w[0].1) / f64::from(w[1].0 - w[0].0).sqrt();
    points.windows(2).map(change).collect()
}

/// The pay side of a market, as known at an origin.
pub(super) struct PayModel<'a> {
    market: &'a Market,
    known: Vec<i16>,
    pooled_sd: Option<f64>,
    origin: Option<Period>,
    floor_ratio: f64,
}

impl<'a> PayModel<'a> {
    /// What was published by the end of `origin`; everything without one.
    pub(super) fn new(market: &'a Market, origin: Option<Period>, floor_ratio: f64) -> Self {
        let years = market.pay.as_ref().map(|t| t.data.years()).unwrap_or_default();
        let known: Vec<i16> =
            years.iter().copied().filter(|&year| origin.is_none_or(|origin| published(year, origin))).collect();
        let pooled_sd = market.pay.as_ref().and_then(|table| pooled_change_sd(&table.data, &known));
        Self { market, known, pooled_sd, origin, floor_ratio }
    }

    /// Whether pay in `region` is ever surveyed: whose surveys a table has is known at any origin.
    pub(super) fn surveys(&self, region: &RegionId) -> bool {
        let Some(table) = &self.market.pay else { return false };
        table.data.years().last().is_some_and(|&year| table.data.all_occupations(region, year).is_some())
    }

    /// What is known of the certificate's pay; the reason if nothing is.
    pub(super) fn now(&self, certificate: &Certificate, region: &RegionId) -> Result<PayNow, String> {
        let Some(table) = &self.market.pay else { return Err("the market has no table of pay".into()) };
        let Some(&year) = self.known.last() else { return Err("no survey of pay was published yet".into()) };
        if certificate.soc.is_empty() {
            return Err("no occupation is linked to it, so its pay is unknown".into());
        }
        let table = &table.data;
        let surveyed = |region: &RegionId| level(table, certificate, region, year).map(|level| (region.clone(), level));
        let region_surveyed = table.all_occupations(region, year).is_some();
        let found = if region_surveyed { surveyed(region) } else { surveyed(&RegionId::nation()) };
        let Some((pay_region, level)) = found else {
            return Err(format!("pay of its occupations is not published for {region} in {year}"));
        };
        let all = table.all_occupations(&pay_region, year).and_then(|cell| cell.median_usd);
        // The benchmark is one number, taken to be in dollars of the newest survey; earlier it stood in the same
        // proportion to the pay of all occupations.
        let all_then = |year| table.all_occupations(&RegionId::nation(), year).and_then(|cell| cell.median_usd);
        let deflator =
            table.years().last().and_then(|&newest| Some(all_then(year)? / all_then(newest)?)).unwrap_or(1.0);
        let high_school = self.market.supply.as_ref().and_then(|s| s.data.high_school_usd(region));
        let high_school = high_school.map(|usd| usd * deflator);
        let Some(benchmark_usd) = high_school.or(all.map(|usd| usd * self.floor_ratio)) else {
            return Err(format!("there is no benchmark of pay for {region}"));
        };
        let changes = yearly_changes(&history(table, certificate, &self.known));
        let pooled = self.pooled_sd.unwrap_or(PRIOR_CHANGE_SD);
        let own: f64 = changes.iter().map(|c| c * c).sum();
        let variance = (own + PRIOR_CHANGES * pooled * pooled) / (changes.len() as f64 + PRIOR_CHANGES);
        Ok(PayNow {
            year,
            usd: level.usd,
            log_se: level.log_se,
            change_sd: variance.sqrt(),
            changes: if self.pooled_sd.is_some() { changes.len() } else { 0 },
            nowcast: self.nowcast(certificate, year),
            benchmark_usd,
            benchmark_is_high_school: high_school.is_some(),
            jobs: if pay_region == *region { level.jobs } else { None },
            region: pay_region,
        })
    }

    /// Relative log pay in the nation in `year`, whatever was published when: what happened.
    pub(super) fn relative(&self, certificate: &Certificate, year: i16) -> Option<f64> {
        let table = &self.market.pay.as_ref()?.data;
        history(table, certificate, &[year]).remove(&year)
    }

    /// Change of the sector's posted pay against all sectors since the survey of `year`.
    fn nowcast(&self, certificate: &Certificate, year: i16) -> Option<(f64, Period)> {
        let growth = &self.market.posted_pay_growth.as_ref()?.data;
        let growth = self.origin.map_or_else(|| growth.clone(), |origin| growth.until(origin));
        let key = SeriesKey::national(certificate.sector.as_deref()?);
        let sector = growth.get(&key)?;
        let column = growth.column_index("posted_wage_growth_yoy").ok()?;
        let last = sector.end();
        let survey = survey_month(year);
        let mut shift = 0.0;
        let mut from = survey;
        while from < last {
            // Year-over-year growth at `to` covers the twelve months before it; a shorter rest takes its part of it.
            let to = from.plus(12).min(last);
            let months = f64::from(to.since(from)?);
            let relative = sector.at(column, to)?.ln_1p() - mean_growth(&growth, column, to)?.ln_1p();
            shift += relative * months / 12.0;
            from = to;
        }
        (last > survey && shift.is_finite()).then_some((shift, last))
    }
}

/// Growth over all sectors, each weighing as many observations as it had.
fn mean_growth(growth: &Panel, column: usize, month: Period) -> Option<f64> {
    let counts = growth.column_index("n_obs").ok()?;
    let (mut sum, mut n) = (0.0, 0.0);
    for series in growth.iter() {
        let known = series.at(column, month).zip(series.at(counts, month));
        if let Some((value, count)) = known.filter(|(value, count)| value.is_finite() && count.is_finite()) {
            sum += value * count;
            n += count;
        }
    }
    (n > 0.0).then(|| sum / n)
}

/// Root mean square of the yearly changes of relative log pay over all occupations; `None` with fewer than 30 changes.
pub(super) fn pooled_change_sd(table: &PayTable, known: &[i16]) -> Option<f64> {
    let nation = RegionId::nation();
    let all: BTreeMap<i16, f64> =
        known.iter().filter_map(|&y| Some((y, table.all_occupations(&nation, y)?.median_usd?))).collect();
    let (mut sum, mut n) = (0.0, 0_u32);
    for (_, years) in table.occupations(&nation) {
        let relative = |(year, cell): (&i16, &crate::market::OccupationYear)| {
            Some((*year, (cell.median_usd? / all.get(year)?).ln()))
        };
        let history: BTreeMap<i16, f64> = years.iter().filter_map(relative).collect();
        for change in yearly_changes(&history) {
            sum += change * change;
            n += 1;
        }
    }
    (n >= 30).then(|| (sum / f64::from(n)).sqrt())
}
