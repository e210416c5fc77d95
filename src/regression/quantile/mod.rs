//! Quantile regression.

mod interior;
mod vertex;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

use self::vertex::Vertex;
use super::contributions::LinearModel;
use super::covariance::{Coefficient, sandwich};
use super::design::{self, COLLINEAR_SHARE, Dropped, Linear, Rows, Standardised};
use super::{FittedRegressor, Regressor};
use crate::error::{FitError, ParamError, PersistError};
use crate::numeric::qr::{self, Triangle};
use crate::numeric::{normal, quantile};
use crate::persist::Persist;

/// Linear quantile regression: the median, or any other quantile, of the target given the columns.
///
/// ```text
/// minimise over a, b:  sum w rho(y - a - sum b[j] x[j])      rho(e) = tau e for e >= 0, (tau - 1) e below
/// ```
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `taus` | 0.5 | 1 to 99 ascending values in [0.001, 0.999] | the quantiles |
///
/// **Exact.** An interior-point method comes near, and a walk over planes through as many rows as there are coefficients ends
/// where the multipliers prove that nothing is better. Where several planes are best, it is one of them.
///
/// **Several quantiles** are fitted one by one; where their planes cross, [`FittedQuantileRegression::predict_quantiles`] puts
/// the predictions of each row in order, which is never further from the truth (Chernozhukov, Fernandez-Val & Galichon 2010,
/// Econometrica 78, 1093-1125). [`FittedRegressor::predict`] gives the middle one of the list.
///
/// Constant columns and those that the columns before them explain (to 1e-7) are left out and named. Missing values: refused.
/// Needs more rows than coefficients. Fit: two weighted least-squares problems for each step and quantile, at most 200 steps,
/// O(n p^2) each; two copies of `x`.
/// Source: Koenker & Bassett (1978), Econometrica 46, 33-50; Portnoy & Koenker (1997), Statistical Science 12, 279-300.
///
/// # Examples
/// ```
/// use credcast::regression::{QuantileRegression, Regressor};
/// use ndarray::array;
/// let (x, y) = (array![[1.0], [2.0], [3.0], [4.0], [5.0]], array![1.0, 2.0, 3.0, 4.0, 90.0]);
/// // One wild value moves a median line not at all.
/// let fitted = QuantileRegression::of([0.5])?.fit(x.view(), y.view())?;
/// assert!((fitted.estimates(0)[0] - 1.0).abs() < 1e-9 && fitted.intercept(0).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuantileRegression {
    taus: Vec<f64>,
}

/// How the errors of quantile coefficients are estimated. Both take the density of the residuals at 0 from Epanechnikov's kernel
/// with the bandwidth of Hall & Sheather (1988, J. R. Stat. Soc. B 50, 381-391), for intervals of 95 %, halved until it is
/// inside (0, 1), times the smaller of the target's standard deviation and the residuals' interquartile range over 1.34.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum QuantileErrors {
    /// One density for all rows; statsmodels' `vcov="iid"`.
    Alike,
    /// A density of each row's own: the sandwich of Powell (1991).
    Powell,
}

/// Quantile coefficients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedQuantileRegression {
    quantiles: Vec<One>,
    n: usize,
}

/// The plane of one quantile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct One {
    tau: f64,
    model: Linear,
    /// Variances of the intercept and of each column (0 for one that was left out), if they were asked for.
    variances: Option<Vec<f64>>,
    loss: f64,
}

impl Default for QuantileRegression {
    fn default() -> Self {
        Self { taus: vec![0.5] }
    }
}

impl QuantileRegression {
    /// For these quantiles.
    ///
    /// # Errors
    /// [`ParamError`] unless there are 1 to 99 ascending values in [0.001, 0.999].
    pub fn of(taus: impl IntoIterator<Item = f64>) -> Result<Self, ParamError> {
        let taus: Vec<f64> = taus.into_iter().collect();
        match check_taus(&taus) {
            Some(value) => Err(ParamError::new("taus", value, "1 to 99 ascending values in [0.001, 0.999]")),
            None => Ok(Self { taus }),
        }
    }

    /// The quantiles.
    #[must_use]
    pub fn taus(&self) -> &[f64] {
        &self.taus
    }

    /// Fits as [`Regressor::fit_weighted`], with standard errors.
    ///
    /// # Errors
    /// As [`Regressor::fit_weighted`]; [`FitError::NoConvergence`] if no residual is near 0, so that the density there is not
    /// known.
    pub fn fit_with_errors(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        weights: Option<ArrayView1<'_, f64>>,
        errors: QuantileErrors,
    ) -> Result<FittedQuantileRegression, FitError> {
        self.solve(x, y, weights, Some(errors))
    }

