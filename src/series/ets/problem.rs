//! A series, a form, and how far the form is from the series.

use pulp::{Arch, NullaryFnOnce};

use super::LONGEST_SEASON;
use super::form::{EtsForm, EtsSeason, EtsTrend};
use super::step::Now;
use super::weights::Weights;

/// Lanes that are worked on together.
pub(super) const LANES: usize = 4;
/// Weights, level, trend, and all seasons but the last, rounded up to full lanes.
pub(super) const WIDEST: usize = 32;
const _: () = assert!(4 + 2 + LONGEST_SEASON - 1 <= WIDEST);

/// Initial states: level, trend, and the seasons of the first `m` values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Start {
    pub(super) level: f64,
    pub(super) trend: f64,
    pub(super) seasons: [f64; LONGEST_SEASON],
}

/// How well weights and initial states fit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measured {
    /// Sum of squared errors, relative ones if the form's errors are multiplicative.
    pub(super) squares: f64,
    /// `n log squares`, and twice the sum of the logarithms of the one-step forecasts if errors are multiplicative: minus
    /// twice the logarithm of the likelihood but for a constant.
    pub(super) deviance: f64,
}

/// A series from its first to its last value present, in units that put its largest value between 1 and 2.
#[derive(Clone, Copy, Debug)]
pub(super) struct Series<'a> {
    pub(super) y: &'a [f64],
    /// Values present.
    pub(super) n: usize,
    /// Seasons per cycle.
    pub(super) m: usize,
}

/// Where each coordinate of the search has its column: the weights that the form has, then level, trend and seasons.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    pub(super) beta: usize,
    pub(super) gamma: usize,
    pub(super) phi: usize,
    pub(super) level: usize,
    pub(super) trend: usize,
    pub(super) seasons: usize,
    /// Columns in use.
    pub(super) width: usize,
}

impl Columns {
    #[inline(always)]
    pub(super) const fn of(trend: EtsTrend, season: EtsSeason, m: usize) -> Self {
        let has_trend = !matches!(trend, EtsTrend::None) as usize;
        let damped = matches!(trend, EtsTrend::AdditiveDamped | EtsTrend::MultiplicativeDamped) as usize;
        let seasonal = !matches!(season, EtsSeason::None) as usize;
        let level = 1 + has_trend + seasonal + damped;
        let seasons = level + 1 + has_trend;
        Self {
            beta: 1,
            gamma: 1 + has_trend,
            phi: 1 + has_trend + seasonal,
            level,
            trend: level + 1,
            seasons,
            width: seasons + seasonal * (m - 1),
        }
    }
}

/// The room that one fit works in.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// One row per value present: what a unit of each coordinate adds to the one-step forecast, relative to it if
    /// errors are multiplicative.
    pub(super) rows: Vec<[f64; LANES]>,
    /// The errors, relative if multiplicative.
    pub(super) errors: Vec<f64>,
    of_season: Vec<[f64; LANES]>,
}

/// A component as a number, for the parameters of the kernels.
const N: u8 = 0;
const A: u8 = 1;
const M: u8 = 2;

/// A damping of 1 leaves a sum as it is, to the bit, so that one kernel serves both; a power costs too much for that.
const fn trend_of(kind: u8, damped: bool) -> EtsTrend {
    match kind {
        A => EtsTrend::AdditiveDamped,
        M if damped => EtsTrend::MultiplicativeDamped,
        M => EtsTrend::Multiplicative,
        _ => EtsTrend::None,
    }
}

const fn season_of(kind: u8) -> EtsSeason {
    match kind {
        A => EtsSeason::Additive,
        M => EtsSeason::Multiplicative,
        _ => EtsSeason::None,
    }
}

/// Lanes that the coordinates of a form fill. Multiplicative trends with a season, seldom asked for, have one kernel.
pub(super) fn chunks(form: EtsForm, m: usize) -> usize {
    let columns = Columns::of(form.trend(), form.season(), m);
    match columns.width.div_ceil(LANES) {
        _ if form.has_multiplicative_trend() && form.is_seasonal() => WIDEST / LANES,
        0..=2 => 2,
        3 | 4 => 4,
        5 => 5,
        _ => WIDEST / LANES,
    }
}

