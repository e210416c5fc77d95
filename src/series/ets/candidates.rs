//! The best fit of each form, each form started from those that it extends.

use super::LONGEST_SEASON;
use super::descent::{Descent, Effort, Point};
use super::form::{EtsForm, EtsTrend};
use super::problem::{Room, Series, Start};
use super::weights::Given;

/// First descents, which compare valleys; the descent of the best that compares forms; and the one that ends a fit.
const ROUGH: Effort = Effort { steps: 5, promise: 1e-1 };
const FAIR: Effort = Effort { steps: 40, promise: 1e-2 };
const FINE: Effort = Effort { steps: 60, promise: 1e-7 };
const ALPHAS: [f64; 4] = [0.03, 0.15, 0.45, 0.95];
const BETA_SHARES: [f64; 3] = [1e-3, 0.1, 0.5];
const GAMMA_SHARES: [f64; 2] = [0.02, 0.3];
const PHIS: [f64; 3] = [0.82, 0.92, 0.97];

/// The fits found so far, of the forms that later ones start from.
#[derive(Debug)]
pub(super) struct Candidates<'a> {
    series: Series<'a>,
    given: Given,
    found: Vec<(EtsForm, Point)>,
    room: Room,
}

impl<'a> Candidates<'a> {
    pub(super) fn new(series: Series<'a>, given: Given) -> Self {
        Self { series, given, found: Vec::new(), room: Room::default() }
    }

    /// The best fit of `form`, close enough to compare it with other forms; `None` if it has none.
    pub(super) fn fit(&mut self, form: EtsForm) -> Option<Point> {
        if let Some(&(_, point)) = self.found.iter().find(|(known, _)| *known == form) {
            return Some(point);
        }
        let mut descent = Descent::new(self.series, form, self.given);
        let mut best: Option<Point> = None;
        for start in self.starts(form, &mut descent).into_iter().flatten() {
            if let Some(found) = descent.down(&start, ROUGH, &mut self.room) {
                best = better(best, found);
            }
        }
        let best = descent.down(&best?, FAIR, &mut self.room)?;
        self.found.push((form, best));
        Some(best)
    }

    /// `found` led to the bottom of its valley.
    pub(super) fn finish(&mut self, form: EtsForm, found: &Point) -> Option<Point> {
        Descent::new(self.series, form, self.given).down(found, FINE, &mut self.room)
    }

    /// The best start of each of several valleys.
    fn starts(&mut self, form: EtsForm, descent: &mut Descent<'a>) -> [Option<Point>; 3] {
        let simpler = form.has_trend().then(|| form.with_trend(EtsTrend::None)).and_then(|simpler| self.fit(simpler));
        if form == form.additive() {
            if form.is_seasonal() && form.has_trend() {
                self.linear_starts_with_season(form, simpler, descent)
            } else {
                self.linear_starts(form, descent)
            }
        } else {
            self.starts_from_additive(form, simpler, descent)
        }
    }

    /// A grid of weights, the best for each share of beta, or of gamma where there is no trend.
    fn linear_starts(&mut self, form: EtsForm, descent: &mut Descent<'a>) -> [Option<Point>; 3] {
        let start = self.flat();
        let phis: &[f64] = if form.is_damped() { &PHIS } else { &PHIS[..1] };
        let mut starts = [None; 3];
        let valleys = BETA_SHARES.iter().zip([GAMMA_SHARES[0], GAMMA_SHARES[1], 0.0]).zip(&mut starts);
        for ((&beta, gamma), best) in valleys {
            if !form.has_trend() && gamma == 0.0 {
                break;
            }
            for alpha in ALPHAS {
                for &phi in phis {
                    let at = descent.space.clamped([alpha, beta, gamma, phi]);
                    if let Some(found) = descent.best_start(at, start, &mut self.room) {
                        *best = better(*best, found);
                    }
                }
            }
            if !form.has_trend() && !form.is_seasonal() {
                break;
            }
        }
        starts
    }

