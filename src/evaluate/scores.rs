//! What a back-test found.

use std::collections::HashMap;

use serde::Serialize;

use super::metrics;
use crate::key::SeriesKey;
use crate::time::Period;

/// The scores of one window: one series forecast from one origin. A score that could not be computed is NaN.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WindowScores {
    /// The series.
    pub key: SeriesKey,
    /// The last period that the model was given.
    pub origin: Period,
    /// Number of periods scored: those up to the horizon that have an actual value.
    pub points: usize,
    /// Symmetric mean absolute percentage error, 0 to 200.
    pub smape: f64,
    /// Mean absolute scaled error; NaN without a positive scale.
    pub mase: f64,
    /// Root mean squared scaled error; NaN without a positive scale.
    pub rmsse: f64,
    /// Mean absolute error, in the unit of the series.
    pub mae: f64,
    /// Root mean squared error, in the unit of the series.
    pub rmse: f64,
    /// Scaled CRPS over nine deciles; NaN without a positive MASE scale.
    pub crps: f64,
    /// Mean scaled interval score at 95 %; NaN without a positive MASE scale.
    pub msis95: f64,
    /// Share of the periods inside the 80 % interval.
    pub coverage80: f64,
    /// Share of the periods inside the 95 % interval.
    pub coverage95: f64,
}

/// The scores of one model over all windows: one row of a table. Numbers that are not finite become `null` in JSON.
///
/// Every score but `mae` and `rmse` is the plain mean over windows; those two are pooled over all scored periods.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScoreRow {
    /// Name of the model.
    pub model: String,
    /// Symmetric mean absolute percentage error, 0 to 200.
    pub smape: f64,
    /// Mean absolute scaled error.
    pub mase: f64,
    /// Root mean squared scaled error.
    pub rmsse: f64,
    /// Mean absolute error over all scored periods, in the unit of the series.
    pub mae: f64,
    /// Root mean squared error over all scored periods, in the unit of the series.
    pub rmse: f64,
    /// Scaled CRPS over nine deciles: a point forecast's is its MASE.
    pub crps: f64,
    /// Mean scaled interval score at 95 %.
    pub msis95: f64,
    /// Share of the periods inside the 80 % interval.
    pub coverage80: f64,
    /// Share of the periods inside the 95 % interval.
    pub coverage95: f64,
    /// Overall weighted average against a reference; see [`Scores::relative_to`].
    pub owa: Option<f64>,
    /// Number of distinct series with at least one scored window.
    pub series: usize,
    /// Number of windows for which the model was replaced by a simpler one, scored or not.
    pub fallbacks: usize,
    /// Time that fitting, forecasting and scoring took by the clock of the back-test: wall time unless it was given
    /// another. A wall time counts what else the machine does, and a CPU time of the process what else the process
    /// does.
    pub cpu_seconds: f64,
}

/// What could not be scored, in windows unless it says periods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The series has no actual value within the horizon: it ended, or they are missing. Not scored at all.
    pub without_actuals: usize,
    /// The model gave no forecast for the series or its periods. Not scored at all.
    pub without_forecast: usize,
    /// Periods of scored windows without an actual value, or beyond the end of the forecast path.
    pub missing_periods: usize,
    /// No positive scale for MASE, CRPS and MSIS (a constant or very short past): left out of these.
    pub without_mase_scale: usize,
    /// No positive scale for RMSSE: left out of it.
    pub without_rmsse_scale: usize,
    /// A point forecast that was not finite, or a quantile that was not a number: there the last known value took the
    /// place of the distribution. Scored.
    pub replaced: usize,
}

impl LeftOut {
    pub(super) fn add(&mut self, other: &Self) {
        let Self {
            without_actuals,
            without_forecast,
            missing_periods,
            without_mase_scale,
            without_rmsse_scale,
            replaced,
        } = *other;
        self.without_actuals += without_actuals;
        self.without_forecast += without_forecast;
        self.missing_periods += missing_periods;
        self.without_mase_scale += without_mase_scale;
        self.without_rmsse_scale += without_rmsse_scale;
        self.replaced += replaced;
    }
}

