//! How far the words of a text reach: sentences, lines, list items.

use std::ops::Range;

/// Sentences are followed this far, in bytes, before and behind a match.
pub(super) const BEFORE: usize = 300;
const BEHIND: usize = 160;

/// Lines at least this long were broken by a margin, so that a small letter at the next start goes on with the sentence.
pub(super) const WRAPPED_LINE: usize = 50;

/// The sentence around a span: up to the next sentence end, line, bullet, or mark of an answer such as `A.`.
pub(super) fn sentence(text: &str, span: &Range<usize>) -> Range<usize> {
    let bytes = text.as_bytes();
    let floor = span.start.saturating_sub(BEFORE);
    let start = last_break(bytes, floor, span.start).unwrap_or(floor);
    let ceiling = span.end.saturating_add(BEHIND).min(bytes.len());
    let end = first_break(bytes, span.end, ceiling).unwrap_or(ceiling);
    super::words::ceil(text, start).min(span.start)..super::words::floor(text, end).max(span.end)
}

/// The sentence that follows one which ends at `end`, on the same line.
pub(super) fn sentence_behind(text: &str, end: usize) -> Range<usize> {
    let n_blanks = text[end..].bytes().take_while(|byte| *byte == b' ').count();
    let own = sentence(text, &(end + n_blanks..end + n_blanks));
    own.start.max(end)..own.end
}

/// Bytes behind which a sentence can end (1), and at which a new one can start (2).
const TURNS: [u8; 256] = turns();

const fn turns() -> [u8; 256] {
    let mut table = [0; 256];
    let marks = *b"\n\r.!?||<*\xe2\xc2";
    let mut place = 0;
    while place < marks.len() {
        table[marks[place] as usize] |= if place < 6 { 1 } else { 2 };
        place += 1;
    }
    let mut capital = b'A';
    while capital <= b'Z' {
        table[capital as usize] = 2;
        capital += 1;
    }
    table
}

/// The last place in `from..=to` where a sentence, line or item ends. Where nothing can turn, nothing is looked at twice.
fn last_break(bytes: &[u8], from: usize, to: usize) -> Option<usize> {
    let inner = from.max(1)..to.max(1);
    if is_break(bytes, to) {
        return Some(to);
    }
    let near = bytes.get(inner.start - 1..inner.end)?;
    let places = near.windows(2).enumerate().rev().filter(|(_, pair)| may_turn(pair));
    let found = places.map(|(place, _)| inner.start + place).find(|at| is_break(bytes, *at));
    found.or_else(|| (from == 0).then_some(0))
}

/// The first place in `from..=to` where a sentence, line or item ends.
fn first_break(bytes: &[u8], from: usize, to: usize) -> Option<usize> {
    if from == 0 {
        return Some(0);
    }
    let near = bytes.get(from - 1..to)?;
    let places = near.windows(2).enumerate().filter(|(_, pair)| may_turn(pair));
    let found = places.map(|(place, _)| from + place).find(|at| is_break(bytes, *at));
    found.or_else(|| is_break(bytes, to).then_some(to))
}

/// A quick look at the byte before a place and the one behind it.
#[inline]
fn may_turn(pair: &[u8]) -> bool {
    TURNS[usize::from(pair[0])] & 1 | TURNS[usize::from(pair[1])] & 2 != 0
}

/// Whether a sentence, line or item ends at `at`.
#[inline]
fn is_break(bytes: &[u8], at: usize) -> bool {
    let Some(&before) = at.checked_sub(1).and_then(|i| bytes.get(i)) else { return true };
    let here = bytes.get(at).copied().unwrap_or(b' ');
    TURNS[usize::from(before)] & 1 | TURNS[usize::from(here)] & 2 != 0 && turns_at(bytes, at, before, here)
}

fn turns_at(bytes: &[u8], at: usize, before: u8, here: u8) -> bool {
    match before {
        b'\n' | b'\r' => !is_wrapped(bytes, at),
        b'.' | b'!' | b'?' if at == bytes.len() || is_blank(&bytes[at..]) => before != b'.' || ends_sentence(bytes, at),
        b'|' => true,
        // Line breaks are often lost: `in nursing.Current CNA`, `(any)Current CNA`.
        b'.' | b'!' | b'?' | b')' if is_glued(bytes, at) => true,
        // `o Current CNA`, a bullet within a line.
        b' ' if here.is_ascii_uppercase() && bytes[..at].ends_with(b" o ") => true,
        _ if is_mark(bytes, at) => true,
        // `**Schedule**`.
        _ if here == b'*' && bytes.get(at + 1) == Some(&b'*') => true,
        _ => here == b'<' && bytes.get(at + 1).is_some_and(|b| b.is_ascii_alphabetic() || *b == b'/') || here == b'|',
    }
}

/// Whether a word of a capital and small letters starts directly behind a mark that follows a small letter.
fn is_glued(bytes: &[u8], at: usize) -> bool {
    let behind = bytes.get(at..at + 3).is_some_and(|word| {
        word[0].is_ascii_uppercase() && word[1].is_ascii_lowercase() && word[2].is_ascii_lowercase()
    });
    behind && at > 1 && bytes[at - 2].is_ascii_lowercase()
}

