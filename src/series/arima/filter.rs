//! One-step errors of a stationary autoregressive moving average, exactly, in O(n r) time.

use super::autocovariance::Autocovariance;
use super::order::ArimaOrder;
use super::weights::Weights;

/// A change of the variance of one-step errors below this share of it counts as none.
const NEGLIGIBLE: f64 = 1e-16;

/// The Kalman filter of an ARMA model in Harvey's form, started from its stationary distribution.
///
/// ```text
/// v = w[t] - a[0]     a' = T a + k v / f     variance f of v, covariance k = T P Z' of v and the next state
/// ```
/// The covariance P of the state is never formed: from the stationary start its change is of rank one, `m l l'`, so
/// that f, k, l and m have recursions of their own (Chandrasekhar's equations). T shifts, so a and l stay where
/// they are in memory while the place of their first element moves. When l has vanished the filter is in its steady
/// state, and the recursion of the model itself takes over.
///
/// Sources: Morf, Sidhu & Kailath (1974), "Some new algorithms for recursive estimation in constant, linear,
/// discrete-time systems", IEEE Transactions on Automatic Control 19, 315-323; Pearlman (1980), "An algorithm for the
/// exact likelihood of a high-order autoregressive-moving average process", Biometrika 67, 232-233; Mélard (1984),
/// "Algorithm AS 197", Applied Statistics 33, 104-114.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    n: usize,
    states: usize,
    covariance: Autocovariance,
    gain: Vec<f64>,
    change: Vec<f64>,
    /// For each column `n + states` cells; the state before row t starts at cell t.
    a: Vec<f64>,
}

impl Filter {
    /// For `n` rows of `n_columns` columns.
    pub(super) fn new(order: ArimaOrder, n: usize, n_columns: usize) -> Self {
        let states = order.states();
        Self {
            n,
            states,
            covariance: Autocovariance::new(order.ar_lags(), order.ma_lags()),
            gain: vec![0.0; states],
            change: vec![0.0; n + states],
            a: vec![0.0; n_columns * (n + states)],
        }
    }

    /// The state of a column after its last row.
    pub(super) fn last_state(&self, column: usize) -> &[f64] {
        &self.a[column * (self.n + self.states) + self.n..][..self.states]
    }

    /// The variance of the first value, with `gain` and `change` at their start; `None` if it cannot be.
    fn start(&mut self, weights: &Weights) -> Option<f64> {
        if !self.covariance.compute(weights) {
            return None;
        }
        let Autocovariance { whole, psi, .. } = &self.covariance;
        self.gain.fill(0.0);
        for &(j, phi) in &weights.phi_taps {
            for (cell, covariance) in self.gain[..=j].iter_mut().zip(whole[..=j].iter().rev()) {
                *cell += phi * covariance;
            }
        }
        for &(j, theta) in &weights.theta_taps {
            for (cell, psi) in self.gain[..=j].iter_mut().zip(psi[..=j].iter().rev()) {
                *cell += theta * psi;
            }
        }
        self.change.fill(0.0);
        self.change[..self.states].copy_from_slice(&self.gain);
        let variance = whole[0];
        (variance > 0.0 && variance.is_finite()).then_some(variance)
    }

