//! A season that short histories share.

mod estimate;
mod fitted;
mod learn;
mod pool;

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

pub use self::fitted::{FittedPooledSeason, SeasonLevel};
use self::learn::Learned;
use super::{Forecaster, Support};
use crate::error::{DataError, ParamError, Result};
use crate::feature::Group;
use crate::panel::Panel;

/// How a season enters the values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SeasonForm {
    /// Multiplicative for a series without a value below 0, additive for the others; each kind has its own pools.
    #[default]
    FromData,
    /// A factor, in per cent of the level. A series with a negative value stays as it is.
    Multiplicative,
    /// A term, in units of the mean absolute change of the series.
    Additive,
}

/// Takes a season that is pooled over series out of a panel, forecasts what is left, and puts the season back.
///
/// A history of two or three cycles cannot tell a season of its own from chance; many such histories together can.
/// Seasons are estimated for pools, widest first, and each is drawn towards the wider one by what its own changes are
/// worth (empirical Bayes):
///
/// ```text
/// r[i,t]    = (y[i,t] - y[i,t-1]) / (y[i,t] + y[i,t-1])          weight w[i,t] = (y[i,t] + y[i,t-1]) / (2 mean(y[i]) var(r[i]))
/// d[p,t]    = 2 atanh(trimmed mean over i in p of r[i,t])         without the trim: log of the ratio of weighted sums
/// d[p,t]    = trend[p] + delta[p,m(t)] + e[p,t]                   least squares, sum over m of delta[p,m] = 0
/// v[p]      = variance of an estimated delta[p,m]                 from the residuals
/// tau2[k]   = mean over pools p of level k of (|delta[p] - delta*[wider]|^2 / (S - 1) - v[p]), at least 0
/// delta*[p] = delta*[wider] + tau2[k] / (tau2[k] + v[p]) (delta[p] - delta*[wider])
/// season    = exp(cumulated delta*), mean 1 over the cycle        the seen series is y / season
/// ```
/// So with many cycles the series' own season wins, with two the pool's. Zeros need no logarithm in a pool; a series
/// alone takes `y + 0.05 mean(y)` for its own part. The additive form has `(y[i,t] - y[i,t-1]) / mean |change|` in the
/// place of `2 atanh(r)` and of the logarithm.
///
/// Trimmed: a tenth of the weight at each end, over series; changes further than 2.5 robust standard deviations from the
/// median of their place in the cycle are cut, over cycles, from three cycles on. Growth and season: a common trend is
/// estimated beside the season, which needs each place in the cycle once and one change more; with fewer, there is no
/// season. With less than two cycles what happened once cannot be told from what will happen again; then only the
/// little that repeats measures the noise, and [`FittedPooledSeason::levels`] says how often each place was seen.
///
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `target` | the first column | a column of the panel | what is forecast; the forecaster within sees it first |
/// | `pools` | all series | groups, widest first | whose season each narrower one is drawn to |
/// | `own` | true | | whether series have a part of their own |
/// | `form` | [`SeasonForm::FromData`] | | factor or term |
/// | `strength` | 1 | in \[0, 1\] | by what the estimated season is multiplied (its logarithm, for factors); 0 is none |
/// | `support` | [`Support::FromData`] | | which values can happen, judged by the values with their season |
///
/// The place in the cycle is counted by the calendar (weeks: by the day of the year, so that 52 places fit every year), or
/// by position for [`Frequency::Step`](crate::Frequency::Step). Missing values stay missing. A season of one period
/// changes nothing. Cost: O(rows log series), two copies of the panel.
/// Source: pooling of seasonal indices over groups: Withycombe (1989), *Int. J. Forecasting* 5, 547-552; shrinkage by
/// moments: Morris (1983), *JASA* 78, 47-55; Miller & Williams (2003), *Int. J. Forecasting* 19, 669-684.
///
/// # Examples
/// ```
/// use credcast::forecast::{PerSeries, PooledSeason};
/// use credcast::{prelude::*, series::Naive};
/// let start = Period::month(2022, 1).ok_or("no such month")?;
/// // Two years of 30 skills: every December is twice a usual month.
/// let year = |month: usize| if month % 12 == 11 { 200.0 } else { 100.0 };
/// let skills = (0..30).map(|i| {
///     let values = (0..26).map(|t| (year(t) * f64::from(1 + i) * 1.01_f64.powf(t as f64)).round());
///     (SeriesKey::national(format!("skill {i:02}")), start, values.collect())
/// });
/// let panel = Panel::from_series("postings", skills)?;
/// let model = PooledSeason::new(PerSeries::new(Naive), 12.try_into()?);
/// let forecast = model.fit(&panel)?.forecast(10.try_into()?)?;
/// let december = forecast.path(0)[9].point() / forecast.path(0)[0].point();
/// assert!((december - 2.0).abs() < 0.1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PooledSeason<F> {
    inner: F,
    season: NonZeroUsize,
    target: Option<String>,
    pools: Vec<Group>,
    own: bool,
    form: SeasonForm,
    strength: f64,
    support: Support,
}

