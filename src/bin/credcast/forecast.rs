//! `credcast forecast`.

use credcast::Persist;
use credcast::forecast::{Fitted, Forecaster, Model};
use credcast::report::{forecast_csv, forecast_rows, json};

use crate::args::{Common, Forecast, Format, Layout};
use crate::data::{panel_of, report_reading};
use crate::output::{Failure, deliver};
use crate::progress::Progress;

pub(crate) fn run(args: &Forecast, common: &Common) -> Result<(), Failure> {
    if args.input.layout == Layout::M4 {
        return Err(Failure::Usage("the m4 layout has a training and a test file: use credcast backtest".into()));
    }
    let progress = Progress::new(2, "reading", common);
    let (panel, reading) = panel_of(&args.input)?;
    report_reading(&reading, common)?;
    let season = args.season.unwrap_or(credcast_season(panel.frequency()));
    let model = Model::parse(&args.model, season)?;
    progress.step("forecasting");
    let fitted = model.fit(&panel)?;
    let forecast = fitted.forecast(args.horizon)?;
    if let Some(path) = &args.save {
        fitted.save(path)?;
    }
    drop(progress);
    let rows = forecast_rows(&forecast);
    let text = match common.format {
        Format::Json => json(&rows)?,
        // A forecast is a table of numbers in either form; CSV reads well on a terminal too.
        Format::Csv | Format::Table => forecast_csv(&rows),
    };
    deliver(&text, common)
}

/// The usual season of a frequency.
pub(crate) fn credcast_season(frequency: credcast::Frequency) -> std::num::NonZeroUsize {
    std::num::NonZeroUsize::new(frequency.season()).unwrap_or(std::num::NonZeroUsize::MIN)
}
