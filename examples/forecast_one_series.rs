//! How many people will work in ambulatory health care over the next two years, and how sure is that?
//!
//! Shows a forecast that is a distribution: its median and its 80 % interval by horizon. The fitted model is saved and
//! loaded, and the loaded one must say the same.
//!
//! Run with `cargo run --example forecast_one_series`.

#![allow(clippy::print_stdout, reason = "an example shows its result on the terminal")]

use std::error::Error;

use credcast::forecast::{FittedModel, Model};
use credcast::ingest::bundled_market;
use credcast::prelude::*;

/// Ambulatory health care services, thousands of jobs, not seasonally adjusted (datasets/us-employment/series.csv).
const SERIES: &str = "CEU6562100001";

fn main() -> Result<(), Box<dyn Error>> {
    let employment = bundled_market()?.employment.ok_or("the bundled market has employment")?.data;
    let key = SeriesKey::national(SERIES);
    let panel = employment.panel().filter(|other| *other == key);
    let months_per_year = 12.try_into()?;

    let fitted = Model::parse("ols", months_per_year)?.fit(&panel)?;
    let forecast = fitted.forecast(24.try_into()?)?;
    if let Some(fallback) = forecast.fallbacks().first() {
        println!("{} was used instead: {}", fallback.used, fallback.reason);
    }

    let path = forecast.get(&key).ok_or("the series was forecast")?;
    let (origin, level) = (forecast.origins()[0], Probability::new(0.8)?);
    println!("{SERIES}, thousands of jobs, model {}, known to {origin}", fitted.name());
    println!("months  month    median    low 80 %  high 80 %");
    for months in [1, 3, 6, 12, 18, 24] {
        let ahead = &path[months - 1];
        let (low, high) = ahead.interval(level);
        let month = origin.plus(i32::try_from(months)?);
        println!("{months:>6}  {month}  {:>8.1}  {low:>8.1}  {high:>9.1}", ahead.point());
    }

    let folder = tempfile::tempdir()?;
    let file = folder.path().join("employment.json"); // any other ending writes the smaller binary form
    fitted.save(&file)?;
    let loaded = FittedModel::load(&file)?;
    let same = loaded.forecast(forecast.horizon())? == forecast;
    println!("saved and loaded: the forecast is {}", if same { "the same" } else { "different" });
    Ok(())
}
