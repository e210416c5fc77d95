//! Wage equations of a textbook: its printed digits, and statsmodels and linearmodels on the same data.

#![expect(clippy::unwrap_used, reason = "helpers of tests may do what tests may")]

use std::collections::BTreeMap;

use crate::econometrics::table;
use credcast::regression::{Coefficient, Covariance, LeastSquares, TwoStageLeastSquares};
use ndarray::{Array1, Array2, Axis, concatenate, s};

/// Estimate and standard error of each coefficient of a case of the reference.
fn expected(case: &str) -> BTreeMap<String, (f64, f64)> {
    let lines = include_str!("../reference/textbook.csv").lines().skip(2);
    let cells = lines.map(|line| line.split(',').collect::<Vec<_>>()).filter(|cells| cells[0] == case);
    cells.map(|cells| (cells[1].to_owned(), (cells[2].parse().unwrap(), cells[3].parse().unwrap()))).collect()
}

fn close(case: &str, found: &BTreeMap<String, Coefficient>) {
    let expected = expected(case);
    assert!(
        expected.len() >= 4 && expected.keys().eq(found.keys()),
        "{case}: {:?} {:?}",
        expected.keys(),
        found.keys()
    );
    for (name, (estimate, se)) in expected {
        let found = found[&name];
        assert!((found.estimate - estimate).abs() <= 1e-8 * estimate.abs(), "{case} {name}: {found:?} {estimate}");
        assert!((found.se - se).abs() <= 1e-8 * se, "{case} {name}: {found:?} {se}");
    }
}

/// Fits by least squares what all three covariances of the reference say; gives the classical one.
fn least(case: &str, file: &str, y: &str, columns: &[&str]) -> Option<(LeastSquares, BTreeMap<String, Coefficient>)> {
    let all: Vec<&str> = columns.iter().copied().chain([y]).collect();
    let data = table(file, &all)?;
    let (x, y) = (data.slice(s![.., ..columns.len()]), data.column(columns.len()));
    let fit = |covariance| {
        let fitted = LeastSquares::fit(x, y, None, covariance).unwrap();
        let mut named: BTreeMap<String, Coefficient> =
            columns.iter().map(ToString::to_string).zip(fitted.coefficients.iter().flatten().copied()).collect();
        named.insert("const".into(), fitted.intercept);
        (fitted, named)
    };
    close(&format!("{case}_hc1"), &fit(Covariance::Hc1).1);
    close(&format!("{case}_hc3"), &fit(Covariance::Hc3).1);
    let (fitted, named) = fit(Covariance::Classical);
    close(case, &named);
    Some((fitted, named))
}

/// A number as printed: half of its last digit is allowed.
fn printed(found: f64, printed: f64, digits: i32) {
    assert!((found - printed).abs() <= 0.505 * 10f64.powi(-digits), "{found} {printed}");
}

