//! Words with a meaning, found by their hashes.

use super::words::word_hash;

/// Meanings of words by their hashes, without regard to ASCII case, in open addressing.
///
/// A posting has hundreds of words and most are in no list: a look costs a few nanoseconds, where a `match` on strings compares a
/// word with many of its length. A word that is in no list is taken for one that is with a probability of about 1e-17.
#[derive(Clone, Debug)]
pub(super) struct WordTable<T> {
    /// Hashes of words and their meanings; a power of two of them, most of them free.
    slots: Box<[(u64, Option<T>)]>,
}

impl<T: Copy> WordTable<T> {
    /// A table of lists of words; of a word that stands twice the first counts.
    pub(super) fn new<'w>(lists: impl Iterator<Item = (T, &'w [&'w str])> + Clone) -> Self {
        let n_words: usize = lists.clone().map(|(_, words)| words.len()).sum();
        let mut table = Self { slots: vec![(0, None); (4 * n_words).next_power_of_two()].into_boxed_slice() };
        for (meaning, words) in lists {
            for word in words {
                let hash = word_hash(word.as_bytes(), 0, word.len());
                let place = table.place(hash);
                if table.slots[place].1.is_none() {
                    table.slots[place] = (hash, Some(meaning));
                }
            }
        }
        table
    }

    /// The meaning of the word with this hash.
    #[inline]
    pub(super) fn get(&self, hash: u64) -> Option<T> {
        self.slots[self.place(hash)].1
    }

    /// The slot of a word, or the free one where it would stand. There always is one: three of four are free.
    #[inline]
    fn place(&self, hash: u64) -> usize {
        let last = self.slots.len() - 1;
        #[expect(clippy::cast_possible_truncation, reason = "the low bits are kept")]
        let mut place = hash as usize & last;
        while self.slots[place].0 != hash && self.slots[place].1.is_some() {
            place = (place + 1) & last;
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_case_and_nothing_else_is() {
        let lists: [(u8, &[&str]); 3] = [(1, &["pay", "a"]), (2, &["a-word-of-any-length", "c++"]), (3, &["a"])];
        let table = WordTable::new(lists.into_iter());
        let get = |word: &str| table.get(word_hash(word.as_bytes(), 0, word.len()));
        assert_eq!([get("Pay"), get("A"), get("C++")], [Some(1), Some(1), Some(2)]);
        assert_eq!(get("A-WORD-of-any-length"), Some(2));
        for word in ["", "b", "payx", "xpay", "pa", "a-word-of-any-length-", "\0a"] {
            assert_eq!(get(word), None, "{word:?}");
        }
    }
}
