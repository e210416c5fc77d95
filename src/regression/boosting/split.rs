//! The best division of a leaf.

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

use super::bins::{Bins, MISSING};
use super::histogram::{Histogram, N_CODES};
use super::loss::newton;
use super::packed::{Packed, Scale, Sums};

/// Which codes go left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Side {
    /// Codes of this range, ends included.
    Range { first: u8, last: u8 },
    /// Codes whose bit is set, from the lowest bit of the first number on.
    Set([u64; 4]),
}

impl Side {
    pub(super) fn holds(self, code: u8) -> bool {
        match self {
            Self::Range { first, last } => (first..=last).contains(&code),
            Self::Set(bits) => bits[usize::from(code / 64)] >> (code % 64) & 1 == 1,
        }
    }

    /// The answer for each code.
    pub(super) fn table(self) -> [bool; N_CODES] {
        let mut table = [false; N_CODES];
        table.iter_mut().zip(0..=u8::MAX).for_each(|(left, code)| *left = self.holds(code));
        table
    }
}

/// Limits of a leaf's value, which keep monotone columns monotone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Bounds {
    pub(super) const NONE: Self = Self { low: f64::NEG_INFINITY, high: f64::INFINITY };

    pub(super) fn clamp(self, value: f64) -> f64 {
        value.max(self.low).min(self.high)
    }

    fn any(self) -> bool {
        self.low > f64::NEG_INFINITY || self.high < f64::INFINITY
    }
}

/// What the search knows of a column.
#[derive(Clone, Copy, Debug)]
pub(super) struct ColumnPlan {
    n_bins: usize,
    is_ordered: bool,
    /// -1, 0 or 1: which way predictions may move with the column.
    pub(super) monotone: i8,
}

impl ColumnPlan {
    pub(super) fn new(bins: &Bins, monotone: i8) -> Self {
        Self { n_bins: bins.n_bins(), is_ordered: bins.is_ordered(), monotone }
    }
}

/// What a division must keep to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) min_count: f64,
    pub(super) min_hessian: f64,
    pub(super) l2: f64,
    pub(super) category_smoothing: f64,
    pub(super) category_l2: f64,
    pub(super) category_limit: usize,
    pub(super) category_rows: f64,
    /// Whether values of leaves are Newton steps, so that bounds of them are known while a division is searched.
    pub(super) newton_leaves: bool,
}

/// A division of a leaf.
#[derive(Clone, Copy, Debug)]
pub(super) struct Split<P> {
    pub(super) gain: f64,
    pub(super) column: usize,
    pub(super) side: Side,
    /// Sums of the left rows.
    pub(super) left: P,
    /// What the leaves of both sides add to `l2`.
    pub(super) extra_l2: f64,
}

/// With as many categories or fewer, one of them is parted from the rest (LightGBM's `max_cat_to_onehot`).
const ONE_AGAINST_REST: usize = 4;

/// A gain below this share of what both sides explain is rounding error.
const GAIN_SHARE: f64 = 1e-12;

/// Fewest columns searched by one task: a handful is not worth handing over.
const COLUMNS_PER_TASK: usize = 8;

/// More than products and sums can be off by rounding.
const SLACK: f64 = 1.0 + 1e-12;

/// The search of one leaf.
#[derive(Debug)]
pub(super) struct Search<'a, P> {
    pub(super) scale: &'a Scale,
    pub(super) limits: &'a Limits,
    pub(super) bounds: Bounds,
    pub(super) total: P,
    /// Whether columns are searched by several threads.
    pub(super) is_parallel: bool,
}

