use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::super::{LARGEST, check_gap, check_sigma, check_state, normal};
use super::least_squares::{Curve, Fit, Observed};
use crate::distribution::Predictive;
use crate::error::ParamError;

/// Largest share of an error that is carried on to the next period.
const LARGEST_CARRY: f64 = 0.98;
/// Half the distance of the differences that stand for derivatives.
const STEP: f64 = 1e-5;
/// Largest scale read from outside: a market may be many times the largest value.
const LARGEST_SCALE: f64 = 1e170;
/// Longest series read from outside.
const LARGEST_AGE: usize = 1 << 48;

/// A curve and what is left of the series beside it: where the forecasts of all curves of this folder come from.
///
/// ```text
/// y[t] = scale curve(t) + r[t]    r[t] = rho r[t-1] + e[t]    forecast[h] = scale curve(n + h) + rho^h r[n]
/// sd[h]^2 = sigma^2 (1 + rho^2 + ... + rho^(2h-2)) + J[h]' V J[h]    sigma^2 = var(e), with n - k for n
/// V = (J'J / s2 + I)^-1    s2 = sigma^2 min(1 / (1 - rho)^2, n^2 / 3)
/// ```
/// The first part of the variance is that of the errors to come, the second that of the parameters (delta method, J
/// the derivatives at the values). `s2` is the variance that sums of the errors have per term; the bound is that of a
/// random walk. The identity says that a logarithm of a parameter is off by about 1 where the series says nothing.
/// `rho` is the lag-1 autocorrelation of the residuals less its bias beside a fitted level and trend, -(2 + 4 rho) / n
/// (Shaman & Stine 1988, JASA 83, 842-848; Stine & Shaman 1989, Annals of Statistics 17, 1275-1284), held to [0, 0.98].
/// On simulated curves of 48 values with AR(1) errors (0, 0.5, 0.8), 1 to 12 steps ahead, the central 80 % held 75 to
/// 84 % of the values and the central 95 % held 90 to 94 %; least for Bass, whose peak takes up slow errors.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Track {
    pub(super) shape: [f64; 2],
    pub(super) scale: f64,
    pub(super) sse: f64,
    /// Standard deviation of the error of one period.
    sigma: f64,
    pub(super) rho: f64,
    /// Distance of the last value from the curve.
    last: f64,
    /// Of the logarithm of the scale and of the shape, in the units of [`Curve::moved`].
    covariance: [[f64; 3]; 3],
    /// Periods from the first value to the last.
    age: usize,
    /// Missing values after it.
    gap: usize,
}

impl Track {
    /// The track of a series of equal values, without errors.
    pub(super) fn constant(seen: &Observed, shape: [f64; 2], scale: f64) -> Self {
        Self {
            shape,
            scale,
            sse: 0.0,
            sigma: 0.0,
            rho: 0.0,
            last: 0.0,
            covariance: [[0.0; 3]; 3],
            age: seen.age,
            gap: seen.gap,
        }
    }

    /// The track along a curve of `n_free` parameters that was fitted to a series.
    pub(super) fn new<C: Curve>(seen: &Observed, fit: Fit, n_free: usize) -> Self {
        let Fit { shape, scale, sse } = fit;
        let n = seen.values.len();
        let residuals: Vec<f64> =
            seen.values.iter().zip(&seen.times).map(|(value, &t)| value - scale * C::at(shape, t)).collect();
        let neighbours = || {
            let next_to = |i: &usize| seen.times[i + 1] - seen.times[*i] < 1.5;
            (0..n - 1).filter(next_to).map(|i| (residuals[i], residuals[i + 1]))
        };
        let pairs = neighbours().count();
        let kept = (n - n_free.min(n - 1)) as f64;
        let (mut rho, mut variance) = (0.0, sse / kept);
        if pairs > 0 && sse > 0.0 {
            let lagged: f64 = neighbours().map(|(before, after)| before * after).sum();
            let raw = lagged / sse * n as f64 / pairs as f64;
            rho = (raw + (2.0 + 4.0 * raw) / n as f64).clamp(0.0, LARGEST_CARRY);
            let squares: f64 = neighbours().map(|(before, after)| (after - rho * before).powi(2)).sum();
            variance = squares / pairs as f64 * n as f64 / kept;
        }
        let long_run = variance * (1.0 / (1.0 - rho).powi(2)).min((n * n) as f64 / 3.0);
        Self {
            shape,
            scale: scale * seen.unit,
            sse: sse * seen.unit * seen.unit,
            sigma: variance.sqrt() * seen.unit,
            rho,
            last: residuals.last().map_or(0.0, |last| last * seen.unit),
            covariance: covariance::<C>(seen, fit, long_run),
            age: seen.age,
            gap: seen.gap,
        }
    }

