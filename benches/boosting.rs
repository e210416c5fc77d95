//! Histogram gradient boosting on a matrix of 30 columns: the formula of the peers' `bench_models.py`, seeded.
//!
//! `cargo bench --bench boosting` compares with a plain loop over bins and rows; predictions must agree before anything is timed.
//! `cargo bench --bench boosting -- --json` prints one JSON line for each case instead: wall and CPU seconds of fit and of
//! prediction (medians of repeats), root mean squared error on held-out rows, peak of resident memory. Options behind `--json`:
//! `--threads 1,2`, `--rows 100000`, `--test-rows 100000`, `--trees 50`, `--repeats 3`, `--wide` for `f64`, `--bits` for the sum of
//! the bits of all predictions, and `--data FILE` to read little-endian `f32` rows of 30 columns and a target, the last
//! `--test-rows` of which are held out.

#![allow(clippy::print_stdout, reason = "the figures are what a bench is for")]

use std::hint::black_box;
use std::time::Instant;

use credcast::evaluate::cpu_seconds_of_stat;
use credcast::regression::{FittedRegressor, HistogramBoosting, Regressor};
use criterion::{BenchmarkId, Criterion, Throughput};
use ndarray::{Array1, Array2, s};

const N_COLUMNS: usize = 30;

/// Values and target; rows one behind the other, as they lie in files and in numpy.
struct Data {
    x: Array2<f32>,
    y: Array1<f64>,
}

/// `y = x w + 2 sin(2 x0) + x1 x2 + e`, all normal.
#[expect(clippy::cast_possible_truncation, reason = "rounding to f32 is wanted")]
fn generated(n_rows: usize) -> Data {
    let mut state = 3_u64;
    let mut uniform = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut normal = || {
        let (radius, angle) = ((-2.0 * uniform().max(1e-300).ln()).sqrt(), std::f64::consts::TAU * uniform());
        radius * angle.cos()
    };
    let w: Vec<f64> = (0..N_COLUMNS).map(|_| normal()).collect();
    let x = Array2::from_shape_simple_fn((n_rows, N_COLUMNS), || normal() as f32);
    let y = x.rows().into_iter().map(|row| {
        let value = |column: usize| f64::from(row[column]);
        let linear: f64 = w.iter().enumerate().map(|(column, w)| w * value(column)).sum();
        linear + 2.0 * (2.0 * value(0)).sin() + value(1) * value(2) + normal()
    });
    let y = y.collect();
    Data { x, y }
}

fn read(file: &str) -> Data {
    let bytes = std::fs::read(file).expect("a readable file");
    let width = N_COLUMNS + 1;
    let n_rows = bytes.len() / 4 / width;
    let mut x = Vec::with_capacity(n_rows * N_COLUMNS);
    let mut y = Vec::with_capacity(n_rows);
    for row in bytes.chunks_exact(4 * width) {
        let mut values = row.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
        x.extend(values.by_ref().take(N_COLUMNS));
        y.extend(values.map(f64::from));
    }
    Data { x: Array2::from_shape_vec((n_rows, N_COLUMNS), x).expect("whole rows"), y: Array1::from_vec(y) }
}

fn model(n_trees: usize) -> HistogramBoosting {
    HistogramBoosting::params().n_trees(n_trees).build().expect("allowed settings")
}

/// The same trees in the plainest way: every leaf sums its own histogram, in `f64`, and missing values are not thought of. Columns
/// have few values, so that every value is a bin.
fn baseline(x: &Array2<f64>, y: &Array1<f64>, n_trees: usize) -> Vec<f64> {
    struct Leaf {
        rows: Vec<usize>,
        best: Option<(f64, usize, f64)>,
    }
    let best_split = |rows: &[usize], gradients: &[f64]| {
        let total: f64 = rows.iter().map(|&row| gradients[row]).sum();
        let n = rows.len() as f64;
        let mut best: Option<(f64, usize, f64)> = None;
        for column in 0..x.ncols() {
            let mut sums = std::collections::BTreeMap::new();
            for &row in rows {
                let sum = sums.entry(x[[row, column]].to_bits()).or_insert((x[[row, column]], 0.0, 0.0));
                sum.1 += gradients[row];
                sum.2 += 1.0;
            }
            let mut bins: Vec<_> = sums.into_values().collect();
            bins.sort_by(|a, b| a.0.total_cmp(&b.0));
            let (mut left, mut n_left) = (0.0, 0.0);
            for (value, sum, count) in bins {
                left += sum;
                n_left += count;
                if n_left < 20.0 || n - n_left < 20.0 {
                    continue;
                }
                let right = total - left;
                let gain = left * left / n_left + right * right / (n - n_left) - total * total / n;
                if gain > best.map_or(1e-9, |best| best.0) {
                    best = Some((gain, column, value));
                }
            }
        }
        best
    };
    let start = y.sum() / y.len() as f64;
    let mut scores = vec![start; y.len()];
    for _ in 0..n_trees {
        let gradients: Vec<f64> = scores.iter().zip(y).map(|(score, y)| score - y).collect();
        let leaf = |rows: Vec<usize>| Leaf { best: best_split(&rows, &gradients), rows };
        let mut leaves = vec![leaf((0..y.len()).collect())];
        while leaves.len() < 31 {
            let gain = |leaf: &Leaf| leaf.best.map_or(0.0, |best| best.0);
            let Some(at) = (0..leaves.len()).max_by(|&a, &b| gain(&leaves[a]).total_cmp(&gain(&leaves[b]))) else {
                break;
            };
            let Some((_, column, value)) = leaves[at].best else { break };
            let parent = leaves.swap_remove(at);
            let (left, right) = parent.rows.into_iter().partition(|&row| x[[row, column]] <= value);
            leaves.extend([leaf(left), leaf(right)]);
        }
        for leaf in leaves {
            let step = -leaf.rows.iter().map(|&row| gradients[row]).sum::<f64>() / leaf.rows.len() as f64;
            leaf.rows.iter().for_each(|&row| scores[row] += 0.1 * step);
        }
    }
    scores
}

