//! Joint sample paths.

use std::num::NonZeroUsize;

use super::Forecast;
use crate::distribution::{Predictive, Probability};
use crate::key::SeriesKey;
use crate::numeric::normal;
use crate::numeric::random::SplitMix64;

/// Sample paths of many series: what may happen together over the periods ahead.
#[derive(Clone, Debug, PartialEq)]
pub struct Paths {
    pub(super) keys: Vec<SeriesKey>,
    pub(super) horizon: NonZeroUsize,
    pub(super) n_paths: usize,
    /// Path after path, in each the series in the order of `keys`.
    pub(super) values: Vec<f64>,
}

impl Paths {
    /// The series or nodes, ascending.
    #[must_use]
    pub fn keys(&self) -> &[SeriesKey] {
        &self.keys
    }

    /// Number of periods ahead.
    #[must_use]
    pub fn horizon(&self) -> NonZeroUsize {
        self.horizon
    }

    /// Number of paths.
    #[must_use]
    pub fn n_paths(&self) -> usize {
        self.n_paths
    }

    /// The values of the series at `index` in path `path`, nearest first.
    ///
    /// # Panics
    /// If there is no such path or series.
    #[must_use]
    pub fn path(&self, path: usize, index: usize) -> &[f64] {
        assert!(path < self.n_paths && index < self.keys.len(), "path {path} of {}, series {index}", self.n_paths);
        let start = (path * self.keys.len() + index) * self.horizon.get();
        &self.values[start..start + self.horizon.get()]
    }

    /// Paths with the distributions of `forecast` at each step and, over the steps of a series, the dependence of errors with
    /// `weights[index]` (see [`error_weights`](super::Fitted::error_weights)): a Gaussian copula. Series do not depend on each other. Each
    /// series has a random stream of its own, from `seed` and its place.
    pub(super) fn draw(forecast: &Forecast, weights: &[Vec<f64>], n_paths: usize, seed: u64) -> Self {
        let (n, steps) = (forecast.keys().len(), forecast.horizon().get());
        let mut values = vec![0.0; n_paths * n * steps];
        let mut shocks = vec![0.0; steps];
        for (index, psi) in weights.iter().enumerate() {
            let mut random = SplitMix64::of(seed, index as u64);
            let dists = forecast.path(index);
            // The standard deviation of the error of each step, shocks being standard normal.
            let mut variance = 0.0;
            let spreads: Vec<f64> = psi
                .iter()
                .map(|w| {
                    variance += w * w;
                    f64::sqrt(variance)
                })
                .collect();
            for path in 0..n_paths {
                shocks.iter_mut().for_each(|shock| *shock = random.standard_normal());
                let start = (path * n + index) * steps;
                for (step, (out, dist)) in values[start..start + steps].iter_mut().zip(dists).enumerate() {
                    let error: f64 = (0..=step).map(|back| psi[back] * shocks[step - back]).sum();
                    *out = at(dist, error / spreads[step]);
                }
            }
        }
        Self { keys: forecast.keys().to_vec(), horizon: forecast.horizon(), n_paths, values }
    }
}

/// The quantile at the normal score `z`.
fn at(dist: &Predictive, z: f64) -> f64 {
    match dist {
        Predictive::Normal { mean, sd } => mean + sd * z,
        _ => Probability::new(normal::cdf(z).clamp(0.0, 1.0)).map_or_else(|_| dist.point(), |p| dist.quantile(p)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::{Fitted, Forecaster, PerSeries};
    use crate::panel::Panel;
    use crate::series::{Naive, Ses};
    use crate::time::Period;

    #[test]
    fn paths_have_the_distributions_of_the_forecast_and_the_dependence_of_the_model() {
        let y: Vec<f64> = (0..60).map(|t| f64::from((t * 37) % 23)).collect();
        let panel = Panel::from_series("y", [(SeriesKey::national("a"), Period::month(2020, 1).unwrap(), y)]).unwrap();
        let three = NonZeroUsize::new(3).unwrap();
        let correlation = |paths: &Paths| {
            let of = |step: usize| (0..paths.n_paths()).map(move |p| paths.path(p, 0)[step]).collect::<Vec<f64>>();
            let (a, b) = (of(0), of(2));
            let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
            let (ma, mb) = (mean(&a), mean(&b));
            let cov =
                |x: &[f64], mx: f64, y: &[f64], my: f64| x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum::<f64>();
            (cov(&a, ma, &b, mb) / (cov(&a, ma, &a, ma) * cov(&b, mb, &b, mb)).sqrt(), ma)
        };
        // A random walk: correlation of steps 1 and 3 is sqrt(1/3).
        let real = crate::forecast::Support::Real;
        let walk = PerSeries::new(Naive).support(real).fit(&panel).unwrap();
        let paths = walk.sample_paths(three, 4000, 1).unwrap();
        let (found, mean) = correlation(&paths);
        assert!((found - (1.0_f64 / 3.0).sqrt()).abs() < 0.04, "{found}");
        let dist = &walk.forecast(three).unwrap().path(0)[0].clone();
        let Predictive::Normal { mean: expected, sd } = dist else { panic!("not normal") };
        assert!((mean - expected).abs() < 4.0 * sd / 4000.0_f64.sqrt());
        // Simple smoothing: psi = 1, alpha, alpha.
        let smooth = PerSeries::new(Ses::params().alpha(0.2).build().unwrap()).support(real).fit(&panel).unwrap();
        let found = correlation(&smooth.sample_paths(three, 4000, 1).unwrap()).0;
        let expected = 0.2 / (1.0_f64 + 2.0 * 0.04).sqrt();
        assert!((found - expected).abs() < 0.05, "{found} against {expected}");
        assert_eq!(smooth.sample_paths(three, 5, 1).unwrap(), smooth.sample_paths(three, 5, 1).unwrap());
    }
}
