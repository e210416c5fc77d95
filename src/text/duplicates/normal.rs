//! The form in which texts are compared.

/// Writes `text` to `out` in lower case, with one space for every run of characters that are neither letters nor digits, and
/// none at the ends. With `fold_digits` a word of digits becomes `0`. Returns the number of words. O(bytes).
pub(super) fn normalise(text: &str, fold_digits: bool, out: &mut String) -> usize {
    out.clear();
    let mut n_words = 0;
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if n_words > 0 {
            out.push(' ');
        }
        n_words += 1;
        if fold_digits && is_number(word) {
            out.push('0');
        } else if word.is_ascii() {
            let start = out.len();
            out.push_str(word);
            out[start..].make_ascii_lowercase();
        } else {
            out.extend(word.chars().flat_map(char::to_lowercase));
        }
    }
    n_words
}

/// Whether a word consists of digits.
pub(super) fn is_number(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_space_and_punctuation_do_not_count_and_digits_count_unless_folded() {
        let normal = |text: &str, fold| {
            let mut out = String::new();
            let n = normalise(text, fold, &mut out);
            (out, n)
        };
        assert_eq!(normal(" Nurse--Aide,\tÉVORA (No. 12)! ", false), ("nurse aide évora no 12".into(), 5));
        assert_eq!(normal("No. 12, B2B", true), ("no 0 b2b".into(), 3));
        assert_eq!(normal("...", false), (String::new(), 0));
    }
}
