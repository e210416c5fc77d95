//! Which fields of certificate programmes pay more than a high-school diploma does.

use std::collections::BTreeMap;

use serde::Serialize;

use super::interval::wilson;
use super::shrink::{Common, Estimate};
use crate::error::{DataError, ParamError, Result};
use crate::key::RegionId;
use crate::market::Programme;

/// How fields are judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FieldSettings {
    /// The level of the intervals, 0.95.
    pub level: f64,
    /// Highest probability of being wrong at which a verdict is given, 0.025: that of an interval of 95 % that leaves out 0.
    pub error_rate: f64,
    /// Programmes that a field must have in the nation for a verdict, 3: of fewer nobody knows how they differ.
    pub least_programmes: usize,
}

impl Default for FieldSettings {
    fn default() -> Self {
        Self { level: 0.95, error_rate: 0.025, least_programmes: 3 }
    }
}

/// What is said of a field's pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldVerdict {
    /// Above that of high-school graduates.
    Above,
    /// Below it.
    Below,
    /// The data do not say.
    CannotTell,
}

impl FieldVerdict {
    /// `above`, `below` or `cannot tell`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Above => "above",
            Self::Below => "below",
            Self::CannotTell => "cannot tell",
        }
    }
}

/// One field in one state or the nation. Premiums are relative differences: 0.12 is 12 % above.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldPay {
    /// Field of study, four digits of the CIP.
    pub cip4: String,
    /// The state; `None` is all of them together.
    #[serde(serialize_with = "region_name")]
    pub state: Option<RegionId>,
    /// Programmes with published earnings, branches of one institution counted once.
    pub programmes: usize,
    /// Completers counted of these programmes.
    pub completers: f64,
    /// Programmes whose completers earn more than high-school graduates.
    pub programmes_above: usize,
    /// Interval of the share of such programmes.
    pub share_above: [f64; 2],
    /// The field's own premium, weighted with completers.
    pub own_premium: f64,
    /// Its interval.
    pub own_interval: [f64; 2],
    /// The premium pulled towards what other fields (for a state: the field elsewhere) let expect.
    pub premium: f64,
    /// Its interval.
    pub interval: [f64; 2],
    /// Probability of a premium above 0.
    pub probability: f64,
    /// What is said.
    pub verdict: FieldVerdict,
}

fn region_name<S: serde::Serializer>(region: &Option<RegionId>, serializer: S) -> Result<S::Ok, S::Error> {
    match region {
        Some(region) => serializer.serialize_str(region.as_str()),
        None => serializer.serialize_none(),
    }
}

/// All fields, nation first, then by state.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldReport {
    /// The level of the intervals.
    pub level: f64,
    /// Highest probability of being wrong at which a verdict is given.
    pub error_rate: f64,
    /// Programmes that a field must have in the nation for a verdict.
    pub least_programmes: usize,
    /// Share of wrong verdicts to be expected among those on fields in the nation: their mean probability of being wrong.
    pub expected_wrong: f64,
    /// Rows read.
    pub rows: usize,
    /// Rows whose earnings are not published.
    pub without_earnings: usize,
    /// Rows with earnings that repeat those of another branch of the same institution and field.
    pub branches: usize,
    /// Institutions and fields with earnings but without a benchmark to compare with.
    pub without_benchmark: usize,
    /// Institutions and fields compared with the nation, their state being without a benchmark.
    pub national_benchmark: usize,
    /// The mean premium of a field, and the standard deviation of the true ones, on the log scale.
    pub common: Option<[f64; 2]>,
    /// Each field in the nation.
    pub fields: Vec<FieldPay>,
    /// Each field in each state.
    pub by_state: Vec<FieldPay>,
}

/// One institution and field.
#[derive(Clone, Debug)]
struct Pair {
    state: Option<RegionId>,
    completers: f64,
    log_premium: f64,
}

/// Sums over programmes from which weighted means and their variances follow.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    n: usize,
    above: usize,
    completers: f64,
    w: f64,
    ww: f64,
    wy: f64,
}

