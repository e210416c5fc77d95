//! From values to bins.

use serde::{Deserialize, Serialize};

use crate::error::PersistError;

/// The code of a missing value. Bins of values count from 1.
pub(super) const MISSING: u8 = 0;

/// Most bins of values.
pub(super) const MOST_BINS: usize = 255;

/// How the values of a column are coded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Bins {
    /// The code is 1 plus the number of edges below the value.
    Ordered { edges: Vec<f64> },
    /// The code is 1 plus the place of the value; that of any other value is one more than the last place's.
    Categories { values: Vec<f64> },
}

impl Bins {
    /// Number of bins of values, that of other categories included.
    pub(super) fn n_bins(&self) -> usize {
        match self {
            Self::Ordered { edges } => edges.len() + 1,
            Self::Categories { values } => values.len() + 1,
        }
    }

    pub(super) fn is_ordered(&self) -> bool {
        matches!(self, Self::Ordered { .. })
    }

    /// Learns the bins of distinct values, each with its weight: one for each value if there are at most `max_bins`, else bins
    /// of about equal weight, where a value that fills one has it for itself (the greedy rule of LightGBM, Ke et al. 2017,
    /// NeurIPS 30). Edges lie in the middle between two values. O(n).
    pub(super) fn learn(distinct: &[(f64, f64)], max_bins: usize) -> Self {
        let edge = |place: usize| between(distinct[place].0, distinct[place + 1].0);
        if distinct.len() <= max_bins {
            return Self::Ordered { edges: (1..distinct.len()).map(|place| edge(place - 1)).collect() };
        }
        let total: f64 = distinct.iter().map(|pair| pair.1).sum();
        let share = total / max_bins as f64;
        let fills = |place: usize| distinct[place].1 >= share;
        let full = distinct.iter().filter(|pair| pair.1 >= share);
        let (n_full, weight_full) = full.fold((0, 0.0), |(n, weight), pair| (n + 1, weight + pair.1));
        let (mut left, mut bins_left) = (total - weight_full, max_bins - n_full);
        let mut goal = left / bins_left.max(1) as f64;
        let (mut edges, mut reached) = (Vec::new(), 0.0);
        for (place, &(_, weight)) in distinct[..distinct.len() - 1].iter().enumerate() {
            if !fills(place) {
                left -= weight;
            }
            reached += weight;
            if fills(place) || reached >= goal || fills(place + 1) && reached >= 0.5 * goal {
                edges.push(edge(place));
                reached = 0.0;
                if edges.len() + 1 == max_bins {
                    break;
                }
                if !fills(place) {
                    bins_left = bins_left.saturating_sub(1);
                    goal = left / bins_left.max(1) as f64;
                }
            }
        }
        Self::Ordered { edges }
    }

    /// Learns the bins of categories: the `max_bins - 1` of most weight (the smaller value of two that weigh the same).
    pub(super) fn learn_categories(mut distinct: Vec<(f64, f64)>, max_bins: usize) -> Self {
        distinct.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.total_cmp(&b.0)));
        distinct.truncate(max_bins - 1);
        let mut values: Vec<f64> = distinct.into_iter().map(|pair| pair.0).collect();
        values.sort_by(f64::total_cmp);
        Self::Categories { values }
    }

    /// Keeps only edges behind the bins for which `used` holds; returns the new code of each old one.
    pub(super) fn keep(&mut self, used: &[bool; 256]) -> [u8; 256] {
        let mut codes = [0; 256];
        match self {
            Self::Ordered { edges } => {
                let mut code = 1;
                for old in 1..256 {
                    codes[old] = code;
                    code += u8::from(old <= edges.len() && used[old]);
                }
                // The last bin, which no edge ends, lasts to the end of the codes.
                codes[edges.len() + 1..].fill(u8::MAX);
                let mut bin = 0;
                edges.retain(|_| {
                    bin += 1;
                    used[bin]
                });
            }
            Self::Categories { .. } => codes.iter_mut().zip(0..=u8::MAX).for_each(|(code, old)| *code = old),
        }
        codes
    }

    /// Checks what was read.
    pub(super) fn check(&self) -> Result<(), PersistError> {
        let (Self::Ordered { edges: values } | Self::Categories { values }) = self;
        let ascends = values.windows(2).all(|pair| pair[0] < pair[1]);
        if values.len() >= MOST_BINS || !ascends || values.iter().any(|value| !value.is_finite()) {
            return Err(PersistError::Invalid { detail: "bins that do not ascend, or too many of them".into() });
        }
        Ok(())
    }
}

