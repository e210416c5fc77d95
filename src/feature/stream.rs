//! Rows one period at a time, the same bits as all at once.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::{Array2, ArrayView2, ShapeBuilder};
use serde::{Deserialize, Serialize};

use super::across::{Across, Told};
use super::element::Element;
use super::group::Group;
use super::rows::{Kept, Rows, Tiled, WindowAt, parts};
use super::{FeatureSpec, FittedPipeline};
use crate::error::{DataError, ParamError, PersistError, Result};
use crate::key::SeriesKey;
use crate::numeric::quantile;
use crate::numeric::rows::{self as kernels, Column, Moments};
use crate::panel::{Panel, SeriesView};
use crate::persist::Persist;
use crate::time::Period;

/// Rows of a pipeline, one period at a time: what a service holds that hears of one period after the other, and what a
/// recursive forecast walks on.
///
/// It remembers as many windows as features look back on, not the history: a period costs O(features) for each series
/// (medians and slopes O(window)), and its rows are bit-identical to those of [`FittedPipeline::transform`] over the whole
/// history. It saves and loads with its state.
///
/// # Examples
/// ```
/// use credcast::feature::{FeaturePipeline, Lag, Rolling, RollingStat};
/// use credcast::{Panel, Period, SeriesKey};
/// use ndarray::array;
/// let start = Period::month(2024, 1).unwrap();
/// let panel = Panel::from_series("y", [(SeriesKey::national("welder"), start, vec![12.0, 15.0, 11.0])])?;
/// let mean = Rolling::params().windows([2]).stats([RollingStat::Mean]).build()?;
/// let pipeline = FeaturePipeline::new().then(Lag::of([1])?).then(mean).fit(&panel)?;
/// let mut stream = pipeline.stream(&panel)?;
/// // The row of April before its value is known, then with it, then that of May.
/// assert_eq!(stream.peek(array![[f64::NAN]].view())?, array![[11.0, 13.0]]);
/// assert_eq!(stream.push(array![[20.0]].view())?, array![[11.0, 13.0]]);
/// assert_eq!(stream.peek(array![[f64::NAN]].view())?, array![[20.0, 15.5]]);
/// # Ok::<(), credcast::Error>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Saved", into = "Saved")]
pub struct FeatureStream {
    pipeline: FittedPipeline,
    specs: Vec<FeatureSpec>,
    now: Now,
    /// Periods of values that loading starts from.
    depth: usize,
    /// The values of the last `depth` periods, the newest last; each period series by series for one column after the other.
    recent: VecDeque<Vec<f64>>,
    out: Array2<f64>,
}

impl FittedPipeline {
    /// A stream that goes on behind `history`. O(history).
    ///
    /// Series may begin and end in different periods, each has its own clock. But if a step looks across series, they share
    /// one: a series that ended earlier goes on with missing values.
    ///
    /// # Errors
    /// [`ParamError`] for a pipeline with a step of somebody else, of which nothing is known but whole series; whatever a
    /// step cannot use.
    pub fn stream(&self, history: &Panel) -> Result<FeatureStream> {
        // Rows of each series, with the missing ones behind its end.
        let late = |series: SeriesView<'_>| match history.last_period() {
            Some(last) if self.looks_across() => usize::try_from(last.since(series.end()).unwrap_or(0)).unwrap_or(0),
            _ => 0,
        };
        let lengths: Vec<usize> = history.iter().map(|series| series.len() + late(series)).collect();
        let longest = lengths.iter().copied().max().unwrap_or(0);
        let next = history.iter().zip(&lengths).map(|(series, n)| series.period(*n));
        let mut stream = FeatureStream::new(
            self.clone(),
            history.columns().to_vec(),
            history.keys().to_vec(),
            &next.collect::<Vec<_>>(),
            &lengths.iter().map(|n| *n as f64).collect::<Vec<_>>(),
            longest,
        )?;
        let columns = history.columns().len();
        for step in 0..longest {
            let mut values = Vec::with_capacity(history.n_series() * columns);
            for column in 0..columns {
                values.extend(history.iter().zip(&lengths).map(|(series, n)| {
                    let row = (step + n).checked_sub(longest);
                    row.and_then(|row| series.values(column).get(row).copied()).unwrap_or(f64::NAN)
                }));
            }
            stream.advance(values)?;
        }
        Ok(stream)
    }
}

