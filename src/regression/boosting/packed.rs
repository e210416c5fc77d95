//! Gradient, hessian and count of a row in one integer, so that one addition sums all three.
//!
//! Sums of integers do not depend on their order: histograms may be built by any number of threads, in any pieces, and
//! differ in no bit. Gradients are rounded to a step that leaves room for the sum of all rows; see [`Scale::step_of`].

use std::fmt::Debug;

/// What a set of rows sums to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sums {
    pub(super) gradient: f64,
    pub(super) hessian: f64,
    pub(super) count: f64,
}

impl Sums {
    pub(super) fn minus(self, other: Self) -> Self {
        Self {
            gradient: self.gradient - other.gradient,
            hessian: self.hessian - other.hessian,
            count: self.count - other.count,
        }
    }
}

/// How numbers are laid out in an integer.
///
/// ```text
/// u64:  gradient | count               the hessian of a row is 1: its sum is the count
/// u128: gradient | hessian | count
/// ```
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    count_bits: u32,
    hessian_bits: u32,
    gradient_step: f64,
    hessian_step: f64,
    gradient_inverse: f64,
    hessian_inverse: f64,
}

/// An integer that holds a gradient, a count and, if it is wide enough, a hessian.
pub(super) trait Packed: Copy + Default + Debug + PartialEq + Send + Sync + 'static {
    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
    fn pack(scale: &Scale, gradient: f64, hessian: f64, count: u32) -> Self;
    fn unpack(self, scale: &Scale) -> Sums;
    /// The count alone.
    fn count(self, scale: &Scale) -> u64;
}

/// Most bits of a number that is rounded to an integer: more would not survive in an `f64`.
const MOST_BITS: u32 = 44;

/// Fewest bits of a gradient or hessian that are worth summing.
const FEWEST_BITS: u32 = 10;

impl Scale {
    /// A layout for `total_count` rows whose gradients are at most `largest_gradient` in size; hessians are 1.
    /// `None` if gradients would keep too few bits.
    pub(super) fn narrow(total_count: u64, largest_gradient: f64) -> Option<Self> {
        let count_bits = bits(total_count);
        let gradient_bits = 63_u32.checked_sub(2 * count_bits)?.min(MOST_BITS);
        (gradient_bits >= FEWEST_BITS).then(|| Self::new(count_bits, 0, step(largest_gradient, gradient_bits), 1.0))
    }

    /// A layout with a place for hessians of at most `largest_hessian`. Counts are below 2^32.
    pub(super) fn wide(total_count: u64, largest_gradient: f64, largest_hessian: f64) -> Self {
        let count_bits = bits(total_count).min(32);
        let left = 127 - 3 * count_bits;
        let hessian_bits = (left / 2).min(MOST_BITS);
        let gradient_bits = (left - hessian_bits).min(MOST_BITS);
        let (gradient, hessian) = (step(largest_gradient, gradient_bits), step(largest_hessian, hessian_bits));
        Self::new(count_bits, hessian_bits + count_bits, gradient, hessian)
    }

    fn new(count_bits: u32, hessian_bits: u32, gradient_step: f64, hessian_step: f64) -> Self {
        let (gradient_inverse, hessian_inverse) = (1.0 / gradient_step, 1.0 / hessian_step);
        Self { count_bits, hessian_bits, gradient_step, hessian_step, gradient_inverse, hessian_inverse }
    }

    /// What gradients are rounded to: the largest of them, or up to twice that, over 2^b, b = 63 - 2 bits(rows) for narrow integers (19 for
    /// 2.4 million rows), about 30 for wide ones.
    pub(super) fn step_of(&self) -> f64 {
        self.gradient_step
    }
}

/// Bits that hold `count`.
fn bits(count: u64) -> u32 {
    u64::BITS - count.leading_zeros()
}

/// The smallest power of two above `largest`, over 2^`bits`: multiples of it, as gradients of whole numbers often are, are
/// rounded by nothing. 1 where all is 0.
fn step(largest: f64, bits: u32) -> f64 {
    if largest == 0.0 {
        return 1.0;
    }
    // The exponent of the number, one higher; no larger than 2^-744, whose inverse is finite.
    let exponent = ((largest.to_bits() >> 52) + 1).clamp(64 + u64::from(bits), 2046);
    f64::from_bits((exponent - u64::from(bits)) << 52)
}

/// 1.5 * 2^52: added to a number below 2^51 in size it leaves no room for a fraction, so that the sum is rounded to a whole
/// number, which stands in its low bits.
const ROUNDER: f64 = 6_755_399_441_055_744.0;

