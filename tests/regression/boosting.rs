//! Histogram gradient boosting: LightGBM's and scikit-learn's trees where they must coincide, their accuracy elsewhere, and what it
//! makes of missing values, names, weights, limits and files that nothing wrote.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::HashMap;
use std::path::Path;

use approx::assert_relative_eq;
use credcast::error::PersistError;
use credcast::regression::{
    BoostingLoss, FittedHistogramBoosting, FittedRegressor, HistogramBoosting, HistogramBoostingParams, Regressor,
};
use credcast::{FitError, Persist};
use ndarray::{Array1, Array2, Axis, array, s};
use proptest::prelude::{ProptestConfig, any, prop_assert, proptest};

/// Columns of `tests/reference/<name>.csv` by their header.
fn reference(name: &str) -> HashMap<String, Array1<f64>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(name).with_extension("csv");
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_path(path).unwrap();
    let header: Vec<String> = reader.headers().unwrap().iter().map(Into::into).collect();
    let mut columns = vec![Vec::new(); header.len()];
    for row in reader.records() {
        columns.iter_mut().zip(row.unwrap().iter()).for_each(|(column, cell)| column.push(cell.parse().unwrap()));
    }
    header.into_iter().zip(columns.into_iter().map(Array1::from_vec)).collect()
}

/// Rows that the references learned from; the rest is for prediction.
const TRAIN: usize = 512;

struct Case {
    x: Array2<f64>,
    columns: HashMap<String, Array1<f64>>,
    found: HashMap<String, Array1<f64>>,
}

impl Case {
    fn new() -> Self {
        let columns = reference("boosting_data");
        let x = Array2::from_shape_fn((columns["y"].len(), 5), |(row, column)| columns[&format!("x{column}")][row]);
        Self { x, columns, found: reference("boosting") }
    }

    /// Predictions for all rows of a model of the first `n_columns` columns.
    fn predict(
        &self,
        model: HistogramBoostingParams,
        target: &str,
        n_columns: usize,
        weights: Option<&str>,
    ) -> Array1<f64> {
        let x = self.x.slice(s![.., ..n_columns]);
        let weights = weights.map(|name| self.columns[name].slice(s![..TRAIN]));
        let y = self.columns[target].slice(s![..TRAIN]);
        let fitted = model.build().unwrap().fit_weighted(x.slice(s![..TRAIN, ..]), y, weights).unwrap();
        fitted.predict(x).unwrap()
    }

    /// Mean loss of the rows that were learned from.
    fn loss(&self, target: &str, predicted: &Array1<f64>, loss: impl Fn(f64, f64) -> f64) -> f64 {
        (0..TRAIN).map(|row| loss(self.columns[target][row], predicted[row])).sum::<f64>() / TRAIN as f64
    }
}

/// The settings of the references.
fn params(n_trees: usize, learning_rate: f64) -> HistogramBoostingParams {
    HistogramBoosting::params().n_trees(n_trees).learning_rate(learning_rate).max_leaves(8)
}

#[test]
fn one_tree_is_that_of_lightgbm_and_of_scikit_learn() {
    let case = Case::new();
    let found = case.predict(params(1, 1.0), "y", 4, None);
    assert_relative_eq!(found, case.found["lgb_one"], max_relative = 1e-10);
    assert_relative_eq!(found, case.found["sk_one"], max_relative = 1e-10);
    let found = case.predict(params(1, 1.0).l2(5.0).max_depth(2), "y", 4, None);
    assert_relative_eq!(found, case.found["lgb_l2_depth"], max_relative = 1e-10);
}

#[test]
fn later_trees_differ_by_the_rounding_of_their_gradients_to_32_bits() {
    let case = Case::new();
    let found = case.predict(params(10, 0.1), "y", 4, None);
    assert_relative_eq!(found, case.found["lgb_ten"], max_relative = 1e-5);
    assert_relative_eq!(found, case.found["sk_ten"], max_relative = 1e-5);
}

