//! `MinHash` against `SimHash` on generated advertisements.
//!
//! One employer's advertisements share boilerplate; a copy of one has another date, place, requisition number, or small edits.
//! `cargo test text::duplicates::compare -- --ignored --nocapture` prints, for 1,000 pairs of each kind, what each measure says.
//! Measured (likeness by `MinHash` of 128 bins; by `SimHash` of 64 bits over the same three-word runs, 1 - distance / 64):
//!
//! ```text
//! pairs                    MinHash: 5 %, median, 95 %    SimHash
//! other date and number    0.94  0.98  0.99              0.91  0.97  1.00
//! other place              0.87  0.95  0.98              0.86  0.92  0.97
//! 1 word in 50 edited      0.80  0.90  0.98              0.83  0.91  0.97
//! 1 word in 20 edited      0.65  0.76  0.87              0.73  0.83  0.91
//! paragraph moved          0.96  0.98  1.00              0.92  0.97  1.00
//! sentence added           0.88  0.95  0.98              0.86  0.94  0.98
//! unrelated                0.00  0.00  0.01              0.39  0.50  0.61
//! half boilerplate         0.27  0.33  0.40              0.58  0.67  0.77
//! 80 % boilerplate         0.60  0.66  0.73              0.72  0.80  0.88
//! 90 % boilerplate         0.76  0.82  0.87              0.78  0.86  0.92
//! area under the curve     0.957                         0.931
//! ```
//! `SimHash` puts advertisements that share 80 % boilerplate where it puts copies with one word in 20 edited; `MinHash` keeps them
//! apart. A threshold of 0.75 finds 92 % of these copies and takes hardly any pair of 80 % boilerplate for one; most pairs of
//! 90 % boilerplate are taken for copies by both. The texts are random words: they say how the measures differ, not how often
//! they err on real advertisements.

use super::fingerprint::{Fingerprint, name_hash};
use super::signature::likeness;
use crate::numeric::random::SplitMix64;
use crate::text::words::folded;

/// `SimHash` over three-word runs (Charikar 2002; 64 bits as in Manku, Jain & Das Sarma 2007).
fn sim_hash(text: &str) -> u64 {
    let words: Vec<u64> = text
        .split(' ')
        .map(|w| if w.bytes().all(|b| b.is_ascii_digit()) { 1 } else { name_hash(w).unwrap_or(0) })
        .collect();
    let mut sums = [0_i32; 64];
    for run in words.windows(3.min(words.len())) {
        let hash = run.iter().fold(0_u64, |hash, word| folded(hash.rotate_left(17) ^ word));
        for (bit, sum) in sums.iter_mut().enumerate() {
            *sum += if hash >> bit & 1 == 1 { 1 } else { -1 };
        }
    }
    sums.iter().enumerate().fold(0, |hash, (bit, sum)| hash | u64::from(*sum > 0) << bit)
}

/// A stream of words.
pub(super) struct Stream(SplitMix64);

impl Stream {
    pub(super) fn new(seed: u64) -> Self {
        Self(SplitMix64::of(seed, 0))
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
        self.0.below(n)
    }

    /// A word of 3,000, frequent ones more often: the product of two uniform ranks.
    fn word(&mut self) -> String {
        let rank = self.below(55) * self.below(55);
        let syllables = ["ka", "re", "mo", "ti", "su", "lan", "der", "vi", "po", "gha", "ne", "bru", "zo"];
        format!("{}{}{}", syllables[rank % 13], syllables[rank / 13 % 13], syllables[rank / 169 % 13])
    }

    pub(super) fn words(&mut self, n: usize) -> Vec<String> {
        (0..n).map(|_| self.word()).collect()
    }
}

/// An advertisement: its own text, then the employer's boilerplate.
fn advertisement(stream: &mut Stream, own: usize, boilerplate: &[String]) -> Vec<String> {
    let mut all =
        vec![format!("req {} posted {} march 20{}", stream.below(99_999), stream.below(31), stream.below(99))];
    all.extend(stream.words(own));
    all.extend_from_slice(boilerplate);
    all
}

fn edited(stream: &mut Stream, words: &[String], one_in: usize) -> Vec<String> {
    words.iter().map(|word| if stream.below(one_in) == 0 { stream.word() } else { word.clone() }).collect()
}

