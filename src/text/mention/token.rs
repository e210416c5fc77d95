//! Words of a sentence, and what each can do in what is said of a certificate.

use std::ops::Range;
use std::sync::LazyLock;

use super::words::{self, WordList};
use crate::text::word_table::WordTable;
use crate::text::words::word_hash;

/// What a word can do in a cue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Must,
    Require,
    Required,
    Requirement,
    Need,
    Call,
    Like,
    Prefer,
    Preferred,
    Plus,
    Nice,
    Great,
    Bonus,
    Should,
    Failure,
    Contingent,
    Waive,
    Seek,
    With,
    Condition,
    Not,
    No,
    Without,
    Lieu,
    Obtain,
    Able,
    Hold,
    Include,
    Certified,
    As,
    Direction,
    Screening,
    Post,
    Submit,
    Within,
    But,
    First,
    YesNo,
    Ask,
    Article,
    Noun,
    To,
    Or,
    Training,
    Offered,
    Example,
    Question,
    Other,
}

/// A word of a sentence.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) word: Word,
    /// Of the word in small letters.
    pub(super) hash: u64,
    pub(super) span: Range<usize>,
}

/// Writes the words of `range` to `tokens`.
pub(super) fn tokens(text: &str, words: &WordList, range: Range<usize>, tokens: &mut Vec<Token>) {
    tokens.clear();
    let bytes = text.as_bytes();
    for word in words.within(range) {
        let found = kind(bytes, word);
        let glued = if found == Word::Other { glue(bytes, word) } else { None };
        let Some(at) = glued else {
            tokens.push(Token { word: found, hash: word.hash, span: word.span() });
            continue;
        };
        tokens.extend([word.start..at, at..word.end].map(|span| {
            let hash = word_hash(bytes, span.start, span.end);
            Token { word: kind(bytes, &words::Word { start: span.start, end: span.end, hash }), hash, span }
        }));
    }
}

/// Shorter words are not looked at for a lost line break.
const SHORTEST_GLUED: usize = 9;

/// Where in a word such as `preferredKnowledge` a line break was lost; not in `CompTIA` and the like, which are short or have more
/// than one turn.
fn glue(bytes: &[u8], word: &words::Word) -> Option<usize> {
    let inner = bytes.get(word.start + 1..word.end).filter(|inner| inner.len() + 1 >= SHORTEST_GLUED)?;
    let n_capitals = inner.iter().map(|byte| u8::from(byte.is_ascii_uppercase())).fold(0, u8::saturating_add);
    if n_capitals != 1 {
        return None;
    }
    let at = inner.iter().position(u8::is_ascii_uppercase)?;
    bytes[word.start + at].is_ascii_lowercase().then_some(word.start + 1 + at)
}

/// Whether the word at `place` is one of these, by their hashes.
pub(super) fn is_any(tokens: &[Token], place: usize, words: &[u64]) -> bool {
    tokens.get(place).is_some_and(|token| words.contains(&token.hash))
}

/// What a word can do.
fn kind(bytes: &[u8], word: &words::Word) -> Word {
    static TABLE: LazyLock<WordTable<Word>> = LazyLock::new(|| WordTable::new(WORDS.iter().copied()));
    match TABLE.get(word.hash) {
        Some(known) => known,
        // The pronoun, not the mark of an answer.
        None if word.end - word.start == 1 && bytes[word.start] == b'I' => Word::First,
        None => Word::Other,
    }
}

