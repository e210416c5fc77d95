//! Generalised linear models.

mod dispersion;
mod family;
mod fitted;
mod irls;

use ndarray::{ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

pub use self::family::{Family, Link};
pub use self::fitted::FittedGlm;
use self::irls::{Problem, Solution};
use super::Regressor;
use super::covariance::{Covariance, Meat, Scores, sandwich};
use super::design::{self, COLLINEAR_SHARE, Rows, Standardised};
use crate::error::{FitError, ParamError};
use crate::numeric::qr::{self, Triangle};

/// Rounds of dispersion and coefficients before giving up; each round is a few steps.
const MOST_ROUNDS: usize = 200;

/// A generalised linear model: Poisson, negative binomial, logistic, Gamma, Tweedie or Gaussian regression.
///
/// ```text
/// mean of y = mu,  link(mu) = a + sum b[j] x[j] + offset + ln(exposure)      a, b maximise the (quasi-)likelihood
/// with a penalty: minimise  deviance / 2 + penalty / 2 * sum (sd[j] b[j])^2
/// ```
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `family` | | see [`Family`] | how the target is distributed about its mean |
/// | `link` | the first of the family's | see [`Family`] | how the mean follows from the columns |
/// | `penalty` | 0 | \[0, 1e100\] | weight of the squares of the coefficients of standardised columns; the intercept is free |
/// | `tolerance` | 1e-10 | \[1e-14, 1e-3\] | stop where the residuals are orthogonal to the columns to this share of their length |
/// | `max_iterations` | 100 | 1 to 10 000 | steps before giving up |
///
/// `Family::Binomial` is logistic regression, with a penalty that of scikit-learn's `LogisticRegression(C = 1 / penalty)`
/// behind a `StandardScaler`.
///
/// Weights count rows for the coefficients and say how precise a row is for the standard errors (R's `weights`, statsmodels'
/// `var_weights`): the number of rows, not the sum of the weights, is `n`. A constant column, and one that the columns before
/// it explain (to 1e-7), is left out and named by [`FittedGlm::dropped`].
///
/// **Separation.** Where columns predict the target of some rows exactly (all successes, all zeros), their coefficients have no
/// end and other programs print large numbers. Here it is [`FitError::Separated`] with the columns; a `penalty` gives an answer.
///
/// Missing values: refused. Needs more rows than coefficients, or a penalty. Fit: Fisher scoring, then Newton's steps, each
/// by Householder QR of the weighted rows in blocks; O(iterations * n p^2) time, one copy of `x`.
/// Source: McCullagh & Nelder (1989), *Generalized Linear Models*, 2nd ed., section 2.5; Correia, Guimaraes & Zylkin (2019),
/// arXiv:1903.01633, on separation of counts.
///
/// # Examples
/// ```
/// use credcast::regression::{Covariance, Family, Glm, RowTerms};
/// use ndarray::{Array1, array};
/// // Certificates earned by grade, among so many students.
/// let (grade, earned) = (array![[9.0], [10.0], [11.0], [12.0], [12.0]], array![2.0, 8.0, 15.0, 60.0, 30.0]);
/// let students: Array1<f64> = array![200.0, 210.0, 190.0, 205.0, 100.0];
/// let terms = RowTerms { exposure: Some(students.view()), ..RowTerms::default() };
/// let fitted = Glm::of(Family::Poisson).build()?.fit_rows(grade.view(), earned.view(), terms, Covariance::Hc1)?;
/// let slope = fitted.coefficient(0).ok_or("left out")?;
/// assert!((slope.estimate - 1.12).abs() < 0.01 && slope.p_value < 0.001);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Glm {
    family: Family,
    link: Link,
    penalty: f64,
    tolerance: f64,
    max_iterations: u32,
}

/// Settings of a [`Glm`], checked by [`GlmParams::build`].
#[derive(Clone, Debug, PartialEq)]
pub struct GlmParams {
    family: Family,
    link: Link,
    penalty: f64,
    tolerance: f64,
    max_iterations: u32,
}

