//! Generalised linear models: against statsmodels and scikit-learn, and on data that have no answer.

use std::collections::BTreeMap;

use credcast::regression::{
    Covariance, DropReason, Family, FittedGlm, FittedRegressor, Glm, Link, Regressor, RowTerms,
};
use credcast::{FitError, Persist};
use ndarray::{Array1, Array2, Axis, array, concatenate, s};

/// The data of the script `tests/reference/glm.py`.
struct Data {
    x: Array2<f64>,
    weights: Array1<f64>,
    offset: Array1<f64>,
    a: Vec<u32>,
    b: Vec<u32>,
    targets: BTreeMap<&'static str, Array1<f64>>,
}

fn data() -> Data {
    let number = |n: u32, modulus: u32| f64::from(n % modulus);
    let n = 120u32;
    let x1 = |i: u32| number(7 * i, 31) / 31.0;
    let x2 = |i: u32| number(i * i, 17) / 17.0 - 0.4;
    let u = |i: u32| (number(i * i * i, 23) + 0.5) / 23.0;
    let amount = |i: u32| (0.5 * x1(i) - x2(i)).exp() * (0.2 + u(i));
    let share = |i: u32| 1.0 / (1.0 + (-(x1(i) - x2(i) + 2.0 * u(i) - 1.0)).exp());
    let column = |f: &dyn Fn(u32) -> f64| (0..n).map(f).collect::<Array1<f64>>();
    Data {
        x: concatenate![Axis(1), column(&x1).insert_axis(Axis(1)), column(&x2).insert_axis(Axis(1))],
        weights: column(&|i| f64::from(1 + i % 4)),
        offset: column(&|i| f64::from(1 + i % 5).ln() / 2.0),
        a: (0..n).map(|i| i / 7).collect(),
        b: (0..n).map(|i| i % 5).collect(),
        targets: BTreeMap::from([
            ("counts", column(&|i| (6.0 * u(i) * u(i) * (x1(i) - x2(i)).exp()).floor())),
            ("amounts", column(&amount)),
            ("zeros", column(&|i| (amount(i) - 0.5).max(0.0))),
            ("shares", column(&share)),
            ("answers", column(&|i| f64::from(u8::from(u(i) < share(i))))),
        ]),
    }
}

/// Family, target and penalty of the first part of a case.
fn family(name: &str) -> (Family, &'static str, f64) {
    match name {
        "gaussian" => (Family::Gaussian, "amounts", 0.0),
        "poisson" => (Family::Poisson, "counts", 0.0),
        "poisson_amounts" => (Family::Poisson, "amounts", 0.0),
        "negative_binomial" => (Family::NegativeBinomial { alpha: Some(0.5) }, "counts", 0.0),
        "negative_binomial_estimated" => (Family::NegativeBinomial { alpha: None }, "counts", 0.0),
        "binomial" => (Family::Binomial, "shares", 0.0),
        "answers" => (Family::Binomial, "answers", 0.0),
        "gamma" => (Family::Gamma, "amounts", 0.0),
        "tweedie" => (Family::Tweedie { power: 1.5 }, "zeros", 0.0),
        "tweedie_3" => (Family::Tweedie { power: 3.0 }, "amounts", 0.0),
        "penalised_0" => (Family::Binomial, "answers", 0.5),
        "penalised_20" => (Family::Binomial, "answers", 20.0),
        other => panic!("{other}"),
    }
}

fn covariance<'a>(name: &str, data: &'a Data) -> Covariance<'a> {
    match name {
        "hc0" => Covariance::Hc0,
        "clustered" => Covariance::Clustered(&data.a),
        "two_way" => Covariance::TwoWay(&data.a, &data.b),
        _ => Covariance::Classical,
    }
}

