//! A model meets the past: fitted to what was known at each origin, scored on what came after.

use std::num::NonZeroUsize;
use std::time::Instant;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::cutoffs::Cutoffs;
use super::metrics::{self, N_DECILES};
use super::scores::{LeftOut, Scores, WindowScores};
use crate::distribution::{Predictive, Probability};
use crate::error::{DataError, ParamError, Result};
use crate::forecast::{Fitted, Forecast, Forecaster};
use crate::panel::{Panel, SeriesView};
use crate::time::Period;

/// The levels that are scored: nine deciles and the ends of the 95 % interval.
const LEVELS: [f64; 11] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.025, 0.975];
const MEDIAN: usize = 4;
const LOW_95: usize = 9;
const HIGH_95: usize = 10;

/// Scores forecasters on what they could not know.
///
/// At each origin the model is fitted to [`Panel::until`] that origin, forecasts the horizon, and is scored on the
/// actual values of the whole panel. Points are medians and intervals are quantiles of the forecasts as they come:
/// nothing is clipped here.
///
/// | Setting | Default | Meaning |
/// |---|---|---|
/// | [`season`](Self::season) | the usual one of the panel's frequency | season of the MASE scale |
/// | [`target`](Self::target) | the first column | column that is scored |
/// | [`clock`](Self::clock) | wall time | what `cpu_seconds` counts |
///
/// Origins run in parallel on the current rayon pool; the scores do not depend on the number of threads, `cpu_seconds`
/// aside. Memory: one copy of the training panel per running origin, and one small record per window.
///
/// # Examples
/// ```
/// # use std::num::NonZeroUsize;
/// # use credcast::evaluate::{Backtest, Cutoffs};
/// # use credcast::forecast::Forecast;
/// # use credcast::prelude::*;
/// /// Tomorrow will be like today.
/// #[derive(Debug)]
/// struct LastValue;
/// # #[derive(Debug)]
/// # struct Seen(Panel);
/// # impl Forecaster for LastValue {
/// #     type Fitted = Seen;
/// #     fn fit(&self, train: &Panel) -> credcast::Result<Seen> { Ok(Seen(train.clone())) }
/// # }
/// # impl Fitted for Seen {
/// #     fn forecast(&self, h: NonZeroUsize) -> credcast::Result<Forecast> {
/// #         let last = |s: credcast::SeriesView<'_>| Predictive::Point(s.values(0)[s.len() - 1]);
/// #         let dists = self.0.iter().flat_map(|s| vec![last(s); h.get()]).collect();
/// #         Ok(Forecast::new(h, self.0.keys().to_vec(), self.0.iter().map(|s| s.end()).collect(), dists, vec![])?)
/// #     }
/// # }
/// let n = |n| NonZeroUsize::new(n).unwrap();
/// let start = Period::month(2023, 1).unwrap();
/// let postings = (0..24).map(f64::from).collect(); // one more each month
/// let panel = Panel::from_series("postings", [(SeriesKey::national("nurse"), start, postings)])?;
///
/// let backtest = Backtest::new(Cutoffs::rolling(n(3), n(4), n(2))).season(n(1));
/// let scores = backtest.run(&panel, &LastValue)?;
/// assert_eq!(scores.row().mase, 2.0); // the mean of 1, 2 and 3 months' growth
/// # Ok::<(), credcast::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Backtest {
    cutoffs: Cutoffs,
    season: Option<NonZeroUsize>,
    target: Option<String>,
    clock: Option<fn() -> f64>,
}

impl Backtest {
    /// A back-test at the origins of `cutoffs`.
    #[must_use]
    pub fn new(cutoffs: Cutoffs) -> Self {
        Self { cutoffs, season: None, target: None, clock: None }
    }

    /// Sets the season of the MASE scale.
    #[must_use]
    pub fn season(mut self, season: NonZeroUsize) -> Self {
        self.season = Some(season);
        self
    }

    /// Sets the column that is scored. The forecaster must have been told the same.
    #[must_use]
    pub fn target(mut self, column: impl Into<String>) -> Self {
        self.target = Some(column.into());
        self
    }

