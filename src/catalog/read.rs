//! The TOML form of the catalogue.

use serde::Deserialize;

use super::Certificate;
use crate::error::{DataError, Place};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    certificate: Vec<Certificate>,
}

/// The certificates of one file, in file order.
pub(super) fn certificates(name: &str, text: &str) -> Result<Vec<Certificate>, DataError> {
    let file: File = toml::from_str(text).map_err(|error| {
        let before = error.span().map(|span| &text[..span.start.min(text.len())]);
        let place = Place::file(name);
        let place = match before {
            Some(before) => place.line(before.matches('\n').count() as u64 + 1),
            None => place,
        };
        DataError::Cell { place, expected: "a certificate catalogue in TOML".into(), found: error.message().into() }
    })?;
    Ok(file.certificate)
}