    /// The curve at the periods to come and the distance from it that is carried on.
    fn means<C: Curve>(&self, horizon: NonZeroUsize) -> impl Iterator<Item = f64> {
        let Self { shape, scale, rho, last, age, gap, .. } = *self;
        let mut carried = last * rho.powf(gap as f64);
        (1..=horizon.get()).map(move |h| {
            carried *= rho;
            (scale * C::at(shape, (age + gap + h) as f64) + carried).max(0.0)
        })
    }

    pub(super) fn points<C: Curve>(&self, horizon: NonZeroUsize) -> Vec<f64> {
        self.means::<C>(horizon).collect()
    }

    pub(super) fn predict<C: Curve>(&self, horizon: NonZeroUsize) -> Vec<Predictive> {
        let Self { shape, scale, sigma, rho, age, gap, .. } = *self;
        let at = |(before, mean): (usize, f64)| {
            let steps = (gap + before + 1) as f64;
            let errors = (1.0 - rho.powf(2.0 * steps)) / (1.0 - rho * rho);
            let along = gradient::<C>(shape, age as f64 + steps);
            let spread: f64 =
                (0..3).map(|i| (0..3).map(|j| along[i] * self.covariance[i][j] * along[j]).sum::<f64>()).sum();
            let sd = (sigma * errors.sqrt()).hypot(scale * spread.max(0.0).sqrt());
            normal(mean, sd).non_negative()
        };
        self.means::<C>(horizon).enumerate().map(at).collect()
    }

    pub(super) fn error_weights(&self, horizon: NonZeroUsize) -> Vec<f64> {
        std::iter::successors(Some(1.0), |weight| Some(weight * self.rho)).take(horizon.get()).collect()
    }

    /// The same curve, seen up to later values.
    pub(super) fn updated<C: Curve>(&self, new: &[f64]) -> Option<Self> {
        let mut moved = *self;
        for &value in new {
            if value.is_nan() {
                moved.gap += 1;
            } else if (0.0..=LARGEST).contains(&value) {
                moved.age += moved.gap + 1;
                moved.gap = 0;
                moved.last = value - moved.scale * C::at(moved.shape, moved.age as f64);
            } else {
                return None;
            }
        }
        Some(moved)
    }

    /// Checks all but the shape.
    pub(super) fn check(&self) -> Result<(), ParamError> {
        let Self { shape, scale, sse, sigma, rho, last, covariance, age, gap } = *self;
        if let Some(&value) = shape.iter().find(|value| !value.is_finite()) {
            return Err(ParamError::new("shape", value, "finite"));
        }
        if !(0.0..=LARGEST_SCALE).contains(&scale) {
            return Err(ParamError::new("scale", scale, "in [0, 1e170]"));
        }
        if !(sse >= 0.0 && sse.is_finite()) {
            return Err(ParamError::new("sse", sse, "finite and at least 0"));
        }
        check_sigma(sigma)?;
        if !(0.0..=LARGEST_CARRY).contains(&rho) {
            return Err(ParamError::new("rho", rho, "in [0, 0.98]"));
        }
        check_state("last", last)?;
        if let Some(&value) = covariance.iter().flatten().find(|value| value.is_nan() || value.abs() > 1.0 + 1e-6) {
            return Err(ParamError::new("covariance", value, "at most 1 in size"));
        }
        if age > LARGEST_AGE {
            return Err(ParamError::new("age", age, "at most 2^48"));
        }
        check_gap(gap)
    }
}

/// The derivatives of the curve for scale 1 by the logarithm of its scale and by its shape.
fn gradient<C: Curve>(shape: [f64; 2], t: f64) -> [f64; 3] {
    let by = |i: usize| (C::at(C::moved(shape, i, STEP), t) - C::at(C::moved(shape, i, -STEP), t)) / (2.0 * STEP);
    [C::at(shape, t), by(0), by(1)]
}

