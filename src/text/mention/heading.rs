//! Headings of sections, which speak for every line below them.

use memchr::{memchr2, memchr3};

use super::words::{Words, ceil};

/// A heading speaks for this many bytes.
const FAR: usize = 4096;

/// Longer lines are no headings.
const LONGEST_LINE: usize = 70;

/// A line is read this far beyond a match: all that the rules on long lines ask for.
const AHEAD: usize = 200;

/// A line such as `All applicants must possess the following:` speaks for this many bytes, items and questions among them.
const DEMANDED: usize = 1500;

/// What a heading says of the lines under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Required,
    Preferred,
    Neither,
}

/// Headings of a text, read once from its start to the last match.
#[derive(Clone, Debug, Default)]
pub(super) struct Headings {
    scanned: usize,
    /// Colons and stars have been looked for up to here.
    searched: usize,
    last: Option<(usize, Section)>,
    /// Whether the last heading stands alone on its line.
    is_alone: bool,
    /// End of the last line that demands what follows.
    demand: Option<usize>,
    /// Where the line begins that is being read.
    line: usize,
    list: List,
}

/// Where in a list the lines read last are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum List {
    /// In none.
    #[default]
    Outside,
    /// The last line was an item.
    Item,
    /// A blank line has followed an item.
    Ended,
}

impl List {
    /// Where the next line is, behind `line`.
    fn after(self, line: &str) -> Self {
        if is_item(line) {
            Self::Item
        } else if self != Self::Outside && line.trim_start().is_empty() {
            Self::Ended
        } else {
            Self::Outside
        }
    }
}

impl Headings {
    /// The section that holds byte `at`. Calls go up through the text. The whole of them costs one pass over the text.
    pub(super) fn section(&mut self, text: &str, at: usize) -> Section {
        let floor = ceil(text, at.saturating_sub(FAR));
        if floor > self.scanned {
            // What was read before is too far away to count.
            *self = Self {
                scanned: floor,
                line: floor,
                last: self.last,
                is_alone: self.is_alone,
                demand: self.demand,
                ..Self::default()
            };
        }
        while self.scanned < at {
            let bound = ceil(text, at.saturating_add(AHEAD));
            let end = text[self.scanned..bound].find('\n').map_or(bound, |n| self.scanned + n);
            let starts_line = self.scanned == 0 || text.as_bytes()[self.scanned - 1] == b'\n';
            if starts_line {
                self.line = self.scanned;
                let line = &text[self.scanned..end];
                // A heading speaks for its list, not for the paragraph behind it.
                let is_behind = self.list == List::Ended && !is_item(line) && !line.trim().is_empty();
                if is_behind || is_question_item(line) {
                    self.last = None;
                }
            }
            let read = self.read_line(text, self.scanned, end.min(at), end, starts_line);
            if end >= at {
                // A phrase may go on behind `at`.
                self.scanned = read;
                break;
            }
            if is_demand(text, end) {
                self.demand = Some(end);
            }
            self.list = self.list.after(&text[self.line..end]);
            self.scanned = end + 1;
        }
        match self.last {
            Some((start, section)) if start >= floor => section,
            _ => Section::Neither,
        }
    }

    fn set(&mut self, at: usize, section: Section, is_alone: bool) {
        self.last = Some((at, section));
        self.is_alone = is_alone;
        if section != Section::Required {
            self.demand = None;
        }
    }

    /// Whether a line above byte `at` demands what follows it. Calls go up through the text.
    pub(super) fn demands(&mut self, text: &str, at: usize) -> bool {
        self.section(text, at);
        self.demand.is_some_and(|end| end + DEMANDED >= at)
    }

    /// Reads the part `start..stop` of a line that ends at `end`; returns the byte behind its last mark.
    fn read_line(&mut self, text: &str, start: usize, stop: usize, end: usize, starts_line: bool) -> usize {
        let line = &text[start..end];
        if starts_line
            && stop == end
            && !(line.starts_with('-') || line.starts_with("* "))
            && line.len() <= LONGEST_LINE
            && !line.contains([':', '.', ',', '?', ';'])
        {
            if let Some(section) = classify(line, true) {
                self.set(start, section, true);
            }
            return start;
        }
        let mut from = start;
        // `- Preferred: CNA` speaks for its own item.
        if starts_line && is_item(line) && !line.trim_end().ends_with(':') {
            return start;
        }
        loop {
            let open = self.searched.clamp(from, stop);
            let Some((at, mark)) = next_mark(text, open, stop) else { break };
            self.searched = at + 1;
            let head = &text[from..ceil(text, at)];
            match mark {
                Mark::Colon => {}
                Mark::Bold => {
                    // `**Preferred** CNA`, on one line with what it speaks for.
                    if let Some(section) = classify(head, true) {
                        self.set(from, section, false);
                    }
                    from = (at + 2).min(stop);
                    continue;
                }
                Mark::Bullet => {
                    // `PREFERRED QUALIFICATIONS * CNA * RHIT`, where line breaks were lost.
                    if let Some((first, section)) = heading_at_end(head) {
                        self.set(from + first, section, false);
                    }
                    from = ceil(text, at + 1).min(stop);
                    continue;
                }
            }
            let first = phrase_start(head, from == start && starts_line);
            // `Licensure: do you hold a CNA?` is a question about its topic.
            let is_asked = text[at..end].contains('?');
            // `Licensure:` below `Desired skills` is a topic of those.
            let is_within =
                self.is_alone && matches!(self.last, Some((_, Section::Preferred))) && is_topic(&head[first..]);
            if let Some(section) = classify(&head[first..], false).filter(|_| !is_asked && !is_within) {
                self.set(from + first, section, false);
            }
            from = at + 1;
        }
        self.searched = stop;
        from
    }
}

