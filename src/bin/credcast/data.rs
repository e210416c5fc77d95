//! `credcast data`, and how the other commands read their input.

use std::path::PathBuf;

use clap::Subcommand;
use credcast::ingest::{
    BUNDLED, BundledData, Check, LongLayout, Mode, PostingsKind, ReadOptions, ReadReport, Source, check,
    read_indeed_postings, read_job_sdf, read_long, read_market,
};
use credcast::panel::GapPolicy;
use credcast::persist::write_atomic;
use credcast::report::json;
use credcast::{AggregateRule, Frequency, Panel, PartialPeriods};

use crate::args::{Common, Format, Input, Layout};
use crate::output::{Failure, deliver, remark, table_width, wrapped};

pub(crate) const CHECK_NOTES: &str = "\
The layout is told by the content. A folder is read by its market.toml.

Examples:
  credcast data check postings.csv
  credcast data check my-market";

#[derive(Debug, Subcommand)]
pub(crate) enum Data {
    /// The bundled tables with source, licence and vintage
    List,
    /// Read a file, a market.toml or its folder, and say what is in it
    #[command(after_help = CHECK_NOTES)]
    Check {
        /// File or folder
        #[arg(value_name = "FILE")]
        path: PathBuf,
    },
}

/// Reads the panel that `--input` and `--layout` name; daily indices become monthly means without partial months.
pub(crate) fn panel_of(input: &Input) -> Result<(Panel, Vec<ReadReport>), Failure> {
    let Some(path) = &input.input else { return Err(Failure::Usage("--input FILE is needed".into())) };
    let source = Source::path(path);
    let options = options(input);
    let monthly = |(panel, report): (Panel, ReadReport)| -> Result<_, Failure> {
        Ok((panel.aggregate(Frequency::Monthly, AggregateRule::Mean, PartialPeriods::Drop)?, report))
    };
    let (panel, report) = match input.layout {
        Layout::Long => {
            let values = input.target.as_ref().map(|target| vec![target.clone()]);
            let layout = LongLayout { region: input.region_column.clone(), values, options, ..LongLayout::default() };
            read_long(&source, &layout)?
        }
        Layout::M4 => return Err(Failure::Usage("the m4 layout needs --train FILE and --test FILE".into())),
        Layout::JobSdf => read_job_sdf(&source, &options)?,
        Layout::IndeedSector => monthly(read_indeed_postings(&source, PostingsKind::Total, &options)?)?,
        Layout::IndeedState => monthly(read_indeed_postings(&source, PostingsKind::Total, &options)?)?,
        Layout::IndeedAggregate => monthly(read_indeed_postings(&source, PostingsKind::Total, &options)?)?,
    };
    Ok((panel, vec![report]))
}

/// Strict unless `--lenient`; dates after today are mistakes either way.
pub(crate) fn options(input: &Input) -> ReadOptions {
    let mut options = ReadOptions { not_after: today(), ..ReadOptions::default() };
    if input.lenient {
        options.mode = Mode::Lenient;
        options.gaps = GapPolicy::Missing;
    }
    options
}

/// Today by the system's clock, in UTC; days run ahead of it nowhere by more than one.
pub(crate) fn today() -> Option<jiff::civil::Date> {
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?.as_secs();
    let days = i32::try_from(seconds / 86_400).ok()?;
    credcast::Period::from_ordinal(Frequency::Daily, days.checked_add(1)?).first_day()
}

