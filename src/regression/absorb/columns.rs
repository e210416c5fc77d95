//! The columns and the target as the solver sees them: used rows only, centred, of size 1, a few columns and rows at a time.

use std::ops::Range;

use ndarray::{ArrayView1, ArrayView2};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::super::design::{self, CONSTANT_SHARE};
use super::input::AbsorbedDesign;
use super::levels::Levels;
use crate::error::FitError;

/// Rows that are read at a time: a block of them stays in the first caches.
pub(super) const ROWS: usize = 128;

/// Columns of `x` and behind them the target.
#[derive(Debug)]
pub(super) struct Columns<'a> {
    x: ArrayView2<'a, f64>,
    y: ArrayView1<'a, f64>,
    weights: Option<ArrayView1<'a, f64>>,
    levels: &'a Levels,
    /// What is taken off each column, and by what it is multiplied then: a power of 2, 0 for a constant one.
    shift: Vec<(f64, f64)>,
}

/// Smallest, largest and sum of the used values of each column.
type Extent = Vec<(f64, f64, f64)>;

impl<'a> Columns<'a> {
    /// Checks every value, of rows that are left out too, and finds centre and size of each column. O(n p).
    pub(super) fn new<'d: 'a>(design: &AbsorbedDesign<'d>, levels: &'a Levels) -> Result<Self, FitError> {
        let (x, y) = (design.x.reborrow(), design.y.reborrow());
        let width = x.ncols() + 1;
        check(x, y)?;
        let mut columns =
            Self { x, y, weights: design.weights.map(ArrayView1::reborrow), levels, shift: vec![(0.0, 1.0); width] };
        let extent = |rows: Range<usize>| {
            let mut extent: Extent = vec![(f64::INFINITY, f64::NEG_INFINITY, 0.0); width];
            let mut block = vec![0.0; ROWS * width];
            for from in rows.clone().step_by(ROWS) {
                let n = ROWS.min(rows.end - from);
                columns.read(0..width, from, width, &mut block[..n * width]);
                for row in block[..n * width].chunks_exact(width) {
                    for ((low, high, sum), value) in extent.iter_mut().zip(row) {
                        *low = low.min(*value);
                        *high = high.max(*value);
                        *sum += value;
                    }
                }
            }
            extent
        };
        let parts: Vec<Extent> = parts(levels.n, 64).into_par_iter().map(extent).collect();
        let whole = parts.into_iter().reduce(|mut whole, part| {
            for (whole, part) in whole.iter_mut().zip(part) {
                *whole = (whole.0.min(part.0), whole.1.max(part.1), whole.2 + part.2);
            }
            whole
        });
        let shift = |(low, high, sum): (f64, f64, f64)| {
            let (spread, size) = (high - low, high.abs().max(low.abs()));
            if spread <= CONSTANT_SHARE * size {
                return (low, 0.0);
            }
            // Any point within the column is a good centre: the effects take up the rest.
            let centre = (sum / levels.n as f64).clamp(low, high);
            (centre, (-spread.log2().floor()).clamp(-1000.0, 1000.0).exp2())
        };
        columns.shift = whole.into_iter().flatten().map(shift).collect();
        Ok(columns)
    }

    /// Number of columns, the target included.
    pub(super) fn len(&self) -> usize {
        self.shift.len()
    }

    /// By what the values of a column were multiplied; 0 for a constant one.
    pub(super) fn scale(&self, column: usize) -> f64 {
        self.shift[column].1
    }

    /// What was taken off a column.
    pub(super) fn centre(&self, column: usize) -> f64 {
        self.shift[column].0
    }

    pub(super) fn has_weights(&self) -> bool {
        self.weights.is_some()
    }

    /// Weight of used row `place`.
    pub(super) fn weight(&self, place: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[self.levels.row(place)])
    }

    /// Writes `columns` of the used rows from `from` on: `stride` values for each row of `out`, the first ones filled.
    pub(super) fn read(&self, columns: Range<usize>, from: usize, stride: usize, out: &mut [f64]) {
        let p = self.x.ncols();
        let shift = &self.shift[columns.clone()];
        let of_x = columns.start..columns.end.min(p);
        if let Some(values) = self.x.as_slice() {
            for (place, out) in out.chunks_exact_mut(stride).enumerate() {
                let row = self.levels.row(from + place);
                let values = &values[row * p..][of_x.clone()];
                for ((out, value), (centre, scale)) in out.iter_mut().zip(values).zip(shift) {
                    *out = (value - centre) * scale;
                }
            }
        } else {
            for (column, (centre, scale)) in of_x.clone().zip(shift) {
                let values = self.x.column(column);
                for (place, out) in out.chunks_exact_mut(stride).enumerate() {
                    out[column - columns.start] = (values[self.levels.row(from + place)] - centre) * scale;
                }
            }
        }
        if columns.end > p {
            let ((centre, scale), last) = (self.shift[p], p - columns.start);
            for (place, out) in out.chunks_exact_mut(stride).enumerate() {
                out[last] = (self.y[self.levels.row(from + place)] - centre) * scale;
            }
        }
    }
}

/// The first row with a value that cannot be used is named, whatever the number of threads.
fn check(x: ArrayView2<'_, f64>, y: ArrayView1<'_, f64>) -> Result<(), FitError> {
    let rows = |rows: Range<usize>| {
        rows.clone().zip(x.slice(ndarray::s![rows, ..]).rows()).try_for_each(|(row, values)| {
            values.iter().chain(std::iter::once(&y[row])).try_for_each(|value| design::check_value(row, *value))
        })
    };
    let found: Vec<Result<(), FitError>> = parts(y.len(), 64).into_par_iter().map(rows).collect();
    found.into_iter().collect()
}

/// `n` rows in at most `most` parts of about equal size, none below 1,024 rows unless there is but one.
pub(super) fn parts(n: usize, most: usize) -> Vec<Range<usize>> {
    let count = (n / 1024).clamp(1, most.max(1));
    (0..count).map(|part| part * n / count..(part + 1) * n / count).collect()
}

/// How a message names a column.
pub(super) fn name(column: usize, target: usize) -> String {
    if column == target { "the target".into() } else { format!("column {column}") }
}
