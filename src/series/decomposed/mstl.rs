use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::super::{FittedSeries, SeriesModel, check_state, count_present, present};
use super::decomposition::{Decomposition, decompose};
use crate::distribution::{Predictive, QuantileTable};
use crate::error::{FitError, ParamError};
use crate::numeric::loess::Degree;

/// Largest exponent of a forecast made on the logarithm, about that of the largest number.
const LARGEST_LOG: f64 = 700.0;

/// A model `M` of the series without its seasons, which are taken out by STL and put back in the forecasts: MSTL.
///
/// ```text
/// y[t] = trend[t] + s_1[t] + ... + s_J[t] + remainder[t]        J periods, shortest first
/// forecast[h] = M's forecast of (y - s_1 - ... - s_J)[n + h] + the last cycle of each season, repeated
/// ```
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `periods` | given | at least one, no two alike | periods per cycle; 1 has no season |
/// | `robust` | no | | values far from trend and season lose their weight |
/// | `log` | no | | model the logarithm: seasons multiply |
///
/// STL: one after another, each season is smoothed over 11, 15, 19, ... cycles (a weighted mean for each season, as R
/// `mstl()` does), twice over all of them if there are several; 5 inner passes, or 15 robust rounds of 2.
/// A period with less than two cycles between the first and the last value is left out; without any left this is `M`.
/// Distribution: that of `M`, moved by the season: the doubt about the season is left out. On the logarithm, forecasts
/// are
/// held within `e^-700` and `e^700`, and a value of 0 or below is refused as [`FitError::Target`].
/// Missing values, for the decomposition only: a line between the same places of the cycles around them, of the
/// shortest
/// period, then twice the trend and seasons found at their places; `M` sees them as missing. Needs what `M` needs.
/// Carried on with the seasons as they were learned where `M` can be.
/// Fit: O(n period) time for each period, some 20 times that if robust, and the fit of `M`.
/// Differs from statsforecast `MSTL`: the model of the trend is chosen by the caller, missing values are allowed, and a
/// period with less than two cycles is no error.
/// Sources: Cleveland, Cleveland, McRae & Terpenning (1990), "STL: A Seasonal-Trend Decomposition Procedure Based on
/// Loess",
/// Journal of Official Statistics 6, 3-73; Bandara, Hyndman & Bergmeir (2021), "MSTL: A Seasonal-Trend Decomposition
/// Algorithm for Time Series with Multiple Seasonal Patterns", arXiv 2107.13462.
///
/// # Examples
/// ```
/// use credcast::prelude::*;
/// use credcast::series::{Drift, Mstl};
/// let y: Vec<f64> = (0..24).map(|t| f64::from(t) + [9.0, 1.0, 5.0, 3.0][t as usize % 4]).collect();
/// let fitted = Mstl::new(Drift, 4.try_into()?).fit(&y)?;
/// assert!((fitted.predict(1.try_into()?)[0].point() - 33.0).abs() < 0.5); // 24 + 9
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Mstl<M> {
    model: M,
    /// Ascending.
    periods: Vec<NonZeroUsize>,
    robust: bool,
    log: bool,
}

/// Settings of [`Mstl`], checked by [`MstlParams::build`].
#[derive(Clone, Debug)]
#[must_use]
pub struct MstlParams<M> {
    model: M,
    periods: Vec<NonZeroUsize>,
    robust: bool,
    log: bool,
}

impl<M: SeriesModel> Mstl<M> {
    /// `model` on the series without the season of `period`.
    #[must_use]
    pub fn new(model: M, period: NonZeroUsize) -> Self {
        Self { model, periods: vec![period], robust: false, log: false }
    }

    /// Starts from `model`, the periods and the defaults.
    pub fn params(model: M, periods: impl IntoIterator<Item = NonZeroUsize>) -> MstlParams<M> {
        MstlParams { model, periods: periods.into_iter().collect(), robust: false, log: false }
    }

    /// The model of the series without seasons.
    #[must_use]
    pub fn model(&self) -> &M {
        &self.model
    }

    /// The periods, ascending.
    #[must_use]
    pub fn periods(&self) -> &[NonZeroUsize] {
        &self.periods
    }

