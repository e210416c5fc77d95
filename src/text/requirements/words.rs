//! A text cut into words, with what separates them.

/// What stands between a word and the one before, the strongest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    /// White space, hyphens, brackets.
    Space,
    /// A slash.
    Slash,
    /// A comma.
    Comma,
    /// A colon.
    Colon,
    /// The end of a sentence or a semicolon.
    Stop,
    /// The end of a line, or a bullet.
    Line,
}

/// One word in lower case.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    /// First byte in the text.
    pub(super) start: usize,
    /// What separates it from the word before.
    pub(super) gap: Gap,
    /// Whether a plus follows: `3+`.
    pub(super) has_plus: bool,
    /// Whether the text writes it in capitals: `BS`.
    pub(super) is_upper: bool,
    /// Whether `'s` follows, which is not part of `text`.
    pub(super) is_possessive: bool,
}

/// The words of `text`; `lower` is the same text in ASCII lower case, so that bytes agree. O(bytes) time, 48 bytes for each.
///
/// Apostrophes between letters but for `'s`, full stops after one letter or two (`b.s.`, `ph.d.`), and the signs of `c++` and
/// `c#` belong to a word.
pub(super) fn words<'a>(text: &str, lower: &'a str) -> Vec<Word<'a>> {
    let mut out: Vec<Word<'a>> = Vec::new();
    let mut gap = Gap::Line;
    let mut at = 0;
    while let Some(first) = lower[at..].chars().next() {
        let start = at;
        at += first.len_utf8();
        if !first.is_alphanumeric() {
            let is_end = || lower[at..].chars().next().is_none_or(char::is_whitespace);
            gap = gap.max(match first {
                ' ' => Gap::Space,
                '\n' | '\r' | '•' | '·' | '*' | '|' => Gap::Line,
                ';' => Gap::Stop,
                '.' if out.last().is_some_and(|word| is_abbreviation(word, start)) => Gap::Space,
                '.' | '!' | '?' if is_end() => Gap::Stop,
                ':' => Gap::Colon,
                ',' => Gap::Comma,
                '/' => Gap::Slash,
                _ => Gap::Space,
            });
            if let Some(word) = out.last_mut().filter(|word| first == '+' && word.start + word.text.len() == start) {
                word.has_plus = true;
            }
            continue;
        }
        let mut end = at;
        let mut since_dot = 1;
        let mut is_possessive = false;
        loop {
            let run = lower.as_bytes()[at..].iter().take_while(|b| b.is_ascii_alphanumeric()).count();
            at += run;
            since_dot += run;
            end = end.max(at);
            let Some(c) = lower[at..].chars().next().filter(|c| *c != ' ') else { break };
            let mut ahead = lower[at + c.len_utf8()..].chars();
            let after = ahead.next();
            let is_apostrophe = matches!(c, '\'' | '\u{2019}');
            if is_apostrophe && after == Some('s') && !ahead.next().is_some_and(char::is_alphanumeric) {
                is_possessive = true;
                at += c.len_utf8() + 1;
                break;
            }
            let is_inside = c.is_alphanumeric()
                || (is_apostrophe && after.is_some_and(char::is_alphabetic))
                || (c == '.' && since_dot <= 2 && after.is_some_and(char::is_alphabetic) && first.is_alphabetic())
                || (matches!(c, '+' | '#') && lower[start..at].trim_end_matches('+') == "c");
            if !is_inside {
                break;
            }
            since_dot = if c == '.' { 0 } else { since_dot + 1 };
            at += c.len_utf8();
            end = at;
        }
        let original = &text.as_bytes()[start..end];
        let is_upper = !original.iter().any(u8::is_ascii_lowercase) && original.iter().any(u8::is_ascii_uppercase);
        out.push(Word { text: &lower[start..end], start, gap, has_plus: false, is_upper, is_possessive });
        gap = Gap::Space;
    }
    out
}

/// Whether the full stop at byte `at` belongs to the word before: `B.S.`, `yrs.`.
fn is_abbreviation(word: &Word<'_>, at: usize) -> bool {
    word.start + word.text.len() == at && (word.text.contains('.') || matches!(word.text, "yr" | "yrs" | "mos"))
}

/// Whether the words from `at` on are these.
pub(super) fn is_at(words: &[Word<'_>], at: usize, phrase: &[&str]) -> bool {
    words.get(at..at + phrase.len()).is_some_and(|found| {
        found
            .iter()
            .zip(phrase)
            .enumerate()
            .all(|(place, (word, expected))| word.text == *expected && (place == 0 || word.gap <= Gap::Slash))
    })
}

/// The words of the sentence around `at`, as a range.
pub(super) fn sentence(words: &[Word<'_>], at: usize) -> std::ops::Range<usize> {
    let start = (at.saturating_sub(REACH)..=at).rev().find(|i| words[*i].gap >= Gap::Stop);
    let limit = words.len().min(at + REACH);
    let end = (at + 1..limit).find(|i| words[*i].gap >= Gap::Stop).unwrap_or(limit);
    start.unwrap_or(at.saturating_sub(REACH))..end
}

/// Words looked at on each side: keeps time linear where a text has no sentences.
const REACH: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_their_inner_signs_and_know_what_separates_them() {
        let text = "B.S. or Ph.D. in C++/C#: master's, 3+ yrs.\nNext e.g. Node.js";
        let lower = text.to_ascii_lowercase();
        let found = words(text, &lower);
        let texts: Vec<&str> = found.iter().map(|w| w.text).collect();
        assert_eq!(texts, ["b.s", "or", "ph.d", "in", "c++", "c#", "master", "3", "yrs", "next", "e.g", "node", "js"]);
        assert_eq!(
            (found[5].gap, found[6].gap, found[7].gap, found[9].gap),
            (Gap::Slash, Gap::Colon, Gap::Comma, Gap::Line)
        );
        assert!(found[7].has_plus && found[0].is_upper && !found[6].is_upper && found[6].is_possessive);
    }
}
