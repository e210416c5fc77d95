//! Regressors agree with statsmodels and scikit-learn, and no input makes one panic.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use std::collections::HashMap;
use std::path::Path;

use approx::assert_relative_eq;
use credcast::regression::{DropReason, Dropped, ElasticNet, FittedRegressor, Ols, RandomForest, Regressor};
use credcast::{FitError, Persist};
use ndarray::{Array1, Array2, Axis, array, s};

/// Header and rows of `tests/reference/<name>.csv`, without the comment line.
fn reference(name: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(name).with_extension("csv");
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_path(path).unwrap();
    let header = reader.headers().unwrap().iter().map(Into::into).collect();
    let rows = reader.records().map(|row| row.unwrap().iter().map(Into::into).collect()).collect();
    (header, rows)
}

/// Columns and target (the last column) of the rows that `keep` accepts, from column `first` on.
fn matrix(rows: &[Vec<String>], first: usize, keep: impl Fn(&[String]) -> bool) -> (Array2<f64>, Array1<f64>) {
    let rows: Vec<_> = rows.iter().filter(|row| keep(row)).collect();
    let width = rows[0].len() - first;
    let values = rows.iter().flat_map(|row| row[first..].iter().map(|cell| cell.parse().unwrap())).collect();
    let all = Array2::from_shape_vec((rows.len(), width), values).unwrap();
    (all.slice(s![.., ..width - 1]).to_owned(), all.column(width - 1).to_owned())
}

fn linear_data() -> (Array2<f64>, Array1<f64>) {
    matrix(&reference("regression_data").1, 0, |_| true)
}

/// For each row of the reference: model, penalty, share of L1, intercept and coefficients.
fn expected() -> Vec<(String, Vec<f64>)> {
    let rows = reference("regression_linear").1;
    rows.into_iter().map(|row| (row[0].clone(), row[1..].iter().map(|cell| cell.parse().unwrap()).collect())).collect()
}

#[test]
fn least_squares_equals_statsmodels() {
    let (x, y) = linear_data();
    let fitted = Ols.fit(x.view(), y.view()).unwrap();
    let (_, values) = expected().into_iter().find(|(model, _)| model == "ols").unwrap();
    assert_relative_eq!(fitted.intercept(), values[2], max_relative = 1e-8);
    for (found, expected) in fitted.coefficients().iter().zip(&values[3..]) {
        assert_relative_eq!(*found, *expected, max_relative = 1e-8);
    }
    assert_eq!(fitted.dropped(), []);
}

#[test]
fn elastic_net_equals_scikit_learn_on_standardised_columns() {
    let (x, y) = linear_data();
    let mut cases = 0;
    for (_, values) in expected().into_iter().filter(|(model, _)| model == "elastic_net") {
        let net = ElasticNet::params().penalty(values[0]).l1_ratio(values[1]).build().unwrap();
        let fitted = net.fit(x.view(), y.view()).unwrap();
        assert_relative_eq!(fitted.intercept(), values[2], max_relative = 1e-4);
        for (j, (found, expected)) in fitted.coefficients().iter().zip(&values[3..]).enumerate() {
            // A coefficient near 0 is compared in units of its column.
            let sd = x.column(j).std(0.0);
            assert_relative_eq!(found * sd, expected * sd, max_relative = 1e-4, epsilon = 1e-6);
        }
        cases += 1;
    }
    assert_eq!(cases, 5);
}

#[test]
fn a_unit_of_measure_changes_no_prediction() {
    let (x, y) = linear_data();
    let net = ElasticNet::params().penalty(0.05).build().unwrap();
    let rescaled = &x * &array![1e-9, 1e6, 1.0, 7.0, 1e12];
    let plain = net.fit(x.view(), y.view()).unwrap().predict(x.view()).unwrap();
    let other = net.fit(rescaled.view(), y.view()).unwrap().predict(rescaled.view()).unwrap();
    assert_relative_eq!(plain, other, max_relative = 1e-6, epsilon = 1e-6);
    let plain = Ols.fit(x.view(), y.view()).unwrap().predict(x.view()).unwrap();
    let other = Ols.fit(rescaled.view(), y.view()).unwrap().predict(rescaled.view()).unwrap();
    assert_relative_eq!(plain, other, max_relative = 1e-6, epsilon = 1e-6);
}

fn r2(y: &Array1<f64>, predicted: &Array1<f64>) -> f64 {
    let mean = y.mean().unwrap();
    1.0 - (y - predicted).mapv(|e| e * e).sum() / y.mapv(|v| (v - mean) * (v - mean)).sum()
}

