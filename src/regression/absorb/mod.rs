//! Least squares with categorical effects of many levels that are taken out, not estimated one by one.

mod columns;
mod conjugate;
mod fitted;
mod freedom;
mod input;
mod levels;
mod normal;
mod reduced;
mod scores;
mod within;

use self::columns::Columns;
pub use self::fitted::FittedAbsorbed;
pub use self::input::AbsorbedDesign;
use self::levels::Levels;
use self::normal::Normal;
use self::scores::{Groups, Scores};
use self::within::Within;
use super::covariance::{Coefficient, Covariance};
use super::design;
use crate::error::{FitError, ParamError};

/// A change of a coefficient below this share of its (classical) standard error is rounding.
const SETTLED: f64 = 1e-9;

/// Least squares with absorbed effects ("high-dimensional fixed effects"), for coefficients that are read.
///
/// ```text
/// y = sum b[j] x[j] + a1[level of effect 1] + a2[level of effect 2] + ... + e      a, b minimise sum w e^2
/// ```
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `tolerance` | 1e-8 | \[1e-12, 1e-3\] | largest error in taking the effects out of a column, as a share of its length |
/// | `max_iterations` | 10 000 | 1 to 10 000 000 | passes over the rows before giving up |
/// | `exact_degrees` | true | | with two effects, count what they take exactly |
///
/// The effects are taken out of every column and of the target (Frisch, Waugh & Lovell), then least squares is run on what is
/// left. Taking out solves the normal equations of the effects: the effect of most levels is eliminated, the others are found
/// by conjugate gradients with the diagonal as preconditioner, for up to 16 columns in one pass over the codes. The error left in
/// a column is bounded by its residual over the smallest eigenvalue met (Ritz value); coefficients depend on the product of two
/// such errors. Columns without effects are never stored: memory is the data, 8 bytes for each row and effect, and tables
/// of the levels for every column. O(iterations * n * effects * p + n p^2) time, the same to the bit on any number of threads.
///
/// - **Singletons**: rows that stand alone in a level say nothing of `b` but count in errors; they are left out until none is
///   left, and counted (Correia 2015).
/// - **Columns** that are constant, that the effects explain (less than 1e-6 of their length is left) or that columns before
///   them explain are left out and named.
/// - **Degrees of freedom** of the effects: their levels, less one for each effect behind the first; for two effects exactly, less
///   one for each connected part of the data. `exact_degrees(false)` counts as `fixest` and `pyfixest` do by default.
///   Both agree where the data are connected.
/// - **Errors**: classical, HC0, HC1, clustered one- or two-way, with the small-sample factors that are the default of `pyfixest`
///   and `fixest`: `n / (n - k)`, for clusters `(n - 1) / (n - k) * G / (G - 1)`, with the fewer of two dimensions for all three parts
///   (where [`LeastSquares`](super::LeastSquares) gives each part its own). `k` are columns and effects; an effect that is nested in
///   clusters counts as one level. HC2 and HC3 are refused: they need the leverage of the effects.
///
/// Columns are dense, and cross products of all pairs are formed: for hundreds of columns of millions of rows, that is the limit
/// (500 columns of 2 million rows are 8 GB to hand over, and 250 billion products).
///
/// Missing values: refused. Sources: Gaure (2013), Comput. Stat. Data Anal. 66, 8-18; Correia (2017), *Linear Models with
/// High-Dimensional Fixed Effects*; Correia (2015), *Singletons, Cluster-Robust Standard Errors and Fixed Effects*;
/// Abowd, Creecy & Kramarz (2002), *Computing Person and Firm Effects Using Linked Longitudinal Data*. Differs from
/// `pyfixest`: singletons and collinearity as above; weights of 0 are allowed.
///
/// # Examples
/// ```
/// use credcast::regression::{AbsorbedDesign, AbsorbedLeastSquares, Covariance};
/// use ndarray::{Array1, Array2};
/// // Pay of 60 people in 6 firms and 5 years: 2 for each unit of skill, and more in some firms and years.
/// let firm: Vec<u32> = (0..60).map(|i| 100 + i % 6).collect();
/// let year: Vec<u32> = (0..60).map(|i| 2020 + i * i % 5).collect();
/// let skill = Array2::from_shape_fn((60, 1), |(i, _)| (i * 7 % 11) as f64);
/// let pay: Array1<f64> = (0..60).map(|i| 2.0 * skill[[i, 0]] + f64::from(firm[i] * 3 + year[i] % 7)).collect();
/// let effects = [&firm[..], &year[..]];
/// let design = AbsorbedDesign::new(skill.view(), pay.view(), &effects).covariance(Covariance::Clustered(&firm));
/// let fitted = AbsorbedLeastSquares::params().build()?.fit(&design)?;
/// let slope = fitted.coefficients[0].ok_or("left out")?;
/// assert!((slope.estimate - 2.0).abs() < 1e-7 && fitted.singletons == [0, 0]);
/// assert!((fitted.predict(skill.view(), &effects)?[5] - pay[5]).abs() < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct AbsorbedLeastSquares {
    tolerance: f64,
    max_iterations: usize,
    exact_degrees: bool,
}

