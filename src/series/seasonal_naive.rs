use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::{FittedSeries, SeriesModel, check_gap, check_sigma, check_state, count_present, normal};
use crate::distribution::Predictive;
use crate::error::{FitError, ParamError};
use crate::numeric::scale::root_mean_square;

/// The value of the same season in the last cycle: one random walk for each season.
///
/// ```text
/// y[t] = y[t-m] + e[t]    forecast[h] = the last value of that season    sd[h] = sigma sqrt(floor((h - 1) / m) + 1)
/// sigma^2 = sum e[t]^2 / (n - m)
/// ```
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `season` | none | at least 1 | periods per cycle, `m` above; 1 equals [`Naive`](super::Naive) |
///
/// Forecast variance: closed form. Missing values: the last value present of each season is used; a step over `g`
/// cycles has variance `g sigma^2`, so it counts as `e^2 / g`, and a season whose last values are missing is forecast
/// as many cycles wider. Needs `season + 1` observations and every season at least once
/// ([`FitError::NotFinite`] names the position in the last cycle of a season that was never seen).
/// Fit: O(n) time, O(season) memory.
/// Source: Hyndman & Athanasopoulos (2021), *Forecasting: Principles and Practice*, 3rd ed., ch. 5.2 and 5.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeasonalNaive {
    season: NonZeroUsize,
}

impl SeasonalNaive {
    /// A model of cycles of `season` periods.
    #[must_use]
    pub fn new(season: NonZeroUsize) -> Self {
        Self { season }
    }

    /// Periods per cycle.
    #[must_use]
    pub fn season(&self) -> NonZeroUsize {
        self.season
    }
}

/// A fitted [`SeasonalNaive`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedSeasonalNaive {
    /// The seasons in the order in which they come next.
    last: Vec<LastSeen>,
    sigma: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct LastSeen {
    value: f64,
    /// Whole cycles that have passed since without a value.
    gap: usize,
}

impl SeriesModel for SeasonalNaive {
    const NAME: &'static str = "seasonal_naive";
    type Fitted = FittedSeasonalNaive;

    fn fit(&self, y: &[f64]) -> Result<FittedSeasonalNaive, FitError> {
        let m = self.season.get();
        let found = count_present(y, m.saturating_add(1))?;
        let mut last: Vec<Option<(usize, f64)>> = vec![None; m];
        let mut errors = Vec::with_capacity(found);
        for (row, value) in super::present(y) {
            if let Some((before, old)) = last[row % m].replace((row, value)) {
                let cycles = (row - before) / m;
                errors.push((value - old) / (cycles as f64).sqrt());
            }
        }
        let sigma = root_mean_square(errors.iter().copied(), errors.len());
        let last = (0..m)
            .map(|step| {
                let position = y.len() - m + step;
                let (row, value) = last[position % m].ok_or(FitError::NotFinite { position, value: f64::NAN })?;
                Ok(LastSeen { value, gap: (position - row) / m })
            })
            .collect::<Result<Vec<_>, FitError>>()?;
        Ok(FittedSeasonalNaive { last, sigma })
    }
}

impl FittedSeasonalNaive {
    /// Standard deviation of the change from one cycle to the next.
    #[must_use]
    pub fn sigma(&self) -> f64 {
        self.sigma
    }
}

impl FittedSeries for FittedSeasonalNaive {
    const NAME: &'static str = SeasonalNaive::NAME;

    fn predict(&self, horizon: NonZeroUsize) -> Vec<Predictive> {
        let seasons = self.last.iter().enumerate().cycle();
        let at = |step: usize, seen: &LastSeen| {
            let cycles = (step / self.last.len() + 1 + seen.gap) as f64;
            normal(seen.value, self.sigma * cycles.sqrt())
        };
        (0..horizon.get()).zip(seasons).map(|(step, (_, seen))| at(step, seen)).collect()
    }

