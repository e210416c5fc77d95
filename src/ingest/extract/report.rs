//! What an extraction did, in numbers that reconcile.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde::{Serialize, Serializer};

use crate::ingest::postings::PostingReport;
use crate::text::duplicates::DuplicateCounts;

/// Counts over postings that were read, copies included; parts of batches add up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ReadingCounts {
    /// Postings that name a certificate or family, settled or not.
    pub naming: u64,
    /// Mentions by class that stand for a certificate.
    pub mentions: BTreeMap<&'static str, u64>,
    /// Mentions of a family of versions without the version.
    pub families: u64,
    /// Mentions that are not settled, by reason.
    pub unsettled: BTreeMap<&'static str, u64>,
    /// Postings that ask for a certificate.
    pub asking: u64,
    /// Of these, what came of their pay: `used`, `one end only`, `withheld: ...`, `other currency`, or why there is none.
    pub pay: BTreeMap<String, u64>,
    /// What came of occupations: `given`, `coded`, `not coded`, `none`.
    pub occupations: BTreeMap<&'static str, u64>,
    /// Postings of no known region; they count for the nation.
    pub without_region: u64,
    /// Postings of no known employer.
    pub without_employer: u64,
    /// Bytes of titles and texts.
    pub text_bytes: u64,
    /// First and last day of posting.
    #[serde(serialize_with = "days")]
    pub days: Option<(Date, Date)>,
}

fn days<S: Serializer>(days: &Option<(Date, Date)>, serializer: S) -> Result<S::Ok, S::Error> {
    days.map(|(first, last)| [first.to_string(), last.to_string()]).serialize(serializer)
}

impl ReadingCounts {
    pub(super) fn absorb(&mut self, other: Self) {
        let Self {
            naming,
            mentions,
            families,
            unsettled,
            asking,
            pay,
            occupations,
            without_region,
            without_employer,
            text_bytes,
            days,
        } = other;
        self.naming += naming;
        self.families += families;
        self.asking += asking;
        self.without_region += without_region;
        self.without_employer += without_employer;
        self.text_bytes += text_bytes;
        add(&mut self.mentions, mentions);
        add(&mut self.unsettled, unsettled);
        add(&mut self.pay, pay);
        add(&mut self.occupations, occupations);
        for day in days.into_iter().flat_map(|(first, last)| [first, last]) {
            self.see_day(day);
        }
    }

    pub(super) fn see_day(&mut self, day: Date) {
        let (first, last) = self.days.unwrap_or((day, day));
        self.days = Some((first.min(day), last.max(day)));
    }
}

fn add<K: Ord>(sums: &mut BTreeMap<K, u64>, counts: BTreeMap<K, u64>) {
    for (key, n) in counts {
        *sums.entry(key).or_default() += n;
    }
}

/// What an extraction did. Records read are postings counted, copies left out and records rejected:
/// `read = counted + left_out + rejected`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ExtractReport {
    /// Files, columns and rejects.
    pub postings: PostingReport,
    /// What the postings say.
    pub reading: ReadingCounts,
    /// Copies found; all zero if all copies are kept.
    pub copies: DuplicateCounts,
    /// Postings that count.
    pub counted: u64,
    /// Copies that do not.
    pub left_out: u64,
    /// Postings whose region a copy of them names.
    pub regions_lent: u64,
    /// Postings whose employer a copy of them names.
    pub employers_lent: u64,
    /// Periods between the first and the last without any posting.
    pub empty_periods: Vec<String>,
    /// Bytes of traces that did not fit in memory and went through a temporary file.
    pub temporary_bytes: u64,
}

/// Periods without a posting that are named; a mistyped year makes thousands.
const SHOWN_PERIODS: usize = 12;

impl fmt::Display for ExtractReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { postings, reading, copies, counted, left_out, .. } = self;
        writeln!(
            f,
            "{} records read = {counted} postings counted + {left_out} copies left out + {} rejected",
            postings.read(),
            postings.rejected()
        )?;
        if let Some((first, last)) = reading.days {
            writeln!(f, "posted {first} to {last}")?;
        }
        if copies.records > 0 {
            writeln!(
                f,
                "copies: {} advertisements, {} duplicates, {} reposts ({} of both not to the letter), {} evergreen",
                copies.advertisements, copies.duplicates, copies.reposts, copies.near, copies.evergreen_advertisements
            )?;
            if copies.equal_only > 0 {
                writeln!(
                    f,
                    "  {} records were too many for the search of near copies: equal ones only",
                    copies.equal_only
                )?;
            }
        }
        writeln!(
            f,
            "certificates: {} postings name one, {} ask for one; mentions: {}{}",
            reading.naming,
            reading.asking,
            counts(&reading.mentions),
            match reading.families {
                0 => String::new(),
                n => format!(", {n} without a version"),
            }
        )?;
        if !reading.unsettled.is_empty() {
            writeln!(f, "  not settled: {}", counts(&reading.unsettled))?;
        }
        if !reading.pay.is_empty() {
            writeln!(f, "pay of postings that ask: {}", counts(&reading.pay))?;
        }
        writeln!(f, "occupations: {}", counts(&reading.occupations))?;
        writeln!(
            f,
            "{} postings without a region ({} lent by a copy), {} without an employer ({} lent by a copy)",
            reading.without_region, self.regions_lent, reading.without_employer, self.employers_lent
        )?;
        if !self.empty_periods.is_empty() {
            let (first, rest) = self.empty_periods.split_at(self.empty_periods.len().min(SHOWN_PERIODS));
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more periods", rest.len()) };
            writeln!(f, "no posting at all in {}{more}: no rows for them", first.join(", "))?;
        }
        // Its first line says what the first line here says.
        f.write_str(postings.to_string().split_once('\n').map_or("", |(_, rest)| rest))
    }
}

fn counts<K: fmt::Display>(counts: &BTreeMap<K, u64>) -> String {
    let mut sorted: Vec<(&K, &u64)> = counts.iter().collect();
    sorted.sort_by_key(|(_, n)| std::cmp::Reverse(**n));
    let parts: Vec<String> = sorted.iter().map(|(name, n)| format!("{n} {name}")).collect();
    parts.join(", ")
}
