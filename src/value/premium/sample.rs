//! The rows and columns of the pay regressions.

use super::data::PremiumData;
use super::settings::PremiumSettings;
use crate::error::FitError;
use crate::regression::sparse_absorbed::{Fit, Frame, SparseRows, fit};

/// How much there is of one certificate (or pair, or period) among the used rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) rows: usize,
    /// Employers with such a row; groups of rows without a column of employers.
    pub(super) employers: usize,
}

/// The used rows, which certificates have a column of their own, and what all regressions share.
#[derive(Debug)]
pub(super) struct Sample<'a> {
    pub(super) data: &'a PremiumData,
    /// With all effects.
    pub(super) frame: Frame,
    /// Without the occupation's; `None` where there is no column of occupations.
    pub(super) raw_frame: Option<Frame>,
    /// Certificates with a column of their own, ascending.
    pub(super) own: Vec<usize>,
    /// The column of each certificate: its own, or that of all rare ones together.
    column: Vec<Option<u32>>,
    /// What there is of each certificate.
    pub(super) cells: Vec<Cell>,
    /// Number of columns of certificates: their own, and that of rare ones if there are any.
    pub(super) n_columns: usize,
    /// Log pay, in the order of the frame.
    pub(super) y: Vec<f64>,
    /// Controls in the order of the frame, centred.
    pub(super) dense: Vec<Vec<f64>>,
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Rows and groups with each of `n` things; `of_place` says which the row at a place of the frame has.
pub(super) fn count_cells<'b, I: IntoIterator<Item = &'b u32>>(
    frame: &Frame,
    n: usize,
    mut of_place: impl FnMut(usize) -> I,
) -> Vec<Cell> {
    let mut cells = vec![Cell::default(); n];
    let mut seen = vec![usize::MAX; n];
    for (group, bounds) in frame.groups.windows(2).enumerate() {
        for place in bounds[0]..bounds[1] {
            for code in of_place(place) {
                let code = *code as usize;
                cells[code].rows += 1;
                if seen[code] != group {
                    seen[code] = group;
                    cells[code].employers += 1;
                }
            }
        }
    }
    cells
}

impl<'a> Sample<'a> {
    pub(super) fn new(data: &'a PremiumData, settings: &PremiumSettings) -> Result<Self, FitError> {
        let usable = |row: &usize| data.complete[*row] && !data.log_pay[*row].is_nan();
        let rows: Vec<u32> = (0..data.n_rows()).filter(usable).map(small).collect();
        if rows.is_empty() {
            let detail = "no row has pay and every label it needs (occupation, region, employer, month)".into();
            return Err(FitError::Design { detail });
        }
        let effects: Vec<&[u32]> = data.effects.iter().map(|effect| effect.codes.as_slice()).collect();
        // Without employers the largest other effect makes the groups; not the occupation's, which one regression leaves out.
        let size = |effect: &usize| (data.effects[*effect].codes.iter().max(), usize::MAX - effect);
        let others = (0..effects.len()).filter(|effect| Some(*effect) != data.occupation);
        let group = data.employer.or_else(|| others.max_by_key(size));
        let frame = Frame::new(rows, &effects, group, data.employer.is_some()).map_err(|error| alone(data, error))?;
        if data.employer.is_some() && frame.n_groups() < 2 {
            let detail = "all rows have one employer: errors cannot be clustered by employer; without a column of employers \
                          they are told as if rows did not depend on each other";
            return Err(FitError::Design { detail: detail.into() });
        }
        let raw_frame = data.occupation.map(|occupation| frame.without(occupation));
        let row = |place: usize| frame.rows[place] as usize;
        let cells = count_cells(&frame, data.ids.len(), |place| data.certificates.row(row(place)));
        let enough = |cell: &Cell| cell.rows >= settings.min_rows && cell.employers >= least_employers(data, settings);
        let own: Vec<usize> = (0..cells.len()).filter(|id| enough(&cells[*id])).collect();
        let rare = cells.iter().any(|cell| cell.rows > 0 && !enough(cell));
        let mut column = vec![rare.then(|| small(own.len())); cells.len()];
        own.iter().enumerate().for_each(|(place, id)| column[*id] = Some(small(place)));
        let y = (0..frame.n_rows()).map(|place| data.log_pay[row(place)]).collect();
        let centred = |values: &Vec<f64>| {
            let values: Vec<f64> = (0..frame.n_rows()).map(|place| values[row(place)]).collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            values.into_iter().map(|value| value - mean).collect()
        };
        let dense = data.numbers.iter().map(|number| centred(&number.values)).collect();
        let n_columns = own.len() + usize::from(rare);
        Ok(Self { data, frame, raw_frame, own, column, cells, n_columns, y, dense })
    }

    /// The certificates of the row at `place`.
    pub(super) fn certificates(&self, place: usize) -> &'a [u32] {
        self.data.certificates.row(self.frame.rows[place] as usize)
    }

    /// The columns that the row at `place` has for its certificates.
    pub(super) fn columns(&self, place: usize) -> impl Iterator<Item = u32> + '_ {
        self.certificates(place).iter().filter_map(|id| self.column[*id as usize])
    }

    /// The columns of all certificates.
    pub(super) fn certificate_columns(&self) -> SparseRows {
        let mut sparse = SparseRows::new(self.n_columns);
        (0..self.frame.n_rows()).for_each(|place| sparse.push(self.columns(place)));
        sparse
    }

    /// Regresses log pay on sparse columns and the controls, with the effects of occupations or (`raw`) without.
    pub(super) fn fit(&self, sparse: SparseRows, weights: Option<Vec<f64>>, raw: bool) -> Result<Fit, FitError> {
        let frame = if raw { self.raw_frame.as_ref().unwrap_or(&self.frame) } else { &self.frame };
        fit(frame, sparse, self.dense.clone(), self.y.clone(), weights)
    }
}

/// Without a column of employers no number of them can be asked for.
pub(super) fn least_employers(data: &PremiumData, settings: &PremiumSettings) -> usize {
    if data.employer.is_some() { settings.min_employers } else { 0 }
}

/// Says which effects left no row.
fn alone(data: &PremiumData, error: FitError) -> FitError {
    match error {
        FitError::Design { detail } => {
            let names: Vec<&str> = data.effects.iter().map(|effect| effect.name.as_str()).collect();
            FitError::Design { detail: format!("{detail} (the effects are {})", names.join(", ")) }
        }
        other => other,
    }
}
