//! The clearest intervention at any place, in O(n): Chen & Liu (1993), equations 12 to 18, with the slope and the
//! first error of the series estimated beside it.

use super::found::BreakKind;
use super::whitening::Whitening;

pub(super) const KINDS: [BreakKind; 3] = [BreakKind::LevelShift, BreakKind::Pulse, BreakKind::TransientChange];
/// A size of which less than this share is told apart from slope and first error is not estimated.
const TOLD_APART: f64 = 0.05;

/// What one unit of each of [`KINDS`] adds to the errors, by age; and what does not change while the weights stay.
pub(super) struct Scan {
    whitening: Whitening,
    decay: f64,
    pub(super) patterns: [Vec<f64>; 3],
    /// Squared patterns summed up to an age.
    norms: [Vec<f64>; 3],
    pub(super) nuisances: [Vec<f64>; 2],
    /// Inner products of the patterns that start at a place with the nuisances.
    overlaps: [[Vec<f64>; 3]; 2],
    /// Inverse of the nuisances' inner products: first, both, slope.
    inverse: [f64; 3],
}

/// A candidate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Candidate {
    pub(super) position: usize,
    /// Place in [`KINDS`].
    pub(super) kind: usize,
    pub(super) statistic: f64,
}

/// Sums over `s >= t` of `pattern[s - t] x[s]` for each of [`KINDS`], by recursion from the end.
fn backward(whitening: Whitening, decay: f64, x: &[f64]) -> [Vec<f64>; 3] {
    let n = x.len();
    let mut sums = [vec![0.0; n + 1], vec![0.0; n + 1], vec![0.0; n + 1]];
    let mut smoothed = 0.0;
    for t in (0..n).rev() {
        let next = smoothed;
        smoothed = x[t] + whitening.theta * next;
        sums[0][t] = smoothed - whitening.phi * next;
        sums[1][t] = sums[0][t] - sums[0][t + 1];
        sums[2][t] = sums[1][t] + decay * sums[2][t + 1];
    }
    sums
}

impl Scan {
    pub(super) fn new(whitening: Whitening, decay: f64, n: usize) -> Self {
        let Whitening { phi, theta } = whitening;
        let mut patterns = [vec![0.0; n], vec![0.0; n], vec![0.0; n]];
        for age in 0..n {
            let before = |kind: usize| if age > 0 { patterns[kind][age - 1] } else { 0.0 };
            let impulse = if age == 0 { 1.0 } else { 0.0 };
            let second = if age == 1 { phi } else { 0.0 };
            let level = impulse - second + theta * before(0);
            let pulse = level - before(0);
            let transient = pulse + decay * before(2);
            (patterns[0][age], patterns[1][age], patterns[2][age]) = (level, pulse, transient);
        }
        let norms = std::array::from_fn(|kind| {
            let mut sum = 0.0;
            let squares = patterns[kind].iter().map(|x: &f64| {
                sum += x * x;
                sum
            });
            std::iter::once(0.0).chain(squares).collect()
        });
        let nuisances = whitening.nuisances(n);
        let overlaps = std::array::from_fn(|one| backward(whitening, decay, &nuisances[one]));
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
        let [first, slope] = &nuisances;
        let (gg, gh, hh) = (product(first, first), product(first, slope), product(slope, slope));
        let determinant = gg * hh - gh * gh;
        let inverse = if determinant > 1e-12 * gg * hh {
            [hh / determinant, -gh / determinant, gg / determinant]
        } else {
            [1.0 / gg, 0.0, 0.0]
        };
        Self { whitening, decay, patterns, norms, nuisances, overlaps, inverse }
    }

    /// The squared size, apart from slope and first error, of a unit of `kind` at `position`.
    fn norm(&self, kind: usize, position: usize, n: usize) -> f64 {
        let whole = self.norms[kind][n - position];
        let (g, h) = (self.overlaps[0][kind][position], self.overlaps[1][kind][position]);
        let [a, b, c] = self.inverse;
        let rest = whole - (a * g * g + 2.0 * b * g * h + c * h * h);
        if rest > TOLD_APART * whole { rest } else { 0.0 }
    }

    /// The candidate of largest size over standard error among those `allowed`, the earliest of equal ones. `errors`
    /// are orthogonal to the nuisances.
    pub(super) fn clearest(
        &self,
        errors: &[f64],
        sigma: f64,
        allowed: impl Fn(usize, usize) -> bool,
    ) -> Option<Candidate> {
        let n = errors.len();
        let sums = backward(self.whitening, self.decay, errors);
        let mut best: Option<Candidate> = None;
        for position in 1..n {
            for (kind, sums) in sums.iter().enumerate() {
                let norm = self.norm(kind, position, n);
                if norm <= 0.0 {
                    continue;
                }
                let statistic = sums[position] / (sigma * norm.sqrt());
                let clearer = best.is_none_or(|best| statistic.abs() > best.statistic.abs());
                if clearer && allowed(kind, position) {
                    best = Some(Candidate { position, kind, statistic });
                }
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ordinary least squares on first error, slope and the one candidate, from the definitions.
    #[test]
    fn statistics_are_those_of_a_regression() {
        let whitening = Whitening { phi: 0.3, theta: 0.8 };
        let (n, decay) = (30, 0.7);
        let scan = Scan::new(whitening, decay, n);
        let raw: Vec<f64> = (0..n).map(|t| if t == 0 { 0.0 } else { (t as f64 * 1.7).sin() }).collect();
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
        let without = |x: &[f64], out: &[Vec<f64>]| -> Vec<f64> {
            let mut rest = x.to_vec();
            for one in out {
                let share = product(&rest, one) / product(one, one);
                rest.iter_mut().zip(one).for_each(|(r, o)| *r -= share * o);
            }
            rest
        };
        let [first, slope] = scan.nuisances.clone();
        let basis = [first.clone(), without(&slope, &[first])];
        let errors = without(&raw, &basis);
        for (kind, name) in KINDS.iter().enumerate() {
            for position in 1..n - 1 {
                let mut level = vec![0.0; n];
                for (age, cell) in level[position..].iter_mut().enumerate() {
                    *cell = super::super::found::Break::effect(*name, 1.0, age, decay);
                }
                let d: Vec<f64> = (0..n).map(|t| if t == 0 { 0.0 } else { level[t] - level[t - 1] }).collect();
                let mut x = vec![0.0; n];
                whitening.errors(&d, &mut x);
                let apart = without(&x, &basis);
                if product(&apart, &apart) < 0.06 * product(&x, &x) {
                    continue;
                }
                let expected = product(&apart, &errors) / product(&apart, &apart).sqrt();
                let found = scan.clearest(&errors, 1.0, |k, p| k == kind && p == position).map(|c| c.statistic);
                let found = found.unwrap_or(f64::NAN);
                assert!((found - expected).abs() < 1e-9, "{name:?} {position}: {found} {expected}");
            }
        }
    }
}