/// Whether a line starts with a bullet.
pub(super) fn is_item(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with(['-', '\u{2022}', '\u{b7}', '\u{25cf}', '\u{25aa}', '+'])
        || line.starts_with("* ")
        || line.starts_with("~ ")
        || line.starts_with("o ")
}

/// Whether the line that ends at `end` demands what follows it.
fn is_demand(text: &str, end: usize) -> bool {
    let line = text[ceil(text, end.saturating_sub(DEMANDED))..end].rsplit('\n').next().unwrap_or_default();
    if screens_out(line.trim_start()) {
        return true;
    }
    line.trim_end().ends_with("ollowing:")
        && ["must possess", "must meet", "must have", "must hold", "required to have", "required to possess"]
            .iter()
            .any(|words| line.contains(words))
}

/// `SELECTIVE FACTORS: ...`, `Screen out: ...`, at the head of a line.
fn screens_out(line: &str) -> bool {
    let mut words = Words::new(line, 0..line.len()).take(3).map(|word| &line[word]);
    let is = |word: &str, all: &[&str]| all.iter().any(|one| word.eq_ignore_ascii_case(one));
    words.next().is_some_and(|word| is(word, &["selective", "screen"]))
        && words.any(|word| is(word, &["factor", "factors", "out"]))
}

/// Whether a line starts an item of a questionnaire, which the heading above no longer speaks for: a number alone, or before a
/// question or a paragraph. The short items of a numbered list are none.
fn is_question_item(line: &str) -> bool {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let n_digits = line.len() - rest.len();
    let rest = rest.strip_prefix(|c: char| c.is_ascii_lowercase()).unwrap_or(rest);
    let Some(rest) = rest.strip_prefix(['.', ')']).filter(|_| (1..=3).contains(&n_digits)) else { return false };
    rest.trim().is_empty() || rest.contains('?')
}

/// Where the words before a colon that can be its heading start: after the last sentence end or bullet, and if the whole is none, at a
/// capital from which on all words are a heading's, at most six back.
fn phrase_start(head: &str, is_line: bool) -> usize {
    let sentence = head.rfind(['.', ';', '?', '!', '\u{2022}', '\u{b7}', ')', '|']).map_or(0, |at| ceil(head, at + 1));
    // `complianceQUALIFICATIONS:`, where a line break was lost.
    let is_lost = |pair: &[u8]| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase();
    let lost = head.as_bytes().windows(2).rposition(is_lost).map_or(0, |at| at + 1);
    let start = sentence.max(lost);
    if is_line && start == 0 && head.len() <= LONGEST_LINE || classify(&head[start..], false).is_some() {
        return start;
    }
    heading_at_end(&head[start..]).map_or(start, |(at, _)| start + at)
}

/// Where the longest heading starts that ends a phrase, and what it says: at a capital, at most six words back, without an unknown word.
fn heading_at_end(head: &str) -> Option<(usize, Section)> {
    let near = ceil(head, head.len().saturating_sub(LONGEST_LINE));
    let mut tail = [usize::MAX; 6];
    for (place, word) in Words::new(head, near..head.len()).enumerate() {
        tail[place % 6] = word.start;
    }
    tail.sort_unstable();
    let is_capital = |at: &usize| head.as_bytes().get(*at).is_some_and(u8::is_ascii_uppercase);
    tail.into_iter().filter(is_capital).find_map(|at| Some((at, classify(&head[at..], true)?)))
}

/// What may end a heading within a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Colon,
    /// `**`.
    Bold,
    /// A lone star, two dashes, a dot.
    Bullet,
}