    /// Takes `y`, or its logarithm if so set, apart; `None` without two cycles of any period.
    ///
    /// # Errors
    /// As [`SeriesModel::fit`], but for what the model of the trend refuses.
    pub fn decompose(&self, y: &[f64]) -> Result<Option<Decomposition>, FitError> {
        count_present(y, 1)?;
        let degree = Degree::Constant;
        if !self.log {
            return Ok(decompose(y, &self.periods, degree, self.robust));
        }
        Ok(decompose(&logarithms(y)?, &self.periods, degree, self.robust))
    }
}

fn logarithms(y: &[f64]) -> Result<Vec<f64>, FitError> {
    match present(y).find(|(_, value)| *value <= 0.0) {
        Some((position, value)) => Err(FitError::Target { position, value, allowed: "above 0" }),
        None => Ok(y.iter().map(|value| value.ln()).collect()),
    }
}

impl<M> MstlParams<M> {
    /// Sets whether outliers lose their weight.
    pub fn robust(mut self, robust: bool) -> Self {
        self.robust = robust;
        self
    }

    /// Sets whether the logarithm is modelled.
    pub fn log(mut self, log: bool) -> Self {
        self.log = log;
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// [`ParamError`] if there is no period, or the same one twice.
    pub fn build(self) -> Result<Mstl<M>, ParamError> {
        let Self { model, mut periods, robust, log } = self;
        periods.sort_unstable();
        if periods.is_empty() || periods.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(ParamError::new("periods", format!("{periods:?}"), "at least one, no two alike"));
        }
        Ok(Mstl { model, periods, robust, log })
    }
}

/// A fitted [`Mstl`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedMstl<F> {
    adjusted: F,
    /// For each season its values in the order in which they come next.
    cycles: Vec<Vec<f64>>,
    log: bool,
}

impl<M: SeriesModel> SeriesModel for Mstl<M> {
    const NAME: &'static str = "mstl";
    type Fitted = FittedMstl<M::Fitted>;

    fn fit(&self, y: &[f64]) -> Result<Self::Fitted, FitError> {
        count_present(y, 1)?;
        let logs: Vec<f64>;
        let y = if self.log {
            logs = logarithms(y)?;
            &logs
        } else {
            y
        };
        let Some(parts) = decompose(y, &self.periods, Degree::Constant, self.robust) else {
            return Ok(FittedMstl { adjusted: self.model.fit(y)?, cycles: Vec::new(), log: self.log });
        };
        let mut adjusted = y.to_vec();
        for season in parts.seasons() {
            // Outside the values of the series both are missing.
            adjusted.iter_mut().zip(season.values()).for_each(|(value, season)| *value -= season);
        }
        Ok(FittedMstl { adjusted: self.model.fit(&adjusted)?, cycles: parts.cycles(), log: self.log })
    }
}

impl<F> FittedMstl<F> {
    /// The fitted model of the series without seasons.
    #[must_use]
    pub fn adjusted(&self) -> &F {
        &self.adjusted
    }

    /// For each season, shortest first, its values in the order in which they come next; none if no season was found.
    #[must_use]
    pub fn cycles(&self) -> &[Vec<f64>] {
        &self.cycles
    }

    /// What the seasons add `step` periods after the next one.
    fn season(&self, step: usize) -> f64 {
        self.cycles.iter().map(|cycle| cycle[step % cycle.len()]).sum()
    }
}

/// The exponential of a distribution, held within the range of numbers.
fn exponential(dist: &Predictive) -> Predictive {
    match dist {
        Predictive::Point(value) => Predictive::Point(value.clamp(-LARGEST_LOG, LARGEST_LOG).exp()),
        Predictive::Normal { mean, sd } => {
            let mean = mean.clamp(-LARGEST_LOG, LARGEST_LOG);
            // The mean of a log-normal is exp(mean + sd^2 / 2).
            let sd = sd.min((2.0 * (LARGEST_LOG - mean)).sqrt());
            Predictive::log_normal(mean, sd).unwrap_or(Predictive::Point(mean.exp()))
        }
        other => match other.exp() {
            Predictive::Quantiles(table) => {
                let held = table.values().iter().map(|value| value.min(LARGEST_LOG.exp())).collect();
                QuantileTable::new(table.probabilities().to_vec(), held)
                    .map_or(Predictive::Point(other.point().min(LARGEST_LOG).exp()), Predictive::Quantiles)
            }
            plain => plain,
        },
    }
}

impl<F: FittedSeries> FittedSeries for FittedMstl<F> {
    const NAME: &'static str = "mstl";

