//! Row groups of Parquet files, a few rows at a time (feature `parquet`).
//!
//! Only the columns taken are read: UTF-8 text, integers, floats, dates and timestamps, nested in structures but not in
//! lists. Other columns may be of any kind.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use ::parquet::data_type::{ByteArray, DataType};
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{ChunkReader, FileReader, Length, RowGroupReader, SerializedFileReader};
use ::parquet::schema::types::ColumnDescriptor;
use bytes::{Buf, Bytes};

use super::decode::{Compression, Origin, Stream};
use super::mapping::Mapping;
use super::plan::Columns;
use crate::error::{DataError, Place};

/// A Parquet file that does not lie open on disk (compressed as a whole, or piped) is held in memory up to this size.
const MAX_HELD: usize = 1 << 30;
/// Rows read at a time at most.
const MAX_ROWS: usize = 1 << 16;

/// The bytes of a Parquet file.
#[derive(Clone, Debug)]
pub(super) enum Content {
    Disk(PathBuf, u64),
    Memory(Bytes),
}

impl Content {
    /// The file behind `origin`; `stream` is its opened stream.
    pub(super) fn of(origin: &Origin, mut stream: Stream) -> Result<Self, DataError> {
        let io = |source| DataError::Io { place: Place::file(origin.name()), source };
        if let (Origin::Path(path), Compression::Plain) = (origin, stream.compression) {
            let meta = std::fs::metadata(path).map_err(io)?;
            if meta.is_file() {
                return Ok(Self::Disk(path.clone(), meta.len()));
            }
        }
        let damaged = |detail: String| {
            let (place, format) = (Place::file(origin.name()), "Parquet");
            Err(DataError::Format { place, format, detail })
        };
        let mut bytes = Vec::new();
        stream.append(&mut bytes, MAX_HELD + 1);
        if bytes.len() > MAX_HELD {
            return damaged(format!("it is more than {MAX_HELD} bytes and cannot be read in pieces; unpack it first"));
        }
        match stream.damage {
            Some(detail) => damaged(detail),
            None => Ok(Self::Memory(bytes.into())),
        }
    }

    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Disk(_, length) => *length,
            Self::Memory(bytes) => bytes.len() as u64,
        }
    }
}

impl Length for Content {
    fn len(&self) -> u64 {
        Content::len(self)
    }
}

impl ChunkReader for Content {
    type T = Box<dyn Read>;

    // Each call opens the file anew: a cloned handle would share its position with other threads.
    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        match self {
            Self::Disk(path, _) => {
                let mut file = File::open(path)?;
                file.seek(SeekFrom::Start(start))?;
                Ok(Box::new(BufReader::new(file)))
            }
            Self::Memory(bytes) => {
                let start = usize::try_from(start).ok().filter(|&start| start <= bytes.len()).ok_or_else(beyond)?;
                Ok(Box::new(bytes.slice(start..).reader()))
            }
        }
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        // Offsets come from the file and may be damaged: nothing is reserved before they are checked.
        let end = start.checked_add(length as u64).filter(|&end| end <= Content::len(self)).ok_or_else(beyond)?;
        match self {
            Self::Disk(path, _) => {
                let mut file = File::open(path)?;
                file.seek(SeekFrom::Start(start))?;
                let mut bytes = Vec::with_capacity(length);
                if file.take(length as u64).read_to_end(&mut bytes)? < length {
                    return Err(beyond());
                }
                Ok(bytes.into())
            }
            Self::Memory(bytes) => {
                let at = |offset: u64| usize::try_from(offset).map_err(|_| beyond());
                Ok(bytes.slice(at(start)?..at(end)?))
            }
        }
    }
}

fn beyond() -> ParquetError {
    ParquetError::EOF("an offset points beyond the end of the file".to_owned())
}

/// A Parquet file with the columns that are taken.
pub(super) struct ParquetFile {
    name: PathBuf,
    pub(super) content: Content,
    reader: Arc<SerializedFileReader<Content>>,
    pub(super) columns: Arc<Columns>,
    kinds: Arc<Vec<Kind>>,
}

