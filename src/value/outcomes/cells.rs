//! The cells of a table with all its margins, and the equations between them.

use std::collections::HashMap;

/// Groupings at most in one table.
pub(super) const MAX_DIMS: usize = 4;

/// The level that stands for all levels of a dimension together.
pub(super) const ALL: u32 = u32::MAX;

/// The level of a cell in each dimension; dimensions that are not used are [`ALL`].
pub(super) type Key = [u32; MAX_DIMS];

/// The cells that hold somebody, margins with them. A combination without anybody is no cell: that it is empty is no secret.
#[derive(Clone, Debug)]
pub(super) struct Cells {
    n_dims: usize,
    keys: Vec<Key>,
    places: HashMap<Key, usize>,
    n_levels: [u32; MAX_DIMS],
    children: Vec<Vec<(usize, usize)>>,
}

impl Cells {
    /// The cells of rows with these levels, `n_dims` of each row used. In the order of how many dimensions they fix, then of key.
    pub(super) fn of_rows(n_dims: usize, rows: &[Key]) -> Self {
        let mut keys: Vec<Key> = Vec::new();
        let mut known: HashMap<Key, usize> = HashMap::new();
        for row in rows {
            for margin in margins(*row, n_dims) {
                known.entry(margin).or_insert_with(|| {
                    keys.push(margin);
                    0
                });
            }
        }
        let fixed = |key: &Key| key.iter().map(|level| *level != ALL).collect::<Vec<_>>();
        keys.sort_by_key(|key| {
            (fixed(key).iter().filter(|f| **f).count(), fixed(key).iter().map(|f| !f).collect::<Vec<_>>(), *key)
        });
        let places: HashMap<Key, usize> = keys.iter().enumerate().map(|(place, key)| (*key, place)).collect();
        let mut n_levels = [0; MAX_DIMS];
        for key in &keys {
            for (n, level) in n_levels.iter_mut().zip(key).filter(|(_, level)| **level != ALL) {
                *n = (*n).max(level + 1);
            }
        }
        let mut children = vec![Vec::new(); keys.len()];
        for (place, key) in keys.iter().enumerate() {
            for dim in (0..n_dims).filter(|dim| key[*dim] != ALL) {
                let mut parent = *key;
                parent[dim] = ALL;
                if let Some(parent) = places.get(&parent) {
                    children[*parent].push((dim, place));
                }
            }
        }
        Self { n_dims, keys, places, n_levels, children }
    }

    pub(super) fn n_dims(&self) -> usize {
        self.n_dims
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn key(&self, place: usize) -> Key {
        self.keys[place]
    }

    pub(super) fn place(&self, key: &Key) -> Option<usize> {
        self.places.get(key).copied()
    }

    pub(super) fn n_levels(&self, dim: usize) -> u32 {
        self.n_levels[dim]
    }

    /// The cells that add up to `place` along dimension `dim`; none where that dimension is fixed.
    pub(super) fn parts(&self, place: usize, dim: usize) -> impl Iterator<Item = usize> + Clone + '_ {
        self.children[place].iter().filter(move |(along, _)| *along == dim).map(|(_, child)| *child)
    }
}

/// The row's own cell and every margin that it counts in: `2^n_dims` keys.
pub(super) fn margins(row: Key, n_dims: usize) -> impl Iterator<Item = Key> {
    (0_u32..1 << n_dims).map(move |mask| {
        let mut key = [ALL; MAX_DIMS];
        for dim in (0..n_dims).filter(|dim| mask & (1 << dim) != 0) {
            key[dim] = row[dim];
        }
        key
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_are_cells_and_add_up() {
        let cells = Cells::of_rows(2, &[[0, 0, ALL, ALL], [0, 1, ALL, ALL], [1, 1, ALL, ALL], [1, 1, ALL, ALL]]);
        // The total, two and two margins, three cells.
        assert_eq!((cells.len(), cells.key(0)), (8, [ALL; 4]));
        let total_by_first: Vec<Key> = cells.parts(0, 0).map(|place| cells.key(place)).collect();
        assert_eq!(total_by_first, [[0, ALL, ALL, ALL], [1, ALL, ALL, ALL]]);
        let one = cells.place(&[ALL, 1, ALL, ALL]).unwrap();
        assert_eq!((cells.parts(one, 0).count(), cells.parts(one, 1).count()), (2, 0));
        assert_eq!(Cells::of_rows(0, &[[ALL; 4]]).len(), 1);
    }
}
