//! Coefficients and their covariance.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, ArrayViewMut2};
use rayon::prelude::*;

use super::columns::{Columns, SparseRows};
use super::frame::Frame;
use super::residuals::Walk;
use super::solve::{LevelEffects, solve};
use crate::error::FitError;
use crate::numeric::projection::dot;
use crate::numeric::spd::{Cholesky, independent};
use crate::regression::design::refuse;

/// A column of which less than this share of its sum of squares is left once effects and the columns before it are taken out says
/// nothing new; the tolerance of fixest and pyfixest (`collin_tol`).
const COLLINEAR_SHARE: f64 = 1e-9;

/// Share of a target's sum of squares that is rounding.
const ROUNDING: f64 = 1e-20;

/// Parts in which sums over rows are taken, on any machine: more would cost memory, fewer would leave threads idle.
const PARTS: usize = 8;

/// Numbers that all parts of a sum may take together, 512 MB; many columns are summed in fewer parts.
const MOST_NUMBERS: usize = 1 << 26;

fn parts(size: usize) -> usize {
    (MOST_NUMBERS / (size * size).max(1)).clamp(1, PARTS)
}

/// Clusters whose scores are multiplied out together.
const BATCH: usize = 256;

/// Why a column has no coefficient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absent {
    /// It does not vary.
    Constant,
    /// It does not vary within the levels of the effects.
    Absorbed,
    /// Columns before it and the effects say the same together.
    Collinear,
}

/// A least squares fit on absorbed effects.
#[derive(Clone, Debug)]
pub(crate) struct Fit {
    /// One for each column; 0 where it is absent.
    pub(crate) coefficients: Vec<f64>,
    pub(crate) absent: Vec<Option<Absent>>,
    /// Columns with a coefficient, ascending.
    pub(crate) kept: Vec<usize>,
    /// The covariance of the coefficients of `kept`.
    pub(crate) covariance: Array2<f64>,
    /// Degrees of freedom of tests and intervals.
    pub(crate) df_tests: f64,
    /// Share of the variance about the mean that is explained, effects included.
    pub(crate) r_squared: f64,
    /// Share of what the effects leave that the columns explain.
    pub(crate) within_r_squared: f64,
    bread: Array2<f64>,
    /// All columns on the effects, the target as the last.
    effects: LevelEffects,
    columns: Columns,
    weights: Option<Vec<f64>>,
    correction: f64,
}

