//! What the command promises: data on standard output and nothing else there, messages that a person can act on, exit
//! codes that a script can trust, and no file left half written.

#![allow(clippy::unwrap_used, reason = "helpers of tests may do what tests may")]

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use approx::assert_relative_eq;
use credcast::Persist;
use credcast::forecast::{Fitted, FittedModel};
use credcast::report::{forecast_rows, json};
use serde_json::Value;
use tempfile::TempDir;

/// How a run of the command ended.
#[derive(Debug)]
struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Run {
    fn json(&self) -> Value {
        assert_eq!(self.code, Some(0), "{self:?}");
        serde_json::from_str(&self.out).unwrap()
    }

    /// The run failed with `code`, printed no data and says each of `parts`.
    #[track_caller]
    fn fails(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.out, "", "{self:?}");
        assert!(!self.err.contains("panicked"), "{}", self.err);
        for part in parts {
            assert!(self.err.contains(part), "no {part:?} in {}", self.err);
        }
    }
}

/// Runs the command in `folder`, its streams piped.
fn run(folder: &Path, args: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_credcast"))
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .env_remove("NO_COLOR")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// A folder of its own with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A long file of `n` months from 2020-01: the series `name`, its values by month.
fn long(series: &[&str], n: u32, value: impl Fn(usize, u32) -> f64) -> String {
    let mut text = "unique_id,ds,y\n".to_owned();
    for (index, name) in series.iter().enumerate() {
        for t in 0..n {
            writeln!(text, "{name},{}-{:02},{}", 2020 + t / 12, t % 12 + 1, value(index, t)).unwrap();
        }
    }
    text
}

/// Five years of six series that no model forecasts without error.
fn wavy() -> String {
    long(&["a", "b", "c", "d", "e", "f"], 60, |i, t| {
        f64::from(40 + 3 * t + 11 * (t % 12) + t * t * 7 % 23) + 5.0 * i as f64
    })
}

const CATALOG: &str = r#"
[[certificate]]
id = "care"
name = "Care Certificate"
issuer = "x"
kind = "licence"
soc = [{ code = "31-1131", weight = 1.0 }]

[[certificate]]
id = "rare"
name = "Rare Certificate"
issuer = "x"
kind = "software"
"#;

const MARKET: &str = r#"name = "small"
note = "Invented numbers."

[[table]]
kind = "catalog"
path = "catalog.toml"
vintage = 2025-01-01

[[table]]
kind = "certificate-postings"
path = "postings.csv"
vintage = 2025-02-01

[[table]]
kind = "oews-areas"
path = "bundled:oews-2025-occupations"
vintage = 2026-05-15
"#;

/// A folder with the folder `market` in it: five years of postings of two certificates.
fn market(manifest: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let market = folder.path().join("market");
    std::fs::create_dir(&market).unwrap();
    let postings = long(&["care", "rare"], 60, |i, t| f64::from(500 + t * 5 % 17) + 100.0 * i as f64);
    for (name, text) in [("market.toml", manifest), ("catalog.toml", CATALOG), ("postings.csv", &postings)] {
        std::fs::write(market.join(name), text).unwrap();
    }
    folder
}

/// One run over the bundled data serves every test that reads it.
fn bundled(threads: &str) -> &'static Run {
    static ONE: OnceLock<Run> = OnceLock::new();
    static FOUR: OnceLock<Run> = OnceLock::new();
    let cell = if threads == "1" { &ONE } else { &FOUR };
    cell.get_or_init(|| run(Path::new("."), &["outlook", "--format", "json", "--threads", threads]))
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

// The outlook.

#[test]
fn the_bundled_outlook_first_says_that_employment_ends_in_2019_09() {
    let outlook = run(Path::new("."), &["outlook", "--certificate", "cna-state"]);
    assert_eq!((outlook.code, outlook.err.as_str()), (Some(0), ""));
    let first = outlook.out.lines().next().unwrap();
    assert!(first.contains("employment ends in 2019-09"), "{first}");
    assert!(outlook.out.contains("Certified Nursing Assistant (cna-state), licence, US"));
}

#[test]
fn every_certificate_has_evidence_with_source_vintage_rows_and_method() {
    let report = bundled("1").json();
    for part in ["vintage", "settings", "certificates"] {
        assert!(report.get(part).is_some(), "{part}");
    }
    let certificates = report["certificates"].as_array().unwrap();
    assert!(certificates.len() > 400, "{}", certificates.len());
    for certificate in certificates {
        let fields = keys(certificate);
        for field in ["id", "name", "region", "kind", "basis", "verdict", "reason", "horizons", "evidence"] {
            assert!(fields.contains(&field), "{field} of {certificate}");
        }
        let evidence = certificate["evidence"].as_array().unwrap();
        assert!(!evidence.is_empty(), "{certificate}");
        for entry in evidence {
            assert!(!entry["source"].as_str().unwrap().is_empty(), "{entry}");
            assert_eq!(entry["vintage"].as_str().unwrap().len(), "2026-05-15".len(), "{entry}");
            assert!(entry["rows"].as_u64().unwrap() > 0, "{entry}");
            assert!(!entry["method"].as_str().unwrap().is_empty(), "{entry}");
        }
    }
}

#[test]
fn horizons_carry_ordered_bands_and_probabilities() {
    let report = bundled("1").json();
    let months: Vec<&Value> = report["settings"]["horizons_months"].as_array().unwrap().iter().collect();
    assert_eq!(months, [12, 24, 36, 48]);
    let mut bands = 0;
    for certificate in report["certificates"].as_array().unwrap() {
        for horizon in certificate["horizons"].as_array().unwrap() {
            assert!(months.contains(&&horizon["months"]));
            if let Some(p) = horizon["p_holds_value"].as_f64() {
                assert!((0.0..=1.0).contains(&p), "{horizon}");
            }
            for band in [&horizon["demand"], &horizon["pay"]].into_iter().filter(|band| !band.is_null()) {
                let [low, mid, high] = ["p10", "p50", "p90"].map(|p| band[p].as_f64().unwrap());
                assert!(low <= mid && mid <= high, "{band}");
                bands += 1;
            }
        }
    }
    assert!(bands > 1000, "{bands}");
}

#[test]
fn the_outlook_does_not_depend_on_the_threads() {
    assert_eq!(bundled("1").code, Some(0));
    assert!(bundled("1").out == bundled("4").out, "1 and 4 threads give different outlooks");
}

#[test]
fn long_work_is_silent_when_nobody_watches() {
    // A progress bar would show after a second.
    assert_eq!(bundled("1").err, "");
    assert!(!bundled("1").out.contains('\u{1b}'));
}

#[test]
fn a_market_is_found_by_folder_or_manifest_relative_or_absolute() {
    let folder = market(MARKET);
    let absolute = folder.path().join("market");
    let absolute_file = absolute.join("market.toml");
    let certificates = |path: &str, from: &Path| {
        let report = run(from, &["outlook", "--market", path, "--format", "json"]).json();
        assert_eq!(report["headline"][0], "Invented numbers.");
        let horizons = |c: &Value| (c["id"].clone(), c["horizons"].clone());
        report["certificates"].as_array().unwrap().iter().map(horizons).collect::<Vec<_>>()
    };
    let expected = certificates("market", folder.path());
    assert_eq!(expected.iter().map(|(id, _)| id).collect::<Vec<_>>(), ["care", "rare"]);
    assert_eq!(certificates("market/market.toml", folder.path()), expected);
    assert_eq!(certificates(".", &absolute), expected);
    assert_eq!(certificates("market.toml", &absolute), expected);
    assert_eq!(certificates(absolute.to_str().unwrap(), Path::new("/")), expected);
    assert_eq!(certificates(absolute_file.to_str().unwrap(), Path::new("/")), expected);
}

#[test]
fn horizons_alone_move_the_verdict_to_the_last() {
    let folder = market(MARKET);
    let decision = |args: &[&str]| {
        let all = [&["outlook", "--market", "market", "--format", "json"], args].concat();
        run(folder.path(), &all).json()["settings"]["decision_months"].clone()
    };
    assert_eq!(decision(&[]), 36);
    assert_eq!(decision(&["--horizons", "6,12"]), 12);
    assert_eq!(decision(&["--horizons", "6,12", "--decide-at", "6"]), 6);
}

#[test]
fn postings_of_a_state_are_not_taken_for_the_nation() {
    let folder = market(MARKET);
    let horizons = |region: Option<&str>| {
        let mut text = "unique_id,region,ds,y\n".to_owned();
        for t in 0..60 {
            let month = format!("{}-{:02}", 2020 + t / 12, t % 12 + 1);
            writeln!(text, "care,US,{month},{}", 1000 + t * 5 % 17).unwrap();
            if let Some(region) = region {
                writeln!(text, "care,{region},{month},{}", 50 + t % 3).unwrap();
            }
        }
        std::fs::write(folder.path().join("market/postings.csv"), text).unwrap();
        let args = ["outlook", "--market", "market", "--certificate", "care", "--format", "json"];
        run(folder.path(), &args).json()["certificates"][0]["horizons"].clone()
    };
    assert!(!horizons(None)[0]["demand"].is_null());
    assert_eq!(horizons(None), horizons(Some("TX")));
}

#[test]
fn unknown_certificates_and_regions_are_wrong_usage() {
    let folder = market(MARKET);
    let outlook = |args: &[&str]| run(folder.path(), &[&["outlook", "--market", "market"], args].concat());
    outlook(&["--certificate", "car"]).fails(2, &["--certificate car: the catalogue has no such id", "near it: care"]);
    outlook(&["--region", "XX"]).fails(2, &["--region XX: the regions are all,", "TX"]);
    outlook(&["--horizons", "0"]).fails(2, &["--horizons", "ascending months from 1 to 120"]);
    outlook(&["--horizons", "12,six"]).fails(2, &["--horizons", "six"]);
    outlook(&["--decide-at", "5"]).fails(2, &["--decide-at 5: allowed is one of the horizons"]);
    outlook(&["--delta", "NaN"]).fails(2, &["--delta NaN: allowed is in [0, 1)"]);
    outlook(&["--threads", "0"]).fails(2, &["--threads", "a whole number from 1"]);
}

// The manifest.

#[test]
fn mistakes_in_a_manifest_name_it_its_line_and_what_was_expected() {
    let table = "name = \"m\"\n[[table]]\nkind = \"scorecard\"\npath = \"none.csv\"\nvintage = 2024-01-01\n";
    let cases = [
        (table.to_owned(), "line 2, column path: expected the file or folder of a scorecard table, found \"none.csv\""),
        (table.replace("none.csv", "bundled:none"), "line 2, column path: expected one of oews-2025-occupations,"),
        (table.replace("scorecard", "score"), "line 3: expected a market manifest, found unknown variant `score`"),
        (table.replace("path", "paht"), "line 4: expected a market manifest, found unknown field `paht`"),
        (table.replace("2024-01-01", "2024-13-01"), "line 5: expected a market manifest, found invalid date"),
        (table.replace("2024-01-01", "\"soon\""), "line 5, column vintage: expected a date such as 2026-08-19"),
        ("name = \"m\"\n".to_owned(), " (it names no [[table]])"),
        (String::new(), "expected a market manifest, found missing field `name`"),
        (MARKET.replace("certificate-postings", "catalog"), "postings.csv, line 1: expected a certificate catalogue"),
        (
            MARKET.replace("2025-02-01", "2024-06-01"),
            "postings.csv, line 56, column ds: expected a date up to 2024-06-01",
        ),
    ];
    for (manifest, message) in cases {
        let folder = market(&manifest);
        // What stands in a table is said of the table.
        let file = if message.starts_with("postings.csv") { "market/" } else { "market/market.toml" };
        for args in [["outlook", "--market", "market"].as_slice(), &["data", "check", "market"]] {
            run(folder.path(), args).fails(1, &[file, message]);
        }
    }
}

#[test]
fn a_missing_manifest_is_named() {
    let folder = folder(&[]);
    std::fs::create_dir(folder.path().join("market")).unwrap();
    for args in [["outlook", "--market", "market"].as_slice(), &["data", "check", "market"]] {
        run(folder.path(), args).fails(1, &["market/market.toml: there is no such file"]);
    }
    run(folder.path(), &["outlook", "--market", "none"]).fails(1, &["none: there is no such file"]);
}

#[test]
fn a_market_without_demand_is_named() {
    let manifest = "name = \"m\"\n[[table]]\nkind = \"catalog\"\npath = \"catalog.toml\"\nvintage = 2024-01-01\n";
    let folder = market(manifest);
    run(folder.path(), &["outlook", "--market", "market"]).fails(1, &["market: ", "no table of postings"]);
}

// Data.

#[test]
fn checking_a_folder_validates_its_manifest() {
    let folder = market(MARKET);
    let check = run(folder.path(), &["data", "check", "market"]);
    assert_eq!((check.code, check.err.as_str()), (Some(0), ""));
    assert!(check.out.starts_with("a market of 2 certificates\n"), "{}", check.out);
    assert!(check.out.contains("certificate-postings: 120 rows used of 120, known 2025-02-01"), "{}", check.out);
}

#[test]
fn checking_a_file_lists_its_bad_rows_and_fails() {
    let text = "unique_id,ds,y\na,2024-01,1\na,2024-02,many\na,2024-03,3\n";
    let folder = folder(&[("bad.csv", text), ("good.csv", &text.replace("many", "2"))]);
    let check = run(folder.path(), &["data", "check", "bad.csv"]);
    assert_eq!(check.code, Some(1));
    insta::assert_snapshot!(check.out, @r#"
    long table: 1 series, monthly, 2024-01 to 2024-03
    2 of 3 rows usable
    note: frequency monthly, inferred from column ds
    gap: a lacks 2024-02 to 2024-02
    bad row: bad.csv, line 3, column y: expected a number, found "many"
    "#);
    assert_eq!(check.err, "credcast: 1 rows cannot be used\n");
    assert_eq!(run(folder.path(), &["data", "check", "good.csv"]).code, Some(0));
}

#[test]
fn the_bundled_tables_are_listed_in_every_format() {
    let list = |format| run(Path::new("."), &["data", "list", "--format", format]);
    let tables = list("json").json();
    let csv = list("csv").out;
    assert_eq!(csv.lines().next(), Some("name,what,vintage,licence,source"));
    assert_eq!(csv.lines().count(), tables.as_array().unwrap().len() + 1);
    for table in tables.as_array().unwrap() {
        for field in ["name", "what", "vintage", "licence", "source"] {
            assert!(list("table").out.contains(table[field].as_str().unwrap()), "{table}");
        }
    }
}

// The back-test.

/// Two short series and what came after them.
const M4_TRAIN: &str = "V1,V2,V3,V4,V5\nW1,1,2,3,4\nW2,10,10,12,\n";
const M4_TEST: &str = "V1,V2,V3\nW1,6,7\nW2,12,15\n";

fn m4() -> TempDir {
    folder(&[("train.csv", M4_TRAIN), ("test.csv", M4_TEST)])
}

const M4_ARGS: [&str; 9] =
    ["backtest", "--train", "train.csv", "--test", "test.csv", "--layout", "m4", "--season", "1"];

fn score(report: &Value, model: usize, name: &str) -> f64 {
    report["models"][model][name].as_f64().unwrap()
}

#[test]
fn m4_scores_are_those_worked_out_by_hand() {
    let args = [&M4_ARGS[..], &["--models", "naive,drift", "--format", "json"]].concat();
    let report = run(m4().path(), &args).json();
    assert_eq!((&report["protocol"]["horizon"], &report["protocol"]["layout"]), (&2.into(), &"m4".into()));
    // The naive model says 4 and 12: errors 2, 3 and 0, 3. Mean steps of the past: 1 and (0 + 2) / 2 = 1; mean squared
    // steps: 1 and (0 + 4) / 2 = 2.
    let s = |name| score(&report, 0, name);
    let smape = 200.0 / 4.0 * (2.0 / 10.0 + 3.0 / 11.0 + 0.0 + 3.0 / 27.0);
    assert_relative_eq!(s("mae"), 2.0, max_relative = 1e-12);
    assert_relative_eq!(s("rmse"), ((4.0 + 9.0 + 0.0 + 9.0) / 4.0_f64).sqrt(), max_relative = 1e-12);
    assert_relative_eq!(s("smape"), smape, max_relative = 1e-12);
    assert_relative_eq!(s("mase"), (2.5 + 1.5) / 2.0, max_relative = 1e-12);
    let rmsse = (((4.0 + 9.0) / 2.0 / 1.0_f64).sqrt() + ((0.0 + 9.0) / 2.0 / 2.0_f64).sqrt()) / 2.0;
    assert_relative_eq!(s("rmsse"), rmsse, max_relative = 1e-12);
    // Without a season the second naive model is the first.
    assert_relative_eq!(s("owa"), 1.0, max_relative = 1e-12);
    // Drift adds the mean step, 1 in both series: it says 5, 6 and 13, 14, one off each time.
    let d = |name| score(&report, 1, name);
    let drift_smape = 200.0 / 4.0 * (1.0 / 11.0 + 1.0 / 13.0 + 1.0 / 25.0 + 1.0 / 29.0);
    assert_relative_eq!(d("mae"), 1.0, max_relative = 1e-12);
    assert_relative_eq!(d("smape"), drift_smape, max_relative = 1e-12);
    assert_relative_eq!(d("owa"), (drift_smape / smape + 1.0 / 2.0) / 2.0, max_relative = 1e-12);
    assert_eq!(report["models"][0]["series"], 2);
}

#[test]
fn the_report_has_the_promised_keys() {
    let args = [&M4_ARGS[..], &["--models", "naive,drift", "--format", "json"]].concat();
    let report = run(m4().path(), &args).json();
    let mut top = keys(&report);
    top.sort_unstable();
    assert_eq!(top, ["models", "protocol"]);
    let promised = [
        "model",
        "smape",
        "mase",
        "rmsse",
        "mae",
        "rmse",
        "crps",
        "msis95",
        "coverage80",
        "coverage95",
        "owa",
        "series",
        "fallbacks",
        "cpu_seconds",
    ];
    for model in report["models"].as_array().unwrap() {
        let mut found = keys(model);
        found.retain(|key| *key != "versus_naive");
        found.sort_unstable();
        let mut promised = promised.to_vec();
        promised.sort_unstable();
        assert_eq!(found, promised);
    }
    let csv = run(m4().path(), &[&M4_ARGS[..], &["--format", "csv"]].concat()).out;
    assert_eq!(csv.lines().next().unwrap().split(',').collect::<Vec<_>>(), promised);
}

#[test]
fn rolling_origins_are_the_last_and_leave_the_horizon() {
    // Squares: the naive model is off by 2t + 1 one month and by 4t + 4 two months after month t.
    let folder = folder(&[("y.csv", &long(&["a"], 12, |_, t| f64::from((t + 1) * (t + 1))))]);
    let args = ["backtest", "--input", "y.csv", "--layout", "long", "--horizon", "2", "--origins", "2", "--step", "3"];
    let args = [&args[..], &["--season", "1", "--models", "naive", "--format", "json"]].concat();
    let report = run(folder.path(), &args).json();
    // Months 7 and 10 of 12.
    assert_eq!(report["protocol"]["origins"], serde_json::json!(["2020-07", "2020-10"]));
    assert_relative_eq!(score(&report, 0, "mae"), f64::from(15 + 32 + 21 + 44) / 4.0, max_relative = 1e-12);
}

/// Days from January to the 10th of June 2024: each month's values lie evenly around its mean, given for two states.
fn indeed_states() -> String {
    let months = [(31, 100, 50), (29, 104, 50), (31, 110, 52), (30, 108, 56), (31, 120, 53), (10, 900, 900)];
    let mut text = "date,state,indeed_job_postings_index\n".to_owned();
    for (month, (days, texas, california)) in (1..).zip(months) {
        for day in 1..=days {
            let off = f64::from(2 * day - days - 1) / 4.0;
            for (state, mean) in [("TX", texas), ("CA", california)] {
                writeln!(text, "2024-{month:02}-{day:02},{state},{}", f64::from(mean) + off).unwrap();
            }
        }
    }
    text
}

#[test]
fn indeed_days_become_means_of_whole_months() {
    let folder = folder(&[("states.csv", &indeed_states())]);
    let args = ["backtest", "--input", "states.csv", "--layout", "indeed-state", "--horizon", "1", "--origins", "2"];
    let args = [&args[..], &["--step", "1", "--season", "12", "--models", "naive", "--format", "json"]].concat();
    let report = run(folder.path(), &args).json();
    assert_eq!(report["protocol"]["origins"], serde_json::json!(["2024-03", "2024-04"]));
    // From March to April and from April to May; June has ten days only and is left out.
    let errors = [110.0 - 108.0, 56.0 - 52.0, 120.0 - 108.0, 56.0 - 53.0];
    assert_relative_eq!(score(&report, 0, "mae"), errors.iter().sum::<f64>() / 4.0, max_relative = 1e-12);
    let rmse = (errors.iter().map(|e| e * e).sum::<f64>() / 4.0).sqrt();
    assert_relative_eq!(score(&report, 0, "rmse"), rmse, max_relative = 1e-12);
}

#[test]
fn sectors_and_skills_are_scored_too() {
    let days = [(1, 31, 100.0), (2, 29, 90.0), (3, 31, 96.0)];
    let mut sectors = "date,jobcountry,indeed_job_postings_index,variable,display_name\n".to_owned();
    for (month, n, mean) in days {
        for day in 1..=n {
            for (kind, off) in [("total", 0.0), ("new", 500.0)] {
                writeln!(sectors, "2024-{month:02}-{day:02},US,{},{kind} postings,Nursing", mean + off).unwrap();
            }
        }
    }
    let skills = "r0_id,skill_id,2023-01,2023-02,2023-03\n7,3,5,6,10\n7,1,2,2,1\n";
    let folder = folder(&[("sectors.csv", &sectors), ("r0.csv", skills)]);
    let mae = |layout, input| {
        let args = ["backtest", "--layout", layout, "--input", input, "--horizon", "1", "--season", "12"];
        let report = run(folder.path(), &[&args[..], &["--models", "naive", "--format", "json"]].concat()).json();
        score(&report, 0, "mae")
    };
    assert_relative_eq!(mae("indeed-sector", "sectors.csv"), 96.0 - 90.0, max_relative = 1e-12);
    assert_relative_eq!(mae("job-sdf", "r0.csv"), (4.0 + 1.0) / 2.0, max_relative = 1e-12);
}

#[test]
fn what_cannot_be_back_tested_is_wrong_usage() {
    let folder = folder(&[("y.csv", &wavy()), ("train.csv", M4_TRAIN), ("test.csv", M4_TEST)]);
    let backtest = |args: &[&str]| run(folder.path(), &[&["backtest"], args].concat());
    let y = ["--input", "y.csv"];
    backtest(&y).fails(2, &["--horizon H is needed"]);
    backtest(&[&y[..], &["--horizon", "0"]].concat()).fails(2, &["--horizon", "a whole number from 1 to"]);
    backtest(&[&y[..], &["--horizon", "6", "--models", "magic"]].concat()).fails(2, &["magic", "damped_holt"]);
    backtest(&[&y[..], &["--horizon", "6", "--origins", "55"]].concat())
        .fails(2, &["--origins 55", "60 periods", "54 are possible"]);
    backtest(&[&y[..], &["--horizon", "60"]].concat()).fails(2, &["0 are possible with horizon 60"]);
    backtest(&["--horizon", "6"]).fails(2, &["--input FILE is needed"]);
    backtest(&["--layout", "m4"]).fails(2, &["--train FILE and --test FILE"]);
    backtest(&["--layout", "m4", "--train", "train.csv"]).fails(2, &["--test"]);
    backtest(&[&y[..], &["--train", "train.csv", "--test", "test.csv"]].concat()).fails(2, &["exclude each other"]);
    backtest(&[&y[..], &["--horizon", "6", "--season", "0"]].concat()).fails(2, &["--season"]);
    backtest(&["--layout", "m5", "--input", "y.csv"]).fails(2, &["m5", "indeed-state"]);
    backtest(&["--frob"]).fails(2, &["--frob"]);
}

// Promises of every command.

/// `text` without the lines that measure time.
fn timeless(text: &str) -> String {
    text.lines().filter(|line| !line.contains("\"cpu_seconds\"")).collect::<Vec<_>>().join("\n")
}

#[test]
fn forecasts_and_scores_do_not_depend_on_the_threads() {
    let folder = folder(&[("y.csv", &wavy())]);
    let models = "seasonal_naive,damped_holt,ols,random_forest";
    let commands = [
        ["backtest", "--input", "y.csv", "--horizon", "4", "--origins", "2", "--step", "4", "--models", models]
            .to_vec(),
        ["forecast", "--input", "y.csv", "--horizon", "4", "--model", "random_forest"].to_vec(),
        ["forecast", "--input", "y.csv", "--horizon", "4", "--model", "damped_holt"].to_vec(),
    ];
    for command in commands {
        let with = |n| run(folder.path(), &[&command[..], &["--format", "json", "--threads", n]].concat());
        let (one, four) = (with("1"), with("4"));
        assert_eq!(one.code, Some(0), "{one:?}");
        assert_eq!(timeless(&one.out), timeless(&four.out));
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let folder = folder(&[("y.csv", &wavy())]);
    let command = ["forecast", "--input", "y.csv", "--horizon", "3", "--model", "random_forest", "--seed"];
    let with = |seed| run(folder.path(), &[&command[..], &[seed]].concat()).out;
    assert_eq!(with("7"), with("7"));
    assert_ne!(with("7"), with("8"));
}

#[test]
fn the_result_goes_to_one_place_and_is_the_same_there() {
    let folder = folder(&[("y.csv", &wavy())]);
    for format in ["table", "json", "csv"] {
        let args = ["forecast", "--input", "y.csv", "--horizon", "2", "--format", format];
        let printed = run(folder.path(), &args);
        let written = run(folder.path(), &[&args[..], &["--out", "result"]].concat());
        assert_eq!((written.code, written.out.as_str()), (Some(0), ""));
        assert_eq!(std::fs::read_to_string(folder.path().join("result")).unwrap(), printed.out);
        assert_eq!(printed.err, "note: frequency monthly, inferred from column ds\n");
    }
    assert_eq!(names(folder.path()), ["result", "y.csv"]);
}

#[test]
fn a_failed_run_leaves_the_old_result_whole() {
    let folder = folder(&[("bad.csv", "unique_id,ds,y\na,2024-01,?\n"), ("old.json", "kept")]);
    run(folder.path(), &["backtest", "--input", "bad.csv", "--horizon", "1", "--out", "old.json"])
        .fails(1, &["bad.csv"]);
    run(folder.path(), &["outlook", "--market", "none", "--out", "old.json"]).fails(1, &["none"]);
    assert_eq!(std::fs::read_to_string(folder.path().join("old.json")).unwrap(), "kept");
    assert_eq!(names(folder.path()), ["bad.csv", "old.json"]);
}

#[test]
fn a_missing_target_folder_is_named_before_any_work() {
    let folder = folder(&[("y.csv", &wavy())]);
    std::fs::create_dir(folder.path().join("dir")).unwrap();
    let forecast = |option: &str, file: &str| {
        run(folder.path(), &["forecast", "--input", "y.csv", "--horizon", "1", option, file])
    };
    forecast("--out", "no/such/x.csv").fails(1, &["--out no/such/x.csv: there is no folder no/such"]);
    forecast("--save", "no/x.json").fails(1, &["--save no/x.json: there is no folder no"]);
    forecast("--out", "dir").fails(1, &["--out dir: is a folder"]);
    for args in [["data", "list"].as_slice(), &["outlook"], &["backtest", "--input", "y.csv", "--horizon", "1"]] {
        run(folder.path(), &[args, &["--out", "no/x"]].concat()).fails(1, &["--out no/x: there is no folder no"]);
    }
}

#[test]
fn quiet_leaves_standard_error_empty() {
    let folder = folder(&[("bad.csv", &wavy().replace("a,2021-03,", "a,2021-03,x"))]);
    let args = ["forecast", "--input", "bad.csv", "--horizon", "1", "--lenient"];
    assert_ne!(run(folder.path(), &args).err, "");
    let quiet = run(folder.path(), &[&args[..], &["--quiet"]].concat());
    assert_eq!((quiet.code, quiet.err.as_str()), (Some(0), ""));
    run(folder.path(), &["forecast", "--input", "none", "--horizon", "1", "--quiet"]).fails(1, &["none"]);
}

#[test]
fn no_escapes_reach_a_pipe_or_a_user_who_wants_no_colour() {
    let folder = folder(&[("y.csv", &wavy())]);
    let commands: [&[&str]; 5] = [
        &["backtest", "--input", "y.csv", "--horizon", "2"],
        &["forecast", "--input", "y.csv", "--horizon", "x"],
        &["help", "backtest"],
        &["outlook", "--frob"],
        &["data", "list"],
    ];
    for args in commands {
        for no_color in [false, true] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_credcast"));
            command.args(args).current_dir(folder.path());
            if no_color {
                command.env("NO_COLOR", "1");
            }
            let output = command.output().unwrap();
            for stream in [&output.stdout, &output.stderr] {
                assert!(!stream.contains(&0x1b) && !stream.contains(&b'\r'), "{args:?}");
            }
        }
    }
}

#[test]
fn lenient_reading_sets_bad_rows_aside_and_says_why() {
    let text = wavy().replace("a,2021-03,", "a,2021-03,x").replace("b,2022-05,", "b,May 22,");
    let folder = folder(&[("y.csv", &text)]);
    let line = |start: &str| text.lines().position(|l| l.starts_with(start)).unwrap() + 1;
    let args = ["forecast", "--input", "y.csv", "--horizon", "1"];
    let strict = format!("y.csv, line {}, column y: expected a number, found \"x", line("a,2021-03"));
    run(folder.path(), &args).fails(1, &[&strict]);
    assert_eq!(names(folder.path()), ["y.csv"]);
    let lenient = run(folder.path(), &[&args[..], &["--lenient"]].concat());
    assert_eq!(lenient.code, Some(0));
    assert_eq!(lenient.out.lines().count(), 1 + 6);
    assert!(lenient.err.contains("2 of 360 rows rejected, written to y.csv.rejects.csv:"), "{}", lenient.err);
    assert!(lenient.err.contains("  1 x expected a number\n"), "{}", lenient.err);
    assert!(lenient.err.contains("  1 x expected a period such as 2024"), "{}", lenient.err);
    let rejects = std::fs::read_to_string(folder.path().join("y.csv.rejects.csv")).unwrap();
    let begin: Vec<&str> = rejects.lines().map(|l| &l[..l.match_indices(',').nth(2).unwrap().0]).collect();
    let (number, period) = (line("a,2021-03"), line("b,May"));
    assert_eq!(begin, ["file,line,column", &format!("y.csv,{number},y"), &format!("y.csv,{period},ds")]);
}

// Saved models.

#[test]
fn a_saved_model_forecasts_the_same() {
    let folder = folder(&[("y.csv", &wavy())]);
    for (model, file) in [("damped_holt", "m.json"), ("random_forest", "m.bin"), ("naive2", "m.credcast")] {
        let args = ["forecast", "--input", "y.csv", "--horizon", "5", "--model", model, "--format", "json"];
        let fresh = run(folder.path(), &[&args[..], &["--save", file]].concat());
        let again = run(folder.path(), &["forecast", "--load", file, "--horizon", "5", "--format", "json"]);
        assert_eq!((again.code, again.err.as_str()), (Some(0), ""));
        assert_eq!(again.out, fresh.out);
        let fitted = FittedModel::load(&folder.path().join(file)).unwrap();
        let forecast = fitted.forecast(5.try_into().unwrap()).unwrap();
        assert_eq!(json(&forecast_rows(&forecast)).unwrap(), fresh.out);
    }
}

#[test]
fn a_model_is_fitted_saved_and_carried_on() {
    let whole = wavy();
    let later: Vec<&str> = whole.lines().collect();
    let head = later.iter().filter(|line| !line.contains("2024-1")).copied().collect::<Vec<_>>().join("\n") + "\n";
    let folder = folder(&[("y.csv", &head), ("new.csv", &whole)]);
    let fit = ["fit", "--input", "y.csv", "--model", "auto_ets", "--save", "m.json"];
    let said = run(folder.path(), &fit);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.starts_with("auto_ets for "), "{}", said.out);
    let fresh = run(folder.path(), &["forecast", "--input", "y.csv", "--model", "auto_ets", "--horizon", "3"]);
    assert_eq!(run(folder.path(), &["forecast", "--model", "m.json", "--horizon", "3"]).out, fresh.out);
    let update = ["update", "--model", "m.json", "--input", "new.csv", "--save", "n.json"];
    assert_eq!(run(folder.path(), &update).code, Some(0));
    assert!(FittedModel::load(&folder.path().join("n.json")).is_ok());
    let imapa = ["fit", "--input", "y.csv", "--model", "imapa", "--save", "o.json"];
    assert_eq!(run(folder.path(), &imapa).code, Some(0));
    run(folder.path(), &["update", "--model", "o.json", "--input", "new.csv"]).fails(2, &["fit it again"]);
    run(folder.path(), &["forecast", "--model", "m.json", "--input", "y.csv", "--horizon", "3"]).fails(2, &["--input"]);
    run(folder.path(), &["forecast", "--model", "m.json", "--season", "4", "--horizon", "3"]).fails(2, &["--season"]);
}

#[test]
fn a_truncated_saved_model_is_refused() {
    let folder = folder(&[("y.csv", &wavy())]);
    for file in ["m.json", "m.bin"] {
        let args = ["forecast", "--input", "y.csv", "--horizon", "1", "--model", "ses", "--save", file];
        assert_eq!(run(folder.path(), &args).code, Some(0));
        let path = folder.path().join(file);
        let whole = std::fs::read(&path).unwrap();
        for length in [0, 1, 9, whole.len() / 2, whole.len() - 1] {
            std::fs::write(&path, &whole[..length]).unwrap();
            let message = format!("credcast: {file}: not a readable credcast file: ");
            run(folder.path(), &["forecast", "--load", file, "--horizon", "1"]).fails(1, &[&message]);
        }
    }
    run(folder.path(), &["forecast", "--load", "none.json", "--horizon", "1"]).fails(1, &["none.json"]);
    run(folder.path(), &["forecast", "--load", "m.bin", "--input", "y.csv", "--horizon", "1"]).fails(2, &["--load"]);
}

#[test]
fn what_cannot_be_forecast_is_wrong_usage() {
    let folder = folder(&[("y.csv", &wavy())]);
    let forecast = |args: &[&str]| run(folder.path(), &[&["forecast", "--input", "y.csv"], args].concat());
    forecast(&[]).fails(2, &["--horizon"]);
    forecast(&["--horizon", "0"]).fails(2, &["--horizon", "a whole number from 1 to"]);
    forecast(&["--horizon", "99999999999"]).fails(2, &["--horizon", "a whole number from 1 to"]);
    forecast(&["--horizon", "2", "--model", "magic"]).fails(2, &["magic", "damped_holt"]);
    forecast(&["--horizon", "2", "--layout", "m4"]).fails(2, &["credcast backtest"]);
    forecast(&["--horizon", "2", "--target", "z"]).fails(1, &["y.csv, line 1: expected a column z"]);
    run(folder.path(), &["forecast", "--horizon", "2"]).fails(2, &["--input FILE is needed", "credcast help forecast"]);
    run(folder.path(), &[]).fails(2, &["Usage: credcast"]);
}

// Hostile files.

#[test]
fn hostile_files_end_in_a_message_or_a_result() {
    let of = |value: fn(u32) -> &'static str| {
        let mut text = "unique_id,ds,y\n".to_owned();
        for t in 0..40 {
            writeln!(text, "a,{}-{:02},{}", 2020 + t / 12, t % 12 + 1, value(t)).unwrap();
        }
        text
    };
    let files = [
        ("empty.csv", String::new(), Some("empty.csv holds no observations")),
        ("header.csv", "unique_id,ds,y\n".to_owned(), Some("header.csv holds no observations")),
        ("one.csv", "unique_id,ds,y\na,2024-01,5\n".to_owned(), None),
        ("nan.csv", of(|_| "NaN"), Some("series a: needs at least 1 observations")),
        ("huge.csv", of(|_| "1e308"), Some("huge.csv, line 2, column y: expected a number up to 1e300")),
        ("vast.csv", of(|_| "1e299"), Some("series a: value 1e299 at position 0 is larger than 1e150")),
        ("big.csv", of(|t| if t % 2 == 0 { "1e150" } else { "-1e150" }), None),
        ("negative.csv", of(|t| ["-1", "-7", "-2"][t as usize % 3]), None),
        ("infinite.csv", of(|_| "inf"), Some("infinite.csv, line 2, column y: expected a finite number")),
        ("zero.csv", of(|_| "0"), None),
        ("text.csv", "not a table at all".to_owned(), Some("text.csv, line 1: expected a column unique_id")),
        ("nul.csv", "unique_id,ds,y\n\0,\0,\0\n".to_owned(), Some("nul.csv, line 2")),
    ];
    let all: Vec<(&str, &str)> = files.iter().map(|(name, text, _)| (*name, text.as_str())).collect();
    let folder = folder(&all);
    std::fs::create_dir(folder.path().join("dir")).unwrap();
    let models = "naive,seasonal_naive,drift,ses,damped_holt,naive2,ols,elastic_net,random_forest";
    let cases = files.iter().map(|(name, _, message)| (*name, *message));
    for (name, message) in cases.chain([("dir", Some("dir: is a folder, expected a file"))]) {
        let backtest = run(folder.path(), &["backtest", "--input", name, "--horizon", "2", "--models", models]);
        let mut runs = vec![backtest];
        for model in ["naive2", "damped_holt", "ols"] {
            runs.push(run(folder.path(), &["forecast", "--input", name, "--horizon", "2", "--model", model]));
        }
        for ended in runs {
            assert!(!ended.err.contains("panicked"), "{name}: {}", ended.err);
            match message {
                Some(message) => ended.fails(1, &[message]),
                // One observation forecasts, and cannot be back-tested.
                None => assert!(ended.code == Some(0) || name == "one.csv" && ended.code == Some(2), "{ended:?}"),
            }
        }
    }
}

