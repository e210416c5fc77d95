//! Several models, one forecast.

mod by_features;
mod together;
mod weights;

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use self::weights::{Learned, Trial, normalised};
use super::checks::{check_series, one_each};
use super::conformal::{Conformal, volatility};
use super::model::{FittedModel, Model};
use super::origins::{default_horizon, drops, settled, usual_errors};
use super::per_series::Support;
use super::points::Points;
use super::target::column_of;
use super::{Fitted, Forecast, Forecaster};
use crate::error::{DataError, ParamError, PersistError, Result};
use crate::key::SeriesKey;
use crate::numeric::quantile;
use crate::panel::Panel;
use crate::persist::Persist;
use crate::time::{Frequency, Period};

/// How the forecasts of several members become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CombinationRule {
    /// The mean, by the prior weights.
    Mean,
    /// The median.
    Median,
    /// The mean without the largest and the smallest, from four members on.
    Trimmed,
    /// Weights by the inverse of the squared mean absolute error (Bates & Granger 1969, without correlations).
    InverseError,
    /// The member with the smallest error alone.
    Best,
    /// The weights whose combination would have had the smallest absolute error, the same for all series.
    Stacked,
    /// Those, leaning for each series towards what forecast it well.
    #[default]
    StackedBySeries,
    /// Weights by the inverse of the squared relative error that the statistics of a series
    /// ([`SummaryExtractor`](crate::feature::SummaryExtractor)) let one expect of each member, learned over all series (after
    /// Montero-Manso et al. 2020).
    ByFeatures,
}

impl CombinationRule {
    /// Whether it learns weights from back-tests.
    fn learns(self) -> bool {
        !matches!(self, Self::Mean | Self::Median | Self::Trimmed)
    }
}

/// A combination of models, weighted by what they got right inside the training span.
///
/// ```text
/// forecast[i,h] = sum w[i,m] forecast[m,i,h]      w >= 0, adding up to 1 over the members m
/// ```
/// Every member forecasts from up to four origins in the second half of the span ([`Forecaster::rolling`]). Its errors, each step in units
/// of the usual error of that step and of the recent changes of the series, decide weights; see [`CombinationRule`]. For
/// `StackedBySeries` the weight of member m in series i is `w[m] / (e[i,m] / E[i,m])^2`, with `e` its mean error in that series,
/// `E` what the pool would lead one to expect, and `e` shrunk towards `E` by as much as four paths weigh. For `ByFeatures` it is
/// `prior[m] / r[i,m]^2`, with `r` the error of m relative to the middle member that a boosting on the 62 statistics of a series predicts,
/// or its mean with fewer than 40 paths.
///
/// The distribution: errors of the combination at those origins, weights of a series learned at its *other* origins; pooled over series
/// in units of each series' recent changes and, shrunk, of its own errors.
///
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `members` | none | at least one | what is combined; [`Model::target`] of each must be the same |
/// | `prior` | equal | at least 0 | weights where nothing was learned; `Mean` uses them too |
/// | `weighting` | [`CombinationRule::StackedBySeries`] | | |
/// | `season` | the usual one of the frequency | at least 1 | sets the memory of the scale |
/// | `horizon` | a season, 12 without one, at most 60 | at least 1 | longest step that is tested |
/// | `support` | [`Support::FromData`] | | which values can happen |
///
/// A member that cannot be fitted to the panel at all is left out, and [`FittedCombination::left_out`] says why; one that has no
/// forecast for a series gives its weight there to the others. Where a member falls back to a simpler model for a series, that forecast is
/// weighed like any other and not reported. Members whose weight is below 2 % in the pool are not fitted.
/// Cost: `rolling` and a fit for each member, in parallel, once where several multiply the same shares
/// ([`ShareOfTotal`](super::ShareOfTotal)); for `ByFeatures` also the statistics, O(n^2) for a series of n values and each origin.
/// Sources: Bates & Granger (1969), "The combination of forecasts", OR Quarterly 20; Montero-Manso, Athanasopoulos, Hyndman & Talagala (2020),
/// "FFORMA", IJF 36, for learning weights across series.
#[derive(Clone, Debug, PartialEq)]
pub struct Combination {
    members: Vec<Model>,
    weighting: CombinationRule,
    prior: Vec<f64>,
    target: Option<String>,
    season: Option<NonZeroUsize>,
    horizon: Option<NonZeroUsize>,
    support: Support,
}

