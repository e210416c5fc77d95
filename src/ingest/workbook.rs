//! XLSX workbooks as tables of text (feature `xlsx`).

use std::path::Path;

use csv::ByteRecord;

use crate::error::{DataError, Place};

/// One sheet: its first row as header, every cell as text.
#[cfg_attr(not(feature = "xlsx"), expect(dead_code, reason = "only built when workbooks can be read"))]
pub(crate) struct Sheet {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<ByteRecord>,
    /// Row number of the header in the sheet.
    pub(crate) first_line: u64,
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
    use calamine::{Reader, Xlsx};

    let damaged = |e: calamine::XlsxError| {
        let (place, detail) = (Place::file(file), e.to_string());
        DataError::Format { place, format: "XLSX", detail }
    };
    let mut workbook: Xlsx<_> = Xlsx::new(std::io::Cursor::new(content)).map_err(damaged)?;
    let mut sheets = Vec::new();
    for name in workbook.sheet_names() {
        let range = workbook.worksheet_range(&name).map_err(damaged)?;
        let first_line = range.start().map_or(1, |(row, _)| u64::from(row) + 1);
        let mut rows = range.rows().map(|cells| cells.iter().map(ToString::to_string).collect::<Vec<_>>());
        let Some(columns) = rows.next() else { continue };
        let rows = rows.map(ByteRecord::from).collect();
        sheets.push(Sheet { columns, rows, first_line });
    }
    Ok(sheets)
}

/// Says that workbooks cannot be read in this build.
#[cfg(not(feature = "xlsx"))]
pub(crate) fn sheets(_content: &[u8], file: &Path) -> Result<Vec<Sheet>, DataError> {
    Err(DataError::FeatureOff { place: Place::file(file), format: "XLSX", feature: "xlsx" })
}
