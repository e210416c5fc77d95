//! A labour market of which everything is known: postings with realistic text, certificates, pay, supply and outcomes.
//!
//! All of it is simulated. No certificate, issuer, employer or region in it exists; occupations have the codes of the SOC. It is
//! for testing: extraction of certificates, demand, premia, supply and outcomes can be compared with the truth, for which no public
//! data exist. Shapes follow published figures where there are any (see [`SimulatedMarketParams`]); the others are guesses and
//! called so. Figures found on it say nothing about any real certificate.
//!
//! Posting `i` depends on the settings and on `i` alone, at constant cost: any part of a market can be made anywhere, in parallel
//! and in constant memory, and is the same to the last bit.
//!
//! ```text
//! P(ad of occupation o and month t asks for certificate c) = share[c,t] w[c,o] / p[o]      certificates of a bundle correlated
//! log pay = occupation + region + employer + sum of premia + 0.2 ability + growth t + experience + own
//! ```
//! Ability raises pay and the chance of asking (correlation 0.45 with the latent wish for each certificate), so that the raw
//! difference in pay is several times what certificates cause. Occupation shares are the same in all months: season, trend, shock
//! and drift of the platform move the total only.

mod advert;
mod calendar;
mod catalogue;
mod certificate_table;
mod certificates;
mod copies;
mod decoy;
mod demand;
mod draft;
mod files;
mod naming;
mod occupations;
mod params;
mod paths;
mod pay;
mod posting;
mod supply;
mod tables;
#[cfg(test)]
mod tests;
mod words;
mod workers;
mod world;
mod writer;

use std::ops::Range;

use self::advert::Variant;
pub use self::demand::{DemandCounts, DemandRow};
use self::draft::Draft;
use self::occupations::OCCUPATIONS;
pub use self::params::{CopyShares, SimulatedMarketParams};
pub use self::posting::{
    CopyKind, DecoyKind, DecoyTruth, Education, EducationTruth, MentionClass, MentionTruth, PayTruth, PostingTruth,
    SimulatedPosting, WrittenPay,
};
pub use self::supply::SupplyRow;
pub use self::tables::{CertificateRow, MentionRow, PostingRow, ShareRow, TableRow};
pub use self::workers::WorkerRow;
use self::world::World;
use crate::catalog::Catalog;
use crate::error::DataError;
use crate::numeric::random::SplitMix64;
use crate::time::{Frequency, Period};

/// Tell the random streams of one posting from one another.
const PAY_STREAM: u64 = 0x7061_7921;
const COPY_STREAM: u64 = 0x7661_7279;
const CELL_STREAM: u64 = 0x6365_6c6c;

/// A simulated labour market.
///
/// # Examples
/// ```
/// use credcast::market::simulated::SimulatedMarket;
/// let market = SimulatedMarket::params().seed(7).postings(1_000).build()?;
/// let posting = market.posting(999);
/// assert_eq!(posting, market.posting(999));
/// for mention in &posting.truth.mentions {
///     println!("{}: {}", mention.certificate, &posting.text[mention.span.clone()]);
/// }
/// # Ok::<(), credcast::error::ParamError>(())
/// ```
#[derive(Debug)]
pub struct SimulatedMarket {
    pub(crate) world: World,
}

impl SimulatedMarket {
    /// Settings with their defaults.
    #[must_use]
    pub fn params() -> SimulatedMarketParams {
        SimulatedMarketParams::default()
    }

