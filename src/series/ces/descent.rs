//! The way down to weights of least squared errors: Levenberg and Marquardt within the box and the stability region.

use super::form::CesForm;
use super::sensitivity::{Look, WIDEST};
use super::state::{Weights, is_stable, to_stable, ways_out};
use super::{HIGH, LOW};

/// Weights and how well they fit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) at: [f64; WIDEST],
    pub(super) look: Look,
}

/// When to stop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    /// Steps tried.
    pub(super) steps: usize,
    /// A step that promises a smaller relative decrease is not worth taking.
    pub(super) promise: f64,
}

/// Weight of a direction that a step must not take, relative to the largest curvature.
const WALL: f64 = 1e8;
/// Where damping starts, and beyond what it gives up.
const DAMPING: [f64; 2] = [1e-3, 1e10];

/// The form and its weights, as coordinates of the search.
pub(super) fn at_point(form: CesForm, at: [f64; WIDEST]) -> Weights {
    Weights { form, alpha: [at[0], at[1]], beta: [at[2], at[3]] }
}

/// Whether the search may look at these weights.
fn is_allowed(form: CesForm, at: [f64; WIDEST]) -> bool {
    is_stable([at[0], at[1]]) && (form != CesForm::Full || is_stable([at[2], at[3]]))
}

fn n_weights(form: CesForm) -> usize {
    match form {
        CesForm::None | CesForm::Simple => 2,
        CesForm::Partial => 3,
        CesForm::Full => 4,
    }
}

/// A local minimum below `from`. `look` gives nothing for weights whose errors exceed its limit.
pub(super) fn down(
    form: CesForm,
    from: [f64; WIDEST],
    effort: Effort,
    look: &mut impl FnMut(&Weights, f64) -> Option<Look>,
) -> Option<Found> {
    let mut best = Found { at: from, look: look(&at_point(form, from), f64::INFINITY)? };
    let (mut damping, mut growth) = (DAMPING[0], 4.0);
    for _ in 0..effort.steps {
        let Some((step, cut)) = moved(form, &best, damping) else { break };
        let promise = promise(&best.look, &step);
        if promise.is_nan() || promise <= effort.promise * best.look.sse {
            // A step cut off at an edge can promise nothing where a shorter one does.
            if cut && damping < 1e3 {
                damping *= 16.0;
                continue;
            }
            break;
        }
        let at: [f64; WIDEST] = std::array::from_fn(|i| best.at[i] + step[i]);
        let found = if is_allowed(form, at) { look(&at_point(form, at), best.look.sse) } else { None };
        match found {
            Some(found) if found.sse < best.look.sse => {
                let ratio = (best.look.sse - found.sse) / promise;
                best = Found { at, look: found };
                // Nielsen (1999), "Damping parameter in Marquardt's method", IMM report 99-05.
                damping *= (1.0 - (2.0 * ratio - 1.0).powi(3)).clamp(0.1, 2.0);
                growth = 4.0;
            }
            _ => {
                if damping > DAMPING[1] {
                    break;
                }
                damping = damping.max(1e-4) * growth;
                growth *= 2.0;
            }
        }
    }
    Some(best)
}

/// The decrease of the squared errors that the quadratic model promises.
fn promise(look: &Look, step: &[f64; WIDEST]) -> f64 {
    let mut sum = 0.0;
    for (i, row) in look.curvature.iter().enumerate() {
        let bend: f64 = row.iter().zip(step).map(|(a, b)| a * b).sum();
        sum -= step[i] * (2.0 * look.slope[i] + bend);
    }
    sum
}

/// The damped step, kept within the box and the stability region, and whether it had to be cut to stay there.
fn moved(form: CesForm, from: &Found, damping: f64) -> Option<([f64; WIDEST], bool)> {
    let k = n_weights(form);
    let mut matrix = from.look.curvature;
    let largest = (0..k).fold(f64::MIN_POSITIVE, |largest: f64, i| largest.max(matrix[i][i]));
    for (i, row) in matrix.iter_mut().enumerate() {
        row[i] += damping * row[i] + 1e-14 * largest;
    }
    let mut free: [bool; WIDEST] = std::array::from_fn(|i| i < k);
    let mut known = [0.0; WIDEST];
    let mut cut = false;
    let mut walls = 0;
    loop {
        let step = solved(&matrix, &from.look.slope, free, &known)?;
        let mut changed = false;
        for i in 0..k {
            let [down, up] = [LOW[i] - from.at[i], HIGH[i] - from.at[i]];
            if free[i] && !(down..=up).contains(&step[i]) {
                free[i] = false;
                known[i] = step[i].clamp(down, up);
                changed = true;
            }
        }
        if !changed && walls < 2 {
            for first in if form == CesForm::Full { &[0, 2][..] } else { &[0][..] } {
                let (i, j) = (*first, first + 1);
                for [x, y] in ways_out([from.at[i], from.at[j]]) {
                    // Along the edge: what leads out is made to cost more than it can gain.
                    if x * step[i] + y * step[j] > 1e-6 * step[i].hypot(step[j]) {
                        let wall = WALL * largest * (1.0 + damping);
                        matrix[i][i] += wall * x * x;
                        matrix[i][j] += wall * x * y;
                        matrix[j][i] += wall * x * y;
                        matrix[j][j] += wall * y * y;
                        changed = true;
                    }
                }
            }
            walls += 1;
        }
        cut |= changed;
        if changed {
            continue;
        }
        let mut at: [f64; WIDEST] = std::array::from_fn(|i| from.at[i] + step[i]);
        let alpha = to_stable([at[0], at[1]]);
        let beta = if form == CesForm::Full { to_stable([at[2], at[3]]) } else { [at[2], at[3]] };
        let held = [alpha[0], alpha[1], beta[0], beta[1]];
        cut |= held.iter().zip(&at).any(|(a, b)| (a - b).abs() > 0.0);
        at = std::array::from_fn(|i| if i < k { held[i].clamp(LOW[i], HIGH[i]) } else { held[i] });
        return Some((std::array::from_fn(|i| at[i] - from.at[i]), cut));
    }
}

/// Solves `matrix step = -slope` for the free coordinates, the others moving by `known`.
fn solved(
    matrix: &[[f64; WIDEST]; WIDEST],
    slope: &[f64; WIDEST],
    free: [bool; WIDEST],
    known: &[f64; WIDEST],
) -> Option<[f64; WIDEST]> {
    let mut step = *known;
    let mut a = *matrix;
    let mut right: [f64; WIDEST] =
        std::array::from_fn(|i| -slope[i] - matrix[i].iter().zip(known).map(|(a, b)| a * b).sum::<f64>());
    for j in (0..WIDEST).filter(|&j| free[j]) {
        if a[j][j].is_nan() || a[j][j] <= 0.0 {
            return None;
        }
        for i in (j + 1..WIDEST).filter(|&i| free[i]) {
            let share = a[i][j] / a[j][j];
            let above = a[j];
            a[i].iter_mut().zip(above).skip(j).for_each(|(cell, above)| *cell -= share * above);
            right[i] -= share * right[j];
        }
    }
    for j in (0..WIDEST).rev().filter(|&j| free[j]) {
        let later: f64 = (j + 1..WIDEST).filter(|&i| free[i]).map(|i| a[j][i] * step[i]).sum();
        step[j] = (right[j] - later) / a[j][j];
    }
    step.iter().all(|v| v.is_finite()).then_some(step)
}
