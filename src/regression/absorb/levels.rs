//! Which rows are used, and the levels of the effects among them.

use std::collections::HashMap;

use ndarray::ArrayView1;

use super::super::design;
use crate::error::FitError;

/// Codes below this many times the number of rows are renumbered through a table, larger ones through a map.
const TABLE: usize = 4;

/// The rows that are used and, for each of them, its level of each effect, numbered from 0 by first appearance.
#[derive(Debug)]
pub(super) struct Levels {
    /// Used rows in order; `None` where all are.
    pub(super) rows: Option<Vec<u32>>,
    /// Number of used rows.
    pub(super) n: usize,
    /// Level of each used row, effect by effect.
    pub(super) codes: Vec<Vec<u32>>,
    /// The caller's code of each level, effect by effect.
    pub(super) names: Vec<Vec<u32>>,
    /// Rows that were left out because they stood alone in their level, by the effect at which that was found.
    pub(super) singletons: Vec<usize>,
}

/// Codes numbered from 0 by first appearance, and the original of each number.
pub(super) fn number(codes: impl Iterator<Item = u32> + Clone, n: usize) -> (Vec<u32>, Vec<u32>) {
    let largest = codes.clone().max().unwrap_or(0) as usize;
    let mut names = Vec::new();
    let mut out = Vec::with_capacity(n);
    let fresh = |names: &mut Vec<u32>, code: u32| {
        names.push(code);
        place(names.len() - 1)
    };
    if largest / TABLE <= n {
        let mut table = vec![u32::MAX; largest + 1];
        for code in codes {
            let number = &mut table[code as usize];
            if *number == u32::MAX {
                *number = fresh(&mut names, code);
            }
            out.push(*number);
        }
    } else {
        let mut map = HashMap::new();
        for code in codes {
            out.push(*map.entry(code).or_insert_with(|| fresh(&mut names, code)));
        }
    }
    (out, names)
}

