//! Models of many monthly series of length 120, seeded, with trend, season and noise: points only. The peers' `bench_models.py` draws series
//! of its own, so compare orders of size, or give both the same data.
//!
//! `cargo bench --bench models` compares the fit of each model with that of a plain loop (simple smoothing on a grid of weights).
//! `cargo bench --bench models -- --json` prints one JSON line for each case instead: series per CPU second and per wall second of
//! fit and 12 point forecasts, and the peak of resident memory. Options behind `--json`: `--models auto_ets,auto_theta`, `--n 1000`,
//! `--threads 1,2`, `--length 120`, `--repeats 3` (the median is printed).

#![allow(clippy::print_stdout, reason = "the figures are what a bench is for")]

mod measure;

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::time::Instant;

use credcast::forecast::{Fitted, Forecaster, Model};
use credcast::{Panel, Period, SeriesKey};
use criterion::{BenchmarkId, Criterion, Throughput};

use crate::measure::{cpu_seconds, option, peak_mb};

const SEASON: NonZeroUsize = NonZeroUsize::new(12).unwrap();

/// Levels with a trend, a season and noise, all positive, each series with its own.
fn series(n: usize, length: usize) -> Vec<Vec<f64>> {
    let mut state = 11_u64;
    let mut uniform = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut one = |_| {
        let (start, trend, strength) = (100.0 + 900.0 * uniform(), 2.0 * uniform() - 0.5, 0.3 * uniform());
        let (phase, noise) = (uniform(), 0.02 + 0.08 * uniform());
        let mut level = start;
        (0..length)
            .map(|t| {
                // The sum of twelve uniform numbers is nearly normal.
                let shock = (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
                level = (level + trend + 0.3 * noise * start * shock).max(0.1 * start);
                let season = 1.0 + strength * (std::f64::consts::TAU * (t as f64 / 12.0 + phase)).sin();
                level * season * (1.0 + 0.5 * noise * (uniform() - 0.5))
            })
            .collect()
    };
    (0..n).map(&mut one).collect()
}

fn panel(series: &[Vec<f64>]) -> Panel {
    let start = Period::month(2015, 1).expect("a month");
    let rows = series.iter().enumerate().map(|(i, y)| (SeriesKey::national(format!("s{i:06}")), start, y.clone()));
    Panel::from_series("y", rows).expect("a panel")
}

/// Simple smoothing with the best of 100 weights, in the plainest way.
fn baseline(series: &[Vec<f64>]) -> f64 {
    let last = |y: &Vec<f64>| {
        let (mut best, mut forecast) = (f64::INFINITY, 0.0);
        for step in 1..=100 {
            let alpha = f64::from(step) / 100.0;
            let (mut level, mut sse) = (y[0], 0.0);
            for value in &y[1..] {
                let error = value - level;
                sse += error * error;
                level += alpha * error;
            }
            if sse < best {
                (best, forecast) = (sse, level);
            }
        }
        forecast
    };
    series.iter().map(last).sum()
}

fn forecast(model: &str, panel: &Panel) -> f64 {
    let model = Model::parse(model, SEASON).expect("a model").horizon(SEASON);
    let points = model.fit(panel).expect("a fit").points(SEASON).expect("points");
    (0..points.n_series()).map(|index| points.path(index)[0]).sum()
}

fn compare(c: &mut Criterion) {
    let data = series(40, 120);
    let wide = panel(&data);
    // The plain loop and the model agree before anything is timed.
    let (plain, ours) = (baseline(&data), forecast("ses", &wide));
    assert!((plain / ours - 1.0).abs() < 1e-2, "{plain} against {ours}");
    let mut group = c.benchmark_group("models");
    group.sample_size(10).throughput(Throughput::Elements(data.len() as u64));
    group.bench_function("baseline", |b| b.iter(|| black_box(baseline(&data))));
    for name in ["ses", "damped_holt", "auto_theta", "auto_ets", "auto_arima", "ces"] {
        group.bench_with_input(BenchmarkId::new("panel", name), &wide, |b, wide| {
            b.iter(|| black_box(forecast(name, wide)))
        });
    }
    group.finish();
}

fn json(args: &[String]) {
    let number = |name, default| option(args, name).map_or(default, |text| text.parse().expect("a whole number"));
    let (n, length, repeats): (usize, usize, usize) =
        (number("--n", 1000), number("--length", 120), number("--repeats", 3));
    let models =
        option(args, "--models").unwrap_or("naive,ses,damped_holt,dot,auto_theta,auto_ets,auto_arima,ces,auto");
    let threads = option(args, "--threads").unwrap_or("1,2");
    let wide = panel(&series(n, length));
    for threads in threads.split(',') {
        let threads: usize = threads.parse().expect("a number of threads");
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        for model in models.split(',') {
            let mut found: Vec<(f64, f64)> = (0..repeats.max(1))
                .map(|_| {
                    let (cpu, wall) = (cpu_seconds(), Instant::now());
                    pool.install(|| black_box(forecast(model, &wide)));
                    (cpu_seconds() - cpu, wall.elapsed().as_secs_f64())
                })
                .collect();
            found.sort_by(|a, b| a.0.total_cmp(&b.0));
            let (cpu, wall) = found[found.len() / 2];
            println!(
                "{{\"model\":\"{model}\",\"n\":{n},\"length\":{length},\"threads\":{threads},\"cpu_s\":{cpu:.3},\"wall_s\":{wall:.3},\
                 \"series_per_cpu_s\":{:.1},\"series_per_s\":{:.1},\"peak_mb\":{:.0}}}",
                n as f64 / cpu,
                n as f64 / wall,
                peak_mb()
            );
        }
    }
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if args.iter().any(|arg| arg == "--json") {
        json(&args);
        return;
    }
    let mut criterion = Criterion::default().configure_from_args();
    compare(&mut criterion);
    criterion.final_summary();
}
