//! Which model forecasts employment by industry best a year ahead, and is it better than repeating the last value?
//!
//! Shows a back-test at rolling origins: at each one the models see the past only. Differences from the naive model come
//! with a p-value, by a bootstrap over industries and by a test over origins.
//!
//! Run with `cargo run --release --example backtest_models`.

#![allow(clippy::print_stdout, reason = "an example shows its result on the terminal")]

use std::error::Error;

use credcast::evaluate::{Backtest, Cutoffs, DieboldMariano, Measure, paired_bootstrap};
use credcast::forecast::Model;
use credcast::ingest::bundled_market;
use credcast::prelude::*;

const MODELS: [&str; 4] = ["seasonal_naive", "damped_holt", "naive2", "ols"];
const SEED: u64 = 1;

fn main() -> Result<(), Box<dyn Error>> {
    let employment = bundled_market()?.employment.ok_or("the bundled market has employment")?.data;
    // Industries that do not overlap, so that no job is counted twice; from 1990, when most of the series exist.
    let start = Period::month(1990, 1).ok_or("no such month")?;
    let leaves = employment.leaves();
    let panel = employment.panel().filter(|key| leaves.iter().any(|leaf| leaf == key.item())).starting_at(start);

    // One origin a year for eight years: the target periods of two origins do not overlap.
    let (season, horizon, origins, overlap) = (12.try_into()?, 12.try_into()?, 8.try_into()?, 1.try_into()?);
    let cutoffs = Cutoffs::rolling(horizon, origins, horizon);
    let backtest = Backtest::new(cutoffs).season(season);
    let naive = backtest.run(&panel, &Model::parse("naive", season)?)?.named("naive");

    let n = panel.n_series();
    println!(
        "{n} industries, {} windows; MASE 1 is the past error of repeating last year's month",
        naive.windows().len()
    );
    println!("origins: {}", cutoffs.origins(&panel)?.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
    println!("{:<15}{:>6}{:>12}{:>11}{:>20}{:>10}", "model", "MASE", "80 % holds", "difference", "95 %", "p, p DM");
    println!("{:<15}{:>6.3}{:>12.2}", "naive", naive.row().mase, naive.row().coverage80);
    for name in MODELS {
        let scores = backtest.run(&panel, &Model::parse(name, season)?)?.named(name);
        let over = paired_bootstrap(&scores, &naive, Measure::Mase, SEED).ok_or("two series are enough")?;
        let dm =
            DieboldMariano::by_origin(&scores, &naive, Measure::Mase, overlap).ok_or("eight origins are enough")?;
        println!(
            "{name:<15}{:>6.3}{:>12.2}{:>11.3}{:>10.3} {:>9.3}{:>7.3} {:.4}",
            scores.row().mase,
            scores.row().coverage80,
            over.difference,
            over.low,
            over.high,
            over.p_value,
            dm.p_value
        );
    }
    Ok(())
}
