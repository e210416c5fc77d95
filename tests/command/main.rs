//! The command and the examples, as a user runs them.

#[cfg(feature = "cli")]
mod cli;
mod examples;
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
