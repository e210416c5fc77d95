//! How often a title that is left out gets its code back.
//!
//! `cargo test --release --test data occupation -- --ignored --nocapture` prints, if the file of alternate titles is there.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests may do what tests may")]

use std::path::Path;

use credcast::text::occupation::OccupationCoder;

#[test]
#[ignore = "prints a table"]
fn a_title_that_is_left_out_gets_its_code_back() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/onet/Alternate Titles.txt");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: no data");
        return;
    };
    let pairs: Vec<(&str, &str)> = text
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut cells = line.split('\t');
            let (code, title) = (cells.next()?, cells.next()?);
            Some((title, code))
        })
        .collect();
    let coder = OccupationCoder::params().build(pairs.iter().copied()).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    let every = std::env::var("EVERY").ok().and_then(|v| v.parse().ok()).unwrap_or(8);
    let offset = std::env::var("OFFSET").ok().and_then(|v| v.parse().ok()).unwrap_or(0);
    let mut found: Vec<(f64, f64, bool, bool, bool)> = Vec::new();
    let start = std::time::Instant::now();
    for (title, _) in pairs.iter().filter(|(title, _)| seen.insert(title.to_lowercase())).skip(offset).step_by(every) {
        let (answer, codes) = coder.code_without_equal(title);
        let best = answer.best.as_ref();
        let is_right = best.is_some_and(|best| codes.contains(&best.code));
        let second = answer.runner_up.as_ref();
        let is_second = second.is_some_and(|second| codes.contains(&second.code));
        let is_major = best.is_some_and(|best| codes.iter().any(|code| code[..2] == best.code[..2]));
        let score = best.map_or(0.0, |best| best.score);
        found.push((score, score - second.map_or(0.0, |s| s.score), is_right, is_second, is_major));
    }
    let share = |n: usize, of: usize| n as f64 / of.max(1) as f64;
    println!("{} titles, {:.0} us each", found.len(), start.elapsed().as_secs_f64() * 1e6 / found.len() as f64);
    println!(
        "top 1 {:.4}, top 2 {:.4}, major group {:.4}",
        share(found.iter().filter(|f| f.2).count(), found.len()),
        share(found.iter().filter(|f| f.2 || f.3).count(), found.len()),
        share(found.iter().filter(|f| f.4).count(), found.len())
    );
    // Guessing among 868 codes is right once in 868 times; the answer must be worth having, and its score honest.
    let right = share(found.iter().filter(|f| f.2).count(), found.len());
    assert!(right > 0.5, "{right}");
    for bin in 0_u8..10 {
        let (low, high) = (f64::from(bin) / 10.0, f64::from(bin + 1) / 10.0);
        let inside: Vec<_> = found.iter().filter(|f| f.0 >= low && (f.0 < high || bin == 9)).collect();
        let right = inside.iter().filter(|f| f.2).count();
        println!("score in [{low}, {high}]: {} titles, right {:.3}", inside.len(), share(right, inside.len()));
    }
    for least in [0.0, 0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7] {
        for lead in [0.0, 0.05, 0.1, 0.2] {
            let given: Vec<_> = found.iter().filter(|f| f.0 >= least && f.1 >= lead).collect();
            let right = given.iter().filter(|f| f.2).count();
            println!(
                "score {least} lead {lead}: coverage {:.3}, right {:.3}",
                share(given.len(), found.len()),
                share(right, given.len())
            );
        }
    }
}
