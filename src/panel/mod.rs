//! Many series in one place, column by column.

mod aggregate;
mod builder;

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

pub use self::aggregate::{AggregateRule, PartialPeriods};
pub use self::builder::{Gap, GapPolicy, PanelBuilder};
use crate::error::DataError;
use crate::key::SeriesKey;
use crate::time::{Frequency, Period};

/// Series stored back to back, one contiguous column per measure; column `c` of series `i` is
/// `values[c * n_rows + offsets[i] .. c * n_rows + offsets[i + 1]]`. Keys are sorted and unique; NaN is missing.
///
/// Every series is regular: its rows are consecutive periods from its start. Build one with [`PanelBuilder`].
///
/// # Examples
/// ```
/// use credcast::{Frequency, Panel, Period, SeriesKey};
/// let start = Period::month(2024, 1).unwrap();
/// let panel = Panel::from_series("postings", [
///     (SeriesKey::national("welder"), start, vec![12.0, 15.0, 11.0]),
///     (SeriesKey::national("nurse"), start, vec![80.0, 82.0]),
/// ])?;
/// assert_eq!(panel.n_series(), 2);
/// assert_eq!(panel.series(0).key().item(), "nurse"); // keys are sorted
/// assert_eq!(panel.until(start).n_rows(), 2);
/// # Ok::<(), credcast::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Panel {
    frequency: Frequency,
    keys: Vec<SeriesKey>,
    starts: Vec<Period>,
    offsets: Vec<usize>,
    names: Vec<String>,
    values: Vec<f64>,
}