#[test]
fn hostile_files_do_not_upset_the_other_layouts() {
    let folder = folder(&[
        ("empty.csv", ""),
        ("header.csv", "V1,V2\n"),
        ("text.csv", "a,b\n1,2\n"),
        ("train.csv", M4_TRAIN),
        ("other.csv", "V1,V2\nW9,1\n"),
        ("word.csv", "V1,V2\nW1,x\nW2,1\n"),
    ]);
    for test in ["empty.csv", "header.csv", "other.csv", "word.csv", ".", "none.csv"] {
        let args = ["backtest", "--train", "train.csv", "--test", test, "--layout", "m4"];
        run(folder.path(), &args).fails(1, &[test]);
    }
    for layout in ["job-sdf", "indeed-sector", "indeed-state", "indeed-aggregate"] {
        for input in ["empty.csv", "header.csv", "text.csv", ".", "none.csv"] {
            let args = ["backtest", "--input", input, "--layout", layout, "--horizon", "1"];
            run(folder.path(), &args).fails(1, &[input]);
        }
    }
    for file in ["empty.csv", ".", "none.csv"] {
        run(folder.path(), &["outlook", "--market", file]).fails(1, &[]);
        run(folder.path(), &["data", "check", file]).fails(1, &[]);
    }
}

// Features.

