//! The long layout: one row per series and period, `unique_id, ds, y`, as CSV, Parquet or XLSX.

use jiff::civil::{Date, Weekday};

use super::number::{self, Fault, OR_MISSING};
use super::panel_sink::PanelSink;
use super::report::{Mode, ReadOptions, ReadReport};
use super::source::{Container, Source, container};
use super::table::{Row, Style, Table, Used};
use crate::error::DataError;
use crate::key::NATION;
use crate::panel::Panel;
use crate::time::{Frequency, Period};

/// Four-digit whole numbers in this range are years when every value of the time column is such.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2100;

/// The name of the region column unless another is given.
const USUAL_REGION: &str = "region";

/// The name that always is a measure, whatever its first cell holds.
const USUAL_MEASURE: &str = "y";

const ANY_PERIOD: &str = "a period such as 2024, 2024-03, 2024-03-15, 2024-Q1 or 2024-W11";

/// Which columns of a long file mean what.
///
/// | Field | Default | Meaning |
/// |---|---|---|
/// | `id` | `unique_id` | what the series measures |
/// | `region` | none: the column `region`, or the nation if there is none | column with the region |
/// | `time` | `ds` | the period |
/// | `values` | none: `y` and every other column whose first value is a number | the measures |
/// | `frequency` | none: inferred, see [`read_long`] | how often the series are observed |
/// | `options` | strict | see [`ReadOptions`] |
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LongLayout {
    /// Name of the column that identifies a series.
    pub id: String,
    /// Name of the region column; `None` takes `region` if there is such a column.
    pub region: Option<String>,
    /// Name of the time column.
    pub time: String,
    /// Names of the measures; `None` takes every numeric column.
    pub values: Option<Vec<String>>,
    /// The frequency; `None` infers it.
    pub frequency: Option<Frequency>,
    /// What to do with bad rows, gaps and late dates.
    pub options: ReadOptions,
}

impl Default for LongLayout {
    fn default() -> Self {
        Self {
            id: "unique_id".to_owned(),
            region: None,
            time: "ds".to_owned(),
            values: None,
            frequency: None,
            options: ReadOptions::default(),
        }
    }
}

/// Reads a long file into a panel. Two passes over the rows, O(rows) memory.
///
/// The frequency, unless given, is the precision of the time column: months if it reads `2024-03`, and so on. Whole
/// numbers are positions, or years when all are between 1900 and 2100. Days that are all the first of January, of a
/// quarter or of a month, or all the same weekday, are years, quarters, months or weeks; a single day stays a day.
/// The report says what was taken. Empty cells, `NA`, `NaN` and `null` are missing values, and counted.
///
/// # Errors
/// [`DataError::Cell`] for a missing column, a bad number or period; [`DataError::Duplicate`], [`DataError::Gap`],
/// [`DataError::Span`]; [`DataError::Empty`] if there is no row; and what [`Source::read`] may say.
pub fn read_long(source: &Source, layout: &LongLayout) -> Result<(Panel, ReadReport), DataError> {
    let content = source.read()?;
    let file = source.name();
    let mut report = ReadReport::new(file);
    if container(&content) == Container::Parquet && source.file_name().to_lowercase().contains(".csv") {
        report.note("the name says CSV, the bytes are Parquet: read as Parquet");
    }
    let open = || Table::open(&content, file, Style::default());

    let table = open()?;
    let columns = Columns::find(&table, layout)?;
    let names = table.columns().to_vec();
    let mut shape = Shape::new(&columns, table.columns().len());
    table.for_each(Mode::Lenient, &mut ReadReport::new(file), |row| {
        shape.see(row, &columns);
        Ok(Used::Yes)
    })?;
    let measures = shape.measures(&columns, &names, file, &mut report)?;
    let frequency = layout.frequency.unwrap_or_else(|| shape.time.frequency());
    report.note(match layout.frequency {
        Some(frequency) => format!("frequency {frequency}, as given"),
        None => format!("frequency {frequency}, inferred from column {}", layout.time),
    });

    let mut sink = PanelSink::new(frequency, measures.iter().map(|&i| names[i].clone()));
    let mut values = vec![0.0; measures.len()];
    let mut missing = vec![0_u64; measures.len()];
    open()?.for_each(layout.options.mode, &mut report, |row| {
        let item = row.required(columns.id, "the name of a series")?;
        let region = match columns.region {
            Some(index) => row.required(index, "a region")?,
            None => NATION,
        };
        let time = row.text(columns.time);
        if Period::precision(time).is_none() {
            return Err(row.fault(columns.time, Fault::new(ANY_PERIOD, time)));
        }
        let period = row.period(columns.time, frequency, &layout.options)?;
        for (value, &index) in values.iter_mut().zip(&measures) {
            *value = row.number(index, OR_MISSING)?;
        }
        sink.push(item, region, period, &values, || row.place(columns.time))?;
        for (count, value) in missing.iter_mut().zip(&values) {
            *count += u64::from(value.is_nan());
        }
        Ok(Used::Yes)
    })?;
    for (count, &index) in missing.iter().zip(&measures).filter(|(count, _)| **count > 0) {
        report.note(format!("{count} missing values in column {}", names[index]));
    }
    let panel = sink.finish(&layout.options, &mut report, file)?;
    Ok((panel, report))
}

