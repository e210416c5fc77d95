//! The values of one record while it is read, and the posting that they make.

use std::borrow::Cow;

use jiff::civil::Date;
use serde_json::value::RawValue;

use super::html;
use super::mapping::{Html, Mapping};
use super::pay::PayParts;
use super::plan::Leaf;
use super::posting::Posting;
use super::role::{ROLES, Role};
use super::tally::Tally;
use crate::ingest::number::shown;

/// Why a record is not used. `expected` is the same text for every record that breaks the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) field: Option<&'static str>,
    pub(super) expected: Cow<'static, str>,
    pub(super) found: String,
}

impl Fault {
    pub(super) fn new(expected: impl Into<Cow<'static, str>>, found: impl Into<String>) -> Self {
        Self { field: None, expected: expected.into(), found: found.into() }
    }

    fn of(role: Role, expected: impl Into<Cow<'static, str>>, found: impl Into<String>) -> Self {
        Self { field: Some(role.name()), ..Self::new(expected, found) }
    }
}

/// The values of one record by role.
#[derive(Default)]
pub(super) struct Slots<'a> {
    values: [Option<(Cow<'a, str>, Leaf)>; ROLES],
    /// Whether its `@type` says that it is a job posting; `None` without one.
    pub(super) is_posting: Option<bool>,
    /// What stands under `@graph`.
    pub(super) graph: Option<&'a RawValue>,
    /// A wanted key that stands in one object twice.
    pub(super) twice: Option<String>,
    /// Leaves at which something else than text or a number stands.
    pub(super) other_kind: Vec<Leaf>,
}

impl<'a> Slots<'a> {
    /// Takes `value` for the role of `leaf`, unless it is blank or a better place supplied one.
    pub(super) fn take(&mut self, leaf: Leaf, value: Cow<'a, str>) {
        if leaf.role == Role::Type {
            let is_posting = value.rsplit(['/', ':']).next() == Some("JobPosting");
            self.is_posting = Some(is_posting || self.is_posting == Some(true));
            return;
        }
        let slot = &mut self.values[leaf.role as usize];
        if slot.as_ref().is_some_and(|(_, there)| there.rank <= leaf.rank) || value.trim().is_empty() {
            return;
        }
        *slot = Some((trimmed(value), leaf));
    }

    /// The posting, and counts of where its values came from.
    pub(super) fn into_posting(
        mut self,
        offset: u64,
        rules: &'a Rules<'a>,
        tally: &mut Tally,
    ) -> Result<Posting<'a>, Fault> {
        if let Some(key) = self.twice {
            return Err(Fault::new("each key once", format!("{} twice", shown(&key))));
        }
        for (value, leaf) in self.values.iter().flatten() {
            if value.contains('\0') {
                let name = leaf.role.name();
                return Err(Fault { field: Some(name), ..Fault::new("text without NUL", "a NUL byte") });
            }
        }
        let posted = self.posted(rules)?;
        if self.values[Role::Title as usize].is_none() && self.values[Role::Text as usize].is_none() {
            return Err(Fault::new("a title or a text", "neither"));
        }
        for (_, leaf) in self.values.iter().flatten() {
            tally.taken(*leaf);
        }
        for leaf in self.other_kind {
            tally.passed_over(leaf);
        }
        let pay = match self.values[Role::Pay as usize].take() {
            Some((pay, _)) => Some(pay),
            None => {
                let part = |role: Role| self.values[role as usize].as_ref().map(|(value, _)| value.as_ref());
                let parts = PayParts {
                    min: part(Role::PayMin),
                    max: part(Role::PayMax),
                    value: part(Role::PayValue),
                    unit: part(Role::PayUnit),
                    currency: part(Role::PayCurrency),
                };
                parts.written().map(Cow::Owned)
            }
        };
        let mut value = |role: Role| self.values[role as usize].take().map(|(value, _)| value);
        let plain = |text: Option<Cow<'a, str>>| match (rules.mapping.html, text) {
            (Html::Auto, Some(text)) => Some(trimmed(without_markup(text))).filter(|text| !text.is_empty()),
            (Html::Never, text) | (_, text @ None) => text,
        };
        let (title, text) = (plain(value(Role::Title)), plain(value(Role::Text)));
        if title.is_none() && text.is_none() {
            return Err(Fault::new("a title or a text", "markup without text"));
        }
        let region = value(Role::Region).map(|code| match rules.mapping.regions.get(code.as_ref()) {
            Some(region) => Cow::Borrowed(region.as_str()),
            None => {
                tally.unknown_regions += u64::from(!rules.mapping.regions.is_empty());
                code
            }
        });
        Ok(Posting {
            offset,
            posted,
            id: value(Role::Id),
            employer: value(Role::Employer),
            industry: value(Role::Industry),
            region,
            soc: value(Role::Soc),
            title,
            text,
            pay,
        })
    }

    fn posted(&self, rules: &Rules<'_>) -> Result<Date, Fault> {
        let Some((text, _)) = &self.values[Role::Posted as usize] else {
            return Err(Fault::of(Role::Posted, "a day of posting", "none"));
        };
        let Some(day) = rules.mapping.dates.iter().find_map(|format| format.read(text)) else {
            return Err(Fault::of(Role::Posted, rules.day_expected, shown(text)));
        };
        match rules.not_after {
            Some(limit) if day > limit => Err(Fault::of(Role::Posted, format!("a day up to {limit}"), day.to_string())),
            _ => Ok(day),
        }
    }
}

/// What every record is judged by.
#[derive(Debug)]
pub(super) struct Rules<'m> {
    pub(super) mapping: &'m Mapping,
    pub(super) not_after: Option<Date>,
    pub(super) max_record_bytes: usize,
    pub(super) max_rejects: usize,
    day_expected: &'static str,
}

impl<'m> Rules<'m> {
    pub(super) fn new(mapping: &'m Mapping, settings: &super::settings::Settings) -> Self {
        let is_usual = mapping.dates == [super::date::DateFormat::Iso];
        let day_expected =
            if is_usual { "a day such as 2024-03-15" } else { "a day in one of the mapping's date_formats" };
        let super::settings::Settings { not_after, max_record_bytes, max_rejects, .. } = *settings;
        Self { mapping, not_after, max_record_bytes, max_rejects, day_expected }
    }
}

fn without_markup(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => html::to_text(text),
        Cow::Owned(text) => match html::to_text(&text) {
            Cow::Owned(plain) => Cow::Owned(plain),
            Cow::Borrowed(_) => Cow::Owned(text),
        },
    }
}

fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(mut text) => {
            text.truncate(text.trim_end().len());
            let blanks = text.len() - text.trim_start().len();
            text.drain(..blanks);
            Cow::Owned(text)
        }
    }
}
