//! The readers on the public files they were written for, read beside the repository where they exist.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests may do what tests may")]

use std::path::{Path, PathBuf};

use credcast::ingest::{
    Layout, LongLayout, Mode, PostingsKind, ReadOptions, SocBasis, Source, check, read_indeed_postings, read_job_sdf,
    read_long, read_m4, read_oews, read_oews_years, read_parquet, read_posted_wages, read_scorecard,
};
use credcast::panel::GapPolicy;
use credcast::{Frequency, Panel, Period, SeriesKey};

/// The file `name` of the shared data; says so and returns `None` where there is none.
fn data(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if !path.exists() {
        println!("skipped: no data");
        return None;
    }
    Some(path)
}

macro_rules! source {
    ($name:expr) => {
        match data($name) {
            Some(path) => Source::path(path),
            None => return,
        }
    };
}

fn span(panel: &Panel) -> (String, String) {
    (panel.first_period().unwrap().to_string(), panel.last_period().unwrap().to_string())
}

fn spans(panel: &Panel, first: &str, last: &str) {
    assert_eq!(span(panel), (first.to_owned(), last.to_owned()));
}

fn value(panel: &Panel, key: &SeriesKey, column: &str, period: &str) -> f64 {
    let column = panel.column_index(column).unwrap();
    let period = Period::parse(period, panel.frequency()).unwrap();
    panel.get(key).unwrap().at(column, period).unwrap()
}

fn gaps_allowed() -> ReadOptions {
    ReadOptions { gaps: GapPolicy::Missing, ..ReadOptions::default() }
}

#[test]
fn m4_weekly() {
    let (train, test) = (source!("m4-weekly/Weekly-train.csv"), source!("m4-weekly/Weekly-test.csv"));
    let (m4, report) = read_m4(&train, &test, &ReadOptions::default()).unwrap();
    assert_eq!((m4.train.n_series(), m4.test.n_series(), report.rows_used), (359, 359, 718));
    assert_eq!(m4.test.n_rows(), 359 * 13);
    for (train, test) in m4.train.iter().zip(m4.test.iter()) {
        assert_eq!(train.key(), test.key());
        assert_eq!(train.start(), Period::step(1));
        assert_eq!(test.start(), train.end().plus(1));
    }
    assert_eq!(m4.test.get(&SeriesKey::national("W1")).unwrap().values(0)[0].to_bits(), 35_397.16_f64.to_bits());
}

#[test]
fn job_sdf() {
    for (name, series) in [("dataset_demand_r0", 2_335), ("dataset_demand_region", 16_345)] {
        let source = source!(&format!("job-sdf/{name}.parquet"));
        let (panel, _) = read_job_sdf(&source, &ReadOptions::default()).unwrap();
        assert_eq!((panel.n_series(), panel.n_rows(), panel.frequency()), (series, series * 36, Frequency::Monthly));
        spans(&panel, "2021-01", "2023-12");
        assert!(panel.column("postings").unwrap().iter().all(|&n| n >= 0.0));
    }
}

#[test]
fn indeed_sectors_and_nation() {
    let options = ReadOptions::default();
    let source = source!("indeed-postings/us_sector_daily_2020-02_2024-09.csv");
    let (panel, _) = read_indeed_postings(&source, PostingsKind::Total, &options).unwrap();
    assert_eq!(panel.n_series(), 46);
    spans(&panel, "2020-02-01", "2024-09-27");
    assert_eq!(value(&panel, &SeriesKey::national("Accounting"), "index", "2020-02-03").to_bits(), 99.68_f64.to_bits());

    let source = source!("indeed-postings/us_aggregate_daily_2020-02_2026-08.csv");
    for kind in [PostingsKind::Total, PostingsKind::New] {
        let (panel, report) = read_indeed_postings(&source, kind, &options).unwrap();
        assert_eq!((panel.n_series(), panel.columns().len()), (1, 2));
        assert_eq!(report.rows_read, report.rows_used * 2);
        spans(&panel, "2020-02-01", "2026-08-14");
    }
}

