//! Absorbed effects: against pyfixest, statsmodels, linearmodels and a textbook's printed numbers, and on input that cannot be.

#![expect(clippy::unwrap_used, reason = "helpers of tests may do what tests may")]

use std::collections::HashMap;

use crate::econometrics::table;
use credcast::regression::{
    AbsorbedDesign, AbsorbedLeastSquares, Covariance, DropReason, FittedAbsorbed, LeastSquares,
};
use credcast::{Persist, PersistError};
use ndarray::{Array1, Array2, Axis, array, concatenate, s};

/// Columns of codes by name.
type Codes = HashMap<&'static str, Vec<u32>>;

struct Data {
    x: Array2<f64>,
    y: Array1<f64>,
    w: Array1<f64>,
    codes: Codes,
}

fn uniforms(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// The data of the script `tests/reference/fixed_effects.py`.
fn small() -> Data {
    let n = 3000;
    let mut uniform = uniforms(7);
    let u = Array2::from_shape_simple_fn((n, 10), &mut uniform);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and positive")]
    let level = |value: f64| value as u32;
    let column = |f: &dyn Fn(usize) -> u32| (0..n).map(f).collect::<Vec<u32>>();
    let mut codes = Codes::new();
    codes.insert("occ", column(&|i| level(u[[i, 0]].powi(2) * 60.0)));
    codes.insert("reg", column(&|i| level(u[[i, 1]] * 12.0)));
    codes.insert("emp", column(&|i| level(u[[i, 2]].powi(3) * 400.0)));
    codes.insert("mon", column(&|i| u32::try_from(i % 24).unwrap()));
    codes.insert("state", codes["emp"].iter().map(|emp| emp / 9).collect());
    let part = |i: usize| level(u[[i, 9]] * 3.0);
    codes.insert("left", column(&|i| part(i) + 3 * level(u[[i, 0]] * 20.0)));
    codes.insert("right", column(&|i| part(i) + 3 * level(u[[i, 1]] * 15.0)));
    let of = |name: &str, i: usize| f64::from(codes[name][i]);
    let x = Array2::from_shape_fn((n, 3), |(i, column)| match column {
        0 => f64::from(u8::from(u[[i, 3]] < if codes["occ"][i] % 3 == 1 { 0.1 + 0.2 } else { 0.1 })),
        1 => 1e4 + u[[i, 4]] + 0.01 * of("emp", i),
        _ => u[[i, 5]] * u[[i, 4]] - 0.1 * f64::from(codes["reg"][i] % 4),
    });
    let y = (0..n)
        .map(|i| {
            let noise = (u[[i, 7]] + u[[i, 8]] - 1.0) * (0.5 + x[[i, 0]]);
            let effects = of("occ", i).sin() + of("emp", i).cos() + 0.1 * of("mon", i) + f64::from(codes["reg"][i] % 5);
            0.3 * x[[i, 0]] - 0.2 * x[[i, 1]] + 0.1 * x[[i, 2]] + effects + noise
        })
        .collect();
    Data { x, y, w: u.column(6).mapv(|u| 0.5 + u), codes }
}

/// Log wage on squared experience, marriage and union, with person and year.
fn wagepan() -> Option<Data> {
    let values = table("wagepan.csv.bz2", &["expersq", "married", "union", "lwage", "nr", "year"])?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole numbers")]
    let codes = |column: usize| values.column(column).iter().map(|value| *value as u32).collect::<Vec<u32>>();
    let mut named = Codes::new();
    named.insert("nr", codes(4));
    named.insert("year", codes(5));
    let (x, y) = (values.slice(s![.., ..3]).to_owned(), values.column(3).to_owned());
    Some(Data { w: Array1::ones(y.len()), x, y, codes: named })
}

fn fit(data: &Data, effects: &[&str], errors: &str, weighted: bool, exact: bool) -> FittedAbsorbed {
    let effects: Vec<&[u32]> = effects.iter().map(|name| &data.codes[name][..]).collect();
    let mut design = AbsorbedDesign::new(data.x.view(), data.y.view(), &effects);
    if weighted {
        design = design.weights(data.w.view());
    }
    design = design.covariance(match errors {
        "classical" => Covariance::Classical,
        "hc1" => Covariance::Hc1,
        _ => match errors.split_once('+') {
            None => Covariance::Clustered(&data.codes[errors]),
            Some((a, b)) => Covariance::TwoWay(&data.codes[a], &data.codes[b]),
        },
    });
    AbsorbedLeastSquares::params().tolerance(1e-10).exact_degrees(exact).build().unwrap().fit(&design).unwrap()
}

#[test]
fn estimates_and_errors_agree_with_pyfixest_statsmodels_and_linearmodels() {
    let (small, wagepan) = (small(), wagepan());
    let mut fits: HashMap<String, FittedAbsorbed> = HashMap::new();
    let mut compared = 0;
    for line in include_str!("../reference/fixed_effects.csv").lines().skip(2) {
        let [case, tool, errors, what, value, se, p] = line.split(',').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let (name, weighted) = case.strip_prefix("weighted_").map_or((case, false), |name| (name, true));
        let (data, effects): (_, &[&str]) = match name {
            "one" => (&small, &["emp"]),
            "two" => (&small, &["emp", "mon"]),
            "four" => (&small, &["occ", "reg", "emp", "mon"]),
            "parts" => (&small, &["left", "right"]),
            _ => match &wagepan {
                Some(wagepan) => (wagepan, &["nr", "year"]),
                None => continue,
            },
        };
        // The dummies of statsmodels take their rank.
        let exact = tool == "statsmodels";
        let key = format!("{case},{tool},{errors}");
        let fitted = fits.entry(key).or_insert_with(|| fit(data, effects, errors, weighted, exact));
        let number = |text: &str| text.parse::<f64>().unwrap();
        let close = |ours: f64, theirs: f64, within: f64| {
            assert!((ours - theirs).abs() <= within * theirs.abs().max(1e-3), "{line}: {ours}");
        };
        match what {
            "n" => assert!((fitted.n as f64 - number(value)).abs() < 0.5, "{line}: {}", fitted.n),
            "df" => assert!((fitted.df_counted as f64 - number(value)).abs() < 0.5, "{line}: {}", fitted.df_counted),
            "r2" => close(fitted.r_squared, number(value), 1e-8),
            "within" => close(fitted.r_squared_within, number(value), 1e-8),
            column => {
                let found = fitted.coefficients[column.parse::<usize>().unwrap()].unwrap();
                close(found.estimate, number(value), 1e-8);
                close(found.se, number(se), 1e-8);
                // Of p-values in the far tail, the programs' distribution functions keep fewer digits.
                close(found.p_value, number(p), 1e-6);
            }
        }
        compared += 1;
    }
    assert!(compared >= 300, "{compared}");
}

#[test]
fn the_panel_of_the_textbook_is_found_to_its_printed_digits() {
    // Wooldridge (2020), Introductory Econometrics, 7th ed., table 14.2, fixed effects: experience squared, married, union.
    let Some(data) = wagepan() else { return };
    let fitted = fit(&data, &["nr", "year"], "classical", false, true);
    let printed = [(-0.0052, 0.0007), (0.047, 0.018), (0.080, 0.019)];
    for (found, (estimate, se)) in fitted.coefficients.iter().flatten().zip(printed) {
        let digits = if estimate < 0.0 { 5.1e-5 } else { 5.1e-4 };
        assert!((found.estimate - estimate).abs() < digits && (found.se - se).abs() < digits, "{found:?}");
    }
    assert_eq!((fitted.n, fitted.absorbed, fitted.df, &fitted.levels[..]), (4360, 552, 3805, &[545, 8][..]));
}

#[test]
fn the_return_to_education_has_grown_as_the_textbook_says() {
    // Wooldridge (2020), example 14.2: education times the year 1987 has .030 with t = 2.48, union .083 (.019), married .055 (.018).
    let names = ["educ", "union", "married", "lwage", "nr", "year"];
    let Some(values) = table("wagepan.csv.bz2", &names) else { return };
    let x = Array2::from_shape_fn((values.nrows(), 9), |(row, column)| match column {
        0 => values[[row, 1]],
        1 => values[[row, 2]],
        // Education times each year but the first.
        _ => values[[row, 0]] * f64::from(u8::from((values[[row, 5]] - 1979.0 - column as f64).abs() < 0.5)),
    });
    let mut codes = Codes::new();
    for (name, column) in [("nr", 4), ("year", 5)] {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole numbers")]
        codes.insert(name, values.column(column).iter().map(|value| *value as u32).collect());
    }
    let y = values.column(3).to_owned();
    let data = Data { w: Array1::ones(y.len()), x, y, codes };
    let fitted = fit(&data, &["nr", "year"], "classical", false, true);
    let found = |column: usize| fitted.coefficients[column].unwrap();
    assert!((found(8).estimate - 0.030).abs() < 5.1e-4 && (found(8).t - 2.48).abs() < 5.1e-3, "{:?}", found(8));
    assert!((found(0).estimate - 0.083).abs() < 5.1e-4 && (found(0).se - 0.019).abs() < 5.1e-4, "{:?}", found(0));
    assert!((found(1).estimate - 0.055).abs() < 5.1e-4 && (found(1).se - 0.018).abs() < 5.1e-4, "{:?}", found(1));
}

fn bits(fitted: &FittedAbsorbed) -> Vec<u64> {
    let numbers = fitted.coefficients.iter().flatten().flat_map(|c| [c.estimate, c.se, c.p_value]);
    let effects = (0..4).flat_map(|effect| fitted.effect(effect).iter().map(|level| level.1));
    numbers.chain(effects).chain([fitted.intercept, fitted.sigma]).map(f64::to_bits).collect()
}

#[test]
fn the_answer_is_the_same_to_the_bit_on_any_number_of_threads() {
    let data = small();
    // Enough rows for several tasks.
    let repeated: Vec<usize> = (0..60_000).map(|row| row * 7 % 3000).collect();
    let codes =
        data.codes.iter().map(|(name, codes)| (*name, repeated.iter().map(|row| codes[*row]).collect())).collect();
    let mut uniform = uniforms(3);
    let x = data.x.select(Axis(0), &repeated);
    let y = data.y.select(Axis(0), &repeated).mapv(|y| y + uniform());
    let data = Data { x, y, w: data.w.select(Axis(0), &repeated), codes };
    for (errors, weighted) in [("classical", false), ("hc1", true), ("emp", true), ("emp+mon", false)] {
        let in_pool = |n_threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
            bits(&pool.install(|| fit(&data, &["occ", "reg", "emp", "mon"], errors, weighted, true)))
        };
        let one = in_pool(1);
        assert!(in_pool(2) == one && in_pool(8) == one, "{errors}");
    }
}

