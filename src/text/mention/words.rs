//! Words of a text and their hashes.

use std::cell::Cell;
use std::ops::Range;

use crate::text::words::{self, Piece, for_each_run};

/// A word of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Of the word in small letters.
    pub(super) hash: u64,
}

impl Word {
    pub(super) fn span(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// Words this near, in bytes, are found one by one.
const NEAR: usize = 320;

/// All words of a text, read once for all mentions.
#[derive(Clone, Debug, Default)]
pub(super) struct WordList {
    words: Vec<Word>,
    /// The first word of the last range that was asked for: the next one mostly stands near.
    last: Cell<usize>,
}

impl WordList {
    /// Reads the words of a text, which replace those of the text before. O(bytes).
    pub(super) fn read(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let words = &mut self.words;
        words.clear();
        let hashed = |start: usize, end: usize| Word { start, end, hash: words::word_hash(bytes, start, end) };
        for_each_run(bytes, |piece| match piece {
            Piece::Run { start, end } => {
                words.push(hashed(start, with_signs(bytes, end)));
                end
            }
            Piece::Stretch { from, until } => {
                let mut end = ceil(text, until);
                for word in Words::new(text, from..text.len()).take_while(|word| word.start < until) {
                    words.push(hashed(word.start, word.end));
                    end = end.max(word.end);
                }
                end
            }
        });
    }

    /// The place of the first word that starts at `start` or behind it.
    fn first_in(&self, start: usize) -> usize {
        let words = &self.words[..];
        let mut place = self.last.get().min(words.len());
        let is_near = words.get(place).is_some_and(|word| word.start.abs_diff(start) < NEAR);
        if is_near {
            while place > 0 && words[place - 1].start >= start {
                place -= 1;
            }
            while words.get(place).is_some_and(|word| word.start < start) {
                place += 1;
            }
        } else {
            place = words.partition_point(|word| word.start < start);
        }
        self.last.set(place);
        place
    }

    /// The words that lie within `range`, in order.
    pub(super) fn within(&self, range: Range<usize>) -> &[Word] {
        let first = self.first_in(range.start);
        let behind = &self.words[first..];
        // Ranges are short, texts are not.
        let n_words = behind.iter().take_while(|word| word.end <= range.end).count();
        &behind[..n_words]
    }
}

/// The end of a word with the signs behind it.
fn with_signs(bytes: &[u8], mut end: usize) -> usize {
    while matches!(bytes.get(end), Some(b'+' | b'#')) {
        end += 1;
    }
    end
}

/// Iterates over the words of `text[range]`: runs of letters and digits, with `+` and `#` behind them.
#[derive(Clone, Debug)]
pub(super) struct Words<'t> {
    text: &'t [u8],
    at: usize,
    end: usize,
}

impl<'t> Words<'t> {
    pub(super) fn new(text: &'t str, range: Range<usize>) -> Self {
        Self { text: text.as_bytes(), at: range.start, end: range.end.min(text.len()) }
    }
}

impl Iterator for Words<'_> {
    type Item = Range<usize>;

    #[inline]
    fn next(&mut self) -> Option<Range<usize>> {
        let bytes = &self.text[..self.end];
        let mut start = self.at;
        loop {
            match *bytes.get(start)? {
                byte if !is_word_byte(byte) => start += 1,
                0..0x80 => break,
                _ => match mark(bytes, start) {
                    Some(width) => start += width,
                    None => break,
                },
            }
        }
        let mut end = start + 1;
        while bytes.get(end).is_some_and(|b| is_word_byte(*b) && (b.is_ascii() || mark(bytes, end).is_none())) {
            end += 1;
        }
        end = with_signs(bytes, end);
        self.at = end;
        Some(start..end)
    }
}

/// The width of a blank or mark beyond ASCII, which is no part of a word: no-break space to inverted question mark, general
/// punctuation, trademark, minus, bullets in the form of squares and circles, ideographic space.
fn mark(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes[at..] {
        [0xc2, 0xa0..=0xbf, ..] => Some(2),
        [0xe2, 0x80 | 0x81 | 0x96 | 0x97, _, ..]
        | [0xe2, 0x84, 0xa0 | 0xa2, ..]
        | [0xe2, 0x88, 0x92, ..]
        | [0xe3, 0x80, 0x80, ..] => Some(3),
        _ => None,
    }
}

