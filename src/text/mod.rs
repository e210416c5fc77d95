//! What a job posting says: pure functions on text.
//!
//! [`pay`], [`duplicates`], [`requirements`] and [`occupation`] take `&str` and open no file.

pub mod duplicates;
pub mod occupation;
pub mod pay;
pub mod requirements;