/// Positions of the columns that the layout names.
struct Columns {
    id: usize,
    region: Option<usize>,
    time: usize,
    values: Option<Vec<usize>>,
}

impl Columns {
    fn find(table: &Table<'_>, layout: &LongLayout) -> Result<Self, DataError> {
        let values = layout.values.as_ref();
        Ok(Self {
            id: table.column(&layout.id)?,
            region: match &layout.region {
                Some(name) => Some(table.column(name)?),
                None if values.is_some_and(|names| names.iter().any(|n| n == USUAL_REGION)) => None,
                None => table.optional(USUAL_REGION),
            },
            time: table.column(&layout.time)?,
            values: values.map(|names| names.iter().map(|n| table.column(n)).collect()).transpose()?,
        })
    }

    fn is_named(&self, index: usize) -> bool {
        index == self.id || Some(index) == self.region || index == self.time
    }
}

/// What the first pass learns: which columns hold numbers, and what the time column holds.
struct Shape {
    /// For each column, whether its first cell that is not missing is a number; `None` until one is seen.
    numeric: Vec<Option<bool>>,
    time: TimeColumn,
}

impl Shape {
    fn new(columns: &Columns, n_columns: usize) -> Self {
        let mut numeric = vec![None; n_columns];
        for index in (0..n_columns).filter(|&i| columns.is_named(i)) {
            numeric[index] = Some(false);
        }
        Self { numeric, time: TimeColumn::default() }
    }

    fn see(&mut self, row: &Row<'_>, columns: &Columns) {
        self.time.see(row.text(columns.time));
        for (index, numeric) in self.numeric.iter_mut().enumerate().filter(|(_, n)| n.is_none()) {
            let text = row.text(index);
            if !number::is_missing(text) {
                *numeric = Some(text.parse::<f64>().is_ok());
            }
        }
    }

    fn measures(
        &self,
        columns: &Columns,
        names: &[String],
        file: &std::path::Path,
        report: &mut ReadReport,
    ) -> Result<Vec<usize>, DataError> {
        if let Some(values) = &columns.values {
            return Ok(values.clone());
        }
        // Data frames written with their index begin with a column of row numbers that has no name.
        let is_measure = |i: &usize| {
            let numeric = self.numeric[*i] == Some(true) && !names[*i].is_empty();
            !columns.is_named(*i) && (numeric || names[*i] == USUAL_MEASURE)
        };
        let measures: Vec<usize> = (0..names.len()).filter(is_measure).collect();
        for index in (0..names.len()).filter(|i| !columns.is_named(*i) && !is_measure(i)) {
            report.note(match names[index].as_str() {
                "" => format!("column {} has no name and was left out", index + 1),
                name => format!("column {name} holds no numbers and was left out"),
            });
        }
        if measures.is_empty() {
            let (place, found) = (crate::error::Place::file(file).line(1), "none".to_owned());
            return Err(DataError::Cell { place, expected: "at least one column of numbers".to_owned(), found });
        }
        Ok(measures)
    }
}

/// What the values of the time column have in common.
#[derive(Debug, Default)]
struct TimeColumn {
    any: bool,
    /// All values so far are whole numbers; of these, all are years.
    whole: bool,
    years: bool,
    precision: Option<Frequency>,
    days: Option<Days>,
}

/// What the days so far have in common.
#[derive(Debug)]
struct Days {
    first: Date,
    several: bool,
    weekday: Option<Weekday>,
    first_of_month: bool,
    first_of_quarter: bool,
    first_of_year: bool,
}

impl TimeColumn {
    fn see(&mut self, text: &str) {
        let Some(precision) = Period::precision(text) else { return };
        let number = text.parse::<i32>().ok();
        if !self.any {
            *self = Self { any: true, whole: true, years: true, precision: Some(precision), days: None };
        }
        self.whole &= number.is_some();
        self.years &= number.is_some_and(|n| YEARS.contains(&n)) && text.len() == 4;
        let Some(day) = Period::parse(text, Frequency::Daily).and_then(Period::first_day) else { return };
        let days = self.days.get_or_insert(Days {
            first: day,
            several: false,
            weekday: Some(day.weekday()),
            first_of_month: true,
            first_of_quarter: true,
            first_of_year: true,
        });
        days.several |= day != days.first;
        days.weekday = days.weekday.filter(|&w| w == day.weekday());
        days.first_of_month &= day.day() == 1;
        days.first_of_quarter &= day.day() == 1 && day.month() % 3 == 1;
        days.first_of_year &= day.day() == 1 && day.month() == 1;
    }

