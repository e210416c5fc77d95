//! Exponential smoothing against statsforecast 2.1.1, on the real series and values of `tests/reference/ets.csv`.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeMap;
use std::io::Read;
use std::num::NonZeroUsize;
use std::path::Path;

use approx::assert_relative_eq;
use credcast::series::{AutoEts, Ets, EtsCriterion, EtsForm, FittedEts, FittedSeries, SeriesModel};
use credcast::{FitError, Predictive};

const MONTHS: usize = 120;
const TWELVE: NonZeroUsize = NonZeroUsize::new(12).unwrap();
/// What our likelihood may fall behind theirs by, as a share of it.
const BEHIND: f64 = 1e-3;

fn file(name: &str) -> std::fs::File {
    std::fs::File::open(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The last ten years of each series.
fn series() -> BTreeMap<String, Vec<f64>> {
    let mut text = String::new();
    let packed = file("datasets/us-employment/employment.csv.gz");
    flate2::read::GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    let mut found: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        found.entry(cells[0].to_owned()).or_default().push(cells[2].parse().unwrap_or(f64::NAN));
    }
    found.retain(|_, y| y.len() >= MONTHS);
    found.into_iter().map(|(key, y)| (key, y[y.len() - MONTHS..].to_vec())).collect()
}

struct Peer {
    key: String,
    form: String,
    loglik: f64,
    aicc: f64,
    weights: [Option<f64>; 4],
    sigma2: f64,
    path: Vec<f64>,
}

fn peers() -> Vec<Peer> {
    let mut text = String::new();
    file("tests/reference/ets.csv").read_to_string(&mut text).unwrap();
    assert!(text.starts_with("# Python 3.11, statsforecast 2.1.1, script ets.py"));
    let peer = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        Peer {
            key: cells[0].to_owned(),
            form: cells[1].to_owned(),
            loglik: cells[2].parse().unwrap(),
            aicc: cells[3].parse().unwrap(),
            weights: std::array::from_fn(|i| cells[4 + i].parse().ok()),
            sigma2: cells[8].parse().unwrap(),
            path: cells[9].split_whitespace().map(|v| v.parse().unwrap()).collect(),
        }
    };
    text.lines().skip(2).map(peer).collect()
}

fn fit(form: &str, y: &[f64]) -> FittedEts {
    Ets::params(EtsForm::parse(form).unwrap()).season(TWELVE).build().unwrap().fit(y).unwrap()
}

#[test]
fn no_form_fits_worse_than_statsforecast() {
    let series = series();
    let mut gains: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for peer in peers().iter().filter(|peer| !peer.form.starts_with("auto:")) {
        let found = fit(&peer.form, &series[&peer.key]);
        let gain = found.loglik() - peer.loglik;
        assert!(gain >= -BEHIND * peer.loglik.abs(), "{} {}: {gain}, ours {found:?}", peer.key, peer.form);
        gains.entry(peer.form.clone()).or_default().push(gain);
    }
    assert_eq!(gains.len(), 19);
    for (form, gains) in gains {
        assert!(gains.len() >= 20, "{form}");
        let mean = gains.iter().sum::<f64>() / gains.len() as f64;
        let worst = gains.iter().copied().fold(f64::INFINITY, f64::min);
        println!(
            "{form}: {} series, log-likelihood above theirs by {mean:.2} on average, {worst:.4} at worst",
            gains.len()
        );
    }
}