/// The same by dummies, one effect's first level less.
fn by_dummies(x: &Array2<f64>, y: &Array1<f64>, effects: &[&[u32]]) -> LeastSquares {
    let mut columns = vec![x.clone()];
    for codes in effects {
        let mut levels = codes.to_vec();
        levels.sort_unstable();
        levels.dedup();
        columns.push(Array2::from_shape_fn((y.len(), levels.len()), |(row, level)| {
            f64::from(u8::from(codes[row] == levels[level]))
        }));
    }
    let all = concatenate(Axis(1), &columns.iter().map(Array2::view).collect::<Vec<_>>()).unwrap();
    LeastSquares::fit(all.view(), y.view(), None, Covariance::Classical).unwrap()
}

#[test]
fn dummies_for_every_level_give_the_same_answer_and_predictions() {
    let data = small();
    let n = 400;
    let (x, y) = (data.x.slice(s![..n, ..]).to_owned(), data.y.slice(s![..n]).to_owned());
    let effects = [&data.codes["occ"][..n], &data.codes["reg"][..n]];
    let fitted = AbsorbedLeastSquares::default().fit(&AbsorbedDesign::new(x.view(), y.view(), &effects)).unwrap();
    let plain = by_dummies(&x, &y, &effects);
    assert_eq!(fitted.singletons.iter().sum::<usize>() + fitted.n, n);
    assert_eq!(fitted.df, plain.df);
    for (ours, theirs) in fitted.coefficients.iter().zip(&plain.coefficients) {
        let (ours, theirs) = (ours.unwrap(), theirs.unwrap());
        assert!((ours.estimate - theirs.estimate).abs() < 1e-7 && (ours.se - theirs.se).abs() < 1e-7);
    }
    let known: Vec<usize> =
        (0..n).filter(|row| fitted.effect(0).iter().any(|level| level.0 == effects[0][*row])).collect();
    let of_known = |codes: &[u32]| known.iter().map(|row| codes[*row]).collect::<Vec<u32>>();
    let codes = [of_known(effects[0]), of_known(effects[1])];
    let predicted = fitted.predict(x.select(Axis(0), &known).view(), &[&codes[0], &codes[1]]).unwrap();
    let errors = &y.select(Axis(0), &known) - &predicted;
    assert!(errors.sum().abs() < 1e-6);
    assert!((errors.dot(&errors) / fitted.df as f64 - fitted.sigma.powi(2)).abs() < 1e-9);
    assert!((errors.dot(&errors) / plain.df as f64 - plain.sigma.powi(2)).abs() < 1e-7);
    let mut unknown = codes[0].clone();
    unknown[3] = 999;
    let error = fitted.predict(x.select(Axis(0), &known).view(), &[&unknown, &codes[1]]).unwrap_err().to_string();
    assert!(error.contains("row 3: level 999 of effect 0"), "{error}");
}