/// The first mark in `from..to`.
fn next_mark(text: &str, from: usize, to: usize) -> Option<(usize, Mark)> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        let found = memchr3(b':', b'*', b'-', &bytes[at..to]).map(|n| at + n);
        let end = found.unwrap_or(to);
        // The last bytes of a bullet and of a middle dot.
        let dot = memchr2(0xa2, 0xb7, &bytes[at..end]).map(|n| at + n);
        if let Some(dot) = dot {
            let is_dot = bytes[..=dot].ends_with("\u{2022}".as_bytes()) || bytes[..=dot].ends_with("\u{b7}".as_bytes());
            if is_dot {
                return Some((dot, Mark::Bullet));
            }
            at = dot + 1;
            continue;
        }
        let found = found?;
        match bytes[found] {
            b':' => return Some((found, Mark::Colon)),
            b'*' if bytes.get(found + 1) == Some(&b'*') => return Some((found, Mark::Bold)),
            b'*' => return Some((found, Mark::Bullet)),
            _ if bytes[found..].starts_with(b"- - ") => return Some((found, Mark::Bullet)),
            _ => at = found + 1,
        }
    }
}

/// Headings that are more than their words.
const PHRASES: &[(&str, Section)] = &[
    ("keyword", Section::Neither),
    ("keywords", Section::Neither),
    ("keyword(s", Section::Neither),
    ("about you", Section::Required),
    ("at least one of", Section::Required),
    ("one of the following", Section::Required),
    ("one or more of", Section::Required),
    ("you have", Section::Required),
    ("you'll have", Section::Required),
    ("you\u{2019}ll have", Section::Required),
    ("what we're looking for", Section::Required),
    ("what we\u{2019}re looking for", Section::Required),
    ("what we are looking for", Section::Required),
    ("who we're looking for", Section::Required),
    ("who you are", Section::Required),
];

/// Whether a phrase starts with these words, in any case.
fn starts_so(phrase: &str, start: &str) -> bool {
    let Some(head) = phrase.get(..start.len()) else { return false };
    let goes_on = phrase[start.len()..].starts_with(|c: char| c.is_alphanumeric());
    head.eq_ignore_ascii_case(start) && !goes_on
}

/// Whether a phrase names a topic and asks for nothing: `Licensure`.
fn is_topic(phrase: &str) -> bool {
    let mut words = Words::new(phrase, 0..phrase.len()).map(|word| &phrase[word]);
    let is_one = |word: &str| {
        [
            "license",
            "licenses",
            "licensure",
            "certification",
            "certifications",
            "credentials",
            "registration",
            "and",
            "or",
        ]
        .iter()
        .any(|topic| word.eq_ignore_ascii_case(topic))
    };
    words.all(is_one)
}

