//! The answer never depends on the number of threads.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::num::NonZeroUsize;

use credcast::forecast::{Forecast, Model};
use credcast::prelude::*;

const SEASON: NonZeroUsize = NonZeroUsize::new(12).unwrap();

/// 200 series of 5 to 64 months: noise from a linear congruential generator (Knuth, MMIX), one stream per series.
fn panel() -> Panel {
    let start = Period::month(2019, 1).unwrap();
    let series = (0..200_u64).map(|i| {
        let key = SeriesKey::new(format!("item{i:03}"), "OH");
        let mut state = key.seed();
        let mut noise = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f64 / f64::from(1 << 24)
        };
        let y = (0..5 + i * 3 % 60).map(|t| 50.0 + t as f64 * 0.2 + 10.0 * noise()).collect();
        (key, start, y)
    });
    Panel::from_series("postings", series).unwrap()
}

fn in_pool(n_threads: usize, model: &Model, panel: &Panel) -> Forecast {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
    pool.install(|| model.fit(panel).unwrap().forecast(SEASON).unwrap())
}

fn bits(forecast: &Forecast) -> Vec<u64> {
    let levels = [0.05, 0.5, 0.95].map(|p| Probability::new(p).unwrap());
    let dists = (0..forecast.keys().len()).flat_map(|index| forecast.path(index));
    dists.flat_map(|dist| levels.map(|p| dist.quantile(p).to_bits())).collect()
}

#[test]
fn forecasts_are_the_same_to_the_last_bit_under_1_2_and_8_threads() {
    let all = panel();
    // Models that boost several times over cost minutes on all series, and learn as much of threads on some.
    let some = all.filter(|key| key.item() < "item024");
    for name in Model::NAMES {
        let slow = ["pooled_boosting", "share_of_total", "combination", "auto", "boosting"].contains(name);
        let panel = if slow { &some } else { &all };
        let model = Model::parse(name, SEASON).unwrap();
        let single = in_pool(1, &model, panel);
        for n_threads in [2, 8] {
            let several = in_pool(n_threads, &model, panel);
            assert_eq!(several, single, "{name}");
            assert_eq!(bits(&several), bits(&single), "{name}");
        }
    }
}

#[test]
fn the_series_named_in_an_error_is_always_the_first() {
    let start = Period::month(2019, 1).unwrap();
    let series = (0..200).map(|i| {
        let value = if i % 3 == 2 { f64::NAN } else { 1.0 };
        (SeriesKey::national(format!("item{i:03}")), start, vec![value; 20])
    });
    let panel = Panel::from_series("postings", series).unwrap();
    for name in Model::NAMES {
        let model = Model::parse(name, SEASON).unwrap();
        for n_threads in [1, 2, 8] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
            let error = pool.install(|| model.fit(&panel)).unwrap_err().to_string();
            assert!(error.starts_with("series item002: "), "{name}: {error}");
        }
    }
}
