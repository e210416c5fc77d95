//! Names that are only told of: titles and people, kinds of things, cases, other ways, tasks, training.

use super::cue::Says;
use super::held::HELD;
use super::token::{Token, Word};
use super::view::View;
use crate::text::words::hashes;

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

/// Words before a name that is the subject of its sentence.
const MOST_OF_SUBJECT: usize = 4;

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

/// Words before a name in which training is offered.
const OFFERED_WITHIN: usize = 14;

impl View<'_> {
    /// A name for a job or for who does it: `experience as an LPN`, `RRT positions`.
    pub(super) fn is_title(&self) -> bool {
        let Self { first, behind, .. } = *self;
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

    /// `six months of experience as a CNA or LPN`: work done under the title, which the posting counts, not the paper.
    pub(super) fn is_of_experience(&self) -> bool {
        let first = self.first;
        // The name, or two joined by `or`, behind `as a`.
        let from = first.saturating_sub(TITLE_WITHIN);
        let Some(title) = (from..first).rev().find(|at| self.tokens[*at].word == Word::As) else { return false };
        let between = &self.tokens[title + 1..first];
        let is_joined = between.iter().any(|token| token.word == Word::Or);
        let n_words = between.iter().filter(|token| token.word != Word::Article).count();
        title > 0 && self.is_any(title - 1, hashes!["experience", "worked"]) && (n_words <= 1 || is_joined)
    }

    /// A name that only says what kind of thing the next word is: `graduate of a CNA program`, `CPA firms`, `CDL driving experience`,
    /// `CNA requirements:`.
    pub(super) fn is_modifier(&self) -> bool {
        let behind = self.behind;
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
        let Self { first, behind, .. } = *self;
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
        let first = self.first;
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
        let Self { first, behind, .. } = *self;
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
        let first = self.first;
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

    /// `Our trainers teach CNA`, `Reports to a CNA`, `Provide the number of your CNA`: a sentence about the house, whatever the heading
    /// above it.
    pub(super) fn is_told(&self) -> bool {
        let is = |place: usize, words: &[u64]| self.is_any(place, words);
        let first = self.first;
        let is_about_own = (1..first.min(4)).any(|at| is(at, HELD));
        is(0, hashes!["our", "benefits", "reports", "reporting", "join"])
            || !is_about_own && is(0, TASKS)
            || self.tokens.first().is_some_and(|token| token.word == Word::Submit)
            || is(0, hashes!["career"]) && is(1, hashes!["path", "paths", "growth"])
            || is(0, hashes!["you"])
                && is(1, hashes!["will", "ll"])
                && is(2, hashes!["work", "join", "support", "assist", "report", "learn"])
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
        let behind = self.behind;
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