/// What is known of each row besides its columns and target.
#[derive(Clone, Copy, Debug, Default)]
pub struct RowTerms<'a> {
    /// As in [`Regressor::fit_weighted`].
    pub weights: Option<ArrayView1<'a, f64>>,
    /// Added to the linear predictor.
    pub offset: Option<ArrayView1<'a, f64>>,
    /// What the target is counted over (students, postings, months), above 0; its logarithm is added to the linear predictor
    /// of a log link.
    pub exposure: Option<ArrayView1<'a, f64>>,
}

impl Glm {
    /// Starts from the defaults for a family.
    #[must_use]
    pub fn of(family: Family) -> GlmParams {
        let link = family.default_link();
        GlmParams { family, link, penalty: 0.0, tolerance: 1e-10, max_iterations: 100 }
    }

    /// The distribution of the target.
    #[must_use]
    pub fn family(&self) -> Family {
        self.family
    }

    /// How the mean follows from the linear predictor.
    #[must_use]
    pub fn link(&self) -> Link {
        self.link
    }
}

impl GlmParams {
    /// How the mean follows from the linear predictor.
    #[must_use]
    pub fn link(mut self, link: Link) -> Self {
        self.link = link;
        self
    }

    /// Weight of the squares of the coefficients of standardised columns.
    #[must_use]
    pub fn penalty(mut self, penalty: f64) -> Self {
        self.penalty = penalty;
        self
    }

    /// How orthogonal residuals and columns must be, as a share of the length of the residuals.
    #[must_use]
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Steps before giving up.
    #[must_use]
    pub fn max_iterations(mut self, max_iterations: u32) -> Self {
        self.max_iterations = max_iterations;
        self
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// [`ParamError`] for the first setting outside its range, and for a link that the family does not have.
    pub fn build(self) -> Result<Glm, ParamError> {
        let Self { family, link, penalty, tolerance, max_iterations } = self;
        family.check(link)?;
        if !(0.0..=1e100).contains(&penalty) {
            return Err(ParamError::new("penalty", penalty, "in [0, 1e100]"));
        }
        if !(1e-14..=1e-3).contains(&tolerance) {
            return Err(ParamError::new("tolerance", tolerance, "in [1e-14, 1e-3]"));
        }
        if !(1..=10_000).contains(&max_iterations) {
            return Err(ParamError::new("max_iterations", max_iterations, "1 to 10000"));
        }
        Ok(Glm { family, link, penalty, tolerance, max_iterations })
    }
}

/// Offset and logarithm of the exposure together; `None` without both. Checked.
fn offset_of(link: Link, terms: &RowTerms<'_>, n_rows: usize) -> Result<Option<Vec<f64>>, FitError> {
    let mut sum = None;
    if let Some(offset) = terms.offset {
        design::check_column("offsets", offset, n_rows)?;
        sum = Some(offset.to_vec());
    }
    if let Some(exposure) = terms.exposure {
        design::check_column("exposures", exposure, n_rows)?;
        if link != Link::Log {
            return Err(design::refuse(format!("an exposure needs a log link, not {link:?}")));
        }
        if let Some(row) = exposure.iter().position(|value| *value <= 0.0) {
            return Err(design::refuse(format!("exposure {} of row {row} is not above 0", exposure[row])));
        }
        let sum = sum.get_or_insert_with(|| vec![0.0; n_rows]);
        sum.iter_mut().zip(exposure).for_each(|(sum, exposure)| *sum += exposure.ln());
    }
    Ok(sum)
}

impl Glm {
    /// Fits `y` (n) to `x` (n rows, p columns) with what is known of each row, and with standard errors of the kind asked for.
    ///
    /// Clusters have one code for each row. Robust and clustered errors stand on the observed second derivatives.
    ///
    /// # Errors
    /// As [`Regressor::fit_weighted`]; [`FitError::Target`] for a target that the family does not have;
    /// [`FitError::Separated`]; [`FitError::Design`] for offsets, exposures or clusters that do not match the rows.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        terms: RowTerms<'_>,
        covariance: Covariance<'_>,
    ) -> Result<FittedGlm, FitError> {
        let rows = Rows::new(x, y, terms.weights)?;
        covariance.check(x.nrows())?;
        let offset = offset_of(self.link, &terms, x.nrows())?.map(|offset| rows.pick(offset));
        let target: Vec<f64> = rows.y.to_vec();
        for (row, y) in target.iter().enumerate() {
            self.family.check_target(rows.place(row), *y)?;
        }
        let n = target.len();
        let weights = rows.weights.as_ref().map(|weights| weights.to_vec());
        let design = self.design(&rows);
        let k = design.kept().len() + 1;
        if n <= k && self.penalty <= 0.0 {
            return Err(design::refuse(format!("{n} rows for {k} coefficients with the intercept")));
        }
        let columns: Vec<Vec<f64>> = (0..k - 1).map(|j| design.x.column(j).to_vec()).collect();
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let mut problem = Problem {
            family: self.family,
            link: self.link,
            columns: &columns,
            y: &target,
            weights: weights.as_deref(),
            offset: offset.as_deref(),
            penalty: self.penalty,
            tolerance: self.tolerance,
            max_iterations: self.max_iterations,
        };
        let (solution, null_deviance) =
            solve(&mut problem).map_err(|error| named(error, |place| design.kept()[place].0))?;
        let codes = |codes: &[u32]| rows.pick(codes.iter().copied());
        let (first, second);
        let covariance = match covariance {
            Covariance::Clustered(by) => {
                first = codes(by);
                Covariance::Clustered(&first)
            }
            Covariance::TwoWay(by, and) => {
                (first, second) = (codes(by), codes(and));
                Covariance::TwoWay(&first, &second)
            }
            other => other,
        };
        let spread = Spread::of(&problem, &solution, covariance)?;
        fitted::assemble(&problem, &solution, &spread, null_deviance, &design, x.ncols())
    }

