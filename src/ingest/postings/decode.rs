//! The decompressed bytes of a file, piece by piece.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

/// Bytes decompressed at a time. Fixed, so that what precedes damage does not depend on the size of batches.
const PIECE: usize = 256 << 10;

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// Where a file's bytes come from.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    Path(PathBuf),
    StandardInput,
    Memory(PathBuf, Arc<[u8]>),
}

impl Origin {
    pub(super) fn name(&self) -> &Path {
        match self {
            Self::Path(path) | Self::Memory(path, _) => path,
            Self::StandardInput => Path::new("-"),
        }
    }

    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Self::Path(path) => Box::new(File::open(path)?),
            Self::StandardInput => Box::new(io::stdin()),
            Self::Memory(_, bytes) => Box::new(Cursor::new(Arc::clone(bytes))),
        })
    }
}

/// How a file is compressed, told by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Compression {
    /// It is not.
    Plain,
    /// gzip.
    Gzip,
    /// Zstandard.
    Zstd,
}

impl Compression {
    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

/// A stream of decompressed bytes that can be looked at before they are taken.
pub(super) struct Stream {
    reader: Box<dyn Read + Send>,
    piece: Vec<u8>,
    taken: usize,
    is_at_end: bool,
    /// What ended the stream before its end.
    pub(super) damage: Option<String>,
    pub(super) compression: Compression,
}

impl Stream {
    pub(super) fn open(origin: &Origin) -> io::Result<Self> {
        let mut raw = origin.open()?;
        let mut first = Vec::with_capacity(ZSTD.len());
        raw.by_ref().take(ZSTD.len() as u64).read_to_end(&mut first)?;
        let (is_gzip, is_zstd) = (first.starts_with(GZIP), first == ZSTD);
        let whole = BufReader::with_capacity(PIECE, Cursor::new(first).chain(raw));
        let (reader, compression): (Box<dyn Read + Send>, _) = if is_gzip {
            (Box::new(flate2::bufread::MultiGzDecoder::new(whole)), Compression::Gzip)
        } else if is_zstd {
            (Box::new(zstd::stream::read::Decoder::with_buffer(whole)?), Compression::Zstd)
        } else {
            (Box::new(whole.into_inner()), Compression::Plain)
        };
        let mut stream = Self { reader, piece: Vec::new(), taken: 0, is_at_end: false, damage: None, compression };
        stream.refill();
        Ok(stream)
    }

    /// The bytes at hand: 256 KiB or all that is left, none at the end.
    pub(super) fn peek(&mut self) -> &[u8] {
        if self.taken == self.piece.len() {
            self.refill();
        }
        &self.piece[self.taken..]
    }

    /// Passes over `count` of the bytes at hand.
    pub(super) fn skip(&mut self, count: usize) {
        self.taken = (self.taken + count).min(self.piece.len());
    }

    /// Appends up to `limit` bytes to `buffer`; fewer only at the end. Returns how many.
    pub(super) fn append(&mut self, buffer: &mut Vec<u8>, limit: usize) -> usize {
        let mut left = limit;
        while left > 0 {
            let at_hand = self.peek();
            if at_hand.is_empty() {
                break;
            }
            let count = left.min(at_hand.len());
            buffer.extend_from_slice(&at_hand[..count]);
            self.skip(count);
            left -= count;
        }
        limit - left
    }

    fn refill(&mut self) {
        self.taken = 0;
        self.piece.resize(PIECE, 0);
        let mut filled = 0;
        while filled < PIECE && !self.is_at_end {
            match self.reader.read(&mut self.piece[filled..]) {
                Ok(0) => self.is_at_end = true,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.is_at_end = true;
                    self.damage = Some(match error.kind() {
                        io::ErrorKind::UnexpectedEof => "the file ends early: was a download cut short?".to_owned(),
                        _ => error.to_string(),
                    });
                }
            }
        }
        self.piece.truncate(filled);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write;

    use super::*;

    pub(in super::super) fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: Vec<u8>) -> (Vec<u8>, Compression, Option<String>) {
        let mut stream = Stream::open(&Origin::Memory("x".into(), bytes.into())).unwrap();
        let mut out = Vec::new();
        while stream.append(&mut out, 1000) > 0 {}
        (out, stream.compression, stream.damage)
    }

    #[test]
    fn compression_is_told_by_content() {
        let text: Vec<u8> = (0..600_000_u64).flat_map(|i| (i * i % 251).to_le_bytes()).step_by(8).collect();
        assert_eq!(read(text.clone()), (text.clone(), Compression::Plain, None));
        assert_eq!(read(gzip(&text)), (text.clone(), Compression::Gzip, None));
        assert_eq!(read([gzip(&text), gzip(b"more")].concat()).0.len(), text.len() + 4);
        assert_eq!(read(zstd::encode_all(text.as_slice(), 1).unwrap()), (text, Compression::Zstd, None));
        for short in [b"".as_slice(), b"x", b"\x1f", b"\x28\xb5"] {
            assert_eq!(read(short.to_vec()), (short.to_vec(), Compression::Plain, None));
        }
    }

    #[test]
    fn what_precedes_damage_is_kept() {
        let text = b"line\n".repeat(200_000);
        for packed in [gzip(&text), zstd::encode_all(text.as_slice(), 1).unwrap()] {
            let (found, _, damage) = read(packed[..packed.len() / 2].to_vec());
            assert!(text.starts_with(&found));
            assert_eq!(damage.as_deref(), Some("the file ends early: was a download cut short?"));
        }
    }
}
