//! Every column of every feature is what its definition says, computed here in the plainest way.

#![allow(clippy::unwrap_used, reason = "helpers of tests may do what tests may")]

use credcast::feature::{FORMS, FeatureMatrix, FeaturePipeline, Rolling, RollingStat, parse};
use credcast::{Panel, Period, SeriesKey, SeriesView};

/// Series of several lengths in two regions; some with missing values, one short, one constant, one with zeros.
fn panel() -> Panel {
    let mut state = 11_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / 1e5 + 1.0
    };
    let start = Period::month(2015, 3).unwrap();
    let mut series = Vec::new();
    for index in 0..90 {
        let length = [60, 41, 97, 1, 2, 13][index % 6];
        let mut y: Vec<f64> = (0..length).map(|_| next()).collect();
        match index % 9 {
            1 => y.iter_mut().step_by(7).for_each(|v| *v = f64::NAN),
            2 => y.fill(5.0),
            3 => y.iter_mut().step_by(3).for_each(|v| *v = 0.0),
            4 => y.iter_mut().take(5).for_each(|v| *v = f64::NAN),
            5 => y.iter_mut().for_each(|v| *v -= 90.0),
            _ => {}
        }
        let key = SeriesKey::new(format!("s{:02}", index % 45), if index < 45 { "TX" } else { "US" });
        series.push((key, start.plus(i32::try_from(index % 5).unwrap()), y));
    }
    Panel::from_series("y", series).unwrap()
}

/// The value `back` rows before `row`, if there is such a row.
fn at(y: &[f64], row: usize, back: usize) -> f64 {
    row.checked_sub(back).map_or(f64::NAN, |place| y[place])
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn variance(values: &[f64]) -> f64 {
    let centre = mean(values);
    values.iter().map(|v| (v - centre).powi(2)).sum::<f64>() / (values.len() as f64 - 1.0)
}

fn quantile(values: &[f64], p: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = p * (sorted.len() - 1) as f64;
    let (below, above) = (place.floor(), place.ceil());
    let at = |place: f64| sorted.iter().copied().nth(place.to_string().parse().unwrap()).unwrap();
    at(below) + (place - below) * (at(above) - at(below))
}

/// The statistic `name` of the present values of a window.
fn statistic(name: &str, window: &[f64]) -> f64 {
    let present: Vec<f64> = window.iter().copied().filter(|v| !v.is_nan()).collect();
    let places: Vec<(f64, f64)> =
        window.iter().enumerate().filter(|(_, v)| !v.is_nan()).map(|(i, v)| (i as f64, *v)).collect();
    if present.is_empty() {
        return f64::NAN;
    }
    match name {
        "mean" => mean(&present),
        "sum" => present.iter().sum(),
        "variance" => variance(&present),
        "std" => variance(&present).sqrt(),
        "min" => quantile(&present, 0.0),
        "max" => quantile(&present, 1.0),
        "median" => quantile(&present, 0.5),
        "slope" => {
            let centre = mean(&places.iter().map(|p| p.0).collect::<Vec<_>>());
            let level = mean(&present);
            let above: f64 = places.iter().map(|(i, v)| (i - centre) * (v - level)).sum();
            above / places.iter().map(|(i, _)| (i - centre).powi(2)).sum::<f64>()
        }
        "autocorrelation" => {
            let level = mean(&present);
            let pairs = window.windows(2).filter(|w| !w[0].is_nan() && !w[1].is_nan());
            let above: f64 = pairs.map(|w| (w[0] - level) * (w[1] - level)).sum();
            above / present.iter().map(|v| (v - level).powi(2)).sum::<f64>()
        }
        "coefficient_of_variation" => variance(&present).sqrt() / mean(&present),
        "zeros" => present.iter().filter(|v| **v == 0.0).count() as f64,
        other => quantile(&present, other.strip_prefix("quantile_").unwrap().parse().unwrap()),
    }
}

fn number(text: &str) -> usize {
    text.parse().unwrap()
}

/// FNV-1a of a key, as its authors publish it.
fn hash(key: &SeriesKey) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in key.item().bytes().chain([255]).chain(key.region().as_str().bytes()) {
        hash ^= u64::from(byte);
        hash = hash.wrapping_mul(0x0100_0000_01b3);
    }
    hash
}

