use std::num::NonZeroUsize;

use super::LONGEST_SEASON;
use super::fitted::FittedEts;
use super::form::EtsForm;
use super::prepared::Prepared;
use super::weights::{DAMPING, Given, Space, WEIGHT};
use crate::error::{FitError, ParamError};
use crate::series::SeriesModel;

/// Exponential smoothing of one given form, fitted by maximum likelihood.
///
/// ```text
/// q = l[t-1] | l[t-1] + phi b[t-1] | l[t-1] b[t-1]^phi      f[t] = q | q + s[t-m] | q s[t-m]      e[t] = y[t] - f[t]
/// l[t] = q + alpha u      b[t] = phi b[t-1] + beta u | b[t-1]^phi + beta u / l[t-1]      u = e[t] | e[t] / s[t-m]
/// s[t] = s[t-m] + gamma e[t] | s[t-m] + gamma e[t] / q
/// loglik = -n/2 log(sum e[t]^2)    or, if errors are multiplicative,    -n/2 log(sum (e[t]/f[t])^2) - sum log f[t]
/// ```
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `form` | - | an [`EtsForm`] | errors, trend and season |
/// | `season` | 1 | 2 to 24 if the form has a season, else any | periods per cycle, `m` above |
/// | `alpha` | estimated | in [0.0001, 0.9999] | level weight |
/// | `beta` | estimated | above 0, at most `alpha` | trend weight, of forms with a trend |
/// | `gamma` | estimated | above 0, at most 1 - `alpha` | season weight, of forms with a season |
/// | `phi` | estimated | in [0.8, 0.98] | what is left of the trend after one period, of damped forms |
///
/// Weights are searched in the usual region, `0 < beta < alpha`, `0 < gamma < 1 - alpha`, less the part of it where a form
/// with trend and season does not forget its start: what `bounds = "both"` of R `ets()` asks. Initial states are estimated with
/// the weights. One-step forecasts of forms with multiplicative errors are kept positive, which R does not ask.
///
/// Forecast variance: closed form where forecasts are linear in the states, classes 1 and 2 of the book; otherwise, a
/// season or trend that is a factor, quantiles of 2,000 simulated paths. The point forecast is in each case the path without
/// errors, as in R: the mean of linear forms, and of the others what the median of their paths is moved to by a factor for each
/// horizon. [`error_weights`](crate::series::FittedSeries::error_weights) are exact for additive errors; for the other
/// forms they leave out that errors grow with the level and the season.
///
/// Missing values: the states move on without error, and they do not count in `n`; `g` missing values at the end put the
/// forecast `h` at `g + h` steps ahead. Needs two more values than the form has weights, initial states (`m - 1` for a season) and
/// variance. Forms with multiplicative errors need positive values. A series of equal values is `ANN` without errors, whatever the form.
/// Fit: O(iterations * n * m^2) time, a matrix of n rows and as many columns as estimates.
/// Differs from statsforecast 2.1.1: `beta` and `gamma` keep to the region above, whose bounds move with `alpha`, while its are
/// set from the first `alpha`; and damped trends sum phi + ... + phi^h, not phi + phi + phi^2 + ... Differs from R: its test of
/// forms with a damped trend and a season has `beta` where `phi beta` belongs.
/// Source: Hyndman, Koehler, Ord & Snyder (2008), *Forecasting with Exponential Smoothing*, ch. 2, 5, 6 and 10.
///
/// # Examples
/// ```
/// use std::num::NonZeroUsize;
/// use credcast::series::{Ets, EtsForm, FittedSeries, SeriesModel};
/// let y: Vec<f64> = (0..40).map(|t| 100.0 + f64::from(t) + f64::from(t * 7 % 5)).collect();
/// let fitted = Ets::params(EtsForm::parse("AAN")?).build()?.fit(&y)?;
/// assert!(fitted.points(NonZeroUsize::MIN)[0] > 138.0);
/// # Ok::<(), credcast::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ets {
    form: EtsForm,
    season: usize,
    given: Given,
}