#[test]
fn every_family_agrees_with_statsmodels_and_scikit_learn() {
    let data = data();
    let mut fits: BTreeMap<(String, String), FittedGlm> = BTreeMap::new();
    let (mut compared, mut worst) = (0, Vec::new());
    for line in include_str!("../reference/glm.csv").lines().skip(2) {
        let [case, what, place, value] = line.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let (place, value) = (place.parse::<usize>().unwrap(), value.parse::<f64>().unwrap());
        let fitted = fits.entry((case.into(), what.into())).or_insert_with(|| {
            let parts: Vec<&str> = case.split('.').collect();
            // The penalty's decimals stand before the link.
            let link = parts.iter().find_map(|part| match *part {
                "identity" => Some(Link::Identity),
                "log" => Some(Link::Log),
                "logit" => Some(Link::Logit),
                "inverse" => Some(Link::Inverse),
                _ => None,
            });
            let (family, target, penalty) = family(parts[0]);
            let terms = RowTerms {
                weights: parts.contains(&"weights").then(|| data.weights.view()),
                offset: parts.contains(&"offset").then(|| data.offset.view()),
                exposure: None,
            };
            let glm = Glm::of(family).link(link.unwrap()).penalty(penalty).build().unwrap();
            glm.fit_rows(data.x.view(), data.targets[target].view(), terms, covariance(what, &data))
                .unwrap_or_else(|error| panic!("{case}: {error}"))
        });
        let coefficient = if place == 0 { fitted.intercept() } else { fitted.coefficient(place - 1).unwrap() };
        let found = match what {
            "estimate" => coefficient.estimate,
            "deviance" => fitted.deviance(),
            "null_deviance" => fitted.null_deviance(),
            "dispersion" => fitted.dispersion(),
            "log_likelihood" => fitted.log_likelihood().unwrap(),
            "alpha" => match fitted.family() {
                Family::NegativeBinomial { alpha: Some(alpha) } => alpha,
                other => panic!("{other:?}"),
            },
            _ => coefficient.se,
        };
        if (found - value).abs() > 1e-7 * value.abs().max(1e-2) {
            worst.push(format!("{line}: {found}"));
        }
        compared += 1;
    }
    assert!(worst.is_empty(), "{} of {compared}: {worst:#?}", worst.len());
    assert_eq!(compared, 553);
}

#[test]
fn an_exposure_is_an_offset_of_its_logarithm() {
    let data = data();
    let y = &data.targets["counts"];
    let exposure = data.offset.mapv(f64::exp);
    let glm = Glm::of(Family::Poisson).build().unwrap();
    let fit = |terms: RowTerms<'_>| glm.fit_rows(data.x.view(), y.view(), terms, Covariance::Hc1).unwrap();
    let with_exposure = RowTerms { exposure: Some(exposure.view()), ..RowTerms::default() };
    let with_offset = RowTerms { offset: Some(data.offset.view()), ..RowTerms::default() };
    let (a, b) = (fit(with_exposure), fit(with_offset));
    assert!((a.estimates()[0] - b.estimates()[0]).abs() < 1e-9);
    let means = a.mean(data.x.view(), with_exposure).unwrap();
    let plain = a.predict(data.x.view()).unwrap();
    for row in 0..120 {
        assert!((means[row] - plain[row] * exposure[row]).abs() < 1e-12 * means[row]);
    }
    // The score of the intercept: means add up to what was counted.
    assert!((means.sum() / y.sum() - 1.0).abs() < 1e-10);
    let logit = Glm::of(Family::Binomial).build().unwrap();
    let refused = logit.fit_rows(data.x.view(), data.targets["shares"].view(), with_exposure, Covariance::Classical);
    assert!(refused.unwrap_err().to_string().contains("needs a log link"));
    for bad in [0.0, -1.0, f64::NAN] {
        let mut exposure = exposure.clone();
        exposure[7] = bad;
        let terms = RowTerms { exposure: Some(exposure.view()), ..RowTerms::default() };
        assert!(glm.fit_rows(data.x.view(), y.view(), terms, Covariance::Classical).is_err(), "{bad}");
    }
    let short = RowTerms { offset: Some(data.offset.slice(s![..9])), ..RowTerms::default() };
    assert!(glm.fit_rows(data.x.view(), y.view(), short, Covariance::Classical).is_err());
}

