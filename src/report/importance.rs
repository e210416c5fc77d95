//! Which features earn their place.

#[cfg(feature = "cli")]
use super::table::table;
use super::{cell, csv_text};
use crate::regression::Importance;

/// Importances as CSV, one line for each group of columns.
#[must_use]
pub fn importance_csv(found: &[Importance]) -> String {
    let line = |i: &Importance| vec![i.name.clone(), cell(Some(i.mae)), cell(Some(i.increase)), cell(Some(i.std))];
    csv_text(&["feature", "mae", "increase", "std"], found.iter().map(line))
}

/// Importances as a table for a terminal `width` wide.
#[cfg(feature = "cli")]
#[must_use]
pub fn importance_table(found: &[Importance], width: Option<u16>) -> String {
    let line = |i: &Importance| {
        let share = format!("{:+.2} %", 100.0 * i.increase / i.mae);
        vec![i.name.clone(), format!("{:+.5}", i.increase), format!("{:.5}", i.std), share]
    };
    let head = found.first().map_or_else(String::new, |first| {
        format!("Mean absolute error one step ahead, in units of each series' usual change: {:.4}\n\n", first.mae)
    });
    let header = ["Feature", "Growth of the error", "SD", "Share"];
    head + &table(&header, found.iter().map(line).collect(), &[1, 2, 3], width)
}
