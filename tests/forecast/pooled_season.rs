//! A season that is pooled over series: found where it is, left out where it is not, the same every time.

#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "helpers of tests may do what tests may; scaling by a power of two is exact"
)]

use std::num::NonZeroUsize;

use credcast::feature::Group;
use credcast::forecast::{FittedPerSeries, FittedPooledSeason, PerSeries, PooledSeason, SeasonForm};
use credcast::prelude::*;
use credcast::series::{FittedNaive, Naive};
use credcast::{Panel, Period, Persist, SeriesKey};

const TWELVE: NonZeroUsize = NonZeroUsize::new(12).unwrap();

/// Numbers in (-0.5, 0.5) from a fixed linear congruential stream.
struct Stream(u64);

impl Stream {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 + 0.5) / (1_u64 << 53) as f64 - 0.5
    }
}

/// The logarithm of the season of group `g` in month `m`.
fn truth(group: usize, month: usize) -> f64 {
    0.3 * (std::f64::consts::TAU * (month as f64 / 12.0 + group as f64 / 4.0)).sin()
}

/// `n` series in each of two regions that grow, turn with the season of their region times `size`, and jump about.
fn panel(n: usize, months: usize, size: f64, seed: u64) -> Panel {
    let start = Period::month(2021, 1).unwrap();
    let mut noise = Stream(seed);
    let series = (0..2 * n).map(|i| {
        let group = i % 2;
        let level = 20.0 * (1 + i) as f64;
        let values = (0..months)
            .map(|t| (level * (size * truth(group, t % 12) + 0.01 * t as f64 + 0.3 * noise.next()).exp()).round())
            .collect();
        (SeriesKey::new(format!("s{i:03}"), if group == 0 { "AL" } else { "TX" }), start, values)
    });
    Panel::from_series("y", series).unwrap()
}

fn model() -> PooledSeason<PerSeries<Naive>> {
    PooledSeason::new(PerSeries::new(Naive), TWELVE)
}

/// The largest distance of a season's logarithm from the truth, its mean aside.
fn error(fitted: &FittedPooledSeason<FittedPerSeries<FittedNaive>>, index: usize, group: usize, size: f64) -> f64 {
    let start = Period::month(2021, 1).unwrap();
    let miss: Vec<f64> = (0..12)
        .map(|m| {
            let found = fitted.season(index, start.plus(i32::try_from(m).unwrap())).map_or(0.0, f64::ln);
            found - size * truth(group, m)
        })
        .collect();
    let mean = miss.iter().sum::<f64>() / 12.0;
    miss.iter().map(|d| (d - mean).abs()).fold(0.0, f64::max)
}

#[test]
fn the_season_of_each_group_is_found_in_two_years() {
    let panel = panel(60, 26, 1.0, 1);
    let fitted = model().pools([Group::All, Group::Region]).unwrap().fit(&panel).unwrap();
    for index in 0..panel.n_series() {
        let miss = error(&fitted, index, index % 2, 1.0);
        assert!(miss < 0.1, "series {index}: {miss}");
    }
    // The panel's pool cannot know two seasons that differ.
    let all = model().own(false).fit(&panel).unwrap();
    assert!(error(&all, 0, 0, 1.0) > 0.1);
}

#[test]
fn with_many_cycles_the_own_season_wins() {
    let long = model().fit(&panel(20, 26 * 12, 1.0, 2)).unwrap();
    assert!((0..40).all(|index| error(&long, index, index % 2, 1.0) < 0.1));
    let own = |fitted: &FittedPooledSeason<_>| fitted.levels().iter().find(|l| l.name() == "own").unwrap().kept();
    assert!(own(&long) > 0.9, "{}", own(&long));
}

#[test]
fn noise_is_given_no_season() {
    let fitted = model().fit(&panel(60, 26, 0.0, 3)).unwrap();
    let largest = (0..120).map(|index| error(&fitted, index, 0, 0.0)).fold(0.0, f64::max);
    // Changes have a standard deviation of 0.12 here, and this is the largest of 1,440 places.
    assert!(largest < 0.1, "{largest}");
}

