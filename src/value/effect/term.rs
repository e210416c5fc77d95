//! The columns that models see and balance is judged on.

use super::question::factors;
use super::settings::{EffectSettings, Missing};
use crate::error::{Error, ParamError};
use crate::records::{Labels, Records, Values};

/// A text column of more labels is a name or a number of something, not a covariate.
const MOST_LABELS: usize = 100;

/// Share of rows from which a value of 0 is a state of its own, not a small amount.
const ZEROS: f64 = 0.05;

/// Larger ones could not be squared and summed up.
pub(super) const LARGEST: f64 = 1e50;

/// One column.
#[derive(Clone, Debug)]
pub(super) struct Term {
    pub(super) name: String,
    pub(super) values: Vec<f64>,
    /// Asked for, not added by the recipe.
    pub(super) given: bool,
    /// Models take it; they do without one label of each text column, which follows from the others.
    pub(super) modelled: bool,
}

impl Term {
    fn given(name: impl Into<String>, values: Vec<f64>) -> Self {
        Self { name: name.into(), values, given: true, modelled: true }
    }

    fn added(name: String, values: Vec<f64>) -> Self {
        Self { name, values, given: false, modelled: true }
    }

    pub(super) fn select(&self, rows: &[usize]) -> Self {
        Self { values: rows.iter().map(|row| self.values[*row]).collect(), ..self.clone() }
    }
}

/// The terms of `covariates` for `rows` of `records`: those asked for first, then those of the recipe.
pub(super) fn terms(
    records: &Records,
    rows: &[usize],
    covariates: &[String],
    settings: &EffectSettings,
) -> Result<Vec<Term>, Error> {
    let mut terms = Vec::new();
    // For each column of which the recipe makes more, its terms and whether they are numbers.
    let mut groups = Vec::new();
    for covariate in covariates {
        let start = terms.len();
        match factors(covariate)[..] {
            [a, b] => {
                let (a, b) = (filled(records, rows, a)?.0, filled(records, rows, b)?.0);
                terms.push(Term::given(covariate, product(&a, &b)));
            }
            _ => {
                let name = covariate.trim();
                let plain = match records.values(name)? {
                    Values::Labels(labels) => {
                        terms.extend(indicators(name, labels, rows, settings.missing)?);
                        false
                    }
                    Values::Numbers(_) => {
                        let (values, missing) = filled(records, rows, name)?;
                        terms.push(Term::given(name, values));
                        if let Some(missing) = missing {
                            terms.push(Term::given(format!("{name} missing"), missing));
                        }
                        true
                    }
                };
                groups.push((start..terms.len(), plain));
            }
        }
    }
    let n_given = terms.len();
    for (range, plain) in &groups {
        if !plain {
            continue;
        }
        let (name, values) = (terms[range.start].name.clone(), terms[range.start].values.clone());
        let continuous = more_than_two(&values);
        let square = format!("{name}^2");
        if settings.squares && continuous && !terms.iter().any(|term| term.name == square) {
            terms.push(Term::added(square, product(&values, &values)));
        }
        let zeros: Vec<f64> = values.iter().map(|value| f64::from(u8::from(*value == 0.0))).collect();
        let share = zeros.iter().sum::<f64>() / zeros.len() as f64;
        if settings.zeros && continuous && share >= ZEROS && values.iter().all(|value| *value >= 0.0) {
            terms.push(Term::added(format!("{name}=0"), zeros));
        }
    }
    if settings.interactions {
        for (place, (first, _)) in groups.iter().enumerate() {
            for (second, _) in &groups[place + 1..] {
                for a in first.clone().filter(|a| terms[*a].modelled).collect::<Vec<_>>() {
                    for b in second.clone().filter(|b| terms[*b].modelled).collect::<Vec<_>>() {
                        let name = format!("{}*{}", terms[a].name, terms[b].name);
                        if !terms[..n_given].iter().any(|term| term.name == name) {
                            let values = product(&terms[a].values, &terms[b].values);
                            terms.push(Term::added(name, values));
                        }
                    }
                }
            }
        }
    }
    Ok(terms)
}

