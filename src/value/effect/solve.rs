//! Small symmetric systems.

/// The lower triangle `l` of `l l' = a`, row by row.
#[derive(Clone, Debug)]
pub(super) struct Cholesky {
    rows: Vec<Vec<f64>>,
}

impl Cholesky {
    /// `None` if `a` (its lower triangle is read) is not positive definite.
    pub(super) fn new(a: &[Vec<f64>]) -> Option<Self> {
        let mut rows: Vec<Vec<f64>> = Vec::with_capacity(a.len());
        for (i, from) in a.iter().enumerate() {
            let mut row = Vec::with_capacity(i + 1);
            for j in 0..i {
                let known: f64 = row.iter().zip(&rows[j]).map(|(a, b): (&f64, &f64)| a * b).sum();
                row.push((from[j] - known) / rows[j][j]);
            }
            let left = from[i] - row.iter().map(|value| value * value).sum::<f64>();
            if left.is_nan() || left <= 0.0 {
                return None;
            }
            row.push(left.sqrt());
            rows.push(row);
        }
        Some(Self { rows })
    }

    /// Solves `l u = v`.
    pub(super) fn half(&self, v: &[f64]) -> Vec<f64> {
        let mut u: Vec<f64> = Vec::with_capacity(v.len());
        for (row, value) in self.rows.iter().zip(v) {
            let known: f64 = row.iter().zip(&u).map(|(a, b)| a * b).sum();
            u.push((value - known) / row[u.len()]);
        }
        u
    }

    /// Solves `a x = v`.
    pub(super) fn solve(&self, v: &[f64]) -> Vec<f64> {
        let mut x = self.half(v);
        for i in (0..x.len()).rev() {
            x[i] /= self.rows[i][i];
            let known = x[i];
            x[..i].iter_mut().zip(&self.rows[i]).for_each(|(x, l)| *x -= l * known);
        }
        x
    }
}

/// Columns standardised on some rows; a column that does not vary there is left out.
#[derive(Clone, Debug)]
pub(super) struct Scaling {
    /// Position, centre and scale of each kept column.
    kept: Vec<(usize, f64, f64)>,
}

impl Scaling {
    /// A column that varies by less than this share of its size is constant but for rounding.
    const CONSTANT: f64 = 1e-12;

    pub(super) fn new(columns: &[&[f64]], rows: &[usize]) -> Self {
        let n = rows.len() as f64;
        let measure = |(place, column): (usize, &&[f64])| {
            let centre = rows.iter().map(|row| column[*row]).sum::<f64>() / n;
            let size = rows.iter().map(|row| column[*row].abs()).fold(0.0, f64::max);
            let spread = (rows.iter().map(|row| (column[*row] - centre).powi(2)).sum::<f64>() / n).sqrt();
            (spread > Self::CONSTANT * size).then_some((place, centre, spread))
        };
        Self { kept: columns.iter().enumerate().filter_map(measure).collect() }
    }

    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    /// Position, centre and scale of each kept column.
    pub(super) fn kept(&self) -> &[(usize, f64, f64)] {
        &self.kept
    }

    /// The kept columns for `rows`, row after row.
    pub(super) fn apply(&self, columns: &[&[f64]], rows: &[usize]) -> Vec<f64> {
        let cell =
            |row: usize| self.kept.iter().map(move |(place, centre, scale)| (columns[*place][row] - centre) / scale);
        rows.iter().flat_map(|row| cell(*row)).collect()
    }
}

/// Adds `weight` times the outer product of `x` to the lower triangle of `sum`.
pub(super) fn add_outer(sum: &mut [Vec<f64>], x: &[f64], weight: f64) {
    for (i, row) in sum.iter_mut().enumerate() {
        let scaled = weight * x[i];
        row[..=i].iter_mut().zip(x).for_each(|(cell, x)| *cell += scaled * x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_solved_and_impossible_ones_refused() {
        let a = vec![vec![4.0, 0.0], vec![2.0, 3.0]];
        let x = Cholesky::new(&a).unwrap().solve(&[8.0, 7.0]);
        assert!((x[0] - 1.25).abs() < 1e-15 && (x[1] - 1.5).abs() < 1e-15, "{x:?}");
        assert!(Cholesky::new(&[vec![1.0], vec![1.0, 1.0]]).is_none());
        assert!(Cholesky::new(&[vec![f64::NAN]]).is_none());
    }
}