/// Settings of [`AbsorbedLeastSquares`], checked by [`AbsorbedParams::build`].
#[derive(Clone, Debug, PartialEq)]
pub struct AbsorbedParams {
    settings: AbsorbedLeastSquares,
}

impl Default for AbsorbedLeastSquares {
    fn default() -> Self {
        Self { tolerance: 1e-8, max_iterations: 10_000, exact_degrees: true }
    }
}

impl AbsorbedParams {
    /// Largest error in taking the effects out of a column, as a share of its length.
    #[must_use]
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.settings.tolerance = tolerance;
        self
    }

    /// Passes over the rows before giving up.
    #[must_use]
    pub fn max_iterations(mut self, max_iterations: usize) -> Self {
        self.settings.max_iterations = max_iterations;
        self
    }

    /// Whether the degrees of freedom of two effects are counted exactly, by the connected parts of the data.
    #[must_use]
    pub fn exact_degrees(mut self, exact_degrees: bool) -> Self {
        self.settings.exact_degrees = exact_degrees;
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// [`ParamError`] naming the first that is outside its range.
    pub fn build(self) -> Result<AbsorbedLeastSquares, ParamError> {
        let settings = self.settings;
        if !(1e-12..=1e-3).contains(&settings.tolerance) {
            return Err(ParamError::new("tolerance", settings.tolerance, "[1e-12, 1e-3]"));
        }
        if !(1..=10_000_000).contains(&settings.max_iterations) {
            return Err(ParamError::new("max_iterations", settings.max_iterations, "1 to 10 000 000"));
        }
        Ok(settings)
    }
}

impl AbsorbedLeastSquares {
    /// Starts from the defaults.
    #[must_use]
    pub fn params() -> AbsorbedParams {
        AbsorbedParams { settings: Self::default() }
    }

