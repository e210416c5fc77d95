//! Loops over the rows of a tile: windows put together from shorter windows, and columns written past the cache.
//!
//! Every loop exists twice: in portable Rust, and compiled for AVX2 where the machine has it (found out at run time). Both
//! do the same operations on each row in the same order, so that results agree bit for bit; the tests hold them to it.
//!
//! `unsafe` is allowed in this file only: for calls of functions compiled for AVX2 after asking for it, and for its loads
//! and stores, whose bounds are checked before each loop.

#![allow(unsafe_code, reason = "vector loads and stores, each block with its reason and a safe twin")]

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    __m256d, _CMP_LT_OQ, _mm256_blendv_pd, _mm256_cmp_pd, _mm256_cvtpd_ps, _mm256_loadu_pd, _mm256_max_pd,
    _mm256_min_pd, _mm256_mul_pd, _mm256_set_m128, _mm256_set1_pd, _mm256_sqrt_pd, _mm256_storeu_pd, _mm256_stream_pd,
    _mm256_stream_ps, _mm256_sub_pd,
};

mod sealed {
    #[expect(unnameable_types, reason = "what cannot be named cannot be implemented elsewhere")]
    pub trait Sealed {}
    impl Sealed for f64 {}
    impl Sealed for f32 {}
}

/// A number that a design matrix may hold: `f64` or `f32`. Both are computed in `f64` and rounded once, when written.
pub trait Element: sealed::Sealed + Copy + Default + PartialEq + std::fmt::Debug + Send + Sync + 'static {
    /// Numbers in 64 bytes, which one streaming store fills.
    #[doc(hidden)]
    const PER_LINE: usize;

    /// The nearest value of this type.
    #[must_use]
    fn nearest(value: f64) -> Self;

    /// Whether it is no NaN.
    #[must_use]
    fn is_present(self) -> bool;

    /// Writes one aligned line past the cache from the vectors that `four` gives for rows 0, 4, ....
    ///
    /// # Safety
    /// The machine has AVX2, and `to` is aligned to 64 bytes and good for [`Element::PER_LINE`] numbers.
    #[doc(hidden)]
    #[cfg(target_arch = "x86_64")]
    unsafe fn stream_line(to: *mut Self, four: impl Fn(usize) -> __m256d);
}

impl Element for f64 {
    const PER_LINE: usize = 8;

    fn nearest(value: f64) -> Self {
        value
    }

    fn is_present(self) -> bool {
        !self.is_nan()
    }

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    unsafe fn stream_line(to: *mut Self, four: impl Fn(usize) -> __m256d) {
        // SAFETY: the caller's promise.
        unsafe {
            _mm256_stream_pd(to, four(0));
            _mm256_stream_pd(to.add(4), four(4));
        }
    }
}

impl Element for f32 {
    const PER_LINE: usize = 16;

    #[expect(clippy::cast_possible_truncation, reason = "rounding to the nearest f32 is what is asked for")]
    fn nearest(value: f64) -> Self {
        value as Self
    }

