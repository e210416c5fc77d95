//! What a simulated posting is, and what is known about it.

use std::ops::Range;

use crate::key::{CertificateId, RegionId};
use crate::time::Period;

/// A posting as a file would hold it, with its truth.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulatedPosting {
    /// Its number, which is its identifier too.
    pub id: u64,
    /// The day it was posted.
    pub posted: Period,
    /// Employer; may be empty.
    pub employer: String,
    /// Industry of the employer; may be empty.
    pub industry: String,
    /// Region code; may be empty.
    pub region: String,
    /// SOC code; may be empty.
    pub soc: String,
    /// Title; may be empty.
    pub title: String,
    /// The advertisement.
    pub text: String,
    /// Pay as written; mostly empty.
    pub pay: String,
    /// Everything about it.
    pub truth: PostingTruth,
}

/// Everything about a posting.
#[derive(Clone, Debug, PartialEq)]
pub struct PostingTruth {
    /// The posting of which this is another copy, with the kind of the copy.
    pub copy_of: Option<(u64, CopyKind)>,
    /// Number of the employer, 0 being the largest.
    pub employer: usize,
    /// Region.
    pub region: RegionId,
    /// SOC code.
    pub soc: &'static str,
    /// Certificates that the text names, in the order of the text.
    pub mentions: Vec<MentionTruth>,
    /// Strings that look like a certificate and are none, or cannot be told.
    pub decoys: Vec<DecoyTruth>,
    /// Pay.
    pub pay: PayTruth,
    /// Least education stated; `None` if the text states none.
    pub education: Option<EducationTruth>,
    /// Least years of experience stated.
    pub years_of_experience: Option<u8>,
    /// Whether the job is one for beginners, and the text says so.
    pub entry_level: bool,
    /// Soft skills that the text names.
    pub soft_skills: Vec<&'static str>,
}

impl PostingTruth {
    /// The certificates asked for, required or preferred, each once, by id.
    #[must_use]
    pub fn asked(&self) -> Vec<&CertificateId> {
        let asked = |m: &&MentionTruth| matches!(m.class, MentionClass::Required | MentionClass::Preferred);
        let mut ids: Vec<_> = self.mentions.iter().filter(asked).map(|m| &m.certificate).collect();
        ids.sort();
        ids.dedup();
        ids
    }
}

/// How a text names a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum MentionClass {
    /// The job cannot be had without it, now or within a stated time.
    Required,
    /// It helps.
    Preferred,
    /// It is named, and nothing is asked.
    InPassing,
    /// The text says that it is not needed.
    Negated,
}

impl MentionClass {
    /// The word of the tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Preferred => "preferred",
            Self::InPassing => "mentioned",
            Self::Negated => "negated",
        }
    }
}

/// One mention. A name with its acronym in brackets is two mentions of the same certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MentionTruth {
    /// The certificate. Of a family named without version, the version that the job means; any other version of the family
    /// is as good a reading.
    pub certificate: CertificateId,
    /// How it is named.
    pub class: MentionClass,
    /// Bytes of the text: exactly a name or alias of the catalogue, but for capitals.
    pub span: Range<usize>,
    /// Whether the text allows to obtain it later.
    pub may_obtain: bool,
    /// Whether the text names a family without saying which version.
    pub without_version: bool,
}

/// A string that looks like a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecoyTruth {
    /// Bytes of the text.
    pub span: Range<usize>,
    /// What it is.
    pub kind: DecoyKind,
    /// The certificates that are called so.
    pub certificates: Vec<CertificateId>,
}

/// What looks like a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DecoyKind {
    /// An office, a word or a grade of that name, with words beside it that say so.
    OtherSense,
    /// A longer word that contains the acronym.
    NearName,
    /// Nothing in the text says what is meant: the right answer is that it cannot be settled.
    Unsettled,
}

impl DecoyKind {
    /// The word of the tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OtherSense => "other-sense",
            Self::NearName => "near-name",
            Self::Unsettled => "unsettled",
        }
    }
}

/// How a posting came to stand twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum CopyKind {
    /// The same advertisement again on another day, within about a month.
    Same,
    /// The same job with another closing date, place of the same region or requisition number, within about six weeks.
    Near,
    /// An advertisement that stands every month.
    Evergreen,
    /// The same job again after a gap of two to six months.
    Repost,
}

impl CopyKind {
    /// The word of the tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Near => "near",
            Self::Evergreen => "evergreen",
            Self::Repost => "repost",
        }
    }
}

/// Education that a job asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Education {
    /// None.
    None,
    /// High-school diploma or equivalent.
    HighSchool,
    /// A postsecondary award below a degree.
    PostsecondaryCertificate,
    /// Associate degree.
    Associate,
    /// Bachelor's degree.
    Bachelor,
}

impl Education {
    /// The word of the tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::HighSchool => "high-school",
            Self::PostsecondaryCertificate => "certificate",
            Self::Associate => "associate",
            Self::Bachelor => "bachelor",
        }
    }
}

/// Education as stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EducationTruth {
    /// The level.
    pub level: Education,
    /// Whether it is only preferred.
    pub preferred: bool,
}

/// Pay of a posting in US dollars a year, of full-time work: 2,080 hours, 52 weeks, 12 months.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PayTruth {
    /// What the job pays, whether written or not.
    pub annual_usd: f64,
    /// The part of the logarithm of pay that the asked-for certificates cause.
    pub causal_log_premium: f64,
    /// Ability that the job looks for, standard normal; it raises pay and the chance that certificates are asked for.
    pub ability: f64,
    /// What is written; `None` if no amount is.
    pub written: Option<WrittenPay>,
}

/// Pay as written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WrittenPay {
    /// The lower end in US dollars a year; `None` for "up to".
    pub low_usd: Option<f64>,
    /// The upper end in US dollars a year, equal to the lower for a single amount; `None` for "from".
    pub high_usd: Option<f64>,
    /// Whether the unit is wrong, such as a yearly amount with `/hr`; the amounts above are what was meant.
    pub wrong_unit: bool,
    /// Whether it stands in the text too.
    pub in_text: bool,
}
