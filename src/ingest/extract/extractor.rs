//! From one posting to what counts of it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use jiff::civil::Date;

use super::items::Items;
use super::names::Names;
use super::region::region;
use super::report::ReadingCounts;
use super::settings::{Copies, ExtractSettings};
use super::spill::Encoded;
use super::trace::{Findings, Rank, Trace};
use crate::catalog::Catalog;
use crate::error::{DataError, Result};
use crate::ingest::postings::{Posting, PostingBatch};
use crate::text::duplicates::{Duplicates, Sighting, name_hash};
use crate::text::occupation::OccupationCoder;
use crate::text::pay::{Currency, NoPay, Pay};
use crate::text::requirements::RequirementsReader;
use crate::text::{Context, Mention, MentionMatcher, Scratch, Verdict};
use crate::time::{Frequency, Period};

/// Reads postings into a panel of demand; see [`Extractor::run`].
#[derive(Debug)]
pub struct Extractor {
    matcher: MentionMatcher,
    requirements: RequirementsReader,
    coder: Option<OccupationCoder>,
    pub(super) items: Items,
    pub(super) settings: ExtractSettings,
    pub(super) duplicates: Duplicates,
    /// Codes of titles, which repeat; emptied when it is full.
    coded: RwLock<HashMap<Box<str>, Option<Box<str>>>>,
}

/// Titles whose codes are kept.
const MOST_TITLES: usize = 100_000;

impl Extractor {
    /// An extractor for the certificates of a catalogue.
    ///
    /// # Errors
    /// [`ParamError`](crate::error::ParamError) for a setting outside its range; what [`MentionMatcher::new`] says.
    pub fn new(catalog: &Catalog, settings: ExtractSettings) -> Result<Self> {
        let duplicates = settings.check()?;
        Ok(Self {
            matcher: MentionMatcher::new(catalog)?,
            requirements: RequirementsReader::new(),
            coder: None,
            items: Items::new(catalog),
            settings,
            duplicates,
            coded: RwLock::default(),
        })
    }

    /// Codes the occupations of postings that have none, by their titles.
    #[must_use]
    pub fn with_occupations(mut self, coder: OccupationCoder) -> Self {
        self.coder = Some(coder);
        self
    }

    /// Reads the postings of a batch. O(bytes).
    pub(super) fn read(&self, batch: PostingBatch<'_>, regions: &Names, socs: &Names) -> Result<ReadBatch, DataError> {
        let mut reading = ReadBatch::default();
        let mut buffers = Buffers::default();
        for posting in batch.postings {
            let counts = &mut reading.counts;
            let day = day_number(posting.posted);
            let soc = self.soc(posting, counts);
            let findings = self.findings(posting, soc.as_deref(), &mut buffers, counts);
            let region = posting.region.as_deref().and_then(region);
            let employer = posting.employer.as_deref().and_then(name_hash);
            counts.see_day(posting.posted);
            counts.without_region += u64::from(region.is_none());
            counts.without_employer += u64::from(employer.is_none());
            counts.text_bytes +=
                [&posting.title, &posting.text].into_iter().flatten().map(|t| t.len() as u64).sum::<u64>();
            let text = posting.text.as_deref().or(posting.title.as_deref()).unwrap_or_default();
            let print = match self.settings.copies {
                Copies::Keep => self.duplicates.fingerprint(""),
                Copies::Appearances | Copies::Once => self.duplicates.fingerprint(text),
            };
            let sighting = Sighting {
                // Files hold less than 2^40 bytes, and there are fewer than 2^24.
                id: (batch.file_index as u64) << 40 | posting.offset,
                day,
                employer,
                region: region.map(|region| u64::from(regions.number(region))),
                print,
            };
            let soc = soc.map_or(0, |soc| socs.number(&soc));
            reading.traces.push(&Trace { sighting, soc, findings })?;
        }
        Ok(reading)
    }

