//! Least squares on treatment and covariates.

use ndarray::Array1;

use super::comparison::Comparison;
use super::influence::Estimated;
use super::outcome_model::{matrix, predicted};
use super::sample::Sample;
use crate::error::FitError;
use crate::regression::{Covariance, LeastSquares};

/// The coefficient of treatment beside the covariates as given, with HC3 or clustered errors.
///
/// It is a difference of weighted means too, with weights that may be below 0 where the model reaches beyond the data
/// (Chattopadhyay & Zubizarreta 2023, Biometrika 110, 615-629): these are what balance is judged with.
pub(super) fn adjusted(sample: &Sample) -> Result<Comparison, FitError> {
    let covariates: Vec<&[f64]> =
        sample.terms.iter().filter(|term| term.given && term.modelled).map(|term| term.values.as_slice()).collect();
    let treated: Vec<f64> = sample.treated.iter().map(|treated| f64::from(u8::from(*treated))).collect();
    let rows: Vec<usize> = (0..sample.n()).collect();
    // Treatment last: if covariates say the same, it is treatment that says nothing.
    let mut columns = covariates.clone();
    columns.push(&treated);
    let y = Array1::from(sample.y.clone());
    let covariance = sample.clusters.as_ref().map_or(Covariance::Hc3, |codes| Covariance::Clustered(codes));
    let fitted = LeastSquares::fit(matrix(&columns, &rows).view(), y.view(), None, covariance)?;
    let Some(Some(found)) = fitted.coefficients.last().copied() else {
        return Err(FitError::Design { detail: "the covariates tell treatment apart without exception".into() });
    };
    let expected = predicted(&covariates, &treated, &rows, None)?;
    let apart: Vec<f64> = treated.iter().zip(&expected).map(|(treated, expected)| treated - expected).collect();
    let total: f64 = apart.iter().zip(&treated).map(|(apart, treated)| apart * treated).sum();
    let weight = |(apart, treated): (&f64, &bool)| if *treated { apart / total } else { -apart / total };
    let weights = apart.iter().zip(&sample.treated).map(weight).collect();
    let estimated = Estimated { estimate: found.estimate, se: found.se, df: fitted.df_tests };
    Ok(Comparison::new(estimated, weights))
}
