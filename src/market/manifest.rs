//! `market.toml`: which files make a market.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::error::{DataError, Place};
use crate::time::{Frequency, Period};

/// What a table of a market holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum TableKind {
    /// Certificate catalogue in TOML.
    Catalog,
    /// Job advertisements, from which the postings that ask for each certificate are counted.
    Advertisements,
    /// Postings that ask for each certificate: `unique_id, region, ds, y`, and maybe `total`, all postings of region and period.
    CertificatePostings,
    /// Indeed Hiring Lab postings index by sector.
    IndeedSector,
    /// Indeed Hiring Lab postings index by state.
    IndeedState,
    /// Indeed Hiring Lab postings index of the nation.
    IndeedAggregate,
    /// Indeed Hiring Lab growth of posted pay by sector.
    IndeedWagesSector,
    /// BLS OEWS national tables, one file per year.
    Oews,
    /// Occupations by state of one OEWS year, compact form.
    OewsAreas,
    /// Occupations by industry of one OEWS year, compact form.
    OewsStaffing,
    /// Employment by industry: `unique_id, ds, y`.
    IndustryEmployment,
    /// List of the employment series with the industry code of each.
    IndustrySeries,
    /// College Scorecard certificate programmes.
    Scorecard,
}

impl fmt::Display for TableKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Catalog => "catalog",
            Self::Advertisements => "advertisements",
            Self::CertificatePostings => "certificate-postings",
            Self::IndeedSector => "indeed-sector",
            Self::IndeedState => "indeed-state",
            Self::IndeedAggregate => "indeed-aggregate",
            Self::IndeedWagesSector => "indeed-wages-sector",
            Self::Oews => "oews",
            Self::OewsAreas => "oews-areas",
            Self::OewsStaffing => "oews-staffing",
            Self::IndustryEmployment => "industry-employment",
            Self::IndustrySeries => "industry-series",
            Self::Scorecard => "scorecard",
        })
    }
}

/// One table: its kind, its files and the day from which they were knowable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestTable {
    /// What it holds.
    pub kind: TableKind,
    /// Its files: absolute, or relative to the manifest, or `bundled:NAME`. A folder stands for the files in it.
    pub paths: Vec<String>,
    /// The day from which all of it was knowable.
    pub vintage: Date,
    /// The line of the manifest at which it begins.
    pub line: u64,
}

/// The tables of a market.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// What the market is called.
    pub name: String,
    /// A sentence that every outlook over it begins with, such as a warning; may be empty.
    pub note: String,
    /// Its tables in file order.
    pub tables: Vec<ManifestTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    table: Vec<toml::Spanned<FileTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileTable {
    kind: TableKind,
    path: Option<String>,
    #[serde(default)]
    paths: Vec<String>,
    vintage: toml::Spanned<toml::Value>,
}

impl Manifest {
    /// Reads a manifest from its text; `name` is what errors call the file.
    ///
    /// # Errors
    /// [`DataError::Cell`] with the line of the first mistake; [`DataError::Empty`] if it names no table;
    /// [`DataError::Inconsistent`] for a table without a path.
    pub fn parse(name: &str, text: &str) -> Result<Self, DataError> {
        let line = |offset: usize| text[..offset.min(text.len())].matches('\n').count() as u64 + 1;
        let file: File = toml::from_str(text).map_err(|error| {
            let place = Place::file(name);
            let place = error.span().map_or(place.clone(), |span| place.line(line(span.start)));
            DataError::Cell { place, expected: "a market manifest".into(), found: error.message().into() }
        })?;
        if file.table.is_empty() {
            return Err(DataError::Empty { what: format!("{name} (it names no [[table]])") });
        }
        let tables = file
            .table
            .into_iter()
            .map(|table| {
                let begins = line(table.span().start);
                let table = table.into_inner();
                let place = Place::file(name).line(line(table.vintage.span().start)).column("vintage");
                let vintage = date(table.vintage.get_ref()).ok_or_else(|| DataError::Cell {
                    place: place.clone(),
                    expected: "a date such as 2026-08-19".into(),
                    found: table.vintage.get_ref().to_string(),
                })?;
                let mut paths = table.paths;
                paths.extend(table.path);
                if paths.is_empty() {
                    let detail = format!("the {} table has no path", table.kind);
                    return Err(DataError::Inconsistent { place, detail });
                }
                Ok(ManifestTable { kind: table.kind, paths, vintage, line: begins })
            })
            .collect::<Result<_, DataError>>()?;
        Ok(Self { name: file.name, note: file.note, tables })
    }
}

/// A TOML date, or a string that says one.
fn date(value: &toml::Value) -> Option<Date> {
    let text = match value {
        toml::Value::Datetime(date) => date.to_string(),
        toml::Value::String(text) => text.clone(),
        _ => return None,
    };
    Period::parse(&text, Frequency::Daily)?.first_day()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_reads_with_one_path_or_several() {
        let text = "name = \"m\"\n[[table]]\nkind = \"indeed-sector\"\npath = \"a.csv\"\nvintage = 2024-10-03\n\
                    [[table]]\nkind = \"oews\"\npaths = [\"x\", \"y\"]\nvintage = \"2025-04-02\"\n";
        let manifest = Manifest::parse("market.toml", text).unwrap();
        assert_eq!(manifest.tables[0].vintage.to_string(), "2024-10-03");
        assert_eq!(manifest.tables[1].paths, ["x", "y"]);
        assert_eq!(manifest.tables.iter().map(|t| t.line).collect::<Vec<_>>(), [2, 6]);
    }

    #[test]
    fn mistakes_name_their_line() {
        let message = |text| Manifest::parse("market.toml", text).unwrap_err().to_string();
        assert!(
            message("name = \"m\"\n[[table]]\nkind = \"indeed\"\n")
                .starts_with("market.toml, line 3: expected a market manifest")
        );
        assert_eq!(
            message("name = \"m\"\n[[table]]\nkind = \"oews\"\npath = \"a\"\nvintage = \"soon\"\n"),
            "market.toml, line 5, column vintage: expected a date such as 2026-08-19, found \"soon\""
        );
        assert_eq!(message("name = \"m\"\n"), "market.toml (it names no [[table]]) holds no observations");
    }
}
