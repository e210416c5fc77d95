//! The models that the command offers by name.

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::auto::Auto;
use super::combination::Combination;
use super::on_features::{DirectOnFeatures, OnFeatures};
use super::per_series::{PerSeries, Support, Transform};
use super::points::Points;
use super::pooled_boosting::PooledBoosting;
use super::scaled::TargetForm;
use super::share_of_total::ShareOfTotal;
use super::{Fitted, Forecast, Forecaster};
use crate::error::{ParamError, PersistError, Result};
use crate::key::SeriesKey;
use crate::panel::Panel;
use crate::persist::Persist;
use crate::regression::{
    ElasticNet, HistogramBoosting, Importance, Ols, PermutationImportance, RandomForest, Regressor, Ridge,
};
use crate::series::{
    Adida, AutoArima, AutoEts, AutoTheta, Bass, BreakAware, BreakDetector, Ces, CountAutoregression, Croston,
    DampedHolt, Dot, Drift, ExponentialDecline, Imapa, Logistic, Mstl, Naive, Naive2, Sba, SeasonalNaive, SeriesModel,
    Ses, Theta, Tsb,
};
use crate::time::{Frequency, Period};

/// Writes the enums [`Model`] and [`FittedModel`] and all that only hands on to the variant.
///
/// A line needs a [`Forecaster`] with `target` whose fitted type has [`Persist`], `frequency`, `keys` and `origins`.
/// New lines go to the end: the binary form of a saved model stores the position.
macro_rules! models {
    ($($(#[$doc:meta])* $name:literal => $variant:ident($forecaster:ty),)+) => {
        /// A forecaster chosen by name.
        ///
        /// # Examples
        /// ```
        /// use credcast::forecast::Model;
        /// let yearly_cycle = 12.try_into()?;
        /// assert_eq!(Model::parse("seasonal_naive", yearly_cycle)?.name(), "seasonal_naive");
        /// assert!(Model::parse("oracle", yearly_cycle).is_err());
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Model {
            $($(#[$doc])* $variant($forecaster),)+
        }

        /// A fitted [`Model`], which can be saved and loaded without knowing which it is.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum FittedModel {
            $($(#[$doc])* $variant(<$forecaster as Forecaster>::Fitted),)+
        }

        impl Model {
            /// All names, simplest model first.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            /// The name, one of [`Model::NAMES`].
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $name,)+
                }
            }

            /// Sets the column to forecast; the first one otherwise.
            #[must_use]
            pub fn target(self, column: &str) -> Self {
                match self {
                    $(Self::$variant(forecaster) => Self::$variant(forecaster.target(column)),)+
                }
            }
        }

        impl Forecaster for Model {
            type Fitted = FittedModel;

            fn fit(&self, train: &Panel) -> Result<FittedModel> {
                Ok(match self {
                    $(Self::$variant(forecaster) => FittedModel::$variant(forecaster.fit(train)?),)+
                })
            }

            fn fit_for_points(&self, train: &Panel) -> Result<FittedModel> {
                Ok(match self {
                    $(Self::$variant(forecaster) => FittedModel::$variant(forecaster.fit_for_points(train)?),)+
                })
            }

            fn rolling(&self, train: &Panel, drops: &[usize], horizon: NonZeroUsize) -> Result<Vec<Points>> {
                match self {
                    $(Self::$variant(forecaster) => forecaster.rolling(train, drops, horizon),)+
                }
            }
        }

        impl FittedModel {
            /// The name of the model, one of [`Model::NAMES`].
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $name,)+
                }
            }

            /// The frequency of the panel that was learned from.
            #[must_use]
            pub fn frequency(&self) -> Frequency {
                match self {
                    $(Self::$variant(fitted) => fitted.frequency(),)+
                }
            }

            /// The series, in the order of the panel.
            #[must_use]
            pub fn keys(&self) -> &[SeriesKey] {
                match self {
                    $(Self::$variant(fitted) => fitted.keys(),)+
                }
            }

            /// The last period of each series.
            #[must_use]
            pub fn origins(&self) -> &[Period] {
                match self {
                    $(Self::$variant(fitted) => fitted.origins(),)+
                }
            }
        }

        impl Fitted for FittedModel {
            fn forecast(&self, horizon: NonZeroUsize) -> Result<Forecast> {
                match self {
                    $(Self::$variant(fitted) => fitted.forecast(horizon),)+
                }
            }

            fn points(&self, horizon: NonZeroUsize) -> Result<Points> {
                match self {
                    $(Self::$variant(fitted) => fitted.points(horizon),)+
                }
            }

            fn error_weights(&self, index: usize, horizon: NonZeroUsize) -> Vec<f64> {
                match self {
                    $(Self::$variant(fitted) => fitted.error_weights(index, horizon),)+
                }
            }

            fn updated(&self, new: &Panel) -> Result<Self> {
                Ok(match self {
                    $(Self::$variant(fitted) => Self::$variant(fitted.updated(new)?),)+
                })
            }

            fn forecast_with(&self, horizon: NonZeroUsize, future: &Panel) -> Result<Forecast> {
                match self {
                    $(Self::$variant(fitted) => fitted.forecast_with(horizon, future),)+
                }
            }
        }

        impl Persist for FittedModel {
            const KIND: &'static str = "forecaster";
            /// 2: the nodes of a forest know how many rows came by. Format 1 is read.
            const FORMAT: u32 = 2;

            fn revalidate(self) -> Result<Self, PersistError> {
                Ok(match self {
                    $(Self::$variant(fitted) => Self::$variant(fitted.revalidate()?),)+
                })
            }
        }
    };
}

