//! What a posting says of a certificate: the class of one match.

use std::ops::Range;

use super::cue::{Cue, Reach, Says, Token, Word, cues, tokens};
use super::heading::{Headings, Section};
use super::rule::Rule;
use super::scope::{item_before, sentence};
use super::words::WordList;

/// Examples, as in `certificates such as CNA`, are less sure than names.
const OF_EXAMPLES: f64 = 0.9;

/// Words between a cue and a name beyond which the rule is less sure.
const DISTANT: usize = 15;
const OF_DISTANT: f64 = 0.9;

/// Words behind `without` of which it speaks.
const WITHOUT_WITHIN: usize = 5;

/// Words before a name in which `experience as` is looked for.
const TITLE_WITHIN: usize = 6;

/// Things of which a name in front of them only says the kind.
const MODIFIED: &[&str] =
    &["program", "programs", "firm", "firms", "school", "schools", "regulated", "experience", "directions", "orders"];

/// Words before a name in which `study for` is looked for.
const STUDIED_WITHIN: usize = 8;

/// Words of an item that names nothing but what its holder has.
const MOST_OF_ITEM: usize = 14;

/// Buffers of [`classify`], for reuse between matches and texts.
#[derive(Clone, Debug, Default)]
pub(super) struct Clauses {
    sentence: Option<Range<usize>>,
    tokens: Vec<Token>,
    cues: Vec<Cue>,
    item_tokens: Vec<Token>,
    item_cues: Vec<Cue>,
    headings: Headings,
}

impl Clauses {
    /// Forgets the text before.
    pub(super) fn restart(&mut self) {
        self.sentence = None;
        self.headings = Headings::default();
    }
}

/// The rule that decides on the match at `span` in the sentence `scope`, and its confidence. Spans of one text come in order.
pub(super) fn classify(
    text: &str,
    words: &WordList,
    span: &Range<usize>,
    scope: &Range<usize>,
    clauses: &mut Clauses,
) -> (Rule, f64) {
    // Matches of one sentence share its words.
    if clauses.sentence.as_ref() != Some(scope) {
        tokens(text, words, scope.clone(), &mut clauses.tokens);
        cues(text, &clauses.tokens, &mut clauses.cues);
        clauses.sentence = Some(scope.clone());
    }
    let view = View { text, tokens: &clauses.tokens, cues: &clauses.cues, span };
    let sure = |rule: Rule, factor: f64| (rule, rule.confidence() * factor);
    let factor = if view.is_example() { OF_EXAMPLES } else { 1.0 };
    if view.is_of_experience() {
        return sure(Rule::NoCue, 1.0);
    }
    if view.is_attested() {
        return sure(Rule::ItemObligation, factor);
    }
    let is_question = view.is_question(scope);
    if is_question || view.is_answer() {
        let is_demanded = view.obliges()
            || is_demanded(text, words, span, scope, false, &mut clauses.item_tokens, &mut clauses.item_cues);
        return match (is_demanded, is_question) {
            (true, _) => sure(Rule::ItemObligation, factor),
            (false, _) if clauses.headings.demands(text, span.start) => sure(Rule::HeadingRequired, factor),
            (false, true) => sure(Rule::Question, 1.0),
            (false, false) => sure(Rule::Answer, 1.0),
        };
    }
    if view.is_negated_by_prefix() {
        return sure(Rule::NotRequired, factor);
    }
    if view.is_modifier() || view.is_case() {
        return sure(Rule::NoCue, 1.0);
    }
    if let Some(cue) = view.governing() {
        let rule = match cue.says {
            Says::Required if view.is_obtained_later() => Rule::ObtainLater,
            Says::Required => Rule::Obligation,
            Says::Preferred => Rule::Preference,
            Says::NotRequired if view.is_preferred_after(&cue) => Rule::NotRequiredButPreferred,
            Says::NotRequired => Rule::NotRequired,
            Says::InLieu => Rule::InLieu,
        };
        let distance = view.distance(&cue);
        return sure(rule, if distance > DISTANT { factor * OF_DISTANT } else { factor });
    }
    if view.is_obtained_later() {
        return sure(Rule::ObtainLater, factor);
    }
    if view.is_training() {
        return sure(Rule::TrainingOffered, 1.0);
    }
    if view.is_title() {
        return sure(Rule::NoCue, 1.0);
    }
    if view.is_imperative() {
        return sure(Rule::Obligation, factor);
    }
    if view.names_a_credential()
        && is_demanded(text, words, span, scope, true, &mut clauses.item_tokens, &mut clauses.item_cues)
    {
        return sure(Rule::ItemObligation, factor);
    }
    if view.is_told() {
        return sure(Rule::NoCue, 1.0);
    }
    match clauses.headings.section(text, span.start) {
        Section::Neither if view.is_held() => sure(Rule::Held, factor),
        Section::Neither if clauses.headings.demands(text, span.start) => sure(Rule::HeadingRequired, factor),
        Section::Required => sure(Rule::HeadingRequired, factor),
        Section::Preferred => sure(Rule::HeadingPreferred, factor),
        Section::Neither => sure(Rule::NoCue, 1.0),
    }
}

