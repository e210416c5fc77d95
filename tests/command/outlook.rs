//! The outlook: what it must say, what it must not know, and the constants it rests on.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests may do what tests may")]

use std::collections::BTreeMap;
use std::f64::consts::TAU;

use credcast::catalog::Catalog;
use credcast::ingest::bundled_market;
use credcast::market::{Market, OccupationYear, PayTable, Provenance, Sourced, TableKind};
use credcast::value::{Outlook, OutlookReport, OutlookSettings, Verdict};
use credcast::{CertificateId, Panel, Period, RegionId, SeriesKey};

/// Certificates of a made market: what their postings and pay do is known.
const MADE: &str = r#"
[[certificate]]
id = "rising"
name = "Rising"
issuer = "Board"
kind = "certification"
soc = [{ code = "29-2052", weight = 1.0 }]

[[certificate]]
id = "steady"
name = "Steady"
issuer = "Board"
kind = "certification"
soc = [{ code = "29-2053", weight = 1.0 }]

[[certificate]]
id = "falling"
name = "Falling"
issuer = "Board"
kind = "certification"
soc = [{ code = "29-2055", weight = 1.0 }]

[[certificate]]
id = "low-paid"
name = "Low paid"
issuer = "Board"
kind = "certification"
soc = [{ code = "31-1131", weight = 1.0 }]

[[certificate]]
id = "retired"
name = "Retired"
issuer = "Board"
kind = "certification"
retired = "2021-06"
soc = [{ code = "29-2053", weight = 1.0 }]

[[certificate]]
id = "unseen"
name = "Unseen"
issuer = "Board"
kind = "certification"
soc = [{ code = "29-2053", weight = 1.0 }]
"#;

/// Months of the made market: 2014-01 to 2024-04, when the survey of May 2023 is published.
const MONTHS: i32 = 124;

/// Postings of `item` in month `t`: a path with a small, known disturbance.
fn postings(item: &str, t: i32) -> f64 {
    let years = f64::from(t) / 12.0;
    let wobble = 0.02 * (TAU * f64::from(t) * 0.618).sin();
    let log = match item {
        "rising" => 7.0 + 0.10 * years,
        "falling" => 8.0 - 0.25 * years,
        _ => 8.0,
    };
    (log + wobble).exp()
}

fn sourced<T>(kind: TableKind, rows: usize, data: T) -> Sourced<T> {
    let source = Provenance { kind, files: vec![format!("{kind}.csv")], vintage: "2024-02-01".parse().unwrap(), rows };
    Sourced { data, source }
}

/// The made market as far as `months` months; pay is surveyed to the last year published by then.
fn made_market(months: i32) -> Market {
    let start = Period::month(2014, 1).unwrap();
    let items = ["rising", "steady", "falling", "low-paid", "retired", "others"];
    let series = items
        .map(|item| (SeriesKey::national(item), start, (0..months).map(|t| postings(item, t)).collect::<Vec<f64>>()));
    let mut pay = PayTable::new();
    let nation = RegionId::nation();
    // The survey of May is published in the April after.
    let last_year = 2014 + (months - 4) / 12 - 1;
    for year in 2012..=i16::try_from(last_year).unwrap() {
        let occupations = [
            ("00-0000", 48_000.0),
            ("29-2052", 60_000.0),
            ("29-2053", 62_000.0),
            ("29-2055", 62_000.0),
            ("31-1131", 25_000.0),
        ];
        for (soc, usd) in occupations {
            let cell =
                OccupationYear { employment: Some(90_000.0), median_usd: Some(usd), ..OccupationYear::default() };
            pay.insert(soc, &nation, year, cell).unwrap();
        }
    }
    Market {
        catalog: Catalog::parse("made.toml", MADE).unwrap(),
        certificate_postings: Some(sourced(
            TableKind::CertificatePostings,
            6,
            Panel::from_series("y", series).unwrap(),
        )),
        pay: Some(sourced(TableKind::Oews, pay.len(), pay)),
        ..Market::default()
    }
}

fn outlooks(market: &Market, settings: &OutlookSettings) -> OutlookReport {
    OutlookReport::compute(market, &[RegionId::nation()], settings).unwrap()
}

