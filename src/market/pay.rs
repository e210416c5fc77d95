//! Employment and pay of occupations by region and year.

use std::collections::BTreeMap;

use crate::error::DataError;
use crate::key::{RegionId, SeriesKey};
use crate::time::Period;

/// The code under which OEWS publishes all occupations together.
const ALL_OCCUPATIONS: &str = "00-0000";

/// What a survey year knows of one occupation in one region. `None` is suppressed or not published, never 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OccupationYear {
    /// Employment in persons.
    pub employment: Option<f64>,
    /// Relative standard error of employment, as a share (0.02 is two percent).
    pub employment_rse: Option<f64>,
    /// Median annual pay in US dollars of the survey year.
    pub median_usd: Option<f64>,
    /// Relative standard error of mean pay, as a share; stands in for that of the median, which is not published.
    pub pay_rse: Option<f64>,
    /// First decile of annual pay in US dollars.
    pub p10_usd: Option<f64>,
    /// Ninth decile of annual pay in US dollars; `None` also where it is top-coded.
    pub p90_usd: Option<f64>,
}

/// Occupations (SOC 2018) by region and year.
#[derive(Clone, Debug, Default)]
pub struct PayTable {
    cells: BTreeMap<SeriesKey, BTreeMap<i16, OccupationYear>>,
    years: Vec<i16>,
}

impl PayTable {
    /// An empty table.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what `year` knows of occupation `soc` in `region`.
    ///
    /// # Errors
    /// [`DataError::Duplicate`] if it was there already.
    pub fn insert(&mut self, soc: &str, region: &RegionId, year: i16, cell: OccupationYear) -> Result<(), DataError> {
        let key = SeriesKey::new(soc, region.as_str());
        let years = self.cells.entry(key.clone()).or_default();
        if years.insert(year, cell).is_some() {
            return Err(DataError::Duplicate { key, period: Period::year(year), place: None });
        }
        if let Err(place) = self.years.binary_search(&year) {
            self.years.insert(place, year);
        }
        Ok(())
    }

    /// Adds all cells of `other`.
    ///
    /// # Errors
    /// [`DataError::Duplicate`] if a cell was there already.
    pub fn extend(&mut self, other: Self) -> Result<(), DataError> {
        for (key, years) in other.cells {
            for (year, cell) in years {
                self.insert(key.item(), key.region(), year, cell)?;
            }
        }
        Ok(())
    }

    /// The years surveyed, ascending.
    #[must_use]
    pub fn years(&self) -> &[i16] {
        &self.years
    }

    /// Number of occupation-region-year cells.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cells.values().map(BTreeMap::len).sum()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The regions with any cell, ascending.
    #[must_use]
    pub fn regions(&self) -> Vec<RegionId> {
        let mut regions: Vec<RegionId> = self.cells.keys().map(|key| key.region().clone()).collect();
        regions.sort();
        regions.dedup();
        regions
    }

    /// One occupation in one region and year; `None` if the survey does not list it.
    #[must_use]
    pub fn get(&self, soc: &str, region: &RegionId, year: i16) -> Option<&OccupationYear> {
        self.cells.get(&SeriesKey::new(soc, region.as_str()))?.get(&year)
    }

    /// All occupations together.
    #[must_use]
    pub fn all_occupations(&self, region: &RegionId, year: i16) -> Option<&OccupationYear> {
        self.get(ALL_OCCUPATIONS, region, year)
    }

    /// Every occupation of a region, with its years; all occupations together left out.
    pub fn occupations<'a>(
        &'a self,
        region: &'a RegionId,
    ) -> impl Iterator<Item = (&'a str, &'a BTreeMap<i16, OccupationYear>)> {
        let detailed = move |key: &SeriesKey| key.region() == region && key.item() != ALL_OCCUPATIONS;
        self.cells.iter().filter(move |(key, _)| detailed(key)).map(|(key, years)| (key.item(), years))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_cell_for_the_same_year_is_refused() {
        let mut table = PayTable::new();
        let cell = OccupationYear { median_usd: Some(40_000.0), ..OccupationYear::default() };
        table.insert("31-9092", &RegionId::nation(), 2024, cell).unwrap();
        let error = table.insert("31-9092", &RegionId::nation(), 2024, cell).unwrap_err().to_string();
        assert_eq!(error, "series 31-9092 has two values for 2024");
        assert_eq!(table.years(), [2024]);
        assert_eq!(table.occupations(&RegionId::nation()).count(), 1);
    }
}
