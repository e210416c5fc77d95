//! Flat Parquet files as typed columns (feature `parquet`).
//!
//! Read are 32- and 64-bit integers, floats, booleans, UTF-8 text, dates and timestamps, each with nulls. Nested
//! columns, decimals, times of day and the deprecated 96-bit timestamps are refused by name.

use csv::ByteRecord;
use jiff::civil::{Date, DateTime};

use super::source::Source;
use crate::error::DataError;

/// One column; `None` is a null.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Column {
    /// Integers of up to 64 bits.
    Int(Vec<Option<i64>>),
    /// 32- and 64-bit floats.
    Real(Vec<Option<f64>>),
    /// Booleans.
    Bool(Vec<Option<bool>>),
    /// UTF-8 text.
    Text(Vec<Option<String>>),
    /// Calendar days.
    Date(Vec<Option<Date>>),
    /// Timestamps, in the zone in which they were written (UTC where the file says so).
    Timestamp(Vec<Option<DateTime>>),
}

impl Column {
    /// Number of rows, nulls included.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Int(v) => v.len(),
            Self::Real(v) => v.len(),
            Self::Bool(v) => v.len(),
            Self::Text(v) => v.len(),
            Self::Date(v) => v.len(),
            Self::Timestamp(v) => v.len(),
        }
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends the cell of row `row` to `record` as text; a null is an empty cell.
    fn push_text(&self, row: usize, text: &mut String, record: &mut ByteRecord) {
        use std::fmt::Write;

        text.clear();
        // Writing to a string cannot fail. Floats print as the shortest text that reads back as the same number.
        let _ = match self {
            Self::Int(v) => v[row].map_or(Ok(()), |x| write!(text, "{x}")),
            Self::Real(v) => v[row].map_or(Ok(()), |x| write!(text, "{x}")),
            Self::Bool(v) => v[row].map_or(Ok(()), |x| write!(text, "{x}")),
            Self::Date(v) => v[row].map_or(Ok(()), |x| write!(text, "{x}")),
            Self::Timestamp(v) => v[row].map_or(Ok(()), |x| write!(text, "{x}")),
            Self::Text(v) => {
                record.push_field(v[row].as_deref().unwrap_or_default().as_bytes());
                return;
            }
        };
        record.push_field(text.as_bytes());
    }
}

/// A flat Parquet file: columns of equal length under their names.
#[derive(Clone, Debug, PartialEq)]
pub struct ParquetTable {
    names: Vec<String>,
    columns: Vec<Column>,
}

impl ParquetTable {
    /// The names of the columns, in file order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The column `name`.
    ///
    /// # Errors
    /// [`DataError::UnknownColumn`].
    pub fn column(&self, name: &str) -> Result<&Column, DataError> {
        let index = self.names.iter().position(|n| n == name);
        index
            .map(|i| &self.columns[i])
            .ok_or_else(|| DataError::UnknownColumn { name: name.to_owned(), available: self.names.join(", ") })
    }

    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.columns.first().map_or(0, Column::len)
    }

    /// The names and every row as text cells, for layouts that also come as CSV.
    pub(crate) fn into_text(self) -> (Vec<String>, Vec<ByteRecord>) {
        let mut text = String::new();
        let rows = (0..self.n_rows()).map(|row| {
            let mut record = ByteRecord::with_capacity(self.columns.len() * 8, self.columns.len());
            for column in &self.columns {
                column.push_text(row, &mut text, &mut record);
            }
            record
        });
        let rows = rows.collect();
        (self.names, rows)
    }
}

/// Reads the Parquet file `source`, all columns. O(cells) memory.
///
/// # Errors
/// [`DataError::Format`] if the file is damaged, cut short or not Parquet; [`DataError::Cell`] naming a column of a
/// kind that is not read; [`DataError::FeatureOff`] without the feature `parquet`.
pub fn read_parquet(source: &Source) -> Result<ParquetTable, DataError> {
    read_columns(&source.read()?, source.name())
}

/// Says that Parquet cannot be read in this build.
#[cfg(not(feature = "parquet"))]
pub(crate) fn read_columns(_content: &[u8], file: &std::path::Path) -> Result<ParquetTable, DataError> {
    let place = crate::error::Place::file(file);
    Err(DataError::FeatureOff { place, format: "Parquet", feature: "parquet" })
}

