//! Job titles with the code of their occupation.

use super::number::shown;
use super::source::Source;
use crate::error::{DataError, Place};

/// Titles of O\*NET end with an example of where they were found; `n/a` stands for none.
const CODE: [&str; 4] = ["O*NET-SOC Code", "SOC", "soc_code", "code"];
const TITLE: [&str; 4] = ["Alternate Title", "Reported Job Title", "Title", "job_title"];

/// Reads job titles and the codes of their occupations: the file of alternate titles of O\*NET (`Alternate Titles.txt`), or any
/// table of commas or tabs with a column for the code (`O*NET-SOC Code`, `soc`, `soc_code`, `code`) and one for the title
/// (`Alternate Title`, `Reported Job Title`, `title`, `job_title`). Returns title and code. O(bytes).
///
/// # Errors
/// [`DataError::Cell`] for a missing column, a row with an empty cell there or of another length than the header;
/// [`DataError::Empty`] without a row; what [`Source::read`] says.
pub fn read_titles(source: &Source) -> Result<Vec<(String, String)>, DataError> {
    let text = source.read_text()?;
    let file = source.name();
    let header = text.lines().next().unwrap_or_default();
    let delimiter = if header.contains('\t') { b'\t' } else { b',' };
    // Tabs do not stand in cells, so quotes there are signs like others.
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).quoting(delimiter == b',').from_reader(text.as_bytes());
    let cell = |line: u64, column: &str, expected: &str, found: String| DataError::Cell {
        place: if line == 0 { Place::file(file).column(column) } else { Place::file(file).line(line).column(column) },
        expected: expected.to_owned(),
        found,
    };
    let names = reader.headers().map_err(|error| cell(1, "", "a header", error.to_string()))?.clone();
    let find = |wanted: [&str; 4]| {
        let place = wanted.iter().find_map(|name| names.iter().position(|n| n.trim().eq_ignore_ascii_case(name)));
        place.ok_or_else(|| {
            let found: Vec<&str> = names.iter().take(12).collect();
            cell(1, wanted[0], &format!("one of the columns {}", wanted.join(", ")), found.join(", "))
        })
    };
    let (code, title) = (find(CODE)?, find(TITLE)?);
    let mut pairs = Vec::new();
    for (line, row) in (2..).zip(reader.records()) {
        let row = row.map_err(|error| cell(line, &names[title], "a row as long as the header", error.to_string()))?;
        let line = row.position().map_or(line, csv::Position::line);
        let text = |place: usize, expected: &str| match row.get(place).map(str::trim) {
            Some(text) if !text.is_empty() => Ok(text.to_owned()),
            other => Err(cell(line, &names[place], expected, shown(other.unwrap_or_default()))),
        };
        pairs.push((text(title, "a job title")?, text(code, "a SOC code such as 31-1131")?));
    }
    match pairs.is_empty() {
        true => Err(DataError::Empty { what: file.display().to_string() }),
        false => Ok(pairs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &'static str) -> Result<Vec<(String, String)>, String> {
        read_titles(&Source::bytes("t.txt", text.as_bytes())).map_err(|error| error.to_string())
    }

    #[test]
    fn columns_are_found_by_name_in_tables_of_tabs_and_commas() {
        let expected = vec![("Agency \"Owner\"".to_owned(), "11-1011.00".to_owned())];
        assert_eq!(
            read("O*NET-SOC Code\tAlternate Title\tShort Title\n11-1011.00\tAgency \"Owner\"\tn/a\n"),
            Ok(expected.clone())
        );
        assert_eq!(read("title,SOC\n\"Agency \"\"Owner\"\"\",11-1011.00\n"), Ok(expected));
    }

    #[test]
    fn faults_name_line_and_column() {
        let fault = |text| read(text).unwrap_err();
        assert_eq!(
            fault("a,b\n1,2\n"),
            "t.txt, line 1, column O*NET-SOC Code: expected one of the columns O*NET-SOC Code, SOC, soc_code, code, found a, b"
        );
        assert_eq!(
            fault("code,title\n11-1011,\n"),
            "t.txt, line 2, column title: expected a job title, found an empty cell"
        );
        assert!(
            fault("code,title\n11-1011\n")
                .starts_with("t.txt, line 2, column title: expected a row as long as the header")
        );
        assert_eq!(fault("code,title\n"), "t.txt holds no observations");
    }
}