impl Panel {
    /// A panel of one column from whole series.
    ///
    /// # Errors
    /// [`DataError::Duplicate`] if a key comes twice, [`DataError::MixedFrequency`], or [`DataError::Empty`] if no
    /// series holds a value.
    pub fn from_series(
        column: &str,
        series: impl IntoIterator<Item = (SeriesKey, Period, Vec<f64>)>,
    ) -> Result<Self, DataError> {
        let mut series: Vec<_> = series.into_iter().filter(|(_, _, values)| !values.is_empty()).collect();
        series.sort_by(|a, b| a.0.cmp(&b.0));
        let Some(frequency) = series.first().map(|(_, start, _)| start.frequency()) else {
            return Err(DataError::Empty { what: format!("column {column}") });
        };
        if let Some(pair) = series.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(DataError::Duplicate { key: pair[1].0.clone(), period: pair[1].1, place: None });
        }
        let mut panel = Self {
            frequency,
            keys: Vec::with_capacity(series.len()),
            starts: Vec::with_capacity(series.len()),
            offsets: vec![0],
            names: vec![column.to_owned()],
            values: Vec::with_capacity(series.iter().map(|(_, _, values)| values.len()).sum()),
        };
        for (key, start, values) in series {
            if start.frequency() != frequency {
                return Err(DataError::MixedFrequency { key, expected: frequency, found: start.frequency() });
            }
            panel.keys.push(key);
            panel.starts.push(start);
            panel.values.extend_from_slice(&values);
            panel.offsets.push(panel.values.len());
        }
        Ok(panel)
    }

    /// One period of many series: `keys` ascending, `values` series by series for one column after the other.
    pub(crate) fn of_period(names: Vec<String>, keys: Vec<SeriesKey>, period: Period, values: Vec<f64>) -> Self {
        let n = keys.len();
        debug_assert!(values.len() == n * names.len() && keys.windows(2).all(|pair| pair[0] < pair[1]));
        Self { frequency: period.frequency(), starts: vec![period; n], offsets: (0..=n).collect(), keys, names, values }
    }

    /// The frequency of all series.
    #[must_use]
    pub fn frequency(&self) -> Frequency {
        self.frequency
    }

    /// Number of series.
    #[must_use]
    pub fn n_series(&self) -> usize {
        self.keys.len()
    }

    /// Number of rows: periods summed over series.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.offsets[self.keys.len()]
    }

    /// The keys, ascending.
    #[must_use]
    pub fn keys(&self) -> &[SeriesKey] {
        &self.keys
    }

    /// The names of the columns.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.names
    }

    /// Where each series' rows begin; one more entry than series, the last being the number of rows.
    #[must_use]
    pub fn offsets(&self) -> &[usize] {
        &self.offsets
    }

    /// The whole column `name`, series after series in key order.
    ///
    /// # Errors
    /// [`DataError::UnknownColumn`].
    pub fn column(&self, name: &str) -> Result<&[f64], DataError> {
        Ok(self.column_at(self.column_index(name)?))
    }

    /// The position of column `name`.
    ///
    /// # Errors
    /// [`DataError::UnknownColumn`].
    pub fn column_index(&self, name: &str) -> Result<usize, DataError> {
        self.names
            .iter()
            .position(|n| n == name)
            .ok_or_else(|| DataError::UnknownColumn { name: name.to_owned(), available: self.names.join(", ") })
    }

    /// The column at `index`, all series.
    pub(crate) fn column_at(&self, index: usize) -> &[f64] {
        let n_rows = self.n_rows();
        &self.values[index * n_rows..(index + 1) * n_rows]
    }

    /// The series at `index`.
    ///
    /// # Panics
    /// If `index` is not below [`Panel::n_series`].
    #[must_use]
    pub fn series(&self, index: usize) -> SeriesView<'_> {
        assert!(index < self.n_series(), "series {index} of {}", self.n_series());
        SeriesView { panel: self, index }
    }

    /// The series with `key`; `None` if there is none. O(log series).
    #[must_use]
    pub fn get(&self, key: &SeriesKey) -> Option<SeriesView<'_>> {
        self.keys.binary_search(key).ok().map(|index| self.series(index))
    }

    /// All series in key order.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = SeriesView<'_>> {
        (0..self.n_series()).map(|index| self.series(index))
    }

    /// All series in key order, for parallel work.
    #[must_use]
    pub fn par_series(&self) -> impl IndexedParallelIterator<Item = SeriesView<'_>> {
        (0..self.n_series()).into_par_iter().map(|index| self.series(index))
    }

    /// The first period of any series.
    #[must_use]
    pub fn first_period(&self) -> Option<Period> {
        self.starts.iter().copied().min()
    }

    /// The last period of any series.
    #[must_use]
    pub fn last_period(&self) -> Option<Period> {
        self.iter().map(|series| series.end()).max()
    }

    /// What was knowable at the end of `cutoff`: rows up to it, without the series that start later.
    #[must_use]
    pub fn until(&self, cutoff: Period) -> Panel {
        self.cut(|series| {
            let rows = cutoff.since(series.start()).map_or(0, |distance| i64::from(distance) + 1);
            0..usize::try_from(rows.max(0)).unwrap_or(0).min(series.len())
        })
    }

    /// Every series without its last `n` rows, and without the series of no more than `n`.
    pub(crate) fn without_last(&self, n: usize) -> Panel {
        self.cut(|series| 0..series.len().saturating_sub(n))
    }

    /// The rows from `first` on, without the series that end earlier.
    #[must_use]
    pub fn starting_at(&self, first: Period) -> Panel {
        self.cut(|series| {
            let skip = first.since(series.start()).map_or(0, |distance| distance.max(0));
            usize::try_from(skip).unwrap_or(0).min(series.len())..series.len()
        })
    }

    /// Keeps the series that `keep` accepts.
    #[must_use]
    pub fn filter(&self, keep: impl Fn(&SeriesKey) -> bool) -> Panel {
        self.cut(|series| if keep(series.key()) { 0..series.len() } else { 0..0 })
    }

    /// Copies the rows in `range` of each series; a series with an empty range is left out.
    fn cut(&self, range: impl Fn(SeriesView<'_>) -> std::ops::Range<usize>) -> Panel {
        let mut cut = Panel {
            frequency: self.frequency,
            keys: Vec::new(),
            starts: Vec::new(),
            offsets: vec![0],
            names: self.names.clone(),
            values: Vec::new(),
        };
        let mut kept = Vec::new();
        for series in self.iter() {
            let rows = range(series);
            if rows.is_empty() {
                continue;
            }
            cut.keys.push(series.key().clone());
            // A series never has more rows than an i32 counts (see PanelBuilder's span limit).
            cut.starts.push(series.start().plus(i32::try_from(rows.start).unwrap_or(i32::MAX)));
            cut.offsets.push(cut.offsets[cut.offsets.len() - 1] + rows.len());
            kept.push((series.index, rows));
        }
        for column in 0..self.names.len() {
            for (index, rows) in &kept {
                cut.values.extend_from_slice(&self.series(*index).values(column)[rows.clone()]);
            }
        }
        cut
    }

    /// The same panel with the column at `column` put first, and `values`, one for each row, in its place.
    pub(crate) fn led_by(&self, column: usize, mut values: Vec<f64>) -> Panel {
        debug_assert!(values.len() == self.n_rows() && column < self.names.len());
        let mut names = vec![self.names[column].clone()];
        for other in (0..self.names.len()).filter(|other| *other != column) {
            names.push(self.names[other].clone());
            values.extend_from_slice(self.column_at(other));
        }
        Panel { names, values, ..self.shape() }
    }

    /// The keys and spans, without a column.
    fn shape(&self) -> Panel {
        Panel {
            frequency: self.frequency,
            keys: self.keys.clone(),
            starts: self.starts.clone(),
            offsets: self.offsets.clone(),
            names: Vec::new(),
            values: Vec::new(),
        }
    }

    /// The same panel with `values` as an additional column `name`, or in the place of the column of that name.
    ///
    /// # Errors
    /// [`DataError::UnknownColumn`] is never returned; [`DataError::Empty`] if `values` has not one entry per row.
    pub fn with_column(mut self, name: &str, values: &[f64]) -> Result<Panel, DataError> {
        let n_rows = self.n_rows();
        if values.len() != n_rows {
            return Err(DataError::Empty { what: format!("column {name}: {} values for {n_rows} rows", values.len()) });
        }
        match self.names.iter().position(|n| n == name) {
            Some(index) => self.values[index * n_rows..(index + 1) * n_rows].copy_from_slice(values),
            None => {
                self.names.push(name.to_owned());
                self.values.extend_from_slice(values);
            }
        }
        Ok(self)
    }
}

