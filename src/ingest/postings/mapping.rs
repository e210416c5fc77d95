//! Which column or JSON path is which field: a TOML file, or usual names.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::date::DateFormat;
use super::role::Role;
use crate::error::{DataError, Place};
use crate::key::RegionId;

/// How titles and texts with markup are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Html {
    /// Markup and entities are taken out where they occur.
    #[default]
    Auto,
    /// Texts stay as they are.
    Never,
}

/// Which column or JSON path is which field of a posting.
///
/// A field that the mapping does not name is found by usual names such as `title`, `job_title`, `datePosted`, and by the
/// paths of schema.org's `JobPosting`; case, blanks, `_` and `-` do not matter there. Named columns are taken as they
/// stand. A dot leads into a JSON object; `\.` is a dot in a name.
///
/// ```toml
/// date_formats = ["%m/%d/%Y"]          # also "epoch-seconds", "epoch-millis"; the first that fits counts, "iso" last
/// html = "auto"                        # or "never"
/// delimiter = ";"                      # of CSV; else told by the header
///
/// [fields]                             # id, posted, employer, industry, region, soc, title, text, pay,
/// title = "job.title"                  # pay_min, pay_max, pay_value, pay_unit, pay_currency
/// text = ["body", "summary"]           # the first that is not empty counts
///
/// [regions]                            # codes as they stand in the file to region ids
/// "48" = "TX"
/// ```
///
/// # Examples
/// ```
/// use credcast::ingest::postings::Mapping;
/// let mapping = Mapping::parse("map.toml", "[fields]\ntitle = \"Job Name\"\n")?;
/// let error = Mapping::parse("map.toml", "[fields]\ntitel = \"x\"\n").unwrap_err();
/// assert!(error.to_string().starts_with("map.toml, line 2, column fields.titel: expected one of id, posted,"));
/// # Ok::<(), credcast::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Mapping {
    /// The name under which errors and reports speak of it.
    pub(super) name: String,
    pub(super) fields: BTreeMap<Role, Vec<String>>,
    pub(super) dates: Vec<DateFormat>,
    pub(super) html: Html,
    pub(super) delimiter: Option<u8>,
    pub(super) regions: BTreeMap<String, RegionId>,
}