#[test]
fn columns_that_say_nothing_new_are_left_out_and_named() {
    let data = small();
    let occ = &data.codes["occ"];
    let emp = &data.codes["emp"];
    let x = Array2::from_shape_fn((3000, 7), |(row, column)| match column {
        0 => data.x[[row, 0]],
        1 => 5.0,
        // Sums of dummies, of one effect and of several.
        2 => f64::from(u8::from(occ[row].is_multiple_of(3))),
        3 => f64::from(occ[row]).sqrt() - f64::from(emp[row]) * 100.0,
        4 => data.x[[row, 2]],
        5 => 2.0 * data.x[[row, 0]] - data.x[[row, 2]] + f64::from(emp[row]),
        _ => data.x[[row, 1]],
    });
    let effects = [&occ[..], &data.codes["reg"], emp, &data.codes["mon"]];
    let fitted = AbsorbedLeastSquares::default().fit(&AbsorbedDesign::new(x.view(), data.y.view(), &effects)).unwrap();
    let dropped: Vec<_> = fitted.dropped.iter().map(|d| (d.column, d.reason)).collect();
    let absorbed = |column| (column, DropReason::Absorbed);
    assert_eq!(dropped, [(1, DropReason::Constant), absorbed(2), absorbed(3), (5, DropReason::Collinear)]);
    let plain = fit(&data, &["occ", "reg", "emp", "mon"], "classical", false, true);
    for (ours, theirs) in [(0, 0), (4, 2), (6, 1)] {
        let (ours, theirs) = (fitted.coefficients[ours].unwrap(), plain.coefficients[theirs].unwrap());
        assert!((ours.estimate - theirs.estimate).abs() < 1e-7 * theirs.estimate.abs(), "{ours:?} {theirs:?}");
    }
}

