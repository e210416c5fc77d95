//! First guesses of the coefficients, by two regressions.
//!
//! Source: Hannan & Rissanen (1982), "Recursive estimation of mixed autoregressive-moving average order", Biometrika 69,
//! 81-94.

use super::order::ArimaOrder;
use super::polynomial::to_partial;
use super::prepared::Differenced;
use crate::numeric::spd::Cholesky;

/// Largest partial autocorrelation of a guess.
const LARGEST: f64 = 0.95;

/// The differences less their mean, and the errors of a long autoregression on them.
#[derive(Clone, Debug)]
pub(super) struct Guess {
    w: Vec<f64>,
    e: Vec<f64>,
}

impl Guess {
    /// The long autoregression has a season and `5` lags, or a quarter of the values, by the Yule-Walker equations.
    pub(super) fn new(data: &Differenced, order: ArimaOrder) -> Self {
        let n = data.n;
        let mean = if order.constant { data.values().iter().sum::<f64>() / n as f64 } else { 0.0 };
        let w: Vec<f64> = data.values().iter().map(|value| value - mean).collect();
        let lags = order.season.get().saturating_add(5).min(n / 4);
        let covariance = |lag: usize| w.iter().zip(&w[lag..]).map(|(a, b)| a * b).sum::<f64>();
        let mut left = covariance(0);
        let mut a: Vec<f64> = Vec::with_capacity(lags);
        let gamma: Vec<f64> = (0..=lags).map(covariance).collect();
        for lag in 1..=lags {
            let known: f64 = a.iter().zip(gamma[1..lag].iter().rev()).map(|(a, g)| a * g).sum();
            let r = (gamma[lag] - known) / left;
            if r.is_nan() || r.abs() >= 1.0 {
                break;
            }
            let before = a.clone();
            a.iter_mut().zip(before.iter().rev()).for_each(|(cell, mirrored)| *cell -= r * mirrored);
            a.push(r);
            left *= 1.0 - r * r;
        }
        let e = (0..n).map(|t| w[t] - a.iter().zip(w[..t].iter().rev()).map(|(a, w)| a * w).sum::<f64>()).collect();
        Self { w, e }
    }

    /// Coordinates of the search for `order`; `None` if the regression is singular.
    pub(super) fn start(&self, order: ArimaOrder) -> Option<Vec<f64>> {
        let n = self.w.len();
        let k = order.n_weights();
        let season = order.season.get();
        let lags_of = |count: usize, step: usize| (1..=count).map(move |lag| lag * step);
        let regressors: Vec<(&[f64], usize)> = lags_of(order.p, 1)
            .map(|lag| (&self.w[..], lag))
            .chain(lags_of(order.q, 1).map(|lag| (&self.e[..], lag)))
            .chain(lags_of(order.seasonal_p, season).map(|lag| (&self.w[..], lag)))
            .chain(lags_of(order.seasonal_q, season).map(|lag| (&self.e[..], lag)))
            .collect();
        let dot = |(a, i): (&[f64], usize), (b, j): (&[f64], usize)| {
            let from = i.max(j);
            if from >= n { 0.0 } else { a[from - i..n - i].iter().zip(&b[from - j..n - j]).map(|(a, b)| a * b).sum() }
        };
        let mut normal = vec![0.0; k * k];
        let mut right = vec![0.0; k];
        for i in 0..k {
            for j in 0..=i {
                normal[i * k + j] = dot(regressors[i], regressors[j]);
            }
            normal[i * k + i] *= 1.0 + 1e-8;
            right[i] = dot(regressors[i], (&self.w, 0));
        }
        Cholesky::new(&normal, k)?.solve(&mut right);
        let mut x = Vec::with_capacity(k);
        let mut rest = &right[..];
        for (count, sign) in [(order.p, 1.0), (order.q, -1.0), (order.seasonal_p, 1.0), (order.seasonal_q, -1.0)] {
            let (here, behind) = rest.split_at(count);
            rest = behind;
            let polynomial: Vec<f64> = here.iter().map(|a| sign * a).collect();
            x.extend(stable(polynomial).iter().map(|r| r.clamp(-LARGEST, LARGEST).atanh()));
        }
        Some(x)
    }
}

/// The partial autocorrelations of `a` with its roots moved out until all lie outside the unit circle.
fn stable(mut a: Vec<f64>) -> Vec<f64> {
    for _ in 0..100 {
        if let Some(partial) = to_partial(&a) {
            return partial;
        }
        let mut power = 1.0;
        for a in &mut a {
            power *= 0.9;
            *a *= power;
        }
    }
    vec![0.0; a.len()]
}
