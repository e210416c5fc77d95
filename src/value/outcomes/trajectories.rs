//! From leavers to figures by group, small ones hidden.

use serde::Serialize;

use super::attack;
use super::cells::{ALL, Cells, Key, MAX_DIMS, margins};
use super::interval::{median_interval, wilson};
use super::measure::{Answer, Asked, Measure};
use super::suppress::{CountTable, Visibility, protect};
use super::survival::KaplanMeier;
use crate::error::{DataError, Error, ParamError, Result};
use crate::market::{GroupColumn, Leavers};

/// More cells than this are refused: nobody reads them, and protecting them takes long.
const MOST_CELLS: usize = 50_000;

/// How leavers are grouped and how figures are protected.
#[derive(Clone, Debug, PartialEq)]
pub struct OutcomeSettings {
    /// The groupings, up to four; every combination of some of them is reported, and all leavers together.
    pub by: Vec<GroupColumn>,
    /// The level of the intervals, 0.95.
    pub level: f64,
    /// Counts below this are hidden, 10; it can be raised, not lowered.
    pub least_count: u64,
}

impl Default for OutcomeSettings {
    fn default() -> Self {
        Self { by: Vec::new(), level: 0.95, least_count: 10 }
    }
}

impl OutcomeSettings {
    /// Refuses settings out of range.
    ///
    /// # Errors
    /// [`ParamError`] for the first one.
    pub fn check(&self) -> Result<(), ParamError> {
        let Self { by, level, least_count } = self;
        let twice = by.iter().enumerate().any(|(place, column)| by[..place].contains(column));
        if by.len() > MAX_DIMS || twice {
            let names: Vec<&str> = by.iter().map(|column| column.name()).collect();
            return Err(ParamError::new("by", names.join(","), "up to four groupings, each once"));
        }
        if !(0.5..1.0).contains(level) {
            return Err(ParamError::new("level", level, "in [0.5, 1)"));
        }
        if !(10..=1_000_000).contains(least_count) {
            return Err(ParamError::new("least_count", least_count, "from 10 to 1000000"));
        }
        Ok(())
    }
}

/// Why a figure is or is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// It is shown.
    Shown,
    /// Nobody's answer is known.
    NoData,
    /// Hidden: it rests on a count below the least that is shown.
    Small,
    /// Hidden: it would give a hidden one away.
    Complementary,
}

impl Flag {
    /// As in outputs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::NoData => "no_data",
            Self::Small => "small",
            Self::Complementary => "complementary",
        }
    }
}

/// One figure. Where it is hidden every number is `None`, which is not 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// What is measured.
    pub measure: Measure,
    /// Whether it is shown.
    pub flag: Flag,
    /// People it is taken over.
    pub n: Option<u64>,
    /// Of shares and times: people with yes, or a first job.
    pub numerator: Option<u64>,
    /// People who would count if more were known of them.
    pub missing: Option<u64>,
    /// The share, median or number of people. Medians of pay are rounded to three digits, those of growth and time to as much as they
    /// are good for, so that none is the exact value of one person. `None` also where a median is not reached.
    pub value: Option<f64>,
    /// The lower end of its interval; `None` where too few values give one.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

/// One group, with every measure that can be measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutcomeGroup {
    /// The label in each grouping, in the order of [`OutcomeReport::by`]; `None` is all of them together.
    pub labels: Vec<Option<String>>,
    /// The figures, in the order of [`Measure::ALL`].
    pub outcomes: Vec<Outcome>,
}

/// Whether and how a measure was taken.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MeasureNote {
    /// The measure.
    pub measure: Measure,
    /// Numerator and denominator.
    pub definition: &'static str,
    /// What its value is counted in.
    pub unit: &'static str,
    /// Why it cannot be measured; `None` if it can.
    pub not_measurable: Option<String>,
}

