//! No feature looks ahead, and no result depends on the order of the series or the number of threads.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use credcast::feature::{FORMS, FeaturePipeline, FittedPipeline, parse};
use credcast::{Frequency, Panel, Period, SeriesKey};
use proptest::prelude::*;

/// One pipeline for each feature of the crate, and one of all that can stand side by side.
fn pipelines() -> Vec<FeaturePipeline> {
    let single = FORMS.iter().map(|form| FeaturePipeline::new().then(parse(form).unwrap()));
    let all = FORMS.iter().fold(FeaturePipeline::new(), |all, form| all.then(parse(form).unwrap()));
    single.chain([all]).collect()
}

type Series = (SeriesKey, Period, Vec<f64>);

/// Monthly series of different starts and lengths, with missing values.
fn some_series() -> impl Strategy<Value = Vec<Series>> {
    let value = prop_oneof![9 => -1e6..1e6_f64, 1 => Just(f64::NAN)];
    let one = (0..24_i32, prop::collection::vec(value, 1..40));
    prop::collection::vec(one, 1..8).prop_map(|series| {
        let start = Period::month(2020, 1).unwrap();
        let named = series.into_iter().enumerate();
        named.map(|(i, (skip, y))| (SeriesKey::national(format!("s{i}")), start.plus(skip), y)).collect()
    })
}

/// Every cell of the design matrix by series, period and column, as bits: NaN equals itself.
fn cells(pipeline: &FittedPipeline, panel: &Panel) -> Vec<(SeriesKey, Period, Vec<u64>)> {
    let matrix = pipeline.transform(panel).unwrap();
    let row = |row: usize| {
        let (series, period) = matrix.origin(row);
        (matrix.keys()[series].clone(), period, matrix.view().row(row).iter().map(|v| v.to_bits()).collect())
    };
    (0..matrix.n_rows()).map(row).collect()
}

proptest! {
    #[test]
    fn cutting_off_the_future_leaves_earlier_rows_unchanged(series in some_series(), cutoff in 0..60_i32) {
        let panel = Panel::from_series("y", series).unwrap();
        let cutoff = Period::month(2020, 1).unwrap().plus(cutoff);
        let past = panel.until(cutoff);
        prop_assume!(past.n_series() > 0);
        for recipe in pipelines() {
            let fitted = recipe.fit(&past).unwrap();
            let whole: Vec<_> = cells(&fitted, &panel).into_iter().filter(|(_, period, _)| *period <= cutoff).collect();
            prop_assert_eq!(whole, cells(&fitted, &past), "{:?}", recipe);
        }
    }

    #[test]
    fn the_declared_memory_is_enough(series in some_series(), first in 0..60_i32) {
        let panel = Panel::from_series("y", series).unwrap();
        for recipe in pipelines() {
            let fitted = recipe.fit(&panel).unwrap();
            let Some(memory) = fitted.memory() else { continue };
            let tail = panel.starting_at(Period::month(2020, 1).unwrap().plus(first));
            let whole = cells(&fitted, &panel);
            for (row, cell) in cells(&fitted, &tail).iter().enumerate() {
                let start = tail.get(&cell.0).unwrap().start();
                if cell.1.since(start).unwrap() >= i32::try_from(memory).unwrap() {
                    prop_assert!(whole.contains(cell), "row {} of {:?}", row, recipe);
                }
            }
        }
    }

    #[test]
    fn the_order_of_the_series_changes_nothing(series in some_series(), turn in 0..8_usize) {
        let mut turned = series.clone();
        let by = turn % turned.len();
        turned.rotate_left(by);
        turned.reverse();
        let (panel, other) = (Panel::from_series("y", series).unwrap(), Panel::from_series("y", turned).unwrap());
        for recipe in pipelines() {
            prop_assert_eq!(cells(&recipe.fit(&panel).unwrap(), &panel), cells(&recipe.fit(&other).unwrap(), &other));
        }
    }

    #[test]
    fn a_series_alone_gives_the_rows_that_it_gives_among_others_unless_a_feature_looks_across(series in some_series()) {
        let panel = Panel::from_series("y", series).unwrap();
        let last = panel.keys()[panel.n_series() - 1].clone();
        let alone = panel.filter(|key| *key == last);
        for recipe in pipelines() {
            let fitted = recipe.fit(&panel).unwrap();
            if fitted.looks_across() {
                continue;
            }
            let among: Vec<_> = cells(&fitted, &panel).into_iter().filter(|(key, _, _)| *key == last).collect();
            prop_assert_eq!(among, cells(&fitted, &alone));
        }
    }
}