    /// The posting's own code, or that of its title.
    fn soc<'p>(&self, posting: &'p Posting<'_>, counts: &mut ReadingCounts) -> Option<Cow<'p, str>> {
        let mut count = |name| *counts.occupations.entry(name).or_default() += 1;
        if let Some(code) = posting.soc.as_deref() {
            count("given");
            // O*NET codes have two digits more.
            return Some(Cow::Borrowed(code.split_once('.').map_or(code, |(six, _)| six)));
        }
        let (Some(coder), Some(title)) = (&self.coder, posting.title.as_deref()) else {
            count("none");
            return None;
        };
        let known = self.coded.read().unwrap_or_else(PoisonError::into_inner).get(title).cloned();
        let code = known.unwrap_or_else(|| {
            let code: Option<Box<str>> = coder.code(title).code().map(Box::from);
            let mut coded = self.coded.write().unwrap_or_else(PoisonError::into_inner);
            if coded.len() >= MOST_TITLES {
                coded.clear();
            }
            coded.insert(title.into(), code.clone());
            code
        });
        count(if code.is_some() { "coded" } else { "not coded" });
        code.map(|code| Cow::Owned(code.into()))
    }

    /// What counts of a posting.
    fn findings(
        &self,
        posting: &Posting<'_>,
        soc: Option<&str>,
        buffers: &mut Buffers,
        counts: &mut ReadingCounts,
    ) -> Findings {
        let context = Context {
            soc,
            industry: posting.industry.as_deref(),
            period: Period::containing(posting.posted, Frequency::Monthly),
        };
        let mut findings = Findings::default();
        let mut is_naming = false;
        let Buffers { scratch, mentions } = buffers;
        for text in [posting.title.as_deref(), posting.text.as_deref()].into_iter().flatten() {
            self.matcher.mentions_into(text, &context, scratch, mentions);
            is_naming |= !mentions.is_empty();
            for mention in mentions.iter() {
                self.count_mention(mention, &mut findings.named, counts);
            }
        }
        counts.naming += u64::from(is_naming);
        if !findings.named.iter().any(|(_, rank)| rank.is_asked()) {
            return findings;
        }
        counts.asking += 1;
        let text = posting.text.as_deref().unwrap_or_default();
        let title = posting.title.as_deref().unwrap_or_default();
        findings.is_entry = self.requirements.entry_level(&format!("{title}\n{text}")).is_entry;
        let (annual_usd, outcome) = annual_usd(posting.pay.as_deref(), text);
        findings.annual_usd = annual_usd;
        match counts.pay.get_mut(&*outcome) {
            Some(n) => *n += 1,
            None => {
                counts.pay.insert(outcome.into_owned(), 1);
            }
        }
        findings
    }

    /// Adds a mention to what the posting names, if it is settled.
    fn count_mention(&self, mention: &Mention, named: &mut Vec<(u32, Rank)>, counts: &mut ReadingCounts) {
        match &mention.verdict {
            Verdict::Abstained { reason, .. } => *counts.unsettled.entry(reason.name()).or_default() += 1,
            Verdict::Family { .. } => counts.families += 1,
            Verdict::Certificate(_) => *counts.mentions.entry(mention.class.name()).or_default() += 1,
        }
        let Some(item) = self.items.number(&mention.verdict) else { return };
        let rank = Rank::of(mention.class);
        match named.binary_search_by_key(&item, |(item, _)| *item) {
            Ok(place) => named[place].1 = named[place].1.max(rank),
            Err(place) => named.insert(place, (item, rank)),
        }
    }
}

/// What a batch of postings came to.
#[derive(Debug, Default)]
pub(super) struct ReadBatch {
    pub(super) traces: Encoded,
    pub(super) counts: ReadingCounts,
}

#[derive(Default)]
struct Buffers {
    scratch: Scratch,
    mentions: Vec<Mention>,
}

/// Days since 1970.
fn day_number(day: Date) -> i32 {
    Period::containing(day, Frequency::Daily).map_or(0, Period::ordinal)
}

/// The middle of stated pay in US dollars a year of full-time work, and what came of it: the pay field counts, then the text.
fn annual_usd(field: Option<&str>, text: &str) -> (Option<f64>, Cow<'static, str>) {
    let found = match field.map(Pay::in_field) {
        Some(Ok(pay)) => Ok(pay),
        Some(Err(in_field)) => Pay::in_text(text).map_err(|_| in_field),
        None => Pay::in_text(text),
    };
    match found {
        Ok(pay) if pay.currency != Currency::Usd => (None, "other currency".into()),
        Ok(pay) => match pay.full_time() {
            (Some(low), Some(high)) => (Some(low + (high - low) / 2.0), "used".into()),
            (None, None) => (None, "withheld: too much or too little for its unit".into()),
            _ => (None, "one end only".into()),
        },
        Err(NoPay::Empty | NoPay::NoAmount) => (None, "none stated".into()),
        Err(reason) => (None, reason.to_string().into()),
    }
}
