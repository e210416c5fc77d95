//! One regression for each step: against scikit-learn, against recursion where both are the same, and rows with missing lags.

#![allow(clippy::unwrap_used, clippy::float_cmp, reason = "helpers of tests may do what tests may")]

use std::collections::BTreeMap;
use std::io::Read;
use std::num::NonZeroUsize;

use credcast::forecast::{FittedDirectOnFeatures, FittedOnFeatures, Forecast, OnFeatures, TargetForm, TrainingRows};
use credcast::prelude::*;
use credcast::regression::{
    FittedHistogramBoosting, FittedOls, FittedRidge, HistogramBoosting, Ols, RandomForest, Regressor, Ridge,
};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn steps(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

fn points(forecast: &Forecast, index: usize) -> Vec<f64> {
    forecast.path(index).iter().map(Predictive::point).collect()
}

/// `n` monthly series of up to `length` values: a season, and an echo of the last change that all series share. Series i begins
/// `ragged * i` months late.
fn panel(n: usize, length: usize, ragged: usize) -> Panel {
    let series = (0..n).map(|i| {
        let size = 20.0 * (i + 1) as f64;
        let noise = |t: usize| ((t * 7919 + i * 104_729) % 1000) as f64 / 1000.0 - 0.5;
        let (mut level, mut change) = (size, 0.0);
        let y = (0..length - ragged * i).map(|t| {
            change = 0.6 * change + 0.1 * size * noise(t);
            level += change;
            level + 0.2 * size * (t as f64 * std::f64::consts::TAU / 12.0).sin()
        });
        let start = Period::month(2015, 1).unwrap().plus(i32::try_from(ragged * i).unwrap());
        (SeriesKey::national(format!("s{i:03}")), start, y.collect())
    });
    Panel::from_series("y", series).unwrap()
}

fn boosting() -> HistogramBoosting {
    HistogramBoosting::params().n_trees(5).max_leaves(7).min_leaf(5).build().unwrap()
}

/// The last 120 values of series of the bundled employment data.
fn employment(names: &[&str]) -> Panel {
    let file = std::fs::File::open(format!("{ROOT}/datasets/us-employment/employment.csv.gz")).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let mut all: BTreeMap<&str, (Period, Vec<f64>)> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let [name, date, value] = line.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
        if names.contains(&name) {
            let (year, month) = date.split_once('-').unwrap();
            let start = Period::month(year.parse().unwrap(), month.parse().unwrap()).unwrap();
            all.entry(name).or_insert((start, Vec::new())).1.push(value.parse().unwrap());
        }
    }
    let last = all.into_iter().map(|(name, (start, y))| {
        let skipped = y.len() - 120;
        (SeriesKey::national(name), start.plus(i32::try_from(skipped).unwrap()), y[skipped..].to_vec())
    });
    Panel::from_series("y", last).unwrap()
}

#[test]
fn a_regression_for_each_step_agrees_with_scikit_learn_on_real_series() {
    let mut expected: BTreeMap<(&str, &str), Vec<f64>> = BTreeMap::new();
    for line in include_str!("../reference/on_features.csv").lines().skip(2) {
        let [model, name, step, point] = line.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let path = expected.entry((model, name)).or_default();
        path.push(point.parse().unwrap());
        assert_eq!(path.len(), step.parse::<usize>().unwrap());
    }
    let names: Vec<&str> = expected.keys().filter(|(model, _)| *model == "ols").map(|(_, name)| *name).collect();
    assert!(names.len() >= 20);
    let panel = employment(&names);
    let ridge = Ridge::params().penalty(5.0).build().unwrap();
    let runs = [
        ("ols", OnFeatures::new(Ols).drift(true).direct().fit(&panel).unwrap().forecast(steps(18)).unwrap()),
        ("ridge", OnFeatures::new(ridge).direct().fit(&panel).unwrap().forecast(steps(18)).unwrap()),
    ];
    for (model, forecast) in runs {
        assert!(forecast.fallbacks().is_empty());
        for (index, key) in forecast.keys().iter().enumerate() {
            // The file has ten digits.
            for (ours, theirs) in points(&forecast, index).iter().zip(&expected[&(model, key.item())]) {
                approx::assert_relative_eq!(ours, theirs, max_relative = 1e-8);
            }
        }
    }
}