impl<P: Packed> Search<'_, P> {
    /// The division of most gain; the first column and the lowest bin of equal ones. `None` if no division gains.
    pub(super) fn best(&self, histogram: &Histogram<P>, plans: &[ColumnPlan]) -> Option<Split<P>> {
        let of = |column: usize| self.best_of_column(histogram.column(column), column, plans[column]);
        let better = |a: Option<Split<P>>, b: Option<Split<P>>| match (a, b) {
            (Some(a), Some(b)) => Some(if b.gain > a.gain { b } else { a }),
            (a, b) => a.or(b),
        };
        if !self.is_parallel || plans.len() < 2 * COLUMNS_PER_TASK || rayon::current_num_threads() == 1 {
            return (0..plans.len()).map(of).fold(None, better);
        }
        (0..plans.len()).into_par_iter().with_min_len(COLUMNS_PER_TASK).map(of).reduce(|| None, better)
    }

    fn best_of_column(&self, sums: &[P; N_CODES], column: usize, plan: ColumnPlan) -> Option<Split<P>> {
        let missing = sums[usize::from(MISSING)];
        let parent = self.total.unpack(self.scale);
        let to_beat = parent.gradient * parent.gradient / (parent.hessian + self.limits.l2);
        let mut best = Best { search: self, parent, column, monotone: plan.monotone, to_beat, found: None };
        if !plan.is_ordered {
            self.categories(sums, plan.n_bins, &mut best);
        } else if missing == P::default() {
            self.ordered(&sums[..=plan.n_bins], missing, false, &mut best);
            // No missing value taught a side: they go with the larger one.
            if let Some(Split { side: Side::Range { first, .. }, left, .. }) = &mut best.found {
                *first = if 2 * left.count(self.scale) >= self.total.count(self.scale) { MISSING } else { 1 };
            }
        } else {
            self.ordered(&sums[..=plan.n_bins], missing, false, &mut best);
            self.ordered(&sums[..=plan.n_bins], missing, true, &mut best);
        }
        best.found
    }

    /// Tries an edge behind each bin; behind the last one too if missing values, which go right, are something to be parted from.
    fn ordered(&self, sums: &[P], missing: P, missing_left: bool, best: &mut Best<'_, P>) {
        let mut left = if missing_left { missing } else { P::default() };
        let first = if missing_left { MISSING } else { 1 };
        let n_edges = if missing_left || missing == P::default() { sums.len() - 1 } else { sums.len() };
        for (sum, code) in sums[..n_edges].iter().zip(0..=u8::MAX).skip(1) {
            if *sum == P::default() {
                continue;
            }
            left = left.plus(*sum);
            if !best.offer(left, Side::Range { first, last: code }, 0.0) {
                break;
            }
        }
        // An edge behind the last bin ends at the last code.
        if let Some(Split { side: Side::Range { last, .. }, .. }) = &mut best.found
            && usize::from(*last) + 1 == sums.len()
        {
            *last = u8::MAX;
        }
    }

    /// Categories in the order of their mean step, from both ends (Fisher 1958, "On Grouping for Maximum Homogeneity", JASA 53:
    /// the best two groups are neighbours in that order), with LightGBM's smoothing and limits.
    fn categories(&self, sums: &[P; N_CODES], n_bins: usize, best: &mut Best<'_, P>) {
        let mut seen: Vec<(u8, P, Sums)> = Vec::new();
        for (code, sum) in (0..=u8::MAX).zip(&sums[..=n_bins]) {
            if *sum != P::default() {
                seen.push((code, *sum, sum.unpack(self.scale)));
            }
        }
        let n_seen = seen.len();
        if n_seen <= ONE_AGAINST_REST {
            for (code, sum, _) in &seen {
                best.offer(*sum, set_of(&[*code]), 0.0);
            }
        } else {
            seen.retain(|(_, _, sum)| sum.count >= self.limits.category_smoothing);
            let ratio = |sum: &Sums| sum.gradient / (sum.hessian + self.limits.category_smoothing);
            seen.sort_by(|a, b| ratio(&a.2).total_cmp(&ratio(&b.2)));
            let most = self.limits.category_limit.min(seen.len().div_ceil(2));
            for from_end in [false, true] {
                let (mut left, mut codes, mut group) = (P::default(), Vec::new(), 0.0);
                for place in 0..most {
                    let (code, packed, sum) = seen[if from_end { seen.len() - 1 - place } else { place }];
                    left = left.plus(packed);
                    codes.push(code);
                    group += sum.count;
                    let right = self.total.minus(left).count(self.scale) as f64;
                    if right < self.limits.category_rows {
                        break;
                    }
                    if group >= self.limits.category_rows {
                        // The next group starts where this one could have ended a side.
                        if left.count(self.scale) as f64 >= self.limits.min_count {
                            group = 0.0;
                        }
                        best.offer(left, set_of(&codes), self.limits.category_l2);
                    }
                }
            }
        }
        // What no row of the leaf has goes with the larger side.
        if let Some(Split { side: Side::Set(bits), left, .. }) = &mut best.found
            && 2 * left.count(self.scale) >= self.total.count(self.scale)
        {
            for code in 0..=u8::MAX {
                if usize::from(code) > n_bins || sums[usize::from(code)] == P::default() {
                    bits[usize::from(code / 64)] |= 1 << (code % 64);
                }
            }
        }
    }
}

