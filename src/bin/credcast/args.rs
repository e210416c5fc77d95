//! What the command line may say.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Parser, Subcommand, ValueEnum};
use credcast::forecast::Model;
use credcast::value::effect::Method;

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

const OUTLOOK_NOTES: &str = "\
A certificate holds value in h months if its share of demand is at least
1 - SHARE of today's, pay in its occupations is LOG above the benchmark on the
log scale (0.1 is 11 %), and N jobs remain in the region.

Examples:
  credcast outlook
  credcast outlook --certificate cna-state,aws-saa
  credcast outlook --horizons 12,24 --decide-at 24
  credcast outlook --market my-market --region US,TX \\
      --format json --out outlook.json";

const FORECAST_NOTES: &str = "\
Layouts:
  long              columns unique_id, ds, y; maybe region, more measures
  m4                for credcast backtest only
  job-sdf           Job-SDF Parquet: skill and region ids, a column per month
  indeed-sector, indeed-state, indeed-aggregate
                    Indeed Hiring Lab postings index by sector, by state, of
                    the nation; days become monthly means, whole months only

Examples:
  credcast forecast --input postings.csv --horizon 12
  credcast forecast --input postings.csv --horizon 12 --model ses --save m.json
  credcast forecast --model m.json --horizon 24 --format json
  credcast forecast --layout indeed-state --input states.csv --horizon 6";

const BACKTEST_NOTES: &str = "\
Layouts:
  long              columns unique_id, ds, y; maybe region, more measures
  m4                M4 competition: a series per row, --train and --test files
  job-sdf           Job-SDF Parquet: skill and region ids, a column per month
  indeed-sector, indeed-state, indeed-aggregate
                    Indeed Hiring Lab postings index by sector, by state, of
                    the nation; days become monthly means, whole months only

Examples:
  credcast backtest --input postings.csv --horizon 6 --origins 8 --step 3
  credcast backtest --layout m4 --train Monthly-train.csv \\
      --test Monthly-test.csv --season 12 --models naive2,damped_holt
  credcast backtest --layout job-sdf --input r1.parquet --horizon 3
  credcast backtest --layout indeed-sector --input sectors.csv --horizon 6";

const FEATURES_NOTES: &str = "\
Without --out it says what each column would hold. With --out it writes the
matrix to FILE, which ends in .parquet or .csv: unique_id, region, ds, then the
features; empty where a value is not known.

