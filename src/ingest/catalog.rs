//! Catalogues of certificates from files.

use std::io;
use std::path::{Path, PathBuf};

use super::source::Source;
use crate::catalog::Catalog;
use crate::error::{DataError, Place};

/// Reads a catalogue: one TOML file, or all `.toml` files of a folder together.
///
/// # Errors
/// [`DataError::Io`] for what cannot be opened and for a folder without such a file; else as [`Catalog::parse_all`].
pub fn read_catalog(path: impl AsRef<Path>) -> Result<Catalog, DataError> {
    let path = path.as_ref();
    let files = if path.is_dir() { toml_files(path)? } else { vec![path.to_owned()] };
    let texts = files
        .into_iter()
        .map(|file| Ok((file.display().to_string(), Source::path(file).read_text()?)))
        .collect::<Result<Vec<_>, DataError>>()?;
    Catalog::parse_all(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())))
}

/// By name.
fn toml_files(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let failed = |source: io::Error| DataError::Io { place: Place::file(folder), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        if file.extension().is_some_and(|end| end == "toml") {
            files.push(file);
        }
    }
    if files.is_empty() {
        return Err(failed(io::Error::new(io::ErrorKind::NotFound, "the folder holds no .toml file")));
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_the_catalogue_of_all_its_files() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/catalog");
        let whole = read_catalog(&folder).unwrap();
        let part = read_catalog(folder.join("it.toml")).unwrap();
        assert!(part.len() > 50 && whole.len() > 4 * part.len());
        let nowhere = read_catalog(folder.join("none.toml")).unwrap_err().to_string();
        assert!(nowhere.ends_with("there is no such file"), "{nowhere}");
        let empty = tempfile::tempdir().unwrap();
        let error = read_catalog(empty.path()).unwrap_err().to_string();
        assert!(error.ends_with("the folder holds no .toml file"), "{error}");
    }
}
