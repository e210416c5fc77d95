mod bad_records;
mod files;
mod json_layouts;
#[cfg(feature = "parquet")]
mod parquet_files;
mod properties;
mod tables;

use super::{Mapping, PostingBatch, PostingReader, PostingReport, Settings};
use crate::error::Result;

/// A posting without its lifetime, in one line.
fn shown(batch: &PostingBatch<'_>) -> Vec<String> {
    let text = |value: &Option<std::borrow::Cow<'_, str>>| value.as_deref().unwrap_or("-").to_owned();
    let line = |p: &super::Posting<'_>| {
        let parts = [&p.id, &p.employer, &p.industry, &p.region, &p.soc, &p.title, &p.text, &p.pay].map(text);
        format!("{} {} {}", p.offset, p.posted, parts.join("|"))
    };
    batch.postings.iter().map(line).collect()
}

fn read_with(name: &str, bytes: &[u8], mapping: &str, settings: &Settings) -> Result<(Vec<String>, PostingReport)> {
    let mapping = Mapping::parse("map.toml", mapping)?;
    let reader = PostingReader::of_bytes(name, bytes, &mapping, settings)?;
    let mut postings = Vec::new();
    let report = reader.fold(
        |batch| shown(&batch),
        |part| {
            postings.extend(part);
            Ok(())
        },
    )?;
    for file in &report.files {
        assert_eq!(file.read, file.used + file.rejected);
    }
    assert_eq!(report.used(), postings.len() as u64);
    assert_eq!(report.rejected(), report.by_reason.values().sum::<u64>());
    Ok((postings, report))
}

/// The postings and the rejects in lenient mode, each reject as `offset line reason | found`.
fn read(name: &str, bytes: impl AsRef<[u8]>) -> (Vec<String>, Vec<String>) {
    let (postings, report) = read_with(name, bytes.as_ref(), "", &Settings::lenient()).unwrap();
    (postings, rejects(&report))
}

fn rejects(report: &PostingReport) -> Vec<String> {
    let line = |line: Option<u64>| line.map_or_else(|| "-".to_owned(), |line| line.to_string());
    report.rejects.iter().map(|r| format!("{} {} {} | {}", r.offset, line(r.line), r.reason, r.found)).collect()
}