#[test]
fn more_columns_than_one_block_holds_give_the_same_answer() {
    let data = small();
    let mut uniform = uniforms(11);
    let x = Array2::from_shape_simple_fn((3000, 37), &mut uniform);
    let effects = [&data.codes["occ"][..], &data.codes["reg"]];
    let wide = AbsorbedLeastSquares::default().fit(&AbsorbedDesign::new(x.view(), data.y.view(), &effects)).unwrap();
    let plain = by_dummies(&x, &data.y, &effects);
    for (ours, theirs) in wide.coefficients.iter().zip(&plain.coefficients) {
        let (ours, theirs) = (ours.unwrap(), theirs.unwrap());
        assert!((ours.estimate - theirs.estimate).abs() < 1e-8 && (ours.se - theirs.se).abs() < 1e-8);
    }
    // The layout of the matrix changes no bit.
    let by_column = x.t().as_standard_layout().to_owned();
    let turned =
        AbsorbedLeastSquares::default().fit(&AbsorbedDesign::new(by_column.t(), data.y.view(), &effects)).unwrap();
    assert_eq!(bits(&turned), bits(&wide));
}

#[test]
fn rows_of_weight_0_are_as_if_absent() {
    let data = small();
    let mut w = data.w.clone();
    w.slice_mut(s![..500]).fill(0.0);
    let all = [&data.codes["occ"][..], &data.codes["reg"]];
    let cut = all.map(|codes| &codes[500..]);
    let model = AbsorbedLeastSquares::default();
    let weighted = AbsorbedDesign::new(data.x.view(), data.y.view(), &all)
        .weights(w.view())
        .covariance(Covariance::Clustered(&data.codes["state"]));
    let without = AbsorbedDesign::new(data.x.slice(s![500.., ..]), data.y.slice(s![500..]), &cut)
        .weights(w.slice(s![500..]))
        .covariance(Covariance::Clustered(&data.codes["state"][500..]));
    let (a, b) = (model.fit(&weighted).unwrap(), model.fit(&without).unwrap());
    assert_eq!(bits(&a), bits(&b));
    assert_eq!((a.n, a.n_clusters), (b.n, b.n_clusters));
}