/// Whether a blank starts here: of a line, one that does not break, or the same as HTML writes it.
fn is_blank(rest: &[u8]) -> bool {
    rest[0].is_ascii_whitespace() || rest.starts_with(b"\xc2\xa0") || rest.starts_with(b"&nbsp;")
}

/// Whether a bullet, or a capital as the mark of an answer, starts at `at`.
pub(super) fn is_mark(bytes: &[u8], at: usize) -> bool {
    let follows_blank = at == 0 || bytes[at - 1].is_ascii_whitespace();
    match bytes.get(at..) {
        Some(
            [0xe2, 0x80, 0xa2, ..]
            | [0xe2, 0x96, 0xaa | 0xa0, ..]
            | [0xe2, 0x97, 0x8f | 0xa6 | 0x8b, ..]
            | [0xc2, 0xb7, ..],
        ) => true,
        Some([b'*', b' ', ..]) => follows_blank,
        Some([b'A'..=b'Z', b'.' | b')', blank, ..]) => follows_blank && blank.is_ascii_whitespace(),
        _ => false,
    }
}

/// Whether the period before `at` ends a sentence.
fn ends_sentence(bytes: &[u8], at: usize) -> bool {
    let Some(next) = bytes[at..].iter().take(8).find(|b| !b.is_ascii_whitespace()) else { return true };
    if next.is_ascii_lowercase() || matches!(next, b',' | b')') {
        return false;
    }
    let head = &bytes[..at - 1];
    let n_letters = head.iter().rev().take(8).take_while(|b| b.is_ascii_alphabetic()).count();
    let word = &head[head.len() - n_letters..];
    let is_in = |words: &[&[u8]]| words.iter().any(|w| word.eq_ignore_ascii_case(w));
    let inner = head.len().checked_sub(n_letters + 1).and_then(|i| head.get(i));
    match n_letters {
        // U.S. Government, C.N.A. or LPN; but `level 2.` ends one.
        1 => inner != Some(&b'.') || next.is_ascii_digit(),
        0 => true,
        _ => !is_in(&[
            b"eg", b"ie", b"vs", b"inc", b"dr", b"mr", b"mrs", b"ms", b"st", b"approx", b"incl", b"cert", b"lic",
            b"dept",
        ]),
    }
}

/// Whether the line break before `at` only wraps a sentence.
fn is_wrapped(bytes: &[u8], at: usize) -> bool {
    // A lone `o` is a bullet.
    if !bytes.get(at).is_some_and(u8::is_ascii_lowercase) || bytes[at..].starts_with(b"o ") {
        return false;
    }
    let head = &bytes[at.saturating_sub(200)..at];
    let line = head.trim_ascii_end();
    if head.len() - line.len() > 3 || head[line.len()..].iter().filter(|b| **b == b'\n').count() > 1 {
        return false;
    }
    let length = line.iter().rev().take_while(|b| **b != b'\n').count();
    length >= WRAPPED_LINE && !matches!(line.last(), Some(b'.' | b':' | b';' | b'?' | b'!'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(text: &str) -> &str {
        let at = text.find("CNA").unwrap();
        text[sentence(text, &(at..at + 3))].trim()
    }

    #[test]
    fn breaks_are_found_as_by_looking_everywhere() {
        let text = "A. Be\nkind | A CNA. \u{2022} Thanks<b>x</b>! No\r\n* one? B) two";
        let bytes = text.as_bytes();
        for from in 0..=bytes.len() {
            for to in from..=bytes.len() {
                let all = || (from..=to).filter(|at| is_break(bytes, *at));
                assert_eq!(first_break(bytes, from, to), all().next(), "{from} {to}");
                assert_eq!(last_break(bytes, from, to), all().next_back(), "{from} {to}");
            }
        }
    }

    #[test]
    fn sentences_end_at_stops_lines_and_marks() {
        let cases = [
            ("Be kind. A CNA is needed. Thanks.", "A CNA is needed."),
            ("Be kind\nA CNA is needed\nThanks", "A CNA is needed"),
            ("\u{2022} Kind \u{2022} CNA \u{2022} Fast", "\u{2022} CNA"),
            ("Pick one. A. I hold a CNA B. None", "I hold a CNA"),
            ("Have a license, e.g. CNA, to start.", "Have a license, e.g. CNA, to start."),
            ("Work for the U.S. Army as a CNA.", "Work for the U.S. Army as a CNA."),
            ("Do you hold a CNA? Yes", "Do you hold a CNA?"),
            ("Credential.\u{a0}Hold a CNA.&nbsp;Thanks", "Hold a CNA."),
            ("<li>CNA</li>", "<li>CNA"),
            (
                "o Preferred: kindness, patience and quick hands at all times\no CNA is not required",
                "o CNA is not required",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(around(text), expected, "{text}");
        }
    }

    #[test]
    fn a_margin_does_not_end_a_sentence() {
        let text = "Whoever wants to work in this house for a long time must hold\na current CNA from this state.";
        assert_eq!(around(text), text);
        assert_eq!(around("Requirements\ncna or better CNA\nhigh school"), "cna or better CNA");
    }
}
