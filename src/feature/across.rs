//! Sums over the series of a group, period by period.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Range;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::group::Group;
use crate::numeric::rows;
use crate::panel::{Panel, SeriesView};

/// Series are dealt into so many parts by their key, parts are added up by themselves and put together in order. So a sum
/// depends neither on the number of threads nor on series that have no value in its period: cutting off the future, which
/// drops series that start later, leaves earlier sums as they are, to the last bit.
const PARTS: usize = 256;

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
            counts: self.counts,
            medians: Vec::new(),
        }
    }
}

/// Statistics of the present values of one group, by period; NaN without any.
#[derive(Clone, Debug, Default)]
struct Statistics {
    first: i32,
    means: Vec<f64>,
    /// With n - 1; NaN for one value.
    stds: Vec<f64>,
    sums: Vec<f64>,
    counts: Vec<f64>,
    /// Empty unless values were put in order.
    medians: Vec<f64>,
}

/// What is told of a series or its group in each period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Mean,
    Std,
    Sum,
    Count,
    Median,
    /// The place of the series' own value, the smallest being 1; the mean of their places for equal values.
    Rank,
}

impl Told {
    pub(super) fn is_ordered(self) -> bool {
        matches!(self, Self::Median | Self::Rank)
    }
}

/// What must be known of all series before the first row is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Need {
    pub(super) column: usize,
    pub(super) group: Group,
    /// Whether values must be put in order, which costs more than sums.
    pub(super) ordered: bool,
}

/// Dates that one task puts in order.
const DATES: usize = 32;

/// One column by one group.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    statistics: BTreeMap<String, Statistics>,
    /// The rank of each row of the panel; empty unless values were put in order.
    ranks: Vec<f64>,
}

/// What a pipeline must know of all series before it can write the rows of one.
#[derive(Clone, Debug, Default)]
pub(super) struct Across(BTreeMap<(usize, Group), Known>);

impl Across {
    /// Adds up (and puts in order) what `need` asks for, in parallel. O(rows), or O(rows log series).
    pub(super) fn learn(&mut self, panel: &Panel, need: &Need) {
        let place = (need.column, need.group.clone());
        let known = self.0.entry(place).or_insert_with(|| {
            let parts = parts(panel);
            let partials = parts.par_iter().map(|part| partial(panel, need.column, &need.group, part));
            Known { statistics: put_together(partials.collect()), ranks: Vec::new() }
        });
        if need.ordered && known.ranks.is_empty() {
            known.order(panel, need);
        }
    }

    pub(super) fn has(&self, need: &Need) -> bool {
        let known = self.0.get(&(need.column, need.group.clone()));
        known.is_some_and(|known| !need.ordered || !known.ranks.is_empty())
    }

    /// One column by one group.
    pub(super) fn known(&self, column: usize, group: &Group) -> Option<&Known> {
        self.0.get(&(column, group.clone()))
    }
}

impl Known {
    /// What is told of each row of `series`; `None` if it belongs to no group.
    pub(super) fn told(&self, group: &Group, told: Told, series: SeriesView<'_>) -> Option<&[f64]> {
        if told == Told::Rank {
            let offsets = series.panel().offsets();
            return self.ranks.get(offsets[series.index()]..offsets[series.index() + 1]);
        }
        let of_group = self.statistics.get(group.of(series.key())?)?;
        let start = usize::try_from(series.start().ordinal() - of_group.first).unwrap_or(0);
        let all = match told {
            Told::Mean => &of_group.means,
            Told::Std => &of_group.stds,
            Told::Sum => &of_group.sums,
            Told::Count => &of_group.counts,
            Told::Median | Told::Rank => &of_group.medians,
        };
        all.get(start..start + series.len())
    }
}

