//! The truth as tables.

use std::ops::Range;

use super::SimulatedMarket;
use super::certificates::CERTIFICATES;
use super::posting::{SimulatedPosting, WrittenPay};
use crate::key::CertificateId;
use crate::time::Period;

/// A row that can be written to a file with named columns.
pub trait TableRow {
    /// Names of the columns.
    const COLUMNS: &'static [&'static str];

    /// The cells, one for each column; no cell of a table but a posting's holds a comma, quote or line end.
    fn cells(&self) -> Vec<String>;
}

impl TableRow for SimulatedPosting {
    const COLUMNS: &'static [&'static str] =
        &["id", "posted", "employer", "industry", "region", "soc", "title", "pay", "text"];

    fn cells(&self) -> Vec<String> {
        let Self { id, posted, employer, industry, region, soc, title, text, pay, truth: _ } = self;
        let head = [id.to_string(), posted.to_string()];
        head.into_iter().chain([employer, industry, region, soc, title, pay, text].map(Clone::clone)).collect()
    }
}

/// The truth of one posting.
#[derive(Clone, Debug, PartialEq)]
pub struct PostingRow {
    /// Posting.
    pub id: u64,
    /// Everything about it.
    pub truth: super::PostingTruth,
}

impl TableRow for PostingRow {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "original",
        "copy_kind",
        "employer",
        "region",
        "soc",
        "annual_usd",
        "causal_log_premium",
        "ability",
        "low_usd",
        "high_usd",
        "wrong_unit",
        "pay_in_text",
        "education",
        "education_preferred",
        "years_of_experience",
        "entry_level",
        "soft_skills",
    ];

    fn cells(&self) -> Vec<String> {
        let Self { id, truth } = self;
        let written = truth.pay.written;
        let usd = |part: fn(WrittenPay) -> Option<f64>| text(written.and_then(part).map(|usd| format!("{usd:.2}")));
        vec![
            id.to_string(),
            text(truth.copy_of.map(|(original, _)| original)),
            text(truth.copy_of.map(|(_, kind)| kind.name())),
            truth.employer.to_string(),
            truth.region.to_string(),
            truth.soc.to_owned(),
            format!("{:.2}", truth.pay.annual_usd),
            truth.pay.causal_log_premium.to_string(),
            truth.pay.ability.to_string(),
            usd(|w| w.low_usd),
            usd(|w| w.high_usd),
            text(written.map(|w| w.wrong_unit)),
            text(written.map(|w| w.in_text)),
            text(truth.education.map(|e| e.level.name())),
            text(truth.education.map(|e| e.preferred)),
            text(truth.years_of_experience),
            truth.entry_level.to_string(),
            truth.soft_skills.join("; "),
        ]
    }
}

/// One mention or decoy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MentionRow {
    /// Posting.
    pub id: u64,
    /// Certificate; the first that is called so for a decoy, `None` for a near-name.
    pub certificate: Option<CertificateId>,
    /// `required`, `preferred`, `mentioned`, `negated`, or `other-sense`, `near-name`, `unsettled`.
    pub class: &'static str,
    /// First byte in the text.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
    /// Whether it may be obtained later.
    pub may_obtain: bool,
    /// Whether a family is named without its version.
    pub without_version: bool,
}

impl MentionRow {
    /// The mentions and decoys of a posting, in the order of the text.
    #[must_use]
    pub fn of(posting: &SimulatedPosting) -> Vec<Self> {
        let mentions = posting.truth.mentions.iter().map(|m| Self {
            id: posting.id,
            certificate: Some(m.certificate.clone()),
            class: m.class.name(),
            start: m.span.start,
            end: m.span.end,
            may_obtain: m.may_obtain,
            without_version: m.without_version,
        });
        let decoys = posting.truth.decoys.iter().map(|d| Self {
            id: posting.id,
            certificate: d.certificates.first().cloned(),
            class: d.kind.name(),
            start: d.span.start,
            end: d.span.end,
            may_obtain: false,
            without_version: false,
        });
        let mut rows: Vec<Self> = mentions.chain(decoys).collect();
        rows.sort_by_key(|row| row.start);
        rows
    }
}

