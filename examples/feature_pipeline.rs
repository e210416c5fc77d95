//! From a panel to a design matrix: fitted on the past, computed at once, then month by month as a service would.
//!
//! Run with `cargo run --example feature_pipeline`.

#![allow(clippy::print_stdout, reason = "an example shows its result on the terminal")]

use std::error::Error;

use credcast::feature::{FeaturePipeline, FeatureStream, Lag, MonthOfYear, Rolling, RollingStat, parse};
use credcast::ingest::bundled_market;
use credcast::{Persist, SeriesKey};
use ndarray::Array2;

/// Months kept from the fit.
const LATER: i32 = 12;

fn main() -> Result<(), Box<dyn Error>> {
    let market = bundled_market()?;
    let employment = &market.employment.as_ref().ok_or("no employment")?.data;
    let last = employment.panel().last_period().ok_or("no period")?;
    // Industries that the survey still counts.
    let counted = |key: &SeriesKey| employment.panel().get(key).is_some_and(|series| series.end() == last);
    let panel = employment.panel().filter(counted);
    let train = panel.until(last.plus(-LATER));

    // Features are built one by one, or read from their text form; none sees the period that it is written for.
    let pipeline = FeaturePipeline::new()
        .then(Lag::of([1, 12])?)
        .then(Rolling::params().windows([3, 12]).stats([RollingStat::Mean, RollingStat::Std]).build()?)
        .then(parse("by_date:all:share,percentile")?)
        .then(parse("log_change:12")?)
        .then(MonthOfYear::sine())
        .drop_head()
        .fit(&train)?;

    // All at once.
    let matrix = pipeline.transform(&panel)?;
    println!("{} industries to {last}: {} rows, of which", panel.n_series(), matrix.n_rows());
    println!("{} are complete; the last one of {}:", matrix.complete_rows().len(), panel.keys()[0]);
    let row = matrix.rows_of(0).end - 1;
    for (name, value) in matrix.names().iter().zip(matrix.view().row(row)) {
        println!("  {name:45} {value:10.4}");
    }

    // A month at a time, from a state that was saved: the same numbers to the last bit.
    let mut stream = FeatureStream::from_bytes(&pipeline.stream(&train)?.to_bytes()?)?;
    let mut differing = 0;
    for ahead in 1 - LATER..=0 {
        let values = panel.iter().map(|series| series.at(0, last.plus(ahead)).unwrap_or(f64::NAN));
        let values = Array2::from_shape_vec((panel.n_series(), 1), values.collect())?;
        for (index, row) in stream.push(values.view())?.rows().into_iter().enumerate() {
            let batch = matrix.rows_of(index).end.saturating_add_signed(isize::try_from(ahead - 1)?);
            let same = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
            differing += usize::from(!row.iter().zip(matrix.view().row(batch)).all(same));
        }
    }
    println!("month by month, {differing} of {} rows differ", panel.n_series() * usize::try_from(LATER)?);
    Ok(())
}
