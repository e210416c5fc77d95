//! The design matrix and where its rows come from.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, ShapeBuilder};

use super::element::Element;
use crate::error::DataError;
use crate::key::SeriesKey;
use crate::panel::Panel;
use crate::time::Period;

/// A design matrix, column-major, one row for each row of the panel it was made from and in the same order (but for the rows
/// that [`FeaturePipeline::drop_head`](super::FeaturePipeline::drop_head) drops).
///
/// NaN marks what is not known: see [`FeatureMatrix::complete_rows`]. Numbers are `f64`, or `f32` to halve the memory: then
/// they are computed in `f64` and rounded once.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureMatrix<T = f64> {
    x: Array2<T>,
    names: Vec<String>,
    keys: Vec<SeriesKey>,
    starts: Vec<Period>,
    offsets: Vec<usize>,
}

impl<T> Default for FeatureMatrix<T> {
    /// A matrix without rows, to be filled by [`FittedPipeline::transform_into`](super::FittedPipeline::transform_into).
    fn default() -> Self {
        Self { x: empty(), names: Vec::new(), keys: Vec::new(), starts: Vec::new(), offsets: vec![0] }
    }
}

/// An array without cells.
fn empty<T>() -> Array2<T> {
    Array2::from_shape_simple_fn((0, 0), || unreachable!("an array without cells"))
}

impl<T: Element> FeatureMatrix<T> {
    /// Takes the shape of some series of `panel`, without the first `head` rows of each, with columns `names`. Memory that was
    /// there is kept if it is enough, neither asked for nor cleared again; every cell must be written after it.
    pub(super) fn reshape(&mut self, panel: &Panel, series: Range<usize>, names: &[String], head: usize) {
        self.starts.clear();
        self.offsets.clear();
        self.offsets.push(0);
        let mut n_rows = 0;
        for series in series.clone().map(|index| panel.series(index)) {
            let dropped = head.min(series.len());
            n_rows += series.len() - dropped;
            self.starts.push(series.period(dropped));
            self.offsets.push(n_rows);
        }
        // Keys that are the same are recognised by their address: cheaper than copying them.
        if self.keys != panel.keys()[series.clone()] {
            self.keys = panel.keys()[series].to_vec();
        }
        let n = n_rows * names.len();
        let (mut numbers, _) = std::mem::replace(&mut self.x, empty()).into_raw_vec_and_offset();
        if numbers.capacity() < n {
            // Fresh zeroed pages rather than cells written twice.
            numbers = vec![T::default(); n];
        }
        numbers.resize(n, T::default());
        self.x = Array2::from_shape_vec((n_rows, names.len()).f(), numbers).unwrap_or_else(|_| empty());
        self.names = names.to_vec();
    }

    /// The columns, each one slice.
    pub(super) fn columns_mut(&mut self) -> impl Iterator<Item = &mut [T]> {
        let n = self.x.nrows().max(1);
        self.x.as_slice_memory_order_mut().unwrap_or_default().chunks_exact_mut(n)
    }

    /// The numbers: rows of the panel by columns.
    #[must_use]
    pub fn view(&self) -> ArrayView2<'_, T> {
        self.x.view()
    }

    /// Gives up the numbers, column-major.
    #[must_use]
    pub fn into_inner(self) -> Array2<T> {
        self.x
    }

    /// The names of the columns.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.x.nrows()
    }

    /// The column `name`.
    ///
    /// # Errors
    /// [`DataError::UnknownColumn`].
    pub fn column(&self, name: &str) -> Result<&[T], DataError> {
        let unknown = || DataError::UnknownColumn { name: name.to_owned(), available: self.names.join(", ") };
        let index = self.names.iter().position(|n| n == name).ok_or_else(unknown)?;
        // Column-major without gaps, so memory order is one column behind the other.
        let n = self.n_rows();
        self.x.as_slice_memory_order().map(|all| &all[index * n..(index + 1) * n]).ok_or_else(unknown)
    }

    /// The keys of the series, ascending.
    #[must_use]
    pub fn keys(&self) -> &[SeriesKey] {
        &self.keys
    }

    /// The rows of the series at `index`.
    ///
    /// # Panics
    /// If there is no such series.
    #[must_use]
    pub fn rows_of(&self, index: usize) -> Range<usize> {
        self.offsets[index]..self.offsets[index + 1]
    }

    /// The series (its position in [`FeatureMatrix::keys`]) and period of a row. O(log series).
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    pub fn origin(&self, row: usize) -> (usize, Period) {
        assert!(row < self.n_rows(), "row {row} of {}", self.n_rows());
        let series = self.offsets.partition_point(|&offset| offset <= row) - 1;
        let distance = i32::try_from(row - self.offsets[series]).unwrap_or(i32::MAX);
        (series, self.starts[series].plus(distance))
    }

    /// The rows in which every column is known, ascending.
    #[must_use]
    pub fn complete_rows(&self) -> Vec<usize> {
        let mut complete = vec![true; self.n_rows()];
        for column in self.x.columns() {
            complete.iter_mut().zip(column).for_each(|(known, value)| *known &= value.is_present());
        }
        (0..self.n_rows()).filter(|&row| complete[row]).collect()
    }
}