/// Fits `y` to `columns` on the effects of `frame`; all have its rows, in its order. Columns that dependent ones could replace are
/// kept in this order: dense ones first, then sparse ones.
///
/// Errors allow any dependence within a group if the frame is clustered, and any variance in each row otherwise, with the
/// corrections `G / (G - 1) * (n - 1) / (n - k)` and `n / (n - k)`, as fixest and pyfixest.
///
/// # Errors
/// [`FitError::Design`] for columns of another length, one cluster, no more rows than coefficients, or a target that does not vary
/// within the levels of the effects; [`FitError::NotFinite`]; [`FitError::NoConvergence`].
pub(crate) fn fit(
    frame: &Frame,
    sparse: SparseRows,
    mut dense: Vec<Vec<f64>>,
    y: Vec<f64>,
    weights: Option<Vec<f64>>,
) -> Result<Fit, FitError> {
    let n_rows = frame.n_rows();
    let n_columns = sparse.n_columns() + dense.len();
    let target = n_columns;
    let about_mean = squares_about_mean(&y, weights.as_deref());
    dense.push(y);
    let columns = Columns { sparse, dense };
    columns.check(n_rows)?;
    if frame.clustered && frame.n_groups() < 2 {
        return Err(refuse(format!("{} cluster; at least two are needed", frame.n_groups())));
    }
    let effects = solve(frame, &columns, weights.as_deref())?;
    let cross = cross_products(frame, &columns, weights.as_deref(), &effects);
    let size = n_columns + 1;
    let raw = raw_squares(&columns, weights.as_deref());
    if cross[target * size + target] <= ROUNDING * raw[target] {
        return Err(refuse("the target does not vary within the levels of the effects".into()));
    }
    let n_sparse = columns.sparse.n_columns();
    let order: Vec<usize> = (n_sparse..n_columns).chain(0..n_sparse).collect();
    let mut kept = independent(&cross, size, &order, &raw, COLLINEAR_SHARE);
    kept.sort_unstable();
    let df_used = kept.len() + frame.freedom;
    if n_rows <= df_used {
        return Err(refuse(format!("{n_rows} rows for {} coefficients and {} effects", kept.len(), frame.freedom)));
    }
    let k = kept.len();
    let normal: Vec<f64> =
        kept.iter().flat_map(|row| kept.iter().map(|c| cross[*row * size + *c]).collect::<Vec<_>>()).collect();
    let stuck =
        || FitError::NoConvergence { solver: "least squares", detail: "the columns depend on each other".into() };
    let factor = Cholesky::new(&normal, k).ok_or_else(stuck)?;
    let with_target: Vec<f64> = kept.iter().map(|row| cross[*row * size + target]).collect();
    let mut solution = with_target.clone();
    factor.solve(&mut solution);
    let mut coefficients = vec![0.0; n_columns];
    kept.iter().zip(&solution).for_each(|(column, value)| coefficients[*column] = *value);
    let within = cross[target * size + target];
    let left = (within - dot(&solution, &with_target)).max(0.0);
    let absent = (0..n_columns).map(|c| absent(c, &kept, &columns, cross[c * size + c], raw[c], n_rows)).collect();
    let (groups, n) = (frame.n_groups() as f64, n_rows as f64);
    let small_sample = |numerator: f64| numerator / (n - df_used as f64);
    let (df_tests, correction) = if frame.clustered {
        (groups - 1.0, groups / (groups - 1.0) * small_sample(n - 1.0))
    } else {
        (n - df_used as f64, small_sample(n))
    };
    let bread = Array2::from_shape_vec((k, k), factor.inverse()).map_err(|e| refuse(e.to_string()))?;
    let mut found = Fit {
        coefficients,
        absent,
        kept,
        covariance: Array2::zeros((k, k)),
        df_tests,
        r_squared: if about_mean > 0.0 { 1.0 - left / about_mean } else { f64::NAN },
        within_r_squared: if within > 0.0 { 1.0 - left / within } else { f64::NAN },
        bread,
        effects,
        columns,
        weights,
        correction,
    };
    let meat = meats(frame, &found, frame, &found);
    found.covariance = found.bread.dot(&meat).dot(&found.bread) * correction;
    Ok(found)
}

impl Fit {
    /// Position of `column` among the kept ones.
    pub(crate) fn position(&self, column: usize) -> Option<usize> {
        self.kept.binary_search(&column).ok()
    }

    /// The variance of a coefficient, if it has one.
    pub(crate) fn variance(&self, column: usize) -> Option<f64> {
        self.position(column).map(|place| self.covariance[[place, place]])
    }

    /// The covariance of two coefficients.
    pub(crate) fn covariance_of(&self, a: usize, b: usize) -> Option<f64> {
        Some(self.covariance[[self.position(a)?, self.position(b)?]])
    }

    /// The covariances between the coefficients of this fit and those of `other`, row by row in the order of both `kept`: both
    /// are fits to the same rows in the same groups.
    pub(crate) fn covariance_with(&self, other: &Self, frame: &Frame, other_frame: &Frame) -> Array2<f64> {
        let meat = meats(frame, self, other_frame, other);
        self.bread.dot(&meat).dot(&other.bread) * (self.correction * other.correction).sqrt()
    }

    fn walk<'a>(&'a self, frame: &'a Frame, groups: std::ops::Range<usize>) -> Walk<'a> {
        Walk::new(frame, &self.columns, self.weights.as_deref(), &self.effects, groups)
    }

