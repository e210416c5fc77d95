//! What features read and write: rows of many series, be they a tile of a panel or one period of a stream.

use std::ops::Range;

use super::across::Told;
use super::element::Element;
use super::group::Group;
use crate::error::{DataError, Result};
use crate::key::SeriesKey;
use crate::numeric::rows::Column;
use crate::time::Period;

/// A feature of the crate, written once for both kinds of rows.
pub(super) trait Tiled {
    /// The longest lag that it reads: as many rows at the head of a series cannot be complete.
    fn reach(&self) -> usize;

    /// Writes its columns, each of the rows.
    fn write<T: Element>(&self, rows: &mut impl Rows, out: &mut [&mut [T]]) -> Result<()>;
}

/// What is kept of a window, by the row that it ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// The value itself; length 1.
    Value,
    Sum,
    /// Sum of squared deviations from the window's mean.
    Squares,
    Minimum,
    Maximum,
}

impl Kept {
    pub(super) const KINDS: usize = 5;
}

/// The parts that a window of `length` values is put together from: even lengths are two halves, odd ones a newest part and
/// one value before it. They depend on the length alone, so that a column is the same bits whatever else is computed.
pub(super) fn parts(length: usize) -> (usize, usize) {
    let newer = if length.is_multiple_of(2) { length / 2 } else { length - 1 };
    (newer, length - newer)
}

/// Rows of many series. Cells that a history does not reach hold nonsense until [`Rows::write`] hides them.
pub(super) trait Rows {
    /// The position of a column of the panel.
    fn column(&self, name: &str) -> Result<usize, DataError>;

    /// Rows since the start of each row's series, as numbers that kernels compare; below 0 before it.
    fn age(&self) -> &[f64];

    /// Windows of `length` values of a column, put together once and shared.
    fn windows(&mut self, column: usize, kept: Kept, length: usize) -> usize;

    /// The windows at `index` (of [`Rows::windows`]) that end `lag` rows before each row.
    fn lagged(&self, index: usize, lag: usize) -> &[f64];

    /// Whether a value of the column may be missing.
    fn has_missing(&mut self, column: usize) -> bool;

    /// As many numbers as there are rows, whatever they are; give them back with [`Rows::give_back`].
    fn scratch(&mut self) -> Vec<f64>;

    /// Takes scratch rows back for the next feature.
    fn give_back(&mut self, rows: Vec<f64>);

    /// Carries a state along each series: `next` takes the value `lag` rows before a row and gives what to write there.
    /// Rows without such a value become NaN. A feature that is not quick calls it as often for any rows.
    fn scan<const N: usize, const M: usize>(
        &mut self,
        column: usize,
        lag: usize,
        start: [f64; N],
        next: impl Fn(&mut [f64; N], f64) -> [f64; M],
        out: &mut [Vec<f64>; M],
    );

    /// The mean of all values up to `lag` rows before each row, if there is a quicker way to it than a scan, with the same
    /// result.
    fn quick_means(&mut self, _column: usize, _lag: usize, _out: &mut [f64]) -> bool {
        false
    }

    /// The exponentially weighted mean of values up to `lag` rows before each row, if there is a quicker way than a scan.
    fn quick_levels(&mut self, _column: usize, _lag: usize, _alpha: f64, _out: &mut [f64]) -> bool {
        false
    }

    /// Writes a statistic of each whole window of `window` values, the newest `lag` rows before; NaN in other rows.
    fn full_windows<T: Element>(&mut self, at: WindowAt, statistic: impl FnMut(&[f64]) -> f64, out: &mut [T]);

    /// Writes over the rows whose window holds fewer than `window` present values. Windows at the head are shorter.
    fn partial_windows<T: Element>(&mut self, at: WindowAt, statistic: impl FnMut(&[f64]) -> f64, out: &mut [T]);

    /// Writes a quantile of each whole window; NaN in other rows.
    fn quantiles<T: Element>(&mut self, at: WindowAt, p: f64, out: &mut [T]);

    /// What is told of the group of each series, `lag` rows before each row; NaN without such a row.
    fn by_date(&mut self, column: usize, group: &Group, lag: usize, told: Told, out: &mut [f64]) -> Result<()>;

    /// Runs over the series: its rows, its key and the period of its first row here.
    fn each_series(&self, of: impl FnMut(Range<usize>, &SeriesKey, Period) -> Result<()>) -> Result<()>;

    /// Writes a column, NaN in the first `head` rows of each series.
    fn write<T: Element>(&self, out: &mut [T], head: usize, column: Column<'_>);
}

/// Windows of a column: how long, and how old their newest value is.
#[derive(Clone, Copy, Debug)]
pub(super) struct WindowAt {
    pub(super) column: usize,
    pub(super) lag: usize,
    pub(super) window: usize,
}

/// Writes what each period says, whatever the series: `of` gives the cells of one period.
pub(super) fn write_periods<T: Element>(
    rows: &impl Rows,
    out: &mut [&mut [T]],
    of: impl Fn(&SeriesKey, Period, &mut [f64]) -> Result<()>,
) -> Result<()> {
    let mut cells = vec![f64::NAN; out.len()];
    let mut table: Vec<f64> = Vec::new();
    let mut start: Option<Period> = None;
    rows.each_series(|rows, key, first| {
        let width = cells.len();
        // Series that begin together share their periods: what was computed for the last one is read off.
        if start != Some(first) {
            table.clear();
            start = Some(first);
        }
        let have = table.len() / width.max(1);
        for place in have..rows.len() {
            of(key, first.plus(i32::try_from(place).unwrap_or(i32::MAX)), &mut cells)?;
            table.extend_from_slice(&cells);
        }
        for (cells, row) in table.chunks_exact(width.max(1)).zip(rows) {
            out.iter_mut().zip(cells).for_each(|(out, cell)| out[row] = T::nearest(*cell));
        }
        Ok(())
    })
}
