//! Which layout a file has, and whether it reads: what `credcast data check` prints.

use super::indeed::{PostingsKind, read_indeed_postings};
use super::job_sdf::read_job_sdf;
use super::long::{LongLayout, read_long};
use super::oews::read_oews;
use super::posted_wages::read_posted_wages;
use super::report::{Mode, ReadOptions, ReadReport};
use super::scorecard::read_scorecard;
use super::source::{Container, Source, container};
use super::table::{Style, Table};
use super::workbook;
use crate::error::{DataError, Place};
use crate::panel::Panel;

/// A layout that the crate reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Layout {
    /// `unique_id, ds, y`: [`read_long`].
    Long,
    /// One row per series, values from left to right: [`super::read_m4`].
    M4,
    /// Skill demand by month: [`read_job_sdf`].
    JobSdf,
    /// A postings index: [`read_indeed_postings`].
    IndeedPostings,
    /// Growth of posted wages: [`read_posted_wages`].
    PostedWages,
    /// Employment and pay by occupation: [`read_oews`].
    Oews,
    /// Certificate programmes: [`read_scorecard`].
    Scorecard,
}

/// What a check of a file found.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// The layout.
    pub layout: Layout,
    /// One line: layout, series or rows, span.
    pub description: String,
    /// What the reader did.
    pub report: ReadReport,
}

/// The layout of `source`, from its header.
///
/// # Errors
/// [`DataError::Cell`] listing the columns if they fit no layout, and what [`Source::read`] may say.
pub fn kind_of(source: &Source) -> Result<Layout, DataError> {
    let content = source.read()?;
    let style = Style { repeats: true, ..Style::default() };
    let columns: Vec<String> = if container(&content) == Container::Workbook {
        let sheets = workbook::sheets(&content, source.name())?;
        let named = |columns: &Vec<String>| columns.iter().any(|c| c.eq_ignore_ascii_case("occ_code"));
        let headers: Vec<Vec<String>> = sheets.into_iter().map(|sheet| sheet.columns).collect();
        let found = headers.iter().find(|c| named(c)).or(headers.first()).cloned();
        found.ok_or_else(|| DataError::Empty { what: source.name().display().to_string() })?
    } else {
        Table::open(&content, source.name(), style)?.columns().to_vec()
    };
    let has = |name: &str| columns.iter().any(|c| c.trim().eq_ignore_ascii_case(name));
    let found = if has("unique_id") && has("ds") {
        Some(Layout::Long)
    } else if has("skill_id") && columns.iter().filter(|c| c.ends_with("_id")).count() == 2 {
        Some(Layout::JobSdf)
    } else if columns.iter().any(|c| c.starts_with("indeed_job_postings_index")) {
        Some(Layout::IndeedPostings)
    } else if has("posted_wage_growth_yoy") {
        Some(Layout::PostedWages)
    } else if (has("occ_code") || has("soc")) && has("a_median") {
        Some(Layout::Oews)
    } else if has("unitid") && (has("cip4") || has("cip_code")) {
        Some(Layout::Scorecard)
    } else if columns.len() > 1 && columns[1..].iter().enumerate().all(|(i, c)| *c == format!("V{}", i + 2)) {
        Some(Layout::M4)
    } else {
        None
    };
    found.ok_or_else(|| {
        let shown = columns.iter().take(12).map(String::as_str).collect::<Vec<_>>().join(", ");
        DataError::Cell {
            place: Place::file(source.name()).line(1),
            expected: "the columns of a known layout (unique_id, ds, y; or name yours in the layout's options)"
                .to_owned(),
            found: format!("the columns {shown}"),
        }
    })
}

/// Reads `source` leniently with the layout that its header shows, and describes what it holds.
///
/// # Errors
/// As [`kind_of`], and whatever ends even a lenient reading: a damaged file, or no usable row.
pub fn check(source: &Source) -> Result<Check, DataError> {
    let layout = kind_of(source)?;
    let options = ReadOptions::lenient();
    let (description, report) = match layout {
        Layout::Long => {
            let (panel, report) = read_long(source, &LongLayout { options, ..LongLayout::default() })?;
            (describe("long table", &panel), report)
        }
        Layout::M4 => {
            let report = check_m4(source)?;
            (format!("M4 wide table: {} series; read it together with its other half", report.rows_used), report)
        }
        Layout::JobSdf => {
            let (panel, report) = read_job_sdf(source, &options)?;
            (describe("Job-SDF skill demand", &panel), report)
        }
        Layout::IndeedPostings => {
            let (panel, report) = read_indeed_postings(source, PostingsKind::Total, &options)?;
            (describe("Indeed postings index", &panel), report)
        }
        Layout::PostedWages => {
            let (panel, report) = read_posted_wages(source, &options)?;
            (describe("Indeed posted-wage growth", &panel), report)
        }
        Layout::Oews => {
            let (year, report) = read_oews(source, None, Mode::Lenient)?;
            (format!("OEWS of May {}: {} rows of detailed occupations", year.year, year.rows.len()), report)
        }
        Layout::Scorecard => {
            let (programmes, report) = read_scorecard(source, Mode::Lenient)?;
            (format!("College Scorecard: {} certificate programmes", programmes.len()), report)
        }
    };
    Ok(Check { layout, description, report })
}

fn check_m4(source: &Source) -> Result<ReadReport, DataError> {
    // Reading a file as both halves checks every row; the counts are then of two readings.
    let (_, mut report) = super::m4::read_m4(source, source, &ReadOptions::lenient())?;
    report.files.truncate(1);
    report.rows_read /= 2;
    report.rows_used /= 2;
    let rejects = report.rejects.len() / 2;
    report.rejects.truncate(rejects);
    Ok(report)
}

fn describe(what: &str, panel: &Panel) -> String {
    let series = if panel.n_series() == 1 { "1 series".to_owned() } else { format!("{} series", panel.n_series()) };
    let span = match (panel.first_period(), panel.last_period()) {
        (Some(first), Some(last)) => format!(", {first} to {last}"),
        _ => String::new(),
    };
    format!("{what}: {series}, {}{span}", panel.frequency())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn describe(name: &str, text: &'static str) -> String {
        check(&Source::bytes(name, text.as_bytes())).map_or_else(|e| e.to_string(), |c| c.description)
    }

    #[test]
    fn layouts_are_told_by_their_headers() {
        insta::assert_snapshot!(describe("a.csv", "unique_id,ds,y\na,2024-01,1\n"), @"long table: 1 series, monthly, 2024-01 to 2024-01");
        insta::assert_snapshot!(describe("a.csv", "V1,V2,V3\na,2,1\n"), @"M4 wide table: 1 series; read it together with its other half");
        insta::assert_snapshot!(
            describe("a.csv", "date,state,indeed_job_postings_index\n2020-02-01,ak,100\n"),
            @"Indeed postings index: 1 series, daily, 2020-02-01 to 2020-02-01"
        );
        insta::assert_snapshot!(describe("a.csv", "x,z\n1,2\n"), @"a.csv, line 1: expected the columns of a known layout (unique_id, ds, y; or name yours in the layout's options), found the columns x, z");
    }

    #[test]
    fn a_lenient_check_counts_what_it_rejects() {
        let source = Source::bytes("a.csv", b"unique_id,ds,y\na,2024-01,1\na,2024-02,x\na,2024-01,3\n");
        let check = check(&source).unwrap();
        insta::assert_snapshot!(check.report, @r"
        3 rows read, 1 used, 2 rejected, 0 gaps
          1 rejected: expected a number
          1 rejected: expected one value per series and period
          frequency monthly, inferred from column ds
        ");
    }
}
