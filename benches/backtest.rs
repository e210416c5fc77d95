//! Back-testing exponential smoothing: a plain loop against `Backtest` on one thread and on all.
//!
//! One seeded panel in 3 sizes, 8 origins, horizon 12. `baseline` is what one would write without the library: one pass
//! over origins and series that adds up three scores. `Backtest` also copies the training panel at each origin and
//! keeps ten scores for every window; the ratio shows what that costs.

#![expect(clippy::float_cmp, reason = "where the expected number is exact, equality is the claim")]

use std::hint::black_box;
use std::num::NonZeroUsize;

use credcast::evaluate::{Backtest, Cutoffs};
use credcast::forecast::{Fitted, Forecast, Forecaster};
use credcast::{Panel, Period, Predictive, SeriesKey};
use criterion::{BenchmarkId, Criterion, Throughput};
use statrs::distribution::{ContinuousCDF, Normal};

const LENGTH: usize = 96;
const HORIZON: usize = 12;
const N_ORIGINS: usize = 8;
const STEP: usize = 3;
const SEASON: usize = 12;

fn n(value: usize) -> NonZeroUsize {
    NonZeroUsize::new(value).expect("not 0")
}

/// Level and standard deviation of one step, by the smoothing weight of twenty with the least squared error.
fn smooth(past: &[f64]) -> (f64, f64) {
    let mut best = (f64::INFINITY, 0.0);
    for i in 1..=20 {
        let weight = f64::from(i) / 20.0;
        let (mut level, mut squares) = (past[0], 0.0);
        for y in &past[1..] {
            let error = y - level;
            squares += error * error;
            level += weight * error;
        }
        if squares < best.0 {
            best = (squares, level);
        }
    }
    (best.1, (best.0 / (past.len() - 1) as f64).sqrt())
}

#[derive(Debug)]
struct Smoothing;

#[derive(Debug)]
struct Smoothed {
    keys: Vec<SeriesKey>,
    origins: Vec<Period>,
    states: Vec<(f64, f64)>,
}

impl Forecaster for Smoothing {
    type Fitted = Smoothed;
    fn fit(&self, train: &Panel) -> credcast::Result<Smoothed> {
        let origins = train.iter().map(|series| series.end()).collect();
        let states = train.iter().map(|series| smooth(series.values(0))).collect();
        Ok(Smoothed { keys: train.keys().to_vec(), origins, states })
    }
}

impl Fitted for Smoothed {
    fn forecast(&self, horizon: NonZeroUsize) -> credcast::Result<Forecast> {
        let mut dists = Vec::with_capacity(self.keys.len() * horizon.get());
        for (level, sd) in &self.states {
            for _ in 0..horizon.get() {
                dists.push(Predictive::normal(*level, *sd)?);
            }
        }
        Ok(Forecast::new(horizon, self.keys.clone(), self.origins.clone(), dists, vec![])?)
    }
}

/// Mean sMAPE, MASE and scaled CRPS of the smoothing over all windows.
fn baseline(panel: &Panel) -> [f64; 3] {
    let z: Vec<(f64, f64)> =
        (1..10).map(|i| f64::from(i) / 10.0).map(|p| (p, Normal::standard().inverse_cdf(p))).collect();
    let mut totals = [0.0; 3];
    for origin in 0..N_ORIGINS {
        let known = LENGTH - HORIZON - (N_ORIGINS - 1 - origin) * STEP;
        for series in panel.iter() {
            let (past, actual) = series.values(0).split_at(known);
            let actual = &actual[..HORIZON];
            let (level, sd) = smooth(past);
            let scale: f64 =
                past[SEASON..].iter().zip(past).map(|(y, x)| (y - x).abs()).sum::<f64>() / (known - SEASON) as f64;
            let (mut relative, mut absolute, mut pinball) = (0.0, 0.0, 0.0);
            for y in actual {
                relative += (y - level).abs() / (y.abs() + level.abs());
                absolute += (y - level).abs();
                for (p, z) in &z {
                    let error = y - (level + sd * z);
                    pinball += if error < 0.0 { (p - 1.0) * error } else { p * error };
                }
            }
            totals[0] += 200.0 * relative / HORIZON as f64;
            totals[1] += absolute / HORIZON as f64 / scale;
            totals[2] += 2.0 * pinball / (9 * HORIZON) as f64 / scale;
        }
    }
    totals.map(|total| total / (N_ORIGINS * panel.n_series()) as f64)
}

fn with_library(panel: &Panel) -> [f64; 3] {
    let cutoffs = Cutoffs::rolling(n(HORIZON), n(N_ORIGINS), n(STEP));
    let scores = Backtest::new(cutoffs).season(n(SEASON)).run(panel, &Smoothing).expect("long enough");
    let row = scores.row();
    [row.smape, row.mase, row.crps]
}

/// Postings of `n_series` items over 96 months: a level, a season and noise from a linear congruential generator.
fn panel(n_series: usize) -> Panel {
    let mut state = 1_u32;
    let mut random = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 24)
    };
    let start = Period::month(2018, 1).expect("a month");
    let series = (0..n_series).map(|i| {
        let level = 50.0 + 500.0 * random();
        let value = |t: usize| level * (1.0 + 0.2 * (t as f64 / 12.0 * std::f64::consts::TAU).sin() + 0.1 * random());
        (SeriesKey::national(format!("item{i:05}")), start, (0..LENGTH).map(value).collect())
    });
    Panel::from_series("postings", series.collect::<Vec<_>>()).expect("distinct keys")
}

fn backtest(criterion: &mut Criterion) {
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    let mut group = criterion.benchmark_group("backtest");
    for n_series in [50, 200, 800] {
        let panel = panel(n_series);
        let (plain, parallel) = (baseline(&panel), with_library(&panel));
        assert_eq!(parallel, one_thread.install(|| with_library(&panel)));
        for (ours, theirs) in parallel.iter().zip(plain) {
            assert!((ours - theirs).abs() < 1e-9 * theirs, "{ours} against {theirs}");
        }
        group.throughput(Throughput::Elements((n_series * N_ORIGINS) as u64));
        group.bench_function(BenchmarkId::new("baseline", n_series), |b| b.iter(|| baseline(black_box(&panel))));
        group.bench_function(BenchmarkId::new("sequential", n_series), |b| {
            b.iter(|| one_thread.install(|| with_library(black_box(&panel))));
        });
        group.bench_function(BenchmarkId::new("parallel", n_series), |b| b.iter(|| with_library(black_box(&panel))));
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    backtest(&mut criterion);
    criterion.final_summary();
}
