//! `credcast importance`.

use clap::builder::PossibleValuesParser;
use credcast::regression::PermutationImportance;
use credcast::report::{importance_csv, importance_table, json};

use crate::args::{Common, Format, Input, Layout, feature};
use crate::data::{panel_of, report_reading};
use crate::features::until;
use crate::forecast::{credcast_season, model_named};
use crate::output::{Failure, deliver, table_width};
use crate::progress::Progress;

pub(crate) const NOTES: &str = "\
The model is fitted to the first two thirds of the span. In the last third, the
values of one feature at a time are put in random order: the more the error one
step ahead grows, the more the feature was worth. Periods to forecast later do
not belong in the file, or cut them off with --until.

Examples:
  credcast importance --input postings.csv
  credcast importance --layout indeed-state --input states.csv \\
      --until 2023-07 --model random_forest --feature rolling:median:3";

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

pub(crate) fn run(args: &Importance, common: &Common) -> Result<(), Failure> {
    if args.input.layout == Layout::M4 {
        return Err(Failure::Usage("the m4 layout is for credcast backtest only".into()));
    }
    let progress = Progress::new(2, "reading", common);
    let (panel, reading) = panel_of(&args.input)?;
    report_reading(&reading, common)?;
    let panel = match &args.until {
        Some(text) => until(&panel, "--until", text)?,
        None => panel,
    };
    progress.step("measuring");
    let model = model_named(&args.model, credcast_season(panel.frequency()), None, &args.feature, common.seed)?;
    let settings = PermutationImportance::params(u32::from(args.repeats), common.seed)?;
    let found = model.importance(&panel, settings)?;
    drop(progress);
    let text = match common.format {
        Format::Json => json(&found)?,
        Format::Csv => importance_csv(&found),
        Format::Table => importance_table(&found, table_width(common)),
    };
    deliver(&text, common)
}
