//! What it takes to be a regressor: every line of `regressors!` keeps every promise below. A model is added by a line.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use approx::assert_relative_eq;
use credcast::regression::{
    BoostingLoss, ElasticNet, ExtraTrees, Family, FittedRegressor, Glm, HistogramBoosting, Link, Ols, PenaltyChoice,
    QuantileRegression, RandomForest, Regressor, Ridge,
};
use credcast::{FitError, Persist};
use ndarray::{Array1, Array2, ArrayView1, Axis, ShapeBuilder, array, concatenate, s};

/// What is true of one model and not of another.
#[derive(Clone, Copy, Debug)]
struct Kind {
    /// Takes any number into the range of targets that the model can learn.
    target: fn(f64) -> f64,
    /// Draws nothing at random: a weight of 2 is a row twice, to this relative difference of predictions.
    repeats_to: Option<f64>,
    /// Learns from, and predicts where, a value of `x` is NaN.
    takes_missing: bool,
}

/// Learns any target from finite columns, without chance.
const EXACT: Kind = Kind { target: |y| y, repeats_to: Some(1e-8), takes_missing: false };
/// The same with chance.
const RANDOM: Kind = Kind { repeats_to: None, ..EXACT };

/// Learns from missing values too.
const MISSING: Kind = Kind { takes_missing: true, ..EXACT };

fn boosting(loss: BoostingLoss) -> HistogramBoosting {
    HistogramBoosting::params().loss(loss).n_trees(20).min_leaf(3).build().unwrap()
}

/// Learns targets above 0.
const POSITIVE: Kind = Kind { target: |y| y.abs() + 0.1, ..EXACT };
/// Learns shares.
const SHARE: Kind = Kind { target: |y| 1.0 / (1.0 + (-y).exp()), ..EXACT };

/// Several planes may be best, and repeated rows and weights may lead to different ones.
const PLANES: Kind = Kind { repeats_to: None, ..EXACT };

fn glm(family: Family) -> Glm {
    Glm::of(family).build().unwrap()
}

/// One module for each model, one test for each promise.
macro_rules! regressors {
    ($($name:ident: $model:expr, $kind:expr;)+) => {
        $(mod $name {
            #![allow(unused_imports, reason = "not every line needs every name")]
            use super::*;

            #[test]
            fn bad_values_are_refused_with_their_row() {
                super::bad_values_are_refused_with_their_row(&$model, $kind);
            }
            #[test]
            fn shapes_that_do_not_fit_are_refused() {
                super::shapes_that_do_not_fit_are_refused(&$model, $kind);
            }
            #[test]
            fn weights_that_cannot_be_are_refused() {
                super::weights_that_cannot_be_are_refused(&$model, $kind);
            }
            #[test]
            fn constant_and_repeated_columns_are_fine() {
                super::constant_and_repeated_columns_are_fine(&$model, $kind);
            }
            #[test]
            fn degenerate_data_give_finite_models_or_errors() {
                super::degenerate_data_give_finite_models_or_errors(&$model, $kind);
            }
            #[test]
            fn a_constant_target_is_predicted() {
                super::a_constant_target_is_predicted(&$model, $kind);
            }
            #[test]
            fn refitting_gives_the_same_model() {
                super::refitting_gives_the_same_model(&$model, $kind);
            }
            #[test]
            fn what_is_loaded_predicts_the_same_to_the_last_bit() {
                super::what_is_loaded_predicts_the_same_to_the_last_bit(&$model, $kind);
            }
            #[test]
            fn the_number_of_threads_changes_nothing() {
                super::the_number_of_threads_changes_nothing(&$model, $kind);
            }
            #[test]
            fn weights_count_rows() {
                super::weights_count_rows(&$model, $kind);
            }
            #[test]
            fn models_and_fits_may_cross_threads() {
                super::models_and_fits_may_cross_threads(&$model);
            }
        })+
    };
}

