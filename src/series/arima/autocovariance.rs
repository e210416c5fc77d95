//! Autocovariances of a stationary autoregressive moving average with errors of variance 1.

use super::weights::Weights;

/// Room for the autocovariances of models of one size.
#[derive(Clone, Debug)]
pub(super) struct Autocovariance {
    /// Autocovariances of the autoregression alone, up to lag `p + q`.
    of_ar: Vec<f64>,
    /// Coefficients of the autoregressions of lower orders, order after order.
    lower: Vec<f64>,
    /// Autocovariances of the moving average alone that are not 0, by lag.
    of_ma: Vec<f64>,
    /// Autocovariances of the whole, from lag 0.
    pub(super) whole: Vec<f64>,
    /// Weights of the errors in the values, from lag 0.
    pub(super) psi: Vec<f64>,
}

impl Autocovariance {
    /// For `p` and `q` lags in all.
    pub(super) fn new(p: usize, q: usize) -> Self {
        Self {
            of_ar: vec![0.0; p + q + 1],
            lower: vec![0.0; p * (p + 1) / 2],
            of_ma: vec![0.0; q + 1],
            whole: vec![0.0; p.max(1)],
            psi: vec![0.0; q.max(1)],
        }
    }

    /// Computes `whole` up to lag `p - 1` (at least lag 0) and `psi` up to lag `q - 1`; false if the autoregression is
    /// not stationary.
    ///
    /// Those of the autoregression follow from its partial autocorrelations (the Levinson recursion backwards), and the
    /// moving average weights them. O(p^2 + p q') time, with `q'` the lags at which the moving average has any.
    pub(super) fn compute(&mut self, weights: &Weights) -> bool {
        let (p, q) = (weights.phi.len(), weights.theta.len());
        if !self.autoregression(&weights.phi) {
            return false;
        }
        for lag in p + 1..=p + q {
            self.of_ar[lag] = weights.phi_taps.iter().map(|(i, phi)| phi * self.of_ar[lag - 1 - i]).sum();
        }
        self.of_ma.fill(0.0);
        self.of_ma[0] = 1.0;
        for (place, &(i, theta)) in weights.theta_taps.iter().enumerate() {
            self.of_ma[i + 1] += theta;
            self.of_ma[0] += theta * theta;
            for (j, earlier) in &weights.theta_taps[..place] {
                self.of_ma[i - j] += theta * earlier;
            }
        }
        for lag in 0..self.whole.len() {
            let mut sum = self.of_ma[0] * self.of_ar[lag];
            for (shift, &weight) in self.of_ma.iter().enumerate().skip(1) {
                if weight != 0.0 {
                    sum += weight * (self.of_ar[lag + shift] + self.of_ar[lag.abs_diff(shift)]);
                }
            }
            self.whole[lag] = sum;
        }
        self.psi[0] = 1.0;
        for lag in 1..q {
            let from_past: f64 =
                weights.phi_taps.iter().take_while(|(i, _)| *i < lag).map(|(i, phi)| phi * self.psi[lag - 1 - i]).sum();
            self.psi[lag] = weights.theta[lag - 1] + from_past;
        }
        true
    }

    /// Autocovariances of the autoregression up to lag `p`.
    fn autoregression(&mut self, phi: &[f64]) -> bool {
        let p = phi.len();
        // The coefficients of order k stand from k (k - 1) / 2 on; the last of them is its partial autocorrelation.
        let from = |k: usize| k * (k - 1) / 2;
        if p > 0 {
            self.lower[from(p)..].copy_from_slice(phi);
        }
        let mut variance = 1.0;
        for k in (1..=p).rev() {
            let (below, here) = self.lower.split_at_mut(from(k));
            let here = &here[..k];
            let r = here[k - 1];
            let rest = 1.0 - r * r;
            if rest.is_nan() || rest <= 0.0 {
                return false;
            }
            variance /= rest;
            if k > 1 {
                let below = &mut below[from(k - 1)..];
                let scale = 1.0 / rest;
                for ((cell, a), b) in below.iter_mut().zip(here).zip(here[..k - 1].iter().rev()) {
                    *cell = (a + r * b) * scale;
                }
            }
        }
        self.of_ar[0] = variance;
        let mut left = variance;
        for k in 1..=p {
            let r = self.lower[from(k) + k - 1];
            let known: f64 = if k > 1 {
                let below = &self.lower[from(k - 1)..from(k)];
                below.iter().zip(self.of_ar[1..k].iter().rev()).map(|(a, g)| a * g).sum()
            } else {
                0.0
            };
            self.of_ar[k] = known + r * left;
            left *= 1.0 - r * r;
        }
        variance.is_finite()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::arima::test_orders;

    /// Autocovariances as sums over many psi weights.
    #[test]
    fn autocovariances_are_those_of_the_psi_weights() {
        for (order, x) in test_orders() {
            let mut weights = Weights::new(order, 1.0);
            weights.set(&x);
            let mut psi = vec![1.0];
            for lag in 1..6000 {
                let own = weights.theta.get(lag - 1).copied().unwrap_or(0.0);
                let past: f64 =
                    weights.phi.iter().enumerate().filter(|(i, _)| *i < lag).map(|(i, f)| f * psi[lag - 1 - i]).sum();
                psi.push(own + past);
            }
            let mut found = Autocovariance::new(order.ar_lags(), order.ma_lags());
            assert!(found.compute(&weights));
            for (lag, covariance) in found.whole.iter().enumerate() {
                let expected: f64 = psi.iter().zip(&psi[lag..]).map(|(a, b)| a * b).sum();
                assert!((covariance - expected).abs() < 1e-9 * found.whole[0], "{order} lag {lag}");
            }
            for (found, expected) in found.psi.iter().zip(&psi) {
                assert!((found - expected).abs() < 1e-12);
            }
        }
    }
}
