mod auto;
mod autocovariance;
mod estimate;
mod filter;
mod fitted;
mod hannan_rissanen;
mod likelihood;
mod order;
mod polynomial;
mod prepared;
mod stepwise;
mod unit_root;
mod weights;

use std::num::NonZeroUsize;

pub use self::auto::{AutoArima, AutoArimaParams, FittedAutoArima};
pub use self::fitted::FittedArima;
pub use self::order::ArimaOrder;
use self::prepared::Prepared;
use super::{SeriesModel, count_present, present};
use crate::error::{FitError, ParamError};

/// Any number that is not 0, to be added to.
const NO_NUMBER: NonZeroUsize = NonZeroUsize::MIN;

/// Autoregressive integrated moving average of a given order, by exact maximum likelihood.
///
/// ```text
/// phi(B) Phi(B^m) ((1-B)^d (1-B^m)^D y[t] - c) = theta(B) Theta(B^m) e[t]      e normal, variance sigma^2
/// phi(B) = 1 - ar[1] B - ... - ar[p] B^p          theta(B) = 1 + ma[1] B + ... + ma[q] B^q
/// sd[h]^2 = sigma^2 (psi[0]^2 + ... + psi[h-1]^2)      psi(B) = theta Theta / (phi Phi (1-B)^d (1-B^m)^D)
/// ```
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `order` | (0, 1, 1) | p, q at most 20, d at most 2 | lags and differences |
/// | `seasonal` | (0, 0, 0), 1 | P, Q at most 5, D at most 2, a season of at least 2 | the same in whole seasons |
/// | `constant` | false | false where d + D > 1 | a mean if d + D = 0, a drift if d + D = 1 |
///
/// Forecast variance: closed form, the coefficients taken as known. Missing values: exact; each adds a regression column
/// to the likelihood, which is that of the values present; `g` missing values at the end put the forecast `h` at
/// `g + h` steps ahead. Needs `d + D m + p + q + P + Q + 2` observations, one more with a constant. A series of equal
/// values is a point mass.
/// Fit: O(iterations * n (p + q + (P + Q) m)) time, from up to eight starts; a missing value costs as much as the series
/// does, and a series with more than 100 of them inside is used from the 100th last on. Coefficients stay stationary and invertible: the search runs over partial autocorrelations up to 0.99999.
/// Differs from R `arima()`: several starts instead of the conditional least squares one, moving averages kept
/// invertible during the search, the diffuse part exact instead of a variance of 10^6, and forecast variances
/// from psi weights where R adds what little the filter is unsure of after the last value.
/// Sources: Box & Jenkins (1976), *Time Series Analysis*; Harvey (1989), *Forecasting, Structural Time Series Models and
/// the Kalman Filter*, ch. 3; the sources of the parts stand with them.
///
/// # Examples
/// ```
/// use std::num::NonZeroUsize;
/// use credcast::series::{Arima, FittedSeries, SeriesModel};
/// let y: Vec<f64> = (0..60).map(|t| 0.5 * f64::from(t) + f64::from(t * t % 7)).collect();
/// let fitted = Arima::params().order(0, 1, 1).constant(true).build()?.fit(&y)?;
/// assert_eq!(fitted.order().to_string(), "(0,1,1) with drift");
/// assert!((fitted.constant().unwrap_or(0.0) - 0.5).abs() < 0.1);
/// assert_eq!(fitted.points(NonZeroUsize::MIN).len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arima {
    order: ArimaOrder,
}

/// Settings of [`Arima`], checked by [`ArimaParams::build`].
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct ArimaParams {
    order: ArimaOrder,
}

impl Arima {
    const NAME_OF_MODEL: &'static str = "arima";

    /// Starts from the defaults.
    pub fn params() -> ArimaParams {
        ArimaParams {
            order: ArimaOrder {
                p: 0,
                d: 1,
                q: 1,
                seasonal_p: 0,
                seasonal_d: 0,
                seasonal_q: 0,
                season: NonZeroUsize::MIN,
                constant: false,
            },
        }
    }

    /// The order.
    #[must_use]
    pub fn order(&self) -> ArimaOrder {
        self.order
    }
}

impl ArimaParams {
    /// Sets lags of the autoregression, differences, and lags of the moving average.
    pub fn order(mut self, p: usize, d: usize, q: usize) -> Self {
        self.order = ArimaOrder { p, d, q, ..self.order };
        self
    }

    /// Sets the same in whole seasons, and the periods per season.
    pub fn seasonal(mut self, p: usize, d: usize, q: usize, season: NonZeroUsize) -> Self {
        self.order = ArimaOrder { seasonal_p: p, seasonal_d: d, seasonal_q: q, season, ..self.order };
        self
    }

    /// Adds a mean or a drift.
    pub fn constant(mut self, constant: bool) -> Self {
        self.order.constant = constant;
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// [`ParamError`] if an order lies outside its range, if there is a seasonal order without a season, or a constant
    /// with two differences or more.
    pub fn build(self) -> Result<Arima, ParamError> {
        let Self { order } = self;
        order.check()?;
        Ok(Arima { order })
    }
}

impl SeriesModel for Arima {
    const NAME: &'static str = Self::NAME_OF_MODEL;
    type Fitted = FittedArima;

    fn fit(&self, y: &[f64]) -> Result<FittedArima, FitError> {
        let found = count_present(y, 1)?;
        let series = Prepared::new(y).ok_or(FitError::TooShort { needed: 1, found })?;
        if let Some(value) = equal_values(y) {
            return Ok(FittedArima::of_equal_values(&series, value, self.order.season));
        }
        Self::fit_order(&series, self.order)
    }
}

/// The value that all values present are equal to.
#[expect(clippy::float_cmp, reason = "equal values are meant")]
fn equal_values(y: &[f64]) -> Option<f64> {
    let mut values = present(y).map(|(_, value)| value);
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}

#[cfg(test)]
fn order(
    [p, d, q]: [usize; 3],
    [seasonal_p, seasonal_d, seasonal_q]: [usize; 3],
    m: usize,
    constant: bool,
) -> ArimaOrder {
    let season = NonZeroUsize::new(m).unwrap();
    ArimaOrder { p, d, q, seasonal_p, seasonal_d, seasonal_q, season, constant }
}

/// Orders with coordinates of the search, for tests of the parts.
#[cfg(test)]
fn test_orders() -> Vec<(ArimaOrder, Vec<f64>)> {
    vec![
        (order([0, 0, 0], [0, 0, 0], 1, false), vec![]),
        (order([1, 0, 0], [0, 0, 0], 1, false), vec![0.9]),
        (order([0, 0, 1], [0, 0, 0], 1, false), vec![2.5]),
        (order([2, 0, 1], [0, 0, 0], 1, false), vec![0.7, -0.4, 0.3]),
        (order([1, 0, 3], [0, 0, 0], 1, false), vec![-0.7, -0.4, 0.3, 0.8]),
        (order([0, 0, 1], [0, 0, 1], 12, false), vec![0.5, 0.6]),
        (order([2, 0, 1], [1, 0, 0], 4, false), vec![0.5, -0.3, 0.4, 0.7]),
        (order([1, 0, 2], [2, 0, 1], 4, false), vec![0.5, -0.3, 0.4, 0.7, -0.2, -0.5]),
        (order([0, 0, 0], [1, 0, 2], 5, false), vec![0.5, 1.3, -0.4]),
    ]
}
