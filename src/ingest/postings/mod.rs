//! Job postings as a stream: NDJSON (tidy or schema.org), CSV and Parquet; plain, gzip or zstd; files, folders, patterns
//! or standard input.
//!
//! One thread reads, decompresses and cuts the text into batches of whole records; the threads of the pool parse them
//! and call the caller's function; what it returns is taken in the order of the input. The number of batches in flight
//! is bounded, so memory is constant, and the result does not depend on the number of threads.
//!
//! | JSON | is read as |
//! |---|---|
//! | one object a line | one posting a line |
//! | an array, on a line or as a whole file | one posting an element |
//! | an object with `@graph` | one posting for each element that is no other thing by its `@type` |
//! | objects over several lines | one posting an object |

mod batch;
mod cells;
mod context;
mod cut;
mod date;
mod decode;
mod entity;
mod framing;
mod glob;
mod html;
mod inputs;
mod json;
mod mapping;
mod parse;
mod pay;
mod pipeline;
mod plan;
mod posting;
mod process;
mod reader;
mod reject;
mod report;
mod role;
#[cfg(feature = "parquet")]
mod row_group;
mod settings;
mod slots;
mod tally;
#[cfg(test)]
mod tests;

pub use self::batch::PostingBatch;
pub use self::decode::Compression;
pub use self::mapping::{Html, Mapping};
pub use self::posting::Posting;
pub use self::reader::PostingReader;
pub use self::report::{PostingFile, PostingReject, PostingReport, TakenColumn};
pub use self::settings::{Format, Settings};