regressors! {
    ols: Ols, EXACT;
    elastic_net: ElasticNet::default(), EXACT;
    lasso: ElasticNet::lasso(0.05).build().unwrap(), EXACT;
    ridge: Ridge::default(), EXACT;
    ridge_of_plain_columns: Ridge::params().standardise(false).build().unwrap(), EXACT;
    ridge_left_out: Ridge::params().choose(PenaltyChoice::LeaveOneOut).build().unwrap(), EXACT;
    ridge_cross_validated: Ridge::params().choose(PenaltyChoice::GeneralisedCrossValidation).build().unwrap(), EXACT;
    gaussian: glm(Family::Gaussian), EXACT;
    poisson: glm(Family::Poisson), POSITIVE;
    poisson_identity: Glm::of(Family::Poisson).link(Link::Identity).build().unwrap(), POSITIVE;
    negative_binomial: glm(Family::NegativeBinomial { alpha: Some(0.5) }), POSITIVE;
    negative_binomial_estimated: glm(Family::NegativeBinomial { alpha: None }), POSITIVE;
    logistic: glm(Family::Binomial), SHARE;
    logistic_penalised: Glm::of(Family::Binomial).penalty(1.0).build().unwrap(), SHARE;
    gamma: glm(Family::Gamma), POSITIVE;
    gamma_inverse: Glm::of(Family::Gamma).link(Link::Inverse).build().unwrap(), POSITIVE;
    tweedie: glm(Family::Tweedie { power: 1.5 }), POSITIVE;
    median: QuantileRegression::default(), PLANES;
    quantiles: QuantileRegression::of([0.1, 0.5, 0.9]).unwrap(), PLANES;
    extra_trees: ExtraTrees::params().n_trees(5).build().unwrap(), RANDOM;
    boosting: boosting(BoostingLoss::Squared), MISSING;
    boosting_quantile: boosting(BoostingLoss::Quantile(0.3)), MISSING;
    boosting_poisson: boosting(BoostingLoss::Poisson), Kind { takes_missing: true, ..POSITIVE };
    random_forest: RandomForest::params().n_trees(5).build().unwrap(), RANDOM;
}

/// Sixty rows of three columns that are not orderly, and a target that depends on them.
fn data(kind: Kind) -> (Array2<f64>, Array1<f64>) {
    let number = |n: usize, modulus: usize| (n % modulus) as f64 / modulus as f64;
    let x = Array2::from_shape_fn((60, 3), |(i, j)| match j {
        0 => number(7 * i, 31),
        1 => 5.0 + number(i * i, 17),
        _ => number(i * i * i + 3, 23) - 0.4,
    });
    let y = (0..60).map(|i| 1.5 * x[[i, 0]] - x[[i, 1]] + 4.5 + x[[i, 2]] * x[[i, 0]] + 0.5 * number(i * 11, 13));
    let y = y.map(kind.target).collect();
    (x, y)
}

fn bits(values: &Array1<f64>) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// Predictions for the rows that were learned from, finite if there are any.
fn attempt<R: Regressor>(
    model: &R,
    x: &Array2<f64>,
    y: &Array1<f64>,
    weights: Option<ArrayView1<'_, f64>>,
) -> Result<Array1<f64>, FitError> {
    let predicted = model.fit_weighted(x.view(), y.view(), weights)?.predict(x.view())?;
    assert_eq!(predicted.len(), x.nrows());
    assert!(predicted.iter().all(|value| value.is_finite()), "{} predicts {predicted}", R::NAME);
    Ok(predicted)
}

/// An error that names this row and this value.
fn names(error: &FitError, row: usize, bad: f64) -> bool {
    match error {
        FitError::NotFinite { position, value } => *position == row && value.to_bits() == bad.to_bits(),
        FitError::TooLarge { position, value, .. } => *position == row && value.to_bits() == bad.to_bits(),
        _ => false,
    }
}

fn bad_values_are_refused_with_their_row<R: Regressor>(model: &R, kind: Kind) {
    let (x, y) = data(kind);
    let ones = Array1::ones(60);
    let fitted = model.fit(x.view(), y.view()).unwrap();
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e200, -1e200, f64::MAX] {
        let (mut bad_x, mut bad_y, mut bad_weights) = (x.clone(), y.clone(), ones.clone());
        (bad_x[[17, 2]], bad_y[17], bad_weights[17]) = (bad, bad, bad);
        let refused = [
            ("y", attempt(model, &x, &bad_y, None).err()),
            ("weights", attempt(model, &x, &y, Some(bad_weights.view())).err()),
        ];
        for (place, error) in refused {
            assert!(error.as_ref().is_some_and(|error| names(error, 17, bad)), "{bad} in {place}: {error:?}");
        }
        if bad.is_nan() && kind.takes_missing {
            attempt(model, &bad_x, &y, None).unwrap();
            assert!(fitted.predict(bad_x.view()).unwrap().iter().all(|value| value.is_finite()));
        } else {
            for error in [attempt(model, &bad_x, &y, None).err(), fitted.predict(bad_x.view()).err()] {
                assert!(error.as_ref().is_some_and(|error| names(error, 17, bad)), "{bad} in x: {error:?}");
            }
        }
    }
}

