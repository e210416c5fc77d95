//! From files of postings to the panel.

use std::collections::HashMap;

use jiff::civil::Date;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::cells::{Counted, Tally};
use super::extractor::Extractor;
use super::names::Names;
use super::report::{ExtractReport, ReadingCounts};
use super::settings::Copies;
use super::spill::{PARTS, Spill, Stored};
use super::trace::{Findings, Trace};
use crate::error::{DataError, ParamError, Result};
use crate::ingest::postings::PostingReader;
use crate::market::DemandPanel;
use crate::text::duplicates::{Claims, DuplicateCounts, Groups, Orphans, Sighting};
use crate::time::{Frequency, Period};

/// A panel of demand, and how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Extraction {
    /// The panel.
    pub panel: DemandPanel,
    /// What was done.
    pub report: ExtractReport,
}

/// Bytes of traces, as stored, that are grouped and counted together.
const TOGETHER: usize = 16 << 20;

impl Extractor {
    /// Reads all postings of `reader` and counts demand: first each posting is read into a trace of some 170 bytes, on all
    /// threads, then employer by employer copies are told and postings counted.
    ///
    /// Memory grows with stated pay (8 bytes each), with postings without an employer up to `largest_near_block`, and with the
    /// largest employer: the traces of a few are held at a time. Measured on two threads: 135 MB for 1 GB, 289 MB for 10 GB of
    /// postings of 400 employers. Traces beyond the setting `memory` go through a temporary file. The result does not depend on the
    /// threads.
    ///
    /// # Errors
    /// What [`PostingReader::fold`] says; [`DataError::Io`] for the temporary file; [`ParamError`] for a vintage before the last
    /// posting; [`DataError::Empty`] if no record became a posting.
    pub fn run(&self, reader: &PostingReader) -> Result<Extraction> {
        let (regions, socs) = (Names::default(), Names::default());
        let mut spill = Spill::new(self.settings.memory);
        let mut reading = ReadingCounts::default();
        let postings = reader.fold(
            |batch| self.read(batch, &regions, &socs),
            |batch| {
                let batch = batch?;
                reading.absorb(batch.counts);
                Ok(spill.push(&batch.traces)?)
            },
        )?;
        let Some((first, last)) = reading.days else {
            return Err(DataError::Empty { what: "the postings (all records were rejected)".to_owned() }.into());
        };
        let vintage = self.vintage(last)?;
        let mut report = ExtractReport { postings, reading, temporary_bytes: spill.file_bytes(), ..Default::default() };
        let tally = self.count(spill, &mut report)?;
        let frequency = self.settings.frequency;
        let ordinals = tally.periods();
        let span = [first, last].map(|day| Period::containing(day, frequency).map_or(0, Period::ordinal));
        report.empty_periods = (span[0]..=span[1])
            .filter(|ordinal| ordinals.binary_search(ordinal).is_err())
            .map(|ordinal| Period::from_ordinal(frequency, ordinal).to_string())
            .collect();
        let panel = tally.into_panel(&self.items, &regions.into_names(), &socs.into_names(), frequency, vintage);
        Ok(Extraction { panel, report })
    }

    fn vintage(&self, last: Date) -> Result<Date> {
        let vintage = self.settings.vintage.unwrap_or_else(|| last.tomorrow().unwrap_or(last));
        match vintage < last {
            true => Err(ParamError::new("vintage", vintage, "the day of the last posting or later").into()),
            false => Ok(vintage),
        }
    }

