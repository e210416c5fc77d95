//! Postings indices of Indeed Hiring Lab: nation, sectors, states (repository `hiring-lab/job_postings_tracker`, CC BY 4.0).

use super::number::{Fault, OR_MISSING};
use super::panel_sink::PanelSink;
use super::report::{ReadOptions, ReadReport};
use super::source::Source;
use super::table::{Row, Style, Table, Used};
use crate::error::DataError;
use crate::panel::Panel;
use crate::time::Frequency;

/// The item of series that are not split by sector.
pub const ALL_POSTINGS: &str = "all postings";

/// Which of the two indices in a file is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PostingsKind {
    /// All postings visible on the day: `total postings`.
    #[default]
    Total,
    /// Postings at most seven days old: `new postings`.
    New,
}

impl PostingsKind {
    fn variable(self) -> &'static str {
        match self {
            Self::Total => "total postings",
            Self::New => "new postings",
        }
    }
}

/// Reads a postings index file; which of the three it is shows in its header.
///
/// | File | Key | Columns |
/// |---|---|---|
/// | aggregate (`indeed_job_postings_index_SA`, `..._NSA`) | all postings, country | `index_sa`, `index_nsa` |
/// | sector (`display_name`) | sector, country | `index` |
/// | state (`state`) | all postings, state in capitals | `index` |
///
/// The panel is daily, the index is 100 on 2020-02-01, already a seven-day average, and seasonally adjusted but for
/// `index_nsa`. Rows of the other `kind` are left out and counted in a note; the state file holds one kind only.
///
/// # Errors
/// [`DataError::Cell`] for a missing column or a bad cell, [`DataError::Duplicate`], [`DataError::Gap`],
/// [`DataError::Empty`] if no row is of this `kind`, and what [`Source::read`] may say.
pub fn read_indeed_postings(
    source: &Source,
    kind: PostingsKind,
    options: &ReadOptions,
) -> Result<(Panel, ReadReport), DataError> {
    let content = source.read()?;
    let file = source.name();
    let mut report = ReadReport::new(file);
    let table = Table::open(&content, file, Style { text_only: true, ..Style::default() })?;
    let layout = Layout::find(&table)?;
    let names: &[&str] = if layout.values.len() == 2 { &["index_sa", "index_nsa"] } else { &["index"] };
    let mut sink = PanelSink::new(Frequency::Daily, names.iter().copied());
    let mut others = 0_u64;
    let mut values = vec![0.0; layout.values.len()];
    table.for_each(options.mode, &mut report, |row| {
        if let Some(index) = layout.variable {
            let variable = row.text(index);
            if ![PostingsKind::Total, PostingsKind::New].iter().any(|k| k.variable() == variable) {
                return Err(row.fault(index, Fault::new("\"total postings\" or \"new postings\"", variable)));
            }
            if variable != kind.variable() {
                others += 1;
                return Ok(Used::No);
            }
        }
        let item = layout.sector.map_or(Ok(ALL_POSTINGS), |index| row.required(index, "a sector"))?;
        let region = region(row, layout.region)?;
        let day = row.period(layout.date, Frequency::Daily, options)?;
        for (value, &index) in values.iter_mut().zip(&layout.values) {
            *value = row.number(index, OR_MISSING)?;
        }
        sink.push(item, &region, day, &values, || row.place(layout.date))?;
        Ok(Used::Yes)
    })?;
    if others > 0 {
        report.note(format!("{others} rows of the other kind than {:?} were left out", kind.variable()));
    }
    report.note("index, 2020-02-01 = 100, seven-day average; revised vintages of different dates must not be spliced");
    let panel = sink.finish(options, &mut report, file)?;
    Ok((panel, report))
}

/// Positions of the columns.
struct Layout {
    date: usize,
    region: usize,
    sector: Option<usize>,
    variable: Option<usize>,
    values: Vec<usize>,
}

impl Layout {
    fn find(table: &Table<'_>) -> Result<Self, DataError> {
        let date = table.column("date")?;
        if let Some(state) = table.optional("state") {
            let values = vec![table.column("indeed_job_postings_index")?];
            return Ok(Self { date, region: state, sector: None, variable: table.optional("variable"), values });
        }
        let sector = table.optional("display_name");
        let values = match sector {
            Some(_) => vec![table.column("indeed_job_postings_index")?],
            None => vec![table.column("indeed_job_postings_index_SA")?, table.column("indeed_job_postings_index_NSA")?],
        };
        let (region, variable) = (table.column("jobcountry")?, Some(table.column("variable")?));
        Ok(Self { date, region, sector, variable, values })
    }
}

/// A two-letter code of a state or country, in capitals.
pub(super) fn region(row: &Row<'_>, index: usize) -> Result<String, DataError> {
    let text = row.text(index);
    if text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic()) {
        Ok(text.to_ascii_uppercase())
    } else {
        Err(row.fault(index, Fault::new("a two-letter code", text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &'static str, kind: PostingsKind) -> Result<(Panel, ReadReport), DataError> {
        read_indeed_postings(&Source::bytes("i.csv", text.as_bytes()), kind, &ReadOptions::default())
    }

    #[test]
    fn states_become_capitals() {
        let (panel, _) =
            read("date,state,indeed_job_postings_index\n2020-02-01,ak,100\n", PostingsKind::Total).unwrap();
        assert_eq!(panel.keys()[0].to_string(), "all postings@AK");
    }

    #[test]
    fn the_two_kinds_stay_apart() {
        let text = "date,jobcountry,indeed_job_postings_index,variable,display_name\n\
                    2020-02-01,US,100,total postings,Nursing\n2020-02-01,US,90,new postings,Nursing\n";
        let index = |kind| read(text, kind).unwrap().0.column("index").unwrap().to_vec();
        assert_eq!(index(PostingsKind::Total), [100.0]);
        assert_eq!(index(PostingsKind::New), [90.0]);
        let (_, report) = read(text, PostingsKind::Total).unwrap();
        assert_eq!((report.rows_read, report.rows_used), (2, 1));
        assert_eq!(report.notes[0], "1 rows of the other kind than \"total postings\" were left out");
    }

    #[test]
    fn unknown_kinds_and_states_are_refused() {
        let text = "date,jobcountry,indeed_job_postings_index,variable,display_name\n2020-02-01,US,100,old,Nursing\n";
        let error = read(text, PostingsKind::Total).unwrap_err().to_string();
        insta::assert_snapshot!(error, @r#"i.csv, line 2, column variable: expected "total postings" or "new postings", found "old""#);
        let text = "date,state,indeed_job_postings_index\n2020-02-01,Alaska,100\n";
        let error = read(text, PostingsKind::Total).unwrap_err().to_string();
        insta::assert_snapshot!(error, @r#"i.csv, line 2, column state: expected a two-letter code, found "Alaska""#);
    }
}
