//! What a mention is taken for.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::rule::{Class, Rule};
use crate::key::CertificateId;

/// One place where a text names a certificate, or seems to.
#[derive(Clone, Debug, PartialEq)]
pub struct Mention {
    /// Bytes of the text, on character boundaries; plural endings and possessives belong to it.
    pub span: Range<usize>,
    /// The alias as the catalogue spells it.
    pub alias: Arc<str>,
    /// Which certificate it is.
    pub verdict: Verdict,
    /// What the posting says of it.
    pub class: Class,
    /// How sure the class is, in (0, 1): the share of such places that the rule is expected to get right.
    pub confidence: f64,
    /// The rule that decided the class.
    pub rule: Rule,
}

impl Mention {
    /// The certificate, if the verdict is one.
    #[must_use]
    pub fn certificate(&self) -> Option<&CertificateId> {
        match &self.verdict {
            Verdict::Certificate(id) => Some(id),
            Verdict::Family { .. } | Verdict::Abstained { .. } => None,
        }
    }
}

/// Which certificate an alias stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// This one.
    Certificate(CertificateId),
    /// Versions of one certificate, and nothing says which.
    Family {
        /// The catalogue's name of the family.
        family: Arc<str>,
        /// Its versions that the alias fits, sorted.
        members: Arc<[CertificateId]>,
    },
    /// Not settled.
    Abstained {
        /// What it may be, sorted.
        candidates: Arc<[CertificateId]>,
        /// Why not.
        reason: AbstainReason,
    },
}

/// Why a mention has no certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum AbstainReason {
    /// The alias means other things too, and nothing near by speaks for a certificate.
    NoEvidence,
    /// Words near by speak for another meaning that is no certificate of the catalogue.
    OtherMeaning,
    /// Several certificates bear the alias, and nothing near by tells which.
    SeveralCertificates,
    /// The alias names a product, and nothing says that a certificate is meant.
    Product,
}

impl AbstainReason {
    /// A stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NoEvidence => "no-evidence",
            Self::OtherMeaning => "other-meaning",
            Self::SeveralCertificates => "several-certificates",
            Self::Product => "product",
        }
    }
}

impl fmt::Display for AbstainReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