/// `value` over `step`, a power of two, to the nearest whole number (the even one of two).
#[inline(always)]
fn rounded(value: f64, inverse_step: f64) -> i64 {
    (value * inverse_step + ROUNDER).to_bits().cast_signed() - ROUNDER.to_bits().cast_signed()
}

impl Packed for u64 {
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        self.wrapping_sub(other)
    }

    #[inline(always)]
    fn pack(scale: &Scale, gradient: f64, _hessian: f64, count: u32) -> Self {
        (rounded(gradient, scale.gradient_inverse).cast_unsigned() << scale.count_bits).wrapping_add(Self::from(count))
    }

    #[inline(always)]
    fn unpack(self, scale: &Scale) -> Sums {
        let count = self.count(scale) as f64;
        // The shift of a signed number takes the count off and keeps the sign.
        let gradient = (self.cast_signed() >> scale.count_bits) as f64 * scale.gradient_step;
        Sums { gradient, hessian: count, count }
    }

    #[inline(always)]
    fn count(self, scale: &Scale) -> u64 {
        self & ((1 << scale.count_bits) - 1)
    }
}

impl Packed for u128 {
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        self.wrapping_sub(other)
    }

    #[inline(always)]
    fn pack(scale: &Scale, gradient: f64, hessian: f64, count: u32) -> Self {
        let gradient = i128::from(rounded(gradient, scale.gradient_inverse)).cast_unsigned();
        let hessian = Self::from(rounded(hessian, scale.hessian_inverse).cast_unsigned());
        (gradient << (scale.count_bits + scale.hessian_bits))
            .wrapping_add(hessian << scale.count_bits)
            .wrapping_add(Self::from(count))
    }

    #[inline(always)]
    fn unpack(self, scale: &Scale) -> Sums {
        let hessian = (self >> scale.count_bits) & ((1 << scale.hessian_bits) - 1);
        let gradient = self.cast_signed() >> (scale.count_bits + scale.hessian_bits);
        Sums {
            gradient: gradient as f64 * scale.gradient_step,
            hessian: hessian as f64 * scale.hessian_step,
            count: self.count(scale) as f64,
        }
    }

    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "the mask leaves at most 32 bits")]
    fn count(self, scale: &Scale) -> u64 {
        (self & ((1 << scale.count_bits) - 1)) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums_are_exact<P: Packed>(scale: &Scale, gradients: &[f64], hessian: f64) {
        let all = gradients.iter().map(|g| P::pack(scale, *g, hessian, 1)).fold(P::default(), P::plus);
        let found = all.unpack(scale);
        let n = gradients.len() as f64;
        assert_eq!(found.count, n);
        assert!((found.hessian - hessian * n).abs() <= 1e-7 * hessian * n, "{found:?}");
        let sum: f64 = gradients.iter().sum();
        assert!((found.gradient - sum).abs() <= n * scale.step_of(), "{found:?} {sum}");
        let rest = gradients[1..].iter().map(|g| P::pack(scale, *g, hessian, 1)).fold(all, P::minus);
        assert_eq!(rest, P::pack(scale, gradients[0], hessian, 1));
    }

    #[test]
    fn sums_keep_their_fields_apart() {
        for n in [1_u64, 2, 3, 255, 256, 1000] {
            for sign in [-1.0, 1.0] {
                // All at the largest size: the sum needs every bit that was set aside.
                let gradients: Vec<f64> = (0..n).map(|_| sign * 3.7).collect();
                sums_are_exact::<u64>(&Scale::narrow(n, 3.7).unwrap(), &gradients, 1.0);
                sums_are_exact::<u128>(&Scale::wide(n, 3.7, 0.3), &gradients, 0.3);
            }
            let mixed: Vec<f64> = (0..n).map(|i| (i as f64).sin()).collect();
            sums_are_exact::<u64>(&Scale::narrow(n, 1.0).unwrap(), &mixed, 1.0);
            sums_are_exact::<u128>(&Scale::wide(n, 1.0, 2.0), &mixed, 1.7);
        }
    }

    #[test]
    fn too_many_rows_need_wide_integers() {
        assert!(Scale::narrow(2_400_000, 1.0).is_some());
        assert!(Scale::narrow(1 << 31, 1.0).is_none());
        assert!(Scale::wide(u64::from(u32::MAX), 1.0, 1.0).step_of() < 1e-4);
        assert_eq!(Scale::narrow(10, 0.0).unwrap().step_of(), 1.0);
        assert!(Scale::narrow(10, 5e-324).unwrap().step_of() > 0.0);
    }
}
