//! Premia, their errors, weights, shrinkage and paths against pyfixest, statsmodels and scipy, on a table that both sides draw.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests may do what tests may")]

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use credcast::records::{Labels, Records, Values};
use credcast::value::premium::{
    CertificateColumns, CertificatePremium, Heterogeneity, PayColumns, PremiumColumns, PremiumData, PremiumEstimate,
    PremiumReport, PremiumSettings, Shrinkage,
};
use ndarray::Array2;

/// Estimates with errors by case and name.
type Expected = BTreeMap<(String, String), (f64, f64)>;

fn expected(text: &str) -> Expected {
    let line = |line: &str| {
        let [case, name, estimate, error] = line.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
        ((case.to_owned(), name.to_owned()), (estimate.parse().unwrap(), error.parse().unwrap()))
    };
    text.lines().skip(2).map(line).collect()
}

fn labels(texts: &[String]) -> Values {
    Values::Labels(texts.iter().map(|text| Some(text.as_str())).collect::<Labels>())
}

/// The table of the script `tests/reference/premium.py`.
fn reference_table() -> Records {
    let mut state = 20_260_101_u64;
    // Steele, Lea & Flood (2014), "Fast splittable pseudorandom number generators", OOPSLA, fig. 17.
    let mut uniform = move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    };
    let [mut pay, mut degrees, mut skills] = [Vec::new(), Vec::new(), Vec::new()];
    let mut texts: [Vec<String>; 5] = Default::default();
    for _ in 0..3000 {
        let mut below = |n: u32| (uniform() * f64::from(n)).floor();
        let (occupation, region, employer, month) = (below(12), below(6), below(60), below(36));
        let (degree, skill) = (below(2), below(2));
        let held: Vec<bool> = (0..6).map(|c| uniform() < 0.15 + 0.02 * f64::from(c) + occupation / 60.0).collect();
        let noise = uniform() + uniform() + uniform() - 1.5;
        let posted = uniform() < 0.5 + 0.3 * degree;
        let mut y = 10.0
            + occupation / 12.0
            + region / 20.0
            + employer % 7.0 / 10.0
            + month / 100.0
            + 0.1 * degree
            + 0.05 * skill
            + noise / 2.0;
        y += (0..6).zip(&held).filter(|(_, held)| **held).map(|(c, _)| (f64::from(c) - 2.0) / 25.0).sum::<f64>();
        y += if held[0] && held[1] { -0.06 } else { 0.0 };
        y += if held[2] { 0.08 * skill } else { 0.0 };
        pay.push(if posted { y } else { f64::NAN });
        degrees.push(degree);
        skills.push(skill);
        let list: Vec<String> = (0..6).zip(&held).filter(|(_, held)| **held).map(|(c, _)| format!("c{c}")).collect();
        let date = format!("{}-{:02}", 2021.0 + (month / 12.0).floor(), month % 12.0 + 1.0);
        let row = [list.join(";"), occupation.to_string(), region.to_string(), employer.to_string(), date];
        texts.iter_mut().zip(row).for_each(|(column, text)| column.push(text));
    }
    let [certificates, occupation, region, employer, month] = texts.map(|column| labels(&column));
    Records::from_columns([
        ("y", Values::Numbers(pay)),
        ("certificates", certificates),
        ("occupation", occupation),
        ("region", region),
        ("employer", employer),
        ("month", month),
        ("degree", Values::Numbers(degrees)),
        ("skill", Values::Numbers(skills)),
    ])
    .unwrap()
}

fn report() -> PremiumReport {
    let columns = PremiumColumns {
        pay: PayColumns::Log("y".into()),
        industry: None,
        controls: vec!["degree".into()],
        soft_skills: vec!["skill".into()],
        ..PremiumColumns::default()
    };
    let data = PremiumData::from_records(&reference_table(), &columns).unwrap();
    let settings = PremiumSettings { horizon: 1, ..PremiumSettings::default() };
    PremiumReport::compute(&data, &settings, &BTreeMap::new()).unwrap()
}

