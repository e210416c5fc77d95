//! The back-test sees no future, does not depend on the number of threads, and gives the figures that the peers get.

#![expect(clippy::print_stdout, reason = "a skipped test says so")]
#![expect(clippy::float_cmp, reason = "where the expected number is exact, equality is the claim")]

use std::collections::HashMap;
use std::fs;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Mutex;

use credcast::evaluate::{Backtest, Cutoffs, DieboldMariano, Measure, Scores, paired_bootstrap};
use credcast::forecast::{Fallback, Fitted, Forecast, Forecaster};
use credcast::{
    AggregateRule, DataError, Error, FitError, Frequency, Panel, PanelBuilder, PartialPeriods, Period, Predictive,
    SeriesKey, SeriesView,
};

fn n(value: usize) -> NonZeroUsize {
    NonZeroUsize::new(value).expect("not 0")
}

/// What one series' past says about step `h` ahead.
type Rule = fn(past: &[f64], season: usize, h: usize) -> Predictive;

/// Forecasts each series by a rule.
#[derive(Debug, Clone, Copy)]
struct ByRule {
    season: usize,
    rule: Rule,
}

#[derive(Debug)]
struct Seen {
    train: Panel,
    by: ByRule,
}

impl Forecaster for ByRule {
    type Fitted = Seen;
    fn fit(&self, train: &Panel) -> credcast::Result<Seen> {
        Ok(Seen { train: train.clone(), by: *self })
    }
}

impl Fitted for Seen {
    fn forecast(&self, horizon: NonZeroUsize) -> credcast::Result<Forecast> {
        let path = |series: SeriesView<'_>| {
            let past = series.values(0);
            (1..=horizon.get()).map(|h| (self.by.rule)(past, self.by.season, h)).collect::<Vec<_>>()
        };
        let dists = self.train.iter().flat_map(path).collect();
        let origins = self.train.iter().map(|series| series.end()).collect();
        Ok(Forecast::new(horizon, self.train.keys().to_vec(), origins, dists, vec![])?)
    }
}

/// The value one season ago, normal, with the variance of the past seasonal differences for each season passed. The
/// divisor is the number of values less the season, which the peers use too.
fn seasonal_naive(past: &[f64], season: usize, h: usize) -> Predictive {
    let squares: f64 = past.iter().skip(season).zip(past).map(|(y, x)| (y - x) * (y - x)).sum();
    let variance = squares / (past.len() - season) as f64;
    let seasons_ahead = (h - 1) / season;
    let mean = past[past.len() - season + (h - 1) % season];
    Predictive::normal(mean, (variance * (seasons_ahead + 1) as f64).sqrt()).expect("finite")
}

fn naive(past: &[f64], _: usize, h: usize) -> Predictive {
    seasonal_naive(past, 1, h)
}

const NAIVE: ByRule = ByRule { season: 1, rule: naive };

/// A file of the shared data; says so and gives nothing if the data are not there.
fn shared(path: &str) -> Option<String> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(path);
    let text = fs::read_to_string(file).ok();
    if text.is_none() {
        println!("skipped: no data");
    }
    text
}

fn assert_rounds_to(ours: f64, theirs: f64, what: &str) {
    assert!((ours - theirs).abs() < 5e-4, "{what}: {ours} against {theirs}");
}

/// A panel of series of different lengths, starts and ends, from a linear congruential generator.
fn uneven(n_series: i32) -> Panel {
    let mut state = 7_u32;
    let mut random = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 24)
    };
    let series = (0..n_series).map(|i| {
        let start = Period::month(2015, 1).expect("a month").plus(i % 5);
        let length = 60 - i % 7;
        let values = (0..length).map(|t| 50.0 + f64::from(i + t) + 20.0 * random()).collect();
        (SeriesKey::new(format!("item{i}"), "TX"), start, values)
    });
    Panel::from_series("y", series.collect::<Vec<_>>()).expect("distinct keys")
}

