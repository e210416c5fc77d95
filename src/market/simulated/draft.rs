//! What a job is, before it is put into words.

use super::certificates::CERTIFICATES;
use super::occupations::{OCCUPATIONS, Occupation, PER_FIELD};
use super::posting::{Education, EducationTruth, MentionClass};
use super::words::SOFT_SKILLS;
use super::world::{World, pick};
use crate::catalog::Kind;
use crate::numeric::random::SplitMix64;

/// Tells the random stream of drafts from the others.
const STREAM: u64 = 0x6472_6166;
/// What one standard deviation of ability adds to log pay; a guess.
pub(super) const PAY_OF_ABILITY: f64 = 0.2;
/// Yearly growth of log pay; a guess near posted wage growth of the years 2021 to 2024.
pub(super) const PAY_GROWTH: f64 = 0.035;
/// Share of ads posted in the employer's own region; a guess.
const AT_HOME: f64 = 0.7;
/// Share of ads that name a certificate without asking for it; a guess.
const IN_PASSING: f64 = 0.1;
/// Share of ads that say that a certificate is not needed; a guess.
const NEGATED: f64 = 0.03;
/// Share of required certificates that may be obtained later; a guess.
const MAY_OBTAIN: f64 = 0.12;

/// A certificate that the ad names.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Named {
    pub(super) certificate: usize,
    pub(super) class: MentionClass,
    pub(super) may_obtain: bool,
}

/// The facts of one original posting.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) month: usize,
    pub(super) occupation: usize,
    pub(super) employer: usize,
    pub(super) region: usize,
    pub(super) ability: f64,
    /// Each certificate once.
    pub(super) named: Vec<Named>,
    pub(super) annual_usd: f64,
    pub(super) causal_log_premium: f64,
    /// Log odds of stating pay, but for the level of the market.
    pub(super) pay_log_odds: f64,
    /// Decides whether pay is stated.
    pub(super) pay_draw: f64,
    pub(super) education: Option<EducationTruth>,
    pub(super) years: Option<u8>,
    pub(super) entry_level: bool,
    pub(super) soft_skills: Vec<usize>,
    pub(super) title: usize,
}

impl Draft {
    /// The job of posting `i`, taken as an original.
    pub(super) fn new(world: &World, i: u64) -> Self {
        let mut random = SplitMix64::of(world.params.seed ^ STREAM, i);
        let month = world.calendar.month_of(i);
        let occupation = pick(&world.occupation_sums, random.unit());
        let (members, sizes) = &world.staff[occupation / PER_FIELD];
        let employer = members[pick(sizes, random.unit())];
        let region = match random.unit() < AT_HOME {
            true => world.employers[employer].region,
            false => pick(&world.region_sums, random.unit()),
        };
        let ability = random.standard_normal();
        let mut named = Vec::new();
        let mut wishes = Vec::new();
        world.wishes(occupation, month, ability, &mut random, |certificate| wishes.push(certificate));
        for certificate in wishes {
            named.push(ask(certificate, &mut random));
        }
        let causal_log_premium: f64 = named.iter().fold(0.0, |sum, n: &Named| sum + world.premia[n.certificate]);
        name_unasked(world, occupation, month, &mut named, &mut random);

        let job = &OCCUPATIONS[occupation];
        let entry_level = random.unit() < if job.median_usd < 45_000.0 { 0.22 } else { 0.1 };
        let years = match entry_level {
            true => None,
            false => (random.unit() < 0.55).then(|| [1, 1, 2, 2, 3, 5, 7][random.below(7)]),
        };
        let education = education(job, &mut random);
        let own = random.standard_normal();
        let log_pay = job.median_usd.ln()
            + world.regions[region].log_pay
            + world.employers[employer].log_pay
            + causal_log_premium
            + PAY_OF_ABILITY * ability
            + PAY_GROWTH * month as f64 / 12.0
            + 0.02 * f64::from(years.unwrap_or(0))
            - if entry_level { 0.06 } else { 0.0 }
            + job.spread * own;
        Self {
            month,
            occupation,
            employer,
            region,
            ability,
            named,
            annual_usd: log_pay.exp(),
            causal_log_premium,
            pay_log_odds: pay_log_odds(world, job, month, region, employer, own),
            pay_draw: random.unit(),
            education,
            years,
            entry_level,
            soft_skills: soft_skills(&mut random),
            title: random.below(job.titles.len()),
        }
    }

