//! Least squares whose coefficients are to be read: standard errors, tests, intervals.

use std::collections::BTreeMap;

use ndarray::{ArrayView1, ArrayView2};
use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::design::{self, DropReason, Dropped};
use crate::error::FitError;
use crate::numeric::projection::dot;

/// A column of which less than this share is left once those before it are taken out says nothing new; as in R `lm()`.
const COLLINEAR_SHARE: f64 = 1e-7;

/// A column that varies by less than this share of its size is constant but for rounding.
const CONSTANT_SHARE: f64 = 1e-12;

/// How the uncertainty of coefficients is estimated. `k` coefficients (the intercept included), `n` rows, `e` residuals, `h`
/// leverages, all of the weighted regression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Covariance<'a> {
    /// One variance for all rows: `e'e / (n - k)`.
    Classical,
    /// Any variance in each row, times `n / (n - k)` (MacKinnon & White 1985, J. Econometrics 29, 305-325).
    Hc1,
    /// `e^2 / (1 - h)`.
    Hc2,
    /// `e^2 / (1 - h)^2`: the most careful in small samples.
    Hc3,
    /// Any dependence within a cluster, none between clusters: `G / (G - 1) * (n - 1) / (n - k)` times the sum over `G`
    /// clusters (Liang & Zeger 1986, Biometrika 73, 13-22); t with `G - 1` degrees of freedom. One code for each row.
    Clustered(&'a [u32]),
    /// Dependence along two dimensions: the sum of both less that of their crossing, each with its own correction (Cameron,
    /// Gelbach & Miller 2011, JBES 29, 238-249); t with `min(G1, G2) - 1` degrees of freedom.
    TwoWay(&'a [u32], &'a [u32]),
}

/// One coefficient.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Coefficient {
    /// The estimate, in units of the target for a unit of the column.
    pub estimate: f64,
    /// Standard error.
    pub se: f64,
    /// Estimate over standard error.
    pub t: f64,
    /// Two-sided p-value of no effect.
    pub p_value: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end of the 95 % interval.
    pub high: f64,
}

impl Coefficient {
    fn new(estimate: f64, variance: f64, df: f64) -> Self {
        // Two-way variances may come out below 0: then nothing is known of the error.
        let se = if variance >= 0.0 { variance.sqrt() } else { f64::NAN };
        let t = estimate / se;
        let (p_value, width) = StudentsT::new(0.0, 1.0, df)
            .map_or((f64::NAN, f64::NAN), |student| (2.0 * student.sf(t.abs()), student.inverse_cdf(0.975)));
        Self { estimate, se, t, p_value, low: estimate - width * se, high: estimate + width * se }
    }
}

/// Least squares with an intercept, for coefficients that are read.
///
/// ```text
/// y = a + sum b[j] x[j] + e      a, b minimise sum w e^2
/// ```
/// Solved by orthogonalisation (Gram-Schmidt, twice) of the weighted columns, never by the cross products, so that a level of
/// 1e8 costs no digits. A constant column, and one that the columns before it explain, is left out and named. O(n p^2) time,
/// one copy of `x`.
///
/// # Examples
/// ```
/// use credcast::regression::{Covariance, LeastSquares};
/// use ndarray::array;
/// let (x, y) = (array![[1.0], [2.0], [3.0], [4.0], [5.0]], array![1.1, 1.9, 3.2, 3.9, 5.1]);
/// let fitted = LeastSquares::fit(x.view(), y.view(), None, Covariance::Hc3)?;
/// let slope = fitted.coefficients[0].ok_or("left out")?;
/// assert!((slope.estimate - 1.0).abs() < 1e-12 && slope.low < 1.0 && slope.p_value < 0.001);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeastSquares {
    /// What is predicted where every column is 0.
    pub intercept: Coefficient,
    /// One for each column; `None` for one that was left out.
    pub coefficients: Vec<Option<Coefficient>>,
    /// The columns that were left out, and why.
    pub dropped: Vec<Dropped>,
    /// Rows of a weight above 0.
    pub n: usize,
    /// Degrees of freedom of the residuals.
    pub df: usize,
    /// Degrees of freedom of the tests and intervals.
    pub df_tests: f64,
    /// Share of the (weighted) variance about the mean that is explained; NaN for a constant target.
    pub r_squared: f64,
    /// The same, corrected for the number of columns.
    pub adjusted_r_squared: f64,
    /// Standard deviation of the residuals.
    pub sigma: f64,
    /// Clusters of the covariance, the fewer of two dimensions; 0 without.
    pub n_clusters: usize,
}

