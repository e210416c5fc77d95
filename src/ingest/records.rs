//! Any table of observations: one row for each person, posting or programme.

use std::collections::HashMap;

use super::number::{self, OR_MISSING};
use super::report::{Mode, ReadReport};
use super::source::Source;
use super::table::{Row, Style, Table, Used};
use crate::error::DataError;
use crate::records::{Labels, Origin, Records, Values};

/// What the cells of a column are read as. Empty cells, `NA`, `NaN` and `null` are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnRule {
    /// Numbers; anything else is an error.
    Numbers,
    /// Labels, whatever they look like: codes with leading zeros stay as they are.
    Labels,
    /// Numbers if every cell is one, labels otherwise.
    Either,
}

/// Reads the named columns of one or more files of the same layout (CSV, Parquet or XLSX), the rows of one file after those of
/// the one before; other columns are left alone. Two passes, O(rows) memory. Names must be different.
///
/// # Errors
/// [`DataError::Cell`] for a column that a file does not have, and a cell that is no number where one is asked for;
/// [`DataError::RepeatedColumn`]; [`DataError::Empty`] for a file without rows or for no file; and what [`Source::read`] may
/// say.
///
/// # Examples
/// ```
/// use credcast::ingest::{ColumnRule, Mode, Source, read_records};
/// let people = Source::bytes("people.csv", b"id,pay,soc\n1,41000,\n2,,29-2061\n");
/// let wanted = [("pay", ColumnRule::Numbers), ("soc", ColumnRule::Labels)];
/// let (records, report) = read_records(&[people], &wanted, Mode::Strict)?;
/// assert_eq!((records.n_rows(), report.rows_used), (2, 2));
/// assert_eq!(records.labels("soc")?.text(1), Some("29-2061"));
/// # Ok::<(), credcast::DataError>(())
/// ```
pub fn read_records(
    sources: &[Source],
    wanted: &[(&str, ColumnRule)],
    mode: Mode,
) -> Result<(Records, ReadReport), DataError> {
    let mut report = ReadReport::default();
    let mut columns: Vec<Reading> = wanted.iter().map(|(_, rule)| Reading::new(*rule)).collect();
    let (mut origins, mut lines) = (Vec::new(), Vec::new());
    for source in sources {
        let content = source.read()?;
        report.files.push(source.name().to_owned());
        origins.push(Origin { file: source.name().to_owned(), first: lines.len() });
        let table = Table::open(&content, source.name(), Style::default())?;
        let places = wanted.iter().map(|(name, _)| table.column(name)).collect::<Result<Vec<_>, _>>()?;
        table.for_each(mode, &mut report, |row| {
            // Looked through first, so that a row is used as a whole or not at all.
            for (&place, column) in places.iter().zip(&columns) {
                column.check(row, place)?;
            }
            for (&place, column) in places.iter().zip(&mut columns) {
                column.push(row.text(place));
            }
            lines.push(row.place(0).line.unwrap_or(0));
            Ok(Used::Yes)
        })?;
    }
    if lines.is_empty() {
        let names: Vec<String> = sources.iter().map(|source| source.name().display().to_string()).collect();
        return Err(DataError::Empty { what: if names.is_empty() { "no file".into() } else { names.join(", ") } });
    }
    let columns: Vec<(&str, Values)> =
        wanted.iter().zip(columns).map(|((name, _), column)| (*name, column.finish())).collect();
    for (name, values) in &columns {
        let missing = (0..values.len()).filter(|row| values.is_missing(*row)).count();
        if missing > 0 {
            report.note(format!("{missing} missing values in column {name}"));
        }
    }
    Ok((Records::from_columns(columns)?.with_origins(origins, lines), report))
}

/// The names of a table's columns, in their order.
///
/// # Errors
/// [`DataError::Empty`] for a file without a header, [`DataError::Cell`] for a repeated name in it; what [`Source::read`] may say.
pub fn column_names(source: &Source) -> Result<Vec<String>, DataError> {
    let content = source.read()?;
    Ok(Table::open(&content, source.name(), Style::default())?.columns().to_vec())
}

/// A column while it is read: its distinct texts once, whether or not they are numbers.
struct Reading {
    rule: ColumnRule,
    numbers: Vec<f64>,
    codes: Vec<u32>,
    known: HashMap<String, u32>,
    /// No cell so far was anything but a number.
    all_numbers: bool,
}

