//! Reconciliation against hierarchicalforecast 1.5.3 and scipy 1.17.1 (`tests/reference/hierarchy.py`), and what must hold
//! whatever the data.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]
#![expect(clippy::print_stdout, reason = "the agreement found, for `--nocapture`")]

use std::collections::BTreeMap;
use std::io::Read;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use credcast::forecast::{
    Fitted, FittedPerSeries, FittedReconciled, Forecast, Forecaster, Groups, Hierarchy, PerSeries, Reconciled,
    Reconciler, Reconciliation, Shares, Support, Weighting,
};
use credcast::series::{FittedSeasonalNaive, SeasonalNaive};
use credcast::{Panel, Period, Persist, Predictive, Probability, SeriesKey};

/// Periods that are kept, and the last ones whose errors are used.
const LENGTH: usize = 120;
const ERRORS: usize = 48;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The last 120 months of the 94 leaves of total employment.
fn leaves() -> BTreeMap<String, Vec<f64>> {
    let names = std::fs::read_to_string(root().join("datasets/us-employment/series.csv")).unwrap();
    let mut found: BTreeMap<String, Vec<f64>> = names
        .lines()
        .filter(|line| line.ends_with(",1"))
        .map(|line| (line.split(',').next().unwrap().to_owned(), Vec::new()))
        .collect();
    let file = std::fs::File::open(root().join("datasets/us-employment/employment.csv.gz")).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        if let Some(values) = found.get_mut(cells[0]) {
            values.push(cells[2].parse().unwrap());
        }
    }
    found.values_mut().for_each(|values| *values = values.split_off(values.len() - LENGTH));
    assert_eq!(found.len(), 94);
    found
}

/// The first two digits of the CES code.
fn sector(leaf: &str) -> String {
    format!("sector-{}", leaf.strip_prefix("REST").unwrap_or(&leaf[3..]).get(..2).unwrap())
}

fn groups(names: impl Iterator<Item = String>) -> Groups {
    names
        .fold(Groups::params(), |groups, leaf| groups.item(&leaf, sector(&leaf)).item(sector(&leaf), "all"))
        .build()
        .unwrap()
}

struct Case {
    hierarchy: Hierarchy,
    history: Panel,
    /// For each of three steps, base forecasts of all nodes.
    base: Vec<Vec<f64>>,
    errors: Vec<Vec<f64>>,
}

fn case() -> Case {
    let leaves = leaves();
    let start = Period::month(2009, 10).unwrap();
    let panel =
        Panel::from_series("y", leaves.iter().map(|(name, y)| (SeriesKey::national(name), start, y.clone()))).unwrap();
    let hierarchy = Hierarchy::new(groups(leaves.into_keys()), panel.keys()).unwrap();
    let history = hierarchy.aggregate(&panel, "y").unwrap();
    let wobble = |node: usize| 1.0 + 0.05 * ((node * 37 % 41) as f64 / 41.0 - 0.5);
    let base = (0..3)
        .map(|h| history.iter().enumerate().map(|(i, s)| s.values(0)[LENGTH - 12 + h] * wobble(i)).collect())
        .collect();
    let change = |y: &[f64]| (LENGTH - ERRORS..LENGTH).map(|t| y[t] - y[t - 12]).collect();
    let errors = history.iter().map(|s| change(s.values(0))).collect();
    Case { hierarchy, history, base, errors }
}

/// Forecasts by method, then node, then step.
fn expected() -> BTreeMap<String, BTreeMap<String, Vec<f64>>> {
    let text = std::fs::read_to_string(root().join("tests/reference/hierarchy.csv")).unwrap();
    assert!(text.starts_with("# Python 3.11, hierarchicalforecast 1.5.3"));
    let mut found: BTreeMap<String, BTreeMap<String, Vec<f64>>> = BTreeMap::new();
    for line in text.lines().skip(2) {
        let cells: Vec<&str> = line.split(',').collect();
        let steps = found.entry(cells[0].into()).or_default().entry(cells[1].into()).or_default();
        assert_eq!(cells[2].parse::<usize>().unwrap(), steps.len() + 1);
        steps.push(cells[3].parse().unwrap());
    }
    found
}

/// The largest difference from the reference, in units of the value or of 1 if that is larger.
fn difference(case: &Case, reconciler: &Reconciler, base: &[Vec<f64>], method: &str) -> f64 {
    difference_from(1.0, case, reconciler, base, method)
}

