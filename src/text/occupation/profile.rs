//! Occupations by the words of all their titles.

use std::collections::HashMap;

use super::title::{Term, distinct};

/// Words that the collection of all titles lends to each occupation, in the smoothing by a Dirichlet prior (Zhai & Lafferty
/// 2004, "A Study of Smoothing Methods for Language Models Applied to Information Retrieval", ACM TOIS 22).
const LENT: f64 = 20.0;

/// How often each occupation's titles use each word; a title of several codes counts for each in part.
#[derive(Clone, Debug)]
pub(super) struct Profiles {
    /// Place of each word in `uses`.
    places: HashMap<String, usize>,
    /// Codes whose titles hold a word, by code, and how often.
    uses: Vec<Vec<(usize, f64)>>,
    /// Words of the titles of each code.
    sizes: Vec<f64>,
    /// Sum of `sizes`.
    total: f64,
}

impl Profiles {
    /// `words` and `codes` hold the words and codes of each title.
    pub(super) fn new(words: &[Vec<Term>], codes: &[Vec<usize>], n_codes: usize) -> Self {
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut uses: Vec<Vec<(usize, f64)>> = Vec::new();
        let mut sizes = vec![0.0; n_codes];
        for (terms, codes) in words.iter().zip(codes) {
            let part = 1.0 / codes.len() as f64;
            for term in distinct(terms) {
                let next = uses.len();
                let place = *places.entry(term.text.clone()).or_insert(next);
                if place == next {
                    uses.push(Vec::new());
                }
                uses[place].extend(codes.iter().map(|code| (*code, part)));
                codes.iter().for_each(|code| sizes[*code] += part);
            }
        }
        for uses in &mut uses {
            uses.sort_by_key(|(code, _)| *code);
            uses.dedup_by(|next, kept| {
                let is_same = next.0 == kept.0;
                kept.1 += if is_same { next.1 } else { 0.0 };
                is_same
            });
        }
        let total = sizes.iter().sum();
        Self { places, uses, sizes, total }
    }

    /// For each code the logarithm of its size times the likelihood of the words, up to a constant; a word of no title says
    /// nothing. `without` are the codes of a title of these words that must not count.
    pub(super) fn log_weights(&self, terms: &[Term], without: Option<&[usize]>) -> Vec<f64> {
        let known: Vec<usize> =
            distinct(terms).into_iter().filter_map(|term| self.places.get(&term.text).copied()).collect();
        let n = known.len() as f64;
        let left =
            |code: usize| without.filter(|codes| codes.contains(&code)).map_or(0.0, |codes| 1.0 / codes.len() as f64);
        let mut out: Vec<f64> = self
            .sizes
            .iter()
            .enumerate()
            .map(|(code, size)| {
                let size = (size - n * left(code)).max(0.0);
                size.ln_1p() - n * (size + LENT).ln()
            })
            .collect();
        for place in known {
            let all: f64 = self.uses[place].iter().map(|(_, count)| count).sum();
            // Half a use more: the word of a title that is left out may have no other.
            let common = (all - f64::from(without.is_some())).max(0.0) + 0.5;
            let lent = LENT * common / self.total;
            for (code, count) in &self.uses[place] {
                out[*code] += ((count - left(*code)).max(0.0) / lent).ln_1p();
            }
        }
        out
    }
}
