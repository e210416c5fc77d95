//! The rounds of boosting.

use std::ops::Range;

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use super::bins::{Bins, Lookup, distinct};
use super::grow::{Ground, Grown, GrownLeaf, Residuals};
use super::loss::LARGEST_LOG;
use super::matrix::{BinnedColumns, BinnedRows, Values, encode};
use super::packed::{Packed, Scale};
use super::split::{ColumnPlan, Limits};
use super::tree::{Kind, Node, Tree};
use super::{BoostingLoss, FittedHistogramBoosting, HistogramBoosting};
use crate::error::FitError;
use crate::numeric::random::SplitMix64;
use crate::numeric::rows::Element;

/// Rows of one task. Sums over rows are sums over tasks in their order, so that no bit depends on the number of threads.
const TASK: usize = 1 << 14;

/// Rows whose values decide where bins end, as many as LightGBM's `bin_construct_sample_cnt`.
const SAMPLE: usize = 200_000;

/// Fewer rows are learned from on one thread: handing over work on a tree would cost more than it saves.
const PARALLEL_FROM: usize = 50_000;

/// Rounding gradients to more than this share of their mean size would be noise: wider integers are used instead.
const STEP_SHARE: f64 = 1e-3;

/// Target and weights of the rows that are learned from.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) y: Vec<f64>,
    /// None where all are 1.
    pub(super) weights: Option<Vec<f64>>,
    /// How often a row counts; `None` where each counts once.
    pub(super) counts: Option<Vec<u32>>,
}

impl Target {
    fn split_off(&mut self, at: usize) -> Self {
        Self {
            y: self.y.split_off(at),
            weights: self.weights.as_mut().map(|weights| weights.split_off(at)),
            counts: self.counts.as_mut().map(|counts| counts.split_off(at)),
        }
    }

    fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| weights[row])
    }
}

/// Fits to checked input.
pub(super) fn fit<T: Element + Into<f64>>(
    config: &HistogramBoosting,
    values: Values<'_, T>,
    mut target: Target,
) -> Result<FittedHistogramBoosting, FitError> {
    let n_rows = values.n_rows();
    if config.loss() == BoostingLoss::Poisson
        && let Some(place) = target.y.iter().position(|y| *y < 0.0)
    {
        let allowed = "0 and above";
        return Err(FitError::Target { position: values.row(place), value: target.y[place], allowed });
    }
    let n_tail = config.early_stopping().map_or(0, |stop| tail(n_rows, stop.share()));
    let tail = target.split_off(n_rows - n_tail);
    let start = config.loss().start(&target.y, target.weights.as_deref())?;
    let bins = learn_bins(config, values, &target);
    let lookups: Vec<Lookup> = bins.iter().map(Lookup::new).collect();
    let (rows, columns) = encode(values, 0, n_rows - n_tail, &lookups, true)?;
    let (_, tail_columns) = encode(values, n_rows - n_tail, n_tail, &lookups, false)?;
    let plans =
        bins.iter().enumerate().map(|(column, bins)| ColumnPlan::new(bins, config.monotone_of(column))).collect();
    let rounds = Rounds { config, rows, columns, plans, limits: config.limits(), target, start };
    let (trees, history) = rounds.run(&Tail { columns: tail_columns, target: tail });
    Ok(FittedHistogramBoosting::new(config.loss(), start, bins, trees, history))
}

/// Rows of the tail; at least one row stays in front of it.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the number of rows")]
fn tail(n_rows: usize, share: f64) -> usize {
    ((n_rows as f64 * share).round() as usize).min(n_rows - 1)
}

/// Learns bins from the training rows, or from [`SAMPLE`] of them.
fn learn_bins<T: Element + Into<f64>>(config: &HistogramBoosting, values: Values<'_, T>, target: &Target) -> Vec<Bins> {
    let (n_rows, n_columns) = (target.y.len(), values.x.ncols());
    let places = sample(n_rows, SAMPLE, config.seed());
    // Row by row, as most matrices lie.
    let mut sampled: Vec<Vec<T>> = (0..n_columns).map(|_| Vec::with_capacity(places.len())).collect();
    for &place in &places {
        let row = values.x.row(values.row(place));
        sampled.iter_mut().zip(row).for_each(|(column, &value)| column.push(value));
    }
    sampled
        .into_par_iter()
        .enumerate()
        .map(|(column, sampled)| {
            let (mut present, mut weights) = (Vec::with_capacity(sampled.len()), Vec::new());
            for (value, &place) in sampled.into_iter().zip(&places) {
                let value: f64 = value.into();
                if value.is_finite() {
                    present.push(value);
                    weights.extend(target.weights.as_ref().map(|weights| weights[place]));
                }
            }
            let distinct = distinct(&present, target.weights.as_ref().map(|_| weights.as_slice()));
            if config.is_categorical(column) {
                Bins::learn_categories(distinct, config.max_bins())
            } else {
                Bins::learn(&distinct, config.max_bins())
            }
        })
        .collect()
}

