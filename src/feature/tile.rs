//! A run of rows, small enough for the cache, with the windows that features share.

use std::ops::Range;

use ndarray::{Array2, ArrayViewMut2, ShapeBuilder};

use super::FittedFeature;
use super::across::{Across, Need, Told};
use super::element::Element;
use super::group::Group;
use super::rows::{Kept, Rows, Tiled, WindowAt, parts};
use crate::error::{DataError, Result};
use crate::key::SeriesKey;
use crate::numeric::network::{self, WindowQuantile};
use crate::numeric::quantile;
use crate::numeric::rows::{self as kernels, Column, Moments};
use crate::panel::{Panel, SeriesView};
use crate::time::Period;

/// Rows of a tile: the value, the sum, the smallest and the largest of 6 windows at this many rows fill half a first-level
/// cache. A longer series is a tile of its own.
const ROWS: usize = 480;

/// Longer series are cut: their windows would not even fit the second-level cache.
const LONG: usize = 4096;

/// What a tile holds: whole series, or some rows of one long series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    Whole(Range<usize>),
    Part(usize, Range<usize>),
}

/// Fills the rows of one series by themselves.
pub(super) fn fill(feature: &impl Tiled, series: SeriesView<'_>, mut out: ArrayViewMut2<'_, f64>) -> Result<()> {
    let across = Across::default();
    let mut tile = Tile::new(series.panel(), &across, feature.reach(), 0);
    tile.load(Cut::Whole(series.index()..series.index() + 1));
    let mut columns = vec![vec![f64::NAN; series.len()]; out.ncols()];
    let mut slices: Vec<&mut [f64]> = columns.iter_mut().map(Vec::as_mut_slice).collect();
    feature.write(&mut tile, &mut slices)?;
    for (mut to, from) in out.columns_mut().into_iter().zip(&columns) {
        to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
    }
    Ok(())
}

/// Writes the rows of each series of a tile as the feature fills them.
pub(super) fn write_each<T: Element>(
    feature: &(impl FittedFeature + ?Sized),
    tile: &Tile<'_>,
    out: &mut [&mut [T]],
) -> Result<()> {
    for (series, rows) in tile.series() {
        let mut filled = Array2::from_elem((rows.len(), out.len()).f(), f64::NAN);
        feature.fill(series, filled.view_mut())?;
        for (out, filled) in out.iter_mut().zip(filled.columns()) {
            out[rows.clone()].iter_mut().zip(filled).for_each(|(to, from)| *to = T::nearest(*from));
        }
    }
    Ok(())
}

/// Cuts series into tiles: as many as fit [`ROWS`] rows, one at least; long ones into parts, unless `warm` (the rows before a
/// part that it has to look at) is none: then something needs whole series.
pub(super) fn tiles(panel: &Panel, series: Range<usize>, warm: Option<usize>) -> impl Iterator<Item = Cut> {
    let offsets = panel.offsets();
    let mut next = series.start;
    let mut row = 0;
    std::iter::from_fn(move || {
        let first = next;
        if first == series.end {
            return None;
        }
        let n = offsets[first + 1] - offsets[first];
        if let Some(warm) = warm.filter(|warm| n > LONG.max(4 * warm)) {
            let part = row..(row + ROWS.max(8 * warm)).min(n);
            row = part.end;
            if row == n {
                (next, row) = (first + 1, 0);
            }
            return Some(Cut::Part(first, part));
        }
        let fits = |last: usize| offsets[last] - offsets[first] <= ROWS;
        next = first + 1;
        while next < series.end && fits(next + 1) {
            next += 1;
        }
        Some(Cut::Whole(first..next))
    })
}

/// The values of up to four series, and the rows that they make known.
type Four<'p, 'o> = ([&'p [f64]; 4], [&'o mut [f64]; 4]);

#[derive(Debug)]
struct Level {
    /// Whether it belongs to the tile that is loaded.
    live: bool,
    /// `pad` rows without meaning, then the rows before the tile that windows need, then those of the tile.
    values: Vec<f64>,
}

