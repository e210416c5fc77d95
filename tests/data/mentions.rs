//! Certificates in real federal job questionnaires, against labels made by reading (`tests/reference/mentions`: the script that drew
//! them, the labels by file and byte span, and how they were made; no text of the documents).
//!
//! Rules were written with the split `develop` at hand. `cargo test --test data mentions -- --ignored --nocapture` scores the split `test`.

#![allow(clippy::unwrap_used, reason = "helpers of tests may do what tests may")]

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use credcast::ingest::read_catalog;
use credcast::text::{Context, Mention, MentionMatcher, Verdict};

const LABELS: &str = include_str!("../reference/mentions/labels.csv");
/// Entries that the guide counts as one where the text does not tell them apart.
const ALIKE: [[&str; 2]; 4] = [
    ["cdl-a", "cdl-b"],
    ["servsafe-manager", "nrfsp-cfpm"],
    ["danb-cda", "danb-nelda"],
    ["cpr-first-aid", "aha-heartsaver"],
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

struct Label {
    file: String,
    start: usize,
    end: usize,
    alias: String,
    /// `None` where the text means something else.
    certificate: Option<String>,
    class: String,
}

fn labels(split: &str) -> Vec<Label> {
    let mut reader = csv::Reader::from_reader(LABELS.as_bytes());
    let rows = reader.records().map(Result::unwrap).filter(|row| &row[4] == split);
    let label = |row: csv::StringRecord| Label {
        file: row[0].to_owned(),
        start: row[1].parse().unwrap(),
        end: row[2].parse().unwrap(),
        alias: row[3].to_owned(),
        certificate: (&row[5] != "none").then(|| row[5].to_owned()),
        class: row[6].to_owned(),
    };
    rows.map(label).collect()
}

/// The texts of the archive by file name; `None` where it is not there.
fn texts() -> Option<BTreeMap<String, String>> {
    let path = root().join("../shared/data/usajobs-text/raw_sample_every25th.tar.gz");
    let Ok(file) = std::fs::File::open(path) else {
        eprintln!("skipped: no data");
        return None;
    };
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    let mut found = BTreeMap::new();
    // POSIX tar: a header of 512 bytes, then the content, filled up to whole blocks.
    let mut at = 0;
    while at + 512 <= bytes.len() && bytes[at] != 0 {
        let header = &bytes[at..at + 512];
        let field = |range: std::ops::Range<usize>| {
            let text = String::from_utf8_lossy(&header[range]).into_owned();
            text.trim_matches(|c: char| c == '\0' || c == ' ').to_owned()
        };
        let size = usize::from_str_radix(&field(124..136), 8).unwrap();
        if let Ok(text) = String::from_utf8(bytes[at + 512..at + 512 + size].to_vec()) {
            let name = field(0..100);
            found.insert(name.rsplit('/').next().unwrap().to_owned(), text);
        }
        at += 512 + size.div_ceil(512) * 512;
    }
    Some(found)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Answer {
    Right,
    /// Another certificate than the label's.
    Wrong,
    /// A certificate where the text means something else.
    False,
    /// Nothing, or an abstention, where there is a certificate.
    Missed,
    /// Nothing, or an abstention, where there is none.
    RightlyNone,
}

/// Whether `found` stands for the certificate `id`, or for one that cannot be told from it.
fn stands_for(found: &Mention, id: &str) -> Option<bool> {
    let same = |other: &str| other == id || ALIKE.iter().any(|pair| pair.contains(&other) && pair.contains(&id));
    match &found.verdict {
        Verdict::Certificate(other) => Some(same(other.as_str())),
        Verdict::Family { members, .. } => Some(members.iter().any(|member| same(member.as_str()))),
        Verdict::Abstained { .. } => None,
    }
}

fn answer(label: &Label, found: Option<&Mention>) -> Answer {
    match (&label.certificate, found.map(|found| stands_for(found, label.certificate.as_deref().unwrap_or("")))) {
        (Some(_), Some(Some(true))) => Answer::Right,
        (Some(_), Some(Some(false))) => Answer::Wrong,
        (Some(_), _) => Answer::Missed,
        (None, Some(Some(_))) => Answer::False,
        (None, _) => Answer::RightlyNone,
    }
}

/// Share and 95 % interval (Wilson 1927).
fn share(k: usize, n: usize) -> [f64; 3] {
    let (n, p, z) = (n as f64, k as f64 / n as f64, 1.959_963_984_540_054);
    let middle = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    [p, middle - half, middle + half]
}

/// Precision, recall and accuracy of the class, printed with all that was missed.
fn score(split: &str) -> Option<[f64; 3]> {
    let texts = texts()?;
    let matcher = MentionMatcher::new(&read_catalog(root().join("datasets/catalog")).unwrap()).unwrap();
    let labels = labels(split);
    let mut counts: BTreeMap<Answer, usize> = BTreeMap::new();
    let mut classes: BTreeMap<(String, &str), usize> = BTreeMap::new();
    let mut of_file: Option<(&str, Vec<Mention>)> = None;
    for label in &labels {
        let text = &texts[&label.file];
        if of_file.as_ref().is_none_or(|(file, _)| *file != label.file) {
            of_file = Some((&label.file, matcher.mentions(text, &Context::default())));
        }
        let mentions = &of_file.as_ref().unwrap().1;
        let found = mentions.iter().find(|found| found.span.start < label.end && label.start < found.span.end);
        let answer = answer(label, found);
        *counts.entry(answer).or_default() += 1;
        if answer == Answer::Right {
            *classes.entry((label.class.clone(), found.unwrap().class.name())).or_default() += 1;
        }
        if matches!(answer, Answer::Wrong | Answer::False | Answer::Missed) {
            let said = found.map_or_else(|| "nothing".to_owned(), |found| format!("{:?}", found.verdict));
            let (file, alias, meant) = (&label.file, &label.alias, label.certificate.as_deref().unwrap_or("none"));
            eprintln!("{answer:?}: {file} {}..{} {alias:?} is {meant}, found {said}", label.start, label.end);
        }
    }
    let n = |answer: Answer| counts.get(&answer).copied().unwrap_or(0);
    let right = n(Answer::Right);
    let right_class = classes.iter().filter(|((label, found), _)| label == found).map(|(_, n)| n).sum();
    let precision = share(right, right + n(Answer::Wrong) + n(Answer::False));
    let recall = share(right, right + n(Answer::Wrong) + n(Answer::Missed));
    let class = share(right_class, right);
    eprintln!("{split}: {counts:?}\nprecision {precision:.3?}, recall {recall:.3?}, class {class:.3?}");
    for ((label, found), n) in &classes {
        eprintln!("  {label:<10} read as {found:<10} {n}");
    }
    Some([precision[0], recall[0], class[0]])
}

#[test]
fn mentions_in_the_develop_split_are_told_as_readers_tell_them() {
    let Some([precision, recall, class]) = score("develop") else { return };
    assert!(precision > 0.97 && recall > 0.85 && class > 0.82, "{precision} {recall} {class}");
}

#[test]
#[ignore = "the test split is for the last word, not for the next rule"]
fn mentions_in_the_test_split() {
    let Some([precision, recall, class]) = score("test") else { return };
    assert!(precision > 0.9 && recall > 0.75 && class > 0.75, "{precision} {recall} {class}");
}