impl FeatureStream {
    /// A stream `back` periods before `next`, where series have `age` rows.
    fn new(
        pipeline: FittedPipeline,
        names: Vec<String>,
        keys: Vec<SeriesKey>,
        next: &[Period],
        age: &[f64],
        back: usize,
    ) -> Result<Self> {
        let specs = pipeline.specs().map_err(|detail| ParamError::new("steps", detail, "features of the crate"))?;
        if pipeline.looks_across() {
            let other = keys.iter().zip(next).find(|(_, period)| **period != next[0]);
            if let Some((key, period)) = other {
                let detail =
                    format!("it goes on in {period} and others in {}, but a step looks across series", next[0]);
                return Err(DataError::Series { key: key.clone(), detail }.into());
            }
        }
        let depth =
            specs.iter().zip(pipeline.steps()).map(|(spec, step)| step.memory().unwrap_or(spec.reach()) + 1).max();
        let steps = i32::try_from(back).unwrap_or(i32::MAX);
        let n = keys.len();
        let now = Now {
            names,
            keys,
            periods: next.iter().map(|period| period.plus(-steps - 1)).collect(),
            age: age.iter().map(|age| age - back as f64 - 1.0).collect(),
            rings: Vec::new(),
            scans: Vec::new(),
            next_scan: 0,
            across: VecDeque::new(),
            deepest: specs
                .iter()
                .filter(|spec| matches!(spec, FeatureSpec::ByDate(_)))
                .map(Tiled::reach)
                .max()
                .unwrap_or(0),
            whole_for: Vec::new(),
            scratch: Vec::new(),
            nothing: vec![f64::NAN; n],
        };
        let out = Array2::from_elem((n, pipeline.columns().len()).f(), f64::NAN);
        Ok(Self { pipeline, specs, now, depth: depth.unwrap_or(1), recent: VecDeque::new(), out })
    }

    /// The series, in the order of the rows.
    #[must_use]
    pub fn keys(&self) -> &[SeriesKey] {
        &self.now.keys
    }

