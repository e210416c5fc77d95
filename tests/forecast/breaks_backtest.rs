//! What break-aware models gain and lose on real series, from rolling origins. Takes minutes, so it runs on request:
//! `cargo test --release --test forecast breaks_backtest -- --ignored --nocapture`.
//!
//! Employment ends in 2019-09; its last 36 months are left out. It has the recession of 2008-09, but not 2020, so a
//! shock shaped like that of 2020 is also put into it. Postings by state begin in 2020-02 and are read up to their
//! month 42 only, posted wage growth (2019-01 on) up to its month 48.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeMap;
use std::io::Read;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use credcast::series::{AutoEts, AutoTheta, BreakAware, BreakDetector, BreakTreatment, FittedSeries, SeriesModel};

const YEAR: NonZeroUsize = NonZeroUsize::new(12).unwrap();
const NO_SEASON: NonZeroUsize = NonZeroUsize::new(1).unwrap();
const TREATMENTS: [BreakTreatment; 3] =
    [BreakTreatment::Window, BreakTreatment::Intervention, BreakTreatment::RobustWeights];
/// Values before an origin that models see of the employment series.
const HISTORY: usize = 120;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// A training span and what followed it.
struct Case {
    train: Vec<f64>,
    future: Vec<f64>,
}

/// All but the last 36 values of each series of at least 300.
fn employment() -> Vec<Vec<f64>> {
    let mut text = String::new();
    let file = std::fs::File::open(root().join("datasets/us-employment/employment.csv.gz")).unwrap();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let mut found: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        found.entry(cells[0]).or_default().push(cells[2].parse().unwrap());
    }
    let long = found.into_values().filter(|y| y.len() >= 300);
    long.map(|y| y[..y.len() - 36].to_vec()).collect()
}

/// Origins 2009-12 to 2011-09, behind the recession.
fn recession() -> Vec<Case> {
    let mut cases = Vec::new();
    for y in employment() {
        // Kept to 2016-09.
        for back in (60..=81).step_by(3) {
            let origin = y.len() - back;
            cases.push(Case { train: y[origin - HISTORY..origin].to_vec(), future: y[origin..origin + 12].to_vec() });
        }
    }
    cases
}

/// Origins 2013-09 to 2015-09; the recession lies in the training spans.
fn calm() -> Vec<Case> {
    let mut cases = Vec::new();
    for y in employment() {
        for back in (12..=36).step_by(6) {
            let origin = y.len() - back;
            cases.push(Case { train: y[origin - HISTORY..origin].to_vec(), future: y[origin..origin + 12].to_vec() });
        }
    }
    cases
}

/// The calm years with a fall by 15 % of which a fifth is lasting and the rest fades by a fifth a month, `age` months
/// before the origin.
fn shocked(age: usize) -> Vec<Case> {
    let factor = |after: usize| 1.0 - 0.03 - 0.12 * 0.8_f64.powi(i32::try_from(after).unwrap());
    let mut cases = calm();
    for case in &mut cases {
        let n = case.train.len();
        for (after, value) in case.train[n - age..].iter_mut().chain(&mut case.future).enumerate() {
            *value *= factor(after);
        }
    }
    cases
}

/// Monthly means of the states' daily index, the first 42 months.
fn postings() -> Vec<Case> {
    let path = root().join("../shared/data/indeed-postings/us_state_daily_2020-02_2026-08.csv");
    let Ok(text) = std::fs::read_to_string(path) else { return Vec::new() };
    let mut sums: BTreeMap<(&str, usize), (f64, usize)> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let year: usize = cells[0][..4].parse().unwrap();
        let month: usize = cells[0][5..7].parse().unwrap();
        let index = (year - 2020) * 12 + month - 2;
        if index < 42 {
            let sum = sums.entry((cells[1], index)).or_default();
            *sum = (sum.0 + cells[2].parse::<f64>().unwrap(), sum.1 + 1);
        }
    }
    let mut series: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for ((state, _), (sum, days)) in sums {
        series.entry(state).or_default().push(sum / days as f64);
    }
    let mut cases = Vec::new();
    for y in series.values() {
        for origin in (18..=30).step_by(2) {
            cases.push(Case { train: y[..origin].to_vec(), future: y[origin..origin + 12].to_vec() });
        }
    }
    cases
}

