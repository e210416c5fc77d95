//! The triangle of a QR decomposition.

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

/// The rows of the inverse of a triangle of columns.
pub(crate) fn inverse(r: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let k = r.len();
    let unit = |place: usize| (0..k).map(|other| f64::from(u8::from(other == place))).collect::<Vec<_>>();
    let columns: Vec<Vec<f64>> = (0..k).map(|place| back_substitute(r, &unit(place))).collect();
    (0..k).map(|row| columns.iter().map(|column| column[row]).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solving_undoes_the_triangle() {
        let r = vec![vec![2.0], vec![1.0, 3.0], vec![0.5, -1.0, 4.0]];
        let b = back_substitute(&r, &[3.5, 1.0, 4.0]);
        assert_eq!(b, [1.0 / 6.0 * 7.0, 2.0 / 3.0, 1.0]);
        let rows = inverse(&r);
        assert_eq!(rows[1], [0.0, 1.0 / 3.0, 1.0 / 12.0]);
    }
}