/// Pairs of one kind: first whether they are copies, then the likeness by each measure.
fn pairs(stream: &mut Stream, kind: &str, n: usize) -> Vec<(f64, f64)> {
    (0..n)
        .map(|_| {
            let share = match kind {
                "half boilerplate" => 0.5,
                "80 % boilerplate" => 0.8,
                "90 % boilerplate" => 0.9,
                _ => 0.4,
            };
            let own = 60 + stream.below(240);
            #[expect(clippy::cast_possible_truncation, reason = "at most 3,000")]
            let n_boilerplate = (own as f64 * share / (1.0 - share)) as usize;
            let boilerplate = stream.words(n_boilerplate);
            let a = advertisement(stream, own, &boilerplate);
            let mut b = a.clone();
            match kind {
                "other date and number" => b[0] = format!("req {} posted 3 april 1999", stream.below(99_999)),
                "other place" => {
                    let (at, place) = (10 + stream.below(40), stream.words(3));
                    b.splice(at..at + 3, place);
                    b[1] = stream.word();
                }
                "1 word in 50 edited" => b = edited(stream, &a, 50),
                "1 word in 20 edited" => b = edited(stream, &a, 20),
                "paragraph moved" => b.rotate_left(a.len() / 3),
                "sentence added" => b.extend(stream.words(15)),
                "unrelated" => b = stream.words(a.len()),
                _ => b = advertisement(stream, own, &boilerplate),
            }
            let both = |words: &[String]| {
                let text = words.join(" ");
                (*Fingerprint::new(&text, false, Some(0)).signature().unwrap(), sim_hash(&text))
            };
            let ((m1, s1), (m2, s2)) = (both(&a), both(&b));
            (likeness(&m1, &m2), 1.0 - f64::from((s1 ^ s2).count_ones()) / 64.0)
        })
        .collect()
}

const COPIES: [&str; 6] = [
    "other date and number",
    "other place",
    "1 word in 50 edited",
    "1 word in 20 edited",
    "paragraph moved",
    "sentence added",
];
const OTHERS: [&str; 4] = ["unrelated", "half boilerplate", "80 % boilerplate", "90 % boilerplate"];

/// The share of pairs of a copy and a non-copy that a measure ranks rightly, ties half.
fn area(copies: &[f64], others: &[f64]) -> f64 {
    let one = |a: f64| others.iter().map(|b| if a > *b { 1.0 } else { 0.5 * f64::from(a >= *b) }).sum::<f64>();
    copies.iter().map(|a| one(*a)).sum::<f64>() / (copies.len() * others.len()) as f64
}

fn at(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(clippy::cast_possible_truncation, reason = "a place in the slice")]
    let place = (share * (values.len() - 1) as f64) as usize;
    values[place]
}

#[test]
#[ignore = "prints a table"]
fn measure() {
    let mut stream = Stream::new(7);
    let mut all: Vec<(bool, f64, f64)> = Vec::new();
    println!("kind, minhash p5, median, p95, simhash p5, median, p95");
    for kind in COPIES.into_iter().chain(OTHERS) {
        let found = pairs(&mut stream, kind, 1_000);
        let (mut m, mut s): (Vec<f64>, Vec<f64>) = found.iter().copied().unzip();
        let row: Vec<String> = [0.05, 0.5, 0.95]
            .map(|q| at(&mut m, q))
            .into_iter()
            .chain([0.05, 0.5, 0.95].map(|q| at(&mut s, q)))
            .map(|v| format!("{v:.2}"))
            .collect();
        println!("{kind:24} {}", row.join("  "));
        all.extend(found.iter().map(|(m, s)| (COPIES.contains(&kind), *m, *s)));
    }
    for (name, measure) in [("minhash", (|r| r.1) as fn(&(bool, f64, f64)) -> f64), ("simhash", |r| r.2)] {
        let part = |copies: bool| -> Vec<f64> { all.iter().filter(|r| r.0 == copies).map(measure).collect() };
        let (copies, others) = (part(true), part(false));
        println!("{name}: area {:.4}", area(&copies, &others));
        for threshold in [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.92, 0.95] {
            let above =
                |values: &[f64]| values.iter().filter(|v| **v >= threshold).count() as f64 / values.len() as f64;
            println!("  {threshold}: copies found {:.3}, others taken {:.3}", above(&copies), above(&others));
        }
    }
}

#[test]
fn min_hash_ranks_copies_above_boilerplate_more_often_than_sim_hash() {
    let mut stream = Stream::new(11);
    let mut gather =
        |kinds: &[&str]| -> Vec<(f64, f64)> { kinds.iter().flat_map(|kind| pairs(&mut stream, kind, 60)).collect() };
    let (copies, others) = (gather(&COPIES), gather(&OTHERS));
    let part = |pairs: &[(f64, f64)], of: fn(&(f64, f64)) -> f64| -> Vec<f64> { pairs.iter().map(of).collect() };
    let min_hash = area(&part(&copies, |p| p.0), &part(&others, |p| p.0));
    let sim_hash = area(&part(&copies, |p| p.1), &part(&others, |p| p.1));
    assert!(min_hash > sim_hash, "{min_hash} {sim_hash}");
}
