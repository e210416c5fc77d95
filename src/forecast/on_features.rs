//! One regression for all series of a panel.

use std::num::NonZeroUsize;

use ndarray::{Array1, Array2, Axis};
use serde::{Deserialize, Serialize};

use super::checks::{check_fallbacks, check_series, one_each};
use super::per_series::Support;
use super::scaled::{Scaled, TargetForm, ready};
use super::widths::{Widths, in_sample, spread};
use super::{Fallback, Fitted, Forecast, Forecaster};
use crate::error::{DataError, FitError, ParamError, PersistError, Result};
use crate::feature::{self, FeatureMatrix, FeaturePipeline, FittedPipeline, Lag, MonthOfYear, QuarterOfYear};
use crate::key::SeriesKey;
use crate::numeric::quantile;
use crate::panel::{Panel, SeriesView};
use crate::persist::Persist;
use crate::regression::{FittedRegressor, Importance, PermutationImportance, Regressor, column_groups};
use crate::series::{FittedNaive, FittedSeries, Naive, SeriesModel};
use crate::time::{Frequency, Period};

/// Name of the scaled target in the panel that the features see.
const TARGET: &str = "target";

/// Origins of the back-test inside the training span.
const MOST_ORIGINS: usize = 6;

/// Longest step that the back-test measures: the four years until a ninth-grader finishes.
const LONGEST_STEP: usize = 48;

/// One regression over all series: what happened after similar paths elsewhere in the panel.
///
/// ```text
/// z[i,t] = form(y[i,t]) / scale[i]      scale[i]: mean |y[t] - y[t-1]| of the series (of ln y for LogDifference)
/// z[i,t] = f(z[i,t-l] for each lag l, place in the year) + e        one f for all i
/// ```
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `target` | the first column | a column of the panel | what is forecast |
/// | `form` | [`TargetForm::Difference`] | | what `f` learns |
/// | `lags` | by frequency, below | as for [`Lag::of`] | lags of z |
/// | `features` | none | forms of [`feature::parse`] | more features of z, of a finite memory |
/// | `drift` | `false` | `true`, `false` | whether a common change of all series goes on |
/// | `support` | [`Support::FromData`] | | which values can happen |
/// | `calendar` | from 2 years of history on | `true`, `false` | month (to monthly panels) or quarter (quarterly), one-hot |
///
/// Default lags: monthly 1, 2, 3, 6, 12; quarterly 1, 2, 4, 8; weekly 1, 2, 3, 6, 12, 52; daily 1, 2, 3, 7, 14, 28; yearly
/// 1, 2; positions 1, 2, 3, 6, 12. Of these, the ones up to a third of the median history; 1 always.
///
/// Without `drift`, the part of the predictions that does not turn with the sign of the lags, on average over a year, is
/// taken out of every prediction: a series that does not move is forecast to stay where it is but for its season, and a
/// movement dies out. What all series did together (a recovery, a platform that grows) is not taken to go on. It has no
/// effect on levels.
///
/// **Several steps** are forecast recursively, a forecast serving as the next step's lag, and each step is kept within the
/// range of z that was learned from.
///
/// **The distribution** is measured out of time. The regression is fitted to the first two thirds of the span and
/// forecasts from up to 6 origins in the last third (at most 48 steps), with scales known at the first of them. Absolute
/// errors, in units of the scale, are pooled over series and origins at each step; their quantiles are the half-widths of
/// the central intervals, never narrower than one step before. Beyond the last step with 20 errors they grow with sqrt(h).
/// The windows overlap and share their calendar time, so a shock that hit none of them is not in the widths. Where the
/// span is too short for any of this, in-sample errors are used in the same way, growing with sqrt(h): too narrow for a
/// flexible regressor. [`FittedOnFeatures::n_backtest_steps`] tells which.
///
/// Missing values: rows with a missing lag are not learned from. A series falls back to a random walk, and
/// [`Forecast::fallbacks`] says why, if its last values are missing or fewer than the lags need, if it is constant, if the
/// form cannot take it, or if the regression cannot be fitted at all.
/// Cost: two fits of the regression and `6 * steps` predictions of the panel.
///
/// # Examples
/// ```
/// use credcast::forecast::OnFeatures;
/// use credcast::{prelude::*, regression::Ols};
/// let start = Period::month(2020, 1).ok_or("no such month")?;
/// let wave = |phase: f64| (0..60).map(|t| 50.0 + f64::from(t) + 9.0 * (f64::from(t) / 6.0 + phase).sin()).collect();
/// let panel = Panel::from_series("postings", [
///     (SeriesKey::national("welder"), start, wave(0.0)),
///     (SeriesKey::national("nurse"), start, wave(2.0)),
/// ])?;
/// let forecast = OnFeatures::new(Ols).fit(&panel)?.forecast(12.try_into()?)?;
/// assert!(forecast.path(0)[11].point() > 100.0 && forecast.fallbacks().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct OnFeatures<R> {
    regressor: R,
    target: Option<String>,
    form: TargetForm,
    lags: Option<Vec<usize>>,
    features: Vec<String>,
    drift: bool,
    calendar: Option<bool>,
    support: Support,
}

