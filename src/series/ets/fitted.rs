use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::auto::EtsCriterion;
use super::form::{EtsForm, EtsSeason};
use super::step::Now;
use super::weights::Weights;
use super::{LONGEST_SEASON, paths, spread};
use crate::distribution::Predictive;
use crate::error::ParamError;
use crate::series::{FittedSeries, LARGEST, LARGEST_STATE, SeriesModel, check_gap, check_sigma, check_state, normal};

/// A fitted [`Ets`](super::Ets).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedEts {
    pub(super) form: EtsForm,
    pub(super) alpha: f64,
    pub(super) beta: f64,
    pub(super) gamma: f64,
    pub(super) phi: f64,
    pub(super) level: f64,
    pub(super) trend: f64,
    /// The seasons in the order in which they come next; empty if the form has none.
    pub(super) seasons: Vec<f64>,
    pub(super) sigma: f64,
    pub(super) loglik: f64,
    pub(super) n_parameters: usize,
    pub(super) n: usize,
    pub(super) gap: usize,
}

impl FittedEts {
    /// The form.
    #[must_use]
    pub fn form(&self) -> EtsForm {
        self.form
    }

    /// Level weight.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// Trend weight; `None` if the form has no trend.
    #[must_use]
    pub fn beta(&self) -> Option<f64> {
        self.form.has_trend().then_some(self.beta)
    }

    /// Season weight; `None` if the form has no season.
    #[must_use]
    pub fn gamma(&self) -> Option<f64> {
        self.form.is_seasonal().then_some(self.gamma)
    }

    /// What is left of the trend after one period; `None` if it is not damped.
    #[must_use]
    pub fn phi(&self) -> Option<f64> {
        self.form.is_damped().then_some(self.phi)
    }

    /// Level after the last value present.
    #[must_use]
    pub fn level(&self) -> f64 {
        self.level
    }

    /// Trend per period after the last value present, a difference or a factor; `None` if the form has no trend.
    #[must_use]
    pub fn trend(&self) -> Option<f64> {
        self.form.has_trend().then_some(self.trend)
    }

    /// Seasons after the last value present in the order in which they come next, differences or factors; empty if the form has none.
    /// Those before the first value sum to 0 or to their number.
    #[must_use]
    pub fn seasons(&self) -> &[f64] {
        &self.seasons
    }

    /// Standard deviation of the errors: in units of the series, or a share of the forecast if errors are multiplicative.
    #[must_use]
    pub fn sigma(&self) -> f64 {
        self.sigma
    }

    /// Logarithm of the likelihood but for a constant, that of R `ets()`: `-n/2 log(sum e^2)`, less the sum of the
    /// logarithms of the one-step forecasts if errors are multiplicative.
    #[must_use]
    pub fn loglik(&self) -> f64 {
        self.loglik
    }

    /// Estimated weights and initial states, and the variance.
    #[must_use]
    pub fn n_parameters(&self) -> usize {
        self.n_parameters
    }

    /// Akaike's criterion, `2 k - 2 loglik`.
    #[must_use]
    pub fn aic(&self) -> f64 {
        EtsCriterion::Aic.value(-2.0 * self.loglik, self.n_parameters, self.n)
    }

    /// Akaike's criterion for short series, `aic + 2 k (k + 1) / (n - k - 1)`; infinite if `n` is not above `k + 1`.
    #[must_use]
    pub fn aicc(&self) -> f64 {
        EtsCriterion::Aicc.value(-2.0 * self.loglik, self.n_parameters, self.n)
    }

    /// The Bayesian criterion, `k log n - 2 loglik`.
    #[must_use]
    pub fn bic(&self) -> f64 {
        EtsCriterion::Bic.value(-2.0 * self.loglik, self.n_parameters, self.n)
    }

    pub(super) fn weights(&self) -> Weights {
        Weights { alpha: self.alpha, beta: self.beta, gamma: self.gamma, phi: self.phi }
    }

    pub(super) fn season_ahead(&self, steps: usize) -> f64 {
        if self.seasons.is_empty() { 0.0 } else { self.seasons[steps % self.seasons.len()] }
    }

    /// The forecasts without errors, `horizon` steps from the last position on.
    fn path(&self, horizon: NonZeroUsize) -> Vec<f64> {
        let mut path = self.path_of(self.gap + horizon.get());
        path.drain(..self.gap);
        path
    }

