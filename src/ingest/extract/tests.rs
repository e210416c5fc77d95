//! Postings of a few lines.
