//! ARIMA against statsforecast (a port of R `arima`), on real series, and against a result published by R.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeMap;
use std::fs::{File, read_to_string};
use std::io::Read;
use std::num::NonZeroUsize;

use approx::assert_relative_eq;
use credcast::Predictive;
use credcast::error::FitError;
use credcast::series::{Arima, AutoArima, FittedArima, FittedSeries, SeriesModel};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const TWELVE: NonZeroUsize = NonZeroUsize::new(12).unwrap();
const FAR: NonZeroUsize = NonZeroUsize::new(480).unwrap();

/// The last 120 months of each series of employment.
fn employment() -> BTreeMap<String, Vec<f64>> {
    let file = File::open(format!("{ROOT}/datasets/us-employment/employment.csv.gz")).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let mut all: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        all.entry(cells[0].into()).or_default().push(cells[2].parse().unwrap());
    }
    all.values_mut().for_each(|y| *y = y.split_off(y.len() - 120));
    all
}

struct Row {
    series: String,
    kind: String,
    order: [usize; 6],
    constant: bool,
    log_likelihood: f64,
    aicc: f64,
    sigma2: f64,
    coefficients: Vec<f64>,
    mean: Vec<f64>,
    sd: Vec<f64>,
}

fn reference() -> Vec<Row> {
    let text = read_to_string(format!("{ROOT}/tests/reference/arima.csv")).unwrap();
    let numbers = |cell: &str| cell.split_whitespace().map(|v| v.parse().unwrap()).collect::<Vec<f64>>();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let order: Vec<usize> = cells[2..8].iter().map(|v| v.parse().unwrap()).collect();
        Row {
            series: cells[0].into(),
            kind: cells[1].into(),
            order: order.try_into().unwrap(),
            constant: cells[8] == "1",
            log_likelihood: cells[9].parse().unwrap(),
            aicc: cells[10].parse().unwrap(),
            sigma2: cells[11].parse().unwrap(),
            coefficients: numbers(cells[12]),
            mean: numbers(cells[13]),
            sd: numbers(cells[14]),
        }
    };
    text.lines().skip(2).map(row).collect()
}

fn model([p, d, q, sp, sd, sq]: [usize; 6], constant: bool) -> Arima {
    Arima::params().order(p, d, q).seasonal(sp, sd, sq, TWELVE).constant(constant).build().unwrap()
}

fn coefficients(fitted: &FittedArima) -> Vec<f64> {
    let parts = [fitted.ar(), fitted.ma(), fitted.seasonal_ar(), fitted.seasonal_ma()];
    parts.concat().into_iter().chain(fitted.constant()).collect()
}

fn sd(dist: &Predictive) -> f64 {
    if let Predictive::Normal { sd, .. } = dist { *sd } else { 0.0 }
}

/// statsforecast reports -534.973 here, where the normal density with the whole covariance matrix is -539.765 at its
/// coefficients, and -537.265 at ours.
const OVERSTATED: (&str, [usize; 6]) = ("CEU3000000001", [2, 0, 1, 1, 0, 0]);

