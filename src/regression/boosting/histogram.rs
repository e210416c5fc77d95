//! Sums of gradients by column and bin: where boosting spends its time.

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use rayon::slice::ParallelSlice;

use super::matrix::{BinnedRows, PANEL};
use super::packed::Packed;

/// Codes of a bin: one for missing values, 255 for others.
pub(super) const N_CODES: usize = 256;

/// Rows that are gathered before they are summed. Loads of rows that lie apart wait for memory; gathered first, many of them
/// wait at the same time. 256 rows of 30 columns with their gradients take 10 kB.
const BLOCK: usize = 256;

/// Rows of one task: many more than the codes whose sums each task must zero and merge.
const TASK: usize = 4_096;

/// Rows whose sums are wanted.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rows<'a> {
    /// Every row.
    All(usize),
    /// These, ascending.
    Some(&'a [u32]),
}

/// For each column and code, the sum over rows.
#[derive(Debug)]
pub(super) struct Histogram<P> {
    sums: Vec<[P; N_CODES]>,
}

impl<P: Packed> Histogram<P> {
    fn zero(n_columns: usize) -> Self {
        Self { sums: vec![[P::default(); N_CODES]; n_columns] }
    }

    /// Sums of `column` by code.
    pub(super) fn column(&self, column: usize) -> &[P; N_CODES] {
        &self.sums[column]
    }

    /// Sums `gradients` of `rows`, on several threads if asked to; integers make every order of adding give the same sums.
    pub(super) fn build(matrix: &BinnedRows, gradients: &[P], rows: Rows<'_>, is_parallel: bool) -> Self {
        let zero = || (Self::zero(matrix.n_columns()), Gathered::new(matrix.n_panels()));
        let merge = |(mut a, gathered), (b, _)| {
            Self::add(&mut a, &b);
            (a, gathered)
        };
        let n_rows = match rows {
            Rows::All(n) => n,
            Rows::Some(rows) => rows.len(),
        };
        if !is_parallel || n_rows <= TASK || rayon::current_num_threads() == 1 {
            let (mut sums, mut gathered) = zero();
            sums.add_rows(matrix, gradients, rows, &mut gathered);
            return sums;
        }
        match rows {
            Rows::All(n) => (0..n.div_ceil(TASK))
                .into_par_iter()
                .fold(zero, |(mut sums, mut gathered), task| {
                    sums.add_range(matrix, gradients, task * TASK..((task + 1) * TASK).min(n), &mut gathered);
                    (sums, gathered)
                })
                .reduce(zero, merge),
            Rows::Some(rows) => rows
                .par_chunks(TASK)
                .with_min_len(1)
                .fold(zero, |(mut sums, mut gathered), rows| {
                    sums.add_rows(matrix, gradients, Rows::Some(rows), &mut gathered);
                    (sums, gathered)
                })
                .reduce(zero, merge),
        }
        .0
    }

    fn add_rows(&mut self, matrix: &BinnedRows, gradients: &[P], rows: Rows<'_>, gathered: &mut Gathered<P>) {
        match rows {
            Rows::All(n) => self.add_range(matrix, gradients, 0..n, gathered),
            Rows::Some(rows) => {
                for block in rows.chunks(BLOCK) {
                    gathered.fill(matrix, gradients, block.iter().map(|&row| row as usize));
                    self.add_gathered(gathered, block.len());
                }
            }
        }
    }

    fn add_range(
        &mut self,
        matrix: &BinnedRows,
        gradients: &[P],
        range: std::ops::Range<usize>,
        gathered: &mut Gathered<P>,
    ) {
        for start in range.clone().step_by(BLOCK) {
            let end = (start + BLOCK).min(range.end);
            gathered.fill(matrix, gradients, start..end);
            self.add_gathered(gathered, end - start);
        }
    }

    fn add_gathered(&mut self, gathered: &Gathered<P>, n_rows: usize) {
        let gradients = &gathered.gradients[..n_rows];
        for (sums, words) in self.sums.chunks_mut(PANEL).zip(gathered.words.chunks_exact(BLOCK)) {
            let words = &words[..n_rows];
            match sums.len() {
                1 => add_panel::<P, 1>(sums, words, gradients),
                2 => add_panel::<P, 2>(sums, words, gradients),
                3 => add_panel::<P, 3>(sums, words, gradients),
                4 => add_panel::<P, 4>(sums, words, gradients),
                5 => add_panel::<P, 5>(sums, words, gradients),
                6 => add_panel::<P, 6>(sums, words, gradients),
                7 => add_panel::<P, 7>(sums, words, gradients),
                _ => add_panel::<P, PANEL>(sums, words, gradients),
            }
        }
    }

    fn add(&mut self, other: &Self) {
        for (sums, other) in self.sums.iter_mut().zip(&other.sums) {
            sums.iter_mut().zip(other).for_each(|(sum, other)| *sum = sum.plus(*other));
        }
    }

    /// What is left of a parent without one child: the other child.
    pub(super) fn subtract(&mut self, child: &Self) {
        for (sums, child) in self.sums.iter_mut().zip(&child.sums) {
            sums.iter_mut().zip(child).for_each(|(sum, child)| *sum = sum.minus(*child));
        }
    }
}

/// Rows of one block, panel after panel.
#[derive(Debug)]
struct Gathered<P> {
    words: Vec<u64>,
    gradients: Vec<P>,
}

impl<P: Packed> Gathered<P> {
    fn new(n_panels: usize) -> Self {
        Self { words: vec![0; n_panels * BLOCK], gradients: vec![P::default(); BLOCK] }
    }

    #[inline(always)]
    fn fill(&mut self, matrix: &BinnedRows, gradients: &[P], rows: impl Iterator<Item = usize>) {
        for ((place, row), gradient) in rows.enumerate().zip(&mut self.gradients) {
            *gradient = gradients[row];
            for (panel, word) in self.words.chunks_exact_mut(BLOCK).zip(matrix.row(row)) {
                panel[place] = *word;
            }
        }
    }
}

/// Adds the gradients of rows to the sums of `W` columns, whose codes lie in the bytes of `words`. The sums of eight columns,
/// 16 kB of 64-bit numbers, stay in the nearest cache.
#[inline(never)]
fn add_panel<P: Packed, const W: usize>(sums: &mut [[P; N_CODES]], words: &[u64], gradients: &[P]) {
    let Ok(sums) = <&mut [[P; N_CODES]; W]>::try_from(sums) else { return };
    for (&word, &gradient) in words.iter().zip(gradients) {
        // A loop over numbers known when compiled is unrolled; one over the bytes of the word was not, at three times the instructions.
        #[expect(clippy::needless_range_loop, reason = "see above")]
        for column in 0..W {
            #[expect(clippy::cast_possible_truncation, reason = "the lowest byte is wanted")]
            let code = (word >> (8 * column)) as u8;
            let sum = &mut sums[column][usize::from(code)];
            *sum = sum.plus(gradient);
        }
    }
}
