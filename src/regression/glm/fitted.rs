//! What a generalised linear model has learned.

use ndarray::{Array1, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

use super::irls::{Problem, Solution};
use super::{Family, Link, RowTerms, Spread, offset_of};
use crate::error::{FitError, PersistError};
use crate::persist::Persist;
use crate::regression::FittedRegressor;
use crate::regression::covariance::{Coefficient, sandwich};
use crate::regression::design::{Dropped, Linear, Standardised};

/// A fitted [`Glm`](super::Glm).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedGlm {
    family: Family,
    link: Link,
    model: Linear,
    /// Positions of the columns that are not left out, ascending.
    kept: Vec<usize>,
    /// Of the intercept and the kept columns.
    covariance: Vec<Vec<f64>>,
    n: usize,
    n_clusters: usize,
    n_iterations: u32,
    deviance: f64,
    null_deviance: f64,
    dispersion: f64,
    log_likelihood: Option<f64>,
    /// Numbers that were estimated.
    n_estimated: usize,
}

/// Puts a solution on the scale of the data.
pub(super) fn assemble(
    problem: &Problem<'_>,
    solution: &Solution,
    spread: &Spread,
    null_deviance: f64,
    design: &Standardised,
    n_columns: usize,
) -> Result<FittedGlm, FitError> {
    let (n, k) = (problem.y.len(), solution.beta.len());
    let mut back = vec![vec![0.0; k]; k];
    back[0][0] = 1.0;
    let mut coefficients = vec![0.0; n_columns];
    let mut intercept = solution.beta[0];
    for (place, &(column, centre, scale)) in design.kept().iter().enumerate() {
        coefficients[column] = solution.beta[place + 1] / scale;
        intercept -= coefficients[column] * centre;
        back[place + 1][place + 1] = 1.0 / scale;
        back[0][place + 1] = -centre / scale;
    }
    let covariance = sandwich(&back, &spread.cells);
    let weight = |row: usize| problem.weights.map_or(1.0, |weights| weights[row]);
    // The Gaussian likelihood is that at the variance of largest likelihood, the others stand at the estimated dispersion.
    let phi = if problem.family == Family::Gaussian { solution.deviance / n as f64 } else { spread.dispersion };
    let one = |(row, &eta): (usize, &f64)| {
        problem.family.log_likelihood(problem.y[row], eta, problem.link.mean(eta), weight(row), phi)
    };
    let log_likelihood = solution.eta.iter().enumerate().map(one).sum::<Option<f64>>().filter(|sum| sum.is_finite());
    let model = Linear { intercept, coefficients, dropped: design.dropped().to_vec() };
    let cells = covariance.iter().flatten().chain(&model.coefficients);
    if !cells.chain([&model.intercept, &spread.dispersion, &null_deviance]).all(|value| value.is_finite()) {
        let detail = "a coefficient or its error is not a finite number".into();
        return Err(FitError::NoConvergence { solver: "glm", detail });
    }
    let dispersions = match problem.family {
        Family::NegativeBinomial { .. } => 0,
        family => usize::from(!family.has_unit_dispersion()),
    };
    Ok(FittedGlm {
        family: problem.family,
        link: problem.link,
        model,
        kept: design.kept().iter().map(|&(column, ..)| column).collect(),
        covariance,
        n,
        n_clusters: spread.n_clusters,
        n_iterations: solution.n_iterations,
        deviance: solution.deviance,
        null_deviance,
        dispersion: spread.dispersion,
        log_likelihood,
        n_estimated: k + dispersions,
    })
}

impl FittedGlm {
    /// The family; for a negative binomial with the dispersion that was estimated, 0 if the counts vary no more than by chance.
    #[must_use]
    pub fn family(&self) -> Family {
        self.family
    }

    /// How the mean follows from the linear predictor.
    #[must_use]
    pub fn link(&self) -> Link {
        self.link
    }

    /// The linear predictor where every column is 0, with tests and intervals from the normal distribution.
    #[must_use]
    pub fn intercept(&self) -> Coefficient {
        Coefficient::new(self.model.intercept, self.covariance[0][0], f64::INFINITY)
    }

    /// The coefficient of a column, with tests and intervals from the normal distribution; `None` for a column that was left
    /// out or is not there.
    #[must_use]
    pub fn coefficient(&self, column: usize) -> Option<Coefficient> {
        let place = self.kept.iter().position(|kept| *kept == column)?;
        let variance = self.covariance[place + 1][place + 1];
        Some(Coefficient::new(self.model.coefficients[column], variance, f64::INFINITY))
    }

    /// One estimate for each column, 0 for one that was left out.
    #[must_use]
    pub fn estimates(&self) -> &[f64] {
        &self.model.coefficients
    }