#[test]
fn instruments_that_cannot_be_are_refused() {
    let wave = |by: f64| Array2::from_shape_fn((60, 1), |(i, _)| (i as f64 * by).sin());
    let (x, z, y) = (wave(0.7), wave(1.9), wave(0.4).column(0).to_owned());
    let c = &wave(0.7) * 2.0 + &wave(1.9) + &wave(3.3);
    let fit = |x: &Array2<f64>, c: &Array2<f64>, z: &Array2<f64>, y: &Array1<f64>, weights: Option<&Array1<f64>>| {
        let weights = weights.map(|w| w.view());
        TwoStageLeastSquares::fit(x.view(), c.view(), z.view(), y.view(), weights, Covariance::Hc3)
    };
    let good = fit(&x, &c, &z, &y, None).unwrap();
    assert!(good.endogenous[0].se > 0.0 && good.df == 57);
    // A row of weight 0 is as if absent, even with a wild value.
    let (mut wild, mut weights) = (y.clone(), Array1::ones(60));
    (wild[59], weights[59]) = (1e9, 0.0);
    let short = |a: &Array2<f64>| a.slice(s![..59, ..]).to_owned();
    let (masked, cut) = (
        fit(&x, &c, &z, &wild, Some(&weights)).unwrap(),
        fit(&short(&x), &short(&c), &short(&z), &y.slice(s![..59]).to_owned(), None).unwrap(),
    );
    assert!((masked.endogenous[0].se / cut.endogenous[0].se - 1.0).abs() < 1e-9 && masked.n == 59);
    // An exogenous column that says nothing new is left out and named.
    let twice = concatenate![Axis(1), x, &x * 3.0];
    let fitted = fit(&twice, &c, &z, &y, None).unwrap();
    assert!(fitted.exogenous[1].is_none() && fitted.dropped.len() == 1);
    assert!((fitted.endogenous[0].estimate - good.endogenous[0].estimate).abs() < 1e-9);
    let none = Array2::zeros((60, 0));
    let mut missing = c.clone();
    missing[[7, 0]] = f64::NAN;
    for (bad, part) in [
        (fit(&x, &c, &x, &y, None), "0 instruments say something new"),
        (fit(&x, &none, &z, &y, None), "0 columns"),
        (fit(&x, &c, &none, &y, None), "0 columns"),
        (fit(&x, &concatenate![Axis(1), c, wave(2.2)], &z, &y, None), "1 instruments say something new"),
        (fit(&x, &(&x * 2.0), &z, &y, None), "do not move"),
        (fit(&x, &missing, &z, &y, None), "not a finite"),
        (fit(&x, &c, &z, &y.slice(s![..9]).to_owned(), None), "rows for 9 targets"),
        (fit(&x, &c, &z, &y, Some(&Array1::zeros(60))), "no row"),
        (fit(&short(&x), &c, &z, &y, None), "rows for 60 targets"),
    ] {
        let error = bad.unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    let few = |a: &Array2<f64>| a.slice(s![..3, ..]).to_owned();
    assert!(fit(&few(&x), &few(&c), &few(&z), &y.slice(s![..3]).to_owned(), None).is_err());
}

#[test]
fn the_return_to_education_and_the_gender_gap_changed_little_from_1978_to_1985() {
    // Wooldridge (2020), Introductory Econometrics, 7th ed., equation 13.2: n = 1,084, R-squared .426.
    let columns = ["y85", "educ", "y85educ", "exper", "expersq", "union", "female", "y85fem"];
    let Some((fitted, found)) = least("cps78_85", "cps78_85.csv.bz2", "lwage", &columns) else { return };
    for (name, estimate, digits, se, se_digits) in [
        ("const", 0.459, 3, 0.093, 3),
        ("y85", 0.118, 3, 0.124, 3),
        ("educ", 0.0747, 4, 0.0067, 4),
        ("y85educ", 0.0185, 4, 0.0094, 4),
        ("exper", 0.0296, 4, 0.0036, 4),
        ("expersq", -0.00040, 5, 0.00008, 5),
        ("union", 0.202, 3, 0.030, 3),
        ("female", -0.317, 3, 0.037, 3),
        ("y85fem", 0.085, 3, 0.051, 3),
    ] {
        printed(found[name].estimate, estimate, digits);
        printed(found[name].se, se, se_digits);
    }
    printed(fitted.r_squared, 0.426, 3);
    assert_eq!(fitted.n, 1084);
}

#[test]
fn wages_of_1976_are_those_of_the_textbook() {
    // Wooldridge (2020), equation 4.7: n = 526, R-squared .316.
    let Some((fitted, found)) = least("wage1", "wage1.csv.bz2", "lwage", &["educ", "exper", "tenure"]) else { return };
    for (name, estimate) in [("const", 0.2844), ("educ", 0.0920), ("exper", 0.0041), ("tenure", 0.0221)] {
        printed(found[name].estimate, estimate, 4);
    }
    printed(fitted.r_squared, 0.3160, 4);
}

#[test]
fn the_difference_of_junior_college_and_university_is_a_coefficient() {
    // Wooldridge (2020), equations 4.21 and 4.27: n = 6,763, R-squared .222.
    let Some((_, found)) = least("twoyear", "twoyear.csv.bz2", "lwage", &["jc", "univ", "exper"]) else { return };
    for (name, estimate, se) in [("jc", 0.0667, 0.0068), ("univ", 0.0769, 0.0023), ("exper", 0.0049, 0.0002)] {
        printed(found[name].estimate, estimate, 4);
        printed(found[name].se, se, 4);
    }
    let columns = ["jc", "totcoll", "exper"];
    let Some((fitted, found)) = least("twoyear_total", "twoyear.csv.bz2", "lwage", &columns) else { return };
    for (name, estimate, se) in [("jc", -0.0102, 0.0069), ("totcoll", 0.0769, 0.0023), ("exper", 0.0049, 0.0002)] {
        printed(found[name].estimate, estimate, 4);
        printed(found[name].se, se, 4);
    }
    printed(found["const"].estimate, 1.472, 3);
    printed(fitted.r_squared, 0.222, 3);
}

#[test]
fn a_college_nearby_as_instrument_raises_the_return_to_education() {
    // Wooldridge (2020), example 15.4, table 15.1: n = 3,010; least squares .075 (.003), R-squared .300; two stages .132 (.055).
    let exogenous = [
        "exper", "expersq", "black", "smsa", "south", "smsa66", "reg662", "reg663", "reg664", "reg665", "reg666",
        "reg667", "reg668", "reg669",
    ];
    let columns: Vec<&str> = ["educ"].into_iter().chain(exogenous).collect();
    let Some((fitted, found)) = least("card", "card.csv.bz2", "lwage", &columns) else { return };
    for (name, estimate, digits, se, se_digits) in [
        ("educ", 0.075, 3, 0.003, 3),
        ("exper", 0.085, 3, 0.007, 3),
        ("expersq", -0.0023, 4, 0.0003, 4),
        ("black", -0.199, 3, 0.018, 3),
        ("smsa", 0.136, 3, 0.020, 3),
        ("south", -0.148, 3, 0.026, 3),
    ] {
        printed(found[name].estimate, estimate, digits);
        printed(found[name].se, se, se_digits);
    }
    printed(fitted.r_squared, 0.300, 3);
    let all: Vec<&str> = exogenous.into_iter().chain(["educ", "nearc4", "nearc2", "age", "lwage"]).collect();
    let Some(data) = table("card.csv.bz2", &all) else { return };
    let (x, educ, y) = (data.slice(s![.., ..14]), data.slice(s![.., 14..15]), data.column(18));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "ages in years")]
    let ages: Vec<u32> = data.column(17).iter().map(|age| *age as u32).collect();
    let fit = |case: &str, n_instruments: usize, covariance: Covariance<'_>| {
        let instruments = data.slice(s![.., 15..15 + n_instruments]);
        let fitted = TwoStageLeastSquares::fit(x, educ, instruments, y, None, covariance).unwrap();
        let mut named: BTreeMap<String, Coefficient> =
            exogenous.iter().map(ToString::to_string).zip(fitted.exogenous.iter().flatten().copied()).collect();
        named.insert("const".into(), fitted.intercept);
        named.insert("educ".into(), fitted.endogenous[0]);
        close(case, &named);
        (fitted, named)
    };
    for (case, n_instruments) in [("card_iv", 1), ("card_iv_two", 2)] {
        fit(&format!("{case}_hc1"), n_instruments, Covariance::Hc1);
        fit(&format!("{case}_clustered"), n_instruments, Covariance::Clustered(&ages));
        fit(case, n_instruments, Covariance::Classical);
    }
    let (fitted, found) = fit("card_iv", 1, Covariance::Classical);
    for (name, estimate, digits, se, se_digits) in [
        ("educ", 0.132, 3, 0.055, 3),
        ("exper", 0.108, 3, 0.024, 3),
        ("expersq", -0.0023, 4, 0.0003, 4),
        ("black", -0.147, 3, 0.054, 3),
        ("smsa", 0.112, 3, 0.032, 3),
        ("south", -0.145, 3, 0.027, 3),
    ] {
        printed(found[name].estimate, estimate, digits);
        printed(found[name].se, se, se_digits);
    }
    let f = expected("card_first_stage_f")["educ"].0;
    assert!((fitted.first_stage_f[0] / f - 1.0).abs() < 1e-8 && fitted.n == 3010 && fitted.n_instruments == 1);
}
