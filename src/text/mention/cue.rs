//! Words that say what a posting wants of a certificate, and which way they point.

use super::token::{Token, Word, is_any};
use crate::text::words::hashes;

/// What a cue says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    Required,
    Preferred,
    NotRequired,
    InLieu,
}

/// On which side of a cue the names stand that it speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// `must hold`: what follows.
    Right,
    /// `is preferred`: what stands before.
    Left,
    /// `in lieu of`: both.
    Both,
}

/// A cue in a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cue {
    /// First of its tokens.
    pub(super) token: usize,
    pub(super) says: Says,
    pub(super) reach: Reach,
}

/// Writes the cues among `tokens` to `cues`, in order.
pub(super) fn cues(text: &str, tokens: &[Token], cues: &mut Vec<Cue>) {
    cues.clear();
    cues.extend((0..tokens.len()).filter_map(|place| cue(text.as_bytes(), tokens, place)));
    // `it would be a bonus if you have a CNA`, `one of these is preferred (CNA or RHIT)`: of what follows too.
    for cue in cues.iter_mut().filter(|cue| cue.says == Says::Preferred && cue.reach == Reach::Left) {
        let opens = text[tokens[cue.token].span.end..].starts_with(" (");
        if opens || (1..4).any(|next| is_any(tokens, cue.token + next, hashes!["if"])) {
            cue.reach = Reach::Both;
        }
    }
}

/// Words after an obligation in which its verb is looked for.
const VERB_WITHIN: usize = 9;

