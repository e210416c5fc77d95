//! What the effects explain of every column, as one coefficient for each level.

use rayon::prelude::*;

use super::columns::Columns;
use super::frame::Frame;
use crate::error::FitError;

/// Columns that are worked on together: one cache line of values for each level.
const LANES: usize = 8;
type Lanes = [f64; LANES];
const ZERO: Lanes = [0.0; LANES];

/// A column is solved when the length of what its normal equations leave (scaled by the levels' weights) is less than this share
/// of the column's own.
const TOLERANCE: f64 = 1e-10;

/// A column that rounding keeps from [`TOLERANCE`] is good enough up to here: coefficients then hold about seven digits.
const STALLED: f64 = 1e-8;

/// Share of a column's sum of squares that is rounding.
const ROUNDING: f64 = 1e-24;

/// Effects in data that hang together by a few rows need hundreds of steps; beyond this the data do not.
const MOST_STEPS: usize = 5_000;

/// Coefficients of the levels other than the groups', for every column: level by level, `n_columns` values each.
#[derive(Clone, Debug)]
pub(super) struct LevelEffects {
    pub(super) values: Vec<f64>,
}

/// Solves the least squares problem of each column on all effects. Groups are taken out exactly; what is left for the levels of
/// the other effects is solved by conjugate gradients with the levels' weights as preconditioner (Hestenes & Stiefel 1952;
/// as Guimaraes & Portugal 2010, Stata Journal 10, and Correia 2017 do for effects of many levels), [`LANES`] columns at a
/// time: a level's values for all of them lie in one cache line.
///
/// O(steps * rows * columns) time; O(levels * columns) memory, whatever the number of rows.
pub(super) fn solve(frame: &Frame, columns: &Columns, weights: Option<&[f64]>) -> Result<LevelEffects, FitError> {
    let (n_columns, n_levels) = (columns.len(), frame.n_other_levels());
    if n_levels == 0 {
        return Ok(LevelEffects { values: Vec::new() });
    }
    let width = frame.others.len();
    let mut level_weights = vec![0.0; n_levels];
    for (place, codes) in frame.codes.chunks_exact(width).enumerate() {
        let weight = weights.map_or(1.0, |w| w[place]);
        codes.iter().for_each(|code| level_weights[*code as usize] += weight);
    }
    // A level whose rows all have weight 0 has no equation.
    let inverse: Vec<f64> = level_weights.iter().map(|w| if *w > 0.0 { 1.0 / w } else { 0.0 }).collect();
    let work = Work { frame, columns, weights, width, inverse: &inverse };
    let blocks: Vec<usize> = (0..n_columns).step_by(LANES).collect();
    let solved: Vec<(Vec<Lanes>, usize, f64)> = blocks.par_iter().map(|first| work.solve(*first)).collect();
    let mut values = vec![0.0; n_levels * n_columns];
    for (&first, (block, taken, left)) in blocks.iter().zip(&solved) {
        if left.is_nan() || *left > STALLED {
            let detail = format!("after {taken} steps a share of {left:.1e} of a column is left to explain");
            return Err(FitError::NoConvergence { solver: "absorbed effects", detail });
        }
        let used = LANES.min(n_columns - first);
        for (level, lanes) in block.iter().enumerate() {
            let start = level * n_columns + first;
            values[start..start + used].copy_from_slice(&lanes[..used]);
        }
    }
    Ok(LevelEffects { values })
}

struct Work<'a> {
    frame: &'a Frame,
    columns: &'a Columns,
    weights: Option<&'a [f64]>,
    width: usize,
    inverse: &'a [f64],
}

fn add(to: &mut Lanes, scale: f64, from: &Lanes) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += scale * from);
}

/// Lane by lane, the sum of `a b scale`.
fn products(a: &[Lanes], b: &[Lanes], scale: &[f64]) -> Lanes {
    let mut sums = ZERO;
    for ((a, b), scale) in a.iter().zip(b).zip(scale) {
        sums.iter_mut().zip(a).zip(b).for_each(|((sum, a), b)| *sum += scale * a * b);
    }
    sums
}

