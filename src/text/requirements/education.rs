//! The education that a posting asks for.

use serde::{Deserialize, Serialize};

use super::strength::{Cue, Strength, cue};
use super::words::{Gap, Word, is_at};

/// Levels of education, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum EducationLevel {
    /// The posting says that none is needed.
    NoneNeeded,
    /// High-school diploma or its equivalent.
    HighSchool,
    /// Some college, or a vocational or technical certificate.
    SomeCollege,
    /// Associate degree.
    Associate,
    /// Bachelor's degree, and "college degree" without more.
    Bachelor,
    /// Master's degree, and "advanced degree".
    Master,
    /// Doctorate.
    Doctorate,
}

/// The education that a posting asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Education {
    /// The floor: the lowest level that is required, or named without a mark. `None` if no level is named so.
    pub floor: Option<EducationLevel>,
    /// Whether a word or a heading says that the floor is required.
    pub is_required: bool,
    /// The lowest level that is preferred.
    pub preferred: Option<EducationLevel>,
    /// Whether experience is accepted in place of a degree.
    pub experience_substitutes: bool,
}

/// A level that is named by the words `[start, end)`.
#[derive(Clone, Copy, Debug)]
struct Mention {
    level: EducationLevel,
    start: usize,
    end: usize,
}

pub(super) fn education(words: &[Word<'_>], headings: &[Strength]) -> Education {
    let mut mentions = Vec::new();
    let mut at = 0;
    while at < words.len() {
        if let Some((level, n)) = level_at(words, at) {
            mentions.push(Mention { level, start: at, end: at + n });
            at += n;
        } else {
            at += 1;
        }
    }
    let mut out = Education::default();
    // Backwards: `associate or bachelor's degree required` takes its cue from the later mention.
    let mut later: Option<(usize, Option<Cue>)> = None;
    for (place, mention) in mentions.iter().enumerate().rev() {
        let from = place.checked_sub(1).map_or(0, |i| mentions[i].end);
        let until = mentions.get(place + 1).map_or(words.len(), |next| next.start);
        let joined = later.filter(|(next, _)| is_joined(words, mention.end, *next));
        let found = match joined {
            Some((_, found)) => found,
            None => cue(words, mention.start, mention.end, from, until),
        };
        later = Some((mention.start, found));
        out.experience_substitutes |= has_substitute(words, mention.end);
        let strength = match found {
            _ if mention.level == EducationLevel::NoneNeeded => Strength::Required,
            Some(Cue::Negates) => continue,
            Some(Cue::Asks(strength)) => strength,
            None => headings[mention.start],
        };
        if strength == Strength::Preferred {
            out.preferred = Some(out.preferred.map_or(mention.level, |least| least.min(mention.level)));
        } else if out.floor.is_none_or(|least| mention.level <= least) {
            out.is_required = strength == Strength::Required || (out.is_required && out.floor == Some(mention.level));
            out.floor = Some(mention.level);
        }
    }
    out
}

/// Whether two mentions are alternatives or stand in one list: `associate or bachelor's`, `BS/MS`.
fn is_joined(words: &[Word<'_>], end: usize, next: usize) -> bool {
    const REACH: usize = 3;
    if next - end > REACH || words[end..=next].iter().any(|word| word.gap >= Gap::Stop) {
        return false;
    }
    next == end && words[next].gap == Gap::Slash
        || words[end..next].iter().any(|word| matches!(word.text, "or" | "and"))
}

/// Whether `or equivalent experience`, `or 4 years of experience` or `in lieu of` follows.
fn has_substitute(words: &[Word<'_>], end: usize) -> bool {
    const REACH: usize = 14;
    let limit = words.len().min(end + REACH);
    let stop = (end..limit).find(|at| words[*at].gap >= Gap::Stop).unwrap_or(limit);
    let sentence = &words[end..stop];
    let has = |from: usize, list: &[&str]| sentence[from..].iter().any(|word| list.contains(&word.text));
    let or = sentence.iter().position(|word| matches!(word.text, "or" | "lieu"));
    or.is_some_and(|or| {
        // `or a master's degree and 3 years of experience` is another degree.
        let is_degree = has(or, &["degree", "bachelor", "master", "masters", "associate", "diploma"]);
        !is_degree
            && has(or, &["experience"])
            && has(or, &["equivalent", "lieu", "years", "combination", "relevant", "related", "work"])
    })
}

/// The level that is named at a word, and the number of its words.
fn level_at(words: &[Word<'_>], at: usize) -> Option<(EducationLevel, usize)> {
    use EducationLevel::{Associate, Bachelor, Doctorate, HighSchool, Master, NoneNeeded, SomeCollege};
    let word = words[at];
    let text =
        |ahead: usize| words.get(at + ahead).filter(|w| ahead == 0 || w.gap <= Gap::Slash).map_or("", |w| w.text);
    let is = |phrase: &[&str]| is_at(words, at, phrase);
    let is_degree = |ahead: usize| matches!(text(ahead), "degree" | "degrees");
    // Abbreviations of two letters are names of other things too, and count in capitals before `in`, `degree` or `or` only.
    let is_short = word.is_upper
        && (matches!(text(1), "in" | "degree" | "or") || words.get(at + 1).is_some_and(|w| w.gap == Gap::Slash));
    // `Education: Associate`, as in a form.
    let is_entry = word.gap == Gap::Colon && at > 0 && words[at - 1].text == "education";
    match word.text {
        "high" if is_entry && text(1) == "school" => Some((HighSchool, 2)),
        "associate" | "associates" if is_entry => Some((Associate, 1)),
        "master" | "masters" if is_entry => Some((Master, 1)),
        "no" if matches!(text(1), "degree" | "diploma" | "college" | "education")
            || is(&["no", "formal", "education"])
            || is(&["no", "high", "school"]) =>
        {
            // `no degree required` is meant, not `no degree program`.
            let end = (2..6).find(|n| matches!(text(*n), "required" | "necessary" | "needed"))?;
            Some((NoneNeeded, end + 1))
        }
        "high" | "secondary" if text(1) == "school" => {
            const NOUNS: [&str; 10] = [
                "diploma",
                "graduate",
                "graduation",
                "degree",
                "education",
                "equivalent",
                "equivalency",
                "ged",
                "completion",
                "or",
            ];
            (2..4).find(|n| NOUNS.contains(&text(*n))).map(|n| (HighSchool, n + 1))
        }
        "hs" | "h.s" if matches!(text(1), "diploma" | "degree" | "graduate" | "grad" | "or") => Some((HighSchool, 2)),
        "ged" | "g.e.d" | "hiset" => Some((HighSchool, 1)),
        "some" if text(1) == "college" => Some((SomeCollege, 2)),
        "vocational" | "technical" | "trade" | "postsecondary" | "college"
            if matches!(text(1), "certificate" | "school" | "diploma") =>
        {
            Some((SomeCollege, 2))
        }
        "associate" | "associates" if is_degree(1) => Some((Associate, 2)),
        "associate" | "associates" if text(1) == "of" && matches!(text(2), "arts" | "science" | "applied") => {
            Some((Associate, 3))
        }
        "associate" | "associates" if text(1) == "or" && matches!(text(2), "bachelor" | "bachelors" | "higher") => {
            Some((Associate, 1))
        }
        "associate" if word.is_possessive => Some((Associate, 1)),
        "aas" | "a.a.s" | "a.s" | "a.a" if is_degree(1) || text(1) == "in" => Some((Associate, 1)),
        "two" | "2" | "four" | "4"
            if matches!(text(1), "year" | "yr") && (is_degree(2) || text(2) == "college" && is_degree(3)) =>
        {
            Some((if matches!(word.text, "two" | "2") { Associate } else { Bachelor }, 3))
        }
        "bachelor" | "bachelors" | "baccalaureate" | "bsn" | "b.s" | "b.a" | "b.s.n" => {
            Some((Bachelor, 1 + usize::from(is_degree(1))))
        }
        "bs" | "ba" if is_short => Some((Bachelor, 1)),
        "college" | "university" | "undergraduate" if is_degree(1) => Some((Bachelor, 2)),
        "master" | "masters" if is_degree(1) => Some((Master, 2)),
        "master" if word.is_possessive => Some((Master, 1)),
        "masters" if matches!(text(1), "in" | "or" | "preferred" | "required" | "level") => Some((Master, 1)),
        "master"
            if text(1) == "of"
                && matches!(text(2), "science" | "arts" | "business" | "education" | "social" | "public") =>
        {
            Some((Master, 3))
        }
        "mba" | "msn" | "msw" | "m.s" | "m.a" | "m.b.a" => Some((Master, 1)),
        "ms" | "ma" if is_short && text(1) != "or" => Some((Master, 1)),
        "graduate" | "advanced" if is_degree(1) => Some((Master, 2)),
        "phd" | "ph.d" | "doctorate" | "edd" | "ed.d" => Some((Doctorate, 1)),
        "doctoral" if is_degree(1) => Some((Doctorate, 2)),
        "doctor" if text(1) == "of" => Some((Doctorate, 2)),
        _ => None,
    }
}