fn cue(bytes: &[u8], tokens: &[Token], place: usize) -> Option<Cue> {
    let token = &tokens[place];
    let word = |at: usize| tokens.get(at).map_or(Word::Other, |t| t.word);
    let before = |n: usize| place.checked_sub(n).map_or(Word::Other, word);
    let is_negated = || is_negated(tokens, place);
    let (says, reach) = match token.word {
        // `is a must`, `must be earned`: of what stands before.
        Word::Must if before(1) == Word::Article => (Says::Required, Reach::Left),
        Word::Must
            if is_any(tokens, place + 1, hashes!["be"])
                && (is_passive(tokens, place + 2)
                    || is_any(tokens, place + 2, hashes!["in"]) && is_passive(tokens, place + 3)) =>
        {
            (Says::Required, Reach::Left)
        }
        Word::Must => {
            let says = obligation(tokens, place + 1)?;
            (says, Reach::Right)
        }
        // `Special Needs Aide`, a word of a name.
        Word::Need if place > 0 && is_name(bytes, token) => return None,
        Word::Require | Word::Need => {
            if word(place + 1) == Word::To || is_wish(token) {
                obligation(tokens, place + 1)?;
            }
            let says = if is_negated() || before(1) == Word::No { Says::NotRequired } else { Says::Required };
            (says, Reach::Right)
        }
        Word::Requirement if is_met(tokens, place) => return None,
        Word::Requirement => {
            let is_last = !followed_by(bytes, token, b':') && word(place + 1) != Word::Include;
            (
                if is_negated() { Says::NotRequired } else { Says::Required },
                if is_last { Reach::Left } else { Reach::Right },
            )
        }
        Word::Required | Word::Preferred => {
            if before(1) == Word::Question
                || before(2) == Word::Question
                || is_possible(tokens, place)
                || is_attributive(bytes, tokens, place)
            {
                return None;
            }
            let says = match token.word {
                Word::Preferred => Says::Preferred,
                _ if is_negated() || denied(tokens, place) => Says::NotRequired,
                _ => Says::Required,
            };
            // `you are required to hold`; but `CNA required to start`.
            if word(place + 1) == Word::To && is_of_holder(tokens, place) {
                obligation(tokens, place + 2)?;
                return Some(Cue { token: place, says, reach: Reach::Right });
            }
            let is_first = place == 0 || preceded_by(bytes, token, b";:");
            let is_last =
                place + 1 == tokens.len() || word(place + 1) == Word::To || followed_by_any(bytes, token, b".;,!?)");
            // `an advantage`, a noun: of what stands before.
            let is_noun = hashes!["asset", "advantage"].contains(&token.hash) && before(1) == Word::Article;
            // `is not required`, whatever follows.
            let is_denied = says == Says::NotRequired && before(1) == Word::Not;
            let leads = !is_noun
                && !is_denied
                && (followed_by(bytes, token, b':')
                    || word(place + 1) == Word::Noun
                    || (is_first || before(1) == Word::Article) && !is_last);
            (says, if leads { Reach::Right } else { Reach::Left })
        }
        Word::Call if is_any(tokens, place + 1, hashes!["for"]) => {
            (if is_negated() { Says::NotRequired } else { Says::Required }, Reach::Right)
        }
        Word::Like if word(place + 1) == Word::To && is_any(tokens, place + 2, hashes!["see"]) && !is_negated() => {
            (Says::Preferred, Reach::Right)
        }
        Word::Like if is_any(tokens, place + 1, hashes!["it"]) && is_any(tokens, place + 2, hashes!["if"]) => {
            (Says::Preferred, Reach::Right)
        }
        Word::Ask if is_expected(tokens, place) => (Says::Required, Reach::Right),
        Word::Prefer if !wishes(tokens, place) => return None,
        Word::Prefer => (if is_negated() { return None } else { Says::Preferred }, Reach::Right),
        Word::Plus if is_plus(bytes, tokens, place) => (Says::Preferred, Reach::Left),
        Word::Nice if word(place + 1) == Word::To => {
            let have = tokens.get(place + 2)?;
            (Says::Preferred, if followed_by(bytes, have, b':') || place == 0 { Reach::Right } else { Reach::Left })
        }
        // `would be great`, `great to have`.
        Word::Great
            if is_any(tokens, place + 1, hashes!["to"]) && is_any(tokens, place + 2, hashes!["have"])
                || place >= 2
                    && is_any(tokens, place - 1, hashes!["be"])
                    && is_any(tokens, place - 2, hashes!["would"]) =>
        {
            (Says::Preferred, Reach::Left)
        }
        // `a bonus`, `bonus points for`, `Bonus: CNA`; not `sign-on bonus`.
        Word::Bonus if before(1) == Word::Article => (Says::Preferred, Reach::Left),
        Word::Bonus
            if is_any(tokens, place + 1, hashes!["points"]) || place == 0 && followed_by(bytes, token, b':') =>
        {
            (
                Says::Preferred,
                if is_any(tokens, place + 2, hashes!["for"]) || place == 0 { Reach::Right } else { Reach::Left },
            )
        }
        Word::Should if is_to_have(tokens, place + 1) => (Says::Required, Reach::Right),
        Word::Failure if word(place + 1) == Word::To && matches!(word(place + 2), Word::Hold | Word::Obtain) => {
            (Says::Required, Reach::Right)
        }
        Word::Contingent if is_any(tokens, place + 1, hashes!["upon"]) || is_any(tokens, place + 1, hashes!["on"]) => {
            (Says::Required, Reach::Right)
        }
        Word::Waive => (Says::NotRequired, Reach::Both),
        Word::With if is_sought(tokens, place) => (Says::Required, Reach::Right),
        // `who do not hold a CNA will not be considered`.
        Word::Not if word(place + 1) == Word::Hold && shuts_out(&tokens[place + 1..]) => (Says::Required, Reach::Right),
        Word::Condition => (if is_negated() { Says::NotRequired } else { Says::Required }, Reach::Both),
        Word::Without if shuts_out(&tokens[place + 1..]) => (Says::Required, Reach::Right),
        Word::Without => (Says::NotRequired, Reach::Right),
        Word::No if is_any(tokens, place + 1, hashes!["longer"]) => return None,
        Word::No if !followed_by_any(bytes, token, b",.;:") && names_soon_denied(bytes, tokens, place) => {
            (Says::NotRequired, Reach::Right)
        }
        Word::Lieu => (Says::InLieu, Reach::Both),
        Word::Screening if screens(tokens, place) => (Says::Required, Reach::Both),
        _ => return None,
    };
    Some(Cue { token: place, says, reach })
}