/// Whether the item before a sentence demands a credential: with `numbered` only if the item has a number, names it already, or
/// screens out.
fn is_demanded(
    text: &str,
    list: &WordList,
    span: &Range<usize>,
    scope: &Range<usize>,
    numbered: bool,
    words: &mut Vec<Token>,
    found: &mut Vec<Cue>,
) -> bool {
    let (item, is_numbered) = item_before(text, scope);
    let name = &text[span.clone()];
    let named = text[item.clone()].rfind(name).map(|at| item.start + at..item.start + at + name.len());
    let has_name = named.is_some();
    let is_item = is_numbered || !numbered;
    if !is_item
        && !has_name
        && !["factor", "Factor", "FACTOR", "creen", "CREEN"].iter().any(|w| text[item.clone()].contains(w))
    {
        return false;
    }
    tokens(text, list, item, words);
    cues(text, words, found);
    // In a paragraph without a number only the sentence that has the name speaks of it.
    let of_name = named.filter(|_| !is_item).map(|named| sentence(text, &named));
    let speaks_of_name = |cue: &Cue| match &of_name {
        Some(own) => own.contains(&words[cue.token].span.start),
        None => has_name,
    };
    if found.iter().any(|cue| cue.says == Says::Required && speaks_of_name(cue)) {
        return true;
    }
    found.iter().filter(|cue| cue.says == Says::Required).any(|cue| {
        // `Do you possess each of the following requirements?` and `selective factor` speak of all that follows.
        let is_of_all = match words[cue.token].word {
            Word::Screening => return true,
            _ if !is_item => return false,
            Word::Requirement => {
                let before = words[..cue.token].iter().rev().take(2);
                before.map(|token| &text[token.span.clone()]).any(|word| word.eq_ignore_ascii_case("following"))
            }
            _ => false,
        };
        if is_of_all {
            return true;
        }
        let near = &words[cue.token.saturating_sub(8)..(cue.token + 22).min(words.len())];
        near.iter().any(|token| matches!(token.word, Word::Noun | Word::Certified))
    })
}

/// A match in its sentence.
struct View<'a> {
    text: &'a str,
    tokens: &'a [Token],
    cues: &'a [Cue],
    span: &'a Range<usize>,
}