#[test]
fn given_weights_are_kept_up_to_the_ends_of_their_ranges() {
    let y = &series()["CEU0500000001"];
    let params = |form: &str| Ets::params(EtsForm::parse(form).unwrap()).season(TWELVE);
    let fitted = params("MAdM").alpha(0.2).beta(0.05).gamma(0.1).phi(0.9).build().unwrap().fit(y).unwrap();
    let weights = [Some(fitted.alpha()), fitted.beta(), fitted.gamma(), fitted.phi()];
    assert_eq!(weights, [Some(0.2), Some(0.05), Some(0.1), Some(0.9)]);
    for (beta, gamma) in [(1e-4, 0.9999), (0.3, 0.7), (0.6, 0.4), (0.9, 0.1)] {
        // Such weights may forget nothing: then the fit is refused, without panic.
        if let Ok(model) = params("AAdA").beta(beta).gamma(gamma).build() {
            let _ = model.fit(y);
        }
    }
    assert!(params("AAA").alpha(0.5).gamma(0.6).build().is_err());
    assert!(params("AAA").alpha(0.5).beta(0.6).build().is_err());
    assert!(params("ANA").beta(0.1).build().is_err());
    assert!(params("AAdA").phi(0.99).build().is_err());
    for alpha in [0.0, 1.0, f64::NAN, -0.1] {
        assert!(params("ANA").alpha(alpha).build().is_err());
    }
}

/// Where both stop at the same weights, everything that follows from them agrees too.
#[test]
fn equal_weights_give_equal_likelihoods_variances_and_criteria() {
    let series = series();
    let mut compared = 0;
    for peer in peers().iter().filter(|peer| !peer.form.starts_with("auto:")) {
        let found = fit(&peer.form, &series[&peer.key]);
        let ours = [Some(found.alpha()), found.beta(), found.gamma(), found.phi()];
        let near = |(ours, theirs): (&Option<f64>, &Option<f64>)| match (ours, theirs) {
            (Some(ours), Some(theirs)) => (ours - theirs).abs() < 1e-3,
            (ours, theirs) => ours.is_none() == theirs.is_none(),
        };
        if (found.loglik() - peer.loglik).abs() > 1e-3 || !ours.iter().zip(&peer.weights).all(near) {
            continue;
        }
        compared += 1;
        assert_relative_eq!(found.aicc(), peer.aicc, epsilon = 2.1e-3);
        assert_relative_eq!(found.sigma().powi(2), peer.sigma2, max_relative = 1e-3);
    }
    println!("{compared} fits agree to the weights");
    assert!(compared >= 20, "{compared}");
}

#[test]
fn the_chosen_form_is_never_worse_than_theirs() {
    let series = series();
    let (mut same, mut gained, mut compared) = (0, 0.0, 0);
    for peer in peers() {
        let Some(theirs) = peer.form.strip_prefix("auto:") else { continue };
        let found = AutoEts::new(TWELVE).fit(&series[&peer.key]).unwrap();
        let ours = found.chosen();
        assert!(ours.aicc() <= peer.aicc + BEHIND * peer.aicc.abs(), "{}: {ours:?}", peer.key);
        gained += peer.aicc - ours.aicc();
        compared += 1;
        // Damped trends are left out: theirs counts phi twice from the second step on.
        if ours.form().to_string() == theirs && ours.phi().is_none() && (ours.aicc() - peer.aicc).abs() < 1e-2 {
            same += 1;
            for (ours, theirs) in found.points(TWELVE).iter().zip(&peer.path) {
                assert_relative_eq!(*ours, *theirs, max_relative = 1e-3);
            }
        }
    }
    println!(
        "{compared} series: AICc below theirs by {:.1} on average; same form and fit on {same}",
        gained / f64::from(compared)
    );
    assert!(compared >= 20 && same >= 1);
}

#[test]
fn a_criterion_is_least_at_the_form_chosen() {
    let y = &series()["CEU0500000001"];
    for criterion in [EtsCriterion::Aicc, EtsCriterion::Aic, EtsCriterion::Bic] {
        let value = |fitted: &FittedEts| match criterion {
            EtsCriterion::Aic => fitted.aic(),
            EtsCriterion::Bic => fitted.bic(),
            _ => fitted.aicc(),
        };
        let model = AutoEts::new(TWELVE).criterion(criterion).multiplicative_trend(true);
        let chosen = value(model.fit(y).unwrap().chosen());
        for form in ["ANN", "AAN", "AAA", "MAA", "MAM", "MAdM", "MMM"] {
            assert!(chosen <= value(&fit(form, y)) + 1e-3, "{form}");
        }
    }
}

