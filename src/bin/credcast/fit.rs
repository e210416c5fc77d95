//! `credcast fit` and `credcast update`: models that outlive the command.

use credcast::Persist;
use credcast::forecast::{Fitted, FittedModel, Forecaster};
use credcast::report::json;
use serde_json::json as value;

use crate::args::{Common, Fit, Format, Layout, Update};
use crate::data::{panel_of, report_reading};
use crate::forecast::{credcast_season, load, model_named};
use crate::output::{Failure, check_target, deliver};
use crate::progress::Progress;

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
    let n = fitted.keys().len();
    let text = match common.format {
        Format::Json => json(&value!({ "model": fitted.name(), "series": n, "last": last, "file": file }))?,
        Format::Csv => format!("model,series,last,file\n{},{n},{last},{}\n", fitted.name(), quoted(file)),
        Format::Table => format!("{} for {n} series up to {last}, saved to {file}\n", fitted.name()),
    };
    deliver(&text, common)
}

/// A field of a CSV file.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