    /// The forecasts without errors, `far` steps from the last value present on.
    pub(super) fn path_of(&self, far: usize) -> Vec<f64> {
        let (trend, season, w) = (self.form.trend(), self.form.season(), self.weights());
        let mut now = Now { level: self.level, trend: self.trend, season: 0.0 };
        let mut path = Vec::with_capacity(far);
        for h in 0..far {
            now.season = self.season_ahead(h);
            let ahead = now.ahead(trend, season, w.phi);
            // A factor above 1 grows past any number in the end.
            path.push(ahead.forecast.clamp(-LARGEST_STATE, LARGEST_STATE));
            now = now.moved(trend, season, w, ahead, 0.0);
        }
        path
    }

    /// Carries the states through one position; `None` if the value cannot be used.
    fn advance(&mut self, value: f64) -> Option<()> {
        if value.is_nan() {
            self.gap += 1;
            return Some(());
        }
        if value.abs() > LARGEST || (self.form.has_multiplicative_errors() && value <= 0.0) {
            return None;
        }
        let (trend, season, w) = (self.form.trend(), self.form.season(), self.weights());
        for missing in (0..=self.gap).rev() {
            let now = Now { level: self.level, trend: self.trend, season: self.season_ahead(0) };
            let ahead = now.ahead(trend, season, w.phi);
            let error = if missing > 0 { 0.0 } else { value - ahead.forecast };
            let next = now.moved(trend, season, w, ahead, error);
            (self.level, self.trend) = (next.level, next.trend);
            if let Some(first) = self.seasons.first_mut() {
                *first = next.season;
                self.seasons.rotate_left(1);
            }
        }
        self.gap = 0;
        Some(())
    }
}

impl FittedSeries for FittedEts {
    const NAME: &'static str = super::Ets::NAME;

    fn predict(&self, horizon: NonZeroUsize) -> Vec<Predictive> {
        let path = self.path(horizon);
        if self.sigma <= 0.0 {
            return path.into_iter().map(Predictive::Point).collect();
        }
        if !self.form.is_linear() {
            return paths::distributions(self, &path);
        }
        let sds = spread::deviations(self, horizon);
        path.into_iter().zip(sds).map(|(mean, sd)| normal(mean, sd)).collect()
    }

    fn points(&self, horizon: NonZeroUsize) -> Vec<f64> {
        self.path(horizon)
    }

    fn error_weights(&self, horizon: NonZeroUsize) -> Vec<f64> {
        spread::error_weights(self).take(horizon.get()).collect()
    }

    fn updated(&self, new: &[f64]) -> Option<Self> {
        let mut moved = self.clone();
        new.iter().try_for_each(|&value| moved.advance(value))?;
        moved.check().is_ok().then_some(moved)
    }

