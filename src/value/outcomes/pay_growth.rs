//! How fast pay grows in each occupation, from surveys of several years.

use std::collections::BTreeMap;

use serde::Serialize;

use super::shrink::{Common, Estimate};
use crate::error::{DataError, ParamError, Result};
use crate::key::RegionId;
use crate::panel::{Panel, SeriesView};

/// The code of all occupations together.
const ALL_OCCUPATIONS: &str = "00-0000";

/// Growth of pay between two surveys. Rates are relative changes a year: 0.03 is 3 %.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PayGrowth {
    /// Occupation, SOC 2018.
    pub soc: String,
    /// The nation or a state.
    pub region: String,
    /// The earlier year.
    pub from: i32,
    /// The later year.
    pub to: i32,
    /// Mean pay in the earlier year, US dollars.
    pub pay_from_usd: f64,
    /// Mean pay in the later year, US dollars.
    pub pay_to_usd: f64,
    /// Growth of mean pay a year.
    pub growth: f64,
    /// Its standard error, from the relative standard errors of both years; `None` where the file has none.
    pub standard_error: Option<f64>,
    /// Its interval.
    pub interval: Option<[f64; 2]>,
    /// Growth less that of all occupations together.
    pub beyond_all: Option<f64>,
    /// Growth in prices of the deflator's own unit; `None` without a deflator for both years.
    pub real_growth: Option<f64>,
    /// Growth of median pay a year.
    pub median_growth: Option<f64>,
    /// Growth of employment a year.
    pub employment_growth: Option<f64>,
}

/// Growth over the whole span, pulled towards that of the other occupations.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SpanGrowth {
    /// First to last year of the occupation.
    #[serde(flatten)]
    pub own: PayGrowth,
    /// Its growth pulled towards the mean of the region's occupations with the same years; `None` without a standard error.
    pub shrunk_growth: Option<f64>,
    /// The interval of that.
    pub shrunk_interval: Option<[f64; 2]>,
}

/// What occupations had in common between two surveys.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct YearGrowth {
    /// The earlier year.
    pub from: i32,
    /// The later year.
    pub to: i32,
    /// Occupations with pay in both.
    pub occupations: usize,
    /// Growth of the middle occupation a year.
    pub median: f64,
    /// Growth that a quarter of occupations did not reach.
    pub p25: f64,
    /// Growth that three quarters did not reach.
    pub p75: f64,
    /// Growth of all occupations together.
    pub all_occupations: Option<f64>,
    /// Change of the deflator a year.
    pub deflator: Option<f64>,
}

/// Growth of pay by occupation and year.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PayGrowthReport {
    /// The region.
    pub region: String,
    /// The level of the intervals.
    pub level: f64,
    /// Occupations with mean pay in fewer than two years, which say nothing.
    pub without_growth: usize,
    /// Title of each occupation, where known.
    pub titles: BTreeMap<String, String>,
    /// Each pair of successive years.
    pub years: Vec<YearGrowth>,
    /// Each occupation from its first to its last year.
    pub spans: Vec<SpanGrowth>,
    /// Each occupation and pair of successive years in which it has pay.
    pub steps: Vec<PayGrowth>,
}

