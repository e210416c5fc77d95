//! Covariances of estimates from the scores of rows.

use std::collections::HashMap;
use std::hash::Hash;

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::design;
use crate::error::FitError;
use crate::numeric::normal;

/// How the uncertainty of coefficients is estimated. `k` coefficients (the intercept included), `n` rows, `e` residuals, `h`
/// leverages, all of the weighted regression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Covariance<'a> {
    /// One variance for all rows: `e'e / (n - k)`.
    Classical,
    /// Any variance in each row, without a correction for small samples (White 1980, Econometrica 48, 817-838).
    Hc0,
    /// The same times `n / (n - k)` (MacKinnon & White 1985, J. Econometrics 29, 305-325).
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

impl Covariance<'_> {
    /// Checks that there is a cluster for each row.
    pub(crate) fn check(&self, n_rows: usize) -> Result<(), FitError> {
        let codes: &[&[u32]] = match self {
            Covariance::Clustered(codes) => &[codes],
            Covariance::TwoWay(first, second) => &[first, second],
            _ => &[],
        };
        match codes.iter().find(|codes| codes.len() != n_rows) {
            Some(codes) => Err(design::refuse(format!("{} cluster codes for {n_rows} rows", codes.len()))),
            None => Ok(()),
        }
    }
}

/// One coefficient.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, serde::Deserialize)]
pub struct Coefficient {
    /// The estimate, in units of the target (or of the linear predictor) for a unit of the column.
    pub estimate: f64,
    /// Standard error.
    #[serde(with = "undefined")]
    pub se: f64,
    /// Estimate over standard error.
    #[serde(with = "undefined")]
    pub t: f64,
    /// Two-sided p-value of no effect.
    #[serde(with = "undefined")]
    pub p_value: f64,
    /// Lower end of the 95 % interval.
    #[serde(with = "undefined")]
    pub low: f64,
    /// Upper end of the 95 % interval.
    #[serde(with = "undefined")]
    pub high: f64,
}

/// Numbers that may be undefined. JSON knows no NaN: it is written as nothing there.
pub(crate) mod undefined {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(value: &f64, to: S) -> Result<S::Ok, S::Error> {
        Some(value).filter(|value| !value.is_nan()).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        Ok(Option::deserialize(from)?.unwrap_or(f64::NAN))
    }
}

impl Coefficient {
    /// With tests and intervals from Student's t with `df` degrees of freedom; from the normal if they are infinite.
    pub(crate) fn new(estimate: f64, variance: f64, df: f64) -> Self {
        // Two-way variances may come out below 0: then nothing is known of the error.
        let se = if variance >= 0.0 { variance.sqrt() } else { f64::NAN };
        let t = estimate / se;
        let (p_value, width) = if t.is_nan() {
            // Nothing over nothing; `statrs` panics at it.
            (f64::NAN, f64::NAN)
        } else if df == f64::INFINITY {
            (2.0 * normal::cdf(-t.abs()), normal::quantile(0.975))
        } else {
            // Nothing over nothing, of a target that is met exactly, has no p-value.
            let p_value = |student: &StudentsT| if t.is_nan() { t } else { 2.0 * student.sf(t.abs()) };
            StudentsT::new(0.0, 1.0, df)
                .map_or((f64::NAN, f64::NAN), |student| (p_value(&student), student.inverse_cdf(0.975)))
        };
        Self { estimate, se, t, p_value, low: estimate - width * se, high: estimate + width * se }
    }
}

/// A symmetric matrix, row by row.
pub(crate) type Square = Vec<Vec<f64>>;

/// What a covariance is made of. In a regression with `z = q r`, the score of a row is its row of `q` times its residual, and
/// the covariance of the estimates is `inverse(r) meat inverse(r)'`.
pub(crate) struct Scores<'a> {
    /// Coefficients.
    pub(crate) k: usize,
    /// Writes a row of `q`, of `k` cells. Rows of weight 0 are all 0.
    pub(crate) fill: &'a dyn Fn(usize, &mut [f64]),
    /// Residual of each row, times the root of its weight.
    pub(crate) e: &'a [f64],
    /// Whether a row counts; `None` if all do.
    pub(crate) present: Option<&'a [bool]>,
    /// Rows that count.
    pub(crate) n: usize,
    /// Degrees of freedom of the residuals: `n` less everything that was estimated.
    pub(crate) df: f64,
    /// Variance of a residual; `None` to estimate it from the residuals.
    pub(crate) variance: Option<f64>,
}

/// The covariance of `q'e`.
pub(crate) struct Meat {
    pub(crate) cells: Square,
    /// Degrees of freedom of tests.
    pub(crate) df: f64,
    /// Clusters, the fewer of two dimensions; 0 without.
    pub(crate) n_clusters: usize,
}

