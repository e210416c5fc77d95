//! Several steps, each from the forecasts before it.

use ndarray::{Array2, Axis};

use super::TARGET;
use super::learn::Core;
use crate::error::Result;
use crate::key::SeriesKey;
use crate::panel::Panel;
use crate::regression::FittedRegressor;
use crate::time::Period;

impl<F: FittedRegressor> Core<F> {
    /// Forecasts of z, `steps` for each series, from its key, the period to come and its last z.
    pub(super) fn recurse(&self, tails: Vec<(SeriesKey, Period, Vec<f64>)>, steps: usize) -> Result<Vec<Vec<f64>>> {
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
        for _ in 0..steps {
            let x = stream.peek(unknown.view())?;
            let predicted = self.fitted.predict(x.as_standard_layout().view())?;
            let next = predicted.mapv(|value| (value - self.drift).clamp(self.range.0, self.range.1));
            paths.iter_mut().zip(&next).for_each(|(path, value)| path.push(*value));
            stream.push(next.insert_axis(Axis(1)).view())?;
        }
        Ok(paths)
    }
}
