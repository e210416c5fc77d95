//! What people and programs read: tables for a terminal, CSV and JSON.

mod columns;
mod demand;
mod effect;
mod file;
mod forecast;
mod importance;
mod matrix;
mod mentions;
mod outcomes;
mod outlook;
mod premium;
mod scores;
mod statutory;
#[cfg(feature = "cli")]
mod table;

use serde::Serialize;

#[cfg(feature = "cli")]
pub use self::columns::columns_table;
pub use self::columns::{ColumnReport, ColumnsReport, columns_csv};
pub use self::demand::demand_csv;
#[cfg(feature = "parquet")]
pub use self::demand::demand_parquet;
#[cfg(feature = "cli")]
pub use self::demand::demand_table;
pub use self::effect::effect_csv;
#[cfg(feature = "cli")]
pub use self::effect::effect_table;
#[cfg(feature = "cli")]
pub use self::forecast::forecast_table;
pub use self::forecast::{ForecastRow, forecast_csv, forecast_rows};
pub use self::importance::importance_csv;
#[cfg(feature = "cli")]
pub use self::importance::importance_table;
pub use self::matrix::{CsvMatrix, MatrixSink};
#[cfg(feature = "parquet")]
pub use self::matrix::{ParquetElement, ParquetMatrix};
pub use self::mentions::{MentionRow, mention_rows, mentions_csv};
#[cfg(feature = "cli")]
pub use self::mentions::{mentions_explained, mentions_table};
pub use self::outcomes::{Titles, fields_csv, outcomes_csv, pay_growth_csv};
#[cfg(feature = "cli")]
pub use self::outcomes::{fields_table, outcomes_table, pay_growth_table};
pub use self::outlook::outlook_csv;
#[cfg(feature = "cli")]
pub use self::outlook::{outlook_card, outlook_table};
pub use self::premium::premium_csv;
#[cfg(feature = "cli")]
pub use self::premium::premium_table;
#[cfg(feature = "cli")]
pub use self::scores::scores_table;
pub use self::scores::{BacktestReport, ScoredModel, scores_csv};
pub use self::statutory::statutory_csv;
#[cfg(feature = "cli")]
pub use self::statutory::statutory_table;

/// `value` as indented JSON with a line feed at its end. Numbers that are not finite become `null`.
///
/// # Errors
/// Never for the types of this crate; for others whatever their `Serialize` says.
pub fn json<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(value).map(|text| text + "\n")
}

/// One CSV line for each record; quoted where needed. Writing to memory cannot fail.
fn csv_text<R: AsRef<[String]>>(header: &[&str], records: impl IntoIterator<Item = R>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut lines = vec![header.iter().map(|h| (*h).to_owned()).collect::<Vec<_>>()];
    lines.extend(records.into_iter().map(|r| r.as_ref().to_vec()));
    for line in lines {
        // All records have the header's length, the only other error of this writer.
        let _ = writer.write_record(line);
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// A number for CSV: shortest form that reads back the same, empty if it is missing or not finite.
fn cell(value: Option<f64>) -> String {
    value.filter(|v| v.is_finite()).map_or_else(String::new, |v| v.to_string())
}
