//! What became of workers: certificates earned, pay before and after.

use super::SimulatedMarket;
use super::certificates::CERTIFICATES;
use super::draft::{PAY_GROWTH, PAY_OF_ABILITY};
use super::occupations::OCCUPATIONS;
use super::tables::TableRow;
use super::world::{pick, sums};
use crate::key::{CertificateId, RegionId};
use crate::numeric::random::SplitMix64;

/// Persistent and passing deviations of log pay; guesses.
const PERSISTENT: f64 = 0.12;
const PASSING: f64 = 0.1;
/// Weight of ability, and of a bad year before, in the latent wish to earn a certificate: able workers and those whose pay fell
/// enrol more often (the dip is Ashenfelter's, 1978, "Estimating the effect of training programs on earnings").
const ENROL_OF_ABILITY: f64 = 0.5;
const ENROL_OF_BAD_YEAR: f64 = 0.3;

/// One worker of a school year.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkerRow {
    /// Number within the school year.
    pub id: u64,
    /// Calendar year in which the school year ends.
    pub school_year: i32,
    /// Region.
    pub region: RegionId,
    /// SOC code.
    pub soc: &'static str,
    /// Years of age at the start.
    pub age: u8,
    /// The certificate earned in the school year; `None` for the comparison.
    pub certificate: Option<CertificateId>,
    /// Annual pay in US dollars two years before; as if at work.
    pub pay_two_years_before_usd: f64,
    /// The same in the year before.
    pub pay_before_usd: f64,
    /// Annual pay in US dollars in the year after; `None` without work.
    pub pay_after_usd: Option<f64>,
    /// At work in the year before.
    pub employed_before: bool,
    /// At work in the year after.
    pub employed_after: bool,
    /// Truth: ability, standard normal; not for models.
    pub ability: f64,
    /// Truth: what the certificate added to log pay.
    pub causal_log_pay: f64,
    /// Truth: what the certificate added to the probability of work, 1 at most in all.
    pub causal_employment: f64,
}

impl TableRow for WorkerRow {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "school_year",
        "region",
        "soc",
        "age",
        "certificate",
        "pay_two_years_before_usd",
        "pay_before_usd",
        "pay_after_usd",
        "employed_before",
        "employed_after",
        "ability",
        "causal_log_pay",
        "causal_employment",
    ];

    fn cells(&self) -> Vec<String> {
        let usd = |usd: f64| format!("{usd:.2}");
        vec![
            self.id.to_string(),
            self.school_year.to_string(),
            self.region.to_string(),
            self.soc.to_owned(),
            self.age.to_string(),
            self.certificate.as_ref().map_or_else(String::new, ToString::to_string),
            usd(self.pay_two_years_before_usd),
            usd(self.pay_before_usd),
            self.pay_after_usd.map_or_else(String::new, usd),
            self.employed_before.to_string(),
            self.employed_after.to_string(),
            self.ability.to_string(),
            self.causal_log_pay.to_string(),
            self.causal_employment.to_string(),
        ]
    }
}

impl SimulatedMarket {
    /// The workers of all school years that end within the span, by school year and number.
    pub fn worker_rows(&self) -> impl Iterator<Item = WorkerRow> + '_ {
        // In proportion to supply alone too few workers would earn what employers ask for.
        let supply = self.supply_weights();
        let of_occupation = |occupation: usize| {
            let field = occupation / 3;
            let weight = |c: usize| {
                let row = &CERTIFICATES[c];
                let fits = row.field as usize == field && row.weights[occupation % 3] > 0;
                if fits { supply[c] * if row.is_asked() { 4.0 } else { 1.0 } } else { 0.0 }
            };
            sums((0..CERTIFICATES.len()).map(weight))
        };
        let earned: Vec<Vec<f64>> = (0..OCCUPATIONS.len()).map(of_occupation).collect();
        let n = self.world.params.workers_per_year as u64;
        let years = self.school_years();
        years
            .flat_map(move |year| (0..n).map(move |id| (year, id)))
            .map(move |(year, id)| self.worker(year, id, &earned))
    }

    fn worker(&self, school_year: i32, id: u64, earned: &[Vec<f64>]) -> WorkerRow {
        let world = &self.world;
        let place = u64::from(school_year.unsigned_abs()) << 32 | id;
        let mut random = SplitMix64::of(world.params.seed ^ 0x776f_726b, place);
        let occupation = pick(&world.occupation_sums, random.unit());
        let region = pick(&world.region_sums, random.unit());
        let ability = random.standard_normal();
        let persistent = PERSISTENT * random.standard_normal();
        let bad_year = random.standard_normal();
        let age = 18 + u8::try_from(random.below(30)).unwrap_or(0);
        let rest = (1.0 - ENROL_OF_ABILITY * ENROL_OF_ABILITY - ENROL_OF_BAD_YEAR * ENROL_OF_BAD_YEAR).sqrt();
        let wish = ENROL_OF_ABILITY * ability - ENROL_OF_BAD_YEAR * bad_year + rest * random.standard_normal();
        // About three in ten.
        let certificate = (wish > 0.52).then(|| pick(&earned[occupation], random.unit()));
        let (causal_log_pay, causal_employment) =
            certificate.map_or((0.0, 0.0), |c| (world.premia[c], world.employment_effects[c]));

        let job = &OCCUPATIONS[occupation];
        let start = f64::from(school_year - self.school_years().start);
        let level = job.median_usd.ln()
            + world.regions[region].log_pay
            + PAY_OF_ABILITY * ability
            + persistent
            + 0.008 * f64::from(age - 18)
            + PAY_GROWTH * start
            - 0.15;
        let two_before = level - 2.0 * PAY_GROWTH + PASSING * random.standard_normal();
        let before = level - PAY_GROWTH + PASSING * bad_year;
        let after = level + PAY_GROWTH + causal_log_pay + PASSING * random.standard_normal();
        let base = (0.8 + 0.05 * ability).clamp(0.3, 0.95);
        let employed_before = random.unit() < base;
        // One draw for both worlds: the certificate gives work to those between the two probabilities.
        let employed_after = random.unit() < (base + causal_employment).min(1.0);
        WorkerRow {
            id,
            school_year,
            region: world.regions[region].id.clone(),
            soc: job.soc,
            age,
            certificate: certificate.map(|c| world.ids[c].clone()),
            pay_two_years_before_usd: two_before.exp(),
            pay_before_usd: before.exp(),
            pay_after_usd: employed_after.then(|| after.exp()),
            employed_before,
            employed_after,
            ability,
            causal_log_pay,
            causal_employment,
        }
    }
}
