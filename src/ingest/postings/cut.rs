//! Cuts files into batches of whole records, on one thread.

use std::path::Path;
use std::sync::Arc;

use super::batch::{Opened, TextBatch, Work};
use super::context::Context;
use super::decode::{Origin, Stream};
use super::framing::{Cut, Framing, Scan};
use super::inputs;
use super::parse::lines;
use super::plan::Columns;
use super::reject::{self, Rejected};
use super::settings::Format;
use crate::error::{DataError, Place};

const UTF8_MARK: &[u8] = &[0xef, 0xbb, 0xbf];
const PARQUET: &[u8] = b"PAR1";
/// Delimiters told by the header, tried in this order.
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];
/// Bytes added to a batch at a time while a record does not end.
const STEP: usize = 64 << 10;

/// Takes the work in the order of the input.
pub(super) trait Sink {
    /// An empty buffer, once one is free; `None` when nothing more is wanted.
    fn buffer(&mut self) -> Option<Vec<u8>>;
    /// Passes `work` on; `None` when nothing more is wanted.
    fn put(&mut self, work: Work) -> Option<()>;
}

/// Cuts every file in turn. `None` if the sink wanted no more.
pub(super) fn cut_all(context: &Context<'_>, sink: &mut impl Sink) -> Option<()> {
    for (file, origin) in context.files.iter().enumerate() {
        let (bytes, fault) = match cut_file(context, file, origin, sink)? {
            Ok(end) => end,
            Err(fault) => (0, Some(fault)),
        };
        let buffer = sink.buffer()?;
        sink.put(Work::Closed { file, bytes, fault, buffer })?;
    }
    Some(())
}

/// Bytes read, and what ended the file before its end.
type End = (u64, Option<DataError>);

