//! Employment by industry, and which occupations each industry employs.

use std::collections::BTreeMap;

use super::Sums;
use crate::error::{DataError, Place};
use crate::key::SeriesKey;
use crate::panel::Panel;

/// One series of industry employment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Industry {
    /// Id of its series in the panel.
    pub series: String,
    /// Title.
    pub title: String,
    /// The industry code that the staffing table uses; empty where there is none.
    pub naics: String,
    /// Whether the series belongs to the partition of total employment that is summed over.
    pub leaf: bool,
}

/// How many people an industry employs in an occupation.
#[derive(Clone, Debug, PartialEq)]
pub struct StaffingRow {
    /// Industry code.
    pub naics: String,
    /// SOC 2018 code.
    pub soc: String,
    /// Employment in persons.
    pub employment: f64,
}

/// Monthly employment by industry with the staffing pattern of one year.
#[derive(Clone, Debug)]
pub struct IndustryEmployment {
    panel: Panel,
    /// For each occupation, its share of each leaf's employment, by series id.
    shares: BTreeMap<String, Sums<String>>,
    leaves: Vec<String>,
}

impl IndustryEmployment {
    /// Joins the tables; `name` is what errors call them.
    ///
    /// # Errors
    /// [`DataError::Inconsistent`] for a leaf without a series or without staffing.
    pub fn new(name: &str, panel: Panel, industries: &[Industry], staffing: &[StaffingRow]) -> Result<Self, DataError> {
        let mut by_naics: BTreeMap<&str, Vec<&StaffingRow>> = BTreeMap::new();
        for row in staffing {
            by_naics.entry(&row.naics).or_default().push(row);
        }
        let mut shares: BTreeMap<String, Sums<String>> = BTreeMap::new();
        let mut leaves = Vec::new();
        for industry in industries.iter().filter(|i| i.leaf) {
            let inconsistent =
                |detail: String| DataError::Inconsistent { place: Place::file(name).column(&industry.series), detail };
            if panel.get(&SeriesKey::national(&industry.series)).is_none() {
                return Err(inconsistent("the leaf has no employment series".into()));
            }
            let rows = by_naics.get(industry.naics.as_str()).map(Vec::as_slice).unwrap_or_default();
            let total: f64 = rows.iter().map(|row| row.employment).sum();
            if total.is_nan() || total <= 0.0 {
                return Err(inconsistent(format!("industry {:?} has no staffing", industry.naics)));
            }
            for row in rows {
                *shares.entry(row.soc.clone()).or_default().entry(industry.series.clone()).or_default() +=
                    row.employment / total;
            }
            leaves.push(industry.series.clone());
        }
        if leaves.is_empty() {
            return Err(DataError::Empty { what: format!("{name}: the list of leaf industries") });
        }
        Ok(Self { panel, shares, leaves })
    }

    /// The industries' series.
    #[must_use]
    pub fn panel(&self) -> &Panel {
        &self.panel
    }

    /// Ids of the series that partition total employment.
    #[must_use]
    pub fn leaves(&self) -> &[String] {
        &self.leaves
    }

    /// The share of each leaf's employment that works in `soc`; `None` for an occupation that no leaf employs.
    #[must_use]
    pub fn staffing(&self, soc: &str) -> Option<&BTreeMap<String, f64>> {
        self.shares.get(soc)
    }
}
