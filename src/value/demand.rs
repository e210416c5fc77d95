//! Demand of each certificate: its share of the nation's demand, forecast apart from the region's total.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use crate::catalog::{Certificate, DemandBasis};
use crate::distribution::{Predictive, Probability};
use crate::error::{DataError, Result};
use crate::forecast::{Calibrated, Fitted, Forecast, Forecaster, Model};
use crate::key::{RegionId, SeriesKey};
use crate::market::{IndustryEmployment, Market, Provenance};
use crate::panel::{Panel, SeriesView};
use crate::time::{Frequency, Period};

/// Periods before the first origin at which a forecast is tested.
const MIN_HISTORY: usize = 24;
/// A share not seen for longer than this many months says nothing about now.
const LONGEST_SILENCE: i32 = 12;
/// Employment is not seasonally adjusted: it enters as the mean of the last twelve months.
const YEAR: usize = 12;
const SHARE: &str = "log_share";
const TOTAL: &str = "log_total";
/// The column with all postings of a region and period, in a table of postings.
const ALL_POSTINGS: &str = "total";
/// Added to counts of postings before the logarithm, and twice to what they are a share of: a month without a request is an
/// observation too (Cox 1970, *Analysis of Binary Data*, section 3.2).
const HALF: f64 = 0.5;
/// Item of the series of a region's total.
const ALL: &str = "all";

/// Standard deviation of the yearly change of an occupation's log share of all employment: what a fixed staffing pattern
/// cannot show, because it moves occupations with their industries only. Root mean square over detailed occupations
/// with more than 20,000 jobs from May 2022 to 2023 and from 2023 to 2024, less the published sampling variance (0.062
/// and 0.064): the test `the_staffing_prior_is_what_oews_shows` in `tests/command/outlook.rs` measures it again wherever
/// the survey files are at hand. Part of it is movement between industries, which is then counted twice: wider, not bolder.
pub(super) const STAFFING_DRIFT_SD: f64 = 0.063;

/// One way to see demand: monthly shares of the nation and totals of regions, both as logarithms.
#[derive(Debug)]
pub(super) struct Track {
    pub(super) basis: DemandBasis,
    /// What the share is a share of, in a few words.
    pub(super) method: String,
    pub(super) unit: &'static str,
    /// Where shares come from, and the nation's total if it is another table.
    pub(super) sources: Vec<Provenance>,
    /// Where the totals of states come from.
    pub(super) state_source: Option<Provenance>,
    /// Key: what shares are kept by (a sector, or a certificate).
    shares: Panel,
    totals: Panel,
    by: By,
    /// Spread of the log share that its history cannot show, per square root of a year.
    unseen_sd: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum By {
    Sector,
    Certificate,
    /// Certificates that lead to the same occupations share one series.
    Occupations,
}

impl Track {
    /// Every way that `market` allows, the closest to the certificate first.
    pub(super) fn all(market: &Market) -> Result<Vec<Self>> {
        let mut tracks = Vec::new();
        tracks.extend(Self::certificate_postings(market)?);
        tracks.extend(Self::sector_postings(market)?);
        tracks.extend(Self::employment(market)?);
        Ok(tracks)
    }

