//! `credcast extract`, as a user runs it.

#![allow(clippy::unwrap_used, reason = "helpers of tests may do what tests may")]

use std::path::Path;
use std::process::{Command, Output};

const POSTINGS: &str = "{\"datePosted\":\"2024-03-15\",\"hiringOrganization\":{\"name\":\"Acme\"},\"jobLocation\":{\"address\":\
    {\"addressRegion\":\"Texas\"}},\"title\":\"Aide\",\"description\":\"<p>Current CNA required, licensed by the state board of nursing.</p>\"}\n\
    {\"datePosted\":\"2024-03-20\",\"hiringOrganization\":{\"name\":\"ACME\"},\"jobLocation\":{\"address\":\
    {\"addressRegion\":\"TX\"}},\"title\":\"Aide\",\"description\":\"Current CNA required, licensed by the state board of nursing.\"}\n\
    {\"datePosted\":\"yesterday\",\"title\":\"Aide\"}\n\
    {\"datePosted\":\"2024-04-02\",\"title\":\"Welder\",\"description\":\"CNA not required. $20/hr\"}\n";

fn run(folder: &Path, arguments: &[&str]) -> Output {
    std::fs::write(folder.join("ads.ndjson"), POSTINGS).unwrap();
    Command::new(env!("CARGO_BIN_EXE_credcast")).arg("extract").args(arguments).current_dir(folder).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn postings_become_a_panel_that_other_commands_read() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for out in ["panel.csv", "panel.parquet"] {
        let done = run(folder, &["ads.ndjson", "--out", out, "--rejects", "rejects.ndjson", "--format", "json"]);
        assert!(done.status.success(), "{}", text(&done.stderr));
        let summary: serde_json::Value = serde_json::from_str(&text(&done.stdout)).unwrap();
        let counts = ["read", "used", "duplicates", "rejected"].map(|name| summary[name].as_u64().unwrap());
        assert_eq!(counts, [4, 2, 1, 1]);
        assert_eq!(summary["certificates"][0]["item"], "cna-state");
        assert_eq!(summary["report"]["reading"]["days"][1], "2024-04-02");
        let rejects = std::fs::read_to_string(folder.join("rejects.ndjson")).unwrap();
        let reject: serde_json::Value = serde_json::from_str(rejects.trim()).unwrap();
        assert_eq!((&reject["line"], &reject["field"]), (&3.into(), &"posted".into()));
        assert_eq!(reject["offset"].as_u64().unwrap(), POSTINGS.find("{\"datePosted\":\"yesterday").unwrap() as u64);
        let checked = Command::new(env!("CARGO_BIN_EXE_credcast"))
            .args(["forecast", "--input", out, "--horizon", "2", "--model", "naive", "--format", "csv"])
            .current_dir(folder)
            .output()
            .unwrap();
        assert!(checked.status.success(), "{}", text(&checked.stderr));
        assert!(text(&checked.stdout).contains("cna-state"), "{}", text(&checked.stdout));
    }
}

#[test]
fn the_table_says_what_is_asked_for_and_what_was_done() {
    let folder = tempfile::tempdir().unwrap();
    let done = run(folder.path(), &["ads.ndjson"]);
    let out = text(&done.stdout);
    assert!(out.contains("cna-state"), "{out}");
    assert!(out.contains("4 records read = 2 postings counted + 1 copies left out + 1 rejected"), "{out}");
    assert_eq!(text(&done.stderr), "rejected: 1; --rejects FILE lists them\n");
    let kept = run(folder.path(), &["ads.ndjson", "--copies", "keep"]);
    assert!(text(&kept.stdout).contains("= 3 postings counted + 0 copies left out"), "{}", text(&kept.stdout));
}

#[test]
fn what_cannot_be_done_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let fault = |arguments: &[&str], code: i32| {
        let done = run(folder.path(), arguments);
        assert_eq!(done.status.code(), Some(code), "{}", text(&done.stderr));
        text(&done.stderr)
    };
    assert!(fault(&["ads.ndjson", "--strict"], 1).contains("ads.ndjson, line 3, column posted: expected a day"));
    assert!(fault(&["none.ndjson"], 1).contains("none.ndjson"));
    assert!(fault(&["ads.ndjson", "--out", "panel.txt"], 2).contains("--out panel.txt: a panel is written to"));
    assert!(fault(&["ads.ndjson", "--likeness", "0.2"], 2).contains("--likeness 0.2: allowed is in [0.5, 1]"));
    assert!(fault(&["ads.ndjson", "--vintage", "2024-01-01"], 2).contains("--vintage 2024-01-01: allowed is"));
    assert!(fault(&["ads.ndjson", "--not-after", "2024"], 2).contains("a day such as"));
}