fn set_of(codes: &[u8]) -> Side {
    let mut bits = [0; 4];
    codes.iter().for_each(|code| bits[usize::from(code / 64)] |= 1 << (code % 64));
    Side::Set(bits)
}

/// The best division of a column so far.
#[derive(Debug)]
struct Best<'a, P> {
    search: &'a Search<'a, P>,
    parent: Sums,
    column: usize,
    monotone: i8,
    /// What both sides of the best division explain; before there is one, what the leaf explains undivided.
    to_beat: f64,
    found: Option<Split<P>>,
}

impl<P: Packed> Best<'_, P> {
    /// Takes a division if it gains more. `false` if no larger left side can be allowed.
    #[inline(always)]
    fn offer(&mut self, packed: P, side: Side, extra_l2: f64) -> bool {
        let Search { scale, limits, bounds, .. } = *self.search;
        let left = packed.unpack(scale);
        let right = self.parent.minus(left);
        if right.count < limits.min_count || right.hessian < limits.min_hessian {
            return false;
        }
        if left.count < limits.min_count || left.hessian < limits.min_hessian {
            return true;
        }
        let l2 = limits.l2 + extra_l2;
        let (explained, before) = if self.monotone != 0 || limits.newton_leaves && bounds.any() {
            let clamp = |value| if limits.newton_leaves { bounds.clamp(value) } else { value };
            let value = |sums: Sums, l2| clamp(newton(sums.gradient, sums.hessian, l2));
            let (low, high) = (value(left, l2), value(right, l2));
            if f64::from(self.monotone) * (high - low) < 0.0 {
                return true;
            }
            let explains = |sums: Sums, value: f64, l2| -value * (2.0 * sums.gradient + (sums.hessian + l2) * value);
            let before = explains(self.parent, value(self.parent, limits.l2), limits.l2);
            (explains(left, low, l2) + explains(right, high, l2), before)
        } else {
            let explains = |sums: Sums, l2| sums.gradient * sums.gradient / (sums.hessian + l2);
            // a/b + c/d > e where a d + c b > e b d, as no denominator is negative: most edges need no division.
            let (b, d) = (left.hessian + l2, right.hessian + l2);
            let sides = left.gradient * left.gradient * d + right.gradient * right.gradient * b;
            if sides * SLACK <= self.to_beat * (b * d) {
                return true;
            }
            (explains(left, l2) + explains(right, l2), explains(self.parent, limits.l2))
        };
        let gain = explained - before;
        let best = self.found.as_ref().map_or(0.0, |found| found.gain);
        if gain > best && gain > GAIN_SHARE * explained {
            self.to_beat = explained;
            self.found = Some(Split { gain, column: self.column, side, left: packed, extra_l2 });
        }
        true
    }
}
