//! The feature pipeline: 24 features of a seeded panel, the ones that the peers' script computes.
//!
//! `cargo bench --bench features` compares with a plain loop over each feature; outputs must agree before anything is timed.
//! `cargo bench --bench features -- --json` prints one JSON line for each case instead: cells a second (the median of
//! repeats, wall clock), cells for each second of CPU, the write ceiling (bare streaming stores of the same bytes by the same
//! threads), the peak of resident memory with what input and output take of it, threads, type, series and length. Options
//! behind `--json`: `--threads 1,2`, `--series 20000`, `--length 120`, `--only f64|f32|std|median|stream`, and `--chunk ROWS`
//! to hand the matrix out in chunks.

#![allow(clippy::print_stdout, reason = "the figures are what a bench is for")]

use std::hint::black_box;
use std::time::Instant;

use credcast::evaluate::cpu_seconds_of_stat;
use credcast::feature::{Element, FeatureMatrix, FeaturePipeline, FittedPipeline, fill_past_cache, parse};
use credcast::{Panel, Period, SeriesKey};
use criterion::{BenchmarkId, Criterion, Throughput};
use ndarray::Array2;
use rayon::iter::ParallelIterator;
use rayon::slice::ParallelSliceMut;

/// The features of the peers' script: lags; mean, std, min and max over 3, 6 and 12; expanding mean; exponentially weighted
/// mean; differences; seasonal mean; mean and std by date. All of the value one period ago.
const FEATURES: [&str; 7] = [
    "lag:1,2,3,6,12",
    "rolling:mean,std,min,max:3,6,12",
    "expanding:mean",
    "ewm:0.3",
    "difference:1,12",
    "seasonal:mean:12,3",
    "by_date:all:mean,std",
];
const REPEATS: usize = 7;

/// A random walk on the log scale with a yearly cycle, as in the peers' script.
fn panel(n_series: usize, length: usize) -> Panel {
    let mut state = 7_u64;
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut normal = || {
        let (radius, angle) = ((-2.0 * uniform().max(1e-300).ln()).sqrt(), std::f64::consts::TAU * uniform());
        radius * angle.cos()
    };
    let start = Period::month(1990, 1).expect("a month");
    let series = (0..n_series).map(|index| {
        let mut walk = 0.0;
        let y = (0..length).map(|t| {
            walk += normal();
            (0.05 * walk + 3.0 + 0.1 * (std::f64::consts::TAU * t as f64 / 12.0).sin()).exp()
        });
        (SeriesKey::national(format!("{index:07}")), start, y.collect::<Vec<f64>>())
    });
    Panel::from_series("y", series).expect("regular series")
}

fn pipeline(features: &[&str], panel: &Panel) -> FittedPipeline {
    let recipe =
        features.iter().fold(FeaturePipeline::new(), |all, form| all.then(parse(form).expect("a form of the crate")));
    recipe.fit(panel).expect("a panel with a column")
}

/// The same columns in the plainest way: a loop for each feature over each series, columns one behind the other.
fn baseline(panel: &Panel) -> Vec<f64> {
    let n_rows = panel.n_rows();
    let mut out = vec![f64::NAN; n_rows * 24];
    let length = panel.series(0).len();
    let mut by_date = vec![(0.0, 0.0); length];
    for (t, (mean, std)) in by_date.iter_mut().enumerate() {
        let values = || panel.iter().map(|series| series.values(0)[t]);
        *mean = values().sum::<f64>() / panel.n_series() as f64;
        let squares: f64 = values().map(|v| (v - *mean) * (v - *mean)).sum();
        *std = (squares / (panel.n_series() as f64 - 1.0)).sqrt();
    }
    for (index, series) in panel.iter().enumerate() {
        let y = series.values(0);
        let first = panel.offsets()[index];
        let mut column = 0;
        let mut put = |f: &dyn Fn(usize) -> Option<f64>| {
            let out = &mut out[column * n_rows + first..][..y.len()];
            for (t, out) in out.iter_mut().enumerate().skip(1) {
                *out = f(t).unwrap_or(f64::NAN);
            }
            column += 1;
        };
        for lag in [1, 2, 3, 6, 12] {
            put(&|t| Some(y[t.checked_sub(lag)?]));
        }
        let windows = [3, 6, 12];
        let window = |t: usize, n: usize| Some(&y[t.checked_sub(n)?..t]);
        let mean = |w: &[f64]| w.iter().sum::<f64>() / w.len() as f64;
        for n in windows {
            put(&|t| window(t, n).map(mean));
        }
        for n in windows {
            put(&|t| {
                let w = window(t, n)?;
                let centre = mean(w);
                Some((w.iter().map(|v| (v - centre) * (v - centre)).sum::<f64>() / (n as f64 - 1.0)).sqrt())
            });
        }
        for n in windows {
            put(&|t| Some(window(t, n)?.iter().copied().fold(f64::INFINITY, f64::min)));
        }
        for n in windows {
            put(&|t| Some(window(t, n)?.iter().copied().fold(f64::NEG_INFINITY, f64::max)));
        }
        let (mut sums, mut levels, mut sum, mut level) = (Vec::new(), Vec::new(), 0.0, y[0]);
        for (t, v) in y.iter().enumerate() {
            sum += v;
            level = if t == 0 { *v } else { 0.3 * v + 0.7 * level };
            sums.push(sum);
            levels.push(level);
        }
        put(&|t| Some(sums[t - 1] / t as f64));
        put(&|t| Some(levels[t - 1]));
        for span in [1, 12] {
            put(&|t| Some(y[t - 1] - y[(t - 1).checked_sub(span)?]));
        }
        put(&|t| Some((y[t - 1] + y[t.checked_sub(13)?] + y[t.checked_sub(25)?]) / 3.0));
        put(&|t| Some(by_date[t - 1].0));
        put(&|t| Some(by_date[t - 1].1));
    }
    out
}

