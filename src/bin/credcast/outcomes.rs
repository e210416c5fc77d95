//! `credcast outcomes`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::ValueEnum;
use credcast::RegionId;
use credcast::ingest::{
    ColumnRule, Mode, ReadOptions, ReadReport, SocBasis, Source, bundled_field_titles, bundled_market, read_leavers,
    read_oews_years, read_records, read_scorecard,
};
use credcast::market::{GroupColumn, Programme};
use credcast::panel::GapPolicy;
use credcast::report::{
    fields_csv, fields_table, json, outcomes_csv, outcomes_table, pay_growth_csv, pay_growth_table,
};
use credcast::value::outcomes::{FieldReport, FieldSettings, OutcomeReport, OutcomeSettings, PayGrowthReport};
use serde::Serialize;

use crate::args::{Common, Format};
use crate::data::report_reading;
use crate::output::{Failure, deliver, table_width, wrapped};

pub(crate) const NOTES: &str = "\
Layouts:
  records           one row per leaver: id and any of certificate, school,
                    region, cohort, exit_quarter, employed_q2, employed_q4,
                    earnings_q2, credential_attained, in_training, in_field,
                    employer_q2, employer_q4, level_first, level_last,
                    pay_start, pay_1y, pay_2y, pay_5y (or pay_q0, _q4, _q8,
                    _q20), exit_date, first_job_date, followed_until, excluded
  scorecard         College Scorecard programmes: which fields pay more than a
                    high-school diploma; the bundled ones without --input
  oews              BLS tables, a file per year: growth of pay by occupation

Figures that rest on fewer than N people are hidden, with others that would
give them away. This holds within a run: two runs over the same people with
other groupings can be subtracted from each other.

Examples:
  credcast outcomes
  credcast outcomes --region TX --top 20
  credcast outcomes --input leavers.csv --by certificate,region
  credcast outcomes --layout oews --input oews2023.xlsx,oews2024.xlsx";

// Explained below the options, as the layouts of panels are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutcomeLayout {
    Records,
    Scorecard,
    Oews,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Outcomes {
    /// Files to read [default: the bundled College Scorecard]
    #[arg(long, value_name = "FILE", value_delimiter = ',')]
    pub(crate) input: Vec<PathBuf>,
    /// What the files are, see below [default: records with --input]
    #[arg(long, value_enum)]
    pub(crate) layout: Option<OutcomeLayout>,
    /// Groupings of records; every combination of them is reported
    #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
    pub(crate) by: Vec<String>,
    /// Region to show: US or a state code
    #[arg(long, value_name = "CODE")]
    pub(crate) region: Option<String>,
    /// Level of the intervals
    #[arg(long, value_name = "P", default_value_t = 0.95)]
    pub(crate) level: f64,
    /// Hide what rests on fewer people; 10 or more
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) min_count: u64,
    /// Price index by year for oews: a CSV with columns year, index
    #[arg(long, value_name = "FILE")]
    pub(crate) deflator: Option<PathBuf>,
    /// Rows at either end of a long table
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) top: usize,
    /// Put bad rows into FILE.rejects.csv and go on
    #[arg(long)]
    pub(crate) lenient: bool,
}

pub(crate) fn run(args: &Outcomes, common: &Common) -> Result<(), Failure> {
    let layout =
        args.layout.unwrap_or(if args.input.is_empty() { OutcomeLayout::Scorecard } else { OutcomeLayout::Records });
    let sources: Vec<Source> = args.input.iter().map(Source::path).collect();
    let text = match layout {
        OutcomeLayout::Records => records(args, &sources, common)?,
        OutcomeLayout::Scorecard => scorecard(args, &sources, common)?,
        OutcomeLayout::Oews => oews(args, &sources, common)?,
    };
    deliver(&text, common)
}

/// An option that the layout has no use for is a mistake.
fn unused(layout: &str, options: &[(&str, bool)]) -> Result<(), Failure> {
    match options.iter().find(|(_, given)| *given) {
        Some((option, _)) => Err(Failure::Usage(format!("{option} has no use for the {layout} layout"))),
        None => Ok(()),
    }
}

fn mode(args: &Outcomes) -> Mode {
    if args.lenient { Mode::Lenient } else { Mode::Strict }
}

fn records(args: &Outcomes, sources: &[Source], common: &Common) -> Result<String, Failure> {
    unused("records", &[("--region", args.region.is_some()), ("--deflator", args.deflator.is_some())])?;
    if sources.is_empty() {
        return Err(Failure::Usage("--input FILE is needed".into()));
    }
    let mut by = Vec::new();
    for name in &args.by {
        let column = GroupColumn::ALL.into_iter().find(|column| column.name() == name);
        by.push(column.ok_or_else(|| {
            let names = GroupColumn::ALL.map(GroupColumn::name).join(", ");
            Failure::Usage(format!("--by {name}: the groupings are {names}"))
        })?);
    }
    let settings = OutcomeSettings { by, level: args.level, least_count: args.min_count };
    settings.check()?;
    let (leavers, report) = read_leavers(sources, mode(args))?;
    report_reading(&[report], common)?;
    let found = OutcomeReport::compute(&leavers, &settings)?;
    let width = table_width(common);
    Ok(match common.format {
        Format::Json => json(&found)?,
        Format::Csv => outcomes_csv(&found),
        Format::Table => wrapped(&outcomes_table(&found, width), width),
    })
}

