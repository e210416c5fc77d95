//! Decompositions against statsmodels and forecasts against statsforecast, `tests/reference/mstl.csv`.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeMap;
use std::io::Read;
use std::num::NonZeroUsize;
use std::path::Path;

use credcast::series::{Drift, FittedSeries, Mstl, Naive, SeriesModel};
use credcast::{Predictive, Probability};

const HORIZON: NonZeroUsize = NonZeroUsize::new(15).unwrap();
const PERIODS: [NonZeroUsize; 2] = [NonZeroUsize::new(12).unwrap(), NonZeroUsize::new(30).unwrap()];
/// The reference holds ten digits; two orders of summation of the same terms differ less.
const CLOSED_FORM: f64 = 1e-8;
/// Components are written at every seventh place.
const STRIDE: usize = 7;

fn employment() -> BTreeMap<String, Vec<f64>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/us-employment/employment.csv.gz");
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    let mut found: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        found.entry(cells[0].into()).or_default().push(cells[2].parse().unwrap());
    }
    found.into_iter().map(|(name, y)| (name, y[y.len() - 120..].to_vec())).collect()
}

/// The values of each case, series and part.
fn reference() -> Vec<([String; 3], Vec<f64>)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/mstl.csv");
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.starts_with("# Python 3.11, statsforecast 2.1.1, statsmodels 0.15.0, script mstl.py"));
    let line = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let values = cells[3].split(' ').map(|value| value.parse().unwrap()).collect();
        ([0, 1, 2].map(|i| cells[i].to_owned()), values)
    };
    text.lines().skip(2).map(line).collect()
}

/// The largest difference, in units of the largest value of the series.
fn largest_difference(found: &[f64], expected: &[f64], y: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let size = y.iter().fold(0.0_f64, |size, value| size.max(value.abs()));
    found.iter().zip(expected).map(|(a, b)| (a - b).abs() / size).fold(0.0, f64::max)
}

#[test]
fn components_agree_with_statsmodels() {
    let all = employment();
    let (mut lines, mut worst) = (0, 0.0_f64);
    for ([case, name, what], expected) in reference() {
        let (periods, robust) = match case.as_str() {
            "plain" => (&PERIODS[..1], false),
            "robust" => (&PERIODS[..1], true),
            "several" => (&PERIODS[..], false),
            "several_robust" => (&PERIODS[..], true),
            _ => continue,
        };
        let y = &all[&name];
        let model = Mstl::params(Naive, periods.iter().copied()).robust(robust).build().unwrap();
        let parts = model.decompose(y).unwrap().unwrap();
        let part = match what.as_str() {
            "trend" => parts.trend(),
            "season12" => parts.seasons()[0].values(),
            _ => parts.seasons()[1].values(),
        };
        let found: Vec<f64> = part.iter().copied().step_by(STRIDE).collect();
        let difference = largest_difference(&found, &expected, y);
        assert!(difference < CLOSED_FORM, "{case} {what} of {name}: {difference:e}");
        (lines, worst) = (lines + 1, worst.max(difference));
        for (t, value) in y.iter().enumerate() {
            let sum =
                parts.seasons().iter().fold(parts.trend()[t] + parts.remainder()[t], |sum, s| sum + s.values()[t]);
            assert!((sum / value - 1.0).abs() < 1e-12);
        }
    }
    assert_eq!(lines, 25 * 10);
    println!("{lines} components: largest difference {worst:.1e} of the largest value");
}

fn cells(path: &[Predictive], what: &str) -> Vec<f64> {
    let end = |dist: &Predictive, level: f64| dist.interval(Probability::new(level).unwrap());
    let cell = |dist: &Predictive| match what {
        "mean" => dist.mean(),
        "lo-80" => end(dist, 0.8).0,
        _ => end(dist, 0.95).1,
    };
    path.iter().map(cell).collect()
}

fn forecast<M: SeriesModel>(model: M, n_periods: usize, y: &[f64]) -> Vec<Predictive> {
    Mstl::params(model, PERIODS[..n_periods].iter().copied()).build().unwrap().fit(y).unwrap().predict(HORIZON)
}

#[test]
fn forecasts_agree_with_statsforecast() {
    let all = employment();
    let (mut lines, mut worst) = (0, 0.0_f64);
    for ([case, name, what], expected) in reference() {
        let y = &all[&name];
        let path = match case.as_str() {
            "naive1" => forecast(Naive, 1, y),
            "naive2" => forecast(Naive, 2, y),
            "drift1" => forecast(Drift, 1, y),
            "drift2" => forecast(Drift, 2, y),
            _ => continue,
        };
        let difference = largest_difference(&cells(&path, &what), &expected, y);
        assert!(difference < CLOSED_FORM, "{case} {what} of {name}: {difference:e}");
        (lines, worst) = (lines + 1, worst.max(difference));
    }
    assert_eq!(lines, 25 * 12);
    println!("{lines} forecasts: largest difference {worst:.1e} of the largest value");
}

#[test]
fn any_series_is_forecast_or_refused_without_panic() {
    let nan = f64::NAN;
    let series: [Vec<f64>; 12] = [
        vec![],
        vec![nan; 80],
        vec![1.0],
        vec![1.0, 2.0],
        vec![0.0; 90],
        vec![0.1; 90],
        (0..90).map(|t| if t % 3 == 0 { nan } else { f64::from(t) }).collect(),
        (0..90).map(|t| if !(5..=80).contains(&t) { nan } else { f64::from(t % 12) }).collect(),
        (0..90).map(|t| if (20..60).contains(&t) { nan } else { f64::from(t % 12) }).collect(),
        (0..90).map(|t| f64::from(t % 7) * 1e-300).collect(),
        (0..90).map(|t| f64::from(t % 7) * 1e149 - 3e149).collect(),
        (0..90).map(|t| if t == 50 { f64::INFINITY } else { f64::from(t) }).collect(),
    ];
    let far = NonZeroUsize::new(480).unwrap();
    for y in &series {
        for (robust, log) in [(false, false), (true, false), (false, true)] {
            let model = Mstl::params(Drift, PERIODS).robust(robust).log(log).build().unwrap();
            let Ok(fitted) = model.fit(y) else { continue };
            assert!(fitted.check().is_ok());
            let path = fitted.predict(far);
            assert!(path.iter().all(|dist| dist.check().is_ok() && dist.mean().is_finite()), "{:?}", path[0]);
            let points = fitted.points(far);
            assert!(points.iter().zip(&path).all(|(a, b)| a.to_bits() == b.point().to_bits()));
            assert_eq!(&fitted.predict(HORIZON), &path[..HORIZON.get()]);
            assert_eq!(fitted, model.fit(y).unwrap());
        }
    }
}