/// At most `most` of `n` places, ascending, each subset as likely (Knuth, *The Art of Computer Programming* 2, 3.4.2,
/// algorithm S).
fn sample(n: usize, most: usize, seed: u64) -> Vec<usize> {
    if n <= most {
        return (0..n).collect();
    }
    let mut random = SplitMix64::new(seed);
    let mut chosen = Vec::with_capacity(most);
    for place in 0..n {
        if random.below(n - place) < most - chosen.len() {
            chosen.push(place);
        }
    }
    chosen
}

/// Rows that decide when to stop.
#[derive(Debug)]
struct Tail {
    columns: BinnedColumns,
    target: Target,
}

/// What all rounds share.
#[derive(Debug)]
struct Rounds<'a> {
    config: &'a HistogramBoosting,
    rows: BinnedRows,
    columns: BinnedColumns,
    plans: Vec<ColumnPlan>,
    limits: Limits,
    target: Target,
    start: f64,
}

/// What changes from round to round.
#[derive(Debug)]
struct State {
    scores: Vec<f64>,
    gradients: Vec<f64>,
    /// Empty where each is 1.
    hessians: Vec<f64>,
    /// Rows in the order of the leaves.
    order: Vec<u32>,
    scratch: Vec<u32>,
    narrow: Vec<u64>,
    wide: Vec<u128>,
}

/// The sizes of the derivatives.
#[derive(Clone, Copy, Debug, Default)]
struct Sizes {
    gradient: f64,
    hessian: f64,
    total_gradient: f64,
}

