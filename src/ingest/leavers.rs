//! Row-level outcomes: one row for each person who left a programme.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;

use super::number::{COUNT_OR_MISSING, Fault, OR_MISSING, is_missing};
use super::report::{Mode, ReadReport};
use super::source::Source;
use super::table::{Row, Style, Table, Used};
use crate::error::{DataError, Place};
use crate::market::{Exclusion, GroupColumn, GroupLabels, LeaverColumn, Leavers};

/// Names that quarterly pay goes by, beside the yearly one.
const QUARTERLY: [(LeaverColumn, &str); 4] = [
    (LeaverColumn::PayStart, "pay_q0"),
    (LeaverColumn::Pay1y, "pay_q4"),
    (LeaverColumn::Pay2y, "pay_q8"),
    (LeaverColumn::Pay5y, "pay_q20"),
];

/// What stands for a label that is missing.
const NOT_GIVEN: &str = "(not given)";

/// Reads leavers: a table with a column `id` and any of these, in any order. All files must have the same ones.
///
/// | Column | Cells |
/// |---|---|
/// | `certificate`, `school`, `region`, `cohort`, `exit_quarter` | labels |
/// | `employed_q2`, `employed_q4`, `credential_attained`, `in_training`, `in_field` | 1 or 0, yes or no, true or false |
/// | `earnings_q2` | US dollars in the second quarter after exit |
/// | `employer_q2`, `employer_q4` | ids of employers |
/// | `level_first`, `level_last` | job zone or pay step of the first and the latest job |
/// | `pay_start`, `pay_1y`, `pay_2y`, `pay_5y` | pay in one unit; or `pay_q0`, `pay_q4`, `pay_q8`, `pay_q20` |
/// | `exit_date`, `first_job_date`, `followed_until` | days; the last is needed where there was no job yet |
/// | `excluded` | why the person does not count: `institutionalised`, `health`, `deceased`, `active_duty`, `foster_care` |
///
/// Empty cells are missing. Other columns are left alone, and a note names them.
///
/// # Errors
/// [`DataError::Cell`] for a missing `id` column or one that no measure uses, an empty or repeated id, a cell that is not what the table
/// above says, a day before exit or after the end of watching, and earnings that contradict employment; [`DataError::Empty`]; what
/// [`Source::read`] may say.
///
/// # Examples
/// ```
/// use credcast::ingest::{Mode, Source, read_leavers};
/// use credcast::market::LeaverColumn;
/// let file = Source::bytes("l.csv", b"id,region,employed_q2\n1,TX,1\n2,TX,\n");
/// let (leavers, report) = read_leavers(&[file], Mode::Strict)?;
/// assert!(leavers.column(LeaverColumn::EmployedQ2).unwrap()[1].is_nan());
/// assert_eq!((leavers.n_rows(), report.rows_used), (2, 2));
/// # Ok::<(), credcast::DataError>(())
/// ```
pub fn read_leavers(sources: &[Source], mode: Mode) -> Result<(Leavers, ReadReport), DataError> {
    let mut report = ReadReport::default();
    let mut reading = Reading::default();
    let mut first: Option<Columns> = None;
    for source in sources {
        let content = source.read()?;
        report.files.push(source.name().to_owned());
        let table = Table::open(&content, source.name(), Style::default())?;
        let columns = Columns::find(&table, source)?;
        if !columns.unused.is_empty() {
            report.note(format!("{}: columns not used: {}", source.name().display(), columns.unused.join(", ")));
        }
        if let Some(first) = first.as_ref().filter(|first| first.present() != columns.present()) {
            return Err(DataError::Cell {
                place: Place::file(source.name()).line(1),
                expected: format!("the columns of {}: {}", sources[0].name().display(), first.present().join(", ")),
                found: format!("the columns {}", columns.present().join(", ")),
            });
        }
        table.for_each(mode, &mut report, |row| {
            let parsed = columns.row(row)?;
            if !reading.ids.insert(parsed.id.to_owned()) {
                let fault =
                    Fault { expected: "an id that no other row has".into(), found: super::number::shown(parsed.id) };
                return Err(row.fault(columns.id, fault));
            }
            reading.push(&parsed);
            Ok(Used::Yes)
        })?;
        first.get_or_insert(columns);
    }
    let Some(columns) = first.filter(|_| reading.n_rows > 0) else {
        let names: Vec<String> = sources.iter().map(|source| source.name().display().to_string()).collect();
        return Err(DataError::Empty { what: if names.is_empty() { "no file".into() } else { names.join(", ") } });
    };
    Ok((reading.finish(&columns), report))
}

