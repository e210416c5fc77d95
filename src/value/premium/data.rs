//! Rows of postings or workers, checked and coded.

use std::collections::BTreeMap;

use super::columns::{CertificateColumns, PayColumns, PremiumColumns};
use crate::error::DataError;
use crate::records::{Labels, Records, Values};
use crate::regression::sparse_absorbed::SparseRows;
use crate::time::{Frequency, Period};

/// Logs of pay beyond this in size are amounts that nobody is paid: above 5e21, or below 2e-22.
const LARGEST_LOG: f64 = 50.0;

/// Squares of larger numbers overflow once there are many of them.
const LARGEST: f64 = 1e100;

/// An absorbed effect: one code for each row.
#[derive(Clone, Debug)]
pub(super) struct Effect {
    pub(super) name: String,
    pub(super) codes: Vec<u32>,
}

/// A column of numbers; missing ones have been put at the mean.
#[derive(Clone, Debug)]
pub(super) struct Number {
    pub(super) name: String,
    pub(super) values: Vec<f64>,
}

/// Postings or workers, ready for [`PremiumReport::compute`](super::PremiumReport::compute).
///
/// A row is used if its occupation, region, employer and month are known, as far as there are such columns. A missing number
/// among the controls is put at the mean and told to the model by a column of its own; a missing label there and a missing
/// industry are levels like others.
///
/// # Examples
/// ```
/// use credcast::records::{Labels, Records, Values};
/// use credcast::value::premium::{PremiumColumns, PremiumData};
/// let labels = |texts: [&str; 3]| Values::Labels(texts.into_iter().map(Some).collect::<Labels>());
/// let postings = Records::from_columns([
///     ("pay", Values::Numbers(vec![41_000.0, f64::NAN, 52_000.0])),
///     ("certificates", labels(["welding;osha-10", "osha-10", "welding;welding"])),
///     ("employer", labels(["a", "a", "b"])),
/// ])?;
/// let columns = PremiumColumns {
///     employer: Some("employer".into()),
///     occupation: None, region: None, month: None, industry: None, controls: vec![],
///     ..PremiumColumns::default()
/// };
/// let data = PremiumData::from_records(&postings, &columns)?;
/// assert_eq!((data.n_rows(), data.n_with_pay()), (3, 2));
/// assert_eq!(data.certificates(), ["osha-10", "welding"]);
/// # Ok::<(), credcast::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct PremiumData {
    /// NaN where pay is not known.
    pub(super) log_pay: Vec<f64>,
    pub(super) ids: Vec<String>,
    pub(super) certificates: SparseRows,
    pub(super) effects: Vec<Effect>,
    pub(super) employer: Option<usize>,
    pub(super) occupation: Option<usize>,
    pub(super) month: Option<usize>,
    /// The period of each code of the month's effect.
    pub(super) periods: Vec<Period>,
    /// Whether every label that a row needs is known.
    pub(super) complete: Vec<bool>,
    pub(super) numbers: Vec<Number>,
    /// Positions in `numbers` of the soft skills.
    pub(super) soft_skills: Vec<usize>,
    /// Rows without each of the labels that a row needs.
    pub(super) missing: Vec<(String, usize)>,
    /// Lists that name a certificate twice.
    pub(super) repeated: usize,
}

impl PremiumData {
    /// Reads the columns of `records` and checks every value. O(rows * columns).
    ///
    /// # Errors
    /// [`DataError::UnknownColumn`]; [`DataError::ColumnKind`]; [`DataError::RepeatedColumn`] for a column with two meanings;
    /// [`DataError::Cell`] for pay that is not above 0 or not finite, the ends of a range in the wrong order, indicators and
    /// soft skills other than 0 and 1, a number above 1e100 in size, and a date that is none; [`DataError::Empty`] where there is
    /// no row, no pay in any row, or no certificate in any.
    pub fn from_records(records: &Records, columns: &PremiumColumns) -> Result<Self, DataError> {
        let PremiumColumns { pay, certificates, occupation, region, employer, month, industry, controls, soft_skills } =
            columns;
        refuse_twice(columns)?;
        let n_rows = records.n_rows();
        if n_rows == 0 {
            return Err(DataError::Empty { what: "the table".into() });
        }
        let (log_pay, pay_name) = log_pay(records, pay)?;
        if log_pay.iter().all(|pay| pay.is_nan()) {
            return Err(DataError::Empty { what: format!("the column of pay, {pay_name},") });
        }
        let (ids, certificates, repeated) = certificates_of(records, certificates)?;
        if ids.is_empty() {
            return Err(DataError::Empty { what: "the column of certificates".into() });
        }
        let mut data = Self {
            log_pay,
            ids,
            certificates,
            effects: Vec::new(),
            employer: None,
            occupation: None,
            month: None,
            periods: Vec::new(),
            complete: vec![true; n_rows],
            numbers: Vec::new(),
            soft_skills: Vec::new(),
            missing: Vec::new(),
            repeated,
        };
        if let Some(name) = employer {
            data.employer = Some(data.add_needed(name, records.labels(name)?.codes().to_vec()));
        }
        if let Some(name) = occupation {
            data.occupation = Some(data.add_needed(name, records.labels(name)?.codes().to_vec()));
        }
        if let Some(name) = region {
            data.add_needed(name, records.labels(name)?.codes().to_vec());
        }
        if let Some(name) = month {
            let (codes, periods) = dates(records, name)?;
            data.month = Some(data.add_needed(name, codes));
            data.periods = periods;
        }
        if let Some(name) = industry {
            data.add_optional(name, records.labels(name)?);
        }
        for name in controls {
            match records.values(name)? {
                Values::Labels(labels) => data.add_optional(name, labels),
                Values::Numbers(numbers) => {
                    let fault = |value: &f64| value.is_infinite() || value.abs() > LARGEST;
                    if let Some(row) = numbers.iter().position(fault) {
                        return Err(records.fault(row, name, "a finite number up to 1e100 in size"));
                    }
                    data.add_number(name, numbers);
                }
            }
        }
        for name in soft_skills {
            let values = records.numbers(name)?;
            if let Some(row) = values.iter().position(|value| !is_indicator(*value)) {
                return Err(records.fault(row, name, "0 or 1"));
            }
            data.soft_skills.push(data.numbers.len());
            data.numbers.push(Number { name: name.clone(), values: values.to_vec() });
        }
        Ok(data)
    }