fn assert_agreement(panel: &Panel, matrix: &FeatureMatrix) {
    let plain = baseline(panel);
    let found = matrix.view();
    assert_eq!(found.ncols(), 24);
    for (column, name) in matrix.names().iter().enumerate() {
        for row in 0..panel.n_rows() {
            let (found, plain) = (found[[row, column]], plain[column * panel.n_rows() + row]);
            let close = (found - plain).abs() <= 1e-9 * plain.abs().max(1.0);
            let same = if plain.is_nan() { found.is_nan() } else { close };
            assert!(same, "{name}, row {row}: {found} {plain}");
        }
    }
}

/// CPU seconds of this process, and its peak of resident memory in MB; NaN where the system does not tell.
fn usage() -> (f64, f64) {
    let text = |name| std::fs::read_to_string(name).unwrap_or_default();
    let cpu = cpu_seconds_of_stat(&text("/proc/self/stat")).unwrap_or(f64::NAN);
    let status = text("/proc/self/status");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
    (cpu, peak.map_or(f64::NAN, |kb: f64| kb / 1024.0))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Cells a second if nothing were computed: streaming stores over memory that was touched before.
fn write_ceiling<T: Element>(pool: &rayon::ThreadPool, cells: usize) -> f64 {
    let mut matrix = vec![T::default(); cells];
    let mut run = || {
        let start = Instant::now();
        pool.install(|| matrix.par_chunks_mut(1 << 16).for_each(|part| fill_past_cache(part, 1.5)));
        cells as f64 / start.elapsed().as_secs_f64()
    };
    run();
    median((0..REPEATS).map(|_| run()).collect())
}

/// What to measure.
struct Case<'a> {
    name: &'a str,
    features: &'a [&'a str],
    n_series: usize,
    length: usize,
    threads: usize,
    /// Rows of a chunk; the whole matrix at once without one.
    chunk: Option<usize>,
}

