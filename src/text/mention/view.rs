//! A match among the words of its sentence.

use std::ops::Range;

use super::cue::{Cue, Reach, Says, Token, Word, is_any};
use super::heading::is_item;
use crate::text::words::hashes;

/// Words behind `without` of which it speaks.
const WITHOUT_WITHIN: usize = 5;

/// Words before a name in which `experience as` is looked for.
const TITLE_WITHIN: usize = 6;

/// Things of which a name in front of them only says the kind.
const MODIFIED: &[u64] = hashes![
    "program",
    "programs",
    "firm",
    "firms",
    "school",
    "schools",
    "regulated",
    "experience",
    "directions",
    "orders",
    "exam",
    "exams",
];

/// What is no certificate and may stand for one.
const WAYS: &[u64] = hashes!["experience", "degree", "education", "coursework", "diploma", "degrees"];

/// Who is meant by a name in the plural.
const PEOPLE: &[&str] = &[
    "nurse",
    "assistant",
    "technician",
    "aide",
    "accountant",
    "driver",
    "welder",
    "therapist",
    "technologist",
    "paramedic",
    "operator",
    "mechanic",
    "coder",
];

/// Last words of the names of jobs that begin with that of a certificate.
const JOBS: &[u64] = hashes![
    "manager",
    "managers",
    "supervisor",
    "supervisors",
    "coordinator",
    "circulator",
    "driver",
    "drivers",
    "director",
    "team",
    "staff",
    "nurse",
    "nurses",
];

/// What is done by those who bear the name.
const DOES: &[u64] = hashes![
    "provides",
    "performs",
    "assists",
    "works",
    "delivers",
    "reports",
    "functions",
    "supports",
    "coordinates",
    "administers",
    "ensures",
    "demonstrates",
    "assumes",
    "utilizes",
];

/// Words before a name in which `if` is looked for.
const CASE_WITHIN: usize = 5;

/// Words before a name in which `study for` is looked for.
const STUDIED_WITHIN: usize = 8;

/// Words before a name whose item begins with `current`.
const MOST_OF_HEAD: usize = 8;

/// Words before a name that is the subject of its sentence.
const MOST_OF_SUBJECT: usize = 4;

/// Words of an item that has a name and the noun behind it.
const MOST_OF_ALONE: usize = 9;

/// Verbs with which duties begin.
const TASKS: &[u64] = hashes![
    "keep",
    "help",
    "assist",
    "assists",
    "teach",
    "supervise",
    "supervises",
    "coordinate",
    "manage",
    "manages",
    "review",
    "process",
    "schedule",
    "track",
    "order",
    "answer",
    "train",
    "trains",
    "prepare",
    "prepares"
];

/// Words of an item that is but a name.
const MOST_OF_PAPER: usize = 6;

/// What is said of a certificate that somebody has.
const HELD: &[u64] = hashes!["current", "active", "valid", "unrestricted", "minimum"];

/// Words behind a name in which `upon hire` is looked for.
const UPON_WITHIN: usize = 10;

/// What a time for a certificate is counted from.
const STARTS: &[u64] =
    hashes!["hire", "employment", "start", "starting", "appointment", "being", "hiring", "your", "date", "the"];

/// Words before a name in which `current` is looked for.
const HELD_WITHIN: usize = 3;

/// Words before a name in which training is offered.
const OFFERED_WITHIN: usize = 14;

/// Words of an item that names nothing but what its holder has.
const MOST_OF_ITEM: usize = 14;

/// A match in its sentence.
pub(super) struct View<'a> {
    text: &'a str,
    tokens: &'a [Token],
    cues: &'a [Cue],
    span: &'a Range<usize>,
    first: usize,
    behind: usize,
}

impl<'a> View<'a> {
    /// A match at `span` among the words and cues of its sentence.
    pub(super) fn new(text: &'a str, tokens: &'a [Token], cues: &'a [Cue], span: &'a Range<usize>) -> Self {
        let first = tokens.partition_point(|token| token.span.end <= span.start);
        let behind = first + tokens[first..].iter().take_while(|token| token.span.start < span.end).count();
        Self { text, tokens, cues, span, first, behind }
    }

    /// Number of tokens before the match, and the place of the first behind it.
    fn sides(&self) -> (usize, usize) {
        (self.first, self.behind)
    }

