use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::super::{FittedSeries, SeriesModel};
use super::aggregated::{Periods, Rate, Smoothed};
use super::check_demands;
use crate::distribution::Predictive;
use crate::error::{FitError, ParamError};

/// The mean of [`Adida`](super::Adida)'s forecasts over all lengths of blocks up to the mean interval between demands.
///
/// ```text
/// K = mean interval between demands, rounded      rate = mean over k = 1..K of L[k] / k,  L[k] as in ADIDA
/// ```
/// No parameters: each length has the weight in [0.1, 0.3] of least squared one-step errors of its sums.
///
/// Distribution: as for [`Adida`](super::Adida), with the means over the lengths of `s` and of `alpha^2 / k` (the
/// weights of a mean of forecasts add up to less, so the first is slightly too large). Missing values, refusals and
/// needs as there. Fit: O(iterations * n log K) time, three copies of the series; cannot be carried on.
/// Source: Petropoulos & Kourentzes (2015), "Forecast combinations for intermittent demand", Journal of the Operational
/// Research Society 66, 914-924.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imapa;

/// A fitted [`Imapa`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedImapa {
    levels: usize,
    rate: Rate,
}

impl SeriesModel for Imapa {
    const NAME: &'static str = "imapa";
    type Fitted = FittedImapa;

    fn fit(&self, y: &[f64]) -> Result<FittedImapa, FitError> {
        check_demands(y)?;
        let periods = Periods::new(y);
        let levels = periods.level();
        let mut blocks = Vec::new();
        let (mut rates, mut squares, mut drifts) = (0.0, 0.0, 0.0);
        for level in 1..=levels {
            let Smoothed { weight, rate, squared_weights } = periods.smoothed(level, &mut blocks);
            rates += rate;
            squares += squared_weights;
            drifts += weight * weight / level as f64;
        }
        let mean = |sum: f64| sum / levels as f64;
        Ok(FittedImapa { levels, rate: Rate::new(y, &periods, mean(rates), mean(squares), mean(drifts)) })
    }
}

impl FittedImapa {
    /// Demand to expect per period.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.rate.get()
    }

    /// Lengths of blocks, from 1 to this.
    #[must_use]
    pub fn levels(&self) -> usize {
        self.levels
    }
}

impl FittedSeries for FittedImapa {
    const NAME: &'static str = Imapa::NAME;

    fn predict(&self, horizon: NonZeroUsize) -> Vec<Predictive> {
        self.rate.predict(horizon)
    }

    /// 1, then the root of the mean of `alpha^2 / k`: an approximation.
    fn error_weights(&self, horizon: NonZeroUsize) -> Vec<f64> {
        self.rate.error_weights(horizon)
    }

    fn check(&self) -> Result<(), ParamError> {
        let Self { levels, rate } = self;
        if *levels == 0 {
            return Err(ParamError::new("levels", levels, "at least 1"));
        }
        rate.check()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Adida;
    use super::*;

    const TWO: NonZeroUsize = NonZeroUsize::new(2).unwrap();

    #[test]
    fn one_length_is_adida() {
        let y = [2.0, 3.0, 1.0, 5.0, 4.0];
        let fitted = Imapa.fit(&y).unwrap();
        assert_eq!((fitted.levels(), fitted.rate()), (1, Adida.fit(&y).unwrap().rate()));
        assert_eq!(fitted.predict(TWO), Adida.fit(&y).unwrap().predict(TWO));
    }

    #[test]
    fn two_lengths_are_averaged() {
        // Lengths 1 and 2. Level 1: 0, 4, 0, 4 with weight w: the least errors are at 0.3: 0, 1.2, 0.84, 1.788.
        // Length 2: sums 4, 4.
        let fitted = Imapa.fit(&[0.0, 4.0, 0.0, 4.0]).unwrap();
        assert_eq!(fitted.levels(), 2);
        assert!((fitted.rate() - f64::midpoint(1.788, 2.0)).abs() < 1e-6, "{}", fitted.rate());
    }

    #[test]
    fn degenerate_series_have_an_answer() {
        assert_eq!(Imapa.fit(&[0.0; 4]).unwrap().predict(TWO), vec![Predictive::Point(0.0); 2]);
        assert_eq!(Imapa.fit(&[0.1; 40]).unwrap().predict(TWO), vec![Predictive::Point(0.1); 2]);
        assert_eq!(Imapa.fit(&[7.0]).unwrap().predict(TWO), vec![Predictive::Point(7.0); 2]);
        assert!(Imapa.fit(&[f64::NAN]).is_err() && Imapa.fit(&[1.0, -1.0]).is_err());
        let mut late = vec![0.0; 3000];
        late.push(5.0);
        let fitted = Imapa.fit(&late).unwrap();
        assert!(fitted.levels() == 3001 && fitted.rate() > 0.0 && fitted.check().is_ok());
    }
}