fn of<'a>(report: &'a OutlookReport, id: &str) -> &'a Outlook {
    report.certificates.iter().find(|outlook| outlook.id == CertificateId::new(id)).unwrap()
}

#[test]
fn known_paths_get_the_verdict_that_they_deserve() {
    let report = outlooks(&made_market(MONTHS), &OutlookSettings::default());
    let verdict = |id: &str| of(&report, id).verdict;
    assert_eq!(verdict("rising"), Verdict::Grow);
    assert!(matches!(verdict("steady"), Verdict::Hold | Verdict::Grow), "{:?}", of(&report, "steady"));
    assert_eq!(verdict("falling"), Verdict::PhaseOut);
    assert_eq!(verdict("low-paid"), Verdict::PhaseOut);
    // Its postings go on as before: retirement alone decides, and the reason says so.
    assert_eq!(verdict("retired"), Verdict::PhaseOut);
    assert_eq!(of(&report, "retired").reason, "retired by its issuer in 2021-06");
    assert!(of(&report, "retired").horizons.iter().all(|h| h.p_holds_value == Some(0.0) && h.p_share > Some(0.5)));
    assert_eq!(verdict("unseen"), Verdict::CannotTell);
    assert!(of(&report, "unseen").horizons.is_empty() && !of(&report, "unseen").reason.is_empty());
}

#[test]
fn an_announced_retirement_ends_value_in_its_month() {
    let mut market = made_market(MONTHS);
    market.catalog = Catalog::parse("made.toml", &MADE.replace("2021-06", "2026-01")).unwrap();
    let report = outlooks(&market, &OutlookSettings::default());
    let outlook = of(&report, "retired");
    assert_eq!(outlook.verdict, Verdict::PhaseOut);
    assert_eq!(outlook.reason, "will be retired by its issuer in 2026-01");
    for horizon in &outlook.horizons {
        assert_eq!(horizon.p_holds_value == Some(0.0), horizon.months >= 24, "{horizon:?}");
    }
    // Four years earlier nobody knew.
    let said = &outlook.past_check.as_ref().unwrap().said;
    assert!(said.p_holds_value > Some(0.5) && said.verdict != Verdict::PhaseOut);
}

#[test]
fn the_past_check_knows_nothing_that_came_later() {
    let settings = OutlookSettings { horizons_months: vec![12, 24, 36, 48], ..OutlookSettings::default() };
    let report = outlooks(&made_market(MONTHS), &settings);
    // The market as it stood 48 months before its end, by construction.
    let mut then = made_market(MONTHS - 48);
    then.catalog = Catalog::parse("made.toml", &MADE.replace("retired = \"2021-06\"", "")).unwrap();
    let then = outlooks(&then, &settings);
    let mut compared = 0;
    for outlook in &report.certificates {
        let Some(check) = &outlook.past_check else { continue };
        assert_eq!((check.origin.as_str(), check.months), ("2020-04", 48));
        let said = of(&then, outlook.id.as_str());
        let horizon = said.horizons.iter().find(|h| h.months == 48).unwrap();
        assert_eq!(check.said.p_holds_value, horizon.p_holds_value, "{}", outlook.id);
        let band = horizon.share_factor.as_ref().unwrap();
        assert_eq!(check.said.share_factor, (band.p10, band.p50, band.p90), "{}", outlook.id);
        compared += 1;
    }
    assert!(compared >= 5, "{compared}");
}

#[test]
fn what_happened_is_what_the_series_did() {
    let report = outlooks(&made_market(MONTHS), &OutlookSettings::default());
    let items = ["rising", "steady", "falling", "low-paid", "retired", "others"];
    let share = |item: &str, t: i32| postings(item, t) / items.iter().map(|i| postings(i, t)).sum::<f64>();
    for id in ["rising", "steady", "falling", "low-paid"] {
        let check = of(&report, id).past_check.as_ref().unwrap();
        let factor = share(id, MONTHS - 1) / share(id, MONTHS - 49);
        approx::assert_relative_eq!(check.happened.share_factor, factor, max_relative = 1e-12);
    }
    let held = |id: &str| of(&report, id).past_check.as_ref().unwrap().happened.held_value;
    assert!(held("rising") && held("steady") && !held("falling") && !held("low-paid"));
    // Retired between origin and target: it stays in the check and counts as a failure.
    assert!(!held("retired"));
}

