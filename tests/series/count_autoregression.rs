//! Count autoregressions against searches by scipy and statsmodels, on the series of `tests/reference/count_ar.csv`.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::path::Path;

use credcast::series::{CountAutoregression, CountFamily, CountMemory, SeriesModel};

/// No log-likelihood is lower than that of the reference by more than this share of it.
const WORSE: f64 = 1e-3;
const SEASON: usize = 12;

struct Case {
    name: String,
    /// Largest log-likelihoods found: independent, autoregressive, seasonal, each Poisson and negative binomial.
    log_likelihoods: Vec<f64>,
    y: Vec<f64>,
}

/// The rows of the reference; those of real series have no values.
fn cases() -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/count_ar.csv");
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.starts_with("# Python 3.11, statsmodels 0.15"));
    let case = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        Case {
            name: cells[0].into(),
            log_likelihoods: cells[1..7].iter().map(|v| v.parse().unwrap()).collect(),
            y: cells[7].split_whitespace().map(|v| v.parse().unwrap()).collect(),
        }
    };
    text.lines().skip(2).map(case).collect()
}

/// Differences of the six log-likelihoods relative to the reference, where it has one.
fn gains(case: &Case, y: &[f64]) -> Vec<f64> {
    let memories = [CountMemory::Independent, CountMemory::Autoregressive, CountMemory::Seasonal];
    let families = [CountFamily::Poisson, CountFamily::NegativeBinomial];
    let forms = memories.into_iter().flat_map(|memory| families.map(|family| (memory, family)));
    let mut gains = Vec::new();
    for ((memory, family), theirs) in forms.zip(&case.log_likelihoods).filter(|(_, theirs)| theirs.is_finite()) {
        let settings = CountAutoregression::params().season(SEASON.try_into().unwrap()).family(family).memory(memory);
        let ours = settings.build().unwrap().fit(y).unwrap().log_likelihood();
        let gain = (ours - theirs) / theirs.abs();
        assert!(gain >= -WORSE, "{} {memory:?} {family:?}: {ours} against {theirs}", case.name);
        gains.push(gain);
    }
    gains
}

fn report(kind: &str, gains: &[f64]) {
    let least = gains.iter().fold(f64::INFINITY, |least: f64, gain| least.min(*gain));
    let most = gains.iter().fold(f64::NEG_INFINITY, |most: f64, gain| most.max(*gain));
    let same = gains.iter().filter(|gain| gain.abs() < 1e-6).count();
    eprintln!("{kind}: {} log-likelihoods, {same} the same to 1e-6, gains {least:.1e} to {most:.1e}", gains.len());
}

#[test]
fn likelihoods_of_simulated_series_are_not_below_the_reference() {
    let cases: Vec<Case> = cases().into_iter().filter(|case| !case.y.is_empty()).collect();
    assert_eq!(cases.len(), 24);
    let found: Vec<f64> = cases.iter().flat_map(|case| gains(case, &case.y)).collect();
    assert_eq!(found.len(), 6 * 24);
    report("simulated", &found);
}

#[cfg(feature = "parquet")]
#[test]
fn likelihoods_of_real_series_are_not_below_the_reference() {
    use credcast::SeriesKey;
    use credcast::ingest::{ReadOptions, Source, read_job_sdf};

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/job-sdf/dataset_demand_r0.parquet");
    if !path.exists() {
        println!("skipped: no data");
        return;
    }
    let (panel, _) = read_job_sdf(&Source::path(path), &ReadOptions::default()).unwrap();
    let cases: Vec<Case> = cases().into_iter().filter(|case| case.y.is_empty()).collect();
    assert_eq!(cases.len(), 24);
    let mut found = Vec::new();
    for case in &cases {
        found.extend(gains(case, panel.get(&SeriesKey::new(&case.name, "0")).unwrap().values(0)));
    }
    report("real", &found);
}
