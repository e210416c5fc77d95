//! The seasonal test of the M competitions and classical seasonal adjustment.

use serde::{Deserialize, Serialize};

use super::{check_state, present};
use crate::error::ParamError;
use crate::numeric::scale::power_of_two_below;

/// Smallest multiplicative index that is divided by; below it statsforecast `auto_theta` turns to additive indices.
const SMALLEST_RATIO: f64 = 0.01;

/// How a season is taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    /// Differences from the level, mean 0.
    Additive,
    /// Ratios to the level, mean 1.
    Multiplicative,
}

/// A season that was taken out, or none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Season {
    kind: Kind,
    /// The seasons in the order in which they come next; empty if the series was not adjusted.
    indices: Vec<f64>,
}

impl Season {
    /// Takes the season of `m` periods out of `y` where the test at `limit` finds one in at least two cycles: ratios
    /// if all values are positive and no ratio is below 0.01, differences otherwise.
    pub(super) fn take_out(y: &[f64], m: usize, limit: f64) -> (Vec<f64>, Self) {
        let none = Self { kind: Kind::Additive, indices: Vec::new() };
        if m < 2 || y.len() / 2 < m || !is_seasonal(y, m, limit) {
            return (y.to_vec(), none);
        }
        let positive = present(y).all(|(_, value)| value > 0.0);
        let ratios = if positive { indices(y, m, Kind::Multiplicative) } else { None };
        let ratios = ratios.filter(|ratios| ratios.iter().all(|&ratio| ratio >= SMALLEST_RATIO));
        let found = match ratios {
            Some(ratios) => Some((Kind::Multiplicative, ratios)),
            None => indices(y, m, Kind::Additive).map(|differences| (Kind::Additive, differences)),
        };
        let Some((kind, indices)) = found else { return (y.to_vec(), none) };
        let at_start = Self { kind, indices };
        let adjusted = at_start.out_of(y);
        (adjusted, at_start.after(y.len()))
    }

    /// The values `y`, which come next, without their season.
    pub(super) fn out_of(&self, y: &[f64]) -> Vec<f64> {
        if self.indices.is_empty() {
            return y.to_vec();
        }
        let pairs = y.iter().zip(self.indices.iter().cycle());
        match self.kind {
            Kind::Additive => pairs.map(|(value, index)| value - index).collect(),
            Kind::Multiplicative => pairs.map(|(value, index)| value / index).collect(),
        }
    }

    /// The season as it stands `steps` periods later.
    pub(super) fn after(mut self, steps: usize) -> Self {
        if !self.indices.is_empty() {
            let turn = steps % self.indices.len();
            self.indices.rotate_left(turn);
        }
        self
    }

