//! The numbers of a design matrix.

pub use crate::numeric::rows::{Element, fill_past_cache};