/// The hash of a word in small letters without its plural ending.
pub(super) fn stem_hash(word: &[u8]) -> u32 {
    let hash = words::word_hash(word, 0, word.len());
    stem_of(word, &Word { start: 0, end: word.len(), hash })
}

/// The hash of a word of a list without its plural ending.
#[inline]
pub(super) fn stem_of(bytes: &[u8], word: &Word) -> u32 {
    let Word { start, end, hash } = *word;
    let is_plural =
        bytes[end - 1] | 0x20 == b's' && end - start > 3 && !matches!(bytes[end - 2], b's' | b'S' | b'u' | b'i');
    let hash = if is_plural { words::word_hash(bytes, start, end - 1) } else { hash };
    (hash >> 32) as u32
}

/// Hashes of the words of a text.
pub(super) fn hashes(text: &str) -> impl Iterator<Item = u32> + '_ {
    Words::new(text, 0..text.len()).map(|word| stem_hash(&text.as_bytes()[word]))
}

/// `at` moved down to a character boundary.
pub(super) fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// `at` moved up to a character boundary.
pub(super) fn ceil(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

/// The bytes within `reach` of a span, cut at words: half a word is none.
pub(super) fn window(text: &str, span: &Range<usize>, reach: usize) -> Range<usize> {
    let bytes = text.as_bytes();
    let mut start = span.start.saturating_sub(reach);
    if start > 0 {
        while start < span.start && is_word_byte(bytes[start - 1]) {
            start += 1;
        }
    }
    let mut end = span.end.saturating_add(reach).min(text.len());
    if end < text.len() {
        while end > span.end && is_word_byte(bytes[end]) {
            end -= 1;
        }
    }
    ceil(text, start).min(span.start)..floor(text, end).max(span.end)
}

/// Part of a word: ASCII letters and digits, and every byte of other characters.
#[inline]
pub(super) fn is_word_byte(byte: u8) -> bool {
    WORD_BYTES[usize::from(byte)]
}

const WORD_BYTES: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        let b = byte as u8;
        table[byte] = b.is_ascii_alphanumeric() || b >= 0x80;
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_hash_as_their_word() {
        assert_eq!(stem_hash(b"Nurses"), stem_hash(b"nurse"));
        assert_ne!(stem_hash(b"bus"), stem_hash(b"bu"));
        assert_ne!(stem_hash(b"class"), stem_hash(b"clas"));
    }

    #[test]
    fn blanks_and_marks_beyond_ascii_are_no_part_of_a_word() {
        let text = "Must\u{a0}have \u{2022}\u{a0}caf\u{e9} \u{201c}CNA\u{201d} driver\u{2019}s C++ na\u{ef}ve";
        let words: Vec<&str> = Words::new(text, 0..text.len()).map(|word| &text[word]).collect();
        assert_eq!(words, ["Must", "have", "caf\u{e9}", "CNA", "driver", "s", "C++", "na\u{ef}ve"]);
    }

    #[test]
    fn a_list_holds_the_words_wherever_stretches_begin() {
        let text = "C++ caf\u{e9}s \u{2022} CNA's A+/Net+ \u{201c}na\u{ef}ve\u{201d} driver\u{2019}s x#y 12345678901234567890 \u{e9}";
        let mut list = WordList::default();
        for n in 0..130 {
            for padded in
                [format!("{}{text}", " ".repeat(n)), format!("{}{text} and {text}", "y".repeat(n)), text.repeat(n)]
            {
                list.read(&padded);
                let expected: Vec<Range<usize>> = Words::new(&padded, 0..padded.len()).collect();
                assert_eq!(list.words.iter().map(Word::span).collect::<Vec<_>>(), expected, "{padded}");
                let range = expected.get(2).map_or(0, |w| w.start)..expected.get(5).map_or(0, |w| w.end);
                assert!(n == 0 || list.within(range).iter().map(Word::span).eq(expected[2..6].iter().cloned()));
                for word in &list.words {
                    let bytes = &padded.as_bytes()[word.span()];
                    assert_eq!(stem_of(padded.as_bytes(), word), stem_hash(bytes));
                }
            }
        }
    }

    #[test]
    fn windows_hold_whole_words() {
        let text = "alpha beta CNA gamma delta";
        let span = 11..14;
        assert_eq!(&text[window(text, &span, 7)], "beta CNA gamma");
        assert_eq!(&text[window(text, &span, 100)], text);
    }
}