impl Combination {
    /// A combination of `members`.
    ///
    /// # Errors
    /// [`ParamError`] if there is none.
    pub fn new(members: Vec<Model>) -> Result<Self, ParamError> {
        if members.is_empty() {
            return Err(ParamError::new("members", 0, "at least one model"));
        }
        Ok(Self {
            prior: vec![1.0; members.len()],
            members,
            weighting: CombinationRule::default(),
            target: None,
            season: None,
            horizon: None,
            support: Support::default(),
        })
    }

    /// Sets how weights are found.
    #[must_use]
    pub fn weighting(mut self, weighting: CombinationRule) -> Self {
        self.weighting = weighting;
        self
    }

    /// Sets the weights to start from, one for each member and in any unit: stacked weights stay near them where errors are few,
    /// or the same in all series, or the history has room for few horizons.
    ///
    /// # Errors
    /// [`ParamError`] for another number of weights, one that is negative or not finite, or none above 0.
    pub fn prior(mut self, weights: Vec<f64>) -> Result<Self, ParamError> {
        let legal = weights.len() == self.members.len()
            && weights.iter().all(|w| *w >= 0.0 && w.is_finite())
            && weights.iter().any(|w| *w > 0.0);
        if !legal {
            return Err(ParamError::new(
                "prior",
                format!("{weights:?}"),
                "one for each member, at least 0, one above 0",
            ));
        }
        self.prior = weights;
        Ok(self)
    }

    /// Sets the column to forecast, of the members too.
    #[must_use]
    pub fn target(mut self, column: impl Into<String>) -> Self {
        let column = column.into();
        self.members = self.members.into_iter().map(|member| member.target(&column)).collect();
        self.target = Some(column);
        self
    }

    /// Sets the periods per cycle.
    #[must_use]
    pub fn season(mut self, season: NonZeroUsize) -> Self {
        self.season = Some(season);
        self
    }

    /// Sets the longest step that is tested.
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

    /// The members, in the order given.
    #[must_use]
    pub fn members(&self) -> &[Model] {
        &self.members
    }

    /// The weight of each member before anything was learned, as it was given.
    #[must_use]
    pub fn prior_weights(&self) -> &[f64] {
        &self.prior
    }

    fn season_of(&self, frequency: Frequency) -> usize {
        self.season.map_or(frequency.season(), NonZeroUsize::get)
    }

    fn steps(&self, season: usize) -> NonZeroUsize {
        self.horizon.unwrap_or_else(|| default_horizon(season))
    }

    /// What the past of `train` says about the members.
    fn test(&self, train: &Panel, values: &[&[f64]]) -> Tested {
        let season = self.season_of(train.frequency());
        let steps = self.steps(season);
        let dropped = drops(values, steps);
        let (rolled, left_out) = self.roll(train, &dropped, steps);
        let trials = trials(values, season, &dropped, &rolled, steps);
        let learned = Learned::new(self.weighting, &self.prior, &dropped, steps, &trials, settled(values, steps));
        let learned = match self.weighting {
            CombinationRule::ByFeatures => learned.with_features(values, season, &dropped, &self.prior),
            _ => learned,
        };
        Tested { drops: dropped, rolled, left_out, learned }
    }

    /// The prior weights, where the rule asks for no others.
    fn untested(&self) -> Tested {
        let learned = Learned::new(self.weighting, &self.prior, &[], NonZeroUsize::MIN, &[], 0.0);
        Tested { drops: Vec::new(), rolled: vec![Vec::new(); self.members.len()], left_out: Vec::new(), learned }
    }

    /// What every member forecasts from each of `drops`, and why some do not.
    fn roll(&self, train: &Panel, drops: &[usize], steps: NonZeroUsize) -> (Vec<Vec<Points>>, Vec<LeftOut>) {
        let (mut rolled, mut left_out) = (Vec::new(), Vec::new());
        let members: Vec<&Model> = self.members.iter().collect();
        for (member, found) in members.iter().zip(together::roll(&members, train, drops, steps)) {
            match found {
                Ok(points) => rolled.push(points),
                Err(error) => {
                    left_out.push(LeftOut { model: member.name().into(), reason: error.to_string() });
                    rolled.push(Vec::new());
                }
            }
        }
        (rolled, left_out)
    }

