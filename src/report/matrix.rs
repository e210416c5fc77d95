//! Files of design matrices, written chunk by chunk.

use std::path::{Path, PathBuf};

use super::file::{Target, create, failed, finish};
use crate::error::{ParamError, Result};
use crate::feature::{Element, FeatureMatrix};

/// The columns before the features.
const LEADING: [&str; 3] = ["unique_id", "region", "ds"];

/// Takes a design matrix chunk by chunk: the next part of the same matrix each time.
///
/// A file holds the item (`unique_id`), the region, the period (`ds`, as text) and one column for each feature. What is not
/// known is a null, or an empty cell. It appears under its name when it is finished, whole or not at all; a writer that is
/// dropped before leaves nothing.
pub trait MatrixSink<T: Element> {
    /// Appends the rows of a chunk. O(cells).
    ///
    /// # Errors
    /// [`ParamError`] for a chunk whose columns are not those that were announced; [`PersistError`](crate::PersistError) if it cannot be written.
    fn write(&mut self, chunk: &FeatureMatrix<T>) -> Result<()>;

    /// Completes the file.
    ///
    /// # Errors
    /// [`PersistError`](crate::PersistError) if it cannot be written.
    fn finish(self: Box<Self>) -> Result<()>;
}

/// The names of features, none of them used twice or by the columns before them.
fn checked(columns: &[String]) -> Result<Vec<String>, ParamError> {
    for (place, name) in columns.iter().enumerate() {
        if LEADING.contains(&name.as_str()) || columns[..place].contains(name) {
            return Err(ParamError::new("column", name, "a name that no other column of the file has"));
        }
    }
    Ok(columns.to_vec())
}

fn same(announced: &[String], chunk: &[String]) -> Result<(), ParamError> {
    if announced == chunk {
        return Ok(());
    }
    let place = announced.iter().zip(chunk).take_while(|(a, b)| a == b).count();
    let found = chunk.get(place).map_or("no column", String::as_str);
    Err(ParamError::new("chunk", format!("{found} in place {place}"), "the columns that were announced, in order"))
}

/// A design matrix as CSV: numbers in the shortest form that reads back the same.
#[derive(Debug)]
pub struct CsvMatrix {
    path: PathBuf,
    writer: csv::Writer<Target>,
    columns: Vec<String>,
}

impl CsvMatrix {
    /// A file at `path` with these features.
    ///
    /// # Errors
    /// [`ParamError`] for a name that comes twice or is one of the leading columns; [`PersistError`](crate::PersistError) if no file can be made.
    pub fn create(path: &Path, columns: &[String]) -> Result<Self> {
        let columns = checked(columns)?;
        let mut writer = csv::Writer::from_writer(create(path)?);
        let header = LEADING.into_iter().chain(columns.iter().map(String::as_str));
        writer.write_record(header).map_err(|error| failed(path, error))?;
        Ok(Self { path: path.into(), writer, columns })
    }
}

