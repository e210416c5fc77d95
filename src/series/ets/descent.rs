//! The way down from a start: Fisher scoring within the box of the weights, damped after Levenberg and Marquardt.

use pulp::{Arch, NullaryFnOnce};

use super::form::EtsForm;
use super::problem::{Columns, LANES, Measured, Room, Series, Start, WIDEST, chunks, linearise, measure};
use super::weights::{Given, Space};

/// Weights as coordinates of the search, initial states, and how well they fit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    pub(super) at: [f64; 4],
    pub(super) start: Start,
    pub(super) measured: Measured,
}

/// When to stop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    /// Steps tried.
    pub(super) steps: usize,
    /// A step that promises to lower the deviance by less is not worth taking.
    pub(super) promise: f64,
}

/// One form on one series.
#[derive(Debug)]
pub(super) struct Descent<'a> {
    series: Series<'a>,
    form: EtsForm,
    pub(super) space: Space,
    columns: Columns,
    chunks: usize,
    free: [bool; WIDEST],
    /// Curvature and slope of the deviance in the coordinates, both times half the error variance.
    curvature: Vec<[f64; WIDEST]>,
    slope: [f64; WIDEST],
    factor: Vec<[f64; WIDEST]>,
}

/// Added to a diagonal that is 0: a coordinate without effect then stays where it is.
const NO_EFFECT: f64 = 1e-300;

impl<'a> Descent<'a> {
    pub(super) fn new(series: Series<'a>, form: EtsForm, given: Given) -> Self {
        let space = Space::new(form, series.m, given);
        let columns = Columns::of(form.trend(), form.season(), series.m);
        let mut free = [false; WIDEST];
        let [alpha, beta, gamma, phi] = space.free();
        free[0] = alpha;
        for (column, is_free) in [(columns.beta, beta), (columns.gamma, gamma), (columns.phi, phi)] {
            if is_free {
                free[column] = true;
            }
        }
        free[columns.level..columns.width].fill(true);
        Self {
            series,
            form,
            space,
            columns,
            chunks: chunks(form, series.m),
            free,
            curvature: vec![[0.0; WIDEST]; WIDEST],
            slope: [0.0; WIDEST],
            factor: vec![[0.0; WIDEST]; WIDEST],
        }
    }

    /// How well the form fits at `at` from `start`, with the effects of all coordinates left in `room`.
    pub(super) fn look(&self, at: [f64; 4], start: Start, room: &mut Room) -> Option<Point> {
        let weights = self.space.weights(&at);
        if !self.space.is_stable(weights) {
            return None;
        }
        let measured = linearise(&self.series, self.form, weights, &start, room)?;
        Some(Point { at, start, measured })
    }

    /// How well the form fits at `at` from `start`.
    pub(super) fn glance(&self, at: [f64; 4], start: Start) -> Option<Point> {
        let weights = self.space.weights(&at);
        if !self.space.is_stable(weights) {
            return None;
        }
        let mut end = start;
        let measured = measure(&self.series, self.form, weights, &start, &mut end)?;
        Some(Point { at, start, measured })
    }

    /// The best deviance that initial states can give the weights `at`, for a form whose errors are linear in them and
    /// additive.
    pub(super) fn best_start(&mut self, at: [f64; 4], start: Start, room: &mut Room) -> Option<Point> {
        let found = self.look(at, start, room)?;
        self.gather(&found, room);
        let mut free = self.free;
        free[..self.columns.level].fill(false);
        let step = self.step(&free, 0.0, &[0.0; WIDEST])?;
        let promise = self.promise(&step);
        let start = self.moved(&found, &step).1;
        let squares = (found.measured.squares - 2.0 * promise).max(0.0);
        let deviance = self.series.n as f64 * squares.max(f64::MIN_POSITIVE).ln();
        Some(Point { at, start, measured: Measured { squares, deviance } })
    }