const RECIPE: &str = "features = ['lag:1,12', 'rolling:mean:3', 'by_date:kind:mean', 'category:item:one_hot']
drop_head = true
[attributes.kind]
a = 'vowel'
e = 'vowel'
";

#[test]
fn features_are_described_or_written() {
    let folder = folder(&[("x.csv", &wavy()), ("spec.toml", RECIPE)]);
    let base = ["features", "--input", "x.csv", "--spec", "spec.toml"];
    let report = run(folder.path(), &[&base[..], &["--format", "json"]].concat()).json();
    // 6 series of 60 months less 12; four series are of no kind.
    assert_eq!((&report["rows"], &report["complete_rows"]), (&Value::from(288), &Value::from(96)));
    let columns = report["columns"].as_array().unwrap();
    let named: Vec<&str> = columns.iter().map(|column| column["column"].as_str().unwrap()).collect();
    assert_eq!(named[..4], ["y_lag_1", "y_lag_12", "y_lag_1_rolling_mean_3", "y_lag_1_kind_mean"]);
    assert_eq!((named.len(), &columns[3]["known"]), (10, &Value::from(96)));
    let table = run(folder.path(), &base).out;
    assert!(table.starts_with("288 rows, 96 of them complete, 10 features\n"), "{table}");
    assert!(table.contains("33.3 %"), "{table}");
    assert_eq!(run(folder.path(), &[&base[..], &["--format", "csv"]].concat()).out.lines().count(), 11);

    let written = run(folder.path(), &[&base[..], &["--out", "x1.csv", "--save", "p.json"]].concat());
    assert_eq!((written.code, written.out.as_str()), (Some(0), ""));
    assert!(written.err.contains("x1.csv: 288 rows, 96 of them complete, 10 features"), "{}", written.err);
    assert_eq!(names(folder.path()), ["p.json", "spec.toml", "x.csv", "x1.csv"]);
    let text = std::fs::read_to_string(folder.path().join("x1.csv")).unwrap();
    assert!(text.starts_with("unique_id,region,ds,y_lag_1,") && text.lines().count() == 289, "{text}");
    // Month 13 of the first series sees months 12 and 1.
    let row: Vec<&str> = text.lines().nth(1).unwrap().split(',').collect();
    let y = |t: u32| f64::from(40 + 3 * t + 11 * (t % 12) + t * t * 7 % 23);
    assert_eq!(row[..5], ["a", "US", "2021-01", y(11).to_string().as_str(), y(0).to_string().as_str()]);
}

