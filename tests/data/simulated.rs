//! The files of a simulated market are a market folder.

#![allow(clippy::unwrap_used, reason = "helpers of tests may do what tests may")]

use credcast::ingest::{Source, read_market};
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

#[test]
fn the_bundled_sample_is_what_the_simulation_makes() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/market");
    let market = SimulatedMarket::params().seed(7).postings(30_000).build().unwrap();
    let mut bytes = 0;
    for (name, text) in market.sample_files() {
        let found = std::fs::read_to_string(folder.join(&name)).unwrap();
        assert!(found == text, "{name} differs");
        bytes += text.len() as u64;
    }
    let file = folder.join(SimulatedMarket::ADVERTISEMENTS);
    bytes += std::fs::metadata(&file).unwrap().len();
    assert!(bytes < 3_000_000, "{bytes} bytes");
    let lines = Source::path(file).read_text().unwrap();
    let mut found = lines.lines();
    for posting in market.postings(0..market.len()) {
        let line: serde_json::Value = serde_json::from_str(found.next().unwrap()).unwrap();
        let cell = |name: &str| line[name].as_str().unwrap_or_default();
        assert_eq!((cell("id"), cell("posted")), (&*posting.id.to_string(), &*posting.posted.to_string()));
        let cells = [&posting.employer, &posting.region, &posting.title, &posting.text, &posting.pay];
        assert_eq!(["employer", "region", "title", "text", "pay"].map(cell), cells.map(String::as_str));
    }
    assert_eq!(found.next(), None);
}

#[test]
fn an_outlook_can_be_had_from_the_advertisements_themselves() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/market");
    let (market, reading) = read_market(&folder).unwrap();
    let (kind, vintage, report) = reading.tables.last().unwrap();
    assert_eq!(
        (kind.to_string(), vintage.to_string(), report.rows_read),
        ("advertisements".into(), "2025-01-01".into(), 30_000)
    );
    let truth = SimulatedMarket::params().seed(7).postings(30_000).build().unwrap();
    let originals = truth.demand(0..truth.len()).originals();
    // Reposts count as appearances of their own.
    assert!(
        report.rows_used >= originals && report.rows_used < originals + 3_000,
        "{} of {originals}",
        report.rows_used
    );
    let panel = market.certificate_postings.unwrap().data;
    assert!(panel.column("total").is_ok() && panel.n_series() > 800);
}
