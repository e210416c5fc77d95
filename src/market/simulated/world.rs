//! Regions, employers, share paths and premia: all that the postings have in common.

use super::calendar::Calendar;
use super::certificates::CERTIFICATES;
use super::draft::Draft;
use super::occupations::{Field, OCCUPATIONS, PER_FIELD};
use super::params::SimulatedMarketParams;
use super::paths::{ShareModel, top_fifty};
use crate::catalog::Kind;
use crate::key::{CertificateId, RegionId};
use crate::numeric::normal;
use crate::numeric::random::SplitMix64;

/// Weight of ability in the latent wish for each certificate. A guess, chosen so that certificates look several times better in raw
/// pay than they are, as in *The Narrow Ladder* (18 % and more, against 3 to 7 % within occupations).
const WISH_OF_ABILITY: f64 = 0.45;
/// Weight of what the certificates of one bundle have in common; a guess.
const WISH_OF_BUNDLE: f64 = 0.6;
/// Exponent of the sizes of employers; 1 is Zipf's law (Axtell 2001, "Zipf distribution of US firm sizes", Science 293).
const EMPLOYER_ZIPF: f64 = 1.0;

/// A region.
#[derive(Debug)]
pub(super) struct Region {
    pub(super) id: RegionId,
    pub(super) name: &'static str,
    pub(super) cities: [&'static str; 3],
    pub(super) share: f64,
    pub(super) log_pay: f64,
    /// Share of the span after which pay must be stated; `None` never.
    pub(super) pay_law_from: Option<f64>,
}

/// An employer.
#[derive(Debug)]
pub(super) struct Employer {
    pub(super) name: String,
    pub(super) industry: &'static str,
    pub(super) region: usize,
    pub(super) log_pay: f64,
    /// Number that its wording follows from.
    pub(super) voice: u64,
}

/// A certificate as an occupation sees it.
#[derive(Debug)]
pub(super) struct Linked {
    pub(super) certificate: usize,
    pub(super) bundle: usize,
    /// The latent wish above which an ad asks for it, by month; infinite if none does.
    pub(super) thresholds: Vec<f64>,
}

/// What all postings have in common.
#[derive(Debug)]
pub(crate) struct World {
    pub(super) params: SimulatedMarketParams,
    pub(super) calendar: Calendar,
    pub(super) ids: Vec<CertificateId>,
    pub(super) regions: Vec<Region>,
    pub(super) region_sums: Vec<f64>,
    pub(super) employers: Vec<Employer>,
    /// Employers of each field with their cumulated sizes.
    pub(super) staff: Vec<(Vec<usize>, Vec<f64>)>,
    pub(super) occupation_sums: Vec<f64>,
    /// By certificate and month, of all postings.
    pub(super) shares: Vec<Vec<f64>>,
    pub(super) linked: Vec<Vec<Linked>>,
    /// Log points by certificate.
    pub(super) premia: Vec<f64>,
    /// Effect on the probability of work, by certificate.
    pub(super) employment_effects: Vec<f64>,
    /// Level of the log odds that an ad states pay.
    pub(super) pay_level: f64,
}

const NAMES: [(&str, [&str; 3]); 12] = [
    ("Alderin", ["Port Alder", "Hume Ridge", "Saltmere"]),
    ("Brackmoor", ["Brack City", "Nettle Falls", "Easterby"]),
    ("Corrin", ["Corrin Bay", "Mossgate", "Windle"]),
    ("Dunvale", ["Dunvale", "Ashcombe", "Tarn Hill"]),
    ("Eskerra", ["Esker", "Lowen", "Fairpoint"]),
    ("Fallowmere", ["Fallow", "Redgrove", "Stillwater Cross"]),
    ("Garnholt", ["Garnholt", "Birchby", "Oxley"]),
    ("Hesperin", ["Hesper", "Quarry Bend", "Linfold"]),
    ("Ironweld", ["Ironweld", "Copper Lane", "Dray"]),
    ("Jessamy", ["Jessamy", "Orchard Vale", "Pinmoor"]),
    ("Kestrelle", ["Kestrel", "Marrow Creek", "Thornby"]),
    ("Larkmoor", ["Larkmoor", "Silverby", "Upper Wick"]),
];

const HEADS: [&str; 20] = [
    "Aldgrove",
    "Bexmoor",
    "Calderby",
    "Dornwick",
    "Elmarch",
    "Farrowby",
    "Glenhurst",
    "Harlowen",
    "Inverdale",
    "Jorvick",
    "Kelmere",
    "Lorncastle",
    "Marlowe Hill",
    "Northolm",
    "Oakhaven",
    "Penderby",
    "Quillmoor",
    "Ravensby",
    "Stonemarch",
    "Tarleton",
];

impl World {
    pub(super) fn new(params: SimulatedMarketParams) -> Self {
        let (seed, n_months) = (params.seed, params.months);
        let calendar = Calendar::new(params.start, n_months, params.postings, params.copies.evergreen);
        let first_month = params.start.month_of_year().map_or(0, |m| usize::from(m) - 1);
        let model = ShareModel::new(seed, first_month, n_months);
        let regions = regions(seed, params.regions);
        let employers = employers(seed, params.employers, &regions);
        let mut random = SplitMix64::of(seed, 4);
        let premium = |random: &mut SplitMix64, kind: Kind| match kind {
            Kind::Readiness | Kind::CteAssessment => 0.005 * random.unit(),
            Kind::Licence => 0.03 + 0.05 * random.unit(),
            _ => (0.03 + 0.03 * random.standard_normal()).clamp(0.0, 0.11),
        };
        let premia = CERTIFICATES.iter().map(|row| premium(&mut random, row.kind)).collect();
        let effects =
            CERTIFICATES.iter().map(|row| if row.is_asked() { 0.08 * random.unit() } else { 0.01 * random.unit() });
        let employment_effects = effects.collect();
        let region_sums = sums(regions.iter().map(|r| r.share));
        let mut world = Self {
            calendar,
            ids: CERTIFICATES.iter().map(|row| CertificateId::new(row.id)).collect(),
            staff: staff(params.employers),
            regions,
            region_sums,
            employers,
            occupation_sums: sums(model.occupations.iter().copied()),
            shares: Vec::new(),
            linked: Vec::new(),
            premia,
            employment_effects,
            pay_level: 0.0,
            params,
        };
        world.calibrate_demand(&model);
        world.calibrate_pay();
        world
    }

