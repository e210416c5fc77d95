//! How do I forecast my own series? A CSV with `unique_id, ds, y`, read strictly, forecast a year ahead.
//!
//! Run with `cargo run --release --example your_own_csv -- postings.csv`; without a file it brings a small one.

#![expect(clippy::print_stdout, reason = "printing is what an example is for")]

use std::error::Error;

use credcast::forecast::{Fitted, Forecaster, Model};
use credcast::ingest::{LongLayout, Source, read_long};
use credcast::{Probability, SeriesKey};

/// Three years of monthly postings of two certificates.
fn sample() -> String {
    let mut csv = "unique_id,ds,y\n".to_owned();
    for month in 0..36 {
        let (year, place) = (2022 + month / 12, month % 12 + 1);
        let season = if place == 9 { 30 } else { 0 };
        csv += &format!("cdl-a,{year}-{place:02},{}\n", 400 + 3 * month + season);
        csv += &format!("phlebotomy,{year}-{place:02},{}\n", 120 + (month * 7) % 11);
    }
    csv
}

fn main() -> Result<(), Box<dyn Error>> {
    let source = match std::env::args_os().nth(1) {
        Some(path) => Source::path(path),
        None => Source::bytes("sample.csv", sample().into_bytes()),
    };
    let (panel, report) = read_long(&source, &LongLayout::default())?;
    println!("{} rows, {} series, {}", report.rows_used, panel.n_series(), panel.frequency().name());

    let model = Model::parse("seasonal_naive", 12.try_into()?)?;
    let forecast = model.fit(&panel)?.forecast(12.try_into()?)?;
    for (index, key) in forecast.keys().iter().enumerate() {
        let year_ahead = &forecast.path(index)[11];
        let (low, high) = year_ahead.interval(Probability::new(0.8)?);
        let month = forecast.origins()[index].plus(12);
        println!("{key} in {month}: {:.0} ({low:.0} to {high:.0})", year_ahead.point());
    }

    // One wrong cell is an error that says where it stands; nothing is guessed.
    let broken = Source::bytes("broken.csv", sample().replace(",403\n", ",4o3\n").into_bytes());
    match read_long(&broken, &LongLayout::default()) {
        Err(error) => println!("a file with a mistake: {error}"),
        Ok((panel, _)) => println!("read {}", panel.get(&SeriesKey::national("cdl-a")).is_some()),
    }
    Ok(())
}
