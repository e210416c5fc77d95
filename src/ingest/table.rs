//! A strict table of text cells: the layer between containers (CSV, Parquet, XLSX) and layouts.

use std::borrow::Cow;
use std::path::Path;

use csv::ByteRecord;

use super::number::{self, Fault, NumberRule};
use super::report::{Mode, ReadOptions, ReadReport};
use super::source::{self, Container};
use crate::error::{DataError, Place};
use crate::time::{Frequency, Period};

/// Header names listed in an error at most.
const MAX_LISTED: usize = 12;

/// What a layout tolerates in a header.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Style {
    /// Header names are compared in lower case.
    pub(crate) lower_case: bool,
    /// A repeated or empty header name is no error; the first of its name counts.
    pub(crate) repeats: bool,
    /// Layouts defined for text only refuse the other containers.
    pub(crate) text_only: bool,
}

/// A table being read row by row. Every row has as many cells as the header has names.
pub(crate) struct Table<'a> {
    file: &'a Path,
    columns: Vec<String>,
    rows: Rows<'a>,
}

enum Rows<'a> {
    Csv(CsvRows<'a>),
    /// Sheets and Parquet files, with line numbers.
    Memory(std::vec::IntoIter<(u64, ByteRecord)>),
}

/// Rows of CSV text with their line numbers, counted here: the parser's own lag behind after CRLF and blank lines.
struct CsvRows<'a> {
    text: &'a str,
    reader: csv::Reader<&'a [u8]>,
    counted_to: usize,
    line: u64,
}

/// What a layout did with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Used {
    Yes,
    /// Left out on purpose: the layout owes the report a note.
    No,
}

impl<'a> Table<'a> {
    /// The table in `content`, whatever container its first bytes show.
    ///
    /// # Errors
    /// [`DataError::Empty`] if there is no header, [`DataError::Cell`] for a repeated or empty name in it, and the
    /// container's own errors.
    pub(crate) fn open(content: &'a [u8], file: &'a Path, style: Style) -> Result<Self, DataError> {
        let found = match source::container(content) {
            Container::Text => None,
            Container::Parquet => Some("Parquet"),
            Container::Workbook => Some("XLSX"),
        };
        if let (true, Some(found)) = (style.text_only, found) {
            let detail = format!("its bytes are those of a {found} file");
            return Err(DataError::Format { place: Place::file(file), format: "CSV", detail });
        }
        match found {
            None => Self::from_text(source::as_text(content, file)?, file, style),
            Some("Parquet") => {
                let table = super::parquet::read_columns(content, file)?;
                let (columns, rows) = table.into_text();
                Self::from_rows(columns, (1..).zip(rows).collect(), file, style)
            }
            Some(_) => {
                let sheet = super::workbook::first_sheet(content, file, |_| true)?;
                Self::from_rows(sheet.columns, sheet.rows, file, style)
            }
        }
    }

    /// The table in CSV `text`.
    pub(crate) fn from_text(text: &'a str, file: &'a Path, style: Style) -> Result<Self, DataError> {
        let reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let mut rows = CsvRows { text, reader, counted_to: 0, line: 1 };
        let mut header = ByteRecord::new();
        if rows.advance(&mut header, file)?.is_none() {
            return Err(DataError::Empty { what: file.display().to_string() });
        }
        let columns = header.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        Self { file, columns, rows: Rows::Csv(rows) }.with_checked_header(style)
    }

    /// A table whose rows are in memory, each with its line number.
    pub(crate) fn from_rows(
        columns: Vec<String>,
        rows: Vec<(u64, ByteRecord)>,
        file: &'a Path,
        style: Style,
    ) -> Result<Self, DataError> {
        Self { file, columns, rows: Rows::Memory(rows.into_iter()) }.with_checked_header(style)
    }