/// How well `weights` from `start` fit; `None` where the form is not defined. Final states are left in `end`, its
/// seasons by position modulo `m`.
pub(super) fn measure(
    series: &Series<'_>,
    form: EtsForm,
    weights: Weights,
    start: &Start,
    end: &mut Start,
) -> Option<Measured> {
    use EtsTrend::{Additive, AdditiveDamped, Multiplicative, MultiplicativeDamped, None};
    let kernel = match (form.season(), form.trend()) {
        (EtsSeason::None, None) => run::<N, N>,
        (EtsSeason::None, Additive | AdditiveDamped) => run::<A, N>,
        (EtsSeason::None, Multiplicative | MultiplicativeDamped) => run::<M, N>,
        (EtsSeason::Additive, None) => run::<N, A>,
        (EtsSeason::Additive, _) => run::<A, A>,
        (EtsSeason::Multiplicative, None) => run::<N, M>,
        (EtsSeason::Multiplicative, Additive | AdditiveDamped) => run::<A, M>,
        (EtsSeason::Multiplicative, Multiplicative | MultiplicativeDamped) => run::<M, M>,
    };
    kernel(series, form, weights, start, end)
}

/// [`measure`], and what a unit of each coordinate adds to each one-step forecast.
pub(super) fn linearise(
    series: &Series<'_>,
    form: EtsForm,
    weights: Weights,
    start: &Start,
    room: &mut Room,
) -> Option<Measured> {
    use EtsTrend::{Additive, AdditiveDamped, Multiplicative, MultiplicativeDamped, None};
    let kernel = match (form.season(), form.trend()) {
        (EtsSeason::None, None) => run_with_effects::<N, N, 2>,
        (EtsSeason::None, Additive | AdditiveDamped) => run_with_effects::<A, N, 2>,
        (EtsSeason::None, Multiplicative | MultiplicativeDamped) => run_with_effects::<M, N, 2>,
        (EtsSeason::Additive, None) => of_width::<N, A>(chunks(form, series.m)),
        (EtsSeason::Additive, _) => of_width::<A, A>(chunks(form, series.m)),
        (EtsSeason::Multiplicative, None) => of_width::<N, M>(chunks(form, series.m)),
        (EtsSeason::Multiplicative, Additive | AdditiveDamped) => of_width::<A, M>(chunks(form, series.m)),
        (EtsSeason::Multiplicative, Multiplicative | MultiplicativeDamped) => {
            run_with_effects::<M, M, { WIDEST / LANES }>
        }
    };
    kernel(series, form, weights, start, room)
}