#[track_caller]
fn close(found: f64, expected: f64, share: f64, what: &str) {
    assert!((found - expected).abs() <= share * expected.abs().max(1e-3), "{what}: {found}, expected {expected}");
}

#[test]
fn every_part_agrees_with_pyfixest_statsmodels_and_scipy() {
    let expected = expected(include_str!("../reference/premium.csv"));
    let report = report();
    let mut compared: BTreeMap<&str, usize> = BTreeMap::new();
    let mut estimate = |case: &'static str, name: &str, found: PremiumEstimate| {
        let (theirs, error) = expected[&(case.to_owned(), name.to_owned())];
        // Both sides stop their projections at a tolerance.
        close(found.estimate, theirs, 1e-6, &format!("{case} {name}"));
        close(found.se, error, 1e-6, &format!("error of {case} {name}"));
        *compared.entry(case).or_insert(0) += 1;
    };
    for c in &report.certificates {
        estimate("raw", &c.id, c.raw.unwrap());
        estimate("adjusted", &c.id, c.adjusted.unwrap());
        estimate("gap", &c.id, c.selection_gap.unwrap());
        estimate("weighted", &c.id, c.weighted.unwrap());
        for point in &c.path {
            let name = format!("{}:{}", c.id, point.period);
            estimate("period", &name, PremiumEstimate { estimate: point.estimate, se: point.se, ci95: [0.0; 2] });
            let level = PremiumEstimate { estimate: point.smoothed.mean, se: point.smoothed.sd, ci95: [0.0; 2] };
            estimate("smoothed", &name, level);
        }
        let ahead = &c.ahead[0];
        // The normal's 97.5 % point: scipy.stats.norm.ppf(0.975).
        let sd = (ahead.ci95[1] - ahead.median) / 1.959_963_984_540_054;
        estimate("ahead", &c.id, PremiumEstimate { estimate: ahead.median, se: sd, ci95: [0.0; 2] });
    }
    for pair in &report.bundles.pairs {
        let name = format!("{}+{}", pair.a, pair.b);
        estimate("pair", &name, pair.beyond_sum.unwrap());
        estimate("total", &name, pair.total.unwrap());
    }
    for skill in &report.soft_skills {
        estimate("skill", &skill.id, skill.with_skill.unwrap());
    }
    let effective = expected[&("weights".to_owned(), "effective_rows".to_owned())].0;
    close(report.diagnostics.weights.as_ref().unwrap().effective_rows, effective, 1e-8, "effective rows");
    println!("{compared:?}");
    let counts = ["adjusted", "ahead", "gap", "pair", "period", "raw", "skill", "smoothed", "total", "weighted"];
    let counts: BTreeMap<&str, usize> = counts.into_iter().zip([6, 6, 6, 15, 18, 6, 6, 18, 15, 6]).collect();
    assert_eq!(compared, counts);
}

