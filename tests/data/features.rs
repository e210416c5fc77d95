//! The pipeline's contract, and the forecaster that stands on it.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]
#![expect(clippy::float_cmp, reason = "values that are copied or 0 and 1 are exact")]

use std::num::NonZeroUsize;

use credcast::feature::{
    Feature, FeatureMatrix, FeaturePipeline, FittedFeature, FittedPipeline, Lag, MonthOfYear, QuarterOfYear, parse,
};
use credcast::forecast::{FittedOnFeatures, OnFeatures, TargetForm};
use credcast::prelude::*;
use credcast::regression::{ElasticNet, FittedOls, FittedRandomForest, Ols, RandomForest};
use credcast::{Error, Result, SeriesView};
use ndarray::ArrayViewMut2;

fn steps(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

/// `n` monthly series of `length` counts: a season, and an echo of the last change that all series share.
fn counts(n: usize, length: usize) -> Panel {
    let start = Period::month(2020, 1).unwrap();
    let series = (0..n).map(|i| {
        let size = 20.0 * (i + 1) as f64;
        let noise = |t: usize| ((t * 7919 + i * 104_729) % 1000) as f64 / 1000.0 - 0.5;
        let (mut level, mut change) = (size, 0.0);
        let y = (0..length).map(|t| {
            change = 0.6 * change + 0.1 * size * noise(t);
            level += change;
            (level + 0.2 * size * (t as f64 * std::f64::consts::TAU / 12.0).sin()).max(0.0).round()
        });
        (SeriesKey::national(format!("s{i:03}")), start, y.collect())
    });
    Panel::from_series("postings", series).unwrap()
}

#[test]
fn one_hot_months_have_a_single_one_and_sines_lie_on_the_circle() {
    let panel = counts(2, 30);
    let matrix = FeaturePipeline::new().then(MonthOfYear::one_hot()).fit(&panel).unwrap().transform(&panel).unwrap();
    assert!(matrix.view().rows().into_iter().all(|row| row.sum() == 1.0));
    assert_eq!(matrix.view()[[13, 1]], 1.0); // February 2021
    let matrix = FeaturePipeline::new().then(QuarterOfYear::sine()).fit(&panel).unwrap().transform(&panel).unwrap();
    assert!(matrix.view().rows().into_iter().all(|row| (row.dot(&row) - 1.0).abs() < 1e-12));
}

#[test]
fn periods_without_a_month_are_refused_with_the_column() {
    for start in [Period::step(0), Period::year(2020)] {
        let panel = Panel::from_series("y", [(SeriesKey::national("a"), start, vec![1.0, 2.0])]).unwrap();
        let error = FeaturePipeline::new().then(MonthOfYear::one_hot()).fit(&panel).unwrap_err();
        assert!(error.to_string().contains("column month_1"), "{error}");
    }
    let monthly = counts(1, 5);
    let fitted = FeaturePipeline::new().then(MonthOfYear::sine()).fit(&monthly).unwrap();
    let undated = Panel::from_series("y", [(SeriesKey::national("a"), Period::step(0), vec![1.0])]).unwrap();
    assert!(fitted.transform(&undated).is_err());
}

#[test]
fn unknown_and_repeated_columns_and_empty_pipelines_are_refused() {
    let panel = counts(2, 5);
    assert!(FeaturePipeline::new().fit(&panel).is_err());
    let twice = FeaturePipeline::new().then(Lag::of([1, 2]).unwrap()).then(Lag::of([2]).unwrap());
    assert!(matches!(twice.fit(&panel), Err(Error::Param(error)) if error.value == "postings_lag_2"));
    let unknown = FeaturePipeline::new().then(Lag::of([1]).unwrap().column("wages"));
    assert!(matches!(unknown.fit(&panel), Err(Error::Data(credcast::DataError::UnknownColumn { .. }))));
}

#[test]
fn a_saved_pipeline_transforms_alike_and_one_with_a_foreign_step_cannot_be_saved() {
    #[derive(Debug)]
    struct Foreign;
    impl Feature for Foreign {
        fn fit(&self, _: &Panel) -> Result<Box<dyn FittedFeature>> {
            Ok(Box::new(Self))
        }
    }
    impl FittedFeature for Foreign {
        fn columns(&self) -> Vec<String> {
            vec!["zero".into()]
        }
        fn fill(&self, _: SeriesView<'_>, mut out: ArrayViewMut2<'_, f64>) -> Result<()> {
            out.fill(0.0);
            Ok(())
        }
    }
    let panel = counts(3, 20);
    let recipe = FeaturePipeline::new().then(Lag::of([1, 3]).unwrap()).then(MonthOfYear::sine());
    let fitted = recipe.fit(&panel).unwrap();
    let read = FittedPipeline::from_bytes(&fitted.to_bytes().unwrap()).unwrap();
    assert_eq!(read.columns(), fitted.columns());
    assert_eq!(read, FittedPipeline::from_json(&fitted.to_json().unwrap()).unwrap());
    let bits =
        |p: &FittedPipeline| -> Vec<u64> { p.transform(&panel).unwrap().view().iter().map(|v| v.to_bits()).collect() };
    assert_eq!(bits(&read), bits(&fitted));
    let foreign = FeaturePipeline::new().then(Foreign).fit(&panel).unwrap();
    assert_eq!(foreign.memory(), None);
    assert!(foreign.to_bytes().is_err());
    assert!(foreign.to_json().unwrap_err().to_string().contains("Foreign cannot be saved"));
    let legal = fitted.to_json().unwrap();
    assert!(FittedPipeline::from_json(&legal.replace("[1,3]", "[0,3]")).is_err());
}

#[test]
fn the_regression_uses_what_series_share() {
    let panel = counts(40, 60);
    let cutoff = Period::month(2023, 12).unwrap();
    let forecast = OnFeatures::new(Ols).fit(&panel.until(cutoff)).unwrap().forecast(steps(6)).unwrap();
    let (mut ours, mut naive) = (0.0, 0.0);
    for (index, key) in forecast.keys().iter().enumerate() {
        let series = panel.get(key).unwrap();
        let last = series.at(0, cutoff).unwrap();
        for (ahead, dist) in (1..).zip(forecast.path(index)) {
            let actual = series.at(0, cutoff.plus(ahead)).unwrap();
            ours += (dist.point() - actual).abs() / last;
            naive += (last - actual).abs() / last;
        }
    }
    assert!(ours < 0.6 * naive, "{ours} against {naive}");
}

#[test]
fn intervals_of_counts_never_narrow_never_cross_and_never_go_below_zero() {
    let fitted = OnFeatures::new(Ols).fit(&counts(30, 48)).unwrap();
    assert_eq!(fitted.n_backtest_steps(), 16);
    let forecast = fitted.forecast(steps(40)).unwrap();
    let level = Probability::new(0.9).unwrap();
    for index in 0..30 {
        let path = forecast.path(index);
        for pair in path.windows(2) {
            let half = |dist: &Predictive| dist.interval(level).1 - dist.point();
            assert!(half(&pair[1]) >= half(&pair[0]) - 1e-9);
        }
        for dist in path {
            assert!(dist.check().is_ok() && dist.interval(level).0 >= 0.0 && dist.point().is_finite());
        }
    }
}

#[test]
fn series_that_cannot_be_forecast_fall_back_with_the_reason() {
    let start = Period::month(2020, 1).unwrap();
    let usual = counts(20, 48);
    let mut series: Vec<_> = usual.iter().map(|s| (s.key().clone(), s.start(), s.values(0).to_vec())).collect();
    let mut tail = series[0].2.clone();
    tail[47] = f64::NAN;
    series.push((SeriesKey::national("a constant"), start, vec![3.0; 48]));
    series.push((SeriesKey::national("a short"), start.plus(45), vec![3.0, 4.0, 6.0]));
    series.push((SeriesKey::national("a single"), start.plus(47), vec![3.0]));
    series.push((SeriesKey::national("a tail"), start, tail.clone()));
    let panel = Panel::from_series("postings", series.clone()).unwrap();
    let forecast = OnFeatures::new(Ols).fit(&panel).unwrap().forecast(steps(3)).unwrap();
    let who: Vec<_> = forecast.fallbacks().iter().map(|f| (f.key.item(), f.used.as_str())).collect();
    let expected = ["a constant", "a short", "a single", "a tail"].map(|key| (key, "naive"));
    assert_eq!(who, expected);
    assert_eq!(forecast.fallbacks()[0].reason, "it is constant");
    assert_eq!(forecast.get(&SeriesKey::national("a short")).unwrap()[2].point(), 6.0);
    assert_eq!(forecast.get(&SeriesKey::national("a tail")).unwrap()[0].point(), tail[46]);
    let refused = |item: &str, values: Vec<f64>| {
        let series = series.iter().cloned().chain([(SeriesKey::national(item), start, values)]);
        OnFeatures::new(Ols).fit(&Panel::from_series("postings", series).unwrap()).unwrap_err().to_string()
    };
    let infinite = refused("an infinity", [&tail[..47], &[f64::INFINITY]].concat());
    assert_eq!(infinite, "series an infinity: value inf at position 47 is not a finite number");
    let nothing = refused("nothing", vec![f64::NAN; 48]);
    assert!(nothing.starts_with("series nothing: "), "{nothing}");
}

#[test]
fn a_panel_too_small_for_the_regression_falls_back_as_a_whole() {
    let fitted = OnFeatures::new(Ols).fit(&counts(1, 3)).unwrap();
    assert!(fitted.regression().is_none());
    let forecast = fitted.forecast(steps(2)).unwrap();
    assert!(forecast.fallbacks()[0].reason.starts_with("the regression has no fit: design matrix"));
}

#[test]
fn a_span_too_short_for_a_back_test_widens_with_the_square_root() {
    let fitted = OnFeatures::new(RandomForest::params().n_trees(5).build().unwrap()).fit(&counts(2, 7)).unwrap();
    assert_eq!(fitted.n_backtest_steps(), 0);
    assert!(fitted.forecast(steps(4)).is_ok());
}

#[test]
fn scaling_the_data_scales_the_forecast() {
    let panel = counts(10, 48);
    let scaled: Vec<f64> = panel.column("postings").unwrap().iter().map(|v| v * 8.0).collect();
    let other = panel.clone().with_column("postings", &scaled).unwrap();
    for form in [TargetForm::Level, TargetForm::Difference, TargetForm::LogDifference] {
        let model = OnFeatures::new(Ols).form(form);
        let run = |panel: &Panel| model.fit(panel).unwrap().forecast(steps(4)).unwrap();
        let (plain, other) = (run(&panel), run(&other));
        for index in 0..10 {
            for (a, b) in plain.path(index).iter().zip(other.path(index)) {
                approx::assert_relative_eq!(a.point() * 8.0, b.point(), max_relative = 1e-9, epsilon = 1e-9);
            }
        }
    }
}

#[test]
fn a_saved_forecaster_forecasts_alike_and_only_with_its_own_regression() {
    let panel = counts(12, 40);
    let forest = RandomForest::params().n_trees(4).build().unwrap();
    let fitted = OnFeatures::new(forest).fit(&panel).unwrap();
    type Fitted = FittedOnFeatures<FittedRandomForest>;
    let read = Fitted::from_bytes(&fitted.to_bytes().unwrap()).unwrap();
    assert_eq!(read, fitted);
    assert_eq!(read.forecast(steps(5)).unwrap(), fitted.forecast(steps(5)).unwrap());
    assert_eq!(Fitted::from_json(&fitted.to_json().unwrap()).unwrap(), fitted);
    let net = OnFeatures::new(ElasticNet::default()).fit(&panel).unwrap();
    assert!(FittedOnFeatures::<FittedOls>::from_json(&net.to_json().unwrap()).is_err());
}

#[test]
fn forecasts_are_the_same_for_any_number_of_threads_and_order_of_series() {
    let panel = counts(25, 36);
    let model = OnFeatures::new(RandomForest::params().n_trees(6).build().unwrap());
    let run = |threads, panel: &Panel| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| model.fit(panel).unwrap().forecast(steps(5)).unwrap())
    };
    let one = run(1, &panel);
    assert_eq!(one, run(2, &panel));
    assert_eq!(one, run(8, &panel));
    let mut series: Vec<_> = panel.iter().map(|s| (s.key().clone(), s.start(), s.values(0).to_vec())).collect();
    series.reverse();
    assert_eq!(one, run(2, &Panel::from_series("postings", series).unwrap()));
}

