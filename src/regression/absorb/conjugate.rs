//! Conjugate gradients for several right-hand sides at once.

use super::columns::name;
use super::reduced::{Reduced, add};
use crate::error::FitError;

/// Behind this many iterations the residual that is carried along is checked against the equations themselves.
const TRUSTED: usize = 40;

/// How often the iteration may start again from a solution whose residual was not what was carried along.
const RESTARTS: usize = 4;

/// When to stop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop {
    /// Largest error of a column, as a share of its length.
    pub(super) tolerance: f64,
    pub(super) max_iterations: usize,
    /// First column of the block, and which the target is: for the message.
    pub(super) first: usize,
    pub(super) target: usize,
}

/// One right-hand side: what its iteration has shown of the spectrum, and whether it goes on.
#[derive(Clone, Debug)]
struct Course {
    active: bool,
    /// Square of the column's length.
    size: f64,
    /// The residual's square, in the metric of the preconditioner.
    rho: f64,
    /// Steps and what was kept of the direction, by which the iteration is a Lanczos process.
    steps: Vec<(f64, f64)>,
    /// Smallest eigenvalue of the preconditioned equations that was met.
    smallest: f64,
}

impl Course {
    /// The error is at most the residual over the smallest eigenvalue: Meurant & Tichy (2013), Numer. Algorithms 62, 163-191.
    fn is_done(&mut self, tolerance: f64) -> bool {
        let small = |course: &Self| course.rho <= tolerance * tolerance * course.smallest * course.size;
        if small(self) && !self.steps.is_empty() {
            self.smallest = self.smallest.min(smallest_eigenvalue(&self.steps));
        }
        self.rho <= 0.0 || small(self)
    }
}

/// Smallest eigenvalue of the tridiagonal matrix of a Lanczos process, by bisection with Sturm counts.
fn smallest_eigenvalue(steps: &[(f64, f64)]) -> f64 {
    let mut matrix: Vec<(f64, f64)> = Vec::with_capacity(steps.len());
    let mut carried = 0.0;
    for (alpha, beta) in steps {
        // The diagonal, and the square of what stands beside it.
        matrix.push((1.0 / alpha + carried, beta / (alpha * alpha)));
        carried = beta / alpha;
    }
    let is_below = |value: f64| {
        let mut pivot = 1.0;
        let mut beside = 0.0;
        for (diagonal, square) in &matrix {
            pivot = diagonal - value - beside / pivot;
            if pivot <= 0.0 {
                return false;
            }
            beside = *square;
        }
        true
    };
    let mut high = matrix.iter().fold(f64::INFINITY, |least, (diagonal, _)| least.min(*diagonal));
    let mut low = high * 1e-24;
    while high > low * 1.1 {
        let middle = (low * high).sqrt();
        if is_below(middle) { low = middle } else { high = middle }
    }
    low
}

