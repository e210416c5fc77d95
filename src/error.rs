//! The error enums: one for each boundary that a caller can cross.

use std::path::PathBuf;

use crate::key::SeriesKey;
use crate::time::{Frequency, Period};

/// What any operation of the crate may fail with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Data that cannot be used as they stand.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A parameter outside its range.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// A model that could not be fitted.
    #[error(transparent)]
    Fit(#[from] FitError),
    /// A saved model that could not be read or written.
    #[error(transparent)]
    Persist(#[from] PersistError),
}

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Where in a file something was found. Lines count from 1 and include the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file as the caller named it.
    pub file: PathBuf,
    /// Line of a text file or row of a sheet, from 1; `None` where the format has none.
    pub line: Option<u64>,
    /// Column name, or `column 3` where there are no names.
    pub column: Option<String>,
}

impl Place {
    /// The file as a whole.
    #[must_use]
    pub fn file(file: impl Into<PathBuf>) -> Self {
        Self { file: file.into(), line: None, column: None }
    }

    /// The same file at `line`.
    #[must_use]
    pub fn line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// The same place in column `column`.
    #[must_use]
    pub fn column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        Ok(())
    }
}

/// Data that cannot be used as they stand.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// A file that could not be opened or read.
    #[error("{place}: {source}")]
    Io {
        /// The file.
        place: Place,
        /// What the operating system or the decompressor said.
        source: std::io::Error,
    },
    /// A cell, row or header that is not what the layout asks for.
    #[error("{place}: expected {expected}, found {found}")]
    Cell {
        /// File, line and column.
        place: Place,
        /// What the layout asks for.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// A file that is damaged or not of the format its name says.
    #[error("{place}: not a readable {format} file: {detail}")]
    Format {
        /// The file.
        place: Place,
        /// The format that was tried.
        format: &'static str,
        /// What the reader said.
        detail: String,
    },
    /// A format whose support was not compiled in.
    #[error("{place}: reading {format} needs the cargo feature `{feature}`")]
    FeatureOff {
        /// The file.
        place: Place,
        /// The format.
        format: &'static str,
        /// The feature to enable.
        feature: &'static str,
    },
    /// No observations at all.
    #[error("{what} holds no observations")]
    Empty {
        /// The file, panel or table.
        what: String,
    },
    /// The same series and period twice.
    #[error("series {key} has two values for {period}{}", at(.place))]
    Duplicate {
        /// The series.
        key: SeriesKey,
        /// The period.
        period: Period,
        /// Where the second value stands, when it came from a file.
        place: Option<Place>,
    },
    /// A missing period where none may be missing.
    #[error("series {key} has a gap: {expected} expected, found {found}")]
    Gap {
        /// The series.
        key: SeriesKey,
        /// The first period that is missing.
        expected: Period,
        /// The period that follows the gap.
        found: Period,
    },
    /// Observations further apart than a panel can hold, such as a mistyped year.
    #[error(
        "series {key} spans {periods} periods ({first} to {last}); at most {allowed} are allowed: is a date mistyped?"
    )]
    Span {
        /// The series.
        key: SeriesKey,
        /// Its first period.
        first: Period,
        /// Its last period.
        last: Period,
        /// Periods from first to last.
        periods: u64,
        /// The limit.
        allowed: u64,
    },
    /// Periods of different frequencies in one panel.
    #[error("series {key} has a {found} period in a {expected} panel")]
    MixedFrequency {
        /// The series.
        key: SeriesKey,
        /// The panel's frequency.
        expected: Frequency,
        /// The period's frequency.
        found: Frequency,
    },
    /// A column that the panel or table does not have.
    #[error("there is no column {name:?}; the columns are {available}")]
    UnknownColumn {
        /// The name asked for.
        name: String,
        /// The names that exist, joined by commas.
        available: String,
    },
    /// Columns of one table that differ in length.
    #[error("column {name:?} has {found} values, the columns before it have {expected}")]
    ColumnLength {
        /// The column.
        name: String,
        /// Values of the columns before it.
        expected: usize,
        /// Values that it has.
        found: usize,
    },
    /// The same column twice.
    #[error("column {name:?} stands there twice")]
    RepeatedColumn {
        /// The column.
        name: String,
    },
    /// A column of labels where numbers are needed, or the reverse.
    #[error("column {name:?} holds {found}, {expected} are needed")]
    ColumnKind {
        /// The column.
        name: String,
        /// What is needed: `numbers` or `labels`.
        expected: &'static str,
        /// What it holds.
        found: &'static str,
    },
    /// A series that the panel does not have.
    #[error("there is no series {key}")]
    UnknownSeries {
        /// The key asked for.
        key: SeriesKey,
    },
    /// A row with too few or too many values.
    #[error("series {key}, {period}: {expected} values expected, found {found}")]
    RowWidth {
        /// The series.
        key: SeriesKey,
        /// The period.
        period: Period,
        /// Number of columns of the panel.
        expected: usize,
        /// Number of values given.
        found: usize,
    },
    /// An aggregation that would go from a coarse to a finer frequency, or across undated positions.
    #[error("cannot aggregate {from} data to {to}")]
    Aggregation {
        /// The panel's frequency.
        from: Frequency,
        /// The frequency asked for.
        to: Frequency,
    },
    /// A hierarchy that runs in a circle.
    #[error("the hierarchy runs in a circle: {}", .members.join(" < "))]
    Circle {
        /// The names on the circle, each before its parent; the first comes again at the end.
        members: Vec<String>,
    },
    /// A name with two parents in one hierarchy.
    #[error("{child:?} has two parents in the hierarchy, {first:?} and {second:?}")]
    TwoParents {
        /// The name.
        child: String,
        /// The parent given first.
        first: String,
        /// The parent given later.
        second: String,
    },
    /// A series whose item or region the hierarchy does not know.
    #[error("series {key}: the hierarchy has no place for {name:?}")]
    Orphan {
        /// The series.
        key: SeriesKey,
        /// Its item or region.
        name: String,
    },
    /// A total that is not the sum of its parts.
    #[error("series {key}, {period}: the value {value} is not the sum of its parts, {sum}")]
    DoesNotAddUp {
        /// The total.
        key: SeriesKey,
        /// The first period where it differs.
        period: Period,
        /// Its value.
        value: f64,
        /// The sum of its parts.
        sum: f64,
    },
    /// Input that a model or estimator refuses.
    #[error("series {key}: {detail}")]
    Series {
        /// The series.
        key: SeriesKey,
        /// What is wrong with it.
        detail: String,
    },
    /// A fact of the catalogue or manifest that contradicts another.
    #[error("{place}: {detail}")]
    Inconsistent {
        /// Where it stands.
        place: Place,
        /// What contradicts what.
        detail: String,
    },
}

