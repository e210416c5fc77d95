//! Statistics with their names.

use crate::error::DataError;
use crate::key::SeriesKey;

/// The statistics of one series.
#[derive(Clone, Debug)]
pub struct Summary {
    names: Vec<&'static str>,
    values: Vec<f64>,
}

impl Summary {
    pub(super) fn new(names: Vec<&'static str>, values: Vec<f64>) -> Self {
        Self { names, values }
    }

    /// The statistic `name`; NaN where the series leaves it undefined, `None` if there is none of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        self.names.iter().position(|n| *n == name).map(|place| self.values[place])
    }

    /// All statistics with their names.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&'static str, f64)> + '_ {
        self.names.iter().copied().zip(self.values.iter().copied())
    }

    /// The statistics, in the order of the names.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }
}

/// The statistics of all series of a panel: one row for each series, one column for each statistic.
#[derive(Clone, Debug)]
pub struct SummaryTable {
    keys: Vec<SeriesKey>,
    names: Vec<&'static str>,
    /// Row after row.
    values: Vec<f64>,
}

impl SummaryTable {
    pub(super) fn new(keys: Vec<SeriesKey>, names: Vec<&'static str>, values: Vec<f64>) -> Self {
        Self { keys, names, values }
    }

    /// The keys of the rows, ascending.
    #[must_use]
    pub fn keys(&self) -> &[SeriesKey] {
        &self.keys
    }

    /// The names of the columns.
    #[must_use]
    pub fn names(&self) -> &[&'static str] {
        &self.names
    }

    /// Number of series.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.keys.len()
    }

    /// The statistics of the series at `index`.
    ///
    /// # Panics
    /// If there is no such series.
    #[must_use]
    pub fn row(&self, index: usize) -> &[f64] {
        assert!(index < self.n_rows(), "row {index} of {}", self.n_rows());
        &self.values[index * self.names.len()..(index + 1) * self.names.len()]
    }

    /// The statistics of the series with `key`; `None` if there is none. O(log series).
    #[must_use]
    pub fn get(&self, key: &SeriesKey) -> Option<Summary> {
        let index = self.keys.binary_search(key).ok()?;
        Some(Summary::new(self.names.clone(), self.row(index).to_vec()))
    }

    /// The statistic `name` of every series.
    ///
    /// # Errors
    /// [`DataError::UnknownColumn`].
    pub fn column(&self, name: &str) -> Result<Vec<f64>, DataError> {
        let unknown = || DataError::UnknownColumn { name: name.to_owned(), available: self.names.join(", ") };
        let place = self.names.iter().position(|n| *n == name).ok_or_else(unknown)?;
        Ok(self.values.iter().skip(place).step_by(self.names.len()).copied().collect())
    }
}
