//! Invented postings, with the catalogue.

mod advertisements;
mod boundaries;
mod classes;
mod meanings;
mod properties;

use std::sync::OnceLock;

use super::MentionMatcher;
use crate::catalog::Catalog;

const FILES: [(&str, &str); 13] = [
    ("agriculture", include_str!("../../../../datasets/catalog/agriculture.toml")),
    ("automotive", include_str!("../../../../datasets/catalog/automotive.toml")),
    ("business", include_str!("../../../../datasets/catalog/business.toml")),
    ("construction", include_str!("../../../../datasets/catalog/construction.toml")),
    ("cosmetology", include_str!("../../../../datasets/catalog/cosmetology.toml")),
    ("education", include_str!("../../../../datasets/catalog/education.toml")),
    ("energy", include_str!("../../../../datasets/catalog/energy.toml")),
    ("health", include_str!("../../../../datasets/catalog/health.toml")),
    ("hospitality", include_str!("../../../../datasets/catalog/hospitality.toml")),
    ("it", include_str!("../../../../datasets/catalog/it.toml")),
    ("manufacturing", include_str!("../../../../datasets/catalog/manufacturing.toml")),
    ("public-safety", include_str!("../../../../datasets/catalog/public-safety.toml")),
    ("transport", include_str!("../../../../datasets/catalog/transport.toml")),
];

fn catalog() -> Catalog {
    Catalog::parse_all(FILES).unwrap()
}

fn matcher() -> &'static MentionMatcher {
    static MATCHER: OnceLock<MentionMatcher> = OnceLock::new();
    MATCHER.get_or_init(|| MentionMatcher::new(&catalog()).unwrap())
}

fn wrong(text: &str, answer: &str, expected: &str) -> Option<String> {
    (answer != expected).then(|| format!("{text:?}: {answer:?}, not {expected:?}"))
}

fn assert_none(wrong: impl Iterator<Item = String>) {
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
