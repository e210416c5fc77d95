//! The total of a group and the share of each series in it, forecast apart.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::checks::{check_fallbacks, check_series, one_each};
use super::conformal::Conformal;
use super::model::{FittedModel, Model};
use super::origins::{default_horizon, drops};
use super::per_series::Support;
use super::points::Points;
use super::target::column_of;
use super::update::{same_frequency, values_after};
use super::{Fallback, Fitted, Forecast, Forecaster};
use crate::error::{DataError, Error, ParamError, PersistError, Result};
use crate::feature::Group;
use crate::key::SeriesKey;
use crate::panel::Panel;
use crate::persist::Persist;
use crate::time::{Frequency, Period};

/// What the series of one total are called in the panel of totals.
fn total_key(of: &Group, key: &SeriesKey) -> Result<SeriesKey, DataError> {
    let detail = || format!("it belongs to no {}, so it has no total", of.name());
    let label = of.of(key).ok_or_else(|| DataError::Series { key: key.clone(), detail: detail() })?;
    Ok(SeriesKey::national(if label.is_empty() { "total".into() } else { format!("total of {label}") }))
}

/// Share and total apart: what happens to all postings (a season, a recession, a platform that grows) is learned from the total, which
/// is one long calm series, and what happens to one item from its share, which has little of that in it.
///
/// ```text
/// T[g,t] = sum of y[i,t] over the series i of group g      p[i,t] = y[i,t] / T[g,t]      forecast of y[i] = that of p[i] times that of T[g]
/// ```
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `shares`, `totals` | none | models | what forecasts the shares and the totals |
/// | `of` | [`Group::All`] | | the groups |
/// | `season`, `horizon` | as in [`Combination`](super::Combination) | | how the widths are measured |
///
/// A total is taken over the series that are there in every period of the span in which most series are, so that it does not jump where a
/// series begins. Where there is no total (series that do not end together, a value below 0, a total of 0, a span that most series do
/// not fill) every series is forecast whole by `shares`, and [`Forecast::fallbacks`] says why. Nothing before that span is used. Forecast
/// shares need not add up to 1; the product of two medians is taken for the median.
/// The distribution: errors of the product at origins inside the span, as in [`Combination`](super::Combination).
/// Source: own; DESIGN.md, "share"; Gross & Sohl (1990), "Disaggregation methods to expedite product line forecasting", Journal of Forecasting 9, for
/// forecast proportions.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareOfTotal {
    shares: Box<Model>,
    totals: Box<Model>,
    of: Group,
    target: Option<String>,
    season: Option<NonZeroUsize>,
    horizon: Option<NonZeroUsize>,
}

/// The least share of series that must fill the span of the totals.
const FEWEST_COMPLETE: f64 = 0.5;

/// Totals and shares of a panel.
struct Parts {
    totals: Panel,
    shares: Panel,
    /// For each series, the position of its group in `totals`.
    groups: Vec<usize>,
}

impl ShareOfTotal {
    /// Forecasts shares by `shares` and totals by `totals`, both with their own season and support.
    #[must_use]
    pub fn new(shares: Model, totals: Model) -> Self {
        let (shares, totals) = (Box::new(shares), Box::new(totals));
        Self { shares, totals, of: Group::All, target: None, season: None, horizon: None }
    }

    /// Sets which series make up one total.
    ///
    /// # Errors
    /// [`ParamError`] for a group that is none, such as a prefix of no characters.
    pub fn of(mut self, of: Group) -> Result<Self, ParamError> {
        of.check()?;
        self.of = of;
        Ok(self)
    }

    /// Sets the column to forecast; the first one otherwise.
    #[must_use]
    pub fn target(mut self, column: impl Into<String>) -> Self {
        self.target = Some(column.into());
        self
    }

    /// Sets the periods per cycle.
    #[must_use]
    pub fn season(mut self, season: NonZeroUsize) -> Self {
        self.season = Some(season);
        self
    }

    /// Sets the longest step that is tested.
    #[must_use]
    pub fn horizon(mut self, horizon: NonZeroUsize) -> Self {
        self.horizon = Some(horizon);
        self
    }

