use super::order::ArimaOrder;
use super::polynomial::differencing;
use crate::numeric::scale::power_of_two_below;
use crate::series::{present, trailing_gap};

/// Most missing values between the first and the last one that is used: each costs as much as the series does.
const MOST_MISSING: usize = 100;

/// A series from its first to its last value present, in units of its size.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    /// Values in units of `unit`; missing ones lie on the line between their neighbours.
    pub(super) y: Vec<f64>,
    /// Positions in `y` that were missing, in order.
    pub(super) missing: Vec<usize>,
    pub(super) unit: f64,
    /// Missing values behind the last one.
    pub(super) gap: usize,
}

impl Prepared {
    /// `None` if no value is present.
    pub(super) fn new(series: &[f64]) -> Option<Self> {
        let ((first, _), (to, _)) = present(series).next().zip(present(series).next_back())?;
        let holes = (first..to).rev().filter(|&t| series[t].is_nan());
        let from = holes.skip(MOST_MISSING).map(|hole| hole + 1).next().unwrap_or(first);
        let from = (from..=to).find(|&t| !series[t].is_nan()).unwrap_or(to);
        let largest = present(series).fold(0.0, |largest: f64, (_, v)| largest.max(v.abs()));
        let unit = power_of_two_below(largest);
        let mut y: Vec<f64> = series[from..=to].iter().map(|v| v / unit).collect();
        let missing: Vec<usize> = (0..y.len()).filter(|&t| y[t].is_nan()).collect();
        let mut t = 0;
        while t < y.len() {
            if y[t].is_nan() {
                let end = (t..y.len()).find(|&s| !y[s].is_nan()).unwrap_or(t);
                let (before, after) = (y[t - 1], y[end]);
                let steps = (end - t + 1) as f64;
                for (step, cell) in y[t..end].iter_mut().enumerate() {
                    *cell = before + (after - before) * ((step + 1) as f64 / steps);
                }
                t = end;
            }
            t += 1;
        }
        Some(Self { y, missing, unit, gap: trailing_gap(series) })
    }

    /// Number of values present.
    pub(super) fn found(&self) -> usize {
        self.y.len() - self.missing.len()
    }
}

/// A series after the differences of an order, as columns to be filtered: the differences themselves, what a unit added
/// to each missing value does to them, and what a unit of the constant does.
#[derive(Clone, Debug)]
pub(super) struct Differenced {
    pub(super) n: usize,
    pub(super) columns: Vec<f64>,
    pub(super) n_missing: usize,
    pub(super) has_constant: bool,
    /// What was taken from every value, to keep digits; belongs to the mean.
    pub(super) centre: f64,
    /// Values present, less those that differencing takes.
    pub(super) n_used: usize,
}

impl Differenced {
    /// Of the differences and the constant of `order`; `None` if they leave no value.
    pub(super) fn new(series: &Prepared, order: ArimaOrder) -> Option<Self> {
        let lost = order.lost();
        let n = series.y.len().checked_sub(lost).filter(|n| *n > 0)?;
        let n_used = series.found().checked_sub(lost).filter(|n| *n > 0)?;
        let lags = differencing(order.d, order.seasonal_d, order.season.get());
        let taps: Vec<(usize, f64)> = lags.iter().copied().enumerate().filter(|(_, c)| *c != 0.0).collect();
        let mean = series.y.iter().sum::<f64>() / series.y.len() as f64;
        let centre = if order.constant && order.differences() == 0 { mean } else { 0.0 };
        let n_missing = series.missing.len();
        let mut columns = Vec::with_capacity((1 + n_missing + usize::from(order.constant)) * n);
        columns.extend((lost..series.y.len()).map(|t| {
            let past: f64 = taps.iter().map(|(i, c)| c * series.y[t - 1 - i]).sum();
            series.y[t] - past - centre
        }));
        for &hole in &series.missing {
            let start = columns.len();
            columns.resize(start + n, 0.0);
            let column = &mut columns[start..];
            if hole >= lost {
                column[hole - lost] = 1.0;
            }
            for &(i, c) in &taps {
                if let Some(cell) = (hole + i + 1).checked_sub(lost).and_then(|row| column.get_mut(row)) {
                    *cell = -c;
                }
            }
        }
        if order.constant {
            // A drift of one a period adds a whole season's to a seasonal difference.
            let effect = if order.seasonal_d > 0 { order.season.get() as f64 } else { 1.0 };
            columns.resize(columns.len() + n, effect);
        }
        Some(Self { n, columns, n_missing, has_constant: order.constant, centre, n_used })
    }

    /// The differences.
    pub(super) fn values(&self) -> &[f64] {
        &self.columns[..self.n]
    }

    pub(super) fn n_columns(&self) -> usize {
        1 + self.n_missing + usize::from(self.has_constant)
    }

    /// The same with the constant fixed: taken from the values, no longer a column. `constant` does not hold `centre`.
    pub(super) fn with_constant(mut self, constant: f64) -> Self {
        if self.has_constant {
            let behind = self.columns.len() - self.n;
            let effect = self.columns[behind];
            self.columns.truncate(behind);
            self.columns[..self.n].iter_mut().for_each(|value| *value -= constant * effect);
            self.has_constant = false;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::arima::order;

    #[test]
    fn holes_are_bridged_and_the_ends_cut() {
        let found = Prepared::new(&[f64::NAN, 4.0, f64::NAN, f64::NAN, 1.0, 2.0, f64::NAN]).unwrap();
        assert_eq!(
            (found.y, found.missing, found.unit, found.gap),
            (vec![1.0, 0.75, 0.5, 0.25, 0.5], vec![1, 2], 4.0, 1)
        );
        assert!(Prepared::new(&[f64::NAN]).is_none());
        assert!(Prepared::new(&[]).is_none());
    }

    #[test]
    fn only_the_end_of_a_series_with_many_holes_is_used() {
        let y: Vec<f64> = (0..601).map(|t| if t % 2 == 1 { f64::NAN } else { f64::from(t) }).collect();
        let found = Prepared::new(&y).unwrap();
        assert_eq!((found.missing.len(), found.y.len()), (MOST_MISSING, 201));
        assert_eq!(Prepared::new(&y[..200]).unwrap().y.len(), 199);
    }

    #[test]
    fn columns_hold_the_effect_of_each_missing_value() {
        let y = Prepared::new(&[1.0, 2.0, f64::NAN, 8.0, 16.0]).unwrap();
        let found = Differenced::new(&y, order([0, 1, 0], [0, 0, 0], 1, true)).unwrap();
        assert_eq!(found.columns[4..8], [0.0, 1.0, -1.0, 0.0]);
        assert_eq!(found.columns[8..], [1.0; 4]);
        assert_eq!((found.n, found.n_used), (4, 3));
        assert!(Differenced::new(&y, order([0, 1, 0], [0, 1, 0], 4, true)).is_none());
    }
}