impl Case<'_> {
    fn pool(&self) -> rayon::ThreadPool {
        rayon::ThreadPoolBuilder::new().num_threads(self.threads).build().expect("threads")
    }

    /// Runs it again and again, and prints the line.
    fn report<T: Element>(&self, cells: usize, written: usize, needed: usize, mut run: impl FnMut()) {
        run();
        let before = usage().0;
        let mut walls = Vec::new();
        for _ in 0..REPEATS {
            let start = Instant::now();
            run();
            walls.push(start.elapsed().as_secs_f64());
        }
        let (cpu, peak) = usage();
        // As much memory as the case writes to: a small part of it would stay in the cache.
        let ceiling = write_ceiling::<T>(&self.pool(), written);
        let (first, median) = (walls.iter().copied().fold(f64::INFINITY, f64::min), median(walls));
        let (name, threads, bits) = (self.name, self.threads, size_of::<T>() * 8);
        println!(
            "{{\"case\":\"{name}\",\"cells_per_s\":{:.4e},\"best_cells_per_s\":{:.4e},\"cells_per_cpu_s\":{:.4e},\
             \"write_ceiling_cells_per_s\":{ceiling:.4e},\"peak_rss_mb\":{peak:.0},\"input_output_mb\":{:.0},\
             \"threads\":{threads},\"dtype\":\"f{bits}\",\"series\":{},\"length\":{}}}",
            cells as f64 / median,
            cells as f64 / first,
            (cells * REPEATS) as f64 / (cpu - before),
            needed as f64 / 1_048_576.0,
            self.n_series,
            self.length,
        );
    }

    fn measure<T: Element>(&self) {
        let panel = panel(self.n_series, self.length);
        let (pool, fitted) = (self.pool(), pipeline(self.features, &panel));
        let cells = panel.n_rows() * fitted.columns().len();
        let mut matrix = FeatureMatrix::<T>::default();
        let kept = self.chunk.map_or(panel.n_rows(), |rows| rows.min(panel.n_rows()));
        let needed = panel.n_rows() * 8 + kept * fitted.columns().len() * size_of::<T>();
        self.report::<T>(cells, kept * fitted.columns().len(), needed, || {
            pool.install(|| match self.chunk {
                None => fitted.transform_into(&panel, &mut matrix),
                Some(rows) => fitted.transform_chunks(&panel, rows, |chunk: &FeatureMatrix<T>| {
                    black_box(chunk);
                    Ok(())
                }),
            })
            .expect("no step can fail");
        });
        black_box(&matrix);
    }

    /// One period for each series and run.
    fn measure_stream(&self) {
        let panel = panel(self.n_series, self.length);
        let fitted = pipeline(self.features, &panel);
        let mut stream = fitted.stream(&panel).expect("series that end together");
        let values = Array2::from_elem((self.n_series, 1), 20.0);
        let cells = self.n_series * fitted.columns().len();
        self.report::<f64>(cells, cells, self.n_series * 8 * (self.length + fitted.columns().len()), || {
            black_box(stream.push(values.view()).expect("no step can fail"));
        });
    }
}

fn json(arguments: &[String]) {
    let option = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name)?;
        arguments.get(place + 1)
    };
    let number = |name: &str, default| option(name).map_or(default, |text| text.parse().expect("a number"));
    let threads: Vec<usize> = option("--threads")
        .map_or_else(|| vec![1, 2], |list| list.split(',').map(|n| n.parse().expect("a number")).collect());
    let (n_series, length) = (number("--series", 20_000), number("--length", 120));
    let small = panel(200, 60);
    assert_agreement(&small, &pipeline(&FEATURES, &small).transform(&small).expect("no step can fail"));
    let chunk = option("--chunk").map(|text| text.parse().expect("a number"));
    let only = option("--only").map(String::as_str);
    let wanted = |name: &str| only.is_none_or(|only| only == name);
    for threads in threads {
        let case = |name, features| Case { name, features, n_series, length, threads, chunk };
        if wanted("f64") {
            case("all", &FEATURES).measure::<f64>();
        }
        if wanted("f32") {
            case("all", &FEATURES).measure::<f32>();
        }
        if wanted("std") {
            case("rolling_std", &["rolling:std:3,6,12"]).measure::<f64>();
        }
        if wanted("median") {
            case("rolling_median", &["rolling:median:12"]).measure::<f64>();
        }
        if wanted("stream") && threads == 1 {
            case("stream", &FEATURES).measure_stream();
        }
    }
}

fn criterion(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("features");
    group.sample_size(10);
    for n_series in [100, 1_000, 5_000] {
        let panel = panel(n_series, 120);
        let fitted = pipeline(&FEATURES, &panel);
        let mut matrix = fitted.transform(&panel).expect("no step can fail");
        if n_series <= 1_000 {
            assert_agreement(&panel, &matrix);
        }
        group.throughput(Throughput::Elements(u64::try_from(panel.n_rows() * 24).expect("a count")));
        group.bench_function(BenchmarkId::new("baseline", n_series), |b| b.iter(|| baseline(&panel)));
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
        group.bench_function(BenchmarkId::new("sequential", n_series), |b| {
            b.iter(|| one.install(|| fitted.transform_into(&panel, &mut matrix)));
        });
        group.bench_function(BenchmarkId::new("parallel", n_series), |b| {
            b.iter(|| fitted.transform_into(&panel, &mut matrix));
        });
    }
    group.finish();
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.iter().any(|argument| argument == "--json") {
        return json(&arguments);
    }
    let mut c = Criterion::default().configure_from_args();
    criterion(&mut c);
    c.final_summary();
}