impl Default for Mapping {
    fn default() -> Self {
        Self {
            name: "the usual names".to_owned(),
            fields: BTreeMap::new(),
            dates: vec![DateFormat::Iso],
            html: Html::default(),
            delimiter: None,
            regions: BTreeMap::new(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    date_formats: Vec<toml::Spanned<String>>,
    #[serde(default)]
    html: Html,
    delimiter: Option<toml::Spanned<String>>,
    #[serde(default)]
    fields: BTreeMap<toml::Spanned<String>, Paths>,
    #[serde(default)]
    regions: BTreeMap<String, RegionId>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a name or a list of names")]
enum Paths {
    One(String),
    Several(Vec<String>),
}

impl Mapping {
    /// The mapping in the TOML file at `path`.
    ///
    /// # Errors
    /// [`DataError::Io`], or what [`parse`](Self::parse) says.
    pub fn read(path: &Path) -> Result<Self, DataError> {
        let io = |source| DataError::Io { place: Place::file(path), source };
        Self::parse(&path.display().to_string(), &std::fs::read_to_string(path).map_err(io)?)
    }

    /// The mapping in the TOML text `text`; `name` stands in errors.
    ///
    /// # Errors
    /// [`DataError::Cell`] with line and key, for what is no TOML, an unknown key, a field without a name, a date format
    /// that yields no day, a delimiter that is not one ASCII sign.
    pub fn parse(name: &str, text: &str) -> Result<Self, DataError> {
        let line = |offset: usize| text.as_bytes()[..offset.min(text.len())].iter().filter(|&&b| b == b'\n').count();
        let place = |offset: usize, key: &str| Place::file(name).line(line(offset) as u64 + 1).column(key);
        let refused = |place: Place, expected: &str, found: String| {
            Err(DataError::Cell { place, expected: expected.to_owned(), found })
        };
        let file: File = toml::from_str(text).map_err(|error| {
            let begins = error.span().map(|span| span.start.min(text.len()));
            let place = match begins {
                None => Place::file(name),
                Some(at) => place(at, &key_at(text, at)),
            };
            DataError::Cell { place, expected: "a mapping of postings".into(), found: error.message().into() }
        })?;
        let File { date_formats, html, delimiter, fields, regions } = file;
        let mut mapping = Self { name: name.to_owned(), html, regions, ..Self::default() };
        if !date_formats.is_empty() {
            mapping.dates.clear();
        }
        for format in date_formats {
            let Some(read) = DateFormat::parse(format.get_ref()) else {
                let expected = "iso, epoch-seconds, epoch-millis or a pattern such as %m/%d/%Y";
                let found = format!("{:?}", format.get_ref());
                return refused(place(format.span().start, "date_formats"), expected, found);
            };
            mapping.dates.push(read);
        }
        // Columns of dates come from Parquet files in this form, and it can be taken for no other.
        if !mapping.dates.contains(&DateFormat::Iso) {
            mapping.dates.push(DateFormat::Iso);
        }
        if let Some(delimiter) = delimiter {
            match delimiter.get_ref().as_bytes() {
                [sign] if sign.is_ascii() && !matches!(sign, b'"' | b'\r' | b'\n' | 0) => {
                    mapping.delimiter = Some(*sign);
                }
                _ => {
                    let found = format!("{:?}", delimiter.get_ref());
                    return refused(place(delimiter.span().start, "delimiter"), "one ASCII sign such as \";\"", found);
                }
            }
        }
        for (key, paths) in fields {
            let place = place(key.span().start, &format!("fields.{}", key.get_ref()));
            let role = Role::ALL.into_iter().find(|role| role.is_mappable() && role.name() == key.get_ref());
            let Some(role) = role else {
                let names: Vec<_> = Role::ALL.into_iter().filter(|r| r.is_mappable()).map(Role::name).collect();
                return refused(place, &format!("one of {}", names.join(", ")), format!("{:?}", key.get_ref()));
            };
            let paths = match paths {
                Paths::One(path) => vec![path],
                Paths::Several(paths) => paths,
            };
            let has_empty_part = |path: &String| split(path).iter().any(|part| part.trim().is_empty());
            if paths.is_empty() || paths.iter().any(has_empty_part) {
                return refused(place, "a column name or a path such as job.title", format!("{paths:?}"));
            }
            // Ranks are kept in a byte.
            if paths.len() > usize::from(u8::MAX) {
                return refused(place, "at most 255 names", format!("{} names", paths.len()));
            }
            mapping.fields.insert(role, paths);
        }
        Ok(mapping)
    }
}

/// The key on the line that `offset` lies in, for errors of the parser.
fn key_at(text: &str, offset: usize) -> String {
    let bytes = text.as_bytes();
    let start = bytes[..offset].iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
    let line = String::from_utf8_lossy(&bytes[start..]);
    let line = line.lines().next().unwrap_or_default();
    line.split('=').next().unwrap_or_default().trim().chars().take(40).collect()
}

/// The names in a dotted path.
pub(super) fn split(path: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut signs = path.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '\\' if signs.peek() == Some(&'.') => {
                signs.next();
                parts.last_mut().into_iter().for_each(|part| part.push('.'));
            }
            '.' => parts.push(String::new()),
            _ => parts.last_mut().into_iter().for_each(|part| part.push(sign)),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> String {
        Mapping::parse("map.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn every_key_is_read() {
        let text = "date_formats = [\"%m/%d/%Y\", \"iso\"]\nhtml = \"never\"\ndelimiter = \";\"\n\
                    [fields]\ntitle = \"a.b\"\ntext = [\"x\", \"y\"]\n[regions]\n\"48\" = \"TX\"\n";
        let mapping = Mapping::parse("map.toml", text).unwrap();
        assert_eq!(mapping.fields[&Role::Text], ["x", "y"]);
        assert_eq!((mapping.html, mapping.delimiter, mapping.dates.len()), (Html::Never, Some(b';'), 2));
        assert_eq!(mapping.regions["48"].as_str(), "TX");
    }

    #[test]
    fn faults_name_file_line_and_key() {
        for (text, begins) in [
            ("[fields]\ntitel = \"x\"\n", "map.toml, line 2, column fields.titel: expected one of id, posted,"),
            ("x = 1\n", "map.toml, line 1, column x: expected a mapping of postings, found unknown field `x`"),
            ("\ndate_formats = [\"%Y\"]\n", "map.toml, line 2, column date_formats: expected iso,"),
            ("delimiter = \"||\"\n", "map.toml, line 1, column delimiter: expected one ASCII sign"),
            ("[fields]\ntitle = \"a..b\"\n", "map.toml, line 2, column fields.title: expected a column name"),
            ("[fields]\ntitle = []\n", "map.toml, line 2, column fields.title: expected a column name"),
            (
                "[fields]\ntitle = 5\n",
                "map.toml, line 2, column title: expected a mapping of postings, found expected a name",
            ),
            ("html = \"yes\"\n", "map.toml, line 1, column html: expected a mapping"),
            ("[fields\n", "map.toml, line 1, column [fields: expected a mapping"),
        ] {
            assert!(fault(text).starts_with(begins), "{}", fault(text));
        }
    }

    #[test]
    fn dots_split_unless_escaped() {
        assert_eq!(split("a.b\\.c.d"), ["a", "b.c", "d"]);
        assert_eq!(split("a\\b"), ["a\\b"]);
    }
}