/// A parameter outside its range.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{name} = {value}: allowed is {allowed}")]
pub struct ParamError {
    /// The parameter.
    pub name: &'static str,
    /// The value given.
    pub value: String,
    /// The values that are allowed.
    pub allowed: &'static str,
}

impl ParamError {
    /// Says that `value` is not allowed for `name`.
    pub fn new(name: &'static str, value: impl std::fmt::Display, allowed: &'static str) -> Self {
        Self { name, value: value.to_string(), allowed }
    }
}

/// A model that could not be fitted to the data.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FitError {
    /// The series is shorter than the model needs. Raise `history` in the panel, or fall back to `Naive`.
    #[error("needs at least {needed} observations, series has {found}")]
    TooShort {
        /// Observations that the model needs.
        needed: usize,
        /// Observations that are there.
        found: usize,
    },
    /// A value that is not a finite number where the model needs one.
    #[error("value {value} at position {position} is not a finite number")]
    NotFinite {
        /// Position in the series or row of the matrix, from 0.
        position: usize,
        /// The value.
        value: f64,
    },
    /// A value so large that squares of it overflow.
    #[error("value {value:e} at position {position} is larger than {limit:e} in size")]
    TooLarge {
        /// Position in the series or row of the matrix, from 0.
        position: usize,
        /// The value.
        value: f64,
        /// The limit.
        limit: f64,
    },
    /// The design matrix cannot be used.
    #[error("design matrix: {detail}")]
    Design {
        /// What is wrong with it.
        detail: String,
    },
    /// A target that the model's distribution does not have.
    #[error("target {value} at row {position} cannot be: allowed is {allowed}")]
    Target {
        /// Row, from 0.
        position: usize,
        /// The value.
        value: f64,
        /// The values that are allowed.
        allowed: &'static str,
    },
    /// Columns predict the target exactly in some rows, so that their coefficients grow without bound. Leave them out, or give
    /// a penalty.
    #[error(
        "separation: columns {columns:?} predict the target of {n_rows} rows exactly, and their coefficients have no end"
    )]
    Separated {
        /// Positions of the columns, from 0; none if the intercept alone does it.
        columns: Vec<usize>,
        /// Rows whose target is predicted exactly.
        n_rows: usize,
    },
    /// The solver gave up or returned numbers that are not finite.
    #[error("{solver} did not converge: {detail}")]
    NoConvergence {
        /// The solver.
        solver: &'static str,
        /// What it said.
        detail: String,
    },
}

/// A saved model that could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PersistError {
    /// The bytes are not one of our envelopes, or are cut short or altered.
    #[error("not a readable credcast file: {detail}")]
    Damaged {
        /// What is wrong.
        detail: String,
    },
    /// The envelope holds something else.
    #[error("holds a {found}, a {expected} was expected")]
    Kind {
        /// The kind asked for.
        expected: &'static str,
        /// The kind that stands in the envelope.
        found: String,
    },
    /// The envelope was written by a newer version.
    #[error("format {found} of {kind} was written by credcast {written_by}; this version reads up to format {newest}")]
    Newer {
        /// What the envelope holds.
        kind: &'static str,
        /// The format in the envelope.
        found: u32,
        /// The newest format that this version reads.
        newest: u32,
        /// The version that wrote it.
        written_by: String,
    },
    /// The content breaks a rule that `build()` would have enforced.
    #[error("the saved content is not valid: {detail}")]
    Invalid {
        /// Which rule.
        detail: String,
    },
    /// The file could not be opened, read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
}

fn at(place: &Option<Place>) -> String {
    place.as_ref().map_or_else(String::new, |p| format!(" ({p})"))
}