    /// A local minimum below `from`.
    pub(super) fn down(&mut self, from: &Point, effort: Effort, room: &mut Room) -> Option<Point> {
        let mut best = self.look(self.space.clamped(from.at), from.start, room)?;
        self.gather(&best, room);
        let mut damping = 1e-3;
        let mut growth = 4.0;
        for _ in 0..effort.steps {
            let Some((step, cut)) = self.bounded_step(&best, damping) else {
                damping *= growth;
                growth *= 2.0;
                continue;
            };
            let promise = self.promise(&step);
            let variance = best.measured.squares / self.series.n as f64;
            let promised = 2.0 * promise / variance;
            if promised.is_nan() || promised < effort.promise {
                // A step cut off at a face of the box can promise nothing where a shorter one does.
                if cut && damping < 1e3 {
                    damping = damping.max(1e-3) * 16.0;
                    continue;
                }
                break;
            }
            let (at, start) = self.moved(&best, &step);
            let found = self.look(at, start, room);
            let gained = found.map_or(f64::NEG_INFINITY, |found| best.measured.deviance - found.measured.deviance);
            match found {
                Some(found) if gained > 0.0 => {
                    best = found;
                    self.gather(&best, room);
                    let ratio = gained / promised;
                    // Nielsen (1999), "Damping parameter in Marquardt's method", IMM report 99-05.
                    damping *= (1.0 - (2.0 * ratio - 1.0).powi(3)).clamp(0.1, 2.0);
                    growth = 4.0;
                }
                _ => {
                    if damping > 1e9 {
                        break;
                    }
                    damping = damping.max(1e-4) * growth;
                    growth *= 2.0;
                }
            }
        }
        Some(best)
    }

    fn moved(&self, from: &Point, step: &[f64; WIDEST]) -> ([f64; 4], Start) {
        let Columns { beta, gamma, phi, level, trend, seasons, width } = self.columns;
        let (mut at, mut start) = (from.at, from.start);
        let [_, has_beta, has_gamma, has_phi] = self.space.free();
        at[0] += step[0];
        for (i, column, there) in [(1, beta, has_beta), (2, gamma, has_gamma), (3, phi, has_phi)] {
            at[i] += if there { step[column] } else { 0.0 };
        }
        start.level += step[level];
        start.trend += if self.form.has_trend() { step[trend] } else { 0.0 };
        for (season, step) in start.seasons.iter_mut().zip(&step[seasons..width]) {
            *season += step;
        }
        (self.space.clamped(at), start)
    }

    /// Half the fall of the deviance, times the error variance, that the quadratic model promises.
    fn promise(&self, step: &[f64; WIDEST]) -> f64 {
        let width = self.columns.width;
        let mut sum = 0.0;
        for i in 0..width {
            let row: f64 = self.curvature[i][..width].iter().zip(&step[..width]).map(|(a, b)| a * b).sum();
            sum += step[i] * (self.slope[i] + 0.5 * row);
        }
        -sum
    }

    /// The step of the damped quadratic model within the box: coordinates that would leave it go to its face, and the
    /// others make the best of that. Also whether there are any.
    fn bounded_step(&mut self, from: &Point, damping: f64) -> Option<([f64; WIDEST], bool)> {
        let mut free = self.free;
        let mut known = [0.0; WIDEST];
        let Columns { beta, gamma, phi, .. } = self.columns;
        let places = [0, beta, gamma, phi];
        let movable = self.space.free();
        for i in (0..4).filter(|&i| movable[i]) {
            let (at, slope) = (from.at[i], self.slope[places[i]]);
            if (at <= self.space.low[i] && slope > 0.0) || (at >= self.space.high[i] && slope < 0.0) {
                free[places[i]] = false;
            }
        }
        let mut cut = false;
        loop {
            let step = self.step(&free, damping, &known)?;
            let mut within = true;
            for i in (0..4).filter(|&i| movable[i]) {
                let place = places[i];
                let [down, up] = [self.space.low[i] - from.at[i], self.space.high[i] - from.at[i]];
                if free[place] && !(down..=up).contains(&step[place]) {
                    free[place] = false;
                    known[place] = step[place].clamp(down, up);
                    within = false;
                }
            }
            if within {
                return Some((step, cut));
            }
            cut = true;
        }
    }