    fn solve(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        weights: Option<ArrayView1<'_, f64>>,
        errors: Option<QuantileErrors>,
    ) -> Result<FittedQuantileRegression, FitError> {
        let rows = Rows::new(x, y, weights)?;
        let n = rows.y.len();
        let relative = rows.relative_weights();
        let weight = |row: usize| relative.as_ref().map_or(1.0, |weights| weights[row]);
        let mut design = Standardised::of_values(&rows);
        let mut triangle = Triangle::new(design.x.ncols() + 1);
        triangle.push_rows(n, |column, first, cells| {
            for (i, cell) in cells.iter_mut().enumerate() {
                *cell = if column == 0 { 1.0 } else { design.x[[first + i, column - 1]] };
            }
        });
        design.drop_marked(&qr::dependent(&triangle.columns(), COLLINEAR_SHARE)[1..]);
        let k = design.kept().len() + 1;
        if n <= k {
            return Err(design::refuse(format!("{n} rows for {k} coefficients with the intercept")));
        }
        // In units of the target's size, so that its squares are numbers.
        let size = design.y.iter().fold(0.0, |a: f64, b| a.max(b.abs()));
        let unit = if size > 0.0 { size } else { 1.0 };
        let target: Vec<f64> = (0..n).map(|row| design.y[row] / unit * weight(row)).collect();
        let mut columns = vec![(0..n).map(weight).collect::<Vec<f64>>()];
        columns.extend((0..k - 1).map(|j| design.x.column(j).iter().enumerate().map(|(i, x)| x * weight(i)).collect()));
        let program = Program { columns: &columns, y: &target };
        let (y_mean, kept, dropped) = (design.y_mean(), design.kept(), design.dropped());
        let one = |&tau: &f64| {
            let beta = if size > 0.0 { program.best(tau)? } else { vec![0.0; k] };
            let variances = match errors {
                None => None,
                Some(errors) => Some(program.variances(&beta, tau, errors, kept, unit, x.ncols())?),
            };
            let mut coefficients = vec![0.0; x.ncols()];
            let mut intercept = y_mean + beta[0] * unit;
            for (&(column, centre, scale), b) in kept.iter().zip(&beta[1..]) {
                coefficients[column] = b * unit / scale;
                intercept -= coefficients[column] * centre;
            }
            if !coefficients.iter().chain([&intercept]).all(|value| value.is_finite()) {
                return Err(failed("a coefficient is not a finite number"));
            }
            let model = Linear { intercept, coefficients, dropped: dropped.to_vec() };
            Ok(One { tau, model, variances, loss: program.loss(&beta, tau) * unit })
        };
        Ok(FittedQuantileRegression { quantiles: self.taus.iter().map(one).collect::<Result<_, _>>()?, n })
    }
}

/// The first thing wrong with a list of quantiles.
fn check_taus(taus: &[f64]) -> Option<String> {
    if !(1..=99).contains(&taus.len()) {
        return Some(format!("{} values", taus.len()));
    }
    let outside = taus.iter().find(|tau| !(0.001..=0.999).contains(*tau)).copied();
    outside.or_else(|| taus.windows(2).find(|pair| pair[0] >= pair[1]).map(|pair| pair[1])).map(|tau| tau.to_string())
}

fn failed(detail: &str) -> FitError {
    FitError::NoConvergence { solver: QuantileRegression::NAME, detail: detail.into() }
}

/// Columns, the intercept's first, and target, rows times their weight.
struct Program<'a> {
    columns: &'a [Vec<f64>],
    y: &'a [f64],
}