/// A number of rows or levels as it is stored; `Levels::new` has made sure that there are fewer than `u32::MAX` rows.
pub(super) fn place(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

impl Levels {
    /// Leaves out the rows of weight 0, then every row that stands alone in a level until none does. O(n) for each effect.
    pub(super) fn new(
        effects: &[&[u32]],
        n_rows: usize,
        weights: Option<ArrayView1<'_, f64>>,
    ) -> Result<Self, FitError> {
        if effects.is_empty() {
            return Err(design::refuse("no effect to absorb; without one, use LeastSquares".into()));
        }
        if n_rows >= u32::MAX as usize {
            return Err(design::refuse(format!("{n_rows} rows; at most {} can be numbered", u32::MAX - 1)));
        }
        if let Some((effect, codes)) = effects.iter().enumerate().find(|(_, codes)| codes.len() != n_rows) {
            return Err(design::refuse(format!("effect {effect} has {} codes for {n_rows} rows", codes.len())));
        }
        let rows: Option<Vec<u32>> = weights
            .filter(|weights| weights.iter().any(|w| *w <= 0.0))
            .map(|weights| (0..n_rows).filter(|row| weights[*row] > 0.0).map(place).collect());
        let n = rows.as_ref().map_or(n_rows, Vec::len);
        let (mut codes, mut names) = (Vec::new(), Vec::new());
        for effect in effects {
            let (numbers, originals) = match &rows {
                None => number(effect.iter().copied(), n),
                Some(rows) => number(rows.iter().map(|row| effect[*row as usize]), n),
            };
            codes.push(numbers);
            names.push(originals);
        }
        let mut levels = Self { rows, n, codes, names, singletons: vec![0; effects.len()] };
        levels.drop_singletons();
        if levels.n == 0 {
            let dropped = levels.singletons.iter().sum::<usize>();
            return Err(design::refuse(match dropped {
                0 => "no row has a weight above 0".into(),
                _ => format!(
                    "each of {dropped} rows stands alone in a level of an effect, at once or once others are gone"
                ),
            }));
        }
        Ok(levels)
    }

    /// Peels off rows that stand alone. The last row of a level is known from the exclusive or of all its rows.
    fn drop_singletons(&mut self) {
        let mut counts: Vec<Vec<(u32, u32)>> = self.names.iter().map(|names| vec![(0, 0); names.len()]).collect();
        for (codes, counts) in self.codes.iter().zip(&mut counts) {
            for (row, code) in codes.iter().enumerate() {
                let (count, rows) = &mut counts[*code as usize];
                *count += 1;
                *rows ^= place(row);
            }
        }
        let alone = |counts: &[(u32, u32)]| (0..counts.len()).filter(|l| counts[*l].0 == 1).collect::<Vec<usize>>();
        let mut queues: Vec<Vec<usize>> = counts.iter().map(|counts| alone(counts)).collect();
        if queues.iter().all(Vec::is_empty) {
            return;
        }
        let mut kept = vec![true; self.n];
        while queues.iter().any(|queue| !queue.is_empty()) {
            for effect in 0..queues.len() {
                for level in std::mem::take(&mut queues[effect]) {
                    let (count, row) = counts[effect][level];
                    if count != 1 {
                        continue;
                    }
                    kept[row as usize] = false;
                    self.singletons[effect] += 1;
                    for (other, codes) in self.codes.iter().enumerate() {
                        let level = codes[row as usize] as usize;
                        let (count, rows) = &mut counts[other][level];
                        *count -= 1;
                        *rows ^= row;
                        if *count == 1 {
                            queues[other].push(level);
                        }
                    }
                }
            }
        }
        let used = |row: &usize| kept[*row];
        let before = self.rows.take();
        let rows: Vec<u32> =
            (0..self.n).filter(used).map(|row| before.as_ref().map_or(place(row), |rows| rows[row])).collect();
        for (codes, names) in self.codes.iter_mut().zip(&mut self.names) {
            let left = codes.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(code, _)| *code);
            let (numbers, originals) = number(left, rows.len());
            *names = originals.into_iter().map(|number| names[number as usize]).collect();
            *codes = numbers;
        }
        self.n = rows.len();
        self.rows = Some(rows);
    }

    /// The row of the caller's data behind used row `place`.
    pub(super) fn row(&self, place: usize) -> usize {
        self.rows.as_ref().map_or(place, |rows| rows[place] as usize)
    }

    /// Codes of the caller's rows for the used rows, numbered from 0, and how many there are.
    pub(super) fn clusters(&self, codes: &[u32]) -> (Vec<u32>, usize) {
        let (numbers, names) = match &self.rows {
            None => number(codes.iter().copied(), self.n),
            Some(rows) => number(rows.iter().map(|row| codes[*row as usize]), self.n),
        };
        (numbers, names.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_stand_alone_are_peeled_off_until_none_does() {
        let a = [0, 1, 1, 2, 2, 3, 4, 4, 5, 5];
        let b = [0, 0, 1, 1, 2, 2, 3, 4, 3, 4];
        let levels = Levels::new(&[&a, &b], 10, None).unwrap();
        assert_eq!(levels.rows.as_deref(), Some(&[6, 7, 8, 9][..]));
        assert_eq!(levels.singletons.iter().sum::<usize>(), 6);
        assert_eq!(levels.names, [vec![4, 5], vec![3, 4]]);
        assert_eq!(levels.codes, [vec![0, 0, 1, 1], vec![0, 1, 0, 1]]);
    }

    #[test]
    fn large_codes_are_numbered_like_small_ones() {
        let small = [3, 1, 3, 2];
        let large = small.map(|code| u32::MAX - code);
        let (a, names) = number(small.iter().copied(), 4);
        let (b, large_names) = number(large.iter().copied(), 4);
        assert_eq!((&a, names), (&vec![0, 1, 0, 2], vec![3, 1, 2]));
        assert_eq!((b, large_names), (a, [3, 1, 2].map(|code| u32::MAX - code).to_vec()));
    }

    #[test]
    fn nothing_left_is_an_error_that_says_so() {
        let error = Levels::new(&[&[0, 1, 2]], 3, None).unwrap_err().to_string();
        assert!(error.contains("each of 3 rows stands alone"), "{error}");
    }
}