    fn is_present(self) -> bool {
        !self.is_nan()
    }

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    unsafe fn stream_line(to: *mut Self, four: impl Fn(usize) -> __m256d) {
        // SAFETY: the caller's promise.
        unsafe {
            for half in [0, 8] {
                let (low, high) = (_mm256_cvtpd_ps(four(half)), _mm256_cvtpd_ps(four(half + 4)));
                _mm256_stream_ps(to.add(half), _mm256_set_m128(high, low));
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn avx2() -> bool {
    is_x86_feature_detected!("avx2")
}

/// A kernel with a portable body and the same body compiled for AVX2.
macro_rules! kernels {
    ($(
        $(#[$doc:meta])*
        fn $name:ident / $vector:ident / $portable:ident($($argument:ident: $type:ty),*) $(-> $result:ty)? $body:block
    )+) => {$(
        $(#[$doc])*
        pub(crate) fn $name($($argument: $type),*) $(-> $result)? {
            #[cfg(target_arch = "x86_64")]
            if avx2() {
                // SAFETY: the machine has AVX2; the body is safe code.
                return unsafe { $vector($($argument),*) };
            }
            $portable($($argument),*)
        }

        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2")]
        fn $vector($($argument: $type),*) $(-> $result)? {
            $portable($($argument),*)
        }

        #[inline(always)]
        fn $portable($($argument: $type),*) $(-> $result)? $body
    )+};
}

kernels! {
    /// Writes `newer[t] + older[t - lag]` to `out[t]`. Rows before `lag` keep what they hold.
    fn merge_sums / merge_sums_avx2 / merge_sums_portable(newer: &[f64], older: &[f64], lag: usize, out: &mut [f64]) {
        let n = out.len();
        let lag = lag.min(n);
        let (newer, older) = (&newer[lag..n], &older[..n - lag]);
        for ((out, new), old) in out[lag..].iter_mut().zip(newer).zip(older) {
            *out = new + old;
        }
    }

    /// Writes the smaller of `newer[t]` and `older[t - lag]` to `out[t]`.
    fn merge_minima / merge_minima_avx2 / merge_minima_portable(
        newer: &[f64], older: &[f64], lag: usize, out: &mut [f64]
    ) {
        let n = out.len();
        let lag = lag.min(n);
        let (newer, older) = (&newer[lag..n], &older[..n - lag]);
        for ((out, &new), &old) in out[lag..].iter_mut().zip(newer).zip(older) {
            *out = if new < old { new } else { old };
        }
    }

    /// Writes the larger of `newer[t]` and `older[t - lag]` to `out[t]`.
    fn merge_maxima / merge_maxima_avx2 / merge_maxima_portable(
        newer: &[f64], older: &[f64], lag: usize, out: &mut [f64]
    ) {
        let n = out.len();
        let lag = lag.min(n);
        let (newer, older) = (&newer[lag..n], &older[..n - lag]);
        for ((out, &new), &old) in out[lag..].iter_mut().zip(newer).zip(older) {
            *out = if new > old { new } else { old };
        }
    }

    /// Puts together the sums of squared deviations of two windows that follow each other:
    ///
    /// ```text
    /// q[t] = q_newer[t] + q_older[t-lag] + (mean_newer[t] - mean_older[t-lag])^2 n m / (n + m)
    /// ```
    /// with `n` values in the newer and `m` in the older window, `m` not above `n`. Its relative error does not grow with the level of the
    /// series (Chan, Golub & LeVeque 1983, "Algorithms for computing the sample variance", Am. Stat. 37, 242-247).
    fn merge_squares / merge_squares_avx2 / merge_squares_portable(
        newer: Moments<'_>, older: Moments<'_>, lag: usize, out: &mut [f64]
    ) {
        let (rows, lag) = (out.len(), lag.min(out.len()));
        let (n, m) = (newer.length as f64, older.length as f64);
        let (per_newer, per_older, weight) = (1.0 / n, 1.0 / m, n * m / (n + m));
        let (new_sums, old_sums) = (&newer.sums[lag..rows], &older.sums[..rows - lag]);
        let sums = new_sums.iter().zip(old_sums);
        let apart = |(new, old): (&f64, &f64)| {
            let apart = new * per_newer - old * per_older;
            apart * apart * weight
        };
        let out = out[lag..].iter_mut();
        match (newer.squares, older.squares) {
            (Some(new_squares), Some(old_squares)) => {
                let squares = new_squares[lag..rows].iter().zip(&old_squares[..rows - lag]);
                for ((out, sums), (new, old)) in out.zip(sums).zip(squares) {
                    *out = (new + old) + apart(sums);
                }
            }
            (Some(new_squares), None) => {
                for ((out, sums), new) in out.zip(sums).zip(&new_squares[lag..rows]) {
                    *out = new + apart(sums);
                }
            }
            (None, _) => {
                for (out, sums) in out.zip(sums) {
                    *out = apart(sums);
                }
            }
        }
    }

    /// Whether a value is NaN.
    fn any_missing / any_missing_avx2 / any_missing_portable(values: &[f64]) -> bool {
        // Without a way out in its middle, the loop compares many values at a time.
        values.iter().fold(0_u64, |missing, value| missing | u64::from(value.is_nan())) != 0
    }

    /// Copies `values` and tells whether one of them is NaN.
    fn copy_and_look / copy_and_look_avx2 / copy_and_look_portable(values: &[f64], out: &mut [f64]) -> bool {
        let mut missing = 0_u64;
        for (out, value) in out.iter_mut().zip(values) {
            *out = *value;
            missing |= u64::from(value.is_nan());
        }
        missing != 0
    }

    /// Adds `values` to `sums`.
    fn add / add_avx2 / add_portable(values: &[f64], sums: &mut [f64]) {
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += value;
        }
    }

    /// Adds the squared deviations of `values` from `means` to `squares`.
    fn add_squares / add_squares_avx2 / add_squares_portable(values: &[f64], means: &[f64], squares: &mut [f64]) {
        for ((square, value), mean) in squares.iter_mut().zip(values).zip(means) {
            let apart = value - mean;
            *square += apart * apart;
        }
    }
}

/// Puts pairs of lanes of `width` values in order, one pair after the other: of two values in the same place the smaller goes
/// to the first lane of the pair, which comes before the second.
///
/// # Panics
/// If a lane lies outside of `lanes`, or a pair's first lane does not come before its second.
pub(crate) fn order_lanes(lanes: &mut [f64], width: usize, pairs: &[(usize, usize)]) {
    for &(low, high) in pairs {
        let (before, from) = lanes.split_at_mut(high * width);
        let (low, high) = (&mut before[low * width..][..width], &mut from[..width]);
        #[cfg(target_arch = "x86_64")]
        if avx2() {
            // SAFETY: the machine has AVX2; both lanes are `width` long.
            unsafe { order_avx2(low, high) };
            continue;
        }
        order_portable(low, high);
    }
}

fn order_portable(low: &mut [f64], high: &mut [f64]) {
    for (low, high) in low.iter_mut().zip(high) {
        let (a, b) = (*low, *high);
        *low = if b < a { b } else { a };
        *high = if b < a { a } else { b };
    }
}

/// Written out because the compiler makes masked stores of the portable loop, which cost ten times as much.
///
/// # Safety
/// The lanes have the same length.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn order_avx2(low: &mut [f64], high: &mut [f64]) {
    let whole = low.len() / 4 * 4;
    for row in (0..whole).step_by(4) {
        // SAFETY: `row + 4 <= whole`, which is not above either length.
        unsafe {
            let (a, b) = (load(low, row), load(high, row));
            _mm256_storeu_pd(low.as_mut_ptr().add(row), _mm256_min_pd(b, a));
            _mm256_storeu_pd(high.as_mut_ptr().add(row), _mm256_max_pd(a, b));
        }
    }
    order_portable(&mut low[whole..], &mut high[whole..]);
}

/// Writes running sums of each of four series: four chains of additions keep the adder busy where one would wait for it.
pub(crate) fn running_sums(series: [&[f64]; 4], out: [&mut [f64]; 4]) {
    scan(series, out, [0.0; 4], |sum, value| sum + value);
}

/// Writes `m[0] = y[0]`, `m[t] = alpha y[t] + (1 - alpha) m[t-1]` for each of four series.
pub(crate) fn running_levels(series: [&[f64]; 4], out: [&mut [f64]; 4], alpha: f64) {
    let rest = 1.0 - alpha;
    let mut first = [0.0; 4];
    let mut tails = [[].as_slice(); 4];
    let mut place = 0;
    let outs = out.map(|out| {
        let y = series[place];
        let begun = match (y.first(), out.first_mut()) {
            (Some(value), Some(out)) => {
                first[place] = *value;
                *out = *value;
                1
            }
            _ => 0,
        };
        tails[place] = &y[begun..];
        place += 1;
        &mut out[begun..]
    });
    scan(tails, outs, first, |level, value| alpha * value + rest * level);
}

/// Carries a state along each of four series, as far as the shorter of series and output goes.
#[inline(always)]
fn scan(series: [&[f64]; 4], out: [&mut [f64]; 4], mut state: [f64; 4], next: impl Fn(f64, f64) -> f64) {
    let [a, b, c, d] = out;
    let lengths = [
        a.len().min(series[0].len()),
        b.len().min(series[1].len()),
        c.len().min(series[2].len()),
        d.len().min(series[3].len()),
    ];
    let common = lengths.into_iter().min().unwrap_or(0);
    for row in 0..common {
        for (state, series) in state.iter_mut().zip(series) {
            *state = next(*state, series[row]);
        }
        (a[row], b[row], c[row], d[row]) = (state[0], state[1], state[2], state[3]);
    }
    for (((out, series), state), length) in [a, b, c, d].into_iter().zip(series).zip(&mut state).zip(lengths) {
        for (out, value) in out[common..length].iter_mut().zip(&series[common..length]) {
            *state = next(*state, *value);
            *out = *state;
        }
    }
}

/// Sums and sums of squared deviations of windows of one length, by the row that each ends in.
#[derive(Clone, Copy)]
pub(crate) struct Moments<'a> {
    pub(crate) length: usize,
    pub(crate) sums: &'a [f64],
    /// `None` for windows of one value, which does not deviate from itself.
    pub(crate) squares: Option<&'a [f64]>,
}

/// What a column is made of, row by row. Slices are as long as the column.
#[derive(Clone, Copy)]
pub(crate) enum Column<'a> {
    /// `a`.
    Copy(&'a [f64]),
    /// `a * factor`.
    Scaled(&'a [f64], f64),
    /// The square root of `a * factor`.
    Root(&'a [f64], f64),
    /// `a - b`.
    Difference(&'a [f64], &'a [f64]),
}

/// Writes a column, NaN in rows whose `age` (rows since the start of the series) is below `head`.
///
/// # Panics
/// If a slice is shorter than `out`.
pub(crate) fn write<T: Element>(out: &mut [T], age: &[f64], head: usize, column: Column<'_>) {
    let n = out.len();
    let (age, head) = (&age[..n], head as f64);
    match column {
        Column::Copy(a) => write_rows(out, age, head, Values { a: &a[..n] }),
        Column::Scaled(a, factor) => write_rows(out, age, head, Scaled { a: &a[..n], factor }),
        Column::Root(a, factor) => write_rows(out, age, head, Root { a: &a[..n], factor }),
        Column::Difference(a, b) => write_rows(out, age, head, Difference { a: &a[..n], b: &b[..n] }),
    }
}

/// Rows to write: one at a time, or four together with the same result.
trait Rows: Copy {
    fn one(self, row: usize) -> f64;

    /// # Safety
    /// The machine has AVX2 and `row + 4` rows exist.
    #[cfg(target_arch = "x86_64")]
    unsafe fn four(self, row: usize) -> __m256d;
}

/// Four numbers from `row` on.
///
/// # Safety
/// The machine has AVX2 and `row + 4 <= a.len()`.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn load(a: &[f64], row: usize) -> __m256d {
    debug_assert!(row + 4 <= a.len());
    // SAFETY: the caller's promise.
    unsafe { _mm256_loadu_pd(a.as_ptr().add(row)) }
}

macro_rules! rows {
    ($($name:ident { $($slice:ident),+ ; $($number:ident),* } ($row:ident, $this:ident) one $one:expr; four $four:expr;)+) => {$(
        #[derive(Clone, Copy)]
        struct $name<'a> { $($slice: &'a [f64],)+ $($number: f64,)* }

        impl Rows for $name<'_> {
            #[inline(always)]
            fn one(self, $row: usize) -> f64 {
                let $this = self;
                $one
            }

            #[cfg(target_arch = "x86_64")]
            #[inline(always)]
            unsafe fn four(self, $row: usize) -> __m256d {
                let $this = self;
                // SAFETY: the caller's promise.
                unsafe { $four }
            }
        }
    )+};
}

rows! {
    Values { a; } (row, this) one this.a[row]; four load(this.a, row);
    Scaled { a; factor } (row, this)
        one this.a[row] * this.factor;
        four _mm256_mul_pd(load(this.a, row), _mm256_set1_pd(this.factor));
    Root { a; factor } (row, this)
        one (this.a[row] * this.factor).sqrt();
        four _mm256_sqrt_pd(_mm256_mul_pd(load(this.a, row), _mm256_set1_pd(this.factor)));
    Difference { a, b; } (row, this)
        one this.a[row] - this.b[row];
        four _mm256_sub_pd(load(this.a, row), load(this.b, row));
}

fn write_rows<T: Element>(out: &mut [T], age: &[f64], head: f64, rows: impl Rows) {
    #[cfg(target_arch = "x86_64")]
    if avx2() {
        // SAFETY: the machine has AVX2; `age` and the slices of `rows` are as long as `out` (cut in `write`).
        return unsafe { write_rows_avx2(out, age, head, rows) };
    }
    write_rows_portable(out, 0, age, head, rows);
}

/// From row `first` of the column on.
#[inline(always)]
fn write_rows_portable<T: Element>(out: &mut [T], first: usize, age: &[f64], head: f64, rows: impl Rows) {
    for (place, out) in out.iter_mut().enumerate() {
        let row = first + place;
        *out = T::nearest(if age[row] < head { f64::NAN } else { rows.one(row) });
    }
}

/// The rows before the first whole line and behind the last go through the cache, lines past it: a design matrix is
/// larger than the cache, and reading each line before overwriting it would double the traffic.
///
/// # Safety
/// `age` and the slices of `rows` are as long as `out`.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn write_rows_avx2<T: Element>(out: &mut [T], age: &[f64], head: f64, rows: impl Rows) {
    let n = out.len();
    let first = out.as_ptr().align_offset(64).min(n);
    let n_lines = (n - first) / T::PER_LINE;
    let last = first + n_lines * T::PER_LINE;
    write_rows_portable(&mut out[..first], 0, age, head, rows);
    let (limit, missing) = (_mm256_set1_pd(head), _mm256_set1_pd(f64::NAN));
    for line in 0..n_lines {
        let start = first + line * T::PER_LINE;
        // SAFETY: `start + PER_LINE <= last <= n`, the length of every slice; `start` is a multiple of a line behind the
        // first aligned number.
        unsafe {
            T::stream_line(out.as_mut_ptr().add(start), |place| {
                let young = _mm256_cmp_pd::<_CMP_LT_OQ>(load(age, start + place), limit);
                _mm256_blendv_pd(rows.four(start + place), missing, young)
            });
        }
    }
    write_rows_portable(&mut out[last..], last, age, head, rows);
}