/// Distinct values, ascending, with the sum of their weights, `None` for weights of 1. 0 and -0 are one value. O(n log n).
pub(super) fn distinct(values: &[f64], weights: Option<&[f64]>) -> Vec<(f64, f64)> {
    let mut distinct: Vec<(f64, f64)> = Vec::new();
    let mut take = |value: f64, weight: f64| match distinct.last_mut() {
        #[expect(clippy::float_cmp, reason = "the same value or another")]
        Some(last) if last.0 == value => last.1 += weight,
        _ => distinct.push((value, weight)),
    };
    if let Some(weights) = weights {
        let mut pairs: Vec<(f64, f64)> = values.iter().copied().zip(weights.iter().copied()).collect();
        pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        pairs.into_iter().for_each(|(value, weight)| take(value, weight));
    } else {
        // Whole numbers in the order of the values: cheaper to compare than pairs of numbers.
        let mut keys: Vec<u64> = values.iter().map(|value| key(*value)).collect();
        keys.sort_unstable();
        keys.into_iter().for_each(|key| take(value_of(key), 1.0));
    }
    distinct
}

/// A number whose order is that of the values.
fn key(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

fn value_of(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key & !(1 << 63) } else { !key })
}

/// The middle, or `low` where rounding leaves none: at least `low` and below `high`.
fn between(low: f64, high: f64) -> f64 {
    let middle = low / 2.0 + high / 2.0;
    if low <= middle && middle < high { middle } else { low }
}

/// A table for finding codes: a binary search without branches, eight values at a time.
#[derive(Debug)]
pub(super) struct Lookup {
    /// Padded with infinities.
    table: Box<[f64; 256]>,
    /// A power of two; steps go down from it.
    first_step: usize,
    /// The code of categories that are not in the table; 0 for ordered values.
    other: u8,
}

const LANES: usize = 8;

impl Lookup {
    #[expect(clippy::cast_possible_truncation, reason = "fewer than 255 categories")]
    pub(super) fn new(bins: &Bins) -> Self {
        let (Bins::Ordered { edges: values } | Bins::Categories { values }) = bins;
        let mut table = Box::new([f64::INFINITY; 256]);
        table[..values.len()].copy_from_slice(values);
        let other = if bins.is_ordered() { 0 } else { values.len() as u8 + 1 };
        Self { table, first_step: (values.len() + 1).next_power_of_two() / 2, other }
    }

    /// Writes the code of each value.
    pub(super) fn encode(&self, values: &[f64], codes: &mut [u8]) {
        for (values, codes) in values.chunks(LANES).zip(codes.chunks_mut(LANES)) {
            let mut lanes = [0.0; LANES];
            lanes[..values.len()].copy_from_slice(values);
            let below = self.search(&lanes);
            for ((code, below), value) in codes.iter_mut().zip(below).zip(lanes) {
                *code = self.code(below, value);
            }
        }
    }

