//! Features one after the other, over all series at once.

use std::sync::{Arc, Mutex};

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
    drop_head: bool,
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

    /// Drops the rows at the head of each series that the longest lag and window do not reach, which cannot be complete. Rows
    /// with missing values stay, and a series that is too short keeps none.
    #[must_use]
    pub fn drop_head(mut self) -> Self {
        self.drop_head = true;
        self
    }

    /// Learns every step from `train`.
    ///
    /// # Errors
    /// [`ParamError`] if there is no step or two columns have the same name; whatever a step cannot use.
    pub fn fit(&self, train: &Panel) -> Result<FittedPipeline> {
        let steps = self.steps.iter().map(|step| step.fit(train)).collect::<Result<Vec<_>>>()?;
        Ok(FittedPipeline::new(steps, self.drop_head)?)
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
    drop_head: bool,
}

impl FittedPipeline {
    fn new(steps: Vec<Box<dyn FittedFeature>>, drop_head: bool) -> Result<Self, ParamError> {
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
        Ok(Self { steps: steps.into_iter().map(Arc::from).collect(), specs, columns, bounds, drop_head })
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

    /// For each column how many periods ahead it is known, 1 being the next one: any number for what depends on the series and the
    /// period alone, the lag for a lag of whole seasons.
    pub(crate) fn known_for(&self, season: usize) -> Vec<usize> {
        let widths = self.bounds.windows(2).map(|bounds| bounds[1] - bounds[0]);
        let known = |(spec, width): (&Option<FeatureSpec>, usize)| match spec {
            Some(spec) => spec.known_for(width, season),
            None => vec![1; width],
        };
        self.specs.iter().zip(widths).flat_map(known).collect()
    }

    /// Rows at the head of each series that are not written: 0 unless [`FeaturePipeline::drop_head`] asks for it.
    #[must_use]
    pub fn dropped_head(&self) -> usize {
        if !self.drop_head {
            return 0;
        }
        let reach = |spec: &Option<FeatureSpec>| spec.as_ref().map_or(0, Tiled::reach);
        let heads = self.steps.iter().zip(&self.specs).map(|(step, spec)| step.memory().unwrap_or(reach(spec)));
        heads.max().unwrap_or(0)
    }

    /// How many rows before a part of a series its windows look at; `None` if a step needs whole series.
    fn warm(&self) -> Option<usize> {
        let back = |(step, spec): (&Arc<dyn FittedFeature>, &Option<FeatureSpec>)| {
            spec.as_ref().map(|spec| step.memory().unwrap_or(spec.reach()))
        };
        self.steps.iter().zip(&self.specs).map(back).try_fold(0, |most, back| Some(most.max(back?)))
    }

    /// Whether a step compares series with each other, so that rows depend on the panel that a series stands in.
    #[must_use]
    pub fn looks_across(&self) -> bool {
        self.steps.iter().any(|step| step.looks_across())
    }

    /// The design matrix of `panel`: one row for each of its rows. O(rows * columns) time, one allocation.
    ///
    /// Series are worked on in parallel, and so are the steps where there are fewer series than threads; the result does not
    /// depend on the number of threads.
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

    /// As [`FittedPipeline::transform`], into a matrix that was used before: if it has room, no memory is asked for, which
    /// costs more than the features do.
    ///
    /// # Errors
    /// As [`FittedPipeline::transform`]; `matrix` is then left without rows.
    pub fn transform_into<T: Element>(&self, panel: &Panel, matrix: &mut FeatureMatrix<T>) -> Result<()> {
        let outcome = self.across(panel).and_then(|across| self.fill(panel, &across, 0..panel.n_series(), matrix));
        if outcome.is_err() {
            *matrix = FeatureMatrix::default();
        }
        outcome
    }

    /// The design matrix in chunks of whole series of at least `rows` rows (the last one may have fewer), in order, each handed
    /// to `sink` and its memory used again: for a matrix that is larger than memory.
    ///
    /// Rows are the same as those of [`FittedPipeline::transform`]: what steps compare is compared over the whole panel.
    ///
    /// # Errors
    /// As [`FittedPipeline::transform`], or the first error of `sink`. Chunks before it were handed over.
    pub fn transform_chunks<T: Element>(
        &self,
        panel: &Panel,
        rows: usize,
        mut sink: impl FnMut(&FeatureMatrix<T>) -> Result<()>,
    ) -> Result<()> {
        let across = self.across(panel)?;
        let mut matrix = FeatureMatrix::default();
        for series in cuts(panel, 0..panel.n_series(), rows) {
            self.fill(panel, &across, series, &mut matrix)?;
            sink(&matrix)?;
        }
        Ok(())
    }

    /// Writes some series of a panel.
    fn fill<T: Element>(
        &self,
        panel: &Panel,
        across: &Across,
        series: Range<usize>,
        matrix: &mut FeatureMatrix<T>,
    ) -> Result<()> {
        let head = self.dropped_head();
        matrix.reshape(panel, series.clone(), &self.columns, head);
        let pad = self.specs.iter().flatten().map(Tiled::reach).max().unwrap_or(0);
        let warm = self.warm();
        let cuts = cuts(panel, series.clone(), TASK_ROWS);
        let ends: Vec<usize> = cuts.iter().map(|cut| matrix.rows_of(cut.end - 1 - series.start).end).collect();
        let mut rest: Vec<&mut [T]> = matrix.columns_mut().collect();
        // Few tasks are shared out by their steps.
        let by_step = cuts.len() < rayon::current_num_threads();
        let (mut tasks, mut begun) = (Vec::new(), 0);
        for (series, end) in cuts.into_iter().zip(ends) {
            let mut columns = take_rows(&mut rest, end - begun);
            begun = end;
            if by_step {
                for step in 0..self.steps.len() {
                    let own = columns.drain(..self.bounds[step + 1] - self.bounds[step]).collect();
                    tasks.push((series.clone(), step..step + 1, own));
                }
            } else {
                tasks.push((series, 0..self.steps.len(), columns));
            }
        }
        // Tiles are used again by the next task: their memory is in the cache.
        let tiles = Mutex::new(Vec::new());
        let take = || tiles.lock().ok().and_then(|mut tiles| tiles.pop());
        let outcomes: Vec<Result<()>> = tasks
            .into_par_iter()
            .map(|(series, steps, mut columns)| {
                let mut taken =
                    take().unwrap_or_else(|| (Tile::new(panel, across, pad, warm.unwrap_or(0)), Vec::new()));
                let (tile, whole) = &mut taken;
                let outcome = tile::tiles(panel, series, warm).try_for_each(|cut| {
                    tile.load(cut);
                    if head == 0 {
                        return self.write(tile, steps.clone(), &mut take_rows(&mut columns, tile.n_rows()));
                    }
                    whole.resize(columns.len() * tile.n_rows(), T::default());
                    let mut rows: Vec<&mut [T]> = whole.chunks_exact_mut(tile.n_rows()).collect();
                    self.write(tile, steps.clone(), &mut rows)?;
                    for (_, of_series) in tile.series() {
                        let dropped = head.saturating_sub(tile.from());
                        let kept = (of_series.start + dropped).min(of_series.end)..of_series.end;
                        for (to, from) in take_rows(&mut columns, kept.len()).into_iter().zip(&rows) {
                            to.copy_from_slice(&from[kept.clone()]);
                        }
                    }
                    Ok(())
                });
                if let Ok(mut tiles) = tiles.lock() {
                    tiles.push(taken);
                }
                outcome
            })
            .collect();
        outcomes.into_iter().collect()
    }

    /// Writes the columns of some steps for the tile that is loaded.
    fn write<T: Element>(&self, tile: &mut Tile<'_>, steps: Range<usize>, columns: &mut [&mut [T]]) -> Result<()> {
        let first = self.bounds[steps.start];
        for step in steps {
            let columns = &mut columns[self.bounds[step] - first..self.bounds[step + 1] - first];
            match &self.specs[step] {
                Some(spec) => spec.write(tile, columns)?,
                None => tile::write_each(self.steps[step].as_ref(), tile, columns)?,
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

/// Runs of whole series of at least `rows` rows: the same cuts for any number of threads.
fn cuts(panel: &Panel, series: Range<usize>, rows: usize) -> Vec<Range<usize>> {
    let offsets = panel.offsets();
    let mut cuts = Vec::new();
    let mut first = series.start;
    for last in series.start + 1..=series.end {
        if offsets[last] - offsets[first] >= rows || last == series.end {
            cuts.push(first..last);
            first = last;
        }
    }
    cuts
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
        let same = self.specs().is_ok_and(|specs| other.specs().is_ok_and(|others| specs == others));
        same && self.drop_head == other.drop_head
    }
}

/// What a file holds.
#[derive(Serialize, Deserialize)]
struct Saved {
    steps: Vec<FeatureSpec>,
    drop_head: bool,
}

impl Serialize for FittedPipeline {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let steps = self.specs().map_err(serde::ser::Error::custom)?;
        Saved { steps, drop_head: self.drop_head }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for FittedPipeline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Saved { steps, drop_head } = Saved::deserialize(deserializer)?;
        let steps = steps.into_iter().map(FeatureSpec::into_fitted).collect::<Result<Vec<_>, _>>();
        Self::new(steps.map_err(serde::de::Error::custom)?, drop_head).map_err(serde::de::Error::custom)
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