impl<R: Regressor> OnFeatures<R> {
    /// The defaults around `regressor`.
    #[must_use]
    pub fn new(regressor: R) -> Self {
        Self {
            regressor,
            target: None,
            form: TargetForm::default(),
            lags: None,
            features: Vec::new(),
            drift: false,
            calendar: None,
            support: Support::default(),
        }
    }

    /// Sets the column to forecast.
    #[must_use]
    pub fn target(mut self, column: impl Into<String>) -> Self {
        self.target = Some(column.into());
        self
    }

    /// Sets which values can happen.
    #[must_use]
    pub fn support(mut self, support: Support) -> Self {
        self.support = support;
        self
    }

    /// Sets what the regression learns.
    #[must_use]
    pub fn form(mut self, form: TargetForm) -> Self {
        self.form = form;
        self
    }

    /// Sets the lags.
    ///
    /// # Errors
    /// [`ParamError`] for lags that [`Lag::of`] refuses.
    pub fn lags(mut self, lags: impl IntoIterator<Item = usize>) -> Result<Self, ParamError> {
        let lags: Vec<usize> = lags.into_iter().collect();
        Lag::of(lags.iter().copied())?;
        self.lags = Some(lags);
        Ok(self)
    }

    /// Adds features of z, in the forms of [`feature::parse`]: `rolling:mean,std:3,6`, `by_date:all:mean`. They see z as their
    /// only column.
    ///
    /// A feature of the whole history (expanding, exponentially weighted) makes [`Forecaster::fit`] fail: a fitted model keeps
    /// as many values of each series as its features look back on. So does one that compares series which do not all end in
    /// the same period.
    ///
    /// # Errors
    /// [`ParamError`] for a form that is not one.
    pub fn features(mut self, forms: impl IntoIterator<Item = impl Into<String>>) -> Result<Self, ParamError> {
        self.features = forms.into_iter().map(Into::into).collect();
        self.features.iter().try_for_each(|form| feature::parse(form).map(|_| ()))?;
        Ok(self)
    }

    /// Sets whether a common change of all series goes on.
    #[must_use]
    pub fn drift(mut self, drift: bool) -> Self {
        self.drift = drift;
        self
    }

    /// Sets whether the place in the year is a feature.
    #[must_use]
    pub fn calendar(mut self, calendar: bool) -> Self {
        self.calendar = Some(calendar);
        self
    }

    fn pipeline(&self, frequency: Frequency, lags: &[usize], median_length: usize) -> Result<FeaturePipeline> {
        let pipeline = FeaturePipeline::new().then(Lag::of(lags.iter().copied())?);
        // With fewer than two years, most months were seen once: what they were like is what happened then.
        let calendar = self.calendar.unwrap_or(median_length >= 2 * frequency.season());
        let mut pipeline = match frequency {
            Frequency::Daily | Frequency::Weekly | Frequency::Monthly if calendar => {
                pipeline.then(MonthOfYear::one_hot())
            }
            Frequency::Quarterly if calendar => pipeline.then(QuarterOfYear::one_hot()),
            _ => pipeline,
        };
        for form in &self.features {
            pipeline = pipeline.then(feature::parse(form)?);
        }
        Ok(pipeline)
    }

