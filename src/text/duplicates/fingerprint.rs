//! What a text leaves behind for comparison with others.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use serde::{Deserialize, Serialize};

use super::signature::{Signature, Sketch};
use crate::text::words::{Piece, folded, for_each_run, word_hash};

/// What a text leaves behind for comparison with others: a hash of its words and, if it is long enough, a signature. 32 bytes,
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

    /// Frees the signature: the text has equal copies only from now on.
    pub fn forget_signature(&mut self) {
        self.signature = None;
    }
}

/// A hash of a name such as an employer's, without regard to case, punctuation and blanks; `None` for a name without a word.
#[must_use]
pub fn name_hash(name: &str) -> Option<u64> {
    let print = Fingerprint::new(name, false, None);
    (!print.is_empty()).then_some(print.hash)
}

/// A map by numbers that are hashes already.
pub(super) type ByHash<T> = HashMap<u64, T, BuildHasherDefault<Identity>>;

/// The hash of a number is the number, or its half spread over all bits.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = folded(self.0 ^ u64::from(*byte)));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    fn write_u32(&mut self, number: u32) {
        // Maps look at the highest bits too.
        self.0 = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// Calls `each` on the hash of every word in small letters, and whether it consists of digits.
fn for_each_word(text: &str, mut each: impl FnMut(u64, bool)) {
    let bytes = text.as_bytes();
    for_each_run(bytes, |piece| match piece {
        Piece::Run { start, end } => {
            each(word_hash(bytes, start, end), is_number(bytes, start, end));
            end
        }
        Piece::Stretch { from, until } => words_one_by_one(text, from, until, &mut each),
    });
}

/// Calls `each` on the words from `at` on, up to the first that does not begin before `until`; returns where it stopped.
fn words_one_by_one(text: &str, mut at: usize, until: usize, each: &mut impl FnMut(u64, bool)) -> usize {
    let bytes = text.as_bytes();
    while at < until && at < bytes.len() {
        let start = at;
        while bytes.get(at).is_some_and(u8::is_ascii_alphanumeric) {
            at += 1;
        }
        let is_ascii = bytes.get(at).is_none_or(u8::is_ascii);
        if is_ascii && at > start {
            each(word_hash(bytes, start, at), is_number(bytes, start, at));
        } else if is_ascii {
            at += 1;
        } else {
            // A letter or sign beyond ASCII stands in or behind the word.
            let rest = &text[start..];
            let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
            let lower = rest[..end].to_lowercase();
            if end > 0 {
                each(word_hash(lower.as_bytes(), 0, lower.len()), lower.bytes().all(|b| b.is_ascii_digit()));
            }
            at = start + end + rest[end..].chars().next().map_or(0, char::len_utf8);
        }
    }
    at
}

fn is_number(bytes: &[u8], start: usize, end: usize) -> bool {
    bytes[start].is_ascii_digit() && bytes[start..end].iter().all(u8::is_ascii_digit)
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
    fn words_are_the_same_wherever_stretches_begin() {
        let text = "Größe M, 2nd-shift @`[{/:AZaz09 CNA's \u{1f600}x 12345678901234567890 naïve ";
        let mut one_by_one = Vec::new();
        words_one_by_one(text, 0, text.len(), &mut |hash, is_number| one_by_one.push((hash, is_number)));
        assert_eq!(one_by_one.len(), 10);
        for n in 0..140 {
            let padded = format!("{}{text}{}", " ".repeat(n), "-".repeat(64));
            assert_eq!(words(&padded), one_by_one, "{n}");
            let many = format!("{}{}", "y ".repeat(n), text.repeat(3));
            assert_eq!(words(&many)[n..], one_by_one.repeat(3), "{n}");
            let long = "z".repeat(n + 1);
            assert_eq!(words(&format!("{long} {text}{text}"))[1..], one_by_one.repeat(2), "{n}");
        }
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
