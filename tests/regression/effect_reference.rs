//! Effects against statsmodels, scikit-learn, linearmodels and plain formulas.

#![expect(clippy::unwrap_used, reason = "helpers of tests may do what tests may")]

use credcast::records::{Records, Values};
use credcast::value::effect::{Effect, EffectSettings, Estimand, Method, Question};

/// The data of the script `tests/reference/effect.py`.
fn records() -> Records {
    let number = |value: u64, modulus: u64| (value % modulus) as f64;
    let mut columns: [(&str, Vec<f64>); 7] =
        ["x1", "x2", "x3", "d", "y", "before", "cluster"].map(|name| (name, Vec::new()));
    for i in 0..240_u64 {
        let x1 = number(7 * i, 31) / 3.0 - 5.0;
        let x2 = number(i * i, 17) / 2.0;
        let x3 = f64::from(u8::from(11 * i % 4 == 0));
        let hidden = number(i * i * i, 23) / 11.0 - 1.0;
        let d = f64::from(u8::from(0.25 * x1 - 0.1 * x2 + 0.8 * x3 + 1.5 * hidden > 0.3));
        let noise = number(5 * i * i + 3 * i, 29) / 7.0 - 2.0;
        let y = 3.0 + 0.9 * x1 + 0.4 * x2 - 1.2 * x3 + d * (1.5 + 0.2 * x1) + noise;
        let before = 2.0 + 0.5 * x1 + number(13 * i, 19) / 5.0 + 0.7 * d;
        let row = [x1, x2, x3, d, y, before, (i / 6) as f64];
        columns.iter_mut().zip(row).for_each(|((_, column), value)| column.push(value));
    }
    Records::from_columns(columns.map(|(name, values)| (name, Values::Numbers(values)))).unwrap()
}

/// The settings that take every choice out that the reference programs do not make.
fn bare(method: Method) -> EffectSettings {
    EffectSettings {
        method,
        squares: false,
        zeros: false,
        trim: 0.0,
        prior_sd: f64::INFINITY,
        calibrate: false,
        folds: 1,
        ..EffectSettings::default()
    }
}

#[test]
fn every_method_agrees_with_other_programs() {
    let records = records();
    let question = Question::new("d", "y", ["x1", "x2", "x3"]);
    let mut compared = 0;
    for line in include_str!("../reference/effect.csv").lines().skip(2) {
        let [case, estimate, se, low] = line.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let [estimate, se, low] = [estimate, se, low].map(|cell| cell.parse::<f64>().ok());
        let mut question = question.clone();
        let mut settings = match case {
            "difference" => bare(Method::Difference),
            "ols" | "ols_cluster" => bare(Method::Ols),
            "ipw_ate" | "ipw_att" => bare(Method::Ipw),
            "aipw_ate" | "aipw_att" | "aipw_ate_statsmodels" => bare(Method::Aipw),
            "tilted_att" => EffectSettings { calibrate: true, ..bare(Method::Ipw) },
            "did" => bare(Method::Did),
            _ => {
                let [_, k, corrected, _] = case.split('_').collect::<Vec<_>>()[..] else { panic!("{line}") };
                let neighbours = k.parse().unwrap();
                EffectSettings { neighbours, bias_correction: corrected == "corrected", ..bare(Method::Match) }
            }
        };
        if case.contains("ate") {
            settings.estimand = Estimand::Ate;
        }
        match case {
            "ols_cluster" => question.cluster = Some("cluster".into()),
            "did" => (question.before, question.covariates) = (Some("before".into()), Vec::new()),
            _ => {}
        }
        let found = Effect::estimate(&records, &question, &settings).unwrap();
        // Optimisers stop early, and statsmodels does not normalise the weights of AIPW.
        let (far, far_se) = match case {
            "aipw_ate_statsmodels" => (2e-3, 0.1),
            "ipw_ate" | "ipw_att" | "tilted_att" => (1e-6, 1e-5),
            _ => (1e-9, 1e-9),
        };
        let close = |found: Option<f64>, expected: Option<f64>, far: f64| {
            let Some(expected) = expected else { return };
            let found = found.unwrap();
            assert!((found - expected).abs() <= far * expected.abs(), "{line}: {found}");
        };
        close(found.estimate, estimate, far);
        close(found.se, se, far_se);
        close(found.ci95[0], low, 1e-7);
        compared += 1;
    }
    assert_eq!(compared, 18);
}
