//! Rows of observations in memory: one row for each person, posting or programme, under named columns.
//!
//! A [`Records`] knows where each of its rows came from, so that whoever finds a fault in a value can name file, line and column.

mod labels;

use std::path::PathBuf;

pub use self::labels::Labels;
use crate::error::{DataError, Place};

/// The values of one column.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Numbers; NaN is missing.
    Numbers(Vec<f64>),
    /// Categories.
    Labels(Labels),
}

impl Values {
    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len(),
            Self::Labels(labels) => labels.len(),
        }
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the value of `row` is missing.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    pub fn is_missing(&self, row: usize) -> bool {
        match self {
            Self::Numbers(numbers) => numbers[row].is_nan(),
            Self::Labels(labels) => labels.text(row).is_none(),
        }
    }

    fn keep(&self, rows: &[usize]) -> Self {
        match self {
            Self::Numbers(numbers) => Self::Numbers(rows.iter().map(|row| numbers[*row]).collect()),
            Self::Labels(labels) => Self::Labels(labels.keep(rows)),
        }
    }
}

/// Rows of one file that stand one after the other.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Origin {
    pub(crate) file: PathBuf,
    /// The first of its rows.
    pub(crate) first: usize,
}

/// A table of observations.
///
/// # Examples
/// ```
/// use credcast::records::{Labels, Records, Values};
/// let records = Records::from_columns([
///     ("pay", Values::Numbers(vec![18.0, 21.5, f64::NAN])),
///     ("state", Values::Labels(["TX", "OH", "TX"].into_iter().map(Some).collect::<Labels>())),
/// ])?;
/// let texan = records.labels("state")?.code_of("TX");
/// let texans = records.keep(|row| records.labels("state").is_ok_and(|states| Some(states.codes()[row]) == texan));
/// assert_eq!((records.n_rows(), texans.n_rows()), (3, 2));
/// assert!(texans.numbers("pay")?[1].is_nan());
/// # Ok::<(), credcast::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Records {
    names: Vec<String>,
    columns: Vec<Values>,
    n_rows: usize,
    origins: Vec<Origin>,
    /// The line of each row in its file; empty where the rows come from no file.
    lines: Vec<u64>,
}

impl Records {
    /// A table of these columns.
    ///
    /// # Errors
    /// [`DataError::ColumnLength`] for columns of different lengths, [`DataError::RepeatedColumn`] for a name that comes twice.
    pub fn from_columns<N: Into<String>>(columns: impl IntoIterator<Item = (N, Values)>) -> Result<Self, DataError> {
        let (names, columns): (Vec<String>, Vec<Values>) =
            columns.into_iter().map(|(name, values)| (name.into(), values)).unzip();
        let n_rows = columns.first().map_or(0, Values::len);
        for (place, (name, values)) in names.iter().zip(&columns).enumerate() {
            if values.len() != n_rows {
                return Err(DataError::ColumnLength { name: name.clone(), expected: n_rows, found: values.len() });
            }
            if names[..place].contains(name) {
                return Err(DataError::RepeatedColumn { name: name.clone() });
            }
        }
        Ok(Self { names, columns, n_rows, origins: Vec::new(), lines: Vec::new() })
    }

