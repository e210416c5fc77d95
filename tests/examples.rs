//! Every example runs, is short, and prints what it promises.

#![cfg(feature = "bundled")]
#![allow(clippy::unwrap_used, reason = "helpers of tests may do what tests may")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const MOST_LINES: usize = 60;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

/// The example as Cargo has built it: tests and examples of one profile share a folder. `cargo test` builds both;
/// `cargo test --test examples` alone does not build examples anew.
fn run(name: &str, arguments: &[&str]) -> Output {
    let tests = std::env::current_exe().unwrap();
    let built = tests.parent().unwrap().parent().unwrap().join("examples").join(name);
    let built = built.with_extension(std::env::consts::EXE_EXTENSION);
    Command::new(&built).args(arguments).output().unwrap_or_else(|error| panic!("{}: {error}", built.display()))
}

fn printed(name: &str, arguments: &[&str]) -> String {
    let output = run(name, arguments);
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The numbers of a line, in order; signs only directly before a digit.
fn numbers(line: &str) -> Vec<f64> {
    line.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'))
        .filter_map(|part| part.trim_end_matches('.').parse().ok())
        .collect()
}

#[test]
fn every_example_is_short_says_what_it_is_for_and_is_checked_here() {
    let checked = ["backtest_models", "forecast_one_series", "outlook_bundled", "your_own_csv"];
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(text.lines().count() < MOST_LINES, "{name}");
        assert!(text.starts_with("//! ") && text.contains(&format!("--example {name}")), "{name}");
        found.insert(name);
    }
    assert_eq!(found, checked.map(str::to_owned).into());
}

#[test]
fn outlook_bundled_judges_five_certificates_in_two_regions() {
    let text = printed("outlook_bundled", &[]);
    assert!(text.contains("2019-09"));
    assert_eq!(text.matches("\n  because ").count(), 10);
    for name in ["AWS Certified Welder in US: ", "AWS Certified Welder in TX: "] {
        let verdict = text.split(name).nth(1).unwrap().lines().next().unwrap();
        assert!(["grow", "hold", "watch", "phase out", "cannot tell"].contains(&verdict), "{verdict}");
    }
    let horizons: Vec<&str> = text.lines().filter(|line| line.contains("holds value with")).collect();
    assert_eq!(horizons.len(), 40);
    for line in horizons {
        // Year, month, probability, both ends of the pay interval, its level.
        let [.., p, low, high, level] = numbers(line)[..] else { panic!("{line}") };
        assert!((0.0..=100.0).contains(&p) && 0.0 < low && low < high && level > 79.0, "{line}");
    }
}

#[test]
fn forecast_one_series_widens_and_holds_its_centre() {
    let text = printed("forecast_one_series", &[]);
    let mut lines = text.lines();
    // BLS, employment in hospitals in September 2019, not seasonally adjusted, as published: 5,2xx thousand.
    assert!(lines.next().unwrap().starts_with("known to 2019-09: 52"));
    let mut before = 0.0;
    let months: Vec<&str> = lines.clone().map(|line| &line[..7]).collect();
    assert_eq!(months, ["2020-03", "2020-09", "2021-03", "2021-09"]);
    for line in lines {
        let [centre, low, high, more] = numbers(&line[8..])[..] else { panic!("{line}") };
        assert!(low < centre && centre < high && (0.0..=100.0).contains(&more), "{line}");
        assert!(high - low > before, "{line}");
        before = high - low;
    }
}

#[test]
fn backtest_models_compares_each_with_naive() {
    let text = printed("backtest_models", &[]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(numbers(lines[0])[0].to_bits(), 149.0_f64.to_bits());
    let score = |line: &str| numbers(line.split("MASE").nth(1).unwrap())[0];
    let naive = score(lines[1]);
    assert!(!lines[1].contains("against naive"));
    for line in &lines[2..] {
        let [difference, low, high] = numbers(line.split("against naive").nth(1).unwrap())[..] else {
            panic!("{line}")
        };
        assert!(low <= difference && difference <= high, "{line}");
        assert!((score(line) - naive - difference).abs() < 0.0021, "{line}");
    }
    assert_eq!(lines.len(), 7);
}

#[test]
fn your_own_csv_reads_a_file_and_names_a_wrong_cell() {
    let text = printed("your_own_csv", &[]);
    assert!(text.starts_with("72 rows, 2 series, monthly\n"), "{text}");
    assert!(text.contains("broken.csv, line 4, column y: expected a number, found \"4o3\""), "{text}");
    // A yearly cycle that repeats: the season of the last September comes again.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.csv");
    let rows = (0..36).map(|t| format!("mine,{}-{:02},{}\n", 2020 + t / 12, t % 12 + 1, 100 + t % 12));
    std::fs::write(&file, "unique_id,ds,y\n".to_owned() + &rows.collect::<String>()).unwrap();
    let text = printed("your_own_csv", &[file.to_str().unwrap()]);
    assert!(text.starts_with("36 rows, 1 series, monthly\nmine in 2023-12: 111 (111 to 111)\n"), "{text}");
    let missing = run("your_own_csv", &["no-such-file.csv"]);
    let error = String::from_utf8_lossy(&missing.stderr).into_owned();
    assert!(!missing.status.success() && error.contains("no-such-file.csv"), "{error}");
}
