use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::naive::{FittedNaive, Naive};
use super::{FittedSeries, SeriesModel, adjusted, check_state, count_present, present};
use crate::distribution::Predictive;
use crate::error::{FitError, ParamError};

/// Two-sided 90 % point of the normal distribution as rounded in the M4 code, `SeasonalityTest`.
const TEST_90: f64 = 1.645;

/// [`Naive`] on the seasonally adjusted series, the benchmark of the M competitions.
///
/// ```text
/// seasonal if |r[m]| > 1.645 sqrt((1 + 2 (r[1]^2 + ... + r[m-1]^2)) / n)    r[k] autocorrelation at lag k
/// s = classical multiplicative indices, mean 1     forecast[h] = s[h] y[n] / s[n]     sd[h] = s[h] sigma sqrt(h)
/// ```
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `season` | none | at least 1 | periods per cycle, `m` above; 1 equals [`Naive`] |
///
/// Not adjusted, and so equal to [`Naive`]: a series with a value of 0 or below (indices are ratios), with fewer than
/// three cycles, that fails the test, or that lacks one season altogether. Forecast variance: closed form, the indices
/// taken as known. Missing values: left out of the autocorrelations; a moving average with a missing value is missing;
/// otherwise as in [`Naive`]. Needs 1 observation. Fit: O(n * season) time, one copy of the series.
/// Differs from the M4 code: lags beyond `10 log10 n`, which its `acf` leaves out, are tested too.
/// Sources: Makridakis, Spiliotis & Assimakopoulos (2020), "The M4 Competition", IJF 36, app. A and its published
/// code; the test after Assimakopoulos & Nikolopoulos (2000), "The theta model", IJF 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Naive2 {
    season: NonZeroUsize,
}

impl Naive2 {
    /// A model of cycles of `season` periods.
    #[must_use]
    pub fn new(season: NonZeroUsize) -> Self {
        Self { season }
    }

    /// Periods per cycle.
    #[must_use]
    pub fn season(&self) -> NonZeroUsize {
        self.season
    }
}

/// A fitted [`Naive2`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedNaive2 {
    naive: FittedNaive,
    /// The seasons in the order in which they come next; empty if the series was not adjusted.
    indices: Vec<f64>,
}

impl SeriesModel for Naive2 {
    const NAME: &'static str = "naive2";
    type Fitted = FittedNaive2;

    fn fit(&self, y: &[f64]) -> Result<FittedNaive2, FitError> {
        count_present(y, 1)?;
        let m = self.season.get();
        let Some(indices) = seasonal_indices(y, m) else {
            return Ok(FittedNaive2 { naive: Naive.fit(y)?, indices: Vec::new() });
        };
        let adjusted: Vec<f64> = y.iter().zip(indices.iter().cycle()).map(|(value, index)| value / index).collect();
        let next = (0..m).map(|step| indices[(y.len() + step) % m]).collect();
        Ok(FittedNaive2 { naive: Naive.fit(&adjusted)?, indices: next })
    }
}

/// The indices by position modulo `m`; `None` where the series is not to be adjusted.
fn seasonal_indices(y: &[f64], m: usize) -> Option<Vec<f64>> {
    let positive = present(y).all(|(_, value)| value > 0.0);
    if m < 2 || !positive || y.len() / 3 < m || !adjusted::is_seasonal(y, m, TEST_90) {
        return None;
    }
    adjusted::indices(y, m, adjusted::Kind::Multiplicative)
}

impl FittedNaive2 {
    /// The seasonal indices in the order in which they come next; empty if the series was not adjusted.
    #[must_use]
    pub fn indices(&self) -> &[f64] {
        &self.indices
    }
}

impl FittedSeries for FittedNaive2 {
    const NAME: &'static str = Naive2::NAME;

    fn predict(&self, horizon: NonZeroUsize) -> Vec<Predictive> {
        let mut path = self.naive.predict(horizon);
        for (dist, &index) in path.iter_mut().zip(self.indices.iter().cycle()) {
            *dist = dist.affine(0.0, index);
        }
        path
    }

    fn updated(&self, new: &[f64]) -> Option<Self> {
        let m = self.indices.len();
        if m == 0 {
            return Some(Self { naive: self.naive.updated(new)?, indices: Vec::new() });
        }
        let adjusted: Vec<f64> =
            new.iter().zip(self.indices.iter().cycle()).map(|(value, index)| value / index).collect();
        let mut indices = self.indices.clone();
        indices.rotate_left(new.len() % m);
        Some(Self { naive: self.naive.updated(&adjusted)?, indices })
    }

    fn check(&self) -> Result<(), ParamError> {
        let Self { naive, indices } = self;
        naive.check()?;
        for &index in indices {
            check_state("index", index)?;
            if index <= 0.0 {
                return Err(ParamError::new("index", index, "positive"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    const EIGHT: NonZeroUsize = NonZeroUsize::new(8).unwrap();

    fn model(season: usize) -> Naive2 {
        Naive2::new(NonZeroUsize::new(season).unwrap())
    }

    /// A growing series times exact indices.
    fn seasonal(n: u32) -> Vec<f64> {
        let indices = [0.8, 1.1, 1.3, 0.8];
        (0..n).map(|t| 100.0 * indices[t as usize % 4]).collect()
    }

    #[test]
    fn exact_indices_are_found_and_repeated() {
        let fitted = model(4).fit(&seasonal(22)).unwrap();
        for (found, expected) in fitted.indices().iter().zip([1.3, 0.8, 0.8, 1.1]) {
            assert_relative_eq!(*found, expected, max_relative = 1e-12);
        }
        for (dist, expected) in fitted.predict(EIGHT).iter().zip([130.0, 80.0, 80.0, 110.0].iter().cycle()) {
            assert_relative_eq!(dist.point(), *expected, max_relative = 1e-12);
        }
    }

    #[test]
    fn a_series_that_cannot_be_adjusted_is_naive() {
        let mut with_zero = seasonal(24);
        with_zero[3] = 0.0;
        let flat = vec![5.0; 24];
        let line: Vec<f64> = (1..30).map(f64::from).collect();
        for (season, y) in [(4, with_zero), (4, flat), (12, line), (1, seasonal(24)), (4, seasonal(11))] {
            let fitted = model(season).fit(&y).unwrap();
            assert!(fitted.indices().is_empty(), "{y:?}");
            assert_eq!(fitted.predict(EIGHT), Naive.fit(&y).unwrap().predict(EIGHT));
        }
        assert!(model(usize::MAX).fit(&seasonal(24)).unwrap().indices().is_empty());
    }

    #[test]
    fn missing_values_leave_exact_indices_exact() {
        let mut y = seasonal(30);
        y[9] = f64::NAN;
        y[29] = f64::NAN;
        let fitted = model(4).fit(&y).unwrap();
        assert_relative_eq!(fitted.predict(EIGHT)[0].point(), 130.0, max_relative = 1e-12);
    }

    #[test]
    fn states_that_fit_never_makes_are_refused() {
        let fitted = model(4).fit(&seasonal(22)).unwrap();
        assert!(fitted.check().is_ok());
        for index in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(FittedNaive2 { indices: vec![index], ..fitted.clone() }.check().is_err());
        }
    }
}
