//! What a fit with absorbed effects has found.

use ndarray::{Array1, ArrayView2};
use serde::Serialize;

use super::super::covariance::Coefficient;
use super::super::design::{self, Dropped};
use crate::error::FitError;

/// Least squares with absorbed effects, fitted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FittedAbsorbed {
    /// One for each column; `None` for one that was left out.
    pub coefficients: Vec<Option<Coefficient>>,
    /// The columns that were left out, and why.
    pub dropped: Vec<Dropped>,
    /// Rows used: those of a weight above 0 less the singletons.
    pub n: usize,
    /// Rows left out because they stood alone in a level, by the effect at which that was found: singletons of the first effect
    /// first, then of the second, and so on, round after round until none is left. The total does not depend on the order.
    pub singletons: Vec<usize>,
    /// Levels of each effect among the rows used.
    pub levels: Vec<usize>,
    /// Degrees of freedom that the effects take.
    pub absorbed: usize,
    /// Degrees of freedom of the residuals: `n - p - absorbed`.
    pub df: usize,
    /// Degrees of freedom that the small-sample factor counts: columns and effects, without effects nested in clusters.
    pub df_counted: usize,
    /// Degrees of freedom of the tests and intervals.
    pub df_tests: f64,
    /// Share of the (weighted) variance about the mean that columns and effects explain; NaN for a constant target.
    pub r_squared: f64,
    /// The same, corrected for the degrees of freedom.
    pub adjusted_r_squared: f64,
    /// Share of what the effects leave that the columns explain; NaN where the effects leave nothing.
    pub r_squared_within: f64,
    /// Standard deviation of the residuals.
    pub sigma: f64,
    /// Clusters of the covariance, the fewer of two dimensions; 0 without.
    pub n_clusters: usize,
    /// Iterations of the column that took most; 0 for one effect, which takes none.
    pub iterations: usize,
    /// What is predicted where every column is 0, on the average of the effects.
    pub intercept: f64,
    /// Codes of the levels with their values, by code, effect by effect.
    #[serde(skip)]
    pub(super) effects: Vec<Vec<(u32, f64)>>,
}

impl FittedAbsorbed {
    /// The value of each level of effect `effect`, by its code: in units of the target, on (weighted) average 0. Of two levels
    /// that no chain of rows connects, only the sums with other effects mean something, not the difference. Empty for an
    /// effect that does not exist.
    #[must_use]
    pub fn effect(&self, effect: usize) -> &[(u32, f64)] {
        self.effects.get(effect).map_or(&[], |levels| &levels[..])
    }

    /// Predicts one value for each row of `x`, whose levels are given as they were to the fit. Columns that were left out
    /// count nothing. O(n (p + effects log levels)).
    ///
    /// # Errors
    /// [`FitError::Design`] for shapes that do not match and for a level that the fit has not used; [`FitError::NotFinite`]
    /// and [`FitError::TooLarge`] for values of `x`.
    pub fn predict(&self, x: ArrayView2<'_, f64>, effects: &[&[u32]]) -> Result<Array1<f64>, FitError> {
        design::check_new(x, self.coefficients.len())?;
        if effects.len() != self.effects.len() {
            return Err(design::refuse(format!("{} effects, the model has {}", effects.len(), self.effects.len())));
        }
        let mut sums = Array1::from_elem(x.nrows(), self.intercept);
        for (coefficient, column) in self.coefficients.iter().zip(x.columns()) {
            if let Some(coefficient) = coefficient {
                sums.scaled_add(coefficient.estimate, &column);
            }
        }
        for (effect, (codes, values)) in effects.iter().zip(&self.effects).enumerate() {
            if codes.len() != x.nrows() {
                return Err(design::refuse(format!(
                    "effect {effect} has {} codes for {} rows",
                    codes.len(),
                    x.nrows()
                )));
            }
            for (row, (sum, code)) in sums.iter_mut().zip(*codes).enumerate() {
                let Ok(found) = values.binary_search_by_key(code, |level| level.0) else {
                    return Err(design::refuse(format!("row {row}: level {code} of effect {effect} is not known")));
                };
                *sum += values[found].1;
            }
        }
        match sums.iter().position(|value| !value.is_finite()) {
            Some(position) => Err(FitError::NotFinite { position, value: sums[position] }),
            None => Ok(sums),
        }
    }
}
