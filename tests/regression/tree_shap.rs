//! Contributions of columns to the predictions of trees: LightGBM's values, and sums that are the predictions.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::path::Path;

use approx::assert_relative_eq;
use credcast::regression::{
    BoostingLoss, ExtraTrees, FittedRegressor, HistogramBoosting, RandomForest, Regressor, ShapValues,
};
use credcast::{FitError, Persist};
use ndarray::{Array1, Array2, Axis, s};
use proptest::prelude::{ProptestConfig, any, prop_assert, proptest};

fn reference(name: &str) -> Array2<f64> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(name).with_extension("csv");
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_path(path).unwrap();
    let width = reader.headers().unwrap().len();
    let cells: Vec<f64> = reader
        .records()
        .flat_map(|row| row.unwrap().iter().map(|cell| cell.parse().unwrap()).collect::<Vec<f64>>())
        .collect();
    Array2::from_shape_vec((cells.len() / width, width), cells).unwrap()
}

/// Contributions and base side by side, as LightGBM's `pred_contrib` gives them.
fn table(found: &ShapValues) -> Array2<f64> {
    let base = Array2::from_elem((found.values().nrows(), 1), found.base());
    ndarray::concatenate![Axis(1), found.values().view(), base]
}

#[test]
fn contributions_are_those_of_lightgbm() {
    let (data, expected) = (reference("boosting_data"), reference("boosting_shap"));
    let x = data.slice(s![.., ..4]);
    let model =
        |n_trees, rate| HistogramBoosting::params().n_trees(n_trees).learning_rate(rate).max_leaves(8).build().unwrap();
    let fit = |n_trees, rate| model(n_trees, rate).fit(x.slice(s![..512, ..]), data.slice(s![..512, 5])).unwrap();
    let one = table(&fit(1, 1.0).shap(x.slice(s![..;4, ..])).unwrap());
    assert_relative_eq!(one, expected.slice(s![.., ..5]), epsilon = 1e-10, max_relative = 1e-10);
    // Later gradients are rounded to 32 bits there.
    let ten = table(&fit(10, 0.1).shap(x.slice(s![..;4, ..])).unwrap());
    assert_relative_eq!(ten, expected.slice(s![.., 5..]), epsilon = 1e-6, max_relative = 1e-5);
}

fn data(n_rows: usize, seed: u64) -> (Array2<f64>, Array1<f64>) {
    let mut state = seed;
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let x = Array2::from_shape_fn(
        (n_rows, 5),
        |(_, column)| if column == 4 { (uniform() * 8.0).floor() } else { uniform() },
    );
    let y =
        x.rows().into_iter().map(|row| row[0] * row[1] + (5.0 * row[2]).sin() + (row[4] * 3.0).cos() + 2.0).collect();
    (x, y)
}

fn sums_are(found: &ShapValues, predicted: &Array1<f64>) {
    let sums = found.values().sum_axis(Axis(1)) + found.base();
    assert_relative_eq!(sums, predicted, epsilon = 1e-9, max_relative = 1e-9);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn contributions_and_base_sum_to_the_prediction(seed in any::<u64>(), poisson in any::<bool>(), weighted in any::<bool>()) {
        let (mut x, y) = data(300, seed);
        let forest = RandomForest::params().n_trees(5).seed(seed).build().unwrap().fit(x.view(), y.view()).unwrap();
        sums_are(&forest.shap(x.view()).unwrap(), &forest.predict(x.view()).unwrap());
        let forest = ExtraTrees::params().n_trees(5).seed(seed).build().unwrap().fit(x.view(), y.view()).unwrap();
        sums_are(&forest.shap(x.view()).unwrap(), &forest.predict(x.view()).unwrap());
        x.column_mut(3).iter_mut().step_by(7).for_each(|v| *v = f64::NAN);
        let loss = if poisson { BoostingLoss::Poisson } else { BoostingLoss::Squared };
        let model = HistogramBoosting::params().loss(loss).n_trees(15).min_leaf(4).categorical(4).category_rows(5).build().unwrap();
        let weights = Array1::from_iter((0..300).map(|row| f64::from(row % 3)));
        let fitted = model.fit_weighted(x.view(), y.view(), weighted.then_some(weights.view())).unwrap();
        let found = fitted.shap(x.view()).unwrap();
        let predicted = fitted.predict(x.view()).unwrap();
        sums_are(&found, &if poisson { predicted.mapv(f64::ln) } else { predicted });
        // Rows weighed as they were learned: the base is their mean.
        let share = weights.sum();
        let weights = if weighted { weights / share } else { Array1::from_elem(300, 1.0 / 300.0) };
        let mean = (&weights * &found.values().sum_axis(Axis(1))).sum();
        prop_assert!(mean.abs() < 1e-9, "{mean}");
    }
}

#[test]
fn the_number_of_threads_changes_no_contribution() {
    let (x, y) = data(500, 3);
    let fitted = HistogramBoosting::params().n_trees(10).build().unwrap().fit(x.view(), y.view()).unwrap();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| fitted.shap(x.view()).unwrap())
    };
    assert!(run(1) == run(2) && run(1) == run(8));
}

#[test]
fn what_cannot_be_explained_is_refused() {
    let (x, y) = data(100, 4);
    let fitted = HistogramBoosting::default().fit(x.view(), y.view()).unwrap();
    assert!(matches!(fitted.shap(x.slice(s![.., ..2])), Err(FitError::Design { .. })));
    assert_eq!(fitted.shap(x.slice(s![..0, ..])).unwrap().values().dim(), (0, 5));
    let mut bad = x.clone();
    bad[[7, 1]] = f64::INFINITY;
    assert!(matches!(fitted.shap(bad.view()), Err(FitError::NotFinite { position: 7, .. })));
    // A forest whose file did not count rows: format 1, whose nodes stand bare.
    let forest = RandomForest::params().n_trees(2).build().unwrap().fit(x.view(), y.view()).unwrap();
    assert!(forest.shap(bad.view()).is_err());
    let json = forest.to_json().unwrap();
    let body = json.find("\"body\":").unwrap() + "\"body\":".len();
    let mut content: serde_json::Value = serde_json::from_str(&json[body..json.len() - 1]).unwrap();
    for tree in content["trees"].as_array_mut().unwrap() {
        for node in tree["nodes"].as_array_mut().unwrap() {
            let old = node.as_object_mut().unwrap();
            if let Some(leaf) = old.remove("CountedLeaf") {
                old.insert("Leaf".into(), leaf["value"].clone());
            }
            if let Some(mut split) = old.remove("CountedSplit") {
                split.as_object_mut().unwrap().remove("cover");
                old.insert("Split".into(), split);
            }
        }
    }
    let content = content.to_string();
    let mut crc = flate2::Crc::new();
    crc.update(content.as_bytes());
    let old = format!(
        "{{\"kind\":\"random_forest\",\"format\":1,\"written_by\":\"0.1.0\",\"crc32\":{},\"body\":{content}}}",
        crc.sum()
    );
    let old = credcast::regression::FittedRandomForest::from_json(&old).unwrap();
    assert_eq!(old.predict(x.view()).unwrap(), forest.predict(x.view()).unwrap());
    let error = old.shap(x.view()).unwrap_err().to_string();
    assert!(error.contains("format 2"), "{error}");
}