    pub(super) fn is_question(&self, scope: &Range<usize>) -> bool {
        let tail = self.text[scope.clone()].trim_end();
        let begins_so = self.tokens.iter().take(3).any(|token| token.word == Word::Ask)
            || matches!(self.tokens.first().map(|t| t.word), Some(Word::Hold | Word::Include));
        let is_asked = self.is_any(0, hashes!["do", "does", "are", "have", "can"]) && self.is_any(1, hashes!["you"]);
        is_asked || tail.ends_with('?') && (begins_so || self.tokens.iter().any(|token| token.word == Word::Ask))
    }

    /// `I have`, `Yes, I hold`, `My CNA is current`.
    pub(super) fn is_answer(&self) -> bool {
        // `Fire Crew I` has no pronoun.
        let is_own = |t: &Token| t.span.start >= self.span.start && t.span.end <= self.span.end;
        let first = self.tokens.iter().position(|t| t.word == Word::First && !is_own(t));
        match first {
            Some(0) => true,
            Some(place) if place <= 3 => self.tokens[..place]
                .iter()
                .all(|t| matches!(t.word, Word::YesNo | Word::No | Word::Other | Word::Article)),
            _ => false,
        }
    }

    pub(super) fn obliges(&self) -> bool {
        self.cues.iter().any(|cue| cue.says == Says::Required)
    }

    /// The clause of the match, as tokens: between words such as `but`.
    fn clause(&self) -> Range<usize> {
        let (first, behind) = self.sides();
        let is_but = |token: &Token| token.word == Word::But;
        let start = self.tokens[..first].iter().rposition(is_but).map_or(0, |at| at + 1);
        let end = self.tokens[behind..].iter().position(is_but).map_or(self.tokens.len(), |at| behind + at);
        start..end
    }

    /// The cue that speaks of the match: the next one behind it that points back, if nothing else is named between, or else the
    /// last one before it that points on.
    pub(super) fn governing(&self) -> Option<Cue> {
        let (first, behind) = self.sides();
        let clause = self.clause();
        // `without sponsorship` says nothing of what stands far behind.
        let is_far = |cue: &Cue| {
            self.tokens[cue.token].word == Word::Without
                && cue.says == Says::NotRequired
                && first - cue.token > WITHOUT_WITHIN
        };
        let left = self.cues.iter().rev().find(|cue| {
            let is_own = cue.token < first && clause.contains(&cue.token) && cue.reach != Reach::Left && !is_far(cue);
            is_own && !self.is_of_other_topic(cue.token..first)
        });
        let end = self.tokens.last().map_or(self.span.end, |token| token.span.end).max(self.span.end);
        let semicolon = self.text[self.span.end..end].find(';').map_or(usize::MAX, |at| self.span.end + at);
        // `CNA; RHIT; or CWI is required` speaks of all three.
        let is_list = |at: usize| {
            let last = self.text[self.span.end..at].rsplit(';').next().unwrap_or_default().trim_start();
            ["or ", "and "].iter().any(|joint| last.starts_with(joint))
        };
        let right = self.cues.iter().find(|cue| cue.token >= behind && clause.contains(&cue.token)).filter(|cue| {
            let at = self.tokens[cue.token].span.start;
            cue.reach != Reach::Right
                && !self.is_of_another(behind, cue.token)
                && (at < semicolon || is_list(at))
                && (left.is_none() || !self.text[self.span.end..at].contains(','))
        });
        // `CNA training, in lieu of which ...`: what stands nearer goes first only if nothing points back.
        right.or(left).copied()
    }

    /// `Required: CCNA Career path: many earn a CNA`: a topic between a cue and a name.
    fn is_of_other_topic(&self, tokens: Range<usize>) -> bool {
        let mut between = self.tokens[tokens].iter();
        between.any(|token| {
            self.text.as_bytes().get(token.span.end) == Some(&b':')
                && hashes![
                    "path",
                    "benefits",
                    "schedule",
                    "shift",
                    "hours",
                    "pay",
                    "compensation",
                    "location",
                    "perks",
                    "salary"
                ]
                .contains(&token.hash)
        })
    }