    /// Postings that ask for the certificate, as a share of all postings if the table has a column `total`, else of all those that
    /// are counted in it.
    fn certificate_postings(market: &Market) -> Result<Option<Self>> {
        let Some(table) = &market.certificate_postings else { return Ok(None) };
        let national = table.data.filter(|key| key.region().is_nation());
        let all = national.column_index(ALL_POSTINGS).ok();
        let mut sums: BTreeMap<i32, f64> = BTreeMap::new();
        for series in national.iter() {
            let values = series.values(all.unwrap_or(0)).iter().enumerate();
            for (row, value) in values.filter(|(_, v)| v.is_finite()) {
                let sum = sums.entry(series.period(row).ordinal()).or_default();
                // Every series repeats the number of all postings.
                *sum = if all.is_some() { *value } else { *sum + value };
            }
        }
        let total = |period: Period| sums.get(&period.ordinal()).copied();
        let shares = match all {
            Some(_) => log_shares_of_counts(&national, total)?,
            None => log_ratio(&national, total)?,
        };
        let (Some(start), Some(end)) = (national.first_period(), national.last_period()) else { return Ok(None) };
        // A month that no certificate has is missing, and keeps its place.
        let months = start.ordinal()..=end.ordinal();
        let totals: Vec<f64> = months.map(|month| sums.get(&month).map_or(f64::NAN, |sum| sum.ln())).collect();
        let totals = Panel::from_series(TOTAL, [(SeriesKey::national(ALL), start, totals)])?;
        Ok(Some(Self {
            basis: DemandBasis::Postings,
            method: match all {
                Some(_) => "postings that ask for it in the last twelve months, as a share of all postings".into(),
                None => "postings that name it, as a share of all postings counted".into(),
            },
            unit: "postings a month",
            sources: vec![table.source.clone()],
            state_source: None,
            shares,
            totals,
            by: By::Certificate,
            unseen_sd: 0.0,
        }))
    }

    /// The postings index of the certificate's sector over that of all sectors.
    fn sector_postings(market: &Market) -> Result<Option<Self>> {
        let Some(sectors) = &market.sector_postings else { return Ok(None) };
        let mut sources = vec![sectors.source.clone()];
        let mut totals = Vec::new();
        let mut state_source = None;
        for table in &market.total_postings {
            if table.data.keys().iter().any(|key| key.region().is_nation()) {
                sources.push(table.source.clone());
            } else {
                state_source = Some(table.source.clone());
            }
            for series in table.data.iter() {
                let logs: Vec<f64> = series.values(0).iter().map(|v| v.ln()).collect();
                totals.push((SeriesKey::new(ALL, series.key().region().as_str()), series.start(), logs));
            }
        }
        let nation = SeriesKey::new(ALL, RegionId::nation().as_str());
        let Some((_, start, logs)) = totals.iter().find(|(key, _, _)| *key == nation).cloned() else {
            let what = "the sector postings have no total: add an indeed-aggregate table; it".to_owned();
            return Err(DataError::Empty { what }.into());
        };
        let total = |period: Period| {
            let row = usize::try_from(period.since(start)?).ok()?;
            logs.get(row).map(|log: &f64| log.exp())
        };
        Ok(Some(Self {
            basis: DemandBasis::OccupationLinked,
            method: "postings of its sector, as a share of all postings".into(),
            unit: "postings index, 2020-02 = 100",
            sources,
            state_source,
            shares: log_ratio(&sectors.data, total)?,
            totals: Panel::from_series(TOTAL, totals)?,
            by: By::Sector,
            unseen_sd: 0.0,
        }))
    }

    /// Employment of the linked occupations, from industry employment and a fixed staffing pattern.
    fn employment(market: &Market) -> Result<Option<Self>> {
        let Some(table) = &market.employment else { return Ok(None) };
        let leaves = Leaves::new(&table.data)?;
        let total = leaves.weighted(|_| 1.0);
        let total_year = trailing_mean(&total);
        let start = leaves.start.plus(i32::try_from(YEAR).unwrap_or(0) - 1);
        let mut shares = BTreeMap::new();
        for certificate in market.catalog.iter() {
            let key = SeriesKey::national(occupations_of(certificate));
            let Some(weights) = leaf_weights(certificate, &table.data).filter(|_| !shares.contains_key(&key)) else {
                continue;
            };
            let jobs = leaves.weighted(|leaf| weights.get(leaf).copied().unwrap_or(0.0));
            let log_share: Vec<f64> = trailing_mean(&jobs).iter().zip(&total_year).map(|(j, t)| (j / t).ln()).collect();
            shares.insert(key, log_share);
        }
        if shares.is_empty() {
            return Ok(None);
        }
        let logs = total_year.iter().map(|t| t.ln()).collect();
        Ok(Some(Self {
            basis: DemandBasis::OccupationLinked,
            method: "jobs in its occupations (industry employment times a fixed staffing pattern, mean of 12 months), \
                     as a share of all jobs"
                .into(),
            unit: "thousand jobs",
            sources: vec![table.source.clone()],
            state_source: None,
            shares: Panel::from_series(SHARE, shares.into_iter().map(|(key, logs)| (key, start, logs)))?,
            totals: Panel::from_series(TOTAL, [(SeriesKey::new(ALL, RegionId::nation().as_str()), start, logs)])?,
            by: By::Occupations,
            unseen_sd: STAFFING_DRIFT_SD,
        }))
    }