#[test]
fn the_first_step_is_that_of_recursion_to_the_bit() {
    fn same<R: Regressor<Fitted: Clone> + Clone>(regressor: &R) {
        for form in [TargetForm::Difference, TargetForm::Level, TargetForm::LogDifference] {
            let model = || OnFeatures::new(regressor.clone()).form(form).features(["rolling:mean,std:3"]).unwrap();
            let panel = panel(8, 60, 1);
            let recursive = model().fit(&panel).unwrap().forecast(steps(7)).unwrap();
            let direct = model().direct().horizon(steps(5)).fit(&panel).unwrap().forecast(steps(7)).unwrap();
            for index in 0..8 {
                assert_eq!(direct.path(index)[0], recursive.path(index)[0]);
                assert_ne!(direct.path(index)[3], recursive.path(index)[3]);
            }
            // One regression, and its forecasts as history: that is recursion.
            let one = model().direct().horizon(steps(1)).fit(&panel).unwrap();
            assert_eq!(one.forecast(steps(7)).unwrap(), recursive);
        }
    }
    same(&Ols);
    same(&Ridge::params().build().unwrap());
    same(&boosting());
}

#[test]
fn a_process_that_is_exactly_linear_is_recovered() {
    // Waves of seven months: each change is 2 cos(w) times the last one less the one before.
    let wave = |i: usize, t: usize| {
        let phase = (t as f64 + 0.7 * i as f64) * std::f64::consts::TAU / 7.0;
        (3.0 + i as f64) * phase.sin() + 40.0
    };
    let start = Period::month(2015, 1).unwrap();
    let series = (0..6).map(|i| (SeriesKey::national(format!("s{i}")), start, (0..70).map(|t| wave(i, t)).collect()));
    let panel = Panel::from_series("y", series).unwrap();
    fn forecasts<R: Regressor<Fitted: Clone> + Clone>(regressor: &R, panel: &Panel) -> [Forecast; 2] {
        let model = || OnFeatures::new(regressor.clone()).lags([1, 2]).unwrap().calendar(false);
        let direct = model().direct().horizon(steps(10)).fit(panel).unwrap();
        [model().fit(panel).unwrap().forecast(steps(24)).unwrap(), direct.forecast(steps(24)).unwrap()]
    }
    let ridge = Ridge::params().penalty(1e-9).build().unwrap();
    for forecast in forecasts(&Ols, &panel).iter().chain(&forecasts(&ridge, &panel)) {
        for i in 0..6 {
            for (step, point) in points(forecast, i).iter().enumerate() {
                approx::assert_abs_diff_eq!(*point, wave(i, 70 + step), epsilon = 1e-6);
            }
        }
    }
}

#[test]
fn the_month_is_that_of_the_period_that_is_forecast() {
    // Changes that depend on the month alone, and not on the month before.
    let season = |month: usize| ((month * 7 + 3) % 12) as f64 - 5.5;
    let start = Period::month(2015, 1).unwrap();
    let series = (0..5).map(|i| {
        let mut level = 100.0;
        let y = (0..73).map(|t| {
            level += season(t % 12) * (1 + i) as f64;
            level
        });
        (SeriesKey::national(format!("s{i}")), start, y.collect())
    });
    let panel = Panel::from_series("y", series).unwrap();
    let forecast = OnFeatures::new(Ols).lags([1]).unwrap().direct().fit(&panel).unwrap().forecast(steps(12)).unwrap();
    for i in 0..5 {
        let mut level = panel.series(i).values(0)[72];
        for (step, point) in points(&forecast, i).iter().enumerate() {
            level += season((73 + step) % 12) * (1 + i) as f64;
            approx::assert_abs_diff_eq!(*point, level, epsilon = 1e-6);
        }
    }
}

