//! What the search for interventions takes for the ordinary course of a series: a line and ARIMA(1,1,1) around it.

/// `(1 - phi B) (1 - B) z[t] = (1 - theta B) e[t]`. White noise is `theta = 1, phi = 0`, a stationary AR(1)
/// `theta = 1`, a random walk `phi = theta`, smoothing in between.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Whitening {
    pub(super) phi: f64,
    pub(super) theta: f64,
}

const PHI: (f64, f64) = (-0.6, 0.95);
const THETA: (f64, f64) = (-0.6, 0.99);
/// Steps of the search: a grid of this width, then halved until below `FINE`.
const COARSE: f64 = 0.26;
const FINE: f64 = 0.01;
/// More steps than a search needs.
const MOST_STEPS: usize = 100;

impl Whitening {
    /// The errors of a series with the differences `d[1..]`, from a start without error; `d[0]` is not read.
    pub(super) fn errors(self, d: &[f64], out: &mut [f64]) {
        let (mut before, mut error) = (0.0, 0.0);
        out[0] = 0.0;
        for (cell, &change) in out.iter_mut().zip(d).skip(1) {
            error = change - self.phi * before + self.theta * error;
            before = change;
            *cell = error;
        }
    }

    /// What the unknown first error and a slope of 1 add to the errors of `n` values.
    pub(super) fn nuisances(self, n: usize) -> [Vec<f64>; 2] {
        let (mut first, mut slope) = (vec![0.0; n], vec![0.0; n]);
        let mut power = 1.0;
        for cell in &mut first {
            *cell = power;
            power *= self.theta;
        }
        let mut line = vec![1.0; n];
        line[0] = 0.0;
        self.errors(&line, &mut slope);
        [first, slope]
    }

    /// Squared errors that remain when the first error and the slope are those of least squares.
    pub(super) fn squares(self, d: &[f64]) -> f64 {
        let Self { phi, theta } = self;
        let (mut gg, mut gh, mut hh) = (1.0, 0.0, 0.0);
        let (mut ge, mut he, mut ee) = (0.0, 0.0, 0.0);
        let (mut g, mut h, mut e, mut before, mut one) = (1.0, 0.0, 0.0, 0.0, 0.0);
        for &change in &d[1..] {
            g *= theta;
            h = 1.0 - phi * one + theta * h;
            e = change - phi * before + theta * e;
            (before, one) = (change, 1.0);
            gg += g * g;
            gh += g * h;
            hh += h * h;
            ge += g * e;
            he += h * e;
            ee += e * e;
        }
        let determinant = gg * hh - gh * gh;
        if determinant <= 1e-12 * gg * hh {
            return (ee - ge * ge / gg).max(0.0);
        }
        // Rounding must not turn the squares of a straight line negative: less than that is always less.
        (ee - (hh * ge * ge - 2.0 * gh * ge * he + gg * he * he) / determinant).max(0.0)
    }

    /// The weights of least squared errors for the differences `d[1..]`. O(n) for each of some 100 pairs.
    pub(super) fn estimate(d: &[f64]) -> Self {
        let mut best = Self { phi: 0.0, theta: 0.0 };
        let mut least = best.squares(d);
        let consider = |phi: f64, theta: f64, best: &mut Self, least: &mut f64| {
            let tried = Self { phi: phi.clamp(PHI.0, PHI.1), theta: theta.clamp(THETA.0, THETA.1) };
            let squares = tried.squares(d);
            let better = squares < *least * (1.0 - 1e-9);
            if better {
                (*best, *least) = (tried, squares);
            }
            better
        };
        for i in 0..6 {
            for j in 0..7 {
                let (phi, theta) = (PHI.0 + COARSE * f64::from(i), THETA.0 + COARSE * f64::from(j));
                consider(phi, theta, &mut best, &mut least);
            }
        }
        let mut step = COARSE / 2.0;
        for _ in 0..MOST_STEPS {
            if step <= FINE {
                break;
            }
            let Self { phi, theta } = best;
            let around = [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0), (1.0, 1.0), (-1.0, -1.0)];
            let mut moved = false;
            for (a, b) in around {
                moved |= consider(phi + a * step, theta + b * step, &mut best, &mut least);
            }
            if !moved {
                step /= 2.0;
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::random::SplitMix64;

    #[test]
    fn errors_follow_the_recursion() {
        let mut errors = [9.0; 4];
        Whitening { phi: 0.5, theta: 0.2 }.errors(&[f64::NAN, 1.0, 3.0, -2.0], &mut errors);
        // 1; 3 - 0.5 + 0.2; -2 - 1.5 + 0.2 * 2.7
        let expected = [0.0, 1.0, 2.7, -2.96];
        assert!(errors.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{errors:?}");
    }

    #[test]
    fn weights_of_simulated_series_are_found() {
        for (phi, theta) in [(0.0, 0.9), (0.7, 0.0), (0.0, 0.5), (0.7, 0.95)] {
            let mut random = SplitMix64::new(7);
            let (mut before, mut last) = (0.0, 0.0);
            let d: Vec<f64> = (0..4000)
                .map(|_| {
                    let error = random.standard_normal();
                    before = phi * before + error - theta * last;
                    last = error;
                    before
                })
                .collect();
            let found = Whitening::estimate(&d);
            assert!((found.phi - phi).abs() < 0.06 && (found.theta - theta).abs() < 0.06, "{phi} {theta}: {found:?}");
        }
    }
}
