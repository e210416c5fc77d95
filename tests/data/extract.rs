//! Demand that is extracted from simulated advertisements, against the truth that the simulation knows.
//!
//! `cargo test --release --test data extract -- --ignored --nocapture` does it on 200,000 advertisements of another seed.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests may do what tests may")]

use std::collections::{BTreeMap, BTreeSet};

use credcast::ingest::extract::{Copies, ExtractSettings, Extraction, Extractor};
use credcast::ingest::postings::{Mapping, PostingReader, Settings};
use credcast::market::simulated::SimulatedMarket;

/// Certificate and month; the family in place of its versions, since postings that name no version mean any of them.
type Key = (String, String);

/// What originals ask for, and the middles of the pay that they write, both ends and the unit right.
#[derive(Default)]
struct Truth {
    asked: BTreeMap<Key, u64>,
    pay: BTreeMap<Key, Vec<f64>>,
    originals: u64,
}

/// Versions by their family.
fn families(market: &SimulatedMarket) -> BTreeMap<String, String> {
    let catalog = market.catalogue().unwrap();
    catalog.iter().filter_map(|c| Some((c.id.to_string(), c.family.clone()?))).collect()
}

fn truth(market: &SimulatedMarket) -> Truth {
    let families = families(market);
    let mut truth = Truth::default();
    for posting in market.postings(0..market.len()).filter(|posting| posting.truth.copy_of.is_none()) {
        truth.originals += 1;
        let month = posting.posted.to_frequency(credcast::Frequency::Monthly).unwrap().to_string();
        let written = posting.truth.pay.written.filter(|written| !written.wrong_unit);
        let middle = written.and_then(|written| Some((written.low_usd? + written.high_usd?) / 2.0));
        let asked = posting.truth.asked().into_iter().map(ToString::to_string);
        let asked: BTreeSet<String> = asked.map(|id| families.get(&id).cloned().unwrap_or(id)).collect();
        for certificate in asked {
            let key = (certificate, month.clone());
            *truth.asked.entry(key.clone()).or_default() += 1;
            truth.pay.entry(key).or_default().extend(middle);
        }
    }
    truth
}

fn extraction(market: &SimulatedMarket) -> Extraction {
    let mut lines = Vec::new();
    for posting in market.postings(0..market.len()) {
        let fields = [
            ("posted", posting.posted.to_string()),
            ("employer", posting.employer),
            ("industry", posting.industry),
            ("region", posting.region),
            ("soc", posting.soc),
            ("title", posting.title),
            ("text", posting.text),
            ("pay", posting.pay),
        ];
        let fields: serde_json::Map<String, serde_json::Value> = fields
            .into_iter()
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(name, cell)| (name.into(), cell.into()))
            .collect();
        serde_json::to_writer(&mut lines, &fields).unwrap();
        lines.push(b'\n');
    }
    let settings = ExtractSettings { copies: Copies::Once, ..ExtractSettings::default() };
    let extractor = Extractor::new(&market.catalogue().unwrap(), settings).unwrap();
    let reader = PostingReader::of_bytes("simulated.ndjson", lines, &Mapping::default(), &Settings::default()).unwrap();
    extractor.run(&reader).unwrap()
}

/// Deviations from the truth: of originals, of requests (the sum of differences by certificate and month over the sum of requests),
/// and the shares of cells with at least ten requests that are within 2 %, and of those with pay whose median is within 1 %.
#[derive(Debug)]
struct Deviations {
    originals: f64,
    requests: f64,
    within_two_per_cent: f64,
    pay_within_one_per_cent: f64,
    pay_typical: f64,
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    (values[(n - 1) / 2] + values[n / 2]) / 2.0
}

fn deviations(market: &SimulatedMarket) -> Deviations {
    let mut truth = truth(market);
    let Extraction { panel, report } = extraction(market);
    assert_eq!(report.postings.read(), report.counted + report.left_out + report.postings.rejected());
    let families = families(market);
    let mut found: BTreeMap<Key, (u64, Vec<[f64; 3]>)> = BTreeMap::new();
    for cell in panel.cells.iter().filter(|cell| cell.region.is_nation()) {
        let item = families.get(&*cell.item).cloned().unwrap_or_else(|| cell.item.to_string());
        let sum = found.entry((item, cell.period.to_string())).or_default();
        sum.0 += cell.asked();
        sum.1.extend(cell.pay);
    }
    let asked = |key: &Key| found.get(key).map_or(0, |cell| cell.0);
    let keys: BTreeSet<&Key> = truth.asked.keys().chain(found.keys()).collect();
    let differences: u64 =
        keys.into_iter().map(|key| truth.asked.get(key).copied().unwrap_or(0).abs_diff(asked(key))).sum();
    let large: Vec<(&Key, u64)> = truth.asked.iter().filter(|(_, n)| **n >= 10).map(|(key, n)| (key, *n)).collect();
    let within = large.iter().filter(|(key, n)| asked(key).abs_diff(*n) * 50 <= *n).count();
    let mut of_pay: Vec<f64> = Vec::new();
    let is_family = |key: &Key| families.values().any(|family| *family == key.0);
    for (key, values) in truth.pay.iter_mut().filter(|(key, values)| values.len() >= 5 && !is_family(key)) {
        match found.get(key).map(|cell| &cell.1[..]) {
            Some([[_, found, _]]) => of_pay.push((found / median(values) - 1.0).abs()),
            _ => of_pay.push(f64::INFINITY),
        }
    }
    Deviations {
        originals: report.counted as f64 / truth.originals as f64 - 1.0,
        requests: differences as f64 / truth.asked.values().sum::<u64>() as f64,
        within_two_per_cent: within as f64 / large.len() as f64,
        pay_within_one_per_cent: of_pay.iter().filter(|d| **d <= 0.01).count() as f64 / of_pay.len() as f64,
        pay_typical: median(&mut of_pay),
    }
}

#[test]
fn demand_and_pay_are_recovered_from_simulated_advertisements() {
    check(11, 20_000, 0.85);
}

/// Holds the deviations against bounds; `least_pay` is the share of cells whose median pay must be within 1 %.
fn check(seed: u64, postings: u64, least_pay: f64) {
    let market = SimulatedMarket::params().seed(seed).postings(postings).build().unwrap();
    let found = deviations(&market);
    eprintln!("{found:?}");
    assert!(found.originals.abs() < 0.005, "{found:?}");
    // The goal of 2 % is met in sum, not in every cell: with ten requests in a month one that is misread is a tenth.
    assert!(found.requests < 0.025 && found.within_two_per_cent > 0.7, "{found:?}");
    assert!(found.pay_within_one_per_cent > least_pay && found.pay_typical < 0.001, "{found:?}");
}

#[test]
#[ignore = "takes a minute"]
fn demand_and_pay_are_recovered_from_many_simulated_advertisements() {
    // Months of many postings have more of which one can be misread.
    check(12, 200_000, 0.75);
}
