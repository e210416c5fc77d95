//! Where an alias ends a word, and where it only looks so.

use super::unit::apostrophe;

/// What of an alias the bounds of its matches depend on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shape {
    /// Two to four capitals: other case is another word.
    pub(super) is_acronym: bool,
    /// Spelt with periods: the last one belongs to the match.
    pub(super) is_dotted: bool,
    /// Ends in a single A, which in small letters is the article.
    pub(super) ends_in_article: bool,
}

/// Whether an alias of this shape may start at `start`.
pub(super) fn may_start(text: &str, start: usize, shape: Shape) -> bool {
    let Some(before) = text[..start].chars().next_back() else { return true };
    if is_word(before) {
        return false;
    }
    let bytes = text.as_bytes();
    let second = start.checked_sub(2).and_then(|at| bytes.get(at)).copied().unwrap_or(b' ');
    match before {
        '@' => false,
        // Inside an address such as www.example.org.
        '.' => !(second.is_ascii_lowercase() && bytes[start].is_ascii_lowercase()),
        // A number of a vacancy such as 24-BLS-117, a joined short form such as R&PE.
        '-' => !(shape.is_acronym && second.is_ascii_digit()),
        '&' => !(shape.is_acronym && second.is_ascii_alphabetic()),
        _ => true,
    }
}

/// The end of the mention whose alias ends at `end`, with a plural or possessive; `None` if the word goes on.
///
/// With `in_small` a short form may stand in small letters throughout.
pub(super) fn end_of_mention(text: &str, start: usize, end: usize, shape: Shape, in_small: bool) -> Option<usize> {
    let found = &text.as_bytes()[start..end];
    if !(has_right_case(found, shape) || in_small && is_small(found)) {
        return None;
    }
    let bytes = text.as_bytes();
    let end = if shape.is_dotted && bytes.get(end) == Some(&b'.') { end + 1 } else { end };
    let last = bytes[end - 1];
    let Some(next) = text.get(end..)?.chars().next() else { return Some(end) };
    let after = text[end + next.len_utf8()..].chars().next();
    let ends_here = |at: usize| (!text[at..].chars().next().is_some_and(is_word)).then_some(at);
    if let Some(width) = apostrophe(bytes, end) {
        let possessive = match bytes.get(end + width) {
            Some(b's' | b'S') => ends_here(end + width + 1),
            _ => None,
        };
        return possessive.or_else(|| (!after.is_some_and(is_word)).then_some(end));
    }
    if is_word(next) {
        let is_plural = match next {
            's' => last.is_ascii_alphabetic() || shape.is_dotted,
            'S' => last.is_ascii_uppercase() && !shape.is_acronym,
            // Security+CE: the sign itself ends the name.
            _ if last == b'+' => return (end - start > 4 && next.is_ascii_uppercase()).then_some(end),
            _ => false,
        };
        return if is_plural { ends_here(end + 1) } else { None };
    }
    let goes_on = match next {
        '+' | '#' => !after.is_some_and(char::is_alphanumeric),
        '@' => true,
        '.' if last.is_ascii_digit() => after.is_some_and(|c| c.is_ascii_digit()),
        '.' => after.is_some_and(|c| c.is_ascii_lowercase()),
        ',' => last.is_ascii_digit() && three_digits(&bytes[end + 1..]),
        '-' => shape.is_acronym && is_level(&bytes[end + 1..]),
        _ => false,
    };
    (!goes_on).then_some(end)
}

/// Letters, digits, the underscore, and marks that combine with the letter before.
fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&c)
}

fn has_right_case(found: &[u8], shape: Shape) -> bool {
    if shape.ends_in_article && found.last() == Some(&b'a') {
        return false;
    }
    // One small letter is let pass for forms such as CPhT.
    let n_small = found.iter().filter(|b| b.is_ascii_lowercase()).count();
    !shape.is_acronym || n_small == 0 || n_small == 1 && found.len() > 3 && !found[found.len() - 1].is_ascii_lowercase()
}

/// Whether no letter is a capital.
pub(super) fn is_small(found: &[u8]) -> bool {
    !found.iter().any(u8::is_ascii_uppercase)
}

/// Whether a number of thousands goes on.
fn three_digits(rest: &[u8]) -> bool {
    rest.len() >= 3 && rest[..3].iter().all(u8::is_ascii_digit)
}

/// What makes another short form of the one before the hyphen, as in CCS-P and BLS-24: one or two capitals or a digit, but not a
/// Roman number.
fn is_level(rest: &[u8]) -> bool {
    if rest.first().is_some_and(u8::is_ascii_digit) {
        return true;
    }
    let n_capitals = rest.iter().take_while(|b| b.is_ascii_uppercase()).count();
    let ends = !rest.get(n_capitals).is_some_and(u8::is_ascii_alphanumeric);
    (1..=2).contains(&n_capitals) && ends && !rest[..n_capitals].iter().all(|b| matches!(b, b'I' | b'V'))
}
