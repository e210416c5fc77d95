//! Ridge, lasso, quantile regression, extra trees and contributions: against scikit-learn, the linear program itself and statsmodels.

#![expect(clippy::unwrap_used, reason = "helpers of tests may do what tests may")]

use std::collections::BTreeMap;

use credcast::FitError;
use credcast::regression::{
    Covariance, DropReason, ElasticNet, ExtraTrees, Family, FittedRegressor, Glm, LeastSquares, LinearContributions,
    LinearModel, Ols, PenaltyChoice, QuantileErrors, QuantileRegression, Regressor, Ridge, RowTerms,
};
use ndarray::{Array1, Array2, ArrayView1, Axis, array, concatenate, s};

/// The data of the script `tests/reference/penalised_and_quantile.py`.
struct Data {
    x: Array2<f64>,
    wide: Array2<f64>,
    y: Array1<f64>,
    weights: Array1<f64>,
}

fn data() -> Data {
    let number = |n: usize, modulus: usize| (n % modulus) as f64;
    let x = Array2::from_shape_fn((120, 3), |(i, j)| match j {
        0 => number(7 * i, 31) / 31.0,
        1 => 40.0 + 3.0 * number(i * i, 17),
        _ => number(7 * i, 31) / 31.0 + (number(i * i * i, 13) - 6.0) / 100.0,
    });
    let y = (0..120).map(|i| {
        let (u, v) = ((number(i * i * i, 23) + 0.5) / 23.0, number(i * i + 5 * i, 113) / 113.0 + i as f64 / 1e4);
        2.0 * x[[i, 0]] - x[[i, 1]] / 20.0 + (1.0 + x[[i, 0]]) * (u - v * v + 0.3 * v)
    });
    let y = y.collect();
    let wide = Array2::from_shape_fn((120, 140), |(i, j)| number(i * (j + 3) + j * j * i * i, 101) / 101.0);
    Data { x, wide, y, weights: (0..120).map(|i| f64::from(1 + i % 4)).collect() }
}

/// The values of each case of the reference.
fn expected() -> BTreeMap<String, Vec<f64>> {
    let mut cases: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for line in include_str!("../reference/penalised_and_quantile.csv").lines().skip(2) {
        let [case, _, value] = line.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
        cases.entry(case.into()).or_default().push(value.parse().unwrap());
    }
    cases
}

fn compare(case: &str, intercept: f64, coefficients: &[f64], expected: &[f64], allowed: f64) {
    for (place, (found, expected)) in [intercept].iter().chain(coefficients).zip(expected).enumerate() {
        assert!((found - expected).abs() <= allowed * expected.abs().max(1e-2), "{case} {place}: {found} {expected}");
    }
}

#[test]
fn ridge_and_lasso_agree_with_scikit_learn() {
    let Data { x, wide, y, weights } = data();
    let mut compared = 0;
    for (case, expected) in expected() {
        let (name, x) = case.strip_prefix("wide_").map_or((case.as_str(), &x), |name| (name, &wide));
        let number = |prefix: &str| name.strip_prefix(prefix).and_then(|rest| rest.parse::<f64>().ok());
        let plain = || Ridge::params().standardise(false);
        let fitted = if let Some(penalty) = number("ridge_") {
            Ridge::params().penalty(penalty).build().unwrap().fit(x.view(), y.view())
        } else if let Some(penalty) = number("raw_ridge_weights_") {
            plain().penalty(penalty).build().unwrap().fit_weighted(x.view(), y.view(), Some(weights.view()))
        } else if let Some(penalty) = number("raw_ridge_") {
            plain().penalty(penalty).build().unwrap().fit(x.view(), y.view())
        } else if let Some(penalty) = number("lasso_") {
            let fitted = ElasticNet::lasso(penalty).tolerance(1e-13).build().unwrap().fit(x.view(), y.view()).unwrap();
            compare(&case, fitted.intercept(), fitted.coefficients(), &expected, 2e-6);
            compared += 1;
            continue;
        } else {
            continue;
        };
        let fitted = fitted.unwrap();
        compare(&case, fitted.intercept(), fitted.coefficients(), &expected, 1e-9);
        compared += 1;
    }
    assert_eq!(compared, 2 * (6 + 1 + 2));
}