    /// Sets the clock: the CPU seconds that the process has used so far. It is read before and after the run; a reading
    /// that is not finite makes `cpu_seconds` NaN. [`cpu_seconds_of_stat`](super::cpu_seconds_of_stat) helps on Linux.
    #[must_use]
    pub fn clock(mut self, clock: fn() -> f64) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Fits, forecasts and scores `model` at every origin.
    ///
    /// A series that ends before an origin, or lacks some of the target periods, is scored where it has values;
    /// [`Scores::left_out`] counts the rest.
    ///
    /// # Errors
    /// As [`Cutoffs::origins`]; [`DataError::UnknownColumn`] for the target; the error of the model at the earliest
    /// origin where it has one; [`DataError::Series`] for a forecast that claims to start after its origin;
    /// [`DataError::Empty`] if no window has both a forecast and an actual value.
    pub fn run<F: Forecaster>(&self, panel: &Panel, model: &F) -> Result<Scores> {
        let origins = self.cutoffs.origins(panel)?;
        let watch = Watch::start(self.clock);
        let found: Vec<Result<Found>> =
            origins.par_iter().map(|&origin| self.score(&panel.until(origin), panel, Some(origin), model)).collect();
        watch.finish::<F>(found)
    }

    /// Fits `model` to all of `train` and scores its forecasts on `test`, as forecasting competitions do.
    ///
    /// Each series is forecast from its own end; `test` holds the periods that follow and may hold earlier ones, which
    /// are not read.
    ///
    /// # Errors
    /// [`ParamError`] unless the cutoffs are [`Cutoffs::fixed`]; else as [`Backtest::run`].
    pub fn run_fixed<F: Forecaster>(&self, train: &Panel, test: &Panel, model: &F) -> Result<Scores> {
        if !self.cutoffs.is_fixed() {
            let allowed = "Cutoffs::fixed where the training panel is given";
            return Err(ParamError::new("cutoffs", format!("{:?}", self.cutoffs), allowed).into());
        }
        let watch = Watch::start(self.clock);
        watch.finish::<F>(vec![self.score(train, test, None, model)])
    }

    /// Scores all series of `train` on `actual`, from `origin` or each from its own end.
    fn score<F: Forecaster>(&self, train: &Panel, actual: &Panel, origin: Option<Period>, model: &F) -> Result<Found> {
        let column = |panel: &Panel| match self.target.as_ref().or(panel.columns().first()) {
            Some(name) => panel.column_index(name),
            None => Err(DataError::Empty { what: "a panel without columns".into() }),
        };
        let season = self.season.map_or(train.frequency().season(), NonZeroUsize::get);
        let mut rule = WindowRule {
            horizon: self.cutoffs.horizon(),
            season,
            train_column: column(train)?,
            actual_column: column(actual)?,
            levels: Vec::with_capacity(LEVELS.len()),
        };
        for level in LEVELS {
            rule.levels.push(Probability::new(level)?);
        }
        let forecast = model.fit(train)?.forecast(rule.horizon)?;
        let mut found = Found { fallbacks: forecast.fallbacks().len(), ..Found::default() };
        for series in train.iter() {
            rule.score(series, actual, origin.unwrap_or(series.end()), &forecast, &mut found)?;
        }
        Ok(found)
    }
}

/// What one origin gave.
#[derive(Default)]
struct Found {
    windows: Vec<WindowScores>,
    left_out: LeftOut,
    fallbacks: usize,
}

/// How one window is scored.
struct WindowRule {
    horizon: NonZeroUsize,
    season: usize,
    train_column: usize,
    actual_column: usize,
    levels: Vec<Probability>,
}

impl WindowRule {
    fn score(
        &self,
        series: SeriesView<'_>,
        actual: &Panel,
        origin: Period,
        forecast: &Forecast,
        found: &mut Found,
    ) -> Result<()> {
        let key = series.key();
        let ahead = |step: usize| origin.plus(i32::try_from(step).unwrap_or(i32::MAX));
        let values = actual.get(key);
        let value_at = |step| values.and_then(|s| s.at(self.actual_column, ahead(step))).filter(|y| !y.is_nan());
        let targets: Vec<(usize, f64)> =
            (1..=self.horizon.get()).filter_map(|step| Some((step, value_at(step)?))).collect();
        if targets.is_empty() {
            found.left_out.without_actuals += 1;
            return Ok(());
        }

        let Ok(index) = forecast.keys().binary_search(key) else {
            found.left_out.without_forecast += 1;
            return Ok(());
        };
        let seen = forecast.origins()[index];
        let Some(behind) = origin.since(seen).and_then(|behind| usize::try_from(behind).ok()) else {
            let detail = format!("was forecast from {seen}, which was not known at {origin}");
            return Err(DataError::Series { key: key.clone(), detail }.into());
        };
        // A series with an old end is forecast from there: the steps up to the origin are in the past and do not count.
        let path = forecast.path(index);
        let (dists, y): (Vec<&Predictive>, Vec<f64>) =
            targets.iter().filter_map(|&(step, y)| Some((path.get(behind + step - 1)?, y))).unzip();
        let past = series.values(self.train_column);
        let Some((quantiles, replaced)) = self.quantiles(&dists, past) else {
            found.left_out.without_forecast += 1;
            return Ok(());
        };
        found.left_out.missing_periods += self.horizon.get() - y.len();
        found.left_out.replaced += usize::from(replaced);

        let mase_scale = metrics::mase_scale(past, self.season);
        let rmsse_scale = metrics::rmsse_scale(past);
        found.left_out.without_mase_scale += usize::from(positive(mase_scale).is_nan());
        found.left_out.without_rmsse_scale += usize::from(positive(rmsse_scale).is_nan());

        let point = &quantiles[MEDIAN];
        let deciles: [&[f64]; N_DECILES] = std::array::from_fn(|i| quantiles[i].as_slice());
        let (low, high) = (&quantiles[LOW_95], &quantiles[HIGH_95]);
        found.windows.push(WindowScores {
            key: key.clone(),
            origin,
            points: y.len(),
            smape: metrics::smape(&y, point),
            mase: metrics::mase(&y, point, positive(mase_scale)),
            rmsse: metrics::rmsse(&y, point, positive(rmsse_scale)),
            mae: metrics::mae(&y, point),
            rmse: metrics::rmse(&y, point),
            crps: metrics::scaled_crps(&y, deciles, positive(mase_scale)),
            msis95: metrics::msis(&y, low, high, Probability::new(0.95)?, positive(mase_scale)),
            coverage80: metrics::coverage(&y, deciles[0], deciles[N_DECILES - 1]),
            coverage95: metrics::coverage(&y, low, high),
        });
        Ok(())
    }

