//! What a user gets without choosing.

use std::num::NonZeroUsize;

use super::combination::{Combination, CombinationRule, FittedCombination};
use super::model::Model;
use super::on_features::OnFeatures;
use super::origins::{default_horizon, settled};
use super::per_series::{PerSeries, Support, Transform};
use super::points::Points;
use super::pooled_boosting::PooledBoosting;
use super::share_of_total::ShareOfTotal;
use super::target::column_of;
use super::{Forecaster, cycle};
use crate::error::{ParamError, Result};
use crate::panel::Panel;
use crate::regression::Ols;
use crate::series::{AutoTheta, DampedHolt, Naive, SeasonalNaive, Ses};

/// The default forecaster: members that suit the panel, weighed by what they got right inside the training span.
///
/// | member | when | prior, short history | prior, long history |
/// |---|---|---|---|
/// | naive, damped Holt, `break_aware` (`auto_ets` without breaks), `auto_theta`, `ols`, `pooled_boosting` | always | 1, 2, 2, 0.1, 1, 0.2 | 0.25, 0.5, 1, 0.5, 0.5, 3 |
/// | seasonal naive | with a season | 0.02 | 0.25 |
/// | shares by boosting or simple smoothing, times a total by the mean of damped Holt, `break_aware` and naive | from 8 series on | 0.1 each | 0.5 each |
/// | the same shares times last season's total | from 8 series on, with a season | 0.05 each | 0.25 each |
///
/// The prior is a geometric mean of the two columns: with room for `n` horizons in the median series, the long history has the weight
/// `n / (n + 10)`. What holds on average (naive, damped, exponential smoothing) leads until a panel has seen enough turns to tell what else
/// works.
///
/// They become one [`Combination`] ([`CombinationRule::StackedBySeries`]); [`Auto::combination`] gives it unfitted, and
/// [`FittedCombination::left_out`] names the members that a panel does not admit. Chosen on back-tests inside training spans of weekly
/// competition data, skill demand, employment and state postings; what each part is worth there is shown by `cargo test --release --test
/// forecast ablation -- --ignored --nocapture`. Where all series move as one and have seen few turns (state postings, 12 months ahead) it was
/// hardly better than naive there, with wider intervals.
///
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `season` | the usual one of the frequency; found in the data for numbered positions | at least 1 | periods per cycle; 1 counts as not given for numbered positions |
/// | `horizon` | a season, at most 60; 12 without one | at least 1 | what it is tuned for; any can be asked for |
/// | `support` | [`Support::FromData`] | | which values can happen |
/// | `seed` | 0 | any | of the rows that boosting learns from |
///
/// Cost: that of the combination; two boostings, each for the back-tests and for the forecast, and the forms of `break_aware` are most of it.
///
/// # Examples
/// ```
/// use credcast::{forecast::Auto, prelude::*};
/// let start = Period::month(2022, 1).ok_or("no such month")?;
/// let postings = (0..36).map(|t| f64::from(100 + t + 10 * (t % 12))).collect();
/// let panel = Panel::from_series("postings", [(SeriesKey::national("welder"), start, postings)])?;
/// let fitted = Auto::default().horizon(6.try_into()?).fit(&panel)?;
/// assert!(fitted.forecast(6.try_into()?)?.path(0)[0].point() > 90.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Auto {
    target: Option<String>,
    season: Option<NonZeroUsize>,
    horizon: Option<NonZeroUsize>,
    support: Support,
    seed: u64,
}

/// Fewest series whose total says something about each.
const FEWEST_OF_A_TOTAL: usize = 8;

impl Auto {
    /// Sets the column to forecast; the first one otherwise.
    #[must_use]
    pub fn target(mut self, column: impl Into<String>) -> Self {
        self.target = Some(column.into());
        self
    }

    /// Sets the periods per cycle.
    #[must_use]
    pub fn season(mut self, season: NonZeroUsize) -> Self {
        self.season = Some(season);
        self
    }

    /// Sets the horizon that it is tuned for.
    #[must_use]
    pub fn horizon(mut self, horizon: NonZeroUsize) -> Self {
        self.horizon = Some(horizon);
        self
    }

    /// Sets which values can happen.
    #[must_use]
    pub fn support(mut self, support: Support) -> Self {
        self.support = support;
        self
    }