impl Reading {
    fn new(rule: ColumnRule) -> Self {
        Self { rule, numbers: Vec::new(), codes: Vec::new(), known: HashMap::new(), all_numbers: true }
    }

    fn check(&self, row: &Row<'_>, place: usize) -> Result<(), DataError> {
        match self.rule {
            ColumnRule::Numbers => row.number(place, OR_MISSING).map(|_| ()),
            ColumnRule::Labels | ColumnRule::Either => Ok(()),
        }
    }

    fn push(&mut self, text: &str) {
        if self.rule != ColumnRule::Labels {
            let number = number::parse(text, OR_MISSING);
            self.all_numbers &= number.is_ok();
            self.numbers.push(number.unwrap_or(f64::NAN));
        }
        if self.rule != ColumnRule::Numbers {
            let code = if number::is_missing(text) {
                Labels::MISSING
            } else if let Some(code) = self.known.get(text) {
                *code
            } else {
                let next = u32::try_from(self.known.len()).unwrap_or(Labels::MISSING);
                self.known.insert(text.to_owned(), next);
                next
            };
            self.codes.push(code);
        }
    }

    fn finish(self) -> Values {
        let numbers = match self.rule {
            ColumnRule::Numbers => true,
            ColumnRule::Labels => false,
            ColumnRule::Either => self.all_numbers,
        };
        if numbers {
            return Values::Numbers(self.numbers);
        }
        let mut levels: Vec<(&String, &u32)> = self.known.iter().collect();
        levels.sort_by_key(|(_, code)| **code);
        let text = |code: &u32| levels.get(*code as usize).map(|(text, _)| text.as_str());
        Values::Labels(self.codes.iter().map(text).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(
        files: &[&'static str],
        wanted: &[(&str, ColumnRule)],
        mode: Mode,
    ) -> Result<(Records, ReadReport), DataError> {
        let source = |(place, text): (usize, &&'static str)| Source::bytes(format!("{place}.csv"), text.as_bytes());
        read_records(&files.iter().enumerate().map(source).collect::<Vec<_>>(), wanted, mode)
    }

    #[test]
    fn files_follow_each_other_whatever_the_order_of_their_columns() {
        let wanted = [("x", ColumnRule::Either), ("g", ColumnRule::Either)];
        let (records, report) = read(&["x,g\n1,a\n2,\n", "g,z,x\n7,8,9\n"], &wanted, Mode::Strict).unwrap();
        assert_eq!(records.numbers("x").unwrap(), [1.0, 2.0, 9.0]);
        let groups = records.labels("g").unwrap();
        assert_eq!([0, 1, 2].map(|row| groups.text(row)), [Some("a"), None, Some("7")]);
        assert_eq!(records.place(2, "x").to_string(), "1.csv, line 2, column x");
        assert_eq!((report.rows_read, report.notes.len()), (3, 1));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let one = |text, rule| read(&[text], &[("x", rule)], Mode::Strict).map(|_| ()).unwrap_err().to_string();
        let error = one("x\n1\ntwo\n", ColumnRule::Numbers);
        assert_eq!(error, "0.csv, line 3, column x: expected a number, found \"two\"");
        assert_eq!(one("y\n1\n", ColumnRule::Labels), "0.csv, line 1: expected a column x, found the columns y");
        assert_eq!(one("x\n", ColumnRule::Labels), "0.csv holds no observations");
        assert!(matches!(read(&[], &[("x", ColumnRule::Labels)], Mode::Strict), Err(DataError::Empty { .. })));
        let twice = read(&["x\n1\n"], &[("x", ColumnRule::Labels), ("x", ColumnRule::Labels)], Mode::Strict);
        assert!(matches!(twice, Err(DataError::RepeatedColumn { .. })));
    }

    #[test]
    fn a_bad_row_is_left_out_as_a_whole_when_asked() {
        let wanted = [("a", ColumnRule::Labels), ("x", ColumnRule::Numbers)];
        let (records, report) = read(&["a,x\nu,1\nv,two\nw,3\n"], &wanted, Mode::Lenient).unwrap();
        assert_eq!((records.n_rows(), report.rejects.len()), (2, 1));
        assert_eq!(records.labels("a").unwrap().levels(), ["u", "w"]);
    }
}
