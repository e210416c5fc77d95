//! Certificates that a text names.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::classify::{Clauses, classify};
use super::context::Context;
use super::evidence::{Evidence, EvidenceWords, NEAR, Points};
use super::lexicon::{Entry, Found, Lexicon, Position};
use super::rule::{Class, Rule};
use super::scope::sentence;
use super::senses::{Senses, entries};
use super::verdict::{AbstainReason, Mention, Verdict};
use super::words::{WordList, window};
use crate::catalog::Catalog;
use crate::error::DataError;
use crate::key::CertificateId;

/// Finds certificates in text by their names and aliases.
///
/// A match is the longest alias that starts and ends at a word boundary, without regard to ASCII case; blanks, hyphens, line breaks
/// and opening parentheses between its words are one, and plural endings and possessives belong to it. Short forms of two to four
/// letters must stand in capitals. In a surrounding without any capital (240 bytes on either side) [`mentions`](Self::mentions)
/// takes them in small letters too, if something near by speaks for the certificate; [`matches`](Self::matches) and
/// [`count`](Self::count) do not.
///
/// Cost: time linear in the text, one allocation per call of `mentions` beside its answer when a [`Scratch`] is reused, none per
/// match in `matches`. Immutable and shared freely between threads.
///
/// # Examples
/// ```
/// use credcast::text::{Class, Context, MentionMatcher};
/// let matcher = MentionMatcher::from_aliases([("CCNA", "cisco-ccna".into()), ("CISSP", "isc2-cissp".into())])?;
/// let text = "Must hold a CCNA; CISSP preferred.";
/// let mentions = matcher.mentions(text, &Context::default());
/// assert_eq!(&text[mentions[0].span.clone()], "CCNA");
/// assert_eq!(mentions[0].class, Class::Required);
/// assert_eq!(mentions[1].class, Class::Preferred);
/// assert_eq!(matcher.count(text), 2);
/// # Ok::<(), credcast::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct MentionMatcher {
    lexicon: Lexicon,
    senses: Senses,
    words: EvidenceWords,
}

/// Buffers that [`MentionMatcher::mentions_into`] reuses from text to text.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    found: Vec<Found>,
    list: WordList,
    points: Points,
    clauses: Clauses,
    told: Vec<Told>,
    /// Forms of the mentions.
    told_of: Vec<u32>,
}

/// What a text says of one form where it says something.
#[derive(Clone, Debug)]
struct Told {
    form: u32,
    /// The first mention that settles it; `None` once another place says otherwise.
    mention: Option<usize>,
}

/// An alias between word boundaries; what it means has not been looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AliasMatch<'m> {
    /// Bytes of the text, on character boundaries.
    pub span: Range<usize>,
    /// The alias as its list spells it.
    pub alias: &'m str,
}

/// Matches of one text, in order, without overlap.
#[derive(Clone, Debug)]
pub struct Matches<'m, 't> {
    lexicon: &'m Lexicon,
    text: &'t str,
    position: Position,
}

impl<'m> Iterator for Matches<'m, '_> {
    type Item = AliasMatch<'m>;

    fn next(&mut self) -> Option<AliasMatch<'m>> {
        let found = self.lexicon.next(self.text, &mut self.position, false)?;
        Some(AliasMatch { span: found.start..found.end, alias: &self.lexicon.forms[found.form as usize].label })
    }
}

impl MentionMatcher {
    /// A matcher for all names and aliases of a catalogue.
    ///
    /// # Errors
    /// [`DataError::Inconsistent`], with the alias as its column, for one that does not start with a letter or digit, has one
    /// letter only or more than 160 bytes, and for lists too large for the automaton (2^31 states).
    pub fn new(catalog: &Catalog) -> Result<Self, DataError> {
        let lexicon = Lexicon::new(&entries(catalog))?;
        let senses = Senses::of_catalog(catalog, &lexicon.forms);
        Ok(Self { lexicon, senses, words: EvidenceWords::new() })
    }