/// A chain: each level of one effect shares one row with the next of the other, so that news travel one link an iteration.
fn chain(links: u32) -> (Array2<f64>, Array1<f64>, Vec<u32>, Vec<u32>) {
    let n = 2 * links as usize;
    let (a, b): (Vec<u32>, Vec<u32>) = (0..2 * links).map(|row| (row / 2, row.div_ceil(2))).unzip();
    // Twice each, so that there is something to estimate.
    let twice = |codes: &[u32]| codes.iter().chain(codes).copied().collect::<Vec<u32>>();
    let mut uniform = uniforms(5);
    let x = Array2::from_shape_simple_fn((2 * n, 2), &mut uniform);
    let (a, b) = (twice(&a), twice(&b));
    let y =
        (0..2 * n).map(|row| x[[row, 0]] - 2.0 * x[[row, 1]] + f64::from(a[row]) - 0.5 * f64::from(b[row])).collect();
    (x, y, a, b)
}

#[test]
fn a_long_chain_is_answered_rightly_or_refused() {
    let (x, y, a, b) = chain(2000);
    let effects = [&a[..], &b[..]];
    let design = AbsorbedDesign::new(x.view(), y.view(), &effects);
    let fitted = AbsorbedLeastSquares::default().fit(&design).unwrap();
    for (found, truth) in fitted.coefficients.iter().flatten().zip([1.0, -2.0]) {
        assert!((found.estimate - truth).abs() < 1e-7, "{found:?}");
    }
    let hasty = AbsorbedLeastSquares::params().max_iterations(50).build().unwrap();
    let error = hasty.fit(&design).unwrap_err().to_string();
    assert!(error.contains("did not converge") && error.contains("after 50 iterations"), "{error}");
}

#[test]
fn few_movers_between_many_firms_are_answered_rightly() {
    // 5,000 people over 6 years in 500 firms; one year in fifty somebody moves. News travel slowly.
    let mut uniform = uniforms(9);
    let (mut people, mut firms, mut years) = (Vec::new(), Vec::new(), Vec::new());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and positive")]
    let draw = |what: f64, uniform: &mut dyn FnMut() -> f64| (uniform() * what) as u32;
    for person in 0..5000 {
        let mut firm = draw(500.0, &mut uniform);
        for year in 0..6 {
            if uniform() < 0.02 {
                firm = draw(500.0, &mut uniform);
            }
            people.push(person);
            firms.push(firm);
            years.push(year);
        }
    }
    let level =
        |row: usize| f64::from(people[row]).sin() + 3.0 * f64::from(firms[row]).cos() + 0.1 * f64::from(years[row]);
    let x = Array2::from_shape_fn((30_000, 2), |(row, _)| uniform() + level(row));
    let y: Array1<f64> = (0..30_000).map(|row| x[[row, 0]] - 2.0 * x[[row, 1]] + level(row)).collect();
    let effects = [&people[..], &firms, &years];
    let fitted = AbsorbedLeastSquares::default().fit(&AbsorbedDesign::new(x.view(), y.view(), &effects)).unwrap();
    assert!(fitted.iterations > 40, "not hard: {}", fitted.iterations);
    for (found, truth) in fitted.coefficients.iter().flatten().zip([1.0, -2.0]) {
        assert!((found.estimate - truth).abs() < 1e-10, "{found:?}");
    }
    assert!(fitted.sigma < 1e-6, "{}", fitted.sigma);
}