    /// How many values of each series the features look back on.
    fn reach(&self, recipe: &FeaturePipeline, seen: &[Seen<'_>]) -> Result<usize> {
        let Some(first) = seen.first() else { return Ok(0) };
        let panel = Panel::from_series(TARGET, [(first.key.clone(), first.period(0), first.y.clone())])?;
        let probe = recipe.fit(&panel)?;
        let allowed = "features of a finite memory: no expanding, ewm, since, intermittency or age";
        let reach =
            probe.memory().ok_or_else(|| ParamError::new("features", format!("{:?}", self.features), allowed))?;
        let other = seen.iter().find(|series| probe.looks_across() && series.end != first.end);
        if let Some(other) = other {
            let detail = format!("it ends in {} and others in {}, but a feature compares series", other.end, first.end);
            return Err(DataError::Series { key: other.key.clone(), detail }.into());
        }
        Ok(reach)
    }
}

fn default_lags(frequency: Frequency, median_length: usize) -> Vec<usize> {
    let usual: &[usize] = match frequency {
        Frequency::Step | Frequency::Monthly => &[1, 2, 3, 6, 12],
        Frequency::Daily => &[1, 2, 3, 7, 14, 28],
        Frequency::Weekly => &[1, 2, 3, 6, 12, 52],
        Frequency::Quarterly => &[1, 2, 4, 8],
        Frequency::Yearly => &[1, 2],
    };
    usual.iter().copied().filter(|&lag| lag == 1 || lag <= median_length / 3).collect()
}

/// A regression with the features it was fitted on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Core<F> {
    pipeline: FittedPipeline,
    fitted: F,
    /// What is taken out of each predicted z.
    drift: f64,
    /// Smallest and largest z that it was fitted on.
    range: (f64, f64),
}

impl<F: FittedRegressor> Core<F> {
    /// Forecasts of z, `steps` for each series, from its key, the period to come and its last z.
    fn recurse(&self, tails: Vec<(SeriesKey, Period, Vec<f64>)>, steps: usize) -> Result<Vec<Vec<f64>>> {
        let memory = self.pipeline.memory();
        let n = tails.len();
        let history = tails.into_iter().map(|(key, next, mut z)| {
            z.drain(..z.len() - memory.unwrap_or(z.len()).min(z.len()));
            (key, next.plus(-i32::try_from(z.len()).unwrap_or(i32::MAX)), z)
        });
        let mut stream = self.pipeline.stream(&Panel::from_series(TARGET, history)?)?;
        let mut paths = vec![Vec::with_capacity(steps); n];
        // The row to be predicted holds no target yet.
        let unknown = Array2::from_elem((n, 1), f64::NAN);
        for _ in 0..steps {
            let x = stream.peek(unknown.view())?;
            let predicted = self.fitted.predict(x.as_standard_layout().view())?;
            let next = predicted.mapv(|value| (value - self.drift).clamp(self.range.0, self.range.1));
            paths.iter_mut().zip(&next).for_each(|(path, value)| path.push(*value));
            stream.push(next.insert_axis(Axis(1)).view())?;
        }
        Ok(paths)
    }
}

/// The part of the predictions that does not turn with the sign of the lags: the mean of f(x) and f(-x) over the last
/// year of `matrix`, so that seasons cancel. For a linear f it is the prediction where all lags are 0; for trees that
/// place is a corner of its own (series that have died out), which a mean over real rows avoids.
fn drift(
    pipeline: &FittedPipeline,
    fitted: &impl FittedRegressor,
    panel: &Panel,
    matrix: &FeatureMatrix,
) -> Result<f64> {
    let turned: Vec<f64> = panel.column(TARGET)?.iter().map(|z| -z).collect();
    let turned = pipeline.transform(&panel.clone().with_column(TARGET, &turned)?)?;
    let season = i32::try_from(panel.frequency().season()).unwrap_or(i32::MAX);
    let Some(before) = panel.last_period().map(|last| last.plus(-season)) else { return Ok(0.0) };
    let rows: Vec<usize> = matrix.complete_rows().into_iter().filter(|&row| matrix.origin(row).1 > before).collect();
    let total = fitted.predict(matrix.view().select(Axis(0), &rows).view())?.sum()
        + fitted.predict(turned.view().select(Axis(0), &rows).view())?.sum();
    Ok(total / (2 * rows.len()).max(1) as f64)
}

/// A series with its last period.
struct Seen<'a> {
    key: &'a SeriesKey,
    end: Period,
    y: Vec<f64>,
}

