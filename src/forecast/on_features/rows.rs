//! Which rows are learned from.

use std::sync::OnceLock;

use ndarray::{Array1, Array2, Axis};

use super::TARGET;
use crate::error::Result;
use crate::feature::{FeatureMatrix, FeaturePipeline, FittedPipeline};
use crate::key::SeriesKey;
use crate::panel::Panel;
use crate::time::Period;

/// How many rows a regression learns its first step from, and why the others are left out: each is a period of a series that
/// can be scaled. See [`OnFeatures::training_rows`](super::OnFeatures::training_rows).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrainingRows {
    /// Rows that are learned from.
    pub used: usize,
    /// Of these, rows with a missing feature, which the regression can use.
    pub with_missing: usize,
    /// Rows left out for a missing feature: each such feature for most regressions, all of them for one that takes missing values.
    pub without_features: usize,
    /// Rows left out because the value or the change to be learned is missing, the first change of each series among them.
    pub without_target: usize,
}

/// Features and targets of scaled series. A row is a period: features of the past as they are known before it, features that are
/// known ahead in it.
pub(super) struct Rows {
    panel: Panel,
    pipeline: FittedPipeline,
    matrix: FeatureMatrix,
    /// How many periods ahead each column is known.
    known: Vec<usize>,
    /// The last row of the series of each row.
    ends: Vec<usize>,
    /// Whether a row may have missing features as long as one of the past is there.
    lenient: bool,
    /// The features had every target had the other sign, once somebody asked.
    turned: OnceLock<FeatureMatrix>,
}

impl Rows {
    /// `lenient`: a row may have missing features as long as one of the past is there.
    pub(super) fn new(
        recipe: &FeaturePipeline,
        series: Vec<(SeriesKey, Period, Vec<f64>)>,
        lenient: bool,
    ) -> Result<Self> {
        let panel = Panel::from_series(TARGET, series)?;
        let pipeline = recipe.fit(&panel)?;
        let matrix = pipeline.transform(&panel)?;
        let known = pipeline.known_for(panel.frequency().season());
        let ends = (0..panel.n_series()).flat_map(|index| {
            let rows = matrix.rows_of(index);
            rows.clone().map(move |_| rows.end - 1)
        });
        let ends = ends.collect();
        Ok(Self { panel, pipeline, matrix, known, ends, lenient, turned: OnceLock::new() })
    }

    pub(super) fn into_pipeline(self) -> FittedPipeline {
        self.pipeline
    }

    /// The row that a column is taken from for a period `ahead` steps on, counted from that of the origin: the period's own if the
    /// column is known there by then.
    fn shift(&self, column: usize, ahead: usize) -> usize {
        if self.known[column] >= ahead { ahead - 1 } else { 0 }
    }

    /// The rows whose features can be used for the period `ahead` steps on, 1 being the row itself.
    fn usable(&self, ahead: usize) -> Vec<usize> {
        let mut usable = vec![!self.lenient; self.matrix.n_rows()];
        for (place, column) in self.matrix.view().columns().into_iter().enumerate() {
            let later = column.iter().skip(self.shift(place, ahead));
            for (usable, value) in usable.iter_mut().zip(later) {
                match (self.lenient, self.known[place] == usize::MAX) {
                    (true, true) => {}
                    (true, false) => *usable |= value.is_finite(),
                    (false, _) => *usable &= !value.is_nan(),
                }
            }
        }
        (0..usable.len()).filter(|&row| usable[row] && row + ahead - 1 <= self.ends[row]).collect()
    }

    fn target(&self) -> &[f64] {
        self.panel.column(TARGET).unwrap_or_default()
    }

    /// The usable rows whose target is there.
    pub(super) fn with_target(&self, ahead: usize) -> Vec<usize> {
        let targets = self.target();
        self.usable(ahead).into_iter().filter(|row| targets[row + ahead - 1].is_finite()).collect()
    }

    /// The usable rows whose target lies in the last season of the panel, be it there or not.
    pub(super) fn of_last_season(&self, ahead: usize) -> Vec<usize> {
        let season = i32::try_from(self.panel.frequency().season()).unwrap_or(i32::MAX);
        let Some(before) = self.panel.last_period().map(|last| last.plus(-season)) else { return Vec::new() };
        self.usable(ahead).into_iter().filter(|row| self.matrix.origin(row + ahead - 1).1 > before).collect()
    }

    pub(super) fn targets(&self, rows: &[usize], ahead: usize) -> Array1<f64> {
        let targets = self.target();
        rows.iter().map(|row| targets[row + ahead - 1]).collect()
    }

    /// Features as they are known in each of `rows` for a period `ahead` steps on.
    pub(super) fn design(&self, rows: &[usize], ahead: usize) -> Array2<f64> {
        self.select(&self.matrix, rows, ahead)
    }

    /// As [`Rows::design`], had every target had the other sign.
    pub(super) fn turned(&self, rows: &[usize], ahead: usize) -> Result<Array2<f64>> {
        if let Some(matrix) = self.turned.get() {
            return Ok(self.select(matrix, rows, ahead));
        }
        let turned: Vec<f64> = self.target().iter().map(|z| -z).collect();
        let matrix = self.pipeline.transform(&self.panel.clone().with_column(TARGET, &turned)?)?;
        Ok(self.select(self.turned.get_or_init(|| matrix), rows, ahead))
    }

    fn select(&self, matrix: &FeatureMatrix, rows: &[usize], ahead: usize) -> Array2<f64> {
        let all = matrix.view();
        let mut x = all.select(Axis(0), rows);
        for (place, from) in all.columns().into_iter().enumerate() {
            let shift = self.shift(place, ahead);
            if shift > 0 {
                x.column_mut(place).iter_mut().zip(rows).for_each(|(cell, row)| *cell = from[row + shift]);
            }
        }
        x
    }

    /// What becomes of the rows in the first step.
    pub(super) fn count(&self) -> TrainingRows {
        let used = self.with_target(1);
        let missing = |row: &&usize| self.matrix.view().row(**row).iter().any(|value| value.is_nan());
        let without_target = self.target().iter().filter(|z| !z.is_finite()).count();
        TrainingRows {
            used: used.len(),
            with_missing: used.iter().filter(missing).count(),
            without_features: self.matrix.n_rows() - without_target - used.len(),
            without_target,
        }
    }
}