/// What a run gives but for the time it took, to the last bit.
fn fingerprint(scores: &Scores) -> String {
    let mut row = scores.row().clone();
    row.cpu_seconds = 0.0;
    format!("{row:?} {:?} {:?}", scores.windows(), scores.left_out())
}

#[test]
fn one_two_and_eight_threads_agree_exactly() {
    let panel = uneven(40);
    let backtest = Backtest::new(Cutoffs::rolling(n(6), n(9), n(2)));
    let with_threads = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        fingerprint(&pool.install(|| backtest.run(&panel, &NAIVE)).unwrap())
    };
    let one = with_threads(1);
    assert_eq!(one, with_threads(2));
    assert_eq!(one, with_threads(8));
}

/// Keeps every panel it was fitted to.
#[derive(Debug, Default)]
struct Spy(Mutex<Vec<Panel>>);

impl Forecaster for Spy {
    type Fitted = Seen;
    fn fit(&self, train: &Panel) -> credcast::Result<Seen> {
        self.0.lock().expect("no panic while locked").push(train.clone());
        NAIVE.fit(train)
    }
}

#[test]
fn no_forecaster_sees_beyond_its_origin() {
    let panel = uneven(10);
    let cutoffs = Cutoffs::every(n(4), n(24), n(5));
    let spy = Spy::default();
    let scores = Backtest::new(cutoffs).run(&panel, &spy).unwrap();
    let mut seen = spy.0.into_inner().unwrap();
    seen.sort_by_key(Panel::last_period);
    let origins = cutoffs.origins(&panel).unwrap();
    assert_eq!(seen.len(), origins.len());
    for (train, origin) in seen.iter().zip(&origins) {
        assert!(train.last_period() <= Some(*origin));
        assert_eq!(*train, panel.until(*origin));
    }
    let mut scored: Vec<_> = scores.windows().iter().map(|w| w.origin).collect();
    scored.dedup();
    assert_eq!(scored, origins);
}

/// Forecasts every period as its own ordinal, from an origin shifted by some periods.
#[derive(Debug)]
struct Calendar {
    shift: i32,
}

impl Forecaster for Calendar {
    type Fitted = Dated;
    fn fit(&self, train: &Panel) -> credcast::Result<Dated> {
        Ok(Dated(train.iter().map(|s| (s.key().clone(), s.end().plus(self.shift))).collect()))
    }
}

#[derive(Debug)]
struct Dated(Vec<(SeriesKey, Period)>);

impl Fitted for Dated {
    fn forecast(&self, horizon: NonZeroUsize) -> credcast::Result<Forecast> {
        let (keys, origins): (Vec<_>, Vec<_>) = self.0.iter().cloned().unzip();
        let steps = i32::try_from(horizon.get()).expect("a short horizon");
        let path =
            |origin: &Period| (1..=steps).map(|h| Predictive::Point(f64::from(origin.plus(h).ordinal()))).collect();
        let dists = origins.iter().flat_map::<Vec<_>, _>(path).collect();
        Ok(Forecast::new(horizon, keys, origins, dists, vec![])?)
    }
}

/// Steps 0 to `length`, valued by their number; `b` is two steps shorter, `c` ends at step 5, `d` has a hole at 16.
fn ordinals(length: i32) -> Panel {
    let series = [("a", length), ("b", length - 2), ("c", 5), ("d", length)].map(|(key, length)| {
        let value = |t| if key == "d" && t == 16 { f64::NAN } else { f64::from(t) };
        (SeriesKey::national(key), Period::step(0), (0..length).map(value).collect())
    });
    Panel::from_series("y", series).expect("distinct keys")
}

