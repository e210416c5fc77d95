//! One certificate.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::key::CertificateId;
use crate::time::{Frequency, Period};

/// What sort of credential it is. The kind decides how its demand is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Kind {
    /// A licence that the law requires for an occupation.
    Licence,
    /// A certification by an industry body.
    Certification,
    /// A certificate of skill with a software product.
    Software,
    /// An end-of-course technical assessment of career and technical education.
    CteAssessment,
    /// A general work-readiness credential.
    Readiness,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Licence => "licence",
            Self::Certification => "certification",
            Self::Software => "software",
            Self::CteAssessment => "cte-assessment",
            Self::Readiness => "readiness",
        })
    }
}

/// By what a certificate's demand was counted; reported with every number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DemandBasis {
    /// Postings that name the certificate.
    Postings,
    /// Postings or employment of the occupations that the certificate leads to.
    OccupationLinked,
}

impl fmt::Display for DemandBasis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Postings => "postings",
            Self::OccupationLinked => "occupation-linked",
        })
    }
}

/// An occupation that holders of a certificate work in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SocLink {
    /// SOC 2018 code as OEWS publishes it, such as `31-9092`.
    pub code: String,
    /// Share of the holders, in (0, 1]; the shares of a certificate sum to 1.
    pub weight: f64,
}

/// A name that something else has too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ambiguity {
    /// The name or alias.
    pub alias: String,
    /// What else it means, and what tells the two apart.
    pub note: String,
}

/// One certificate of the catalogue. What is not known for sure is empty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// Stable identifier: lower-case letters, digits and hyphens.
    pub id: CertificateId,
    /// Official name.
    pub name: String,
    /// Who awards it.
    pub issuer: String,
    /// What sort of credential it is.
    pub kind: Kind,
    /// Other strings that postings use for it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Occupations it leads to.
    #[serde(default)]
    pub soc: Vec<SocLink>,
    /// Four-digit CIP families of the programmes that prepare for it, such as `51.08`.
    #[serde(default)]
    pub cip4: Vec<String>,
    /// Sector of the Indeed postings index.
    #[serde(default)]
    pub sector: Option<String>,
    /// Typical instruction time in clock hours.
    #[serde(default)]
    pub clock_hours: Option<f64>,
    /// Examination or licence fee in US dollars.
    #[serde(default)]
    pub fee_usd: Option<f64>,
    /// Certificates that must be held first.
    #[serde(default)]
    pub prerequisites: Vec<CertificateId>,
    /// The certificate of which this is one version, or what several are called together, such as the two ratings of an aviation
    /// mechanic.
    #[serde(default)]
    pub family: Option<String>,
    /// The version, such as `220-1101`.
    #[serde(default)]
    pub version: Option<String>,
    /// When it was first awarded: `2019`, `2019-03` or `2019-03-01`.
    #[serde(default)]
    pub introduced: Option<String>,
    /// When it was, or will be, retired, in the same forms. A retired certificate stays in the catalogue.
    #[serde(default)]
    pub retired: Option<String>,
    /// Names that mean something else too.
    #[serde(default)]
    pub ambiguous: Vec<Ambiguity>,
}

impl Certificate {
    /// The month of retirement; a bare year counts from its January.
    #[must_use]
    pub fn retired_month(&self) -> Option<Period> {
        self.retired.as_deref().and_then(month_of)
    }

    /// The month of introduction; a bare year counts from its January.
    #[must_use]
    pub fn introduced_month(&self) -> Option<Period> {
        self.introduced.as_deref().and_then(month_of)
    }

    /// Name and aliases in lower case.
    pub(super) fn labels(&self) -> impl Iterator<Item = String> {
        std::iter::once(&self.name).chain(&self.aliases).map(|label| label.to_lowercase())
    }

    pub(super) fn notes_ambiguity(&self, label: &str) -> bool {
        self.ambiguous.iter().any(|a| a.alias.to_lowercase() == label)
    }

    pub(super) fn check(&self) -> Result<(), String> {
        let id = self.id.as_str();
        if id.is_empty() || !id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
            return Err("an id is made of lower-case letters, digits and hyphens".into());
        }
        for (field, text) in [("name", &self.name), ("issuer", &self.issuer)] {
            if text.trim().is_empty() {
                return Err(format!("its {field} is empty"));
            }
        }
        if let Some(link) = self.soc.iter().find(|link| !is_code(&link.code, 2, '-', 4)) {
            return Err(format!("occupation {:?} is no SOC code such as 31-9092", link.code));
        }
        if let Some(field) = self.cip4.iter().find(|field| !is_code(field, 2, '.', 2)) {
            return Err(format!("field {field:?} is no four-digit CIP code such as 51.08"));
        }
        let total: f64 = self.soc.iter().map(|link| link.weight).sum();
        if !self.soc.is_empty() && (total - 1.0).abs() > 1e-9 || total.is_nan() {
            return Err(format!("its occupation weights sum to {total}, not 1"));
        }
        if let Some(link) = self.soc.iter().find(|link| link.weight <= 0.0) {
            return Err(format!("the weight of occupation {} is {}, not above 0", link.code, link.weight));
        }
        for (field, number) in [("clock_hours", self.clock_hours), ("fee_usd", self.fee_usd)] {
            if number.is_some_and(|n| !(n >= 0.0 && n.is_finite())) {
                return Err(format!("its {field} is not a finite number of at least 0"));
            }
        }
        for (field, text) in [("introduced", &self.introduced), ("retired", &self.retired)] {
            if let Some(text) = text.as_deref().filter(|text| month_of(text).is_none()) {
                return Err(format!("{field} = {text:?} is no date such as 2019, 2019-03 or 2019-03-01"));
            }
        }
        match (self.introduced_month(), self.retired_month()) {
            (Some(introduced), Some(retired)) if retired < introduced => {
                Err(format!("it was retired in {retired}, before it was introduced in {introduced}"))
            }
            _ => Ok(()),
        }
    }
}

fn month_of(text: &str) -> Option<Period> {
    match Period::precision(text)? {
        Frequency::Yearly => Period::parse(&format!("{text}-01"), Frequency::Monthly),
        Frequency::Monthly | Frequency::Daily => Period::parse(text, Frequency::Monthly),
        Frequency::Step | Frequency::Weekly | Frequency::Quarterly => None,
    }
}

/// `head` digits, a separator and `tail` digits.
fn is_code(text: &str, head: usize, separator: char, tail: usize) -> bool {
    let all_digits = |part: &str, n| part.len() == n && part.bytes().all(|b| b.is_ascii_digit());
    text.split_once(separator).is_some_and(|(a, b)| all_digits(a, head) && all_digits(b, tail))
}
