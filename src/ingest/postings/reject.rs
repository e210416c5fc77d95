//! Records that are not used, on their way to the report.

use super::slots::Fault;

/// Characters of a record that a report shows.
const MAX_SHOWN: usize = 200;

/// A character has four bytes at most; one more tells a cut character from a foreign byte.
pub(super) const HEAD_BYTES: usize = 4 * MAX_SHOWN + 4;

/// A record that is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rejected {
    pub(super) offset: u64,
    pub(super) line: Option<u64>,
    pub(super) fault: Fault,
    pub(super) head: String,
}

/// The first 200 characters of `record`, foreign bytes replaced.
pub(super) fn head(record: &[u8]) -> String {
    let start = &record[..record.len().min(HEAD_BYTES)];
    String::from_utf8_lossy(start).chars().take(MAX_SHOWN).collect()
}

/// That a record is longer than `limit` bytes.
pub(super) fn too_long(limit: usize) -> Fault {
    Fault::new(format!("a record of at most {limit} bytes"), "a longer one (is a quote or bracket never closed?)")
}
