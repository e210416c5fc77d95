//! Where records end, without reading what they say.

use std::io::BufRead;

/// How records follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// One record a line.
    Lines,
    /// CSV: a line break ends a record unless it stands in quotes.
    Csv {
        /// The sign between cells.
        delimiter: u8,
    },
    /// JSON values, one after the other.
    Values {
        /// The values are the elements of an array: commas and its brackets stand between them.
        in_array: bool,
    },
}

/// One record of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record<'a> {
    /// The record without the line break behind it.
    pub(super) bytes: &'a [u8],
    /// Where it begins in the batch.
    pub(super) start: usize,
    /// Whether its end was seen; if not, the file ends within it.
    pub(super) is_ended: bool,
    /// Whether the file ends within quotes.
    pub(super) in_quotes: bool,
}

/// The records of `bytes`, which begin where a record may begin. Lines that are blank come too: whether they are is
/// seen when they are read. Linear time.
pub(super) struct Records<'a> {
    bytes: &'a [u8],
    framing: Framing,
    at: usize,
}

impl<'a> Records<'a> {
    pub(super) fn new(bytes: &'a [u8], framing: Framing) -> Self {
        Self { bytes, framing, at: 0 }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        if self.framing == Framing::Lines {
            let start = self.at;
            let mut rest = self.bytes.get(start..).filter(|rest| !rest.is_empty())?;
            // Reading from memory cannot fail.
            let length = rest.skip_until(b'\n').unwrap_or(0);
            self.at = start + length;
            let line = &self.bytes[start..self.at];
            let (line, is_ended) = line.strip_suffix(b"\n").map_or((line, false), |line| (line, true));
            return Some(Record { bytes: line, start, is_ended, in_quotes: false });
        }
        let mut scan = Scan::new(self.framing);
        loop {
            let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
            let start = self.at;
            match scan.next(rest) {
                Some(Cut::Between(length)) => self.at += length,
                Some(Cut::After { length, break_length }) => {
                    self.at += length;
                    let bytes = &self.bytes[start..self.at - break_length];
                    return Some(Record { bytes, start, is_ended: true, in_quotes: false });
                }
                None => {
                    self.at = self.bytes.len();
                    let (is_ended, in_quotes) = (false, scan.state == State::Quoted);
                    return Some(Record { bytes: rest, start, is_ended, in_quotes });
                }
            }
        }
    }
}

/// A place where a batch may be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// After so many bytes that belong to no record.
    Between(usize),
    /// After a record; the last `break_length` bytes are its line break.
    After { length: usize, break_length: usize },
}

