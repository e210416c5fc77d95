//! Models of intermittent demand against statsforecast 2.1.1, on the series of `tests/reference/intermittent.csv`.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::num::NonZeroUsize;
use std::path::Path;

use credcast::Predictive;
use credcast::series::{Adida, Croston, FittedSeries, Imapa, Sba, SeriesModel, Tsb};

/// Closed forms: two orders of summation of the same terms.
const CLOSED_FORM: f64 = 1e-10;
/// Two searches that stop at different distances from one minimum.
const OPTIMISED: f64 = 1e-6;
const HORIZON: NonZeroUsize = NonZeroUsize::new(12).unwrap();

struct Case {
    name: String,
    croston: f64,
    croston_optimised: f64,
    sba: f64,
    tsb: [f64; 2],
    adida: f64,
    imapa: f64,
    /// Weights of sizes, intervals and sums over blocks; NaN without a demand.
    weights: [f64; 3],
    y: Vec<f64>,
}

/// The rows of the reference; those of real series have no values.
fn cases() -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/intermittent.csv");
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.starts_with("# Python 3.11, statsforecast 2.1.1, script intermittent.py"));
    let case = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let at = |i: usize| cells[i].parse::<f64>().unwrap();
        Case {
            name: cells[0].into(),
            croston: at(1),
            croston_optimised: at(2),
            sba: at(3),
            tsb: [at(4), at(5)],
            adida: at(6),
            imapa: at(7),
            weights: [at(8), at(9), at(10)],
            y: cells[11].split_whitespace().map(|v| v.parse().unwrap()).collect(),
        }
    };
    text.lines().skip(2).map(case).collect()
}

fn difference(found: f64, expected: f64) -> f64 {
    (found - expected).abs() / expected.abs().max(1e-12)
}

/// The sum of squared one-step errors of simple exponential smoothing from the first value.
fn sse(x: &[f64], weight: f64) -> f64 {
    let mut level = x[0];
    let mut sum = 0.0;
    for value in &x[1..] {
        sum += (value - level).powi(2);
        level += weight * (value - level);
    }
    sum
}

/// Sizes of demands and intervals between them, as Croston defines them.
fn sizes_and_intervals(y: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let rows: Vec<usize> = (0..y.len()).filter(|&t| y[t] > 0.0).collect();
    let sizes = rows.iter().map(|&t| y[t]).collect();
    let intervals = (0..rows.len()).map(|i| if i == 0 { rows[0] + 1 } else { rows[i] - rows[i - 1] } as f64).collect();
    (sizes, intervals)
}

/// Sums of `level` periods that end with the series.
fn sums(y: &[f64], level: usize) -> Vec<f64> {
    y[y.len() % level..].chunks(level).map(|block| block.iter().sum()).collect()
}

/// Checks every model on `y`; adds the number of weights where ours does better than statsforecast's by 1e-9.
fn check(case: &Case, y: &[f64], better: &mut usize) {
    let name = &case.name;
    let close = |model: &str, found: f64, expected: f64, tolerance: f64| {
        assert!(difference(found, expected) <= tolerance, "{model} on {name}: {found} against {expected}");
    };
    let croston = Croston::default().fit(y).unwrap();
    close("croston", croston.rate(), case.croston, CLOSED_FORM);
    let pauses = y.iter().any(|v| *v <= 0.0);
    // Where every period has a demand we take nothing off, see `Sba`.
    let expected = if pauses { case.sba } else { case.croston };
    close("sba", Sba::default().fit(y).unwrap().rate(), expected, CLOSED_FORM);
    for ([alpha, beta], expected) in [[0.1, 0.1], [0.3, 0.2]].into_iter().zip(case.tsb) {
        let model = Tsb::params().alpha(alpha).beta(beta).build().unwrap();
        close("tsb", model.fit(y).unwrap().rate(), expected, CLOSED_FORM);
    }

    let optimised = Croston::params().optimised().build().unwrap().fit(y).unwrap();
    let adida = Adida.fit(y).unwrap();
    let (mut ahead, mut flat) = ([false; 3], [false; 3]);
    if croston.size() > 0.0 {
        let (sizes, intervals) = sizes_and_intervals(y);
        let blocks = sums(y, adida.level());
        let ours = [optimised.size_weight(), optimised.interval_weight(), adida.alpha()];
        for (i, x) in [&sizes, &intervals, &blocks].into_iter().enumerate() {
            let (ours, theirs) = (sse(x, ours[i]), sse(x, case.weights[i]));
            assert!(ours <= theirs * (1.0 + 1e-9) + 1e-12, "{name}: {ours} against {theirs}");
            ahead[i] = ours < theirs * (1.0 - 1e-9);
            // Two values have the same error whatever the weight.
            flat[i] = x.len() == 2;
        }
    }
    *better += ahead.iter().filter(|ahead| **ahead).count();
    // Where statsforecast's search ends elsewhere, its rate is another, too.
    let same = |i: usize| !ahead[i] && !flat[i];
    if same(0) && same(1) {
        close("croston optimised", optimised.rate(), case.croston_optimised, OPTIMISED);
    }
    if same(2) {
        close("adida", adida.rate(), case.adida, OPTIMISED);
    }
    close("imapa", Imapa.fit(y).unwrap().rate(), case.imapa, OPTIMISED);
}

