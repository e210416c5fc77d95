//! Values that came after the fit: the series move on, the regression stays.

use super::fitted::{FittedOnFeatures, State};
use super::recipe::ends_together;
use crate::error::Result;
use crate::forecast::update::{moved, must_be_fitted_again, same_frequency, values_after};
use crate::panel::Panel;
use crate::series::FittedSeries;

impl<F> FittedOnFeatures<F> {
    /// The series after `new`, the regression as it is.
    pub(super) fn moved_on(mut self, new: &Panel) -> Result<Self> {
        same_frequency(new, self.frequency())?;
        let memory = self.core.as_ref().and_then(|core| core.pipeline.memory()).unwrap_or(0);
        for ((key, origin), state) in self.keys.iter().zip(&mut self.origins).zip(&mut self.states) {
            let values = values_after(new, key, *origin)?;
            let next = match &*state {
                State::Scaled(scaled) => scaled.updated(&values, self.form, memory).map(State::Scaled),
                State::Naive(naive) => naive.updated(&values).map(State::Naive),
            };
            *state = next.ok_or_else(|| must_be_fitted_again(&self.regressor))?;
            *origin = moved(*origin, values.len());
        }
        if let Some(core) = &self.core {
            ends_together(&core.pipeline, self.keys.iter().zip(self.origins.iter().copied()))?;
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use crate::forecast::{Fitted, Forecaster, OnFeatures};
    use crate::regression::Ols;
    use crate::{Panel, Period, SeriesKey};
    use std::num::NonZeroUsize;

    const SIX: NonZeroUsize = NonZeroUsize::new(6).unwrap();

    fn panel(from: u16, to: u16) -> Panel {
        let value = |i: u32, t: u32| 50.0 + f64::from((i + 3) * t + t * (7 + i) * 7919 % 101);
        let one = |i: u32| {
            let values = (from..to).map(|t| value(i, t.into())).collect();
            (SeriesKey::national(format!("s{i}")), Period::month(2015, 1).unwrap().plus(from.into()), values)
        };
        Panel::from_series("y", (0..5).map(one)).unwrap()
    }

    #[test]
    fn values_in_two_parts_lead_where_all_at_once_do() {
        let fitted = OnFeatures::new(Ols).fit(&panel(0, 80)).unwrap();
        let at_once = fitted.updated(&panel(80, 90)).unwrap();
        let in_parts = fitted.updated(&panel(80, 83)).unwrap().updated(&panel(83, 90)).unwrap();
        assert_eq!(at_once, in_parts);
        assert_eq!(at_once.origins()[0], Period::month(2015, 1).unwrap().plus(89));
        // Forecast from the new origin: the regression was fitted to the first 80 values, the lags are the last ones.
        let own = fitted.forecast(SIX).unwrap().path(0)[0].point();
        let moved = at_once.forecast(SIX).unwrap().path(0)[0].point();
        assert!((moved - own - 30.0).abs() < 60.0 && (moved - own).abs() > 1.0, "{own} {moved}");
        // Another fit sees the same tail of the series: where its coefficients are put in, forecasts agree.
        let again = OnFeatures::new(Ols).fit(&panel(0, 90)).unwrap();
        let grafted = super::FittedOnFeatures { core: at_once.core.clone(), widths: at_once.widths.clone(), ..again };
        for index in 0..5 {
            let (a, b) = (at_once.forecast(SIX).unwrap(), grafted.forecast(SIX).unwrap());
            assert!((a.path(index)[5].point() / b.path(index)[5].point() - 1.0).abs() < 0.05);
        }
    }

    #[test]
    fn a_missing_new_value_asks_for_another_fit() {
        let fitted = OnFeatures::new(Ols).fit(&panel(0, 80)).unwrap();
        let gap = panel(82, 85);
        assert!(fitted.updated(&gap).unwrap_err().to_string().contains("fit it again"));
        assert_eq!(fitted.updated(&panel(0, 80)).unwrap(), fitted);
    }
}
