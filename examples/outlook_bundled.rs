//! Which of these certificates will hold value? The outlook of a few, in the nation and in Texas, from the bundled data.
//!
//! Run with `cargo run --release --example outlook_bundled`.

#![expect(clippy::print_stdout, reason = "printing is what an example is for")]

use std::error::Error;

use credcast::RegionId;
use credcast::ingest::bundled_market;
use credcast::value::{OutlookReport, OutlookSettings};

const LIST: [&str; 5] = ["aws-certified-welder", "lpn-nclex", "cna-state", "cosmetology-state", "comptia-a-plus-1201"];

fn main() -> Result<(), Box<dyn Error>> {
    let mut market = bundled_market()?;
    market.catalog = market.catalog.filter(|certificate| LIST.contains(&certificate.id.as_str()));
    let regions = [RegionId::nation(), RegionId::new("TX")];
    let settings = OutlookSettings { decision_months: 48, ..OutlookSettings::default() };
    let report = OutlookReport::compute(&market, &regions, &settings)?;
    for line in &report.headline {
        println!("note: {line}");
    }
    for outlook in &report.certificates {
        println!("\n{} in {}: {}", outlook.name, outlook.region, outlook.verdict);
        println!("  because {}", outlook.reason);
        for horizon in &outlook.horizons {
            let holds = horizon.p_holds_value.map_or("cannot tell".into(), |p| format!("{:.0} %", 100.0 * p));
            let pay = horizon.pay.as_ref().map_or("unknown".into(), |b| format!("{:.0} to {:.0} USD", b.p10, b.p90));
            println!("  {}: holds value with {holds}, pays {pay} (80 %)", horizon.period);
        }
        for evidence in &outlook.evidence {
            println!("  {}: {} rows of {}, known {}", evidence.what, evidence.rows, evidence.source, evidence.vintage);
        }
    }
    Ok(())
}
