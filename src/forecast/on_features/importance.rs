//! Which features earn their place.

use ndarray::{Array1, Axis};

use super::seen::Study;
use super::{LONGEST_STEP, OnFeatures, TARGET};
use crate::error::{DataError, Result};
use crate::forecast::scaled::Scaled;
use crate::panel::Panel;
use crate::regression::{Importance, PermutationImportance, Regressor, column_groups};

impl<R: Regressor> OnFeatures<R> {
    /// Which features earn their place, measured inside `train`: the regression is fitted to the first two thirds of the span,
    /// and permutation importance is taken of one-step predictions in the last third (at most 48 periods), in units of each
    /// series' scale, in rows without a missing feature. Groups are those of [`column_groups`], by falling importance.
    ///
    /// # Errors
    /// [`DataError`] for a span in which nothing is left to measure; whatever a feature, the regression or the importance
    /// cannot use.
    pub fn importance(&self, train: &Panel, settings: PermutationImportance) -> Result<Vec<Importance>> {
        let column = self.target.as_deref().map_or(Ok(0), |name| train.column_index(name))?;
        let Study { seen, length, recipe } = self.study(train, column)?;
        let nothing = || DataError::Empty { what: "the part of the span that importance is measured in".into() };
        let last = train.last_period().ok_or_else(nothing)?;
        let first = last.plus(-i32::try_from((length / 3).min(LONGEST_STEP)).unwrap_or(i32::MAX));
        let scaled: Vec<_> = seen
            .iter()
            .filter_map(|series| {
                let known = Scaled::new(series.until(first), self.form).ok()?;
                Some((series, known.extend(series.y, self.form)?, known))
            })
            .collect();
        let span = |known: bool| {
            scaled.iter().map(move |(series, whole, past)| {
                (series.key.clone(), series.period(0), if known { past.z.clone() } else { whole.z.clone() })
            })
        };
        if scaled.is_empty() {
            return Err(nothing().into());
        }
        let core = self.learn(&recipe, span(true).collect(), 1)?.core;
        let panel = Panel::from_series(TARGET, span(false))?;
        let matrix = core.pipeline.transform(&panel)?;
        let targets = panel.column(TARGET)?;
        let later = |row: &usize| matrix.origin(*row).1 > first && targets[*row].is_finite();
        let rows: Vec<usize> = matrix.complete_rows().into_iter().filter(later).collect();
        if rows.is_empty() {
            return Err(nothing().into());
        }
        let y: Array1<f64> = rows.iter().map(|&row| targets[row]).collect();
        let x = matrix.view().select(Axis(0), &rows);
        let mut found = settings.of(&core.fitted, x.view(), y.view(), &column_groups(matrix.names()))?;
        found.sort_by(|a, b| b.increase.total_cmp(&a.increase));
        Ok(found)
    }
}
