//! A run of whole series, small enough for the cache, with the windows that features share.

use std::ops::Range;

use ndarray::{Array2, ArrayViewMut2, ShapeBuilder};

use super::FittedFeature;
use super::across::Across;
use super::element::Element;
use crate::error::Result;
use crate::numeric::network::WindowQuantile;
use crate::numeric::rows::{self, Column, Moments};
use crate::panel::{Panel, SeriesView};

/// Rows of a tile: the value, the sum, the smallest and the largest of 6 windows at this many rows fill half a first-level
/// cache. A longer series is a tile of its own.
const ROWS: usize = 480;

/// A feature that writes a tile at once.
pub(super) trait Tiled {
    /// The longest lag that it reads.
    fn reach(&self) -> usize;

    /// Writes its columns, each of the tile's rows.
    fn write<T: Element>(&self, tile: &mut Tile<'_>, out: &mut [&mut [T]]) -> Result<()>;
}

/// Fills the rows of one series by themselves.
pub(super) fn fill(feature: &impl Tiled, series: SeriesView<'_>, mut out: ArrayViewMut2<'_, f64>) -> Result<()> {
    let across = Across::default();
    let mut tile = Tile::new(series.panel(), &across, feature.reach());
    tile.load(series.index()..series.index() + 1);
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

/// Cuts series into tiles: as many as fit [`ROWS`] rows, one at least.
pub(super) fn tiles(panel: &Panel, series: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let offsets = panel.offsets();
    let mut next = series.start;
    std::iter::from_fn(move || {
        let first = next;
        if first == series.end {
            return None;
        }
        let fits = |last: usize| offsets[last] - offsets[first] <= ROWS;
        next = first + 1;
        while next < series.end && fits(next + 1) {
            next += 1;
        }
        Some(first..next)
    })
}

/// The values of up to four series, and the rows that they make known.
pub(super) type Four<'p, 'o> = ([&'p [f64]; 4], [&'o mut [f64]; 4]);

/// What is kept of a window, by the row that it ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// The value itself; length 1.
    Value,
    Sum,
    /// Sum of squared deviations from the window's mean.
    Squares,
    Minimum,
    Maximum,
}

#[derive(Debug)]
struct Level {
    column: usize,
    kept: Kept,
    length: usize,
    /// Whether it belongs to the tile that is loaded.
    live: bool,
    /// `pad` rows without meaning, then the rows of the tile.
    values: Vec<f64>,
}

/// Whole series of a panel and windows over them. Windows that end before they are full hold nonsense: columns are written
/// with a `head` that hides them.
#[derive(Debug)]
pub(super) struct Tile<'p> {
    panel: &'p Panel,
    across: &'p Across,
    series: Range<usize>,
    /// Rows since the start of the series, as numbers that kernels compare.
    age: Vec<f64>,
    /// 0, 1, 2, ... as far as the longest series: converted once, copied for each series.
    ramp: Vec<f64>,
    /// Columns of the tile that were looked through, and whether a value is missing.
    missing: Vec<(usize, bool)>,
    pad: usize,
    levels: Vec<Level>,
    /// Rows that features compute in before they write.
    scratch: Vec<Vec<f64>>,
    /// Sorting networks that were asked for.
    networks: Vec<WindowQuantile>,
}

impl<'p> Tile<'p> {
    /// An empty tile for features that reach back `pad` rows at most.
    pub(super) fn new(panel: &'p Panel, across: &'p Across, pad: usize) -> Self {
        Self {
            panel,
            across,
            series: 0..0,
            age: Vec::new(),
            ramp: Vec::new(),
            missing: Vec::new(),
            pad,
            levels: Vec::new(),
            scratch: Vec::new(),
            networks: Vec::new(),
        }
    }

    /// Moves on to other series.
    pub(super) fn load(&mut self, series: Range<usize>) {
        let offsets = self.panel.offsets();
        self.age.clear();
        for index in series.clone() {
            let n = offsets[index + 1] - offsets[index];
            self.ramp.extend((self.ramp.len()..n).map(|row| row as f64));
            self.age.extend_from_slice(&self.ramp[..n]);
        }
        self.series = series;
        self.missing.clear();
        self.levels.iter_mut().for_each(|level| level.live = false);
    }