#[test]
fn features_that_cannot_be_are_refused_by_file_and_line() {
    let folder =
        folder(&[("x.csv", &wavy()), ("bad.toml", "drop_head = true\nfeatures = ['lag:0']"), ("spec.toml", RECIPE)]);
    let base = ["features", "--input", "x.csv", "--spec"];
    let with = |more: &[&str]| run(folder.path(), &[&base[..], more].concat());
    with(&["bad.toml"]).fails(1, &["bad.toml, line 2, column features", "lag:0"]);
    with(&["none.toml"]).fails(1, &["none.toml"]);
    with(&["spec.toml", "--out", "x.txt"]).fails(2, &["--out x.txt", ".parquet or .csv"]);
    with(&["spec.toml", "--train-until", "soon"]).fails(2, &["--train-until soon", "monthly"]);
    with(&["spec.toml", "--train-until", "2019-12"]).fails(2, &["--train-until 2019-12", "no series"]);
    // Not all series are there by then, so the names of columns differ.
    assert_eq!(with(&["spec.toml", "--train-until", "2021-12"]).code, Some(0));
    assert_eq!(names(folder.path()), ["bad.toml", "spec.toml", "x.csv"]);
}

#[test]
fn forecasts_and_back_tests_take_more_features() {
    let folder = folder(&[("x.csv", &wavy())]);
    let backtest = |more: &[&str]| {
        let base = ["backtest", "--input", "x.csv", "--horizon", "3", "--models", "ols", "--format", "json"];
        run(folder.path(), &[&base[..], more].concat())
    };
    let (plain, more) = (backtest(&[]).json(), backtest(&["--feature", "seasonal:mean:12,2 lag 12"]).json());
    assert_eq!(more["protocol"]["features"][0], "seasonal:mean:12,2 lag 12");
    assert_ne!(plain["models"][0]["mae"], more["models"][0]["mae"]);
    backtest(&["--feature", "lag:zero"]).fails(2, &["--feature", "lag:zero"]);
    let base = ["forecast", "--input", "x.csv", "--horizon", "3", "--model", "ols"];
    let forecast = run(folder.path(), &[&base[..], &["--feature", "expanding:mean"]].concat());
    forecast.fails(2, &["finite memory", "expanding:mean"]);
}

