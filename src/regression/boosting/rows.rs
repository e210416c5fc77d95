//! Dividing the rows of a leaf, stable and parallel.

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use rayon::slice::{ParallelSlice, ParallelSliceMut};

/// Rows of one task.
const TASK: usize = 1 << 14;

/// Puts the rows whose code goes left before the others, both in their order; returns how many go left. `scratch` is as long as
/// `rows`.
pub(super) fn divide(rows: &mut [u32], scratch: &mut [u32], codes: &[u8], goes_left: &[bool; 256]) -> usize {
    let left = |row: u32| goes_left[usize::from(codes[row as usize])];
    if rows.len() <= TASK || rayon::current_num_threads() == 1 {
        let (mut n_left, mut n_right) = (0, 0);
        for place in 0..rows.len() {
            let row = rows[place];
            let left = left(row);
            // Both are written, one of them counts: no branch to be guessed.
            rows[n_left] = row;
            scratch[n_right] = row;
            n_left += usize::from(left);
            n_right += usize::from(!left);
        }
        rows[n_left..].copy_from_slice(&scratch[..n_right]);
        return n_left;
    }
    // In each piece of scratch: left rows from the front, right rows backwards from the end.
    let counts: Vec<usize> = rows
        .par_chunks(TASK)
        .zip(scratch.par_chunks_mut(TASK))
        .map(|(rows, scratch)| {
            let (mut n_left, mut last) = (0, rows.len() - 1);
            for (place, &row) in rows.iter().enumerate() {
                let left = left(row);
                scratch[n_left] = row;
                scratch[last] = row;
                n_left += usize::from(left);
                // The place of the next right row; that of the last row of all is not needed.
                last = (rows.len() - 1).saturating_sub(place + 1 - n_left);
            }
            n_left
        })
        .collect();
    let n_left = counts.iter().sum();
    let (mut lefts, mut rights) = rows.split_at_mut(n_left);
    let mut pieces = Vec::with_capacity(counts.len());
    for (piece, count) in scratch.chunks(TASK).zip(counts) {
        let (to_left, rest_left) = lefts.split_at_mut(count);
        let (to_right, rest_right) = rights.split_at_mut(piece.len() - count);
        (lefts, rights) = (rest_left, rest_right);
        pieces.push((piece.split_at(count), to_left, to_right));
    }
    pieces.into_par_iter().for_each(|((left, right), to_left, to_right)| {
        to_left.copy_from_slice(left);
        to_right.iter_mut().zip(right.iter().rev()).for_each(|(to, row)| *to = *row);
    });
    n_left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_their_order_on_both_sides() {
        let codes: Vec<u8> = (0..100_000_u64).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()[0]).collect();
        let codes = codes.as_slice();
        for (n, modulus) in [(1, 2), (5, 1), (1000, 3), (16_384, 2), (16_385, 2), (50_000, 7), (50_000, 300)] {
            let rows: Vec<u32> = (0..n).map(|row| row * 2).collect();
            let mut goes_left = [false; 256];
            goes_left.iter_mut().enumerate().for_each(|(code, left)| *left = code % modulus == 0);
            let (all, goes) = (&rows, &goes_left);
            let side = |left| all.iter().copied().filter(move |&row| goes[codes[row as usize] as usize] == left);
            let expected: Vec<u32> = side(true).chain(side(false)).collect();
            for threads in [1, 3] {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let (mut found, mut scratch) = (rows.clone(), rows.clone());
                let n_left = pool.install(|| divide(&mut found, &mut scratch, codes, &goes_left));
                assert_eq!((n_left, &found), (side(true).count(), &expected), "{n} {modulus} {threads}");
            }
        }
    }
}
