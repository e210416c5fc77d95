//! What each part of `auto` is worth, at origins inside training spans. Takes a quarter of an hour, so it runs on request:
//! `cargo test --release --test forecast ablation -- --ignored --nocapture`.
//!
//! Employment is bundled. Postings by state are read up to their month 42, skill demand up to its month 30, and of the M4 weekly series
//! the training file alone is used, less its last 13 and 39 weeks: no official test window is looked at.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use credcast::evaluate::{Backtest, Cutoffs, Scores};
use credcast::forecast::{
    Auto, Combination, CombinationRule, FittedCombination, Forecaster, Model, OnFeatures, PerSeries, PooledSeason,
};
use credcast::ingest::{
    PostingsKind, ReadOptions, Source, bundled_market, read_indeed_postings, read_job_sdf, read_m4,
};
use credcast::prelude::*;
use credcast::regression::Ols;
use credcast::series::AutoEts;
use credcast::{AggregateRule, Frequency, PartialPeriods};

const YEAR: NonZeroUsize = NonZeroUsize::new(12).unwrap();
const WEEKS: NonZeroUsize = NonZeroUsize::new(52).unwrap();

/// `auto` with one thing changed.
#[derive(Debug)]
struct Variant {
    season: NonZeroUsize,
    horizon: NonZeroUsize,
    change: Change,
}

#[derive(Clone, Copy, Debug)]
enum Change {
    Nothing,
    Without(fn(&Model) -> bool),
    Rule(CombinationRule),
    /// `auto_ets` in place of `break_aware`.
    BreaksLeftIn,
}

const CHANGES: [(&str, Change); 7] = [
    ("auto", Change::Nothing),
    ("without share x total", Change::Without(|model| matches!(model, Model::ShareOfTotal(_)))),
    ("without pooled_boosting", Change::Without(|model| matches!(model, Model::PooledBoosting(_)))),
    ("breaks left in", Change::BreaksLeftIn),
    ("weights: the prior", Change::Rule(CombinationRule::Mean)),
    ("weights: of the pool", Change::Rule(CombinationRule::Stacked)),
    ("weights: by features", Change::Rule(CombinationRule::ByFeatures)),
];

impl Variant {
    fn combination(&self, train: &Panel) -> credcast::Result<Combination> {
        let whole = Auto::default().season(self.season).horizon(self.horizon).combination(train)?;
        let parts = || whole.members().iter().cloned().zip(whole.prior_weights().iter().copied());
        let of = |parts: Vec<(Model, f64)>| -> credcast::Result<Combination> {
            let (members, prior) = parts.into_iter().unzip();
            Ok(Combination::new(members)?.prior(prior)?.season(self.season).horizon(self.horizon))
        };
        match self.change {
            Change::Nothing => Ok(whole),
            Change::Without(left_out) => of(parts().filter(|(member, _)| !left_out(member)).collect()),
            Change::Rule(rule) => Ok(whole.weighting(rule)),
            Change::BreaksLeftIn => {
                let replaced = |(member, weight)| match member {
                    Model::BreakAware(_) => (Model::AutoEts(PerSeries::new(AutoEts::new(self.season))), weight),
                    other => (other, weight),
                };
                of(parts().map(replaced).collect())
            }
        }
    }
}

impl Forecaster for Variant {
    type Fitted = FittedCombination;

    fn fit(&self, train: &Panel) -> credcast::Result<FittedCombination> {
        self.combination(train)?.fit(train)
    }
}

fn shared(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(path);
    if !path.exists() {
        eprintln!("skipped: no data");
    }
    path.exists().then_some(path)
}

/// Scores each variant, and `ols` with and without a season pooled over series.
fn table(data: &str, season: NonZeroUsize, horizon: NonZeroUsize, score: impl Fn(&dyn Scored) -> Scores) {
    let line = |name: &str, scores: &Scores| {
        let row = scores.row();
        eprintln!(
            "{data:<18}{name:<26} MASE {:.3} RMSSE {:.3} MAE {:.2} sCRPS {:.4} covers {:.3}/{:.3}",
            row.mase, row.rmsse, row.mae, row.crps, row.coverage80, row.coverage95
        );
        row.mase
    };
    let errors: Vec<f64> =
        CHANGES.into_iter().map(|(name, change)| line(name, &score(&Variant { season, horizon, change }))).collect();
    line("naive", &score(&Model::parse("naive", season).unwrap()));
    line("ols", &score(&OnFeatures::new(Ols)));
    line("ols, pooled season", &score(&PooledSeason::new(OnFeatures::new(Ols), season)));
    // What a user gets is never far behind any of its parts.
    let least = errors.iter().copied().fold(f64::INFINITY, f64::min);
    assert!(errors[0] <= 1.2 * least, "{data}: {errors:?}");
}