/// Rows of a panel and windows over them. Windows that end before they are full hold nonsense: columns are written
/// with a `head` that hides them.
#[derive(Debug)]
pub(super) struct Tile<'p> {
    panel: &'p Panel,
    across: &'p Across,
    /// Groups that `across` does not know, for a series outside of a pipeline.
    alone: Across,
    series: Range<usize>,
    /// The first row of a part; 0 for whole series.
    from: usize,
    /// Rows before the tile that are held too: none for whole series.
    before: usize,
    /// As many as windows at the first row of a part reach back.
    warm: usize,
    is_part: bool,
    /// States of scans at the end of the part before, in the order in which features ask for them.
    scans: Vec<Vec<f64>>,
    next_scan: usize,
    /// Rows since the start of the series, as numbers that kernels compare.
    age: Vec<f64>,
    /// 0, 1, 2, ... as far as the longest series: converted once, copied for each series.
    ramp: Vec<f64>,
    /// Columns of the tile that were looked through, and whether a value is missing.
    missing: Vec<(usize, bool)>,
    pad: usize,
    levels: Vec<Level>,
    /// For each column of the panel, where the windows of a length and a kind are kept: their position plus 1.
    places: Vec<Vec<u32>>,
    /// Rows that features compute in before they write.
    scratch: Vec<Vec<f64>>,
    /// Sorting networks that were asked for.
    networks: Vec<WindowQuantile>,
}

impl<'p> Tile<'p> {
    /// An empty tile for features whose lags are `pad` rows at most, and whose windows reach back `warm` rows.
    pub(super) fn new(panel: &'p Panel, across: &'p Across, pad: usize, warm: usize) -> Self {
        Self {
            panel,
            across,
            alone: Across::default(),
            series: 0..0,
            from: 0,
            before: 0,
            warm,
            is_part: false,
            scans: Vec::new(),
            next_scan: 0,
            age: Vec::new(),
            ramp: Vec::new(),
            missing: Vec::new(),
            pad,
            levels: Vec::new(),
            places: vec![Vec::new(); panel.columns().len()],
            scratch: Vec::new(),
            networks: Vec::new(),
        }
    }

    /// Moves on to other rows. The parts of a series must come in order.
    pub(super) fn load(&mut self, cut: Cut) {
        let offsets = self.panel.offsets();
        self.age.clear();
        self.is_part = matches!(cut, Cut::Part(..));
        self.next_scan = 0;
        match cut {
            Cut::Whole(series) => {
                for index in series.clone() {
                    let n = offsets[index + 1] - offsets[index];
                    self.ramp.extend((self.ramp.len()..n).map(|row| row as f64));
                    self.age.extend_from_slice(&self.ramp[..n]);
                }
                (self.series, self.from) = (series, 0);
            }
            Cut::Part(index, rows) => {
                (self.series, self.from) = (index..index + 1, rows.start);
                self.age.extend(rows.map(|row| row as f64));
            }
        }
        if self.from == 0 {
            self.scans.clear();
        }
        self.before = self.from.min(self.warm);
        self.missing.clear();
        self.levels.iter_mut().for_each(|level| level.live = false);
    }

    pub(super) fn n_rows(&self) -> usize {
        self.age.len()
    }

    /// Each series with its rows within the tile.
    pub(super) fn series(&self) -> impl Iterator<Item = (SeriesView<'p>, Range<usize>)> + use<'p> {
        let (panel, first, part) = (self.panel, self.panel.offsets()[self.series.start], self.is_part);
        let n = self.n_rows();
        self.series.clone().map(move |index| {
            let offsets = panel.offsets();
            let rows = if part { 0..n } else { offsets[index] - first..offsets[index + 1] - first };
            (panel.series(index), rows)
        })
    }

    /// The row of its series that the first row of each series in the tile is.
    pub(super) fn from(&self) -> usize {
        self.from
    }

    /// Column `column` of the panel: the rows before the tile that are held, and those of the tile.
    fn values(&self, column: usize) -> &'p [f64] {
        let first = self.panel.offsets()[self.series.start] + self.from;
        &self.panel.column_at(column)[first - self.before..first + self.n_rows()]
    }

