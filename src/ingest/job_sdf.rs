//! Job-SDF skill demand: one row per skill and entity, one column of counts per month (Chen et al. 2024, "Job-SDF: A
//! Multi-Granularity Dataset for Job Skill Demand Forecasting and Benchmarking", `NeurIPS` 2024, data sets track).

use super::number::{Fault, NumberRule};
use super::panel_sink::PanelSink;
use super::report::{ReadOptions, ReadReport};
use super::source::Source;
use super::table::{Style, Table, Used};
use crate::error::{DataError, Place};
use crate::panel::Panel;
use crate::time::{Frequency, Period};

const COUNT: NumberRule = NumberRule { missing: false, thousands: false, negative: false };

/// Reads a Job-SDF demand file: the columns `skill_id` and another `*_id`, then months `2021-01` and on.
///
/// The key's item is the skill, its region the other entity (for the finest table of occupations, too). The panel is
/// monthly with the column `postings`.
///
/// # Errors
/// [`DataError::Cell`] for a missing column, a column that is no month, a negative or missing count;
/// [`DataError::Duplicate`], [`DataError::Gap`]; what [`Source::read`] may say.
pub fn read_job_sdf(source: &Source, options: &ReadOptions) -> Result<(Panel, ReadReport), DataError> {
    let content = source.read()?;
    let file = source.name();
    let mut report = ReadReport::new(file);
    let table = Table::open(&content, file, Style::default())?;
    let skill = table.column("skill_id")?;
    let header = |expected: &str, found: String| DataError::Cell {
        place: Place::file(file).line(1),
        expected: expected.to_owned(),
        found,
    };
    let is_entity = |i: &usize| *i != skill && table.columns()[*i].ends_with("_id");
    let mut entities = (0..table.columns().len()).filter(is_entity);
    let (Some(entity), None) = (entities.next(), entities.next()) else {
        let found = (0..table.columns().len()).filter(is_entity).count();
        return Err(header("one column *_id beside skill_id", found.to_string()));
    };
    let mut months = Vec::new();
    for (index, name) in table.columns().iter().enumerate().filter(|(i, _)| *i != skill && *i != entity) {
        let month = Period::parse(name, Frequency::Monthly).filter(|_| name.len() == 7);
        months
            .push((index, month.ok_or_else(|| header("months such as 2021-01 as column names", format!("{name:?}")))?));
    }
    if let (Some(limit), Some((_, month))) = (options.not_after, months.last())
        && month.first_day().is_some_and(|day| day > limit)
    {
        return Err(header(&format!("months up to {limit}"), month.to_string()));
    }
    let mut sink = PanelSink::new(Frequency::Monthly, ["postings"]);
    table.for_each(options.mode, &mut report, |row| {
        let item = row.required(skill, "a skill")?;
        let region = row.required(entity, "an entity")?;
        let counts = months.iter().map(|&(index, _)| row.number(index, COUNT)).collect::<Result<Vec<_>, _>>()?;
        if counts.is_empty() {
            return Err(row.fault(skill, Fault::new("at least one month", "")));
        }
        for (&(index, month), count) in months.iter().zip(counts) {
            sink.push(item, region, month, &[count], || row.place(index))?;
        }
        Ok(Used::Yes)
    })?;
    let panel = sink.finish(options, &mut report, file)?;
    Ok((panel, report))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skills_are_items_and_entities_regions() {
        let source = Source::bytes("r0.csv", b"r0_id,skill_id,2021-01,2021-02\n7,3,5.0,6.0\n7,1,0.0,2.0\n");
        let (panel, _) = read_job_sdf(&source, &ReadOptions::default()).unwrap();
        assert_eq!(panel.keys()[1].to_string(), "3@7");
        assert_eq!(panel.column("postings").unwrap(), [0.0, 2.0, 5.0, 6.0]);
    }

    #[test]
    fn counts_are_not_negative_and_months_are_columns() {
        let read = |text: &'static str| {
            let error = read_job_sdf(&Source::bytes("r0.csv", text.as_bytes()), &ReadOptions::default()).unwrap_err();
            error.to_string()
        };
        insta::assert_snapshot!(
            read("r0_id,skill_id,2021-01\n7,3,-1\n"),
            @r#"r0.csv, line 2, column 2021-01: expected a number that is not negative, found "-1""#
        );
        insta::assert_snapshot!(
            read("r0_id,skill_id,total\n7,3,1\n"),
            @r#"r0.csv, line 1: expected months such as 2021-01 as column names, found "total""#
        );
    }
}