impl ParquetFile {
    /// Reads schema and footer.
    ///
    /// # Errors
    /// [`DataError::Format`] for a damaged footer, and what [`Columns::find`] says.
    pub(super) fn open(mapping: &Mapping, content: Content, name: &Path) -> Result<Self, DataError> {
        let opened = guarded(name, || SerializedFileReader::new(content.clone()))?;
        let schema = opened.metadata().file_metadata().schema_descr_ptr();
        let mut header = Vec::new();
        let mut kinds = Vec::new();
        for column in schema.columns() {
            let path = column.path().string();
            let kind = kind(column);
            // A column that cannot be read has a name that nobody looks for, and is listed under it.
            header.push(if kind == Kind::Unread { format!("{path} (not text, number or date)") } else { path });
            kinds.push(kind);
        }
        let columns = Arc::new(Columns::find(mapping, &header, name).map_err(|error| match error {
            // There are no lines here.
            DataError::Cell { place, expected, found } => {
                DataError::Cell { place: Place { line: None, ..place }, expected, found }
            }
            error => error,
        })?);
        Ok(Self { name: name.to_owned(), content, reader: Arc::new(opened), columns, kinds: Arc::new(kinds) })
    }

    /// Its row groups.
    pub(super) fn groups(&self) -> impl Iterator<Item = Group> + '_ {
        let mut first_row = 0;
        (0..self.reader.num_row_groups()).map(move |index| {
            let group = Group {
                name: self.name.clone(),
                reader: Arc::clone(&self.reader),
                columns: Arc::clone(&self.columns),
                kinds: Arc::clone(&self.kinds),
                index,
                first_row,
            };
            first_row += u64::try_from(self.reader.metadata().row_group(index).num_rows()).unwrap_or(0);
            group
        })
    }
}

/// One row group.
pub(super) struct Group {
    name: PathBuf,
    reader: Arc<SerializedFileReader<Content>>,
    pub(super) columns: Arc<Columns>,
    kinds: Arc<Vec<Kind>>,
    index: usize,
    first_row: u64,
}

/// Some rows of a row group: for each column taken, in the order of [`Columns::cells`], its cells.
pub(super) struct Rows {
    /// Number of the first row in the file, from 0.
    pub(super) first_row: u64,
    pub(super) count: usize,
    pub(super) cells: Vec<Vec<Option<Cell>>>,
}

/// One cell.
pub(super) enum Cell {
    Bytes(ByteArray),
    Text(String),
}

impl Cell {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Bytes(bytes) => bytes.data(),
            Self::Text(text) => text.as_bytes(),
        }
    }
}

impl Group {
    /// Reads the rows in pieces of about `bytes` and hands each to `take`.
    ///
    /// # Errors
    /// [`DataError::Format`] for damage; what came before has been handed on.
    pub(super) fn read(&self, bytes: usize, mut take: impl FnMut(Rows)) -> Result<(), DataError> {
        let group = guarded(&self.name, || self.reader.get_row_group(self.index))?;
        let meta = group.metadata();
        let total = usize::try_from(meta.num_rows()).unwrap_or(0);
        let size: i64 = self.columns.cells.iter().map(|(at, _)| meta.column(*at).uncompressed_size().max(0)).sum();
        let bytes_per_row = usize::try_from(size).unwrap_or(usize::MAX) / total.max(1) + 1;
        let rows = (bytes / bytes_per_row).clamp(1, MAX_ROWS);
        let mut readers = Vec::new();
        for (at, _) in &self.columns.cells {
            readers.push(guarded(&self.name, || open_column(&*group, *at, self.kinds[*at]))?);
        }
        let mut done = 0;
        while done < total {
            let wanted = rows.min(total - done);
            let mut cells = Vec::with_capacity(readers.len());
            for reader in &mut readers {
                let column = guarded(&self.name, || reader.read(wanted))?;
                if column.len() < wanted {
                    return Err(damaged(&self.name, "a column chunk holds fewer values than rows".to_owned()));
                }
                cells.push(column);
            }
            take(Rows { first_row: self.first_row + done as u64, count: wanted, cells });
            done += wanted;
        }
        Ok(())
    }
}

fn damaged(name: &Path, detail: String) -> DataError {
    DataError::Format { place: Place::file(name), format: "Parquet", detail }
}

/// Runs `read`, and takes a panic for damage: parquet 60.1 panics on some damaged pages (`ingest/parquet.rs` says where).
fn guarded<T>(name: &Path, read: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, DataError> {
    match std::panic::catch_unwind(AssertUnwindSafe(read)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(ParquetError::General(text) | ParquetError::EOF(text))) => Err(damaged(name, text)),
        Ok(Err(error)) => Err(damaged(name, error.to_string())),
        Err(_) => Err(damaged(name, "the data in it contradict each other".to_owned())),
    }
}

/// What a column's physical and logical type together mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Number,
    Unsigned,
    Text,
    Date,
    /// Timestamps, with this many units to the second.
    Timestamp(i64),
    Unread,
}