/// Writes `value` everywhere, whole lines past the cache: as fast as this machine writes a design matrix that costs nothing to
/// compute. For benches.
#[doc(hidden)]
pub fn fill_past_cache<T: Element>(out: &mut [T], value: f64) {
    #[cfg(target_arch = "x86_64")]
    if avx2() {
        // SAFETY: the machine has AVX2.
        return unsafe { fill_past_cache_avx2(out, value) };
    }
    out.fill(T::nearest(value));
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn fill_past_cache_avx2<T: Element>(out: &mut [T], value: f64) {
    let first = out.as_ptr().align_offset(64).min(out.len());
    let (head, rest) = out.split_at_mut(first);
    let mut lines = rest.chunks_exact_mut(T::PER_LINE);
    let four = _mm256_set1_pd(value);
    for line in &mut lines {
        // SAFETY: the machine has AVX2, and `line` is one aligned line.
        unsafe { T::stream_line(line.as_mut_ptr(), |_| four) };
    }
    head.fill(T::nearest(value));
    lines.into_remainder().fill(T::nearest(value));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_filled() {
        for n in [0, 1, 7, 8, 100, 1001] {
            let (mut wide, mut narrow) = (vec![0.0; n], vec![0.0_f32; n]);
            fill_past_cache(&mut wide, 1.5);
            fill_past_cache(&mut narrow, 1.5);
            assert!(wide == vec![1.5; n] && narrow == vec![1.5; n]);
        }
    }

    fn noise(n: usize, seed: u64) -> Vec<f64> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / 1e6 - 1e3
        };
        (0..n).map(|_| next()).collect()
    }

    fn bits(values: &[f64]) -> Vec<u64> {
        values.iter().map(|v| v.to_bits()).collect()
    }

    #[test]
    fn both_bodies_of_every_kernel_agree_bit_for_bit() {
        let (a, b, c, d) = (noise(101, 1), noise(101, 2), noise(101, 3), noise(101, 4));
        type Merge = fn(&[f64], &[f64], usize, &mut [f64]);
        let merges: [(Merge, Merge); 3] = [
            (merge_sums, merge_sums_portable),
            (merge_minima, merge_minima_portable),
            (merge_maxima, merge_maxima_portable),
        ];
        for lag in [0, 1, 7, 101, 500] {
            for (kernel, portable) in merges {
                let (mut fast, mut plain) = (c.clone(), c.clone());
                kernel(&a, &b, lag, &mut fast);
                portable(&a, &b, lag, &mut plain);
                assert_eq!(bits(&fast), bits(&plain));
            }
        }
        let newer = Moments { length: 3, sums: &a, squares: Some(&b) };
        let older = Moments { length: 2, sums: &c, squares: Some(&d) };
        let (mut fast, mut plain) = (d.clone(), d.clone());
        merge_squares(newer, older, newer.length, &mut fast);
        merge_squares_portable(newer, older, newer.length, &mut plain);
        assert_eq!(bits(&fast), bits(&plain));
        order_lanes(&mut fast[..99], 33, &[(0, 2), (1, 2), (0, 1)]);
        for (low, high) in [(0, 2), (1, 2), (0, 1)] {
            let (before, from) = plain.split_at_mut(high * 33);
            order_portable(&mut before[low * 33..][..33], &mut from[..33]);
        }
        assert_eq!(bits(&fast), bits(&plain));
        assert!((0..33).all(|row| fast[row] <= fast[33 + row] && fast[33 + row] <= fast[66 + row]));
        add(&a, &mut fast);
        add_portable(&a, &mut plain);
        add_squares(&a, &b, &mut fast);
        add_squares_portable(&a, &b, &mut plain);
        assert_eq!(bits(&fast), bits(&plain));
    }

    fn columns_agree<T: Element>() {
        let (a, b) = (noise(200, 5).iter().map(|v| v.abs()).collect::<Vec<_>>(), noise(200, 6));
        let age: Vec<f64> = (0..200).map(|row| f64::from(row % 37)).collect();
        for (length, skip) in [(0, 0), (1, 3), (7, 1), (64, 0), (150, 5), (193, 7)] {
            for column in
                [Column::Copy(&a), Column::Scaled(&a, 1.0 / 3.0), Column::Root(&a, 0.2), Column::Difference(&a, &b)]
            {
                let mut fast = [T::default(); 200];
                write(&mut fast[skip..skip + length], &age, 12, column);
                let (a, b, age) = (&a[..length], &b[..length], &age[..length]);
                for row in 0..length {
                    let value = match column {
                        Column::Copy(_) => a[row],
                        Column::Scaled(_, factor) => a[row] * factor,
                        Column::Root(_, factor) => (a[row] * factor).sqrt(),
                        Column::Difference(..) => a[row] - b[row],
                    };
                    let expected = T::nearest(if age[row] < 12.0 { f64::NAN } else { value });
                    let found = fast[skip + row];
                    assert!(
                        found == expected || age[row] < 12.0 && !found.is_present(),
                        "{row}: {found:?} {expected:?}"
                    );
                }
                assert!(fast[..skip].iter().chain(&fast[skip + length..]).all(|v| *v == T::default()));
            }
        }
    }

    #[test]
    fn columns_are_written_where_they_belong_and_nowhere_else() {
        columns_agree::<f64>();
        columns_agree::<f32>();
    }
}
