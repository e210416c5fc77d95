//! Polynomials of the lag operator: products, and coefficients that stay stationary.
//!
//! A polynomial `1 - a[1] B - ... - a[k] B^k` is given by `a`. One whose roots lie outside the unit circle belongs to
//! partial autocorrelations inside (-1, 1), one to one.
//! Sources: Barndorff-Nielsen & Schou (1973), "On the parametrization of autoregressive models by partial
//! autocorrelations", Journal of Multivariate Analysis 3; Monahan (1984), "A note on enforcing stationarity in
//! autoregressive-moving average models", Biometrika 71, 403-404.

use super::order::MOST_LAGS;

/// Writes the coefficients that belong to the partial autocorrelations `partial`. O(k^2).
pub(super) fn from_partial(partial: &[f64], a: &mut [f64]) {
    let mut before = [0.0; MOST_LAGS];
    for (k, &r) in partial.iter().enumerate() {
        before[..k].copy_from_slice(&a[..k]);
        for i in 0..k {
            a[i] = before[i] - r * before[k - 1 - i];
        }
        a[k] = r;
    }
}

/// The partial autocorrelations of `a`, in its place; `None` if a root lies on the unit circle or inside. O(k^2).
pub(super) fn to_partial(a: &[f64]) -> Option<Vec<f64>> {
    let mut a = a.to_vec();
    let mut before = a.clone();
    for k in (0..a.len()).rev() {
        let r = a[k];
        if r.is_nan() || r.abs() >= 1.0 {
            return None;
        }
        before[..k].copy_from_slice(&a[..k]);
        let rest = 1.0 - r * r;
        for i in 0..k {
            a[i] = (before[i] + r * before[k - 1 - i]) / rest;
        }
    }
    Some(a)
}

/// Whether every root of the polynomial lies further from 0 than `radius`.
pub(super) fn roots_beyond(a: &[f64], radius: f64) -> bool {
    let mut power = 1.0;
    let scaled: Vec<f64> = a
        .iter()
        .map(|a| {
            power *= radius;
            a * power
        })
        .collect();
    to_partial(&scaled).is_some()
}

/// Writes the product of a plain and a seasonal polynomial to `out`, of `plain.len() + season * seasonal.len()` cells.
pub(super) fn product(plain: &[f64], seasonal: &[f64], season: usize, out: &mut [f64]) {
    out.fill(0.0);
    for (i, a) in plain.iter().enumerate() {
        out[i] = *a;
    }
    for (j, s) in seasonal.iter().enumerate() {
        let lag = (j + 1) * season;
        out[lag - 1] += s;
        for (i, a) in plain.iter().enumerate() {
            out[lag + i] -= s * a;
        }
    }
}

/// The coefficients `c` of `(1 - B)^d (1 - B^m)^D = 1 - c[1] B - c[2] B^2 - ...`.
pub(super) fn differencing(d: usize, seasonal_d: usize, season: usize) -> Vec<f64> {
    let mut c = Vec::new();
    for lag in std::iter::repeat_n(1, d).chain(std::iter::repeat_n(season, seasonal_d)) {
        let mut next = vec![0.0; c.len() + lag];
        next[..c.len()].copy_from_slice(&c);
        next[lag - 1] += 1.0;
        for (i, c) in c.iter().enumerate() {
            next[lag + i] -= c;
        }
        c = next;
    }
    c
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these results are exact")]
mod tests {
    use super::*;

    #[test]
    fn partial_autocorrelations_go_there_and_back() {
        let partial = [0.5, -0.3, 0.9, -0.99, 0.1];
        let mut a = [0.0; 5];
        from_partial(&partial, &mut a);
        for (back, given) in to_partial(&a).unwrap().iter().zip(partial) {
            assert!((back - given).abs() < 1e-12);
        }
        // An AR(2): a[1] = r1 (1 - r2).
        from_partial(&[0.5, -0.3], &mut a);
        assert!((a[0] - 0.65).abs() < 1e-15 && (a[1] + 0.3).abs() < 1e-15);
    }

    #[test]
    fn roots_on_or_in_the_circle_are_seen() {
        assert!(to_partial(&[1.0]).is_none());
        assert!(to_partial(&[0.5, 0.5]).is_none());
        assert!(to_partial(&[f64::NAN]).is_none());
        // The root of 1 - 0.5 B is 2.
        assert!(roots_beyond(&[0.5], 1.99) && !roots_beyond(&[0.5], 2.01));
        // Those of 1 - B + 0.5 B^2 are 1 +- i, of size 1.414.
        assert!(roots_beyond(&[1.0, -0.5], 1.41) && !roots_beyond(&[1.0, -0.5], 1.42));
    }

    #[test]
    fn products_multiply_out() {
        // (1 - 0.5 B)(1 - 0.4 B^3) = 1 - 0.5 B - 0.4 B^3 + 0.2 B^4.
        let mut out = [9.0; 4];
        product(&[0.5], &[0.4], 3, &mut out);
        assert_eq!(out, [0.5, 0.0, 0.4, -0.2]);
        assert_eq!(differencing(1, 1, 3), [1.0, 0.0, 1.0, -1.0]);
        assert_eq!(differencing(2, 0, 3), [2.0, -1.0]);
        assert!(differencing(0, 0, 3).is_empty());
    }
}
