//! Text out of HTML: markup to blanks or line breaks, entities decoded, scripts and styles left out.

use std::borrow::Cow;

use super::entity;

/// Tags that end a line, here and in browsers' default style (HTML Living Standard, 15.3).
const BREAKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "legend",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "tfoot",
    "thead",
    "title",
    "tr",
    "ul",
];
/// Tags that stand between words.
const BLANKS: &[&str] = &[
    "a", "abbr", "button", "caption", "cite", "code", "col", "colgroup", "iframe", "img", "input", "label", "link",
    "meta", "noscript", "o:p", "option", "q", "select", "span", "svg", "td", "textarea", "th", "time", "video", "wbr",
];
/// Tags that change the look of letters, often within a word (`Security<b>+</b>`).
const NOTHING: &[&str] =
    &["b", "big", "del", "em", "font", "i", "ins", "mark", "s", "small", "strong", "sub", "sup", "u"];
/// Elements whose content is no text.
const LEFT_OUT: &[&str] = &["script", "style"];

/// The longest tag name above.
const MAX_TAG: usize = 10;

/// `text` without markup. Text with neither tags nor entities comes back as it is; with entities only, its white space
/// stays; with tags, runs of white space become one blank, or one line break where a block ends. Unknown tags and a
/// lone `<` stay as they are. Markup that is itself escaped (`&lt;p&gt;`) is taken out too. O(length).
pub(super) fn to_text(text: &str) -> Cow<'_, str> {
    // Two searches for one byte each are faster than one for either.
    if !text.contains('<') && !text.contains('&') {
        return Cow::Borrowed(text);
    }
    if has_tag(text) {
        return Cow::Owned(without_tags(text));
    }
    match entity::decode(text) {
        Cow::Owned(decoded) if text.contains("&lt;") && has_tag(&decoded) => Cow::Owned(without_tags(&decoded)),
        decoded => decoded,
    }
}

/// What a tag stands for in text.
#[derive(Clone, Copy, PartialEq)]
enum Gap {
    Nothing,
    Blank,
    Break,
    /// The tag and what follows up to the end tag of this name.
    LeftOut(&'static str),
}

fn has_tag(text: &str) -> bool {
    // Without any `>` no tag ends, and each `<` would look for one in vain.
    let Some(last) = text.rfind('>') else { return false };
    let text = &text[..=last];
    text.match_indices('<').any(|(at, _)| tag(&text[at..]).is_some() || text[at..].starts_with("<!--"))
}

/// What the tag at the start of `text` stands for; `None` if no known tag stands there.
fn tag(text: &str) -> Option<Gap> {
    let bytes = text.as_bytes().get(1..)?;
    let (closes, bytes) = match bytes {
        [b'/', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    if bytes.get(..8).is_some_and(|b| b.eq_ignore_ascii_case(b"!doctype")) {
        return Some(Gap::Break);
    }
    let mut name = [0_u8; MAX_TAG];
    let mut len = 0;
    for byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b':' => {
                *name.get_mut(len)? = byte.to_ascii_lowercase();
                len += 1;
            }
            b'>' | b'/' | b' ' | b'\t' | b'\r' | b'\n' => break,
            _ => return None,
        }
    }
    let name = std::str::from_utf8(&name[..len]).ok()?;
    let is_in = |names: &'static [&'static str]| names.iter().find(|n| **n == name);
    if is_in(BREAKS).is_some() {
        Some(Gap::Break)
    } else if is_in(NOTHING).is_some() {
        Some(Gap::Nothing)
    } else if is_in(BLANKS).is_some() {
        Some(Gap::Blank)
    } else {
        is_in(LEFT_OUT).map(|name| if closes { Gap::Blank } else { Gap::LeftOut(name) })
    }
}

