//! Growth of posted wages from Indeed Hiring Lab, by sector or by country (repository `hiring-lab/indeed-wage-tracker`,
//! CC BY 4.0).

use super::indeed::{ALL_POSTINGS, region};
use super::number::{COUNT_OR_MISSING, OR_MISSING};
use super::panel_sink::PanelSink;
use super::report::{ReadOptions, ReadReport};
use super::source::Source;
use super::table::{Style, Table, Used};
use crate::error::DataError;
use crate::panel::Panel;
use crate::time::Frequency;

/// The columns, in the file and in the panel.
const COLUMNS: [&str; 3] = ["n_obs", "posted_wage_growth_yoy", "posted_wage_growth_yoy_3moavg"];

/// Reads posted-wage growth by sector (`jobcountry,country,sector,month,...`) or by country (without `sector`).
///
/// The panel is monthly with the columns `n_obs`, `posted_wage_growth_yoy` and `posted_wage_growth_yoy_3moavg`; growth
/// is a share (0.04 is 4 %) against the same month of the year before, not a level. `NA` is missing.
///
/// # Errors
/// [`DataError::Cell`] for a missing column or a bad cell, [`DataError::Duplicate`], [`DataError::Gap`],
/// [`DataError::Empty`], and what [`Source::read`] may say.
pub fn read_posted_wages(source: &Source, options: &ReadOptions) -> Result<(Panel, ReadReport), DataError> {
    let content = source.read()?;
    let file = source.name();
    let mut report = ReadReport::new(file);
    let table = Table::open(&content, file, Style { text_only: true, ..Style::default() })?;
    let country = table.column("jobcountry")?;
    let sector = table.optional("sector");
    let month = table.column("month")?;
    let [n_obs, growth, average] = COLUMNS.map(|name| table.column(name));
    let (n_obs, growth, average) = (n_obs?, growth?, average?);
    let mut sink = PanelSink::new(Frequency::Monthly, COLUMNS);
    table.for_each(options.mode, &mut report, |row| {
        let item = sector.map_or(Ok(ALL_POSTINGS), |index| row.required(index, "a sector"))?;
        let region = region(row, country)?;
        let period = row.period(month, Frequency::Monthly, options)?;
        let values =
            [row.number(n_obs, COUNT_OR_MISSING)?, row.number(growth, OR_MISSING)?, row.number(average, OR_MISSING)?];
        sink.push(item, &region, period, &values, || row.place(month))?;
        Ok(Used::Yes)
    })?;
    report.note("growth against the same month a year before, as a share; not a level");
    let panel = sink.finish(options, &mut report, file)?;
    Ok((panel, report))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_read_and_missing_averages_kept() {
        let text = "jobcountry,country,sector,month,n_obs,posted_wage_growth_yoy,posted_wage_growth_yoy_3moavg\n\
                    US,United States,Nursing,Jan-19,10,0.03,NA\nUS,United States,Nursing,Feb-19,12,0.04,0.035\n";
        let source = Source::bytes("w.csv", text.as_bytes());
        let (panel, _) = read_posted_wages(&source, &ReadOptions::default()).unwrap();
        assert_eq!(panel.series(0).start().to_string(), "2019-01");
        assert_eq!(panel.column("n_obs").unwrap(), [10.0, 12.0]);
        let average = panel.column("posted_wage_growth_yoy_3moavg").unwrap();
        assert!(average[0].is_nan() && average[1] > 0.0);
    }
}
