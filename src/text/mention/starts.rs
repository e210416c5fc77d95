//! Where an alias can start: the word starts of a text whose first three bytes begin some alias.

/// Bytes that are looked at together.
const BLOCK: usize = 64;

/// Classes of bytes; letters are 0 to 25, digits 26 to 35.
const GAP: u8 = 36;
const OTHER: u8 = 43;

/// Class of every byte: capitals are small letters, and whatever the automaton may be fed as a blank, a slash or an apostrophe, or
/// not at all, is one class.
const CLASS: [u8; 256] = classes();

/// The filter in front of the automaton: which classes follow which, as far as aliases begin so. 32 kB.
#[derive(Clone)]
pub(super) struct Starts {
    /// Bit `c` of row `64 a + b`: some alias begins with the classes `a`, `b`, `c`.
    follow: Box<[u64; 4096]>,
    /// Some alias begins with a letter outside ASCII.
    has_other_letters: bool,
}

/// How far a text has been read.
#[derive(Clone, Debug, Default)]
pub(super) struct Cursor {
    base: usize,
    /// Word starts in the block before `base` that are still to be looked at.
    bits: u64,
    /// Whether the byte before `base` belongs to a word.
    carry: u64,
}

impl Starts {
    pub(super) fn new<'a>(spellings: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut follow = Box::new([0_u64; 4096]);
        let mut has_other_letters = false;
        for units in spellings {
            let class = |place: usize| units.get(place).map(|unit| CLASS[usize::from(*unit)]);
            let Some(first) = class(0) else { continue };
            has_other_letters |= units[0] >= 0x80;
            let row = |second: u8| usize::from(first) * 64 + usize::from(second);
            match (class(1), class(2)) {
                (None, _) => (0..64).for_each(|second| follow[row(second)] = u64::MAX),
                // A gap is of any width.
                (Some(GAP), _) => follow[row(GAP)] = u64::MAX,
                (Some(second), None) => follow[row(second)] = u64::MAX,
                (Some(second), Some(third)) => follow[row(second)] |= 1 << third,
            }
        }
        Self { follow, has_other_letters }
    }

    /// The next byte at which an alias can start, at or after the cursor.
    #[inline]
    pub(super) fn next(&self, text: &[u8], cursor: &mut Cursor) -> Option<usize> {
        loop {
            while cursor.bits != 0 {
                let at = cursor.base - BLOCK + cursor.bits.trailing_zeros() as usize;
                cursor.bits &= cursor.bits - 1;
                if self.begins_alias(text, at) {
                    return Some(at);
                }
            }
            if cursor.base >= text.len() {
                return None;
            }
            let (words, others) = match text.get(cursor.base..).and_then(<[u8]>::first_chunk::<BLOCK>) {
                Some(block) => (word_bits(block), self.letter_bits(block)),
                None => {
                    let mut block = [0; BLOCK];
                    let tail = &text[cursor.base..];
                    block[..tail.len()].copy_from_slice(tail);
                    (word_bits(&block), self.letter_bits(&block))
                }
            };
            cursor.bits = (words | others) & !(words << 1 | cursor.carry);
            cursor.carry = words >> (BLOCK - 1);
            cursor.base += BLOCK;
        }
    }

    #[inline]
    fn begins_alias(&self, text: &[u8], at: usize) -> bool {
        let class = |place: usize| text.get(place).map_or(OTHER, |byte| CLASS[usize::from(*byte)]);
        let row = (usize::from(class(at)) << 6 | usize::from(class(at + 1))) & 4095;
        self.follow[row] >> (class(at + 2) & 63) & 1 == 1
    }

    /// First bytes of letters outside ASCII.
    fn letter_bits(&self, block: &[u8; BLOCK]) -> u64 {
        if self.has_other_letters { pack(&block.map(|byte| u8::from(byte >= 0xc0))) } else { 0 }
    }
}

/// Bit `i`: byte `i` is an ASCII letter, a digit or an underscore.
#[inline]
fn word_bits(block: &[u8; BLOCK]) -> u64 {
    let mut flags = [0; BLOCK];
    for (flag, byte) in flags.iter_mut().zip(block) {
        let is_letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let is_digit = byte.wrapping_sub(b'0') < 10;
        *flag = u8::from(is_letter) | u8::from(is_digit) | u8::from(*byte == b'_');
    }
    pack(&flags)
}

/// Sixty-four bytes of 0 or 1 as bits.
#[inline]
fn pack(flags: &[u8; BLOCK]) -> u64 {
    let mut bits = 0;
    for (place, eight) in flags.as_chunks::<8>().0.iter().enumerate() {
        // The product moves bit 8i to bit 56 + i.
        bits |= (u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * place);
    }
    bits
}

const fn classes() -> [u8; 256] {
    let mut table = [OTHER; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        let b = byte as u8;
        table[byte] = match b {
            b'a'..=b'z' => b - b'a',
            b'A'..=b'Z' => b - b'A',
            b'0'..=b'9' => b - b'0' + 26,
            b' ' | b'\t'..=b'\r' | b'-' | b'(' | b')' | b'/' | b'\'' | 0x80.. => GAP,
            b'+' => 37,
            b'&' => 38,
            b'.' => 39,
            b'#' => 40,
            b'*' => 41,
            b'!' => 42,
            _ => OTHER,
        };
        byte += 1;
    }
    table
}

impl std::fmt::Debug for Starts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let n_rows = self.follow.iter().filter(|row| **row != 0).count();
        f.debug_struct("Starts").field("n_rows", &n_rows).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(aliases: &[&str], text: &str) -> Vec<usize> {
        let starts = Starts::new(aliases.iter().map(|alias| alias.as_bytes()));
        let mut cursor = Cursor::default();
        std::iter::from_fn(|| starts.next(text.as_bytes(), &mut cursor)).collect()
    }

    #[test]
    fn only_word_starts_that_begin_an_alias_are_kept() {
        assert_eq!(starts(&["cna", "a+"], "CNA acna cnb A+ a b2cna (cna"), [0, 13, 25]);
        assert_eq!(starts(&["a+ certified"], "a+b"), [] as [usize; 0]);
        assert_eq!(starts(&["pe"], "PE"), [0]);
    }

    #[test]
    fn blocks_join_without_a_seam() {
        for shift in 0..140 {
            let text = format!("{}xcna cna", " ".repeat(shift));
            assert_eq!(starts(&["cna"], &text), [shift + 5]);
        }
    }

    #[test]
    fn letters_outside_ascii_start_aliases() {
        assert_eq!(starts(&["\u{e9}lectricien"], "un \u{e9}lectricien"), [3]);
    }
}
