//! The theta models against statsforecast 2.1.1, on the bundled employment series and the values of
//! `tests/reference/theta.csv`.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeMap;
use std::io::Read;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use credcast::series::{
    AutoTheta, Dot, DynamicTheta, FittedAutoTheta, FittedDot, FittedDynamicTheta, FittedOptimisedTheta, FittedSeries,
    FittedTheta, OptimisedTheta, SeriesModel, Theta,
};

const YEAR: NonZeroUsize = NonZeroUsize::new(12).unwrap();
const HORIZON: NonZeroUsize = NonZeroUsize::new(18).unwrap();
const STEPS: [usize; 5] = [1, 2, 6, 12, 18];
/// Squared errors of two searches that end at one minimum, relative.
const SAME_SSE: f64 = 1e-6;
/// Squared errors that say that the peer's search came near the minimum, relative.
const NEAR_SSE: f64 = 1e-3;
/// Forecasts near one minimum, in units of the size of the series: the squared error is flat there. At given weights
/// the recursions agree to 1e-12 (unit test of `theta/state.rs`).
const SAME_PATH: f64 = 1e-3;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// The last 120 values of each series; those named `-centred` less their mean.
fn series() -> BTreeMap<String, Vec<f64>> {
    let mut text = String::new();
    let file = std::fs::File::open(root().join("datasets/us-employment/employment.csv.gz")).unwrap();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let mut found: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        found.entry(cells[0].to_owned()).or_default().push(cells[2].parse().unwrap());
    }
    for y in found.values_mut() {
        y.drain(..y.len() - 120);
    }
    let centre = |(name, y): (&String, &Vec<f64>)| {
        let mean = y.iter().sum::<f64>() / 120.0;
        (format!("{name}-centred"), y.iter().map(|v| v - mean).collect())
    };
    let centred: Vec<(String, Vec<f64>)> = found.iter().map(centre).collect();
    found.extend(centred);
    found
}

struct Peer {
    series: String,
    model: String,
    form: String,
    sse: f64,
    season: String,
    path: [f64; 5],
}

fn peers() -> Vec<Peer> {
    let text = std::fs::read_to_string(root().join("tests/reference/theta.csv")).unwrap();
    assert!(text.starts_with("# Python 3.11, statsforecast 2.1.1, script theta.py"));
    let peer = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        Peer {
            series: cells[0].into(),
            model: cells[1].into(),
            form: cells[2].into(),
            sse: cells[3].parse().unwrap(),
            season: cells[7].into(),
            path: std::array::from_fn(|i| cells[8 + i].parse().unwrap()),
        }
    };
    text.lines().skip(2).map(peer).collect()
}

/// Form, squared error, kind of season and forecasts of a fitted model.
struct Ours {
    form: String,
    sse: f64,
    season: &'static str,
    path: Vec<f64>,
}

macro_rules! ours {
    ($model:expr, $y:expr, $fitted:ty) => {{
        let fitted: $fitted = $model.fit($y).unwrap();
        let season = match (fitted.indices().is_empty(), fitted.is_multiplicative()) {
            (true, _) => "none",
            (false, true) => "multiplicative",
            (false, false) => "additive",
        };
        Ours { form: format!("{:?}", fitted.form()), sse: fitted.sse(), season, path: fitted.points(HORIZON) }
    }};
}

fn ours(model: &str, y: &[f64]) -> Ours {
    match model {
        "theta" => ours!(Theta::new(YEAR), y, FittedTheta),
        "optimised_theta" => ours!(OptimisedTheta::new(YEAR), y, FittedOptimisedTheta),
        "dynamic_theta" => ours!(DynamicTheta::new(YEAR), y, FittedDynamicTheta),
        "dot" => ours!(Dot::new(YEAR), y, FittedDot),
        _ => ours!(AutoTheta::new(YEAR), y, FittedAutoTheta),
    }
}

#[test]
fn squared_errors_are_never_above_those_of_statsforecast_and_paths_agree_at_one_minimum() {
    let series = series();
    let mut tally: BTreeMap<String, [usize; 4]> = BTreeMap::new();
    let mut agreed: BTreeMap<String, f64> = BTreeMap::new();
    for peer in peers() {
        let y = &series[&peer.series];
        let found = ours(&peer.model, y);
        let (model, name) = (&peer.model, &peer.series);
        assert_eq!(found.season, peer.season, "{model} on {name}");
        assert!(found.sse <= peer.sse * (1.0 + SAME_SSE), "{model} on {name}: {} against {}", found.sse, peer.sse);
        let counts = tally.entry(model.clone()).or_default();
        counts[0] += 1;
        counts[1] += usize::from(found.sse < peer.sse * (1.0 - NEAR_SSE));
        let size = y.iter().fold(0.0, |size: f64, v| size.max(v.abs()));
        if found.sse >= peer.sse * (1.0 - NEAR_SSE) {
            counts[2] += 1;
            for (step, expected) in STEPS.iter().zip(peer.path) {
                let apart = (found.path[step - 1] - expected).abs() / size;
                let widest = agreed.entry(model.clone()).or_default();
                *widest = widest.max(apart);
                assert!(apart < SAME_PATH, "{model} on {name}, step {step}: {} {expected}", found.path[step - 1]);
            }
        }
        if model == "auto_theta" {
            counts[3] += usize::from(peer.form == "STM" || peer.form == "DSTM");
            assert!(found.form == "Optimised" || found.form == "DynamicOptimised");
        }
    }
    for (model, [all, better, same, standard]) in &tally {
        println!(
            "{model}: {all} series, squared error lower by more than 0.1 % on {better}, near it on {same} (paths \
             within {:.1e}), standard form chosen by the peer on {standard}",
            agreed.get(model).copied().unwrap_or(0.0)
        );
        assert!(*all >= 20);
    }
}