#[test]
fn importance_is_told_for_every_feature() {
    let folder = folder(&[("x.csv", &wavy())]);
    let base = ["importance", "--input", "x.csv", "--feature", "rolling:mean:3"];
    let with = |more: &[&str]| run(folder.path(), &[&base[..], more].concat());
    let found = with(&["--format", "json"]).json();
    let named: Vec<&str> = found.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(named.len(), 7, "{named:?}");
    assert!(named.contains(&"month") && named.contains(&"target_lag_12"), "{named:?}");
    assert!(found[0]["increase"].as_f64() >= found[1]["increase"].as_f64());
    assert!(with(&[]).out.starts_with("Mean absolute error one step ahead"));
    assert_eq!(with(&["--format", "csv", "--until", "2023-12"]).out.lines().count(), 8);
    assert_eq!(with(&["--threads", "1"]).out, with(&["--threads", "4"]).out);
    with(&["--repeats", "0"]).fails(2, &["repeats", "from 1 to 1000"]);
    with(&["--until", "2019"]).fails(2, &["--until 2019"]);
    with(&["--model", "naive"]).fails(2, &["naive"]);
}

// Effects.

/// Two hundred people of two states; every third earned a certificate worth 5, and the older earn more.
fn people() -> String {
    let mut text = "id,earned,pay,pay_before,age,state\n".to_owned();
    for i in 0..200_u32 {
        let (age, earned) = (20 + i % 20 + i % 3, u32::from(i % 3 == 0));
        let before = 10 + age + i * 7 % 5;
        let state = if i % 8 < 5 { "TX" } else { "OH" };
        writeln!(text, "{i},{earned},{},{before},{age},{state}", before + 5 * earned + i * i % 4).unwrap();
    }
    text
}

