//! Iteratively reweighted least squares.

use super::family::{Family, Link};
use crate::error::FitError;
use crate::numeric::qr::{self, Triangle};

/// A fall of the deviance by less than this share of that of the mean alone is no progress.
const NO_PROGRESS: f64 = 1e-7;

/// So many steps in a row without progress, of which each moves a linear predictor as far as the one before, are separation.
const STEPS_OF_SEPARATION: u32 = 3;

/// Steps with expected second derivatives, which are the safer ones far from the end.
const EXPECTED_STEPS: u32 = 4;

/// A generalised linear model on columns with means near 0 and sizes near 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Problem<'a> {
    pub(super) family: Family,
    pub(super) link: Link,
    /// Without the intercept's.
    pub(super) columns: &'a [&'a [f64]],
    pub(super) y: &'a [f64],
    pub(super) weights: Option<&'a [f64]>,
    pub(super) offset: Option<&'a [f64]>,
    /// Half of it times the squares of the coefficients but the intercept is added to half the deviance.
    pub(super) penalty: f64,
    pub(super) tolerance: f64,
    pub(super) max_iterations: u32,
}

/// Where the steps ended.
#[derive(Debug)]
pub(super) struct Solution {
    /// The intercept first.
    pub(super) beta: Vec<f64>,
    /// Linear predictor of each row, the offset included.
    pub(super) eta: Vec<f64>,
    pub(super) deviance: f64,
    pub(super) n_iterations: u32,
    /// At the end: the triangle of the weighted columns (and the penalty), by columns.
    pub(super) r: Vec<Vec<f64>>,
    /// What multiplies the columns of each row.
    pub(super) roots: Vec<f64>,
    /// Pearson residuals times the roots of the weights.
    pub(super) e: Vec<f64>,
}

/// Rows at a place of the way.
struct Place {
    beta: Vec<f64>,
    eta: Vec<f64>,
    deviance: f64,
    objective: f64,
}

