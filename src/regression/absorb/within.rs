//! Columns from which the effects have been taken out, a few rows at a time; they are never stored.

use std::ops::Range;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::columns::{Columns, ROWS, parts};
use super::conjugate::{self, Stop};
use super::levels::{Levels, place};
use super::reduced::{Reduced, add};
use crate::error::FitError;

/// Columns that are solved for at a time.
const WIDEST: usize = 16;

/// The coefficients of every level for a few columns.
#[derive(Debug)]
struct Block {
    first: usize,
    width: usize,
    /// `width` values for each level.
    table: Vec<f64>,
}

/// Calls `$function::<W>` for the width `$width`.
macro_rules! for_width {
    ($width:expr, $function:ident, $($argument:expr),*) => {
        match $width {
            2 => $function::<2>($($argument),*),
            4 => $function::<4>($($argument),*),
            6 => $function::<6>($($argument),*),
            8 => $function::<8>($($argument),*),
            12 => $function::<12>($($argument),*),
            _ => $function::<16>($($argument),*),
        }
    };
}

/// What is left of the columns without the effects.
#[derive(Debug)]
pub(super) struct Within<'a> {
    pub(super) columns: Columns<'a>,
    levels: &'a Levels,
    /// Effects in the order of the tables, the eliminated one last, with the place of their first level.
    order: Vec<(usize, u32)>,
    blocks: Vec<Block>,
    /// Columns, with those that only fill up the last block.
    pub(super) width: usize,
    /// Squared length of each column about its mean, weighted.
    pub(super) sizes: Vec<f64>,
    pub(super) iterations: usize,
}

/// The weighted sums of a block: in every level, over all rows, and of squares.
type Sums<const W: usize> = (Vec<[f64; W]>, f64, [f64; W], [f64; W]);

impl<'a> Within<'a> {
    pub(super) fn new(
        columns: Columns<'a>,
        levels: &'a Levels,
        tolerance: f64,
        max_iterations: usize,
    ) -> Result<Self, FitError> {
        let mut effects: Vec<usize> = (0..levels.codes.len()).collect();
        // The largest is eliminated, the first of equals.
        effects.sort_by_key(|effect| (levels.names[*effect].len(), std::cmp::Reverse(*effect)));
        let mut order = Vec::new();
        let mut from = 0;
        for effect in &effects {
            order.push((*effect, place(from)));
            from += levels.names[*effect].len();
        }
        let weights = columns.has_weights().then_some(&columns);
        let reduced = Reduced::new(levels, &effects, weights);
        let mut within =
            Self { columns, levels, order, blocks: Vec::new(), width: 0, sizes: Vec::new(), iterations: 0 };
        let mut first = 0;
        let n_columns = within.columns.len();
        while first < n_columns {
            let left = n_columns - first;
            let width = [2, 4, 6, 8, 12].into_iter().find(|width| *width >= left).unwrap_or(WIDEST);
            let stop = Stop { tolerance, max_iterations, first, target: n_columns - 1 };
            let from = &mut within;
            for_width!(width, solve_block, from, &reduced, stop)?;
            first += width;
        }
        within.sizes.truncate(n_columns);
        Ok(within)
    }

    fn n_levels(&self) -> usize {
        self.levels.names.iter().map(Vec::len).sum()
    }

    /// Passes over the columns once for the right-hand side.
    fn sums<const W: usize>(&self, first: usize) -> Sums<W> {
        let n_levels = self.n_levels();
        let last = (first + W).min(self.columns.len());
        let task = |rows: Range<usize>| {
            let mut sums: Sums<W> = (vec![[0.0; W]; n_levels], 0.0, [0.0; W], [0.0; W]);
            let mut block = [[0.0; W]; ROWS];
            for from in rows.clone().step_by(ROWS) {
                let n = ROWS.min(rows.end - from);
                self.columns.read(first..last, from, W, block[..n].as_flattened_mut());
                for (row, values) in block[..n].iter_mut().enumerate() {
                    let weight = self.columns.weight(from + row);
                    let weighted = values.map(|value| weight * value);
                    sums.1 += weight;
                    add(&mut sums.2, &weighted);
                    for (sum, (weighted, value)) in sums.3.iter_mut().zip(weighted.iter().zip(&*values)) {
                        *sum += weighted * value;
                    }
                    *values = weighted;
                }
                for (effect, offset) in &self.order {
                    for (code, values) in self.levels.codes[*effect][from..from + n].iter().zip(&block) {
                        add(&mut sums.0[(code + offset) as usize], values);
                    }
                }
            }
            sums
        };
        let most = (self.levels.n / (8 * n_levels + 8192)).clamp(1, 16);
        let tasks: Vec<Sums<W>> = parts(self.levels.n, most).into_par_iter().map(task).collect();
        let whole = tasks.into_iter().reduce(|mut whole, part| {
            whole.0.iter_mut().zip(&part.0).for_each(|(whole, part)| add(whole, part));
            whole.1 += part.1;
            add(&mut whole.2, &part.2);
            add(&mut whole.3, &part.3);
            whole
        });
        whole.unwrap_or_else(|| (Vec::new(), 0.0, [0.0; W], [0.0; W]))
    }