#[test]
fn weights_names_and_monotone_columns_give_the_trees_of_lightgbm() {
    let case = Case::new();
    // The first gradients are not exact here.
    let found = case.predict(params(1, 1.0).min_leaf(1).min_hessian(40.0), "y", 4, Some("weight"));
    assert_relative_eq!(found, case.found["lgb_weights"], max_relative = 1e-5);
    let found = case.predict(params(1, 1.0).categorical(4).category_rows(20), "y", 5, None);
    assert_relative_eq!(found, case.found["lgb_category"], max_relative = 1e-10);
    let found = case.predict(params(10, 0.1).increasing(0).decreasing(3), "y", 4, None);
    assert_relative_eq!(found, case.found["lgb_increasing"], max_relative = 1e-5);
}

#[test]
fn counts_are_learned_as_well_as_by_lightgbm_and_scikit_learn() {
    let case = Case::new();
    let deviance = |y: f64, mean: f64| 2.0 * (mean - y + if y > 0.0 { y * (y / mean).ln() } else { 0.0 });
    // LightGBM estimates the rows of a leaf from second derivatives; trees are not the same.
    let found = case.predict(params(30, 0.1).loss(BoostingLoss::Poisson), "count", 4, None);
    let (ours, theirs) =
        (case.loss("count", &found, deviance), case.loss("count", &case.found["lgb_poisson"], deviance));
    assert!((ours / theirs - 1.0).abs() < 0.01, "{ours} {theirs}");
    // The steps of scikit-learn are twice as long: the same loss takes about twice the trees.
    let found = case.predict(params(60, 0.1).loss(BoostingLoss::Poisson), "count", 4, None);
    let (ours, theirs) =
        (case.loss("count", &found, deviance), case.loss("count", &case.found["sk_poisson"], deviance));
    assert!(ours <= theirs * 1.01, "{ours} {theirs}");
}

#[test]
fn quantiles_cover_their_share_as_well_as_those_of_the_references() {
    let case = Case::new();
    let found = case.predict(params(50, 0.1).loss(BoostingLoss::Quantile(0.8)), "y", 4, None);
    let covered = case.loss("y", &found, |y, predicted| f64::from(u8::from(y <= predicted)));
    assert!((covered - 0.8).abs() < 0.02, "{covered}");
    let pinball = |y: f64, predicted: f64| (0.8 * (y - predicted)).max(-0.2 * (y - predicted));
    for name in ["lgb_quantile", "sk_quantile"] {
        let (ours, theirs) = (case.loss("y", &found, pinball), case.loss("y", &case.found[name], pinball));
        assert!(ours <= theirs * 1.01, "{name}: {ours} {theirs}");
    }
}

/// Noise from a linear congruential generator (Knuth, MMIX).
fn noise(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Rows of three continuous columns with missing values, a column of names and a target that depends on all of them.
fn data(n_rows: usize, seed: u64) -> (Array2<f64>, Array1<f64>) {
    let mut uniform = noise(seed);
    let x = Array2::from_shape_fn((n_rows, 4), |(_, column)| match column {
        3 => (uniform() * 9.0).floor(),
        2 if uniform() < 0.1 => f64::NAN,
        _ => uniform(),
    });
    let target = |row: ndarray::ArrayView1<'_, f64>| {
        let missing = if row[2].is_nan() { 0.7 } else { row[2] * row[2] };
        row[0] + (6.0 * row[1]).sin() + missing + 0.3 * (row[3] * 2.5).sin()
    };
    let y = x.rows().into_iter().map(|row| target(row) + 0.1 * uniform()).collect();
    (x, y)
}

fn all_losses() -> [HistogramBoostingParams; 4] {
    let params = || HistogramBoosting::params().n_trees(15).categorical(3);
    let monotone = params().increasing(0).decreasing(2);
    [
        params(),
        params().loss(BoostingLoss::Quantile(0.3)),
        params().loss(BoostingLoss::Poisson).early_stopping(0.2, 5),
        monotone,
    ]
}

