//! The binned matrix, by rows for histograms and by columns for dividing rows.

use ndarray::{ArrayView2, s};
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use super::super::design::LARGEST;
use super::bins::Lookup;
use super::params::check_present;
use crate::error::FitError;
use crate::numeric::rows::Element;

/// Columns of a panel: their codes fill a `u64`.
pub(super) const PANEL: usize = 8;

/// Rows of one task, and of one round within it.
const TASK: usize = 1 << 14;
const ROUND: usize = 512;

/// Codes row after row: one cache line holds 64 columns of a row, which histograms read together.
#[derive(Debug)]
pub(super) struct BinnedRows {
    words: Vec<u64>,
    n_columns: usize,
    n_panels: usize,
}

/// Codes column after column.
#[derive(Debug)]
pub(super) struct BinnedColumns {
    codes: Vec<u8>,
    n_rows: usize,
}

impl BinnedRows {
    pub(super) fn n_columns(&self) -> usize {
        self.n_columns
    }

    pub(super) fn n_panels(&self) -> usize {
        self.n_panels
    }

    /// The codes of a row, eight in a word, the first in the lowest byte.
    #[inline(always)]
    pub(super) fn row(&self, row: usize) -> &[u64] {
        &self.words[row * self.n_panels..][..self.n_panels]
    }
}

impl BinnedColumns {
    pub(super) fn column(&self, column: usize) -> &[u8] {
        &self.codes[column * self.n_rows..][..self.n_rows]
    }
}

/// Values of a matrix, with rows left out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values<'a, T> {
    pub(super) x: ArrayView2<'a, T>,
    /// The rows to read, ascending; all of them without.
    pub(super) kept: Option<&'a [usize]>,
}

impl<T: Element + Into<f64>> Values<'_, T> {
    pub(super) fn n_rows(&self) -> usize {
        self.kept.map_or(self.x.nrows(), <[usize]>::len)
    }

    /// The row of the matrix that is the `place`-th here.
    pub(super) fn row(&self, place: usize) -> usize {
        self.kept.map_or(place, |kept| kept[place])
    }

    /// Reads rows from `first` on of one column.
    pub(super) fn read(&self, first: usize, column: usize, out: &mut [f64]) {
        match self.kept {
            None => {
                let values = self.x.slice(s![first..first + out.len(), column]);
                out.iter_mut().zip(values).for_each(|(out, &value)| *out = value.into());
            }
            Some(kept) => {
                let values = self.x.column(column);
                out.iter_mut().zip(&kept[first..]).for_each(|(out, &row)| *out = values[row].into());
            }
        }
    }
}

/// The first value that is infinite or too large.
pub(super) fn fault_in(values: &[f64]) -> Option<usize> {
    // Without a branch for each value; NaN is never above.
    let largest = values.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    (largest > LARGEST).then(|| values.iter().position(|value| value.abs() > LARGEST)).flatten()
}

/// Codes rows `first..first + n_rows` of `values`, by columns, and by rows if asked for. Parallel over rows.
///
/// # Errors
/// [`FitError::NotFinite`] or [`FitError::TooLarge`] with the first row that holds an infinite or too large value.
pub(super) fn encode<T: Element + Into<f64>>(
    values: Values<'_, T>,
    first: usize,
    n_rows: usize,
    lookups: &[Lookup],
    by_rows: bool,
) -> Result<(BinnedRows, BinnedColumns), FitError> {
    let n_columns = lookups.len();
    let n_panels = n_columns.div_ceil(PANEL);
    let mut codes = vec![0; n_rows * n_columns];
    let mut words = vec![0; if by_rows { n_rows * n_panels } else { 0 }];
    // Each task writes its piece of every column.
    let n_tasks = n_rows.div_ceil(TASK);
    let mut pieces: Vec<Vec<&mut [u8]>> = (0..n_tasks).map(|_| Vec::with_capacity(n_columns)).collect();
    for column in codes.chunks_mut(n_rows.max(1)) {
        pieces.iter_mut().zip(column.chunks_mut(TASK)).for_each(|(task, piece)| task.push(piece));
    }
    let mut word_pieces: Vec<&mut [u64]> = words.chunks_mut(TASK * n_panels).collect();
    word_pieces.resize_with(n_tasks, Default::default);
    let faults: Vec<Option<(usize, f64)>> = pieces
        .into_par_iter()
        .zip(word_pieces)
        .enumerate()
        .map(|(task, (mut columns, words))| {
            let (mut buffer, mut fault) = ([0.0; ROUND], None);
            let rows = columns.first().map_or(0, |piece| piece.len());
            for start in (0..rows).step_by(ROUND) {
                let end = (start + ROUND).min(rows);
                let buffer = &mut buffer[..end - start];
                for (column, (piece, lookup)) in columns.iter_mut().zip(lookups).enumerate() {
                    values.read(first + task * TASK + start, column, buffer);
                    if let Some(place) = fault_in(buffer) {
                        let found = (task * TASK + start + place, buffer[place]);
                        fault = fault.into_iter().chain([found]).min_by_key(|fault| fault.0);
                    }
                    let codes = &mut piece[start..end];
                    lookup.encode(buffer, codes);
                    if by_rows {
                        let words = words[start * n_panels..].iter_mut().skip(column / PANEL).step_by(n_panels);
                        let shift = 8 * (column % PANEL);
                        words.zip(codes).for_each(|(word, code)| *word |= u64::from(*code) << shift);
                    }
                }
            }
            fault
        })
        .collect();
    if let Some((place, value)) = faults.into_iter().flatten().next() {
        check_present(values.row(first + place), value)?;
    }
    Ok((BinnedRows { words, n_columns, n_panels }, BinnedColumns { codes, n_rows }))
}