/// A forecaster of any kind, scored by a back-test.
trait Scored {
    fn rolling(&self, backtest: &Backtest, panel: &Panel) -> Scores;
    fn fixed(&self, backtest: &Backtest, train: &Panel, test: &Panel) -> Scores;
}

impl<F: Forecaster> Scored for F {
    fn rolling(&self, backtest: &Backtest, panel: &Panel) -> Scores {
        backtest.run(panel, self).unwrap()
    }

    fn fixed(&self, backtest: &Backtest, train: &Panel, test: &Panel) -> Scores {
        backtest.run_fixed(train, test, self).unwrap()
    }
}

fn rolling_table(data: &str, panel: &Panel, horizon: usize, origins: usize, step: usize) {
    let [horizon, origins, step] = [horizon, origins, step].map(|n| NonZeroUsize::new(n).unwrap());
    let backtest = Backtest::new(Cutoffs::rolling(horizon, origins, step)).season(YEAR);
    table(data, YEAR, horizon, |model| model.rolling(&backtest, panel));
}

#[test]
#[ignore = "takes minutes"]
fn ablation_on_employment() {
    let employment = bundled_market().unwrap().employment.unwrap().data;
    rolling_table("employment", employment.panel(), 12, 4, 6);
}

#[test]
#[ignore = "takes minutes"]
fn ablation_on_postings() {
    let Some(path) = shared("indeed-postings/us_state_daily_2020-02_2026-08.csv") else { return };
    let kind = PostingsKind::Total;
    let (panel, _) = read_indeed_postings(&Source::path(path), kind, &ReadOptions::default()).unwrap();
    let panel = panel.aggregate(Frequency::Monthly, AggregateRule::Mean, PartialPeriods::Drop).unwrap();
    let panel = panel.until(panel.first_period().unwrap().plus(41));
    rolling_table("states, h = 6", &panel, 6, 5, 3);
    rolling_table("states, h = 12", &panel, 12, 4, 3);
}

#[test]
#[ignore = "takes minutes"]
fn ablation_on_skill_demand() {
    let Some(path) = shared("job-sdf/dataset_demand_r0.parquet") else { return };
    let (panel, _) = read_job_sdf(&Source::path(path), &ReadOptions::default()).unwrap();
    let panel = panel.until(panel.first_period().unwrap().plus(29));
    rolling_table("skill demand", &panel, 3, 4, 1);
}

#[test]
#[ignore = "takes minutes"]
fn ablation_on_weekly_series() {
    let (Some(train), Some(test)) = (shared("m4-weekly/Weekly-train.csv"), shared("m4-weekly/Weekly-test.csv")) else {
        return;
    };
    let (m4, _) = read_m4(&Source::path(train), &Source::path(test), &ReadOptions::default()).unwrap();
    let horizon = NonZeroUsize::new(13).unwrap();
    for held_out in [13, 39] {
        let part = |from: fn(usize, usize) -> std::ops::Range<usize>| {
            let rows = m4.train.iter().filter(|series| series.len() > held_out + 20).map(|series| {
                let range = from(series.len(), held_out);
                (series.key().clone(), series.period(range.start), series.values(0)[range].to_vec())
            });
            Panel::from_series("y", rows).unwrap()
        };
        let (known, later) = (part(|n, held| 0..n - held), part(|n, held| n - held..n - held + 13));
        let backtest = Backtest::new(Cutoffs::fixed(horizon)).season(NonZeroUsize::MIN);
        table(&format!("M4 weekly, -{held_out}"), WEEKS, horizon, |model| model.fixed(&backtest, &known, &later));
    }
}
