//! Several steps ahead.

use ndarray::{Array1, Array2, Axis};

use super::TARGET;
use super::learn::{Core, Step};
use crate::error::Result;
use crate::key::SeriesKey;
use crate::panel::Panel;
use crate::regression::FittedRegressor;
use crate::time::Period;

impl<F: FittedRegressor> Core<F> {
    /// Forecasts of z, `steps` for each series, from its key, the period to come and its last z.
    ///
    /// The regressions of the first step and of the `further` ones forecast that many steps from what is known; from there on the
    /// forecasts serve as history. Without further ones this is recursion.
    pub(super) fn paths(
        &self,
        further: &[Step<F>],
        tails: Vec<(SeriesKey, Period, Vec<f64>)>,
        steps: usize,
    ) -> Result<Vec<Vec<f64>>> {
        let season = tails.first().map_or(1, |(_, next, _)| next.frequency().season());
        let known = self.pipeline.known_for(season);
        let memory = self.pipeline.memory();
        let n = tails.len();
        let history = tails.into_iter().map(|(key, next, mut z)| {
            z.drain(..z.len() - memory.unwrap_or(z.len()).min(z.len()));
            (key, next.plus(-i32::try_from(z.len()).unwrap_or(i32::MAX)), z)
        });
        let mut stream = self.pipeline.stream(&Panel::from_series(TARGET, history)?)?;
        let mut paths = vec![Vec::with_capacity(steps); n];
        // The row to be predicted holds no target yet.
        let unknown = Array2::from_elem((n, 1), f64::NAN);

        let mut done = 0;
        while done < steps {
            let x = stream.peek(unknown.view())?.to_owned();
            let mut block = vec![bounded(&self.fitted, self.drift, self.range, &x)?];
            let further = &further[..further.len().min(steps - done - 1)];
            if !further.is_empty() {
                let mut later = stream.clone();
                for (ahead, step) in (2..).zip(further) {
                    later.push(unknown.view())?;
                    let now = later.peek(unknown.view())?;
                    let mut x = x.clone();
                    for (column, _) in known.iter().enumerate().filter(|(_, known)| **known >= ahead) {
                        x.column_mut(column).assign(&now.column(column));
                    }
                    block.push(bounded(&step.fitted, step.drift, step.range, &x)?);
                }
            }
            for next in block {
                paths.iter_mut().zip(&next).for_each(|(path, value)| path.push(*value));
                stream.push(next.insert_axis(Axis(1)).view())?;
                done += 1;
            }
        }
        Ok(paths)
    }
}

/// Predictions without the drift, within the range that was learned from.
fn bounded(fitted: &impl FittedRegressor, drift: f64, range: (f64, f64), x: &Array2<f64>) -> Result<Array1<f64>> {
    let predicted = fitted.predict(x.as_standard_layout().view())?;
    Ok(predicted.mapv(|value| (value - drift).clamp(range.0, range.1)))
}
