//! Premia on simulated markets whose truth is known: what selection adds without occupations goes with them, intervals cover at
//! their level, weights undo the selection of posted pay, shrinkage comes nearer to the truth, bundles are not added up, and
//! extrapolated paths cover what comes.

#![expect(clippy::unwrap_used, reason = "helpers of tests may do what tests may")]

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use credcast::records::{Labels, Records, Values};
use credcast::value::premium::{
    CertificatePremium, PayColumns, PremiumColumns, PremiumData, PremiumEstimate, PremiumPath, PremiumReport,
    PremiumSettings,
};
use credcast::{DataError, Error, Probability};

/// The random numbers of Steele, Lea & Flood (2014), "Fast splittable pseudorandom number generators", OOPSLA, fig. 17.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from((u128::from(self.next()) * n as u128) >> 64).unwrap()
    }

    /// Standard normal but for the tails beyond 6 (a sum of twelve).
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

/// What is built into a market.
#[derive(Clone, Debug)]
struct Built {
    seed: u64,
    rows: usize,
    certificates: usize,
    employers: usize,
    years: usize,
    /// How strongly certificates are sorted into high-paying occupations.
    sorting: f64,
    /// Mean and spread of true premia.
    premium: (f64, f64),
    /// Standard deviation of a premium's change from year to year.
    drift: f64,
    /// What certificates 0 and 1 are worth together beyond their sum.
    beyond_sum: f64,
    /// What the soft skill adds to the premium of certificate 2.
    with_skill: f64,
    /// Whether pay is missing where certificates are worth more.
    hidden: bool,
}

const BUILT: Built = Built {
    seed: 1,
    rows: 6_000,
    certificates: 12,
    employers: 150,
    years: 3,
    sorting: 0.9,
    premium: (0.04, 0.05),
    drift: 0.0,
    beyond_sum: 0.0,
    with_skill: 0.0,
    hidden: false,
};

/// A simulated market and its truth.
struct Market {
    records: Records,
    /// Premia by certificate and year, one year more than there are rows of.
    premium: Vec<Vec<f64>>,
}

fn labels(texts: &[String]) -> Values {
    Values::Labels(texts.iter().map(|text| Some(text.as_str())).collect::<Labels>())
}

