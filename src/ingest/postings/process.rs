//! One step of the work: parsing, then the caller's function.

use super::batch::{Outcome, PostingBatch, Work};
use super::context::Context;
use super::parse;

/// Does `work`. `map` is called for each run of postings, never for none.
pub(super) fn process<T>(context: &Context<'_>, work: Work, mut map: impl FnMut(PostingBatch<'_>) -> T) -> Outcome<T> {
    match work {
        Work::Opened { file, opened, buffer } => Outcome { opened: Some(opened), ..Outcome::new(file, buffer) },
        Work::TooLong { file, rejected, buffer } => {
            let mut outcome = Outcome::new(file, buffer);
            outcome.tally.read = 1;
            outcome.tally.rejected = 1;
            outcome.tally.reasons.insert(rejected.fault.expected.clone(), 1);
            outcome.rejects.push(rejected);
            outcome
        }
        Work::Closed { file, bytes, fault, buffer } => {
            Outcome { closed: Some(bytes), fault, ..Outcome::new(file, buffer) }
        }
        Work::Text(batch) => {
            let parsed = parse::parse(&batch, &context.json_root, &context.rules);
            let values = mapped(context, batch.file, &parsed.postings, &mut map);
            let (tally, rejects) = (parsed.tally, parsed.rejects);
            Outcome { values: values.into_iter().collect(), tally, rejects, ..Outcome::new(batch.file, batch.bytes) }
        }
        #[cfg(feature = "parquet")]
        Work::Group { file, group, buffer } => {
            let mut outcome = Outcome::new(file, buffer);
            let read = group.read(context.settings.batch_bytes, |rows| {
                let parsed = parse_rows(context, &group, &rows);
                outcome.values.extend(mapped(context, file, &parsed.postings, &mut map));
                let left = context.rules.max_rejects.max(1).saturating_sub(outcome.rejects.len());
                outcome.rejects.extend(parsed.rejects.into_iter().take(left));
                outcome.tally.absorb(parsed.tally);
            });
            outcome.fault = read.err();
            outcome
        }
    }
}

fn mapped<'b, T>(
    context: &'b Context<'_>,
    file: usize,
    postings: &'b [super::posting::Posting<'b>],
    map: &mut impl FnMut(PostingBatch<'_>) -> T,
) -> Option<T> {
    let name = context.files.get(file)?.name();
    (!postings.is_empty()).then(|| map(PostingBatch { file: name, file_index: file, postings }))
}

#[cfg(feature = "parquet")]
fn parse_rows<'a>(
    context: &'a Context<'a>,
    group: &super::row_group::Group,
    rows: &'a super::row_group::Rows,
) -> parse::Parsed<'a> {
    use std::borrow::Cow;

    use super::reject;
    use super::row_group::Cell;
    use super::slots::{Fault, Slots};

    let mut parsed = parse::Parsed::default();
    let mut raw = Vec::new();
    for row in 0..rows.count {
        let offset = rows.first_row + row as u64;
        let cells = || rows.cells.iter().map(|column| column.get(row).and_then(Option::as_ref));
        let size: usize = cells().flatten().map(|cell| cell.bytes().len()).sum();
        let mut slots = Slots::default();
        let mut outcome = Ok(());
        for ((_, leaf), cell) in group.columns.cells.iter().zip(cells()) {
            let Some(cell) = cell else { continue };
            match std::str::from_utf8(cell.bytes()) {
                Ok(text) => slots.take(*leaf, Cow::Borrowed(text)),
                Err(error) => {
                    let byte = cell.bytes().get(error.valid_up_to()).copied().unwrap_or_default();
                    outcome = Err(Fault::new("UTF-8 text", format!("the byte 0x{byte:02X}")));
                    break;
                }
            }
        }
        if size > context.rules.max_record_bytes {
            outcome = Err(reject::too_long(context.rules.max_record_bytes));
        }
        let outcome = outcome.and_then(|()| slots.into_posting(offset, &context.rules, &mut parsed.tally));
        if outcome.is_err() {
            raw.clear();
            for (index, cell) in cells().enumerate() {
                if index > 0 {
                    raw.push(b',');
                }
                let bytes = cell.map_or(&[][..], Cell::bytes);
                raw.extend_from_slice(&bytes[..bytes.len().min(reject::HEAD_BYTES)]);
            }
        }
        parsed.keep(&context.rules, outcome, &raw, || (offset, None));
    }
    parsed
}