impl Problem<'_> {
    /// Fisher scoring, then Newton's steps, halved where they overshoot. Every step is a least-squares problem solved by the triangle of a QR decomposition, and
    /// the end is where the residuals are orthogonal to the columns, to `tolerance` of their length.
    ///
    /// Starts from `beta` if there is one, else from the target itself or from the mean, whichever fits better.
    pub(super) fn solve(&self, beta: Option<Vec<f64>>, null_deviance: Option<f64>) -> Result<Solution, FitError> {
        let mut place = match beta.and_then(|beta| self.place(beta)) {
            Some(place) => place,
            None => self.start()?,
        };
        let null_deviance = null_deviance.unwrap_or(place.deviance);
        let (mut stuck, mut last_move) = (0, 0.0);
        for iteration in 0..=self.max_iterations {
            let observed = iteration >= EXPECTED_STEPS;
            let (roots, e) = self.working(&place.eta, observed).ok_or_else(|| self.failed("a mean left its range"))?;
            let r = self.triangle(&roots, &e, &place.beta);
            let k = place.beta.len();
            let step = qr::back_substitute(&r[..k], &r[k]);
            if step.iter().any(|value| !value.is_finite()) {
                return Err(self.failed("the weighted columns became dependent"));
            }
            let moves = self.predictor(&step, None);
            let furthest = moves.iter().fold(0.0, |a: f64, b| a.max(b.abs()));
            let size = place.eta.iter().fold(1.0, |a: f64, b| a.max(b.abs()));
            let explained = r[k][..k].iter().map(|v| v * v).sum::<f64>().sqrt();
            let length = r[k].iter().map(|v| v * v).sum::<f64>().sqrt();
            if furthest <= 1e-13 * size || (explained <= self.tolerance * length && furthest <= 1e-3 * size) {
                return self.end(place, iteration);
            }
            if iteration == self.max_iterations {
                break;
            }
            let Some((next, whole)) = self.halve(&place, &step) else {
                // No step is better than none: this is the end as far as it can be told, if the step was a small one.
                if explained <= 1e-6 * length {
                    return self.end(place, iteration);
                }
                return Err(self.failed("no step lowers the deviance"));
            };
            let progress = place.objective - next.objective;
            let far = whole && furthest >= 0.1 && furthest >= 0.7 * last_move;
            stuck = if far && progress <= NO_PROGRESS * null_deviance { stuck + 1 } else { 0 };
            if stuck >= STEPS_OF_SEPARATION && self.penalty <= 0.0 && self.link != Link::Identity {
                let largest = step[1..].iter().fold(0.0, |a: f64, b| a.max(b.abs()));
                let columns = (0..k - 1).filter(|j| step[j + 1].abs() >= 0.01 * largest).collect();
                let n_rows = moves.iter().filter(|m| m.abs() >= 0.1).count();
                return Err(FitError::Separated { columns, n_rows });
            }
            last_move = furthest;
            place = next;
        }
        let detail = format!("{} steps were not enough", self.max_iterations);
        Err(FitError::NoConvergence { solver: "glm", detail })
    }

    /// The solution with what the covariances stand on: the expected second derivatives.
    fn end(&self, place: Place, n_iterations: u32) -> Result<Solution, FitError> {
        let Place { beta, eta, deviance, .. } = place;
        let (roots, e) = self.working(&eta, false).ok_or_else(|| self.failed("a mean left its range"))?;
        let mut r = self.triangle(&roots, &e, &beta);
        r.truncate(beta.len());
        Ok(Solution { beta, eta, deviance, n_iterations, r, roots, e })
    }

    fn failed(&self, detail: &str) -> FitError {
        FitError::NoConvergence {
            solver: "glm",
            detail: format!("{:?} with {:?} link: {detail}", self.family, self.link),
        }
    }

    /// The linear predictor: without `offset` for a step.
    pub(super) fn predictor(&self, beta: &[f64], offset: Option<&[f64]>) -> Vec<f64> {
        let mut eta = offset.map_or_else(|| vec![0.0; self.y.len()], <[f64]>::to_vec);
        eta.iter_mut().for_each(|eta| *eta += beta[0]);
        for (b, column) in beta[1..].iter().zip(self.columns) {
            eta.iter_mut().zip(*column).for_each(|(eta, x)| *eta += b * x);
        }
        eta
    }

    fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row])
    }

    /// `None` where a mean is out of its range or the deviance has no end.
    fn place(&self, beta: Vec<f64>) -> Option<Place> {
        let eta = self.predictor(&beta, self.offset);
        let mut deviance = 0.0;
        for (row, (&eta, &y)) in eta.iter().zip(self.y).enumerate() {
            let mean = self.family.mean(self.link, y, eta)?;
            deviance += self.weight(row) * self.family.deviance(self.link, y, eta, mean.mu);
        }
        let squares: f64 = beta[1..].iter().map(|b| b * b).sum();
        let objective = deviance + self.penalty * squares;
        objective.is_finite().then_some(Place { beta, eta, deviance, objective })
    }

    /// What multiplies the columns, and the residuals, row by row: with the expected second derivatives or, but for rows that
    /// would curve the wrong way, the observed ones, with which the last steps are Newton's.
    fn working(&self, eta: &[f64], observed: bool) -> Option<(Vec<f64>, Vec<f64>)> {
        let row = |(row, (&eta, &y)): (usize, (&f64, &f64))| {
            let mean = self.family.mean(self.link, y, eta)?;
            let root = (self.weight(row) / mean.variance).sqrt();
            let curve = if observed {
                (1.0 + self.family.observed_less_expected(self.link, eta, &mean)).clamp(0.1, 10.0).sqrt()
            } else {
                1.0
            };
            Some((mean.slope * root * curve, mean.rest * root / curve))
        };
        eta.iter().zip(self.y).enumerate().map(row).collect()
    }

    /// The triangle of the weighted columns, the penalty below them, and of the target of this step as the last column.
    fn triangle(&self, roots: &[f64], e: &[f64], beta: &[f64]) -> Vec<Vec<f64>> {
        let k = beta.len();
        let mut triangle = Triangle::new(k + 1);
        triangle.push_rows(e.len(), |column, first, cells| {
            let (roots, e) = (&roots[first..first + cells.len()], &e[first..first + cells.len()]);
            match column {
                0 => cells.copy_from_slice(roots),
                j if j == k => cells.copy_from_slice(e),
                j => {
                    let x = &self.columns[j - 1][first..first + cells.len()];
                    cells.iter_mut().zip(x).zip(roots).for_each(|((cell, x), root)| *cell = x * root);
                }
            }
        });
        if self.penalty > 0.0 {
            let root = self.penalty.sqrt();
            for j in 1..k {
                let mut row = vec![0.0; k + 1];
                (row[j], row[k]) = (root, -root * beta[j]);
                triangle.push_row(&row);
            }
        }
        triangle.columns()
    }

    /// The first of whole, half, quarter, ... steps that does not raise the objective beyond rounding, and whether it is whole.
    fn halve(&self, from: &Place, step: &[f64]) -> Option<(Place, bool)> {
        let slack = 1e-13 * (from.objective.abs() + from.deviance.abs()) + f64::MIN_POSITIVE;
        let mut share = 1.0;
        for _ in 0..50 {
            let beta = from.beta.iter().zip(step).map(|(b, s)| b + share * s).collect();
            if let Some(next) = self.place(beta).filter(|next| next.objective <= from.objective + slack) {
                return Some((next, share >= 1.0));
            }
            share *= 0.5;
        }
        None
    }

    fn start(&self) -> Result<Place, FitError> {
        let n: f64 = (0..self.y.len()).map(|row| self.weight(row)).sum();
        let over_rows = |value: &dyn Fn(usize) -> f64| -> f64 {
            (0..self.y.len()).map(|row| self.weight(row) * value(row)).sum::<f64>() / n
        };
        let mean = over_rows(&|row| self.y[row]);
        let shift = over_rows(&|row| self.offset.map_or(0.0, |offset| offset[row]));
        let extreme = match self.family {
            Family::Gaussian => self.link != Link::Identity && mean <= 0.0,
            Family::Binomial => mean <= 0.0 || mean >= 1.0,
            _ => mean <= 0.0,
        };
        if extreme && self.family == Family::Gaussian {
            return Err(self.failed("the mean of the target is not above 0"));
        }
        if extreme {
            return Err(FitError::Separated { columns: Vec::new(), n_rows: self.y.len() });
        }
        let mut flat = vec![0.0; self.columns.len() + 1];
        flat[0] = self.link.predictor(mean) - shift;
        let flat = self.place(flat);
        let own = self.step_to_target(mean).and_then(|beta| self.place(beta));
        match (own, flat) {
            (Some(own), Some(flat)) => Ok(if own.objective < flat.objective { own } else { flat }),
            (Some(place), None) | (None, Some(place)) => Ok(place),
            (None, None) => Err(self.failed("no place to start from")),
        }
    }

    /// One step from means between each target and the mean of all.
    fn step_to_target(&self, mean: f64) -> Option<Vec<f64>> {
        let predictor = |y: &f64| self.link.predictor(self.family.start(*y, mean));
        let eta: Vec<f64> = self.y.iter().map(predictor).collect();
        if eta.iter().any(|eta| !eta.is_finite()) {
            return None;
        }
        let (roots, mut e) = self.working(&eta, false)?;
        for (row, e) in e.iter_mut().enumerate() {
            *e += roots[row] * (eta[row] - self.offset.map_or(0.0, |offset| offset[row]));
        }
        let k = self.columns.len() + 1;
        let r = self.triangle(&roots, &e, &vec![0.0; k]);
        let beta = qr::back_substitute(&r[..k], &r[k]);
        beta.iter().all(|b| b.is_finite()).then_some(beta)
    }
}
