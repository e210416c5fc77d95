//! How postings are read: mode, limits, sizes.

use jiff::civil::Date;
use serde::Serialize;

use crate::error::ParamError;
use crate::ingest::Mode;

/// The format of posting files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Format {
    /// JSON: one object a line, or a document of objects; tidy fields or schema.org `JobPosting`.
    Json,
    /// Text cells with a header; delimited by comma, tab, semicolon or bar.
    Csv,
    /// Parquet (feature `parquet`).
    Parquet,
}

impl Format {
    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Csv => "CSV",
            Self::Parquet => "Parquet",
        }
    }
}

/// How postings are read.
///
/// | Field | Default | Allowed |
/// |---|---|---|
/// | `mode` | strict | |
/// | `not_after` | none | any day; a posting dated later is a bad record |
/// | `format` | by name, else by content | |
/// | `batch_bytes` | 1 MiB | 1 to 1 GiB |
/// | `max_record_bytes` | 16 MiB | 1 to 1 GiB |
/// | `max_rejects` | 10,000 | rejects kept in the report; all are counted |
/// | `in_flight` | 6 per thread and 4 more | at least 2 batches between cutting and hand-over |
///
/// Memory is about `in_flight` times `batch_bytes`, plus `max_record_bytes` for records longer than a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whether the first bad record ends the reading.
    pub mode: Mode,
    /// The last day on which a posting can have been made.
    pub not_after: Option<Date>,
    /// The format of every file, whatever names and contents say.
    pub format: Option<Format>,
    /// Bytes of text in a batch, decompressed.
    pub batch_bytes: usize,
    /// Bytes of a record, decompressed; a longer one is rejected and never held in full.
    pub max_record_bytes: usize,
    /// Rejects kept in the report.
    pub max_rejects: usize,
    /// Batches between cutting and hand-over.
    pub in_flight: Option<usize>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mode: Mode::Strict,
            not_after: None,
            format: None,
            batch_bytes: 1 << 20,
            max_record_bytes: 16 << 20,
            max_rejects: 10_000,
            in_flight: None,
        }
    }
}

const MAX_SIZE: usize = 1 << 30;

impl Settings {
    /// Bad records are counted and the reading goes on.
    #[must_use]
    pub fn lenient() -> Self {
        Self { mode: Mode::Lenient, ..Self::default() }
    }

    pub(super) fn check(&self) -> Result<(), ParamError> {
        let Self { mode: _, not_after: _, format: _, batch_bytes, max_record_bytes, max_rejects: _, in_flight } = self;
        for (name, size) in [("batch_bytes", *batch_bytes), ("max_record_bytes", *max_record_bytes)] {
            if !(1..=MAX_SIZE).contains(&size) {
                return Err(ParamError::new(name, size, "1 to 1 GiB"));
            }
        }
        match in_flight {
            Some(n @ 0..=1) => Err(ParamError::new("in_flight", n, "at least 2")),
            _ => Ok(()),
        }
    }

    /// Batches between cutting and hand-over, resolved for the threads there are.
    pub(super) fn flight(&self) -> usize {
        self.in_flight.unwrap_or_else(|| 6 * rayon::current_num_threads() + 4)
    }
}
