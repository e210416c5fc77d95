//! One gradient boosting for all series and all horizons.

mod learn;
mod track;

use std::num::NonZeroUsize;

use ndarray::ArrayView2;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

use self::learn::FEWEST_ROWS;
use self::track::{Columns, Track, bridged};
use super::checks::{check_series, one_each};
use super::conformal::Conformal;
use super::origins::{default_horizon, drops};
use super::per_series::Support;
use super::points::Points;
use super::target::column_of;
use super::update::{moved, same_frequency, values_after};
use super::{Fitted, Forecast, Forecaster};
use crate::error::{FitError, ParamError, PersistError, Result};
use crate::key::SeriesKey;
use crate::panel::{Panel, SeriesView};
use crate::persist::Persist;
use crate::regression::FittedHistogramBoosting;
use crate::time::{Frequency, Period};

/// The growth of a series over the next `h` periods, learned from all series at once, with `h` as one of the columns.
///
/// ```text
/// z[i,t,h] = (y[i,t+h] - y[i,t]) / (s[i] sqrt(h))      s[i]: mean |y[t] - y[t-1]| of the series
/// z[i,t,h] = f(h, t, last four changes; growth, distance from the mean and size of changes over windows up to two seasons;
///              growth over the same span of the season one, two and three cycles ago, its mean and that of its neighbours;
///              growth over each window against that of a cycle ago) + e
/// ```
/// `f` is [`HistogramBoosting`](crate::regression::HistogramBoosting) with the absolute loss, so the forecast is a median; with several members it is the
/// mean of theirs, each grown on rows drawn at random for it.
///
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `season` | the usual one of the frequency | at least 1 | periods per cycle; 1 is none |
/// | `horizon` | a season, at most 60; 12 without one | any; up to 200 is learned | longest step that is learned; further ones are forecast from forecasts |
/// | `rows` | 40 000 | at least 60 | most rows that each member learns from |
/// | `rows_per_series` | 150 | at least 1 | most rows of a series, on average over the panel; small panels use 3 000 in all |
/// | `members`, `trees` | 1, 200 | 1 to 100, 1 to 100 000 | regressions whose mean is taken, and trees of each: of up to 31 leaves, learning rate 0.06, columns in 63 bins |
/// | `support` | [`Support::FromData`] | | which values can happen |
/// | `seed` | 0 | any | of the rows |
///
/// One model for all horizons learns from as many rows for step 12 as for step 1 and never contradicts itself from step to
/// step; no step is made from forecasts up to `horizon`. Missing values: gaps are bridged by straight lines, a series is forecast from its last value, and what lies before it is
/// missing to the trees. A constant series goes on as it is. With fewer than 60 rows in the panel every series is
/// forecast to stay where it is.
///
/// The distribution: absolute errors from up to four origins in the second half of the span, by a regression that was fitted before
/// the first of them, pooled over series in units of each series' recent changes.
/// Fit: two sets of members, O(rows * trees); memory: the rows of one member.
/// Source: Montero-Manso & Hyndman (2021), "Principles and algorithms for forecasting groups of time series", IJF 37, for learning across series; Friedman
/// (2001) for boosting. The horizon as a column and the spans of past seasons are our own.
///
/// # Examples
/// ```
/// use credcast::{forecast::PooledBoosting, prelude::*};
/// let start = Period::month(2020, 1).ok_or("no such month")?;
/// let wave = |phase: f64| (0..60).map(|t| 50.0 + f64::from(t) + 9.0 * (f64::from(t) / 6.0 + phase).sin()).collect();
/// let panel = Panel::from_series("postings", [
///     (SeriesKey::national("welder"), start, wave(0.0)),
///     (SeriesKey::national("nurse"), start, wave(2.0)),
/// ])?;
/// let forecast = PooledBoosting::default().fit(&panel)?.forecast(12.try_into()?)?;
/// assert!(forecast.path(0)[11].point() > 100.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PooledBoosting {
    target: Option<String>,
    season: Option<NonZeroUsize>,
    horizon: Option<NonZeroUsize>,
    rows: usize,
    rows_per_series: usize,
    members: usize,
    trees: usize,
    support: Support,
    seed: u64,
}