    fn parts(&self, train: &Panel, column: usize) -> Result<Parts, DataError> {
        let refused = |key: &SeriesKey, detail: String| DataError::Series { key: key.clone(), detail };
        let end = train.last_period().ok_or_else(|| DataError::Empty { what: "the panel to learn from".into() })?;
        let mut lengths = Vec::with_capacity(train.n_series());
        for series in train.iter() {
            if series.end() != end {
                let detail = format!("it ends in {} and others in {end}: they have no total", series.end());
                return Err(refused(series.key(), detail));
            }
            if let Some(value) = series.values(column).iter().find(|v| **v < 0.0) {
                return Err(refused(series.key(), format!("a value of {value} has no share in a total")));
            }
            // Values without a gap up to the end.
            lengths.push(series.values(column).iter().rev().take_while(|v| !v.is_nan()).count());
        }
        let mut sorted = lengths.clone();
        sorted.sort_unstable();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a position among the series")]
        let place = ((1.0 - FEWEST_COMPLETE) * sorted.len() as f64) as usize;
        let span = sorted[place.min(sorted.len() - 1)];
        if span == 0 {
            let what = "the totals: most series have no value at the end, so they".into();
            return Err(DataError::Empty { what });
        }
        let mut sums: BTreeMap<SeriesKey, Vec<f64>> = BTreeMap::new();
        for (series, &length) in train.iter().zip(&lengths) {
            let sum = sums.entry(total_key(&self.of, series.key())?).or_insert_with(|| vec![0.0; span]);
            if length >= span {
                let y = series.values(column);
                sum.iter_mut().zip(&y[y.len() - span..]).for_each(|(sum, v)| *sum += v);
            }
        }
        let back = i32::try_from(span - 1).unwrap_or(i32::MAX);
        let start = end.plus(-back);
        for (key, sum) in &sums {
            if let Some(place) = sum.iter().position(|v| *v <= 0.0 || !v.is_finite()) {
                let period = start.plus(i32::try_from(place).unwrap_or(i32::MAX));
                return Err(refused(key, format!("its total in {period} is {}", sum[place])));
            }
        }
        let keys: Vec<SeriesKey> = sums.keys().cloned().collect();
        let mut groups = Vec::with_capacity(train.n_series());
        let mut shares = Vec::with_capacity(train.n_series());
        for series in train.iter() {
            let group = keys.binary_search(&total_key(&self.of, series.key())?).unwrap_or(0);
            groups.push(group);
            let y = series.values(column);
            let known = &y[y.len().saturating_sub(span)..];
            let total = &sums[&keys[group]][span - known.len()..];
            let first = end.plus(-i32::try_from(known.len() - 1).unwrap_or(i32::MAX));
            shares.push((series.key().clone(), first, known.iter().zip(total).map(|(v, t)| v / t).collect()));
        }
        let totals = Panel::from_series("total", sums.into_iter().map(|(key, sum)| (key, start, sum)))?;
        Ok(Parts { totals, shares: Panel::from_series("share", shares)?, groups })
    }
}

impl Forecaster for ShareOfTotal {
    type Fitted = FittedShareOfTotal;

    /// # Errors
    /// Whatever the two models cannot use.
    fn fit(&self, train: &Panel) -> Result<FittedShareOfTotal> {
        let column = column_of(train, self.target.as_deref())?;
        let values: Vec<&[f64]> = train.iter().map(|series| series.values(column)).collect();
        let (parts, refused) = self.parts_or_whole(train, column)?;
        let season = self.season_of(train);
        let steps = self.horizon.unwrap_or_else(|| default_horizon(season));
        let dropped = drops(&values, steps);
        let shares = self.shares.rolling(&parts.shares, &dropped, steps)?;
        let rolled = self.product(&parts, shares, &dropped, steps, refused.is_none())?;
        let conformal = Conformal::measure(&values, season, &dropped, &rolled, steps);
        let shares = self.shares.fit_for_points(&parts.shares)?;
        self.fit_parts(train, &values, &parts, refused.as_deref(), shares, conformal)
    }