#[test]
fn lags_and_targets_that_cannot_be_are_refused() {
    assert!(OnFeatures::new(Ols).lags([0]).is_err());
    assert!(OnFeatures::new(Ols).target("wages").fit(&counts(2, 30)).is_err());
    assert!(OnFeatures::new(Ols).fit(&counts(2, 30).filter(|_| false)).is_err());
    let future = counts(2, 30);
    let fitted = OnFeatures::new(Ols).lags([1, 2]).unwrap().fit(&future).unwrap();
    assert_eq!(fitted.columns()[..2], ["target_lag_1", "target_lag_2"]);
    assert!(fitted.forecast_with(steps(2), &future).is_err());
}

#[test]
fn dropped_heads_and_chunks_hold_the_same_rows() {
    let start = Period::month(2015, 1).unwrap();
    let wave = |i: i32| (0..5 + i % 40).map(|t| f64::from(t * t + i)).collect::<Vec<_>>();
    let series = (0..60).map(|i| (SeriesKey::national(format!("s{i:02}")), start.plus(i % 7), wave(i)));
    let panel = Panel::from_series("y", series).unwrap();
    let recipe = |pipeline: FeaturePipeline| {
        ["lag:1,3", "rolling:mean,median:4", "expanding:mean", "by_date:all:mean,rank", "month_of_year:sine"]
            .iter()
            .fold(pipeline, |all, form| all.then(parse(form).unwrap()))
    };
    let bits = |row: ndarray::ArrayView1<'_, f64>| row.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    let whole = recipe(FeaturePipeline::new()).fit(&panel).unwrap().transform(&panel).unwrap();
    let dropping = recipe(FeaturePipeline::new().drop_head()).fit(&panel).unwrap();
    assert_eq!(dropping.dropped_head(), 4);
    let kept = dropping.transform(&panel).unwrap();
    assert_eq!(kept.complete_rows().len(), kept.n_rows());
    let mut expected = Vec::new();
    for index in 0..panel.n_series() {
        let rows = whole.rows_of(index).skip(4);
        assert_eq!(kept.rows_of(index).len(), rows.len());
        for (old, new) in rows.zip(kept.rows_of(index)) {
            assert_eq!(whole.origin(old), kept.origin(new));
            assert_eq!(bits(whole.view().row(old)), bits(kept.view().row(new)));
            expected.push((panel.keys()[index].clone(), kept.origin(new).1, bits(kept.view().row(new))));
        }
    }
    let loaded = FittedPipeline::from_json(&dropping.to_json().unwrap()).unwrap();
    for rows in [1, 100, 1_000_000] {
        let (mut found, mut chunks) = (Vec::new(), 0);
        loaded
            .transform_chunks(&panel, rows, |chunk: &FeatureMatrix| {
                chunks += 1;
                found.extend((0..chunk.n_rows()).map(|row| {
                    let (series, period) = chunk.origin(row);
                    (chunk.keys()[series].clone(), period, bits(chunk.view().row(row)))
                }));
                Ok(())
            })
            .unwrap();
        assert!(found == expected, "{rows}");
        assert!(if rows == 1 { chunks == 60 } else { chunks < 20 }, "{chunks}");
    }
    // A sink that fails ends the work.
    let failing = |_: &FeatureMatrix| Err(credcast::DataError::Empty { what: "the disk".into() }.into());
    assert!(loaded.transform_chunks(&panel, 10, failing).is_err());
}