    /// Writes the one-step errors of `columns`, each in units of its standard deviation, to `white`, and returns the
    /// logarithm of the determinant of their covariance; `None` where the coefficients allow no stationary start.
    ///
    /// Columns stand one after the other and are filtered with the same gains.
    pub(super) fn whiten(&mut self, weights: &Weights, columns: &[f64], white: &mut [f64]) -> Option<f64> {
        let (n, r) = (self.n, self.states);
        let mut f = self.start(weights)?;
        self.a.fill(0.0);
        let mut m = -1.0 / f;
        let (mut determinant, mut log_determinant) = (1.0, 0.0);
        let mut per_sd = 1.0 / f.sqrt();
        let mut steady = false;
        for t in 0..n {
            determinant *= f;
            if !(1e-100..1e100).contains(&determinant) {
                log_determinant += f64::ln(determinant);
                determinant = 1.0;
            }
            let columns = columns.chunks_exact(n).zip(white.chunks_exact_mut(n));
            for ((column, white), a) in columns.zip(self.a.chunks_exact_mut(n + r)) {
                let v = column[t] - a[t];
                white[t] = v * per_sd;
                let (now, next) = a.split_at_mut(t + 1);
                if steady {
                    for &(i, phi) in &weights.phi_taps {
                        next[i] += phi * column[t];
                    }
                    for &(i, theta) in &weights.theta_taps {
                        next[i] += theta * v;
                    }
                } else {
                    for &(i, phi) in &weights.phi_taps {
                        next[i] += phi * now[t];
                    }
                    let weight = v * per_sd * per_sd;
                    for (cell, gain) in next.iter_mut().zip(&self.gain) {
                        *cell += weight * gain;
                    }
                }
            }
            if steady || t + 1 == n {
                continue;
            }
            let (now, next) = self.change.split_at_mut(t + 1);
            let first = now[t];
            // Exactly 0 at most steps of a seasonal model: the state just shifts.
            if first == 0.0 {
                continue;
            }
            let drop = m * first * first;
            let small = NEGLIGIBLE * f;
            if -drop <= small && next[..r - 1].iter().all(|l| -m * l * l <= small) {
                steady = true;
                continue;
            }
            for &(i, phi) in &weights.phi_taps {
                next[i] += phi * first;
            }
            let f_next = f + drop;
            if f_next.is_nan() || f_next <= 0.0 {
                return None;
            }
            let (of_gain, of_change) = (m * first, first / f_next);
            for (gain, change) in self.gain.iter_mut().zip(next) {
                *gain += of_gain * *change;
                *change -= of_change * *gain;
            }
            m *= f_next / f;
            f = f_next;
            per_sd = 1.0 / f.sqrt();
        }
        Some(log_determinant + f64::ln(determinant))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::spd::Cholesky;
    use crate::series::arima::test_orders;

    const N: usize = 40;

    /// A seeded series without any structure.
    fn noise() -> Vec<f64> {
        (0..N).map(|t| (t as f64 * 12.9898).sin() * 43758.5453 % 1.0).collect()
    }

    /// Against the multivariate normal density with the whole covariance matrix.
    #[test]
    fn errors_and_determinant_are_those_of_the_dense_covariance_matrix() {
        for (order, x) in test_orders() {
            let mut weights = Weights::new(order, 1.0);
            weights.set(&x);
            // Enough lags for the matrix: the autocovariances continue by the recursion of the model.
            let mut covariance = Autocovariance::new(order.ar_lags(), order.ma_lags());
            assert!(covariance.compute(&weights));
            let mut gamma = covariance.whole.clone();
            for lag in gamma.len()..N {
                let past: f64 = weights.phi.iter().enumerate().map(|(i, f)| f * gamma[(lag - 1).abs_diff(i)]).sum();
                let errors: f64 =
                    (lag..=weights.theta.len()).map(|j| weights.theta[j - 1] * covariance.psi[j - lag]).sum();
                gamma.push(past + errors);
            }
            let dense: Vec<f64> = (0..N * N).map(|cell| gamma[(cell / N).abs_diff(cell % N)]).collect();
            let root = Cholesky::new(&dense, N).unwrap();
            let mut expected = noise();
            root.forward(&mut expected);
            let mut unit = vec![0.0; N];
            let log_determinant: f64 = (0..N)
                .map(|row| {
                    unit.fill(0.0);
                    unit[row] = 1.0;
                    root.forward(&mut unit);
                    -2.0 * unit[row].ln()
                })
                .sum();

            let mut filter = Filter::new(order, N, 2);
            let columns: Vec<f64> = std::iter::repeat_n(1.0, N).chain(noise()).collect();
            let mut white = vec![0.0; 2 * N];
            let found = filter.whiten(&weights, &columns, &mut white).unwrap();
            assert!((found - log_determinant).abs() < 1e-8, "{order}: {found} against {log_determinant}");
            for (found, expected) in white[N..].iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-8, "{order}: {found} against {expected}");
            }
        }
    }
}