    /// A matcher for aliases of which nothing is known but their certificate. Well-known ambiguous short forms still need words
    /// that speak for them, and an alias given for several certificates is never settled.
    ///
    /// # Errors
    /// As [`MentionMatcher::new`].
    pub fn from_aliases<'a>(aliases: impl IntoIterator<Item = (&'a str, CertificateId)>) -> Result<Self, DataError> {
        let pairs: Vec<(&str, CertificateId)> = aliases.into_iter().collect();
        let mut ids: Vec<CertificateId> = pairs.iter().map(|(_, id)| id.clone()).collect();
        ids.sort();
        ids.dedup();
        let places: HashMap<&CertificateId, u32> = ids.iter().zip(0..).collect();
        let entries: Vec<Entry> =
            pairs.iter().map(|(alias, id)| Entry { alias: (*alias).to_owned(), certificate: places[id] }).collect();
        let lexicon = Lexicon::new(&entries)?;
        let senses = Senses::of_list(ids.clone(), &lexicon.forms);
        Ok(Self { lexicon, senses, words: EvidenceWords::new() })
    }

    /// Number of different aliases.
    #[must_use]
    pub fn n_aliases(&self) -> usize {
        self.lexicon.forms.len()
    }

    /// Bytes held by the automaton, the filter before it and the aliases; what is known of their meanings is not counted.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.lexicon.heap_bytes()
    }

    /// The aliases in a text, by word boundaries only.
    #[must_use]
    pub fn matches<'m, 't>(&'m self, text: &'t str) -> Matches<'m, 't> {
        Matches { lexicon: &self.lexicon, text, position: Position::default() }
    }

    /// Number of [`matches`](Self::matches).
    #[must_use]
    pub fn count(&self, text: &str) -> usize {
        let mut position = Position::default();
        std::iter::from_fn(|| self.lexicon.next(text, &mut position, false)).count()
    }

    /// What a text says of certificates, in order, without overlap.
    #[must_use]
    pub fn mentions(&self, text: &str, context: &Context<'_>) -> Vec<Mention> {
        let mut mentions = Vec::new();
        self.mentions_into(text, context, &mut Scratch::default(), &mut mentions);
        mentions
    }

    /// [`mentions`](Self::mentions) into a buffer, which is emptied first.
    pub fn mentions_into(&self, text: &str, context: &Context<'_>, scratch: &mut Scratch, mentions: &mut Vec<Mention>) {
        mentions.clear();
        let Scratch { found, list, points, clauses, told, told_of } = scratch;
        told.clear();
        told_of.clear();
        let mut position = Position::default();
        found.clear();
        found.extend(std::iter::from_fn(|| self.lexicon.next(text, &mut position, true)));
        found.retain(|found| !found.is_small || is_without_capitals(text, found));
        if found.is_empty() {
            return;
        }
        list.read(text);
        clauses.restart();
        let (senses, forms) = (&self.senses, &self.lexicon.forms[..]);
        let evidence = Evidence { senses, forms, words: &self.words, text, context, list, found: &found[..] };
        for (place, found) in evidence.found.iter().enumerate() {
            let own = sentence(text, &(found.start..found.end));
            let verdict = evidence.verdict(place, &own, points);
            if found.is_small && matches!(verdict, Verdict::Abstained { .. }) {
                continue;
            }
            let span = found.start..closed(text, found.start, found.end);
            if let Some(last) = mentions.last_mut().filter(|last| self.is_version_of(text, last, &span, &verdict)) {
                last.span.end = closed(text, last.span.start, span.end);
                last.verdict = verdict;
                continue;
            }
            let (mut rule, mut confidence) = classify(text, list, &span, &own, clauses);
            if matches!(rule, Rule::Question | Rule::Answer) && was_demanded(mentions, &verdict, span.start) {
                (rule, confidence) = (Rule::ItemObligation, Rule::ItemObligation.confidence());
            }
            let alias = Arc::clone(&self.lexicon.forms[found.form as usize].label);
            tell(told, found.form, &verdict, mentions);
            told_of.push(found.form);
            mentions.push(Mention { span, alias, verdict, class: rule.class(), confidence, rule });
        }
        // A name that is told in one place and left open in another means one thing.
        for place in 0..mentions.len() {
            let Verdict::Abstained { reason, .. } = &mentions[place].verdict else { continue };
            if !matches!(reason, AbstainReason::NoEvidence | AbstainReason::SeveralCertificates) {
                continue;
            }
            let Ok(known) = told.binary_search_by_key(&told_of[place], |known| known.form) else { continue };
            if let Some(settled) = told[known].mention {
                mentions[place].verdict = mentions[settled].verdict.clone();
            }
        }
    }

    /// Whether `verdict` is a version, such as `220-1101`, that stands directly behind a mention of its family or of itself.
    fn is_version_of(&self, text: &str, last: &Mention, span: &Range<usize>, verdict: &Verdict) -> bool {
        let Verdict::Certificate(id) = verdict else { return false };
        let Ok(place) = self.senses.ids.binary_search(id) else { return false };
        let Some(own) = &self.senses.profiles[place].family else { return false };
        let between = &text[last.span.end..span.start];
        let is_joined =
            between.len() <= 5 && between.bytes().all(|b| matches!(b, b' ' | b'(' | b')' | b'/' | b'&' | b'-'));
        is_joined
            && match &last.verdict {
                Verdict::Family { family, .. } => family == own,
                Verdict::Certificate(other) => other == id,
                Verdict::Abstained { .. } => false,
            }
    }
}

/// A question asks for what was demanded at most this many bytes above it.
const ASKED_WITHIN: usize = 1200;

/// Whether one of the mentions so far demands what a question or an answer at `at` names again.
fn was_demanded(mentions: &[Mention], verdict: &Verdict, at: usize) -> bool {
    let mut near = mentions.iter().rev().take_while(|earlier| at.saturating_sub(earlier.span.end) <= ASKED_WITHIN);
    !matches!(verdict, Verdict::Abstained { .. })
        && near.any(|earlier| earlier.class == Class::Required && earlier.verdict == *verdict)
}

/// Notes what the next mention says of its form.
fn tell(told: &mut Vec<Told>, form: u32, verdict: &Verdict, mentions: &[Mention]) {
    let is_settled = match verdict {
        Verdict::Certificate(_) | Verdict::Family { .. } => true,
        Verdict::Abstained { reason: AbstainReason::OtherMeaning, .. } => false,
        Verdict::Abstained { .. } => return,
    };
    match told.binary_search_by_key(&form, |known| known.form) {
        Ok(place) => {
            let agrees = |first: &usize| is_settled && mentions[*first].verdict == *verdict;
            told[place].mention = told[place].mention.filter(agrees);
        }
        Err(place) => told.insert(place, Told { form, mention: is_settled.then_some(mentions.len()) }),
    }
}

/// The end of a match with the parenthesis that it opens.
fn closed(text: &str, start: usize, end: usize) -> usize {
    let inner = text[start..end].rfind(['(', ')']).map(|at| text.as_bytes()[start + at]);
    end + usize::from(inner == Some(b'(') && text.as_bytes().get(end) == Some(&b')'))
}

/// Whether no capital stands near a match, so that small letters are how the text writes short forms.
pub(super) fn is_without_capitals(text: &str, found: &Found) -> bool {
    let near = window(text, &(found.start..found.end), NEAR);
    !text.as_bytes()[near].iter().any(u8::is_ascii_uppercase)
}