impl Cut {
    fn length(self) -> usize {
        match self {
            Self::Between(length) | Self::After { length, .. } => length,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before a record.
    Start,
    /// CSV: before a cell that is not the first.
    Cell,
    /// CSV: within a cell without quotes. JSON: within a number, a literal or what is neither.
    Plain,
    /// CSV and JSON: within quotes.
    Quoted,
    /// CSV: behind a quote within quotes. JSON: behind a backslash within quotes.
    Behind,
    /// JSON: within brackets but not within quotes.
    Nested,
}

/// A scan that can stop after any byte and go on with the next.
///
/// CSV is scanned as the crate `csv` does: a quote opens only at the start of a cell, `""` is a quote within quotes, a
/// carriage return alone ends a line.
pub(super) struct Scan {
    framing: Framing,
    state: State,
    depth: u64,
}

impl Scan {
    pub(super) fn new(framing: Framing) -> Self {
        Self { framing, state: State::Start, depth: 0 }
    }

    /// The next place in `bytes` where a batch may be cut; `None` if there is none, and the scan goes on with the bytes
    /// that follow.
    pub(super) fn next(&mut self, bytes: &[u8]) -> Option<Cut> {
        match self.framing {
            Framing::Lines => {
                let at = bytes.iter().position(|&b| b == b'\n')?;
                Some(Cut::After { length: at + 1, break_length: 1 })
            }
            Framing::Csv { delimiter } => self.next_csv(bytes, delimiter),
            Framing::Values { in_array } => self.next_value(bytes, in_array),
        }
    }

    /// The last place in `bytes` where a batch may be cut, having scanned all of them.
    pub(super) fn last(&mut self, bytes: &[u8]) -> Option<usize> {
        if self.framing == Framing::Lines {
            return bytes.iter().rposition(|&b| b == b'\n').map(|at| at + 1);
        }
        let mut last = None;
        let mut at = 0;
        while let Some(cut) = self.next(&bytes[at..]) {
            at += cut.length();
            last = Some(at);
        }
        last
    }

    fn next_csv(&mut self, bytes: &[u8], delimiter: u8) -> Option<Cut> {
        let mut at = 0;
        while at < bytes.len() {
            match self.state {
                State::Quoted => {
                    at += bytes[at..].iter().position(|&b| b == b'"')? + 1;
                    self.state = State::Behind;
                }
                State::Plain => {
                    let ends = |&b: &u8| b == delimiter || b == b'\n' || b == b'\r';
                    at += bytes[at..].iter().position(ends)? + 1;
                    if bytes[at - 1] != delimiter {
                        self.state = State::Start;
                        return Some(Cut::After { length: at, break_length: 1 });
                    }
                    self.state = State::Cell;
                }
                State::Start | State::Cell | State::Behind | State::Nested => {
                    let byte = bytes[at];
                    at += 1;
                    self.state = match byte {
                        b'\n' | b'\r' => {
                            let is_blank = self.state == State::Start;
                            self.state = State::Start;
                            let cut =
                                if is_blank { Cut::Between(at) } else { Cut::After { length: at, break_length: 1 } };
                            return Some(cut);
                        }
                        b if b == delimiter => State::Cell,
                        b'"' => State::Quoted,
                        _ => State::Plain,
                    };
                }
            }
        }
        None
    }

    fn next_value(&mut self, bytes: &[u8], in_array: bool) -> Option<Cut> {
        let is_between =
            |byte: u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n') || in_array && matches!(byte, b',' | b'[' | b']');
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            match self.state {
                State::Start => {
                    let gap = bytes[at..].iter().take_while(|&&b| is_between(b)).count();
                    if gap > 0 {
                        return Some(Cut::Between(at + gap));
                    }
                    at += 1;
                    self.state = match byte {
                        b'{' | b'[' => {
                            self.depth = 1;
                            State::Nested
                        }
                        b'"' => State::Quoted,
                        _ => State::Plain,
                    };
                }
                State::Nested | State::Cell => {
                    let is_sign = |&b: &u8| matches!(b, b'"' | b'{' | b'}' | b'[' | b']');
                    at += bytes[at..].iter().position(is_sign)? + 1;
                    match bytes[at - 1] {
                        b'"' => self.state = State::Quoted,
                        b'{' | b'[' => self.depth += 1,
                        _ => self.depth = self.depth.saturating_sub(1),
                    }
                    if self.depth == 0 && self.state == State::Nested {
                        self.state = State::Start;
                        return Some(Cut::After { length: at, break_length: 0 });
                    }
                }
                State::Quoted => {
                    // A raw line break cannot stand in a JSON string: the string was never closed.
                    let is_sign = |&b: &u8| matches!(b, b'"' | b'\\' | b'\n');
                    at += bytes[at..].iter().position(is_sign)? + 1;
                    if bytes[at - 1] == b'\\' {
                        self.state = State::Behind;
                    } else if self.depth == 0 {
                        self.state = State::Start;
                        return Some(Cut::After { length: at, break_length: 0 });
                    } else {
                        self.state = State::Nested;
                    }
                }
                State::Behind => {
                    at += 1;
                    self.state = State::Quoted;
                }
                State::Plain => {
                    if is_between(byte) {
                        self.state = State::Start;
                        return Some(Cut::After { length: at, break_length: 0 });
                    }
                    at += 1;
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn records(bytes: &[u8], framing: Framing) -> Vec<(usize, &[u8])> {
        Records::new(bytes, framing).map(|record| (record.start, record.bytes)).collect()
    }

    #[test]
    fn quotes_hold_line_breaks_only_where_they_open_a_cell() {
        let csv = Framing::Csv { delimiter: b',' };
        assert_eq!(
            records(b"a,\"b\nc\"\r\n\nd,5\" pipe\ne", csv),
            [(0, b"a,\"b\nc\"".as_slice()), (10, b"d,5\" pipe"), (20, b"e")]
        );
        let open = Records::new(b"a\n\"b\nc", csv).last().unwrap();
        assert!(open.in_quotes && !open.is_ended && open.start == 2);
    }

    #[test]
    fn values_end_where_their_brackets_close() {
        let text = b"[\n {\"a\": \"}\\\"\", \"b\": [{}]},\n 5, \"x\", {\"c\":1}\n]\n";
        let found = records(text, Framing::Values { in_array: true });
        assert_eq!(
            found,
            [(3, b"{\"a\": \"}\\\"\", \"b\": [{}]}".as_slice()), (29, b"5"), (32, b"\"x\""), (37, b"{\"c\":1}")]
        );
    }

    proptest! {
        #[test]
        fn csv_records_are_those_of_the_crate_csv(text in "[ab\",\r\n]{0,40}") {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let theirs: Vec<Vec<String>> =
                reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect();
            let ours: Vec<Vec<String>> = Records::new(text.as_bytes(), Framing::Csv { delimiter: b',' })
                .map(|record| {
                    let mut cells = Vec::new();
                    super::super::cells::split(std::str::from_utf8(record.bytes).unwrap(), b',', &mut cells);
                    cells.into_iter().map(std::borrow::Cow::into_owned).collect()
                })
                .collect();
            prop_assert_eq!(ours, theirs);
        }

        #[test]
        fn the_cuts_do_not_depend_on_where_the_scan_pauses(text in "[a{}\\[\\]\"\\\\,\r\n ]{0,40}", pause in 0_usize..40) {
            for framing in [Framing::Csv { delimiter: b',' }, Framing::Values { in_array: true }, Framing::Lines] {
                let bytes = text.as_bytes();
                let pause = pause.min(bytes.len());
                let whole = Scan::new(framing).last(bytes);
                let mut paused = Scan::new(framing);
                let first = paused.last(&bytes[..pause]);
                let second = paused.last(&bytes[pause..]).map(|at| at + pause);
                prop_assert_eq!(whole, second.or(first));
            }
        }
    }
}
