//! Words of a text and their hashes.

use std::ops::Range;

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
        while matches!(bytes.get(end), Some(b'+' | b'#')) {
            end += 1;
        }
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

/// FNV-1a (32 bits) of a word in small letters without its plural ending.
pub(super) fn word_hash(word: &[u8]) -> u32 {
    let stem = match word {
        [head @ .., b's' | b'S'] if word.len() > 3 && !matches!(head.last(), Some(b's' | b'S' | b'u' | b'i')) => head,
        _ => word,
    };
    stem.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193))
}

/// Hashes of the words of a text.
pub(super) fn hashes(text: &str) -> impl Iterator<Item = u32> + '_ {
    Words::new(text, 0..text.len()).map(|word| word_hash(&text.as_bytes()[word]))
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
        assert_eq!(word_hash(b"Nurses"), word_hash(b"nurse"));
        assert_ne!(word_hash(b"bus"), word_hash(b"bu"));
        assert_ne!(word_hash(b"class"), word_hash(b"clas"));
    }

    #[test]
    fn blanks_and_marks_beyond_ascii_are_no_part_of_a_word() {
        let text = "Must\u{a0}have \u{2022}\u{a0}caf\u{e9} \u{201c}CNA\u{201d} driver\u{2019}s C++ na\u{ef}ve";
        let words: Vec<&str> = Words::new(text, 0..text.len()).map(|word| &text[word]).collect();
        assert_eq!(words, ["Must", "have", "caf\u{e9}", "CNA", "driver", "s", "C++", "na\u{ef}ve"]);
    }

    #[test]
    fn windows_hold_whole_words() {
        let text = "alpha beta CNA gamma delta";
        let span = 11..14;
        assert_eq!(&text[window(text, &span, 7)], "beta CNA gamma");
        assert_eq!(&text[window(text, &span, 100)], text);
    }
}
