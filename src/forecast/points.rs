//! Point forecasts of many series, and forecasts from origins inside a history.

use std::num::NonZeroUsize;

/// Point forecasts: for each series of a panel, in its order, one value for each step.
#[derive(Clone, Debug, PartialEq)]
pub struct Points {
    horizon: NonZeroUsize,
    values: Vec<f64>,
}

impl Points {
    /// No forecast (NaN) for any of `n_series`.
    #[must_use]
    pub fn missing(n_series: usize, horizon: NonZeroUsize) -> Self {
        Self { horizon, values: vec![f64::NAN; n_series * horizon.get()] }
    }

    /// From the paths of all series, one after the other; a path of another length is cut or ends in NaN.
    pub fn from_paths(horizon: NonZeroUsize, paths: impl IntoIterator<Item = Vec<f64>>) -> Self {
        let mut values = Vec::new();
        for mut path in paths {
            path.resize(horizon.get(), f64::NAN);
            values.extend(path);
        }
        Self { horizon, values }
    }

    /// Number of steps.
    #[must_use]
    pub fn horizon(&self) -> NonZeroUsize {
        self.horizon
    }

    /// Number of series.
    #[must_use]
    pub fn n_series(&self) -> usize {
        self.values.len() / self.horizon
    }

    /// The path of the series at `index`, nearest period first.
    ///
    /// # Panics
    /// If there is no such series.
    #[must_use]
    pub fn path(&self, index: usize) -> &[f64] {
        &self.values[index * self.horizon.get()..(index + 1) * self.horizon.get()]
    }

    /// The path of the series at `index`, to be written.
    pub(super) fn path_mut(&mut self, index: usize) -> &mut [f64] {
        &mut self.values[index * self.horizon.get()..(index + 1) * self.horizon.get()]
    }
}
