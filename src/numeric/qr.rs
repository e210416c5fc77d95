//! The triangle of a QR decomposition, taken from rows as they come.

/// Rows that are taken in at a time: with 20 columns they fit the first cache level.
const BLOCK: usize = 128;

/// The triangle `r` of `z = q r`, from blocks of rows, without `q`.
///
/// Householder reflections of the triangle so far on top of each block of rows (Golub & Van Loan 2013, *Matrix Computations*,
/// 4th ed., section 6.5.3): O(n k^2) time and O(k^2) memory for any number of rows, and as exact as a QR of all rows at once.
/// Give the target as the last column, and the last column of the triangle holds `q'y`.
#[derive(Debug)]
pub(crate) struct Triangle {
    k: usize,
    /// `k` columns of `k + BLOCK` cells: the triangle on top, rows that wait below.
    cells: Vec<f64>,
    waiting: usize,
}

impl Triangle {
    pub(crate) fn new(k: usize) -> Self {
        Self { k, cells: vec![0.0; k * (k + BLOCK)], waiting: 0 }
    }

    /// Takes in `n` rows, of which `fill(column, first, cells)` writes the cells of a column from row `first` on.
    pub(crate) fn push_rows(&mut self, n: usize, fill: impl Fn(usize, usize, &mut [f64])) {
        let height = self.k + BLOCK;
        let mut first = 0;
        while first < n {
            let take = (n - first).min(BLOCK - self.waiting);
            let start = self.k + self.waiting;
            for column in 0..self.k {
                let place = column * height + start;
                fill(column, first, &mut self.cells[place..place + take]);
            }
            self.waiting += take;
            first += take;
            if self.waiting == BLOCK {
                self.reduce();
            }
        }
    }

    /// Takes in one row.
    pub(crate) fn push_row(&mut self, row: &[f64]) {
        self.push_rows(1, |column, _, cells| cells[0] = row[column]);
    }

    /// Takes the rows that wait into the triangle.
    fn reduce(&mut self) {
        let (k, height, waiting) = (self.k, self.k + BLOCK, self.waiting);
        for j in 0..k {
            let (done, rest) = self.cells.split_at_mut((j + 1) * height);
            let pivot = &mut done[j * height..];
            let (top, below) = pivot.split_at_mut(k);
            let below = &mut below[..waiting];
            let size = below.iter().fold(top[j].abs(), |size, value| size.max(value.abs()));
            if size <= 0.0 || below.iter().all(|value| *value == 0.0) {
                continue;
            }
            // Divided by the largest first, so that no square overflows or vanishes.
            let scaled = |value: f64| value / size;
            let squares: f64 = below.iter().map(|value| scaled(*value).powi(2)).sum::<f64>() + scaled(top[j]).powi(2);
            let length = -size * squares.sqrt().copysign(top[j]);
            // The reflection takes (1, v) times `beta` out: v = below / (top - length).
            let head = top[j] - length;
            below.iter_mut().for_each(|value| *value /= head);
            let beta = -head / length;
            top[j] = length;
            for other in rest.chunks_exact_mut(height) {
                let (other_top, other_below) = other.split_at_mut(k);
                let other_below = &mut other_below[..waiting];
                let along = beta * (other_top[j] + dot(below, other_below));
                other_top[j] -= along;
                other_below.iter_mut().zip(&*below).for_each(|(cell, v)| *cell -= along * v);
            }
        }
        self.waiting = 0;
    }

    /// The columns of the triangle, column `j` of `j + 1` cells, with a diagonal of at least 0.
    pub(crate) fn columns(mut self) -> Vec<Vec<f64>> {
        self.reduce();
        let height = self.k + BLOCK;
        let mut columns: Vec<Vec<f64>> =
            (0..self.k).map(|j| self.cells[j * height..j * height + j + 1].to_vec()).collect();
        for row in 0..self.k {
            if columns[row][row] < 0.0 {
                columns[row..].iter_mut().for_each(|column| column[row] = -column[row]);
            }
        }
        columns
    }
}

/// The scalar product in eight sums side by side, which the compiler can do at once; the order of sums is always the same.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (a_wide, b_wide) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = a_wide.remainder().iter().zip(b_wide.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a_wide.zip(b_wide) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7])) + rest
}

/// Which columns of `z` those before them explain, all but `share` of their length; told by the columns of its triangle
/// (modified Gram-Schmidt, twice). O(k^3).
pub(crate) fn dependent(r: &[Vec<f64>], share: f64) -> Vec<bool> {
    let mut basis: Vec<Vec<f64>> = Vec::new();
    let mut mark = |column: &Vec<f64>| {
        let length = dot(column, column).sqrt();
        let mut rest = column.clone();
        for _ in 0..2 {
            for direction in &basis {
                let along = dot(direction, &rest[..direction.len()]);
                rest.iter_mut().zip(direction).for_each(|(rest, d)| *rest -= along * d);
            }
        }
        let left = dot(&rest, &rest).sqrt();
        if left.is_nan() || left <= share * length {
            return true;
        }
        rest.iter_mut().for_each(|value| *value /= left);
        basis.push(rest);
        false
    };
    r.iter().map(&mut mark).collect()
}

/// Solves `r b = v` for a triangle of columns.
pub(crate) fn back_substitute(r: &[Vec<f64>], v: &[f64]) -> Vec<f64> {
    let mut b = v[..r.len()].to_vec();
    for column in (0..b.len()).rev() {
        b[column] /= r[column][column];
        let known = b[column];
        b[..column].iter_mut().zip(&r[column]).for_each(|(b, r)| *b -= r * known);
    }
    b
}