/// Orthonormal columns with the way back to the coefficients of the original ones.
struct Basis {
    /// The intercept's column first.
    q: Vec<Vec<f64>>,
    /// `z = q r`: column by column, upper triangular.
    r: Vec<Vec<f64>>,
    /// Positions of the columns of `x` behind the intercept.
    kept: Vec<usize>,
    dropped: Vec<Dropped>,
}

impl Basis {
    fn new(x: ArrayView2<'_, f64>, roots: &[f64]) -> Self {
        let length = |v: &[f64]| dot(v, v).sqrt();
        let ones = length(roots);
        let mut basis = Self {
            q: vec![roots.iter().map(|w| w / ones).collect()],
            r: vec![vec![ones]],
            kept: Vec::new(),
            dropped: Vec::new(),
        };
        for (position, column) in x.columns().into_iter().enumerate() {
            let mut z: Vec<f64> = column.iter().zip(roots).map(|(x, w)| x * w).collect();
            let size = length(&z);
            let mut r = vec![0.0; basis.q.len()];
            let mut varies = 0.0;
            for round in 0..2 {
                for (place, q) in basis.q.iter().enumerate() {
                    let along = dot(q, &z);
                    r[place] += along;
                    z.iter_mut().zip(q).for_each(|(z, q)| *z -= along * q);
                    if round == 0 && place == 0 {
                        varies = length(&z);
                    }
                }
            }
            let left = length(&z);
            let reason = if varies <= CONSTANT_SHARE * size {
                Some(DropReason::Constant)
            } else if left <= COLLINEAR_SHARE * varies {
                Some(DropReason::Collinear)
            } else {
                None
            };
            if let Some(reason) = reason {
                basis.dropped.push(Dropped { column: position, reason });
                continue;
            }
            z.iter_mut().for_each(|z| *z /= left);
            r.push(left);
            basis.q.push(z);
            basis.r.push(r);
            basis.kept.push(position);
        }
        basis
    }

    /// Solves `r b = v`.
    fn back(&self, v: &[f64]) -> Vec<f64> {
        let mut b = v.to_vec();
        for column in (0..b.len()).rev() {
            b[column] /= self.r[column][column];
            let known = b[column];
            b[..column].iter_mut().zip(&self.r[column]).for_each(|(b, r)| *b -= r * known);
        }
        b
    }

    /// The rows of the inverse of `r`.
    fn inverse(&self) -> Vec<Vec<f64>> {
        let k = self.r.len();
        let unit = |place: usize| (0..k).map(|other| f64::from(u8::from(other == place))).collect::<Vec<_>>();
        let columns: Vec<Vec<f64>> = (0..k).map(|place| self.back(&unit(place))).collect();
        (0..k).map(|row| columns.iter().map(|column| column[row]).collect()).collect()
    }
}

/// A symmetric matrix, row by row.
type Square = Vec<Vec<f64>>;