/// `long_run (J'J + long_run I)^-1`, J the derivatives at the values.
fn covariance<C: Curve>(seen: &Observed, fit: Fit, long_run: f64) -> [[f64; 3]; 3] {
    let mut a = [[0.0; 3]; 3];
    for &t in &seen.times {
        let along = gradient::<C>(fit.shape, t).map(|by| by * fit.scale);
        for i in 0..3 {
            for j in 0..3 {
                a[i][j] += along[i] * along[j];
            }
        }
    }
    // Far below what the derivatives are exact to, and enough to be inverted where the errors vanish.
    let ridge = long_run + 1e-10 * (a[0][0] + a[1][1] + a[2][2]) + f64::MIN_POSITIVE;
    (0..3).for_each(|i| a[i][i] += ridge);
    let mut inverse = [[0.0; 3]; 3];
    (0..3).for_each(|i| inverse[i][i] = long_run);
    // Gauss-Jordan; positive definite, so that no rows need to be exchanged.
    for pivot in 0..3 {
        let size = a[pivot][pivot];
        for j in 0..3 {
            a[pivot][j] /= size;
            inverse[pivot][j] /= size;
        }
        for i in (0..3).filter(|&i| i != pivot) {
            let share = a[i][pivot];
            for j in 0..3 {
                a[i][j] -= share * a[pivot][j];
                inverse[i][j] -= share * inverse[pivot][j];
            }
        }
    }
    inverse
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these results are exact")]
mod tests {
    use approx::assert_relative_eq;

    use super::super::{Bass, ExponentialDecline, Logistic};
    use super::*;
    use crate::distribution::Probability;
    use crate::error::FitError;
    use crate::numeric::normal::quantile;
    use crate::numeric::random::SplitMix64;
    use crate::series::{FittedSeries, SeriesModel};

    const HORIZON: NonZeroUsize = NonZeroUsize::new(480).unwrap();
    const FAR: NonZeroUsize = NonZeroUsize::new(12).unwrap();
    /// Up, down, and noise; a spike; zeros.
    const SERIES: [[f64; 12]; 4] = [
        [1.0, 2.0, 2.0, 5.0, 6.0, 9.0, 11.0, 10.0, 13.0, 13.0, 12.0, 14.0],
        [30.0, 22.0, 19.0, 14.0, 12.0, 9.0, 7.0, 7.0, 4.0, 3.0, 3.0, 2.0],
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 8.0, 0.0, 0.0, 0.0, 0.0],
        [5.0, 4.0, 6.0, 5.0, 3.0, 5.0, 4.0, 6.0, 5.0, 5.0, 4.0, 5.0],
    ];

    fn on_each<M: SeriesModel>(model: &M, mut judge: impl FnMut(&[f64], M::Fitted)) {
        for y in SERIES {
            for n in [5, 8, 12] {
                judge(&y[..n], model.fit(&y[..n]).unwrap());
            }
            let mut holed = y;
            (holed[0], holed[4], holed[11]) = (f64::NAN, f64::NAN, f64::NAN);
            judge(&holed, model.fit(&holed).unwrap());
        }
    }

    fn is_sound<M: SeriesModel>(model: &M) {
        on_each(model, |y, fitted| {
            let path = fitted.predict(HORIZON);
            assert!(fitted.check().is_ok(), "{y:?}: {fitted:?}");
            assert_eq!(path.len(), 480);
            for (dist, point) in path.iter().zip(fitted.points(HORIZON)) {
                let (low, high) = dist.interval(Probability::new(0.95).unwrap());
                assert!(low >= 0.0 && low <= high && high.is_finite(), "{y:?}: {dist:?}");
                assert_eq!(dist.point(), point);
            }
            // Scales that are powers of two change nothing else.
            for unit in [2.0_f64.powi(-900), 2.0_f64.powi(490)] {
                let scaled: Vec<f64> = y.iter().map(|v| v * unit).collect();
                let fitted = model.fit(&scaled).unwrap();
                assert!(fitted.check().is_ok());
                for (dist, plain) in fitted.predict(HORIZON).iter().zip(&path).take(24) {
                    assert_eq!(dist.point(), plain.point() * unit);
                    assert_relative_eq!(dist.mean() / unit, plain.mean(), max_relative = 1e-9);
                }
            }
        });
        for (value, n) in [(0.0, 5), (7.0, 9), (1e-300, 6), (1e150, 6), (5e-324, 6)] {
            let fitted = model.fit(&vec![value; n]).unwrap();
            assert!(fitted.check().is_ok());
            assert!(fitted.predict(HORIZON).iter().all(|dist| *dist == Predictive::Point(value)), "{value}");
        }
        for scale in [1e-300, 1e-320, 1e149] {
            let y: Vec<f64> = SERIES[0].iter().map(|v| v * scale / 2.0).collect();
            let fitted = model.fit(&y).unwrap();
            assert!(fitted.check().is_ok(), "{fitted:?}");
            assert!(fitted.points(HORIZON).iter().all(|point| point.is_finite()));
        }
        assert!(matches!(model.fit(&[1.0, -1.0, f64::NAN, 2.0, 3.0, 4.0]), Err(FitError::Target { position: 1, .. })));
        assert!(matches!(model.fit(&[1.0, f64::NAN, 2.0]), Err(FitError::TooShort { needed: 5, found: 2 })));
        assert!(model.fit(&[]).is_err());
        assert!(model.fit(&[1.0, 2.0, f64::INFINITY, 3.0, 4.0]).is_err());
        assert!(model.fit(&[1.0, 2.0, 1e200, 3.0, 4.0]).is_err());
    }

    #[test]
    fn forecasts_are_sound_on_hard_series() {
        is_sound(&Bass);
        is_sound(&Logistic);
        is_sound(&ExponentialDecline);
    }

    fn is_carried_on<M: SeriesModel<Fitted: PartialEq>>(model: &M) {
        let y = SERIES[0];
        let fitted = model.fit(&y).unwrap();
        let at = |fitted: &M::Fitted, steps| fitted.points(NonZeroUsize::new(steps).unwrap())[steps - 1];
        // Missing values only count as time.
        let later = fitted.updated(&[f64::NAN; 3]).unwrap();
        assert_relative_eq!(at(&later, 2), at(&fitted, 5), max_relative = 1e-12);
        let holed: Vec<f64> = y.iter().copied().chain([f64::NAN; 3]).collect();
        assert_eq!(later, model.fit(&holed).unwrap());
        // Values that the model foretold leave what it foretells.
        let path = fitted.points(FAR);
        let on = fitted.updated(&path[..4]).unwrap();
        assert_relative_eq!(at(&on, 3), path[6], max_relative = 1e-12);
        // In pieces or at once.
        let new = [20.0, f64::NAN, 3.0, f64::NAN];
        assert_eq!(fitted.updated(&new[..2]).unwrap().updated(&new[2..]), fitted.updated(&new));
        assert_eq!(fitted.updated(&[]).unwrap(), fitted);
        for wrong in [-1.0, f64::INFINITY, 1e151] {
            assert!(fitted.updated(&[1.0, wrong]).is_none());
        }
    }

    #[test]
    fn new_values_move_the_curve_on() {
        is_carried_on(&Bass);
        is_carried_on(&Logistic);
        is_carried_on(&ExponentialDecline);
    }

    #[test]
    fn what_is_read_from_outside_is_checked() {
        let seen = Observed::new(&SERIES[3]).unwrap();
        let good = Track::constant(&seen, [0.1, 0.2], 1.0);
        assert!(good.check().is_ok());
        let wrong = [
            Track { shape: [f64::NAN, 0.0], ..good },
            Track { scale: -1.0, ..good },
            Track { scale: f64::NAN, ..good },
            Track { sse: -1.0, ..good },
            Track { sigma: f64::INFINITY, ..good },
            Track { rho: 1.0, ..good },
            Track { last: 1e160, ..good },
            Track { covariance: [[0.0, f64::NAN, 0.0]; 3], ..good },
            Track { age: usize::MAX, ..good },
            Track { gap: usize::MAX, ..good },
        ];
        assert!(wrong.iter().all(|track| track.check().is_err()));
    }

    /// Shares of values within the central 80 % and 95 %, steps 1 to 12 after 48 values of a curve with AR(1) errors.
    fn coverage<M: SeriesModel>(model: &M, curve: impl Fn(f64) -> f64, rho: f64) -> [f64; 2] {
        let levels = [0.8, 0.95].map(|level| Probability::new(level).unwrap());
        let mut inside = [0; 2];
        for stream in 0..200 {
            let mut random = SplitMix64::of(11, stream);
            let mut error = 0.0;
            let y: Vec<f64> = (0..80)
                .map(|_| {
                    error = rho * error + 3.0 * (1.0 - rho * rho).sqrt() * quantile(random.unit().max(1e-12));
                    error
                })
                .skip(20)
                .zip(0..)
                .map(|(error, t)| (curve(f64::from(t)) + error).max(0.0))
                .collect();
            for (dist, value) in model.fit(&y[..48]).unwrap().predict(FAR).iter().zip(&y[48..]) {
                for (count, level) in inside.iter_mut().zip(levels) {
                    let (low, high) = dist.interval(level);
                    *count += u32::from(low <= *value && *value <= high);
                }
            }
        }
        inside.map(|count| f64::from(count) / (200.0 * 12.0))
    }

    #[test]
    fn intervals_hold_what_they_say_on_simulated_curves() {
        let bass = |t: f64| 100.0 * 0.5 * 16.0 / ((0.12 * (t - 26.0)).cosh() + 1.0) / 4.0;
        let logistic = |t: f64| 120.0 / (1.0 + (-0.12 * (t - 30.0)).exp());
        let decline = |t: f64| 150.0 * (-0.02 * t).exp();
        for rho in [0.0, 0.5, 0.8] {
            for (name, [eighty, most]) in [
                ("bass", coverage(&Bass, bass, rho)),
                ("logistic", coverage(&Logistic, logistic, rho)),
                ("exponential_decline", coverage(&ExponentialDecline, decline, rho)),
            ] {
                println!("{name}, rho {rho}: {eighty:.3} of 0.80, {most:.3} of 0.95");
                assert!((0.72..0.90).contains(&eighty), "{name}, rho {rho}: {eighty}");
                assert!((0.89..0.99).contains(&most), "{name}, rho {rho}: {most}");
            }
        }
    }
}