/// Solves `r' b = v` in place: a row of `z` becomes a row of `q`.
pub(crate) fn forward_substitute(r: &[Vec<f64>], v: &mut [f64]) {
    for row in 0..r.len() {
        let known: f64 = r[row][..row].iter().zip(&*v).map(|(r, b)| r * b).sum();
        v[row] = (v[row] - known) / r[row][row];
    }
}

/// The rows of the inverse of a triangle of columns.
pub(crate) fn inverse(r: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let k = r.len();
    let unit = |place: usize| (0..k).map(|other| f64::from(u8::from(other == place))).collect::<Vec<_>>();
    let columns: Vec<Vec<f64>> = (0..k).map(|place| back_substitute(r, &unit(place))).collect();
    (0..k).map(|row| columns.iter().map(|column| column[row]).collect()).collect()
}

/// The inverse of a symmetric positive definite matrix by its Cholesky triangle; `None` if it is not one.
pub(crate) fn symmetric_inverse(a: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let mut r: Vec<Vec<f64>> = Vec::with_capacity(a.len());
    for (j, row) in a.iter().enumerate() {
        let mut column = row[..j].to_vec();
        forward_substitute(&r, &mut column);
        let left = row[j] - dot(&column, &column);
        if left.is_nan() || left <= 0.0 {
            return None;
        }
        column.push(left.sqrt());
        r.push(column);
    }
    let rows = inverse(&r);
    Some(rows.iter().map(|a| rows.iter().map(|b| dot(a, b)).collect()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(row: usize, column: usize) -> f64 {
        ((row * 7 + column * 13) % 31) as f64 - 11.0 + (row as f64 * (column as f64 + 0.5)).sin()
    }

    #[test]
    fn the_squares_of_triangle_and_rows_are_the_same() {
        for n in [1, 3, 127, 128, 129, 500] {
            let mut triangle = Triangle::new(4);
            triangle.push_rows(n, |column, first, cells| {
                cells.iter_mut().enumerate().for_each(|(i, to)| *to = cell(first + i, column));
            });
            triangle.push_row(&[1.0, 0.0, -2.0, 0.5]);
            let r = triangle.columns();
            for a in 0..4 {
                for b in 0..4 {
                    let last = [1.0, 0.0, -2.0, 0.5];
                    let direct: f64 = (0..n).map(|row| cell(row, a) * cell(row, b)).sum::<f64>() + last[a] * last[b];
                    let found = dot(&r[a][..=a.min(b)], &r[b][..=a.min(b)]);
                    assert!((direct - found).abs() < 1e-11 * n as f64 * 400.0, "{n}: {direct} {found}");
                }
                assert!(r[a][a] >= 0.0);
            }
        }
    }

    #[test]
    fn a_line_through_points_far_away_and_of_any_size_is_found() {
        for scale in [1e-150, 1.0, 1e150] {
            let mut triangle = Triangle::new(3);
            for t in 0..200 {
                let x = f64::from(t) - 100.0;
                triangle.push_row(&[scale, scale * x, scale * (3.0 - 0.25 * x)]);
            }
            let columns = triangle.columns();
            let b = back_substitute(&columns[..2], &columns[2]);
            assert!((b[0] - 3.0).abs() < 1e-13 && (b[1] + 0.25).abs() < 1e-13, "{b:?}");
            assert!(columns[2][2].abs() < 1e-11 * scale);
        }
    }

    #[test]
    fn columns_that_say_the_same_are_marked() {
        let mut triangle = Triangle::new(5);
        for t in 0..300 {
            let t = f64::from(t);
            let (a, b) = (t.sin(), (t * 1.7).cos() + 3.0);
            triangle.push_row(&[1.0, a, 2.0 * a - 5.0, b, a + b]);
        }
        assert_eq!(dependent(&triangle.columns(), 1e-7), [false, false, true, false, true]);
    }

    #[test]
    fn a_positive_definite_matrix_is_inverted_and_no_other() {
        let inverse = symmetric_inverse(&[vec![4.0, 2.0], vec![2.0, 3.0]]).unwrap();
        for (found, expected) in inverse.iter().flatten().zip([0.375, -0.25, -0.25, 0.5]) {
            assert!((found - expected).abs() < 1e-15);
        }
        assert!(symmetric_inverse(&[vec![1.0, 2.0], vec![2.0, 1.0]]).is_none());
    }

    #[test]
    fn forward_and_back_undo_the_triangle() {
        let r = vec![vec![2.0], vec![1.0, 3.0], vec![0.5, -1.0, 4.0]];
        let b = back_substitute(&r, &[3.5, 1.0, 4.0]);
        assert!((b[0] - 7.0 / 6.0).abs() < 1e-15 && (b[1] - 2.0 / 3.0).abs() < 1e-15 && b[2] == 1.0, "{b:?}");
        let mut v = [2.0, 4.0, 3.5];
        forward_substitute(&r, &mut v);
        assert_eq!(v, [1.0, 1.0, 1.0]);
        let rows = inverse(&r);
        assert!(rows[1][0] == 0.0 && (rows[1][1] - 1.0 / 3.0).abs() < 1e-15 && (rows[1][2] - 1.0 / 12.0).abs() < 1e-15);
    }
}