    /// The certificates that an ad of `occupation` wishes for in `month`, given ability; calls `found` with each.
    pub(super) fn wishes(
        &self,
        occupation: usize,
        month: usize,
        ability: f64,
        random: &mut SplitMix64,
        mut found: impl FnMut(usize),
    ) {
        self.each_wish(occupation, ability, random, |linked, wish| {
            if wish > linked.thresholds[month] {
                found(linked.certificate);
            }
        });
    }

    /// The latent wish for each certificate linked with `occupation`.
    fn each_wish(&self, occupation: usize, ability: f64, random: &mut SplitMix64, mut each: impl FnMut(&Linked, f64)) {
        let bundles = [random.standard_normal(), random.standard_normal(), random.standard_normal()];
        for linked in &self.linked[occupation] {
            each(linked, wish(ability, bundles[linked.bundle], random.standard_normal()));
        }
    }

    /// Finds the two scales that give the wanted share of ads that ask and the wanted concentration.
    fn calibrate_demand(&mut self, model: &ShareModel) {
        let mut zipf = 0.6;
        let mut scale = 0.02;
        self.linked = linked(model, zipf, scale);
        let trials = self.trials();
        for _ in 0..3 {
            zipf = bisect(0.0, 2.0, |zipf| top_fifty(&model.shares(zipf, scale)) - self.params.top_fifty_share);
            scale = bisect(0.0, 0.3, |scale| {
                self.linked = linked(model, zipf, scale);
                self.asking_share(&trials) - self.params.asking_share
            });
        }
        self.linked = linked(model, zipf, scale);
        self.shares = model.shares(zipf, scale);
    }