/// Whether a word begins with a capital and goes on in small letters.
fn is_name(bytes: &[u8], token: &Token) -> bool {
    matches!(bytes[token.span.clone()], [b'A'..=b'Z', b'a'..=b'z', ..])
}

/// What is done to a credential: `earned`, `presented`.
fn is_passive(tokens: &[Token], place: usize) -> bool {
    is_any(
        tokens,
        place,
        hashes![
            "earned",
            "obtained",
            "presented",
            "held",
            "maintained",
            "kept",
            "acquired",
            "completed",
            "verified",
            "current",
            "active",
            "valid"
        ],
    )
}

/// `without a CNA will not be considered`.
fn shuts_out(rest: &[Token]) -> bool {
    let Some(not) = rest.iter().position(|token| token.word == Word::Not) else { return false };
    (not + 1..=not + 3).any(|place| {
        is_any(
            rest,
            place,
            hashes!["considered", "accepted", "eligible", "hired", "interviewed", "qualified", "selected"],
        )
    })
}

/// What `must` or `required to` asks for: nothing if its verb is one of handing in papers, or of being able to do a task.
fn obligation(tokens: &[Token], first: usize) -> Option<Says> {
    let rest = tokens.get(first..)?;
    for (place, token) in rest.iter().take(VERB_WITHIN).enumerate() {
        match token.word {
            Word::Submit | Word::Not => return None,
            Word::Able => {
                let verbs = rest[place + 1..].iter().take(3);
                return verbs.clone().any(|t| matches!(t.word, Word::Obtain)).then_some(Says::Required);
            }
            Word::Hold | Word::Obtain if rest.get(place + 1).is_none_or(|next| next.word != Word::Able) => {
                return Some(Says::Required);
            }
            _ => {}
        }
    }
    // `must CNA` and `must, at all times, ...` ask for what follows.
    (rest.len() <= 2).then_some(Says::Required)
}

/// `not`, `isn't` or `no longer` within the three words before.
fn is_negated(tokens: &[Token], place: usize) -> bool {
    let mut near = tokens[..place].iter().rev().take(3).take_while(|t| !matches!(t.word, Word::But | Word::Required));
    near.any(|t| t.word == Word::Not)
}

/// Whether a word of wishing is one: `ideal candidates`, `priority is given to`, not `ideal for` and `top priority`.
fn wishes(tokens: &[Token], place: usize) -> bool {
    if is_any(tokens, place, hashes!["ideal"]) {
        is_any(tokens, place + 1, hashes!["candidate", "candidates", "applicant", "applicants"])
    } else {
        !is_any(tokens, place, hashes!["priority"])
            || is_any(tokens, place + 1, hashes!["consideration"])
            || (1..4).any(|next| is_any(tokens, place + next, hashes!["given"]))
    }
}

/// Words after one of seeking in which `with` says what is sought.
const SOUGHT_WITHIN: usize = 14;

/// `seeking a nurse with a current CNA`, `looking for someone who holds a CNA`; not `to work with`.
fn is_sought(tokens: &[Token], place: usize) -> bool {
    let is_sought = tokens[..place].iter().rev().take(SOUGHT_WITHIN).any(|token| token.word == Word::Seek);
    let is = |at: usize, words: &[u64]| is_any(tokens, at, words);
    let is_of_holder = if is(place, hashes!["who"]) {
        tokens.get(place + 1).is_some_and(|next| matches!(next.word, Word::Hold | Word::Ask))
    } else {
        !is(place.wrapping_sub(1), hashes!["work", "working", "along", "partner", "familiar", "familiarity"])
    };
    is_sought && is_of_holder
}