#[test]
fn histories_of_less_than_a_cycle_have_no_season() {
    let short = panel(30, 12, 1.0, 4);
    let fitted = model().fit(&short).unwrap();
    assert!((0..60).all(|index| fitted.season(index, short.series(0).end()).is_none()));
    assert_eq!(fitted.levels()[0].estimated(), 0);
    let plain = PerSeries::new(Naive).fit(&short).unwrap();
    assert_eq!(fitted.forecast(TWELVE).unwrap(), plain.forecast(TWELVE).unwrap());
    // How often the months were seen is told.
    let more = model().fit(&panel(30, 20, 1.0, 4)).unwrap();
    assert_eq!(more.levels()[0].seen(), (1, 2));
}

#[test]
fn a_strength_of_nothing_is_the_forecaster_within() {
    let panel = panel(5, 40, 1.0, 5);
    let none = model().strength(0.0).unwrap().fit(&panel).unwrap();
    assert_eq!(none.forecast(TWELVE).unwrap(), PerSeries::new(Naive).fit(&panel).unwrap().forecast(TWELVE).unwrap());
    assert!(model().strength(1.1).is_err() && model().strength(f64::NAN).is_err());
}

#[test]
fn one_wild_series_and_one_wild_month_move_the_pool_little() {
    let calm = panel(40, 40, 1.0, 6);
    let mut wild: Vec<f64> = calm.column("y").unwrap().to_vec();
    // Every second December of one series, and one month of a tenth of them.
    wild[11] *= 1e6;
    wild[35] *= 1e6;
    for series in 1..5 {
        wild[series * 40 + 17] = 0.0;
    }
    let wild = calm.clone().with_column("y", &wild).unwrap();
    let model = model().own(false).pools([Group::Region]).unwrap();
    let (calm, wild) = (model.fit(&calm).unwrap(), model.fit(&wild).unwrap());
    for m in 0..12 {
        let period = Period::month(2025, 1).unwrap().plus(m);
        let ratio = (calm.season(2, period).unwrap() / wild.season(2, period).unwrap()).ln().abs();
        assert!(ratio < 0.05, "{m}: {ratio}");
    }
}

#[test]
fn terms_are_found_where_values_are_negative() {
    let start = Period::month(2015, 1).unwrap();
    let mut noise = Stream(9);
    let series: Vec<_> = (0..20)
        .map(|i| {
            let unit = f64::from(1 + i);
            let values = (0..60).map(|t| unit * (10.0 * truth(0, t % 12) - 1.0 + noise.next())).collect();
            (SeriesKey::national(format!("s{i:02}")), start, values)
        })
        .collect();
    let panel = Panel::from_series("y", series).unwrap();
    let fitted = model().fit(&panel).unwrap();
    for m in 0..12_i32 {
        let term = fitted.season(3, start.plus(m)).unwrap();
        let wanted = 40.0 * truth(0, usize::try_from(m).unwrap());
        assert!((term - wanted).abs() < 2.5, "{m}: {term} {wanted}");
    }
    let factors = model().form(SeasonForm::Multiplicative).fit(&panel).unwrap();
    assert!(factors.season(3, start).is_none());
}

#[test]
fn weeks_and_quarters_have_seasons_too() {
    for (frequency, season, cycles) in [(Frequency::Weekly, 52_usize, 4_usize), (Frequency::Quarterly, 4, 3)] {
        let start = Period::containing(jiff::civil::date(2019, 1, 7), frequency).unwrap();
        let series: Vec<_> = (0..10)
            .map(|i| {
                let wave = |t: usize| (std::f64::consts::TAU * t as f64 / season as f64).sin();
                let values = (0..season * cycles + 2).map(|t| 1e4 * f64::from(1 + i) * (0.2 * wave(t)).exp()).collect();
                (SeriesKey::national(format!("s{i}")), start, values)
            })
            .collect();
        let panel = Panel::from_series("y", series).unwrap();
        let season = NonZeroUsize::new(season).unwrap();
        let fitted = PooledSeason::new(PerSeries::new(Naive), season).fit(&panel).unwrap();
        let high = fitted.season(0, start.plus(i32::try_from(season.get() / 4).unwrap())).unwrap();
        assert!((high.ln() - 0.2).abs() < 0.03, "{frequency}: {high}");
    }
}

