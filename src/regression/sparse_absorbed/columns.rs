//! Many 0/1 columns of which a row has few, and a few dense ones beside them.

use crate::error::FitError;
use crate::regression::design::refuse;

/// 0/1 columns, stored row by row: the columns that a row has, ascending and each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SparseRows {
    n_columns: usize,
    offsets: Vec<usize>,
    members: Vec<u32>,
}

impl SparseRows {
    /// Nothing in it yet.
    pub(crate) fn new(n_columns: usize) -> Self {
        Self { n_columns, offsets: vec![0], members: Vec::new() }
    }

    /// Adds a row that has these columns, in any order; one that comes twice counts once.
    pub(crate) fn push(&mut self, columns: impl IntoIterator<Item = u32>) {
        let first = self.members.len();
        self.members.extend(columns.into_iter().filter(|column| (*column as usize) < self.n_columns));
        let row = &mut self.members[first..];
        row.sort_unstable();
        let mut kept = first;
        for place in first..self.members.len() {
            if place == first || self.members[place] != self.members[kept - 1] {
                self.members[kept] = self.members[place];
                kept += 1;
            }
        }
        self.members.truncate(kept);
        self.offsets.push(kept);
    }

    pub(crate) fn n_rows(&self) -> usize {
        self.offsets.len() - 1
    }

    pub(crate) fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// The columns that `row` has.
    pub(crate) fn row(&self, row: usize) -> &[u32] {
        &self.members[self.offsets[row]..self.offsets[row + 1]]
    }
}

/// The right-hand side of a regression: sparse columns first, dense ones after them.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    pub(crate) sparse: SparseRows,
    /// Column by column, as many values each as there are rows.
    pub(crate) dense: Vec<Vec<f64>>,
}

impl Columns {
    /// Checks that all columns have `n_rows` rows and that dense ones are finite.
    pub(crate) fn check(&self, n_rows: usize) -> Result<(), FitError> {
        let lengths = std::iter::once(self.sparse.n_rows()).chain(self.dense.iter().map(Vec::len));
        if let Some(found) = lengths.into_iter().find(|n| *n != n_rows) {
            return Err(refuse(format!("a column of {found} rows for {n_rows} targets")));
        }
        for column in &self.dense {
            if let Some((position, &value)) = column.iter().enumerate().find(|(_, value)| !value.is_finite()) {
                return Err(FitError::NotFinite { position, value });
            }
        }
        Ok(())
    }

    pub(crate) fn len(&self) -> usize {
        self.sparse.n_columns() + self.dense.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_hold_each_column_once_and_in_order() {
        let mut rows = SparseRows::new(5);
        rows.push([3, 1, 3, 9]);
        rows.push([]);
        rows.push([4]);
        assert_eq!((rows.row(0), rows.row(1), rows.row(2)), (&[1, 3][..], &[][..], &[4][..]));
        assert_eq!((rows.n_rows(), rows.n_columns()), (3, 5));
    }
}