    /// Without the back-test.
    fn fit_for_points(&self, train: &Panel) -> Result<FittedShareOfTotal> {
        let column = column_of(train, self.target.as_deref())?;
        let values: Vec<&[f64]> = train.iter().map(|series| series.values(column)).collect();
        let (parts, refused) = self.parts_or_whole(train, column)?;
        let conformal = Conformal::unmeasured(&values, self.season_of(train));
        let shares = self.shares.fit_for_points(&parts.shares)?;
        self.fit_parts(train, &values, &parts, refused.as_deref(), shares, conformal)
    }

    /// Which series make up a total is decided once, from the gaps of the whole span. A panel without a total is refused.
    fn rolling(&self, train: &Panel, drops: &[usize], horizon: NonZeroUsize) -> Result<Vec<Points>> {
        let parts = self.parts(train, column_of(train, self.target.as_deref())?)?;
        let shares = self.shares.rolling(&parts.shares, drops, horizon)?;
        self.product(&parts, shares, drops, horizon, true)
    }
}

/// What several of them do together where they forecast the same shares by the same model: that is done once.
impl ShareOfTotal {
    /// Whether the shares of both are the same, and what forecasts them.
    pub(super) fn is_alike(&self, other: &Self) -> bool {
        self.of == other.of && self.target == other.target && self.shares == other.shares
    }

    /// [`Forecaster::rolling`] of each of `alike`.
    pub(super) fn rolling_together(
        alike: &[&Self],
        train: &Panel,
        drops: &[usize],
        horizon: NonZeroUsize,
    ) -> Vec<Result<Vec<Points>>> {
        let shared = |first: &Self| {
            let parts = first.parts(train, column_of(train, first.target.as_deref())?)?;
            let shares = first.shares.rolling(&parts.shares, drops, horizon)?;
            Ok::<_, Error>((parts, shares))
        };
        match alike.first().map(|first| shared(first)) {
            Some(Ok((parts, shares))) => {
                alike.iter().map(|each| each.product(&parts, shares.clone(), drops, horizon, true)).collect()
            }
            // Each with an error of its own.
            _ => alike.iter().map(|each| each.rolling(train, drops, horizon)).collect(),
        }
    }

    /// [`Forecaster::fit_for_points`] of each of `alike`.
    pub(super) fn fit_together(alike: &[&Self], train: &Panel) -> Vec<Result<FittedShareOfTotal>> {
        let shared = |first: &Self| {
            let column = column_of(train, first.target.as_deref())?;
            let (parts, refused) = first.parts_or_whole(train, column)?;
            let shares = first.shares.fit_for_points(&parts.shares)?;
            Ok::<_, Error>((column, parts, refused, shares))
        };
        match alike.first().map(|first| shared(first)) {
            Some(Ok((column, parts, refused, shares))) => {
                let values: Vec<&[f64]> = train.iter().map(|series| series.values(column)).collect();
                let fit = |each: &&Self| {
                    let conformal = Conformal::unmeasured(&values, each.season_of(train));
                    each.fit_parts(train, &values, &parts, refused.as_deref(), shares.clone(), conformal)
                };
                alike.iter().map(fit).collect()
            }
            _ => alike.iter().map(|each| each.fit_for_points(train)).collect(),
        }
    }
}

impl ShareOfTotal {
    fn season_of(&self, train: &Panel) -> usize {
        self.season.map_or(train.frequency().season(), NonZeroUsize::get)
    }

    /// Totals and shares, or the series whole and why.
    fn parts_or_whole(&self, train: &Panel, column: usize) -> Result<(Parts, Option<String>)> {
        Ok(match self.parts(train, column) {
            Ok(parts) => (parts, None),
            Err(error) => (whole(train, column)?, Some(error.to_string())),
        })
    }