    /// Fits the coefficients of the columns and the values of the effects.
    ///
    /// # Errors
    /// [`FitError::Design`] for shapes, weights, clusters or effects that do not match, a covariance that is not offered, fewer
    /// than two clusters, nothing but singletons, or no more rows than columns and effects; [`FitError::NotFinite`] and
    /// [`FitError::TooLarge`] with the row; [`FitError::NoConvergence`] where the effects cannot be told apart well enough.
    pub fn fit(&self, design: &AbsorbedDesign<'_>) -> Result<FittedAbsorbed, FitError> {
        design.check()?;
        let levels = Levels::new(design.effects, design.x.nrows(), design.weights)?;
        let columns = Columns::new(design, &levels)?;
        let groups = Groups::new(&levels, design.covariance)?;
        let within = Within::new(columns, &levels, self.tolerance, self.max_iterations)?;
        let normal = Normal::new(&within);
        let (k, n) = (normal.kept.len(), levels.n);
        let absorbed = freedom::absorbed(&levels, self.exact_degrees);
        if n <= k + absorbed {
            return Err(design::refuse(format!("{n} rows for {k} coefficients and {absorbed} of effects")));
        }
        let (columns, target) = (&within.columns, within.target());
        let inverse = normal.inverse();
        let (b, scores) = settle(&within, &normal, &inverse, &groups, (n - k - absorbed) as f64);
        let counted = if groups.are_clusters() {
            k + freedom::absorbed_within(&levels, self.exact_degrees, &groups.dimensions())
        } else {
            k + absorbed
        };
        let df_counted = (n - counted) as f64;
        let (factor, df_tests) = match design.covariance {
            Covariance::Hc0 => (1.0, df_counted),
            Covariance::Hc1 => (n as f64 / df_counted, df_counted),
            Covariance::Classical => (scores.squares / df_counted, df_counted),
            _ => {
                let fewest = groups.fewest as f64;
                (fewest / (fewest - 1.0) * ((n - 1) as f64 / df_counted), fewest - 1.0)
            }
        };
        // Back to the units of the data.
        let unit = if columns.scale(target) > 0.0 { columns.scale(target) } else { 1.0 };
        let mut coefficients = vec![None; target];
        let (mut weights, mut intercept) = (vec![0.0; columns.len()], columns.centre(target));
        weights[target] = 1.0 / unit;
        for (place, (&column, b)) in normal.kept.iter().zip(&b).enumerate() {
            let row = &inverse[place];
            let spread = if scores.meat.is_empty() {
                row[place]
            } else {
                let along = |meat: &Vec<f64>| meat.iter().zip(row).map(|(m, r)| m * r).sum::<f64>();
                scores.meat.iter().zip(row).map(|(meat, r)| r * along(meat)).sum()
            };
            let rate = columns.scale(column) / unit;
            let estimate = b * rate;
            coefficients[column] = Some(Coefficient::new(estimate, spread * factor * rate * rate, df_tests));
            weights[column] = -b / unit;
            intercept -= estimate * columns.centre(column);
        }
        let mut effects = Vec::new();
        for (effect, mut values) in within.effects(&weights).into_iter().enumerate() {
            let mean = weighted_mean(&levels.codes[effect], &values, |row| within.weight(row));
            values.iter_mut().for_each(|value| *value -= mean);
            intercept += mean;
            let mut named: Vec<(u32, f64)> = levels.names[effect].iter().copied().zip(values).collect();
            named.sort_unstable_by_key(|level| level.0);
            effects.push(named);
        }
        let share = |whole: f64| if whole > 0.0 { scores.squares / whole } else { f64::NAN };
        let size = within.sizes[target];
        let left =
            if normal.target > normal::ABSORBED_SHARE * normal::ABSORBED_SHARE * size { normal.target } else { 0.0 };
        let df = n - k - absorbed;
        Ok(FittedAbsorbed {
            coefficients,
            dropped: normal.dropped,
            n,
            levels: levels.names.iter().map(Vec::len).collect(),
            absorbed,
            df,
            df_counted: counted,
            df_tests,
            r_squared: 1.0 - share(size),
            adjusted_r_squared: 1.0 - share(size) * (n - 1) as f64 / df as f64,
            r_squared_within: 1.0 - share(left),
            sigma: (scores.squares / df as f64).sqrt() / unit,
            n_clusters: groups.fewest,
            iterations: within.iterations,
            intercept,
            effects,
            singletons: levels.singletons.clone(),
        })
    }
}

/// Solves for the coefficients and passes over the rows; once more where the residuals show that digits were lost.
fn settle(within: &Within<'_>, normal: &Normal, inverse: &[Vec<f64>], groups: &Groups, df: f64) -> (Vec<f64>, Scores) {
    let mut b = normal.solve(&normal.with_target);
    let mut scores = Scores::new(within, normal, &b, groups);
    for _ in 0..3 {
        let change = normal.solve(&scores.gradient);
        let sigma = (scores.squares / df).sqrt();
        let is_rounding = |place: usize| {
            let (change, se) = (change[place].abs(), sigma * inverse[place][place].sqrt());
            change <= SETTLED * se || change <= f64::EPSILON * b[place].abs()
        };
        if (0..b.len()).all(is_rounding) {
            break;
        }
        b.iter_mut().zip(&change).for_each(|(b, change)| *b += change);
        scores = Scores::new(within, normal, &b, groups);
    }
    (b, scores)
}

fn weighted_mean(codes: &[u32], values: &[f64], weight: impl Fn(usize) -> f64) -> f64 {
    let (mut sum, mut total) = (0.0, 0.0);
    for (row, code) in codes.iter().enumerate() {
        let weight = weight(row);
        sum += weight * values[*code as usize];
        total += weight;
    }
    sum / total
}