/// A column that says something of the period or of the kind of series; `None` for others.
fn of_the_period(name: &str, panel: &Panel, series: SeriesView<'_>, row: usize) -> Option<f64> {
    let period = series.period(row);
    let (year, month) = (period.first_day().unwrap().year(), period.first_day().unwrap().month());
    let months = f64::from(year) * 12.0 + f64::from(month) - 1.0;
    let flag = |holds: bool| Some(f64::from(u8::from(holds)));
    let after_epoch = months - 1970.0 * 12.0;
    if let Some(term) = name.strip_prefix("fourier_") {
        let [season, wave, k] = term.split('_').collect::<Vec<_>>()[..] else { panic!("{name}") };
        let angle = std::f64::consts::TAU * k.parse::<f64>().unwrap() * after_epoch / season.parse::<f64>().unwrap();
        return Some(if wave == "sin" { angle.sin() } else { angle.cos() });
    }
    match name {
        "y" => Some(series.values(0)[row]),
        "age" => Some(row as f64),
        "trend" => Some(f64::from(period.since(panel.first_period().unwrap()).unwrap())),
        "school_term_fall" => flag(month >= 8),
        "school_term_spring" => flag(month <= 5),
        "school_term_summer" => flag(month == 6 || month == 7),
        "intervention_covid_recession" => flag(year == 2020 && (month == 3 || month == 4)),
        "intervention_covid_emergency" => Some(match (year, month) {
            (2020, 3) => 19.0 / 31.0,
            (2023, 4) => 10.0 / 30.0,
            (2020, 4..) | (2021 | 2022, _) | (2023, ..4) => 1.0,
            _ => 0.0,
        }),
        // Neither the nation nor Texas has such a law.
        "intervention_pay_transparency" => Some(0.0),
        "intervention_level_shift_2017-05-09" => Some(match (year, month) {
            (2017, 5) => 23.0 / 31.0,
            (2017, 6..) | (2018.., _) => 1.0,
            _ => 0.0,
        }),
        "item_code" => series.key().item()[1..].parse().ok(),
        "prefix_2_y_target_mean" => {
            let fold = hash(series.key()) % 5;
            let others = || panel.iter().filter(|other| hash(other.key()) % 5 != fold);
            let values = |same: bool| -> Vec<f64> {
                let here = |other: &SeriesView<'_>| !same || other.key().item()[..2] == series.key().item()[..2];
                others()
                    .filter(here)
                    .flat_map(|other| other.values(0).iter().copied())
                    .filter(|v| !v.is_nan())
                    .collect()
            };
            let (own, all) = (values(true), values(false));
            Some((own.iter().sum::<f64>() + 20.0 * mean(&all)) / (own.len() as f64 + 20.0))
        }
        _ => name.strip_prefix("region_is_").and_then(|region| flag(series.key().region().as_str() == region)),
    }
}

