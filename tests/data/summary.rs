//! Summary statistics against tsfeatures 0.4.5, statsmodels, scipy and arch, and what must hold for any series.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeMap;
use std::path::Path;

use credcast::feature::SummaryExtractor;
use credcast::prelude::*;
use proptest::prelude::*;

/// Closed forms: two orders of summation of the same terms.
const CLOSED_FORM: f64 = 1e-10;

fn lines(file: &str) -> Vec<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.starts_with("# Python 3.11, tsfeatures 0.4.5, statsmodels 0.15.0, scipy 1.17.1, arch 8.0.0"));
    text.lines().skip(2).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn series() -> BTreeMap<String, (usize, Vec<f64>)> {
    let mut found: BTreeMap<String, (usize, Vec<f64>)> = BTreeMap::new();
    for line in lines("summary_series.csv") {
        let entry = found.entry(line[0].clone()).or_insert_with(|| (line[1].parse().unwrap(), Vec::new()));
        entry.1.push(line[3].parse().unwrap());
    }
    found
}

fn extractor(season: usize, scale: bool) -> SummaryExtractor {
    SummaryExtractor::params().season(season).scale(scale).build().unwrap()
}

/// Distance of two numbers as a share of the larger; of two NaN 0, of a NaN and a number infinite.
fn apart(a: f64, b: f64) -> f64 {
    match (a.is_nan(), b.is_nan()) {
        (true, true) => 0.0,
        (false, false) => (a - b).abs() / a.abs().max(b.abs()).max(f64::MIN_POSITIVE),
        _ => f64::INFINITY,
    }
}

/// Searches: two optimisers that stop at different distances from one optimum.
const OPTIMISED: f64 = 1e-4;
/// Near 0, weights at their lower ends and autocorrelations differ by rounding.
const NEAR_ZERO: f64 = 1e-11;
const NEAR_ZERO_WEIGHT: f64 = 1e-6;

fn is_searched(statistic: &str) -> bool {
    ["garch_acf", "garch_r2", "alpha", "beta", "hw_alpha", "hw_beta", "hw_gamma"].contains(&statistic)
}

/// Where we mean to differ, as the documentation of [`SummaryExtractor`] says; the value that we give instead.
fn differs_on_purpose(series: &str, n: usize, season: usize, statistic: &str, theirs: f64) -> Option<fn(f64) -> bool> {
    let decomposed = ["trend", "spike", "linearity", "curvature", "e_acf1", "e_acf10"].contains(&statistic);
    match (series, statistic) {
        // Theirs needs 100 values where there is no season.
        (_, _) if season == 1 && n < 100 && decomposed && theirs.is_nan() => Some(f64::is_finite),
        // Theirs sums the nine lags that ten differences have.
        ("short", "diff2_acf10") => Some(f64::is_nan),
        // Three values: theirs decomposes a quarter of a season, and fits as many coefficients as there are rows.
        ("tiny", "unitroot_kpss" | "unitroot_pp" | "nonlinearity" | "seasonal_strength" | "peak" | "trough") => {
            Some(f64::is_nan)
        }
        ("tiny", _) if decomposed => Some(f64::is_nan),
        ("tiny", "diff1_acf1") => Some(|ours| (ours + 0.5).abs() < 1e-12),
        _ => None,
    }
}

