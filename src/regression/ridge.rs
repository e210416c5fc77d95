//! Least squares with an L2 penalty.

use ndarray::{Array1, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

use super::design::{Dropped, Linear, Rows, Standardised};
use super::{FittedRegressor, Regressor};
use crate::error::{FitError, ParamError, PersistError};
use crate::numeric::qr::{self, Triangle};
use crate::numeric::svd::{Svd, svd};
use crate::persist::Persist;

/// Ridge regression: least squares that keeps coefficients small, in closed form.
///
/// ```text
/// minimise over a, b:  sum w (y - a - sum b[j] x[j])^2 + penalty * sum (sd[j] b[j])^2       (sd: 1 unless standardised)
/// ```
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `penalty` | 1 | (0, 1e100\] | weight of the squares |
/// | `choose` | not | a [`PenaltyChoice`] | the penalty is chosen from the data instead |
/// | `grid` | 10^-6 to 10^3 times the number of rows, four a decade | 1 to 1000 values in (0, 1e100\] | the penalties to choose from |
/// | `standardise` | `true` | `true`, `false` | whether columns count in units of their standard deviation |
///
/// The same as scikit-learn's `Ridge(alpha=penalty)`, standardised behind a `StandardScaler`. The intercept is not penalised.
///
/// Missing values: refused. Constant columns get 0 and are named by [`FittedRidge::dropped`]; collinear columns and fewer rows
/// than columns are fine. Fit: the Cholesky triangle of `Z'Z + penalty`, or of `Z Z' + penalty` for fewer rows than columns,
/// taken by QR so that nothing is squared: O(n p min(n, p)) time, one copy of `x`. A choice costs one singular value
/// decomposition of that triangle and O(n min(n, p)) for each penalty.
/// Source: Hoerl & Kennard (1970), Technometrics 12, 55-67; Hastie & Tibshirani (2004), Biostatistics 5, 329-340.
///
/// # Examples
/// ```
/// use credcast::regression::{PenaltyChoice, Regressor, Ridge};
/// use ndarray::array;
/// let (x, y) = (array![[0.0, 0.1], [1.0, 0.9], [2.0, 2.1], [3.0, 2.9]], array![0.1, 1.9, 4.1, 6.0]);
/// let fitted = Ridge::params().choose(PenaltyChoice::LeaveOneOut).build()?.fit(x.view(), y.view())?;
/// // Two columns that say nearly the same share the effect.
/// assert!(fitted.coefficients().iter().all(|b| (0.5..1.5).contains(b)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ridge {
    penalty: f64,
    choose: Option<PenaltyChoice>,
    grid: Option<Vec<f64>>,
    standardise: bool,
}

/// How a penalty is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PenaltyChoice {
    /// The smallest mean square of the errors of predicting each row from all others. A row that counts several times leaves
    /// out one of them.
    LeaveOneOut,
    /// The same with the mean leverage for each row's: `n sum e^2 / (n - df)^2` (Golub, Heath & Wahba 1979, Technometrics 21,
    /// 215-223).
    GeneralisedCrossValidation,
}

/// Settings of a [`Ridge`], checked by [`RidgeParams::build`].
#[derive(Clone, Debug, PartialEq)]
pub struct RidgeParams {
    penalty: f64,
    choose: Option<PenaltyChoice>,
    grid: Option<Vec<f64>>,
    standardise: bool,
}

impl Ridge {
    /// Starts from the defaults.
    #[must_use]
    pub fn params() -> RidgeParams {
        let Self { penalty, choose, grid, standardise } = Self::default();
        RidgeParams { penalty, choose, grid, standardise }
    }
}

impl Default for Ridge {
    fn default() -> Self {
        Self { penalty: 1.0, choose: None, grid: None, standardise: true }
    }
}

impl RidgeParams {
    /// Weight of the squares.
    #[must_use]
    pub fn penalty(mut self, penalty: f64) -> Self {
        self.penalty = penalty;
        self
    }

    /// Chooses the penalty from the data.
    #[must_use]
    pub fn choose(mut self, choice: PenaltyChoice) -> Self {
        self.choose = Some(choice);
        self
    }

