use super::filter::Filter;
use super::order::ArimaOrder;
use super::prepared::Differenced;
use super::weights::Weights;

/// The exact Gaussian likelihood of one series under one order, with the variance, the constant and the missing values
/// put at their best for any coefficients.
///
/// ```text
/// -2 log L = n log(2 pi S / n) + n + log |V| + log |X' V^-1 X|        n values present less those lost to differences
/// S = squared errors, each over its variance; V covariance of the differences over the variance of e
/// ```
/// X are the columns of the missing values. Filling a gap with anything and adding a column for it gives the likelihood
/// of the values present (the filter that skips gaps gives the same), with a flat prior on what differencing takes.
/// Sources: Jones (1980), "Maximum likelihood fitting of ARMA models to time series with missing observations",
/// Technometrics 22, 389-395; Gómez, Maravall & Peña (1999), "Missing observations in ARIMA models: skipping approach
/// versus additive outlier approach", Journal of Econometrics 88, 341-363.
#[derive(Clone, Debug)]
pub(super) struct Likelihood<'a> {
    data: &'a Differenced,
    pub(super) weights: Weights,
    filter: Filter,
    white: Vec<f64>,
    /// Normal equations of the columns, then their Cholesky factor.
    gram: Vec<f64>,
    /// What to add to each missing value as it was filled in, with its sign turned, then the constant.
    pub(super) effects: Vec<f64>,
    pub(super) squares: f64,
    pub(super) log_determinant: f64,
}

impl<'a> Likelihood<'a> {
    /// Roots are searched beyond `radius`, as in [`Weights::new`].
    pub(super) fn new(data: &'a Differenced, order: ArimaOrder, radius: f64) -> Self {
        let columns = data.n_columns();
        Self {
            data,
            weights: Weights::new(order, radius),
            filter: Filter::new(order, data.n, columns),
            white: vec![0.0; columns * data.n],
            gram: vec![0.0; (columns - 1) * (columns - 1)],
            effects: vec![0.0; columns - 1],
            squares: f64::INFINITY,
            log_determinant: 0.0,
        }
    }

    /// At the coordinates `x` of [`Weights::set`]: writes residuals whose squares add up to the value returned, which is
    /// `exp(-2 log L / n)` but for a constant factor. Infinity where there is no likelihood.
    pub(super) fn at(&mut self, x: &[f64], residuals: &mut [f64]) -> f64 {
        self.weights.set(x);
        if self.evaluate().is_none() {
            return f64::INFINITY;
        }
        let scale = (self.log_determinant / (2 * self.data.n_used) as f64).exp();
        for (residual, white) in residuals.iter_mut().zip(&self.white) {
            *residual = scale * white;
        }
        let value = self.squares * scale * scale;
        if value.is_nan() { f64::INFINITY } else { value }
    }

    /// At the coefficients in `weights`. The first column of `white` then holds the errors.
    pub(super) fn evaluate(&mut self) -> Option<()> {
        let n = self.data.n;
        self.log_determinant = self.filter.whiten(&self.weights, &self.data.columns, &mut self.white)?;
        let (errors, columns) = self.white.split_at_mut(n);
        if !columns.is_empty() {
            let holes = self.data.n_missing;
            self.log_determinant += regress(errors, columns, holes, &mut self.gram, &mut self.effects)?;
        }
        self.squares = errors.iter().map(|e| e * e).sum();
        (self.squares.is_finite() && self.log_determinant.is_finite()).then_some(())
    }

    /// The logarithm of the likelihood after [`Likelihood::evaluate`]; infinite if every error is 0.
    pub(super) fn log(&self) -> f64 {
        let n = self.data.n_used as f64;
        -0.5 * (n * ((2.0 * std::f64::consts::PI * self.squares / n).ln() + 1.0) + self.log_determinant)
    }

    /// The state of the differences after the last value, missing values and constant at their best.
    pub(super) fn last_state(&self) -> Vec<f64> {
        let mut state = self.filter.last_state(0).to_vec();
        for (column, effect) in self.effects.iter().enumerate() {
            for (cell, of_column) in state.iter_mut().zip(self.filter.last_state(column + 1)) {
                *cell -= effect * of_column;
            }
        }
        state
    }
}

/// Takes from `errors` their projection on `columns` and writes the coefficients to `effects`. Returns the logarithm of
/// the determinant of the normal equations of the first `counted` columns; `None` if they are singular.
fn regress(errors: &mut [f64], columns: &[f64], counted: usize, gram: &mut [f64], effects: &mut [f64]) -> Option<f64> {
    /// Columns are dependent if less than this share of their square is left by the columns before them.
    const SINGULAR: f64 = 1e-12;
    let (n, k) = (errors.len(), effects.len());
    let column = |i: usize| &columns[i * n..(i + 1) * n];
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut log_determinant = 0.0;
    for i in 0..k {
        for j in 0..=i {
            let whole = dot(column(i), column(j));
            let known: f64 = (0..j).map(|l| gram[i * k + l] * gram[j * k + l]).sum();
            let rest = whole - known;
            if i == j {
                if rest.is_nan() || rest <= SINGULAR * whole {
                    return None;
                }
                gram[i * k + i] = rest.sqrt();
                if i < counted {
                    log_determinant += rest.ln();
                }
            } else {
                gram[i * k + j] = rest / gram[j * k + j];
            }
        }
        let known: f64 = (0..i).map(|l| gram[i * k + l] * effects[l]).sum();
        effects[i] = (dot(column(i), errors) - known) / gram[i * k + i];
    }
    for i in (0..k).rev() {
        let known: f64 = (i + 1..k).map(|l| gram[l * k + i] * effects[l]).sum();
        effects[i] = (effects[i] - known) / gram[i * k + i];
    }
    for (i, effect) in effects.iter().enumerate() {
        errors.iter_mut().zip(column(i)).for_each(|(error, cell)| *error -= effect * cell);
    }
    Some(log_determinant)
}
