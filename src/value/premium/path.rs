//! A premium over time: estimates by period, what they say about the true path, and where it may go.

use std::num::NonZeroUsize;

use serde::Serialize;

use super::mixed::mixed;
use crate::distribution::Predictive;
use crate::error::{DataError, FitError};
use crate::forecast::Forecast;
use crate::key::SeriesKey;
use crate::time::Period;

/// Standard deviations of a change that are weighed against each other, 0 included.
const GRID: usize = 64;

/// What was estimated of one certificate, period by period.
#[derive(Clone, Debug, PartialEq)]
pub struct PathEstimates {
    /// Whose premium it is.
    pub key: SeriesKey,
    /// The periods with an estimate, ascending; gaps are fine.
    pub periods: Vec<Period>,
    /// One for each period.
    pub estimates: Vec<f64>,
    /// The covariance of the estimates, row by row.
    pub covariance: Vec<f64>,
}

impl PathEstimates {
    fn check(&self) -> Result<(), FitError> {
        let n = self.periods.len();
        let refuse = |detail: String| Err(FitError::Design { detail });
        if n == 0 || self.estimates.len() != n || self.covariance.len() != n * n {
            return refuse(format!(
                "{}: {} estimates, {} covariances for {n} periods",
                self.key,
                self.estimates.len(),
                self.covariance.len()
            ));
        }
        if !self.periods.windows(2).all(|pair| pair[1].since(pair[0]).is_some_and(|since| since > 0)) {
            return refuse(format!("{}: periods that do not ascend", self.key));
        }
        let values = self.estimates.iter().chain(&self.covariance);
        match values.enumerate().find(|(_, value)| !value.is_finite()) {
            Some((position, &value)) => Err(FitError::NotFinite { position, value }),
            None => Ok(()),
        }
    }

    /// How the true values of two periods vary together in a random walk, by the changes up to the earlier of them.
    fn elapsed(&self) -> Vec<f64> {
        let since: Vec<f64> =
            self.periods.iter().map(|period| f64::from(period.since(self.periods[0]).unwrap_or(0))).collect();
        since.iter().flat_map(|a| since.iter().map(|b| a.min(*b)).collect::<Vec<_>>()).collect()
    }

    fn at(&self, sd: f64) -> Option<super::mixed::Mixed> {
        let ones = vec![vec![1.0; self.periods.len()]];
        mixed(&self.estimates, &self.covariance, &self.elapsed(), &ones, sd * sd)
    }
}

/// The true premium in one period, as all periods see it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PathLevel {
    /// Posterior mean.
    pub mean: f64,
    /// Posterior standard deviation.
    pub sd: f64,
}

/// A premium path that can be extrapolated.
///
/// ```text
/// b[t] = premium[t] + e[t]                e ~ N(0, V), V known: the full covariance from the regression
/// premium[t+1] = premium[t] + u[t]        u ~ N(0, s^2), the same s for all certificates
/// ```
/// A local-level model (Durbin & Koopman 2012, *Time Series Analysis by State Space Methods*, ch. 2) with a diffuse start. With a
/// diagonal `V` the smoothed levels are those of the Kalman smoother; errors of one employer's jobs reach over years, so that
/// `V` is not diagonal, and the same posterior is worked out in one piece. `s` is not known either: the paths of all
/// certificates are weighed over a grid of values of it (flat up to twice the root mean square change of the estimates), and
/// levels and extrapolations carry what is left of that doubt.
///
/// # Examples
/// ```
/// use std::num::NonZeroUsize;
/// use credcast::value::premium::{PathEstimates, PremiumPath};
/// use credcast::{Period, SeriesKey};
/// let estimates = PathEstimates {
///     key: SeriesKey::national("welding"),
///     periods: (2021..2024).map(Period::year).collect(),
///     estimates: vec![0.05, 0.07, 0.06],
///     covariance: vec![4e-4, 1e-4, 1e-4, 1e-4, 4e-4, 1e-4, 1e-4, 1e-4, 4e-4],
/// };
/// let paths = PremiumPath::fit(vec![estimates])?;
/// let ahead = paths[0].extrapolate(NonZeroUsize::new(3).ok_or("0")?);
/// let width = |year: usize| ahead[year].quantile(credcast::Probability::new(0.9).unwrap()) - ahead[year].point();
/// assert!(width(0) < width(1) && width(1) < width(2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PremiumPath {
    estimates: PathEstimates,
    levels: Vec<PathLevel>,
    change_variance: f64,
}