    /// Standardised columns without those that are constant or collinear.
    fn design(&self, rows: &Rows<'_, '_>) -> Standardised {
        let mut design = Standardised::of_values(rows);
        let mut triangle = Triangle::new(design.x.ncols() + 1);
        let roots = rows.weights.as_ref().map(|weights| weights.mapv(f64::sqrt));
        triangle.push_rows(rows.y.len(), |column, first, cells| {
            let root = |row: usize| roots.as_ref().map_or(1.0, |roots| roots[row]);
            for (i, cell) in cells.iter_mut().enumerate() {
                let value = if column == 0 { 1.0 } else { design.x[[first + i, column - 1]] };
                *cell = value * root(first + i);
            }
        });
        // With a penalty every column has an answer.
        if self.penalty <= 0.0 {
            let marked = qr::dependent(&triangle.columns(), COLLINEAR_SHARE);
            design.drop_marked(&marked[1..]);
        }
        design
    }
}

/// An error about kept columns as one about columns of `x`.
fn named(error: FitError, place: impl Fn(usize) -> usize) -> FitError {
    match error {
        FitError::Separated { columns, n_rows } => {
            FitError::Separated { columns: columns.into_iter().map(place).collect(), n_rows }
        }
        other => other,
    }
}

/// The solution and the deviance of the intercept alone, with the family's dispersion if it is to be estimated.
fn solve(problem: &mut Problem<'_>) -> Result<(Solution, f64), FitError> {
    let null = |problem: &Problem<'_>| Problem { columns: &[], ..*problem }.solve(None, None);
    let Family::NegativeBinomial { alpha: None } = problem.family else {
        let null = null(problem)?.deviance;
        return Ok((problem.solve(None, Some(null))?, null));
    };
    let counts = dispersion::Counts::new(problem.y, problem.weights);
    problem.family = Family::NegativeBinomial { alpha: Some(0.0) };
    let mut alpha = 0.0;
    let flat = null(problem)?.deviance;
    let mut solution = problem.solve(None, Some(flat))?;
    for _ in 0..MOST_ROUNDS {
        let mu: Vec<f64> = solution.eta.iter().map(|eta| problem.link.mean(*eta)).collect();
        let found = counts.alpha(&mu).unwrap_or(0.0);
        let moved = (found - alpha).abs();
        alpha = found;
        if moved <= 1e-10 * alpha {
            let null = null(problem)?.deviance;
            return Ok((solution, null));
        }
        problem.family = Family::NegativeBinomial { alpha: Some(alpha) };
        let steps = solution.n_iterations;
        solution = problem.solve(Some(solution.beta), Some(flat))?;
        solution.n_iterations += steps;
    }
    let detail = format!("the dispersion was still moving at {alpha} after {MOST_ROUNDS} rounds");
    Err(FitError::NoConvergence { solver: "glm", detail })
}

