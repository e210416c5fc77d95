//! Tables for a terminal.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

/// A table without outer frame; numeric columns to the right. `width` limits it, cells wrap; without one no line is broken.
pub(super) fn table(header: &[&str], rows: Vec<Vec<String>>, numeric: &[usize], width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_header(header);
    match width {
        Some(width) => table.set_width(width),
        None => table.force_no_tty(),
    };
    table.add_rows(rows);
    for &column in numeric {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n") + "\n"
}