    fn predict(&self, horizon: NonZeroUsize) -> Vec<Predictive> {
        let mut path = self.adjusted.predict(horizon);
        for (step, dist) in path.iter_mut().enumerate() {
            if !self.cycles.is_empty() {
                *dist = dist.affine(self.season(step), 1.0);
            }
            if self.log {
                *dist = exponential(dist);
            }
        }
        path
    }

    fn points(&self, horizon: NonZeroUsize) -> Vec<f64> {
        if self.log {
            return self.predict(horizon).iter().map(Predictive::point).collect();
        }
        let path = self.adjusted.points(horizon);
        path.iter().enumerate().map(|(step, point)| point + self.season(step)).collect()
    }

    /// Those of the model without seasons; on the logarithm they hold there.
    fn error_weights(&self, horizon: NonZeroUsize) -> Vec<f64> {
        self.adjusted.error_weights(horizon)
    }

    fn updated(&self, new: &[f64]) -> Option<Self> {
        let logs: Vec<f64>;
        let values = if self.log {
            logs = logarithms(new).ok()?;
            &logs
        } else {
            new
        };
        let adjusted: Vec<f64> = values.iter().enumerate().map(|(step, value)| value - self.season(step)).collect();
        let mut cycles = self.cycles.clone();
        for cycle in &mut cycles {
            let passed = new.len() % cycle.len();
            cycle.rotate_left(passed);
        }
        Some(Self { adjusted: self.adjusted.updated(&adjusted)?, cycles, log: self.log })
    }