impl Rounds<'_> {
    /// Trees, and the mean loss of the tail before the first and after each of them.
    fn run(&self, tail: &Tail) -> (Vec<Tree>, Vec<f64>) {
        let n = self.target.y.len();
        let unit = self.target.weights.is_none() && self.config.loss().is_unit_hessian();
        let mut state = State {
            scores: vec![self.start; n],
            gradients: vec![0.0; n],
            hessians: vec![0.0; if unit { 0 } else { n }],
            order: vec![0; n],
            scratch: vec![0; n],
            narrow: Vec::new(),
            wide: Vec::new(),
        };
        let mut tail_scores = vec![self.start; tail.target.y.len()];
        let mut history = Vec::new();
        let mut best = 0;
        if !tail_scores.is_empty() {
            history.push(self.tail_loss(tail, &tail_scores));
        }
        let mut sizes = self.advance(&mut state, &Grown::default(), &[]);
        let mut trees: Vec<Tree> = Vec::new();
        while trees.len() < self.config.n_trees() && sizes.gradient > 0.0 {
            let (grown, leaves) = self.grow(&mut state, sizes);
            if grown.nodes.len() == 1 {
                // No division gains, and none would in the next round.
                break;
            }
            sizes = self.advance(&mut state, &grown, &leaves);
            let tree = finish(&grown, &leaves);
            if let Some(stop) = self.config.early_stopping().filter(|_| !tail_scores.is_empty()) {
                add_tree(&tree, &tail.columns, &mut tail_scores);
                history.push(self.tail_loss(tail, &tail_scores));
                trees.push(tree);
                if history[trees.len()] < history[best] {
                    best = trees.len();
                }
                if trees.len() - best >= stop.patience() {
                    break;
                }
            } else {
                trees.push(tree);
            }
        }
        if !tail_scores.is_empty() {
            trees.truncate(best);
        }
        (trees, history)
    }

    fn is_parallel(&self) -> bool {
        self.target.y.len() >= PARALLEL_FROM
    }

    /// Least number of tasks that a thread is given.
    fn least_tasks(&self) -> usize {
        if self.is_parallel() { 1 } else { usize::MAX }
    }

    fn grow(&self, state: &mut State, sizes: Sizes) -> (Grown, Vec<f64>) {
        let total_count = self
            .target
            .counts
            .as_ref()
            .map_or(self.target.y.len() as u64, |counts| counts.iter().map(|count| u64::from(*count)).sum());
        let narrow = Scale::narrow(total_count, sizes.gradient).filter(|scale| {
            state.hessians.is_empty()
                && scale.step_of() <= STEP_SHARE * sizes.total_gradient / self.target.y.len() as f64
        });
        if let Some(scale) = narrow {
            let mut packed = std::mem::take(&mut state.narrow);
            let grown = self.grow_packed(state, &mut packed, &scale);
            state.narrow = packed;
            grown
        } else {
            let scale = Scale::wide(total_count, sizes.gradient, sizes.hessian);
            let mut packed = std::mem::take(&mut state.wide);
            let grown = self.grow_packed(state, &mut packed, &scale);
            state.wide = packed;
            grown
        }
    }

    fn grow_packed<P: Packed>(&self, state: &mut State, packed: &mut Vec<P>, scale: &Scale) -> (Grown, Vec<f64>) {
        packed.resize(self.target.y.len(), P::default());
        let totals: Vec<P> = packed
            .par_chunks_mut(TASK)
            .with_min_len(self.least_tasks())
            .enumerate()
            .map(|(task, packed)| {
                let first = task * TASK;
                let gradients = &state.gradients[first..][..packed.len()];
                for ((place, packed), gradient) in (first..).zip(packed.iter_mut()).zip(gradients) {
                    let hessian = state.hessians.get(place).copied().unwrap_or(1.0);
                    let count = self.target.counts.as_ref().map_or(1, |counts| counts[place]);
                    *packed = P::pack(scale, *gradient, hessian, count);
                }
                packed.iter().fold(P::default(), |sum, row| sum.plus(*row))
            })
            .collect();
        let ground = Ground {
            rows: &self.rows,
            columns: &self.columns,
            plans: &self.plans,
            limits: &self.limits,
            loss: self.config.loss(),
            max_leaves: self.config.max_leaves(),
            max_depth: self.config.max_depth(),
            packed,
            scale,
            total: totals.into_iter().fold(P::default(), P::plus),
            residuals: Residuals { y: &self.target.y, scores: &state.scores, weights: self.target.weights.as_deref() },
            is_parallel: self.is_parallel(),
        };
        let grown = ground.grow(&mut state.order, &mut state.scratch);
        let values = self.leaf_values(state, &grown);
        (grown, values)
    }

    /// The value of each leaf, times the rate, from derivatives that are not rounded.
    fn leaf_values(&self, state: &State, grown: &Grown) -> Vec<f64> {
        let loss = self.config.loss();
        let shorten = |value: f64| self.config.learning_rate() * value;
        if let Some(level) = loss.renewal() {
            let residuals =
                Residuals { y: &self.target.y, scores: &state.scores, weights: self.target.weights.as_deref() };
            let value =
                |leaf: &GrownLeaf| leaf.bounds.clamp(residuals.quantile(&state.order[leaf.start..leaf.end], level));
            let leaves = (0..grown.leaves.len()).into_par_iter().with_min_len(self.least_tasks());
            return leaves.map(|place| shorten(value(&grown.leaves[place]))).collect();
        }
        let n = self.target.y.len();
        let partial: Vec<Vec<(f64, f64)>> = (0..n.div_ceil(TASK))
            .into_par_iter()
            .with_min_len(self.least_tasks())
            .map(|task| {
                let sums = |leaf: Range<usize>| {
                    let rows = rows_within(&state.order[leaf], task * TASK..(task + 1) * TASK);
                    let gradient: f64 = rows.iter().map(|&row| state.gradients[row as usize]).sum();
                    let hessian = if state.hessians.is_empty() {
                        rows.len() as f64
                    } else {
                        rows.iter().map(|&row| state.hessians[row as usize]).sum()
                    };
                    (gradient, hessian)
                };
                grown.leaves.iter().map(|leaf| sums(leaf.start..leaf.end)).collect()
            })
            .collect();
        let value = |(place, leaf): (usize, &GrownLeaf)| {
            let (gradient, hessian) =
                partial.iter().fold((0.0, 0.0), |sums, task| (sums.0 + task[place].0, sums.1 + task[place].1));
            shorten(leaf.bounds.clamp(loss.leaf(gradient, hessian, leaf.l2)))
        };
        grown.leaves.iter().enumerate().map(value).collect()
    }

    /// Adds the values of leaves to the scores of their rows and takes derivatives there.
    fn advance(&self, state: &mut State, grown: &Grown, values: &[f64]) -> Sizes {
        let loss = self.config.loss();
        let State { scores, gradients, hessians, order, .. } = state;
        let n_tasks = scores.len().div_ceil(TASK);
        let mut hessian_pieces: Vec<&mut [f64]> = hessians.chunks_mut(TASK).collect();
        hessian_pieces.resize_with(n_tasks, Default::default);
        let sizes: Vec<Sizes> = scores
            .par_chunks_mut(TASK)
            .zip(gradients.par_chunks_mut(TASK))
            .zip(hessian_pieces)
            .with_min_len(self.least_tasks())
            .enumerate()
            .map(|(task, ((scores, gradients), hessians))| {
                let first = task * TASK;
                let range = first..first + scores.len();
                for (leaf, value) in grown.leaves.iter().zip(values) {
                    for &row in rows_within(&order[leaf.start..leaf.end], range.clone()) {
                        scores[row as usize - first] += value;
                    }
                }
                if loss == BoostingLoss::Poisson {
                    scores.iter_mut().for_each(|score| *score = score.clamp(-LARGEST_LOG, LARGEST_LOG));
                }
                let weights = self.target.weights.as_ref().map(|weights| &weights[range.clone()]);
                let (gradient, hessian) = loss.derive(scores, &self.target.y[range], weights, gradients, hessians);
                Sizes { gradient, hessian, total_gradient: gradients.iter().map(|gradient| gradient.abs()).sum() }
            })
            .collect();
        sizes.into_iter().fold(Sizes { hessian: 1e-300, ..Sizes::default() }, |a, b| Sizes {
            gradient: a.gradient.max(b.gradient),
            hessian: a.hessian.max(b.hessian),
            total_gradient: a.total_gradient + b.total_gradient,
        })
    }

    fn tail_loss(&self, tail: &Tail, scores: &[f64]) -> f64 {
        let losses = scores.iter().zip(&tail.target.y).enumerate();
        let (loss, weight) = losses.fold((0.0, 0.0), |(sum, total), (row, (score, y))| {
            let weight = tail.target.weight(row);
            (sum + weight * self.config.loss().loss(*score, *y), total + weight)
        });
        loss / weight
    }
}