    /// Keeps the coefficients of a block: those of the others, and the sums of the groups from which those of the eliminated
    /// effect follow.
    fn keep<const W: usize>(&mut self, reduced: &Reduced, first: usize, mut table: Vec<[f64; W]>, sizes: [f64; W]) {
        let (others, groups) = table.split_at_mut(reduced.n_levels);
        reduced.recover(others, groups);
        self.blocks.push(Block { first, width: W, table: table.into_flattened() });
        self.width = first + W;
        self.sizes.extend(sizes);
    }

    /// Writes what is left of the used rows from `from` on, `self.width` values for each row of `out`.
    pub(super) fn read(&self, from: usize, out: &mut [f64]) {
        self.columns.read(0..self.columns.len(), from, self.width, out);
        for block in &self.blocks {
            for_width!(block.width, take_out, self, block, from, out);
        }
    }

    /// The column of the target.
    pub(super) fn target(&self) -> usize {
        self.columns.len() - 1
    }

    pub(super) fn weight(&self, row: usize) -> f64 {
        self.columns.weight(row)
    }

    /// Goes through all rows in at most `most` tasks, each with a state of its own; the states come back in order.
    pub(super) fn rows<S: Send>(
        &self,
        most: usize,
        start: impl Fn() -> S + Sync,
        visit: impl Fn(&mut S, usize, &[f64]) + Sync,
    ) -> Vec<S> {
        let task = |rows: Range<usize>| {
            let mut state = start();
            let mut block = vec![0.0; ROWS * self.width];
            for from in rows.clone().step_by(ROWS) {
                let n = ROWS.min(rows.end - from);
                let block = &mut block[..n * self.width];
                self.read(from, block);
                for (row, values) in block.chunks_exact(self.width).enumerate() {
                    visit(&mut state, from + row, values);
                }
            }
            state
        };
        parts(self.levels.n, most).into_par_iter().map(task).collect()
    }

    /// For each effect, in the caller's order, the sum over the columns of `weights` times the coefficients of each level.
    pub(super) fn effects(&self, weights: &[f64]) -> Vec<Vec<f64>> {
        let mut all = vec![Vec::new(); self.order.len()];
        for (effect, offset) in &self.order {
            let levels = *offset as usize..*offset as usize + self.levels.names[*effect].len();
            let value = |level: usize| {
                let of_block = |block: &Block| {
                    let weights = &weights[block.first..weights.len().min(block.first + block.width)];
                    weights.iter().zip(&block.table[level * block.width..]).map(|(w, a)| w * a).sum::<f64>()
                };
                self.blocks.iter().map(of_block).sum()
            };
            all[*effect] = levels.map(value).collect();
        }
        all
    }
}

fn solve_block<const W: usize>(within: &mut Within<'_>, reduced: &Reduced, stop: Stop) -> Result<(), FitError> {
    let (mut table, total, sums, squares) = within.sums::<W>(stop.first);
    let mut sizes = squares;
    sizes.iter_mut().zip(sums).for_each(|(size, sum)| *size = (*size - sum * (sum / total)).max(0.0));
    if reduced.n_levels > 0 {
        reduced.reduce(&mut table);
        let (solved, iterations) = conjugate::solve(reduced, &table[..reduced.n_levels], sizes, stop)?;
        table[..reduced.n_levels].copy_from_slice(&solved);
        within.iterations = within.iterations.max(iterations);
    }
    within.keep(reduced, stop.first, table, sizes);
    Ok(())
}

fn take_out<const W: usize>(within: &Within<'_>, block: &Block, from: usize, out: &mut [f64]) {
    let (table, _) = block.table.as_chunks::<W>();
    let n = out.len() / within.width;
    for (effect, offset) in &within.order {
        let codes = &within.levels.codes[*effect][from..from + n];
        for (code, out) in codes.iter().zip(out.chunks_exact_mut(within.width)) {
            let values = &table[(code + offset) as usize];
            out[block.first..block.first + W].iter_mut().zip(values).for_each(|(out, value)| *out -= value);
        }
    }
}
