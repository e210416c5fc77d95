//! The wide layout of the M4 competition: one row per series, its values from left to right.

use std::collections::BTreeMap;

use super::number::{self, Fault, REQUIRED};
use super::report::{ReadOptions, ReadReport};
use super::source::Source;
use super::table::{Row, Style, Table, Used};
use crate::error::DataError;
use crate::key::SeriesKey;
use crate::panel::Panel;
use crate::time::Period;

/// The column of both panels.
const COLUMN: &str = "y";

/// A training panel and what came after it.
#[derive(Clone, Debug, PartialEq)]
pub struct M4 {
    /// Training values; each series starts at position 1.
    pub train: Panel,
    /// Test values of the same series; each starts right behind its training values.
    pub test: Panel,
}

/// Reads a training and a test file (`"V1","V2",...`: the id, then values; shorter series end in empty cells).
///
/// Both panels have the column `y` and the frequency [`crate::Frequency::Step`].
///
/// # Errors
/// [`DataError::Cell`] for an empty cell between values or a row without any, [`DataError::Duplicate`],
/// [`DataError::Series`] for a series that stands in one file only, and what [`Source::read`] may say. In lenient mode
/// bad rows are rejects, and a series whose row in either file is bad is an error still.
pub fn read_m4(train: &Source, test: &Source, options: &ReadOptions) -> Result<(M4, ReadReport), DataError> {
    let mut report = ReadReport::default();
    let train_rows = read_wide(train, options, &mut report)?;
    let test_rows = read_wide(test, options, &mut report)?;
    let alone = |key: &SeriesKey, source: &Source| DataError::Series {
        key: key.clone(),
        detail: format!("stands in only one of the two files: missing from {}", source.name().display()),
    };
    if let Some(key) = train_rows.keys().find(|key| !test_rows.contains_key(*key)) {
        return Err(alone(key, test));
    }
    if let Some(key) = test_rows.keys().find(|key| !train_rows.contains_key(*key)) {
        return Err(alone(key, train));
    }
    let start = |rows: usize| Period::step(i32::try_from(rows).unwrap_or(i32::MAX)).plus(1);
    let test = test_rows.into_iter().map(|(key, values)| {
        let start = start(train_rows[&key].len());
        (key, start, values)
    });
    let test = Panel::from_series(COLUMN, test)?;
    let train = Panel::from_series(COLUMN, train_rows.into_iter().map(|(key, values)| (key, start(0), values)))?;
    Ok((M4 { train, test }, report))
}

fn read_wide(
    source: &Source,
    options: &ReadOptions,
    report: &mut ReadReport,
) -> Result<BTreeMap<SeriesKey, Vec<f64>>, DataError> {
    let content = source.read()?;
    let table = Table::open(&content, source.name(), Style { text_only: true, ..Style::default() })?;
    let width = table.columns().len();
    let mut series = BTreeMap::new();
    report.files.push(source.name().to_owned());
    table.for_each(options.mode, report, |row| {
        let key = SeriesKey::national(row.required(0, "the name of a series")?);
        let values = values(row, width)?;
        if series.contains_key(&key) {
            return Err(DataError::Duplicate { key, period: Period::step(1), place: Some(row.place(0)) });
        }
        series.insert(key, values);
        Ok(Used::Yes)
    })?;
    Ok(series)
}

fn values(row: &Row<'_>, width: usize) -> Result<Vec<f64>, DataError> {
    let end = (1..width).rev().find(|&i| !number::is_missing(row.text(i))).map_or(1, |last| last + 1);
    if end == 1 {
        return Err(row.fault(1, Fault::new("at least one value", "")));
    }
    (1..end)
        .map(|index| match row.text(index) {
            "" => Err(row.fault(index, Fault::new("a number: empty cells may follow the last value only", ""))),
            _ => row.number(index, REQUIRED),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(train: &'static str, test: &'static str) -> Result<(M4, ReadReport), DataError> {
        let (train, test) = (Source::bytes("train.csv", train.as_bytes()), Source::bytes("test.csv", test.as_bytes()));
        read_m4(&train, &test, &ReadOptions::default())
    }

    #[test]
    fn the_test_panel_begins_right_behind_the_training_panel() {
        let (m4, report) = read("V1,V2,V3,V4\nW1,1,2,3\nW2,4,,\n", "V1,V2\nW2,5\nW1,9\n").unwrap();
        assert_eq!(m4.train.column("y").unwrap(), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(m4.train.series(1).start(), Period::step(1));
        let starts: Vec<i32> = m4.test.iter().map(|s| s.start().ordinal()).collect();
        assert_eq!(starts, [4, 2]);
        assert_eq!(report.rows_used, 4);
    }

    #[test]
    fn an_empty_cell_between_values_and_a_lone_series_are_refused() {
        let error = read("V1,V2,V3,V4\nW1,1,,3\n", "V1,V2\nW1,9\n").unwrap_err().to_string();
        insta::assert_snapshot!(error, @"train.csv, line 2, column V3: expected a number: empty cells may follow the last value only, found an empty cell");
        let error = read("V1,V2\nW1,1\nW2,3\n", "V1,V2\nW1,9\n").unwrap_err().to_string();
        insta::assert_snapshot!(error, @"series W2: stands in only one of the two files: missing from test.csv");
        let error = read("V1,V2\nW1,1\n", "V1,V2\nW1,9\nW0,8\n").unwrap_err().to_string();
        insta::assert_snapshot!(error, @"series W0: stands in only one of the two files: missing from train.csv");
    }
}