    fn error_weights(&self, horizon: NonZeroUsize) -> Vec<f64> {
        (0..horizon.get()).map(|step| if step % self.last.len() == 0 { 1.0 } else { 0.0 }).collect()
    }

    fn updated(&self, new: &[f64]) -> Option<Self> {
        count_present(new, 0).ok()?;
        let mut last = self.last.clone();
        for &value in new {
            // The oldest season comes next.
            let seen = last.first_mut()?;
            *seen = if value.is_nan() {
                LastSeen { value: seen.value, gap: seen.gap + 1 }
            } else {
                LastSeen { value, gap: 0 }
            };
            last.rotate_left(1);
        }
        Some(Self { last, sigma: self.sigma })
    }

    fn check(&self) -> Result<(), ParamError> {
        let Self { last, sigma } = self;
        if last.is_empty() {
            return Err(ParamError::new("season", 0, "at least 1"));
        }
        for seen in last {
            check_state("last", seen.value)?;
            check_gap(seen.gap)?;
        }
        check_sigma(*sigma)
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::series::Naive;

    const FIVE: NonZeroUsize = NonZeroUsize::new(5).unwrap();

    fn model(season: usize) -> SeasonalNaive {
        SeasonalNaive::new(NonZeroUsize::new(season).unwrap())
    }

    fn sd(dist: &Predictive) -> f64 {
        let Predictive::Normal { sd, .. } = dist else { panic!("not normal") };
        *sd
    }

    #[test]
    fn repeats_the_last_cycle_and_widens_once_per_cycle() {
        let fitted = model(2).fit(&[1.0, 10.0, 2.0, 12.0, 5.0]).unwrap();
        let path = fitted.predict(FIVE);
        assert_eq!(path.iter().map(Predictive::point).collect::<Vec<_>>(), [12.0, 5.0, 12.0, 5.0, 12.0]);
        let sigma = (14.0_f64 / 3.0).sqrt(); // changes 1, 2, 3
        let spreads: Vec<f64> = path.iter().map(|dist| sd(dist) / sigma).collect();
        for (found, expected) in spreads.iter().zip([1.0, 1.0, 2.0, 2.0, 3.0_f64]) {
            assert_relative_eq!(*found, expected.sqrt(), max_relative = 1e-14);
        }
    }

    #[test]
    fn a_season_of_one_is_naive() {
        let y = [1.0, f64::NAN, 4.0, 2.0, f64::NAN];
        assert_eq!(model(1).fit(&y).unwrap().predict(FIVE), Naive.fit(&y).unwrap().predict(FIVE));
    }

    #[test]
    fn a_missing_season_is_taken_from_the_cycle_before() {
        let fitted = model(2).fit(&[1.0, 10.0, 2.0, 12.0, 3.0, f64::NAN]).unwrap();
        let path = fitted.predict(FIVE);
        assert_eq!((path[0].point(), path[1].point()), (3.0, 12.0));
        assert_relative_eq!(sd(&path[1]), sd(&path[0]) * 2.0_f64.sqrt(), max_relative = 1e-14);
    }

    #[test]
    fn less_than_a_cycle_and_one_value_is_too_short() {
        assert_eq!(model(12).fit(&[1.0; 12]), Err(FitError::TooShort { needed: 13, found: 12 }));
        assert!(matches!(model(usize::MAX).fit(&[1.0; 12]), Err(FitError::TooShort { .. })));
        let never_seen = model(2).fit(&[1.0, f64::NAN, 2.0, f64::NAN, 3.0]).unwrap_err();
        assert!(matches!(never_seen, FitError::NotFinite { position: 3, .. }));
    }

    #[test]
    fn states_that_fit_never_makes_are_refused() {
        let fitted = model(2).fit(&[1.0, 10.0, 2.0]).unwrap();
        assert!(fitted.check().is_ok());
        assert!(FittedSeasonalNaive { last: Vec::new(), ..fitted.clone() }.check().is_err());
        assert!(FittedSeasonalNaive { sigma: f64::NAN, ..fitted }.check().is_err());
    }
}
