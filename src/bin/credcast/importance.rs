//! `credcast importance`.

use credcast::regression::PermutationImportance;
use credcast::report::{importance_csv, importance_table, json};

use crate::args::{Common, Format, Importance, Layout};
use crate::data::{panel_of, report_reading};
use crate::features::until;
use crate::forecast::{credcast_season, model_named};
use crate::output::{Failure, deliver, table_width};
use crate::progress::Progress;

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
