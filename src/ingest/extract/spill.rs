//! Traces on their way from the readers to the count, by employer: in memory while they are few, else in a temporary file.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError};

use super::trace::Trace;
use crate::error::{DataError, Place};

/// Parts into which employers are divided by their hash, and as many for postings without an employer, by their text.
///
/// 10 GB of postings leave about 1 GB of traces: 4 MB for each part.
pub(super) const PARTS: usize = 256;

/// The part of a posting.
pub(super) fn part_of(trace: &Trace) -> usize {
    // The hash is mixed already.
    let of_hash = |hash: u64| usize::try_from(hash >> 56).unwrap_or(0) % PARTS;
    match trace.sighting.employer {
        Some(employer) => of_hash(employer),
        // Equal texts go together; what has no text is compared with nothing.
        None if trace.sighting.print.is_empty() => PARTS + usize::try_from(trace.sighting.id % 256).unwrap_or(0),
        None => PARTS + of_hash(trace.sighting.print.hash()),
    }
}

/// Traces by part.
#[derive(Debug)]
pub(super) struct Spill {
    limit: usize,
    parts: Vec<Part>,
    held: usize,
    file: Option<Arc<Mutex<File>>>,
    written: u64,
}

#[derive(Debug, Default)]
struct Part {
    n_traces: u64,
    buffer: Vec<u8>,
    /// Stretches of the file: start and length.
    stretches: Vec<(u64, usize)>,
}

/// The traces of a batch, encoded.
#[derive(Debug, Default)]
pub(super) struct Encoded {
    bytes: Vec<u8>,
    /// Part of each trace and the end of its bytes.
    ends: Vec<(usize, usize)>,
}

impl Encoded {
    pub(super) fn push(&mut self, trace: &Trace) -> Result<(), DataError> {
        self.bytes = postcard::to_extend(trace, std::mem::take(&mut self.bytes)).map_err(damaged)?;
        self.ends.push((part_of(trace), self.bytes.len()));
        Ok(())
    }
}

impl Spill {
    /// A store that holds up to `limit` bytes in memory.
    pub(super) fn new(limit: usize) -> Self {
        let parts = (0..2 * PARTS).map(|_| Part::default()).collect();
        Self { limit, parts, held: 0, file: None, written: 0 }
    }

    /// Takes the traces of a batch, in order.
    pub(super) fn push(&mut self, batch: &Encoded) -> Result<(), DataError> {
        let mut start = 0;
        for (part, end) in &batch.ends {
            let part = &mut self.parts[*part];
            part.n_traces += 1;
            part.buffer.extend_from_slice(&batch.bytes[start..*end]);
            self.held += end - start;
            start = *end;
        }
        if self.held > self.limit {
            self.write_out().map_err(failed)?;
        }
        Ok(())
    }

    fn write_out(&mut self) -> io::Result<()> {
        let file = match &self.file {
            Some(file) => Arc::clone(file),
            None => Arc::clone(self.file.insert(Arc::new(Mutex::new(tempfile::tempfile()?)))),
        };
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.written))?;
        for part in self.parts.iter_mut().filter(|part| !part.buffer.is_empty()) {
            file.write_all(&part.buffer)?;
            part.stretches.push((self.written, part.buffer.len()));
            self.written += part.buffer.len() as u64;
            part.buffer.clear();
        }
        self.held = 0;
        Ok(())
    }

    /// Bytes written to the file.
    pub(super) fn file_bytes(&self) -> u64 {
        self.written
    }

    /// Number of traces in the parts of a range.
    pub(super) fn count(&self, parts: std::ops::Range<usize>) -> u64 {
        self.parts[parts].iter().map(|part| part.n_traces).sum()
    }

    /// Bytes of the traces of a part.
    pub(super) fn bytes(&self, part: usize) -> usize {
        let Part { buffer, stretches, .. } = &self.parts[part];
        buffer.len() + stretches.iter().map(|(_, length)| length).sum::<usize>()
    }

    /// Takes the traces of a part out; those in the file are read when they are asked for.
    pub(super) fn take(&mut self, part: usize) -> Stored {
        let Part { n_traces, buffer, stretches } = std::mem::take(&mut self.parts[part]);
        self.held -= buffer.len();
        Stored { file: self.file.clone(), stretches, buffer, n_traces }
    }
}

/// The traces of a part, encoded.
#[derive(Debug)]
pub(super) struct Stored {
    file: Option<Arc<Mutex<File>>>,
    stretches: Vec<(u64, usize)>,
    buffer: Vec<u8>,
    n_traces: u64,
}

impl Stored {
    /// Number of traces.
    pub(super) fn len(&self) -> usize {
        usize::try_from(self.n_traces).unwrap_or(0)
    }

    /// Calls `each` on every trace, in the order in which they came. The file is read stretch by stretch, each of whole traces.
    pub(super) fn for_each(&self, mut each: impl FnMut(Trace)) -> Result<(), DataError> {
        let mut bytes = Vec::new();
        for (start, length) in &self.stretches {
            let missing = || failed(io::Error::new(io::ErrorKind::NotFound, "spilt traces without their file"));
            let file = self.file.as_ref().ok_or_else(missing)?;
            bytes.resize(*length, 0);
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(*start)).and_then(|_| file.read_exact(&mut bytes)).map_err(failed)?;
            drop(file);
            decode(&bytes, &mut each)?;
        }
        decode(&self.buffer, &mut each)
    }
}

fn decode(mut rest: &[u8], each: &mut impl FnMut(Trace)) -> Result<(), DataError> {
    while !rest.is_empty() {
        let (trace, after) = postcard::take_from_bytes(rest).map_err(damaged)?;
        each(trace);
        rest = after;
    }
    Ok(())
}

fn damaged(error: postcard::Error) -> DataError {
    failed(io::Error::new(io::ErrorKind::InvalidData, error))
}

fn failed(source: io::Error) -> DataError {
    DataError::Io { place: Place::file("the temporary file of traces"), source }
}