/// The part of ascending `rows` that lies in `range`.
fn rows_within(rows: &[u32], range: Range<usize>) -> &[u32] {
    let start = rows.partition_point(|&row| (row as usize) < range.start);
    let end = start + rows[start..].partition_point(|&row| (row as usize) < range.end);
    &rows[start..end]
}

/// Nodes in the order in which a walk level by level meets them, with values in their leaves.
fn finish(grown: &Grown, values: &[f64]) -> Tree {
    let mut value_of = vec![0.0; grown.nodes.len()];
    grown.leaves.iter().zip(values).for_each(|(leaf, value)| value_of[leaf.node] = *value);
    let mut order = vec![0];
    let mut nodes = Vec::with_capacity(grown.nodes.len());
    let mut at = 0;
    while at < order.len() {
        let node = &grown.nodes[order[at]];
        let kind = match node.split {
            None => Kind::Leaf(value_of[order[at]]),
            Some((column, side, first)) => {
                let left = order.len();
                order.extend([first, first + 1]);
                #[expect(clippy::cast_possible_truncation, reason = "columns and nodes are far fewer than 2^32")]
                Kind::Split { column: column as u32, side, left: left as u32 }
            }
        };
        nodes.push(Node { cover: node.cover, kind });
        at += 1;
    }
    Tree { nodes }
}

/// Adds a tree to the scores of binned rows. Parallel over rows.
fn add_tree(tree: &Tree, columns: &BinnedColumns, scores: &mut [f64]) {
    scores.par_chunks_mut(TASK).enumerate().for_each(|(task, scores)| {
        for (place, score) in scores.iter_mut().enumerate() {
            *score += tree.value(|column| columns.column(column)[task * TASK + place]);
        }
    });
}
