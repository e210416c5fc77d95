//! Forecast variance of the forms whose forecasts are linear in the states.

use std::num::NonZeroUsize;

use super::LONGEST_WALK;
use super::fitted::FittedEts;
use crate::numeric::scale::power_of_two_below;

/// What one error adds to the values from its own on: `1, c[1], c[2], ...` with
/// `c[j] = alpha + beta (phi + ... + phi^j) + gamma if j is a multiple of m`.
pub(super) fn error_weights(fitted: &FittedEts) -> impl Iterator<Item = f64> {
    let (alpha, beta, gamma, phi) = (fitted.alpha, fitted.beta, fitted.gamma, fitted.phi);
    let m = fitted.seasons.len();
    let (mut power, mut reach) = (1.0, 0.0);
    std::iter::once(1.0).chain((1_usize..).map(move |j| {
        power *= phi;
        reach += power;
        let season = if m > 0 && j % m == 0 { gamma } else { 0.0 };
        alpha + beta * reach + season
    }))
}

/// Standard deviations of the next `horizon` values.
///
/// ```text
/// additive errors       v[h] = sigma^2 (1 + c[1]^2 + ... + c[h-1]^2)
/// multiplicative errors  theta[h] = mean[h]^2 + sigma^2 (c[1]^2 theta[h-1] + ... + c[h-1]^2 theta[1])
///                        v[h] = (1 + sigma^2) theta[h] - mean[h]^2
/// ```
/// Source: Hyndman et al. (2008), ch. 6.3, classes 1 and 2.
pub(super) fn deviations(fitted: &FittedEts, horizon: NonZeroUsize) -> Vec<f64> {
    let gap = if fitted.form.has_multiplicative_errors() { fitted.gap.min(LONGEST_WALK) } else { fitted.gap };
    let far = gap + horizon.get();
    let squares: Vec<f64> = error_weights(fitted).take(far).map(|c| c * c).collect();
    let sigma = fitted.sigma;
    if !fitted.form.has_multiplicative_errors() {
        let sums = squares.iter().scan(0.0, |sum, square| {
            *sum += square;
            Some(*sum)
        });
        return sums.skip(gap).map(|sum| sigma * sum.sqrt()).collect();
    }
    let means = &fitted.path_of(fitted.gap + horizon.get())[fitted.gap - gap..];
    let unit = power_of_two_below(means.iter().fold(0.0, |largest: f64, mean| largest.max(mean.abs())));
    let mut thetas: Vec<f64> = Vec::with_capacity(far);
    let mut sds = Vec::with_capacity(horizon.get());
    for (h, mean) in means.iter().enumerate() {
        let mean = (mean / unit).powi(2);
        let carried: f64 = squares[1..=h].iter().zip(thetas.iter().rev()).map(|(c, theta)| c * theta).sum();
        // What the errors of earlier periods leave, and the relative error of the period itself.
        let theta = mean + sigma * sigma * carried;
        thetas.push(theta);
        if h >= gap {
            sds.push(unit * (sigma * sigma * (carried + theta)).sqrt());
        }
    }
    sds
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::series::ets::form::EtsForm;

    const FAR: NonZeroUsize = NonZeroUsize::new(30).unwrap();

    fn fitted(form: &str, phi: f64, beta: f64) -> FittedEts {
        FittedEts {
            form: EtsForm::parse(form).unwrap(),
            alpha: 0.3,
            beta,
            gamma: 0.2,
            phi,
            level: 50.0,
            trend: 0.5,
            seasons: vec![1.0, -2.0, 3.0, -2.0],
            sigma: 0.05,
            loglik: 0.0,
            n_parameters: 9,
            n: 60,
            gap: 0,
        }
    }

    #[test]
    fn additive_spread_equals_the_closed_forms() {
        // Hyndman et al. (2008), table 6.2: ETS(A,N,A), ETS(A,A,A), ETS(A,Ad,A); k is the number of whole cycles before h.
        let (a, b, g, p, m) = (0.3_f64, 0.1_f64, 0.2_f64, 0.9_f64, 4.0_f64);
        let forms = [fitted("ANA", 1.0, 0.0), fitted("AAA", 1.0, b), fitted("AAdA", p, b)];
        let sds = forms.map(|fitted| deviations(&fitted, FAR));
        for h in 1..=30_u32 {
            let (h, i) = (f64::from(h), h as usize - 1);
            let k = ((h - 1.0) / m).floor();
            let season = g * k * (2.0 * a + g);
            let level = a * a * (h - 1.0);
            let trended = (h - 1.0) * (a * a + a * b * h + b * b * h * (2.0 * h - 1.0) / 6.0);
            let damped = b * p * h / (1.0 - p).powi(2) * (2.0 * a * (1.0 - p) + b * p)
                - b * p * (1.0 - p.powf(h)) / ((1.0 - p).powi(2) * (1.0 - p * p))
                    * (2.0 * a * (1.0 - p * p) + b * p * (1.0 + 2.0 * p - p.powf(h)));
            let fading = 2.0 * b * g * p / ((1.0 - p) * (1.0 - p.powf(m)))
                * (k * (1.0 - p.powf(m)) - p.powf(m) * (1.0 - p.powf(m * k)));
            let expected = [
                1.0 + level + season,
                1.0 + trended + g * k * (2.0 * a + g + b * m * (k + 1.0)),
                1.0 + level + damped + season + fading,
            ];
            for (sds, expected) in sds.iter().zip(expected) {
                assert_relative_eq!((sds[i] / 0.05).powi(2), expected, max_relative = 1e-10);
            }
        }
    }

    #[test]
    fn relative_spread_equals_the_definition() {
        // The variance of f (1 + e), f independent of e: v = E f^2 (1 + sigma^2) - mean^2, by hand for two steps of MNN.
        let simple = FittedEts { seasons: Vec::new(), ..fitted("MNN", 1.0, 0.0) };
        let sds = deviations(&simple, FAR);
        assert_relative_eq!(sds[0], 50.0 * 0.05, max_relative = 1e-12);
        let second = 2500.0 * ((1.0 + 0.09 * 0.0025) * 1.0025 - 1.0);
        assert_relative_eq!(sds[1].powi(2), second, max_relative = 1e-10);
    }
}