fn shapes_that_do_not_fit_are_refused<R: Regressor>(model: &R, kind: Kind) {
    let (x, y) = data(kind);
    let cases = [
        (Array2::zeros((0, 3)), Array1::zeros(0)),
        (Array2::zeros((3, 0)), y.slice(s![..3]).to_owned()),
        (Array2::zeros((0, 0)), Array1::zeros(0)),
        (x.clone(), y.slice(s![..3]).to_owned()),
        (x.slice(s![..3, ..]).to_owned(), y.clone()),
    ];
    for (x, y) in &cases {
        let error = attempt(model, x, y, None).err();
        assert!(matches!(error, Some(FitError::Design { .. })), "{:?}: {error:?}", x.dim());
    }
    let fitted = model.fit(x.view(), y.view()).unwrap();
    assert!(matches!(fitted.predict(x.slice(s![.., ..2])), Err(FitError::Design { .. })));
    assert!(matches!(fitted.predict(Array2::zeros((2, 4)).view()), Err(FitError::Design { .. })));
    assert_eq!(fitted.predict(Array2::zeros((0, 3)).view()).unwrap().len(), 0);
    // How the columns lie in memory is not the model's business.
    let by_column = Array2::from_shape_fn((60, 3).f(), |place| x[place]);
    let other = model.fit(by_column.view(), y.view()).unwrap().predict(x.view()).unwrap();
    assert_relative_eq!(other, fitted.predict(by_column.view()).unwrap(), max_relative = 1e-9);
}

fn weights_that_cannot_be_are_refused<R: Regressor>(model: &R, kind: Kind) {
    let (x, y) = data(kind);
    let mut below = Array1::ones(60);
    below[5] = -0.5;
    for (weights, part) in [
        (Array1::zeros(60), "no row has a weight above 0"),
        (below, "weight -0.5 of row 5 is below 0"),
        (Array1::ones(59), "59 weights for 60 rows"),
        (Array1::zeros(0), "0 weights for 60 rows"),
    ] {
        let error = attempt(model, &x, &y, Some(weights.view())).unwrap_err();
        assert!(matches!(error, FitError::Design { .. }) && error.to_string().contains(part), "{error}");
    }
}

fn constant_and_repeated_columns_are_fine<R: Regressor>(model: &R, kind: Kind) {
    let (x, y) = data(kind);
    let constant = Array2::from_elem((60, 1), 3.5);
    let sum = (&x.column(0) - &(&x.column(1) * 2.0)).insert_axis(Axis(1));
    let wide = concatenate![Axis(1), x, constant, x.slice(s![.., ..1]), sum];
    attempt(model, &wide, &y, None).unwrap();
    let weights = Array1::from_iter((0..60).map(|i| f64::from(i % 4)));
    attempt(model, &wide, &y, Some(weights.view())).unwrap();
}

fn degenerate_data_give_finite_models_or_errors<R: Regressor>(model: &R, kind: Kind) {
    let (x, y) = data(kind);
    let ramp = Array1::from_iter((0..40).map(f64::from));
    let column = |f: &dyn Fn(f64) -> f64| ramp.mapv(f).insert_axis(Axis(1));
    let target = ramp.mapv(|t| (kind.target)(t / 40.0));
    let cases = [
        ("all columns constant", column(&|_| 1e6), target.clone()),
        ("fewer rows than columns", x.slice(s![..2, ..]).to_owned(), y.slice(s![..2]).to_owned()),
        ("as many rows as columns", x.slice(s![..3, ..]).to_owned(), y.slice(s![..3]).to_owned()),
        ("one row", array![[1.0]], array![(kind.target)(2.0)]),
        ("two equal rows", array![[1.0], [1.0]], array![(kind.target)(2.0), (kind.target)(2.0)]),
        ("largest columns", column(&|t| t / 40.0 * 1e100), target.clone()),
        ("largest", column(&|t| t / 40.0 * 1e100), ramp.mapv(|t| (kind.target)(t / 40.0 * 1e100))),
        ("smallest columns", column(&|t| t * 1e-200), target.clone()),
        ("smallest", column(&|t| t * 1e-200), ramp.mapv(|t| (kind.target)(t * 1e-200))),
        ("subnormal", column(&|t| t * 1e-320), target.clone()),
        ("far apart", column(&|t| if t < 20.0 { t } else { t * 1e90 }), target.clone()),
        ("far from 0", column(&|t| 1e15 + t), target.clone()),
    ];
    for (name, x, y) in &cases {
        // The helper checks that an answer is finite.
        if let Err(error) = attempt(model, x, y, None) {
            let told = matches!(
                error,
                FitError::Design { .. }
                    | FitError::NoConvergence { .. }
                    | FitError::Target { .. }
                    | FitError::Separated { .. }
            );
            assert!(told, "{name}: {error:?}");
        }
        for tiny in [1e-300, 1e99] {
            let weights = Array1::from_iter((0..y.len()).map(|i| if i % 2 == 0 { tiny } else { 1.0 }));
            let _ = attempt(model, x, y, Some(weights.view()));
        }
    }
}