impl PremiumPath {
    /// Fits all paths together. O(paths * periods^3).
    ///
    /// # Errors
    /// [`FitError::Design`] for a path without a period, with periods that do not ascend, other lengths, or a covariance that is
    /// not positive definite; [`FitError::NotFinite`]; [`FitError::TooShort`] if no path has two periods, so that nothing is
    /// known of changes.
    pub fn fit(paths: Vec<PathEstimates>) -> Result<Vec<Self>, FitError> {
        paths.iter().try_for_each(PathEstimates::check)?;
        let changes: Vec<f64> = paths
            .iter()
            .flat_map(|path| {
                let step =
                    |place: usize| f64::from(path.periods[place + 1].since(path.periods[place]).unwrap_or(1)).sqrt();
                let change = move |place: usize| (path.estimates[place + 1] - path.estimates[place]) / step(place);
                (0..path.periods.len() - 1).map(change).collect::<Vec<_>>()
            })
            .collect();
        if changes.is_empty() {
            return Err(FitError::TooShort { needed: 2, found: usize::from(!paths.is_empty()) });
        }
        let rms = (changes.iter().map(|c| c * c).sum::<f64>() / changes.len() as f64).sqrt();
        let grid: Vec<f64> = (0..GRID).map(|place| 2.0 * rms * place as f64 / (GRID - 1) as f64).collect();
        let refuse = |path: &PathEstimates| FitError::Design {
            detail: format!("{}: the covariance is not positive definite", path.key),
        };
        // For each value of the grid and each path.
        let mut fitted = Vec::with_capacity(GRID);
        for sd in &grid {
            let row: Result<Vec<_>, _> = paths.iter().map(|path| path.at(*sd).ok_or_else(|| refuse(path))).collect();
            fitted.push(row?);
        }
        let log_likelihoods: Vec<f64> =
            fitted.iter().map(|row| row.iter().map(|found| found.log_likelihood).sum::<f64>()).collect();
        let best = log_likelihoods.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = log_likelihoods.iter().map(|l| (l - best).exp()).collect();
        let total: f64 = weights.iter().sum();
        let weights: Vec<f64> = weights.iter().map(|w| w / total).collect();
        let change_variance = weights.iter().zip(&grid).map(|(w, sd)| w * sd * sd).sum();
        let of_path = |(place, estimates): (usize, PathEstimates)| {
            let level = |t: usize| {
                let mean: f64 = weights.iter().zip(&fitted).map(|(w, row)| w * row[place].theta[t]).sum();
                let around = |(w, row): (&f64, &Vec<super::mixed::Mixed>)| {
                    w * (row[place].variance[t] + (row[place].theta[t] - mean).powi(2))
                };
                PathLevel { mean, sd: weights.iter().zip(&fitted).map(around).sum::<f64>().sqrt() }
            };
            let levels = (0..estimates.periods.len()).map(level).collect();
            Self { estimates, levels, change_variance }
        };
        Ok(paths.into_iter().enumerate().map(of_path).collect())
    }

    /// What was estimated.
    #[must_use]
    pub fn estimates(&self) -> &PathEstimates {
        &self.estimates
    }

    /// The true premium in each period of the estimates, as all periods see it.
    #[must_use]
    pub fn levels(&self) -> &[PathLevel] {
        &self.levels
    }

    /// Standard deviation of a change from one period to the next, the same for all paths fitted together.
    #[must_use]
    pub fn change_sd(&self) -> f64 {
        self.change_variance.sqrt()
    }

    /// The premium 1 to `horizon` periods after the last estimate: the last level, with a variance that grows by that of a
    /// change each period.
    #[must_use]
    pub fn extrapolate(&self, horizon: NonZeroUsize) -> Vec<Predictive> {
        let Some(last) = self.levels.last() else { return Vec::new() };
        let ahead = |h: usize| {
            let sd = (last.sd * last.sd + h as f64 * self.change_variance).sqrt();
            // Both are finite and the standard deviation is not negative.
            Predictive::normal(last.mean, sd).unwrap_or(Predictive::Point(last.mean))
        };
        (1..=horizon.get()).map(ahead).collect()
    }