/// Row `row` of column `name`, from its definition.
fn by_definition(name: &str, panel: &Panel, series: SeriesView<'_>, row: usize) -> f64 {
    let y = series.values(0);
    let period = series.period(row);
    if let Some((part, place)) = name.split_once('_').filter(|(part, _)| ["month", "quarter"].contains(part)) {
        let month = f64::from(period.month_of_year().unwrap());
        let (value, count) = if part == "month" { (month, 12.0) } else { (((month + 2.0) / 3.0).floor(), 4.0) };
        let angle = std::f64::consts::TAU * (value - 1.0) / count;
        return match place {
            "sin" => angle.sin(),
            "cos" => angle.cos(),
            place => f64::from(u8::from(place == value.to_string())),
        };
    }
    if let Some(value) = of_the_period(name, panel, series, row) {
        return value;
    }
    // A column of the period itself has no lag in its name.
    let (lag, rest) = match name.strip_prefix("y_lag_") {
        Some(rest) => {
            let Some((lag, rest)) = rest.split_once('_') else { return at(y, row, number(rest)) };
            (number(lag), rest)
        }
        None => (0, name.strip_prefix("y_").unwrap()),
    };
    let Some(known) = row.checked_sub(lag).map(|last| &y[..=last]) else { return f64::NAN };
    let last = known.len() - 1;
    if let Some(rest) = rest.strip_prefix("rolling_") {
        let (stat, window) = rest.rsplit_once('_').unwrap();
        let window = number(window);
        let enough = known.len() >= window && !known[known.len() - window..].iter().any(|v| v.is_nan());
        return if enough { statistic(stat, &known[known.len() - window..]) } else { f64::NAN };
    }
    if let Some(stat) = rest.strip_prefix("expanding_") {
        return statistic(stat, known);
    }
    if let Some(rest) = rest.strip_prefix("ewm_") {
        let (stat, alpha) = rest.split_once('_').unwrap();
        let alpha: f64 = alpha.parse().unwrap();
        let present: Vec<f64> = known.iter().copied().filter(|v| !v.is_nan()).collect();
        let Some(first) = present.first() else { return f64::NAN };
        let (mut level, mut spread) = (*first, 0.0);
        for value in &present[1..] {
            spread = (1.0 - alpha) * (spread + alpha * (value - level).powi(2));
            level = alpha * value + (1.0 - alpha) * level;
        }
        return if stat == "mean" { level } else { spread.sqrt() };
    }
    if let Some(rest) = rest.strip_prefix("seasonal_") {
        let [stat, season, n] = rest.split('_').collect::<Vec<_>>()[..] else { panic!("{name}") };
        let values: Vec<f64> = (0..number(n)).map(|k| at(y, row, lag + k * number(season))).collect();
        return if values.iter().any(|v| v.is_nan()) { f64::NAN } else { statistic(stat, &values) };
    }
    if let Some(event) = rest.strip_prefix("since_") {
        let peak = known.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let happened = |v: f64| if event == "peak" { v >= peak } else { v.is_normal() };
        return known.iter().rposition(|v| happened(*v)).map_or(f64::NAN, |place| (last - place) as f64);
    }
    let present: Vec<f64> = known.iter().copied().filter(|v| !v.is_nan()).collect();
    let demands: Vec<f64> = present.iter().copied().filter(|v| v.abs() > 0.0).collect();
    match rest {
        "adi" => return present.len() as f64 / demands.len() as f64,
        "cv2" => return variance(&demands) / mean(&demands).powi(2),
        "missing" => return f64::from(u8::from(y[last].is_nan())),
        // A value over itself; tests below divide by another column.
        "per_y" => return if y[last].abs() > 0.0 { 1.0 } else { f64::NAN },
        _ => {}
    }
    for group in ["all", "region", "item", "prefix_2"] {
        let Some(stat) = rest.strip_prefix(group).and_then(|rest| rest.strip_prefix('_')) else { continue };
        let when = period.plus(-i32::try_from(lag).unwrap());
        let same = |other: &SeriesView<'_>| match group {
            "all" => true,
            "region" => other.key().region() == series.key().region(),
            "prefix_2" => other.key().item()[..2] == series.key().item()[..2],
            _ => other.key().item() == series.key().item(),
        };
        let values: Vec<f64> =
            panel.iter().filter(same).filter_map(|other| other.at(0, when)).filter(|v| !v.is_nan()).collect();
        if values.is_empty() {
            return f64::NAN;
        }
        return match stat {
            "share" => y[last] / values.iter().sum::<f64>(),
            "relative_level" => y[last] / mean(&values),
            "gap_to_median" => y[last] / quantile(&values, 0.5) - 1.0,
            "rank" | "percentile" if y[last].is_nan() => f64::NAN,
            "rank" | "percentile" => {
                let below = values.iter().filter(|v| **v < y[last]).count() as f64;
                let equal = values.iter().filter(|v| **v <= y[last]).count() as f64 - below;
                let rank = below + (equal + 1.0) / 2.0;
                if stat == "rank" { rank } else { rank / values.len() as f64 }
            }
            stat => statistic(stat, &values),
        };
    }
    let (change, span) = rest.rsplit_once('_').unwrap();
    let (new, old) = (y[last], at(y, row, lag + number(span)));
    match change {
        "difference" => new - old,
        "relative_change" => new / old - 1.0,
        "log_change" if new > 0.0 && old > 0.0 => (new / old).ln(),
        "log_change" => f64::NAN,
        other => panic!("no definition of {other} in {name}"),
    }
}

#[test]
fn every_column_is_what_its_definition_says() {
    let panel = panel();
    for form in FORMS {
        let matrix = FeaturePipeline::new().then(parse(form).unwrap()).fit(&panel).unwrap().transform(&panel).unwrap();
        for (column, name) in matrix.names().iter().enumerate() {
            let mut known = 0;
            for row in 0..matrix.n_rows() {
                let (series, period) = matrix.origin(row);
                let series = panel.series(series);
                let place = usize::try_from(period.since(series.start()).unwrap()).unwrap();
                let expected = by_definition(name, &panel, series, place);
                let found = matrix.view()[[row, column]];
                // Not defined, and where nothing varies the definition here divides rounding errors by each other.
                let undefined = !expected.is_finite() || series.key().item() == "s02" || series.key().item() == "s11";
                if undefined && !found.is_finite() {
                    continue;
                }
                let size = expected.abs().max(1.0);
                let flat = name.contains("autocorrelation") && undefined;
                assert!(
                    flat || (found - expected).abs() <= 1e-9 * size,
                    "{name} of {} in {period}: {found} {expected}",
                    series.key()
                );
                known += 1;
            }
            // One value has no variance.
            let none = name.ends_with("variance_1") || name.ends_with("std_1");
            assert_eq!(known > 50, !none, "{name}: {known} rows have a value");
        }
    }
}

