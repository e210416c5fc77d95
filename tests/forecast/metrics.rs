//! Every score agrees with the script that also scores the peer libraries.

#![expect(clippy::float_cmp, reason = "where the expected number is exact, equality is the claim")]

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::Path;

use approx::assert_relative_eq;
use credcast::evaluate::{Backtest, Calibration, Cutoffs, diebold_mariano, metrics};
use credcast::forecast::{Fitted, Forecast, Forecaster};
use credcast::{Panel, Period, Predictive, Probability, QuantileTable, SeriesKey};

const LEVELS: [f64; 11] = [0.025, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.975];
const SEASON: usize = 4;
const HORIZON: usize = 6;

/// The numbers of `tests/reference/metrics.csv` by case and field, and the cases in file order.
struct Reference {
    values: HashMap<(String, String), Vec<f64>>,
    cases: Vec<String>,
}

impl Reference {
    fn read() -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/metrics.csv");
        let text = std::fs::read_to_string(file).expect("the reference file lies in the repository");
        let (mut values, mut cases) = (HashMap::new(), Vec::<String>::new());
        for line in text.lines().skip(2) {
            let (case, rest) = line.split_once(',').expect("case");
            let (field, numbers) = rest.split_once(',').expect("field");
            let numbers = numbers.split(' ').map(|x| x.parse().expect("a number")).collect();
            values.insert((case.to_owned(), field.to_owned()), numbers);
            if !cases.iter().any(|seen| seen == case) {
                cases.push(case.to_owned());
            }
        }
        Self { values, cases }
    }

    fn list(&self, case: &str, field: &str) -> &[f64] {
        self.values.get(&(case.to_owned(), field.to_owned())).unwrap_or_else(|| panic!("{case} has no {field}"))
    }

    fn number(&self, case: &str, field: &str) -> f64 {
        self.list(case, field)[0]
    }

    fn quantile(&self, case: &str, level: f64) -> &[f64] {
        self.list(case, &format!("q{level}"))
    }

    fn windows(&self) -> impl Iterator<Item = &str> {
        self.cases
            .iter()
            .map(String::as_str)
            .filter(|case| self.values.contains_key(&((*case).to_owned(), "train".into())))
    }

    fn assert_close(&self, case: &str, field: &str, ours: f64) {
        let theirs = self.number(case, field);
        assert_eq!(ours.is_nan(), theirs.is_nan(), "{case} {field}: {ours} against {theirs}");
        if !theirs.is_nan() {
            assert!((ours - theirs).abs() <= 1e-10 * theirs.abs(), "{case} {field}: {ours} against {theirs}");
        }
    }
}

fn p(value: f64) -> Probability {
    Probability::new(value).expect("a probability")
}

fn n(value: usize) -> NonZeroUsize {
    NonZeroUsize::new(value).expect("not 0")
}

/// A scale as the peers use it: none unless it is positive.
fn positive(scale: f64) -> f64 {
    if scale > 0.0 { scale } else { f64::NAN }
}

#[test]
fn each_function_agrees_with_the_peers_script() {
    let reference = Reference::read();
    assert_eq!(reference.windows().count(), 13);
    for case in reference.windows() {
        let (train, y) = (reference.list(case, "train"), reference.list(case, "actual"));
        let q = |level| reference.quantile(case, level);
        let (scale, square) = (metrics::mase_scale(train, SEASON), metrics::rmsse_scale(train));
        let deciles = std::array::from_fn(|i| q(LEVELS[i + 1]));
        let close = |field, ours| reference.assert_close(case, field, ours);
        close("mase_scale", scale);
        close("rmsse_scale", square);
        close("smape", metrics::smape(y, q(0.5)));
        close("mae", metrics::mae(y, q(0.5)));
        close("rmse", metrics::rmse(y, q(0.5)));
        close("mase", metrics::mase(y, q(0.5), positive(scale)));
        close("rmsse", metrics::rmsse(y, q(0.5), positive(square)));
        close("crps", metrics::scaled_crps(y, deciles, positive(scale)));
        close("msis95", metrics::msis(y, q(0.025), q(0.975), p(0.95), positive(scale)));
        close("coverage80", metrics::coverage(y, q(0.1), q(0.9)));
        close("coverage95", metrics::coverage(y, q(0.025), q(0.975)));
    }
}

/// Forecasts what the reference file says.
#[derive(Debug, Clone)]
struct Told(Vec<(SeriesKey, Period, Vec<Predictive>)>);

impl Forecaster for Told {
    type Fitted = Told;
    fn fit(&self, _: &Panel) -> credcast::Result<Told> {
        Ok(self.clone())
    }
}