    fn fit_parts(
        &self,
        train: &Panel,
        values: &[&[f64]],
        parts: &Parts,
        refused: Option<&str>,
        shares: FittedModel,
        conformal: Conformal,
    ) -> Result<FittedShareOfTotal> {
        let used = self.shares.name().to_owned();
        let fallback = |reason: &str| {
            let each = |key: &SeriesKey| Fallback { key: key.clone(), used: used.clone(), reason: reason.into() };
            train.keys().iter().map(each).collect()
        };
        Ok(FittedShareOfTotal {
            non_negative: values.iter().map(|y| refused.is_none() || Support::FromData.rectifies(y)).collect(),
            fallbacks: refused.map(fallback).unwrap_or_default(),
            frequency: train.frequency(),
            keys: train.keys().to_vec(),
            origins: train.iter().map(|series| series.end()).collect(),
            groups: parts.groups.clone(),
            shares: Box::new(shares),
            totals: Box::new(self.totals.fit_for_points(&parts.totals)?),
            conformal,
        })
    }

    /// Forecast `shares` from the origins of `drops` times totals from there.
    fn product(
        &self,
        parts: &Parts,
        shares: Vec<Points>,
        drops: &[usize],
        horizon: NonZeroUsize,
        bounded: bool,
    ) -> Result<Vec<Points>> {
        let totals = self.totals.rolling(&parts.totals, drops, horizon)?;
        let at_least_0 = vec![bounded; parts.groups.len()];
        let pairs = shares.into_iter().zip(&totals);
        Ok(pairs.map(|(shares, totals)| multiplied(shares, totals, &parts.groups, &at_least_0)).collect())
    }
}

/// The series as they are, as shares of a total of 1.
fn whole(train: &Panel, column: usize) -> Result<Parts, DataError> {
    let series = train.iter().map(|s| (s.key().clone(), s.start(), s.values(column).to_vec()));
    let shares = Panel::from_series("share", series)?;
    let (first, last) = shares.first_period().zip(shares.last_period()).unwrap_or((Period::step(0), Period::step(0)));
    let length = last.since(first).and_then(|n| usize::try_from(n).ok()).unwrap_or(0) + 1;
    let totals = Panel::from_series("total", [(SeriesKey::national("total"), first, vec![1.0; length])])?;
    Ok(Parts { totals, shares, groups: vec![0; train.n_series()] })
}

/// Shares times the totals of their groups.
fn multiplied(mut shares: Points, totals: &Points, groups: &[usize], non_negative: &[bool]) -> Points {
    for (index, (&group, &bounded)) in groups.iter().zip(non_negative).enumerate() {
        for (share, total) in shares.path_mut(index).iter_mut().zip(totals.path(group)) {
            *share *= total;
            if bounded {
                *share = share.max(0.0);
            }
        }
    }
    shares
}

/// A fitted [`ShareOfTotal`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedShareOfTotal {
    frequency: Frequency,
    keys: Vec<SeriesKey>,
    origins: Vec<Period>,
    groups: Vec<usize>,
    non_negative: Vec<bool>,
    shares: Box<FittedModel>,
    totals: Box<FittedModel>,
    conformal: Conformal,
    /// One for each series if there is no total, else none.
    fallbacks: Vec<Fallback>,
}

impl FittedShareOfTotal {
    /// The frequency of the panel.
    #[must_use]
    pub fn frequency(&self) -> Frequency {
        self.frequency
    }

    /// The series, in the order of the panel.
    #[must_use]
    pub fn keys(&self) -> &[SeriesKey] {
        &self.keys
    }

    /// The last period of each series.
    #[must_use]
    pub fn origins(&self) -> &[Period] {
        &self.origins
    }

    /// The model of the shares.
    #[must_use]
    pub fn shares(&self) -> &FittedModel {
        &self.shares
    }

    /// The model of the totals, which are called `total` or `total of GROUP`. Neither model is for its own distributions.
    #[must_use]
    pub fn totals(&self) -> &FittedModel {
        &self.totals
    }
}

impl Fitted for FittedShareOfTotal {
    fn forecast(&self, horizon: NonZeroUsize) -> Result<Forecast> {
        let points = self.points(horizon)?;
        let dists = self.conformal.distributions(&points, &self.non_negative)?;
        Ok(Forecast::new(horizon, self.keys.clone(), self.origins.clone(), dists, self.fallbacks.clone())?)
    }

