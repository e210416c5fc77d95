//! What a job posting says: pure functions on text.
//!
//! [`MentionMatcher`] finds certificates and says how they are asked for; [`pay`], [`duplicates`], [`requirements`] and [`occupation`] read
//! the rest. All take `&str`; none opens a file.

pub mod duplicates;
mod mention;
pub mod occupation;
pub mod pay;
pub mod requirements;
mod word_table;
mod words;

pub use self::mention::{
    AbstainReason, AliasMatch, Class, Context, Matches, Mention, MentionMatcher, Rule, Scratch, Verdict,
};
