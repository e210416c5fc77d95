//! What a reader did: rows read and used, rows refused and why, gaps, remarks.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::{DataError, Place};
use crate::panel::{Gap, GapPolicy};

/// What a reader does with a row that it cannot use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The first bad row ends the reading with its error.
    #[default]
    Strict,
    /// Bad rows are collected in [`ReadReport::rejects`]; the rest is used.
    Lenient,
}

/// Choices that every reader of a panel shares. The default is the strictest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Whether a bad row ends the reading.
    pub mode: Mode,
    /// Whether a missing period inside a series ends the reading. Gaps are listed in the report either way.
    pub gaps: GapPolicy,
    /// A period that begins after this day is a bad row: a forecast file or a mistyped year.
    pub not_after: Option<jiff::civil::Date>,
}

impl ReadOptions {
    /// Bad rows are collected and gaps become missing values: for a first look at a file.
    #[must_use]
    pub fn lenient() -> Self {
        Self { mode: Mode::Lenient, gaps: GapPolicy::Missing, not_after: None }
    }
}

/// One row that was not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// File, line and column of the cell at fault.
    pub place: Place,
    /// The rule that the row breaks, the same text for every row that breaks it.
    pub reason: String,
    /// What stands there.
    pub found: String,
    /// The row as it stands in the file, cells joined by commas.
    pub raw: String,
}

/// The rows that were not used, in file order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rejects {
    rows: Vec<Reject>,
}

impl Rejects {
    /// The rejected rows.
    #[must_use]
    pub fn rows(&self) -> &[Reject] {
        &self.rows
    }

    /// Number of rejected rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether every row was used.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many rows broke each rule.
    #[must_use]
    pub fn by_reason(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for row in &self.rows {
            *counts.entry(row.reason.as_str()).or_insert(0) += 1;
        }
        counts
    }

    /// The rejects as a CSV file: `file,line,column,reason,found,raw`.
    #[must_use]
    pub fn to_csv(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let header = ["file", "line", "column", "reason", "found", "raw"].map(str::to_owned);
        let rows = self.rows.iter().map(|r| {
            [
                r.place.file.display().to_string(),
                r.place.line.map_or_else(String::new, |l| l.to_string()),
                r.place.column.clone().unwrap_or_default(),
                r.reason.clone(),
                r.found.clone(),
                r.raw.clone(),
            ]
        });
        for row in std::iter::once(header).chain(rows) {
            // Writing to memory cannot fail, and every row has six cells.
            let _ = writer.write_record(row);
        }
        writer.into_inner().unwrap_or_default()
    }

    pub(crate) fn truncate(&mut self, rows: usize) {
        self.rows.truncate(rows);
    }

    pub(crate) fn extend(&mut self, other: Rejects) {
        self.rows.extend(other.rows);
    }
}

/// What a reader did, beside what it read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadReport {
    /// The files, in the order in which they were read.
    pub files: Vec<PathBuf>,
    /// Rows of data, without the header.
    pub rows_read: u64,
    /// Rows that went into the result. The others are rejects, or a note says what they are.
    pub rows_used: u64,
    /// The rows that could not be used; empty in [`Mode::Strict`].
    pub rejects: Rejects,
    /// Periods missing inside a series, by key and period.
    pub gaps: Vec<Gap>,
    /// Everything else worth knowing: the frequency taken, columns and rows left out, what a number is not.
    pub notes: Vec<String>,
}

impl ReadReport {
    pub(crate) fn new(file: &Path) -> Self {
        Self { files: vec![file.to_owned()], ..Self::default() }
    }

    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Ends the reading with `error` in strict mode; else counts the row `raw` among the rejects.
    pub(crate) fn refuse(
        &mut self,
        mode: Mode,
        error: DataError,
        raw: impl FnOnce() -> String,
    ) -> Result<(), DataError> {
        if mode == Mode::Strict {
            return Err(error);
        }
        let file = || Place::file(self.files.last().map_or_else(PathBuf::new, Clone::clone));
        let (place, reason, found) = match error {
            DataError::Cell { place, expected, found } => (place, format!("expected {expected}"), found),
            DataError::Duplicate { key, period, place } => {
                let place = place.unwrap_or_else(file);
                (place, "expected one value per series and period".to_owned(), format!("{key} at {period} again"))
            }
            // Damage to the file as a whole ends the reading in either mode.
            other => return Err(other),
        };
        self.rejects.rows.push(Reject { place, reason, found, raw: raw() });
        Ok(())
    }

    /// Appends what another reader did.
    pub(crate) fn absorb(&mut self, other: ReadReport) {
        let ReadReport { files, rows_read, rows_used, rejects, gaps, notes } = other;
        self.files.extend(files);
        self.rows_read += rows_read;
        self.rows_used += rows_used;
        self.rejects.extend(rejects);
        self.gaps.extend(gaps);
        self.notes.extend(notes);
    }
}

/// One line of counts, then one line for each kind of reject and for each note.
impl fmt::Display for ReadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { files: _, rows_read, rows_used, rejects, gaps, notes } = self;
        write!(f, "{rows_read} rows read, {rows_used} used, {} rejected, {} gaps", rejects.len(), gaps.len())?;
        for (reason, count) in rejects.by_reason() {
            write!(f, "\n  {count} rejected: {reason}")?;
        }
        for note in notes {
            write!(f, "\n  {note}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(line: u64, found: &str) -> DataError {
        let place = Place::file("a.csv").line(line).column("y");
        DataError::Cell { place, expected: "a number".into(), found: found.into() }
    }

    #[test]
    fn rejects_are_counted_by_rule_and_written_as_csv() {
        let mut report = ReadReport::new(Path::new("a.csv"));
        report.refuse(Mode::Lenient, cell(2, "\"x\""), || "a,1,x".into()).unwrap();
        report.refuse(Mode::Lenient, cell(3, "\"z\""), || "b,1,z".into()).unwrap();
        assert_eq!(report.rejects.by_reason(), BTreeMap::from([("expected a number", 2)]));
        let csv = String::from_utf8(report.rejects.to_csv()).unwrap();
        insta::assert_snapshot!(csv, @r#"
        file,line,column,reason,found,raw
        a.csv,2,y,expected a number,"""x""","a,1,x"
        a.csv,3,y,expected a number,"""z""","b,1,z"
        "#);
    }

    #[test]
    fn strict_mode_ends_at_the_first() {
        let mut report = ReadReport::new(Path::new("a.csv"));
        assert!(report.refuse(Mode::Strict, cell(2, "x"), String::new).is_err());
        assert!(report.rejects.is_empty());
    }
}