    /// # Errors
    /// Also [`DataError::Series`] if `new` lacks a series, or periods of one, that others have: the total would not be one.
    fn updated(&self, new: &Panel) -> Result<Self> {
        same_frequency(new, self.frequency)?;
        if !self.fallbacks.is_empty() {
            let shares = self.shares.updated(new)?;
            let origins = shares.origins().to_vec();
            return Ok(Self { shares: Box::new(shares), origins, ..self.clone() });
        }
        // For each total the period after its last, and the sums from there on.
        let mut sums: Vec<Option<(Period, Vec<f64>)>> = vec![None; self.totals.keys().len()];
        let mut values = Vec::with_capacity(self.keys.len());
        for ((key, &origin), &group) in self.keys.iter().zip(&self.origins).zip(&self.groups) {
            let found = values_after(new, key, origin)?;
            let (_, sum) = sums[group].get_or_insert_with(|| (origin.plus(1), vec![0.0; found.len()]));
            if found.len() != sum.len() || found.iter().any(|v| v.is_nan() || *v < 0.0) {
                let detail = "its new values do not go with those of the others, so they have no total".into();
                return Err(DataError::Series { key: key.clone(), detail }.into());
            }
            sum.iter_mut().zip(&found).for_each(|(sum, v)| *sum += v);
            values.push(found);
        }
        let totals: Vec<(SeriesKey, Period, Vec<f64>)> = self
            .totals
            .keys()
            .iter()
            .zip(sums)
            .map(|(key, sum)| {
                let (start, sum) = sum.unwrap_or_else(|| (self.origins[0].plus(1), Vec::new()));
                (key.clone(), start, sum)
            })
            .collect();
        if totals.iter().all(|(_, _, sum)| sum.is_empty()) {
            return Ok(self.clone());
        }
        if let Some((key, _, _)) = totals.iter().find(|(_, _, sum)| sum.iter().any(|v| *v <= 0.0)) {
            return Err(DataError::Series { key: key.clone(), detail: "a new total of 0".into() }.into());
        }
        let shares = self.keys.iter().zip(values).zip(&self.groups).map(|((key, values), &group)| {
            let (_, start, sum) = &totals[group];
            (key.clone(), *start, values.iter().zip(sum).map(|(v, t)| v / t).collect())
        });
        let shares = self.shares.updated(&Panel::from_series("share", shares)?)?;
        let totals = self.totals.updated(&Panel::from_series("total", totals)?)?;
        let origins = shares.origins().to_vec();
        Ok(Self { shares: Box::new(shares), totals: Box::new(totals), origins, ..self.clone() })
    }

    fn points(&self, horizon: NonZeroUsize) -> Result<Points> {
        Ok(multiplied(self.shares.points(horizon)?, &self.totals.points(horizon)?, &self.groups, &self.non_negative))
    }
}

impl Persist for FittedShareOfTotal {
    const KIND: &'static str = "share_of_total";
    const FORMAT: u32 = 1;

    fn revalidate(self) -> Result<Self, PersistError> {
        let invalid = |detail: &str| PersistError::Invalid { detail: detail.into() };
        let n = self.keys.len();
        check_series(self.frequency, &self.keys, &self.origins)?;
        one_each(n, self.groups.len(), "groups")?;
        one_each(n, self.non_negative.len(), "supports")?;
        check_fallbacks(&self.keys, &self.fallbacks)?;
        if !self.conformal.legal(n) {
            return Err(invalid("widths that no fit gives"));
        }
        let n_groups = self.totals.keys().len();
        if self.shares.keys() != self.keys || self.groups.iter().any(|&group| group >= n_groups) {
            return Err(invalid("shares of other series, or of totals that are not there"));
        }
        let (shares, totals) = (Box::new(self.shares.revalidate()?), Box::new(self.totals.revalidate()?));
        Ok(Self { shares, totals, ..self })
    }
}