#[test]
fn forecasts_meet_the_period_they_are_for() {
    let backtest = Backtest::new(Cutoffs::fixed(n(4)));
    let scores = backtest.run(&ordinals(20), &Calendar { shift: 0 }).unwrap();
    assert_eq!(scores.row().mae, 0.0);
    let (row, left_out) = (scores.row(), scores.left_out());
    // b lacks steps 18 and 19, d step 16; c ended before the origin, and its forecast was of known periods.
    assert_eq!((row.series, left_out.without_actuals, left_out.missing_periods), (3, 1, 3));

    // Told an older origin, the path still lands on its own periods; the last ones are not reached.
    let scores = backtest.run(&ordinals(20), &Calendar { shift: -1 }).unwrap();
    assert_eq!((scores.row().mae, scores.left_out().missing_periods), (0.0, 5));

    let late = backtest.run(&ordinals(20), &Calendar { shift: 1 }).unwrap_err();
    assert_eq!(late.to_string(), "series a: was forecast from 16, which was not known at 15");
    let beyond_reach = backtest.run(&ordinals(20), &Calendar { shift: -9 }).unwrap_err();
    assert!(matches!(beyond_reach, Error::Data(DataError::Empty { .. })));
}

#[test]
fn a_fixed_run_forecasts_each_series_from_its_own_end() {
    let backtest = Backtest::new(Cutoffs::fixed(n(4)));
    let (train, whole) = (ordinals(14), ordinals(20));
    let scores = backtest.run_fixed(&train, &whole, &Calendar { shift: 0 }).unwrap();
    let ends: Vec<_> = scores.windows().iter().map(|w| (w.key.to_string(), w.origin.ordinal(), w.points)).collect();
    let expected = [("b", 11, 4), ("a", 13, 4), ("d", 13, 3)].map(|(key, end, points)| (key.to_owned(), end, points));
    assert_eq!(ends, expected);
    assert_eq!((scores.row().mae, scores.left_out().without_actuals), (0.0, 1));
    let rolling = Backtest::new(Cutoffs::rolling(n(4), n(1), n(1)));
    assert!(matches!(rolling.run_fixed(&train, &whole, &NAIVE), Err(Error::Param(_))));
}

#[test]
fn a_broken_forecast_is_replaced_by_the_last_value_and_counted() {
    let broken = ByRule { season: 1, rule: |_, _, h| Predictive::Point(if h == 2 { f64::NAN } else { 0.0 }) };
    let mixed =
        ByRule { season: 1, rule: |past, _, h| Predictive::Point(if h == 2 { past[past.len() - 1] } else { 0.0 }) };
    let backtest = Backtest::new(Cutoffs::fixed(n(4)));
    let (ours, expected) = (backtest.run(&uneven(5), &broken).unwrap(), backtest.run(&uneven(5), &mixed).unwrap());
    assert_eq!(ours.windows(), expected.windows());
    assert_eq!((ours.left_out().replaced, expected.left_out().replaced), (ours.windows().len(), 0));
}

/// Fails on panels longer than `limit`, falls back on the others.
#[derive(Debug)]
struct Failing {
    limit: usize,
}

impl Forecaster for Failing {
    type Fitted = Fallen;
    fn fit(&self, train: &Panel) -> credcast::Result<Fallen> {
        let found = train.n_rows();
        if found > self.limit {
            return Err(FitError::TooShort { needed: self.limit, found }.into());
        }
        Ok(Fallen(NAIVE.fit(train)?))
    }
}

#[derive(Debug)]
struct Fallen(Seen);

impl Fitted for Fallen {
    fn forecast(&self, horizon: NonZeroUsize) -> credcast::Result<Forecast> {
        let all = self.0.forecast(horizon)?;
        let dists = (0..all.keys().len()).flat_map(|i| all.path(i).to_vec()).collect();
        let fallback = |key: &SeriesKey| Fallback { key: key.clone(), used: "naive".into(), reason: "a test".into() };
        let fallbacks = all.keys().iter().map(fallback).collect();
        Ok(Forecast::new(horizon, all.keys().to_vec(), all.origins().to_vec(), dists, fallbacks)?)
    }
}

