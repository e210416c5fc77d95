//! Complex exponential smoothing against statsforecast 2.1.1, on the bundled employment series and the values of
//! `tests/reference/ces.csv`.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeMap;
use std::io::Read;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use credcast::series::{Ces, CesForm, FittedSeries, SeriesModel};

const YEAR: NonZeroUsize = NonZeroUsize::new(12).unwrap();
const HORIZON: NonZeroUsize = NonZeroUsize::new(18).unwrap();
const STEPS: [usize; 5] = [1, 2, 6, 12, 18];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// The last 120 values of each series.
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
    found
}

fn form(letter: &str) -> CesForm {
    match letter {
        "N" => CesForm::None,
        "S" => CesForm::Simple,
        "P" => CesForm::Partial,
        "F" => CesForm::Full,
        other => panic!("form {other}"),
    }
}

#[test]
fn likelihoods_are_not_below_those_of_statsforecast_and_paths_agree_near_one_maximum() {
    let series = series();
    let text = std::fs::read_to_string(root().join("tests/reference/ces.csv")).unwrap();
    assert!(text.starts_with("# Python 3.11, statsforecast 2.1.1, script ces.py"));
    // Per form: series, likelihood higher by more than 1e-3, unstable weights of the peer, near the same maximum; then
    // the widest difference of paths there in units of the size of the series, and our log-likelihood at its lowest
    // relative to the peer's.
    let mut tally: BTreeMap<String, ([usize; 4], f64, f64)> = BTreeMap::new();
    let mut choice: BTreeMap<String, (f64, CesForm)> = BTreeMap::new();
    for line in text.lines().skip(2) {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |i: usize| cells[i].parse::<f64>().unwrap();
        let (name, y) = (cells[0], &series[cells[0]]);
        let fitted = Ces::new(YEAR).with_form(form(cells[1])).fit(y).unwrap();
        let (ours, peer, aicc) = (fitted.log_likelihood(), number(2), number(3));
        let stable = cells[8] == "1";
        let (counts, widest, lowest) = tally.entry(cells[1].to_owned()).or_default();
        counts[0] += 1;
        counts[2] += usize::from(!stable);
        // The peer does not keep season weights within the stability region: on 12 series its full form leaves it by up
        // to 0.02 in the larger eigenvalue, where a season hardly moves. We do not follow, and may be behind a little.
        let allowed = if stable { 1e-3 } else { 2e-3 };
        assert!(ours >= peer - allowed * peer.abs(), "{name} {}: {ours} against {peer}, stable {stable}", cells[1]);
        *lowest = lowest.min((ours - peer) / peer.abs());
        counts[1] += usize::from(ours > peer + 1e-3 * peer.abs());
        if (ours - peer).abs() < 1e-6 * peer.abs() {
            counts[3] += 1;
            let size = y.iter().fold(0.0, |size: f64, v| size.max(v.abs()));
            let path = fitted.points(HORIZON);
            for (column, step) in STEPS.iter().enumerate() {
                *widest = widest.max((path[step - 1] - number(9 + column)).abs() / size);
            }
        }
        let least = choice.entry(name.to_owned()).or_insert((aicc, form(cells[1])));
        if aicc < least.0 {
            *least = (aicc, form(cells[1]));
        }
    }
    for (letter, ([all, higher, unstable, near], widest, lowest)) in &tally {
        println!(
            "{letter}: {all} series, log-likelihood higher by more than 1e-3 on {higher}, peer unstable on {unstable}, lowest {lowest:.1e}, \
             equal to 1e-6 on {near} (paths within {widest:.1e})"
        );
        assert!(*all >= 20);
        assert!(*widest < 2e-3, "{letter}: {widest}");
    }
    let same = choice.iter().filter(|(name, (_, peer))| Ces::new(YEAR).fit(&series[*name]).unwrap().form() == *peer);
    println!("the form of the peer's least AICc is chosen on {} of {} series", same.count(), choice.len());
}
