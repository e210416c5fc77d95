use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::fitted::{FittedArima, no_likelihood};
use super::order::{ArimaOrder, MOST_DIFFERENCES, MOST_LAGS, MOST_SEASONAL_LAGS, at_most};
use super::prepared::Prepared;
use super::stepwise::{Limits, Stepwise};
use super::unit_root::{difference, difference_until_level, has_strong_season, is_constant};
use super::{Arima, equal_values};
use crate::distribution::Predictive;
use crate::error::{FitError, ParamError};
use crate::series::{FittedSeries, SeriesModel, count_present};

/// [`Arima`] of the order that a stepwise search finds best.
///
/// ```text
/// D = 1 if the season is strong: 1 - var(remainder) / var(seasonal + remainder) > 0.64, by loess
/// d = differences until the KPSS test keeps the hypothesis of a level at 5 %
/// start at (2,d,2)(1,D,1), (0,d,0), (1,d,0)(1,D,0), (0,d,1)(0,D,1); go to a neighbour with a smaller AICc as long as
/// there is one: one more or less of P, Q, both, p, q, both, or the constant
/// ```
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `season` | 1 | at least 1 | periods per cycle, `m` above |
/// | `max_lags` | 5, 5 | at most 20 | largest p and q |
/// | `max_seasonal_lags` | 2, 2 | at most 5 | largest P and Q |
/// | `max_differences` | 2, 1 | at most 2, at most 1 | largest d and D |
///
/// A mean is tried if d + D = 0, a drift if d + D = 1. Roots are kept
/// beyond 1.01, seasonal ones beyond its power `m`, by the coordinates of the search; orders whose roots end there are left
/// out, but for the seasonal moving average: there it is a season that does not change. Every order
/// is judged by its exact likelihood; the last is searched again from several starts. Lags are at most a third of the
/// values, seasonal ones a third of the seasons; no seasonal difference within two seasons; series too short for the
/// corrected criterion get `(0,d,0)(0,D,0)`.
///
/// Forecast variance and missing values as in [`Arima`]; the tests for differences see gaps bridged by lines. Needs 1
/// observation. A series of equal values is a point mass.
/// Fit: at most 94 orders, each evaluation of a likelihood O(n (p + q + (P + Q) m)).
/// Differs from R `auto.arima()`: never approximates the likelihood, does not ask the Hessian for its sign, and keeps
/// orders whose seasonal moving average would leave the region, at its edge.
/// Source: Hyndman & Khandakar (2008), "Automatic time series forecasting: the forecast package for R", Journal of
/// Statistical Software 27(3).
///
/// # Examples
/// ```
/// use std::num::NonZeroUsize;
/// use credcast::series::{AutoArima, FittedSeries, SeriesModel};
/// let y: Vec<f64> = (0..60).map(|t| 0.5 * f64::from(t) + f64::from(t * t % 7)).collect();
/// let fitted = AutoArima::params().build()?.fit(&y)?;
/// assert_eq!(fitted.arima().order().plain()[1], 1);
/// assert_eq!(fitted.points(NonZeroUsize::MIN).len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AutoArima {
    season: NonZeroUsize,
    max_lags: [usize; 2],
    max_seasonal_lags: [usize; 2],
    max_differences: [usize; 2],
}

/// Settings of [`AutoArima`], checked by [`AutoArimaParams::build`].
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct AutoArimaParams {
    model: AutoArima,
}

impl AutoArima {
    /// The defaults for cycles of `season` periods.
    #[must_use]
    pub fn new(season: NonZeroUsize) -> Self {
        Self { season, max_lags: [5, 5], max_seasonal_lags: [2, 2], max_differences: [2, 1] }
    }

    /// Starts from the defaults.
    pub fn params() -> AutoArimaParams {
        AutoArimaParams { model: Self::new(NonZeroUsize::MIN) }
    }
}

impl AutoArimaParams {
    /// Sets the periods per cycle.
    pub fn season(mut self, season: NonZeroUsize) -> Self {
        self.model.season = season;
        self
    }

    /// Sets the largest p and q.
    pub fn max_lags(mut self, p: usize, q: usize) -> Self {
        self.model.max_lags = [p, q];
        self
    }

    /// Sets the largest P and Q.
    pub fn max_seasonal_lags(mut self, p: usize, q: usize) -> Self {
        self.model.max_seasonal_lags = [p, q];
        self
    }