/// statsforecast seldom gets to the optimum: of the airline model on log `AirPassengers` it finds -0.377 and -0.572
/// where R publishes -0.4018 and -0.5569. Where both end within 0.001 of one likelihood and 0.01 of each coefficient,
/// points agree to 3 % of the standard deviation and standard deviations to 2 %.
#[test]
fn given_orders_reach_the_likelihood_of_statsforecast() {
    let all = employment();
    let (mut rows, mut same, mut better, mut worst) = (0, 0, 0, f64::INFINITY);
    for row in reference().iter().filter(|row| row.kind == "given") {
        let fitted = model(row.order, row.constant).fit(&all[&row.series]).unwrap();
        let gained = fitted.log_likelihood().unwrap() - row.log_likelihood;
        rows += 1;
        let place = format!("{} {} gains {gained}", row.series, fitted.order());
        if (row.series.as_str(), row.order) == OVERSTATED {
            assert!(fitted.log_likelihood().unwrap() > -537.2651);
            continue;
        }
        worst = gained.min(worst);
        better += usize::from(gained > 1e-2);
        assert!(gained >= -1e-3 * row.log_likelihood.abs(), "{place}");
        let found = coefficients(&fitted);
        let agrees = found
            .iter()
            .zip(&row.coefficients)
            .take(row.order.iter().sum::<usize>() - row.order[1] - row.order[4])
            .all(|(a, b)| (a - b).abs() < 0.01);
        if gained.abs() > 1e-3 || !agrees {
            continue;
        }
        same += 1;
        assert_relative_eq!(fitted.sigma2(), row.sigma2, max_relative = 1e-2);
        assert_relative_eq!(fitted.aicc().unwrap(), row.aicc, epsilon = 5e-3);
        for ((dist, mean), theirs) in fitted.predict(TWELVE).iter().zip(&row.mean).zip(&row.sd) {
            assert!(
                (dist.point() - mean).abs() < 0.03 * theirs,
                "{place}: {} against {mean}, sd {theirs}",
                dist.point()
            );
            assert_relative_eq!(sd(dist), *theirs, max_relative = 0.02);
        }
    }
    println!("{rows} fits: {same} at the same optimum, {better} better by more than 0.01, least gain {worst:.2e}");
    assert!(rows >= 170 && same >= 10, "{rows} {same}");
}

/// statsmodels maximises the exact likelihood of the differences, as we do: the likelihood is never lower than theirs by
/// more than 0.001, and coefficients agree to 0.01 where it is the same to 0.0001.
#[test]
fn exact_likelihoods_and_coefficients_are_those_of_statsmodels() {
    let all = employment();
    let text = read_to_string(format!("{ROOT}/tests/reference/arima_exact.csv")).unwrap();
    let (mut rows, mut same, mut worst, mut apart) = (0, 0, f64::INFINITY, 0.0);
    for line in text.lines().skip(2) {
        let cells: Vec<&str> = line.split(',').collect();
        let order: Vec<usize> = cells[1..7].iter().map(|v| v.parse().unwrap()).collect();
        let fitted = model(order.try_into().unwrap(), false).fit(&all[cells[0]]).unwrap();
        let gained = fitted.log_likelihood().unwrap() - cells[7].parse::<f64>().unwrap();
        rows += 1;
        worst = gained.min(worst);
        // Theirs are in the order ar, ma, seasonal ar, seasonal ma too; the variance is concentrated out.
        let theirs: Vec<f64> = cells[8].split_whitespace().map(|v| v.parse().unwrap()).collect();
        let found = coefficients(&fitted);
        assert_eq!(found.len(), theirs.len());
        let largest = found.iter().zip(&theirs).fold(0.0, |largest: f64, (a, b)| largest.max((a - b).abs()));
        println!("{} {} gains {gained:.2e}, coefficients within {largest:.1e}", cells[0], fitted.order());
        if gained.abs() < 1e-4 {
            same += 1;
            apart = largest.max(apart);
        }
    }
    println!("{rows} fits: {same} at the same optimum, coefficients within {apart:.1e}; least gain {worst:.2e}");
    assert!(rows == 96 && same >= 70 && worst > -1e-3 && apart < 0.01);
}

/// The searches differ in the likelihoods they see and in what they leave out, so orders differ; the criterion of the
/// order chosen should not be worse on the whole.
#[test]
fn the_automatic_order_is_as_good_by_its_criterion() {
    let all = employment();
    let (mut rows, mut same, mut no_worse, mut sum, mut comparable, mut worst) = (0, 0, 0, 0.0, 0, 0.0);
    for row in reference().iter().filter(|row| row.kind == "auto") {
        let fitted = AutoArima::new(TWELVE).fit(&all[&row.series]).unwrap();
        let order = fitted.arima().order();
        let ([p, d, q], [sp, sd, sq]) = (order.plain(), order.seasonal());
        let differences = [d, sd] == [row.order[1], row.order[4]];
        let change = fitted.arima().aicc().unwrap() - row.aicc;
        if differences {
            // 7.8 is (2,0,1)(0,1,1): theirs stops inside the region, ours goes on, better by 2.3, to an edge of the plain
            // polynomials and is left out. Before seasonal moving averages were searched on at their edge this was 27.5.
            worst = change.max(worst);
        }
        println!("{} ours {order} theirs {:?} {} AICc {change:+.3}", row.series, row.order, row.constant);
        rows += 1;
        same += usize::from([p, d, q, sp, sd, sq] == row.order && order.has_constant() == row.constant);
        if differences {
            comparable += 1;
            no_worse += usize::from(change < 0.01);
            sum += change;
        }
    }
    println!(
        "{rows} series: {same} of the same order; {comparable} of the same differences, {no_worse} no worse, sum {sum:.2}"
    );
    assert!(rows >= 20 && comparable >= 20 && same >= 8 && no_worse * 5 >= comparable * 4 && sum < -30.0);
    assert!(worst < 8.0, "{worst}");
}

