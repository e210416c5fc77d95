//! From what the caller names to files: a path, a folder, a pattern, or standard input.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::decode::Origin;
use super::glob;
use super::settings::Format;
use crate::error::{DataError, Place};

/// Endings of the names of posting files, in front of `.gz` and the like.
const ENDINGS: [(&str, Format); 7] = [
    ("ndjson", Format::Json),
    ("jsonl", Format::Json),
    ("json", Format::Json),
    ("jsonld", Format::Json),
    ("csv", Format::Csv),
    ("tsv", Format::Csv),
    ("parquet", Format::Parquet),
];
const PACKED: [&str; 4] = ["gz", "gzip", "zst", "zstd"];
/// Folders within folders are followed so far.
const MAX_DEPTH: usize = 64;

/// The format that the file's name shows.
pub(super) fn format_of(file: &Path) -> Option<Format> {
    let name = file.file_name()?.to_str()?.to_ascii_lowercase();
    let mut endings = name.rsplit('.');
    let mut last = endings.next()?;
    if PACKED.contains(&last) {
        last = endings.next()?;
    }
    // `csv` alone is a name, not an ending.
    endings.next()?;
    ENDINGS.iter().find(|(ending, _)| *ending == last).map(|(_, format)| *format)
}

/// The files that are read, in order, and those that are not, each with the reason.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    pub(super) files: Vec<Origin>,
    pub(super) left_out: Vec<(PathBuf, String)>,
    seen: BTreeSet<PathBuf>,
}

impl Inputs {
    /// Resolves `inputs` in turn. A folder's entries come in the order of their names, a folder among them with all it
    /// holds. A file named twice is read once.
    ///
    /// # Errors
    /// [`DataError::Io`] for a path that is not there or a folder that cannot be listed; [`DataError::Empty`] for a
    /// folder or pattern without a posting file.
    pub(super) fn find<P: AsRef<Path>>(inputs: &[P]) -> Result<Self, DataError> {
        let mut found = Self::default();
        for input in inputs {
            let path = input.as_ref();
            let text = path.to_string_lossy();
            if text == "-" {
                if found.files.iter().any(|file| matches!(file, Origin::StandardInput)) {
                    found.left_out.push((path.to_owned(), "named twice".to_owned()));
                } else {
                    found.files.push(Origin::StandardInput);
                }
                continue;
            }
            let before = found.files.len() + found.left_out.len();
            match fs::metadata(path) {
                Ok(meta) if meta.is_dir() => {
                    let files = found.files.len();
                    found.walk(path, 0)?;
                    if found.files.len() == files && found.left_out.iter().skip(before - files).all(|l| l.1 != TWICE) {
                        let what = format!("the folder {} (no posting file in it)", path.display());
                        return Err(DataError::Empty { what });
                    }
                }
                Ok(_) => found.add(path.to_owned()),
                Err(_) if glob::is_pattern(&text) => {
                    found.expand(path, &text)?;
                    if found.files.len() + found.left_out.len() == before {
                        return Err(DataError::Empty { what: format!("the pattern {text} (no file matches it)") });
                    }
                }
                Err(error) => {
                    let source = match error.kind() {
                        io::ErrorKind::NotFound => io::Error::new(error.kind(), "there is no such file or folder"),
                        _ => error,
                    };
                    return Err(DataError::Io { place: Place::file(path), source });
                }
            }
        }
        if found.files.is_empty() {
            return Err(DataError::Empty { what: "the list of inputs".to_owned() });
        }
        Ok(found)
    }

    fn add(&mut self, file: PathBuf) {
        // What cannot be resolved is reported when it is opened.
        let real = fs::canonicalize(&file).unwrap_or_else(|_| file.clone());
        if self.seen.insert(real) {
            self.files.push(Origin::Path(file));
        } else {
            self.left_out.push((file, TWICE.to_owned()));
        }
    }

    fn walk(&mut self, folder: &Path, depth: usize) -> Result<(), DataError> {
        for (path, kind) in entries(folder)? {
            match kind {
                Kind::Folder if depth < MAX_DEPTH => self.walk(&path, depth + 1)?,
                Kind::File if format_of(&path).is_some() && !is_hidden(&path) => self.add(path),
                kind => self.left_out.push((path, kind.reason().to_owned())),
            }
        }
        Ok(())
    }

    /// Adds the files that match the pattern `text`.
    fn expand(&mut self, path: &Path, text: &str) -> Result<(), DataError> {
        let names: Vec<Component<'_>> = path.components().collect();
        let is_plain = |name: &&Component<'_>| !glob::is_pattern(&name.as_os_str().to_string_lossy());
        let base: PathBuf = names.iter().take_while(is_plain).collect();
        let pattern: Vec<String> =
            names.iter().skip_while(is_plain).map(|name| name.as_os_str().to_string_lossy().into_owned()).collect();
        let pattern: Vec<&str> = pattern.iter().map(String::as_str).collect();
        if !text.is_empty() && !base.as_os_str().is_empty() && !base.is_dir() {
            return Ok(());
        }
        let depth = if pattern.contains(&"**") { MAX_DEPTH } else { pattern.len() - 1 };
        self.match_files(&base, &pattern, &mut Vec::new(), depth)
    }