    /// Solves `(curvature + damping diag) step = -slope` for the free coordinates, the others moving by `known`.
    fn step(&mut self, free: &[bool; WIDEST], damping: f64, known: &[f64; WIDEST]) -> Option<[f64; WIDEST]> {
        let width = self.columns.width;
        let mut places = [0; WIDEST];
        let mut k = 0;
        for place in (0..width).filter(|&place| free[place]) {
            places[k] = place;
            k += 1;
        }
        let places = &places[..k];
        let mut right = [0.0; WIDEST];
        for (i, &place) in places.iter().enumerate() {
            let row = &self.curvature[place];
            let of_known: f64 = row[..width].iter().zip(&known[..width]).map(|(a, b)| a * b).sum();
            right[i] = -self.slope[place] - of_known;
            for (j, &other) in places[..=i].iter().enumerate() {
                // The upper triangle, by rows, so that elimination works along rows.
                self.factor[j][i] = row[other];
            }
            self.factor[i][i] = row[place] * (1.0 + damping + 1e-12) + NO_EFFECT;
        }
        // Cholesky: row j of the factor, then what it leaves of the rows below.
        for j in 0..k {
            let pivot = self.factor[j][j];
            if pivot.is_nan() || pivot <= 0.0 || pivot.is_infinite() {
                return None;
            }
            let inverse = 1.0 / pivot.sqrt();
            let (done, below) = self.factor.split_at_mut(j + 1);
            let row = &mut done[j][..k];
            row[j..].iter_mut().for_each(|v| *v *= inverse);
            right[j] *= inverse;
            for (i, left) in (j + 1..k).zip(below) {
                let share = row[i];
                right[i] -= share * right[j];
                for (left, v) in left[i..k].iter_mut().zip(&row[i..]) {
                    *left -= share * v;
                }
            }
        }
        for j in (0..k).rev() {
            let row = &self.factor[j];
            let sum: f64 = row[j + 1..k].iter().zip(&right[j + 1..k]).map(|(a, b)| a * b).sum();
            right[j] = (right[j] - sum) / row[j];
        }
        let mut step = *known;
        for (&place, &value) in places.iter().zip(&right) {
            step[place] = value;
        }
        step.iter().all(|v| v.is_finite()).then_some(step)
    }

    /// Curvature and slope from the rows in `room`.
    ///
    /// With `w` the rows, `e` the errors and `v` their mean square: `w'w` and `-w'e` for additive errors; for relative
    /// ones the information of a normal distribution whose deviation is a share of its mean, the share concentrated out,
    /// `(1 + 2v) w'w - 2v n mean(w) mean(w)'`, and the slope `sum of (v - e (1 + e)) w`.
    fn gather(&mut self, point: &Point, room: &Room) {
        let relative = self.form.has_multiplicative_errors();
        let n = self.series.n as f64;
        let variance = point.measured.squares / n;
        self.slope = [0.0; WIDEST];
        let mut sums = [0.0; WIDEST];
        let gather = Gather {
            chunks: self.chunks,
            rows: &room.rows,
            errors: &room.errors,
            variance: relative.then_some(variance),
            curvature: &mut self.curvature,
            slope: &mut self.slope,
            sums: &mut sums,
        };
        Arch::new().dispatch(gather);
        if relative {
            let width = self.columns.width;
            let of_sums = 2.0 * variance / n;
            for (row, left) in self.curvature[..width].iter_mut().zip(sums) {
                for (value, right) in row[..width].iter_mut().zip(&sums) {
                    *value = (1.0 + 2.0 * variance) * *value - of_sums * left * right;
                }
            }
        }
        self.turn_to_shares(point);
    }

