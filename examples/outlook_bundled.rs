//! Will these four certificates hold value in the nation, by the data that come with the crate?
//!
//! Shows how a market becomes outlooks: the verdict, the probability behind it, demand and pay as bands, and the tables
//! used. The bundled employment ends in 2019-09: this shows what the crate does, not what to fund.
//!
//! Run with `cargo run --example outlook_bundled`.

#![allow(clippy::print_stdout, reason = "an example shows its result on the terminal")]

use std::error::Error;

use credcast::RegionId;
use credcast::ingest::bundled_market;
use credcast::value::{OutlookReport, OutlookSettings};

const CERTIFICATES: [&str; 4] = ["lpn-nclex", "ptcb-cpht", "nha-cbcs", "ms-mcsa"];

fn main() -> Result<(), Box<dyn Error>> {
    let market = bundled_market()?;
    let settings = OutlookSettings { horizons_months: vec![12, 36], ..OutlookSettings::default() };
    let mut report = OutlookReport::compute(&market, &[RegionId::nation()], &settings)?;
    report.retain(|id| CERTIFICATES.contains(&id.as_str()));

    for line in &report.headline {
        println!("note: {line}");
    }
    for outlook in &report.certificates {
        println!("\n{} ({}): {}", outlook.name, outlook.id, outlook.verdict);
        println!("  because {}", outlook.reason);
        for ahead in &outlook.horizons {
            // What the data cannot tell is `None`, and printed as such.
            let chance = ahead.p_holds_value.map_or("cannot be told".into(), |p| format!("{:.0} %", 100.0 * p));
            println!("  {}: holds value with probability {chance}", ahead.period);
            for (what, band) in [("demand", &ahead.demand), ("share", &ahead.share_factor), ("pay", &ahead.pay)] {
                if let Some(band) = band {
                    let digits = if band.p90 < 10.0 { 3 } else { 0 };
                    println!(
                        "    {what}: {:.digits$}, 80 % from {:.digits$} to {:.digits$} ({})",
                        band.p50, band.p10, band.p90, band.unit
                    );
                }
            }
        }
    }

    println!("\nsources:");
    for source in &report.sources {
        println!("  {}: {} rows, knowable from {}", source.kind, source.rows, source.vintage);
    }
    Ok(())
}