    /// The names of the columns.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        self.pipeline.columns()
    }

    /// The period that comes next for the series at `index`.
    ///
    /// # Panics
    /// If there is no such series.
    #[must_use]
    pub fn next_period(&self, index: usize) -> Period {
        self.now.periods[index].plus(1)
    }

    /// Takes the values of the next period (series by columns of the panel, NaN for missing) and gives its rows: series by
    /// columns of the pipeline.
    ///
    /// # Errors
    /// [`ParamError`] for another shape; whatever a step cannot use. The stream then is as it was.
    pub fn push(&mut self, values: ArrayView2<'_, f64>) -> Result<ArrayView2<'_, f64>> {
        let values = self.shaped(values)?;
        let before = (self.now.scans.clone(), self.now.whole_for.clone());
        if let Err(error) = self.advance(values) {
            self.undo(before);
            return Err(error);
        }
        Ok(self.out.view())
    }

    /// The rows that [`FeatureStream::push`] would give, without going on: the rows to forecast from, with NaN for values
    /// that are not known before the period begins.
    ///
    /// # Errors
    /// As [`FeatureStream::push`].
    pub fn peek(&mut self, values: ArrayView2<'_, f64>) -> Result<ArrayView2<'_, f64>> {
        let values = self.shaped(values)?;
        let before = (self.now.scans.clone(), self.now.whole_for.clone());
        let outcome = self.advance(values);
        self.undo(before);
        outcome.map(|()| self.out.view())
    }

    /// Values column by column.
    fn shaped(&self, values: ArrayView2<'_, f64>) -> Result<Vec<f64>, ParamError> {
        let expected = (self.now.keys.len(), self.now.names.len());
        if values.dim() != expected {
            let allowed = "a row for each series and a column for each column of the panel";
            return Err(ParamError::new("values", format!("{:?}", values.dim()), allowed));
        }
        Ok(values.t().iter().copied().collect())
    }

    /// Goes on by one period. One more period than needed is kept, so that it can be undone.
    fn advance(&mut self, values: Vec<f64>) -> Result<()> {
        self.now.begin(&values);
        self.recent.push_back(values);
        if self.recent.len() > self.depth + 1 {
            self.recent.pop_front();
        }
        if self.pipeline.looks_across() {
            self.now.look_across(&self.specs)?;
        }
        let n = self.now.keys.len().max(1);
        let cells = self.out.as_slice_memory_order_mut().unwrap_or_default();
        let mut columns = cells.chunks_exact_mut(n);
        for (spec, step) in self.specs.iter().zip(self.pipeline.steps()) {
            let mut out: Vec<&mut [f64]> = columns.by_ref().take(step.columns().len()).collect();
            spec.write(&mut self.now, &mut out)?;
        }
        self.now.forget();
        Ok(())
    }

    fn undo(&mut self, before: (Vec<Vec<f64>>, Vec<usize>)) {
        self.recent.pop_back();
        (self.now.scans, self.now.whole_for) = before;
        self.now.undo();
    }
}

/// The windows of one length that end in the last few periods, the newest first: one value for each series.
#[derive(Debug)]
struct Ring {
    column: usize,
    kept: Kept,
    length: usize,
    /// Whether the newest windows belong to the period that is being written.
    live: bool,
    /// How many periods back somebody looked.
    reach: AtomicUsize,
    values: VecDeque<Vec<f64>>,
}

impl Clone for Ring {
    fn clone(&self) -> Self {
        let Self { column, kept, length, live, reach, values } = self;
        let reach = AtomicUsize::new(reach.load(Ordering::Relaxed));
        Self { column: *column, kept: *kept, length: *length, live: *live, reach, values: values.clone() }
    }
}

/// One period of every series, with what it needs of the past.
#[derive(Clone, Debug)]
struct Now {
    names: Vec<String>,
    keys: Vec<SeriesKey>,
    periods: Vec<Period>,
    age: Vec<f64>,
    /// First the values of each column.
    rings: Vec<Ring>,
    /// States of scans in the order in which features ask for them, series by series.
    scans: Vec<Vec<f64>>,
    next_scan: usize,
    /// What series are compared with in the last periods, the newest first.
    across: VecDeque<(Panel, Across)>,
    /// The longest lag of a step that looks across series.
    deepest: usize,
    /// For each column, for how many periods up to now no value was missing.
    whole_for: Vec<usize>,
    scratch: Vec<Vec<f64>>,
    nothing: Vec<f64>,
}

impl Now {
    fn begin(&mut self, values: &[f64]) {
        self.periods.iter_mut().for_each(|period| *period = period.plus(1));
        self.age.iter_mut().for_each(|age| *age += 1.0);
        self.next_scan = 0;
        self.rings.iter_mut().for_each(|ring| ring.live = false);
        self.whole_for.resize(self.names.len(), 0);
        for (column, values) in values.chunks_exact(self.keys.len().max(1)).enumerate() {
            let missing = values.iter().zip(&self.age).any(|(value, age)| *age >= 0.0 && value.is_nan());
            self.whole_for[column] = if missing { 0 } else { self.whole_for[column] + 1 };
            let ring = self.ring(column, Kept::Value, 1);
            let mut front = self.scratch();
            front.copy_from_slice(values);
            self.rings[ring].values.push_front(front);
            self.rings[ring].live = true;
        }
    }

    /// Compares the series of this period.
    fn look_across(&mut self, specs: &[FeatureSpec]) -> Result<()> {
        // Series that have not begun are missing.
        let values = (0..self.names.len()).flat_map(|column| self.rings[column].values[0].iter().copied()).collect();
        let panel = Panel::of_period(self.names.clone(), self.keys.clone(), self.periods[0], values);
        let mut across = Across::default();
        for spec in specs {
            if let FeatureSpec::ByDate(step) = spec {
                across.learn(&panel, &step.need(&panel)?);
            }
        }
        self.across.push_front((panel, across));
        Ok(())
    }

    /// Drops what nobody will look back on.
    fn forget(&mut self) {
        for ring in &mut self.rings {
            let keep = ring.reach.load(Ordering::Relaxed) + 2;
            while ring.values.len() > keep {
                self.scratch.extend(ring.values.pop_back());
            }
        }
        self.across.truncate(self.deepest + 2);
    }

    /// Takes the newest period back, but for what only grows.
    fn undo(&mut self) {
        self.periods.iter_mut().for_each(|period| *period = period.plus(-1));
        self.age.iter_mut().for_each(|age| *age -= 1.0);
        for ring in self.rings.iter_mut().filter(|ring| ring.live) {
            self.scratch.extend(ring.values.pop_front());
            ring.live = false;
        }
        let newest = self.periods.first();
        if self.across.front().is_some_and(|(panel, _)| panel.last_period().as_ref() != newest) {
            self.across.pop_front();
        }
    }

    fn ring(&mut self, column: usize, kept: Kept, length: usize) -> usize {
        let same = |ring: &Ring| ring.column == column && ring.kept == kept && ring.length == length;
        self.rings.iter().position(same).unwrap_or_else(|| {
            let (reach, values) = (AtomicUsize::new(0), VecDeque::new());
            self.rings.push(Ring { column, kept, length, live: false, reach, values });
            self.rings.len() - 1
        })
    }

    fn compute(&mut self, column: usize, kept: Kept, length: usize, out: &mut [f64]) {
        let (newer, older) = parts(length);
        let part = |now: &mut Self, kept, length| now.windows(column, kept, length);
        match kept {
            Kept::Value => {}
            Kept::Sum | Kept::Minimum | Kept::Maximum => {
                let (a, b) = (part(self, kept, newer), part(self, kept, older));
                let (a, b) = (self.lagged(a, 0), self.lagged(b, newer));
                match kept {
                    Kept::Sum => kernels::merge_sums(a, b, 0, out),
                    Kept::Minimum => kernels::merge_minima(a, b, 0, out),
                    _ => kernels::merge_maxima(a, b, 0, out),
                }
            }
            Kept::Squares => {
                let sums = (part(self, Kept::Sum, newer), part(self, Kept::Sum, older));
                // One value has no deviations.
                let mut squares = |length| (length > 1).then(|| part(self, Kept::Squares, length));
                let squares = (squares(newer), squares(older));
                let moments = |length, sums, squares: Option<usize>, lag| Moments {
                    length,
                    sums: self.lagged(sums, lag),
                    squares: squares.map(|squares| self.lagged(squares, lag)),
                };
                let (new, old) = (moments(newer, sums.0, squares.0, 0), moments(older, sums.1, squares.1, newer));
                kernels::merge_squares(new, old, 0, out);
            }
        }
    }

    /// The last `n` values of one series, the newest `lag` periods ago.
    fn gather(&self, column: usize, lag: usize, n: usize, index: usize, window: &mut Vec<f64>) {
        window.clear();
        window.extend((lag..lag + n).rev().map(|back| self.lagged(column, back)[index]));
    }

    /// How many values of the series at `index` are `lag` periods old or older.
    fn seen(&self, index: usize, lag: usize) -> usize {
        let seen = self.age[index] - lag as f64 + 1.0;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of rows, not below 0")]
        let seen = seen.max(0.0) as usize;
        seen
    }
}

impl Rows for Now {
    fn column(&self, name: &str) -> Result<usize, DataError> {
        let unknown = || DataError::UnknownColumn { name: name.to_owned(), available: self.names.join(", ") };
        self.names.iter().position(|known| known == name).ok_or_else(unknown)
    }

    fn age(&self) -> &[f64] {
        &self.age
    }

    fn windows(&mut self, column: usize, kept: Kept, length: usize) -> usize {
        let kept = if length == 1 { Kept::Value } else { kept };
        let ring = self.ring(column, kept, length);
        if !self.rings[ring].live {
            let mut front = self.scratch();
            self.compute(column, kept, length, &mut front);
            self.rings[ring].values.push_front(front);
            self.rings[ring].live = true;
        }
        ring
    }

    fn lagged(&self, index: usize, lag: usize) -> &[f64] {
        let ring = &self.rings[index];
        ring.reach.fetch_max(lag, Ordering::Relaxed);
        ring.values.get(lag).unwrap_or(&self.nothing)
    }

    fn has_missing(&mut self, _column: usize) -> bool {
        true
    }

    fn scratch(&mut self) -> Vec<f64> {
        self.scratch.pop().unwrap_or_else(|| self.nothing.clone())
    }

    fn give_back(&mut self, rows: Vec<f64>) {
        self.scratch.push(rows);
    }

    fn scan<const N: usize, const M: usize>(
        &mut self,
        column: usize,
        lag: usize,
        start: [f64; N],
        next: impl Fn(&mut [f64; N], f64) -> [f64; M],
        out: &mut [Vec<f64>; M],
    ) {
        if self.next_scan == self.scans.len() {
            self.scans.push(start.repeat(self.keys.len()));
        }
        let mut states = std::mem::take(&mut self.scans[self.next_scan]);
        let values = self.lagged(column, lag);
        for (index, (state, &value)) in states.as_chunks_mut::<N>().0.iter_mut().zip(values).enumerate() {
            let told = if self.age[index] >= lag as f64 { next(state, value) } else { [f64::NAN; M] };
            out.iter_mut().zip(told).for_each(|(out, told)| out[index] = told);
        }
        self.scans[self.next_scan] = states;
        self.next_scan += 1;
    }

    fn full_windows<T: Element>(&mut self, at: WindowAt, mut statistic: impl FnMut(&[f64]) -> f64, out: &mut [T]) {
        let mut window = Vec::with_capacity(at.window);
        self.lagged(at.column, at.lag + at.window - 1);
        for (index, out) in out.iter_mut().enumerate() {
            let full = self.seen(index, at.lag) >= at.window;
            if full {
                self.gather(at.column, at.lag, at.window, index, &mut window);
            }
            *out = T::nearest(if full { statistic(&window) } else { f64::NAN });
        }
    }

    fn partial_windows<T: Element>(&mut self, at: WindowAt, mut statistic: impl FnMut(&[f64]) -> f64, out: &mut [T]) {
        let mut window = Vec::with_capacity(at.window);
        self.lagged(at.column, at.lag + at.window - 1);
        let whole = self.whole_for[at.column] >= at.lag + at.window;
        for (index, out) in out.iter_mut().enumerate() {
            let seen = self.seen(index, at.lag).min(at.window);
            if seen == 0 || whole && seen == at.window {
                continue;
            }
            self.gather(at.column, at.lag, seen, index, &mut window);
            if window.iter().filter(|value| !value.is_nan()).count() < at.window {
                *out = T::nearest(statistic(&window));
            }
        }
    }

    fn quantiles<T: Element>(&mut self, at: WindowAt, p: f64, out: &mut [T]) {
        let mut sorted = Vec::with_capacity(at.window);
        let of = |window: &[f64]| {
            sorted.clear();
            sorted.extend_from_slice(window);
            sorted.sort_unstable_by(f64::total_cmp);
            quantile::of_sorted(&sorted, p)
        };
        self.full_windows(at, of, out);
    }

    fn by_date(&mut self, column: usize, group: &Group, lag: usize, told: Told, out: &mut [f64]) -> Result<()> {
        out.fill(f64::NAN);
        let Some((panel, across)) = self.across.get(lag) else { return Ok(()) };
        let Some(known) = across.known(column, group) else { return Ok(()) };
        for (index, out) in out.iter_mut().enumerate().filter(|(index, _)| self.age[*index] >= lag as f64) {
            if let Some(&[told]) = known.told(group, told, panel.series(index)) {
                *out = told;
            }
        }
        Ok(())
    }

    fn each_series(&self, mut of: impl FnMut(Range<usize>, &SeriesKey, Period) -> Result<()>) -> Result<()> {
        let series = self.keys.iter().zip(&self.periods).enumerate();
        series.into_iter().try_for_each(|(index, (key, period))| of(index..index + 1, key, *period))
    }

    fn write<T: Element>(&self, out: &mut [T], head: usize, column: Column<'_>) {
        kernels::write(out, &self.age, head, column);
    }
}

/// What a file holds: values that every window is put together from again, and the states of scans. Numbers are stored by their
/// bits, so that a missing value is one in every form.
#[derive(Debug, Serialize, Deserialize)]
struct Saved {
    pipeline: FittedPipeline,
    columns: Vec<String>,
    keys: Vec<SeriesKey>,
    next: Vec<Period>,
    age: Vec<f64>,
    recent: Vec<Vec<u64>>,
    scans: Vec<Vec<u64>>,
}

impl From<FeatureStream> for Saved {
    fn from(stream: FeatureStream) -> Self {
        let bits = |values: &Vec<f64>| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        let FeatureStream { pipeline, now, depth, recent, .. } = stream;
        Self {
            pipeline,
            columns: now.names,
            keys: now.keys,
            next: now.periods.iter().map(|period| period.plus(1)).collect(),
            age: now.age.iter().map(|age| age + 1.0).collect(),
            recent: recent.iter().skip(recent.len().saturating_sub(depth)).map(bits).collect(),
            scans: now.scans.iter().map(bits).collect(),
        }
    }
}

impl TryFrom<Saved> for FeatureStream {
    type Error = PersistError;

    fn try_from(saved: Saved) -> Result<Self, PersistError> {
        let invalid = |detail: &str| PersistError::Invalid { detail: detail.to_owned() };
        let Saved { pipeline, columns, keys, next, age, recent, scans } = saved;
        let n = keys.len();
        let lengths = [next.len(), age.len()].iter().all(|length| *length == n);
        let frequencies = next.iter().all(|period| period.frequency() == next[0].frequency());
        let sizes = recent.iter().all(|values| values.len() == n * columns.len());
        let ascending = keys.windows(2).all(|pair| pair[0] < pair[1]);
        let ages = age.iter().all(|age| age.is_finite() && age.fract() == 0.0 && age.abs() < 1e9);
        if n == 0 || !lengths || !frequencies || !sizes || !ascending || !ages {
            return Err(invalid("series, columns and values of a feature stream do not fit together"));
        }
        let values = |bits: &Vec<u64>| bits.iter().map(|bits| f64::from_bits(*bits)).collect::<Vec<_>>();
        let failed = |error: crate::error::Error| PersistError::Invalid { detail: error.to_string() };
        let mut stream = Self::new(pipeline, columns, keys, &next, &age, recent.len()).map_err(failed)?;
        for values in recent.iter().map(values) {
            stream.advance(values).map_err(failed)?;
        }
        let shapes = |scans: &mut dyn Iterator<Item = usize>| scans.collect::<Vec<_>>();
        let expected = shapes(&mut stream.now.scans.iter().map(Vec::len));
        if expected != shapes(&mut scans.iter().map(Vec::len)) {
            return Err(invalid("the states of a feature stream do not fit its pipeline"));
        }
        stream.now.scans = scans.iter().map(values).collect();
        Ok(stream)
    }
}

impl Persist for FeatureStream {
    const KIND: &'static str = "feature_stream";
    const FORMAT: u32 = 1;

    /// Nothing is left to check: reading puts every window together again.
    fn revalidate(self) -> Result<Self, PersistError> {
        Ok(self)
    }
}
