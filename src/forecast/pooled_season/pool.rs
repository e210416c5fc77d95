//! The change from one period to the next that the series of a pool have in common.

use crate::numeric::scale::power_of_two_below;

/// Share of the weight that is left out at each end before changes are averaged over series.
const TRIM: f64 = 0.1;
/// What keeps the change of one series from or to 0 finite, as a share of its level.
const PSEUDO_COUNT: f64 = 0.1;
/// A relative change of this size (`atanh` of it: a factor of 400) is cut.
const LARGEST_RELATIVE: f64 = 0.995;

/// The changes of one series, one for each row; the first row and rows beside a missing value have weight 0.
#[derive(Clone, Debug)]
pub(super) struct Changes {
    /// Position of the first row on the axis of the panel.
    pub(super) first: usize,
    /// `(b - a) / (a + b)`, or `(b - a) / scale` for the additive form.
    pub(super) values: Vec<f64>,
    /// How much is known about each of them.
    pub(super) weights: Vec<f64>,
    /// What one unit of the season is in this series: its mean absolute change for the additive form, else 1.
    pub(super) unit: f64,
    /// Mean size of a value.
    level: f64,
    multiplicative: bool,
}

impl Changes {
    /// `None` for a series without two values in succession that differ, or one that leaves the range of numbers.
    pub(super) fn new(y: &[f64], first: usize, multiplicative: bool) -> Option<Self> {
        let (n, largest) = y.iter().filter(|v| !v.is_nan()).fold((0_u32, 0.0_f64), |(n, m), v| (n + 1, m.max(v.abs())));
        if !(largest > 0.0 && largest.is_finite()) {
            return None;
        }
        let power = power_of_two_below(largest);
        let scaled = |v: f64| v / power;
        let level = y.iter().filter(|v| !v.is_nan()).map(|&v| scaled(v).abs()).sum::<f64>() / f64::from(n);
        let pairs = || y.windows(2).map(|w| (scaled(w[0]), scaled(w[1])));
        let (steps, total) =
            pairs().map(|(a, b)| (b - a).abs()).filter(|d| !d.is_nan()).fold((0_u32, 0.0), |(n, s), d| (n + 1, s + d));
        if steps == 0 || total <= 0.0 {
            return None;
        }
        let unit = if multiplicative { 1.0 } else { total / f64::from(steps) };
        let (mut values, mut weights) = (vec![0.0], vec![0.0]);
        for (a, b) in pairs() {
            let (value, weight) =
                if multiplicative { ((b - a) / (a + b), (a + b) / (2.0 * level)) } else { ((b - a) / unit, 1.0) };
            let known = value.is_finite() && weight > 0.0;
            values.push(if known { value } else { 0.0 });
            weights.push(if known { weight } else { 0.0 });
        }
        // Precision: a series that jumps about says less about the season of all.
        let weight: f64 = weights.iter().sum();
        let variance = values.iter().zip(&weights).map(|(v, w)| w * v * v).sum::<f64>() / weight;
        let precision = 1.0 / (variance + 1e-4);
        if !(weight > 0.0 && precision.is_finite()) {
            return None;
        }
        weights.iter_mut().for_each(|w| *w *= precision);
        let unit = if multiplicative { 1.0 } else { unit * power };
        Some(Self { first, values, weights, unit, level: level * 2.0 * precision, multiplicative })
    }

    /// The changes of this series alone, as [`common`] gives those of many.
    pub(super) fn own(&self, row: usize) -> (f64, f64) {
        let (value, weight) = (self.values[row], self.weights[row]);
        if !self.multiplicative {
            return (value, weight);
        }
        // `weight / level` is the mean of the two values over the level of the series.
        let damped = value * weight / (weight + PSEUDO_COUNT * self.level / 2.0);
        (2.0 * damped.clamp(-LARGEST_RELATIVE, LARGEST_RELATIVE).atanh(), weight)
    }
}

/// The trimmed mean change over `pieces`, pairs of a value and its weight, and the weight behind it; sorts `pieces`.
///
/// For the multiplicative form `2 atanh` of it is the logarithm of the ratio of weighted sums, so that a zero needs
/// no logarithm of its own.
pub(super) fn common(pieces: &mut [(f64, f64)], multiplicative: bool) -> (f64, f64) {
    pieces.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let total: f64 = pieces.iter().map(|(_, w)| w).sum();
    if total.is_nan() || total <= 0.0 {
        return (0.0, 0.0);
    }
    let (low, high) = (TRIM * total, (1.0 - TRIM) * total);
    let (mut before, mut sum) = (0.0, 0.0);
    for &(value, weight) in pieces.iter() {
        let after = before + weight;
        sum += value * (after.min(high) - before.max(low)).max(0.0);
        before = after;
    }
    let mean = sum / (high - low);
    let change = if multiplicative { 2.0 * mean.clamp(-LARGEST_RELATIVE, LARGEST_RELATIVE).atanh() } else { mean };
    (change, total)
}
