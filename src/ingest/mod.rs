//! Readers: files in, panels and records out. The only layer that opens input files.
//!
//! Every reader takes a [`Source`] (a path, or bytes in memory; plain, gzip or zstd) and returns what it read beside a
//! [`ReadReport`]: nothing is dropped in silence. Errors name file, line and column, what was expected and what stands
//! there. By default the first bad row ends the reading; [`Mode::Lenient`] collects bad rows instead.
//!
//! | Reader | Reads | Returns |
//! |---|---|---|
//! | [`read_long`] | `unique_id, ds, y` as CSV, Parquet or XLSX | [`Panel`](crate::Panel) of any frequency |
//! | [`read_m4`] | M4 training and test file | two panels of positions |
//! | [`read_job_sdf`] | Job-SDF skill demand | monthly panel |
//! | [`read_indeed_postings`] | Indeed postings index: nation, sectors, states | daily panel |
//! | [`read_posted_wages`] | Indeed posted-wage growth | monthly panel |
//! | [`read_oews`], [`read_oews_years`] | BLS employment and pay by occupation | rows of one year; yearly panel by SOC 2018 code |
//! | [`read_scorecard`] | College Scorecard | certificate programmes |
//! | [`read_leavers`] | row-level outcomes | one row per leaver of a programme |
//! | [`read_market`] | `market.toml` and every table it names | a [`Market`](crate::market::Market) |
//! | [`read_records`] | chosen columns of any table of observations | [`Records`](crate::records::Records) |
//! | [`read_parquet`] | any flat Parquet file | typed columns |
//! | [`read_catalog`] | a catalogue of certificates: TOML, a file or a folder | [`Catalog`](crate::catalog::Catalog) |
//! | [`postings`] | advertisements: NDJSON, schema.org, CSV, Parquet, as a stream | batches of [`postings::Posting`] |
//! | [`extract`] | the same | a [`DemandPanel`](crate::market::DemandPanel) of certificates |
//! | [`read_titles`] | job titles with SOC codes, such as O\*NET's | pairs for [`OccupationCoder`](crate::text::occupation::OccupationCoder) |
//! | [`check`] | any of these | layout, description, report |

mod bundled;
mod catalog;
mod detect;
pub mod extract;
mod indeed;
mod industry;
mod job_sdf;
mod leavers;
mod long;
mod m4;
mod market;
mod number;
mod oews;
mod panel_sink;
mod parquet;
mod posted_wages;
pub mod postings;
mod records;
mod report;
mod scorecard;
mod soc;
mod source;
mod table;
mod titles;
mod workbook;

pub use self::bundled::{BUNDLED, BundledData};
#[cfg(feature = "bundled")]
pub use self::bundled::{bundled_catalog, bundled_field_titles, bundled_institutions};
pub use self::catalog::read_catalog;
pub use self::detect::{Check, Layout, check, kind_of};
pub use self::indeed::{ALL_POSTINGS, PostingsKind, read_indeed_postings};
pub use self::job_sdf::read_job_sdf;
pub use self::leavers::read_leavers;
pub use self::long::{LongLayout, read_long};
pub use self::m4::{M4, read_m4};
#[cfg(feature = "bundled")]
pub use self::market::bundled_market;
pub use self::market::{MarketReading, read_market};
pub use self::oews::{OEWS_COLUMNS, Oews, OewsCell, OewsRow, OewsYear, TopCode, Unlinked, read_oews, read_oews_years};
pub use self::parquet::{Column, ParquetTable, read_parquet};
pub use self::posted_wages::read_posted_wages;
pub use self::records::{ColumnRule, column_names, read_records};
pub use self::report::{Mode, ReadOptions, ReadReport, Reject, Rejects};
pub use self::scorecard::read_scorecard;
pub use self::soc::{MAX_MOVED_SHARE, SocBasis, SocLink, SocVintage, soc_link};
pub use self::source::Source;
pub use self::titles::read_titles;