/// The numbers of a column, the mean for missing ones, and an indicator of these if there are any.
fn filled(records: &Records, rows: &[usize], name: &str) -> Result<(Vec<f64>, Option<Vec<f64>>), Error> {
    let numbers = records.numbers(name)?;
    let mut values = Vec::with_capacity(rows.len());
    for row in rows {
        let value = numbers[*row];
        if value.abs() > LARGEST {
            return Err(records.fault(*row, name, "a number up to 1e50 in size").into());
        }
        values.push(value);
    }
    let known: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    if known.len() == values.len() {
        return Ok((values, None));
    }
    let mean = if known.is_empty() { 0.0 } else { known.iter().sum::<f64>() / known.len() as f64 };
    let missing = values.iter().map(|value| f64::from(u8::from(value.is_nan()))).collect();
    values.iter_mut().filter(|value| value.is_nan()).for_each(|value| *value = mean);
    Ok((values, Some(missing)))
}

/// One indicator for each label, in the order of the alphabet; models do without the most frequent.
fn indicators(name: &str, labels: &Labels, rows: &[usize], missing: Missing) -> Result<Vec<Term>, ParamError> {
    let text = |row: &usize| match (labels.text(*row), missing) {
        (None, Missing::Indicator) => Some("(missing)"),
        (text, _) => text,
    };
    let mut levels: Vec<&str> = rows.iter().filter_map(text).collect();
    levels.sort_unstable();
    let mut counted: Vec<(&str, usize)> = Vec::new();
    for level in levels {
        match counted.last_mut() {
            Some((last, count)) if *last == level => *count += 1,
            _ => counted.push((level, 1)),
        }
    }
    if counted.len() > MOST_LABELS {
        return Err(ParamError::new("covariates", name, "numbers, or at most 100 different labels"));
    }
    // The first of the most frequent.
    let usual = counted.iter().rev().max_by_key(|(_, count)| *count).map(|(level, _)| *level);
    let indicator = |(level, _): &(&str, usize)| {
        let values = rows.iter().map(|row| f64::from(u8::from(text(row) == Some(*level)))).collect();
        Term { modelled: Some(*level) != usual, ..Term::given(format!("{name}={level}"), values) }
    };
    Ok(counted.iter().map(indicator).collect())
}

fn product(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a * b).collect()
}

fn more_than_two(values: &[f64]) -> bool {
    let Some(&first) = values.first() else { return false };
    let other = |value: f64, known: f64| value.to_bits() != known.to_bits();
    let Some(&second) = values.iter().find(|value| other(**value, first)) else { return false };
    values.iter().any(|value| other(*value, first) && other(*value, second))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(covariates: &[&str], settings: &EffectSettings) -> Vec<String> {
        let records = Records::from_columns([
            ("pay", Values::Numbers(vec![0.0, 0.0, 10.0, 25.0])),
            ("age", Values::Numbers(vec![20.0, 30.0, 41.0, f64::NAN])),
            ("black", Values::Numbers(vec![0.0, 1.0, 1.0, 0.0])),
            ("state", Values::Labels(["TX", "OH", "TX", "UT"].into_iter().map(Some).collect())),
        ])
        .unwrap();
        let covariates: Vec<String> = covariates.iter().map(|name| (*name).to_owned()).collect();
        let terms = terms(&records, &[0, 1, 2, 3], &covariates, settings).unwrap();
        let shown = |term: &Term| format!("{}{}", term.name, if term.modelled { "" } else { " (left out)" });
        terms.iter().map(shown).collect()
    }

    #[test]
    fn the_recipe_adds_squares_and_zeros() {
        let settings = EffectSettings { missing: Missing::Indicator, ..EffectSettings::default() };
        let found = names(&["pay", "black", "age", "state"], &settings);
        let given = ["pay", "black", "age", "age missing", "state=OH", "state=TX (left out)", "state=UT"];
        assert_eq!(found[..7], given);
        assert_eq!(found[7..], ["pay^2", "pay=0", "age^2"]);
        let plain = EffectSettings { squares: false, zeros: false, interactions: true, ..settings };
        assert_eq!(names(&["pay", "black", "pay*black"], &plain), ["pay", "black", "pay*black"]);
        assert_eq!(names(&["black", "state"], &plain)[4..], ["black*state=OH", "black*state=UT"]);
        assert_eq!(names(&["pay^2", "pay"], &EffectSettings { zeros: false, ..plain })[..2], ["pay^2", "pay"]);
    }
}