#[test]
fn separation_is_told_with_its_columns_and_a_penalty_gives_an_answer() {
    let data = data();
    // Complete: the second column says it all. Quasi: a mark that only successes have.
    let complete = data.x.column(1).mapv(|v| f64::from(u8::from(v > 0.1)));
    let answers = &data.targets["answers"];
    let mut mark = Array1::zeros(120);
    (0..120).filter(|i| i % 9 == 0 && answers[*i] > 0.5).for_each(|i| mark[i] = 1.0);
    let marked = mark.iter().filter(|m| **m > 0.5).count();
    let with_mark = concatenate![Axis(1), data.x, mark.clone().insert_axis(Axis(1))];
    let logit = Glm::of(Family::Binomial);
    let plain = logit.clone().build().unwrap();
    match plain.fit(data.x.view(), complete.view()).unwrap_err() {
        FitError::Separated { columns, .. } => assert!(columns.contains(&1), "{columns:?}"),
        other => panic!("{other}"),
    }
    let error = plain.fit(with_mark.view(), answers.view()).unwrap_err();
    assert_eq!(error, FitError::Separated { columns: vec![2], n_rows: marked });
    let penalised = logit.penalty(1.0).build().unwrap();
    assert!(penalised.fit(data.x.view(), complete.view()).unwrap().estimates()[1] > 0.0);
    assert!(penalised.fit(with_mark.view(), answers.view()).unwrap().estimates()[2] > 0.0);
    // Counts that are 0 wherever a column is set.
    let counts = &data.targets["counts"] * &mark.mapv(|m| 1.0 - m);
    let poisson = Glm::of(Family::Poisson).build().unwrap();
    let error = poisson.fit(with_mark.view(), counts.view()).unwrap_err();
    assert_eq!(error, FitError::Separated { columns: vec![2], n_rows: marked });
    // Nothing but zeros, or nothing but successes.
    for (glm, y) in [(&poisson, Array1::zeros(120)), (&plain, Array1::zeros(120)), (&plain, Array1::ones(120))] {
        let error = glm.fit(data.x.view(), y.view()).unwrap_err();
        assert_eq!(error, FitError::Separated { columns: vec![], n_rows: 120 });
    }
}

#[test]
fn strong_effects_without_separation_have_an_answer() {
    // One success on the wrong side keeps the likelihood's maximum finite, far out.
    let n = 200;
    let x = Array2::from_shape_fn((n, 1), |(i, _)| (i as f64 - 99.5) / 100.0);
    let y = Array1::from_iter((0..n).map(|i| f64::from(u8::from(i > 100 || i == 99))));
    let fitted = Glm::of(Family::Binomial).build().unwrap().fit(x.view(), y.view()).unwrap();
    assert!(fitted.estimates()[0] > 50.0 && fitted.n_iterations() < 40, "{fitted:?}");
    // Counts over ten orders of magnitude.
    let y = x.column(0).mapv(|v| (11.0 * (v + 1.0)).exp().floor());
    let fitted = Glm::of(Family::Poisson).build().unwrap().fit(x.view(), y.view()).unwrap();
    assert!((fitted.estimates()[0] - 11.0).abs() < 1e-4, "{fitted:?}");
}

#[test]
fn targets_that_a_family_does_not_have_are_named() {
    let data = data();
    for (family, bad) in [
        (Family::Poisson, -1.0),
        (Family::NegativeBinomial { alpha: None }, -0.1),
        (Family::Binomial, 1.5),
        (Family::Binomial, -0.1),
        (Family::Gamma, 0.0),
        (Family::Tweedie { power: 1.5 }, -1.0),
        (Family::Tweedie { power: 2.5 }, 0.0),
    ] {
        let mut y = Array1::from_elem(120, 0.5);
        y[33] = bad;
        // Rows without weight are looked at, too, but not by the family.
        let mut weights = Array1::ones(120);
        let glm = Glm::of(family).build().unwrap();
        let error = glm.fit(data.x.view(), y.view()).unwrap_err();
        assert!(
            matches!(error, FitError::Target { position: 33, value, .. } if value.to_bits() == bad.to_bits()),
            "{error}"
        );
        weights.slice_mut(s![..10]).fill(0.0);
        let error = glm.fit_weighted(data.x.view(), y.view(), Some(weights.view())).unwrap_err();
        assert!(matches!(error, FitError::Target { position: 33, .. }), "{error}");
    }
}

