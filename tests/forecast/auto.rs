//! The default forecaster: the same on any number of threads, saved and loaded, carried on, and honest about what it left out.

#![allow(clippy::unwrap_used, reason = "helpers of tests may do what tests may")]

use std::num::NonZeroUsize;

use credcast::forecast::{Auto, Combination, CombinationRule, FittedModel, Model, ShareOfTotal};
use credcast::prelude::*;

const SIX: NonZeroUsize = NonZeroUsize::new(6).unwrap();
const TWELVE: NonZeroUsize = NonZeroUsize::new(12).unwrap();

/// Twelve series of `n` months with a common season and trends of their own.
fn panel(n: u32) -> Panel {
    let start = Period::month(2019, 1).unwrap();
    let y = |i: u32| -> Vec<f64> {
        (0..n)
            .map(|t| {
                let season = 1.0 + 0.3 * (std::f64::consts::TAU * f64::from(t) / 12.0).sin();
                let wobble = f64::from((t * (i + 3) * 7919) % 101) / 100.0;
                ((50.0 + 10.0 * f64::from(i) + f64::from(t * (i % 4)) / 4.0) * season + 4.0 * wobble).round()
            })
            .collect()
    };
    Panel::from_series("y", (0..12).map(|i| (SeriesKey::national(format!("s{i:02}")), start, y(i)))).unwrap()
}

fn on_threads<T: Send>(n: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap().install(work)
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let panel = panel(60);
    let forecast = || Auto::default().horizon(SIX).fit(&panel).unwrap().forecast(SIX).unwrap();
    let bytes = |forecast| serde_json::to_string(&forecast).unwrap();
    assert_eq!(bytes(on_threads(1, forecast)), bytes(on_threads(8, forecast)));
}

#[test]
fn a_saved_forecaster_forecasts_the_same() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["auto", "share_of_total", "combination", "pooled_boosting"] {
        let fitted = Model::parse(name, TWELVE).unwrap().horizon(SIX).fit(&panel(60)).unwrap();
        for file in ["m.json", "m.bin"] {
            let path = folder.path().join(file);
            fitted.save(&path).unwrap();
            let loaded = FittedModel::load(&path).unwrap();
            assert_eq!(loaded.forecast(SIX).unwrap(), fitted.forecast(SIX).unwrap(), "{name} {file}");
        }
    }
}

#[test]
fn the_season_that_all_series_share_is_forecast_better_than_by_naive() {
    let (all, known) = (panel(72), panel(60));
    let fitted = Auto::default().horizon(TWELVE).fit(&known).unwrap();
    let forecast = fitted.forecast(TWELVE).unwrap();
    let (mut ours, mut naive) = (0.0, 0.0);
    for (index, series) in all.iter().enumerate() {
        let y = series.values(0);
        for (step, dist) in forecast.path(index).iter().enumerate() {
            ours += (dist.point() - y[60 + step]).abs();
            naive += (y[59] - y[60 + step]).abs();
        }
        let weights = fitted.weights(index);
        assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12 && weights.len() == fitted.members().len());
    }
    assert!(ours < 0.4 * naive, "{ours} against {naive}");
}

#[test]
fn new_values_move_a_forecaster_on_without_a_fit() {
    for name in [
        "naive",
        "seasonal_naive",
        "drift",
        "ses",
        "damped_holt",
        "naive2",
        "auto_ets",
        "auto_theta",
        "pooled_boosting",
        "ols",
        "ridge_direct",
        "auto",
    ] {
        let fitted = Model::parse(name, TWELVE).unwrap().fit(&panel(60)).unwrap();
        let at_once = fitted.updated(&panel(66)).unwrap();
        let in_steps = fitted.updated(&panel(63)).unwrap().updated(&panel(66)).unwrap();
        assert_eq!(at_once.origins(), vec![Period::month(2024, 6).unwrap(); 12], "{name}");
        let (a, b) = (at_once.forecast(SIX).unwrap(), in_steps.forecast(SIX).unwrap());
        for (x, y) in a.path(3).iter().zip(b.path(3)) {
            assert!((x.point() - y.point()).abs() <= 1e-9 * x.point().abs(), "{name}: {x:?} against {y:?}");
        }
        // Nothing new changes nothing.
        assert_eq!(fitted.updated(&panel(60)).unwrap().forecast(SIX).unwrap(), fitted.forecast(SIX).unwrap(), "{name}");
    }
    let refused = Model::parse("imapa", TWELVE).unwrap().fit(&panel(60)).unwrap().updated(&panel(66)).unwrap_err();
    assert!(refused.to_string().contains("fit it again"), "{refused}");
}

