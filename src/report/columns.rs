//! What the columns of a design matrix hold.

use serde::Serialize;

#[cfg(feature = "cli")]
use super::table::table;
use super::{cell, csv_text};
use crate::feature::{Element, FeatureMatrix};

/// What the columns of a design matrix hold, counted chunk by chunk.
///
/// # Examples
/// ```
/// use credcast::feature::{FeatureMatrix, FeaturePipeline, Lag};
/// use credcast::report::ColumnsReport;
/// use credcast::{Panel, Period, SeriesKey};
/// let start = Period::month(2024, 1).unwrap();
/// let panel = Panel::from_series("y", [(SeriesKey::national("welder"), start, vec![12.0, 15.0, 11.0])])?;
/// let matrix = FeaturePipeline::new().then(Lag::of([1])?).fit(&panel)?.transform(&panel)?;
/// let mut report = ColumnsReport::new(matrix.names());
/// report.add(&matrix);
/// assert_eq!((report.rows, report.complete_rows), (3, 2));
/// assert_eq!(report.columns[0].mean, Some(13.5));
/// # Ok::<(), credcast::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnsReport {
    /// Rows of the matrix.
    pub rows: usize,
    /// Rows in which every column is known.
    pub complete_rows: usize,
    /// One entry for each column, in order.
    pub columns: Vec<ColumnReport>,
}

/// What one column holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnReport {
    /// Its name.
    pub column: String,
    /// Rows with a value.
    pub known: usize,
    /// The mean of the values; `None` without any.
    pub mean: Option<f64>,
    /// The smallest value.
    pub min: Option<f64>,
    /// The largest value.
    pub max: Option<f64>,
}

impl ColumnsReport {
    /// Of no rows yet.
    #[must_use]
    pub fn new(names: &[String]) -> Self {
        let empty = |name: &String| ColumnReport { column: name.clone(), known: 0, mean: None, min: None, max: None };
        Self { rows: 0, complete_rows: 0, columns: names.iter().map(empty).collect() }
    }

    /// Adds the rows of a matrix with the same columns. O(cells).
    pub fn add<T: Element + Into<f64>>(&mut self, matrix: &FeatureMatrix<T>) {
        self.rows += matrix.n_rows();
        self.complete_rows += matrix.complete_rows().len();
        for (report, column) in self.columns.iter_mut().zip(matrix.view().columns()) {
            let (before, mut sum) = (report.known as f64, 0.0);
            for value in column.iter().map(|value| (*value).into()).filter(|value: &f64| !value.is_nan()) {
                report.known += 1;
                sum += value;
                report.min = Some(report.min.map_or(value, |min| min.min(value)));
                report.max = Some(report.max.map_or(value, |max| max.max(value)));
            }
            let total = report.mean.map_or(sum, |mean| mean * before + sum);
            report.mean = (report.known > 0).then(|| total / report.known as f64);
        }
    }
}

/// The report as CSV, one line for each column.
#[must_use]
pub fn columns_csv(report: &ColumnsReport) -> String {
    let line = |c: &ColumnReport| vec![c.column.clone(), c.known.to_string(), cell(c.min), cell(c.mean), cell(c.max)];
    csv_text(&["column", "known", "min", "mean", "max"], report.columns.iter().map(line))
}

/// The report as a table for a terminal `width` wide.
#[cfg(feature = "cli")]
#[must_use]
pub fn columns_table(report: &ColumnsReport, width: Option<u16>) -> String {
    let short = |value: Option<f64>| value.map_or_else(|| "-".into(), significant);
    let share = |known: usize| format!("{:.1} %", 100.0 * known as f64 / report.rows.max(1) as f64);
    let line = |c: &ColumnReport| vec![c.column.clone(), share(c.known), short(c.min), short(c.mean), short(c.max)];
    let rows = report.columns.iter().map(line).collect();
    let head = format!(
        "{} rows, {} of them complete, {} features\n\n",
        report.rows,
        report.complete_rows,
        report.columns.len()
    );
    head + &table(&["Column", "Known", "Min", "Mean", "Max"], rows, &[1, 2, 3, 4], width)
}

/// Five digits, as people read them.
#[cfg(feature = "cli")]
fn significant(value: f64) -> String {
    let size = value.abs();
    if size >= 1e7 || size > 0.0 && size < 1e-4 {
        return format!("{value:.3e}");
    }
    let decimals = if size >= 1e4 {
        0
    } else if size >= 100.0 {
        2
    } else {
        4
    };
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}
