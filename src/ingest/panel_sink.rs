//! Rows of any layout on their way into a panel: keys are made once, duplicates are found where they stand.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::report::{ReadOptions, ReadReport};
use crate::error::{DataError, Place};
use crate::key::SeriesKey;
use crate::panel::{GapPolicy, Panel, PanelBuilder};
use crate::time::{Frequency, Period};

/// Collects rows for one panel.
pub(crate) struct PanelSink {
    builder: PanelBuilder,
    index_of: HashMap<SeriesKey, u32>,
    seen: HashSet<(u32, i32)>,
    /// Files list a series in one run of rows, so the key of the row before is almost always the key of this one.
    last: Option<(SeriesKey, u32)>,
}

impl PanelSink {
    pub(crate) fn new(frequency: Frequency, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            builder: PanelBuilder::new(frequency, names),
            index_of: HashMap::new(),
            seen: HashSet::new(),
            last: None,
        }
    }

    /// Adds one row of the series `item` in `region`.
    ///
    /// # Errors
    /// [`DataError::Duplicate`] with the `place` of this row if the series has the period already.
    pub(crate) fn push(
        &mut self,
        item: &str,
        region: &str,
        period: Period,
        values: &[f64],
        place: impl FnOnce() -> Place,
    ) -> Result<(), DataError> {
        let last = self.last.take().filter(|(key, _)| key.item() == item && key.region().as_str() == region);
        let (key, index) = last.unwrap_or_else(|| {
            let key = SeriesKey::new(item, region);
            let next = u32::try_from(self.index_of.len()).unwrap_or(u32::MAX);
            let index = *self.index_of.entry(key.clone()).or_insert(next);
            (key, index)
        });
        let fresh = self.seen.insert((index, period.ordinal()));
        let pushed = if fresh {
            self.builder.push(&key, period, values)
        } else {
            Err(DataError::Duplicate { key: key.clone(), period, place: Some(place()) })
        };
        self.last = Some((key, index));
        pushed
    }

    /// The panel; gaps go into `report`.
    ///
    /// # Errors
    /// [`DataError::Empty`] naming `file` if no row was used, [`DataError::Span`], and [`DataError::Gap`] for the
    /// smallest key at fault unless `options` allow gaps.
    pub(crate) fn finish(
        self,
        options: &ReadOptions,
        report: &mut ReadReport,
        file: &Path,
    ) -> Result<Panel, DataError> {
        if self.builder.n_rows() == 0 {
            return Err(DataError::Empty { what: file.display().to_string() });
        }
        let (panel, gaps) = self.builder.build_reporting_gaps()?;
        match (options.gaps, gaps.first()) {
            (GapPolicy::Refuse, Some(gap)) => {
                Err(DataError::Gap { key: gap.key.clone(), expected: gap.first, found: gap.last.plus(1) })
            }
            _ => {
                report.gaps.extend(gaps);
                Ok(panel)
            }
        }
    }
}
