//! Certificates that a text names: where, which, and whether they are asked for.

mod alias;
mod boundary;
mod classify;
mod contested;
mod context;
mod cue;
mod evidence;
mod heading;
mod held;
mod item;
mod lexicon;
mod matcher;
mod rule;
mod scope;
mod senses;
mod starts;
#[cfg(test)]
mod tests;
mod token;
mod told;
mod unit;
mod verdict;
mod view;
mod words;

pub use self::context::Context;
pub use self::matcher::{AliasMatch, Matches, MentionMatcher, Scratch};
pub use self::rule::{Class, Rule};
pub use self::verdict::{AbstainReason, Mention, Verdict};