#[test]
fn indeed_states() {
    let source = source!("indeed-postings/us_state_daily_2020-02_2026-08.csv");
    let (panel, report) = read_indeed_postings(&source, PostingsKind::Total, &ReadOptions::default()).unwrap();
    assert_eq!((panel.n_series(), report.rows_read), (51, report.rows_used));
    spans(&panel, "2020-02-01", "2026-08-14");
    assert_eq!(
        value(&panel, &SeriesKey::new("all postings", "AK"), "index", "2020-02-03").to_bits(),
        99.84_f64.to_bits()
    );
}

#[test]
fn posted_wages() {
    for (name, series) in [("sector", 19), ("country", 11)] {
        let source = source!(&format!("indeed-wages/posted-wage-growth-by-{name}.csv"));
        let (panel, _) = read_posted_wages(&source, &gaps_allowed()).unwrap();
        assert_eq!(panel.n_series(), series);
        spans(&panel, "2019-01", "2026-04");
    }
    let source = source!("indeed-wages/posted-wage-growth-by-country.csv");
    let (panel, _) = read_posted_wages(&source, &gaps_allowed()).unwrap();
    let canada = SeriesKey::new("all postings", "CA");
    assert_eq!(value(&panel, &canada, "n_obs", "2019-01").to_bits(), 33_208.0_f64.to_bits());
    assert!(value(&panel, &canada, "posted_wage_growth_yoy_3moavg", "2019-01").is_nan());
}

#[test]
fn scorecard() {
    let source = source!("scorecard-certificates/value_check.parquet");
    let (programmes, report) = read_scorecard(&source, Mode::Strict).unwrap();
    assert_eq!((report.rows_read, programmes.len()), (220_960, 42_562));
    assert_eq!(programmes.iter().filter(|p| p.earnings_usd.is_finite()).count(), 8_368);
    let with_earnings = programmes.iter().filter(|p| p.earnings_usd.is_finite());
    let mut fields: Vec<&str> = with_earnings.map(|p| p.cip4.as_str()).collect();
    fields.sort_unstable();
    fields.dedup();
    assert_eq!(fields.len(), 208);
    assert_eq!(programmes.iter().filter(|p| p.state.is_none()).count(), 1_205);
}

#[test]
fn us_employment_by_month() {
    let source = source!("us-employment/us-employment.csv");
    let layout = LongLayout { id: "series".to_owned(), time: "month".to_owned(), ..LongLayout::default() };
    let error = read_long(&source, &layout).unwrap_err().to_string();
    assert!(error.contains("expected a column series, found the columns month, nonfarm, private"), "{error}");
}

fn oews_files() -> Option<Vec<Source>> {
    let mut files = Vec::new();
    for year in 2017..=2024 {
        files.push(Source::path(data(&format!("oews-national/national_M{year}_dl.xlsx"))?));
    }
    Some(files)
}

#[test]
fn oews_single_years() {
    // Detailed occupations of each file and the total of all.
    for (name, rows, limit) in [
        ("national_M2013_dl.csv", 821, None),
        ("national_M2017_dl.xlsx", 810, None),
        ("national_M2018_dl.xlsx", 809, None),
        ("national_M2019_dl.xlsx", 790, Some(208_000.0)),
        ("national_M2020_dl.xlsx", 790, Some(208_000.0)),
        ("national_M2021_dl.xlsx", 832, Some(208_000.0)),
        ("national_M2022_dl.xlsx", 831, Some(239_200.0)),
        ("national_M2023_dl.xlsx", 832, Some(239_200.0)),
        ("national_M2024_dl.xlsx", 832, Some(239_200.0)),
    ] {
        let source = source!(&format!("oews-national/{name}"));
        let (year, _) = read_oews(&source, None, Mode::Strict).unwrap();
        assert_eq!((year.rows.len(), year.top_code.map(|t| t.usd_per_year)), (rows, limit), "{name}");
        // No published percentile lies above the limit. Means do: they are published although percentiles are not.
        let percentiles = year.rows.iter().flat_map(|row| &row.cells[3..8]);
        let top = percentiles.map(|cell| cell.value()).fold(0.0, f64::max);
        println!("{name}: highest percentile {top}");
        assert!(year.top_code.is_none_or(|limit| top < limit.usd_per_year), "{name}");
    }
}