impl Known {
    /// Puts the values of each group in order, date by date.
    fn order(&mut self, panel: &Panel, need: &Need) {
        let mut members: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, key) in panel.keys().iter().enumerate() {
            if let Some(name) = need.group.of(key) {
                members.entry(name).or_default().push(index);
            }
        }
        let mut tasks = Vec::new();
        for (name, members) in &members {
            let n = self.statistics.get(*name).map_or(0, |of_group| of_group.means.len());
            tasks.extend((0..n).step_by(DATES).map(|first| (*name, members, first..(first + DATES).min(n))));
        }
        let statistics = &self.statistics;
        let ordered: Vec<Ordered> = tasks
            .par_iter()
            .map(|(name, members, dates)| {
                let first = statistics.get(*name).map_or(0, |of_group| of_group.first);
                Ordered::new(panel, need.column, members, first, dates.clone())
            })
            .collect();
        self.ranks = vec![f64::NAN; panel.n_rows()];
        for ((name, _, _), ordered) in tasks.iter().zip(ordered) {
            for (row, rank) in ordered.ranks {
                self.ranks[row] = rank;
            }
            if let Some(of_group) = self.statistics.get_mut(*name) {
                of_group.medians.extend(ordered.medians);
            }
        }
    }
}

/// Some dates of one group in order.
struct Ordered {
    medians: Vec<f64>,
    /// Rows of the panel with a present value.
    ranks: Vec<(usize, f64)>,
}

impl Ordered {
    fn new(panel: &Panel, column: usize, members: &[usize], first: i32, dates: Range<usize>) -> Self {
        let all = panel.column_at(column);
        let mut ordered = Self { medians: Vec::with_capacity(dates.len()), ranks: Vec::new() };
        let mut values: Vec<(f64, usize)> = Vec::with_capacity(members.len());
        for date in dates {
            values.clear();
            for &index in members {
                let series = panel.series(index);
                let begun = usize::try_from(series.start().ordinal() - first).unwrap_or(0);
                let Some(row) = date.checked_sub(begun).filter(|row| *row < series.len()) else { continue };
                let row = panel.offsets()[index] + row;
                if !all[row].is_nan() {
                    values.push((all[row], row));
                }
            }
            values.sort_unstable_by(|a, b| a.0.partial_cmp(&b.0).unwrap_or(Ordering::Equal));
            let n = values.len();
            ordered.medians.push(match n {
                0 => f64::NAN,
                _ if n % 2 == 1 => values[n / 2].0,
                _ => 0.5 * values[n / 2 - 1].0 + 0.5 * values[n / 2].0,
            });
            let mut place = 0;
            for equal in values.chunk_by(|a, b| a.0.partial_cmp(&b.0) == Some(Ordering::Equal)) {
                let rank = place as f64 + (equal.len() + 1) as f64 / 2.0;
                ordered.ranks.extend(equal.iter().map(|(_, row)| (*row, rank)));
                place += equal.len();
            }
        }
        ordered
    }
}

/// The series of each part, in the order of their keys; parts without series are left out.
fn parts(panel: &Panel) -> Vec<Vec<usize>> {
    let mut parts = vec![Vec::new(); PARTS];
    for (index, key) in panel.keys().iter().enumerate() {
        parts[usize::try_from(key.seed() >> 32).unwrap_or(0) % PARTS].push(index);
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// What the series of one part add to the totals of `column` by `group`.
fn partial(panel: &Panel, column: usize, group: &Group, part: &[usize]) -> BTreeMap<String, Totals> {
    let mut members: BTreeMap<&str, Vec<SeriesView<'_>>> = BTreeMap::new();
    for &index in part {
        let series = panel.series(index);
        if let Some(name) = group.of(series.key()) {
            members.entry(name).or_default().push(series);
        }
    }
    let (mut means, mut whole) = (Vec::new(), Vec::new());
    let totals = members.into_iter().map(|(name, members)| {
        let start = members.iter().map(|series| series.start().ordinal()).min().unwrap_or(0);
        let end = members.iter().map(|series| series.end().ordinal() + 1).max().unwrap_or(start);
        let mut totals = Totals::new(&(start..end));
        // Sums first, then deviations from this part's own means: no digits are lost to the level.
        whole.clear();
        whole.extend(members.iter().map(|series| !rows::any_missing(series.values(column))));
        for (&series, &whole) in members.iter().zip(&whole) {
            let rows = totals.rows(series);
            let values = series.values(column);
            if whole {
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
        for (&series, &whole) in members.iter().zip(&whole) {
            let rows = totals.rows(series);
            let values = series.values(column);
            if !whole {
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
fn put_together(partials: Vec<BTreeMap<String, Totals>>) -> BTreeMap<String, Statistics> {
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
    merged.into_iter().map(|(name, totals)| (name, totals.finish())).collect()
}