impl Work<'_> {
    /// The coefficients of a block of columns, the steps taken, and the largest share left.
    fn solve(&self, first: usize) -> (Vec<Lanes>, usize, f64) {
        let n_levels = self.inverse.len();
        let mut buffer = Vec::new();
        let mut rest = vec![ZERO; n_levels];
        let (sizes, whole) = self.right_side(first, &mut rest, &mut buffer);
        // What groups leave of a column that they explain is rounding: there is nothing in it to explain.
        let sizes: Vec<f64> =
            sizes.iter().zip(whole).map(|(size, whole)| if *size > ROUNDING * whole { *size } else { 0.0 }).collect();
        let mut found = vec![ZERO; n_levels];
        let scaled = |rest: &[Lanes]| rest.iter().zip(self.inverse).map(|(r, s)| r.map(|r| r * s)).collect::<Vec<_>>();
        let mut direction = scaled(&rest);
        let mut image = vec![ZERO; n_levels];
        let ones = vec![1.0; n_levels];
        let mut length = products(&rest, &rest, self.inverse);
        let share = |length: &Lanes| {
            let share = |(length, size): (&f64, &f64)| if *size > 0.0 { (length / size).sqrt() } else { 0.0 };
            length.iter().zip(&sizes).map(share).fold(0.0, f64::max)
        };
        let mut steps = 0;
        while share(&length) > TOLERANCE && steps < MOST_STEPS {
            self.apply(&direction, &mut image, &mut buffer);
            let curvature = products(&direction, &image, &ones);
            let mut forward = ZERO;
            for lane in 0..LANES {
                let size = sizes[lane];
                // A lane that is solved stands still: going on would divide rounding by rounding.
                let open = size > 0.0 && length[lane] > (TOLERANCE * TOLERANCE) * size && curvature[lane] > 0.0;
                forward[lane] = if open { length[lane] / curvature[lane] } else { 0.0 };
            }
            for level in 0..n_levels {
                for lane in 0..LANES {
                    found[level][lane] += forward[lane] * direction[level][lane];
                    rest[level][lane] -= forward[lane] * image[level][lane];
                }
            }
            let next = products(&rest, &rest, self.inverse);
            let mut turn = ZERO;
            for lane in 0..LANES {
                turn[lane] = if forward[lane] > 0.0 && length[lane] > 0.0 { next[lane] / length[lane] } else { 0.0 };
            }
            for ((direction, rest), inverse) in direction.iter_mut().zip(&rest).zip(self.inverse) {
                for lane in 0..LANES {
                    direction[lane] = inverse * rest[lane] + turn[lane] * direction[lane];
                }
            }
            length = next;
            steps += 1;
            if forward.iter().all(|f| *f <= 0.0) {
                break;
            }
        }
        (found, steps, share(&length))
    }

    /// For each level of the other effects the sum over its rows of what groups leave of the columns, and the sum of squares of
    /// each column about its groups' means and about 0.
    fn right_side(&self, first: usize, out: &mut [Lanes], buffer: &mut Vec<Lanes>) -> (Lanes, Lanes) {
        let (mut sizes, mut whole) = (ZERO, ZERO);
        for place in 0..self.frame.n_rows() {
            let weight = self.weights.map_or(1.0, |w| w[place]);
            let lanes = self.row(first, place);
            whole.iter_mut().zip(lanes).for_each(|(whole, value)| *whole += weight * value * value);
        }
        self.by_group(buffer, out, |place| self.row(first, place), &mut sizes);
        (sizes, whole)
    }

    /// The columns from `first` on in one row.
    fn row(&self, first: usize, place: usize) -> Lanes {
        let n_sparse = self.columns.sparse.n_columns();
        let end = (first + LANES).min(self.columns.len());
        let mut lanes = ZERO;
        if first < n_sparse {
            for &member in self.columns.sparse.row(place) {
                if (first..end).contains(&(member as usize)) {
                    lanes[member as usize - first] = 1.0;
                }
            }
        }
        for column in first.max(n_sparse)..end {
            lanes[column - first] = self.columns.dense[column - n_sparse][place];
        }
        lanes
    }

    /// The normal equations, applied to `v`.
    fn apply(&self, v: &[Lanes], out: &mut [Lanes], buffer: &mut Vec<Lanes>) {
        let width = self.width;
        let mut ignored = ZERO;
        self.by_group(
            buffer,
            out,
            |place| {
                let mut lanes = ZERO;
                for code in &self.frame.codes[place * width..(place + 1) * width] {
                    add(&mut lanes, 1.0, &v[*code as usize]);
                }
                lanes
            },
            &mut ignored,
        );
    }

    /// Takes group means out of the lanes of each row and adds what is left to the row's levels.
    fn by_group(&self, buffer: &mut Vec<Lanes>, out: &mut [Lanes], row: impl Fn(usize) -> Lanes, squares: &mut Lanes) {
        let width = self.width;
        out.fill(ZERO);
        for bounds in self.frame.groups.windows(2) {
            buffer.clear();
            let (mut mean, mut total) = (ZERO, 0.0);
            for place in bounds[0]..bounds[1] {
                let lanes = row(place);
                let weight = self.weights.map_or(1.0, |w| w[place]);
                add(&mut mean, weight, &lanes);
                total += weight;
                buffer.push(lanes);
            }
            if total <= 0.0 {
                continue;
            }
            mean = mean.map(|sum| sum / total);
            for (place, lanes) in (bounds[0]..bounds[1]).zip(&*buffer) {
                let weight = self.weights.map_or(1.0, |w| w[place]);
                let mut left = ZERO;
                for lane in 0..LANES {
                    let value = lanes[lane] - mean[lane];
                    left[lane] = weight * value;
                    squares[lane] += left[lane] * value;
                }
                for code in &self.frame.codes[place * width..(place + 1) * width] {
                    add(&mut out[*code as usize], 1.0, &left);
                }
            }
        }
    }
}