    /// What turns adjusted values into values, `(shift, scale)` for each of the periods that come next, without end.
    pub(super) fn ahead(&self) -> impl Iterator<Item = (f64, f64)> {
        let (kind, indices) = (self.kind, &self.indices);
        (0..).map(move |step: usize| match (kind, indices.get(step % indices.len().max(1))) {
            (_, None) => (0.0, 1.0),
            (Kind::Additive, Some(&index)) => (index, 1.0),
            (Kind::Multiplicative, Some(&index)) => (0.0, index),
        })
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    pub(super) fn indices(&self) -> &[f64] {
        &self.indices
    }

    pub(super) fn check(&self) -> Result<(), ParamError> {
        for &index in &self.indices {
            check_state("index", index)?;
            if self.kind == Kind::Multiplicative && index <= 0.0 {
                return Err(ParamError::new("index", index, "positive"));
            }
        }
        Ok(())
    }
}

/// The classical indices by position modulo `m`; `None` where a season has no moving average or an index is not
/// finite, or not positive if it is a ratio. `y` has at least `m` values, `m` is at least 2.
pub(super) fn indices(y: &[f64], m: usize, kind: Kind) -> Option<Vec<f64>> {
    let mut sums = vec![0.0; m];
    let mut counts = vec![0_usize; m];
    for row in m / 2..y.len() - m / 2 {
        let centre = centred_mean(y, row, m);
        let index = match kind {
            Kind::Additive => y[row] - centre,
            Kind::Multiplicative => y[row] / centre,
        };
        if index.is_finite() {
            sums[row % m] += index;
            counts[row % m] += 1;
        }
    }
    if counts.contains(&0) {
        return None;
    }
    let mut indices: Vec<f64> = sums.iter().zip(&counts).map(|(sum, &count)| sum / count as f64).collect();
    let mean = indices.iter().sum::<f64>() / m as f64;
    match kind {
        Kind::Additive => indices.iter_mut().for_each(|index| *index -= mean),
        Kind::Multiplicative => indices.iter_mut().for_each(|index| *index /= mean),
    }
    // Values that span hundreds of orders of magnitude can leave a ratio of 0.
    let usable = |index: &f64| index.is_finite() && (kind == Kind::Additive || *index > 0.0);
    indices.iter().all(usable).then_some(indices)
}

/// The mean of the `m` values around `row`; for even `m` the two outermost of `m + 1` count half.
fn centred_mean(y: &[f64], row: usize, m: usize) -> f64 {
    let half = m / 2;
    let window = &y[row - half..=row + half];
    let sum: f64 = window.iter().sum();
    if m % 2 == 1 { sum / m as f64 } else { (sum - f64::midpoint(window[0], window[m])) / m as f64 }
}

/// The test of the autocorrelation at lag `m`, against Bartlett's limit times `limit`; `y` has at least `m` values.
pub(super) fn is_seasonal(y: &[f64], m: usize, limit: f64) -> bool {
    let n = present(y).count();
    let largest = present(y).fold(0.0, |largest: f64, (_, value)| largest.max(value.abs()));
    // A missing value becomes a deviation of 0, which leaves its products out of every sum.
    let unit = power_of_two_below(largest);
    let mean = present(y).map(|(_, value)| value / unit).sum::<f64>() / n as f64;
    let deviations: Vec<f64> = y.iter().map(|v| if v.is_nan() { 0.0 } else { v / unit - mean }).collect();
    let at_lag = |k: usize| product(&deviations[..deviations.len() - k], &deviations[k..]);
    let variance = at_lag(0);
    let squares: f64 = (1..m).map(|k| (at_lag(k) / variance).powi(2)).sum();
    // Constant series give NaN, which is not above any limit.
    (at_lag(m) / variance).abs() > limit * ((1.0 + 2.0 * squares) / n as f64).sqrt()
}

/// Four sums side by side: one addition need not wait for the one before.
fn product(a: &[f64], b: &[f64]) -> f64 {
    let (a, a_rest) = a.as_chunks::<4>();
    let (b, b_rest) = b.as_chunks::<4>();
    let mut sums = [0.0; 4];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..4 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    const LIMIT: f64 = 1.645;

    fn wave(level: f64) -> Vec<f64> {
        (0..30).map(|t| level + [3.0, -1.0, -4.0, 2.0][t % 4]).collect()
    }

    #[test]
    fn values_of_both_signs_are_adjusted_by_differences() {
        let (adjusted, season) = Season::take_out(&wave(0.0), 4, LIMIT);
        assert_eq!(season.kind(), Kind::Additive);
        assert!(adjusted.iter().all(|v| v.abs() < 1e-12));
        // 30 values: the third season comes next.
        assert_relative_eq!(season.ahead().next().unwrap().0, -4.0, max_relative = 1e-12);
    }

    #[test]
    fn positive_values_are_adjusted_by_ratios() {
        let (adjusted, season) = Season::take_out(&wave(100.0), 4, LIMIT);
        assert_eq!(season.kind(), Kind::Multiplicative);
        assert!(adjusted.iter().all(|v| (v - 100.0).abs() < 1e-10));
        assert_relative_eq!(season.ahead().next().unwrap().1, 0.96, max_relative = 1e-12);
    }

    #[test]
    fn what_is_taken_out_is_what_is_put_back() {
        for level in [0.0, 100.0] {
            let y = wave(level);
            let (_, season) = Season::take_out(&y[..24], 4, LIMIT);
            for ((value, rest), (shift, scale)) in y[24..].iter().zip(season.out_of(&y[24..])).zip(season.ahead()) {
                assert_relative_eq!(shift + scale * rest, *value, max_relative = 1e-12);
            }
        }
    }

    #[test]
    fn ratios_near_zero_turn_to_differences() {
        let y: Vec<f64> = (0..40).map(|t| [1000.0, 0.001, 1000.0, 1000.0][t % 4]).collect();
        assert_eq!(Season::take_out(&y, 4, LIMIT).1.kind(), Kind::Additive);
    }

    #[test]
    fn short_flat_and_unseasonal_series_stay_as_they_are() {
        let line: Vec<f64> = (0..30).map(f64::from).collect();
        for (m, y) in [
            (4, vec![5.0; 30]),
            (12, line),
            (4, wave(0.0)[..7].to_vec()),
            (1, wave(0.0)),
            (usize::MAX, wave(0.0)),
            (4, vec![f64::NAN; 20]),
        ] {
            let (adjusted, season) = Season::take_out(&y, m, LIMIT);
            assert!(season.indices().is_empty());
            assert_eq!(adjusted.len(), y.len());
        }
    }
}