fn without_tags(text: &str) -> String {
    let mut out = Writer { text: String::with_capacity(text.len()), gap: Gap::Nothing };
    let last_end = text.rfind('>').map_or(0, |at| at + 1);
    let last_comment_end = text.rfind("-->").unwrap_or(0);
    let mut rest_from = 0;
    while rest_from < text.len() {
        let rest = &text[rest_from..];
        let Some(at) = rest.find('<') else {
            out.push(rest);
            break;
        };
        out.push(&rest[..at]);
        let markup = &rest[at..];
        let begins = rest_from + at;
        if markup.starts_with("<!--") && begins < last_comment_end {
            rest_from = markup.find("-->").map_or(text.len(), |end| begins + end + 3);
            continue;
        }
        let gap = if begins < last_end { tag(markup) } else { None };
        let end = gap.and_then(|gap| Some((gap, markup.find('>')? + 1)));
        rest_from = match end {
            Some((Gap::LeftOut(name), end)) => {
                out.leave(Gap::Blank);
                begins + end + end_tag(&markup[end..], name)
            }
            Some((gap, end)) => {
                out.leave(gap);
                begins + end
            }
            None => {
                out.push("<");
                begins + 1
            }
        };
    }
    out.text
}

/// Where the end tag of `name` begins; the end of `text` if it is never closed.
fn end_tag(text: &str, name: &str) -> usize {
    let closes = |at: &usize| {
        let after = &text.as_bytes()[at + 2..];
        after.get(..name.len()).is_some_and(|there| there.eq_ignore_ascii_case(name.as_bytes()))
    };
    text.match_indices("</").map(|(at, _)| at).find(closes).unwrap_or(text.len())
}

/// Collects text and writes each run of white space and tags as one gap.
struct Writer {
    text: String,
    gap: Gap,
}

impl Writer {
    fn leave(&mut self, gap: Gap) {
        self.gap = match (self.gap, gap) {
            (Gap::Break, _) | (_, Gap::Break) => Gap::Break,
            (Gap::Nothing, Gap::Nothing) => Gap::Nothing,
            _ => Gap::Blank,
        };
    }

    fn push(&mut self, raw: &str) {
        let decoded = entity::decode(raw);
        // A no-break space is white space here; so are those of typesetting.
        let mut rest = decoded.as_ref();
        while let Some(first) = rest.chars().next() {
            let end = if first.is_whitespace() {
                self.leave(Gap::Blank);
                first.len_utf8()
            } else {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                self.push_word(&rest[..end]);
                end
            };
            rest = &rest[end..];
        }
    }

    fn push_word(&mut self, word: &str) {
        if !self.text.is_empty() {
            match self.gap {
                Gap::Nothing => {}
                Gap::Break => self.text.push('\n'),
                Gap::Blank | Gap::LeftOut(_) => self.text.push(' '),
            }
        }
        self.gap = Gap::Nothing;
        self.text.push_str(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_become_lines_and_spans_blanks() {
        let html = "<div class=\"x\"><p>Duties:</p>\n<ul><li>weld   pipe</li><li>read&nbsp;plans</li></ul><br/>Pay: <b>$20</b>/hr</div>";
        assert_eq!(to_text(html), "Duties:\nweld pipe\nread plans\nPay: $20/hr");
        assert_eq!(to_text("<span>CNA</span><span>RN</span>"), "CNA RN");
        assert_eq!(to_text("Security<b>+</b> or A<sup>+</sup>"), "Security+ or A+");
        assert_eq!(to_text("<P>One<BR>Two</P>"), "One\nTwo");
    }

    #[test]
    fn scripts_styles_and_comments_are_left_out() {
        let html = "a<script>if (a < b) { x(\"</p>\") }</SCRIPT>b<style>p{}</style>c<!-- <p>no</p> -->d";
        assert_eq!(to_text(html), "a b cd");
        assert_eq!(to_text("<p>a</p><script>never closed <p>b</p>"), "a");
    }

    #[test]
    fn what_is_no_markup_stays() {
        for text in ["5 < 7 and 7 > 5", "x<y>z", "a <b", "AT&T", "R&D; Q&A", "<>", "<", "</", "tab\tand\nline"] {
            assert_eq!(to_text(text), text);
        }
        assert_eq!(to_text("R&amp;D\n  lab"), "R&D\n  lab");
    }

    #[test]
    fn escaped_markup_is_taken_out_too() {
        assert_eq!(to_text("&lt;p&gt;Fish &amp;amp; chips&lt;/p&gt;"), "Fish & chips");
        assert_eq!(to_text("if a &lt; b"), "if a < b");
    }

    #[test]
    fn hostile_markup_takes_linear_time() {
        for unit in ["<", "<p", "<!--", "<script>", "&", "&lt;", "</", "<a <a ", "-->"] {
            for tail in ["", ">", "<p>"] {
                let text = unit.repeat(200_000) + tail;
                let _ = to_text(&text);
            }
        }
    }
}
