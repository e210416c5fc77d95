//! Theta models: simple smoothing with a share of the line through the series.

mod fit;
mod form;
mod line;
mod search;
mod state;

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use self::fit::Core;
pub use self::form::ThetaForm;
use super::{FittedSeries, SeriesModel};
use crate::distribution::Predictive;
use crate::error::{FitError, ParamError};

/// Writes a model and its fitted type; all of them are one model with other forms to choose from.
macro_rules! theta_model {
    ($(#[$doc:meta])* $name:literal, $model:ident, $fitted:ident, $forms:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $model {
            season: NonZeroUsize,
        }

        impl $model {
            /// A model of cycles of `season` periods; 1 for a series without season.
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

        impl SeriesModel for $model {
            const NAME: &'static str = $name;
            type Fitted = $fitted;

            fn fit(&self, y: &[f64]) -> Result<$fitted, FitError> {
                fit::fit(y, self.season.get(), &$forms).map($fitted)
            }
        }

        #[doc = concat!("A fitted [`", stringify!($model), "`].")]
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub struct $fitted(Core);

        impl $fitted {
            /// Which of the theta models it is.
            #[must_use]
            pub fn form(&self) -> ThetaForm {
                self.0.form()
            }

            /// Level weight.
            #[must_use]
            pub fn alpha(&self) -> f64 {
                self.0.alpha()
            }

            /// Theta: 1 is simple smoothing, 2 takes half of the line's slope, large values all of it.
            #[must_use]
            pub fn theta(&self) -> f64 {
                self.0.theta()
            }

            /// Sum of squared one-step errors from the fourth on, of the adjusted series and in its squared units.
            #[must_use]
            pub fn sse(&self) -> f64 {
                self.0.sse()
            }

            /// The seasonal indices in the order in which they come next; empty if the series was not adjusted.
            #[must_use]
            pub fn indices(&self) -> &[f64] {
                self.0.indices()
            }

            /// Whether the seasonal indices are ratios.
            #[must_use]
            pub fn is_multiplicative(&self) -> bool {
                self.0.is_multiplicative()
            }
        }

        impl FittedSeries for $fitted {
            const NAME: &'static str = $name;

            fn predict(&self, horizon: NonZeroUsize) -> Vec<Predictive> {
                self.0.predict(horizon)
            }

            fn points(&self, horizon: NonZeroUsize) -> Vec<f64> {
                self.0.points(horizon)
            }

            fn error_weights(&self, horizon: NonZeroUsize) -> Vec<f64> {
                self.0.error_weights(horizon)
            }

            fn updated(&self, new: &[f64]) -> Option<Self> {
                self.0.updated(new).map(Self)
            }

            fn check(&self) -> Result<(), ParamError> {
                self.0.check(&$forms)
            }
        }
    };
}

theta_model! {
    /// The standard theta model, STM: simple smoothing with half of the slope of the line through the series.
    ///
    /// ```text
    /// y[t] = mu[t] + e[t]      mu[t] = l[t-1] + (1 - 1/theta) ((1-alpha)^(t-1) a + (1 - (1-alpha)^t) / alpha b)
    /// l[t] = alpha y[t] + (1 - alpha) l[t-1]      a + b t the least squares line      theta = 2
    /// sd[h]^2 = sigma^2 (1 + (h - 1) alpha^2)     sigma^2 = sum e[t]^2 / (errors - estimates)
    /// ```
    /// | Parameter | Default | Allowed | Meaning |
    /// |---|---|---|---|
    /// | `season` | none | at least 1 | periods per cycle; 1 leaves the series as it is |
    ///
    /// The series is adjusted by classical indices if the autocorrelation at lag `season` exceeds 1.645 times
    /// Bartlett's limit in at least two cycles: by ratios if all values are positive and all ratios at least 0.01,
    /// by differences otherwise. `alpha` in [0.1, 0.99] and the level before the series are those of least squared
    /// one-step errors, the first three left out as in the reference: the level is solved for, only `alpha` is
    /// searched. Forecast variance: closed form, the line and the season taken as known. Missing values: a straight
    /// line between their neighbours, whose errors do not count; leading ones are cut off. Needs 7 observations.
    /// New values move the level; line and season stay. Fit: O(iterations * n + n * season) time.
    /// Differs from statsforecast `Theta`: the minimum is exact and its level unbounded; the variance is that of the
    /// model, not a simulation in which the line moves on; seasons of 2 and 3 periods are tested too.
    /// Sources: Fiorucci, Pellegrini, Louzada, Petropoulos & Koehler (2016), "Models for optimising the theta method
    /// and their relationship to state space models", IJF 32, sections 2 and 3; Assimakopoulos & Nikolopoulos (2000),
    /// "The theta model", IJF 16; Hyndman & Billah (2003), "Unmasking the Theta method", IJF 19.
    "theta", Theta, FittedTheta, [ThetaForm::Standard]
}

theta_model! {
    /// The optimised theta model, OTM: [`Theta`] with an estimated share of the line's slope.
    ///
    /// Theta lies in [1, 1e10]: from simple smoothing to smoothing with the whole slope. For a given level weight the
    /// errors are linear in `1 - 1/theta`, so that it is solved for with the level. All else is as in [`Theta`].
    /// Source: Fiorucci et al. (2016), section 3.1.
    "optimised_theta", OptimisedTheta, FittedOptimisedTheta, [ThetaForm::Optimised]
}

theta_model! {
    /// The dynamic standard theta model, DSTM: [`Theta`] whose line is fitted anew up to each value.
    ///
    /// ```text
    /// mean[t] = ((t-1) mean[t-1] + y[t]) / t      a[t] = mean[t] - (t + 1) b[t] / 2
    /// b[t] = ((t-2) b[t-1] + 6 (y[t] - mean[t-1]) / t) / (t + 1)
    /// ```
    /// Forecasts move the line on as values do. The model is linear in the values, so its forecast variance is exact:
    /// the covariance of level, mean and slope is carried along the path. Joint paths use the weights of an error in
    /// the first period. Differs from statsforecast `DynamicTheta`: no simulation. All else is as in [`Theta`].
    /// Source: Fiorucci et al. (2016), section 3.2.
    "dynamic_theta", DynamicTheta, FittedDynamicTheta, [ThetaForm::DynamicStandard]
}

theta_model! {
    /// The dynamic optimised theta model, DOTM: [`DynamicTheta`] with an estimated theta, as in [`OptimisedTheta`].
    ///
    /// # Examples
    /// ```
    /// use std::num::NonZeroUsize;
    /// use credcast::series::{Dot, FittedSeries, SeriesModel};
    ///
    /// let y: Vec<f64> = (0..24).map(|t| 100.0 + f64::from(t) + f64::from(t % 3)).collect();
    /// let fitted = Dot::new(NonZeroUsize::MIN).fit(&y)?;
    /// let next = fitted.points(NonZeroUsize::MIN)[0];
    /// assert!(next > 121.0 && next < 128.0);
    /// # Ok::<(), credcast::Error>(())
    /// ```
    /// Source: Fiorucci et al. (2016), section 3.2.
    "dot", Dot, FittedDot, [ThetaForm::DynamicOptimised]
}

theta_model! {
    /// The theta model of least squared one-step errors among [`Theta`], [`OptimisedTheta`], [`DynamicTheta`] and
    /// [`Dot`], as statsforecast `AutoTheta` chooses.
    ///
    /// The minima are exact, so a model with an estimated theta is never worse by this measure than one with theta 2:
    /// the choice is between one line and a moving one. Where statsforecast chooses a standard model, its search for
    /// theta has stopped early. All else is as in [`Theta`].
    "auto_theta", AutoTheta, FittedAutoTheta, ThetaForm::ALL
}