impl Program<'_> {
    fn predictor(&self, beta: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.y.len()];
        for (b, column) in beta.iter().zip(self.columns) {
            sums.iter_mut().zip(column).for_each(|(sum, x)| *sum += b * x);
        }
        sums
    }

    fn rest(&self, beta: &[f64]) -> Vec<f64> {
        let mut rest = self.predictor(beta);
        rest.iter_mut().zip(self.y).for_each(|(rest, y)| *rest = y - *rest);
        rest
    }

    fn loss(&self, beta: &[f64], tau: f64) -> f64 {
        self.rest(beta).iter().map(|e| if *e >= 0.0 { tau * e } else { (tau - 1.0) * e }).sum()
    }

    fn row(&self, row: usize) -> Vec<f64> {
        self.columns.iter().map(|column| column[row]).collect()
    }

    fn best(&self, tau: f64) -> Result<Vec<f64>, FitError> {
        let (near, proven) = interior::solve(self, tau).ok_or_else(|| failed("the columns became dependent"))?;
        let limit = self.loss(&near, tau) * (1.0 + 1e-9);
        match vertex::walk(self, &near, tau) {
            Some(Vertex { beta, is_best: true }) => Ok(beta),
            Some(Vertex { beta, .. }) if proven && self.loss(&beta, tau) <= limit => Ok(beta),
            _ if proven => Ok(near),
            _ => Err(failed("no plane through rows of the data is proven to be best")),
        }
    }

    /// Variances on the scale of the data.
    fn variances(
        &self,
        beta: &[f64],
        tau: f64,
        errors: QuantileErrors,
        kept: &[(usize, f64, f64)],
        unit: f64,
        n_columns: usize,
    ) -> Result<Vec<f64>, FitError> {
        let (n, k) = (self.y.len(), beta.len());
        let weights = &self.columns[0];
        let rest: Vec<f64> = self.rest(beta).iter().zip(weights).map(|(e, w)| e / w).collect();
        let mut sorted = rest.clone();
        sorted.sort_by(f64::total_cmp);
        let range = (quantile::of_sorted(&sorted, 0.75) - quantile::of_sorted(&sorted, 0.25)) / 1.34;
        let y: Vec<f64> = self.y.iter().zip(weights).map(|(y, w)| y / w).collect();
        let mean = y.iter().sum::<f64>() / n as f64;
        let sd = (y.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / n as f64).sqrt();
        let mut width = bandwidth(n, tau);
        while tau - width <= 0.0 || tau + width >= 1.0 {
            width *= 0.5;
        }
        let h = sd.min(range) * (normal::quantile(tau + width) - normal::quantile(tau - width));
        let density = |e: f64| if (e / h).abs() <= 1.0 { 0.75 * (1.0 - (e / h).powi(2)) / h } else { 0.0 };
        let densities: Vec<f64> = match errors {
            QuantileErrors::Alike => vec![rest.iter().map(|e| density(*e)).sum::<f64>() / n as f64; n],
            QuantileErrors::Powell => rest.iter().map(|e| density(*e)).collect(),
        };
        let unknown = || failed("too few residuals are near 0 to know the density there");
        if !densities.iter().all(|d| d.is_finite()) {
            return Err(unknown());
        }
        // The rows are times their weights: of these the bread has one and the meat two.
        let squares = |factor: &dyn Fn(usize) -> f64| {
            let cell = |a: &Vec<f64>, b: &Vec<f64>| (0..n).map(|row| a[row] * b[row] * factor(row)).sum::<f64>();
            self.columns.iter().map(|a| self.columns.iter().map(|b| cell(a, b)).collect()).collect::<Vec<Vec<f64>>>()
        };
        let bread = qr::symmetric_inverse(&squares(&|row| densities[row] / weights[row])).ok_or_else(unknown)?;
        let cells = sandwich(&bread, &squares(&|_| tau * (1.0 - tau)));
        let mut back = vec![vec![0.0; k]; k];
        back[0][0] = unit;
        for (place, &(_, centre, scale)) in kept.iter().enumerate() {
            back[place + 1][place + 1] = unit / scale;
            back[0][place + 1] = -centre * unit / scale;
        }
        let cells = sandwich(&back, &cells);
        let mut variances = vec![0.0; n_columns + 1];
        variances[0] = cells[0][0];
        for (place, &(column, ..)) in kept.iter().enumerate() {
            variances[column + 1] = cells[place + 1][place + 1];
        }
        if variances.iter().all(|v| v.is_finite()) { Ok(variances) } else { Err(unknown()) }
    }
}

/// The share of the sample on either side of `tau` that an estimate of the density there stands on (Hall & Sheather 1988).
fn bandwidth(n: usize, tau: f64) -> f64 {
    let z = normal::quantile(tau);
    let ratio = 1.5 * normal::pdf(z).powi(2) / (2.0 * z * z + 1.0);
    (n as f64).powf(-1.0 / 3.0) * normal::quantile(0.975).powf(2.0 / 3.0) * ratio.powf(1.0 / 3.0)
}

impl FittedQuantileRegression {
    /// The quantiles, ascending.
    #[must_use]
    pub fn taus(&self) -> Vec<f64> {
        self.quantiles.iter().map(|one| one.tau).collect()
    }

    /// What the quantile at `place` of the list is where every column is 0; NaN if there is none.
    #[must_use]
    pub fn intercept(&self, place: usize) -> f64 {
        self.quantiles.get(place).map_or(f64::NAN, |one| one.model.intercept)
    }

    /// One coefficient for each column, 0 for one that was left out, of the quantile at `place` of the list; none if there is no
    /// such place.
    #[must_use]
    pub fn estimates(&self, place: usize) -> &[f64] {
        self.quantiles.get(place).map_or(&[], |one| &one.model.coefficients)
    }

