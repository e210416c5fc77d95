//! One model for every series of a panel, each fitted on its own.

use std::num::NonZeroUsize;

use rayon::iter::ParallelIterator;
use serde::{Deserialize, Serialize};

use super::checks::{check_fallbacks, check_series, one_each};
use super::update::{moved, must_be_fitted_again, same_frequency, values_after};
use super::{Fallback, Fitted, Forecast, Forecaster, Points};
use crate::distribution::Predictive;
use crate::error::{DataError, FitError, PersistError, Result};
use crate::key::SeriesKey;
use crate::panel::{Panel, SeriesView};
use crate::persist::Persist;
use crate::series::{FittedNaive, FittedSeries, Naive, SeriesModel};
use crate::time::{Frequency, Period};

/// What is done to the values before the model sees them, and undone in its forecasts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    /// Nothing.
    #[default]
    None,
    /// The natural logarithm: changes count in per cent. A series with a value of 0 or below is fitted without it, and
    /// [`Forecast::fallbacks`] says so.
    Log,
}

/// Which values can happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Support {
    /// Any number.
    Real,
    /// None below 0: forecasts are rectified.
    NonNegative,
    /// A series whose present values are all whole numbers of at least 0 is a count, and its forecasts are rectified;
    /// any other series is real.
    #[default]
    FromData,
}

impl Support {
    /// Whether forecasts of the series `y` are rectified at 0.
    pub(super) fn rectifies(self, y: &[f64]) -> bool {
        match self {
            Self::Real => false,
            Self::NonNegative => true,
            Self::FromData => y.iter().filter(|v| !v.is_nan()).all(|v| *v >= 0.0 && v.fract().abs() <= 0.0),
        }
    }
}

/// Lifts a [`SeriesModel`] to a [`Forecaster`]: one fit for each series, in parallel, the same whatever the threads.
///
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `target` | the first column | a column of the panel | what is forecast |
/// | `transform` | [`Transform::None`] | | what the model sees |
/// | `support` | [`Support::FromData`] | | which values can happen |
///
/// The origin of a series is its last period, also where its last values are missing: forecast 1 is always the period
/// after the panel's last row of that series. A series that the model cannot fit is given to [`Naive`], on the same
/// scale. Fit: no copy of the panel; one copy of a series at a time per thread where a model or the logarithm needs it.
///
/// # Examples
/// ```
/// use credcast::forecast::{PerSeries, Transform};
/// use credcast::{prelude::*, series::Drift};
/// let start = Period::month(2024, 1).ok_or("no such month")?;
/// let panel = Panel::from_series("postings", [
///     (SeriesKey::national("welder"), start, vec![10.0, 12.0, 11.0, 13.0]),
///     (SeriesKey::national("nurse"), start, vec![80.0]),
/// ])?;
/// let forecast = PerSeries::new(Drift).transform(Transform::Log).fit(&panel)?.forecast(12.try_into()?)?;
/// assert!(forecast.get(&SeriesKey::national("welder")).is_some_and(|path| path[0].point() > 13.0));
/// assert_eq!(forecast.fallbacks()[0].reason, "needs at least 3 observations, series has 1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PerSeries<M> {
    model: M,
    target: Option<String>,
    transform: Transform,
    support: Support,
}

impl<M: SeriesModel> PerSeries<M> {
    /// Fits `model` to the first column, untransformed, with the support that the data show.
    #[must_use]
    pub fn new(model: M) -> Self {
        Self { model, target: None, transform: Transform::default(), support: Support::default() }
    }

    /// Sets the column to forecast.
    #[must_use]
    pub fn target(mut self, column: impl Into<String>) -> Self {
        self.target = Some(column.into());
        self
    }

    /// Sets what the model sees.
    #[must_use]
    pub fn transform(mut self, transform: Transform) -> Self {
        self.transform = transform;
        self
    }

    /// Sets which values can happen.
    #[must_use]
    pub fn support(mut self, support: Support) -> Self {
        self.support = support;
        self
    }