    /// The values of a series that whole windows in the rows of the tile hold, and how many rows come before the first one.
    fn windowed(&self, at: WindowAt, series: SeriesView<'p>, n: usize) -> (&'p [f64], usize) {
        let reach = at.lag + at.window - 1;
        let head = reach.saturating_sub(self.from).min(n);
        let first = (self.from + head).saturating_sub(reach);
        (&series.values(at.column)[first..], head)
    }

    fn compute(&mut self, column: usize, kept: Kept, length: usize, values: &mut [f64]) {
        let out = &mut values[self.pad..];
        if kept == Kept::Value {
            let missing = kernels::copy_and_look(self.values(column), out);
            self.missing.push((column, missing));
            return;
        }
        let (newer, older) = parts(length);
        let part = |tile: &mut Self, kept, length| tile.windows(column, kept, length);
        let pad = self.pad;
        match kept {
            Kept::Value => {}
            Kept::Sum | Kept::Minimum | Kept::Maximum => {
                let (a, b) = (part(self, kept, newer), part(self, kept, older));
                let (a, b) = (&self.levels[a].values[pad..], &self.levels[b].values[pad..]);
                match kept {
                    Kept::Sum => kernels::merge_sums(a, b, newer, out),
                    Kept::Minimum => kernels::merge_minima(a, b, newer, out),
                    _ => kernels::merge_maxima(a, b, newer, out),
                }
            }
            Kept::Squares => {
                let sums = (part(self, Kept::Sum, newer), part(self, Kept::Sum, older));
                // One value has no deviations.
                let mut squares = |length| (length > 1).then(|| part(self, Kept::Squares, length));
                let squares = (squares(newer), squares(older));
                let level = |index: usize| &self.levels[index].values[pad..];
                let moments = |length, sums, squares: Option<usize>| Moments {
                    length,
                    sums: level(sums),
                    squares: squares.map(level),
                };
                let (new, old) = (moments(newer, sums.0, squares.0), moments(older, sums.1, squares.1));
                kernels::merge_squares(new, old, newer, out);
            }
        }
    }

    /// What computes a quantile of windows; give it back when done.
    fn network(&mut self, length: usize, p: f64) -> WindowQuantile {
        let known = self.networks.iter().position(|network| network.is(length, p));
        known.map_or_else(|| WindowQuantile::new(length, p), |place| self.networks.swap_remove(place))
    }

    /// The values of each series with the rows of `out` that they make known `lag` rows later, four series at a time; the
    /// last four are filled up with empty ones.
    fn fours<'o>(&self, column: usize, lag: usize, mut out: &'o mut [f64]) -> Vec<Four<'p, 'o>> {
        let mut fours = Vec::with_capacity(self.series.len().div_ceil(4));
        for (place, (series, rows)) in self.series().enumerate() {
            if place.is_multiple_of(4) {
                fours.push(([&[][..]; 4], [&mut [][..], &mut [], &mut [], &mut []]));
            }
            let (taken, rest) = out.split_at_mut(rows.len());
            out = rest;
            if let Some((values, outs)) = fours.last_mut() {
                let head = lag.min(taken.len());
                values[place % 4] = series.values(column);
                outs[place % 4] = &mut taken[head..];
            }
        }
        fours
    }
}

