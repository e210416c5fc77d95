//! The score: the probability of treatment given the terms.

use ndarray::Array1;

use super::outcome_model::matrix;
use super::solve::{Cholesky, Scaling, add_outer};
use crate::error::FitError;
use crate::regression::{Family, FittedGlm, Glm, Regressor, RowTerms};

/// Keeps dependent columns solvable where there is no prior; per row, on standardised columns.
const LEAST_RIDGE: f64 = 1e-10;

/// Logistic regression with a normal prior of its slopes.
#[derive(Clone, Debug)]
pub(super) enum Score {
    /// The same log odds for all: there are no columns.
    Constant(f64),
    /// Those of the columns.
    Model(Box<FittedGlm>),
}

impl Score {
    /// Learns `treated` from `columns` on `rows`; a normal prior is a penalty of `prior_sd^-2` on the squares of slopes.
    ///
    /// # Errors
    /// As [`Regressor::fit`]; without a prior [`FitError::Separated`] above all.
    pub(super) fn fit(columns: &[&[f64]], treated: &[bool], rows: &[usize], prior_sd: f64) -> Result<Self, FitError> {
        let y: Array1<f64> = rows.iter().map(|row| f64::from(u8::from(treated[*row]))).collect();
        if columns.is_empty() {
            let share = y.sum() / rows.len() as f64;
            return Ok(Self::Constant((share / (1.0 - share)).ln()));
        }
        let glm = Glm::of(Family::Binomial).penalty(prior_sd.powi(-2)).build().map_err(|error| refuse(&error))?;
        Ok(Self::Model(Box::new(glm.fit(matrix(columns, rows).view(), y.view())?)))
    }

    /// The log odds of treatment of `rows`.
    pub(super) fn log_odds(&self, columns: &[&[f64]], rows: &[usize]) -> Result<Vec<f64>, FitError> {
        match self {
            Self::Constant(log_odds) => Ok(vec![*log_odds; rows.len()]),
            Self::Model(fitted) => {
                Ok(fitted.linear_predictor(matrix(columns, rows).view(), RowTerms::default())?.to_vec())
            }
        }
    }
}

fn refuse(error: &impl ToString) -> FitError {
    FitError::Design { detail: error.to_string() }
}

/// What is known of the coefficients of a score, on columns of its own scale.
#[derive(Clone, Debug)]
pub(super) struct Information {
    /// Ones and standardised columns, row after row.
    x: Vec<f64>,
    width: usize,
    inverse: Cholesky,
}

impl Information {
    /// Of a score with these log odds, one for each of `rows`.
    pub(super) fn new(columns: &[&[f64]], rows: &[usize], log_odds: &[f64], prior_sd: f64) -> Result<Self, FitError> {
        let scaling = Scaling::new(columns, rows);
        let width = scaling.len() + 1;
        let scaled = scaling.apply(columns, rows);
        let x: Vec<f64> = (0..rows.len())
            .flat_map(|row| {
                std::iter::once(1.0).chain(scaled[row * (width - 1)..(row + 1) * (width - 1)].iter().copied())
            })
            .collect();
        let mut information: Vec<Vec<f64>> = (0..width).map(|i| vec![0.0; i + 1]).collect();
        for (x, log_odds) in x.chunks_exact(width).zip(log_odds) {
            let e = expit(*log_odds);
            add_outer(&mut information, x, e * (1.0 - e));
        }
        let ridge = prior_sd.powi(-2).max(LEAST_RIDGE * rows.len() as f64);
        information.iter_mut().enumerate().skip(1).for_each(|(i, row)| row[i] += ridge);
        let singular = || FitError::NoConvergence { solver: "score", detail: "its information is singular".into() };
        Ok(Self { x, width, inverse: Cholesky::new(&information).ok_or_else(singular)? })
    }

    /// Ones and columns of each row.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.x.chunks_exact(self.width)
    }

    /// Number of coefficients.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The inverse times `v`.
    pub(super) fn inverse_times(&self, v: &[f64]) -> Vec<f64> {
        self.inverse.solve(v)
    }
}

/// The probability of these log odds.
pub(super) fn expit(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_columns_the_score_is_the_share_of_the_treated() {
        let treated = [true, false, false, false];
        let score = Score::fit(&[], &treated, &[0, 1, 2, 3], 2.5).unwrap();
        assert!((expit(score.log_odds(&[], &[2]).unwrap()[0]) - 0.25).abs() < 1e-10, "{score:?}");
    }

    #[test]
    fn separated_and_dependent_columns_have_a_score_with_a_prior() {
        let treated: Vec<bool> = (0..40).map(|i| i >= 30).collect();
        let rows: Vec<usize> = (0..40).collect();
        let x: Vec<f64> = (0..40).map(f64::from).collect();
        let columns: [&[f64]; 3] = [&x, &x, &[1.0; 40]];
        let odds = Score::fit(&columns, &treated, &rows, 2.5).unwrap().log_odds(&columns, &rows).unwrap();
        assert!(odds.windows(2).all(|w| w[0] < w[1]) && odds.iter().all(|l| l.is_finite()), "{odds:?}");
        assert!(Score::fit(&columns, &treated, &rows, f64::INFINITY).is_err());
        let flat: [&[f64]; 1] = [&[1.0; 40]];
        let odds = Score::fit(&flat, &treated, &rows, 2.5).unwrap().log_odds(&flat, &rows).unwrap();
        assert!((expit(odds[7]) - 0.25).abs() < 1e-9, "{odds:?}");
    }
}