/// The sum of outer products of the scores of clusters, and how many clusters there are.
fn clustered<K: Ord>(q: &[Vec<f64>], e: &[f64], codes: impl Iterator<Item = K>) -> (Square, usize) {
    let k = q.len();
    let mut scores: BTreeMap<K, Vec<f64>> = BTreeMap::new();
    for (row, code) in codes.enumerate() {
        let score = scores.entry(code).or_insert_with(|| vec![0.0; k]);
        score.iter_mut().zip(q).for_each(|(score, q)| *score += q[row] * e[row]);
    }
    let mut meat = vec![vec![0.0; k]; k];
    for score in scores.values() {
        for (row, a) in meat.iter_mut().zip(score) {
            row.iter_mut().zip(score).for_each(|(cell, b)| *cell += a * b);
        }
    }
    (meat, scores.len())
}

impl LeastSquares {
    /// Fits `y` (n) to `x` (n rows, p columns), each row counting as much as its weight says (1 without weights).
    ///
    /// # Errors
    /// [`FitError::Design`] for shapes, weights or clusters that do not match, a weight below 0, fewer than two clusters or
    /// no more rows of a weight above 0 than coefficients; [`FitError::NotFinite`]; [`FitError::TooLarge`].
    pub fn fit(
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        weights: Option<ArrayView1<'_, f64>>,
        covariance: Covariance<'_>,
    ) -> Result<Self, FitError> {
        design::check(x, y)?;
        let n_rows = y.len();
        let roots: Vec<f64> = match weights {
            None => vec![1.0; n_rows],
            Some(weights) if weights.len() == n_rows => {
                if let Some((position, &value)) = weights.iter().enumerate().find(|(_, w)| !w.is_finite()) {
                    return Err(FitError::NotFinite { position, value });
                }
                if let Some((row, w)) = weights.iter().enumerate().find(|(_, w)| **w < 0.0) {
                    return Err(design::refuse(format!("weight {w} of row {row} is below 0")));
                }
                weights.iter().map(|w| w.sqrt()).collect()
            }
            Some(weights) => return Err(design::refuse(format!("{} weights for {n_rows} rows", weights.len()))),
        };
        let n = roots.iter().filter(|w| **w > 0.0).count();
        let codes: &[&[u32]] = match &covariance {
            Covariance::Clustered(codes) => &[codes],
            Covariance::TwoWay(first, second) => &[first, second],
            _ => &[],
        };
        if let Some(codes) = codes.iter().find(|codes| codes.len() != n_rows) {
            return Err(design::refuse(format!("{} cluster codes for {n_rows} rows", codes.len())));
        }
        if n == 0 {
            return Err(design::refuse("no row has a weight above 0".into()));
        }
        let basis = Basis::new(x, &roots);
        let k = basis.q.len();
        if n <= k {
            return Err(design::refuse(format!("{n} rows for {k} coefficients with the intercept")));
        }
        let mut e: Vec<f64> = y.iter().zip(&roots).map(|(y, w)| y * w).collect();
        let mut along = vec![0.0; k];
        let mut about_mean = 0.0;
        for round in 0..2 {
            for (place, (q, along)) in basis.q.iter().zip(&mut along).enumerate() {
                let part = dot(q, &e);
                *along += part;
                e.iter_mut().zip(q).for_each(|(e, q)| *e -= part * q);
                if round == 0 && place == 0 {
                    about_mean = dot(&e, &e);
                }
            }
        }
        let estimates = basis.back(&along);
        let inverse = basis.inverse();
        let (left, df) = (dot(&e, &e), n - k);
        let (meat, df_tests, n_clusters) = meat(&basis.q, &e, covariance, n)?;
        let coefficient = |place: usize| {
            let row = &inverse[place];
            let spread: f64 = row.iter().zip(&meat).map(|(a, meat)| a * dot(meat, row)).sum();
            Coefficient::new(estimates[place], spread, df_tests)
        };
        let mut coefficients = vec![None; x.ncols()];
        for (place, &column) in basis.kept.iter().enumerate() {
            coefficients[column] = Some(coefficient(place + 1));
        }
        let unexplained = if about_mean > 0.0 { left / about_mean } else { f64::NAN };
        Ok(Self {
            intercept: coefficient(0),
            coefficients,
            dropped: basis.dropped,
            n,
            df,
            df_tests,
            r_squared: 1.0 - unexplained,
            adjusted_r_squared: 1.0 - unexplained * (n - 1) as f64 / df as f64,
            sigma: (left / df as f64).sqrt(),
            n_clusters,
        })
    }
}