    pub(super) fn job(&self) -> &'static Occupation {
        &OCCUPATIONS[self.occupation]
    }

    pub(super) fn states_pay(&self, world: &World) -> bool {
        let p = 1.0 / (1.0 + (-world.pay_level - self.pay_log_odds).exp());
        self.pay_draw < p
    }
}

/// Employers that pay well say so less often, jobs paid by the hour more often (Batra, Michaud & Mongey 2023), and some regions
/// come to require it. The own deviation of the job counts too: pay is missing not at random.
fn pay_log_odds(world: &World, job: &Occupation, month: usize, region: usize, employer: usize, own: f64) -> f64 {
    let x = month as f64 / world.calendar.n_months() as f64;
    let law = world.regions[region].pay_law_from.is_some_and(|from| x >= from);
    let hourly = if job.hourly { 0.4 } else { -0.4 };
    hourly + 0.8 * x + if law { 1.5 } else { 0.0 } - 4.0 * world.employers[employer].log_pay - 0.5 * own
}

fn ask(certificate: usize, random: &mut SplitMix64) -> Named {
    let required = match CERTIFICATES[certificate].kind {
        Kind::Licence => 0.92,
        Kind::Software => 0.4,
        _ => 0.55,
    };
    let required = random.unit() < required;
    let may_obtain = random.unit() < MAY_OBTAIN && required;
    let class = if required { MentionClass::Required } else { MentionClass::Preferred };
    Named { certificate, class, may_obtain }
}

/// Adds certificates of the occupation that are named in passing or negated.
fn name_unasked(world: &World, occupation: usize, month: usize, named: &mut Vec<Named>, random: &mut SplitMix64) {
    for (share, class) in [(IN_PASSING, MentionClass::InPassing), (NEGATED, MentionClass::Negated)] {
        if random.unit() >= share {
            continue;
        }
        let is_free = |c: usize| {
            let family = |c: usize| CERTIFICATES[c].version.map(|(family, _)| family);
            named.iter().all(|n| n.certificate != c && (family(c).is_none() || family(n.certificate) != family(c)))
        };
        let alive = world.linked[occupation].iter().filter(|l| l.thresholds[month].is_finite());
        let free: Vec<usize> = alive.map(|l| l.certificate).filter(|c| is_free(*c)).collect();
        if !free.is_empty() {
            let certificate = free[random.below(free.len())];
            named.push(Named { certificate, class, may_obtain: false });
        }
    }
}

fn education(job: &Occupation, random: &mut SplitMix64) -> Option<EducationTruth> {
    if random.unit() < 0.3 {
        return None;
    }
    let level = match (random.unit() < 0.15, job.education) {
        (true, Education::None) => Education::HighSchool,
        (true, Education::Bachelor) => Education::Associate,
        (_, usual) => usual,
    };
    // That no diploma is needed is rarely said.
    if level == Education::None && random.unit() < 0.7 {
        return None;
    }
    let preferred = level > Education::HighSchool && random.unit() < 0.3;
    Some(EducationTruth { level, preferred })
}

fn soft_skills(random: &mut SplitMix64) -> Vec<usize> {
    let n = random.below(4);
    let mut skills: Vec<usize> = (0..n).map(|_| random.below(SOFT_SKILLS.len())).collect();
    skills.sort_unstable();
    skills.dedup();
    skills
}