    fn match_files(
        &mut self,
        folder: &Path,
        pattern: &[&str],
        names: &mut Vec<String>,
        depth: usize,
    ) -> Result<(), DataError> {
        for (path, kind) in entries(folder)? {
            names.push(path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default());
            match kind {
                Kind::Folder if names.len() <= depth => self.match_files(&path, pattern, names, depth)?,
                Kind::File => {
                    let there: Vec<&str> = names.iter().map(String::as_str).collect();
                    if glob::matches(pattern, &there) {
                        self.add(path);
                    }
                }
                Kind::Folder | Kind::LinkedFolder | Kind::Other => {}
            }
            names.pop();
        }
        Ok(())
    }
}

const TWICE: &str = "named twice";

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Folder,
    /// A link to a folder may lead in a circle.
    LinkedFolder,
    File,
    Other,
}

impl Kind {
    fn reason(self) -> &'static str {
        match self {
            Self::Folder => "a folder nested too deep",
            Self::LinkedFolder => "a link to a folder",
            Self::File => "not named as a posting file",
            Self::Other => "neither file nor folder",
        }
    }
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

/// The entries of `folder` in the order of their names.
fn entries(folder: &Path) -> Result<Vec<(PathBuf, Kind)>, DataError> {
    let io = |source| DataError::Io { place: Place::file(folder), source };
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut found = Vec::new();
    for entry in fs::read_dir(here).map_err(io)? {
        let entry = entry.map_err(io)?;
        let kind = entry.file_type().map_err(io)?;
        let path = folder.join(entry.file_name());
        let kind = if kind.is_dir() {
            Kind::Folder
        } else {
            match fs::metadata(&path) {
                Ok(meta) if meta.is_dir() => Kind::LinkedFolder,
                Ok(meta) if meta.is_file() => Kind::File,
                _ => Kind::Other,
            }
        };
        found.push((path, kind));
    }
    found.sort_by(|a, b| a.0.file_name().cmp(&b.0.file_name()));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(root: &Path, inputs: &[&str]) -> (Vec<String>, Vec<String>) {
        let inputs: Vec<PathBuf> = inputs.iter().map(|input| root.join(input)).collect();
        let found = Inputs::find(&inputs).unwrap();
        let shown = |path: &Path| path.strip_prefix(root).unwrap().display().to_string();
        let files = found.files.iter().map(|file| shown(file.name())).collect();
        (files, found.left_out.iter().map(|(path, reason)| format!("{}: {reason}", shown(path))).collect())
    }

    fn folder() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for file in ["b.csv", "a/z.ndjson.gz", "a/deep/x.csv", "c.parquet", "README.md", ".hidden.csv", "notes.txt.gz"]
        {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        root
    }

    #[test]
    fn a_folder_is_read_in_the_order_of_names_and_says_what_it_leaves_out() {
        let root = folder();
        let (files, left_out) = names(root.path(), &[""]);
        assert_eq!(files, ["a/deep/x.csv", "a/z.ndjson.gz", "b.csv", "c.parquet"]);
        let expected =
            [".hidden.csv", "README.md", "notes.txt.gz"].map(|f| format!("{f}: not named as a posting file"));
        assert_eq!(left_out, expected);
    }

    #[test]
    fn patterns_pick_files_and_no_file_is_read_twice() {
        let root = folder();
        assert_eq!(names(root.path(), &["**/*.csv"]).0, [".hidden.csv", "a/deep/x.csv", "b.csv"]);
        assert_eq!(names(root.path(), &["?.*"]).0, ["b.csv", "c.parquet"]);
        assert_eq!(names(root.path(), &["a/*/x.csv", "b.csv"]).0, ["a/deep/x.csv", "b.csv"]);
        let (files, left_out) = names(root.path(), &["b.csv", "*.csv"]);
        assert_eq!(files, ["b.csv", ".hidden.csv"]);
        assert_eq!(left_out, ["b.csv: named twice"]);
    }

    #[test]
    fn what_is_not_there_is_an_error() {
        let root = folder();
        let find = |input: &str| Inputs::find(&[root.path().join(input)]).unwrap_err().to_string();
        assert!(find("nothing.csv").ends_with("nothing.csv: there is no such file or folder"));
        assert!(find("*.xlsx").ends_with("*.xlsx (no file matches it) holds no observations"));
        assert!(find("nowhere/*.csv").ends_with("(no file matches it) holds no observations"));
        fs::create_dir(root.path().join("empty")).unwrap();
        assert!(find("empty").ends_with("empty (no posting file in it) holds no observations"));
        assert!(Inputs::find::<&str>(&[]).is_err());
    }

    #[test]
    fn names_show_formats_behind_compression() {
        for (name, format) in [
            ("x/a.NDJSON.gz", Some(Format::Json)),
            ("a.json", Some(Format::Json)),
            ("a.b.tsv.zst", Some(Format::Csv)),
            ("csv", None),
            ("csv.gz", None),
            ("a.gz", None),
        ] {
            assert_eq!(format_of(Path::new(name)), format, "{name}");
        }
    }
}
