//! Three curves against scipy's bounded least squares from many starts, `tests/reference/diffusion.csv`.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use credcast::series::{Bass, ExponentialDecline, Logistic, SeriesModel};

/// Values of a window.
const LENGTH: usize = 120;
/// How much larger than the least sum of squares of 30 starts ours may be.
const TOLERANCE: f64 = 1e-8;

fn employment() -> BTreeMap<String, Vec<f64>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/us-employment/employment.csv.gz");
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    let mut found: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        found.entry(cells[0].into()).or_default().push(cells[2].parse().unwrap());
    }
    found
}

#[test]
fn no_start_of_scipy_does_better() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/diffusion.csv");
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.starts_with("# Python 3.11, scipy"));
    let all = employment();
    let mut seen: BTreeMap<&str, (usize, f64, f64)> = BTreeMap::new();
    for line in text.lines().skip(2) {
        let cells: Vec<&str> = line.split(',').collect();
        let (first, expected): (usize, f64) = (cells[2].parse().unwrap(), cells[3].parse().unwrap());
        let y = &all[cells[1]][first..first + LENGTH];
        let sse = match cells[0] {
            "bass" => Bass.fit(y).unwrap().sse(),
            "logistic" => Logistic.fit(y).unwrap().sse(),
            _ => ExponentialDecline.fit(y).unwrap().decline_sse(),
        };
        let mean_square = y.iter().map(|value| value * value).sum::<f64>() / LENGTH as f64;
        let excess = sse / mean_square / expected - 1.0;
        println!("{line}: {excess:+.1e}");
        let entry = seen.entry(cells[0]).or_insert((0, f64::NEG_INFINITY, f64::INFINITY));
        *entry = (entry.0 + 1, entry.1.max(excess), entry.2.min(excess));
    }
    for (curve, (lines, worst, best)) in &seen {
        println!("{curve}: {lines} windows, sum of squares {best:+.1e} to {worst:+.1e} of scipy's least");
        assert_eq!(*lines, 26);
        assert!(*worst < TOLERANCE, "{curve}: {worst:e}");
    }
    assert_eq!(seen.len(), 3);
}