    fn share_key(&self, certificate: &Certificate) -> Option<SeriesKey> {
        match self.by {
            By::Sector => certificate.sector.as_deref().map(SeriesKey::national),
            By::Certificate => Some(SeriesKey::national(certificate.id.as_str())),
            By::Occupations => Some(SeriesKey::national(occupations_of(certificate))),
        }
    }

    /// The series of a certificate's log share, if this track has it up to a year before its end.
    pub(super) fn share(&self, certificate: &Certificate) -> Option<SeriesView<'_>> {
        let share = self.shares.get(&self.share_key(certificate)?)?;
        let behind = self.last_share_period()?.since(share.end())?;
        (behind <= LONGEST_SILENCE).then_some(share)
    }

    /// The last month in which the certificate's share is known, however long ago.
    pub(super) fn last_seen(&self, certificate: &Certificate) -> Option<Period> {
        Some(self.shares.get(&self.share_key(certificate)?)?.end())
    }

    /// The series of a region's log total.
    pub(super) fn total(&self, region: &RegionId) -> Option<SeriesView<'_>> {
        self.totals.get(&SeriesKey::new(ALL, region.as_str()))
    }

    /// The last month in which shares are known.
    pub(super) fn last_share_period(&self) -> Option<Period> {
        self.shares.last_period()
    }

    pub(super) fn first_share_period(&self) -> Option<Period> {
        self.shares.first_period()
    }

    /// The track as it was known at the end of `origin`.
    pub(super) fn until(&self, origin: Period) -> Self {
        Self {
            basis: self.basis,
            method: self.method.clone(),
            unit: self.unit,
            sources: self.sources.clone(),
            state_source: self.state_source.clone(),
            shares: self.shares.until(origin),
            totals: self.totals.until(origin),
            by: self.by,
            unseen_sd: self.unseen_sd,
        }
    }

    /// Forecasts shares and totals far enough for `months` after the last known share.
    pub(super) fn forecast(&self, months: NonZeroUsize) -> Result<TrackForecast<'_>> {
        let shares = PathForecast::new(&self.shares, months)?;
        let totals = PathForecast::new(&self.totals, months)?;
        Ok(TrackForecast { track: self, shares, totals })
    }
}

/// A calibrated forecast of every series of a panel of logarithms.
struct PathForecast {
    forecast: Forecast,
    chosen: &'static str,
    longest_tested: usize,
}

impl PathForecast {
    fn new(panel: &Panel, months: NonZeroUsize) -> Result<Self> {
        let season = NonZeroUsize::new(YEAR).unwrap_or(NonZeroUsize::MIN);
        let names = ["naive", "drift", "damped_holt"];
        let candidates = names.iter().map(|name| Model::parse(name, season)).collect::<Result<Vec<_>, _>>()?;
        // Short histories are tested at every third month, long ones every other year: enough windows, little time.
        let rows = panel.iter().map(|series| series.len()).max().unwrap_or(0);
        let step = if rows > 120 { 2 * YEAR } else { 3 };
        let fitted = Calibrated::new(candidates, months)?.origins(MIN_HISTORY, step)?.fit(panel)?;
        let longest_tested = fitted.tested().iter().rposition(|&n| n > 0).map_or(0, |step| step + 1);
        Ok(Self { forecast: fitted.forecast(months)?, chosen: names[fitted.chosen()], longest_tested })
    }
}

