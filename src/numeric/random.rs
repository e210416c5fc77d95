//! Random numbers that are the same on every machine.

/// The random numbers of Steele, Lea & Flood (2014), "Fast splittable pseudorandom number generators", OOPSLA, fig. 17.
#[derive(Clone, Debug)]
pub(crate) struct SplitMix64(u64);

impl SplitMix64 {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
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

    /// Puts `places` in random order, each order as likely (Fisher & Yates; Knuth, *The Art of Computer Programming* 2, 3.4.2,
    /// algorithm P).
    pub(crate) fn shuffle(&mut self, places: &mut [usize]) {
        for last in (1..places.len()).rev() {
            places.swap(last, self.below(last + 1));
        }
    }
}
