//! `credcast simulate`, as a user runs it.

#![allow(clippy::unwrap_used, reason = "helpers of tests may do what tests may")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

fn simulate(folder: &Path, arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_credcast"))
        .args(["simulate", "--out", folder.to_str().unwrap()])
        .args(arguments)
        .output()
        .unwrap()
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for part in ["", "truth"] {
        for entry in std::fs::read_dir(folder.join(part)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn the_same_seed_gives_the_same_files_on_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let of = |name: &str, arguments: &[&str]| {
        let path = folder.path().join(name);
        let done = simulate(&path, &[arguments, &["--postings", "5000", "--months", "24"]].concat());
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        assert!(String::from_utf8(done.stdout).unwrap().starts_with("5000 simulated advertisements, "));
        files(&path)
    };
    let (one, eight) = (of("one", &["--seed", "7", "--threads", "1"]), of("eight", &["--seed", "7", "--threads", "8"]));
    assert_eq!(one.keys().collect::<Vec<_>>(), eight.keys().collect::<Vec<_>>());
    assert!(one == eight);
    assert_ne!(one["postings.ndjson"], of("other", &["--seed", "8"])["postings.ndjson"]);

    // Every advertisement is one JSON object, and the spans of the truth cut out what they say.
    let texts: Vec<serde_json::Value> = std::str::from_utf8(&one["postings.ndjson"])
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(texts.len(), 5000);
    let mut reader = csv::Reader::from_reader(one["truth/mentions.csv"].as_slice());
    let header = reader.headers().unwrap().clone();
    let place = |name: &str| header.iter().position(|column| column == name).unwrap();
    let (id, start, end) = (place("id"), place("start"), place("end"));
    let mut n = 0;
    for row in reader.records() {
        let row = row.unwrap();
        let at = |column: usize| row[column].parse::<usize>().unwrap();
        let text = texts[at(id)]["text"].as_str().unwrap();
        assert!(text[at(start)..at(end)].chars().any(char::is_alphanumeric));
        n += 1;
    }
    assert!(n > 1000, "{n}");
    assert_eq!(csv::Reader::from_reader(one["truth/postings.csv"].as_slice()).records().count(), 5000);
}

#[test]
fn what_it_cannot_make_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let few = simulate(&folder.path().join("few"), &["--postings", "5"]);
    let error = String::from_utf8(few.stderr).unwrap();
    assert!(few.status.code() == Some(2) && error.contains("--postings 5: allowed is 100 to"), "{error}");
    let done = Command::new(env!("CARGO_BIN_EXE_credcast")).arg("simulate").output().unwrap();
    assert!(String::from_utf8(done.stderr).unwrap().contains("--out DIR is needed"));
    std::fs::write(folder.path().join("file"), "").unwrap();
    let blocked = simulate(&folder.path().join("file"), &[]);
    assert_eq!(blocked.status.code(), Some(1));
    let counted = simulate(&folder.path().join("json"), &["--postings", "500", "--format", "json"]);
    let counts: serde_json::Value = serde_json::from_slice(&counted.stdout).unwrap();
    assert!(counts["postings"] == 500 && counts["originals"].as_u64() < Some(500), "{counts}");
}