    /// What features know of other series.
    pub(super) fn across(&self) -> &'p Across {
        self.across
    }

    pub(super) fn panel(&self) -> &'p Panel {
        self.panel
    }

    pub(super) fn n_rows(&self) -> usize {
        self.age.len()
    }

    /// Each series with its rows within the tile.
    pub(super) fn series(&self) -> impl Iterator<Item = (SeriesView<'p>, Range<usize>)> {
        let (panel, first) = (self.panel, self.panel.offsets()[self.series.start]);
        self.series.clone().map(move |index| {
            let offsets = panel.offsets();
            (panel.series(index), offsets[index] - first..offsets[index + 1] - first)
        })
    }

    /// Column `column` of the panel, the rows of the tile.
    pub(super) fn values(&self, column: usize) -> &'p [f64] {
        let offsets = self.panel.offsets();
        &self.panel.column_at(column)[offsets[self.series.start]..offsets[self.series.end]]
    }

    /// Windows of `length` values of a column. The parts that a window is put together from depend on its length alone, so
    /// that a column is the same bits whatever else a pipeline computes.
    pub(super) fn windows(&mut self, column: usize, kept: Kept, length: usize) -> usize {
        let kept = if length == 1 { Kept::Value } else { kept };
        let known = self.levels.iter().position(|l| l.column == column && l.kept == kept && l.length == length);
        if let Some(index) = known.filter(|&index| self.levels[index].live) {
            return index;
        }
        let mut values = known.map_or_else(Vec::new, |index| std::mem::take(&mut self.levels[index].values));
        values.resize(self.pad + self.n_rows(), f64::NAN);
        self.compute(column, kept, length, &mut values);
        match known {
            Some(index) => {
                self.levels[index].values = values;
                self.levels[index].live = true;
                index
            }
            None => {
                self.levels.push(Level { column, kept, length, live: true, values });
                self.levels.len() - 1
            }
        }
    }

    fn compute(&mut self, column: usize, kept: Kept, length: usize, values: &mut [f64]) {
        let out = &mut values[self.pad..];
        if kept == Kept::Value {
            out.copy_from_slice(self.values(column));
            return;
        }
        // Even lengths are two halves, odd ones a newest part and one value before it.
        let newer = if length.is_multiple_of(2) { length / 2 } else { length - 1 };
        let older = length - newer;
        let part = |tile: &mut Self, kept, length| tile.windows(column, kept, length);
        let pad = self.pad;
        match kept {
            Kept::Value => {}
            Kept::Sum | Kept::Minimum | Kept::Maximum => {
                let (a, b) = (part(self, kept, newer), part(self, kept, older));
                let (a, b) = (&self.levels[a].values[pad..], &self.levels[b].values[pad..]);
                match kept {
                    Kept::Sum => rows::merge_sums(a, b, newer, out),
                    Kept::Minimum => rows::merge_minima(a, b, newer, out),
                    _ => rows::merge_maxima(a, b, newer, out),
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
                rows::merge_squares(moments(newer, sums.0, squares.0), moments(older, sums.1, squares.1), out);
            }
        }
    }

    /// The windows at `index` (of [`Tile::windows`]) that end `lag` rows before each row.
    pub(super) fn lagged(&self, index: usize, lag: usize) -> &[f64] {
        &self.levels[index].values[self.pad - lag..][..self.n_rows()]
    }

    /// Writes a column, NaN in the first `head` rows of each series.
    pub(super) fn write<T: Element>(&self, out: &mut [T], head: usize, column: Column<'_>) {
        rows::write(out, &self.age, head, column);
    }

    /// As many numbers as the tile has rows, whatever they are; give them back with [`Tile::give_back`].
    pub(super) fn scratch(&mut self) -> Vec<f64> {
        let mut rows = self.scratch.pop().unwrap_or_default();
        rows.resize(self.n_rows(), f64::NAN);
        rows
    }

    /// Takes scratch rows back for the next feature.
    pub(super) fn give_back(&mut self, rows: Vec<f64>) {
        self.scratch.push(rows);
    }

    /// What computes a quantile of windows; give it back with [`Tile::keep`].
    pub(super) fn network(&mut self, length: usize, p: f64) -> WindowQuantile {
        let known = self.networks.iter().position(|network| network.is(length, p));
        known.map_or_else(|| WindowQuantile::new(length, p), |place| self.networks.swap_remove(place))
    }

    /// Takes a network back for the next tile.
    pub(super) fn keep(&mut self, network: WindowQuantile) {
        self.networks.push(network);
    }

    /// Rows since the start of each row's series.
    pub(super) fn age(&self) -> &[f64] {
        &self.age
    }

    /// The values of each series with the rows of `out` that they make known `lag` rows later, four series at a time; the
    /// last four are filled up with empty ones.
    pub(super) fn fours<'o>(&self, column: usize, lag: usize, mut out: &'o mut [f64]) -> Vec<Four<'p, 'o>> {
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

    /// Whether a value of the column is missing in the tile.
    pub(super) fn has_missing(&mut self, column: usize) -> bool {
        if let Some((_, missing)) = self.missing.iter().find(|(known, _)| *known == column) {
            return *missing;
        }
        let missing = rows::any_missing(self.values(column));
        self.missing.push((column, missing));
        missing
    }
}