fn cut_file(
    context: &Context<'_>,
    file: usize,
    origin: &Origin,
    sink: &mut impl Sink,
) -> Option<Result<End, DataError>> {
    let name = origin.name();
    let mut stream = match Stream::open(origin) {
        Ok(stream) => stream,
        Err(source) => return Some(Err(DataError::Io { place: Place::file(name), source })),
    };
    let at_hand = stream.peek();
    let format = context.settings.format.unwrap_or_else(|| told(name, at_hand));
    let is_utf16 = matches!(at_hand, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    if format != Format::Parquet && is_utf16 {
        let (expected, found) = ("UTF-8 text".to_owned(), "UTF-16: save the file as UTF-8".to_owned());
        return Some(Err(DataError::Cell { place: Place::file(name), expected, found }));
    }
    match format {
        Format::Parquet => cut_parquet(context, file, origin, stream, sink),
        Format::Json => {
            let mark = skip_mark(&mut stream);
            let framing = json_framing(stream.peek());
            let buffer = sink.buffer()?;
            let opened = Opened { format, compression: stream.compression, names: Arc::clone(&context.json_names) };
            sink.put(Work::Opened { file, opened, buffer })?;
            let buffer = sink.buffer()?;
            let cutter = Cutter { context, file, framing, columns: None, offset: mark, line: 1, stream };
            cutter.cut(buffer, name, sink).map(Ok)
        }
        Format::Csv => {
            let mark = skip_mark(&mut stream);
            let mut buffer = sink.buffer()?;
            let header = match Header::read(context, name, &mut stream, &mut buffer) {
                Ok(Some(header)) => header,
                // Nothing but blank lines.
                Ok(None) => {
                    let names = Arc::default();
                    let opened = Opened { format, compression: stream.compression, names };
                    let bytes = mark + buffer.len() as u64;
                    buffer.clear();
                    sink.put(Work::Opened { file, opened, buffer })?;
                    return Some(Ok((bytes, damage(name, &stream))));
                }
                Err(fault) => return Some(Err(fault)),
            };
            let names = Arc::new(header.columns.names.clone());
            let opened = Opened { format, compression: stream.compression, names };
            let spare = sink.buffer()?;
            sink.put(Work::Opened { file, opened, buffer: spare })?;
            let (framing, columns) = (Framing::Csv { delimiter: header.delimiter }, Some(Arc::new(header.columns)));
            let (offset, line) = (mark + header.length as u64, 1 + lines(&buffer[..header.length]));
            buffer.drain(..header.length);
            let cutter = Cutter { context, file, framing, columns, offset, line, stream };
            cutter.cut(buffer, name, sink).map(Ok)
        }
    }
}

/// The format that name or content show.
fn told(name: &Path, at_hand: &[u8]) -> Format {
    if at_hand.starts_with(PARQUET) {
        return Format::Parquet;
    }
    inputs::format_of(name).unwrap_or_else(|| {
        let text = at_hand.strip_prefix(UTF8_MARK).unwrap_or(at_hand);
        match text.trim_ascii_start().first() {
            Some(b'{' | b'[') => Format::Json,
            _ => Format::Csv,
        }
    })
}

fn skip_mark(stream: &mut Stream) -> u64 {
    if stream.peek().starts_with(UTF8_MARK) {
        stream.skip(UTF8_MARK.len());
        return UTF8_MARK.len() as u64;
    }
    0
}

/// How the records of JSON text that begins with `start` follow each other: an array's elements where it begins with a
/// bracket; objects over several lines where the first line is the beginning of one and the second none; else lines.
fn json_framing(start: &[u8]) -> Framing {
    let text = start.trim_ascii_start();
    if text.first() == Some(&b'[') {
        return Framing::Values { in_array: true };
    }
    let Some(end) = text.iter().position(|&b| b == b'\n') else { return Framing::Lines };
    let (first, rest) = text.split_at(end);
    let goes_on = match serde_json::from_slice::<serde::de::IgnoredAny>(first) {
        Ok(_) => false,
        Err(error) => error.is_eof() && !error.to_string().contains("string"),
    };
    if goes_on && rest.trim_ascii_start().first() != Some(&b'{') {
        return Framing::Values { in_array: false };
    }
    Framing::Lines
}

fn damage(name: &Path, stream: &Stream) -> Option<DataError> {
    let detail = stream.damage.clone()?;
    Some(DataError::Format { place: Place::file(name), format: stream.compression.name(), detail })
}

/// The first record of a CSV file.
struct Header {
    columns: Columns,
    delimiter: u8,
    /// Bytes up to its end, blank lines before it included.
    length: usize,
}

impl Header {
    /// Reads on until the header has ended; what follows it stays in `buffer` too. `None` if there is none.
    fn read(
        context: &Context<'_>,
        name: &Path,
        stream: &mut Stream,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<Self>, DataError> {
        let limit = context.settings.max_record_bytes;
        // The delimiter is told only when the header is there. Until then it matters to line breaks in quoted names alone.
        let mut scan = Scan::new(Framing::Csv { delimiter: context.mapping.delimiter.unwrap_or(b',') });
        let (mut start, mut scanned) = (0, 0);
        let (end, break_length) = loop {
            match scan.next(&buffer[scanned..]) {
                Some(Cut::Between(length)) => {
                    scanned += length;
                    start = scanned;
                    continue;
                }
                Some(Cut::After { length, break_length }) => break (scanned + length, break_length),
                None => scanned = buffer.len(),
            }
            if scanned - start > limit {
                let (place, found) = (Place::file(name).line(1), "a longer one".to_owned());
                return Err(DataError::Cell { place, expected: format!("a header of at most {limit} bytes"), found });
            }
            if stream.append(buffer, STEP) == 0 {
                break (buffer.len(), 0);
            }
        };
        if start == end {
            return Ok(None);
        }
        let place = || Place::file(name).line(1 + lines(&buffer[..start]));
        let header = std::str::from_utf8(&buffer[start..end - break_length]).map_err(|_| DataError::Cell {
            place: place(),
            expected: "UTF-8 text".to_owned(),
            found: "foreign bytes in the header".to_owned(),
        })?;
        let count = |sign: u8| header.bytes().filter(|&b| b == sign).count();
        let told = || DELIMITERS.into_iter().find(|&sign| count(sign) > 0).unwrap_or(b',');
        let delimiter = context.mapping.delimiter.unwrap_or_else(told);
        let mut cells = Vec::new();
        super::cells::split(header, delimiter, &mut cells);
        let names: Vec<String> = cells.iter().map(|cell| cell.trim().to_owned()).collect();
        let columns = Columns::find(context.mapping, &names, name)?;
        Ok(Some(Self { columns, delimiter, length: end }))
    }
}

/// Cuts the text of one file.
struct Cutter<'c> {
    context: &'c Context<'c>,
    file: usize,
    framing: Framing,
    columns: Option<Arc<Columns>>,
    /// Where the buffer begins.
    offset: u64,
    line: u64,
    stream: Stream,
}

impl Cutter<'_> {
    /// Cuts the rest of the file; `buffer` holds what of it has been read.
    fn cut(mut self, mut buffer: Vec<u8>, name: &Path, sink: &mut impl Sink) -> Option<End> {
        let (target, limit) = (self.context.settings.batch_bytes, self.context.settings.max_record_bytes);
        let mut scan = Scan::new(self.framing);
        let (mut scanned, mut last_cut) = (0, None);
        loop {
            let wanted = target.saturating_sub(buffer.len()).max(STEP.min(target));
            let is_at_end = self.stream.append(&mut buffer, wanted) == 0;
            if let Some(cut) = scan.last(&buffer[scanned..]) {
                last_cut = Some(scanned + cut);
            }
            scanned = buffer.len();
            if is_at_end {
                let is_cut_short = self.stream.damage.is_some();
                self.put(buffer, is_cut_short, sink)?;
                return Some((self.offset, damage(name, &self.stream)));
            }
            match last_cut {
                Some(cut) if buffer.len() >= target => {
                    let mut next = sink.buffer()?;
                    next.extend_from_slice(&buffer[cut..]);
                    buffer.truncate(cut);
                    self.put(buffer, false, sink)?;
                    buffer = next;
                    (scanned, last_cut) = (buffer.len(), None);
                }
                // What a report shows of a record is held in any case.
                None if buffer.len() > limit.max(reject::HEAD_BYTES) => {
                    self.pass_over(&mut buffer, &mut scan, sink)?;
                    (scanned, last_cut) = (0, None);
                    scan = Scan::new(self.framing);
                }
                _ => {}
            }
        }
    }

    fn put(&mut self, bytes: Vec<u8>, is_cut_short: bool, sink: &mut impl Sink) -> Option<()> {
        let (file, offset, line) = (self.file, self.offset, self.line);
        self.offset += bytes.len() as u64;
        self.line += lines(&bytes);
        let (framing, columns) = (self.framing, self.columns.clone());
        sink.put(Work::Text(TextBatch { file, bytes, offset, line, framing, columns, is_cut_short }))
    }

    /// Rejects the record that fills `buffer`, and reads on to its end without holding it. What follows it is left in
    /// `buffer`.
    fn pass_over(&mut self, buffer: &mut Vec<u8>, scan: &mut Scan, sink: &mut impl Sink) -> Option<()> {
        let fault = reject::too_long(self.context.settings.max_record_bytes);
        let head = reject::head(buffer);
        let rejected = Rejected { offset: self.offset, line: Some(self.line), fault, head };
        let spare = sink.buffer()?;
        sink.put(Work::TooLong { file: self.file, rejected, buffer: spare })?;
        loop {
            self.offset += buffer.len() as u64;
            self.line += lines(buffer);
            buffer.clear();
            if self.stream.append(buffer, STEP) == 0 {
                return Some(());
            }
            if let Some(Cut::After { length, .. } | Cut::Between(length)) = scan.next(buffer) {
                self.offset += length as u64;
                self.line += lines(&buffer[..length]);
                buffer.drain(..length);
                return Some(());
            }
        }
    }
}