/// Positions of the columns.
struct Columns {
    id: usize,
    groups: [Option<usize>; 5],
    numbers: [Option<usize>; 17],
    excluded: Option<usize>,
    unused: Vec<String>,
    names: Vec<String>,
}

impl Columns {
    fn find(table: &Table<'_>, source: &Source) -> Result<Self, DataError> {
        let id = table.column("id")?;
        let groups = GroupColumn::ALL.map(|column| table.optional(column.name()));
        let mut numbers = LeaverColumn::ALL.map(|column| table.optional(column.name()));
        for (column, quarterly) in QUARTERLY {
            let Some(place) = table.optional(quarterly) else { continue };
            if numbers[column as usize].replace(place).is_some() {
                return Err(DataError::Cell {
                    place: Place::file(source.name()).line(1).column(quarterly),
                    expected: format!("either {} or {quarterly}", column.name()),
                    found: "both".to_owned(),
                });
            }
        }
        let excluded = table.optional("excluded");
        if numbers.iter().all(Option::is_none) {
            let names: Vec<&str> = LeaverColumn::ALL.iter().map(|column| column.name()).collect();
            return Err(DataError::Cell {
                place: Place::file(source.name()).line(1),
                expected: format!("a column of outcomes: {}", names.join(", ")),
                found: format!("the columns {}", table.columns().join(", ")),
            });
        }
        let used = |place: usize| {
            place == id || Some(place) == excluded || groups.contains(&Some(place)) || numbers.contains(&Some(place))
        };
        let names = table.columns().to_vec();
        let unused =
            names.iter().enumerate().filter(|(place, _)| !used(*place)).map(|(_, name)| name.clone()).collect();
        Ok(Self { id, groups, numbers, excluded, unused, names })
    }