const EFFECT: [&str; 9] =
    ["effect", "--input", "people.csv", "--treated", "earned", "--outcome", "pay", "--covariates", "age,state"];

#[test]
fn an_effect_has_its_fixed_form() {
    let folder = folder(&[("people.csv", &people())]);
    for method in ["difference", "ols", "match", "ipw", "aipw"] {
        let found = run(folder.path(), &[&EFFECT[..], &["--method", method, "--format", "json"]].concat());
        let effect = found.json();
        let fixed = ["method", "estimate", "se", "ci95", "n_treated", "n_control", "balance", "answerable", "reason"];
        let places: Vec<usize> = fixed
            .iter()
            .map(|key| found.out.find(&format!("\n  \"{key}\":")).unwrap_or_else(|| panic!("{key}")))
            .collect();
        assert!(places.is_sorted(), "{places:?}");
        assert_eq!(effect["method"], method);
        let (estimate, ci) = (effect["estimate"].as_f64().unwrap(), &effect["ci95"]);
        // The difference alone takes the others for older than they are.
        assert!((estimate - 5.0).abs() < if method == "difference" { 3.0 } else { 1.0 }, "{method}: {effect}");
        assert!(ci[0].as_f64().unwrap() < estimate && estimate < ci[1].as_f64().unwrap());
        assert!(effect["se"].as_f64().unwrap() > 0.0 && effect["answerable"].is_boolean());
        let terms: Vec<&str> =
            effect["balance"].as_array().unwrap().iter().map(|line| line["covariate"].as_str().unwrap()).collect();
        assert_eq!(terms, ["age", "state=OH", "state=TX", "age^2"]);
        for line in effect["balance"].as_array().unwrap() {
            assert!(line["smd_before"].is_number() && line["smd_after"].is_number(), "{line}");
        }
        for threads in ["1", "4"] {
            let again = ["--method", method, "--format", "json", "--threads", threads];
            assert_eq!(run(folder.path(), &[&EFFECT[..], &again].concat()).out, found.out);
        }
    }
}

