//! The weights of least squared one-step errors.
//!
//! For a given level weight `alpha` the errors are `r - c u - omega d`: `r` those of plain smoothing from a level of 0,
//! `u` what the level before the series leaves, `d` what the line adds. So `c` and `omega` are solved for, and only
//! `alpha` is searched.

use super::line::Line;
use super::state::{State, Weights, next_power};
use crate::numeric::brent;

/// Errors that are left out of the sum, as in the reference implementations: the line has not formed yet.
pub(super) const UNJUDGED: usize = 3;
/// Range of the level weight, that of R `forecTheta` and of statsforecast.
pub(super) const ALPHA: [f64; 2] = [0.1, 0.99];
/// Largest share of the line, theta = 1e10 as in statsforecast; the smallest is 0, theta = 1.
pub(super) const OMEGA_HIGH: f64 = 1.0 - 1e-10;
/// The standard model, theta = 2.
pub(super) const HALF: f64 = 0.5;
/// Level weights that are tried side by side, and how often; the neighbours of the best are searched between.
const LANES: usize = 8;
const PASSES: usize = 2;

/// One period: its value, the line before it, and whether its error counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    value: f64,
    intercept: f64,
    slope: f64,
    counts: f64,
}

/// The rows of the series `x` without missing values; `counts` says of which periods the error counts.
pub(super) fn rows(x: &[f64], counts: &[bool], dynamic: bool) -> Vec<Row> {
    let mut line = if dynamic { Line::at(x[0]) } else { Line::through(x) };
    let mut n = 0.0;
    let row = |(&value, &counts): (&f64, &bool)| {
        let Line { intercept, slope, .. } = line;
        if dynamic && n > 0.0 {
            line = line.with(value, n);
        }
        n += 1.0;
        Row { value, intercept, slope, counts: f64::from(u8::from(counts)) }
    };
    x.iter().zip(counts).map(row).collect()
}

/// Sums of products over the periods that count.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    uu: f64,
    ud: f64,
    dd: f64,
    ur: f64,
    dr: f64,
    rr: f64,
}

/// What is solved for, and the sum of squared errors.
#[derive(Clone, Copy, Debug)]
struct Solved {
    start: f64,
    omega: f64,
    sse: f64,
}

impl Sums {
    fn solve(&self, omega: Option<f64>) -> Solved {
        let Self { uu, ud, dd, ur, dr, rr } = *self;
        let (dd_left, dr_left, rr_left) =
            if uu > 0.0 { (dd - ud * ud / uu, dr - ud * ur / uu, rr - ur * ur / uu) } else { (dd, dr, rr) };
        let omega = omega.unwrap_or_else(|| {
            // A line without slope adds nothing that the level does not: any share will do.
            if dd_left > f64::EPSILON * dd { (dr_left / dd_left).clamp(0.0, OMEGA_HIGH) } else { HALF }
        });
        let start = if uu > 0.0 { (ur - omega * ud) / uu } else { 0.0 };
        Solved { start, omega, sse: rr_left - omega * (2.0 * dr_left - omega * dd_left) }
    }
}

/// The sums for each of `alphas`.
fn sums<const L: usize>(rows: &[Row], alphas: [f64; L]) -> [Sums; L] {
    let mut sums = [Sums::default(); L];
    let q = alphas.map(|alpha| 1.0 - alpha);
    let inverse = alphas.map(|alpha| 1.0 / alpha);
    let (head, tail) = rows.split_at(UNJUDGED.min(rows.len()));
    let mut level = [0.0; L];
    let mut power = [1.0; L];
    for row in head {
        for i in 0..L {
            level[i] += alphas[i] * (row.value - level[i]);
            power[i] *= q[i];
        }
    }
    let mut left = [1.0; L];
    for row in tail {
        for i in 0..L {
            let after = next_power(power[i], q[i]);
            let error = row.value - level[i];
            let r = row.counts * error;
            let u = row.counts * left[i];
            let d = row.counts * (row.intercept * power[i] + row.slope * ((1.0 - after) * inverse[i]));
            let s = &mut sums[i];
            s.uu += u * u;
            s.ud += u * d;
            s.dd += d * d;
            s.ur += u * r;
            s.dr += d * r;
            s.rr += r * r;
            level[i] += alphas[i] * error;
            power[i] = after;
            left[i] = next_power(left[i], q[i]);
        }
    }
    sums
}

