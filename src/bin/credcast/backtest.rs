//! `credcast backtest`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use credcast::Panel;
use credcast::evaluate::{Backtest, Cutoffs, Measure, Scores, cpu_seconds_of_stat, paired_bootstrap};
use credcast::forecast::Model;
use credcast::ingest::{ReadReport, Source, read_m4};
use credcast::report::{BacktestReport, ScoredModel, json, scores_csv, scores_table};
use serde_json::json as value;

use crate::args::{Common, Format, Input, Layout, count, feature};
use crate::data::{options, panel_of, report_reading};
use crate::forecast::{credcast_season, model_named};
use crate::output::{Failure, deliver, table_width};
use crate::progress::Progress;

pub(crate) const NOTES: &str = "\
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

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
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
    /// Periods per season [default: the usual one]
    #[arg(long, value_name = "M", value_parser = count)]
    pub(crate) season: Option<NonZeroUsize>,
    /// Cycle scores are scaled by [default: SEASON]
    #[arg(long, value_name = "M", value_parser = count)]
    pub(crate) scale_season: Option<NonZeroUsize>,
    /// Models, separated by commas
    #[arg(
        long,
        value_name = "A,B",
        value_delimiter = ',',
        default_value = "naive,seasonal_naive,drift,ses,damped_holt",
        value_parser = PossibleValuesParser::new(Model::NAMES)
    )]
    pub(crate) models: Vec<String>,
    /// One more feature of models; may be repeated
    #[arg(long, value_name = "FORM", value_parser = feature)]
    pub(crate) feature: Vec<String>,
}

const NAIVE: &str = "naive";
const NAIVE2: &str = "naive2";

/// The data of a back-test.
enum Trial {
    /// One panel, cut at rolling origins.
    Rolling(Panel),
    /// A panel and what came after it.
    Fixed(Panel, Panel),
}

pub(crate) fn run(args: &Args, common: &Common) -> Result<(), Failure> {
    if args.train.is_none() && args.horizon.is_none() && args.input.layout != Layout::M4 {
        return Err(Failure::Usage("--horizon H is needed with this layout".into()));
    }
    let progress = Progress::new(args.models.len() as u64 + 3, "reading", common);
    let (trial, reading) = read(args)?;
    report_reading(&reading, common)?;
    let train = match &trial {
        Trial::Rolling(panel) | Trial::Fixed(panel, _) => panel,
    };
    let season = args.season.unwrap_or(credcast_season(train.frequency()));
    let horizon = match (&trial, args.horizon) {
        (_, Some(horizon)) => horizon,
        (Trial::Fixed(_, test), None) => {
            NonZeroUsize::new(test.iter().map(|series| series.len()).max().unwrap_or(1)).unwrap_or(NonZeroUsize::MIN)
        }
        (Trial::Rolling(_), None) => return Err(Failure::Usage("--horizon H is needed with this layout".into())),
    };
    let cutoffs = match trial {
        Trial::Rolling(_) => Cutoffs::rolling(horizon, args.origins, args.step),
        Trial::Fixed(..) => Cutoffs::fixed(horizon),
    };
    let scale_season = args.scale_season.unwrap_or(season);
    let mut backtest = Backtest::new(cutoffs).season(scale_season).clock(cpu_seconds);
    if let Some(target) = &args.input.target {
        backtest = backtest.target(target);
    }
    let score = |name: &str, season: NonZeroUsize| -> Result<Scores, Failure> {
        progress.step(name);
        let model = model_named(name, season, Some(horizon), &args.feature, common.seed)?;
        let scores = match &trial {
            Trial::Rolling(panel) => backtest.run(panel, &model)?,
            Trial::Fixed(train, test) => backtest.run_fixed(train, test, &model)?,
        };
        Ok(scores.named(name))
    };
    let (naive, naive2) = (score(NAIVE, scale_season)?, score(NAIVE2, scale_season)?);
    let models = args
        .models
        .iter()
        .map(|name| {
            let scores = score(name, season)?.relative_to(&naive2);
            let versus_naive =
                if name == NAIVE { None } else { paired_bootstrap(&scores, &naive, Measure::Mase, common.seed) };
            Ok(ScoredModel { row: scores.row().clone(), versus_naive })
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    let origins: Vec<String> = match &trial {
        Trial::Rolling(panel) => cutoffs.origins(panel)?.iter().map(ToString::to_string).collect(),
        Trial::Fixed(..) => vec!["the end of each training series".into()],
    };
    let protocol = value!({
        "files": reading.iter().flat_map(|r| &r.files).map(|f| f.display().to_string()).collect::<Vec<_>>(),
        "layout": layout_name(args.input.layout, args.train.is_some()),
        "frequency": train.frequency().name(),
        "series": train.n_series(),
        "horizon": horizon,
        "origins": origins,
        "step": args.step,
        "season": season,
        "scale_season": scale_season,
        "seed": common.seed,
        "features": args.feature,
        "windows": naive.windows().len(),
        "left_out": naive.left_out(),
        "crps": "2 x mean pinball loss over nine deciles / MASE scale",
        "msis95": "mean scaled interval score of the 95 % interval, MASE scale",
        "rmsse": "scale: mean squared first difference of the training series",
        "owa": "mean of sMAPE and MASE relative to naive2",
        "point": "median",
    });
    drop(progress);
    let report = BacktestReport { protocol, models };
    let text = match common.format {
        Format::Json => json(&report)?,
        Format::Csv => scores_csv(&report),
        Format::Table => scores_table(&report, table_width(common)),
    };
    deliver(&text, common)
}

fn layout_name(layout: Layout, pair: bool) -> &'static str {
    match layout {
        _ if pair => "m4",
        Layout::Long => "long",
        Layout::M4 => "m4",
        Layout::JobSdf => "job-sdf",
        Layout::IndeedSector => "indeed-sector",
        Layout::IndeedState => "indeed-state",
        Layout::IndeedAggregate => "indeed-aggregate",
    }
}

fn read(args: &Args) -> Result<(Trial, Vec<ReadReport>), Failure> {
    match (&args.train, &args.test, args.input.layout) {
        (Some(train), Some(test), Layout::M4 | Layout::Long) => {
            if args.input.input.is_some() {
                return Err(Failure::Usage("--input and --train/--test exclude each other".into()));
            }
            let (m4, reading) = read_m4(&Source::path(train), &Source::path(test), &options(&args.input))?;
            Ok((Trial::Fixed(m4.train, m4.test), vec![reading]))
        }
        (None, None, Layout::M4) => Err(Failure::Usage("the m4 layout needs --train FILE and --test FILE".into())),
        (None, None, _) => {
            let (panel, reading) = panel_of(&args.input)?;
            Ok((Trial::Rolling(panel), reading))
        }
        _ => Err(Failure::Usage("--train and --test go with --layout m4".into())),
    }
}

/// CPU seconds of this process so far; NaN where the system does not tell.
fn cpu_seconds() -> f64 {
    std::fs::read_to_string("/proc/self/stat").ok().and_then(|stat| cpu_seconds_of_stat(&stat)).unwrap_or(f64::NAN)
}
