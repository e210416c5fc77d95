//! The occupation of a posting by its title.

mod coder;
mod index;
mod profile;
mod settings;
#[cfg(test)]
mod tests;
mod title;

pub use self::coder::{Coding, Occupation, OccupationCoder, ScoredCode};
pub use self::settings::OccupationParams;