#[test]
fn shrinkage_agrees_with_scipy_and_statsmodels_by_every_method() {
    let expected = expected(include_str!("../reference/premium.csv"));
    let at = |case: &str, name: &str| expected[&(case.to_owned(), name.to_owned())];
    let ids: Vec<String> = (0..6).map(|c| format!("c{c}")).collect();
    let b: Vec<f64> = ids.iter().map(|id| at("adjusted", id).0).collect();
    let v = Array2::from_shape_fn((6, 6), |(a, b)| at("covariance", &format!("{}:{}", ids[a], ids[b])).0);
    for (case, method, share) in [
        // An optimum is found to about the square root of the precision of what is optimised.
        ("reml", Heterogeneity::Reml, 1e-5),
        ("pm", Heterogeneity::PauleMandel, 1e-9),
        ("dl", Heterogeneity::DerSimonianLaird, 1e-9),
    ] {
        let found = Shrinkage::of(&b, v.view(), None, method).unwrap();
        close(found.tau2, at(case, "tau2").0, share, case);
        close(found.means[0], at(case, "mean").0, share, case);
        for (id, found) in ids.iter().zip(&found.estimates) {
            let (mean, sd) = at(case, id);
            close(found.estimate, mean, share, &format!("{case} {id}"));
            close(found.sd, sd, share, &format!("sd of {case} {id}"));
        }
    }
    let diagonal = Array2::from_diag(&v.diag().to_owned());
    for (case, method) in
        [("diagonal_pm", Heterogeneity::PauleMandel), ("diagonal_dl", Heterogeneity::DerSimonianLaird)]
    {
        let found = Shrinkage::of(&b, diagonal.view(), None, method).unwrap();
        close(found.tau2, at(case, "tau2").0, 1e-7, case);
    }
    // The report shrinks the adjusted premia as they stand in it.
    let report = report();
    for c in &report.certificates {
        close(c.shrunk.unwrap().estimate, at("reml", &c.id).0, 1e-5, &c.id);
    }
    assert!(report.diagnostics.full_covariance);
}

/// A column of a table of the shared data; `None` where there is none.
fn twoyear() -> Option<BTreeMap<String, Vec<f64>>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/econometrics/twoyear.csv.bz2");
    let Ok(file) = std::fs::read(path) else {
        println!("skipped: no data");
        return None;
    };
    let mut text = String::new();
    bzip2_rs::DecoderReader::new(&file[..]).read_to_string(&mut text).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let mut columns: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for row in reader.records() {
        for (name, cell) in header.iter().zip(row.unwrap().iter()) {
            columns.entry(name.to_owned()).or_default().push(cell.parse().unwrap_or(f64::NAN));
        }
    }
    Some(columns)
}

#[test]
fn associate_and_bachelor_degrees_go_with_what_statsmodels_finds() {
    let Some(data) = twoyear() else { return };
    let expected = expected(include_str!("../reference/premium_twoyear.csv"));
    let tenth: Vec<String> = data["phsrank"].iter().map(|rank| (rank / 10.0).floor().min(9.0).to_string()).collect();
    let numbers = |name: &'static str| (name, Values::Numbers(data[name].clone()));
    let names = ["lwage", "AA", "BA", "exper", "female", "black", "hispanic", "stotal"];
    let mut columns: Vec<(&str, Values)> = names.into_iter().map(numbers).collect();
    columns.push(("tenth", labels(&tenth)));
    let records = Records::from_columns(columns).unwrap();
    for (case, more) in [("plain", &[][..]), ("tested", &["stotal"]), ("tenths", &["stotal", "tenth"])] {
        let controls = ["exper", "female", "black", "hispanic"].iter().chain(more).map(|name| (*name).to_owned());
        let columns = PremiumColumns {
            pay: PayColumns::Log("lwage".into()),
            certificates: CertificateColumns::Indicators(vec!["AA".into(), "BA".into()]),
            occupation: None,
            region: None,
            employer: None,
            month: None,
            industry: None,
            controls: controls.collect(),
            soft_skills: Vec::new(),
        };
        let data = PremiumData::from_records(&records, &columns).unwrap();
        let report = PremiumReport::compute(&data, &PremiumSettings::default(), &BTreeMap::new()).unwrap();
        for CertificatePremium { id, raw, adjusted, n, .. } in &report.certificates {
            let (theirs, error) = expected[&(case.to_owned(), id.clone())];
            let raw = raw.unwrap();
            close(raw.estimate, theirs, 1e-8, &format!("{case} {id}"));
            close(raw.se, error, 1e-8, &format!("error of {case} {id}"));
            println!("{case} {id}: {:.4} ({:.4}), {n:?} of {} rows", raw.estimate, raw.se, data.n_rows());
            assert!(adjusted.is_none());
        }
        assert!(report.notes.iter().any(|note| note.contains("no column of employers")));
    }
}