impl Seen<'_> {
    /// The values up to `cutoff`.
    fn until(&self, cutoff: Period) -> &[f64] {
        let dropped = self.end.since(cutoff).map_or(0, |after| usize::try_from(after.max(0)).unwrap_or(usize::MAX));
        &self.y[..self.y.len().saturating_sub(dropped)]
    }

    fn period(&self, row: usize) -> Period {
        let back = i32::try_from(self.y.len() - 1 - row).unwrap_or(i32::MAX);
        self.end.plus(-back)
    }
}

impl<R: Regressor> OnFeatures<R> {
    /// Fits the regression to scaled series, each starting at its period. The outer error is the panel's, the inner one
    /// says why there is no regression.
    fn learn(
        &self,
        recipe: &FeaturePipeline,
        series: Vec<(SeriesKey, Period, Vec<f64>)>,
    ) -> Result<Learned<R::Fitted>> {
        let panel = Panel::from_series(TARGET, series)?;
        let pipeline = recipe.fit(&panel)?;
        let matrix = pipeline.transform(&panel)?;
        let targets = panel.column(TARGET)?;
        let rows: Vec<usize> = matrix.complete_rows().into_iter().filter(|&row| targets[row].is_finite()).collect();
        let y: Array1<f64> = rows.iter().map(|&row| targets[row]).collect();
        let x = matrix.view().select(Axis(0), &rows);
        let fitted = self.regressor.fit(x.view(), y.view())?;
        let range = y.iter().fold((f64::MAX, f64::MIN), |(low, high), &v| (low.min(v), high.max(v)));
        let drift = if self.drift || self.form == TargetForm::Level {
            0.0
        } else {
            drift(&pipeline, &fitted, &panel, &matrix)?
        };
        let residuals = (fitted.predict(x.view())? - &y).mapv(f64::abs).to_vec();
        Ok(Learned { core: Core { pipeline, fitted, drift, range }, residuals })
    }