    fn frequency(&self) -> Frequency {
        if self.whole {
            return if self.years && self.any { Frequency::Yearly } else { Frequency::Step };
        }
        match (self.precision, &self.days) {
            (Some(Frequency::Daily), Some(days)) if days.several => match days {
                Days { first_of_year: true, .. } => Frequency::Yearly,
                Days { first_of_quarter: true, .. } => Frequency::Quarterly,
                Days { first_of_month: true, .. } => Frequency::Monthly,
                Days { weekday: Some(_), .. } => Frequency::Weekly,
                _ => Frequency::Daily,
            },
            (Some(precision), _) => precision,
            // No value is a period: the second pass reports the first of them.
            (None, _) => Frequency::Daily,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Panel, ReadReport) {
        read_long(&Source::bytes("l.csv", text.as_bytes().to_vec()), &LongLayout::default()).unwrap()
    }

    fn frequency(days: &[&str]) -> Frequency {
        let mut text = "unique_id,ds,y\n".to_owned();
        for day in days {
            text.push_str(&format!("a,{day},1\n"));
        }
        let layout = LongLayout { options: ReadOptions::lenient(), ..LongLayout::default() };
        read_long(&Source::bytes("l.csv", text.into_bytes()), &layout).unwrap().0.frequency()
    }

    #[test]
    fn the_frequency_follows_from_what_all_dates_share() {
        assert_eq!(frequency(&["2024-01-01", "2025-01-01"]), Frequency::Yearly);
        assert_eq!(frequency(&["2024-01-01", "2024-04-01"]), Frequency::Quarterly);
        assert_eq!(frequency(&["2024-01-01", "2024-03-01"]), Frequency::Monthly);
        assert_eq!(frequency(&["2024-01-02", "2024-01-16"]), Frequency::Weekly);
        assert_eq!(frequency(&["2024-01-02", "2024-01-03"]), Frequency::Daily);
        assert_eq!(frequency(&["2024-01-01"]), Frequency::Daily);
        assert_eq!(frequency(&["2024-01", "2024-02"]), Frequency::Monthly);
        assert_eq!(frequency(&["2024-Q1"]), Frequency::Quarterly);
        assert_eq!(frequency(&["Jan-19", "Feb-19"]), Frequency::Monthly);
    }

    #[test]
    fn whole_numbers_are_positions_unless_all_are_years() {
        assert_eq!(frequency(&["1", "2"]), Frequency::Step);
        assert_eq!(frequency(&["2020", "2021"]), Frequency::Yearly);
        assert_eq!(frequency(&["1899", "1900"]), Frequency::Step);
        assert_eq!(frequency(&["999", "1900"]), Frequency::Step);
    }

    #[test]
    fn every_numeric_column_is_a_measure_and_the_rest_is_named() {
        let (panel, report) = read("unique_id,ds,y,label,x\na,2024-01,1,foo,\na,2024-02,,bar,4\n");
        assert_eq!(panel.columns(), ["y", "x"]);
        assert_eq!(
            report.notes,
            [
                "column label holds no numbers and was left out",
                "frequency monthly, inferred from column ds",
                "1 missing values in column y",
                "1 missing values in column x",
            ]
        );
    }

    #[test]
    fn columns_can_be_named_and_regions_make_keys() {
        let layout = LongLayout {
            id: "skill".into(),
            region: Some("state".into()),
            time: "month".into(),
            values: Some(vec!["n".into()]),
            ..LongLayout::default()
        };
        let source = Source::bytes("l.csv", b"n,m,skill,state,month\n3,9,rust,TX,2024-01\n");
        let (panel, _) = read_long(&source, &layout).unwrap();
        assert_eq!(panel.keys()[0].to_string(), "rust@TX");
        assert_eq!(panel.columns(), ["n"]);
    }

    #[test]
    fn a_region_column_counts_without_being_named() {
        let text = b"unique_id,region,ds,y\nrust,TX,2024-01,3\nrust,US,2024-01,9\n";
        let (panel, _) = read_long(&Source::bytes("l.csv", text), &LongLayout::default()).unwrap();
        assert_eq!(panel.keys().iter().map(ToString::to_string).collect::<Vec<_>>(), ["rust@TX", "rust"]);
    }
}