/// The covariance of the coefficients of the standardised columns, and what it stands on.
#[derive(Debug)]
struct Spread {
    cells: Vec<Vec<f64>>,
    dispersion: f64,
    n_clusters: usize,
}

impl Spread {
    fn of(problem: &Problem<'_>, solution: &Solution, covariance: Covariance<'_>) -> Result<Self, FitError> {
        let Solution { r, roots, e, eta, .. } = solution;
        let (n, k) = (e.len(), r.len());
        // With a penalty there may be fewer rows than coefficients.
        let df = n.saturating_sub(k).max(1) as f64;
        let dispersion = if problem.family.has_unit_dispersion() { 1.0 } else { qr::dot(e, e) / df };
        let fill = |row: usize, q: &mut [f64]| {
            q[0] = roots[row];
            q[1..].iter_mut().zip(problem.columns).for_each(|(cell, column)| *cell = column[row] * roots[row]);
            qr::forward_substitute(r, q);
        };
        let scores = Scores { k, fill: &fill, e, present: None, n, df, variance: Some(dispersion) };
        let Meat { mut cells, n_clusters, .. } = scores.meat(covariance)?;
        if covariance != Covariance::Classical {
            // The second derivatives in the basis q: 1 plus what the observed ones have more than the expected ones.
            let mut more = vec![vec![0.0; k]; k];
            let mut q = vec![0.0; k];
            let mut differs = false;
            for (row, &eta) in eta.iter().enumerate() {
                let Some(mean) = problem.family.mean(problem.link, problem.y[row], eta) else { continue };
                let share = problem.family.observed_less_expected(problem.link, eta, &mean);
                if share.abs() > 1e-12 {
                    differs = true;
                    fill(row, &mut q);
                    for (more, a) in more.iter_mut().zip(&q) {
                        more.iter_mut().zip(&q).for_each(|(cell, b)| *cell += share * a * b);
                    }
                }
            }
            if differs {
                more.iter_mut().enumerate().for_each(|(place, row)| row[place] += 1.0);
                let inverse = qr::symmetric_inverse(&more).ok_or_else(|| FitError::NoConvergence {
                    solver: "glm",
                    detail: "the second derivatives are not those of a maximum; ask for classical errors".into(),
                })?;
                cells = sandwich(&inverse, &cells);
            }
        }
        Ok(Self { cells: sandwich(&qr::inverse(r), &cells), dispersion, n_clusters })
    }
}

impl Regressor for Glm {
    const NAME: &'static str = "glm";
    type Fitted = FittedGlm;

    fn fit_weighted(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        weights: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedGlm, FitError> {
        self.fit_rows(x, y, RowTerms { weights, ..RowTerms::default() }, Covariance::Classical)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_outside_their_range_are_refused() {
        let params = || Glm::of(Family::Poisson);
        for penalty in [-1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(params().penalty(penalty).build().unwrap_err().name, "penalty");
        }
        for tolerance in [0.0, 0.1, f64::NAN] {
            assert_eq!(params().tolerance(tolerance).build().unwrap_err().name, "tolerance");
        }
        for steps in [0, 10_001] {
            assert_eq!(params().max_iterations(steps).build().unwrap_err().name, "max_iterations");
        }
        assert_eq!(params().link(Link::Inverse).build().unwrap_err().name, "link");
        assert!(params().penalty(1e100).tolerance(1e-14).max_iterations(10_000).link(Link::Identity).build().is_ok());
    }
}
