//! Which certificate a match stands for, by what stands near it.

use std::ops::Range;

use super::contested::{CREDENTIAL, DEED_CREDENTIAL, DEED_NOUNS, DOING, POSTS, Turned};
use super::context::Context;
use super::lexicon::{Form, Found};
use super::senses::{Clue, Needs, OTHER, Reading, Sense, Senses, class_hash};
use super::verdict::{AbstainReason, Verdict};
use super::words::{Word, WordList, Words, hashes, is_word_byte, stem_of, window};
use crate::time::Frequency;

/// Bytes on either side of a match that count as near: about forty words.
pub(super) const NEAR: usize = 240;

/// What speaks for a reading, in points; [`ENOUGH`] settle it.
const SAME_NEAR: i32 = 4;
const FIELD_NEAR: i32 = 2;
const UNCLEAR_NEAR: i32 = 1;
const SPELT_OUT: i32 = 3;
const SOC_SAME: i32 = 3;
const SOC_MAJOR: i32 = 2;
const CREDENTIAL_WORD: i32 = 2;

/// More for what stands in the same sentence.
const SAME_SENTENCE: i32 = 2;

/// What stands in other sentences counts for a share of this, if the sentence itself says something.
const OUTSIDE: i32 = 2;

const ENOUGH: i32 = 2;

/// Words count up to this many points: a long list of duties is no proof.
const MOST_BY_WORDS: i32 = 6;

/// Buffers of [`Evidence::verdict`], for reuse.
#[derive(Clone, Debug, Default)]
pub(super) struct Points {
    readings: Vec<i32>,
    /// What the words of other sentences say of each reading.
    outside: Vec<i32>,
    seen: Vec<bool>,
    /// What neighbours say of each reading.
    neighbours: Vec<i32>,
}

/// Decides on the matches of one text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence<'a> {
    pub(super) senses: &'a Senses,
    pub(super) forms: &'a [Form],
    pub(super) words: &'a EvidenceWords,
    pub(super) text: &'a str,
    pub(super) context: &'a Context<'a>,
    /// All words of the text.
    pub(super) list: &'a WordList,
    /// The matches of the text, in order.
    pub(super) found: &'a [Found],
}

/// Sorted hashes of words that speak for or against any certificate.
#[derive(Clone, Debug)]
pub(super) struct EvidenceWords {
    credential: Vec<u32>,
    doing: Vec<u32>,
    deed_credential: Vec<u32>,
    deed_nouns: Vec<u32>,
    posts: Vec<u32>,
}

impl EvidenceWords {
    pub(super) fn new() -> Self {
        let sorted = |words| {
            let mut words: Vec<u32> = hashes(words).collect();
            words.sort_unstable();
            words
        };
        Self {
            credential: sorted(CREDENTIAL),
            doing: sorted(DOING),
            deed_credential: sorted(DEED_CREDENTIAL),
            deed_nouns: sorted(DEED_NOUNS),
            posts: sorted(POSTS),
        }
    }
}

