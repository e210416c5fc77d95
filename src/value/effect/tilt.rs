//! Weights moved as little as it takes for means to agree.

use super::score::dot;
use super::solve::{Cholesky, Scaling, add_outer};

const MOST_STEPS: usize = 200;

/// Largest difference of a mean that is left, in standard deviations of the weighted rows' column.
const AGREES: f64 = 1e-9;

/// Weights `base * exp(l'x)` of `rows` that sum to 1 and give each column the mean in `target`; `None` if there are none, as
/// when a target lies outside of what the rows span.
///
/// These are the weights nearest to `base` in relative entropy (Hainmueller 2012). `base` is above 0. Newton steps on the convex
/// dual, each O(rows * columns^2).
pub(super) fn tilt(columns: &[&[f64]], rows: &[usize], base: &[f64], target: &[f64]) -> Option<Vec<f64>> {
    let scaling = Scaling::new(columns, rows);
    // A column that does not vary among the rows has the right mean or never will.
    let fixed = (0..columns.len()).filter(|place| !scaling.kept().iter().any(|(kept, ..)| kept == place));
    for place in fixed {
        let value = columns[place][*rows.first()?];
        if (value - target[place]).abs() > AGREES * value.abs().max(target[place].abs()) {
            return None;
        }
    }
    let k = scaling.len();
    let total: f64 = base.iter().sum();
    let mut weights: Vec<f64> = base.iter().map(|w| w / total).collect();
    if k == 0 {
        return Some(weights);
    }
    let aim: Vec<f64> = scaling.kept().iter().map(|(place, centre, scale)| (target[*place] - centre) / scale).collect();
    let mut x = scaling.apply(columns, rows);
    for row in x.chunks_exact_mut(k) {
        row.iter_mut().zip(&aim).for_each(|(x, aim)| *x -= aim);
    }
    let base = weights.clone();
    let mut l = vec![0.0; k];
    // The dual: ln sum base exp(l'x); its gradient is the difference of the means.
    let dual = |l: &[f64], weights: &mut Vec<f64>| {
        let tilts: Vec<f64> = x.chunks_exact(k).map(|x| dot(x, l)).collect();
        let most = tilts.iter().fold(f64::NEG_INFINITY, |most, tilt| most.max(*tilt));
        weights.clear();
        weights.extend(base.iter().zip(&tilts).map(|(base, tilt)| base * (tilt - most).exp()));
        let sum: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|w| *w /= sum);
        most + sum.ln()
    };
    let mut value = dual(&l, &mut weights);
    for _ in 0..MOST_STEPS {
        let mut gradient = vec![0.0; k];
        let mut hessian: Vec<Vec<f64>> = (0..k).map(|i| vec![0.0; i + 1]).collect();
        for (x, w) in x.chunks_exact(k).zip(&weights) {
            gradient.iter_mut().zip(x).for_each(|(g, x)| *g += w * x);
            add_outer(&mut hessian, x, *w);
        }
        if gradient.iter().all(|g| g.abs() <= AGREES) {
            return Some(weights);
        }
        for (i, row) in hessian.iter_mut().enumerate() {
            row.iter_mut().zip(&gradient).for_each(|(cell, g)| *cell -= gradient[i] * g);
            // Dependent columns ask for the same thing twice.
            row[i] += 1e-10;
        }
        let step = Cholesky::new(&hessian)?.solve(&gradient);
        let slope = dot(&gradient, &step);
        let mut share = 1.0;
        loop {
            let next: Vec<f64> = l.iter().zip(&step).map(|(l, step)| l - share * step).collect();
            let after = dual(&next, &mut weights);
            if after <= value - 1e-4 * share * slope || share < 1e-6 {
                (l, value) = (next, after);
                break;
            }
            share /= 2.0;
        }
        if !value.is_finite() || share < 1e-6 && slope > 1e-12 {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_agree_and_equal_rows_weigh_the_same() {
        let (a, b) = ([0.0, 1.0, 2.0, 3.0, 3.0], [1.0, 0.0, 0.0, 1.0, 1.0]);
        let w = tilt(&[&a, &b, &a], &[0, 1, 2, 3, 4], &[1.0; 5], &[2.2, 0.5, 2.2]).unwrap();
        assert!((w.iter().sum::<f64>() - 1.0).abs() < 1e-12 && (dot(&w, &a) - 2.2).abs() < 1e-8);
        assert!((dot(&w, &b) - 0.5).abs() < 1e-8 && (w[3] - w[4]).abs() < 1e-12);
        // Nothing to do: the base stays.
        let w = tilt(&[&a], &[0, 1], &[1.0, 3.0], &[0.75]).unwrap();
        assert!((w[1] - 0.75).abs() < 1e-8);
    }

    #[test]
    fn means_that_cannot_be_had_are_not_pretended() {
        let a = [0.0, 1.0, 2.0];
        assert!(tilt(&[&a], &[0, 1, 2], &[1.0; 3], &[2.5]).is_none());
        assert!(tilt(&[&[1.0; 3]], &[0, 1, 2], &[1.0; 3], &[0.5]).is_none());
        assert!(tilt(&[&[1.0; 3]], &[0, 1, 2], &[1.0; 3], &[1.0]).is_some());
    }
}
