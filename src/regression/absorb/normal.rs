//! The normal equations of what is left of the columns.

use super::super::design::{DropReason, Dropped};
use super::within::Within;

/// A column of which the effects leave less than this share of its length is theirs: a hundred times the default tolerance.
pub(super) const ABSORBED_SHARE: f64 = 1e-6;

/// A column of which those before it leave less than this share says nothing new; cross products hold half the digits.
const COLLINEAR_SHARE: f64 = 1e-6;

/// Most cells of all partial sums together.
const CELLS: usize = 1 << 22;

/// The columns that are kept, and the triangle `l` of their cross products `l l'`, columns scaled to length 1.
#[derive(Debug)]
pub(super) struct Normal {
    pub(super) kept: Vec<usize>,
    pub(super) dropped: Vec<Dropped>,
    /// Lower triangle, row by row.
    l: Vec<Vec<f64>>,
    /// Lengths of the kept columns.
    lengths: Vec<f64>,
    /// Squared length of what is left of the target.
    pub(super) target: f64,
    /// Cross products of the kept columns with the target.
    pub(super) with_target: Vec<f64>,
}

/// Cross products of all columns, `width` values a row, upper triangle. O(n p^2).
fn cross(within: &Within<'_>) -> Vec<f64> {
    let width = within.width;
    let visit = |cross: &mut Vec<f64>, row: usize, values: &[f64]| {
        let weight = within.weight(row);
        for (place, value) in values.iter().enumerate() {
            let value = weight * value;
            let cells = &mut cross[place * width + place..(place + 1) * width];
            cells.iter_mut().zip(&values[place..]).for_each(|(cell, other)| *cell += value * other);
        }
    };
    let most = (CELLS / (width * width)).clamp(1, 64);
    sum(within.rows(most, || vec![0.0; width * width], visit))
}

/// The sum of equally long parts, in order.
pub(super) fn sum(parts: Vec<Vec<f64>>) -> Vec<f64> {
    let add = |mut whole: Vec<f64>, part: Vec<f64>| {
        whole.iter_mut().zip(part).for_each(|(whole, part)| *whole += part);
        whole
    };
    parts.into_iter().reduce(add).unwrap_or_default()
}

impl Normal {
    pub(super) fn new(within: &Within<'_>) -> Self {
        let (cross, width, target) = (cross(within), within.width, within.target());
        let cell = |a: usize, b: usize| cross[a.min(b) * width + a.max(b)];
        let mut normal = Self {
            kept: Vec::new(),
            dropped: Vec::new(),
            l: Vec::new(),
            lengths: Vec::new(),
            target: cell(target, target),
            with_target: Vec::new(),
        };
        for column in 0..target {
            let square = cell(column, column);
            let reason = if within.columns.scale(column) <= 0.0 {
                Err(DropReason::Constant)
            } else if square <= ABSORBED_SHARE * ABSORBED_SHARE * within.sizes[column] {
                Err(DropReason::Absorbed)
            } else {
                normal.row(square.sqrt(), |earlier| cell(earlier, column)).ok_or(DropReason::Collinear)
            };
            match reason {
                Err(reason) => normal.dropped.push(Dropped { column, reason }),
                Ok(row) => {
                    normal.l.push(row);
                    normal.kept.push(column);
                    normal.lengths.push(square.sqrt());
                    normal.with_target.push(cell(column, target));
                }
            }
        }
        normal
    }

    /// The next row of the triangle; `None` for a column that says nothing new.
    fn row(&self, length: f64, cross: impl Fn(usize) -> f64) -> Option<Vec<f64>> {
        let mut row: Vec<f64> = Vec::with_capacity(self.kept.len() + 1);
        let mut left = 1.0;
        for (place, before) in self.l.iter().enumerate() {
            let along: f64 = row.iter().zip(before).map(|(a, b)| a * b).sum();
            let value = (cross(self.kept[place]) / (length * self.lengths[place]) - along) / before[place];
            left -= value * value;
            row.push(value);
        }
        if left <= COLLINEAR_SHARE * COLLINEAR_SHARE {
            return None;
        }
        row.push(left.sqrt());
        Some(row)
    }

    /// Solves the equations for the right-hand side `v`.
    pub(super) fn solve(&self, v: &[f64]) -> Vec<f64> {
        let mut b: Vec<f64> = v.iter().zip(&self.lengths).map(|(v, length)| v / length).collect();
        for (place, row) in self.l.iter().enumerate() {
            let along: f64 = row.iter().zip(&b[..place]).map(|(l, b)| l * b).sum();
            b[place] = (b[place] - along) / row[place];
        }
        for place in (0..b.len()).rev() {
            b[place] /= self.l[place][place];
            let known = b[place];
            b[..place].iter_mut().zip(&self.l[place]).for_each(|(b, l)| *b -= l * known);
        }
        b.iter_mut().zip(&self.lengths).for_each(|(b, length)| *b /= length);
        b
    }

    /// The inverse of the cross products, row by row.
    pub(super) fn inverse(&self) -> Vec<Vec<f64>> {
        let k = self.kept.len();
        (0..k).map(|place| self.solve(&(0..k).map(|i| f64::from(u8::from(i == place))).collect::<Vec<_>>())).collect()
    }
}