impl View<'_> {
    /// Tokens before the match, and the first behind it.
    fn sides(&self) -> (usize, usize) {
        let first = self.tokens.partition_point(|token| token.span.end <= self.span.start);
        let behind = self.tokens.partition_point(|token| token.span.start < self.span.end);
        (first, behind)
    }

    fn is_question(&self, scope: &Range<usize>) -> bool {
        let tail = self.text[scope.clone()].trim_end();
        let begins_so = self.tokens.iter().take(3).any(|token| token.word == Word::Ask)
            || matches!(self.tokens.first().map(|t| t.word), Some(Word::Hold | Word::Include));
        tail.ends_with('?') && (begins_so || self.tokens.iter().any(|token| token.word == Word::Ask))
    }

    /// `I have`, `Yes, I hold`, `My CNA is current`.
    fn is_answer(&self) -> bool {
        let first = self.tokens.iter().position(|t| t.word == Word::First);
        match first {
            Some(0) => true,
            Some(place) if place <= 3 => self.tokens[..place]
                .iter()
                .all(|t| matches!(t.word, Word::YesNo | Word::No | Word::Other | Word::Article)),
            _ => false,
        }
    }

    fn obliges(&self) -> bool {
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
    fn governing(&self) -> Option<Cue> {
        let (first, behind) = self.sides();
        let clause = self.clause();
        // `without sponsorship` says nothing of what stands far behind.
        let is_far = |cue: &Cue| self.tokens[cue.token].word == Word::Without && first - cue.token > WITHOUT_WITHIN;
        let left =
            self.cues.iter().rev().find(|cue| {
                cue.token < first && clause.contains(&cue.token) && cue.reach != Reach::Left && !is_far(cue)
            });
        let end = self.tokens.last().map_or(self.span.end, |token| token.span.end).max(self.span.end);
        let semicolon = self.text[self.span.end..end].find(';').map_or(usize::MAX, |at| self.span.end + at);
        let right = self.cues.iter().find(|cue| cue.token >= behind && clause.contains(&cue.token)).filter(|cue| {
            let at = self.tokens[cue.token].span.start;
            cue.reach != Reach::Right
                && at < semicolon
                && (left.is_none() || !self.text[self.span.end..at].contains(','))
        });
        // `CNA training, in lieu of which ...`: what stands nearer goes first only if nothing points back.
        right.or(left).copied()
    }

    fn distance(&self, cue: &Cue) -> usize {
        let (first, behind) = self.sides();
        if cue.token < first { first - cue.token } else { cue.token.saturating_sub(behind) }
    }

    /// `or willing to obtain within six months`, `must obtain a CNA within a year of hire`.
    fn is_obtained_later(&self) -> bool {
        let clause = self.clause();
        let (first, behind) = self.sides();
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
    fn is_preferred_after(&self, cue: &Cue) -> bool {
        let Some(but) = self.tokens[cue.token..].iter().position(|token| token.word == Word::But) else { return false };
        let but = cue.token + but;
        self.cues.iter().any(|next| {
            (but + 1..but + 5).contains(&next.token) && next.says == Says::Preferred && next.reach == Reach::Left
        }) || self.tokens[but + 1..].iter().take(2).any(|token| token.word == Word::Preferred)
    }

    /// A name for a job or for who does it: `experience as an LPN`, `RRT positions`.
    fn is_title(&self) -> bool {
        let (first, behind) = self.sides();
        let word = |back: usize| first.checked_sub(back).map_or(Word::Other, |at| self.tokens[at].word);
        let back = if word(1) == Word::Article { 2 } else { 1 };
        let is_holder = word(back) == Word::As && word(back + 1) != Word::Certified;
        // `under the direction of a physician or an RN`.
        let directed = self.tokens[..first].iter().rev().take(8).take_while(|token| {
            !matches!(token.word, Word::Must | Word::Hold | Word::Require | Word::Obtain | Word::But)
        });
        let is_director = directed.clone().any(|token| token.word == Word::Direction);
        is_holder || is_director || self.tokens.get(behind).is_some_and(|token| token.word == Word::Post)
    }

    fn is_word(&self, place: usize, word: &str) -> bool {
        self.is_any(place, &[word])
    }

    /// Whether the word at `place` is one of these.
    fn is_any(&self, place: usize, words: &[&str]) -> bool {
        let Some(token) = self.tokens.get(place) else { return false };
        words.iter().any(|word| self.text[token.span.clone()].eq_ignore_ascii_case(word))
    }

    /// `six months of experience as a CNA or LPN`: work done under the title, which the posting counts, not the paper.
    fn is_of_experience(&self) -> bool {
        let (first, _) = self.sides();
        // The name, or two joined by `or`, behind `as a`.
        let from = first.saturating_sub(TITLE_WITHIN);
        let Some(title) = (from..first).rev().find(|at| self.tokens[*at].word == Word::As) else { return false };
        let between = &self.tokens[title + 1..first];
        let is_joined = between.iter().any(|token| token.word == Word::Or);
        let n_words = between.iter().filter(|token| token.word != Word::Article).count();
        title > 0
            && self.is_any(title - 1, &["experience", "worked"])
            && (n_words == 0 || is_joined || n_words == 1 && between.iter().any(|t| t.word == Word::Certified))
    }

    /// `I certify that I possess a CNA`: what an applicant has to declare.
    fn is_attested(&self) -> bool {
        let is = |place: usize, word: &str| self.is_word(place, word);
        let declares = is(0, "I") && self.is_any(1, &["certify", "attest", "affirm"]);
        declares && (2..5).any(|at| is(at, "I")) && self.tokens.iter().take(8).any(|token| token.word == Word::Hold)
    }

    /// `Non-CNA aide`: a job for those who have none.
    fn is_negated_by_prefix(&self) -> bool {
        let head = self.text.as_bytes()[..self.span.start].strip_suffix(b"-");
        head.and_then(<[u8]>::last_chunk::<3>).is_some_and(|word| word.eq_ignore_ascii_case(b"non"))
    }

    /// A name that only says what kind of thing the next word is: `graduate of a CNA program`, `CPA firms`, `CDL driving experience`,
    /// `CNA requirements:`.
    fn is_modifier(&self) -> bool {
        let (_, behind) = self.sides();
        let is = |place: usize, words: &[&str]| self.is_any(place, words);
        let text_before = |place: usize| {
            let end = self.tokens.get(place).map_or(self.span.end, |token| token.span.start);
            &self.text.as_bytes()[self.span.end..end]
        };
        // `LPN/LVN program`: the word behind the second name.
        let place = if text_before(behind) == b"/" { behind + 1 } else { behind };
        // What a comma or a parenthesis parts from the name is no word of it.
        let mut marks = text_before(place).iter().filter(|byte| byte.is_ascii_punctuation());
        let is_tied = marks.all(|byte| matches!(byte, b'-' | b'/'));
        let is_heading = is(place, &["requirements"])
            && self.tokens.get(place).is_some_and(|token| self.text[token.span.end..].starts_with(':'));
        is_tied
            && (is(place, MODIFIED)
                || is(place, &["driving", "work"]) && is(place + 1, &["experience"])
                || is(place, &["training"]) && is(place + 1, &["program", "programs"])
                || is_heading)
    }

    /// `while holding a CNA`, `if not holding a CNA`: the case of those who have one.
    fn is_case(&self) -> bool {
        let (first, _) = self.sides();
        let is = |back: usize, word: &str| first.checked_sub(back).is_some_and(|at| self.is_word(at, word));
        let skipped = usize::from(is(1, "a") || is(1, "an"));
        let is_not = is(skipped + 2, "not");
        is(skipped + 1, "holding") && ["while", "if"].iter().any(|word| is(skipped + 2 + usize::from(is_not), word))
    }

    /// `Possess a valid CNA`: a sentence that begins with its verb.
    fn is_imperative(&self) -> bool {
        let (first, _) = self.sides();
        let verbs = ["hold", "possess", "possession", "have", "carry", "maintain", "maintains"];
        (1..=6).contains(&first) && self.is_any(0, &verbs)
    }

    /// `Our trainers teach CNA`, `Reports to a CNA`: a sentence about the house, whatever the heading above it.
    fn is_told(&self) -> bool {
        let is = |place: usize, words: &[&str]| self.is_any(place, words);
        is(0, &["our", "benefits", "reports", "reporting", "join"])
            || is(0, &["career"]) && is(1, &["path", "paths", "growth"])
            || is(0, &["you"])
                && is(1, &["will", "ll"])
                && is(2, &["work", "join", "support", "assist", "report", "learn"])
    }

    /// `Current CNA`, `CNA in good standing`: an item that says what its holder has.
    fn is_held(&self) -> bool {
        let (first, behind) = self.sides();
        let is = |token: &Token, words: &[&str]| {
            words.iter().any(|word| self.text[token.span.clone()].eq_ignore_ascii_case(word))
        };
        let begins = first <= 4
            && self.tokens[..first]
                .iter()
                .take(2)
                .any(|t| is(t, &["current", "active", "valid", "unrestricted", "holder"]));
        let ends = self.tokens[behind..].windows(2).take(6).any(|pair| {
            is(&pair[0], &["good"]) && is(&pair[1], &["standing"]) || is(&pair[0], &["in"]) && is(&pair[1], &["hand"])
        });
        self.tokens.len() <= MOST_OF_ITEM && (begins || ends)
    }

    /// A word such as `certification` near by, or no other words than a list item has.
    fn names_a_credential(&self) -> bool {
        let (first, behind) = self.sides();
        let is_word = |token: &Token| matches!(token.word, Word::Noun | Word::Certified);
        self.tokens.len() <= 12
            || self.tokens[first..behind].iter().any(|token| token.word == Word::Noun)
            || self.tokens[first.saturating_sub(4)..first].iter().any(is_word)
            || self.tokens[behind..(behind + 4).min(self.tokens.len())].iter().any(is_word)
    }

    /// `such as`, `e.g.` before the match.
    fn is_example(&self) -> bool {
        let (first, _) = self.sides();
        let from = first.saturating_sub(8);
        let start = self.tokens.get(from).map_or(self.span.start, |token| token.span.start).min(self.span.start);
        self.tokens[from..first].iter().any(|token| token.word == Word::Example)
            || self.text[start..self.span.start].contains("e.g")
    }

    /// `CNA training provided`, `we pay for your CNA`, `study for the CNA`.
    fn is_training(&self) -> bool {
        let (first, behind) = self.sides();
        let word = |place: usize| self.tokens.get(place).map_or("", |token| &self.text[token.span.clone()]);
        let is_studied = (first.saturating_sub(STUDIED_WITHIN)..first).any(|at| {
            ["study", "studying", "train", "training"].iter().any(|verb| word(at).eq_ignore_ascii_case(verb))
                && ["for", "toward", "towards"].iter().any(|to| word(at + 1).eq_ignore_ascii_case(to))
        });
        if is_studied {
            return true;
        }
        let near = &self.tokens[first.saturating_sub(6)..(behind + 6).min(self.tokens.len())];
        let has = |word: Word| near.iter().any(|token| token.word == word);
        has(Word::Offered)
            && (has(Word::Training) || self.tokens[..first].iter().rev().take(5).any(|t| t.word == Word::Offered))
    }
}
