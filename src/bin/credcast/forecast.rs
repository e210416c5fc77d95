//! `credcast forecast`.

use std::num::NonZeroUsize;
use std::path::Path;
use std::path::PathBuf;

use credcast::forecast::{Fitted, FittedModel, Forecaster, Model, OnFeatures};
use credcast::regression::RandomForest;
use credcast::report::{forecast_csv, forecast_rows, forecast_table, json};
use credcast::{Persist, PersistError};

use crate::args::{Common, Format, Input, Layout, count, feature};
use crate::data::{panel_of, report_reading};
use crate::output::{Failure, check_target, deliver};
use crate::progress::Progress;

pub(crate) const NOTES: &str = "\
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

pub(crate) fn run(args: &Forecast, common: &Common) -> Result<(), Failure> {
    if args.input.layout == Layout::M4 {
        return Err(Failure::Usage("the m4 layout has a training and a test file: use credcast backtest".into()));
    }
    check_target("--save", args.save.as_deref())?;
    let progress = Progress::new(2, "reading", common);
    let named = Model::NAMES.contains(&args.model.as_str());
    let fitted = match &args.load {
        Some(path) => load(path)?,
        None if named => fit(args, common, &progress)?,
        None if Path::new(&args.model).is_file() => {
            if let Some(option) = of_a_fit(args) {
                return Err(Failure::Usage(format!("{option} does not go with a saved model, which holds its series")));
            }
            load(Path::new(&args.model))?
        }
        None => {
            let names = Model::NAMES.join(", ");
            return Err(Failure::Usage(format!("--model {} is neither a file nor one of {names}", args.model)));
        }
    };
    let forecast = fitted.forecast(args.horizon)?;
    if let Some(path) = &args.save {
        fitted.save(path)?;
    }
    drop(progress);
    let rows = forecast_rows(&forecast);
    let text = match common.format {
        Format::Json => json(&rows)?,
        Format::Csv => forecast_csv(&rows),
        Format::Table => forecast_table(&rows),
    };
    deliver(&text, common)
}

/// An option that only a new fit has a use for, if one is given.
fn of_a_fit(args: &Forecast) -> Option<&'static str> {
    let Forecast { input, season, feature, save, .. } = args;
    let given = [
        ("--input", input.input.is_some()),
        ("--target", input.target.is_some()),
        ("--region-column", input.region_column.is_some()),
        ("--lenient", input.lenient),
        ("--season", season.is_some()),
        ("--feature", !feature.is_empty()),
        ("--save", save.is_some()),
    ];
    given.into_iter().find(|(_, given)| *given).map(|(option, _)| option)
}

fn fit(args: &Forecast, common: &Common, progress: &Progress) -> Result<FittedModel, Failure> {
    let (panel, reading) = panel_of(&args.input)?;
    report_reading(&reading, common)?;
    let season = args.season.unwrap_or(credcast_season(panel.frequency()));
    progress.step("forecasting");
    Ok(model_named(&args.model, season, Some(args.horizon), &args.feature, common.seed)?.fit(&panel)?)
}

pub(crate) fn load(path: &Path) -> Result<FittedModel, Failure> {
    FittedModel::load(path).map_err(|error| match error {
        PersistError::Io { .. } => error.into(),
        // What is wrong inside a file is said without its name.
        _ => Failure::Failed(format!("{}: {error}", path.display())),
    })
}

/// The model `name` with its defaults and more features, tuned for `horizon` where it can be; `seed` goes into those that draw.
pub(crate) fn model_named(
    name: &str,
    season: NonZeroUsize,
    horizon: Option<NonZeroUsize>,
    features: &[String],
    seed: u64,
) -> Result<Model, Failure> {
    let model = match Model::parse(name, season)? {
        Model::RandomForest(_) => Model::RandomForest(OnFeatures::new(RandomForest::params().seed(seed).build()?)),
        Model::PooledBoosting(model) => Model::PooledBoosting(model.seed(seed)),
        Model::Auto(model) => Model::Auto(model.seed(seed)),
        model => model,
    };
    let model = horizon.into_iter().fold(model, Model::horizon);
    Ok(model.features(features)?)
}

/// The usual season of a frequency.
pub(crate) fn credcast_season(frequency: credcast::Frequency) -> NonZeroUsize {
    NonZeroUsize::new(frequency.season()).unwrap_or(NonZeroUsize::MIN)
}