models! {
    /// [`Naive`] for every series.
    "naive" => Naive(PerSeries<Naive>),
    /// [`SeasonalNaive`] for every series.
    "seasonal_naive" => SeasonalNaive(PerSeries<SeasonalNaive>),
    /// [`Drift`] for every series.
    "drift" => Drift(PerSeries<Drift>),
    /// [`Ses`] for every series.
    "ses" => Ses(PerSeries<Ses>),
    /// [`DampedHolt`] for every series.
    "damped_holt" => DampedHolt(PerSeries<DampedHolt>),
    /// [`Naive2`] for every series.
    "naive2" => Naive2(PerSeries<Naive2>),
    /// [`Ols`] on lags and calendar, one for all series.
    "ols" => Ols(OnFeatures<Ols>),
    /// [`ElasticNet`] on lags and calendar, one for all series.
    "elastic_net" => ElasticNet(OnFeatures<ElasticNet>),
    /// [`RandomForest`] on lags and calendar, one for all series.
    "random_forest" => RandomForest(OnFeatures<RandomForest>),
    /// [`AutoEts`] for every series.
    "auto_ets" => AutoEts(PerSeries<AutoEts>),
    /// [`Theta`] for every series.
    "theta" => Theta(PerSeries<Theta>),
    /// [`Dot`] for every series.
    "dot" => Dot(PerSeries<Dot>),
    /// [`AutoTheta`] for every series.
    "auto_theta" => AutoTheta(PerSeries<AutoTheta>),
    /// [`Mstl`] with [`DampedHolt`] for every series.
    "mstl" => Mstl(PerSeries<Mstl<DampedHolt>>),
    /// [`Croston`] for every series.
    "croston" => Croston(PerSeries<Croston>),
    /// [`Sba`] for every series.
    "sba" => Sba(PerSeries<Sba>),
    /// [`Tsb`] for every series.
    "tsb" => Tsb(PerSeries<Tsb>),
    /// [`Adida`] for every series.
    "adida" => Adida(PerSeries<Adida>),
    /// [`Imapa`] for every series.
    "imapa" => Imapa(PerSeries<Imapa>),
    /// [`PooledBoosting`], one for all series and steps.
    "pooled_boosting" => PooledBoosting(PooledBoosting),
    /// [`ShareOfTotal`]: shares and totals forecast apart.
    "share_of_total" => ShareOfTotal(ShareOfTotal),
    /// [`Combination`] of several models.
    "combination" => Combination(Combination),
    /// [`Auto`]: what suits the panel.
    "auto" => Auto(Auto),
    /// [`AutoArima`] for every series.
    "auto_arima" => AutoArima(PerSeries<AutoArima>),
    /// [`Ces`] for every series.
    "ces" => Ces(PerSeries<Ces>),
    /// [`CountAutoregression`] for every series.
    "count_ar" => CountAr(PerSeries<CountAutoregression>),
    /// [`Ridge`] on lags and calendar, one for all series.
    "ridge" => Ridge(OnFeatures<Ridge>),
    /// [`HistogramBoosting`] on lags and calendar, one for all series.
    "boosting" => Boosting(OnFeatures<HistogramBoosting>),
    /// [`Bass`] for every series.
    "bass" => Bass(PerSeries<Bass>),
    /// [`Logistic`] for every series.
    "logistic" => Logistic(PerSeries<Logistic>),
    /// [`ExponentialDecline`] for every series.
    "exponential_decline" => ExponentialDecline(PerSeries<ExponentialDecline>),
    /// [`AutoEts`] on series whose breaks are taken out, for every series.
    "break_aware" => BreakAware(PerSeries<BreakAware<AutoEts>>),
    /// [`Ridge`] on lags and calendar, one for each step, for all series.
    "ridge_direct" => RidgeDirect(DirectOnFeatures<Ridge>),
}

