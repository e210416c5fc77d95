//! What is read, and the features that are made of it.

#[cfg(feature = "bundled")]
mod catalog;
mod extract;
mod feature_definitions;
mod features;
mod matrix_files;
mod mentions;
mod occupation;
#[cfg(all(feature = "parquet", feature = "xlsx"))]
mod public_files;
mod readers;
mod simulated;
mod stream;
mod summary;
