//! Simulated distributions of the forms that are not linear in their states.

use super::LONGEST_WALK;
use super::fitted::FittedEts;
use super::step::Now;
use crate::distribution::{Predictive, QuantileTable};
use crate::numeric::normal;
use crate::numeric::random::SplitMix64;
use crate::series::LARGEST_STATE;

/// Paths, in pairs of opposite errors.
const PAIRS: usize = 1_000;
/// Quantiles kept of each distribution: every half per cent.
const LEVELS: u32 = 199;

/// The distributions whose medians are `points`.
///
/// Relative errors are normal. A draw at which the forecast would not stay above 0 is moved to just above it, as a
/// positive series asks. The median of the paths, which lies a little below the path without errors, is moved to that by
/// one factor for each horizon.
pub(super) fn distributions(fitted: &FittedEts, points: &[f64]) -> Vec<Predictive> {
    let gap = fitted.gap.min(LONGEST_WALK);
    let far = gap + points.len();
    let mut values = vec![Vec::with_capacity(2 * PAIRS); points.len()];
    for pair in 0..PAIRS {
        for sign in [1.0, -1.0] {
            let mut random = SplitMix64::of(seed(fitted), pair as u64);
            let mut states = States::of(fitted);
            for h in 0..far {
                // Open at both ends, so that the quantile is finite.
                let uniform = random.unit() + 0.25 * f64::EPSILON;
                let value = states.next(fitted, sign * fitted.sigma * normal::quantile(uniform));
                if h >= gap {
                    values[h - gap].push(value);
                }
            }
        }
    }
    values.into_iter().zip(points).map(|(values, &point)| table(values, point)).collect()
}

/// The same for the same weights and relative spread, whatever the unit of the series.
fn seed(fitted: &FittedEts) -> u64 {
    [fitted.alpha, fitted.beta, fitted.gamma, fitted.phi, fitted.sigma]
        .iter()
        .fold(0, |seed, weight| SplitMix64::new(seed ^ weight.to_bits()).next())
}

#[derive(Debug)]
struct States {
    level: f64,
    trend: f64,
    seasons: Vec<f64>,
    place: usize,
}

impl States {
    fn of(fitted: &FittedEts) -> Self {
        Self { level: fitted.level, trend: fitted.trend, seasons: fitted.seasons.clone(), place: 0 }
    }

    fn next(&mut self, fitted: &FittedEts, relative_error: f64) -> f64 {
        /// A value is at least this share of its forecast.
        const LEAST: f64 = 1e-3;
        let (trend, season) = (fitted.form.trend(), fitted.form.season());
        let now =
            Now { level: self.level, trend: self.trend, season: self.seasons.get(self.place).copied().unwrap_or(0.0) };
        let ahead = now.ahead(trend, season, fitted.phi);
        let error = ahead.forecast * relative_error.max(LEAST - 1.0);
        let next = now.moved(trend, season, fitted.weights(), ahead, error);
        self.level = next.level.clamp(-LARGEST_STATE, LARGEST_STATE);
        self.trend = next.trend.clamp(-LARGEST_STATE, LARGEST_STATE);
        if let Some(slot) = self.seasons.get_mut(self.place) {
            *slot = next.season;
            self.place = if self.place + 1 == self.seasons.len() { 0 } else { self.place + 1 };
        }
        (ahead.forecast + error).clamp(-LARGEST_STATE, LARGEST_STATE)
    }
}

fn table(mut values: Vec<f64>, point: f64) -> Predictive {
    values.sort_by(f64::total_cmp);
    let at = |p: f64| {
        let place = p * values.len() as f64 - 0.5;
        let below = place.floor();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the list")]
        let i = (below.max(0.0) as usize).min(values.len() - 1);
        let next = (i + 1).min(values.len() - 1);
        values[i] + (place - below) * (values[next] - values[i])
    };
    let median = at(0.5);
    let factor = point / median;
    let probabilities: Vec<f64> = (1..=LEVELS).map(|i| f64::from(i) / f64::from(LEVELS + 1)).collect();
    let mut quantiles: Vec<f64> = probabilities.iter().map(|&p| at(p) * factor).collect();
    if !(factor > 0.0 && factor.is_finite()) {
        // A path that has fallen below 0 has no factor to move by.
        quantiles = probabilities.iter().map(|&p| at(p) + (point - median)).collect();
    }
    quantiles[probabilities.len() / 2] = point;
    // Rounding must not carry a quantile past its neighbour.
    for i in 1..quantiles.len() {
        quantiles[i] = quantiles[i].max(quantiles[i - 1]);
    }
    QuantileTable::new(probabilities, quantiles).map_or(Predictive::Point(point), Predictive::Quantiles)
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::distribution::Probability;
    use crate::series::ets::form::EtsForm;

    #[test]
    fn one_step_ahead_the_paths_are_normal_around_the_point() {
        let fitted = FittedEts {
            form: EtsForm::parse("MAM").unwrap(),
            alpha: 0.3,
            beta: 0.05,
            gamma: 0.1,
            phi: 1.0,
            level: 100.0,
            trend: 1.0,
            seasons: vec![0.8, 1.2],
            sigma: 0.1,
            loglik: 0.0,
            n_parameters: 7,
            n: 50,
            gap: 0,
        };
        let dists = distributions(&fitted, &[80.8, 122.4]);
        for (p, z) in [(0.1, -1.281_551_6), (0.25, -0.674_489_8), (0.5, 0.0), (0.75, 0.674_489_8), (0.9, 1.281_551_6)] {
            let quantile = dists[0].quantile(Probability::new(p).unwrap());
            // Standard error of such a quantile of 2,000 draws: 0.4 of a point here.
            assert_relative_eq!(quantile, 80.8 * (1.0 + 0.1 * z), epsilon = 1.2);
        }
        assert_relative_eq!(dists[1].point(), 122.4);
        // Two steps ahead errors of level, trend and season add up: no season is met twice in a cycle of two.
        let (low, high) = dists[1].interval(Probability::new(0.8).unwrap());
        let sd = 122.4 * f64::sqrt(0.01 + 0.01 * (0.35_f64 / 1.02).powi(2) * 1.0);
        assert_relative_eq!(high - low, 2.0 * 1.281_551_6 * sd, max_relative = 0.06);
    }
}
