//! Counts that depend on the counts before them.

mod draw;
mod fitted;
mod likelihood;
mod search;

use std::num::NonZeroUsize;

pub use self::fitted::FittedCountAutoregression;
use self::search::{Counts, Estimate, Form};
use super::{SeriesModel, count_present, present, trailing_gap};
use crate::error::{FitError, ParamError};

/// Observations needed: five estimates and as many to judge them by.
const NEEDED: usize = 10;
/// Whole numbers above this are not told apart by a double.
const LARGEST_COUNT: f64 = 9_007_199_254_740_992.0;
/// Longest season.
const LONGEST_SEASON: usize = 1_000_000;

/// Autoregression for counts: INGARCH(1,1) with a seasonal lag, Poisson or negative binomial.
///
/// ```text
/// y[t] ~ Poisson(lambda[t])  or  negative binomial with mean lambda[t] and variance lambda[t] + lambda[t]^2 / size
/// lambda[t] = d + alpha y[t-1] + beta lambda[t-1] + gamma y[t-m]       alpha, beta, gamma >= 0, their sum <= 0.999
/// forecast[h] = d + alpha f[h-1] + beta f[h-1] + gamma f[h-m]         f[k] = forecast[k], y[n+k] where k <= 0
/// ```
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `season` | 1 | 1 to 1,000,000 | periods per cycle, `m` above; 1 has no seasonal term |
/// | `family` | the better one | a [`CountFamily`] | distribution of a count given the past |
/// | `memory` | the better one | a [`CountMemory`] | whether counts depend on the past |
///
/// All parameters, the size included, maximise the conditional likelihood; counts and conditional means before the first
/// are the mean in the long run, `d / (1 - alpha - beta - gamma)`, as in R tscount. What is not given is chosen by AICc
/// among independent, autoregressive and seasonal forms (a seasonal one from three cycles on) of both families.
///
/// Distribution: quantiles of 1,999 simulated paths, the same at every call, never negative; parameters count as known, so that intervals
/// of short series are somewhat narrow. [`FittedCountAutoregression::means`] are expected counts, which exceed the medians of
/// `predict`. Counts that vary less than Poisson counts get intervals that are too wide.
/// Missing values: take their conditional mean in the recursion and leave the likelihood alone; missing values at the end
/// are simulated through. Negative and fractional values are refused ([`FitError::Target`] names the position). Needs 10
/// observations; equal values are a point mass. Fit: O(iterations * n) time for each form.
///
/// Sources: Ferland, Latour & Oraichi (2006), "Integer-valued GARCH process", Journal of Time Series Analysis 27;
/// Liboschik, Fokianos & Fried (2017), "tscount: An R package for analysis of count time series following generalized
/// linear models", Journal of Statistical Software 82(5). Differs from tscount: the size is estimated by likelihood together
/// with the weights, not by moments after them.
///
/// # Examples
/// ```
/// use credcast::prelude::*;
/// use credcast::series::CountAutoregression;
/// let postings = [0.0, 2.0, 1.0, 3.0, 5.0, 4.0, 6.0, 3.0, 2.0, 0.0, 1.0, 1.0, 4.0, 6.0, 7.0, 5.0];
/// let fitted = CountAutoregression::params().build()?.fit(&postings)?;
/// let next = &fitted.predict(1.try_into()?)[0];
/// let (low, high) = next.interval(Probability::new(0.8)?);
/// assert!(low >= 0.0 && high > low);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountAutoregression {
    season: NonZeroUsize,
    family: Option<CountFamily>,
    memory: Option<CountMemory>,
}

/// The distribution of a count given the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CountFamily {
    /// The variance is the mean.
    Poisson,
    /// The variance exceeds the mean.
    NegativeBinomial,
}

/// What a count depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CountMemory {
    /// On nothing.
    Independent,
    /// On the last count and the last conditional mean.
    Autoregressive,
    /// On the count one season ago, too.
    Seasonal,
}

/// Settings of [`CountAutoregression`], checked by [`CountAutoregressionParams::build`].
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct CountAutoregressionParams {
    season: NonZeroUsize,
    family: Option<CountFamily>,
    memory: Option<CountMemory>,
}