impl Fitted for Told {
    fn forecast(&self, horizon: NonZeroUsize) -> credcast::Result<Forecast> {
        let keys = self.0.iter().map(|(key, _, _)| key.clone()).collect();
        let origins = self.0.iter().map(|(_, origin, _)| *origin).collect();
        let dists = self.0.iter().flat_map(|(_, _, path)| path.clone()).collect();
        Ok(Forecast::new(horizon, keys, origins, dists, vec![])?)
    }
}

#[test]
fn the_table_of_a_back_test_agrees_with_the_peers_script() {
    let reference = Reference::read();
    let (mut train, mut test, mut told) = (vec![], vec![], vec![]);
    for case in reference.windows() {
        let (key, past) = (SeriesKey::national(case), reference.list(case, "train"));
        let end = Period::step(i32::try_from(past.len()).unwrap() - 1);
        let at = |step: usize| LEVELS.map(|level| reference.quantile(case, level)[step]).to_vec();
        let table = |step| Predictive::Quantiles(QuantileTable::new(LEVELS.to_vec(), at(step)).unwrap());
        train.push((key.clone(), Period::step(0), past.to_vec()));
        test.push((key.clone(), end.plus(1), reference.list(case, "actual").to_vec()));
        told.push((key, end, (0..HORIZON).map(table).collect()));
    }
    let (train, test) = (Panel::from_series("y", train).unwrap(), Panel::from_series("y", test).unwrap());
    let backtest = Backtest::new(Cutoffs::fixed(n(HORIZON))).season(n(SEASON));
    let scores = backtest.run_fixed(&train, &test, &Told(told)).unwrap();

    for window in scores.windows() {
        let close = |field, ours| reference.assert_close(window.key.item(), field, ours);
        close("smape", window.smape);
        close("mase", window.mase);
        close("rmsse", window.rmsse);
        close("mae", window.mae);
        close("rmse", window.rmse);
        close("crps", window.crps);
        close("msis95", window.msis95);
        close("coverage80", window.coverage80);
        close("coverage95", window.coverage95);
    }
    let (row, left_out) = (scores.row(), scores.left_out());
    let close = |field, ours| reference.assert_close("all", field, ours);
    close("smape", row.smape);
    close("mase", row.mase);
    close("rmsse", row.rmsse);
    close("mae", row.mae);
    close("rmse", row.rmse);
    close("crps", row.crps);
    close("msis95", row.msis95);
    close("coverage80", row.coverage80);
    close("coverage95", row.coverage95);
    close("n_mase", (scores.windows().len() - left_out.without_mase_scale) as f64);
    // Constant, zero, one value; these and no other have no first differences. A pure season adds no MASE scale.
    assert_eq!((left_out.without_mase_scale, left_out.without_rmsse_scale), (4, 3));
    assert_eq!((row.series, left_out.missing_periods, left_out.without_actuals), (13, 2, 0));
}

#[test]
fn scores_of_events_agree_with_scipy() {
    let reference = Reference::read();
    let said = reference.list("events", "probability");
    let happened: Vec<bool> = reference.list("events", "outcome").iter().map(|o| *o > 0.5).collect();
    let close = |field, ours| reference.assert_close("events", field, ours);
    close("brier", metrics::brier(said, &happened));
    close("log_score", metrics::log_score(said, &happened));
    close("auc", metrics::auc(said, &happened));

    let found = Calibration::new(said, &happened, n(10)).unwrap();
    close("brier", found.brier);
    close("reliability", found.reliability);
    close("resolution", found.resolution);
    close("uncertainty", found.uncertainty);
    for (i, bin) in found.bins.iter().enumerate() {
        assert_eq!(bin.n as f64, reference.list("events", "bin_n")[i]);
        let expected = [reference.list("events", "bin_forecast")[i], reference.list("events", "bin_frequency")[i]];
        assert_relative_eq!(bin.mean_forecast, expected[0], max_relative = 1e-10);
        assert_relative_eq!(bin.frequency, expected[1], max_relative = 1e-10);
    }
}

#[test]
fn ordered_classes_agree_with_numpy() {
    let reference = Reference::read();
    for (case, outcome) in [("classes0", 0), ("classes1", 2), ("classes2", 4)] {
        reference.assert_close(case, "rps", metrics::rps(reference.list(case, "probability"), outcome));
    }
    assert_eq!(metrics::rps(&[1.0, 0.0, 0.0], 0), 0.0);
    assert_eq!(metrics::rps(&[1.0, 0.0, 0.0], 2), 1.0);
    assert!(metrics::rps(&[1.0], 0).is_nan() && metrics::rps(&[0.5, 0.5], 2).is_nan());
}

