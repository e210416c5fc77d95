//! What is known of a posting beside its text.

use crate::time::Period;

/// What is known of a posting beside its text. Every part may be missing.
///
/// # Examples
/// ```
/// # use credcast::text::Context;
/// let context = Context { soc: Some("31-1131"), ..Context::default() };
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Context<'a> {
    /// SOC 2018 code of the occupation, such as `31-1131`.
    pub soc: Option<&'a str>,
    /// Title of the employer's industry, such as `Nursing care facilities`.
    pub industry: Option<&'a str>,
    /// When the posting stood; it chooses among the versions of a certificate.
    pub period: Option<Period>,
}