#[test]
fn an_effect_is_told_in_words_and_in_csv() {
    let folder = folder(&[("people.csv", &people())]);
    let told = run(folder.path(), &[&EFFECT[..], &["--placebo", "pay_before"]].concat());
    assert_eq!((told.code, told.err.as_str()), (Some(0), ""));
    for part in
        ["Can these data answer? ", "Effect of earned on pay, for those treated: +", " USD", "Placebo", "E-value"]
    {
        assert!(told.out.contains(part), "{part}: {}", told.out);
    }
    let rows = run(folder.path(), &[&EFFECT[..], &["--placebo", "pay_before", "--format", "csv"]].concat()).out;
    let parts: Vec<&str> = rows.lines().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(parts, ["part", "effect", "placebo", "balance", "balance", "balance", "balance"]);
    let change = ["effect", "--input", "people.csv", "--treated", "earned", "--outcome", "pay", "--method", "did"];
    let change = run(folder.path(), &[&change[..], &["--before", "pay_before", "--format", "json"]].concat()).json();
    assert!((change["estimate"].as_f64().unwrap() - 5.0).abs() < 0.5, "{change}");
}

#[test]
fn a_panel_is_compared_by_when_treatment_began() {
    let mut text = "who,year,earned,pay\n".to_owned();
    for who in 0..60_u32 {
        for year in 2020..2024_u32 {
            let earned = who % 2 == 0 && year >= 2022;
            writeln!(
                text,
                "p{who},{year},{},{}",
                u32::from(earned),
                who + year % 3 + 7 * u32::from(earned) + who * year % 4
            )
            .unwrap();
        }
    }
    let folder = folder(&[("panel.csv", &text)]);
    let panel = ["effect", "--input", "panel.csv", "--treated", "earned", "--outcome", "pay", "--method", "did"];
    let panel = [&panel[..], &["--unit", "who", "--period", "year"]].concat();
    let found = run(folder.path(), &[&panel[..], &["--format", "json"]].concat()).json();
    assert!((found["estimate"].as_f64().unwrap() - 7.0).abs() < 1.5, "{found}");
    assert_eq!((&found["n_treated"], found["group_times"].as_array().unwrap().len()), (&Value::from(30), 3));
    let told = run(folder.path(), &panel);
    assert!(told.out.contains("2022") && told.out.contains("pay before treatment"), "{}", told.out);
    run(folder.path(), &panel[..11]).fails(2, &["--period"]);
}

