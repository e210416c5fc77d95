//! Whether the size of the errors comes in clusters.

use super::acf::{autocorrelations, levinson_durbin, sum_of_squares};
use super::prepared::Prepared;
use crate::numeric::garch;
use crate::numeric::projection::{dot, residual};

pub(super) const NAMES: [&str; 5] = ["arch_lm", "arch_acf", "garch_acf", "arch_r2", "garch_r2"];

/// Lags of squares.
const LAGS: usize = 12;
/// Values that the regression of squares on their lags needs: one row more than coefficients.
const NEEDED: usize = 2 * LAGS + 2;

pub(super) fn of(prepared: &Prepared) -> [f64; NAMES.len()] {
    if prepared.is_flat_or_shorter_than(LAGS + 1) {
        return [f64::NAN; NAMES.len()];
    }
    let white = whitened(prepared);
    let squared_acf = |x: &[f64]| {
        let squares: Vec<f64> = x.iter().map(|v| v * v).collect();
        sum_of_squares(&autocorrelations(&squares, LAGS, prepared), LAGS)
    };
    let noise = prepared.is_noise(dot(&white, &white), white.len());
    let standardised = if white.len() < NEEDED || noise { None } else { garch::standardised(&white) };
    let of_garch = |statistic: &dyn Fn(&[f64]) -> f64| standardised.as_deref().map_or(f64::NAN, statistic);
    let of_white = |statistic: &dyn Fn(&[f64]) -> f64| if noise { f64::NAN } else { statistic(&white) };
    [arch_lm(&prepared.x), of_white(&squared_acf), of_garch(&squared_acf), of_white(&arch_lm), of_garch(&arch_lm)]
}

/// R squared of the squared distances from the mean on their last twelve values.
fn arch_lm(x: &[f64]) -> f64 {
    if x.len() < NEEDED {
        return f64::NAN;
    }
    let mean = x.iter().sum::<f64>() / x.len() as f64;
    let squares: Vec<f64> = x.iter().map(|v| (v - mean).powi(2)).collect();
    let n = squares.len() - LAGS;
    let mut columns = vec![vec![1.0; n]];
    columns.extend((1..=LAGS).map(|lag| squares[LAGS - lag..LAGS - lag + n].to_vec()));
    let mut left = squares[LAGS..].to_vec();
    let level = left.iter().sum::<f64>() / n as f64;
    let total: f64 = left.iter().map(|v| (v - level).powi(2)).sum();
    residual(&mut columns, &mut left);
    1.0 - dot(&left, &left) / total
}

/// The errors of the autoregression of least AIC, up to order 10 log10(n), by the Yule-Walker equations: R `ar()`.
fn whitened(prepared: &Prepared) -> Vec<f64> {
    let x = &prepared.x;
    let n = x.len() as f64;
    #[expect(clippy::cast_possible_truncation, reason = "ten times the logarithm of a length")]
    #[expect(clippy::cast_sign_loss, reason = "positive")]
    let most = (10.0 * n.log10()) as usize;
    let r = autocorrelations(x, most, prepared);
    let (mut least, mut phi) = (0.0, Vec::new());
    let mut order = 0.0;
    levinson_durbin(&r, |_, left, coefficients| {
        order += 1.0;
        let aic = n * left.ln() + 2.0 * order;
        if aic < least {
            least = aic;
            phi = coefficients.to_vec();
        }
    });
    let mean = x.iter().sum::<f64>() / n;
    let error = |t: usize| {
        let lagged = x[t - phi.len()..t].iter().rev();
        x[t] - mean - phi.iter().zip(lagged).map(|(phi, v)| phi * (v - mean)).sum::<f64>()
    };
    (phi.len()..x.len()).map(error).collect()
}
