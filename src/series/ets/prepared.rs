//! A series made ready, and what a fit to it says in the units that it came in.

use super::candidates::Candidates;
use super::descent::Point;
use super::fitted::FittedEts;
use super::form::{EtsForm, EtsSeason};
use super::problem::{Series, measure};
use super::weights::{Given, Space, WEIGHT};
use crate::error::FitError;
use crate::numeric::scale::power_of_two_below;
use crate::series::{count_present, present, trailing_gap};

/// Fewest values present.
const NEEDED: usize = 2;

/// A series from its first to its last value present, in units that put its largest value between 1 and 2.
#[derive(Debug)]
pub(super) struct Prepared {
    y: Vec<f64>,
    unit: f64,
    n: usize,
    m: usize,
    gap: usize,
    /// The first value, if all are equal to it.
    constant: Option<f64>,
    /// The first value that is not positive, and where it stands.
    not_positive: Option<(usize, f64)>,
}

impl Prepared {
    pub(super) fn new(y: &[f64], m: usize) -> Result<Self, FitError> {
        let n = count_present(y, NEEDED)?;
        let ends = present(y).next().zip(present(y).next_back());
        let ((from, first), (to, _)) = ends.ok_or(FitError::TooShort { needed: NEEDED, found: n })?;
        let unit = power_of_two_below(present(y).fold(0.0, |largest: f64, (_, value)| largest.max(value.abs())));
        Ok(Self {
            y: y[from..=to].iter().map(|value| value / unit).collect(),
            unit,
            n,
            m,
            gap: trailing_gap(y),
            constant: present(y).all(|(_, value)| (value - first).abs() <= 0.0).then_some(first),
            not_positive: present(y).find(|&(_, value)| value <= 0.0),
        })
    }

    fn series(&self) -> Series<'_> {
        Series { y: &self.y, n: self.n, m: self.m }
    }

    pub(super) fn candidates(&self, given: Given) -> Candidates<'_> {
        Candidates::new(self.series(), given)
    }

    pub(super) fn not_positive(&self) -> Option<(usize, f64)> {
        self.not_positive
    }

    pub(super) fn n(&self) -> usize {
        self.n
    }

    /// Values that a form with `n_free` estimated weights needs: two more than it has parameters, the variance included.
    pub(super) fn needed(&self, form: EtsForm, n_free: usize) -> usize {
        n_free + form.n_states(self.m) + 3
    }

    /// The fit of a series of equal values: no form says more of it.
    pub(super) fn constant(&self) -> Option<FittedEts> {
        self.constant.map(|level| self.simplest(level, WEIGHT[1], 0.0))
    }

    /// Simple smoothing from the first value on, for the shortest of series: of a hundred level weights the one of least
    /// squared errors, of equally good ones the largest.
    pub(super) fn shortest(&self) -> FittedEts {
        let errors = |alpha: f64| {
            let (mut level, mut squares) = (self.y[0], 0.0);
            for &value in self.y.iter().filter(|value| !value.is_nan()) {
                let error = value - level;
                squares += error * error;
                level += alpha * error;
            }
            (level, squares)
        };
        let mut best = (WEIGHT[1], errors(WEIGHT[1]));
        for step in (1..100).rev() {
            let alpha = f64::from(step) / 100.0;
            let found = errors(alpha);
            if found.1 < best.1.1 {
                best = (alpha, found);
            }
        }
        let (alpha, (level, squares)) = best;
        self.simplest(self.unit * level, alpha, squares)
    }

    /// `squares` in units of the fit.
    fn simplest(&self, level: f64, alpha: f64, squares: f64) -> FittedEts {
        let n = self.n as f64;
        FittedEts {
            form: EtsForm::SIMPLEST,
            alpha,
            beta: 0.0,
            gamma: 0.0,
            phi: 1.0,
            level,
            trend: 0.0,
            seasons: Vec::new(),
            sigma: self.unit * (squares / (n - 1.0)).sqrt(),
            loglik: -0.5 * n * least(squares, n).ln() - n * self.unit.ln(),
            n_parameters: 3,
            n: self.n,
            gap: self.gap,
        }
    }

    /// `found` in the units of the series, with seasons that sum to 0 or to their number before the first value.
    pub(super) fn fitted(&self, form: EtsForm, given: Given, found: &Point) -> Option<FittedEts> {
        let (m, n) = (self.m, self.n as f64);
        let space = Space::new(form, m, given);
        let weights = space.weights(&found.at);
        let mut start = found.start;
        let seasons = &mut start.seasons[..if form.is_seasonal() { m } else { 0 }];
        let mean = seasons.iter().sum::<f64>() / m as f64;
        match form.season() {
            EtsSeason::None => {}
            EtsSeason::Additive => {
                seasons.iter_mut().for_each(|season| *season -= mean);
                start.level += mean;
            }
            EtsSeason::Multiplicative => {
                seasons.iter_mut().for_each(|season| *season /= mean);
                start.level *= mean;
                start.trend *= if form.has_multiplicative_trend() { 1.0 } else { mean };
            }
        }
        let mut end = start;
        let measured = measure(&self.series(), form, weights, &start, &mut end)?;
        let n_free = space.free().iter().filter(|free| **free).count();
        let n_estimated = n_free + form.n_states(m);
        let relative = form.has_multiplicative_errors();
        // Errors of rounding alone are none.
        let squares = if measured.squares > least(0.0, n) { measured.squares } else { 0.0 };
        let sigma = (squares / (self.n - n_estimated - 2) as f64).sqrt();
        let of_trend = if form.has_multiplicative_trend() { 1.0 } else { self.unit };
        let of_season = if form.season() == EtsSeason::Multiplicative { 1.0 } else { self.unit };
        let mut seasons: Vec<f64> = Vec::new();
        if form.is_seasonal() {
            seasons.extend(end.seasons[..m].iter().map(|season| season * of_season));
            seasons.rotate_left(self.y.len() % m);
        }
        Some(FittedEts {
            form,
            alpha: weights.alpha,
            beta: weights.beta,
            gamma: weights.gamma,
            phi: weights.phi,
            level: end.level * self.unit,
            trend: if form.has_trend() { end.trend * of_trend } else { 0.0 },
            seasons,
            sigma: if relative { sigma } else { sigma * self.unit },
            loglik: -0.5 * measured.deviance - n * self.unit.ln(),
            n_parameters: n_estimated + 1,
            n: self.n,
            gap: self.gap,
        })
    }
}

/// `squares`, or what rounding alone leaves of `n` values of size 1.
fn least(squares: f64, n: f64) -> f64 {
    squares.max(16.0 * n * f64::EPSILON * f64::EPSILON)
}