    /// The combination of what the members forecast of `values` from each of `drops`, by weights that depend on series and origin.
    fn blend(
        &self,
        values: &[&[f64]],
        drops: &[usize],
        rolled: &[Vec<Points>],
        steps: NonZeroUsize,
        weights: impl Fn(usize, usize) -> Vec<f64>,
    ) -> Vec<Points> {
        let missing = vec![f64::NAN; steps.get()];
        let mut all = vec![Points::missing(values.len(), steps); drops.len()];
        for (origin, (points, drop)) in all.iter_mut().zip(drops).enumerate() {
            for (index, y) in values.iter().enumerate() {
                let paths: Vec<&[f64]> =
                    rolled.iter().map(|r| r.get(origin).map_or(&missing[..], |points| points.path(index))).collect();
                let out = points.path_mut(index);
                combine(self.weighting, &weights(index, origin), &paths, out);
                if self.support.rectifies(&y[..y.len().saturating_sub(*drop)]) {
                    out.iter_mut().for_each(|v| *v = v.max(0.0));
                }
            }
        }
        all
    }

    /// Fits the members that have a weight.
    fn fit_members(
        &self,
        train: &Panel,
        values: &[&[f64]],
        tested: Tested,
        conformal: Conformal,
    ) -> Result<FittedCombination> {
        let Tested { drops, rolled, mut left_out, learned } = tested;
        let mut members = Vec::new();
        let mut kept = Vec::new();
        let failed = |place: usize| rolled[place].is_empty() && !drops.is_empty();
        let wanted: Vec<usize> =
            (0..self.members.len()).filter(|&place| learned.pooled[place] > 0.0 && !failed(place)).collect();
        let models: Vec<&Model> = wanted.iter().map(|&place| &self.members[place]).collect();
        for ((place, member), found) in wanted.into_iter().zip(&models).zip(together::fit(&models, train)) {
            match found {
                Ok(fitted) => {
                    members.push(fitted);
                    kept.push(place);
                }
                Err(error) => left_out.push(LeftOut { model: member.name().into(), reason: error.to_string() }),
            }
        }
        if members.is_empty() {
            let reasons: Vec<String> = left_out.iter().map(|left| format!("{}: {}", left.model, left.reason)).collect();
            let what = format!("the combination: no member can be fitted ({})", reasons.join("; "));
            return Err(DataError::Empty { what }.into());
        }
        let of = |index: usize| {
            let all = learned.of(index, None);
            normalised(kept.iter().map(|&place| all[place]).collect())
        };
        Ok(FittedCombination {
            frequency: train.frequency(),
            keys: train.keys().to_vec(),
            origins: train.iter().map(|series| series.end()).collect(),
            counts: values.iter().map(|y| self.support.rectifies(y)).collect(),
            weighting: self.weighting,
            members,
            weights: (0..values.len()).flat_map(of).collect(),
            conformal,
            left_out,
        })
    }
}

/// What back-tests inside the training span said.
struct Tested {
    drops: Vec<usize>,
    /// For each member what it forecast from each of `drops`; none if it cannot be used.
    rolled: Vec<Vec<Points>>,
    left_out: Vec<LeftOut>,
    learned: Learned,
}

/// Writes the combination of `paths`, one for each weight; a member without a number has no say at that step.
fn combine(weighting: CombinationRule, weights: &[f64], paths: &[&[f64]], out: &mut [f64]) {
    for (step, out) in out.iter_mut().enumerate() {
        let present = || {
            weights.iter().zip(paths).map(move |(w, path)| (*w, path[step])).filter(|(w, v)| *w > 0.0 && v.is_finite())
        };
        *out = match weighting {
            CombinationRule::Median | CombinationRule::Trimmed => {
                let mut values: Vec<f64> = present().map(|(_, value)| value).collect();
                values.sort_by(f64::total_cmp);
                match (weighting, values.len()) {
                    (_, 0) => f64::NAN,
                    (CombinationRule::Trimmed, n) if n >= 4 => values[1..n - 1].iter().sum::<f64>() / (n - 2) as f64,
                    (CombinationRule::Trimmed, n) => values.iter().sum::<f64>() / n as f64,
                    _ => quantile::median(&mut values),
                }
            }
            _ => {
                // Distances from one of them: where all agree, so does the mean, to the last bit.
                let base = present().next().map_or(f64::NAN, |(_, value)| value);
                let add = |(sum, total), (w, value): (f64, f64)| (sum + w * (value - base), total + w);
                let (sum, total) = present().fold((0.0, 0.0), add);
                base + sum / total
            }
        };
    }
}

