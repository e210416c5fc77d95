//! A forecaster whose panel had its season taken out.

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::learn::{Learned, SeriesSeason};
use crate::distribution::Predictive;
use crate::error::{DataError, PersistError, Result};
use crate::forecast::{Fitted, Forecast};
use crate::key::SeriesKey;
use crate::panel::Panel;
use crate::persist::Persist;
use crate::time::{Frequency, Period};

/// Weeks of a year that have a place of their own; the few days after them belong to the last.
const WEEKS: usize = 52;
/// Largest logarithm of a factor that is read from outside: `2 atanh 0.995` for each of 366 steps is far less.
const LARGEST_PATTERN: f64 = 2200.0;

/// The place of `period` in a cycle of `season` periods.
pub(super) fn place(period: Period, season: usize) -> usize {
    if period.frequency() == Frequency::Weekly
        && season == WEEKS
        && let Some(day) = period.first_day()
    {
        return usize::try_from((day.day_of_year() - 1) / 7).unwrap_or(0).min(WEEKS - 1);
    }
    let season = i64::try_from(season).unwrap_or(i64::MAX);
    usize::try_from(i64::from(period.ordinal()).rem_euclid(season)).unwrap_or(0)
}

/// What one level of pooling came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeasonLevel {
    name: String,
    pools: usize,
    estimated: usize,
    signal: f64,
    kept: f64,
    seen: (u32, u32),
}

impl SeasonLevel {
    pub(super) fn new(name: String, pools: usize, signal: f64) -> Self {
        Self { name, pools, estimated: 0, signal, kept: 0.0, seen: (u32::MAX, 0) }
    }

    pub(super) fn add(&mut self, kept: f64, seen: &[u32]) {
        self.estimated += 1;
        self.kept += kept;
        for &n in seen {
            self.seen = (self.seen.0.min(n), self.seen.1.max(n));
        }
    }

    pub(super) fn finished(mut self) -> Self {
        if self.estimated == 0 {
            self.seen = (0, 0);
        } else {
            self.kept /= self.estimated as f64;
        }
        self
    }

    /// Name of the group, or `own`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Number of pools.
    #[must_use]
    pub fn pools(&self) -> usize {
        self.pools
    }

    /// Number of pools that have seen every place in the cycle, and one change more.
    #[must_use]
    pub fn estimated(&self) -> usize {
        self.estimated
    }

    /// Variance of the true steps of the season around those of the wider pool: tau2.
    #[must_use]
    pub fn signal(&self) -> f64 {
        self.signal
    }

    /// Mean share that is kept of what the pools' estimates add to the wider pool, in \[0, 1\].
    #[must_use]
    pub fn kept(&self) -> f64 {
        self.kept
    }

    /// How often the change into a place of the cycle was seen: the least and the most, over places and pools.
    #[must_use]
    pub fn seen(&self) -> (u32, u32) {
        self.seen
    }
}

/// A fitted [`PooledSeason`](super::PooledSeason): the forecaster within, and the season to put back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedPooledSeason<T> {
    inner: T,
    frequency: Frequency,
    season: usize,
    keys: Vec<SeriesKey>,
    origins: Vec<Period>,
    patterns: Vec<Vec<f64>>,
    of: Vec<SeriesSeason>,
    non_negative: Vec<bool>,
    levels: Vec<SeasonLevel>,
}

impl<T> FittedPooledSeason<T> {
    pub(super) fn new(inner: T, learned: Learned, train: &Panel, non_negative: Vec<bool>) -> Self {
        let Learned { season, patterns, of, levels } = learned;
        let origins = train.iter().map(|series| series.end()).collect();
        let (frequency, keys) = (train.frequency(), train.keys().to_vec());
        Self { inner, frequency, season, keys, origins, patterns, of, non_negative, levels }
    }

    /// The forecaster within.
    #[must_use]
    pub fn inner(&self) -> &T {
        &self.inner
    }

    /// What each level of pooling came to, widest first; of the multiplicative pools, then of the additive ones.
    #[must_use]
    pub fn levels(&self) -> &[SeasonLevel] {
        &self.levels
    }

