//! Sums over the series of a group, period by period.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::numeric::rows;
use crate::panel::{Panel, SeriesView};

/// Series are dealt into so many parts by their key, parts are added up by themselves and put together in order. So a sum
/// depends neither on the number of threads nor on series that have no value in its period: cutting off the future, which
/// drops series that start later, leaves earlier sums as they are, to the last bit.
const PARTS: usize = 256;

/// Which series are looked at together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Group {
    /// Every series of the panel.
    All,
    /// The series of the same region.
    Region,
    /// The series of the same item, one for each region.
    Item,
}

impl Group {
    /// What all series of the group share.
    pub(super) fn of(self, series: SeriesView<'_>) -> &str {
        match self {
            Self::All => "",
            Self::Region => series.key().region().as_str(),
            Self::Item => series.key().item(),
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Region => "region",
            Self::Item => "item",
        }
    }
}

/// Count, sum and squared deviations of the present values of one group, by period.
#[derive(Clone, Debug, Default)]
pub(super) struct Totals {
    /// The ordinal of the first period.
    first: i32,
    counts: Vec<f64>,
    sums: Vec<f64>,
    squares: Vec<f64>,
}

impl Totals {
    fn new(span: &Range<i32>) -> Self {
        let n = usize::try_from(span.end - span.start).unwrap_or(0);
        Self { first: span.start, counts: vec![0.0; n], sums: vec![0.0; n], squares: vec![0.0; n] }
    }

    fn rows(&self, series: SeriesView<'_>) -> Range<usize> {
        let start = usize::try_from(series.start().ordinal() - self.first).unwrap_or(0);
        start..start + series.len()
    }

    /// Adds what another part counted (Chan, Golub & LeVeque 1983).
    fn merge(&mut self, other: &Self) {
        for row in 0..self.counts.len() {
            let (n, m) = (self.counts[row], other.counts[row]);
            if m > 0.0 {
                let apart = if n > 0.0 { other.sums[row] / m - self.sums[row] / n } else { 0.0 };
                self.squares[row] += other.squares[row] + apart * apart * (n * m / (n + m));
                self.sums[row] += other.sums[row];
                self.counts[row] = n + m;
            }
        }
    }

    /// Turns sums into what features show.
    fn finish(self) -> Statistics {
        let rows = || self.counts.iter().zip(&self.sums).zip(&self.squares);
        Statistics {
            first: self.first,
            means: rows().map(|((n, sum), _)| if *n > 0.0 { sum / n } else { f64::NAN }).collect(),
            stds: rows().map(|((n, _), q)| if *n < 2.0 { f64::NAN } else { (q / (n - 1.0)).sqrt() }).collect(),
            sums: rows().map(|((n, sum), _)| if *n > 0.0 { *sum } else { f64::NAN }).collect(),
        }
    }
}

/// Statistics of the present values of one group, by period; NaN without any.
#[derive(Clone, Debug, Default)]
pub(super) struct Statistics {
    first: i32,
    pub(super) means: Vec<f64>,
    /// With n - 1; NaN for one value.
    pub(super) stds: Vec<f64>,
    pub(super) sums: Vec<f64>,
}

impl Statistics {
    /// The rows of `series`.
    pub(super) fn rows(&self, series: SeriesView<'_>) -> Range<usize> {
        let start = usize::try_from(series.start().ordinal() - self.first).unwrap_or(0);
        start..start + series.len()
    }
}

/// What a pipeline must know of all series before it can write the rows of one.
#[derive(Clone, Debug, Default)]
pub(super) struct Across(BTreeMap<(usize, Group), BTreeMap<String, Statistics>>);

impl Across {
    /// The series of each part, in the order of their keys; parts without series are left out.
    pub(super) fn parts(panel: &Panel) -> Vec<Vec<usize>> {
        let mut parts = vec![Vec::new(); PARTS];
        for (index, key) in panel.keys().iter().enumerate() {
            // FNV-1a (Fowler, Noll & Vo): the same on every machine, which the standard hasher does not promise.
            let bytes = key.item().bytes().chain([0xFF]).chain(key.region().as_str().bytes());
            let hash = bytes
                .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
            parts[usize::try_from(hash >> 32).unwrap_or(0) % PARTS].push(index);
        }
        parts.retain(|part| !part.is_empty());
        parts
    }