#[test]
fn a_feature_of_the_period_to_forecast_is_refused_by_name() {
    let panel = panel(6, 60, 0);
    for (form, column) in [
        ("known:target", "target"),
        ("missing:0,1", "target_lag_0_missing"),
        ("by_date:all:mean lag 0", "target_all_mean"),
        ("by_date:all:rank lag 0", "target_all_rank"),
        ("rolling:mean:3 lag 0", "target_rolling_mean_3"),
    ] {
        let model = OnFeatures::new(boosting()).features([form]).unwrap();
        let errors = [model.fit(&panel).unwrap_err(), model.direct().fit(&panel).unwrap_err()];
        for error in errors.map(|error| error.to_string()) {
            assert!(error.contains(column) && error.contains("looks at the value to forecast"), "{form}: {error}");
        }
    }
    let all = ["fourier:12,2", "trend:training", "difference:12", "by_date:all:mean", "category:item:one_hot"];
    for form in all {
        let fitted =
            OnFeatures::new(boosting()).features([form]).unwrap().direct().horizon(steps(3)).fit(&panel).unwrap();
        assert!(fitted.forecast(steps(7)).unwrap().fallbacks().is_empty(), "{form}");
    }
}

#[test]
fn rows_with_missing_lags_are_used_by_what_can_use_them_and_counted() {
    // Lags 1, 2, 3, 6 and 12 of changes; the first value has no change.
    let start = Period::month(2015, 1).unwrap();
    let mut series: Vec<_> =
        panel(4, 60, 0).iter().map(|s| (s.key().clone(), s.start(), s.values(0).to_vec())).collect();
    series.push((SeriesKey::national("z short"), start.plus(53), vec![4.0, 5.0, 7.0, 6.0, 8.0, 9.0, 8.5]));
    series.push((SeriesKey::national("z single"), start.plus(59), vec![4.0]));
    let panel = Panel::from_series("y", series).unwrap();
    let forest = RandomForest::params().n_trees(3).build().unwrap();
    let rows = OnFeatures::new(forest).training_rows(&panel).unwrap();
    let strict = TrainingRows { used: 4 * 47, with_missing: 0, without_features: 4 * 12 + 6, without_target: 5 };
    assert_eq!(rows, strict);
    assert_eq!(OnFeatures::new(Ols).direct().training_rows(&panel).unwrap(), strict);
    let rows = OnFeatures::new(boosting()).training_rows(&panel).unwrap();
    // A second change has the first one as its lag; the first one has none.
    let expected = TrainingRows { used: 4 * 58 + 5, with_missing: 4 * 11 + 5, without_features: 5, without_target: 5 };
    assert_eq!(rows, expected);

    let reasons = |forecast: &Forecast| -> Vec<String> {
        forecast.fallbacks().iter().map(|f| format!("{}: {}", f.key.item(), f.reason)).collect()
    };
    let strict = OnFeatures::new(Ols).fit(&panel).unwrap().forecast(steps(3)).unwrap();
    let few = "z short: the 12 changes or values before its end are not all there";
    let single = "z single: no two values follow each other";
    assert_eq!(reasons(&strict), [few, single]);
    let fitted = OnFeatures::new(boosting()).fit(&panel).unwrap();
    let forecast = fitted.forecast(steps(15)).unwrap();
    assert_eq!(reasons(&forecast), [single]);
    let loaded = FittedOnFeatures::<FittedHistogramBoosting>::from_json(&fitted.to_json().unwrap()).unwrap();
    assert_eq!(loaded.forecast(steps(15)).unwrap(), forecast);
    // A gap within the reach of the lags does not end it, a missing last value does.
    let with = |place: usize| {
        let mut y = panel.series(0).values(0).to_vec();
        y[place] = f64::NAN;
        let series = panel.iter().skip(1).map(|s| (s.key().clone(), s.start(), s.values(0).to_vec()));
        let series = series.chain([(panel.keys()[0].clone(), start, y)]);
        let panel = Panel::from_series("y", series).unwrap();
        reasons(
            &OnFeatures::new(boosting()).direct().horizon(steps(3)).fit(&panel).unwrap().forecast(steps(15)).unwrap(),
        )
    };
    assert_eq!(with(55), [single]);
    assert_eq!(with(59), ["s000: the 1 changes or values before its end are not all there", single]);
}

#[test]
fn steps_without_rows_have_no_regression() {
    // The 14th change is 13 steps after the first row that has a lag.
    let panel = panel(6, 15, 0);
    let model = OnFeatures::new(boosting()).lags([1, 2, 3]).unwrap().direct().horizon(steps(18));
    let fitted = model.fit(&panel).unwrap();
    let n = fitted.regressions().count();
    assert!((2..18).contains(&n), "{n}");
    assert!(fitted.forecast(steps(40)).unwrap().fallbacks().is_empty());
    let none = OnFeatures::new(Ols).direct().fit(&panel_of(vec![1.0, 2.0])).unwrap();
    assert_eq!(none.regressions().count(), 0);
    assert_eq!(none.forecast(steps(3)).unwrap().path(0)[2].point(), 2.0);
}

