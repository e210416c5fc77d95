//! What the command line may say.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// Forecasts which career certificates will hold value.
///
/// Start with `credcast outlook`: it needs no file and no option.
#[derive(Debug, Parser)]
#[command(name = "credcast", version, max_term_width = 80, after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) common: Common,
}

const EXAMPLES: &str = "\
Examples:
  credcast outlook                                all bundled certificates
  credcast outlook --certificate cna-state --region TX
  credcast outlook --market my-market --format json --out outlook.json
  credcast backtest --input y.csv --horizon 6 --origins 8 --step 3 \\
      --season 12 --models naive,damped_holt
  credcast data check my-market

Exit codes: 0 done, 1 failed, 2 wrong usage.";

#[derive(Debug, clap::Args)]
pub(crate) struct Common {
    /// Threads to use; the results do not depend on it
    #[arg(long, global = true, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Seed of everything random
    #[arg(long, global = true, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Form of the result
    #[arg(long, global = true, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    /// Write the result to FILE, whole or not at all, instead of printing it
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// No progress and no remarks on standard error; errors still
    #[arg(long, global = true)]
    pub(crate) quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// For programs
    Json,
    /// For spreadsheets
    Csv,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge certificates: demand, pay, P(holds value), verdict
    Outlook(Outlook),
    /// Forecast every series of a file
    Forecast(Forecast),
    /// Score models on the past of a file
    Backtest(Backtest),
    /// List and check data
    #[command(subcommand)]
    Data(Data),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Outlook {
    /// Folder with a market.toml, or the manifest itself [default: the bundled
    /// data]
    #[arg(long, value_name = "DIR")]
    pub(crate) market: Option<PathBuf>,
    /// Certificates to judge, by id [default: all]
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) certificate: Vec<String>,
    /// Regions to judge them in: US, state codes, or `all`
    #[arg(long, value_name = "CODE", value_delimiter = ',', default_value = "US")]
    pub(crate) region: Vec<String>,
    /// Months ahead
    #[arg(long, value_name = "MONTHS", value_delimiter = ',', default_value = "12,24,36,48")]
    pub(crate) horizons: Vec<u16>,
    /// Horizon that the verdict is taken at, one of the horizons
    #[arg(long, value_name = "MONTHS", default_value_t = 36)]
    pub(crate) decide_at: u16,
    /// Loss of share that still counts as holding value
    #[arg(long, value_name = "SHARE", default_value_t = 0.1)]
    pub(crate) delta: f64,
    /// Log pay above the benchmark that is asked for
    #[arg(long, value_name = "LOG", default_value_t = 0.1, allow_negative_numbers = true)]
    pub(crate) pi: f64,
    /// Jobs that must remain in the region
    #[arg(long, value_name = "N", default_value_t = 100.0)]
    pub(crate) min_jobs: f64,
    /// Show every number, reason and source of each certificate (default for up
    /// to three outlooks)
    #[arg(long)]
    pub(crate) explain: bool,
}

/// How the file is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Layout {
    #[value(help = "CSV or Parquet with unique_id, ds, y (and region, more measures)")]
    Long,
    /// M4 competition: one series a row, a training and a test file
    M4,
    /// Job-SDF wide Parquet: skill and region ids, one column a month
    JobSdf,
    /// Indeed Hiring Lab index by sector, days averaged to months
    IndeedSector,
    /// Indeed Hiring Lab index by state, days averaged to months
    IndeedState,
    /// Indeed Hiring Lab index of the nation, days averaged to months
    IndeedAggregate,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Input {
    /// File to read (CSV or Parquet, also .gz and .zst)
    #[arg(long, value_name = "FILE")]
    pub(crate) input: Option<PathBuf>,
    /// How the file is laid out
    #[arg(long, value_enum, default_value_t = Layout::Long)]
    pub(crate) layout: Layout,
    /// Column of the region in a long file [default: `region` if there is one]
    #[arg(long, value_name = "COLUMN")]
    pub(crate) region_column: Option<String>,
    /// Column to forecast in a long file [default: y]
    #[arg(long, value_name = "COLUMN")]
    pub(crate) target: Option<String>,
    /// Put bad rows into FILE.rejects.csv and go on; gaps become missing values
    #[arg(long)]
    pub(crate) lenient: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Forecast {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Periods ahead
    #[arg(long, value_name = "H")]
    pub(crate) horizon: NonZeroUsize,
    /// Season in periods [default: the usual one of the frequency]
    #[arg(long, value_name = "M")]
    pub(crate) season: Option<NonZeroUsize>,
    /// Model; `credcast forecast --models` lists them
    #[arg(long, value_name = "NAME", default_value = "damped_holt")]
    pub(crate) model: String,
    /// Also save the fitted model, as JSON if the name ends in .json
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Backtest {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Training file of the m4 layout
    #[arg(long, value_name = "FILE", requires = "test")]
    pub(crate) train: Option<PathBuf>,
    /// Test file of the m4 layout
    #[arg(long, value_name = "FILE", requires = "train")]
    pub(crate) test: Option<PathBuf>,
    /// Periods ahead (m4: all of the test file)
    #[arg(long, value_name = "H")]
    pub(crate) horizon: Option<NonZeroUsize>,
    /// Number of origins, the newest leaving H periods to score
    #[arg(long, value_name = "N", default_value = "1")]
    pub(crate) origins: NonZeroUsize,
    /// Periods between origins
    #[arg(long, value_name = "S", default_value = "1")]
    pub(crate) step: NonZeroUsize,
    /// Season in periods [default: the usual one of the frequency]
    #[arg(long, value_name = "M")]
    pub(crate) season: Option<NonZeroUsize>,
    /// Models, separated by commas
    #[arg(
        long,
        value_name = "A,B",
        value_delimiter = ',',
        default_value = "naive,seasonal_naive,drift,ses,damped_holt"
    )]
    pub(crate) models: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Data {
    /// The bundled tables with source, licence and vintage
    List,
    /// Read a file, a market.toml or its folder, and say what is in it
    Check {
        /// File or folder
        #[arg(value_name = "FILE")]
        path: PathBuf,
    },
}
