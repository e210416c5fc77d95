//! Permutation importance against scikit-learn, and what must hold for any regression.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use credcast::forecast::OnFeatures;
use credcast::prelude::*;
use credcast::regression::{
    ColumnGroup, FittedOls, Importance, Ols, PermutationImportance, RandomForest, Regressor, column_groups,
};
use ndarray::{Array1, Array2, s};

/// The data of tests/reference/importance.py: the regression of its first half, and its second half.
fn data() -> (FittedOls, Array2<f64>, Array1<f64>) {
    let number = |n: u64, modulus: u64, unit: f64| (n % modulus) as f64 / unit;
    let x = Array2::from_shape_fn((240, 3), |(i, column)| {
        let i = i as u64;
        [number(7 * i, 61, 10.0), number(i * i, 47, 5.0), number(11 * i, 23, 3.0)][column]
    });
    let noise = |i: usize| (((i as u64).pow(3) % 101) as f64 - 50.0) / 20.0;
    let y: Array1<f64> = (0..240).map(|i| 2.0 * x[[i, 0]] - x[[i, 1]] + noise(i)).collect();
    let fitted = Ols.fit(x.slice(s![..120, ..]), y.slice(s![..120])).unwrap();
    (fitted, x.slice(s![120.., ..]).to_owned(), y.slice(s![120..]).to_owned())
}

fn alone(n: usize) -> Vec<ColumnGroup> {
    column_groups(&(0..n).map(|column| format!("x{column}")).collect::<Vec<_>>())
}

fn bits(found: &[Importance]) -> Vec<[u64; 3]> {
    found.iter().map(|i| [i.mae.to_bits(), i.increase.to_bits(), i.std.to_bits()]).collect()
}

#[test]
fn importance_agrees_with_scikit_learn_within_what_chance_allows() {
    let (fitted, x, y) = data();
    let ours = PermutationImportance::params(400, 7).unwrap().of(&fitted, x.view(), y.view(), &alone(3)).unwrap();
    let lines = include_str!("../reference/importance.csv").lines().skip(2);
    for (ours, line) in ours.iter().zip(lines) {
        let [name, mae, increase, std, n] = line.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let [mae, increase, std, n] = [mae, increase, std, n].map(|cell| cell.parse::<f64>().unwrap());
        assert_eq!(ours.name, name);
        assert!((ours.mae - mae).abs() < 1e-10, "{ours:?} {line}");
        // Two means of n permutations each: four of their joint standard errors.
        let error = ((std.powi(2) + ours.std.powi(2)) / n).sqrt();
        assert!((ours.increase - increase).abs() < 4.0 * error, "{ours:?} {line}");
        assert!((ours.std / std - 1.0).abs() < 0.2, "{ours:?} {line}");
    }
}

#[test]
fn the_same_seed_gives_the_same_bits_on_any_number_of_threads() {
    let (fitted, x, y) = data();
    let run = |threads, seed| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let settings = PermutationImportance::params(9, seed).unwrap();
        bits(&pool.install(|| settings.of(&fitted, x.view(), y.view(), &alone(3))).unwrap())
    };
    assert_eq!(run(1, 3), run(2, 3));
    assert_eq!(run(1, 3), run(8, 3));
    assert_ne!(run(1, 3), run(1, 4));
}

#[test]
fn columns_that_a_regression_does_not_use_have_no_importance() {
    let (_, x, y) = data();
    let constant = Array2::from_shape_fn((120, 2), |(i, column)| if column == 0 { x[[i, 0]] } else { 3.0 });
    let fitted = RandomForest::params().n_trees(5).build().unwrap().fit(constant.view(), y.view()).unwrap();
    let found = PermutationImportance::default().of(&fitted, constant.view(), y.view(), &alone(2)).unwrap();
    assert!(found[0].increase > 0.0 && found[1].increase == 0.0 && found[1].std == 0.0, "{found:?}");
}

#[test]
fn codes_of_one_category_and_terms_of_one_season_are_permuted_together() {
    let names = [
        "month_1",
        "y_lag_1",
        "month_12",
        "fourier_12_sin_1",
        "fourier_12_cos_1",
        "fourier_52.18_cos_1",
        "region_is_TX",
        "region_is_US",
        "month_sales_lag_1",
    ];
    let groups = column_groups(&names.map(str::to_owned));
    let told: Vec<(&str, &[usize])> = groups.iter().map(|group| (group.name.as_str(), &group.columns[..])).collect();
    let expected: [(&str, &[usize]); 6] = [
        ("month", &[0, 2]),
        ("y_lag_1", &[1]),
        ("fourier_12", &[3, 4]),
        ("fourier_52.18", &[5]),
        ("region", &[6, 7]),
        ("month_sales_lag_1", &[8]),
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_cannot_be_measured_is_refused() {
    let (fitted, x, y) = data();
    let settings = PermutationImportance::default();
    assert!(PermutationImportance::params(0, 1).is_err() && PermutationImportance::params(1001, 1).is_err());
    assert!(settings.of(&fitted, x.slice(s![..0, ..]), y.slice(s![..0]), &alone(3)).is_err());
    assert!(settings.of(&fitted, x.view(), y.slice(s![..5]), &alone(3)).is_err());
    assert!(settings.of(&fitted, x.view(), y.view(), &alone(4)).is_err());
    let none = ColumnGroup { name: "none".into(), columns: Vec::new() };
    assert!(settings.of(&fitted, x.view(), y.view(), &[none]).is_err());
    assert!(settings.of(&fitted, x.view(), y.mapv(|_| f64::NAN).view(), &alone(3)).is_err());
}

#[test]
fn a_forecaster_finds_the_lag_that_makes_the_series() {
    let start = Period::month(2010, 1).unwrap();
    // Each change is minus half of the change three periods before, and a shock.
    let series = (0..8_u64).map(|index| {
        let mut y = vec![100.0, 103.0, 101.0, 104.0];
        for t in 4..120_u64 {
            let shock = ((t * t * (index + 3) + index) % 29) as f64 / 29.0 - 0.5;
            let n = y.len();
            y.push(y[n - 1] - 0.8 * (y[n - 3] - y[n - 4]) + shock);
        }
        (SeriesKey::national(format!("s{index}")), start, y)
    });
    let panel = Panel::from_series("y", series).unwrap();
    let model = OnFeatures::new(Ols).features(["rolling:std:6"]).unwrap();
    let found = model.importance(&panel, PermutationImportance::default()).unwrap();
    assert_eq!(found[0].name, "target_lag_3", "{found:?}");
    assert!(found[0].increase > 5.0 * found[1].increase.abs(), "{found:?}");
    assert!(found.iter().any(|one| one.name == "target_lag_1_rolling_std_6"));
    let short = Panel::from_series("y", [(SeriesKey::national("a"), start, vec![1.0, 2.0])]).unwrap();
    assert!(model.importance(&short, PermutationImportance::default()).is_err());
}
