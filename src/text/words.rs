//! Runs of letters and digits, found 64 bytes at a time, and hashes of words: one reading of a text for all who look at words.

/// What [`for_each_run`] finds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Piece {
    /// A run of ASCII letters and digits that ends at a byte of ASCII, or with the text.
    Run { start: usize, end: usize },
    /// A stretch with bytes beyond ASCII: the caller reads the words that begin in it.
    Stretch { from: usize, until: usize },
}

/// Calls `each` on all of a text, piece by piece; it returns where the words that it has read end: `end` of a run, and of a stretch
/// any place from `until` on that is not inside a word. O(bytes).
///
/// Letters and digits are told 64 bytes at a time, as bits; a stretch of 64 with a byte beyond ASCII, with the word that reaches into
/// it, is left to the caller, and so is the rest of a text behind its last 64.
pub(super) fn for_each_run(bytes: &[u8], mut each: impl FnMut(Piece) -> usize) {
    let mut at = 0;
    // A word that began before `at`.
    let mut begun: Option<usize> = None;
    while let Some(chunk) = bytes[at..].first_chunk::<64>() {
        let Some(mask) = alphanumeric(chunk) else {
            at = each(Piece::Stretch { from: begun.take().unwrap_or(at), until: at + 64 });
            continue;
        };
        let mut starts = mask & !(mask << 1 | u64::from(begun.is_some()));
        let mut ends = !mask & (mask << 1 | u64::from(begun.is_some()));
        while ends != 0 {
            let end = at + ends.trailing_zeros() as usize;
            let start = begun.take().unwrap_or_else(|| {
                let start = at + starts.trailing_zeros() as usize;
                starts &= starts - 1;
                start
            });
            ends &= ends - 1;
            each(Piece::Run { start, end });
        }
        if starts != 0 {
            begun = Some(at + starts.trailing_zeros() as usize);
        }
        at += 64;
    }
    each(Piece::Stretch { from: begun.unwrap_or(at), until: bytes.len() });
}

/// The hash of `bytes[start..end]`, the same on every machine and wherever the word stands; capitals of ASCII letters are taken as
/// small ones: 0x20 is set in every small letter and digit.
#[inline]
pub(super) fn word_hash(bytes: &[u8], start: usize, end: usize) -> u64 {
    let mut hash = (end - start) as u64;
    let mut at = start;
    while at < end {
        let left = end - at;
        let word = match bytes.get(at..at + 8) {
            Some(eight) => eight.try_into().map_or(0, u64::from_le_bytes) & (u64::MAX >> (64 - 8 * left.min(8))),
            None => bytes[at..end].iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
        };
        hash = folded(hash ^ (word | SMALL));
        at += 8;
    }
    hash
}

/// [`word_hash`] of a whole word, while the program is compiled.
pub(super) const fn hash_of(word: &str) -> u64 {
    let bytes = word.as_bytes();
    let mut hash = bytes.len() as u64;
    let mut at = 0;
    while at < bytes.len() {
        let mut eight = SMALL;
        let mut place = 0;
        while place < 8 && at + place < bytes.len() {
            eight |= (bytes[at + place] as u64) << (8 * place);
            place += 1;
        }
        hash = folded(hash ^ eight);
        at += 8;
    }
    hash
}

/// The hashes of words of ASCII, as a slice made while the program is compiled.
macro_rules! hashes {
    [$($word:literal),+ $(,)?] => { const { &[$($crate::text::words::hash_of($word)),+] } };
}
pub(super) use hashes;

/// Set in every small letter and digit.
const SMALL: u64 = 0x2020_2020_2020_2020;

/// The product with an odd constant, its high half folded onto the low one (the step of wyhash, Wang Yi 2019).
#[inline]
pub(super) const fn folded(value: u64) -> u64 {
    let product = (value ^ 0xa076_1d64_78bd_642f) as u128 * 0xe703_7ed1_a0b4_28db;
    #[expect(clippy::cast_possible_truncation, reason = "the low half is meant")]
    let low = product as u64;
    low ^ (product >> 64) as u64
}

/// A bit for each letter or digit; `None` if a byte is beyond ASCII.
fn alphanumeric(chunk: &[u8; 64]) -> Option<u64> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * ONES;
    // Bytes below 0x80 that are at least `low` and at most `high`, by their high bits.
    let within = |word: u64, low: u8, high: u8| {
        let at_least = word + ONES * u64::from(0x80 - low);
        let above = word + ONES * u64::from(0x7f - high);
        at_least & !above & HIGH
    };
    let (mut mask, mut all) = (0_u64, 0_u64);
    for (place, eight) in chunk.as_chunks::<8>().0.iter().enumerate() {
        let word = u64::from_le_bytes(*eight);
        all |= word;
        let plain = word & !HIGH;
        let found = within(plain | (0x20 * ONES), b'a', b'z') | within(plain, b'0', b'9');
        // The high bits, gathered in the highest byte.
        let gathered = (found >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        mask |= gathered << (8 * place);
    }
    (all & HIGH == 0).then_some(mask)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_has_one_hash_wherever_it_stands_and_in_any_case() {
        for word in ["a", "seventh", "eighteen", "ninefolds", "abcdefghijklmnopq", "1234567890", "c++"] {
            let alone = word_hash(word.as_bytes(), 0, word.len());
            let text = format!("x {} and some words behind", word.to_uppercase());
            assert_eq!(word_hash(text.as_bytes(), 2, 2 + word.len()), alone, "{word}");
            assert_eq!(hash_of(word), alone, "{word}");
            assert_eq!(hash_of(&word.to_uppercase()), alone, "{word}");
        }
        let words = ["ab", "ba", "abc", "ab0", "abcdefgh", "abcdefghi", "abcdefgh0", "0abcdefgh", "", "a"];
        let mut hashes = words.map(|word| word_hash(word.as_bytes(), 0, word.len())).to_vec();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), words.len());
    }
}
