//! Nearest neighbours.

use std::collections::BTreeMap;

/// Distances that differ by less than this share are ties: what is left is rounding.
const TIE: f64 = 1e-9;

/// A column of which less than this share is left once those before it are taken out says nothing new.
const DEPENDENT: f64 = 1e-7;

/// Points in a space where the plain distance is the one wanted.
#[derive(Clone, Debug)]
pub(super) struct Space {
    /// Row after row.
    points: Vec<f64>,
    width: usize,
}

/// Who may be a neighbour.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits<'a> {
    /// Neighbours have the same number.
    pub(super) cells: Option<&'a [u32]>,
    /// Log odds, and by how much those of neighbours may differ.
    pub(super) caliper: Option<(&'a [f64], f64)>,
}

impl Space {
    /// Distances of Mahalanobis: columns are centred, freed of what they share with those before them and scaled to variance 1.
    /// O(rows * columns^2).
    pub(super) fn mahalanobis(columns: &[&[f64]], n: usize) -> Self {
        let mut basis: Vec<Vec<f64>> = Vec::new();
        for column in columns {
            let mean = column.iter().sum::<f64>() / n as f64;
            let size = column.iter().map(|value| value.abs()).fold(0.0, f64::max);
            let mut rest: Vec<f64> = column.iter().map(|value| value - mean).collect();
            let before = norm(&rest);
            for _ in 0..2 {
                for direction in &basis {
                    let along: f64 = direction.iter().zip(&rest).map(|(a, b)| a * b).sum();
                    rest.iter_mut().zip(direction).for_each(|(rest, d)| *rest -= along * d);
                }
            }
            let left = norm(&rest);
            if left > DEPENDENT * before && before > 1e-12 * size * (n as f64).sqrt() {
                rest.iter_mut().for_each(|value| *value /= left);
                basis.push(rest);
            }
        }
        let scale = (n as f64 - 1.0).max(1.0).sqrt();
        let points = (0..n).flat_map(|row| basis.iter().map(move |direction| scale * direction[row])).collect();
        Self { points, width: basis.len() }
    }

    /// Distances on a line.
    pub(super) fn line(values: Vec<f64>) -> Self {
        Self { points: values, width: 1 }
    }

    fn point(&self, row: usize) -> &[f64] {
        &self.points[row * self.width..(row + 1) * self.width]
    }

    /// For each row of `from`, the `k` nearest of `among` and all that are as near as the last of these, nearest rows first in
    /// row order; fewer, or none, where there are not as many. A row is no neighbour of its own.
    ///
    /// O(from * among * columns) at worst; rows far off along the first column are not looked at.
    pub(super) fn nearest(&self, from: &[usize], among: &[usize], k: usize, limits: Limits<'_>) -> Vec<Vec<usize>> {
        let first = |row: usize| if self.width == 0 { 0.0 } else { self.points[row * self.width] };
        let cell = |row: usize| limits.cells.map_or(0, |cells| cells[row]);
        let mut groups: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for &row in among {
            groups.entry(cell(row)).or_default().push(row);
        }
        groups.values_mut().for_each(|rows| rows.sort_by(|a, b| first(*a).total_cmp(&first(*b)).then(a.cmp(b))));
        let nothing = Vec::new();
        from.iter()
            .map(|&row| {
                let rows = groups.get(&cell(row)).unwrap_or(&nothing);
                self.of_one(row, rows, k, limits.caliper, first)
            })
            .collect()
    }