/// What became of leavers, ready to be shown: small figures and what would give them away are hidden.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutcomeReport {
    /// The groupings.
    pub by: Vec<&'static str>,
    /// The level of the intervals.
    pub level: f64,
    /// Counts below this are hidden.
    pub least_count: u64,
    /// Figures hidden because they are small.
    pub hidden_small: usize,
    /// Figures hidden because they would give those away.
    pub hidden_complementary: usize,
    /// The narrowest range in which the figures shown, by their sums, leave any hidden count; `None` if nothing is hidden or all
    /// ranges are without end.
    pub narrowest_range: Option<f64>,
    /// Leavers excluded, as far as that may be shown: `0`, a number, or `fewer than N`.
    pub excluded: String,
    /// Every measure.
    pub measures: Vec<MeasureNote>,
    /// All leavers first, then every group.
    pub groups: Vec<OutcomeGroup>,
}

impl OutcomeReport {
    /// Takes every measure that `leavers` allow, in every group of every combination of the groupings.
    ///
    /// O(rows * 2^groupings) for the figures.
    ///
    /// # Errors
    /// [`ParamError`] as [`OutcomeSettings::check`] says; [`DataError::UnknownColumn`] for a grouping that the leavers do not have;
    /// [`DataError::Empty`] if nobody counts; [`ParamError`] for more than 50,000 groups.
    ///
    /// # Examples
    /// ```
    /// use credcast::ingest::{Mode, Source, read_leavers};
    /// use credcast::market::GroupColumn;
    /// use credcast::value::outcomes::{Flag, OutcomeReport, OutcomeSettings};
    /// let rows: String = (0..60).map(|i| format!("{i},{},{}\n", ["A", "B"][i % 2], i % 3 % 2)).collect();
    /// let file = Source::bytes("l.csv", format!("id,school,employed_q2\n{rows}").into_bytes());
    /// let (leavers, _) = read_leavers(&[file], Mode::Strict)?;
    /// let settings = OutcomeSettings { by: vec![GroupColumn::School], ..OutcomeSettings::default() };
    /// let report = OutcomeReport::compute(&leavers, &settings)?;
    /// let all = &report.groups[0].outcomes[1];
    /// assert_eq!((all.flag, all.numerator, all.n), (Flag::Shown, Some(20), Some(60)));
    /// assert_eq!(report.groups[1].labels, [Some("A".to_owned())]);
    /// # Ok::<(), credcast::Error>(())
    /// ```
    pub fn compute(leavers: &Leavers, settings: &OutcomeSettings) -> Result<Self> {
        settings.check()?;
        let counted: Vec<usize> = (0..leavers.n_rows()).filter(|row| leavers.exclusion(*row).is_none()).collect();
        if counted.is_empty() {
            return Err(DataError::Empty { what: "the leavers, without those excluded,".to_owned() }.into());
        }
        let keys = keys(leavers, &settings.by, &counted)?;
        let n_dims = settings.by.len();
        let cells = Cells::of_rows(n_dims, &keys);
        if cells.len() > MOST_CELLS {
            return Err(Error::Param(ParamError::new(
                "by",
                format!("{} groups", cells.len()),
                "groupings that make at most 50000 groups",
            )));
        }
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); cells.len()];
        for (row, key) in counted.iter().zip(&keys) {
            for margin in margins(*key, n_dims) {
                if let Some(place) = cells.place(&margin) {
                    members[place].push(*row);
                }
            }
        }
        let asked = Asked::new(leavers);
        let measures: Vec<Measure> = Measure::ALL.into_iter().filter(|m| m.lacks(leavers).is_empty()).collect();
        let raw: Vec<Vec<Raw>> = measures
            .iter()
            .map(|measure| members.iter().map(|rows| Raw::take(&asked, *measure, rows)).collect())
            .collect();
        let tables = count_tables(&measures, &raw);
        let shown = protect_checked(&cells, &tables, settings.least_count);
        let narrowest = attack::narrowest(&cells, &tables, &shown);
        let mut groups = Vec::with_capacity(cells.len());
        for cell in 0..cells.len() {
            let outcome = |(place, measure): (usize, &Measure)| {
                raw[place][cell].outcome(*measure, shown[place][cell], settings.level)
            };
            let outcomes = measures.iter().enumerate().map(outcome).collect::<Result<_>>()?;
            groups.push(OutcomeGroup { labels: labels(leavers, &settings.by, cells.key(cell)), outcomes });
        }
        let hidden =
            |flag: Flag| groups.iter().flat_map(|g| &g.outcomes).filter(|outcome| outcome.flag == flag).count();
        let n_excluded = (leavers.n_rows() - counted.len()) as u64;
        Ok(Self {
            by: settings.by.iter().map(|column| column.name()).collect(),
            level: settings.level,
            least_count: settings.least_count,
            hidden_small: hidden(Flag::Small),
            hidden_complementary: hidden(Flag::Complementary),
            narrowest_range: Some(narrowest).filter(|range| range.is_finite()),
            excluded: if (1..settings.least_count).contains(&n_excluded) {
                format!("fewer than {}", settings.least_count)
            } else {
                n_excluded.to_string()
            },
            measures: Measure::ALL.into_iter().map(|measure| note(measure, leavers)).collect(),
            groups,
        })
    }
}