    /// Sets the seed.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The combination that suits `train`.
    ///
    /// # Errors
    /// As [`Forecaster::fit`].
    pub fn combination(&self, train: &Panel) -> Result<Combination> {
        let column = column_of(train, self.target.as_deref())?;
        let season = cycle::season(train, column, self.season);
        let horizon = self.horizon;
        let support = self.support;
        let boosting = |support: Support| {
            let boosting = PooledBoosting::default().season(season).support(support).seed(self.seed);
            Model::PooledBoosting(horizon.into_iter().fold(boosting, PooledBoosting::horizon))
        };
        let theta = |support| Model::AutoTheta(PerSeries::new(AutoTheta::new(season)).support(support));
        let damped = |support| Model::DampedHolt(PerSeries::new(DampedHolt::default()).support(support));
        let ses = |support| Model::Ses(PerSeries::new(Ses::default()).support(support));
        let seasonal = |support| Model::SeasonalNaive(PerSeries::new(SeasonalNaive::new(season)).support(support));
        let naive = |support| Model::Naive(PerSeries::new(Naive).support(support));
        let ets = |support| Model::with("break_aware", season, Transform::None, support);
        let ols = |support| Model::Ols(OnFeatures::new(Ols).support(support));
        // Each with its weight before anything was learned: on a short history, and on a long one.
        let mut members = vec![
            (naive(support), 1.0, 0.25),
            (damped(support), 2.0, 0.5),
            (ets(support)?, 2.0, 1.0),
            (theta(support), 0.1, 0.5),
            (ols(support), 1.0, 0.5),
            (boosting(support), 0.2, 3.0),
        ];
        if season.get() > 1 {
            members.push((seasonal(support), 0.02, 0.25));
        }
        if train.n_series() >= FEWEST_OF_A_TOTAL {
            let positive = Support::NonNegative;
            let total = || -> Result<Model, ParamError> {
                let members = vec![damped(positive), ets(positive)?, naive(positive)];
                Ok(Model::Combination(self.tuned(Combination::new(members)?.weighting(CombinationRule::Mean), season)))
            };
            let mut share = |shares: Model, totals: Model, short: f64, long: f64| {
                let share = ShareOfTotal::new(shares, totals).season(season);
                members.push((
                    Model::ShareOfTotal(horizon.into_iter().fold(share, ShareOfTotal::horizon)),
                    short,
                    long,
                ));
            };
            share(boosting(positive), total()?, 0.1, 0.5);
            share(ses(positive), total()?, 0.1, 0.5);
            if season.get() > 1 {
                share(boosting(positive), seasonal(positive), 0.05, 0.25);
                share(ses(positive), seasonal(positive), 0.05, 0.25);
            }
        }
        let values: Vec<&[f64]> = train.iter().map(|series| series.values(column)).collect();
        let trust = settled(&values, horizon.unwrap_or_else(|| default_horizon(season.get())));
        let prior = members.iter().map(|(_, short, long)| long.powf(trust) * short.powf(1.0 - trust)).collect();
        let members = members.into_iter().map(|(member, ..)| member).collect();
        let combination = self.tuned(Combination::new(members)?.prior(prior)?.support(support), season);
        Ok(match &self.target {
            Some(target) => combination.target(target),
            None => combination,
        })
    }

    fn tuned(&self, combination: Combination, season: NonZeroUsize) -> Combination {
        self.horizon.into_iter().fold(combination.season(season), Combination::horizon)
    }
}

impl Forecaster for Auto {
    type Fitted = FittedCombination;

    /// # Errors
    /// [`DataError::Empty`](crate::DataError::Empty) for a panel without series, [`DataError::UnknownColumn`](crate::DataError::UnknownColumn), and
    /// [`DataError::Series`](crate::DataError::Series) with the smallest key of a series without any value, or with one that is infinite or larger
    /// than 1e150 in size.
    fn fit(&self, train: &Panel) -> Result<FittedCombination> {
        self.combination(train)?.fit(train)
    }

    fn fit_for_points(&self, train: &Panel) -> Result<FittedCombination> {
        self.combination(train)?.fit_for_points(train)
    }

    /// The members, the season and the prior are those of the values before the first of `drops`.
    fn rolling(&self, train: &Panel, drops: &[usize], horizon: NonZeroUsize) -> Result<Vec<Points>> {
        let known = train.without_last(drops.first().copied().unwrap_or(0));
        let known = if known.n_series() == 0 { train } else { &known };
        self.combination(known)?.rolling(train, drops, horizon)
    }
}
