//! From postings to the demand panel: which certificates employers ask for, where, when, and at what pay.
//!
//! ```text
//! files -> postings -> traces (mentions, pay, entry level, fingerprint) -> employer by employer: copies, counts -> panel
//! ```
//! A posting is read once, on any thread, and leaves a trace of some 170 bytes; its text is gone then. Traces are parted by
//! employer, in a temporary file if they are many, so that copies are told and employers counted with a few of them in memory.
//!
//! # Examples
//! ```
//! use credcast::catalog::Catalog;
//! use credcast::ingest::extract::{ExtractSettings, Extractor};
//! use credcast::ingest::postings::{Mapping, PostingReader, Settings};
//! let catalog = "[[certificate]]\nid = \"ccna\"\nname = \"CCNA\"\nissuer = \"Cisco\"\nkind = \"certification\"\n\
//!                soc = [{ code = \"15-1244\", weight = 1.0 }]\n";
//! let lines = "{\"datePosted\":\"2024-03-15\",\"employer\":\"A\",\"region\":\"Texas\",\"description\":\"CCNA required. $60k a year\"}\n\
//!              {\"datePosted\":\"2024-03-17\",\"employer\":\"A\",\"region\":\"TX\",\"description\":\"CCNA required. $60k a year\"}\n\
//!              {\"datePosted\":\"2024-03-18\",\"employer\":\"B\",\"region\":\"TX\",\"description\":\"No CCNA needed.\"}\n";
//! let reader = PostingReader::of_bytes("jobs.ndjson", lines.as_bytes(), &Mapping::default(), &Settings::default())?;
//! let extractor = Extractor::new(&Catalog::parse("c.toml", catalog)?, ExtractSettings::default())?;
//! let extraction = extractor.run(&reader)?;
//! let texas = &extraction.panel.cells[0];
//! assert_eq!((texas.region.as_str(), texas.required, texas.negated, texas.total), ("TX", 1, 1, 2));
//! assert_eq!((extraction.report.counted, extraction.report.left_out), (2, 1));
//! # Ok::<(), credcast::Error>(())
//! ```

mod cells;
mod extractor;
mod items;
mod names;
mod region;
mod report;
mod run;
mod settings;
mod spill;
mod summary;
#[cfg(test)]
mod tests;
mod trace;

pub use self::extractor::Extractor;
pub use self::report::{ExtractReport, ReadingCounts};
pub use self::run::Extraction;
pub use self::settings::{Copies, ExtractSettings};
pub use self::summary::ExtractSummary;
