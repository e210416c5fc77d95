//! What a reading of postings did: files, columns taken, records used and refused.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use super::batch::Outcome;
use super::context::Context;
use super::decode::Compression;
use super::reject::Rejected;
use super::role::Role;
use super::settings::Format;
use super::tally::Tally;
use crate::error::{DataError, Place};
use crate::ingest::Mode;

/// A record that was not used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PostingReject {
    /// The file.
    pub file: PathBuf,
    /// Where the record begins: bytes from the start of the decompressed file; row from 0 in a Parquet file.
    pub offset: u64,
    /// The line in which it begins, from 1; `None` in a Parquet file.
    pub line: Option<u64>,
    /// The field at fault, where one is.
    pub field: Option<&'static str>,
    /// The rule that it breaks, the same text for every record that breaks it.
    pub reason: String,
    /// What stands there.
    pub found: String,
    /// The first 200 characters of the record.
    pub raw: String,
}

/// A column or path that postings took a field from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TakenColumn {
    /// The field: `id`, `posted`, `pay_min` and so on.
    pub field: &'static str,
    /// The column, or the dotted path in JSON.
    pub column: String,
    /// Postings that took a value from it.
    pub postings: u64,
    /// Postings in which it held something else than text or a number.
    pub passed_over: u64,
}

/// What became of one file. `read` is `used` and `rejected` together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PostingFile {
    /// The file; `-` is standard input.
    pub path: PathBuf,
    /// Its format, once it was opened.
    pub format: Option<Format>,
    /// How it is compressed.
    pub compression: Compression,
    /// Bytes of it, decompressed.
    pub bytes: u64,
    /// Records in it.
    pub read: u64,
    /// Records that became postings.
    pub used: u64,
    /// Records that did not.
    pub rejected: u64,
    /// Objects beside the postings in a `@graph` or array that say they are something else; not among `read`.
    pub other_objects: u64,
    /// Postings whose region the mapping's `[regions]` do not list; they keep the code as written.
    pub unknown_regions: u64,
    /// Where its fields came from.
    pub columns: Vec<TakenColumn>,
    /// What ended it before its end.
    pub fault: Option<String>,
}

/// What a reading of postings did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PostingReport {
    /// The files, in the order in which they were read.
    pub files: Vec<PostingFile>,
    /// Files in the folders named that were not read, each with the reason.
    pub left_out: Vec<(PathBuf, String)>,
    /// The first rejects, in the order of the input, as many as the settings keep.
    pub rejects: Vec<PostingReject>,
    /// How many records broke each rule; all of them.
    pub by_reason: BTreeMap<String, u64>,
}

impl PostingReport {
    /// Records in all files.
    #[must_use]
    pub fn read(&self) -> u64 {
        self.files.iter().map(|file| file.read).sum()
    }

    /// Records that became postings.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.files.iter().map(|file| file.used).sum()
    }

    /// Records that did not.
    #[must_use]
    pub fn rejected(&self) -> u64 {
        self.files.iter().map(|file| file.rejected).sum()
    }
}

/// One line of counts, then one for each rule broken, each file with its columns, and each file left out.
impl fmt::Display for PostingReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} records read, {} used, {} rejected", self.read(), self.used(), self.rejected())?;
        for (reason, count) in &self.by_reason {
            write!(f, "\n  {count} rejected: {reason}")?;
        }
        for file in &self.files {
            let format = file.format.map_or("not opened", Format::name);
            write!(f, "\n  {} ({format}, {}): ", file.path.display(), file.compression.name())?;
            write!(f, "{} read, {} used, {} rejected", file.read, file.used, file.rejected)?;
            if file.other_objects > 0 {
                write!(f, ", {} objects that are no postings", file.other_objects)?;
            }
            if file.unknown_regions > 0 {
                write!(f, ", {} regions that the mapping does not list", file.unknown_regions)?;
            }
            if let Some(fault) = &file.fault {
                write!(f, "; {fault}")?;
            }
            for column in &file.columns {
                write!(f, "\n    {} from {} ({} postings", column.field, column.column, column.postings)?;
                if column.passed_over > 0 {
                    write!(f, ", {} neither text nor number", column.passed_over)?;
                }
                f.write_str(")")?;
            }
        }
        for (path, reason) in &self.left_out {
            write!(f, "\n  left out: {}: {reason}", path.display())?;
        }
        Ok(())
    }
}

/// Adds up outcomes in the order of the input.
pub(super) struct Collector<'c> {
    context: &'c Context<'c>,
    report: PostingReport,
    tallies: Vec<(Tally, Vec<(Role, String)>)>,
}