#[test]
fn every_statistic_agrees_with_its_reference() {
    let series = series();
    let mut worst: BTreeMap<String, (f64, usize)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for line in lines("summary.csv") {
        let [name, scale, peer, statistic, value] = <[String; 5]>::try_from(line).unwrap();
        let (season, y) = &series[&name];
        let ours = extractor(*season, scale == "1").summarise(y).get(&statistic).unwrap();
        let theirs: f64 = value.parse().unwrap();
        let (relative, near_zero) =
            if is_searched(&statistic) { (OPTIMISED, NEAR_ZERO_WEIGHT) } else { (CLOSED_FORM, NEAR_ZERO) };
        let agrees = match differs_on_purpose(&name, y.len(), *season, &statistic, theirs) {
            Some(expected) => expected(ours),
            None => {
                let distance = if (ours - theirs).abs() < near_zero { 0.0 } else { apart(ours, theirs) };
                let entry = worst.entry(format!("{statistic} ({peer})")).or_default();
                *entry = (entry.0.max(distance), entry.1 + 1);
                distance <= relative
            }
        };
        if !agrees {
            wrong.push(format!("{statistic} ({peer}) of {name}, scale {scale}: {ours} against {theirs}"));
        }
    }
    for (statistic, (distance, count)) in &worst {
        println!("{statistic}: largest relative difference {distance:.1e} in {count} comparisons");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let compared = |name: &&str| worst.keys().any(|key| key.starts_with(&format!("{name} (")));
    let missed: Vec<_> = extractor(12, true).names().into_iter().filter(|name| !compared(name)).collect();
    assert!(missed.is_empty(), "no reference for {missed:?}");
}

/// Free of scale whatever the setting, as the documentation marks them.
const SCALE_FREE: [&str; 46] = [
    "series_length",
    "missing_share",
    "coefficient_of_variation",
    "skewness",
    "kurtosis",
    "sparsity",
    "adi",
    "cv2",
    "longest_zero_run",
    "x_acf1",
    "x_acf10",
    "diff1_acf1",
    "diff1_acf10",
    "diff2_acf1",
    "diff2_acf10",
    "seas_acf1",
    "x_pacf5",
    "diff1x_pacf5",
    "diff2x_pacf5",
    "seas_pacf",
    "hurst",
    "entropy",
    "nonlinearity",
    "unitroot_kpss",
    "unitroot_pp",
    "nperiods",
    "seasonal_period",
    "trend",
    "seasonal_strength",
    "e_acf1",
    "e_acf10",
    "peak",
    "trough",
    "crossing_points",
    "flat_spots",
    "time_level_shift",
    "time_var_shift",
    "arch_lm",
    "arch_acf",
    "arch_r2",
    "garch_acf",
    "garch_r2",
    "alpha",
    "beta",
    "hw_alpha",
    "hw_gamma",
];

/// Series of up to 60 values around 20, some missing, some zero.
fn any_series() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![8 => 0.0..40.0_f64, 1 => Just(0.0), 1 => Just(f64::NAN)];
    prop::collection::vec(value, 1..60)
}

fn panel(series: &[Vec<f64>]) -> Panel {
    let start = Period::month(2020, 1).unwrap();
    let named = series.iter().enumerate().map(|(i, y)| (SeriesKey::national(format!("item{i:03}")), start, y.clone()));
    Panel::from_series("postings", named).unwrap()
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|v| v.to_bits()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_power_of_two_leaves_scale_free_statistics_alone(y in any_series(), power in -20..20_i32, scale: bool) {
        // Multiplying by a power of two rounds nothing, so even searches take the same steps.
        let factor = f64::from(power).exp2();
        let scaled: Vec<f64> = y.iter().map(|v| v * factor).collect();
        let (plain, scaled) = (extractor(4, scale).summarise(&y), extractor(4, scale).summarise(&scaled));
        for name in SCALE_FREE {
            let (a, b) = (plain.get(name).unwrap(), scaled.get(name).unwrap());
            prop_assert!(apart(a, b) < 1e-9, "{} at {}: {} against {}", name, factor, a, b);
        }
    }

    #[test]
    fn other_series_change_nothing(all in prop::collection::vec(any_series(), 2..6), turn in 1..5_usize) {
        let one = extractor(4, true);
        let table = one.of_panel(&panel(&all), "postings").unwrap();
        let mut turned = all.clone();
        turned.rotate_left(turn % all.len());
        let again = one.of_panel(&panel(&turned), "postings").unwrap();
        for (i, y) in all.iter().enumerate() {
            let place = (i + all.len() - turn % all.len()) % all.len();
            prop_assert_eq!(bits(table.row(i)), bits(again.row(place)));
            prop_assert_eq!(bits(table.row(i)), bits(one.summarise(y).values()));
        }
    }

    #[test]
    fn statistics_stay_within_their_ranges(y in any_series(), season in 1..14_usize, scale: bool) {
        let summary = extractor(season, scale).summarise(&y);
        let within = |name: &str, low: f64, high: f64| {
            let value = summary.get(name).unwrap();
            value.is_nan() || (low - 1e-12..=high + 1e-12).contains(&value)
        };
        for name in ["trend", "seasonal_strength", "entropy", "sparsity", "missing_share", "arch_lm", "arch_r2", "garch_r2",
            "alpha", "beta", "hw_alpha", "hw_beta", "hw_gamma"] {
            prop_assert!(within(name, 0.0, 1.0), "{}: {:?}", name, summary.get(name));
        }
        for name in ["x_acf1", "diff1_acf1", "diff2_acf1", "seas_acf1", "seas_pacf", "e_acf1"] {
            prop_assert!(within(name, -1.0, 1.0), "{}: {:?}", name, summary.get(name));
        }
        for name in ["peak", "trough"] {
            prop_assert!(within(name, 1.0, season as f64));
        }
    }
}