impl Evidence<'_> {
    /// The verdict on match `place`, which stands in the sentence `own`. Looks at the [`NEAR`] bytes on either side.
    pub(super) fn verdict(&self, place: usize, own: &Range<usize>, points: &mut Points) -> Verdict {
        let found = self.found[place];
        let sense = &self.senses.by_form[found.form as usize];
        if self.is_by_its_leave(found) || sense.turned.is_some_and(|turned| self.is_turned(found, turned)) {
            return abstain(sense, AbstainReason::OtherMeaning);
        }
        if sense.is_deed && self.is_done(found) && !self.has_credential_word(found, false) {
            return abstain(sense, AbstainReason::OtherMeaning);
        }
        let needs = if found.is_small && sense.needs == Needs::Nothing { Needs::Evidence } else { sense.needs };
        match needs {
            Needs::Nothing => self.settled(sense, 0),
            Needs::CredentialWord if self.has_credential_word(found, sense.is_deed) => match sense.readings.len() {
                1 => self.settled(sense, 0),
                _ => self.weigh(place, own, sense, points),
            },
            Needs::CredentialWord if sense.is_deed => abstain(sense, AbstainReason::OtherMeaning),
            Needs::CredentialWord => abstain(sense, AbstainReason::Product),
            Needs::Choice | Needs::Evidence => self.weigh(place, own, sense, points),
        }
    }

    fn weigh(&self, place: usize, own: &Range<usize>, sense: &Sense, points: &mut Points) -> Verdict {
        let found = self.found[place];
        let span = found.start..found.end;
        let near = window(self.text, &span, NEAR);
        let inner = self.nearer_part(place, own, &near);
        points.seen.clear();
        points.seen.resize(sense.clues.len(), false);
        let n_readings = sense.readings.len();
        [&mut points.readings, &mut points.outside].into_iter().for_each(|sums| {
            sums.clear();
            sums.resize(n_readings, 0);
        });
        // Each clue counts once, where it stands nearest.
        let mut other = self.count_words(inner.start..span.start, sense, points);
        other += self.count_words(span.end..inner.end, sense, points);
        std::mem::swap(&mut points.readings, &mut points.outside);
        let mut other_outside = self.count_words(near.start..inner.start, sense, points);
        other_outside += self.count_words(inner.end..near.end, sense, points);
        std::mem::swap(&mut points.readings, &mut points.outside);
        let says_something = other >= ENOUGH || points.readings.iter().any(|sum| *sum >= ENOUGH);
        let share = if says_something { OUTSIDE } else { 1 };
        let by_words = |inner: i32, outside: i32| {
            let bonus = if inner >= ENOUGH { SAME_SENTENCE } else { 0 };
            inner.min(MOST_BY_WORDS) + bonus + outside.min(MOST_BY_WORDS) / share
        };
        other = by_words(other, other_outside);
        for (sum, outside) in points.readings.iter_mut().zip(&points.outside) {
            *sum = by_words(*sum, *outside);
        }
        if let Some(industry) = self.context.industry {
            other += count(hashes(industry), sense, points);
        }
        if let Some(expansion) = expansion(self.text, &span, &self.forms[found.form as usize].label)
            && !self.speaks(expansion, sense, points)
            && sense.needs == Needs::Evidence
        {
            return abstain(sense, AbstainReason::OtherMeaning);
        }
        self.count_neighbours(place, &near, &inner, share, points);
        let has_word = self.has_credential_word(found, sense.is_deed);
        for (sum, reading) in points.readings.iter_mut().zip(&sense.readings) {
            *sum += self.by_occupation(reading) + if has_word { CREDENTIAL_WORD } else { 0 };
        }
        let (best, most) = points.readings.iter().enumerate().fold((0, i32::MIN), |(best, most), (reading, sum)| {
            if *sum > most { (reading, *sum) } else { (best, most) }
        });
        let is_alone = points.readings.iter().filter(|sum| **sum == most).count() == 1;
        if most >= ENOUGH && most > other && is_alone {
            self.settled(sense, best)
        } else if other >= ENOUGH && other >= most {
            abstain(sense, AbstainReason::OtherMeaning)
        } else if let Some(usual) = sense.usual.filter(|usual| points.readings[usize::from(*usual)] == most) {
            self.settled(sense, usize::from(usual))
        } else if sense.needs == Needs::Choice || most >= ENOUGH {
            abstain(sense, AbstainReason::SeveralCertificates)
        } else {
            abstain(sense, AbstainReason::NoEvidence)
        }
    }

    /// The part of the sentence `own` of match `place` that lies within `near`, up to halfway to where the same name stands again:
    /// what is nearer to that place speaks of it.
    fn nearer_part(&self, place: usize, own: &Range<usize>, near: &Range<usize>) -> Range<usize> {
        let found = self.found[place];
        let is_same = |other: &&Found| other.form == found.form;
        let before = self.found[..place].iter().rev().take_while(|other| other.end > own.start).find(is_same);
        let after = self.found[place + 1..].iter().take_while(|other| other.start < own.end).find(is_same);
        let bytes = self.text.as_bytes();
        let between = |end: usize, start: usize| {
            let half = usize::midpoint(end, start);
            (end..half).rev().find(|at| !is_word_byte(bytes[*at])).unwrap_or(end)
        };
        let start = before.map_or(own.start, |other| between(other.end, found.start));
        let end = after.map_or(own.end, |other| between(found.end, other.start));
        start.max(near.start)..end.min(near.end)
    }

    /// The reading; of several versions the one that was awarded in the posting's month, if it is one.
    fn settled(&self, sense: &Sense, reading: usize) -> Verdict {
        let reading = &sense.readings[reading];
        let Some((family, members)) = &reading.family else {
            return Verdict::Certificate(self.senses.ids[reading.certificates[0] as usize].clone());
        };
        let month = self.context.period.and_then(|period| period.to_frequency(Frequency::Monthly)).map(|m| m.ordinal());
        let mut valid = reading.certificates.iter().filter(|certificate| {
            let (introduced, retired) = self.senses.profiles[**certificate as usize].span;
            month.is_some_and(|month| {
                introduced.is_none_or(|first| first <= month) && retired.is_none_or(|last| month <= last)
            })
        });
        match (valid.next(), valid.next()) {
            (Some(version), None) => Verdict::Certificate(self.senses.ids[*version as usize].clone()),
            _ => Verdict::Family { family: family.clone(), members: members.clone() },
        }
    }

    /// Adds the clues in `range` to the readings; returns the points of other meanings.
    fn count_words(&self, range: Range<usize>, sense: &Sense, points: &mut Points) -> i32 {
        let bytes = self.text.as_bytes();
        let mut is_class = false;
        let hashes = self.list.within(range).iter().map(|word| {
            let Word { start, end, .. } = *word;
            let hash = if is_class && end - start == 1 { class_hash(bytes[start]) } else { stem_of(bytes, word) };
            is_class = bytes[start..end].eq_ignore_ascii_case(b"class");
            hash
        });
        count(hashes, sense, points)
    }

    /// Whether a word beside the name makes it another name: `advanced ARRT certification`, `CCS-P`.
    fn is_turned(&self, found: Found, turned: &Turned) -> bool {
        let span = found.start..found.end;
        let spelt = expansion(self.text, &span, &self.forms[found.form as usize].label);
        let head = spelt.as_ref().map_or(span.start, |spelt| spelt.start.min(span.start));
        let tail = spelt.map_or(span.end, |spelt| spelt.end.max(span.end));
        let is_in = |word: Option<&Word>, list: &[&str]| {
            word.is_some_and(|word| list.iter().any(|one| self.text[word.span()].eq_ignore_ascii_case(one)))
        };
        let reach = window(self.text, &(head..tail), 40);
        is_in(self.list.within(reach.start..head).last(), turned.before)
            || is_in(self.list.within(tail..reach.end).first(), turned.behind)
    }

    /// Whether the name is a body's that does other things than certify: `accredited by the ARRT`, `administered by DANB`.
    fn is_by_its_leave(&self, found: Found) -> bool {
        let ends = |head: &str, word: &str| {
            let at = head.len().wrapping_sub(word.len());
            let before = at.checked_sub(1).and_then(|before| head.as_bytes().get(before));
            head.get(at..).is_some_and(|tail| tail.eq_ignore_ascii_case(word))
                && !before.is_some_and(|b| is_word_byte(*b))
        };
        let strip = |head: &'_ str, word: &str| head.len() - if ends(head, word) { word.len() } else { 0 };
        let span = found.start..found.end;
        let is_bracketed = span.start > 0 && self.text.as_bytes()[span.start - 1] == b'(';
        let spelt =
            if is_bracketed { expansion(self.text, &span, &self.forms[found.form as usize].label) } else { None };
        let head = self.text[..spelt.map_or(span.start, |spelt| spelt.start)].trim_end();
        let head = head[..strip(head, "the")].trim_end();
        if !ends(head, "by") {
            return false;
        }
        let head = head[..head.len() - 2].trim_end();
        ["accredited", "administered", "accreditation"].iter().any(|word| ends(head, word))
    }

    /// Whether one of the three words before is a verb of doing, the next word a thing that the deed is done with, or the name
    /// stands in parentheses behind a job: `perform CPR`, `CPR techniques`, `Firefighter (BLS)`.
    fn is_done(&self, found: Found) -> bool {
        let span = found.start..found.end;
        let before = expansion(self.text, &span, &self.forms[found.form as usize].label)
            .filter(|expansion| expansion.start < span.start)
            .map_or(span.start, |expansion| expansion.start);
        let near = window(self.text, &(before..before), 40);
        let bytes = self.text.as_bytes();
        let is_in = |word: &Word, list: &[u32]| list.binary_search(&stem_of(bytes, word)).is_ok();
        let is_doing = |word: &Word| is_in(word, &self.words.doing);
        let last = self.list.within(near.start..before).iter().rev().take(3);
        let behind = window(self.text, &span, 40);
        let next = self.list.within(span.end..behind.end).first();
        let opening =
            bytes[near.start..before].iter().rposition(|b| matches!(b, b'(' | b')')).map(|at| near.start + at);
        let job = opening.filter(|at| bytes[*at] == b'(').and_then(|at| self.list.within(near.start..at).last());
        // `Basic Life Support` is the course, `basic life support` what it teaches.
        let label = &self.forms[found.form as usize].label;
        let is_small = label.len() > 4 && bytes[span.clone()].iter().all(|b| !b.is_ascii_uppercase());
        is_small && !super::matcher::is_without_capitals(self.text, &found)
            || last.clone().any(is_doing)
            || next.is_some_and(|word| is_in(word, &self.words.deed_nouns))
            || job.is_some_and(|word| is_in(word, &self.words.posts))
    }

    /// Whether a short form spelt out beside it is one of the readings.
    fn speaks(&self, expansion: Range<usize>, sense: &Sense, points: &mut Points) -> bool {
        let is_name_of = |reading: &Reading| {
            self.found.iter().any(|found| {
                found.start <= expansion.start && expansion.end <= found.end + 1 && shares(self.sense(found), reading)
            })
        };
        let bytes = self.text.as_bytes();
        let mut own = vec![0; sense.readings.len()];
        let mut other = 0;
        for word in self.list.within(expansion.clone()) {
            for clue in clues(sense, stem_of(bytes, word)) {
                match clue.1.reading {
                    OTHER => other += 1,
                    reading => own[usize::from(reading)] += 1,
                }
            }
        }
        let mut is_any = false;
        for ((sum, reading), own) in points.readings.iter_mut().zip(&sense.readings).zip(own) {
            if is_name_of(reading) || own > other {
                *sum += SPELT_OUT;
                is_any = true;
            }
        }
        is_any
    }

    /// Adds what other matches near by say.
    fn count_neighbours(
        &self,
        place: usize,
        near: &Range<usize>,
        inner: &Range<usize>,
        share: i32,
        points: &mut Points,
    ) {
        let own = self.found[place].form;
        let sense = self.sense(&self.found[place]);
        let before = self.found[..place].iter().rev().take_while(|found| found.start >= near.start);
        let after = self.found[place + 1..].iter().take_while(|found| found.end <= near.end);
        // The strongest of each sort: ten certificates of a field are one piece of evidence.
        points.neighbours.clear();
        points.neighbours.resize(sense.readings.len(), 0);
        for neighbour in before.chain(after).filter(|found| found.form != own) {
            let other = self.sense(neighbour);
            let is_clear = matches!(other.needs, Needs::Nothing) && other.readings.len() == 1;
            for (most, reading) in points.neighbours.iter_mut().zip(&sense.readings) {
                let is_inner = inner.start <= neighbour.start && neighbour.end <= inner.end;
                let gained = match (is_clear, shares(other, reading), self.is_of_field(other, reading)) {
                    (true, true, _) => SAME_NEAR + if is_inner { SAME_SENTENCE } else { 0 },
                    (true, _, true) => FIELD_NEAR,
                    (false, _, true) => UNCLEAR_NEAR,
                    _ => 0,
                };
                *most = (*most).max(if is_inner { gained } else { gained / share });
            }
        }
        points.readings.iter_mut().zip(&points.neighbours).for_each(|(sum, most)| *sum += most);
    }

    fn sense(&self, found: &Found) -> &Sense {
        &self.senses.by_form[found.form as usize]
    }

    /// Whether a certificate of `sense` is of the sector or the major occupation group of one of `reading`.
    fn is_of_field(&self, sense: &Sense, reading: &Reading) -> bool {
        let profile = |certificate: &u32| &self.senses.profiles[*certificate as usize];
        sense.readings.iter().flat_map(|r| &r.certificates).map(profile).any(|a| {
            reading.certificates.iter().map(profile).any(|b| {
                a.sector.is_some() && a.sector == b.sector
                    || a.socs.iter().any(|x| b.socs.iter().any(|y| x.get(..2) == y.get(..2)))
            })
        })
    }

    fn by_occupation(&self, reading: &Reading) -> i32 {
        let Some(soc) = self.context.soc else { return 0 };
        let mut codes = reading.certificates.iter().flat_map(|c| &self.senses.profiles[*c as usize].socs).peekable();
        if codes.peek().is_none() {
            return 0;
        }
        codes.fold(-1, |most, code| {
            most.max(match () {
                () if code == soc => SOC_SAME,
                () if code.get(..2) == soc.get(..2) => SOC_MAJOR,
                () => -1,
            })
        })
    }

    /// Whether the alias itself, or one of the three words before and after it, says that it is a credential; of a deed also words
    /// such as `card` and `current`.
    fn has_credential_word(&self, found: Found, is_deed: bool) -> bool {
        let span = found.start..found.end;
        let near = window(self.text, &span, 40);
        let bytes = self.text.as_bytes();
        let is_credential = |word: &Word| {
            let hash = stem_of(bytes, word);
            self.words.credential.binary_search(&hash).is_ok()
                || is_deed && self.words.deed_credential.binary_search(&hash).is_ok()
        };
        self.list.within(span.clone()).iter().any(is_credential)
            || self.list.within(near.start..span.start).iter().rev().take(3).any(is_credential)
            || self.list.within(span.end..near.end).iter().take(3).any(is_credential)
    }
}

