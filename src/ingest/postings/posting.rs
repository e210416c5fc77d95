//! One job posting as read: borrowed where the input allows.

use std::borrow::Cow;

use jiff::civil::Date;

/// One job posting. Texts are trimmed and never empty; they borrow from the batch unless they held escapes, markup or
/// a code that the mapping translates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting<'a> {
    /// Where the record begins: bytes from the start of the decompressed file; row from 0 in a Parquet file.
    pub offset: u64,
    /// The day on which it was posted, as written (no change of time zone).
    pub posted: Date,
    /// The source's identifier.
    pub id: Option<Cow<'a, str>>,
    /// The employer's name.
    pub employer: Option<Cow<'a, str>>,
    /// The industry, name or code as written.
    pub industry: Option<Cow<'a, str>>,
    /// The region: the mapping's translation, or as written where it has none.
    pub region: Option<Cow<'a, str>>,
    /// The occupation, code as written.
    pub soc: Option<Cow<'a, str>>,
    /// The job title.
    pub title: Option<Cow<'a, str>>,
    /// The description as plain text. A posting has a title or a text.
    pub text: Option<Cow<'a, str>>,
    /// Pay as written, or put together from its parts, such as `$18 - $24 per hour`.
    pub pay: Option<Cow<'a, str>>,
}