/// One series of a panel.
#[derive(Clone, Copy, Debug)]
pub struct SeriesView<'a> {
    panel: &'a Panel,
    index: usize,
}

impl<'a> SeriesView<'a> {
    /// The panel that the series belongs to, for features that look at its peers.
    #[must_use]
    pub fn panel(&self) -> &'a Panel {
        self.panel
    }

    /// Position of the series in its panel.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &'a SeriesKey {
        &self.panel.keys[self.index]
    }

    /// The first period.
    #[must_use]
    pub fn start(&self) -> Period {
        self.panel.starts[self.index]
    }

    /// The last period.
    #[must_use]
    pub fn end(&self) -> Period {
        self.period(self.len() - 1)
    }

    /// The period of row `row`, counted from the start; rows past the end are periods of the future.
    #[must_use]
    pub fn period(&self, row: usize) -> Period {
        self.start().plus(i32::try_from(row).unwrap_or(i32::MAX))
    }

    /// Number of rows; never 0.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a series in a panel is never empty")]
    pub fn len(&self) -> usize {
        self.panel.offsets[self.index + 1] - self.panel.offsets[self.index]
    }

    /// The column at position `column`.
    ///
    /// # Panics
    /// If the panel has no such column.
    #[must_use]
    pub fn values(&self, column: usize) -> &'a [f64] {
        &self.panel.column_at(column)[self.panel.offsets[self.index]..self.panel.offsets[self.index + 1]]
    }

    /// The column `name`.
    ///
    /// # Errors
    /// [`DataError::UnknownColumn`].
    pub fn column(&self, name: &str) -> Result<&'a [f64], DataError> {
        Ok(self.values(self.panel.column_index(name)?))
    }

    /// The value of column `column` at `period`; `None` outside the series.
    #[must_use]
    pub fn at(&self, column: usize, period: Period) -> Option<f64> {
        let row = usize::try_from(period.since(self.start())?).ok()?;
        self.values(column).get(row).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel() -> Panel {
        let month = |m| Period::month(2024, m).unwrap();
        Panel::from_series(
            "y",
            [
                (SeriesKey::new("b", "TX"), month(1), vec![1.0, 2.0, 3.0]),
                (SeriesKey::new("a", "TX"), month(2), vec![5.0, 6.0]),
            ],
        )
        .unwrap()
    }

    #[test]
    fn until_keeps_what_was_knowable() {
        let cut = panel().until(Period::month(2024, 1).unwrap());
        assert_eq!(cut.keys(), [SeriesKey::new("b", "TX")]);
        assert_eq!(cut.column("y").unwrap(), [1.0]);
        assert_eq!(panel().until(Period::month(2023, 1).unwrap()).n_series(), 0);
        assert_eq!(panel().until(Period::month(2030, 1).unwrap()), panel());
    }

    #[test]
    fn starting_at_shifts_the_start() {
        let cut = panel().starting_at(Period::month(2024, 3).unwrap());
        assert_eq!(cut.column("y").unwrap(), [6.0, 3.0]);
        assert_eq!(cut.series(1).start(), Period::month(2024, 3).unwrap());
    }

    #[test]
    fn added_columns_lie_behind_the_first_and_follow_every_cut() {
        let wide = panel().with_column("z", &[50.0, 60.0, 10.0, 20.0, 30.0]).unwrap();
        let cut = wide.until(Period::month(2024, 2).unwrap());
        assert_eq!(cut.column("z").unwrap(), [50.0, 10.0, 20.0]);
        assert_eq!(cut.series(1).column("z").unwrap(), [10.0, 20.0]);
        assert!(panel().with_column("z", &[1.0]).is_err());
    }

    #[test]
    fn unknown_columns_name_those_that_exist() {
        let error = panel().column("yy").unwrap_err().to_string();
        assert_eq!(error, "there is no column \"yy\"; the columns are y");
    }
}