    /// Occupation, month and latent wishes of trial ads.
    fn trials(&self) -> Vec<(usize, usize, Vec<f64>)> {
        const TRIALS: u64 = 20_000;
        let months = self.calendar.month_sums();
        let trial = |k: u64| {
            let mut random = SplitMix64::of(self.params.seed ^ 0x7472_7961, k);
            let month = pick(&months, random.unit());
            let occupation = pick(&self.occupation_sums, random.unit());
            let mut wishes = Vec::new();
            let ability = random.standard_normal();
            self.each_wish(occupation, ability, &mut random, |_, wish| wishes.push(wish));
            (occupation, month, wishes)
        };
        (0..TRIALS).map(trial).collect()
    }

    /// Share of trial ads that ask for any certificate.
    fn asking_share(&self, trials: &[(usize, usize, Vec<f64>)]) -> f64 {
        let asks = |(occupation, month, wishes): &&(usize, usize, Vec<f64>)| {
            let mut pairs = self.linked[*occupation].iter().zip(wishes);
            pairs.any(|(linked, wish)| *wish > linked.thresholds[*month])
        };
        trials.iter().filter(asks).count() as f64 / trials.len() as f64
    }

    /// Finds the level at which the wanted share of ads states pay.
    fn calibrate_pay(&mut self) {
        let trials = 2_000.min(self.params.postings);
        let odds: Vec<f64> =
            (0..trials).map(|k| Draft::new(self, k * (self.params.postings / trials)).pay_log_odds).collect();
        let share = |level: f64| odds.iter().map(|x| 1.0 / (1.0 + (-level - x).exp())).sum::<f64>() / odds.len() as f64;
        self.pay_level = bisect(-8.0, 8.0, |level| share(level) - self.params.pay_share);
    }
}

/// The latent wish for a certificate; standard normal.
fn wish(ability: f64, bundle: f64, own: f64) -> f64 {
    let rest = (1.0 - WISH_OF_ABILITY * WISH_OF_ABILITY - WISH_OF_BUNDLE * WISH_OF_BUNDLE).sqrt();
    WISH_OF_ABILITY * ability + WISH_OF_BUNDLE * bundle + rest * own
}

fn linked(model: &ShareModel, zipf: f64, scale: f64) -> Vec<Vec<Linked>> {
    let threshold = |p: f64| if p > 0.0 { -normal::quantile(p) } else { f64::INFINITY };
    let of = |occupation: usize| {
        let mut all = Vec::new();
        for (certificate, row) in CERTIFICATES.iter().enumerate() {
            let place = occupation.checked_sub(row.field.first()).filter(|place| *place < PER_FIELD);
            if row.is_asked() && place.is_some_and(|place| row.weights[place] > 0) {
                let p = model.within_occupation(certificate, occupation, zipf, scale);
                let thresholds = p.into_iter().map(threshold).collect();
                all.push(Linked { certificate, bundle: usize::from(row.bundle), thresholds });
            }
        }
        all
    };
    (0..OCCUPATIONS.len()).map(of).collect()
}

fn regions(seed: u64, n: usize) -> Vec<Region> {
    let mut random = SplitMix64::of(seed, 2);
    let size = |k: usize| 1.0 / (k as f64 + 1.5);
    let total: f64 = (0..n).map(size).sum();
    NAMES
        .iter()
        .take(n)
        .enumerate()
        .map(|(k, (name, cities))| Region {
            // Codes with X are no state of the US.
            id: RegionId::new(format!("X{}", char::from(b'A' + u8::try_from(k).unwrap_or(0)))),
            name,
            cities: *cities,
            share: size(k) / total,
            log_pay: 0.1 * random.standard_normal(),
            pay_law_from: (random.unit() < 0.4).then(|| 0.2 + 0.6 * random.unit()),
        })
        .collect()
}

fn employers(seed: u64, n: usize, regions: &[Region]) -> Vec<Employer> {
    let mut random = SplitMix64::of(seed, 3);
    let sums = sums(regions.iter().map(|r| r.share));
    (0..n)
        .map(|k| {
            let field = FIELDS[k % FIELDS.len()];
            let industries = field.industries();
            let industry = industries[random.below(industries.len())];
            Employer {
                name: employer_name(field, k / FIELDS.len()),
                industry,
                region: pick(&sums, random.unit()),
                log_pay: 0.12 * random.standard_normal(),
                voice: random.next(),
            }
        })
        .collect()
}

pub(super) const FIELDS: [Field; 10] = [
    Field::Health,
    Field::Computing,
    Field::Construction,
    Field::Vehicles,
    Field::Logistics,
    Field::Business,
    Field::Hospitality,
    Field::Safety,
    Field::Education,
    Field::Manufacturing,
];

/// The name of employer `k` of a field; each has its own.
fn employer_name(field: Field, k: usize) -> String {
    let tails = tails(field);
    let n = HEADS.len();
    // 7 and 20 have no common divisor, so every head comes once in a round.
    let head = |k: usize| HEADS[(7 * k + 3 * field as usize) % n];
    let (round, tail) = (k / (n * tails.len()), tails[k / n % tails.len()]);
    match round {
        0 => format!("{} {tail}", head(k)),
        round if round < n => format!("{}-{} {tail}", head(k), head(k + round)),
        round => format!("{} {tail} {round}", head(k)),
    }
}

fn tails(field: Field) -> &'static [&'static str] {
    match field {
        Field::Health => &["Health", "Medical Group", "Care Centers"],
        Field::Computing => &["Systems", "Data Services", "Technologies"],
        Field::Construction => &["Builders", "Electric & Air", "Contracting"],
        Field::Vehicles => &["Motors", "Auto Group", "Fleet Repair"],
        Field::Logistics => &["Freight", "Logistics", "Distribution"],
        Field::Business => &["Insurance", "Business Services", "Financial"],
        Field::Hospitality => &["Hotels", "Kitchens", "Restaurant Group"],
        Field::Safety => &["Protective Services", "Emergency Services", "Security"],
        Field::Education => &["Learning Centers", "Schools", "Family Clubs"],
        Field::Manufacturing => &["Fabrication", "Machine Works", "Manufacturing"],
    }
}

/// Employers of each field, those with the smaller number larger.
fn staff(n: usize) -> Vec<(Vec<usize>, Vec<f64>)> {
    let of = |field: usize| {
        let members: Vec<usize> = (field..n).step_by(FIELDS.len()).collect();
        let sizes = sums(members.iter().enumerate().map(|(k, _)| (k as f64 + 1.0).powf(-EMPLOYER_ZIPF)));
        (members, sizes)
    };
    (0..FIELDS.len()).map(of).collect()
}

/// Running sums, scaled so that the last is 1.
pub(super) fn sums(weights: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sum = 0.0;
    let mut sums: Vec<f64> = weights
        .map(|w| {
            sum += w;
            sum
        })
        .collect();
    sums.iter_mut().for_each(|s| *s /= sum);
    sums
}

/// The place at which `unit` falls.
pub(super) fn pick(sums: &[f64], unit: f64) -> usize {
    sums.partition_point(|sum| *sum <= unit).min(sums.len() - 1)
}

/// Where a rising function meets 0.
fn bisect(mut low: f64, mut high: f64, mut f: impl FnMut(f64) -> f64) -> f64 {
    for _ in 0..24 {
        let middle = 0.5 * (low + high);
        if f(middle) < 0.0 { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}