#[test]
fn the_forest_predicts_as_well_as_scikit_learns() {
    let rows = reference("regression_forest_data").1;
    let (x, y) = matrix(&rows, 1, |row| row[0] == "train");
    let (new_x, new_y) = matrix(&rows, 1, |row| row[0] == "test");
    let scores: Vec<f64> = reference("regression_forest").1.iter().map(|row| row[2].parse().unwrap()).collect();
    let expected = scores.iter().sum::<f64>() / scores.len() as f64;
    for seed in 0..3 {
        let forest = RandomForest::params().seed(seed).build().unwrap();
        let found = r2(&new_y, &forest.fit(x.view(), y.view()).unwrap().predict(new_x.view()).unwrap());
        // Other draws and other ties: scikit-learn's own five seeds spread over 0.005.
        assert!((found - expected).abs() < 0.03, "R2 {found}, scikit-learn {expected}");
    }
}

#[test]
fn the_forest_is_the_same_for_any_number_of_threads() {
    let (x, y) = linear_data();
    let forest = RandomForest::params().n_trees(20).seed(3).build().unwrap();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let fitted = forest.fit(x.view(), y.view()).unwrap();
            let bits: Vec<u64> = fitted.predict(x.view()).unwrap().iter().map(|v| v.to_bits()).collect();
            (fitted, bits)
        })
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(8));
    let other = RandomForest::params().n_trees(20).seed(4).build().unwrap().fit(x.view(), y.view()).unwrap();
    assert_ne!(one.0, other);
}

#[test]
fn save_then_load_predicts_the_same() {
    fn check<M: FittedRegressor + Persist + PartialEq>(fitted: &M, x: &Array2<f64>) {
        let binary = M::from_bytes(&fitted.to_bytes().unwrap()).unwrap();
        let json = M::from_json(&fitted.to_json().unwrap()).unwrap();
        assert!(binary == *fitted && json == *fitted);
        assert_eq!(binary.predict(x.view()).unwrap(), fitted.predict(x.view()).unwrap());
    }
    let (x, y) = linear_data();
    check(&Ols.fit(x.view(), y.view()).unwrap(), &x);
    check(&ElasticNet::default().fit(x.view(), y.view()).unwrap(), &x);
    check(&RandomForest::params().n_trees(5).build().unwrap().fit(x.view(), y.view()).unwrap(), &x);
}

#[test]
fn refitting_gives_the_same_model() {
    let (x, y) = linear_data();
    assert_eq!(Ols.fit(x.view(), y.view()).unwrap(), Ols.fit(x.view(), y.view()).unwrap());
    let net = ElasticNet::default();
    assert_eq!(net.fit(x.view(), y.view()).unwrap(), net.fit(x.view(), y.view()).unwrap());
}

#[test]
fn constant_and_repeated_columns_are_dropped_by_name_and_change_no_prediction() {
    let (x, y) = linear_data();
    let mut wide = Array2::zeros((x.nrows(), 8));
    wide.slice_mut(s![.., ..5]).assign(&x);
    wide.column_mut(5).fill(3.5);
    wide.column_mut(6).assign(&x.column(0));
    wide.column_mut(7).assign(&(&x.column(3) - &(&x.column(4) * 2.0)));
    let fitted = Ols.fit(wide.view(), y.view()).unwrap();
    let plain = Ols.fit(x.view(), y.view()).unwrap();
    assert_eq!(fitted.coefficients()[5..], [0.0, 0.0, 0.0]);
    let dropped = [(5, DropReason::Constant), (6, DropReason::Collinear), (7, DropReason::Collinear)];
    assert_eq!(fitted.dropped(), dropped.map(|(column, reason)| Dropped { column, reason }));
    assert_relative_eq!(fitted.predict(wide.view()).unwrap(), plain.predict(x.view()).unwrap(), max_relative = 1e-8);
    let net = ElasticNet::default().fit(wide.view(), y.view()).unwrap();
    assert_eq!(net.dropped(), [Dropped { column: 5, reason: DropReason::Constant }]);
}

/// What each model makes of a bad input: `None` for a model, else the error.
fn attempts(x: &Array2<f64>, y: &Array1<f64>) -> HashMap<&'static str, Option<FitError>> {
    fn attempt<R: Regressor>(model: &R, x: &Array2<f64>, y: &Array1<f64>) -> (&'static str, Option<FitError>) {
        let outcome = model.fit(x.view(), y.view()).and_then(|fitted| fitted.predict(x.view()));
        if let Ok(predicted) = &outcome {
            assert_eq!(predicted.len(), x.nrows());
            assert!(predicted.iter().all(|v| v.is_finite()), "{} predicts {predicted}", R::NAME);
        }
        (R::NAME, outcome.err())
    }
    let forest = RandomForest::params().n_trees(3).build().unwrap();
    HashMap::from([attempt(&Ols, x, y), attempt(&ElasticNet::default(), x, y), attempt(&forest, x, y)])
}