/// The algorithm's answer, tried from the reader's side: a table in which a count could be bounded too closely is hidden as a whole.
fn protect_checked(cells: &Cells, tables: &[CountTable], least: u64) -> Vec<Vec<Visibility>> {
    let mut shown = protect(cells, tables, least);
    if attack::narrowest(cells, tables, &shown) < least as f64 {
        for row in &mut shown {
            for visibility in row.iter_mut().filter(|visibility| **visibility == Visibility::Shown) {
                *visibility = Visibility::Complementary;
            }
        }
    }
    shown
}

fn note(measure: Measure, leavers: &Leavers) -> MeasureNote {
    let lacks = measure.lacks(leavers);
    let not_measurable = match lacks.len() {
        0 => None,
        1 => Some(format!("there is no column {}", lacks[0])),
        _ => Some(format!("there are no columns {}", lacks.join(", "))),
    };
    MeasureNote { measure, definition: measure.definition(), unit: measure.unit(), not_measurable }
}

fn keys(leavers: &Leavers, by: &[GroupColumn], rows: &[usize]) -> Result<Vec<Key>, DataError> {
    let mut keys = vec![[ALL; MAX_DIMS]; rows.len()];
    for (dim, column) in by.iter().enumerate() {
        let Some(labels) = leavers.group(*column) else {
            let available = GroupColumn::ALL.into_iter().filter(|c| leavers.group(*c).is_some()).map(GroupColumn::name);
            let available: Vec<&str> = available.collect();
            let available = if available.is_empty() { "none".to_owned() } else { available.join(", ") };
            return Err(DataError::UnknownColumn { name: column.name().to_owned(), available });
        };
        for (key, row) in keys.iter_mut().zip(rows) {
            key[dim] = labels.codes[*row];
        }
    }
    Ok(keys)
}

fn labels(leavers: &Leavers, by: &[GroupColumn], key: Key) -> Vec<Option<String>> {
    let label = |(dim, column): (usize, &GroupColumn)| {
        let levels = &leavers.group(*column)?.levels;
        levels.get(key[dim] as usize).cloned()
    };
    by.iter().enumerate().map(label).collect()
}

/// The counts of one measure in one group, and the values behind them.
#[derive(Clone, Debug, Default)]
struct Raw {
    yes: u64,
    no: u64,
    unknown: u64,
    values: Vec<f64>,
    found: Vec<bool>,
}

impl Raw {
    fn take(asked: &Asked<'_>, measure: Measure, rows: &[usize]) -> Self {
        let mut raw = Self::default();
        for row in rows {
            match asked.answer(measure, *row) {
                Answer::Outside => {}
                Answer::Unknown => raw.unknown += 1,
                Answer::Yes => raw.yes += 1,
                Answer::No => raw.no += 1,
                Answer::Number(value) => {
                    raw.yes += 1;
                    raw.values.push(value);
                }
                Answer::Time(days, found) => {
                    if found {
                        raw.yes += 1;
                    } else {
                        raw.no += 1;
                    }
                    raw.values.push(days);
                    raw.found.push(found);
                }
            }
        }
        raw
    }

