//! `credcast mentions`, as a user runs it.

#![allow(clippy::unwrap_used, reason = "helpers of tests may do what tests may")]

use std::io::Write;
use std::process::{Command, Output, Stdio};

const POSTING: &str = "Patient care technician\n\nRequirements:\n- Current CNA, licensed by the state board of nursing\n\
    Nice to have\n- BLS from the American Heart Association\n";
const REPORT: &str = "Reports use data of the BLS, the Bureau of Labor Statistics.\n";

fn run(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_credcast"))
        .arg("mentions")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The command may end before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn out(arguments: &[&str], input: &str) -> String {
    let done = run(arguments, input.as_bytes());
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

#[test]
fn each_mention_says_what_it_is_how_it_is_asked_for_and_where() {
    let rows: serde_json::Value = serde_json::from_str(&out(&["-", "--format", "json"], POSTING)).unwrap();
    let of = |alias: &str| rows.as_array().unwrap().iter().filter(|row| row["alias"] == alias).collect::<Vec<_>>();
    let cna = of("CNA");
    assert_eq!((cna.len(), &cna[0]["certificate"], &cna[0]["class"]), (1, &"cna-state".into(), &"required".into()));
    assert_eq!(cna[0]["line"], 4);
    let bls = of("BLS");
    assert_eq!((&bls[0]["certificate"], &bls[0]["class"]), (&"aha-bls".into(), &"preferred".into()));
    // The bureau is no card.
    let report: serde_json::Value = serde_json::from_str(&out(&["-", "--format", "json"], REPORT)).unwrap();
    assert!(report[0]["certificate"].is_null(), "{report}");
    let both: serde_json::Value =
        serde_json::from_str(&out(&["-", "--format", "json"], &(POSTING.to_owned() + REPORT))).unwrap();
    let both: Vec<_> = both.as_array().unwrap().iter().filter(|row| row["alias"] == "BLS").collect();
    assert_eq!(both[0]["certificate"], "aha-bls");
    assert!(both[1]["certificate"].is_null(), "{both:?}");
    let span = |row: &serde_json::Value| {
        let [start, end] = ["start", "end"].map(|name| usize::try_from(row[name].as_u64().unwrap()).unwrap());
        POSTING[start..end].to_owned()
    };
    assert!(rows.as_array().unwrap().iter().all(|row| row["context"][1] == span(row)));
}

#[test]
fn explained_mentions_show_their_context_and_rule() {
    let text = out(&["-", "--explain"], POSTING);
    assert!(text.contains("standard input:4  CNA -> cna-state\n"), "{text}");
    assert!(text.contains("Current [CNA], licensed by the state board"), "{text}");
    assert!(text.contains("preferred by rule heading-preferred"), "{text}");
    let csv = out(&["-", "--format", "csv"], POSTING);
    assert!(csv.starts_with("file,line,start,end,alias,certificate,"), "{csv}");
}

#[test]
fn a_catalogue_of_ones_own_is_used_alone() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = folder.path().join("own.toml");
    let entry = "[[certificate]]\nid = \"forklift\"\nname = \"Forklift Operator Card\"\nissuer = \"us\"\nkind = \"certification\"\n";
    std::fs::write(&catalog, entry).unwrap();
    let catalog = catalog.to_str().unwrap();
    let text = out(&["-", "--catalog", catalog], "A forklift operator card is a plus. CNA required.");
    assert!(text.contains("forklift") && text.contains("preferred") && !text.contains("CNA"), "{text}");
}

#[test]
fn texts_that_cannot_be_read_are_named() {
    for (arguments, input, expected) in [
        (&["nowhere.txt"][..], &b""[..], "nowhere.txt: there is no such file"),
        (&["-"], b"caf\xe9", "standard input, line 1, column 4: expected UTF-8 text"),
        (&["-", "--catalog", "nowhere.toml"], b"", "nowhere.toml: there is no such file"),
    ] {
        let done = run(arguments, input);
        let error = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(1), "{error}");
        assert!(error.starts_with("credcast: ") && error.contains(expected), "{error}");
    }
    let soc = run(&["-", "--soc", "nurse"], b"");
    assert_eq!(soc.status.code(), Some(2));
    assert!(String::from_utf8(soc.stderr).unwrap().contains("a SOC code such as 31-1131"));
    let nothing = run(&["-"], b"");
    assert!(nothing.status.success());
    assert!(String::from_utf8(nothing.stderr).unwrap().contains("no name of the 503 certificates"));
}