    /// What the series of one part add to the totals of `column` by `group`.
    pub(super) fn partial(panel: &Panel, column: usize, group: Group, part: &[usize]) -> BTreeMap<String, Totals> {
        let mut members: BTreeMap<&str, Vec<SeriesView<'_>>> = BTreeMap::new();
        for &index in part {
            let series = panel.series(index);
            members.entry(group.of(series)).or_default().push(series);
        }
        let mut means = Vec::new();
        let totals = members.into_iter().map(|(name, members)| {
            let start = members.iter().map(|series| series.start().ordinal()).min().unwrap_or(0);
            let end = members.iter().map(|series| series.end().ordinal() + 1).max().unwrap_or(start);
            let mut totals = Totals::new(&(start..end));
            // Sums first, then deviations from this part's own means: no digits are lost to the level.
            for &series in &members {
                let rows = totals.rows(series);
                let values = series.values(column);
                if !rows::any_missing(values) {
                    totals.counts[rows.clone()].iter_mut().for_each(|n| *n += 1.0);
                    rows::add(values, &mut totals.sums[rows]);
                } else {
                    for (row, value) in rows.zip(values).filter(|(_, value)| !value.is_nan()) {
                        totals.counts[row] += 1.0;
                        totals.sums[row] += value;
                    }
                }
            }
            means.clear();
            means.extend(totals.sums.iter().zip(&totals.counts).map(|(sum, n)| sum / n.max(1.0)));
            for &series in &members {
                let rows = totals.rows(series);
                let values = series.values(column);
                if rows::any_missing(values) {
                    for (row, value) in rows.zip(values).filter(|(_, value)| !value.is_nan()) {
                        totals.squares[row] += (value - means[row]) * (value - means[row]);
                    }
                } else {
                    rows::add_squares(values, &means[rows.clone()], &mut totals.squares[rows]);
                }
            }
            (name.to_owned(), totals)
        });
        totals.collect()
    }

    /// Puts parts together, in their order.
    pub(super) fn insert(&mut self, column: usize, group: Group, partials: Vec<BTreeMap<String, Totals>>) {
        let mut spans: BTreeMap<String, Range<i32>> = BTreeMap::new();
        for (name, totals) in partials.iter().flatten() {
            let end = totals.first + i32::try_from(totals.counts.len()).unwrap_or(i32::MAX);
            let span = spans.entry(name.clone()).or_insert(totals.first..end);
            *span = span.start.min(totals.first)..span.end.max(end);
        }
        let mut merged: BTreeMap<String, Totals> =
            spans.into_iter().map(|(name, span)| (name, Totals::new(&span))).collect();
        for (name, part) in partials.into_iter().flatten() {
            let Some(whole) = merged.get_mut(&name) else { continue };
            let mut placed = Totals::new(&(whole.first..whole.first + i32::try_from(whole.counts.len()).unwrap_or(0)));
            let start = usize::try_from(part.first - whole.first).unwrap_or(0);
            let rows = start..start + part.counts.len();
            placed.counts[rows.clone()].copy_from_slice(&part.counts);
            placed.sums[rows.clone()].copy_from_slice(&part.sums);
            placed.squares[rows].copy_from_slice(&part.squares);
            whole.merge(&placed);
        }
        self.0.insert((column, group), merged.into_iter().map(|(name, totals)| (name, totals.finish())).collect());
    }

    pub(super) fn has(&self, column: usize, group: Group) -> bool {
        self.0.contains_key(&(column, group))
    }

    /// The statistics of the group that `series` is in.
    pub(super) fn statistics(&self, column: usize, group: Group, series: SeriesView<'_>) -> Option<&Statistics> {
        self.0.get(&(column, group))?.get(group.of(series))
    }
}