#[test]
fn what_has_no_total_is_forecast_whole_and_says_why() {
    let month = Period::month(2020, 1).unwrap();
    let rows = [("a", vec![3.0, 4.0, 5.0, 6.0, 5.0]), ("b", vec![-1.0, 2.0, 0.0, 1.0, 2.0])];
    let panel = Panel::from_series("y", rows.map(|(k, y)| (SeriesKey::national(k), month, y))).unwrap();
    let part = || Model::parse("ses", TWELVE).unwrap();
    let forecast = ShareOfTotal::new(part(), part()).fit(&panel).unwrap().forecast(SIX).unwrap();
    assert_eq!(forecast.fallbacks().len(), 2);
    assert!(forecast.fallbacks()[0].reason.contains("series b: a value of -1"), "{:?}", forecast.fallbacks()[0]);
}

#[test]
fn a_total_is_carried_on_only_with_all_its_series() {
    let fitted = Model::parse("share_of_total", TWELVE).unwrap().fit(&panel(60)).unwrap();
    let moved = fitted.updated(&panel(63)).unwrap();
    assert_eq!(moved.origins(), vec![Period::month(2024, 3).unwrap(); 12]);
    for absent in ["s00", "s05"] {
        let refused = fitted.updated(&panel(63).filter(|key| key.item() != absent)).unwrap_err().to_string();
        assert!(refused.contains("have no total"), "{absent}: {refused}");
    }
}

#[test]
fn a_member_that_cannot_be_used_is_named_and_the_others_go_on() {
    let month = Period::month(2020, 1).unwrap();
    let long: Vec<f64> = (0..40).map(|t| f64::from(10 + t % 7)).collect();
    let rows = [("a", long.clone()), ("b", long[..33].to_vec())];
    let panel = Panel::from_series("y", rows.map(|(k, y)| (SeriesKey::national(k), month, y))).unwrap();
    let members = ["share_of_total", "naive", "ses"].map(|name| Model::parse(name, TWELVE).unwrap()).to_vec();
    for rule in [CombinationRule::Mean, CombinationRule::Median, CombinationRule::StackedBySeries] {
        let fitted = Combination::new(members.clone()).unwrap().weighting(rule).horizon(SIX).fit(&panel).unwrap();
        assert_eq!(fitted.left_out().len(), 1);
        assert_eq!(fitted.left_out()[0].model, "share_of_total");
        assert_eq!(fitted.members().len(), 2);
        fitted.forecast(SIX).unwrap();
    }
    assert!(Combination::new(Vec::new()).is_err());
    assert!(Combination::new(members.clone()).unwrap().prior(vec![1.0, f64::NAN, 1.0]).is_err());
}

#[test]
fn origins_inside_the_history_see_nothing_that_came_later() {
    let long = panel(60);
    let short = panel(54);
    for name in ["ses", "auto_ets", "pooled_boosting", "share_of_total", "combination", "auto"] {
        let model = Model::parse(name, TWELVE).unwrap().horizon(SIX);
        let from_long = model.rolling(&long, &[12, 9], SIX).unwrap();
        let from_short = model.rolling(&short, &[6, 3], SIX).unwrap();
        assert_eq!(from_long, from_short, "{name}");
    }
}