A recipe:
  features = [\"lag:1,12\", \"rolling:mean,std:3,12\", \"by_date:all:rank\",
    \"difference:1 of pay lag 2\", \"month_of_year:one_hot\"]
  drop_head = true   # no rows that the longest window does not reach
  width = \"f32\"      # or \"f64\", the default

Names of features: lag, difference, relative_change, log_change, rolling,
seasonal, expanding, ewm, ewm_std, since, intermittency, missing, ratio, known,
by_date, month_of_year, quarter_of_year, school_term, fourier, trend,
intervention, level_shift, category. They see the past, up to one period ago,
unless ` lag N` says otherwise.

Examples:
  credcast features --input postings.csv --spec spec.toml
  credcast features --input postings.csv --spec spec.toml --out x.parquet";

const IMPORTANCE_NOTES: &str = "\
The model is fitted to the first two thirds of the span. In the last third, the
values of one feature at a time are put in random order: the more the error one
step ahead grows, the more the feature was worth. Periods to forecast later do
not belong in the file, or cut them off with --until.

Examples:
  credcast importance --input postings.csv
  credcast importance --layout indeed-state --input states.csv \\
      --until 2023-07 --model random_forest --feature rolling:median:3";

const OUTCOMES_NOTES: &str = "\
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

const TESTS_NOTES: &str = "\
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

const EFFECT_NOTES: &str = "\
Examples:
  credcast effect --input people.csv --treated earned --outcome pay \\
      --covariates age,school,pay_before --placebo pay_two_years_before
  credcast effect --input trial.csv,survey.csv --treated earned --outcome pay \\
      --covariates age,age^2,state --method match --where 'earned=1|trial=0'
  credcast effect --input people.csv --treated earned --outcome pay \\
      --method did --before pay_before --format json";

const CHECK_NOTES: &str = "\
The layout is told by the content. A folder is read by its market.toml.

Examples:
  credcast data check postings.csv
  credcast data check my-market";

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
    #[command(after_help = OUTLOOK_NOTES)]
    Outlook(Outlook),
    /// Forecast every series of a file
    #[command(after_help = FORECAST_NOTES)]
    Forecast(Forecast),
    /// Fit a model to every series of a file and save it
    #[command(after_help = crate::fit::FIT_NOTES)]
    Fit(crate::fit::Fit),
    /// Carry a saved model on over new values, without fitting it again
    #[command(after_help = crate::fit::UPDATE_NOTES)]
    Update(crate::fit::Update),
    /// Score models on the past of a file
    #[command(after_help = BACKTEST_NOTES)]
    Backtest(Backtest),
    /// Turn a panel into a design matrix
    #[command(after_help = FEATURES_NOTES)]
    Features(Features),
    /// Find out which features of a model earn their place
    #[command(after_help = IMPORTANCE_NOTES)]
    Importance(Importance),
    /// Measure what became of those who left a programme
    #[command(after_help = OUTCOMES_NOTES)]
    Outcomes(Outcomes),
    /// Put programmes to the tests of statutes
    #[command(after_help = TESTS_NOTES)]
    Tests(Tests),
    /// Compare pay with and without each certificate
    #[command(after_help = crate::premium::NOTES)]
    Premium(Box<crate::premium::Premium>),
    /// Estimate what a certificate did for those who earned it
    #[command(after_help = EFFECT_NOTES)]
    Effect(Box<Effect>),
    /// List and check data
    #[command(subcommand)]
    Data(Data),
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
            Self::Data(_) => "data",
        }
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct Outlook {
    /// Folder with a market.toml, or that file [default: the bundled data]
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
    /// Horizon that the verdict is taken at [default: 36, or the last horizon]
    #[arg(long, value_name = "MONTHS")]
    pub(crate) decide_at: Option<u16>,
    /// Loss of share of demand that still counts as holding value
    #[arg(long, value_name = "SHARE", default_value_t = 0.1)]
    pub(crate) delta: f64,
    /// Pay above the benchmark that is asked for, on the log scale
    #[arg(long, value_name = "LOG", default_value_t = 0.1, allow_negative_numbers = true)]
    pub(crate) pi: f64,
    /// Jobs that must remain in the region
    #[arg(long, value_name = "N", default_value_t = 100.0)]
    pub(crate) min_jobs: f64,
    /// Show each certificate in full; up to three are shown so anyway
    #[arg(long)]
    pub(crate) explain: bool,
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

#[derive(Debug, clap::Args)]
pub(crate) struct Forecast {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Periods ahead
    #[arg(long, value_name = "H", value_parser = count)]
    pub(crate) horizon: NonZeroUsize,
    /// Periods per season [default: the usual one, such as 12 for months]
    #[arg(long, value_name = "M", value_parser = count)]
    pub(crate) season: Option<NonZeroUsize>,
    /// Model to forecast with: a name, or a file that fit, update or --save wrote
    #[arg(long, value_name = "NAME|FILE", default_value = "auto")]
    pub(crate) model: String,
    /// One more feature, for models on features; may be repeated
    #[arg(long, value_name = "FORM", value_parser = feature)]
    pub(crate) feature: Vec<String>,
    /// Also save the fitted model, as JSON if the name ends in .json
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
    /// Forecast with a model that --save wrote, instead of reading a file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["input", "model", "season", "feature", "save", "lenient", "target", "region_column", "layout"])]
    pub(crate) load: Option<PathBuf>,
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
    /// Periods ahead [default: all of the test file]
    #[arg(long, value_name = "H", value_parser = count)]
    pub(crate) horizon: Option<NonZeroUsize>,
    /// Origins, the newest leaving just H periods to score
    #[arg(long, value_name = "N", default_value = "1", value_parser = count)]
    pub(crate) origins: NonZeroUsize,
    /// Periods between origins
    #[arg(long, value_name = "S", default_value = "1", value_parser = count)]
    pub(crate) step: NonZeroUsize,
    /// Periods per season [default: the usual one, such as 12 for months]
    #[arg(long, value_name = "M", value_parser = count)]
    pub(crate) season: Option<NonZeroUsize>,
    /// Models, separated by commas
    #[arg(
        long,
        value_name = "A,B",
        value_delimiter = ',',
        default_value = "naive,seasonal_naive,drift,ses,damped_holt",
        value_parser = PossibleValuesParser::new(Model::NAMES)
    )]
    pub(crate) models: Vec<String>,
    /// One more feature, for models on features; may be repeated
    #[arg(long, value_name = "FORM", value_parser = feature)]
    pub(crate) feature: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Features {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Recipe in TOML, see below
    #[arg(long, value_name = "FILE")]
    pub(crate) spec: PathBuf,
    /// Learn categories and the like from periods up to this one only
    #[arg(long, value_name = "PERIOD")]
    pub(crate) train_until: Option<String>,
    /// Also save the fitted pipeline, as JSON if the name ends in .json
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Importance {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Model on features
    #[arg(long, value_name = "NAME", default_value = "ols", value_parser = PossibleValuesParser::new(["ols", "ridge", "elastic_net", "random_forest", "boosting"]))]
    pub(crate) model: String,
    /// One more feature; may be repeated
    #[arg(long, value_name = "FORM", value_parser = feature)]
    pub(crate) feature: Vec<String>,
    /// Last period to use
    #[arg(long, value_name = "PERIOD")]
    pub(crate) until: Option<String>,
    /// Random orders of each feature, up to 1000
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) repeats: u16,
}

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