/// R 4, `arima(log(AirPassengers), order = c(0,1,1), seasonal = list(order = c(0,1,1), period = 12))`:
/// ma1 -0.4018, sma1 -0.5569, sigma^2 0.001348, log likelihood 244.7, aic -483.4.
#[test]
fn the_airline_model_is_that_of_r() {
    let text = read_to_string(format!("{ROOT}/tests/reference/series.csv")).unwrap();
    let y: Vec<f64> = text.lines().filter_map(air).map(f64::ln).collect();
    assert_eq!(y.len(), 144);
    let fitted = model([0, 1, 1, 0, 1, 1], false).fit(&y).unwrap();
    assert!((fitted.ma()[0] + 0.4018).abs() < 1e-4, "{:?}", fitted.ma());
    assert!((fitted.seasonal_ma()[0] + 0.5569).abs() < 1e-4, "{:?}", fitted.seasonal_ma());
    assert!((fitted.log_likelihood().unwrap() - 244.70).abs() < 5e-3 + 1e-9);
    // R divides by n here, 131, and not by n less the coefficients.
    assert!((fitted.sigma2() * 129.0 / 131.0 - 0.001_348).abs() < 5e-7, "{}", fitted.sigma2());
}

fn air(line: &str) -> Option<f64> {
    line.strip_prefix("air,")?.rsplit(',').next()?.parse().ok()
}

#[test]
fn updating_is_filtering_the_whole_with_the_same_coefficients() {
    let y = &employment()["CEU3000000001"];
    for order in [[0, 1, 1, 0, 1, 1], [2, 0, 1, 1, 0, 0], [1, 1, 2, 0, 0, 0]] {
        let first = model(order, order[1] == 0).fit(&y[..90]).unwrap();
        let whole = first.updated(&y[90..]).unwrap();
        let in_steps = first.updated(&y[90..101]).unwrap().updated(&y[101..]).unwrap();
        assert_eq!(whole, in_steps);
        assert_eq!(coefficients(&whole), coefficients(&first));
        // One step on, the point moves by the error that psi says.
        let next = first.updated(&y[90..91]).unwrap();
        let (before, after) = (first.points(TWELVE), next.points(TWELVE));
        let psi = first.error_weights(TWELVE);
        let error = y[90] - before[0];
        for h in 1..12 {
            let tolerance = 0.02 * error.abs();
            assert!((after[h - 1] - before[h] - psi[h] * error).abs() < tolerance, "{order:?} step {h}");
        }
        let gap = first.updated(&[f64::NAN, f64::NAN]).unwrap();
        assert_relative_eq!(gap.points(TWELVE)[0], before[2], max_relative = 1e-9);
        assert!(sd(&gap.predict(TWELVE)[0]) > sd(&first.predict(TWELVE)[0]));
        assert!(first.updated(&[f64::INFINITY]).is_none());
    }
}