/// The same, in units of `least` if that is larger than the value.
fn difference_from(least: f64, case: &Case, reconciler: &Reconciler, base: &[Vec<f64>], method: &str) -> f64 {
    let found: Vec<Vec<f64>> = base.iter().map(|base| reconciler.points(base)).collect();
    let mut largest = 0.0_f64;
    for (node, steps) in &expected()[method] {
        let place = case.hierarchy.keys().binary_search(&SeriesKey::national(node)).unwrap();
        for (found, expected) in found.iter().zip(steps) {
            largest = largest.max((found[place] - expected).abs() / expected.abs().max(least));
        }
    }
    println!("{method}: {largest:.1e}");
    largest
}

fn reconciler(case: &Case, method: Reconciliation, non_negative: bool) -> Reconciler {
    Reconciler::new(case.hierarchy.clone(), method, non_negative, &case.errors, Some(&case.history)).unwrap()
}

const SHARES: [(&str, Shares); 3] = [
    ("average_proportions", Shares::AverageProportions),
    ("proportion_averages", Shares::ProportionsOfAverages),
    ("forecast_proportions", Shares::ForecastProportions),
];
const WEIGHTINGS: [(&str, Weighting); 4] = [
    ("ols", Weighting::Ols),
    ("wls_struct", Weighting::Structural),
    ("wls_var", Weighting::Variance),
    ("mint_shrink", Weighting::Shrinkage),
];

fn methods() -> Vec<(String, Reconciliation)> {
    let mut methods = vec![("bottom_up".into(), Reconciliation::BottomUp)];
    for (name, shares) in SHARES {
        methods.push((format!("top_down_{name}"), Reconciliation::TopDown(shares)));
        let middle_out = Reconciliation::MiddleOut { item_depth: 1, region_depth: 0, shares };
        methods.push((format!("middle_out_{name}"), middle_out));
    }
    methods.extend(WEIGHTINGS.map(|(name, weighting)| (name.into(), Reconciliation::MinT(weighting))));
    methods
}

#[test]
fn points_are_those_of_hierarchicalforecast() {
    let case = case();
    for (name, method) in methods() {
        let largest = difference(&case, &reconciler(&case, method, false), &case.base, &name);
        assert!(largest < 1e-8, "{name}: {largest:e}");
    }
}

#[test]
fn non_negative_points_are_those_of_an_exact_solver() {
    let case = case();
    let mut base = case.base.clone();
    let top = case.hierarchy.keys().binary_search(&SeriesKey::national("all")).unwrap();
    base.iter_mut().for_each(|base| base[top] *= 0.7);
    for (name, weighting) in WEIGHTINGS {
        let bounded = reconciler(&case, Reconciliation::MinT(weighting), true);
        assert!(base.iter().all(|base| bounded.points(base).iter().all(|point| *point >= 0.0)));
        let exact = difference(&case, &bounded, &base, &format!("{name}_nnls"));
        assert!(exact < 1e-8, "{name}: {exact:e}");
        // The package's interior point method stops near the solution, up to 0.66 thousand away where the total is 111,000
        // thousand (0.45 where scipy and we have 0), and hands it on in single precision.
        let package = difference_from(1e5, &case, &bounded, &base, &format!("{name}_nonnegative"));
        assert!(package < 1e-5, "{name}: {package:e}");
    }
}

#[test]
fn points_add_up_and_stay_where_they_already_did() {
    let case = case();
    for (name, method) in methods() {
        for non_negative in [false, true] {
            let reconciler = reconciler(&case, method, non_negative);
            let points = reconciler.points(&case.base[0]);
            for (place, key) in case.hierarchy.keys().iter().enumerate() {
                let parts = case.hierarchy.parts(key).unwrap();
                let part = |key: &SeriesKey| points[case.hierarchy.keys().binary_search(key).unwrap()];
                let sum: f64 = parts.iter().map(|key| part(key)).sum();
                assert!((points[place] - sum).abs() <= 1e-12 * sum.abs(), "{name}, {key}: {} {sum}", points[place]);
            }
            // The last values add up. Historical shares need not be those of the last values.
            let last: Vec<f64> = case.history.iter().map(|s| s.values(0)[LENGTH - 1]).collect();
            let keeps = !name.contains("average");
            for (found, last) in reconciler.points(&last).iter().zip(&last).filter(|_| keeps) {
                assert!((found / last - 1.0).abs() < 1e-12, "{name}: {found} {last}");
            }
        }
    }
}