impl Sums {
    fn add(&mut self, pair: &Pair) {
        let w = weight(pair);
        self.n += 1;
        self.above += usize::from(pair.log_premium > 0.0);
        self.completers += pair.completers;
        self.w += w;
        self.ww += w * w;
        self.wy += w * pair.log_premium;
    }

    fn without(&self, other: &Self) -> Self {
        Self {
            n: self.n - other.n,
            above: self.above - other.above,
            completers: self.completers - other.completers,
            w: self.w - other.w,
            ww: self.ww - other.ww,
            wy: self.wy - other.wy,
        }
    }

    /// The weighted mean, its variance with programmes as the random part: `s^2 sum w^2 / (sum w)^2`.
    fn estimate(&self, variance: f64) -> Estimate {
        Estimate { mean: self.wy / self.w, variance: variance * self.ww / (self.w * self.w) }
    }
}

/// A programme without counted completers weighs as one with one.
fn weight(pair: &Pair) -> f64 {
    pair.completers.max(1.0)
}

impl FieldReport {
    /// Compares each field's pay with that of high-school graduates of the same state.
    ///
    /// ```text
    /// y = ln(earnings of completers / earnings of high-school graduates)           per institution and field
    /// field: mean of y weighted with completers; variance s^2 sum w^2 / (sum w)^2, s^2 between programmes of the field
    /// nation: pulled towards the mean of all fields;  state: towards the same field in the other states
    /// ```
    ///
    /// The published earnings are medians without standard errors, so the uncertainty is that between programmes. A field's `s^2` is
    /// pulled towards that pooled over fields, by as much as the spread of the fields' own says (Smyth 2004, "Linear models and empirical
    /// Bayes methods", Stat. Appl. Genet. Mol. Biol. 3, 3). A verdict is given where its probability of being wrong, after the pulling, is at
    /// most `error_rate`; so of all verdicts no larger share is expected to be wrong (Efron 2010, *Large-Scale Inference*, 2.2 and 5.1), and
    /// few programmes with high pay by chance are not taken for a good field. O(rows log rows).
    ///
    /// What it is not: an effect. Completers differ from high-school graduates in more than the certificate, those with published
    /// earnings are of larger programmes, had federal aid, work and are not enrolled, and earnings of one and of four years after
    /// completion are mixed in the source.
    ///
    /// # Errors
    /// [`ParamError`] for a level or error rate outside (0, 1); [`DataError::Empty`] if no programme can be compared.
    pub fn compute(programmes: &[Programme], settings: &FieldSettings) -> Result<Self> {
        for (name, value) in [("level", settings.level), ("error_rate", settings.error_rate)] {
            if !(value > 0.0 && value < 1.0) {
                return Err(ParamError::new(name, value, "in (0, 1)").into());
            }
        }
        let (pairs, mut report) = pairs(programmes, settings);
        if pairs.is_empty() {
            return Err(DataError::Empty { what: "the programmes with earnings and a benchmark".to_owned() }.into());
        }
        let mut nation: BTreeMap<&str, Sums> = BTreeMap::new();
        let mut states: BTreeMap<(&str, &RegionId), Sums> = BTreeMap::new();
        for (cip4, pair) in &pairs {
            nation.entry(cip4).or_default().add(pair);
            if let Some(state) = &pair.state {
                states.entry((cip4, state)).or_default().add(pair);
            }
        }
        let variances = variances(&pairs, &nation);
        let own: BTreeMap<&str, Estimate> =
            nation.iter().map(|(cip4, sums)| (*cip4, sums.estimate(variances[cip4]))).collect();
        let estimates: Vec<Estimate> = own.values().copied().collect();
        let common = Common::of(&estimates);
        report.common = common.map(|common| [common.mean, common.between.sqrt()]);
        let shrunk = |estimate: Estimate| common.map_or(estimate, |common| common.shrink(estimate));
        let fields: Vec<(Sums, Estimate, Estimate)> =
            nation.iter().map(|(cip4, sums)| (*sums, own[cip4], shrunk(own[cip4]))).collect();
        let programmes = |cip4: &str| nation.get(cip4).map_or(0, |sums| sums.n);
        let names = nation.keys().map(|cip4| (*cip4, None));
        report.fields = judge(names.zip(fields), programmes, settings);
        report.expected_wrong = expected_wrong(&report.fields);

        // A state against the same field elsewhere: its own programmes are not in what it is pulled towards.
        let elsewhere = |cip4: &str, sums: &Sums| {
            let rest = nation[cip4].without(sums);
            let unknown = common.map(|c| Estimate { mean: c.mean, variance: c.between + c.mean_variance });
            if rest.n == 0 { unknown } else { Some(shrunk(rest.estimate(variances[cip4]))) }
        };
        let cells: Vec<(Estimate, Option<Estimate>)> =
            states.iter().map(|((cip4, _), sums)| (sums.estimate(variances[cip4]), elsewhere(cip4, sums))).collect();
        let deviations: Vec<Estimate> = cells
            .iter()
            .filter_map(|(own, prior)| {
                prior.map(|p| Estimate { mean: own.mean - p.mean, variance: own.variance + p.variance })
            })
            .collect();
        let between_states = Common::of(&deviations).map_or(0.0, |common| common.between);
        let joined = states.iter().zip(&cells).map(|(((cip4, state), sums), (own, prior))| {
            let both =
                prior.map_or(*own, |p| Estimate { mean: p.mean, variance: p.variance + between_states }.with(*own));
            ((*cip4, Some((*state).clone())), (*sums, *own, both))
        });
        report.by_state = judge(joined, programmes, settings);
        Ok(report)
    }
}