    /// Tells copies and counts, part by part. Parts are read, grouped, searched for claims on orphans and counted in
    /// parallel; claims are settled in their order.
    fn count(&self, mut spill: Spill, report: &mut ExtractReport) -> Result<Tally, DataError> {
        let few = spill.count(PARTS..2 * PARTS) <= self.duplicates.largest_near_block() as u64;
        // Few enough, they are held in memory; else each part of them stands alone, for equal texts only.
        let mut held = Split::default();
        if few {
            for part in PARTS..2 * PARTS {
                spill.take(part).for_each(|trace| held.push(trace))?;
            }
        }
        let Split { sightings: orphans, rest: mut of_orphans } = held;
        of_orphans.sort();
        let mut orphans = Orphans::new(self.duplicates, orphans);
        // Sums of whole numbers, and pay that is sorted later: the order does not matter.
        let none = || (Tally::new(self.settings.by_occupation), Outcome::default());
        let join = |mut sums: (Tally, Outcome), (tally, outcome): (Tally, Outcome)| {
            sums.0.merge(tally);
            sums.1.absorb(&outcome);
            sums
        };
        let mut total = none();
        let n_parts = if few { PARTS } else { 2 * PARTS };
        // The largest first: parts of a size stand together, so that no thread waits long for another.
        let mut order: Vec<usize> = (0..n_parts).collect();
        order.sort_by_key(|part| std::cmp::Reverse(spill.bytes(*part)));
        let mut next = 0;
        while next < n_parts {
            // As many as there are threads, and more if they are small.
            let (mut stored, mut bytes): (Vec<Stored>, usize) = (Vec::new(), 0);
            while next < n_parts {
                bytes += spill.bytes(order[next]);
                let limit = if stored.len() < rayon::current_num_threads() { self.settings.memory } else { TOGETHER };
                if !stored.is_empty() && bytes > limit {
                    break;
                }
                stored.push(spill.take(order[next]));
                next += 1;
            }
            let mut grouped = stored
                .into_par_iter()
                .map(|stored| Part::new(self, &stored))
                .collect::<Result<Vec<Part>, DataError>>()?;
            let claims: Vec<Vec<Claims>> = grouped
                .par_iter()
                .map(|part| {
                    part.groups.iter().filter(|(is_named, _)| *is_named).map(|(_, g)| orphans.claims(g)).collect()
                })
                .collect();
            for (part, claims) in grouped.iter_mut().zip(claims) {
                let named = part.groups.iter_mut().filter(|(is_named, _)| *is_named);
                named.zip(claims).for_each(|((_, groups), claims)| orphans.settle(groups, claims));
            }
            let least = grouped.len().div_ceil(2 * rayon::current_num_threads());
            let counted = grouped.into_par_iter().with_min_len(least).fold(none, |mut sums, part| {
                part.count(self, &of_orphans, &mut sums);
                sums
            });
            total = join(total, counted.reduce(none, join));
        }
        let rest = Part { groups: vec![(false, orphans.rest())], traces: Rest::default() };
        rest.count(self, &of_orphans, &mut total);
        let (tally, outcome) = total;
        outcome.add_to(report);
        Ok(tally)
    }
}

/// What traces hold beside their sightings, by the sightings' ids.
#[derive(Default)]
struct Rest(Vec<(u64, u32, Findings)>);

impl Rest {
    fn sort(&mut self) {
        self.0.sort_unstable_by_key(|(id, ..)| *id);
    }

    fn get(&self, id: u64) -> Option<(u32, &Findings)> {
        let place = self.0.binary_search_by_key(&id, |(id, ..)| *id).ok()?;
        self.0.get(place).map(|(_, soc, findings)| (*soc, findings))
    }
}

/// The sightings of traces, in their order, and what else they hold.
#[derive(Default)]
struct Split {
    sightings: Vec<Sighting>,
    rest: Rest,
}

impl Split {
    fn push(&mut self, trace: Trace) {
        let Trace { sighting, soc, findings } = trace;
        self.rest.0.push((sighting.id, soc, findings));
        self.sightings.push(sighting);
    }
}

/// The postings of some employers.
struct Part {
    /// Whether it is known which employer, and its postings.
    groups: Vec<(bool, Groups)>,
    traces: Rest,
}

/// What became of the postings of a part.
#[derive(Default)]
struct Outcome {
    copies: DuplicateCounts,
    counted: u64,
    left_out: u64,
    regions_lent: u64,
    employers_lent: u64,
}

