//! The cells of one CSV record.

use std::borrow::Cow;

/// Splits `record` at `delimiter`, an ASCII sign, into `cells`. A cell is borrowed unless quotes stand within it. O(length).
pub(super) fn split<'a>(record: &'a str, delimiter: u8, cells: &mut Vec<Cow<'a, str>>) {
    cells.clear();
    let delimiter = char::from(delimiter);
    let mut rest = Some(record);
    while let Some(text) = rest {
        let (cell, behind) = match text.strip_prefix('"') {
            Some(quoted) => quoted_cell(quoted, delimiter),
            None => match text.split_once(delimiter) {
                Some((cell, behind)) => (Cow::Borrowed(cell), Some(behind)),
                None => (Cow::Borrowed(text), None),
            },
        };
        cells.push(cell);
        rest = behind;
    }
}

/// The cell whose opening quote stands before `text`, and what follows its delimiter.
fn quoted_cell(text: &str, delimiter: char) -> (Cow<'_, str>, Option<&str>) {
    let mut cell = Cow::Borrowed("");
    let mut rest = text;
    loop {
        let Some((within, behind)) = rest.split_once('"') else {
            // Never closed: the rest is the cell.
            return (joined(cell, rest), None);
        };
        cell = joined(cell, within);
        if let Some(behind) = behind.strip_prefix('"') {
            cell = joined(cell, "\"");
            rest = behind;
            continue;
        }
        return match behind.split_once(delimiter) {
            Some((tail, behind)) => (joined(cell, tail), Some(behind)),
            None => (joined(cell, behind), None),
        };
    }
}

fn joined<'a>(cell: Cow<'a, str>, more: &'a str) -> Cow<'a, str> {
    if cell.is_empty() { Cow::Borrowed(more) } else { cell + more }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(record: &str) -> Vec<Cow<'_, str>> {
        let mut cells = Vec::new();
        split(record, b',', &mut cells);
        cells
    }

    #[test]
    fn quotes_are_those_of_rfc_4180() {
        assert_eq!(cells("a,\"b,c\",\"d \"\"e\"\"\",,5\" pipe"), ["a", "b,c", "d \"e\"", "", "5\" pipe"]);
        assert_eq!(cells("\"a\"b,\"\""), ["ab", ""]);
        assert_eq!(cells(""), [""]);
    }

    #[test]
    fn cells_without_quotes_within_are_borrowed() {
        let all_borrowed = cells("a,\"b,c\",\u{e9}").iter().all(|cell| matches!(cell, Cow::Borrowed(_)));
        assert!(all_borrowed);
    }
}