#[cfg(not(feature = "parquet"))]
fn cut_parquet(
    _: &Context<'_>,
    _: usize,
    origin: &Origin,
    _: Stream,
    _: &mut impl Sink,
) -> Option<Result<End, DataError>> {
    let place = Place::file(origin.name());
    Some(Err(DataError::FeatureOff { place, format: "Parquet", feature: "parquet" }))
}

/// One piece of work for each row group.
#[cfg(feature = "parquet")]
fn cut_parquet(
    context: &Context<'_>,
    file: usize,
    origin: &Origin,
    stream: Stream,
    sink: &mut impl Sink,
) -> Option<Result<End, DataError>> {
    use super::row_group::{Content, ParquetFile};

    let compression = stream.compression;
    let opened =
        Content::of(origin, stream).and_then(|content| ParquetFile::open(context.mapping, content, origin.name()));
    let parquet = match opened {
        Ok(parquet) => parquet,
        Err(fault) => return Some(Err(fault)),
    };
    let names = Arc::new(parquet.columns.names.clone());
    let buffer = sink.buffer()?;
    sink.put(Work::Opened { file, opened: Opened { format: Format::Parquet, compression, names }, buffer })?;
    let bytes = parquet.content.len();
    for group in parquet.groups() {
        let buffer = sink.buffer()?;
        sink.put(Work::Group { file, group, buffer })?;
    }
    Some(Ok((bytes, None)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pretty_printed_json_is_told_from_lines() {
        let document = Framing::Values { in_array: false };
        for (text, expected) in [
            ("{\"a\":1}\n{\"a\":2}\n", Framing::Lines),
            ("{\n \"a\": 1\n}\n", document),
            ("{ \"a\": {\n \"b\": 1\n}}\n", document),
            ("{\"a\": \"cut\n{\"a\":2}\n", Framing::Lines),
            ("{\"a\": 1,\n{\"a\":2}\n", Framing::Lines),
            ("{\"a\": 1", Framing::Lines),
            ("\n [{\"a\":1}]", Framing::Values { in_array: true }),
            ("", Framing::Lines),
        ] {
            assert_eq!(json_framing(text.as_bytes()), expected, "{text}");
        }
    }
}