/// What a track expects.
pub(super) struct TrackForecast<'a> {
    pub(super) track: &'a Track,
    shares: PathForecast,
    totals: PathForecast,
}

/// A certificate's demand in one region, at one horizon. All on the log scale.
#[derive(Clone, Copy, Debug)]
pub(super) struct DemandAt {
    /// The period.
    pub(super) period: Period,
    /// Log share now.
    pub(super) share_now: f64,
    /// Log total of the region now.
    pub(super) total_now: f64,
    /// Mean and standard deviation of the log share.
    pub(super) share: (f64, f64),
    /// Mean and standard deviation of the region's log total.
    pub(super) total: (f64, f64),
    /// Whether the totals are those of the nation, because the region's are not counted: their changes stand in for the
    /// region's, their size does not.
    pub(super) stand_in: bool,
}

impl TrackForecast<'_> {
    /// Names of the models chosen for shares and totals.
    pub(super) fn models(&self) -> (&'static str, &'static str) {
        (self.shares.chosen, self.totals.chosen)
    }

    /// How many months ahead the shares' spread was tested.
    pub(super) fn longest_tested(&self) -> usize {
        self.shares.longest_tested
    }

    /// The demand `months` after the last known share; `None` if the track lacks the certificate or the region.
    pub(super) fn at(&self, certificate: &Certificate, region: &RegionId, months: u16) -> Option<DemandAt> {
        let share = self.track.share(certificate)?;
        let own = self.track.total(region);
        let total = own.or_else(|| self.track.total(&RegionId::nation()))?;
        let share_now = last_finite(share)?;
        let now = share.end();
        let period = now.plus(i32::from(months));
        // Totals are often known for longer than shares: what is known is no forecast.
        let total_at = |period: Period| match total.at(0, period).filter(|log| log.is_finite()) {
            Some(known) => Some((known, 0.0)),
            None => {
                let ahead = usize::try_from(period.since(total.end())?).ok()?.checked_sub(1)?;
                self.totals.forecast.get(total.key())?.get(ahead).map(location_scale)
            }
        };
        let path = self.shares.forecast.get(share.key())?;
        let (mean, sd) = location_scale(path.get(usize::from(months).checked_sub(1)?)?);
        let unseen = self.track.unseen_sd * (f64::from(months) / 12.0).sqrt();
        Some(DemandAt {
            period,
            share_now,
            total_now: total_at(now)?.0,
            share: (mean, sd.hypot(unseen)),
            total: total_at(period)?,
            stand_in: own.is_none(),
        })
    }
}

/// The last value of a series, if it is a number.
fn last_finite(series: SeriesView<'_>) -> Option<f64> {
    series.values(0).last().copied().filter(|v| v.is_finite())
}

/// Median, and the standard deviation of the normal with the same 80 % interval.
fn location_scale(dist: &Predictive) -> (f64, f64) {
    /// Width of the central 80 % interval of the standard normal, 2 x Phi^-1(0.9).
    const WIDTH_80: f64 = 2.563_103_131_089_201;
    let level = Probability::new(0.8).map_or((dist.point(), dist.point()), |level| dist.interval(level));
    (dist.point(), (level.1 - level.0) / WIDTH_80)
}

/// `ln(value / total)`, NaN where one of them is unknown or 0; a series ends with its last known ratio.
fn log_ratio(panel: &Panel, total: impl Fn(Period) -> Option<f64>) -> Result<Panel> {
    let series = panel.iter().filter_map(|series| {
        let mut logs: Vec<f64> = (series.values(0).iter().enumerate())
            .map(|(row, value)| total(series.period(row)).map_or(f64::NAN, |total| (value / total).ln()))
            .map(|log| if log.is_finite() { log } else { f64::NAN })
            .collect();
        logs.truncate(logs.iter().rposition(|log| log.is_finite())? + 1);
        Some((SeriesKey::national(series.key().item()), series.start(), logs))
    });
    Ok(Panel::from_series(SHARE, series)?)
}

