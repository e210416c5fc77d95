//! Files that appear whole or not at all, and the parts of Parquet files that tables share.

use std::io::BufWriter;
use std::path::Path;

use crate::error::{PersistError, Result};
use crate::persist::AtomicFile;

/// A file in the making.
pub(super) type Target = BufWriter<AtomicFile>;

pub(super) fn create(path: &Path) -> Result<Target, PersistError> {
    AtomicFile::create(path).map(BufWriter::new).map_err(|source| PersistError::Io { path: path.into(), source })
}

pub(super) fn failed(path: &Path, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> PersistError {
    PersistError::Io { path: path.into(), source: std::io::Error::other(error) }
}

/// Moves a complete file into place.
pub(super) fn finish(path: &Path, file: Target) -> Result<()> {
    let file = file.into_inner().map_err(|error| failed(path, error.into_error()))?;
    Ok(file.finish().map_err(|error| failed(path, error))?)
}

#[cfg(feature = "parquet")]
pub(super) use self::columnar::{column, number_field, text_field};

#[cfg(feature = "parquet")]
mod columnar {
    use parquet::basic::{LogicalType, Repetition, Type as Physical};
    use parquet::data_type::DataType;
    use parquet::errors::ParquetError;
    use parquet::file::writer::SerializedRowGroupWriter;
    use parquet::schema::types::Type;

    use super::Target;

    /// A column of text without nulls.
    pub(in super::super) fn text_field(name: &str) -> Result<Type, ParquetError> {
        let text = Type::primitive_type_builder(name, Physical::BYTE_ARRAY);
        text.with_repetition(Repetition::REQUIRED).with_logical_type(Some(LogicalType::String)).build()
    }

    /// A column of numbers with nulls.
    pub(in super::super) fn number_field(name: &str, physical: Physical) -> Result<Type, ParquetError> {
        Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL).build()
    }

    /// Writes the next column of a row group: the values that are there, and for a column with nulls which rows have one.
    pub(in super::super) fn column<D: DataType>(
        group: &mut SerializedRowGroupWriter<'_, Target>,
        values: &[D::T],
        levels: Option<&[i16]>,
    ) -> Result<(), ParquetError> {
        let missing = || ParquetError::General("a column more than the schema has".into());
        let mut column = group.next_column()?.ok_or_else(missing)?;
        column.typed::<D>().write_batch(values, levels, None)?;
        column.close()
    }
}