impl<F> PooledSeason<F> {
    /// `inner` on a panel without its season of `season` periods, pooled over all series and each series.
    #[must_use]
    pub fn new(inner: F, season: NonZeroUsize) -> Self {
        Self {
            inner,
            season,
            target: None,
            pools: vec![Group::All],
            own: true,
            form: SeasonForm::default(),
            strength: 1.0,
            support: Support::default(),
        }
    }

    /// Sets the column to forecast. A target of the forecaster within must be the same.
    #[must_use]
    pub fn target(mut self, column: impl Into<String>) -> Self {
        self.target = Some(column.into());
        self
    }

    /// Sets the pools, widest first, such as all, then the sector.
    ///
    /// # Errors
    /// [`ParamError`] for a group that cannot be formed.
    pub fn pools(mut self, pools: impl IntoIterator<Item = Group>) -> Result<Self, ParamError> {
        self.pools = pools.into_iter().collect();
        self.pools.iter().try_for_each(Group::check)?;
        Ok(self)
    }

    /// Sets whether each series has a part of its own.
    #[must_use]
    pub fn own(mut self, own: bool) -> Self {
        self.own = own;
        self
    }

    /// Sets how the season enters.
    #[must_use]
    pub fn form(mut self, form: SeasonForm) -> Self {
        self.form = form;
        self
    }

    /// Sets by what the season is multiplied.
    ///
    /// # Errors
    /// [`ParamError`] unless `strength` is in \[0, 1\].
    pub fn strength(mut self, strength: f64) -> Result<Self, ParamError> {
        if !(0.0..=1.0).contains(&strength) {
            return Err(ParamError::new("strength", strength, "in [0, 1]"));
        }
        self.strength = strength;
        Ok(self)
    }

    /// Sets which values can happen.
    #[must_use]
    pub fn support(mut self, support: Support) -> Self {
        self.support = support;
        self
    }
}

impl<F: Forecaster> Forecaster for PooledSeason<F> {
    type Fitted = FittedPooledSeason<F::Fitted>;

    /// # Errors
    /// [`DataError::Empty`] for a panel without series, [`DataError::UnknownColumn`], and what the forecaster within
    /// says.
    fn fit(&self, train: &Panel) -> Result<Self::Fitted> {
        if train.n_series() == 0 || train.columns().is_empty() {
            return Err(DataError::Empty { what: "the panel to learn from".into() }.into());
        }
        let column = self.target.as_deref().map_or(Ok(0), |name| train.column_index(name))?;
        let learned = Learned::new(self, train, column);
        let inner = self.inner.fit(&learned.without_season(train, column))?;
        let rectified = train.iter().map(|series| self.support.rectifies(series.values(column))).collect();
        Ok(FittedPooledSeason::new(inner, learned, train, rectified))
    }
}