type Kernel = fn(&Series<'_>, EtsForm, Weights, &Start, &mut Room) -> Option<Measured>;

fn of_width<const T: u8, const S: u8>(chunks: usize) -> Kernel {
    match chunks {
        2 => run_with_effects::<T, S, 2>,
        4 => run_with_effects::<T, S, 4>,
        5 => run_with_effects::<T, S, 5>,
        _ => run_with_effects::<T, S, { WIDEST / LANES }>,
    }
}

/// One-step forecasts below this share of the largest value are taken for 0, of which there are no relative errors.
const LEAST_FORECAST: f64 = 1e-100;

/// Sums of squares and logarithms, the latter by products that are emptied before they overflow.
#[derive(Clone, Copy, Debug)]
struct Sums {
    squares: f64,
    logs: f64,
    product: f64,
    defined: bool,
}

impl Sums {
    const NONE: Self = Self { squares: 0.0, logs: 0.0, product: 1.0, defined: true };

    #[inline(always)]
    fn add(&mut self, error: f64, forecast: f64, relative: bool) {
        self.squares += error * error;
        if relative {
            self.defined &= forecast > LEAST_FORECAST;
            self.product *= forecast;
            if !(1e-100..1e100).contains(&self.product) {
                self.logs += self.product.ln();
                self.product = 1.0;
            }
        }
    }

    /// `n` values of size 1 at most have errors of rounding alone: less than these cannot be told from 0.
    fn measured(self, n: usize, relative: bool) -> Option<Measured> {
        let Self { squares, logs, product, defined } = self;
        let n = n as f64;
        let logs = if relative { logs + product.ln() } else { 0.0 };
        let deviance = n * squares.max(16.0 * n * f64::EPSILON * f64::EPSILON).ln() + 2.0 * logs;
        (defined && deviance.is_finite()).then_some(Measured { squares, deviance })
    }
}

fn run<const T: u8, const S: u8>(
    series: &Series<'_>,
    form: EtsForm,
    weights: Weights,
    start: &Start,
    end: &mut Start,
) -> Option<Measured> {
    let (trend_kind, season_kind) = (trend_of(T, form.is_damped()), season_of(S));
    let relative = form.has_multiplicative_errors();
    let m = if S == N { 1 } else { series.m };
    *end = *start;
    let seasons = &mut end.seasons[..m];
    let (mut level, mut trend, mut place) = (start.level, start.trend, 0);
    let mut sums = Sums::NONE;
    for &value in series.y {
        let now = Now { level, trend, season: if S == N { 0.0 } else { seasons[place] } };
        let ahead = now.ahead(trend_kind, season_kind, weights.phi);
        let error = if value.is_nan() { 0.0 } else { value - ahead.forecast };
        if !value.is_nan() {
            sums.add(if relative { error / ahead.forecast } else { error }, ahead.forecast, relative);
        }
        let next = now.moved(trend_kind, season_kind, weights, ahead, error);
        (level, trend) = (next.level, next.trend);
        if S != N {
            seasons[place] = next.season;
            place = if place + 1 == m { 0 } else { place + 1 };
        }
    }
    (end.level, end.trend) = (level, trend);
    if !(level.is_finite() && trend.is_finite()) {
        return None;
    }
    sums.measured(series.n, relative)
}

/// [`run`] with forward-mode derivatives, all coordinates side by side. Chunk 0 holds the weights.
fn run_with_effects<const T: u8, const S: u8, const C: usize>(
    series: &Series<'_>,
    form: EtsForm,
    weights: Weights,
    start: &Start,
    room: &mut Room,
) -> Option<Measured> {
    Arch::new().dispatch(RunWithEffects::<T, S, C> { series, form, weights, start, room })
}

/// A call of [`run_with_effects`], compiled for each kind of register; the numbers are the same in all.
struct RunWithEffects<'a, const T: u8, const S: u8, const C: usize> {
    series: &'a Series<'a>,
    form: EtsForm,
    weights: Weights,
    start: &'a Start,
    room: &'a mut Room,
}

impl<const T: u8, const S: u8, const C: usize> NullaryFnOnce for RunWithEffects<'_, T, S, C> {
    type Output = Option<Measured>;

    #[inline(always)]
    fn call(self) -> Option<Measured> {
        let Self { series, form, weights, start, room } = self;
        effects::<T, S, C>(series, form, weights, start, room)
    }
}