#[test]
fn the_error_is_that_of_the_earliest_origin_and_fallbacks_are_counted() {
    let panel = ordinals(20).filter(|key| key.item() == "a");
    let backtest = Backtest::new(Cutoffs::rolling(n(2), n(6), n(2)));
    for _ in 0..20 {
        let error = backtest.run(&panel, &Failing { limit: 9 }).unwrap_err();
        assert_eq!(error.to_string(), "needs at least 9 observations, series has 10");
    }
    let scores = backtest.run(&panel, &Failing { limit: 99 }).unwrap();
    assert_eq!((scores.row().fallbacks, scores.row().series, scores.windows().len()), (6, 1, 6));
}

#[test]
fn the_target_and_the_clock_can_be_chosen() {
    let panel = ordinals(20).filter(|key| key.item() == "a");
    let wide = panel.with_column("twice", &(0..20).map(|t| f64::from(2 * t)).collect::<Vec<_>>()).unwrap();
    let backtest = Backtest::new(Cutoffs::fixed(n(4))).clock(|| 3.0);
    let scores = backtest.clone().target("twice").run(&wide, &Calendar { shift: 0 }).unwrap();
    assert_eq!((scores.row().mae, scores.row().cpu_seconds), (17.5, 0.0));
    assert!(backtest.target("thrice").run(&wide, &NAIVE).is_err());
}

#[test]
fn a_row_has_the_agreed_names_and_no_nan() {
    let flat = Panel::from_series("y", [(SeriesKey::national("a"), Period::step(0), vec![1.0; 9])]).unwrap();
    let scores = Backtest::new(Cutoffs::fixed(n(2))).clock(|| 1.0).run(&flat, &Calendar { shift: 0 }).unwrap();
    let json = serde_json::to_string(&scores.named("calendar")).unwrap();
    let expected = "{\"model\":\"calendar\",\"smape\":152.77777777777777,\"mase\":null,\"rmsse\":null,\"mae\":6.5,\
                    \"rmse\":6.519202405202649,\"crps\":null,\"msis95\":null,\"coverage80\":0.0,\"coverage95\":0.0,\
                    \"owa\":null,\"series\":1,\"fallbacks\":0,\"cpu_seconds\":0.0}";
    assert_eq!(json, expected);
}

#[test]
fn models_are_called_by_their_type_until_they_are_named() {
    let scores = Backtest::new(Cutoffs::fixed(n(2))).run(&uneven(3), &NAIVE).unwrap();
    assert_eq!(scores.row().model, "ByRule");
    assert_eq!(scores.named("naive").row().model, "naive");
}

#[test]
fn a_clearly_worse_model_is_found_to_be_worse() {
    let panel = uneven(40);
    let backtest = Backtest::new(Cutoffs::rolling(n(3), n(12), n(3)));
    let zero = ByRule { season: 1, rule: |_, _, _| Predictive::Point(0.0) };
    let (bad, good) = (backtest.run(&panel, &zero).unwrap(), backtest.run(&panel, &NAIVE).unwrap());
    let found = paired_bootstrap(&bad, &good, Measure::Mase, 1).unwrap();
    assert!(found.low > 0.0 && found.p_value < 0.01 && found.low < found.difference && found.difference < found.high);
    assert_eq!(found, paired_bootstrap(&bad, &good, Measure::Mase, 1).unwrap());
    let in_time = DieboldMariano::by_origin(&bad, &good, Measure::Crps, n(1)).unwrap();
    assert!(in_time.statistic > 0.0 && in_time.p_value < 0.01 && in_time.n == 12);
    // OWA relates averages over the windows that both have.
    let both = bad.clone().relative_to(&good);
    let expected = (bad.row().smape / good.row().smape + bad.row().mase / good.row().mase) / 2.0;
    assert!((both.row().owa.unwrap() - expected).abs() < 1e-12);
}

/// Rows of a quoted CSV without quotes or commas inside fields: id and numbers.
fn m4(text: &str) -> HashMap<String, Vec<f64>> {
    let row = |line: &str| {
        let mut fields = line.split(',').map(|field| field.trim_matches('"'));
        let id = fields.next().expect("an id").to_owned();
        (id, fields.map_while(|field| field.parse().ok()).collect())
    };
    text.lines().skip(1).map(row).collect()
}