fn bits(values: &Array1<f64>) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let (x, y) = data(60_000, 1);
    let y = y.mapv(|v| v.max(0.0));
    let weights = Array1::from_iter((0..60_000).map(|i| 0.5 + f64::from(i % 7)));
    for model in all_losses() {
        let model = model.build().unwrap();
        for weights in [None, Some(weights.view())] {
            let run = |threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| {
                    let fitted = model.fit_weighted(x.view(), y.view(), weights).unwrap();
                    (bits(&fitted.predict(x.view()).unwrap()), fitted)
                })
            };
            let one = run(1);
            assert!(one == run(2) && one == run(8), "{model:?}");
        }
    }
}

#[test]
fn narrow_values_and_any_layout_give_the_same_model() {
    let (x, y) = data(3_000, 2);
    #[expect(clippy::cast_possible_truncation, reason = "rounding is wanted")]
    let narrow = x.mapv(|v| v as f32);
    let wide = narrow.mapv(f64::from);
    let columns = wide.t().to_owned();
    let model = HistogramBoosting::params().categorical(3).n_trees(20).build().unwrap();
    let fitted = model.fit(wide.view(), y.view()).unwrap();
    assert_eq!(model.fit_values(narrow.view(), y.view(), None).unwrap(), fitted);
    assert_eq!(model.fit(columns.t(), y.view()).unwrap(), fitted);
    let expected = bits(&fitted.predict(wide.view()).unwrap());
    assert_eq!(bits(&fitted.predict_values(narrow.view()).unwrap()), expected);
    // One row at a time, whichever rows came before.
    for row in [0, 17, 2_999] {
        let one = fitted.predict(wide.slice(s![row..=row, ..])).unwrap();
        assert_eq!(one[0].to_bits(), expected[row]);
    }
}

#[test]
fn missing_values_teach_their_side() {
    let x = Array2::from_shape_fn((400, 1), |(row, _)| if row % 4 == 0 { f64::NAN } else { (row % 9) as f64 });
    for level in [-5.0, 50.0] {
        let y: Array1<f64> = x.column(0).iter().map(|v| if v.is_nan() { level } else { *v }).collect();
        let model = HistogramBoosting::params().n_trees(1).learning_rate(1.0).build().unwrap();
        let fitted = model.fit(x.view(), y.view()).unwrap();
        let found = fitted.predict(array![[f64::NAN], [0.0], [8.0], [100.0], [-100.0]].view()).unwrap();
        assert_relative_eq!(found, array![level, 0.0, 8.0, 8.0, 0.0], epsilon = 1e-9);
    }
    // Never missing while learning: with the larger side.
    let x = Array2::from_shape_fn((100, 1), |(row, _)| f64::from(u8::from(row < 70)));
    let y = x.column(0).to_owned();
    let model = HistogramBoosting::params().n_trees(1).learning_rate(1.0).build().unwrap();
    assert_relative_eq!(model.fit(x.view(), y.view()).unwrap().predict(array![[f64::NAN]].view()).unwrap()[0], 1.0);
}

#[test]
fn names_are_parted_into_sets() {
    // Even names against odd ones: no edge parts them.
    let x = Array2::from_shape_fn((3_000, 1), |(row, _)| (row * 7 % 20) as f64 - 5.0);
    let y = x.column(0).mapv(|name| if name % 2.0 == 0.0 { 4.0 } else { -4.0 });
    let base = || HistogramBoosting::params().n_trees(1).learning_rate(1.0).max_leaves(2).category_l2(0.0);
    let fitted = base().categorical(0).build().unwrap().fit(x.view(), y.view()).unwrap();
    assert_relative_eq!(fitted.predict(x.view()).unwrap(), y, epsilon = 1e-9);
    let ordered = base().build().unwrap().fit(x.view(), y.view()).unwrap().predict(x.view()).unwrap();
    assert!((&ordered - &y).iter().any(|apart| apart.abs() > 1.0));
    // Names that were never seen go with the larger side and are no error.
    let unseen = fitted.predict(array![[0.5], [1e9], [f64::NAN]].view()).unwrap();
    assert!(unseen.iter().all(|value| (value.abs() - 4.0).abs() < 1e-9));
    // More names than bins: the rare ones share one.
    let many = Array2::from_shape_fn((3_000, 1), |(row, _)| (row * row % 1_009) as f64);
    let y = many.column(0).mapv(|name| (name * 0.1).sin());
    let model = base().categorical(0).category_rows(0).category_smoothing(0.0).min_leaf(1).build().unwrap();
    assert!(model.fit(many.view(), y.view()).unwrap().predict(many.view()).unwrap().iter().all(|v| v.is_finite()));
}

