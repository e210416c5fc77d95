use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::likelihood::Likelihood;
use super::order::ArimaOrder;
use super::polynomial::{differencing, to_partial};
use super::prepared::{Differenced, Prepared};
use super::weights::Weights;
use super::{Arima, NO_NUMBER};
use crate::distribution::Predictive;
use crate::error::{FitError, ParamError};
use crate::series::{FittedSeries, check_gap, check_sigma, check_state, count_present, normal};

/// A fitted [`Arima`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedArima {
    order: ArimaOrder,
    ar: Vec<f64>,
    ma: Vec<f64>,
    seasonal_ar: Vec<f64>,
    seasonal_ma: Vec<f64>,
    constant: f64,
    sigma: f64,
    log_likelihood: Option<f64>,
    n_used: usize,
    /// From the first value present to the last, missing values at their conditional means.
    history: Vec<f64>,
    /// Positions in `history` that were missing.
    missing: Vec<usize>,
    /// What the model expects of the differences, in the form of the filter.
    state: Vec<f64>,
    gap: usize,
}

impl FittedArima {
    /// From the likelihood at its largest.
    pub(super) fn new(series: &Prepared, data: &Differenced, order: ArimaOrder, likelihood: &Likelihood<'_>) -> Self {
        /// Errors of this size, the values being near 1, are those of rounding.
        const ROUNDING: f64 = 1e-15;
        let Prepared { y, missing, unit, gap } = series;
        let mut history: Vec<f64> = y.iter().map(|value| value * unit).collect();
        for (&hole, effect) in missing.iter().zip(&likelihood.effects) {
            history[hole] -= effect * unit;
        }
        let constant = if data.has_constant { data.centre + likelihood.effects[data.n_missing] } else { 0.0 };
        // As in R: the estimates other than the variance are taken from the divisor.
        let freedom = data.n_used.saturating_sub(order.n_coefficients()).max(1) as f64;
        let sd = (likelihood.squares / freedom).sqrt();
        let exact = sd < ROUNDING;
        let weights = likelihood.weights.clone();
        Self {
            order,
            ar: weights.ar,
            ma: weights.ma,
            seasonal_ar: weights.seasonal_ar,
            seasonal_ma: weights.seasonal_ma,
            constant: constant * unit,
            sigma: if exact { 0.0 } else { sd * unit },
            log_likelihood: (!exact).then(|| likelihood.log() - data.n_used as f64 * unit.ln()),
            n_used: data.n_used,
            history,
            missing: missing.clone(),
            state: if exact {
                vec![0.0; order.states()]
            } else {
                likelihood.last_state().iter().map(|cell| cell * unit).collect()
            },
            gap: *gap,
        }
    }

    /// A series of equal values: their mean, without doubt.
    pub(super) fn of_equal_values(series: &Prepared, value: f64, season: NonZeroUsize) -> Self {
        let order =
            ArimaOrder { p: 0, d: 0, q: 0, seasonal_p: 0, seasonal_d: 0, seasonal_q: 0, season, constant: true };
        Self {
            order,
            ar: Vec::new(),
            ma: Vec::new(),
            seasonal_ar: Vec::new(),
            seasonal_ma: Vec::new(),
            constant: value,
            sigma: 0.0,
            log_likelihood: None,
            n_used: series.found(),
            history: vec![value; series.y.len()],
            missing: series.missing.clone(),
            state: vec![0.0],
            gap: series.gap,
        }
    }

    /// The order.
    #[must_use]
    pub fn order(&self) -> ArimaOrder {
        self.order
    }

    /// Coefficients of the autoregression, from lag 1.
    #[must_use]
    pub fn ar(&self) -> &[f64] {
        &self.ar
    }

    /// Coefficients of the moving average, from lag 1, with the sign of R: `1 + ma[1] B + ...`.
    #[must_use]
    pub fn ma(&self) -> &[f64] {
        &self.ma
    }

    /// Coefficients of the seasonal autoregression, from lag `m`.
    #[must_use]
    pub fn seasonal_ar(&self) -> &[f64] {
        &self.seasonal_ar
    }

    /// Coefficients of the seasonal moving average, from lag `m`.
    #[must_use]
    pub fn seasonal_ma(&self) -> &[f64] {
        &self.seasonal_ma
    }

