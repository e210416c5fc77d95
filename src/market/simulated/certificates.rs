//! What an invented certificate is. No name, issuer or code is that of a real certificate; the structure imitates real ones.

use super::occupations::Field;
use crate::catalog::Kind;

pub(super) use super::certificate_table::CERTIFICATES;

/// Months of life and demand of a certificate; points in time are shares of the span, 0 at its start and 1 at its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Path {
    /// The same share throughout.
    Flat,
    /// Logistic diffusion with its middle there.
    Growth(f64),
    /// Exponential decline, per year.
    Decline(f64),
    /// Falls to nothing at its retirement there.
    Death(f64),
    /// Introduced there, then rising to a level.
    Birth(f64),
    /// Flat but for the season; the month (1 to 12) of its peak.
    Season(u8),
    /// One version of a family: introduced, followed by its successor, retired; before 0 and after 1 lie outside the span.
    Version { introduced: f64, followed: f64, retired: f64 },
    /// Earned in schools and hardly ever asked for.
    Unasked,
}

/// What else an acronym means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// Nothing.
    None,
    /// Another certificate, of another field.
    Shared,
    /// A government office of that name.
    Office(&'static str),
    /// A word, written in capitals.
    Word,
    /// A pay grade.
    Grade,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    /// The first is the acronym; the others are further aliases.
    pub(super) aliases: &'static [&'static str],
    pub(super) kind: Kind,
    pub(super) field: Field,
    /// Weights of the three occupations of the field.
    pub(super) weights: [u8; 3],
    /// Which certificates tend to be asked for together: those of a field with the same number.
    pub(super) bundle: u8,
    pub(super) path: Path,
    pub(super) doubt: Doubt,
    /// Family and version.
    pub(super) version: Option<(&'static str, &'static str)>,
    pub(super) prerequisite: Option<&'static str>,
}

#[expect(clippy::too_many_arguments, reason = "one line of a table")]
pub(super) const fn row(
    id: &'static str,
    name: &'static str,
    aliases: &'static [&'static str],
    kind: Kind,
    field: Field,
    weights: [u8; 3],
    bundle: u8,
    path: Path,
) -> Row {
    let (doubt, version, prerequisite) = (Doubt::None, None, None);
    Row { id, name, aliases, kind, field, weights, bundle, path, doubt, version, prerequisite }
}

impl Row {
    pub(super) const fn doubt(mut self, doubt: Doubt) -> Self {
        self.doubt = doubt;
        self
    }

    pub(super) const fn after(mut self, prerequisite: &'static str) -> Self {
        self.prerequisite = Some(prerequisite);
        self
    }

    pub(super) const fn version(mut self, family: &'static str, version: &'static str) -> Self {
        self.version = Some((family, version));
        self
    }

    /// Whether employers ask for it at all.
    pub(super) fn is_asked(&self) -> bool {
        self.path != Path::Unasked
    }
}