#[test]
fn rates_agree_on_simulated_series() {
    let cases: Vec<Case> = cases().into_iter().filter(|case| !case.y.is_empty()).collect();
    assert_eq!(cases.len(), 40);
    let mut better = 0;
    cases.iter().for_each(|case| check(case, &case.y, &mut better));
    println!("{} series agree; {better} weights with less error than statsforecast's", cases.len());
}

#[cfg(feature = "parquet")]
#[test]
fn rates_agree_on_postings_by_skill_and_region() {
    use credcast::SeriesKey;
    use credcast::ingest::{ReadOptions, Source, read_job_sdf};

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/job-sdf/dataset_demand_region.parquet");
    if !path.exists() {
        println!("skipped: no data");
        return;
    }
    let (panel, _) = read_job_sdf(&Source::path(path), &ReadOptions::default()).unwrap();
    let cases: Vec<Case> = cases().into_iter().filter(|case| case.y.is_empty()).collect();
    assert_eq!(cases.len(), 40);
    let mut better = 0;
    for case in &cases {
        let (skill, region) = case.name.split_once('/').unwrap();
        check(case, panel.get(&SeriesKey::new(skill, region)).unwrap().values(0), &mut better);
    }
    println!("{} series agree; {better} weights with less error than statsforecast's", cases.len());
}

fn proper(path: &[Predictive]) {
    for dist in path {
        assert!(dist.check().is_ok() && dist.mean().is_finite(), "{dist:?}");
        assert!(dist.cdf(-1e-300) <= 0.0, "{dist:?}");
    }
}

/// The rate of every model, after the checks that hold for any series.
fn rates(y: &[f64]) -> Vec<f64> {
    fn one<M: SeriesModel>(model: &M, y: &[f64], rate: impl Fn(&M::Fitted) -> f64) -> f64
    where
        M::Fitted: PartialEq,
    {
        let fitted = model.fit(y).unwrap();
        assert!(fitted.check().is_ok() && fitted == model.fit(y).unwrap());
        proper(&fitted.predict(NonZeroUsize::new(480).unwrap()));
        assert!(
            fitted.points(HORIZON).iter().zip(fitted.predict(HORIZON)).all(|(a, b)| difference(*a, b.point()) <= 0.0)
        );
        rate(&fitted)
    }
    vec![
        one(&Croston::default(), y, |f| f.rate()),
        one(&Croston::params().optimised().build().unwrap(), y, |f| f.rate()),
        one(&Sba::default(), y, |f| f.rate()),
        one(&Tsb::default(), y, |f| f.rate()),
        one(&Tsb::params().optimised().build().unwrap(), y, |f| f.rate()),
        one(&Adida, y, |f| f.rate()),
        one(&Imapa, y, |f| f.rate()),
    ]
}

#[test]
fn powers_of_two_scale_the_rates_exactly() {
    for case in cases().iter().filter(|case| !case.y.is_empty()) {
        let plain = rates(&case.y);
        for unit in [2.0_f64.powi(-990), 2.0_f64.powi(480)] {
            let scaled: Vec<f64> = case.y.iter().map(|v| v * unit).collect();
            for (found, expected) in rates(&scaled).iter().zip(&plain) {
                // A demand that has faded to nothing falls below the range of numbers when scaled down.
                if *expected > 1e-9 {
                    assert_eq!((found / unit).to_bits(), expected.to_bits(), "{}", case.name);
                }
            }
        }
    }
}

#[test]
fn any_demand_has_proper_distributions() {
    let nan = f64::NAN;
    let series: [&[f64]; 9] = [
        &[0.0],
        &[3.0],
        &[nan, 0.0, nan],
        &[0.0, 5.0],
        &[5.0, nan, 0.0, 0.0, nan, 2.0, nan, nan],
        &[1e-300, 0.0, 3e-300],
        &[1e150, 0.0, 1e150, 3e149],
        &[1e-300, 1e150, 0.0],
        &[5e-324, 0.0, 1.0],
    ];
    for y in series {
        rates(y);
    }
}

#[test]
fn the_mean_of_each_distribution_is_the_rate_but_for_what_is_cut_off_at_zero() {
    for case in cases().iter().filter(|case| !case.y.is_empty()) {
        let fitted = Tsb::default().fit(&case.y).unwrap();
        let mean = fitted.predict(NonZeroUsize::MIN)[0].mean();
        assert!(mean >= fitted.rate() * (1.0 - 1e-5) && mean <= fitted.rate() * 1.05 + 1e-12, "{}: {mean}", case.name);
    }
}
