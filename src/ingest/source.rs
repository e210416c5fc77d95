//! Opening files: plain, gzip or zstd, from a path or from bytes in memory.

use std::borrow::Cow;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::error::{DataError, Place};

/// What a decompressed file may hold at most. A compressed file of a few kilobytes can unfold to terabytes.
const MAX_BYTES: u64 = 4 << 30;

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
const PARQUET: &[u8] = b"PAR1";
const ZIP: &[u8] = b"PK\x03\x04";
const UTF8_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

/// A file to read: a path, or bytes in memory under a name.
///
/// Whether it is compressed is told by its first bytes, never by its name.
///
/// # Examples
/// ```
/// use credcast::ingest::{LongLayout, Source, read_long};
/// let source = Source::bytes("postings.csv", b"unique_id,ds,y\nwelder,2024-01,12\nwelder,2024-02,15\n");
/// let (panel, report) = read_long(&source, &LongLayout::default())?;
/// assert_eq!((panel.n_series(), report.rows_used), (1, 2));
/// # Ok::<(), credcast::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Source {
    name: PathBuf,
    bytes: Option<Cow<'static, [u8]>>,
}

/// What the first bytes of a file say about its format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    Text,
    Parquet,
    Workbook,
}

impl Source {
    /// The file at `path`; it is opened when a reader asks for it.
    pub fn path(path: impl Into<PathBuf>) -> Self {
        Self { name: path.into(), bytes: None }
    }

    /// Bytes in memory, such as a file embedded with `include_bytes!`; `name` stands in errors and reports.
    pub fn bytes(name: impl Into<PathBuf>, bytes: impl Into<Cow<'static, [u8]>>) -> Self {
        Self { name: name.into(), bytes: Some(bytes.into()) }
    }

    /// The path, or the name of the bytes.
    #[must_use]
    pub fn name(&self) -> &Path {
        &self.name
    }

    /// The bytes, if they are in memory.
    pub(crate) fn memory(&self) -> Option<&[u8]> {
        self.bytes.as_deref()
    }

    /// The file's name without its folder.
    pub(crate) fn file_name(&self) -> String {
        self.name.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned())
    }

    /// The content, decompressed.
    ///
    /// # Errors
    /// [`DataError::Io`] if the file cannot be opened; [`DataError::Format`] if compressed data are damaged or end
    /// before they should.
    pub fn read(&self) -> Result<Cow<'_, [u8]>, DataError> {
        let raw = match &self.bytes {
            Some(bytes) => Cow::Borrowed(bytes.as_ref()),
            None => Cow::Owned(self.read_file()?),
        };
        if raw.starts_with(GZIP) {
            Ok(Cow::Owned(self.unfold("gzip", flate2::read::MultiGzDecoder::new(raw.as_ref()))?))
        } else if raw.starts_with(ZSTD) {
            let decoder = zstd::stream::read::Decoder::with_buffer(raw.as_ref());
            Ok(Cow::Owned(self.unfold("zstd", decoder.map_err(|e| self.damaged("zstd", &e))?)?))
        } else {
            Ok(raw)
        }
    }

    /// The content as text.
    ///
    /// # Errors
    /// As [`Source::read`], and [`DataError::Cell`] with the place of the first byte that is not UTF-8.
    pub fn read_text(&self) -> Result<String, DataError> {
        Ok(as_text(&self.read()?, &self.name)?.to_owned())
    }

    fn read_file(&self) -> Result<Vec<u8>, DataError> {
        let failed = |source| DataError::Io { place: Place::file(&self.name), source };
        // The operating systems word these two differently, and opening a folder succeeds on some of them.
        let meta = fs::metadata(&self.name).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => failed(io::Error::new(e.kind(), "there is no such file")),
            _ => failed(e),
        })?;
        if meta.is_dir() {
            return Err(failed(io::Error::new(io::ErrorKind::IsADirectory, "is a folder, expected a file")));
        }
        fs::read(&self.name).map_err(failed)
    }

    fn unfold(&self, format: &'static str, decoder: impl Read) -> Result<Vec<u8>, DataError> {
        let mut content = Vec::new();
        decoder.take(MAX_BYTES + 1).read_to_end(&mut content).map_err(|e| self.damaged(format, &e))?;
        if content.len() as u64 > MAX_BYTES {
            let detail = format!("it unfolds to more than {MAX_BYTES} bytes");
            return Err(DataError::Format { place: Place::file(&self.name), format, detail });
        }
        Ok(content)
    }

    fn damaged(&self, format: &'static str, error: &io::Error) -> DataError {
        let detail = match error.kind() {
            io::ErrorKind::UnexpectedEof => "the file ends early: was a download cut short?".to_owned(),
            _ => error.to_string(),
        };
        DataError::Format { place: Place::file(&self.name), format, detail }
    }
}