#[test]
fn penalties_are_chosen_as_scikit_learn_chooses_them() {
    let (Data { x, wide, y, .. }, expected) = (data(), expected());
    for (prefix, x) in [("", &x), ("wide_", &wide)] {
        let left_out = &expected[&format!("{prefix}left_out")];
        let fitted =
            Ridge::params().choose(PenaltyChoice::LeaveOneOut).build().unwrap().fit(x.view(), y.view()).unwrap();
        assert!((fitted.penalty() / left_out[0] - 1.0).abs() < 1e-9, "{prefix}{} {}", fitted.penalty(), left_out[0]);
        for (found, expected) in fitted.tried().iter().step_by(10).zip(&left_out[1..]) {
            assert!((found.1 / expected - 1.0).abs() < 1e-7, "{prefix}{found:?} {expected}");
        }
        let validated = &expected[&format!("{prefix}cross_validated")];
        let choice = PenaltyChoice::GeneralisedCrossValidation;
        let fitted = Ridge::params().choose(choice).build().unwrap().fit(x.view(), y.view()).unwrap();
        assert!((fitted.penalty() / validated[0] - 1.0).abs() < 1e-9, "{prefix}{}", fitted.penalty());
        for (found, expected) in fitted.tried().iter().step_by(10).skip(1).zip(&validated[1..]) {
            assert!((found.1 / expected - 1.0).abs() < 1e-7, "{prefix}{found:?} {expected}");
        }
    }
}

#[test]
fn quantile_coefficients_are_those_of_the_linear_program() {
    let (Data { x, y, weights, .. }, expected) = (data(), expected());
    for tau in [0.05, 0.25, 0.5, 0.8, 0.95] {
        let model = QuantileRegression::of([tau]).unwrap();
        let fitted = model.fit(x.view(), y.view()).unwrap();
        compare(
            &tau.to_string(),
            fitted.intercept(0),
            fitted.estimates(0),
            &expected[&format!("quantile_{tau}")],
            1e-7,
        );
        let weighted = model.fit_weighted(x.view(), y.view(), Some(weights.view())).unwrap();
        let theirs = &expected[&format!("quantile_weights_{tau}")];
        compare(&tau.to_string(), weighted.intercept(0), weighted.estimates(0), theirs, 1e-7);
        for (errors, name) in [(QuantileErrors::Alike, "alike"), (QuantileErrors::Powell, "powell")] {
            let fitted = model.fit_with_errors(x.view(), y.view(), None, errors).unwrap();
            let se: Vec<f64> = (0..3).map(|j| fitted.coefficient(0, Some(j)).unwrap().se).collect();
            let theirs = &expected[&format!("{name}_{tau}")];
            compare(name, fitted.coefficient(0, None).unwrap().se, &se, theirs, 1e-6);
        }
    }
}

fn loss(
    tau: f64,
    x: &Array2<f64>,
    y: &Array1<f64>,
    weights: Option<ArrayView1<'_, f64>>,
    model: &(f64, Vec<f64>),
) -> f64 {
    let predicted = x.dot(&ArrayView1::from(&model.1)) + model.0;
    let one = |row: usize| {
        let e = y[row] - predicted[row];
        weights.map_or(1.0, |w| w[row]) * if e >= 0.0 { tau * e } else { (tau - 1.0) * e }
    };
    (0..y.len()).map(one).sum()
}

