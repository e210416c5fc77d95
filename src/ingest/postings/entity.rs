//! Character references of HTML.

use std::borrow::Cow;

/// References that advertisements hold, by name (HTML Living Standard, 13.5), sorted.
const NAMED: &[(&str, &str)] = &[
    ("Aacute", "\u{c1}"),
    ("Eacute", "\u{c9}"),
    ("Ntilde", "\u{d1}"),
    ("Oacute", "\u{d3}"),
    ("aacute", "\u{e1}"),
    ("acirc", "\u{e2}"),
    ("agrave", "\u{e0}"),
    ("amp", "&"),
    ("apos", "'"),
    ("auml", "\u{e4}"),
    ("bull", "\u{2022}"),
    ("ccedil", "\u{e7}"),
    ("cent", "\u{a2}"),
    ("check", "\u{2713}"),
    ("colon", ":"),
    ("comma", ","),
    ("commat", "@"),
    ("copy", "\u{a9}"),
    ("deg", "\u{b0}"),
    ("dollar", "$"),
    ("eacute", "\u{e9}"),
    ("ecirc", "\u{ea}"),
    ("egrave", "\u{e8}"),
    ("emsp", "\u{2003}"),
    ("ensp", "\u{2002}"),
    ("euml", "\u{eb}"),
    ("euro", "\u{20ac}"),
    ("frac12", "\u{bd}"),
    ("frac14", "\u{bc}"),
    ("frac34", "\u{be}"),
    ("ge", "\u{2265}"),
    ("gt", ">"),
    ("hellip", "\u{2026}"),
    ("iacute", "\u{ed}"),
    ("iexcl", "\u{a1}"),
    ("iquest", "\u{bf}"),
    ("laquo", "\u{ab}"),
    ("ldquo", "\u{201c}"),
    ("le", "\u{2264}"),
    ("lpar", "("),
    ("lsquo", "\u{2018}"),
    ("lt", "<"),
    ("mdash", "\u{2014}"),
    ("middot", "\u{b7}"),
    ("minus", "\u{2212}"),
    ("nbsp", "\u{a0}"),
    ("ndash", "\u{2013}"),
    ("ntilde", "\u{f1}"),
    ("num", "#"),
    ("oacute", "\u{f3}"),
    ("ocirc", "\u{f4}"),
    ("ouml", "\u{f6}"),
    ("percnt", "%"),
    ("period", "."),
    ("plus", "+"),
    ("plusmn", "\u{b1}"),
    ("pound", "\u{a3}"),
    ("quot", "\""),
    ("raquo", "\u{bb}"),
    ("rarr", "\u{2192}"),
    ("rdquo", "\u{201d}"),
    ("reg", "\u{ae}"),
    ("rpar", ")"),
    ("rsquo", "\u{2019}"),
    ("sect", "\u{a7}"),
    ("shy", "\u{ad}"),
    ("sol", "/"),
    ("thinsp", "\u{2009}"),
    ("times", "\u{d7}"),
    ("trade", "\u{2122}"),
    ("uacute", "\u{fa}"),
    ("uuml", "\u{fc}"),
    ("yen", "\u{a5}"),
];

/// What `&#128;` to `&#159;` stand for: Windows-1252 (HTML Living Standard, 13.2.5.80).
const WINDOWS: [char; 32] = [
    '\u{20ac}', '\u{81}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}', '\u{2c6}', '\u{2030}',
    '\u{160}', '\u{2039}', '\u{152}', '\u{8d}', '\u{17d}', '\u{8f}', '\u{90}', '\u{2018}', '\u{2019}', '\u{201c}',
    '\u{201d}', '\u{2022}', '\u{2013}', '\u{2014}', '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}', '\u{153}', '\u{9d}',
    '\u{17e}', '\u{178}',
];

/// The longest reference read, without `&` and `;`.
const MAX_LENGTH: usize = 10;

/// `text` with its references decoded once; unknown ones and a lone `&` stay. O(length).
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut copied = 0;
    for (at, _) in text.match_indices('&') {
        let after = &text.as_bytes()[at + 1..];
        let Some(length) = after.iter().take(MAX_LENGTH + 1).position(|&b| b == b';') else { continue };
        // Up to a `;` among ASCII letters, digits and `#`, or it is no reference.
        let name = &after[..length];
        let Some(name) = name.is_ascii().then(|| std::str::from_utf8(name).ok()).flatten() else { continue };
        let mut buffer = [0; 4];
        let meaning = match name.strip_prefix('#') {
            Some(number) => match numbered(number) {
                Some(letter) => &*letter.encode_utf8(&mut buffer),
                None => continue,
            },
            None => match NAMED.binary_search_by(|(known, _)| (*known).cmp(name)) {
                Ok(index) => NAMED[index].1,
                Err(_) => continue,
            },
        };
        out.push_str(&text[copied..at]);
        out.push_str(meaning);
        copied = at + length + 2;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

fn numbered(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(digits) if digits.bytes().all(|b| b.is_ascii_hexdigit()) => u32::from_str_radix(digits, 16).ok()?,
        None if number.bytes().all(|b| b.is_ascii_digit()) => number.parse().ok()?,
        _ => return None,
    };
    match code {
        0x80..=0x9f => WINDOWS.get(usize::try_from(code - 0x80).ok()?).copied(),
        0 => Some(char::REPLACEMENT_CHARACTER),
        _ => Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_decoded_once() {
        assert_eq!(
            decode("R&amp;D &amp;lt; &#36;20&ndash;&#x24;25 &#8217;&#146;&#0;"),
            "R&D &lt; $20\u{2013}$25 \u{2019}\u{2019}\u{fffd}"
        );
        for text in ["AT&T; x", "&;", "&unknown;", "&#;", "&#x;", "&#xZZ;", "&#+5;", "& amp;", "&", "&amp", "&\u{e9};"]
        {
            assert_eq!(decode(text), text);
        }
        assert_eq!(decode("&#xD800;&#x110000;"), "\u{fffd}\u{fffd}");
    }

    #[test]
    fn names_are_sorted_and_short() {
        assert!(NAMED.is_sorted_by(|a, b| a.0 < b.0));
        assert!(NAMED.iter().all(|(name, _)| name.len() <= MAX_LENGTH));
    }
}
