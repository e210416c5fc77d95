//! Every example builds, runs, says what it should, and stays short.

#![allow(clippy::unwrap_used, reason = "helpers of tests may do what tests may")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// An example is to be read in one go.
const MOST_LINES: usize = 59;

/// Writes a test for each example, which runs it without arguments and gives its output to the check.
macro_rules! examples {
    ($($(#[$when:meta])* $name:ident => $check:ident,)+) => {
        const CHECKED: &[&str] = &[$(stringify!($name)),+];
        $($(#[$when])* #[test] fn $name() { $check(&run(stringify!($name), None)); })+
    };
}

examples! {
    #[cfg(feature = "bundled")]
    backtest_models => models_are_compared_with_naive,
    certificate_effect => selection_is_taken_out,
    #[cfg(feature = "bundled")]
    feature_pipeline => columns_are_what_they_are_called,
    #[cfg(feature = "bundled")]
    forecast_one_series => intervals_hold_the_median_and_widen,
    #[cfg(feature = "bundled")]
    outcomes_bundled => fields_are_ranked_and_tested,
    #[cfg(feature = "bundled")]
    outlook_bundled => each_certificate_has_a_verdict,
    premium_simulated => raw_premia_show_the_sorting_and_adjusted_ones_the_truth,
    your_own_csv => the_bad_cell_is_named_and_set_aside,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

#[test]
fn every_example_has_a_check() {
    let found: BTreeSet<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap().trim_end_matches(".rs").to_owned())
        .collect();
    assert_eq!(found, CHECKED.iter().map(|name| (*name).to_owned()).collect());
}

#[test]
fn every_example_is_short_and_says_how_to_run_it() {
    for name in CHECKED {
        let text = std::fs::read_to_string(folder().join(format!("{name}.rs"))).unwrap();
        assert!(text.starts_with("//! "), "{name} has no header");
        assert!(text.lines().count() <= MOST_LINES, "{name} has {} lines", text.lines().count());
        assert!(text.lines().any(|l| l.starts_with("//! Run with `cargo run ") && l.contains(name)), "{name}");
    }
}

/// The executables by name. Building again is quick, as `cargo test` has built them, and keeps `--test command` from
/// running old ones; features, profile and folder are those of this test. The answer names the executables, so that no
/// path is guessed.
static BUILT: LazyLock<BTreeMap<String, PathBuf>> = LazyLock::new(|| {
    let this = std::env::current_exe().unwrap();
    // FOLDER/PROFILE/deps/command-HASH
    let (profile, target) = (this.ancestors().nth(2).unwrap(), this.ancestors().nth(3).unwrap());
    let profile = profile.file_name().unwrap().to_str().unwrap();
    let profile = if profile == "debug" { "dev" } else { profile };
    let features = [
        ("bundled", cfg!(feature = "bundled")),
        ("cli", cfg!(feature = "cli")),
        ("default", cfg!(feature = "default")), // counts too: without it the library would be built once more
        ("parquet", cfg!(feature = "parquet")),
        ("xlsx", cfg!(feature = "xlsx")),
    ];
    let features: Vec<&str> = features.iter().filter(|(_, on)| *on).map(|(name, _)| *name).collect();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let build = Command::new(cargo)
        .args(["build", "--examples", "--quiet", "--locked", "--offline", "--message-format=json"])
        .args(["--no-default-features", "--features", &features.join(","), "--profile", profile])
        .args([Path::new("--manifest-path"), &Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")])
        .args([Path::new("--target-dir"), target])
        .output()
        .unwrap();
    assert!(build.status.success(), "{}", String::from_utf8_lossy(&build.stderr));
    let messages = String::from_utf8(build.stdout).unwrap();
    let executable = |line: &str| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let target = &message["target"];
        let is_example = target["kind"].as_array()?.iter().any(|kind| kind == "example");
        is_example.then_some((target["name"].as_str()?.to_owned(), message["executable"].as_str()?.into()))
    };
    messages.lines().filter_map(executable).collect()
});

/// What the example prints; it must end well and leave standard error empty.
fn run(name: &str, argument: Option<&Path>) -> String {
    let program = BUILT.get(name).unwrap_or_else(|| panic!("{name} was not built, only {:?}", BUILT.keys()));
    let done = Command::new(program).args(argument).output().unwrap();
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && errors.is_empty(), "{name}: {}\n{errors}", done.status);
    String::from_utf8(done.stdout).unwrap()
}

/// The numbers in a line, also those that a bracket, comma or colon touches.
fn numbers(line: &str) -> Vec<f64> {
    let words = line.split(|c: char| c.is_whitespace() || "(),:".contains(c));
    words.filter_map(|word| word.parse().ok()).collect()
}

/// The first line that begins with `start`, without it.
fn after<'a>(text: &'a str, start: &str) -> &'a str {
    text.lines().find_map(|line| line.strip_prefix(start)).unwrap_or_else(|| panic!("no line {start:?} in\n{text}"))
}

/// The rows of a table under `datasets/`, cell by cell, without the header.
#[cfg(feature = "bundled")]
fn rows(name: &str) -> Vec<Vec<String>> {
    let file = std::fs::File::open(Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets").join(name)).unwrap();
    let reader: Box<dyn std::io::Read> =
        if name.ends_with(".gz") { Box::new(flate2::read::GzDecoder::new(file)) } else { Box::new(file) };
    let cells = |row: csv::Result<csv::StringRecord>| row.unwrap().iter().map(str::to_owned).collect();
    csv::Reader::from_reader(reader).into_records().map(cells).collect()
}

/// An employment series from `first` (`YYYY-MM`) on.
#[cfg(feature = "bundled")]
fn employment<'a>(rows: &'a [Vec<String>], series: &str, first: &str) -> Vec<(&'a str, f64)> {
    let wanted = rows.iter().filter(|row| row[0] == series && row[1].as_str() >= first);
    wanted.map(|row| (row[1].as_str(), row[2].parse().unwrap())).collect()
}

/// The naive model's MASE, written down once more: last value repeated for 12 months, over the mean absolute change from
/// year to year in the past, averaged over series and origins.
#[cfg(feature = "bundled")]
fn naive_mase(employment_rows: &[Vec<String>], leaves: &[&str]) -> f64 {
    let mut all = Vec::new();
    for leaf in leaves {
        let y: Vec<f64> = employment(employment_rows, leaf, "1990-01").iter().map(|(_, y)| *y).collect();
        for origin in 1..=8 {
            let (past, future) = y.split_at(y.len() - 12 * origin);
            let scale = past.windows(13).map(|w| (w[12] - w[0]).abs()).sum::<f64>() / (past.len() - 12) as f64;
            let last = past[past.len() - 1];
            all.push(future[..12].iter().map(|y| (y - last).abs()).sum::<f64>() / 12.0 / scale);
        }
    }
    all.iter().sum::<f64>() / all.len() as f64
}

#[cfg(feature = "bundled")]
fn models_are_compared_with_naive(text: &str) {
    let series = rows("us-employment/series.csv");
    let leaves: Vec<&str> = series.iter().filter(|row| row[3] == "1").map(|row| row[0].as_str()).collect();
    assert!(text.starts_with(&format!("{} industries, {} windows", leaves.len(), 8 * leaves.len())), "{text}");
    let origins: Vec<String> = (2011..=2018).map(|year| format!("{year}-09")).collect();
    assert_eq!(after(text, "origins: "), origins.join(" "));

    let naive = numbers(after(text, "naive "));
    assert!((naive[0] - naive_mase(&rows("us-employment/employment.csv.gz"), &leaves)).abs() < 0.0006, "{text}");
    for model in ["seasonal_naive", "damped_holt", "naive2", "ols"] {
        let [mase, holds, difference, low, high, p, p_dm] = numbers(after(text, model))[..] else { panic!("{text}") };
        assert!((mase - naive[0] - difference).abs() < 0.002, "{text}");
        assert!(low <= difference && difference <= high, "{text}");
        assert!([holds, p, p_dm].iter().all(|share| (0.0..=1.0).contains(share)), "{text}");
        // The interval and the p-value come from one set of samples.
        assert_eq!(p > 0.05, low <= 0.0 && 0.0 <= high, "{text}");
    }
}

#[cfg(feature = "bundled")]
fn columns_are_what_they_are_called(text: &str) {
    let series = text.lines().find_map(|line| line.split_once("the last one of ")).unwrap().1.trim_end_matches(':');
    let all = rows("us-employment/employment.csv.gz");
    let known: Vec<f64> = employment(&all, series, "1939-01").iter().map(|(_, y)| *y).collect();
    // The last row is that of the last month, which it does not see.
    let n = known.len() - 1;
    assert_eq!(employment(&all, series, "1939-01")[n].0, "2019-09");
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let std = |values: &[f64]| {
        let squares: f64 = values.iter().map(|y| (y - mean(values)).powi(2)).sum();
        (squares / (values.len() as f64 - 1.0)).sqrt()
    };
    for (name, expected) in [
        ("y_lag_1 ", known[n - 1]),
        ("y_lag_12", known[n - 12]),
        ("y_lag_1_rolling_mean_3", mean(&known[n - 3..n])),
        ("y_lag_1_rolling_mean_12", mean(&known[n - 12..n])),
        ("y_lag_1_rolling_std_12", std(&known[n - 12..n])),
        ("y_lag_1_log_change_12", (known[n - 1] / known[n - 13]).ln()),
        ("month_cos", (std::f64::consts::TAU * 8.0 / 12.0).cos()),
    ] {
        let found = numbers(after(text, &format!("  {name}")))[0];
        assert!((found - expected).abs() < 1e-4 * (1.0 + expected.abs()), "{name}: {found} {expected}");
    }
    let differing = after(text, "month by month, ");
    assert!(differing.starts_with("0 of ") && numbers(differing)[1] > 1000.0, "{text}");
}

#[cfg(feature = "bundled")]
fn intervals_hold_the_median_and_widen(text: &str) {
    let employment_rows = rows("us-employment/employment.csv.gz");
    let (last_month, last) = *employment(&employment_rows, "CEU6562100001", "1990-01").last().unwrap();
    assert!(text.lines().next().unwrap().ends_with(&format!("known to {last_month}")), "{text}");
    let mut narrowest = 0.0;
    for (months, month) in
        [(1, "2019-10"), (3, "2019-12"), (6, "2020-03"), (12, "2020-09"), (18, "2021-03"), (24, "2021-09")]
    {
        let line = text.lines().find(|line| line.contains(month)).unwrap();
        let [ahead, median, low, high] = numbers(line)[..] else { panic!("{line}") };
        assert_eq!(ahead.to_string(), months.to_string());
        assert!(low < median && median < high && high - low > narrowest, "{line}");
        // Health care has not grown or shrunk by a fifth within two years since 1990.
        assert!((median / last - 1.0).abs() < 0.2, "{line}");
        narrowest = high - low;
    }
    assert_eq!(after(text, "saved and loaded: "), "the forecast is the same");
}

#[cfg(feature = "bundled")]
fn fields_are_ranked_and_tested(text: &str) {
    let counts = numbers(after(text, "fields: "));
    let (above, below, untold) = (counts[0], counts[1], counts[2]);
    // Fields with published earnings, counted in the file.
    let with_earnings: BTreeSet<String> = rows("scorecard-certificates/programmes.csv.gz")
        .into_iter()
        .filter(|row| !(row[6].is_empty() || row[7].is_empty() && row[8].is_empty()))
        .map(|row| row[4].clone())
        .collect();
    assert!((above + below + untold - with_earnings.len() as f64).abs() < 0.5, "{text}");
    let premia: Vec<f64> = text
        .lines()
        .filter(|line| line.starts_with("  "))
        .map(|line| {
            let line = line.replace('%', " ");
            let [premium, low, high] = numbers(&line)[..3] else { panic!("{line}") };
            assert!(low <= premium && premium <= high, "{line}");
            premium
        })
        .collect();
    assert_eq!(premia.len(), 10, "{text}");
    assert!(premia.windows(2).all(|pair| pair[0] >= pair[1]), "{text}");
    for test in ["debt to earnings", "earnings premium"] {
        assert_eq!(numbers(after(text, test)).len(), 3, "{text}");
    }
}

#[cfg(feature = "bundled")]
fn each_certificate_has_a_verdict(text: &str) {
    let (outlooks, sources) = text.split_once("\nsources:\n").unwrap();
    let blocks: Vec<&str> = outlooks.split("\n\n").skip(1).collect();
    assert_eq!(blocks.len(), 4, "{text}");
    for block in &blocks {
        let verdict = block.lines().next().unwrap().rsplit_once("): ").unwrap().1;
        assert!(["grow", "hold", "watch", "phase out", "cannot tell"].contains(&verdict), "{block}");
        // 12 and 36 months after the last month of the employment series, 2019-09.
        for period in ["2020-09", "2022-09"] {
            let chance = numbers(after(block, &format!("  {period}: holds value with probability")))[0];
            assert!((0.0..=100.0).contains(&chance), "{block}");
        }
        for line in block.lines().filter(|line| line.contains("80 % from")) {
            let [median, _, low, high] = numbers(line)[..4] else { panic!("{line}") };
            assert!(low <= median && median <= high, "{line}");
        }
    }
    let block = |id: &str| *blocks.iter().find(|block| block.contains(&format!("({id}): "))).unwrap();
    // The catalogue says that it was retired in 2021-01.
    assert!(block("ms-mcsa").contains("(ms-mcsa): phase out") && block("ms-mcsa").contains("2021-01"));
    // The nation's median pay of licensed practical nurses, SOC 29-2061.
    let pay = rows("oews-2025/occupations.csv.gz");
    let pay = pay.iter().find(|row| row[0] == "US" && row[1] == "29-2061").unwrap();
    assert!(after(block("lpn-nclex"), "    pay: ").starts_with(&format!("{},", pay[8])));

    for (kind, file) in [
        ("industry-employment", "us-employment/employment.csv.gz"),
        ("oews-areas", "oews-2025/occupations.csv.gz"),
        ("scorecard", "scorecard-certificates/programmes.csv.gz"),
    ] {
        assert!(after(sources, &format!("  {kind}: ")).starts_with(&format!("{} rows", rows(file).len())), "{sources}");
    }
}

fn raw_premia_show_the_sorting_and_adjusted_ones_the_truth(text: &str) {
    let rows = after(text, "simulated: ");
    assert!(rows.ends_with(" of 6000 postings with pay") && (3000.0..4500.0).contains(&numbers(rows)[0]), "{text}");
    // What the example builds in: a is worth 10 %, b nothing.
    for (id, truth) in [("a", 10.0), ("b", 0.0)] {
        let [raw, adjusted, _, low, high] = numbers(after(text, &format!("{id}: raw")))[..] else { panic!("{text}") };
        assert!(raw > truth + 5.0 && low < truth && truth < high && low < adjusted && adjusted < high, "{text}");
        let line = after(text, &format!("{id}: 80 % of one, two, three years ahead within")).replace(['[', ']'], " ");
        let [one, two, three] = numbers(&line)[..] else { panic!("{text}") };
        assert!(0.0 < one && one < two && two < three, "{text}");
    }
}

fn selection_is_taken_out(text: &str) {
    let truth = numbers(after(text, "true effect on those who earned it"))[0];
    // At least 1,000 + 500 for the lowest grades, and more for the better ones, who earn it more often.
    assert!((2000.0..3000.0).contains(&truth), "{text}");
    let verdicts: Vec<&str> = text.lines().filter(|line| line.starts_with("  can the data answer? ")).collect();
    for (method, verdict) in ["difference", "match", "aipw"].iter().zip(&verdicts) {
        let [estimate, _, low, high] = numbers(after(text, &format!("{method}: ")))[..] else { panic!("{text}") };
        assert!(low < estimate && estimate < high, "{text}");
        let naive = *method == "difference";
        assert_eq!(naive, !(low < truth && truth < high), "{text}");
        assert_eq!(naive, verdict.starts_with("  can the data answer? no: "), "{text}");
    }
}

fn the_bad_cell_is_named_and_set_aside(text: &str) {
    // Header, then two rows a month: the nurses of the eighth month stand in line 1 + 2 * 7 + 1.
    let fault = "postings.csv, line 16, column y: expected a number, found \"eighty\"";
    assert!(after(text, "strict: ").ends_with(fault) && after(text, "set aside: ").ends_with(fault), "{text}");
    assert!(text.contains("47 of 48 rows used, 2 series"), "{text}");
    assert!(text.contains("frequency monthly"), "{text}");
    for series in ["nurse", "welder"] {
        for month in ["2025-01", "2025-02", "2025-03"] {
            let [median, _, low, high] = numbers(after(text, &format!("{series} {month}:")))[..] else {
                panic!("{text}")
            };
            assert!(low < median && median < high, "{text}");
        }
    }
}

#[test]
fn your_own_csv_reads_the_file_it_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.csv");
    let rows: String = (1..=12).map(|month| format!("forklift,2024-{month:02},40\n")).collect();
    std::fs::write(&path, format!("unique_id,ds,y\n{rows}")).unwrap();
    let text = run("your_own_csv", Some(&path));
    assert!(text.starts_with("12 of 12 rows used, 1 series\n") && !text.contains("set aside"), "{text}");
    assert_eq!(after(&text, "forklift 2025-03: "), "40.0, 80 % from 40.0 to 40.0");
}
