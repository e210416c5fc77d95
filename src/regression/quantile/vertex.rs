//! From coefficients near the best ones to the best ones: a plane through as many rows as there are coefficients.

use super::Program;
use crate::numeric::qr::{self, Triangle};

/// A row is met by the plane if its residual is below this share of the size of the target.
const MET: f64 = 1e-11;

/// A multiplier may be this far outside its range.
const SLACK: f64 = 1e-9;

/// What the walk ended with.
pub(super) struct Vertex {
    pub(super) beta: Vec<f64>,
    /// Whether the multipliers of the rows that are met prove that no coefficients are better.
    pub(super) is_best: bool,
}

/// Takes the rows nearest to the plane of `near`, and walks from the plane through them along edges that lower the loss, until
/// the multipliers of its rows are in `[tau - 1, tau]`: the condition of a best solution (Koenker & Bassett 1978, Econometrica
/// 46, 33-50, theorem 3.3). Each edge is followed to its lowest point (Barrodale & Roberts 1973, SIAM J. Numer. Anal. 10).
pub(super) fn walk(program: &Program<'_>, near: &[f64], tau: f64) -> Option<Vertex> {
    let k = program.columns.len();
    let mut basis = nearest(program, near)?;
    let size = program.y.iter().fold(0.0, |a: f64, b| a.max(b.abs()));
    let mut beta = plane(program, &basis)?;
    for _ in 0..(20 * k + 200) {
        let mut rest = program.rest(&beta);
        basis.iter().for_each(|row| rest[*row] = 0.0);
        // A residual of rounding only has no sign.
        let sign = |e: f64| {
            if e.abs() <= MET * size {
                0.0
            } else if e < 0.0 {
                tau - 1.0
            } else {
                tau
            }
        };
        let pull: Vec<f64> = program
            .columns
            .iter()
            .map(|column| column.iter().zip(&rest).map(|(x, e)| x * sign(*e)).sum::<f64>())
            .collect();
        let rows: Vec<Vec<f64>> = basis.iter().map(|row| program.row(*row)).collect();
        let transposed: Vec<Vec<f64>> = (0..k).map(|c| rows.iter().map(|row| row[c]).collect()).collect();
        let negative: Vec<f64> = pull.iter().map(|v| -v).collect();
        let multipliers = dense(&transposed, &negative)?;
        let excess = |m: f64| (m - tau).max(tau - 1.0 - m);
        let (worst, most) = multipliers
            .iter()
            .enumerate()
            .map(|(place, m)| (place, excess(*m)))
            .fold((0, f64::NEG_INFINITY), |best, other| if other.1 > best.1 { other } else { best });
        if most <= SLACK {
            return Some(Vertex { beta, is_best: true });
        }
        // The edge along which, of the rows that are met, only this one is left: above the plane if its multiplier is above tau.
        let mut unit = vec![0.0; k];
        unit[worst] = if multipliers[worst] > tau { -1.0 } else { 1.0 };
        let edge = dense(&rows, &unit)?;
        let slopes = program.predictor(&edge);
        // The loss along the edge falls by `most` at first; each row whose residual reaches 0 flattens it by its slope.
        let mut turns: Vec<(f64, usize)> = (0..rest.len())
            .filter(|row| !basis.contains(row) && slopes[*row].abs() > 1e-13 * size.max(1e-300))
            .filter_map(|row| {
                let at = rest[row] / slopes[row];
                let met = rest[row].abs() <= MET * size;
                (at > 0.0 || met).then_some((if met { 0.0 } else { at }, row))
            })
            .collect();
        turns.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut falls = most;
        let mut entering = None;
        for (at, row) in turns {
            let met = at <= 0.0;
            // A row that is met already bends the loss from the start by its own part.
            falls -= if met {
                slopes[row].abs() * if slopes[row] > 0.0 { 1.0 - tau } else { tau }
            } else {
                slopes[row].abs()
            };
            if falls <= 0.0 {
                entering = Some(row);
                break;
            }
        }
        basis[worst] = entering?;
        beta = plane(program, &basis)?;
    }
    Some(Vertex { beta, is_best: false })
}

/// As many independent rows as coefficients, those nearest to the plane first.
fn nearest(program: &Program<'_>, near: &[f64]) -> Option<Vec<usize>> {
    let rest = program.rest(near);
    let mut order: Vec<usize> = (0..rest.len()).collect();
    order.sort_by(|a, b| rest[*a].abs().total_cmp(&rest[*b].abs()).then(a.cmp(b)));
    let k = program.columns.len();
    let (mut directions, mut basis): (Vec<Vec<f64>>, Vec<usize>) = (Vec::new(), Vec::new());
    for row in order {
        let mut v = program.row(row);
        let length = qr::dot(&v, &v).sqrt();
        for _ in 0..2 {
            for d in &directions {
                let along = qr::dot(d, &v);
                v.iter_mut().zip(d).for_each(|(v, d)| *v -= along * d);
            }
        }
        let left = qr::dot(&v, &v).sqrt();
        if left > 1e-6 * length {
            v.iter_mut().for_each(|v| *v /= left);
            directions.push(v);
            basis.push(row);
            if basis.len() == k {
                return Some(basis);
            }
        }
    }
    None
}

/// The coefficients that meet the rows of the basis.
fn plane(program: &Program<'_>, basis: &[usize]) -> Option<Vec<f64>> {
    let rows: Vec<Vec<f64>> = basis.iter().map(|row| program.row(*row)).collect();
    let y: Vec<f64> = basis.iter().map(|row| program.y[*row]).collect();
    dense(&rows, &y)
}

/// Solves a small square system of rows by QR; `None` if it is singular.
fn dense(rows: &[Vec<f64>], y: &[f64]) -> Option<Vec<f64>> {
    let k = rows.len();
    let mut triangle = Triangle::new(k + 1);
    for (row, y) in rows.iter().zip(y) {
        let mut cells = row.clone();
        cells.push(*y);
        triangle.push_row(&cells);
    }
    let r = triangle.columns();
    let b = qr::back_substitute(&r[..k], &r[k]);
    b.iter().all(|b| b.is_finite()).then_some(b)
}