    /// The mean, or the drift per period if there is a difference; `None` if the order has no constant.
    #[must_use]
    pub fn constant(&self) -> Option<f64> {
        self.order.constant.then_some(self.constant)
    }

    /// Variance of the errors: their squares over the number of values less the number of estimates, as R reports it.
    #[must_use]
    pub fn sigma2(&self) -> f64 {
        self.sigma * self.sigma
    }

    /// Logarithm of the likelihood at its largest; `None` if every error is 0.
    #[must_use]
    pub fn log_likelihood(&self) -> Option<f64> {
        self.log_likelihood
    }

    /// Akaike's criterion with the correction for short series (Hurvich & Tsai 1989); `None` if every error is 0, or if
    /// the series is too short for the correction.
    #[must_use]
    pub fn aicc(&self) -> Option<f64> {
        let parameters = (self.order.n_coefficients() + 1) as f64;
        let rest = self.n_used as f64 - parameters - 1.0;
        let log_likelihood = self.log_likelihood.filter(|_| rest > 0.0)?;
        Some(-2.0 * log_likelihood + 2.0 * parameters + 2.0 * parameters * (parameters + 1.0) / rest)
    }

    fn weights(&self) -> Weights {
        Weights::of(self.order, [&self.ar, &self.ma, &self.seasonal_ar, &self.seasonal_ma])
    }

    /// The missing values and the state given `series` and the coefficients as they are, in the units of the series.
    fn filtered(&self, series: &Prepared) -> Option<(Vec<f64>, Vec<f64>)> {
        let data = Differenced::new(series, self.order)?;
        let constant = self.constant / series.unit - data.centre;
        let data = data.with_constant(constant);
        let mut likelihood = Likelihood::new(&data, self.order, 1.0);
        likelihood.weights = self.weights();
        likelihood.evaluate()?;
        let mut history: Vec<f64> = series.y.iter().map(|value| value * series.unit).collect();
        for (&hole, effect) in series.missing.iter().zip(&likelihood.effects) {
            history[hole] -= effect * series.unit;
        }
        let state = likelihood.last_state().iter().map(|cell| cell * series.unit).collect();
        Some((history, state))
    }
}

impl FittedSeries for FittedArima {
    const NAME: &'static str = Arima::NAME_OF_MODEL;

    fn predict(&self, horizon: NonZeroUsize) -> Vec<Predictive> {
        let points = self.points(horizon);
        let whole = NO_NUMBER.saturating_add(self.gap + horizon.get());
        let psi = self.error_weights(whole);
        let mut variance: f64 = psi[..self.gap].iter().map(|psi| psi * psi).sum();
        points
            .into_iter()
            .zip(&psi[self.gap..])
            .map(|(mean, psi)| {
                variance += psi * psi;
                normal(mean, self.sigma * variance.sqrt())
            })
            .collect()
    }

    fn points(&self, horizon: NonZeroUsize) -> Vec<f64> {
        let Self { order, history, gap, .. } = self;
        let steps = gap + horizon.get();
        let weights = self.weights();
        let lags = differencing(order.d, order.seasonal_d, order.season.get());
        let taps: Vec<(usize, f64)> = lags.iter().copied().enumerate().filter(|(_, c)| *c != 0.0).collect();
        let effect = if order.seasonal_d > 0 { order.season.get() as f64 } else { 1.0 };
        let constant = self.constant * effect;
        let mut state = vec![0.0; steps + self.state.len()];
        state[..self.state.len()].copy_from_slice(&self.state);
        let mut y = Vec::with_capacity(lags.len() + steps);
        y.extend_from_slice(&history[history.len() - lags.len()..]);
        for step in 0..steps {
            let now = state[step];
            for &(i, phi) in &weights.phi_taps {
                state[step + 1 + i] += phi * now;
            }
            let behind = y.len();
            let past: f64 = taps.iter().map(|(i, c)| c * y[behind - 1 - i]).sum();
            y.push(constant + now + past);
        }
        y.split_off(lags.len() + gap)
    }