/// One entry for each institution and field with earnings and a benchmark, by field.
fn pairs<'a>(programmes: &'a [Programme], settings: &FieldSettings) -> (Vec<(&'a str, Pair)>, FieldReport) {
    let mut report = FieldReport {
        level: settings.level,
        error_rate: settings.error_rate,
        least_programmes: settings.least_programmes,
        expected_wrong: 0.0,
        rows: programmes.len(),
        without_earnings: 0,
        branches: 0,
        without_benchmark: 0,
        national_benchmark: 0,
        common: None,
        fields: Vec::new(),
        by_state: Vec::new(),
    };
    let mut groups: BTreeMap<(&str, &str), Vec<&Programme>> = BTreeMap::new();
    for programme in programmes {
        if programme.earnings_usd.is_finite() && programme.earnings_usd > 0.0 {
            groups.entry((&programme.cip4, &programme.opeid6)).or_default().push(programme);
        } else {
            report.without_earnings += 1;
        }
    }
    let mut pairs = Vec::with_capacity(groups.len());
    for ((cip4, _), branches) in groups {
        report.branches += branches.len() - 1;
        let count = |p: &Programme| if p.completers.is_finite() { p.completers } else { 0.0 };
        // The branch with most completers stands for all; of equals the first by id.
        let main = branches.iter().copied().reduce(|best, other| {
            let larger = count(other).total_cmp(&count(best)).then_with(|| best.unitid.cmp(&other.unitid)).is_gt();
            if larger { other } else { best }
        });
        let Some(main) = main else { continue };
        let usable = |usd: f64| Some(usd).filter(|usd| usd.is_finite() && *usd > 0.0);
        let state_usd = usable(main.hs_earnings_state_usd);
        let Some(benchmark) = state_usd.or(usable(main.hs_earnings_national_usd)) else {
            report.without_benchmark += 1;
            continue;
        };
        report.national_benchmark += usize::from(state_usd.is_none());
        let completers = branches.iter().map(|p| count(p)).sum();
        let log_premium = (main.earnings_usd / benchmark).ln();
        pairs.push((cip4, Pair { state: main.state.clone(), completers, log_premium }));
    }
    (pairs, report)
}

/// The variance between programmes of each field, pulled towards the pooled one.
fn variances<'a>(pairs: &[(&'a str, Pair)], sums: &BTreeMap<&'a str, Sums>) -> BTreeMap<&'a str, f64> {
    let mut squares: BTreeMap<&str, f64> = BTreeMap::new();
    for (cip4, pair) in pairs {
        let mean = sums[cip4].wy / sums[cip4].w;
        *squares.entry(cip4).or_default() += weight(pair) * (pair.log_premium - mean).powi(2);
    }
    // Programmes of unequal weight count for fewer: n_eff = (sum w)^2 / sum w^2.
    let own: Vec<(&str, f64, f64)> = sums
        .iter()
        .map(|(cip4, s)| {
            let freedom = s.w * s.w / s.ww - 1.0;
            let variance = if freedom > 0.0 { squares[cip4] / (s.w - s.ww / s.w) } else { 0.0 };
            (*cip4, freedom.max(0.0), variance)
        })
        .collect();
    let freedom: f64 = own.iter().map(|(_, d, _)| d).sum();
    let pooled = if freedom > 0.0 { own.iter().map(|(_, d, v)| d * v).sum::<f64>() / freedom } else { 0.0 };
    if pooled <= 0.0 {
        // No two programmes to compare, or none that differ: nothing is known of their spread.
        return own.into_iter().map(|(cip4, ..)| (cip4, f64::INFINITY)).collect();
    }
    let prior = prior_freedom(&own, pooled);
    own.into_iter().map(|(cip4, d, v)| (cip4, (prior * pooled + d * v) / (prior + d))).collect()
}