/// Settings of [`Ets`], checked by [`EtsParams::build`].
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct EtsParams {
    form: EtsForm,
    season: NonZeroUsize,
    given: Given,
}

impl Ets {
    /// Starts from the defaults.
    pub fn params(form: EtsForm) -> EtsParams {
        EtsParams { form, season: NonZeroUsize::MIN, given: Given::default() }
    }

    /// The form.
    #[must_use]
    pub fn form(&self) -> EtsForm {
        self.form
    }
}

impl EtsParams {
    /// Sets the periods per cycle.
    pub fn season(mut self, season: NonZeroUsize) -> Self {
        self.season = season;
        self
    }

    /// Sets the level weight instead of estimating it.
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.given.alpha = Some(alpha);
        self
    }

    /// Sets the trend weight instead of estimating it.
    pub fn beta(mut self, beta: f64) -> Self {
        self.given.beta = Some(beta);
        self
    }

    /// Sets the season weight instead of estimating it.
    pub fn gamma(mut self, gamma: f64) -> Self {
        self.given.gamma = Some(gamma);
        self
    }

    /// Sets the damping instead of estimating it.
    pub fn phi(mut self, phi: f64) -> Self {
        self.given.phi = Some(phi);
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// [`ParamError`] for the first setting outside its range, or given for a component that the form lacks.
    pub fn build(self) -> Result<Ets, ParamError> {
        let Self { form, season, given } = self;
        let Given { alpha, beta, gamma, phi } = given;
        let season = if form.is_seasonal() { season.get() } else { 1 };
        if form.is_seasonal() && !(2..=LONGEST_SEASON).contains(&season) {
            return Err(ParamError::new("season", season, "2 to 24 for a seasonal form"));
        }
        let [least, most] = WEIGHT;
        let within = |name, value: Option<f64>, there: bool, low, high, allowed| match value {
            None => Ok(()),
            Some(value) if !there => Err(ParamError::new(name, value, "none, as the form has no such component")),
            Some(value) if value > 0.0 && value >= low && value <= high => Ok(()),
            Some(value) => Err(ParamError::new(name, value, allowed)),
        };
        within("alpha", alpha, true, least, most, "in [0.0001, 0.9999]")?;
        let alpha = alpha.unwrap_or(most);
        within("beta", beta, form.has_trend(), 0.0, alpha, "above 0, at most alpha")?;
        // Alpha has to find room between beta and 1 - gamma.
        let taken = given.alpha.unwrap_or(beta.unwrap_or(0.0).max(least));
        within("gamma", gamma, form.is_seasonal(), 0.0, 1.0 - taken, "above 0, at most 1 - alpha")?;
        within("phi", phi, form.is_damped(), DAMPING[0], DAMPING[1], "in [0.8, 0.98]")?;
        Ok(Ets { form, season, given })
    }
}

impl SeriesModel for Ets {
    const NAME: &'static str = "ets";
    type Fitted = FittedEts;

    fn fit(&self, y: &[f64]) -> Result<FittedEts, FitError> {
        let Self { form, season, given } = *self;
        let prepared = Prepared::new(y, season)?;
        if form.has_multiplicative_errors()
            && let Some((position, value)) = prepared.not_positive()
        {
            return Err(FitError::Target { position, value, allowed: "above 0" });
        }
        if let Some(fitted) = prepared.constant() {
            return Ok(fitted);
        }
        let n_free = Space::new(form, season, given).free().iter().filter(|free| **free).count();
        let needed = prepared.needed(form, n_free);
        if prepared.n() < needed {
            return Err(FitError::TooShort { needed, found: prepared.n() });
        }
        let mut candidates = prepared.candidates(given);
        let found = candidates.fit(form);
        found
            .and_then(|point| candidates.finish(form, &point))
            .and_then(|point| prepared.fitted(form, given, &point))
            .filter(|fitted| crate::series::FittedSeries::check(fitted).is_ok())
            .ok_or_else(|| FitError::NoConvergence { solver: "ets", detail: format!("no finite likelihood of {form}") })
    }
}
