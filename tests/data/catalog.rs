//! The bundled catalogue, held against the bundled data.
#![allow(clippy::unwrap_used, reason = "helpers of tests may do what tests may")]

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use credcast::catalog::{Catalog, Kind};

fn datasets() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets")
}

fn catalog() -> Catalog {
    let mut files: Vec<PathBuf> = std::fs::read_dir(datasets().join("catalog"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    let read = |path: &PathBuf| {
        (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(path).unwrap())
    };
    let texts: Vec<(String, String)> = files.iter().map(read).collect();
    // `parse_all` refuses shared aliases without a note, unknown prerequisites and weights that do not sum to 1.
    Catalog::parse_all(texts.iter().map(|(name, text)| (name.as_str(), text.as_str()))).unwrap()
}

/// The values of one column of a gzipped CSV, where `keep` accepts the row.
fn column(file: &str, name: &str, keep: impl Fn(&csv::StringRecord) -> bool) -> BTreeSet<String> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(datasets().join(file)).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let index = reader.headers().unwrap().iter().position(|h| h == name).unwrap();
    reader.records().map(Result::unwrap).filter(keep).map(|row| row[index].to_owned()).collect()
}

#[test]
fn every_occupation_is_published_by_oews_2025() {
    let published = column("oews-2025/occupations.csv.gz", "soc", |row| &row[0] == "US");
    assert_eq!(published.len(), 831);
    for certificate in catalog().iter() {
        assert!(!certificate.soc.is_empty(), "{} is linked to no occupation", certificate.id);
        for link in &certificate.soc {
            assert!(published.contains(&link.code), "{}: OEWS 2025 has no {}", certificate.id, link.code);
        }
    }
}

#[test]
fn every_field_has_programmes_in_the_scorecard() {
    let fields = column("scorecard-certificates/programmes.csv.gz", "cip4", |_| true);
    for certificate in catalog().iter() {
        for field in &certificate.cip4 {
            assert!(
                fields.contains(field),
                "{}: the Scorecard has no certificate programme in {field}",
                certificate.id
            );
        }
    }
}

#[test]
fn the_catalogue_spans_the_fields_and_kinds_it_promises() {
    let catalog = catalog();
    assert!(catalog.len() >= 150, "{}", catalog.len());
    for kind in [Kind::Licence, Kind::Certification, Kind::Software, Kind::CteAssessment, Kind::Readiness] {
        assert!(catalog.iter().any(|c| c.kind == kind), "no {kind}");
    }
    let majors: BTreeSet<&str> = catalog.iter().flat_map(|c| &c.soc).map(|link| &link.code[..2]).collect();
    // health, IT, production, construction, transport, repair, food, office, protective, personal care, education
    for major in ["29", "31", "15", "51", "47", "53", "49", "35", "43", "33", "39", "25", "45"] {
        assert!(majors.contains(major), "no certificate leads to a SOC {major} occupation");
    }
}