#[test]
fn no_plane_nearby_is_better_even_where_rows_are_tied() {
    // Few values, many ties: several planes are best, and degenerate steps have to end.
    let x = Array2::from_shape_fn((300, 3), |(i, j)| ((i * (2 * j + 3) + i * i * j) % 4) as f64);
    let y = Array1::from_iter((0..300).map(|i| ((i * i * 7 + 3 * i) % 5) as f64));
    let counts = Array1::from_iter((0..300).map(|i| f64::from(i % 3)));
    let repeated: Vec<usize> = (0..300).flat_map(|i| std::iter::repeat_n(i, i % 3)).collect();
    let (x2, y2) = (x.select(Axis(0), &repeated), y.select(Axis(0), &repeated));
    for tau in [0.1, 0.25, 0.5, 0.9] {
        let model = QuantileRegression::of([tau]).unwrap();
        let best = model.fit(x.view(), y.view()).unwrap().linear_terms();
        let least = loss(tau, &x, &y, None, &best);
        for direction in 0..200usize {
            let moved = |j: usize| ((direction * (j + 2) * 37 + j * 11) % 101) as f64 / 50.5 - 1.0;
            for size in [1e-6, 1e-3, 0.3] {
                let slopes = best.1.iter().enumerate().map(|(j, b)| b + size * moved(j + 1)).collect();
                let other = loss(tau, &x, &y, None, &(best.0 + size * moved(0), slopes));
                assert!(other >= least - 1e-9, "{tau}: {other} {least}");
            }
        }
        // Weights of whole numbers reach the loss of repeated rows, whichever of the best planes they find.
        let weighted = model.fit_weighted(x.view(), y.view(), Some(counts.view())).unwrap().linear_terms();
        let counted = model.fit(x2.view(), y2.view()).unwrap().linear_terms();
        let (a, b) = (loss(tau, &x2, &y2, None, &weighted), loss(tau, &x2, &y2, None, &counted));
        assert!((a - b).abs() < 1e-9 * b.max(1.0), "{tau}: {a} {b}");
    }
}

#[test]
fn quantiles_that_cross_are_put_in_order() {
    let Data { x, y, .. } = data();
    let model = QuantileRegression::of([0.3, 0.4, 0.5, 0.6]).unwrap();
    let (few_x, few_y) = (x.slice(s![..9, ..]), y.slice(s![..9]));
    let fitted = model.fit(few_x, few_y).unwrap();
    let plane = |place: usize| x.dot(&ArrayView1::from(fitted.estimates(place))) + fitted.intercept(place);
    let crossing = (0..3).any(|place| (0..120).any(|row| plane(place)[row] > plane(place + 1)[row] + 1e-9));
    assert!(crossing, "a test of crossing planes needs planes that cross");
    let quantiles = fitted.predict_quantiles(x.view()).unwrap();
    assert!(quantiles.rows().into_iter().all(|row| row.windows(2).into_iter().all(|pair| pair[0] <= pair[1])));
    assert_eq!(fitted.predict(x.view()).unwrap(), quantiles.column(2));
}

#[test]
fn quantile_columns_that_say_nothing_new_are_left_out_and_named() {
    let Data { x, y, .. } = data();
    let wide = concatenate![Axis(1), x, Array2::from_elem((120, 1), 3.0), x.slice(s![.., ..1])];
    let model = QuantileRegression::default();
    let fitted = model.fit_with_errors(wide.view(), y.view(), None, QuantileErrors::Powell).unwrap();
    let dropped: Vec<_> = fitted.dropped().iter().map(|d| (d.column, d.reason)).collect();
    assert_eq!(dropped, [(3, DropReason::Constant), (4, DropReason::Collinear)]);
    assert!(fitted.coefficient(0, Some(3)).is_none() && fitted.coefficient(0, Some(1)).unwrap().p_value < 0.01);
    assert!(fitted.coefficient(1, None).is_none() && fitted.intercept(1).is_nan() && fitted.estimates(1).is_empty());
    let flat = Array1::from_elem(120, 2.0);
    let error = model.fit_with_errors(x.view(), flat.view(), None, QuantileErrors::Alike).unwrap_err();
    assert!(matches!(error, FitError::NoConvergence { .. }));
    assert!((model.fit(x.view(), flat.view()).unwrap().intercept(0) - 2.0).abs() < 1e-12);
}