/// What an unknown name is answered with; a test holds it against [`Model::NAMES`].
const ALLOWED: &str = "one of naive, seasonal_naive, drift, ses, damped_holt, naive2, ols, elastic_net, random_forest, \
    auto_ets, theta, dot, auto_theta, mstl, croston, sba, tsb, adida, imapa, pooled_boosting, share_of_total, combination, auto, \
    auto_arima, ces, count_ar, ridge, boosting, bass, logistic, exponential_decline, break_aware, ridge_direct";

impl Model {
    /// Which features earn their place; see [`OnFeatures::importance`].
    ///
    /// # Errors
    /// [`ParamError`] for a model that has no features; else as there.
    pub fn importance(&self, train: &Panel, settings: PermutationImportance) -> Result<Vec<Importance>> {
        match self {
            Self::Ols(model) => model.importance(train, settings),
            Self::ElasticNet(model) => model.importance(train, settings),
            Self::RandomForest(model) => model.importance(train, settings),
            Self::Ridge(model) => model.importance(train, settings),
            Self::Boosting(model) => model.importance(train, settings),
            Self::RidgeDirect(model) => model.importance(train, settings),
            other => Err(ParamError::new("model", other.name(), "a model on features").into()),
        }
    }

    /// Adds features to the models that have some, in the forms of [`feature::parse`](crate::feature::parse); see
    /// [`OnFeatures::features`]. Other models stay as they are.
    ///
    /// # Errors
    /// [`ParamError`] for a form that is not one.
    pub fn features(self, forms: impl IntoIterator<Item = impl Into<String>>) -> Result<Self, ParamError> {
        Ok(match self {
            Self::Ols(model) => Self::Ols(model.features(forms)?),
            Self::ElasticNet(model) => Self::ElasticNet(model.features(forms)?),
            Self::RandomForest(model) => Self::RandomForest(model.features(forms)?),
            Self::Ridge(model) => Self::Ridge(model.features(forms)?),
            Self::Boosting(model) => Self::Boosting(model.features(forms)?),
            Self::RidgeDirect(model) => Self::RidgeDirect(model.features(forms)?),
            other => other,
        })
    }

    /// Tunes the models that can be for `horizon` steps: `pooled_boosting`, `share_of_total`, `combination`, `auto` and `ridge_direct`.
    /// Others stay as they are.
    #[must_use]
    pub fn horizon(self, horizon: NonZeroUsize) -> Self {
        match self {
            Self::PooledBoosting(model) => Self::PooledBoosting(model.horizon(horizon)),
            Self::ShareOfTotal(model) => Self::ShareOfTotal(model.horizon(horizon)),
            Self::Combination(model) => Self::Combination(model.horizon(horizon)),
            Self::Auto(model) => Self::Auto(model.horizon(horizon)),
            Self::RidgeDirect(model) => Self::RidgeDirect(model.horizon(horizon)),
            other => other,
        }
    }

    /// The model `name` with its defaults; models without a season ignore `season`, the periods per cycle.
    ///
    /// # Errors
    /// [`ParamError`] that lists [`Model::NAMES`] if there is no such model.
    pub fn parse(name: &str, season: NonZeroUsize) -> Result<Self, ParamError> {
        Self::with(name, season, Transform::default(), Support::default())
    }