    fn check(&self) -> Result<(), ParamError> {
        let Self { adjusted, cycles, log: _ } = self;
        if cycles.iter().any(Vec::is_empty) {
            return Err(ParamError::new("cycles", "an empty one", "at least one value each"));
        }
        cycles.iter().flatten().try_for_each(|value| check_state("cycles", *value))?;
        adjusted.check()
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these results are exact")]
mod tests {
    use super::super::super::{Croston, Drift, FittedDrift, Naive};
    use super::*;

    const FOUR: NonZeroUsize = NonZeroUsize::new(4).unwrap();
    const NINE: NonZeroUsize = NonZeroUsize::new(9).unwrap();

    fn wavy(n: usize) -> Vec<f64> {
        (0..n).map(|t| (20.5 + 0.3 * t as f64 + (t as f64 * 2.3).sin()) * [0.9, 1.15, 1.05, 0.9][t % 4]).collect()
    }

    #[test]
    fn seasons_come_back_in_their_order() {
        let season = [3.0, -1.0, -4.0, 2.0];
        for n in [24, 25, 26, 27] {
            let y: Vec<f64> = (0..n).map(|t| 5.0 + season[t % 4]).collect();
            for (h, point) in Mstl::new(Naive, FOUR).fit(&y).unwrap().points(NINE).into_iter().enumerate() {
                assert!((point - 5.0 - season[(n + h) % 4]).abs() < 1e-9, "{n} {h}: {point}");
            }
        }
    }

    #[test]
    fn without_two_cycles_it_is_the_model_alone() {
        let y = wavy(7);
        assert_eq!(Mstl::new(Drift, FOUR).fit(&y).unwrap().predict(NINE), Drift.fit(&y).unwrap().predict(NINE));
        let none = Mstl::new(Drift, NonZeroUsize::MIN);
        assert_eq!(none.fit(&wavy(40)).unwrap().adjusted(), &Drift.fit(&wavy(40)).unwrap());
        assert_eq!(Mstl::new(Drift, FOUR).fit(&[]), Err(FitError::TooShort { needed: 1, found: 0 }));
        assert!(Mstl::new(Drift, FOUR).fit(&[1.0, 2.0]).is_err());
    }

    #[test]
    fn distributions_keep_their_width_and_points_are_theirs() {
        let fitted = Mstl::new(Drift, FOUR).fit(&wavy(40)).unwrap();
        let widths = |path: &[Predictive]| -> Vec<f64> {
            let width = |dist: &Predictive| if let Predictive::Normal { sd, .. } = dist { *sd } else { f64::NAN };
            path.iter().map(width).collect()
        };
        assert_eq!(widths(&fitted.predict(NINE)), widths(&fitted.adjusted().predict(NINE)));
        let points: Vec<f64> = fitted.predict(NINE).iter().map(Predictive::point).collect();
        assert_eq!(points, fitted.points(NINE));
        assert_eq!(fitted.check(), Ok(()));
    }

    #[test]
    fn equal_values_are_a_point_mass() {
        let fitted = Mstl::new(Drift, FOUR).fit(&[0.1; 40]).unwrap();
        assert!(fitted.predict(NINE).iter().all(|dist| *dist == Predictive::Point(0.1)));
    }

    #[test]
    fn powers_of_two_scale_the_forecasts_exactly() {
        let model = Mstl::params(Drift, [FOUR, NINE]).robust(true).build().unwrap();
        let plain = model.fit(&wavy(60)).unwrap().points(NINE);
        for unit in [2.0_f64.powi(-990), 2.0_f64.powi(480)] {
            let y: Vec<f64> = wavy(60).iter().map(|v| v * unit).collect();
            let scaled = model.fit(&y).unwrap().points(NINE);
            assert!(scaled.iter().zip(&plain).all(|(a, b)| a / unit == *b));
        }
    }

    #[test]
    fn the_logarithm_makes_seasons_multiply() {
        let season = [1.2, 0.9, 0.8, 1.1];
        let y: Vec<f64> = (0..40).map(|t| 1.02_f64.powi(t) * season[t as usize % 4]).collect();
        let model = Mstl::params(Drift, [FOUR]).log(true).build().unwrap();
        for (h, point) in model.fit(&y).unwrap().points(NINE).into_iter().enumerate() {
            let expected = 1.02_f64.powf(40.0 + h as f64) * season[h % 4];
            assert!((point / expected - 1.0).abs() < 0.02, "{h}: {point} {expected}");
        }
        assert_eq!(model.fit(&[1.0, 0.0]), Err(FitError::Target { position: 1, value: 0.0, allowed: "above 0" }));
    }

    #[test]
    fn logarithms_stay_within_the_range_of_numbers() {
        let far = NonZeroUsize::new(480).unwrap();
        let y: Vec<f64> = (0..16).map(|t| 10.0_f64.powi(t * 19 - 150)).collect();
        let fitted = Mstl::params(Drift, [FOUR]).log(true).build().unwrap().fit(&y).unwrap();
        assert!(fitted.predict(far).iter().all(|dist| dist.check().is_ok() && dist.mean().is_finite()));
        let wild: Vec<f64> = (0..16).map(|t| if t % 2 == 0 { 1e150 } else { 1e-300 }).collect();
        let fitted =
            Mstl::params(Naive, [NonZeroUsize::new(5).unwrap()]).log(true).build().unwrap().fit(&wild).unwrap();
        assert!(fitted.predict(far).iter().all(|dist| dist.check().is_ok() && dist.mean().is_finite()));
    }

    #[test]
    fn carrying_on_keeps_the_seasons_in_step() {
        let y: Vec<f64> = (0..24).map(|t| [4.0, 0.0, 2.0, 6.0][t % 4]).collect();
        let fitted = Mstl::new(Croston::default(), FOUR).fit(&y).unwrap();
        let next = fitted.updated(&[5.0, 1.0, 3.0]).unwrap();
        let by_hand = [5.0, 1.0, 3.0].iter().zip(&fitted.cycles()[0]).map(|(v, s)| v - s).collect::<Vec<_>>();
        assert_eq!(next.adjusted(), &fitted.adjusted().updated(&by_hand).unwrap());
        assert_eq!(next.season(0), fitted.season(3));
        assert!(
            Mstl::new(Drift, FOUR).fit(&y).unwrap().updated(&[]).is_none()
                || Drift.fit(&y).unwrap().updated(&[]).is_some()
        );
    }

    #[test]
    fn settings_and_states_are_checked() {
        assert!(Mstl::params(Naive, []).build().is_err());
        assert!(Mstl::params(Naive, [FOUR, NINE, FOUR]).build().is_err());
        assert_eq!(Mstl::params(Naive, [NINE, FOUR]).build().unwrap().periods(), [FOUR, NINE]);
        let fitted: FittedMstl<FittedDrift> = Mstl::new(Drift, FOUR).fit(&wavy(40)).unwrap();
        assert!(FittedMstl { cycles: vec![Vec::new()], ..fitted.clone() }.check().is_err());
        assert!(FittedMstl { cycles: vec![vec![f64::NAN]], ..fitted }.check().is_err());
    }
}