    fn add_needed(&mut self, name: &str, codes: Vec<u32>) -> usize {
        let mut missing = 0;
        for (complete, code) in self.complete.iter_mut().zip(&codes) {
            if *code == Labels::MISSING {
                *complete = false;
                missing += 1;
            }
        }
        self.missing.push((name.to_owned(), missing));
        self.effects.push(Effect { name: name.to_owned(), codes });
        self.effects.len() - 1
    }

    fn add_optional(&mut self, name: &str, labels: &Labels) {
        let unknown = u32::try_from(labels.levels().len()).unwrap_or(Labels::MISSING);
        let codes = labels.codes().iter().map(|code| (*code).min(unknown)).collect();
        self.effects.push(Effect { name: name.to_owned(), codes });
    }

    fn add_number(&mut self, name: &str, numbers: &[f64]) {
        let known: Vec<f64> = numbers.iter().copied().filter(|value| !value.is_nan()).collect();
        let mean = if known.is_empty() { 0.0 } else { known.iter().sum::<f64>() / known.len() as f64 };
        let values = numbers.iter().map(|value| if value.is_nan() { mean } else { *value }).collect();
        self.numbers.push(Number { name: name.to_owned(), values });
        if known.len() < numbers.len() {
            let values = numbers.iter().map(|value| f64::from(u8::from(value.is_nan()))).collect();
            self.numbers.push(Number { name: format!("{name} not stated"), values });
        }
    }

    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.log_pay.len()
    }

    /// Rows with pay.
    #[must_use]
    pub fn n_with_pay(&self) -> usize {
        self.log_pay.iter().filter(|pay| !pay.is_nan()).count()
    }

    /// The certificates, in order of their names.
    #[must_use]
    pub fn certificates(&self) -> &[String] {
        &self.ids
    }
}

/// One column may not be, say, the occupation and a control at once: what one takes out the other cannot show.
fn refuse_twice(columns: &PremiumColumns) -> Result<(), DataError> {
    let PremiumColumns { pay, certificates, occupation, region, employer, month, industry, controls, soft_skills } =
        columns;
    let mut names: Vec<&String> = match pay {
        PayColumns::Amount(name) | PayColumns::Log(name) => vec![name],
        PayColumns::Range { low, high } => vec![low, high],
    };
    match certificates {
        CertificateColumns::List { column, .. } => names.push(column),
        CertificateColumns::Indicators(columns) => names.extend(columns),
    }
    names.extend([occupation, region, employer, month, industry].into_iter().flatten());
    names.extend(controls.iter().chain(soft_skills));
    names.sort();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(DataError::RepeatedColumn { name: pair[0].clone() }),
        None => Ok(()),
    }
}

fn is_indicator(value: f64) -> bool {
    value.to_bits() == 0.0_f64.to_bits() || value.to_bits() == 1.0_f64.to_bits()
}