fn kind(column: &ColumnDescriptor) -> Kind {
    if column.max_rep_level() > 0 {
        return Kind::Unread;
    }
    match column.logical_type_ref() {
        Some(LogicalType::Decimal(_) | LogicalType::Time(_)) => return Kind::Unread,
        Some(LogicalType::Date) => return Kind::Date,
        Some(LogicalType::Timestamp(stamp)) if column.physical_type() == Type::INT64 => {
            return Kind::Timestamp(match stamp.unit {
                TimeUnit::MILLIS => 1_000,
                TimeUnit::MICROS => 1_000_000,
                TimeUnit::NANOS => 1_000_000_000,
            });
        }
        Some(LogicalType::Integer(int)) if !int.is_signed => return Kind::Unsigned,
        _ => {}
    }
    match column.converted_type() {
        ConvertedType::DECIMAL | ConvertedType::TIME_MILLIS | ConvertedType::TIME_MICROS => return Kind::Unread,
        ConvertedType::DATE => return Kind::Date,
        ConvertedType::TIMESTAMP_MILLIS => return Kind::Timestamp(1_000),
        ConvertedType::TIMESTAMP_MICROS => return Kind::Timestamp(1_000_000),
        ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64 => {
            return Kind::Unsigned;
        }
        _ => {}
    }
    match column.physical_type() {
        Type::INT32 | Type::INT64 | Type::FLOAT | Type::DOUBLE => Kind::Number,
        Type::BYTE_ARRAY => Kind::Text,
        Type::BOOLEAN | Type::INT96 | Type::FIXED_LEN_BYTE_ARRAY => Kind::Unread,
    }
}

struct OpenColumn {
    reader: ColumnReader,
    kind: Kind,
    /// The definition level at which a value is there; 0 if it always is.
    full: i16,
}

fn open_column(group: &dyn RowGroupReader, at: usize, kind: Kind) -> Result<OpenColumn, ParquetError> {
    let full = group.metadata().column(at).column_descr().max_def_level();
    Ok(OpenColumn { reader: group.get_column_reader(at)?, kind, full })
}

impl OpenColumn {
    fn read(&mut self, rows: usize) -> Result<Vec<Option<Cell>>, ParquetError> {
        let Self { reader, kind, full } = self;
        let (kind, full) = (*kind, *full);
        match reader {
            ColumnReader::ByteArrayColumnReader(reader) => cells(reader, full, rows, |bytes| Some(Cell::Bytes(bytes))),
            ColumnReader::Int32ColumnReader(reader) => cells(reader, full, rows, |x| match kind {
                Kind::Date => day(i64::from(x)),
                Kind::Unsigned => Some(Cell::Text(x.cast_unsigned().to_string())),
                _ => Some(Cell::Text(x.to_string())),
            }),
            ColumnReader::Int64ColumnReader(reader) => cells(reader, full, rows, |x| match kind {
                Kind::Timestamp(per_second) => day(x.div_euclid(per_second).div_euclid(86_400)),
                Kind::Unsigned => Some(Cell::Text(x.cast_unsigned().to_string())),
                _ => Some(Cell::Text(x.to_string())),
            }),
            ColumnReader::FloatColumnReader(reader) => {
                cells(reader, full, rows, |x| x.is_finite().then(|| Cell::Text(x.to_string())))
            }
            ColumnReader::DoubleColumnReader(reader) => {
                cells(reader, full, rows, |x| x.is_finite().then(|| Cell::Text(x.to_string())))
            }
            ColumnReader::BoolColumnReader(_)
            | ColumnReader::Int96ColumnReader(_)
            | ColumnReader::FixedLenByteArrayColumnReader(_) => {
                Err(ParquetError::General("a column chunk has another type than the schema says".to_owned()))
            }
        }
    }
}

fn cells<D: DataType>(
    reader: &mut ColumnReaderImpl<D>,
    full: i16,
    rows: usize,
    convert: impl Fn(D::T) -> Option<Cell>,
) -> Result<Vec<Option<Cell>>, ParquetError> {
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    let (there, _, _) = reader.read_records(rows, (full > 0).then_some(&mut levels), None, &mut values)?;
    let mut present = values.into_iter();
    let missing = || ParquetError::General("a column chunk holds fewer values than rows".to_owned());
    (0..there)
        .map(|row| {
            if full == 0 || levels.get(row).is_some_and(|&level| level >= full) {
                present.next().ok_or_else(missing).map(&convert)
            } else {
                Ok(None)
            }
        })
        .collect()
}

/// The day `days` after 1970-01-01, or the number itself where the calendar has none: it is then refused by name.
fn day(days: i64) -> Option<Cell> {
    let span = jiff::Span::new().try_days(days).ok();
    let day = span.and_then(|span| jiff::civil::date(1970, 1, 1).checked_add(span).ok());
    Some(Cell::Text(day.map_or_else(|| format!("{days} days since 1970"), |day| day.to_string())))
}
