//! Sums of trees, for blocks of rows: sixteen rows walk down a tree side by side.

use ndarray::ArrayView2;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use super::bins::Lookup;
use super::matrix::{Values, fault_in};
use super::model::FittedHistogramBoosting;
use super::params::check_present;
use super::split::Side;
use super::tree::{Kind, Tree};
use crate::error::FitError;
use crate::numeric::rows::Element;

/// Rows of a block: the codes of 30 columns take 15 kB.
const BLOCK: usize = 512;

/// Rows that walk together: while one waits for its node the others go on.
const LANES: usize = 16;

/// A node in eight bytes. A leaf takes every code to itself, so that rows that are done stay where they are.
#[derive(Clone, Copy, Debug)]
struct Step {
    /// Place of the column among those in use.
    slot: u16,
    /// Codes `first..=first + width` go to `left`, others to `left + 1`.
    first: u8,
    width: u8,
    left: u16,
    /// 0, or 1 plus the place of the set of codes that go left.
    set: u16,
}

/// A tree laid out for walking.
#[derive(Debug)]
struct Path {
    steps: Vec<Step>,
    values: Vec<f64>,
    sets: Vec<[bool; 256]>,
    /// Least and most steps to a leaf.
    shallowest: usize,
    deepest: usize,
}

impl Path {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "at most 65535 columns and nodes, checked when made and when read"
    )]
    fn new(tree: &Tree, slots: &[Option<u16>]) -> Self {
        let n = tree.nodes.len();
        let (mut steps, mut values, mut sets) = (Vec::with_capacity(n), vec![0.0; n], Vec::new());
        let mut depths = vec![0_usize; n];
        let (mut shallowest, mut deepest) = (usize::MAX, 0);
        for (place, node) in tree.nodes.iter().enumerate() {
            steps.push(match node.kind {
                Kind::Leaf(value) => {
                    values[place] = value;
                    shallowest = shallowest.min(depths[place]);
                    deepest = deepest.max(depths[place]);
                    Step { slot: 0, first: 0, width: u8::MAX, left: place as u16, set: 0 }
                }
                Kind::Split { column, side, left } => {
                    depths[left as usize] = depths[place] + 1;
                    depths[left as usize + 1] = depths[place] + 1;
                    let (first, width, set) = match side {
                        Side::Range { first, last } => (first, last - first, 0),
                        Side::Set(_) => {
                            sets.push(side.table());
                            (0, 0, sets.len() as u16)
                        }
                    };
                    Step { slot: slots[column as usize].unwrap_or(0), first, width, left: left as u16, set }
                }
            });
        }
        Self { steps, values, sets, shallowest, deepest }
    }

    /// Adds the leaf of each row of a block to its score.
    fn add(&self, codes: &[u8], scores: &mut [f64]) {
        if self.sets.is_empty() { self.walk::<false>(codes, scores) } else { self.walk::<true>(codes, scores) }
    }

    #[inline(always)]
    fn walk<const SETS: bool>(&self, codes: &[u8], scores: &mut [f64]) {
        let steps = self.steps.as_slice();
        for (group, scores) in scores.chunks_mut(LANES).enumerate() {
            // Lanes behind the last row walk over codes of rows that are not there and count for nothing.
            let codes = &codes[group * LANES..];
            let mut at = [0_u16; LANES];
            let step = |at: &mut [u16; LANES]| {
                let mut moved = 0;
                for (lane, at) in at.iter_mut().enumerate() {
                    let step = steps[usize::from(*at)];
                    let code = codes[usize::from(step.slot) * BLOCK + lane];
                    let mut left = code.wrapping_sub(step.first) <= step.width;
                    if SETS && step.set > 0 {
                        left = self.sets[usize::from(step.set) - 1][usize::from(code)];
                    }
                    let next = step.left + u16::from(!left);
                    moved |= next ^ *at;
                    *at = next;
                }
                moved != 0
            };
            for _ in 0..self.shallowest {
                step(&mut at);
            }
            for _ in self.shallowest..self.deepest {
                if !step(&mut at) {
                    break;
                }
            }
            scores.iter_mut().zip(at).for_each(|(score, at)| *score += self.values[usize::from(at)]);
        }
    }
}

/// The sum of the trees for each row of `x`.
pub(super) fn predict<T: Element + Into<f64>>(
    model: &FittedHistogramBoosting,
    x: ArrayView2<'_, T>,
) -> Result<Vec<f64>, FitError> {
    let mut slots: Vec<Option<u16>> = vec![None; model.columns().len()];
    for node in model.trees().iter().flat_map(|tree| &tree.nodes) {
        if let Kind::Split { column, .. } = node.kind {
            slots[column as usize] = Some(0);
        }
    }
    slots.iter_mut().flatten().zip(0..).for_each(|(slot, place)| *slot = place);
    let lookups: Vec<Option<Lookup>> =
        model.columns().iter().zip(&slots).map(|(bins, slot)| slot.map(|_| Lookup::new(bins))).collect();
    let n_slots = slots.iter().flatten().count();
    let paths: Vec<Path> = model.trees().iter().map(|tree| Path::new(tree, &slots)).collect();
    let mut scores = vec![model.start(); x.nrows()];
    let values = Values { x, kept: None };
    let buffers = || (vec![0.0; BLOCK], vec![0; n_slots.max(1) * BLOCK]);
    let fault = scores
        .par_chunks_mut(BLOCK)
        .enumerate()
        .map_init(buffers, |(buffer, codes), (block, scores)| {
            let mut fault: Option<(usize, f64)> = None;
            let buffer = &mut buffer[..scores.len()];
            for (column, lookup) in lookups.iter().enumerate() {
                values.read(block * BLOCK, column, buffer);
                if let Some(place) = fault_in(buffer) {
                    let found = (block * BLOCK + place, buffer[place]);
                    fault = Some(fault.map_or(found, |fault| if found.0 < fault.0 { found } else { fault }));
                }
                if let (Some(lookup), Some(slot)) = (lookup, slots[column]) {
                    lookup.encode(buffer, &mut codes[usize::from(slot) * BLOCK..][..scores.len()]);
                }
            }
            paths.iter().for_each(|path| path.add(codes, scores));
            fault
        })
        .collect::<Vec<_>>()
        .into_iter()
        .flatten()
        .next();
    fault.map_or(Ok(()), |(row, value)| check_present(row, value))?;
    Ok(scores)
}
