//! What a fit with absorbed effects has found.

use ndarray::{Array1, ArrayView2};
use serde::{Deserialize, Serialize};

use super::super::covariance::{Coefficient, undefined};
use super::super::design::{self, Dropped};
use crate::error::{FitError, PersistError};
use crate::persist::Persist;

/// Least squares with absorbed effects, fitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    #[serde(with = "undefined")]
    pub r_squared: f64,
    /// The same, corrected for the degrees of freedom.
    #[serde(with = "undefined")]
    pub adjusted_r_squared: f64,
    /// Share of what the effects leave that the columns explain; NaN where the effects leave nothing.
    #[serde(with = "undefined")]
    pub r_squared_within: f64,
    /// Standard deviation of the residuals.
    #[serde(with = "undefined")]
    pub sigma: f64,
    /// Clusters of the covariance, the fewer of two dimensions; 0 without.
    pub n_clusters: usize,
    /// Iterations of the column that took most; 0 for one effect, which takes none.
    pub iterations: usize,
    /// What is predicted where every column is 0, on the average of the effects.
    pub intercept: f64,
    /// Codes of the levels with their values, by code, effect by effect.
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

impl Persist for FittedAbsorbed {
    const KIND: &'static str = "absorbed_least_squares";
    const FORMAT: u32 = 1;

    fn revalidate(self) -> Result<Self, PersistError> {
        let estimates = self.coefficients.iter().flatten().map(|coefficient| coefficient.estimate);
        let values = self.effects.iter().flatten().map(|level| level.1);
        let is_ordered = |levels: &Vec<(u32, f64)>| levels.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let detail = if !estimates.chain(values).chain([self.intercept]).all(f64::is_finite) {
            "a coefficient or an effect is not a finite number"
        } else if self.coefficients.is_empty() || self.effects.is_empty() {
            "a model without columns or without effects"
        } else if !self.effects.iter().map(Vec::len).eq(self.levels.iter().copied()) {
            "another number of levels than was counted"
        } else if !self.effects.iter().all(is_ordered) {
            "levels that are not in order"
        } else if self.dropped.iter().any(|dropped| dropped.column >= self.coefficients.len()) {
            "a dropped column that does not exist"
        } else {
            return Ok(self);
        };
        Err(PersistError::Invalid { detail: detail.into() })
    }
}