#[test]
fn the_loss_of_the_last_rows_decides_when_to_stop() {
    let (x, mut y) = data(2_000, 3);
    let model = |share| HistogramBoosting::params().n_trees(3_000).early_stopping(share, 10).build().unwrap();
    let fitted = model(0.25).fit(x.view(), y.view()).unwrap();
    let history = fitted.held_out_loss();
    let best = (0..history.len()).min_by(|&a, &b| history[a].total_cmp(&history[b])).unwrap();
    assert_eq!((fitted.n_trees(), history.len()), (best, best + 11));
    assert!(best > 10 && best < 2_900, "{best}");
    let apart = &fitted.predict(x.slice(s![1_500.., ..])).unwrap() - &y.slice(s![1_500..]);
    assert_relative_eq!(0.5 * apart.mapv(|v| v * v).mean().unwrap(), history[best], max_relative = 1e-9);
    // What the tail says changes the number of trees and nothing else.
    let mut uniform = noise(9);
    y.slice_mut(s![1_500..]).mapv_inplace(|_| uniform() * 1e3);
    let other = model(0.25).fit(x.view(), y.view()).unwrap();
    let n = other.n_trees();
    assert!(n < best);
    let plain = HistogramBoosting::params().n_trees(n.max(1)).build().unwrap();
    let plain = plain.fit(x.slice(s![..1_500, ..]), y.slice(s![..1_500])).unwrap();
    if n > 0 {
        assert_eq!(bits(&plain.predict(x.view()).unwrap()), bits(&other.predict(x.view()).unwrap()));
    }
    assert!(model(0.999).fit(x.view(), y.view()).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn monotone_columns_are_monotone(seed in any::<u64>(), loss in 0..3_usize, weighted in any::<bool>()) {
        let (x, y) = data(400, seed);
        let mut uniform = noise(!seed);
        // Against the data as often as with it.
        let y = y.mapv(|v| (v * (1.0 + 4.0 * uniform())).max(0.0) + uniform());
        let weights: Array1<f64> = (0..400).map(|_| 0.1 + uniform()).collect();
        let loss = [BoostingLoss::Squared, BoostingLoss::Quantile(0.7), BoostingLoss::Poisson][loss];
        let model = HistogramBoosting::params().loss(loss).n_trees(20).min_leaf(5).increasing(0).decreasing(1).categorical(3);
        let fitted = model.build().unwrap().fit_weighted(x.view(), y.view(), weighted.then_some(weights.view())).unwrap();
        for row in 0..20 {
            for (column, sign) in [(0, 1.0), (1, -1.0)] {
                let mut path = x.slice(s![row..=row, ..]).to_owned();
                let mut last = f64::NEG_INFINITY;
                for step in -1..22 {
                    path[[0, column]] = f64::from(step) / 20.0;
                    let value = sign * fitted.predict(path.view()).unwrap()[0];
                    prop_assert!(value >= last - 1e-12 * value.abs(), "column {column}: {value} after {last}");
                    last = value;
                }
            }
        }
    }

    #[test]
    fn any_finite_or_missing_values_give_a_finite_model(
        rows in proptest::collection::vec((any::<f32>(), any::<f32>(), -1e3..1e3_f64, 0..4_u8), 1..60),
        loss in 0..3_usize,
        stops in any::<bool>(),
    ) {
        let clean = |v: f32| if v.is_infinite() { f64::NAN } else { f64::from(v) };
        let x = Array2::from_shape_fn((rows.len(), 2), |(row, column)| clean(if column == 0 { rows[row].0 } else { rows[row].1 }));
        let y: Array1<f64> = rows.iter().map(|row| if loss == 2 { row.2.abs() } else { row.2 }).collect();
        let weights: Array1<f64> = rows.iter().map(|row| f64::from(row.3)).collect();
        let loss = [BoostingLoss::Squared, BoostingLoss::Quantile(0.1), BoostingLoss::Poisson][loss];
        let mut model = HistogramBoosting::params().loss(loss).n_trees(5).min_leaf(1).categorical(1);
        if stops {
            model = model.early_stopping(0.3, 2);
        }
        if let Ok(fitted) = model.build().unwrap().fit_weighted(x.view(), y.view(), Some(weights.view())) {
            prop_assert!(fitted.predict(x.view()).unwrap().iter().all(|value| value.is_finite()));
            prop_assert!(FittedHistogramBoosting::from_bytes(&fitted.to_bytes().unwrap()).unwrap() == fitted);
        } else {
            prop_assert!(weights.iter().all(|weight| *weight == 0.0) || loss == BoostingLoss::Poisson);
        }
    }
}

#[test]
fn bad_input_is_refused_or_answered() {
    let (x, y) = data(100, 5);
    let fit = |x: &Array2<f64>, y: &Array1<f64>| HistogramBoosting::default().fit(x.view(), y.view());
    let finite = |x: &Array2<f64>, y: &Array1<f64>| {
        assert!(fit(x, y).unwrap().predict(x.view()).unwrap().iter().all(|value| value.is_finite()));
    };
    // No value at all: the mean.
    let nothing = Array2::from_elem((100, 3), f64::NAN);
    assert_relative_eq!(
        fit(&nothing, &y).unwrap().predict(nothing.view()).unwrap()[0],
        y.mean().unwrap(),
        max_relative = 1e-12
    );
    let mut one_missing = x.clone();
    one_missing.column_mut(0).fill(f64::NAN);
    finite(&one_missing, &y);
    // A constant target keeps its value; constant and repeated columns say nothing.
    assert_eq!(fit(&x, &Array1::from_elem(100, 0.1)).unwrap().predict(x.view()).unwrap(), Array1::from_elem(100, 0.1));
    finite(&Array2::from_elem((100, 2), 7.0), &y);
    finite(&ndarray::concatenate![Axis(1), x, x], &y);
    finite(&x.slice(s![..2, ..]).to_owned(), &y.slice(s![..2]).to_owned());
    finite(&x.slice(s![..1, ..]).to_owned(), &y.slice(s![..1]).to_owned());
    finite(&x, &y.mapv(|v| v * 1e99));
    finite(&x, &y.mapv(|v| v * 1e-300));
    // A target far out does not blind it for the others.
    let mut far = y.clone();
    far[3] = 1e9;
    finite(&x, &far);
    for bad in [f64::INFINITY, f64::NEG_INFINITY, 1e300] {
        let mut wrong = x.clone();
        (wrong[[40, 1]], wrong[[30, 2]]) = (bad, bad);
        let at_30 = |error| match error {
            FitError::NotFinite { position, .. } | FitError::TooLarge { position, .. } => position == 30,
            _ => false,
        };
        assert!(at_30(fit(&wrong, &y).unwrap_err()));
        assert!(at_30(fit(&x, &y).unwrap().predict(wrong.view()).unwrap_err()));
    }
    let poisson = HistogramBoosting::params().loss(BoostingLoss::Poisson).build().unwrap();
    let below = y.mapv(|v| v - 10.0);
    assert!(matches!(poisson.fit(x.view(), below.view()), Err(FitError::Target { position: 0, .. })));
    assert!(matches!(poisson.fit(x.view(), Array1::zeros(100).view()), Err(FitError::Design { .. })));
    for model in [HistogramBoosting::params().categorical(4), HistogramBoosting::params().increasing(9)] {
        assert!(matches!(model.build().unwrap().fit(x.view(), y.view()), Err(FitError::Design { .. })));
    }
}

#[test]
fn settings_outside_their_range_are_refused() {
    let params = HistogramBoosting::params;
    let refused = [
        (params().n_trees(0), "n_trees"),
        (params().learning_rate(0.0), "learning_rate"),
        (params().learning_rate(1.1), "learning_rate"),
        (params().learning_rate(f64::NAN), "learning_rate"),
        (params().max_leaves(1), "max_leaves"),
        (params().max_leaves(4_097), "max_leaves"),
        (params().max_depth(0), "max_depth"),
        (params().min_leaf(0), "min_leaf"),
        (params().min_hessian(-1.0), "min_hessian"),
        (params().l2(f64::INFINITY), "l2"),
        (params().l2(f64::NAN), "l2"),
        (params().max_bins(1), "max_bins"),
        (params().max_bins(256), "max_bins"),
        (params().loss(BoostingLoss::Quantile(0.0)), "loss"),
        (params().loss(BoostingLoss::Quantile(f64::NAN)), "loss"),
        (params().early_stopping(0.0, 5), "early_stopping"),
        (params().early_stopping(1.0, 5), "early_stopping"),
        (params().early_stopping(0.2, 0), "early_stopping"),
        (params().category_limit(0), "category_limit"),
        (params().category_smoothing(-0.1), "category_smoothing"),
        (params().category_l2(f64::NAN), "category_l2"),
        (params().increasing(2).decreasing(2), "increasing"),
        (params().increasing(2).categorical(2), "categorical"),
    ];
    for (params, name) in refused {
        assert_eq!(params.build().unwrap_err().name, name);
    }
    assert_eq!(params().build().unwrap(), HistogramBoosting::default());
    assert!(params().max_leaves(2).max_bins(2).learning_rate(1.0).l2(0.0).build().is_ok());
}

#[test]
fn what_is_loaded_predicts_the_same_and_nothing_else_is_loaded() {
    let (x, y) = data(2_000, 7);
    let y = y.mapv(|v| v.max(0.0));
    for model in all_losses() {
        let fitted = model.build().unwrap().fit(x.view(), y.view()).unwrap();
        let expected = bits(&fitted.predict(x.view()).unwrap());
        let json = fitted.to_json().unwrap();
        let loaded = [
            FittedHistogramBoosting::from_bytes(&fitted.to_bytes().unwrap()).unwrap(),
            FittedHistogramBoosting::from_json(&json).unwrap(),
        ];
        for loaded in loaded {
            assert_eq!(loaded, fitted);
            assert_eq!(bits(&loaded.predict(x.view()).unwrap()), expected);
        }
        // The same envelope with a check sum that fits, as another program might write it.
        for (from, to) in [
            ("\"left\":1}", "\"left\":0}"),
            ("\"left\":1}", "\"left\":2}"),
            ("\"left\":3}", "\"left\":1}"),
            ("\"left\":3}", "\"left\":999999}"),
            ("\"column\":1,", "\"column\":4000000000,"),
            ("\"column\":1,", "\"column\":3,"),
            ("\"column\":3,\"side\":{\"set\"", "\"column\":0,\"side\":{\"set\""),
            ("\"first\":0", "\"first\":7"),
            ("\"cover\":", "\"cover\":-"),
            ("\"cover\":", "\"cover\":1"),
            ("\"leaf\":", "\"leaf\":1e400,\"was\":"),
            ("\"start\":", "\"start\":1e400,\"was\":"),
            ("\"edges\":[", "\"edges\":[1e99,"),
            ("\"values\":[0.0", "\"values\":[9.0"),
            ("\"trees\":[", "\"trees\":[{\"nodes\":[]},"),
            ("\"columns\":[", "\"columns\":[],\"was\":["),
        ] {
            let refused = FittedHistogramBoosting::from_json(&rewrite(&json, from, to));
            assert!(
                matches!(refused, Err(PersistError::Invalid { .. } | PersistError::Damaged { .. })),
                "{from} to {to}: {:?}",
                refused.map(|model| model.n_trees())
            );
        }
    }
}

fn rewrite(json: &str, from: &str, to: &str) -> String {
    let body = json.find("\"body\":").unwrap() + "\"body\":".len();
    let altered = json[body..json.len() - 1].replacen(from, to, 1);
    assert_ne!(altered, json[body..json.len() - 1], "{from}");
    let mut crc = flate2::Crc::new();
    crc.update(altered.as_bytes());
    let start = json.find("\"crc32\":").unwrap();
    format!("{}\"crc32\":{},\"body\":{altered}}}", &json[..start], crc.sum())
}