fn abstain(sense: &Sense, reason: AbstainReason) -> Verdict {
    Verdict::Abstained { candidates: sense.candidates.clone(), reason }
}

fn shares(sense: &Sense, reading: &Reading) -> bool {
    sense.readings.iter().any(|other| other.certificates.iter().any(|c| reading.certificates.contains(c)))
}

/// The clues of a word with their positions.
fn clues(sense: &Sense, hash: u32) -> impl Iterator<Item = (usize, Clue)> + '_ {
    let first = sense.clues.partition_point(|clue| clue.hash < hash);
    sense.clues[first..]
        .iter()
        .take_while(move |clue| clue.hash == hash)
        .copied()
        .zip(first..)
        .map(|(clue, i)| (i, clue))
}

/// Adds each clue once; returns the points of other meanings.
fn count(words: impl Iterator<Item = u32>, sense: &Sense, points: &mut Points) -> i32 {
    let mut other = 0;
    for hash in words {
        if sense.sieve[(hash >> 6 & 3) as usize] >> (hash & 63) & 1 == 0 {
            continue;
        }
        for (place, clue) in clues(sense, hash) {
            if std::mem::replace(&mut points.seen[place], true) {
                continue;
            }
            match clue.reading {
                OTHER => other += i32::from(clue.weight),
                reading => points.readings[usize::from(reading)] += i32::from(clue.weight),
            }
        }
    }
    other
}

