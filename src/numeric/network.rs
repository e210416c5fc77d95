//! Order statistics of many short windows at once, by a sorting network.

use super::rows;

/// Longest window that a network beats: beyond it, keeping one sorted window costs less.
pub(crate) const LONGEST: usize = 32;

/// Windows that are sorted together: 32 values of 32 windows fill a quarter of a first-level cache.
const WINDOWS: usize = 32;

/// Pairs of places to be put in order, one after the other, so that `ranks` of `n` values end in their sorted places.
///
/// Source: Batcher's merge exchange, Knuth (1998), *The Art of Computer Programming* 3, 2nd ed., 5.2.2, algorithm M;
/// comparisons that cannot reach a rank asked for are left out.
fn comparators(n: usize, ranks: &[usize]) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let top = n.next_power_of_two() / 2;
    let mut p = top;
    while p > 0 {
        let (mut q, mut r, mut d) = (top, 0, p);
        loop {
            pairs.extend((0..n.saturating_sub(d)).filter(|i| i & p == r).map(|i| (i, i + d)));
            if q == p {
                break;
            }
            (d, q, r) = (q - p, q / 2, p);
        }
        p /= 2;
    }
    let mut asked = vec![false; n];
    ranks.iter().for_each(|&rank| asked[rank] = true);
    let mut kept: Vec<(usize, usize)> = Vec::with_capacity(pairs.len());
    for (low, high) in pairs.into_iter().rev() {
        if asked[low] || asked[high] {
            (asked[low], asked[high]) = (true, true);
            kept.push((low, high));
        }
    }
    kept.reverse();
    kept
}

/// One quantile of windows of one length.
#[derive(Clone, Debug)]
pub(crate) struct WindowQuantile {
    length: usize,
    p: f64,
    below: usize,
    above: usize,
    part: f64,
    pairs: Vec<(usize, usize)>,
    lanes: Vec<f64>,
}

impl WindowQuantile {
    /// The `p` quantile, linear between order statistics (R type 7), of windows of `length` values, at most [`LONGEST`].
    pub(crate) fn new(length: usize, p: f64) -> Self {
        let position = p.clamp(0.0, 1.0) * (length - 1) as f64;
        #[expect(clippy::cast_possible_truncation, reason = "position lies in 0..length")]
        let below = position as usize;
        let above = (below + 1).min(length - 1);
        let pairs = comparators(length, &[below, above]);
        Self { length, p, below, above, part: position - below as f64, pairs, lanes: vec![0.0; length * WINDOWS] }
    }

    /// Whether it is this quantile of windows of this length.
    pub(crate) fn is(&self, length: usize, p: f64) -> bool {
        self.length == length && self.p.to_bits() == p.to_bits()
    }

    /// Writes the quantile of `values[t .. t + length]` to `out[t]`; whatever it is where a value is NaN.
    pub(crate) fn of(&mut self, values: &[f64], out: impl IntoIterator<Item = impl FnOnce(f64)>) {
        let mut out = out.into_iter();
        let n = (values.len() + 1).saturating_sub(self.length);
        for first in (0..n).step_by(WINDOWS) {
            let windows = WINDOWS.min(n - first);
            for (place, lane) in self.lanes.chunks_exact_mut(WINDOWS).enumerate() {
                lane[..windows].copy_from_slice(&values[first + place..][..windows]);
            }
            rows::order_lanes(&mut self.lanes, WINDOWS, &self.pairs);
            let lane = |rank: usize| &self.lanes[rank * WINDOWS..][..windows];
            let (below, above) = (lane(self.below), lane(self.above));
            for (write, (below, above)) in out.by_ref().take(windows).zip(below.iter().zip(above)) {
                write(below + self.part * (above - below));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rank_of_zeros_and_ones_ends_in_its_place() {
        // A network that sorts all sequences of 0 and 1 sorts everything (Knuth, 5.3.4, theorem Z).
        for n in 1..=13_usize {
            for rank in 0..n {
                let pairs = comparators(n, &[rank]);
                for bits in 0..1_u32 << n {
                    let mut places: Vec<bool> = (0..n).map(|i| bits >> i & 1 == 1).collect();
                    for &(low, high) in &pairs {
                        if places[low] && !places[high] {
                            places.swap(low, high);
                        }
                    }
                    let zeros = n - usize::try_from(bits.count_ones()).unwrap();
                    assert_eq!(places[rank], rank >= zeros, "{n} {rank} {bits:b}");
                }
            }
        }
    }

    #[test]
    fn quantiles_are_those_of_the_sorted_window() {
        let values: Vec<f64> = (0..300_u32).map(|t| f64::from(t.wrapping_mul(2_654_435_761) >> 12)).collect();
        for (length, p) in [(1, 0.5), (2, 0.5), (3, 0.0), (12, 0.5), (12, 0.9), (31, 1.0), (32, 0.333)] {
            let mut found = vec![f64::NAN; values.len() - length + 1];
            WindowQuantile::new(length, p).of(&values, found.iter_mut().map(|out| move |value| *out = value));
            for (window, found) in values.windows(length).zip(found) {
                let mut sorted = window.to_vec();
                sorted.sort_by(f64::total_cmp);
                assert_eq!(found.to_bits(), crate::numeric::quantile::of_sorted(&sorted, p).to_bits());
            }
        }
    }
}
