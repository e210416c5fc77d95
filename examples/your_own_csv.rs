//! How do I forecast my own postings, and what happens if a cell is bad?
//!
//! Reads a long CSV (`unique_id,ds,y`, one row per series and month) and forecasts three months. Without a path it
//! writes a small file of invented numbers, with one bad cell in it, and reads that: first strictly, where the error
//! names the place, then leniently, where the bad row is set aside and counted.
//!
//! Run with `cargo run --example your_own_csv -- postings.csv`.

#![allow(clippy::print_stdout, reason = "an example shows its result on the terminal")]

use std::error::Error;
use std::path::{Path, PathBuf};

use credcast::forecast::Model;
use credcast::ingest::{LongLayout, Mode, ReadOptions, Source, read_long};
use credcast::panel::GapPolicy;
use credcast::prelude::*;
use credcast::report::forecast_rows;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = match std::env::args_os().nth(1) {
        Some(path) => PathBuf::from(path),
        None => write_invented(folder.path())?,
    };
    let source = Source::path(path);
    let read = read_long(&source, &LongLayout::default()).or_else(|error| {
        println!("strict: {error}");
        let options = ReadOptions { mode: Mode::Lenient, gaps: GapPolicy::Missing, ..ReadOptions::default() };
        read_long(&source, &LongLayout { options, ..LongLayout::default() })
    });
    let (panel, report) = read?;
    println!("{} of {} rows used, {} series", report.rows_used, report.rows_read, panel.n_series());
    for row in report.rejects.rows() {
        println!("set aside: {}: {}, found {}", row.place, row.reason, row.found);
    }
    for note in &report.notes {
        println!("note: {note}");
    }

    let season = panel.frequency().season().try_into()?;
    let forecast = Model::parse("damped_holt", season)?.fit(&panel)?.forecast(3.try_into()?)?;
    for row in forecast_rows(&forecast) {
        println!("{} {}: {:.1}, 80 % from {:.1} to {:.1}", row.unique_id, row.ds, row.point, row.lo80, row.hi80);
    }
    Ok(())
}

fn write_invented(folder: &Path) -> std::io::Result<PathBuf> {
    let mut text = String::from("unique_id,ds,y\n");
    for i in 0..24 {
        let month = format!("{}-{:02}", 2023 + i / 12, 1 + i % 12);
        let nurse = if i == 7 { "eighty".into() } else { (80 + 2 * i + i * i % 7).to_string() };
        text += &format!("nurse,{month},{nurse}\nwelder,{month},{}\n", 30 + i * i % 5);
    }
    let path = folder.join("postings.csv");
    std::fs::write(&path, text)?;
    Ok(path)
}