#[test]
fn short_series_have_simple_forms_and_one_value_none() {
    let long = [5.0, 7.0, 6.0, 8.0, 9.0, 7.0, 8.5, 9.5, 11.0, 10.0, 12.0, 9.0];
    assert_eq!(AutoEts::new(TWELVE).fit(&long[..1]), Err(FitError::TooShort { needed: 2, found: 1 }));
    for n in 2..=12 {
        let fitted = AutoEts::new(TWELVE).fit(&long[..n]).unwrap();
        assert!(fitted.chosen().seasons().is_empty());
        assert!(fitted.check().is_ok() && fitted.predict(TWELVE).iter().all(|dist| dist.check().is_ok()), "{n}");
    }
    let form = EtsForm::parse("AAA").unwrap();
    let refused = Ets::params(form).season(TWELVE).build().unwrap().fit(&long);
    assert_eq!(refused, Err(FitError::TooShort { needed: 19, found: 12 }));
}

#[test]
fn series_that_are_not_positive_have_additive_errors() {
    let y: Vec<f64> = (0..60_i32).map(|t| f64::from(t % 12) + f64::from(t * 7 % 5)).collect();
    assert!(!AutoEts::new(TWELVE).fit(&y).unwrap().chosen().form().has_multiplicative_errors());
    let model = Ets::params(EtsForm::parse("MAM").unwrap()).season(TWELVE).build().unwrap();
    assert_eq!(model.fit(&y), Err(FitError::Target { position: 0, value: 0.0, allowed: "above 0" }));
}

#[test]
fn any_unit_and_shape_is_fitted_or_refused_by_name() {
    let wavy: Vec<f64> = (0..40).map(|t| 20.0 + f64::from(t) * 0.3 + (f64::from(t) * 2.3).sin()).collect();
    let far = NonZeroUsize::new(480).unwrap();
    let four = NonZeroUsize::new(4).unwrap();
    for unit in [1e-300, 5e-324, 1.0, 1e148, -1.0] {
        let y: Vec<f64> = wavy.iter().map(|v| v * unit).collect();
        let path = AutoEts::new(four).multiplicative_trend(true).fit(&y).unwrap().predict(far);
        assert!(path.iter().all(|dist| dist.check().is_ok() && dist.point().is_finite()), "{unit}");
    }
    assert_eq!(AutoEts::new(four).fit(&[0.1; 40]).unwrap().predict(far)[479], Predictive::Point(0.1));
    assert_eq!(AutoEts::new(four).fit(&[0.0; 40]).unwrap().predict(far)[479], Predictive::Point(0.0));
    let line: Vec<f64> = (1..40).map(f64::from).collect();
    let fitted = AutoEts::new(four).fit(&line).unwrap();
    assert_relative_eq!(fitted.points(four)[3], 43.0, max_relative = 1e-6);
    let pools = [f64::NAN, 0.0, 1.0, -1.0, 3.5, 1e150, -1e150, 5e-324, 1e-200, 2.0];
    let mut state = 7_u64;
    for case in 0..400_usize {
        let y: Vec<f64> = (0..case % 37)
            .map(|_| {
                // Knuth's MMIX generator; every other case has positive values alone.
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let value = pools[(state >> 33) as usize % pools.len()];
                if case % 2 == 0 { value } else { value.abs().max(1e-300) }
            })
            .collect();
        if let Ok(fitted) = AutoEts::new(four).multiplicative_trend(true).fit(&y) {
            assert!(fitted.check().is_ok(), "{y:?}");
            let proper = |dist: &Predictive| dist.check().is_ok() && dist.mean().is_finite();
            assert!(fitted.predict(TWELVE).iter().all(proper), "{y:?}: {fitted:?}");
        }
    }
    for y in [&[][..], &[f64::NAN; 9], &[1.0, f64::INFINITY, 2.0]] {
        assert!(AutoEts::new(four).fit(y).is_err());
    }
}