    /// The same table, with where its rows stand: `origins` in row order, one line for each row.
    pub(crate) fn with_origins(mut self, origins: Vec<Origin>, lines: Vec<u64>) -> Self {
        self.origins = origins;
        self.lines = lines;
        self
    }

    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Names of the columns, in their order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether there is a column `name`.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.names.iter().any(|have| have == name)
    }

    /// The values of column `name`.
    ///
    /// # Errors
    /// [`DataError::UnknownColumn`].
    pub fn values(&self, name: &str) -> Result<&Values, DataError> {
        let place = self.names.iter().position(|have| have == name);
        place
            .map(|place| &self.columns[place])
            .ok_or_else(|| DataError::UnknownColumn { name: name.to_owned(), available: self.names.join(", ") })
    }

    /// The numbers of column `name`; NaN is missing.
    ///
    /// # Errors
    /// [`DataError::UnknownColumn`]; [`DataError::ColumnKind`] for a column of labels.
    pub fn numbers(&self, name: &str) -> Result<&[f64], DataError> {
        match self.values(name)? {
            Values::Numbers(numbers) => Ok(numbers),
            Values::Labels(_) => {
                Err(DataError::ColumnKind { name: name.to_owned(), expected: "numbers", found: "labels" })
            }
        }
    }

    /// The labels of column `name`.
    ///
    /// # Errors
    /// [`DataError::UnknownColumn`]; [`DataError::ColumnKind`] for a column of numbers.
    pub fn labels(&self, name: &str) -> Result<&Labels, DataError> {
        match self.values(name)? {
            Values::Labels(labels) => Ok(labels),
            Values::Numbers(_) => {
                Err(DataError::ColumnKind { name: name.to_owned(), expected: "labels", found: "numbers" })
            }
        }
    }

    /// The rows for which `wanted` holds, in their order. O(rows * columns).
    #[must_use]
    pub fn keep(&self, mut wanted: impl FnMut(usize) -> bool) -> Self {
        let rows: Vec<usize> = (0..self.n_rows).filter(|row| wanted(*row)).collect();
        let lines = if self.lines.is_empty() { Vec::new() } else { rows.iter().map(|row| self.lines[*row]).collect() };
        let first = |origin: &Origin| rows.partition_point(|row| *row < origin.first);
        let origins = self.origins.iter().map(|o| Origin { file: o.file.clone(), first: first(o) }).collect();
        let columns = self.columns.iter().map(|values| values.keep(&rows)).collect();
        Self { names: self.names.clone(), columns, n_rows: rows.len(), origins, lines }
    }

    /// Where the value of `row` under `column` stands, for errors; rows that come from no file are counted from 1.
    #[must_use]
    pub fn place(&self, row: usize, column: &str) -> Place {
        let origin = self.origins.iter().rfind(|origin| origin.first <= row);
        let place = Place::file(origin.map_or_else(|| PathBuf::from("records"), |origin| origin.file.clone()));
        place.line(self.lines.get(row).copied().unwrap_or(row as u64 + 1)).column(column)
    }

    /// The error that the value of `row` under `column` is not what is `expected`.
    #[must_use]
    pub fn fault(&self, row: usize, column: &str, expected: impl Into<String>) -> DataError {
        let found = match self.values(column) {
            Ok(values) if row >= values.len() => "no such row".to_owned(),
            Ok(values) if values.is_missing(row) => "a missing value".to_owned(),
            Ok(Values::Numbers(numbers)) => numbers[row].to_string(),
            Ok(Values::Labels(labels)) => format!("{:?}", labels.text(row).unwrap_or_default()),
            Err(_) => "no such column".to_owned(),
        };
        DataError::Cell { place: self.place(row, column), expected: expected.into(), found }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records() -> Records {
        let origins = vec![Origin { file: "a.csv".into(), first: 0 }, Origin { file: "b.csv".into(), first: 2 }];
        let columns = [
            ("pay", Values::Numbers(vec![1.0, 2.0, f64::NAN])),
            ("state", Values::Labels([Some("TX"), None, Some("OH")].into_iter().collect())),
        ];
        Records::from_columns(columns).unwrap().with_origins(origins, vec![2, 3, 2])
    }

    #[test]
    fn columns_that_do_not_fit_together_are_refused() {
        let two = |a, b: Vec<f64>| Records::from_columns([("x", Values::Numbers(vec![1.0])), (a, Values::Numbers(b))]);
        assert!(matches!(two("y", vec![]), Err(DataError::ColumnLength { expected: 1, found: 0, .. })));
        assert!(matches!(two("x", vec![1.0]), Err(DataError::RepeatedColumn { .. })));
        assert!(matches!(records().numbers("state"), Err(DataError::ColumnKind { .. })));
        assert!(matches!(records().labels("wage"), Err(DataError::UnknownColumn { .. })));
    }

    #[test]
    fn a_fault_names_file_line_and_column_also_after_rows_were_left_out() {
        let kept = records().keep(|row| row != 0);
        assert_eq!(kept.fault(0, "pay", "0 or 1").to_string(), "a.csv, line 3, column pay: expected 0 or 1, found 2");
        let error = kept.fault(1, "pay", "a number").to_string();
        assert_eq!(error, "b.csv, line 2, column pay: expected a number, found a missing value");
        assert_eq!(kept.labels("state").unwrap().text(0), None);
        let none = records().keep(|_| false);
        assert_eq!((none.n_rows(), none.labels("state").unwrap().levels().len()), (0, 0));
    }
}