#[test]
fn naive_on_m4_weekly_scores_as_published() {
    let (Some(train), Some(test)) = (shared("m4-weekly/Weekly-train.csv"), shared("m4-weekly/Weekly-test.csv")) else {
        return;
    };
    let (train, test) = (m4(&train), m4(&test));
    let position = |count: usize| Period::step(i32::try_from(count).unwrap());
    let panel = |rows: &HashMap<String, Vec<f64>>, start: &dyn Fn(&str) -> Period| {
        let series = rows.iter().map(|(id, values)| (SeriesKey::national(id), start(id), values.clone()));
        Panel::from_series("y", series.collect::<Vec<_>>()).unwrap()
    };
    let past = panel(&train, &|_| position(0));
    let future = panel(&test, &|id| position(train[id].len()));
    let scores = Backtest::new(Cutoffs::fixed(n(13))).season(n(1)).run_fixed(&past, &future, &NAIVE).unwrap();
    let scores = scores.clone().relative_to(&scores);
    let row = scores.row();
    assert_eq!((row.series, scores.left_out().missing_periods), (359, 0));
    // M4 competition, Naive2, weekly; at a season of 1 it is the naive forecast.
    assert_rounds_to(row.smape, 9.161, "sMAPE");
    assert_rounds_to(row.mase, 2.777, "MASE");
    assert_rounds_to(row.owa.unwrap(), 1.0, "OWA");
}

/// Monthly means of the daily postings index by state; the last month, which is not over, is left out.
fn states() -> Option<Panel> {
    let text = shared("indeed-postings/us_state_daily_2020-02_2026-08.csv")?;
    let mut builder = PanelBuilder::new(Frequency::Daily, ["index"]);
    for line in text.lines().skip(1) {
        let mut fields = line.split(',');
        let day = Period::parse(fields.next()?, Frequency::Daily)?;
        let key = SeriesKey::new("postings", fields.next()?.to_uppercase());
        builder.push(&key, day, &[fields.next()?.parse().ok()?]).expect("a daily row");
    }
    let daily = builder.build().expect("no gaps");
    Some(daily.aggregate(Frequency::Monthly, AggregateRule::Mean, PartialPeriods::Drop).expect("to months"))
}

#[test]
fn naive_models_on_the_states_score_as_the_peers_do() {
    let Some(panel) = states() else { return };
    let seasonal = ByRule { season: 12, rule: seasonal_naive };
    // statsforecast 2.1.1 by the peers' acc_stats.py, datasets states_h6 and states_h12, models Naive and
    // SeasonalNaive, 2026-11-23: sMAPE, MASE, RMSSE, sCRPS, cov80, cov95, MSIS95, MAE, RMSE; windows.
    let cases = [
        (6, NAIVE, [2.99424, 0.12767, 0.73227, 0.11954, 0.99109, 0.99851, 1.41682, 3.55735, 4.79827], 561),
        (6, seasonal, [9.98011, 0.43274, 2.27571, 0.39292, 1.0, 1.0, 4.83056, 12.30372, 14.27963], 561),
        (12, NAIVE, [5.11872, 0.21153, 1.22771, 0.17566, 0.98947, 0.99909, 1.88628, 6.10705, 7.95126], 459),
        (12, seasonal, [10.1125, 0.42561, 2.29817, 0.38714, 1.0, 1.0, 4.79287, 12.36936, 14.14651], 459),
    ];
    for (horizon, model, peers, windows) in cases {
        let scores = Backtest::new(Cutoffs::every(n(horizon), n(42), n(3))).run(&panel, &model).unwrap();
        let row = scores.row();
        let ours =
            [row.smape, row.mase, row.rmsse, row.crps, row.coverage80, row.coverage95, row.msis95, row.mae, row.rmse];
        assert_eq!((row.series, scores.windows().len()), (51, windows));
        for (i, (ours, theirs)) in ours.into_iter().zip(peers).enumerate() {
            assert_rounds_to(ours, theirs, &format!("horizon {horizon}, season {}, score {i}", model.season));
        }
    }
}