#[test]
fn forecasts_take_features_of_a_finite_memory() {
    let start = Period::month(2012, 1).unwrap();
    let wave = |i: i32| (0..90).map(|t| 50.0 + 9.0 * f64::from(t + i).sin() + f64::from(t % 12)).collect::<Vec<_>>();
    let panel =
        Panel::from_series("y", (0..9).map(|i| (SeriesKey::national(format!("s{i}")), start, wave(i)))).unwrap();
    let model = |forms: &[&str]| OnFeatures::new(Ols).features(forms.iter().copied()).unwrap();
    let fitted = model(&["rolling:mean,std:3", "by_date:all:mean", "seasonal:mean:12,2"]).fit(&panel).unwrap();
    assert!(fitted.columns().iter().any(|name| name == "target_lag_1_all_mean"));
    let forecast = fitted.forecast(steps(6)).unwrap();
    let loaded = FittedOnFeatures::<FittedOls>::from_bytes(&fitted.to_bytes().unwrap()).unwrap();
    assert!(forecast.fallbacks().is_empty() && loaded.forecast(steps(6)).unwrap() == forecast);
    assert!(OnFeatures::new(Ols).features(["rolling:mode:3"]).is_err());
    let error = model(&["expanding:mean"]).fit(&panel).unwrap_err().to_string();
    assert!(error.contains("finite memory"), "{error}");
    let ragged = (0..3).map(|i| (SeriesKey::national(format!("s{i}")), start.plus(i), wave(i)));
    let ragged = Panel::from_series("y", ragged).unwrap();
    let error = model(&["by_date:all:mean"]).fit(&ragged).unwrap_err().to_string();
    assert!(error.contains("series s1") && error.contains("2019-07"), "{error}");
}