/// As [`log_ratio`], of counts, which may be zero, over the twelve months up to each: from the first month with a request to the end. A certificate that nobody ever
/// asked for has no series.
fn log_shares_of_counts(panel: &Panel, total: impl Fn(Period) -> Option<f64>) -> Result<Panel> {
    let series = panel.iter().filter_map(|series| {
        let values = series.values(0);
        let first = values.iter().position(|value| *value > 0.0)?;
        let log = |row: usize| {
            let year = (row + 1).saturating_sub(YEAR).max(first)..=row;
            let (mut asked, mut all) = (0.0, 0.0);
            for (value, month) in year.map(|row| (values[row], total(series.period(row)))) {
                if let Some(month) = month.filter(|_| value.is_finite()) {
                    asked += value;
                    all += month;
                }
            }
            ((asked + HALF) / (all + 2.0 * HALF)).ln()
        };
        let logs: Vec<f64> = (first..values.len()).map(log).collect();
        Some((SeriesKey::national(series.key().item()), series.period(first), logs))
    });
    Ok(Panel::from_series(SHARE, series)?)
}

/// The leaf industries over the months that all of them cover.
struct Leaves<'a> {
    names: &'a [String],
    start: Period,
    values: Vec<&'a [f64]>,
}

impl<'a> Leaves<'a> {
    fn new(employment: &'a IndustryEmployment) -> Result<Self> {
        let panel = employment.panel();
        if panel.frequency() != Frequency::Monthly {
            return Err(DataError::Aggregation { from: panel.frequency(), to: Frequency::Monthly }.into());
        }
        let views: Vec<SeriesView<'_>> =
            employment.leaves().iter().filter_map(|leaf| panel.get(&SeriesKey::national(leaf))).collect();
        let start = views.iter().map(SeriesView::start).max();
        let end = views.iter().map(SeriesView::end).min();
        let rows = start.zip(end).and_then(|(s, e)| usize::try_from(e.since(s)? + 1).ok()).unwrap_or(0);
        let (Some(start), true) = (start, rows > YEAR) else {
            return Err(DataError::Empty { what: "the span that all leaf industries share".into() }.into());
        };
        let values = views
            .iter()
            .map(|view| {
                let skip = usize::try_from(start.since(view.start()).unwrap_or(0)).unwrap_or(0);
                &view.values(0)[skip..skip + rows]
            })
            .collect();
        Ok(Self { names: employment.leaves(), start, values })
    }

    fn weighted(&self, weight: impl Fn(&String) -> f64) -> Vec<f64> {
        let rows = self.values.first().map_or(0, |v| v.len());
        let mut sum = vec![0.0; rows];
        for (name, values) in self.names.iter().zip(&self.values) {
            let weight = weight(name);
            sum.iter_mut().zip(*values).for_each(|(s, v)| *s += weight * v);
        }
        sum
    }
}

/// The linked occupations with their weights, as text: equal for certificates that lead to the same work.
fn occupations_of(certificate: &Certificate) -> String {
    let mut links: Vec<String> = certificate.soc.iter().map(|l| format!("{} x {}", l.code, l.weight)).collect();
    links.sort();
    links.join(" + ")
}

/// The share of each leaf's jobs that counts for the certificate; `None` if a linked occupation is staffed nowhere.
fn leaf_weights(certificate: &Certificate, employment: &IndustryEmployment) -> Option<BTreeMap<String, f64>> {
    let mut weights: BTreeMap<String, f64> = BTreeMap::new();
    for link in &certificate.soc {
        for (leaf, share) in employment.staffing(&link.code)? {
            *weights.entry(leaf.clone()).or_default() += link.weight * share;
        }
    }
    (!weights.is_empty()).then_some(weights)
}

/// The mean of each run of twelve values.
fn trailing_mean(values: &[f64]) -> Vec<f64> {
    values.windows(YEAR).map(|w| w.iter().sum::<f64>() / YEAR as f64).collect()
}
