//! What the command line may say.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// The largest count that an option takes. Periods beyond it have no use, and a mistyped one would eat all memory.
const MOST: usize = 10_000;

/// A count such as a horizon, in the words of people.
pub(crate) fn count(text: &str) -> Result<NonZeroUsize, String> {
    text.parse()
        .ok()
        .filter(|n: &NonZeroUsize| n.get() <= MOST)
        .ok_or_else(|| format!("a whole number from 1 to {MOST}"))
}

/// A feature in its text form.
pub(crate) fn feature(text: &str) -> Result<String, String> {
    credcast::feature::parse(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

/// A SOC code.
pub(crate) fn soc(text: &str) -> Result<String, String> {
    let is_digits = |part: &str, n| part.len() == n && part.bytes().all(|b| b.is_ascii_digit());
    let parts = text.split_once('-').filter(|(major, minor)| is_digits(major, 2) && is_digits(minor, 4));
    parts.map(|_| text.to_owned()).ok_or_else(|| "a SOC code such as 31-1131".to_owned())
}

/// Forecasts which career certificates will hold value
#[derive(Debug, Parser)]
#[command(name = "credcast", version, max_term_width = 80, after_help = START)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) common: Common,
}

// Written by hand up to the last column: clap breaks no line of these.
const START: &str = "\
Start with `credcast outlook`: it needs no file and no option.
`credcast help outlook` explains its options and shows examples.

Exit codes: 0 done, 1 failed, 2 wrong usage.";

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Common options")]
pub(crate) struct Common {
    /// Form of the result
    #[arg(long, global = true, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    /// Write the result to FILE, whole or not at all, instead of printing it
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// No progress and no remarks on standard error; errors still
    #[arg(long, global = true)]
    pub(crate) quiet: bool,
    /// Threads to use; the results do not depend on it [default: one per core]
    #[arg(long, global = true, value_name = "N", value_parser = count)]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Seed of everything random
    #[arg(long, global = true, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
    Csv,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge certificates: demand, pay, P(holds value), verdict
    #[command(after_help = crate::outlook::NOTES)]
    Outlook(crate::outlook::Outlook),
    /// Forecast every series of a file
    #[command(after_help = crate::forecast::NOTES)]
    Forecast(crate::forecast::Forecast),
    /// Fit a model to every series of a file and save it
    #[command(after_help = crate::fit::FIT_NOTES)]
    Fit(crate::fit::Fit),
    /// Carry a saved model on over new values, without fitting it again
    #[command(after_help = crate::fit::UPDATE_NOTES)]
    Update(crate::fit::Update),
    /// Score models on the past of a file
    #[command(after_help = crate::backtest::NOTES)]
    Backtest(crate::backtest::Args),
    /// Turn a panel into a design matrix
    #[command(after_help = crate::features::NOTES)]
    Features(crate::features::Features),
    /// Find out which features of a model earn their place
    #[command(after_help = crate::importance::NOTES)]
    Importance(crate::importance::Importance),
    /// Measure what became of those who left a programme
    #[command(after_help = crate::outcomes::NOTES)]
    Outcomes(crate::outcomes::Outcomes),
    /// Put programmes to the tests of statutes
    #[command(after_help = crate::tests::NOTES)]
    Tests(crate::tests::Tests),
    /// Compare pay with and without each certificate
    #[command(after_help = crate::premium::NOTES)]
    Premium(Box<crate::premium::Premium>),
    /// Estimate what a certificate did for those who earned it
    #[command(after_help = crate::effect::NOTES)]
    Effect(Box<crate::effect::Effect>),
    /// Count demand for certificates in job postings
    #[command(after_help = crate::extract::NOTES)]
    Extract(Box<crate::extract::Extract>),
    /// Find certificates in texts, and how they are asked for
    #[command(after_help = crate::mentions::NOTES)]
    Mentions(crate::mentions::Mentions),
    /// Make a labour market of which everything is known
    #[command(after_help = crate::simulate::NOTES)]
    Simulate(crate::simulate::Simulate),
    /// List and check data
    #[command(subcommand)]
    Data(crate::data::Data),
}

impl Command {
    /// What follows `credcast help` for this command.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Outlook(_) => "outlook",
            Self::Forecast(_) => "forecast",
            Self::Fit(_) => "fit",
            Self::Update(_) => "update",
            Self::Backtest(_) => "backtest",
            Self::Features(_) => "features",
            Self::Importance(_) => "importance",
            Self::Outcomes(_) => "outcomes",
            Self::Tests(_) => "tests",
            Self::Premium(_) => "premium",
            Self::Effect(_) => "effect",
            Self::Extract(_) => "extract",
            Self::Mentions(_) => "mentions",
            Self::Simulate(_) => "simulate",
            Self::Data(_) => "data",
        }
    }
}

// Explained below the options: a help text for each value would make the screen twice as long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Layout {
    Long,
    M4,
    JobSdf,
    IndeedSector,
    IndeedState,
    IndeedAggregate,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Input {
    /// File to read (CSV or Parquet, also .gz and .zst)
    #[arg(long, value_name = "FILE")]
    pub(crate) input: Option<PathBuf>,
    /// What the file is, see below
    #[arg(long, value_enum, default_value_t = Layout::Long)]
    pub(crate) layout: Layout,
    /// Column of the region in a long file [default: region, if there]
    #[arg(long, value_name = "COLUMN")]
    pub(crate) region_column: Option<String>,
    /// Column to forecast in a long file [default: y]
    #[arg(long, value_name = "COLUMN")]
    pub(crate) target: Option<String>,
    /// Put bad rows into FILE.rejects.csv and go on; gaps become missing values
    #[arg(long)]
    pub(crate) lenient: bool,
}
