//! Statutory tests.

#[cfg(feature = "cli")]
use super::table::table;
use super::{cell, csv_text};
use crate::value::statutory::StatutoryReport;
#[cfg(feature = "cli")]
use crate::value::statutory::{Criterion, StatutoryRow};

/// Tests as CSV: a line for each comparison, with the result of the test that it belongs to.
#[must_use]
pub fn statutory_csv(report: &StatutoryReport) -> String {
    let header = [
        "program",
        "test",
        "result",
        "reason",
        "criterion",
        "value",
        "low",
        "high",
        "comparison",
        "line",
        "probability",
        "criterion_result",
    ];
    let lines = report.rows.iter().flat_map(|row| {
        row.criteria.iter().map(|criterion| {
            let head = [&row.program, &row.test, row.result.name(), row.result.reason(), criterion.name];
            let mut line: Vec<String> = head.iter().map(|text| (*text).to_owned()).collect();
            let ends = [criterion.interval.map(|i| i[0]), criterion.interval.map(|i| i[1])];
            line.extend([criterion.value, ends[0], ends[1]].map(cell));
            line.push(criterion.comparison.sign().to_owned());
            line.extend([criterion.line, criterion.probability].map(cell));
            line.push(criterion.result.name().to_owned());
            line
        })
    });
    csv_text(&header, lines)
}

/// Tests as a table for a terminal `width` wide: counts, then up to `most` rows, failures first.
#[cfg(feature = "cli")]
#[must_use]
pub fn statutory_table(report: &StatutoryReport, most: usize, width: Option<u16>) -> String {
    let mut text = format!("{}.\n", report.law);
    for assumption in &report.assumptions {
        text += &format!("{assumption}\n");
    }
    text += "A computation from the figures given, no determination of any agency.\n\n";
    let mut tests: Vec<&str> = report.rows.iter().map(|row| row.test.as_str()).collect();
    tests.sort_unstable();
    tests.dedup();
    if tests.len() < report.rows.len() {
        let summary = tests.iter().map(|test| {
            let count = |name: &str| {
                report.rows.iter().filter(|row| row.test == *test && row.result.name() == name).count().to_string()
            };
            vec![(*test).to_owned(), count("pass"), count("fail"), count("cannot tell")]
        });
        text += &table(&["test", "pass", "fail", "cannot tell"], summary.collect(), &[1, 2, 3], width);
        text += "\n";
    }
    let mut rows: Vec<&StatutoryRow> = report.rows.iter().collect();
    if rows.len() > most {
        // The stable order of the table within each result.
        rows.sort_by_key(|row| ["fail", "pass", "cannot tell"].iter().position(|name| *name == row.result.name()));
        rows.truncate(most);
        text += &format!(
            "The first {most} of {} tests, failures first; all with --format csv or json:\n",
            report.rows.len()
        );
    }
    let row = |row: &&StatutoryRow| {
        let criteria: Vec<String> = row.criteria.iter().map(shown).collect();
        let result = match row.result.reason() {
            "" => row.result.name().to_owned(),
            reason => format!("{}: {reason}", row.result.name()),
        };
        vec![row.program.clone(), row.test.clone(), result, criteria.join("; ")]
    };
    text + &table(&["program", "test", "result", "what is asked for"], rows.iter().map(row).collect(), &[], width)
}

/// A comparison in short: `annual rate 0.043 <= 0.08`.
#[cfg(feature = "cli")]
fn shown(criterion: &Criterion) -> String {
    let number = |value: Option<f64>| match value {
        None => "?".to_owned(),
        Some(value) if value.abs() < 10.0 => format!("{value:.3}"),
        Some(value) => format!("{value:.1}"),
    };
    format!("{} {} {} {}", criterion.name, number(criterion.value), criterion.comparison.sign(), number(criterion.line))
}
