//! Premia period by period.

use super::path::PathEstimates;
use super::sample::{Sample, count_cells, least_employers};
use super::settings::PremiumSettings;
use crate::error::FitError;
use crate::key::SeriesKey;
use crate::regression::sparse_absorbed::SparseRows;
use crate::time::Period;

/// The estimates of one certificate and how many rows are behind each.
#[derive(Clone, Debug)]
pub(super) struct ByPeriod {
    /// Position of the certificate in the data.
    pub(super) id: usize,
    pub(super) estimates: PathEstimates,
    pub(super) rows: Vec<usize>,
}

/// One regression in which each certificate has a column for each period with enough rows and employers, and one for all its other
/// rows, which is not told. Certificates without two such periods have no path.
pub(super) fn by_period(sample: &Sample<'_>, settings: &PremiumSettings) -> Result<Vec<ByPeriod>, FitError> {
    let data = sample.data;
    let Some(month) = data.month else { return Ok(Vec::new()) };
    let of_code: Vec<Option<Period>> = data.periods.iter().map(|p| p.to_frequency(settings.period)).collect();
    let mut periods: Vec<Period> = of_code.iter().flatten().copied().collect();
    periods.dedup();
    // Data by year cannot be told by quarter.
    if periods.len() < 2 || data.periods.iter().any(|period| period.frequency() > settings.period) {
        return Ok(Vec::new());
    }
    let place_of: Vec<usize> =
        of_code.iter().map(|p| p.and_then(|p| periods.binary_search(&p).ok()).unwrap_or(0)).collect();
    let codes = &data.effects[month].codes;
    let (n_own, n_periods) = (sample.own.len(), periods.len());
    let small = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    // Cells are numbered certificate by certificate.
    let cells_of = |place: usize| {
        let period = place_of[codes[sample.frame.rows[place] as usize] as usize];
        let own = sample.columns(place).filter(|column| (*column as usize) < n_own);
        own.map(|own| small(own as usize * n_periods + period)).collect::<Vec<u32>>()
    };
    let held: Vec<Vec<u32>> = (0..sample.frame.n_rows()).map(cells_of).collect();
    let cells = count_cells(&sample.frame, n_own * n_periods, |place| &held[place]);
    let employers = least_employers(data, settings);
    let told: Vec<bool> =
        cells.iter().map(|cell| cell.rows >= settings.min_rows && cell.employers >= employers).collect();
    let mut columns: Vec<u32> = vec![u32::MAX; cells.len()];
    let mut next = 0;
    for own in 0..n_own {
        let of_own = own * n_periods..(own + 1) * n_periods;
        for cell in of_own.clone().filter(|cell| told[*cell]) {
            columns[cell] = next;
            next += 1;
        }
        if of_own.clone().any(|cell| !told[cell] && cells[cell].rows > 0) {
            of_own.filter(|cell| !told[*cell]).for_each(|cell| columns[cell] = next);
            next += 1;
        }
    }
    let rare = sample.n_columns > n_own;
    let mut sparse = SparseRows::new(next as usize + usize::from(rare));
    for (place, held) in held.iter().enumerate() {
        let has_rare = rare && sample.columns(place).any(|column| column as usize == n_own);
        sparse.push(held.iter().map(|cell| columns[*cell as usize]).chain(has_rare.then_some(next)));
    }
    let fit = sample.fit(sparse, None, false)?;
    let mut found = Vec::new();
    for (own, &id) in sample.own.iter().enumerate() {
        let cell = |period: usize| own * n_periods + period;
        let column = |period: usize| columns[cell(period)] as usize;
        let known: Vec<usize> = (0..n_periods)
            .filter(|period| told[cell(*period)] && fit.variance(column(*period)).is_some_and(|v| v > 0.0))
            .collect();
        if known.len() < 2 {
            continue;
        }
        let covariance =
            |a: usize| known.iter().filter_map(|b| fit.covariance_of(column(a), column(*b))).collect::<Vec<_>>();
        found.push(ByPeriod {
            id,
            estimates: PathEstimates {
                key: SeriesKey::national(&data.ids[id]),
                periods: known.iter().map(|period| periods[*period]).collect(),
                estimates: known.iter().map(|period| fit.coefficients[column(*period)]).collect(),
                covariance: known.iter().flat_map(|period| covariance(*period)).collect(),
            },
            rows: known.iter().map(|period| cells[cell(*period)].rows).collect(),
        });
    }
    Ok(found)
}