impl From<&Path> for Source {
    fn from(path: &Path) -> Self {
        Self::path(path)
    }
}

impl From<PathBuf> for Source {
    fn from(path: PathBuf) -> Self {
        Self::path(path)
    }
}

impl From<&str> for Source {
    fn from(path: &str) -> Self {
        Self::path(path)
    }
}

/// The format that the first bytes of decompressed `content` show.
pub(crate) fn container(content: &[u8]) -> Container {
    if content.starts_with(PARQUET) {
        Container::Parquet
    } else if content.starts_with(ZIP) {
        Container::Workbook
    } else {
        Container::Text
    }
}

/// `content` as text, without a UTF-8 byte order mark.
///
/// # Errors
/// [`DataError::Cell`] with line and column of the first byte that is not UTF-8, or naming UTF-16.
pub(crate) fn as_text<'a>(content: &'a [u8], name: &Path) -> Result<&'a str, DataError> {
    let expected = "UTF-8 text".to_owned();
    if let Some(found) = utf16(content) {
        return Err(DataError::Cell { place: Place::file(name), expected, found });
    }
    let content = content.strip_prefix(UTF8_MARK).unwrap_or(content);
    std::str::from_utf8(content).map_err(|error| {
        let (before, rest) = content.split_at(error.valid_up_to());
        let line = before.iter().filter(|&&b| b == b'\n').count() as u64 + 1;
        let start = before.iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
        let column = String::from_utf8_lossy(&before[start..]).chars().count() + 1;
        let found = format!("the byte 0x{:02X}: save the file as UTF-8 (it may be Latin-1 or Windows-1252)", rest[0]);
        DataError::Cell { place: Place::file(name).line(line).column(column.to_string()), expected, found }
    })
}

fn utf16(content: &[u8]) -> Option<String> {
    match content {
        [0xff, 0xfe, ..] => Some("UTF-16 (byte order mark FF FE)".to_owned()),
        [0xfe, 0xff, ..] => Some("UTF-16 (byte order mark FE FF)".to_owned()),
        // ASCII in UTF-16 without a mark: every other byte is 0.
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => Some("UTF-16 (little-endian, no byte order mark)".to_owned()),
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => Some("UTF-16 (big-endian, no byte order mark)".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn compression_is_told_by_content_not_by_name() {
        let text = b"a,b\n1,2\n".as_slice();
        let packed = [text.to_vec(), gzip(text), zstd::encode_all(text, 3).unwrap()];
        for bytes in packed {
            assert_eq!(&*Source::bytes("x.csv", bytes).read().unwrap(), text);
        }
    }

    #[test]
    fn members_of_a_gzip_file_are_joined() {
        let bytes = [gzip(b"a\n"), gzip(b"1\n")].concat();
        assert_eq!(&*Source::bytes("x.csv.gz", bytes).read().unwrap(), b"a\n1\n");
    }

    #[test]
    fn a_mark_is_dropped_and_a_foreign_byte_is_located() {
        assert_eq!(as_text(b"\xef\xbb\xbfa", Path::new("x")).unwrap(), "a");
        let error = as_text("id\né".as_bytes().split_last().unwrap().1, Path::new("x")).unwrap_err().to_string();
        assert!(error.starts_with("x, line 2, column 1: expected UTF-8 text, found the byte 0xC3"), "{error}");
    }

    #[test]
    fn utf_16_is_named_with_and_without_a_mark() {
        for bytes in [b"\xff\xfea\0".as_slice(), b"\xfe\xff\0a", b"a\0,\0", b"\0a\0,"] {
            let error = as_text(bytes, Path::new("x")).unwrap_err().to_string();
            assert!(error.starts_with("x: expected UTF-8 text, found UTF-16"), "{error}");
        }
    }
}