    /// The season of the series at `index` at `period`: a factor or a term; `None` for a series without a season.
    #[must_use]
    pub fn season(&self, index: usize, period: Period) -> Option<f64> {
        let at = |pattern: usize| self.patterns[pattern][place(period, self.season)];
        match *self.of.get(index)? {
            SeriesSeason::None => None,
            SeriesSeason::Factor(pattern) => Some(at(pattern).exp()),
            SeriesSeason::Term(pattern, unit) => Some(unit * at(pattern)),
        }
    }

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

    /// The forecast with its season.
    fn seasoned(&self, plain: &Forecast) -> Result<Forecast> {
        if plain.keys() != self.keys {
            let what = format!("a forecast of the {} series that had their season taken out", self.keys.len());
            return Err(DataError::Empty { what }.into());
        }
        let mut dists = Vec::with_capacity(self.keys.len() * plain.horizon().get());
        for (index, origin) in plain.origins().iter().enumerate() {
            for (ahead, dist) in (1..).zip(plain.path(index)) {
                let season = self.season(index, origin.plus(ahead));
                let dist = match (self.of[index], season) {
                    (SeriesSeason::Factor(_), Some(factor)) => dist.affine(0.0, factor),
                    (SeriesSeason::Term(..), Some(term)) => dist.affine(term, 1.0),
                    _ => dist.clone(),
                };
                dists.push(if self.non_negative[index] { Predictive::non_negative(dist) } else { dist });
            }
        }
        let (keys, origins) = (plain.keys().to_vec(), plain.origins().to_vec());
        Ok(Forecast::new(plain.horizon(), keys, origins, dists, plain.fallbacks().to_vec())?)
    }
}

impl<T: Fitted> Fitted for FittedPooledSeason<T> {
    fn forecast(&self, horizon: NonZeroUsize) -> Result<Forecast> {
        self.seasoned(&self.inner.forecast(horizon)?)
    }

    fn forecast_with(&self, horizon: NonZeroUsize, future: &Panel) -> Result<Forecast> {
        self.seasoned(&self.inner.forecast_with(horizon, future)?)
    }
}

impl<T: Persist> Persist for FittedPooledSeason<T> {
    const KIND: &'static str = "pooled_season";
    const FORMAT: u32 = 1;

    fn revalidate(self) -> Result<Self, PersistError> {
        let Self { inner, frequency, season, keys, origins, patterns, of, non_negative, levels } = self;
        let invalid = |detail: String| PersistError::Invalid { detail };
        let n = keys.len();
        if n == 0 || origins.len() != n || of.len() != n || non_negative.len() != n {
            let (origins, of, signs) = (origins.len(), of.len(), non_negative.len());
            return Err(invalid(format!("{n} series, {origins} origins, {of} seasons, {signs} supports")));
        }
        if let Some(pair) = keys.windows(2).find(|pair| pair[0] >= pair[1]) {
            return Err(invalid(format!("series {} does not come after {}", pair[1], pair[0])));
        }
        if let Some(origin) = origins.iter().find(|origin| origin.frequency() != frequency) {
            return Err(invalid(format!("origin {origin} is not {frequency}")));
        }
        let legal = |pattern: &Vec<f64>| pattern.len() == season && pattern.iter().all(|s| s.abs() <= LARGEST_PATTERN);
        if season == 0 || !patterns.iter().all(legal) {
            return Err(invalid(format!("a season that is not {season} numbers of at most {LARGEST_PATTERN} in size")));
        }
        for (key, of) in keys.iter().zip(&of) {
            let (pattern, unit) = match *of {
                SeriesSeason::None => continue,
                SeriesSeason::Factor(pattern) => (pattern, 1.0),
                SeriesSeason::Term(pattern, unit) => (pattern, unit),
            };
            if pattern >= patterns.len() || !(unit > 0.0 && unit.is_finite()) {
                let seasons = patterns.len();
                return Err(invalid(format!("series {key} has season {pattern} of {seasons} in units of {unit}")));
            }
        }
        if levels.iter().any(|level| !(level.signal >= 0.0 && (0.0..=1.0).contains(&level.kept))) {
            return Err(invalid("a level of pooling that keeps more than all or less than nothing".into()));
        }
        let inner = inner.revalidate()?;
        Ok(Self { inner, frequency, season, keys, origins, patterns, of, non_negative, levels })
    }
}
