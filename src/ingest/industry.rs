//! The list of employment series, and the staffing of industries.

use super::report::ReadReport;
use super::source::Source;
use super::table::{Style, Table, Used};
use super::{number, report::Mode};
use crate::error::DataError;
use crate::market::{Industry, StaffingRow};

/// Reads `series_id,title,naics,leaf`; `leaf` is 0 or 1.
pub(super) fn read_industries(source: &Source) -> Result<(Vec<Industry>, ReadReport), DataError> {
    let content = source.read()?;
    let mut report = ReadReport::new(source.name());
    let table = Table::open(&content, source.name(), Style::default())?;
    let [series, title, naics, leaf] = columns(&table, ["series_id", "title", "naics", "leaf"])?;
    let mut industries = Vec::new();
    table.for_each(Mode::Strict, &mut report, |row| {
        industries.push(Industry {
            series: row.text(series).to_owned(),
            title: row.text(title).to_owned(),
            naics: row.text(naics).to_owned(),
            leaf: row.text(leaf) == "1",
        });
        Ok(Used::Yes)
    })?;
    Ok((industries, report))
}

/// Reads `naics,naics_title,soc,tot_emp`.
pub(super) fn read_staffing(source: &Source) -> Result<(Vec<StaffingRow>, ReadReport), DataError> {
    let content = source.read()?;
    let mut report = ReadReport::new(source.name());
    let table = Table::open(&content, source.name(), Style::default())?;
    let [naics, soc, employment] = columns(&table, ["naics", "soc", "tot_emp"])?;
    let mut rows = Vec::new();
    table.for_each(Mode::Strict, &mut report, |row| {
        rows.push(StaffingRow {
            naics: row.text(naics).to_owned(),
            soc: row.text(soc).to_owned(),
            employment: row.number(employment, number::COUNT_OR_MISSING)?,
        });
        Ok(Used::Yes)
    })?;
    Ok((rows, report))
}

fn columns<const N: usize>(table: &Table<'_>, names: [&str; N]) -> Result<[usize; N], DataError> {
    let mut found = [0; N];
    for (to, name) in found.iter_mut().zip(names) {
        *to = table.column(name)?;
    }
    Ok(found)
}