fn panel_of(y: Vec<f64>) -> Panel {
    Panel::from_series("y", [(SeriesKey::national("a"), Period::month(2015, 1).unwrap(), y)]).unwrap()
}

#[test]
fn no_series_is_too_odd() {
    let odd = [
        vec![7.0; 30],
        vec![0.0; 30],
        vec![1e-300; 3],
        (0..30).map(|t| 1e-300 * f64::from(t * 7 % 11)).collect(),
        (0..30).map(|t| 1e148 * f64::from(t * 7 % 11)).collect(),
        (0..30).map(|t| if t % 3 == 0 { f64::NAN } else { f64::from(t * 7 % 11) }).collect(),
        vec![3.0],
        vec![3.0, -4.0],
    ];
    for y in odd {
        for form in [TargetForm::Difference, TargetForm::Level, TargetForm::LogDifference] {
            let ridge = OnFeatures::new(Ridge::default()).form(form).direct().fit(&panel_of(y.clone())).unwrap();
            let trees = OnFeatures::new(boosting()).form(form).direct().horizon(steps(3)).fit(&panel_of(y.clone()));
            let trees = trees.unwrap();
            for n in [1, 480] {
                let forecasts = [ridge.forecast(steps(n)).unwrap(), trees.forecast(steps(n)).unwrap()];
                let mut dists = forecasts.iter().flat_map(|forecast| forecast.path(0));
                assert!(dists.all(|dist| dist.check().is_ok()), "{y:?} {form:?}");
            }
        }
    }
}

#[test]
fn widths_are_measured_out_of_time_and_never_narrow() {
    let fitted = OnFeatures::new(Ols).direct().fit(&panel(20, 60, 0)).unwrap();
    assert_eq!(fitted.n_backtest_steps(), 20);
    let forecast = fitted.forecast(steps(30)).unwrap();
    let level = Probability::new(0.9).unwrap();
    let half = |dist: &Predictive| dist.interval(level).1 - dist.point();
    for index in 0..20 {
        assert!(forecast.path(index).windows(2).all(|pair| half(&pair[1]) >= half(&pair[0]) - 1e-9));
    }
    let points_only = OnFeatures::new(Ols).direct().fit_for_points(&panel(20, 60, 0)).unwrap();
    assert_eq!(points_only.n_backtest_steps(), 0);
    assert_eq!(points(&points_only.forecast(steps(30)).unwrap(), 3), points(&forecast, 3));
}

#[test]
fn direct_forecasts_are_the_same_on_any_number_of_threads_and_after_loading() {
    let panel = panel(12, 60, 2);
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let trees = |threads| {
        let model = OnFeatures::new(boosting())
            .features(["rolling:mean:6", "by_date:all:mean"])
            .unwrap()
            .direct()
            .horizon(steps(4));
        pool(threads).install(|| model.fit(&panel).unwrap())
    };
    let one = trees(1);
    assert_eq!(one, trees(2));
    assert_eq!(one, trees(8));
    type Trees = FittedDirectOnFeatures<FittedHistogramBoosting>;
    let expected = one.forecast(steps(30)).unwrap();
    for loaded in [Trees::from_bytes(&one.to_bytes().unwrap()), Trees::from_json(&one.to_json().unwrap())] {
        let loaded = loaded.unwrap();
        assert_eq!(loaded, one);
        assert_eq!(format!("{:?}", loaded.forecast(steps(30)).unwrap()), format!("{expected:?}"));
    }
    let ridge = OnFeatures::new(Ridge::default()).direct().horizon(steps(3)).fit(&panel).unwrap();
    let json = ridge.to_json().unwrap();
    assert_eq!(FittedDirectOnFeatures::<FittedRidge>::from_json(&json).unwrap(), ridge);
    assert!(FittedDirectOnFeatures::<FittedOls>::from_json(&json).is_err());
    let bytes = ridge.to_bytes().unwrap();
    assert!(
        (0..bytes.len())
            .step_by(97)
            .all(|cut| FittedDirectOnFeatures::<FittedRidge>::from_bytes(&bytes[..cut]).is_err())
    );
}