/// Yearly growth of posted wages by sector and country, the first 48 months, in per cent.
fn wages() -> Vec<Case> {
    let mut series: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for (file, name, value) in [("sector", 2, 5), ("country", 1, 4)] {
        let path = root().join(format!("../shared/data/indeed-wages/posted-wage-growth-by-{file}.csv"));
        let Ok(text) = std::fs::read_to_string(path) else { return Vec::new() };
        for line in text.lines().skip(1) {
            let plain = line.replace(", ", " ").replace('"', "");
            let cells: Vec<&str> = plain.split(',').collect();
            series.entry(cells[name].into()).or_default().push(100.0 * cells[value].parse::<f64>().unwrap_or(f64::NAN));
        }
    }
    let mut cases = Vec::new();
    for y in series.values().filter(|y| y.len() >= 48) {
        for origin in (21..=36).step_by(3) {
            cases.push(Case { train: y[..origin].to_vec(), future: y[origin..origin + 12].to_vec() });
        }
    }
    cases
}

/// Mean absolute scaled error: in units of the mean change over a cycle of the training span.
fn mase(case: &Case, points: &[f64], season: usize) -> Option<f64> {
    let scale = case.train.iter().zip(&case.train[season..]).map(|(a, b)| (a - b).abs()).sum::<f64>()
        / (case.train.len() - season) as f64;
    let error = case.future.iter().zip(points).map(|(a, b)| (a - b).abs()).sum::<f64>() / points.len() as f64;
    (error / scale).is_finite().then_some(error / scale)
}

struct Tally {
    cases: usize,
    plain: f64,
    treated: f64,
    better: usize,
    worse: usize,
}

/// The error with interventions in the logarithm, relative to that of the plain model.
fn compare<M: SeriesModel + Clone>(name: &str, model: &M, season: NonZeroUsize, cases: &[Case]) -> f64 {
    let horizon = NonZeroUsize::new(12).unwrap();
    let mut relative = f64::NAN;
    for log in [false, true] {
        let detector = BreakDetector::params(season).log(log).build().unwrap();
        for treatment in TREATMENTS {
            let aware = BreakAware::params(model.clone(), detector).treatment(treatment).build().unwrap();
            let mut tally = Tally { cases: 0, plain: 0.0, treated: 0.0, better: 0, worse: 0 };
            let mut all = (0, 0.0, 0.0);
            for case in cases {
                let Ok(fitted) = aware.fit(&case.train) else { continue };
                let treated = mase(case, &fitted.points(horizon), season.get());
                let plain = if fitted.used().is_some() {
                    mase(case, &model.fit(&case.train).unwrap().points(horizon), season.get())
                } else {
                    treated
                };
                let (Some(plain), Some(treated)) = (plain, treated) else { continue };
                all = (all.0 + 1, all.1 + plain, all.2 + treated);
                if fitted.used().is_some() {
                    tally.cases += 1;
                    tally.plain += plain;
                    tally.treated += treated;
                    tally.better += usize::from(treated < plain);
                    tally.worse += usize::from(treated > plain);
                }
            }
            let share = |sum: f64| sum / tally.cases.max(1) as f64;
            eprintln!(
                "{name} log {log} {treatment:?}: {} origins, MASE {:.3} plain {:.3}; {} treated: {:.3} plain {:.3}, better {} worse {}",
                all.0,
                all.2 / all.0 as f64,
                all.1 / all.0 as f64,
                tally.cases,
                share(tally.treated),
                share(tally.plain),
                tally.better,
                tally.worse,
            );
            if log && treatment == BreakTreatment::Intervention {
                relative = all.2 / all.1;
            }
        }
    }
    relative
}

/// Compares both models, whose relative errors must not exceed `limit`.
fn compare_all(name: &str, season: NonZeroUsize, cases: &[Case], limit: f64) {
    if cases.is_empty() {
        eprintln!("{name} skipped: no data");
        return;
    }
    let theta = compare(&format!("{name} auto_theta"), &AutoTheta::new(season), season, cases);
    let ets = compare(&format!("{name} auto_ets"), &AutoEts::new(season), season, cases);
    assert!(theta <= limit && ets <= limit, "{name}: {theta} {ets}");
}

#[test]
#[ignore = "takes minutes"]
fn back_test_on_posted_wages() {
    compare_all("wages", NO_SEASON, &wages(), 1.05);
}

#[test]
#[ignore = "takes minutes"]
fn back_test_on_postings() {
    compare_all("postings", NO_SEASON, &postings(), 1.05);
}

#[test]
#[ignore = "takes minutes"]
fn back_test_on_employment() {
    compare_all("recession", YEAR, &recession(), 1.05);
    compare_all("calm", YEAR, &calm(), 1.05);
    for (age, limit) in [(4, 1.0), (9, 0.75), (18, 1.0), (30, 0.95)] {
        compare_all(&format!("shocked {age} months before"), YEAR, &shocked(age), limit);
    }
}
