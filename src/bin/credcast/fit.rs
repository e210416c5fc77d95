//! `credcast fit` and `credcast update`: models that outlive the command.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use credcast::Persist;
use credcast::forecast::{Fitted, FittedModel, Forecaster, Model};
use credcast::report::json;
use serde_json::json as value;

use crate::args::{Common, Format, Input, Layout, count, feature};
use crate::data::{csv_text, panel_of, report_reading};
use crate::forecast::{credcast_season, load, model_named};
use crate::output::{Failure, check_target, deliver};
use crate::progress::Progress;

pub(crate) const FIT_NOTES: &str = "\
The file holds what was learned and the end of each series.

Examples:
  credcast fit --input postings.csv --horizon 12 --save postings.model
  credcast fit --input postings.csv --model auto_ets --save ets.json";

pub(crate) const UPDATE_NOTES: &str = "\
Reads the values after the last period of each series in the model; earlier ones
are not read. What was learned stays as it is: fit again when much has happened.
Models that cannot be carried on say so.

Examples:
  credcast update --model postings.model --input this-month.csv
  credcast update --model ets.json --input new.csv --save newer.json";

#[derive(Debug, clap::Args)]
pub(crate) struct Fit {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Periods ahead that the model is tuned for [default: a season, 12 without one]
    #[arg(long, value_name = "H", value_parser = count)]
    pub(crate) horizon: Option<NonZeroUsize>,
    /// Periods per season [default: the usual one, such as 12 for months]
    #[arg(long, value_name = "M", value_parser = count)]
    pub(crate) season: Option<NonZeroUsize>,
    /// Model to fit
    #[arg(long, value_name = "NAME", default_value = "auto", value_parser = PossibleValuesParser::new(Model::NAMES))]
    pub(crate) model: String,
    /// One more feature, for models on features; may be repeated
    #[arg(long, value_name = "FORM", value_parser = feature)]
    pub(crate) feature: Vec<String>,
    /// Where to save it, as JSON if the name ends in .json
    #[arg(long, value_name = "FILE")]
    pub(crate) save: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Update {
    #[command(flatten)]
    pub(crate) input: Input,
    /// The saved model
    #[arg(long, value_name = "FILE")]
    pub(crate) model: PathBuf,
    /// Where to save it [default: in its own place]
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
}

pub(crate) fn run(args: &Fit, common: &Common) -> Result<(), Failure> {
    if args.input.layout == Layout::M4 {
        return Err(Failure::Usage("the m4 layout has a training and a test file: use credcast backtest".into()));
    }
    check_target("--save", Some(&args.save))?;
    let progress = Progress::new(2, "reading", common);
    let (panel, reading) = panel_of(&args.input)?;
    report_reading(&reading, common)?;
    let season = args.season.unwrap_or(credcast_season(panel.frequency()));
    progress.step("fitting");
    let model = model_named(&args.model, season, args.horizon, &args.feature, common.seed)?;
    let fitted = model.fit(&panel)?;
    fitted.save(&args.save)?;
    drop(progress);
    tell(&fitted, &args.save.display().to_string(), common)
}

pub(crate) fn update(args: &Update, common: &Common) -> Result<(), Failure> {
    let target = args.save.as_ref().unwrap_or(&args.model);
    check_target("--save", Some(target))?;
    let progress = Progress::new(2, "reading", common);
    let fitted = load(&args.model)?;
    let (panel, reading) = panel_of(&args.input)?;
    report_reading(&reading, common)?;
    progress.step("updating");
    let updated = fitted.updated(&panel)?;
    updated.save(target)?;
    drop(progress);
    tell(&updated, &target.display().to_string(), common)
}

/// Says what was saved.
fn tell(fitted: &FittedModel, file: &str, common: &Common) -> Result<(), Failure> {
    let last = fitted.origins().iter().max().map(ToString::to_string).unwrap_or_default();
    let n = fitted.keys().len().to_string();
    let text = match common.format {
        Format::Json => {
            json(&value!({ "model": fitted.name(), "series": fitted.keys().len(), "last": last, "file": file }))?
        }
        Format::Csv => {
            let row = vec![fitted.name(), &n, &last, file];
            csv_text(&["model", "series", "last", "file"], std::iter::once(row))?
        }
        Format::Table => format!("{} for {n} series up to {last}, saved to {file}\n", fitted.name()),
    };
    deliver(&text, common)
}