    /// For each value, how many of the table are below it; 0 for NaN.
    #[inline(always)]
    fn search(&self, values: &[f64; LANES]) -> [usize; LANES] {
        let mut at = [0; LANES];
        let mut step = self.first_step;
        while step > 0 {
            for (at, value) in at.iter_mut().zip(values) {
                *at += step * usize::from(self.table[(*at + step - 1) & 255] < *value);
            }
            step /= 2;
        }
        at
    }

    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "at most 255")]
    fn code(&self, below: usize, value: f64) -> u8 {
        let place = below as u8 + 1;
        if value.is_nan() {
            MISSING
        } else if self.other == 0 {
            place
        } else {
            #[expect(clippy::float_cmp, reason = "this category or none")]
            let known = self.table[below & 255] == value;
            if known { place } else { self.other }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ones(values: &[f64]) -> Vec<(f64, f64)> {
        let found = distinct(values, None);
        assert_eq!(found, distinct(values, Some(&vec![1.0; values.len()])));
        found
    }

    fn codes(bins: &Bins, values: &[f64]) -> Vec<u8> {
        let mut codes = vec![0; values.len()];
        Lookup::new(bins).encode(values, &mut codes);
        codes
    }

    #[test]
    fn few_values_have_a_bin_each() {
        let bins = Bins::learn(&ones(&[3.0, 1.0, 3.0, 2.0]), 255);
        assert_eq!(bins, Bins::Ordered { edges: vec![1.5, 2.5] });
        let values = [f64::NAN, -9.0, 1.0, 1.5, 1.6, 2.0, 2.5, 3.0, 1e300, 2.4];
        assert_eq!(codes(&bins, &values), [0, 1, 1, 1, 2, 2, 2, 3, 3, 2]);
        assert_eq!(codes(&Bins::learn(&[], 255), &[f64::NAN, 1.0]), [0, 1]);
        let extremes = [f64::MAX, -f64::MAX, 5e-324, 0.0, -0.0];
        assert_eq!(codes(&Bins::learn(&ones(&extremes), 255), &extremes), [4, 1, 3, 2, 2]);
        let close = [1.0, 1.0 + f64::EPSILON];
        assert_eq!(codes(&Bins::learn(&ones(&close), 255), &close), [1, 2]);
    }

    #[test]
    fn many_values_share_bins_of_about_equal_weight() {
        let values: Vec<f64> = (0..10_000).map(|i| f64::from(i * 7919 % 10_007).powi(3)).collect();
        for max_bins in [2, 3, 16, 63, 64, 255] {
            let bins = Bins::learn(&ones(&values), max_bins);
            assert_eq!(bins.n_bins(), max_bins);
            let mut counts = vec![0_usize; 256];
            for code in codes(&bins, &values) {
                counts[code as usize] += 1;
            }
            let share = 10_000 / max_bins;
            assert!(counts[1..=max_bins].iter().all(|count| count.abs_diff(share) <= 2), "{max_bins}: {counts:?}");
        }
    }

    #[test]
    fn codes_are_counts_of_edges_below() {
        for n in [1, 2, 3, 7, 8, 9, 127, 128, 200, 254] {
            let edges: Vec<f64> = (0..n).map(f64::from).collect();
            let values: Vec<f64> = (-3..3 * n).map(|i| f64::from(i) / 2.0).collect();
            let expected: Vec<usize> = values.iter().map(|v| 1 + edges.iter().filter(|e| *e < v).count()).collect();
            let found: Vec<usize> = codes(&Bins::Ordered { edges }, &values).into_iter().map(usize::from).collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn rare_and_unknown_categories_share_a_code() {
        let bins = Bins::learn_categories(ones(&[5.0, 5.0, 2.0, 2.0, 7.0, 9.0, 9.0, 9.0]), 4);
        assert_eq!(bins, Bins::Categories { values: vec![2.0, 5.0, 9.0] });
        assert_eq!(codes(&bins, &[2.0, 5.0, 9.0, 7.0, 3.0, 1e9, -1.0, f64::NAN]), [1, 2, 3, 4, 4, 4, 4, 0]);
    }

    #[test]
    fn edges_that_no_split_uses_are_dropped_without_changing_a_side() {
        let mut bins = Bins::learn(&ones(&[1.0, 2.0, 3.0, 4.0, 5.0]), 255);
        let mut used = [false; 256];
        used[2] = true;
        used[4] = true;
        let new = bins.keep(&used);
        assert_eq!(bins, Bins::Ordered { edges: vec![2.5, 4.5] });
        assert_eq!(new[..7], [0, 1, 1, 2, 2, 255, 255]);
    }
}