    fn error_weights(&self, horizon: NonZeroUsize) -> Vec<f64> {
        let weights = self.weights();
        let order = self.order;
        let lags = differencing(order.d, order.seasonal_d, order.season.get());
        let taps: Vec<(usize, f64)> = lags.iter().copied().enumerate().filter(|(_, c)| *c != 0.0).collect();
        let mut of_differences: Vec<f64> = Vec::with_capacity(horizon.get());
        let mut psi: Vec<f64> = Vec::with_capacity(horizon.get());
        let of_past = |taps: &[(usize, f64)], done: &[f64]| {
            taps.iter().filter(|(i, _)| *i < done.len()).map(|(i, c)| c * done[done.len() - 1 - i]).sum::<f64>()
        };
        for lag in 0..horizon.get() {
            let own = if lag == 0 { 1.0 } else { weights.theta.get(lag - 1).copied().unwrap_or(0.0) };
            of_differences.push(own + of_past(&weights.phi_taps, &of_differences));
            psi.push(of_differences[lag] + of_past(&taps, &psi));
        }
        psi
    }

    fn updated(&self, new: &[f64]) -> Option<Self> {
        let mut y = self.history.clone();
        for &hole in &self.missing {
            y[hole] = f64::NAN;
        }
        y.resize(y.len() + self.gap, f64::NAN);
        y.extend_from_slice(new);
        count_present(&y, 1).ok()?;
        let series = Prepared::new(&y)?;
        let (history, state) = self.filtered(&series)?;
        let next = Self { history, state, missing: series.missing, gap: series.gap, ..self.clone() };
        next.check().ok().map(|()| next)
    }

    fn check(&self) -> Result<(), ParamError> {
        let Self { order, ar, ma, seasonal_ar, seasonal_ma, constant, sigma, log_likelihood, .. } = self;
        let Self { n_used, history, missing, state, gap, .. } = self;
        order.check()?;
        let parts = [
            ("ar", ar, order.p, 1.0),
            ("ma", ma, order.q, -1.0),
            ("seasonal_ar", seasonal_ar, order.seasonal_p, 1.0),
            ("seasonal_ma", seasonal_ma, order.seasonal_q, -1.0),
        ];
        for (name, part, count, sign) in parts {
            if part.len() != count {
                return Err(ParamError::new(name, part.len(), "as many coefficients as the order has"));
            }
            let polynomial: Vec<f64> = part.iter().map(|a| sign * a).collect();
            if to_partial(&polynomial).is_none() {
                return Err(ParamError::new(name, format!("{part:?}"), "with roots outside the unit circle"));
            }
        }
        check_state("constant", *constant)?;
        if !order.constant && *constant != 0.0 {
            return Err(ParamError::new("constant", constant, "0 where the order has none"));
        }
        check_sigma(*sigma)?;
        if let Some(value) = log_likelihood.filter(|value| !value.is_finite()) {
            return Err(ParamError::new("log_likelihood", value, "finite"));
        }
        history.iter().try_for_each(|value| check_state("history", *value))?;
        if history.is_empty() || history.len() < order.lost() || *n_used > history.len() {
            return Err(ParamError::new("history", history.len(), "as long as the order asks for"));
        }
        let inside = 0..history.len() - 1;
        if !missing.is_sorted_by(|a, b| a < b) || !missing.iter().all(|hole| inside.contains(hole) && *hole > 0) {
            return Err(ParamError::new("missing", format!("{missing:?}"), "inside the history, in order"));
        }
        if state.len() != order.states() {
            return Err(ParamError::new("state", state.len(), "as long as the order asks for"));
        }
        state.iter().try_for_each(|cell| check_state("state", *cell))?;
        check_gap(*gap)
    }
}

impl Arima {
    /// Fits `order` to a series that was checked.
    pub(super) fn fit_order(series: &Prepared, order: ArimaOrder) -> Result<FittedArima, FitError> {
        let (needed, found) = (order.needed(), series.found());
        if found < needed {
            return Err(FitError::TooShort { needed, found });
        }
        let data = Differenced::new(series, order).ok_or(FitError::TooShort { needed, found })?;
        let guess = super::hannan_rissanen::Guess::new(&data, order);
        let (_, likelihood) = super::estimate::fine(&data, order, 1.0, &guess, []).ok_or_else(no_likelihood)?;
        Ok(FittedArima::new(series, &data, order, &likelihood))
    }
}

/// The missing values leave whole seasons or the level without any observation.
pub(super) fn no_likelihood() -> FitError {
    FitError::NoConvergence {
        solver: "arima",
        detail: "the values present do not determine those missing, or no coefficients gave a likelihood".into(),
    }
}