#[test]
fn oews_trades() {
    let mut files = Vec::new();
    for year in 2013..=2023 {
        files.push(source!(&format!("oews-trades/only_trade_national_M{year}_dl.xlsx")));
    }
    let (oews, report) = read_oews_years(&files, SocBasis::Soc2018, &gaps_allowed()).unwrap();
    spans(&oews.panel, "2013", "2023");
    println!("{} series, {} unlinked\n{report}", oews.panel.n_series(), oews.unlinked.len());
    let whole =
        oews.panel.iter().filter(|s| s.len() == 11 && s.column("a_median").unwrap().iter().all(|x| x.is_finite()));
    assert_eq!(whole.count(), 159);
}

#[test]
fn oews_years_are_one_series_across_three_code_lists() {
    let Some(files) = oews_files() else { return };
    let (oews, report) = read_oews_years(&files, SocBasis::Soc2018, &gaps_allowed()).unwrap();
    spans(&oews.panel, "2017", "2024");
    let median = |soc: &str| oews.panel.get(&SeriesKey::national(soc)).unwrap().column("a_median").unwrap().to_vec();
    // Licensed practical nurses, as printed in the eight files.
    assert_eq!(median("29-2061"), [45_030.0, 46_240.0, 47_480.0, 48_820.0, 48_070.0, 54_620.0, 59_730.0, 62_340.0]);
    // User support specialists were 15-1151 in the files of 2017 and 2018.
    assert_eq!(median("15-1232")[..3], [50_210.0, 50_980.0, 52_270.0]);
    assert_eq!(oews.titles["15-1232"], "Computer User Support Specialists");

    let unbroken = |panel: &Panel| {
        let whole =
            |s: &credcast::SeriesView<'_>| s.len() == 8 && s.column("a_median").unwrap().iter().all(|x| x.is_finite());
        panel.iter().filter(|s| s.key().item() != "00-0000").filter(whole).count()
    };
    println!("{} series, {} unbroken\n{report}", oews.panel.n_series(), unbroken(&oews.panel));
    for year in 2017..=2024 {
        let codes: Vec<&str> = oews.unlinked.iter().filter(|u| u.year == year).map(|u| u.soc.as_str()).collect();
        println!("{year}: {} unlinked {codes:?}", codes.len());
    }
    assert!(oews.unlinked.iter().all(|u| u.year < 2021));
    // Of the 831 detailed occupations of 2024. Counted also by a separate script over the workbooks.
    assert_eq!(unbroken(&oews.panel), 746);
    // Every code of the earlier years that is linked exists in the files of 2021 to 2024, but for one that is no longer published.
    let published = oews.panel.starting_at(Period::year(2021));
    let lost: Vec<&SeriesKey> = oews.panel.keys().iter().filter(|k| published.get(k).is_none()).collect();
    assert_eq!(lost, [&SeriesKey::national("45-3031")]);

    let (joined, report) = read_oews_years(&files, SocBasis::Comparable, &gaps_allowed()).unwrap();
    println!("{} series, {} unbroken\n{report}", joined.panel.n_series(), unbroken(&joined.panel));
    let emt = joined.panel.get(&SeriesKey::national("29-2040")).unwrap();
    assert_eq!(emt.len(), 8);
    assert!(emt.column("a_median").unwrap().iter().all(|x| x.is_finite()));
    assert_eq!(unbroken(&joined.panel), 770);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let Some(files) = oews_files() else { return };
    let read = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| read_oews_years(&files[..3], SocBasis::Soc2018, &gaps_allowed())).unwrap()
    };
    let (one, four) = (read(1), read(4));
    // NaN differs from itself, so the text is compared.
    assert_eq!(format!("{one:?}"), format!("{four:?}"));
}