impl Outcome {
    fn absorb(&mut self, other: &Self) {
        let Self { copies, counted, left_out, regions_lent, employers_lent } = other;
        self.copies.absorb(*copies);
        self.counted += counted;
        self.left_out += left_out;
        self.regions_lent += regions_lent;
        self.employers_lent += employers_lent;
    }

    fn add_to(self, report: &mut ExtractReport) {
        let Self { copies, counted, left_out, regions_lent, employers_lent } = self;
        report.copies.absorb(copies);
        report.counted += counted;
        report.left_out += left_out;
        report.regions_lent += regions_lent;
        report.employers_lent += employers_lent;
    }
}

impl Part {
    fn new(extractor: &Extractor, stored: &Stored) -> Result<Self, DataError> {
        let n = stored.len();
        let mut split = Split { sightings: Vec::with_capacity(n), rest: Rest(Vec::with_capacity(n)) };
        let mut n_of: HashMap<Option<u64>, usize> = HashMap::new();
        stored.for_each(|mut trace| {
            // An employer with so many is not searched for near copies, so that signatures would be held for nothing.
            let n = n_of.entry(trace.sighting.employer).or_default();
            *n += 1;
            if *n > extractor.duplicates.largest_near_block() {
                trace.sighting.print.forget_signature();
            }
            split.push(trace);
        })?;
        let Split { mut sightings, rest: mut traces } = split;
        traces.sort();
        // From the end, so that each employer's can be split off; the order of employers does not matter to the counts, but to
        // which of them claims an orphan.
        sightings.sort_by_key(|sighting| (sighting.employer, sighting.id));
        let mut groups = Vec::new();
        while let Some(last) = sightings.last() {
            let employer = last.employer;
            let first = sightings.partition_point(|sighting| sighting.employer < employer);
            let settings = if employer.is_some() { extractor.duplicates } else { extractor.duplicates.equal_only() };
            // The smaller side moves: the largest employer is most of its part.
            let own = if first < sightings.len() / 2 {
                let head: Vec<Sighting> = sightings.drain(..first).collect();
                std::mem::replace(&mut sightings, head)
            } else {
                sightings.split_off(first)
            };
            groups.push((employer.is_some(), Groups::new(settings, own)));
        }
        Ok(Self { groups, traces })
    }

    /// Adds the postings that count to the tally, and what became of the others.
    fn count(&self, extractor: &Extractor, of_orphans: &Rest, (tally, outcome): &mut (Tally, Outcome)) {
        let keeps_all = extractor.settings.copies == Copies::Keep;
        for (is_named, groups) in &self.groups {
            let rulings = groups.rule(extractor.duplicates, &mut outcome.copies);
            let mut postings = Vec::with_capacity(rulings.len());
            for ((sighting, advertisement), ruling) in groups.iter().zip(&rulings) {
                if !extractor.settings.copies.counts(ruling) {
                    outcome.left_out += 1;
                    continue;
                }
                let rest = self.traces.get(sighting.id).or_else(|| of_orphans.get(sighting.id));
                let Some((soc, findings)) = rest else { continue };
                let lent = advertisement.and_then(|index| groups.region(index));
                let region = sighting.region.or(lent);
                outcome.counted += 1;
                outcome.regions_lent += u64::from(sighting.region.is_none() && region.is_some());
                outcome.employers_lent += u64::from(*is_named && sighting.employer.is_none());
                postings.push(Counted {
                    period: period_of(sighting.day, extractor.settings.frequency),
                    region: region.and_then(|region| u32::try_from(region).ok()).unwrap_or(0),
                    soc,
                    findings,
                });
            }
            tally.add_employer(*is_named, postings.into_iter());
        }
        if keeps_all {
            outcome.copies = DuplicateCounts::default();
        }
    }
}

/// The period that holds a day, counted from 1970.
fn period_of(day: i32, frequency: Frequency) -> i32 {
    Period::from_ordinal(Frequency::Daily, day).to_frequency(frequency).map_or(day, Period::ordinal)
}