    /// The intercept (`None`) or the coefficient of a column of the quantile at `place` of the list, with tests and intervals
    /// from Student's t with as many degrees of freedom as there are rows less coefficients. `None` without standard errors,
    /// and for a column that was left out.
    #[must_use]
    pub fn coefficient(&self, place: usize, column: Option<usize>) -> Option<Coefficient> {
        let one = self.quantiles.get(place)?;
        let variances = one.variances.as_ref()?;
        let k = one.model.coefficients.len() + 1 - one.model.dropped.len();
        let df = (self.n - k) as f64;
        match column {
            None => Some(Coefficient::new(one.model.intercept, variances[0], df)),
            Some(column) if one.model.dropped.iter().any(|dropped| dropped.column == column) => None,
            Some(column) => Some(Coefficient::new(*one.model.coefficients.get(column)?, variances[column + 1], df)),
        }
    }

    /// The sum of the losses at the quantile at `place` of the list, in units of the target; weights divided by their mean.
    #[must_use]
    pub fn loss(&self, place: usize) -> f64 {
        self.quantiles.get(place).map_or(f64::NAN, |one| one.loss)
    }

    /// The columns that were left out, ascending, and why.
    #[must_use]
    pub fn dropped(&self) -> &[Dropped] {
        self.quantiles.first().map_or(&[], |one| &one.model.dropped)
    }

    /// The quantiles of each row of `x`, one column for each, never falling from left to right.
    ///
    /// # Errors
    /// As [`FittedRegressor::predict`].
    pub fn predict_quantiles(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>, FitError> {
        let mut quantiles = Array2::zeros((x.nrows(), self.quantiles.len()));
        for (place, one) in self.quantiles.iter().enumerate() {
            quantiles.column_mut(place).assign(&one.model.predict(x)?);
        }
        for mut row in quantiles.rows_mut() {
            if let Some(row) = row.as_slice_mut() {
                row.sort_by(f64::total_cmp);
            }
        }
        Ok(quantiles)
    }
}

impl LinearModel for FittedQuantileRegression {
    /// Of the middle quantile of the list.
    fn linear_terms(&self) -> (f64, Vec<f64>) {
        let place = self.quantiles.len() / 2;
        (self.intercept(place), self.estimates(place).to_vec())
    }
}

impl Regressor for QuantileRegression {
    const NAME: &'static str = "quantile";
    type Fitted = FittedQuantileRegression;

    fn fit_weighted(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        weights: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedQuantileRegression, FitError> {
        self.solve(x, y, weights, None)
    }
}

impl FittedRegressor for FittedQuantileRegression {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>, FitError> {
        let quantiles = self.predict_quantiles(x)?;
        Ok(quantiles.column(self.quantiles.len() / 2).to_owned())
    }
}

impl Persist for FittedQuantileRegression {
    const KIND: &'static str = "quantile";
    const FORMAT: u32 = 1;

    fn revalidate(self) -> Result<Self, PersistError> {
        let invalid = |detail: &str| Err(PersistError::Invalid { detail: detail.into() });
        if check_taus(&self.taus()).is_some() {
            return invalid("quantiles that cannot be");
        }
        let mut quantiles = Vec::with_capacity(self.quantiles.len());
        let mut width = None;
        for one in self.quantiles {
            let model = one.model.revalidate()?;
            let p = model.coefficients.len();
            if *width.get_or_insert(p) != p || self.n + model.dropped.len() <= p + 1 {
                return invalid("planes of different columns, or of more columns than rows");
            }
            let legal =
                |variances: &Vec<f64>| variances.len() == p + 1 && variances.iter().all(|v| v.is_finite() && *v >= 0.0);
            if !one.variances.as_ref().is_none_or(legal) || !one.loss.is_finite() {
                return invalid("variances or a loss that cannot be");
            }
            quantiles.push(One { model, ..one });
        }
        Ok(Self { quantiles, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_outside_their_range_are_refused() {
        for taus in [vec![], vec![0.0], vec![1.0], vec![f64::NAN], vec![0.5, 0.5], vec![0.5, 0.25], vec![0.5; 100]] {
            assert_eq!(QuantileRegression::of(taus).unwrap_err().name, "taus");
        }
        assert!(QuantileRegression::of([0.001, 0.5, 0.999]).is_ok());
    }

    #[test]
    fn the_bandwidth_is_that_of_the_paper() {
        // statsmodels 0.15.0: hall_sheather(100, 0.5) and (100, 0.9)
        assert!((bandwidth(100, 0.5) - 0.209_316_046_947_003_26).abs() < 1e-9);
        assert!((bandwidth(100, 0.9) - 0.074_542_282_368_563_94).abs() < 1e-9);
    }
}