    /// Errors of forecasts inside the training span; empty if the span is too short for any.
    fn backtest(
        &self,
        recipe: &FeaturePipeline,
        seen: &[Seen<'_>],
        reach: usize,
        length: usize,
    ) -> Result<Vec<Vec<f64>>> {
        let reserve = (length / 3).min(LONGEST_STEP);
        let Some(last) = seen.iter().map(|series| series.end).max() else { return Ok(Vec::new()) };
        if reserve == 0 {
            return Ok(Vec::new());
        }
        let first = last.plus(-i32::try_from(reserve).unwrap_or(i32::MAX));
        // Scales and the regression know nothing after the first origin.
        let scaled: Vec<Option<Scaled>> =
            seen.iter().map(|series| Scaled::new(series.until(first), self.form).ok()).collect();
        let training: Vec<_> = seen
            .iter()
            .zip(&scaled)
            .filter_map(|(series, scaled)| Some((series.key.clone(), series.period(0), scaled.as_ref()?.z.clone())))
            .collect();
        if training.is_empty() {
            return Ok(Vec::new());
        }
        let Ok(learned) = self.learn(recipe, training) else { return Ok(Vec::new()) };
        let mut errors = vec![Vec::new(); reserve];
        let n_origins = reserve.min(MOST_ORIGINS);
        for place in 0..n_origins {
            let skip = place * reserve / n_origins;
            let origin = first.plus(i32::try_from(skip).unwrap_or(i32::MAX));
            let (mut tails, mut whose) = (Vec::new(), Vec::new());
            for (index, (series, scaled)) in seen.iter().zip(&scaled).enumerate() {
                let (y, Some(scaled)) = (series.until(origin), scaled) else { continue };
                let Some(here) = scaled.extend(y, self.form) else { continue };
                if ready(&here.z, reach) {
                    tails.push((series.key.clone(), origin.plus(1), here.z.clone()));
                    whose.push((index, here));
                }
            }
            if tails.is_empty() {
                continue;
            }
            let paths = learned.core.recurse(tails, reserve - skip)?;
            for ((index, here), ahead) in whose.iter().zip(&paths) {
                let later = seen[*index].y.iter().skip(here.z.len());
                for ((actual, path), pool) in later.zip(here.path(ahead, self.form)).zip(&mut errors) {
                    let actual = if self.form == TargetForm::LogDifference { actual.ln() } else { *actual };
                    let error = (actual - path).abs() / here.scale;
                    if error.is_finite() {
                        pool.push(error);
                    }
                }
            }
        }
        Ok(errors)
    }
}

impl<R: Regressor> OnFeatures<R> {
    /// Which features earn their place, measured inside `train`: the regression is fitted to the first two thirds of the span,
    /// and permutation importance is taken of one-step predictions in the last third (at most 48 periods), in units of each
    /// series' scale. Groups are those of [`column_groups`], by falling importance.
    ///
    /// # Errors
    /// [`DataError`] for a span in which nothing is left to measure; whatever a feature, the regression or the importance
    /// cannot use.
    pub fn importance(&self, train: &Panel, settings: PermutationImportance) -> Result<Vec<Importance>> {
        let column = self.target.as_deref().map_or(Ok(0), |name| train.column_index(name))?;
        let seen: Vec<Seen<'_>> =
            train.iter().map(|s| Seen { key: s.key(), end: s.end(), y: s.values(column).to_vec() }).collect();
        let length = median_length(&seen);
        let lags = self.lags.clone().unwrap_or_else(|| default_lags(train.frequency(), length));
        let recipe = self.pipeline(train.frequency(), &lags, length)?;
        let nothing = || DataError::Empty { what: "the part of the span that importance is measured in".into() };
        let last = train.last_period().ok_or_else(nothing)?;
        let first = last.plus(-i32::try_from((length / 3).min(LONGEST_STEP)).unwrap_or(i32::MAX));
        let scaled: Vec<_> = seen
            .iter()
            .filter_map(|series| {
                let known = Scaled::new(series.until(first), self.form).ok()?;
                Some((series, known.extend(&series.y, self.form)?, known))
            })
            .collect();
        let span = |known: bool| {
            scaled.iter().map(move |(series, whole, past)| {
                (series.key.clone(), series.period(0), if known { past.z.clone() } else { whole.z.clone() })
            })
        };
        if scaled.is_empty() {
            return Err(nothing().into());
        }
        let core = self.learn(&recipe, span(true).collect())?.core;
        let panel = Panel::from_series(TARGET, span(false))?;
        let matrix = core.pipeline.transform(&panel)?;
        let targets = panel.column(TARGET)?;
        let later = |row: &usize| matrix.origin(*row).1 > first && targets[*row].is_finite();
        let rows: Vec<usize> = matrix.complete_rows().into_iter().filter(later).collect();
        if rows.is_empty() {
            return Err(nothing().into());
        }
        let y: Array1<f64> = rows.iter().map(|&row| targets[row]).collect();
        let x = matrix.view().select(Axis(0), &rows);
        let mut found = settings.of(&core.fitted, x.view(), y.view(), &column_groups(matrix.names()))?;
        found.sort_by(|a, b| b.increase.total_cmp(&a.increase));
        Ok(found)
    }
}

/// The median length of series.
fn median_length(seen: &[Seen<'_>]) -> usize {
    let mut lengths: Vec<f64> = seen.iter().map(|series| series.y.len() as f64).collect();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a length, never negative")]
    let length = quantile::median(&mut lengths) as usize;
    length
}

struct Learned<F> {
    core: Core<F>,
    residuals: Vec<f64>,
}

impl<R: Regressor> Forecaster for OnFeatures<R> {
    type Fitted = FittedOnFeatures<R::Fitted>;

    /// # Errors
    /// [`DataError::Empty`] for a panel without series, [`DataError::UnknownColumn`], and [`DataError::Series`] with
    /// the smallest key of a series that not even [`Naive`] can fit: no value at all, or one that is infinite or
    /// larger than 1e150 in size.
    fn fit(&self, train: &Panel) -> Result<Self::Fitted> {
        self.fit_and_measure(train, true)
    }

    /// Without the back-test.
    fn fit_for_points(&self, train: &Panel) -> Result<Self::Fitted> {
        self.fit_and_measure(train, false)
    }
}

impl<R: Regressor> OnFeatures<R> {
    /// Fits; `measured` by a back-test, or with in-sample widths.
    fn fit_and_measure(&self, train: &Panel, measured: bool) -> Result<FittedOnFeatures<R::Fitted>> {
        if train.n_series() == 0 {
            return Err(DataError::Empty { what: "the panel to learn from".into() }.into());
        }
        let column = self.target.as_deref().map_or(Ok(0), |name| train.column_index(name))?;
        // What every series falls back to; a series that not even this can use ends the fit.
        let naive = |series: SeriesView<'_>| {
            let refused = |error: FitError| DataError::Series { key: series.key().clone(), detail: error.to_string() };
            Naive.fit(series.values(column)).map_err(refused)
        };
        let stand_ins = train.iter().map(naive).collect::<Result<Vec<FittedNaive>, DataError>>()?;
        let seen: Vec<Seen<'_>> =
            train.iter().map(|s| Seen { key: s.key(), end: s.end(), y: s.values(column).to_vec() }).collect();
        let length = median_length(&seen);
        let lags = self.lags.clone().unwrap_or_else(|| default_lags(train.frequency(), length));
        let recipe = self.pipeline(train.frequency(), &lags, length)?;
        let reach = self.reach(&recipe, &seen)?;

        let outcomes: Vec<_> = seen.iter().map(|series| Scaled::new(&series.y, self.form)).collect();
        let training: Vec<_> = seen
            .iter()
            .zip(&outcomes)
            .filter_map(|(series, scaled)| {
                Some((series.key.clone(), series.period(0), scaled.as_ref().ok()?.z.clone()))
            })
            .collect();
        let learned = if training.is_empty() {
            Err("no series can be learned from".to_owned())
        } else {
            self.learn(&recipe, training).map_err(|error| error.to_string())
        };
        let (core, widths, refused) = match learned {
            Ok(learned) => {
                let errors = if measured { self.backtest(&recipe, &seen, reach, length)? } else { Vec::new() };
                let widths = Widths::new(errors, true);
                let widths = if widths.steps.is_empty() { in_sample(&learned.residuals) } else { widths };
                (Some(learned.core), widths, None)
            }
            Err(reason) => (None, Widths::default(), Some(format!("the regression has no fit: {reason}"))),
        };
        let (mut states, mut fallbacks) = (Vec::new(), Vec::new());
        for ((series, scaled), stand_in) in seen.iter().zip(outcomes).zip(stand_ins) {
            let reason = match (&refused, scaled) {
                (Some(reason), _) => reason.clone(),
                (None, Err(reason)) => reason.to_owned(),
                (None, Ok(mut scaled)) if ready(&scaled.z, reach) => {
                    scaled.z.drain(..scaled.z.len() - reach);
                    states.push(State::Scaled(scaled));
                    continue;
                }
                (None, Ok(_)) => format!("the {reach} changes or values before its end are not all there"),
            };
            states.push(State::Naive(stand_in));
            fallbacks.push(Fallback { key: series.key.clone(), used: Naive::NAME.into(), reason });
        }
        Ok(FittedOnFeatures {
            regressor: R::NAME.into(),
            form: self.form,
            keys: train.keys().to_vec(),
            origins: seen.iter().map(|series| series.end).collect(),
            counts: seen.iter().map(|series| self.support.rectifies(&series.y)).collect(),
            states,
            fallbacks,
            core,
            widths,
        })
    }
}

/// A fitted [`OnFeatures`]: the regression `F`, its features, and the end of each series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedOnFeatures<F> {
    regressor: String,
    form: TargetForm,
    keys: Vec<SeriesKey>,
    origins: Vec<Period>,
    counts: Vec<bool>,
    states: Vec<State>,
    fallbacks: Vec<Fallback>,
    core: Option<Core<F>>,
    widths: Widths,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum State {
    Scaled(Scaled),
    /// The stand-in: a random walk.
    Naive(FittedNaive),
}

impl<F> FittedOnFeatures<F> {
    /// The frequency of the panel that was learned from.
    #[must_use]
    pub fn frequency(&self) -> Frequency {
        self.origins.first().map_or(Frequency::Step, |origin| origin.frequency())
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

    /// The regression; `None` if it could not be fitted and every series fell back.
    #[must_use]
    pub fn regression(&self) -> Option<&F> {
        self.core.as_ref().map(|core| &core.fitted)
    }

    /// The names of the regression's columns; empty if there is none.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        self.core.as_ref().map_or(&[], |core| core.pipeline.columns())
    }

