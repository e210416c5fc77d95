//! Random counts.

use statrs::function::gamma::ln_gamma;

use crate::numeric::random::SplitMix64;

/// Means from which on the normal approximation is used: its relative error, of the order of the inverse root, is below
/// what a simulation of any size shows, and logarithms of factorials have lost too many digits to do better.
const NORMAL_FROM: f64 = 1e9;

/// A count with mean `lambda`: Poisson without a `size`, else negative binomial with variance `lambda + lambda^2 / size`.
pub(super) fn count(lambda: f64, size: Option<f64>, random: &mut SplitMix64) -> f64 {
    match size {
        None => poisson(lambda, random),
        Some(size) => poisson(lambda * (gamma(size, random) / size), random),
    }
}

/// Inversion below a mean of 10, else the transformed rejection of Hörmann (1993), "The transformed rejection method for
/// generating Poisson random variables", Insurance: Mathematics and Economics 12, algorithm PTRS.
fn poisson(lambda: f64, random: &mut SplitMix64) -> f64 {
    if lambda.is_nan() || lambda <= 0.0 {
        return 0.0;
    }
    if lambda >= NORMAL_FROM {
        return (lambda + lambda.sqrt() * random.standard_normal()).round().max(0.0);
    }
    if lambda < 10.0 {
        let (mut k, mut p) = (0.0, (-lambda).exp());
        let mut left = random.unit();
        while left >= p && k < 200.0 {
            left -= p;
            k += 1.0;
            p *= lambda / k;
        }
        return k;
    }
    let root = lambda.sqrt();
    let b = 0.931 + 2.53 * root;
    let a = -0.059 + 0.024_83 * b;
    let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
    let squeeze = 0.9277 - 3.6224 / (b - 2.0);
    loop {
        let u = random.unit() - 0.5;
        let v = random.unit();
        let us = 0.5 - u.abs();
        let k = ((2.0 * a / us + b) * u + lambda + 0.43).floor();
        if us >= 0.07 && v <= squeeze {
            return k;
        }
        if k < 0.0 || !k.is_finite() || (us < 0.013 && v > us) {
            continue;
        }
        if (v * inverse_alpha / (a / (us * us) + b)).ln() <= k * lambda.ln() - lambda - ln_gamma(k + 1.0) {
            return k;
        }
    }
}

/// Marsaglia & Tsang (2000), "A simple method for generating gamma variables", ACM TOMS 26.
fn gamma(shape: f64, random: &mut SplitMix64) -> f64 {
    if shape < 1.0 {
        let lift = random.unit().max(f64::MIN_POSITIVE).powf(1.0 / shape);
        return lift * gamma(shape + 1.0, random);
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = random.standard_normal();
        let v = (1.0 + c * x).powi(3);
        if v > 0.0 && random.unit().ln() < 0.5 * x * x + d - d * v + d * v.ln() {
            return d * v;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_the_mean_and_the_variance_of_their_distribution() {
        for (lambda, size) in [
            (0.3, None),
            (9.9, None),
            (10.0, None),
            (250.0, None),
            (4.0, Some(0.5)),
            (60.0, Some(3.0)),
            (60.0, Some(1e9)),
            (1e12, None),
        ] {
            let mut random = SplitMix64::new(5);
            let n = 40_000;
            let drawn: Vec<f64> = (0..n).map(|_| count(lambda, size, &mut random)).collect();
            assert!(drawn.iter().all(|k| *k >= 0.0 && k.fract() <= 0.0));
            let mean = drawn.iter().sum::<f64>() / f64::from(n);
            let variance = drawn.iter().map(|k| (k - mean) * (k - mean)).sum::<f64>() / f64::from(n);
            let expected = lambda + size.map_or(0.0, |s| lambda * lambda / s);
            // Five standard errors of the mean; the variance of a gamma mixture is known less well.
            assert!((mean - lambda).abs() < 5.0 * (expected / f64::from(n)).sqrt(), "{lambda} {size:?}: {mean}");
            assert!((variance / expected - 1.0).abs() < 0.08, "{lambda} {size:?}: {variance} against {expected}");
        }
    }

    #[test]
    fn small_and_large_counts_have_the_probabilities_of_their_distribution() {
        for lambda in [2.0_f64, 14.0] {
            let mut random = SplitMix64::new(8);
            let mut found = [0.0; 40];
            for _ in 0..40_000 {
                let k = poisson(lambda, &mut random);
                for (value, times) in (0..).map(f64::from).zip(&mut found) {
                    *times += f64::from(u8::from(k.total_cmp(&value).is_eq())) / 40_000.0;
                }
            }
            for (k, share) in (0..).map(f64::from).zip(found) {
                let p = (k * lambda.ln() - lambda - ln_gamma(k + 1.0)).exp();
                assert!((share - p).abs() < 5.0 * (p / 40_000.0).sqrt() + 1e-4, "{lambda} {k}: {share} against {p}");
            }
        }
    }
}