impl PayGrowthReport {
    /// Growth of pay in every occupation of `region`, from a yearly panel with the columns `tot_emp`, `a_mean`, `a_median` and `mean_rse`
    /// as [`read_oews_years`](crate::ingest::read_oews_years) makes it; `deflator` holds a price index by year.
    ///
    /// ```text
    /// growth a year = (w2 / w1)^(1/k) - 1
    /// standard error of its logarithm = sqrt(rse1^2 + rse2^2) / (100 k)        (delta method)
    /// ```
    ///
    /// The surveys of three years share respondents, so estimates up to two years apart are positively correlated; BLS does not publish
    /// by how much. Taking them as independent makes their standard errors too large rather than too small. Growth of a mean is also that
    /// of who works there: it is not the raise of one person. Years in which an occupation's pay is missing are bridged, and the rate is
    /// per year. O(occupations * years).
    ///
    /// # Errors
    /// [`DataError::UnknownColumn`] for a panel of another kind; [`DataError::Empty`] if no occupation has pay in two years;
    /// [`ParamError`] for a level outside (0, 1) or a deflator that is not positive.
    pub fn compute(
        panel: &Panel,
        region: &RegionId,
        titles: &BTreeMap<String, String>,
        deflator: Option<&BTreeMap<i32, f64>>,
        level: f64,
    ) -> Result<Self> {
        if !(level > 0.0 && level < 1.0) {
            return Err(ParamError::new("level", level, "in (0, 1)").into());
        }
        if let Some(bad) =
            deflator.into_iter().flatten().map(|(_, index)| *index).find(|index| !(*index > 0.0 && index.is_finite()))
        {
            return Err(ParamError::new("deflator", bad, "positive numbers").into());
        }
        for column in ["tot_emp", "a_mean", "a_median", "mean_rse"] {
            panel.column_index(column)?;
        }
        let mut occupations: Vec<(String, Vec<Year>)> = Vec::new();
        let mut without_growth = 0;
        for series in panel.iter().filter(|series| series.key().region() == region) {
            let years = years_of(&series)?;
            if years.len() < 2 {
                without_growth += 1;
            } else {
                occupations.push((series.key().item().to_owned(), years));
            }
        }
        if occupations.is_empty() {
            return Err(DataError::Empty {
                what: format!("the panel of pay by occupation in {region}, with two years or more,"),
            }
            .into());
        }
        let all = occupations.iter().find(|(soc, _)| soc == ALL_OCCUPATIONS).map(|(_, years)| years.clone());
        let measure = Measure { region, all: all.as_deref(), deflator, level };
        let mut steps = Vec::new();
        let mut spans = Vec::new();
        for (soc, years) in &occupations {
            steps.extend(years.windows(2).map(|pair| measure.growth(soc, &pair[0], &pair[1])));
            spans.push(measure.growth(soc, &years[0], &years[years.len() - 1]));
        }
        let known: BTreeMap<String, String> = occupations
            .iter()
            .filter_map(|(soc, _)| titles.get(soc).map(|title| (soc.clone(), title.clone())))
            .collect();
        Ok(Self {
            region: region.to_string(),
            level,
            without_growth,
            titles: known,
            years: year_summaries(&steps, &measure),
            spans: shrink(spans, level),
            steps,
        })
    }
}

/// What a survey year knows of an occupation.
#[derive(Clone, Copy, Debug)]
struct Year {
    year: i32,
    mean: f64,
    median: f64,
    rse: f64,
    employment: f64,
}

/// The years with mean pay.
fn years_of(series: &SeriesView<'_>) -> Result<Vec<Year>, DataError> {
    let [mean, median, rse, employment] =
        [series.column("a_mean")?, series.column("a_median")?, series.column("mean_rse")?, series.column("tot_emp")?];
    let year = |row: usize| {
        let year = series.period(row).first_day().map_or(0, |day| i32::from(day.year()));
        Year { year, mean: mean[row], median: median[row], rse: rse[row], employment: employment[row] }
    };
    Ok((0..series.len()).map(year).filter(|year| year.mean > 0.0 && year.mean.is_finite()).collect())
}

struct Measure<'a> {
    region: &'a RegionId,
    all: Option<&'a [Year]>,
    deflator: Option<&'a BTreeMap<i32, f64>>,
    level: f64,
}

