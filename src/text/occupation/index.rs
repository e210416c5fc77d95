//! Titles by their words.

use std::collections::HashMap;

use super::profile::Profiles;
use super::title::{Term, distinct, terms};

/// How much the head of a title counts beside its other words. By the measurement in `tests/data/occupation.rs`.
const HEAD: f64 = 1.2;

/// Known titles, each once after normalisation, with the codes that have it.
#[derive(Clone, Debug)]
pub(super) struct Index {
    /// Six-digit codes, sorted.
    pub(super) codes: Vec<String>,
    /// Codes of each title.
    pub(super) titles: Vec<Vec<usize>>,
    /// Titles by their words, sorted and joined.
    exact: HashMap<String, usize>,
    /// Place of each word in `postings`.
    places: HashMap<String, usize>,
    /// Titles that hold a word, with the word's share of the title's length.
    postings: Vec<Vec<(usize, f64)>>,
    /// The rarity of each word: `ln(1 + titles / titles with it)`.
    rarity: Vec<f64>,
    /// The occupations.
    pub(super) profiles: Profiles,
}

/// A title that is like the one asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alike {
    pub(super) title: usize,
    /// Cosine of the weighted words, in (0, 1].
    pub(super) cosine: f64,
}

impl Index {
    /// `pairs` hold a title and a six-digit code.
    pub(super) fn new(mut pairs: Vec<(&str, String)>) -> Self {
        // Sums run in the order of titles: sorted, they do not depend on the order of the list.
        pairs.sort_unstable();
        let mut codes: Vec<String> = pairs.iter().map(|(_, code)| code.clone()).collect();
        codes.sort_unstable();
        codes.dedup();
        let mut exact: HashMap<String, usize> = HashMap::new();
        let mut titles: Vec<Vec<usize>> = Vec::new();
        let mut words: Vec<Vec<Term>> = Vec::new();
        for (title, code) in &pairs {
            let found = terms(title);
            if found.is_empty() {
                continue;
            }
            let next = titles.len();
            let title = *exact.entry(key(&found)).or_insert(next);
            if title == next {
                titles.push(Vec::new());
                words.push(found);
            }
            if let Ok(code) = codes.binary_search(code)
                && let Err(at) = titles[title].binary_search(&code)
            {
                titles[title].insert(at, code);
            }
        }
        let profiles = Profiles::new(&words, &titles, codes.len());
        let (places, postings, rarity) = (HashMap::new(), Vec::new(), Vec::new());
        let mut index = Self { codes, titles, exact, places, postings, rarity, profiles };
        index.file(&words);
        index
    }

    /// The title with the same words in any order.
    pub(super) fn equal(&self, terms: &[Term]) -> Option<usize> {
        self.exact.get(&key(terms)).copied()
    }

    /// Titles that share a word with `terms`, in no order. O(titles with those words).
    pub(super) fn alike(&self, terms: &[Term]) -> Vec<Alike> {
        // A word of no title makes the title asked for longer, as one of the rarest words would.
        let rarest = self.rarity_of(1);
        let weight = |term: &Term| {
            let rarity = self.places.get(&term.text).map_or(rarest * UNKNOWN, |place| self.rarity[*place]);
            if term.is_head { rarity * HEAD } else { rarity }
        };
        let distinct = distinct(terms);
        let length = distinct.iter().map(|term| weight(term).powi(2)).sum::<f64>().sqrt();
        let mut sums = vec![0.0; self.titles.len()];
        let mut touched = Vec::new();
        for term in &distinct {
            let Some(place) = self.places.get(&term.text) else {
                continue;
            };
            let share = weight(term) / length;
            for (title, weight) in &self.postings[*place] {
                if sums[*title] <= 0.0 {
                    touched.push(*title);
                }
                sums[*title] += share * weight;
            }
        }
        touched.into_iter().map(|title| Alike { title, cosine: sums[title].min(1.0) }).collect()
    }

    fn file(&mut self, words: &[Vec<Term>]) {
        let mut holders: Vec<usize> = Vec::new();
        for title in words {
            for term in distinct(title) {
                let next = holders.len();
                let place = *self.places.entry(term.text.clone()).or_insert(next);
                if place == next {
                    holders.push(0);
                }
                holders[place] += 1;
            }
        }
        self.rarity = holders.iter().map(|n| self.rarity_of(*n)).collect();
        self.postings = vec![Vec::new(); holders.len()];
        for (title, terms) in words.iter().enumerate() {
            let weights: Vec<(usize, f64)> = distinct(terms)
                .into_iter()
                .filter_map(|term| {
                    let place = *self.places.get(&term.text)?;
                    Some((place, self.rarity[place] * if term.is_head { HEAD } else { 1.0 }))
                })
                .collect();
            let length = weights.iter().map(|(_, weight)| weight * weight).sum::<f64>().sqrt();
            for (place, weight) in weights {
                self.postings[place].push((title, weight / length));
            }
        }
    }

    fn rarity_of(&self, holders: usize) -> f64 {
        (self.titles.len() as f64 / holders.max(1) as f64).ln_1p()
    }
}

/// How much a word of no title counts beside one of the rarest words.
const UNKNOWN: f64 = 0.5;

fn key(terms: &[Term]) -> String {
    distinct(terms).iter().map(|term| term.text.as_str()).collect::<Vec<_>>().join(" ")
}