/// A score to compare two models by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Mean absolute scaled error.
    Mase,
    /// Scaled CRPS.
    Crps,
}

/// The scores of one model: the row of the table and every window behind it. Serializes as its [`ScoreRow`].
#[derive(Clone, Debug, PartialEq)]
pub struct Scores {
    row: ScoreRow,
    windows: Vec<WindowScores>,
    left_out: LeftOut,
}

impl Scores {
    /// Averages `windows`, which are sorted by origin and key.
    pub(super) fn new(
        model: String,
        windows: Vec<WindowScores>,
        left_out: LeftOut,
        fallbacks: usize,
        cpu_seconds: f64,
    ) -> Self {
        let mean = |score: fn(&WindowScores) -> f64| mean(windows.iter().map(score));
        let pooled = |total: fn(&WindowScores) -> f64| {
            let n: usize = windows.iter().map(|w| w.points).sum();
            windows.iter().map(|w| total(w) * w.points as f64).sum::<f64>() / n as f64
        };
        let mut keys: Vec<&SeriesKey> = windows.iter().map(|w| &w.key).collect();
        keys.sort_unstable();
        keys.dedup();
        let row = ScoreRow {
            model,
            smape: mean(|w| w.smape),
            mase: mean(|w| w.mase),
            rmsse: mean(|w| w.rmsse),
            mae: pooled(|w| w.mae),
            rmse: pooled(|w| w.rmse * w.rmse).sqrt(),
            crps: mean(|w| w.crps),
            msis95: mean(|w| w.msis95),
            coverage80: mean(|w| w.coverage80),
            coverage95: mean(|w| w.coverage95),
            owa: None,
            series: keys.len(),
            fallbacks,
            cpu_seconds,
        };
        Self { row, windows, left_out }
    }

    /// The same scores under the name `model`. Until then a back-test uses the name of the forecaster's type.
    #[must_use]
    pub fn named(mut self, model: impl Into<String>) -> Self {
        self.row.model = model.into();
        self
    }

    /// The same scores with their overall weighted average against `reference`, which is Naive2 in the M4 competition.
    ///
    /// Both are averaged over the windows that both have, so a model that skips hard series gains nothing.
    #[must_use]
    pub fn relative_to(mut self, reference: &Scores) -> Self {
        let common = self.paired_with(reference);
        let averages = |side: fn(&(&WindowScores, &WindowScores)) -> (f64, f64)| {
            (mean(common.iter().map(|pair| side(pair).0)), mean(common.iter().map(|pair| side(pair).1)))
        };
        let owa = metrics::owa(averages(|(a, _)| (a.smape, a.mase)), averages(|(_, b)| (b.smape, b.mase)));
        self.row.owa = Some(owa);
        self
    }

    /// The row of the table.
    #[must_use]
    pub fn row(&self) -> &ScoreRow {
        &self.row
    }

    /// Every scored window, by origin, then key.
    #[must_use]
    pub fn windows(&self) -> &[WindowScores] {
        &self.windows
    }

    /// What could not be scored.
    #[must_use]
    pub fn left_out(&self) -> &LeftOut {
        &self.left_out
    }

    /// The windows that both have, in order.
    pub(super) fn paired_with<'a>(&'a self, other: &'a Scores) -> Vec<(&'a WindowScores, &'a WindowScores)> {
        let theirs: HashMap<_, _> = other.windows.iter().map(|w| ((&w.key, w.origin), w)).collect();
        self.windows.iter().filter_map(|w| Some((w, *theirs.get(&(&w.key, w.origin))?))).collect()
    }
}

impl Serialize for Scores {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.row.serialize(serializer)
    }
}

impl WindowScores {
    pub(super) fn get(&self, measure: Measure) -> f64 {
        match measure {
            Measure::Mase => self.mase,
            Measure::Crps => self.crps,
        }
    }
}

/// Mean of the scores that could be computed; NaN if there is none.
fn mean(scores: impl Iterator<Item = f64>) -> f64 {
    let (total, n) = scores.filter(|s| !s.is_nan()).fold((0.0, 0_usize), |(total, n), s| (total + s, n + 1));
    total / n as f64
}