/// Says on standard error what reading left out, and writes the rejects file.
pub(crate) fn report_reading(reports: &[ReadReport], common: &Common) -> Result<(), Failure> {
    for report in reports {
        for note in &report.notes {
            remark(&format!("note: {note}"), common);
        }
        if !report.gaps.is_empty() {
            let first = &report.gaps[0];
            remark(
                &format!(
                    "{} gaps filled with missing values, the first in {} at {}",
                    report.gaps.len(),
                    first.key,
                    first.first
                ),
                common,
            );
        }
        if report.rejects.is_empty() {
            continue;
        }
        let Some(file) = report.files.first() else { continue };
        let mut path = file.clone().into_os_string();
        path.push(".rejects.csv");
        let path = std::path::PathBuf::from(path);
        write_atomic(&path, &report.rejects.to_csv())
            .map_err(|error| Failure::Failed(format!("{}: {error}", path.display())))?;
        remark(
            &format!("{} of {} rows rejected, written to {}:", report.rejects.len(), report.rows_read, path.display()),
            common,
        );
        for (reason, n) in report.rejects.by_reason() {
            remark(&format!("  {n} x {reason}"), common);
        }
    }
    Ok(())
}

pub(crate) fn run(command: &Data, common: &Common) -> Result<(), Failure> {
    match command {
        Data::List => list(common),
        Data::Check { path } => {
            let mut bad_rows = 0;
            let manifest = if path.is_dir() { path.join("market.toml") } else { path.clone() };
            let checked = if manifest.extension().is_some_and(|e| e == "toml") {
                let (market, reading) = read_market(path)?;
                let mut lines = vec![format!("a market of {} certificates", market.catalog.len())];
                lines.extend(reading.lines());
                lines
            } else {
                let found = check(&Source::path(path))?;
                bad_rows = found.report.rejects.len();
                lines_of(&found)
            };
            let text = match common.format {
                Format::Json => json(&checked)?,
                Format::Csv => csv_text(&["finding"], checked.iter().map(|line| vec![line.as_str()]))?,
                Format::Table => wrapped(&(checked.join("\n") + "\n"), table_width(common)),
            };
            deliver(&text, common)?;
            if bad_rows > 0 {
                return Err(Failure::Failed(format!("{bad_rows} rows cannot be used")));
            }
            Ok(())
        }
    }
}

/// At most this many bad rows and gaps are shown one by one.
const SHOWN: usize = 10;

/// What a check found, line by line.
fn lines_of(found: &Check) -> Vec<String> {
    let report = &found.report;
    let mut lines =
        vec![found.description.clone(), format!("{} of {} rows usable", report.rows_used, report.rows_read)];
    lines.extend(report.notes.iter().map(|note| format!("note: {note}")));
    let gaps = report.gaps.iter().map(|gap| format!("gap: {} lacks {} to {}", gap.key, gap.first, gap.last));
    let rows = report.rejects.rows().iter().map(|r| format!("bad row: {}: {}, found {}", r.place, r.reason, r.found));
    for (all, n) in [(gaps.collect::<Vec<_>>(), report.gaps.len()), (rows.collect(), report.rejects.len())] {
        lines.extend(all.into_iter().take(SHOWN));
        if n > SHOWN {
            lines.push(format!("... and {} more", n - SHOWN));
        }
    }
    lines
}

/// Rows as CSV, quoted where needed.
pub(crate) fn csv_text<'a>(header: &[&str], rows: impl Iterator<Item = Vec<&'a str>>) -> Result<String, Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| Failure::Failed(error.to_string());
    writer.write_record(header).map_err(failed)?;
    for row in rows {
        writer.write_record(row).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|error| Failure::Failed(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| Failure::Failed(error.to_string()))
}

fn list(common: &Common) -> Result<(), Failure> {
    let text = match common.format {
        Format::Json => json(&BUNDLED)?,
        Format::Csv => {
            let row = |b: &BundledData| vec![b.name, b.what, b.vintage, b.licence, b.source];
            csv_text(&["name", "what", "vintage", "licence", "source"], BUNDLED.iter().map(row))?
        }
        Format::Table => BUNDLED
            .iter()
            .map(|b| {
                format!("{}\n  {}\n  knowable from {}; {}\n  {}\n", b.name, b.what, b.vintage, b.licence, b.source)
            })
            .collect(),
    };
    deliver(&text, common)
}