/// Solves the reduced equations for `rhs`, whose columns have the squared lengths `sizes`; the preconditioner is the diagonal.
/// Each column goes its own way, so that its bits do not depend on its neighbours. Returns the solution and the iterations.
pub(super) fn solve<const W: usize>(
    reduced: &Reduced,
    rhs: &[[f64; W]],
    sizes: [f64; W],
    stop: Stop,
) -> Result<(Vec<[f64; W]>, usize), FitError> {
    let mut x = vec![[0.0; W]; rhs.len()];
    let mut residual = rhs.to_vec();
    let mut product = vec![[0.0; W]; rhs.len()];
    let mut tables = reduced.tables::<W>();
    let mut courses = sizes.map(|size| Course { active: true, size, rho: 0.0, steps: Vec::new(), smallest: 1.0 });
    let mut iterations = 0;
    for restart in 0..=RESTARTS {
        let mut direction = residual.clone();
        scale(&mut direction, &reduced.inverse);
        let rho = squares(&residual, &reduced.inverse);
        for (course, rho) in courses.iter_mut().zip(rho) {
            course.rho = rho;
            course.active = !course.is_done(stop.tolerance);
            course.steps.clear();
        }
        let (before, mut is_sure) = (iterations, restart == 0);
        while courses.iter().any(|course| course.active) {
            if iterations == stop.max_iterations {
                return Err(gave_up(&courses, stop, iterations));
            }
            iterations += 1;
            reduced.multiply(&direction, &mut product, &mut tables);
            let alpha = step(&courses, &direction, &product);
            for ((x, r), (p, q)) in x.iter_mut().zip(&mut residual).zip(direction.iter().zip(&product)) {
                for k in 0..W {
                    x[k] += alpha[k] * p[k];
                    r[k] -= alpha[k] * q[k];
                }
            }
            let rho = squares(&residual, &reduced.inverse);
            let mut beta = [0.0; W];
            for (k, course) in courses.iter_mut().enumerate().filter(|(_, course)| course.active) {
                beta[k] = rho[k] / course.rho;
                course.rho = rho[k];
                if alpha[k] > 0.0 {
                    course.steps.push((alpha[k], beta[k]));
                }
                let is_done = course.is_done(stop.tolerance);
                // Without a step there is nothing left that the equations can tell apart.
                course.active = alpha[k] > 0.0 && !is_done;
                is_sure &= course.active || is_done;
            }
            for ((p, r), inverse) in direction.iter_mut().zip(&residual).zip(&reduced.inverse) {
                for k in 0..W {
                    p[k] = r[k] * inverse + beta[k] * p[k];
                }
            }
        }
        if iterations - before <= TRUSTED && is_sure {
            return Ok((x, iterations));
        }
        reduced.multiply(&x, &mut product, &mut tables);
        for ((r, b), q) in residual.iter_mut().zip(rhs).zip(&product) {
            for k in 0..W {
                r[k] = b[k] - q[k];
            }
        }
        for (course, rho) in courses.iter_mut().zip(squares(&residual, &reduced.inverse)) {
            course.rho = rho;
            let allowed = 4.0 * stop.tolerance * stop.tolerance * course.smallest * course.size;
            course.active = course.rho.is_nan() || course.rho > allowed;
        }
        if courses.iter().all(|course| !course.active) {
            return Ok((x, iterations));
        }
    }
    Err(gave_up(&courses, stop, iterations))
}

fn gave_up(courses: &[Course], stop: Stop, iterations: usize) -> FitError {
    let error = |course: &Course| (course.rho / (course.smallest * course.size)).sqrt();
    let worst =
        courses.iter().enumerate().filter(|(_, course)| course.active).max_by(|a, b| error(a.1).total_cmp(&error(b.1)));
    let detail = worst.map_or_else(String::new, |(place, course)| {
        let column = name(stop.first + place, stop.target);
        let (share, wanted) = (error(course), stop.tolerance);
        format!("{column}: after {iterations} iterations the effects may still explain {share:.1e} of its length, {wanted:e} are asked for")
    });
    FitError::NoConvergence { solver: "absorbed effects", detail }
}

/// The step of each column that goes on, 0 for the others and where there is none to take.
fn step<const W: usize>(courses: &[Course; W], direction: &[[f64; W]], product: &[[f64; W]]) -> [f64; W] {
    let mut along = [0.0; W];
    for (p, q) in direction.iter().zip(product) {
        for k in 0..W {
            along[k] += p[k] * q[k];
        }
    }
    let mut alpha = [0.0; W];
    for ((alpha, along), course) in alpha.iter_mut().zip(along).zip(courses) {
        let step = course.rho / along;
        if course.active && along > 0.0 && step.is_finite() {
            *alpha = step;
        }
    }
    alpha
}

fn scale<const W: usize>(table: &mut [[f64; W]], by: &[f64]) {
    for (row, by) in table.iter_mut().zip(by) {
        row.iter_mut().for_each(|value| *value *= by);
    }
}

/// The square of each column, rows weighted.
fn squares<const W: usize>(table: &[[f64; W]], weights: &[f64]) -> [f64; W] {
    let mut sums = [0.0; W];
    for (row, weight) in table.iter().zip(weights) {
        add(&mut sums, &row.map(|value| value * value * weight));
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_eigenvalue_of_a_lanczos_process_is_found() {
        // Of [[2, 1], [1, 2]] with steps 1/2 and 2/3, and a quarter kept: eigenvalues 1 and 3.
        let found = smallest_eigenvalue(&[(0.5, 0.25), (2.0 / 3.0, 0.0)]);
        assert!((0.9..=1.0).contains(&found), "{found}");
    }
}