impl Measure<'_> {
    fn growth(&self, soc: &str, from: &Year, to: &Year) -> PayGrowth {
        let k = f64::from(to.year - from.year);
        let rate = |a: f64, b: f64| {
            let rate = (b / a).powf(1.0 / k) - 1.0;
            Some(rate).filter(|rate| rate.is_finite() && a > 0.0 && b > 0.0)
        };
        let log = (to.mean / from.mean).ln() / k;
        let error = Some(from.rse.hypot(to.rse) / (100.0 * k)).filter(|error| error.is_finite() && *error > 0.0);
        let interval = error.map(|error| {
            let (low, high) = Estimate { mean: log, variance: error * error }.interval(self.level);
            [low.exp_m1(), high.exp_m1()]
        });
        let at = |years: &[Year], year: i32| years.iter().find(|one| one.year == year).map(|one| one.mean);
        let all = self.all.and_then(|all| rate(at(all, from.year)?, at(all, to.year)?));
        let prices = self.deflator.and_then(|index| rate(*index.get(&from.year)?, *index.get(&to.year)?));
        PayGrowth {
            soc: soc.to_owned(),
            region: self.region.to_string(),
            from: from.year,
            to: to.year,
            pay_from_usd: from.mean,
            pay_to_usd: to.mean,
            growth: log.exp_m1(),
            standard_error: error.map(|error| error * log.exp()),
            interval,
            beyond_all: all.filter(|_| soc != ALL_OCCUPATIONS).map(|all| log.exp_m1() - all),
            real_growth: prices.map(|prices| (1.0 + log.exp_m1()) / (1.0 + prices) - 1.0),
            median_growth: rate(from.median, to.median),
            employment_growth: rate(from.employment, to.employment),
        }
    }
}

fn year_summaries(steps: &[PayGrowth], measure: &Measure<'_>) -> Vec<YearGrowth> {
    let mut by_years: BTreeMap<(i32, i32), Vec<f64>> = BTreeMap::new();
    for step in steps.iter().filter(|step| step.soc != ALL_OCCUPATIONS) {
        by_years.entry((step.from, step.to)).or_default().push(step.growth);
    }
    let summary = |((from, to), mut rates): ((i32, i32), Vec<f64>)| {
        rates.sort_unstable_by(f64::total_cmp);
        let quantile = |p| crate::numeric::quantile::of_sorted(&rates, p);
        let all = steps.iter().find(|step| step.soc == ALL_OCCUPATIONS && (step.from, step.to) == (from, to));
        let prices = |index: &BTreeMap<i32, f64>| {
            Some((index.get(&to)? / index.get(&from)?).powf(1.0 / f64::from(to - from)) - 1.0)
        };
        YearGrowth {
            from,
            to,
            occupations: rates.len(),
            median: quantile(0.5),
            p25: quantile(0.25),
            p75: quantile(0.75),
            all_occupations: all.map(|step| step.growth),
            deflator: measure.deflator.and_then(prices),
        }
    };
    by_years.into_iter().map(summary).collect()
}

