//! What a text leaves behind for comparison with others.

use serde::{Deserialize, Serialize};

use super::signature::{Signature, Sketch};

/// What a text leaves behind for comparison with others: a hash of its words and, if it is long enough, a signature. 16 bytes,
/// and 128 for the signature.
///
/// Words are runs of letters and digits, compared without regard to case; what stands between them does not count. Two of n
/// different texts share a hash with a probability of about `n^2 / 2^65`: 3e-8 for a million. It is no defence against texts
/// that are made to collide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    hash: u64,
    n_words: u32,
    signature: Option<Box<[u8]>>,
}

/// The hash of a word of digits in signatures, and in texts that fold digits.
const NUMBER: u64 = 0x9e37_79b9_7f4a_7c15;

impl Fingerprint {
    /// The fingerprint of `text`, with a signature from `least_words` on (none at `None`). O(bytes).
    pub(super) fn new(text: &str, fold_digits: bool, least_words: Option<usize>) -> Self {
        let mut sketch = Sketch::default();
        let (mut hash, mut n_words) = (0, 0_usize);
        for_each_word(text, |word, is_number| {
            n_words += 1;
            hash = folded(hash ^ if is_number && fold_digits { NUMBER } else { word });
            if least_words.is_some() {
                sketch.push(if is_number { NUMBER } else { word });
            }
        });
        let is_long = least_words.is_some_and(|least| n_words >= least);
        let signature = is_long.then(|| Box::<[u8]>::from(sketch.finish()));
        Self { hash, n_words: u32::try_from(n_words).unwrap_or(u32::MAX), signature }
    }

    /// Whether the text holds no word.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.n_words == 0
    }

    /// The hash of the words; the same number on every machine.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.hash
    }

    pub(super) fn signature(&self) -> Option<&Signature> {
        self.signature.as_deref().and_then(|bytes| bytes.try_into().ok())
    }
}

/// A hash of a name such as an employer's, without regard to case, punctuation and blanks; `None` for a name without a word.
#[must_use]
pub fn name_hash(name: &str) -> Option<u64> {
    let print = Fingerprint::new(name, false, None);
    (!print.is_empty()).then_some(print.hash)
}

/// The product with an odd constant, its high half folded onto the low one (the step of wyhash, Wang Yi 2019).
pub(super) fn folded(value: u64) -> u64 {
    let product = u128::from(value ^ 0xa076_1d64_78bd_642f) * 0xe703_7ed1_a0b4_28db;
    #[expect(clippy::cast_possible_truncation, reason = "the low half is meant")]
    let low = product as u64;
    low ^ (product >> 64) as u64
}

/// Calls `each` on the hash of every word in small letters, and whether it consists of digits.
fn for_each_word(text: &str, mut each: impl FnMut(u64, bool)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&first) = bytes.get(at) {
        let start = at;
        while bytes.get(at).is_some_and(u8::is_ascii_alphanumeric) {
            at += 1;
        }
        let is_ascii = bytes.get(at).is_none_or(u8::is_ascii);
        if is_ascii && at > start {
            let is_number = first.is_ascii_digit() && bytes[start..at].iter().all(u8::is_ascii_digit);
            each(ascii_hash(bytes, start, at), is_number);
        } else if is_ascii {
            at += 1;
        } else {
            // A letter or sign beyond ASCII stands in or behind the word.
            let rest = &text[start..];
            let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
            let lower = rest[..end].to_lowercase();
            if end > 0 {
                each(ascii_hash(lower.as_bytes(), 0, lower.len()), lower.bytes().all(|b| b.is_ascii_digit()));
            }
            at = start + end + rest[end..].chars().next().map_or(0, char::len_utf8);
        }
    }
}

/// The hash of `bytes[start..end]`, capitals of ASCII letters taken as small ones: 0x20 is set in every small letter and digit.
fn ascii_hash(bytes: &[u8], start: usize, end: usize) -> u64 {
    const SMALL: u64 = 0x2020_2020_2020_2020;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<(u64, bool)> {
        let mut out = Vec::new();
        for_each_word(text, |hash, is_number| out.push((hash, is_number)));
        out
    }

    #[test]
    fn case_blanks_and_punctuation_do_not_count() {
        assert_eq!(words(" Nurse--Aide,\tÉVORA (No. 12)! "), words("nurse aide évora no 12"));
        assert_eq!(
            words("nurse aide évora no 12").iter().map(|w| w.1).collect::<Vec<_>>(),
            [false, false, false, false, true]
        );
        assert_eq!(words("B2B \u{2013} Größe\u{ae}x"), words("b2b größe x"));
        assert_eq!(words("..."), []);
        assert_eq!(words("\u{1f600}"), []);
    }

    #[test]
    fn a_word_has_one_hash_wherever_it_stands() {
        for word in ["a", "seventh", "eighteen", "ninefolds", "abcdefghijklmnopq", "1234567890"] {
            let alone = words(word);
            assert_eq!(words(&format!("{word} x"))[0], alone[0], "{word}");
            assert_eq!(words(&format!("x {}, and some words behind", word.to_uppercase()))[1], alone[0], "{word}");
        }
        let all =
            ["ab", "ba", "abc", "ab0", "a b", "abcdefgh", "abcdefghi", "abcdefgh0", "0abcdefgh"].map(|t| words(t)[0].0);
        let mut different = all.to_vec();
        different.sort_unstable();
        different.dedup();
        // "a b" begins with the word "a"; the others are words of their own.
        assert_eq!(different.len(), all.len());
    }

    #[test]
    fn digits_count_unless_folded() {
        let hash = |text, fold| Fingerprint::new(text, fold, None).hash();
        assert_ne!(hash("Cook, $18", false), hash("Cook, $19", false));
        assert_eq!(hash("Cook, $18", true), hash("Cook, $19", true));
        assert_ne!(hash("Cook B2B", true), hash("Cook B3B", true));
    }

    #[test]
    fn names_are_equal_whatever_their_punctuation() {
        assert_eq!(name_hash("Acme, Inc."), name_hash("ACME INC"));
        assert_ne!(name_hash("Acme"), name_hash("Acme 2"));
        assert_eq!(name_hash(" - "), None);
    }
}