#[test]
fn the_matrix_is_the_same_for_any_number_of_threads() {
    let start = Period::from_ordinal(Frequency::Monthly, 600);
    let wave = |i: usize| (0..i % 50 + 1).map(|t| ((t * i) as f64).sin()).collect::<Vec<_>>();
    let series = (0..200).map(|i| (SeriesKey::national(format!("s{i}")), start, wave(i)));
    let panel = Panel::from_series("y", series).unwrap();
    for recipe in pipelines() {
        let fitted = recipe.fit(&panel).unwrap();
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| cells(&fitted, &panel))
        };
        let one = run(1);
        assert_eq!(one, run(2));
        assert_eq!(one, run(8));
    }
}

#[test]
fn series_that_begin_later_change_no_earlier_sum_of_a_group() {
    let start = Period::from_ordinal(Frequency::Monthly, 600);
    let wave = |i: i32| (0..40).map(|t| 1e3 * (f64::from(t * i)).sin() + 0.1).collect::<Vec<_>>();
    let series = (0..700).map(|i| (SeriesKey::national(format!("s{i}")), start.plus(i % 30), wave(i)));
    let panel = Panel::from_series("y", series).unwrap();
    let cutoff = start.plus(15);
    let past = panel.until(cutoff);
    assert!(past.n_series() < 400);
    let fitted = FeaturePipeline::new().then(parse("by_date:all:mean,std,sum").unwrap()).fit(&past).unwrap();
    let whole: Vec<_> = cells(&fitted, &panel).into_iter().filter(|(_, period, _)| *period <= cutoff).collect();
    assert_eq!(whole, cells(&fitted, &past));
}

#[test]
fn a_series_that_is_cut_into_parts_gives_the_rows_that_it_gives_in_one() {
    let start = Period::from_ordinal(Frequency::Daily, 0);
    let wave = |n: i32, seed: i32| -> Vec<f64> {
        let value = |t: i32| match (t * 31 + seed) % 17 {
            3 => f64::NAN,
            5 => 0.0,
            _ => (f64::from(t * seed)).sin() * 1e3,
        };
        (0..n).map(value).collect()
    };
    let series = [("a", 30, 3), ("b", 9001, 5), ("c", 4096, 7), ("d", 4200, 11), ("ee", 12, 13)];
    let named = series.map(|(name, n, seed)| (SeriesKey::national(name), start.plus(n % 7), wave(n, seed)));
    let panel = Panel::from_series("y", named).unwrap();
    for form in FORMS.into_iter().filter(|form| !form.starts_with("quarter")) {
        let step = parse(form).unwrap().fit(&panel).unwrap();
        let pipeline = FeaturePipeline::new().then(parse(form).unwrap());
        let whole = pipeline.fit(&panel).unwrap().transform(&panel).unwrap();
        let dropping = FeaturePipeline::new().then(parse(form).unwrap()).drop_head().fit(&panel).unwrap();
        let (head, dropped) = (dropping.dropped_head(), dropping.transform(&panel).unwrap());
        for (index, series) in panel.iter().enumerate() {
            let mut alone = ndarray::Array2::zeros((series.len(), whole.names().len()));
            step.fill(series, alone.view_mut()).unwrap();
            let bits = |v: &f64| if v.is_nan() { 0 } else { v.to_bits() };
            let found = whole.view().slice_move(ndarray::s![whole.rows_of(index), ..]);
            assert!(found.iter().map(bits).eq(alone.iter().map(bits)), "{form} of {}", series.key());
            let kept = dropped.view().slice_move(ndarray::s![dropped.rows_of(index), ..]);
            let expected = alone.slice(ndarray::s![head.min(series.len()).., ..]);
            assert!(kept.iter().map(bits).eq(expected.iter().map(bits)), "{form} of {} without head", series.key());
        }
    }
}