#[test]
fn a_fit_that_is_saved_and_loaded_predicts_the_same_to_the_bit() {
    let data = small();
    let effects = [&data.codes["reg"][..], &data.codes["mon"]];
    let flat = Array1::from_elem(3000, 2.0);
    for y in [&data.y, &flat] {
        let design = AbsorbedDesign::new(data.x.view(), y.view(), &effects).covariance(Covariance::Hc1);
        let fitted = AbsorbedLeastSquares::default().fit(&design).unwrap();
        let predicted = fitted.predict(data.x.view(), &effects).unwrap();
        let from_bytes = FittedAbsorbed::from_bytes(&fitted.to_bytes().unwrap()).unwrap();
        let from_json = FittedAbsorbed::from_json(&fitted.to_json().unwrap()).unwrap();
        for loaded in [from_bytes, from_json] {
            assert_eq!(loaded.predict(data.x.view(), &effects).unwrap(), predicted);
            // Undefined numbers (of the flat target) are not equal to themselves.
            assert_eq!(format!("{loaded:?}").replace("inf", "NaN"), format!("{fitted:?}").replace("inf", "NaN"));
        }
        let mut broken = fitted.clone();
        broken.levels[0] += 1;
        assert!(matches!(FittedAbsorbed::from_bytes(&broken.to_bytes().unwrap()), Err(PersistError::Invalid { .. })));
        broken = fitted;
        broken.intercept = f64::INFINITY;
        assert!(matches!(FittedAbsorbed::from_bytes(&broken.to_bytes().unwrap()), Err(PersistError::Invalid { .. })));
    }
}

#[test]
fn settings_outside_their_range_are_refused() {
    for tolerance in [0.0, 1e-13, 0.01, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(AbsorbedLeastSquares::params().tolerance(tolerance).build().unwrap_err().name, "tolerance");
    }
    for passes in [0, 10_000_001] {
        assert_eq!(AbsorbedLeastSquares::params().max_iterations(passes).build().unwrap_err().name, "max_iterations");
    }
    for (tolerance, passes) in [(1e-12, 1), (1e-3, 10_000_000)] {
        assert!(AbsorbedLeastSquares::params().tolerance(tolerance).max_iterations(passes).build().is_ok());
    }
    assert_eq!(AbsorbedLeastSquares::params().build().unwrap(), AbsorbedLeastSquares::default());
}

#[test]
fn input_that_cannot_be_is_refused() {
    let data = small();
    let (x, y) = (data.x.view(), data.y.view());
    let (occ, reg) = (&data.codes["occ"][..], &data.codes["reg"][..]);
    let model = AbsorbedLeastSquares::default();
    let refused = |design: AbsorbedDesign<'_>, part: &str| {
        let error = model.fit(&design).map(|fitted| fitted.n).unwrap_err().to_string();
        assert!(error.contains(part), "{error}, expected {part}");
    };
    let design = AbsorbedDesign::new(x, y, &[]);
    refused(design, "no effect to absorb");
    refused(AbsorbedDesign::new(x, y, &[occ, &reg[..7]]), "effect 1 has 7 codes for 3000 rows");
    refused(AbsorbedDesign::new(x, y.slice(s![..9]), &[occ]), "3000 rows for 9 targets");
    refused(AbsorbedDesign::new(x.slice(s![.., ..0]), y, &[occ]), "3000 rows and 0 columns");
    refused(AbsorbedDesign::new(x.slice(s![..0, ..]), y.slice(s![..0]), &[&[]]), "0 rows");
    let every: Vec<u32> = (0..3000).collect();
    refused(AbsorbedDesign::new(x, y, &[occ, &every]), "each of 3000 rows stands alone");
    let (pairs, sides): (Vec<u32>, Vec<u32>) = (0..8).map(|row| (row / 2, row % 2)).unzip();
    let both = [&pairs[..], &sides];
    let few = AbsorbedDesign::new(x.slice(s![..8, ..]), y.slice(s![..8]), &both);
    refused(few, "8 rows for 3 coefficients and 5 of effects");
    refused(AbsorbedDesign::new(x.slice(s![..4, ..]), y.slice(s![..4]), &[&[1, 1, 1, 1]]), "4 rows for 3 coefficients");
    for (w, part) in [
        (data.w.mapv(|w| w - 1.0), "is below 0"),
        (data.w.mapv(|_| 0.0), "no row has a weight above 0"),
        (data.w.mapv(|_| f64::NAN), "finite"),
        (array![1.0], "1 weights for 3000 rows"),
    ] {
        refused(AbsorbedDesign::new(x, y, &[occ]).weights(w.view()), part);
    }
    for value in [f64::NAN, f64::INFINITY, -1e200] {
        let mut bad = data.x.clone();
        bad[[1234, 1]] = value;
        refused(AbsorbedDesign::new(bad.view(), y, &[occ]), "position 1234");
        let mut bad = data.y.clone();
        bad[2999] = value;
        refused(AbsorbedDesign::new(x, bad.view(), &[occ]), "position 2999");
    }
    let effects = [occ];
    let clustered = |covariance| AbsorbedDesign::new(x, y, &effects).covariance(covariance);
    refused(clustered(Covariance::Clustered(&reg[..5])), "5 cluster codes");
    refused(clustered(Covariance::Clustered(&[3; 3000])), "1 cluster");
    refused(clustered(Covariance::TwoWay(reg, &[3; 3000])), "1 cluster");
    refused(clustered(Covariance::Hc3), "HC2 and HC3 need");
}