    fn of_one(
        &self,
        row: usize,
        sorted: &[usize],
        k: usize,
        caliper: Option<(&[f64], f64)>,
        first: impl Fn(usize) -> f64,
    ) -> Vec<usize> {
        let own = self.point(row);
        let here = first(row);
        // Squares of distances with their rows, ascending up to the k-th; beyond it only ties.
        let mut near: Vec<(f64, usize)> = Vec::with_capacity(k + 1);
        let mut bound = f64::INFINITY;
        let start = sorted.partition_point(|other| first(*other) < here);
        let (mut below, mut above) = (start, start);
        loop {
            // The nearer of the next ones on either side.
            let left = below.checked_sub(1).map(|place| here - first(sorted[place]));
            let right = sorted.get(above).map(|other| first(*other) - here);
            let (gap, other) = match (left, right) {
                (Some(left), Some(right)) if left < right => (left, {
                    below -= 1;
                    sorted[below]
                }),
                (Some(left), None) => (left, {
                    below -= 1;
                    sorted[below]
                }),
                (_, Some(right)) => (right, {
                    above += 1;
                    sorted[above - 1]
                }),
                (None, None) => break,
            };
            if gap * gap > bound {
                break;
            }
            if other == row || caliper.is_some_and(|(odds, reach)| (odds[other] - odds[row]).abs() > reach) {
                continue;
            }
            let mut distance = 0.0;
            for (a, b) in own.iter().zip(self.point(other)) {
                distance += (a - b) * (a - b);
                if distance > bound {
                    break;
                }
            }
            if distance > bound {
                continue;
            }
            let place = near.partition_point(|(known, _)| *known <= distance);
            near.insert(place, (distance, other));
            if near.len() >= k {
                // Squares of distances that tie differ by twice the share.
                bound = near[k - 1].0 * (1.0 + 2.0 * TIE);
                let ties = near.partition_point(|(known, _)| *known <= bound);
                near.truncate(ties);
            }
        }
        let mut rows: Vec<usize> = near.into_iter().map(|(_, row)| row).collect();
        rows.sort_unstable();
        rows
    }
}

fn norm(x: &[f64]) -> f64 {
    x.iter().map(|value| value * value).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: Limits<'_> = Limits { cells: None, caliper: None };

    #[test]
    fn the_search_agrees_with_looking_at_every_row() {
        let wave = |i: usize, step: f64| (i as f64 * step).sin();
        let columns: Vec<Vec<f64>> =
            [1.3, 2.1, 0.7].iter().map(|step| (0..90).map(|i| (4.0 * wave(i, *step)).round()).collect()).collect();
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let space = Space::mahalanobis(&columns, 90);
        let (from, among): (Vec<usize>, Vec<usize>) = (0..90).partition(|i| i % 4 == 0);
        for k in [1, 3, 100] {
            for (row, found) in from.iter().zip(space.nearest(&from, &among, k, FREE)) {
                let distance = |other: usize| {
                    space.point(*row).iter().zip(space.point(other)).map(|(a, b)| (a - b).powi(2)).sum::<f64>()
                };
                let mut all: Vec<f64> = among.iter().map(|other| distance(*other)).collect();
                all.sort_by(f64::total_cmp);
                let limit = all[k.min(all.len()) - 1] * (1.0 + 2e-9);
                let expected: Vec<usize> = among.iter().copied().filter(|other| distance(*other) <= limit).collect();
                assert_eq!(found, expected, "row {row}, k {k}");
            }
        }
    }

    #[test]
    fn limits_hold_and_nobody_is_his_own_neighbour() {
        let space = Space::line(vec![0.0, 0.0, 1.0, 5.0, 5.5]);
        assert_eq!(space.nearest(&[0, 3], &[0, 1, 2, 3, 4], 1, FREE), [vec![1], vec![4]]);
        let cells = Limits { cells: Some(&[1, 2, 1, 1, 3]), ..FREE };
        assert_eq!(space.nearest(&[0, 1], &[2, 3, 4], 1, cells), [vec![2], vec![]]);
        let odds = [0.0, 0.0, 3.0, 5.0, 0.5];
        let near = Limits { caliper: Some((&odds, 1.0)), ..FREE };
        assert_eq!(space.nearest(&[0, 3], &[1, 2, 4], 2, near), [vec![1, 4], vec![]]);
        // Columns that do not vary leave all at the same place.
        let flat = Space::mahalanobis(&[&[2.0; 3]], 3);
        assert_eq!(flat.nearest(&[0], &[1, 2], 1, FREE), [vec![1, 2]]);
    }
}