#[test]
fn stricter_conditions_never_raise_the_probability() {
    let market = made_market(MONTHS);
    let base = outlooks(&market, &OutlookSettings::default());
    let stricter = [
        OutlookSettings { delta: 0.02, ..OutlookSettings::default() },
        OutlookSettings { pi: 0.3, ..OutlookSettings::default() },
        OutlookSettings { n_jobs: 80_000.0, ..OutlookSettings::default() },
    ];
    for settings in stricter {
        let report = outlooks(&market, &settings);
        for (lax, strict) in base.certificates.iter().zip(&report.certificates) {
            for (lax, strict) in lax.horizons.iter().zip(&strict.horizons) {
                assert!(strict.p_holds_value <= lax.p_holds_value, "{lax:?} {strict:?}");
            }
        }
    }
}

#[test]
fn a_month_that_no_certificate_has_keeps_its_place() {
    let mut market = made_market(MONTHS);
    let whole = outlooks(&market, &OutlookSettings::default());
    let table = market.certificate_postings.as_mut().unwrap();
    let holed = table.data.iter().map(|series| {
        let mut values = series.values(0).to_vec();
        values[40] = f64::NAN;
        (series.key().clone(), series.start(), values)
    });
    table.data = Panel::from_series("y", holed.collect::<Vec<_>>()).unwrap();
    let report = outlooks(&market, &OutlookSettings::default());
    // One missing month, long ago: the forecast may move by a little, never by a month of growth.
    for id in ["rising", "steady", "falling"] {
        let last = |report: &OutlookReport| of(report, id).horizons[3].demand.as_ref().unwrap().p50;
        approx::assert_relative_eq!(last(&report), last(&whole), max_relative = 0.02);
    }
}

#[test]
fn a_share_not_seen_for_over_a_year_gives_no_answer() {
    let mut market = made_market(MONTHS);
    let table = market.certificate_postings.as_mut().unwrap();
    let silent = |months: usize| move |values: &mut Vec<f64>| values.truncate(values.len() - months);
    let shortened = |panel: &Panel, item: &str, change: &dyn Fn(&mut Vec<f64>)| {
        let series = panel.iter().map(|series| {
            let mut values = series.values(0).to_vec();
            if series.key().item() == item {
                change(&mut values);
            }
            (series.key().clone(), series.start(), values)
        });
        Panel::from_series("y", series.collect::<Vec<_>>()).unwrap()
    };
    let whole = table.data.clone();
    table.data = shortened(&shortened(&whole, "rising", &silent(13)), "falling", &silent(12));
    let report = outlooks(&market, &OutlookSettings::default());
    assert_eq!(of(&report, "rising").verdict, Verdict::CannotTell);
    assert_eq!(of(&report, "rising").reason, "its demand was last seen in 2023-03");
    assert!(!of(&report, "falling").horizons.is_empty() && !of(&report, "falling").reason.contains("last seen"));
}

/// What must hold of every outlook, whatever the market.
fn check_promises(report: &OutlookReport) {
    for outlook in &report.certificates {
        let id = &outlook.id;
        assert!(!outlook.reason.is_empty(), "{id}");
        if outlook.verdict == Verdict::CannotTell {
            continue;
        }
        if !outlook.horizons.is_empty() {
            for what in ["demand", "pay"] {
                let evidence = outlook.evidence.iter().find(|evidence| evidence.what == what).unwrap();
                assert!(evidence.rows > 0 && !evidence.source.is_empty() && !evidence.method.is_empty(), "{id}");
                assert!(evidence.vintage.parse::<jiff::civil::Date>().is_ok(), "{id}: {}", evidence.vintage);
            }
        }
        let mut width = 0.0;
        for horizon in &outlook.horizons {
            for band in [&horizon.demand, &horizon.share_factor, &horizon.pay].into_iter().flatten() {
                assert!(0.0 < band.p10 && band.p10 <= band.p50 && band.p50 <= band.p90, "{id}: {band:?}");
                assert!(band.p90.is_finite(), "{id}");
            }
            let parts = [horizon.p_holds_value, horizon.p_share, horizon.p_pay, horizon.p_jobs];
            assert!(parts.into_iter().flatten().all(|p| (0.0..=1.0).contains(&p)), "{id}: {parts:?}");
            if let Some(p) = horizon.p_holds_value {
                let least = parts[1..].iter().copied().flatten().fold(1.0, f64::min);
                assert!(p <= least + 1e-12, "{id}: {parts:?}");
            }
            let band = horizon.share_factor.as_ref().unwrap();
            let wider = (band.p90 / band.p10).ln();
            assert!(wider >= width, "{id}: the interval narrows at {} months", horizon.months);
            width = wider;
        }
    }
}

