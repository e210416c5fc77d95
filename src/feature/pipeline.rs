//! Features one after the other, over all series at once.

use std::sync::Arc;

use ndarray::{Array2, ArrayViewMut2, Axis, ShapeBuilder, s};
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Feature, FeatureMatrix, FeatureSpec, FittedFeature};
use crate::error::{ParamError, PersistError, Result};
use crate::panel::{Panel, SeriesView};
use crate::persist::Persist;

/// Features in the order of their columns.
#[derive(Debug, Default)]
pub struct FeaturePipeline {
    steps: Vec<Box<dyn Feature>>,
}

impl FeaturePipeline {
    /// A pipeline without steps.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the columns of `step` behind those that are there.
    #[must_use]
    pub fn then(mut self, step: impl Feature + 'static) -> Self {
        self.steps.push(Box::new(step));
        self
    }

    /// Learns every step from `train`.
    ///
    /// # Errors
    /// [`ParamError`] if there is no step or two columns have the same name; whatever a step cannot use.
    pub fn fit(&self, train: &Panel) -> Result<FittedPipeline> {
        let steps = self.steps.iter().map(|step| step.fit(train)).collect::<Result<Vec<_>>>()?;
        Ok(FittedPipeline::new(steps)?)
    }
}

/// Features that have seen their training span.
///
/// Saved as the [`FeatureSpec`] of each step; a step without one makes saving fail.
#[derive(Clone, Debug)]
pub struct FittedPipeline {
    steps: Vec<Arc<dyn FittedFeature>>,
    columns: Vec<String>,
    /// Where the columns of each step begin; one more entry than steps.
    bounds: Vec<usize>,
}

impl FittedPipeline {
    fn new(steps: Vec<Box<dyn FittedFeature>>) -> Result<Self, ParamError> {
        let (mut columns, mut bounds) = (Vec::new(), vec![0]);
        for step in &steps {
            columns.extend(step.columns());
            bounds.push(columns.len());
        }
        if columns.is_empty() {
            return Err(ParamError::new("steps", steps.len(), "at least one, with at least one column"));
        }
        if let Some((_, name)) = columns.iter().enumerate().find(|(place, name)| columns[..*place].contains(name)) {
            return Err(ParamError::new("column", name, "a name that no other step writes"));
        }
        Ok(Self { steps: steps.into_iter().map(Arc::from).collect(), columns, bounds })
    }

    /// The names of the columns, in the order of the steps.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// How many rows before `t` row `t` depends on; `None` for all of them.
    #[must_use]
    pub fn memory(&self) -> Option<usize> {
        self.steps.iter().map(|step| step.memory()).try_fold(0, |most, memory| Some(most.max(memory?)))
    }

    /// The design matrix of `panel`: one row for each of its rows. O(rows * columns) time, one allocation.
    ///
    /// Series are worked on in parallel; the result does not depend on the number of threads.
    ///
    /// # Errors
    /// Of the series that a step cannot use, the error of the first.
    pub fn transform(&self, panel: &Panel) -> Result<FeatureMatrix> {
        let mut x = Array2::from_elem((panel.n_rows(), self.columns.len()).f(), f64::NAN);
        let blocks = blocks(x.view_mut(), panel.offsets());
        let outcomes: Vec<Result<()>> = blocks
            .into_par_iter()
            .enumerate()
            .map(|(index, mut block)| {
                let series = panel.series(index);
                self.steps
                    .iter()
                    .zip(self.bounds.windows(2))
                    .try_for_each(|(step, bound)| step.fill(series, block.slice_mut(s![.., bound[0]..bound[1]])))
            })
            .collect();
        outcomes.into_iter().collect::<Result<()>>()?;
        Ok(FeatureMatrix::new(x, self.columns.clone(), panel))
    }

    fn specs(&self) -> Result<Vec<FeatureSpec>, String> {
        self.steps.iter().map(|step| step.spec().ok_or_else(|| format!("{step:?} cannot be saved"))).collect()
    }
}

/// What `of` makes of each series, in the order of their keys. Worked out in parallel.
pub(super) fn map_series<T: Send>(panel: &Panel, of: impl Fn(SeriesView<'_>) -> T + Send + Sync) -> Vec<T> {
    panel.par_series().map(of).collect()
}

/// Cuts the rows of `x` into one block for each series.
fn blocks<'a>(mut x: ArrayViewMut2<'a, f64>, offsets: &[usize]) -> Vec<ArrayViewMut2<'a, f64>> {
    let mut blocks = Vec::with_capacity(offsets.len() - 1);
    for pair in offsets.windows(2) {
        let (block, rest) = x.split_at(Axis(0), pair[1] - pair[0]);
        blocks.push(block);
        x = rest;
    }
    blocks
}

impl PartialEq for FittedPipeline {
    /// Equal if both can be saved and what is saved is equal.
    fn eq(&self, other: &Self) -> bool {
        self.specs().is_ok_and(|specs| other.specs().is_ok_and(|others| specs == others))
    }
}

impl Serialize for FittedPipeline {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.specs().map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for FittedPipeline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let specs = Vec::<FeatureSpec>::deserialize(deserializer)?;
        let steps = specs.into_iter().map(FeatureSpec::into_fitted).collect::<Result<Vec<_>, _>>();
        Self::new(steps.map_err(serde::de::Error::custom)?).map_err(serde::de::Error::custom)
    }
}

impl Persist for FittedPipeline {
    const KIND: &'static str = "feature_pipeline";
    const FORMAT: u32 = 1;

    /// Nothing is left to check: reading runs the checks of every step.
    fn revalidate(self) -> Result<Self, PersistError> {
        Ok(self)
    }
}
