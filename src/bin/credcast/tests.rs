//! `credcast tests`.

use std::path::PathBuf;

use clap::ValueEnum;
use credcast::ingest::{ColumnRule, Mode, Source, bundled_institutions, column_names, read_records};
use credcast::report::{json, statutory_csv, statutory_table};
use credcast::value::statutory::{
    Certainty, CredentialLevel, GainfulRules, Law, PellRules, PerkinsRules, StatutoryReport, WioaRules,
};

use crate::args::{Common, Format};
use crate::data::report_reading;
use crate::outcomes::programmes;
use crate::output::{Failure, deliver, table_width, wrapped};

pub(crate) const NOTES: &str = "\
Laws and the columns of their tables, a row per programme:
  gainful           program, median_debt, median_earnings, earnings_threshold,
                    earnings_low, earnings_high, n_debt, n_earnings; without
                    --input the bundled College Scorecard programmes
  pell              program, completion_rate (or completed, students),
                    placement_rate (or placed, completers), median_earnings,
                    earnings_low, earnings_high, price_parity, tuition
  wioa, perkins     program, indicator (perkins: 3S1 or 5S1), level, actual (or
                    numerator, denominator), actual_low, actual_high

Without a figure that decides, or on fewer than 10 people: cannot tell.

Examples:
  credcast tests
  credcast tests --law pell --year 2026 --input programmes.csv
  credcast tests --law wioa --input indicators.csv --certainty 0.5";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LawName {
    Gainful,
    Pell,
    Wioa,
    Perkins,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestsLayout {
    Table,
    Scorecard,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Tests {
    /// Law to test against, see below
    #[arg(long, value_enum, default_value_t = LawName::Gainful)]
    pub(crate) law: LawName,
    /// Files to read
    #[arg(long, value_name = "FILE", value_delimiter = ',')]
    pub(crate) input: Vec<PathBuf>,
    /// A table as below, or a College Scorecard file [default: table]
    #[arg(long, value_enum)]
    pub(crate) layout: Option<TestsLayout>,
    /// Year of the poverty guideline
    #[arg(long, value_name = "YEAR", default_value_t = 2026)]
    pub(crate) year: i16,
    /// Poverty guideline of one person, instead of that of the year
    #[arg(long, value_name = "USD")]
    pub(crate) poverty_line: Option<f64>,
    /// Beginning of the last award year of debts [default: the year before]
    #[arg(long, value_name = "YEAR")]
    pub(crate) award_year: Option<i16>,
    /// Yearly interest as a share, instead of that of the award years
    #[arg(long, value_name = "RATE")]
    pub(crate) rate: Option<f64>,
    /// Years of repayment [default: 10]
    #[arg(long, value_name = "N")]
    pub(crate) years: Option<f64>,
    /// Probability that makes a result sure; at 0.5 the point decides
    #[arg(long, value_name = "P", default_value_t = 0.975)]
    pub(crate) certainty: f64,
    /// Rows of the table shown at most
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) top: usize,
    /// Put bad rows into FILE.rejects.csv and go on
    #[arg(long)]
    pub(crate) lenient: bool,
}

pub(crate) fn run(args: &Tests, common: &Common) -> Result<(), Failure> {
    let law = law(args)?;
    let sources: Vec<Source> = args.input.iter().map(Source::path).collect();
    let scorecard = args.layout == Some(TestsLayout::Scorecard) || (sources.is_empty() && args.law == LawName::Gainful);
    let mode = if args.lenient { Mode::Lenient } else { Mode::Strict };
    let report = match (&law, scorecard) {
        (Law::Gainful(rules), true) => {
            let mut all = programmes(&sources, mode, common)?;
            if sources.is_empty() {
                let names = bundled_institutions()?;
                for one in &mut all {
                    one.institution = names.get(&one.unitid).cloned().unwrap_or_default();
                }
            }
            StatutoryReport::of_scorecard(&all, rules)?
        }
        (_, true) => return Err(Failure::Usage("the scorecard layout has the figures for --law gainful only".into())),
        (_, false) if sources.is_empty() => return Err(Failure::Usage("--input FILE is needed".into())),
        (law, false) => table(law, &sources, mode, common)?,
    };
    let width = table_width(common);
    let text = match common.format {
        Format::Json => json(&report)?,
        Format::Csv => statutory_csv(&report),
        Format::Table => wrapped(&statutory_table(&report, args.top, width), width),
    };
    deliver(&text, common)
}

fn law(args: &Tests) -> Result<Law, Failure> {
    let certainty = Certainty::new(args.certainty)?;
    let for_gainful = [
        ("--rate", args.rate.is_some()),
        ("--years", args.years.is_some()),
        ("--award-year", args.award_year.is_some()),
    ];
    let option = for_gainful.iter().find(|(_, given)| *given && args.law != LawName::Gainful);
    let guideline = args.poverty_line.is_some() && !matches!(args.law, LawName::Gainful | LawName::Pell);
    if let Some(option) = option.map(|(name, _)| *name).or(guideline.then_some("--poverty-line")) {
        return Err(Failure::Usage(format!("{option} has no use for this --law")));
    }
    let usd = |own: f64| match args.poverty_line {
        None => Ok(own),
        Some(usd) if (0.0..=1e6).contains(&usd) => Ok(usd),
        Some(usd) => Err(Failure::Usage(format!("--poverty-line {usd}: allowed is from 0 to 1000000"))),
    };
    Ok(match args.law {
        LawName::Pell => {
            let rules = PellRules::for_year(args.year)?;
            Law::Pell(PellRules { certainty, poverty_guideline_usd: usd(rules.poverty_guideline_usd)?, ..rules })
        }
        LawName::Gainful => {
            let award_year = args.award_year.unwrap_or(args.year.saturating_sub(1));
            let rules = GainfulRules::for_years(args.year, award_year, CredentialLevel::default())?;
            let rules = GainfulRules {
                certainty,
                poverty_guideline_usd: usd(rules.poverty_guideline_usd)?,
                yearly_rate: args.rate.unwrap_or(rules.yearly_rate),
                years: args.years.unwrap_or(rules.years),
                ..rules
            };
            rules.check()?;
            Law::Gainful(rules)
        }
        LawName::Wioa => Law::Wioa(WioaRules { certainty, ..WioaRules::default() }),
        LawName::Perkins => Law::Perkins(PerkinsRules { certainty, ..PerkinsRules::default() }),
    })
}

/// Judges tables of programmes or indicators; columns that a table lacks leave comparisons untold.
fn table(law: &Law, sources: &[Source], mode: Mode, common: &Common) -> Result<StatutoryReport, Failure> {
    let known = law.columns();
    let there = column_names(&sources[0])?;
    let unknown: Vec<&str> = there.iter().map(String::as_str).filter(|name| !known.contains(name)).collect();
    if !unknown.is_empty() {
        crate::output::remark(&format!("note: columns not used: {}", unknown.join(", ")), common);
    }
    let rule = |name: &str| if Law::is_label(name) { ColumnRule::Labels } else { ColumnRule::Numbers };
    let wanted: Vec<(&str, ColumnRule)> = known
        .iter()
        .enumerate()
        .filter(|(place, name)| *place < law.needed() || there.iter().any(|have| have == *name))
        .map(|(_, name)| (*name, rule(name)))
        .collect();
    if wanted.len() <= 1 {
        return Err(Failure::Failed(format!(
            "{}: none of its columns is one of {}",
            sources[0].name().display(),
            known[1..].join(", ")
        )));
    }
    let (records, report) = read_records(sources, &wanted, mode)?;
    report_reading(&[report], common)?;
    Ok(law.judge(&records)?)
}