/// Words by what they can do.
const WORDS: &[(Word, &[&str])] = &[
    (Word::Must, &["must", "shall"]),
    (Word::Require, &["require", "requires", "requiring"]),
    (Word::Required, &["required", "mandatory", "essential", "necessary", "needed", "compulsory", "mandated"]),
    (Word::Requirement, &["requirement", "requirements", "prerequisite"]),
    (Word::Need, &["need", "needs"]),
    (Word::Call, &["call", "calls"]),
    (Word::Like, &["like", "love"]),
    (Word::Prefer, &["prefer", "prefers", "preferably", "preference", "ideally", "favor", "ideal", "priority"]),
    (
        Word::Preferred,
        &[
            "preferred",
            "desired",
            "desirable",
            "advantageous",
            "beneficial",
            "helpful",
            "welcome",
            "optional",
            "asset",
            "advantage",
            "recommended",
            "encouraged",
            "favored",
            "advantages",
        ],
    ),
    (Word::Plus, &["plus"]),
    (Word::Nice, &["nice"]),
    (Word::Great, &["great"]),
    (Word::Bonus, &["bonus"]),
    (Word::Should, &["should"]),
    (Word::Failure, &["failure"]),
    (Word::Contingent, &["contingent"]),
    (Word::Waive, &["waive", "waived", "waives", "waiver"]),
    (Word::Seek, &["seeking", "looking", "seeks", "seek"]),
    (Word::With, &["with", "who"]),
    (Word::Condition, &["condition"]),
    (Word::Not, &["not", "don", "doesn", "isn", "aren", "won", "never", "cannot", "nor"]),
    (Word::No, &["no", "none"]),
    (Word::Without, &["without"]),
    (Word::Lieu, &["lieu", "substitute", "substituted", "substitutes", "substitution"]),
    (Word::Obtain, &["obtain", "acquire", "earn", "attain", "get", "obtained", "obtaining", "achieve"]),
    (Word::Able, &["able", "willing", "ability", "eligible", "willingness", "agree"]),
    (
        Word::Hold,
        &[
            "hold",
            "holds",
            "holding",
            "possess",
            "possesses",
            "have",
            "has",
            "maintain",
            "be",
            "carry",
            "become",
            "pass",
            "complete",
            "completed",
            "current",
            "currently",
            "keep",
            "remain",
            "meet",
        ],
    ),
    (Word::Include, &["include", "includes", "are"]),
    (Word::Certified, &["certified", "licensed", "registered", "credentialed", "accredited", "certify"]),
    (Word::As, &["as"]),
    (Word::Direction, &["direction", "supervision", "guidance", "oversight"]),
    (Word::Screening, &["selective", "screen"]),
    (Word::Post, &["position", "positions", "role", "roles", "duties", "job", "jobs", "series"]),
    (
        Word::Submit,
        &[
            "submit", "provide", "upload", "attach", "answer", "select", "respond", "indicate", "furnish", "show",
            "enter", "list", "choose", "describe", "identify",
        ],
    ),
    (Word::Within, &["within", "upon", "after", "prior", "before", "by"]),
    (Word::But, &["but", "however", "although", "though", "while", "whereas", "yet"]),
    (Word::First, &["my"]),
    (Word::YesNo, &["yes"]),
    (Word::Ask, &["do", "does", "did", "can", "will", "is", "would", "which", "what", "were"]),
    (
        Word::Article,
        &["a", "an", "the", "any", "all", "big", "huge", "strong", "definite", "real", "major", "these", "following"],
    ),
    (
        Word::Noun,
        &[
            "certification",
            "certifications",
            "certificate",
            "certificates",
            "license",
            "licenses",
            "licence",
            "credential",
            "credentials",
            "licensure",
            "qualification",
            "qualifications",
            "skills",
            "skill",
        ],
    ),
    (Word::To, &["to"]),
    (Word::Or, &["or", "and"]),
    (Word::Training, &["training", "course", "courses", "class", "classes", "tuition", "exam", "cost"]),
    (
        Word::Offered,
        &[
            "provided",
            "offered",
            "offer",
            "offers",
            "free",
            "paid",
            "pay",
            "pays",
            "teach",
            "teaches",
            "reimbursed",
            "reimbursement",
            "sponsor",
            "sponsored",
            "available",
            "reimburse",
            "help",
        ],
    ),
    (Word::Example, &["such", "example", "examples", "including"]),
    (Word::Question, &["question", "answers", "response", "questions"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_table_is_found_in_any_case() {
        for (expected, words) in WORDS {
            for word in *words {
                let found = [word.to_string(), word.to_uppercase()].map(|word| {
                    let (mut list, mut found) = (WordList::default(), Vec::new());
                    list.read(&word);
                    tokens(&word, &list, 0..word.len(), &mut found);
                    found.iter().map(|token| token.word).collect::<Vec<_>>()
                });
                assert_eq!(found, [[*expected], [*expected]], "{word}");
            }
        }
    }
}
