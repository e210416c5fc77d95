use std::fmt;
use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use crate::error::ParamError;

/// Most lags of a plain polynomial.
pub(super) const MOST_LAGS: usize = 20;
/// Most lags of a seasonal polynomial.
pub(super) const MOST_SEASONAL_LAGS: usize = 5;
/// Most differences of one kind.
pub(super) const MOST_DIFFERENCES: usize = 2;

/// The order of an ARIMA model, `(p,d,q)(P,D,Q)[m]`, and whether it has a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArimaOrder {
    pub(super) p: usize,
    pub(super) d: usize,
    pub(super) q: usize,
    pub(super) seasonal_p: usize,
    pub(super) seasonal_d: usize,
    pub(super) seasonal_q: usize,
    pub(super) season: NonZeroUsize,
    pub(super) constant: bool,
}

impl ArimaOrder {
    /// Lags of the autoregression, differences, and lags of the moving average: `[p, d, q]`.
    #[must_use]
    pub fn plain(&self) -> [usize; 3] {
        [self.p, self.d, self.q]
    }

    /// The same in whole seasons: `[P, D, Q]`.
    #[must_use]
    pub fn seasonal(&self) -> [usize; 3] {
        [self.seasonal_p, self.seasonal_d, self.seasonal_q]
    }

    /// Periods per cycle, `m`.
    #[must_use]
    pub fn season(&self) -> NonZeroUsize {
        self.season
    }

    /// Whether there is a mean (no differences) or a drift (one difference).
    #[must_use]
    pub fn has_constant(&self) -> bool {
        self.constant
    }

    /// Differences of both kinds.
    pub(super) fn differences(&self) -> usize {
        self.d + self.seasonal_d
    }

    /// Values that differencing takes from the start, `d + D m`.
    pub(super) fn lost(&self) -> usize {
        self.seasonal_d.saturating_mul(self.season.get()).saturating_add(self.d)
    }

    /// Coefficients of the polynomials, `p + q + P + Q`.
    pub(super) fn n_weights(&self) -> usize {
        self.p + self.q + self.seasonal_p + self.seasonal_q
    }

    /// Estimates other than the variance.
    pub(super) fn n_coefficients(&self) -> usize {
        self.n_weights() + usize::from(self.constant)
    }

    /// Lags of the whole autoregression, `p + P m`.
    pub(super) fn ar_lags(&self) -> usize {
        self.seasonal_p.saturating_mul(self.season.get()).saturating_add(self.p)
    }

    /// Lags of the whole moving average, `q + Q m`.
    pub(super) fn ma_lags(&self) -> usize {
        self.seasonal_q.saturating_mul(self.season.get()).saturating_add(self.q)
    }

    /// Length of the state, at least 1.
    pub(super) fn states(&self) -> usize {
        self.ar_lags().max(self.ma_lags().saturating_add(1))
    }

    /// Observations without which there is nothing left to judge the variance by.
    pub(super) fn needed(&self) -> usize {
        self.lost().saturating_add(self.n_coefficients() + 2)
    }

    pub(super) fn check(&self) -> Result<(), ParamError> {
        let Self { p, d, q, seasonal_p, seasonal_d, seasonal_q, season, constant } = *self;
        at_most("p", p, MOST_LAGS, "at most 20")?;
        at_most("q", q, MOST_LAGS, "at most 20")?;
        at_most("d", d, MOST_DIFFERENCES, "at most 2")?;
        at_most("seasonal p", seasonal_p, MOST_SEASONAL_LAGS, "at most 5")?;
        at_most("seasonal q", seasonal_q, MOST_SEASONAL_LAGS, "at most 5")?;
        at_most("seasonal d", seasonal_d, MOST_DIFFERENCES, "at most 2")?;
        if season.get() == 1 && seasonal_p + seasonal_d + seasonal_q > 0 {
            return Err(ParamError::new("season", season, "at least 2 with a seasonal order"));
        }
        if constant && d + seasonal_d > 1 {
            return Err(ParamError::new("constant", constant, "false with two differences or more"));
        }
        Ok(())
    }
}

pub(super) fn at_most(name: &'static str, value: usize, limit: usize, allowed: &'static str) -> Result<(), ParamError> {
    if value <= limit { Ok(()) } else { Err(ParamError::new(name, value, allowed)) }
}

/// As in R: `(0,1,1)(0,1,1)[12]`, `(1,1,0) with drift`, `(2,0,1) with mean`.
impl fmt::Display for ArimaOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { p, d, q, seasonal_p, seasonal_d, seasonal_q, season, constant } = self;
        write!(f, "({p},{d},{q})")?;
        if seasonal_p + seasonal_d + seasonal_q > 0 {
            write!(f, "({seasonal_p},{seasonal_d},{seasonal_q})[{season}]")?;
        }
        match (constant, self.differences()) {
            (false, _) => Ok(()),
            (true, 0) => f.write_str(" with mean"),
            (true, _) => f.write_str(" with drift"),
        }
    }
}