/// What a phrase says as a heading; `None` if it is none, so that the section goes on.
fn classify(phrase: &str, is_whole_line: bool) -> Option<Section> {
    let phrase = phrase.trim_matches(|c: char| !c.is_alphanumeric());
    if phrase.is_empty()
        || phrase.len() > LONGEST_LINE
        || !phrase.starts_with(|c: char| c.is_uppercase()) && is_whole_line && phrase.contains(' ')
    {
        return None;
    }
    if let Some((_, section)) = PHRASES.iter().find(|(start, _)| starts_so(phrase, start)) {
        return Some(*section);
    }
    let (mut n_words, mut n_unknown) = (0, 0);
    let (mut is_required, mut is_preferred, mut is_other, mut is_not, mut is_nice) =
        (false, false, false, false, false);
    let mut buffer = [0; 16];
    for word in Words::new(phrase, 0..phrase.len()) {
        n_words += 1;
        let bytes = &phrase.as_bytes()[word];
        let Some(small) = buffer.get_mut(..bytes.len()) else {
            n_unknown += 1;
            continue;
        };
        small.copy_from_slice(bytes);
        small.make_ascii_lowercase();
        match &*small {
            b"preferred" | b"desired" | b"desirable" | b"bonus" | b"optional" | b"plus" | b"pluses"
            | b"preferences" | b"ideal" | b"preferable" => is_preferred = true,
            b"nice" => is_nice = true,
            b"have" | b"haves" if is_nice => is_preferred = true,
            b"have" | b"haves" => {}
            b"requirements" | b"requirement" | b"required" | b"require" | b"minimum" | b"mandatory" | b"essential"
            | b"must" | b"need" | b"qualifications" | b"qualification" | b"prerequisites" | b"eligibility"
            | b"bring" | b"certifications" | b"licenses" | b"credentials" | b"licensure" | b"certification"
            | b"license" | b"certificates" | b"licences" => is_required = true,
            b"responsibilities" | b"duties" | b"benefits" | b"about" | b"description" | b"overview" | b"summary"
            | b"schedule" | b"salary" | b"pay" | b"compensation" | b"location" | b"apply" | b"offer" | b"company"
            | b"tasks" | b"perks" | b"physical" | b"demands" | b"environment" | b"hours" | b"shift" | b"role"
            | b"functions" | b"responsibility" | b"training" | b"contact" | b"assessment" => is_other = true,
            b"not" | b"no" => is_not = true,
            b"and" | b"or" | b"the" | b"to" | b"for" | b"of" | b"what" | b"you" | b"your" | b"we" | b"our" | b"ll"
            | b"re" | b"is" | b"are" | b"skills" | b"experience" | b"education" | b"knowledge" | b"abilities"
            | b"job" | b"position" | b"basic" | b"key" | b"candidate" | b"candidates" | b"applicant"
            | b"additional" | b"other" | b"who" | b"us" | b"this" | b"be" | b"a" | b"looking" | b"special"
            | b"points" | b"conditions" | b"employment" | b"general" | b"technical" | b"specific" | b"work" => {}
            _ => n_unknown += 1,
        }
    }
    // `CNA required` is no heading; `About Sunrise House` is.
    if n_words > 6 || n_unknown > if is_whole_line && !is_other { 0 } else { 2 } {
        return None;
    }
    match (is_required, is_preferred) {
        // An answer.
        _ if is_not && n_words == 1 => None,
        _ if is_other || is_not => Some(Section::Neither),
        // `Required and/or Preferred`.
        (true, true) if ["required", "requirements"].iter().any(|word| phrase.to_ascii_lowercase().contains(word)) => {
            Some(Section::Neither)
        }
        (_, true) => Some(Section::Preferred),
        (true, false) => Some(Section::Required),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(text: &str) -> Section {
        let at = text.find("CNA").unwrap();
        Headings::default().section(text, at)
    }

    #[test]
    fn headings_reach_to_the_next_heading() {
        let cases = [
            ("Requirements:\n- high school\n- CNA", Section::Required),
            ("Requirements\nhigh school\nCNA", Section::Required),
            ("REQUIREMENTS\nCPR\nNice to have\nCNA", Section::Preferred),
            ("Preferred qualifications:\n* Spanish\n* CNA", Section::Preferred),
            ("Requirements:\nCPR\nBenefits:\nhealth plan for every CNA", Section::Neither),
            ("We are kind. Minimum qualifications: CNA", Section::Required),
            ("Some words on the house\nCNA", Section::Neither),
            ("What you'll need:\nCNA", Section::Required),
            ("What We Require -\n- Kindness\n- CNA", Section::Required),
            ("MUST HAVES\nCNA", Section::Required),
            ("Requirements\nCPR\nBonus Points\nCNA", Section::Preferred),
            ("**Licenses/Certifications Required**\n* CPR\n* CNA", Section::Required),
            ("Requirements\n* CPR\n\n**Desired Qualifications**\n* CNA", Section::Preferred),
            ("Requirements:\n- CPR\n- BLS\n\nOur trainers know every CNA.", Section::Neither),
            ("Requirements:\n\n- CPR\n\n- BLS\n\n- CNA", Section::Required),
            ("Requirements:\n\nCPR\n\nBLS\n\nCNA", Section::Required),
        ];
        for (text, expected) in cases {
            assert_eq!(section(text), expected, "{text}");
        }
    }

    #[test]
    fn a_demand_reaches_into_questions_and_ends_at_another_heading() {
        let demands = |text: &str| Headings::default().demands(text, text.find("CNA").unwrap());
        assert!(demands("All applicants must possess the following:\n1. Do you speak English?\n2. Do you hold a CNA?"));
        assert!(!demands("All applicants must possess the following:\n1. English\nBenefits:\nA CNA course"));
        assert!(!demands("Answer the following:\n1. Do you hold a CNA?"));
        assert!(!demands(&format!("You must have the following:\n{}\nCNA", "word ".repeat(400))));
    }

    #[test]
    fn a_heading_ends_after_four_thousand_bytes() {
        let text = format!("Requirements:\n{}\nCNA", "word ".repeat(900));
        assert_eq!(section(&text), Section::Neither);
    }

    #[test]
    fn going_on_equals_starting_anew() {
        let text = "Requirements:\n- BLS\n- ACLS\n\nWe know: every CNA\nRequirements:\nBLS\nNice to have:\nCNA and more\nDuties\nCNA\nYou must have the following:\nCNA\nPay:\nBLS";
        let mut headings = Headings::default();
        for (at, _) in text.char_indices() {
            assert_eq!(headings.section(text, at), Headings::default().section(text, at), "{at}");
            assert_eq!(headings.demands(text, at), Headings::default().demands(text, at), "{at}");
        }
    }
}