/// The grid of level weights with its sums, from which every share of the line can be searched.
#[derive(Debug)]
pub(super) struct Grid<'a> {
    rows: &'a [Row],
    alphas: [[f64; LANES]; PASSES],
    sums: [[Sums; LANES]; PASSES],
}

impl<'a> Grid<'a> {
    pub(super) fn of(rows: &'a [Row]) -> Self {
        let step = (ALPHA[1] - ALPHA[0]) / (LANES * PASSES - 1) as f64;
        let alphas = std::array::from_fn(|pass| {
            std::array::from_fn(|lane| (ALPHA[0] + step * (pass * LANES + lane) as f64).min(ALPHA[1]))
        });
        Self { rows, alphas, sums: alphas.map(|alphas| sums(rows, alphas)) }
    }

    /// The weights of least squared errors, for a given share of the line or the best one.
    pub(super) fn best(&self, omega: Option<f64>, dynamic: bool) -> Weights {
        let alphas = self.alphas.as_flattened();
        let (mut best, mut least) = (0, f64::INFINITY);
        for (i, sums) in self.sums.as_flattened().iter().enumerate() {
            let sse = sums.solve(omega).sse;
            if sse < least {
                (best, least) = (i, sse);
            }
        }
        let (low, high) = (alphas[best.saturating_sub(1)], alphas[(best + 1).min(alphas.len() - 1)]);
        let at = |alpha: f64| sums(self.rows, [alpha])[0].solve(omega);
        let (refined, sse) = brent::minimise(|alpha| at(alpha).sse, low, high);
        let alpha = if sse < least { refined } else { alphas[best] };
        Weights { alpha, omega: at(alpha).omega, dynamic }
    }
}

/// The state after the series, the sum of squared errors that count, and how many there are.
pub(super) fn filter(rows: &[Row], w: Weights) -> (State, f64) {
    let Solved { start, .. } = sums(rows, [w.alpha])[0].solve(Some(w.omega));
    let line = Line { intercept: rows[0].intercept, slope: rows[0].slope, mean: rows[0].value };
    let mut state = State::first(rows[0].value, line, w);
    let mut sse = 0.0;
    for (i, row) in rows.iter().enumerate().skip(1) {
        if i == UNJUDGED {
            state.level += start;
        }
        if i >= UNJUDGED {
            let error = row.counts * (row.value - state.expected(w));
            sse += error * error;
        }
        state.step(row.value, w);
    }
    (state, sse)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(kind: u32) -> Vec<f64> {
        let mut state = u64::from(kind) + 77;
        let mut uniform = || {
            // Knuth's MMIX generator, its upper 24 bits.
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f64 / f64::from(1 << 24) - 0.5
        };
        let mut level = 0.0;
        let value = |t: u32| {
            level += uniform() * f64::from(kind % 4) + 0.05 * f64::from(kind % 3);
            if t == 0 { 0.0 } else { level + uniform() * f64::from(kind % 5) }
        };
        (0..30 + kind).map(value).collect()
    }

    #[test]
    fn the_solution_has_the_errors_that_the_recursion_has() {
        for kind in 1..12 {
            let x = series(kind);
            for dynamic in [false, true] {
                let rows = rows(&x, &vec![true; x.len()], dynamic);
                for alpha in [0.1, 0.4, 0.99] {
                    let solved = sums(&rows, [alpha])[0].solve(None);
                    let w = Weights { alpha, omega: solved.omega, dynamic };
                    let sse = filter(&rows, w).1;
                    assert!((sse - solved.sse).abs() <= 1e-9 * solved.sse, "{kind}: {sse} {}", solved.sse);
                }
            }
        }
    }

    #[test]
    fn no_weights_on_a_grid_do_better() {
        for kind in 1..20 {
            let x = series(kind);
            for dynamic in [false, true] {
                let rows = rows(&x, &vec![true; x.len()], dynamic);
                for omega in [None, Some(HALF)] {
                    let found = filter(&rows, Grid::of(&rows).best(omega, dynamic)).1;
                    for i in 0..=1000 {
                        let alpha = ALPHA[0] + (ALPHA[1] - ALPHA[0]) * f64::from(i) / 1000.0;
                        let sse = sums(&rows, [alpha])[0].solve(omega).sse;
                        assert!(found <= sse * (1.0 + 1e-7), "{kind} {dynamic} {omega:?}: {found} {sse} at {alpha}");
                    }
                }
            }
        }
    }
}
