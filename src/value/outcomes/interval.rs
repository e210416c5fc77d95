//! Intervals for shares and medians.

use statrs::distribution::{Binomial, DiscreteCDF};

use crate::numeric::normal;

/// The Wilson interval of a share `x / n` at `level`, for `n >= 1` and `0 <= x <= n`.
///
/// ```text
/// (p + z^2/2n +- z sqrt(p (1-p)/n + z^2/4n^2)) / (1 + z^2/n)
/// ```
///
/// Never outside [0, 1], and of use at 0 and `n` too. NaN where `n` is not positive. Source: Wilson (1927), "Probable inference, the law
/// of succession, and statistical inference", JASA 22, 209-212.
#[must_use]
pub fn wilson(x: f64, n: f64, level: f64) -> (f64, f64) {
    if n.is_nan() || n <= 0.0 {
        return (f64::NAN, f64::NAN);
    }
    let z = normal::quantile(0.5 + level / 2.0);
    let (p, z2) = (x / n, z * z);
    let middle = p + z2 / (2.0 * n);
    let arm = z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z2 / n;
    // At the ends the interval ends there exactly, which rounding would miss.
    let low = if x <= 0.0 { 0.0 } else { (middle - arm) / scale };
    let high = if x >= n { 1.0 } else { (middle + arm) / scale };
    (low.clamp(0.0, 1.0), high.clamp(0.0, 1.0))
}

/// A median with its interval between two of the values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MedianInterval {
    /// The median: the middle value, or half way between the middle two.
    pub median: f64,
    /// The interval; `None` where too few values reach the level (fewer than 6 at 95 %).
    pub interval: Option<(f64, f64)>,
}

/// The median of `values` and the shortest symmetric interval between two order statistics whose coverage is at least `level`,
/// whatever the distribution; `None` if there are no values. Sorts `values`.
///
/// ```text
/// [x(k), x(n + 1 - k)],  k the largest with P(Bin(n, 1/2) <= k - 1) <= (1 - level) / 2
/// ```
///
/// Source: David & Nagaraja (2003), *Order Statistics*, 3rd ed., 7.1. O(n log n).
#[must_use]
pub fn median_interval(values: &mut [f64], level: f64) -> Option<MedianInterval> {
    values.sort_unstable_by(f64::total_cmp);
    let n = values.len();
    let upper = *values.get(n / 2)?;
    let median = if n % 2 == 1 { upper } else { values[n / 2 - 1] + (upper - values[n / 2 - 1]) / 2.0 };
    let interval = rank(n, level).map(|k| (values[k - 1], values[n - k]));
    Some(MedianInterval { median, interval })
}

/// The `k` of [`median_interval`]; `None` if even the extremes do not cover enough.
fn rank(n: usize, level: f64) -> Option<usize> {
    let tail = (1.0 - level) / 2.0;
    let binomial = Binomial::new(0.5, n as u64).ok()?;
    // P(Bin <= k - 1) grows with k: the largest k by halving, between 0 (none) and n / 2.
    let (mut below, mut above) = (0_usize, n / 2 + 1);
    while above - below > 1 {
        let k = usize::midpoint(below, above);
        if binomial.cdf(k as u64 - 1) <= tail {
            below = k;
        } else {
            above = k;
        }
    }
    (below > 0).then_some(below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_those_of_the_tables() {
        // Conover (1999), Practical Nonparametric Statistics, table A3, and scipy.stats.binom.ppf(.025, n, .5): n, k
        for (n, k) in
            [(5, None), (6, Some(1)), (8, Some(1)), (9, Some(2)), (10, Some(2)), (20, Some(6)), (100, Some(40))]
        {
            assert_eq!(rank(n, 0.95), k, "{n}");
        }
        assert_eq!(rank(0, 0.95), None);
    }

    #[test]
    fn medians_of_few_values_have_no_interval() {
        assert_eq!(median_interval(&mut [], 0.95), None);
        let few = median_interval(&mut [3.0, 1.0], 0.95).unwrap();
        assert_eq!((few.median, few.interval), (2.0, None));
        let nine = median_interval(&mut [9.0, 1.0, 8.0, 2.0, 7.0, 3.0, 6.0, 4.0, 5.0], 0.95).unwrap();
        assert_eq!((nine.median, nine.interval), (5.0, Some((2.0, 8.0))));
    }

    #[test]
    fn wilson_stays_inside_and_reaches_the_ends_only_there() {
        assert_eq!(wilson(0.0, 10.0, 0.95).0, 0.0);
        assert_eq!(wilson(10.0, 10.0, 0.95).1, 1.0);
        let (low, high) = wilson(1.0, 10.0, 0.95);
        assert!(low > 0.0 && high < 1.0);
        assert!(wilson(0.0, 0.0, 0.95).0.is_nan());
    }
}