#[test]
fn few_samples_are_enough_if_one_says_so() {
    let panel = panel();
    let stats = [RollingStat::Mean, RollingStat::Std, RollingStat::Maximum, RollingStat::Median, RollingStat::Slope];
    let rolling = Rolling::params().windows([6]).stats(stats).min_samples(2).lag(0).build().unwrap();
    let matrix = FeaturePipeline::new().then(rolling).fit(&panel).unwrap().transform(&panel).unwrap();
    let mut partial = 0;
    for row in 0..matrix.n_rows() {
        let (series, period) = matrix.origin(row);
        let series = panel.series(series);
        let place = usize::try_from(period.since(series.start()).unwrap()).unwrap();
        let window = &series.values(0)[(place + 1).saturating_sub(6)..=place];
        let n = window.iter().filter(|v| !v.is_nan()).count();
        partial += usize::from((2..6).contains(&n));
        for (column, stat) in ["mean", "std", "max", "median", "slope"].iter().enumerate() {
            let found = matrix.view()[[row, column]];
            if n < 2 {
                assert!(found.is_nan());
            } else {
                let expected = statistic(stat, window);
                assert!(
                    (found - expected).abs() <= 1e-9 * expected.abs().max(1.0),
                    "{stat} {period}: {found} {expected}"
                );
            }
        }
    }
    assert!(partial > 300, "{partial}");
}

#[test]
fn a_rolling_std_keeps_its_digits_at_a_level_of_a_billion() {
    // Deviations are multiples of 1/64, which stay exact beside 1e9.
    let wave: Vec<f64> = (0..500_i32).map(|t| f64::from((t * t) % 97) / 64.0).collect();
    let high: Vec<f64> = wave.iter().map(|v| v + 1e9).collect();
    let start = Period::month(1980, 1).unwrap();
    let series = [(SeriesKey::national("high"), start, high), (SeriesKey::national("low"), start, wave)];
    let panel = Panel::from_series("y", series).unwrap();
    let form = parse("rolling:std,variance:3,6,12,100").unwrap();
    let matrix = FeaturePipeline::new().then(form).fit(&panel).unwrap().transform(&panel).unwrap();
    for column in matrix.view().columns() {
        let (high, low) = (column.iter().take(500), column.iter().skip(500));
        for (high, low) in high.zip(low).filter(|(high, _)| !high.is_nan()) {
            assert!((high - low).abs() <= 1e-7 * low.max(1e-3), "{high} {low}");
        }
    }
}

#[test]
fn narrow_numbers_are_wide_ones_rounded_once_and_a_used_matrix_gives_the_same() {
    let panel = panel();
    let all = FORMS.iter().fold(FeaturePipeline::new(), |all, form| all.then(parse(form).unwrap()));
    let fitted = all.fit(&panel).unwrap();
    let wide = fitted.transform(&panel).unwrap();
    let narrow: FeatureMatrix<f32> = fitted.transform_as(&panel).unwrap();
    for (wide, narrow) in wide.view().iter().zip(narrow.view()) {
        #[expect(clippy::cast_possible_truncation, reason = "the rounding that is meant")]
        let rounded = *wide as f32;
        assert!(rounded.to_bits() == narrow.to_bits() || rounded.is_nan() && narrow.is_nan());
    }
    let mut used = fitted.transform(&panel).unwrap();
    let address = used.view().as_ptr();
    fitted.transform_into(&panel, &mut used).unwrap();
    assert_eq!(used.view().as_ptr(), address);
    let bits = |matrix: &FeatureMatrix| matrix.view().iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&used), bits(&wide));
}

#[test]
fn ratios_and_known_columns_read_the_columns_that_they_name() {
    let start = Period::month(2024, 1).unwrap();
    let panel = Panel::from_series("completions", [(SeriesKey::national("welder"), start, vec![6.0, 9.0, 4.0, 8.0])]);
    let panel = panel.unwrap().with_column("openings", &[2.0, 0.0, 8.0, f64::NAN]).unwrap();
    let forms =
        ["ratio:completions,openings", "ratio:completions,openings lag 0", "known:openings", "lag:1 of openings"];
    let pipeline = forms.iter().fold(FeaturePipeline::new(), |all, form| all.then(parse(form).unwrap()));
    let matrix = pipeline.fit(&panel).unwrap().transform(&panel).unwrap();
    let nan = f64::NAN;
    for (name, expected) in [
        ("completions_lag_1_per_openings", [nan, 3.0, nan, 0.5]),
        ("completions_per_openings", [3.0, nan, 0.5, nan]),
        ("openings", [2.0, 0.0, 8.0, nan]),
        ("openings_lag_1", [nan, 2.0, 0.0, 8.0]),
    ] {
        for (found, expected) in matrix.column(name).unwrap().iter().zip(expected) {
            assert!(found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan(), "{name}: {found}");
        }
    }
}