    /// Number of postings.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.world.params.postings
    }

    /// Whether there are none; there always are some.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of months.
    #[must_use]
    pub fn n_months(&self) -> usize {
        self.world.calendar.n_months()
    }

    /// The month `index`, from 0.
    #[must_use]
    pub fn month(&self, index: usize) -> Period {
        self.world.calendar.month(index)
    }

    /// The postings of a range of numbers, in order; numbers past the last are left out.
    pub fn postings(&self, numbers: Range<u64>) -> impl Iterator<Item = SimulatedPosting> + '_ {
        (numbers.start..numbers.end.min(self.len())).map(|i| self.posting(i))
    }

    /// Posting `i`. Constant cost; a number past the last gives the last.
    #[must_use]
    pub fn posting(&self, i: u64) -> SimulatedPosting {
        let world = &self.world;
        let params = &world.params;
        let i = i.min(params.postings - 1);
        let (original, kind) = self.original(i);
        let draft = Draft::new(world, original);
        let mut of_pay = SplitMix64::of(params.seed ^ PAY_STREAM, original);
        let written =
            draft.states_pay(world).then(|| pay::write_pay(draft.annual_usd, draft.job().hourly, &mut of_pay));
        let place = of_pay.unit();
        // Pay stands in its field, in the text, or in both; the shares are guesses.
        let (in_field, in_text) = (place < 0.7, place > 0.4);
        let filler = words::WITHOUT_AMOUNT[of_pay.below(words::WITHOUT_AMOUNT.len())];
        let (pay_text, amount) = match written {
            Some((text, amount)) => (text, Some(WrittenPay { in_text, ..amount })),
            None if of_pay.unit() < 0.08 => (filler.to_owned(), None),
            None => (String::new(), None),
        };
        let variant = self.variant(i, original, kind);
        let advert = advert::write(world, original, &draft, variant, in_text.then_some(pay_text.as_str()));
        let employer = &world.employers[draft.employer];
        let region = &world.regions[draft.region];
        // An exact repeat is the same advertisement: its cells are those of the original.
        let cells = if kind == Some(CopyKind::Same) { original } else { i };
        let mut of_cells = SplitMix64::of(params.seed ^ CELL_STREAM, cells);
        let mut cell = |text: &str| match of_cells.unit() < params.empty_share {
            true => String::new(),
            false => text.to_owned(),
        };
        SimulatedPosting {
            id: i,
            posted: Period::from_ordinal(Frequency::Daily, world.calendar.day_of(i)),
            employer: cell(&employer.name),
            industry: cell(employer.industry),
            region: cell(region.id.as_str()),
            soc: cell(draft.job().soc),
            title: cell(draft.job().titles[draft.title]),
            text: advert.text,
            pay: if in_field { pay_text } else { String::new() },
            truth: PostingTruth {
                copy_of: kind.map(|kind| (original, kind)),
                employer: draft.employer,
                region: region.id.clone(),
                soc: OCCUPATIONS[draft.occupation].soc,
                mentions: advert.mentions,
                decoys: advert.decoys,
                pay: PayTruth {
                    annual_usd: draft.annual_usd,
                    causal_log_premium: draft.causal_log_premium,
                    ability: draft.ability,
                    written: amount,
                },
                education: draft.education,
                years_of_experience: draft.years,
                entry_level: draft.entry_level,
                soft_skills: draft.soft_skills.iter().map(|k| words::SOFT_SKILLS[*k]).collect(),
            },
        }
    }

    /// The catalogue in TOML, which [`Catalog::parse`] reads.
    #[must_use]
    pub fn catalogue_toml(&self) -> String {
        catalogue::catalogue_toml(self.world.params.start, self.n_months())
    }

    /// The catalogue.
    ///
    /// # Errors
    /// None that a released version can meet; a test reads it.
    pub fn catalogue(&self) -> Result<Catalog, DataError> {
        Catalog::parse("simulated catalogue", &self.catalogue_toml())
    }

    /// The original of posting `i`; `i` itself if it is one.
    fn original(&self, i: u64) -> (u64, Option<CopyKind>) {
        copies::original(&self.world.calendar, self.world.params.copies, self.world.params.seed, i)
    }

    /// Place, requisition number and closing day. An exact repeat and an evergreen advertisement keep those of the original.
    fn variant(&self, i: u64, original: u64, kind: Option<CopyKind>) -> Variant {
        let first = self.variant_of(original);
        let own = self.variant_of(i);
        let mut random = SplitMix64::of(self.world.params.seed ^ COPY_STREAM ^ 1, i);
        match kind {
            None | Some(CopyKind::Same | CopyKind::Evergreen) => first,
            Some(CopyKind::Repost) => Variant { city: first.city, ..own },
            // The closing day moves along; number or place may differ too.
            Some(CopyKind::Near) => match random.below(4) {
                0 => Variant { closes: own.closes, ..first },
                1 => Variant { city: first.city, ..own },
                2 => Variant { requisition: first.requisition, city: (first.city + 1) % 3, ..own },
                _ => Variant { city: (first.city + 1) % 3, ..own },
            },
        }
    }

    fn variant_of(&self, i: u64) -> Variant {
        let mut random = SplitMix64::of(self.world.params.seed ^ COPY_STREAM, i);
        Variant {
            city: random.below(3),
            requisition: 10_000 + random.next() % 890_000,
            closes: self.world.calendar.day_of(i) + 35 + i32::try_from(random.below(40)).unwrap_or(0),
        }
    }
}
