//! The files of a simulated market are a market folder.

#![allow(clippy::unwrap_used, reason = "helpers of tests may do what tests may")]

use credcast::ingest::read_market;
use credcast::market::simulated::SimulatedMarket;

#[test]
fn the_market_reader_takes_the_files() {
    let market = SimulatedMarket::params().postings(20_000).build().unwrap();
    let files = market.market_files(&market.demand(0..market.len()));
    let bytes: usize = files.iter().map(|(_, text)| text.len()).sum();
    assert!(bytes < 3_000_000, "{bytes} bytes");
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in &files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let (read, reading) = read_market(folder.path()).unwrap();
    assert_eq!(read.catalog.len(), 126);
    let panel = read.certificate_postings.unwrap().data;
    assert_eq!(panel.iter().count(), 126 * 11);
    assert_eq!(read.pay.unwrap().data.years(), [2021, 2022, 2023, 2024]);
    assert_eq!(read.supply.unwrap().data.programmes().len(), 100);
    assert!(reading.headline()[0].starts_with("Simulated"));
}