    /// Adds the scores of the next cluster to `out`; false when there is none.
    fn next_scores(&self, walk: &mut Walk<'_>, clustered: bool, out: &mut Vec<f64>) -> bool {
        let first = out.len();
        let target = self.columns.len() - 1;
        while let Some(step) = walk.step() {
            let values = walk.values();
            let fitted: f64 = self.kept.iter().map(|c| self.coefficients[*c] * values[*c]).sum();
            let error = step.weight * (values[target] - fitted);
            out.resize(first + self.kept.len(), 0.0);
            out[first..].iter_mut().zip(&self.kept).for_each(|(score, column)| *score += error * values[*column]);
            if step.ends_group || !clustered {
                return true;
            }
        }
        false
    }
}

fn absent(column: usize, kept: &[usize], columns: &Columns, left: f64, raw: f64, n_rows: usize) -> Option<Absent> {
    if kept.binary_search(&column).is_ok() {
        return None;
    }
    let n_sparse = columns.sparse.n_columns();
    let constant = if column < n_sparse {
        let count =
            (0..n_rows).filter(|row| columns.sparse.row(*row).binary_search(&column_code(column)).is_ok()).count();
        count == 0 || count == n_rows
    } else {
        let values = &columns.dense[column - n_sparse];
        values.iter().all(|value| value.to_bits() == values[0].to_bits())
    };
    Some(if constant {
        Absent::Constant
    } else if left <= COLLINEAR_SHARE * raw {
        Absent::Absorbed
    } else {
        Absent::Collinear
    })
}

fn column_code(column: usize) -> u32 {
    u32::try_from(column).unwrap_or(u32::MAX)
}

fn squares_about_mean(y: &[f64], weights: Option<&[f64]>) -> f64 {
    let weight = |place: usize| weights.map_or(1.0, |w| w[place]);
    let total: f64 = (0..y.len()).map(weight).sum();
    let mean = y.iter().enumerate().map(|(place, y)| weight(place) * y).sum::<f64>() / total;
    y.iter().enumerate().map(|(place, y)| weight(place) * (y - mean) * (y - mean)).sum()
}

/// The weighted sum of squares of each column as it stands.
fn raw_squares(columns: &Columns, weights: Option<&[f64]>) -> Vec<f64> {
    let n_sparse = columns.sparse.n_columns();
    let mut sums = vec![0.0; columns.len()];
    for place in 0..columns.sparse.n_rows() {
        let weight = weights.map_or(1.0, |w| w[place]);
        columns.sparse.row(place).iter().for_each(|column| sums[*column as usize] += weight);
        for (sum, column) in sums[n_sparse..].iter_mut().zip(&columns.dense) {
            *sum += weight * column[place] * column[place];
        }
    }
    sums
}

/// Cross products of what the effects leave of all columns, as those of the columns themselves with what is left of the others:
/// the same, as what the effects explain and what they leave are orthogonal, and a row has few sparse columns.
fn cross_products(frame: &Frame, columns: &Columns, weights: Option<&[f64]>, effects: &LevelEffects) -> Vec<f64> {
    let size = columns.len();
    let n_sparse = columns.sparse.n_columns();
    let part = |groups: &std::ops::Range<usize>| {
        let mut sums = vec![0.0; size * size];
        let mut add = |column: usize, scale: f64, values: &[f64]| {
            let row = &mut sums[column * size..(column + 1) * size];
            row.iter_mut().zip(values).for_each(|(sum, value)| *sum += scale * value);
        };
        let mut walk = Walk::new(frame, columns, weights, effects, groups.clone());
        while let Some(step) = walk.step() {
            let values = walk.values();
            columns.sparse.row(step.place).iter().for_each(|column| add(*column as usize, step.weight, values));
            for (column, of_column) in columns.dense.iter().enumerate() {
                add(n_sparse + column, step.weight * of_column[step.place], values);
            }
        }
        sums
    };
    let parts: Vec<Vec<f64>> = frame.stretches(parts(size)).par_iter().map(part).collect();
    let mut sums = vec![0.0; size * size];
    for part in parts {
        sums.iter_mut().zip(part).for_each(|(sum, value)| *sum += value);
    }
    for row in 0..size {
        for column in 0..row {
            let mean = f64::midpoint(sums[row * size + column], sums[column * size + row]);
            sums[row * size + column] = mean;
            sums[column * size + row] = mean;
        }
    }
    sums
}