/// The log of pay for each row, and the name of its column.
fn log_pay(records: &Records, pay: &PayColumns) -> Result<(Vec<f64>, String), DataError> {
    let amount = |name: &str| -> Result<Vec<f64>, DataError> {
        let values = records.numbers(name)?;
        // NaN is missing, not at fault.
        match values.iter().position(|value| *value <= 0.0 || value.is_infinite()) {
            Some(row) => Err(records.fault(row, name, "pay above 0 (a finite number), or nothing where none is known")),
            None => Ok(values.to_vec()),
        }
    };
    match pay {
        PayColumns::Amount(name) => Ok((amount(name)?.into_iter().map(f64::ln).collect(), name.clone())),
        PayColumns::Log(name) => {
            let values = records.numbers(name)?;
            match values.iter().position(|value| value.abs() > LARGEST_LOG) {
                Some(row) => Err(records.fault(row, name, "the log of pay, from -50 to 50")),
                None => Ok((values.to_vec(), name.clone())),
            }
        }
        PayColumns::Range { low, high } => {
            let (lower, upper) = (amount(low)?, amount(high)?);
            if let Some(row) = lower.iter().zip(&upper).position(|(low, high)| low > high) {
                return Err(records.fault(row, high, format!("an upper end of pay of at least {}", lower[row])));
            }
            let middle = |(low, high): (f64, f64)| match (low.is_nan(), high.is_nan()) {
                (false, false) => f64::midpoint(low, high),
                (true, _) => high,
                (_, true) => low,
            };
            Ok((lower.into_iter().zip(upper).map(|ends| middle(ends).ln()).collect(), format!("{low} and {high}")))
        }
    }
}

/// The certificates in order, which rows have them, and how many lists name one twice.
fn certificates_of(
    records: &Records,
    columns: &CertificateColumns,
) -> Result<(Vec<String>, SparseRows, usize), DataError> {
    match columns {
        CertificateColumns::List { column, separator } => {
            let labels = records.labels(column)?;
            // A list is taken apart once, however many rows have it.
            let lists: Vec<Vec<&str>> = labels
                .levels()
                .iter()
                .map(|text| text.split(*separator).map(str::trim).filter(|id| !id.is_empty()).collect())
                .collect();
            let names: BTreeMap<&str, ()> = lists.iter().flatten().map(|id| (*id, ())).collect();
            let codes: BTreeMap<&str, u32> = names.keys().copied().zip(0..).collect();
            let lists: Vec<Vec<u32>> =
                lists.iter().map(|list| list.iter().filter_map(|id| codes.get(id).copied()).collect()).collect();
            let mut rows = SparseRows::new(codes.len());
            let mut repeated = 0;
            for (row, code) in labels.codes().iter().enumerate() {
                let list = lists.get(*code as usize).map_or(&[][..], Vec::as_slice);
                rows.push(list.iter().copied());
                repeated += usize::from(rows.row(row).len() < list.len());
            }
            Ok((codes.keys().map(|id| (*id).to_owned()).collect(), rows, repeated))
        }
        CertificateColumns::Indicators(names) => {
            let mut sorted: Vec<&String> = names.iter().collect();
            sorted.sort();
            let columns = sorted.iter().map(|name| records.numbers(name)).collect::<Result<Vec<_>, _>>()?;
            for (name, values) in sorted.iter().zip(&columns) {
                if let Some(row) = values.iter().position(|value| !is_indicator(*value)) {
                    return Err(records.fault(row, name, "0 or 1"));
                }
            }
            let mut rows = SparseRows::new(sorted.len());
            for row in 0..records.n_rows() {
                rows.push((0..).zip(&columns).filter(|(_, values)| values[row] > 0.5).map(|(column, _)| column));
            }
            Ok((sorted.into_iter().cloned().collect(), rows, 0))
        }
    }
}

/// A code for each row's month (or the coarser period that some row has), and the period of each code.
fn dates(records: &Records, name: &str) -> Result<(Vec<u32>, Vec<Period>), DataError> {
    let labels = records.labels(name)?;
    let precision = |text: &str| Period::precision(text).filter(|frequency| *frequency != Frequency::Step);
    let coarsest = labels.levels().iter().filter_map(|text| precision(text)).max();
    let frequency = coarsest.map_or(Frequency::Monthly, |coarsest| coarsest.max(Frequency::Monthly));
    let read = |text: &String| precision(text).and_then(|_| Period::parse(text, frequency));
    let of_level: Vec<Option<Period>> = labels.levels().iter().map(read).collect();
    if let Some(level) = of_level.iter().position(Option::is_none) {
        let at_fault = |code: &u32| *code as usize == level;
        let row = labels.codes().iter().position(at_fault).unwrap_or(0);
        return Err(records.fault(row, name, "a date such as 2024-03 or 2024-03-15"));
    }
    let mut periods: Vec<Period> = of_level.iter().flatten().copied().collect();
    periods.sort();
    periods.dedup();
    let code = |period: &Option<Period>| {
        let place = period.and_then(|period| periods.binary_search(&period).ok());
        place.and_then(|place| u32::try_from(place).ok()).unwrap_or(Labels::MISSING)
    };
    let codes: Vec<u32> = of_level.iter().map(code).collect();
    let of_row = |level: &u32| codes.get(*level as usize).copied().unwrap_or(Labels::MISSING);
    Ok((labels.codes().iter().map(of_row).collect(), periods))
}
