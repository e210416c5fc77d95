//! Least squares by orthogonal projection, for a few regressors that may depend on each other.

/// A column of which less than this share is left is taken to depend on those before it; the tolerance of R `lm()`.
const DEPENDENT: f64 = 1e-7;

/// Takes out of `y` what `columns` explain; `columns` become orthonormal, a dependent one zero. O(n k^2).
pub(crate) fn residual(columns: &mut [Vec<f64>], y: &mut [f64]) {
    for place in 0..columns.len() {
        let (done, rest) = columns.split_at_mut(place);
        let column = &mut rest[0];
        let before = norm(column);
        // Twice is enough: Giraud, Langou & Rozloznik (2005), Computers & Mathematics with Applications 50.
        for _ in 0..2 {
            for earlier in &*done {
                take_out(earlier, column);
            }
        }
        let left = norm(column);
        let scale = if left > DEPENDENT * before { 1.0 / left } else { 0.0 };
        column.iter_mut().for_each(|value| *value *= scale);
    }
    for _ in 0..2 {
        for column in &*columns {
            take_out(column, y);
        }
    }
}

/// The scalar product.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(x: &[f64]) -> f64 {
    dot(x, x).sqrt()
}

fn take_out(direction: &[f64], from: &mut [f64]) {
    let length = dot(direction, from);
    from.iter_mut().zip(direction).for_each(|(value, d)| *value -= length * d);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_orthogonal_to_every_column() {
        let columns = vec![vec![1.0; 5], vec![1.0, 2.0, 3.0, 4.0, 5.0], vec![2.0, 3.0, 4.0, 5.0, 6.0]];
        let mut y = vec![1.0, 4.0, 2.0, 8.0, 5.0];
        residual(&mut columns.clone(), &mut y);
        assert!(columns.iter().all(|column| dot(column, &y).abs() < 1e-12));
        // R: deviance(lm(c(1, 4, 2, 8, 5) ~ c(1:5))) gives 15.6
        assert!((dot(&y, &y) - 15.6).abs() < 1e-12);
    }
}