    /// Whether a parenthesis behind the name that holds the token at `place` names something else: `CCNA (CISSP preferred)`.
    fn is_of_another(&self, behind: usize, place: usize) -> bool {
        let at = self.tokens[place].span.start;
        let opened = self.text[self.span.end..at].rfind('(').map(|open| self.span.end + open);
        let Some(open) = opened.filter(|open| !self.text[*open..at].contains(')')) else { return false };
        let is_name = |token: &Token| {
            let word = &self.text[token.span.clone()];
            token.word == Word::Other
                && word.bytes().skip(1).any(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        };
        self.tokens[behind..place].iter().any(|token| token.span.start > open && is_name(token))
    }

    pub(super) fn distance(&self, cue: &Cue) -> usize {
        let (first, behind) = self.sides();
        if cue.token < first { first - cue.token } else { cue.token.saturating_sub(behind) }
    }

    /// `or willing to obtain within six months`, `must obtain a CNA within a year of hire`.
    pub(super) fn is_obtained_later(&self) -> bool {
        let clause = self.clause();
        let (first, behind) = self.sides();
        // `CNA upon hire`.
        if (behind..behind + UPON_WITHIN).any(|at| self.is_any(at, hashes!["upon"]) && self.is_any(at + 1, STARTS)) {
            return true;
        }
        // `CNA certification within six months of hire`.
        let dated = (behind..behind + 4).find(|at| self.is_any(*at, hashes!["within"]));
        if dated
            .is_some_and(|at| (at + 3..at + 6).any(|of| self.is_any(of, hashes!["of"]) && self.is_any(of + 1, STARTS)))
        {
            return true;
        }
        // `ability to be certified as`.
        let becomes = |at: usize| {
            self.tokens[at].word == Word::Able
                && self.is_any(at + 1, hashes!["to"])
                && self.is_any(at + 2, hashes!["be", "become"])
                && self.tokens.get(at + 3).is_some_and(|token| token.word == Word::Certified)
        };
        if (first.saturating_sub(8)..first).any(becomes) {
            return true;
        }
        let tokens = &self.tokens[clause.clone()];
        let Some(obtain) = tokens.iter().rposition(|token| token.word == Word::Obtain) else { return false };
        let place = clause.start + obtain;
        let is_able =
            self.tokens[..place].iter().rev().take(4).any(|token| matches!(token.word, Word::Able | Word::Must));
        let is_timed = self.tokens[place..].iter().any(|token| token.word == Word::Within);
        let is_near = place < first && first - place <= 8 || place >= behind && place - behind <= 12;
        is_near && (is_able || is_timed && place < first)
    }

    /// `not required but a plus`.
    pub(super) fn is_preferred_after(&self, cue: &Cue) -> bool {
        let Some(but) = self.tokens[cue.token..].iter().position(|token| token.word == Word::But) else { return false };
        let but = cue.token + but;
        self.cues.iter().any(|next| {
            (but + 1..but + 5).contains(&next.token) && next.says == Says::Preferred && next.reach == Reach::Left
        }) || self.tokens[but + 1..].iter().take(2).any(|token| token.word == Word::Preferred)
    }

    /// A name for a job or for who does it: `experience as an LPN`, `RRT positions`.
    pub(super) fn is_title(&self) -> bool {
        let (first, behind) = self.sides();
        let word = |back: usize| first.checked_sub(back).map_or(Word::Other, |at| self.tokens[at].word);
        let back = if word(1) == Word::Article { 2 } else { 1 };
        let is_holder = word(back) == Word::As && !matches!(word(back + 1), Word::Certified | Word::Noun);
        // `under the direction of a physician or an RN`.
        let directed = self.tokens[..first].iter().rev().take(8).take_while(|token| {
            !matches!(token.word, Word::Must | Word::Hold | Word::Require | Word::Obtain | Word::But)
        });
        let is_director = directed.clone().any(|token| token.word == Word::Direction);
        // `Reports to a supervisor with a CNA`, `colleagues who hold a CNA`.
        let is_of_others = (first.saturating_sub(6)..first).any(|at| {
            self.is_any(at, hashes!["supervisor", "colleagues", "coworkers", "peers"])
                && self.is_any(at + 1, hashes!["with", "who", "holding"])
                || self.is_any(at, hashes!["records"]) && self.is_any(at + 1, hashes!["for", "of"])
                || self.is_any(at, hashes!["people", "employees", "staff"])
                    && self.is_any(at + 1, hashes!["earn", "hold"])
        });
        is_holder
            || is_director
            || is_of_others
            || self.tokens.get(behind).is_some_and(|token| token.word == Word::Post)
    }

    /// Whether the word at `place` is one of these.
    fn is_any(&self, place: usize, words: &[u64]) -> bool {
        is_any(self.tokens, place, words)
    }

    /// `six months of experience as a CNA or LPN`: work done under the title, which the posting counts, not the paper.
    pub(super) fn is_of_experience(&self) -> bool {
        let (first, _) = self.sides();
        // The name, or two joined by `or`, behind `as a`.
        let from = first.saturating_sub(TITLE_WITHIN);
        let Some(title) = (from..first).rev().find(|at| self.tokens[*at].word == Word::As) else { return false };
        let between = &self.tokens[title + 1..first];
        let is_joined = between.iter().any(|token| token.word == Word::Or);
        let n_words = between.iter().filter(|token| token.word != Word::Article).count();
        title > 0 && self.is_any(title - 1, hashes!["experience", "worked"]) && (n_words <= 1 || is_joined)
    }

    /// `I certify that I possess a CNA`: what an applicant has to declare.
    pub(super) fn is_attested(&self) -> bool {
        let declares = self.is_any(0, hashes!["i"]) && self.is_any(1, hashes!["certify", "attest", "affirm"]);
        declares
            && (2..5).any(|at| self.is_any(at, hashes!["i"]))
            && self.tokens.iter().take(8).any(|token| token.word == Word::Hold)
    }

    /// `Non-CNA aide`: a job for those who have none.
    pub(super) fn is_negated_by_prefix(&self) -> bool {
        let head = self.text.as_bytes()[..self.span.start].strip_suffix(b"-");
        head.and_then(<[u8]>::last_chunk::<3>).is_some_and(|word| word.eq_ignore_ascii_case(b"non"))
    }

    /// A name that only says what kind of thing the next word is: `graduate of a CNA program`, `CPA firms`, `CDL driving experience`,
    /// `CNA requirements:`.
    pub(super) fn is_modifier(&self) -> bool {
        let (_, behind) = self.sides();
        let is = |place: usize, words: &[u64]| self.is_any(place, words);
        let text_before = |place: usize| {
            let start = if place > behind { self.tokens[place - 1].span.end } else { self.span.end };
            let end = self.tokens.get(place).map_or(start, |token| token.span.start);
            &self.text.as_bytes()[start.min(end)..end]
        };
        // `LPN/LVN program`: the word behind the last name.
        let mut place = behind;
        while place < self.tokens.len() && text_before(place).trim_ascii() == b"/" {
            place += 1;
        }
        // What a comma or a parenthesis parts from the name is no word of it.
        let mut marks = text_before(place).iter().filter(|byte| byte.is_ascii_punctuation());
        let is_tied = marks.all(|byte| matches!(byte, b'-' | b'/'));
        let is_heading = is(place, hashes!["requirements"])
            && self.tokens.get(place).is_some_and(|token| self.text[token.span.end..].starts_with(':'));
        is_tied
            && (is(place, MODIFIED)
                || is(place, hashes!["driving", "work"]) && is(place + 1, hashes!["experience"])
                || is(place, hashes!["training"]) && is(place + 1, hashes!["program", "programs"])
                || is_heading)
    }

    /// The place of the first token of the name, or of the first of several that slashes join to it.
    fn head(&self) -> usize {
        let (mut first, _) = self.sides();
        while let Some(before) = first.checked_sub(1)
            && let Some(token) = self.tokens.get(first)
            && self.text[self.tokens[before].span.end..token.span.start] == *"/"
        {
            first = before;
        }
        first
    }

    /// `GS-5 LPN`: a grade of the people who bear the name.
    pub(super) fn is_of_grade(&self) -> bool {
        let head = self.head();
        let is_number = |at: usize| self.text[self.tokens[at].span.clone()].bytes().all(|byte| byte.is_ascii_digit());
        head >= 2 && is_number(head - 1) && self.is_any(head - 2, hashes!["gs", "grade", "level"])
    }

    /// `training qualifying for LPN licensure`, `the state in which I am licensed as an LPN`.
    pub(super) fn is_of_qualifying(&self) -> bool {
        let head = self.head();
        let pair = |from: usize, first: &[u64], second: &[u64]| {
            (head.saturating_sub(from)..head).any(|at| self.is_any(at, first) && self.is_any(at + 1, second))
        };
        let is_licensed = || self.tokens[head.saturating_sub(5)..head].iter().any(|t| t.word == Word::Certified);
        pair(4, hashes!["qualifying"], hashes!["for"]) || pair(8, hashes!["in"], hashes!["which"]) && is_licensed()
    }

    /// `CPA or equivalent experience`, `a degree or a CPA`: one of several ways, of which others are no certificate.
    pub(super) fn is_alternative(&self) -> bool {
        let (first, behind) = self.sides();
        let is_way = |at: usize| {
            self.is_any(at, WAYS) || self.is_any(at, hashes!["hours"]) && self.is_any(at + 1, hashes!["of"])
        };
        let skipped =
            self.tokens[behind.min(self.tokens.len())..].iter().take(2).take_while(|t| t.word == Word::Noun).count();
        let joint = behind + skipped;
        let follows = self.is_any(joint, hashes!["or"]) && (joint + 1..joint + 4).any(is_way);
        let is_filler = |token: &&Token| {
            token.word == Word::Article || token.word == Word::Certified || hashes!["current"].contains(&token.hash)
        };
        let back = first - self.tokens[..first].iter().rev().take(2).take_while(is_filler).count();
        let precedes =
            back > 0 && self.is_any(back - 1, hashes!["or"]) && (back.saturating_sub(5)..back - 1).any(is_way);
        follows || precedes
    }

    /// `Individuals who hold a CNA`: some of those who may apply.
    pub(super) fn is_of_some(&self) -> bool {
        let (first, _) = self.sides();
        let some = hashes!["individuals", "applicants", "persons", "those", "employees", "candidates", "people"];
        (0..first).any(|at| {
            self.is_any(at, some)
                && self.is_any(at + 1, hashes!["who", "with"])
                && !self.tokens[at..first].iter().any(|t| matches!(t.word, Word::Not | Word::Must | Word::Required))
        })
    }

    /// `CNAs`, `Registered Nurses`: people of whom the posting speaks, not their paper.
    pub(super) fn is_of_people(&self) -> bool {
        let name = &self.text.as_bytes()[self.span.clone()];
        let Some((b's', head)) = name.split_last() else { return false };
        head.last().is_some_and(u8::is_ascii_uppercase)
            || PEOPLE.iter().any(|one| {
                head.len().checked_sub(one.len()).is_some_and(|at| head[at..].eq_ignore_ascii_case(one.as_bytes()))
            })
    }

    /// `RN Case Manager`, `CDL driver`, `the LPN provides`: the name as a part of a job's, or as the one who does it.
    pub(super) fn is_of_job(&self) -> bool {
        let (first, behind) = self.sides();
        let end = |place: usize| if place > behind { self.tokens[place - 1].span.end } else { self.span.end };
        let is_tied = |place: usize| {
            self.tokens
                .get(place)
                .is_some_and(|token| self.text[end(place).min(token.span.start)..token.span.start] == *" ")
        };
        let is_owner = |at: usize| self.text[self.tokens[at].span.end..].starts_with(['\'', '\u{2019}']);
        let names_job =
            (behind..behind + 3).take_while(|at| is_tied(*at)).any(|at| self.is_any(at, JOBS) && !is_owner(at));
        let is_capital = |token: &Token| self.text.as_bytes()[token.span.start].is_ascii_uppercase();
        let begins = first == 0
            || first <= MOST_OF_SUBJECT
                && self.is_any(0, hashes!["the", "a", "an", "each"])
                && self.tokens[1..first].iter().all(is_capital);
        // `The Licensed Practical Nurse (LPN) provides`.
        let bracket = self.text[self.span.end..].trim_start().starts_with('(');
        let verb = (behind..behind + if bracket { 3 } else { 1 }).any(|at| self.is_any(at, DOES));
        // `The CNA must demonstrate`; but `a CNA must be earned`.
        let obliged = begins
            && self.is_any(behind, hashes!["must", "shall", "will"])
            && !self.is_any(behind + 1, hashes!["be", "not"]);
        names_job || begins && (verb || obliged)
    }

    /// `while holding a CNA`, `if you hold a CNA`: the case of those who have one.
    pub(super) fn is_case(&self) -> bool {
        let (first, _) = self.sides();
        let is = |back: usize, words: &[u64]| first.checked_sub(back).is_some_and(|at| self.is_any(at, words));
        let skipped = usize::from(is(1, hashes!["a", "an"]));
        let is_not = is(skipped + 2, hashes!["not"]);
        let is_holder =
            is(skipped + 1, hashes!["holding"]) && is(skipped + 2 + usize::from(is_not), hashes!["while", "if"]);
        let head = (first.saturating_sub(CASE_WITHIN)..first)
            .rev()
            .find(|at| self.is_any(*at, hashes!["if", "when", "whether"]));
        let is_wished = |at: usize| self.cues.iter().any(|cue| cue.token < at && cue.says == Says::Preferred);
        is_holder
            || head.filter(|at| !is_wished(*at)).is_some_and(|at| {
                !self.tokens[at..first].iter().any(|t| matches!(t.word, Word::Must | Word::Required))
                    && !self.text[self.tokens[at].span.end..self.span.start.max(self.tokens[at].span.end)]
                        .contains([',', ';'])
            })
    }

    /// `Possess a valid CNA`, `You hold a CNA`: a sentence that begins with its verb, or with `you`.
    pub(super) fn is_imperative(&self) -> bool {
        let (first, _) = self.sides();
        let verb = usize::from(self.is_any(0, hashes!["you"]));
        if !(verb + 1..=6).contains(&first) {
            return false;
        }
        let is_plain = |token: &Token| {
            matches!(token.word, Word::Article | Word::Certified | Word::Noun)
                || HELD.iter().chain(hashes!["of", "and"]).any(|plain| token.hash == *plain)
        };
        self.is_any(verb, hashes!["hold", "possess", "possession", "have"])
            || verb == 0
                && self.is_any(0, hashes!["carry", "maintain", "maintains"])
                && self.tokens[1..first].iter().all(is_plain)
    }

    /// `Our trainers teach CNA`, `Reports to a CNA`, `Provide the number of your CNA`: a sentence about the house, whatever the heading
    /// above it.
    pub(super) fn is_told(&self) -> bool {
        let is = |place: usize, words: &[u64]| self.is_any(place, words);
        let (first, _) = self.sides();
        let is_about_own = (1..first.min(4)).any(|at| is(at, HELD));
        is(0, hashes!["our", "benefits", "reports", "reporting", "join"])
            || !is_about_own && is(0, TASKS)
            || self.tokens.first().is_some_and(|token| token.word == Word::Submit)
            || is(0, hashes!["career"]) && is(1, hashes!["path", "paths", "growth"])
            || is(0, hashes!["you"])
                && is(1, hashes!["will", "ll"])
                && is(2, hashes!["work", "join", "support", "assist", "report", "learn"])
    }

    /// `Current CNA`, `CNA in good standing`: an item that says what its holder has.
    pub(super) fn is_held(&self) -> bool {
        let (first, behind) = self.sides();
        let near = first.saturating_sub(HELD_WITHIN)..first;
        if first > 0 && self.is_any(first - 1, hashes!["minimum"]) {
            return true;
        }
        // `Active CNA`, however long the line.
        if first > 0 && first <= HELD_WITHIN && self.is_any(0, HELD) {
            return true;
        }
        let begins = first <= MOST_OF_HEAD && (0..2).any(|at| self.is_any(at, HELD))
            || near.clone().any(|at| self.is_any(at, HELD))
            || self.is_any(0, hashes!["holder"]) && first <= 4
            || first <= 1 && (behind..behind + 3).any(|at| self.is_any(at, hashes!["current", "active", "state"]))
            || self.is_any(0, hashes!["licensed", "certified", "registered"])
                && self.is_any(1, hashes!["as", "by", "in"]);
        let ends = (behind..behind + 6).any(|at| {
            self.is_any(at, hashes!["good"]) && self.is_any(at + 1, hashes!["standing"])
                || self.is_any(at, hashes!["in"]) && self.is_any(at + 1, hashes!["hand"])
        });
        self.tokens.len() <= MOST_OF_ITEM && (begins || ends || self.is_item_alone())
    }

    /// Whether the sentence says little beside the name.
    pub(super) fn is_whole(&self) -> bool {
        self.tokens.len() <= MOST_OF_ITEM && self.first <= MOST_OF_HEAD
    }

    /// `* Food Handlers Permit`: an item that is but the name of a paper.
    pub(super) fn is_paper(&self, scope: &Range<usize>) -> bool {
        let last = self.behind.checked_sub(1).and_then(|at| self.tokens.get(at)).filter(|_| self.behind > self.first);
        let is_of_paper = last.is_some_and(|token| {
            token.word == Word::Noun || hashes!["permit", "card", "endorsement", "licensure"].contains(&token.hash)
        });
        is_item(&self.text[scope.clone()]) && is_of_paper && self.first <= 2 && self.tokens.len() <= MOST_OF_PAPER
    }

    /// `CNA certification`, `CPR certified`: an item that says no more; not `CNA license number`.
    fn is_item_alone(&self) -> bool {
        let (first, behind) = self.sides();
        let noun = self.tokens.get(behind).map(|token| token.word);
        let is_verbless = !self.tokens.iter().any(|token| {
            matches!(token.word, Word::Training | Word::Offered | Word::Ask | Word::Include | Word::Submit | Word::Hold)
        });
        first <= 2
            && (noun == Some(Word::Noun) || noun == Some(Word::Certified) && behind + 1 == self.tokens.len())
            && self.tokens.len() <= MOST_OF_ALONE
            && is_verbless
            && !self.is_any(
                behind + 1,
                hashes!["number", "type", "information", "verification", "renewal", "fees", "holders", "name"],
            )
    }

    /// A word such as `certification` near by, or no other words than a list item has.
    pub(super) fn names_a_credential(&self) -> bool {
        let (first, behind) = self.sides();
        let is_word = |token: &Token| matches!(token.word, Word::Noun | Word::Certified);
        self.tokens.len() <= 12
            || self.tokens[first..behind].iter().any(|token| token.word == Word::Noun)
            || self.tokens[first.saturating_sub(4)..first].iter().any(is_word)
            || self.tokens[behind..(behind + 4).min(self.tokens.len())].iter().any(is_word)
    }

    /// `such as`, `e.g.` before the match.
    pub(super) fn is_example(&self) -> bool {
        let (first, _) = self.sides();
        let from = first.saturating_sub(8);
        let start = self.tokens.get(from).map_or(self.span.start, |token| token.span.start).min(self.span.start);
        self.tokens[from..first].iter().any(|token| token.word == Word::Example)
            || self.text[start..self.span.start].contains("e.g")
    }

    /// The first token of the name, or of the words that a short form in parentheses stands for.
    fn spelt_first(&self) -> usize {
        let (first, _) = self.sides();
        let bytes = self.text.as_bytes();
        if self.span.start == 0 || bytes[self.span.start - 1] != b'(' {
            return first;
        }
        let n_letters = bytes[self.span.clone()].iter().filter(|byte| byte.is_ascii_alphabetic()).count();
        first.saturating_sub(n_letters.min(6))
    }

    /// `study for the CNA`, `we pay for training toward the CNA`.
    pub(super) fn is_studied(&self) -> bool {
        let first = self.spelt_first();
        let is_studied = (first.saturating_sub(STUDIED_WITHIN)..first).any(|at| {
            self.is_any(at, hashes!["study", "studying", "train", "training"])
                && self.is_any(at + 1, hashes!["for", "toward", "towards"])
        });
        let before = &self.tokens[first.saturating_sub(OFFERED_WITHIN)..first];
        let has = |word: Word| before.iter().any(|token| token.word == word);
        let is_asked = before.iter().any(|token| {
            matches!(token.word, Word::Must | Word::Required | Word::Require | Word::Hold | Word::Preferred)
        });
        is_studied || has(Word::Offered) && has(Word::Training) && !is_asked
    }

    /// `CNA training provided`, `we pay for your CNA`.
    pub(super) fn is_training(&self) -> bool {
        let (_, behind) = self.sides();
        let first = self.spelt_first();
        let near = &self.tokens[first.saturating_sub(6)..(behind + 6).min(self.tokens.len())];
        let has = |word: Word| near.iter().any(|token| token.word == word);
        let is_paid = (first.saturating_sub(5)..first).any(|at| {
            self.is_any(
                at,
                hashes![
                    "pay",
                    "pays",
                    "paid",
                    "free",
                    "sponsor",
                    "sponsored",
                    "reimburse",
                    "reimbursed",
                    "teach",
                    "teaches"
                ],
            )
        });
        has(Word::Offered) && has(Word::Training) || is_paid
    }
}
