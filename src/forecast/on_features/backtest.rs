//! Errors of forecasts inside the training span.

use super::seen::Seen;
use super::{LONGEST_STEP, OnFeatures};
use crate::error::Result;
use crate::feature::FeaturePipeline;
use crate::forecast::TargetForm;
use crate::forecast::scaled::Scaled;
use crate::regression::Regressor;

/// Origins of the back-test inside the training span.
const MOST_ORIGINS: usize = 6;

impl<R: Regressor> OnFeatures<R> {
    /// Errors of forecasts inside the training span; empty if the span is too short for any.
    pub(super) fn backtest(
        &self,
        recipe: &FeaturePipeline,
        seen: &[Seen<'_>],
        reach: usize,
        length: usize,
        horizon: usize,
    ) -> Result<Vec<Vec<f64>>> {
        let reserve = (length / 3).min(LONGEST_STEP);
        let Some(last) = seen.iter().map(|series| series.end).max() else { return Ok(Vec::new()) };
        if reserve == 0 {
            return Ok(Vec::new());
        }
        let first = last.plus(-i32::try_from(reserve).unwrap_or(i32::MAX));
        // Scales and the regression know nothing after the first origin.
        let scaled: Vec<Option<Scaled>> =
            seen.iter().map(|series| Scaled::new(series.until(first), self.form).ok()).collect();
        let training: Vec<_> = seen
            .iter()
            .zip(&scaled)
            .filter_map(|(series, scaled)| Some((series.key.clone(), series.period(0), scaled.as_ref()?.z.clone())))
            .collect();
        if training.is_empty() {
            return Ok(Vec::new());
        }
        let Ok(learned) = self.learn(recipe, training, horizon) else { return Ok(Vec::new()) };
        let mut errors = vec![Vec::new(); reserve];
        let n_origins = reserve.min(MOST_ORIGINS);
        for place in 0..n_origins {
            let skip = place * reserve / n_origins;
            let origin = first.plus(i32::try_from(skip).unwrap_or(i32::MAX));
            let (mut tails, mut whose) = (Vec::new(), Vec::new());
            for (index, (series, scaled)) in seen.iter().zip(&scaled).enumerate() {
                let (y, Some(scaled)) = (series.until(origin), scaled) else { continue };
                let Some(here) = scaled.extend(y, self.form) else { continue };
                if let Some(kept) = self.kept(&here.z, reach) {
                    let tail = here.z[here.z.len() - kept..].to_vec();
                    tails.push((series.key.clone(), origin.plus(1), tail));
                    whose.push((index, here));
                }
            }
            if tails.is_empty() {
                continue;
            }
            let paths = learned.core.paths(&learned.further, tails, reserve - skip)?;
            for ((index, here), ahead) in whose.iter().zip(&paths) {
                let later = seen[*index].y.iter().skip(here.z.len());
                for ((actual, path), pool) in later.zip(here.path(ahead, self.form)).zip(&mut errors) {
                    let actual = if self.form == TargetForm::LogDifference { actual.ln() } else { *actual };
                    let error = (actual - path).abs() / here.scale;
                    if error.is_finite() {
                        pool.push(error);
                    }
                }
            }
        }
        Ok(errors)
    }
}