#[test]
fn the_diebold_mariano_test_agrees_with_the_formula_of_r() {
    let reference = Reference::read();
    for case in ["dm-one-step", "dm-overlap", "dm-short", "dm-fallback"] {
        let (a, b) = (reference.list(case, "losses"), reference.list(case, "reference"));
        let h = (1..10).find(|h| f64::from(*h) == reference.number(case, "h")).unwrap();
        let expected = reference.list(case, "expected");
        let found = diebold_mariano(a, b, n(usize::from(u8::try_from(h).unwrap()))).unwrap();
        assert_relative_eq!(found.statistic, expected[0], max_relative = 1e-10);
        assert_relative_eq!(found.p_value, expected[1], max_relative = 1e-10);
        assert_eq!((found.n, found.horizon as f64), (a.len(), expected[2]));
    }
}

#[test]
fn the_diebold_mariano_test_declines_where_it_cannot_tell() {
    let growing = [1.0, 2.0, 3.0, 5.0];
    assert!(diebold_mariano(&growing, &growing, n(1)).is_none());
    // 0.1 is no binary fraction: the differences vary by rounding only.
    assert!(diebold_mariano(&growing.map(|x| x * 1e6 + 0.1), &growing.map(|x| x * 1e6), n(1)).is_none());
    assert!(diebold_mariano(&growing, &[0.0; 4], n(4)).is_none());
    assert!(diebold_mariano(&growing, &[0.0, f64::NAN, 1.0, 0.0], n(1)).is_none());
    assert!(diebold_mariano(&[], &[], n(1)).is_none());
}

#[test]
fn missing_actuals_are_left_out_and_counted() {
    let (y, f) = ([1.0, f64::NAN, 3.0], [2.0, 9.0, 3.0]);
    assert_eq!(metrics::n_missing(&y), 1);
    assert_eq!(metrics::mae(&y, &f), 0.5);
    assert_eq!(metrics::wape(&y, &f), 0.25);
    assert_eq!(metrics::coverage(&y, &[0.0; 3], &[1.0, 9.0, 9.0]), 1.0);
    assert!(metrics::mae(&[f64::NAN], &[1.0]).is_nan() && metrics::smape(&[], &[]).is_nan());
    // Scales take the pairs that are there: |3 - 1| and |7 - 3| at lag 2, none at lag 1 but 3 to 4.
    assert_eq!(metrics::mase_scale(&[1.0, f64::NAN, 3.0, 4.0, 7.0, f64::NAN], 2), 3.0);
}

#[test]
fn missing_forecasts_are_not_left_out() {
    let (y, f) = ([1.0, 2.0], [1.0, f64::NAN]);
    for score in [metrics::mae(&y, &f), metrics::smape(&y, &f), metrics::pinball(&y, &f, p(0.5))] {
        assert!(score.is_nan());
    }
}

#[test]
fn ranking_without_skill_or_without_contrast_scores_accordingly() {
    assert_eq!(metrics::auc(&[0.5; 4], &[true, false, true, false]), 0.5);
    assert_eq!(metrics::auc(&[0.1, 0.9], &[false, true]), 1.0);
    assert!(metrics::auc(&[0.1, 0.9], &[true, true]).is_nan());
    assert!(metrics::auc(&[0.1, f64::NAN], &[true, false]).is_nan());
    assert_eq!(metrics::log_score(&[0.0], &[true]), f64::INFINITY);
    assert_relative_eq!(metrics::log_score(&[0.5, 0.5], &[true, false]), std::f64::consts::LN_2);
}

#[test]
fn the_reference_model_has_an_owa_of_one() {
    assert_eq!(metrics::owa((9.161, 2.777), (9.161, 2.777)), 1.0);
    // M4 weekly, Theta against Naive2, as published with the competition's results: 0.971.
    assert!((metrics::owa((9.093, 2.637), (9.161, 2.777)) - 0.971).abs() < 5e-4);
}

#[test]
fn the_integral_transform_splits_mass_on_the_value() {
    let smooth = Predictive::normal(0.0, 1.0).unwrap();
    assert_relative_eq!(metrics::pit(&smooth, 0.0, p(0.0)), 0.5, max_relative = 1e-12);
    assert_relative_eq!(metrics::pit(&smooth, 0.0, p(1.0)), 0.5, max_relative = 1e-12);
    let counts = smooth.clone().non_negative(); // half of its mass sits on 0
    assert_eq!(metrics::pit(&counts, 0.0, p(0.0)), 0.0);
    assert_relative_eq!(metrics::pit(&counts, 0.0, p(0.5)), 0.25, max_relative = 1e-12);
    assert_eq!(metrics::pit(&Predictive::Point(2.0), 2.0, p(0.5)), 0.5);
    assert!(metrics::pit(&smooth, f64::NAN, p(0.5)).is_nan());
}