    /// The extrapolations of all paths as a forecast, each from its own last period, in the order of the keys.
    ///
    /// # Errors
    /// [`DataError::Empty`] never: lengths match.
    pub fn forecast(paths: &[Self], horizon: NonZeroUsize) -> Result<Forecast, DataError> {
        let mut order: Vec<&Self> = paths.iter().collect();
        order.sort_by(|a, b| a.estimates.key.cmp(&b.estimates.key));
        let keys = order.iter().map(|path| path.estimates.key.clone()).collect();
        let origins = order.iter().filter_map(|path| path.estimates.periods.last().copied()).collect();
        let dists = order.iter().flat_map(|path| path.extrapolate(horizon)).collect();
        Forecast::new(horizon, keys, origins, dists, Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(estimates: &[f64], variance: f64) -> PathEstimates {
        let n = estimates.len();
        PathEstimates {
            key: SeriesKey::national("a"),
            periods: (0..n).map(|t| Period::year(2020).plus(i32::try_from(t).unwrap())).collect(),
            estimates: estimates.to_vec(),
            covariance: (0..n * n).map(|p| if p % (n + 1) == 0 { variance } else { 0.0 }).collect(),
        }
    }

    #[test]
    fn equal_estimates_are_believed_and_stay() {
        let fitted = PremiumPath::fit(vec![path(&[0.1, 0.1, 0.1], 0.01)]).unwrap();
        assert_eq!(fitted[0].change_sd(), 0.0);
        assert!((fitted[0].levels()[2].sd - (0.01_f64 / 3.0).sqrt()).abs() < 1e-12);
        let ahead = fitted[0].extrapolate(NonZeroUsize::new(2).unwrap());
        assert_eq!(ahead[0], ahead[1]);
    }

    #[test]
    fn large_changes_of_exact_estimates_are_changes_of_the_premium() {
        let fitted = PremiumPath::fit(vec![path(&[0.0, 0.3, -0.1, 0.4, 0.1], 1e-8)]).unwrap();
        for (level, estimate) in fitted[0].levels().iter().zip([0.0, 0.3, -0.1, 0.4, 0.1]) {
            assert!((level.mean - estimate).abs() < 1e-4, "{level:?}");
        }
        let forecast = PremiumPath::forecast(&fitted, NonZeroUsize::new(2).unwrap()).unwrap();
        assert_eq!(forecast.origins(), [Period::year(2024)]);
        assert!(fitted[0].change_sd() > 0.25 && fitted[0].change_sd() < 0.6);
    }

    #[test]
    fn levels_under_known_changes_are_those_of_the_kalman_smoother() {
        // Case "kalman" of tests/reference/premium.py, by statsmodels: changes of sd 0.05, these observations and errors.
        let mut observed = path(&[0.10, 0.16, 0.05, 0.12, 0.20], 0.0);
        for (t, error) in [0.02_f64, 0.05, 0.03, 0.04, 0.06].into_iter().enumerate() {
            observed.covariance[t * 6] = error * error;
        }
        let found = observed.at(0.05).unwrap();
        let lines =
            include_str!("../../../tests/reference/premium.csv").lines().filter_map(|l| l.strip_prefix("kalman,"));
        let mut n = 0;
        for (t, line) in lines.enumerate() {
            let numbers: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
            assert!(
                (found.theta[t] - numbers[1]).abs() < 1e-12 && (found.variance[t].sqrt() - numbers[2]).abs() < 1e-12
            );
            n += 1;
        }
        assert_eq!(n, 5);
    }

    #[test]
    fn what_is_no_path_is_refused() {
        assert!(matches!(PremiumPath::fit(vec![]), Err(FitError::TooShort { found: 0, .. })));
        assert!(matches!(PremiumPath::fit(vec![path(&[0.1], 0.1)]), Err(FitError::TooShort { found: 1, .. })));
        assert!(matches!(PremiumPath::fit(vec![path(&[], 0.1)]), Err(FitError::Design { .. })));
        assert!(matches!(PremiumPath::fit(vec![path(&[0.1, f64::NAN], 0.1)]), Err(FitError::NotFinite { .. })));
        assert!(matches!(PremiumPath::fit(vec![path(&[0.1, 0.2], -0.1)]), Err(FitError::Design { .. })));
        let mut backwards = path(&[0.1, 0.2], 0.1);
        backwards.periods.reverse();
        assert!(matches!(PremiumPath::fit(vec![backwards]), Err(FitError::Design { .. })));
        let mut short = path(&[0.1, 0.2], 0.1);
        short.covariance.pop();
        assert!(matches!(PremiumPath::fit(vec![short]), Err(FitError::Design { .. })));
    }
}
