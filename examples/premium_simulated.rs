//! Which certificates go with higher pay, and how much of that is only who works in which occupation?
//!
//! Simulated postings with known premia: certificates `a` and `b` are worth 10 % and nothing, but postings of well-paid
//! occupations ask for both more often, and post pay less often. Raw premia show the sorting; adjusted ones do not.
//!
//! Run with `cargo run --example premium_simulated`.

#![allow(clippy::print_stdout, reason = "an example shows its result on the terminal")]

use std::{collections::BTreeMap, error::Error, num::NonZeroUsize};

use credcast::Probability;
use credcast::ingest::{ColumnRule, Mode, Source, read_records};
use credcast::value::premium::{PremiumColumns, PremiumData, PremiumReport, PremiumSettings};

fn main() -> Result<(), Box<dyn Error>> {
    let labels = ["certificates", "occupation", "employer", "month"].map(|name| (name, ColumnRule::Labels));
    let wanted = [("pay", ColumnRule::Numbers)].into_iter().chain(labels).collect::<Vec<_>>();
    let source = Source::bytes("simulated.csv", simulated().into_bytes());
    let (postings, _) = read_records(&[source], &wanted, Mode::Strict)?;
    let columns = PremiumColumns { region: None, industry: None, controls: Vec::new(), ..PremiumColumns::default() };
    let data = PremiumData::from_records(&postings, &columns)?;
    let report = PremiumReport::compute(&data, &PremiumSettings::default(), &BTreeMap::new())?;
    println!("simulated: {} of {} postings with pay", report.diagnostics.rows_used, report.diagnostics.rows_read);
    for c in &report.certificates {
        let (raw, adjusted) = (c.raw.ok_or("no raw premium")?, c.adjusted.ok_or("no adjusted premium")?);
        let [low, high] = adjusted.ci95.map(|end| 100.0 * end.exp_m1());
        let [before, after] = [raw, adjusted].map(|premium| 100.0 * premium.estimate.exp_m1());
        println!("{}: raw {before:.1} %, adjusted {after:.1} %, 95 % from {low:.1} to {high:.1}", c.id);
    }
    for path in report.paths() {
        let level = Probability::new(0.8)?;
        let ahead = path.extrapolate(NonZeroUsize::new(3).ok_or("no period")?);
        let widths: Vec<f64> = ahead.iter().map(|year| year.interval(level).1 - year.interval(level).0).collect();
        println!("{}: 80 % of one, two, three years ahead within {widths:.3?}", path.estimates().key.item());
    }
    Ok(())
}

fn simulated() -> String {
    let mut state = 1_u64;
    let mut below = |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let mut text = String::from("pay,certificates,occupation,employer,month\n");
    for _ in 0..6000 {
        let (occupation, employer, month) = (below(10), below(80), below(36));
        let (a, b) = (below(20) < occupation, below(20) < occupation);
        let worth = 0.05 * occupation as f64 + 0.01 * (employer % 9) as f64 + f64::from(a) * 0.1_f64.ln_1p();
        let pay = (10.0 + worth + below(1000) as f64 / 1000.0 - 0.5).exp().round();
        let pay = if below(12) < occupation { String::new() } else { pay.to_string() };
        let list = ["", "b", "a", "a;b"][2 * usize::from(a) + usize::from(b)];
        let date = format!("{}-{:02}", 2022 + month / 12, month % 12 + 1);
        text += &format!("{pay},{list},o{occupation},e{employer},{date}\n");
    }
    text
}