    /// The names of the columns used, sorted.
    fn present(&self) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.names.iter().filter(|name| !self.unused.contains(name)).map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    fn row<'r>(&self, row: &Row<'r>) -> Result<Parsed<'r>, DataError> {
        let mut parsed = Parsed {
            id: row.required(self.id, "an id")?,
            groups: [None; 5],
            numbers: [f64::NAN; 17],
            employers: [None; 2],
            excluded: None,
        };
        for (to, place) in parsed.groups.iter_mut().zip(self.groups) {
            *to = place.map(|place| row.text(place)).filter(|text| !is_missing(text));
        }
        for column in LeaverColumn::ALL {
            let Some(place) = self.numbers[column as usize] else { continue };
            let value = match column {
                LeaverColumn::EmployedQ2
                | LeaverColumn::EmployedQ4
                | LeaverColumn::CredentialAttained
                | LeaverColumn::InTraining
                | LeaverColumn::InField => flag(row, place)?,
                LeaverColumn::EmployerQ2 | LeaverColumn::EmployerQ4 => {
                    let slot = usize::from(column == LeaverColumn::EmployerQ4);
                    parsed.employers[slot] = Some(row.text(place)).filter(|text| !is_missing(text));
                    continue;
                }
                LeaverColumn::LevelFirst | LeaverColumn::LevelLast => row.number(place, OR_MISSING)?,
                LeaverColumn::EarningsQ2
                | LeaverColumn::PayStart
                | LeaverColumn::Pay1y
                | LeaverColumn::Pay2y
                | LeaverColumn::Pay5y => row.number(place, COUNT_OR_MISSING)?,
                LeaverColumn::ExitDay | LeaverColumn::FirstJobDay | LeaverColumn::FollowedUntilDay => day(row, place)?,
            };
            parsed.numbers[column as usize] = value;
        }
        if let Some(place) = self.excluded {
            let text = row.text(place);
            if !is_missing(text) {
                let found = Exclusion::ALL.into_iter().find(|one| one.name().eq_ignore_ascii_case(text));
                parsed.excluded = Some(found.ok_or_else(|| {
                    let names = Exclusion::ALL.map(Exclusion::name).join(", ");
                    row.fault(
                        place,
                        Fault {
                            expected: format!("nothing, or one of {names}").into(),
                            found: super::number::shown(text),
                        },
                    )
                })?);
            }
        }
        self.check_days(row, &parsed)?;
        self.check_earnings(row, &parsed)?;
        Ok(parsed)
    }

    fn check_days(&self, row: &Row<'_>, parsed: &Parsed<'_>) -> Result<(), DataError> {
        let [exit, job, end] = [LeaverColumn::ExitDay, LeaverColumn::FirstJobDay, LeaverColumn::FollowedUntilDay];
        let number = |column: LeaverColumn| parsed.numbers[column as usize];
        let refuse = |column: LeaverColumn, expected: String| {
            let place = self.numbers[column as usize].unwrap_or(self.id);
            Err(row.fault(place, Fault { expected: expected.into(), found: super::number::shown(row.text(place)) }))
        };
        let text = |column: LeaverColumn| self.numbers[column as usize].map_or("", |place| row.text(place));
        if number(job) < number(exit) {
            return refuse(job, format!("a day from exit_date {} on; for a job held at exit, that day", text(exit)));
        }
        if number(end) < number(exit) {
            return refuse(end, format!("a day from exit_date {} on", text(exit)));
        }
        if number(job) > number(end) {
            return refuse(job, format!("a day up to followed_until {}", text(end)));
        }
        Ok(())
    }

    fn check_earnings(&self, row: &Row<'_>, parsed: &Parsed<'_>) -> Result<(), DataError> {
        let earnings = parsed.numbers[LeaverColumn::EarningsQ2 as usize];
        let employed = parsed.numbers[LeaverColumn::EmployedQ2 as usize];
        let expected = if employed > 0.5 && earnings <= 0.0 {
            "earnings above 0 or none at all where employed_q2 is 1"
        } else if employed < 0.5 && earnings > 0.0 {
            "no earnings where employed_q2 is 0"
        } else {
            return Ok(());
        };
        let place = self.numbers[LeaverColumn::EarningsQ2 as usize].unwrap_or(self.id);
        Err(row.fault(place, Fault::new(expected, row.text(place))))
    }
}