/// The programmes of the files, or the bundled ones.
pub(crate) fn programmes(sources: &[Source], mode: Mode, common: &Common) -> Result<Vec<Programme>, Failure> {
    if sources.is_empty() {
        let supply = bundled_market()?.supply;
        return Ok(supply.map_or_else(Vec::new, |supply| supply.data.programmes().to_vec()));
    }
    let mut all = Vec::new();
    let mut reports: Vec<ReadReport> = Vec::new();
    for source in sources {
        let (programmes, report) = read_scorecard(source, mode)?;
        all.extend(programmes);
        reports.push(report);
    }
    report_reading(&reports, common)?;
    Ok(all)
}

fn scorecard(args: &Outcomes, sources: &[Source], common: &Common) -> Result<String, Failure> {
    unused("scorecard", &[("--by", !args.by.is_empty()), ("--deflator", args.deflator.is_some())])?;
    let all = programmes(sources, mode(args), common)?;
    let settings = FieldSettings { level: args.level, ..FieldSettings::default() };
    let found = FieldReport::compute(&all, &settings)?;
    let titles = bundled_field_titles()?;
    let state = match args.region.as_deref() {
        None => None,
        Some(text) if text.eq_ignore_ascii_case("US") => None,
        Some(text) => Some(RegionId::new(text.to_uppercase())),
    };
    if let Some(state) = state.as_ref().filter(|state| !found.by_state.iter().any(|f| f.state.as_ref() == Some(*state)))
    {
        let mut known: Vec<&str> =
            found.by_state.iter().filter_map(|f| f.state.as_ref()).map(RegionId::as_str).collect();
        known.sort_unstable();
        known.dedup();
        return Err(Failure::Usage(format!("--region {state}: the regions are US, {}", known.join(", "))));
    }
    let width = table_width(common);
    Ok(match common.format {
        Format::Json => json(&Titled { titles: &titles, report: &found })?,
        Format::Csv => fields_csv(&found, &titles),
        Format::Table => wrapped(&fields_table(&found, state.as_ref(), args.top, &titles, width), width),
    })
}

/// A report with the titles of its codes.
#[derive(Serialize)]
struct Titled<'a, R> {
    #[serde(flatten)]
    report: &'a R,
    titles: &'a BTreeMap<String, String>,
}

fn oews(args: &Outcomes, sources: &[Source], common: &Common) -> Result<String, Failure> {
    unused("oews", &[("--by", !args.by.is_empty())])?;
    if sources.len() < 2 {
        return Err(Failure::Usage(
            "the oews layout needs --input FILE,FILE: a file for each of two years or more".into(),
        ));
    }
    let options = ReadOptions { mode: mode(args), gaps: GapPolicy::Missing, not_after: None };
    let (oews, mut report) = read_oews_years(sources, SocBasis::Comparable, &options)?;
    // Years between the files are no gaps worth a remark here.
    report.gaps.clear();
    report_reading(&[report], common)?;
    let deflator = args.deflator.as_ref().map(|path| index(&Source::path(path))).transpose()?;
    let region = args.region.as_deref().map_or_else(RegionId::nation, |text| RegionId::new(text.to_uppercase()));
    let found = PayGrowthReport::compute(&oews.panel, &region, &oews.titles, deflator.as_ref(), args.level)?;
    let width = table_width(common);
    Ok(match common.format {
        Format::Json => json(&found)?,
        Format::Csv => pay_growth_csv(&found),
        Format::Table => wrapped(&pay_growth_table(&found, args.top, width), width),
    })
}

/// A price index by year: columns `year` and `index`.
fn index(source: &Source) -> Result<BTreeMap<i32, f64>, Failure> {
    let wanted = [("year", ColumnRule::Numbers), ("index", ColumnRule::Numbers)];
    let (records, _) = read_records(std::slice::from_ref(source), &wanted, Mode::Strict)?;
    let (years, values) = (records.numbers("year")?, records.numbers("index")?);
    let mut index = BTreeMap::new();
    for (row, (year, value)) in years.iter().zip(values).enumerate() {
        if !(1900.0..=2200.0).contains(year) || year.fract() != 0.0 {
            return Err(records.fault(row, "year", "a year such as 2024").into());
        }
        if value.is_nan() || *value <= 0.0 {
            return Err(records.fault(row, "index", "a number above 0").into());
        }
        #[expect(clippy::cast_possible_truncation, reason = "a whole number from 1900 to 2200")]
        let year = *year as i32;
        if index.insert(year, *value).is_some() {
            return Err(records.fault(row, "year", "each year once").into());
        }
    }
    Ok(index)
}