#[test]
fn extremes_that_can_be_are_answered() {
    let data = small();
    let effects = [&data.codes["occ"][..], &data.codes["reg"]];
    let model = AbsorbedLeastSquares::default();
    let fit = |x: &Array2<f64>, y: &Array1<f64>, effects: &[&[u32]]| {
        model.fit(&AbsorbedDesign::new(x.view(), y.view(), effects).covariance(Covariance::Hc1)).unwrap()
    };
    let plain = fit(&data.x, &data.y, &effects);
    // Units change nothing but units.
    for unit in [1e-90, 1e90] {
        let scaled = fit(&data.x.mapv(|x| x * unit), &data.y, &effects);
        for (found, plain) in scaled.coefficients.iter().flatten().zip(plain.coefficients.iter().flatten()) {
            assert!((found.estimate * unit - plain.estimate).abs() < 1e-9 * plain.estimate.abs(), "{found:?}");
            assert!((found.se * unit - plain.se).abs() < 1e-9 * plain.se);
        }
    }
    // One level is an intercept.
    let one = fit(&data.x, &data.y, &[&[7; 3000]]);
    let ols = LeastSquares::fit(data.x.view(), data.y.view(), None, Covariance::Hc1).unwrap();
    for (found, plain) in one.coefficients.iter().zip(&ols.coefficients) {
        let (found, plain) = (found.unwrap(), plain.unwrap());
        assert!((found.estimate - plain.estimate).abs() < 1e-8 && (found.se - plain.se).abs() < 1e-8 * plain.se);
    }
    assert!((one.intercept - ols.intercept.estimate).abs() < 1e-6 && (one.r_squared - ols.r_squared).abs() < 1e-10);
    // A target that does not vary, and one that the effects explain.
    let flat = fit(&data.x, &Array1::from_elem(3000, 2.0), &effects);
    assert!(flat.r_squared.is_nan() && flat.r_squared_within.is_nan() && (flat.intercept - 2.0).abs() < 1e-12);
    assert!(flat.coefficients.iter().flatten().all(|c| c.estimate.abs() < 1e-12));
    let known = fit(&data.x, &effects[0].iter().map(|code| f64::from(*code)).collect(), &effects);
    assert!(known.r_squared_within.is_nan() && known.r_squared > 1.0 - 1e-12);
    // Nothing but columns that say nothing.
    let nothing = fit(&Array2::ones((3000, 1)), &data.y, &effects);
    assert!(nothing.coefficients == [None] && nothing.r_squared > 0.1 && nothing.r_squared_within.abs() < 1e-9);
    // The same effect twice is one effect.
    let twice = fit(&data.x, &data.y, &[effects[0], effects[0]]);
    let once = fit(&data.x, &data.y, &effects[..1]);
    assert!((twice.absorbed, twice.df) == (once.absorbed, once.df));
    for (a, b) in twice.coefficients.iter().flatten().zip(once.coefficients.iter().flatten()) {
        assert!((a.estimate - b.estimate).abs() < 1e-8 && (a.se - b.se).abs() < 1e-8);
    }
}
