//! A text cut into numbers, words and marks.

use super::word::{Sense, sense};

/// One piece of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    /// First byte.
    pub(super) start: usize,
    /// Byte after the last.
    pub(super) end: usize,
    /// Whether no white space stands before it.
    pub(super) glued: bool,
    pub(super) kind: Kind,
}

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Number(Number),
    Word(Sense),
    /// Any other character.
    Mark(char),
    /// The end of a sentence, a line or a clause after a semicolon.
    Stop,
}

/// A number as written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Number {
    pub(super) value: f64,
    pub(super) form: Form,
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Digits, perhaps with thousands separators.
    Whole,
    /// With one or two decimals, or more than three.
    Decimal,
    /// In a form with two readings: `45.000`, `45,00`, `1.234,50`, `45 000`.
    Ambiguous,
    /// Too long to be an amount.
    Long,
}

/// More digits than any amount of pay has; beyond, a number is an identifier.
const MOST_DIGITS: usize = 12;

/// Cuts a text into tokens, in order. O(bytes) time; 48 bytes for each token.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut glued = false;
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let start = at;
        if first.is_ascii_digit() {
            let (number, end) = number(text, at);
            out.push(Token { start, end, glued, kind: Kind::Number(number) });
            at = end;
        } else if first.is_alphabetic() {
            at += text.as_bytes()[at..].iter().take_while(|b| b.is_ascii_alphabetic()).count();
            if text.as_bytes().get(at).is_some_and(|b| !b.is_ascii()) {
                at += text[at..].find(|c: char| !c.is_alphabetic()).unwrap_or(text.len() - at);
            }
            out.push(Token { start, end: at, glued, kind: Kind::Word(sense(text.as_bytes(), start, at)) });
        } else {
            at += first.len_utf8();
            let next = text[at..].chars().next();
            let is_stop = match first {
                '\n' | '\r' | ';' | '!' | '?' | '|' | '•' | '·' => true,
                '.' => next.is_none_or(char::is_whitespace),
                _ => false,
            };
            if is_stop {
                out.push(Token { start, end: at, glued, kind: Kind::Stop });
            } else if first.is_whitespace() {
                glued = false;
                continue;
            } else {
                out.push(Token { start, end: at, glued, kind: Kind::Mark(first) });
            }
        }
        glued = true;
    }
    out
}

/// Reads the number that starts at byte `start`; also gives the byte after it.
fn number(text: &str, start: usize) -> (Number, usize) {
    let bytes = text.as_bytes();
    let run = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut end = start + run(start);
    let first = end - start;
    let mut digits = String::with_capacity(16);
    digits.extend(text[start..end].chars().take(MOST_DIGITS + 1));
    let mut ambiguous = false;
    let mut groups = 0_usize;
    // Groups of three after a comma, an apostrophe or a space that does not break: thousands.
    loop {
        let separator = text[end..].chars().next();
        let Some(separator) = separator.filter(|c| matches!(c, ',' | '\'' | '’' | '\u{a0}' | '\u{202f}' | '\u{2009}'))
        else {
            break;
        };
        let from = end + separator.len_utf8();
        let length = run(from);
        if length == 0 || (separator != ',' && length != 3) {
            break;
        }
        if length != 3 || (groups == 0 && first > 3) || bytes[start] == b'0' {
            // `45,00`, `1,50,000`, `4500,000`: another country's way of writing, or two numbers.
            ambiguous = true;
        }
        digits.extend(text[from..from + length].chars().take(MOST_DIGITS + 1));
        end = from + length;
        groups += 1;
        if digits.len() > MOST_DIGITS {
            break;
        }
    }
    // A plain space before three digits: `45 000` may be one number or two.
    if groups == 0 && first <= 3 && bytes.get(end) == Some(&b' ') && run(end + 1) == 3 {
        ambiguous = true;
        end += 4;
    }
    let mut form = Form::Whole;
    if bytes.get(end) == Some(&b'.') {
        let length = run(end + 1);
        if length > 0 {
            form = Form::Decimal;
            if groups == 0 && length == 3 {
                ambiguous = true;
            }
            digits.push('.');
            digits.extend(text[end + 1..end + 1 + length].chars().take(6));
            end += 1 + length;
            // `1.234,50` and `1.234.567`, but not the comma of a list, `18.50, 20`.
            while matches!(bytes.get(end), Some(b'.' | b',')) && run(end + 1) > 0 {
                ambiguous = true;
                end += 1 + run(end + 1);
            }
        }
    }
    if digits.find('.').unwrap_or(digits.len()) > MOST_DIGITS {
        form = Form::Long;
    } else if ambiguous {
        form = Form::Ambiguous;
    }
    (Number { value: digits.parse().unwrap_or(f64::INFINITY), form }, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> (f64, Form, usize) {
        let (number, end) = number(text, 0);
        (number.value, number.form, end)
    }

    #[test]
    fn numbers_are_read_or_marked_as_ambiguous() {
        assert_eq!(first("45,000.50 a"), (45_000.5, Form::Decimal, 9));
        assert_eq!(first("1,234,567"), (1_234_567.0, Form::Whole, 9));
        assert_eq!(first("45'000"), (45_000.0, Form::Whole, 6));
        assert_eq!(first("45\u{202f}000"), (45_000.0, Form::Whole, 8));
        assert_eq!(first("18.5/hr"), (18.5, Form::Decimal, 4));
        assert_eq!(first("18. Next"), (18.0, Form::Whole, 2));
        for text in ["45.000", "45,00", "1.234,50", "1.234.567", "45 000", "1,50,000", "4500,000", "0,500"] {
            assert_eq!(first(text).1, Form::Ambiguous, "{text}");
        }
        assert_eq!(first("1234567890123").1, Form::Long);
        assert_eq!(first("18, 20").2, 2);
    }

    #[test]
    fn tokens_cover_every_visible_character_once() {
        let text = "Pay: $18–€24/hr é 401(k).\nNext";
        let all: String = tokens(text).iter().map(|t| &text[t.start..t.end]).collect();
        let visible: String = text.chars().filter(|c| !c.is_whitespace() || *c == '\n').collect();
        assert_eq!(all, visible);
    }
}