#[test]
fn rows_are_chosen_and_files_joined() {
    let text = people();
    let (first, second) = text.split_at(text.match_indices('\n').nth(100).unwrap().0 + 1);
    let second = format!("id,earned,pay,pay_before,age,state\n{second}");
    let folder = folder(&[("a.csv", first), ("b.csv", &second), ("people.csv", &text)]);
    let whole = run(folder.path(), &[&EFFECT[..], &["--format", "json"]].concat()).json();
    let joined: Vec<&str> =
        EFFECT.iter().map(|word| if *word == "people.csv" { "a.csv,b.csv" } else { word }).collect();
    assert_eq!(run(folder.path(), &[&joined[..], &["--format", "json"]].concat()).json(), whole);
    let n = |rules: &[&str]| {
        let rules: Vec<&str> = rules.iter().flat_map(|rule| ["--where", rule]).collect();
        let by = ["--method", "difference", "--format", "json"];
        let found = run(folder.path(), &[&EFFECT[..], &rules, &by].concat()).json();
        (found["n_treated"].as_u64().unwrap(), found["n_control"].as_u64().unwrap())
    };
    assert_eq!(n(&[]), (67, 133));
    assert_eq!(n(&["state=TX"]).0 + n(&["state!=TX"]).0, 67);
    assert_eq!(n(&["earned=1|state=OH"]), (67, n(&["state=OH"]).1));
    assert_eq!(n(&["state=TX", "id!=0"]).0, n(&["state=TX"]).0 - 1);
    let none = run(folder.path(), &[&EFFECT[..], &["--where", "state=UT"]].concat());
    none.fails(1, &["where state=UT", "no observations"]);
}

#[test]
fn what_cannot_be_compared_is_told() {
    let with = |column: usize, line: usize, cell: &str| {
        let change = |(at, text): (usize, &str)| {
            let mut cells: Vec<&str> = text.split(',').collect();
            if at == line {
                cells[column] = cell;
            }
            cells.join(",") + "\n"
        };
        people().lines().enumerate().map(change).collect::<String>()
    };
    let case = |text: &str, more: &[&str]| {
        let folder = folder(&[("people.csv", text)]);
        run(folder.path(), &[&EFFECT[..], more].concat())
    };
    case(&with(1, 7, "2"), &[])
        .fails(1, &["people.csv, line 8, column earned", "0 or 1, true or false, yes or no", "2"]);
    case(&with(1, 7, ""), &[]).fails(1, &["people.csv, line 8, column earned"]);
    case(&with(2, 7, "much"), &[]).fails(1, &["people.csv, line 8, column pay", "a number", "much"]);
    case(&with(4, 7, ""), &[]).fails(1, &["people.csv, line 8, column age", "a missing value"]);
    case(&people(), &["--covariates", "pay"]).fails(2, &["--covariates pay"]);
    case(&people(), &["--covariates", "age"]).fails(2, &["--covariates age", "each once"]);
    case(&with(2, 7, "inf"), &[]).fails(1, &["people.csv, line 8, column pay", "finite"]);
    let dropped = case(&with(4, 7, "NA"), &["--missing", "drop", "--format", "json"]).json();
    assert_eq!(dropped["rows_missing"], 1);
    case(&people(), &["--placebo", "pay"]).fails(2, &["--placebo pay"]);
    case(&people(), &["--before", "pay_before"]).fails(2, &["--before"]);
    case(&people(), &["--method", "did"]).fails(2, &["--before"]);
    case(&people(), &["--method", "did", "--before", "pay_before", "--estimand", "ate"]).fails(2, &["--estimand"]);
    case(&people(), &["--method", "magic"]).fails(2, &["magic"]);
    case(&people(), &["--trim", "0.7"]).fails(2, &["--trim 0.7", "[0, 0.5)"]);
    case(&people(), &["--folds", "0"]).fails(2, &["--folds 0"]);
    case(&people(), &["--where", "state"]).fails(2, &["--where state"]);
    case(&people(), &["--exact", "county"]).fails(1, &["county", "id, earned, pay"]);
    case("id,earned,pay,pay_before,age,state\n", &[]).fails(1, &["people.csv holds no observations"]);
    case("", &[]).fails(1, &["people.csv"]);
    let everybody: String = people()
        .lines()
        .filter(|l| l.starts_with("id") || l.split(',').nth(1) == Some("1"))
        .map(|l| format!("{l}\n"))
        .collect();
    for method in ["difference", "ols", "match", "ipw", "aipw"] {
        let found = case(&everybody, &["--method", method, "--format", "json"]).json();
        assert!(found["estimate"].is_null() && found["ci95"][0].is_null() && found["answerable"] == false, "{found}");
        assert!(found["reason"].as_str().unwrap().contains("everybody is treated"));
    }
}

// Help.

#[test]
fn help_fits_a_terminal() {
    for topic in [
        &[][..],
        &["outlook"],
        &["forecast"],
        &["fit"],
        &["update"],
        &["backtest"],
        &["features"],
        &["importance"],
        &["outcomes"],
        &["tests"],
        &["premium"],
        &["effect"],
        &["mentions"],
        &["simulate"],
        &["data"],
        &["data", "list"],
        &["data", "check"],
    ] {
        let help = run(Path::new("."), &[&["help"], topic].concat());
        assert_eq!((help.code, help.err.as_str()), (Some(0), ""), "{topic:?}");
        let widest = help.out.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= 80, "{widest} columns in help {topic:?}");
        assert!(help.out.lines().count() <= 60, "{topic:?}");
        assert!(help.out.contains("\nCommon options:\n"), "{topic:?}");
        let asked = run(Path::new("."), &[topic, &["--help"]].concat());
        assert_eq!(asked.out, help.out, "{topic:?}");
    }
}

#[test]
fn the_examples_in_the_help_are_understood() {
    for topic in [
        "outlook",
        "forecast",
        "fit",
        "update",
        "backtest",
        "features",
        "importance",
        "outcomes",
        "tests",
        "premium",
        "effect",
        "data check",
    ] {
        let help = run(Path::new("."), &[&["help"], &topic.split(' ').collect::<Vec<_>>()[..]].concat()).out;
        let examples = help.split("Examples:\n").nth(1).unwrap().replace("\\\n", " ");
        assert!(examples.lines().count() > 1, "{topic}");
        for line in examples.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            assert_eq!(words[0], "credcast");
            // An impossible target ends a run that was understood, before it reads anything.
            let understood = run(Path::new("."), &[&words[1..], &["--out", "no/such/folder/x"]].concat());
            match words.contains(&"--out") {
                true => understood.fails(2, &["--out"]),
                false => understood.fails(1, &["there is no folder"]),
            }
        }
    }
}
