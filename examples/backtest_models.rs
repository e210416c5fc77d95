//! Which model would have forecast employment best, and is its lead more than luck?
//!
//! Run with `cargo run --release --example backtest_models`.

#![expect(clippy::print_stdout, reason = "printing is what an example is for")]

use std::error::Error;

use credcast::evaluate::{Backtest, Cutoffs, Measure, paired_bootstrap};
use credcast::forecast::Model;
use credcast::ingest::bundled_market;
use credcast::{Frequency, Period};

fn main() -> Result<(), Box<dyn Error>> {
    let market = bundled_market()?;
    let start = Period::parse("1990-01", Frequency::Monthly).ok_or("no such month")?;
    let employment = market.employment.ok_or("no table of employment")?.data;
    let panel = employment.panel().starting_at(start);

    // Six origins, a year apart; each forecasts the twelve months after it from what was known then.
    let season = 12.try_into()?;
    let cutoffs = Cutoffs::rolling(12.try_into()?, 6.try_into()?, 12.try_into()?);
    let backtest = Backtest::new(cutoffs).season(season);
    let naive = backtest.run(&panel, &Model::parse("naive", season)?)?.named("naive");
    println!("{} series, {} windows", panel.n_series(), naive.windows().len());
    for name in ["naive", "seasonal_naive", "drift", "ses", "damped_holt", "ols"] {
        let scores = backtest.run(&panel, &Model::parse(name, season)?)?.named(name);
        let row = scores.row();
        print!("{name:15} MASE {:.3}, 80 % interval covers {:.0} %", row.mase, 100.0 * row.coverage80);
        match paired_bootstrap(&scores, &naive, Measure::Mase, 1) {
            Some(lead) if name != "naive" => {
                println!(", against naive {:+.3} [{:+.3}, {:+.3}]", lead.difference, lead.low, lead.high);
            }
            _ => println!(),
        }
    }
    Ok(())
}