    /// The penalties to choose from.
    #[must_use]
    pub fn grid(mut self, penalties: impl IntoIterator<Item = f64>) -> Self {
        self.grid = Some(penalties.into_iter().collect());
        self
    }

    /// Whether columns count in units of their standard deviation.
    #[must_use]
    pub fn standardise(mut self, standardise: bool) -> Self {
        self.standardise = standardise;
        self
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// [`ParamError`] for the first setting outside its range.
    pub fn build(self) -> Result<Ridge, ParamError> {
        let Self { penalty, choose, grid, standardise } = self;
        let legal = |penalty: f64| penalty > 0.0 && penalty <= 1e100;
        if !legal(penalty) {
            return Err(ParamError::new("penalty", penalty, "in (0, 1e100]"));
        }
        if let Some(grid) = &grid {
            if !(1..=1000).contains(&grid.len()) {
                return Err(ParamError::new("grid", format!("{} values", grid.len()), "1 to 1000 values"));
            }
            if let Some(penalty) = grid.iter().find(|penalty| !legal(**penalty)) {
                return Err(ParamError::new("grid", penalty, "values in (0, 1e100]"));
            }
        }
        Ok(Ridge { penalty, choose, grid, standardise })
    }
}

/// Ridge coefficients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedRidge {
    model: Linear,
    penalty: f64,
    /// Each penalty that was tried with its mean squared error.
    tried: Vec<(f64, f64)>,
}

impl FittedRidge {
    /// What is predicted where every column is 0.
    #[must_use]
    pub fn intercept(&self) -> f64 {
        self.model.intercept
    }

    /// One coefficient for each column, on the scale of the data.
    #[must_use]
    pub fn coefficients(&self) -> &[f64] {
        &self.model.coefficients
    }

    /// The constant columns, ascending.
    #[must_use]
    pub fn dropped(&self) -> &[Dropped] {
        &self.model.dropped
    }

    /// The penalty, given or chosen.
    #[must_use]
    pub fn penalty(&self) -> f64 {
        self.penalty
    }

    /// Each penalty that was tried with the mean square of its errors out of sample, in the order of the grid; none if the
    /// penalty was given.
    #[must_use]
    pub fn tried(&self) -> &[(f64, f64)] {
        &self.tried
    }
}

/// Columns about their mean in the units in which they are penalised, rows times the roots of their relative weights.
struct Problem<'a> {
    design: &'a Standardised,
    columns: Vec<Vec<f64>>,
    /// Relative weight of each row, and what the weights were divided by.
    weights: Option<Vec<f64>>,
    mean_weight: f64,
}

