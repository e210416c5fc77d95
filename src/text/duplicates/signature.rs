//! How alike two texts are: `MinHash` over runs of three words.
//!
//! The likeness of two texts is the Jaccard index of their sets of three-word runs, their resemblance (Broder 1997, "On the
//! resemblance and containment of documents"). It is estimated by one permutation in 128 bins, where empty bins borrow from the
//! next bin that is not (Shrivastava & Li 2014, "Densifying One Permutation Hashing via Rotation for Fast Near Neighbor
//! Search", ICML), of which 8 bits are kept (Li & Koenig 2010, "b-Bit Minwise Hashing"). Words of digits count as one word:
//! dates and requisition numbers change between copies of an advertisement.

use crate::text::words::folded;

/// Bins of a signature. The standard error of a likeness J is about `sqrt(J (1 - J) / 128)`: 0.035 at 0.8. Eight bits of a bin
/// agree by chance in one of 256.
pub(super) const BINS: usize = 128;

/// Bands of a signature: texts that agree in one whole band are compared.
pub(super) const BANDS: usize = 32;

/// Bins of a band. Texts of likeness J are compared with probability `1 - (1 - J^4)^n` for n bands: with all 0.87 at 0.5.
pub(super) const ROWS: usize = BINS / BANDS;

/// Words of a run.
const RUN: usize = 3;

/// 128 bytes that stand for a text.
pub(super) type Signature = [u8; BINS];

/// A signature in the making.
#[derive(Debug)]
pub(super) struct Sketch {
    least: [u64; BINS],
    window: [u64; RUN],
    n_words: usize,
}

impl Default for Sketch {
    fn default() -> Self {
        Self { least: [u64::MAX; BINS], window: [0; RUN], n_words: 0 }
    }
}

impl Sketch {
    /// Adds the next word of the text.
    pub(super) fn push(&mut self, word: u64) {
        self.window = [self.window[1], self.window[2], word];
        self.n_words += 1;
        if self.n_words >= RUN {
            self.count();
        }
    }

    /// The signature.
    pub(super) fn finish(mut self) -> Signature {
        if self.n_words < RUN {
            self.count();
        }
        densified(&self.least)
    }

    fn count(&mut self) {
        let [first, second, third] = self.window;
        let hash = folded(first ^ second.rotate_left(21) ^ third.rotate_left(42));
        #[expect(clippy::cast_possible_truncation, reason = "7 bits")]
        let bin = (hash >> (64 - BINS.ilog2())) as usize;
        self.least[bin] = self.least[bin].min(hash);
    }
}

/// The estimated likeness of two texts, at most 1 and a hair below 0 at least: the share of equal bins, less those that are equal by
/// chance (Li & Koenig 2010, theorem 1, for sets that are small among all).
pub(super) fn likeness(a: &Signature, b: &Signature) -> f64 {
    const BY_CHANCE: f64 = 1.0 / 256.0;
    let equal = a.iter().zip(b).map(|(a, b)| u32::from(a == b)).sum::<u32>();
    (f64::from(equal) / BINS as f64 - BY_CHANCE) / (1.0 - BY_CHANCE)
}

/// The keys under which a text is filed, one for each band.
pub(super) fn bands(signature: &Signature) -> impl Iterator<Item = u64> {
    signature.as_chunks::<ROWS>().0.iter().zip(1_u64..).map(|(rows, band)| {
        // The band's number is part of the key: equal rows in different bands are no match.
        folded(u64::from(u32::from_le_bytes(*rows)) | band << 32)
    })
}

/// Empty bins take the value of the next bin that is not empty, marked with the distance.
fn densified(least: &[u64; BINS]) -> Signature {
    let mut out = [0; BINS];
    let Some(start) = least.iter().position(|value| *value != u64::MAX) else {
        return out;
    };
    let (mut value, mut distance) = (least[start], 0_u64);
    for back in 0..BINS {
        let bin = (start + BINS - back) % BINS;
        if least[bin] == u64::MAX {
            distance += 1;
        } else {
            (value, distance) = (least[bin], 0);
        }
        out[bin] = (folded(value.wrapping_add(distance.wrapping_mul(0x9e37_79b9_7f4a_7c15))) >> 56) as u8;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::fingerprint::Fingerprint;
    use super::*;

    fn signature(text: &str) -> Signature {
        *Fingerprint::new(text, false, Some(0)).signature().unwrap()
    }

    /// `n` words that no other `from` shares.
    fn words(from: usize, n: usize) -> String {
        (from..from + n).map(|i| format!("w{i}x")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn likeness_estimates_the_jaccard_index_of_three_word_runs() {
        // Runs of `a` are starts 0..=n-3; two stretches of 400 words shifted by s share 398 - s runs of 398 + s.
        for shift in [0, 20, 60, 120, 250, 390, 500] {
            let expected = (398.0 - f64::from(shift)).max(0.0) / (398.0 + f64::from(shift));
            let (mut sum, n) = (0.0, 40);
            for draw in 0..n {
                let from = draw * 10_000;
                let a = signature(&words(from, 400));
                sum += likeness(&a, &signature(&words(from + shift as usize, 400)));
            }
            let mean = sum / n as f64;
            // Four standard errors of the mean of 40 draws, doubled for the borrowed bins; where J is 0 or 1, those of bins
            // that are equal by chance.
            let bound = 8.0 * (expected * (1.0 - expected) / 128.0 / 40.0_f64).sqrt() + 0.004;
            assert!((mean - expected).abs() < bound, "{shift}: {mean} for {expected}");
        }
    }

    #[test]
    fn short_texts_have_a_signature() {
        assert_eq!(likeness(&signature("nurse aide"), &signature("nurse aide")), 1.0);
        assert!(likeness(&signature("nurse aide"), &signature("nurse")) < 0.2);
        assert_eq!(signature(""), signature(""));
    }

    #[test]
    fn words_of_digits_count_as_one_word() {
        assert_eq!(signature("start on 12 march 2026 at 8"), signature("start on 3 march 2027 at 11"));
    }
}
