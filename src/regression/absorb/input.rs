//! The data of one fit.

use ndarray::{ArrayView1, ArrayView2};

use super::super::covariance::Covariance;
use super::super::design;
use crate::error::FitError;

/// The data of one fit: columns, target, the codes of the effects, and how errors are estimated.
#[derive(Clone, Copy, Debug)]
pub struct AbsorbedDesign<'a> {
    pub(super) x: ArrayView2<'a, f64>,
    pub(super) y: ArrayView1<'a, f64>,
    pub(super) effects: &'a [&'a [u32]],
    pub(super) weights: Option<ArrayView1<'a, f64>>,
    pub(super) covariance: Covariance<'a>,
}

impl<'a> AbsorbedDesign<'a> {
    /// `y` (n) on the columns of `x` (n rows, p columns, no intercept) and `effects`, each with one code for each row. Codes
    /// are names: any numbers, no order, no gaps to be avoided.
    #[must_use]
    pub fn new<'x: 'a, 'y: 'a>(x: ArrayView2<'x, f64>, y: ArrayView1<'y, f64>, effects: &'a [&'a [u32]]) -> Self {
        let (x, y) = (x.reborrow(), y.reborrow());
        Self { x, y, effects, weights: None, covariance: Covariance::Classical }
    }

    /// Lets each row count as much as its weight says: finite, at least 0, not all 0. A row of weight 0 is as if absent; the
    /// number of rows in every formula is that of rows of a weight above 0 (analytic weights).
    #[must_use]
    pub fn weights<'w: 'a>(mut self, weights: ArrayView1<'w, f64>) -> Self {
        self.weights = Some(weights.reborrow());
        self
    }

    /// How standard errors are estimated; classical without.
    #[must_use]
    pub fn covariance(mut self, covariance: Covariance<'a>) -> Self {
        self.covariance = covariance;
        self
    }

    /// Checks shapes, weights and the kind of covariance; the values of `x` and `y` are checked where they are read.
    pub(super) fn check(&self) -> Result<(), FitError> {
        let (n, p) = self.x.dim();
        if n == 0 || p == 0 {
            return Err(design::refuse(format!("{n} rows and {p} columns; at least one of each is needed")));
        }
        if self.y.len() != n {
            return Err(design::refuse(format!("{n} rows for {} targets", self.y.len())));
        }
        if let Some(weights) = self.weights {
            design::check_weights(weights, n)?;
        }
        self.covariance.check(n)?;
        match self.covariance {
            Covariance::Hc2 | Covariance::Hc3 => {
                Err(design::refuse("HC2 and HC3 need the leverage of the absorbed effects, which is not known".into()))
            }
            _ => Ok(()),
        }
    }
}