#[test]
fn scaling_by_a_power_of_two_scales_the_forecast() {
    let small = panel(6, 40, 1.0, 7);
    let values: Vec<f64> = small.column("y").unwrap().iter().map(|v| v * 1024.0).collect();
    let large = small.clone().with_column("y", &values).unwrap();
    let forecast = |panel: &Panel| model().fit(panel).unwrap().forecast(TWELVE).unwrap();
    let (small, large) = (forecast(&small), forecast(&large));
    for (a, b) in small.path(3).iter().zip(large.path(3)) {
        assert_eq!(a.point() * 1024.0, b.point());
    }
}

#[test]
fn strange_series_are_forecast_beside_the_others() {
    let start = Period::month(2021, 1).unwrap();
    let odd: [(&str, Vec<f64>); 8] = [
        ("constant", vec![5.0; 30]),
        ("zero", vec![0.0; 30]),
        ("one", vec![3.0]),
        ("two", vec![3.0, 4.0]),
        ("small", (0..30).map(|t| 1e-300 * f64::from(1 + t % 12)).collect()),
        ("large", (0..30).map(|t| 1e149 * f64::from(1 + t % 12)).collect()),
        ("holes", (0..30).map(|t| if t % 3 == 0 { f64::NAN } else { f64::from(t) }).collect()),
        ("ends", (0..30).map(|t| if t > 20 { f64::NAN } else { f64::from(t % 5) }).collect()),
    ];
    let base = panel(10, 30, 1.0, 8);
    let series = base.iter().map(|s| (s.key().clone(), start, s.values(0).to_vec()));
    let panel = Panel::from_series("y", series.chain(odd.map(|(k, v)| (SeriesKey::national(k), start, v)))).unwrap();
    let fitted = model().pools([Group::All, Group::Region]).unwrap().fit(&panel).unwrap();
    let forecast = fitted.forecast(NonZeroUsize::new(480).unwrap()).unwrap();
    for index in 0..panel.n_series() {
        assert!(forecast.path(index).iter().all(|dist| dist.check().is_ok() && dist.point() >= 0.0), "{index}");
    }
    let zero = forecast.get(&SeriesKey::national("zero")).unwrap();
    assert!(zero.iter().all(|dist| dist.point() == 0.0));
}

#[test]
fn what_comes_later_changes_nothing() {
    let whole = panel(8, 40, 1.0, 10);
    let origin = whole.series(0).start().plus(29);
    let mut values = whole.column("y").unwrap().to_vec();
    values.iter_mut().enumerate().filter(|(row, _)| row % 40 > 29).for_each(|(_, v)| *v *= 7.0);
    let other = whole.clone().with_column("y", &values).unwrap();
    let fit = |panel: &Panel| model().fit(&panel.until(origin)).unwrap();
    assert_eq!(fit(&whole), fit(&other));
}

#[test]
fn threads_and_files_change_nothing() {
    let panel = panel(30, 30, 1.0, 11).with_column("z", &vec![1.0; 1800]).unwrap();
    let model = model().pools([Group::All, Group::Region]).unwrap().target("y");
    let fit =
        |n| rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap().install(|| model.fit(&panel).unwrap());
    let fitted = fit(1);
    assert_eq!(fitted, fit(8));
    let read = FittedPooledSeason::<FittedPerSeries<FittedNaive>>::from_bytes(&fitted.to_bytes().unwrap()).unwrap();
    assert_eq!(read, fitted);
    let text = fitted.to_json().unwrap();
    let read = FittedPooledSeason::<FittedPerSeries<FittedNaive>>::from_json(&text).unwrap();
    assert_eq!(read.forecast(TWELVE).unwrap(), fitted.forecast(TWELVE).unwrap());
}