/// A member that could not be fitted to the panel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Its name.
    pub model: String,
    /// What it had to say.
    pub reason: String,
}

impl Forecaster for Combination {
    type Fitted = FittedCombination;

    /// # Errors
    /// [`DataError::Empty`] for a panel without series or if no member can be fitted, [`DataError::UnknownColumn`], and [`DataError::Series`]
    /// with the smallest key of a series without any value, or with one that is infinite or larger than 1e150 in size.
    fn fit(&self, train: &Panel) -> Result<FittedCombination> {
        let column = column_of(train, self.target.as_deref())?;
        let values: Vec<&[f64]> = train.iter().map(|series| series.values(column)).collect();
        let season = self.season_of(train.frequency());
        let steps = self.steps(season);
        let tested = self.test(train, &values);
        // The combination as it would have been at each origin.
        let weights = |index: usize, origin: usize| tested.learned.of(index, Some(origin));
        let past = self.blend(&values, &tested.drops, &tested.rolled, steps, weights);
        let conformal = Conformal::measure(&values, season, &tested.drops, &past, steps);
        self.fit_members(train, &values, tested, conformal)
    }

    /// Without the widths, and without back-tests where the rule learns nothing from them.
    fn fit_for_points(&self, train: &Panel) -> Result<FittedCombination> {
        let column = column_of(train, self.target.as_deref())?;
        let values: Vec<&[f64]> = train.iter().map(|series| series.values(column)).collect();
        let tested = if self.weighting.learns() { self.test(train, &values) } else { self.untested() };
        let conformal = Conformal::unmeasured(&values, self.season_of(train.frequency()));
        self.fit_members(train, &values, tested, conformal)
    }

    /// Weights are learned at origins before the first of `drops`.
    fn rolling(&self, train: &Panel, drops: &[usize], horizon: NonZeroUsize) -> Result<Vec<Points>> {
        let column = column_of(train, self.target.as_deref())?;
        let values: Vec<&[f64]> = train.iter().map(|series| series.values(column)).collect();
        let known = train.without_last(drops.first().copied().unwrap_or(0));
        if known.n_series() == 0 {
            return Ok(vec![Points::missing(train.n_series(), horizon); drops.len()]);
        }
        let past: Vec<&[f64]> = known.iter().map(|series| series.values(column)).collect();
        let learned = if self.weighting.learns() { self.test(&known, &past) } else { self.untested() }.learned;
        let places: Vec<_> = train.keys().iter().map(|key| known.keys().binary_search(key)).collect();
        let weights = |index: usize, _: usize| match places[index] {
            Ok(place) => learned.of(place, None),
            Err(_) => learned.pooled.clone(),
        };
        let (rolled, _) = self.roll(train, drops, horizon);
        Ok(self.blend(&values, drops, &rolled, horizon, weights))
    }
}

/// The errors of all members, scaled, by series and origin.
fn trials(
    values: &[&[f64]],
    season: usize,
    drops: &[usize],
    rolled: &[Vec<Points>],
    steps: NonZeroUsize,
) -> Vec<Trial> {
    let n_members = rolled.len();
    let mut trials = Vec::new();
    for (series, y) in values.iter().enumerate() {
        for (origin, &drop) in drops.iter().enumerate() {
            let Some(end) = y.len().checked_sub(drop).filter(|end| *end > 0) else { continue };
            let scale = volatility(&y[..end], season);
            if scale <= 0.0 {
                continue;
            }
            let mut errors = Vec::with_capacity(steps.get() * n_members);
            for (step, actual) in y[end..].iter().take(steps.get()).enumerate() {
                let point = |points: &Vec<Points>| points.get(origin).map_or(f64::NAN, |p| p.path(series)[step]);
                errors.extend(rolled.iter().map(|points| (actual - point(points)) / scale));
            }
            trials.push(Trial { series, origin, errors });
        }
    }
    let rows = trials.iter().flat_map(|trial| trial.errors.chunks(n_members).enumerate());
    let each = rows.flat_map(|(step, row)| row.iter().map(move |error| (step, *error)));
    let usual = usual_errors(each, steps.get());
    for trial in &mut trials {
        for (usual, row) in usual.iter().zip(trial.errors.chunks_mut(n_members)) {
            row.iter_mut().for_each(|error| *error /= usual);
        }
    }
    trials
}

