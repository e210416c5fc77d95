//! Certificates found in texts.

use serde::Serialize;

use super::csv_text;
#[cfg(feature = "cli")]
use super::table::table;
use crate::text::{Mention, Verdict};

/// Bytes of context on either side of a mention.
const CONTEXT: usize = 90;

/// One mention, with its place and surroundings.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MentionRow {
    /// The text it stands in.
    pub file: String,
    /// Line of the text, from 1.
    pub line: usize,
    /// First byte of the mention.
    pub start: usize,
    /// The byte behind it.
    pub end: usize,
    /// The name as the catalogue spells it.
    pub alias: String,
    /// The certificate; none if it is not settled.
    pub certificate: Option<String>,
    /// The family of versions, if the text does not tell which.
    pub family: Option<String>,
    /// What it may be where it is not settled.
    pub candidates: Vec<String>,
    /// Why it is not settled.
    pub reason: Option<&'static str>,
    /// Required, preferred, mentioned or negated.
    pub class: &'static str,
    /// How sure the class is, in (0, 1).
    pub confidence: f64,
    /// The rule that decided the class.
    pub rule: &'static str,
    /// What stands before, the mention itself and what stands behind, on one line.
    pub context: [String; 3],
}

/// The rows of `mentions`, which were found in `text`.
///
/// # Panics
/// For a mention whose span does not lie in `text`, in the order of the text, on character boundaries.
#[must_use]
pub fn mention_rows(file: &str, text: &str, mentions: &[Mention]) -> Vec<MentionRow> {
    let (mut line, mut counted) = (1, 0);
    let mut row = |mention: &Mention| {
        let span = mention.span.clone();
        line += text[counted..span.start].bytes().filter(|b| *b == b'\n').count();
        counted = span.start;
        let (certificate, family, candidates, reason) = match &mention.verdict {
            Verdict::Certificate(id) => (Some(id.as_str().to_owned()), None, Vec::new(), None),
            Verdict::Family { family, members } => {
                (None, Some(family.to_string()), members.iter().map(|id| id.as_str().to_owned()).collect(), None)
            }
            Verdict::Abstained { candidates, reason } => {
                (None, None, candidates.iter().map(|id| id.as_str().to_owned()).collect(), Some(reason.name()))
            }
        };
        let before = boundary(text, span.start.saturating_sub(CONTEXT));
        let behind = boundary(text, (span.end + CONTEXT).min(text.len()));
        let parts = [&text[before..span.start], &text[span.clone()], &text[span.end..behind]];
        MentionRow {
            file: file.to_owned(),
            line,
            start: span.start,
            end: span.end,
            alias: mention.alias.to_string(),
            certificate,
            family,
            candidates,
            reason,
            class: mention.class.name(),
            confidence: mention.confidence,
            rule: mention.rule.name(),
            context: parts.map(on_one_line),
        }
    };
    mentions.iter().map(&mut row).collect()
}

/// The last character boundary up to `at`.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// Runs of blanks and line ends as one blank.
fn on_one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_whitespace() || c.is_control() => {
                if !line.ends_with(' ') {
                    line.push(' ');
                }
            }
            c => line.push(c),
        }
    }
    line
}

#[cfg(feature = "cli")]
impl MentionRow {
    /// What it is, in a word or two.
    fn verdict(&self) -> String {
        match (&self.certificate, &self.family, self.reason) {
            (Some(id), ..) => id.clone(),
            (_, Some(family), _) => format!("{family} (any version)"),
            (_, _, reason) => format!("not settled: {}", reason.unwrap_or_default()),
        }
    }
}

/// Mentions as CSV, one line for each; candidates are separated by blanks.
#[must_use]
pub fn mentions_csv(rows: &[MentionRow]) -> String {
    let header = [
        "file",
        "line",
        "start",
        "end",
        "alias",
        "certificate",
        "family",
        "candidates",
        "reason",
        "class",
        "confidence",
        "rule",
        "context",
    ];
    let line = |row: &MentionRow| {
        vec![
            row.file.clone(),
            row.line.to_string(),
            row.start.to_string(),
            row.end.to_string(),
            row.alias.clone(),
            row.certificate.clone().unwrap_or_default(),
            row.family.clone().unwrap_or_default(),
            row.candidates.join(" "),
            row.reason.unwrap_or_default().to_owned(),
            row.class.to_owned(),
            row.confidence.to_string(),
            row.rule.to_owned(),
            row.context.concat(),
        ]
    };
    csv_text(&header, rows.iter().map(line))
}

/// Mentions as a table for a terminal `width` wide.
#[cfg(feature = "cli")]
#[must_use]
pub fn mentions_table(rows: &[MentionRow], width: Option<u16>) -> String {
    let line = |row: &MentionRow| {
        vec![format!("{}:{}", row.file, row.line), row.alias.clone(), row.verdict(), row.class.to_owned()]
    };
    table(&["Place", "Name", "Certificate", "Class"], rows.iter().map(line).collect(), &[], width)
}

/// Each mention in its context, with what decided.
#[cfg(feature = "cli")]
#[must_use]
pub fn mentions_explained(rows: &[MentionRow]) -> String {
    let mut text = String::new();
    for row in rows {
        let [before, found, behind] = &row.context;
        text += &format!("{}:{}  {} -> {}\n", row.file, row.line, row.alias, row.verdict());
        if !row.candidates.is_empty() {
            text += &format!("    may be {}\n", row.candidates.join(", "));
        }
        text += &format!("    {} by rule {} ({:.0} % sure)\n", row.class, row.rule, 100.0 * row.confidence);
        text += &format!("    {}[{found}]{}\n\n", before.trim_start(), behind.trim_end());
    }
    text
}