#[inline(always)]
fn effects<const T: u8, const S: u8, const C: usize>(
    series: &Series<'_>,
    form: EtsForm,
    weights: Weights,
    start: &Start,
    room: &mut Room,
) -> Option<Measured> {
    let (trend_kind, season_kind) = (trend_of(T, form.is_damped()), season_of(S));
    let relative = form.has_multiplicative_errors();
    let m = if S == N { 1 } else { series.m };
    let columns = Columns::of(form.trend(), season_kind, m);
    let damped = form.is_damped();
    // Known to the compiler, as those of `columns` are not.
    let (of_beta, of_gamma) = (1, if T == N { 1 } else { 2 });
    debug_assert!((T == N || columns.beta == of_beta) && (S == N || columns.gamma == of_gamma));
    let mut of_phi = [0.0; LANES];
    if damped {
        of_phi[columns.phi] = 1.0;
    }
    let Weights { alpha, beta, gamma, phi } = weights;
    let mut seasons = start.seasons;
    let seasons = &mut seasons[..m];
    let (mut level, mut trend, mut place) = (start.level, start.trend, 0);

    let mut of_level = [[0.0; LANES]; C];
    let mut of_trend = [[0.0; LANES]; C];
    of_level[columns.level / LANES][columns.level % LANES] = 1.0;
    if T != N {
        of_trend[columns.trend / LANES][columns.trend % LANES] = 1.0;
    }
    room.of_season.clear();
    room.of_season.resize(m * C, [0.0; LANES]);
    if S != N {
        for season in 0..m - 1 {
            let column = columns.seasons + season;
            room.of_season[season * C + column / LANES][column % LANES] = 1.0;
        }
    }
    room.rows.clear();
    room.errors.clear();
    let mut sums = Sums::NONE;
    for &value in series.y {
        let now = Now { level, trend, season: if S == N { 0.0 } else { seasons[place] } };
        let ahead = now.ahead(trend_kind, season_kind, phi);
        let missing = value.is_nan();
        let error = if missing { 0.0 } else { value - ahead.forecast };
        let next = now.moved(trend_kind, season_kind, weights, ahead, error);
        let (seen, scale) = match (missing, relative) {
            (true, _) => (0.0, 0.0),
            (false, false) => (1.0, 1.0),
            (false, true) => (1.0, 1.0 / ahead.forecast),
        };
        let by_season = if S == M { 1.0 / now.season } else { 1.0 };
        let by_base = if S == M { 1.0 / ahead.base } else { 1.0 };
        let by_level = if T == M { 1.0 / now.level } else { 1.0 };
        let for_level = error * by_season;
        let for_season = error * by_base;
        let for_trend = for_level * by_level;
        // d carried = slope d trend, and what the damping itself adds.
        let (slope, for_phi) = match T {
            A => (phi, if damped { trend } else { 0.0 }),
            M if damped => (phi * ahead.carried / trend, ahead.carried * trend.ln()),
            _ => (1.0, 0.0),
        };
        let of_season: &mut [[f64; LANES]; C] = room.of_season[place * C..].first_chunk_mut()?;
        let mut row = [[0.0; LANES]; C];
        for c in 0..C {
            for i in 0..LANES {
                let column = |wanted: usize| if c == 0 && i == wanted { 1.0 } else { 0.0 };
                let (dl, db, ds) = (of_level[c][i], of_trend[c][i], of_season[c][i]);
                let of_phi = if c == 0 { of_phi[i] * for_phi } else { 0.0 };
                let d_carried = if T == N { 0.0 } else { slope * db + of_phi };
                let d_base = match T {
                    N => dl,
                    M => dl * ahead.carried + level * d_carried,
                    _ => dl + d_carried,
                };
                let d_forecast = match S {
                    N => d_base,
                    M => d_base * now.season + ahead.base * ds,
                    _ => d_base + ds,
                };
                // A missing value has no error, whatever the states.
                let d_error = -seen * d_forecast;
                let d_for_level = if S == M { (d_error - for_level * ds) * by_season } else { d_error };
                of_level[c][i] = d_base + alpha * d_for_level + column(0) * for_level;
                if T != N {
                    let d_for_trend = match T {
                        M => (d_for_level - for_trend * dl) * by_level,
                        _ => d_for_level,
                    };
                    of_trend[c][i] = d_carried + beta * d_for_trend + column(of_beta) * for_trend;
                }
                if S != N {
                    let d_for_season = if S == M { (d_error - for_season * d_base) * by_base } else { d_error };
                    of_season[c][i] = ds + gamma * d_for_season + column(of_gamma) * for_season;
                }
                row[c][i] = d_forecast * scale;
            }
        }
        if !missing {
            let error = error * scale;
            sums.add(error, ahead.forecast, relative);
            room.rows.extend_from_slice(&row);
            room.errors.push(error);
        }
        (level, trend) = (next.level, next.trend);
        if S != N {
            seasons[place] = next.season;
            place = if place + 1 == m { 0 } else { place + 1 };
        }
    }
    if !(level.is_finite() && trend.is_finite()) {
        return None;
    }
    sums.measured(series.n, relative)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::ets::weights::{Given, Space};

    fn starting(form: EtsForm, m: usize) -> Start {
        let mut seasons = [0.0; LONGEST_SEASON];
        for (i, season) in seasons[..m].iter_mut().enumerate() {
            let swing = 0.1 * (i as f64 * 1.7).sin();
            *season = if form.season() == EtsSeason::Multiplicative { 1.0 + swing } else { swing };
        }
        Start { level: 1.1, trend: if form.has_multiplicative_trend() { 1.01 } else { 0.01 }, seasons }
    }

    #[test]
    fn effects_are_the_derivatives_of_the_errors_and_both_runs_agree() {
        for m in [4, 12, 23] {
            let mut y: Vec<f64> =
                (0..70).map(|t| 1.2 + 0.2 * (f64::from(t) * 0.9).sin() + 0.004 * f64::from(t)).collect();
            y[11] = f64::NAN;
            y[12] = f64::NAN;
            let series = Series { y: &y, n: 68, m };
            for form in EtsForm::all() {
                let columns = Columns::of(form.trend(), form.season(), m);
                let space = Space::new(form, m, Given::default());
                let weights = space.weights(&[0.3, 0.2, 0.2, 0.9]);
                let start = starting(form, m);
                let mut room = Room::default();
                let found = linearise(&series, form, weights, &start, &mut room).unwrap();
                let measured = measure(&series, form, weights, &start, &mut { start }).unwrap();
                assert!((found.deviance - measured.deviance).abs() < 1e-9, "{form}");
                let (rows, errors, chunks) = (room.rows.clone(), room.errors.clone(), chunks(form, m));
                for column in 0..columns.width {
                    let mut moved = |by: f64| {
                        let (mut w, mut s) = (weights, start);
                        match column {
                            0 => w.alpha += by,
                            c if c == columns.level => s.level += by,
                            c if form.has_trend() && c == columns.trend => s.trend += by,
                            c if c >= columns.seasons => s.seasons[c - columns.seasons] += by,
                            c if form.has_trend() && c == columns.beta => w.beta += by,
                            c if form.is_seasonal() && c == columns.gamma => w.gamma += by,
                            _ => w.phi += by,
                        }
                        linearise(&series, form, w, &s, &mut room).unwrap();
                        room.errors.clone()
                    };
                    let (up, down) = (moved(1e-6), moved(-1e-6));
                    for t in 0..errors.len() {
                        let slope = (up[t] - down[t]) / 2e-6;
                        let slope = if form.has_multiplicative_errors() { slope / (1.0 + errors[t]) } else { slope };
                        let effect = rows[t * chunks + column / LANES][column % LANES];
                        assert!(
                            (effect + slope).abs() < 1e-6 * (1.0 + slope.abs()),
                            "{form} {column} {t}: {effect} {slope}"
                        );
                    }
                }
            }
        }
    }

    /// The likelihood of given weights and states, against statsforecast's own (`tests/reference/ets.py`).
    #[test]
    fn likelihoods_are_those_of_statsforecast() {
        use std::io::Read;
        let packed: &[u8] = include_bytes!("../../../datasets/us-employment/employment.csv.gz");
        let mut table = String::new();
        flate2::read::GzDecoder::new(packed).read_to_string(&mut table).unwrap();
        let text = include_str!("../../../tests/reference/ets_states.csv");
        let mut compared = 0;
        for line in text.lines().skip(2) {
            let cells: Vec<&str> = line.split(',').collect();
            let values = table.lines().filter(|row| row.starts_with(&format!("{},", cells[0])));
            let y: Vec<f64> = values.map(|row| row.split(',').nth(2).unwrap().parse().unwrap()).collect();
            let series = Series { y: &y[y.len() - 120..], n: 120, m: 12 };
            let form = EtsForm::parse(cells[1]).unwrap();
            let number = |i: usize, without: f64| cells[i].parse().unwrap_or(without);
            let weights =
                Weights { alpha: number(3, 0.0), beta: number(4, 0.0), gamma: number(5, 0.0), phi: number(6, 1.0) };
            let states: Vec<f64> = cells[7].split(' ').map(|v| v.parse().unwrap()).collect();
            let n_before = 1 + usize::from(form.has_trend());
            let mut start = Start { level: states[0], trend: 0.0, seasons: [0.0; LONGEST_SEASON] };
            start.trend = if form.has_trend() { states[1] } else { 0.0 };
            for (season, value) in start.seasons.iter_mut().zip(states[n_before..].iter().rev()) {
                *season = *value;
            }
            let found = measure(&series, form, weights, &start, &mut { start });
            // Some of their fits have one-step forecasts below 0, for which we have no likelihood.
            let Some(found) = found else { continue };
            compared += 1;
            approx::assert_relative_eq!(-0.5 * found.deviance, number(2, f64::NAN), max_relative = 1e-9);
        }
        assert!(compared >= 50, "{compared}");
    }

    #[test]
    fn forecasts_that_are_not_positive_have_no_relative_errors() {
        let form = EtsForm::parse("MAN").unwrap();
        let series = Series { y: &[1.0, 1.1, 1.2, 1.1], n: 4, m: 1 };
        let weights = Space::new(form, 1, Given::default()).weights(&[0.1, 0.1, 0.0, 1.0]);
        let start = Start { level: 1.0, trend: -0.9, ..starting(form, 1) };
        assert!(measure(&series, form, weights, &start, &mut { start }).is_none());
    }
}