    fn check(&self) -> Result<(), ParamError> {
        let Self { form, alpha, beta, gamma, phi, level, trend, ref seasons, sigma, loglik, n_parameters, n, gap } =
            *self;
        for (name, value) in [("alpha", alpha), ("beta", beta), ("gamma", gamma)] {
            if !(0.0..=1.0).contains(&value) {
                return Err(ParamError::new(name, value, "in [0, 1]"));
            }
        }
        if !(phi > 0.0 && phi <= 1.0) {
            return Err(ParamError::new("phi", phi, "in (0, 1]"));
        }
        check_state("level", level)?;
        check_state("trend", trend)?;
        if form.has_multiplicative_trend() && !(trend > 0.0 && level > 0.0) {
            return Err(ParamError::new(
                "trend",
                trend,
                "positive, and so must be the level, if the trend is a factor",
            ));
        }
        if form.is_seasonal() == seasons.is_empty() || seasons.len() > LONGEST_SEASON {
            return Err(ParamError::new("seasons", seasons.len(), "2 to 24 if the form has a season, else none"));
        }
        for &season in seasons {
            check_state("season", season)?;
            if form.season() == EtsSeason::Multiplicative && season <= 0.0 {
                return Err(ParamError::new("season", season, "positive if seasons are factors"));
            }
        }
        check_sigma(sigma)?;
        check_gap(gap)?;
        if n == 0 || n_parameters == 0 {
            return Err(ParamError::new("n", n, "at least 1, and so must be the number of parameters"));
        }
        if loglik.is_finite() { Ok(()) } else { Err(ParamError::new("loglik", loglik, "finite")) }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::distribution::Probability;
    use crate::series::{AutoEts, Ets};

    const FAR: NonZeroUsize = NonZeroUsize::new(30).unwrap();
    const FOUR: NonZeroUsize = NonZeroUsize::new(4).unwrap();

    fn series(n: u32) -> Vec<f64> {
        let cycle = [0.8, 1.1, 1.3, 0.8];
        let value = |t: u32| (40.0 + 0.3 * f64::from(t) + (f64::from(t) * 2.3).sin() * 2.0) * cycle[t as usize % 4];
        (0..n).map(value).collect()
    }

    fn fit(form: EtsForm, y: &[f64]) -> FittedEts {
        Ets::params(form).season(FOUR).build().unwrap().fit(y).unwrap()
    }

    #[test]
    fn points_are_those_of_the_distributions_for_every_form() {
        for form in EtsForm::all() {
            let fitted = fit(form, &series(60));
            let path = fitted.predict(FAR);
            assert_eq!(path.iter().map(Predictive::point).collect::<Vec<_>>(), fitted.points(FAR), "{form}");
            assert_eq!(path[..7], fitted.predict(NonZeroUsize::new(7).unwrap()), "{form}");
            assert!(path.iter().all(|dist| dist.check().is_ok()), "{form}");
        }
    }

    #[test]
    fn an_update_carries_the_states_on_for_every_form() {
        let mut y = series(60);
        y[50] = f64::NAN;
        y[59] = f64::NAN;
        for form in EtsForm::all() {
            let early = fit(form, &series(44));
            let once = early.updated(&y[44..]).unwrap();
            let twice = early.updated(&y[44..51]).unwrap().updated(&y[51..]).unwrap();
            assert_eq!(once, twice, "{form}");
            assert_eq!((once.gap, once.alpha()), (1, early.alpha()));
            // By hand: the errors of one-step forecasts, one value at a time.
            let (mut level, mut seasons) = (early.level, early.seasons.clone());
            if form.trend() == super::super::form::EtsTrend::None && form.season() == EtsSeason::Additive {
                for (t, value) in y[44..59].iter().enumerate() {
                    let place = t % 4;
                    let error = if value.is_nan() { 0.0 } else { value - level - seasons[place] };
                    level += early.alpha * error;
                    seasons[place] += early.gamma * error;
                }
                assert_relative_eq!(once.level, level, max_relative = 1e-12);
                assert_relative_eq!(once.seasons[0], seasons[15 % 4], max_relative = 1e-12);
            }
        }
        assert!(fit(EtsForm::parse("MNN").unwrap(), &series(30)).updated(&[-1.0]).is_none());
        assert!(fit(EtsForm::parse("ANN").unwrap(), &series(30)).updated(&[f64::INFINITY]).is_none());
    }

    #[test]
    fn a_missing_end_puts_the_forecast_further_off() {
        let mut y = series(60);
        for form in EtsForm::all() {
            y.truncate(60);
            let whole = fit(form, &y);
            y.extend([f64::NAN, f64::NAN]);
            let (gap, whole) = (fit(form, &y).predict(FAR), whole.predict(NonZeroUsize::new(32).unwrap()));
            for (dist, expected) in gap.iter().zip(&whole[2..]) {
                assert_relative_eq!(dist.point(), expected.point(), max_relative = 1e-12);
                let wide = |dist: &Predictive| dist.quantile(Probability::new(0.9).unwrap());
                assert_relative_eq!(wide(dist), wide(expected), max_relative = 1e-12);
            }
        }
    }

    #[test]
    fn powers_of_two_scale_exactly() {
        let y = series(60);
        let path = |unit: f64| {
            let scaled: Vec<f64> = y.iter().map(|v| v * unit).collect();
            AutoEts::new(FOUR).fit(&scaled).unwrap().predict(FAR)
        };
        let (plain, scaled) = (path(1.0), path(2.0_f64.powi(40)));
        for (dist, expected) in scaled.iter().zip(&plain) {
            for p in [0.05, 0.5, 0.9] {
                let p = Probability::new(p).unwrap();
                assert_relative_eq!(dist.quantile(p) / 2.0_f64.powi(40), expected.quantile(p), max_relative = 1e-13);
            }
        }
    }

    #[test]
    fn states_that_fit_never_makes_are_refused() {
        let good = fit(EtsForm::parse("MAM").unwrap(), &series(40));
        assert!(good.check().is_ok());
        for bad in [
            FittedEts { alpha: f64::NAN, ..good.clone() },
            FittedEts { beta: -0.1, ..good.clone() },
            FittedEts { gamma: 1.1, ..good.clone() },
            FittedEts { phi: 0.0, ..good.clone() },
            FittedEts { level: f64::INFINITY, ..good.clone() },
            FittedEts { trend: f64::NAN, ..good.clone() },
            FittedEts { seasons: Vec::new(), ..good.clone() },
            FittedEts { seasons: vec![0.0; 4], ..good.clone() },
            FittedEts { seasons: vec![1.0; 25], ..good.clone() },
            FittedEts { sigma: -1.0, ..good.clone() },
            FittedEts { loglik: f64::NAN, ..good.clone() },
            FittedEts { n: 0, ..good.clone() },
            FittedEts { gap: usize::MAX, ..good.clone() },
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
    }
}
