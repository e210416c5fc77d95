use std::num::NonZeroUsize;

use super::super::present;
use crate::numeric::loess::Degree;
use crate::numeric::scale::power_of_two_below;
use crate::numeric::stl::{Settings, Stl};

/// Rounds over several periods; that of R `mstl()` and statsmodels.
const ROUNDS: usize = 2;
/// Decompositions of a series with missing values: each but the first starts from the fit of the one before.
const FILLS: usize = 3;

/// The parts of a series, each as long as it: `y = trend + seasons + remainder`.
#[derive(Clone, Debug, PartialEq)]
pub struct Decomposition {
    pub(super) trend: Vec<f64>,
    pub(super) seasons: Vec<Season>,
    pub(super) remainder: Vec<f64>,
}

/// What repeats with one period, and may change slowly.
#[derive(Clone, Debug, PartialEq)]
pub struct Season {
    period: NonZeroUsize,
    values: Vec<f64>,
}

impl Season {
    /// Periods of time per cycle.
    #[must_use]
    pub fn period(&self) -> NonZeroUsize {
        self.period
    }

    /// What the season adds to the trend; NaN before the first and after the last value of the series.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }
}

impl Decomposition {
    /// The trend; NaN before the first and after the last value of the series.
    #[must_use]
    pub fn trend(&self) -> &[f64] {
        &self.trend
    }

    /// The seasons, shortest period first; a period with less than two cycles is left out.
    #[must_use]
    pub fn seasons(&self) -> &[Season] {
        &self.seasons
    }

    /// What is left; NaN where the series is missing.
    #[must_use]
    pub fn remainder(&self) -> &[f64] {
        &self.remainder
    }

    /// The last cycle of each season in the order in which it comes next.
    pub(super) fn cycles(&self) -> Vec<Vec<f64>> {
        let cycle = |season: &Season| {
            let period = season.period.get();
            let n = season.values.len();
            let last = n - season.values.iter().rev().take_while(|value| value.is_nan()).count();
            // Place h periods after the last value of the season is the one `period` earlier.
            (n..n + period).map(|t| season.values[last - period + (t - last) % period]).collect()
        };
        self.seasons.iter().map(cycle).collect()
    }
}

/// Periods with their seasonal spans that `n` values have two cycles of; `periods` ascend.
fn usable(periods: &[NonZeroUsize], n: usize) -> impl Iterator<Item = (NonZeroUsize, usize)> {
    let enough = move |period: &&NonZeroUsize| period.get() > 1 && n / 2 >= period.get();
    // 11, 15, 19, ...: those of R `mstl()`.
    periods.iter().filter(enough).zip(1..).map(|(period, place)| (*period, 7 + 4 * place))
}

/// Decomposes `y`; `periods` ascend. `None` if there are not two cycles of any of them between the first and the last
/// value.
pub(super) fn decompose(y: &[f64], periods: &[NonZeroUsize], degree: Degree, robust: bool) -> Option<Decomposition> {
    let ((from, first), (to, _)) = present(y).next().zip(present(y).next_back())?;
    // Distances from the first value in units of the largest: equal values have no season, down to the last bit.
    let mut x: Vec<f64> = y[from..=to].iter().map(|value| value - first).collect();
    let unit = power_of_two_below(x.iter().fold(0.0, |largest: f64, value| largest.max(value.abs())));
    x.iter_mut().for_each(|value| *value /= unit);
    let n = x.len();
    let plan: Vec<(NonZeroUsize, Stl)> = usable(periods, n)
        .filter_map(|(period, seasonal_span)| {
            let settings = Settings { seasonal_span, seasonal_degree: degree, robust };
            Some((period, Stl::new(n, period, settings)?))
        })
        .collect();
    if plan.is_empty() {
        return None;
    }
    let missing: Vec<usize> = (0..n).filter(|&t| x[t].is_nan()).collect();
    interpolate(&mut x, &missing, plan[0].0.get());
    let mut parts = several(&x, &plan);
    for _ in 1..if missing.is_empty() { 1 } else { FILLS } {
        for &t in &missing {
            x[t] = parts.trend[t] + parts.seasons.iter().map(|season| season[t]).sum::<f64>();
        }
        parts = several(&x, &plan);
    }

    let spread_out = |part: &[f64], shift: f64| {
        let mut whole = vec![f64::NAN; y.len()];
        for (cell, value) in whole[from..=to].iter_mut().zip(part) {
            *cell = shift + unit * value;
        }
        whole
    };
    let trend = spread_out(&parts.trend, first);
    let named = |((period, _), values): (&(NonZeroUsize, Stl), &Vec<f64>)| Season {
        period: *period,
        values: spread_out(values, 0.0),
    };
    let seasons: Vec<Season> = plan.iter().zip(&parts.seasons).map(named).collect();
    let rest = |t: usize| seasons.iter().fold(y[t] - trend[t], |rest, season| rest - season.values[t]);
    let remainder = (0..y.len()).map(rest).collect();
    Some(Decomposition { trend, seasons, remainder })
}