impl Default for PooledBoosting {
    fn default() -> Self {
        Self {
            target: None,
            season: None,
            horizon: None,
            rows: 40_000,
            rows_per_series: 150,
            members: 1,
            trees: 200,
            support: Support::default(),
            seed: 0,
        }
    }
}

/// Longest horizon that is learned.
const LONGEST: usize = 200;

impl PooledBoosting {
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

    /// Sets the longest step that is learned, at most 200; longer ones are forecast from forecasts.
    #[must_use]
    pub fn horizon(mut self, horizon: NonZeroUsize) -> Self {
        self.horizon = Some(horizon);
        self
    }

    /// Sets the most rows of each member, in all and for each series.
    ///
    /// # Errors
    /// [`ParamError`] for fewer than 60 rows in all, or none for a series.
    pub fn rows(mut self, rows: usize, per_series: usize) -> Result<Self, ParamError> {
        if rows < FEWEST_ROWS {
            return Err(ParamError::new("rows", rows, "at least 60"));
        }
        if per_series == 0 {
            return Err(ParamError::new("rows_per_series", per_series, "at least 1"));
        }
        (self.rows, self.rows_per_series) = (rows, per_series);
        Ok(self)
    }

    /// Sets the number of regressions and their trees.
    ///
    /// # Errors
    /// [`ParamError`] for no member or more than 100, or for no tree or more than 100 000.
    pub fn size(mut self, members: usize, trees: usize) -> Result<Self, ParamError> {
        if !(1..=100).contains(&members) {
            return Err(ParamError::new("members", members, "1 to 100"));
        }
        if !(1..=100_000).contains(&trees) {
            return Err(ParamError::new("trees", trees, "1 to 100000"));
        }
        (self.members, self.trees) = (members, trees);
        Ok(self)
    }

    /// Sets which values can happen.
    #[must_use]
    pub fn support(mut self, support: Support) -> Self {
        self.support = support;
        self
    }

    /// Sets the seed of the rows.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    fn columns(&self, frequency: Frequency) -> Columns {
        Columns::new(self.season.map_or(frequency.season(), NonZeroUsize::get))
    }

    fn horizon_or_default(&self, season: usize) -> usize {
        self.horizon.unwrap_or_else(|| default_horizon(season)).get().min(LONGEST)
    }

    /// What is learned of `series`, each from its first present value on without gaps.
    fn learn(&self, columns: &Columns, series: &[&[f64]]) -> Result<Learned, FitError> {
        let tracks: Vec<Track> = series.iter().filter(|y| !y.is_empty()).map(|y| Track::new(y)).collect();
        let members = learn::learn(self, columns, &tracks)?;
        Ok(Learned { members, horizon: self.horizon_or_default(columns.season()) })
    }
}

/// The regressions, and how far ahead they look.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Learned {
    members: Vec<FittedHistogramBoosting>,
    horizon: usize,
}

impl Learned {
    /// The paths of `series` (without gaps, not empty), in their unit, each from so many periods after its last value.
    fn paths(
        &self,
        columns: &Columns,
        series: &[&[f64]],
        gaps: &[usize],
        steps: usize,
    ) -> Result<Vec<Vec<f64>>, FitError> {
        let far = steps + gaps.iter().max().copied().unwrap_or(0);
        let mut tracks: Vec<Track> = series.iter().map(|y| Track::new(y)).collect();
        let ends: Vec<usize> = tracks.iter().map(|track| track.len() - 1).collect();
        let mut done = 0;
        while done < far && !self.members.is_empty() {
            let block = self.horizon.min(far - done);
            let mut x = Vec::with_capacity(tracks.len() * block * columns.count());
            for track in &tracks {
                for ahead in 1..=block {
                    track.fill(columns, track.len() - 1, ahead, &mut x);
                }
            }
            let x = ArrayView2::from_shape((tracks.len() * block, columns.count()), &x)
                .map_err(|error| FitError::Design { detail: error.to_string() })?;
            let mut growth = vec![0.0; x.nrows()];
            for member in &self.members {
                let predicted = member.predict_values(x)?;
                growth.iter_mut().zip(&predicted).for_each(|(sum, value)| *sum += value / self.members.len() as f64);
            }
            for (track, growth) in tracks.iter_mut().zip(growth.chunks(block)) {
                let from = track.level(track.len() - 1);
                for (ahead, value) in (1..).map(f64::from).zip(growth) {
                    track.push(from + value * f64::sqrt(ahead));
                }
            }
            done += block;
        }
        let path = |(((track, &end), y), &gap): (((&Track, &usize), &&[f64]), &usize)| {
            let last = y[y.len() - 1];
            let ahead = |step: usize| {
                if self.members.is_empty() {
                    last
                } else {
                    last + track.scale * (track.level(end + step) - track.level(end))
                }
            };
            (gap + 1..=gap + steps).map(ahead).collect()
        };
        Ok(tracks.iter().zip(&ends).zip(series).zip(gaps).map(path).collect())
    }
}