#[test]
fn unbiased_methods_recover_every_bottom() {
    // S P S = S, column by column.
    let case = case();
    for (name, method) in methods().into_iter().filter(|(name, _)| !name.contains("down") && !name.contains("middle")) {
        let reconciler = reconciler(&case, method, false);
        for bottom in (0..case.hierarchy.n_bottom()).step_by(9) {
            let unit: Vec<f64> = (0..case.hierarchy.n_bottom()).map(|b| f64::from(u8::from(b == bottom))).collect();
            let nodes = case.hierarchy.sum(&unit);
            for (found, expected) in reconciler.points(&nodes).iter().zip(&nodes) {
                assert!((found - expected).abs() < 1e-12, "{name}: {found} {expected}");
            }
        }
    }
}

#[test]
fn a_power_of_two_scales_points_exactly() {
    let case = case();
    for (name, method) in methods() {
        for scale in [1.0 / 1024.0, 2_f64.powi(400)] {
            let scaled = |lists: &[Vec<f64>]| -> Vec<Vec<f64>> {
                lists.iter().map(|list| list.iter().map(|v| v * scale).collect()).collect()
            };
            let plain = reconciler(&case, method, true);
            let larger =
                Reconciler::new(case.hierarchy.clone(), method, true, &scaled(&case.errors), Some(&case.history))
                    .unwrap();
            for (a, b) in plain.points(&case.base[1]).iter().zip(larger.points(&scaled(&case.base)[1])) {
                assert_eq!((a * scale).to_bits(), b.to_bits(), "{name}");
            }
        }
    }
}

#[test]
fn published_totals_differ_by_what_their_rounding_says() {
    // The leaves against the published total: within 0.001 %, not within a part in 10^9.
    let leaves = leaves();
    let start = Period::month(2009, 10).unwrap();
    let sums: Vec<f64> = (0..LENGTH).map(|t| leaves.values().map(|y| y[t]).sum::<f64>()).collect();
    let total: Vec<f64> = sums.iter().map(|sum| (sum * 1.000_008).round()).collect();
    let series = leaves.iter().map(|(name, y)| (SeriesKey::national(name), start, y.clone()));
    let panel = Panel::from_series("y", series.chain([(SeriesKey::national("all"), start, total)])).unwrap();
    let with = |tolerance: f64| {
        let names = leaves.keys().cloned();
        let groups = names
            .fold(Groups::params().tolerance(tolerance), |groups, leaf| {
                groups.item(&leaf, sector(&leaf)).item(sector(&leaf), "all")
            })
            .build()
            .unwrap();
        Hierarchy::new(groups, panel.keys()).unwrap().aggregate(&panel, "y")
    };
    assert!(with(1e-4).is_ok());
    assert!(with(1e-6).unwrap_err().to_string().starts_with("series all, 2009-10: the value "));
}

const THREE: NonZeroUsize = NonZeroUsize::new(3).unwrap();

fn seasonal(support: Support) -> PerSeries<SeasonalNaive> {
    PerSeries::new(SeasonalNaive::new(NonZeroUsize::new(12).unwrap())).support(support)
}

fn panel() -> Panel {
    let start = Period::month(2009, 10).unwrap();
    Panel::from_series("y", leaves().into_iter().map(|(name, y)| (SeriesKey::national(name), start, y))).unwrap()
}

fn fitted(
    method: Reconciliation,
    support: Support,
    non_negative: bool,
) -> FittedReconciled<FittedPerSeries<FittedSeasonalNaive>> {
    let model = Reconciled::params(groups(leaves().into_keys()), seasonal(support));
    model.method(method).non_negative(non_negative).origins(20).build().unwrap().fit(&panel()).unwrap()
}

fn sd(dist: &Predictive) -> f64 {
    let (low, high) = dist.interval(Probability::new(0.8).unwrap());
    (high - low) / 2.0 / 1.281_551_565_544_600_4
}