impl Problem<'_> {
    fn n(&self) -> usize {
        self.design.y.len()
    }

    fn y(&self) -> &[f64] {
        self.design.y.as_slice().unwrap_or_default()
    }

    /// The coefficients for one penalty on relative weights.
    fn solve(&self, penalty: f64) -> Vec<f64> {
        let (n, p) = (self.n(), self.columns.len());
        let root = penalty.sqrt();
        if p <= n {
            let mut triangle = Triangle::new(p + 1);
            self.push(&mut triangle);
            for place in 0..p {
                let mut row = vec![0.0; p + 1];
                row[place] = root;
                triangle.push_row(&row);
            }
            let r = triangle.columns();
            return qr::back_substitute(&r[..p], &r[p]);
        }
        let mut triangle = Triangle::new(n);
        self.push_transposed(&mut triangle);
        for place in 0..n {
            let mut row = vec![0.0; n];
            row[place] = root;
            triangle.push_row(&row);
        }
        let r = triangle.columns();
        let mut dual = self.y().to_vec();
        qr::forward_substitute(&r, &mut dual);
        let dual = qr::back_substitute(&r, &dual);
        self.columns.iter().map(|column| qr::dot(column, &dual)).collect()
    }

    fn push(&self, triangle: &mut Triangle) {
        triangle.push_rows(self.n(), |column, first, cells| {
            let from = self.columns.get(column).map_or(self.y(), Vec::as_slice);
            cells.copy_from_slice(&from[first..first + cells.len()]);
        });
    }

    fn push_transposed(&self, triangle: &mut Triangle) {
        triangle.push_rows(self.columns.len(), |row, first, cells| {
            cells.iter_mut().zip(&self.columns[first..]).for_each(|(cell, column)| *cell = column[row]);
        });
    }

    /// The mean squared error of each penalty, out of sample.
    fn errors(&self, grid: &[f64], choice: PenaltyChoice) -> Vec<f64> {
        let (n, p) = (self.n(), self.columns.len());
        let y = self.y();
        // Row by row: the coordinates in the left singular vectors, of the columns and (by sums) of the target.
        let (left, s): (Vec<Vec<f64>>, Vec<f64>) = if p <= n {
            let mut triangle = Triangle::new(p + 1);
            self.push(&mut triangle);
            let mut r = triangle.columns();
            r.truncate(p);
            r.iter_mut().for_each(|column| column.resize(p, 0.0));
            let Svd { s, v, .. } = svd(r);
            let coordinate = |(v, s): (&Vec<f64>, &f64)| {
                let mut sums = vec![0.0; n];
                for (column, v) in self.columns.iter().zip(v) {
                    sums.iter_mut().zip(column).for_each(|(sum, x)| *sum += v * x);
                }
                if *s > 0.0 {
                    sums.iter_mut().for_each(|sum| *sum /= s);
                }
                sums
            };
            (v.iter().zip(&s).map(coordinate).collect(), s)
        } else {
            let mut triangle = Triangle::new(n);
            self.push_transposed(&mut triangle);
            let r = triangle.columns();
            // The transpose of the triangle, by columns.
            let transposed =
                (0..n).map(|row| (0..n).map(|column| r[column].get(row).copied().unwrap_or(0.0)).collect());
            let Svd { u, s, .. } = svd(transposed.collect());
            (u, s)
        };
        let along: Vec<f64> = left.iter().map(|u| qr::dot(u, y)).collect();
        let total = n as f64 * self.mean_weight;
        let weight = |row: usize| self.weights.as_ref().map_or(1.0, |weights| weights[row]);
        let error = |penalty: &f64| {
            let shrink: Vec<f64> = s.iter().map(|s| s * s / (s * s + penalty / self.mean_weight)).collect();
            let mut rest = y.to_vec();
            let mut leverage: Vec<f64> = (0..n).map(|row| weight(row) / n as f64).collect();
            for ((u, along), shrink) in left.iter().zip(&along).zip(&shrink) {
                for ((rest, leverage), u) in rest.iter_mut().zip(&mut leverage).zip(u) {
                    *rest -= shrink * along * u;
                    *leverage += shrink * u * u;
                }
            }
            match choice {
                PenaltyChoice::LeaveOneOut => {
                    let one = |row: usize| {
                        // The leverage of one of the rows that this row stands for.
                        let times = (weight(row) * self.mean_weight).max(1.0);
                        let room = (1.0 - leverage[row] / times).max(f64::EPSILON);
                        (rest[row] / room).powi(2)
                    };
                    (0..n).map(one).sum::<f64>() / n as f64
                }
                PenaltyChoice::GeneralisedCrossValidation => {
                    let df = 1.0 + shrink.iter().sum::<f64>();
                    let room = (1.0 - df / total).max(f64::EPSILON);
                    qr::dot(&rest, &rest) / n as f64 / (room * room)
                }
            }
        };
        grid.iter().map(error).collect()
    }
}

impl Regressor for Ridge {
    const NAME: &'static str = "ridge";
    type Fitted = FittedRidge;