    /// Steps whose errors were measured out of time; 0 if the widths come from in-sample errors.
    #[must_use]
    pub fn n_backtest_steps(&self) -> usize {
        if self.widths.out_of_time { self.widths.steps.len() } else { 0 }
    }
}

impl<F: FittedRegressor> Fitted for FittedOnFeatures<F> {
    /// # Errors
    /// [`DataError::Series`] if a forecast made on the log scale grows beyond the range of numbers.
    fn forecast(&self, horizon: NonZeroUsize) -> Result<Forecast> {
        let steps = horizon.get();
        let mut tails = Vec::new();
        for ((key, origin), state) in self.keys.iter().zip(&self.origins).zip(&self.states) {
            if let State::Scaled(scaled) = state {
                tails.push((key.clone(), origin.plus(1), scaled.z.clone()));
            }
        }
        let paths = match &self.core {
            Some(core) if !tails.is_empty() => core.recurse(tails, steps)?,
            _ => Vec::new(),
        };
        let widths: Vec<Vec<f64>> = (1..=steps).map(|step| self.widths.at(step)).collect();
        let mut dists = Vec::with_capacity(self.keys.len() * steps);
        let mut paths = paths.iter();
        for ((key, state), &count) in self.keys.iter().zip(&self.states).zip(&self.counts) {
            let before = dists.len();
            match state {
                State::Scaled(scaled) => {
                    let ahead = paths.next().map_or(&[][..], Vec::as_slice);
                    for (centre, widths) in scaled.path(ahead, self.form).into_iter().zip(&widths) {
                        let dist = spread(centre, scaled.scale, widths)?;
                        let dist = if self.form == TargetForm::LogDifference { dist.exp() } else { dist };
                        dist.check().map_err(|_| DataError::Series {
                            key: key.clone(),
                            detail: "its forecast grows beyond the range of numbers: use a shorter horizon".into(),
                        })?;
                        dists.push(dist);
                    }
                }
                State::Naive(naive) => dists.extend(naive.predict(horizon)),
            }
            if count {
                dists[before..].iter_mut().for_each(|dist| *dist = dist.clone().non_negative());
            }
        }
        Ok(Forecast::new(horizon, self.keys.clone(), self.origins.clone(), dists, self.fallbacks.clone())?)
    }
}

impl<F: FittedRegressor + Persist> Persist for FittedOnFeatures<F> {
    const KIND: &'static str = "on_features";
    /// 2: the nodes of a forest know how many rows came by. Format 1 is read.
    const FORMAT: u32 = 2;