    fn fit_series(&self, y: &[f64]) -> Result<(SeriesFit<M::Fitted>, Option<Replaced>), FitError> {
        let present = || y.iter().copied().filter(|v| !v.is_nan());
        let non_negative = self.support.rectifies(y);
        let log = self.transform == Transform::Log && present().all(|v| v > 0.0 && v.is_finite());
        let logs: Vec<f64>;
        let seen = if log {
            logs = y.iter().map(|v| v.ln()).collect();
            &logs
        } else {
            y
        };
        let refused = (self.transform == Transform::Log && !log).then(|| Replaced {
            used: M::NAME,
            reason: "a value is not positive: fitted without the logarithm".into(),
        });
        let (path, replaced) = match self.model.fit(seen) {
            Ok(fitted) => (PathModel::Asked(fitted), refused),
            Err(reason) => {
                let used = Replaced { used: Naive::NAME, reason: reason.to_string() };
                (PathModel::Naive(Naive.fit(seen)?), Some(used))
            }
        };
        Ok((SeriesFit { path, log, non_negative }, replaced))
    }
}

/// What was used in place of what was asked for.
struct Replaced {
    used: &'static str,
    reason: String,
}

impl<M: SeriesModel> Forecaster for PerSeries<M>
where
    M::Fitted: Clone,
{
    type Fitted = FittedPerSeries<M::Fitted>;

    /// # Errors
    /// [`DataError::Empty`] for a panel without series, [`DataError::UnknownColumn`], and [`DataError::Series`] with
    /// the smallest key of a series that not even [`Naive`] can fit: no value at all, or one that is infinite or
    /// larger than 1e150 in size.
    fn fit(&self, train: &Panel) -> Result<Self::Fitted> {
        if train.n_series() == 0 {
            return Err(DataError::Empty { what: "the panel to learn from".into() }.into());
        }
        let column = self.target.as_deref().map_or(Ok(0), |name| train.column_index(name))?;
        // Collected in key order, so the error reported below is the one with the smallest key.
        let results: Vec<_> = train.par_series().map(|series| self.fit_series(series.values(column))).collect();
        let mut fits = Vec::with_capacity(results.len());
        let mut fallbacks = Vec::new();
        for (key, result) in train.keys().iter().zip(results) {
            let (fit, replaced) =
                result.map_err(|error| DataError::Series { key: key.clone(), detail: error.to_string() })?;
            if let Some(Replaced { used, reason }) = replaced {
                fallbacks.push(Fallback { key: key.clone(), used: used.into(), reason });
            }
            fits.push(fit);
        }
        let origins = train.iter().map(|series: SeriesView<'_>| series.end()).collect();
        Ok(FittedPerSeries { frequency: train.frequency(), keys: train.keys().to_vec(), origins, fits, fallbacks })
    }

    /// A model that can be updated is fitted once, at the first origin of its series; others at each.
    fn rolling(&self, train: &Panel, drops: &[usize], horizon: NonZeroUsize) -> Result<Vec<Points>> {
        let column = self.target.as_deref().map_or(Ok(0), |name| train.column_index(name))?;
        let paths: Vec<_> = train.par_series().map(|series| self.roll(series.values(column), drops, horizon)).collect();
        let mut all = vec![Points::missing(train.n_series(), horizon); drops.len()];
        for (index, paths) in paths.into_iter().enumerate() {
            for (points, path) in all.iter_mut().zip(paths) {
                if let Some(path) = path {
                    points.path_mut(index).copy_from_slice(&path);
                }
            }
        }
        Ok(all)
    }
}

impl<M: SeriesModel> PerSeries<M> {
    /// The paths of one series from each origin; `None` where it cannot be forecast.
    fn roll(&self, y: &[f64], drops: &[usize], horizon: NonZeroUsize) -> Vec<Option<Vec<f64>>> {
        let mut last: Option<(SeriesFit<M::Fitted>, usize)> = None;
        let mut path = |&drop: &usize| {
            let end = y.len().checked_sub(drop).filter(|end| *end > 0)?;
            // A stand-in is not moved on: the model that was asked for may fit by now.
            let asked = |fit: &SeriesFit<M::Fitted>| matches!(fit.path, PathModel::Asked(_));
            let moved =
                last.as_ref().filter(|(fit, _)| asked(fit)).and_then(|(fit, seen)| fit.updated(y.get(*seen..end)?));
            let fit = match moved {
                Some(fit) => fit,
                None => self.fit_series(&y[..end]).ok()?.0,
            };
            let path = fit.points(horizon);
            last = Some((fit, end));
            path
        };
        drops.iter().map(&mut path).collect()
    }
}

/// A fitted [`PerSeries`]: one fitted model of kind `F`, or its stand-in, for each series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedPerSeries<F> {
    frequency: Frequency,
    keys: Vec<SeriesKey>,
    origins: Vec<Period>,
    fits: Vec<SeriesFit<F>>,
    fallbacks: Vec<Fallback>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct SeriesFit<F> {
    path: PathModel<F>,
    log: bool,
    non_negative: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PathModel<F> {
    Asked(F),
    Naive(FittedNaive),
}

impl<F: FittedSeries> PathModel<F> {
    fn updated(&self, new: &[f64]) -> Option<Self> {
        Some(match self {
            Self::Asked(fitted) => Self::Asked(fitted.updated(new)?),
            Self::Naive(naive) => Self::Naive(naive.updated(new)?),
        })
    }
}

impl<F: FittedSeries> SeriesFit<F> {
    /// After more values; `None` if it has to be fitted again.
    fn updated(&self, new: &[f64]) -> Option<Self> {
        let path = if self.log {
            let logs: Vec<f64> = new.iter().map(|v| v.ln()).collect();
            // The logarithm of a value of 0 or below is no number, and neither is that of a missing one.
            if new.iter().any(|v| *v <= 0.0) {
                return None;
            }
            self.path.updated(&logs)?
        } else {
            self.path.updated(new)?
        };
        Some(Self { path, log: self.log, non_negative: self.non_negative })
    }

    /// The points of [`SeriesFit::predict`].
    fn points(&self, horizon: NonZeroUsize) -> Option<Vec<f64>> {
        let mut path = match &self.path {
            PathModel::Asked(fitted) => fitted.points(horizon),
            PathModel::Naive(fitted) => fitted.points(horizon),
        };
        if self.log {
            path.iter_mut().for_each(|point| *point = point.exp());
            if path.iter().any(|point| !point.is_finite()) {
                return None;
            }
        }
        if self.non_negative {
            path.iter_mut().for_each(|point| *point = point.max(0.0));
        }
        Some(path)
    }

    /// The distributions on the scale of the data; `None` if undoing the logarithm leaves the range of numbers.
    fn predict(&self, horizon: NonZeroUsize) -> Option<Vec<Predictive>> {
        let mut path = match &self.path {
            PathModel::Asked(fitted) => fitted.predict(horizon),
            PathModel::Naive(fitted) => fitted.predict(horizon),
        };
        if self.log {
            path.iter_mut().for_each(|dist| *dist = dist.exp());
            if path.iter().any(|dist| !dist.mean().is_finite()) {
                return None;
            }
        }
        if self.non_negative {
            path = path.into_iter().map(Predictive::non_negative).collect();
        }
        Some(path)
    }
}

impl<F> FittedPerSeries<F> {
    /// The fitted model of the series at `index`; `None` where a stand-in was used or there is no such series.
    #[must_use]
    pub fn series(&self, index: usize) -> Option<&F> {
        match &self.fits.get(index)?.path {
            PathModel::Asked(fitted) => Some(fitted),
            PathModel::Naive(_) => None,
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
}

impl<F: FittedSeries + Clone> Fitted for FittedPerSeries<F> {
    /// # Errors
    /// [`DataError::Series`] if a forecast made on the log scale grows beyond the range of numbers.
    fn forecast(&self, horizon: NonZeroUsize) -> Result<Forecast> {
        let mut dists = Vec::with_capacity(self.keys.len().saturating_mul(horizon.get()));
        for (key, fit) in self.keys.iter().zip(&self.fits) {
            dists.extend(fit.predict(horizon).ok_or_else(|| too_large(key))?);
        }
        Ok(Forecast::new(horizon, self.keys.clone(), self.origins.clone(), dists, self.fallbacks.clone())?)
    }

    fn error_weights(&self, index: usize, horizon: NonZeroUsize) -> Vec<f64> {
        match self.fits.get(index).map(|fit| &fit.path) {
            Some(PathModel::Asked(fitted)) => fitted.error_weights(horizon),
            _ => vec![1.0; horizon.get()],
        }
    }

    /// # Errors
    /// The name of the model if it cannot be updated; that of its series would not help.
    fn updated(&self, new: &Panel) -> Result<Self> {
        same_frequency(new, self.frequency)?;
        let mut next = self.clone();
        for ((key, origin), fit) in self.keys.iter().zip(&mut next.origins).zip(&mut next.fits) {
            let values = values_after(new, key, *origin)?;
            if values.is_empty() {
                continue;
            }
            *fit = fit.updated(&values).ok_or_else(|| must_be_fitted_again(F::NAME))?;
            *origin = moved(*origin, values.len());
        }
        Ok(next)
    }

    fn points(&self, horizon: NonZeroUsize) -> Result<Points> {
        let path = |(key, fit): (&SeriesKey, &SeriesFit<F>)| fit.points(horizon).ok_or_else(|| too_large(key));
        let paths = self.keys.iter().zip(&self.fits).map(path).collect::<Result<Vec<_>, DataError>>()?;
        Ok(Points::from_paths(horizon, paths))
    }
}

fn too_large(key: &SeriesKey) -> DataError {
    let detail = "its forecast grows beyond the range of numbers: use no logarithm or a shorter horizon";
    DataError::Series { key: key.clone(), detail: detail.into() }
}

impl<F: FittedSeries + Serialize + serde::de::DeserializeOwned> Persist for FittedPerSeries<F> {
    const KIND: &'static str = F::NAME;
    const FORMAT: u32 = 1;

    fn revalidate(self) -> Result<Self, PersistError> {
        let Self { frequency, keys, origins, fits, fallbacks } = &self;
        let invalid = |detail: String| PersistError::Invalid { detail };
        check_series(*frequency, keys, origins)?;
        one_each(keys.len(), fits.len(), "fits")?;
        check_fallbacks(keys, fallbacks)?;
        for (key, fit) in keys.iter().zip(fits) {
            let checked = match &fit.path {
                PathModel::Asked(fitted) => fitted.check(),
                PathModel::Naive(fitted) => fitted.check(),
            };
            checked.map_err(|error| invalid(format!("series {key}: {error}")))?;
        }
        Ok(self)
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these results are exact")]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::series::{Drift, FittedDrift};

    const THREE: NonZeroUsize = NonZeroUsize::new(3).unwrap();

    fn panel(series: &[(&str, &[f64])]) -> Panel {
        let start = Period::month(2024, 1).unwrap();
        let rows = series.iter().map(|(item, y)| (SeriesKey::national(item), start, y.to_vec()));
        Panel::from_series("y", rows).unwrap()
    }

    fn path(forecaster: &PerSeries<Drift>, y: &[f64]) -> Vec<Predictive> {
        forecaster.fit(&panel(&[("a", y)])).unwrap().forecast(THREE).unwrap().path(0).to_vec()
    }

    #[test]
    fn whole_numbers_are_counts_and_never_forecast_below_zero() {
        let falling = [9.0, 5.0, 3.0, 0.0];
        assert!(matches!(path(&PerSeries::new(Drift), &falling)[0], Predictive::RectifiedNormal { .. }));
        let real = PerSeries::new(Drift).support(Support::Real);
        assert!(matches!(path(&real, &falling)[0], Predictive::Normal { .. }));
        let fractions = [9.5, 5.0, 3.0, 0.0];
        assert!(matches!(path(&PerSeries::new(Drift), &fractions)[0], Predictive::Normal { .. }));
        let bounded = PerSeries::new(Drift).support(Support::NonNegative);
        assert!(matches!(path(&bounded, &fractions)[0], Predictive::RectifiedNormal { .. }));
    }

    #[test]
    fn the_logarithm_is_undone_once() {
        let doubling = [1.0, 2.0, 4.0, 8.0];
        let log = PerSeries::new(Drift).transform(Transform::Log);
        let points: Vec<f64> = path(&log, &doubling).iter().map(Predictive::point).collect();
        for (point, expected) in points.iter().zip([16.0, 32.0, 64.0]) {
            assert!((point / expected - 1.0_f64).abs() < 1e-12);
        }
    }

    #[test]
    fn a_series_without_logarithm_is_fitted_as_it_stands() {
        let log = PerSeries::new(Drift).transform(Transform::Log);
        let forecast = log.fit(&panel(&[("a", &[0.0, 1.0, 4.0])])).unwrap().forecast(THREE).unwrap();
        let [fallback] = forecast.fallbacks() else { panic!("one fallback expected") };
        assert_eq!((fallback.used.as_str(), forecast.path(0)[0].point()), ("drift", 6.0));
        assert_eq!(fallback.reason, "a value is not positive: fitted without the logarithm");
    }

    #[test]
    fn a_short_series_is_given_to_naive_and_the_others_are_not() {
        let panel = panel(&[("long", &[1.0, 2.0, 3.0]), ("short", &[4.0, 6.0])]);
        let fitted = PerSeries::new(Drift).fit(&panel).unwrap();
        assert!(fitted.series(0).is_some() && fitted.series(1).is_none());
        let forecast = fitted.forecast(THREE).unwrap();
        let expected = Fallback {
            key: SeriesKey::national("short"),
            used: "naive".into(),
            reason: "needs at least 3 observations, series has 2".into(),
        };
        assert_eq!(forecast.fallbacks(), [expected]);
        assert_eq!(forecast.path(1)[0].point(), 6.0);
    }

    #[test]
    fn the_smallest_key_without_a_value_is_named() {
        let none: &[f64] = &[f64::NAN, f64::NAN];
        let error = PerSeries::new(Drift).fit(&panel(&[("c", none), ("a", &[1.0]), ("b", none)])).unwrap_err();
        assert_eq!(error.to_string(), "series b: needs at least 1 observations, series has 0");
    }

    #[test]
    fn the_origin_is_the_last_period_even_if_its_value_is_missing() {
        let fitted = PerSeries::new(Drift).fit(&panel(&[("a", &[1.0, 2.0, 3.0, f64::NAN])])).unwrap();
        let forecast = fitted.forecast(THREE).unwrap();
        assert_eq!(forecast.origins(), [Period::month(2024, 4).unwrap()]);
        assert_eq!(forecast.path(0)[0].point(), 5.0);
    }

    #[test]
    fn the_target_may_be_any_column_and_no_other() {
        let wide = panel(&[("a", &[1.0, 2.0, 3.0])]).with_column("z", &[5.0, 5.0, 5.0]).unwrap();
        let z = PerSeries::new(Drift).target("z").fit(&wide).unwrap().forecast(THREE).unwrap();
        assert_eq!(z.path(0)[2], Predictive::Point(5.0));
        let error = PerSeries::new(Drift).target("w").fit(&wide).unwrap_err();
        assert!(matches!(error, Error::Data(DataError::UnknownColumn { .. })));
        assert!(PerSeries::new(Drift).fit(&wide.until(Period::month(2020, 1).unwrap())).is_err());
    }

    #[test]
    fn growth_beyond_the_range_of_numbers_is_an_error() {
        let exploding = panel(&[("a", &[1e-200, 1e-100, 1e100])]);
        let fitted = PerSeries::new(Drift).transform(Transform::Log).fit(&exploding).unwrap();
        assert!(fitted.forecast(THREE).unwrap_err().to_string().starts_with("series a: its forecast grows"));
    }

    #[test]
    fn a_file_of_another_model_or_with_broken_states_is_refused() {
        let fitted = PerSeries::new(Drift).fit(&panel(&[("a", &[1.0, 2.0, 4.0]), ("b", &[1.0])])).unwrap();
        assert_eq!(FittedPerSeries::<FittedDrift>::from_bytes(&fitted.to_bytes().unwrap()).unwrap(), fitted);
        let other = FittedPerSeries::<FittedNaive>::from_bytes(&fitted.to_bytes().unwrap()).unwrap_err();
        assert_eq!(other.to_string(), "holds a drift, a naive was expected");
        let mut broken = fitted.clone();
        broken.keys.swap(0, 1);
        assert!(matches!(broken.revalidate(), Err(PersistError::Invalid { .. })));
        let mut broken = fitted.clone();
        broken.origins[0] = Period::year(2024);
        assert!(matches!(broken.revalidate(), Err(PersistError::Invalid { .. })));
        let mut broken = fitted;
        broken.fits.pop();
        assert!(matches!(broken.revalidate(), Err(PersistError::Invalid { .. })));
    }
}