    /// What may be said of it.
    fn outcome(&self, measure: Measure, visibility: Visibility, level: f64) -> Result<Outcome> {
        let n = self.yes + self.no;
        let flag = match visibility {
            Visibility::Small => Flag::Small,
            Visibility::Complementary => Flag::Complementary,
            Visibility::Shown if n == 0 => Flag::NoData,
            Visibility::Shown => Flag::Shown,
        };
        let mut outcome =
            Outcome { measure, flag, n: None, numerator: None, missing: None, value: None, low: None, high: None };
        if visibility != Visibility::Shown {
            return Ok(outcome);
        }
        (outcome.n, outcome.missing) = (Some(n), Some(self.unknown));
        if n == 0 {
            return Ok(outcome);
        }
        let (value, low, high) = match measure {
            Measure::Leavers => (Some(n as f64), None, None),
            Measure::MedianEarningsQ2 | Measure::Growth1y | Measure::Growth2y | Measure::Growth5y => {
                let round = |value: f64| {
                    if measure == Measure::MedianEarningsQ2 {
                        three_digits(value)
                    } else {
                        (value * 1000.0).round() / 1000.0
                    }
                };
                let found = median_interval(&mut self.values.clone(), level);
                let ends = found.and_then(|found| found.interval).unzip();
                (found.map(|found| round(found.median)), ends.0.map(round), ends.1.map(round))
            }
            Measure::DaysToFirstJob => {
                outcome.numerator = Some(self.yes);
                let curve = KaplanMeier::fit(&self.values, &self.found, level)?;
                let (low, high) = curve.median_interval();
                (curve.median(), low, high)
            }
            _ => {
                outcome.numerator = Some(self.yes);
                let (low, high) = wilson(self.yes as f64, n as f64, level);
                (Some(self.yes as f64 / n as f64), Some(low), Some(high))
            }
        };
        (outcome.value, outcome.low, outcome.high) = (value, low, high);
        Ok(outcome)
    }
}

/// `value` to three significant digits.
fn three_digits(value: f64) -> f64 {
    if value <= 0.0 {
        return value;
    }
    let unit = 10_f64.powf(value.log10().floor() - 2.0);
    (value / unit).round() * unit
}

/// The counts as the protection sees them.
fn count_tables(measures: &[Measure], raw: &[Vec<Raw>]) -> Vec<CountTable> {
    let place = |wanted: Measure| measures.iter().position(|measure| *measure == wanted);
    let table = |(own, measure): (usize, &Measure)| {
        let base = measure.rests_on().map(|base| place(base).unwrap_or(0));
        let with = measure.goes_with().and_then(place);
        let counts: Vec<[u64; 3]> = raw[own].iter().map(|raw| [raw.yes, raw.no, raw.unknown]).collect();
        // No more people can become known here than the other table has.
        let spare = |(counts, other): (&[u64; 3], &Raw)| other.yes.saturating_sub(counts[0] + counts[1]);
        let room = with.map(|with| counts.iter().zip(&raw[with]).map(spare).collect());
        CountTable { kind: measure.kind(), base, with, counts, room }
    };
    measures.iter().enumerate().map(table).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_are_kept() {
        for (value, rounded) in
            [(12_345.0, 12_300.0), (9_996.0, 10_000.0), (7.0, 7.0), (0.0, 0.0), (104_512.0, 105_000.0)]
        {
            assert!((three_digits(value) - rounded).abs() < 1e-9, "{value}");
        }
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let settings = OutcomeSettings::default();
        assert!(settings.check().is_ok());
        let region = GroupColumn::Region;
        for bad in [
            OutcomeSettings { least_count: 9, ..settings.clone() },
            OutcomeSettings { level: 1.0, ..settings.clone() },
            OutcomeSettings { level: f64::NAN, ..settings.clone() },
            OutcomeSettings { by: vec![region, region], ..settings.clone() },
            OutcomeSettings { by: GroupColumn::ALL.to_vec(), ..settings },
        ] {
            assert!(bad.check().is_err());
        }
    }
}
