//! How many people will hospitals employ, and how sure is that? One series, one model, a distribution for every month.
//!
//! Run with `cargo run --release --example forecast_one_series`.

#![expect(clippy::print_stdout, reason = "printing is what an example is for")]

use std::error::Error;

use credcast::ingest::bundled_market;
use credcast::prelude::*;
use credcast::series::DampedHolt;

fn main() -> Result<(), Box<dyn Error>> {
    let market = bundled_market()?;
    let employment = market.employment.ok_or("no table of employment")?.data;
    let hospitals = SeriesKey::national("CEU6562200001");
    let series = employment.panel().get(&hospitals).ok_or("no such series")?;
    let recent = &series.values(0)[series.len() - 120..];

    let model = DampedHolt::params().build()?;
    let fitted = model.fit(recent)?;
    let path = fitted.predict(24.try_into()?);
    let (likely, chance) = (Probability::new(0.8)?, recent[recent.len() - 1]);
    println!("known to {}: {chance:.1} thousand jobs", series.end());
    for (months, dist) in (1_i32..).zip(&path).filter(|(months, _)| months % 6 == 0) {
        let (low, high) = dist.interval(likely);
        let more = 100.0 * (1.0 - dist.cdf(chance));
        let month = series.end().plus(months);
        println!("{month}: {:.1} thousand ({low:.1} to {high:.1}), more than now with {more:.0} %", dist.point());
    }
    Ok(())
}