/// Fills each missing value by the line between the nearest values of its season before and behind it, by the one of
/// them that there is, or by the last value.
fn interpolate(x: &mut [f64], missing: &[usize], period: usize) {
    let present: Vec<bool> = x.iter().map(|value| !value.is_nan()).collect();
    for &t in missing {
        let before = (0..t).rev().skip(period - 1).step_by(period).find(|&t| present[t]);
        let behind = (t + period..x.len()).step_by(period).find(|&t| present[t]);
        x[t] = match (before, behind) {
            (Some(a), Some(b)) => x[a] + (x[b] - x[a]) * (t - a) as f64 / (b - a) as f64,
            (Some(one), None) | (None, Some(one)) => x[one],
            // The first value is present, so there is one before.
            (None, None) => x[t - 1],
        };
    }
}

struct Several {
    trend: Vec<f64>,
    seasons: Vec<Vec<f64>>,
}

/// Takes one season after another out of `x`, twice if there are several, each time from what the others leave.
fn several(x: &[f64], plan: &[(NonZeroUsize, Stl)]) -> Several {
    let mut rest = x.to_vec();
    let mut seasons = vec![vec![0.0; x.len()]; plan.len()];
    let mut trend = Vec::new();
    for _ in 0..if plan.len() > 1 { ROUNDS } else { 1 } {
        for ((_, stl), season) in plan.iter().zip(&mut seasons) {
            rest.iter_mut().zip(&*season).for_each(|(rest, season)| *rest += season);
            let parts = stl.decompose(&rest);
            (trend, *season) = (parts.trend, parts.seasonal);
            rest.iter_mut().zip(&*season).for_each(|(rest, season)| *rest -= season);
        }
    }
    Several { trend, seasons }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOUR: NonZeroUsize = NonZeroUsize::new(4).unwrap();

    fn line(n: usize) -> Vec<f64> {
        (0..n).map(|t| 5.0 + 0.5 * t as f64 + [3.0, -1.0, -4.0, 2.0][t % 4]).collect()
    }

    #[test]
    fn missing_values_are_filled_from_the_season() {
        let whole = line(40);
        let mut holes = whole.clone();
        for t in [0, 9, 10, 22, 38, 39] {
            holes[t] = f64::NAN;
        }
        let parts = decompose(&holes, &[FOUR], Degree::Linear, false).unwrap();
        for t in 1..38 {
            let season = parts.seasons()[0].values()[t];
            assert!((season - [3.0, -1.0, -4.0, 2.0][t % 4]).abs() < 0.35, "{t}: {season}");
            assert_eq!(parts.remainder()[t].is_nan(), holes[t].is_nan());
        }
        assert!(parts.trend()[0].is_nan() && parts.trend()[39].is_nan());
        // The next place is 40, the first of a cycle.
        let cycle = &parts.cycles()[0];
        for (found, expected) in cycle.iter().zip([3.0, -1.0, -4.0, 2.0]) {
            assert!((found - expected).abs() < 0.35, "{cycle:?}");
        }
    }

    #[test]
    fn equal_values_have_no_season_at_all() {
        let parts = decompose(&[0.1; 20], &[FOUR], Degree::Constant, true).unwrap();
        assert!(parts.seasons()[0].values().iter().chain(parts.remainder()).all(|value| value.abs() <= 0.0));
    }

    #[test]
    fn periods_without_two_cycles_are_left_out() {
        let periods = [NonZeroUsize::MIN, FOUR, NonZeroUsize::new(30).unwrap()];
        let found = decompose(&line(40), &periods, Degree::Constant, false).unwrap();
        assert_eq!(found.seasons().iter().map(Season::period).collect::<Vec<_>>(), [FOUR]);
        assert!(decompose(&line(7), &periods, Degree::Constant, false).is_none());
        assert!(decompose(&[f64::NAN; 40], &periods, Degree::Constant, false).is_none());
    }
}
