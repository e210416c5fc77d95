//! Least squares with four absorbed effects: 10 columns of 0 and 1, 5,000 + 400 + 20,000 + 120 levels, errors clustered by the
//! largest effect.
//!
//! `cargo bench --bench fixed_effects` compares with plain alternating projections, one column after the other; coefficients
//! must agree before anything is timed. `-- --json` prints a JSON line for each number of threads instead: seconds of CPU and of
//! the clock (the median of repeats), the peak of resident memory with what the input takes of it, iterations, coefficients and
//! standard errors. Options behind `--json`: `--rows 2000000`, `--threads 1,2`, `--repeats 3`, and `--data FILE` for the rows
//! that `tests/reference/fixed_effects.py ROWS FILE` wrote (and fits by pyfixest with `ROWS FILE fit`).

#![allow(clippy::print_stdout, reason = "the figures are what a bench is for")]

use std::fs::File;
use std::hint::black_box;
use std::io::{BufReader, Read};
use std::time::Instant;

use credcast::evaluate::cpu_seconds_of_stat;
use credcast::regression::{AbsorbedDesign, AbsorbedLeastSquares, Covariance, FittedAbsorbed, LeastSquares};
use criterion::{BenchmarkId, Criterion, Throughput};
use ndarray::{Array1, Array2};

/// Levels of occupation, region, employer and month.
const LEVELS: [u32; 4] = [5_000, 400, 20_000, 120];
const COLUMNS: usize = 10;

struct Data {
    x: Array2<f64>,
    y: Array1<f64>,
    codes: Vec<Vec<u32>>,
}

/// Data of the same make as those of the peers' script, from a generator of our own (Knuth's MMIX).
fn generate(n: usize) -> Data {
    let mut state = 7_u64;
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut normal = || {
        let (radius, angle) = ((-2.0 * uniform().max(1e-300).ln()).sqrt(), std::f64::consts::TAU * uniform());
        radius * angle.cos()
    };
    let effects = LEVELS.map(|levels| (0..levels).map(|_| normal()).collect::<Vec<f64>>());
    let mut state = 11_u64;
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below the number of levels")]
    let codes = LEVELS.map(|levels| (0..n).map(|_| (uniform() * f64::from(levels)) as u32).collect::<Vec<u32>>());
    let x = Array2::from_shape_fn((n, COLUMNS), |(row, column)| {
        let is_one = if column == 0 { effects[0][codes[0][row] as usize] + normal() > 1.5 } else { uniform() < 0.05 };
        f64::from(u8::from(is_one))
    });
    let y = (0..n)
        .map(|row| {
            let explained: f64 = (0..COLUMNS).map(|column| (0.02 + 0.02 * column as f64) * x[[row, column]]).sum();
            let effects = [0.3, 0.2, 0.3, 0.1].iter().zip(&effects).zip(&codes);
            let level: f64 = effects.map(|((size, effect), codes)| size * effect[codes[row] as usize]).sum();
            explained + level + 0.4 * normal()
        })
        .collect();
    Data { x, y, codes: codes.into() }
}

/// Data of a file: rows, columns and effects as u64, then `x` row by row and `y` as f64, then the codes as u32.
fn read(path: &str) -> std::io::Result<Data> {
    let mut file = BufReader::with_capacity(1 << 20, File::open(path)?);
    let mut word = [0; 8];
    let mut count = || {
        file.read_exact(&mut word)?;
        usize::try_from(u64::from_le_bytes(word)).map_err(std::io::Error::other)
    };
    let (n, p, n_effects) = (count()?, count()?, count()?);
    let mut numbers = |count: usize| {
        let mut values = Vec::with_capacity(count);
        for _ in 0..count {
            file.read_exact(&mut word)?;
            values.push(f64::from_le_bytes(word));
        }
        Ok::<_, std::io::Error>(values)
    };
    let x = Array2::from_shape_vec((n, p), numbers(n * p)?).map_err(std::io::Error::other)?;
    let y = Array1::from_vec(numbers(n)?);
    let mut half = [0; 4];
    let mut codes = Vec::new();
    for _ in 0..n_effects {
        let mut of_effect = Vec::with_capacity(n);
        for _ in 0..n {
            file.read_exact(&mut half)?;
            of_effect.push(u32::from_le_bytes(half));
        }
        codes.push(of_effect);
    }
    Ok(Data { x, y, codes })
}

fn fit(data: &Data) -> FittedAbsorbed {
    let effects: Vec<&[u32]> = data.codes.iter().map(|codes| &codes[..]).collect();
    let design =
        AbsorbedDesign::new(data.x.view(), data.y.view(), &effects).covariance(Covariance::Clustered(&data.codes[2]));
    AbsorbedLeastSquares::default().fit(&design).expect("data with an answer")
}