impl Forecaster for PooledBoosting {
    type Fitted = FittedPooledBoosting;

    /// # Errors
    /// [`DataError::Empty`](crate::DataError::Empty) for a panel without series, [`DataError::UnknownColumn`](crate::DataError::UnknownColumn), and
    /// [`DataError::Series`](crate::DataError::Series) with
    /// the smallest key of a series without any value, or with one that is infinite or larger than 1e150 in size.
    fn fit(&self, train: &Panel) -> Result<FittedPooledBoosting> {
        let (columns, values) = self.seen(train)?;
        let horizon = self.horizon_or_default(columns.season());
        let steps = NonZeroUsize::new(horizon).unwrap_or(NonZeroUsize::MIN);
        let dropped = drops(&values, steps);
        let rolled = self.rolling(train, &dropped, steps)?;
        let conformal = Conformal::measure(&values, columns.season(), &dropped, &rolled, steps);
        self.fit_with(train, columns, &values, conformal)
    }

    /// Without the back-test.
    fn fit_for_points(&self, train: &Panel) -> Result<FittedPooledBoosting> {
        let (columns, values) = self.seen(train)?;
        let conformal = Conformal::unmeasured(&values, columns.season());
        self.fit_with(train, columns, &values, conformal)
    }

    /// The regressions are fitted once, at the first origin.
    fn rolling(&self, train: &Panel, drops: &[usize], horizon: NonZeroUsize) -> Result<Vec<Points>> {
        let (columns, values) = self.seen(train)?;
        let mut learned: Option<Learned> = None;
        let mut all = Vec::with_capacity(drops.len());
        for &drop in drops {
            let cut = |y: &&[f64]| bridged(&y[..y.len().saturating_sub(drop)]);
            let (known, gaps): (Vec<Vec<f64>>, Vec<usize>) = values.par_iter().map(cut).collect();
            let present: Vec<usize> = (0..known.len()).filter(|&index| !known[index].is_empty()).collect();
            let series: Vec<&[f64]> = present.iter().map(|&index| known[index].as_slice()).collect();
            let learned = match &learned {
                Some(learned) => learned,
                None => learned.insert(self.learn(&columns, &series)?),
            };
            let gaps: Vec<usize> = present.iter().map(|&index| gaps[index]).collect();
            let paths = learned.paths(&columns, &series, &gaps, horizon.get())?;
            let mut points = Points::missing(train.n_series(), horizon);
            for (&index, path) in present.iter().zip(&paths) {
                let y = values[index];
                let count = self.support.rectifies(&y[..y.len().saturating_sub(drop)]);
                let out = points.path_mut(index);
                out.copy_from_slice(path);
                if count {
                    out.iter_mut().for_each(|v| *v = v.max(0.0));
                }
            }
            all.push(points);
        }
        Ok(all)
    }
}

impl PooledBoosting {
    /// The columns of a row and the values of each series.
    fn seen<'a>(&self, train: &'a Panel) -> Result<(Columns, Vec<&'a [f64]>)> {
        let column = column_of(train, self.target.as_deref())?;
        Ok((self.columns(train.frequency()), train.iter().map(|series| series.values(column)).collect()))
    }

    fn fit_with(
        &self,
        train: &Panel,
        columns: Columns,
        values: &[&[f64]],
        conformal: Conformal,
    ) -> Result<FittedPooledBoosting> {
        let (series, gaps): (Vec<Vec<f64>>, Vec<usize>) = values.par_iter().map(|y| bridged(y)).collect();
        let known: Vec<&[f64]> = series.iter().map(Vec::as_slice).collect();
        Ok(FittedPooledBoosting {
            frequency: train.frequency(),
            keys: train.keys().to_vec(),
            origins: train.iter().map(|series: SeriesView<'_>| series.end()).collect(),
            counts: values.iter().map(|y| self.support.rectifies(y)).collect(),
            learned: self.learn(&columns, &known)?,
            columns,
            series,
            gaps,
            conformal,
        })
    }
}