#[test]
fn the_bundled_outlook_keeps_its_promises() {
    let market = bundled_market().unwrap();
    let regions = [RegionId::nation(), RegionId::new("TX")];
    let report = OutlookReport::compute(&market, &regions, &OutlookSettings::default()).unwrap();
    assert!(report.headline[0].contains("2019-09"), "{:?}", report.headline);
    let judged = report.certificates.iter().filter(|o| o.region.is_nation() && o.verdict != Verdict::CannotTell);
    assert!(judged.count() >= 150);
    check_promises(&report);
    // No bundled table counts all demand in Texas: its pay is known, the nation's growth stands in.
    let texas = report.certificates.iter().find(|o| o.region.as_str() == "TX" && o.id.as_str() == "cna-state").unwrap();
    assert!(texas.verdict != Verdict::CannotTell && texas.horizons.iter().all(|h| h.demand.is_none()));
    assert!(texas.evidence.iter().any(|e| e.method.contains("the nation's growth stands in")), "{:?}", texas.evidence);
    let nowhere = OutlookReport::compute(&market, &[RegionId::new("ZZ")], &OutlookSettings::default()).unwrap();
    let open = nowhere.certificates.iter().filter(|o| !o.reason.starts_with("retired"));
    assert!(open.clone().count() > 150 && open.clone().all(|o| o.verdict == Verdict::CannotTell));
    let origins: Vec<&str> =
        report.certificates.iter().filter_map(|o| Some(o.past_check.as_ref()?.origin.as_str())).collect();
    assert!(!origins.is_empty() && origins.iter().all(|origin| *origin == "2015-09"));
}

#[cfg(all(feature = "parquet", feature = "xlsx"))]
mod public_files {
    use std::path::{Path, PathBuf};

    use credcast::ingest::{ReadOptions, SocBasis, Source, read_market, read_oews_years};
    use credcast::panel::GapPolicy;

    use super::*;

