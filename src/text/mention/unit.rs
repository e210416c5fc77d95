//! Text as the automaton reads it: small letters, one blank between words, one form of every apostrophe.

/// Fed where no alias can go on; no byte of UTF-8.
pub(super) const STOP: u8 = 0xff;

/// Blanks between two words of an alias are followed this far, in bytes, so that a page of blanks costs nothing.
const LONGEST_GAP: usize = 32;

/// What the automaton is fed at `at`, and where the next unit starts; [`STOP`] at the end.
///
/// Capitals become small. A gap (blanks, at most one line break, a hyphen or dash, parentheses) becomes one blank, and
/// nothing beside a slash. A curly apostrophe becomes a straight one. Trademark signs, soft hyphens and zero-width blanks are
/// skipped.
#[inline]
pub(super) fn next_unit(text: &[u8], at: usize) -> (u8, usize) {
    match text.get(at) {
        Some(byte) if byte.is_ascii_alphanumeric() => (byte.to_ascii_lowercase(), at + 1),
        _ => next_mark(text, at),
    }
}

fn next_mark(text: &[u8], mut at: usize) -> (u8, usize) {
    while let Some(width) = ignorable(text, at) {
        at += width;
        if text.get(at).is_some_and(u8::is_ascii_alphanumeric) {
            return next_unit(text, at);
        }
    }
    let Some(&byte) = text.get(at) else { return (STOP, at) };
    if byte == b'/' {
        return (b'/', skip_blanks(text, at + 1));
    }
    if gap_part(text, at).is_some() {
        return gap(text, at);
    }
    match apostrophe(text, at) {
        Some(width) => (b'\'', at + width),
        None => (byte.to_ascii_lowercase(), at + 1),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Blank,
    Break,
    Hyphen,
    Bracket,
}

/// One blank for a whole gap.
fn gap(text: &[u8], start: usize) -> (u8, usize) {
    let (mut at, mut n_breaks, mut n_hyphens, mut n_brackets) = (start, 0, 0, 0);
    while let Some((part, width)) = gap_part(text, at) {
        at += width;
        match part {
            Part::Blank => {}
            Part::Break => n_breaks += 1,
            Part::Hyphen => n_hyphens += 1,
            Part::Bracket => n_brackets += 1,
        }
        // A hyphen beside a line break starts a list item or ends a divided word.
        if at - start > LONGEST_GAP || n_breaks > 1 || n_hyphens > 1 || n_brackets > 2 || n_breaks + n_hyphens > 1 {
            return (STOP, at);
        }
    }
    match text.get(at) {
        Some(b'/') => (b'/', skip_blanks(text, at + 1)),
        _ => (b' ', at),
    }
}

fn skip_blanks(text: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some((Part::Blank, width)) = gap_part(text, at) {
        at += width;
        if at - start > LONGEST_GAP {
            break;
        }
    }
    at
}

fn gap_part(text: &[u8], at: usize) -> Option<(Part, usize)> {
    let rest = text.get(at..)?;
    Some(match *rest {
        [b' ' | b'\t' | 0x0b | 0x0c, ..] => (Part::Blank, 1),
        [b'\r', b'\n', ..] => (Part::Break, 2),
        [b'\n' | b'\r', ..] => (Part::Break, 1),
        [b'-', ..] => (Part::Hyphen, 1),
        [b'(' | b')', ..] => (Part::Bracket, 1),
        // No-break space; en quad to hair space, narrow no-break space, ideographic space.
        [0xc2, 0xa0, ..] => (Part::Blank, 2),
        [0xe2, 0x80, 0x80..=0x8a | 0xaf, ..] | [0xe3, 0x80, 0x80, ..] => (Part::Blank, 3),
        // Hyphen to horizontal bar, minus sign.
        [0xe2, 0x80, 0x90..=0x95, ..] | [0xe2, 0x88, 0x92, ..] => (Part::Hyphen, 3),
        _ => return None,
    })
}

/// Width of an apostrophe: straight, curly, or the modifier letter.
pub(super) fn apostrophe(text: &[u8], at: usize) -> Option<usize> {
    match *text.get(at..)? {
        [b'\'', ..] => Some(1),
        [0xca, 0xbc, ..] => Some(2),
        [0xe2, 0x80, 0x98 | 0x99, ..] => Some(3),
        _ => None,
    }
}

/// Width of a sign that readers do not count: copyright, registered, trademark, soft hyphen, zero-width space and joiners.
pub(super) fn ignorable(text: &[u8], at: usize) -> Option<usize> {
    match *text.get(at..)? {
        [0xc2, 0xa9 | 0xad | 0xae, ..] => Some(2),
        [0xe2, 0x84, 0xa2 | 0xa0, ..] | [0xe2, 0x80, 0x8b..=0x8d, ..] | [0xef, 0xbb, 0xbf, ..] => Some(3),
        _ => None,
    }
}

/// A whole text as the automaton would be fed it, without blanks at its ends.
pub(super) fn normal(text: &str) -> Vec<u8> {
    let bytes = text.trim().as_bytes();
    let mut units = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let (unit, next) = next_unit(bytes, at);
        if unit != STOP {
            units.push(unit);
        }
        at = next.max(at + 1);
    }
    while units.last() == Some(&b' ') {
        units.pop();
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_fed_alike() {
        let cases: [(&str, &str); 9] = [
            ("OSHA-10", "osha 10"),
            ("OSHA \u{2013} 10", "osha 10"),
            ("Driver\u{2019}s  License", "driver's license"),
            ("CPR / First\u{a0}Aid", "cpr/first aid"),
            ("Certified\r\nNursing", "certified nursing"),
            ("CMA (AAMA)", "cma aama"),
            ("CMA(AAMA)", "cma aama"),
            ("ServSafe\u{ae} Manager", "servsafe manager"),
            ("A+", "a+"),
        ];
        for (text, expected) in cases {
            assert_eq!(normal(text), expected.as_bytes(), "{text}");
        }
    }

    #[test]
    fn paragraphs_list_items_and_long_gaps_end_a_name() {
        for text in ["CDL\n\nA", "CDL\n- A", "CDL--A", &format!("CDL{}A", " ".repeat(40))] {
            let (unit, _) = next_unit(text.as_bytes(), 3);
            assert_eq!(unit, STOP, "{text:?}");
        }
    }
}
