//! A job title without what does not tell the occupation.

/// One word of a title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) text: String,
    /// The last word of the first part: `assistant` in `Dental Assistant - Nights`, `director` in `Director of Nursing`.
    pub(super) is_head: bool,
}

/// The words of a title in lower case and singular, abbreviations written out; without seniority, shifts, hours, places with a
/// state's code, requisition numbers and words of advertising. O(bytes).
pub(super) fn terms(title: &str) -> Vec<Term> {
    let parts = parts(title);
    let mut out: Vec<Term> = Vec::new();
    let mut has_head = false;
    for (place, part) in parts.iter().enumerate() {
        let is_later = place > 0;
        // `Nurse - Dallas, TX` and `Nurse, Dallas, TX`: a place stands in the part before the code of a state.
        let is_place = is_state(part) || (is_later && parts.get(place + 1).is_some_and(|next| is_state(next)));
        if is_later && is_place {
            continue;
        }
        let words: Vec<String> =
            part.split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '\u{2019}')).filter_map(plain).collect();
        let from = out.len();
        let mut head = None;
        for (at, word) in words.iter().enumerate() {
            if is_link(word) {
                head = head.or(out.len().checked_sub(1).filter(|last| *last >= from));
            } else if !is_noise(&words, at, is_later) {
                push(&mut out, word);
            }
        }
        if !has_head && out.len() > from {
            let head = head.unwrap_or(out.len() - 1);
            out[head].is_head = true;
            has_head = true;
        }
    }
    out
}

/// Each word once, in order of the alphabet; a head stays a head.
pub(super) fn distinct(terms: &[Term]) -> Vec<&Term> {
    let mut out: Vec<&Term> = terms.iter().collect();
    out.sort_by(|a, b| a.text.cmp(&b.text).then(b.is_head.cmp(&a.is_head)));
    out.dedup_by(|a, b| a.text == b.text);
    out
}

/// The parts between commas, brackets, bars, slashes and dashes that stand free.
fn parts(title: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut before = ' ';
    let mut chars = title.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let is_cut = match c {
            ',' | '(' | ')' | '[' | ']' | '|' | '/' | ';' | ':' | '@' | '\u{2013}' | '\u{2014}' | '\n' => true,
            '-' => before.is_whitespace() || chars.peek().is_none_or(|(_, next)| next.is_whitespace()),
            _ => false,
        };
        if is_cut {
            out.push(&title[start..at]);
            start = at + c.len_utf8();
        }
        before = c;
    }
    out.push(&title[start..]);
    out.retain(|part| part.chars().any(char::is_alphanumeric));
    out
}

/// A word in lower case without apostrophes; `None` for single letters, numbers and requisition numbers.
fn plain(word: &str) -> Option<String> {
    let lower: String = word.chars().filter(|c| !matches!(c, '\'' | '\u{2019}')).flat_map(char::to_lowercase).collect();
    let digits = lower.bytes().filter(u8::is_ascii_digit).count();
    let is_number = digits > 0 && (digits == lower.len() || digits >= 2);
    let is_level = matches!(lower.as_str(), "ii" | "iii" | "iv");
    (lower.chars().nth(1).is_some() && !is_number && !is_level).then_some(lower)
}

/// Appends a word, written out and in the singular.
fn push(out: &mut Vec<Term>, word: &str) {
    let written = written_out(word);
    if written.is_empty() {
        out.push(Term { text: singular(word), is_head: false });
    }
    out.extend(written.iter().map(|word| Term { text: (*word).into(), is_head: false }));
}

fn singular(word: &str) -> String {
    if !word.is_ascii() || word.len() < 4 {
        word.into()
    } else if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 2) {
        format!("{stem}y")
    } else if ["ss", "us", "is"].iter().any(|end| word.ends_with(end)) {
        word.into()
    } else if ["sses", "ches", "shes", "xes"].iter().any(|end| word.ends_with(end)) {
        word[..word.len() - 2].into()
    } else {
        word.strip_suffix('s').unwrap_or(word).into()
    }
}

fn is_link(word: &str) -> bool {
    matches!(word, "of" | "for" | "in" | "to" | "at" | "with" | "and" | "the" | "an" | "on" | "or" | "by")
}