/// `have a`, `hold`, `be certified`: verbs of `should` that ask for a credential.
fn is_to_have(tokens: &[Token], place: usize) -> bool {
    is_any(tokens, place, hashes!["have", "possess", "hold", "maintain"])
        || is_any(tokens, place, hashes!["be"])
            && tokens.get(place + 1).is_some_and(|next| next.word == Word::Certified)
}

/// Requirements that are met or gone beyond, or of something: `meets the requirements`, `the requirements of the grade`.
fn is_met(tokens: &[Token], place: usize) -> bool {
    let is = |at: usize, words: &[u64]| is_any(tokens, at, words);
    let before = place.saturating_sub(6)..place;
    is(place, hashes!["requirements"])
        && is(place + 1, hashes!["of", "for"])
        && !is(place.wrapping_sub(1), hashes!["minimum"])
        || before.clone().any(|at| {
            is(at, hashes!["meeting", "met", "meets", "meet", "beyond", "exceed", "exceeds"])
                || is(at, hashes!["addition"]) && is(at + 1, hashes!["to"])
                || tokens[at].word == Word::Waive
        })
}

/// Whether `required to` says what somebody has to do, not what a thing is needed for.
fn is_of_holder(tokens: &[Token], place: usize) -> bool {
    let before = (place.saturating_sub(2)..place).rev();
    place == 0
        || before.into_iter().any(|at| is_any(tokens, at, hashes!["are", "is", "be", "re", "was", "were", "been"]))
}

/// `the successful candidate will have a CNA`; not `you will have the chance`.
fn is_expected(tokens: &[Token], place: usize) -> bool {
    let is = |at: usize, words: &[u64]| is_any(tokens, at, words);
    place > 0
        && is(place, hashes!["will"])
        && is(place + 1, hashes!["have", "hold", "possess"])
        && is(place - 1, hashes!["candidate", "candidates", "applicant", "applicants", "incumbent"])
        && !is(place.wrapping_sub(2), hashes!["ideal"])
}

/// `essential nursing care`: a word of the thing that follows it; not `essential for`.
fn is_attributive(bytes: &[u8], tokens: &[Token], place: usize) -> bool {
    let Some(next) = tokens.get(place + 1).filter(|next| next.word == Word::Other) else { return false };
    is_any(tokens, place, hashes!["essential"])
        && bytes[tokens[place].span.end..next.span.start] == *b" "
        && bytes[next.span.start].is_ascii_lowercase()
        && !hashes!["for", "at", "in", "on", "when", "if"].contains(&next.hash)
}

/// `may be required`, `might be preferred`.
fn is_possible(tokens: &[Token], place: usize) -> bool {
    place >= 2
        && is_any(tokens, place - 1, hashes!["be"])
        && is_any(tokens, place - 2, hashes!["may", "might", "could"])
}

/// `no` at the head of the clause whose last word is `required`, not as an answer.
fn denied(tokens: &[Token], place: usize) -> bool {
    tokens[..place].iter().rev().take(7).take_while(|t| t.word != Word::But).any(|t| t.word == Word::No)
}

/// `no CNA needed`, `no CNA?`.
fn names_soon_denied(bytes: &[u8], tokens: &[Token], place: usize) -> bool {
    let rest = &tokens[place + 1..];
    let near = rest.iter().take(8).take_while(|t| t.word != Word::But);
    near.clone().any(|t| matches!(t.word, Word::Required | Word::Need | Word::Requirement))
        || rest.len() <= 4 && rest.last().is_some_and(|last| followed_by_any(bytes, last, b"?!"))
}

/// `a plus`, `a big plus`: not `plus two years`.
fn is_plus(bytes: &[u8], tokens: &[Token], place: usize) -> bool {
    tokens[..place].iter().rev().take(2).any(|t| t.word == Word::Article)
        && (place + 1 == tokens.len()
            || followed_by_any(bytes, &tokens[place], b".,;!)")
            || tokens[place + 1].word != Word::Noun)
}

