//! Scaling by powers of two, so that squares neither overflow nor vanish and no digit is lost.

/// The power of two just below `size`, or the smallest normal number: dividing by it is exact and never overflows.
pub(crate) fn power_of_two_below(size: f64) -> f64 {
    const EXPONENT_BITS: u64 = 0x7ff0_0000_0000_0000;
    f64::from_bits(size.to_bits() & EXPONENT_BITS).max(f64::MIN_POSITIVE)
}

/// Scales a median absolute deviation to a standard deviation under normality, 1 / Phi^-1(3/4)
/// (Rousseeuw & Croux 1993, "Alternatives to the Median Absolute Deviation", JASA 88, p. 1273).
pub(crate) const MAD_TO_SD: f64 = 1.482_602_218_505_602;

/// The square root of the sum of squares over `count`; 0 if `count` is 0.
pub(crate) fn root_mean_square(values: impl Iterator<Item = f64> + Clone, count: usize) -> f64 {
    let largest = values.clone().fold(0.0, |largest: f64, v| largest.max(v.abs()));
    if count == 0 || largest <= 0.0 {
        return 0.0;
    }
    let unit = power_of_two_below(largest);
    let sum: f64 = values.map(|v| (v / unit) * (v / unit)).sum();
    unit * (sum / count as f64).sqrt()
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these results are exact")]
mod tests {
    use super::*;

    #[test]
    fn powers_of_two_lie_within_a_factor_of_two() {
        for size in [1e-300, 0.7, 1.0, 1.5, 3.9, 1e150] {
            let ratio = size / power_of_two_below(size);
            assert!((1.0..2.0).contains(&ratio), "{size}: {ratio}");
        }
        assert_eq!(power_of_two_below(0.0), f64::MIN_POSITIVE);
        assert_eq!(power_of_two_below(1e-310), f64::MIN_POSITIVE);
    }

    #[test]
    fn squares_of_tiny_and_huge_values_survive() {
        for unit in [1e-300, 1.0, 1e300] {
            let rms = root_mean_square([3.0 * unit, 4.0 * unit].into_iter(), 2);
            assert!((rms / unit - 12.5_f64.sqrt()).abs() < 1e-12);
        }
        assert_eq!(root_mean_square(std::iter::empty(), 0), 0.0);
        assert_eq!(root_mean_square([0.0].into_iter(), 1), 0.0);
    }
}