    /// The covariance of the intercept and the columns that were not left out, row by row.
    #[must_use]
    pub fn covariance(&self) -> &[Vec<f64>] {
        &self.covariance
    }

    /// The columns that were left out, ascending, and why.
    #[must_use]
    pub fn dropped(&self) -> &[Dropped] {
        &self.model.dropped
    }

    /// Rows of a weight above 0.
    #[must_use]
    pub fn n(&self) -> usize {
        self.n
    }

    /// Clusters of the covariance, the fewer of two dimensions; 0 without.
    #[must_use]
    pub fn n_clusters(&self) -> usize {
        self.n_clusters
    }

    /// Steps that were needed.
    #[must_use]
    pub fn n_iterations(&self) -> u32 {
        self.n_iterations
    }

    /// Twice the distance of the log-likelihood from the best that any means could have.
    #[must_use]
    pub fn deviance(&self) -> f64 {
        self.deviance
    }

    /// The same for the intercept (and the offset) alone.
    #[must_use]
    pub fn null_deviance(&self) -> f64 {
        self.null_deviance
    }

    /// The dispersion `phi`: 1 for counts and shares, else Pearson's statistic over the degrees of freedom.
    #[must_use]
    pub fn dispersion(&self) -> f64 {
        self.dispersion
    }

    /// The log-likelihood; `None` for the Tweedie family, which has no formula. Shares count as that part of a success. Gaussian: at the variance of largest likelihood;
    /// Gamma: at [`FittedGlm::dispersion`]. With a penalty, that of the penalised coefficients.
    #[must_use]
    pub fn log_likelihood(&self) -> Option<f64> {
        self.log_likelihood
    }

    /// Akaike's criterion: twice the numbers that were estimated (an estimated dispersion is one) less twice the log-likelihood.
    #[must_use]
    pub fn aic(&self) -> Option<f64> {
        self.log_likelihood.map(|log| 2.0 * self.n_estimated as f64 - 2.0 * log)
    }

    /// The linear predictor of each row of `x`, with the offset and exposure in `terms`.
    ///
    /// # Errors
    /// [`FitError::Design`] for another number of columns than was fitted, or terms that do not match the rows;
    /// [`FitError::NotFinite`].
    pub fn linear_predictor(&self, x: ArrayView2<'_, f64>, terms: RowTerms<'_>) -> Result<Array1<f64>, FitError> {
        let mut eta = self.model.predict(x)?;
        if let Some(offset) = offset_of(self.link, &terms, x.nrows())? {
            eta += &ArrayView1::from(&offset);
        }
        Ok(eta)
    }

    /// The mean of each row of `x`, with the offset and exposure in `terms`.
    ///
    /// # Errors
    /// As [`FittedGlm::linear_predictor`]; [`FitError::NotFinite`] for a mean beyond the largest number.
    pub fn mean(&self, x: ArrayView2<'_, f64>, terms: RowTerms<'_>) -> Result<Array1<f64>, FitError> {
        let mean = self.linear_predictor(x, terms)?.mapv(|eta| self.link.mean(eta));
        match mean.iter().position(|value| !value.is_finite()) {
            Some(position) => Err(FitError::NotFinite { position, value: mean[position] }),
            None => Ok(mean),
        }
    }
}

impl FittedRegressor for FittedGlm {
    /// The mean of each row, without an offset and with an exposure of 1.
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>, FitError> {
        self.mean(x, RowTerms::default())
    }
}

impl Persist for FittedGlm {
    const KIND: &'static str = "glm";
    const FORMAT: u32 = 1;

    fn revalidate(self) -> Result<Self, PersistError> {
        let invalid = |detail: &str| Err(PersistError::Invalid { detail: detail.into() });
        let model = self.model.revalidate()?;
        let known = match self.family {
            Family::NegativeBinomial { alpha: None } => false,
            // No more than by chance.
            Family::NegativeBinomial { alpha: Some(0.0) } => self.family.has_link(self.link),
            family => family.check(self.link).is_ok(),
        };
        if !known {
            return invalid("a family without its parameter or with a link that it does not have");
        }
        let k = self.kept.len() + 1;
        if self.kept.windows(2).any(|pair| pair[0] >= pair[1])
            || self.kept.iter().any(|column| *column >= model.coefficients.len())
        {
            return invalid("columns that do not exist or are not in order");
        }
        if self.covariance.len() != k || self.covariance.iter().any(|row| row.len() != k) {
            return invalid("a covariance of another size than the coefficients");
        }
        let numbers = [self.deviance, self.null_deviance, self.dispersion, self.log_likelihood.unwrap_or(0.0)];
        if !self.covariance.iter().flatten().chain(&numbers).all(|value| value.is_finite()) {
            return invalid("a covariance or a deviance that is not a finite number");
        }
        Ok(Self { model, ..self })
    }
}