impl TableRow for MentionRow {
    const COLUMNS: &'static [&'static str] =
        &["id", "certificate", "class", "start", "end", "may_obtain", "without_version"];

    fn cells(&self) -> Vec<String> {
        let Self { id, certificate, class, start, end, may_obtain, without_version } = self;
        vec![
            id.to_string(),
            text(certificate.as_ref()),
            (*class).to_owned(),
            start.to_string(),
            end.to_string(),
            may_obtain.to_string(),
            without_version.to_string(),
        ]
    }
}

/// What a certificate is worth.
#[derive(Clone, Debug, PartialEq)]
pub struct CertificateRow {
    /// Certificate.
    pub certificate: CertificateId,
    /// What it adds to the logarithm of pay of a job that asks for it, or of a worker who earned it.
    pub causal_log_premium: f64,
    /// What it adds to a worker's probability of work.
    pub employment_effect: f64,
    /// Its share of all postings, mean over the months.
    pub mean_share: f64,
    /// Whether employers ask for it.
    pub is_asked: bool,
}

impl TableRow for CertificateRow {
    const COLUMNS: &'static [&'static str] =
        &["certificate", "causal_log_premium", "employment_effect", "mean_share", "is_asked"];

    fn cells(&self) -> Vec<String> {
        let Self { certificate, causal_log_premium, employment_effect, mean_share, is_asked } = self;
        let numbers = [causal_log_premium, employment_effect, mean_share].map(ToString::to_string);
        std::iter::once(certificate.to_string()).chain(numbers).chain([is_asked.to_string()]).collect()
    }
}

/// The share of originals that ask for a certificate, in expectation.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareRow {
    /// Certificate.
    pub certificate: CertificateId,
    /// Month.
    pub month: Period,
    /// Share, required and preferred together, all regions.
    pub share: f64,
}

impl TableRow for ShareRow {
    const COLUMNS: &'static [&'static str] = &["certificate", "month", "share"];

    fn cells(&self) -> Vec<String> {
        vec![self.certificate.to_string(), self.month.to_string(), self.share.to_string()]
    }
}

impl SimulatedMarket {
    /// The truth of a range of postings.
    pub fn posting_rows(&self, numbers: Range<u64>) -> impl Iterator<Item = PostingRow> + '_ {
        self.postings(numbers).map(|p| PostingRow { id: p.id, truth: p.truth })
    }

    /// The mentions and decoys of a range of postings.
    pub fn mention_rows(&self, numbers: Range<u64>) -> impl Iterator<Item = MentionRow> + '_ {
        self.postings(numbers).flat_map(|p| MentionRow::of(&p))
    }

    /// Premia and effects of all certificates.
    pub fn certificate_rows(&self) -> impl Iterator<Item = CertificateRow> + '_ {
        let world = &self.world;
        world.ids.iter().enumerate().map(|(c, id)| CertificateRow {
            certificate: id.clone(),
            causal_log_premium: world.premia[c],
            employment_effect: world.employment_effects[c],
            mean_share: world.shares[c].iter().sum::<f64>() / self.n_months() as f64,
            is_asked: CERTIFICATES[c].is_asked(),
        })
    }

    /// Share paths of all certificates.
    pub fn share_rows(&self) -> impl Iterator<Item = ShareRow> + '_ {
        let of = move |c: usize| {
            let path = self.world.shares[c].iter().enumerate();
            path.map(move |(t, &share)| ShareRow {
                certificate: self.world.ids[c].clone(),
                month: self.month(t),
                share,
            })
        };
        (0..self.world.ids.len()).flat_map(of)
    }
}

/// The text of a value, empty if there is none.
fn text<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}
