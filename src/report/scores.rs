//! Scores of a back-test.

use serde::Serialize;
use serde_json::Value;

use super::{cell, csv_text};
use crate::evaluate::{Comparison, ScoreRow};

/// A back-test with how it was done: what `credcast backtest --format json` prints.
#[derive(Clone, Debug, Serialize)]
pub struct BacktestReport {
    /// Data, layout, horizon, origins, season, definitions of the scores.
    pub protocol: Value,
    /// One entry for each model.
    pub models: Vec<ScoredModel>,
}

/// The scores of a model, and how sure its difference from the naive model is.
#[derive(Clone, Debug, Serialize)]
pub struct ScoredModel {
    /// The scores.
    #[serde(flatten)]
    pub row: ScoreRow,
    /// Paired bootstrap over series of the difference in MASE; `None` for the naive model itself.
    pub versus_naive: Option<Comparison>,
}

fn numbers(row: &ScoreRow) -> [Option<f64>; 10] {
    let ScoreRow { smape, mase, rmsse, mae, rmse, crps, msis95, coverage80, coverage95, owa, .. } = row;
    let scores = [smape, mase, rmsse, mae, rmse, crps, msis95, coverage80, coverage95];
    let mut all = [None; 10];
    all.iter_mut().zip(scores).for_each(|(slot, score)| *slot = Some(*score));
    all[9] = *owa;
    all
}

const HEADER: [&str; 14] = [
    "model",
    "smape",
    "mase",
    "rmsse",
    "mae",
    "rmse",
    "crps",
    "msis95",
    "coverage80",
    "coverage95",
    "owa",
    "series",
    "fallbacks",
    "cpu_seconds",
];

/// One line for each model, columns as in the JSON form.
#[must_use]
pub fn scores_csv(report: &BacktestReport) -> String {
    csv_text(
        &HEADER,
        report.models.iter().map(|model| {
            let row = &model.row;
            let mut line = vec![row.model.clone()];
            line.extend(numbers(row).map(cell));
            line.extend([row.series.to_string(), row.fallbacks.to_string(), cell(Some(row.cpu_seconds))]);
            line
        }),
    )
}

/// The same as a table with three decimals, and the difference from the naive model with its interval;
/// in two parts where `width` is too narrow for one.
#[cfg(feature = "cli")]
#[must_use]
pub fn scores_table(report: &BacktestReport, width: Option<u16>) -> String {
    let short = |value: Option<f64>| match value.filter(|v| v.is_finite()) {
        Some(v) if v.abs() >= 1000.0 => format!("{v:.0}"),
        Some(v) if v.abs() >= 100.0 => format!("{v:.1}"),
        Some(v) => format!("{v:.3}"),
        None => "-".into(),
    };
    let rows = report.models.iter().map(|model| {
        let mut line = vec![model.row.model.clone()];
        line.extend(numbers(&model.row).map(short));
        line.push(
            model
                .versus_naive
                .map_or_else(|| "-".into(), |c| format!("{:+.3} [{:+.3}, {:+.3}]", c.difference, c.low, c.high)),
        );
        line.extend([model.row.fallbacks.to_string(), format!("{:.2}", model.row.cpu_seconds)]);
        line
    });
    let header = [
        "model",
        "sMAPE",
        "MASE",
        "RMSSE",
        "MAE",
        "RMSE",
        "CRPS",
        "MSIS95",
        "cov80",
        "cov95",
        "OWA",
        "MASE - naive [95 %]",
        "fallbacks",
        "CPU s",
    ];
    let rows: Vec<Vec<String>> = rows.collect();
    let part = |columns: &[usize]| {
        let pick = |cells: &[String]| columns.iter().map(|&c| cells[c].clone()).collect::<Vec<_>>();
        let header: Vec<&str> = columns.iter().map(|&c| header[c]).collect();
        let right: Vec<usize> = (1..columns.len()).collect();
        // Without a width: a number broken over two lines is none.
        super::table::table(&header, rows.iter().map(|row| pick(row)).collect(), &right, None)
    };
    let all: Vec<usize> = (0..header.len()).collect();
    let whole = part(&all);
    let widest = whole.lines().map(|line| line.chars().count()).max().unwrap_or(0);
    if width.is_none_or(|width| widest <= usize::from(width)) {
        return whole;
    }
    // Relative scores first, then those in the data's units and those of the distributions.
    part(&[0, 1, 2, 3, 10, 11]) + "\n" + &part(&[0, 4, 5, 6, 7, 8, 9, 12, 13])
}
