//! From rows in any order to a panel, with duplicates and gaps found on the way.

use std::collections::HashMap;

use super::Panel;
use crate::error::DataError;
use crate::key::SeriesKey;
use crate::time::{Frequency, Period};

/// Largest number of periods between the first and the last row of one series. 500 years of days, and a bound on what
/// one mistyped year can make us allocate.
const MAX_SPAN: u64 = 200_000;

/// What a missing period inside a series means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GapPolicy {
    /// A gap is an error.
    #[default]
    Refuse,
    /// A gap becomes rows of NaN.
    Missing,
}

/// A run of periods that a series lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The series.
    pub key: SeriesKey,
    /// The first missing period.
    pub first: Period,
    /// The last missing period.
    pub last: Period,
}

/// Collects rows in any order; [`PanelBuilder::build`] sorts and checks them.
#[derive(Debug)]
pub struct PanelBuilder {
    frequency: Frequency,
    names: Vec<String>,
    policy: GapPolicy,
    index_of: HashMap<SeriesKey, u32>,
    keys: Vec<SeriesKey>,
    rows: Vec<(u32, i32)>,
    values: Vec<f64>,
}

impl PanelBuilder {
    /// An empty builder for columns `names` at `frequency`. Gaps are refused until [`PanelBuilder::gaps`] says otherwise.
    #[must_use]
    pub fn new(frequency: Frequency, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            frequency,
            names: names.into_iter().map(Into::into).collect(),
            policy: GapPolicy::Refuse,
            index_of: HashMap::new(),
            keys: Vec::new(),
            rows: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Sets what a missing period means.
    #[must_use]
    pub fn gaps(mut self, policy: GapPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Adds one row: `values` holds one number per column, NaN for missing. Amortised O(1).
    ///
    /// # Errors
    /// [`DataError::MixedFrequency`] or [`DataError::RowWidth`]; the row is not added then.
    pub fn push(&mut self, key: &SeriesKey, period: Period, values: &[f64]) -> Result<(), DataError> {
        if period.frequency() != self.frequency {
            let (expected, found) = (self.frequency, period.frequency());
            return Err(DataError::MixedFrequency { key: key.clone(), expected, found });
        }
        if values.len() != self.names.len() {
            let (expected, found) = (self.names.len(), values.len());
            return Err(DataError::RowWidth { key: key.clone(), period, expected, found });
        }
        let index = if let Some(&index) = self.index_of.get(key) {
            index
        } else {
            let index = u32::try_from(self.keys.len())
                .map_err(|_| DataError::Series { key: key.clone(), detail: "too many series".into() })?;
            self.index_of.insert(key.clone(), index);
            self.keys.push(key.clone());
            index
        };
        self.rows.push((index, period.ordinal()));
        self.values.extend_from_slice(values);
        Ok(())
    }

    /// Number of rows so far.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.rows.len()
    }

    /// Sorts, checks and lays out the rows. O(rows log rows).
    ///
    /// # Errors
    /// [`DataError::Empty`], [`DataError::Duplicate`], [`DataError::Span`], or [`DataError::Gap`] for the smallest key
    /// at fault, unless gaps are allowed.
    pub fn build(self) -> Result<Panel, DataError> {
        let policy = self.policy;
        let (panel, gaps) = self.build_reporting_gaps()?;
        match (policy, gaps.first()) {
            (GapPolicy::Refuse, Some(gap)) => {
                Err(DataError::Gap { key: gap.key.clone(), expected: gap.first, found: gap.last.plus(1) })
            }
            _ => Ok(panel),
        }
    }

    /// The panel with gaps filled by NaN whatever the policy, and the gaps found, by key and period.
    ///
    /// # Errors
    /// As [`PanelBuilder::build`], but for gaps.
    pub fn build_reporting_gaps(self) -> Result<(Panel, Vec<Gap>), DataError> {
        let Self { frequency, names, policy: _, index_of: _, keys, rows, values } = self;
        if rows.is_empty() {
            return Err(DataError::Empty { what: "the panel".into() });
        }
        let mut by_key: Vec<u32> = (0..u32::try_from(keys.len()).unwrap_or(u32::MAX)).collect();
        by_key.sort_by(|&a, &b| keys[a as usize].cmp(&keys[b as usize]));
        let mut rank = vec![0_u32; keys.len()];
        for (position, &index) in by_key.iter().enumerate() {
            rank[index as usize] = u32::try_from(position).unwrap_or(u32::MAX);
        }
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_unstable_by_key(|&row| (rank[rows[row].0 as usize], rows[row].1, row));

        let width = names.len();
        let mut panel = Panel {
            frequency,
            keys: Vec::with_capacity(keys.len()),
            starts: Vec::with_capacity(keys.len()),
            offsets: vec![0],
            names,
            values: Vec::new(),
        };
        let mut gaps = Vec::new();
        // For each row of the panel, the row it comes from; none within a gap.
        let mut source: Vec<Option<usize>> = Vec::with_capacity(rows.len());
        for block in order.chunk_by(|&a, &b| rows[a].0 == rows[b].0) {
            let key = &keys[rows[block[0]].0 as usize];
            let period = |row: usize| Period::from_ordinal(frequency, rows[row].1);
            let (first, last) = (block[0], block[block.len() - 1]);
            let periods = u64::from(rows[last].1.abs_diff(rows[first].1)) + 1;
            if periods > MAX_SPAN {
                let (first, last) = (period(first), period(last));
                return Err(DataError::Span { key: key.clone(), first, last, periods, allowed: MAX_SPAN });
            }
            source.push(Some(first));
            for pair in block.windows(2) {
                let step = rows[pair[1]].1 - rows[pair[0]].1;
                if step == 0 {
                    return Err(DataError::Duplicate { key: key.clone(), period: period(pair[1]), place: None });
                }
                if step > 1 {
                    gaps.push(Gap { key: key.clone(), first: period(pair[0]).plus(1), last: period(pair[1]).plus(-1) });
                    source.extend((1..step).map(|_| None));
                }
                source.push(Some(pair[1]));
            }
            panel.keys.push(key.clone());
            panel.starts.push(period(first));
            panel.offsets.push(source.len());
        }
        panel.values.reserve_exact(source.len() * width);
        for column in 0..width {
            panel.values.extend(source.iter().map(|row| row.map_or(f64::NAN, |row| values[row * width + column])));
        }
        Ok((panel, gaps))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(m: i32) -> Period {
        Period::month(2024, 1).unwrap().plus(m)
    }

    #[test]
    fn rows_may_come_in_any_order() {
        let mut builder = PanelBuilder::new(Frequency::Monthly, ["y", "z"]);
        for (key, m, y) in [("b", 1, 2.0), ("a", 0, 9.0), ("b", 0, 1.0)] {
            builder.push(&SeriesKey::national(key), month(m), &[y, -y]).unwrap();
        }
        let panel = builder.build().unwrap();
        assert_eq!(panel.column("y").unwrap(), [9.0, 1.0, 2.0]);
        assert_eq!(panel.column("z").unwrap(), [-9.0, -1.0, -2.0]);
    }

    #[test]
    fn a_gap_is_refused_or_becomes_missing_rows() {
        let build = |policy| {
            let mut builder = PanelBuilder::new(Frequency::Monthly, ["y"]).gaps(policy);
            builder.push(&SeriesKey::national("a"), month(0), &[1.0]).unwrap();
            builder.push(&SeriesKey::national("a"), month(3), &[4.0]).unwrap();
            builder
        };
        let error = build(GapPolicy::Refuse).build().unwrap_err().to_string();
        assert_eq!(error, "series a has a gap: 2024-02 expected, found 2024-04");
        let (panel, gaps) = build(GapPolicy::Missing).build_reporting_gaps().unwrap();
        assert_eq!(gaps, [Gap { key: SeriesKey::national("a"), first: month(1), last: month(2) }]);
        let y = panel.column("y").unwrap();
        assert!(y[0] == 1.0 && y[1].is_nan() && y[2].is_nan() && y[3] == 4.0);
    }

    #[test]
    fn duplicates_and_mistyped_years_are_refused() {
        let mut builder = PanelBuilder::new(Frequency::Daily, ["y"]).gaps(GapPolicy::Missing);
        let day = |text| Period::parse(text, Frequency::Daily).unwrap();
        builder.push(&SeriesKey::national("a"), day("2024-01-01"), &[1.0]).unwrap();
        builder.push(&SeriesKey::national("a"), day("2924-01-01"), &[1.0]).unwrap();
        assert!(matches!(builder.build(), Err(DataError::Span { .. })));

        let mut builder = PanelBuilder::new(Frequency::Daily, ["y"]);
        builder.push(&SeriesKey::national("a"), day("2024-01-01"), &[1.0]).unwrap();
        builder.push(&SeriesKey::national("a"), day("2024-01-01"), &[2.0]).unwrap();
        let error = builder.build().unwrap_err().to_string();
        assert_eq!(error, "series a has two values for 2024-01-01");
    }

    #[test]
    fn rows_of_another_shape_are_refused() {
        let mut builder = PanelBuilder::new(Frequency::Daily, ["y"]);
        assert!(matches!(
            builder.push(&SeriesKey::national("a"), month(0), &[1.0]),
            Err(DataError::MixedFrequency { .. })
        ));
        let day = Period::from_ordinal(Frequency::Daily, 0);
        assert!(matches!(builder.push(&SeriesKey::national("a"), day, &[]), Err(DataError::RowWidth { .. })));
        assert!(matches!(builder.build(), Err(DataError::Empty { .. })));
    }
}