    fn with_checked_header(mut self, style: Style) -> Result<Self, DataError> {
        for name in &mut self.columns {
            let tidy = name.trim();
            *name = if style.lower_case { tidy.to_lowercase() } else { tidy.to_owned() };
        }
        if !style.repeats {
            let mut sorted: Vec<&String> = self.columns.iter().collect();
            sorted.sort();
            let found = match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
                Some(pair) if pair[0].is_empty() => "two columns without a name".to_owned(),
                Some(pair) => format!("{:?} twice", pair[0]),
                None => return Ok(self),
            };
            let place = Place::file(self.file).line(1);
            return Err(DataError::Cell { place, expected: "column names that differ".to_owned(), found });
        }
        Ok(self)
    }

    /// The header names, trimmed.
    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The position of column `name`.
    ///
    /// # Errors
    /// [`DataError::Cell`] that names the columns there are.
    pub(crate) fn column(&self, name: &str) -> Result<usize, DataError> {
        self.optional(name).ok_or_else(|| {
            let mut listed = self.columns.iter().take(MAX_LISTED).map(String::as_str).collect::<Vec<_>>().join(", ");
            if self.columns.len() > MAX_LISTED {
                listed = format!("{listed} and {} more", self.columns.len() - MAX_LISTED);
            }
            let found = format!("the columns {listed}");
            DataError::Cell { place: Place::file(self.file).line(1), expected: format!("a column {name}"), found }
        })
    }

    /// The position of column `name`, if there is one.
    pub(crate) fn optional(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c == name)
    }

    /// Hands every row to `use_row` and counts what became of it. An error of `use_row` ends the reading in strict
    /// mode and makes a reject in lenient mode, as does a row of the wrong length.
    ///
    /// # Errors
    /// [`DataError::Empty`] if there is no row at all; otherwise as said above.
    pub(crate) fn for_each(
        mut self,
        mode: Mode,
        report: &mut ReadReport,
        mut use_row: impl FnMut(&Row<'_>) -> Result<Used, DataError>,
    ) -> Result<(), DataError> {
        let mut record = ByteRecord::new();
        let before = report.rows_read;
        while let Some(line) = self.advance(&mut record)? {
            report.rows_read += 1;
            let row = Row { file: self.file, columns: &self.columns, record: &record, line };
            let used = row.check_width().and_then(|()| use_row(&row));
            match used {
                Ok(Used::Yes) => report.rows_used += 1,
                Ok(Used::No) => {}
                Err(error) => report.refuse(mode, error, || row.raw())?,
            }
        }
        if report.rows_read == before {
            return Err(DataError::Empty { what: self.file.display().to_string() });
        }
        Ok(())
    }

    fn advance(&mut self, record: &mut ByteRecord) -> Result<Option<u64>, DataError> {
        match &mut self.rows {
            Rows::Csv(rows) => rows.advance(record, self.file),
            Rows::Memory(rows) => Ok(rows.next().map(|(line, row)| {
                *record = row;
                line
            })),
        }
    }
}

impl CsvRows<'_> {
    /// Reads the next record and returns the line it begins on.
    fn advance(&mut self, record: &mut ByteRecord, file: &Path) -> Result<Option<u64>, DataError> {
        let bytes = self.text.as_bytes();
        let damaged = |e: csv::Error| {
            let (place, detail) = (Place::file(file), e.to_string());
            DataError::Format { place, format: "CSV", detail }
        };
        if !self.reader.read_byte_record(record).map_err(damaged)? {
            return Ok(None);
        }
        let position = |byte: u64| usize::try_from(byte).unwrap_or(usize::MAX).min(bytes.len());
        let mut start = position(record.position().map_or(0, csv::Position::byte));
        while start < bytes.len() && matches!(bytes[start], b'\r' | b'\n') {
            start += 1;
        }
        self.line += bytes[self.counted_to..start].iter().filter(|&&b| b == b'\n').count() as u64;
        self.counted_to = start;
        // A quote that is never closed swallows the rest of the file, so only the last record can hold one.
        let end = position(self.reader.position().byte());
        if end == bytes.len() && bytes[start..].iter().filter(|&&b| b == b'"').count() % 2 == 1 {
            let (expected, found) = ("a closing quote".to_owned(), "the end of the file".to_owned());
            return Err(DataError::Cell { place: Place::file(file).line(self.line), expected, found });
        }
        Ok(Some(self.line))
    }
}

/// One row of a table.
pub(crate) struct Row<'r> {
    file: &'r Path,
    columns: &'r [String],
    record: &'r ByteRecord,
    line: u64,
}

