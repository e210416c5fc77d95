//! Random numbers that are the same on every machine.

use super::normal;

/// The random numbers of Steele, Lea & Flood (2014), "Fast splittable pseudorandom number generators", OOPSLA, fig. 17.
#[derive(Clone, Debug)]
pub(crate) struct SplitMix64(u64);

impl SplitMix64 {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The stream `index` of `seed`.
    pub(crate) fn of(seed: u64, index: u64) -> Self {
        let start = Self(seed).next();
        Self(start ^ Self(index).next())
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`, each as likely to within n / 2^64.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        let scaled = (u128::from(self.next()) * n as u128) >> 64;
        // Smaller than `n`, so it fits.
        usize::try_from(scaled).unwrap_or(0)
    }

    /// A number in [0, 1), a multiple of 2^-53.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 * (0.5 * f64::EPSILON)
    }

    /// A draw from the standard normal distribution, by its quantile function; between -8.3 and 8.2.
    pub(crate) fn standard_normal(&mut self) -> f64 {
        // A unit is in [0, 1); a quarter of its step inward, and never 1, it has a finite quantile.
        normal::quantile((self.unit() + 0.25 * f64::EPSILON).min(1.0 - f64::EPSILON))
    }

    /// Puts `places` in random order, each order as likely (Fisher & Yates; Knuth, *The Art of Computer Programming* 2, 3.4.2,
    /// algorithm P).
    pub(crate) fn shuffle(&mut self, places: &mut [usize]) {
        for last in (1..places.len()).rev() {
            places.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_gives_the_published_stream() {
        // First outputs for seed 1234567 of the authors' C code (prng.di.unimi.it/splitmix64.c).
        let mut stream = SplitMix64(1_234_567);
        assert_eq!([stream.next(), stream.next()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    #[test]
    fn units_fill_the_interval_and_leave_out_its_end() {
        let mut stream = SplitMix64::of(1, 2);
        let drawn: Vec<f64> = (0..10_000).map(|_| stream.unit()).collect();
        assert!(drawn.iter().all(|u| (0.0..1.0).contains(u)));
        assert!((drawn.iter().sum::<f64>() / 1e4 - 0.5).abs() < 0.01);
    }
}