/// The covariance of `q'y`, the degrees of freedom of tests and the number of clusters.
fn meat(q: &[Vec<f64>], e: &[f64], covariance: Covariance<'_>, n: usize) -> Result<(Square, f64, usize), FitError> {
    let k = q.len();
    let df = (n - k) as f64;
    let by_rows = |factor: &dyn Fn(usize) -> f64| {
        let square = |row: usize| e[row] * e[row] * factor(row);
        let squares: Vec<f64> = (0..e.len()).map(square).collect();
        let cell = |a: &Vec<f64>, b: &Vec<f64>| a.iter().zip(b).zip(&squares).map(|((a, b), s)| a * b * s).sum();
        q.iter().map(|a| q.iter().map(|b| cell(a, b)).collect()).collect::<Square>()
    };
    let leverage = |row: usize| q.iter().map(|q| q[row] * q[row]).sum::<f64>();
    // A row that nothing else speaks for is met exactly: its residual is rounding, whatever it is divided by.
    let room = |row: usize| (1.0 - leverage(row)).max(f64::EPSILON);
    let corrected = |(mut meat, groups): (Square, usize)| {
        let factor = groups as f64 / (groups as f64 - 1.0) * (n as f64 - 1.0) / df;
        meat.iter_mut().flatten().for_each(|cell| *cell *= factor);
        (meat, groups)
    };
    let enough = |groups: usize| {
        if groups < 2 { Err(design::refuse(format!("{groups} cluster; at least two are needed"))) } else { Ok(groups) }
    };
    // Rows without weight are in no cluster.
    let present = || (0..e.len()).filter(|row| q[0][*row] > 0.0);
    let distinct = |codes: &[u32]| present().map(|row| codes[row]).collect::<std::collections::BTreeSet<_>>().len();
    Ok(match covariance {
        Covariance::Classical => {
            let variance = dot(e, e) / df;
            let cell = |a: usize, b: usize| if a == b { variance } else { 0.0 };
            ((0..k).map(|a| (0..k).map(|b| cell(a, b)).collect()).collect(), df, 0)
        }
        Covariance::Hc1 => (by_rows(&|_| n as f64 / df), df, 0),
        Covariance::Hc2 => (by_rows(&|row| 1.0 / room(row)), df, 0),
        Covariance::Hc3 => (by_rows(&|row| room(row).powi(-2)), df, 0),
        Covariance::Clustered(codes) => {
            let groups = enough(distinct(codes))?;
            let (meat, _) = clustered(q, e, codes.iter().copied());
            (corrected((meat, groups)).0, groups as f64 - 1.0, groups)
        }
        Covariance::TwoWay(first, second) => {
            let crossing = || first.iter().copied().zip(second.iter().copied());
            let crossed =
                present().map(|row| (first[row], second[row])).collect::<std::collections::BTreeSet<_>>().len();
            let groups = (enough(distinct(first))?, enough(distinct(second))?);
            let (mut meat, _) = corrected((clustered(q, e, first.iter().copied()).0, groups.0));
            let (other, _) = corrected((clustered(q, e, second.iter().copied()).0, groups.1));
            let (both, _) = corrected((clustered(q, e, crossing()).0, crossed));
            for ((meat, other), both) in
                meat.iter_mut().flatten().zip(other.iter().flatten()).zip(both.iter().flatten())
            {
                *meat += other - both;
            }
            let fewer = groups.0.min(groups.1);
            (meat, fewer as f64 - 1.0, fewer)
        }
    })
}