/// `selective factor`, `selective placement factor`, `screen-out`: without it nobody is considered. Not `selective service`.
fn screens(tokens: &[Token], place: usize) -> bool {
    is_any(tokens, place + 1, hashes!["factor", "factors", "placement", "out"])
}

/// `need to` and `needs to` ask for a verb.
fn is_wish(token: &Token) -> bool {
    hashes!["has", "have"].contains(&token.hash)
}

fn followed_by(bytes: &[u8], token: &Token, mark: u8) -> bool {
    bytes.get(token.span.end) == Some(&mark)
}

fn followed_by_any(bytes: &[u8], token: &Token, marks: &[u8]) -> bool {
    bytes.get(token.span.end).is_some_and(|b| marks.contains(b))
}

/// Whether the last byte before the token that is no blank is one of `marks`.
fn preceded_by(bytes: &[u8], token: &Token, marks: &[u8]) -> bool {
    let before = bytes[..token.span.start].iter().rev().take(4).find(|b| !b.is_ascii_whitespace());
    before.is_some_and(|b| marks.contains(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::mention::token::tokens;
    use crate::text::mention::words::WordList;

    fn says(text: &str) -> Vec<(Says, Reach)> {
        let (mut words, mut found) = (Vec::new(), Vec::new());
        let mut list = WordList::default();
        list.read(text);
        tokens(text, &list, 0..text.len(), &mut words);
        cues(text, &words, &mut found);
        found.into_iter().map(|cue| (cue.says, cue.reach)).collect()
    }

    #[test]
    fn papers_to_hand_in_are_no_obligation() {
        assert_eq!(says("You must submit a copy of your CNA"), []);
        assert_eq!(says("Answer to this question is required"), []);
        assert_eq!(says("must be able to work with a CNA"), []);
        assert_eq!(says("must be able to obtain a CNA"), [(Says::Required, Reach::Right)]);
        assert_eq!(says("must hold a CNA"), [(Says::Required, Reach::Right)]);
    }

    #[test]
    fn factors_that_screen_out_are_obligations() {
        assert_eq!(says("Selective factor: CNA"), [(Says::Required, Reach::Both)]);
        assert_eq!(says("Screen-out: CNA"), [(Says::Required, Reach::Both)]);
        assert_eq!(says("registered with the Selective Service"), []);
    }

    #[test]
    fn what_is_not_said_with_required_is_heard_too() {
        assert_eq!(says("Applicants without a CNA will not be considered"), [(Says::Required, Reach::Right)]);
        assert_eq!(says("can be done without a CNA"), [(Says::NotRequired, Reach::Right)]);
        assert_eq!(says("This job does not call for a CNA"), [(Says::NotRequired, Reach::Right)]);
        assert_eq!(says("This job calls for a CNA"), [(Says::Required, Reach::Right)]);
        assert_eq!(says("A CNA is a must"), [(Says::Required, Reach::Left)]);
        assert_eq!(says("A CNA must be earned in the first year"), [(Says::Required, Reach::Left)]);
        assert_eq!(says("Bonus points for a CNA"), [(Says::Preferred, Reach::Right)]);
        assert_eq!(says("call center work"), []);
        assert_eq!(says("We would like to see a CNA"), [(Says::Preferred, Reach::Right)]);
        assert_eq!(says("A CNA is no longer required for this role"), [(Says::NotRequired, Reach::Left)]);
    }

    #[test]
    fn required_points_to_where_its_noun_stands() {
        assert_eq!(says("Required: CNA"), [(Says::Required, Reach::Right)]);
        assert_eq!(says("CNA required"), [(Says::Required, Reach::Left)]);
        assert_eq!(says("CNA is not required"), [(Says::NotRequired, Reach::Left)]);
        assert_eq!(says("the required CNA"), [(Says::Required, Reach::Right)]);
    }
}