impl<T: Element + std::fmt::Display> MatrixSink<T> for CsvMatrix {
    fn write(&mut self, chunk: &FeatureMatrix<T>) -> Result<()> {
        same(&self.columns, chunk.names())?;
        let mut text = String::new();
        for (row, cells) in chunk.view().rows().into_iter().enumerate() {
            let (series, period) = chunk.origin(row);
            let key = &chunk.keys()[series];
            let mut field = |field: &str| self.writer.write_field(field).map_err(|error| failed(&self.path, error));
            field(key.item())?;
            field(key.region().as_str())?;
            field(&period.to_string())?;
            for cell in cells {
                text.clear();
                if cell.is_present() {
                    use std::fmt::Write;
                    // Writing to a string cannot fail.
                    let _ = write!(text, "{cell}");
                }
                field(&text)?;
            }
            self.writer.write_record(None::<&[u8]>).map_err(|error| failed(&self.path, error))?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<()> {
        let Self { path, writer, .. } = *self;
        let file = writer.into_inner().map_err(|error| failed(&path, error.to_string()))?;
        finish(&path, file)
    }
}

#[cfg(feature = "parquet")]
pub use self::columnar::{ParquetElement, ParquetMatrix};

#[cfg(feature = "parquet")]
mod columnar {
    use std::sync::Arc;

    use parquet::basic::{Compression, Type as Physical, ZstdLevel};
    use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, FloatType};
    use parquet::errors::ParquetError;
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::types::Type;

    use super::super::file::{column, number_field, text_field};
    use super::{Element, FeatureMatrix, LEADING, MatrixSink, Path, PathBuf, Result, Target, failed};
    use crate::time::Period;

    /// A number that Parquet has a column type for.
    pub trait ParquetElement: Element {
        /// The type of the column.
        #[doc(hidden)]
        type Column: DataType<T = Self>;
        /// The same in a schema.
        #[doc(hidden)]
        const PHYSICAL: Physical;
    }

    impl ParquetElement for f64 {
        type Column = DoubleType;
        const PHYSICAL: Physical = Physical::DOUBLE;
    }

    impl ParquetElement for f32 {
        type Column = FloatType;
        const PHYSICAL: Physical = Physical::FLOAT;
    }

    /// A design matrix as Parquet: a row group for each chunk; text columns `unique_id`, `region` and `ds`; features as
    /// optional doubles (or floats, for `f32`), null where a value is not known. Compressed with zstd.
    pub struct ParquetMatrix<T> {
        path: PathBuf,
        writer: SerializedFileWriter<Target>,
        columns: Vec<String>,
        present: Vec<T>,
        levels: Vec<i16>,
    }

    impl<T> std::fmt::Debug for ParquetMatrix<T> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.debug_struct("ParquetMatrix").field("path", &self.path).finish_non_exhaustive()
        }
    }

    impl<T: ParquetElement> ParquetMatrix<T> {
        /// A file at `path` with these features.
        ///
        /// # Errors
        /// [`ParamError`](crate::ParamError) for a name that comes twice or is one of the leading columns; [`PersistError`](crate::PersistError)
        /// if no file can be made.
        pub fn create(path: &Path, columns: &[String]) -> Result<Self> {
            let columns = super::checked(columns)?;
            let file = super::create(path)?;
            let writer = || -> Result<_, ParquetError> {
                let numbers = columns.iter().map(|name| number_field(name, T::PHYSICAL));
                let fields = LEADING.iter().map(|name| text_field(name)).chain(numbers);
                let fields = fields.map(|field| field.map(Arc::new)).collect::<Result<Vec<_>, _>>()?;
                let schema = Type::group_type_builder("design_matrix").with_fields(fields).build()?;
                // Numbers of a design matrix rarely repeat: a dictionary of them costs time and saves nothing.
                let properties = WriterProperties::builder()
                    .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
                    .set_dictionary_enabled(false);
                let properties = LEADING.iter().fold(properties, |properties, name| {
                    properties.set_column_dictionary_enabled((*name).into(), true)
                });
                SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties.build()))
            };
            let writer = writer().map_err(|error| failed(path, error))?;
            Ok(Self { path: path.into(), writer, columns, present: Vec::new(), levels: Vec::new() })
        }

        fn append(&mut self, chunk: &FeatureMatrix<T>) -> Result<(), ParquetError> {
            let mut group = self.writer.next_row_group()?;
            let mut texts = [Vec::new(), Vec::new(), Vec::new()];
            let mut known: Option<(Period, ByteArray)> = None;
            for (index, key) in chunk.keys().iter().enumerate() {
                let (item, region) = (ByteArray::from(key.item()), ByteArray::from(key.region().as_str()));
                for row in chunk.rows_of(index) {
                    let (_, period) = chunk.origin(row);
                    let text = known.take().filter(|(same, _)| *same == period);
                    let text = text.map_or_else(|| ByteArray::from(period.to_string().as_str()), |(_, text)| text);
                    texts[0].push(item.clone());
                    texts[1].push(region.clone());
                    texts[2].push(text.clone());
                    known = Some((period, text));
                }
            }
            for text in &texts {
                column::<ByteArrayType>(&mut group, text, None)?;
            }
            for cells in chunk.view().columns() {
                self.present.clear();
                self.present.extend(cells.iter().copied().filter(|cell| cell.is_present()));
                self.levels.clear();
                self.levels.extend(cells.iter().map(|cell| i16::from(cell.is_present())));
                column::<T::Column>(&mut group, &self.present, Some(&self.levels))?;
            }
            group.close()?;
            Ok(())
        }
    }

    impl<T: ParquetElement> MatrixSink<T> for ParquetMatrix<T> {
        fn write(&mut self, chunk: &FeatureMatrix<T>) -> Result<()> {
            super::same(&self.columns, chunk.names())?;
            self.append(chunk).map_err(|error| failed(&self.path, error))?;
            Ok(())
        }

        fn finish(self: Box<Self>) -> Result<()> {
            let Self { path, writer, .. } = *self;
            let file = writer.into_inner().map_err(|error| failed(&path, error))?;
            super::finish(&path, file)
        }
    }
}