    fn revalidate(self) -> Result<Self, PersistError> {
        let invalid = |detail: String| PersistError::Invalid { detail };
        if self.regressor != F::KIND {
            return Err(invalid(format!("the regression is {}, {} was expected", self.regressor, F::KIND)));
        }
        let n = self.keys.len();
        check_series(self.frequency(), &self.keys, &self.origins)?;
        one_each(n, self.counts.len(), "supports")?;
        one_each(n, self.states.len(), "states")?;
        check_fallbacks(&self.keys, &self.fallbacks)?;
        let legal = |state: &State| match state {
            State::Scaled(Scaled { z, base, scale }) => {
                base.is_finite() && *scale > 0.0 && scale.is_finite() && z.iter().all(|v| v.is_finite())
            }
            State::Naive(naive) => naive.check().is_ok(),
        };
        if let Some(place) = self.states.iter().position(|state| !legal(state)) {
            return Err(invalid(format!("series {}: a number that no fit gives", self.keys[place])));
        }
        if !self.widths.legal() {
            return Err(invalid("half-widths that do not ascend".into()));
        }
        let core = match self.core {
            Some(core) if core.range.0 <= core.range.1 && core.drift.is_finite() => {
                Some(Core { fitted: core.fitted.revalidate()?, ..core })
            }
            Some(_) => return Err(invalid("a range of targets that is none".into())),
            None => None,
        };
        let memory = core.as_ref().and_then(|core| core.pipeline.memory()).unwrap_or(0);
        let short = |state: &State| matches!(state, State::Scaled(scaled) if scaled.z.len() < memory);
        if let Some(place) = self.states.iter().position(short) {
            return Err(invalid(format!("series {}: fewer values than the features look back", self.keys[place])));
        }
        if core.is_none() && self.states.iter().any(|state| matches!(state, State::Scaled(_))) {
            return Err(invalid("a series that needs a regression, and none is there".into()));
        }
        Ok(Self { core, ..self })
    }
}
