//! The season of every series, from its own changes and those of its pools.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::estimate::{Change, Estimate, estimate, kept, mean_square, signal};
use super::fitted::{SeasonLevel, place};
use super::pool::{Changes, common};
use super::{PooledSeason, SeasonForm};
use crate::panel::{Panel, SeriesView};

/// Seasons with different numbers, and which of them each series has.
#[derive(Debug)]
pub(super) struct Learned {
    pub(super) season: usize,
    /// Logarithms of factors, or terms in units of the series; a cycle each.
    pub(super) patterns: Vec<Vec<f64>>,
    pub(super) of: Vec<SeriesSeason>,
    pub(super) levels: Vec<SeasonLevel>,
}

/// The season of one series.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SeriesSeason {
    /// None.
    None,
    /// The values are those without a season times `exp(pattern)`.
    Factor(usize),
    /// The values are those without a season plus `unit * pattern`.
    Term(usize, f64),
}

impl Learned {
    pub(super) fn new<F>(model: &PooledSeason<F>, train: &Panel, column: usize) -> Self {
        let season = model.season.get();
        let mut learned =
            Self { season, patterns: Vec::new(), of: vec![SeriesSeason::None; train.n_series()], levels: Vec::new() };
        if season < 2 || model.strength <= 0.0 {
            return learned;
        }
        let form = model.form;
        for multiplicative in [true, false] {
            let takes = |y: &[f64]| {
                let negative = y.iter().any(|v| *v < 0.0);
                match form {
                    SeasonForm::FromData => multiplicative != negative,
                    SeasonForm::Multiplicative => multiplicative && !negative,
                    SeasonForm::Additive => !multiplicative,
                }
            };
            learned.learn(model, train, column, multiplicative, &takes);
        }
        learned
    }

    fn learn<F>(
        &mut self,
        model: &PooledSeason<F>,
        train: &Panel,
        column: usize,
        multiplicative: bool,
        takes: &(impl Fn(&[f64]) -> bool + Sync),
    ) {
        let Some(start) = train.first_period() else { return };
        let first = |series: SeriesView<'_>| series.start().since(start).and_then(|d| usize::try_from(d).ok());
        let changes: Vec<Option<Changes>> = train
            .par_series()
            .map(|series| {
                let y = series.values(column);
                takes(y).then(|| Changes::new(y, first(series)?, multiplicative)).flatten()
            })
            .collect();
        let span = changes.iter().flatten().map(|c| c.first + c.values.len()).max().unwrap_or(0);
        // A place is None where the same place came just before (a 53rd week).
        let places: Vec<Option<usize>> = (0..span)
            .map(|position| {
                let period = start.plus(i32::try_from(position).unwrap_or(i32::MAX));
                let here = place(period, self.season);
                (here != place(period.plus(-1), self.season)).then_some(here)
            })
            .collect();
        let flat = vec![0.0; self.season];
        // The narrowest season of each series so far, as steps.
        let mut narrowest: Vec<usize> = vec![0; train.n_series()];
        let mut steps: Vec<Vec<f64>> = vec![flat];
        for group in &model.pools {
            let mut members: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
            for (index, key) in train.keys().iter().enumerate().filter(|(index, _)| changes[*index].is_some()) {
                if let Some(name) = group.of(key) {
                    members.entry(name).or_default().push(index);
                }
            }
            let pools: Vec<Vec<usize>> = members.into_values().collect();
            let estimates: Vec<Option<Estimate>> = pools
                .par_iter()
                .map(|pool| estimate(&pooled(pool, &changes, &places, multiplicative), self.season))
                .collect();
            self.add_level(group.name(), &pools, &estimates, &mut narrowest, &mut steps);
        }
        if model.own {
            let pools: Vec<Vec<usize>> =
                (0..train.n_series()).filter(|i| changes[*i].is_some()).map(|i| vec![i]).collect();
            let estimates: Vec<Option<Estimate>> = pools
                .par_iter()
                .map(|pool| {
                    let own = changes[pool[0]].as_ref()?;
                    estimate(&alone(own, &places), self.season)
                })
                .collect();
            self.add_level("own".into(), &pools, &estimates, &mut narrowest, &mut steps);
        }
        let offset = self.patterns.len();
        self.patterns.extend(steps.iter().map(|steps| cumulated(steps, model.strength, multiplicative)));
        for (index, changes) in changes.iter().enumerate() {
            let Some(changes) = changes else { continue };
            // Steps that are all 0 are no season.
            if steps[narrowest[index]].iter().all(|s| s.abs() <= 0.0) {
                continue;
            }
            let pattern = offset + narrowest[index];
            self.of[index] =
                if multiplicative { SeriesSeason::Factor(pattern) } else { SeriesSeason::Term(pattern, changes.unit) };
        }
    }

