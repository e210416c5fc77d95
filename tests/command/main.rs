//! The command and the examples, as a user runs them.

#[cfg(feature = "cli")]
mod cli;
mod examples;
#[cfg(all(feature = "cli", feature = "parquet"))]
mod extract;
#[cfg(feature = "cli")]
mod mentions;
#[cfg(feature = "cli")]
mod outcomes;
#[cfg(feature = "bundled")]
mod outlook;
#[cfg(feature = "cli")]
mod premium;
#[cfg(feature = "cli")]
mod simulate;
