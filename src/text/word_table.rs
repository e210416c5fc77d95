//! Words with a meaning, found by their bytes.

/// The longest word that a table holds.
const LONGEST: usize = 15;

/// Meanings of words of up to fifteen bytes, without regard to ASCII case, in open addressing.
///
/// A posting has hundreds of words and most are in no list: a look costs a few nanoseconds, where a `match` on strings compares a
/// word with many of its length.
#[derive(Clone, Debug)]
pub(super) struct WordTable<T> {
    /// Packed words and their meanings; a power of two of them, 0 for none.
    slots: Box<[(u128, Option<T>)]>,
}

impl<T: Copy> WordTable<T> {
    /// A table of lists of words; of a word that stands twice the first counts.
    ///
    /// # Panics
    /// For an empty word and one longer than [`LONGEST`]: lists are written, not read.
    pub(super) fn new<'w>(lists: impl Iterator<Item = (T, &'w [&'w str])> + Clone) -> Self {
        let n_words: usize = lists.clone().map(|(_, words)| words.len()).sum();
        let mut table = Self { slots: vec![(0, None); (4 * n_words).next_power_of_two()].into_boxed_slice() };
        for (meaning, words) in lists {
            for word in words {
                assert!((1..=LONGEST).contains(&word.len()), "{word:?} does not fit");
                let place = table.place(packed(word.as_bytes()));
                if table.slots[place].1.is_none() {
                    table.slots[place] = (packed(word.as_bytes()), Some(meaning));
                }
            }
        }
        table
    }

    /// The meaning of a word.
    pub(super) fn get(&self, word: &[u8]) -> Option<T> {
        if word.is_empty() || word.len() > LONGEST {
            return None;
        }
        self.slots[self.place(packed(word))].1
    }

    /// The slot of a word, or the free one where it would stand. There always is one: three of four are free.
    fn place(&self, key: u128) -> usize {
        let last = self.slots.len() - 1;
        #[expect(clippy::cast_possible_truncation, reason = "both halves take part, and a few bits are kept")]
        let folded = (key as u64 ^ ((key >> 64) as u64).rotate_left(23)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut place = (folded >> 40) as usize & last;
        while self.slots[place].0 != key && self.slots[place].0 != 0 {
            place = (place + 1) & last;
        }
        place
    }
}

/// The bytes of a word in one number behind a one, capitals as small letters.
fn packed(word: &[u8]) -> u128 {
    word.iter().fold(1, |packed, byte| packed << 8 | u128::from(byte.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_case_and_nothing_else_is() {
        let lists: [(u8, &[&str]); 3] = [(1, &["pay", "a"]), (2, &["fifteen-letters", "c++"]), (3, &["a"])];
        let table = WordTable::new(lists.into_iter());
        assert_eq!([table.get(b"Pay"), table.get(b"A"), table.get(b"C++")], [Some(1), Some(1), Some(2)]);
        assert_eq!(table.get(b"FIFTEEN-letters"), Some(2));
        for word in ["", "b", "payx", "xpay", "pa", "fifteen-letters-", "\0a"] {
            assert_eq!(table.get(word.as_bytes()), None, "{word:?}");
        }
    }
}