#[test]
fn every_path_adds_up() {
    for (name, method) in methods() {
        let paths = fitted(method, Support::NonNegative, true).paths(THREE, 40).unwrap();
        let hierarchy = case().hierarchy;
        assert_eq!(paths.keys(), hierarchy.keys());
        for (node, key) in hierarchy.keys().iter().enumerate() {
            let parts: Vec<usize> =
                hierarchy.parts(key).unwrap().iter().map(|key| hierarchy.keys().binary_search(key).unwrap()).collect();
            for path in 0..paths.n_paths() {
                for step in 0..3 {
                    let (value, sum) = (
                        paths.path(path, node)[step],
                        parts.iter().map(|&part| paths.path(path, part)[step]).sum::<f64>(),
                    );
                    assert!(value >= 0.0 && (value - sum).abs() <= 1e-12 * sum, "{name}, {key}: {value} {sum}");
                }
            }
        }
    }
}

#[test]
fn exact_and_sampled_distributions_agree() {
    // The same base distributions, once with a form that has no closed result (none of them comes near 0).
    let method = Reconciliation::MinT(Weighting::Shrinkage);
    let exact = fitted(method, Support::Real, false).forecast(THREE).unwrap();
    let sampled = fitted(method, Support::NonNegative, false).forecast(THREE).unwrap();
    assert!(matches!(exact.path(0)[0], Predictive::Normal { .. }));
    assert!(matches!(sampled.path(0)[0], Predictive::Quantiles(_)));
    let mut ratios = Vec::new();
    for node in 0..exact.keys().len() {
        for (a, b) in exact.path(node).iter().zip(sampled.path(node)) {
            // 200 samples know a mean to a fifteenth of a standard deviation; stratified ones better.
            assert!((a.mean() - b.mean()).abs() < 0.1 * sd(a), "{}: {} {}", exact.keys()[node], a.mean(), b.mean());
            ratios.push(sd(b) / sd(a));
        }
    }
    let mean = ratios.iter().sum::<f64>() / ratios.len() as f64;
    assert!((mean - 1.0).abs() < 0.05 && ratios.iter().all(|r| (0.7..1.4).contains(r)), "{mean} {ratios:?}");
}

#[test]
fn normal_points_are_the_reconciled_base_points_and_add_up() {
    let fitted = fitted(Reconciliation::MinT(Weighting::Structural), Support::Real, false);
    let points = |forecast: &Forecast| -> Vec<f64> {
        (0..forecast.keys().len()).map(|node| forecast.path(node)[1].point()).collect()
    };
    let base = points(&fitted.inner().forecast(THREE).unwrap());
    let expected = fitted.reconciler().points(&base);
    assert_eq!(points(&fitted.forecast(THREE).unwrap()), expected);
}

#[test]
fn what_is_loaded_forecasts_the_same_and_damage_is_refused() {
    for method in [Reconciliation::MinT(Weighting::Shrinkage), Reconciliation::TopDown(Shares::AverageProportions)] {
        let fitted = fitted(method, Support::FromData, false);
        type Loaded = FittedReconciled<FittedPerSeries<FittedSeasonalNaive>>;
        let loaded = Loaded::from_bytes(&fitted.to_bytes().unwrap()).unwrap();
        assert_eq!(loaded, fitted);
        assert_eq!(loaded.forecast(THREE).unwrap(), fitted.forecast(THREE).unwrap());
        assert_eq!(loaded.paths(THREE, 20).unwrap(), fitted.paths(THREE, 20).unwrap());
        let text = fitted.to_json().unwrap();
        assert_eq!(Loaded::from_json(&text).unwrap(), fitted);
        assert!(FittedPerSeries::<FittedSeasonalNaive>::from_bytes(&fitted.to_bytes().unwrap()).is_err());
    }
}

/// Forecasts the value of a year before and leaves out a part of the nodes.
#[derive(Debug)]
struct Partly(&'static [&'static str]);

#[derive(Debug)]
struct FittedPartly(Forecast, &'static [&'static str]);

impl Forecaster for Partly {
    type Fitted = FittedPartly;
    fn fit(&self, train: &Panel) -> credcast::Result<FittedPartly> {
        Ok(FittedPartly(seasonal(Support::Real).fit(train)?.forecast(THREE)?, self.0))
    }
}