/// An AR(1) with a mean: the exact density of the values present, from their covariances.
#[test]
fn missing_values_are_left_out_exactly() {
    let mut y: Vec<f64> = employment()["CEU3000000001"].windows(13).map(|w| w[12] - w[0]).collect();
    for hole in [3, 4, 20, 40, 41, 42, 60] {
        y[hole] = f64::NAN;
    }
    let fitted = model([1, 0, 0, 0, 0, 0], true).fit(&y).unwrap();
    let (phi, mean) = (fitted.ar()[0], fitted.constant().unwrap());
    let present: Vec<(usize, f64)> = y.iter().copied().enumerate().filter(|(_, v)| !v.is_nan()).collect();
    let n = present.len() as f64;
    let sigma2 = fitted.sigma2() * (n - 2.0) / n;
    let variance = sigma2 / (1.0 - phi * phi);
    let mut log_likelihood = 0.0;
    let mut before: Option<(usize, f64)> = None;
    for (t, value) in present {
        // A Markov chain: across a gap of g the correlation is phi^g.
        let (expected, left) = before.map_or((mean, variance), |(s, last)| {
            let r = phi.powi(i32::try_from(t - s).unwrap());
            (mean + r * (last - mean), variance * (1.0 - r * r))
        });
        log_likelihood -= 0.5 * ((2.0 * std::f64::consts::PI * left).ln() + (value - expected).powi(2) / left);
        before = Some((t, value));
    }
    assert_relative_eq!(fitted.log_likelihood().unwrap(), log_likelihood, max_relative = 1e-8);
}

#[test]
fn no_series_makes_it_panic() {
    let wavy: Vec<f64> = (0..60).map(|t| 20.0 + 0.3 * f64::from(t) + (f64::from(t) * 2.3).sin()).collect();
    let season = NonZeroUsize::new(4).unwrap();
    let given = Arima::params().order(1, 1, 1).seasonal(1, 1, 1, season).build().unwrap();
    let auto = AutoArima::new(season);
    let line: Vec<f64> = (0..40).map(|t| 0.1 * f64::from(t)).collect();
    let holes: Vec<f64> = wavy.iter().enumerate().map(|(t, v)| if t % 4 == 1 { f64::NAN } else { *v }).collect();
    let mut series =
        vec![line, holes, vec![0.1; 40], vec![0.0; 40], vec![f64::NAN; 9], vec![], vec![7.0], vec![1.0, 2.0]];
    series.extend((1..30).map(|n| wavy[..n].to_vec()));
    series.extend([1e-300, 1e148, -1.0].map(|unit| wavy.iter().map(|v| v * unit).collect()));
    series.push((0..40).map(|t| f64::from(u8::from(t % 13 == 5))).collect());
    series.push((0..40).map(|t| f64::from(t % 4)).collect());
    series.push((0..40).map(|t| f64::from(t * t)).collect());
    series.push(vec![1.0, f64::INFINITY, 2.0]);
    for y in &series {
        for fitted in [given.fit(y), auto.fit(y).map(|fitted| fitted.arima().clone())] {
            let fitted = match fitted {
                Ok(fitted) => fitted,
                Err(error) => {
                    let FitError::TooShort { needed, found } = error else { continue };
                    assert!(needed > found);
                    continue;
                }
            };
            fitted.check().unwrap();
            let path = fitted.predict(FAR);
            assert!(path.iter().all(|dist| dist.check().is_ok() && dist.point().is_finite()), "{y:?}");
            assert_eq!(path.iter().map(Predictive::point).collect::<Vec<_>>(), fitted.points(FAR));
            let text = serde_json::to_string(&fitted).unwrap();
            assert_eq!(serde_json::from_str::<FittedArima>(&text).unwrap(), fitted);
        }
    }
    assert!(auto.fit(&[0.1; 40]).unwrap().predict(FAR).iter().all(|dist| *dist == Predictive::Point(0.1)));
    assert_eq!(given.fit(&wavy[..8]), Err(FitError::TooShort { needed: 11, found: 8 }));
}

#[test]
fn powers_of_two_scale_exactly() {
    let y = &employment()["CEU3000000001"];
    let scaled: Vec<f64> = y.iter().map(|v| v * 1024.0).collect();
    let (plain, large) = (AutoArima::new(TWELVE).fit(y).unwrap(), AutoArima::new(TWELVE).fit(&scaled).unwrap());
    let expected: Vec<f64> = plain.points(FAR).iter().map(|v| v * 1024.0).collect();
    assert_eq!(large.points(FAR), expected);
}
