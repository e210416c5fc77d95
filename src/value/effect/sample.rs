//! The rows that are compared.

use std::collections::BTreeMap;

use super::question::Question;
use super::settings::{EffectSettings, Missing};
use super::term::{LARGEST, Term, terms};
use crate::error::{DataError, Error};
use crate::records::{Records, Values};

/// What a treatment column may hold.
const TREATMENT: &str = "0 or 1, true or false, yes or no";

/// Rows with everything that is asked of them.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub(super) y: Vec<f64>,
    pub(super) treated: Vec<bool>,
    pub(super) terms: Vec<Term>,
    /// Rows of one number must only be matched with each other.
    pub(super) cells: Vec<u32>,
    /// Rows of one number depend on each other.
    pub(super) clusters: Option<Vec<u32>>,
}

impl Sample {
    /// The rows of `records` that can be used, and how many cannot because a value is missing.
    pub(super) fn read(
        records: &Records,
        question: &Question,
        settings: &EffectSettings,
    ) -> Result<(Self, usize), Error> {
        let columns = question.columns()?;
        if records.n_rows() == 0 {
            return Err(DataError::Empty { what: "the table".into() }.into());
        }
        let covariate =
            |name: &str| question.covariates.iter().flat_map(|c| super::question::factors(c)).any(|c| c == name);
        let mut complete = vec![true; records.n_rows()];
        let mut first_missing: Option<(usize, &str)> = None;
        for name in columns {
            // A placebo is looked at when it is an outcome.
            let only_placebo = question.placebo.as_deref() == Some(name) && !covariate(name);
            let may_be_missing = settings.missing == Missing::Indicator && covariate(name);
            let values = records.values(name)?;
            if only_placebo || may_be_missing {
                continue;
            }
            for row in (0..complete.len()).filter(|row| values.is_missing(*row)) {
                complete[row] = false;
                if first_missing.is_none_or(|(first, _)| row < first) {
                    first_missing = Some((row, name));
                }
            }
        }
        if let Some((row, name)) = first_missing.filter(|_| settings.missing != Missing::Drop) {
            let expected = if name == question.treated { TREATMENT } else { "a value" };
            return Err(records.fault(row, name, expected).into());
        }
        let rows: Vec<usize> = (0..complete.len()).filter(|row| complete[*row]).collect();
        let treated = treatment(records, &question.treated, &rows)?;
        let mut y = outcome(records, &question.outcome, &rows)?;
        if let Some(before) = &question.before {
            let before = outcome(records, before, &rows)?;
            y.iter_mut().zip(before).for_each(|(y, before)| *y -= before);
        }
        let terms = terms(records, &rows, &question.covariates, settings)?;
        let exact: Vec<&str> = question.exact.iter().map(String::as_str).collect();
        let cells = codes(records, &exact, &rows)?;
        let clusters = question.cluster.as_ref().map(|name| codes(records, &[name], &rows)).transpose()?;
        Ok((Self { y, treated, terms, cells, clusters }, complete.len() - rows.len()))
    }

    pub(super) fn n(&self) -> usize {
        self.y.len()
    }

    /// Rows of the treated, or of the others.
    pub(super) fn arm(&self, treated: bool) -> Vec<usize> {
        (0..self.n()).filter(|row| self.treated[*row] == treated).collect()
    }

    /// The columns of models.
    pub(super) fn modelled(&self) -> Vec<&[f64]> {
        self.terms.iter().filter(|term| term.modelled).map(|term| term.values.as_slice()).collect()
    }

    pub(super) fn select(&self, rows: &[usize]) -> Self {
        Self {
            y: rows.iter().map(|row| self.y[*row]).collect(),
            treated: rows.iter().map(|row| self.treated[*row]).collect(),
            terms: self.terms.iter().map(|term| term.select(rows)).collect(),
            cells: rows.iter().map(|row| self.cells[*row]).collect(),
            clusters: self.clusters.as_ref().map(|codes| rows.iter().map(|row| codes[*row]).collect()),
        }
    }
}

pub(super) fn treatment(records: &Records, name: &str, rows: &[usize]) -> Result<Vec<bool>, DataError> {
    let values = records.values(name)?;
    let read = |row: &usize| match values {
        Values::Numbers(numbers) => match numbers[*row] {
            1.0 => Some(true),
            0.0 => Some(false),
            _ => None,
        },
        Values::Labels(labels) => match labels.text(*row).unwrap_or_default().to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" => Some(true),
            "0" | "false" | "no" => Some(false),
            _ => None,
        },
    };
    rows.iter().map(|row| read(row).ok_or_else(|| records.fault(*row, name, TREATMENT))).collect()
}

pub(super) fn outcome(records: &Records, name: &str, rows: &[usize]) -> Result<Vec<f64>, DataError> {
    let numbers = records.numbers(name)?;
    let read = |row: &usize| match numbers[*row] {
        value if value.abs() <= LARGEST => Ok(value),
        _ => Err(records.fault(*row, name, "a number up to 1e50 in size")),
    };
    rows.iter().map(read).collect()
}

/// One number for each combination of the values of `columns`, in the order of first appearance.
pub(super) fn codes(records: &Records, columns: &[&str], rows: &[usize]) -> Result<Vec<u32>, DataError> {
    let values = columns.iter().map(|name| records.values(name)).collect::<Result<Vec<_>, _>>()?;
    let mut known: BTreeMap<Vec<u64>, u32> = BTreeMap::new();
    let key = |row: usize| {
        let code = |values: &&Values| match values {
            // 0.0 and -0.0 are one number.
            Values::Numbers(numbers) => (numbers[row] + 0.0).to_bits(),
            Values::Labels(labels) => u64::from(labels.codes()[row]),
        };
        values.iter().map(code).collect::<Vec<_>>()
    };
    let mut code = |row: &usize| {
        let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
        *known.entry(key(*row)).or_insert(next)
    };
    Ok(rows.iter().map(&mut code).collect())
}