impl Fitted for FittedPartly {
    fn forecast(&self, horizon: NonZeroUsize) -> credcast::Result<Forecast> {
        let kept: Vec<usize> =
            (0..self.0.keys().len()).filter(|&node| !self.1.contains(&self.0.keys()[node].item())).collect();
        let keys = kept.iter().map(|&node| self.0.keys()[node].clone()).collect();
        let origins = kept.iter().map(|&node| self.0.origins()[node]).collect();
        let dists = kept.iter().flat_map(|&node| self.0.path(node)[..horizon.get()].to_vec()).collect();
        Ok(Forecast::new(horizon, keys, origins, dists, Vec::new())?)
    }
}

#[test]
fn nodes_without_a_base_forecast_do_not_stop_the_others() {
    let model = Partly(&["CEU1011330001", "sector-10"]);
    let model = Reconciled::params(groups(leaves().into_keys()), model).build().unwrap();
    let forecast = model.fit(&panel()).unwrap().forecast(THREE).unwrap();
    let used: Vec<_> = forecast.fallbacks().iter().map(|f| (f.key.item(), f.used.as_str())).collect();
    assert_eq!(used, [("CEU1011330001", "last value"), ("sector-10", "sum of parts")]);
    assert!((0..forecast.keys().len()).all(|node| forecast.path(node).iter().all(|dist| dist.point().is_finite())));
    // Nobody forecasts anything: the last values are left.
    let all: Vec<&'static str> =
        case().hierarchy.keys().iter().map(|key| &*Box::leak(key.item().to_owned().into_boxed_str())).collect();
    let model = Reconciled::params(groups(leaves().into_keys()), Partly(Box::leak(all.into_boxed_slice())));
    let forecast = model.build().unwrap().fit(&panel()).unwrap().forecast(THREE).unwrap();
    let sum: f64 = leaves().values().map(|y| y[LENGTH - 1]).sum();
    assert!((forecast.get(&SeriesKey::national("all")).unwrap()[2].point() / sum - 1.0).abs() < 1e-12);
}

#[test]
fn degenerate_panels_give_forecasts_or_named_errors() {
    let start = Period::month(2020, 1).unwrap();
    let keys = [SeriesKey::new("a", "CA"), SeriesKey::new("a", "TX"), SeriesKey::new("b", "TX")];
    let nan = f64::NAN;
    let cases: [[Vec<f64>; 3]; 10] = [
        [vec![1.0], vec![2.0], vec![3.0]],
        [vec![1.0, 2.0], vec![2.0], vec![3.0, 5.0]],
        [vec![5.0; 40], vec![5.0; 40], vec![5.0; 40]],
        [vec![0.0; 40], vec![0.0; 40], vec![0.0; 40]],
        [vec![nan; 40], vec![0.0; 40], vec![3.0; 40]],
        [vec![nan; 40], vec![nan; 40], vec![nan; 40]],
        [vec![1e-300; 40], (0..40).map(|t| 1e-300 * f64::from(t)).collect(), vec![0.0; 40]],
        [(0..40).map(|t| 1e149 * f64::from(t % 7)).collect(), vec![1e-300; 40], (0..40).map(f64::from).collect()],
        [vec![f64::INFINITY; 40], vec![1e300; 40], vec![1.0; 40]],
        [(0..40).map(|t| if t % 5 == 0 { nan } else { f64::from(t) }).collect(), vec![-3.0; 7], vec![1.0; 60]],
    ];
    let groups =
        Groups::params().item("a", "all").item("b", "all").region("TX", "US").region("CA", "US").build().unwrap();
    let mut made = 0;
    for series in cases {
        let panel = Panel::from_series("y", keys.iter().cloned().zip(series).map(|(key, y)| (key, start, y))).unwrap();
        for (_, method) in methods() {
            for (support, non_negative) in [(Support::Real, false), (Support::FromData, true)] {
                let model =
                    Reconciled::params(groups.clone(), seasonal(support)).method(method).non_negative(non_negative);
                for horizon in [1, 480] {
                    let horizon = NonZeroUsize::new(horizon).unwrap();
                    let fitted = model.clone().samples(20).build().unwrap().fit(&panel);
                    // An error is legal, and says which series.
                    let Ok(forecast) = fitted.and_then(|fitted| fitted.forecast(horizon)) else { continue };
                    made += 1;
                    assert_eq!(forecast.keys().len(), 8);
                    assert!((0..8).all(|node| forecast.path(node).iter().all(|dist| dist.point().is_finite())));
                }
            }
        }
    }
    println!("{made} of 440 made");
    assert!(made >= 7 * 44, "{made}");
}
