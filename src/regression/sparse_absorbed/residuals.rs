//! What all effects leave of every column, row by row, without ever holding it for all rows.

use std::ops::Range;

use super::columns::Columns;
use super::frame::Frame;
use super::solve::LevelEffects;

/// Walks over rows and works out what all effects leave of every column. Two passes over each group, the first to find its
/// means: O(rows * columns * effects) time, O(columns) memory.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    frame: &'a Frame,
    columns: &'a Columns,
    weights: Option<&'a [f64]>,
    effects: &'a LevelEffects,
    groups: Range<usize>,
    places: Range<usize>,
    mean: Vec<f64>,
    values: Vec<f64>,
}

/// A row on the way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// Position in the frame.
    pub(super) place: usize,
    pub(super) weight: f64,
    /// Whether it is the last row of its group.
    pub(super) ends_group: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        frame: &'a Frame,
        columns: &'a Columns,
        weights: Option<&'a [f64]>,
        effects: &'a LevelEffects,
        groups: Range<usize>,
    ) -> Self {
        let n = columns.len();
        Self { frame, columns, weights, effects, groups, places: 0..0, mean: vec![0.0; n], values: vec![0.0; n] }
    }

    fn weight(&self, place: usize) -> f64 {
        self.weights.map_or(1.0, |w| w[place])
    }

    /// The next row.
    pub(super) fn step(&mut self) -> Option<Step> {
        if self.places.is_empty() {
            let group = self.groups.next()?;
            self.places = self.frame.groups[group]..self.frame.groups[group + 1];
            self.mean.fill(0.0);
            let mut total = 0.0;
            for place in self.places.clone() {
                let weight = self.weight(place);
                total += weight;
                add_row(self.frame, self.columns, self.effects, place, weight, &mut self.mean);
            }
            // Rows without weight have nothing to say, whatever is left of them.
            let scale = if total > 0.0 { -1.0 / total } else { 0.0 };
            self.mean.iter_mut().for_each(|sum| *sum *= scale);
        }
        let place = self.places.next()?;
        self.values.copy_from_slice(&self.mean);
        add_row(self.frame, self.columns, self.effects, place, 1.0, &mut self.values);
        Some(Step { place, weight: self.weight(place), ends_group: self.places.is_empty() })
    }

    /// What is left of each column in the row of the last step.
    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }
}

/// Adds `scale` times what the effects other than the groups' leave of the row at `place`.
fn add_row(frame: &Frame, columns: &Columns, effects: &LevelEffects, place: usize, scale: f64, to: &mut [f64]) {
    let n = to.len();
    let width = frame.others.len();
    for code in &frame.codes[place * width..(place + 1) * width] {
        let first = *code as usize * n;
        to.iter_mut().zip(&effects.values[first..first + n]).for_each(|(to, effect)| *to -= scale * effect);
    }
    for member in columns.sparse.row(place) {
        to[*member as usize] += scale;
    }
    let n_sparse = columns.sparse.n_columns();
    to[n_sparse..].iter_mut().zip(&columns.dense).for_each(|(to, column)| *to += scale * column[place]);
}