/// Whether the word at `at` says nothing about the occupation.
fn is_noise(words: &[String], at: usize, is_later: bool) -> bool {
    let near = |list: &[&str]| {
        let before = at.checked_sub(1).map(|i| words[i].as_str());
        let after = words.get(at + 1).map(String::as_str);
        [before, after].into_iter().flatten().any(|word| list.contains(&word))
    };
    match words[at].as_str() {
        "sr" | "senior" | "jr" | "junior" | "experienced" | "remote" | "hybrid" | "onsite" | "wfh" | "hiring"
        | "needed" | "wanted" | "urgent" | "urgently" | "immediate" | "immediately" | "opening" | "openings"
        | "opportunity" | "opportunities" | "jobs" | "position" | "positions" | "prn" | "temp" | "temporary"
        | "seasonal" | "permanent" | "fulltime" | "parttime" | "nights" | "days" | "evenings" | "weekends"
        | "overnights" | "shift" | "shifts" | "1st" | "2nd" | "3rd" | "req" | "bonus" | "usa" | "hrs" | "weekly"
        | "diem" | "relocation" => true,
        "entry" => near(&["level"]),
        "level" => near(&["entry", "mid", "senior", "junior"]),
        "full" | "part" => near(&["time"]),
        "time" => near(&["full", "part"]),
        "per" => near(&["diem", "hour"]),
        "hour" | "hr" => near(&["per"]),
        "first" | "second" | "third" | "night" | "day" | "evening" | "weekend" | "overnight" | "morning" => {
            is_later || near(&["shift", "shifts"])
        }
        _ => false,
    }
}

/// Whether a part is the code of a state, with or without a postal code.
fn is_state(part: &str) -> bool {
    const STATES: [&str; 52] = [
        "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY",
        "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH",
        "OK", "OR", "PA", "PR", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY",
    ];
    let mut words = part.split_whitespace();
    words.next().is_some_and(|word| STATES.contains(&word))
        && words.all(|word| word.bytes().all(|b| b.is_ascii_digit() || b == b'-'))
}

/// The words that an abbreviation stands for; empty for other words.
fn written_out(word: &str) -> &'static [&'static str] {
    match word {
        "rn" | "rns" => &["registered", "nurse"],
        "lpn" | "lpns" => &["licensed", "practical", "nurse"],
        "lvn" => &["licensed", "vocational", "nurse"],
        "cna" | "cnas" => &["certified", "nursing", "assistant"],
        "np" => &["nurse", "practitioner"],
        "crna" => &["certified", "registered", "nurse", "anesthetist"],
        "pta" => &["physical", "therapist", "assistant"],
        "cota" => &["certified", "occupational", "therapy", "assistant"],
        "slp" => &["speech", "language", "pathologist"],
        "emt" => &["emergency", "medical", "technician"],
        "mgr" | "mngr" => &["manager"],
        "asst" => &["assistant"],
        "assoc" => &["associate"],
        "supv" | "supvr" | "supr" => &["supervisor"],
        "supt" => &["superintendent"],
        "tech" | "techs" => &["technician"],
        "rep" | "reps" => &["representative"],
        "admin" => &["administrative"],
        "engr" | "eng" => &["engineer"],
        "dev" => &["developer"],
        "dir" => &["director"],
        "coord" => &["coordinator"],
        "spec" => &["specialist"],
        "hr" => &["human", "resource"],
        "it" => &["information", "technology"],
        "csr" => &["customer", "service", "representative"],
        "mfg" => &["manufacturing"],
        "maint" => &["maintenance"],
        "ops" => &["operation"],
        "qa" => &["quality", "assurance"],
        "qc" => &["quality", "control"],
        "vp" => &["vice", "president"],
        "svc" | "svcs" => &["service"],
        "mech" => &["mechanic"],
        "elec" => &["electrical"],
        "equip" => &["equipment"],
        "dept" => &["department"],
        "mktg" => &["marketing"],
        "acctg" => &["accounting"],
        "sec" | "secy" => &["secretary"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(title: &str) -> String {
        let found = terms(title);
        let words = found.iter().map(|t| if t.is_head { t.text.to_uppercase() } else { t.text.clone() });
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn titles_lose_what_does_not_tell_the_occupation() {
        for (title, expected) in [
            ("Sr. RN (Night Shift) - Req #12345", "registered NURSE"),
            ("Registered Nurses", "registered NURSE"),
            ("Dental Assistant - Dallas, TX 75201", "dental ASSISTANT"),
            ("Cook, Boise, ID", "COOK"),
            ("Asst. Mgr", "assistant MANAGER"),
            ("Director of Nursing", "DIRECTOR nursing"),
            ("Full-Time Entry Level Warehouse Associate II", "warehouse ASSOCIATE"),
            ("Welder 2nd shift $22/hr", "WELDER human resource"),
            ("Night Auditor", "night AUDITOR"),
            ("Day Shift Machine Operator", "machine OPERATOR"),
            ("Companies' Secretary", "company SECRETARY"),
            ("Bus Driver | Remote", "bus DRIVER"),
            ("12345", ""),
            ("", ""),
        ] {
            assert_eq!(text(title), expected, "{title}");
        }
    }
}