/// A fitted [`PooledBoosting`]: the regressions and the history that they look back on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedPooledBoosting {
    frequency: Frequency,
    keys: Vec<SeriesKey>,
    origins: Vec<Period>,
    counts: Vec<bool>,
    columns: Columns,
    learned: Learned,
    series: Vec<Vec<f64>>,
    /// Values missing at the end of each series.
    gaps: Vec<usize>,
    conformal: Conformal,
}

impl FittedPooledBoosting {
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

    /// Steps whose errors were measured out of time; 0 if the widths are those of a random walk.
    #[must_use]
    pub fn n_backtest_steps(&self) -> usize {
        self.conformal.n_steps()
    }

    /// Whether anything was learned; if not, every series is forecast to stay where it is.
    #[must_use]
    pub fn has_learned(&self) -> bool {
        !self.learned.members.is_empty()
    }
}

impl Fitted for FittedPooledBoosting {
    fn forecast(&self, horizon: NonZeroUsize) -> Result<Forecast> {
        let points = self.points(horizon)?;
        let dists = self.conformal.distributions(&points, &self.counts)?;
        Ok(Forecast::new(horizon, self.keys.clone(), self.origins.clone(), dists, Vec::new())?)
    }

    /// The regressions and the widths stay as they are; the histories grow.
    fn updated(&self, new: &Panel) -> Result<Self> {
        same_frequency(new, self.frequency)?;
        let mut next = self.clone();
        let states = next.origins.iter_mut().zip(&mut next.series).zip(&mut next.gaps);
        for (key, ((origin, series), gap)) in self.keys.iter().zip(states) {
            let values = values_after(new, key, *origin)?;
            *origin = moved(*origin, values.len());
            series.extend(std::iter::repeat_n(f64::NAN, *gap).chain(values));
            (*series, *gap) = bridged(series);
        }
        Ok(next)
    }

    fn points(&self, horizon: NonZeroUsize) -> Result<Points> {
        let series: Vec<&[f64]> = self.series.iter().map(Vec::as_slice).collect();
        let mut paths = self.learned.paths(&self.columns, &series, &self.gaps, horizon.get())?;
        for (path, _) in paths.iter_mut().zip(&self.counts).filter(|(_, count)| **count) {
            path.iter_mut().for_each(|v| *v = v.max(0.0));
        }
        Ok(Points::from_paths(horizon, paths))
    }
}

impl Persist for FittedPooledBoosting {
    const KIND: &'static str = "pooled_boosting";
    const FORMAT: u32 = 1;

    fn revalidate(self) -> Result<Self, PersistError> {
        let invalid = |detail: String| PersistError::Invalid { detail };
        let n = self.keys.len();
        check_series(self.frequency, &self.keys, &self.origins)?;
        one_each(n, self.counts.len(), "supports")?;
        one_each(n, self.series.len(), "histories")?;
        one_each(n, self.gaps.len(), "gaps")?;
        let illegal = |y: &Vec<f64>| y.is_empty() || y.iter().any(|v| v.is_nan() || v.abs() > 1e150);
        if let Some(place) = self.series.iter().position(illegal) {
            return Err(invalid(format!("series {}: a history that no fit leaves", self.keys[place])));
        }
        if self.gaps.iter().any(|&gap| gap > 10_000_000) {
            return Err(invalid("more missing values than a series can have".into()));
        }
        if !self.columns.legal() || !self.conformal.legal(n) || !(1..=LONGEST).contains(&self.learned.horizon) {
            return Err(invalid("columns or widths that no fit gives".into()));
        }
        let mut learned = self.learned;
        if learned.members.iter().any(|member| member.n_columns() != self.columns.count()) {
            return Err(invalid("a regression on other columns".into()));
        }
        learned.members = learned.members.into_iter().map(Persist::revalidate).collect::<Result<_, _>>()?;
        Ok(Self { learned, ..self })
    }
}
