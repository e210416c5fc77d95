//! Features one after the other, over all series at once.

use std::sync::Arc;

use std::ops::Range;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::across::Across;
use super::element::Element;
use super::rows::Tiled;
use super::tile::{self, Tile};
use super::{Feature, FeatureMatrix, FeatureSpec, FittedFeature};
use crate::error::{ParamError, PersistError, Result};
use crate::panel::{Panel, SeriesView};
use crate::persist::Persist;

/// Rows that one task writes, in whole series: enough that handing out tasks costs nothing, few enough to share well.
const TASK_ROWS: usize = 16_384;

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
    /// What is known of each step: features of the crate write a tile of series at once.
    specs: Vec<Option<FeatureSpec>>,
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
        let specs = steps.iter().map(|step| step.spec()).collect();
        Ok(Self { steps: steps.into_iter().map(Arc::from).collect(), specs, columns, bounds })
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

    /// Whether a step compares series with each other, so that rows depend on the panel that a series stands in.
    #[must_use]
    pub fn looks_across(&self) -> bool {
        self.steps.iter().any(|step| step.looks_across())
    }

    /// The design matrix of `panel`: one row for each of its rows. O(rows * columns) time, one allocation.
    ///
    /// Series are worked on in parallel; the result does not depend on the number of threads.
    ///
    /// # Errors
    /// Of the series that a step cannot use, the error of the first.
    pub fn transform(&self, panel: &Panel) -> Result<FeatureMatrix> {
        self.transform_as(panel)
    }

    /// As [`FittedPipeline::transform`], with numbers of either width.
    ///
    /// # Errors
    /// As [`FittedPipeline::transform`].
    pub fn transform_as<T: Element>(&self, panel: &Panel) -> Result<FeatureMatrix<T>> {
        let mut matrix = FeatureMatrix::default();
        self.transform_into(panel, &mut matrix)?;
        Ok(matrix)
    }

    /// As [`FittedPipeline::transform`], into a matrix that was used before: if the number of cells is the same, no memory is
    /// asked for, which costs more than the features do.
    ///
    /// # Errors
    /// As [`FittedPipeline::transform`]; `matrix` is then left without rows.
    pub fn transform_into<T: Element>(&self, panel: &Panel, matrix: &mut FeatureMatrix<T>) -> Result<()> {
        matrix.reshape(panel, &self.columns);
        let outcome = self.fill(panel, matrix);
        if outcome.is_err() {
            *matrix = FeatureMatrix::default();
        }
        outcome
    }

    fn fill<T: Element>(&self, panel: &Panel, matrix: &mut FeatureMatrix<T>) -> Result<()> {
        let across = self.across(panel)?;
        let pad = self.specs.iter().flatten().map(Tiled::reach).max().unwrap_or(0);
        let mut rest: Vec<&mut [T]> = matrix.columns_mut().collect();
        let mut tasks = Vec::new();
        for series in tasks_of(panel) {
            let rows = panel.offsets()[series.end] - panel.offsets()[series.start];
            tasks.push((series, take_rows(&mut rest, rows)));
        }
        let outcomes: Vec<Result<()>> = tasks
            .into_par_iter()
            .map_init(
                || Tile::new(panel, &across, pad),
                |tile, (series, mut columns)| {
                    tile::tiles(panel, series).try_for_each(|series| {
                        tile.load(series);
                        self.write(tile, &mut take_rows(&mut columns, tile.n_rows()))
                    })
                },
            )
            .collect();
        outcomes.into_iter().collect()
    }

    /// Writes the tile that is loaded.
    fn write<T: Element>(&self, tile: &mut Tile<'_>, columns: &mut [&mut [T]]) -> Result<()> {
        for ((step, spec), bound) in self.steps.iter().zip(&self.specs).zip(self.bounds.windows(2)) {
            let columns = &mut columns[bound[0]..bound[1]];
            match spec {
                Some(spec) => spec.write(tile, columns)?,
                None => tile::write_each(step.as_ref(), tile, columns)?,
            }
        }
        Ok(())
    }

    /// What steps that look across series need, added up in parallel.
    fn across(&self, panel: &Panel) -> Result<Across> {
        let mut across = Across::default();
        for spec in self.specs.iter().flatten() {
            if let FeatureSpec::ByDate(step) = spec {
                across.learn(panel, &step.need(panel)?);
            }
        }
        Ok(across)
    }

    pub(super) fn steps(&self) -> &[Arc<dyn FittedFeature>] {
        &self.steps
    }

    pub(super) fn specs(&self) -> Result<Vec<FeatureSpec>, String> {
        let named = self.steps.iter().zip(&self.specs);
        named.map(|(step, spec)| spec.clone().ok_or_else(|| format!("{step:?} cannot be saved"))).collect()
    }
}

/// What `of` makes of each series, in the order of their keys. Worked out in parallel.
pub(super) fn map_series<T: Send>(panel: &Panel, of: impl Fn(SeriesView<'_>) -> T + Send + Sync) -> Vec<T> {
    panel.par_series().map(of).collect()
}

/// Whole series that make a task: the same cuts for any number of threads.
fn tasks_of(panel: &Panel) -> Vec<Range<usize>> {
    let offsets = panel.offsets();
    let mut tasks = Vec::new();
    let mut first = 0;
    for last in 1..=panel.n_series() {
        if offsets[last] - offsets[first] >= TASK_ROWS || last == panel.n_series() {
            tasks.push(first..last);
            first = last;
        }
    }
    tasks
}

/// Splits the first `rows` rows off every column.
fn take_rows<'a, T>(columns: &mut Vec<&'a mut [T]>, rows: usize) -> Vec<&'a mut [T]> {
    columns
        .iter_mut()
        .map(|column| {
            let (taken, rest) = std::mem::take(column).split_at_mut(rows);
            *column = rest;
            taken
        })
        .collect()
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