impl<'c> Collector<'c> {
    pub(super) fn new(context: &'c Context<'c>, left_out: Vec<(PathBuf, String)>) -> Self {
        let file = |origin: &super::decode::Origin| PostingFile {
            path: origin.name().to_owned(),
            format: None,
            compression: Compression::Plain,
            bytes: 0,
            read: 0,
            used: 0,
            rejected: 0,
            other_objects: 0,
            unknown_regions: 0,
            columns: Vec::new(),
            fault: None,
        };
        let files: Vec<PostingFile> = context.files.iter().map(file).collect();
        let tallies = files.iter().map(|_| Default::default()).collect();
        Self { context, report: PostingReport { files, left_out, ..PostingReport::default() }, tallies }
    }

    /// Adds `outcome` and returns what the caller's function made, and the buffer.
    ///
    /// # Errors
    /// In strict mode the first reject or fault.
    pub(super) fn add<T>(&mut self, outcome: Outcome<T>) -> Result<(Vec<T>, Vec<u8>), DataError> {
        let Outcome { file: index, values, tally, rejects, opened, closed, fault, buffer } = outcome;
        let is_strict = self.context.settings.mode == Mode::Strict;
        let (Some(file), Some((sum, names))) = (self.report.files.get_mut(index), self.tallies.get_mut(index)) else {
            return Ok((values, buffer));
        };
        if let Some(opened) = opened {
            file.format = Some(opened.format);
            file.compression = opened.compression;
            *names = opened.names.iter().map(|leaf| (leaf.role, leaf.path.clone())).collect();
        }
        if let (true, Some(first)) = (is_strict, rejects.first()) {
            return Err(error(file, first));
        }
        for (reason, count) in &tally.reasons {
            *self.report.by_reason.entry(format!("expected {reason}")).or_insert(0) += count;
        }
        let left = self.context.settings.max_rejects.saturating_sub(self.report.rejects.len());
        self.report.rejects.extend(rejects.into_iter().take(left).map(|rejected| {
            let Rejected { offset, line, fault, head } = rejected;
            let reason = format!("expected {}", fault.expected);
            PostingReject {
                file: file.path.clone(),
                offset,
                line,
                field: fault.field,
                reason,
                found: fault.found,
                raw: head,
            }
        }));
        sum.absorb(tally);
        if let Some(fault) = fault {
            if is_strict {
                return Err(fault);
            }
            // The first fault is what the others follow from.
            file.fault.get_or_insert_with(|| fault.to_string());
        }
        if let Some(bytes) = closed {
            file.bytes = bytes;
            file.read = sum.read;
            file.used = sum.used;
            file.rejected = sum.rejected;
            file.other_objects = sum.other_objects;
            file.unknown_regions = sum.unknown_regions;
            let columns = names.iter().enumerate().map(|(id, (role, path))| {
                let (postings, passed_over) = sum.counts_of(id);
                TakenColumn { field: role.name(), column: path.clone(), postings, passed_over }
            });
            // JSON has no header: of its many usual paths those that occur are named.
            let is_json = file.format == Some(Format::Json);
            let is_mapped = |column: &TakenColumn| {
                let role = Role::ALL.into_iter().find(|role| role.name() == column.field);
                role.is_some_and(|role| self.context.mapping.fields.contains_key(&role))
            };
            file.columns = columns
                .filter(|column| !is_json || column.postings + column.passed_over > 0 || is_mapped(column))
                .collect();
        }
        Ok((values, buffer))
    }

    /// The report, once all has been added.
    ///
    /// # Errors
    /// In strict mode [`DataError::Empty`] if no file held a record.
    pub(super) fn finish(self) -> Result<PostingReport, DataError> {
        if self.context.settings.mode == Mode::Strict && self.report.read() == 0 {
            let names: Vec<String> = self.report.files.iter().take(3).map(|f| f.path.display().to_string()).collect();
            return Err(DataError::Empty { what: names.join(", ") });
        }
        Ok(self.report)
    }
}

fn error(file: &PostingFile, rejected: &Rejected) -> DataError {
    let Rejected { offset, line, fault, head: _ } = rejected;
    // A row of a Parquet file counts from 1 in errors, as `ingest::read_parquet` counts it.
    let place = Place::file(&file.path).line(line.unwrap_or(offset + 1));
    let place = match fault.field {
        Some(field) => place.column(field),
        None => place,
    };
    let found = match line {
        Some(_) => format!("{} (the record begins at byte {offset})", fault.found),
        None => fault.found.clone(),
    };
    DataError::Cell { place, expected: fault.expected.clone().into_owned(), found }
}