impl Rows for Tile<'_> {
    fn column(&self, name: &str) -> Result<usize, DataError> {
        self.panel.column_index(name)
    }

    fn age(&self) -> &[f64] {
        &self.age
    }

    fn windows(&mut self, column: usize, kept: Kept, length: usize) -> usize {
        let kept = if length == 1 { Kept::Value } else { kept };
        let place = length * Kept::KINDS + kept as usize;
        let known = self.places[column].get(place).filter(|index| **index > 0).map(|index| *index as usize - 1);
        if let Some(index) = known.filter(|&index| self.levels[index].live) {
            return index;
        }
        let mut values = known.map_or_else(Vec::new, |index| std::mem::take(&mut self.levels[index].values));
        values.resize(self.pad + self.before + self.n_rows(), f64::NAN);
        self.compute(column, kept, length, &mut values);
        match known {
            Some(index) => {
                self.levels[index].values = values;
                self.levels[index].live = true;
                index
            }
            None => {
                self.levels.push(Level { live: true, values });
                if self.places[column].len() <= place {
                    self.places[column].resize(place + 1, 0);
                }
                self.places[column][place] = u32::try_from(self.levels.len()).unwrap_or(0);
                self.levels.len() - 1
            }
        }
    }

    fn lagged(&self, index: usize, lag: usize) -> &[f64] {
        &self.levels[index].values[self.pad + self.before - lag..][..self.n_rows()]
    }

    fn has_missing(&mut self, column: usize) -> bool {
        if let Some((_, missing)) = self.missing.iter().find(|(known, _)| *known == column) {
            return *missing;
        }
        // Whoever asks needs the values, which are looked through as they are copied.
        self.windows(column, Kept::Value, 1);
        self.has_missing(column)
    }

    fn scratch(&mut self) -> Vec<f64> {
        let mut rows = self.scratch.pop().unwrap_or_default();
        rows.resize(self.n_rows(), f64::NAN);
        rows
    }

    fn give_back(&mut self, rows: Vec<f64>) {
        self.scratch.push(rows);
    }

    fn scan<const N: usize, const M: usize>(
        &mut self,
        column: usize,
        lag: usize,
        start: [f64; N],
        next: impl Fn(&mut [f64; N], f64) -> [f64; M],
        out: &mut [Vec<f64>; M],
    ) {
        // Parts carry the state on; whole series begin anew.
        if self.is_part && self.next_scan == self.scans.len() {
            self.scans.push(start.to_vec());
        }
        for (series, rows) in self.series() {
            let mut state = start;
            if self.from > 0 {
                state.copy_from_slice(&self.scans[self.next_scan]);
            }
            let head = lag.saturating_sub(self.from).min(rows.len());
            out.iter_mut().for_each(|out| out[rows.start..rows.start + head].fill(f64::NAN));
            let first = (self.from + head).saturating_sub(lag);
            for (row, &value) in (rows.start + head..rows.end).zip(&series.values(column)[first..]) {
                for (out, told) in out.iter_mut().zip(next(&mut state, value)) {
                    out[row] = told;
                }
            }
            if self.is_part {
                self.scans[self.next_scan].copy_from_slice(&state);
                self.next_scan += 1;
            }
        }
    }

    fn quick_means(&mut self, column: usize, lag: usize, out: &mut [f64]) -> bool {
        if self.is_part || self.has_missing(column) {
            return false;
        }
        // The sums and divisions of the scan, in an order that a processor likes.
        for (series, sums) in self.fours(column, lag, out) {
            kernels::running_sums(series, sums);
        }
        let before = lag as f64 - 1.0;
        out.iter_mut().zip(&self.age).for_each(|(sum, age)| *sum /= age - before);
        true
    }

    fn quick_levels(&mut self, column: usize, lag: usize, alpha: f64, out: &mut [f64]) -> bool {
        if self.is_part || self.has_missing(column) {
            return false;
        }
        // The operations of the scan, four series at a time.
        for (series, levels) in self.fours(column, lag, out) {
            kernels::running_levels(series, levels, alpha);
        }
        true
    }

    fn full_windows<T: Element>(&mut self, at: WindowAt, mut statistic: impl FnMut(&[f64]) -> f64, out: &mut [T]) {
        for (series, rows) in self.series() {
            let out = &mut out[rows];
            let (values, head) = self.windowed(at, series, out.len());
            out[..head].fill(T::nearest(f64::NAN));
            let full = values.windows(at.window).zip(&mut out[head..]);
            full.for_each(|(values, out)| *out = T::nearest(statistic(values)));
        }
    }

    fn partial_windows<T: Element>(&mut self, at: WindowAt, mut statistic: impl FnMut(&[f64]) -> f64, out: &mut [T]) {
        for (series, rows) in self.series() {
            let values = series.values(at.column);
            // The newest value of each row's window; rows without one are left alone.
            let head = at.lag.saturating_sub(self.from).min(rows.len());
            let first = (self.from + head).saturating_sub(at.lag);
            let earlier = &values[first.saturating_sub(at.window)..first];
            let mut present = earlier.iter().filter(|value| !value.is_nan()).count();
            for (end, out) in (first..).zip(out[rows].iter_mut().skip(head)) {
                present += usize::from(!values[end].is_nan());
                present -= usize::from(end >= at.window && !values[end - at.window].is_nan());
                if present < at.window {
                    let start = (end + 1).saturating_sub(at.window);
                    *out = T::nearest(statistic(&values[start..=end]));
                }
            }
        }
    }

    fn quantiles<T: Element>(&mut self, at: WindowAt, p: f64, out: &mut [T]) {
        let mut network = (at.window <= network::LONGEST).then(|| self.network(at.window, p));
        let mut sorted = Vec::with_capacity(at.window);
        for (series, rows) in self.series() {
            let out = &mut out[rows];
            let (values, head) = self.windowed(at, series, out.len());
            out[..head].fill(T::nearest(f64::NAN));
            if let Some(network) = &mut network {
                let values = &values[..(out.len() - head + at.window - 1).min(values.len())];
                network.of(values, out[head..].iter_mut().map(|out| move |value| *out = T::nearest(value)));
                continue;
            }
            sorted.clear();
            let mut left = None;
            for (values, out) in values.windows(at.window).zip(&mut out[head..]) {
                slide(&mut sorted, left, values);
                left = values.first().copied();
                *out = T::nearest(quantile::of_sorted(&sorted, p));
            }
        }
        self.networks.extend(network);
    }

    fn by_date(&mut self, column: usize, group: &Group, lag: usize, told: Told, out: &mut [f64]) -> Result<()> {
        let need = Need { column, group: group.clone(), ordered: told.is_ordered() };
        if !self.across.has(&need) {
            self.alone.learn(self.panel, &need);
        }
        let across = if self.across.has(&need) { self.across } else { &self.alone };
        let known = across.known(column, group);
        for (series, rows) in self.series() {
            let head = lag.saturating_sub(self.from).min(rows.len());
            let first = (self.from + head).saturating_sub(lag);
            out[rows.start..rows.start + head].fill(f64::NAN);
            let told = known.and_then(|known| known.told(group, told, series));
            if told.is_none() {
                out[rows.clone()].fill(f64::NAN);
            }
            if let Some(told) = told {
                let known = rows.start + head..rows.end;
                out[known.clone()].copy_from_slice(&told[first..first + known.len()]);
            }
        }
        Ok(())
    }

    fn each_series(&self, mut of: impl FnMut(Range<usize>, &SeriesKey, Period) -> Result<()>) -> Result<()> {
        self.series().try_for_each(|(series, rows)| of(rows, series.key(), series.period(self.from)))
    }

    fn write<T: Element>(&self, out: &mut [T], head: usize, column: Column<'_>) {
        kernels::write(out, &self.age, head, column);
    }
}

/// Brings `sorted` from the window before to `window`: `left` leaves, the newest value enters, what lies between moves by one
/// place. A window with missing values leaves it empty; the next full one is sorted anew.
fn slide(sorted: &mut Vec<f64>, left: Option<f64>, window: &[f64]) {
    let Some(&newest) = window.last() else { return };
    let found = left.filter(|_| sorted.len() == window.len() && !newest.is_nan());
    let Some(left) = found else {
        sorted.clear();
        if !window.iter().any(|value| value.is_nan()) {
            sorted.extend_from_slice(window);
            sorted.sort_unstable_by(f64::total_cmp);
        }
        return;
    };
    let below = |value: f64| sorted.partition_point(|x| x.total_cmp(&value).is_lt());
    let (from, to) = (below(left), below(newest));
    if from < to {
        sorted.copy_within(from + 1..to, from);
        sorted[to - 1] = newest;
    } else {
        sorted.copy_within(to..from, to + 1);
        sorted[to] = newest;
    }
}