#[test]
fn extra_trees_predict_as_well_as_scikit_learns() {
    let rows: Vec<Vec<String>> = include_str!("../reference/regression_forest_data.csv")
        .lines()
        .skip(2)
        .map(|line| line.split(',').map(Into::into).collect())
        .collect();
    let part = |name: &str| {
        let rows: Vec<&Vec<String>> = rows.iter().filter(|row| row[0] == name).collect();
        let width = rows[0].len() - 1;
        let cells = rows.iter().flat_map(|row| row[1..].iter().map(|cell| cell.parse::<f64>().unwrap())).collect();
        let all = Array2::from_shape_vec((rows.len(), width), cells).unwrap();
        (all.slice(s![.., ..width - 1]).to_owned(), all.column(width - 1).to_owned())
    };
    let ((x, y), (new_x, new_y)) = (part("train"), part("test"));
    let scores: Vec<f64> = include_str!("../reference/extra_trees.csv")
        .lines()
        .skip(2)
        .map(|line| line.split(',').nth(1).unwrap().parse().unwrap())
        .collect();
    let theirs = scores.iter().sum::<f64>() / scores.len() as f64;
    let mean = new_y.mean().unwrap();
    let r2 = |seed| {
        let fitted = ExtraTrees::params().seed(seed).build().unwrap().fit(x.view(), y.view()).unwrap();
        let rest = &new_y - &fitted.predict(new_x.view()).unwrap();
        1.0 - rest.dot(&rest) / new_y.mapv(|v| (v - mean).powi(2)).sum()
    };
    let ours = (0..5).map(r2).sum::<f64>() / 5.0;
    assert!((ours / theirs - 1.0).abs() < 0.02, "R2 {ours}, scikit-learn {theirs}");
}

#[test]
fn contributions_add_up_to_every_linear_prediction() {
    let Data { x, y, .. } = data();
    let means = x.mean_axis(Axis(0)).unwrap();
    let counts = y.mapv(|v| (v + 5.0).round());
    let glm = Glm::of(Family::Poisson).build().unwrap().fit(x.view(), counts.view()).unwrap();
    let least = LeastSquares::fit(x.view(), y.view(), None, Covariance::Classical).unwrap();
    let predicted = |model: &dyn FittedRegressor| model.predict(x.view()).unwrap();
    let ols = Ols.fit(x.view(), y.view()).unwrap();
    let ridge = Ridge::default().fit(x.view(), y.view()).unwrap();
    let net = ElasticNet::default().fit(x.view(), y.view()).unwrap();
    let median = QuantileRegression::default().fit(x.view(), y.view()).unwrap();
    let parts = |model: &dyn Fn() -> LinearContributions| model();
    let cases = [
        (parts(&|| LinearContributions::of(&ols, x.view(), means.view()).unwrap()), predicted(&ols)),
        (parts(&|| LinearContributions::of(&least, x.view(), means.view()).unwrap()), predicted(&ols)),
        (parts(&|| LinearContributions::of(&ridge, x.view(), means.view()).unwrap()), predicted(&ridge)),
        (parts(&|| LinearContributions::of(&net, x.view(), means.view()).unwrap()), predicted(&net)),
        (parts(&|| LinearContributions::of(&median, x.view(), means.view()).unwrap()), predicted(&median)),
        (
            parts(&|| LinearContributions::of(&glm, x.view(), means.view()).unwrap()),
            glm.linear_predictor(x.view(), RowTerms::default()).unwrap(),
        ),
    ];
    for (parts, predicted) in cases {
        let sums = parts.values().sum_axis(Axis(1)) + parts.base();
        assert!((&sums - &predicted).iter().all(|gap| gap.abs() < 1e-9), "{}", &sums - &predicted);
        // Least squares and its kin predict the mean for the mean.
        assert!(parts.values().sum_axis(Axis(0)).iter().all(|sum| sum.abs() < 1e-9));
    }
    assert!(LinearContributions::of(&ols, x.slice(s![.., ..2]), means.view()).is_err());
    assert!(LinearContributions::of(&ols, x.view(), array![1.0].view()).is_err());
}
