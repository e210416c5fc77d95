//! A column of categories.

use std::collections::HashMap;

/// The code of a missing label.
const MISSING: u32 = u32::MAX;

/// Labels of rows as codes of their distinct texts, in the order of first appearance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    codes: Vec<u32>,
    levels: Vec<String>,
}

impl Labels {
    /// The code of a row without a label.
    pub const MISSING: u32 = MISSING;

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// One code for each row: a position in [`Labels::levels`], or [`Labels::MISSING`].
    #[must_use]
    pub fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// The distinct labels in the order of their codes.
    #[must_use]
    pub fn levels(&self) -> &[String] {
        &self.levels
    }

    /// The label of `row`; `None` if it is missing.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    pub fn text(&self, row: usize) -> Option<&str> {
        self.levels.get(self.codes[row] as usize).map(String::as_str)
    }

    /// The code of `label`, if any row has it.
    #[must_use]
    pub fn code_of(&self, label: &str) -> Option<u32> {
        self.levels.iter().position(|level| level == label).and_then(|place| u32::try_from(place).ok())
    }

    /// The labels of `rows`, with only the levels that they have.
    pub(super) fn keep(&self, rows: &[usize]) -> Self {
        rows.iter().map(|row| self.text(*row)).collect()
    }
}

/// Missing labels are `None`. At most 4,294,967,294 distinct ones, more than rows fit into memory.
impl<'a> FromIterator<Option<&'a str>> for Labels {
    fn from_iter<I: IntoIterator<Item = Option<&'a str>>>(rows: I) -> Self {
        let mut known: HashMap<&'a str, u32> = HashMap::new();
        let mut labels = Self::default();
        for row in rows {
            let code = row.map_or(MISSING, |text| {
                let next = u32::try_from(known.len()).unwrap_or(MISSING);
                *known.entry(text).or_insert_with(|| {
                    labels.levels.push(text.to_owned());
                    next
                })
            });
            labels.codes.push(code);
        }
        labels
    }
}