fn a_constant_target_is_predicted<R: Regressor>(model: &R, kind: Kind) {
    let (x, _) = data(kind);
    let level = (kind.target)(0.75);
    let predicted = attempt(model, &x, &Array1::from_elem(60, level), None).unwrap();
    assert_relative_eq!(predicted, Array1::from_elem(60, level), max_relative = 1e-6);
}

fn refitting_gives_the_same_model<R: Regressor>(model: &R, kind: Kind)
where
    R::Fitted: PartialEq,
{
    let (x, y) = data(kind);
    assert!(model.fit(x.view(), y.view()).unwrap() == model.fit(x.view(), y.view()).unwrap());
}

fn what_is_loaded_predicts_the_same_to_the_last_bit<R: Regressor>(model: &R, kind: Kind)
where
    R::Fitted: Persist + PartialEq,
{
    let (x, y) = data(kind);
    let fitted = model.fit(x.view(), y.view()).unwrap();
    let bytes = fitted.to_bytes().unwrap();
    let expected = bits(&fitted.predict(x.view()).unwrap());
    for loaded in [R::Fitted::from_bytes(&bytes).unwrap(), R::Fitted::from_json(&fitted.to_json().unwrap()).unwrap()] {
        assert!(loaded == fitted);
        assert_eq!(bits(&loaded.predict(x.view()).unwrap()), expected);
    }
    for cut in (0..bytes.len()).step_by(11) {
        assert!(R::Fitted::from_bytes(&bytes[..cut]).is_err(), "cut at {cut}");
    }
}

fn the_number_of_threads_changes_nothing<R: Regressor>(model: &R, kind: Kind) {
    let (x, y) = data(kind);
    let weights = Array1::from_iter((0..60).map(|i| f64::from(1 + i % 3)));
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| bits(&attempt(model, &x, &y, Some(weights.view())).unwrap()))
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(8));
}

fn weights_count_rows<R: Regressor>(model: &R, kind: Kind) {
    let (x, y) = data(kind);
    let plain = model.fit(x.view(), y.view()).unwrap().predict(x.view()).unwrap();
    let alike = model.fit_weighted(x.view(), y.view(), Some(Array1::ones(60).view())).unwrap();
    assert_eq!(bits(&alike.predict(x.view()).unwrap()), bits(&plain), "weights of 1");
    // Rows of weight 0 are as if absent.
    let present = Array1::from_iter((0..60).map(|i| f64::from(u8::from(i % 5 != 0))));
    let places: Vec<usize> = (0..60).filter(|i| i % 5 != 0).collect();
    let without = model.fit(x.select(Axis(0), &places).view(), y.select(Axis(0), &places).view()).unwrap();
    let masked = model.fit_weighted(x.view(), y.view(), Some(present.view())).unwrap();
    assert_eq!(bits(&masked.predict(x.view()).unwrap()), bits(&without.predict(x.view()).unwrap()), "weights of 0");
    let Some(max_relative) = kind.repeats_to else { return };
    let weights = Array1::from_iter((0..60).map(|i| f64::from(i % 4)));
    let places: Vec<usize> = (0..60).flat_map(|i| std::iter::repeat_n(i, i % 4)).collect();
    let counted = model.fit(x.select(Axis(0), &places).view(), y.select(Axis(0), &places).view()).unwrap();
    let weighted = model.fit_weighted(x.view(), y.view(), Some(weights.view())).unwrap();
    let (counted, weighted) = (counted.predict(x.view()).unwrap(), weighted.predict(x.view()).unwrap());
    assert_relative_eq!(counted, weighted, max_relative = max_relative);
}

fn models_and_fits_may_cross_threads<R: Regressor + 'static>(_: &R)
where
    R::Fitted: 'static,
{
    fn crosses<T: Send + Sync + 'static>() {}
    crosses::<R>();
    crosses::<R::Fitted>();
}