impl Default for CountAutoregressionParams {
    fn default() -> Self {
        Self { season: NonZeroUsize::MIN, family: None, memory: None }
    }
}

impl CountAutoregression {
    /// Starts from the defaults.
    pub fn params() -> CountAutoregressionParams {
        CountAutoregressionParams::default()
    }
}

impl CountAutoregressionParams {
    /// Sets the periods per cycle.
    pub fn season(mut self, season: NonZeroUsize) -> Self {
        self.season = season;
        self
    }

    /// Sets the distribution instead of choosing it.
    pub fn family(mut self, family: CountFamily) -> Self {
        self.family = Some(family);
        self
    }

    /// Sets what counts depend on instead of choosing it.
    pub fn memory(mut self, memory: CountMemory) -> Self {
        self.memory = Some(memory);
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// [`ParamError`] if `season` exceeds 1,000,000, or is 1 where the memory is to be seasonal.
    pub fn build(self) -> Result<CountAutoregression, ParamError> {
        let Self { season, family, memory } = self;
        if season.get() > LONGEST_SEASON {
            return Err(ParamError::new("season", season, "at most 1000000"));
        }
        if memory == Some(CountMemory::Seasonal) && season.get() < 2 {
            return Err(ParamError::new("season", season, "at least 2 for a seasonal memory"));
        }
        Ok(CountAutoregression { season, family, memory })
    }
}

impl SeriesModel for CountAutoregression {
    const NAME: &'static str = "count_ar";
    type Fitted = FittedCountAutoregression;