/// One row, checked.
struct Parsed<'r> {
    id: &'r str,
    groups: [Option<&'r str>; 5],
    numbers: [f64; 17],
    employers: [Option<&'r str>; 2],
    excluded: Option<Exclusion>,
}

fn flag(row: &Row<'_>, place: usize) -> Result<f64, DataError> {
    let text = row.text(place);
    if is_missing(text) {
        return Ok(f64::NAN);
    }
    let is = |words: [&str; 3]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    if is(["1", "yes", "true"]) {
        Ok(1.0)
    } else if is(["0", "no", "false"]) {
        Ok(0.0)
    } else {
        Err(row.fault(place, Fault::new("1 or 0, yes or no, true or false, or nothing", text)))
    }
}

/// A day as the number of days from 1970-01-01.
fn day(row: &Row<'_>, place: usize) -> Result<f64, DataError> {
    let text = row.text(place);
    if is_missing(text) {
        return Ok(f64::NAN);
    }
    let wrong = || row.fault(place, Fault::new("a day such as 2024-03-15", text));
    let date: Date = text.parse().map_err(|_| wrong())?;
    let span = date.since(Date::constant(1970, 1, 1)).map_err(|_| wrong())?;
    Ok(f64::from(span.get_days()))
}

/// Rows so far.
#[derive(Default)]
struct Reading {
    n_rows: usize,
    ids: HashSet<String>,
    groups: [Vec<u32>; 5],
    levels: [HashMap<String, u32>; 5],
    numbers: [Vec<f64>; 17],
    employers: HashMap<String, u32>,
    excluded: Vec<Option<Exclusion>>,
}

impl Reading {
    fn push(&mut self, parsed: &Parsed<'_>) {
        self.n_rows += 1;
        for ((codes, known), text) in self.groups.iter_mut().zip(&mut self.levels).zip(parsed.groups) {
            codes.push(code_of(known, text.unwrap_or(NOT_GIVEN)));
        }
        for (to, value) in self.numbers.iter_mut().zip(parsed.numbers) {
            to.push(value);
        }
        for (column, text) in [LeaverColumn::EmployerQ2, LeaverColumn::EmployerQ4].into_iter().zip(parsed.employers) {
            let code = text.map_or(f64::NAN, |text| f64::from(code_of(&mut self.employers, text)));
            if let Some(last) = self.numbers[column as usize].last_mut() {
                *last = code;
            }
        }
        self.excluded.push(parsed.excluded);
    }

    fn finish(self, columns: &Columns) -> Leavers {
        let mut leavers = Leavers { n_rows: self.n_rows, ..Leavers::default() };
        for (place, (codes, known)) in self.groups.into_iter().zip(self.levels).enumerate() {
            leavers.groups[place] = columns.groups[place].map(|_| by_name(&codes, known));
        }
        for (place, numbers) in self.numbers.into_iter().enumerate() {
            leavers.columns[place] = columns.numbers[place].map(|_| numbers);
        }
        leavers.excluded = columns.excluded.map(|_| self.excluded);
        leavers
    }
}

fn code_of(known: &mut HashMap<String, u32>, text: &str) -> u32 {
    if let Some(code) = known.get(text) {
        return *code;
    }
    // More labels than rows that fit into memory cannot be.
    let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
    known.insert(text.to_owned(), next);
    next
}

/// Codes in the order of their labels, so that results do not depend on the order of rows.
fn by_name(codes: &[u32], known: HashMap<String, u32>) -> GroupLabels {
    let mut levels: Vec<(String, u32)> = known.into_iter().collect();
    levels.sort();
    let mut moved = vec![0_u32; levels.len()];
    for (to, (_, from)) in (0_u32..).zip(&levels) {
        moved[*from as usize] = to;
    }
    GroupLabels {
        codes: codes.iter().map(|code| moved[*code as usize]).collect(),
        levels: levels.into_iter().map(|(label, _)| label).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &'static str) -> Result<(Leavers, ReadReport), DataError> {
        read_leavers(&[Source::bytes("l.csv", text.as_bytes())], Mode::Strict)
    }

    #[track_caller]
    fn refused(text: &'static str, message: &str) {
        assert_eq!(read(text).unwrap_err().to_string(), message);
    }

    #[test]
    fn cells_that_are_not_what_the_layout_says_are_named() {
        refused("", "l.csv holds no observations");
        refused("id,employed_q2\n", "l.csv holds no observations");
        refused(
            "id,employed_q2\n1,maybe\n",
            "l.csv, line 2, column employed_q2: expected 1 or 0, yes or no, true or false, or nothing, found \"maybe\"",
        );
        refused(
            "id,earnings_q2\n1,5\n2,-7\n",
            "l.csv, line 3, column earnings_q2: expected a number that is not negative, found \"-7\"",
        );
        refused("id,pay_1y\n1,inf\n", "l.csv, line 2, column pay_1y: expected a finite number, found \"inf\"");
        refused("id,pay_1y\n1,much\n", "l.csv, line 2, column pay_1y: expected a number, found \"much\"");
        refused("id,pay_1y\n,1\n", "l.csv, line 2, column id: expected an id, found an empty cell");
        refused("id,pay_1y\n1,1\n1,2\n", "l.csv, line 3, column id: expected an id that no other row has, found \"1\"");
        refused(
            "id,exit_date\n1,2024-13-01\n",
            "l.csv, line 2, column exit_date: expected a day such as 2024-03-15, found \"2024-13-01\"",
        );
        refused(
            "id,pay_1y,pay_q4\n1,1,1\n",
            "l.csv, line 1, column pay_q4: expected either pay_1y or pay_q4, found both",
        );
        assert!(
            read("id,region\n1,TX\n").unwrap_err().to_string().contains("expected a column of outcomes: employed_q2,")
        );
        assert!(read("name,pay_1y\n1,1\n").unwrap_err().to_string().contains("expected a column id"));
        assert!(
            read("id,pay_1y,excluded\n1,1,moved\n")
                .unwrap_err()
                .to_string()
                .contains("nothing, or one of institutionalised,")
        );
    }

    #[test]
    fn contradictions_within_a_row_are_refused() {
        let days = |row: &str| {
            let text = format!("id,exit_date,first_job_date,followed_until\n1,{row}\n");
            read_leavers(&[Source::bytes("l.csv", text.into_bytes())], Mode::Strict)
                .map(|_| ())
                .map_err(|e| e.to_string())
        };
        assert!(days("2024-03-01,2024-03-01,").is_ok());
        assert!(days("2024-03-01,,2024-05-01").is_ok());
        assert!(
            days("2024-03-01,2024-02-29,")
                .unwrap_err()
                .contains("column first_job_date: expected a day from exit_date 2024-03-01 on")
        );
        assert!(
            days("2024-03-01,,2024-02-01")
                .unwrap_err()
                .contains("column followed_until: expected a day from exit_date 2024-03-01 on")
        );
        assert!(
            days("2024-03-01,2024-06-01,2024-05-01").unwrap_err().contains("a day up to followed_until 2024-05-01")
        );
        assert!(read("id,employed_q2,earnings_q2\n1,1,0\n").unwrap_err().to_string().contains("earnings above 0"));
        assert!(read("id,employed_q2,earnings_q2\n1,0,50\n").unwrap_err().to_string().contains("no earnings where"));
    }

    #[test]
    fn labels_are_in_order_of_name_and_missing_ones_are_a_level() {
        let (leavers, report) = read("id,region,x,pay_1y\n1,TX,a,1\n2,,b,\n3,OH,c,3\n").unwrap();
        let region = leavers.group(GroupColumn::Region).unwrap();
        assert_eq!(
            (&region.levels[..], &region.codes[..]),
            (&["(not given)".into(), "OH".into(), "TX".into()][..], &[2, 0, 1][..])
        );
        assert_eq!(report.notes, ["l.csv: columns not used: x"]);
        assert!(leavers.group(GroupColumn::School).is_none() && leavers.column(LeaverColumn::PayStart).is_none());
    }

    #[test]
    fn files_must_have_the_same_columns_and_different_ids() {
        let two = |second: &'static str| {
            let first = Source::bytes("a.csv", b"id,pay_1y\n1,1\n".as_slice());
            read_leavers(&[first, Source::bytes("b.csv", second.as_bytes())], Mode::Strict)
        };
        assert_eq!(two("pay_1y,id\n5,2\n").unwrap().0.column(LeaverColumn::Pay1y).unwrap(), [1.0, 5.0]);
        assert!(
            two("id,pay_2y\n2,1\n").unwrap_err().to_string().contains("b.csv, line 1: expected the columns of a.csv")
        );
        assert!(two("id,pay_1y\n1,1\n").unwrap_err().to_string().contains("b.csv, line 2, column id"));
        assert!(read_leavers(&[], Mode::Strict).is_err());
    }
}