    /// The quantiles of each distribution, level by level, with the point forecast at the median, and whether the last
    /// known value had to stand in somewhere; `None` if there is nothing to score.
    fn quantiles(&self, dists: &[&Predictive], past: &[f64]) -> Option<(Vec<Vec<f64>>, bool)> {
        let mut quantiles: Vec<Vec<f64>> = vec![Vec::with_capacity(dists.len()); self.levels.len()];
        let mut replaced = false;
        for dist in dists {
            let mut at = [0.0; LEVELS.len()];
            for (value, &level) in at.iter_mut().zip(&self.levels) {
                *value = dist.quantile(level);
            }
            at[MEDIAN] = dist.point();
            if !at[MEDIAN].is_finite() || at.iter().any(|value| value.is_nan()) {
                at = [past.iter().rev().copied().find(|value| !value.is_nan())?; LEVELS.len()];
                replaced = true;
            }
            for (column, value) in quantiles.iter_mut().zip(at) {
                column.push(value);
            }
        }
        (!dists.is_empty()).then_some((quantiles, replaced))
    }
}

/// A scale that can be divided by, else NaN.
fn positive(scale: f64) -> f64 {
    if scale > 0.0 { scale } else { f64::NAN }
}

/// Times a run and gathers what its origins found.
struct Watch {
    clock: Option<fn() -> f64>,
    cpu_start: f64,
    wall_start: Instant,
}

impl Watch {
    fn start(clock: Option<fn() -> f64>) -> Self {
        Self { clock, cpu_start: clock.map_or(0.0, |clock| clock()), wall_start: Instant::now() }
    }

    /// Joins what was found in the order of the origins, so the first error is that of the earliest origin.
    fn finish<F>(self, found: Vec<Result<Found>>) -> Result<Scores> {
        let mut all = Found::default();
        for found in found {
            let Found { windows, left_out, fallbacks } = found?;
            all.windows.extend(windows);
            all.left_out.add(&left_out);
            all.fallbacks += fallbacks;
        }
        if all.windows.is_empty() {
            let what = "the back-test: no window has a forecast and an actual value, so it".into();
            return Err(DataError::Empty { what }.into());
        }
        all.windows.sort_by(|a, b| a.origin.cmp(&b.origin).then_with(|| a.key.cmp(&b.key)));
        let elapsed = match self.clock {
            Some(clock) => clock() - self.cpu_start,
            None => self.wall_start.elapsed().as_secs_f64(),
        };
        let cpu_seconds = if elapsed.is_finite() { elapsed } else { f64::NAN };
        Ok(Scores::new(type_name::<F>(), all.windows, all.left_out, all.fallbacks, cpu_seconds))
    }
}

/// The name of a type without its module paths.
fn type_name<T>() -> String {
    let mut name = String::new();
    for part in std::any::type_name::<T>().split_inclusive(['<', '>', ',', ' ', '(', ')', '&']) {
        name.push_str(part.rsplit("::").next().unwrap_or(part));
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_without_a_name_is_called_by_its_type() {
        assert_eq!(type_name::<Option<Vec<Backtest>>>(), "Option<Vec<Backtest>>");
    }
}
