//! The certificates themselves: what they are called, what they lead to, what they cost.

mod certificate;
mod read;

use std::collections::{BTreeMap, BTreeSet};

pub use self::certificate::{Ambiguity, Certificate, DemandBasis, Kind, SocLink};
use crate::error::{DataError, Place};
use crate::key::CertificateId;

/// A checked list of certificates, sorted by id.
///
/// # Examples
/// ```
/// use credcast::catalog::Catalog;
/// let text = r#"
///     [[certificate]]
///     id = "nha-ccma"
///     name = "Certified Clinical Medical Assistant"
///     issuer = "National Healthcareer Association"
///     kind = "certification"
///     soc = [{ code = "31-9092", weight = 1.0 }]
/// "#;
/// let catalog = Catalog::parse("health.toml", text)?;
/// assert_eq!(catalog.get(&"nha-ccma".into()).unwrap().soc[0].code, "31-9092");
/// # Ok::<(), credcast::DataError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    certificates: Vec<Certificate>,
}

impl Catalog {
    /// Reads one catalogue file from its text; `name` is what errors call it.
    ///
    /// # Errors
    /// [`DataError::Cell`] for text that is not such a catalogue, with its line, and every error of
    /// [`Catalog::new`].
    pub fn parse(name: &str, text: &str) -> Result<Self, DataError> {
        Self::new(name, read::certificates(name, text)?)
    }

    /// Joins several catalogue files, given as name and text, into one catalogue that is checked as a whole.
    ///
    /// # Errors
    /// As [`Catalog::parse`].
    pub fn parse_all<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, DataError> {
        let mut all = Vec::new();
        let mut names = Vec::new();
        for (name, text) in files {
            all.extend(read::certificates(name, text)?);
            names.push(name);
        }
        Self::new(&names.join(", "), all)
    }

    /// Sorts and checks certificates; `name` is what errors call their source.
    ///
    /// # Errors
    /// [`DataError::Inconsistent`] for an id used twice, an unknown prerequisite, occupation weights that do not sum
    /// to 1, a certificate retired before it was introduced, or an alias that two certificates share without a
    /// disambiguation note in both.
    pub fn new(name: &str, mut certificates: Vec<Certificate>) -> Result<Self, DataError> {
        certificates.sort_by(|a, b| a.id.cmp(&b.id));
        let inconsistent = |id: &CertificateId, detail: String| DataError::Inconsistent {
            place: Place::file(name).column(id.as_str()),
            detail,
        };
        if let Some(pair) = certificates.windows(2).find(|pair| pair[0].id == pair[1].id) {
            return Err(inconsistent(&pair[1].id, "this id stands twice".into()));
        }
        let ids: BTreeSet<&CertificateId> = certificates.iter().map(|c| &c.id).collect();
        let mut users: BTreeMap<String, Vec<&Certificate>> = BTreeMap::new();
        for certificate in &certificates {
            certificate.check().map_err(|detail| inconsistent(&certificate.id, detail))?;
            if let Some(missing) = certificate.prerequisites.iter().find(|id| !ids.contains(id)) {
                return Err(inconsistent(
                    &certificate.id,
                    format!("its prerequisite {missing} is not in the catalogue"),
                ));
            }
            for label in certificate.labels() {
                let entry = users.entry(label).or_default();
                if !entry.iter().any(|c| c.id == certificate.id) {
                    entry.push(certificate);
                }
            }
        }
        for (label, users) in &users {
            if let Some(silent) = users.iter().find(|c| users.len() > 1 && !c.notes_ambiguity(label)) {
                let others: Vec<_> = users.iter().filter(|c| c.id != silent.id).map(|c| c.id.as_str()).collect();
                let detail = format!("{label:?} also names {}: it needs an entry under `ambiguous`", others.join(", "));
                return Err(inconsistent(&silent.id, detail));
            }
        }
        Ok(Self { certificates })
    }

    /// Number of certificates.
    #[must_use]
    pub fn len(&self) -> usize {
        self.certificates.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty()
    }

    /// All certificates by id.
    pub fn iter(&self) -> impl Iterator<Item = &Certificate> {
        self.certificates.iter()
    }

    /// The certificate with this id.
    #[must_use]
    pub fn get(&self, id: &CertificateId) -> Option<&Certificate> {
        self.certificates.binary_search_by(|c| c.id.cmp(id)).ok().map(|index| &self.certificates[index])
    }

    /// The catalogue with only the certificates that `keep` accepts.
    #[must_use]
    pub fn filter(&self, keep: impl Fn(&Certificate) -> bool) -> Self {
        Self { certificates: self.certificates.iter().filter(|c| keep(c)).cloned().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str, rest: &str) -> String {
        format!(
            "[[certificate]]\nid = \"{id}\"\nname = \"{id} name\"\nissuer = \"x\"\nkind = \"certification\"\n{rest}\n"
        )
    }

    fn message(text: &str) -> String {
        Catalog::parse("c.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn mistakes_name_file_certificate_and_rule() {
        assert_eq!(message(&(entry("a", "") + &entry("a", ""))), "c.toml, column a: this id stands twice");
        assert_eq!(
            message(&entry("a", "soc = [{ code = \"31-9092\", weight = 0.5 }]")),
            "c.toml, column a: its occupation weights sum to 0.5, not 1"
        );
        assert_eq!(
            message(&entry("a", "prerequisites = [\"b\"]")),
            "c.toml, column a: its prerequisite b is not in the catalogue"
        );
        assert_eq!(
            message(&entry("a", "soc = [{ code = \"319092\", weight = 1.0 }]")),
            "c.toml, column a: occupation \"319092\" is no SOC code such as 31-9092"
        );
        assert_eq!(
            message(&entry("a", "cip4 = [\"5108\"]")),
            "c.toml, column a: field \"5108\" is no four-digit CIP code such as 51.08"
        );
        assert!(message(&entry("a", "fee = 3")).starts_with("c.toml, line 6"), "{}", message(&entry("a", "fee = 3")));
        assert!(message(&entry("a", "retired = \"soon\"")).contains("retired"));
    }

    #[test]
    fn shared_aliases_need_a_note_in_both() {
        let note = "aliases = [\"CMA\"]\nambiguous = [{ alias = \"CMA\", note = \"two issuers\" }]";
        assert!(Catalog::parse("c.toml", &(entry("a", note) + &entry("b", note))).is_ok());
        let text = entry("a", note) + &entry("b", "aliases = [\"cma\"]");
        assert_eq!(message(&text), "c.toml, column b: \"cma\" also names a: it needs an entry under `ambiguous`");
    }
}