#[test]
fn columns_that_say_nothing_new_are_left_out_and_named() {
    let data = data();
    let constant = Array2::from_elem((120, 1), 2.5);
    let sum = (&data.x.column(0) * 3.0 - data.x.column(1)).insert_axis(Axis(1));
    let wide = concatenate![Axis(1), constant, data.x, sum];
    let y = &data.targets["counts"];
    let glm = Glm::of(Family::Poisson).build().unwrap();
    let (fitted, plain) = (glm.fit(wide.view(), y.view()).unwrap(), glm.fit(data.x.view(), y.view()).unwrap());
    let dropped: Vec<_> = fitted.dropped().iter().map(|d| (d.column, d.reason)).collect();
    assert_eq!(dropped, [(0, DropReason::Constant), (3, DropReason::Collinear)]);
    assert!(fitted.coefficient(0).is_none() && fitted.coefficient(3).is_none() && fitted.coefficient(9).is_none());
    let (ours, theirs) = (fitted.coefficient(1).unwrap(), plain.coefficient(0).unwrap());
    assert!((ours.estimate - theirs.estimate).abs() < 1e-9 && (ours.se - theirs.se).abs() < 1e-9);
    // More columns than rows: only a penalty has an answer.
    let (few_x, few_y) = (wide.slice(s![..3, ..]), y.slice(s![..3]));
    assert!(matches!(glm.fit(few_x, few_y), Err(FitError::Design { .. })));
    let penalised = Glm::of(Family::Poisson).penalty(1.0).build().unwrap();
    assert!(penalised.fit(few_x, few_y).unwrap().predict(few_x).unwrap().iter().all(|mu| mu.is_finite()));
}

#[test]
fn the_level_of_a_column_and_the_unit_of_an_amount_cost_no_digits() {
    let data = data();
    let y = &data.targets["amounts"];
    let glm = Glm::of(Family::Gamma).build().unwrap();
    let plain = glm.fit(data.x.view(), y.view()).unwrap();
    let moved = &data.x * &array![1e6, 1e-6] + array![1e9, 1e-2];
    let other = glm.fit(moved.view(), (y * 1e12).view()).unwrap();
    assert!((plain.estimates()[0] - other.estimates()[0] * 1e6).abs() < 1e-7);
    assert!((plain.estimates()[1] - other.estimates()[1] * 1e-6).abs() < 1e-7);
    let (a, b) = (plain.coefficient(0).unwrap(), other.coefficient(0).unwrap());
    assert!((a.se - b.se * 1e6).abs() < 1e-7 && (plain.dispersion() - other.dispersion()).abs() < 1e-9);
}

#[test]
fn counts_that_vary_by_chance_alone_are_poisson() {
    let data = data();
    let y = data.x.column(0).mapv(|v| (3.0 + v).round());
    let estimated = Glm::of(Family::NegativeBinomial { alpha: None }).build().unwrap();
    let fitted = estimated.fit(data.x.view(), y.view()).unwrap();
    assert_eq!(fitted.family(), Family::NegativeBinomial { alpha: Some(0.0) });
    let poisson = Glm::of(Family::Poisson).build().unwrap().fit(data.x.view(), y.view()).unwrap();
    assert!((fitted.estimates()[0] - poisson.estimates()[0]).abs() < 1e-9);
    let loaded = FittedGlm::from_json(&fitted.to_json().unwrap()).unwrap();
    assert_eq!(loaded, fitted);
}

#[test]
fn what_no_fit_makes_is_refused_when_it_is_read() {
    let data = data();
    let glm = Glm::of(Family::Gamma).build().unwrap();
    let json = glm.fit(data.x.view(), data.targets["amounts"].view()).unwrap().to_json().unwrap();
    let rewrite = |from: &str, to: &str| {
        let body = json.find("\"body\":").unwrap() + "\"body\":".len();
        let altered = json[body..json.len() - 1].replacen(from, to, 1);
        assert_ne!(altered, json[body..json.len() - 1], "{from}");
        let mut crc = flate2::Crc::new();
        crc.update(altered.as_bytes());
        let start = json.find("\"crc32\":").unwrap();
        format!("{}\"crc32\":{},\"body\":{altered}}}", &json[..start], crc.sum())
    };
    for (from, to) in [
        ("\"link\":\"log\"", "\"link\":\"logit\""),
        ("\"kept\":[0,1]", "\"kept\":[1,0]"),
        ("\"kept\":[0,1]", "\"kept\":[0,7]"),
        ("\"covariance\":[[", "\"covariance\":[[1.0,"),
        ("\"family\":\"gamma\"", "\"family\":{\"tweedie\":{\"power\":9.0}}"),
    ] {
        assert!(FittedGlm::from_json(&rewrite(from, to)).is_err(), "{from}");
    }
}