/// A fitted [`Combination`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedCombination {
    frequency: Frequency,
    keys: Vec<SeriesKey>,
    origins: Vec<Period>,
    counts: Vec<bool>,
    weighting: CombinationRule,
    members: Vec<FittedModel>,
    /// For each series, one for each member.
    weights: Vec<f64>,
    conformal: Conformal,
    left_out: Vec<LeftOut>,
}

impl FittedCombination {
    /// The frequency of the panel.
    #[must_use]
    pub fn frequency(&self) -> Frequency {
        self.frequency
    }

    /// The series, in the order of the panel.
    #[must_use]
    pub fn keys(&self) -> &[SeriesKey] {
        &self.keys
    }

    /// The last period of each series.
    #[must_use]
    pub fn origins(&self) -> &[Period] {
        &self.origins
    }

    /// The members that have a weight, for their points: their own distributions were not measured.
    #[must_use]
    pub fn members(&self) -> &[FittedModel] {
        &self.members
    }

    /// The weights of the members in the series at `index`, adding up to 1.
    ///
    /// # Panics
    /// If there is no such series.
    #[must_use]
    pub fn weights(&self, index: usize) -> &[f64] {
        &self.weights[index * self.members.len()..(index + 1) * self.members.len()]
    }

    /// The members that could not be fitted.
    #[must_use]
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// Steps whose errors were measured out of time; 0 if the widths are those of a random walk.
    #[must_use]
    pub fn n_backtest_steps(&self) -> usize {
        self.conformal.n_steps()
    }
}

impl Fitted for FittedCombination {
    fn forecast(&self, horizon: NonZeroUsize) -> Result<Forecast> {
        let points = self.points(horizon)?;
        let dists = self.conformal.distributions(&points, &self.counts)?;
        Ok(Forecast::new(horizon, self.keys.clone(), self.origins.clone(), dists, Vec::new())?)
    }

    /// Those of the members by their weights.
    fn error_weights(&self, index: usize, horizon: NonZeroUsize) -> Vec<f64> {
        let mut all = vec![0.0; horizon.get()];
        for (member, weight) in self.members.iter().zip(self.weights(index)) {
            all.iter_mut().zip(member.error_weights(index, horizon)).for_each(|(sum, psi)| *sum += weight * psi);
        }
        all
    }

    /// Every member is updated; weights and widths stay as they are.
    fn updated(&self, new: &Panel) -> Result<Self> {
        let members = self.members.iter().map(|member| member.updated(new)).collect::<Result<Vec<_>>>()?;
        let origins = members.first().map_or_else(|| self.origins.clone(), |member| member.origins().to_vec());
        Ok(Self { members, origins, ..self.clone() })
    }

    fn points(&self, horizon: NonZeroUsize) -> Result<Points> {
        let members = self.members.iter().map(|member| member.points(horizon)).collect::<Result<Vec<_>>>()?;
        let mut all = Points::missing(self.keys.len(), horizon);
        for (index, &count) in self.counts.iter().enumerate() {
            let paths: Vec<&[f64]> = members.iter().map(|points| points.path(index)).collect();
            let out = all.path_mut(index);
            combine(self.weighting, self.weights(index), &paths, out);
            if count {
                out.iter_mut().for_each(|v| *v = v.max(0.0));
            }
            if out.iter().any(|v| !v.is_finite()) {
                let detail = "no member has a forecast for it".into();
                return Err(DataError::Series { key: self.keys[index].clone(), detail }.into());
            }
        }
        Ok(all)
    }
}

impl Persist for FittedCombination {
    const KIND: &'static str = "combination";
    const FORMAT: u32 = 1;

    fn revalidate(self) -> Result<Self, PersistError> {
        let invalid = |detail: String| PersistError::Invalid { detail };
        let n = self.keys.len();
        check_series(self.frequency, &self.keys, &self.origins)?;
        one_each(n, self.counts.len(), "supports")?;
        if self.members.is_empty() {
            return Err(invalid("a combination without members".into()));
        }
        if self.members.iter().any(|member| member.keys() != self.keys) {
            return Err(invalid("a member of other series".into()));
        }
        let legal = |w: &f64| (0.0..=1.0).contains(w);
        if self.weights.len() != n * self.members.len() || !self.weights.iter().all(legal) || !self.conformal.legal(n) {
            return Err(invalid("weights or widths that no fit gives".into()));
        }
        let members = self.members.into_iter().map(Persist::revalidate).collect::<Result<_, _>>()?;
        Ok(Self { members, ..self })
    }
}