/// Columns of 40 values each.
fn coarse(n_rows: usize) -> (Array2<f64>, Array1<f64>) {
    let data = generated(n_rows);
    (data.x.slice(s![.., ..6]).mapv(|v| (f64::from(v) * 8.0).round().clamp(-20.0, 19.0) + 0.0), data.y)
}

fn assert_agreement() {
    let (x, y) = coarse(3_000);
    let plain = baseline(&x, &y, 10);
    let found = model(10).fit(x.view(), y.view()).expect("a model").predict(x.view()).expect("predictions");
    for (row, (found, plain)) in found.iter().zip(plain).enumerate() {
        assert!((found - plain).abs() <= 1e-9 * plain.abs().max(1.0), "row {row}: {found} {plain}");
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

/// Runs `work` and says how long it took by the wall clock and by that of the CPU.
fn timed<R>(work: impl FnOnce() -> R) -> (R, f64, f64) {
    let (start, before) = (Instant::now(), usage().0);
    let result = work();
    (result, start.elapsed().as_secs_f64(), usage().0 - before)
}

fn json(arguments: &[String]) {
    let option = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name)?;
        arguments.get(place + 1)
    };
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let number = |name: &str, default| option(name).map_or(default, |text| text.parse().expect("a number"));
    let threads: Vec<usize> = option("--threads")
        .map_or_else(|| vec![1, 2], |list| list.split(',').map(|n| n.parse().expect("a number")).collect());
    let (n_train, n_test) = (number("--rows", 100_000), number("--test-rows", 100_000));
    let (n_trees, repeats) = (number("--trees", 50), number("--repeats", 3));
    assert_agreement();
    let data = option("--data").map_or_else(|| generated(n_train + n_test), |file| read(file));
    let n_train = data.y.len() - n_test;
    let (x, y) = (data.x.slice(s![..n_train, ..]), data.y.slice(s![..n_train]));
    let (test_x, test_y) = (data.x.slice(s![n_train.., ..]), data.y.slice(s![n_train..]));
    let wide = has("--wide").then(|| data.x.mapv(f64::from));
    let model = model(n_trees);
    for threads in threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let (mut fits, mut fit_cpu, mut predictions, mut predict_cpu) = (vec![], vec![], vec![], vec![]);
        let (mut rmse, mut bits, mut n_predicted) = (f64::NAN, 0_u64, 0);
        for _ in 0..repeats {
            let (fitted, wall, cpu) = timed(|| {
                pool.install(|| match &wide {
                    Some(x) => model.fit_values(x.slice(s![..n_train, ..]), y, None),
                    None => model.fit_values(x, y, None),
                })
            });
            let fitted = fitted.expect("a model");
            fits.push(wall);
            fit_cpu.push(cpu);
            let (predicted, wall, cpu) = timed(|| {
                pool.install(|| match &wide {
                    Some(x) => fitted.predict_values(x.view()),
                    None => fitted.predict_values(data.x.view()),
                })
            });
            let predicted = predicted.expect("predictions");
            predictions.push(wall);
            predict_cpu.push(cpu);
            n_predicted = predicted.len();
            bits = predicted.iter().fold(0, |sum, value| sum.wrapping_add(value.to_bits()));
            let test = fitted.predict_values(test_x).expect("predictions");
            rmse = ((&test - &test_y).mapv(|apart| apart * apart).sum() / test_y.len() as f64).sqrt();
        }
        let sum = if has("--bits") { format!(",\"bits\":{bits}") } else { String::new() };
        println!(
            "{{\"rows\":{n_train},\"columns\":{N_COLUMNS},\"trees\":{n_trees},\"threads\":{threads},\"fit_s\":{:.3},\
             \"fit_cpu_s\":{:.3},\"rows_predicted\":{n_predicted},\"predict_s\":{:.4},\"predict_cpu_s\":{:.4},\
             \"test_rmse\":{rmse:.5},\"peak_rss_mb\":{:.0}{sum}}}",
            median(fits),
            median(fit_cpu),
            median(predictions),
            median(predict_cpu),
            usage().1,
        );
    }
}

fn criterion(criterion: &mut Criterion) {
    assert_agreement();
    let mut group = criterion.benchmark_group("boosting");
    group.sample_size(10);
    for n_rows in [1_000, 3_000, 10_000] {
        let (x, y) = coarse(n_rows);
        let model = model(10);
        group.throughput(Throughput::Elements(n_rows as u64));
        group.bench_function(BenchmarkId::new("baseline", n_rows), |b| b.iter(|| baseline(&x, &y, 10)));
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
        group.bench_function(BenchmarkId::new("sequential", n_rows), |b| {
            b.iter(|| one.install(|| black_box(model.fit(x.view(), y.view()))));
        });
        group.bench_function(BenchmarkId::new("parallel", n_rows), |b| {
            b.iter(|| black_box(model.fit(x.view(), y.view())));
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