/// Degrees of freedom that the pooled variance counts for, by moments: of `s^2 ~ s0^2 F(d, d0)` the squared relative deviation has
/// expectation `2/d + 2/d0` for `d0` not small. At least 2; the pooled variance alone where fields do not differ.
fn prior_freedom(own: &[(&str, f64, f64)], pooled: f64) -> f64 {
    const LEAST: f64 = 2.0;
    const MOST: f64 = 1e6;
    let usable = own.iter().filter(|(_, d, _)| *d >= LEAST);
    let (mut weights, mut excess) = (0.0, 0.0);
    for (_, d, v) in usable {
        weights += d;
        excess += d * ((v / pooled - 1.0).powi(2) - 2.0 / d);
    }
    let excess = if weights > 0.0 { excess / weights } else { 0.0 };
    if excess > 0.0 { (2.0 / excess).clamp(LEAST, MOST) } else { MOST }
}

/// Turns estimates on the log scale into what is reported; `programmes` is how many a field has in the nation.
fn judge<'a>(
    cells: impl Iterator<Item = ((&'a str, Option<RegionId>), (Sums, Estimate, Estimate))>,
    programmes: impl Fn(&str) -> usize,
    settings: &FieldSettings,
) -> Vec<FieldPay> {
    let percent = |(low, high): (f64, f64)| [low.exp_m1(), high.exp_m1()];
    let mut found: Vec<FieldPay> = cells
        .map(|((cip4, state), (sums, own, both))| {
            let (low, high) = wilson(sums.above as f64, sums.n as f64, settings.level);
            FieldPay {
                cip4: cip4.to_owned(),
                state,
                programmes: sums.n,
                completers: sums.completers,
                programmes_above: sums.above,
                share_above: [low, high],
                own_premium: own.mean.exp_m1(),
                own_interval: percent(own.interval(settings.level)),
                premium: both.mean.exp_m1(),
                interval: percent(both.interval(settings.level)),
                probability: both.probability_above_zero(),
                verdict: FieldVerdict::CannotTell,
            }
        })
        .collect();
    for field in &mut found {
        if programmes(&field.cip4) < settings.least_programmes {
            continue;
        }
        if field.probability >= 1.0 - settings.error_rate {
            field.verdict = FieldVerdict::Above;
        } else if field.probability <= settings.error_rate {
            field.verdict = FieldVerdict::Below;
        }
    }
    found
}

/// Mean probability of being wrong among the verdicts given; 0 without any.
fn expected_wrong(fields: &[FieldPay]) -> f64 {
    let given = fields.iter().filter(|field| field.verdict != FieldVerdict::CannotTell);
    let errors = given.map(|field| field.probability.min(1.0 - field.probability));
    let (n, sum) = errors.fold((0.0, 0.0), |(n, sum), error| (n + 1.0, sum + error));
    if n > 0.0 { sum / n } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn programme(opeid6: &str, cip4: &str, state: &str, completers: f64, earnings: f64) -> Programme {
        Programme {
            unitid: format!("{opeid6}-{state}"),
            opeid6: opeid6.into(),
            institution: String::new(),
            state: Some(RegionId::new(state)),
            control: String::new(),
            cip4: cip4.into(),
            completers,
            earnings_usd: earnings,
            hs_earnings_state_usd: 30_000.0,
            hs_earnings_national_usd: f64::NAN,
            debt_usd: f64::NAN,
        }
    }

    fn compute(programmes: &[Programme]) -> FieldReport {
        FieldReport::compute(programmes, &FieldSettings::default()).unwrap()
    }

    #[test]
    fn branches_count_once_and_completers_weigh() {
        let report = compute(&[
            programme("a", "51.08", "TX", 10.0, 36_000.0),
            programme("a", "51.08", "TX", 20.0, 36_000.0),
            programme("b", "51.08", "TX", 10.0, 30_000.0),
            programme("c", "51.08", "OH", f64::NAN, f64::NAN),
        ]);
        assert_eq!((report.branches, report.without_earnings), (1, 1));
        let field = &report.fields[0];
        assert_eq!((field.programmes, field.completers, field.programmes_above), (2, 40.0, 1));
        // Three quarters of the way from ln 1 to ln 1.2.
        assert!((field.own_premium - (0.75 * 1.2_f64.ln()).exp_m1()).abs() < 1e-12);
    }

    #[test]
    fn a_lucky_small_field_is_pulled_in_and_a_large_one_is_named() {
        let mut all = Vec::new();
        for i in 0..40 {
            let swing = f64::from(i % 5 - 2) * 2_000.0;
            all.push(programme(&format!("a{i}"), "47.06", "TX", 50.0, 40_000.0 + swing));
            all.push(programme(&format!("b{i}"), "12.04", "OH", 50.0, 24_000.0 + swing));
            all.push(programme(&format!("c{i}"), "52.02", "OH", 50.0, 30_000.0 + swing));
        }
        all.push(programme("d", "10.01", "TX", 12.0, 52_000.0));
        let report = compute(&all);
        let field = |cip4: &str| report.fields.iter().find(|field| field.cip4 == cip4).unwrap();
        assert_eq!(field("47.06").verdict, FieldVerdict::Above);
        assert_eq!(field("12.04").verdict, FieldVerdict::Below);
        assert_eq!(field("52.02").verdict, FieldVerdict::CannotTell);
        assert!(field("10.01").premium < field("10.01").own_premium);
        let lucky = field("10.01").interval;
        let large = field("47.06").interval;
        assert!(lucky[1] - lucky[0] > 3.0 * (large[1] - large[0]));
    }

    #[test]
    fn odd_programmes_are_counted_and_nothing_at_all_is_an_error() {
        let none = Programme { hs_earnings_state_usd: f64::NAN, ..programme("a", "1", "TX", 1.0, 1.0) };
        assert!(FieldReport::compute(std::slice::from_ref(&none), &FieldSettings::default()).is_err());
        assert!(FieldReport::compute(&[], &FieldSettings::default()).is_err());
        let nation = Programme { hs_earnings_national_usd: 20_000.0, ..none.clone() };
        let report = compute(&[nation, Programme { opeid6: "b".into(), ..none }, programme("c", "1", "TX", 0.0, 1e9)]);
        assert_eq!((report.without_benchmark, report.national_benchmark), (1, 1));
        assert!(report.fields[0].interval.iter().all(|end| end.is_finite()));
        let bad = FieldSettings { error_rate: f64::NAN, ..FieldSettings::default() };
        assert!(FieldReport::compute(&[], &bad).is_err());
    }

    #[test]
    fn one_programme_alone_has_a_value_but_no_verdict() {
        let report = compute(&[programme("a", "51.08", "TX", 10.0, 36_000.0)]);
        assert_eq!(report.fields.len(), 1);
        assert_eq!(report.fields[0].verdict, FieldVerdict::CannotTell);
    }
}
