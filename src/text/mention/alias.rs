//! The spellings under which one alias is found.

use super::unit::normal;

/// One spelling as the automaton is fed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spelling {
    pub(super) units: Vec<u8>,
    /// Written with periods between its letters.
    pub(super) is_dotted: bool,
    /// Follows from the alias by a rule, so a like alias of another certificate goes first.
    pub(super) is_derived: bool,
}

/// A short form of two to four letters that is a word or nothing in small letters: it must stand in capitals.
pub(super) fn is_acronym(alias: &str) -> bool {
    let mut letters = alias.bytes().filter(u8::is_ascii_alphabetic);
    let n_letters = letters.clone().count();
    let others = |b: u8| matches!(b, b'&' | b'+' | b'.');
    (1..=4).contains(&n_letters)
        && alias.len() >= 2
        && letters.clone().filter(u8::is_ascii_lowercase).count() * 2 < n_letters
        && alias.bytes().all(|b| b.is_ascii_alphabetic() || others(b))
        && (n_letters > 1 || alias.ends_with('+'))
        && letters.clone().take(1).all(|b| b.is_ascii_uppercase())
        && letters.next_back().is_some_and(|b| b.is_ascii_uppercase())
}

/// Every spelling of an alias: as it stands, with and without the blank before a number, with periods, other apostrophes, `and`
/// for `&`, the British spelling of a licence, and `certificate` or `certified` for `certification`.
pub(super) fn spellings(alias: &str) -> Vec<Spelling> {
    let base = normal(alias);
    let mut all: Vec<Spelling> = Vec::new();
    let mut add = |units: Vec<u8>, is_dotted, is_derived| {
        if units.len() > 1 && !all.iter().any(|known| known.units == units) {
            all.push(Spelling { units, is_dotted, is_derived });
        }
    };
    add(base.clone(), false, false);
    let text = String::from_utf8_lossy(&base).into_owned();
    add(joined(&text).into_bytes(), false, true);
    add(parted(&text).into_bytes(), false, true);
    if (2..=5).contains(&alias.len()) && alias.bytes().all(|b| b.is_ascii_uppercase()) {
        let dotted: Vec<String> = text.chars().map(String::from).collect();
        add(dotted.join(".").into_bytes(), true, true);
    }
    if text.contains('\'') {
        add(text.replace("'s", "s'").into_bytes(), false, true);
        add(text.replace('\'', "").into_bytes(), false, true);
    }
    for (from, to) in [(" & ", " and "), (" and ", " & "), ("license", "licence"), ("licence", "license")] {
        if text.contains(from) {
            add(text.replace(from, to).into_bytes(), false, true);
        }
    }
    for (end, others) in [(" certification", [" certificate", " certified"]), (" license", [" licensure", " licence"])]
    {
        if let Some(head) = text.strip_suffix(end) {
            for other in others {
                add(format!("{head}{other}").into_bytes(), false, true);
            }
        }
    }
    all
}

/// Short names that an official name holds: the part before a parenthesis, if it says that it is a credential or begins with its
/// issuer, and what follows the issuer if it ends in `+`.
pub(super) fn short_names(name: &str, issuer: &str) -> Vec<String> {
    let mut names = Vec::new();
    let head = name.split_once(" (").map(|(head, _)| head);
    if let Some(head) = head.filter(|head| head.contains(' ')) {
        let has_word = ["certified", "licensed", "certificate", "license", "certification"]
            .iter()
            .any(|word| head.to_ascii_lowercase().split(' ').any(|w| w == *word));
        if has_word || head.starts_with(issuer) {
            names.push(head.to_owned());
        }
    }
    let head = head.unwrap_or(name);
    if let Some(short) =
        head.strip_prefix(issuer).map(str::trim).filter(|short| short.ends_with('+') && short.len() > 1)
    {
        names.push(short.to_owned());
    }
    names
}

/// `osha 10` as `osha10`.
fn joined(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut last_is_name = false;
    for word in text.split(' ') {
        let is_number = !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
        if !(out.is_empty() || is_number && last_is_name) {
            out.push(' ');
        }
        out.push_str(word);
        last_is_name = word.len() > 1 && word.bytes().all(|b| b.is_ascii_alphabetic());
    }
    out
}

/// `osha10` as `osha 10`.
fn parted(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let n_letters = word.bytes().take_while(u8::is_ascii_alphabetic).count();
        let digits = &word[n_letters..];
        if n_letters > 2 && (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
            format!("{} {digits}", &word[..n_letters])
        } else {
            word.to_owned()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(alias: &str) -> Vec<String> {
        spellings(alias).into_iter().map(|s| String::from_utf8(s.units).unwrap()).collect()
    }

    #[test]
    fn an_alias_has_its_usual_other_spellings() {
        assert_eq!(texts("OSHA-10"), ["osha 10", "osha10"]);
        assert_eq!(texts("OSHA10"), ["osha10", "osha 10"]);
        assert_eq!(texts("CNA"), ["cna", "c.n.a"]);
        assert_eq!(
            texts("driver's license"),
            ["driver's license", "drivers' license", "drivers license", "driver's licence", "driver's licensure"]
        );
        assert_eq!(texts("A+ certification"), ["a+ certification", "a+ certificate", "a+ certified"]);
        assert_eq!(texts("220-1101"), ["220 1101"]);
    }

    #[test]
    fn short_forms_in_capitals_are_acronyms() {
        for alias in ["PE", "CNA", "BLS", "ACLS", "A&P", "CPhT", "A+"] {
            assert!(is_acronym(alias), "{alias}");
        }
        for alias in ["CISSP", "Net+", "OSHA 10", "Revit", "A", "EX200", "CDL-A"] {
            assert!(!is_acronym(alias), "{alias}");
        }
    }

    #[test]
    fn official_names_hold_short_names() {
        assert_eq!(short_names("CompTIA A+ (220-1101/1102)", "CompTIA"), ["CompTIA A+", "A+"]);
        assert_eq!(
            short_names("Certified Medical Assistant (AAMA)", "American Association"),
            ["Certified Medical Assistant"]
        );
        assert!(short_names("Paramedic (NRP)", "National Registry").is_empty());
        assert!(short_names("Registered Nurse (NCLEX-RN)", "State nursing board").is_empty());
    }
}