#[test]
fn one_and_eight_threads_agree_to_the_last_bit() {
    let all: Vec<Vec<f64>> = series().into_values().map(|(_, y)| y).collect();
    let panel = panel(&all);
    let in_pool = |n_threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        let table = pool.install(|| extractor(12, true).of_panel(&panel, "postings").unwrap());
        (0..table.n_rows()).flat_map(|row| bits(table.row(row))).collect::<Vec<u64>>()
    };
    assert_eq!(in_pool(1), in_pool(8));
}

#[test]
fn nothing_is_said_of_a_series_without_values() {
    for y in [vec![], vec![f64::NAN; 40], vec![f64::INFINITY; 3]] {
        for (name, value) in extractor(12, true).summarise(&y).iter() {
            let known = match name {
                "series_length" => Some(y.len() as f64),
                "missing_share" if !y.is_empty() => Some(1.0),
                "nperiods" => Some(1.0),
                "seasonal_period" => Some(12.0),
                _ => None,
            };
            assert_eq!(known.map(f64::to_bits), (!value.is_nan()).then_some(value.to_bits()), "{name}");
        }
    }
}

#[test]
fn equal_values_have_a_level_and_no_dependence() {
    for (season, scale) in [(12, true), (12, false), (1, true), (1, false)] {
        let summary = extractor(season, scale).summarise(&[0.1; 60]);
        let get = |name| summary.get(name).unwrap();
        for (name, expected) in [
            ("mean", 0.1),
            ("variance", 0.0),
            ("trend", 0.0),
            ("stability", 0.0),
            ("flat_spots", 60.0),
            ("crossing_points", 0.0),
            ("max_level_shift", 0.0),
            ("coefficient_of_variation", 0.0),
        ] {
            assert!((get(name) - expected).abs() < 1e-12, "{name}: {}", get(name));
        }
        for name in [
            "skewness",
            "kurtosis",
            "x_acf1",
            "diff1_acf10",
            "x_pacf5",
            "hurst",
            "entropy",
            "nonlinearity",
            "unitroot_kpss",
            "unitroot_pp",
            "peak",
            "trough",
            "e_acf1",
            "max_kl_shift",
            "arch_lm",
            "garch_acf",
            "alpha",
            "hw_gamma",
        ] {
            assert!(get(name).is_nan(), "{name}: {}", get(name));
        }
    }
}

#[test]
fn odd_series_never_panic() {
    let huge: Vec<f64> = (0..50).map(|t| if t % 3 == 0 { 1e308 } else { -1e308 }).collect();
    let tiny: Vec<f64> = (0..50).map(|t| f64::from(t % 7) * 1e-310).collect();
    let line: Vec<f64> = (0..50).map(f64::from).collect();
    let spike: Vec<f64> = (0..50).map(|t| f64::from(u8::from(t == 25))).collect();
    for y in [huge, tiny, line, spike] {
        for n in 0..=y.len() {
            for season in [1, 2, 3, 12, 8784] {
                for scale in [true, false] {
                    assert!(extractor(season, scale).summarise(&y[..n]).values().iter().all(|v| !v.is_infinite()));
                }
            }
        }
    }
}

#[test]
fn missing_ends_leave_the_rest_where_it_was() {
    let (_, y) = &series()["monthly"];
    let mut padded = vec![f64::NAN; 5];
    padded.extend(y);
    padded.push(f64::NAN);
    let (plain, padded) = (extractor(12, true).summarise(y), extractor(12, true).summarise(&padded));
    for ((name, a), (_, b)) in plain.iter().zip(padded.iter()) {
        let expected = match name {
            "series_length" => a + 6.0,
            "missing_share" => 6.0 / (y.len() + 6) as f64,
            "peak" | "trough" => (a - 1.0 + 5.0) % 12.0 + 1.0,
            name if name.starts_with("time_") => a + 5.0,
            _ => a,
        };
        assert!(apart(expected, b) < 1e-12, "{name}: {expected} against {b}");
    }
}
