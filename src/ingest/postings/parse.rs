//! From the bytes of a batch to postings and rejects.

use std::borrow::Cow;

use super::batch::TextBatch;
use super::cells;
use super::framing::{Framing, Record, Records};
use super::json;
use super::plan::{Columns, Node};
use super::posting::Posting;
use super::reject::{self, Rejected};
use super::slots::{Fault, Rules, Slots};
use super::tally::Tally;

/// What a batch holds.
#[derive(Default)]
pub(super) struct Parsed<'a> {
    pub(super) postings: Vec<Posting<'a>>,
    pub(super) rejects: Vec<Rejected>,
    pub(super) tally: Tally,
}

impl<'a> Parsed<'a> {
    /// Counts a record and keeps the posting or what is wrong with it. `place` is offset and line.
    pub(super) fn keep(
        &mut self,
        rules: &Rules<'_>,
        outcome: Result<Posting<'a>, Fault>,
        record: &[u8],
        place: impl FnOnce() -> (u64, Option<u64>),
    ) {
        self.tally.read += 1;
        match outcome {
            Ok(posting) => {
                self.tally.used += 1;
                self.postings.push(posting);
            }
            Err(fault) => {
                self.tally.rejected += 1;
                match self.tally.reasons.get_mut(&fault.expected) {
                    Some(count) => *count += 1,
                    None => {
                        self.tally.reasons.insert(fault.expected.clone(), 1);
                    }
                }
                // Strict reading needs one to end with, whatever the report keeps.
                if self.rejects.len() < rules.max_rejects.max(1) {
                    let (offset, line) = place();
                    self.rejects.push(Rejected { offset, line, fault, head: reject::head(record) });
                }
            }
        }
    }
}

/// Parses every record of `batch`. O(bytes).
pub(super) fn parse<'a>(batch: &'a TextBatch, root: &'a Node, rules: &'a Rules<'a>) -> Parsed<'a> {
    let mut parser =
        Parser { batch, root, rules, parsed: Parsed::default(), cells: Vec::new(), counted_to: 0, line: batch.line };
    for record in Records::new(&batch.bytes, batch.framing) {
        parser.read(record);
    }
    parser.parsed
}

struct Parser<'a> {
    batch: &'a TextBatch,
    root: &'a Node,
    rules: &'a Rules<'a>,
    parsed: Parsed<'a>,
    cells: Vec<Cow<'a, str>>,
    /// Lines are counted up to here, when a reject needs one.
    counted_to: usize,
    line: u64,
}

impl<'a> Parser<'a> {
    fn read(&mut self, record: Record<'a>) {
        let text = match self.text(record) {
            Ok(text) => text,
            Err(fault) => return self.keep(Err(fault), record.bytes, record.start),
        };
        match &self.batch.columns {
            Some(columns) => self.read_row(columns, text, record),
            None => match text.trim_start().as_bytes().first() {
                None => {}
                Some(b'[') => self.read_elements(text, record),
                Some(_) => self.read_object(text, record.start, true),
            },
        }
    }

    fn text(&self, record: Record<'a>) -> Result<&'a str, Fault> {
        if record.bytes.len() > self.rules.max_record_bytes {
            return Err(reject::too_long(self.rules.max_record_bytes));
        }
        let is_blank = || self.batch.framing == Framing::Lines && record.bytes.trim_ascii().is_empty();
        if !record.is_ended && self.batch.is_cut_short && !is_blank() {
            return Err(Fault::new("a whole record", "damage to the file within it"));
        }
        if record.in_quotes && self.batch.columns.is_some() {
            return Err(Fault::new("a closing quote", "the end of the file"));
        }
        std::str::from_utf8(record.bytes).map_err(|error| {
            let byte = record.bytes.get(error.valid_up_to()).copied().unwrap_or_default();
            Fault::new("UTF-8 text", format!("the byte 0x{byte:02X}"))
        })
    }

    fn read_row(&mut self, columns: &Columns, text: &'a str, record: Record<'a>) {
        let delimiter = match self.batch.framing {
            Framing::Csv { delimiter } => delimiter,
            Framing::Lines | Framing::Values { .. } => b',',
        };
        cells::split(text, delimiter, &mut self.cells);
        let (wanted, there) = (columns.width, self.cells.len());
        let outcome = if wanted == there {
            let mut slots = Slots::default();
            for (column, leaf) in &columns.cells {
                if let Some(cell) = self.cells.get(*column) {
                    slots.take(*leaf, cell.clone());
                }
            }
            slots.into_posting(self.offset(record.start), self.rules, &mut self.parsed.tally)
        } else {
            let cells = |n: usize| if n == 1 { "1 cell".to_owned() } else { format!("{n} cells") };
            Err(Fault::new(format!("{} as in the header", cells(wanted)), cells(there)))
        };
        self.keep(outcome, record.bytes, record.start);
    }

    fn read_elements(&mut self, text: &'a str, record: Record<'a>) {
        match json::elements(text) {
            Ok(elements) => {
                for element in elements {
                    let text = element.get();
                    self.read_object(text, self.position(text), false);
                }
            }
            Err(error) => {
                let fault = Fault::new("a JSON object or an array of them", json::wording(&error));
                self.keep(Err(fault), record.bytes, record.start);
            }
        }
    }

    /// Reads the object `text`, which begins at `start` in the batch; `is_whole` if it is no element of another.
    fn read_object(&mut self, text: &'a str, start: usize, is_whole: bool) {
        let mut slots = Slots::default();
        if let Err(error) = json::read_object(text, self.root, &mut slots) {
            let fault = Fault::new("a JSON object", json::wording(&error));
            return self.keep(Err(fault), text.as_bytes(), start);
        }
        match (slots.graph, slots.is_posting) {
            (Some(graph), _) if is_whole && slots.twice.is_none() => {
                let graph = graph.get();
                // What stands there was read as JSON, so it is an array if it begins like one.
                match json::elements(graph) {
                    Ok(elements) => {
                        self.parsed.tally.other_objects += u64::from(elements.is_empty());
                        for element in elements {
                            self.read_object(element.get(), self.position(element.get()), false);
                        }
                    }
                    Err(_) => self.read_object(graph, self.position(graph), false),
                }
            }
            (_, Some(false)) if !is_whole => self.parsed.tally.other_objects += 1,
            (_, Some(false)) => {
                let fault = Fault::new("an object of @type JobPosting", "another @type");
                self.keep(Err(fault), text.as_bytes(), start);
            }
            _ => {
                let outcome = slots.into_posting(self.offset(start), self.rules, &mut self.parsed.tally);
                self.keep(outcome, text.as_bytes(), start);
            }
        }
    }

    /// Where `text`, a part of the batch, begins in it.
    fn position(&self, text: &str) -> usize {
        text.as_ptr().addr().saturating_sub(self.batch.bytes.as_ptr().addr())
    }

    fn offset(&self, start: usize) -> u64 {
        self.batch.offset + start as u64
    }

    fn keep(&mut self, outcome: Result<Posting<'a>, Fault>, record: &[u8], start: usize) {
        let offset = self.offset(start);
        let Self { batch, rules, parsed, counted_to, line, .. } = self;
        parsed.keep(rules, outcome, record, || {
            *line += lines(&batch.bytes[*counted_to..start.max(*counted_to)]);
            *counted_to = start.max(*counted_to);
            (offset, Some(*line))
        });
    }
}

/// Line breaks in `bytes`.
pub(super) fn lines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|&&byte| byte == b'\n').count() as u64
}
