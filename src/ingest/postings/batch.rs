//! Pieces of the input between the thread that cuts and the threads that parse.

use std::path::Path;
use std::sync::Arc;

use super::decode::Compression;
use super::framing::Framing;
use super::plan::{Columns, LeafName};
use super::posting::Posting;
use super::reject::Rejected;
use super::settings::Format;
use super::tally::Tally;
use crate::error::DataError;

/// Postings that stand one after the other in one file.
#[derive(Clone, Copy, Debug)]
pub struct PostingBatch<'b> {
    /// The file.
    pub file: &'b Path,
    /// Its position in [`PostingReport::files`](super::PostingReport::files).
    pub file_index: usize,
    /// The postings, in the order of the file; at least one.
    pub postings: &'b [Posting<'b>],
}

/// One step of the work on the input, in its order. Each holds a buffer: their number bounds what is in flight.
pub(super) enum Work {
    /// A file was opened.
    Opened { file: usize, opened: Opened, buffer: Vec<u8> },
    /// Text to parse.
    Text(TextBatch),
    /// A row group to read.
    #[cfg(feature = "parquet")]
    Group { file: usize, group: super::row_group::Group, buffer: Vec<u8> },
    /// A record that was too long to hold.
    TooLong { file: usize, rejected: Rejected, buffer: Vec<u8> },
    /// A file has been cut to its end, or to damage.
    Closed { file: usize, bytes: u64, fault: Option<DataError>, buffer: Vec<u8> },
}

/// What is known of a file before its first record is read.
pub(super) struct Opened {
    pub(super) format: Format,
    pub(super) compression: Compression,
    pub(super) names: Arc<Vec<LeafName>>,
}

/// Whole records of one file.
pub(super) struct TextBatch {
    pub(super) file: usize,
    pub(super) bytes: Vec<u8>,
    /// Where `bytes` begins in the decompressed file.
    pub(super) offset: u64,
    /// The line in which it begins, from 1.
    pub(super) line: u64,
    pub(super) framing: Framing,
    /// The columns of a CSV file; `None` for JSON.
    pub(super) columns: Option<Arc<Columns>>,
    /// The file is damaged behind these bytes.
    pub(super) is_cut_short: bool,
}

/// What one step of the work came to.
pub(super) struct Outcome<T> {
    pub(super) file: usize,
    pub(super) values: Vec<T>,
    pub(super) tally: Tally,
    pub(super) rejects: Vec<Rejected>,
    pub(super) opened: Option<Opened>,
    /// Bytes of the file, once it is closed.
    pub(super) closed: Option<u64>,
    pub(super) fault: Option<DataError>,
    pub(super) buffer: Vec<u8>,
}

impl<T> Outcome<T> {
    pub(super) fn new(file: usize, buffer: Vec<u8>) -> Self {
        Self {
            file,
            values: Vec::new(),
            tally: Tally::default(),
            rejects: Vec::new(),
            opened: None,
            closed: None,
            fault: None,
            buffer,
        }
    }
}