    /// From alpha, beta and gamma to alpha and the shares of the others.
    fn turn_to_shares(&mut self, point: &Point) {
        let [alpha, beta_share, gamma_share, _] = point.at;
        let [_, beta, gamma, _] = self.space.free();
        let shares =
            [(beta, self.columns.beta, beta_share, alpha), (gamma, self.columns.gamma, -gamma_share, 1.0 - alpha)];
        let width = self.columns.width;
        for (_, column, of_alpha, unit) in shares.into_iter().filter(|share| share.0) {
            self.slope[0] += of_alpha * self.slope[column];
            self.slope[column] *= unit;
            for row in &mut self.curvature[..width] {
                row[0] += of_alpha * row[column];
                row[column] *= unit;
            }
            for i in 0..width {
                self.curvature[0][i] += of_alpha * self.curvature[column][i];
                self.curvature[column][i] *= unit;
            }
        }
    }
}

/// The sums over rows of [`Descent::gather`], compiled for each kind of register; the numbers are the same in all.
struct Gather<'a> {
    chunks: usize,
    rows: &'a [[f64; LANES]],
    errors: &'a [f64],
    /// Of relative errors; `None` where they are additive.
    variance: Option<f64>,
    curvature: &'a mut [[f64; WIDEST]],
    slope: &'a mut [f64; WIDEST],
    sums: &'a mut [f64; WIDEST],
}

impl NullaryFnOnce for Gather<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        match self.chunks {
            2 => self.of_width::<2>(),
            4 => self.of_width::<4>(),
            5 => self.of_width::<5>(),
            _ => self.of_width::<{ WIDEST / LANES }>(),
        }
    }
}

impl Gather<'_> {
    #[inline(always)]
    fn of_width<const C: usize>(self) {
        let (rows, _) = self.rows.as_chunks::<C>();
        if let Some(variance) = self.variance {
            let slope = weighted(rows, self.errors.iter().map(|error| variance - error * (1.0 + error)));
            self.slope[..C * LANES].copy_from_slice(slope.as_flattened());
            self.sums[..C * LANES].copy_from_slice(weighted(rows, std::iter::repeat(1.0)).as_flattened());
        } else {
            let slope = weighted(rows, self.errors.iter().map(|error| -error));
            self.slope[..C * LANES].copy_from_slice(slope.as_flattened());
        }
        for a in 0..C {
            for b in 0..=a {
                for (i, line) in block(rows, a, b).into_iter().enumerate() {
                    for (j, value) in line.into_iter().enumerate() {
                        self.curvature[a * LANES + i][b * LANES + j] = value;
                        self.curvature[b * LANES + j][a * LANES + i] = value;
                    }
                }
            }
        }
    }
}

/// The sum of `rows`, each times its share.
#[inline(always)]
fn weighted<const C: usize>(rows: &[[[f64; LANES]; C]], shares: impl Iterator<Item = f64>) -> [[f64; LANES]; C] {
    let mut sums = [[0.0; LANES]; C];
    for (row, share) in rows.iter().zip(shares) {
        for c in 0..C {
            for i in 0..LANES {
                sums[c][i] += share * row[c][i];
            }
        }
    }
    sums
}

/// The products of the lanes of chunk `a` and those of chunk `b`; four sums side by side that stay in registers.
#[inline(always)]
fn block<const C: usize>(rows: &[[[f64; LANES]; C]], a: usize, b: usize) -> [[f64; LANES]; LANES] {
    let (mut first, mut second, mut third, mut fourth) = ([0.0; LANES], [0.0; LANES], [0.0; LANES], [0.0; LANES]);
    for row in rows {
        let ([p, q, r, s], right) = (row[a], row[b]);
        for j in 0..LANES {
            first[j] += p * right[j];
        }
        for j in 0..LANES {
            second[j] += q * right[j];
        }
        for j in 0..LANES {
            third[j] += r * right[j];
        }
        for j in 0..LANES {
            fourth[j] += s * right[j];
        }
    }
    [first, second, third, fourth]
}