#[test]
fn damaged_workbooks_never_panic() {
    let Some(path) = data("oews-trades/only_trade_national_M2013_dl.xlsx") else { return };
    let whole = std::fs::read(path).unwrap();
    let mut state = 1_u64;
    let mut next = || {
        // Numerical Recipes, 3rd ed., section 7.1.3: a 64-bit linear congruential generator.
        state = state.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(3_037_000_493);
        usize::try_from(state >> 33).unwrap()
    };
    for round in 0..400 {
        let mut bytes = whole.clone();
        for _ in 0..=round % 4 {
            let index = next() % bytes.len();
            bytes[index] = next().to_le_bytes()[0];
        }
        if round % 10 == 0 {
            bytes.truncate(next() % whole.len());
        }
        let _ = read_oews(&Source::bytes("oews-2013.xlsx", bytes), None, Mode::Strict);
    }
}

#[test]
fn columns_of_a_parquet_file_keep_their_types() {
    let source = source!("scorecard-certificates/value_check.parquet");
    let table = read_parquet(&source).unwrap();
    assert_eq!(table.n_rows(), 220_960);
    println!("{:?}", table.names());
    assert!(matches!(table.column("cip_code").unwrap(), credcast::ingest::Column::Text(_)));
    assert!(matches!(table.column("earnings").unwrap(), credcast::ingest::Column::Real(_)));
}

#[test]
fn every_file_is_told_by_its_header() {
    for (name, layout) in [
        ("m4-weekly/Weekly-test.csv", Layout::M4),
        ("job-sdf/dataset_demand_r0.parquet", Layout::JobSdf),
        ("indeed-postings/us_state_daily_2020-02_2026-08.csv", Layout::IndeedPostings),
        ("indeed-wages/posted-wage-growth-by-sector.csv", Layout::PostedWages),
        ("oews-national/national_M2013_dl.csv", Layout::Oews),
        ("oews-national/national_M2019_dl.xlsx", Layout::Oews),
        ("oews-trades/only_trade_national_M2019_dl.xlsx", Layout::Oews),
        ("scorecard-certificates/value_check.parquet", Layout::Scorecard),
    ] {
        let found = check(&source!(name)).unwrap();
        println!("{name}: {}\n  {}", found.description, found.report);
        assert_eq!(found.layout, layout);
    }
}

/// The file `name` of the bundled data.
fn bundled(name: &str) -> Option<Source> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets").join(name);
    if !path.exists() {
        println!("skipped: no data");
        return None;
    }
    Some(Source::path(path))
}

#[test]
fn bundled_programmes_are_those_of_the_full_table() {
    let Some(source) = bundled("scorecard-certificates/programmes.csv.gz") else { return };
    let (programmes, _) = read_scorecard(&source, Mode::Strict).unwrap();
    assert_eq!(programmes.len(), 42_562);
    assert_eq!(programmes.iter().filter(|p| p.earnings_usd.is_finite()).count(), 8_368);
}

#[test]
fn bundled_occupations_continue_the_national_series() {
    let Some(source) = bundled("oews-2025/occupations.csv.gz") else { return };
    let (oews, _) = read_oews_years(&[source], SocBasis::Soc2018, &ReadOptions::default()).unwrap();
    assert!(oews.unlinked.is_empty());
    spans(&oews.panel, "2025", "2025");
    let national = oews.panel.keys().iter().filter(|k| k.region().is_nation() && k.item() != "00-0000").count();
    assert_eq!(national, 830);
    assert!(oews.panel.get(&SeriesKey::new("29-2061", "TX")).is_some());
}

#[test]
fn bundled_employment() {
    let Some(source) = bundled("us-employment/employment.csv.gz") else { return };
    let (panel, report) = read_long(&source, &LongLayout::default()).unwrap();
    assert_eq!((panel.frequency(), report.rows_read), (Frequency::Monthly, report.rows_used));
    assert_eq!(panel.first_period().unwrap().to_string(), "1939-01");
}