    fn fit(&self, y: &[f64]) -> Result<FittedCountAutoregression, FitError> {
        for (position, value) in present(y) {
            check_count(position, value)?;
        }
        let n = count_present(y, NEEDED)?;
        let (from, first) = present(y).next().ok_or(FitError::TooShort { needed: NEEDED, found: 0 })?;
        let gap = trailing_gap(y);
        let y = &y[from..y.len() - gap];
        if present(y).all(|(_, value)| value.total_cmp(&first).is_eq()) {
            return Ok(FittedCountAutoregression::constant(first, gap));
        }
        let season = self.season.get();
        let mut counts = Counts::new(y, season);
        let mut best: Option<(f64, Estimate)> = None;
        for memory in self.memories(y.len()) {
            let mut before = None;
            for dispersed in [false, true] {
                if dispersed && self.family == Some(CountFamily::Poisson) {
                    continue;
                }
                let dynamic = memory != CountMemory::Independent;
                let form = Form { dynamic, seasonal: memory == CountMemory::Seasonal, dispersed };
                let estimate = counts.best(form, before.as_ref());
                before = Some(estimate);
                if !dispersed && self.family == Some(CountFamily::NegativeBinomial) {
                    continue;
                }
                let aicc = aicc(estimate.log_likelihood, form.n_parameters(), n);
                if best.as_ref().is_none_or(|(least, _)| aicc < *least) {
                    best = Some((aicc, estimate));
                }
            }
        }
        match best {
            Some((aicc, estimate)) if estimate.log_likelihood.is_finite() => {
                Ok(FittedCountAutoregression::new(&estimate, aicc, y, gap))
            }
            _ => Err(FitError::NoConvergence { solver: "nelder_mead", detail: "no finite likelihood".into() }),
        }
    }
}

impl CountAutoregression {
    fn memories(&self, n: usize) -> Vec<CountMemory> {
        let season = self.season.get();
        match self.memory {
            Some(memory) => vec![memory],
            None if season > 1 && n >= 3 * season => {
                vec![CountMemory::Independent, CountMemory::Autoregressive, CountMemory::Seasonal]
            }
            None => vec![CountMemory::Independent, CountMemory::Autoregressive],
        }
    }
}

fn check_count(position: usize, value: f64) -> Result<(), FitError> {
    if value.is_infinite() {
        return Err(FitError::NotFinite { position, value });
    }
    if value < 0.0 || value.fract().abs() > 0.0 {
        return Err(FitError::Target { position, value, allowed: "whole numbers of at least 0" });
    }
    if value > LARGEST_COUNT {
        return Err(FitError::TooLarge { position, value, limit: LARGEST_COUNT });
    }
    Ok(())
}

/// Akaike's criterion with the correction of Hurvich & Tsai (1989), Biometrika 76.
fn aicc(log_likelihood: f64, n_parameters: usize, n: usize) -> f64 {
    let (k, n) = (n_parameters as f64, n as f64);
    2.0 * (k - log_likelihood) + 2.0 * k * (k + 1.0) / (n - k - 1.0)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these results are exact")]
mod tests {
    use super::*;
    use crate::distribution::{Predictive, Probability};
    use crate::numeric::random::SplitMix64;
    use crate::series::FittedSeries;

    const TWELVE: NonZeroUsize = NonZeroUsize::new(12).unwrap();

    /// Simulated from the model itself.
    fn simulated(n: usize, [d, alpha, beta]: [f64; 3], size: Option<f64>, seed: u64) -> Vec<f64> {
        let mut random = SplitMix64::new(seed);
        let mut lambda = d / (1.0 - alpha - beta);
        let mut last = lambda;
        let step = |_| {
            lambda = d + alpha * last + beta * lambda;
            last = draw::count(lambda, size, &mut random);
            last
        };
        (0..n + 100).map(step).skip(100).collect()
    }

    fn auto() -> CountAutoregression {
        CountAutoregression::params().build().unwrap()
    }

    #[test]
    fn parameters_of_long_simulated_series_are_found() {
        let y = simulated(6000, [2.0, 0.3, 0.5], Some(4.0), 1);
        let fitted = auto().fit(&y).unwrap();
        assert!((fitted.alpha() - 0.3).abs() < 0.04, "{}", fitted.alpha());
        assert!((fitted.beta() - 0.5).abs() < 0.08, "{}", fitted.beta());
        assert!((fitted.size().unwrap() - 4.0).abs() < 0.4, "{:?}", fitted.size());
    }

    #[test]
    fn the_criterion_tells_the_families_and_memories_apart() {
        let chosen = |truth, size, seed| {
            let fitted = auto().fit(&simulated(300, truth, size, seed)).unwrap();
            (fitted.alpha() > 0.0, fitted.size().is_some())
        };
        let mut right = 0;
        for seed in 0..10 {
            right += i32::from(chosen([5.0, 0.0, 0.0], None, seed) == (false, false));
            right += i32::from(chosen([5.0, 0.0, 0.0], Some(2.0), seed) == (false, true));
            right += i32::from(chosen([1.0, 0.4, 0.4], None, seed) == (true, false));
            right += i32::from(chosen([1.0, 0.4, 0.4], Some(2.0), seed) == (true, true));
        }
        assert!(right >= 34, "{right} of 40");
    }

    #[test]
    fn values_that_are_no_counts_are_named() {
        let mut y = simulated(30, [3.0, 0.0, 0.0], None, 2);
        y[4] = -1.0;
        let allowed = "whole numbers of at least 0";
        assert_eq!(auto().fit(&y), Err(FitError::Target { position: 4, value: -1.0, allowed }));
        y[4] = 2.5;
        assert_eq!(auto().fit(&y), Err(FitError::Target { position: 4, value: 2.5, allowed }));
        y[4] = f64::INFINITY;
        assert_eq!(auto().fit(&y), Err(FitError::NotFinite { position: 4, value: f64::INFINITY }));
        y[4] = 1e16;
        assert_eq!(auto().fit(&y), Err(FitError::TooLarge { position: 4, value: 1e16, limit: LARGEST_COUNT }));
        assert_eq!(auto().fit(&y[5..14]), Err(FitError::TooShort { needed: 10, found: 9 }));
        assert_eq!(auto().fit(&[]), Err(FitError::TooShort { needed: 10, found: 0 }));
    }

    #[test]
    fn equal_counts_are_a_point_mass() {
        for value in [0.0, 7.0] {
            let fitted = auto().fit(&[value; 20]).unwrap();
            assert!(fitted.check().is_ok());
            assert!(fitted.predict(TWELVE).iter().all(|dist| *dist == Predictive::Point(value)));
            assert!(fitted.means(TWELVE).iter().all(|mean| *mean == value));
        }
    }

    #[test]
    fn updating_is_filtering_the_whole_with_the_same_parameters() {
        let season = NonZeroUsize::new(4).unwrap();
        let mut y = simulated(80, [1.0, 0.3, 0.4], Some(3.0), 3);
        y[58] = f64::NAN;
        y[59] = f64::NAN;
        y[70] = f64::NAN;
        let model = CountAutoregression::params().season(season).memory(CountMemory::Seasonal).build().unwrap();
        let fitted = model.fit(&y[..60]).unwrap();
        let updated = fitted.updated(&y[60..]).unwrap();
        let whole = fitted.filtered(&y);
        assert_eq!(updated.means(TWELVE), whole.means(TWELVE));
        assert_eq!(updated.predict(TWELVE), whole.predict(TWELVE));
        assert_eq!(fitted.updated(&[]).unwrap(), fitted);
        assert!(fitted.updated(&[-1.0]).is_none());
        assert!(fitted.updated(&[0.5]).is_none());
    }

    #[test]
    fn missing_values_at_the_end_are_simulated_through() {
        let y = simulated(60, [1.0, 0.5, 0.3], None, 4);
        let mut longer = y.clone();
        longer.extend([f64::NAN; 3]);
        let (whole, cut) = (auto().fit(&y).unwrap(), auto().fit(&longer).unwrap());
        assert_eq!(whole.predict(TWELVE)[3..], cut.predict(TWELVE)[..9]);
        assert_eq!(whole.means(TWELVE)[3..], cut.means(TWELVE)[..9]);
    }

    #[test]
    fn intervals_of_simulated_series_hold_their_share() {
        // 80 % intervals at h = 1 and 6 of 300 series of 100 counts: the shares that fall below and above an end that is
        // a whole number cannot be 10 % exactly, so the mass is split on the ends as in a randomised PIT.
        let mut covered = [0.0; 2];
        let levels = [Probability::new(0.1).unwrap(), Probability::new(0.9).unwrap()];
        for seed in 0..300 {
            let y = simulated(106, [4.0, 0.3, 0.4], Some(5.0), 100 + seed);
            let path = auto().fit(&y[..100]).unwrap().predict(TWELVE);
            for (slot, h) in [1, 6].into_iter().enumerate() {
                let (truth, dist) = (y[99 + h], &path[h - 1]);
                let [low, high] = levels.map(|p| dist.quantile(p));
                let inside = |v: f64| f64::from(u8::from(low < v && v < high));
                covered[slot] += (inside(truth - 0.5) + inside(truth + 0.5)) / 600.0;
            }
        }
        assert!(covered.iter().all(|share| (0.74..0.86).contains(share)), "{covered:?}");
    }

    #[test]
    fn settings_outside_their_range_are_refused() {
        let with = |season: usize| CountAutoregression::params().season(NonZeroUsize::new(season).unwrap());
        assert!(with(12).memory(CountMemory::Seasonal).build().is_ok());
        assert!(with(1).memory(CountMemory::Seasonal).build().is_err());
        assert!(with(1_000_001).build().is_err());
    }

    #[test]
    fn states_that_fit_never_makes_are_refused() {
        let fitted = auto().fit(&simulated(60, [1.0, 0.5, 0.3], None, 4)).unwrap();
        assert!(fitted.check().is_ok());
        for broken in [
            r#""alpha":-0.1"#,
            r#""alpha":1.0"#,
            r#""mean":-1.0"#,
            r#""lambda":1e300"#,
            r#""recent":[]"#,
            r#""recent":[-1.0]"#,
            r#""size":0.0"#,
            r#""season":0"#,
            r#""gap":10000001"#,
        ] {
            let mut value = serde_json::to_value(&fitted).unwrap();
            let wrong: serde_json::Value = serde_json::from_str(&format!("{{{broken}}}")).unwrap();
            for (name, content) in wrong.as_object().unwrap() {
                value[name] = content.clone();
            }
            let read: FittedCountAutoregression = serde_json::from_value(value).unwrap();
            assert!(read.check().is_err(), "{broken}");
        }
    }
}