/// Takes the mean of each level out, one effect after the other, until a round changes nothing any more.
fn demean(column: &mut [f64], codes: &[Vec<u32>], levels: &[usize]) {
    let size = column.iter().map(|value| value * value).sum::<f64>().sqrt();
    loop {
        let mut change = 0.0;
        for (codes, levels) in codes.iter().zip(levels) {
            let mut sums = vec![(0.0, 0.0); *levels];
            for (code, value) in codes.iter().zip(&*column) {
                let (sum, count) = &mut sums[*code as usize];
                *sum += value;
                *count += 1.0;
            }
            for (code, value) in codes.iter().zip(&mut *column) {
                let (sum, count) = sums[*code as usize];
                *value -= sum / count;
            }
            change += sums.iter().filter(|(_, count)| *count > 0.0).map(|(sum, count)| sum * sum / count).sum::<f64>();
        }
        if change.sqrt() <= 1e-8 * size {
            break;
        }
    }
}

/// Coefficients by plain alternating projections, one column at a time, and least squares on what is left. Rows that stand alone
/// make no difference to coefficients.
fn baseline(data: &Data) -> Vec<f64> {
    let levels: Vec<usize> =
        data.codes.iter().map(|codes| codes.iter().max().map_or(0, |code| *code as usize + 1)).collect();
    let mut x = data.x.clone();
    for mut column in x.columns_mut() {
        let mut values = column.to_vec();
        demean(&mut values, &data.codes, &levels);
        column.assign(&Array1::from_vec(values));
    }
    let mut y = data.y.to_vec();
    demean(&mut y, &data.codes, &levels);
    let fitted = LeastSquares::fit(x.view(), Array1::from_vec(y).view(), None, Covariance::Classical)
        .expect("columns that the effects do not explain");
    fitted.coefficients.iter().flatten().map(|coefficient| coefficient.estimate).collect()
}

fn assert_agreement(data: &Data) {
    let (plain, fitted) = (baseline(data), fit(data));
    assert_eq!(plain.len(), COLUMNS);
    for (found, plain) in fitted.coefficients.iter().flatten().zip(plain) {
        assert!((found.estimate - plain).abs() <= 1e-6 * plain.abs(), "{} {plain}", found.estimate);
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

fn json(arguments: &[String]) {
    let option = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name)?;
        arguments.get(place + 1)
    };
    let number = |name: &str, default| option(name).map_or(default, |text| text.parse().expect("a number"));
    let threads: Vec<usize> = option("--threads")
        .map_or_else(|| vec![1, 2], |list| list.split(',').map(|n| n.parse().expect("a number")).collect());
    assert_agreement(&generate(20_000));
    let data = option("--data")
        .map_or_else(|| generate(number("--rows", 2_000_000)), |path| read(path).expect("a file of the script"));
    let input = data.x.len() * 8 + data.y.len() * 8 + data.codes.iter().map(|codes| codes.len() * 4).sum::<usize>();
    for threads in threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let (mut walls, mut cpus, mut last) = (Vec::new(), Vec::new(), None);
        for _ in 0..number("--repeats", 3) {
            let (start, cpu) = (Instant::now(), usage().0);
            last = Some(pool.install(|| black_box(fit(&data))));
            walls.push(start.elapsed().as_secs_f64());
            cpus.push(usage().0 - cpu);
        }
        let fitted = last.expect("at least one repeat");
        let of = |what: fn(&credcast::regression::Coefficient) -> f64| -> Vec<f64> {
            fitted.coefficients.iter().flatten().map(what).collect()
        };
        println!(
            "{{\"tool\":\"credcast\",\"rows\":{},\"threads\":{threads},\"cpu_s\":{:.3},\"wall_s\":{:.3},\
             \"peak_rss_mb\":{:.0},\"input_mb\":{:.0},\"iterations\":{},\"estimates\":{:?},\"errors\":{:?}}}",
            data.y.len(),
            median(cpus),
            median(walls),
            usage().1,
            input as f64 / 1_048_576.0,
            fitted.iterations,
            of(|coefficient| coefficient.estimate),
            of(|coefficient| coefficient.se),
        );
    }
}

fn criterion(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fixed_effects");
    group.sample_size(10);
    for n in [20_000, 100_000, 500_000] {
        let data = generate(n);
        if n <= 100_000 {
            assert_agreement(&data);
        }
        group.throughput(Throughput::Elements(u64::try_from(n).expect("a count")));
        group.bench_function(BenchmarkId::new("baseline", n), |b| b.iter(|| baseline(&data)));
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
        group.bench_function(BenchmarkId::new("sequential", n), |b| b.iter(|| one.install(|| fit(&data))));
        group.bench_function(BenchmarkId::new("parallel", n), |b| b.iter(|| fit(&data)));
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