    fn data() -> Option<PathBuf> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
        if path.exists() {
            return Some(path);
        }
        println!("skipped: no data");
        None
    }

    /// National OEWS of May 2017 to May 2024, linked to SOC 2018: median pay, employment and its relative standard error.
    fn oews(data: &Path) -> Panel {
        let files = (2017..=2024)
            .map(|year| Source::path(data.join(format!("oews-national/national_M{year}_dl.xlsx"))))
            .collect::<Vec<_>>();
        let options = ReadOptions { gaps: GapPolicy::Missing, ..ReadOptions::default() };
        read_oews_years(&files, SocBasis::Soc2018, &options).unwrap().0.panel
    }

    /// The values of one column, by occupation and year.
    fn by_year(panel: &Panel, column: &str) -> BTreeMap<(String, i32), f64> {
        let index = panel.column_index(column).unwrap();
        let cells = panel.iter().flat_map(|series| {
            let values: Vec<_> = series
                .values(index)
                .iter()
                .enumerate()
                .filter(|(_, value)| value.is_finite())
                .map(|(row, value)| {
                    ((series.key().item().to_owned(), series.period(row).to_string().parse().unwrap()), *value)
                })
                .collect();
            values
        });
        cells.collect()
    }

    const ALL: &str = "00-0000";

    #[test]
    fn the_pay_prior_is_what_oews_shows() {
        let Some(data) = data() else { return };
        let panel = oews(&data);
        let median = by_year(&panel, "a_median");
        let error = by_year(&panel, "mean_rse");
        let relative = |key: &(String, i32)| Some((median.get(key)? / median.get(&(ALL.to_owned(), key.1))?).ln());
        for years in [3, 4] {
            let (mut sum, mut noise, mut n) = (0.0, 0.0, 0_u32);
            for now in median.keys().filter(|(soc, _)| soc != ALL) {
                let later = (now.0.clone(), now.1 + years);
                let Some((change, errors)) = relative(now)
                    .zip(relative(&later))
                    .map(|(before, after)| after - before)
                    .zip(error.get(now).zip(error.get(&later)))
                else {
                    continue;
                };
                sum += change * change;
                noise += (errors.0 / 100.0).powi(2) + (errors.1 / 100.0).powi(2);
                n += 1;
            }
            let sd = ((sum - noise) / f64::from(n) / f64::from(years)).sqrt();
            println!("changes over {years} years: {n}, sd {sd:.4} per square root of a year");
            assert!(n > 2_500, "{n}");
            approx::assert_abs_diff_eq!(sd, 0.05, epsilon = 0.002);
        }
    }

    #[test]
    fn the_staffing_prior_is_what_oews_shows() {
        let Some(data) = data() else { return };
        let panel = oews(&data);
        let (jobs, error) = (by_year(&panel, "tot_emp"), by_year(&panel, "emp_rse"));
        let mut total = 0.0;
        for first in [2022, 2023] {
            let (mut sum, mut noise, mut n) = (0.0, 0.0, 0_u32);
            let at = |soc: &str, year: i32| jobs.get(&(soc.to_owned(), year)).copied();
            for (soc, year) in jobs.keys().filter(|(soc, year)| soc != ALL && *year == first) {
                let (Some(now), Some(later)) = (at(soc, *year), at(soc, year + 1)) else { continue };
                let errors = [*year, year + 1].map(|year| error.get(&(soc.clone(), year)).copied());
                let ([Some(before), Some(after)], true) = (errors, now > 20_000.0) else { continue };
                let all = (at(ALL, year + 1).unwrap() / at(ALL, *year).unwrap()).ln();
                sum += ((later / now).ln() - all).powi(2);
                noise += (before / 100.0).powi(2) + (after / 100.0).powi(2);
                n += 1;
            }
            let sd = ((sum - noise) / f64::from(n)).sqrt();
            println!("May {first} to {}: {n} occupations, sd {sd:.4}", first + 1);
            total += sd * sd;
        }
        approx::assert_abs_diff_eq!((total / 2.0).sqrt(), 0.063, epsilon = 0.001);
    }

    #[test]
    fn the_market_over_public_files_keeps_its_promises() {
        let Some(data) = data() else { return };
        let folder = tempfile::tempdir().unwrap();
        let mut manifest = "name = \"public files\"\n".to_owned();
        for (kind, path, vintage) in [
            ("indeed-sector", "indeed-postings/us_sector_daily_2020-02_2024-09.csv", "2024-10-03"),
            ("indeed-aggregate", "indeed-postings/us_aggregate_daily_2020-02_2026-08.csv", "2026-08-19"),
            ("indeed-state", "indeed-postings/us_state_daily_2020-02_2026-08.csv", "2026-08-19"),
            ("indeed-wages-sector", "indeed-wages/posted-wage-growth-by-sector.csv", "2026-05-26"),
            ("oews", "oews-national", "2025-04-02"),
        ] {
            let path = data.join(path);
            manifest += &format!("[[table]]\nkind = \"{kind}\"\npath = '{}'\nvintage = {vintage}\n", path.display());
        }
        manifest +=
            "[[table]]\nkind = \"scorecard\"\npath = \"bundled:scorecard-certificates\"\nvintage = 2026-06-10\n";
        std::fs::write(folder.path().join("market.toml"), manifest).unwrap();
        let (market, _) = read_market(folder.path()).unwrap();
        let report = outlooks(&market, &OutlookSettings::default());
        assert!(report.certificates.iter().filter(|o| o.verdict != Verdict::CannotTell).count() >= 150);
        check_promises(&report);
        let check = &report.past_check;
        assert_eq!((check.origin.as_str(), check.months), ("2022-01", 31));
        // Neither claim is ours to choose: the check is on outcomes that the method had not seen.
        assert!(check.n >= 150 && check.brier.is_finite() && (0.0..=1.0).contains(&check.coverage80));
    }
}
