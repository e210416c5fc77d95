//! Settings of the simulated market.

use super::SimulatedMarket;
use super::world::World;
use crate::error::ParamError;
use crate::time::{Frequency, Period};

/// Shares of postings that are copies of others, by kind.
///
/// The defaults are guesses for one cleaned source. Crawls of many boards hold far more: Textkernel found 50 to 80 % (V. Jijkoun,
/// "Online job postings have many duplicates", textkernel.com).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CopyShares {
    /// [`CopyKind::Same`](super::CopyKind::Same).
    pub same: f64,
    /// [`CopyKind::Near`](super::CopyKind::Near).
    pub near: f64,
    /// [`CopyKind::Evergreen`](super::CopyKind::Evergreen), the first of each counted in.
    pub evergreen: f64,
    /// [`CopyKind::Repost`](super::CopyKind::Repost).
    pub repost: f64,
}

impl Default for CopyShares {
    fn default() -> Self {
        Self { same: 0.08, near: 0.1, evergreen: 0.03, repost: 0.05 }
    }
}

/// Settings of a [`SimulatedMarket`].
///
/// | Parameter | Default | Allowed | Source of the default |
/// |---|---|---|---|
/// | `seed` | 1 | any | |
/// | `postings` | 20,000 | 100 to 10^10 | |
/// | `start` | 2021-01 | a month | |
/// | `months` | 48 | 12 to 240 | |
/// | `regions` | 10 | 8 to 12 | |
/// | `employers` | 400 | 40 to 100,000 | guess |
/// | `asking_share` | 0.25 | 0.05 to 0.5 | guess; about one ad in four |
/// | `top_fifty_share` | 0.667 | 0.55 to 0.9 | two thirds: Burning Glass (2017), *The Narrow Ladder* |
/// | `demanded_supply_share` | 0.19 | 0.02 to 0.9 | 18 to 19 %: ExcelinEd & Burning Glass (2020), *Credentials Matter* |
/// | `pay_share` | 0.4 | 0.05 to 0.95 | between 14 % (Batra, Michaud & Mongey 2023) and 50 % (Indeed, 2023-09) |
/// | `copies` | see [`CopyShares`] | each at least 0, sum at most 0.6 | guess |
/// | `empty_share` | 0.06 | 0 to 0.5 | guess; of each field but the text |
/// | `decoy_share` | 0.08 | 0 to 0.5 | guess; of ads, for ambiguous names in another sense and near-names |
/// | `unsettled_share` | 0.01 | 0 to 0.2 | guess; of ads |
/// | `noise_share` | 0.35 | 0 to 1 | guess; of ads with typographic noise |
/// | `workers_per_year` | 2,000 | 100 to 10^6 | |
#[derive(Clone, Debug, PartialEq)]
pub struct SimulatedMarketParams {
    pub(super) seed: u64,
    pub(super) postings: u64,
    pub(super) start: Period,
    pub(super) months: usize,
    pub(super) regions: usize,
    pub(super) employers: usize,
    pub(super) asking_share: f64,
    pub(super) top_fifty_share: f64,
    pub(super) demanded_supply_share: f64,
    pub(super) pay_share: f64,
    pub(super) copies: CopyShares,
    pub(super) empty_share: f64,
    pub(super) decoy_share: f64,
    pub(super) unsettled_share: f64,
    pub(super) noise_share: f64,
    pub(super) workers_per_year: usize,
}

/// January 2021 in months since 1970.
const START: i32 = 51 * 12;

impl Default for SimulatedMarketParams {
    fn default() -> Self {
        Self {
            seed: 1,
            postings: 20_000,
            start: Period::from_ordinal(Frequency::Monthly, START),
            months: 48,
            regions: 10,
            employers: 400,
            asking_share: 0.25,
            top_fifty_share: 0.667,
            demanded_supply_share: 0.19,
            pay_share: 0.4,
            copies: CopyShares::default(),
            empty_share: 0.06,
            decoy_share: 0.08,
            unsettled_share: 0.01,
            noise_share: 0.35,
            workers_per_year: 2_000,
        }
    }
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $type:ty,)*) => {
        impl SimulatedMarketParams {
            $($(#[$doc])*
            #[must_use]
            pub fn $name(mut self, $name: $type) -> Self {
                self.$name = $name;
                self
            })*
        }
    };
}

setters! {
    /// The seed.
    seed: u64,
    /// Number of postings.
    postings: u64,
    /// First month.
    start: Period,
    /// Number of months.
    months: usize,
    /// Number of regions.
    regions: usize,
    /// Number of employers.
    employers: usize,
    /// Share of ads that ask for a certificate.
    asking_share: f64,
    /// Share of all requests that go to the 50 certificates asked for most.
    top_fifty_share: f64,
    /// Share of earned certificates that employers ask for.
    demanded_supply_share: f64,
    /// Share of ads that state pay.
    pay_share: f64,
    /// Shares of copies.
    copies: CopyShares,
    /// Share of empty cells in each field but the text.
    empty_share: f64,
    /// Share of ads with a decoy.
    decoy_share: f64,
    /// Share of ads with a name that cannot be settled.
    unsettled_share: f64,
    /// Share of ads with typographic noise.
    noise_share: f64,
    /// Workers for each school year.
    workers_per_year: usize,
}

impl SimulatedMarketParams {
    /// Checks the settings and makes the world: employers, regions, share paths, premia.
    ///
    /// # Errors
    /// [`ParamError`] for the first setting outside its range.
    pub fn build(self) -> Result<SimulatedMarket, ParamError> {
        within("postings", self.postings, 100, 10_000_000_000, "100 to 10^10")?;
        within("months", self.months, 12, 240, "12 to 240")?;
        within("regions", self.regions, 8, 12, "8 to 12")?;
        within("employers", self.employers, 40, 100_000, "40 to 100,000")?;
        within("asking_share", self.asking_share, 0.05, 0.5, "0.05 to 0.5")?;
        within("top_fifty_share", self.top_fifty_share, 0.55, 0.9, "0.55 to 0.9")?;
        within("demanded_supply_share", self.demanded_supply_share, 0.02, 0.9, "0.02 to 0.9")?;
        within("pay_share", self.pay_share, 0.05, 0.95, "0.05 to 0.95")?;
        within("empty_share", self.empty_share, 0.0, 0.5, "0 to 0.5")?;
        within("decoy_share", self.decoy_share, 0.0, 0.5, "0 to 0.5")?;
        within("unsettled_share", self.unsettled_share, 0.0, 0.2, "0 to 0.2")?;
        within("noise_share", self.noise_share, 0.0, 1.0, "0 to 1")?;
        within("workers_per_year", self.workers_per_year, 100, 1_000_000, "100 to 10^6")?;
        let CopyShares { same, near, evergreen, repost } = self.copies;
        for share in [same, near, evergreen, repost, same + near + evergreen + repost] {
            within("copies", share, 0.0, 0.6, "each at least 0, sum at most 0.6")?;
        }
        if self.start.frequency() != Frequency::Monthly || !(-2_000..=3_000).contains(&self.start.ordinal()) {
            return Err(ParamError::new("start", self.start, "a month from 1803 to 2220"));
        }
        Ok(SimulatedMarket { world: World::new(self) })
    }
}

fn within<T: Copy + PartialOrd + std::fmt::Display>(
    name: &'static str,
    value: T,
    low: T,
    high: T,
    allowed: &'static str,
) -> Result<(), ParamError> {
    if value >= low && value <= high { Ok(()) } else { Err(ParamError::new(name, value, allowed)) }
}