    /// Sets the largest number of differences and of seasonal differences.
    pub fn max_differences(mut self, plain: usize, seasonal: usize) -> Self {
        self.model.max_differences = [plain, seasonal];
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// [`ParamError`] if a limit lies outside its range.
    pub fn build(self) -> Result<AutoArima, ParamError> {
        let AutoArima { season: _, max_lags, max_seasonal_lags, max_differences } = self.model;
        at_most("max p", max_lags[0], MOST_LAGS, "at most 20")?;
        at_most("max q", max_lags[1], MOST_LAGS, "at most 20")?;
        at_most("max seasonal p", max_seasonal_lags[0], MOST_SEASONAL_LAGS, "at most 5")?;
        at_most("max seasonal q", max_seasonal_lags[1], MOST_SEASONAL_LAGS, "at most 5")?;
        at_most("max differences", max_differences[0], MOST_DIFFERENCES, "at most 2")?;
        at_most("max seasonal differences", max_differences[1], 1, "at most 1")?;
        Ok(self.model)
    }
}

/// A fitted [`AutoArima`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedAutoArima {
    arima: FittedArima,
}

impl FittedAutoArima {
    /// The model that was chosen: its order, coefficients and likelihood.
    #[must_use]
    pub fn arima(&self) -> &FittedArima {
        &self.arima
    }
}

impl SeriesModel for AutoArima {
    const NAME: &'static str = "auto_arima";
    type Fitted = FittedAutoArima;

    fn fit(&self, y: &[f64]) -> Result<FittedAutoArima, FitError> {
        let found = count_present(y, 1)?;
        let series = Prepared::new(y).ok_or(FitError::TooShort { needed: 1, found })?;
        let arima = match equal_values(y) {
            Some(value) => FittedArima::of_equal_values(&series, value, self.season),
            None => self.search(&series)?,
        };
        Ok(FittedAutoArima { arima })
    }
}

impl AutoArima {
    fn search(&self, series: &Prepared) -> Result<FittedArima, FitError> {
        let m = self.season.get();
        let n = series.found();
        let mut rest = series.y.clone();
        let is_long = m > 1 && n > m.saturating_mul(2);
        let seasonal_d =
            usize::from(is_long && self.max_differences[1] > 0 && has_strong_season(&series.y, self.season));
        if seasonal_d > 0 {
            difference(&mut rest, m);
        }
        let d = difference_until_level(&mut rest, self.max_differences[0]);
        let mut start = ArimaOrder {
            p: 0,
            d,
            q: 0,
            seasonal_p: 0,
            seasonal_d,
            seasonal_q: 0,
            season: self.season,
            constant: d + seasonal_d < 2,
        };
        if is_constant(&rest) {
            return Arima::fit_order(series, start).or_else(|_| {
                let plainest = ArimaOrder { d: 0, seasonal_d: 0, constant: true, ..start };
                Arima::fit_order(series, plainest)
            });
        }
        let lags = |limit: usize| {
            let limit = limit.min(n / 3);
            if m > 1 { limit.min(m - 1) } else { limit }
        };
        let seasonal_lags = |limit: usize| if m > 1 { limit.min(n / 3 / m) } else { 0 };
        let limits = Limits {
            p: lags(self.max_lags[0]),
            q: lags(self.max_lags[1]),
            seasonal_p: seasonal_lags(self.max_seasonal_lags[0]),
            seasonal_q: seasonal_lags(self.max_seasonal_lags[1]),
        };
        let [first, first_seasonal] = if n < 10 { [1, 0] } else { [2, 1] };
        start.p = limits.p.min(first);
        start.q = limits.q.min(first);
        start.seasonal_p = limits.seasonal_p.min(first_seasonal);
        start.seasonal_q = limits.seasonal_q.min(first_seasonal);
        let search =
            Stepwise::new(series, start, limits).ok_or(FitError::TooShort { needed: start.lost() + 1, found: n })?;
        search.run(start).ok_or_else(no_likelihood)
    }
}

impl FittedSeries for FittedAutoArima {
    const NAME: &'static str = AutoArima::NAME;

    fn predict(&self, horizon: NonZeroUsize) -> Vec<Predictive> {
        self.arima.predict(horizon)
    }

    fn points(&self, horizon: NonZeroUsize) -> Vec<f64> {
        self.arima.points(horizon)
    }

    fn error_weights(&self, horizon: NonZeroUsize) -> Vec<f64> {
        self.arima.error_weights(horizon)
    }

    fn updated(&self, new: &[f64]) -> Option<Self> {
        self.arima.updated(new).map(|arima| Self { arima })
    }

    fn check(&self) -> Result<(), ParamError> {
        self.arima.check()
    }
}