/// The sum over clusters of the outer products of the scores of `a` and `b`.
fn meats(frame_a: &Frame, a: &Fit, frame_b: &Frame, b: &Fit) -> Array2<f64> {
    let (ka, kb) = (a.kept.len(), b.kept.len());
    let same = std::ptr::eq(a, b);
    let clustered = frame_a.clustered;
    let part = |groups: &std::ops::Range<usize>| {
        let mut sum = Array2::zeros((ka, kb));
        let (mut walk_a, mut walk_b) = (a.walk(frame_a, groups.clone()), b.walk(frame_b, groups.clone()));
        let (mut left, mut right) = (Vec::with_capacity(BATCH * ka), Vec::new());
        let mut n = 0;
        loop {
            let mut more = a.next_scores(&mut walk_a, clustered, &mut left);
            if !same {
                more &= b.next_scores(&mut walk_b, clustered, &mut right);
            }
            n += usize::from(more);
            if n == BATCH || !more {
                multiply(&left, ka, if same { &left } else { &right }, kb, n, &mut sum.view_mut());
                left.clear();
                right.clear();
                n = 0;
            }
            if !more {
                return sum;
            }
        }
    };
    let parts: Vec<Array2<f64>> = frame_a.stretches(parts(ka.max(kb))).par_iter().map(part).collect();
    parts.into_iter().fold(Array2::zeros((ka, kb)), |sum, part| sum + part)
}

