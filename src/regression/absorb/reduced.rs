//! The normal equations of the effects without the largest one, which is eliminated: multiplying by them takes one pass over
//! the codes, for a block of columns at once.

use std::ops::Range;

use rayon::iter::{IndexedParallelIterator, IntoParallelRefMutIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use super::columns::Columns;
use super::levels::{Levels, place};

/// Rows of a group whose sums are kept between the two passes over it; those behind are summed again.
const KEPT: usize = 512;

/// Less than this share of a level's weight is rounding: the level says nothing that the eliminated effect does not say.
const NOTHING: f64 = 1e-12;

/// Used rows in groups of the eliminated effect. Levels of the other effects are numbered one effect after the other.
#[derive(Debug)]
pub(super) struct Reduced {
    /// First row of each group, and the end.
    starts: Vec<usize>,
    /// Levels of the other effects, row by row.
    codes: Vec<u32>,
    /// Number of other effects.
    n_others: usize,
    /// Number of their levels.
    pub(super) n_levels: usize,
    /// Weights of the rows; empty without.
    weights: Vec<f64>,
    /// Total weight of each group.
    totals: Vec<f64>,
    /// The inverse of the diagonal; 0 for a level that says nothing.
    pub(super) inverse: Vec<f64>,
    /// Groups that one task goes through.
    tasks: Vec<Range<usize>>,
}

impl Reduced {
    /// `order` lists the effects, the one to eliminate last. O(n) for each effect.
    pub(super) fn new(levels: &Levels, order: &[usize], weighted: Option<&Columns<'_>>) -> Self {
        let (eliminated, others) = order.split_last().map_or((0, order), |(last, others)| (*last, others));
        let mut starts = vec![0_usize; levels.names[eliminated].len() + 1];
        for code in &levels.codes[eliminated] {
            starts[*code as usize + 1] += 1;
        }
        for group in 1..starts.len() {
            starts[group] += starts[group - 1];
        }
        let mut next = starts.clone();
        let mut codes = vec![0; levels.n * others.len()];
        let mut weights = weighted.map_or_else(Vec::new, |_| vec![0.0; levels.n]);
        let mut offsets = vec![0];
        for effect in others {
            offsets.push(offsets[offsets.len() - 1] + place(levels.names[*effect].len()));
        }
        for (row, group) in levels.codes[eliminated].iter().enumerate() {
            let to = next[*group as usize];
            next[*group as usize] += 1;
            for ((code, effect), offset) in codes[to * others.len()..].iter_mut().zip(others).zip(&offsets) {
                *code = levels.codes[*effect][row] + offset;
            }
            if let Some(columns) = weighted {
                weights[to] = columns.weight(row);
            }
        }
        let n_levels = offsets[others.len()] as usize;
        let mut reduced = Self {
            starts,
            codes,
            n_others: others.len(),
            n_levels,
            weights,
            totals: Vec::new(),
            inverse: Vec::new(),
            tasks: Vec::new(),
        };
        reduced.share_out(levels.n);
        reduced.weigh();
        reduced
    }

    /// Cuts the groups into tasks. Each task has a table of its own to add up in, so there are few where tables are large.
    fn share_out(&mut self, n: usize) {
        let count = (n / (8 * self.n_levels + 8192)).clamp(1, 16);
        let mut from = 0;
        for task in 1..=count {
            let to = self.starts.partition_point(|start| *start < task * n / count).max(from);
            let to = if task == count { self.starts.len() - 1 } else { to.min(self.starts.len() - 1) };
            if to > from {
                self.tasks.push(from..to);
            }
            from = to;
        }
    }

    /// Total weights and the diagonal: of a level, its weight less what the groups take of it.
    fn weigh(&mut self) {
        let (mut whole, mut taken, mut here) =
            (vec![0.0; self.n_levels], vec![0.0; self.n_levels], vec![0.0; self.n_levels]);
        for group in 0..self.starts.len() - 1 {
            let rows = self.starts[group]..self.starts[group + 1];
            let total: f64 = rows.clone().map(|row| self.weight(row)).sum();
            for row in rows.clone() {
                for code in self.row(row) {
                    here[*code as usize] += self.weight(row);
                }
            }
            for code in rows.flat_map(|row| self.row(row)) {
                let weight = std::mem::take(&mut here[*code as usize]);
                whole[*code as usize] += weight;
                taken[*code as usize] += weight * (weight / total);
            }
            self.totals.push(total);
        }
        let inverse =
            |(whole, taken): (&f64, f64)| if whole - taken > NOTHING * whole { 1.0 / (whole - taken) } else { 0.0 };
        self.inverse = whole.iter().zip(taken).map(inverse).collect();
    }

    fn row(&self, row: usize) -> &[u32] {
        &self.codes[row * self.n_others..(row + 1) * self.n_others]
    }

    fn weight(&self, row: usize) -> f64 {
        self.weights.get(row).copied().unwrap_or(1.0)
    }

    /// Tables of their own for the tasks of [`Reduced::multiply`].
    pub(super) fn tables<const W: usize>(&self) -> Vec<Vec<[f64; W]>> {
        self.tasks.iter().map(|_| vec![[0.0; W]; self.n_levels]).collect()
    }

    /// `out = A p`, where `A` are the equations. The same to the bit on any number of threads: tasks are summed in order.
    pub(super) fn multiply<const W: usize>(&self, p: &[[f64; W]], out: &mut [[f64; W]], tables: &mut [Vec<[f64; W]>]) {
        tables.par_iter_mut().zip(&self.tasks).for_each(|(table, groups)| {
            table.fill([0.0; W]);
            if self.weights.is_empty() {
                self.multiply_groups::<W, false>(groups.clone(), p, table);
            } else {
                self.multiply_groups::<W, true>(groups.clone(), p, table);
            }
        });
        out.par_chunks_mut(1024).enumerate().for_each(|(chunk, out)| {
            out.fill([0.0; W]);
            for table in &*tables {
                for (out, part) in out.iter_mut().zip(&table[chunk * 1024..]) {
                    add(out, part);
                }
            }
        });
    }

    fn multiply_groups<const W: usize, const WEIGHTED: bool>(
        &self,
        groups: Range<usize>,
        p: &[[f64; W]],
        out: &mut [[f64; W]],
    ) {
        let sum = |row: usize| {
            let mut sum = [0.0; W];
            self.row(row).iter().for_each(|code| add(&mut sum, &p[*code as usize]));
            sum
        };
        let mut kept = [[0.0; W]; KEPT];
        for group in groups {
            let rows = self.starts[group]..self.starts[group + 1];
            let mut mean = [0.0; W];
            for row in rows.clone() {
                let sum = sum(row);
                if let Some(kept) = kept.get_mut(row - rows.start) {
                    *kept = sum;
                }
                let weight = if WEIGHTED { self.weights[row] } else { 1.0 };
                mean.iter_mut().zip(sum).for_each(|(mean, sum)| *mean += if WEIGHTED { weight * sum } else { sum });
            }
            mean.iter_mut().for_each(|mean| *mean /= self.totals[group]);
            for row in rows.clone() {
                let mut left = kept.get(row - rows.start).copied().unwrap_or_else(|| sum(row));
                for (left, mean) in left.iter_mut().zip(mean) {
                    *left -= mean;
                    if WEIGHTED {
                        *left *= self.weights[row];
                    }
                }
                self.row(row).iter().for_each(|code| add(&mut out[*code as usize], &left));
            }
        }
    }

    /// Takes what the eliminated effect explains out of the right-hand side: `sums` holds the weighted sums of the columns in
    /// each level of the others and, behind them, in each group.
    pub(super) fn reduce<const W: usize>(&self, sums: &mut [[f64; W]]) {
        let (others, groups) = sums.split_at_mut(self.n_levels);
        for (group, sum) in groups.iter().enumerate() {
            let mean = sum.map(|sum| sum / self.totals[group]);
            for row in self.starts[group]..self.starts[group + 1] {
                let part = mean.map(|mean| -mean * self.weight(row));
                self.row(row).iter().for_each(|code| add(&mut others[*code as usize], &part));
            }
        }
    }

    /// The coefficients of the eliminated effect, in place of the `sums` of its groups, for those of the others.
    pub(super) fn recover<const W: usize>(&self, others: &[[f64; W]], sums: &mut [[f64; W]]) {
        for (group, sum) in sums.iter_mut().enumerate() {
            for row in self.starts[group]..self.starts[group + 1] {
                let weight = self.weight(row);
                for code in self.row(row) {
                    sum.iter_mut().zip(&others[*code as usize]).for_each(|(sum, other)| *sum -= weight * other);
                }
            }
            sum.iter_mut().for_each(|sum| *sum /= self.totals[group]);
        }
    }
}

pub(super) fn add<const W: usize>(to: &mut [f64; W], from: &[f64; W]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
}
