//! What a posting says of a certificate: the class of one match.

use std::ops::Range;

use super::cue::{Cue, Says, cues};
use super::heading::{Headings, Section};
use super::item::{Item, demands_behind};
use super::rule::Rule;
use super::scope::sentence_behind;
use super::token::{Token, is_any, tokens};
use super::view::View;
use super::words::WordList;
use crate::text::words::hashes;

/// Examples, as in `certificates such as CNA`, are less sure than names.
const OF_EXAMPLES: f64 = 0.9;

/// Words between a cue and a name beyond which the rule is less sure.
const DISTANT: usize = 15;
const OF_DISTANT: f64 = 0.9;

/// Buffers of [`classify`], for reuse between matches and texts.
#[derive(Clone, Debug, Default)]
pub(super) struct Clauses {
    sentence: Option<Range<usize>>,
    tokens: Vec<Token>,
    cues: Vec<Cue>,
    item: Item,
    /// Of what stands behind the sentence.
    note: Vec<Token>,
    note_cues: Vec<Cue>,
    headings: Headings,
}

impl Clauses {
    /// Forgets the text before.
    pub(super) fn restart(&mut self) {
        self.sentence = None;
        self.headings = Headings::default();
        self.item.restart();
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
    let view = View::new(text, &clauses.tokens, &clauses.cues, span);
    let sure = |rule: Rule, factor: f64| (rule, rule.confidence() * factor);
    let factor = if view.is_example() { OF_EXAMPLES } else { 1.0 };
    if view.is_of_experience() || view.is_of_grade() || view.is_of_qualifying() {
        return sure(Rule::NoCue, 1.0);
    }
    if view.is_attested() {
        return sure(Rule::ItemObligation, factor);
    }
    let is_question = view.is_question(scope);
    if is_question || view.is_answer() {
        if is_question && let Some(rule) = note(text, words, scope, &mut clauses.note, &mut clauses.note_cues) {
            return sure(rule, factor);
        }
        let is_demanded = view.obliges()
            || clauses.item.demands(text, words, span, scope, false)
            || is_question && demands_behind(text, words, scope, &mut clauses.note, &mut clauses.note_cues);
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
    if view.is_studied() {
        return sure(Rule::TrainingOffered, 1.0);
    }
    let governing = view.governing();
    // What takes no obligation; a wish or a denial may still speak of it.
    if governing.is_none_or(|cue| cue.says == Says::Required)
        && (view.is_of_people() || view.is_of_job() || view.is_alternative())
    {
        return sure(Rule::NoCue, 1.0);
    }
    if let Some(cue) = governing {
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
    if view.names_a_credential() && !view.is_of_some() && clauses.item.demands(text, words, span, scope, true) {
        return sure(Rule::ItemObligation, factor);
    }
    if view.is_told() || view.is_of_some() {
        return sure(Rule::NoCue, 1.0);
    }
    // `CNA. (Required upon hire)`, and no other words.
    if view.is_whole()
        && text[scope.end..].trim_start_matches(' ').starts_with('(')
        && let Some(rule) = note(text, words, scope, &mut clauses.note, &mut clauses.note_cues)
    {
        return sure(rule, factor);
    }
    match clauses.headings.section(text, span.start) {
        Section::Neither if view.is_paper(scope) || view.is_held() => sure(Rule::Held, factor),
        Section::Neither if clauses.headings.demands(text, span.start) => sure(Rule::HeadingRequired, factor),
        Section::Required => sure(Rule::HeadingRequired, factor),
        Section::Preferred => sure(Rule::HeadingPreferred, factor),
        Section::Neither => sure(Rule::NoCue, 1.0),
    }
}

/// What the sentence behind a question, or behind a name that stands alone, says of it: `Note: this is not a requirement, but highly desirable`.
fn note(
    text: &str,
    words: &WordList,
    question: &Range<usize>,
    note: &mut Vec<Token>,
    found: &mut Vec<Cue>,
) -> Option<Rule> {
    tokens(text, words, sentence_behind(text, question.end), note);
    let speaks = is_any(note, 0, hashes!["note", "this", "it", "required", "preferred"]);
    let papers = hashes!["copy", "copies", "documentation", "transcript", "transcripts"];
    if !speaks || (0..note.len()).any(|at| is_any(note, at, papers)) {
        return None;
    }
    cues(text, note, found);
    let says = |says: Says| found.iter().any(|cue| cue.says == says);
    match (says(Says::Preferred), says(Says::NotRequired), says(Says::Required)) {
        (true, true, _) => Some(Rule::NotRequiredButPreferred),
        (true, false, _) => Some(Rule::Preference),
        (false, true, _) => Some(Rule::NotRequired),
        (false, false, true) => Some(Rule::ItemObligation),
        (false, false, false) => None,
    }
}