#[derive(Debug, clap::Args)]
pub(crate) struct Effect {
    /// Tables, one row per person (CSV, Parquet, XLSX)
    #[arg(long, value_name = "FILE", value_delimiter = ',', required = true)]
    pub(crate) input: Vec<PathBuf>,
    /// Who earned it: 0/1, true/false or yes/no
    #[arg(long, value_name = "COL")]
    pub(crate) treated: String,
    /// What it may have changed, such as pay
    #[arg(long, value_name = "COL")]
    pub(crate) outcome: String,
    /// To be alike in: columns, age^2, age*state
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub(crate) covariates: Vec<String>,
    /// How to compare
    #[arg(long, value_name = "NAME", default_value = "aipw", value_parser = PossibleValuesParser::new(Method::ALL.map(Method::name)))]
    pub(crate) method: String,
    /// Effect on the treated, or on all
    #[arg(long, value_name = "WHOM", default_value = "att", value_parser = PossibleValuesParser::new(["att", "ate"]))]
    pub(crate) estimand: String,
    /// Outcome before, for did
    #[arg(long, value_name = "COL")]
    pub(crate) before: Option<String>,
    /// Who a row is about, for did of a panel
    #[arg(long, value_name = "COL", requires = "period")]
    pub(crate) unit: Option<String>,
    /// When the row was seen, such as a year
    #[arg(long, value_name = "COL", requires = "unit")]
    pub(crate) period: Option<String>,
    /// Older outcome that must show no effect
    #[arg(long, value_name = "COL")]
    pub(crate) placebo: Option<String>,
    /// Rows to use: A=1, A!=x, 'A=1|B=x'; repeatable
    #[arg(long = "where", value_name = "RULE")]
    pub(crate) rows: Vec<String>,
    /// Rows with a missing value
    #[arg(long, value_name = "HOW", default_value = "refuse", value_parser = PossibleValuesParser::new(["refuse", "drop", "indicator"]))]
    pub(crate) missing: String,
    /// Rows of one value depend on each other
    #[arg(long, value_name = "COL")]
    pub(crate) cluster: Option<String>,
    /// Treatment was drawn by lot
    #[arg(long)]
    pub(crate) randomised: bool,
    /// Covariates as given, no squares and zeros
    #[arg(long)]
    pub(crate) plain: bool,
    /// Products of each two covariates as well
    #[arg(long)]
    pub(crate) interactions: bool,
    /// Leave out scores this near to 1; 0: none
    #[arg(long, value_name = "P", default_value_t = 0.1)]
    pub(crate) trim: f64,
    /// Weights as the score gives them
    #[arg(long)]
    pub(crate) no_tilt: bool,
    /// Folds of aipw
    #[arg(long, value_name = "K", default_value_t = 5)]
    pub(crate) folds: usize,
    /// Neighbours of match
    #[arg(long, value_name = "K", default_value_t = 1)]
    pub(crate) neighbours: usize,
    /// What neighbours are near in
    #[arg(long, value_name = "NAME", default_value = "mahalanobis", value_parser = PossibleValuesParser::new(["mahalanobis", "propensity"]))]
    pub(crate) distance: String,
    /// Largest gap in log odds, in SD
    #[arg(long, value_name = "SD")]
    pub(crate) caliper: Option<f64>,
    /// Neighbours agree in these
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub(crate) exact: Vec<String>,
    /// Difference from which groups are unlike
    #[arg(long, value_name = "SD", default_value_t = 0.1)]
    pub(crate) max_smd: f64,
    /// Unit of the outcome in the text
    #[arg(long, value_name = "UNIT", default_value = "USD")]
    pub(crate) currency: String,
}

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