#[cfg(feature = "parquet")]
pub(crate) use self::reader::read_columns;

#[cfg(feature = "parquet")]
mod reader {
    use std::panic::AssertUnwindSafe;
    use std::path::Path;

    use ::parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
    use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl};
    use ::parquet::data_type::{ByteArray, DataType};
    use ::parquet::errors::ParquetError;
    use ::parquet::file::reader::{ChunkReader, FileReader, Length, RowGroupReader, SerializedFileReader};
    use ::parquet::schema::types::ColumnDescriptor;
    use bytes::{Buf, Bytes};
    use jiff::civil::{Date, DateTime, date};

    use super::{Column, ParquetTable};
    use crate::error::{DataError, Place};

    const EPOCH: Date = date(1970, 1, 1);
    /// Values are decoded in batches of this many.
    const BATCH: usize = 4096;

    /// What a column's physical and logical type together mean.
    #[derive(Clone, Copy, PartialEq)]
    enum Kind {
        Int,
        Unsigned32,
        Unsigned64,
        Real,
        Bool,
        Text,
        Date,
        /// Timestamps, with this many units to the second.
        Timestamp(i64),
    }

    /// The bytes of a file. The crate's own reader over `Bytes` adds offsets that come from the file unchecked, which
    /// overflows (a panic in debug builds) on a damaged footer.
    struct Content(Bytes);

    impl Content {
        fn slice(&self, start: u64, length: Option<usize>) -> Result<Bytes, ParquetError> {
            let beyond = || ParquetError::EOF("an offset points beyond the end of the file".to_owned());
            let start = usize::try_from(start).map_err(|_| beyond())?;
            let end = match length {
                Some(length) => start.checked_add(length).ok_or_else(beyond)?,
                None => self.0.len(),
            };
            if start > end || end > self.0.len() { Err(beyond()) } else { Ok(self.0.slice(start..end)) }
        }
    }

    impl Length for Content {
        fn len(&self) -> u64 {
            self.0.len() as u64
        }
    }

    impl ChunkReader for Content {
        type T = bytes::buf::Reader<Bytes>;

        fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
            Ok(self.slice(start, None)?.reader())
        }

        fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
            self.slice(start, Some(length))
        }
    }

    /// The columns of the Parquet file `content`.
    pub(crate) fn read_columns(content: &[u8], file: &Path) -> Result<ParquetTable, DataError> {
        // parquet 60.1 panics on damaged pages: one wrong byte in the levels of a nullable column fails the assertion
        // `size <= src.len()` in src/util/bit_util.rs (found by `damaged_parquet_files_never_panic`). Nothing outlives
        // the closure but its result, so unwinding leaves no broken state behind.
        let decoded = std::panic::catch_unwind(AssertUnwindSafe(|| decode(content, file)));
        decoded.unwrap_or_else(|_| {
            let detail = "the data in it contradict each other".to_owned();
            Err(DataError::Format { place: Place::file(file), format: "Parquet", detail })
        })
    }

    fn decode(content: &[u8], file: &Path) -> Result<ParquetTable, DataError> {
        let damaged = |detail: String| DataError::Format { place: Place::file(file), format: "Parquet", detail };
        let said = |error: ParquetError| damaged(wording(error));
        let reader = SerializedFileReader::new(Content(Bytes::copy_from_slice(content))).map_err(said)?;
        let schema = reader.metadata().file_metadata().schema_descr_ptr();
        let mut names = Vec::new();
        let mut kinds = Vec::new();
        for descriptor in schema.columns() {
            let name = descriptor.path().string();
            kinds.push(kind(descriptor).map_err(|found| DataError::Cell {
                place: Place::file(file).column(&name),
                expected: "a column of numbers, booleans, text, dates or timestamps".to_owned(),
                found: found.to_owned(),
            })?);
            names.push(name);
        }
        let mut columns: Vec<Column> = kinds.iter().map(|kind| empty(*kind)).collect();
        for group in 0..reader.num_row_groups() {
            let group = reader.get_row_group(group).map_err(said)?;
            for (index, column) in columns.iter_mut().enumerate() {
                let optional = schema.column(index).max_def_level() > 0;
                append(&*group, index, optional, kinds[index], column).map_err(|error| match error {
                    ReadError::Parquet(error) => said(error),
                    ReadError::Value { expected, found } => DataError::Cell {
                        place: Place::file(file).line(column.len() as u64 + 1).column(&names[index]),
                        expected: expected.to_owned(),
                        found,
                    },
                })?;
            }
        }
        let rows: Vec<usize> = columns.iter().map(Column::len).collect();
        if let Some(odd) = rows.iter().position(|&n| n != rows[0]) {
            return Err(damaged(format!(
                "column {} has {} rows, column {} has {}",
                names[odd], rows[odd], names[0], rows[0]
            )));
        }
        Ok(ParquetTable { names, columns })
    }

    enum ReadError {
        Parquet(ParquetError),
        Value { expected: &'static str, found: String },
    }

    impl From<ParquetError> for ReadError {
        fn from(error: ParquetError) -> Self {
            Self::Parquet(error)
        }
    }

    /// The error's text without the crate's prefixes.
    fn wording(error: ParquetError) -> String {
        match error {
            ParquetError::General(text) | ParquetError::EOF(text) => text,
            other => other.to_string(),
        }
    }

    fn kind(column: &ColumnDescriptor) -> Result<Kind, &'static str> {
        if column.path().parts().len() != 1 || column.max_rep_level() > 0 || column.max_def_level() > 1 {
            return Err("a nested column");
        }
        match column.logical_type_ref() {
            Some(LogicalType::Decimal(_)) => return Err("decimals"),
            Some(LogicalType::Time(_)) => return Err("times of day"),
            Some(LogicalType::Date) => return Ok(Kind::Date),
            Some(LogicalType::Timestamp(stamp)) if column.physical_type() == Type::INT64 => {
                return Ok(Kind::Timestamp(match stamp.unit {
                    TimeUnit::MILLIS => 1_000,
                    TimeUnit::MICROS => 1_000_000,
                    TimeUnit::NANOS => 1_000_000_000,
                }));
            }
            Some(LogicalType::Integer(int)) if !int.is_signed => {
                return Ok(if int.bit_width > 32 { Kind::Unsigned64 } else { Kind::Unsigned32 });
            }
            _ => {}
        }
        match column.converted_type() {
            ConvertedType::DECIMAL => return Err("decimals"),
            ConvertedType::TIME_MILLIS | ConvertedType::TIME_MICROS => return Err("times of day"),
            ConvertedType::DATE => return Ok(Kind::Date),
            ConvertedType::TIMESTAMP_MILLIS => return Ok(Kind::Timestamp(1_000)),
            ConvertedType::TIMESTAMP_MICROS => return Ok(Kind::Timestamp(1_000_000)),
            ConvertedType::UINT_64 => return Ok(Kind::Unsigned64),
            ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 => return Ok(Kind::Unsigned32),
            _ => {}
        }
        match column.physical_type() {
            Type::BOOLEAN => Ok(Kind::Bool),
            Type::INT32 | Type::INT64 => Ok(Kind::Int),
            Type::FLOAT | Type::DOUBLE => Ok(Kind::Real),
            Type::BYTE_ARRAY => Ok(Kind::Text),
            Type::INT96 => Err("96-bit timestamps"),
            Type::FIXED_LEN_BYTE_ARRAY => Err("fixed-length bytes"),
        }
    }

    fn empty(kind: Kind) -> Column {
        match kind {
            Kind::Int | Kind::Unsigned32 | Kind::Unsigned64 => Column::Int(Vec::new()),
            Kind::Real => Column::Real(Vec::new()),
            Kind::Bool => Column::Bool(Vec::new()),
            Kind::Text => Column::Text(Vec::new()),
            Kind::Date => Column::Date(Vec::new()),
            Kind::Timestamp(_) => Column::Timestamp(Vec::new()),
        }
    }

    /// Appends the values of column `index` in `group` to `column`.
    fn append(
        group: &dyn RowGroupReader,
        index: usize,
        optional: bool,
        kind: Kind,
        column: &mut Column,
    ) -> Result<(), ReadError> {
        let mismatch = || ParquetError::General("a column chunk has another type than the schema says".to_owned());
        match (group.get_column_reader(index)?, column) {
            (ColumnReader::BoolColumnReader(reader), Column::Bool(to)) => each(reader, optional, to, Ok),
            (ColumnReader::Int32ColumnReader(reader), Column::Date(to)) => {
                each(reader, optional, to, |days| day(i64::from(days)))
            }
            (ColumnReader::Int32ColumnReader(reader), Column::Int(to)) => each(reader, optional, to, |x| {
                Ok(if kind == Kind::Unsigned32 { i64::from(x.cast_unsigned()) } else { i64::from(x) })
            }),
            (ColumnReader::Int64ColumnReader(reader), Column::Int(to)) => each(reader, optional, to, |x| {
                if kind == Kind::Unsigned64 && x < 0 {
                    let found = x.cast_unsigned().to_string();
                    return Err(ReadError::Value { expected: "a whole number below 2^63", found });
                }
                Ok(x)
            }),
            (ColumnReader::Int64ColumnReader(reader), Column::Timestamp(to)) => {
                let Kind::Timestamp(per_second) = kind else { return Err(mismatch().into()) };
                each(reader, optional, to, |x| timestamp(x, per_second))
            }
            (ColumnReader::FloatColumnReader(reader), Column::Real(to)) => {
                each(reader, optional, to, |x| Ok(f64::from(x)))
            }
            (ColumnReader::DoubleColumnReader(reader), Column::Real(to)) => each(reader, optional, to, Ok),
            (ColumnReader::ByteArrayColumnReader(reader), Column::Text(to)) => {
                each(reader, optional, to, |bytes| text(&bytes))
            }
            _ => Err(mismatch().into()),
        }
    }

    fn each<D: DataType, T>(
        mut reader: ColumnReaderImpl<D>,
        optional: bool,
        to: &mut Vec<Option<T>>,
        convert: impl Fn(D::T) -> Result<T, ReadError>,
    ) -> Result<(), ReadError> {
        let mut values = Vec::with_capacity(BATCH);
        let mut levels = Vec::with_capacity(BATCH);
        loop {
            values.clear();
            levels.clear();
            let (rows, _, _) = reader.read_records(BATCH, optional.then_some(&mut levels), None, &mut values)?;
            if rows == 0 {
                return Ok(());
            }
            let mut present = values.drain(..);
            for row in 0..rows {
                let there = !optional || levels.get(row).is_some_and(|&level| level > 0);
                let value = if there {
                    let missing = || ParquetError::General("a column chunk holds fewer values than rows".to_owned());
                    Some(convert(present.next().ok_or_else(missing)?)?)
                } else {
                    None
                };
                to.push(value);
            }
        }
    }

    fn text(bytes: &ByteArray) -> Result<String, ReadError> {
        String::from_utf8(bytes.data().to_vec()).map_err(|e| {
            let byte = e.as_bytes()[e.utf8_error().valid_up_to()];
            ReadError::Value { expected: "UTF-8 text", found: format!("the byte 0x{byte:02X}") }
        })
    }

    fn day(days: i64) -> Result<Date, ReadError> {
        let span = jiff::Span::new().try_days(days).ok();
        span.and_then(|span| EPOCH.checked_add(span).ok()).ok_or_else(|| ReadError::Value {
            expected: "a day between the years -9999 and 9999",
            found: format!("{days} days since 1970"),
        })
    }

    fn timestamp(units: i64, per_second: i64) -> Result<DateTime, ReadError> {
        let seconds = units.div_euclid(per_second);
        let midnight = day(seconds.div_euclid(86_400))?.at(0, 0, 0, 0);
        // A day has fewer nanoseconds than an i64 holds.
        let nanoseconds = units.rem_euclid(per_second) * (1_000_000_000 / per_second);
        let within =
            jiff::SignedDuration::new(seconds.rem_euclid(86_400), 0) + jiff::SignedDuration::from_nanos(nanoseconds);
        midnight.checked_add(within).map_err(|_| ReadError::Value {
            expected: "a timestamp between the years -9999 and 9999",
            found: format!("{seconds} seconds since 1970"),
        })
    }
}
