//! XLSX workbooks as tables of text (feature `xlsx`).

use std::path::Path;

use csv::ByteRecord;

use crate::error::{DataError, Place};

/// Rows and columns that a sheet can have (Microsoft, "Excel specifications and limits").
#[cfg(feature = "xlsx")]
const MAX_ROWS: u32 = 1_048_576;
#[cfg(feature = "xlsx")]
const MAX_COLUMNS: u32 = 16_384;

/// A sheet is mostly empty if it spans more cells than this; OEWS has 44 000.
#[cfg(feature = "xlsx")]
const MAX_CELLS: usize = 50_000_000;

/// One sheet: its first row as header, every cell as text.
pub(crate) struct Sheet {
    pub(crate) columns: Vec<String>,
    /// The other rows that hold anything, each with its number in the sheet.
    pub(crate) rows: Vec<(u64, ByteRecord)>,
}

/// The first sheet of the workbook `content` whose header `accept`s.
///
/// # Errors
/// [`DataError::Empty`] if there is none, [`DataError::Format`] if the workbook is damaged, [`DataError::FeatureOff`].
pub(crate) fn first_sheet(content: &[u8], file: &Path, accept: impl Fn(&[String]) -> bool) -> Result<Sheet, DataError> {
    let sheets = sheets(content, file)?;
    let found = sheets.into_iter().find(|sheet| accept(&sheet.columns));
    found.ok_or_else(|| DataError::Empty { what: file.display().to_string() })
}

/// All sheets with at least one cell.
#[cfg(feature = "xlsx")]
pub(crate) fn sheets(content: &[u8], file: &Path) -> Result<Vec<Sheet>, DataError> {
    // calamine 0.38 computes cell positions unchecked: a damaged one overflows in src/xlsx/mod.rs, which is a panic in
    // debug builds (found by `damaged_workbooks_never_panic`). Nothing outlives the closure but its result.
    let decoded = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| decode(content, file)));
    decoded.unwrap_or_else(|_| {
        let detail = "the data in it contradict each other".to_owned();
        Err(DataError::Format { place: Place::file(file), format: "XLSX", detail })
    })
}

#[cfg(feature = "xlsx")]
fn decode(content: &[u8], file: &Path) -> Result<Vec<Sheet>, DataError> {
    use std::collections::BTreeMap;

    use calamine::{Data, Reader, Xlsx};

    let format = |detail: String| DataError::Format { place: Place::file(file), format: "XLSX", detail };
    let damaged = |e: calamine::XlsxError| format(e.to_string());
    let mut workbook: Xlsx<_> = Xlsx::new(std::io::Cursor::new(content)).map_err(damaged)?;
    let mut sheets = Vec::new();
    for name in workbook.sheet_names() {
        // Cell by cell: calamine's own range is dense, so one stray cell far out would take gigabytes.
        let mut reader = workbook.worksheet_cells_reader(&name).map_err(damaged)?;
        let mut rows: BTreeMap<u32, Vec<(u32, String)>> = BTreeMap::new();
        while let Some(cell) = reader.next_cell().map_err(damaged)? {
            let (row, column) = cell.get_position();
            if row >= MAX_ROWS || column >= MAX_COLUMNS {
                return Err(format(format!("a cell in row {row}, column {column} of sheet {name}")));
            }
            let text = Data::from(cell.get_value().clone()).to_string();
            if !text.is_empty() {
                rows.entry(row).or_default().push((column, text));
            }
        }
        // A column to the left of the header's first name, such as row numbers, is a column without a name.
        let first = rows.values().flatten().map(|(column, _)| *column).min().unwrap_or(0);
        let n_rows = rows.len();
        let mut rows = rows.into_iter();
        let Some((_, header)) = rows.next() else { continue };
        let last = header.iter().map(|(column, _)| *column).max().unwrap_or(first);
        if n_rows.saturating_mul((last - first) as usize + 1) > MAX_CELLS {
            return Err(format(format!("sheet {name} spans more than {MAX_CELLS} cells")));
        }
        let names = spread(header, first, last);
        let rows = rows.map(|(row, cells)| {
            // One cell beyond the header is enough for the row to be refused; filling up to it could take gigabytes.
            let last = if cells.iter().any(|(column, _)| *column > last) { last + 1 } else { last };
            (u64::from(row) + 1, ByteRecord::from(spread(cells, first, last)))
        });
        let rows = rows.collect();
        sheets.push(Sheet { columns: names, rows });
    }
    Ok(sheets)
}

/// The cells of a row from column `first`, the smallest of any, to `last`; those beyond go into the last.
#[cfg(feature = "xlsx")]
fn spread(cells: Vec<(u32, String)>, first: u32, last: u32) -> Vec<String> {
    let mut record = vec![String::new(); (last - first) as usize + 1];
    for (column, text) in cells {
        record[(column.min(last) - first) as usize] = text;
    }
    record
}

/// Says that workbooks cannot be read in this build.
#[cfg(not(feature = "xlsx"))]
pub(crate) fn sheets(_content: &[u8], file: &Path) -> Result<Vec<Sheet>, DataError> {
    Err(DataError::FeatureOff { place: Place::file(file), format: "XLSX", feature: "xlsx" })
}
