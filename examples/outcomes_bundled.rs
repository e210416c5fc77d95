//! Which fields of certificate programmes pay more than a high-school diploma, and would their debts pass the test?
//!
//! Shows fields of the bundled College Scorecard with what their pay says, small fields pulled towards the others, and the debt and
//! earnings tests of 34 CFR 668.402. Completers differ from high-school graduates in more than the certificate: no effect is shown.
//!
//! Run with `cargo run --example outcomes_bundled`.

#![allow(clippy::print_stdout, reason = "an example shows its result on the terminal")]

use std::error::Error;

use credcast::ingest::{bundled_field_titles, bundled_market};
use credcast::value::outcomes::{FieldReport, FieldSettings, FieldVerdict};
use credcast::value::statutory::{CredentialLevel, GainfulRules, StatutoryReport};

fn main() -> Result<(), Box<dyn Error>> {
    let supply = bundled_market()?.supply.ok_or("the bundled market has programmes")?;
    let titles = bundled_field_titles()?;

    let report = FieldReport::compute(supply.data.programmes(), &FieldSettings::default())?;
    let count = |verdict| report.fields.iter().filter(|field| field.verdict == verdict).count();
    println!(
        "fields: {} above, {} below, {} cannot be told",
        count(FieldVerdict::Above),
        count(FieldVerdict::Below),
        count(FieldVerdict::CannotTell)
    );
    // Those with a verdict: a field of one programme with high pay proves little.
    let mut fields: Vec<_> = report.fields.iter().filter(|field| field.verdict != FieldVerdict::CannotTell).collect();
    fields.sort_by(|a, b| b.premium.total_cmp(&a.premium));
    for field in fields.iter().take(5).chain(&fields[fields.len() - 5..]) {
        let [low, high] = field.interval.map(|end| 100.0 * end);
        println!(
            "  {:+.0} % ({low:+.0} % to {high:+.0} %) {}: {} programmes, {}",
            100.0 * field.premium,
            titles.get(&field.cip4).map_or(field.cip4.as_str(), String::as_str),
            field.programmes,
            field.verdict.name()
        );
    }

    let rules = GainfulRules::for_years(2026, 2025, CredentialLevel::CertificateOrAssociate)?;
    let tests = StatutoryReport::of_scorecard(supply.data.programmes(), &rules)?;
    for test in ["debt to earnings", "earnings premium"] {
        let count = |name| tests.rows.iter().filter(|row| row.test == test && row.result.name() == name).count();
        println!("{test}: {} pass, {} fail, {} cannot be told", count("pass"), count("fail"), count("cannot tell"));
    }
    Ok(())
}
