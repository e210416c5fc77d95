use super::super::{count_present, present, trailing_gap};
use crate::error::FitError;
use crate::numeric::nelder_mead::Search;
use crate::numeric::scale::power_of_two_below;

/// Fewest values: three parameters, and two degrees of freedom for their errors.
const NEEDED: usize = 5;
/// Local minima of the grid that are refined.
const REFINED: usize = 4;

/// A curve but for its scale: two shape parameters.
pub(super) trait Curve {
    /// The curve at `t` periods after the first value, for scale 1.
    fn at(shape: [f64; 2], t: f64) -> f64;

    /// The shape with parameter `i` moved by the share `by` of what it may be off by if the series says nothing of it.
    fn moved(shape: [f64; 2], i: usize, by: f64) -> [f64; 2];
}

/// A series to fit, in units of a power of two close to its largest value.
#[derive(Debug)]
pub(super) struct Observed {
    pub(super) unit: f64,
    /// Values that are present and their periods since the first of them.
    pub(super) values: Vec<f64>,
    pub(super) times: Vec<f64>,
    /// Time of the last value, and missing values after it.
    pub(super) age: usize,
    pub(super) gap: usize,
}

/// The scale and the sum of squared residuals that go with a shape.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fit {
    pub(super) shape: [f64; 2],
    pub(super) scale: f64,
    pub(super) sse: f64,
}

/// Where shapes are searched, in the coordinates of the search, and the cells of the grid along each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Region {
    pub(super) low: [f64; 2],
    pub(super) high: [f64; 2],
    pub(super) cells: [u32; 2],
}

impl Observed {
    pub(super) fn new(y: &[f64]) -> Result<Self, FitError> {
        let found = count_present(y, NEEDED)?;
        if let Some((position, value)) = present(y).find(|(_, value)| *value < 0.0) {
            return Err(FitError::Target { position, value, allowed: "at least 0" });
        }
        let (Some((first, _)), Some((last, _))) = (present(y).next(), present(y).next_back()) else {
            return Err(FitError::TooShort { needed: NEEDED, found });
        };
        let unit = power_of_two_below(present(y).fold(0.0, |largest: f64, (_, value)| largest.max(value)));
        let values = present(y).map(|(_, value)| value / unit).collect();
        let times = present(y).map(|(position, _)| (position - first) as f64).collect();
        Ok(Self { unit, values, times, age: last - first, gap: trailing_gap(y) })
    }

    /// The value that all are equal to, in its own unit.
    pub(super) fn constant(&self) -> Option<f64> {
        let first = self.values[0];
        self.values.iter().all(|value| (value - first).abs() <= 0.0).then_some(first * self.unit)
    }

    pub(super) fn largest(&self) -> f64 {
        self.values.iter().fold(0.0, |largest: f64, value| largest.max(*value))
    }

    pub(super) fn mean(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.values.len() as f64
    }

    /// The best scale in [0, `limit`] for a shape. `buffer` is overwritten.
    pub(super) fn fit_scale<C: Curve>(&self, shape: [f64; 2], limit: f64, buffer: &mut [f64]) -> Fit {
        let (mut with_values, mut squares) = (0.0, 0.0);
        for ((cell, &value), &t) in buffer.iter_mut().zip(&self.values).zip(&self.times) {
            *cell = C::at(shape, t);
            with_values += *cell * value;
            squares += *cell * *cell;
        }
        // The sum of squares is a parabola in the scale: within the limits it is least nearest to its foot.
        let scale = if squares > f64::MIN_POSITIVE { (with_values / squares).clamp(0.0, limit) } else { 0.0 };
        let sse = buffer.iter().zip(&self.values).map(|(at, value)| (value - scale * at).powi(2)).sum();
        Fit { shape, scale, sse }
    }

    /// The best shape in a region: the lowest valleys of a grid, each followed to its bottom.
    pub(super) fn fit<C: Curve>(&self, region: Region, limit: f64, shape: impl Fn([f64; 2]) -> [f64; 2]) -> Fit {
        let mut buffer = vec![0.0; self.values.len()];
        let Region { low, high, cells: [rows, columns] } = region;
        let point = |i: u32, j: u32| {
            [(i, rows, 0), (j, columns, 1)]
                .map(|(step, cells, axis)| low[axis] + (high[axis] - low[axis]) * f64::from(step) / f64::from(cells))
        };
        let width = columns as usize + 1;
        let mut grid = Vec::with_capacity((rows as usize + 1) * width);
        for i in 0..=rows {
            for j in 0..=columns {
                let at = point(i, j);
                grid.push((at, self.fit_scale::<C>(shape(at), limit, &mut buffer).sse));
            }
        }
        let is_valley = |place: usize| {
            let (i, j) = (place / width, place % width);
            let mut near = (i.saturating_sub(1)..=(i + 1).min(rows as usize))
                .flat_map(|row| (j.saturating_sub(1)..=(j + 1).min(columns as usize)).map(move |column| (row, column)));
            near.all(|(row, column)| grid[place].1 <= grid[row * width + column].1)
        };
        let mut starts: Vec<([f64; 2], f64)> =
            (0..grid.len()).filter(|&place| is_valley(place)).map(|place| grid[place]).collect();
        starts.sort_by(|a, b| a.1.total_cmp(&b.1));
        let search = Search { low, high, edge: 0.03, precision: 1e-12, max_evaluations: 400, max_restarts: 8 };
        let mut best: Option<([f64; 2], f64)> = None;
        for &(start, _) in starts.iter().take(REFINED) {
            let found = search.minimise(|at| self.fit_scale::<C>(shape(*at), limit, &mut buffer).sse, start);
            if best.is_none_or(|(_, least)| found.value < least) {
                best = Some((found.at, found.value));
            }
        }
        self.fit_scale::<C>(shape(best.map_or(low, |(at, _)| at)), limit, &mut buffer)
    }
}