impl Scores<'_> {
    /// What the scores say of the covariance. O(n k^2) time.
    ///
    /// # Errors
    /// [`FitError::Design`] for fewer than two clusters. Codes must have been checked by [`Covariance::check`].
    pub(crate) fn meat(&self, covariance: Covariance<'_>) -> Result<Meat, FitError> {
        let n = self.n as f64;
        // A row that nothing else speaks for is met exactly: its residual is rounding, whatever it is divided by.
        let room = |q: &[f64]| (1.0 - q.iter().map(|q| q * q).sum::<f64>()).max(f64::EPSILON);
        let alone = |cells| Meat { cells, df: self.df, n_clusters: 0 };
        Ok(match covariance {
            Covariance::Classical => {
                let variance = self.variance.unwrap_or_else(|| self.e.iter().map(|e| e * e).sum::<f64>() / self.df);
                let cell = |a: usize, b: usize| if a == b { variance } else { 0.0 };
                alone((0..self.k).map(|a| (0..self.k).map(|b| cell(a, b)).collect()).collect())
            }
            Covariance::Hc0 => alone(self.by_rows(|_| 1.0)),
            Covariance::Hc1 => alone(self.by_rows(|_| n / self.df)),
            Covariance::Hc2 => alone(self.by_rows(|q| 1.0 / room(q))),
            Covariance::Hc3 => alone(self.by_rows(|q| room(q).powi(-2))),
            Covariance::Clustered(codes) => {
                let (cells, groups) = self.by_clusters(codes.iter().copied())?;
                Meat { cells, df: groups as f64 - 1.0, n_clusters: groups }
            }
            Covariance::TwoWay(first, second) => {
                let (mut cells, n_first) = self.by_clusters(first.iter().copied())?;
                let (other, n_second) = self.by_clusters(second.iter().copied())?;
                let (both, _) = self.by_clusters(first.iter().copied().zip(second.iter().copied()))?;
                for ((cell, other), both) in
                    cells.iter_mut().flatten().zip(other.iter().flatten()).zip(both.iter().flatten())
                {
                    *cell += other - both;
                }
                let fewer = n_first.min(n_second);
                Meat { cells, df: fewer as f64 - 1.0, n_clusters: fewer }
            }
        })
    }

    fn by_rows(&self, factor: impl Fn(&[f64]) -> f64) -> Square {
        let mut meat = vec![vec![0.0; self.k]; self.k];
        let mut q = vec![0.0; self.k];
        for (row, e) in self.e.iter().enumerate() {
            (self.fill)(row, &mut q);
            add_square(&mut meat, &q, e * e * factor(&q));
        }
        mirror(meat)
    }

    /// The sum of the squares of the scores of clusters with its correction, and how many clusters there are.
    fn by_clusters<K: Eq + Hash>(&self, codes: impl Iterator<Item = K>) -> Result<(Square, usize), FitError> {
        // Clusters in the order in which they come up, so that sums do not depend on the hashes.
        let mut places: HashMap<K, usize> = HashMap::new();
        let mut sums: Vec<f64> = Vec::new();
        let mut q = vec![0.0; self.k];
        for (row, code) in codes.enumerate() {
            if self.present.is_some_and(|present| !present[row]) {
                continue;
            }
            let next = places.len();
            let place = *places.entry(code).or_insert(next);
            if place == next {
                sums.resize(sums.len() + self.k, 0.0);
            }
            (self.fill)(row, &mut q);
            let e = self.e[row];
            sums[place * self.k..(place + 1) * self.k].iter_mut().zip(&q).for_each(|(sum, q)| *sum += q * e);
        }
        let groups = places.len();
        if groups < 2 {
            return Err(design::refuse(format!("{groups} cluster; at least two are needed")));
        }
        let factor = groups as f64 / (groups as f64 - 1.0) * (self.n as f64 - 1.0) / self.df;
        let mut meat = vec![vec![0.0; self.k]; self.k];
        for score in sums.chunks_exact(self.k) {
            add_square(&mut meat, score, factor);
        }
        Ok((mirror(meat), groups))
    }
}

/// Adds `factor v v'` to the lower half.
fn add_square(to: &mut Square, v: &[f64], factor: f64) {
    for (row, a) in to.iter_mut().zip(v) {
        let a = a * factor;
        row.iter_mut().zip(v).for_each(|(cell, b)| *cell += a * b);
    }
}

/// Both halves alike, to the last bit.
fn mirror(mut square: Square) -> Square {
    for row in 1..square.len() {
        let (above, below) = square.split_at_mut(row);
        above.iter_mut().zip(&below[0]).for_each(|(above, cell)| above[row] = *cell);
    }
    square
}

/// `a meat a'` for rows `a`.
pub(crate) fn sandwich(a: &[Vec<f64>], meat: &[Vec<f64>]) -> Square {
    let product = |row: &[f64], other: &[f64]| -> f64 { row.iter().zip(other).map(|(a, b)| a * b).sum() };
    let half: Square = a.iter().map(|row| meat.iter().map(|meat| product(meat, row)).collect()).collect();
    mirror(half.iter().map(|half| a.iter().map(|row| product(half, row)).collect()).collect())
}
