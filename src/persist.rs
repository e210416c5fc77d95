//! Saving and loading: a versioned envelope around any fitted model, as JSON or in binary.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::PersistError;

/// First bytes of the binary form.
const MAGIC: &[u8; 8] = b"CREDCAST";

/// Something that can be saved and loaded to the same behaviour.
///
/// The envelope holds the kind, its format number, the version that wrote it, a CRC-32 of the body and the body. A
/// file that is cut short, altered, of another kind or of a newer format is refused.
pub trait Persist: Serialize + DeserializeOwned {
    /// Name of what is saved; a file of another kind is refused.
    const KIND: &'static str;
    /// Raised whenever the body's layout changes; older formats stay readable for one major version.
    const FORMAT: u32;

    /// Runs the checks of `build()` again on what was read.
    ///
    /// # Errors
    /// [`PersistError::Invalid`] with the first rule broken.
    fn revalidate(self) -> Result<Self, PersistError>;

    /// The binary form.
    ///
    /// # Errors
    /// [`PersistError::Invalid`] if the value cannot be written.
    fn to_bytes(&self) -> Result<Vec<u8>, PersistError> {
        let body = postcard::to_stdvec(self).map_err(|e| invalid(&e))?;
        let head = Head::of::<Self>(&body);
        let mut bytes = MAGIC.to_vec();
        bytes = postcard::to_extend(&head, bytes).map_err(|e| invalid(&e))?;
        bytes.extend_from_slice(&body);
        Ok(bytes)
    }

    /// Reads the binary form.
    ///
    /// # Errors
    /// Any [`PersistError`] but `Io`.
    fn from_bytes(bytes: &[u8]) -> Result<Self, PersistError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| damaged("it does not start as one"))?;
        let (head, body) =
            postcard::take_from_bytes::<Head>(rest).map_err(|_| damaged("it is cut short in its head"))?;
        head.check::<Self>(body)?;
        let (value, left) = postcard::take_from_bytes::<Self>(body).map_err(|e| damaged(&e.to_string()))?;
        if !left.is_empty() {
            return Err(damaged("bytes follow its end"));
        }
        value.revalidate()
    }

    /// The JSON form: larger, readable, the same values.
    ///
    /// # Errors
    /// [`PersistError::Invalid`] if the value cannot be written.
    fn to_json(&self) -> Result<String, PersistError> {
        let body = serde_json::to_string(self).map_err(|e| invalid(&e))?;
        let Head { kind, format, written_by, length: _, crc32 } = Head::of::<Self>(body.as_bytes());
        let body = serde_json::value::RawValue::from_string(body).map_err(|e| invalid(&e))?;
        serde_json::to_string(&JsonEnvelope { kind, format, written_by, crc32, body }).map_err(|e| invalid(&e))
    }

    /// Reads the JSON form.
    ///
    /// # Errors
    /// Any [`PersistError`] but `Io`.
    fn from_json(text: &str) -> Result<Self, PersistError> {
        let envelope: JsonEnvelope = serde_json::from_str(text).map_err(|e| damaged(&e.to_string()))?;
        let JsonEnvelope { kind, format, written_by, crc32, body } = envelope;
        let length = body.get().len() as u64;
        Head { kind, format, written_by, length, crc32 }.check::<Self>(body.get().as_bytes())?;
        serde_json::from_str::<Self>(body.get()).map_err(|e| damaged(&e.to_string()))?.revalidate()
    }

    /// Writes to `path`, JSON if it ends in `.json`, binary otherwise. The file appears whole or not at all.
    ///
    /// # Errors
    /// [`PersistError::Io`] or [`PersistError::Invalid`].
    fn save(&self, path: &Path) -> Result<(), PersistError> {
        let bytes = if is_json(path) { self.to_json()?.into_bytes() } else { self.to_bytes()? };
        write_atomic(path, &bytes).map_err(|source| PersistError::Io { path: path.into(), source })
    }

    /// Reads what [`Persist::save`] wrote.
    ///
    /// # Errors
    /// Any [`PersistError`].
    fn load(path: &Path) -> Result<Self, PersistError> {
        let bytes = std::fs::read(path).map_err(|source| PersistError::Io { path: path.into(), source })?;
        if is_json(path) {
            Self::from_json(std::str::from_utf8(&bytes).map_err(|_| damaged("it is not UTF-8"))?)
        } else {
            Self::from_bytes(&bytes)
        }
    }
}

/// Writes `bytes` beside `path` and moves them into place, so that no reader ever sees half a file.
///
/// # Errors
/// What the operating system says.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes)?;
    file.finish()
}