#[test]
fn values_that_are_not_finite_or_too_large_are_refused_with_their_row() {
    let (x, y) = linear_data();
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e200, -1e200, f64::MAX] {
        let legal = |error: &FitError| match error {
            FitError::NotFinite { position, value } => *position == 17 && !value.is_finite(),
            FitError::TooLarge { position, value, .. } => *position == 17 && value.is_finite(),
            _ => false,
        };
        let mut bad_x = x.clone();
        bad_x[[17, 2]] = bad;
        let mut bad_y = y.clone();
        bad_y[17] = bad;
        for (name, error) in attempts(&bad_x, &y).into_iter().chain(attempts(&x, &bad_y)) {
            assert!(error.as_ref().is_some_and(legal), "{name} on {bad}: {error:?}");
        }
        let fitted = Ols.fit(x.view(), y.view()).unwrap();
        assert!(fitted.predict(bad_x.view()).is_err_and(|error| legal(&error)));
        let forest = RandomForest::params().n_trees(2).build().unwrap().fit(x.view(), y.view()).unwrap();
        assert!(forest.predict(bad_x.view()).is_err_and(|error| legal(&error)));
    }
}

#[test]
fn shapes_that_do_not_fit_are_refused() {
    let (x, y) = linear_data();
    let cases = [
        (Array2::zeros((0, 3)), Array1::zeros(0)),
        (Array2::zeros((3, 0)), Array1::zeros(3)),
        (Array2::zeros((0, 0)), Array1::zeros(0)),
        (x.clone(), Array1::zeros(3)),
        (x.slice(s![..3, ..]).to_owned(), y.clone()),
    ];
    for (x, y) in &cases {
        for (name, error) in attempts(x, y) {
            assert!(matches!(error, Some(FitError::Design { .. })), "{name} on {:?}: {error:?}", x.dim());
        }
    }
    let narrow = x.slice(s![.., ..2]);
    assert!(Ols.fit(x.view(), y.view()).unwrap().predict(narrow).is_err());
    assert!(RandomForest::default().fit(x.view(), y.view()).unwrap().predict(narrow).is_err());
    assert_eq!(Ols.fit(x.view(), y.view()).unwrap().predict(Array2::zeros((0, 5)).view()).unwrap().len(), 0);
}

#[test]
fn fewer_rows_than_columns_is_an_error_for_least_squares_only() {
    let (x, y) = linear_data();
    let (x, y) = (x.slice(s![..5, ..]).to_owned(), y.slice(s![..5]).to_owned());
    let outcomes = attempts(&x, &y);
    assert!(matches!(outcomes["ols"], Some(FitError::Design { .. })));
    assert_eq!((&outcomes["elastic_net"], &outcomes["random_forest"]), (&None, &None));
}

#[test]
fn degenerate_but_legal_data_give_finite_models() {
    let n = 40;
    let ramp = Array1::from_iter((0..n).map(f64::from));
    let column = |f: &dyn Fn(f64) -> f64| ramp.mapv(f).insert_axis(Axis(1));
    let cases = [
        ("constant target", column(&|t| t.sin()), Array1::from_elem(40, 7.0)),
        ("zero target", column(&|t| t.sin()), Array1::zeros(40)),
        ("all columns constant", column(&|_| 1e6), ramp.clone()),
        ("largest allowed", column(&|t| t / 40.0 * 1e100), ramp.mapv(|t| t / 40.0 * 1e100)),
        ("smallest", column(&|t| t * 1e-200), ramp.mapv(|t| t * 1e-200)),
        ("subnormal", column(&|t| t * 1e-320), ramp.clone()),
        ("one row", array![[1.0]], array![2.0]),
    ];
    for (name, x, y) in &cases {
        for (model, error) in attempts(x, y) {
            // An answer or an error; the helper checks that an answer is finite. Only these may be refused:
            let allowed = match (*name, model) {
                ("one row", "ols") => matches!(error, Some(FitError::Design { .. })),
                ("largest allowed" | "smallest" | "subnormal", "ols" | "elastic_net") => {
                    matches!(error, None | Some(FitError::NoConvergence { .. }))
                }
                _ => error.is_none(),
            };
            assert!(allowed, "{model} on {name}: {error:?}");
        }
    }
}

#[test]
fn too_few_passes_are_reported() {
    let (x, y) = linear_data();
    let net = ElasticNet::params().max_iterations(2).tolerance(1e-14).penalty(1e-3).build().unwrap();
    assert!(matches!(net.fit(x.view(), y.view()), Err(FitError::NoConvergence { .. })));
}