    /// From the weights of the form without trend, from those without damping, and from a grid of level weights.
    fn linear_starts_with_season(
        &mut self,
        form: EtsForm,
        simpler: Option<Point>,
        descent: &mut Descent<'a>,
    ) -> [Option<Point>; 3] {
        let undamped = form.is_damped().then(|| self.fit(form.with_trend(EtsTrend::Additive))).flatten();
        let start = self.flat();
        let [_, phi, slow] = PHIS;
        let mut starts = [None; 3];
        let mut try_from = |best: &mut Option<Point>, at: [f64; 4], start: Start| {
            let at = descent.space.clamped(at);
            if let Some(found) = descent.best_start(at, start, &mut self.room) {
                *best = better(*best, found);
            }
        };
        if let Some(Point { at: [alpha, _, gamma, _], start, .. }) = simpler {
            for beta in [0.01, 0.15] {
                try_from(&mut starts[0], [alpha, beta, gamma, phi], start);
            }
        }
        if let Some(Point { at: [alpha, beta, gamma, _], start, .. }) = undamped {
            for phi in [phi, slow] {
                try_from(&mut starts[1], [alpha, beta, gamma, phi], start);
            }
        } else {
            for (alpha, beta) in [(0.03, 0.1), (0.15, 0.1), (0.5, 0.02)] {
                try_from(&mut starts[1], [alpha, beta, GAMMA_SHARES[0], phi], start);
            }
        }
        starts
    }

    /// From the additive form, with its weights and others, and from the form without trend.
    fn starts_from_additive(
        &mut self,
        form: EtsForm,
        simpler: Option<Point>,
        descent: &mut Descent<'a>,
    ) -> [Option<Point>; 3] {
        let additive = self.fit(form.additive());
        let mut starts = [None; 3];
        let try_from = |best: &mut Option<Point>, at: [f64; 4], start: Start| {
            if let Some(found) = descent.glance(descent.space.clamped(at), start) {
                *best = better(*best, found);
            }
        };
        if let Some(point) = additive {
            let start = converted(&point.start, form, self.series.m);
            try_from(&mut starts[0], point.at, start);
            if !form.is_linear() {
                for alpha in ALPHAS {
                    for gamma in GAMMA_SHARES {
                        try_from(&mut starts[0], [alpha, point.at[1], gamma, point.at[3]], start);
                    }
                }
            }
        }
        if let Some(point) = simpler {
            let trend = if form.has_multiplicative_trend() { 1.0 } else { 0.0 };
            let start = Start { trend, ..point.start };
            for share in BETA_SHARES {
                try_from(&mut starts[1], [point.at[0], share, point.at[2], PHIS[1]], start);
            }
        }
        starts
    }

    fn flat(&self) -> Start {
        let level = self.series.y.first().copied().unwrap_or(0.0);
        Start { level, trend: 0.0, seasons: [0.0; LONGEST_SEASON] }
    }
}

fn better(best: Option<Point>, found: Point) -> Option<Point> {
    match best {
        Some(best) if best.measured.deviance <= found.measured.deviance => Some(best),
        _ => Some(found),
    }
}

/// Initial states of an additive form as those of `form`.
fn converted(from: &Start, form: EtsForm, m: usize) -> Start {
    let mut start = *from;
    if form.is_linear() {
        return start;
    }
    if form.has_multiplicative_trend() {
        start.trend = (1.0 + from.trend / from.level).clamp(0.5, 2.0);
    }
    if form.is_seasonal() && !form.additive().eq(&form) {
        let mean = from.seasons[..m].iter().sum::<f64>() / m as f64;
        let level = from.level + mean;
        start.level = level;
        for season in &mut start.seasons[..m] {
            *season = (1.0 + (*season - mean) / level).clamp(0.01, 100.0);
        }
    }
    start
}