    fn fit_weighted(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        weights: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedRidge, FitError> {
        let rows = Rows::new(x, y, weights)?;
        let design = Standardised::new(&rows);
        // In units of the largest weight first, as the relative weights are.
        let mean_weight = rows.weights.as_ref().map_or(1.0, |weights| {
            let largest = weights.iter().fold(0.0, |a: f64, b| a.max(*b));
            weights.iter().map(|weight| weight / largest).sum::<f64>() / weights.len() as f64 * largest
        });
        let unit = |place: usize| if self.standardise { 1.0 } else { design.kept()[place].2 };
        let columns: Vec<Vec<f64>> = (0..design.kept().len())
            .map(|place| design.x.column(place).iter().map(|value| value * unit(place)).collect())
            .collect();
        let weights = rows.relative_weights().map(|weights| weights.to_vec());
        let problem = Problem { design: &design, columns, weights, mean_weight };
        let (penalty, tried) = match self.choose {
            None => (self.penalty, Vec::new()),
            Some(choice) => {
                let n = rows.y.len() as f64 * mean_weight;
                let usual = || (0..=36).map(|step| n * 10f64.powf(f64::from(step) / 4.0 - 6.0)).collect();
                let grid: Vec<f64> = self.grid.clone().unwrap_or_else(usual);
                let errors = problem.errors(&grid, choice);
                let tried: Vec<(f64, f64)> = grid.into_iter().zip(errors).collect();
                if let Some((penalty, _)) = tried.iter().find(|(_, error)| !error.is_finite()) {
                    let detail = format!("the error of penalty {penalty} is not a finite number");
                    return Err(FitError::NoConvergence { solver: Self::NAME, detail });
                }
                // Of equal errors the largest penalty: the simplest model.
                let best = tried.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1).then(b.0.total_cmp(&a.0)));
                (best.map_or(self.penalty, |(penalty, _)| penalty), tried)
            }
        };
        let solved = if design.kept().is_empty() { Vec::new() } else { problem.solve(penalty / mean_weight) };
        let standard = Array1::from_iter(solved.iter().enumerate().map(|(place, value)| value * unit(place)));
        Ok(FittedRidge { model: design.undo(standard.view(), Self::NAME)?, penalty, tried })
    }
}

impl FittedRegressor for FittedRidge {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>, FitError> {
        self.model.predict(x)
    }
}

impl Persist for FittedRidge {
    const KIND: &'static str = "ridge";
    const FORMAT: u32 = 1;

    fn revalidate(self) -> Result<Self, PersistError> {
        let numbers = self.tried.iter().flat_map(|(penalty, error)| [*penalty, *error]);
        if !numbers.chain([self.penalty]).all(|value| value.is_finite() && value >= 0.0) {
            return Err(PersistError::Invalid { detail: "a penalty or an error that cannot be".into() });
        }
        Ok(Self { model: self.model.revalidate()?, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_outside_their_range_are_refused() {
        for penalty in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Ridge::params().penalty(penalty).build().unwrap_err().name, "penalty");
            assert_eq!(Ridge::params().grid([1.0, penalty]).build().unwrap_err().name, "grid");
        }
        assert_eq!(Ridge::params().grid([]).build().unwrap_err().name, "grid");
        assert_eq!(Ridge::params().grid(vec![1.0; 1001]).build().unwrap_err().name, "grid");
        assert_eq!(Ridge::params().build().unwrap(), Ridge::default());
    }

    #[test]
    fn errors_out_of_sample_are_those_of_leaving_each_row_out() {
        let n = 15;
        let full = ndarray::Array2::from_shape_fn((n, 20), |(i, j)| ((i * (j + 3) * 7 + j * j) % 13) as f64 / 3.0);
        let y = full.column(0).mapv(|v| 2.0 * v) - full.column(1) + Array1::from_iter((0..n).map(|i| (i % 4) as f64));
        for p in [3, 20] {
            let x = full.slice(ndarray::s![.., ..p]);
            for penalty in [0.3, 10.0] {
                let ridge = Ridge::params().standardise(false).grid([penalty]).choose(PenaltyChoice::LeaveOneOut);
                let found = ridge.build().unwrap().fit(x, y.view()).unwrap().tried[0].1;
                let given = Ridge::params().standardise(false).penalty(penalty).build().unwrap();
                let mut squares = 0.0;
                for row in 0..n {
                    let mut weights = Array1::ones(n);
                    weights[row] = 0.0;
                    let predicted = given.fit_weighted(x, y.view(), Some(weights.view())).unwrap().predict(x).unwrap();
                    squares += (y[row] - predicted[row]).powi(2);
                }
                assert!((found / (squares / n as f64) - 1.0).abs() < 1e-10, "{p} {penalty}: {found}");
            }
        }
    }
}