/// Adds `left' right` to `sum`; both hold one row for each of `n` clusters.
fn multiply(left: &[f64], ka: usize, right: &[f64], kb: usize, n: usize, sum: &mut ArrayViewMut2<'_, f64>) {
    let views = (ArrayView2::from_shape((n, ka), left), ArrayView2::from_shape((n, kb), right));
    if let (Ok(left), Ok(right)) = views {
        general_mat_mul(1.0, &left.t(), &right, 1.0, sum);
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Axis};

    use super::*;
    use crate::numeric::random::SplitMix64;
    use crate::regression::{Covariance, LeastSquares};

    const N: usize = 400;

    /// Sparse columns 0 to 8, a dense one, a target and the codes of three effects.
    fn data() -> (SparseRows, Vec<f64>, Vec<f64>, [Vec<u32>; 3]) {
        let mut random = SplitMix64::new(5);
        let mut below = |n: usize| random.below(n);
        let effects = [9, 7, 23].map(|n| (0..N).map(|_| column_code(below(n))).collect::<Vec<u32>>());
        let mut sparse = SparseRows::new(9);
        (0..N).for_each(|row| sparse.push((0..2).map(|_| column_code((below(9) + effects[0][row] as usize) % 9))));
        let dense: Vec<f64> = (0..N).map(|_| below(1000) as f64 / 100.0).collect();
        let y = (0..N)
            .map(|row| {
                let columns: f64 = sparse.row(row).iter().map(|c| f64::from(*c) / 9.0).sum();
                let levels: f64 = effects.iter().map(|codes| f64::from(codes[row] * 7 % 5)).sum();
                columns + levels + dense[row] / 3.0 + below(1000) as f64 / 250.0
            })
            .collect();
        (sparse, dense, y, effects)
    }

    /// The same regression with a column for each level but one of each effect.
    fn with_dummies(weights: Option<&Array1<f64>>, covariance: Covariance<'_>) -> LeastSquares {
        let (sparse, dense, y, effects) = data();
        let mut columns: Vec<Array1<f64>> =
            (0..9).map(|c| (0..N).map(|row| f64::from(u8::from(sparse.row(row).contains(&c)))).collect()).collect();
        columns.push(Array1::from(dense));
        for codes in &effects {
            let n = codes.iter().max().unwrap();
            columns.extend((0..*n).map(|level| codes.iter().map(|c| f64::from(u8::from(*c == level))).collect()));
        }
        let views: Vec<_> = columns.iter().map(|c| c.view()).collect();
        let x = ndarray::stack(Axis(1), &views).unwrap();
        LeastSquares::fit(x.view(), Array1::from(y).view(), weights.map(|w| w.view()), covariance).unwrap()
    }

    /// The fit, with its rows put in the order of `frame`.
    fn absorbed(weights: Option<&Array1<f64>>, clustered: bool) -> (Frame, Fit) {
        let (sparse, dense, y, effects) = data();
        let codes: Vec<&[u32]> = effects.iter().map(Vec::as_slice).collect();
        let frame = Frame::new((0..N).map(column_code).collect(), &codes, Some(2), clustered).unwrap();
        let mut ordered = SparseRows::new(9);
        frame.rows.iter().for_each(|row| ordered.push(sparse.row(*row as usize).iter().copied()));
        let pick = |values: &[f64]| frame.rows.iter().map(|row| values[*row as usize]).collect::<Vec<f64>>();
        let weights = weights.map(|w| pick(w.as_slice().unwrap()));
        let fit = fit(&frame, ordered, vec![pick(&dense)], pick(&y), weights).unwrap();
        (frame, fit)
    }

    #[test]
    fn coefficients_and_errors_are_those_of_a_column_for_each_level() {
        let weights: Array1<f64> = (0..N).map(|row| 0.25 + (row % 5) as f64).collect();
        for weights in [None, Some(&weights)] {
            let expected = with_dummies(weights, Covariance::Hc1);
            let (_, found) = absorbed(weights, false);
            for column in 0..10 {
                let expected = expected.coefficients[column].unwrap();
                approx::assert_relative_eq!(found.coefficients[column], expected.estimate, max_relative = 1e-8);
                approx::assert_relative_eq!(found.variance(column).unwrap().sqrt(), expected.se, max_relative = 1e-8);
            }
            approx::assert_relative_eq!(found.r_squared, expected.r_squared, max_relative = 1e-10);
        }
    }

    #[test]
    fn clustered_errors_count_no_degrees_for_effects_within_clusters() {
        let (_, _, _, effects) = data();
        let expected = with_dummies(None, Covariance::Clustered(&effects[2]));
        let (frame, found) = absorbed(None, true);
        let n_groups = frame.n_groups();
        assert_eq!((frame.freedom, n_groups), (9 + 7 - 1, 23));
        // All levels of the clusters' effect but one are coefficients of the other regression.
        let ratio = (N - expected.df - 22) as f64;
        let correction = (expected.df as f64 / (N as f64 - ratio)).sqrt();
        for column in 0..10 {
            let se = expected.coefficients[column].unwrap().se * correction;
            approx::assert_relative_eq!(found.variance(column).unwrap().sqrt(), se, max_relative = 1e-8);
        }
    }

    #[test]
    fn a_fit_covaries_with_itself_as_it_varies() {
        let (frame, found) = absorbed(None, true);
        let again = found.clone();
        let both = found.covariance_with(&again, &frame, &frame);
        assert!(both.iter().zip(&found.covariance).all(|(a, b)| (a - b).abs() <= 1e-12 * b.abs().max(1e-9)));
    }

    #[test]
    fn columns_without_a_coefficient_say_why() {
        let (sparse, dense, y, effects) = data();
        let frame = Frame::new((0..N).map(column_code).collect(), &[&effects[0]], Some(0), true).unwrap();
        let mut more = SparseRows::new(13);
        for row in &frame.rows {
            let row = *row as usize;
            let own = sparse.row(row);
            let absorbed = (effects[0][row] < 3).then_some(9);
            let twin = own.contains(&2).then_some(10);
            more.push(own.iter().copied().chain(absorbed).chain(twin).chain([11]));
        }
        let pick = |values: &[f64]| frame.rows.iter().map(|row| values[*row as usize]).collect::<Vec<f64>>();
        let found = fit(&frame, more, vec![pick(&dense)], pick(&y), None).unwrap();
        let absent = [Absent::Absorbed, Absent::Collinear, Absent::Constant, Absent::Constant].map(Some);
        assert_eq!(found.absent[9..13], absent);
        assert!(found.absent[..9].iter().all(Option::is_none) && found.absent[13].is_none());
    }
}