fn market(built: &Built) -> Market {
    let mut random = Random(built.seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
    let mut effects = |n: usize, sd: f64| (0..n).map(|_| sd * random.normal()).collect::<Vec<f64>>();
    let (occupations, regions) = (effects(30, 0.3), effects(10, 0.1));
    let (employers, months) = (effects(built.employers, 0.2), effects(built.years * 12, 0.05));
    let shocks = effects(built.employers * built.years, 0.1);
    let premium: Vec<Vec<f64>> = (0..built.certificates)
        .map(|_| {
            let mut level = built.premium.0 + built.premium.1 * random.normal();
            let mut path = vec![level];
            for _ in 0..built.years {
                level += built.drift * random.normal();
                path.push(level);
            }
            path
        })
        .collect();
    let mut columns: [Vec<String>; 5] = Default::default();
    let [mut pay, mut education, mut skill] = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..built.rows {
        let (occupation, region) = (random.below(30), random.below(10));
        let (employer, month) = (random.below(built.employers), random.below(built.years * 12));
        let year = month / 12;
        let soft = random.below(2);
        let degree = random.below(2);
        let chance = 0.08 * (built.sorting * occupations[occupation] / 0.3).exp();
        let mut held: Vec<usize> = (0..built.certificates).filter(|_| random.uniform() < chance).collect();
        if held.contains(&0) && !held.contains(&1) && random.uniform() < 0.4 {
            held.insert(1, 1);
        }
        let mut log_pay = 10.5
            + occupations[occupation]
            + regions[region]
            + employers[employer]
            + months[month]
            + shocks[employer * built.years + year]
            + 0.1 * degree as f64
            + 0.05 * soft as f64
            + 0.25 * random.normal();
        for c in &held {
            log_pay += premium[*c][year];
            // Worth more without a degree, where pay is posted less; by this much on the average of all.
            if built.hidden {
                log_pay += if degree == 0 { 0.1 } else { -0.1 };
            }
        }
        if held.contains(&0) && held.contains(&1) {
            log_pay += built.beyond_sum;
        }
        if held.contains(&2) && soft == 1 {
            log_pay += built.with_skill;
        }
        let posted = !built.hidden || random.uniform() < if degree == 0 { 0.3 } else { 0.85 };
        pay.push(if posted { log_pay } else { f64::NAN });
        education.push(degree as f64);
        skill.push(soft as f64);
        let list: Vec<String> = held.iter().map(|c| format!("c{c:02}")).collect();
        let month = format!("{}-{:02}", 2020 + year, month % 12 + 1);
        let row = [list.join(";"), format!("o{occupation}"), format!("r{region}"), format!("e{employer}"), month];
        columns.iter_mut().zip(row).for_each(|(column, text)| column.push(text));
    }
    let [certificates, occupation, region, employer, month] = columns;
    let records = Records::from_columns([
        ("log_pay", Values::Numbers(pay)),
        ("certificates", labels(&certificates)),
        ("occupation", labels(&occupation)),
        ("region", labels(&region)),
        ("employer", labels(&employer)),
        ("month", labels(&month)),
        ("education", Values::Numbers(education)),
        ("teamwork", Values::Numbers(skill)),
    ]);
    Market { records: records.unwrap(), premium }
}

fn columns() -> PremiumColumns {
    PremiumColumns {
        pay: PayColumns::Log("log_pay".into()),
        industry: None,
        controls: vec!["education".into()],
        soft_skills: vec!["teamwork".into()],
        ..PremiumColumns::default()
    }
}

fn report(market: &Market) -> PremiumReport {
    let data = PremiumData::from_records(&market.records, &columns()).unwrap();
    PremiumReport::compute(&data, &PremiumSettings::default(), &BTreeMap::new()).unwrap()
}

/// The mean and the standard deviation of z-scores, and the share of 95 % intervals that hold the truth.
fn calibration(found: &[(PremiumEstimate, f64)]) -> (f64, f64, f64) {
    let n = found.len() as f64;
    let z: Vec<f64> = found.iter().map(|(e, truth)| (e.estimate - truth) / e.se).collect();
    let mean = z.iter().sum::<f64>() / n;
    let sd = (z.iter().map(|z| (z - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let covered = found.iter().filter(|(e, truth)| e.ci95[0] <= *truth && *truth <= e.ci95[1]).count() as f64;
    (mean, sd, covered / n)
}

/// The reports of `n` markets that differ by their seed, each with its truth.
fn reports(built: &Built, n: u64) -> Vec<(PremiumReport, Vec<Vec<f64>>)> {
    let one = |seed| {
        let market = market(&Built { seed, ..built.clone() });
        (report(&market), market.premium)
    };
    (1..=n).map(one).collect()
}

/// One part of each certificate beside its truth (that of the first year).
fn beside_truth<T>(
    reports: &[(PremiumReport, Vec<Vec<f64>>)],
    part: impl Fn(&CertificatePremium) -> Option<T>,
) -> Vec<(T, f64)> {
    let of = |(report, premium): &(PremiumReport, Vec<Vec<f64>>)| {
        let pairs = report.certificates.iter().zip(premium);
        pairs.map(|(found, truth)| (part(found).unwrap(), truth[0])).collect::<Vec<_>>()
    };
    reports.iter().flat_map(of).collect()
}

#[test]
fn occupations_take_out_the_selection_that_raw_premia_hold_and_intervals_cover() {
    let reports = reports(&BUILT, 25);
    let adjusted = beside_truth(&reports, |c| c.adjusted);
    let (mean, sd, covered) = calibration(&adjusted);
    println!("adjusted: z mean {mean:.3}, sd {sd:.3}, coverage {covered:.3} of {}", adjusted.len());
    // 300 z-scores: the mean has the error 0.058, the standard deviation 0.041, the coverage 0.0126.
    assert!(mean.abs() < 0.18 && (sd - 1.0).abs() < 0.13 && (covered - 0.95).abs() < 0.038);

    let raw = beside_truth(&reports, |c| c.raw);
    let bias = raw.iter().map(|(e, truth)| e.estimate - truth).sum::<f64>() / raw.len() as f64;
    let (_, _, raw_covered) = calibration(&raw);
    println!("raw: bias {bias:.3}, coverage {raw_covered:.3}");
    assert!(bias > 0.05 && raw_covered < 0.5);

    // The gap is raw less adjusted, and its error is that of a difference of two estimates that go together.
    for (report, _) in &reports {
        for c in &report.certificates {
            let (raw, adjusted, gap) = (c.raw.unwrap(), c.adjusted.unwrap(), c.selection_gap.unwrap());
            assert!((raw.estimate - adjusted.estimate - gap.estimate).abs() < 1e-12);
            assert!(gap.se < (raw.se.powi(2) + adjusted.se.powi(2)).sqrt() && gap.ci95[0] > 0.0 - 0.2);
        }
    }
}

#[test]
fn without_sorting_raw_and_adjusted_agree_and_the_gap_is_calibrated() {
    let reports = reports(&Built { sorting: 0.0, ..BUILT }, 25);
    let gaps: Vec<_> = beside_truth(&reports, |c| c.selection_gap).into_iter().map(|(gap, _)| (gap, 0.0)).collect();
    let (mean, sd, covered) = calibration(&gaps);
    println!("gap: z mean {mean:.3}, sd {sd:.3}, coverage {covered:.3}");
    assert!(mean.abs() < 0.18 && (sd - 1.0).abs() < 0.15 && (covered - 0.95).abs() < 0.04);
}

#[test]
fn weights_make_posted_pay_stand_for_all() {
    let reports = reports(&Built { hidden: true, rows: 9_000, ..BUILT }, 12);
    let mean_error = |found: &[(PremiumEstimate, f64)]| {
        found.iter().map(|(e, truth)| e.estimate - truth).sum::<f64>() / found.len() as f64
    };
    let adjusted = beside_truth(&reports, |c| c.adjusted);
    let weighted = beside_truth(&reports, |c| c.weighted);
    let (before, after) = (mean_error(&adjusted), mean_error(&weighted));
    let (_, _, covered) = calibration(&weighted);
    println!("hidden pay: bias {before:.4} unweighted, {after:.4} weighted, coverage weighted {covered:.3}");
    // Half of all rows have no degree and are worth 0.1 more, but a quarter of those with pay.
    assert!(before < -0.03 && after.abs() < 0.007 && covered > 0.9);
    for (report, _) in &reports {
        let weights = report.diagnostics.weights.as_ref().unwrap();
        assert!((weights.posted_share - 0.575).abs() < 0.03 && weights.auc > 0.7);
        let rows = weights.rows as f64;
        assert!(weights.effective_rows < rows && weights.effective_rows > 0.5 * rows && weights.min > 0.0);
    }
    let c = &reports[0].0.certificates[0];
    assert!((c.posted_share.unwrap() - 0.575).abs() < 0.08);
}

#[test]
fn shrinkage_comes_nearer_to_the_truth_and_its_intervals_cover() {
    let reports = reports(&Built { premium: (0.04, 0.02), ..BUILT }, 25);
    let adjusted = beside_truth(&reports, |c| c.adjusted);
    let shrunk = beside_truth(&reports, |c| c.shrunk);
    let square = |errors: Vec<f64>| errors.iter().map(|e| e * e).sum::<f64>() / errors.len() as f64;
    let before = square(adjusted.iter().map(|(e, truth)| e.estimate - truth).collect());
    let after = square(shrunk.iter().map(|(e, truth)| e.estimate - truth).collect());
    let held = shrunk.iter().filter(|(e, truth)| e.ci95[0] <= *truth && *truth <= e.ci95[1]).count();
    let covered = held as f64 / shrunk.len() as f64;
    println!("mean squared error {before:.3e} before, {after:.3e} after shrinkage; coverage {covered:.3}");
    assert!(after < 0.9 * before && covered > 0.9);
    // Of the premia said to be positive at a rate of 10 %, at most about 10 % are not.
    let (mut said, mut wrong) = (0, 0);
    for (report, premium) in &reports {
        for (found, truth) in report.certificates.iter().zip(premium) {
            if found.positive.unwrap() {
                said += 1;
                wrong += usize::from(truth[0] <= 0.0);
            }
        }
    }
    println!("{said} said to be positive, {wrong} of them wrongly");
    assert!(said > 50 && wrong as f64 <= 0.1 * f64::from(said));
}

#[test]
fn bundles_are_not_added_up() {
    let reports = reports(&Built { beyond_sum: -0.06, sorting: 0.3, ..BUILT }, 20);
    let (mut pairs, mut totals, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for (report, premium) in &reports {
        for pair in &report.bundles.pairs {
            let Some(beyond) = pair.beyond_sum else { continue };
            if (pair.a.as_str(), pair.b.as_str()) == ("c00", "c01") {
                pairs.push((beyond, -0.06));
                totals.push((pair.total.unwrap(), premium[0][0] + premium[1][0] - 0.06));
            } else {
                others.push((beyond, 0.0));
            }
        }
    }
    let (mean, _, covered) = calibration(&pairs);
    let (_, sd, covered_others) = calibration(&others);
    let (_, _, covered_totals) = calibration(&totals);
    println!(
        "bundle: z mean {mean:.2}, coverage {covered:.2}; totals {covered_totals:.2}; {} others: sd {sd:.2}, coverage {covered_others:.3}",
        others.len()
    );
    assert!(pairs.len() == 20 && mean.abs() < 0.7 && covered >= 0.8 && covered_totals >= 0.8);
    assert!((sd - 1.0).abs() < 0.15 && covered_others > 0.92);
    let first = &reports[0].0.certificates[0];
    assert!(first.alone_share.unwrap() < 0.4, "{first:?}");
}

#[test]
fn what_a_soft_skill_adds_is_found_for_the_certificate_it_adds_to() {
    let reports = reports(&Built { with_skill: 0.1, ..BUILT }, 12);
    let (mut with, mut others) = (Vec::new(), Vec::new());
    for (report, _) in &reports {
        for pair in &report.soft_skills {
            let truth = if pair.id == "c02" { 0.1 } else { 0.0 };
            if pair.id == "c02" { &mut with } else { &mut others }.push((pair.with_skill.unwrap(), truth));
        }
    }
    let (mean, _, covered) = calibration(&with);
    let (other_mean, sd, covered_others) = calibration(&others);
    println!(
        "skill: z mean {mean:.2}, coverage {covered:.2}; others: mean {other_mean:.2}, sd {sd:.2}, coverage {covered_others:.3}"
    );
    assert!(with.len() == 12 && mean.abs() < 0.9 && covered > 0.7);
    assert!(other_mean.abs() < 0.3 && (sd - 1.0).abs() < 0.2 && covered_others > 0.9);
}

#[test]
fn extrapolated_paths_cover_what_comes() {
    let built = Built { drift: 0.04, years: 5, rows: 10_000, ..BUILT };
    let (mut covered, mut smoothed, mut raw, mut n) = (0, 0.0, 0.0, 0);
    let mut changes = Vec::new();
    let level = Probability::new(0.8).unwrap();
    for (report, premium) in reports(&built, 15) {
        let paths = report.paths();
        assert_eq!(paths.len(), 12);
        changes.push(paths[0].change_sd());
        for (path, truth) in paths.iter().zip(&premium) {
            let ahead = path.extrapolate(NonZeroUsize::MIN);
            let (low, high) = ahead[0].interval(level);
            covered += usize::from(low <= truth[5] && truth[5] <= high);
            for (t, estimate) in path.estimates().estimates.iter().enumerate() {
                smoothed += (path.levels()[t].mean - truth[t]).powi(2);
                raw += (estimate - truth[t]).powi(2);
            }
            n += 1;
        }
        let forecast = PremiumPath::forecast(paths, NonZeroUsize::new(4).unwrap()).unwrap();
        assert_eq!((forecast.keys().len(), forecast.origins()[0].to_string()), (12, "2024".to_owned()));
        let widths: Vec<f64> = forecast.path(3).iter().map(|d| d.interval(level).1 - d.interval(level).0).collect();
        assert!(widths.windows(2).all(|pair| pair[0] < pair[1]), "{widths:?}");
    }
    let share = covered as f64 / f64::from(n);
    let change = changes.iter().sum::<f64>() / changes.len() as f64;
    println!(
        "80 % intervals one year ahead hold {share:.3} of {n}; change sd {change:.4} for 0.04; squared error smoothed/raw {:.3}",
        smoothed / raw
    );
    // 180 intervals: the share has the error 0.03.
    assert!((share - 0.8).abs() < 0.09 && (change - 0.04).abs() < 0.012 && smoothed < 0.9 * raw);
}

#[test]
fn the_answer_is_the_same_to_the_bit_on_any_number_of_threads() {
    let market = market(&Built { hidden: true, ..BUILT });
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| serde_json::to_string(&report(&market)).unwrap())
    };
    assert!(with(1) == with(3));
}

// What cannot be used, and what can be said about nothing.

/// Columns of a table by name.
type Columns = Vec<(&'static str, Values)>;

/// A small table; `change` may spoil it.
fn table(change: impl Fn(&mut Columns)) -> Result<PremiumReport, Error> {
    let n = 240;
    let texts = |text: &dyn Fn(usize) -> String| labels(&(0..n).map(text).collect::<Vec<_>>());
    let mut random = Random(3);
    let pay: Vec<f64> = (0..n).map(|_| (10.0 + 0.2 * random.normal()).exp()).collect();
    let mut columns = vec![
        ("pay", Values::Numbers(pay)),
        ("certificates", texts(&|row| ["a;b", "a", "b;b", "", "c"][(row * 7 + row / 9) % 5].to_owned())),
        ("employer", texts(&|row| format!("e{}", row % 24))),
        ("occupation", texts(&|row| format!("o{}", row * row % 7))),
    ];
    change(&mut columns);
    let records = Records::from_columns(columns)?;
    let columns =
        PremiumColumns { region: None, month: None, industry: None, controls: Vec::new(), ..PremiumColumns::default() };
    let data = PremiumData::from_records(&records, &columns)?;
    PremiumReport::compute(&data, &PremiumSettings::default(), &BTreeMap::new())
}

fn set(name: &'static str, values: Values) -> impl Fn(&mut Columns) {
    move |columns| {
        columns.retain(|(column, _)| *column != name);
        columns.push((name, values.clone()));
    }
}

fn all(n: usize, text: impl Fn(usize) -> String) -> Values {
    labels(&(0..n).map(text).collect::<Vec<_>>())
}

#[test]
fn a_table_that_is_right_is_read_in_full() {
    let found = table(|_| ()).unwrap();
    assert_eq!(found.diagnostics.rows_used, 240);
    assert_eq!(found.diagnostics.repeated_in_list, 48);
    assert!(found.certificates.iter().all(|c| c.adjusted.is_some() && c.reason.is_none() && c.weighted.is_none()));
    assert!(found.notes.iter().any(|note| note.contains("every row has pay")), "{:?}", found.notes);
}

#[test]
fn what_cannot_be_used_is_an_error_that_says_why() {
    let said = |change: &dyn Fn(&mut Columns)| table(change).map(|_| ()).unwrap_err().to_string();
    let pay =
        |value: f64| set("pay", Values::Numbers((0..240).map(|row| if row == 7 { value } else { 1e4 }).collect()));
    for value in [0.0, -1.0, f64::INFINITY] {
        let error = said(&pay(value));
        assert!(
            error.contains("line 8, column pay: expected pay above 0") && error.contains(&value.to_string()),
            "{error}"
        );
    }
    assert!(said(&set("pay", Values::Numbers(vec![f64::NAN; 240]))).contains("pay, holds no observations"));
    assert!(said(&set("certificates", all(240, |_| String::new()))).contains("certificates holds no observations"));
    assert!(said(&set("employer", all(240, |_| "e".into()))).contains("all rows have one employer"));
    let alone = said(&set("employer", all(240, |row| format!("e{row}"))));
    assert!(alone.contains("240 rows stands alone") && alone.contains("employer"), "{alone}");
    let constant = said(&set("pay", Values::Numbers(vec![1e4; 240])));
    assert!(constant.contains("does not vary within the levels of the effects"), "{constant}");
    let unknown = said(&|columns| columns.retain(|(name, _)| *name != "occupation"));
    assert!(unknown.contains("no column \"occupation\"") && unknown.contains("employer"), "{unknown}");
    let rowless = |columns: &mut Columns| {
        for (name, values) in columns {
            *values = if *name == "pay" { Values::Numbers(vec![]) } else { all(0, |_| String::new()) };
        }
    };
    assert!(said(&rowless).contains("holds no observations"));
    let one = |columns: &mut Columns| {
        for (name, values) in columns {
            *values = if *name == "pay" { Values::Numbers(vec![1e4]) } else { all(1, |_| "a".into()) };
        }
    };
    assert!(said(&one).contains("1 rows stands alone"));
    let twice = PremiumColumns { industry: Some("pay".into()), ..PremiumColumns::default() };
    let records = Records::from_columns([("pay", Values::Numbers(vec![1.0]))]).unwrap();
    assert!(matches!(PremiumData::from_records(&records, &twice), Err(DataError::RepeatedColumn { .. })));
}

#[test]
fn what_tells_nothing_is_told_as_nothing() {
    let everyone = table(set("certificates", all(240, |row| format!("all{}", [";a", "", ";b"][row % 3])))).unwrap();
    let all_rows = everyone.certificates.iter().find(|c| c.id == "all").unwrap();
    assert_eq!((all_rows.n, all_rows.adjusted, all_rows.shrunk), (Some(240), None, None));
    assert_eq!(all_rows.reason.as_deref(), Some("every row has it: there is nothing to compare with"));

    let by_employer =
        table(set("certificates", all(240, |row| (if row % 24 < 12 { "a" } else { "" }).into()))).unwrap();
    let reason = by_employer.certificates[0].reason.clone().unwrap();
    assert!(reason.contains("does not vary within the levels of employer, occupation"), "{reason}");

    let twins =
        table(set("certificates", all(240, |row| (if row * row % 5 < 2 { "a;b" } else { "" }).into()))).unwrap();
    let reasons: Vec<_> = twins.certificates.iter().map(|c| c.reason.is_some()).collect();
    assert_eq!(reasons, [false, true]);
    assert!(twins.bundles.pairs[0].beyond_sum.is_none() && twins.bundles.pairs[0].reason.is_some());
}

#[test]
fn small_cells_are_never_printed() {
    let found = table(set(
        "certificates",
        all(240, |row| {
            (match row {
                0..9 => "nine;a",
                9..30 => "more;a",
                30..160 if row % 2 == 0 => "a",
                _ => "b",
            })
            .into()
        }),
    ))
    .unwrap();
    let of = |id: &str| found.certificates.iter().find(|c| c.id == id).unwrap();
    let nine = of("nine");
    assert_eq!((nine.n, nine.n_employers, nine.posted_share, nine.alone_share), (None, None, None, None));
    assert!(nine.adjusted.is_none() && nine.reason.as_deref().unwrap().contains("fewer than 10"));
    let more = of("more");
    assert!(more.adjusted.is_none() && more.n == Some(21), "{more:?}");
    assert!(more.reason.as_deref().unwrap().contains("21 rows"));
    // 65 of 95 rows with a have nothing else; the others are 9 + 21.
    assert!(of("a").alone_share.is_some());
    let hidden = |row: usize| if row < 236 { 1e4 + (row * row % 91) as f64 * 100.0 } else { f64::NAN };
    let few_without = table(set("pay", Values::Numbers((0..240).map(hidden).collect()))).unwrap();
    assert!(few_without.certificates.iter().all(|c| c.posted_share.is_none_or(|share| share > 0.999)));
}