/// Where a short form is spelt out beside it: the words before `(CNA)` or `, or CNA`, within `CNA (...)`, or behind `CNA, the`,
/// whose initials it is.
fn expansion(text: &str, span: &Range<usize>, label: &str) -> Option<Range<usize>> {
    const LONGEST: usize = 110;
    let letters: Vec<u8> = label.bytes().filter(u8::is_ascii_alphabetic).map(|b| b.to_ascii_lowercase()).collect();
    if !(2..=6).contains(&letters.len()) || label.contains(' ') {
        return None;
    }
    let bytes = text.as_bytes();
    // Two words beside a comma have the initials of a short form by chance.
    let takes_commas = letters.len() > 2;
    let initial = |word: &Range<usize>| bytes[word.start].to_ascii_lowercase();
    let is_bracketed = span.start > 0 && bytes[span.start - 1] == b'(';
    let before = if is_bracketed {
        Some(span.start - 1)
    } else {
        let head = text[..span.start].trim_end();
        let head = head.strip_suffix(" or").unwrap_or(head).trim_end();
        head.strip_suffix(JOINTS).map(str::len).filter(|_| takes_commas)
    };
    if let Some(joint) = before {
        let near = window(text, &(joint..joint), LONGEST);
        let mut words: Vec<Range<usize>> = Words::new(text, near.start..joint).collect();
        let end = words.last().map_or(joint, |word| word.end);
        let mut left = letters.len();
        while let Some(word) = words.pop() {
            if initial(&word) == letters[left - 1] {
                left -= 1;
                if left == 0 {
                    return Some(word.start..end);
                }
            } else if !is_small_word(&bytes[word]) {
                break;
            }
        }
        if is_bracketed {
            return None;
        }
    }
    let rest = text[span.end..].trim_start();
    let open = text.len() - rest.len();
    if let Some(inner) = rest.strip_prefix('(') {
        let close = inner.bytes().take(LONGEST).position(|b| b == b')')?;
        let mut left = letters.iter();
        for word in Words::new(text, open + 1..open + 1 + close) {
            let is_next = left.clone().next() == Some(&initial(&word));
            if is_next {
                left.next();
            } else if !is_small_word(&bytes[word]) {
                return None;
            }
        }
        return (left.len() == 0).then_some(open + 1..open + 1 + close);
    }
    let inner = rest.strip_prefix(JOINTS).filter(|_| takes_commas)?;
    let start = text.len() - inner.len();
    let mut left = letters.iter();
    for word in Words::new(text, start..window(text, &(start..start), LONGEST).end) {
        if left.clone().next() == Some(&initial(&word)) {
            left.next();
            if left.len() == 0 {
                return Some(start..word.end);
            }
        } else if !is_small_word(&bytes[word]) {
            return None;
        }
    }
    None
}

/// Marks between a short form and the words that it stands for.
const JOINTS: [char; 5] = [',', ':', '-', '\u{2013}', '\u{2014}'];

fn is_small_word(word: &[u8]) -> bool {
    [&b"of"[..], b"and", b"in", b"the", b"for", b"to", b"on", b"by", b"a", b"or"]
        .iter()
        .any(|w| word.eq_ignore_ascii_case(w))
}