    /// Draws the estimates of a level towards those of the wider pools and hands them to their series.
    ///
    /// Where a pool lies across several wider ones (regions across sectors), it is compared with their mean, and what it
    /// differs by is added to each.
    fn add_level(
        &mut self,
        name: String,
        pools: &[Vec<usize>],
        estimates: &[Option<Estimate>],
        narrowest: &mut [usize],
        steps: &mut Vec<Vec<f64>>,
    ) {
        let wider: Vec<Vec<f64>> = pools.iter().map(|pool| mean_steps(pool, narrowest, steps)).collect();
        let squares: Vec<(f64, f64)> = wider
            .iter()
            .zip(estimates)
            .filter_map(|(wider, estimate)| {
                let estimate = estimate.as_ref()?;
                Some((mean_square(&estimate.steps, wider), estimate.variance))
            })
            .collect();
        let signal = signal(&squares);
        let mut level = SeasonLevel::new(name, pools.len(), signal);
        for ((pool, wider), estimate) in pools.iter().zip(&wider).zip(estimates) {
            let Some(estimate) = estimate else { continue };
            let kept = kept(signal, estimate.variance);
            level.add(kept, &estimate.seen);
            if kept <= 0.0 {
                continue;
            }
            let mut made: BTreeMap<usize, usize> = BTreeMap::new();
            for &index in pool {
                narrowest[index] = *made.entry(narrowest[index]).or_insert_with_key(|before| {
                    let parts = steps[*before].iter().zip(&estimate.steps).zip(wider);
                    let drawn = parts.map(|((of_wider, of_pool), mean)| of_wider + kept * (of_pool - mean)).collect();
                    steps.push(drawn);
                    steps.len() - 1
                });
            }
        }
        self.levels.push(level.finished());
    }

    /// The panel with the target first, its season taken out.
    pub(super) fn without_season(&self, train: &Panel, column: usize) -> Panel {
        let mut values = Vec::with_capacity(train.n_rows());
        for (series, season) in train.iter().zip(&self.of) {
            let y = series.values(column);
            let pattern = |row: usize, pattern: usize| self.patterns[pattern][place(series.period(row), self.season)];
            match *season {
                SeriesSeason::None => values.extend_from_slice(y),
                SeriesSeason::Factor(p) => {
                    values.extend(y.iter().enumerate().map(|(row, v)| v / pattern(row, p).exp()))
                }
                SeriesSeason::Term(p, unit) => {
                    values.extend(y.iter().enumerate().map(|(row, v)| v - unit * pattern(row, p)));
                }
            }
        }
        train.led_by(column, values)
    }
}

/// The mean, over the series of a pool, of the steps that each has so far.
fn mean_steps(pool: &[usize], narrowest: &[usize], steps: &[Vec<f64>]) -> Vec<f64> {
    let mut counts: BTreeMap<usize, f64> = BTreeMap::new();
    for index in pool {
        *counts.entry(narrowest[*index]).or_insert(0.0) += 1.0;
    }
    let mut mean = vec![0.0; steps[0].len()];
    for (at, count) in counts {
        let share = count / pool.len() as f64;
        mean.iter_mut().zip(&steps[at]).for_each(|(mean, step)| *mean += share * step);
    }
    mean
}

/// The common changes of the series of a pool, period by period.
fn pooled(pool: &[usize], changes: &[Option<Changes>], places: &[Option<usize>], multiplicative: bool) -> Vec<Change> {
    let members: Vec<&Changes> = pool.iter().filter_map(|index| changes[*index].as_ref()).collect();
    let mut pieces = Vec::with_capacity(members.len());
    let at = |(position, place): (usize, &Option<usize>)| {
        let place = (*place)?;
        pieces.clear();
        pieces.extend(members.iter().filter_map(|member| {
            let row = position.checked_sub(member.first)?;
            let weight = *member.weights.get(row)?;
            (weight > 0.0).then(|| (member.values[row], weight))
        }));
        let (value, weight) = common(&mut pieces, multiplicative);
        Some(Change { place, value, weight })
    };
    places.iter().enumerate().filter_map(at).collect()
}

/// The changes of one series.
fn alone(own: &Changes, places: &[Option<usize>]) -> Vec<Change> {
    let at = |row: usize| {
        let place = places[own.first + row]?;
        let (value, weight) = own.own(row);
        Some(Change { place, value, weight })
    };
    (0..own.values.len()).filter_map(at).collect()
}

/// The season from its steps: cumulated, times `strength`, with a mean factor of 1 or a mean term of 0.
fn cumulated(steps: &[f64], strength: f64, multiplicative: bool) -> Vec<f64> {
    let mut height = 0.0;
    let mut season: Vec<f64> = steps
        .iter()
        .map(|step| {
            height += strength * step;
            height
        })
        .collect();
    let n = season.len() as f64;
    let centre = |season: &mut [f64], by: f64| season.iter_mut().for_each(|s| *s -= by);
    let mean = season.iter().sum::<f64>() / n;
    centre(&mut season, mean);
    if multiplicative {
        let factor = season.iter().map(|s| s.exp()).sum::<f64>() / n;
        centre(&mut season, factor.ln());
    }
    season
}