    /// The model `name` with a transformation and a support of the values.
    ///
    /// # Errors
    /// As [`Model::parse`].
    pub fn with(name: &str, season: NonZeroUsize, transform: Transform, support: Support) -> Result<Self, ParamError> {
        fn each<M: SeriesModel>(model: M, transform: Transform, support: Support) -> PerSeries<M> {
            PerSeries::new(model).transform(transform).support(support)
        }
        fn global<R: Regressor>(regressor: R, transform: Transform, support: Support) -> OnFeatures<R> {
            let form = match transform {
                Transform::None => TargetForm::Difference,
                Transform::Log => TargetForm::LogDifference,
            };
            OnFeatures::new(regressor).form(form).support(support)
        }
        Ok(match name {
            "naive" => Self::Naive(each(Naive, transform, support)),
            "seasonal_naive" => Self::SeasonalNaive(each(SeasonalNaive::new(season), transform, support)),
            "drift" => Self::Drift(each(Drift, transform, support)),
            "ses" => Self::Ses(each(Ses::default(), transform, support)),
            "damped_holt" => Self::DampedHolt(each(DampedHolt::default(), transform, support)),
            "naive2" => Self::Naive2(each(Naive2::new(season), transform, support)),
            "ols" => Self::Ols(global(Ols, transform, support)),
            "elastic_net" => Self::ElasticNet(global(ElasticNet::params().build()?, transform, support)),
            "random_forest" => Self::RandomForest(global(RandomForest::params().build()?, transform, support)),
            "auto_ets" => Self::AutoEts(each(AutoEts::new(season), transform, support)),
            "theta" => Self::Theta(each(Theta::new(season), transform, support)),
            "dot" => Self::Dot(each(Dot::new(season), transform, support)),
            "auto_theta" => Self::AutoTheta(each(AutoTheta::new(season), transform, support)),
            "mstl" => Self::Mstl(each(Mstl::new(DampedHolt::default(), season), transform, support)),
            "croston" => Self::Croston(each(Croston::default(), transform, support)),
            "sba" => Self::Sba(each(Sba::default(), transform, support)),
            "tsb" => Self::Tsb(each(Tsb::default(), transform, support)),
            "adida" => Self::Adida(each(Adida, transform, support)),
            "imapa" => Self::Imapa(each(Imapa, transform, support)),
            "pooled_boosting" => Self::PooledBoosting(PooledBoosting::default().season(season).support(support)),
            "share_of_total" => {
                let part = |name| Self::with(name, season, Transform::None, Support::NonNegative);
                Self::ShareOfTotal(ShareOfTotal::new(part("ses")?, part("auto_theta")?).season(season))
            }
            "combination" => {
                let members = ["auto_ets", "auto_theta", "damped_holt", "naive"];
                let members = members.iter().map(|name| Self::with(name, season, transform, support));
                let members = members.collect::<Result<Vec<_>, ParamError>>()?;
                Self::Combination(Combination::new(members)?.season(season).support(support))
            }
            "auto" => Self::Auto(Auto::default().season(season).support(support)),
            "auto_arima" => Self::AutoArima(each(AutoArima::new(season), transform, support)),
            "ces" => Self::Ces(each(Ces::new(season), transform, support)),
            "count_ar" => {
                Self::CountAr(each(CountAutoregression::params().season(season).build()?, transform, support))
            }
            "ridge" => Self::Ridge(global(Ridge::params().build()?, transform, support)),
            "boosting" => Self::Boosting(global(HistogramBoosting::default(), transform, support)),
            "bass" => Self::Bass(each(Bass, transform, support)),
            "logistic" => Self::Logistic(each(Logistic, transform, support)),
            "exponential_decline" => Self::ExponentialDecline(each(ExponentialDecline, transform, support)),
            "break_aware" => {
                let detector = BreakDetector::params(season).log(transform == Transform::None).build()?;
                Self::BreakAware(each(BreakAware::new(AutoEts::new(season), detector), transform, support))
            }
            "ridge_direct" => Self::RidgeDirect(global(Ridge::params().build()?, transform, support).direct()),
            _ => return Err(ParamError::new("model", name, ALLOWED)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWELVE: NonZeroUsize = NonZeroUsize::new(12).unwrap();

    #[test]
    fn every_name_is_read_and_given_back() {
        for name in Model::NAMES {
            assert_eq!(Model::parse(name, TWELVE).unwrap().name(), *name);
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_all_names() {
        let error = Model::parse("Naive", TWELVE).unwrap_err();
        assert_eq!(error.value, "Naive");
        assert_eq!(error.allowed, format!("one of {}", Model::NAMES.join(", ")));
    }

    #[test]
    fn the_target_may_be_another_column() {
        let panel = Panel::from_series("y", [(SeriesKey::national("a"), Period::step(0), vec![1.0])]).unwrap();
        let panel = panel.with_column("z", &[5.0]).unwrap();
        for name in Model::NAMES {
            let fitted = Model::parse(name, TWELVE).unwrap().target("z").fit(&panel).unwrap();
            assert_eq!(fitted.forecast(TWELVE).unwrap().path(0)[0].point().to_string(), "5");
        }
    }

    #[test]
    fn names_are_those_of_the_series_models() {
        let names = [Naive::NAME, SeasonalNaive::NAME, Drift::NAME, Ses::NAME, DampedHolt::NAME, Naive2::NAME];
        assert!(names.iter().all(|name| Model::NAMES.contains(name)));
    }
}