impl<'r> Row<'r> {
    /// The cell in column `index`, trimmed.
    pub(crate) fn text(&self, index: usize) -> &'r str {
        // The whole text was checked to be UTF-8 before it was split.
        self.record.get(index).and_then(|cell| std::str::from_utf8(cell).ok()).map_or("", str::trim)
    }

    /// The cell in column `index`, which must not be empty.
    pub(crate) fn required(&self, index: usize, what: &'static str) -> Result<&'r str, DataError> {
        let text = self.text(index);
        if text.is_empty() { Err(self.fault(index, Fault::new(what, text))) } else { Ok(text) }
    }

    /// The number in column `index`; NaN where `rule` allows it to be missing.
    pub(crate) fn number(&self, index: usize, rule: NumberRule) -> Result<f64, DataError> {
        number::parse(self.text(index), rule).map_err(|fault| self.fault(index, fault))
    }

    /// The period in column `index`.
    pub(crate) fn period(
        &self,
        index: usize,
        frequency: Frequency,
        options: &ReadOptions,
    ) -> Result<Period, DataError> {
        let text = self.text(index);
        let Some(period) = Period::parse(text, frequency) else {
            return Err(self.fault(index, Fault::new(example(frequency), text)));
        };
        match (options.not_after, period.first_day()) {
            (Some(limit), Some(day)) if day > limit => {
                let expected = Cow::Owned(format!("a date up to {limit}"));
                Err(self.fault(index, Fault { expected, found: number::shown(text) }))
            }
            _ => Ok(period),
        }
    }

    /// The place of column `index` in this row.
    pub(crate) fn place(&self, index: usize) -> Place {
        let name = self.columns.get(index).filter(|name| !name.is_empty());
        let name = name.map_or_else(|| format!("{}", index + 1), Clone::clone);
        Place::file(self.file).line(self.line).column(name)
    }

    /// The error that `fault` in column `index` makes.
    pub(crate) fn fault(&self, index: usize, fault: Fault) -> DataError {
        DataError::Cell { place: self.place(index), expected: fault.expected.into_owned(), found: fault.found }
    }

    /// The cells joined by commas.
    pub(crate) fn raw(&self) -> String {
        self.record.iter().map(String::from_utf8_lossy).collect::<Vec<_>>().join(",")
    }

    fn check_width(&self) -> Result<(), DataError> {
        let cells = |n: usize| if n == 1 { "1 cell".to_owned() } else { format!("{n} cells") };
        let (wanted, there) = (self.columns.len(), self.record.len());
        if wanted == there {
            return Ok(());
        }
        let place = Place::file(self.file).line(self.line);
        Err(DataError::Cell { place, expected: format!("{} as in the header", cells(wanted)), found: cells(there) })
    }
}

/// What a period of `frequency` looks like, for errors.
pub(crate) fn example(frequency: Frequency) -> &'static str {
    match frequency {
        Frequency::Step => "a whole number",
        Frequency::Daily => "a day such as 2024-03-15",
        Frequency::Weekly => "a day or week such as 2024-03-15 or 2024-W11",
        Frequency::Monthly => "a month such as 2024-03",
        Frequency::Quarterly => "a quarter such as 2024-Q1",
        Frequency::Yearly => "a year such as 2024",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::number::REQUIRED;

    fn lines(text: &str) -> Vec<(String, String)> {
        let mut report = ReadReport::default();
        let mut found = Vec::new();
        let table = Table::from_text(text, Path::new("t.csv"), Style::default()).unwrap();
        let read = table.for_each(Mode::Strict, &mut report, |row| {
            found.push((row.place(0).line.unwrap().to_string(), row.text(0).to_owned()));
            Ok(Used::Yes)
        });
        if let Err(error) = read {
            found.push(("error".into(), error.to_string()));
        }
        found
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    }

    #[test]
    fn line_numbers_hold_for_every_line_ending_and_for_quoted_line_breaks() {
        assert_eq!(lines("a,b\n1,2\n3,4\n"), pairs(&[("2", "1"), ("3", "3")]));
        assert_eq!(lines("a,b\r\n1,2\r\n3,4"), pairs(&[("2", "1"), ("3", "3")]));
        assert_eq!(lines("a,b\n\n1,2\n\n\n3,4\n"), pairs(&[("3", "1"), ("6", "3")]));
        assert_eq!(lines("a,b\n\"x\ny\",2\n3,4\n"), pairs(&[("2", "x\ny"), ("4", "3")]));
    }

    #[test]
    fn ragged_rows_and_open_quotes_are_located() {
        let ragged = lines("a,b\n1,2\n3\n");
        assert_eq!(ragged[1].1, "t.csv, line 3: expected 2 cells as in the header, found 1 cell");
        let open = lines("a,b\n1,2\n\"3,4\n5,6\n");
        assert_eq!(open[1].1, "t.csv, line 3: expected a closing quote, found the end of the file");
    }

    #[test]
    fn header_names_must_differ_and_missing_ones_are_listed() {
        let open = |text| Table::from_text(text, Path::new("t.csv"), Style::default());
        let error = open("a,b,a\n").err().unwrap().to_string();
        assert_eq!(error, "t.csv, line 1: expected column names that differ, found \"a\" twice");
        let error = open("a,b\n").unwrap().column("c").unwrap_err().to_string();
        assert_eq!(error, "t.csv, line 1: expected a column c, found the columns a, b");
    }

    #[test]
    fn bad_rows_end_the_reading_or_are_collected() {
        let read = |mode| {
            let mut report = ReadReport::new(Path::new("t.csv"));
            let table = Table::from_text("a\n1\nx\n3\n", Path::new("t.csv"), Style::default()).unwrap();
            let result = table.for_each(mode, &mut report, |row| row.number(0, REQUIRED).map(|_| Used::Yes));
            (result.is_ok(), report)
        };
        let (finished, _) = read(Mode::Strict);
        assert!(!finished);
        let (finished, report) = read(Mode::Lenient);
        assert!(finished);
        assert_eq!((report.rows_read, report.rows_used, report.rejects.len()), (3, 2, 1));
        assert_eq!(report.rejects.rows()[0].raw, "x");
    }
}