/// A file that is written beside its place and moved there when it is complete: no reader ever sees half of it, and one that is
/// dropped before leaves nothing.
#[derive(Debug)]
pub struct AtomicFile {
    path: PathBuf,
    partial: PathBuf,
    file: File,
    finished: bool,
}

impl AtomicFile {
    /// A file for `path`.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn create(path: &Path) -> std::io::Result<Self> {
        let name = path.file_name().ok_or_else(|| std::io::Error::other("the path names no file"))?;
        let mut partial = name.to_os_string();
        partial.push(format!(".{}.part", std::process::id()));
        let partial = path.with_file_name(partial);
        let file = File::create(&partial)?;
        Ok(Self { path: path.into(), partial, file, finished: false })
    }

    /// The place that the file will have.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Moves the file to its place.
    ///
    /// # Errors
    /// What the operating system says; nothing is left then.
    pub fn finish(mut self) -> std::io::Result<()> {
        self.file.sync_all()?;
        std::fs::rename(&self.partial, &self.path)?;
        self.finished = true;
        Ok(())
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if !self.finished {
            // The first error is the one to report; a leftover part file is harmless.
            let _ = std::fs::remove_file(&self.partial);
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Head {
    kind: String,
    format: u32,
    written_by: String,
    length: u64,
    crc32: u32,
}

#[derive(Serialize, Deserialize)]
struct JsonEnvelope {
    kind: String,
    format: u32,
    written_by: String,
    crc32: u32,
    body: Box<serde_json::value::RawValue>,
}

impl Head {
    fn of<T: Persist>(body: &[u8]) -> Self {
        Self {
            kind: T::KIND.into(),
            format: T::FORMAT,
            written_by: env!("CARGO_PKG_VERSION").into(),
            length: body.len() as u64,
            crc32: crc32(body),
        }
    }

    fn check<T: Persist>(self, body: &[u8]) -> Result<(), PersistError> {
        if self.kind != T::KIND {
            return Err(PersistError::Kind { expected: T::KIND, found: self.kind });
        }
        if self.format > T::FORMAT {
            let (kind, found, newest) = (T::KIND, self.format, T::FORMAT);
            return Err(PersistError::Newer { kind, found, newest, written_by: self.written_by });
        }
        if self.length != body.len() as u64 {
            return Err(damaged(&format!("{} bytes were written, {} are there", self.length, body.len())));
        }
        if self.crc32 != crc32(body) {
            return Err(damaged("its content was altered after it was written"));
        }
        Ok(())
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("json"))
}

fn damaged(detail: &str) -> PersistError {
    PersistError::Damaged { detail: detail.into() }
}

fn invalid(error: &impl ToString) -> PersistError {
    PersistError::Invalid { detail: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Level(f64);

    impl Persist for Level {
        const KIND: &'static str = "level";
        const FORMAT: u32 = 2;
        fn revalidate(self) -> Result<Self, PersistError> {
            if self.0 >= 0.0 { Ok(self) } else { Err(PersistError::Invalid { detail: "negative".into() }) }
        }
    }

    #[test]
    fn save_then_load_is_equality_to_the_last_bit() {
        let level = Level(0.1 + 0.2);
        assert_eq!(Level::from_bytes(&level.to_bytes().unwrap()).unwrap(), level);
        assert_eq!(Level::from_json(&level.to_json().unwrap()).unwrap(), level);
    }

    #[test]
    fn every_cut_and_every_altered_byte_is_refused() {
        let bytes = Level(1.5).to_bytes().unwrap();
        for cut in 0..bytes.len() {
            assert!(Level::from_bytes(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        for place in bytes.len() - 8..bytes.len() {
            let mut altered = bytes.clone();
            altered[place] ^= 0x10;
            assert!(Level::from_bytes(&altered).is_err(), "altered at {place}");
        }
        let json = Level(1.5).to_json().unwrap();
        assert!(matches!(Level::from_json(&json.replace("1.5", "1.6")), Err(PersistError::Damaged { .. })));
    }

    #[test]
    fn a_newer_format_names_the_version_that_wrote_it() {
        let json = Level(1.5).to_json().unwrap().replace("\"format\":2", "\"format\":3");
        let error = Level::from_json(&json).unwrap_err().to_string();
        assert!(error.contains("format 3 of level was written by credcast"), "{error}");
    }

    #[test]
    fn content_that_build_would_refuse_is_refused() {
        assert!(matches!(Level::from_bytes(&Level(-1.0).to_bytes().unwrap()), Err(PersistError::Invalid { .. })));
    }
}
