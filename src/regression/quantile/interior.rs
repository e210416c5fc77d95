//! The interior-point method for quantile regression.

use super::Program;
use crate::numeric::qr::{self, Triangle};

/// Share of the way to the border that a step may go.
const CLOSE: f64 = 0.999_95;

/// Steps before what is there is taken as it is.
const MOST_STEPS: usize = 200;

/// Coefficients near the best ones, and whether their loss is proven to be within 1e-9 of the least.
///
/// Mehrotra's predictor and corrector on the dual of the linear program, `max y'a, X'a = (1 - tau) X'1, 0 <= a <= 1`, whose
/// multipliers are the coefficients (Portnoy & Koenker 1997, Statistical Science 12, 279-300).
pub(super) fn solve(program: &Program<'_>, tau: f64) -> Option<(Vec<f64>, bool)> {
    let n = program.y.len();
    let ones = vec![1.0; n];
    let mut beta = program.weighted_solve(&ones, program.y)?;
    let rest = program.rest(&beta);
    // Strictly inside on both sides, and with y - X beta = w - z.
    let size = rest.iter().map(|e| e.abs()).sum::<f64>() / n as f64;
    let floor = if size > 0.0 { 0.1 * size } else { return Some((beta, true)) };
    // `s` is 1 - x, kept apart so that it can come as near to 0 as x can.
    let (mut x, mut s) = (vec![1.0 - tau; n], vec![tau; n]);
    let mut z: Vec<f64> = rest.iter().map(|e| (-e).max(0.0) + floor).collect();
    let mut w: Vec<f64> = rest.iter().map(|e| e.max(0.0) + floor).collect();
    let (mut scale, mut target, mut dx, mut dz, mut dw) =
        (vec![0.0; n], vec![0.0; n], vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    let mut proven = false;
    for _ in 0..MOST_STEPS {
        let gap: f64 = (0..n).map(|i| x[i] * z[i] + s[i] * w[i]).sum();
        let loss = program.loss(&beta, tau);
        proven = gap <= 1e-9 * loss;
        if gap <= 1e-12 * loss.max(f64::MIN_POSITIVE) {
            break;
        }
        for i in 0..n {
            scale[i] = 1.0 / (z[i] / x[i] + w[i] / s[i]);
            target[i] = w[i] - z[i];
        }
        // A step of the multipliers `d` moves y - X beta, and so w - z, by -X d.
        let Some(step) = program.weighted_solve(&scale, &target) else { break };
        let moved = program.predictor(&step);
        for i in 0..n {
            dx[i] = scale[i] * (target[i] - moved[i]);
            dz[i] = -z[i] * (1.0 + dx[i] / x[i]);
            dw[i] = -w[i] * (1.0 - dx[i] / s[i]);
        }
        let (mut primal, mut dual) = lengths([&x, &s, &z, &w], &dx, &dz, &dw);
        let mut step = step;
        if primal.min(dual) < 1.0 {
            let after: f64 = (0..n)
                .map(|i| {
                    (x[i] + primal * dx[i]) * (z[i] + dual * dz[i]) + (s[i] - primal * dx[i]) * (w[i] + dual * dw[i])
                })
                .sum();
            let centre = (after / gap).powi(3) * gap / (2.0 * n as f64);
            for i in 0..n {
                let pull = centre * (1.0 / x[i] - 1.0 / s[i]);
                let bend = -dx[i] * dz[i] / x[i] - dx[i] * dw[i] / s[i];
                target[i] = w[i] - z[i] + pull + bend;
            }
            let Some(corrected) = program.weighted_solve(&scale, &target) else { break };
            let moved = program.predictor(&corrected);
            for i in 0..n {
                let (before, slope_z, slope_w) = (dx[i], dz[i], dw[i]);
                dx[i] = scale[i] * (target[i] - moved[i]);
                dz[i] = centre / x[i] - z[i] - z[i] * dx[i] / x[i] - before * slope_z / x[i];
                dw[i] = centre / s[i] - w[i] + w[i] * dx[i] / s[i] + before * slope_w / s[i];
            }
            (primal, dual) = lengths([&x, &s, &z, &w], &dx, &dz, &dw);
            step = corrected;
        }
        for i in 0..n {
            x[i] += primal * dx[i];
            s[i] -= primal * dx[i];
            z[i] += dual * dz[i];
            w[i] += dual * dw[i];
        }
        let next: Vec<f64> = beta.iter().zip(&step).map(|(b, s)| b + dual * s).collect();
        let inside = [&x, &s, &z, &w].into_iter().flatten().all(|v| *v > 0.0 && v.is_finite());
        if next.iter().any(|b| !b.is_finite()) {
            break;
        }
        beta = next;
        if !inside {
            break;
        }
    }
    beta.iter().all(|b| b.is_finite()).then_some((beta, proven))
}

/// How far `x` and the multipliers may go.
fn lengths([x, s, z, w]: [&[f64]; 4], dx: &[f64], dz: &[f64], dw: &[f64]) -> (f64, f64) {
    let room = |value: f64, step: f64| if step < 0.0 { -value / step } else { f64::INFINITY };
    let (mut primal, mut dual) = (f64::INFINITY, f64::INFINITY);
    for i in 0..x.len() {
        primal = primal.min(room(x[i], dx[i])).min(room(s[i], -dx[i]));
        dual = dual.min(room(z[i], dz[i])).min(room(w[i], dw[i]));
    }
    ((CLOSE * primal).min(1.0), (CLOSE * dual).min(1.0))
}

impl Program<'_> {
    /// The least-squares solution of `X b = target` with weights; `None` if the weighted columns are dependent.
    fn weighted_solve(&self, weights: &[f64], target: &[f64]) -> Option<Vec<f64>> {
        let k = self.columns.len();
        let roots: Vec<f64> = weights.iter().map(|w| w.sqrt()).collect();
        let mut triangle = Triangle::new(k + 1);
        triangle.push_rows(target.len(), |column, first, cells| {
            let from = self.columns.get(column).map_or(target, Vec::as_slice);
            let end = first + cells.len();
            let values = from[first..end].iter().zip(&roots[first..end]);
            cells.iter_mut().zip(values).for_each(|(cell, (value, root))| *cell = value * root);
        });
        let r = triangle.columns();
        let b = qr::back_substitute(&r[..k], &r[k]);
        b.iter().all(|b| b.is_finite()).then_some(b)
    }
}
