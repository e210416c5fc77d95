//! Imports go down only: reads the `use crate::` lines and every other `crate::` path under `src/`.

#![allow(clippy::unwrap_used, reason = "helpers of tests may do what tests may")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each module with what it may import. A module that is not listed fails the test, so a new one must take its place.
const MAY_IMPORT: [(&str, &[&str]); 20] = [
    ("key", &[]),
    ("time", &[]),
    ("error", &["key", "time"]),
    ("numeric", &["error"]),
    ("distribution", &["error", "numeric"]),
    ("persist", &["error"]),
    ("catalog", &["key", "time", "error", "numeric", "distribution", "persist"]),
    ("panel", &["key", "time", "error", "numeric", "distribution", "persist"]),
    ("records", &["key", "time", "error", "numeric", "distribution", "persist"]),
    ("market", &["key", "time", "error", "numeric", "distribution", "persist", "catalog", "panel"]),
    ("feature", &["key", "time", "error", "numeric", "distribution", "persist", "panel"]),
    ("regression", &["key", "time", "error", "numeric", "distribution", "persist"]),
    ("series", &["key", "time", "error", "numeric", "distribution", "persist"]),
    ("text", &["key", "time", "error", "numeric", "distribution", "persist", "catalog"]),
    (
        "ingest",
        &[
            "key",
            "time",
            "error",
            "numeric",
            "distribution",
            "persist",
            "catalog",
            "panel",
            "market",
            "records",
            "feature",
            "regression",
            "series",
            "text",
        ],
    ),
    (
        "forecast",
        &[
            "key",
            "time",
            "error",
            "numeric",
            "distribution",
            "persist",
            "catalog",
            "panel",
            "market",
            "records",
            "feature",
            "regression",
            "series",
            "text",
        ],
    ),
    (
        "evaluate",
        &[
            "key",
            "time",
            "error",
            "numeric",
            "distribution",
            "persist",
            "catalog",
            "panel",
            "market",
            "records",
            "feature",
            "regression",
            "series",
            "text",
            "forecast",
        ],
    ),
    (
        "value",
        &[
            "key",
            "time",
            "error",
            "numeric",
            "distribution",
            "persist",
            "catalog",
            "panel",
            "market",
            "records",
            "feature",
            "regression",
            "series",
            "text",
            "forecast",
            "evaluate",
        ],
    ),
    (
        "report",
        &[
            "key",
            "time",
            "error",
            "numeric",
            "distribution",
            "persist",
            "catalog",
            "panel",
            "market",
            "records",
            "feature",
            "regression",
            "series",
            "text",
            "forecast",
            "evaluate",
            "value",
        ],
    ),
    (
        "prelude",
        &[
            "key",
            "time",
            "error",
            "numeric",
            "distribution",
            "persist",
            "catalog",
            "panel",
            "market",
            "records",
            "feature",
            "regression",
            "series",
            "text",
            "ingest",
            "forecast",
            "evaluate",
            "value",
            "report",
        ],
    ),
];

/// Names that `lib.rs` re-exports at the root, and the module that each comes from.
const ROOT_NAMES: [(&str, &str); 20] = [
    ("Predictive", "distribution"),
    ("Probability", "distribution"),
    ("QuantileTable", "distribution"),
    ("DataError", "error"),
    ("Error", "error"),
    ("FitError", "error"),
    ("ParamError", "error"),
    ("PersistError", "error"),
    ("Result", "error"),
    ("CertificateId", "key"),
    ("RegionId", "key"),
    ("SeriesKey", "key"),
    ("AggregateRule", "panel"),
    ("Panel", "panel"),
    ("PanelBuilder", "panel"),
    ("PartialPeriods", "panel"),
    ("SeriesView", "panel"),
    ("Persist", "persist"),
    ("Frequency", "time"),
    ("Period", "time"),
];

/// Only these modules may split work over threads.
const MAY_USE_RAYON: [&str; 13] = [
    "panel",
    "feature/pipeline",
    "feature/across",
    "ingest",
    "forecast",
    "regression/absorb",
    "regression/boosting",
    "regression/random_forest",
    "regression/importance",
    "regression/sparse_absorbed",
    "regression/tree",
    "regression/extra_trees",
    "evaluate/backtest",
];

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Library files with their path inside `src/`, without the ending; the command and `lib.rs` may import all.
fn library() -> Vec<(String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    files.sort();
    let inside = |file: &PathBuf| {
        let name = file.strip_prefix(&src).unwrap().with_extension("").to_string_lossy().replace('\\', "/");
        (name, fs::read_to_string(file).unwrap())
    };
    files.iter().map(inside).filter(|(name, _)| name != "lib" && !name.starts_with("bin/")).collect()
}

/// The first names behind each `crate::`, braces of a `use` included, comments left out.
fn imports(text: &str) -> BTreeSet<String> {
    let code: String = text.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut names = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        if let Some(inner) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut word = String::new();
            let mut fresh = true;
            for c in inner.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => fresh = true,
                    c if c.is_alphanumeric() || c == '_' => {
                        if depth == 0 && fresh {
                            word.push(c);
                        }
                        continue;
                    }
                    _ => {}
                }
                if !word.is_empty() {
                    names.insert(std::mem::take(&mut word));
                    fresh = c == ',' && depth == 0;
                }
            }
            names.extend((!word.is_empty()).then_some(word));
        } else {
            names.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    names
}

#[test]
fn imports_go_down_only() {
    let mut upward = Vec::new();
    for (name, text) in library() {
        let module = name.split('/').next().unwrap();
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(m, _)| *m == module) else {
            panic!("module {module} has no place in the layers: add it to MAY_IMPORT");
        };
        for import in imports(&text) {
            let target = ROOT_NAMES.iter().find(|(root, _)| *root == import).map_or(import.as_str(), |(_, m)| m);
            if target != module && !allowed.contains(&target) {
                upward.push(format!("src/{name}.rs imports {import}"));
            }
        }
    }
    assert!(upward.is_empty(), "{upward:#?}");
}

#[test]
fn only_the_outer_layers_split_work_over_threads() {
    for (name, text) in library() {
        if text.contains("rayon::") {
            assert!(MAY_USE_RAYON.iter().any(|m| name.starts_with(m)), "src/{name}.rs uses rayon");
        }
    }
}

#[test]
fn only_ingest_and_persist_open_files() {
    for (name, text) in library() {
        if text.contains("std::fs") || text.contains("File::open") {
            assert!(name.starts_with("ingest") || name == "persist", "src/{name}.rs opens files");
        }
    }
}

#[test]
fn the_reader_of_imports_sees_every_form() {
    let text = "use crate::panel::Panel;\nuse crate::{\n    key::SeriesKey,\n    time::{Frequency, Period},\n};\n// crate::value\nlet x = crate::error::Error;";
    let found: Vec<_> = imports(text).into_iter().collect();
    assert_eq!(found, ["error", "key", "panel", "time"]);
}