/// Pulls the growth of occupations with the same years towards their mean, on the log scale.
fn shrink(spans: Vec<PayGrowth>, level: f64) -> Vec<SpanGrowth> {
    let estimate = |span: &PayGrowth| {
        let error = span.standard_error? / (1.0 + span.growth);
        (span.soc != ALL_OCCUPATIONS).then_some(Estimate { mean: span.growth.ln_1p(), variance: error * error })
    };
    let mut groups: BTreeMap<(i32, i32), Vec<Estimate>> = BTreeMap::new();
    for span in &spans {
        groups.entry((span.from, span.to)).or_default().extend(estimate(span));
    }
    let commons: BTreeMap<(i32, i32), Option<Common>> =
        groups.into_iter().map(|(years, estimates)| (years, Common::of(&estimates))).collect();
    let pulled = |own: PayGrowth| {
        let common = commons.get(&(own.from, own.to)).copied().flatten();
        let joint = estimate(&own).zip(common).map(|(own, common)| common.shrink(own));
        SpanGrowth {
            shrunk_growth: joint.map(|joint| joint.mean.exp_m1()),
            shrunk_interval: joint.map(|joint| {
                let (low, high) = joint.interval(level);
                [low.exp_m1(), high.exp_m1()]
            }),
            own,
        }
    };
    spans.into_iter().map(pulled).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::SeriesKey;
    use crate::panel::{GapPolicy, PanelBuilder};
    use crate::time::{Frequency, Period};

    fn panel(rows: &[(&str, i16, [f64; 4])]) -> Panel {
        let mut builder = PanelBuilder::new(Frequency::Yearly, ["tot_emp", "a_mean", "a_median", "mean_rse"])
            .gaps(GapPolicy::Missing);
        for (soc, year, values) in rows {
            builder.push(&SeriesKey::national(*soc), Period::year(*year), values).unwrap();
        }
        builder.build().unwrap()
    }

    fn compute(panel: &Panel, deflator: Option<&BTreeMap<i32, f64>>) -> PayGrowthReport {
        PayGrowthReport::compute(panel, &RegionId::nation(), &BTreeMap::new(), deflator, 0.95).unwrap()
    }

    #[test]
    fn growth_is_per_year_with_both_errors_and_prices_taken_off() {
        let panel = panel(&[
            ("00-0000", 2020, [100.0, 50_000.0, 40_000.0, 0.1]),
            ("00-0000", 2022, [100.0, 52_020.0, 40_000.0, 0.1]),
            ("29-2061", 2020, [10.0, 40_000.0, 39_000.0, 0.3]),
            ("29-2061", 2022, [12.1, 44_100.0, f64::NAN, 0.4]),
        ]);
        let report = compute(&panel, Some(&BTreeMap::from([(2020, 100.0), (2022, 108.16)])));
        let nurse = &report.spans[1].own;
        // 5 % a year; standard error of the logarithm 0.5 % / 2; prices 4 % a year.
        assert!((nurse.growth - 0.05).abs() < 1e-12);
        assert!((nurse.standard_error.unwrap() - 0.0025 * 1.05).abs() < 1e-12);
        assert!((nurse.real_growth.unwrap() - (1.05 / 1.04 - 1.0)).abs() < 1e-12);
        assert!((nurse.beyond_all.unwrap() - 0.03).abs() < 1e-12);
        assert!((nurse.employment_growth.unwrap() - 0.1).abs() < 1e-12);
        assert_eq!(nurse.median_growth, None);
        assert_eq!((report.years.len(), report.years[0].occupations), (1, 1));
        assert!((report.years[0].deflator.unwrap() - 0.04).abs() < 1e-12);
    }

    #[test]
    fn gaps_are_bridged_and_single_years_are_counted() {
        let panel = panel(&[
            ("11-1011", 2019, [1.0, 100.0, 100.0, f64::NAN]),
            ("11-1011", 2020, [1.0, f64::NAN, 100.0, 1.0]),
            ("11-1011", 2021, [1.0, 121.0, 100.0, 1.0]),
            ("13-1011", 2021, [1.0, 121.0, 100.0, 1.0]),
        ]);
        let report = compute(&panel, None);
        assert_eq!((report.without_growth, report.spans.len(), report.steps.len()), (1, 1, 1));
        let only = &report.spans[0];
        assert!((only.own.growth - 0.1).abs() < 1e-12);
        assert_eq!((only.own.standard_error, only.shrunk_growth, only.own.real_growth), (None, None, None));
    }

    #[test]
    fn bad_input_is_refused() {
        let one = panel(&[("11-1011", 2019, [1.0, 100.0, 100.0, 1.0])]);
        let run = |deflator: Option<&BTreeMap<i32, f64>>, level| {
            PayGrowthReport::compute(&one, &RegionId::nation(), &BTreeMap::new(), deflator, level)
        };
        assert!(run(None, 0.95).unwrap_err().to_string().contains("two years or more"));
        assert!(run(None, 1.0).is_err());
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(run(Some(&BTreeMap::from([(2019, bad)])), 0.95).unwrap_err().to_string().contains("deflator"));
        }
    }
}
